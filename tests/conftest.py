"""What all tests share: Hypothesis' profiles and the paths of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from devkit.project.paths import MachinePaths

# Deadlines would measure the machine, not the code. In CI the same examples come every time.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture
def machine_paths(tmp_path: Path) -> MachinePaths:
    """devkit's own directories, fresh for one test."""
    return MachinePaths(tmp_path / "data", tmp_path / "cache", tmp_path / "state")

"""What all tests share: Hypothesis' profiles and the paths of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from lanes import pytest_runtestloop as pytest_runtestloop

from devkit.project.paths import MachinePaths

# Deadlines would measure the machine, not the code. In CI the same examples come every time.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def own_state(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Unit tests know none of the projects that this machine has, nor a person's Doppler, and leave none behind."""
    if request.node.get_closest_marker("unit") is None:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        for name in [name for name in os.environ if name.startswith("DOPPLER_")]:
            patch.delenv(name)
        yield


@pytest.fixture
def machine_paths(tmp_path: Path) -> MachinePaths:
    """devkit's own directories, fresh for one test."""
    return MachinePaths(tmp_path / "data", tmp_path / "cache", tmp_path / "state")

"""What a pull writes is what Doppler's own CLI gives to a program, whatever the values are."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from fake_doppler import FakeDoppler, Secret, cli_environment
from hostile_values import hostile_values

from devkit.project.env_file import read_env
from devkit.project.paths import ProjectPaths
from devkit.project.settings import SecretsSettings, Settings
from devkit.secrets.doppler.client import Doppler
from devkit.setup.doppler_source import doppler_access
from devkit.setup.environment_sync import pull

pytestmark = pytest.mark.unit


def test_500_hostile_values_are_those_that_doppler_run_gives_to_printenv(tmp_path: Path) -> None:
    # References are Doppler's to resolve: here every `$` is meant as it is written.
    values = {
        f"HOSTILE_{number}": value
        for number, value in enumerate(one for one in hostile_values(600) if "${APP_NAME}" not in one)
    }
    values = dict(list(values.items())[:500])
    assert len(values) == 500
    paths = ProjectPaths(tmp_path)
    settings = Settings("shop", secrets=SecretsSettings(source="doppler", project="shop", config="dev"))
    (tmp_path / ".env").write_text("MINE=1\n")
    with FakeDoppler() as doppler:
        doppler.add_config("shop", "dev", {name: Secret(value) for name, value in values.items()})
        token = doppler.personal_token()
        environment = {"DOPPLER_TOKEN": token, "DOPPLER_API_HOST": doppler.url}
        access = doppler_access(paths, settings.secrets, environment)
        assert access is not None
        pull(paths, settings, Doppler(access).secrets(), lambda _text: None)
        program = shutil.which("doppler")
        assert program is not None
        own = {**cli_environment(tmp_path / "cli", doppler.url), "DOPPLER_TOKEN": token, "PATH": os.environ["PATH"]}
        given = subprocess.run(
            [program, "run", "--no-fallback", "-p", "shop", "-c", "dev", "--", "env", "-0"],
            env=own,
            capture_output=True,
            check=True,
        ).stdout
    printed = dict(entry.split("=", 1) for entry in given.decode().split("\0") if "=" in entry)
    written = read_env(paths.env)
    assert {name: printed.get(name) for name in values} == values
    assert {name: written.get(name) for name in values} == values

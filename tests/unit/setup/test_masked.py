from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from devkit.project.env_file import read_env
from devkit.project.errors import CommandError, DevkitError, FailedError
from devkit.project.paths import ProjectPaths
from devkit.setup.masked import secrets_masked

pytestmark = pytest.mark.unit


def failed_with(root: Path, error: DevkitError) -> DevkitError:
    with pytest.raises(DevkitError) as caught, secrets_masked(ProjectPaths(root)):
        raise error
    assert caught.value is error
    return error


def test_no_secret_of_env_is_left_in_an_errors_words(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DB_HOST=mysql\nDB_PASSWORD=hunter2hunter2\n")
    error = failed_with(
        tmp_path, CommandError("mysql said: hunter2hunter2", "see", detail="connects to mysql\nwith hunter2hunter2")
    )
    assert "hunter2" not in f"{error} {error.detail} {error.args}"
    assert error.detail == "connects to mysql\nwith ***DB_PASSWORD***"


def test_the_errors_that_one_came_of_hold_no_secret_either(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DB_PASSWORD=hunter2hunter2\n")
    with pytest.raises(FailedError) as caught, secrets_masked(ProjectPaths(tmp_path)):
        try:
            secret = read_env(tmp_path / ".env")["DB_PASSWORD"]
            raise CommandError(f"docker said: {secret}", detail=secret)
        except CommandError as error:
            raise FailedError("it failed") from error
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    assert isinstance(caught.value.__cause__, CommandError)
    assert caught.value.__cause__.detail == "***DB_PASSWORD***"


def test_without_env_words_stay_as_they_are(tmp_path: Path) -> None:
    assert failed_with(tmp_path, CommandError("it failed", "see", detail="a line")).detail == "a line"

"""No secret of .env is in what is said of queues, whoever said it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.laravel.queues import FailedJob, Queues
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings
from devkit.setup import queues as subject
from devkit.setup.project import Project

pytestmark = pytest.mark.unit

SECRET = "correct-horse-battery"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / ".env").write_text(f"DB_PASSWORD={SECRET}\n")
    return Project(ProjectPaths(tmp_path), Settings("shop"), Docker(Path("docker"), Endpoint("unix:///no.sock", "x")))


def asked(monkeypatch: pytest.MonkeyPatch, project: Project, said: Queues | FailedError) -> Queues:
    async def read(*_: Any) -> Queues:
        if isinstance(said, FailedError):
            raise said
        return said

    monkeypatch.setattr(subject, "read_queues", read)
    return asyncio.run(subject.queues(project, "container"))


def test_exceptions_and_problems_are_masked(monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    job = FailedJob("1", "database", "default", "Ship", "now", f"PDOException: access denied with {SECRET}")
    found = asked(
        monkeypatch,
        project,
        Queues("database", problems={"redis": f"AUTH {SECRET}"}, failed=(job,), failed_problem=f"no {SECRET}"),
    )
    assert SECRET not in repr(found)
    assert found.failed[0].exception == "PDOException: access denied with ***DB_PASSWORD***"


def test_so_is_an_error(monkeypatch: pytest.MonkeyPatch, project: Project) -> None:
    with pytest.raises(FailedError, match=r"cannot be read: \*\*\*DB_PASSWORD\*\*\*"):
        asked(monkeypatch, project, FailedError(f"the queues cannot be read: {SECRET}"))

"""The stack that the tests of the scripted path share."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest
from passthrough_stack import SERVICES, Stack, write_launcher

from devkit.engine.docker import Docker


@pytest.fixture(scope="session")
def shared_stack(docker: Docker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    directory = tmp_path_factory.mktemp("passthrough") / f"devkit-test-{secrets.token_hex(4)}"
    (directory / "app" / "Models").mkdir(parents=True)
    launcher = directory.parent / "devkit"
    write_launcher(launcher)
    (directory / "devkit.toml").write_text(f'schema = 1\n[project]\nname = "{directory.name}"\n')
    (directory / "compose.yaml").write_text(SERVICES)
    stack = Stack(docker, directory, launcher)
    try:
        stack.compose("up", "--detach")
        yield stack
    finally:
        stack.compose("down", "--volumes", "--timeout", "1")


@pytest.fixture
def stack(shared_stack: Stack) -> Iterator[Stack]:
    """The stack, in which nothing of the test before runs any more."""
    yield shared_stack
    if shared_stack.processes():
        shared_stack.clear()

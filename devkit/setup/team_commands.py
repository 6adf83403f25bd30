"""A team's own command lines in devkit.toml: `[commands]`, which devkit runs by name, and `[hooks]` around its own.

A line runs in a shell on the host, in the project's root; behind `app:` it runs in the app's container.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.engine.compose import Compose
from devkit.engine.docker import find_docker, last_line
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.services import APP
from devkit.project.settings import Settings
from devkit.setup.masked import secrets_masked
from devkit.setup.stack import OnLine

IN_APP = "app:"
_IN_HOOK = "DEVKIT_HOOK"
"""In the environment of what a hook starts: a `devkit up` among it runs no hooks, and so does not go on for ever."""


@dataclass(frozen=True)
class Started:
    """A program to run: its arguments, its directory, and variables besides the present ones."""

    arguments: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]


def started(
    paths: ProjectPaths, settings: Settings, name: str, line: str, arguments: Sequence[str] = (), *, terminal: bool
) -> Started:
    """A line as the program that runs it. `$1` and so on are not taken from it: arguments come behind, untouched."""
    inside = line.lstrip().startswith(IN_APP)
    text = line.lstrip().removeprefix(IN_APP).strip() if inside else line.strip()
    shell = ("sh", "-c", f'{text} "$@"' if arguments else text, name, *arguments)
    if not inside:
        return Started(shell, paths.root, {})
    docker = find_docker()
    options = () if terminal else ("-T",)
    command = Compose(docker, paths.root, settings.name).command("exec", *options, APP, *shell)
    return Started((str(docker.binary), *command), paths.root, docker.environment())


def run_hook(paths: ProjectPaths, settings: Settings, hook: str, on_line: OnLine) -> None:
    """Run a hook's lines one after the other, each told first; FailedError for the first that fails.

    What they print goes to `on_line`; they read nothing. Call it without the project's lock: a hook may be a devkit
    command that needs it.
    """
    if _IN_HOOK in os.environ:
        return
    with secrets_masked(paths):
        for line in settings.hooks.get(hook, ()):
            _run_line(paths, settings, hook, line, on_line)


def _run_line(paths: ProjectPaths, settings: Settings, hook: str, line: str, on_line: OnLine) -> None:
    on_line(f"{hook}: {line}")
    program = started(paths, settings, hook, line, terminal=False)
    said: list[str] = []
    with subprocess.Popen(
        program.arguments,
        cwd=program.directory,
        env={**os.environ, **program.environment, _IN_HOOK: hook},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as child:
        assert child.stdout is not None
        try:
            for output in child.stdout:
                text = output.decode(errors="replace").rstrip("\r\n")
                said = [*said[-10:], text]
                on_line(text)
        except BaseException:
            child.terminate()
            raise
    if child.returncode:
        words = last_line("\n".join(said))
        raise FailedError(
            f"the hook {hook} failed with status {child.returncode}: {line}{f': {words}' if words else ''}",
            "mend the line under [hooks] in devkit.toml",
        )

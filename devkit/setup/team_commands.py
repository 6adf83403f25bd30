"""A team's own command lines in devkit.toml: `[commands]`, which devkit runs by name, and `[hooks]` around its own.

A line runs in a shell on the host, in the project's root; behind `app:` it runs in the app's container, by
`devkit exec`: so it ends with devkit there too.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from devkit.engine.containers import service_states
from devkit.engine.docker import find_docker, last_line
from devkit.engine.family import Family, own_group
from devkit.project.errors import FailedError
from devkit.project.paths import ProjectPaths
from devkit.project.services import APP
from devkit.project.settings import Settings
from devkit.project.this_devkit import devkit_command
from devkit.setup.masked import secrets_masked
from devkit.setup.stack import OnLine

IN_APP = "app:"
_STOP_SECONDS = 5.0
_IN_HOOK = "DEVKIT_HOOK"
"""In the environment of what a hook starts: a `devkit up` among it runs no hooks, and so does not go on for ever."""


@dataclass(frozen=True)
class Line:
    """A line of devkit.toml: the words of the shell that runs it, and whether it does that in the app's container."""

    words: tuple[str, ...]
    inside: bool


def read_line(name: str, line: str, arguments: Sequence[str] = ()) -> Line:
    """The line behind a name. `$1` and so on are not taken from it: arguments come behind, untouched."""
    inside = line.lstrip().startswith(IN_APP)
    text = line.lstrip().removeprefix(IN_APP).strip() if inside else line.strip()
    return Line(("sh", "-c", f'{text} "$@"' if arguments else text, name, *arguments), inside)


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
    read = read_line(hook, line)
    words = read.words
    if read.inside:
        _app_must_run(settings, hook)
        words = tuple(devkit_command(paths.root, "exec", APP, *words))
    group = 0 if read.inside else own_group()  # what runs inside has no use for the terminal
    said: list[str] = []
    with subprocess.Popen(
        words,
        cwd=paths.root,
        env={**os.environ, _IN_HOOK: hook},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=group,
    ) as child:
        assert child.stdout is not None
        try:
            for output in child.stdout:
                text = output.decode(errors="replace").rstrip("\r\n")
                said = [*said[-10:], text]
                on_line(text)
        except BaseException as error:
            Family(child).end(_STOP_SECONDS, asked=group is None and isinstance(error, KeyboardInterrupt))
            raise
    if child.returncode:
        words_said = last_line("\n".join(said))
        raise FailedError(
            f"the hook {hook} failed with status {child.returncode}: {line}{f': {words_said}' if words_said else ''}",
            "mend the line under [hooks] in devkit.toml",
        )


def _app_must_run(settings: Settings, hook: str) -> None:
    """FailedError where it does not: a hook starts nothing."""
    states = service_states(find_docker(), settings.name)
    if not any(state.name == APP and state.state == "running" for state in states):
        raise FailedError(
            f"the hook {hook} has a line for the service {APP}, which does not run",
            "devkit up starts it; what belongs behind that is a line of after-up",
        )

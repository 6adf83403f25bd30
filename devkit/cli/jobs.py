"""What each pass-through command runs: where, with which words, and in which directory."""

from __future__ import annotations

import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

APP, VITE = "app", "vite"
NODE = ("npm", "npx", "node")
INSTALLED = ("pnpm", "yarn", "bun")
"""Package managers that Node's image may lack: npm installs them in the container when they are first asked for."""
TOOLS = "/tmp/node"
"""Where it does (as docker/vite): the container's user may write nowhere else."""

_SHELL = b"command -v bash > /dev/null && exec bash; exec sh"
_FORMAT, _REGULAR = 0o170000, 0o100000


class Job:
    """One command for one service."""

    __slots__ = ("_arguments", "_before", "at_root", "is_shell", "needs_node", "service")

    def __init__(
        self,
        service: str,
        arguments: list[bytes],
        *,
        at_root: bool = False,
        needs_node: bool = False,
        is_shell: bool = False,
        before: Callable[[bytes], list[bytes]] | None = None,
    ) -> None:
        self.service = service
        self.at_root = at_root
        self.needs_node = needs_node
        """It runs where Node is: in `vite`, or where that does not run in a container of its own."""
        self.is_shell = is_shell
        self._before = before
        self._arguments = arguments

    def arguments(self, root: bytes) -> list[bytes]:
        """Its words; what some begin with depends on the project in `root`."""
        return [*self._before(root), *self._arguments] if self._before is not None else self._arguments


def job_of(words: Sequence[str]) -> Job:
    """The job behind a command line without global flags; UsageError where words are missing."""
    name, rest = words[0], [_bytes(word) for word in words[1:]]
    if name == "artisan":
        return Job(APP, [b"php", b"artisan", *rest], at_root=True)
    if name in ("composer", "php"):
        return Job(APP, [_bytes(name), *rest])
    if name == "tinker":
        return Job(APP, [b"php", b"artisan", b"tinker", *rest], at_root=True)
    if name == "test":
        return Job(APP, rest, at_root=True, before=_tests)
    if name == "pint":
        return Job(APP, [b"vendor/bin/pint", *rest], at_root=True)
    if name == "bin":
        if not rest or not rest[0]:
            _refuse(
                "devkit bin needs the name of a program of vendor/bin", "devkit bin NAME …, such as devkit bin rector"
            )
        return Job(APP, [b"vendor/bin/" + rest[0], *rest[1:]], at_root=True)
    if name in NODE:
        return Job(VITE, [_bytes(name), *rest], needs_node=True)
    if name in INSTALLED:
        return Job(VITE, rest, needs_node=True, before=lambda root: _installing(name, root))
    if name == "shell":
        return _shell(words[1:])
    return _exec(words[1:], rest)


def _exec(words: Sequence[str], encoded: list[bytes]) -> Job:
    if words and words[0].startswith("-"):
        _refuse(f"devkit exec takes no flag {words[0]}", "devkit exec SERVICE COMMAND …; devkit help exec says more")
    if len(words) < 2 or not words[0]:
        _refuse("devkit exec needs a service and a command", "such as: devkit exec app env")
    return Job(words[0], encoded[1:])


def _shell(words: Sequence[str]) -> Job:
    service = words[0] if words else APP
    if len(words) > 1 or service.startswith("-") or not service:
        _refuse(
            "devkit shell takes the name of a service, and nothing else", "devkit exec SERVICE COMMAND … runs a command"
        )
    return Job(service, [b"/bin/sh", b"-c", _SHELL], is_shell=True)


def _tests(root: bytes) -> list[bytes]:
    """`artisan test` comes with Collision; where that is missing, Pest or PHPUnit themselves."""
    if not _is_file(root + b"/vendor/nunomaduro/collision/composer.json"):
        for program in (b"vendor/bin/pest", b"vendor/bin/phpunit"):
            if _is_file(root + b"/" + program):
                return [program]
    return [b"php", b"artisan", b"test"]


def _installing(name: str, root: bytes) -> list[bytes]:
    """The words before a package manager's own, in the version that the project in `root` names."""
    import os
    from pathlib import Path

    from devkit.scaffold.adopt_node import read_node
    from devkit.scaffold.package_managers import package_manager

    node = read_node(Path(os.fsdecode(root)))
    manager = package_manager(name, node.manager_version if node.package_manager == name else None)  # type: ignore[arg-type]
    script = (
        f"unset PWD OLDPWD SHLVL; PATH={TOOLS}/bin:$PATH; command -v {name} > /dev/null || npm install --global"
        f' --force --prefix {TOOLS} {manager.spec} >&2 || exit; exec {name} "$@"'
    )
    return [b"/bin/sh", b"-c", script.encode(), _bytes(name)]


def _is_file(path: bytes) -> bool:
    try:
        return posix.stat(path).st_mode & _FORMAT == _REGULAR
    except OSError:
        return False


def _bytes(word: str) -> bytes:
    """An argument as the bytes that it came as (os.fsencode)."""
    return word.encode(sys.getfilesystemencoding(), sys.getfilesystemencodeerrors())


def _refuse(message: str, hint: str) -> NoReturn:
    from devkit.project.errors import UsageError

    raise UsageError(message, hint)

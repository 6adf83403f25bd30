"""Checks of .env: that it can be read, by whom, and that it has what the application asks for."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from pathlib import Path

from devkit.doctor.check import OK, Examined, Question, Verdict
from devkit.laravel.app_key import new_app_key
from devkit.laravel.mounts import on_slow_mount
from devkit.project.env_file import laravel_problem, read_commented, read_env, read_text
from devkit.project.errors import UsageError
from devkit.project.paths import ProjectPaths, owner_of
from devkit.secrets.dotenv import ENV_MODE, PREVIOUS_SUFFIX, set_values

_KEY_SIZES = {"aes-128-cbc": 16, "aes-128-gcm": 16}
_SHOWN = 8
_READ_BY_OTHERS = 0o044


def env_file(examined: Examined) -> Verdict:
    """.env can be read, by devkit and by Laravel."""
    path = ProjectPaths(examined.directory).env
    if not path.is_file():
        return Verdict("problem", ".env is missing", "devkit init makes it from .env.example")
    try:
        found = laravel_problem(read_text(path) or "")
    except UsageError as error:
        return Verdict("problem", error.message, error.hint)
    status, owner = path.stat(), owner_of(examined.directory)[0]
    if owner not in (0, status.st_uid) and not status.st_mode & 0o044:
        why = f".env belongs to user {status.st_uid}, and the app runs as the project's owner, {owner}"
        return Verdict("problem", why, f"sudo chown {owner} .env")
    if found:
        return Verdict("problem", f"Laravel cannot read line {found[0]} of .env: {found[1]}", "correct the line")
    return OK


def env_mode(examined: Examined) -> Verdict:
    """Nobody else on this machine can read .env, or what it was before its last change."""
    root = examined.directory
    if on_slow_mount(root):
        return Verdict("skipped", "the file system may keep no modes")
    env = ProjectPaths(root).env
    found = [path for path in (env, env.with_name(env.name + PREVIOUS_SUFFIX)) if _others_read(path)]
    if not found:
        return OK
    names, owner = [path.name for path in found], owner_of(root)[0]
    holders = {path.stat().st_uid for path in found}
    why = f"{' and '.join(names)} can be read by other users of this machine"
    if owner != 0 and holders != {owner}:  # the app, which runs as the owner, reads it as everybody does
        return Verdict("warning", why, f"sudo chown {owner} {' '.join(names)}, then devkit doctor --fix")
    if os.geteuid() != 0 and holders != {os.geteuid()}:
        return Verdict("warning", why, f"sudo chmod 600 {' '.join(names)}")
    return Verdict("warning", why, "devkit doctor --fix makes it private (chmod 600)", lambda: _make_private(found))


def env_names(examined: Examined) -> Verdict:
    """.env has every name of .env.example; one that stands commented out was left out on purpose."""
    path = ProjectPaths(examined.directory).env
    if not path.is_file():
        return Verdict("skipped", ".env is missing")
    known = {*read_env(path), *read_commented(path)}
    missing = [name for name in read_env(examined.directory / ".env.example") if name not in known]
    if not missing:
        return OK
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    why = f".env.example has names that .env lacks: {', '.join(missing[:_SHOWN])}{more}"
    return Verdict("warning", why, "devkit env check")


def app_key(examined: Examined) -> Verdict:
    """APP_KEY is there, and of a size that the cipher takes."""
    path = ProjectPaths(examined.directory).env
    if not path.is_file():
        return Verdict("skipped", ".env is missing")
    env = read_env(path)
    key = env.get("APP_KEY", "")
    if not key:
        return Verdict("problem", "APP_KEY in .env is empty", "devkit doctor --fix makes one", lambda: _new_key(path))
    try:
        raw = base64.b64decode(key[7:], validate=True) if key.startswith("base64:") else key.encode()
    except binascii.Error:
        return Verdict("problem", "APP_KEY in .env is no valid base64", "devkit artisan key:generate")
    size = _KEY_SIZES.get(env.get("APP_CIPHER", "").lower(), 32)
    if len(raw) != size:
        why = f"APP_KEY in .env has {len(raw)} bytes, the cipher takes {size}"
        return Verdict("problem", why, "devkit artisan key:generate (what was encrypted is lost)")
    return OK


def _new_key(path: Path) -> None:
    """As `artisan key:generate` makes it; one that came meanwhile stays."""
    if not read_env(path).get("APP_KEY"):
        set_values(path, {"APP_KEY": new_app_key()})


def _others_read(path: Path) -> bool:
    return path.is_file() and path.stat().st_mode & _READ_BY_OTHERS != 0


def _make_private(paths: Sequence[Path]) -> None:
    for path in paths:
        path.chmod(ENV_MODE)


ENV_QUESTIONS = (
    Question("env", ".env can be read", env_file),
    Question("env_mode", ".env is private", env_mode),
    Question("env_names", "Names of .env.example", env_names),
    Question("app_key", "APP_KEY", app_key),
)

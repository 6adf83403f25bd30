"""Checks of a project's files, which need nothing that runs."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from urllib.parse import urlsplit

from devkit.doctor.check import OK, Examined, Question, Verdict
from devkit.doctor.env_checks import ENV_QUESTIONS
from devkit.laravel.http import get
from devkit.project.errors import UsageError
from devkit.project.paths import owner_of
from devkit.scaffold.asked_for import ASKED_FOR_PATHS
from devkit.scaffold.manifest import Manifest

WRITABLE = (
    "storage",
    "storage/app",
    "storage/framework",
    "storage/framework/cache",
    "storage/framework/sessions",
    "storage/framework/views",
    "storage/logs",
    "bootstrap/cache",
)
"""Directories that Laravel writes in."""

_SCAFFOLD = ("compose.yaml", "Dockerfile", "docker/Caddyfile", "docker/entrypoint")


def scaffold_files(examined: Examined) -> Verdict:
    """What devkit wrote is still there."""
    names = set(Manifest(examined.directory).paths()) - ASKED_FOR_PATHS | set(_SCAFFOLD)
    missing = sorted(name for name in names if not (examined.directory / name).is_file())
    if missing:
        return Verdict("problem", f"missing: {', '.join(missing)}", "devkit init writes them again")
    return OK


def writable(examined: Examined) -> Verdict:
    """storage and bootstrap/cache are there, and the project's owner may write in them."""
    root = examined.directory
    if not (root / "artisan").is_file():
        return Verdict("skipped", "there is no application yet")
    wrong = [name for name in WRITABLE if not _owner_can_write(root / name, root)]
    logs = sorted((root / "storage" / "logs").glob("*.log"))
    wrong += [f"storage/logs/{log.name}" for log in logs if not _owner_can_write(log, root)]
    if not wrong:
        return OK
    why = f"missing or not writable for the project's owner: {', '.join(wrong)}"
    return Verdict("problem", why, "devkit doctor --fix makes them writable", lambda: _make_writable(root, wrong))


def config_cache(examined: Examined) -> Verdict:
    """A cached configuration hides every edit of .env and config/."""
    cached = examined.directory / "bootstrap" / "cache" / "config.php"
    if not cached.is_file():
        return OK
    why = "bootstrap/cache/config.php is there: edits of .env and config/ do nothing"
    fix = "devkit artisan config:clear, or devkit doctor --fix"
    return Verdict("warning", why, fix, lambda: cached.unlink(missing_ok=True))


def hot_file(examined: Examined) -> Verdict:
    """public/hot names a Vite server; a stale one leaves pages without styles and scripts."""
    hot = examined.directory / "public" / "hot"
    if not hot.is_file():
        return OK
    if _answers(hot.read_text(encoding="utf-8", errors="replace").strip()):
        return OK
    why = "public/hot names a Vite server that does not answer: pages load without styles and scripts"
    return Verdict("warning", why, "devkit doctor --fix removes it", lambda: hot.unlink(missing_ok=True))


def _answers(address: str) -> bool:
    """Whether a server answers there; what is no address does not."""
    try:
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = "127.0.0.1" if parts.hostname in ("0.0.0.0", "::") else parts.hostname
        get(f"{parts.scheme}://{f'[{host}]' if ':' in str(host) else host}:{port}/", timeout=2.0)
    except (OSError, ValueError, UsageError):
        return False
    return True


def _owner_can_write(path: Path, root: Path) -> bool:
    """By mode bits and not by trying: who asks may be root, the container's user is the project's owner."""
    try:
        status = path.stat()
    except OSError:
        return False
    uid, gid = owner_of(root)
    needed = 0o3 if stat.S_ISDIR(status.st_mode) else 0o2
    mode = status.st_mode
    if uid == 0:
        return True
    if status.st_uid == uid:
        return mode >> 6 & needed == needed
    if status.st_gid == gid:
        return mode >> 3 & needed == needed
    return mode & needed == needed


def _make_writable(root: Path, names: list[str]) -> None:
    """Make what is missing and give it to the project's owner; nothing outside the project is touched."""
    uid, gid = owner_of(root)
    for name in names:
        path = root / name
        if not path.resolve().is_relative_to(root.resolve()):
            continue
        if name in WRITABLE:
            path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path, uid, gid)
        path.chmod(stat.S_IMODE(path.stat().st_mode) | (0o700 if path.is_dir() else 0o600))


FILE_QUESTIONS = (
    *ENV_QUESTIONS,
    Question("scaffold", "Files of the scaffold", scaffold_files),
    Question("writable", "storage and bootstrap/cache are writable", writable),
    Question("config_cache", "Configuration is not cached", config_cache),
    Question("hot", "public/hot", hot_file),
)

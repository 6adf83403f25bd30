"""The summary before anything is done, as text: files, commands, where the images come from, warnings."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable

from devkit.project.services import SERVICES
from devkit.scaffold.adopt_makefile import MakeTarget
from devkit.setup.first_run import FirstRunPlan

_ORIGINS = {"registry": "official", "local": "stand-in, built here"}


def summary(plan: FirstRunPlan, *, width: int = 80) -> str:
    """Everything that would be written and run."""
    settings, existing = plan.settings, plan.existing
    what = "a new Laravel app" if existing.kind == "empty" else "adopts the Laravel app"
    database = SERVICES[settings.database].title if settings.database in SERVICES else "SQLite"
    services = ", ".join(SERVICES[name].title for name in settings.services)
    lines = [
        f"{settings.name}: {what} in {_safe(str(plan.answers.directory))}",
        *_wrapped(f"PHP {settings.php.version}, {settings.php.mode} mode, {database}", width),
        *(_wrapped(f"with {services}", width) if services else []),
        *_wrapped(plan.secrets, width),
    ]
    files = [*(f"renamed  {file.path} to {file.to}" for file in plan.renamed), *(f.in_words for f in plan.all_files)]
    lines += _section("Files", files, width)
    bases = [f"{base.name} ({_ORIGINS.get(base.origin, base.origin)})" for base in plan.bases()]
    lines += _section("Base images", bases, width)
    lines += _section("Commands", plan.commands, width)
    targets = [_target(target) for target in existing.makefile]
    lines += _section("Your Makefile stays; devkit does the same by", targets, width)
    lines += _section("Warnings", plan.warnings, width)
    return "\n".join(lines)


def differences(plan: FirstRunPlan) -> str:
    """What changes in files that are there already, as unified diffs; empty if nothing does."""
    return "\n".join(_safe_block(diff) for diff in plan.differences)


def _target(target: MakeTarget) -> str:
    """A Makefile's target beside the devkit command that does it, or the line that would make one."""
    does = target.command or (f"[commands] {target.suggestion}" if target.suggestion else "no command")
    return f"make {target.name:<12} {does}"


def _section(title: str, items: Iterable[str], width: int) -> list[str]:
    shown = [line for item in items for line in _wrapped(item, width)]
    return ["", title, *shown] if shown else []


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        _safe(text),
        max(width, 24),
        initial_indent="  ",
        subsequent_indent="    ",
        break_on_hyphens=False,
        break_long_words=False,
        drop_whitespace=True,
    )


def _safe(text: str) -> str:
    return "".join(sign if unicodedata.category(sign) not in ("Cc", "Cs") else "?" for sign in text)


def _safe_block(text: str) -> str:
    return "\n".join(_safe(line.replace("\t", "    ")) for line in text.splitlines())

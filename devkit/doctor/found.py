"""What the doctor found, as `devkit doctor --lines` tells it: for whoever shows it beside other work."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from devkit.doctor.check import CheckStatus

_ORDER: tuple[CheckStatus, ...] = ("problem", "warning", "ok", "skipped")
_MARKS = {"problem": "✗", "warning": "!", "ok": "✓", "skipped": "–"}  # noqa: RUF001


@dataclass(frozen=True)
class Found:
    """One check and its verdict; `fixable` says that `devkit doctor --fix ID` puts it right."""

    id: str
    title: str
    status: CheckStatus
    why: str = ""
    fix: str = ""
    fixable: bool = False

    @property
    def needs_work(self) -> bool:
        """Whether there is something to do."""
        return self.status in ("problem", "warning")


def found_in(line: str) -> Found | None:
    """The check that a line tells of; None for any other line."""
    try:
        value = json.loads(line)
        return Found(
            str(value["id"]),
            str(value["title"]),
            _ORDER[_ORDER.index(value["status"])],
            str(value["why"]),
            str(value["fix"]),
            value["fixable"] is True,
        )
    except (ValueError, TypeError, KeyError):
        return None


def error_in(line: str) -> str:
    """What a line of `--json` says that went wrong; empty for any other line."""
    try:
        error = json.loads(line)["error"]
        return " ".join(filter(None, (f"{error['message']}", f"({error['hint']})" if error["hint"] else "")))
    except (ValueError, TypeError, KeyError):
        return ""


def worst_first(checks: Iterable[Found]) -> list[Found]:
    """Problems, warnings, what is well, what was skipped; in each of these as the doctor has them."""
    return sorted(checks, key=lambda check: _ORDER.index(check.status))


def report(checks: Iterable[Found]) -> str:
    """All of it as text, for a question to somebody else."""
    lines: list[str] = []
    for check in worst_first(checks):
        lines.append(f"{_MARKS[check.status]} {check.title}" + (f": {check.why}" if check.why else ""))
        if check.needs_work and check.fix:
            lines.append(f"    {check.fix}")
    return "\n".join(lines) + "\n"


def mark(status: CheckStatus) -> str:
    """The sign before a check."""
    return _MARKS[status]

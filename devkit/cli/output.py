"""Results on stdout: one JSON object, or a table for people."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from devkit.setup.stack import StatusReport


def print_json(value: Any) -> None:
    """One JSON object on one line of stdout."""
    print(json.dumps(value), flush=True)


def table(rows: Sequence[Sequence[str]], *, indent: str = "") -> str:
    """Rows with their columns aligned; nothing behind the last one."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))] if rows else []
    return "\n".join(
        (indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))).rstrip()
        for row in rows
    )


def numbers_right(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Rows for a table whose columns but the first hold numbers: they stand at the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in rows
    ]


def status_text(report: StatusReport) -> str:
    """A project's services as a table under its name and address."""
    rows = [
        (
            service.name,
            service.state,
            service.health or "",
            ", ".join(f"{port.host}:{port.published}" for port in service.ports if port.published),
        )
        for service in report.services
    ]
    watcher = f"\n  saves are seen by the host's watcher (pid {report.watcher.pid})" if report.watcher else ""
    return f"{report.project}  {report.url}  {report.mode} mode\n{table(rows, indent='  ')}{watcher}"

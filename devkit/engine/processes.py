"""The processes of a container, as the engine's own ps sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from devkit.engine.client import Client
from devkit.project.errors import FailedError

_COLUMNS = "-eo pid,ppid,user,pcpu,rss,etime,args"
"""What ps is asked for; one that has fewer words (BusyBox) gets no question of ours, and says what it says."""


@dataclass(frozen=True)
class ProcessTable:
    """The columns' titles, and a row for each process: parents before their children. Ids are the engine's machine's.

    `depths` says for each row how many of its ancestors are in the table.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    depths: tuple[int, ...]


async def container_processes(client: Client, container: str) -> ProcessTable:
    """The processes that run now; FailedError where the container does not run, EngineError where the engine goes."""
    target = f"/containers/{container}/top"
    try:
        found = await client.get_json(target, {"ps_args": _COLUMNS})
    except FailedError:
        found = await client.get_json(target)
    if found is None:
        raise FailedError("the container is gone", "see what runs with: devkit status")
    return table_from_json(found)


def table_from_json(found: Mapping[str, Any]) -> ProcessTable:
    """The engine's answer, in the order of a tree."""
    titles = tuple(str(title) for title in found.get("Titles") or ())
    rows = [tuple(str(cell) for cell in row) for row in found.get("Processes") or ()]
    if "PID" not in titles or "PPID" not in titles:
        return ProcessTable(titles, tuple(rows), (0,) * len(rows))
    ordered = _as_tree(rows, titles.index("PID"), titles.index("PPID"))
    return ProcessTable(titles, tuple(row for row, _ in ordered), tuple(depth for _, depth in ordered))


def _as_tree(rows: Sequence[tuple[str, ...]], pid: int, parent: int) -> list[tuple[tuple[str, ...], int]]:
    known = {row[pid] for row in rows}
    children: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        children.setdefault(row[parent] if row[parent] in known and row[parent] != row[pid] else "", []).append(row)
    ordered = []
    waiting = [(row, 0) for row in reversed(children.get("", []))]
    while waiting:
        row, depth = waiting.pop()
        ordered.append((row, depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(row[pid], []))]
    return ordered

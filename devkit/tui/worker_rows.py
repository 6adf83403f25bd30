"""What the Workers tab shows of threads and of files that were followed, as texts."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

from rich.console import OverflowMethod
from rich.table import Table
from rich.text import Text

from devkit.laravel.worker_figures import Reading
from devkit.laravel.workers import Thread
from devkit.logs.escapes import one_line
from devkit.setup.followed import Followed
from devkit.setup.following import State
from devkit.tui.figures import memory
from devkit.tui.file_following import took, words

_LONG = 1.0
"""Seconds from which on a request stands out."""

_AT_THE_RIGHT = ("Since", "Served", "Memory", "Took")


def thread_table(threads: Sequence[Thread], now: float) -> Table:
    """A row for each thread; `now` in seconds since the epoch."""
    table = _table(("#", 2), ("State", 9), ("Since", 6), ("Served", 7), ("Memory", 6), ("Request", 0))
    for thread in threads:
        busy = _answers(thread)
        state = "busy" if busy else "idle" if thread.state == "ready" else thread.state
        since = max(0.0, now - thread.began) if busy and thread.began else thread.waits
        idle = "" if thread.is_worker else "for PHP files outside of the worker"
        request = f"{thread.method} {thread.uri}" if busy else idle
        table.add_row(
            Text(str(thread.index), "dim"),
            Text(one_line(state), "green" if busy else "dim" if state == "idle" else "yellow"),
            Text(span(since) if since else "", "bold" if busy and since >= _LONG else "dim", justify="right"),
            Text(f"{thread.requests:,}", justify="right"),
            Text(memory(thread.memory) if thread.memory else "", justify="right"),
            Text(one_line(request), "" if busy else "dim"),
        )
    return table


def followed_table(events: Iterable[Followed]) -> Table:
    """A row for each reaction to saved files, the newest first."""
    table = _table(("When", 8), ("Took", 7), ("What was saved, and what came of it", 0), wrap=True)
    for one in reversed(tuple(events)):
        table.add_row(
            Text(time.strftime("%H:%M:%S", time.localtime(one.time)), "dim"),
            Text(took(one), justify="right"),
            Text(one_line(words(one)), "red" if one.failed else "yellow" if one.offer else ""),
        )
    return table


def totals(reading: Reading, rate: float | None) -> str:
    """One line over all workers."""
    workers = reading.workers
    busy = sum(_answers(thread) for thread in workers)
    figures = reading.figures
    parts = [f"worker mode   {busy} of {len(workers)} busy"]
    if rate is not None:
        parts.append(f"{rate:.1f} req/s")
    if figures.waiting:
        parts.append(f"{figures.waiting} waiting")
    parts.append(counted(figures.reloads, "reload"))
    if figures.restarts is not None and figures.crashes is not None:
        parts += [counted(figures.restarts, "restart"), counted(figures.crashes, "crash", "es")]
    return "   ".join(parts)


def following_line(state: State | None, problem: str) -> tuple[str, bool]:
    """Who follows the files, and whether that is a problem."""
    if problem:
        return f"files are not followed: {problem}", True
    if state is None:
        return "files: …", False
    if state.holder is not None:
        return f"files are followed by {state.holder}; what it does is shown here", False
    if not state.follows:
        return "files are not followed: f turns it on", False
    return "files are followed: f turns it off", False


def _answers(thread: Thread) -> bool:
    """Whether it is at a request; one that only starts is busy too."""
    return thread.busy and bool(thread.method)


def _table(*columns: tuple[str, int], wrap: bool = False) -> Table:
    """Columns with their widths in signs; 0 takes what is left, in several lines with `wrap`."""
    table = Table.grid(expand=True, padding=(0, 1))
    for _, width in columns:
        folded = wrap and not width
        overflow: OverflowMethod = "fold" if folded else "ellipsis"
        table.add_column(no_wrap=not folded, overflow=overflow, width=width or None, ratio=None if width else 1)
    heads = (Text(name, "bold dim", justify="right" if name in _AT_THE_RIGHT else "left") for name, _ in columns)
    table.add_row(*heads)
    return table


def counted(number: int, noun: str, plural: str = "s") -> str:
    """`1 crash`, `2 crashes`."""
    return f"{number:,} {noun}{'' if number == 1 else plural}"


def span(seconds: float) -> str:
    """A short time span: `0.3 s`, `42 s`, `12 min`, `3 h`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"

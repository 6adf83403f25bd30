"""Queues and failed jobs as text for the screen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.text import Text

from devkit.laravel.queues import FailedJob, Queue, Queues
from devkit.logs.escapes import one_line, printable
from devkit.logs.fold import folded
from devkit.tui.figures import duration
from devkit.tui.widgets.table import Column, Row

COLUMNS = (
    Column("failed", 19),
    Column("job", 24),
    Column("queue", 14),
    Column("exception", 0),
)
NARROW_COLUMNS = (Column("failed", 8), Column("job", 14), Column("exception", 0))

_NAME, _NARROW_NAME = 40, 12
"""Signs of a queue's name at most."""

_FRAME = re.compile(r"^#\d+ .*$", re.MULTILINE)
_TRACE = re.compile(r"^Stack trace:\s*$", re.MULTILINE)


def queues_text(found: Queues, now: float, *, narrow: bool) -> Text:
    """A line for each queue, and for each connection that does not answer."""
    lines: list[Text] = []
    names = [_name(queue, found.default) for queue in found.queues]
    width = min(_NARROW_NAME if narrow else _NAME, max([_NARROW_NAME, *(len(name) + 2 for name in names)]))
    if found.queues:
        head = f"{'queue':<{width}}{'pending':>9}{'delayed':>8}{'reserved':>9}"
        lines.append(Text(head if narrow else f"{head}   oldest", "dim"))
    for name, queue in zip(names, found.queues, strict=True):
        lines.append(_queue_text(f"{name[: width - 1]:<{width}}", queue, None if narrow else now))
    for connection, problem in found.problems.items():
        lines.append(Text(f"{one_line(connection)}: {one_line(problem)}", "red"))
    return Text("\n").join(lines or [Text(f"the queue connection {one_line(found.default)} keeps no jobs", "dim")])


def job_rows(jobs: Sequence[FailedJob], *, narrow: bool) -> list[Row]:
    """A row for each failed job."""
    return [Row(job.id, _cells(job, narrow=narrow)) for job in jobs]


def exception_text(job: FailedJob, *, whole: bool = False) -> Text:
    """The exception of a job: what it said, the application's own frames, and with `whole` all of them."""
    said, _, trace = _parts(job.exception)
    text = Text(no_wrap=False, end="").append(printable_lines(said), "red")
    frames = _FRAME.findall(trace)
    if frames:
        text.append("\n\n" + "\n".join(printable(line) for line in folded(frames)), "yellow")
        if whole:
            text.append("\n\n" + "\n".join(printable(line) for line in frames), "dim")
    return text


def job_text(job: FailedJob) -> Text:
    """All that is known of a failed job."""
    text = Text(no_wrap=False, end="")
    text.append(one_line(job.job or "a job without a name") + "\n", "bold")
    text.append(f"{one_line(job.connection)}: {one_line(job.queue)}   failed {one_line(job.failed_at)}   ", "dim")
    return text.append(f"{one_line(job.id)}\n\n", "dim").append_text(exception_text(job, whole=True))


def headline(exception: str) -> str:
    """The first line of an exception, without where it was thrown."""
    return one_line(_parts(exception)[0].partition("\n")[0])[:500]


def printable_lines(text: str) -> str:
    """Text of several lines, harmless to the terminal."""
    return "\n".join(printable(line) for line in text.splitlines())


def _parts(exception: str) -> tuple[str, str, str]:
    match = _TRACE.search(exception)
    if match is None:
        return exception.rstrip(), "", ""
    return exception[: match.start()].rstrip(), match[0], exception[match.end() :]


def _name(queue: Queue, default: str) -> str:
    return one_line(queue.name if queue.connection == default else f"{queue.connection}: {queue.name}")


def _queue_text(name: str, queue: Queue, now: float | None) -> Text:
    """The sizes of one queue; with `now` also for how long its oldest job waits."""
    text = Text(end="").append(name, "bold")
    text.append(f"{queue.pending:>9,}", "yellow" if queue.pending else "dim")
    for size, width in ((queue.delayed, 8), (queue.reserved, 9)):
        text.append(f"{'' if size is None else format(size, ','):>{width}}", "cyan" if size else "dim")
    if now is not None and queue.oldest is not None:
        text.append(f"   {duration(now - queue.oldest)}", "dim")
    return text


def _cells(job: FailedJob, *, narrow: bool) -> tuple[Text, ...]:
    name = one_line(job.job).rpartition("\\")[2]
    failed = one_line(job.failed_at)
    said = Text(headline(job.exception), "red")
    if narrow:
        return Text(failed[-8:], "dim"), Text(name, "bold"), said
    return Text(failed, "dim"), Text(name, "bold"), Text(one_line(job.queue)), said

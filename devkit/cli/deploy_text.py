"""What `devkit deploy` shows: differences, pods, revisions, logs, and what a load has counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from devkit.cli.errors_shown import one_line, printable
from devkit.cli.narration import Narrator
from devkit.cli.output import table

if TYPE_CHECKING:
    from devkit.delivery.cluster.deploy import Deployed
    from devkit.delivery.cluster.difference import ObjectDifference
    from devkit.delivery.cluster.load import LoadResult
    from devkit.delivery.cluster.revisions import Revision
    from devkit.delivery.cluster.status import ReleaseStatus

_SIGNS = {"added": "+", "changed": "~", "anew": "»"}
_MOST_LINES = 40
_DIGEST = 19


def difference_lines(found: Sequence[ObjectDifference]) -> Iterator[str]:
    """The objects that change, with the lines that do; the others only as a number."""
    from devkit.delivery.cluster.difference import summary

    yield f"  {summary(found)}"
    for one in found:
        if one.change == "unchanged":
            continue
        yield f"  {_SIGNS[one.change]} {one.title}" + (" (runs in each release)" if one.change == "anew" else "")
        yield from (f"      {printable(line)}" for line in one.lines[:_MOST_LINES])
        if len(one.lines) > _MOST_LINES:
            yield f"      … {len(one.lines) - _MOST_LINES} more lines"


def say_result(said: Narrator, done: Deployed) -> None:
    """The last line of a deploy."""
    if done.status == "planned":
        said.mark("planned", f"{done.environment} would get {short(done.image)}; nothing was changed")
        return
    ready = sum(pod.ready for pod in done.pods)
    said.mark(
        "done",
        f"{done.environment} {done.status}: {short(done.image)}, revision {done.revision}, {ready} pods ready",
    )


def say_load(said: Narrator, load: LoadResult) -> None:
    """What the load counted, and the first requests that failed."""
    times = f", p50 {load.p50:g} ms, p99 {load.p99:g} ms" if load.p50 is not None and load.p99 is not None else ""
    text = f"{load.requests} requests in {load.seconds:g} s, {load.failed} failed{times}"
    said.mark("failed" if load.failed else "done", text)
    for one in load.failures:
        said.say(f"  after {one.get('second')} s: {one_line(str(one.get('why')))}")


def status_text(status: ReleaseStatus) -> str:
    """A release as a few lines and a table of its pods."""
    if status.status == "none":
        return f"{status.environment}  {status.context}  nothing was released"
    lines = [
        f"{status.environment}  {status.context}  {status.status}",
        f"  image      {status.image}",
        f"  revision   {status.revision}",
    ]
    lines += [f"  {name}: {text}" for name, text in status.workloads.items()]
    if status.migration:
        lines.append(f"  migration  {status.migration}")
    if status.autoscaler:
        lines.append(f"  HPA        {status.autoscaler}")
    rows = [(pod.name, pod.word, one_line(pod.trouble.text) if pod.trouble else "") for pod in status.pods]
    return "\n".join([*lines, table(rows, indent="  ")])


def history_text(found: Sequence[Revision]) -> str:
    """Revisions as a table, the newest first."""
    rows = [("revision", "time", "image", "by", "cause")]
    rows += [
        (str(one.number), one.time, short(one.image), one.by or "-", one_line(one.cause).partition(": ")[0] or "-")
        for one in found
    ]
    return table(rows)


def log_printer() -> Callable[[str, str], None]:
    """Prints `pod | line`; what a container wrote cannot send escape sequences to the terminal."""

    def show(pod: str, line: str) -> None:
        print(pod, "|", printable(line), flush=True)

    return show


def short(image: str) -> str:
    """An image with the beginning of its digest."""
    name, at, digest = image.partition("@")
    return f"{name}@{digest[:_DIGEST]}" if at else image

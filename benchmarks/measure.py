"""What every benchmark shares: rounds, percentiles, and a table that says median, p95 and the ratio."""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the sorted values lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def table(title: str, rows: Sequence[tuple[str, Sequence[float], str]]) -> str:
    """Median and p95 of each row in its unit, and the ratio of its median to the first row's."""
    base = statistics.median(rows[0][1])
    lines = [title, f"{'':34}{'median':>12}{'p95':>12}{'ratio':>8}  runs"]
    for name, values, unit in rows:
        middle, high = statistics.median(values), percentile(values, 0.95)
        lines.append(f"{name:34}{middle:>9.2f} {unit:2}{high:>9.2f} {unit:2}{middle / base:>7.2f}x  {len(values)}")
    return "\n".join(lines)


def devkit(*arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run this checkout's devkit in a directory; its output is shown where it fails."""
    command = [sys.executable, "-m", "devkit.entry", *arguments]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr[-3000:]}{done.stdout[-2000:]}")
    return done


def body_of(port: int, path: str, timeout: float = 10.0) -> tuple[int, bytes]:
    """Status and body of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()

"""What the UI's logs cost: a history of a million lines, a flood, eight services that talk all the time.

    python benchmarks/ui_logs.py [history LINES | flood SECONDS | eight SECONDS]...

Needs an engine and the stand-ins' Debian. In a pseudo-terminal of 140x45:

- history: until all LINES (a million) are loaded, beside `docker logs > /dev/null`, alternately (target: at most 1.3
  times that); a search over them until its count stands there (at most 1 s); peak memory (at most 150 MiB).
- flood: a service that writes as fast as the engine takes it for SECONDS (60). How long the prompt takes to stand
  there after `/` (p99 at most 100 ms), what memory does from the first third to the last, and whether each line is
  kept once.
- eight: eight services of a thousand lines a second each, all shown for SECONDS (30): CPU (at most 35 % of a core).
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from measure import percentile, table
from terminal import Seen, devkit_command

from devkit.engine.images.catalogue import DEBIAN
from devkit.logs.spill import START
from devkit.logs.store import LogStore

ROUNDS = 3
LINE = "line %.0f of this service, as long as most lines of a log are, or a little longer"
LAST = "the newest line of all"
THOUSAND = (
    "exec perl -e '$| = 1; sub now { open F, q(/proc/uptime); return (split / /, <F>)[0] } $began = now();"
    " while (1) { select undef, undef, undef, 0.01; $due = 1000 * (now() - $began); $text = q();"
    f" while ($n < $due) {{ $text .= sprintf(q({LINE}), ++$n) . chr 10 }} print $text }}'"
)
"""A thousand lines a second as a service writes them: some at a time, a hundred times a second."""

PLACEHOLDER = b"earch all lines"
"""Of the prompt, but for its first sign: the cursor stands there."""


@contextmanager
def project(services: Mapping[str, str]) -> Iterator[Path]:
    """A running stack, each service a shell script; its containers go with the `with`."""
    name = f"devkit-bench-{secrets.token_hex(4)}"
    root = Path(tempfile.mkdtemp()) / name
    root.mkdir()
    text = "services:\n" + "".join(
        f'  {service}: {{image: "{DEBIAN}", init: true, stop_grace_period: 1s, '
        f"command: [bash, -c, {json.dumps(script.replace('$', '$$'))}]}}\n"
        for service, script in services.items()
    )
    (root / "compose.yaml").write_text(text)
    (root / "devkit.toml").write_text(f'schema = 1\n[project]\nname = "{name}"\n')
    compose = ["docker", "compose", "--project-directory", str(root), "-p", name]
    subprocess.run([*compose, "up", "--detach"], check=True, capture_output=True)
    try:
        yield root
    finally:
        subprocess.run([*compose, "down", "--timeout", "1"], check=True, capture_output=True)
        shutil.rmtree(root.parent)


def newest(container: str) -> str:
    done = subprocess.run(["docker", "logs", "--tail", "1", container], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def wait_for_last(container: str) -> None:
    while newest(container) != LAST:
        time.sleep(0.5)


def history(lines: int) -> None:
    with project({"app": f"seq -f '{LINE}' {lines}; echo {LAST}; exec sleep infinity"}) as root:
        container = f"{root.name}-app-1"
        wait_for_last(container)
        printed, loaded, searched, peaks = [], [], [], []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            subprocess.run(["docker", "logs", container], stdout=subprocess.DEVNULL, check=True)
            printed.append(time.perf_counter() - began)
            shutil.rmtree(root / ".devkit", ignore_errors=True)
            seen = Seen(devkit_command(), root)
            whole = f"{lines + 1:,} lines"
            loaded.append(
                (seen.until(lambda text, whole=whole: whole in text and "being read" not in text) or 0) / 1000
            )
            seen.child.send("/")
            seen.until(lambda text: PLACEHOLDER.decode() in text)
            began = time.perf_counter()
            seen.child.send("of this service\r")
            seen.until(lambda text, lines=lines: f"{lines:,} lines" in text.split("/of this service")[-1][:40])
            searched.append(time.perf_counter() - began)
            peaks.append(seen.peak)
            seen.close()
        print(table(f"{lines:,} lines", [("docker logs", printed, "s"), ("all of them loaded", loaded, "s")]))
        print(table("A search over them, counted", [("devkit", searched, "s")]))
        print(table("Peak memory", [("devkit", peaks, "MB")]))


def flood(seconds: int) -> None:
    script = (
        f"read -r < <(sleep 3); timeout {seconds} seq -f '{LINE}' 1000000000; echo; echo {LAST}; exec sleep infinity"
    )
    with project({"app": script}) as root:
        container = f"{root.name}-app-1"
        seen = Seen(devkit_command(), root)
        seen.until(lambda text: re.search(r"[1-9]\d* lines", text) is not None)
        answers, sizes = [], []
        end = time.perf_counter() + seconds - 2
        while time.perf_counter() < end:
            answers.append(1000 * seen.answer("/", PLACEHOLDER))
            seen.child.send("\r")  # an empty search closes it
            seen.drain(0.4)
            sizes.append(seen.resident())
        wait_for_last(container)
        seen.child.send("G")
        caught_up = seen.until(lambda text: LAST in text, longest=300)
        seen.child.send("q")
        seen.wait()
        print(table("A key while it floods", [("the prompt stands there", answers, "ms")]))
        print(f"p99 {percentile(answers, 0.99):.0f} ms of {len(answers)} keys")
        third = len(sizes) // 3
        print(f"memory: median {sorted(sizes[:third])[third // 2]:.0f} MiB in the first third of the time,", end=" ")
        print(f"{sorted(sizes[-third:])[third // 2]:.0f} in the last, at most {max(sizes):.0f}")
        print("caught up:", "yes" if caught_up else "NO", "-", kept(root))


def kept(root: Path) -> str:
    """Whether the store has each numbered line once, in order."""
    store = LogStore(root / ".devkit" / "logs")
    source = store.source("app-1")
    expected, markers = source.forgotten + 1, 0  # the oldest went for the disk budget, and were counted
    try:
        for _, line in source.after(START):
            if line[:1] == b"m":
                markers += 1
            elif match := re.match(rb".{32}line (\d+) of", line):
                if int(match[1]) != expected:
                    return f"line {expected} expected, found {int(match[1])}"
                expected += 1
    finally:
        store.close()
    gone = f", the oldest {source.forgotten:,} deleted for the disk budget" if source.forgotten else ""
    return f"{expected - 1:,} lines, each once, {markers} markers, none lost{gone}"


def eight(seconds: int) -> None:
    with project({f"service{number}": THOUSAND for number in range(1, 9)}) as root:
        seen = Seen(devkit_command(), root)
        seen.drain(5)
        before = store_lines(root)
        used = seen.cpu_share(seconds)
        rate = (store_lines(root) - before) / seconds
        seen.close()
        print(table("Eight services", [("CPU of one core", [used], "%")]))
        print(f"{rate:,.0f} lines a second in all")


def store_lines(root: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in (root / ".devkit" / "logs" / "sources").glob("*/*.log"))


def main(arguments: list[str]) -> None:
    given = dict(zip(arguments[::2], map(int, arguments[1::2]), strict=True)) or {
        "history": 1_000_000,
        "flood": 60,
        "eight": 30,
    }
    for name, amount in given.items():
        {"history": history, "flood": flood, "eight": eight}[name](amount)


if __name__ == "__main__":
    main(sys.argv[1:])

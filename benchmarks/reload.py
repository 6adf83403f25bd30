"""Save to new code answered, in worker mode: a route's text changes, and requests go on until the new one is seen.

    python benchmarks/reload.py PROJECT [EDITS]

The other side is a file that Caddy serves by itself: what the loop of saving and asking costs without PHP.
Target: p95 at most 500 ms over 100 edits, none missed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from measure import body_of, devkit, table

_GIVE_UP = 10.0


def main(project: Path, edits: int) -> None:
    status = json.loads(devkit("status", "--json", directory=project).stdout)
    port = int(status["url"].rpartition(":")[2])
    route, static = project / "routes" / "web.php", project / "public" / "bench.txt"
    original = route.read_text(encoding="utf-8")
    php: list[float] = []
    caddy: list[float] = []
    missed = 0
    try:
        for number in range(edits):
            text = f"edit-{number}-{time.time_ns()}"
            route.write_text(f"{original}\nRoute::get('/bench', fn () => '{text}');\n", encoding="utf-8")
            took = until(port, "/bench", text)
            if took is None:
                missed += 1
            else:
                php.append(took)
            static.write_text(text, encoding="utf-8")
            took = until(port, "/bench.txt", text)
            if took is not None:
                caddy.append(took)
    finally:
        route.write_text(original, encoding="utf-8")
        static.unlink(missing_ok=True)
    print(
        table(
            "Save to answered",
            [("a static file, by Caddy", caddy, "ms"), ("a route, in worker mode", php, "ms")],
        )
    )
    print(f"missed: {missed} of {edits}")


def until(port: int, path: str, text: str) -> float | None:
    """Milliseconds from now until the page says `text`; None after ten seconds."""
    began = time.perf_counter()
    while time.perf_counter() - began < _GIVE_UP:
        _, body = body_of(port, path)
        if text.encode() in body:
            return (time.perf_counter() - began) * 1000
    return None


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 100)

"""From an edited line to the first new pod that answers with it, on a real Kubernetes: `devkit deploy local`.

    python benchmarks/edit_to_pod.py [ROUNDS]

Each round saves another text in routes/web.php, and runs `devkit deploy local` as a person would: the image is built
(its layers but the last ones cached), taken into the node, checked, migrated and rolled out under load. Timed is the
first answer with the new text, asked for from outside of the cluster. Target: at most 40 s.
"""

from __future__ import annotations

import http.client
import subprocess
import sys
import threading
import time

from cluster import PORT, Bench, released
from measure import table


def main(rounds: int) -> None:
    answered, ended = [], []
    with released() as bench:
        for number in range(rounds + 1):
            first, whole = edit(bench, number)
            if number:  # the first round fills caches
                answered.append(first)
                ended.append(whole)
    print(table("an edited line, in seconds", [("first new pod answers", answered, "s"), ("all is done", ended, "s")]))


def edit(bench: Bench, number: int) -> tuple[float, float]:
    """Save, deploy; seconds to the first new answer, and to the end."""
    directory = bench.shop.project.directory
    path = directory / "routes" / "web.php"
    path.write_text(path.read_text() + f"\nRoute::get('/edit-{number}', fn () => 'edit {number}');\n")
    began = time.perf_counter()
    seen: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set() and not seen:
            connection = http.client.HTTPConnection(bench.address, PORT, timeout=5)
            try:
                connection.request("GET", f"/edit-{number}")
                if connection.getresponse().read() == f"edit {number}".encode():
                    seen.append(time.perf_counter() - began)
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.1)

    watcher = threading.Thread(target=ask, daemon=True)
    watcher.start()
    done = bench.shop.devkit("deploy", "local", "--requests", "1")
    whole = time.perf_counter() - began
    stop.set()
    watcher.join()
    if done.status or not seen:
        sys.exit(f"devkit deploy local ended with {done.status}:\n{done.stderr[-3000:]}")
    return seen[0], whole


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
    except subprocess.TimeoutExpired as error:
        sys.exit(str(error))

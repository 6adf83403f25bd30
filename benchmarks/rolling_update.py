"""Rolling updates under load on a real Kubernetes: requests that failed, with devkit's drain and without.

    python benchmarks/rolling_update.py [ROLLS] [REQUESTS]

One node in a container of the engine, the overlay for a rehearsal (two pods), eight kept connections from outside of
the cluster that ask `/up` all the while. ROLLS (10) with the manifests as they are, and between them every fifth one
with a Deployment as most people write it, without preStop; the load goes on until REQUESTS (100000) are answered.
Target: none of 100,000 fails.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter

from cluster import Bench, Clients, released
from measure import percentile

_WITHOUT = [{"op": "remove", "path": "/spec/template/spec/containers/0/lifecycle"}]


def main(rolls: int, requests: int) -> None:
    with released() as bench:
        lifecycle = json.loads(bench.kubectl("get", "deployment", "laravel", "--output", "json"))
        lifecycle = lifecycle["spec"]["template"]["spec"]["containers"][0]["lifecycle"]
        again = [{"op": "add", "path": "/spec/template/spec/containers/0/lifecycle", "value": lifecycle}]
        drained, plain = Clients(bench.address, "/up"), Clients(bench.address, "/up")
        with drained:
            seconds = [roll(bench) for _ in range(rolls // 2)]
        patch(bench, _WITHOUT)
        with plain:
            without = [roll(bench) for _ in range(max(1, rolls // 5))]
        patch(bench, again)
        more = Clients(bench.address, "/up")
        with more:
            seconds += [roll(bench) for _ in range(rolls - rolls // 2)]
            while drained.requests + more.requests < requests:
                time.sleep(1)
    print(report(f"with the drain, {rolls} rolls", seconds, drained, more))
    print(report(f"without preStop, {len(without)} rolls", without, plain))
    sys.exit(1 if drained.failures or more.failures else 0)


def roll(bench: Bench) -> float:
    """New pods in the place of all; seconds until the last one is ready and the old ones are ending."""
    began = time.perf_counter()
    bench.kubectl("rollout", "restart", "deployment/laravel")
    bench.rolled_out()
    return time.perf_counter() - began


def patch(bench: Bench, operations: object) -> None:
    bench.kubectl("patch", "deployment", "laravel", "--type", "json", "--patch", json.dumps(operations))
    bench.rolled_out()
    # Those before it drain for ten seconds: they belong to neither side.
    time.sleep(20)


def report(title: str, seconds: list[float], *sides: Clients) -> str:
    latencies = [value for side in sides for value in side.latencies]
    failures = Counter(text for side in sides for text in side.failures)
    lines = [
        f"{title}: {len(latencies) + failures.total()} requests, {failures.total()} failed",
        f"  a roll: median {statistics.median(seconds):.1f} s, p95 {percentile(seconds, 0.95):.1f} s",
        f"  a request: median {statistics.median(latencies):.1f} ms, p95 {percentile(latencies, 0.95):.1f} ms,"
        f" p99 {percentile(latencies, 0.99):.1f} ms",
    ]
    return "\n".join([*lines, *(f"  {count} x {text}" for text, count in failures.most_common(5))])


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*(given + [10, 100_000][len(given) :]))

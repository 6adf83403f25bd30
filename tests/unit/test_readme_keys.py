"""The README's table of tabs: every key that it names is bound where it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.keys import _character_to_key

from devkit.tui.keys import artisan, build, doctor, environment, logs, queue, requests, services, tables, tests, workers

pytestmark = pytest.mark.unit

README = (Path(__file__).parent.parent.parent / "README.md").read_text(encoding="utf-8")
TABS = {
    "Services (left)": [*services.SERVICES, *services.LIST],
    "Logs": logs.LOGS,
    "Tests": [*tests.TESTS, *tests.TEST_LIST],
    "Artisan": [*artisan.ARTISAN, *artisan.LIST],
    "Workers": workers.WORKERS,
    "Queue": [*queue.QUEUE, *tables.TABLE],
    "Requests": [*requests.REQUESTS, *tables.TABLE],
    "Build": [*build.BUILD, *tables.TABLE],
    "Environment": environment.ENVIRONMENT,
    "Doctor": doctor.DOCTOR,
}
ELSEWHERE = {"enter": "the list itself", "!": "typed into a prompt"}


def named_in(tab: str) -> list[str]:
    """The keys of a row; what is longer than a key is an example of what may be typed."""
    (row,) = [line for line in README.splitlines() if line.startswith(f"| {tab} |")]
    return [word for word in re.findall(r"`([^`]+)`", row.split("|")[3]) if len(word) == 1 or word in ELSEWHERE]


@pytest.mark.parametrize("tab", TABS)
def test_every_key_that_the_table_names_is_bound(tab: str) -> None:
    bindings: list[Binding] = TABS[tab]
    bound = {key for binding in bindings for key in binding.key.split(",")}
    named = named_in(tab)
    assert named
    missing = [
        key for key in named if key not in ELSEWHERE and _character_to_key(key) not in bound and key not in bound
    ]
    assert missing == []

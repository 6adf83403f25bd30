"""Who descends from a child: by /proc, and by ps where there is none."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from devkit.engine import family
from devkit.engine.family import Family, kin_by_ps

pytestmark = pytest.mark.unit


def test_ps_says_the_same_as_proc() -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        try:
            ids = {pid: parent for (pid, _), (parent, _) in kin_by_ps().items()}
            assert ids[child.pid] == os.getpid()
            assert kin_by_ps().keys() & kin_by_ps().keys()  # the start is told the same each time
        finally:
            child.kill()


@pytest.mark.parametrize("group", [0, None])
@pytest.mark.parametrize("lists", ["proc", "ps"])
def test_all_of_a_family_ends_also_who_has_lost_the_parent(
    lists: str, group: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lists == "ps":
        monkeypatch.setattr(family, "kin", kin_by_ps)
    script = "sh -c 'trap \"\" TERM; echo ready; sleep 320; sleep 321; true' & wait; true"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, process_group=group) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        everyone = Family(child)
        everyone.signal(signal.SIGTERM)
        assert child.wait(20) == -signal.SIGTERM
        assert not everyone.wait(0.1)
        everyone.end(0.1)
        assert child.stdout.read() == b""  # nobody is left who could write

"""Watches over a program in kubectl's place: what it prints is heard, and it ends with whoever started it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devkit.delivery.cluster.kubectl import Kubectl, documents
from devkit.delivery.cluster.objects import name_of
from devkit.delivery.cluster.watching import watching
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit

LONG = 20.0
"""Nothing takes so long here: a test that waits for it has failed."""

EVENT = '{"type": "%s", "object": {"kind": "Pod", "metadata": {"name": "%s"}}}'


def kubectl(directory: Path, script: str) -> Kubectl:
    program = directory / "kubectl"
    program.write_text(f"#!/bin/sh\ncd {directory}\n{script}\n")
    program.chmod(0o755)
    return Kubectl(program, "kind", "https://127.0.0.1:6443")


def test_a_watch_that_ends_is_begun_anew(tmp_path: Path) -> None:
    script = f"""
if mkdir once 2>/dev/null; then echo '{EVENT % ("ADDED", "first")}'; exit; fi
echo '{EVENT % ("DELETED", "second")}'
exec sleep 600"""
    with watching(kubectl(tmp_path, script), ["pods"]) as watches:
        first, second = watches.next(LONG), watches.next(LONG)
        assert watches.next(0.0) is None
    assert first is not None and second is not None
    assert [(name_of(one.object), one.deleted) for one in (first, second)] == [("first", False), ("second", True)]


def test_one_that_cannot_be_had_says_why(tmp_path: Path) -> None:
    said = (
        'echo "The connection to the server 127.0.0.1:6443 was refused - did you specify the right host or port?" >&2'
    )
    with (
        watching(kubectl(tmp_path, f"echo x >> calls; {said}; exit 1"), ["pods"]) as watches,
        pytest.raises(FailedError, match=r"the context kind \(https://127.0.0.1:6443\) does not answer"),
    ):
        watches.next(LONG)
    assert (tmp_path / "calls").read_text().split() == ["x"] * 4


def test_its_program_ends_with_the_block_also_where_that_is_left_by_an_exception(tmp_path: Path) -> None:
    script = f"touch pid-$$; echo '{EVENT % ('ADDED', 'a')}'; exec sleep 600"
    with pytest.raises(KeyboardInterrupt), watching(kubectl(tmp_path, script), ["pods"], ["jobs"]) as watches:
        assert watches.next(LONG) is not None
        assert watches.next(LONG) is not None
        raise KeyboardInterrupt
    left = [int(path.name.partition("-")[2]) for path in tmp_path.glob("pid-*")]
    assert len(left) == 2
    for pid in left:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_objects_go_through_stdin_and_never_through_arguments(tmp_path: Path) -> None:
    made = kubectl(tmp_path, 'echo "$@" > arguments; cat > stdin')
    made.inside("shop").apply([{"kind": "Secret", "stringData": {"A": "value-of-a"}}])
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments == [
        "--context",
        "kind",
        "--namespace",
        "shop",
        "--request-timeout=10s",
        "apply",
        "--filename",
        "-",
    ]
    assert "value-of-a" in (tmp_path / "stdin").read_text()


def test_what_is_answered_in_pieces_has_no_time_limit(tmp_path: Path) -> None:
    made = kubectl(tmp_path, "true")
    for words in (["logs", "a", "--follow"], ["get", "pods", "--watch"], ["delete", "--wait", "a"], ["exec", "a"]):
        assert not [word for word in made.command(words) if word.startswith("--request-timeout")]


def test_documents_behind_each_other_are_told_apart() -> None:
    assert list(documents('{"a": 1}\n{"b": [2]}\n')) == [{"a": 1}, {"b": [2]}]
    assert list(documents(" \n")) == []

from __future__ import annotations

from typing import Any

import pytest
from cluster_objects import deployment, replica_set

from devkit.delivery.cluster.before import before_of
from devkit.delivery.cluster.revisions import chosen, revisions_of
from devkit.project.errors import FailedError, UsageError

pytestmark = pytest.mark.unit

ONE, TWO, THREE = (f"shop@sha256:{sign * 64}" for sign in "123")
NOTED = {"org.devkit.deployed-by": "ada@desk", "org.devkit.deployed-at": "2026-11-30T15:00:00+00:00"}


@pytest.fixture
def sets() -> list[dict[str, Any]]:
    return [
        replica_set("laravel", 4, "a1", image=ONE, former="1", annotations=NOTED),
        replica_set("laravel", 2, "a2", image=TWO),
        replica_set("laravel", 3, "a3", image=THREE),
        # queue has not been rolled as often as the other
        replica_set("queue", 1, "b2", image=TWO),
        replica_set("queue", 2, "b3", image=THREE),
    ]


def test_revisions_come_newest_first_with_who_and_when(sets: list[dict[str, Any]]) -> None:
    found = revisions_of(sets, "laravel")
    assert [(one.number, one.image) for one in found] == [(4, ONE), (3, THREE), (2, TWO)]
    assert (found[0].by, found[0].time) == ("ada@desk", "2026-11-30T15:00:00+00:00")
    assert (found[1].by, found[1].time) == ("", "2026-11-30T14:03:00Z")
    assert found[2].to_json() == {
        "revision": 2,
        "image": TWO,
        "time": "2026-11-30T14:02:00Z",
        "by": None,
        "cause": None,
    }


def test_without_a_number_it_is_the_one_before_and_every_deployment_gets_its_image(sets: list[dict[str, Any]]) -> None:
    goals = chosen(sets, ["laravel", "queue"], None)
    assert {name: (one.number, one.image) for name, one in goals.items()} == {
        "laravel": (3, THREE),
        "queue": (2, THREE),
    }


def test_a_number_that_it_had_before_it_was_gone_back_to_is_known_too(sets: list[dict[str, Any]]) -> None:
    assert chosen(sets, ["laravel"], 1)["laravel"].number == 4


def test_a_revision_that_is_not_there_is_refused_with_those_that_are(sets: list[dict[str, Any]]) -> None:
    with pytest.raises(UsageError, match="no revision 9") as caught:
        chosen(sets, ["laravel"], 9)
    assert caught.value.hint == "the revisions are: 4, 3, 2"


def test_a_release_is_not_torn_apart(sets: list[dict[str, Any]]) -> None:
    with pytest.raises(FailedError, match=f"Deployment queue has no revision with {ONE}") as caught:
        chosen(sets, ["laravel", "queue"], 4)
    assert "--image sha256:1" in caught.value.hint


def test_the_first_release_has_nothing_before_it() -> None:
    with pytest.raises(FailedError, match="no revision to go back to"):
        chosen([replica_set("laravel", 1, "a")], ["laravel"], None)


def test_what_was_there_before_is_kept_to_be_brought_back() -> None:
    applied = '{"kind":"Service","metadata":{"name":"web"}}'
    service = {
        "kind": "Service",
        "metadata": {"name": "web", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}},
    }
    wanted = [deployment(), service, {"kind": "CronJob", "metadata": {"name": "scheduler"}}]
    before = before_of(wanted, [deployment(revision=7), service])
    assert before.has_release
    assert before.revisions == {"laravel": 7}
    assert list(before.applied) == ["Service web"]
    assert before.missing == ("CronJob scheduler",)

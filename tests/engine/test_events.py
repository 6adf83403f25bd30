"""Events of the real engine."""

from __future__ import annotations

import asyncio
import secrets

import pytest

from devkit.engine.docker import Docker
from devkit.engine.events import Event, engine_events
from devkit.engine.images.catalogue import DEBIAN

pytestmark = pytest.mark.engine


def test_events_of_one_label_come_in_order_and_with_their_attributes(docker: Docker) -> None:
    label = f"devkit.test={secrets.token_hex(4)}"

    async def collect() -> list[Event]:
        seen: list[Event] = []
        async with asyncio.timeout(60), engine_events(docker, {"type": ["container"], "label": [label]}) as events:
            run = ("run", "--rm", "--network", "none")
            others = asyncio.to_thread(docker.run, *run, DEBIAN, "true")
            ours = asyncio.to_thread(docker.run, *run, "--label", label, DEBIAN, "sh", "-c", "exit 3", check=False)
            work = asyncio.gather(others, ours)
            async for event in events:
                seen.append(event)
                if event.action == "destroy":
                    break
            await work
        return seen

    seen = asyncio.run(collect())
    actions = [event.action for event in seen if event.action in ("create", "start", "die", "destroy")]
    assert actions == ["create", "start", "die", "destroy"]
    died = next(event for event in seen if event.action == "die")
    assert died.attributes["exitCode"] == "3"
    assert len({event.actor for event in seen}) == 1


def test_an_event_between_the_call_and_the_reading_is_not_lost(docker: Docker) -> None:
    name = f"devkit-test-{secrets.token_hex(4)}"

    async def first() -> Event:
        async with asyncio.timeout(60), engine_events(docker, {"container": [name]}) as events:
            # all is over before the first read
            docker.run("run", "--rm", "--network", "none", "--name", name, DEBIAN, "true")
            async for event in events:
                return event
        raise AssertionError

    assert asyncio.run(first()).action == "create"

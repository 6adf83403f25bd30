from __future__ import annotations

import asyncio

import pytest

from devkit.engine.patience import set_within

pytestmark = [pytest.mark.unit, pytest.mark.anyio]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_an_event_that_comes_is_waited_for() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    assert await set_within(60, event)


async def test_one_that_does_not_come_is_given_up() -> None:
    assert not await set_within(0, asyncio.Event())


async def test_one_that_has_come_is_not_waited_for() -> None:
    event = asyncio.Event()
    event.set()
    assert await set_within(0, event)

"""Waiting for what should come soon, and going on without it."""

from __future__ import annotations

import asyncio


async def set_within(seconds: float | None, event: asyncio.Event) -> bool:
    """Wait for the event, at most so many seconds, or for good with None; whether it is set."""
    if not event.is_set():
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
    return True

"""Builds as the history keeps them, for tests."""

from __future__ import annotations

from typing import Any

from devkit.delivery.build_record import BuildRecord, Reason, StepRecord

MONDAY = 1_767_603_600.0
"""2026-01-05, 09:00 UTC."""

DAY = 86_400.0


def step(name: str, *, cached: bool = False, seconds: float = 0.0, **more: Any) -> StepRecord:
    return StepRecord(name, more.pop("stage", "app"), cached, seconds, **more)


def record(*steps: StepRecord, **more: Any) -> BuildRecord:
    fields: dict[str, Any] = {"project": "shop", "stage": "app", "image": "shop-app:app", "started": MONDAY}
    return BuildRecord(**{**fields, "seconds": 3.0, "status": "done", "steps": steps, **more})


def rebuilt(name: str, seconds: float, *files: str, **more: Any) -> StepRecord:
    reason = Reason("files", f"{', '.join(files)} changed", files)
    return step(name, seconds=seconds, reason=reason, **more)

"""A build's events as JSON, one on a line (`devkit build --lines`): for whoever shows what another process builds.

They hold what the events hold, which are without the secrets of .env.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from devkit.delivery.build_progress import (
    BuildEnded,
    BuildEvent,
    BuildStarted,
    BuildWarning,
    Preparing,
    Pushed,
    Pushing,
)
from devkit.delivery.build_record import build_from_json
from devkit.engine.build_events import BuildStep, StepEnded, StepOutput, StepStarted


@dataclass(frozen=True)
class BuildFailed:
    """Why there is no image, and what to do; `detail` are the last lines that were seen of it."""

    message: str
    hint: str = ""
    detail: tuple[str, ...] = ()


ToldEvent = BuildEvent | BuildFailed


def event_to_json(event: ToldEvent) -> dict[str, Any]:
    """One line's object; `event` says what it is."""
    match event:
        case Preparing(text):
            return {"event": "preparing", "text": text}
        case BuildStarted(stage, image, steps, dockerfile, command):
            return {
                "event": "started",
                "stage": stage,
                "image": image,
                "steps": steps,
                "dockerfile": dockerfile,
                "command": list(command),
            }
        case StepStarted(step):
            return {"event": "step", **_step(step)}
        case StepOutput(step, text):
            return {"event": "output", "stage": step.stage, "number": step.number, "text": text}
        case StepEnded(step):
            ended = {"cached": step.cached, "seconds": step.seconds, "digest": step.digest, "error": step.error}
            return {"event": "step_ended", **_step(step), **ended}
        case Pushing(text):
            return {"event": "pushing", "text": text}
        case Pushed(reference, digest):
            return {"event": "pushed", "reference": reference, "digest": digest}
        case BuildWarning(text):
            return {"event": "warning", "text": text}
        case BuildEnded(record):
            return {"event": "ended", "build": record.to_json()}
        case BuildFailed(message, hint, detail):
            return {"event": "failed", "message": message, "hint": hint, "detail": list(detail)}


@dataclass
class EventReader:
    """Reads the lines of one build: what a step writes comes with the step as it was when it began."""

    _steps: dict[tuple[str, int], BuildStep] = field(default_factory=dict)

    def read(self, line: bytes | str) -> ToldEvent | None:
        """The event of a line; None for any other line."""
        try:
            body = json.loads(line)
            return self._event(body) if isinstance(body, dict) else None
        except (ValueError, KeyError, TypeError):
            return None

    def _event(self, body: Mapping[str, Any]) -> ToldEvent | None:
        match body.get("event"):
            case "output":
                place = str(body["stage"]), int(body["number"])
                step = self._steps.get(place) or BuildStep("", place[0], False, 0.0, place[1])
                return StepOutput(step, str(body["text"]))
            case "step":
                return StepStarted(self._known(body))
            case "step_ended":
                return StepEnded(self._known(body))
            case "started":
                return BuildStarted(
                    str(body["stage"]),
                    str(body["image"]),
                    int(body["steps"]),
                    str(body.get("dockerfile", "")),
                    _texts(body.get("command")),
                )
            case "ended":
                build = body["build"]
                record = build_from_json(build, project=str(build["project"]), id=str(build["id"]))
                return BuildEnded(replace(record, origin="here"))
            case "failed":
                return BuildFailed(str(body["message"]), str(body.get("hint", "")), _texts(body.get("detail")))
            case "pushed":
                return Pushed(str(body["reference"]), str(body["digest"]))
            case "preparing":
                return Preparing(str(body["text"]))
            case "pushing":
                return Pushing(str(body["text"]))
            case "warning":
                return BuildWarning(str(body["text"]))
        return None

    def _known(self, body: Mapping[str, Any]) -> BuildStep:
        step = BuildStep(
            str(body["name"]),
            str(body["stage"]),
            bool(body.get("cached", False)),
            float(body.get("seconds", 0.0)),
            int(body["number"]),
            int(body.get("of", 0)),
            str(body.get("digest", "")),
            str(body.get("error", "")),
        )
        self._steps[step.stage, step.number] = step
        return step


def _step(step: BuildStep) -> dict[str, Any]:
    return {"name": step.name, "stage": step.stage, "number": step.number, "of": step.of}


def _texts(value: Sequence[Any] | None) -> tuple[str, ...]:
    return tuple(map(str, value or ()))

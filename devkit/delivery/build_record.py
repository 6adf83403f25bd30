"""A build that is over: its steps, what they cost and saved, and why each was rebuilt. It holds no secret."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, cast, get_args

from devkit.engine.build_events import BuildStep

Status = Literal["done", "failed", "cancelled"]
Cause = Literal["no-cache", "first", "base", "instruction", "files", "before", "stage", "argument", "gone"]
"""Why a step was rebuilt: it was asked for; nothing is known from before; the base image, the instruction or files are
others; the step before it or the stage it copies from was rebuilt; a build argument; its layer is no longer there.
"""

_FAR = 32_503_680_000.0  # the year 3000

STATUSES = get_args(Status)
CAUSES = get_args(Cause)

LOCK_FILES = (
    "composer.lock",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
)
"""Files that another dependency changes, at the root of a project."""


@dataclass(frozen=True)
class Reason:
    """Why a step was rebuilt, in one line; `files` are those whose text is another, named from the build context."""

    cause: Cause
    text: str
    files: tuple[str, ...] = ()

    @property
    def is_root(self) -> bool:
        """Whether the cause is here, and not in a step before."""
        return self.cause not in ("before", "stage")


@dataclass(frozen=True)
class StepRecord:
    """One step: from the cache, or rebuilt in `seconds` for a reason.

    `saved` is what it cost when it was last built, in seconds, if the cache had it; None where nobody knows.
    """

    name: str
    stage: str
    cached: bool
    seconds: float
    number: int = 0
    digest: str = ""
    saved: float | None = None
    reason: Reason | None = None
    error: str = ""

    @staticmethod
    def of(step: BuildStep, *, name: str, error: str) -> StepRecord:
        """A step of a build, with its texts as they may be kept."""
        return StepRecord(name, step.stage, step.cached, step.seconds, step.number, step.digest, error=error)

    def to_json(self) -> dict[str, Any]:
        """One element of `steps` in `devkit build --json`."""
        body: dict[str, Any] = {
            "name": self.name,
            "stage": self.stage,
            "cached": self.cached,
            "seconds": self.seconds,
            "number": self.number,
            "digest": self.digest,
            "saved": self.saved,
            "reason": None,
        }
        if self.reason is not None:
            body["reason"] = {"cause": self.reason.cause, "text": self.reason.text, "files": list(self.reason.files)}
        return body | ({"error": self.error} if self.error else {})


@dataclass(frozen=True)
class BuildRecord:
    """One build, here or in CI: `started` in seconds since the epoch, `seconds` by the wall clock.

    `locks` are short digests of the lock files as they were. `pushed` is the digest that a registry has of the image.
    """

    project: str
    stage: str
    image: str
    started: float
    seconds: float
    status: Status
    steps: tuple[StepRecord, ...] = ()
    locks: Mapping[str, str] = field(default_factory=dict)
    pushed: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    origin: Literal["here", "imported"] = "here"

    @property
    def hits(self) -> int:
        """How many steps came from the cache."""
        return sum(step.cached for step in self.steps)

    @property
    def total(self) -> int:
        """How many steps there were."""
        return len(self.steps)

    @property
    def spent(self) -> float:
        """Seconds of the steps that were rebuilt; some may have run side by side."""
        return round(sum(step.seconds for step in self.steps if not step.cached), 3)

    @property
    def saved(self) -> float:
        """Seconds that the steps from the cache cost when they were last built, as far as that is known."""
        return round(sum(step.saved or 0.0 for step in self.steps), 3)

    @property
    def unknown(self) -> int:
        """How many steps came from the cache that were never seen to be built: what they saved is not known."""
        return sum(step.cached and step.saved is None for step in self.steps)

    @property
    def roots(self) -> tuple[StepRecord, ...]:
        """The rebuilt steps whose cause lies in themselves: the others follow from them."""
        return tuple(step for step in self.steps if step.reason is not None and step.reason.is_root)

    def to_json(self) -> dict[str, Any]:
        """The object of `devkit build --json`, which `devkit cache import` reads."""
        return {
            "stage": self.stage,
            "image": self.image,
            "seconds": self.seconds,
            "steps": [step.to_json() for step in self.steps],
            "hits": self.hits,
            "total": self.total,
            "saved": self.saved,
            "digest": self.pushed or None,
            "id": self.id,
            "project": self.project,
            "time": datetime.fromtimestamp(self.started, UTC).isoformat(timespec="milliseconds"),
            "status": self.status,
            "locks": dict(self.locks),
        }


def build_from_json(body: Mapping[str, Any], *, project: str, id: str) -> BuildRecord:
    """The record that an object of `devkit build --json` stands for; ValueError says what is wrong with it.

    `project` and `id` hold where it names none: what other programs write needs no more than the contract's keys.
    """
    try:
        return BuildRecord(
            project=str(body.get("project") or project),
            stage=str(body["stage"]),
            image=str(body.get("image") or ""),
            started=_moment(body["time"]),
            seconds=_seconds(body["seconds"]),
            status=_one_of(STATUSES, body.get("status", "done")),
            steps=tuple(map(_step, _list(body["steps"]))),
            locks={str(name): str(digest) for name, digest in dict(body.get("locks") or {}).items()},
            pushed=str(body.get("digest") or ""),
            id=str(body.get("id") or id),
            origin="imported",
        )
    except KeyError as error:
        raise ValueError(f"it has no {error.args[0]!r}") from error
    except (TypeError, AttributeError) as error:
        raise ValueError("it is no build") from error


def _step(body: Mapping[str, Any]) -> StepRecord:
    saved, cached = body.get("saved"), body["cached"]
    if not isinstance(cached, bool):
        raise ValueError(f"a step's `cached` is {cached!r}")
    return StepRecord(
        name=str(body["name"]),
        stage=str(body["stage"]),
        cached=cached,
        seconds=_seconds(body["seconds"]),
        number=int(body.get("number") or 0),
        digest=str(body.get("digest") or ""),
        saved=None if saved is None else _seconds(saved),
        reason=reason_from_json(body.get("reason")),
        error=str(body.get("error") or ""),
    )


def reason_from_json(body: Mapping[str, Any] | None) -> Reason | None:
    """A step's reason as `to_json` writes it; ValueError, KeyError or TypeError for what is none."""
    if not body:
        return None
    return Reason(
        cast(Cause, _one_of(CAUSES, body["cause"])), str(body["text"]), tuple(map(str, _list(body.get("files") or [])))
    )


def _one_of(known: Sequence[str], word: Any) -> Any:
    if word not in known:
        raise ValueError(f"{word!r} is none of {', '.join(known)}")
    return word


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise ValueError("it has no list where one belongs")
    return value


def _seconds(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError(f"{value!r} is no number of seconds")
    return float(value)


def _moment(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not 0 <= value < _FAR:
            raise ValueError(f"{value!r} is no time")
        return float(value)
    moment = datetime.fromisoformat(str(value))
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()

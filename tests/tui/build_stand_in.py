"""A small program in the place of `devkit build` and `devkit cache`: a real process that tells what a test wants."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from devkit.delivery.build_lines import BuildFailed, ToldEvent, event_to_json
from devkit.delivery.build_progress import BuildEnded, BuildStarted
from devkit.delivery.build_record import BuildRecord, Reason, StepRecord
from devkit.engine.build_events import BuildStep, StepEnded, StepOutput, StepStarted
from devkit.setup import child

DOCKERFILE = """\
FROM php AS base-runtime
RUN install-php-extensions intl
WORKDIR /app

FROM base-runtime AS dependencies
COPY composer.json composer.lock ./
RUN composer install --no-dev

FROM base-runtime AS development
COPY docker/entrypoint /usr/local/bin/
RUN --mount=type=cache,target=/c \\
    make all
"""
PLAIN = ("docker", "buildx", "build", "--target", "development", "--tag", "shop-app:development", "--load", ".")
COPY = BuildStep("COPY docker/entrypoint /usr/local/bin/", "development", False, 0.0, 1, 2)
MAKE = BuildStep("RUN --mount=type=cache,target=/c make all", "development", False, 0.0, 2, 2)
INTL = BuildStep("RUN install-php-extensions intl", "base-runtime", True, 0.0, 2, 3)
DIRECTORY = BuildStep("WORKDIR /app", "base-runtime", True, 0.0, 3, 3)
FILES = Reason("files", "docker/entrypoint changed", ("docker/entrypoint",))
MADE = BuildRecord(
    "shop",
    "development",
    "shop-app:development",
    1_769_853_600.0,
    3.1,
    "done",
    (
        StepRecord(INTL.name, "base-runtime", True, 0.0, 2, saved=38.0),
        StepRecord(DIRECTORY.name, "base-runtime", True, 0.0, 3, saved=0.1),
        StepRecord(COPY.name, "development", False, 0.25, 1, reason=FILES),
        StepRecord(MAKE.name, "development", False, 2.5, 2, reason=Reason("before", "the step before it was rebuilt")),
    ),
    id="made",
)

_PROGRAM = """\
#!/bin/sh
cd "$(dirname "$0")" || exit 1
printf '%s\\n' "$*" >> words
case " $* " in
*" cache "*) cat advice; exit 0 ;;
*" build "*) ;;
*) exit 1 ;;
esac
trap 'echo stopped >> words; cat stopped; exit 143' TERM
cat begin
while [ -e waits ]; do sleep 0.02; done
cat end
exit "$(cat status)"
"""


def started(root: Path, stage: str = "development", steps: int = 4) -> BuildStarted:
    return BuildStarted(stage, f"shop-app:{stage}", steps, str(root / "Dockerfile"), PLAIN)


def running(root: Path) -> list[ToldEvent]:
    """Two steps came from the cache, one is done, and the last one runs."""
    return [
        started(root),
        StepEnded(INTL),
        StepEnded(DIRECTORY),
        StepStarted(COPY),
        StepEnded(BuildStep(COPY.name, COPY.stage, False, 0.25, 1, 2)),
        StepStarted(MAKE),
        StepOutput(MAKE, "compiling \x1b[2J[brackets]\x07"),
    ]


DONE: list[ToldEvent] = [StepEnded(BuildStep(MAKE.name, MAKE.stage, False, 2.5, 2, 2)), BuildEnded(MADE)]


def failed() -> list[ToldEvent]:
    """The last step fails."""
    error = 'process "/bin/sh -c make all" did not complete successfully: exit code: 2'
    steps = (*MADE.steps[:3], StepRecord(MAKE.name, "development", False, 2.5, 2, error=error))
    record = BuildRecord("shop", "development", "shop-app:development", 1_769_853_600.0, 3.1, "failed", steps)
    return [
        StepOutput(MAKE, "make: *** No rule to make target 'all'.  Stop."),
        StepEnded(BuildStep(MAKE.name, MAKE.stage, False, 2.5, 2, 2, error=error)),
        BuildEnded(record),
        BuildFailed("the stage development could not be built: [development 2/2] RUN make all: Stop.", "mend it"),
    ]


class BuildStandIn:
    """What is told, and what was asked."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.program = directory / "devkit"
        self.program.write_text(_PROGRAM)
        self.program.chmod(0o755)
        self.advises()
        (directory / "stopped").touch()
        self.tells((), ())

    @property
    def asked(self) -> list[str]:
        """The words of each build, and that it was stopped."""
        file = self._directory / "words"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line[line.index("build") :] if "build" in line else line for line in lines if " cache" not in line]

    def tells(self, begin: Iterable[ToldEvent], end: Iterable[ToldEvent], status: int = 0) -> None:
        """From the next build on."""
        for name, events in (("begin", begin), ("end", end)):
            self.says(name, "".join(f"{json.dumps(event_to_json(event))}\n" for event in events))
        (self._directory / "status").write_text(str(status))

    def says(self, part: str, text: str) -> None:
        """The lines of `begin`, `end` or `stopped` as they are."""
        (self._directory / part).write_text(text)

    def advises(self, *advice: dict[str, Any]) -> None:
        (self._directory / "advice").write_text(json.dumps({"advice": list(advice)}) + "\n")

    def waits(self, *, waits: bool = True) -> None:
        """It goes no further than its begin, until it is let go."""
        mark = self._directory / "waits"
        mark.touch() if waits else mark.unlink()


def stand_in(directory: Path, monkeypatch: pytest.MonkeyPatch) -> BuildStandIn:
    """The program, in the place of every `devkit` that the app runs."""
    directory.mkdir()
    made = BuildStandIn(directory)
    monkeypatch.setattr(child, "devkit_command", lambda _root, *words: [str(made.program), *words])
    return made

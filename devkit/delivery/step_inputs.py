"""What each step of a build is made of, as far as it can be seen from here: compared with the last time, it says why.

A layer's key is BuildKit's affair, and its digests are others in every build of files from a context; so the parts are
looked at instead: the instruction, what stands before it, the files that it takes, the base image.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from devkit.delivery.context_files import ContextFiles, ContextTooLargeError, Fingerprints, context_sources
from devkit.engine.dockerfile import Dockerfile, Instruction, Stage, argument_defaults, expand, taken_from

_SETTING = ("ENV", "ARG", "USER", "SHELL")
"""Instructions that are no steps, and change those behind them."""


class StepKey(NamedTuple):
    """Which step it is, whatever its place: the same instruction may stand in a stage more than once."""

    stage: str
    instruction: str
    occurrence: int = 0


@dataclass(frozen=True)
class StepInputs:
    """What one step is made of. `base` is the image that its stage, or the one that this stands on, begins with.

    `setting` is a digest of the ENV, ARG, USER and SHELL before it. `files` is None where they cannot be told.
    `arguments` are names of build arguments that it may depend on, `before` and `copied` the steps and stages.
    """

    key: StepKey
    number: int
    base: str
    setting: str
    files: Fingerprints | None
    arguments: tuple[str, ...] = ()
    before: tuple[str, int] | None = None
    copied: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, int]:
        """Stage and number, as BuildKit names it."""
        return self.key.stage, self.number


def inputs_of(
    dockerfile: Dockerfile,
    target: Stage,
    files: ContextFiles | None,
    values: Mapping[str, str],
) -> list[StepInputs]:
    """Those of all steps that a build of `target` needs, in the file's order.

    `values` are the build arguments; none of them is in the result. `base` is the reference until `with_bases`.
    Without `files` (a context elsewhere) no file is known.
    """
    found: list[StepInputs] = []
    for stage in dockerfile.needed_for(target):
        found += _inputs_of_stage(dockerfile, stage, files, values)
    return found


def with_bases(inputs: Sequence[StepInputs], identity: Callable[[str], str]) -> list[StepInputs]:
    """The same, once it is known which images the references stood for: `identity` says it of one."""
    return [replace(one, base=identity(one.base)) for one in inputs]


def _inputs_of_stage(
    dockerfile: Dockerfile,
    stage: Stage,
    files: ContextFiles | None,
    values: Mapping[str, str],
) -> Iterator[StepInputs]:
    chain = dockerfile.chain(stage)
    known = {**dockerfile.global_arguments, **values}
    reference = expand(chain[0].base, known) or chain[0].base
    setting, arguments, visible = hashlib.sha256(), dict[str, None](), dict[str, str]()
    before: tuple[str, int] | None = None
    seen: dict[str, int] = {}
    for part in chain:
        for one in part.instructions:
            if one.keyword in _SETTING:
                setting.update(f"{one.text}\n".encode())
                visible |= _values(one, values)
                if one.keyword == "ARG":
                    arguments |= dict.fromkeys(argument_defaults(one))
            if not one.number:
                continue
            if part is stage:
                occurrence = seen.get(one.text, 0)
                seen[one.text] = occurrence + 1
                yield StepInputs(
                    StepKey(_name(stage), one.text, occurrence),
                    one.number,
                    reference,
                    setting.hexdigest()[:16],
                    _files(files, one, visible),
                    _arguments(one, tuple(arguments)),
                    before,
                    tuple(_name(other) for name in taken_from(one) if (other := dockerfile.stage(name)) is not None),
                )
            before = (_name(part), one.number)


def _name(stage: Stage) -> str:
    return stage.name or f"stage-{stage.index}"


def _values(instruction: Instruction, given: Mapping[str, str]) -> dict[str, str]:
    """What an ARG or an ENV sets, for the words of a COPY behind it."""
    if instruction.keyword == "ARG":
        defaults = argument_defaults(instruction)
        return {name: given.get(name, default) for name, default in defaults.items()}
    if instruction.keyword == "ENV" and "=" in instruction.rest:
        return argument_defaults(instruction)
    return {}


def _arguments(instruction: Instruction, declared: tuple[str, ...]) -> tuple[str, ...]:
    """A RUN has all of them in its environment; the others those that they name."""
    if instruction.keyword == "RUN":
        return declared
    return tuple(name for name in declared if f"${name}" in instruction.text or f"${{{name}" in instruction.text)


def _files(files: ContextFiles | None, instruction: Instruction, values: Mapping[str, str]) -> Fingerprints | None:
    if files is None and context_sources(instruction):
        return None
    if files is None:
        return {}
    try:
        return files.taken_by(instruction, values)
    except (OSError, ContextTooLargeError):
        return None

"""A Dockerfile as its instructions: where each stands, and which number BuildKit gives it.

By the Dockerfile reference (https://docs.docker.com/reference/dockerfile/); the numbers as dockerfile2llb counts: RUN,
COPY, ADD and WORKDIR, and FROM where it names an image. What cannot be understood is left out, never an error: BuildKit
is who judges the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

COUNTED = ("RUN", "COPY", "ADD", "WORKDIR")
"""Instructions that are steps of a build."""

_DIRECTIVE = re.compile(r"#\s*escape\s*=\s*(\S)\s*$", re.IGNORECASE)
_OTHER_DIRECTIVE = re.compile(r"#\s*(syntax|check)\s*=", re.IGNORECASE)
_HEREDOC = re.compile(r"""(?<!\S)\d*<<(?P<dash>-?)(?P<quote>["']?)(?P<word>[A-Za-z_][\w.]*)(?P=quote)""")
_FLAG = re.compile(r"--[a-z][a-z-]*(?:=(?:\"[^\"]*\"|'[^']*'|\S)*)?")
_FROM = re.compile(r"(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?\s*$", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:(?P<plain>\w+)|\{(?P<braced>\w+)(?::(?P<how>[-+])(?P<word>[^}]*))?\})")


@dataclass(frozen=True)
class Instruction:
    """One instruction: `text` is all of it in one line, `flags` and `rest` its parts behind the keyword.

    `line` to `last_line` are its place in the file, from 1. `number` is BuildKit's within the stage, 0 where it counts
    as no step.
    """

    keyword: str
    flags: tuple[str, ...]
    rest: str
    line: int
    last_line: int
    number: int = 0

    @property
    def text(self) -> str:
        """The instruction in one line; of a heredoc the first one."""
        return " ".join([self.keyword, *self.flags, *self.rest.split()])

    def flag(self, name: str) -> str | None:
        """The value of a flag such as `from`."""
        return next((value for value in self.flag_values(name)), None)

    def flag_values(self, name: str) -> list[str]:
        """The values of a flag that may be repeated, such as `mount`."""
        return [flag.partition("=")[2] for flag in self.flags if flag.partition("=")[0] == f"--{name}"]

    @property
    def mounts(self) -> list[dict[str, str]]:
        """The `--mount` flags of a RUN, each as its keys and values; `type` is bind where none is named."""
        return [
            {"type": "bind"} | dict(_key_value(part) for part in value.split(",") if part)
            for value in self.flag_values("mount")
        ]

    @property
    def sources(self) -> list[str]:
        """What a COPY or an ADD takes, by its words; heredocs are no files."""
        if self.keyword not in ("COPY", "ADD"):
            return []
        words = _json_words(self.rest) or self.rest.split()
        return [word for word in words[:-1] if not word.startswith("<<")]


@dataclass(frozen=True)
class Stage:
    """A stage: `base` is the image or stage it begins with, as the file has it; `index` its place among the stages."""

    name: str
    index: int
    base: str
    base_stage: int | None
    line: int
    instructions: tuple[Instruction, ...] = ()

    @property
    def steps(self) -> tuple[Instruction, ...]:
        """The instructions that are steps of a build."""
        return tuple(one for one in self.instructions if one.number)


@dataclass(frozen=True)
class Dockerfile:
    """The stages of a file, with its lines; `global_arguments` are the defaults of ARG before the first FROM."""

    lines: tuple[str, ...]
    stages: tuple[Stage, ...]
    global_arguments: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _steps(self) -> dict[tuple[str, int], Instruction]:
        steps = {}
        for stage in self.stages:
            for one in stage.steps:
                steps[stage.name, one.number] = one
                steps[f"stage-{stage.index}", one.number] = one
        return steps

    def stage_name(self, shown: str) -> str:
        """A stage's name by the one that BuildKit shows, which is none where the file has a single stage."""
        return self.stages[0].name if not shown and len(self.stages) == 1 else shown

    def step(self, stage: str, number: int) -> Instruction | None:
        """The instruction that BuildKit calls `[stage number/n]`, by the stage's name or `stage-0`."""
        return self._steps.get((self.stage_name(stage), number))

    def stage(self, name: str) -> Stage | None:
        """A stage by its name or its number, as FROM, COPY --from and --target take it; the last of that name."""
        wanted = name.lower()
        named = [stage for stage in self.stages if stage.name == wanted or f"stage-{stage.index}" == wanted]
        if not named and wanted.isdigit() and int(wanted) < len(self.stages):
            return self.stages[int(wanted)]
        return named[-1] if named else None

    def chain(self, stage: Stage) -> list[Stage]:
        """The stages that this one stands on, the first of them first, itself last."""
        chain = [stage]
        while (base := chain[0].base_stage) is not None:
            chain.insert(0, self.stages[base])
        return chain

    def needed_for(self, target: Stage) -> list[Stage]:
        """The stages that are built for this one, in the file's order."""
        needed: set[int] = set()
        waiting = [target]
        while waiting:
            stage = waiting.pop()
            if stage.index in needed:
                continue
            needed.add(stage.index)
            if stage.base_stage is not None:
                waiting.append(self.stages[stage.base_stage])
            for one in stage.steps:
                waiting += [other for name in taken_from(one) if (other := self.stage(name)) is not None]
        return [stage for stage in self.stages if stage.index in needed]

    def excerpt(self, instruction: Instruction) -> list[str]:
        """The lines of an instruction with their numbers, as BuildKit shows them."""
        first, last = max(instruction.line - 1, 1), min(instruction.last_line + 1, len(self.lines))
        return [
            f"{number:4} | {'>>>' if instruction.line <= number <= instruction.last_line else '   '} {line}".rstrip()
            for number, line in enumerate(self.lines[first - 1 : last], start=first)
        ]


def taken_from(instruction: Instruction) -> list[str]:
    """The stages and images that an instruction takes files from, by name: COPY --from and RUN --mount=…,from=…."""
    named = [instruction.flag("from")] if instruction.keyword == "COPY" else []
    named += [mount.get("from") for mount in instruction.mounts]
    return [name for name in named if name]


def parse_dockerfile(text: str) -> Dockerfile:
    """Read a Dockerfile."""
    lines = text.splitlines()
    stages: list[Stage] = []
    found: list[Instruction] = []
    arguments: dict[str, str] = {}

    def close() -> None:
        if stages:
            stages[-1] = _numbered(stages[-1], found)
        found.clear()

    for one in _instructions(lines):
        if one.keyword == "FROM":
            close()
            stages.append(_stage(one, stages, arguments))
        elif stages:
            found.append(one)
        elif one.keyword == "ARG":
            arguments |= argument_defaults(one)
    close()
    return Dockerfile(tuple(lines), tuple(stages), arguments)


def argument_defaults(instruction: Instruction) -> dict[str, str]:
    """The names that an ARG declares, with their defaults; empty where there is none."""
    return {name: value.strip("\"'") for name, _, value in (word.partition("=") for word in instruction.rest.split())}


def expand(text: str, values: Mapping[str, str]) -> str | None:
    """A text with its `$NAME`, `${NAME}` and `${NAME:-word}`; None where one of them is not known."""
    known = True

    def value(match: re.Match[str]) -> str:
        nonlocal known
        name = match["plain"] or match["braced"]
        found = values.get(name)
        if match["how"] == "-":
            return found or match["word"]
        if match["how"] == "+":
            return match["word"] if found else ""
        known = known and found is not None
        return found or ""

    expanded = _VARIABLE.sub(value, text)
    return expanded if known else None


def _stage(instruction: Instruction, before: Sequence[Stage], arguments: Mapping[str, str]) -> Stage:
    match = _FROM.match(instruction.rest)
    base, name = (match["base"], match["name"]) if match else (instruction.rest, None)
    base = expand(base, arguments) or base
    stands_on = next((stage.index for stage in reversed(before) if stage.name == base.lower()), None)
    return Stage((name or "").lower(), len(before), base, stands_on, instruction.line)


def _numbered(stage: Stage, instructions: Sequence[Instruction]) -> Stage:
    number = 0 if stage.base_stage is not None or stage.base == "scratch" else 1
    numbered = []
    for one in instructions:
        counts = one.keyword in COUNTED
        number += counts
        numbered.append(Instruction(one.keyword, one.flags, one.rest, one.line, one.last_line, number if counts else 0))
    return Stage(stage.name, stage.index, stage.base, stage.base_stage, stage.line, tuple(numbered))


def _instructions(lines: Sequence[str]) -> Iterator[Instruction]:
    escape, at = _escape(lines), 0
    while at < len(lines):
        line = lines[at].strip()
        first = at + 1
        at += 1
        if not line or line.startswith("#"):
            continue
        parts = [line]
        while parts[-1].endswith(escape) and at < len(lines):
            parts[-1] = parts[-1].removesuffix(escape).rstrip()
            while at < len(lines) and (not lines[at].strip() or lines[at].lstrip().startswith("#")):
                at += 1
            if at < len(lines):
                parts.append(lines[at].strip())
                at += 1
        logical = " ".join(part for part in parts if part)
        keyword, _, rest = logical.partition(" ")
        keyword = keyword.upper()
        if keyword in ("RUN", "COPY", "ADD"):
            at = _behind_heredocs(lines, at, rest)
        flags = []
        rest = rest.lstrip()
        while match := _FLAG.match(rest):
            flags.append(match[0])
            rest = rest[match.end() :].lstrip()
        yield Instruction(keyword, tuple(flags), rest, first, at)


def _escape(lines: Sequence[str]) -> str:
    """The sign that continues a line: parser directives stand before everything else."""
    for line in lines:
        if match := _DIRECTIVE.match(line.strip()):
            return match[1]
        if not _OTHER_DIRECTIVE.match(line.strip()):
            break
    return "\\"


def _behind_heredocs(lines: Sequence[str], at: int, text: str) -> int:
    """The line behind the heredocs that an instruction opens."""
    for match in _HEREDOC.finditer(text):
        while at < len(lines):
            line = lines[at].lstrip("\t") if match["dash"] else lines[at]
            at += 1
            if line.rstrip("\r") == match["word"]:
                break
    return at


def _key_value(text: str) -> tuple[str, str]:
    key, _, value = text.strip("\"'").partition("=")
    return {"src": "source", "dst": "target", "destination": "target"}.get(key, key), value


def _json_words(text: str) -> list[str]:
    """The words of the JSON form (`["a b", "c"]`); none where it is not that."""
    if not text.startswith("["):
        return []
    try:
        words = json.loads(text)
    except ValueError:
        return []
    return [word for word in words if isinstance(word, str)]

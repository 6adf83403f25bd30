"""What would make builds faster: the order of a Dockerfile's lines, cache mounts, and what its context holds."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from devkit.delivery.build_record import BuildRecord
from devkit.delivery.context_files import MOST_FILES, ContextFiles, context_sources
from devkit.engine.dockerfile import Dockerfile, Instruction, Stage

LARGE_BYTES = 10_000_000
OFTEN = 3
"""So many builds in which a file changed a layer's key are worth a word."""

_MOST_NAMED = 3
_SOURCES = frozenset(
    {"", ".", "app", "bootstrap", "config", "database", "public", "resources", "routes", "src", "tests"}
)


@dataclass(frozen=True)
class Advice:
    """One thing to change: `file` and `line` say where, line 0 where it is about no line."""

    id: str
    text: str
    file: str
    line: int = 0

    @property
    def place(self) -> str:
        """`Dockerfile:12`, or the file alone."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class _Installer:
    """A program that installs packages: how its call looks in a RUN, what names the packages, where it caches."""

    name: str
    call: re.Pattern[str]
    files: str
    cache: str


_NODE_FILES = "the package files"
_INSTALLERS = (
    _Installer(
        "composer",
        re.compile(r"\bcomposer\b(?:\s+-\S+)*\s+(?:install|update|require)\b"),
        "composer.json and composer.lock",
        "what COMPOSER_CACHE_DIR names",
    ),
    _Installer("npm", re.compile(r"\bnpm\s+(?:ci|install|i)\b(?!\s+(?:-g|--global)\b)"), _NODE_FILES, "/root/.npm"),
    _Installer("yarn", re.compile(r"\byarn\s+install\b"), _NODE_FILES, "/usr/local/share/.cache/yarn"),
    _Installer("pnpm", re.compile(r"\bpnpm\s+(?:install|i)\b"), _NODE_FILES, "/root/.local/share/pnpm/store"),
    _Installer("bun", re.compile(r"\bbun\s+(?:install|i)\b"), _NODE_FILES, "/root/.bun/install/cache"),
)
_APT = re.compile(r"\bapt(?:-get)?\b(?:\s+-\S+)*\s+install\b")
_APT_LISTS_GO = re.compile(r"rm\s+(?:-\S+\s+)+\S*/var/lib/apt/lists")


def advice_for_dockerfile(dockerfile: Dockerfile, file: str) -> list[Advice]:
    """What its own lines say; `file` is its name."""
    found = [advice for stage in dockerfile.stages for advice in _of_stage(dockerfile, stage, file)]
    return sorted(found, key=lambda advice: advice.line)


def advice_for_context(
    dockerfile: Dockerfile, files: ContextFiles, git_ignored: Sequence[str], ignore_file: str
) -> list[Advice]:
    """What is copied into images and belongs in .dockerignore: what is large, and what git does not keep either.

    `git_ignored` are the files and directories (with a `/` behind) that git ignores; `ignore_file` is the name of the
    file to write to. OSError where the context cannot be read.
    """
    found: list[Advice] = []
    left_in: dict[str, int] = {}
    seen: set[str] = set()
    for path in _copied(dockerfile, files):
        if path in seen:
            continue
        seen.add(path)
        if len(seen) > MOST_FILES:
            text = f"more than {MOST_FILES} files are copied, and each build looks at all of them"
            return [*found, Advice("many-files", text, ignore_file)]
        size = _size(files.root / path)
        if size is None:
            continue
        holder = next((name for name in (".git/", *git_ignored) if path == name or path.startswith(name)), None)
        if holder is not None:
            left_in[holder] = left_in.get(holder, 0) + size
        elif size >= LARGE_BYTES:
            text = f"{path} ({size / 1e6:.0f} MB) is copied; if the image does not need it, leave it out"
            found.append(Advice("large-file", text, ignore_file))
    for name, size in sorted(left_in.items(), key=lambda entry: -entry[1]):
        why = "an image needs no history" if name == ".git/" else "git ignores it, and an image is better without"
        found.append(Advice("belongs-in-dockerignore", f"{name} ({size / 1e6:.1f} MB) is copied: {why}", ignore_file))
    return found


def advice_from_history(builds: Sequence[BuildRecord], ignore_file: str) -> list[Advice]:
    """What is no code, and changed layers' keys again and again."""
    seen = Counter(name for build in builds for name in _files_without_code(build))
    return [
        Advice(
            "changes-often", f"{name} had layers rebuilt in {times} builds, and an image seldom needs it", ignore_file
        )
        for name, times in seen.most_common(_MOST_NAMED)
        if times >= OFTEN
    ]


def _of_stage(dockerfile: Dockerfile, stage: Stage, file: str) -> Iterator[Advice]:
    sources: Instruction | None = None
    for one in stage.instructions:
        if one.keyword in ("COPY", "ADD") and sources is None and _takes_sources(one):
            sources = one
        if one.keyword != "RUN":
            continue
        text = _whole(dockerfile, one)
        has_cache = any(mount["type"] in ("cache", "tmpfs") for mount in one.mounts)
        for installer in _INSTALLERS:
            if not installer.call.search(text):
                continue
            if sources is not None:
                yield Advice(
                    "copy-order",
                    f"line {sources.line} copies sources before {installer.name} installs in line {one.line}: each edit"
                    f" installs everything anew. Copy {installer.files} first, and the rest behind it",
                    file,
                    sources.line,
                )
            if not has_cache:
                yield Advice(
                    "cache-mount",
                    f"{installer.name} downloads every package anew when this layer is rebuilt: give it"
                    f" --mount=type=cache,target=… ({installer.cache})",
                    file,
                    one.line,
                )
        if _APT.search(text) and not has_cache and not _APT_LISTS_GO.search(text):
            yield Advice(
                "apt-lists",
                "apt-get leaves its lists in the layer: end the RUN with && rm -rf /var/lib/apt/lists/*, or mount"
                " caches at /var/lib/apt and /var/cache/apt (sharing=locked)",
                file,
                one.line,
            )


def _takes_sources(instruction: Instruction) -> bool:
    """Whether a COPY takes what people edit; directories of packages of one's own may have to come first."""
    return any(posixpath.normpath(source).lstrip("/") in _SOURCES for source in context_sources(instruction))


def _copied(dockerfile: Dockerfile, files: ContextFiles) -> Iterator[str]:
    for stage in dockerfile.stages:
        for one in stage.steps:
            yield from files.paths_taken_by(one)


def _whole(dockerfile: Dockerfile, instruction: Instruction) -> str:
    """The text with that of its heredocs."""
    return f"{instruction.text}\n" + "\n".join(dockerfile.lines[instruction.line - 1 : instruction.last_line])


def _files_without_code(build: BuildRecord) -> set[str]:
    names = {name for step in build.steps if step.reason is not None for name in step.reason.files}
    return {name for name in names if name.endswith((".md", ".log", ".sqlite", ".cache")) or name.startswith("docs/")}


def _size(path: Path) -> int | None:
    try:
        return path.lstat().st_size if not path.is_dir() else None
    except OSError:
        return None

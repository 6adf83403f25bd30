"""An edit, built with the four-stage Dockerfile and with a traditional one.

    python benchmarks/code_change.py [ROUNDS] [--extensions SECONDS]

A new application with MySQL and Redis. Every round makes one edit of each kind (a PHP file, a Blade view,
composer.lock, package-lock.json) and builds it both ways, the order alternating: `devkit build app`, and
benchmarks/traditional/Dockerfile, where the sources come first. Both get the same sources, .dockerignore and secrets,
and are timed from the command's start to its end. Ends with 1 where a lock file's change rebuilt what it must not.
Targets for an edit of code: at most 15 s, and 24 times faster than the traditional one.

Without an image registry the base image is a stand-in that has its extensions built in, so the traditional build does
not compile them. They are compiled once apart from it (extensions_compiled.py), and the ratio is said for both; and
for both also without the step that installs Debian's Node, the dearest of the traditional build.
"""

from __future__ import annotations

import secrets
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from built_project import (
    Built,
    BuiltProject,
    Step,
    built_project,
    edit_composer_lock,
    edit_package_lock,
    edit_php,
    edit_view,
    is_stand_in,
)
from extensions_compiled import Compiled, asked_for, extensions_of
from measure import table


@dataclass
class Kind:
    """One kind of edit, and how its builds went."""

    title: str
    edit: Callable[[BuiltProject, int], None]
    is_code: bool
    four: list[Built] = field(default_factory=list)
    one: list[Built] = field(default_factory=list)


def kinds() -> list[Kind]:
    return [
        Kind("a PHP file", edit_php, True),
        Kind("a Blade view", edit_view, True),
        Kind("composer.lock", edit_composer_lock, False),
        Kind("package-lock.json", edit_package_lock, False),
    ]


def main(rounds: int, extensions: float | None) -> None:
    found = kinds()
    with built_project(f"code-change-{secrets.token_hex(3)}") as project:
        project.four_stages()
        project.one_stage()
        for number in range(1, rounds + 1):
            for kind in found:
                kind.edit(project, number)
                measure(kind, project, four_first=number % 2 == 1)
                print(f"  {number}: {kind.title:18}{kind.four[-1].seconds:7.1f} s{kind.one[-1].seconds:8.1f} s")
        compiled = extensions_of(project, extensions)
    for kind in found:
        print(report(kind))
    print(ratios([kind for kind in found if kind.is_code], compiled))
    if problems := [problem for kind in found for built in kind.four for problem in rebuilt_in_vain(kind, built)]:
        sys.exit("\n".join(problems))


def measure(kind: Kind, project: BuiltProject, *, four_first: bool) -> None:
    if four_first:
        kind.four.append(project.four_stages())
        kind.one.append(project.one_stage())
    else:
        kind.one.append(project.one_stage())
        kind.four.append(project.four_stages())


def rebuilt_in_vain(kind: Kind, built: Built) -> list[str]:
    """What the edit rebuilt although it has nothing to do with it."""
    kept = {
        "composer.lock": [*built.of("base-runtime"), *_npm(built)],
        "package-lock.json": [*built.of("base-runtime"), *built.of("dependencies")],
    }.get(kind.title, [*built.of("base-runtime"), *built.of("dependencies"), *_npm(built)])
    if not _npm(built) or not built.of("dependencies"):
        return [f"{kind.title}: the build has no step that runs npm ci, or no stage dependencies"]
    return [f"an edit of {kind.title} rebuilt {step}" for step in kept if not step.cached]


def _npm(built: Built) -> list[Step]:
    return [step for step in built.of("frontend-build") if "npm ci" in step.name]


def report(kind: Kind) -> str:
    sides = (("four stages", kind.four), ("one stage", kind.one))
    rows = [(name, [build.seconds for build in builds], "s") for name, builds in sides]
    lines = [table(f"An edit of {kind.title}", rows)]
    for name, builds in sides:
        lines.append(f"  rebuilt by {name}: {len(builds[-1].rebuilt)} of {len(builds[-1].steps)} steps")
        lines += [f"    {step.seconds:6.1f} s  {step}" for step in builds[-1].rebuilt]
    return "\n".join(lines)


def ratios(code: list[Kind], compiled: Compiled | None) -> str:
    """Of the edits of code: as measured, with extensions compiled, and without the traditional build's Node."""
    four = statistics.median(build.seconds for kind in code for build in kind.four)
    one = statistics.median(build.seconds for kind in code for build in kind.one)
    node = statistics.median(
        step.seconds for kind in code for build in kind.one for step in build.steps if "nodejs npm" in step.name
    )
    base = "the stand-in, extensions built in" if is_stand_in() else "the official image, extensions compiled"
    lines = [
        f"An edit of code, four stages: {four:.1f} s (target: at most 15)",
        f"Ratio as it is ({base}): {one / four:.1f} (target: 24)",
        f"  without what Debian's Node costs the traditional build ({node:.1f} s): {(one - node) / four:.1f}",
    ]
    if compiled is not None:
        whole = one + compiled.seconds
        lines += [
            str(compiled),
            f"Ratio with these added, as with the official image: {whole / four:.1f} (target: 24)",
            f"  without what Debian's Node costs the traditional build: {(whole - node) / four:.1f}",
        ]
    return "\n".join(lines)


if __name__ == "__main__":
    main(*asked_for(sys.argv[1:], __doc__, 5))

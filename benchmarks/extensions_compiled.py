"""What compiling the extensions costs, as install-php-extensions does it in the official image.

    python benchmarks/extensions_compiled.py

Headers and compilers come from Debian; each extension of a new application is compiled from PHP's own source with as
many jobs as there are cores, once. The stand-in for the official image spares all of this: its extensions are built
in. code_change.py, week_of_edits.py and cold_stages.py add these seconds to what they measured: they compile too, or
are told what this program said (`--extensions SECONDS`; 0 for none).
"""

from __future__ import annotations

import argparse
import re
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from built_project import FRANKENPHP, TRADITIONAL, BuiltProject, built_project, docker_build, is_stand_in
from measure import REPOSITORY

from devkit.engine.machine_trust import build_secrets

_COMPILED = re.compile(r"compiled: (\S+) (\d+)")
_LEFT_OUT = re.compile(r"left out: (\S+)")


@dataclass(frozen=True)
class Compiled:
    """Seconds: of the packages that compiling needs, and of each extension; `left_out` could not be compiled here."""

    packages: float
    extensions: dict[str, float]
    left_out: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        return self.packages + sum(self.extensions.values())

    def __str__(self) -> str:
        each = ", ".join(f"{name} {seconds:.0f}" for name, seconds in self.extensions.items())
        left = f"; could not be compiled here: {', '.join(self.left_out)}" if self.left_out else ""
        return (
            f"Extensions compiled as in the official image: {self.seconds:.0f} s"
            f" (headers and compilers {self.packages:.0f}; {each}){left}"
        )


def compile_extensions(names: tuple[str, ...]) -> Compiled:
    """Compile them in a container of the base image, from the beginning."""
    found: dict[str, float] = {}
    left_out: list[str] = []

    def read(line: str) -> None:
        if match := _COMPILED.fullmatch(line):
            found[match[1]] = int(match[2]) / 1000
        elif match := _LEFT_OUT.fullmatch(line):
            left_out.append(match[1])

    arguments = {"FRANKENPHP_IMAGE": FRANKENPHP, "EXTENSIONS": " ".join(names), **_source()}
    with build_secrets() as given:
        dockerfile = TRADITIONAL / "extensions.Dockerfile"
        only = [secret for secret in given if secret.id != "apt_sources_unstable"]
        options = ("--no-cache", "--output", "type=cacheonly")
        built = docker_build(dockerfile, TRADITIONAL, arguments, only, *options, on_line=read)
    packages = next(step.seconds for step in built.steps if "apt-get install" in step.name)
    return Compiled(packages, found, tuple(left_out))


def asked_for(arguments: Sequence[str], about: str | None, default: int) -> tuple[int, float | None]:
    """What the command line of a program says that adds these seconds: its count, and --extensions."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=default, help=f"{default} without it")
    parser.add_argument("--extensions", type=float, metavar="SECONDS", help="what extensions_compiled.py said; 0: none")
    options = parser.parse_args(arguments)
    return options.count, options.extensions


def extensions_of(project: BuiltProject, told: float | None) -> Compiled | None:
    """What the base image spares the project's builds; None where it is the official one, or where 0 was told."""
    if not is_stand_in() or told == 0:
        return None
    return compile_extensions(project.extensions) if told is None else Compiled(0.0, {"told by --extensions:": told})


def _source() -> dict[str, str]:
    """The build arguments that say which PHP the stand-in was made of."""
    text = (REPOSITORY / "scaffolds/images/frankenphp/Dockerfile").read_text(encoding="utf-8")
    names = ("PHP_BRANCH", "PHP_VERSION", "PHP_SHA256", "SOURCE_SUITE")
    return {name: re.findall(rf"^ARG {name}=(\S+)", text, re.MULTILINE)[0] for name in names}


def main() -> None:
    with built_project(f"extensions-{secrets.token_hex(3)}") as project:
        print(compile_extensions(project.extensions))


if __name__ == "__main__":
    main() if len(sys.argv) == 1 else sys.exit(__doc__)

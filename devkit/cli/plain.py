"""The plain docker command behind a devkit command: what a person would type to have the same done without devkit."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from devkit.cli.forms import Form, plain_words
from devkit.cli.jobs import VITE, job_of
from devkit.cli.reference import REFERENCE
from devkit.cli.words import PASS_THROUGH
from devkit.engine.compose import EVERY_PROFILE
from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import base_image
from devkit.laravel.workers import RESTART_COMMAND
from devkit.project.errors import UsageError
from devkit.project.paths import owner_of
from devkit.project.services import APP, SERVICES, Kind
from devkit.project.settings import Settings

INSIDE = "/app"
"""Where the project is mounted in its containers."""

_SHORT: Mapping[str, str] = MappingProxyType({"-f": "--follow", "-n": "--tail", "-v": "--volumes"})
_MIGRATE = ("php", "artisan", "migrate", "--force")
_ROOT_CERTIFICATE = "/data/caddy/pki/authorities/local/root.crt"


@dataclass(frozen=True)
class Place:
    """Where the commands are to be pasted: the project, the directory one is in, and whether that is a terminal."""

    root: Path
    settings: Settings
    here: Path
    terminal: bool
    docker: Docker | None = None

    def compose(self, *words: str) -> list[str]:
        """A compose command that finds the project from `here`, as Compose looks upwards for compose.yaml."""
        inside = self.here == self.root or self.root in self.here.parents
        return self.docker_command("compose", *(() if inside else ("--project-directory", str(self.root))), *words)

    def docker_command(self, *words: str) -> list[str]:
        """The docker command as it is found here: its path, and its engine, only where they need to be said."""
        if self.docker is None:
            return ["docker", *words]
        found = shutil.which("docker")
        ours = found is not None and Path(found).resolve() == self.docker.binary.resolve()
        endpoint = self.docker.endpoint
        said = endpoint.found_by_docker or endpoint.source == "DOCKER_HOST"
        host = [] if said else ["env", f"DOCKER_HOST={endpoint.host}"]
        return [*host, "docker" if ours else str(self.docker.binary), *words]

    def exec(self, service: str, *command: str, matching: bool = False) -> list[str]:
        """A command inside a service: in the directory that matches this one if `matching`, else where it starts."""
        options = [] if self.terminal else ["-T"]
        mounted = service == APP or (service in SERVICES and SERVICES[service].kind is Kind.PROCESS)
        if matching and mounted and self.root in self.here.parents:
            options += ["--workdir", f"{INSIDE}/{self.here.relative_to(self.root).as_posix()}"]
        return self.compose("exec", *options, service, *command)


Given = tuple[list[str], dict[str, str]]
"""Words, and flags with their values (empty for switches)."""


def plain_commands(place: Place, words: Sequence[str]) -> list[str]:
    """The commands behind a devkit command, in order, quoted so that a shell takes them as they are.

    Empty where no single docker command stands behind it. UsageError for what the command does not take.
    """
    name, *rest = words
    if name in PASS_THROUGH:
        return [shlex.join(_handed_on(place, words))]
    if name not in _COMMANDS:
        return []
    return [shlex.join(command) for command in _COMMANDS[name](place, _given(name, rest))]


def is_explained(name: str) -> bool:
    """Whether a command has plain ones behind it, whether or not this devkit has the command itself."""
    return name in PASS_THROUGH or name in _COMMANDS


def _given(name: str, words: Sequence[str]) -> Given:
    """The words of a command told apart from its flags; flags that hold everywhere change nothing in Docker."""
    forms = [Form(text) for text in REFERENCE[name].forms] if name in REFERENCE else []
    known = {flag: found for form in forms for flag, found in form.flags.items()}
    spelled = [_SHORT.get(word, word) for word in words]
    plain = plain_words(spelled, known)
    hint = f"devkit {name} --help lists what it takes"
    if forms and not any(form.takes(plain) for form in forms):
        raise UsageError(
            f"devkit {name} does not take {shlex.join(plain)}", f"devkit {name} --help lists what it takes"
        )
    flags: dict[str, str] = {}
    words_left = iter(spelled)
    for word in words_left:
        flag, equals, value = word.partition("=")
        if flag in known:
            flags[flag] = value if equals else next(words_left, "") if known[flag].value else ""
        elif word.startswith("-") and word not in ("--json", "--quiet", "--debug", "--yes"):
            raise UsageError(f"unknown flag {flag} for devkit {name}", hint)
    return plain, flags


def _options(flags: Mapping[str, str], *names: str) -> list[str]:
    """Flags that Compose has under the same name."""
    found: list[str] = []
    for name in names:
        if name in flags:
            found += [name, flags[name]] if flags[name] else [name]
    return found


def _up(place: Place, given: Given) -> list[list[str]]:
    services, flags = given
    start = place.compose("up", "--detach", "--wait", *_options(flags, "--build"), *services)
    migrate = [place.exec(APP, *_MIGRATE)] if not services or APP in services else []
    return [start, *migrate]


def _init(place: Place, _given: Given) -> list[list[str]]:
    return [place.compose("build", APP), *_up(place, ([], {}))]


def _build(place: Place, given: Given) -> list[list[str]]:
    words, flags = given
    for_others = not {"--push", "--platform", "--attest"}.isdisjoint(flags)
    stage = next(iter(words), "app" if for_others else "development")
    more = _options(flags, "--no-cache")
    if stage == "development" and not for_others and "--tag" not in flags:
        return [place.compose("build", *more, APP)]
    context = os.path.relpath(place.root, place.here) if place.root in (place.here, *place.here.parents) else place.root
    tags = ["--tag", f"{place.settings.name}-app:{stage}", *_options(flags, "--tag")]
    more += _options(flags, "--platform")
    straight = "--attest" in flags or "," in flags.get("--platform", "")
    if straight:
        attest = ["--sbom", "true", "--provenance", "mode=max"] if "--attest" in flags else []
        tags, more = _options(flags, "--tag"), [*more, *attest, "--push"]
    else:
        more += ["--load"]
    build = place.docker_command("buildx", "build", *more, "--target", stage, *tags, str(context))
    push = [place.docker_command("push", flags["--tag"])] if "--push" in flags and "--tag" in flags else []
    return [build] if straight else [build, *push]


def _open(place: Place, given: Given) -> list[list[str]]:
    page = next(iter(given[0]), APP)
    if page not in place.settings.all_services:
        return [place.compose("port", APP, "8443" if place.settings.https else "8080")]
    ports = SERVICES[page].ports
    target = ports.get(f"{page}_ui", next(iter(ports.values()), 0))
    return [place.compose("port", page, str(target))]


_COMMANDS: Mapping[str, Callable[[Place, Given], list[list[str]]]] = MappingProxyType(
    {
        "init": _init,
        "up": _up,
        "down": lambda place, given: [
            place.compose(*EVERY_PROFILE, "down", "--remove-orphans", *_options(given[1], "--volumes"))
        ],
        "stop": lambda place, given: [place.compose(*(() if given[0] else EVERY_PROFILE), "stop", *given[0])],
        "restart": lambda place, given: [place.compose("restart", *given[0])],
        "status": lambda place, _given: [place.compose("ps", "--all")],
        "logs": lambda place, given: [
            place.compose("logs", *_options(given[1], "--follow", "--since", "--tail"), *given[0])
        ],
        "build": _build,
        "open": _open,
        "trust": lambda place, _given: [place.compose("cp", f"{APP}:{_ROOT_CERTIFICATE}", "caddy-root.crt")],
        "doctor": lambda place, _given: [
            place.docker_command("version"),
            place.compose("config", "--quiet"),
            place.compose("ps", "--all"),
        ],
        "delete": lambda place, _given: [
            place.compose(*EVERY_PROFILE, "down", "--remove-orphans", "--volumes", "--rmi", "local"),
        ],
        "list": lambda place, _given: [place.docker_command("compose", "ls", "--all")],
        "reload": lambda place, _given: [place.exec(APP, *RESTART_COMMAND)],
    }
)
"""Commands with docker commands behind them; the others work on files, or do more than a line of docker can."""


def _handed_on(place: Place, words: Sequence[str]) -> list[str]:
    """A pass-through command, made of the very job that runs it."""
    job = job_of(words)
    if job.needs_node:
        return _node(place, words)
    command = [os.fsdecode(word) for word in job.arguments(os.fsencode(place.root))]
    if job.is_shell:
        command[0] = "sh"  # a person's shell is found by its name
    return place.exec(job.service, *command, matching=not job.at_root)


def _node(place: Place, words: Sequence[str]) -> list[str]:
    """Node runs in `vite`, or where the stack has none in a container of its own."""
    if VITE in place.settings.services:
        return place.exec(VITE, *words, matching=True)
    uid, gid = owner_of(place.root)
    below = place.here.relative_to(place.root).as_posix() if place.root in place.here.parents else ""
    options = ["--rm", "--interactive", *(["--tty"] if place.terminal else []), "--init", "--network", "host"]
    options += ["--user", f"{uid}:{gid}", "--env", "HOME=/tmp"]
    options += ["--volume", f"{place.root}:{INSIDE}", "--workdir", f"{INSIDE}/{below}".rstrip("/")]
    image = base_image("node", node_version=place.settings.node.version).reference
    return place.docker_command("run", *options, image, *words)

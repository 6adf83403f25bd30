"""A stage of the project's Dockerfile built with BuildKit, told as it goes, and kept in the history of builds."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from devkit.delivery.build_progress import (
    BuildEnded,
    BuildStarted,
    BuildWarning,
    OnBuildEvent,
    Preparing,
    Pushed,
    Pushing,
)
from devkit.delivery.build_record import BuildRecord, Status
from devkit.delivery.history import build_history
from devkit.delivery.recording import Planned, Recording
from devkit.engine.belongings import image_repository, project_label
from devkit.engine.build_events import StepEvent, StepOutput
from devkit.engine.builder import find_builder
from devkit.engine.buildkit import BuildOutput, local_builder
from devkit.engine.compose_build import ServiceBuild, read_build
from devkit.engine.dockerfile import Dockerfile, Stage, argument_defaults, parse_dockerfile
from devkit.engine.images.provide import ProvidedImage, provide
from devkit.engine.machine_trust import Secret, proxy_environment, trust_for
from devkit.engine.push import push, push_error
from devkit.project.env_file import resolve_env
from devkit.project.errors import DevkitError, EngineError, UsageError
from devkit.project.paths import machine_paths, owner_of
from devkit.project.services import APP
from devkit.secrets.masking import Masker
from devkit.setup.build_request import PRODUCTION, BuildRequest
from devkit.setup.masked import secrets_masked, secrets_masker
from devkit.setup.project import Project

_WITHOUT_NODE = ("base-runtime", "dependencies", "development")
_FOR_ALL_MACHINES = ("base-runtime", "dependencies", "frontend-build", "app")
"""Stages of the scaffold's Dockerfile whose files are root's; others may belong to the project's owner here."""

_BASE_ARGUMENTS = {"frankenphp": "FRANKENPHP_IMAGE", "node": "NODE_IMAGE"}
_SHOWN_ARGUMENTS = (*_BASE_ARGUMENTS.values(), "USER_ID", "GROUP_ID")
_METADATA_DIGEST = "containerimage.digest"


def build(
    project: Project, stage: str | None, on_event: OnBuildEvent, request: BuildRequest | None = None
) -> BuildRecord:
    """Build a stage as NAME-app:STAGE, by default the one that compose.yaml names; CommandError where it fails.

    EngineError where the engine went meanwhile.

    What compose.yaml says of the build counts. compose.override.yaml is not asked: what it says for this machine is
    found out anew. What the machine trusts reaches the build as secrets, never as a layer, and values of build
    arguments through the environment: argv is for everybody to read. No error, no event and no record holds a secret
    of .env. A history that cannot be written is a warning.
    """
    with secrets_masked(project.paths):
        return _build(project, stage, on_event, request or BuildRequest())


def _build(project: Project, stage: str | None, on_event: OnBuildEvent, request: BuildRequest) -> BuildRecord:
    request.check()
    project.docker.ping()
    written = read_build(project.compose, APP)
    stage = stage or (PRODUCTION if request.is_for_others else None)
    dockerfile = _dockerfile(written)
    target = _target(dockerfile, stage or written.target or "development")
    masker = secrets_masker(project.paths)
    image = f"{image_repository(project.settings.name)}:{stage}" if stage else project.image
    planned = Planned(
        project=project.settings.name,
        image=image,
        root=project.paths.root,
        context=written.context,
        dockerfile_path=written.dockerfile,
        dockerfile=dockerfile,
        target=target,
        arguments={},
        no_cache=request.no_cache or "--no-cache" in written.options,
    )
    recording = Recording(planned, build_history(machine_paths()), masker.text, _warner(on_event))
    bases = _bases(project, target.name, on_event)
    arguments = _arguments(project, written, dockerfile, target, bases)
    recording.planned = replace(planned, arguments=arguments)
    output = BuildOutput(_masked(on_event, masker), dockerfile)
    wanted = _Wanted(project, written, target, image, stage is None, request, bases, arguments)
    command = _command(wanted)
    recording.look()
    steps = sum(len(one.steps) for one in dockerfile.needed_for(target))
    plain = tuple(map(masker.text, _plain(wanted, command)))
    on_event(BuildStarted(target.name, image, steps, str(written.dockerfile), plain))
    with _recorded(recording, output, bases, on_event) as finished:
        finished.pushed = _run(wanted, command, output)
    assert finished.record is not None
    return _push(wanted, recording, finished.record, on_event)


@dataclass(frozen=True)
class _Wanted:
    """One build, with everything that its command is made of."""

    project: Project
    written: ServiceBuild
    target: Stage
    image: str
    is_composes: bool
    request: BuildRequest
    bases: Sequence[ProvidedImage]
    arguments: Mapping[str, str]


def _run(wanted: _Wanted, command: Sequence[str], output: BuildOutput) -> str:
    """Build; the digest of what the builder itself pushed, else an empty text."""
    docker, root = wanted.project.docker, wanted.project.paths.root
    with tempfile.TemporaryDirectory(prefix="devkit-build-") as directory:
        metadata = Path(directory) / "metadata.json"
        straight = wanted.request.goes_straight_to_registry
        ways = ["--push", "--metadata-file", str(metadata)] if straight else ["--load"]
        context = wanted.written.context
        status = docker.stream(*command, *ways, context, on_line=output.feed, cwd=root, env=wanted.arguments)
        if status != 0:
            raise _failure(wanted, output, status)
        if straight:
            return str(json.loads(metadata.read_bytes()).get(_METADATA_DIGEST, ""))
    return ""


def _push(wanted: _Wanted, recording: Recording, record: BuildRecord, on_event: OnBuildEvent) -> BuildRecord:
    """Push what was built and loaded, if that is wanted. The build is over: how long this takes says nothing of it."""
    if not wanted.request.push or record.pushed:
        return record
    for tag in wanted.request.tags:
        on_event(Pushing(f"pushing {tag}"))
        root = wanted.project.paths.root
        digest = push(wanted.project.docker, tag, root, lambda line: on_event(Pushing(line)))
        on_event(Pushed(tag, digest))
        record = replace(record, pushed=digest)
    recording.note_push(record)
    return record


def _command(wanted: _Wanted) -> list[str]:
    project, written, request = wanted.project, wanted.written, wanted.request
    command = ["buildx", "build", "--progress=rawjson", "--target", wanted.target.name]
    command += ["--file", str(written.dockerfile), *written.options]
    if not request.goes_straight_to_registry:
        for tag in dict.fromkeys([wanted.image, *([written.image] if wanted.is_composes and written.image else [])]):
            command += ["--tag", tag]
    for tag in request.tags:
        command += ["--tag", tag]
    if wanted.is_composes:  # as Compose's own builds have it: what a newer build leaves behind is found by it
        command += ["--label", project_label(project.settings.name)]
    if request.no_cache and "--no-cache" not in written.options:
        command += ["--no-cache"]
    if request.platforms:
        command += ["--platform", ",".join(request.platforms)]
    if request.attest:
        command += ["--attest", "type=sbom", "--attest", "type=provenance,mode=max"]
    command += _builder(wanted)
    # Proxies are predefined arguments: in no layer and in no history.
    for name in dict.fromkeys([*wanted.arguments, *proxy_environment()]):
        command += ["--build-arg", name]
    trust = trust_for(project.paths.root, machine_paths(), suites=debian_suite(wanted.bases))
    for name, path in trust.secrets.items():
        if name not in written.secrets:
            command += ["--secret", Secret(name, path).option]
    if trust.ssh_agent and "--ssh" not in written.options:
        command += ["--ssh", "default"]
    return command


def _builder(wanted: _Wanted) -> list[str]:
    """The option that names the builder, where it cannot be the one in use; UsageError where none can do it."""
    docker, request = wanted.project.docker, wanted.request
    stand_in = next((base.name for base in wanted.bases if base.origin == "local"), None)
    name = local_builder(docker) if stand_in else None
    if request.goes_straight_to_registry:
        builder = find_builder(docker, name)
        if stand_in and not builder.keeps_lists:
            raise UsageError(
                f"attestations and several platforms need another builder, and {stand_in} is a stand-in that only"
                " this machine's engine has",
                "make an image registry reachable, then: devkit init --images registry",
            )
        request.check_builder(builder)
    return ["--builder", name] if name else []


def _plain(wanted: _Wanted, command: Sequence[str]) -> list[str]:
    """The command as a person types it at the project's root: values are shown of arguments that are no secrets."""
    root = wanted.project.paths.root
    shown = [word for word in command if not word.startswith("--progress")]
    for place, word in enumerate(shown):
        if shown[place - 1] == "--build-arg" and word in _SHOWN_ARGUMENTS and word in wanted.arguments:
            shown[place] = f"{word}={wanted.arguments[word]}"
        elif shown[place - 1] == "--file" and Path(word).is_relative_to(root):
            shown[place] = str(Path(word).relative_to(root))
    way = "--push" if wanted.request.goes_straight_to_registry else "--load"
    return ["docker", *shown, way, "." if wanted.written.context == str(root) else wanted.written.context]


def _failure(wanted: _Wanted, output: BuildOutput, status: int) -> DevkitError:
    try:
        wanted.project.docker.ping()
    except EngineError as gone:
        what = f"the stage {wanted.target.name} could not be built to its end"
        return EngineError(f"{what}: {gone.message}", gone.hint, detail=output.why())
    hint = "mend that step of the Dockerfile, or what it calls"
    error = output.failure(f"the stage {wanted.target.name} could not be built", hint, status)
    if wanted.request.goes_straight_to_registry and "failed to push" in error.message:
        return push_error(wanted.request.tags[0], error.message, status)
    return error


@dataclass
class _Finished:
    """How a build ended."""

    pushed: str = ""
    record: BuildRecord | None = None


@contextmanager
def _recorded(
    recording: Recording, output: BuildOutput, bases: Sequence[ProvidedImage], on_event: OnBuildEvent
) -> Iterator[_Finished]:
    """Whatever becomes of the build in the block, its record is kept and told."""
    finished = _Finished()

    def end(status: Status) -> None:
        steps = output.steps()
        finished.record = recording.finish(status, steps, _identity(bases, output.bases()), finished.pushed)
        on_event(BuildEnded(finished.record))

    try:
        yield finished
    except DevkitError:
        end("failed")
        raise
    except KeyboardInterrupt:  # InterruptedError_ is one
        end("cancelled")
        raise
    end("done")


def _identity(bases: Sequence[ProvidedImage], resolved: Sequence[str]) -> Callable[[str], str]:
    """Says which image a reference of FROM stood for: by the engine's id, else by the digest that BuildKit names."""

    def identity(reference: str) -> str:
        for base in bases:
            if reference in (base.name, base.pinned):
                return f"{base.name} {base.id}"
        name = reference.partition("@")[0]
        found = (text for text in resolved if "@" in text and text.partition("@")[0].endswith(name))
        return next(found, reference)

    return identity


def _masked(on_event: OnBuildEvent, masker: Masker) -> Callable[[StepEvent], None]:
    """What programs write while an image is made may hold values of .env."""

    def masked(event: StepEvent) -> None:
        step = replace(event.step, name=masker.text(event.step.name), error=masker.text(event.step.error))
        if isinstance(event, StepOutput):
            on_event(StepOutput(step, masker.text(event.text)))
        else:
            on_event(replace(event, step=step))

    return masked


def _warner(on_event: OnBuildEvent) -> Callable[[str], None]:
    return lambda text: on_event(BuildWarning(text))


def _arguments(
    project: Project,
    written: ServiceBuild,
    dockerfile: Dockerfile,
    target: Stage,
    bases: Sequence[ProvidedImage],
) -> dict[str, str]:
    uid, gid = owner_of(project.paths.root)
    return {
        **{_BASE_ARGUMENTS[base.key]: base.pinned for base in bases},
        **({} if target.name == "development" else _vite_values(project, dockerfile)),
        **written.arguments,
        **({"USER_ID": str(uid), "GROUP_ID": str(gid)} if target.name not in _FOR_ALL_MACHINES else {}),
    }


def _bases(project: Project, stage: str, on_event: OnBuildEvent) -> list[ProvidedImage]:
    return provide(
        project.docker,
        ["frankenphp"] if stage in _WITHOUT_NODE else ["frankenphp", "node"],
        mode="auto",
        php_version=project.settings.php.version,
        node_version=project.settings.node.version,
        paths=machine_paths(),
        on_progress=lambda progress: on_event(Preparing(str(progress))),
    )


def _target(dockerfile: Dockerfile, name: str) -> Stage:
    """The stage of this name; UsageError where there is none."""
    found = dockerfile.stage(name)
    if found is None:
        names = ", ".join(stage.name for stage in dockerfile.stages if stage.name)
        raise UsageError(f"the Dockerfile has no stage {name!r}", f"it has: {names}")
    return found


def _dockerfile(written: ServiceBuild) -> Dockerfile:
    """The Dockerfile, read; UsageError where it is missing."""
    try:
        return parse_dockerfile(written.dockerfile.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise UsageError(
            f"{written.dockerfile} cannot be read: {error.strerror}", "see `build:` in compose.yaml"
        ) from error


def _vite_values(project: Project, dockerfile: Dockerfile) -> dict[str, str]:
    """Values of .env for the VITE_* that the Dockerfile takes: they are for browsers, and baked into the assets."""
    declared = [one for stage in dockerfile.stages for one in stage.instructions if one.keyword == "ARG"]
    names = [name for one in declared for name in argument_defaults(one) if name.startswith("VITE_")]
    # Laravel's own .env takes some of them from other names: VITE_APP_NAME="${APP_NAME}".
    values = resolve_env(project.paths.env) if names else {}
    return {name: values[name] for name in names if name in values}


def debian_suite(bases: Sequence[ProvidedImage]) -> str:
    """The Debian release inside the application's base image: the stand-in is built from a newer one."""
    return "forky" if any(base.key == "frankenphp" and base.origin == "local" for base in bases) else "trixie"

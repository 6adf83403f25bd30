"""A build with a docker command that plays a recorded one: its events, its record, and what it says when it fails."""

from __future__ import annotations

import json
import shlex
import signal
from pathlib import Path

import pytest

from devkit.delivery.build_progress import (
    BuildEnded,
    BuildEvent,
    BuildStarted,
    BuildWarning,
    Pushed,
    Pushing,
    as_lines,
)
from devkit.delivery.history import build_history
from devkit.engine.build_events import StepEnded, StepOutput, StepStarted
from devkit.engine.connection import Endpoint
from devkit.engine.docker import Docker
from devkit.engine.images.provide import ProvidedImage
from devkit.engine.machine_trust import MachineTrust
from devkit.project.errors import CommandError, EngineError, InterruptedError_, UsageError
from devkit.project.paths import ProjectPaths, machine_paths
from devkit.project.settings import Settings
from devkit.setup import building
from devkit.setup.build_request import BuildRequest
from devkit.setup.building import build
from devkit.setup.project import Project

pytestmark = pytest.mark.unit

RECORDED = Path(__file__).parent.parent / "engine" / "recorded_builds"
DIGEST = f"sha256:{'5e' * 32}"
TAG = "registry.example/shop:1.2"

DOCKER = """\
#!/bin/sh
here="$(dirname "$0")"
printf '%s\\n' "$*" >> "$here/argv"
case "$*" in
buildx\\ inspect*) printf 'Name: default\\nDriver: docker\\n' ;;
buildx*) cat "$here/said"; exit "$(cat "$here/status")" ;;
push*) echo "1.2: digest: {digest} size: 1" ;;
*config*) cat "$here/config.json" ;;
info*) echo '[]' ;;
esac
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Its base image is there, and its build ends as `played` says."""
    base = ProvidedImage("devkit.local/debian:forky", "frankenphp", "registry", None, "sha256:1")
    monkeypatch.setattr(building, "provide", lambda *_words, **_options: [base])
    monkeypatch.setattr(building, "trust_for", lambda *_words, **_options: MachineTrust())  # apt is slow to ask
    root, programs = tmp_path / "shop", tmp_path / "programs"
    for directory in (root / "code", programs):
        directory.mkdir(parents=True)
    service = {"build": {"context": str(root), "target": "app"}}
    (programs / "config.json").write_text(json.dumps({"services": {"app": service}}))
    (root / "Dockerfile").write_text((RECORDED / "failed.Dockerfile").read_text())
    (root / "lock").write_text("1")
    (root / "code" / "page.php").write_text("good")
    (root / ".env").write_text("REGISTRY_PASSWORD=hunter2hunter2\n")
    binary = programs / "docker"
    binary.write_text(DOCKER.replace("{digest}", DIGEST))
    binary.chmod(0o755)
    docker = Docker(binary, Endpoint("tcp://192.0.2.1", "DOCKER_HOST"))
    return Project(ProjectPaths(root), Settings("shop"), docker)


def played(project: Project, name: str, status: int = 0) -> None:
    (project.docker.binary.parent / "said").write_text((RECORDED / f"{name}.txt").read_text())
    (project.docker.binary.parent / "status").write_text(str(status))


def argv(project: Project) -> list[list[str]]:
    return [line.split() for line in (project.docker.binary.parent / "argv").read_text().splitlines()]


def test_a_build_is_told_as_it_goes_and_kept(project: Project) -> None:
    played(project, "cold-buildx-0.13")
    events: list[BuildEvent] = []
    record = build(project, None, events.append)
    plain = (
        "docker buildx build --target app --file Dockerfile --tag shop-app:development"
        " --label com.docker.compose.project=shop --build-arg FRANKENPHP_IMAGE=devkit.local/debian:forky --load ."
    )
    dockerfile = str(project.paths.root / "Dockerfile")
    assert events[0] == BuildStarted("app", "shop-app:development", 6, dockerfile, tuple(plain.split()))
    assert [type(event) for event in events[1:4]] == [StepEnded, StepStarted, StepEnded]
    assert events[-1] == BuildEnded(record)
    assert (record.status, record.hits, record.total) == ("done", 1, 6)
    assert {step.reason.cause for step in record.steps if step.reason} == {"first"}
    assert build_history(machine_paths()).builds("shop") == [record]


def test_the_next_build_says_which_file_changed_and_what_was_saved(project: Project) -> None:
    played(project, "cold-buildx-0.13")
    build(project, None, lambda _: None)
    (project.paths.root / "code" / "page.php").write_text("better")
    played(project, "edited-buildx-0.29")
    record = build(project, None, lambda _: None)
    assert [(step.cached, step.saved, step.reason and step.reason.text) for step in record.steps] == [
        (True, None, None),
        (True, 0.451, None),
        (True, 0.434, None),
        (False, None, "code/page.php changed"),
        (False, None, "the step before it was rebuilt"),
        (False, None, "the step before it was rebuilt"),
    ]
    assert (record.saved, record.unknown) == (0.885, 1)


def test_a_build_that_fails_is_kept_as_one_and_told_with_its_lines(project: Project) -> None:
    played(project, "failed-buildx-0.29", status=1)
    events: list[BuildEvent] = []
    with pytest.raises(CommandError) as caught:
        build(project, None, events.append)
    assert caught.value.message.startswith("the stage app could not be built: [app 2/3] RUN")
    assert caught.value.message.endswith(": page.php:1: is not good")
    assert "Dockerfile:9" in caught.value.detail.splitlines()
    ended = events[-1]
    assert isinstance(ended, BuildEnded)
    assert (ended.record.status, bool(ended.record.steps[-1].error)) == ("failed", True)
    assert build_history(machine_paths()).builds("shop") == [ended.record]


def test_the_plain_command_has_no_values_that_may_be_secrets(project: Project) -> None:
    written = {"args": {"TOKEN": "hunter2hunter2"}, "labels": {"registry": "of-hunter2hunter2"}}
    service = {"build": {"context": str(project.paths.root), "target": "app", **written}}
    (project.docker.binary.parent / "config.json").write_text(json.dumps({"services": {"app": service}}))
    played(project, "cold-buildx-0.13")
    events: list[BuildEvent] = []
    build(project, None, events.append)
    assert isinstance(events[0], BuildStarted)
    assert {"TOKEN", "registry=of-***REGISTRY_PASSWORD***"} <= set(events[0].command)
    assert "hunter2hunter2" not in str(events)


def test_an_engine_that_goes_meanwhile_is_said_and_the_build_is_kept_as_failed(project: Project) -> None:
    binary = project.docker.binary
    gone = "*version*) [ -e \"$here/gone\" ] || exit 0; echo 'Cannot connect to the Docker daemon' >&2; exit 1 ;;"
    binary.write_text(
        binary.read_text().replace("info*)", f"{gone}\ninfo*)").replace("buildx*) ", 'buildx*) touch "$here/gone"; ')
    )
    said = "ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF\n"
    (binary.parent / "said").write_text(said)
    (binary.parent / "status").write_text("1")
    with pytest.raises(EngineError, match=r"could not be built to its end: .*192\.0\.2\.1.* does not answer") as caught:
        build(project, None, lambda _: None)
    assert "rpc error" in caught.value.detail
    (kept,) = build_history(machine_paths()).builds("shop")
    assert kept.status == "failed"


def test_a_build_that_fails_says_so_without_the_secrets_of_env(project: Project) -> None:
    (project.docker.binary.parent / "said").write_text("ERROR: failed to solve: cannot log in with hunter2hunter2\n")
    (project.docker.binary.parent / "status").write_text("1")
    with pytest.raises(CommandError) as caught:
        build(project, None, lambda _: None)
    assert "***REGISTRY_PASSWORD***" in caught.value.message
    assert "hunter2" not in f"{caught.value.message} {caught.value.detail}"


def test_what_a_step_writes_is_told_without_the_secrets_of_env(project: Project) -> None:
    (project.paths.root / ".env").write_text("APP_KEY=compiling\n")
    played(project, "cold-buildx-0.13")
    events: list[BuildEvent] = []
    build(project, None, events.append)
    assert [event.text for event in events if isinstance(event, StepOutput)] == ["***APP_KEY***"]


def test_a_build_that_is_interrupted_is_kept_as_cancelled(project: Project) -> None:
    played(project, "cold-buildx-0.13")
    events: list[BuildEvent] = []

    def interrupt(event: BuildEvent) -> None:
        events.append(event)
        if isinstance(event, StepStarted):
            raise InterruptedError_(signal.SIGINT)

    with pytest.raises(InterruptedError_):
        build(project, None, interrupt)
    (kept,) = build_history(machine_paths()).builds("shop")
    assert (kept.status, kept.total) == ("cancelled", 1)
    assert events[-1] == BuildEnded(kept)


def test_a_history_that_cannot_be_used_is_a_warning_and_the_build_is_done(project: Project) -> None:
    database = build_history(machine_paths()).path
    database.parent.mkdir(parents=True, exist_ok=True)
    database.write_bytes(b"x" * 5000)
    played(project, "cold-buildx-0.13")
    events: list[BuildEvent] = []
    assert build(project, None, events.append).status == "done"
    (warning,) = [event for event in events if isinstance(event, BuildWarning)]
    assert "file is not a database" in warning.text


def test_a_push_gives_the_digest_and_takes_the_production_image(project: Project) -> None:
    played(project, "cold-buildx-0.13")
    events: list[BuildEvent] = []
    record = build(project, None, events.append, BuildRequest(push=True, tags=(TAG,), no_cache=True))
    assert (record.image, record.pushed, record.to_json()["digest"]) == ("shop-app:app", DIGEST, DIGEST)
    assert events[-3:] == [Pushing(f"pushing {TAG}"), Pushing(f"1.2: digest: {DIGEST} size: 1"), Pushed(TAG, DIGEST)]
    assert build_history(machine_paths()).builds("shop") == [record]
    command = next(words for words in argv(project) if words[:2] == ["buildx", "build"])
    assert [command[place + 1] for place, word in enumerate(command) if word == "--tag"] == ["shop-app:app", TAG]
    assert "--no-cache" in command and "--load" in command
    assert ["push", TAG] in argv(project)
    assert {step.reason.cause for step in record.steps if step.reason} == {"no-cache"}


def test_a_push_that_fails_is_no_build_that_failed(project: Project) -> None:
    binary = project.docker.binary
    binary.write_text(binary.read_text().replace("push*) ", "push*) echo denied; exit 1; "))
    played(project, "cold-buildx-0.13")
    with pytest.raises(CommandError, match="could not be pushed: denied"):
        build(project, None, lambda _: None, BuildRequest(push=True, tags=(TAG,)))
    (kept,) = build_history(machine_paths()).builds("shop")
    assert (kept.status, kept.pushed) == ("done", "")


def test_several_platforms_need_another_builder_and_nothing_is_built(project: Project) -> None:
    request = BuildRequest(push=True, tags=(TAG,), platforms=("linux/amd64", "linux/arm64"))
    with pytest.raises(UsageError, match=r"the builder default .* cannot do several platforms"):
        build(project, None, lambda _: None, request)
    assert not [words for words in argv(project) if words[:2] == ["buildx", "build"]]
    assert build_history(machine_paths()).builds("shop") == []


def test_a_builder_that_can_pushes_by_itself(project: Project) -> None:
    binary = project.docker.binary
    keeps = f"""printf '{{"containerimage.digest": "{DIGEST}"}}' > "$file" """
    find = 'for word do if [ "$last" = --metadata-file ]; then file="$word"; fi; last="$word"; done'
    text = binary.read_text().replace("Driver: docker\\n", "Driver: docker-container\\n")
    binary.write_text(text.replace("buildx*) ", f"buildx*) {find}; {keeps}; "))
    played(project, "cold-buildx-0.13")
    request = BuildRequest(push=True, tags=(TAG,), platforms=("linux/amd64", "linux/arm64"), attest=True)
    assert build(project, None, lambda _: None, request).pushed == DIGEST
    command = next(words for words in argv(project) if words[:2] == ["buildx", "build"])
    shown = shlex.join(command)
    assert "--platform linux/amd64,linux/arm64 --attest type=sbom --attest type=provenance,mode=max" in shown
    assert "--push" in command and "--load" not in command and "shop-app:app" not in command


def test_a_stage_that_is_not_there_is_named_with_those_that_are(project: Project) -> None:
    with pytest.raises(UsageError, match="no stage 'missing'") as caught:
        build(project, "missing", lambda _: None)
    assert caught.value.hint == "it has: dependencies, app"


def test_who_shows_lines_hears_of_each_step_once(project: Project) -> None:
    played(project, "edited-buildx-0.29")
    lines: list[str] = []
    build(project, None, as_lines(lines.append))
    assert [line.partition("]")[0] for line in lines] == [
        "[dependencies 2/4",
        "[dependencies 3/4",
        "[dependencies 4/4",
        "[app 1/3",
        "[app 2/3",
        "[app 3/3",
    ]
    assert [line.endswith("(cached)") for line in lines] == [True] * 3 + [False] * 3

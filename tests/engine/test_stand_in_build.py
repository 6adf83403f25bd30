"""How stand-ins are made: the real builds, under names of their own."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support import nobody_else_provides

from devkit.engine.buildkit import local_builder
from devkit.engine.docker import Docker
from devkit.engine.images.base import debian_inputs, import_archive
from devkit.engine.images.build import Inputs, build_job
from devkit.engine.images.catalogue import INPUTS_LABEL, base_image
from devkit.engine.images.inputs import images_directory
from devkit.engine.images.jobs import run_jobs
from devkit.engine.images.present import present_images
from devkit.engine.images.progress import Progress
from devkit.engine.images.provide import planned_images, provide
from devkit.engine.images.watcher import fetch_watcher
from devkit.engine.machine_trust import build_secrets
from devkit.project.errors import CommandError
from devkit.project.paths import machine_paths as paths_of_this_machine

pytestmark = pytest.mark.engine

KEYS = ("redis", "valkey", "mailpit")


@pytest.fixture(scope="module")
def present(docker: Docker) -> Iterator[None]:
    with nobody_else_provides("valkey"):
        provide(docker, KEYS, paths=paths_of_this_machine(), on_progress=lambda progress: print(progress))
        yield


@pytest.fixture
def reference(docker: Docker) -> Iterator[str]:
    name = f"devkit.local/test-{secrets.token_hex(4)}:1.0"
    yield name
    docker.run("image", "rm", "--force", name, check=False)


def test_images_that_are_there_are_not_made_again_and_nothing_is_said(docker: Docker, present: None) -> None:
    events: list[Progress] = []
    provided = provide(docker, KEYS, paths=paths_of_this_machine(), on_progress=events.append)
    assert events == []
    assert [image.key for image in provided] == list(KEYS)
    assert planned_images(KEYS) == provided


def test_a_stand_in_of_an_older_devkit_is_made_again_out_of_the_cache(docker: Docker, present: None) -> None:
    reference = base_image("valkey").reference
    older = ("--builder", local_builder(docker), "--load", "--label", f"{INPUTS_LABEL}=older", "--tag", reference, "-")
    docker.run("buildx", "build", *older, input=f"FROM {reference}".encode())
    planned = planned_images(KEYS)
    assert [image.key for image in planned if not image.id] == ["valkey"]
    assert {image.origin for image in planned} == {"local"}
    events: list[Progress] = []
    provided = provide(docker, KEYS, paths=paths_of_this_machine(), on_progress=events.append)
    assert events[0].text == "devkit has changed since: building 1 stand-in again"
    steps = [event.text for event in events if event.event == "step"]
    assert steps and all(step.endswith("(cached)") for step in steps)
    assert [image.id for image in provided] == [image.id for image in planned_images(KEYS)]


def test_the_debian_that_stand_ins_are_built_from_says_what_it_was_made_of(
    docker: Docker, reference: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    import_archive(docker, ["tar", "-C", str(tmp_path), "-c", "."], reference)
    assert present_images(docker, [reference])[reference].inputs == debian_inputs()


def test_a_debian_that_could_not_be_packed_to_the_end_gets_no_name(
    docker: Docker, reference: str, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    broken = ["sh", "-c", 'tar -C "$0" -c . && exit 3', str(tmp_path)]
    with pytest.raises(CommandError, match="could not be packed: sh ended with status 3"):
        import_archive(docker, broken, reference)
    assert present_images(docker, [reference]) == {}


def test_a_stand_in_is_built_with_progress_and_leaves_no_secret_behind(
    docker: Docker, present: None, reference: str
) -> None:
    events: list[Progress] = []
    base = replace(base_image("redis"), reference=reference)
    with build_secrets() as given:
        run_jobs([build_job(docker, base, Inputs(given), events.append)], at_once=1)
        directory = given[0].path.parent
        assert directory.stat().st_mode & 0o777 == 0o700
    assert not directory.exists()
    assert [events[0].event, events[-1].event] == ["started", "done"]
    assert any("RUN apt-get update" in event.text for event in events)
    assert present_images(docker, [reference])[reference].is_stand_in
    left = docker.run(
        "run", "--rm", "--network", "none", "--entrypoint", "sh", reference, "-c",
        "cat /etc/apt/sources.list.d/* /etc/apt/apt.conf.d/99machine /run/secrets/* 2>/dev/null; true",
    )  # fmt: skip
    assert left.stdout == b""


def test_a_build_that_fails_says_why(
    docker: Docker, present: None, reference: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    base = replace(base_image("redis"), reference=reference)
    with build_secrets() as given:
        broken = [replace(one, path=tmp_path_factory.mktemp("none") / one.id) for one in given]
        with pytest.raises(CommandError, match="could not be built") as error:
            run_jobs([build_job(docker, base, Inputs(broken), lambda _: None)], at_once=1)
    assert "no such file" in error.value.detail
    assert "goes on from there" in error.value.hint


def test_a_build_that_is_interrupted_ends_its_programs(docker: Docker, present: None, reference: str) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.event == "step":
            raise KeyboardInterrupt

    before = children()
    base = replace(base_image("redis"), reference=reference)
    with build_secrets() as given, pytest.raises(KeyboardInterrupt):
        run_jobs([build_job(docker, base, Inputs(given), interrupt)], at_once=1)
    assert children() == before


def test_a_file_watcher_that_is_there_is_not_asked_for_again(
    docker: Docker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requirements = images_directory() / "frankenphp/watcher.txt"
    directory = fetch_watcher(docker, requirements, tmp_path, print)
    (wheel,) = directory.iterdir()
    (directory / "wtr_watcher-0.1.0-py3-none-any.whl").write_bytes(b"of another version, or cut off")
    monkeypatch.setenv("PIP_INDEX_URL", "http://index.invalid/simple")
    assert fetch_watcher(docker, requirements, tmp_path, print) == directory
    assert list(directory.iterdir()) == [wheel]


def children() -> set[str]:
    """The processes that this one started and that still run."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as stream:  # noqa: PTH123
        return set(stream.read().split())

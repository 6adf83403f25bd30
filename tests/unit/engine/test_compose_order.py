"""The services of a Compose file in its order."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.engine.compose_order import Declared, compose_files, declared_in, declared_services
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

TEXT = """
x-common: &common {image: "${APP_IMAGE:?}"}
services:
  worker: {<<: *common}
  app:
    image: app
    ports: !override ["80:80"]
  debug:
    image: debug
    profiles: [tools, more]
volumes: {data: {}}
"""


def test_services_stand_in_the_order_of_the_file_with_their_profiles() -> None:
    assert declared_services(TEXT) == (Declared("worker"), Declared("app"), Declared("debug", ("tools", "more")))


@pytest.mark.parametrize("text", ["", "services:", "services: []", "name: x", "[]"])
def test_a_file_without_services_declares_none(text: str) -> None:
    assert declared_services(text) == ()


def test_a_file_that_is_no_yaml_is_told_with_the_line() -> None:
    with pytest.raises(UsageError, match=r"compose\.yaml is no YAML, line 3"):
        declared_services("services:\n  a: [\n")


def test_included_files_and_the_override_declare_services_too(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "compose.yaml").write_text(
        "include:\n  - docker/adopted.yaml\n  - {path: [missing.yaml, broken.yaml]}\nservices: {app: {image: app}}\n"
    )
    (tmp_path / "docker" / "adopted.yaml").write_text(
        "include: [{path: ../compose.yaml}]\nservices: {minio: {image: minio}, debug: {profiles: [tools]}}\n"
    )
    (tmp_path / "broken.yaml").write_text("services:\n  a: [\n")
    (tmp_path / "compose.override.yaml").write_text("services: {app: {profiles: [x]}, own: {image: own}}\n")
    assert declared_in(compose_files(tmp_path)) == (
        Declared("app", ("x",)),
        Declared("minio"),
        Declared("debug", ("tools",)),
        Declared("own"),
    )


def test_a_directory_without_compose_files_declares_none(tmp_path: Path) -> None:
    assert declared_in(compose_files(tmp_path)) == ()

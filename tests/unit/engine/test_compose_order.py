"""The services of a Compose file in its order."""

from __future__ import annotations

import pytest

from devkit.engine.compose_order import Declared, declared_services
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

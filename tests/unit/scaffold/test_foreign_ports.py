from __future__ import annotations

from pathlib import Path

import pytest
from scaffold_examples import FULL, context

from devkit.project.errors import UsageError
from devkit.scaffold.foreign_ports import foreign_ports
from devkit.scaffold.render import render

pytestmark = pytest.mark.unit


def test_ports_of_adopted_and_of_a_persons_own_services_are_found(tmp_path: Path) -> None:
    own = ("app", *FULL.all_services)
    compose = render(FULL, context(adopted=True))["compose.yaml"].text
    (tmp_path / "compose.yaml").write_text(compose)
    assert foreign_ports(tmp_path, own, {}) == {}
    (tmp_path / "compose.yaml").write_text(
        compose.replace("services:\n", "services:\n  web: {ports: ['8010:80']}\n", 1)
    )
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "compose.adopted.yaml").write_text(
        "services:\n  search: {image: x, ports: ['127.0.0.1:${SEARCH:-9200}:9200', '127.0.0.1::9600']}\n  none:\n"
    )
    assert foreign_ports(tmp_path, own, {"SEARCH": "8000"}) == {8010: "web", 8000: "search"}


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: 5\n")
    with pytest.raises(UsageError, match=r"compose\.yaml cannot be used"):
        foreign_ports(tmp_path, (), {})

from __future__ import annotations

import json
from pathlib import Path

import pytest
from laravel_application import laravel

from devkit.scaffold.adopt import detect

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("files", "manager", "version"),
    [
        ({"package.json": "{}"}, "npm", None),
        ({"package.json": "{}", "pnpm-lock.yaml": "", ".nvmrc": "v20.11.1\n"}, "pnpm", "20"),
        ({"package.json": "{}", "yarn.lock": "", ".nvmrc": "lts/*", ".node-version": "22"}, "yarn", "22"),
        ({"package.json": '{"engines": {"node": ">=18"}}', "bun.lock": ""}, "bun", "24"),
        ({"package.json": '{"engines": {"node": "^18 || ^20.1"}}', "package-lock.json": "{}"}, "npm", "20"),
        ({"package.json": '{"engines": {"node": ">=18 <23"}}'}, "npm", "22"),
        ({"package.json": '{"packageManager": "pnpm@9.1.0"}', "package-lock.json": "{}"}, "pnpm", None),
        ({}, None, None),
    ],
)
def test_the_package_manager_and_nodes_version_are_found(
    tmp_path: Path, files: dict[str, str], manager: str | None, version: str | None
) -> None:
    laravel(tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    existing = detect(tmp_path)
    assert (existing.package_manager, existing.node_version) == (manager, version)


@pytest.mark.parametrize(
    ("constraint", "version"),
    [
        ("*", "24"),
        (">=18", "24"),
        (">= 18.0.0", "24"),
        (">=18 <23", "22"),
        (">=18 <=22", "22"),
        (">=18.0.0 <22.12.0", "22"),
        ("<=20", "20"),
        ("<20", "18"),
        (">18", "24"),
        ("18 - 22", "22"),
        ("^18.18.0 || ^20.9.0 || >=21.1.0", "24"),
        ("^18 || ^20.1", "20"),
        ("~20.1", "20"),
        ("20.x", "20"),
        ("20", "20"),
        ("v22.1", "22"),
        ("19.x", "19"),
        (">=25", "25"),
        ("lts/*", "24"),
    ],
)
def test_node_is_the_newest_long_term_release_that_engines_admits(
    tmp_path: Path, constraint: str, version: str
) -> None:
    laravel(tmp_path)
    (tmp_path / "package.json").write_text(json.dumps({"engines": {"node": constraint}}))
    assert detect(tmp_path).node_version == version

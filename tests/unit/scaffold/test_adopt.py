from __future__ import annotations

import os
from pathlib import Path

import pytest
from laravel_application import SAIL, laravel

from devkit.project.errors import UsageError
from devkit.scaffold.adopt import Existing, detect

pytestmark = pytest.mark.unit


def said(existing: Existing, text: str) -> bool:
    return any(text in note for note in existing.notes)


def test_a_directory_that_is_missing_or_holds_only_harmless_files_is_empty(tmp_path: Path) -> None:
    assert detect(tmp_path / "new").kind == "empty"
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").touch()
    (tmp_path / ".compose.yaml.0a1b2c3d.devkit-tmp").touch()  # a first run was killed in the middle of a write
    assert detect(tmp_path).kind == "empty"


def test_an_interrupted_first_run_counts_as_empty(tmp_path: Path) -> None:
    (tmp_path / "devkit.toml").write_text("schema = 1\n")
    (tmp_path / "composer.json").write_text("{}")
    (tmp_path / "app").mkdir()
    assert detect(tmp_path).kind == "empty"


def test_files_of_the_scaffold_do_not_make_a_directory_foreign(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    for name in ("compose.yaml", "Dockerfile", "docker/Caddyfile"):
        (tmp_path / name).write_text("# Written by devkit\n")
    assert detect(tmp_path).kind == "empty"


def test_a_persons_file_that_speaks_of_devkit_is_theirs(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "compose.yaml").write_text("name: devkit-shop\nservices:\n  db: {image: 'postgres:16'}\n")
    existing = detect(tmp_path)
    assert (existing.in_the_way, existing.database) == (("compose.yaml",), "pgsql")
    assert said(existing, "Docker Compose ran here: end it")


def test_something_else_is_named(tmp_path: Path) -> None:
    (tmp_path / "main.go").touch()
    (tmp_path / "src").mkdir()
    existing = detect(tmp_path)
    assert (existing.kind, existing.found) == ("other", ("main.go", "src"))


@pytest.mark.parametrize("text", ['{\n "require": {\n  "php" }', "[]", '{"a":\n\n"\xe9'])
def test_a_broken_composer_json_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "composer.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=r"composer\.json cannot be read: line \d"):
        detect(tmp_path)


def test_a_broken_compose_file_and_a_broken_env_are_named_with_their_line(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "compose.yaml").write_text("services:\n  a: [1\n  b: }\n")
    with pytest.raises(UsageError, match=r"compose\.yaml cannot be read: line 3"):
        detect(tmp_path)
    (tmp_path / "compose.yaml").unlink()
    (tmp_path / ".env").write_text('A=1\n\nB="open secret\n')
    with pytest.raises(UsageError, match="line 3") as caught:
        detect(tmp_path)
    assert "secret" not in str(caught.value)


def test_an_example_of_env_that_is_not_utf8_is_refused_before_it_is_copied(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / ".env").unlink(missing_ok=True)
    (tmp_path / ".env.example").write_bytes(b"APP_NAME=x\nDB_HOST=caf\xe9\n")
    with pytest.raises(UsageError, match=r"\.env\.example cannot be read: line 2"):
        detect(tmp_path)


def test_a_file_in_place_of_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is a file"):
        detect(tmp_path / "file")


def test_an_outer_git_repository_is_noted_and_no_error(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inside = tmp_path / "apps" / "one"
    inside.mkdir(parents=True)
    existing = detect(inside)
    assert said(existing, f"inside the git repository {tmp_path}: ")


def test_sails_set_up_is_read_into_settings(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "docker-compose.yml").write_text(SAIL)
    (tmp_path / ".env").write_text("DB_CONNECTION=mysql\nDB_HOST=mysql\nCACHE_STORE=redis\n")
    existing = detect(tmp_path)
    assert existing.kind == "laravel"
    assert said(existing, "Sail ran here: end it")
    assert not said(existing, "Docker Compose ran here")
    assert existing.database == "mysql"
    assert existing.services == ("redis", "mailpit", "queue")
    assert said(existing, "devkit's app takes the place of laravel.test")
    assert said(existing, "kept as they are: search.node")
    assert existing.in_the_way == ("docker-compose.yml",)
    assert existing.php_version == "8.4"
    assert any("--php 8.3 keeps it" in note for note in existing.notes)


def test_an_address_that_would_win_over_the_stacks_services_is_noted(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / ".env").write_text("DB_CONNECTION=mysql\nDB_URL=mysql://u:secret@db.example.com/shop\nREDIS_URL=\n")
    (note,) = [note for note in detect(tmp_path).notes if "would win" in note]
    assert note.startswith("DB_URL in .env") and "secret" not in note


def test_ddev_and_lando_are_read(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / ".ddev").mkdir()
    (tmp_path / ".ddev" / "config.yaml").write_text(
        "type: laravel\nphp_version: '8.3'\nnodejs_version: '20'\ndatabase: {type: postgres, version: '16'}\n"
        "web_extra_daemons: [{name: q, command: 'php artisan queue:work', directory: /var/www/html}]\n"
    )
    (tmp_path / ".ddev" / "docker-compose.redis.yaml").write_text("services: {}\n")
    existing = detect(tmp_path)
    assert (existing.database, existing.node_version) == ("pgsql", "20")
    assert said(existing, "DDEV ran here: end it")
    assert existing.services == ("redis", "queue")
    (tmp_path / ".ddev" / "config.yaml").unlink()
    (tmp_path / ".lando.yml").write_text(
        "recipe: laravel\nconfig: {php: '8.3', database: mariadb, cache: redis}\n"
        "services: {node: {type: 'node:20'}, solr: {type: 'solr:8'}}\n"
    )
    (tmp_path / "package.json").write_text("{}")
    existing = detect(tmp_path)
    assert (existing.database, existing.node_version) == ("mariadb", "20")
    assert said(existing, "Lando ran here: end it")
    assert any("solr (lando)" in note for note in existing.notes)


def test_values_of_env_are_not_in_the_representation(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / ".env").write_text("DB_PASSWORD=top-secret\n")
    existing = detect(tmp_path)
    assert isinstance(existing, Existing)
    assert existing.env["DB_PASSWORD"] == "top-secret"
    assert "top-secret" not in repr(existing)


def test_detecting_writes_nothing(tmp_path: Path) -> None:
    laravel(tmp_path)
    (tmp_path / "docker-compose.yml").write_text(SAIL)
    before = {entry.name: entry.stat() for entry in os.scandir(tmp_path)}
    detect(tmp_path)
    assert {name: status.st_mtime_ns for name, status in before.items()} == {
        entry.name: entry.stat().st_mtime_ns for entry in os.scandir(tmp_path)
    }

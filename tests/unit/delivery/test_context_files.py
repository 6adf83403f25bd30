from __future__ import annotations

import os
from pathlib import Path

import pytest

from devkit.delivery import context_files
from devkit.delivery.context_files import (
    ContextFiles,
    ContextTooLargeError,
    changed_files,
    context_sources,
    short_digests,
)
from devkit.delivery.ignore_patterns import parse_ignore_patterns
from devkit.engine.dockerfile import Instruction, parse_dockerfile

pytestmark = pytest.mark.unit


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name in ("composer.json", "composer.lock", "vite.config.js", "app/User.php", "app/Http/Kernel.php", "vendor/x"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "link").symlink_to("app")
    return tmp_path


def instruction(text: str) -> Instruction:
    return parse_dockerfile(f"FROM x\n{text}\n").stages[0].instructions[0]


def taken(context: Path, text: str, ignored: str = "vendor", **values: str) -> list[str] | None:
    found = ContextFiles(context, parse_ignore_patterns(ignored)).taken_by(instruction(text), values)
    return None if found is None else sorted(found)


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("COPY composer.json composer.loc[k] missin[g] ./", ["composer.json", "composer.lock"]),
        ("COPY *.js *.ts ./", ["vite.config.js"]),
        ("COPY app ./app", ["app", "app/Http", "app/Http/Kernel.php", "app/User.php"]),
        ("COPY app/*.php ./", ["app/User.php"]),
        ("COPY a*/Http ./", ["app/Http", "app/Http/Kernel.php"]),
        ("COPY ./app/../composer.json ./", ["composer.json"]),
        ("COPY link ./", ["link"]),
        ("COPY vendor ./", []),
        ("COPY --from=other /x ./", []),
        ("ADD https://example.test/x git@example.test:y ./", []),
        ('COPY ["composer.json", "./"]', ["composer.json"]),
        ("RUN --mount=type=bind,source=composer.json,target=/x make", ["composer.json"]),
        ("RUN --mount=target=/x,source=app/User.php --mount=type=cache,target=/c make", ["app/User.php"]),
        ("RUN --mount=type=bind,from=other,source=a,target=/x make", []),
    ],
)
def test_an_instruction_takes_these_files(context: Path, text: str, paths: list[str]) -> None:
    assert taken(context, text) == paths


def test_all_of_the_context_is_all_but_what_is_ignored(context: Path) -> None:
    everything = taken(context, "COPY . .")
    assert everything is not None
    assert "app/User.php" in everything and "link" in everything
    assert not [path for path in everything if path.startswith("vendor")]
    again = taken(context, "RUN --mount=target=/x make")
    assert again == everything


def test_a_variable_in_a_path_is_expanded_or_nothing_is_known(context: Path) -> None:
    assert taken(context, "COPY $WHAT ./", WHAT="composer.json") == ["composer.json"]
    assert taken(context, "COPY $WHAT ./") is None


def looked_at(context: Path, known: dict[str, str] | None = None) -> dict[str, str]:
    files = ContextFiles(context, parse_ignore_patterns("vendor"), known or {})
    found = files.taken_by(instruction("COPY . ."), {})
    assert found is not None
    return dict(found)


def test_what_changed_is_content_mode_and_presence_and_not_time(context: Path) -> None:
    before = looked_at(context)
    os.utime(context / "composer.json", (1, 1))
    assert changed_files(before, looked_at(context)) == []
    (context / "composer.lock").write_text("composer.LOCK")
    (context / "vite.config.js").chmod(0o755)
    (context / "app/User.php").unlink()
    (context / "app/New.php").write_text("")
    (context / "link").unlink()
    (context / "link").symlink_to("vendor")
    (context / "vendor/x").write_text("ignored")
    assert changed_files(before, looked_at(context)) == [
        "app/New.php",
        "app/User.php",
        "composer.lock",
        "link",
        "vite.config.js",
    ]


def test_a_directory_is_named_only_where_nothing_in_it_is(context: Path) -> None:
    before = looked_at(context)
    (context / "lang/de").mkdir(parents=True)
    assert changed_files(before, looked_at(context)) == ["lang/de"]
    (context / "lang/de/a.php").write_text("")
    assert changed_files(before, looked_at(context)) == ["lang/de/a.php"]


def test_a_file_that_looks_as_before_is_not_read_again(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = looked_at(context)
    monkeypatch.setattr(context_files, "_digest_of", lambda path: pytest.fail(f"{path} was read"))
    assert looked_at(context, before) == before


def test_a_context_beyond_all_measure_is_not_looked_at(context: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(context_files, "MOST_FILES", 3)
    with pytest.raises(ContextTooLargeError):
        looked_at(context)


def test_sources_of_other_instructions_are_none() -> None:
    assert context_sources(instruction("WORKDIR /app")) == []
    assert context_sources(instruction("RUN make")) == []


def test_digests_are_of_the_files_that_are_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    found = short_digests(tmp_path, ["a", "b"])
    assert list(found) == ["a"] and len(found["a"]) == 16

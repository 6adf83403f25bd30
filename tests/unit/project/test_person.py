"""config.toml of a person: read with what is wrong in it, written with what the person put around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.project.errors import UsageError
from devkit.project.paths import person_file
from devkit.project.person import PersonSettings, read_person, with_keys, write_person

pytestmark = pytest.mark.unit


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "devkit" / "config.toml"


def given(file: Path, text: str) -> tuple[PersonSettings, tuple[str, ...]]:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return read_person(file)


def test_it_lies_where_the_persons_settings_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert person_file() == tmp_path / "devkit" / "config.toml"


def test_without_a_file_nothing_was_chosen(file: Path) -> None:
    assert read_person(file) == (PersonSettings(), ())


def test_values_are_read_and_keys_with_and_without_quotes_and_as_lists(file: Path) -> None:
    settings, problems = given(
        file,
        """
        [ui]
        theme = "nord"
        preset = "vim"
        editor = "code --wait"
        [keys]
        log.filter = "f7"
        "app.quit" = ["q", "ctrl+q"]
        "app.zoom" = "z, plus"
        """,
    )
    assert problems == ()
    assert settings == PersonSettings(
        "nord", "vim", "code --wait", keys={"log.filter": "f7", "app.quit": "q,ctrl+q", "app.zoom": "z,plus"}
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ui]\ntheme = 7", "ui.theme is 7; give a text in quotes"),
        ("[ui]\nlog_budget = '2'", 'ui.log_budget is \'2\'; give a size from "16 MiB" on, such as "2 GiB"'),
        ("[ui]\nlog_budget = '1 MiB'", 'ui.log_budget is \'1 MiB\'; give a size from "16 MiB" on, such as "2 GiB"'),
        ("[ui]\ntheem = 'nord'", "unknown ui.theem; [ui] takes theme, preset, editor, log_budget"),
        ("[colours]", "unknown [colours]; there are [ui] and [keys]"),
        ("ui = 1", "ui is 1; write it as [ui]"),
        ("[keys]\nlog.filter = 5", 'keys."log.filter" is 5; give a key such as "f5", or a list of keys'),
    ],
)
def test_a_wrong_value_is_one_line_and_the_others_count(file: Path, text: str, said: str) -> None:
    settings, problems = given(file, text + "\n[keys.app]\nquit = 'x'\n")
    assert problems == (f"{file}: {said}",)
    assert settings.theme == ""
    assert settings.keys == {"app.quit": "x"}


@pytest.mark.parametrize("content", [b"[ui\n", b"[ui]\ntheme = '\xff'\n"])
def test_a_broken_file_is_said_and_never_replaced(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    settings, (problem,) = read_person(file)
    assert settings == PersonSettings()
    assert problem.startswith(f"{file} cannot be read: ")
    with pytest.raises(UsageError, match="correct the file"):
        write_person(file, PersonSettings(theme="nord"))
    assert file.read_bytes() == content


def test_a_change_keeps_comments_and_what_devkit_does_not_know(file: Path) -> None:
    settings, _ = given(
        file,
        '# mine\n[ui]\ntheme = "nord"  # blue\nother = 1\n\n[keys]\nlog.filter = "f7"  # F is taken\napp.zoom = "z"\n',
    )
    settings = with_keys(with_keys(settings, "log.filter", "f8"), "app.zoom", None)
    write_person(file, with_keys(settings, "app.quit", "q,x"))
    assert file.read_text() == (
        '# mine\n[ui]\ntheme = "nord"  # blue\nother = 1\n\n'
        '[keys]\nlog.filter = "f8"  # F is taken\napp.quit = ["q", "x"]\n'
    )
    assert read_person(file)[0].keys == {"log.filter": "f8", "app.quit": "q,x"}


def test_the_first_change_makes_the_file(file: Path) -> None:
    wanted = PersonSettings(theme="nord", keys={"log.filter": "f7"})
    write_person(file, wanted)
    assert read_person(file) == (wanted, ())


def test_the_same_settings_leave_the_file_untouched(file: Path) -> None:
    settings, _ = given(file, "[ui]\ntheme='nord'\n")
    before = file.stat().st_mtime_ns
    write_person(file, settings)
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("given", "expected"),
    [("2 GiB", 2 * 2**30), ("500MB", 500 * 2**20), ("1.5g", 3 * 2**29), ("16 MiB", 2**24)],
)
def test_a_budget_for_logs_is_a_size(tmp_path: Path, given: str, expected: int) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[ui]\nlog_budget = '{given}'\n")
    settings, problems = read_person(file)
    assert (settings.log_bytes, problems) == (expected, ())
    assert PersonSettings().log_bytes is None

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devkit.project.errors import FailedError, UsageError
from devkit.scaffold.context import RenderedFile
from devkit.scaffold.manifest import Manifest
from devkit.scaffold.merge import merge
from devkit.scaffold.plan import PlannedFile, apply_plan, plan_files, plan_gitignore, refuse_conflicts

pytestmark = pytest.mark.unit

ONE = "header\n\na = 1\n\nmiddle\n\nb = 2\n\nend\n"
NEWS = ONE.replace("b = 2", "b = 3")
EDIT = ONE.replace("a = 1", "a = 9")
CLASH = ONE.replace("b = 2", "b = 7")


def rendered(text: str, path: str = "docker/app.ini", *, executable: bool = False) -> dict[str, RenderedFile]:
    return {path: RenderedFile(path, text, executable)}


def run(root: Path, text: str, *, replace: bool = False) -> PlannedFile:
    """Plan and apply one file; its entry of the plan."""
    plan = plan_files(root, rendered(text), replace={"docker/app.ini"} if replace else ())
    apply_plan(root, plan)
    return plan[0]


def content(root: Path) -> str:
    return (root / "docker/app.ini").read_text()


def test_a_missing_file_is_written(tmp_path: Path) -> None:
    planned = run(tmp_path, ONE)
    assert (planned.status, planned.old) == ("written", None)
    assert "+a = 1" in planned.diff
    assert content(tmp_path) == ONE


def test_planning_writes_nothing(tmp_path: Path) -> None:
    plan_files(tmp_path, rendered(ONE))
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_keeps_everything_and_writes_no_file(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    plan = plan_files(tmp_path, rendered(ONE))
    apply_plan(tmp_path, plan)
    assert {file.status for file in plan} == {"kept"}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_news_of_devkit_replace_a_file_that_nobody_edited(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    assert run(tmp_path, NEWS).status == "written"
    assert content(tmp_path) == NEWS


def test_an_edit_stays_where_devkit_has_no_news(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "docker/app.ini").write_text(EDIT)
    assert run(tmp_path, ONE).status == "kept"
    assert content(tmp_path) == EDIT


def test_an_edit_and_news_are_merged(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "docker/app.ini").write_text(EDIT)
    planned = run(tmp_path, NEWS)
    assert planned.status == "merged"
    assert "-b = 2\n+b = 3\n" in planned.diff
    assert content(tmp_path) == EDIT.replace("b = 2", "b = 3")
    assert run(tmp_path, NEWS).status == "kept"


def test_an_edit_of_the_same_line_is_a_conflict_that_changes_nothing(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "docker/app.ini").write_text(CLASH)
    planned = run(tmp_path, NEWS)
    assert planned.status == "conflict"
    assert "-b = 7\n+b = 3\n" in planned.diff
    assert content(tmp_path) == CLASH
    assert run(tmp_path, NEWS).status == "conflict"


def test_a_file_that_devkit_never_wrote_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/app.ini").write_text("mine\n")
    planned = run(tmp_path, ONE)
    assert planned.status == "conflict"
    assert "-mine" in planned.diff
    assert content(tmp_path) == "mine\n"


def test_a_file_that_is_replaced_is_kept_beside(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/app.ini").write_text("mine\n")
    (tmp_path / "docker/app.ini.before-devkit").write_text("older\n")
    assert run(tmp_path, ONE, replace=True).status == "written"
    assert content(tmp_path) == ONE
    assert (tmp_path / "docker/app.ini.before-devkit").read_text() == "older\n"
    assert (tmp_path / "docker/app.ini.before-devkit.2").read_text() == "mine\n"


def test_the_same_text_is_taken_over_without_a_base(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/app.ini").write_text(ONE)
    assert run(tmp_path, ONE).status == "kept"
    assert run(tmp_path, NEWS).status == "written"


def test_line_ends_of_windows_are_no_edit(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "docker/app.ini").write_bytes(ONE.replace("\n", "\r\n").encode())
    assert run(tmp_path, ONE).status == "kept"
    assert run(tmp_path, NEWS).status == "written"


def test_bytes_that_are_no_text_survive_a_merge(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "docker/app.ini").write_bytes(EDIT.replace("a = 9", "a = \udcff").encode("utf-8", "surrogateescape"))
    assert run(tmp_path, NEWS).status == "merged"
    assert b"a = \xff" in (tmp_path / "docker/app.ini").read_bytes()


def test_a_plan_that_was_cut_off_converges(tmp_path: Path) -> None:
    apply_plan(tmp_path, plan_files(tmp_path, rendered(ONE)))
    # Killed after the file and before its base was recorded.
    (tmp_path / "docker/app.ini").write_text(NEWS)
    assert run(tmp_path, NEWS).status == "kept"
    assert run(tmp_path, ONE).status == "written"


def test_scripts_are_executable(tmp_path: Path) -> None:
    apply_plan(tmp_path, plan_files(tmp_path, rendered("#!/bin/sh\n", "docker/entrypoint", executable=True)))
    assert (tmp_path / "docker/entrypoint").stat().st_mode & 0o111


def test_a_directory_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "docker/app.ini").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"docker/app\.ini is a directory"):
        plan_files(tmp_path, rendered(ONE))


def test_gitignore_gets_the_lines_that_it_lacks_and_keeps_its_own(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("/vendor\n/.devkit\n.env")
    planned = plan_files(tmp_path, {})[-1]
    assert planned.status == "merged"
    apply_plan(tmp_path, [planned])
    lines = (tmp_path / ".gitignore").read_text().splitlines()
    assert lines[:3] == ["/vendor", "/.devkit", ".env"]
    assert lines[-3:] == ["compose.override.yaml", ".env.previous", "*.devkit-tmp"]
    assert plan_files(tmp_path, {})[-1].status == "kept"


@pytest.mark.parametrize("own", ["", "/vendor", ".env*\n!.env.*", "!.env\n.env.*", ".env\n.env.previous\n!.env*"])
def test_git_itself_ignores_what_may_hold_secrets_whatever_stood_there(tmp_path: Path, own: str) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text(own)
    apply_plan(tmp_path, [plan_gitignore(tmp_path)])
    names = [".env", ".env.previous", ".env.x.devkit-tmp", ".devkit/run", "compose.override.yaml"]
    asked = ["git", "check-ignore", "--no-index", *names]
    done = subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.split() == names
    assert plan_gitignore(tmp_path).status == "kept"


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8).map(lambda items: "".join(f"{i}\n" for i in items))


@given(lines, lines)
def test_a_merge_with_one_side_unchanged_gives_the_other(base: str, other: str) -> None:
    assert merge(base, base, other).text == other
    assert merge(base, other, base).text == other
    assert merge(base, other, other).text == other


def test_without_git_a_merge_of_both_sides_is_a_conflict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert merge(ONE, EDIT, NEWS).conflicts
    assert merge(ONE, ONE, NEWS).text == NEWS


def test_what_another_machines_devkit_wrote_is_the_base_of_the_merge(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/app.ini").write_text(EDIT)
    assert plan_files(tmp_path, rendered(NEWS))[0].status == "conflict"
    planned = plan_files(tmp_path, rendered(NEWS), former={"docker/app.ini": ONE})[0]
    assert (planned.status, planned.new) == ("merged", EDIT.replace("b = 2", "b = 3"))


def test_what_is_only_guessed_to_be_edited_is_not_written_down_as_devkits(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/app.ini").write_text(EDIT)
    for text in (ONE, NEWS):
        plan = plan_files(tmp_path, rendered(text), former={"docker/app.ini": ONE})
        assert plan[0].status == ("kept" if text == ONE else "merged")
        apply_plan(tmp_path, plan)
        assert Manifest(tmp_path).base_of("docker/app.ini") is None


def test_what_a_clone_has_as_devkit_writes_it_is_devkits(tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/app.ini").write_text(ONE)
    apply_plan(tmp_path, plan_files(tmp_path, rendered(NEWS), former={"docker/app.ini": ONE}))
    assert Manifest(tmp_path).base_of("docker/app.ini") == NEWS
    assert content(tmp_path) == NEWS


def test_a_conflict_is_refused_with_its_difference(tmp_path: Path) -> None:
    run(tmp_path, ONE)
    (tmp_path / "docker/app.ini").write_text(CLASH)
    with pytest.raises(FailedError, match=r"docker/app\.ini") as caught:
        refuse_conflicts(plan_files(tmp_path, rendered(NEWS)))
    assert "+b = 3" in caught.value.detail

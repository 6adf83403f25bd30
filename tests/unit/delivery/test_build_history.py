from __future__ import annotations

import multiprocessing
import resource
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from recorded_build import DAY, MONDAY, rebuilt, record, step

from devkit.delivery.build_record import Reason
from devkit.delivery.history import KEPT_DAYS, BuildHistory
from devkit.delivery.history_schema import MIGRATIONS, opened
from devkit.delivery.step_inputs import StepInputs, StepKey
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit


@pytest.fixture
def history(tmp_path: Path) -> BuildHistory:
    return BuildHistory(tmp_path / "state" / "builds.sqlite")


def made_of(name: str, files: dict[str, str] | None = None, **more: object) -> StepInputs:
    fields: dict[str, object] = {"number": 2, "base": "image 1", "setting": "s", "files": files, **more}
    return StepInputs(StepKey("app", name), **fields)  # type: ignore[arg-type]


def test_a_build_comes_back_as_it_was_kept(history: BuildHistory) -> None:
    kept = record(
        step("COPY lock", cached=True, number=2, digest="sha256:1"),
        rebuilt("COPY . .", 1.5, "app/\udce4.php", number=3),
        step("RUN x", seconds=2.0, number=4, error="exit code: 1"),
        locks={"composer.lock": "ab"},
        pushed="sha256:2",
        status="failed",
    )
    assert history.add(kept) == kept
    assert history.builds("shop") == [kept]
    assert history.builds("other") == []
    assert history.builds("shop", since=MONDAY + 1) == []


def test_nothing_is_made_by_who_only_reads(history: BuildHistory) -> None:
    assert history.builds("shop") == []
    assert not history.path.exists()


def test_the_file_is_for_this_user_alone(history: BuildHistory) -> None:
    history.add(record())
    assert stat.S_IMODE(history.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(history.path.parent.stat().st_mode) == 0o700


def test_a_step_from_the_cache_saves_what_it_cost_when_it_was_last_built(history: BuildHistory) -> None:
    history.add(record(step("RUN make", seconds=9.0, digest="sha256:1"), started=MONDAY))
    history.add(record(step("RUN make", seconds=5.0, digest="sha256:2"), started=MONDAY + 1))
    history.add(record(step("RUN make", seconds=0.1, digest="sha256:3", error="no"), started=MONDAY + 2))
    cached = record(
        step("RUN make", cached=True, digest="sha256:1"),
        step("RUN make", cached=True, digest="sha256:9"),
        step("RUN other", cached=True, digest="sha256:8"),
        started=MONDAY + 3,
    )
    assert [one.saved for one in history.add(cached).steps] == [9.0, 5.0, None]
    assert (history.builds("shop")[-1].saved, history.builds("shop")[-1].unknown) == (14.0, 1)


def test_another_project_is_asked_for_the_same_work_and_not_for_the_same_words(history: BuildHistory) -> None:
    history.add(record(step("RUN make", seconds=9.0, digest="sha256:1"), project="other"))
    cached = record(step("RUN make", cached=True, digest="sha256:1"), step("RUN make", cached=True, digest="sha256:2"))
    assert [one.saved for one in history.add(cached).steps] == [9.0, None]


def test_what_steps_were_made_of_is_known_of_the_last_time(history: BuildHistory) -> None:
    history.add(record(), [made_of("COPY a", {"a": "100644 1 1 x"}), made_of("RUN gone")])
    history.add(record(), [made_of("COPY a", {"a": "100644 1 2 y"}), made_of("RUN new")])
    known = history.inputs("shop")
    assert {key.instruction: one.files for key, one in known.items()} == {
        "COPY a": {"a": "100644 1 2 y"},
        "RUN new": None,
    }
    assert history.inputs("other") == {}


def test_a_step_that_failed_or_was_not_reached_stays_what_it_was(history: BuildHistory) -> None:
    first = [made_of("COPY a", {"a": "1"}), made_of("RUN x", number=3, setting="old"), made_of("RUN y", number=4)]
    history.add(record(), first)
    second = [made_of("COPY a", {"a": "2"}), made_of("RUN x", number=3, setting="new"), made_of("RUN z", number=4)]
    failed = record(step("COPY a", number=2), step("RUN x", number=3, error="exit code: 1"), status="failed")
    history.add(failed, second)
    known = {key.instruction: (one.files, one.setting) for key, one in history.inputs("shop").items()}
    assert known == {"COPY a": ({"a": "2"}, "s"), "RUN x": (None, "old"), "RUN y": (None, "s")}


def test_builds_are_kept_for_a_year_and_more(history: BuildHistory) -> None:
    history.add(record(step("RUN x")))
    history.add(record(started=MONDAY + (KEPT_DAYS + 1) * DAY))
    assert len(history.builds("shop")) == 1
    with opened(history.path) as connection:
        assert connection.execute("SELECT count(*) FROM steps").fetchone() == (0,)


def test_imported_builds_come_once_and_are_compared_with_each_other(history: BuildHistory) -> None:
    history.add(record(step("RUN make", seconds=100.0, digest="sha256:1")))
    theirs = [
        record(step("RUN make", cached=True), origin="imported", started=MONDAY + 2),
        record(step("RUN make", seconds=7.0), origin="imported", started=MONDAY + 1),
    ]
    assert history.add_imported(theirs) == 2
    assert history.add_imported(theirs) == 0
    builds = history.builds("shop")
    assert [build.origin for build in builds] == ["here", "imported", "imported"]
    assert builds[-1].steps[0].saved == 7.0


def test_an_import_is_kept_whole_or_not_at_all(history: BuildHistory) -> None:
    broken = replace(record(origin="imported"), locks={"a": object()})  # type: ignore[dict-item]
    with pytest.raises(TypeError):
        history.add_imported([record(origin="imported", started=MONDAY - 1), broken])
    assert history.builds("shop") == []


def _add_many(path: Path, count: int) -> None:
    for number in range(count):
        BuildHistory(path).add(record(rebuilt("RUN x", 1.0, f"{number}.php")), [made_of("RUN x")])


def test_builds_that_end_at_once_are_all_kept(history: BuildHistory) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add_many, args=(history.path, 8)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(history.builds("shop")) == 24


def test_a_file_of_an_older_devkit_is_brought_up_to_date_and_keeps_its_builds(history: BuildHistory) -> None:
    kept = history.add(record(step("RUN x", seconds=1.0)))
    newer = (*MIGRATIONS, "ALTER TABLE builds ADD COLUMN machine TEXT NOT NULL DEFAULT ''; CREATE TABLE more (x)")
    with opened(history.path, newer) as connection:
        assert connection.execute("SELECT id, machine FROM builds").fetchall() == [(kept.id, "")]
        assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    with pytest.raises(FailedError, match=r"is a newer devkit's \(version 2\)"):
        history.builds("shop")


def test_a_step_of_an_upgrade_that_fails_leaves_the_file_as_it_was(history: BuildHistory) -> None:
    history.add(record())
    with pytest.raises(FailedError), opened(history.path, (*MIGRATIONS, "CREATE TABLE more (x); CREATE nonsense")):
        pass
    assert len(history.builds("shop")) == 1
    with opened(history.path) as connection:
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'more'").fetchone() is None


def test_a_damaged_file_is_named_with_what_to_do(history: BuildHistory) -> None:
    history.path.parent.mkdir()
    history.path.write_bytes(b"no database at all, and longer than a header of one" * 20)
    for use in (lambda: history.inputs("shop"), lambda: history.add(record()), lambda: history.builds("shop")):
        with pytest.raises(FailedError) as error:
            use()  # type: ignore[no-untyped-call]
        assert "file is not a database" in error.value.message
        assert error.value.hint == f"begin a new one: mv {history.path} {history.path}.broken"


def test_a_record_that_cannot_be_read_is_no_traceback(history: BuildHistory) -> None:
    history.add(record(rebuilt("RUN x", 1.0, "a")), [made_of("RUN x", {})])
    with closing(sqlite3.connect(history.path)) as connection, connection:
        connection.execute('UPDATE steps SET reason = \'{"cause": "none"}\'')
        connection.execute("UPDATE inputs SET files = x'00'")
    with pytest.raises(FailedError, match="cannot be read"):
        history.builds("shop")
    with pytest.raises(FailedError, match="cannot be read"):
        history.inputs("shop")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FailedError, match="cannot be opened"):
        BuildHistory(tmp_path / "file" / "builds.sqlite").add(record())


FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from recorded_build import record, rebuilt
from devkit.delivery.history import BuildHistory
from devkit.project.errors import FailedError
history = BuildHistory(Path({path!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
try:
    history.add(record(*[rebuilt("RUN " + "x" * 5000, 1.0) for _ in range(200)]))
except FailedError as error:
    print(error.hint)
"""


def test_a_full_disk_is_said_and_leaves_what_was_there(history: BuildHistory) -> None:
    kept = history.add(record(step("RUN x")))
    size = history.path.stat().st_size + 8192
    program = FULL.format(tests=str(Path(__file__).parent), path=str(history.path), size=size)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "see that its disk has room and can be written"
    assert history.builds("shop") == [kept]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != size


def test_a_reason_is_kept_with_its_cause(history: BuildHistory) -> None:
    history.add(record(step("RUN x", reason=Reason("before", "the step before it was rebuilt"))))
    (kept,) = history.builds("shop")[0].steps
    assert kept.reason == Reason("before", "the step before it was rebuilt")

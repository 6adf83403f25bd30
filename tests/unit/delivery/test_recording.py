"""A build on its way into the history: what is kept of it, and that nothing in here ends a build."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from devkit.delivery.build_record import BuildRecord, Status
from devkit.delivery.history import BuildHistory
from devkit.delivery.recording import Planned, Recording
from devkit.engine.build_events import BuildStep
from devkit.engine.dockerfile import parse_dockerfile
from devkit.secrets.masking import Masker

pytestmark = pytest.mark.unit

DOCKERFILE = "FROM base AS app\nCOPY composer.lock ./\nARG TOKEN\nRUN login $TOKEN hunter2hunter2\n"
STEPS = [BuildStep("COPY composer.lock ./", "app", False, 1.0, 2), BuildStep("RUN login", "app", False, 5.0, 3)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "composer.lock").write_text("1")
    return root


def recorded(
    root: Path,
    steps: list[BuildStep],
    warnings: list[str],
    *,
    status: Status = "done",
    arguments: Mapping[str, str] | None = None,
    history: Path | None = None,
    context: str | None = None,
) -> BuildRecord:
    dockerfile = parse_dockerfile((root / "Dockerfile").read_text())
    planned = Planned(
        "shop",
        "shop-app:app",
        root,
        str(root) if context is None else context,
        root / "Dockerfile",
        dockerfile,
        dockerfile.stages[0],
        arguments or {"TOKEN": "hush"},
    )
    masker = Masker([("APP_PASSWORD", "hunter2hunter2")])
    recording = Recording(planned, BuildHistory(history or root.parent / "builds.sqlite"), masker.text, warnings.append)
    recording.look()
    return recording.finish(status, steps, lambda reference: f"{reference} id")


def test_a_build_is_kept_with_its_reasons_and_the_lock_files_digests(root: Path) -> None:
    warnings: list[str] = []
    first = recorded(root, STEPS, warnings)
    (root / "composer.lock").write_text("2")
    second = recorded(root, STEPS, warnings)
    assert [step.reason.text for step in second.steps if step.reason] == [
        "composer.lock changed",
        "the step before it was rebuilt",
    ]
    assert first.locks.keys() == second.locks.keys() == {"composer.lock"}
    assert first.locks != second.locks
    assert BuildHistory(root.parent / "builds.sqlite").builds("shop") == [first, second]
    assert warnings == []


def test_no_value_of_a_build_argument_and_no_secret_is_in_the_file(root: Path) -> None:
    steps = [BuildStep("RUN login $TOKEN hunter2hunter2", "app", False, 5.0, 3, error="hunter2hunter2 is wrong")]
    record = recorded(root, steps, [], status="failed")
    assert record.steps[0].name == "RUN login $TOKEN ***APP_PASSWORD***"
    database = root.parent / "builds.sqlite"
    again = recorded(root, steps, [])
    assert again.steps[0].reason is not None
    content = database.read_bytes()
    assert b"login $TOKEN" in content
    assert b"hush" not in content and b"hunter2" not in content


def test_a_history_that_cannot_be_used_is_one_warning(root: Path) -> None:
    broken = root.parent / "broken.sqlite"
    broken.write_bytes(b"x" * 5000)
    warnings: list[str] = []
    record = recorded(root, STEPS, warnings, history=broken)
    assert (record.total, record.status) == (2, "done")
    assert len(warnings) == 1 and "file is not a database" in warnings[0]


def test_a_history_that_breaks_meanwhile_is_a_warning(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warnings: list[str] = []
    path = root.parent / "builds.sqlite"

    def finish(reference: str) -> str:
        path.write_bytes(b"x" * 5000)
        return reference

    dockerfile = parse_dockerfile(DOCKERFILE)
    planned = Planned("shop", "i", root, str(root), root / "Dockerfile", dockerfile, dockerfile.stages[0], {})
    recording = Recording(planned, BuildHistory(path), str, warnings.append)
    recording.look()
    assert recording.finish("done", STEPS, finish).total == 2
    assert len(warnings) == 1


@pytest.mark.parametrize("context", ["https://example.test/shop.git", "/nowhere/at/all"])
def test_a_context_elsewhere_has_no_files_that_are_known(root: Path, context: str) -> None:
    recorded(root, STEPS, [], context=context)
    again = recorded(root, STEPS, [], context=context)
    reason = again.steps[0].reason
    assert reason is not None and (reason.cause, reason.files) == ("files", ())


def test_steps_are_kept_in_the_files_order(root: Path) -> None:
    (root / "Dockerfile").write_text("FROM a AS one\nRUN x\nFROM one AS two\nRUN y\n")
    steps = [BuildStep("RUN y", "two", True, 0.0, 1), BuildStep("RUN x", "one", True, 0.0, 2)]
    assert [step.stage for step in recorded(root, steps, []).steps] == ["one", "two"]

from __future__ import annotations

import os
from pathlib import Path

import pytest

from devkit.doctor.running_checks import verdict_on_clock
from devkit.project.watch_list import last_saved

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("ahead", "status", "word"),
    [(0.3, "ok", ""), (-4.0, "ok", ""), (90.0, "warning", "90 s ahead of"), (-7200.0, "warning", "7200 s behind")],
)
def test_a_clock_that_is_seconds_off_is_told_with_its_direction(ahead: float, status: str, word: str) -> None:
    verdict = verdict_on_clock(ahead)
    assert verdict.status == status
    assert word in verdict.why


def test_the_last_save_is_of_code_and_not_of_what_the_application_writes(tmp_path: Path) -> None:
    assert last_saved(tmp_path) is None
    for moment, name in ((10, "app/Old.php"), (20, "routes/web.php"), (30, "storage/logs/laravel.log"), (40, "README")):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (moment, moment))
    assert last_saved(tmp_path) == ("routes/web.php", 20.0)

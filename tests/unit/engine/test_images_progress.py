import pytest

from devkit.engine.images.progress import Progress

pytestmark = pytest.mark.unit


def test_progress_reads_as_a_line_for_a_person() -> None:
    assert str(Progress("redis:8.0.6", "done", "built", 4.21)) == "redis:8.0.6: built in 4.2 s"
    assert str(Progress("redis:8.0.6", "step", "[2/3] RUN x")) == "redis:8.0.6: [2/3] RUN x"

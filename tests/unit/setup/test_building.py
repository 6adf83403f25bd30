from __future__ import annotations

import pytest

from devkit.engine.buildkit import BuildStep
from devkit.setup.building import BuildReport

pytestmark = pytest.mark.unit


def test_a_report_counts_the_steps_that_came_from_the_cache() -> None:
    steps = (BuildStep("RUN make", "app", False, 1.5), BuildStep("COPY x y", "dependencies", True, 0.0))
    assert BuildReport("app", "shop-app:app", 2.0, steps).to_json() == {
        "stage": "app",
        "image": "shop-app:app",
        "seconds": 2.0,
        "steps": [
            {"name": "RUN make", "stage": "app", "cached": False, "seconds": 1.5},
            {"name": "COPY x y", "stage": "dependencies", "cached": True, "seconds": 0.0},
        ],
        "hits": 1,
        "total": 2,
    }

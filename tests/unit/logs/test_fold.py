"""Traces as tests tell them; those of logs are tested where they are shown."""

from __future__ import annotations

import pytest

from devkit.logs.fold import folded_places

pytestmark = pytest.mark.unit

TRACE = [
    "/app/vendor/laravel/framework/src/A.php:3",
    "/usr/share/php/B.php:4",
    "/app/app/Orders/Total.php:12",
    "/app/vendor/laravel/framework/src/C.php:5",
    "/app/tests/Unit/TotalTest.php:18",
    "",
    "Caused by",
    "LogicException: at 12:30",
]


def test_places_of_packages_are_folded_and_words_stay() -> None:
    assert list(folded_places(TRACE)) == [
        "… 2 frames of packages",
        "app/Orders/Total.php:12",
        "… 1 frame of packages",
        "tests/Unit/TotalTest.php:18",
        "",
        "Caused by",
        "LogicException: at 12:30",
    ]


def test_pests_places_are_paths_in_the_project() -> None:
    assert list(folded_places(["at vendor/pestphp/pest/src/A.php:3", "at tests/Unit/A.php:4"])) == [
        "… 1 frame of packages",
        "tests/Unit/A.php:4",
    ]

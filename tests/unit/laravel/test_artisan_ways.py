from __future__ import annotations

import pytest

from devkit.laravel.artisan_ways import Way, way_of
from devkit.laravel.artisan_words import Values

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "values", "way"),
    [
        ("migrate", {}, "output"),
        ("tinker", {}, "terminal"),
        ("tinker", {"include": ("a.php",)}, "terminal"),
        ("tinker", {"--execute": "1 + 1"}, "output"),
        ("db", {}, "terminal"),
        ("queue:work", {}, "until stopped"),
        ("queue:work", {"--once": True}, "output"),
        ("schedule:work", {}, "until stopped"),
        ("vendor:publish", {}, "terminal"),
        ("vendor:publish", {"--tag": ("config",)}, "output"),
        ("schedule:test", {}, "terminal"),
        ("schedule:test", {"--name": "x"}, "output"),
        ("config:publish", {"name": "app"}, "output"),
    ],
)
def test_a_command_is_run_as_it_has_to_be(name: str, values: Values, way: Way) -> None:
    assert way_of(name, values) == way

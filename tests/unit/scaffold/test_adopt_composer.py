from __future__ import annotations

import json
from pathlib import Path

import pytest
from laravel_application import laravel

from devkit.scaffold.adopt import detect
from devkit.scaffold.adopt_composer import choose_php, fulfils

pytestmark = pytest.mark.unit


def test_extensions_come_from_composer_json_and_the_lock_file(tmp_path: Path) -> None:
    laravel(tmp_path, require={"laravel/framework": "*", "ext-intl": "*", "ext-json": "*", "ext-zend-opcache": "*"})
    (tmp_path / "composer.lock").write_text(
        json.dumps(
            {
                "packages": [
                    {"name": "laravel/octane", "require": {"ext-PDO_mysql": "*", "php": "^8.1"}},
                    {"name": "laravel/reverb"},
                ],
                "packages-dev": [],
                "platform": {"ext-gd": "*"},
                "platform-dev": [],
            }
        )
    )
    existing = detect(tmp_path)
    assert existing.php_extensions == ("gd", "intl", "opcache", "pdo_mysql")
    assert existing.packages >= {"laravel/octane", "laravel/reverb"}


@pytest.mark.parametrize(
    ("constraint", "version"),
    [
        (None, "8.4"),
        ("^8.2", "8.4"),
        ("^8.5", "8.5"),
        (">=8.2 <8.4", "8.3"),
        ("~8.3.0", "8.3"),
        ("~8.2", "8.4"),
        ("8.2.*", "8.2"),
        ("8.3", "8.3"),
        ("7.4 - 8.3", "8.3"),
        ("^7.4 || ^8.0", "8.4"),
        ("^7.4|~8.2.0", "8.2"),
        (">= 8.3, < 8.6", "8.4"),
        ("^7.4", None),
        ("dev-main", "8.4"),
    ],
)
def test_the_php_version_is_the_best_that_the_constraint_allows(constraint: str | None, version: str | None) -> None:
    assert choose_php(constraint) == version


def test_packages_can_narrow_the_php_version_but_not_rule_out_every_one() -> None:
    assert choose_php("^8.2", ["~8.3.0"]) == "8.3"
    assert choose_php("^8.2", ["^7.4"]) == "8.4"
    assert fulfils("8.3", ">8.2")

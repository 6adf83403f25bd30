from __future__ import annotations

from pathlib import Path

import pytest

from devkit.doctor.preflight import checks_of_versions, verdict_on_space
from devkit.doctor.stack_checks import (
    loaded_extensions,
    verdict_on_frankenphp,
    verdict_on_migrations,
    verdict_on_stand_ins,
)
from devkit.engine.images.catalogue import base_image
from devkit.engine.images.inputs import stand_in_inputs
from devkit.engine.images.present import PresentImage
from devkit.engine.versions import Versions

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(("gib", "status"), [(2, "problem"), (7, "warning"), (50, "ok")])
def test_little_space_is_a_warning_and_too_little_a_problem(gib: int, status: str) -> None:
    verdict = verdict_on_space(gib * 2**30, Path("/var/lib/docker"))
    assert verdict.status == status
    assert f"{gib}.0 GiB" in verdict.why


def test_missing_and_old_programs_are_problems_with_what_to_do() -> None:
    checks = {check.id: check for check in checks_of_versions(Versions("20.10.24", None, "0.13.1", "1.29.2"))}
    assert {name: check.status for name, check in checks.items()} == {
        "engine": "problem",
        "compose": "problem",
        "buildx": "ok",
    }
    assert "docker-compose 1.29.2" in checks["compose"].why
    assert all(check.fix for check in checks.values() if check.status == "problem")


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("FrankenPHP v1.12.6 PHP 8.4.11 Caddy v2.10.2 h1:x=", "ok"),
        ("FrankenPHP 1.11.1 PHP 8.4.11", "problem"),
        ("FrankenPHP v1.12.7 PHP 8.4", "warning"),
        ("FrankenPHP (devel)", "skipped"),
    ],
)
def test_releases_of_frankenphp_with_known_defects_are_named(said: str, status: str) -> None:
    verdict = verdict_on_frankenphp(said)
    assert verdict.status == status
    assert not verdict.fix or verdict.fix.endswith("then: devkit up --build")  # `devkit build app` is production's


@pytest.mark.parametrize(
    ("said", "code", "status"),
    [
        ("  INFO  No pending migrations.\n", 0, "ok"),
        ("  Migration name .......... Batch / Status\n  2024_users ........ Pending\n", 0, "warning"),
        ("  2024_users ........ Pending\n", 1, "warning"),
        ("   ERROR  Migration table not found.\n", 1, "warning"),
        ("\n  could not find driver\n", 1, "problem"),
    ],
)
def test_migrations_that_wait_are_counted(said: str, code: int, status: str) -> None:
    assert verdict_on_migrations(said, code).status == status


def test_extensions_are_compared_by_the_installers_names() -> None:
    assert {"opcache", "pdo_mysql"} <= loaded_extensions(b"[PHP Modules]\nPDO_mysql\n\n[Zend Modules]\nZend OPcache\n")


def test_stand_ins_are_named_and_so_are_those_that_are_out_of_date() -> None:
    official, new, old = base_image("node"), base_image("redis"), base_image("mailpit")
    images = [
        (official, PresentImage(official.reference, False, "sha256:1")),
        (new, PresentImage(new.reference, True, None, "", stand_in_inputs(new))),
    ]
    assert verdict_on_stand_ins(images[:1]).status == "ok"
    verdict = verdict_on_stand_ins(images)
    assert verdict.status == "warning"
    assert verdict.why == "built on this machine in place of the official images: redis:8.0.6"
    verdict = verdict_on_stand_ins([*images, (old, PresentImage(old.reference, True, None, "", "old"))])
    assert verdict.why == "built on this machine from other files than devkit now has: axllent/mailpit:v1.27.10"
    assert "devkit up" in verdict.fix

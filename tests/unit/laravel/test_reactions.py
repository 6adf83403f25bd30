"""The one table of what a saved file asks for, and which commands keep their code."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from devkit.engine.state import ServiceState, State
from devkit.laravel.long_running import keeps_code, of_the_application
from devkit.laravel.reactions import Reaction, reaction_to, reactions_to

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("path", "reaction"),
    [
        ("app/Models/User.php", Reaction.CODE),
        (".env", Reaction.CODE),
        ("composer.lock", Reaction.PACKAGES),
        ("pnpm-lock.yaml", Reaction.FRONT_END),
        ("docker/php/20-development.ini", Reaction.PHP_SETTINGS),
        ("docker/Caddyfile", Reaction.CADDYFILE),
        ("docker/development.caddyfile", Reaction.CADDYFILE),
        ("docker/watch", Reaction.PHP_SETTINGS),
        ("Dockerfile", Reaction.REBUILD),
        ("compose.yaml", Reaction.REBUILD),
        ("storage/logs/laravel.log", None),
        ("vendor/composer.lock", None),
        ("packages/one/Dockerfile", None),
        ("docker/.Caddyfile.swp", None),
        ("docker/Caddyfile~", None),
        ("compose.override.yaml", None),  # devkit writes it itself
    ],
)
def test_each_file_has_its_reaction(path: str, reaction: Reaction | None) -> None:
    assert reaction_to(PurePosixPath(path)) is reaction


def test_one_save_of_many_files_installs_packages_before_the_new_code_runs() -> None:
    found = reactions_to(["routes/web.php", "Dockerfile", "composer.lock", "app/A.php", "README.md"])
    assert list(found.items()) == [
        (Reaction.PACKAGES, ("composer.lock",)),
        (Reaction.CODE, ("routes/web.php", "app/A.php")),
        (Reaction.REBUILD, ("Dockerfile",)),
    ]


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (("app-entrypoint", "php", "artisan", "queue:work", "--tries=1"), "queue:work"),
        (("/usr/bin/php", "artisan", "--env=local", "horizon"), "horizon"),
        (("php", "artisan", "queue:listen"), None),
        (("php", "artisan", "schedule:work"), None),
        (("frankenphp", "run"), None),
        (("php", "artisan"), None),
    ],
)
def test_a_queue_worker_keeps_its_code_and_what_boots_anew_does_not(command: tuple[str, ...], kept: str | None) -> None:
    assert keeps_code(command) == kept


def test_what_runs_the_applications_image_is_known_also_after_its_name_went_to_a_newer_one() -> None:
    def state(name: str, image: str, image_id: str, now: State = "running") -> ServiceState:
        return ServiceState(name, now, image=image, image_id=image_id)

    found = of_the_application(
        [
            state("app", "shop-app:development", "sha256:2"),
            state("queue", "sha256:1", "sha256:1"),
            state("scheduler", "shop-app:development", "sha256:1"),
            state("reverb", "sha256:2", "sha256:2"),
            state("down", "shop-app:development", "sha256:2", "exited"),
            state("redis", "redis:8", "sha256:3"),
        ]
    )
    assert [one.name for one in found] == ["app", "scheduler", "reverb"]
    assert of_the_application([state("redis", "redis:8", "sha256:3")]) == []

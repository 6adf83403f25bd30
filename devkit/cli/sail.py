"""Sail's words, for `alias sail=devkit`: each is the devkit command that does the same.

The words are those of Sail's own script (https://github.com/laravel/sail/blob/1.x/bin/sail); what devkit calls by the
same name (artisan, composer, php, npm, test, tinker, pint, bin, shell, up, down, restart, logs, build, open, share)
needs no entry. Sail hands words that it does not know to Docker Compose; devkit says so instead of guessing.
"""

from __future__ import annotations

from types import MappingProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SAIL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "start": ("up",),
        "ps": ("status",),
        "a": ("artisan",),
        "art": ("artisan",),
        "bash": ("shell",),
        "debug": ("exec", "app", "env", "XDEBUG_TRIGGER=1", "php", "artisan"),
        "phpunit": ("bin", "phpunit"),
        "pest": ("bin", "pest"),
        "dusk": ("artisan", "dusk"),
        "dusk:fails": ("artisan", "dusk:fails"),
        "pnpx": ("pnpm", "dlx"),
        "bunx": ("bun", "x"),
        "mysql": ("db", "shell"),
        "mariadb": ("db", "shell"),
        "psql": ("db", "shell"),
        "redis": ("exec", "redis", "redis-cli"),
        "valkey": ("exec", "valkey", "valkey-cli"),
        "mongodb": ("exec", "mongodb", "mongosh"),
    }
)
"""A word of Sail's, and what stands in its place; what follows it stays."""

INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "root-shell": "docker compose exec --user root app bash",
        "root-bash": "docker compose exec --user root app bash",
        "publish": "the Dockerfile and compose.yaml are the project's own already",
    }
)
"""Words of Sail's that devkit has no command for, and what does the same."""

COMPOSE = frozenset(
    {
        *("attach", "commit", "convert", "cp", "create", "events", "export", "images", "kill", "pause", "port"),
        *("publish", "pull", "push", "rm", "run", "scale", "stats", "top", "unpause", "volumes", "wait", "watch"),
    }
)
"""Commands of Docker Compose that devkit has none for (https://docs.docker.com/reference/cli/docker/compose/)."""

_DETACHED = ("-d", "--detach")


def translated(words: Sequence[str]) -> list[str]:
    """A command line without global flags, in devkit's own words; one that is devkit's already stays as it is.

    `up -d` is `up`: devkit's services always run in the background.
    """
    if not words:
        return []
    command = [*SAIL.get(words[0], (words[0],)), *words[1:]]
    if command[0] == "up":
        return [word for word in command if word not in _DETACHED]
    return command

"""Which artisan commands take something away that does not come back by itself, and what.

Asked about is what a person would miss. Caches are not: what is in them is made anew (`cache:clear`, `view:clear`,
`config:clear` and their like), and neither is what adds or brings up to date (`migrate`, `db:seed`). Of a command that
is not known here (a package's, or the application's own) the verb in its name decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from devkit.laravel.artisan_words import Values
from devkit.laravel.console_text import untagged

DATABASE = "{database}"
"""Where the name of the database belongs, which is known elsewhere."""

_VERBS = frozenset(
    """clear clean delete destroy drop erase flush forget fresh prune purge remove reset rollback truncate uninstall
    wipe""".split()  # noqa: SIM905
)
_HARMLESS = frozenset(
    """auth:clear-resets cache:clear cache:forget cache:prune-stale-tags clear-compiled config:clear event:clear
    optimize:clear permission:cache-reset route:clear sanctum:prune-expired schedule:clear-cache view:clear
    icons:clear filament:clear-cached-components filament:optimize-clear modelCache:clear page-cache:clear
    responsecache:clear settings:clear-cache settings:clear-discovered""".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Loss:
    """What is gone when the command has run.

    `text` may hold DATABASE. `in_database` says that a snapshot of the database has it; `connection` and `environment`
    which database, as `--database` and `--env` said; both are empty for the one that the application uses.
    """

    text: str
    in_database: bool = False
    connection: str = ""
    environment: str = ""

    def said(self, database: str) -> str:
        """The text, with the name of the database in its place."""
        return self.text.replace(DATABASE, database)


Find = Callable[[Values, Mapping[str, str]], Loss | None]
"""From what was given to a command, and the values of .env."""


def loss_of(name: str, values: Values, environment: Mapping[str, str], description: str = "") -> Loss | None:
    """What the command would take away; None for what is not asked about."""
    if values.get("--pretend") or values.get("--help") or values.get("--version"):
        return None
    if (find := _KNOWN.get(name)) is not None:
        return find(values, environment)
    if values.get("--force") and name.partition(":")[0] in ("make", "install"):
        return Loss("the present files of the same names: they are written over")
    return _by_verb(name, description)


def _by_verb(name: str, description: str) -> Loss | None:
    parts = set(re.split(r"[:_-]", name))
    if not parts & _VERBS or name in _HARMLESS or "cache" in parts:
        return None
    says = f"; it says of itself: {untagged(description)}" if description else ""
    return Loss(f"what {name} takes away{says}", in_database=True)


def _in_database(text: Callable[[Values], str]) -> Find:
    def find(values: Values, _environment: Mapping[str, str]) -> Loss:
        return Loss(text(values), True, _text(values, "--database"), _text(values, "--env"))

    return find


def _always(text: str, *, in_database: bool = False) -> Find:
    return lambda values, _environment: Loss(text, in_database, environment=_text(values, "--env"))


def _with(option: str, text: str) -> Find:
    return lambda values, _environment: Loss(text) if values.get(option) else None


def _all_tables(values: Values) -> str:
    more = [what for option, what in (("--drop-views", "views"), ("--drop-types", "types")) if values.get(option)]
    return f"all tables{''.join(f' and {one}' for one in more)} of {DATABASE}, with everything in them"


def _rolled_back(values: Values) -> str:
    if batch := _text(values, "--batch"):
        which = f"batch {batch} of the migrations"
    elif step := _text(values, "--step"):
        which = f"the last {step} migrations" if step != "1" else "the last migration"
    else:
        which = "the last batch of migrations"
    return f"the tables and columns that {which} made in {DATABASE}, with everything in them"


def _refreshed(values: Values) -> str:
    return _rolled_back(values) if _text(values, "--step") else _all_migrated(values)


def _all_migrated(_values: Values) -> str:
    return f"the tables that the migrations made in {DATABASE}, with everything in them"


def _waiting_jobs(values: Values, environment: Mapping[str, str]) -> Loss:
    queue = _text(values, "--queue") or "default"
    connection = _text(values, "connection") or environment.get("QUEUE_CONNECTION", "database")
    text = f"every job that waits in the queue {queue} (connection {connection}): none of them will run"
    return Loss(text, in_database=connection == "database")


def _failed_jobs(values: Values, _environment: Mapping[str, str]) -> Loss:
    older = f" older than {hours} hours" if (hours := _text(values, "--hours")) else ""
    return Loss(f"every failed job{older}, with its exception: none of them can be retried", in_database=True)


def _failed_job(values: Values, _environment: Mapping[str, str]) -> Loss:
    return Loss(f"the failed job {_text(values, 'id')}: it cannot be retried", in_database=True)


def _old_failed_jobs(values: Values, _environment: Mapping[str, str]) -> Loss:
    hours = _text(values, "--hours") or "24"
    return Loss(f"failed jobs older than {hours} hours: none of them can be retried", in_database=True)


def _old_batches(values: Values, _environment: Mapping[str, str]) -> Loss:
    return Loss(f"what is known of batches older than {_text(values, '--hours') or '24'} hours", in_database=True)


def _pruned_rows(values: Values, _environment: Mapping[str, str]) -> Loss:
    models = values.get("--model")
    whose = ", ".join(models) if isinstance(models, tuple) else "all prunable models"
    return Loss(f"the rows of {whose} in {DATABASE} that are old enough to be pruned", in_database=True)


def _new_key(values: Values, environment: Mapping[str, str]) -> Loss | None:
    if values.get("--show") or not environment.get("APP_KEY"):
        return None
    return Loss(
        "the present APP_KEY: what was encrypted with it (sessions, cookies, encrypted columns) can be read no more"
    )


def _new_jwt_secret(values: Values, environment: Mapping[str, str]) -> Loss | None:
    if values.get("--show") or not environment.get("JWT_SECRET"):
        return None
    return Loss("the present JWT_SECRET: every token that was signed with it is refused from then on")


def _published(values: Values, _environment: Mapping[str, str]) -> Loss | None:
    if not (values.get("--force") or values.get("--existing")):
        return None
    return Loss("what you have changed in files that were published before: they are written over")


def _encrypted(values: Values, _environment: Mapping[str, str]) -> Loss | None:
    file = f".env.{named}" if (named := _text(values, "--env")) else ".env"
    if values.get("--prune"):
        return Loss(f"{file} itself: only the encrypted file is left, and its key is shown once")
    return Loss(f"the present {file}.encrypted: it is written over") if values.get("--force") else None


def _text(values: Values, key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


_KNOWN: Mapping[str, Find] = MappingProxyType(
    {
        "migrate:fresh": _in_database(_all_tables),
        "db:wipe": _in_database(_all_tables),
        "migrate:refresh": _in_database(_refreshed),
        "migrate:reset": _in_database(_all_migrated),
        "migrate:rollback": _in_database(_rolled_back),
        "schema:dump": _with("--prune", "all files in database/migrations: the dump takes their place"),
        "model:prune": _pruned_rows,
        "queue:clear": _waiting_jobs,
        "horizon:clear": _waiting_jobs,
        "queue:flush": _failed_jobs,
        "queue:forget": _failed_job,
        "horizon:forget": _failed_job,
        "queue:prune-failed": _old_failed_jobs,
        "queue:prune-batches": _old_batches,
        "horizon:clear-metrics": _always("Horizon's metrics of all jobs and queues"),
        "telescope:clear": _always("everything that Telescope has recorded", in_database=True),
        "telescope:prune": _always("what Telescope has recorded, but for the last hours", in_database=True),
        "pulse:clear": _always("everything that Pulse has recorded", in_database=True),
        "pulse:purge": _always("everything that Pulse has recorded", in_database=True),
        "scout:flush": _always("the model's entries in the search index; scout:import makes them anew"),
        "scout:delete-index": _always("the search index; scout:import fills it anew"),
        "scout:delete-all-indexes": _always("all search indexes; scout:import fills them anew"),
        "passport:keys": _with("--force", "the present keys of Passport: every token is refused from then on"),
        "jwt:secret": _new_jwt_secret,
        "key:generate": _new_key,
        "env:encrypt": _encrypted,
        "env:decrypt": _with("--force", "the present .env: it is written over"),
        "down": _always("the application from whoever uses it: every page answers 503 until: php artisan up"),
        "storage:unlink": _always(
            "the links in public/: what is behind them is not found until: php artisan storage:link"
        ),
        "vendor:publish": _published,
        "config:publish": _published,
        "lang:publish": _published,
        "stub:publish": _published,
    }
)

"""The values that a stack gives to Laravel's .env: hosts, ports and drivers as they are between containers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from devkit.project.settings import Settings

_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")
_BUCKET = "local"
_SQLITE_FILE = re.compile(r"/app/.+|(?!/).+\.(?:sqlite3?|db)")
"""A path that is there inside the container: below the project, or relative to it."""

DATABASE_NAMES = ("DB_HOST", "DB_DATABASE", "DB_USERNAME", "DB_PASSWORD")
"""What a database's volume was made with, and whose: it comes back with the database where it was commented out."""

URL_NAMES = ("DB_URL", "DATABASE_URL", "REDIS_URL", "MAIL_URL")
"""Where Laravel's configuration finds one of these, it wins over host, port, names and password."""


def password_names(settings: Settings) -> tuple[str, ...]:
    """Names in .env that need a random value, made once and never changed by devkit."""
    needed = {
        "DB_PASSWORD": settings.database != "sqlite",
        "REDIS_PASSWORD": settings.cache is not None,
        "RABBITMQ_PASSWORD": "rabbitmq" in settings.services,
        "MEILISEARCH_KEY": "meilisearch" in settings.services,
        "TYPESENSE_API_KEY": "typesense" in settings.services,
        "AWS_ACCESS_KEY_ID": "s3" in settings.services,
        "AWS_SECRET_ACCESS_KEY": "s3" in settings.services,
        "MONGODB_PASSWORD": "mongodb" in settings.services,
        "REVERB_APP_ID": "reverb" in settings.services,
        "REVERB_APP_KEY": "reverb" in settings.services,
        "REVERB_APP_SECRET": "reverb" in settings.services,
    }
    return tuple(name for name, is_needed in needed.items() if is_needed)


def environment_values(
    settings: Settings,
    passwords: Mapping[str, str],
    url: str,
    ports: Mapping[str, int] | None = None,
    present: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Names and values for .env. `passwords` has a value for each of `password_names`; `url` is the application's.

    `ports` are the host ports by key: browsers reach Reverb and the S3 store through them. `present` is what .env
    has already: names of database and user, and drivers that need no service, stay as they are there. KeyError
    when a password is missing: that is the caller's mistake.
    """
    present = present or {}
    published = {**settings.published_ports(), **(ports or {})}
    # OCTANE_HTTPS makes every link https, for TLS that ends in front of the server; here the server knows which site
    # was asked.
    values = {"APP_URL": url, "OCTANE_SERVER": "frankenphp", "OCTANE_HTTPS": "false"}
    values.update(_database(settings, passwords, present))
    values.update(_cache(settings, passwords, present))
    names = settings.services
    if "mailpit" in names:
        values.update(MAIL_MAILER="smtp", MAIL_HOST="mailpit", MAIL_PORT="1025")
        values.update(MAIL_USERNAME="null", MAIL_PASSWORD="null")
    if "memcached" in names:
        values["MEMCACHED_HOST"] = "memcached"
    if "rabbitmq" in names:
        values.update(RABBITMQ_HOST="rabbitmq", RABBITMQ_PORT="5672", RABBITMQ_USER="laravel")
        values["RABBITMQ_PASSWORD"] = passwords["RABBITMQ_PASSWORD"]
    if "meilisearch" in names:
        values.update(SCOUT_DRIVER="meilisearch", MEILISEARCH_HOST="http://meilisearch:7700")
        values["MEILISEARCH_KEY"] = passwords["MEILISEARCH_KEY"]
    if "typesense" in names:
        if "meilisearch" not in names:
            values["SCOUT_DRIVER"] = "typesense"
        values.update(TYPESENSE_HOST="typesense", TYPESENSE_PORT="8108", TYPESENSE_PROTOCOL="http")
        values["TYPESENSE_API_KEY"] = passwords["TYPESENSE_API_KEY"]
    if "s3" in names:
        values.update(FILESYSTEM_DISK="s3", AWS_DEFAULT_REGION="us-east-1", AWS_BUCKET=_BUCKET)
        values.update(AWS_USE_PATH_STYLE_ENDPOINT="true", AWS_ENDPOINT="http://s3:9000")
        values["AWS_URL"] = f"http://localhost:{published['s3']}/{_BUCKET}"
        values["AWS_ACCESS_KEY_ID"] = passwords["AWS_ACCESS_KEY_ID"]
        values["AWS_SECRET_ACCESS_KEY"] = passwords["AWS_SECRET_ACCESS_KEY"]
    if "mongodb" in names:
        values.update(MONGODB_HOST="mongodb", MONGODB_USERNAME="laravel")
        values["MONGODB_PASSWORD"] = passwords["MONGODB_PASSWORD"]
    if "selenium" in names:
        values["DUSK_DRIVER_URL"] = "http://selenium:4444/wd/hub"
    if "reverb" in names:
        values.update(_reverb(passwords, published["reverb"]))
        values.update(dict.fromkeys(_spelt(present, "BROADCAST_CONNECTION", "BROADCAST_DRIVER"), "reverb"))
    return values


def unwanted_names(settings: Settings, present: Mapping[str, str]) -> tuple[str, ...]:
    """Names that are not to stand in .env beside `environment_values`: those that mislead, and of no use to SQLite."""
    idle = ("DB_PORT", *DATABASE_NAMES) if settings.database == "sqlite" else ()
    names = dict.fromkeys((*misleading_names(settings, present), *(name for name in idle if name != "DB_DATABASE")))
    return tuple(name for name in names if name in present)


def misleading_names(settings: Settings, present: Mapping[str, str]) -> tuple[str, ...]:
    """Names that would break what `environment_values` say, wherever they come from.

    A server's name of a database is a file to SQLite; a URL wins over all that is written here; Mailpit speaks
    no TLS.
    """
    names = ["DB_URL", "DATABASE_URL"]
    if settings.database == "sqlite" and not _SQLITE_FILE.fullmatch(present.get("DB_DATABASE", "")):
        names.append("DB_DATABASE")
    if settings.cache is not None:
        names.append("REDIS_URL")
    if "mailpit" in settings.services:
        encrypted = [name for name in ("MAIL_SCHEME", "MAIL_ENCRYPTION") if not is_nothing(present.get(name, ""))]
        names += ["MAIL_URL", *encrypted]
    return tuple(name for name in names if name in present)


def foreign_names(settings: Settings, present: Mapping[str, str]) -> frozenset[str]:
    """Names whose values in .env speak of servers elsewhere (a mail provider, a bucket, a database of the company).

    The stack's own services take their place, so the lines are kept as comments, and none of their passwords is
    given to a container of this machine.
    """
    mailer = present.get("MAIL_MAILER", "").lower()
    elsewhere = {
        "DB_": settings.database != "sqlite" and is_elsewhere(present.get("DB_HOST", "")),
        "REDIS_": settings.cache is not None and is_elsewhere(present.get("REDIS_HOST", "")),
        "MAIL_": "mailpit" in settings.services
        and (is_elsewhere(present.get("MAIL_HOST", "")) or mailer not in ("", "smtp", "log", "array", "sendmail")),
        "AWS_": "s3" in settings.services and present.get("AWS_BUCKET", "") not in ("", _BUCKET),
    }
    prefixes = tuple(prefix for prefix, is_so in elsewhere.items() if is_so)
    return frozenset(name for name in present if name.startswith(prefixes))


def is_nothing(value: str) -> bool:
    """Whether Laravel reads this value of .env as none."""
    return value.lower() in ("", "null", "(null)", "empty", "(empty)")


def is_elsewhere(host: str) -> bool:
    """Whether it is the name or the address of another machine; services and localhost have no dot."""
    return "." in host and host not in ("127.0.0.1", "0.0.0.0")


def _database(settings: Settings, passwords: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    if settings.database == "sqlite":
        return {"DB_CONNECTION": "sqlite"}
    # An SQLite file's path is no name of a database, and MySQL's image makes no second root.
    name, user = present.get("DB_DATABASE", ""), present.get("DB_USERNAME", "")
    return {
        "DB_CONNECTION": settings.database,
        "DB_HOST": settings.database,
        "DB_PORT": "5432" if settings.database == "pgsql" else "3306",
        "DB_DATABASE": name if _NAME.fullmatch(name) else "laravel",
        "DB_USERNAME": user if _NAME.fullmatch(user) and user != "root" else "laravel",
        "DB_PASSWORD": passwords["DB_PASSWORD"],
    }


def _cache(settings: Settings, passwords: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    stores = _spelt(present, "CACHE_STORE", "CACHE_DRIVER")
    if settings.cache is None:
        # Where there is no Redis any more, what Laravel's own .env.example has; tables for it came with Laravel 11.
        store, session, queue = ("file", "file", "sync") if stores == ("CACHE_DRIVER",) else ("database",) * 3
        values = {**dict.fromkeys(stores, store), "SESSION_DRIVER": session, "QUEUE_CONNECTION": queue}
        return {name: value for name, value in values.items() if present.get(name) in ("", "redis")}
    takes_queue = _takes_queue(present.get("QUEUE_CONNECTION", ""), worker="queue" in settings.services)
    return {
        **dict.fromkeys(stores, "redis"),
        "SESSION_DRIVER": "redis",
        **({"QUEUE_CONNECTION": "redis"} if takes_queue else {}),
        "REDIS_CLIENT": "phpredis",
        "REDIS_HOST": settings.cache,
        "REDIS_PORT": "6379",
        "REDIS_PASSWORD": passwords["REDIS_PASSWORD"],
    }


def _takes_queue(driver: str, *, worker: bool) -> bool:
    """Whether Redis takes the queue from the driver that .env names.

    Jobs that are done in the request itself (sync, and what an older Laravel does without a name) would wait for ever
    where no worker runs, and with one it is the worker that has to get them. Another program's queue stays its own.
    """
    if driver in ("database", "redis"):
        return True
    return worker and driver in ("", "sync", "null", "deferred", "background")


def _spelt(present: Mapping[str, str], name: str, former: str) -> tuple[str, ...]:
    """The name as .env has it, for the configuration reads that one: until Laravel 10 it was the former."""
    return tuple(spelling for spelling in (name, former) if spelling in present) or (name,)


def _reverb(passwords: Mapping[str, str], port: int) -> dict[str, str]:
    """The application reaches Reverb inside the network; a browser reaches it at the published port."""
    return {
        "REVERB_APP_ID": passwords["REVERB_APP_ID"],
        "REVERB_APP_KEY": passwords["REVERB_APP_KEY"],
        "REVERB_APP_SECRET": passwords["REVERB_APP_SECRET"],
        "REVERB_HOST": "reverb",
        "REVERB_PORT": "8081",
        "REVERB_SCHEME": "http",
        "VITE_REVERB_APP_KEY": passwords["REVERB_APP_KEY"],
        "VITE_REVERB_HOST": "localhost",
        "VITE_REVERB_PORT": str(port),
        "VITE_REVERB_SCHEME": "http",
    }

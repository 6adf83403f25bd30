"""What an artisan command would take away from this very project: with its database by name, and whether it is kept."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from devkit.database.in_use import database_in_use
from devkit.laravel.artisan_losses import loss_of
from devkit.laravel.artisan_words import Values
from devkit.laravel.catalogue import Command
from devkit.project.env_file import read_env
from devkit.project.errors import DevkitError
from devkit.project.paths import ProjectPaths
from devkit.project.settings import Settings

_HARMLESS = ("", "local", "testing", "development", "dev")


@dataclass(frozen=True)
class NamedLoss:
    """What is lost; `keeps` says that a snapshot of the database has it, `environment` is APP_ENV where that alarms."""

    text: str
    keeps: bool
    environment: str


def named_loss(paths: ProjectPaths, settings: Settings, command: Command, values: Values) -> NamedLoss | None:
    """The loss; None for what takes nothing away. Reads .env, and asks no engine."""
    known: dict[str, str] = {}
    with suppress(DevkitError, OSError):
        known = read_env(paths.env)
    loss = loss_of(command.name, values, known, command.description)
    if loss is None:
        return None
    database = database_in_use(paths, settings, connection=loss.connection, environment=loss.environment)
    environment = loss.environment or known.get("APP_ENV", "")
    return NamedLoss(
        loss.said(database.title),
        loss.in_database and database.kept,
        "" if environment in _HARMLESS else environment,
    )

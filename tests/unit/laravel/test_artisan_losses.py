from __future__ import annotations

import pytest

from devkit.laravel.artisan_losses import loss_of
from devkit.laravel.artisan_words import Values

pytestmark = pytest.mark.unit

ENVIRONMENT = {"APP_KEY": "base64:x", "QUEUE_CONNECTION": "redis"}


@pytest.mark.parametrize(
    ("name", "values", "said", "in_database"),
    [
        ("migrate:fresh", {}, "all tables of DB, with everything in them", True),
        ("migrate:fresh", {"--drop-views": True}, "all tables and views of DB, with everything in them", True),
        ("db:wipe", {}, "all tables of DB, with everything in them", True),
        ("migrate:reset", {}, "the tables that the migrations made in DB, with everything in them", True),
        ("migrate:refresh", {}, "the tables that the migrations made in DB, with everything in them", True),
        ("migrate:refresh", {"--step": "2"}, "the tables and columns that the last 2 migrations made in DB", True),
        ("migrate:rollback", {}, "the tables and columns that the last batch of migrations made in DB", True),
        ("migrate:rollback", {"--step": "1"}, "the tables and columns that the last migration made in DB", True),
        ("migrate:rollback", {"--batch": "3"}, "that batch 3 of the migrations made in DB", True),
        ("schema:dump", {"--prune": True}, "all files in database/migrations", False),
        ("model:prune", {"--model": ("App\\Models\\Log",)}, "the rows of App\\Models\\Log in DB", True),
        ("queue:clear", {}, "waits in the queue default (connection redis)", False),
        ("queue:clear", {"connection": "database", "--queue": "mail"}, "in the queue mail (connection database)", True),
        ("queue:flush", {}, "every failed job, with its exception: none of them can be retried", True),
        ("queue:flush", {"--hours": "48"}, "every failed job older than 48 hours", True),
        ("queue:forget", {"id": "7"}, "the failed job 7", True),
        ("queue:prune-failed", {}, "failed jobs older than 24 hours", True),
        ("queue:prune-batches", {"--hours": "9"}, "older than 9 hours", True),
        ("key:generate", {}, "the present APP_KEY", False),
        ("down", {}, "every page answers 503 until: php artisan up", False),
        ("storage:unlink", {}, "the links in public/", False),
        ("vendor:publish", {"--force": True, "--all": True}, "files that were published before", False),
        ("env:encrypt", {"--prune": True}, ".env itself", False),
        ("env:decrypt", {"--force": True}, "the present .env", False),
        ("make:model", {"name": "Order", "--force": True}, "the present files of the same names", False),
        ("telescope:clear", {}, "everything that Telescope has recorded", True),
        ("horizon:clear", {}, "every job that waits in the queue default", False),
        ("orders:wipe-all", {}, "what orders:wipe-all takes away; it says of itself: Delete all orders", True),
    ],
)
def test_what_is_lost_is_named(name: str, values: Values, said: str, in_database: bool) -> None:
    loss = loss_of(name, values, ENVIRONMENT, "Delete <info>all</info> orders")
    assert loss is not None
    assert said in loss.said("DB")
    assert loss.in_database == in_database


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("migrate", {}),
        ("migrate", {"--seed": True}),
        ("db:seed", {}),
        ("migrate:status", {}),
        ("migrate:rollback", {"--pretend": True}),
        ("model:prune", {"--pretend": True}),
        ("schema:dump", {}),
        ("cache:clear", {}),
        ("view:clear", {}),
        ("optimize:clear", {}),
        ("clear-compiled", {}),
        ("queue:restart", {}),
        ("vendor:publish", {"--all": True}),
        ("make:model", {"name": "Order"}),
        ("make:migration", {"name": "drop_orders"}),
        ("key:generate", {"--show": True}),
        ("env:encrypt", {}),
        ("shop:cache-clear", {}),
        ("about", {}),
    ],
)
def test_what_nobody_would_miss_is_not_asked_about(name: str, values: Values) -> None:
    assert loss_of(name, values, ENVIRONMENT) is None


def test_a_first_key_takes_nothing_away() -> None:
    assert loss_of("key:generate", {}, {"APP_KEY": ""}) is None


def test_which_database_is_meant_is_told() -> None:
    loss = loss_of("migrate:fresh", {"--database": "reports", "--env": "testing"}, {})
    assert loss is not None
    assert (loss.connection, loss.environment) == ("reports", "testing")

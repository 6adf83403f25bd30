"""The files of a delivery pipeline, for GitHub Actions and for GitLab: build, test, scan, push, deploy."""

from __future__ import annotations

from typing import Any

from devkit.engine.belongings import image_repository
from devkit.project.services import SERVICES, Kind
from devkit.project.settings import Settings
from devkit.scaffold.context import RenderedFile
from devkit.scaffold.environment import environment_values, password_names
from devkit.scaffold.package_managers import package_manager
from devkit.scaffold.render import template, vite_arguments

PULL_REQUEST = ".github/workflows/pull-request.yml"
DELIVERY = ".github/workflows/delivery.yml"
DEPENDABOT = ".github/dependabot.yml"
GITLAB = ".gitlab-ci.yml"

_GITHUB = {
    PULL_REQUEST: "github/pull-request.yml.j2",
    DELIVERY: "github/delivery.yml.j2",
    DEPENDABOT: "github/dependabot.yml.j2",
}

_WITHOUT_TESTS = ("selenium",)
"""Services that tests of the pipeline do not ask: a browser needs a server to look at, and its image is a gigabyte."""

_ADDRESSES = ("DB_", "REDIS_", "MEMCACHED_", "RABBITMQ_", "MAIL_", "MEILISEARCH_", "TYPESENSE_", "AWS_", "MONGODB_")
_DRIVERS = ("MAIL_MAILER",)

_PASSWORD = "only-for-this-run"


def render_github(settings: Settings) -> dict[str, RenderedFile]:
    """GitHub's workflows and Dependabot's settings, by path."""
    values = _values(settings)
    return {path: RenderedFile(path, template(name, values)) for path, name in _GITHUB.items()}


def render_gitlab(settings: Settings) -> dict[str, RenderedFile]:
    """GitLab's pipeline, by path."""
    return {GITLAB: RenderedFile(GITLAB, template("gitlab/gitlab-ci.yml.j2", _values(settings)))}


def tests_environment(settings: Settings) -> dict[str, str]:
    """Where tests find the services; which driver is used for cache, session, queue and mail is phpunit.xml's to say.

    Empty without services: SQLite too is what phpunit.xml makes of it.
    """
    passwords = dict.fromkeys(password_names(settings), _PASSWORD)
    values = environment_values(settings, passwords, "http://localhost")
    found = {name: value for name, value in values.items() if name.startswith(_ADDRESSES) and name not in _DRIVERS}
    # A browser's address of the store; nobody asks it here.
    found.pop("AWS_URL", None)
    return found if settings.database != "sqlite" else {k: v for k, v in found.items() if not k.startswith("DB_")}


def _values(settings: Settings) -> dict[str, Any]:
    services = [SERVICES[name] for name in settings.all_services]
    backing = [service for service in services if service.kind is not Kind.PROCESS]
    return {
        "name": settings.name,
        "image": image_repository(settings.name),
        "database": settings.database,
        "secrets": settings.secrets,
        "manager": package_manager(settings.node.package_manager),
        "backing": [service.name for service in backing if service.name not in _WITHOUT_TESTS],
        "with_image": [service.name for service in services if service.image],
        "test_environment": tests_environment(settings),
        "vite_arguments": vite_arguments(settings),
    }

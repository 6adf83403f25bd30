"""The pages of a project that a browser can show: the application's own, its services', and those of its packages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from devkit.laravel.packages import locked_packages
from devkit.project.services import APP, SERVICES
from devkit.project.settings import Settings


@dataclass(frozen=True)
class Page:
    """One page: the name that `devkit open` takes, what it shows, and its address on this machine."""

    name: str
    title: str
    url: str


_OF_SERVICES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mailpit": ("mailpit", ""),
        "rabbitmq": ("rabbitmq_ui", ""),
        "meilisearch": ("meilisearch", ""),
        "s3": ("s3_ui", ""),
        "selenium": ("selenium", "/ui"),
        "vite": ("vite", ""),
    }
)
"""Services that have a page: its port's key and its path. Typesense and Reverb answer programs only."""

_OF_PACKAGES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "laravel/horizon": ("horizon", "Horizon: queues", "HORIZON_PATH"),
        "laravel/telescope": ("telescope", "Telescope: requests, queries, exceptions", "TELESCOPE_PATH"),
        "laravel/pulse": ("pulse", "Pulse: performance and usage", "PULSE_PATH"),
    }
)
"""Packages that bring a page: its name, which is its path unless .env says otherwise (their config files)."""


def pages_of(
    settings: Settings, ports: Mapping[str, int], root: Path, environment: Mapping[str, str | None]
) -> tuple[Page, ...]:
    """Every page of a project, the application first. `ports` are host ports by key, `environment` is .env."""
    return tuple(_pages(settings, ports, root, environment))


def _pages(
    settings: Settings, ports: Mapping[str, int], root: Path, environment: Mapping[str, str | None]
) -> Iterator[Page]:
    published = settings.published_ports()
    url = settings.url(ports)
    yield Page(APP, "the application", url)
    for name in settings.all_services:
        if name in _OF_SERVICES:
            key, path = _OF_SERVICES[name]
            yield Page(name, SERVICES[name].title, f"http://localhost:{ports.get(key, published[key])}{path}")
    for package in locked_packages(root):
        if package in _OF_PACKAGES:
            name, title, variable = _OF_PACKAGES[package]
            yield Page(name, title, f"{url}/{(environment.get(variable) or name).strip('/')}")

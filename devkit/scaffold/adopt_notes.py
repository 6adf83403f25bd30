"""What a person should know before an application is adopted; no value of .env stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from devkit.project.services import SERVICES, Kind
from devkit.project.settings import PHP_VERSIONS
from devkit.scaffold.adopt_compose import ComposeFacts
from devkit.scaffold.adopt_composer import ComposerFacts, fulfils
from devkit.scaffold.adopt_tools import ToolFacts
from devkit.scaffold.environment import URL_NAMES, is_elsewhere

_ENDED_BY: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "sail": ("Sail", "./vendor/bin/sail down"),
        "compose": ("Docker Compose", "docker compose down"),
        "ddev": ("DDEV", "ddev stop"),
        "lando": ("Lando", "lando stop"),
    }
)


def _setup_names(compose: ComposeFacts | None, tools: Sequence[ToolFacts]) -> tuple[str, ...]:
    """What ran the application so far: `sail` or `compose`, `ddev`, `lando`."""
    of_compose = ["sail" if compose.sail else "compose"] if compose else []
    return (*of_compose, *(facts.tool for facts in tools))


def adoption_notes(
    composer: ComposerFacts,
    compose: ComposeFacts | None,
    tools: Sequence[ToolFacts],
    env: Mapping[str, str],
    ran: str | None,
) -> Iterator[str]:
    """A line for each: what ran here, what is proposed instead, what is kept and what does not come along.

    `ran` is the PHP version of the former set-up.
    """
    if composer.php_version is None:
        offered = f"{PHP_VERSIONS[0]} to {PHP_VERSIONS[-1]}"
        yield f"composer.json asks for PHP {composer.php_constraint}; FrankenPHP has {offered}"
    elif ran and ran != composer.php_version:
        fits = ran in PHP_VERSIONS and fulfils(ran, composer.php_constraint or "*")
        keep = f"; --php {ran} keeps it" if fits else ""
        yield f"PHP {ran} ran here, PHP {composer.php_version} is proposed{keep}"
    for tool in _setup_names(compose, tools):
        title, command = _ENDED_BY[tool]
        yield f"{title} ran here: end it before devkit starts ({command}), for both want the same ports"
    if compose:
        yield from _of_compose(compose)
    other = [f"{name} ({facts.tool})" for facts in tools for name in facts.other]
    if other:
        yield f"devkit has no service for: {', '.join(other)}"
    if is_elsewhere(env.get("DB_HOST", "")):
        yield "DB_HOST in .env names another machine; a service of devkit's would take its place"
    urls = [name for name in URL_NAMES if env.get(name)]
    if urls:
        yield f"{', '.join(urls)} in .env would win over the stack's own services, and is commented out there"


def _of_compose(compose: ComposeFacts) -> Iterator[str]:
    databases = [name for name in compose.services if SERVICES[name].kind is Kind.DATABASE]
    if databases:
        yield (
            f"data in the volumes of {compose.file} stays there; devkit's {databases[0]} starts empty, "
            f"in a volume of its own ({SERVICES[databases[0]].volume})"
        )
    if compose.foreign:
        yield f"kept as they are: {', '.join(compose.foreign)}"
    yield from (f"{compose.file}: {text}" for text in compose.left_out)

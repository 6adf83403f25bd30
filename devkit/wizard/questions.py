"""The questions as data: what is asked, which options there are, and what is chosen if nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from devkit.project.services import CACHES, DATABASES, SERVICES, Kind
from devkit.scaffold.adopt import Existing
from devkit.scaffold.deliveries import DELIVERIES
from devkit.setup.answers import Answers

NOTHING = "none"
"""The value of the option that adds no service."""


@dataclass(frozen=True)
class Option:
    """One answer to choose."""

    value: str
    title: str


@dataclass(frozen=True)
class Question:
    """One question; `default` holds the values chosen beforehand, `left_out` why services are missing."""

    key: Literal["database", "cache", "extras", "delivery"]
    kind: Literal["one", "several"]
    text: str
    options: tuple[Option, ...]
    default: tuple[str, ...]
    left_out: Mapping[str, str]


def questions(answers: Answers, existing: Existing, unavailable: Mapping[str, str]) -> list[Question]:
    """What the flags left open, at most three; `unavailable` maps a service to why it is not offered."""
    asked = []
    named = answers.services or ()
    if answers.database is None and not any(name in DATABASES for name in named):
        asked.append(_database(existing, unavailable))
    if answers.services is None:
        asked += [_cache(existing, unavailable), _extras(existing, unavailable)]
    return asked


def delivery_question(answers: Answers) -> Question | None:
    """Which files of delivery to write, several or none; None where flags have said so."""
    if answers.delivery is not None:
        return None
    options = [Option(word, title) for word, title in DELIVERIES.items()]
    return _question("delivery", "several", "Delivery files for", options, (), {})


def answered(answers: Answers, key: str, values: Sequence[str]) -> Answers:
    """The answers with one question's values added."""
    if key == "database":
        return replace(answers, database=values[0])
    if key == "delivery":
        return replace(answers, delivery=tuple(values))
    chosen = tuple(value for value in values if value != NOTHING)
    return replace(answers, services=(*(answers.services or ()), *chosen))


def directory_problem(directory: Path, existing: Existing) -> str:
    """Why an application cannot be there, or an empty text."""
    if existing.kind == "other":
        return f"{directory.name} is not empty and holds no Laravel app"
    return ""


def suggested_directory(here: Path, existing: Existing) -> str:
    """The default for where: here if that is an app or empty, else a new directory below."""
    return "./my-app" if existing.kind == "other" or here in (Path.home(), Path(here.anchor)) else "."


def _database(existing: Existing, unavailable: Mapping[str, str]) -> Question:
    titles = {"sqlite": "SQLite: a file, nothing to run"}
    options = [Option(name, titles.get(name) or SERVICES[name].title) for name in DATABASES]
    return _question("database", "one", "Database", options, (existing.database or "sqlite",), unavailable)


def _cache(existing: Existing, unavailable: Mapping[str, str]) -> Question:
    options = [
        Option(NOTHING, "the database: nothing more to run"),
        *(Option(name, SERVICES[name].title) for name in CACHES),
    ]
    detected = next((name for name in existing.services if name in CACHES), NOTHING)
    return _question("cache", "one", "Cache, session and queue in", options, (detected,), unavailable)


def _extras(existing: Existing, unavailable: Mapping[str, str]) -> Question:
    names = [name for name, service in SERVICES.items() if service.kind in (Kind.EXTRA, Kind.PROCESS)]
    names.sort(key=lambda name: name != "mailpit" and SERVICES[name].kind is Kind.EXTRA)
    options = [Option(name, SERVICES[name].title) for name in names]
    detected = tuple(name for name in names if name in existing.services)
    return _question("extras", "several", "Extras", options, detected, unavailable)


def _question(
    key: Literal["database", "cache", "extras", "delivery"],
    kind: Literal["one", "several"],
    text: str,
    options: Sequence[Option],
    default: tuple[str, ...],
    unavailable: Mapping[str, str],
) -> Question:
    offered = tuple(option for option in options if option.value not in unavailable)
    values = {option.value for option in offered}
    kept = tuple(value for value in default if value in values)
    if kind == "one" and not kept:
        kept = (offered[0].value,)
    left_out = {option.title: unavailable[option.value] for option in options if option.value in unavailable}
    return Question(key, kind, text, offered, kept, left_out)

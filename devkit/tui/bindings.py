"""Every key of the app, found in its classes: for the help, for the settings, and for the check of what a person chose.

It imports everything of the app, also tabs that were not opened; so it is asked for when it is needed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from string import punctuation

from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import Keys
from textual.screen import ModalScreen

import devkit.tui

GLOBAL = "app"
"""The group of what works everywhere but in a dialogue."""

_GROUPS = {"services": "service", "project": "service"}
"""Groups whose keys are active together with those of another."""

_TITLES = {
    GLOBAL: "Everywhere",
    "service": "Services",
    "log": "Logs",
    "detail": "One line of the logs",
    "check": "One check of the doctor",
    "list": "Lists",
    "menu": "Menus",
    "inspect": "A container",
    "resources": "Images, volumes and networks",
    "text": "Texts",
    "question": "Questions",
    "build": "Builds",
    "output": "What a program writes",
    "form": "The form of an artisan command",
    "loss": "The question before something is lost",
}

_MODIFIERS = ("ctrl", "shift", "alt", "super", "hyper", "meta")
_NAMES = frozenset(
    [key.value for key in Keys]
    + [one.key for one in Binding.make_bindings([Binding(",".join(punctuation.replace(",", "")), "")])]
    + ["comma"]
)
"""Keys that are more than a letter."""


@dataclass(frozen=True)
class Key:
    """One binding: its keys, what it does, and where (`places` are classes, by name)."""

    id: str
    title: str
    tooltip: str
    keys: tuple[str, ...]
    places: frozenset[str]
    modal: bool = False

    @property
    def group(self) -> str:
        """The part of the app that it belongs to."""
        return group(self.id)


def group(id: str) -> str:
    """The first part of an id, `log` of `log.filter`; one for parts whose keys are active together."""
    first = id.partition(".")[0]
    return _GROUPS.get(first, first)


def group_title(id: str) -> str:
    """How the group of an id is called for people."""
    name = group(id)
    return _TITLES.get(name, name.replace("-", " ").capitalize())


def owners() -> Iterator[type[DOMNode]]:
    """Every class of the app that may have keys."""
    for found in pkgutil.walk_packages(devkit.tui.__path__, "devkit.tui."):
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, DOMNode) and value.__module__ == found.name:
                yield value


def bindings_of(owner: type[DOMNode]) -> list[Binding]:
    """The bindings that a class brings itself, with their keys as they were written."""
    return [one if isinstance(one, Binding) else Binding(*one) for one in vars(owner).get("BINDINGS", ())]


@cache
def all_keys() -> tuple[Key, ...]:
    """Every key that has an id, group by group; an id that several classes have is one key in several places."""
    found: dict[str, Key] = {}
    for owner in owners():
        for binding in bindings_of(owner):
            if not binding.id:
                continue
            place = f"{owner.__module__}.{owner.__qualname__}"
            key = found.get(binding.id) or Key(
                binding.id,
                binding.description,
                binding.tooltip,
                names(binding.key),
                frozenset(),
                issubclass(owner, ModalScreen),
            )
            found[binding.id] = replace(key, places=key.places | {place})
    order = {group: at for at, group in enumerate(dict.fromkeys([GLOBAL, "service", "log"]))}
    return tuple(sorted(found.values(), key=lambda key: (order.get(key.group, len(order)), key.modal, key.group)))


def names(keys: str) -> tuple[str, ...]:
    """The keys of a text with commas, by Textual's names: `question_mark` for `?`."""
    given = ",".join(key.strip() for key in keys.split(",") if key.strip())
    return tuple(one.key for one in Binding.make_bindings([Binding(given, "")])) if given else ()


def is_key(name: str) -> bool:
    """Whether a terminal has a key of this name: a letter, `f5`, `question_mark`, with `ctrl+`, `shift+`, `alt+`."""
    *modifiers, last = name.split("+")
    if any(one not in _MODIFIERS for one in modifiers):
        return False
    return (len(last) == 1 and last.isprintable()) or last in _NAMES

"""Which keys the bindings get: devkit's own, then a preset's, then the person's, without two on one key in one place.

Textual reports a clash at each press of a key, and for a binding that gives up one of its two keys a clash with itself
(`App.handle_bindings_clash`, 8.2.8). So what it is handed is free of clashes, and what is wrong is said once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from devkit.tui.bindings import GLOBAL, Key, is_key, names
from devkit.tui.keys.presets import PRESETS

_KEPT = {"ctrl+c": "ctrl+c copies what is selected"}
"""Keys that are not given away."""

Keys = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Clash:
    """Two bindings that one key means in one place."""

    key: str
    first: str
    second: str


@dataclass(frozen=True)
class Refusal:
    """A choice of keys that is not followed, and why; `id` is empty for the preset."""

    id: str
    why: str
    stays: tuple[str, ...] = ()

    def __str__(self) -> str:
        stays = f"; it stays {', '.join(self.stays)}" if self.stays else ""
        return f'keys."{self.id}": {self.why}{stays}' if self.id else self.why


@dataclass(frozen=True)
class Keymap:
    """The keys of each binding, those among them that are not devkit's own, and what was refused."""

    keys: Keys
    changed: Mapping[str, str]
    refused: tuple[Refusal, ...]


def keymap(known: Sequence[Key], preset: str, own: Mapping[str, str]) -> Keymap:
    """For a preset, empty for none, and the person's own keys by binding id."""
    by_id = {key.id: key for key in known}
    refused: list[Refusal] = []
    if preset and preset not in PRESETS:
        refused.append(Refusal("", f"unknown ui.preset {preset!r}; there are {', '.join(PRESETS)}"))
    base = {key.id: key.keys for key in known}
    if preset in PRESETS:
        base |= {id: names(keys) for id, keys in PRESETS[preset].keys.items() if id in by_id}
    wanted: dict[str, tuple[str, ...]] = {}
    for id, text in own.items():
        keys = names(text)
        wrong = next((key for key in keys if not is_key(key)), None)
        kept = next((_KEPT[key] for key in keys if key in _KEPT), "")
        if id not in by_id:
            refused.append(Refusal(id, f"no binding has this id{_nearest(id, by_id)}"))
        elif not keys or wrong is not None:
            said = f"{wrong!r} is no key" if wrong is not None else "there is no key"
            refused.append(Refusal(id, f'{said}; write one such as "f5", "ctrl+g" or "question_mark"', base[id]))
        elif kept:
            refused.append(Refusal(id, kept, base[id]))
        else:
            wanted[id] = keys
    while (found := _loser(clashes(known, base | wanted), wanted)) is not None:
        clash, loser = found
        other = clash.second if loser == clash.first else clash.first
        refused.append(Refusal(loser, f"{clash.key} is {by_id[other].title} ({other}) already", base[loser]))
        del wanted[loser]
    result = base | wanted
    changed = {id: ",".join(keys) for id, keys in result.items() if keys != by_id[id].keys}
    return Keymap(result, changed, tuple(refused))


def clashes(known: Sequence[Key], keys: Keys) -> list[Clash]:
    """Every two bindings that would have one key in one place.

    Places are one where bindings are of one class, of one group, or where one of them works everywhere. Two of
    different classes that share a key as devkit has them do so on purpose: the inner one is meant.
    """
    holders: dict[str, list[Key]] = {}
    for one in known:
        for key in keys.get(one.id, ()):
            holders.setdefault(key, []).append(one)
    return [
        Clash(key, first.id, second.id)
        for key, found in holders.items()
        for at, first in enumerate(found)
        for second in found[at + 1 :]
        if first.id != second.id and _meet(first, second)
    ]


def _meet(first: Key, second: Key) -> bool:
    if first.places & second.places:
        return True
    if first.modal != second.modal:
        return False
    is_one_place = first.group == second.group or (GLOBAL in (first.group, second.group) and not first.modal)
    return is_one_place and not set(first.keys) & set(second.keys)


def _loser(found: Iterable[Clash], own: Mapping[str, object]) -> tuple[Clash, str] | None:
    """The first clash that a person's own key has a part in, and whose it is; of two the one that came later."""
    order = list(own)
    for clash in found:
        involved = [id for id in (clash.first, clash.second) if id in own]
        if involved:
            return clash, max(involved, key=order.index)
    return None


def _nearest(id: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(id, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""

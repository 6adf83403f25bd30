"""Every key of every part of the app, also of what comes later: it has an id, a tooltip, and a place of its own."""

from __future__ import annotations

import importlib

import pytest

from devkit.tui.bindings import all_keys, bindings_of, is_key, names, owners
from devkit.tui.keymap import Clash, clashes, keymap
from devkit.tui.keys.presets import PRESETS
from devkit.tui.pane import TABS, Pane

pytestmark = pytest.mark.unit

KNOWN = all_keys()
DEFAULTS = {key.id: key.keys for key in KNOWN}


def found(clash: list[Clash]) -> list[str]:
    return [f"{one.key}: {one.first} and {one.second}" for one in clash]


def test_every_binding_has_an_id_a_title_and_a_tooltip() -> None:
    for owner in owners():
        for binding in bindings_of(owner):
            assert binding.id and binding.description and binding.tooltip, f"{owner.__name__}: {binding}"


def test_an_id_is_one_binding() -> None:
    seen: dict[str, object] = {}
    for owner in owners():
        for binding in bindings_of(owner):
            assert seen.setdefault(binding.id or "", binding) == binding, f"{owner.__name__}: {binding.id}"


def test_every_tab_can_be_made_and_its_keys_are_known() -> None:
    places = {place for key in KNOWN for place in key.places}
    for tab in TABS:
        module, _, name = tab.made_by.partition(":")
        made = getattr(importlib.import_module(module), name)
        assert issubclass(made, Pane)
        assert not bindings_of(made) or f"{module}.{name}" in places


def test_no_two_bindings_share_a_key_in_one_place() -> None:
    assert found(clashes(KNOWN, DEFAULTS)) == []


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_names_bindings_that_there_are_and_keys_that_do_not_clash(preset: str) -> None:
    assert set(PRESETS[preset].keys) <= set(DEFAULTS)
    made = keymap(KNOWN, preset, {})
    assert made.refused == ()
    assert found(clashes(KNOWN, made.keys)) == []
    assert all(is_key(key) for keys in made.keys.values() for key in keys)


def test_every_default_key_is_one_that_a_person_could_write() -> None:
    assert [key for keys in DEFAULTS.values() for key in keys if not is_key(key)] == []


@pytest.mark.parametrize(
    "name", ["q", "Q", "ü", "f5", "ctrl+g", "shift+tab", "question_mark", "comma", "ctrl+shift+up"]
)
def test_a_key_is_known_by_its_name(name: str) -> None:
    assert is_key(name)


@pytest.mark.parametrize("name", ["", "crtl+g", "f99", "ctrl+", "escap", "ab"])
def test_what_is_no_key_is_none(name: str) -> None:
    assert not is_key(name)


def test_signs_are_called_as_textual_calls_them() -> None:
    assert names("?, f1,/") == ("question_mark", "f1", "slash")
    assert names(" ") == ()


def test_two_may_change_keys_with_each_other() -> None:
    made = keymap(KNOWN, "", {"log.search": "F", "log.filter": "slash"})
    assert made.refused == ()
    assert made.changed == {"log.search": "F", "log.filter": "slash"}


def test_of_two_that_want_one_key_the_second_stays_as_it_is() -> None:
    made = keymap(KNOWN, "", {"log.search": "f6", "log.filter": "f6"})
    assert [str(one) for one in made.refused] == ['keys."log.filter": f6 is Search (log.search) already; it stays F']
    assert made.changed == {"log.search": "f6"}


def test_what_is_left_without_its_own_key_falls_back_with_those_that_took_it() -> None:
    made = keymap(KNOWN, "", {"log.filter": "slash", "log.search": "n"})
    assert made.changed == {}
    assert [one.id for one in made.refused] == ["log.search", "log.filter"]


def test_a_key_that_works_everywhere_is_taken_everywhere_but_in_a_dialogue() -> None:
    assert [one.id for one in keymap(KNOWN, "", {"service.restart": "q"}).refused] == ["service.restart"]
    assert keymap(KNOWN, "", {"detail.copy": "z"}).refused == ()


def test_a_persons_key_comes_on_top_of_a_preset() -> None:
    made = keymap(KNOWN, "k9s", {"log.follow": "f8"})
    assert made.keys["log.follow"] == ("f8",)
    assert made.keys["service.shell"] == ("s", "e")


@pytest.mark.parametrize("keys", ["", "crtl+x", "f5,nope"])
def test_what_is_no_key_is_said(keys: str) -> None:
    (refusal,) = keymap(KNOWN, "", {"app.zoom": keys}).refused
    assert str(refusal).endswith('write one such as "f5", "ctrl+g" or "question_mark"; it stays z, plus')


def test_the_key_that_copies_a_selection_is_not_given_away() -> None:
    (refusal,) = keymap(KNOWN, "", {"app.zoom": "f8,ctrl+c"}).refused
    assert str(refusal) == 'keys."app.zoom": ctrl+c copies what is selected; it stays z, plus'

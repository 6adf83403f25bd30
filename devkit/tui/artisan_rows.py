"""Artisan's commands as rows of a list: favourites, what ran last, then all by namespace; or what matches a search."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from rich.text import Text
from textual.fuzzy import Matcher

from devkit.laravel.artisan_history import History, Ran
from devkit.laravel.artisan_words import words
from devkit.laravel.catalogue import Catalogue, Command
from devkit.laravel.console_text import untagged
from devkit.project.errors import UsageError

MOST_RECENT = 5
_LONGEST_QUERY = 40
"""Signs of a query that are matched: the matcher tries every way in which they may stand in a name."""

_NAME_WIDTH = 26
_BY_DESCRIPTION = 0.01
"""The score of a command that has the query in its description alone."""


@dataclass(frozen=True)
class Row:
    """One row: a heading, or a command; `ran` is how it was called, where the row stands for that."""

    id: str
    text: Text
    command: str = ""
    ran: Ran | None = None


def all_rows(catalogue: Catalogue, history: History) -> list[Row]:
    """Every command that artisan shows, what a person wants most first."""
    known = {command.name: command for command in catalogue.commands}
    favourites = [known[name] for name in history.favourites if name in known]
    recent = [ran for ran in history.runs if ran.command in known][:MOST_RECENT]
    rows: list[Row] = []
    if favourites:
        rows += [_heading("favourites"), *(_command(one, "favourite") for one in favourites)]
    if recent:
        rows += [_heading("recent"), *(_recent(ran, known[ran.command], catalogue) for ran in recent)]
    shown = sorted(catalogue.shown(), key=lambda command: (_namespace(command), command.name))
    for namespace, commands in groupby(shown, _namespace):
        rows += [_heading(namespace or "artisan"), *(_command(one, "all") for one in commands)]
    return rows


def matching_rows(catalogue: Catalogue, history: History, query: str) -> list[Row]:
    """The commands that match: whose name begins so, then the best; of equals a favourite, then what was run last."""
    liked = [*history.favourites, *(ran.command for ran in history.runs)]
    rank = {name: place for place, name in reversed(list(enumerate(liked)))}

    def place(found: tuple[float, Command, tuple[int, ...]]) -> tuple[bool, float, int, str]:
        score, command, _ = found
        return not command.name.startswith(query), -score, rank.get(command.name, len(liked)), command.name

    found = sorted(matches(catalogue.shown(), query), key=place)
    return [_command(command, "found", offsets) for _, command, offsets in found]


def matches(commands: Iterable[Command], query: str) -> Iterator[tuple[float, Command, tuple[int, ...]]]:
    """Each command that matches, with its score and the places in its name that do."""
    asked = "".join(query.split())[:_LONGEST_QUERY]
    matcher = Matcher(asked)
    said = query.strip().lower()
    for command in commands:
        score, offsets = matcher.fuzzy_search.match(asked, command.name)
        if score > 0:
            yield score, command, tuple(offsets)
        elif said in command.description.lower():
            yield _BY_DESCRIPTION, command, ()


def _namespace(command: Command) -> str:
    return command.name.partition(":")[0] if ":" in command.name else ""


def _heading(title: str) -> Row:
    return Row(f"heading:{title}", Text(title, "bold dim"))


def _command(command: Command, section: str, offsets: Iterable[int] = ()) -> Row:
    name = Text(command.name)
    for offset in offsets:
        name.stylize("bold underline", offset, offset + 1)
    return Row(f"{section}:{command.name}", _described(name, command), command.name)


def _recent(ran: Ran, command: Command, catalogue: Catalogue) -> Row:
    try:
        line = shlex.join(words(command, ran.values, catalogue.options, asks=True))
    except UsageError:  # its options are others now
        line = command.name
    if ran.left_out:
        line += f" ({', '.join(ran.left_out)} not kept)"
    return Row(f"recent:{line}", _described(Text(untagged(line)), command), command.name, ran)


def _described(name: Text, command: Command) -> Text:
    name.pad_left(2)
    name.pad_right(max(1, _NAME_WIDTH - name.cell_len))
    return name.append(untagged(command.description), "dim")

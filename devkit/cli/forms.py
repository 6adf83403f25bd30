"""The forms of a usage, read: which words may come next, and which flags, behind the words that stand there already."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PART = re.compile(r"\[(?P<inner>[^\]]+)\]|(?P<word>\S+)")
_REST = "..."


class Flag:
    """A flag of a form; `value` is what it takes (FILE, `worker|classic`), empty for a switch."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value


class Form:
    """One form: its flags by name, and its words in order (`SERVICE`, `on|off`, `get`); the last may repeat."""

    __slots__ = ("flags", "repeats", "words")

    def __init__(self, text: str) -> None:
        self.flags: dict[str, Flag] = {}
        self.words: list[str] = []
        self.repeats = False
        for found in _PART.finditer(text):
            inner = found["inner"] or found["word"]
            if inner.startswith("-"):
                name, _, value = inner.partition(" ")
                self.flags[name] = Flag(name, value)
                continue
            for word in inner.split():
                self.repeats = word.endswith(_REST)
                self.words.append(word.removesuffix(_REST))

    def takes(self, given: Sequence[str]) -> bool:
        """Whether these words, and perhaps more, are of this form."""
        if len(given) > len(self.words) and not self.repeats:
            return False
        wanted = (self.words[min(at, len(self.words) - 1)] for at in range(len(given)))
        return all(is_placeholder(word) or said in word.split("|") for word, said in zip(wanted, given, strict=True))

    def next_word(self, given: Sequence[str]) -> str | None:
        """What may stand behind these words; None where they are not of this form, or nothing may follow."""
        if not self.takes(given):
            return None
        if len(given) < len(self.words):
            return self.words[len(given)]
        return self.words[-1] if self.repeats else None


def is_placeholder(word: str) -> bool:
    """Whether a word of a form stands for something else: it is written in capitals."""
    return word.isupper()


def plain_words(words: Iterable[str], flags: dict[str, Flag]) -> list[str]:
    """The words that are no flags and no values of flags."""
    plain: list[str] = []
    takes_value = False
    only_words = False
    for word in words:
        if takes_value:
            takes_value = False
        elif only_words or not word.startswith("-") or word == "-":
            plain.append(word)
        elif word == "--":
            only_words = True
        else:
            name, equals, _ = word.partition("=")
            takes_value = not equals and name in flags and bool(flags[name].value)
    return plain

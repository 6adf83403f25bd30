"""Texts of Symfony's console for people: its tags (`<info>`, `</>`, `<fg=red;options=bold>`) taken off."""

from __future__ import annotations

import re

_TAG = re.compile(r"</?[a-z=;,#-]*>")


def untagged(text: str) -> str:
    """The text on one line, without tags and signs that a terminal would obey."""
    return _TAG.sub("", "".join(sign for sign in " ".join(text.split()) if sign.isprintable()))

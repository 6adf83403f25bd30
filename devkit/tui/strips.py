"""A row of text, painted for the screen."""

from __future__ import annotations

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip


def strip_of(text: Text, console: Console, width: int, style: Style) -> Strip:
    """The text on a row of this width, what it does not colour itself in `style` (a widget's `rich_style`).

    Who paints many rows looks that style up once: Textual makes it anew at each look.
    """
    segments = [Segment(segment.text, segment.style) for segment in text.render(console)]
    return Strip(segments).crop_extend(0, width, style).apply_style(style)

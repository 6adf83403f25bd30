"""Pictures as files: SVG is written here, PNG by Pillow where that is installed."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from devkit.delivery.picture import Box, Picture, Words
from devkit.project.errors import FailedError
from devkit.project.files import write_atomically

_SCALE = 2
"""Pixels of a PNG for one of the picture: sharp on today's screens."""


def write_svg(picture: Picture, path: Path) -> None:
    """Write it as SVG; OSError where that cannot be."""
    write_atomically(path, svg_text(picture))


def svg_text(picture: Picture) -> str:
    """The SVG document; it takes no font but those of who looks at it."""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {picture.width} {picture.height}"'
        f' width="{picture.width}" height="{picture.height}" font-family="system-ui, sans-serif">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
    ]
    for shape in picture.shapes:
        match shape:
            case Box(x, y, width, height, colour):
                size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
                lines.append(f"<rect {size} fill={quoteattr(colour)}/>")
            case Words(x, y, text, size, anchor, colour):
                place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"'
                lines.append(f"<text {place} fill={quoteattr(colour)}>{escape(text)}</text>")
    return "\n".join([*lines, "</svg>", ""])


def write_png(picture: Picture, path: Path) -> None:
    """Write it as PNG; FailedError where Pillow is not installed, OSError where the file cannot be written."""
    try:
        from PIL import Image, ImageDraw, ImageFont
    except ImportError as error:
        raise FailedError(
            "a PNG is drawn by Pillow, which is not installed",
            f"{sys.executable} -m pip install pillow, or take --svg, which needs nothing",
        ) from error
    image = Image.new("RGB", (picture.width * _SCALE, picture.height * _SCALE), "#ffffff")
    draw = ImageDraw.Draw(image)
    anchors = {"start": "ls", "middle": "ms", "end": "rs"}
    for shape in picture.shapes:
        match shape:
            case Box(x, y, width, height, colour) if height > 0:
                left, top, right, bottom = (side * _SCALE for side in (x, y, x + width, y + height))
                draw.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=colour)
            case Words(x, y, text, size, anchor, colour):
                font = ImageFont.load_default(size * _SCALE)
                draw.text((x * _SCALE, y * _SCALE), text, fill=colour, font=font, anchor=anchors[anchor])
    content = BytesIO()
    image.save(content, format="PNG")
    write_atomically(path, content.getvalue())

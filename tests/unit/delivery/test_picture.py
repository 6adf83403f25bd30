from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from devkit.delivery.figures import WEEKDAYS, Span
from devkit.delivery.picture import MARK, SECONDS, STEPS, Box, Picture, Words, builds_picture, nice_ceiling
from devkit.delivery.picture_files import svg_text, write_png, write_svg
from devkit.project.errors import FailedError

pytestmark = pytest.mark.unit


def span(place: int, *, builds: int = 2, hits: int = 8, new_dependency: bool = False) -> Span:
    day = date(2026, 1, 5) + timedelta(days=place)
    some = float(bool(builds))
    return Span(f"{day}", day, builds, hits, 10 if builds else 0, some, 9 * some, 30.0, new_dependency)


SEVEN = [Span(name, date.min, 1, 3, 4, 1.0, 1.0, 1.0) for name in WEEKDAYS]


@pytest.fixture
def picture() -> Picture:
    spans = [span(0), span(1, builds=0, hits=0), span(2, new_dependency=True)]
    return builds_picture('shop <&"> shop', spans, SEVEN)


def boxes(picture: Picture, colour: str) -> list[Box]:
    return [shape for shape in picture.shapes if isinstance(shape, Box) and shape.colour == colour]


def test_bars_are_as_high_as_their_figures(picture: Picture) -> None:
    steps = [box.height for box in boxes(picture, STEPS) if box.height != 12]
    seconds = [box.height for box in boxes(picture, SECONDS) if box.height != 12]
    full = seconds[0] / 0.9
    assert steps[:2] == pytest.approx([0.8 * full, 0.8 * full])
    assert seconds == pytest.approx([0.9 * full, 0.9 * full])


def test_days_with_a_new_dependency_are_marked_in_both_plots(picture: Picture) -> None:
    assert len([box for box in boxes(picture, MARK) if box.width == 6]) == 2


def test_everything_is_on_the_picture(picture: Picture) -> None:
    for shape in picture.shapes:
        assert 0 <= shape.x <= picture.width and 0 <= shape.y <= picture.height
        if isinstance(shape, Box):
            assert shape.x + shape.width <= picture.width and shape.y + shape.height <= picture.height


def test_many_days_have_fewer_labels_than_bars() -> None:
    many = builds_picture("x", [span(place) for place in range(200)], SEVEN)
    labels = [shape.text for shape in many.shapes if isinstance(shape, Words) and shape.text.startswith("0")]
    assert 5 < len(labels) < 40


def test_an_svg_is_well_formed_and_has_all_shapes(picture: Picture, tmp_path: Path) -> None:
    write_svg(picture, tmp_path / "x.svg")
    root = ElementTree.fromstring((tmp_path / "x.svg").read_text())
    assert root.attrib["viewBox"] == f"0 0 {picture.width} {picture.height}"
    texts = [element.text for element in root if element.tag.endswith("text")]
    assert texts[0] == 'shop <&"> shop'
    assert len(root) == len(picture.shapes) + 1
    assert "http" not in svg_text(picture).replace("http://www.w3.org/2000/svg", "")


def test_a_png_shows_the_same(picture: Picture, tmp_path: Path) -> None:
    from PIL import Image

    write_png(picture, tmp_path / "x.png")
    with Image.open(tmp_path / "x.png") as image:
        assert image.size == (2 * picture.width, 2 * picture.height)
        box = next(box for box in boxes(picture, STEPS) if box.height > 12)
        middle = (int(2 * (box.x + box.width / 2)), int(2 * (box.y + box.height / 2)))
        assert image.getpixel(middle) == (0x25, 0x63, 0xEB)
        assert image.getpixel((1, 1)) == (255, 255, 255)


def test_without_pillow_a_png_says_what_to_install(
    picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(FailedError, match="Pillow, which is not installed") as error:
        write_png(picture, tmp_path / "x.png")
    assert error.value.hint.startswith(f"{sys.executable} -m pip install pillow")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("value", "ceiling"), [(0, 1), (1, 1), (1.1, 2), (4, 5), (51, 100), (100, 100), (730, 1000)])
def test_scales_end_at_round_numbers(value: float, ceiling: float) -> None:
    assert nice_ceiling(value) == ceiling

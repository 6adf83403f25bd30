"""The tests of a tree, a row each. Textual's Tree takes 0.2 s for one change where 5,000 are in it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from devkit.laravel.test_tree import Node, TestTree
from devkit.tui.keys.tests import TEST_LIST
from devkit.tui.strips import strip_of
from devkit.tui.test_rows import Row, drawn, rows_of

SMALL = 200
"""With so many tests at most all suites are open until a person closes them; with more, those of suites alone."""


class TestList(ScrollView, can_focus=True):
    """Shows `results`; the cursor stays on its test wherever that moves to."""

    __test__ = False  # pytest would take it for a test of its own

    BINDINGS: ClassVar[list[BindingType]] = [*TEST_LIST]

    class Chosen(Message):
        """The cursor is on another suite or test, or on one that has changed."""

    class Opened(Message):
        """A person wants to read what a test said."""

    def __init__(self, results: TestTree, *, id: str) -> None:
        super().__init__(id=id)
        self.results = results
        self.rows: list[Row] = []
        self.cursor = 0
        self.expected = 0
        """How many tests there will be, where it is known."""

        self.has_problem = False
        """Whether the run itself went wrong: then it has a row."""

        self._opened: dict[str, bool] = {}
        """What a person decided, by the keys of suites."""

        self._drawn: tuple[int, bool] | None = None
        self._moved = False

    @property
    def row(self) -> Row | None:
        """What the cursor is on."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    @property
    def node(self) -> Node | None:
        """The suite or test that the cursor is on; None where there is none, or on the head of the failed ones."""
        return self.row.node if self.row is not None else None

    def begin(self) -> None:
        """Other tests come: until a person moves, the cursor is on the first that fails."""
        self._moved = False

    def changed(self) -> None:
        """Draw the tree as it is now."""
        if self._drawn != (drawn := (self.results.version, self.has_problem)):
            self._drawn = drawn
            self._lay_out()

    def action_move(self, rows: int) -> None:
        """The cursor up or down."""
        self._go(self.cursor + rows)

    def action_page(self, screens: float) -> None:
        """Screens up or down."""
        self._go(self.cursor + round(screens * max(1, self.size.height - 1)))

    def action_edge(self, where: int) -> None:
        """The first row or the last one."""
        self._go(where * len(self.rows))

    def action_unshut(self) -> None:
        """Open a suite."""
        if (node := self._suite) is not None:
            self._set_open(node, True)

    def action_shut(self) -> None:
        """Close a suite; out of what is closed already, to the suite around it."""
        row = self.row
        if (node := self._suite) is not None and self._is_open(node):
            self._set_open(node, False)
        elif row is not None and row.node is not None and not row.on_top and row.node.parent is not None:
            self._go(self._index((False, row.node.parent.key), self.cursor))

    def action_open(self) -> None:
        """Open or close a suite; read what a test said."""
        row = self.row
        if row is None or row.node is None:
            return
        if row.node.is_test:
            self.post_message(self.Opened())
        else:
            self._set_open(row.node, not self._is_open(row.node))

    def go_to_broken(self, steps: int) -> None:
        """The next failed test, or the one before."""
        top = [index for index, row in enumerate(self.rows) if row.on_top and row.node is not None]
        if not top:
            return
        at = self.cursor if self.cursor in top else (top[0] - 1 if steps > 0 else top[-1] + 1)
        self._go(max(top[0], min(top[-1], at + steps)))

    def go_to(self, node: Node) -> None:
        """Put the cursor on a suite or test, with all around it open."""
        for suite in node.above():
            self._opened[suite.key] = True
        self._moved = True
        self._lay_out()
        self._go(self._index((False, node.key), self.cursor))

    def on_click(self, event: events.Click) -> None:
        """The row that was clicked; twice opens it, as does its sign."""
        offset = event.get_content_offset(self)
        if offset is None or (index := offset.y + self.scroll_offset.y) >= len(self.rows):
            return
        self._go(index)
        row = self.rows[index]
        on_sign = row.node is not None and not row.node.is_test and offset.x <= 2 * row.depth + 1
        if on_sign or event.chain == 2:
            self.action_open()

    def on_resize(self) -> None:
        """Rows for this width."""
        self.virtual_size = Size(self._width, len(self.rows))
        self._show_cursor()

    def on_focus(self) -> None:
        """The cursor stands out."""
        self.refresh()

    on_blur = on_focus

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        index = y + self.scroll_offset.y
        width = self._width
        if index >= len(self.rows):
            return Strip.blank(width, self.rich_style)
        row = self.rows[index]
        opened = row.node is not None and self._is_open(row.node)
        text = drawn(row, self.results.broken if row.node is None else (), width, opened=opened)
        if index == self.cursor:
            text.pad_right(max(0, width - text.cell_len))
            text.stylize("reverse" if self.has_focus else "bold")
        return strip_of(text, self.app.console, width, self.rich_style)

    @property
    def _width(self) -> int:
        """Without the scroll bar."""
        return self.scrollable_content_region.width

    @property
    def _suite(self) -> Node | None:
        """The suite that the cursor is on."""
        return self.node if self.node is not None and not self.node.is_test else None

    def _is_open(self, node: Node) -> bool:
        by_default = max(self.expected, self.results.root.total) <= SMALL
        return self._opened.get(node.key, by_default or not any(child.is_test for child in node.children))

    def _set_open(self, node: Node, opened: bool) -> None:
        self._opened[node.key] = opened
        self._moved = True
        self._lay_out()

    def _lay_out(self) -> None:
        key = self.row.key if self.row is not None else None
        above = self.cursor - self.scroll_offset.y
        self.rows = rows_of(self.results, self._is_open, has_problem=self.has_problem)
        self.virtual_size = Size(self._width, len(self.rows))
        if not self._moved:
            self.cursor = 1 if len(self.rows) > 1 and self.rows[1].on_top else 0
        else:
            self.cursor = min(self._index(key, self.cursor), max(0, len(self.rows) - 1))
            self.scroll_to(y=self.cursor - above, animate=False, immediate=True)
        self.refresh()
        self.post_message(self.Chosen())

    def _index(self, key: tuple[bool, str] | None, otherwise: int) -> int:
        return next((index for index, row in enumerate(self.rows) if row.key == key), otherwise)

    def _go(self, index: int) -> None:
        self._moved = True
        self.cursor = max(0, min(len(self.rows) - 1, index))
        self._show_cursor()
        self.refresh()
        self.post_message(self.Chosen())

    def _show_cursor(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, immediate=True)

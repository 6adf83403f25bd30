"""A table whose rows are shown anew while a person looks at them: the row under the cursor stays under it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.binding import BindingType
from textual.coordinate import Coordinate
from textual.message import Message
from textual.widgets import DataTable

from devkit.tui.keys.tables import TABLE


class Column(NamedTuple):
    """One column: its heading, and how wide it is; 0 takes what the others leave."""

    title: str
    width: int
    right: bool = False


class Row(NamedTuple):
    """One row: what tells it from others, and its cells."""

    key: Hashable
    cells: tuple[Text, ...]


class Table(DataTable[Text]):
    """Rows with a cursor. Texts are shown as they are, whatever they hold."""

    BINDINGS: ClassVar[list[BindingType]] = [*TABLE]
    DEFAULT_CSS = """
    Table { height: 1fr; background: transparent; }
    Table > .datatable--header { background: transparent; color: $text-muted; text-style: none; }
    """

    class Opened(Message):
        """A person wants to see all of a row."""

        def __init__(self, table: Table, key: Hashable) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> Table:
            """The table of the row."""
            return self.table

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:
        super().__init__(id=id, cursor_type="row", zebra_stripes=False)
        self.columns_shown = tuple(columns)
        self._shown: tuple[Row, ...] = ()
        self._has_columns = False

    @property
    def key(self) -> Hashable:
        """What tells the row under the cursor from others; None without rows."""
        return self._shown[self.cursor_row].key if 0 <= self.cursor_row < len(self._shown) else None

    def on_mount(self) -> None:
        """The columns; rows may be there already."""
        self._has_columns = True
        self._lay_out()

    def on_resize(self) -> None:
        """The widest column takes what is left."""
        self._lay_out()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Other columns, and no row yet."""
        self.columns_shown = tuple(columns)
        self._shown = ()
        self._lay_out()

    def show(self, rows: Sequence[Row]) -> None:
        """These rows; the cursor stays on its row if that is still there, else at its height."""
        new = tuple(rows)
        if new == self._shown or not self._has_columns:
            self._shown = new
            return
        if [row.key for row in new] == [row.key for row in self._shown]:
            for y, (former, row) in enumerate(zip(self._shown, new, strict=True)):
                for x, (old, cell) in enumerate(zip(former.cells, row.cells, strict=True)):
                    if old != cell:
                        self.update_cell_at(Coordinate(y, x), self._cell(x, cell))
            self._shown = new
            return
        self._replace(new)

    def move_to(self, key: Hashable) -> None:
        """The cursor to this row, or to the first where there is none such."""
        row = next((place for place, row in enumerate(self._shown) if row.key == key), 0)
        self.move_cursor(row=row)

    def action_select_cursor(self) -> None:
        """All of the row under the cursor."""
        if self.key is not None:
            self.post_message(self.Opened(self, self.key))

    def _lay_out(self) -> None:
        """Columns for this width; DataTable has none that are flexible."""
        if not self._has_columns:
            return
        padding = 2 * self.cell_padding
        fixed = sum(column.width + padding for column in self.columns_shown)
        left = max(8, self.size.width - fixed - self.styles.scrollbar_size_vertical)
        rows, at = self._shown, self.cursor_row
        self.clear(columns=True)
        for column in self.columns_shown:
            title = Text(column.title, justify="right" if column.right else "left")
            self.add_column(title, width=column.width or left)
        self._shown = ()
        self._replace(rows, at)

    def _replace(self, rows: tuple[Row, ...], at: int | None = None) -> None:
        key, place, top = self.key, self.cursor_row if at is None else at, self.scroll_y
        self.clear()
        for row in rows:
            self.add_row(*(self._cell(x, cell) for x, cell in enumerate(row.cells)))
        self._shown = rows
        if not rows:
            return
        keys = [row.key for row in rows]
        self.move_cursor(row=keys.index(key) if key in keys else min(place, len(rows) - 1), scroll=False)
        self.scroll_to(y=top, animate=False, immediate=True)

    def _cell(self, x: int, cell: Text) -> Text:
        shown = cell.copy()
        shown.no_wrap, shown.overflow = True, "ellipsis"
        shown.justify = "right" if self.columns_shown[x].right else "left"
        return shown

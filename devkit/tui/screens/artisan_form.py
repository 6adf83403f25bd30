"""The form of one artisan command, with the plain command that it makes as it is filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Select, Static

from devkit.laravel.artisan_form import Entry, Field, fields, values_of
from devkit.laravel.artisan_losses import loss_of
from devkit.laravel.artisan_ways import way_of
from devkit.laravel.artisan_words import Values, hidden, plain, words
from devkit.laravel.catalogue import Catalogue, Command
from devkit.laravel.console_text import untagged
from devkit.project.errors import UsageError
from devkit.tui.keys import artisan as keys

_AROUND = 10
"""Rows that are needed beside the fields: border, name, command, hints, buttons, and what is between."""

_LOW = 30
_MOST_HELP = 600
_SAMPLE = "sample"
"""Some value: whether a field is a secret's is asked by its name."""


@dataclass(frozen=True)
class Filled:
    """What was filled in, and whether it is to run in the terminal."""

    values: Values
    terminal: bool


class Switched(Checkbox):
    """A checkbox that says without colours whether it is on."""

    def render(self) -> Content:
        """The box and its label."""
        label = self.label.stylize_before(self.get_visual_style("toggle--label"))
        return Content.assemble("[x] " if self.value else "[ ] ", label)


class ArtisanForm(ModalScreen[Filled | None]):
    """`drafts` is what stands in the fields; it is kept up to date, so that the form opens again as it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [*keys.FORM]
    DEFAULT_CSS = """
    ArtisanForm .form { width: 90%; max-width: 110; height: auto; max-height: 100%; padding: 0 1; background: $surface;
        border: round $accent; }
    ArtisanForm VerticalScroll { height: auto; margin: 1 0; }
    ArtisanForm.-low VerticalScroll { margin: 0; }
    ArtisanForm .help, ArtisanForm .description { color: $text-muted; }
    ArtisanForm .field { height: auto; }
    ArtisanForm .label { width: 26; padding-left: 4; }
    ArtisanForm .description { margin-left: 28; }
    ArtisanForm .beside { margin-left: 0; }
    ArtisanForm Input { width: 1fr; background: $boost; }
    ArtisanForm Switched { width: 28; background: transparent; }
    ArtisanForm .beside { width: 1fr; }
    ArtisanForm Select { width: 30; }
    ArtisanForm #made { max-height: 3; color: $text-accent; }
    ArtisanForm #made.problem { color: $text-warning; }
    ArtisanForm #warns { color: $text-warning; }
    ArtisanForm .buttons { height: 1; }
    ArtisanForm Button { margin-right: 2; }
    """

    def __init__(
        self,
        command: Command,
        catalogue: Catalogue,
        drafts: MutableMapping[Field, Entry],
        *,
        is_secret: Callable[[str, str], bool],
    ) -> None:
        super().__init__()
        self._command = command
        self._everywhere = catalogue.options
        self._fields = fields(command, catalogue)
        self._drafts = drafts
        self._is_secret = is_secret

    def compose(self) -> ComposeResult:
        """Its name and help, the fields, what it makes, and the buttons."""
        with Vertical(classes="form"):
            about = Content(f"   {untagged(self._command.description)}").stylize("$text-muted")
            yield Static(Content(self._command.name).stylize("bold").append(about))
            with VerticalScroll(can_focus=False):
                if help_text := untagged(self._command.help)[:_MOST_HELP]:
                    yield Static(help_text, classes="help", markup=False)
                for number, field in enumerate(self._fields):
                    yield from self._row(number, field)
            yield Static("", id="made", markup=False)
            yield Static("", id="warns", markup=False)
            with Horizontal(classes="buttons"):
                yield Button("Run (^r)", id="run", compact=True, variant="primary")
                yield Button("In the terminal (^t)", id="terminal", compact=True)
                yield Button("Back (esc)", id="close", compact=True)

    def on_resize(self) -> None:
        """The fields are scrolled where there is no room for all of them; what they make is always seen."""
        self.set_class(self.size.height < _LOW, "-low")
        self.query_one(VerticalScroll).styles.max_height = max(3, self.size.height - _AROUND)

    def on_mount(self) -> None:
        """The first field has the keys, or the button where there is none to be filled in."""
        inputs = [one for one in self.query("Input, Checkbox, Select") if one.focusable]
        own = [field for field in self._fields if not field.everywhere]
        (inputs[0] if inputs and own else self.query_one("#run")).focus()
        self._show()

    @on(Input.Changed)
    @on(Checkbox.Changed)
    @on(Select.Changed)
    def _changed(self, event: Input.Changed | Checkbox.Changed | Select.Changed) -> None:
        event.stop()
        for number, field in enumerate(self._fields):
            self._drafts[field] = self._entry(number, field)
        if isinstance(event, Checkbox.Changed) and event.value:
            self._exclude(self._fields[int((event.checkbox.id or "").rpartition("-")[2])])
        self._show()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_run()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        getattr(self, f"action_{event.button.id}")()

    def action_run(self) -> None:
        """Run it, if nothing is missing."""
        self._finish(terminal=False)

    def action_terminal(self) -> None:
        """Run it in the terminal, where artisan asks for what is missing."""
        self._finish(terminal=True)

    def action_close(self) -> None:
        """Back; the drafts stay."""
        self.dismiss(None)

    def _finish(self, *, terminal: bool) -> None:
        try:
            values = values_of(self._drafts_here())
            words(self._command, values, self._everywhere, asks=terminal)
        except UsageError as error:
            self.notify(str(error), severity="warning", markup=False)
            return
        self.dismiss(Filled(values, terminal))

    def _show(self) -> None:
        made, warns = self.query_one("#made", Static), self.query_one("#warns", Static)
        try:
            values = values_of(self._drafts_here())
            line = words(self._command, hidden(values, self._is_secret), self._everywhere)
        except UsageError as error:
            made.set_class(True, "problem")
            made.update(str(error))
            return
        made.set_class(False, "problem")
        made.update(plain(line))
        way = way_of(self._command.name, values)
        said = {"terminal": "takes the whole terminal until it ends", "until stopped": "runs until it is stopped"}
        notes = [said[way]] if way in said else []
        if loss_of(self._command.name, values, {"APP_KEY": _SAMPLE}, self._command.description) is not None:
            notes.append("takes something away: asks before it runs")
        warns.update("   ".join(notes))
        warns.display = bool(notes)

    def _drafts_here(self) -> dict[Field, Entry]:
        return {field: self._drafts[field] for field in self._fields if field in self._drafts}

    def _exclude(self, chosen: Field) -> None:
        """Of an option and its negation only one can be on."""
        for number, field in enumerate(self._fields):
            if field.negates == chosen.key or chosen.negates == field.key:
                self.query_one(f"#on-{number}", Checkbox).value = False

    def _row(self, number: int, field: Field) -> Iterator[Widget]:
        entry = self._drafts.get(field, Entry())
        title = f"{field.key} {field.shortcut}".strip() + (" *" if field.required else "")
        if field.kind == "switch":
            with Horizontal(classes="field"):
                yield Switched(Content(title), entry.on, id=f"on-{number}", compact=True)
                yield Static(field.description, classes="description beside", markup=False)
            return
        with Horizontal(classes="field"):
            yield Static(title, classes="label", markup=False)
            yield from self._inputs(number, field, entry)
        if field.description:
            yield Static(field.description, classes="description", markup=False)

    def _inputs(self, number: int, field: Field, entry: Entry) -> Iterator[Widget]:
        if field.kind == "choice":
            value = entry.text if entry.text in field.choices else Select.NULL
            choices = [(choice, choice) for choice in field.choices]
            yield Select(choices, prompt="as usual", value=value, compact=True, id=f"choice-{number}")
            return
        hint = field.default or ("several, with spaces between" if field.kind == "many" else "")
        secret = self._is_secret(field.key, _SAMPLE)
        yield Input(entry.text, placeholder=hint, compact=True, password=secret, id=f"text-{number}")
        if field.kind == "maybe":
            yield Switched("without a value", entry.on, id=f"on-{number}", compact=True)

    def _entry(self, number: int, field: Field) -> Entry:
        """What stands in a field now."""
        text, on = "", False
        if field.kind == "choice":
            chosen = self.query_one(f"#choice-{number}", Select).value
            text = chosen if isinstance(chosen, str) else ""
        elif field.kind != "switch":
            text = self.query_one(f"#text-{number}", Input).value
        if field.kind in ("switch", "maybe"):
            on = self.query_one(f"#on-{number}", Checkbox).value
        return Entry(text, on)

"""The settings: themes, keys and the editor. What is chosen counts at once, and is written to config.toml."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import ContentSwitcher, Input, Label, Static
from textual.widgets.option_list import Option

from devkit.tui.keys.presets import PRESETS
from devkit.tui.keys.settings import SETTINGS
from devkit.tui.preferences import Preferences
from devkit.tui.themes import LIGHT
from devkit.tui.widgets.choices import Choices
from devkit.tui.widgets.key_choices import KeyChoices

_SECTIONS = {
    "themes": ("Theme", "enter keeps it"),
    "presets": ("Keys like", "enter takes them"),
    "single": ("Single keys", "enter change   a add   backspace reset   / find"),
    "editor": ("Editor", "enter keeps it"),
}
_OWN = "devkit"


class SettingsScreen(ModalScreen[None]):
    """Sections at the left, what can be chosen at the right."""

    BINDINGS: ClassVar[list[BindingType]] = [*SETTINGS]

    DEFAULT_CSS = """
    SettingsScreen #settings { width: 90%; height: 90%; max-width: 110; }
    SettingsScreen #both { height: 1fr; }
    SettingsScreen #sections { width: 14; height: 1fr; }
    SettingsScreen ContentSwitcher { width: 1fr; height: 1fr; padding: 0 0 0 1; border-left: solid $panel; }
    SettingsScreen #where { color: $text-muted; margin: 0 0 1 0; }
    SettingsScreen #of { height: 1; }
    SettingsScreen #hint { color: $text-muted; height: 1; }
    SettingsScreen #editor Label { color: $text-muted; margin: 1 0 0 0; }
    """

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences

    def compose(self) -> ComposeResult:
        """The sections and what each holds; single keys are filled when they are seen."""
        settings = self._preferences.settings
        with Vertical(id="settings", classes="dialog"):
            file = self._preferences.file
            yield Static(f"Settings   {file if file is not None else 'kept until you leave'}", id="where", markup=False)
            with Horizontal(id="both"):
                yield Choices(*(Option(title, id=id) for id, (title, _) in _SECTIONS.items()), id="sections")
                with ContentSwitcher(initial="themes"):
                    yield Choices(*(Option(name, id=name) for name in self._themes()), id="themes", markup=False)
                    yield Choices(
                        Option(f"{_OWN}\n  its own keys, without a preset", id=_OWN),
                        *(Option(f"{name}\n  {preset.title}", id=name) for name, preset in PRESETS.items()),
                        id="presets",
                        markup=False,
                    )
                    yield KeyChoices(self._preferences, id="single")
                    with Vertical(id="editor"):
                        yield Input(settings.editor, placeholder="$VISUAL, $EDITOR", id="command", compact=True)
                        yield Label("The command that opens a file, such as: code --wait", markup=False)
            yield Static("", id="of", markup=False)
            yield Static("", id="hint", markup=False)

    def on_mount(self) -> None:
        """What is chosen is under the cursor."""
        self._highlight("themes", self._preferences.theme)
        self._highlight("presets", self._preferences.settings.preset or _OWN)
        self.query_one("#sections").focus()

    def on_unmount(self) -> None:
        """A theme that was only looked at is not kept."""
        self.app.theme = self._preferences.theme

    def action_enter_section(self) -> None:
        """From the sections to what the section holds."""
        if self.query_one("#sections").has_focus:
            self._into()

    def action_leave_section(self) -> None:
        """To the sections."""
        self.app.theme = self._preferences.theme
        self.query_one("#sections").focus()

    def action_back(self) -> None:
        """To the sections, then out."""
        if self.query_one("#sections").has_focus:
            self.dismiss()
        else:
            self.action_leave_section()

    @on(Choices.OptionHighlighted, "#sections")
    def _section_seen(self, event: Choices.OptionHighlighted) -> None:
        name = event.option.id or "themes"
        self.query_one(ContentSwitcher).current = name
        self.query_one("#hint", Static).update(_SECTIONS[name][1])
        self.query_one("#of", Static).update("")
        if name == "single":
            self.query_one(KeyChoices).fill()

    @on(KeyChoices.Seen)
    def _key_seen(self, event: KeyChoices.Seen) -> None:
        self.query_one("#of", Static).update(f"{event.key.id}: {event.key.tooltip}")

    @on(Choices.OptionSelected, "#sections")
    def _into(self) -> None:
        current = self.query_one(ContentSwitcher).current
        inside = {"single": "#bindings", "editor": "#command"}.get(current or "", f"#{current}")
        self.query_one(inside).focus()

    @on(Choices.OptionHighlighted, "#themes")
    def _theme_seen(self, event: Choices.OptionHighlighted) -> None:
        if event.option_list.has_focus and event.option.id is not None:
            self.app.theme = event.option.id

    @on(Choices.OptionSelected, "#themes")
    async def _theme_chosen(self, event: Choices.OptionSelected) -> None:
        if event.option.id is not None:
            await self._preferences.choose_theme(event.option.id)
            self.notify(f"theme: {event.option.id}", markup=False)

    @on(Choices.OptionSelected, "#presets")
    async def _preset_chosen(self, event: Choices.OptionSelected) -> None:
        name = event.option.id or ""
        await self._preferences.choose_preset("" if name == _OWN else name)
        self.notify(f"keys: {name}", markup=False)

    @on(Input.Submitted, "#command")
    async def _editor_chosen(self, event: Input.Submitted) -> None:
        await self._preferences.choose_editor(event.value)
        self.notify(f"editor: {event.value or '$VISUAL, $EDITOR'}", markup=False)

    def _themes(self) -> list[str]:
        """devkit's own first, then the others, light ones behind dark ones."""
        themes = self.app.available_themes
        return sorted(themes, key=lambda name: (not name.startswith(_OWN), name == LIGHT, not themes[name].dark, name))

    def _highlight(self, list: str, id: str) -> None:
        choices = self.query_one(f"#{list}", Choices)
        choices.highlighted = choices.get_option_index(id)

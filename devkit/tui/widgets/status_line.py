"""The line above the keys: what is wrong, what was said last, the plain command behind the last action."""

from __future__ import annotations

from textual.widgets import Static

DIRECTORY, ENGINE, DISK = _KINDS = ("directory", "engine", "disk")
"""What may be wrong, the worst first: without its directory nothing goes, without the engine little."""


class StatusLine(Static):
    """What is said stays until something else is said, or something else is wrong than before."""

    def __init__(self, project: str, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self.command = ""
        """The plain command behind the last action."""
        self.offer = ""
        """What waits for a yes, in words."""
        self._project = project
        self._troubles: dict[str, str] = {}
        self._said = ("", False)

    @property
    def trouble(self) -> str:
        """The worst of what is wrong now; empty where all is well."""
        return next((found for kind in _KINDS if (found := self._troubles.get(kind))), "")

    def trouble_of(self, kind: str) -> str:
        """What is wrong of one kind; empty where that is well."""
        return self._troubles.get(kind, "")

    def say(self, text: str, *, problem: bool = False, command: str = "") -> None:
        """Show a text, or what is wrong where it is empty."""
        self.command = command or self.command
        self._said = (text, problem)
        self._show(*(self._said if text else (self.trouble, True)))

    def trouble_is(self, kind: str, text: str) -> None:
        """This is wrong now; an empty text says that it is well again."""
        former = self.trouble
        self._troubles[kind] = text
        if self.trouble != former:
            self._show(*((self.trouble, True) if self.trouble else self._said))

    def offer_is(self, text: str) -> None:
        """This waits for a yes from now on; nothing does where the text is empty."""
        self.offer = text
        self._show(*(self._said if self._said[0] else (self.trouble, True)))

    def _show(self, text: str, problem: bool) -> None:
        self.set_class(problem and bool(text), "problem")
        shown = text or f"{self._project}   {self.command}"
        self.update(f"{self.offer}   {shown}" if self.offer else shown)

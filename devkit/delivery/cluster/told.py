"""Whoever is told how a deploy goes: a door's lines, or nobody."""

from __future__ import annotations

from typing import Literal, Protocol

Mark = Literal["start", "done", "skipped", "failed", "planned", "warning"]


class Told(Protocol):
    """Hears of steps and of pods; the command line's narrator is one."""

    def say(self, text: str) -> None:
        """One line."""

    def mark(self, name: Mark, text: str) -> None:
        """One line behind a mark."""

    def warning(self, text: str) -> None:
        """Something to know that stops nothing."""

    def progress(self, text: str) -> None:
        """Where the work is."""


class Nobody:
    """Hears nothing."""

    def say(self, text: str) -> None:
        """Nothing."""

    def mark(self, name: Mark, text: str) -> None:
        """Nothing."""

    def warning(self, text: str) -> None:
        """Nothing."""

    def progress(self, text: str) -> None:
        """Nothing."""

"""Progress of providing an image, with times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Event = Literal["started", "step", "done", "waiting"]


@dataclass(frozen=True)
class Progress:
    """One event of providing an image; `seconds` since this image (done) or this step (step) was started."""

    image: str
    event: Event
    text: str = ""
    seconds: float = 0.0

    def __str__(self) -> str:
        """One line for a person."""
        if self.event == "done":
            return f"{self.image}: {self.text or 'done'} in {self.seconds:.1f} s"
        return f"{self.image}: {self.text}" if self.text else f"{self.image}: {self.event}"


OnProgress = Callable[[Progress], None]

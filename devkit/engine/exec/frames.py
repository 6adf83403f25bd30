"""What comes over an exec's stream, sorted into stdout and stderr, with the shell's first words taken out."""

from __future__ import annotations

from devkit.engine.exec.command import ANNOUNCEMENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    Pieces = list[tuple[int, memoryview]]

OUT, ERR = 1, 2
_HEADER = 8
_REASON = b"OCI runtime exec failed: "


class Frames:
    """Without a terminal the engine marks each piece: a byte for the stream, three of nothing, four of length.

    With one there are no marks, and all is stdout.
    (https://docs.docker.com/reference/api/engine/#tag/Container/operation/ContainerAttach, "Stream format")
    """

    __slots__ = ("_header", "_left", "_stream", "_terminal")

    def __init__(self, *, terminal: bool) -> None:
        self._terminal = terminal
        self._header = b""
        self._left = 0
        self._stream = OUT

    def sort(self, received: memoryview) -> Pieces:
        """Pieces of the two streams, in order; they are views of what was received, not copies."""
        if self._terminal:
            return [(OUT, received)]
        pieces: Pieces = []
        at, end = 0, len(received)
        while at < end:
            if self._left == 0:
                wanted = _HEADER - len(self._header)
                self._header += bytes(received[at : at + wanted])
                at += wanted
                if len(self._header) == _HEADER:
                    self._stream = ERR if self._header[0] == ERR else OUT
                    self._left = int.from_bytes(self._header[4:], "big")
                    self._header = b""
                continue
            length = min(self._left, end - at)
            pieces.append((self._stream, received[at : at + length]))
            self._left -= length
            at += length
        return pieces


class Announced:
    """Nothing is announced (no shell there): all is the command's, but for the engine's reason why nothing runs."""

    __slots__ = ("_refused", "done", "pid")

    def __init__(self) -> None:
        self.pid: int | None = None
        self.done = False
        """Whether the command runs, for all that is known."""
        self._refused = b""

    def take(self, pieces: Pieces) -> Pieces:
        """Give the pieces that are the command's own."""
        if self._refused or (pieces and bytes(pieces[0][1][: len(_REASON)]) == _REASON):
            self._refused += b"".join(piece for _, piece in pieces)
            return []
        self.done = True
        return pieces

    def refusal(self) -> str:
        """Why nothing ran, in the words of whoever said it; empty where the command ran."""
        return self._refused.decode("utf-8", "replace").strip()


class Announcement(Announced):
    """The line `devkit PID` that the shell writes before it becomes the command.

    The two streams overtake one another on their way, so stdout waits until the line is there; without it,
    nothing ran, and what stands on stdout are the engine's reasons.
    """

    __slots__ = ("_held", "_stream", "_waiting")

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._stream = OUT if terminal else ERR
        self._held = b""
        """What came on stdout before the line."""
        self._waiting = b""

    def take(self, pieces: Pieces) -> Pieces:
        """Give the pieces that are the command's own; none until the line has come."""
        for index, (stream, piece) in enumerate(pieces):
            if stream != self._stream:
                self._held += bytes(piece)
                continue
            self._waiting += bytes(piece)
            before, rest = self._search()
            if self.done:
                own = [(self._stream, before), (OUT, self._held), (self._stream, rest)]
                return [(where, memoryview(text)) for where, text in own if text] + pieces[index + 1 :]
        return []

    def refusal(self) -> str:
        """Why nothing ran, in the words of whoever said it; empty where the command ran."""
        if self.done:
            return ""
        return (self._held + self._waiting).decode("utf-8", "replace").strip()

    def _search(self) -> tuple[bytes, bytes]:
        """Look for the line; what stood before it (the dynamic linker may warn first) and behind it."""
        start = 0
        while (end := self._waiting.find(b"\n", start)) >= 0:
            line = self._waiting[start:end].rstrip(b"\r")
            if line.startswith(ANNOUNCEMENT) and line[len(ANNOUNCEMENT) :].isdigit():
                self.pid, self.done = int(line[len(ANNOUNCEMENT) :]), True
                return self._waiting[:start], self._waiting[end + 1 :]
            start = end + 1
        return b"", b""

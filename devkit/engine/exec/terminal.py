"""The terminal that devkit itself sits at: raw while the command in the container has one, and as it was after."""

from __future__ import annotations

import posix
import termios

_IFLAG, _OFLAG, _CFLAG, _LFLAG, _CC = 0, 1, 2, 3, 6


class Terminal:
    """Standard input, where it is a terminal. Keys go to the container as bytes: its own terminal knows Ctrl-C."""

    __slots__ = ("_descriptor", "_saved")

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._saved: list[object] | None = None

    def foreground(self) -> bool:
        """Whether this process may use it: a job in the background would be stopped by the system if it did."""
        try:
            return posix.tcgetpgrp(self._descriptor) == posix.getpgrp()
        except OSError:  # not the terminal of this session: nobody's job control holds
            return True

    def raw(self) -> None:
        """Hand every key on as it is, as cfmakeraw(3); what was typed ahead stays. Nothing where it cannot be set."""
        try:
            mode = termios.tcgetattr(self._descriptor)
        except termios.error:
            return
        if self._saved is None:
            self._saved = [*mode[:_CC], list(mode[_CC])]
        mode[_IFLAG] &= ~(
            termios.IGNBRK
            | termios.BRKINT
            | termios.PARMRK
            | termios.ISTRIP
            | termios.INLCR
            | termios.IGNCR
            | termios.ICRNL
            | termios.IXON
        )
        mode[_OFLAG] &= ~termios.OPOST
        mode[_CFLAG] = mode[_CFLAG] & ~(termios.CSIZE | termios.PARENB) | termios.CS8
        mode[_LFLAG] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
        mode[_CC][termios.VMIN], mode[_CC][termios.VTIME] = 1, 0
        self._set(mode)

    def restore(self) -> None:
        """Set it as it was before `raw`; also where that was never called, or the terminal has gone."""
        if self._saved is not None:
            self._set(self._saved)
            self._saved = None

    def size(self) -> tuple[int, int] | None:
        """Height and width, or None where it does not say."""
        try:
            size = posix.get_terminal_size(self._descriptor)
        except OSError:
            return None
        return size.lines, size.columns

    def _set(self, mode: list[object]) -> None:
        try:
            termios.tcsetattr(self._descriptor, termios.TCSANOW, mode)  # type: ignore[arg-type]
        except termios.error:
            return

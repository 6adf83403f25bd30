"""What devkit does with a signal: hands it on, waits for a command that handles it, and leaves nothing behind."""

from __future__ import annotations

from time import monotonic

from devkit.engine.exec.signals import ENDING, MESSAGES
from devkit.engine.exec.started import EngineGoneError
from devkit.engine.exec.warden import LOOK, StoppedError, Warden

_SHORTEST, _LONGEST = 0.1, 0.5
"""Seconds between two looks: more and more while the command takes its time."""
_GRACE = 1.0
"""Seconds that children get to end by themselves once the command's own process has ended."""
_KILLS = 30
"""How often SIGKILL is tried: what it does not end (a process that waits for a disk) is left in the end."""
_SILENCE = 10.0
"""Seconds after which a warden that does not answer is given up."""
_PIPE_TO_TERM, _TERM_TO_KILL = 0.5, 2.0


class Relay:
    """Signals for one command. EngineGoneError where the engine does not answer."""

    def __init__(self, host: str, container: str) -> None:
        self._host = host
        self._container = container
        self._pid: int | None = None
        self._waiting: list[str] = []
        self._warden: Warden | None = None
        self._received = 0
        self._due: list[tuple[float, str]] = []
        self._killing = False
        self._gone: float | None = None
        self._kills = 0
        self._asked: float | None = None
        """When the word was said that has not been answered yet."""
        self._next: float | None = None
        self._pause = _SHORTEST
        self._lost = False
        self._hurried = False

    @property
    def killed(self) -> bool:
        """Whether the command's end by SIGKILL is this one's doing."""
        return self._killing

    @property
    def over(self) -> bool:
        """Whether a signal has ended the command, and nothing of it is left."""
        return self._lost

    @property
    def settled(self) -> bool:
        """Whether nothing is left to wait for: no signal came, or no process of the command is there any more."""
        return self._next is None or self._pid is None or self._lost

    def announced(self, pid: int) -> None:
        """The command's process is known: what came before is for it too."""
        self._pid = pid
        waiting, self._waiting = self._waiting, []
        for word in waiting:
            self._say(word)

    def signal(self, number: int) -> None:
        """Hand on a signal. The second that is meant to end the command kills it."""
        if number in MESSAGES:
            self._say(f"{MESSAGES[number]} main")
            return
        self._received += 1
        self._killing = self._killing or self._received > 1
        self._say("KILL" if self._killing else ENDING[number])
        self._watch()

    def cut_off(self) -> None:
        """Nobody reads any more: end the command as a pipe would, and what ignores that by SIGTERM, then SIGKILL."""
        self._say("PIPE")
        now = monotonic()
        self._due = [(now + _PIPE_TO_TERM, "TERM"), (now + _PIPE_TO_TERM + _TERM_TO_KILL, "KILL")]
        self._watch()

    def suspend(self) -> bool:
        """Stop the command's processes, as no SIGTSTP would; False where it is not known yet."""
        if self._pid is not None:
            self._say("STOP")
        return self._pid is not None

    def resume(self) -> None:
        """Let them go on."""
        self._say("CONT")

    def fileno(self) -> int:
        """What select waits on for the warden's answers; -1 where there is none."""
        return self._warden.fileno() if self._warden is not None else -1

    def seconds(self) -> float | None:
        """How long select may wait; None for as long as it likes."""
        return None if self._next is None or self.settled else max(0.0, self._next - monotonic())

    def hurry(self) -> None:
        """The command's streams have ended: look at once what is left of it."""
        if self._next is not None and not self._hurried:
            self._hurried = True
            self._next = 0.0

    def tick(self) -> None:
        """Do what is due."""
        now = monotonic()
        if self._next is None or self.settled or now < self._next:
            return
        if self._asked is not None:  # one at a time: on a busy machine an answer takes a while
            self._next = now + _SHORTEST
            if now - self._asked > _SILENCE:
                self._lose()
            return
        self._next = now + self._pause
        self._pause = min(self._pause * 1.5, _LONGEST) if self._gone is None else _SHORTEST
        word = LOOK
        while self._due and self._due[0][0] <= now:
            word = self._due.pop(0)[1]
        self._killing = self._killing or word == "KILL"
        self._say("KILL" if self._killing else word)

    def listen(self) -> None:
        """Take the warden's answers."""
        if self._warden is None:
            return
        try:
            answers = self._warden.answers()
        except (EOFError, OSError):  # the container stops: so does the command
            self._lose()
            return
        now = monotonic()
        for left in answers:
            self._asked = None
            self._kills += self._killing
            if self._pid not in left and self._gone is None:
                self._gone = now
            if not left or self._kills > _KILLS:
                self._lose()
        self._killing = self._killing or (self._gone is not None and now - self._gone > _GRACE)

    def close(self) -> None:
        """End the warden."""
        if self._warden is not None:
            self._warden.close()
            self._warden = None

    def _watch(self) -> None:
        self._lost = False
        self._pause = _SHORTEST
        self._next = monotonic() + self._pause

    def _lose(self) -> None:
        self._lost = True
        self._asked = None
        self.close()

    def _say(self, word: str) -> None:
        if self._pid is None:
            self._waiting.append(word)
            return
        try:
            if self._warden is None:
                self._warden = Warden(self._host, self._container, self._pid)
            self._warden.say(word)
            self._asked = monotonic()
        except (StoppedError, BrokenPipeError, ConnectionResetError):  # the container stops, and so does the command
            self._lose()
        except OSError as error:
            raise EngineGoneError from error

"""A second exec in the container that signals what the first one started, and sees what is left of it.

Docker cannot signal an exec. The engine makes each one the leader of a session of its own, so a shell there finds
a command's processes in /proc: all of its session, and all that descend from it, in sessions that they made for
themselves too. (What left its session and its parents on purpose, as daemons do, is no longer the command's.)
It is started with the first signal, so that a command that gets none costs nothing.
"""

from __future__ import annotations

from devkit.engine.exec.command import SHELL, Command, message, text
from devkit.engine.exec.endpoint import connect
from devkit.engine.exec.frames import OUT, Frames
from devkit.engine.exec.wire import Wire

SECONDS = 5.0
"""How long the engine may take to start it."""

_CLOSING = 1.0

LOOK = "-"
"""The word that signals nothing, and only looks."""

SCRIPT = """exec 2>/dev/null
main=$1 sessions=" $1 " newline='
'
entry() {
    case $1 in *') '*) ;; *) return;; esac
    pid=${1%% *}
    set -- ${1##*) }
    case $1 in Z|X) ;; *) all="$all $pid:$2:$4";; esac
}
look() {
    all= found=" "
    IFS=$newline
    for line in $(cat /proc/[0-9]*/stat); do IFS=' '; entry "$line"; done
    IFS=' '
    case $all in *" $$:"*) ;; *)
        all=
        for file in /proc/[0-9]*/stat; do
            line=
            while read -r part; do line="$line$part "; done < "$file"
            entry "$line"
        done
    esac
    more=yes
    while [ "$more" ]; do
        more=
        for process in $all; do
            pid=${process%%:*} session=${process##*:} parent=${process#*:} parent=${parent%:*}
            case $found in *" $pid "*) continue;; esac
            case $sessions in
            *" $session "*) ;;
            *)
                case $found in *" $parent "*) sessions="$sessions$session ";; *) continue;; esac
            esac
            found="$found$pid " more=yes
        done
    done
}
while read -r name whom; do
    look
    case $name$whom in -) ;; *main) kill -s "$name" "$main";; *) kill -s "$name" $found;; esac
    echo "=$found"
done
"""
"""Each line that it reads is a signal's name, or - to only look; each that it writes the processes that were there.

A name may be followed by `main`: then it is for the first process alone. Zombies count as gone. A shell reads byte by
byte, so `cat` reads for it where there is one: there is if the shell itself is among what was read.
"""


class StoppedError(Exception):
    """The engine starts nothing more in this container: it stops, and so does the command."""


class Warden:
    """The conversation with it: words out, answers in. OSError where the engine went."""

    __slots__ = ("_frames", "_line", "_wire")

    def __init__(self, host: str, container: str, pid: int) -> None:
        connected = connect(host)
        connected.settimeout(SECONDS)
        self._wire = Wire(connected)
        self._frames = Frames(terminal=False)
        self._line = b""
        command = Command([SHELL.encode(), b"-c", SCRIPT.encode(), b"devkit", b"%d" % pid])
        status, body = self._wire.request("POST", f"/containers/{container}/exec", command.body(""))
        if status == 201:
            status, body = self._wire.upgrade(f"/exec/{text(body, 'Id')}/start", command.start_body())
        if status != 101:
            raise StoppedError(message(body))
        self._sort(body)

    def fileno(self) -> int:
        """What select waits on for answers."""
        return self._wire.socket.fileno()

    def say(self, word: str) -> None:
        """A signal's name, one with ` main` behind it, or LOOK."""
        self._wire.socket.sendall(word.encode() + b"\n")

    def answers(self) -> list[set[int]]:
        """What has been answered: the processes that were there, once for each word. EOFError at its end."""
        received = self._wire.socket.recv(65536)
        if not received:
            raise EOFError
        self._sort(received)
        lines = self._line.split(b"\n")
        self._line = lines.pop()
        return [{int(pid) for pid in line[1:].split()} for line in lines if line.startswith(b"=")]

    def close(self) -> None:
        """End it, and wait until it has: the shell ends with its input, and nothing is to be left in the container."""
        stream = self._wire.socket
        try:
            stream.settimeout(_CLOSING)
            stream.shutdown(1)  # SHUT_WR
            while stream.recv(65536):
                pass
        except OSError:  # the engine or the container was faster
            return
        finally:
            self._wire.close()

    def _sort(self, received: bytes) -> None:
        for stream, piece in self._frames.sort(memoryview(received)):
            if stream == OUT:
                self._line += bytes(piece)

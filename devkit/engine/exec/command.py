"""How a command travels to the engine: the request's JSON, and the few words of shell that it is started by.

The shell says its process id in the container, which nothing of Docker's API does, on stderr, and becomes the
command: by that id the command is signalled (`warden`). It also makes the exit status of a command that is not
there 127 and of one that cannot be run 126, as every shell has it, where the engine says 126 for both. Nothing
of it is left for the command to see: no file, no variable, no process.
"""

from __future__ import annotations

SHELL = "/bin/sh"
BASH = "bash"
"""Which of the two starts a command: of variables whose names are none to a shell (`a.b`) only bash takes care."""

ANNOUNCEMENT = b"devkit "
"""What the line with the process id starts with."""

# A shell puts PWD into the environment, busybox SHLVL too, and bash some that it cannot be talked out of.
_ANNOUNCE = "unset PWD OLDPWD SHLVL; echo devkit $$ >&2; "
_BECOME = '${BASH_VERSION:+env -u _ -u SHLVL --} "$@"'

# JSON carries text only. Arguments that are no UTF-8 come in octal, in pieces shorter than the kernel's limit for
# one argument: `+piece` goes on, `=piece` ends the argument, `:text` is one as it is. The x keeps line ends from $().
_DECODE = """n=$#; a=
while [ $n -gt 0 ]; do
case $1 in
:*) set -- "$@" "${1#:}";;
*) p=$(printf %bx "${1#?}"); a=$a${p%x}; case $1 in =*) set -- "$@" "$a"; a=; esac
esac
shift; n=$((n-1))
done
unset n a p
cd -- "$1" || exit 126
shift
"""
_PIECE = 16384

_KEYS_NOBODY_TYPES = "ctrl-^,ctrl-],ctrl-^,ctrl-],ctrl-^,ctrl-]"
"""The engine would take Ctrl-P for the start of its own Ctrl-P Ctrl-Q, and hold it back until the next key."""

_ESCAPES = {code: f"\\u{code:04x}" for code in range(0x20)} | {0x22: '\\"', 0x5C: "\\\\"}


class Command:
    """What is to be run: arguments and directory as bytes, and a terminal's height and width, or None for pipes.

    Without `reads` its stdin is /dev/null.
    """

    __slots__ = ("arguments", "directory", "environment", "reads", "size")

    def __init__(
        self,
        arguments: list[bytes],
        directory: bytes = b"",
        size: tuple[int, int] | None = None,
        environment: list[bytes] | None = None,
        *,
        reads: bool = True,
    ) -> None:
        self.arguments = arguments
        self.directory = directory
        self.size = size
        self.environment = environment or []
        self.reads = reads

    @property
    def terminal(self) -> bool:
        """Whether it gets a terminal."""
        return self.size is not None

    def body(self, shell: str) -> bytes:
        """The body of POST /containers/ID/exec; an empty `shell` is for an image that has none."""
        fields = ['"AttachStdout":true,"AttachStderr":true']
        if self.reads:
            fields.append('"AttachStdin":true')
        if self.size is not None:
            height, width = self.size
            fields.append(f'"Tty":true,"ConsoleSize":[{height},{width}],"DetachKeys":"{_KEYS_NOBODY_TYPES}"')
        if self.environment:
            fields.append(f'"Env":{_texts(self.environment)}')
        words, directory = self._words(shell)
        if directory:
            fields.append(f'"WorkingDir":{_text(directory)}')
        fields.append(f'"Cmd":{_texts(words)}')
        return f"{{{','.join(fields)}}}".encode()

    def start_body(self) -> bytes:
        """The body of POST /exec/ID/start."""
        return b'{"Detach":false,"Tty":true}' if self.terminal else b'{"Detach":false,"Tty":false}'

    def _words(self, shell: str) -> tuple[list[bytes], bytes]:
        """The words that the engine starts, and the directory where it does."""
        if not shell:
            return self.arguments, self.directory
        # `exec --` is unknown to older shells; a command that starts with a dash is rarer than they are.
        become = ("exec -- " if self.arguments[0].startswith(b"-") else "exec ") + _BECOME
        if all(_is_text(word) for word in (self.directory, *self.arguments)):
            return [shell.encode(), b"-c", (_ANNOUNCE + become).encode(), b"devkit", *self.arguments], self.directory
        script = (_DECODE + _ANNOUNCE + become).encode()
        coded = [piece for word in (self.directory or b".", *self.arguments) for piece in _coded(word)]
        return [shell.encode(), b"-c", script, b"devkit", *coded], b""


def _is_text(word: bytes) -> bool:
    try:
        word.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _coded(word: bytes) -> list[bytes]:
    """One argument as the script's parameters."""
    if _is_text(word):
        return [b":" + word]
    octal = [word[at : at + _PIECE] for at in range(0, len(word), _PIECE)]
    pieces = ["".join(f"\\0{byte:03o}" for byte in piece).encode() for piece in octal]
    return [*(b"+" + piece for piece in pieces[:-1]), b"=" + pieces[-1]]


def _texts(words: list[bytes]) -> str:
    return f"[{','.join([_text(word) for word in words])}]"


def _text(word: bytes) -> str:
    """JSON's form of a text; bytes that are none (an image without a shell) as the replacement sign."""
    return f'"{word.decode("utf-8", "replace").translate(_ESCAPES)}"'


def number(body: bytes, field: str) -> int | None:
    """A whole number in the engine's JSON: its first field of this name (in texts the quotes are escaped)."""
    value = body.partition(b'"%s":' % field.encode())[2].lstrip()
    digits = value[: len(value) - len(value.lstrip(b"-0123456789"))]
    return int(digits) if digits.strip(b"-") else None


def text(body: bytes, field: str) -> str:
    """A text in the engine's JSON that holds no quotes itself, such as an id; empty where there is none."""
    value = body.partition(b'"%s":' % field.encode())[2].lstrip()
    return value[1:].partition(b'"')[0].decode("utf-8", "replace") if value.startswith(b'"') else ""


def message(body: bytes) -> str:
    """What the engine says in an error's body."""
    import json  # only where something went wrong

    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode("utf-8", "replace").strip()[:200]

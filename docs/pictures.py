"""Makes the pictures of the README from the real program, on a real terminal: needs an engine and the base images.

    python docs/pictures.py [DIRECTORY]

Each picture is what a terminal shows at that moment (of 96 columns, the UI's of 120), written as SVG to docs/pictures/.
The project that is made for them lies in DIRECTORY (a temporary one by default) and is removed at the end.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pyte
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.style import Style
from rich.text import Text

from devkit.cli.context import AGENT_VARIABLES

PICTURES = Path(__file__).resolve().parent / "pictures"
COLUMNS, ROWS = 96, 60
UI_COLUMNS, UI_ROWS = 120, 34
SECONDS, SETTLED = 60.0, 4.0
ENTER, DOWN, SPACE, ESCAPE = "\r", "\x1b[B", " ", "\x1b"

ROUTES = """
Route::get('/orders/{order}', fn (int $order) => ['order' => $order]);
Route::get('/invoices/{invoice}', fn (int $invoice) => throw new RuntimeException("Invoice {$invoice} has no total"));
"""
"""What the project of the pictures answers besides: some routes for the requests, one of them with an error."""

NEXT_TAB = "]"
TABS = (
    ("tests", "ExampleTest", ["r"]),
    ("artisan", " commands", []),
    ("workers", "worker mode", []),
    ("queue", "pending", []),
    ("requests", "GET /orders/{order}", []),
    ("build", "Layers", []),
    ("environment", "secrets are local", []),
)
"""Of each tab but the first: its name, what stands there once it is open, and the keys that are pressed then."""

IN_README = ("tests", "workers", "build")

# Without the web font that Rich names: a picture in a README must not load anything.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


class Screen(pyte.Screen):
    """A screen that answers the terminal queries of the program, as real ones do."""

    def __init__(self, child: pexpect.spawn[bytes]) -> None:
        rows, columns = child.getwinsize()
        super().__init__(columns, rows)
        self._child = child

    def write_process_input(self, data: str) -> None:
        """What the terminal sends back."""
        self._child.send(data.encode())


class Terminal:
    """A program on a pseudo-terminal, and the screen that a person would see."""

    def __init__(self, child: pexpect.spawn[bytes]) -> None:
        self._child = child
        self._screen = Screen(child)
        self._stream = pyte.ByteStream(self._screen)

    def until(self, text: str) -> None:
        """Read until the text is on the screen and the program has said no more for a moment."""
        end = time.monotonic() + SECONDS
        while text not in "\n".join(self._screen.display):
            if time.monotonic() > end:
                sys.exit(f"{text!r} does not come:\n" + "\n".join(self._screen.display))
            self._child.expect(rb".+", timeout=SECONDS)
            self._take()
        self.settle()

    def settle(self) -> None:
        """Read until nothing more comes for a moment; figures that tick all the while are not waited for."""
        end = time.monotonic() + SETTLED
        while time.monotonic() < end and self._child.expect([rb".+", pexpect.TIMEOUT], timeout=0.5) == 0:
            self._take()

    def until_end(self, seconds: float = 300) -> None:
        """Read all that is left."""
        self._child.expect(pexpect.EOF, timeout=seconds)
        self._take()

    def type(self, keys: str) -> None:
        """Press keys."""
        self._child.send(keys.encode())

    def picture(self, name: str, title: str) -> None:
        """Write what is on the screen."""
        console = Console(record=True, width=self._screen.columns, file=io.StringIO())
        lines = [self._line(row) for row in range(self._screen.lines)]
        while lines and not lines[-1].plain.strip():
            lines.pop()
        for line in lines:
            console.print(line, no_wrap=True, crop=True)
        target = PICTURES / f"{name}.svg"
        svg = console.export_svg(title=title, code_format=FORMAT, unique_id=name)
        target.write_text(re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE), encoding="utf-8")
        print(target)

    def _line(self, row: int) -> Text:
        line = Text()
        for column in range(self._screen.columns):
            sign = self._screen.buffer[row][column]
            colours = {"color": _colour(sign.fg), "bgcolor": _colour(sign.bg)}
            line.append(sign.data, Style(**colours, bold=sign.bold, reverse=sign.reverse))
        painted = any(self._screen.buffer[row][column].bg != "default" for column in range(self._screen.columns))
        if not painted:
            line.rstrip()
        return line

    def _take(self) -> None:
        self._stream.feed(
            (self._child.before or b"") + (self._child.after if isinstance(self._child.after, bytes) else b"")
        )


def _colour(name: str) -> str | None:
    """pyte's name of a colour as Rich's."""
    if name == "default":
        return None
    if re.fullmatch(r"[0-9a-f]{6}", name):
        return f"#{name}"
    return name.replace("brown", "yellow").replace("bright", "bright_")


@contextmanager
def terminal(directory: Path, *arguments: str, size: tuple[int, int] = (ROWS, COLUMNS)) -> Iterator[Terminal]:
    """devkit with these arguments on a terminal, in a directory; ended with the block."""
    hidden = {"CI", "NO_COLOR", *AGENT_VARIABLES}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    child = pexpect.spawn(
        sys.executable,
        ["-m", "devkit.entry", *arguments],
        cwd=str(directory),
        env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"},
        dimensions=size,
        timeout=300,
    )
    try:
        yield Terminal(child)
    finally:
        child.close(force=True)


def pictures_of_the_ui(shop: Path) -> None:
    """The tabs of the UI, with something to see in each."""
    with (shop / "routes" / "web.php").open("a", encoding="utf-8") as routes:
        routes.write(ROUTES)
    with terminal(shop, size=(UI_ROWS, UI_COLUMNS)) as screen:
        screen.until("● app")
        visit(shop)
        screen.until("has no total")
        screen.picture("ui-logs", "devkit")
        for name, shown, keys in TABS:
            screen.type(NEXT_TAB)
            screen.until(shown)
            for key in keys:
                screen.type(key)
                screen.settle()
            if name in IN_README:
                screen.picture(f"ui-{name}", "devkit")
            screen.type(ESCAPE)
            screen.settle()
        screen.type("q")
        screen.until_end()


def visit(shop: Path) -> None:
    """A few requests, some of which fail."""
    ports = json.loads((shop / ".devkit" / "ports.json").read_text(encoding="utf-8"))
    port = ports["app"]["chosen"]
    for number in range(1, 40):
        for path in ("/", f"/orders/{number}", *([f"/invoices/{number}"] if number % 13 == 0 else [])):
            connection = http.client.HTTPConnection("localhost", port, timeout=30)
            connection.request("GET", path)
            connection.getresponse().read()
            connection.close()


def main() -> None:
    """Make all of them with one project, which is removed at the end."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
        shop = home / "shop"
        if shop.exists():
            sys.exit(f"{shop} is there already: name another directory")
        try:
            with terminal(home, "init", "shop") as screen:
                screen.until("Database")
                screen.type(DOWN + ENTER)
                screen.until("Cache")
                screen.type(DOWN + ENTER)
                screen.until("Extras")
                screen.type(SPACE + DOWN + SPACE)
                screen.settle()
                screen.picture("wizard", "./quickstart.py shop")
                screen.type(ENTER)
                screen.until("Secrets from")
                screen.type(ENTER)
                screen.until("Delivery files")
                screen.type(ENTER)
                screen.until("Go on")
                screen.type(ENTER)
                screen.until_end()
                screen.picture("first-run", "./quickstart.py shop")
            for command in ("status", "doctor"):
                with terminal(shop, command) as screen:
                    screen.until_end()
                    screen.picture(command, f"devkit {command}")
            pictures_of_the_ui(shop)
        finally:
            if (shop / "devkit.toml").exists():
                down = [sys.executable, "-m", "devkit.entry", "--yes", "down", "--volumes"]
                subprocess.run(down, cwd=shop, capture_output=True, check=False)
            shutil.rmtree(shop, ignore_errors=True)


if __name__ == "__main__":
    main()

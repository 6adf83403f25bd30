"""The scripted path's modules in one file: found and read one by one they cost it more than all that it does.

The launcher that quickstart writes runs what stands first in the file, `bundle_reader`; that serves the modules as
long as the files that they came from are as they were. A command that was served none writes the file for the next.
"""

from __future__ import annotations

import marshal
import os
from importlib.machinery import ExtensionFileLoader, SourceFileLoader
from importlib.util import find_spec
from pathlib import Path

from devkit import bundle_reader
from devkit.bundle_reader import stamp
from devkit.project.files import write_atomically

_CLI = ("attending", "jobs", "passthrough", "words")
_EXEC = ("attached", "command", "endpoint", "frames", "relay", "remembered", "signals", "sinks", "started", "streams")
MODULES = (
    *("__future__", "_socket", "select", "termios", "devkit", "devkit.entry", "devkit.engine"),
    *("devkit.cli", *(f"devkit.cli.{name}" for name in _CLI)),
    *("devkit.engine.exec", *(f"devkit.engine.exec.{name}" for name in (*_EXEC, "terminal", "warden", "wire"))),
)
"""What a pass-through command loads, or may: what is built into Python is left out when the file is written."""


def write(path: Path) -> None:
    """Write the file anew. Where that cannot be done, the next command finds its modules as Python does."""
    if not os.access(path.parent, os.W_OK):
        return
    # Stamps are taken first: of a file that changes meanwhile the code that is kept does not hold.
    stamps = [(bundle_reader.__file__, *stamp(bundle_reader.__file__))]
    reader = SourceFileLoader("bundle_reader", bundle_reader.__file__).get_code("bundle_reader")
    modules: dict[str, tuple[str, bytes | None, bool]] = {}
    for name in MODULES:
        spec = find_spec(name)
        loader = spec.loader if spec is not None else None
        if isinstance(loader, SourceFileLoader):
            stamps.append((loader.path, *stamp(loader.path)))
            code = SourceFileLoader(name, loader.path).get_code(name)
            modules[name] = (loader.path, marshal.dumps(code), loader.is_package(name))
        elif isinstance(loader, ExtensionFileLoader):
            modules[name] = (loader.path, None, False)
    try:
        write_atomically(path, marshal.dumps((reader, stamps, modules)))
    except OSError:
        return

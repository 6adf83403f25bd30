"""How an error reaches a person (one line and a hint on stderr) and a program (one JSON object on stdout)."""

from __future__ import annotations

import errno
import json
import signal
import sys
import traceback

from devkit.logs.escapes import one_line, printable
from devkit.project.errors import DevkitError, FailedError, InterruptedError_

__all__ = ["explain", "one_line", "printable", "show"]


def explain(error: BaseException) -> DevkitError | InterruptedError_:
    """Any error as one of devkit's own: message and hint instead of Python's text."""
    if isinstance(error, DevkitError | InterruptedError_):
        return error
    if isinstance(error, KeyboardInterrupt):
        return InterruptedError_(signal.SIGINT)
    if isinstance(error, OSError):
        return _explain_os_error(error)
    if isinstance(error, RecursionError | MemoryError):
        return FailedError(f"devkit gave up: {type(error).__name__}", "run again with --debug for the traceback")
    return FailedError(
        f"devkit has a fault: {type(error).__name__}: {error}",
        "run again with --debug and report what it shows",
    )


def _explain_os_error(error: OSError) -> FailedError:
    where = f": {error.filename}" if error.filename else ""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return FailedError(f"the disk is full{where}", "free some space, then run the same command again")
        case errno.EACCES | errno.EPERM:
            return FailedError(f"not permitted{where}", "check who owns it, and its mode")
        case errno.EROFS:
            return FailedError(f"the file system is read-only{where}", "choose a directory that can be written")
        case errno.EMFILE | errno.ENFILE:
            return FailedError("too many open files", "raise the limit: ulimit -n 4096")
        case _:
            return FailedError(f"{error.strerror or error}{where}", "run again with --debug for the traceback")


def show(error: BaseException, *, as_json: bool, debug: bool) -> None:
    """Say an error on stderr, and with `as_json` on stdout too; the traceback only with `debug`.

    What was seen of it stands between what it is and what to do.
    """
    said = explain(error)
    if debug:
        traceback.print_exception(error, file=sys.stderr)
    if as_json:
        body = {"code": said.code, "message": said.message, "hint": said.hint}
        print(json.dumps({"error": body}), flush=True)
    print(f"devkit: {one_line(said.message)}", file=sys.stderr)
    for line in _detail(said):
        print(f"    {line}".rstrip(), file=sys.stderr)
    if said.hint:
        plain = (sys.stderr.encoding or "").lower().replace("-", "") != "utf8"
        print(f"  {'->' if plain else '→'} {one_line(said.hint)}", file=sys.stderr)
    sys.stderr.flush()


def _detail(error: DevkitError | InterruptedError_) -> list[str]:
    """The lines to look at; a single one that the message ends with says nothing more."""
    lines = [printable(line) for line in error.detail.splitlines()]
    return [] if len(lines) == 1 and lines[0].strip() in error.message else lines

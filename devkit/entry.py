"""Where devkit starts: opens the door that the arguments ask for, and imports only that one.

A pass-through command is known by its name, before anything else is imported: what it costs is what Python loads.
The launcher that quickstart writes leaves out site-packages (`-S`) for its sake; what needs them adds them.
"""

from __future__ import annotations

import sys

from devkit.cli.words import PASS_THROUGH, first

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from devkit.setup.project import Project
    from devkit.wizard.wizard import TerminalWizard


def main(argv: Sequence[str] | None = None, *, bundle: str = "") -> int:
    """Run devkit and give its exit status (devkit.cli.exit_status says what each means).

    `bundle` is where the launcher looks for a file of modules and found none that holds, else empty (devkit.bundle).
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if first(arguments) in PASS_THROUGH:
        from devkit.cli import passthrough

        status = passthrough.run(arguments, _whole)
        if bundle:
            _keep(bundle)
        if argv is None:
            _leave(status)
        return status
    from devkit.cli import front

    if argv is None:
        front.report_faults(arguments)
    status = front.run(arguments, _wizard, _ui, _web, _whole)
    if argv is None and first(arguments) == "env":
        _leave(status)  # Doppler's SDK is much to tidy up, and a thread may still wait for a name to be looked up
    return status


def _keep(bundle: str) -> None:
    """Put the modules that this has found one by one into a file for the next command."""
    from pathlib import Path

    from devkit.bundle import write

    write(Path(bundle))


def _whole() -> None:
    """Make site-packages importable, where Python was started without them."""
    if sys.flags.no_site and "site" not in sys.modules:
        import site

        site.main()


def _leave(status: int) -> None:
    """End at once: what Python tidies up at its end takes time, and nothing here needs it."""
    import posix

    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    posix._exit(status)


def _wizard() -> TerminalWizard:
    from devkit.wizard.wizard import TerminalWizard

    return TerminalWizard()


def _ui(project: Project) -> int:
    from devkit.tui.door import run

    return run(project)


def _web(project: Project, port: int | None, on_ready: Callable[[str], None]) -> int:
    from devkit.web.door import run

    return run(project, port, on_ready)


if __name__ == "__main__":
    sys.exit(main())

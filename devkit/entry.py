"""Where devkit starts: opens the door that the arguments ask for, and imports only that one."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from devkit.wizard.wizard import TerminalWizard


def main(argv: Sequence[str] | None = None) -> int:
    """Run devkit and give its exit status (devkit.cli.exit_status says what each means)."""
    from devkit.cli import front

    arguments = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        front.report_faults(arguments)
    return front.run(arguments, _wizard)


def _wizard() -> TerminalWizard:
    from devkit.wizard.wizard import TerminalWizard

    return TerminalWizard()


if __name__ == "__main__":
    sys.exit(main())

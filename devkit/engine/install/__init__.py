"""A container engine for a machine that has none: installed on Debian and Ubuntu, and started.

Nothing here asks: whoever calls has the person's consent.
"""

from devkit.engine.install.daemon import start_daemon
from devkit.engine.install.engine import install_engine
from devkit.engine.install.machine import can_install

__all__ = ["can_install", "install_engine", "start_daemon"]

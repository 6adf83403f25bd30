"""A second daemon on one machine."""

from __future__ import annotations

from pathlib import Path


def second_daemon(directory: Path, socket: Path) -> list[str]:
    """Arguments of a daemon that shares nothing with the one of the machine.

    It has to run in a network of its own: on the machine's it would take the first one's bridge away.
    """
    return [
        f"--data-root={directory}/root",
        f"--exec-root={directory}/exec",
        f"--pidfile={directory}/pid",
        f"--host=unix://{socket}",
        "--containerd-namespace=devkit-test",
        "--containerd-plugins-namespace=devkit-test-plugins",
        "--bridge=none",
        "--iptables=false",
        "--ip6tables=false",
    ]

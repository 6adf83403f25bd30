"""A stack whose app is a bare Debian with a curl of the tests' own, in the place of FrankenPHP's admin API."""

from __future__ import annotations

from pathlib import Path

from devkit.engine.images.catalogue import DEBIAN

# Writes down what it was asked, and answers like the admin API.
_CURL = """#!/bin/sh
echo "$*" >> /app/asked
case "$*" in *frankenphp/threads*) echo '{"ThreadDebugStates": [{"Index": 3, "State": "ready"}]}';; esac
"""


def write_app(directory: Path, *, port: int = 0) -> None:
    """compose.yaml and what it mounts; `port` of this machine is published, 0 is none."""
    (directory / "compose.yaml").write_text(
        f"""
services:
  app:
    image: {DEBIAN}
    command: [sleep, infinity]
    init: true
    ports: {[f"127.0.0.1:{port}:8080"] if port else []}
    volumes: [".:/app", "./curl:/usr/local/bin/curl:ro"]
"""
    )
    (directory / "curl").write_text(_CURL)
    (directory / "curl").chmod(0o755)
    (directory / "app").mkdir()

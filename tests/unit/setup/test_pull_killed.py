"""A pull that is killed leaves .env whole: the old one or the new one, whenever that happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from devkit.project.env_file import parse_env
from devkit.project.files import is_temporary

pytestmark = pytest.mark.unit

ROUNDS = 100

# Everything is imported before the forks, so that a kill falls into the pull and not into Python's start.
PULLS = """
import os, random, signal, sys, time
from pathlib import Path
from devkit.project.paths import ProjectPaths
from devkit.project.settings import SecretsSettings, Settings
from devkit.secrets.doppler.access import Fetched
from devkit.setup.environment_sync import pull

paths = ProjectPaths(Path(sys.argv[1]))
settings = Settings("shop", secrets=SecretsSettings(source="doppler", project="shop", config="dev"))
sides = [Fetched("shop", "dev", {f"NAME_{n}": f"{side} $'{n}" * 8 for n in range(60)}) for side in ("old", "new")]
pull(paths, settings, sides[0], print)
began = time.perf_counter()
pull(paths, settings, sides[1], print)
took = time.perf_counter() - began
chance = random.Random(7)
for number in range(int(sys.argv[2])):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        while True:
            for side in sides:
                os.write(writing, b".")
                pull(paths, settings, side, print)
    for _ in range(1 + number % 2):  # in the first pull, or in the second
        os.read(reading, 1)
    time.sleep(chance.random() * took)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(reading), os.close(writing)
    print(number, flush=True)
    sys.stdin.readline()
"""


def test_env_is_whole_after_each_of_100_kills_of_a_pull(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MINE=1 # ours\n")
    with subprocess.Popen(
        [sys.executable, "-c", PULLS, str(tmp_path), str(ROUNDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as pulls:
        assert pulls.stdin is not None and pulls.stdout is not None
        seen = set()
        for number in range(ROUNDS):
            assert pulls.stdout.readline().strip() == str(number)
            seen.add(side_of((tmp_path / ".env").read_text()))
            side_of((tmp_path / ".env.previous").read_text())
            pulls.stdin.write("\n")
            pulls.stdin.flush()
    assert pulls.returncode == 0
    assert seen == {"old", "new"}
    left = [path for path in tmp_path.iterdir() if is_temporary(path.name)]
    assert len(left) <= 1, "what a killed writer left is cleared by the next one"


def side_of(text: str) -> str:
    values = parse_env(text)
    assert values["MINE"] == "1"
    sides = {values[f"NAME_{number}"].split()[0] for number in range(60)}
    assert len(sides) == 1
    return sides.pop()

"""A small program in the place of `devkit env`: a real process that says what a test wants, and keeps its words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from devkit.setup import child

_PROGRAM = """\
#!/bin/sh
cd "$(dirname "$0")" || exit 1
printf '%s\\n' "$*" >> words
for action in diff check pull push; do
    case " $* " in *" env $action"*)
        while [ -e "$action.waits" ]; do sleep 0.02; done
        [ -e "$action.env" ] && cat "$action.env" > "$(cat env-path)"
        cat "$action.out"
        exit "$(cat "$action.status")"
    esac
done
"""

DIFF: dict[str, Any] = {
    "source": "doppler",
    "project": "shop",
    "config": "dev",
    "age_seconds": 10_800,
    "added": ["SENTRY_DSN"],
    "changed": ["STRIPE_SECRET"],
    "removed": ["OLD_TOKEN"],
    "local_only": ["LOCAL_ONE", "EMPTY_ONE", "APP_NAME"],
    "kept": ["DB_PASSWORD"],
    "restricted": ["SIGNING_KEY"],
}
LOCAL: dict[str, Any] = {
    **DIFF,
    **{"source": "local", "project": "", "config": "", "added": ["MAIL_FROM_ADDRESS"], "changed": [], "removed": []},
    **{"kept": [], "restricted": []},
}
CHECK: dict[str, Any] = {
    "missing": [
        {"name": "MAIL_FROM_ADDRESS", "read_by": ["config/mail.php:112"], "has_default": True, "in_example": True},
        {"name": "POSTMARK_API_KEY", "read_by": ["config/services.php:18"], "has_default": False, "in_example": False},
        {"name": "SLACK_BOT", "read_by": ["config/services.php:31"], "has_default": False, "in_example": False},
    ]
}


class EnvStandIn:
    """What is said to each action of `devkit env`, and what was asked."""

    def __init__(self, directory: Path, env: Path) -> None:
        self._directory = directory
        self.program = directory / "devkit"
        self.program.write_text(_PROGRAM)
        self.program.chmod(0o755)
        (directory / "env-path").write_text(str(env))
        self.says_difference(DIFF)
        self.says("check", json.dumps(CHECK), status=1)
        self.says("pull", "! kept, for this machine's stack sets them: DB_PASSWORD\nok .env from shop/dev: 1 changed")
        self.says("push", "ok shop/dev: 1 added, 0 changed")

    @property
    def asked(self) -> list[str]:
        """The words of each call, from `env` on, in the order of their begin."""
        try:
            lines = (self._directory / "words").read_text().splitlines()
        except FileNotFoundError:
            return []
        return [line[line.index("env ") :] if "env " in line else line for line in lines]

    @property
    def lines(self) -> list[str]:
        """The whole words of each call."""
        return (self._directory / "words").read_text().splitlines()

    def says(self, action: str, text: str, *, status: int = 0) -> None:
        """From now on."""
        (self._directory / f"{action}.out").write_text(text + "\n")
        (self._directory / f"{action}.status").write_text(str(status))

    def says_difference(self, difference: Mapping[str, Any]) -> None:
        """The same, of `diff`."""
        self.says("diff", json.dumps(difference))

    def fails(self, action: str, message: str, hint: str = "") -> None:
        """From now on it says this error, as `--json` does."""
        self.says(action, json.dumps({"error": {"code": "secrets", "message": message, "hint": hint}}), status=1)

    def writes(self, action: str, text: str) -> None:
        """.env is this once the action has ended."""
        (self._directory / f"{action}.env").write_text(text)

    def waits(self, action: str, *, waits: bool = True) -> None:
        """It takes its time, until it is let go."""
        mark = self._directory / f"{action}.waits"
        mark.touch() if waits else mark.unlink()


def stand_in(directory: Path, env: Path, monkeypatch: pytest.MonkeyPatch) -> EnvStandIn:
    """The program, in the place of every `devkit` that the app runs."""
    directory.mkdir()
    made = EnvStandIn(directory, env)
    monkeypatch.setattr(child, "devkit_command", lambda _root, *words: [str(made.program), *words])
    return made

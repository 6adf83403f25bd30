"""Values of .env that Laravel's `env()` or Vite take for something else than what is written, however they are quoted.

Only where nobody would mean it so: `APP_DEBUG=true` is a switch and `MAIL_PASSWORD=null` is Laravel's own way to say
that there is none, but an API's token that reads `null` is a mistake made elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from devkit.secrets.dotenv import quote

_CAST = re.compile(r"true|\(true\)|false|\(false\)|null|\(null\)|empty|\(empty\)", re.IGNORECASE)
"""Illuminate\\Support\\Env::getOption; also the pattern below."""

_IN_QUOTES = re.compile(r"""(['"]).*\1""")
_CREDENTIAL = re.compile(
    r"(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|KEY|KEY_ID|CREDENTIALS?|SALT|DSN|USERNAME|SIGNATURE)\d*$"
)
"""The last word of a name that holds a text which somebody else made up."""

_SWITCH = re.compile(r"(?:^|_)(?:USE|REQUIRE|ENABLED?|DISABLED?|VERIFY|ALLOW|HAS|IS|FORCE|SHOW|HIDE|CHECK|VALIDATE)_")
"""A word that makes a question of what follows: CSRF_VERIFY_TOKEN."""

_NONE_IN_LARAVEL = frozenset({"DB_PASSWORD", "MAIL_USERNAME", "MAIL_PASSWORD", "REDIS_USERNAME", "REDIS_PASSWORD"})
"""Credentials that Laravel's own .env.example sets, or has set, to `null` where a service asks for none."""

_NOTHING = frozenset({"null", "(null)", "empty", "(empty)"})
_FOR_BROWSERS = ("VITE_", "MIX_")


@dataclass(frozen=True)
class Reading:
    """A name whose value is read as another one, and by what; never the value."""

    name: str
    why: str


def other_readings(values: Mapping[str, str]) -> list[Reading]:
    """What to warn of before `values` are written, by name and in their order.

    For a file that is there, take the values as Laravel has them (`resolve_env`): its own
    `VITE_APP_NAME="${APP_NAME}"` is meant so.
    """
    found: list[Reading] = []
    for name, value in values.items():
        found += [Reading(name, why) for why in (_in_laravel(name, value), _in_vite(name, value)) if why]
    return found


def _in_laravel(name: str, value: str) -> str:
    if _CAST.fullmatch(value) and _is_text(name, value.lower()):
        return "Laravel reads this word as true, false, null or an empty text, and not as the word"
    if _IN_QUOTES.fullmatch(value):  # `.` stops at a line end in PHP, too
        return "Laravel takes off the quotes that it begins and ends with"
    return ""


def _is_text(name: str, word: str) -> bool:
    """Whether a value under this name is meant as a text even where it is such a word."""
    if word == "empty":
        return True
    if (word in _NOTHING and name in _NONE_IN_LARAVEL) or (word not in _NOTHING and _SWITCH.search(name)):
        return False
    return _CREDENTIAL.search(name) is not None


def _in_vite(name: str, value: str) -> str:
    """By dotenv and dotenv-expand, which Vite and Laravel Mix read .env with."""
    if not name.startswith(_FOR_BROWSERS):
        return ""
    if "$" in value:
        return "Vite and Mix take a $ for the start of another name, in single quotes too"
    if quote(value).startswith('"') and ("\\" in value or '"' in value):
        return "Vite and Mix leave the backslashes that its quotes have to be written with"
    return ""

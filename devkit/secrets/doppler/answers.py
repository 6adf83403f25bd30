"""What Doppler's answers hold, looked at before anybody relies on it.

The SDK hands on whatever came: an HTML page, `null`, a list. A value is never told in what is raised here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from devkit.secrets.doppler.access import Fetched

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN = "DOPPLER_"
"""DOPPLER_PROJECT, DOPPLER_CONFIG and DOPPLER_ENVIRONMENT come with every config: they are Doppler's, not the app's."""


class ShapeError(Exception):
    """An answer is not what Doppler's API describes; the text says what is wrong with it, without a value."""


def fetched(values: Mapping[str, str | None], *, project: str, config: str) -> Fetched:
    """The secrets among `values`, where None stands for what may not be read.

    Whose they are is what the answer itself says, else `project` and `config`, as they were asked for.
    """
    own = {name: value for name, value in values.items() if not name.startswith(_OWN)}
    return Fetched(
        values.get("DOPPLER_PROJECT") or project,
        values.get("DOPPLER_CONFIG") or config,
        {name: value for name, value in own.items() if value is not None},
        frozenset(name for name, value in own.items() if value is None),
    )


def listed(answer: Mapping[str, object]) -> dict[str, str | None]:
    """Values by name from a config's secrets: `{NAME: {"computed": value}}`.

    `computed` has references resolved; it is null where the token may not read it
    (https://docs.doppler.com/docs/secret-visibility). ShapeError for anything else.
    """
    values: dict[str, str | None] = {}
    for name, entry in _object(answer.get("secrets"), "secrets").items():
        values[_name(name)] = _text(_object(entry, f"the entry of {_name(name)}").get("computed"), name)
    return values


def downloaded(content: object) -> dict[str, str | None]:
    """Values by name from `download?format=json`: `{NAME: value}`. ShapeError for anything else."""
    return {_name(name): _text(value, name) for name, value in _object(content, "the answer").items()}


def names(answer: object, part: str, key: str) -> list[str]:
    """What each item of a page is called under `key`. ShapeError for anything else."""
    items = getattr(answer, part, None)
    if not isinstance(items, list):
        raise ShapeError(f"{part} is no list")
    found = [_object(item, "an item of a list").get(key) for item in items]
    texts = [name for name in found if isinstance(name, str) and name]
    if len(texts) < len(found):
        raise ShapeError(f"an item of a list has no {key}")
    return texts


def _object(value: object, what: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ShapeError(f"{what} is no object")
    return value


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ShapeError("a secret has a name that no environment takes")
    return name


def _text(value: object, name: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ShapeError(f"the value of {name} is no text")
    if any("\ud800" <= character <= "\udfff" for character in value):  # JSON can say so, UTF-8 cannot
        raise ShapeError(f"the value of {name} is not Unicode")
    return value


def is_doppler_own(name: str) -> bool:
    """Whether Doppler sets this name itself."""
    return name.startswith(_OWN)


def other_than(sent: Mapping[str, str], now: Fetched) -> frozenset[str]:
    """The names whose value is not the one that was sent, as far as it may be read."""
    return frozenset(
        name for name, value in sent.items() if name not in now.restricted and now.values.get(name) != value
    )

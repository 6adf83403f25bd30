"""Values that break readers of .env, shells and Compose: the same ones every time."""

from __future__ import annotations

import random

_PIECES = (
    *("'", '"', "`", "\\", "\\\\", "\\'", '\\"', "\\$", "\\n", "$", "$$", "${", "}", "${APP_NAME}", "$HOME", "$(id)"),
    *("#", " #", "# x", "=", '="', "='", ": ", ";", "&", "|", "<", ">", "*", "?", "!", "~", "%", "@", ",", "{", "["),
    *(" ", "  ", "\t", "\n", "\r\n", "\r", "\n\n", "\xa0", "\u2028", "\x01", "\x1b[31m", "\x7f", "\ufeff"),
    *("a", "Z", "0", "true", "null", "(empty)", "é", "ß", "日本", "🔑", "e\u0301", "export A=1", "A=1\nB=2"),
    *('{"a": "b\\n"}', "-----BEGIN KEY-----\nMIIE\n-----END KEY-----\n", "C:\\dir\\", "postgres://u:p@h/d?x=1#f"),
)


def hostile_values(count: int, *, seed: int = 20261130, longest: int = 12) -> list[str]:
    """Texts of up to `longest` pieces, each piece by itself first; some of them are some KiB long."""
    rng = random.Random(seed)
    values = list(_PIECES)
    while len(values) < count:
        text = "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, longest)))
        values.append(text * rng.randint(50, 200) if rng.random() < 0.01 else text)
    return values[:count]

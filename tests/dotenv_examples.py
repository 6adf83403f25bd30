"""A .env with references, and what Laravel makes of it: tests/engine asks phpdotenv itself."""

from __future__ import annotations

REFERENCES = r"""
APP='My $5 ${APP} shop'
A="${APP}!"
B=${A}
C='${APP}'
D="\${APP} \"${NONE}\""
E="${LATER}"
LATER=x
A="${A}?"
F="\\${LATER}"
G=a#b
"""
REFERENCES_IN_LARAVEL = {
    "APP": "My $5 ${APP} shop",
    "A": "My $5 ${APP} shop!?",
    "B": "My $5 ${APP} shop!",
    "C": "${APP}",
    "D": '${APP} "${NONE}"',
    "E": "${LATER}",
    "LATER": "x",
    "F": "\\x",
    "G": "a",
}

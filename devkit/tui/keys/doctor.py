"""Keys of the doctor."""

from __future__ import annotations

from devkit.tui.keys import key

DOCTOR = [
    key("f", "fix", "Fix", "doctor.fix", "Put it right, where that is safe (asks)", footer=True),
    key("r,f5", "again", "Again", "doctor.again", "Check everything again", footer=True),
    key("y,c", "copy", "Copy", "doctor.copy", "Copy the report", footer=True),
]

CHECK = [
    key("escape,q,enter", "close", "Close", "check.close", "Back to the list"),
    key("y,c", "copy", "Copy", "check.copy", "Copy what is wrong, and what to do"),
]

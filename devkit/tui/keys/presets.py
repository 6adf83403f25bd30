"""Keys as people of other programs have them in their fingers: binding id -> keys, for what differs from devkit's own.

devkit's own keys are lazydocker's where that has one, less's and vim's in the lines. The person's single keys come on
top of a preset. Sources: lazydocker's docs/keybindings, `?` in k9s, vim's index.txt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Preset:
    """`title` says in a line what is different."""

    title: str
    keys: Mapping[str, str] = field(default_factory=dict)


PRESETS: Mapping[str, Preset] = {
    "lazydocker": Preset(
        "w opens the page, m shows all of a line, + and _ the tab alone",
        {
            "service.open": "w,o",
            "app.zoom": "plus,underscore,z",
            "log.detail": "enter,m",
            "log.mark": "M",
        },
    ),
    "k9s": Preset(
        "s is the shell, d describes, ctrl+k stops, ctrl+d removes; in the logs / filters, F searches, s follows",
        {
            "service.shell": "s,e",
            "service.toggle": "ctrl+k",
            "service.remove": "ctrl+d",
            "service.inspect": "d,i",
            "services.card-down": "J,pagedown",
            "log.filter": "slash",
            "log.search": "F",
            "log.follow": "s",
        },
    ),
    "vim": Preset(
        "? searches too and F1 is the help; H and L change tabs, ctrl+e and ctrl+y go by lines, Z leaves",
        {
            "app.help": "f1",
            "app.quit": "q,Z,ctrl+q",
            "app.next-tab": "L,right_square_bracket,ctrl+right",
            "app.former-tab": "H,left_square_bracket,ctrl+left",
            "app.other-side": "tab,shift+tab,ctrl+w",
            "log.search": "slash,question_mark",
            "log.level": "V",
            "log.up": "up,k,ctrl+y",
            "log.down": "down,j,ctrl+e",
        },
    ),
}

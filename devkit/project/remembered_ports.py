"""The host ports that were chosen for a project on this machine, kept in .devkit/ports.json."""

from __future__ import annotations

import json
from collections.abc import Mapping

from devkit.project.paths import ProjectPaths
from devkit.project.state import remember

_PORTS_FILE = "ports.json"


def remembered_ports(paths: ProjectPaths) -> dict[str, int]:
    """Port key -> the port that was chosen before."""
    return {key: chosen for key, (_wanted, chosen) in remembered_choices(paths).items()}


def remembered_choices(paths: ProjectPaths) -> dict[str, tuple[int, int]]:
    """Port key -> the port that was wanted and the one that was chosen for it."""
    try:
        entries = json.loads((paths.state / _PORTS_FILE).read_text(encoding="utf-8"))
        return {str(key): (int(entry["wanted"]), int(entry["chosen"])) for key, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # not there, or edited: the ports are settled anew


def remember_choices(paths: ProjectPaths, choices: Mapping[str, tuple[int, int]]) -> None:
    """Keep them, as `remembered_choices` gives them."""
    entries = {key: {"wanted": wanted, "chosen": chosen} for key, (wanted, chosen) in choices.items()}
    remember(paths, _PORTS_FILE, json.dumps(entries, indent=2) + "\n")

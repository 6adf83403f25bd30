"""Host ports of services that are in a project's Compose files and not of devkit: none of devkit's may take them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from devkit.scaffold.adopt_compose import ADOPTED_FILE, read_yaml
from devkit.scaffold.adopt_ports import published_ports
from devkit.scaffold.adopt_shapes import check_shapes


def foreign_ports(root: Path, own: Collection[str], env: Mapping[str, str]) -> dict[int, str]:
    """Host port -> the service that publishes it, in compose.yaml and in what was carried over into docker/.

    `own` are the names of devkit's services. UsageError for a file that is broken.
    """
    found: dict[int, str] = {}
    for file in (root / "compose.yaml", root / ADOPTED_FILE):
        if not file.is_file():
            continue
        document = read_yaml(file)
        check_shapes(document, file.name)
        for name, service in (document.get("services") or {}).items():
            if name not in own:
                found |= dict.fromkeys(published_ports((service or {}).get("ports") or (), env), str(name))
    return found

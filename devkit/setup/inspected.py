"""A container looked at closely, for a screen: no value of its environment and no secret of .env is in it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from devkit.engine.client import Client
from devkit.engine.container_facts import Section, environment, sections, without_values
from devkit.engine.processes import ProcessTable, container_processes
from devkit.project.errors import FailedError
from devkit.secrets.masking import Masker, secret_variables, secrets_in
from devkit.setup.project import Project


@dataclass(frozen=True)
class Inspected:
    """What matters, and all that the engine says as JSON."""

    sections: tuple[Section, ...]
    text: str


async def inspected(project: Project, container: str) -> Inspected:
    """One container by id or name. FailedError where there is none any more, EngineError where the engine goes."""
    async with Client(project.docker) as client:
        found = await _inspection(client, container)
    masker = await _masker(project, found)
    shown = masker.value(without_values(found))
    return Inspected(
        tuple(
            Section(one.title, tuple((name, masker.text(text)) for name, text in one.facts)) for one in sections(found)
        ),
        json.dumps(shown, indent=2, ensure_ascii=False),
    )


async def processes(project: Project, container: str) -> ProcessTable:
    """Its processes; their command lines without secrets. Errors as `inspected` raises them."""
    async with Client(project.docker) as client:
        table = await container_processes(client, container)
        masker = await _masker(project, await _inspection(client, container))
    return replace(table, rows=tuple(tuple(masker.text(cell) for cell in row) for row in table.rows))


async def _inspection(client: Client, container: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = await client.get_json(f"/containers/{container}/json")
    if found is None:
        raise FailedError("the container is gone", "see what runs with: devkit status")
    return found


async def _masker(project: Project, found: Mapping[str, Any]) -> Masker:
    """For the secrets of .env, and those that the container was given: its command may repeat them."""
    own = await asyncio.to_thread(secrets_in, project.paths.env)
    return Masker([*own.items(), *secret_variables(environment(found)).items()])

"""`devkit report`: what a bug report needs, as one text to paste or one JSON object; every secret is masked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from devkit.cli.arguments import CommandParser
from devkit.cli.context import Context
from devkit.cli.errors_shown import printable
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import narrator
from devkit.cli.output import print_json


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command; it works without a project and without an engine too, and names what it could not see."""
    parser = CommandParser(
        "report",
        epilog="Values of .env and what looks like a secret are masked. Read it all the same before you hand it on.",
    )
    context, _options = parser.read(context, arguments)
    from devkit.setup.report import report

    said = narrator(context)
    try:
        found = report(context.directory, said.progress).to_json()
    finally:
        said.clear()
    if context.json:
        print_json(found)
    else:
        print("\n".join(_lines(found)))
        said.say("\n  read it before you hand it on: secrets are masked, names and addresses of yours are not")
    return ExitStatus.DONE


def _lines(found: dict[str, Any]) -> Iterator[str]:
    for name, section in found.items():
        if not section:
            continue
        yield f"\n## {name.replace('_', ' ')}\n"
        if name == "doctor":
            yield from (printable(f"{one['status']:<8}{one['title']}: {one['why']}".rstrip(": ")) for one in section)
        elif name == "logs":
            yield from _records(section)
        elif isinstance(section, str):
            yield from (printable(line) for line in section.splitlines())
        elif isinstance(section, dict):
            yield from (printable(f"{key}: {_text(value)}") for key, value in section.items())
        else:
            yield printable(", ".join(map(str, section)))


def _records(logs: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    for service, records in logs.items():
        for record in records:
            lines = [*str(record["message"]).splitlines(), *record.get("trace", ())] or [""]
            level = f"{record['level'].upper()} " if record["level"] else ""
            yield printable(f"{service} {record['time']} {level}{lines[0]}")
            yield from (printable(f"  {line}") for line in lines[1:])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)

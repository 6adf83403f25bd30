"""A short `artisan list --format=json`, in the shape that Symfony Console 7 writes."""

from __future__ import annotations

import json
from typing import Any


def option(name: str, *, value: str = "none", shortcut: str = "", description: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "shortcut": shortcut,
        "accept_value": value != "none",
        "is_value_required": value == "required",
        "is_multiple": False,
        "description": description,
        "default": None,
    }


def command(name: str, description: str, *options: dict[str, Any], hidden: bool = False) -> dict[str, Any]:
    everywhere = (
        option("--help", shortcut="-h", description="Display help for the <info>list</info> command"),
        option("--env", value="optional"),
    )
    return {
        "name": name,
        "description": description,
        "usage": [name],
        "help": description,
        "definition": {
            "arguments": [],
            "options": {one["name"].lstrip("-"): one for one in (*options, *everywhere)},
        },
        "hidden": hidden,
    }


def artisan_list() -> str:
    make = command("make:model", "Create a new Eloquent model class", option("--migration", shortcut="-m"))
    make["definition"]["arguments"] = {
        "name": {
            "name": "name",
            "is_required": True,
            "is_array": False,
            "description": "The name of the model",
            "default": None,
        }
    }
    commands = [
        command("_complete", "Internal command", hidden=True),
        command("help", "Display help for a command"),
        command("migrate", "Run the database migrations", option("--force"), option("--path", value="required")),
        command("migrate:status", "Show the status of each migration"),
        make,
        command("test", "Run the application tests", option("--parallel", shortcut="-p")),
    ]
    return json.dumps({"application": {"name": "Laravel Framework", "version": "13.1.0"}, "commands": commands})

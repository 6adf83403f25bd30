"""The flags of `devkit init` (and of ./quickstart.py), read into the answers of the first run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from devkit.cli.answers_file import read_answers
from devkit.cli.arguments import CommandParser
from devkit.cli.commands import nearest
from devkit.cli.context import Context
from devkit.project.errors import UsageError
from devkit.project.services import DATABASES, SERVICES, check_services
from devkit.project.settings import PhpSettings, SecretsSource, Settings, check_port
from devkit.scaffold.deliveries import DELIVERIES
from devkit.setup.answers import SETTING_KEYS, Answers, with_setting

IMAGE_MODES = ("auto", "registry", "local")


@dataclass(frozen=True)
class InitOptions:
    """What the command line and the answers file say together; flags win."""

    answers: Answers
    directory_given: bool
    dry_run: bool


def read(context: Context, arguments: Sequence[str]) -> tuple[Context, InitOptions]:
    """Read and check the flags; UsageError before anything is written."""
    context, options = _parser().read(context, arguments)
    given = {name: value for name, value in vars(options).items() if value is not None}
    if "set" in given:
        given["set"] = dict(_pair(text) for text in given["set"])
    if "with" in given:
        given["with"] = [item.strip() for text in given["with"] for item in text.split(",") if item.strip()]
    file = read_answers(Path(given.pop("answers"))) if "answers" in given else {}
    doppler = _doppler(given, file)
    values = {**file, **given, "set": {**file.get("set", {}), **given.get("set", {})}, "doppler": doppler}
    if context.project is not None and "directory" in given:
        raise UsageError("two directories: DIR and --project", "give one of them")
    answers = _answers(context, values)
    _check(answers)
    directory_given = "directory" in values or context.project is not None
    return context, InitOptions(answers, directory_given, bool(values.get("dry_run")))


def _answers(context: Context, values: dict[str, Any]) -> Answers:
    images = values.get("images", "auto")
    if images not in IMAGE_MODES:
        raise UsageError(f"images is {images!r}", f"it takes: {', '.join(IMAGE_MODES)}")
    directory = Path(context.project or values.get("directory", "."))
    return Answers(
        directory=directory.absolute(),
        name=values.get("name"),
        database=values.get("database"),
        services=_services(values["with"]) if "with" in values else None,
        php=values.get("php"),
        mode=values.get("mode"),
        port=values.get("port"),
        https=values.get("https"),
        images=images,
        install_docker=bool(values.get("install_docker")),
        start=not values.get("no_start"),
        doppler=values["doppler"],
        delivery=_delivery(values),
        sets=values["set"],
    )


def _doppler(*said: dict[str, Any]) -> bool | None:
    """Whether secrets come from Doppler, by the first of `said` that tells; None where none does.

    `doppler` and secrets.source are the same answer: the second is taken out. UsageError where they contradict.
    """
    found = None
    for words in said:
        switch, source = words.get("doppler"), words.get("set", {}).get("secrets.source")
        if source in get_args(SecretsSource):
            del words["set"]["secrets.source"]
            if switch not in (None, source == "doppler"):
                raise UsageError(f"secrets.source is {source}, and doppler says otherwise", "give one of them")
            switch = source == "doppler"
        found = switch if found is None else found
    return found


def _delivery(values: dict[str, Any]) -> tuple[str, ...] | None:
    """Which of DELIVERIES are wanted; None where nothing says so of any: that is left to the question."""
    said = {name: values[name] for name in DELIVERIES if name in values}
    return tuple(name for name, is_wanted in said.items() if is_wanted) if said else None


def _services(names: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name == "sqlite":
            raise UsageError("sqlite is a file and no service", "choose it with --database sqlite")
        if name not in SERVICES:
            raise UsageError(
                f"unknown service {name!r}",
                nearest(name, SERVICES) or f"the services are: {', '.join(SERVICES)}",
            )
    return check_services(names)


def _check(answers: Answers) -> None:
    """Refuse what no project could have, whatever is detected in the directory later."""
    if answers.port is not None:
        check_port("app", answers.port)
    services = answers.services or ()
    databases = [name for name in services if name in DATABASES]
    settings = Settings(
        name="app" if answers.name is None else answers.name,
        database=answers.database or next(iter(databases), "sqlite"),
        services=services,
        php=PhpSettings(
            version=PhpSettings().version if answers.php is None else answers.php,
            mode=answers.mode or "worker",  # type: ignore[arg-type]  # checked by PhpSettings
        ),
    )
    for key, value in answers.sets.items():
        with_setting(settings, key, value)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or "." not in key:
        raise UsageError(f"--set {text!r} is no KEY=VALUE", f"the keys are: {', '.join(SETTING_KEYS)}")
    return key.strip(), value


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number from 1 to 65535")
    return int(text[:9])


def _parser() -> CommandParser:
    parser = CommandParser(
        "init",
        epilog="A directory's name with a leading dash stands behind --: devkit init -- -name",
    )
    add = parser.add_argument
    add("directory", nargs="?", metavar="DIR", help="where; a new app unless it holds one (default: here)")
    add("--dry-run", action="store_const", const=True, help="say what would be done, and do nothing")
    add("--answers", metavar="FILE", help="a TOML file whose keys are named as these flags")
    add("--name", help="the project's name (default: the directory's)")
    add("--database", choices=DATABASES, help="default: what the app uses, else sqlite")
    add("--with", action="append", metavar="LIST", help=f"services: {','.join(SERVICES)}")
    add("--mode", choices=("worker", "classic"), help="default: worker")
    add("--php", metavar="VERSION", help="default: 8.4")
    add("--port", type=_port, metavar="N", help="where the app answers on this machine")
    add("--https", action="store_const", const=True, help="HTTPS by Caddy's local CA as well")
    add("--images", choices=IMAGE_MODES, help="official images, or stand-ins built here (default: auto)")
    add("--install-docker", action="store_const", const=True, help="consent to install Docker if it is missing")
    add("--set", action="append", metavar="KEY=VALUE", help="any setting, such as php.jit=tracing")
    add("--no-start", action="store_const", const=True, help="write and build, start nothing")
    add("--doppler", action="store_const", const=True, help="secrets from Doppler: DOPPLER_TOKEN, or its CLI's login")
    for name, title in DELIVERIES.items():
        add(f"--{name}", action="store_const", const=True, help=f"the files of delivery for {title}")
    return parser

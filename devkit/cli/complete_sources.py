"""Where completion takes its words from: the project's files, and artisan's commands as they were kept last."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from devkit.project.errors import DevkitError
from devkit.project.paths import ProjectPaths

Candidates = Mapping[str, str]
"""What may be written, with what it is."""

_COMPOSER = (
    *("audit", "bump", "check-platform-reqs", "clear-cache", "config", "depends", "diagnose", "dump-autoload", "exec"),
    *("fund", "global", "help", "install", "licenses", "list", "outdated", "prohibits", "reinstall", "remove"),
    *("require", "run-script", "search", "show", "status", "suggests", "update", "validate", "why", "why-not"),
)


def services(root: Path) -> Candidates:
    """The project's services."""
    from devkit.project.services import APP, SERVICES
    from devkit.project.settings_file import read_settings

    with suppress(DevkitError, OSError):
        settings = read_settings(ProjectPaths(root).settings)
        return {APP: "the application", **{name: SERVICES[name].title for name in settings.all_services}}
    return {}


def team(root: Path) -> Candidates:
    """The commands that the project's team wrote down in devkit.toml."""
    with suppress(OSError):
        if b"commands" in ProjectPaths(root).settings.read_bytes():
            from devkit.cli.team import commands_here

            return commands_here(root)
    return {}


def settings(_root: Path) -> Candidates:
    """The keys of devkit.toml."""
    from devkit.setup.answers import SETTING_KEYS

    return dict.fromkeys(SETTING_KEYS, "")


def variables(root: Path) -> Candidates:
    """The names of .env."""
    from devkit.project.env_file import read_env

    with suppress(DevkitError, OSError):
        return dict.fromkeys(read_env(ProjectPaths(root).env), "")
    return {}


def environments(root: Path) -> Candidates:
    """The overlays that `devkit deploy` knows."""
    from devkit.delivery.cluster.environments import environments as overlays

    with suppress(OSError):
        return dict.fromkeys(overlays(root), "an environment")
    return {}


def pages(root: Path) -> Candidates:
    """The pages that `devkit open` knows in this project."""
    from devkit.laravel.pages import pages_of
    from devkit.project.settings_file import read_settings

    with suppress(DevkitError, OSError):
        found = pages_of(read_settings(ProjectPaths(root).settings), {}, root, {})
        return {page.name: page.title for page in found}
    return {}


def artisan(root: Path, given: Sequence[str], current: str) -> Candidates:
    """artisan's commands, then the options of the one that is called. `help` takes a command as well."""
    from devkit.laravel.catalogue import kept
    from devkit.laravel.catalogue_refresh import refresh_behind
    from devkit.project.this_devkit import devkit_command

    catalogue = kept(root)
    refresh_behind(root, catalogue, devkit_command(root, "--quiet", "completion", "refresh"))
    if catalogue is None:
        return {}
    plain = [word for word in given if not word.startswith("-")]
    if plain[:1] == ["test"]:
        return tests(root, given[given.index("test") + 1 :], current)
    command = catalogue.find(plain[0]) if plain else None
    if current.startswith("-"):
        options = (*(command.options if command is not None else ()), *catalogue.options)
        return {option.name: option.description for option in options}
    if not plain or plain == ["help"]:
        return {shown.name: shown.description for shown in catalogue.shown()}
    return {}


def tests(root: Path, given: Sequence[str], current: str) -> Candidates:
    """Test files; behind --filter the names of tests, behind --testsuite the suites of phpunit.xml."""
    from devkit.laravel.test_names import test_files, test_suites

    last = given[-1].partition("=")[0] if given else ""
    if last == "--testsuite":
        return dict.fromkeys(test_suites(root), "")
    if last == "--filter":
        return {name: file.path for file in test_files(root) for name in file.names}
    if current.startswith("-"):
        from devkit.laravel.catalogue import kept

        catalogue = kept(root)
        command = catalogue.find("test") if catalogue is not None else None
        known = {option.name: option.description for option in command.options} if command is not None else {}
        return {"--filter": "tests whose name matches", "--testsuite": "the tests of one suite", **known}
    return {file.path: "" for file in test_files(root)}


def programs(root: Path, given: Sequence[str], _current: str) -> Candidates:
    """The programs of vendor/bin."""
    if given:
        return {}
    with suppress(OSError):
        return dict.fromkeys(sorted(os.listdir(root / "vendor" / "bin")), "")  # noqa: PTH208 - names are all it takes
    return {}


def scripts(root: Path, given: Sequence[str], current: str) -> Candidates:
    """The package manager's first words, and behind `run` the scripts of package.json."""
    if list(given) == ["run"]:
        return _scripts(root / "package.json")
    return {} if given or current.startswith("-") else dict.fromkeys(("install", "run", "test", "update"), "")


def composer(root: Path, given: Sequence[str], current: str) -> Candidates:
    """Composer's commands and the scripts of composer.json."""
    own = _scripts(root / "composer.json")
    if list(given) in (["run"], ["run-script"]):
        return own
    return {} if given or current.startswith("-") else {**dict.fromkeys(_COMPOSER, ""), **own}


def _scripts(path: Path) -> Candidates:
    try:
        found = json.loads(path.read_bytes())["scripts"]
        return {name: body if isinstance(body, str) else "" for name, body in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}

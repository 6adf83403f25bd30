"""The `build:` of a Compose service as `docker buildx build` takes it: what a person wrote there counts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from devkit.engine.compose import Compose
from devkit.project.errors import UsageError

_FILE = "compose.yaml"
_LISTS = {"cache_from": "--cache-from", "cache_to": "--cache-to", "ssh": "--ssh", "tags": "--tag"}
_PAIRS = {"labels": "--label", "additional_contexts": "--build-context"}
_VALUES = {"network": "--network", "shm_size": "--shm-size"}
_SWITCHES = {"no_cache": "--no-cache", "pull": "--pull"}
_OTHERS = ("context", "dockerfile", "args", "target", "secrets", "extra_hosts", "platforms")


@dataclass(frozen=True)
class ServiceBuild:
    """A service's build: `context` stands last in the command, after `--file` and `options`.

    `arguments` are the build arguments, which may hold what is not for argv; `secrets` the ids that `options` give.
    """

    image: str | None
    context: str
    dockerfile: Path
    target: str | None
    arguments: Mapping[str, str]
    options: tuple[str, ...]
    secrets: frozenset[str]


def read_build(compose: Compose, service: str) -> ServiceBuild:
    """What compose.yaml says of a service's build; UsageError where it says nothing, or what buildx has no option for.

    The other services' variables need no values: a new application has no .env yet. CommandError for a file that
    Compose cannot read.
    """
    raw = _config(compose, "-f", _FILE, "config", "--no-interpolate", "--format", "json")
    written = (raw.get("services") or {}).get(service) or {}
    build = written.get("build")
    if not build:
        raise UsageError(f"{_FILE} has no `build:` for the service {service}", "see what devkit upgrade would write")
    named = [secret["source"] for secret in build.get("secrets") or ()]
    known = {name: value for name, value in (raw.get("secrets") or {}).items() if name in named}
    kept = {key: written[key] for key in ("image", "build") if key in written}
    part = _escaped({"services": {service: kept}, "secrets": known}, str(compose.directory))
    resolved = _plain(_config(compose, "-f", "-", "config", "--format", "json", input=json.dumps(part).encode()))
    return _service_build(resolved["services"][service], resolved.get("secrets") or {})


def _config(compose: Compose, *args: str, input: bytes | None = None) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(compose.run(*args, input=input).stdout))


def _escaped(value: Any, directory: str) -> Any:
    """Compose makes paths absolute, and the directory's name may hold a `$` that stands for no variable."""
    return _each_text(value, lambda text: text.replace(directory, directory.replace("$", "$$")))


def _plain(value: Any) -> Any:
    """Compose prints `$` as `$$`, for its output to be read again."""
    return _each_text(value, lambda text: text.replace("$$", "$"))


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    """A document with each of its texts changed, names excepted."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(entry, change) for key, entry in value.items()}
    return [_each_text(entry, change) for entry in value] if isinstance(value, list) else value


def _service_build(service: Mapping[str, Any], secrets: Mapping[str, Any]) -> ServiceBuild:
    build: Mapping[str, Any] = service["build"]
    understood = {*_LISTS, *_PAIRS, *_VALUES, *_SWITCHES, *_OTHERS}
    strange = next((key for key, value in build.items() if value and key not in understood), None)
    if strange:
        raise UsageError(f"devkit cannot pass on build.{strange} of {_FILE}", "build it yourself: docker compose build")
    options = [word for key, flag in _LISTS.items() for value in build.get(key) or () for word in (flag, value)]
    for key, flag in _PAIRS.items():
        options += [word for name, value in (build.get(key) or {}).items() for word in (flag, f"{name}={value}")]
    options += [word for key, flag in _VALUES.items() if build.get(key) for word in (flag, str(build[key]))]
    options += [flag for key, flag in _SWITCHES.items() if build.get(key)]
    for host in build.get("extra_hosts") or ():
        options += ["--add-host", host.replace("=", ":", 1)]
    if build.get("platforms"):
        options += ["--platform", ",".join(build["platforms"])]
    context, dockerfile = build["context"], build.get("dockerfile") or "Dockerfile"
    ids = {}
    for secret in build.get("secrets") or ():
        ids[secret.get("target") or secret["source"]] = _source(secrets.get(secret["source"]) or {}, secret["source"])
    options += [word for name, source in ids.items() for word in ("--secret", f"id={name},{source}")]
    arguments = {name: value for name, value in (build.get("args") or {}).items() if value is not None}
    return ServiceBuild(
        service.get("image"),
        context,
        Path(context) / dockerfile,
        build.get("target"),
        arguments,
        tuple(options),
        frozenset(ids),
    )


def _source(secret: Mapping[str, Any], name: str) -> str:
    if secret.get("environment"):
        return f"env={secret['environment']}"
    if secret.get("file"):
        return f"src={secret['file']}"
    raise UsageError(f"the build secret {name} is no file and no variable", "give it one of both in compose.yaml")

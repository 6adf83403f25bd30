"""The formats in which secrets are downloaded, and the ways in which their names are rewritten.

`env` is what MapToEnvFormat of Doppler's CLI writes (pkg/utils/name_transformers.go): backslash and double quote are
escaped, `$` and line ends are not (github.com/DopplerHQ/cli/issues/516). `env-no-quotes` escapes nothing. How the
server writes `docker` and `yaml` is described nowhere: here the first has `\\n` for a line end, and the second is
quoted as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from fake_doppler.messages import JSON

PLAIN = "text/plain"
"""Without a charset: a client that goes by HTTP alone reads it as Latin-1."""


def json_format(values: Mapping[str, str]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def dotnet_json_format(values: Mapping[str, str]) -> str:
    return json_format({dotnet(name): value for name, value in values.items()})


def env_format(values: Mapping[str, str]) -> str:
    escaped = {name: value.replace("\\", "\\\\").replace('"', '\\"') for name, value in values.items()}
    return "\n".join(f'{name}="{value}"' for name, value in escaped.items())


def env_no_quotes_format(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in values.items())


def docker_format(values: Mapping[str, str]) -> str:
    return env_no_quotes_format({name: value.replace("\n", "\\n") for name, value in values.items()})


def yaml_format(values: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())


def upper_camel(name: str) -> str:
    return "".join(part[:1].upper() + part[1:].lower() for part in name.split("_"))


def camel(name: str) -> str:
    whole = upper_camel(name)
    return whole[:1].lower() + whole[1:]


def dotnet(name: str) -> str:
    return ":".join(upper_camel(part) for part in name.split("__"))


def dotnet_env(name: str) -> str:
    return "__".join(upper_camel(part) for part in name.split("__"))


def lower_kebab(name: str) -> str:
    return name.lower().replace("_", "-")


def tf_var(name: str) -> str:
    return f"TF_VAR_{name.lower()}"


FORMATS: dict[str, tuple[Callable[[Mapping[str, str]], str], str]] = {
    "json": (json_format, JSON),
    "dotnet-json": (dotnet_json_format, JSON),
    "env": (env_format, PLAIN),
    "env-no-quotes": (env_no_quotes_format, PLAIN),
    "docker": (docker_format, PLAIN),
    "yaml": (yaml_format, PLAIN),
}
"""By what is asked for as `format`: how it is written, and its content type."""

TRANSFORMERS: dict[str, Callable[[str], str]] = {
    "camel": camel,
    "upper-camel": upper_camel,
    "lower-snake": str.lower,
    "tf-var": tf_var,
    "dotnet": dotnet,
    "dotnet-env": dotnet_env,
    "lower-kebab": lower_kebab,
}
"""By what is asked for as `name_transformer`."""

"""What a Doppler workplace holds: tokens, projects, configs, and secrets that refer to one another."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Visibility = Literal["masked", "unmasked", "restricted"]
Kind = Literal["personal", "cli", "service_token", "service_account"]
Place = tuple[str, str, str]
"""Of a secret: project, config, name."""

ENVIRONMENTS = {"dev": "Development", "stg": "Staging", "prd": "Production"}
"""Those that a new project of Doppler has."""

_PREFIXES: dict[Kind, str] = {"personal": "dp.pt.", "cli": "dp.ct.", "service_account": "dp.sa."}
_REFERENCE = re.compile(r"\$\{((?:[A-Za-z0-9_-]+\.){0,2}[A-Za-z_][A-Za-z0-9_]*)\}")
_STRICTEST: tuple[Visibility, ...] = ("restricted", "masked", "unmasked")


@dataclass(frozen=True)
class Token:
    """Who asks. A service token opens one config alone."""

    value: str = field(repr=False)
    kind: Kind
    name: str = ""
    project: str = ""
    config: str = ""
    can_write: bool = True

    @property
    def is_a_users(self) -> bool:
        """Users may not read restricted secrets back (https://docs.doppler.com/docs/secret-visibility)."""
        return self.kind in ("personal", "cli")

    @property
    def preview(self) -> str:
        """How /v3/me shows it."""
        return f"{'.'.join(self.value.split('.')[:2])}...{self.value[-6:]}"


@dataclass(frozen=True)
class Secret:
    """A secret as it was saved: `raw` may refer to others: `${NAME}`, `${CONFIG.NAME}`, `${PROJECT.CONFIG.NAME}`."""

    raw: str = field(repr=False)
    visibility: Visibility = "masked"
    note: str = ""


@dataclass
class Config:
    """A config of a project; one that is named as its environment is that environment's root."""

    project: str
    name: str
    environment: str
    secrets: dict[str, Secret] = field(default_factory=dict)

    @property
    def is_root(self) -> bool:
        return self.name == self.environment

    @property
    def managed(self) -> dict[str, Secret]:
        """What Doppler itself adds to every config."""
        own = {"PROJECT": self.project, "ENVIRONMENT": self.environment, "CONFIG": self.name}
        return {f"DOPPLER_{name}": Secret(value, "unmasked") for name, value in own.items()}

    @property
    def all(self) -> dict[str, Secret]:
        """Its own and Doppler's, sorted by name."""
        return dict(sorted((self.secrets | self.managed).items()))


@dataclass
class Project:
    """A project. Its `slug` is what it is asked for by, `name` what people read."""

    slug: str
    name: str
    environments: dict[str, str] = field(default_factory=dict)
    configs: dict[str, Config] = field(default_factory=dict)


class Workplace:
    """All of it, for several threads: who reads it holds `lock`. `changed` is told which config has changed."""

    def __init__(self, changed: Callable[[str, str], None]) -> None:
        self.lock = threading.RLock()
        self.name = "Test Workplace"
        self.projects: dict[str, Project] = {}
        self.tokens: dict[str, Token] = {}
        self.most_per_page = 1000
        self.service_tokens_win = True
        self._changed = changed

    def add_token(self, kind: Kind, *, project: str = "", config: str = "", can_write: bool = True) -> Token:
        """A new token; made up each time, so that no source holds what looks like one."""
        prefix = f"dp.st.{config}." if kind == "service_token" else _PREFIXES[kind]
        value = prefix + secrets.token_hex(20)
        with self.lock:
            token = Token(value, kind, f"{kind} {len(self.tokens) + 1}", project, config, can_write)
            self.tokens[value] = token
        return token

    def add_project(self, slug: str, name: str = "") -> Project:
        """A project with Doppler's three environments, each with its root config; the one there is, if there is one."""
        with self.lock:
            if slug not in self.projects:
                self.projects[slug] = Project(slug, name or slug)
                for environment, title in ENVIRONMENTS.items():
                    self.add_environment(slug, environment, title)
            return self.projects[slug]

    def add_environment(self, project: str, slug: str, name: str = "") -> None:
        """An environment and its root config."""
        with self.lock:
            found = self.projects[project]
            found.environments.setdefault(slug, name or slug)
            found.configs.setdefault(slug, Config(project, slug, slug))

    def add_config(self, project: str, name: str, environment: str = "") -> Config:
        """A config, with its project and environment; the environment is what stands before `_` in its name."""
        with self.lock:
            environment = environment or name.partition("_")[0]
            self.add_project(project)
            self.add_environment(project, environment, ENVIRONMENTS.get(environment, ""))
            configs = self.projects[project].configs
            return configs.setdefault(name, Config(project, name, environment))

    def change(self, project: str, config: str, values: Mapping[str, Secret | str | None]) -> None:
        """Set secrets (text keeps visibility and note), or take them away (None), and tell who watches."""
        with self.lock:
            held = self.projects[project].configs[config].secrets
            for name, value in values.items():
                if value is None:
                    held.pop(name, None)
                elif isinstance(value, Secret):
                    held[name] = value
                else:
                    held[name] = replace(held.get(name, Secret("")), raw=value)
        self._changed(project, config)

    def computed(self, config: Config, name: str, above: frozenset[Place] = frozenset()) -> Secret:
        """A secret with its references resolved, and as visible as the strictest of them.

        A reference to what there is not stays as it stands, and so does one that leads back to itself.
        """
        secret = config.all[name]
        strictest = secret.visibility
        above |= {(config.project, config.name, name)}

        def resolve(match: re.Match[str]) -> str:
            nonlocal strictest
            found = self._find(config, match[1])
            if found is None or (found[0].project, found[0].name, found[1]) in above:
                return match[0]
            other = self.computed(*found, above)
            strictest = min(strictest, other.visibility, key=_STRICTEST.index)
            return other.raw

        return Secret(_REFERENCE.sub(resolve, secret.raw), strictest, secret.note)

    def _find(self, config: Config, reference: str) -> tuple[Config, str] | None:
        *place, name = reference.split(".")
        project = self.projects.get(place[0] if len(place) > 1 else config.project)
        found = project.configs.get(place[-1] if place else config.name) if project else None
        return (found, name) if found and name in found.all else None

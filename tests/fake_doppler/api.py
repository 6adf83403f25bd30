"""The API itself: from a request to an answer. No socket is touched here.

Texts of errors are Doppler's where they are known; where none is known, they say plainly what is wrong.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NoReturn, get_args

from fake_doppler.formats import FORMATS, TRANSFORMERS
from fake_doppler.messages import Answer, RefusedError, Request
from fake_doppler.workplace import Config, Project, Secret, Token, Visibility, Workplace

MADE_AT = "2024-01-31T12:00:00.000Z"
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_PER_PAGE = 20

Json = dict[str, Any]


class Api:
    """Doppler's API over a workplace."""

    def __init__(self, workplace: Workplace) -> None:
        self.workplace = workplace
        self._routes: dict[tuple[str, str], Callable[[Request, Token], Answer]] = {
            ("GET", "/v3/me"): self._me,
            ("GET", "/v3/workplace"): self._workplace,
            ("GET", "/v3/projects"): self._projects,
            ("GET", "/v3/projects/project"): self._project_alone,
            ("GET", "/v3/environments"): self._environments,
            ("GET", "/v3/environments/environment"): self._environment,
            ("GET", "/v3/configs"): self._configs,
            ("GET", "/v3/configs/config"): self._config_alone,
            ("GET", "/v3/configs/config/ping"): self._ping,
            ("GET", "/v3/configs/config/secret"): self._secret,
            ("GET", "/v3/configs/config/secrets"): self._secrets,
            ("POST", "/v3/configs/config/secrets"): self._update,
            ("GET", "/v3/configs/config/secrets/names"): self._names,
            ("GET", "/v3/configs/config/secrets/download"): self._download,
            ("GET", "/v3/configs/config/secrets/watch"): self._watch,
        }

    def answer(self, request: Request) -> Answer:
        """What Doppler answers."""
        route = self._routes.get((request.method, request.path))
        try:
            if route is None:
                raise RefusedError(404, "Not Found")
            with self.workplace.lock:
                token = self.workplace.tokens.get(request.bearer or "")
                if token is None:
                    raise RefusedError(401, "Invalid Auth token")
                return route(request, token)
        except RefusedError as refused:
            return refused.answer

    def _me(self, _request: Request, token: Token) -> Answer:
        place = {"slug": "test-workplace", "name": self.workplace.name}
        slug = hashlib.sha256(token.value.encode()).hexdigest()[:36]
        content: Json = {"slug": slug, "name": token.name, "created_at": MADE_AT, "last_seen_at": MADE_AT}
        content |= {"type": token.kind, "token_preview": token.preview, "workplace": place}
        return Answer.of_json(content | {"principal": {"type": token.kind, "slug": slug}})

    def _workplace(self, _request: Request, token: Token) -> Answer:
        if token.kind == "service_token":
            raise RefusedError(403, "This token does not have access to the workplace")
        emails = {f"{kind}_email": f"{kind}@example.com" for kind in ("billing", "security")}
        return _success(workplace={"id": "test-workplace", "name": self.workplace.name} | emails)

    def _projects(self, request: Request, token: Token) -> Answer:
        seen = [_about_project(found) for found in self._visible(token)]
        return self._page(request, "projects", seen)

    def _project_alone(self, request: Request, token: Token) -> Answer:
        return _success(project=_about_project(self._project(request, token)))

    def _environments(self, request: Request, token: Token) -> Answer:
        project = self._project(request, token)
        return self._page(request, "environments", [_about_environment(project, slug) for slug in project.environments])

    def _environment(self, request: Request, token: Token) -> Answer:
        project = self._project(request, token)
        slug = request.query.get("environment") or _missing("environment")
        if slug not in project.environments:
            raise RefusedError(404, f"Could not find requested environment '{slug}'")
        return _success(environment=_about_environment(project, slug))

    def _configs(self, request: Request, token: Token) -> Answer:
        project = self._project(request, token)
        wanted = request.query.get("environment")
        configs = [found for found in project.configs.values() if wanted in (None, "", found.environment)]
        if token.kind == "service_token":
            configs = [found for found in configs if found.name == token.config]
        return self._page(request, "configs", [_about_config(found) for found in configs])

    def _config_alone(self, request: Request, token: Token) -> Answer:
        return _success(config=_about_config(self._config(request, token)))

    def _ping(self, request: Request, token: Token) -> Answer:
        self._config(request, token)
        return _success()

    def _secret(self, request: Request, token: Token) -> Answer:
        config = self._config(request, token)
        name = _checked_name(request.query.get("name", ""))
        if name not in config.all:
            raise RefusedError(404, f"Could not find requested secret: {name}")
        return _success(name=name, value=self._entry(config, name, token))

    def _secrets(self, request: Request, token: Token) -> Answer:
        config = self._config(request, token)
        return self._entries(config, _chosen(request, config), token)

    def _names(self, request: Request, token: Token) -> Answer:
        return _success(names=_chosen(request, self._config(request, token)))

    def _download(self, request: Request, token: Token) -> Answer:
        config = self._config(request, token)
        wanted, rewriting = request.query.get("format") or "json", request.query.get("name_transformer")
        if wanted not in FORMATS:
            raise RefusedError(400, f"Invalid format '{wanted}'")
        if rewriting and rewriting not in TRANSFORMERS:
            raise RefusedError(400, f"Invalid name transformer '{rewriting}'")
        rewrite = TRANSFORMERS[rewriting] if rewriting else str
        write, content_type = FORMATS[wanted]
        found = {name: self.workplace.computed(config, name) for name in _chosen(request, config)}
        values = {rewrite(name): secret.raw for name, secret in found.items() if _may_read(token, secret)}
        body = write(values).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        if request.headers.get("if-none-match") == etag:
            return Answer(HTTPStatus.NOT_MODIFIED, content_type="", headers={"ETag": etag})
        return Answer(200, body, content_type, {"ETag": etag})

    def _watch(self, request: Request, token: Token) -> Answer:
        config = self._config(request, token)
        headers = {"Cache-Control": "no-cache"}
        return Answer(content_type="text/event-stream", headers=headers, watched=(config.project, config.name))

    def _update(self, request: Request, token: Token) -> Answer:
        try:
            body = json.loads(request.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise RefusedError(400, "The body is not a JSON object")
        place = {name: str(body[name]) for name in ("project", "config") if body.get(name)}
        config = self._config(replace(request, query={**request.query, **place}), token)
        if not token.can_write:
            raise RefusedError(403, "This token does not have write access")
        plain, asked = body.get("secrets"), body.get("change_requests")
        if isinstance(plain, dict) and asked is None:
            changes = {_checked_change(name): value for name, value in plain.items()}
            if not all(value is None or isinstance(value, str) for value in changes.values()):
                raise RefusedError(400, "A secret's value must be a string")
        elif isinstance(asked, list) and plain is None:
            changes = _requested(asked, config)
        else:
            raise RefusedError(400, "Either secrets or change_requests is required")
        self.workplace.change(config.project, config.name, changes)
        return self._entries(config, sorted(config.all), token)

    def _entries(self, config: Config, names: Sequence[str], token: Token) -> Answer:
        return _success(secrets={name: self._entry(config, name, token) for name in names})

    def _entry(self, config: Config, name: str, token: Token) -> Json:
        saved, computed = config.all[name], self.workplace.computed(config, name)
        return {
            "raw": saved.raw if _may_read(token, saved) else None,
            "computed": computed.raw if _may_read(token, computed) else None,
            "note": saved.note,
            "rawVisibility": saved.visibility,
            "computedVisibility": computed.visibility,
            "rawValueType": {"type": "string"},
            "computedValueType": {"type": "string"},
        }

    def _visible(self, token: Token) -> list[Project]:
        found = self.workplace.projects.values()
        return [project for project in found if token.kind != "service_token" or project.slug == token.project]

    def _asked(self, request: Request, token: Token, what: str) -> str:
        """The project or config that is meant: a service token knows it itself."""
        asked, own = request.query.get(what, ""), {"project": token.project, "config": token.config}[what]
        if token.kind == "service_token":
            if asked and asked != own and not self.workplace.service_tokens_win:
                raise RefusedError(400, f"This token does not have access to requested {what} '{asked}'")
            return own
        return asked or _missing(what)

    def _project(self, request: Request, token: Token) -> Project:
        slug = self._asked(request, token, "project")
        project = self.workplace.projects.get(slug)
        if project is None:
            raise RefusedError(404, f"Could not find requested project '{slug}'")
        return project

    def _config(self, request: Request, token: Token) -> Config:
        project, name = self._project(request, token), self._asked(request, token, "config")
        config = project.configs.get(name)
        if config is None:
            raise RefusedError(404, f"Could not find requested config '{name}'")
        return config

    def _page(self, request: Request, what: str, items: Sequence[Json]) -> Answer:
        page, size = (_number(request, name, usual) for name, usual in (("page", 1), ("per_page", _PER_PAGE)))
        size = min(size, self.workplace.most_per_page)
        return _success(**{"page": page, what: list(items[(page - 1) * size : page * size])})


def _success(**content: object) -> Answer:
    return Answer.of_json({**content, "success": True})


def _missing(what: str) -> NoReturn:
    raise RefusedError(400, f"Missing {what}")


def _may_read(token: Token, secret: Secret) -> bool:
    return secret.visibility != "restricted" or not token.is_a_users


def _number(request: Request, name: str, usual: int) -> int:
    text = request.query.get(name) or str(usual)
    if not text.isdecimal() or int(text) < 1:
        raise RefusedError(400, f"{name} must be a positive number")
    return int(text)


def _chosen(request: Request, config: Config) -> list[str]:
    """The names that are asked for: all of them unless `secrets` names some."""
    asked = [_checked_name(name) for name in request.query.get("secrets", "").split(",") if name]
    held = config.secrets if request.query.get("include_managed_secrets", "true").lower() == "false" else config.all
    return [name for name in sorted(held) if not asked or name in asked]


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise RefusedError(400, f'Secret name "{name}" may only contain uppercase letters, numbers, and underscores.')
    return name


def _checked_change(name: str) -> str:
    if name in ("DOPPLER_PROJECT", "DOPPLER_CONFIG", "DOPPLER_ENVIRONMENT"):
        raise RefusedError(400, f'Secret name "{name}" is reserved')
    return _checked_name(name)


def _requested(asked: list[Json], config: Config) -> dict[str, Secret | str | None]:
    """What `change_requests` ask for; a secret that is not what the asker takes it for refuses all of them."""
    changes: dict[str, Secret | str | None] = {}
    for change in asked:
        name = _checked_change(str(change.get("name", "")))
        former = change.get("originalName") or name
        held = config.secrets.get(former)
        now = {"originalValue": held.raw if held else None, "originalVisibility": held.visibility if held else None}
        if any(change.get(key) not in (None, value) for key, value in now.items()):
            raise RefusedError(409, f"Secret {name} was changed since")
        if former != name:
            changes[former] = None
        if change.get("shouldDelete"):
            changes[name] = None
            continue
        value = change.get("value")
        visibility: Visibility = change.get("visibility") or (held.visibility if held else "masked")
        if visibility not in get_args(Visibility) or not isinstance(value, str | None):
            raise RefusedError(400, f"Invalid change of {name}")
        if value is None:
            value = held.raw if held else ""
        changes[name] = Secret(value, visibility, held.note if held else "")
    return changes


def _about_project(project: Project) -> Json:
    return {"id": project.slug, "slug": project.slug, "name": project.name, "description": "", "created_at": MADE_AT}


def _about_environment(project: Project, slug: str) -> Json:
    named: Json = {"id": slug, "name": project.environments[slug], "project": project.slug}
    return named | {"created_at": MADE_AT, "initial_fetch_at": MADE_AT}


def _about_config(config: Config) -> Json:
    about: Json = {"name": config.name, "environment": config.environment, "project": config.project}
    about |= {"root": config.is_root, "locked": False, "inheritable": False, "inherits": [], "inheritedBy": []}
    return about | {"created_at": MADE_AT, "initial_fetch_at": MADE_AT, "last_fetch_at": MADE_AT}

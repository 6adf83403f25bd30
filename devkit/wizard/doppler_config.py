"""Which of Doppler's projects and configs is meant: picked from what the API lists, unless something names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from devkit.project.errors import SecretsError
from devkit.project.paths import project_name
from devkit.secrets.doppler.access import Token
from devkit.setup.answers import Answers
from devkit.setup.secrets_offer import Doppler, Named, likely_config, likely_project, named_by_variables, suggested
from devkit.wizard.terminal import say, select, waiting

T = TypeVar("T")


class Picking:
    """The questions of one wizard. The project that was picked with a token stays picked when it is tried again."""

    def __init__(self, answers: Answers, written: Named, environ: Mapping[str, str]) -> None:
        """`written` is what devkit.toml names; --set and Doppler's own variables stand above it."""
        by_flags = Named(*(answers.sets.get(f"secrets.{what}", "") for what in ("project", "config")))
        by_variables = named_by_variables(environ)
        self._named = Named(
            by_variables.project or by_flags.project or written.project,
            by_variables.config or by_flags.config or written.config,
        )
        self._by_variables = by_variables
        self._answers = answers
        self._environ = environ
        self._picked: tuple[Token, str] | None = None

    def pick(self, token: Token) -> Named:
        """Have picked what nothing names; what is named stays empty in the answer. The token is tried by it.

        DevkitError where Doppler cannot be asked, refuses, or has not what is named.
        """
        doppler = Doppler(token, self._environ)
        own = _asking(lambda: doppler.own_config(self._named))
        if own is not None:
            say(f"The token opens {own.shown or 'one config'} alone")
            return Named("" if self._named.project else own.project, "" if self._named.config else own.config)
        if self._picked is None or self._picked[0] != token:
            self._picked = token, self._project(_asking(doppler.projects))
        project = self._picked[1]
        config = self._config(project, _asking(lambda: doppler.configs(project)))
        return Named("" if self._named.project else project, "" if self._named.config else config)

    def _project(self, projects: Sequence[str]) -> str:
        named = self._named.project
        if named:
            return _known("project", named, projects, by_variable=bool(self._by_variables.project))
        name = self._answers.name or project_name(self._answers.directory)
        return _picked("project", projects, likely_project(projects, self._likely, name))

    def _config(self, project: str, configs: Sequence[str]) -> str:
        named = self._named.config
        if named:
            return _known("config", named, configs, by_variable=bool(self._by_variables.config))
        return _picked("config", configs, likely_config(configs, project, self._likely))

    @cached_property
    def _likely(self) -> Named:
        return suggested(self._answers.directory, self._environ)


def _asking(question: Callable[[], T]) -> T:
    with waiting("asking Doppler"):
        return question()


def _known(what: str, named: str, listed: Sequence[str], *, by_variable: bool) -> str:
    """The one that is named; SecretsError where Doppler has it not."""
    variable = f"DOPPLER_{what.upper()}"
    if named not in listed:
        raise SecretsError(
            f"Doppler has no {what} {named} that the token may see",
            f"unset {variable}" if by_variable else f"name another: --set secrets.{what}=NAME",
        )
    say(f"Doppler {what}: {named}{f', as {variable} says' if by_variable else ''}")
    return named


def _picked(what: str, listed: Sequence[str], likely: str) -> str:
    if len(listed) == 1:
        say(f"Doppler {what}: {listed[0]}, the only one")
        return listed[0]
    return select(f"Doppler {what}", [(one, one) for one in listed], likely)

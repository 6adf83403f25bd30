"""Where secrets come from: asked, and where it is Doppler, with which token, project and config."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from devkit.project.errors import FailedError, SecretsError
from devkit.project.paths import project_name
from devkit.project.settings import SecretsSettings
from devkit.setup.answers import Answers
from devkit.setup.secrets_offer import (
    Doppler,
    Named,
    doppler_is_likely,
    keep_typed,
    likely_config,
    likely_project,
    named_config,
    token_for,
    typed_token,
)

if TYPE_CHECKING:
    from prompt_toolkit.output import Output

    from devkit.secrets.doppler.access import Token

_MANY = 12
"""From so many on a list is searched by typing."""


@dataclass(frozen=True)
class SecretsQuestions:
    """The questions at one terminal; `say` prints a line of devkit's own."""

    say: Callable[[str], None]
    output: Callable[[], Output]
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def ask(self, answers: Answers) -> Answers:
        """The answers with the source of secrets, unless a flag has named it, and what Doppler needs to know."""
        doppler = answers.doppler
        if doppler is None and "secrets.source" in answers.sets:
            doppler = answers.sets["secrets.source"] == "doppler"
        if doppler is None:
            likely = doppler_is_likely(answers.directory, self.environ)
            local = ("This machine: .env with random keys", "local")
            source = self._select("Secrets from", [local, ("Doppler", "doppler")], "doppler" if likely else "local")
            doppler = source == "doppler"
        answers = replace(answers, doppler=doppler)
        return self._doppler(answers) if doppler else answers

    def _doppler(self, answers: Answers) -> Answers:
        token = self._found(answers)
        while True:
            token = token or self._typed()
            if token is None:
                self.say("Without a token .env is made here; later: devkit env pull")
                return answers
            try:
                named = self._named(answers, token)
            except SecretsError as error:
                self.say(f"{error.message} ({error.hint})")
                match self._after_failure():
                    case "again":
                        continue
                    case "token":
                        token = None
                        continue
                    case "local":
                        return replace(answers, doppler=False)
                raise FailedError("stopped at the questions; nothing was written", "run devkit init again") from None
            if token.origin == "typed":
                self._offer_to_keep(token)
            return replace(answers, doppler_project=named.project, doppler_config=named.config, token=token)

    def _found(self, answers: Answers) -> Token | None:
        try:
            token = token_for(answers.directory, self.environ)
        except SecretsError as error:
            self.say(error.message)
            return None
        if token is not None:
            origins = {"keyring": "the keyring", "doppler CLI": "the login of Doppler's CLI"}
            self.say(f"Doppler's token is that of {origins.get(token.origin, token.origin)}")
        return token

    def _typed(self) -> Token | None:
        import questionary

        prompt = questionary.password("Doppler token (empty: without)", output=self.output())
        text = str(prompt.unsafe_ask()).strip()
        return typed_token(text) if text else None

    def _named(self, answers: Answers, token: Token) -> Named:
        doppler = Doppler(token, self.environ)
        own = doppler.own_config()
        if own is not None:
            self.say(f"The token is for {own.project}/{own.config}")
            return own
        named = named_config(answers.directory, self.environ, _set(answers))
        projects = doppler.projects()
        likely = likely_project(projects, named, answers.name or project_name(answers.directory))
        project = self._select("Doppler project", [(one, one) for one in projects], likely)
        configs = doppler.configs(project)
        config = self._select("Doppler config", [(one, one) for one in configs], likely_config(configs, named))
        return Named(project, config)

    def _after_failure(self) -> str:
        choices = [
            ("Try again", "again"),
            ("Another token", "token"),
            ("Go on without Doppler", "local"),
            ("Stop; nothing has been written", "stop"),
        ]
        return self._select("And now?", choices, "again")

    def _offer_to_keep(self, token: Token) -> None:
        import questionary

        prompt = questionary.confirm("Keep the token in this system's keyring?", default=True, output=self.output())
        if not prompt.unsafe_ask():
            return
        try:
            keep_typed(token, self.environ)
            self.say("The token is kept in the keyring")
        except SecretsError as error:
            self.say(f"{error.message} ({error.hint})")

    def _select(self, text: str, options: list[tuple[str, str]], default: str) -> str:
        import questionary

        searched: dict[str, Any] = {"use_search_filter": True, "use_jk_keys": False} if len(options) >= _MANY else {}
        choices = [questionary.Choice(title, value) for title, value in options]
        prompt = questionary.select(text, choices=choices, default=default, output=self.output(), **searched)
        return str(prompt.unsafe_ask())


def _set(answers: Answers) -> SecretsSettings:
    """What --set said of the names."""
    sets = answers.sets
    return SecretsSettings(
        source="doppler", project=sets.get("secrets.project", ""), config=sets.get("secrets.config", "")
    )


def stderr_output() -> Output:
    """Prompts go to stderr: stdout is for results."""
    from prompt_toolkit.output import create_output

    return create_output(stdout=sys.stderr)

"""Where secrets come from: asked, and where it is Doppler, with which token, project and config."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from devkit.project.errors import DevkitError, FailedError, SecretsError
from devkit.project.paths import ProjectPaths
from devkit.project.settings_file import read_settings
from devkit.secrets.doppler.access import Token
from devkit.secrets.doppler.keyring_store import has_keyring
from devkit.setup.answers import Answers
from devkit.setup.environment_sync import first_pull_is_due
from devkit.setup.secrets_offer import Named, doppler_is_likely, token_for, typed_token
from devkit.wizard.doppler_config import Picking
from devkit.wizard.terminal import output, say, select, waiting


@dataclass(frozen=True)
class SecretsQuestions:
    """The questions at one terminal, with the variables that it has."""

    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def ask(self, answers: Answers) -> Answers:
        """The answers with the source of secrets, unless a flag has named it, and with what Doppler needs to know."""
        doppler = answers.doppler
        if doppler is None:
            likely = doppler_is_likely(answers.directory, self.environ)
            options = [("This machine: .env with random keys", "local"), ("Doppler", "doppler")]
            doppler = select("Secrets from", options, "doppler" if likely else "local") == "doppler"
        without = replace(answers, doppler=False)
        return self._with_doppler(answers, Named(), without) if doppler else without

    def ask_again(self, answers: Answers) -> Answers:
        """The same for a project that has its settings: what they lack, before its secrets are fetched first.

        `--doppler` has the token looked at in any case: a person gives a new one that way.
        """
        paths = ProjectPaths(answers.directory)
        settings = read_settings(paths.settings)
        if answers.doppler is False or not (answers.doppler or first_pull_is_due(paths, settings)):
            return answers
        written = Named(settings.secrets.project, settings.secrets.config)
        return self._with_doppler(answers, written, replace(answers, doppler=None))

    def _with_doppler(self, answers: Answers, written: Named, without: Answers) -> Answers:
        """The answers with token, project and config; `without` are those of who goes on without Doppler.

        `written` is what devkit.toml names. A failure is one line, and a choice of what to do about it.
        """
        answers = replace(answers, doppler=True)
        picking = Picking(answers, written, self.environ)
        token = self._found(answers)
        while True:
            token = token or _typed()
            if token is None:
                say("Without a token .env is made here; later: devkit env pull")
                return answers
            try:
                named = picking.pick(token)
            except DevkitError as error:
                say(str(error))
                match _after_failure():
                    case "again":
                        continue
                    case "token":
                        token = None
                        continue
                    case "local":
                        return without
                raise FailedError("stopped at the questions; nothing was written", "run devkit init again") from None
            answers = replace(answers, doppler_project=named.project, doppler_config=named.config, token=token)
            return replace(answers, keep_token=self._keep()) if token.origin == "typed" else answers

    def _found(self, answers: Answers) -> Token | None:
        try:
            with waiting("looking for Doppler's token"):
                token = token_for(answers.directory, self.environ)
        except DevkitError as error:
            say(str(error))
            return None
        if token is not None:
            say(f"Doppler's token is that of {token.origin_in_words}")
        return token

    def _keep(self) -> bool:
        """Whether a typed token goes to the keyring; where it cannot, or another one will win, that is said."""
        if self.environ.get("DOPPLER_TOKEN", "").strip():
            say("For later commands DOPPLER_TOKEN stands above this token: unset it")
        try:
            if has_keyring():
                return _agreed("Keep the token in this machine's keyring?")
            say("This machine has no keyring to keep the token in: later commands take it from DOPPLER_TOKEN")
        except SecretsError as error:
            say(f"The token is not kept: {error}")
        return False


def _typed() -> Token | None:
    import questionary

    return typed_token(str(questionary.password("Doppler token (empty: without)", output=output()).unsafe_ask()))


def _agreed(question: str) -> bool:
    import questionary

    return bool(questionary.confirm(question, default=True, output=output()).unsafe_ask())


def _after_failure() -> str:
    choices = [
        ("Try again", "again"),
        ("Another token", "token"),
        ("Go on without Doppler", "local"),
        ("Stop; nothing has been written", "stop"),
    ]
    return select("And now?", choices, "again")

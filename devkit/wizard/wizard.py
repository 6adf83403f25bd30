"""The wizard: asks at a terminal, and does nothing else. Prompts go to stderr; stdout is for results."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from devkit.setup.answers import Answers
from devkit.setup.first_run import FirstRunPlan
from devkit.wizard.questions import (
    Question,
    answered,
    delivery_question,
    directory_problem,
    questions,
    suggested_directory,
)
from devkit.wizard.secrets import SecretsQuestions
from devkit.wizard.summary import differences, summary
from devkit.wizard.terminal import output, say, select

if TYPE_CHECKING:
    from questionary import Question as Prompt


class TerminalWizard:
    """Questions, consents and the summary. Ctrl-C at any of them raises KeyboardInterrupt."""

    def ask(self, answers: Answers, *, directory_given: bool) -> Answers:
        """Ask what the flags left open: where, database, cache and queue, extras, secrets, delivery."""
        from devkit.engine.images.registry import packagist_answers, registry_in_reach
        from devkit.scaffold.adopt import detect
        from devkit.setup.offers import unavailable

        if not directory_given:
            answers = replace(answers, directory=_ask_directory(answers.directory))
        existing = detect(answers.directory)
        if existing.kind == "other":
            return answers  # the plan refuses it
        if (answers.directory / "devkit.toml").is_file():  # it has its answers there
            return SecretsQuestions().ask_again(answers)
        kind = "adopting the Laravel app" if existing.kind == "laravel" else "a new Laravel app"
        say(f"{kind} in {answers.directory}")
        missing = unavailable(
            answers.images,
            existing.packages,
            registry_answers=registry_in_reach,
            packagist_answers=packagist_answers,
        )
        for question in questions(answers, existing, missing):
            _say_left_out(question)
            answers = answered(answers, question.key, _ask_question(question))
        answers = SecretsQuestions().ask(answers)
        last = delivery_question(answers)
        return answered(answers, last.key, _ask_question(last)) if last else answers

    def consent(self, question: str, detail: str) -> bool:
        """Ask for one consent; no is the default."""
        import questionary

        if detail:
            say(detail)
        return bool(questionary.confirm(question, default=False, output=output()).unsafe_ask())

    def confirm(self, plan: FirstRunPlan) -> bool:
        """Show what changes in files that are there, then the summary, and ask to go on."""
        import questionary

        changes = differences(plan)
        if changes:
            say("\nWhat changes in files that are there:\n\n" + changes)
        say("\n" + self.summary(plan) + "\n")
        prompt = questionary.select(
            "Go on?",
            choices=[
                questionary.Choice("Go on", "go"),
                questionary.Choice("Stop; nothing has been written", "stop"),
            ],
            output=output(),
        )
        return bool(prompt.unsafe_ask() == "go")

    def summary(self, plan: FirstRunPlan) -> str:
        """The plan as text, as wide as the terminal."""
        return summary(plan, width=_width())

    def differences(self, plan: FirstRunPlan) -> str:
        """What changes in files that are there already; empty if nothing does."""
        return differences(plan)


def _ask_directory(start: Path) -> Path:
    import questionary

    from devkit.scaffold.adopt import detect

    def place(text: str) -> Path:
        return (start / Path(text.strip() or ".").expanduser()).resolve()

    def problem(text: str) -> bool | str:
        try:
            directory = place(text)
            return directory_problem(directory, detect(directory)) or True
        except (OSError, RuntimeError, ValueError) as error:
            return f"cannot be used: {getattr(error, 'strerror', None) or error}"

    default = suggested_directory(start, detect(start))
    prompt = questionary.text(
        "Directory (new or with a Laravel app)", default=default, validate=problem, output=output()
    )
    return place(_one(prompt))


def _ask_question(question: Question) -> list[str]:
    if question.kind == "one":
        return [select(question.text, [(one.title, one.value) for one in question.options], question.default[0])]
    import questionary

    choices = [
        questionary.Choice(one.title, one.value, checked=one.value in question.default) for one in question.options
    ]
    hint = "(space chooses, enter goes on)"
    return list(questionary.checkbox(question.text, choices=choices, instruction=hint, output=output()).unsafe_ask())


def _one(prompt: Prompt) -> str:
    return str(prompt.unsafe_ask())


def _say_left_out(question: Question) -> None:
    for why in dict.fromkeys(question.left_out.values()):
        names = ", ".join(title for title, reason in question.left_out.items() if reason == why)
        say(f"Not offered: {names} ({why})")


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return 80

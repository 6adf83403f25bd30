"""The wizard: asks at a terminal, and does nothing else. Prompts go to stderr; stdout is for results."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from devkit.setup.answers import Answers
from devkit.setup.first_run import FirstRunPlan
from devkit.wizard.questions import (
    Question,
    answered,
    directory_problem,
    questions,
    suggested_directory,
)
from devkit.wizard.secrets import SecretsQuestions, stderr_output
from devkit.wizard.summary import differences, summary

if TYPE_CHECKING:
    from questionary import Question as Prompt


class TerminalWizard:
    """Questions, consents and the summary. Ctrl-C at any of them raises KeyboardInterrupt."""

    def ask(self, answers: Answers, *, directory_given: bool) -> Answers:
        """Ask what the flags left open: where, database, cache and queue, extras, secrets."""
        from devkit.engine.images.registry import packagist_answers, registry_in_reach
        from devkit.scaffold.adopt import detect
        from devkit.setup.offers import unavailable

        if not directory_given:
            answers = replace(answers, directory=_ask_directory(answers.directory))
        existing = detect(answers.directory)
        if existing.kind == "other" or (answers.directory / "devkit.toml").is_file():
            return answers  # the plan refuses the first; the second has its answers in devkit.toml
        kind = "adopting the Laravel app" if existing.kind == "laravel" else "a new Laravel app"
        _say(f"{kind} in {answers.directory}")
        missing = unavailable(
            answers.images,
            existing.packages,
            registry_answers=registry_in_reach,
            packagist_answers=packagist_answers,
        )
        for question in questions(answers, existing, missing):
            _say_left_out(question)
            answers = answered(answers, question.key, _ask_question(question))
        return SecretsQuestions(_say, stderr_output).ask(answers)

    def consent(self, question: str, detail: str) -> bool:
        """Ask for one consent; no is the default."""
        import questionary

        if detail:
            _say(detail)
        return bool(questionary.confirm(question, default=False, output=stderr_output()).unsafe_ask())

    def confirm(self, plan: FirstRunPlan) -> bool:
        """Show what changes in files that are there, then the summary, and ask to go on."""
        import questionary

        changes = differences(plan)
        if changes:
            _say("\nWhat changes in files that are there:\n\n" + changes)
        _say("\n" + self.summary(plan) + "\n")
        prompt = questionary.select(
            "Go on?",
            choices=[
                questionary.Choice("Go on", "go"),
                questionary.Choice("Stop; nothing has been written", "stop"),
            ],
            output=stderr_output(),
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
        "Directory (new or with a Laravel app)", default=default, validate=problem, output=stderr_output()
    )
    return place(_one(prompt))


def _ask_question(question: Question) -> list[str]:
    import questionary

    def choices() -> list[Any]:
        several = question.kind == "several"
        return [
            questionary.Choice(option.title, option.value, checked=several and option.value in question.default)
            for option in question.options
        ]

    if question.kind == "several":
        hint = "(space chooses, enter goes on)"
        prompt = questionary.checkbox(question.text, choices=choices(), instruction=hint, output=stderr_output())
        return list(prompt.unsafe_ask())
    prompt = questionary.select(question.text, choices=choices(), default=question.default[0], output=stderr_output())
    return [_one(prompt)]


def _one(prompt: Prompt) -> str:
    return str(prompt.unsafe_ask())


def _say_left_out(question: Question) -> None:
    for why in dict.fromkeys(question.left_out.values()):
        names = ", ".join(title for title, reason in question.left_out.items() if reason == why)
        _say(f"Not offered: {names} ({why})")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _width() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return 80

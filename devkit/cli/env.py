"""`devkit env ACTION`: .env from Doppler and back, what differs, and what the application misses."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devkit.cli.arguments import CommandParser
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json, table
from devkit.project.errors import FailedError, SecretsError, UsageError
from devkit.project.paths import ProjectPaths, find_project
from devkit.project.settings import Settings
from devkit.project.settings_file import read_settings

if TYPE_CHECKING:
    from devkit.secrets.doppler.access import Access
    from devkit.secrets.drift import Drift
    from devkit.setup.environment_sync import Pull

_EPILOG = """\
actions:
  pull          take over what Doppler has; names that only .env has stay
  diff          what a pull would change, by names; against .env.example where secrets are local
  push NAME...  give values of .env to Doppler (asks first)
  show NAME     print one value of .env (asks first)
  check         names that .env.example has, or config/ reads without a default, and .env lacks
  watch         pull on each change at Doppler, and restart the workers, until Ctrl-C
  run -- CMD    run a command on this machine with the secrets in its environment; nothing is written

Doppler is the source where devkit.toml says so ([secrets] source = "doppler"), or where DOPPLER_TOKEN is set and a
project and a config are named: by [secrets], by DOPPLER_PROJECT and DOPPLER_CONFIG, or by a service token itself.
The token is DOPPLER_TOKEN, the one that the wizard kept in the keyring, or the login of Doppler's own CLI.
Values are shown by `show` alone. A pull that fails leaves .env as it is; the former one stays in .env.previous.

with --json:
  pull   {"source", "project", "config", "written", "added": [], "changed": [], "removed": [], "local_only": [],
         "kept": [], "restricted": [], "warnings": []}; watch prints one such line for each pull
  diff   {"source", "project", "config", "age_seconds", "added": [], ... as pull}
  push   {"project", "config", "added": [], "changed": [], "same": [], "read_otherwise": []}
  show   {"name", "value"}
  check  {"missing": [{"name", "read_by": [], "has_default", "in_example"}]}"""


@dataclass(frozen=True)
class _Call:
    """One call: who asks, for which project, with which words."""

    context: Context
    paths: ProjectPaths
    settings: Settings
    said: Narrator
    words: tuple[str, ...]
    config: str
    exit_code: bool

    def access(self) -> Access:
        """How Doppler is asked; SecretsError where secrets are local."""
        found = self.access_if_any()
        if found is None:
            raise SecretsError(
                "the secrets of this project are local: Doppler is not its source",
                "export DOPPLER_TOKEN, DOPPLER_PROJECT and DOPPLER_CONFIG, or devkit config set secrets.source doppler",
            )
        return found

    def asking(self) -> None:
        """Say at a terminal what is waited for."""
        if self.said.terminal:
            self.said.progress("asking Doppler")

    def access_if_any(self) -> Access | None:
        """The same; None where secrets are local."""
        from devkit.setup.doppler_source import doppler_access

        return doppler_access(self.paths, self.settings.secrets, os.environ, config=self.config)


@dataclass(frozen=True)
class _Action:
    run: Callable[[_Call], int]
    least: int = 0
    most: int | None = 0
    takes: str = ""
    takes_config: bool = False


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command."""
    arguments, command = _split(arguments)
    parser = CommandParser("env", epilog=_EPILOG)
    parser.add_argument("action", choices=tuple(_ACTIONS), metavar="ACTION", help=" ".join(_ACTIONS))
    parser.add_argument("words", nargs="*", metavar="NAME", help="names of .env")
    parser.add_argument("--config", metavar="NAME", default="", help="another config, for diff, push and run")
    parser.add_argument("--exit-code", action="store_true", help="with diff: exit 1 where a pull would change .env")
    context, options = parser.read(context, arguments)
    action = _ACTIONS[options.action]
    words = (*options.words, *command)
    if len(words) < action.least or (action.most is not None and len(words) > action.most):
        raise UsageError(
            f"devkit env {options.action} was given {len(words)} words",
            f"it takes: devkit env {options.action} {action.takes}".rstrip(),
        )
    if options.config and not action.takes_config:
        raise UsageError(f"--config is not for devkit env {options.action}", "it is for diff, push and run")
    if options.exit_code and options.action != "diff":
        raise UsageError(f"--exit-code is not for devkit env {options.action}", "it is for diff")
    paths = find_project(context.directory)
    said = narrator(context)
    call = _Call(context, paths, read_settings(paths.settings), said, words, options.config, options.exit_code)
    try:
        return action.run(call)
    finally:
        said.clear()


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], tuple[str, ...]]:
    """What belongs to devkit, and the command behind `run`: from `--` on, or from its first word that is no flag."""
    action = _behind_flags(arguments, 0)
    if list(arguments[action : action + 1]) != ["run"]:
        return arguments, ()
    at = _behind_flags(arguments, action + 1)
    behind = at + 1 if at < len(arguments) and arguments[at] == "--" else at
    return arguments[:at], tuple(arguments[behind:])


def _behind_flags(arguments: Sequence[str], at: int) -> int:
    """The place of the first word from `at` on that is neither a flag nor a flag's value."""
    while at < len(arguments) and arguments[at].startswith("-") and arguments[at] != "--":
        at += 2 if arguments[at] in ("--config", "--project") else 1
    return at


def _pull(call: _Call) -> int:
    from devkit.setup.doppler_source import fetched

    access = call.access()
    call.asking()
    found = fetched(call.paths, access, meanwhile=_load_pull)
    from devkit.setup.environment_sync import pull

    done = pull(call.paths, call.settings, found, call.said.warning)
    _tell_pull(call, done)
    if done.written and (call.settings.hooks.get("after-pull") or _was_started(call.paths)):
        _take_up(call)
    return ExitStatus.DONE


def _load_pull() -> None:
    """What a pull is done with, loaded while Doppler answers: it takes about as long."""
    import devkit.setup.environment_sync  # noqa: F401


def _take_up(call: _Call) -> None:
    from devkit.setup.environment_taken_up import after_pull

    taken = after_pull(call.paths, call.settings, time.time(), call.said.progress)
    if taken is not None:
        call.said.mark("failed" if taken.failed else "done", f"{taken.outcome} ({taken.seconds:.2f} s)")


def _was_started(paths: ProjectPaths) -> bool:
    """Whether there may be containers: where nothing was ever started, no engine need be asked."""
    return (paths.state / "started.json").exists()


def _tell_pull(call: _Call, done: Pull) -> None:
    for warning in done.warnings:
        call.said.warning(warning)
    where = f"{done.project}/{done.config}"
    changes = [
        f"{len(names)} {word}"
        for names, word in (
            (done.drift.added, "added"),
            (done.drift.changed, "changed"),
            (done.drift.removed, "removed"),
        )
        if names
    ]
    if changes:
        call.said.mark("done", f".env from {where}: {', '.join(changes)}; the former one is .env.previous")
    else:
        call.said.mark("done", f".env has what {where} has")
    if call.context.json:
        print_json(done.to_json())


def _diff(call: _Call) -> int:
    from devkit.setup.pulled import age_of

    access = call.access_if_any()
    source = {"source": "local", "project": "", "config": ""}
    if access is None:
        from devkit.setup.environment_local import difference_from_example

        if call.config:
            call.access()
        drift = difference_from_example(call.paths)
    else:
        from devkit.setup.doppler_source import fetched
        from devkit.setup.environment_sync import difference

        call.asking()
        found = fetched(call.paths, access)
        drift = difference(call.paths, call.settings, found)
        source = {"source": "doppler", "project": found.project, "config": found.config}
    call.said.clear()
    if call.context.json:
        print_json({**source, "age_seconds": age_of(call.paths), **drift.to_json()})
    else:
        _print_drift(call, drift, f"{source['project']}/{source['config']}" if access else ".env.example")
    return ExitStatus.FAILED if call.exit_code and not drift.is_none else ExitStatus.DONE


def _print_drift(call: _Call, drift: Drift, where: str) -> None:
    rows = [
        (f"{mark} {name}", what)
        for names, mark, what in (
            (drift.added, "+", f"in {where}, not in .env"),
            (drift.changed, "~", "another value there"),
            (drift.removed, "-", "no longer there"),
            (drift.kept, "=", "another value there; this machine's stack sets it"),
            (drift.restricted, "?", "there, and not to be read"),
            (drift.local_only, " ", "only in .env"),
        )
        for name in names
    ]
    if rows:
        print(table(rows))
    if drift.is_none:
        call.said.say(f"nothing that {where} has is missing or different in .env")


def _push(call: _Call) -> int:
    from devkit.setup.environment_push import plan_push, push

    access = call.access()
    plan = plan_push(call.paths, access, call.words)
    where = f"{plan.project}/{plan.config}"
    misread: tuple[str, ...] = ()
    if not plan.is_one:
        call.said.mark("skipped", f"{where} has the same values")
    else:
        parts = [
            f"{word} {', '.join(names)}" for names, word in ((plan.added, "add"), (plan.changed, "overwrite")) if names
        ]
        if not agree(call.context, f"{' and '.join(parts)} in {where} at Doppler?"):
            raise FailedError("nothing was written to Doppler", "run it again when ready")
        misread = push(access, plan)
        call.said.mark("done", f"{where}: {len(plan.added)} added, {len(plan.changed)} changed")
    for name in misread:
        call.said.warning(f"{name}: Doppler reads a reference to another secret in it, and so another value")
    if call.context.json:
        print_json({**plan.to_json(), "read_otherwise": list(misread)})
    return ExitStatus.DONE


def _show(call: _Call) -> int:
    from devkit.project.env_file import resolve_env

    (name,) = call.words
    values = resolve_env(call.paths.env)
    if name not in values:
        raise UsageError(f".env has no {name}", "devkit env diff lists what there is")
    if not agree(call.context, f"Show the value of {name} here?"):
        raise FailedError("nothing was shown", "run it again when nobody looks on")
    if call.context.json:
        print_json({"name": name, "value": values[name]})
    else:
        print(values[name])
    return ExitStatus.DONE


def _check(call: _Call) -> int:
    from devkit.laravel.env_names import missing_names
    from devkit.project.env_file import read_with_commented

    known = {name for names in read_with_commented(call.paths.env) for name in names}  # commented out: not wanted
    found = missing_names(call.paths.root, known)
    missing = [one for one in found if one.in_example or not one.has_default]
    if call.context.json:
        print_json({"missing": [{**vars(one), "read_by": list(one.read_by)} for one in missing]})
    elif missing:
        print(table([(one.name, ", ".join(one.read_by) or ".env.example") for one in missing]))
    required = [one for one in missing if one.in_example]
    if not missing:
        call.said.mark("done", ".env has every name that .env.example has, and that config/ reads without a default")
    elif required:
        call.said.mark("failed", f"{len(required)} of .env.example are missing in .env")
    return ExitStatus.FAILED if required else ExitStatus.DONE


def _watch(call: _Call) -> int:
    from devkit.secrets.doppler.watch import changes
    from devkit.setup.environment_watch import Told, watch

    access = call.access()
    told = Told(
        lambda done: _tell_pull(call, done),
        call.said.progress,
        lambda text, failed: call.said.mark("failed" if failed else "done", text),
        call.said.warning,
    )
    call.said.say("following Doppler; Ctrl-C ends")
    with changes(access) as following:
        watch(call.paths, access, following, told)
    return ExitStatus.DONE


def _run(call: _Call) -> int:
    from devkit.setup.environment_run import environment_with, local_secrets

    access = call.access_if_any()
    if access is None:
        if call.config:
            call.access()
        secrets: Mapping[str, str] = local_secrets(call.paths)
    else:
        from devkit.setup.doppler_source import fetched

        secrets = fetched(call.paths, access).values
    environment = environment_with(os.environ, secrets)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and the command would inherit that
    try:
        os.execvpe(call.words[0], call.words, environment)  # becomes it: signals, terminal and exit status are its own
    except FileNotFoundError:
        print(f"devkit: {call.words[0]}: not found", file=sys.stderr)
        return ExitStatus.NOT_FOUND
    except PermissionError:
        print(f"devkit: {call.words[0]}: cannot be executed", file=sys.stderr)
        return ExitStatus.NOT_EXECUTABLE


_ACTIONS: Mapping[str, _Action] = {
    "pull": _Action(_pull),
    "diff": _Action(_diff, takes_config=True),
    "push": _Action(_push, least=1, most=None, takes="NAME...", takes_config=True),
    "show": _Action(_show, least=1, most=1, takes="NAME"),
    "check": _Action(_check),
    "watch": _Action(_watch),
    "run": _Action(_run, least=1, most=None, takes="-- CMD...", takes_config=True),
}

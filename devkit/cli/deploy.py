"""`devkit deploy`: a release to a Kubernetes cluster, how it is there, the way back, its logs, and a rehearsal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from devkit.cli.arguments import CommandParser, positive
from devkit.cli.consent import agree
from devkit.cli.context import Context
from devkit.cli.exit_status import ExitStatus
from devkit.cli.narration import Narrator, narrator
from devkit.cli.output import print_json
from devkit.project.errors import UsageError

if TYPE_CHECKING:
    from devkit.delivery.cluster.deploy import Target
    from devkit.delivery.cluster.rollout import Patience
    from devkit.project.paths import ProjectPaths

_EPILOG = """\
actions:
  ENVIRONMENT            show the difference, check it with the server, migrate, roll out, go back where that fails
  status ENVIRONMENT     image, revision, pods with what keeps them, migration, HPA
  history ENVIRONMENT    the revisions that can be gone back to
  rollback ENVIRONMENT   back to the one before, or to REVISION; migrations are not undone
  logs ENVIRONMENT       what all pods of the release write
  local                  a rehearsal on a cluster of this machine: no registry, and a load that counts what fails

Environments are the directories below kubernetes/overlays. The cluster is that of kubectl's current context, of
[deploy.contexts] in devkit.toml, or of --context. A release to production, or to a context that is called so, asks.

with --json:
  deploy, status, rollback  {"environment", "image", "revision", "status", "pods": [{"name", "ready", "reason"}]}
  history                   {"environment", "revisions": [{"revision", "image", "time", "by", "cause"}]}
  logs                      {"pod", "line"}, one a line
  local                     as deploy, and {"cluster", "load": {"requests", "failed", "p50_ms", "p99_ms", ...}}"""

_AGE = re.compile(r"(\d{1,6})([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_COMMON = ("context",)


@dataclass(frozen=True)
class _Action:
    run: Callable[[_Call], int]
    flags: tuple[str, ...] = ()
    least: int = 1
    most: int = 1


@dataclass(frozen=True)
class _Call:
    context: Context
    said: Narrator
    words: tuple[str, ...]
    options: Any

    @property
    def patience(self) -> Patience:
        """How long a rollout may take."""
        from devkit.delivery.cluster.rollout import Patience

        return Patience() if self.options.timeout is None else Patience(_age("--timeout", self.options.timeout))

    def target(
        self, given: str | None = None, *, exact: bool = False, quiet: bool = False
    ) -> tuple[ProjectPaths, Target]:
        """The environment on its cluster; with `exact` the image has to be one that can be released."""
        from devkit.delivery.cluster.deploy import find_target
        from devkit.delivery.cluster.overlays import read_overlay
        from devkit.delivery.cluster.told import Nobody
        from devkit.engine.belongings import image_repository
        from devkit.project.paths import find_project
        from devkit.project.settings_file import read_settings

        paths = find_project(self.context.directory)
        settings = read_settings(paths.settings)
        environment = self.words[0]
        overlay = read_overlay(paths.root, environment, image_repository(settings.name))
        image = overlay.image(given) if exact else overlay.any_image
        wanted = self.options.context or settings.deploy.contexts.get(environment, "")
        return paths, find_target(overlay, image, wanted, Nobody() if quiet else self.said)

    def confirm(self, target: Target) -> Callable[[str], bool]:
        """Asks where it looks like production."""
        return (lambda question: agree(self.context, question)) if target.is_production else lambda _question: True


def run(context: Context, arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = CommandParser("deploy", epilog=_EPILOG)
    parser.add_argument("words", nargs="+", metavar="ENVIRONMENT", help="an environment, or an action and one")
    parser.add_argument(
        "--image", metavar="DIGEST", help="sha256:… of the overlay's repository, or REPOSITORY@sha256:…"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the difference and the server's check only")
    parser.add_argument("--context", metavar="NAME", help="kubectl's context (default: the current one)")
    parser.add_argument("--timeout", metavar="AGE", help="how long a rollout may take (default: 5m)")
    parser.add_argument("--follow", "-f", action="store_true", help="go on with what comes")
    parser.add_argument("--since", metavar="WHEN", help="a time (14:30, 2026-01-31T10:00:00) or an age (10m, 2h, 1d)")
    parser.add_argument("--tail", "-n", type=positive, metavar="N", help="the last N lines of each pod")
    parser.add_argument("--grep", metavar="REGEX", help="lines that match")
    parser.add_argument("--requests", type=positive, metavar="N", help="at least so many requests of the load")
    parser.add_argument("--duration", metavar="AGE", help="at least so long under load, such as 30s")
    parser.add_argument("--down", action="store_true", help="remove the rehearsal")
    context, options = parser.read(context, arguments)
    word, *words = options.words
    name, given = (word, words) if word in _ACTIONS else ("deploy", options.words)
    action = _ACTIONS[name]
    _check(name, action, given, options)
    said = narrator(context)
    try:
        return action.run(_Call(context, said, tuple(given), options))
    finally:
        said.clear()


def _check(name: str, action: _Action, words: Sequence[str], options: Any) -> None:
    """UsageError for words and flags that the action does not take."""
    shown = "devkit deploy" if name == "deploy" else f"devkit deploy {name}"
    if not action.least <= len(words) <= action.most:
        wants = "no environment" if action.most == 0 else "an environment"
        raise UsageError(f"{shown} takes {wants}, and was given {' '.join(words) or 'none'}", "devkit help deploy")
    for flag, value in vars(options).items():
        if flag != "words" and value not in (None, False) and flag not in (*_COMMON, *action.flags):
            raise UsageError(f"--{flag.replace('_', '-')} is not for {shown}", "devkit help deploy")


def _deploy(call: _Call) -> int:
    from devkit.cli.deploy_text import difference_lines, say_result
    from devkit.delivery.cluster.deploy import Deployed, deploy, plan_deploy, without_others_namespace

    paths, target = call.target(call.options.image, exact=True)
    target = without_others_namespace(target)
    plan = plan_deploy(target)
    for line in difference_lines(plan.differences):
        call.said.say(line)
    for warning in plan.warnings:
        call.said.warning(f"the server warns: {warning}")
    call.said.mark("done", "the server accepts it")
    if call.options.dry_run:
        image = target.release.image.reference
        done = Deployed(target.overlay.environment, image, 0, "planned")
    else:
        done = deploy(paths, target, plan, call.said, call.patience, call.confirm(target))
    say_result(call.said, done)
    if call.context.json:
        print_json(done.to_json())
    return ExitStatus.DONE


def _status(call: _Call) -> int:
    from devkit.cli.deploy_text import status_text
    from devkit.delivery.cluster.status import release_status

    _, target = call.target(quiet=True)
    status = release_status(target)
    if call.context.json:
        print_json(status.to_json())
    else:
        print(status_text(status))
    return ExitStatus.DONE


def _history(call: _Call) -> int:
    from devkit.cli.deploy_text import history_text
    from devkit.delivery.cluster.revisions import history

    _, target = call.target(quiet=True)
    found = history(target)
    if call.context.json:
        print_json({"environment": target.overlay.environment, "revisions": [one.to_json() for one in found]})
    else:
        print(history_text(found))
    return ExitStatus.DONE


def _rollback(call: _Call) -> int:
    from devkit.cli.deploy_text import say_result
    from devkit.delivery.cluster.revisions import rollback

    number = None
    if len(call.words) > 1:
        if not call.words[1].isascii() or not call.words[1].isdigit():
            raise UsageError(f"{call.words[1]} is no revision", f"devkit deploy history {call.words[0]}")
        number = int(call.words[1])
    paths, target = call.target()
    done = rollback(paths, target, number, call.said, call.patience, call.confirm(target))
    say_result(call.said, done)
    if call.context.json:
        print_json(done.to_json())
    return ExitStatus.DONE


def _logs(call: _Call) -> int:
    import json
    from datetime import UTC, datetime

    from devkit.cli.deploy_text import log_printer
    from devkit.delivery.cluster.release_logs import LogsWanted, release_logs
    from devkit.logs.select import moment, selection

    since = call.options.since
    wanted = LogsWanted(
        since=moment(since, datetime.now(UTC), "--since") if since else None,
        tail=call.options.tail,
        pattern=selection(grep=call.options.grep).pattern,
        follow=call.options.follow,
    )
    _, target = call.target(quiet=True)

    def as_json(pod: str, line: str) -> None:
        print(json.dumps({"pod": pod, "line": line}), flush=True)

    release_logs(target, wanted, as_json if call.context.json else log_printer())
    return ExitStatus.DONE


def _local(call: _Call) -> int:
    from devkit.cli.build_view import BuildView
    from devkit.cli.deploy_text import say_load, say_result
    from devkit.delivery.cluster.load import LoadOptions
    from devkit.setup.project import open_project
    from devkit.setup.rehearsal import end_rehearsal, rehearse

    project = open_project(call.context.directory)
    wanted = call.options.context or project.settings.deploy.contexts.get("rehearsal", "")
    if call.options.down:
        name = end_rehearsal(project, wanted, call.said, lambda question: agree(call.context, question))
        call.said.mark("done" if name else "skipped", f"{name} is gone" if name else "there is no rehearsal")
        if call.context.json:
            print_json({"namespace": name or None})
        return ExitStatus.DONE
    seconds = _age("--duration", call.options.duration) if call.options.duration else 0.0
    options = LoadOptions(requests=call.options.requests or 0, seconds=seconds)
    with BuildView(call.said) as view:
        done = rehearse(project, wanted, options, call.patience, call.said, view.on_event)
    say_result(call.said, done.deployed)
    say_load(call.said, done.load)
    if call.context.json:
        print_json(done.to_json())
    return ExitStatus.FAILED if done.load.failed else ExitStatus.DONE


def _age(flag: str, text: str) -> float:
    match = _AGE.fullmatch(text)
    if match is None:
        raise UsageError(f"{flag} {text}: no time", "such as 90s, 10m or 1h")
    return float(int(match[1]) * _SECONDS[match[2]])


_ACTIONS = {
    "deploy": _Action(_deploy, ("image", "dry_run", "timeout")),
    "status": _Action(_status),
    "history": _Action(_history),
    "rollback": _Action(_rollback, ("timeout",), most=2),
    "logs": _Action(_logs, ("follow", "since", "tail", "grep")),
    "local": _Action(_local, ("requests", "duration", "down", "timeout"), least=0, most=0),
}

"""The migration's Job of a release: run to its end, with what it said where it fails."""

from __future__ import annotations

from devkit.delivery.cluster.kubectl import Kubectl, as_list
from devkit.delivery.cluster.objects import Release, name_of
from devkit.delivery.cluster.pods import Trouble
from devkit.delivery.cluster.rollout import Patience, Rollout, await_workloads, why_not
from devkit.delivery.cluster.told import Told
from devkit.project.errors import FailedError
from devkit.secrets.masking import Masker

_LOG_LINES = 30


def migrate(inside: Kubectl, release: Release, told: Told, patience: Patience, serves: str) -> None:
    """Run the Jobs of a release; FailedError, with a failed one's last lines, before anything else is released.

    A Job of the same name is an earlier attempt's with the same image, and makes room. `serves` says what serves now.
    """
    jobs = release.part("migration")
    if not jobs:
        return
    names = [name_of(one) for one in jobs]
    inside.run("delete", "--ignore-not-found", "--wait", "--filename", "-", input=as_list(jobs))
    inside.apply(jobs)
    told.mark("start", f"{', '.join(names)}")
    rollout = await_workloads(inside, "Job", names, told, patience)
    if not rollout.is_done:
        raise _failed(inside, names, rollout, serves)
    told.mark("done", f"{', '.join(names)} complete")


def _failed(inside: Kubectl, names: list[str], rollout: Rollout, serves: str) -> FailedError:
    said = Masker(()).text(job_log(inside, names[0], _LOG_LINES))
    stuck = next((trouble for _, trouble in rollout.troubles if _never_ran(trouble)), None)
    why = stuck.text if stuck else _last(said) or rollout.why
    if not rollout.has_failed and not stuck:
        return FailedError(
            f"the migration has not ended ({rollout.why}), and goes on; nothing else was released, and {serves}",
            f"kubectl --namespace {inside.namespace} logs --follow job/{names[0]}; --timeout 30m waits longer",
            detail=said,
        )
    if not stuck:
        return FailedError(
            f"the migration failed: {why}; nothing else was released, and {serves}",
            f"kubectl --namespace {inside.namespace} logs job/{names[0]}",
            detail=said or rollout.why,
        )
    # One that waits would migrate behind everybody's back as soon as it can.
    inside.run("delete", "job", *names, "--ignore-not-found", "--wait=false")
    return FailedError(
        f"the migration cannot start: {why}; nothing else was released, and {serves}",
        "mend what it needs, then deploy again",
        detail="\n".join(why_not(inside, rollout.troubles)),
    )


def job_log(inside: Kubectl, name: str, lines: int) -> str:
    """What a Job's pod said last; an empty text where it never ran."""
    done = inside.attempt("logs", f"job/{name}", "--tail", str(lines))
    return done.out.strip() if done.returncode == 0 else ""


def _never_ran(trouble: Trouble) -> bool:
    return not trouble.container


def _last(said: str) -> str:
    return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "")

"""A project's queues for people: read in its app's container, without the secrets that exceptions may hold."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from devkit.laravel.queues import FailedJob, Queues, Worker, failed_jobs_count, read_queues
from devkit.setup.masked import secrets_masked, secrets_masker
from devkit.setup.project import Project


async def queues(
    project: Project, container: str, workers: Iterable[Worker] = (), former: Queues | None = None
) -> Queues:
    """What the queues hold now, errors and exceptions with `***NAME***` for a secret; `former` saves work.

    FailedError where the application cannot say, EngineError where the engine goes.
    """
    with secrets_masked(project.paths):
        found = await read_queues(project.docker, container, workers, former)
    if former is not None and found.failed is former.failed and not (found.problems or found.failed_problem):
        return found
    return await asyncio.to_thread(_masked, project, found, former)


async def failed_count(project: Project, container: str) -> int:
    """How many jobs of the project have failed. Errors as `queues` has them."""
    with secrets_masked(project.paths):
        return await failed_jobs_count(project.docker, container)


def _masked(project: Project, found: Queues, former: Queues | None) -> Queues:
    masker = secrets_masker(project.paths)
    known = former is not None and found.failed is former.failed

    def job(failed: FailedJob) -> FailedJob:
        return replace(failed, exception=masker.text(failed.exception))

    return replace(
        found,
        failed=found.failed if known else tuple(map(job, found.failed)),
        problems={name: masker.text(text) for name, text in found.problems.items()},
        failed_problem=masker.text(found.failed_problem),
    )

"""Images of the engine brought into a cluster of this machine, by the tool that made it; no registry is asked."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence

from devkit.delivery.cluster.local_clusters import LocalCluster
from devkit.engine.children import close_pipes, end_children
from devkit.engine.docker import Docker, last_line
from devkit.project.errors import CommandError, FailedError

_STOP_SECONDS = 10.0


def load_images(docker: Docker, cluster: LocalCluster, images: Sequence[str]) -> None:
    """Bring images into a cluster; nothing to do where it shares the engine's. CommandError with the tool's words."""
    if cluster.shares_engine or not images:
        return
    if shutil.which(cluster.command[0], path=docker.environment()["PATH"]) is None:
        raise FailedError(
            f"there is no {cluster.command[0]} on the PATH, which brings images into {cluster.tool}",
            "install it, or name another command: devkit config set deploy.load COMMAND",
        )
    if cluster.takes_stream:
        _stream(docker, cluster, images)
    else:
        _call(docker, cluster, images)


def _call(docker: Docker, cluster: LocalCluster, images: Sequence[str]) -> None:
    child = subprocess.Popen(
        [*cluster.command, *images],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=docker.environment(),
        process_group=0,
    )
    try:
        said, _ = child.communicate()
    except BaseException:
        end_children([child], _STOP_SECONDS)
        raise
    finally:
        close_pipes(child)
    _check(cluster, child.returncode, said.decode(errors="replace"))


def _stream(docker: Docker, cluster: LocalCluster, images: Sequence[str]) -> None:
    """`docker save IMAGES | COMMAND`."""
    children: list[subprocess.Popen[bytes]] = []
    try:
        saving = subprocess.Popen(
            [str(docker.binary), "save", *images],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=docker.environment(),
            process_group=0,
        )
        children.append(saving)
        taking = subprocess.Popen(
            cluster.command,
            stdin=saving.stdout,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=docker.environment(),
            process_group=0,
        )
        children.append(taking)
        assert saving.stdout is not None
        saving.stdout.close()  # so that it hears of it where the other one ends first
        said, _ = taking.communicate()
        trouble = saving.stderr.read().decode(errors="replace") if saving.stderr else ""
        saving.wait()
    except BaseException:
        end_children(children, _STOP_SECONDS)
        raise
    finally:
        for child in children:
            close_pipes(child)
    _check(cluster, taking.returncode, said.decode(errors="replace"))
    if saving.returncode != 0:
        raise CommandError(f"docker save failed: {last_line(trouble)}", "docker images", detail=trouble)


def _check(cluster: LocalCluster, status: int, said: str) -> None:
    if status != 0:
        why = last_line(said) or f"status {status}"
        raise CommandError(
            f"{cluster.command[0]} could not take the images into {cluster.tool}: {why}",
            "run it by hand to see why",
            returncode=status,
            detail="\n".join(said.splitlines()[-15:]),
        )

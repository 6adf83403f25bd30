"""A container of the Node image for one command, where the stack runs none: the project is mounted as in `vite`."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from devkit.engine.exec.remembered import Place
from devkit.engine.images.catalogue import base_image
from devkit.engine.images.present import present_images
from devkit.engine.images.provide import provide
from devkit.engine.machine_trust import MachineTrust, proxy_environment, trust_for
from devkit.project.errors import CommandError
from devkit.project.paths import machine_paths, owner_of
from devkit.scaffold.override import CA_BUNDLE, NODE_FILES
from devkit.setup.downloads import kept_downloads
from devkit.setup.project import Project

_INSIDE = "/app"
_HOME = "/tmp"
_TOOLS = "/tmp/node"
"""Where npm installs other package managers: kept, as its downloads are."""
_SECONDS = 20.0


@contextmanager
def node_container(project: Project, on_line: Callable[[str], None]) -> Iterator[Place]:
    """Run one for the while; CommandError where it does not start, and what `provide` raises for the image.

    It reads this process's pipe and ends with it, so nothing stays behind even if devkit is killed.
    """
    image = provide(
        project.docker,
        ["node"],
        node_version=project.settings.node.version,
        paths=machine_paths(),
        on_progress=lambda progress: on_line(str(progress)),
    )[0].pinned
    name = f"{project.settings.name}-node-{secrets.token_hex(4)}"
    command = [str(project.docker.binary), *_arguments(project, _trust(project), name), image]
    with subprocess.Popen(
        [*command, "sh", "-c", "echo ready; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=project.docker.environment(),
        process_group=0,  # Ctrl-C at the terminal is for the command inside
    ) as child:
        assert child.stdin is not None and child.stdout is not None and child.stderr is not None
        try:
            if not child.stdout.readline():
                said = child.stderr.read().decode(errors="replace").strip()
                raise CommandError(f"a container of {image} did not start: {said}", "devkit doctor")
            yield Place(name, [(os.fsencode(project.paths.root), _INSIDE.encode())])
        finally:
            child.stdin.close()
            try:
                child.wait(_SECONDS)
            except subprocess.TimeoutExpired:
                project.docker.run("rm", "--force", name, check=False)


def _arguments(project: Project, trust: MachineTrust, name: str) -> list[str]:
    root = project.paths.root
    uid, gid = owner_of(root)
    # The host's network: a proxy on 127.0.0.1 is reached, and a dev server's port without publishing it.
    arguments = ["run", "--interactive", "--rm", "--init", "--name", name, "--network", "host", "--entrypoint", ""]
    arguments += ["--user", f"{uid}:{gid}", "--workdir", _INSIDE, "--volume", f"{root}:{_INSIDE}"]
    for kept, inside in (("npm", f"{_HOME}/.npm"), ("node-tools", _TOOLS)):
        arguments += ["--volume", f"{kept_downloads(machine_paths(), kept, uid, gid)}:{inside}"]
    for secret, inside in NODE_FILES.items():
        if secret in trust.secrets:
            arguments += ["--volume", f"{trust.secrets[secret]}:{inside}:ro"]
    given = [f"HOME={_HOME}", *([f"NODE_EXTRA_CA_CERTS={CA_BUNDLE}"] if trust.ca is not None else [])]
    # Without a value docker takes the variable from its own environment: nothing secret in arguments.
    for variable in (*given, *proxy_environment(), *trust.npm_variables):
        arguments += ["--env", variable]
    return arguments


def _trust(project: Project) -> MachineTrust:
    """What the project is given of this machine, for the release that its application's image is of."""
    base = base_image("frankenphp", php_version=project.settings.php.version).reference
    found = present_images(project.docker, [base]).get(base)
    stand_in = found is not None and found.is_stand_in
    return trust_for(project.paths.root, machine_paths(), suites="forky" if stand_in else "trixie")

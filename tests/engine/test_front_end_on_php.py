"""A front end whose build calls `php artisan`: its stage has PHP and Node, from whichever image Node comes."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import base_image
from devkit.engine.machine_trust import build_secrets
from devkit.project.settings import Settings
from devkit.scaffold.context import RenderContext
from devkit.scaffold.render import render

pytestmark = pytest.mark.engine

FRANKENPHP, NODE = base_image("frankenphp").reference, base_image("node").reference
OFFICIAL = f"""\
FROM {FRANKENPHP} AS node
RUN mkdir -p /usr/local/lib/node_modules/npm/bin \\
    && for name in node npm; do printf '#!/bin/sh\\necho v24.0.0\\n' > /usr/local/bin/$name; done \\
    && chmod 0755 /usr/local/bin/node && mv /usr/local/bin/npm /usr/local/lib/node_modules/npm/bin/npm \\
    && chmod 0755 /usr/local/lib/node_modules/npm/bin/npm \\
    && ln -s ../lib/node_modules/npm/bin/npm /usr/local/bin/npm
"""
"""Laid out as the official image is, without Node itself."""


@pytest.mark.parametrize("layout", ["as it is here", "as the official image has it"])
def test_the_stage_has_php_and_node(docker: Docker, tmp_path: Path, layout: str) -> None:
    context = RenderContext({"frankenphp": FRANKENPHP, "node": NODE}, frontend_php=True)
    text = render(Settings("x"), context)["Dockerfile"].text
    start, end = text.index("FROM ${NODE_IMAGE} AS node"), text.index("# Package files first")
    node = text[start:end]
    if layout != "as it is here":
        node = node.replace("FROM ${NODE_IMAGE} AS node\n", OFFICIAL)
    (tmp_path / "Dockerfile").write_text(
        f"ARG NODE_IMAGE={NODE}\nFROM {FRANKENPHP} AS base-runtime\n{node}"
        "RUN php --version > /versions && node --version >> /versions && npm --version >> /versions\n"
        "FROM scratch\nCOPY --from=frontend-build /versions /\n"
    )
    with build_secrets() as given:
        options = [word for secret in given for word in ("--secret", secret.option)]
        out = f"--output=type=local,dest={tmp_path}/out-{secrets.token_hex(4)}"
        docker.run("buildx", "build", "--progress=plain", out, *options, ".", cwd=tmp_path)
    (versions,) = tmp_path.glob("out-*/versions")
    lines = versions.read_text().splitlines()
    assert lines[0].startswith("PHP 8.4") and lines[-2].startswith("v24.") and lines[-1]

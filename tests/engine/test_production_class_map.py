"""The production image's autoloader: what Composer makes with all of vendor/ in place, and nothing left behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from devkit.engine.docker import Docker
from devkit.engine.images.catalogue import base_image
from devkit.engine.machine_trust import build_secrets
from devkit.project.settings import Settings
from devkit.scaffold.context import RenderContext
from devkit.scaffold.render import render

pytestmark = pytest.mark.engine

BASES = {key: base_image(key).reference for key in ("frankenphp", "node", "mysql")}

NPM = f"""\
FROM {BASES["frankenphp"]} AS node
RUN mkdir -p /usr/local/lib/node_modules && printf '#!/bin/sh\\n[ "$1" != run ] || exec php artisan assets\\n' > /npm \\
    && mv /npm /usr/local/bin/npm && chmod 0755 /usr/local/bin/npm
"""
"""Laid out as the official image is; its npm calls artisan, as Wayfinder's build does."""

COMPARED = """
FROM dependencies AS whole
COPY . .
RUN cp -a /packages/. vendor/ && composer dump-autoload --no-dev --no-scripts --optimize
FROM app AS seen
USER 0:0
RUN php artisan classes > /classes && ls -A / /tmp /root /config /app > /seen
FROM scratch AS compared
COPY --from=whole /app/vendor/autoload.php /app/vendor/composer/*.php /whole/
COPY --from=app /app/vendor/autoload.php /app/vendor/composer/*.php /app/
COPY --from=app /app/public/build /build
COPY --from=seen /classes /seen /
"""

FILES = {
    "composer.json": json.dumps(
        {
            "name": "acme/shop",
            "require": {"acme/tools": "*"},
            "repositories": [{"type": "path", "url": "packages/tools"}, {"packagist.org": False}],
            "autoload": {"psr-4": {"App\\": "app/"}, "classmap": ["legacy"], "files": ["app/helpers.php"]},
            "autoload-dev": {"psr-4": {"Tests\\": "tests/"}},
            "config": {"autoloader-suffix": "OfTheTest"},
            "scripts": {"post-autoload-dump": "touch /ran"},
        }
    ),
    "packages/tools/composer.json": json.dumps(
        {
            "name": "acme/tools",
            "version": "1.0.0",
            "autoload": {"psr-4": {"Acme\\": "src/"}, "classmap": ["more"], "files": ["functions.php"]},
        }
    ),
    "packages/tools/src/Mark.php": "<?php namespace Acme; class Mark {}",
    "packages/tools/more/Unnamed.php": "<?php class Tools_Unnamed {}",
    "packages/tools/functions.php": "<?php function of_tools() {}",
    "app/Models/User.php": "<?php namespace App\\Models; class User {}",
    "app/helpers.php": "<?php function of_app() {}",
    "legacy/old.php": "<?php class Old_Thing {}",
    "tests/UserTest.php": "<?php namespace Tests; class UserTest {}",
    "resources/views/page.blade.php": "",
    "package.json": "{}",
    "artisan": r"""<?php
require __DIR__.'/vendor/autoload.php';
$classes = ['App\Models\User', 'Acme\Mark', 'Tools_Unnamed', 'Old_Thing', 'Tests\UserTest'];
$there = [...array_filter($classes, class_exists(...)), ...array_filter(['of_app', 'of_tools'], function_exists(...))];
if ($argv[1] === 'classes') {
    echo implode("\n", $there);
} elseif ($argv[1] === 'assets') {
    file_put_contents(__DIR__.'/public/build/assets', implode("\n", $there));
}
""",
}


@pytest.mark.parametrize("frontend_php", [False, True])
def test_a_production_image_has_the_class_map_of_all_of_vendor(
    docker: Docker, tmp_path: Path, frontend_php: bool
) -> None:
    context = RenderContext(BASES, composer_paths=("packages/tools",), frontend_php=frontend_php)
    rendered = {path: file.text for path, file in render(Settings("x", "mysql"), context).items()}
    dockerfile = rendered["Dockerfile"].replace("FROM ${NODE_IMAGE} AS node\n", NPM)
    if not frontend_php:
        rendered["package.json"] = json.dumps({"scripts": {"build": "echo built > public/build/assets"}})
    for path, text in {**FILES, **rendered, "Dockerfile": dockerfile + COMPARED}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    with build_secrets() as given:
        options = [word for secret in given for word in ("--secret", secret.option)]
        out = f"--output=type=local,dest={tmp_path}/out"
        docker.run("buildx", "build", "--progress=plain", "--target=compared", out, *options, ".", cwd=tmp_path)
    sides = (tmp_path / "out" / "app", tmp_path / "out" / "whole")
    made, whole = ({path.name: path.read_text() for path in side.iterdir()} for side in sides)
    assert made == whole
    assert "'Old_Thing' => $baseDir . '/legacy/old.php'" in made["autoload_classmap.php"]
    classes = ["App\\Models\\User", "Acme\\Mark", "Tools_Unnamed", "Old_Thing", "of_app", "of_tools"]
    assert (tmp_path / "out" / "classes").read_text().split("\n") == classes  # and none of the tests'
    assert (tmp_path / "out/build/assets").read_text().split("\n") == (classes if frontend_php else ["built", ""])
    seen = set((tmp_path / "out" / "seen").read_text().split())
    assert not {"ran", "composer", ".composer", ".cache", "node_modules"} & seen

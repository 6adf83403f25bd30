from __future__ import annotations

from pathlib import Path

import pytest
from laravel_application import laravel

from devkit.scaffold.adopt import detect

pytestmark = pytest.mark.unit

APP = """<?php
return Application::configure(basePath: dirname(__DIR__))
    ->withRouting(
        web: __DIR__.'/../routes/web.php',
        HEALTH
    )->create();
"""


@pytest.mark.parametrize(
    ("bootstrap", "routes", "path"),
    [
        ("health: '/up',", "", "/up"),
        ('health: "status/live",', "", "/status/live"),
        ("// health: '/up',", "", "/healthz"),
        ("", "Route::get('/up', fn () => 'ok');", "/up"),
        ("", "Route::view('up', 'up');", "/up"),
        ("", "# Route::get('/up', fn () => 'ok');\nRoute::get('/upload', fn () => '');", "/healthz"),
    ],
)
def test_the_health_route_is_found_else_the_servers_own_is_asked(
    tmp_path: Path, bootstrap: str, routes: str, path: str
) -> None:
    laravel(tmp_path)
    for name, text in (("bootstrap/app.php", APP.replace("HEALTH", bootstrap)), ("routes/api.php", f"<?php\n{routes}")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    existing = detect(tmp_path)
    assert existing.health_path == path
    assert any("no health route" in note for note in existing.notes) == (path == "/healthz")

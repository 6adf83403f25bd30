"""The default stack, from an empty directory to HTTP answers."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from support import Project, first_run

from devkit.project.settings import PhpSettings

pytestmark = pytest.mark.e2e


@pytest.fixture
def project(default_stack: Project) -> Project:
    return default_stack


def test_up_and_the_front_page_answer(project: Project) -> None:
    assert project.get("/up")[0] == 200
    assert project.get("/")[0] == 200


def test_the_first_run_says_what_it_did(project: Project) -> None:
    result = project.result
    assert result["project"] == "default-stack"
    assert result["directory"] == str(project.directory)
    assert {step["status"] for step in result["steps"]} <= {"done", "skipped"}
    assert {"path": "Dockerfile", "status": "written"} in result["files"]
    assert all(base["origin"] in ("registry", "local") for base in result["bases"])


def test_a_second_run_changes_no_file(project: Project) -> None:
    before = contents(project.directory)
    again = first_run(project.directory)
    assert contents(project.directory) == before
    assert {step["name"] for step in again.result["steps"] if step["status"] == "skipped"} >= {
        "engine",
        "files",
        "build",
        "application",
        "packages",
        "environment",
    }


def contents(directory: Path) -> dict[str, bytes]:
    left_out = (".devkit", "vendor", "storage", "node_modules")
    return {
        str(path.relative_to(directory)): path.read_bytes()
        for path in directory.rglob("*")
        if path.is_file()
        and path.relative_to(directory).parts[0] not in left_out
        and path.suffix != ".sqlite"
        and "cache" not in path.parts
    }


def test_status_says_that_the_application_is_healthy(project: Project) -> None:
    report = project.devkit("status", "--json").json
    assert report["mode"] == "worker"
    (app,) = [service for service in report["services"] if service["name"] == "app"]
    assert (app["state"], app["health"]) == ("running", "healthy")
    assert {"host": "127.0.0.1", "published": project.port, "target": 8080, "protocol": "tcp"} in app["ports"]


def test_saved_code_is_answered_and_a_syntax_error_is_survived(project: Project) -> None:
    route = project.directory / "routes" / "web.php"
    original = route.read_text(encoding="utf-8")
    try:
        route.write_text(original + "\nRoute::get('/new', fn () => 'first');\n", encoding="utf-8")
        assert project.until(lambda: project.get("/new") == (200, "first"))
        route.write_text(original + "\nRoute::get('/new', fn ( => 'broken';\n", encoding="utf-8")
        assert project.until(lambda: project.get("/up")[0] >= 500)
        route.write_text(original + "\nRoute::get('/new', fn () => 'second');\n", encoding="utf-8")
        assert project.until(lambda: project.get("/new") == (200, "second"))
    finally:
        route.write_text(original, encoding="utf-8")


def test_what_deletes_whole_directories_does_not_end_the_server(project: Project) -> None:
    def started() -> str:
        asked = ("docker", "inspect", f"{project.result['project']}-app-1", "--format", "{{.State.StartedAt}}")
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout

    def all_but_one_file(directory: str, names: list[str]) -> list[str]:
        """It is directories that count."""
        return [name for name in names if not Path(directory, name).is_dir()][1:]

    before, vendor = started(), project.directory / "vendor"
    for place in ("vendor/copied", "app/Copied"):
        for _ in range(3):
            shutil.copytree(vendor / "laravel", project.directory / place, ignore=all_but_one_file)
            shutil.rmtree(project.directory / place)
    lang = project.directory / "lang"
    lang.mkdir()
    try:
        (lang / "en.json").write_text('{"watched": "a directory that was made later"}')
        route = project.directory / "routes" / "web.php"
        original = route.read_text(encoding="utf-8")
        route.write_text(original + "\nRoute::get('/lang', fn () => __('watched'));\n", encoding="utf-8")
        assert project.until(lambda: project.get("/lang") == (200, "a directory that was made later"))
        (lang / "en.json").write_text('{"watched": "and changed"}')
        assert project.until(lambda: project.get("/lang") == (200, "and changed"))
        route.write_text(original, encoding="utf-8")
    finally:
        shutil.rmtree(lang)
    assert started() == before


def test_an_edit_of_env_is_answered(project: Project) -> None:
    route, env = project.directory / "routes" / "web.php", project.directory / ".env"
    original, variables = route.read_text(encoding="utf-8"), env.read_text(encoding="utf-8")
    try:
        route.write_text(original + "\nRoute::get('/name', fn () => config('app.name'));\n", encoding="utf-8")
        assert project.until(lambda: project.get("/name")[0] == 200)
        env.write_text(variables.replace("APP_NAME=Laravel", "APP_NAME=Renamed"), encoding="utf-8")
        assert project.until(lambda: project.get("/name") == (200, "Renamed"))
    finally:
        env.write_text(variables, encoding="utf-8")
        route.write_text(original, encoding="utf-8")


STATE_ROUTES = """
class Counter { public int $seen = 0; }
app()->singleton(Counter::class);
Route::get('/state', function (Illuminate\\Http\\Request $request) {
    $counter = app(Counter::class);
    $counter->seen++;
    if ($request->query('login')) {
        auth()->setUser(new App\\Models\\User(['name' => 'someone']));
        app()->setLocale('de');
        config(['app.name' => 'changed']);
    }
    return [
        'seen' => $counter->seen, 'user' => auth()->user()?->name, 'locale' => app()->getLocale(),
        'name' => config('app.name'), 'query' => $request->query('login'),
    ];
});
"""


def test_two_requests_share_no_state(project: Project) -> None:
    route = project.directory / "routes" / "web.php"
    original = route.read_text(encoding="utf-8")
    try:
        route.write_text(original + STATE_ROUTES, encoding="utf-8")
        assert project.until(lambda: project.get("/state")[0] == 200)
        for _ in range(12):  # every worker is met
            assert '"user":"someone"' in project.get("/state?login=1")[1]
        for _ in range(12):
            body = project.get("/state")[1]
            assert '"seen":1' in body
            assert '"user":null' in body
            assert '"locale":"en"' in body
            assert '"name":"changed"' not in body
            assert '"query":null' in body
    finally:
        route.write_text(original, encoding="utf-8")


WAITING_ROUTES = """
Route::get('/new', fn () => 'code');
Route::get('/waits', function () {
    touch(storage_path(uniqid('waits-', true)));
    while (! file_exists(storage_path('go'))) { usleep(20000); }
    return 'went';
});
"""


def test_a_static_file_is_answered_while_every_php_thread_is_busy(project: Project) -> None:
    route = project.directory / "routes" / "web.php"
    original = route.read_text(encoding="utf-8")
    static, storage = project.directory / "public" / "static.txt", project.directory / "storage"
    answers: list[tuple[int, str]] = []
    requests = [threading.Thread(target=lambda: answers.append(project.get("/waits"))) for _ in range(12)]
    try:
        static.write_text("from Caddy", encoding="utf-8")
        route.write_text(original + WAITING_ROUTES, encoding="utf-8")
        assert project.until(lambda: all(project.get("/new")[0] == 200 for _ in range(12)))
        for request in requests:
            request.start()
        assert project.until(lambda: len([*storage.glob("waits-*")]) == PhpSettings().workers)
        assert project.get("/static.txt") == (200, "from Caddy")
        assert answers == []
        (storage / "go").touch()
        for request in requests:
            request.join()
        assert answers == [(200, "went")] * len(requests)
    finally:
        (storage / "go").touch()
        static.unlink(missing_ok=True)
        route.write_text(original, encoding="utf-8")


def test_down_and_up_again(project: Project) -> None:
    assert project.devkit("down").status == 0
    states = {service["state"] for service in project.devkit("status", "--json").json["services"]}
    assert states == {"missing"}
    done = project.devkit("up")
    assert done.status == 0, done.stderr
    assert project.get("/up")[0] == 200


def test_health_checks_are_not_in_the_access_log_and_requests_are(project: Project) -> None:
    assert project.get("/up")[0] == project.get("/")[0] == 200

    def requested() -> set[str]:
        records = [json.loads(line) for line in project.devkit("logs", "app", "--json").stdout.splitlines()]
        return {record["context"]["path"] for record in records if "path" in record.get("context", {})}

    assert project.until(lambda: "/" in requested())
    assert "/up" not in requested()


def test_artisan_loads_what_was_compiled_before(project: Project) -> None:
    project.artisan("about")
    command = ["docker", "compose", "exec", "-T", "app", "find", "/var/cache/opcache", "-name", "artisan.bin"]
    done = subprocess.run(command, cwd=project.directory, capture_output=True, text=True, check=True)
    assert "/app/artisan.bin" in done.stdout

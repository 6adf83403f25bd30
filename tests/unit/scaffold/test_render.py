from __future__ import annotations

import json
import subprocess
from pathlib import Path, PurePosixPath
from typing import get_args

import pytest
import yaml
from scaffold_examples import FULL, context

from devkit.engine.private_packages import needs_ssh
from devkit.project.errors import UsageError
from devkit.project.files import TEMPORARY_SUFFIX
from devkit.project.settings import PhpSettings, SecretsSettings, SecretsSource, Settings, Watch
from devkit.project.watch_list import is_watched
from devkit.scaffold.context import RenderContext
from devkit.scaffold.environment import environment_values, password_names
from devkit.scaffold.render import php_extensions, render

pytestmark = pytest.mark.unit

DEFAULT = Settings(name="shop")
RUNTIME = DEFAULT.with_(secrets=SecretsSettings(runtime=True))


def text(path: str, settings: Settings = DEFAULT, **changes: object) -> str:
    return render(settings, context(**changes))[path].text


def test_the_default_stack_is_one_container() -> None:
    compose = yaml.safe_load(text("compose.yaml"))
    assert list(compose["services"]) == ["app"]
    assert compose["services"]["app"]["ports"] == ["127.0.0.1:${APP_PORT:-8000}:8080"]


def test_every_file_names_devkit_in_its_first_lines() -> None:
    for file in render(FULL, context()).values():
        assert "Written by devkit" in "\n".join(file.text.splitlines()[:3]), file.path


def test_every_file_ends_with_one_line_end_and_holds_no_run_of_blank_lines() -> None:
    for settings in (DEFAULT, FULL, DEFAULT.with_(php=PhpSettings(mode="classic"))):
        for file in render(settings, context(frontend_php=settings is FULL)).values():
            assert file.text.endswith("\n") and not file.text.endswith("\n\n"), file.path
            assert "\n\n\n" not in file.text, file.path


def test_there_are_more_threads_than_workers() -> None:
    caddyfile = text("docker/Caddyfile", DEFAULT.with_(php=PhpSettings(workers=7)))
    assert "num_threads 8" in caddyfile
    assert "num 7" in caddyfile


def test_classic_mode_has_no_worker() -> None:
    settings = DEFAULT.with_(php=PhpSettings(mode="classic"))
    files = render(settings, context())
    assert "worker {" not in files["docker/Caddyfile"].text
    assert "index index.php" in files["docker/Caddyfile"].text
    assert "LARAVEL_OCTANE" not in files["compose.yaml"].text + files["Dockerfile"].text
    assert "docker/development.caddyfile" not in files
    assert "caddy-reload" in files["docker/reloading.caddyfile"].text
    assert "caddy-reload" not in files["docker/Caddyfile"].text


WATCHED_OR_NOT = [
    *("app/Models/User.php", "app/x", "config/app.php", "routes/web.php", "lang/de/a.json", "database/seeders/A.php"),
    *("resources/views/a.blade.php", "bootstrap/app.php", ".env", "composer.lock", "database/a.php", 'app/a b"$x`.php'),
    *("app/.a.php.swp", "app/a.php~", "app/4913", "app/.#a.php", "app/#a.php#", "app/a.tmp", "app/a.php___jb_tmp___"),
    *(
        "database/database.sqlite",
        "database/database.sqlite-journal",
        "bootstrap/cache/config.php",
        "storage/logs/a.php",
    ),
    *(
        "vendor/autoload.php",
        "resources/css/app.css",
        ".env.example",
        "composer.json",
        "node_modules/a.php",
        "app2/a.php",
    ),
    *("tests/a.php", "public/index.php", "bootstrap/x/y/z.php", "bootstrap/ssr.js"),
]


def test_the_watcher_in_the_container_takes_the_same_files_for_code(tmp_path: Path) -> None:
    script = text("docker/watch")
    function = script[script.index("is_code() {") : script.index("\n}\n") + 3]
    asked = f'{function}\nfor path in "$@"; do if is_code "$path"; then echo yes; else echo no; fi; done'
    done = subprocess.run(
        ["bash", "-c", asked, "bash", *WATCHED_OR_NOT], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    said = dict(zip(WATCHED_OR_NOT, done.stdout.split(), strict=True))
    assert said == {path: "yes" if is_watched(PurePosixPath(path)) else "no" for path in WATCHED_OR_NOT}
    assert {"yes", "no"} == set(said.values())


def test_frankenphps_own_watch_is_not_used_for_it_ends_the_server() -> None:
    for watch in get_args(Watch):
        lines = text("docker/development.caddyfile", DEFAULT.with_(php=PhpSettings(watch=watch))).splitlines()
        assert [line for line in lines if not line.startswith("#")] == ["max_consecutive_failures -1"]
    assert "import development*.caddyfile" in text("docker/Caddyfile")


def test_the_container_watches_in_worker_mode_unless_the_host_does() -> None:
    assert render(DEFAULT, context())["docker/watch"].executable
    for php in (PhpSettings(watch="host"), PhpSettings(mode="classic")):
        files = render(DEFAULT.with_(php=php), context())
        assert "docker/watch" not in files
        assert "docker/watch" not in files["docker/entrypoint"].text


def test_what_a_killed_writer_leaves_enters_no_image() -> None:
    assert f"**/*{TEMPORARY_SUFFIX}" in text(".dockerignore").splitlines()


def test_https_is_a_second_named_site() -> None:
    caddyfile = text("docker/Caddyfile", DEFAULT.with_(https=True))
    assert "https://shop.localhost:8443, https://localhost:8443 {" in caddyfile
    assert "auto_https disable_redirects" in caddyfile
    assert "auto_https off" in text("docker/Caddyfile")


def test_the_image_defaults_are_official_references() -> None:
    dockerfile = text("Dockerfile")
    assert "ARG FRANKENPHP_IMAGE=dunglas/frankenphp:1.12.6-php8.4-trixie" in dockerfile
    assert "# syntax=" not in dockerfile


def test_extensions_follow_the_services_and_the_settings() -> None:
    extensions = php_extensions(Settings("x", "pgsql", ("valkey",), PhpSettings(extensions=("imagick",))))
    assert {"pdo_pgsql", "redis", "imagick", "pcntl"} <= set(extensions)
    assert "pdo_mysql" not in extensions


def test_an_extension_is_named_once() -> None:
    settings = Settings("x", services=("redis",), php=PhpSettings(extensions=("redis", "gd")))
    assert len(php_extensions(settings)) == len(set(php_extensions(settings)))


def test_configuration_is_cached_at_start_and_never_in_a_build() -> None:
    assert "artisan config:cache" not in text("Dockerfile")
    assert "artisan config:cache" in text("docker/entrypoint")
    assert "migrate" not in text("docker/entrypoint").replace("no migrations", "")


def test_jit_is_off_unless_it_is_asked_for() -> None:
    tracing = DEFAULT.with_(php=PhpSettings(jit="tracing"))
    for path in ("docker/php/20-production.ini", "docker/php/20-development.ini"):
        assert "opcache.jit = disable" in text(path)
        assert "opcache.jit = tracing" in text(path, tracing)


def test_a_front_end_that_calls_artisan_is_built_on_php() -> None:
    assert "FROM base-runtime AS frontend-build" in text("Dockerfile", frontend_php=True)
    assert "FROM ${NODE_IMAGE} AS frontend-build" in text("Dockerfile")


def test_path_repositories_are_copied_before_packages_are_installed() -> None:
    dockerfile = text("Dockerfile", composer_paths=("packages/acme",))
    assert dockerfile.index("packages/acme") < dockerfile.index("composer install")


def test_sources_come_first_where_the_application_is_put_together() -> None:
    for frontend_php in (False, True):
        stages = text("Dockerfile", frontend_php=frontend_php).split("\nFROM ")
        with_sources = [stage.split()[2] for stage in stages if "\nCOPY . .\n" in stage]
        assert with_sources == (["frontend-build", "app"] if frontend_php else ["app"])


def test_an_unknown_image_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="redis"):
        render(Settings("x", services=("redis",)), RenderContext({"frankenphp": "a", "node": "b"}))


def test_an_adopted_project_keeps_its_own_services() -> None:
    assert yaml.safe_load(text("compose.yaml", adopted=True))["include"] == ["docker/compose.adopted.yaml"]
    assert "include" not in yaml.safe_load(text("compose.yaml"))


def test_the_image_and_compose_make_the_same_health_check() -> None:
    line = next(line for line in text("Dockerfile").splitlines() if "CMD [" in line and "health" in line)
    check = yaml.safe_load(text("compose.yaml"))["services"]["app"]["healthcheck"]["test"]
    assert ["CMD", *json.loads(line.strip().removeprefix("CMD "))] == check == ["CMD", "app-healthcheck"]


def test_the_application_is_asked_only_once_php_has_threads_for_it() -> None:
    for mode, thread in (("worker", "Worker PHP Thread"), ("classic", "Regular PHP Thread")):
        script = text("docker/healthcheck", DEFAULT.with_(php=PhpSettings(mode=mode)))
        assert script.index(thread) < script.index("http://127.0.0.1:8080/up")


def test_a_health_check_asks_without_a_proxy() -> None:
    services = yaml.safe_load(text("compose.yaml", FULL))["services"]
    checks = {name: " ".join(service.get("healthcheck", {}).get("test", ())) for name, service in services.items()}
    with_curl = {name for name, check in checks.items() if "curl" in check}
    assert with_curl >= {"meilisearch", "s3", "selenium"}
    assert all("--noproxy" in checks[name] for name in with_curl)
    asked = [line for line in text("docker/healthcheck").splitlines() if "curl " in line]
    assert len(asked) == 2
    assert all("--noproxy" in line for line in asked)


def test_credentials_of_package_managers_are_secrets_of_single_steps_and_never_copied() -> None:
    for settings in (DEFAULT, FULL):
        dockerfile = text("Dockerfile", settings)
        assert not [line for line in dockerfile.splitlines() if line.startswith("COPY") and "npmr" in line]
        assert "id=project_npmrc,target=/app/.npmrc" in dockerfile
    assert {"auth.json", "**/.npmrc"} <= set(text(".dockerignore").splitlines())


def test_the_image_carries_dopplers_cli_only_where_it_is_asked_for() -> None:
    for source in get_args(SecretsSource):
        settings = DEFAULT.with_(secrets=SecretsSettings(source))
        assert "doppler" not in (text("Dockerfile", settings) + text("docker/entrypoint", settings)).lower()
        asked = settings.with_(secrets=SecretsSettings(source, runtime=True))
        assert "doppler run" in text("docker/entrypoint", asked)
        app = text("Dockerfile", asked).split("FROM base-runtime AS app\n")[1]
        production, development = app.split("FROM base-runtime AS development\n")
        assert "COPY --link --from=doppler /usr/local/bin/doppler /usr/local/bin/doppler\n" in production
        assert "doppler" not in development


def test_an_architecture_without_a_checksum_fails_the_build_with_one_line() -> None:
    stage = text("Dockerfile", RUNTIME).split("AS doppler\n")[1].split("\n# ---")[0]
    script = stage[stage.index("case ") :].replace("\\\n", "")
    environment = {"PATH": "/nowhere", "TARGETARCH": "riscv64"}
    done = subprocess.run(["/bin/sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Doppler's CLI: no checksum is known for the architecture 'riscv64' (amd64 and arm64 are)"
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"repositories": [{"type": "vcs", "url": "git@git.example:acme/tools.git"}]},
        {"packages": [{"source": {"type": "git", "url": "ssh://git@git.example:2222/acme/tools"}}]},
        {"packages": [{"source": {"type": "git", "url": "https://git.example/acme/tools"}, "e": "dev+git@b.example"}]},
        {"require": {"laravel/framework": "^13"}},
    ],
)
def test_the_build_and_devkit_agree_on_whether_a_package_comes_over_ssh(document: object, tmp_path: Path) -> None:
    (tmp_path / "composer.lock").write_text(json.dumps(document))
    line = next(line for line in text("Dockerfile").splitlines() if "grep -Eqs" in line)
    condition = line.strip().removeprefix("if ").removesuffix("; then \\")
    found = subprocess.run(["sh", "-c", condition], cwd=tmp_path, check=False).returncode == 0
    assert found == needs_ssh(tmp_path) == ("git.example:" in json.dumps(document))


def test_health_checks_ask_the_applications_own_route_and_are_not_logged() -> None:
    for path, logged in (("/up", "@health path /healthz /up"), ("/healthz", "@health path /healthz")):
        files = render(DEFAULT, context(health_path=path))
        assert f"{logged}\n" in files["docker/Caddyfile"].text
        assert f"http://127.0.0.1:8080{path}\n" in files["docker/healthcheck"].text


def test_shell_scripts_are_executable_and_parse(tmp_path: Path) -> None:
    scripts = [file for file in render(FULL, context()).values() if file.executable]
    assert {file.path for file in scripts} == {"docker/entrypoint", "docker/healthcheck", "docker/vite", "docker/watch"}
    for file in scripts:
        path = tmp_path / "script"
        path.write_text(file.text)
        shell = file.text.splitlines()[0].removeprefix("#!")
        subprocess.run([shell, "-n", str(path)], check=True)


def test_no_password_stands_in_a_rendered_file() -> None:
    passwords = {name: f"secret-{name}" for name in password_names(FULL)}
    values = environment_values(FULL, passwords, "http://localhost:8000")
    assert set(passwords.values()) <= set(values.values())
    assert not any("secret-" in file.text for file in render(FULL, context()).values())


def test_env_values_name_the_containers() -> None:
    settings = Settings("x", "pgsql", ("valkey", "mailpit"))
    passwords, present = dict.fromkeys(password_names(settings), "p"), {"QUEUE_CONNECTION": "database"}
    values = environment_values(settings, passwords, "http://localhost:8001", present=present)
    assert (values["DB_HOST"], values["DB_PORT"], values["REDIS_HOST"]) == ("pgsql", "5432", "valkey")
    assert values["QUEUE_CONNECTION"] == "redis"
    assert values["MAIL_HOST"] == "mailpit"
    assert values["APP_URL"] == "http://localhost:8001"


@pytest.mark.parametrize(
    ("driver", "services", "becomes"),
    [
        ("database", ("redis",), "redis"),
        ("sync", ("redis",), None),  # done in the request: without a worker they would never be done in Redis
        ("sync", ("redis", "queue"), "redis"),
        ("sync", ("valkey", "queue"), "redis"),
        ("", ("redis",), None),
        ("", ("redis", "queue"), "redis"),
        ("sqs", ("redis", "queue"), None),
        ("rabbitmq", ("redis", "rabbitmq", "queue"), None),
    ],
)
def test_redis_takes_the_queue_only_where_its_jobs_are_done(
    driver: str, services: tuple[str, ...], becomes: str | None
) -> None:
    settings = Settings("x", "sqlite", services)
    passwords = dict.fromkeys(password_names(settings), "p")
    values = environment_values(settings, passwords, "u", present={"QUEUE_CONNECTION": driver})
    assert values.get("QUEUE_CONNECTION") == becomes


def test_names_and_drivers_of_an_adopted_env_stay() -> None:
    settings = Settings("x", "mysql")
    present = {"DB_DATABASE": "shop", "DB_USERNAME": "sail", "SESSION_DRIVER": "file", "CACHE_STORE": "redis"}
    values = environment_values(settings, {"DB_PASSWORD": "p"}, "u", present=present)
    assert (values["DB_DATABASE"], values["DB_USERNAME"]) == ("shop", "sail")
    assert "SESSION_DRIVER" not in values
    assert values["CACHE_STORE"] == "database"  # there is no Redis any more


def test_a_path_of_a_file_is_no_database_name_and_root_no_user() -> None:
    present = {"DB_DATABASE": "/app/database/database.sqlite", "DB_USERNAME": "root"}
    values = environment_values(Settings("x", "mysql"), {"DB_PASSWORD": "p"}, "u", present=present)
    assert (values["DB_DATABASE"], values["DB_USERNAME"]) == ("laravel", "laravel")

"""Worker mode against classic mode and against nginx with PHP-FPM: the same application, PHP and OPcache settings.

    python benchmarks/servers.py [ROUNDS] [SECONDS]

A new application with MySQL and one page that reads twenty rows of a table and renders them with Blade. Three
containers of its production image: FrankenPHP in both modes with the scaffold's own Caddyfile, and nginx with
PHP-FPM laid over it (benchmarks/fpm), with as many children as there are workers. Every round puts load on /up and on
the page at 1, 8 and 32 connections, SECONDS each (5), the sides in turn. Memory is the containers' own: at rest after
their first answers, and the most that was seen under load. CPU is what their processes used for each answer: of all
figures it says most where other programs run.
Targets: the page in 5 to 15 ms on average in worker mode, and /up at least 10 times as often a second as with PHP-FPM.

wrk runs on the same cores and is part of what is measured, for all sides alike. It counts no answer that a closed
connection swallowed: rolling updates are measured with a client of devkit's own.
PHP-FPM is the base image's own, built with threads as FrankenPHP needs them; without a shared state to lock, one built
without them is some percent faster.
"""

from __future__ import annotations

import os
import secrets
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from built_project import BuiltProject, built_project, docker_build, machine_secrets
from measure import REPOSITORY
from production_container import (
    ENVIRONMENT,
    Load,
    address_of,
    cpu_seconds,
    load,
    mounts,
    remove,
    require_wrk,
    start,
    wait,
)

from devkit.project.env_file import resolve_env
from devkit.project.settings_file import read_settings

CONNECTIONS = (1, 8, 32)
PATHS = ("/up", "/articles")
SIDES = ("worker mode", "classic mode", "nginx + PHP-FPM")
_WARM_UP_SECONDS = 2
_FPM = REPOSITORY / "benchmarks" / "fpm"
_ROW = "The article with the number 200"

FILES = {
    "app/Models/Article.php": r"""<?php

namespace App\Models;

use Illuminate\Database\Eloquent\Model;

class Article extends Model
{
}
""",
    "database/migrations/2026_01_01_000000_create_articles_table.php": r"""<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Database\Schema\Blueprint;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Schema;

return new class extends Migration
{
    public function up(): void
    {
        Schema::create('articles', function (Blueprint $table) {
            $table->id();
            $table->string('title');
            $table->text('body');
            $table->timestamps();
        });
        foreach (range(1, 200) as $number) {
            DB::table('articles')->insert([
                'title' => "The article with the number $number",
                'body' => str_repeat("What it says. ", 20),
                'created_at' => now(),
                'updated_at' => now(),
            ]);
        }
    }
};
""",
    "resources/views/layout.blade.php": """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>@yield('title')</title></head>
<body>@yield('content')</body>
</html>
""",
    "resources/views/articles.blade.php": """@extends('layout')
@section('title', 'Articles')
@section('content')
    @foreach ($articles as $article)
        <article>
            <h2>{{ $article->title }}</h2>
            <p>{{ Str::limit($article->body, 120) }}</p>
            <time>{{ $article->created_at->toDateString() }}</time>
        </article>
    @endforeach
@endsection
""",
}
ROUTE = """
Route::get('/articles', fn () => view('articles', [
    'articles' => App\\Models\\Article::query()->orderByDesc('id')->limit(20)->get(),
]));
"""


@dataclass
class Memory:
    """Megabytes of one side's container."""

    at_rest: float
    under_load: float = 0.0


@dataclass
class Figures:
    """Loads, and milliseconds of CPU for an answer, by side, path and connections; memory by side."""

    loads: dict[tuple[str, str, int], list[Load]] = field(default_factory=dict)
    cpu: dict[tuple[str, str, int], list[float]] = field(default_factory=dict)
    memory: dict[str, Memory] = field(default_factory=dict)


def main(rounds: int, seconds: int) -> None:
    require_wrk()
    with built_project(f"servers-{secrets.token_hex(3)}", services="mysql") as project, ExitStack() as stack:
        write_page(project)
        project.four_stages()
        stack.callback(subprocess.run, ["docker", "image", "rm", fpm_image(project)], capture_output=True, check=False)
        with database(project) as options, sides(project, options) as containers:
            print(report(measure(containers, rounds, seconds)))


def write_page(project: BuiltProject) -> None:
    for path, text in FILES.items():
        (project.directory / path).write_text(text, encoding="utf-8")
    with (project.directory / "routes/web.php").open("a", encoding="utf-8") as routes:
        routes.write(ROUTE)


def fpm_image(project: BuiltProject) -> str:
    return f"{project.name}-app:fpm"


@contextmanager
def database(project: BuiltProject) -> Iterator[Mapping[str, str]]:
    """MySQL, as the project's compose.yaml has it, migrated: the variables that say where it is."""
    compose = ["docker", "compose", "--progress", "quiet"]
    try:
        subprocess.run([*compose, "up", "--detach", "--wait", "mysql"], cwd=project.directory, check=True)
        values = resolve_env(project.directory / ".env")
        variables = {name: value for name, value in values.items() if name.startswith("DB_")}
        given = {**ENVIRONMENT, **variables, "QUEUE_CONNECTION": "sync"}
        names = [word for name in given for word in ("--env", name)]
        migrate = ["docker", "run", "--rm", "--network", f"{project.name}_default", *names]
        migrate += [f"{project.name}-app:app", "php", "artisan", "migrate", "--force"]
        subprocess.run(migrate, env={**os.environ, **given}, check=True, stdout=subprocess.DEVNULL)
        yield variables
    finally:
        subprocess.run([*compose, "down", "--volumes"], cwd=project.directory, capture_output=True, check=False)


@contextmanager
def sides(project: BuiltProject, variables: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """A container of each side that answers on both paths, for the block."""
    image, settings = f"{project.name}-app:app", read_settings(project.directory / "devkit.toml")
    arguments = {"APP_IMAGE": image}
    docker_build(_FPM / "Dockerfile", _FPM, arguments, machine_secrets(project), "--load", "--tag", fpm_image(project))
    network = ["--network", f"{project.name}_default"]
    containers: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        settings_of = {
            mode: mounts(project.directory, settings, Path(temporary) / mode, {"php.mode": mode, "php.jit": "off"})
            for mode in ("worker", "classic")
        }
        serve = ("app-entrypoint", "frankenphp", "run", "--config", "/etc/frankenphp/Caddyfile")
        without_octane = ["--entrypoint", "env"]  # Octane's own variable belongs to worker mode
        children = {"FPM_CHILDREN": str(settings.php.workers)}
        try:
            containers["worker mode"] = start(image, [*network, *settings_of["worker"]], variables)
            containers["classic mode"] = start(
                image,
                [*network, *settings_of["classic"], *without_octane],
                variables,
                ("--unset=LARAVEL_OCTANE", *serve),
            )
            containers["nginx + PHP-FPM"] = start(
                fpm_image(project), [*network, *settings_of["classic"]], {**variables, **children}
            )
            for side, container in containers.items():
                wait(container)
                if _ROW.encode() not in wait(container, "/articles"):
                    sys.exit(f"{side} does not show the page")
            yield containers
        finally:
            for container in containers.values():
                remove(container)


def measure(containers: Mapping[str, str], rounds: int, seconds: int) -> Figures:
    found = Figures(memory={side: Memory(memory_of(container)) for side, container in containers.items()})
    addresses = {side: address_of(container) for side, container in containers.items()}
    for path in PATHS:
        for address in addresses.values():
            load(address + path, _WARM_UP_SECONDS, 8)
    with ThreadPoolExecutor(1) as watching:
        for _ in range(rounds):
            for path in PATHS:
                for connections in CONNECTIONS:
                    for side, address in addresses.items():
                        seen = watching.submit(memory_of, containers[side])
                        used = cpu_seconds(containers[side])
                        once = load(address + path, seconds, connections)
                        used = cpu_seconds(containers[side]) - used
                        found.loads.setdefault((side, path, connections), []).append(once)
                        found.cpu.setdefault((side, path, connections), []).append(1000 * used / once.requests)
                        found.memory[side].under_load = max(found.memory[side].under_load, seen.result())
    return found


def memory_of(container: str) -> float:
    """Megabytes, without what the kernel would drop from its page cache; the engine takes some seconds to say it."""
    stats = ["docker", "stats", "--no-stream", "--format", "{{.MemUsage}}", container]
    said = subprocess.run(stats, check=True, capture_output=True, text=True).stdout.split("/")[0].strip()
    units = {"GiB": 1024 * 1.048576, "MiB": 1.048576, "KiB": 0.001024, "kB": 0.001, "B": 1e-6}
    unit = next(unit for unit in units if said.endswith(unit))
    return float(said.removesuffix(unit)) * units[unit]


def report(found: Figures) -> str:
    lines = []
    for path in PATHS:
        lines.append(
            f"{path:24}{'connections':>12}{'req/s':>10}{'mean':>11}{'p50':>11}{'p99':>11}{'of FPM':>9}  failed"
        )
        for connections in CONNECTIONS:
            fpm = middle(found, "nginx + PHP-FPM", path, connections, "rate")
            for side in SIDES:
                loads = found.loads[side, path, connections]
                rate = middle(found, side, path, connections, "rate")
                times = [middle(found, side, path, connections, name) for name in ("mean", "p50", "p99")]
                times.append(statistics.median(found.cpu[side, path, connections]))
                columns = "".join(f"{milliseconds:>8.2f} ms" for milliseconds in times)
                line = f"  {side:22}{connections:>12}{rate:>10.0f}{rate / fpm:>8.1f}x{columns}"
                lines.append(f"{line}  {failed(loads)}")
    lines.append(f"{'Memory':24}{'at rest':>12}{'under load':>14}")
    for side, memory in found.memory.items():
        lines.append(f"  {side:22}{memory.at_rest:>9.0f} MB{memory.under_load:>11.0f} MB")
    rounds = len(next(iter(found.loads.values())))
    lines.append(
        f"Medians of {rounds} rounds. Targets: the page 5 to 15 ms on average in worker mode, /up 10x FPM's rate."
    )
    return "\n".join(lines)


def middle(found: Figures, side: str, path: str, connections: int, name: str) -> float:
    values: list[float] = [getattr(once, name) for once in found.loads[side, path, connections]]
    return statistics.median(values)


def failed(loads: list[Load]) -> str:
    """Failures of all rounds by kind, as wrk counts them."""
    sums = {name: sum(once.errors[name] for once in loads) for name in loads[0].errors}
    return ", ".join(f"{count} {name}" for name, count in sums.items() if count) or "none"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5, int(sys.argv[2]) if len(sys.argv) > 2 else 5)

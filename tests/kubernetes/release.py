"""A Laravel with manifests, its production image and a database, as the tests bring it to a real cluster."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from node import Node
from support import Finished, Project, devkit, first_run, remove

SERVICES = ("mysql:9.7.4", "redis:8.0.6")

# A page that reads the database and draws a view; what is logged; a job for the queue; and how long a request may take.
_ROUTES = """
Route::get('/visits', function () {
    DB::table('visits')->insert(['at' => now()]);
    return view('visits', ['count' => DB::table('visits')->count()]);
});
Route::get('/said', function () { Log::warning('said on purpose', ['what' => 'this']); return 'said'; });
Route::get('/queued', function () { dispatch(fn () => Log::warning('done by the queue')); return 'queued'; });
Route::get('/slow', function () { sleep(3); return 'to the end'; });
"""

_SCHEDULE = """
Schedule::call(fn () => Log::warning('scheduled'))->everyMinute();
"""

_MIGRATION = """<?php
use Illuminate\\Database\\Migrations\\Migration;
use Illuminate\\Database\\Schema\\Blueprint;
use Illuminate\\Support\\Facades\\Schema;

return new class extends Migration {
    public function up(): void
    {
        Schema::create('visits', function (Blueprint $table) { $table->id(); $table->timestamp('at'); });
    }
};
"""


@dataclass(frozen=True)
class Shop:
    """The project, and the cluster that it is released to."""

    project: Project
    node: Node

    def namespace(self, environment: str) -> str:
        """The namespace that the overlay names."""
        return f"{self.project.result['project']}-{environment}"

    def devkit(self, *arguments: str) -> Finished:
        """Run devkit in the project, with the node as kubectl's cluster."""
        return devkit(*arguments, directory=self.project.directory, env={"KUBECONFIG": str(self.node.kubeconfig)})

    def inside(self, environment: str, *arguments: str, check: bool = True, input: str | None = None) -> str:
        """kubectl in an environment's namespace."""
        return self.node.kubectl("--namespace", self.namespace(environment), *arguments, check=check, input=input)

    def get(self, environment: str, path: str) -> str:
        """What the service answers to a pod of the environment."""
        url = f"http://laravel-service{path}"
        return self.inside(environment, "exec", "deployment/laravel-queue", "--", "curl", "-fsS", "-m", "20", url)

    def pods(self, environment: str, component: str = "web") -> list[Any]:
        """The pods of one component, as the API has them."""
        label = f"app.kubernetes.io/component={component}"
        found = self.inside(environment, "get", "pods", "--selector", label, "--output", "json")
        return list(json.loads(found)["items"])


@contextmanager
def made_shop(directory: Path, node: Node) -> Iterator[Shop]:
    """The project with routes, a schedule and a migration of its own; nothing of it is on the cluster yet."""
    try:
        project = first_run(
            directory, "--no-start", "--with", "mysql,redis,queue,scheduler", "--kubernetes",
            "--set", f"deploy.load={node.load_command}",
        )  # fmt: skip
        for path, text in (("routes/web.php", _ROUTES), ("routes/console.php", _SCHEDULE)):
            lead = "use Illuminate\\Support\\Facades\\{DB, Log, Schedule};\n"
            before = (directory / path).read_text(encoding="utf-8").replace("<?php\n", f"<?php\n{lead}", 1)
            project.write(path, before + text)
        project.write("resources/views/visits.blade.php", "<p>{{ $count }} visits</p>\n")
        project.write("database/migrations/2026_01_01_000000_create_visits_table.php", _MIGRATION)
        yield Shop(project, node)
    finally:
        remove(directory)
        images = ["image", "ls", "--quiet", "--filter", f"reference={directory.name}-app"]
        found = dict.fromkeys(node.docker.run(*images).stdout.decode().split())
        if found:
            node.docker.run("image", "rm", "--force", *found, check=False)
        shutil.rmtree(directory, ignore_errors=True)

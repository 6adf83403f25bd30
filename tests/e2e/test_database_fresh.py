"""`devkit db` on a real application: migrated and seeded anew, and its former data back while it answers."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Project

pytestmark = pytest.mark.e2e

COUNT = "echo App\\Models\\User::count();"


@pytest.fixture(scope="module")
def project(default_stack: Project) -> Iterator[Project]:
    yield default_stack
    shutil.rmtree(default_stack.devkit("db", "snapshots", "--json").json["directory"])


def users(project: Project) -> str:
    return project.artisan("tinker", "--execute", COUNT).strip().splitlines()[-1]


def test_fresh_keeps_a_snapshot_migrates_and_seeds(project: Project) -> None:
    project.artisan("tinker", "--execute", "App\\Models\\User::factory()->count(3)->create();")
    before = users(project)
    done = project.devkit("--yes", "db", "fresh", "--json")
    assert done.status == 0, done.stderr
    snapshot = done.json["snapshot"]
    assert snapshot["automatic"] and snapshot["name"].startswith("before-fresh-")
    assert users(project) == "1"  # what the seeder makes
    assert project.get("/up")[0] == 200
    restored = project.devkit("--yes", "db", "restore")
    assert restored.status == 0, restored.stderr
    assert users(project) == before
    assert project.get("/")[0] == 200


def test_a_migration_that_fails_says_how_the_former_data_comes_back(project: Project) -> None:
    before = users(project)
    migration = "database/migrations/2099_01_01_000000_broken.php"
    project.write(
        migration,
        "<?php\nreturn new class extends Illuminate\\Database\\Migrations\\Migration {\n"
        "    public function up(): void { DB::statement('SELECT 1 FROM nowhere'); }\n};\n",
    )
    failed = project.devkit("--yes", "db", "fresh")
    (project.directory / migration).unlink()
    assert failed.status == 1
    error = next(line for line in failed.stderr.splitlines() if line.startswith("devkit: "))
    assert "migrate:fresh failed: " in error and "nowhere" in error
    assert "devkit db restore before-fresh-" in failed.stderr
    assert project.devkit("--yes", "db", "restore").status == 0
    assert users(project) == before


def test_the_shell_of_sqlite_is_the_applications_own(project: Project) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "devkit.entry", "db", "shell"],
        cwd=project.directory,
        input="SELECT 'tables', COUNT(*) > 5 FROM sqlite_master;\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "tables|1\n"), done.stderr


def test_the_application_writes_into_what_was_imported(project: Project, tmp_path: Path) -> None:
    exported = project.devkit("db", "export", str(tmp_path / "kept.sqlite"))
    assert exported.status == 0, exported.stderr
    assert project.devkit("--yes", "db", "import", str(tmp_path / "kept.sqlite")).status == 0
    owner = Path(project.directory).stat().st_uid
    assert (project.directory / "database" / "database.sqlite").stat().st_uid == owner
    count = int(users(project))
    project.artisan("tinker", "--execute", "App\\Models\\User::factory()->create();")
    assert int(users(project)) == count + 1

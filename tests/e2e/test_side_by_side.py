"""Two projects of the same directory name and the same services run beside each other, and share nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from support import Project, first_run, remove

pytestmark = pytest.mark.e2e

ROUTES = """
Route::get('/put/{value}', function (string $value) { Cache::put('k', $value, 60); return 'put'; });
Route::get('/cached', fn () => Cache::get('k', 'nothing').' '.config('cache.default'));
Route::get('/dispatch', function () {
    dispatch(function () { file_put_contents(storage_path('job-done'), config('queue.default')); });
    return config('queue.default');
});
"""
SERVICES = ("--with", "redis,mailpit")


@dataclass(frozen=True)
class Pair:
    one: Project
    other: Project


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    directories = [tmp_path_factory.mktemp(place) / "shop" for place in ("one", "other")]
    try:
        one = first_run(directories[0], *SERVICES)
        # As it is adopted: Redis for the cache, jobs done at once, and no worker.
        first_run(directories[1], "--no-start")
        env = directories[1] / ".env"
        env.write_text(env.read_text().replace("QUEUE_CONNECTION=database", "QUEUE_CONNECTION=sync"))
        pair = Pair(one, first_run(directories[1], *SERVICES))
        for project in (pair.one, pair.other):
            project.write("routes/web.php", (project.directory / "routes/web.php").read_text() + ROUTES)
            assert project.until(lambda project=project: project.get("/cached")[0] == 200)  # type: ignore[misc]
        yield pair
    finally:
        for directory in directories:
            remove(directory)


def ports(project: Project) -> dict[tuple[str, int], int]:
    """What is published, by service and port inside."""
    services = project.devkit("status", "--json").json["services"]
    return {(one["name"], port["target"]): port["published"] for one in services for port in one["ports"]}


def test_each_has_names_and_ports_of_its_own(pair: Pair) -> None:
    assert pair.one.result["project"] != pair.other.result["project"]
    here, there = ports(pair.one), ports(pair.other)
    assert set(here) == set(there) == {("app", 8080), ("redis", 6379), ("mailpit", 8025), ("mailpit", 1025)}
    assert not set(here.values()) & set(there.values())
    assert pair.one.get("/up")[0] == pair.other.get("/up")[0] == 200


def test_each_page_is_reached_under_the_projects_name(pair: Pair) -> None:
    for project in (pair.one, pair.other):
        host = f"{project.result['project']}.localhost"
        published = ports(project)
        for service, target in (("app", 8080), ("mailpit", 8025)):
            port = published[service, target]
            page = Project(project.directory, port, None).get("/", {"Host": f"{host}:{port}"})
            assert page[0] == 200, (service, page)


def test_neither_sees_what_the_other_stored(pair: Pair) -> None:
    assert pair.one.get("/put/mine") == (200, "put")
    assert pair.one.get("/cached") == (200, "mine redis")
    assert pair.other.get("/cached") == (200, "nothing redis")


def test_jobs_that_were_done_at_once_are_done_at_once_beside_redis(pair: Pair) -> None:
    assert pair.one.get("/dispatch") == (200, "redis")  # waits for whoever runs a worker
    assert pair.other.get("/dispatch") == (200, "sync")
    assert (pair.other.directory / "storage" / "job-done").read_text() == "sync"


def test_one_goes_down_without_the_other(pair: Pair) -> None:
    assert pair.one.devkit("down").status == 0
    assert pair.other.get("/up")[0] == 200
    listed = subprocess.run(["docker", "volume", "ls", "--quiet"], capture_output=True, text=True, check=True).stdout
    assert f"{pair.one.result['project']}_devkit-redis" in listed.split()  # data stay until --volumes
    assert pair.one.devkit("up").status == 0
    assert pair.one.get("/cached") == (200, "mine redis")

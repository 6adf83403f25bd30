import pytest

from devkit.engine.images.pull import PullOutput, advice

pytestmark = pytest.mark.unit

# As docker prints it off a terminal, of an image of three layers, one of which was there.
PULL = """\
8.0.6: Pulling from library/redis
4f4fb700ef54: Already exists
5cac19c05f38: Pulling fs layer
3a20e2a5a5a8: Pulling fs layer
3a20e2a5a5a8: Waiting
5cac19c05f38: Verifying Checksum
5cac19c05f38: Download complete
5cac19c05f38: Pull complete
3a20e2a5a5a8: Download complete
3a20e2a5a5a8: Pull complete
Digest: sha256:1f0b4a3f5d1c3f0d0bb3b0f0f3c3c3c7e0b3a9f5b6a5d4c3b2a1908070605040
Status: Downloaded newer image for redis:8.0.6
docker.io/library/redis:8.0.6
"""


def test_a_pull_says_how_many_layers_are_there_each_time_that_it_is_one_more() -> None:
    output = PullOutput()
    said = [f"{output.complete} of {output.layers}" for line in PULL.splitlines() if output.feed(line)]
    assert said == ["1 of 1", "2 of 3", "3 of 3"]


def test_a_pull_that_failed_is_told_by_the_engines_last_line() -> None:
    output = PullOutput()
    assert output.why() == ""
    for line in ("8.0.6: Pulling from library/redis", "Error response from daemon: manifest unknown", ""):
        output.feed(line)
    assert output.why() == "manifest unknown"


@pytest.mark.parametrize(
    "why",
    [
        'Head "https://registry-1.docker.io/v2/library/redis/manifests/8.0.6": no basic auth credentials',
        "pull access denied for shop, repository does not exist or may require 'docker login'",
        "toomanyrequests: You have reached your pull rate limit.",
        "unauthorized: authentication required",
    ],
)
def test_a_registry_that_wants_to_know_who_asks_is_answered_by_a_login(why: str) -> None:
    assert advice(why, can_be_built=True) == "log in first: docker login"


def test_a_stand_in_is_advised_only_where_there_is_one() -> None:
    lacking = "manifest for mongo:8.0.14 not found: manifest unknown: manifest unknown"
    assert advice(lacking, can_be_built=False) == "see that the registry has this version"
    assert advice(lacking, can_be_built=True).endswith("or have a stand-in built: --images local")
    unreachable = 'Get "https://registry-1.docker.io/v2/": dial tcp: connection refused'
    assert advice(unreachable, can_be_built=False) == "see that the registry is in reach, and try again"

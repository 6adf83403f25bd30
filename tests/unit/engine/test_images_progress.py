import pytest

from devkit.engine.images.progress import BuildOutput, Progress, shorten

pytestmark = pytest.mark.unit

BUILD = """\
#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 DONE 0.0s

#4 [stage-0 1/3] FROM devkit.local/debian:forky
#4 CACHED

#5 [stage-0 2/3] RUN --mount=type=secret,id=apt_sources,target=/etc/x     apt-get update  && apt-get install -y x
#5 0.512 Hit:1 forky InRelease
#6 [go 1/1] RUN go build
#6 1.001 compiling
#5 2.113 E: Unable to locate package x
#5 [stage-0 2/3] RUN --mount=type=secret,id=apt_sources,target=/etc/x     apt-get update  && apt-get install -y x
#5 ERROR: process "/bin/sh -c apt-get" did not complete successfully: exit code: 100
------
 > [stage-0 2/3] RUN apt-get:
2.113 E: Unable to locate package x
------
ERROR: failed to solve: process "/bin/sh -c apt-get" did not complete successfully: exit code: 100
"""


def test_each_step_is_named_once_when_it_starts_and_the_internal_ones_are_left_out() -> None:
    output = BuildOutput()
    steps = [step for line in BUILD.splitlines() if (step := output.feed(line))]
    assert steps == ["[stage-0 2/3] RUN apt-get update && apt-get install -y x", "[go 1/1] RUN go build"]


def test_a_failed_build_keeps_the_lines_that_say_why() -> None:
    output = BuildOutput()
    for line in BUILD.splitlines():
        output.feed(line)
    assert "E: Unable to locate package x" in output.why()
    assert output.why().endswith("exit code: 100")


def test_a_long_step_is_shown_in_one_line() -> None:
    assert len(shorten("[php 1/1] RUN " + "x " * 200)) == 90


def test_progress_reads_as_a_line_for_a_person() -> None:
    assert str(Progress("redis:8.0.6", "done", "built", 4.21)) == "redis:8.0.6: built in 4.2 s"
    assert str(Progress("redis:8.0.6", "step", "[2/3] RUN x")) == "redis:8.0.6: [2/3] RUN x"

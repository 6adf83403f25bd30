"""`devkit deploy`'s words, as far as no cluster is asked, and its texts."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from command_line import devkit_here

from devkit.cli.deploy_text import difference_lines, history_text, say_load, say_result, status_text
from devkit.cli.narration import Narrator
from devkit.delivery.cluster.deploy import Deployed
from devkit.delivery.cluster.difference import ObjectDifference
from devkit.delivery.cluster.load import LoadResult
from devkit.delivery.cluster.pods import PodState, Trouble
from devkit.delivery.cluster.revisions import Revision
from devkit.delivery.cluster.status import ReleaseStatus

pytestmark = pytest.mark.unit

DIGEST = f"sha256:{'ab' * 32}"
PODS = (
    PodState("laravel-1", True, "ready"),
    PodState("laravel-2", False, "OOMKilled", Trouble("OOMKilled", "app needed\x1b[2J more memory")),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "devkit.toml").write_text('[project]\nname = "shop"\n')
    for name in ("staging", "production"):
        directory = tmp_path / "kubernetes" / "overlays" / name
        directory.mkdir(parents=True)
        (directory / "kustomization.yaml").write_text("resources: []\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "the environments are: production, staging"),
        (("staging", "extra"), "devkit deploy takes an environment, and was given staging extra"),
        (("status",), "devkit deploy status takes an environment, and was given none"),
        (("local", "staging"), "devkit deploy local takes no environment"),
        (("staging", "--follow"), "--follow is not for devkit deploy"),
        (("logs", "staging", "--image", "x"), "--image is not for devkit deploy logs"),
        (("rollback", "staging", "two"), "two is no revision"),
        (("staging", "--image", "shop:1"), "is a tag"),
        (("staging", "--image", DIGEST), "staging names no repository of shop-app"),
        (("local", "--duration", "long"), "--duration long: no time"),
        (("logs", "staging", "--grep", "("), "no regular expression"),
    ],
)
def test_what_is_wrong_is_a_usage_error_before_a_cluster_is_asked(
    project: Path, words: tuple[str, ...], message: str
) -> None:
    done = devkit_here("deploy", *words, cwd=project, KUBECONFIG="/nowhere")
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_without_kubectl_it_says_where_it_comes_from(project: Path) -> None:
    done = devkit_here("deploy", "status", "staging", cwd=project, PATH=str(project))
    assert done.returncode == 1
    assert "there is no kubectl on the PATH" in done.stderr and "kubernetes.io" in done.stderr


def test_without_a_context_it_says_how_to_choose_one(project: Path) -> None:
    done = devkit_here("deploy", "status", "staging", cwd=project, KUBECONFIG=str(project / "none"))
    assert done.returncode == 1
    assert "kubectl has no current context" in done.stderr


def test_completion_offers_actions_and_environments(project: Path) -> None:
    first = answers(project, "deploy", "")
    assert first == {"staging", "production", "status", "history", "rollback", "logs", "local"}
    assert answers(project, "deploy", "rollback", "") == {"staging", "production"}


def answers(project: Path, *words: str) -> set[str]:
    said = devkit_here("completion", "answer", "fish", *words, cwd=project).stdout
    return {line.partition("\t")[0] for line in said.splitlines()}


def test_a_difference_names_what_changes_and_only_counts_the_rest() -> None:
    found = [
        ObjectDifference("Service web", "unchanged"),
        ObjectDifference("Deployment laravel", "changed", ("-  a: 1", "+  a: 2\x1b[2J")),
        ObjectDifference("Job migrate-ab", "anew"),
    ]
    assert list(difference_lines(found)) == [
        "  1 changed, 1 unchanged",
        "  ~ Deployment laravel",
        "      -  a: 1",
        "      +  a: 2",
        "  » Job migrate-ab (runs in each release)",
    ]


def test_a_status_names_each_pod_with_what_keeps_it() -> None:
    status = ReleaseStatus(
        "staging", "kind", f"shop@{DIGEST}", 3, "failing", {"laravel": "1 of 2"}, PODS, "done", "3 pods"
    )
    lines = status_text(status).splitlines()
    assert lines[0] == "staging  kind  failing"
    assert lines[-1] == "  laravel-2  OOMKilled  app needed more memory"
    assert status.to_json()["pods"] == [
        {"name": "laravel-1", "ready": True, "reason": None},
        {"name": "laravel-2", "ready": False, "reason": "OOMKilled"},
    ]
    assert status_text(ReleaseStatus("staging", "kind", "", 0, "none", {}, ())).endswith("nothing was released")


def test_results_are_one_line_and_failed_requests_are_named() -> None:
    stream = io.StringIO()
    said = Narrator(stream)
    say_result(said, Deployed("staging", f"shop@{DIGEST}", 4, "deployed", PODS))
    say_load(said, LoadResult(10, 1, 2.0, 1.5, 9.0, ({"second": 1.2, "why": "status 502"},)))
    assert stream.getvalue().splitlines() == [
        "✓ staging deployed: shop@sha256:abababababab, revision 4, 1 pods ready",
        "✗ 10 requests in 2 s, 1 failed, p50 1.5 ms, p99 9 ms",
        "  after 1.2 s: status 502",
    ]


def test_a_history_has_a_row_for_each_revision() -> None:
    text = history_text(
        [Revision("laravel", 2, f"shop@{DIGEST}", "2026-11-30T14:00:00Z", "ada@desk", "devkit deploy x: y")]
    )
    assert text.splitlines()[1].split("  ")[0].strip() == "2"
    assert "ada@desk" in text and "devkit deploy x" in text and ": y" not in text

"""The pipelines' files: what they promise, held against the parsed files, for every combination of settings."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as bounded
from pipeline_steps import PipelineLoader
from scaffold_examples import FULL, all_settings, context

from devkit.project.settings import NodeSettings, PackageManager, SecretsSettings, Settings
from devkit.scaffold.pipelines import DELIVERY, DEPENDABOT, GITLAB, PULL_REQUEST, render_github, render_gitlab
from devkit.scaffold.render import render

pytestmark = pytest.mark.unit

SERVED = Settings("shop", "mysql", ("redis", "mailpit", "selenium", "queue"))
BUDGET = {"Base from cache": 10, "App": 60, "Scan": 30, "Push": 20, "Deploy": 30}
PINNED = re.compile(r"^ *(?:- )?uses: [a-z-]+/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def parsed(text: str) -> Any:
    found = yaml.load(text, PipelineLoader)
    return {"on" if key is True else key: value for key, value in found.items()}


def workflow(settings: Settings, path: str) -> Any:
    return parsed(render_github(settings)[path].text)


def named(job: Any) -> dict[str, Any]:
    """A job's steps by the first words of their names, or by the action that they use."""
    return {re.split(r"[,(@]", step.get("name") or step["uses"])[0].strip(): step for step in job["steps"]}


@given(all_settings())
@bounded(max_examples=20)
def test_every_file_is_whole_whatever_the_settings(chosen: Settings) -> None:
    files = {**render_github(chosen), **render_gitlab(chosen)}
    assert set(files) == {PULL_REQUEST, DELIVERY, DEPENDABOT, GITLAB}
    for path, file in files.items():
        assert file.path == path and file.text.endswith("\n")
        assert file.text.startswith("# Written by devkit from devkit.toml.")
        assert all(line == line.rstrip() for line in file.text.splitlines())
        assert isinstance(parsed(file.text), dict)
    assert files == {**render_github(chosen), **render_gitlab(chosen)}


@pytest.mark.parametrize("path", [PULL_REQUEST, DELIVERY])
def test_actions_are_pinned_by_their_digests_with_the_version_beside_it(path: str) -> None:
    uses = [line for line in render_github(SERVED)[path].text.splitlines() if "uses:" in line]
    assert len(uses) >= 4
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


def test_a_pull_request_can_push_nothing_and_has_no_environments_secrets() -> None:
    text = render_github(SERVED)[PULL_REQUEST].text
    found = workflow(SERVED, PULL_REQUEST)
    (job,) = found["jobs"].values()
    assert set(found["on"]) == {"pull_request"}
    assert found["permissions"] == {}
    assert job["permissions"] == {"contents": "read", "packages": "read"}
    assert "environment" not in job
    assert "--push" not in text and "--cache-to" not in text
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"COMPOSER_AUTH", "NPMRC"}


def test_each_job_has_the_permissions_that_it_needs_and_no_others() -> None:
    found = workflow(SERVED, DELIVERY)
    assert found["permissions"] == {}
    assert {name: job["permissions"] for name, job in found["jobs"].items()} == {
        "image": {"contents": "read", "packages": "write"},
        "deploy": {"contents": "read", "packages": "read", "id-token": "write"},
    }


def test_what_is_checked_in_a_pull_request_is_what_is_pushed_later() -> None:
    checked = workflow(SERVED, PULL_REQUEST)["jobs"]["image"]["steps"]
    delivered = workflow(SERVED, DELIVERY)["jobs"]["image"]["steps"]
    assert delivered[: len(checked)] == checked
    assert [step.get("name", step.get("uses", ""))[:4] for step in delivered[len(checked) :]] == [
        "Push",
        "Reco",
        "acti",
    ]


def test_the_steps_come_in_order_each_with_its_budget() -> None:
    jobs = workflow(SERVED, DELIVERY)["jobs"]
    names = [step["name"] for job in jobs.values() for step in job["steps"] if "name" in step]
    matches = [re.fullmatch(r"(.+) \(budget (\d+) s\)", name) for name in names]
    budgets = {match[1]: int(match[2]) for match in matches if match}
    assert budgets == BUDGET
    assert list(budgets) == list(BUDGET)
    head = render_github(SERVED)[DELIVERY].text.partition("\nname:")[0]
    assert "base from cache 10, app 60, scan 30, push 20, staging 30" in head
    steps = list(named(jobs["image"]))
    assert steps.index("App") < steps.index("Tests") < steps.index("Scan") < steps.index("Push")


def test_staging_follows_a_push_and_production_a_person_with_the_same_digest() -> None:
    found = workflow(SERVED, DELIVERY)
    asked = found["on"]["workflow_dispatch"]["inputs"]
    assert asked["digest"]["required"] is True
    assert asked["environment"]["default"] == "production"
    deploy = found["jobs"]["deploy"]
    assert deploy["needs"] == "image"
    assert deploy["environment"] == "${{ inputs.environment || 'staging' }}"
    assert deploy["env"]["DIGEST"] == "${{ inputs.digest || needs.image.outputs.digest }}"
    assert found["jobs"]["image"]["outputs"]["digest"] == "${{ steps.push.outputs.digest }}"
    assert deploy["concurrency"]["cancel-in-progress"] is False


def test_no_script_has_an_expression_in_it() -> None:
    """What an expression gives reaches a script through its environment: it may hold anything."""
    for path in (PULL_REQUEST, DELIVERY):
        for job in workflow(FULL, path)["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", "")


def test_each_stage_has_a_cache_of_its_own_that_pushes_write_and_everybody_reads() -> None:
    image = named(workflow(SERVED, DELIVERY)["jobs"]["image"])
    for stage in ("base-runtime", "app"):
        written = f'--cache-to "type=registry,ref=$IMAGE:cache-{stage},mode=max,ignore-error=true"'
        assert written in image["Push"]["run"]
    assert "cache-base-runtime" in image["Base from cache"]["run"]
    assert {"cache-base-runtime", "cache-app"} <= set(re.findall(r"\$IMAGE:([a-z-]+)", image["App"]["run"]))


@given(all_settings())
@bounded(max_examples=20)
def test_tests_ask_the_services_of_compose_by_the_values_that_compose_needs(chosen: Settings) -> None:
    image = named(workflow(chosen, PULL_REQUEST)["jobs"]["image"])
    compose = parsed(render(chosen, context())["compose.yaml"].text)
    scripts = "\n".join(step.get("run", "") for step in image.values())
    started = re.findall(r"compose up --detach --wait --wait-timeout \d+ (.+)", scripts)
    services = started[0].split() if started else []
    assert set(services) == {
        name
        for name, service in compose["services"].items()
        if name not in ("app", "selenium", "vite") and not service["image"].startswith(chosen.name)
    }
    given = set(re.findall(r"^(\w+)=", scripts, flags=re.MULTILINE))
    texts = [yaml.dump(compose["services"][name]) for name in services]
    needed = {name for text in texts for name in re.findall(r"\$\{(\w+):\?", text)}
    assert needed <= given
    assert ("--network" in scripts) is bool(services)
    if chosen.database != "sqlite":
        assert f"DB_HOST={chosen.database}\n" in scripts
    # Which driver does what in a test is phpunit.xml's to say.
    assert not {"CACHE_STORE", "SESSION_DRIVER", "QUEUE_CONNECTION", "MAIL_MAILER"} & given


@pytest.mark.parametrize(("manager", "ecosystem"), [("npm", "npm"), ("pnpm", "npm"), ("yarn", "npm"), ("bun", "bun")])
def test_dependabot_looks_at_what_the_project_has(manager: PackageManager, ecosystem: str) -> None:
    def ecosystems(settings: Settings) -> list[str]:
        updates = parsed(render_github(settings)[DEPENDABOT].text)["updates"]
        assert all(update["cooldown"]["default-days"] >= 7 for update in updates)
        return [update["package-ecosystem"] for update in updates]

    plain = Settings("shop", node=NodeSettings(package_manager=manager))
    assert ecosystems(plain) == ["github-actions", "docker", "composer", ecosystem]
    assert "docker-compose" in ecosystems(plain.with_(services=("redis",)))


@pytest.mark.parametrize(("source", "runtime"), product(["local", "doppler"], [False, True]))
def test_doppler_is_spoken_of_where_it_is_used(source: Any, runtime: bool) -> None:
    settings = Settings("shop", secrets=SecretsSettings(source, runtime=runtime))
    for text in (render_github(settings)[DELIVERY].text, render_gitlab(settings)[GITLAB].text):
        assert ("keep these" in text) is (source == "doppler")
        assert ("DOPPLER_TOKEN" in text) is runtime
        assert "secrets.DOPPLER" not in text


def test_gitlab_runs_the_same_commands() -> None:
    gitlab = parsed(render_gitlab(SERVED)[GITLAB].text)
    scripts = [text for text in gitlab[".build"]["script"] if isinstance(text, str)]
    github = named(workflow(SERVED, DELIVERY)["jobs"]["image"])
    for name in ("Base from cache", "App", "Packages of the tests", "Tests"):
        assert github[name]["run"] in scripts
    deploy = named(workflow(SERVED, DELIVERY)["jobs"]["deploy"])["Deploy"]["run"]
    assert gitlab[".deploy"]["script"][0].endswith(deploy)


def test_gitlab_pushes_on_the_default_branch_alone_and_waits_for_a_person_before_production() -> None:
    gitlab = parsed(render_gitlab(SERVED)[GITLAB].text)
    on_default = [{"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]
    assert "--push" not in yaml.dump(gitlab[".build"])
    assert gitlab["check"] == {"extends": ".build", "rules": [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]}
    assert gitlab["build"]["rules"] == gitlab["staging"]["rules"] == on_default
    assert gitlab["production"]["rules"] == [{**on_default[0], "when": "manual"}]
    assert gitlab["staging"]["extends"] == gitlab["production"]["extends"] == ".deploy"
    assert gitlab[".deploy"]["needs"] == ["build"]

from __future__ import annotations

import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from dockerfile_parse import DockerfileParser
from hypothesis import given, settings
from scaffold_examples import FULL, all_settings, context

from devkit.project.settings import PhpSettings, SecretsSettings, Settings
from devkit.scaffold.render import render

pytestmark = pytest.mark.unit

STAGES = ["base-runtime", "dependencies", "frontend-build", "app", "development"]


@given(all_settings())
@settings(max_examples=60)
def test_every_compose_file_is_whole(chosen: Settings) -> None:
    compose = yaml.safe_load(render(chosen, context())["compose.yaml"].text)
    services = compose["services"]
    assert list(services) == ["app", *sorted(services.keys() - {"app"}, key=list(services).index)]
    assert set(services) == {"app", *chosen.all_services}
    assert compose["name"] == chosen.name
    fallbacks = [port.split("}")[0] for service in services.values() for port in service.get("ports", [])]
    assert len(fallbacks) == len(chosen.published_ports()) == len(set(fallbacks))
    # None that a former Compose file may have had for the data of another version.
    assert all(volume.startswith("devkit-") for volume in compose["volumes"])
    for name, service in services.items():
        assert "." not in name
        assert "start_interval" in service["healthcheck"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert set(service.get("depends_on", {})) <= set(services)
        assert all(wait == {"condition": "service_healthy"} for wait in service.get("depends_on", {}).values())
        assert "env_file" not in service
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source.startswith(".") or source in compose["volumes"], volume


@given(all_settings())
@settings(max_examples=30)
def test_every_dockerfile_has_the_stages(chosen: Settings) -> None:
    parser = DockerfileParser(fileobj=BytesIO(render(chosen, context())["Dockerfile"].text.encode()))
    names = [line["value"].split(" AS ")[1] for line in parser.structure if line["instruction"] == "FROM"]
    assert [name for name in names if name != "doppler"] == STAGES
    assert ("doppler" in names) is chosen.secrets.runtime


@given(all_settings())
@settings(max_examples=30)
def test_rendering_twice_gives_the_same_text(chosen: Settings) -> None:
    assert render(chosen, context()) == render(chosen, context())


def hadolint() -> str:
    beside = Path(sys.executable).parent / "hadolint"
    return str(beside) if beside.exists() else shutil.which("hadolint") or "hadolint"


@pytest.mark.parametrize("frontend_php", [False, True])
@pytest.mark.parametrize(
    "chosen",
    [
        Settings("shop"),
        FULL,
        Settings("shop", php=PhpSettings(mode="classic")),
        Settings("shop", secrets=SecretsSettings(runtime=True)),
    ],
    ids=["default", "full", "classic", "doppler"],
)
def test_hadolint_finds_nothing(chosen: Settings, frontend_php: bool, tmp_path: Path) -> None:
    path = tmp_path / "Dockerfile"
    path.write_text(
        render(chosen, context(frontend_php=frontend_php, composer_paths=("packages/a",)))["Dockerfile"].text
    )
    done = subprocess.run([hadolint(), "--no-color", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")

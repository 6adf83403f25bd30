"""On a machine that trusts a company's own certificate authority and has logins for its private packages."""

from __future__ import annotations

import json
import subprocess
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from company import COMPOSER_WORD, MARK, NPM_WORD, Company, company_network
from support import Project, first_run, remove

from devkit.engine.certificates import ca_bundle
from devkit.engine.docker import Docker, find_docker
from devkit.engine.machine_trust import trust_for
from devkit.engine.private_packages import read_text
from devkit.project.paths import machine_paths
from devkit.setup.building import build
from devkit.setup.composer import ComposerRunner
from devkit.setup.project import open_project

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Inside:
    """A project on such a machine, its private packages required and its services up."""

    project: Project
    company: Company

    def shell(self, service: str, script: str) -> str:
        command = ["docker", "compose", "run", "--rm", "--no-deps", "-T", service, "sh", "-c", script]
        done = subprocess.run(command, cwd=self.project.directory, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    place = tmp_path_factory.mktemp("company")
    directory = place / "inside"
    with company_network(place) as company, pytest.MonkeyPatch.context() as machine:
        bundle = place / "bundle.pem"
        bundle.write_text(read_text(ca_bundle()) + company.certificate.read_text())
        npmrc = place / "npmrc"
        npmrc.write_text(f"{read_text(Path.home() / '.npmrc')}\n//{company.address}/npm/:_authToken=${{ACME_WORD}}\n")
        repository = {"type": "composer", "url": f"https://{company.address}"}
        (place / "composer").mkdir()
        (place / "composer/config.json").write_text(json.dumps({"repositories": {"company": repository}}))
        for name, value in {
            "COMPOSER_HOME": str(place / "composer"),
            "SSL_CERT_FILE": str(bundle),
            "COMPOSER_AUTH": company.composer_auth,
            "NPM_CONFIG_USERCONFIG": str(npmrc),
            "ACME_WORD": NPM_WORD,
            "XDG_STATE_HOME": str(place / "state"),
        }.items():
            machine.setenv(name, value)
        try:
            project = first_run(directory, "--no-start", "--with", "vite")
            require_private_packages(project, company)
            done = project.devkit("up", "app")
            assert done.status == 0, done.stderr
            yield Inside(project, company)
        finally:
            remove(directory)


def require_private_packages(project: Project, company: Company) -> None:
    """The Composer repository is one that the person's Composer is set to, the npm registry the project's own."""
    opened = open_project(project.directory)
    trust = trust_for(project.directory, machine_paths())
    composer = ComposerRunner(opened.docker, opened.image, project.directory, machine_paths(), trust)
    composer.run(["composer", "require", "acme/demo:1.0.0"], print)
    manifest = project.directory / "package.json"
    packages = json.loads(manifest.read_text())
    packages["dependencies"] = {"@acme/demo": "1.0.0"}
    manifest.write_text(json.dumps(packages, indent=4))
    project.write(".npmrc", f"@acme:registry=https://{company.address}/npm/\n")
    script = project.directory / "resources/js/app.js"
    script.write_text(script.read_text() + "import mark from '@acme/demo';\ndocument.title = mark;\n")


def test_programs_of_development_containers_trust_what_the_machine_trusts(inside: Inside) -> None:
    url = f"https://{inside.company.address}"
    assert inside.shell("app", f"curl -fsS {url}/hello.txt") == "hello"
    assert inside.shell("app", f"php -r 'echo file_get_contents(\"{url}/hello.txt\");'") == "hello"
    assert inside.shell("app", f"git ls-remote {url}/repository.git") == ""
    assert "1.0.0" in inside.shell("app", "composer show --available --no-ansi acme/demo")
    page = f"fetch('{url}/hello.txt').then((answer) => answer.text()).then((text) => console.log(text.trim()))"
    assert inside.shell("vite", f'node -e "{page}"') == "hello"
    assert inside.shell("vite", "npm view @acme/demo version") == "1.0.0"


def test_no_login_stands_in_a_file_that_others_may_read(inside: Inside) -> None:
    files = [path for path in inside.project.directory.glob("*") if path.is_file()]
    assert not [path for path in files if any(word in read_text(path) for word in (COMPOSER_WORD, NPM_WORD))]


STEPS = """
FROM development AS tried
RUN --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt,mode=0444 \\
    --mount=type=secret,id=composer_auth,target=/config/composer/auth.json,mode=0444 \\
    curl -fsS URL/hello.txt && php -r 'echo file_get_contents("URL/hello.txt");' && git ls-remote URL/repository.git \\
    && cd /tmp && echo '{"repositories": [{"type": "composer", "url": "URL"}]}' > composer.json \\
    && composer show --no-ansi --available acme/demo
"""


def test_programs_of_builds_trust_what_the_machine_trusts(inside: Inside) -> None:
    project = open_project(inside.project.directory)
    dockerfile = inside.project.directory / "Dockerfile"
    before = dockerfile.read_text()
    try:
        dockerfile.write_text(before + STEPS.replace("URL", f"https://{inside.company.address}"))
        build(project, "tried", print)
    finally:
        dockerfile.write_text(before)


def test_private_packages_are_in_the_production_image_and_nothing_that_fetched_them(
    inside: Inside, tmp_path: Path
) -> None:
    done = inside.project.devkit("build", "app", "--json")
    assert done.status == 0, done.stderr[-4000:]
    image = done.json["image"]
    docker = find_docker()

    def shell(script: str) -> str:
        return docker.run("run", "--rm", "--entrypoint", "sh", image, "-c", script, check=False).stdout.decode().strip()

    assert MARK in shell("cat vendor/acme/demo/src/Demo.php")
    assert MARK in shell("cat public/build/assets/*.js")
    assert shell("find / -xdev -name .npmrc -o -xdev -name auth.json 2>/dev/null") == ""
    assert shell(f"curl -sS https://{inside.company.address}/hello.txt; echo $?") == "60"  # not trusted
    certificate = inside.company.certificate.read_text().splitlines()[1]
    words = [word.encode() for word in (COMPOSER_WORD, NPM_WORD, certificate)]
    assert left_in_image(docker, image, [MARK.encode()], tmp_path)  # what is in a layer is found
    assert left_in_image(docker, image, words, tmp_path) == []
    assert left_in_image(docker, open_project(inside.project.directory).image, words, tmp_path) == []


def left_in_image(docker: Docker, image: str, words: list[bytes], directory: Path) -> list[str]:
    """The files of any layer, deleted later or not, and of the image's description that hold one of the words."""
    archive = directory / "image.tar"
    docker.run("save", "--output", str(archive), image)
    found = []
    with tarfile.open(archive) as outer:
        for member in outer:
            data = outer.extractfile(member)
            if data is None:
                continue
            content = data.read()
            if any(word in content for word in words):  # layers are tar files that are not compressed
                found.append(member.name)
    archive.unlink()
    return found

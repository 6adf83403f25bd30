"""The steps that the first run and `up` share: what a stack needs on this machine before it starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from devkit.engine.images.provide import ProvidedImage, provide
from devkit.engine.machine_trust import MachineTrust, trust_for
from devkit.project.paths import MachinePaths
from devkit.project.remembered_ports import remembered_ports
from devkit.setup.answers import ImageMode
from devkit.setup.application import Application, packages_of
from devkit.setup.building import debian_suite
from devkit.setup.composer import ComposerRunner
from devkit.setup.development_image import DevelopmentImage
from devkit.setup.environment import environment_is_written, write_environment
from devkit.setup.first_secrets import FirstSecrets
from devkit.setup.override_file import write_override
from devkit.setup.project import Project
from devkit.setup.rendering import image_keys
from devkit.setup.stack import OnLine
from devkit.setup.step import Step


class StackSteps:
    """The steps of one project. What one of them finds out is here for the ones behind it."""

    def __init__(
        self,
        project: Project,
        machine: MachinePaths,
        warn: Callable[[str], None],
        images: ImageMode = "auto",
        *,
        secrets: FirstSecrets | None = None,
    ) -> None:
        self.project = project
        self.application = Application(project.paths, packages_of(project.settings))
        self.bases: tuple[ProvidedImage, ...] = ()
        self.ports: Mapping[str, int] = remembered_ports(project.paths)
        self.changed: dict[str, bool] = {}
        """Whether the files whose text the steps find out, .env and compose.override.yaml, became others; by name."""
        self._machine = machine
        self._warn = warn
        self._images = images
        self._secrets = secrets

    @property
    def url(self) -> str:
        """The application's address, once the ports are settled."""
        return self.project.settings.url(self.ports)

    def images(self) -> Step:
        """The base images, pulled or built."""
        return Step("images", "Base images", self._provide)

    def override(self) -> Step:
        """Free ports, and compose.override.yaml."""
        return Step("ports", "Ports", self._write_override)

    def build(self) -> Step:
        """The development image, on the base images."""

        def run(line: OnLine) -> None:
            DevelopmentImage(self.project, self.bases).build(line)

        return Step("build", "Development image", run, lambda: DevelopmentImage(self.project, self.bases).is_built())

    def create(self) -> Step:
        """The application's sources, where there are none."""

        def run(line: OnLine) -> None:
            self.application.create(self._composer(), line)

        return Step("application", "Laravel", run, self.application.exists)

    def packages(self) -> Step:
        """The packages of composer.lock, and those that the stack needs."""

        def run(line: OnLine) -> None:
            self.application.complete(self._composer(), line)

        return Step("packages", "Composer packages", run, self.application.is_complete)

    def environment(self) -> Step:
        """.env, as the stack needs it."""
        return Step("environment", ".env", self._write_environment, self._environment_is_written)

    def settle_ports(self, line: OnLine) -> None:
        """Choose free ports anew, and have .env say so."""
        self._write_override(line)
        self._bring_in_line(line)

    def _provide(self, line: OnLine) -> None:
        settings = self.project.settings
        bases = provide(
            self.project.docker,
            image_keys(settings),
            mode=self._images,
            php_version=settings.php.version,
            node_version=settings.node.version,
            paths=self._machine,
            on_progress=lambda progress: line(str(progress)),
        )
        self.bases = tuple(bases)
        stand_ins = [base.name for base in bases if base.origin == "local"]
        if stand_ins:
            self._warn(f"stand-ins built on this machine, for development and not production: {', '.join(stand_ins)}")

    def _write_override(self, line: OnLine) -> None:
        written = write_override(self.project, self.bases, self._trust(), self._warn)
        self.ports = written.ports
        self._wrote(self.project.paths.override, line, changed=written.changed)

    def _environment_is_written(self) -> bool:
        paths = self.project.paths
        if self._secrets is not None and self._secrets.are_due(self.project):
            return False
        written = environment_is_written(paths, self.project.settings, self.url, self.ports)
        self.changed[paths.env.name] = not written
        return written

    def _write_environment(self, line: OnLine) -> None:
        fetched = self._secrets is not None and self._secrets.fetch(self.project, line, self._warn)
        self._bring_in_line(line, changed=fetched)

    def _bring_in_line(self, line: OnLine, *, changed: bool = False) -> None:
        paths = self.project.paths
        written = write_environment(paths, self.project.settings, self.url, self.ports)
        self._wrote(paths.env, line, changed=changed or written)

    def _wrote(self, path: Path, line: OnLine, *, changed: bool) -> None:
        self.changed[path.name] = changed
        if changed:
            line(f"written {path.name}")

    def _composer(self) -> ComposerRunner:
        project = self.project
        return ComposerRunner(project.docker, project.image, project.paths.root, self._machine, self._trust())

    def _trust(self) -> MachineTrust:
        """Asked for anew where it is used: the sources may have come meanwhile, and with them private packages."""
        return trust_for(self.project.paths.root, self._machine, suites=debian_suite(self.bases))

"""The steps of the first run, bound to one project."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from devkit.engine.docker import Docker, find_docker
from devkit.engine.image_inspection import image_id
from devkit.engine.images.provide import ProvidedImage, provide
from devkit.engine.machine_trust import MachineTrust, trust_for
from devkit.engine.port_holders import project_ports
from devkit.laravel.mounts import on_slow_mount
from devkit.project.errors import EngineError
from devkit.project.files import write_atomically
from devkit.project.paths import MachinePaths, ProjectPaths, owner_of
from devkit.project.settings import Settings
from devkit.project.settings_file import read_settings, write_settings
from devkit.scaffold.adopt import Existing
from devkit.scaffold.context import Machine
from devkit.scaffold.override import machine_override
from devkit.scaffold.plan import PlannedFile, apply_plan, refuse_conflicts
from devkit.setup.answering import Answering
from devkit.setup.answers import Answers
from devkit.setup.application import Application, packages_of
from devkit.setup.building import build, debian_suite
from devkit.setup.composer import ComposerRunner
from devkit.setup.environment import environment_is_written, write_environment
from devkit.setup.known_projects import named
from devkit.setup.machine import remembered_ports, settle_ports, url_of, write_if_changed, xdebug_file
from devkit.setup.migrations import is_migrated, run_migrations
from devkit.setup.preflight import Consent, Preflight
from devkit.setup.rendering import image_keys, make_room
from devkit.setup.result import FileResult, Renamed
from devkit.setup.stack import Project
from devkit.setup.started import start_unless_it_stands
from devkit.setup.step import Reporter, Step
from devkit.setup.trust import root_certificate
from devkit.setup.watching import watch_where_needed

OnLine = Callable[[str], None]

_BUILD_STAMP = "build.sha256"


class FirstRun:
    """The state of one run: what the steps find out for the ones behind them."""

    def __init__(
        self,
        answers: Answers,
        settings: Settings,
        existing: Existing,
        files: Sequence[PlannedFile],
        renamed: Sequence[Renamed],
        machine: MachinePaths,
        consent: Consent,
        report: Reporter,
    ) -> None:
        self.answers = answers
        self.settings = settings
        self.existing = existing
        self.files = files
        self.renamed = renamed
        self.machine = machine
        self.report = report
        self.paths = ProjectPaths(answers.directory)
        self.application = Application(self.paths, packages_of(settings))
        self.bases: list[ProvidedImage] = []
        self.warnings: list[str] = []
        self.ports: dict[str, int] = {}
        self.changed: dict[str, bool] = {}
        """Whether the files whose text the steps find out, .env and compose.override.yaml, became others; by name."""
        self._preflight = Preflight(answers, settings.name, machine, consent, self.warn)
        self._docker: Docker | None = None

    @staticmethod
    def step_names(answers: Answers) -> tuple[str, ...]:
        """The names of the steps, in their order."""
        names = ("engine", "images", "files", "ports", "build", "application", "packages", "environment")
        return (*names, "start", "migrate", "check") if answers.start else names

    def steps(self) -> list[Step]:
        """All steps, in order."""
        every = {
            "engine": Step("engine", "Container engine", self._engine, self._engine_is_ready),
            "images": Step("images", "Base images", self._images),
            "files": Step("files", "Project files", self._write_files, self._files_are_written),
            "ports": Step("ports", "Ports", self._settle_ports),
            "build": Step("build", "Development image", self._build, self._is_built),
            "application": Step("application", "Laravel", self._create, self.application.exists),
            "packages": Step("packages", "Composer packages", self._install, self.application.is_complete),
            "environment": Step("environment", ".env", self._environment, self._environment_is_written),
            "start": Step("start", "Services", self._start),
            "migrate": Step("migrate", "Migrations", self._migrate, self._is_migrated),
            "check": Step("check", "Answers", self._check),
        }
        return [every[name] for name in self.step_names(self.answers)]

    @property
    def url(self) -> str:
        """The application's address."""
        return url_of(self.settings, self._known_ports())

    @property
    def project(self) -> Project:
        """The project, once the engine has been found."""
        return Project(self.paths, self.settings, self._engine_found())

    def warn(self, text: str) -> None:
        """Keep a warning for the result, and show it."""
        if text not in self.warnings:
            self.warnings.append(text)
            self.report.warning(text)

    def _known_ports(self) -> dict[str, int]:
        return self.ports or remembered_ports(self.paths)

    def _engine_found(self) -> Docker:
        if self._docker is None:
            self._docker = find_docker()
        return self._docker

    def _engine_is_ready(self) -> bool:
        try:
            self._docker = self._preflight.engine()
        except EngineError:
            return False
        return True

    def _engine(self, line: OnLine) -> None:
        self._docker = self._preflight.install(line)

    def _images(self, line: OnLine) -> None:
        self.bases = provide(
            self._engine_found(),
            image_keys(self.settings),
            mode=self.answers.images,
            php_version=self.settings.php.version,
            node_version=self.settings.node.version,
            paths=self.machine,
            on_progress=lambda progress: line(str(progress)),
        )
        stand_ins = [base.name for base in self.bases if base.origin == "local"]
        if stand_ins:
            self.warn(f"stand-ins built on this machine, for development and not production: {', '.join(stand_ins)}")

    def _files_are_written(self) -> bool:
        settings = self.paths.settings
        if not settings.is_file() or read_settings(settings) != self.settings:
            return False
        return all(file.status in ("kept", "conflict") for file in self.files)

    def _write_files(self, line: OnLine) -> None:
        """devkit.toml last: until it is there the directory is not a project, and adoption begins again."""
        settings = self.paths.settings
        if settings.is_file() and read_settings(settings) != self.settings:
            refuse_conflicts(self.files)
        self.paths.root.mkdir(parents=True, exist_ok=True)
        make_room(self.paths.root, self.renamed)
        for moved in self.renamed:
            line(f"renamed {moved.path} to {moved.to}")
        apply_plan(self.paths.root, self.files)
        with named(self.machine, self.settings.name, self.paths.root):
            write_settings(self.paths.settings, self.settings)
        for file in self.files:
            if file.status != "kept":
                line(FileResult(file.path, file.status, file.backup).in_words)

    def _settle_ports(self, line: OnLine) -> None:
        docker = self._engine_found()
        ours = project_ports(docker, self.settings.name)
        self.ports = settle_ports(self.paths, self.settings, docker, ours=ours, warn=self.warn)
        uid, gid = owner_of(self.paths.root)
        bases = {base.key: base.pinned for base in self.bases}
        machine = Machine(
            uid,
            gid,
            self.ports,
            bases,
            trust=self._trust(),
            polling=on_slow_mount(self.paths.root),
            xdebug=xdebug_file(self.paths).is_file(),
        )
        changed = write_if_changed(self.paths.override, machine_override(self.settings, machine))
        self._wrote(self.paths.override, line, changed=changed)

    def _wrote(self, path: Path, line: OnLine, *, changed: bool) -> None:
        self.changed[path.name] = changed
        if changed:
            line(f"written {path.name}")

    def _trust(self) -> MachineTrust:
        """Asked for anew where it is used: the sources may have come meanwhile, and with them private packages."""
        return trust_for(self.paths.root, self.machine, suites=debian_suite(self.bases))

    def _build_inputs(self) -> str:
        """A digest of everything that the development image is made of."""
        digest = hashlib.sha256()
        for name in ("Dockerfile", "compose.yaml", "compose.override.yaml"):
            path = self.paths.root / name
            digest.update(path.read_bytes() if path.is_file() else b"-")
        for path in sorted((self.paths.root / "docker").rglob("*")):
            if path.is_file():
                digest.update(path.name.encode() + path.read_bytes())
        for base in self.bases:
            digest.update(f"{base.name} {base.id}".encode())
        return digest.hexdigest()

    def _is_built(self) -> bool:
        stamp = self.paths.state / _BUILD_STAMP
        if not stamp.is_file() or stamp.read_text(encoding="ascii") != self._build_inputs():
            return False
        return image_id(self._engine_found(), self.project.image) is not None

    def _build(self, line: OnLine) -> None:
        build(self.project, None, line)
        write_atomically(self.paths.state / _BUILD_STAMP, self._build_inputs())

    def _composer(self) -> ComposerRunner:
        return ComposerRunner(self._engine_found(), self.project.image, self.paths.root, self.machine, self._trust())

    def _create(self, line: OnLine) -> None:
        self.application.create(self._composer(), line)

    def _install(self, line: OnLine) -> None:
        self.application.complete(self._composer(), line)

    def _environment_is_written(self) -> bool:
        written = environment_is_written(self.paths, self.settings, self.url, self._known_ports())
        self.changed[self.paths.env.name] = not written
        return written

    def _environment(self, line: OnLine) -> None:
        changed = write_environment(self.paths, self.settings, self.url, self._known_ports())
        self._wrote(self.paths.env, line, changed=changed)

    def _start(self, line: OnLine) -> None:
        start_unless_it_stands(
            self.project,
            on_line=line,
            on_change=lambda state: line(f"{state.name}: {state.health or state.state}"),
        )
        watch_where_needed(self.project, on_line=line, warn=self.warn)

    def _is_migrated(self) -> bool:
        return is_migrated(self.project)

    def _migrate(self, line: OnLine) -> None:
        run_migrations(self.project, line)

    def _check(self, line: OnLine) -> None:
        root = root_certificate(self.project)[0] if self.url.startswith("https:") else None
        adopted = self.existing.kind == "laravel"
        Answering(self.url, self.existing.health_path, adopted, root).check(line, self.warn)

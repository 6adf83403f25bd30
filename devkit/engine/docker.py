"""The docker command: found, given its environment, run, and ended with whoever started it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devkit.engine import http_socket
from devkit.engine.children import close_pipes, end_children
from devkit.engine.connection import Endpoint, find_endpoint, why_unreachable
from devkit.project.errors import CommandError, EngineError, FailedError
from devkit.project.lock import held_locks
from devkit.project.paths import machine_paths

PING_SECONDS = 3.0
_STOP_SECONDS = 10.0
_LINE_BYTES = 64 * 1024
_OUTPUT_LINES = 15
_SHOWN = 160


_ENV_ERROR = re.compile(r"(failed to read .*?: line \d+)\b.*")


@dataclass(frozen=True)
class Docker:
    """A docker client and the engine it talks to."""

    binary: Path
    endpoint: Endpoint

    def environment(self) -> dict[str, str]:
        """os.environ, a PATH that finds the engine's programs and, if the client needs it, DOCKER_HOST."""
        environment = dict(os.environ)
        own = machine_paths().engine / "usr"
        path = [part for part in environment.get("PATH", os.defpath).split(os.pathsep) if part]
        ours = [str(own / "bin"), str(own / "sbin")]
        path = [part for part in path if part not in ours]
        if self.binary.is_relative_to(own):
            path = [*ours, *path]
        elif str(self.binary.parent) not in path:
            path = [str(self.binary.parent), *path]
        path += [part for part in (*ours, "/usr/sbin", "/sbin") if part not in path]
        environment["PATH"] = os.pathsep.join(path)
        if not self.endpoint.found_by_docker:
            environment["DOCKER_HOST"] = self.endpoint.host
            environment.pop("DOCKER_CONTEXT", None)
        return environment

    def run(
        self,
        *args: str,
        input: bytes | None = None,
        check: bool = True,
        timeout: float | None = None,
        cwd: Path | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run to the end with the output captured; `timeout` in seconds.

        CommandError where `check` is set and the status is not 0 (`output` holds the last lines of stderr),
        and always where the time is over.
        """
        with self._child(
            args,
            cwd=cwd,
            env=None,
            stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child:
            try:
                out, err = child.communicate(input, timeout)
            except subprocess.TimeoutExpired as error:
                raise CommandError(
                    f"{describe(args)} did not end within {timeout:g} s", "devkit doctor", returncode=124
                ) from error
        if check and child.returncode != 0:
            raise command_error(args, child.returncode, (err or out).decode(errors="replace"))
        return subprocess.CompletedProcess([str(self.binary), *args], child.returncode, out, err)

    def stream(
        self,
        *args: str,
        on_line: Callable[[str], None],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> int:
        """Run, give each line of stdout and stderr to `on_line` as it comes, and return the exit status.

        `env` is added to `environment()`. Any exception, Ctrl-C included, ends the child first. A line longer
        than 64 KiB comes in pieces.
        """
        with self._child(args, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT) as child:
            assert child.stdout is not None
            while line := child.stdout.readline(_LINE_BYTES):
                on_line(line.decode(errors="replace").rstrip("\r\n"))
            return child.wait()

    def json(self, *args: str) -> Any:
        """The one JSON document that the command prints."""
        return json.loads(self.run(*args).stdout)

    def json_lines(self, *args: str) -> list[Any]:
        """The JSON documents that the command prints, one a line (`docker ps --format json`)."""
        return [json.loads(line) for line in self.run(*args).stdout.splitlines() if line.strip()]

    def ping(self) -> None:
        """Ask the engine for a sign of life; EngineError says why there is none, and what to do."""
        path = self.endpoint.socket_path
        if path is None:
            self._ping_by_client()
            return
        try:
            status, body = http_socket.request(path, "GET", "/_ping", timeout=PING_SECONDS)
        except OSError as error:
            raise why_unreachable(self.endpoint, error, PING_SECONDS) from error
        if status != http_socket.HTTP_OK:
            raise EngineError(
                f"the container engine at {path} answers with an error: {http_socket.engine_message(body) or status}",
                "look at the engine's log: journalctl -u docker, or Docker Desktop's troubleshooting page",
            )

    def find(self, target: str) -> Any | None:
        """The JSON that an engine on a Unix socket answers a GET with; None where it has no such thing.

        EngineError where it does not answer, FailedError where it refuses.
        """
        path = self.endpoint.socket_path
        if path is None:
            raise ValueError(f"{self.endpoint.host} is no Unix socket")
        try:
            status, body = http_socket.request(path, "GET", target)
        except OSError as error:
            raise why_unreachable(self.endpoint, error, http_socket.SECONDS) from error
        if status == http_socket.HTTP_NOT_FOUND:
            return None
        if status != http_socket.HTTP_OK:
            said = http_socket.engine_message(body) or status
            raise FailedError(f"the engine refused {target}: {said}", "devkit doctor")
        return json.loads(body)

    def _ping_by_client(self) -> None:
        """A tcp or ssh engine: the client knows its keys, certificates and context."""
        try:
            self.run("version", "--format", "{{.Server.Version}}", timeout=3 * PING_SECONDS)
        except CommandError as error:
            raise EngineError(
                f"the container engine at {self.endpoint.host} ({self.endpoint.source}) does not answer:"
                f" {last_line(error.detail) or error.message}",
                "check that the host is up and that DOCKER_HOST or the context is right: docker context ls",
            ) from error

    @contextmanager
    def _child(
        self,
        args: Sequence[str],
        *,
        cwd: Path | None,
        env: Mapping[str, str] | None,
        stdin: int,
        stderr: int,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A child in a process group of its own: the docker command's plugins end with it.

        It holds the project's lock as devkit does: what goes on after a kill -9 keeps the next command waiting.
        """
        try:
            child = subprocess.Popen(
                [str(self.binary), *args],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=cwd,
                env={**self.environment(), **(env or {})},
                process_group=0,
                pass_fds=held_locks(),
            )
        except FileNotFoundError as error:
            if cwd is not None and not cwd.is_dir():
                raise CommandError(f"{cwd} is not a directory", "go to the project's directory") from error
            raise _not_installed() from error
        try:
            yield child
        except BaseException:
            end_children([child], _STOP_SECONDS)
            raise
        finally:
            close_pipes(child)


def find_docker(environ: Mapping[str, str] | None = None) -> Docker:
    """The docker command (devkit's own engine's before the one on the PATH) and its endpoint, not yet asked.

    EngineError where there is no docker command.
    """
    environment = os.environ if environ is None else environ
    own = machine_paths().engine / "usr" / "bin"
    path = environment.get("PATH", os.defpath)
    found = shutil.which("docker", path=os.pathsep.join([str(own), path]))
    if found is None:
        raise _not_installed()
    return Docker(Path(found).absolute(), find_endpoint(environment))


def command_error(args: Sequence[str], returncode: int, output: str) -> CommandError:
    """A CommandError that names the command, its status and its last line."""
    lines = [_without_values(line) for line in output.splitlines() if line.strip()][-_OUTPUT_LINES:]
    reason = f": {lines[-1].strip()}" if lines else ""
    return CommandError(
        f"{describe(args)} ended with status {returncode}{reason}",
        "devkit doctor looks for the cause",
        returncode=returncode,
        detail="\n".join(lines),
    )


def _without_values(line: str) -> str:
    """Compose quotes the line of .env that it cannot read, secret and all: only where it is may be said."""
    return _ENV_ERROR.sub(r"\1: it cannot be read", line)


def describe(args: Sequence[str]) -> str:
    """The command for a message: without devkit's own options of compose, and without values (KEY=…)."""
    words = list(args)
    for option in ("--project-directory", "-p"):
        if words[:1] == ["compose"] and option in words[:6]:
            at = words.index(option)
            del words[at : at + 2]
    shown = [f"{word.partition('=')[0]}=…" if "=" in word else shlex.quote(word) for word in words]
    text = " ".join(["docker", *shown])
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def last_line(text: str) -> str:
    """The last line that is not blank."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


def _not_installed() -> EngineError:
    debian = Path("/etc/debian_version").exists()
    return EngineError(
        "Docker is not installed: there is no docker command on the PATH",
        "devkit init --install-docker installs it"
        if debian
        else "install it: https://docs.docker.com/get-started/get-docker/",
    )

#!/usr/bin/env python3
"""From a bare machine to a running Laravel app on FrankenPHP: makes devkit's environment, hands over to it.

    ./quickstart.py [DIR] [flags]        the flags are those of `devkit init`; --help lists them

Standard library only, one file. The file has to parse on old Pythons too, so that they get a message.
All that is said goes to stderr: stdout belongs to `devkit init --json`.
"""

import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import IO, Any, NamedTuple, NoReturn

OLDEST_PYTHON = (3, 11)

if sys.version_info < OLDEST_PYTHON:
    TOO_OLD = "devkit needs Python 3.11 or newer, and this is {}.{}".format(*sys.version_info)
    NEWER = "run it as python3.11 quickstart.py, or install a newer Python (Debian and Ubuntu: apt install python3)"
    sys.stderr.write(f"{TOO_OLD}: {NEWER}.\n")
    if "--json" in sys.argv:
        print(json.dumps({"error": {"code": "failed", "message": TOO_OLD, "hint": NEWER}}))
    sys.exit(1)

CHECKOUT = Path(__file__).resolve().parent
STAMP = "devkit-stamp.json"
STAMP_FORMAT = 1
MARK = "written by devkit's quickstart.py"


class SetupError(Exception):
    """What failed and why, and what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


class Environment(NamedTuple):
    """A virtual environment of devkit's own and what has to be in it."""

    directory: Path
    requirements: Path

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self.directory / "bin/python"


# ------------------------------------------------------------ where things are


def data_directory() -> Path:
    """devkit's data directory, as platformdirs' user_data_dir gives it."""
    chosen = os.environ.get("XDG_DATA_HOME", "").strip()
    if chosen:
        return Path(chosen).expanduser() / "devkit"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/devkit"
    return Path.home() / ".local/share/devkit"


def runtime_environment() -> Environment:
    """What `devkit` runs in."""
    return Environment(data_directory() / "venv", CHECKOUT / "requirements/runtime.txt")


def say(text: str) -> None:
    """A line for the person."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


# ------------------------------------------------------------ is it there already


def digest(environment: Environment) -> str:
    """What the environment was made from; another digest means that it has to be made anew."""
    content = hashlib.sha256()
    for part in (str(STAMP_FORMAT), str(CHECKOUT)):
        content.update(part.encode("utf-8", "surrogateescape") + b"\0")
    for path in (environment.requirements, CHECKOUT / "pyproject.toml"):
        content.update(path.read_bytes() + b"\0")
    return content.hexdigest()


def is_ready(environment: Environment) -> bool:
    """Whether the environment is whole and up to date. The stamp is written last, so it tells."""
    try:
        stamp = json.loads((environment.directory / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    # The system's Python may have moved on below the environment: then the link leads elsewhere.
    real = environment.python.resolve()
    return bool(stamp == {"digest": digest(environment), "python": str(real)} and real.exists())


# ------------------------------------------------------------ making it


def prepare(environment: Environment) -> bool:
    """Make the environment where it is not whole; True if something was done. SetupError says what failed."""
    if is_ready(environment):
        return False
    parent = environment.directory.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        lock = (parent / (environment.directory.name + ".lock")).open("w")
    except OSError as error:
        raise SetupError(
            f"{parent} cannot be written: {error.strerror}",
            "make it writable, or set XDG_DATA_HOME to a directory that is",
        ) from error
    with lock:
        wait_for_turn(lock)
        if is_ready(environment):  # the other one made it
            return False
        try:
            make(environment, lock.fileno())
        except OSError as error:
            raise system_error(error, environment) from error
    return True


def wait_for_turn(lock: IO[str]) -> None:
    """One at a time. What a killed run left running holds the lock too, and is waited for."""
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Another quickstart is setting up the same environment: waiting for it.")
        fcntl.flock(lock, fcntl.LOCK_EX)


def make(environment: Environment, lock: int) -> None:
    """Make the environment from nothing: what an interrupted run left is thrown away."""
    say(f"Setting up devkit's environment in {environment.directory} (once)")
    shutil.rmtree(environment.directory, ignore_errors=True)
    uv = shutil.which("uv")
    if uv is None or not make_with_uv(uv, environment, lock):
        shutil.rmtree(environment.directory, ignore_errors=True)
        pip = make_with_venv(environment, lock)
        say("  installing the dependencies")
        locked = ["--require-hashes", "-r", str(environment.requirements)]
        run([*pip, "install", "-q", "--no-input", "--disable-pip-version-check", *locked], lock)
    link_checkout(environment)
    write_launcher(environment.directory / "bin/devkit", environment)
    stamp = {"digest": digest(environment), "python": str(environment.python.resolve())}
    temporary = environment.directory / (STAMP + ".new")
    temporary.write_text(json.dumps(stamp), encoding="utf-8")
    temporary.replace(environment.directory / STAMP)


def make_with_uv(uv: str, environment: Environment, lock: int) -> bool:
    """uv makes and fills an environment in a second; False where it fails: pip may be set up better."""
    say("  with uv")
    index = pip_setting("index-url")
    extra = {"UV_DEFAULT_INDEX": index} if index and not uv_has_an_index() else {}
    python = ["--python", str(environment.python)]
    try:
        base = getattr(sys, "_base_executable", sys.executable)
        run([uv, "venv", "-q", "--no-project", "--python", base, str(environment.directory)], lock, extra)
        locked = ["--require-hashes", "-r", str(environment.requirements)]
        run([uv, "pip", "install", "-q", *python, *locked], lock, extra)
    except SetupError as error:
        say(f"  uv failed, going on with pip: {error}")
        return False
    return True


def make_with_venv(environment: Environment, lock: int) -> "list[str]":
    """An environment by the standard library's venv, and the command that is pip in it."""
    import importlib.util

    python = str(environment.python)
    if importlib.util.find_spec("ensurepip") is not None:
        try:
            run([sys.executable, "-I", "-m", "venv", str(environment.directory)], lock)
            return [python, "-I", "-m", "pip"]
        except SetupError as error:
            say(f"  {error}; trying without ensurepip")
            shutil.rmtree(environment.directory, ignore_errors=True)
    run([sys.executable, "-I", "-m", "venv", "--without-pip", str(environment.directory)], lock)
    reasons: list[str] = []
    for source in (pip_from_index, pip_from_apt):
        try:
            wheel = source(environment.directory, lock)
        except SetupError as error:
            reasons.append(str(error))
        else:
            return [python, "-I", str(wheel) + "/pip"]
    raise SetupError(
        "this Python has no ensurepip, and pip could not be had otherwise ({})".format("; ".join(reasons)),
        "install it with: sudo apt install python{}.{}-venv".format(*sys.version_info),
    )


def link_checkout(environment: Environment) -> None:
    """devkit itself comes from the checkout, so that a `git pull` is all that an update takes."""
    version = "python{}.{}".format(*python_version(environment))
    packages = environment.directory / "lib" / version / "site-packages"
    (packages / "devkit-checkout.pth").write_text(str(CHECKOUT) + "\n", encoding="utf-8", errors="surrogateescape")


def python_version(environment: Environment) -> "tuple[int, int]":
    """Major and minor version of the environment's Python, by its pyvenv.cfg."""
    text = (environment.directory / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+)\.(\d+)", text, re.MULTILINE)
    return (int(found.group(1)), int(found.group(2))) if found else sys.version_info[:2]


# ------------------------------------------------------------ pip without ensurepip


def pip_setting(name: str) -> "str | None":
    """A setting of pip's (`index-url`, `cert`): from the environment or pip's configuration files."""
    import configparser

    value = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if value:
        return value
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    files = [
        "/etc/xdg/pip/pip.conf",
        "/etc/pip.conf",
        str(Path.home() / ".pip/pip.conf"),
        config + "/pip/pip.conf",
    ]
    if sys.platform == "darwin":
        files.append(str(Path.home() / "Library/Application Support/pip/pip.conf"))
    if os.environ.get("PIP_CONFIG_FILE"):
        files.append(os.environ["PIP_CONFIG_FILE"])
    parser = configparser.RawConfigParser()
    try:
        parser.read(files, encoding="utf-8")
    except configparser.Error:
        return None
    for section in ("install", "global"):
        if parser.has_option(section, name):
            return parser.get(section, name).strip()
    return None


def uv_has_an_index() -> bool:
    """Whether uv was told of an index of its own."""
    names = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE")
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return any(os.environ.get(name) for name in names) or (Path(config) / "uv/uv.toml").exists()


def pip_from_index(directory: Path, lock: int) -> Path:  # noqa: ARG001 - the same as pip_from_apt
    """pip's own wheel from the machine's index, checked against the index's hash and the pinned ones."""
    index = pip_setting("index-url")
    if not index:
        raise SetupError("no package index is named in the machine's settings", "")
    text = (CHECKOUT / "requirements/bootstrap.txt").read_text(encoding="utf-8")
    version = re.search(r"^pip==(\S+)", text, re.MULTILINE)
    pinned = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))
    if version is None:
        raise SetupError("requirements/bootstrap.txt names no pip", "")
    name = f"pip-{version.group(1)}-py3-none-any.whl"
    page = index.rstrip("/") + "/pip/"
    wanted, told = find_wheel(page, download(page, "application/vnd.pypi.simple.v1+json, text/html;q=0.5"), name)
    content = download(wanted, "*/*")
    found = hashlib.sha256(content).hexdigest()
    if found not in pinned or (told and found != told):
        raise SetupError(f"{name} from the machine's index has another hash than the pinned one", "")
    wheel = directory / name
    wheel.write_bytes(content)
    return wheel


def find_wheel(page: str, content: bytes, name: str) -> "tuple[str, str | None]":
    """Address and sha256 of a file on an index page, JSON (PEP 691) or HTML (PEP 503)."""
    import html
    from urllib.parse import urljoin

    try:
        for entry in json.loads(content)["files"]:
            if entry["filename"] == name:
                return urljoin(page, entry["url"]), entry.get("hashes", {}).get("sha256")
    except ValueError:
        for link in re.findall(r'href\s*=\s*"([^"]+)"', content.decode("utf-8", "replace")):
            address, _, fragment = html.unescape(link).partition("#")
            if address.rsplit("/", 1)[-1] == name:
                told = fragment[len("sha256=") :] if fragment.startswith("sha256=") else None
                return urljoin(page, address), told
    except (KeyError, TypeError):
        pass
    raise SetupError(f"the machine's index has no {name}", "")


def download(address: str, accept: str) -> bytes:
    """Fetch over HTTP(S), with the machine's proxies and certificates."""
    import base64
    import http.client
    import ssl
    import urllib.request
    from urllib.parse import unquote, urlsplit, urlunsplit

    class Redirect(urllib.request.HTTPRedirectHandler):
        """Follows to other hosts without the password for the first; urllib's own would hand it on."""

        def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> Any:
            new = super().redirect_request(req, fp, code, msg, headers, newurl)
            if new is not None and urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
                new.remove_header("Authorization")
            return new

    parts = urlsplit(address)
    headers = {"User-Agent": "devkit-quickstart", "Accept": accept}
    if parts.username is not None:  # urllib does not take them from the address
        login = "{}:{}".format(unquote(parts.username), unquote(parts.password or ""))
        headers["Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    bundle = pip_setting("cert") or os.environ.get("REQUESTS_CA_BUNDLE")
    try:
        tls = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=bundle))
        request = urllib.request.Request(urlunsplit(parts), headers=headers)
        with urllib.request.build_opener(tls, Redirect).open(request, timeout=60) as answer:
            content: bytes = answer.read()
            return content
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SetupError(f"{parts.hostname} could not be fetched: {error}", "") from error


def pip_from_apt(directory: Path, lock: int) -> Path:
    """The distribution's own pip wheel, by the machine's apt: installs nothing, needs no root."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise SetupError("no apt here", "")
    say("  this Python has no ensurepip: taking pip from the distribution's package python3-pip-whl")
    work = directory / "apt"
    for name in ("lists/partial", "cache/archives/partial", "root"):
        (work / name).mkdir(parents=True, exist_ok=True)
    try:
        run(["apt-get", "-q", "download", "python3-pip-whl"], lock, cwd=work)
    except SetupError:  # no package lists, as in a fresh container: read them into a directory of our own
        own = ["-o", f"Dir::State::Lists={work}/lists", "-o", f"Dir::Cache={work}/cache"]
        if os.geteuid() == 0:  # apt's own download user cannot enter directories below /root
            own += ["-o", "APT::Sandbox::User=root"]
        run(["apt-get", "-q", *own, "update"], lock, cwd=work)
        run(["apt-get", "-q", *own, "download", "python3-pip-whl"], lock, cwd=work)
    for package in work.glob("*.deb"):
        run(["dpkg", "-x", str(package), str(work / "root")], lock)
    found = sorted((work / "root/usr/share/python-wheels").glob("pip-*.whl"))
    if not found:
        raise SetupError("the package python3-pip-whl holds no pip", "")
    wheel = directory / found[-1].name
    shutil.copyfile(found[-1], wheel)
    shutil.rmtree(work, ignore_errors=True)
    return wheel


# ------------------------------------------------------------ other programs


def run(command: "list[str]", lock: int, extra: "dict[str, str] | None" = None, cwd: "Path | None" = None) -> None:
    """Run a program quietly; SetupError with its own reason. It holds the lock, and ends with this one."""
    environ = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}
    environ.update(extra or {})
    environ["LC_ALL"] = "C.UTF-8"
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            cwd=cwd,
            pass_fds=(lock,),
        )
    except OSError as error:
        raise SetupError(f"{command[0]} could not be started: {error.strerror}", "see that it is there") from error
    try:
        output = process.communicate()[0].decode("utf-8", "replace")
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    if process.returncode:
        raise explain(command, output)


REASONS = (
    (r"No space left|Errno 28|ENOSPC|not enough space", "the disk is full", "free some space (300 MB)"),
    (r"Errno 13|Permission denied", "a directory may not be written", "see who owns it"),
    (
        r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
        "a package has another hash than the locked one",
        "try again; if it stays, tell devkit's maintainers",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|UnknownIssuer",
        "the package index's certificate is not trusted",
        "name your company's certificates: export PIP_CERT=BUNDLE.pem SSL_CERT_FILE=BUNDLE.pem",
    ),
    (
        r"NewConnectionError|Temporary failure|Name or service|getaddrinfo|Network is unreachable|timed out"
        r"|ConnectionError|dns error|error sending request|Connection refused|ProxyError|Could not resolve",
        "the package index cannot be reached",
        "see that the network is up, and PIP_INDEX_URL and the proxies (HTTPS_PROXY) are right",
    ),
)


def explain(command: "list[str]", output: str) -> SetupError:
    """What a program's failure means for the person."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(ERROR|error|E):", line)]
    said = (errors or lines or ["it said nothing"])[-1]
    for pattern, message, hint in REASONS:
        if re.search(pattern, output):
            return SetupError(f"{message} ({said[:300]})", f"{hint}, then run this again")
    tool = " ".join(Path(word).name for word in command[:4] if not word.startswith("-"))
    return SetupError(f"{tool} failed: {said[:300]}", "see what it says, then run this again")


def system_error(error: OSError, environment: Environment) -> SetupError:
    """An error of the file system, in words."""
    return SetupError(
        f"{error.filename or environment.directory}: {error.strerror}",
        "free some space (300 MB), or see who owns the directory; XDG_DATA_HOME names another one",
    )


# ------------------------------------------------------------ the devkit command


LAUNCHER = """\
import marshal
import sys

sys.path.insert(0, CHECKOUT)
bundle = CHECKOUT + "/devkit/__pycache__/bundle." + sys.implementation.cache_tag
try:
    with open(bundle, "rb") as file:
        reader, stamps, modules = marshal.loads(file.read())
    names = {"__name__": "bundle_reader"}
    exec(reader, names)
    served = names["serve"](stamps, modules)
except (OSError, ValueError, EOFError, TypeError):
    served = False

from devkit.entry import main

sys.exit(main(bundle="" if served else bundle))
"""


def launcher_text(environment: Environment) -> str:
    """The `devkit` command. A kernel's #! line takes no spaces and 127 characters: then sh has to help.

    Python starts without site-packages (-S), which take it longer than all of devkit's fast commands: devkit adds
    them where it needs them. The checkout is therefore named here. What those commands consist of comes out of one
    file (devkit/bundle.py), and as Python finds it where that is not there.
    """
    python = str(environment.python)
    code = LAUNCHER.replace("CHECKOUT", repr(str(CHECKOUT)))
    if re.search(r"\s", python) or len(python) > 110:
        return f'#!/bin/sh\n# {MARK}\nexec {shlex.quote(python)} -IS -c {shlex.quote(code)} "$@"\n'
    return f"#!{python} -IS\n# {MARK}\n{code}"


def write_launcher(path: Path, environment: Environment) -> bool:
    """Write the command in one step; False where someone else's file stands there, which is left alone."""
    text = launcher_text(environment)
    try:
        if path.is_symlink() or path.exists():
            present = "" if path.is_symlink() else path.read_text(encoding="utf-8", errors="replace")
            if MARK not in present:
                return False
            if present == text and os.access(path, os.X_OK):
                return True
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.chmod(0o755)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(
            f"the devkit command could not be written to {path}: {error.strerror}",
            f"make the directory writable, or call {environment.directory}/bin/devkit",
        ) from error
    return True


def put_on_path(environment: Environment) -> None:
    """A `devkit` in ~/.local/bin, and how to have that on the PATH where it is not."""
    directory = Path.home() / ".local/bin"
    try:
        if not write_launcher(directory / "devkit", environment):
            say(f"{directory / 'devkit'} is not devkit's own and was left as it is.")
            say(f"  This devkit is {environment.directory}/bin/devkit")
            return
    except SetupError as error:
        say(f"Warning: {error}; {error.hint}")
        return
    if str(directory) in os.environ.get("PATH", "").split(os.pathsep):
        return
    shell = Path(os.environ.get("SHELL", "bash")).name
    lines = {
        "fish": "fish_add_path ~/.local/bin",
        "zsh": "echo 'export PATH=\"$HOME/.local/bin:$PATH\"' >> ~/.zshrc && . ~/.zshrc",
    }
    usual = "echo 'export PATH=\"$HOME/.local/bin:$PATH\"' >> ~/.bashrc && . ~/.bashrc"
    say(f"{directory}, where the devkit command is, is not on your PATH. Add it with:\n  {lines.get(shell, usual)}")


# ------------------------------------------------------------ the whole


def interrupted(number: int, _frame: "FrameType | None") -> NoReturn:
    """SIGTERM and SIGHUP end this as Ctrl-C does: what was started is ended too."""
    raise SystemExit(128 + number)


def fail(message: str, hint: str, arguments: "list[str]", code: str = "failed") -> None:
    """Say what failed; with --json, and without a terminal, stdout gets an object as of `devkit init` too."""
    say(f"quickstart: {message}")
    if hint:
        say(f"  What to do: {hint}")
    person = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    if "--json" in own_flags(arguments) or not person:
        print(json.dumps({"error": {"code": code, "message": message, "hint": hint}}), flush=True)


def own_flags(arguments: "list[str]") -> "list[str]":
    """What stands before `--`: behind it is a directory's name, whatever it looks like."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def show_help(arguments: "list[str]") -> NoReturn:
    """The flags are devkit's own to explain, which takes neither an environment nor the dependencies."""
    environ = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONDONTWRITEBYTECODE": "1"}
    os.execve(sys.executable, [sys.executable, "-S", "-m", "devkit.entry", "init", *arguments], environ)


def main(arguments: "list[str]") -> int:
    """Make what is missing, then become `devkit init`. Returns a status only where that failed."""
    if {"--help", "-h"} & set(own_flags(arguments)):
        show_help(arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    environment = runtime_environment()
    try:
        prepare(environment)
        put_on_path(environment)
    except SetupError as error:
        fail(str(error), error.hint, arguments)
        return 1
    except OSError as error:
        hint = "see that the checkout is whole (git status) and can be read"
        fail(f"{error.filename}: {error.strerror}", hint, arguments)
        return 1
    except KeyboardInterrupt:
        fail("interrupted", "run it again to go on", arguments, "interrupted")
        return 130
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    python = str(environment.python)
    os.execv(python, [python, "-I", "-m", "devkit.entry", "init", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

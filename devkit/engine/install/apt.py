"""apt, as far as the installation needs it: candidates, mirrors, update and install."""

from __future__ import annotations

import re
from collections.abc import Sequence

from devkit.engine.install.commands import OnLine, capture, run_lines
from devkit.engine.install.machine import Rights
from devkit.project.errors import CommandError, FailedError

# Someone else may hold dpkg's lock (unattended upgrades after boot): wait, in seconds.
LOCK_OPTION = "DPkg::Lock::Timeout=300"


def candidates(names: Sequence[str], options: Sequence[str] = ()) -> dict[str, str]:
    """The version of each package that apt would install; packages that it has none of are left out."""
    return parse_policy(capture(["apt-cache", *options, "policy", *names]))


def parse_policy(text: str) -> dict[str, str]:
    """`apt-cache policy` as package -> candidate."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line and not line.startswith(" ") and line.endswith(":"):
            name = line[:-1]
        elif (match := re.match(r"\s+Candidate: (\S+)", line)) and match.group(1) != "(none)":
            found[name] = match.group(1)
    return found


def dependencies(name: str) -> list[str]:
    """The packages that `name` depends on, alternatives and purely virtual ones left out."""
    text = capture(["apt-cache", "depends", "--important", name])
    found = re.findall(r"^  (?:Pre)?Depends: ([^\s<>|]+)$", text, flags=re.MULTILINE)
    return list(dict.fromkeys(found))


def mirror(codename: str) -> str | None:
    """The address that this machine takes the release's main packages from, by its own sources."""
    text = capture(["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME) $(SUITE) $(COMPONENT)"])
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 3 and codename in words[1:-1] and words[-1] == "main":
            return words[0]
    return None


def update(rights: Rights, on_line: OnLine, *, fatal: bool = True) -> None:
    """Read the package lists anew. Not `fatal`: a source that fails is said, and the others have to do."""
    try:
        run_lines(rights.command("apt-get", "-q", "-o", LOCK_OPTION, "update"), on_line)
    except CommandError as error:
        if fatal:
            raise unreadable(error) from error
        on_line(f"apt-get update had a failure, going on with the lists that were read: {error.message}")


def unreadable(error: CommandError) -> FailedError:
    """The error for package lists that cannot be read."""
    return FailedError(
        f"the package lists could not be read: {error.message}",
        "see that apt's sources are right and the network is up (apt-get update), then run this again",
    )


def install(rights: Rights, names: Sequence[str], on_line: OnLine) -> None:
    """Install packages without recommended ones. Nothing is removed for them: apt fails and says what."""
    run_lines(
        rights.command(
            "apt-get",
            "-q",
            "-y",
            "--no-install-recommends",
            "--no-remove",
            "-o",
            LOCK_OPTION,
            "-o",
            "Dpkg::Options::=--force-confold",
            "install",
            *names,
        ),
        on_line,
        hint="see what apt says above; free what stands in the way, then run this again",
    )


def repair(rights: Rights, on_line: OnLine) -> None:
    """Finish what an interrupted dpkg left half done; nothing where there is nothing."""
    if capture(["dpkg", "--audit"]).strip():
        on_line("finishing an interrupted package installation")
        run_lines(rights.command("dpkg", "--configure", "-a", "--force-confold"), on_line)

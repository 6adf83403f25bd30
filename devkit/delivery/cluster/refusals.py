"""What kubectl says when something does not work, as an error that says what, why and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from devkit.logs.escapes import one_line
from devkit.project.errors import CommandError, FailedError

_FORBIDDEN = re.compile(
    r'User "(?P<user>[^"]+)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)"(?: in API group "(?P<group>[^"]*)")?'
    r'(?: in the namespace "(?P<namespace>[^"]+)")?'
)
_NO_CONTEXT = re.compile(r'context "?(?P<name>[^"\s]+)"? (?:does not exist|was not found)|no context exists with')
_UNKNOWN_KIND = re.compile(r'no matches for kind "(?P<kind>[^"]+)" in version "(?P<version>[^"]+)"')
_NO_NAMESPACE = re.compile(r'namespaces "(?P<name>[^"]+)" not found')
_CONFLICT = re.compile(r"the object has been modified|Apply failed with \d+ conflict")
_TIMEOUTS = ("i/o timeout", "Client.Timeout exceeded", "context deadline exceeded", "TLS handshake timeout")
_NO_ANSWER = (
    "Unable to connect to the server",
    "was refused - did you specify the right host or port",
    "connection refused",
    "no such host",
    "no route to host",
    "network is unreachable",
)
_LOGIN = ("You must be logged in to the server", "Unauthorized", "getting credentials: exec", "token has expired")
_CERTIFICATE = ("x509:", "certificate signed by unknown authority", "certificate has expired")
_LINES = 15


@dataclass(frozen=True)
class Asked:
    """One call: the verb (`apply`), the context, the cluster's address, and the time limit in seconds."""

    verb: str
    context: str
    server: str
    seconds: float


def refusal(said: str, asked: Asked) -> FailedError:
    """The error for what stood on kubectl's stderr."""
    cluster = f"the cluster of the context {asked.context or 'in use'}" + (f" ({asked.server})" if asked.server else "")
    if match := _FORBIDDEN.search(said):
        return forbidden(match["user"], [_permission(match)], asked.context)
    if match := _NO_CONTEXT.search(said):
        return FailedError(f"kubectl knows no context {asked.context}", "kubectl config get-contexts lists them")
    if any(words in said for words in _LOGIN):
        return FailedError(
            f"{cluster} does not accept this login: {_last(said)}", "log in to it again, then: kubectl auth whoami"
        )
    if any(words in said for words in _TIMEOUTS):
        return FailedError(
            f"{cluster} did not answer within {asked.seconds:g} s",
            "check that it is up and in reach (a VPN?); kubectl cluster-info asks it too",
        )
    if any(words in said for words in _CERTIFICATE):
        return FailedError(f"{cluster} shows a certificate that is not trusted: {_last(said)}", "kubectl config view")
    if any(words in said for words in _NO_ANSWER):
        return FailedError(
            f"{cluster} does not answer: {_reason(said)}",
            "check that it is up, and the address: kubectl config view --minify",
        )
    if match := _UNKNOWN_KIND.search(said):
        return FailedError(
            f"the cluster does not know the kind {match['kind']} ({match['version']})",
            "install what brings it (an operator's or the Gateway API's CRDs), or take it out of the overlay",
        )
    if match := _NO_NAMESPACE.search(said):
        return FailedError(f"the namespace {match['name']} is not there", f"kubectl create namespace {match['name']}")
    if _CONFLICT.search(said):
        return FailedError(
            "somebody else changed the same objects at this moment", "see what came of it, then deploy again"
        )
    return CommandError(
        f"kubectl {asked.verb} failed: {_last(said) or 'it said nothing'}",
        "the cluster's own words stand above",
        detail="\n".join(said.splitlines()[-_LINES:]),
    )


def forbidden(user: str, missing: list[str], context: str) -> FailedError:
    """The error where permissions are missing; each is said as `create deployments in shop`."""
    return FailedError(
        f"{user} has no permission to {', '.join(missing)}" + (f" (context {context})" if context else ""),
        "ask whoever runs the cluster for a Role that allows it; kubectl auth can-i --list shows what you have",
    )


def warnings_in(said: str) -> list[str]:
    """The server's warnings among kubectl's words, each once: deprecated fields, Pod Security."""
    found = (line.partition("Warning:")[2].strip() for line in said.splitlines() if line.startswith("Warning:"))
    return list(dict.fromkeys(found))


def _permission(match: re.Match[str]) -> str:
    resource = match["resource"] + (f".{match['group']}" if match["group"] else "")
    return f"{match['verb']} {resource}" + (f" in {match['namespace']}" if match["namespace"] else "")


def _last(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and not line.startswith("Warning:")]
    return one_line(lines[-1]).removeprefix("error: ") if lines else ""


def _reason(said: str) -> str:
    """Why nothing answered: the last part of Go's chain of errors."""
    last = _last(said)
    if "was refused" in last:
        return "connection refused"
    return last.removeprefix("Unable to connect to the server: ")

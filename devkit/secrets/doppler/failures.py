"""What Doppler could not do, for the person at the terminal: which failure, why in one line, and what mends it.

No message holds a value or a token. What the server says itself is shown only where it is short, printable and free of
both: a server in between may say anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from http import HTTPStatus
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from devkit.project.errors import SecretsError
from devkit.secrets.doppler.access import API_HOST
from devkit.secrets.doppler.retries import is_passing, retry_after

if TYPE_CHECKING:
    from devkit.secrets.doppler.access import Access, Fetched, Token
    from devkit.secrets.doppler.exchange import Answer, NoAnswerError

_LONGEST = 160
_TOKEN = re.compile(r"\bdp\.[a-z]{2,5}\.")
"""How Doppler's tokens start (https://docs.doppler.com/reference/auth-token-formats): a part of one tells too."""

_LATER = "try again later; https://www.dopplerstatus.com says whether Doppler knows of it"


class PassingError(SecretsError):
    """A failure that waiting may mend: no network, too many requests, a fault on Doppler's side."""


@dataclass(frozen=True)
class Question:
    """What was asked, as far as a failure tells of it; `values` are what it held and no text may."""

    access: Access
    server: str
    changes: bool = False
    values: Collection[str] = field(default=(), repr=False)

    @property
    def about(self) -> str:
        """The config that is meant, for a message."""
        named = "/".join(part for part in (self.access.project, self.access.config) if part)
        return named or "the config of the token"


def of_no_answer(trouble: NoAnswerError, question: Question) -> SecretsError:
    """The failure where no answer came."""
    server, why = question.server, trouble.why
    match trouble.kind:
        case "certificate":
            return SecretsError(
                f"Doppler was not asked: the certificate of {server} is not trusted here: {why}",
                "where a proxy of your company stands in between, name its CA: SSL_CERT_FILE=/path/to/ca.pem",
            )
        case "trust":
            return SecretsError(
                f"Doppler was not asked: {why} holds no certificates to trust",
                "see what SSL_CERT_FILE, REQUESTS_CA_BUNDLE and NODE_EXTRA_CA_CERTS name",
            )
        case "tls":
            return SecretsError(
                f"Doppler was not asked: {server} speaks no TLS that is understood here: {why}", _see_host(question)
            )
        case "proxy" | "no proxy":
            kind = SecretsError if trouble.kind == "proxy" else PassingError
            return kind(
                f"Doppler cannot be reached through the proxy {why}",
                "see HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY",
            )
        case "gibberish":
            return SecretsError(f"{server} is no API of Doppler's: {why}", _see_host(question))
    if trouble.sent and question.changes:
        return _not_known(question, why)
    if trouble.sent:
        return PassingError(f"Doppler gave no answer: {server}: {why}", _LATER)
    return PassingError(
        f"Doppler cannot be reached: {server}: {why}", f"see whether this machine is online{_host(question)}"
    )


def of_delay(question: Question, seconds: float, *, connected: bool) -> SecretsError:
    """The failure where the time was over."""
    within = f"within {seconds:g} s"
    if not connected:
        return PassingError(
            f"Doppler cannot be reached: {question.server} took no connection {within}",
            f"see whether this machine is online and finds names{_host(question)}",
        )
    if question.changes:
        return _not_known(question, f"no whole answer {within}")
    return PassingError(f"Doppler gave no answer: {question.server} sent none that was whole {within}", _LATER)


def of_answer(answer: Answer, question: Question) -> SecretsError:
    """The failure that an answer with another status than 200 stands for."""
    status, token, about = answer.status, question.access.token, question.about
    origin = token.origin_in_words
    words = _words(answer, question)
    said = f": {words}" if words else ""
    if 300 <= status < 400:
        return SecretsError(
            f"{question.server} redirects requests ({status}){_target(answer)}, and a token is not sent after them",
            "set DOPPLER_API_HOST to the address that answers, or pass the login page of this network in a browser",
        )
    match status:
        case HTTPStatus.UNAUTHORIZED:
            return SecretsError(f"Doppler does not take the token from {origin} (401){said}", _renew(token))
        case HTTPStatus.FORBIDDEN:
            deed = "change" if question.changes else "read"
            return SecretsError(
                f"the token from {origin} may not {deed} {about} (403){said}",
                f"have it allowed in Doppler, or: {_renew(token)}",
            )
        case HTTPStatus.NOT_FOUND:
            return _not_found(words, question)
        case HTTPStatus.CONFLICT:
            return SecretsError(
                f"Doppler refuses {_deed(question)} (409){said}",
                "somebody else may be changing it; try again in a moment",
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            wait = retry_after(answer)
            asks = f"Doppler asks to wait {ceil(wait)} s" if wait else "Doppler asks to wait"
            return PassingError(
                f"{asks}: it had too many requests of this token or this network (429)",
                f"run the same command again {f'in {ceil(wait)} s' if wait else 'in a minute'}",
            )
        case HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
            return SecretsError("the proxy wants to know who asks (407)", "name user and password in HTTPS_PROXY")
    if status >= 500 and question.changes:
        return _not_known(question, f"Doppler has a fault of its own ({status}){said}")
    if is_passing(status):
        wait = retry_after(answer)
        asked = f"it asks to wait {ceil(wait)} s: " if wait else ""
        return PassingError(f"Doppler has a fault of its own ({status}){said}", f"{asked}{_LATER}")
    return SecretsError(f"Doppler refuses {_deed(question)} ({status}){said}", _see_names(question))


def of_content(answer: Answer, question: Question) -> SecretsError:
    """The failure where an answer with status 200 holds something else than JSON."""
    start = answer.body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if question.changes:
        return _not_known(question, "the answer is not Doppler's")
    if start.startswith(b"<") or "html" in answer.headers.get("content-type", ""):
        return PassingError(
            f"{question.server} gave a web page and no secrets: something in between answers in Doppler's place",
            "pass the login page of this network in a browser, or see HTTPS_PROXY and DOPPLER_API_HOST",
        )
    if not start:
        return PassingError(f"Doppler gave an empty answer ({answer.status})", _LATER)
    return PassingError("Doppler's answer is no whole JSON: it was cut short on the way, or is none", _LATER)


def of_shape(what: str, question: Question) -> SecretsError:
    """The failure where JSON holds something else than Doppler's API describes; `what` names it, without a value."""
    return SecretsError(
        f"the answer of {question.server} is not what Doppler's API gives: {what}",
        f"{_see_host(question)}; with Doppler's own, a newer devkit may know more",
    )


def no_secrets(found: Fetched) -> SecretsError:
    """The failure where a config is empty: writing that down would take every secret away."""
    named = "/".join(part for part in (found.project, found.config) if part)
    return SecretsError(
        f"{named or 'the config of the token'} holds no secrets in Doppler: nothing was changed",
        f"see whether it is the config you mean, or {_name_another('config')}",
    )


def no_token(question: Question) -> SecretsError:
    """The failure where what is given as a token cannot be one: empty, or with a space or a line end in it."""
    token = question.access.token
    return SecretsError(f"what comes from {token.origin_in_words} cannot be a token of Doppler's", _renew(token))


def no_config(question: Question) -> SecretsError:
    """The failure where nobody says whose secrets are meant, and the token does not either."""
    missing = "config" if question.access.project else "project"
    return SecretsError(f"no {missing} of Doppler's is named, and the token opens several", _name_another(missing))


def other_config(opened: Fetched, question: Question) -> SecretsError:
    """The failure where a change is meant for another config than the service token's: that one would be changed."""
    return SecretsError(
        f"the token from {question.access.token.origin_in_words} opens {opened.project}/{opened.config} alone,"
        f" not {question.about}: nothing was changed",
        f"use a token of {question.about}, or name the config that it opens",
    )


def not_read_back(error: SecretsError, question: Question) -> SecretsError:
    """The failure where a change is made, and only whether it reads back the same could not be found out."""
    return SecretsError(f"{question.about} was changed, and could not be read back: {error.message}", error.hint)


def _not_found(words: str, question: Question) -> SecretsError:
    access = question.access
    if "project" in words.lower():
        return SecretsError(
            f"Doppler has no project {access.project or 'of this name'} that the token may see (404)",
            _name_another("project"),
        )
    if "config" in words.lower():
        inside = f"Doppler's project {access.project}" if access.project else "Doppler"
        return SecretsError(f"{inside} has no config {access.config or 'of this name'} (404)", _name_another("config"))
    if words:
        return SecretsError(f"Doppler does not find {question.about} (404): {words}", _see_names(question))
    return SecretsError(f"{question.server} has nothing under this address (404)", _see_host(question))


def _target(answer: Answer) -> str:
    """Where a redirect leads, as far as it is safe to print."""
    try:
        where = urlsplit(answer.headers.get("location", ""))
        host = where.hostname or ""
    except ValueError:
        return ""
    shown = where.scheme in ("http", "https") and re.fullmatch(r"[a-z0-9.:-]{1,100}", host)
    return f", to {where.scheme}://{host}" if shown else ""


def _not_known(question: Question, why: str) -> SecretsError:
    return SecretsError(
        f"whether Doppler took the change of {question.about} is not known: {why}",
        "compare before you try again: devkit env diff",
    )


def _deed(question: Question) -> str:
    return f"the change of {question.about}" if question.changes else "the request"


def _name_another(what: str) -> str:
    flag = " (or --config NAME)" if what == "config" else ""
    return f"name another: devkit config set secrets.{what} NAME{flag}; DOPPLER_{what.upper()} stands above it"


def _see_names(question: Question) -> str:
    if question.changes:
        return "see whether Doppler allows these names and values in this config"
    return "see whether project and config are right: devkit config list"


def _see_host(question: Question) -> str:
    if question.access.host.rstrip("/") == API_HOST:
        return "see whether something in between answers in Doppler's place: HTTPS_PROXY, a login page of this network"
    return "see whether DOPPLER_API_HOST is right"


def _host(question: Question) -> str:
    return "" if question.access.host.rstrip("/") == API_HOST else ", and whether DOPPLER_API_HOST is right"


def _renew(token: Token) -> str:
    match token.origin:
        case "keyring":
            return "give a new one with: devkit init --doppler (DOPPLER_TOKEN stands above it)"
        case "doppler CLI":
            return "log in again with: doppler login (DOPPLER_TOKEN stands above it)"
        case "typed":
            return "copy it once more: Doppler shows a token only when it is made"
    return "set DOPPLER_TOKEN to a valid one, or unset it"


def _words(answer: Answer, question: Question) -> str:
    """What the server says, in one printable line; empty where it could give a secret away.

    Doppler's form is {"messages": [...], "success": false} (pkg/http/http.go of its CLI).
    """
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    messages = said.get("messages") if isinstance(said, dict) else None
    text = ", ".join(str(message) for message in messages[:2]) if isinstance(messages, list) else ""
    line = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    hidden = (question.access.token.value, *question.values)
    if _TOKEN.search(line) or any(value and (value in text or value in line) for value in hidden):
        return ""
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"

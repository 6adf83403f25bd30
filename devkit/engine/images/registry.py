"""Whether what is fetched over HTTPS answers: the image registry, and Packagist."""

from __future__ import annotations

import http.client
import json
import queue
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from devkit.engine.certificates import ca_bundle
from devkit.engine.docker import Docker, find_docker
from devkit.project.errors import DevkitError

REGISTRY = "https://registry-1.docker.io/v2/"
PACKAGIST = "https://repo.packagist.org/packages.json"
ANSWER_SECONDS = 3.0
_INFO_SECONDS = 15.0
"""The engine itself: it is near, but on a machine under load no 3 s are enough to hear of its mirrors."""

# The registry asks who is there, or has had enough of us: it is there all the same.
_THERE = frozenset({HTTPStatus.OK, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


def registry_in_reach(docker: Docker | None = None) -> bool:
    """Whether official images can be pulled: from Docker Hub, or from a mirror of it that the engine is set to.

    Without `docker` it is the engine that the docker command finds, where there is one already.
    """
    try:
        mirrors = mirrors_of(docker or find_docker())
    except DevkitError:
        mirrors = ()
    return registry_answers(mirrors=mirrors)


def mirrors_of(docker: Docker) -> tuple[str, ...]:
    """The addresses that the engine asks before Docker Hub's (`registry-mirrors` in daemon.json)."""
    said = docker.run("info", "--format", "{{json .RegistryConfig}}", check=False, timeout=_INFO_SECONDS)
    try:
        return tuple((json.loads(said.stdout) or {}).get("Mirrors") or ())
    except ValueError:  # no engine answers: then there is no document
        return ()


def registry_answers(timeout: float = ANSWER_SECONDS, *, address: str = REGISTRY, mirrors: Sequence[str] = ()) -> bool:
    """Whether an image registry is in reach: `address` or a mirror, all asked at once and for `timeout` s in all.

    401, 403 and 429 mean yes (a login or patience helps); no name, a refusal, silence or any other answer
    (a captive portal's, say) mean no. Proxies and certificate authorities are the machine's; a mirror whose
    certificate is not trusted here is there all the same, for the engine has a list of its own.
    """
    deadline = time.monotonic() + timeout
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def ask(asked: str, *, is_mirror: bool) -> None:
        answers.put(_is_there(asked, timeout, is_mirror=is_mirror))

    questions = {address: False} | {f"{mirror.rstrip('/')}/v2/": True for mirror in mirrors}
    for asked, is_mirror in questions.items():
        # As daemons: nothing ends the look-up of a name that no server answers for, and nobody waits for it.
        threading.Thread(target=ask, args=(asked,), kwargs={"is_mirror": is_mirror}, daemon=True).start()
    for _ in questions:
        try:
            if answers.get(timeout=max(0.0, deadline - time.monotonic())):
                return True
        except queue.Empty:
            return False
    return False


def packagist_answers(address: str = PACKAGIST) -> bool:
    """Whether Composer's package list is in reach."""
    try:
        return _status(address, ANSWER_SECONDS) == HTTPStatus.OK
    except OSError:
        return False


def _is_there(address: str, timeout: float, *, is_mirror: bool) -> bool:
    try:
        return _status(address, timeout) in _THERE
    except OSError as error:
        return is_mirror and isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError)


def _status(address: str, timeout: float) -> int:
    """The status of the answer; OSError where there is none."""
    bundle = ca_bundle()
    context = ssl.create_default_context(cafile=str(bundle) if bundle else None)
    # As the engine does it: this machine itself is never asked through a proxy.
    own = (urlsplit(address).hostname or "").startswith(("localhost", "127."))
    proxies = [urllib.request.ProxyHandler({})] if own else []
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), *proxies)
    request = urllib.request.Request(address, method="GET", headers={"User-Agent": "devkit"})
    try:
        with opener.open(request, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (ValueError, http.client.HTTPException) as error:  # a proxy's address that is none; no HTTP spoken
        raise OSError(str(error)) from error

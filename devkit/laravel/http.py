"""HTTP as a visitor of the application: one answer, and the wait for the first one."""

from __future__ import annotations

import http.client
import ssl
import time
from urllib.parse import urlsplit

from devkit.project.errors import FailedError, UsageError

_PAUSE = 0.1
_LARGEST = 16 * 1024 * 1024


def get(url: str, timeout: float = 10.0, *, root: str | None = None) -> tuple[int, bytes]:
    """Status and body (at most 16 MiB); redirects are not followed. OSError where nothing answers in time.

    An https certificate has to lead to `root` (PEM). Without one it is not checked: it is our own application on this
    machine, its CA often not trusted yet. UsageError for what is no http or https URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is no http or https URL", "give one such as http://localhost:8000/up")
    if parts.scheme == "https":
        context = ssl.create_default_context(cadata=root)
        if root is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=timeout, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", target, headers={"Connection": "close", "User-Agent": "devkit"})
        answer = connection.getresponse()
        return answer.status, answer.read(_LARGEST)
    except http.client.HTTPException as error:  # a peer that hangs up, or speaks something else
        raise ConnectionError(f"{url} gave no HTTP answer ({type(error).__name__})") from error
    finally:
        connection.close()


def wait_for_answer(url: str, timeout: float, *, root: str | None = None) -> int:
    """The status of the first answer, whatever it is; FailedError after `timeout` seconds without one."""
    end = time.monotonic() + timeout
    while True:
        left = end - time.monotonic()
        try:
            return get(url, timeout=max(left, _PAUSE), root=root)[0]
        except OSError as error:
            if end - time.monotonic() <= _PAUSE:
                raise FailedError(
                    f"{url} did not answer within {timeout:g} s: {error}", "see why with: devkit logs app"
                ) from error
        time.sleep(_PAUSE)  # no event says that a port, forwarded by the engine, answers from now on

"""Whether what is fetched over HTTPS answers: the image registry, and Packagist."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from http import HTTPStatus

from devkit.engine.machine_trust import ca_bundle

REGISTRY = "https://registry-1.docker.io/v2/"
PACKAGIST = "https://repo.packagist.org/packages.json"

# The registry asks who is there, or has had enough of us: it is there all the same.
_THERE = frozenset({HTTPStatus.OK, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


def registry_answers(timeout: float = 3.0, address: str = REGISTRY) -> bool:
    """Whether an image registry is in reach; `timeout` in seconds.

    401, 403 and 429 mean yes (a login or patience helps); no name, a refusal, silence or any other answer
    (a captive portal's, say) mean no. Proxies and certificate authorities are the machine's.
    """
    return _status(address, timeout) in _THERE


def packagist_answers(timeout: float = 3.0, address: str = PACKAGIST) -> bool:
    """Whether Composer's package list is in reach; `timeout` in seconds."""
    return _status(address, timeout) == HTTPStatus.OK


def _status(address: str, timeout: float) -> int | None:
    bundle = ca_bundle()
    context = ssl.create_default_context(cafile=str(bundle) if bundle else None)
    request = urllib.request.Request(address, method="GET", headers={"User-Agent": "devkit"})
    try:
        with urllib.request.urlopen(request, timeout=timeout, context=context) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, ValueError):  # ValueError: a proxy's address that is none
        return None

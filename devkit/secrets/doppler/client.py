"""Doppler's API: what a config holds, which projects and configs there are, and new values for a config.

Every call has one limit of time over all that it does, and every failure is a SecretsError whose message says which
and why, and whose hint says what to do. Nothing here reads or writes a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from devkit.project.errors import SecretsError
from devkit.secrets.doppler import answers, failures
from devkit.secrets.doppler.address import address_of, check_slug
from devkit.secrets.doppler.answers import ShapeError
from devkit.secrets.doppler.asking import Asking
from devkit.secrets.doppler.deadline import Deadline, LateError, within
from devkit.secrets.doppler.failures import Question
from devkit.secrets.doppler.retries import Backoff

if TYPE_CHECKING:
    from devkit.secrets.doppler.access import Access, Fetched

T = TypeVar("T")

SECONDS = 9.0
"""For one call: with what Python takes to start, a person hears of a failure within 10 s."""

_LIST = "/v3/configs/config/secrets"
_DOWNLOAD = "/v3/configs/config/secrets/download?format=json"
_PLACE = f"{_DOWNLOAD}&secrets=DOPPLER_PROJECT,DOPPLER_CONFIG"
_TOKEN = re.compile(r"[\x21-\x7e]+")
"""What may stand in a header: anything else would not be sent, and be told in an exception."""
_PER_PAGE = 100
_MOST_PAGES = 100


class Doppler:
    """Doppler's API, asked with one token. `seconds` is the limit of each call, retries included.

    `meanwhile` is done each time that a config was asked for and its answer is on its way.

    UsageError for an address, a project or a config that cannot be one; SecretsError for a token that cannot.
    """

    def __init__(
        self,
        access: Access,
        *,
        seconds: float = SECONDS,
        backoff: Backoff | None = None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self._address = address_of(access.host)
        for what, slug in (("project", access.project), ("config", access.config)):
            if slug:
                check_slug(what, slug)
        self._question = Question(access, self._address.shown)
        if not _TOKEN.fullmatch(access.token.value):
            raise failures.no_token(self._question)
        self._access = access
        self._seconds = seconds
        self._backoff = backoff or Backoff()
        self._meanwhile = meanwhile

    def secrets(self, *, may_be_empty: bool = False) -> Fetched:
        """What the config holds, with references resolved and without Doppler's own names.

        SecretsError also for an empty config, unless it may be: to write that down would be to take every secret away.
        """
        fetched = self._call(self._question, self._read)
        if not may_be_empty and not fetched.values and not fetched.restricted:
            raise failures.no_secrets(fetched)
        return fetched

    def opened(self) -> tuple[str, str]:
        """Project and config that a service token opens, without what they hold; empty where Doppler does not say."""
        found = self._call(self._question, lambda asking: answers.downloaded(asking.ask("GET", _PLACE)))
        return found.get("DOPPLER_PROJECT") or "", found.get("DOPPLER_CONFIG") or ""

    def projects(self) -> list[str]:
        """The slugs of the projects that the token may see."""

        def pages(asking: Asking) -> list[str]:
            from devkit.secrets.doppler.sdk import services

            listed = services(asking.ask).projects.list
            return _all_pages(lambda page: answers.names(listed(page=page, per_page=_PER_PAGE), "projects", "slug"))

        return self._call(self._question, pages)

    def configs(self, project: str) -> list[str]:
        """The names of a project's configs. UsageError for a name that cannot be a project's."""
        check_slug("project", project)

        def pages(asking: Asking) -> list[str]:
            from devkit.secrets.doppler.sdk import services

            listed = services(asking.ask).configs.list
            return _all_pages(
                lambda page: answers.names(listed(project=project, page=page, per_page=_PER_PAGE), "configs", "name")
            )

        return self._call(replace(self._question, access=replace(self._access, project=project, config="")), pages)

    def update(self, values: Mapping[str, str]) -> frozenset[str]:
        """Write `values`, and give the names that Doppler reads back as another value: it resolves `${...}` in them.

        Other secrets of the config stay as they are. SecretsError too where a service token opens another config than
        the one that is named, before anything is written: the token would decide (as it does with Doppler's CLI).
        """
        own = sorted(filter(answers.is_doppler_own, values))
        if own:
            raise SecretsError(f"{own[0]} is set by Doppler itself and cannot be changed", "leave it out")
        if not values:
            return frozenset()
        deadline = Deadline(self._seconds)
        access = self._access
        if access.token.is_service_token:
            opened = self._call(self._question, self._download, deadline)
            if (access.project or opened.project, access.config or opened.config) != (opened.project, opened.config):
                raise failures.other_config(opened, self._question)
            access = replace(access, project=opened.project, config=opened.config)
        writing = Question(access, self._address.shown, changes=True, values=tuple(values.values()))
        self._call(writing, lambda asking: self._write(asking, access, values), deadline)
        try:
            now = self._call(self._question, self._read, deadline)
        except SecretsError as error:
            raise failures.not_read_back(error, writing) from None
        return answers.other_than(values, now)

    def _read(self, asking: Asking) -> Fetched:
        access = self._access
        if not access.names_a_config:
            raise failures.no_config(self._question)
        if not (access.project and access.config):
            return self._download(asking)
        # Without the SDK, whose import takes 0.2 s, as long as the answer: it would build this address and hand on the
        # answer as it is. Where it does more, for pages and for writing, it is loaded.
        content = answers.listed(self._ask(asking, f"{_LIST}?project={access.project}&config={access.config}"))
        return answers.fetched(content, project=access.project, config=access.config)

    def _download(self, asking: Asking) -> Fetched:
        """What a service token opens, whatever it is: for this the SDK insists on names that the API does not want."""
        content = answers.downloaded(self._ask(asking, _DOWNLOAD))
        return answers.fetched(content, project=self._access.project, config=self._access.config)

    def _ask(self, asking: Asking, target: str) -> dict[str, object]:
        asking.ahead(target)
        self._meanwhile()
        return asking.ask("GET", target)

    def _write(self, asking: Asking, access: Access, values: Mapping[str, str]) -> None:
        from devkit.secrets.doppler.sdk import SecretsUpdateRequest, services

        request = SecretsUpdateRequest(config=access.config, project=access.project, secrets=dict(values))
        services(asking.ask).secrets.update(request)

    def _call(self, question: Question, work: Callable[[Asking], T], deadline: Deadline | None = None) -> T:
        until = deadline or Deadline(self._seconds)
        asking = Asking(self._address, question, until, self._backoff)

        def whole() -> T:
            try:
                return work(asking)
            finally:
                asking.connection.close()

        try:
            return within(until, whole, name="devkit-doppler", cut=asking.cut)
        except LateError:
            late = failures.of_delay(question, self._seconds, connected=asking.connection.was_taken)
            raise asking.last or late from None
        except ShapeError as error:
            raise failures.of_shape(str(error), question) from None
        except SecretsError as error:
            raise error.with_traceback(None) from None  # the thread's frames hold what is sent


def _all_pages(page: Callable[[int], list[str]]) -> list[str]:
    """Every name, by asking until a page brings none that is new: how long a page is, is the server's to say."""
    found: dict[str, None] = {}
    for number in range(1, _MOST_PAGES + 1):
        fresh = [name for name in page(number) if name not in found]
        if not fresh:
            break
        found.update(dict.fromkeys(fresh))
    return list(found)

"""An application's routes, as `artisan route:list --json` says them, and which of them answers a path.

The list has neither the order in which Laravel looks at its routes nor what their parameters have to look like. So the
route that has most of a path in words counts, and what takes a whole rest of a path is known by its name alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from devkit.project.errors import FailedError

_PARAMETER = re.compile(r"\{\w+(?::\w+)?(\?)?\}")


@dataclass(frozen=True)
class Route:
    """One route: `methods` are those it answers, `uri` is as the application wrote it, without the first slash."""

    methods: tuple[str, ...]
    uri: str
    name: str = ""
    action: str = ""


@dataclass
class _Node:
    """What may come next in a path: words, words with a parameter in them, a whole parameter."""

    words: dict[str, _Node] = field(default_factory=dict)
    mixed: list[tuple[re.Pattern[str], _Node]] = field(default_factory=list)
    any: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)
    """By method, where a path may end here."""


class RouteTable:
    """Finds the route of a method and a path."""

    def __init__(self, routes: Iterable[Route] = ()) -> None:
        self._root = _Node()
        self.routes = tuple(routes)
        for route in self.routes:
            for segments in _forms(route.uri):
                node = self._root
                for segment in segments:
                    node = _child(node, segment)
                for method in route.methods:
                    node.routes.setdefault(method, route)

    def find(self, method: str, path: str) -> Route | None:
        """The route that answers it; None where there is none. The path's query does not count."""
        bare = path.partition("?")[0].strip("/")
        return next(_found(self._root, bare.split("/") if bare else [], method), None)


def parse(text: str) -> tuple[Route, ...]:
    """The routes in artisan's JSON; notices that PHP printed before it are passed over."""
    try:
        found = json.loads(text[max(text.find("[{"), 0) :])
        return tuple(
            Route(
                tuple(str(entry["method"]).split("|")),
                str(entry["uri"]).strip("/"),
                str(entry.get("name") or ""),
                str(entry.get("action") or ""),
            )
            for entry in found
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FailedError(
            "artisan route:list did not answer with the routes as JSON", "devkit artisan route:list shows what it says"
        ) from error


def _forms(uri: str) -> Iterator[list[str]]:
    """The segments of a URI, with and without the parameters at its end that may be missing."""
    segments = [segment for segment in uri.strip("/").split("/") if segment]
    yield segments
    while segments and (match := _PARAMETER.fullmatch(segments[-1])) and match[1]:
        segments = segments[:-1]
        yield segments


def _child(node: _Node, segment: str) -> _Node:
    if _PARAMETER.fullmatch(segment):
        node.any = node.any or _Node()
        return node.any
    if "{" not in segment:
        return node.words.setdefault(segment, _Node())
    parts = re.split(r"\{[^}]*\}", segment)
    pattern = re.compile("(.+)".join(map(re.escape, parts)))
    for known, child in node.mixed:
        if known.pattern == pattern.pattern:
            return child
    child = _Node()
    node.mixed.append((pattern, child))
    return child


def _found(node: _Node, segments: list[str], method: str) -> Iterator[Route]:
    """The routes of a path, the one with most words first."""
    if not segments:
        if method in node.routes:
            yield node.routes[method]
        return
    first, *rest = segments
    if first in node.words:
        yield from _found(node.words[first], rest, method)
    for pattern, child in node.mixed:
        if pattern.fullmatch(first):
            yield from _found(child, rest, method)
    if node.any is not None:
        yield from _found(node.any, rest, method)

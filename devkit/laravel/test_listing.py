"""Tests that are there before any has run, by the names in their files: one that is chosen can be run alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from devkit.laravel.mounts import PROJECT_IN_CONTAINER
from devkit.laravel.test_names import TestFile
from devkit.laravel.test_tree import Place, TestTree


def list_tests(tree: TestTree, files: Iterable[TestFile], *, is_pest: bool) -> None:
    """Put them into a tree that is empty, under the keys that a run would give them, a class for each file.

    A class that has not the name of its file (PSR-4, as Laravel's composer.json has it) is seen once it runs.
    """
    for file in files:
        if not file.names:
            continue
        class_name = _class_name(file.path)
        path = file.path if is_pest else str(PROJECT_IN_CONTAINER / file.path)
        location = f"pest_qn://{path}" if is_pest else f"php_qn://{path}::\\{class_name}"
        place = Place(path, class_name)
        suite = tree.add(f"{location}\n{class_name}", class_name, tree.root, place)
        for name in file.names:
            tree.add(f"{suite.key}\n{name}\n", name, suite, place, is_test=True)


def _class_name(path: str) -> str:
    """`Tests\\Unit\\OrderTest` of `tests/Unit/OrderTest.php`."""
    first, *more = PurePosixPath(path).with_suffix("").parts
    return "\\".join((first.capitalize(), *more))

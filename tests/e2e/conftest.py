"""The project that tests share which leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from production import Production, production_image
from support import Project, running


@pytest.fixture(scope="session")
def default_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The default stack, from an empty directory; each test leaves its sources and settings as they were."""
    with running(tmp_path_factory.mktemp("e2e") / "default stack") as made:
        yield made


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    """A project's image for production, built once."""
    with production_image(tmp_path_factory.mktemp("e2e")) as made:
        yield made

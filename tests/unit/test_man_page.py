from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from devkit.cli.commands import COMMANDS
from devkit.cli.words import PASS_THROUGH

pytestmark = pytest.mark.unit

DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("man_page", DOCS / "man_page.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_man_page_is_what_the_reference_says_now(program: ModuleType) -> None:
    assert (DOCS / "devkit.1").read_text() == program.page(), "python docs/man_page.py writes it anew"


def test_every_command_has_its_section(program: ModuleType) -> None:
    page = program.page()
    assert [line for line in page.splitlines() if line.startswith(".SS ")] == [
        f".SS {name}" for name in (*COMMANDS, *PASS_THROUGH)
    ]


@pytest.mark.parametrize(("text", "shown"), [(".start", "\\&.start"), ("a-b", "a\\-b"), ("'x'", "\\&\\(aqx\\(aq")])
def test_what_groff_would_read_as_its_own_is_written_out(text: str, shown: str, program: ModuleType) -> None:
    assert program._text(text) == shown

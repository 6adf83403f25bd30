"""PHP source taken apart as far as calls need it."""

from __future__ import annotations

import pytest

from devkit.laravel.php_tokens import php_tokens

pytestmark = pytest.mark.unit


def texts(source: str) -> list[str]:
    return [token.text for token in php_tokens(source)]


@pytest.mark.parametrize(
    "hidden",
    [
        "// x ?>\n<?php ",
        "# x\n",
        "/* x ' \n */",
        "/** x */",
        "?> x ' <b> <?php ",
        "?>\nx <?= ",
        "<<<A\nx ' $y\nA",
        "<<<'END'\nx\n  ENDING\n  END",
        '<<<"A"\nA',
    ],
)
def test_comments_text_and_heredocs_are_no_tokens(hidden: str) -> None:
    assert texts(f"x <?php f({hidden}) 'g'") == ["f", "(", ")", "'g'"]


def test_strings_are_whole_and_an_attribute_is_no_comment() -> None:
    assert texts(r"""<?php #[A('\'')] "a\"b" `c` $$d->e ?? \F\g::h ?: i?->j""") == [
        *("#", "[", "A", "(", r"'\''", ")", "]", r'"a\"b"', "`c`"),
        *("$$d", "->", "e", "??", r"\F\g", "::", "h", "?:", "i", "?->", "j"),
    ]


def test_lines_are_counted_from_one_through_all_that_is_left_out() -> None:
    found = list(php_tokens("<html>\n<?php\n/*\n*/ a\n<<<X\n\nX . 'b\nc'\n?>\n<?= d"))
    assert [(token.text, token.line) for token in found] == [("a", 4), (".", 7), ("'b\nc'", 7), ("d", 10)]


@pytest.mark.parametrize(
    "source", ["", "no php", "<?php", "<?php 'open", "<?php /* open", "<?php <<<A\nopen", "<?php ?>"]
)
def test_what_is_no_whole_php_is_no_error(source: str) -> None:
    assert isinstance(texts(source), list)

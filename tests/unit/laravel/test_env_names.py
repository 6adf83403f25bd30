"""What an application reads of .env, and what its .env lacks of that."""

from __future__ import annotations

from pathlib import Path

import pytest

from devkit.laravel.env_names import Missing, Read, env_reads, missing_names
from devkit.project.errors import UsageError

pytestmark = pytest.mark.unit

CONFIG = r"""<?php

use Illuminate\Support\Env;
use Illuminate\Support\Str;

return [
    // 'old' => env('IN_A_COMMENT'),
    /* env('IN_ANOTHER') */
    'note' => 'call env(\'IN_A_STRING\') here',
    'name' => env('APP_NAME', 'Laravel'),
    'key' => \env("APP_KEY"),
    'debug' => (bool) env('APP_DEBUG', false),
    'url' => ENV ( 'APP_URL' , null ),
    'list' => explode(',', (string) env('LIST_A', env('LIST_B'))),
    'prefix' => env(
        'REDIS_PREFIX',
        Str::slug((string) env('APP_NAME', 'laravel'), '_').'_database_',
    ),
    'else' => env('WITH_ELSE') ?: 'x',
    'other' => env('WITH_COALESCE') ?? 'x',
    'class' => Env::get('BY_CLASS', 1),
    'long' => \Illuminate\Support\Env::get('BY_LONG_CLASS'),
    'must' => Env::getOrFail('MUST'),
    'named' => env(default: 'x', key: 'NAMED'),
    'trailing' => env('TRAILING',),
    'made' => env($name), 'put' => env('PUT_'.'TOGETHER'), 'in' => env("IN_$name"),
    'method' => $this->env('METHOD'), 'static' => Other::env('STATIC'), 'else' => Other::get('GET'),
    'array' => env('ARRAY', []), 'call' => env('CALL', fn () => [1, 2]),
    'text' => <<<TEXT
        env('IN_A_HEREDOC')
        TEXT,
];

function env($key) { return getenv($key); }
"""


def test_every_way_to_read_a_name_is_seen_and_nothing_else() -> None:
    assert [(read.name, read.has_default) for read in env_reads(CONFIG)] == [
        ("APP_NAME", True),
        ("APP_KEY", False),
        ("APP_DEBUG", True),
        ("APP_URL", False),
        ("LIST_A", True),
        ("LIST_B", False),
        ("REDIS_PREFIX", True),
        ("APP_NAME", True),
        ("WITH_ELSE", True),
        ("WITH_COALESCE", True),
        ("BY_CLASS", True),
        ("BY_LONG_CLASS", False),
        ("MUST", False),
        ("NAMED", True),
        ("TRAILING", False),
        ("ARRAY", True),
        ("CALL", True),
    ]


def test_the_line_is_that_of_the_call() -> None:
    assert env_reads(CONFIG)[0] == Read("APP_NAME", CONFIG[: CONFIG.index("env('APP_NAME'")].count("\n") + 1, True)


def test_a_file_that_is_cut_short_gives_what_stands_in_it() -> None:
    assert [read.name for read in env_reads("<?php return [env('A'), env('B'")] == ["A", "B"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "config" / "more").mkdir(parents=True)
    (tmp_path / "config" / "app.php").write_text("<?php\nreturn [env('A'), env('B', 1), env('E', 1)];")
    (tmp_path / "config" / "more" / "b.php").write_bytes(b"<?php // \xe9\nreturn env('B').env('C').env('E', 2);")
    (tmp_path / "config" / "notes.txt").write_text("<?php env('NO');")
    (tmp_path / ".env.example").write_text("D=secret\nA=\n# F=\n")
    return tmp_path


def test_what_the_example_has_comes_first_then_what_config_reads(project: Path) -> None:
    assert missing_names(project, {"C": "x"}) == [
        Missing("D", (), False, True),
        Missing("A", ("config/app.php:2",), False, True),
        Missing("B", ("config/app.php:2", "config/more/b.php:2"), False, False),
        Missing("E", ("config/app.php:2", "config/more/b.php:2"), True, False),
    ]


def test_nothing_is_missing_where_there_is_neither(tmp_path: Path) -> None:
    assert missing_names(tmp_path, {}) == []


def test_an_example_that_cannot_be_read_is_said_by_line(project: Path) -> None:
    (project / ".env.example").write_text("A=1\nB='secret\n")
    with pytest.raises(UsageError, match=r"\.env\.example cannot be read: line 2") as caught:
        missing_names(project, {})
    assert "secret" not in str(caught.value)

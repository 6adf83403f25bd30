from __future__ import annotations

import os
from pathlib import Path

import pytest

from devkit.laravel.test_names import line_of_test, names_in, test_files, test_suites

pytestmark = pytest.mark.unit

PHPUNIT = """<?php
class OrderTest extends TestCase {
    public function test_an_order_is_paid(): void { $this->helper(function () {}); }
    #[Test]
    public function a_guest_may_look(): void {}
    #[DataProvider('rows')] #[\\PHPUnit\\Framework\\Attributes\\Test]
    public function rows_are_read(string $row): void {}
    /** @test */
    public function old_style(): void {}
    private function helper(callable $x): void {}
    public static function rows(): array { return []; }
}
"""

PEST = """<?php
it('sends a mail', function () { expect(true)->toBeTrue(); });
test("it's paid", fn () => true);
    it('is nested', fn () => true)->with(['a']);
it ( $variable );
"""


def test_phpunit_finds_a_test_by_name_attribute_and_annotation() -> None:
    assert names_in(PHPUNIT) == ("test_an_order_is_paid", "a_guest_may_look", "rows_are_read", "old_style")


def test_pest_names_a_test_as_its_filter_does() -> None:
    assert names_in(PEST) == ("it sends a mail", "it's paid", "it is nested")


def test_files_are_known_until_they_change(tmp_path: Path) -> None:
    (tmp_path / ".devkit").mkdir()
    file = tmp_path / "tests" / "Feature" / "OrderTest.php"
    file.parent.mkdir(parents=True)
    file.write_text(PHPUNIT)
    (file.parent / "Helper.php").write_text(PHPUNIT)
    first = test_files(tmp_path)
    assert [found.path for found in first] == ["tests/Feature/OrderTest.php"]
    status = file.stat()
    file.write_text("x" * status.st_size)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert test_files(tmp_path) == first  # it looks the same: it was not read again
    file.write_text(PEST)
    assert "it sends a mail" in test_files(tmp_path)[0].names
    file.unlink()
    assert test_files(tmp_path) == []


@pytest.mark.parametrize("text", ["", "[]", '{"schema": 1, "files": {"a": 3}}'])
def test_what_was_kept_may_be_broken(text: str, tmp_path: Path) -> None:
    (tmp_path / ".devkit").mkdir()
    (tmp_path / ".devkit" / "tests.json").write_text(text)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "ATest.php").write_text(PEST)
    assert len(test_files(tmp_path)) == 1


def test_without_a_directory_of_ours_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "ATest.php").write_text(PEST)
    assert len(test_files(tmp_path)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["tests"]


def test_suites_come_from_phpunit_xml(tmp_path: Path) -> None:
    assert test_suites(tmp_path) == []
    (tmp_path / "phpunit.xml").write_text('<testsuites><testsuite name="Unit"><directory>t</directory></testsuite>')
    assert test_suites(tmp_path) == ["Unit"]


def test_a_test_is_found_in_its_file_by_the_name_that_a_run_gives_it(tmp_path: Path) -> None:
    file = tmp_path / "ATest.php"
    file.write_text("<?php\nit('sends a mail', fn () => 1);\npublic function test_rows(int $row): void {}\n")
    assert line_of_test(file, "it sends a mail") == 2
    assert line_of_test(file, 'test_rows with data set "a"') == 3
    assert line_of_test(file, "gone") == line_of_test(tmp_path / "none.php", "a") == 1

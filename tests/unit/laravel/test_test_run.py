"""A run of tests as it is told, and what is chosen from it to run again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recorded_runs import PARATEST, PEST, PHPUNIT

from devkit.laravel.test_command import Selection, TestProgram, selection_of, test_program
from devkit.laravel.test_listing import list_tests
from devkit.laravel.test_names import TestFile
from devkit.laravel.test_output import MOST_OF_ALL, MOST_OF_ONE
from devkit.laravel.test_run import TestRun
from devkit.laravel.test_tree import Node, State, TestTree

pytestmark = pytest.mark.unit


def told(
    text: str, tree: TestTree | None = None, *, status: int = 0, stopped: bool = False
) -> tuple[TestTree, TestRun]:
    tree = tree or TestTree()
    run = TestRun(tree)
    for line in text.encode().split(b"\n"):
        run.take(line)
    run.end(status, stopped=stopped)
    return tree, run


def until(text: str, line: str) -> str:
    """The text up to a line that begins so, which is the last of it."""
    before, found, behind = text.partition(line)
    assert found
    return before + found + behind.partition("\n")[0] + "\n"


def drawn(node: Node, depth: int = 0) -> list[str]:
    """The tree for reading."""
    rows = []
    for child in node.children:
        rows.append(f"{'  ' * depth}{child.name} {child.state.name}")
        rows += drawn(child, depth + 1)
    return rows


def test_named(tree: TestTree, name: str) -> Node:
    (found,) = (node for node in tree.root.tests() if node.name == name)
    return found


test_named.__test__ = False  # type: ignore[attr-defined]


def test_phpunits_suites_and_tests_become_a_tree() -> None:
    tree, run = told(PHPUNIT, status=2)
    assert drawn(tree.root) == [
        "Unit FAILED",
        "  Tests\\Unit\\KindsTest FAILED",
        "    test_it_passes PASSED",
        "    test_texts FAILED",
        "    test_an_exception FAILED",
        "    test_skipped SKIPPED",
        "    test_depends SKIPPED",
        "    test_risky RISKY",
        "    test_prints PASSED",
        "    test_rows FAILED",
        '      test_rows with data set "plain" PASSED',
        '      test_rows with data set "with "quotes" / (signs) | x" FAILED',
        "Feature PASSED",
        "  Tests\\Feature\\ExampleTest PASSED",
        "    test_home PASSED",
    ]
    assert (run.total, run.finished, run.problem, run.missed) == (10, 10, "", 0)
    unit, feature = tree.root.children
    assert round(unit.seconds, 3) == round(0.006 + 0.145 + 0.002 + 0.004 + 0.001 + 0.002, 3)
    assert (unit.total, feature.total, tree.root.counts[State.FAILED]) == (9, 1, 3)


def test_a_failure_has_its_message_its_trace_and_both_values() -> None:
    tree, _run = told(PHPUNIT)
    texts = test_named(tree, "test_texts").report
    assert texts is not None
    assert texts.message == "Failed asserting that two strings are identical."
    assert (texts.expected, texts.actual) == ("'one\ntwo\nthree'", "'one\n2\nthree'")
    exception = test_named(tree, "test_an_exception").report
    assert exception is not None and exception.expected is None
    assert exception.message == 'RuntimeException: it\'s [broken] | "here"\nnow'
    assert "Caused by\nLogicException: the cause" in exception.details


def test_failures_come_first_and_risky_ones_behind_them() -> None:
    tree, _run = told(PHPUNIT)
    assert [node.name for node in tree.broken] == [
        "test_texts",
        "test_an_exception",
        'test_rows with data set "with "quotes" / (signs) | x"',
        "test_risky",
    ]


def test_what_a_test_prints_is_its_own_and_the_rest_is_the_runs() -> None:
    tree, run = told(PHPUNIT)
    assert list(test_named(tree, "test_prints").output or ()) == ["said without a line end"]
    assert list(test_named(tree, 'test_rows with data set "plain"').output or ()) == ["row 1"]
    assert "Runtime:       PHP 8.4.24" in list(run.output)
    assert test_named(tree, "test_it_passes").output is None


def test_pests_files_are_classes_whose_other_suites_have_places_too() -> None:
    tree, run = told(PEST, status=1)
    assert drawn(tree.root) == [
        "Unit FAILED",
        "  Tests\\Unit\\OrderTest FAILED",
        "    it can fail with comparison FAILED",
        "    it can be ignored SKIPPED",
        "    it counts PASSED",
        '      it counts with data set "(true)" PASSED',
        "  Tests\\Unit\\ClassTest FAILED",
        "    That true is true FAILED",
    ]
    assert run.total == 5
    failed = test_named(tree, "it can fail with comparison")
    assert failed.place.file == "tests/Unit/OrderTest.php"
    assert failed.place.class_name == "Tests\\Unit\\OrderTest"


def test_several_processes_are_told_apart_and_their_output_is_nobodys() -> None:
    tree, run = told(PARATEST, status=1)
    assert [(node.name, node.state) for node in tree.root.tests()] == [
        ("test_it_passes", State.PASSED),
        ("test_rows", State.PASSED),
        ("test_home", State.FAILED),
    ]
    assert run.total is None
    assert "whose is this" in list(run.output)


def test_a_class_stays_where_it_was_when_it_runs_again_without_its_suite() -> None:
    tree, _run = told(PHPUNIT)
    before = drawn(tree.root)
    tree.wait_for(tree.broken)
    assert test_named(tree, "test_texts").state is State.WAITING
    _tree, run = told(PHPUNIT.replace("##teamcity[testSuiteStarted name='Unit' flowId='56']\n", ""), tree)
    assert drawn(tree.root) == before
    assert run.missed == 0


def test_what_should_have_run_again_and_did_not_is_as_it_was() -> None:
    tree, _run = told(PHPUNIT)
    tree.wait_for(tree.broken)
    _tree, run = told("No tests executed!\n", tree, status=1)
    assert run.missed == 4
    assert test_named(tree, "test_texts").state is State.FAILED
    assert run.problem == "no test ran, but the run ended with status 1: No tests executed!"


def test_a_test_that_its_class_has_no_more_is_gone_once_the_class_ran() -> None:
    tree, _run = told(PHPUNIT)
    tree.wait_for(tree.broken)
    renamed = PHPUNIT.replace("test_texts", "test_strings").replace("test_rows", "test_lines")
    told(renamed, tree)
    names = [node.name for node in tree.root.tests()]
    assert "test_texts" not in names and "test_strings" in names
    assert tree.root.counts[State.WAITING] == 0 and tree.root.total == len(names)
    assert "test_texts" not in [node.name for node in tree.broken]


def test_a_fatal_error_marks_the_test_that_ran_and_says_so() -> None:
    text = until(PHPUNIT, "##teamcity[testStarted name='test_an_exception'")
    tree, run = told(text + "PHP Fatal error:  Allowed memory size exhausted in /app/app/A.php on line 3\n", status=255)
    node = test_named(tree, "test_an_exception")
    assert node.state is State.FAILED
    assert node.report is not None
    assert node.report.message == "PHP Fatal error:  Allowed memory size exhausted in /app/app/A.php on line 3"
    assert run.problem == f"the run broke off in test_an_exception: {node.report.message}"


def test_a_run_that_ends_in_a_test_without_a_word_says_with_which_status() -> None:
    tree, _run = told(until(PHPUNIT, "##teamcity[testStarted name='test_an_exception'"), status=137)
    report = test_named(tree, "test_an_exception").report
    assert report is not None and report.message == "the run ended with status 137 while it ran"


def test_a_stopped_run_marks_its_test_and_leaves_those_that_waited_as_they_were() -> None:
    tree, _run = told(PHPUNIT)
    tree.wait_for(tree.broken)
    _tree, run = told(until(PHPUNIT, "##teamcity[testStarted name='test_texts'"), tree, status=143, stopped=True)
    assert test_named(tree, "test_texts").state is State.STOPPED
    assert test_named(tree, "test_an_exception").state is State.FAILED
    assert (run.problem, run.missed) == ("", 3)


def test_a_run_that_fails_without_a_failed_test_says_why() -> None:
    passing = "##teamcity[testStarted name='a']\n##teamcity[testFinished name='a']\n"
    _tree, run = told(passing + "PHP Parse error:  syntax error in /app/tests/B.php on line 2\n", status=255)
    assert run.problem.endswith("status 255: PHP Parse error:  syntax error in /app/tests/B.php on line 2")
    _tree, run = told(passing, status=1)
    assert run.problem == "no test failed, but the run ended with status 1"


def test_a_failure_that_is_cut_still_counts_and_is_kept_as_output() -> None:
    cut = "##teamcity[testFailed name='a' message='half"
    tree, _run = told(f"##teamcity[testStarted name='a']\n{cut}\n##teamcity[testFinished name='a']")
    node = test_named(tree, "a")
    assert node.state is State.FAILED
    assert node.report is not None and node.report.message == "half"
    assert list(node.output or ()) == [cut]


def test_what_failed_before_it_began_is_no_risky_test() -> None:
    suite = "##teamcity[testSuiteStarted name='T\\A' locationHint='php_qn:///app/A.php::\\T\\A']\n"
    tree, _run = told(suite + "##teamcity[testFailed name='a' message='depends on nothing' details='']")
    assert test_named(tree, "a").state is State.FAILED


def test_a_test_that_never_says_how_it_ended_is_not_taken_for_passed() -> None:
    tree, _run = told(
        "##teamcity[testStarted name='a']\n##teamcity[testStarted name='b']\n##teamcity[testFinished name='b']"
    )
    assert [node.state for node in tree.root.tests()] == [State.STOPPED, State.PASSED]


@given(st.lists(st.sampled_from(PHPUNIT.splitlines() + PARATEST.splitlines()), max_size=40), st.data())
def test_lines_in_any_order_and_cut_anywhere_never_fail_and_counts_stay_right(
    lines: list[str], data: st.DataObject
) -> None:
    cut = [line[: data.draw(st.integers(0, len(line)))] if data.draw(st.booleans()) else line for line in lines]
    tree, _run = told("\n".join(cut), stopped=data.draw(st.booleans()))
    tests = list(tree.root.tests())
    assert tree.root.counts == [sum(1 for node in tests if node.state is state) for state in State]
    assert tree.root.seconds == pytest.approx(sum(node.seconds for node in tests))
    assert all(node.state not in (State.RUNNING, State.WAITING) for node in tests)


def test_suites_in_suites_without_end_are_no_problem() -> None:
    tree, _run = told("##teamcity[testSuiteStarted name='a']\n" * 5000 + "##teamcity[testStarted name='b']")
    assert len(list(tree.root.tests())) == 1


def test_processes_without_end_are_no_problem() -> None:
    tree, _run = told("\n".join(f"##teamcity[testStarted name='{n}' flowId='{n}']" for n in range(2000)), stopped=True)
    assert tree.root.counts[State.STOPPED] == 2000


def test_a_flood_keeps_its_newest_lines_and_says_how_much_is_gone() -> None:
    tree = TestTree()
    run = TestRun(tree)
    run.take(b"##teamcity[testStarted name='a']")
    for number in range(40_000):
        run.take(b"line %d" % number)
    run.take(b"x" * (MOST_OF_ONE * 2))
    run.take(b"last")
    output = test_named(tree, "a").output
    assert output is not None
    assert list(output)[-1] == "last" and output.size <= MOST_OF_ONE
    assert output.dropped > MOST_OF_ONE


def test_all_outputs_together_are_bounded_too() -> None:
    tree = TestTree()
    run = TestRun(tree)
    for number in range(MOST_OF_ALL // 100_000 + 20):
        run.take(b"##teamcity[testStarted name='%d']" % number)
        run.take(b"x" * 100_000)
        run.take(b"##teamcity[testFinished name='%d']" % number)
    outputs = [node.output for node in tree.root.tests() if node.output is not None]
    assert sum(output.size for output in outputs) <= MOST_OF_ALL
    assert outputs[0].dropped and not len(outputs[0]) and len(outputs[-1])


def test_exactly_the_failed_tests_are_named_with_their_data_sets() -> None:
    tree, _run = told(PHPUNIT)
    chosen = selection_of(node for node in tree.broken if "rows" in node.name or "texts" in node.name)
    assert chosen.file == "/app/tests/Unit/KindsTest.php"
    assert chosen.pattern == (
        r"/^(?:Tests\\Unit\\KindsTest::(?:test_texts"
        r"|test_rows with data set \"with \"quotes\" \/ \(signs\) \| x\"))$/D"
    )


def test_a_suite_a_class_and_a_method_are_chosen_as_what_they_are() -> None:
    tree, _run = told(PHPUNIT)
    unit = tree.root.children[0]
    assert selection_of([unit]) == Selection(suite="Unit")
    assert selection_of(unit.children).pattern == r"/^(?:Tests\\Unit\\KindsTest::.*)$/D"
    rows = unit.children[0].children[-1]
    assert selection_of([rows]).pattern.count("test_rows with data set") == 2


def test_pests_own_tests_are_named_and_classes_run_whole() -> None:
    tree, _run = told(PEST)
    assert selection_of(tree.broken).pattern == (
        r"/^(?:Tests\\Unit\\OrderTest::(?:it can fail with comparison)|Tests\\Unit\\ClassTest::.*)$/D"
    )


def test_too_many_tests_are_chosen_by_class_and_too_many_classes_are_all() -> None:
    def failing(classes: int, tests: int) -> TestTree:
        lines = []
        for number in range(classes):
            place = f"php_qn:///app/tests/T{number}.php::\\Tests\\Number{number}Test"
            lines.append(f"##teamcity[testSuiteStarted name='Tests\\Number{number}Test' locationHint='{place}']")
            failed = "##teamcity[testFailed name='test_{}_{}' message='m' details='d']"
            lines += [failed.format("x" * 60, test) for test in range(tests)]
            lines.append(f"##teamcity[testSuiteFinished name='Tests\\Number{number}Test']")
        return told("\n".join(lines))[0]

    by_class = selection_of(failing(50, 20).broken)
    assert by_class.pattern.count("::.*") == 50 and by_class.file == ""
    assert selection_of(failing(1500, 1).broken) == Selection()
    assert selection_of(failing(1, 1000).broken).pattern == r"/^(?:Tests\\Number0Test::.*)$/D"


def test_a_name_that_was_no_utf_8_is_found_by_any_such_bytes() -> None:
    tree, _run = told(PHPUNIT.replace("(signs)", "\ufffd"))
    assert r"\/ [\x80-\xff]+ \|" in selection_of(tree.broken).pattern


@pytest.mark.parametrize(
    ("packages", "parallel", "words"),
    [
        ("phpunit/phpunit", False, "php vendor/phpunit/phpunit/phpunit --teamcity --colors=never --filter=a"),
        ("pestphp/pest", False, "php vendor/pestphp/pest/bin/pest --teamcity --colors=never --filter=a"),
        ("pestphp/pest", True, "php vendor/pestphp/pest/bin/pest --parallel --teamcity --colors=never --filter=a"),
        (
            "brianium/paratest",
            True,
            r"env LARAVEL_PARALLEL_TESTING=1 php vendor/brianium/paratest/bin/paratest"
            r" --runner=\Illuminate\Testing\ParallelRunner --teamcity --colors=never --filter=a",
        ),
    ],
)
def test_the_program_is_what_composer_lock_has(packages: str, parallel: bool, words: str) -> None:
    program = TestProgram(packages == "pestphp/pest", packages == "brianium/paratest")
    assert " ".join(program.command(Selection(pattern="a"), parallel=parallel)) == words


def test_a_project_without_a_lock_has_phpunit(tmp_path: Path) -> None:
    assert test_program(tmp_path) == TestProgram(is_pest=False, has_paratest=False)
    (tmp_path / "composer.lock").write_text(json.dumps({"packages-dev": [{"name": "pestphp/pest"}]}))
    assert test_program(tmp_path).is_pest


def test_tests_of_no_class_cannot_be_named() -> None:
    tree, _run = told("##teamcity[testFailed name='a' message='m' details='d']")
    assert selection_of(tree.broken) == Selection()


def test_tests_are_listed_by_their_files_and_are_the_same_ones_when_they_run() -> None:
    tree = TestTree()
    files = [
        TestFile("tests/Feature/ExampleTest.php", ("test_home", "test_gone")),
        TestFile("tests/Unit/KindsTest.php", ("test_rows",)),
        TestFile("tests/Unit/EmptyTest.php", ()),
    ]
    list_tests(tree, files, is_pest=False)
    assert drawn(tree.root) == [
        "Tests\\Feature\\ExampleTest LISTED",
        "  test_home LISTED",
        "  test_gone LISTED",
        "Tests\\Unit\\KindsTest LISTED",
        "  test_rows LISTED",
    ]
    rows = test_named(tree, "test_rows")
    assert selection_of([rows]).pattern.endswith("::(?:test_rows(?: with .*)?))$/D")
    tree.wait_for([test_named(tree, "test_home")])
    told(PHPUNIT, tree)
    assert test_named(tree, "test_home").state is State.PASSED
    assert test_named(tree, "test_gone").state is State.LISTED


def test_pests_tests_are_listed_under_their_own_keys() -> None:
    tree = TestTree()
    list_tests(tree, [TestFile("tests/Unit/OrderTest.php", ("it can be ignored",))], is_pest=True)
    told(PEST, tree)
    assert test_named(tree, "it can be ignored").state is State.SKIPPED

# ruff: noqa: E501
"""What test programs wrote. PHPUNIT: 13.4 in a container, shortened. PEST: Pest 3's own snapshots, with a dataset's.

PARATEST is put together by what its ResultPrinter does: each process' messages once it is through with a file.
"""

from __future__ import annotations

_UNIT = r"php_qn:///app/tests/Unit/KindsTest.php::\Tests\Unit\KindsTest"
_FEATURE = r"php_qn:///app/tests/Feature/ExampleTest.php::\Tests\Feature\ExampleTest"

PHPUNIT = rf"""PHPUnit 13.4.3 by Sebastian Bergmann and contributors.

Runtime:       PHP 8.4.24
Configuration: /app/phpunit.xml

##teamcity[testCount count='10' flowId='56']
##teamcity[testSuiteStarted name='/app/phpunit.xml' flowId='56']
##teamcity[testSuiteStarted name='Unit' flowId='56']
##teamcity[testSuiteStarted name='Tests\Unit\KindsTest' locationHint='{_UNIT}' flowId='56']
##teamcity[testStarted name='test_it_passes' locationHint='{_UNIT}::test_it_passes' flowId='56']
##teamcity[testFinished name='test_it_passes' duration='6' flowId='56']
##teamcity[testStarted name='test_texts' locationHint='{_UNIT}::test_texts' flowId='56']
##teamcity[testFailed name='test_texts' message='Failed asserting that two strings are identical.' details='/app/tests/Unit/KindsTest.php:18|n' duration='115' type='comparisonFailure' actual='|'one|n2|nthree|'' expected='|'one|ntwo|nthree|'' flowId='56']
##teamcity[testFinished name='test_texts' duration='145' flowId='56']
##teamcity[testStarted name='test_an_exception' locationHint='{_UNIT}::test_an_exception' flowId='56']
##teamcity[testFailed name='test_an_exception' message='RuntimeException: it|'s |[broken|] || "here"|nnow' details='/app/tests/Unit/KindsTest.php:28|n|nCaused by|nLogicException: the cause|n|n/app/tests/Unit/KindsTest.php:28|n' duration='1' flowId='56']
##teamcity[testFinished name='test_an_exception' duration='2' flowId='56']
##teamcity[testStarted name='test_skipped' locationHint='{_UNIT}::test_skipped' flowId='56']
##teamcity[testIgnored name='test_skipped' message='not today' duration='4' flowId='56']
##teamcity[testFinished name='test_skipped' duration='4' flowId='56']
##teamcity[testIgnored name='test_depends' message='This test depends on "Tests\Unit\KindsTest::test_texts" to pass' duration='0' flowId='56']
##teamcity[testStarted name='test_risky' locationHint='{_UNIT}::test_risky' flowId='56']
##teamcity[testFailed name='test_risky' message='This test did not perform any assertions' details='' duration='0' flowId='56']
##teamcity[testFinished name='test_risky' duration='1' flowId='56']
##teamcity[testStarted name='test_prints' locationHint='{_UNIT}::test_prints' flowId='56']
said without a line end##teamcity[testFinished name='test_prints' duration='0' flowId='56']
##teamcity[testSuiteStarted name='test_rows' locationHint='{_UNIT}::test_rows' flowId='56']
##teamcity[testStarted name='test_rows with data set "plain"' locationHint='{_UNIT}::test_rows with data set "plain"' flowId='56']
row 1
##teamcity[testFinished name='test_rows with data set "plain"' duration='1' flowId='56']
##teamcity[testStarted name='test_rows with data set "with "quotes" / (signs) || x"' locationHint='{_UNIT}::test_rows with data set "with "quotes" / (signs) || x"' flowId='56']
##teamcity[testFailed name='test_rows with data set "with "quotes" / (signs) || x"' message='Failed asserting that 2 is less than 2.' details='/app/tests/Unit/KindsTest.php:63|n' duration='0' flowId='56']
row 2
##teamcity[testFinished name='test_rows with data set "with "quotes" / (signs) || x"' duration='1' flowId='56']
##teamcity[testSuiteFinished name='test_rows' flowId='56']
##teamcity[testSuiteFinished name='Tests\Unit\KindsTest' flowId='56']
##teamcity[testSuiteFinished name='Unit' flowId='56']
##teamcity[testSuiteStarted name='Feature' flowId='56']
##teamcity[testSuiteStarted name='Tests\Feature\ExampleTest' locationHint='{_FEATURE}' flowId='56']
##teamcity[testStarted name='test_home' locationHint='{_FEATURE}::test_home' flowId='56']
##teamcity[testFinished name='test_home' duration='281' flowId='56']
##teamcity[testSuiteFinished name='Tests\Feature\ExampleTest' flowId='56']
##teamcity[testSuiteFinished name='Feature' flowId='56']
##teamcity[testSuiteFinished name='/app/phpunit.xml' flowId='56']
Time: 00:00.482, Memory: 42.00 MB
"""

_FILE = "pest_qn://tests/Unit/OrderTest.php"

PEST = rf"""##teamcity[testSuiteStarted name='/app/phpunit.xml' locationHint='{_FILE}' flowId='1234']
##teamcity[testCount count='5' flowId='1234']
##teamcity[testSuiteStarted name='Unit' locationHint='{_FILE}' flowId='1234']
##teamcity[testSuiteStarted name='Tests\Unit\OrderTest' locationHint='{_FILE}' flowId='1234']
##teamcity[testStarted name='it can fail with comparison' locationHint='{_FILE}::it can fail with comparison' flowId='1234']
##teamcity[testFailed name='it can fail with comparison' message='Failed asserting that true matches expected false.' details='at tests/Unit/OrderTest.php:6' type='comparisonFailure' actual='true' expected='false' flowId='1234']
##teamcity[testFinished name='it can fail with comparison' duration='100000' flowId='1234']
##teamcity[testStarted name='it can be ignored' locationHint='{_FILE}::it can be ignored' flowId='1234']
##teamcity[testIgnored name='it can be ignored' message='This test did not perform any assertions' details='' flowId='1234']
##teamcity[testFinished name='it can be ignored' duration='100000' flowId='1234']
##teamcity[testSuiteStarted name='it counts' locationHint='{_FILE}' flowId='1234']
##teamcity[testStarted name='it counts with data set "(true)"' locationHint='{_FILE}::it counts with data set "(true)"' flowId='1234']
##teamcity[testFinished name='it counts with data set "(true)"' duration='100000' flowId='1234']
##teamcity[testSuiteFinished name='it counts' flowId='1234']
##teamcity[testSuiteFinished name='Tests\Unit\OrderTest' flowId='1234']
##teamcity[testSuiteStarted name='Tests\Unit\ClassTest' locationHint='pest_qn://Class (Tests\Unit\ClassTest)' flowId='1234']
##teamcity[testStarted name='That true is true' locationHint='pest_qn://Class (Tests\Unit\ClassTest)::That true is true' flowId='1234']
##teamcity[testFailed name='That true is true' message='Exception: test error' details='at tests/Unit/ClassTest.php:22' flowId='1234']
##teamcity[testFinished name='That true is true' duration='100000' flowId='1234']
##teamcity[testSuiteFinished name='Tests\Unit\ClassTest' flowId='1234']
##teamcity[testSuiteFinished name='Unit' flowId='1234']
##teamcity[testSuiteFinished name='/app/phpunit.xml' flowId='1234']

  Tests:    2 failed, 1 risky, 1 passed (3 assertions)
"""

PARATEST = rf"""Processes:     2
Runtime:       PHP 8.4.24
##teamcity[testCount count='2' flowId='7']
##teamcity[testSuiteStarted name='Tests\Unit\KindsTest' locationHint='{_UNIT}' flowId='7']
##teamcity[testStarted name='test_it_passes' locationHint='{_UNIT}::test_it_passes' flowId='7']
##teamcity[testCount count='1' flowId='8']
##teamcity[testSuiteStarted name='Tests\Feature\ExampleTest' locationHint='{_FEATURE}' flowId='8']
##teamcity[testStarted name='test_home' locationHint='{_FEATURE}::test_home' flowId='8']
whose is this
##teamcity[testFinished name='test_it_passes' duration='6' flowId='7']
##teamcity[testFailed name='test_home' message='no' details='/app/tests/Feature/ExampleTest.php:9|n' duration='5' flowId='8']
##teamcity[testFinished name='test_home' duration='7' flowId='8']
##teamcity[testSuiteFinished name='Tests\Feature\ExampleTest' flowId='8']
##teamcity[testStarted name='test_rows' locationHint='{_UNIT}::test_rows' flowId='7']
##teamcity[testFinished name='test_rows' duration='6' flowId='7']
##teamcity[testSuiteFinished name='Tests\Unit\KindsTest' flowId='7']
"""

from __future__ import annotations

import pytest

from devkit.setup.composer_output import error_lines, reason

pytestmark = pytest.mark.unit

THROWN = """\

In PackageDiscoveryTrait.php line 392:
                                                                    
  Could not find a matching version of package nope/nope.           
  Check the package spelling.                                       
                                                                    

require [--dev] [--dry-run] [--prefer-source] [--] [<packages>...]

""".splitlines()  # noqa: W291, W293 - as Composer 2.8 prints it

UNSOLVED = """\
Loading composer repositories with package information
Updating dependencies
Your requirements could not be resolved to an installable set of packages.

  Problem 1
    - Root composer.json requires php ^9.2 but your php version (8.4.24) does not satisfy that requirement.
  Problem 2
    - Root composer.json requires nope/x, it could not be found in any version.

Potential causes:
 - A typo in the package name

Read <https://getcomposer.org/doc/articles/troubleshooting.md> for further common problems.
""".splitlines()


def test_what_was_thrown_is_the_reason_and_not_how_the_command_is_used() -> None:
    assert reason(THROWN) == "Could not find a matching version of package nope/nope. Check the package spelling."
    assert not any(line.startswith("require [") for line in error_lines(THROWN))


def test_the_solvers_first_problem_is_the_reason() -> None:
    assert reason(UNSOLVED).startswith("Root composer.json requires php ^9.2 but your php version (8.4.24)")


def test_else_it_is_what_was_said_last() -> None:
    said = ["curl error 6: Could not resolve host", "Installation failed, reverting ./composer.json", ""]
    assert reason(said) == "curl error 6: Could not resolve host"
    assert reason([]) == ""

"""What is wrong with the machine or a project, why, and what to do: one function for each check."""

from devkit.doctor.check import Check, apply_fix
from devkit.doctor.checks import preflight, run_checks

__all__ = ["Check", "apply_fix", "preflight", "run_checks"]

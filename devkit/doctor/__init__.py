"""Checks: what is wrong, why, what to do, and a fix where one is safe."""

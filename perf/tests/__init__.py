"""Tests of what measures. They need the standard library only, but for those that say otherwise.

perf/python -m unittest discover -s perf/tests -t perf
"""

import importlib.util
import unittest


def require(*modules: str) -> None:
    """Skips the test file where one of the modules is not there."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise unittest.SkipTest(f"no {module}")

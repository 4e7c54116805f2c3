"""Builds the package: everything but the shared library is in pyproject.toml."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.dist import Distribution

HERE = Path(__file__).resolve().parent
TOP = HERE.parent
NAME = "libreglow.so.0"
BUILT = TOP / ".build" / "library" / NAME
FREE_PRIORS = ("photos", "noisy-photos")


def find_library() -> Path:
    """Return the shared library: the one that REGLOW_LIBRARY names, else what ``make library`` makes of the sources around this folder."""
    named = os.environ.get("REGLOW_LIBRARY")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise SystemExit(f"REGLOW_LIBRARY is {named}, which is no file")
        return path
    swift = os.environ.get("SWIFT", "swift")
    if not (TOP / "Package.swift").is_file():
        raise SystemExit("The sources of Reglow are not beside this folder, and REGLOW_LIBRARY names no built library")
    if shutil.which(swift) is None:
        raise SystemExit(
            "The package is built from Swift, and there is no swift on the PATH: install the toolchain (swift.org/install), "
            "take a wheel, or name a built library with REGLOW_LIBRARY=/path/to/libreglow.so.0"
        )
    subprocess.run(["make", "--no-print-directory", "library", f"SWIFT={swift}"], cwd=TOP, check=True)
    return BUILT


class BuildWithLibrary(build_py):
    """Adds the library and the priors that are free."""

    def run(self) -> None:
        target = HERE / "reglow" if self.editable_mode else Path(self.build_lib) / "reglow"
        if not self.editable_mode:
            # What an earlier build left there would be packed too.
            shutil.rmtree(target, ignore_errors=True)
        super().run()
        self._copy(find_library(), target / "lib" / NAME)
        for prior in FREE_PRIORS:
            for ending in (".safetensors", ".md", "-credits.md"):
                source = TOP / "Models" / (prior + ending)
                if source.is_file():
                    self._copy(source, target / "share" / "reglow" / "models" / source.name)

    def _copy(self, source: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (target.exists() and target.resolve() == source.resolve()):
            shutil.copyfile(source.resolve(), target)


class PlatformWheel(bdist_wheel):
    """A wheel for one platform and every Python 3: the library is loaded by ctypes and knows nothing of Python."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.root_is_pure = False

    def get_tag(self) -> tuple[str, str, str]:
        return ("py3", "none", super().get_tag()[2])


class DistributionWithLibrary(Distribution):
    """A distribution that is not the same on all platforms."""

    def has_ext_modules(self) -> bool:
        return True


def version() -> str:
    """Return the version that the sources of the library say."""
    text = (HERE / "reglow" / "_version.py").read_text()
    found = re.search(r'__version__ = "([^"]+)"', text)
    if found is None:
        raise SystemExit("reglow/_version.py does not say the version")
    return found[1]


setup(version=version(), cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel}, distclass=DistributionWithLibrary)

"""What is installed is what is in the tree: CMake lists every file, and the wheel's metadata is sound."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from PerfusionRatioLib import __version__

ROOT = Path(__file__).parents[2]
MODULES = ["PerfusionRatioLib", "PerfusionRatio"]


def listed(module: str, variable: str) -> list[str]:
    """The entries of ``set(<variable> ...)`` in the module's CMakeLists.txt."""
    text = (ROOT / module / "CMakeLists.txt").read_text()
    block = re.search(rf"set\({variable}\n(.*?)\n\s*\)", text, re.DOTALL)
    assert block, f"{module}/CMakeLists.txt has no list {variable}"
    return block[1].split()


def in_the_tree(module: str, python: bool) -> list[str]:
    """The module's Python files, or its other files, relative to its folder."""
    folder = ROOT / module
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.name != "CMakeLists.txt"
        and (path.suffix == ".py") == python
    )


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(("variable", "python"), [("MODULE_PYTHON_SCRIPTS", True), ("MODULE_PYTHON_RESOURCES", False)])
def test_cmake_lists_every_file(module, variable, python):
    expected = in_the_tree(module, python)
    assert listed(module, variable) == expected, "the list should read:\n  " + "\n  ".join(expected)


@pytest.mark.parametrize(("module", "in_a_folder"), [("PerfusionRatioLib", True), ("PerfusionRatio", False)])
def test_cmake_adds_the_module(module, in_a_folder):
    """Slicer looks for modules in the folder itself, and imports the library from a folder in it."""
    text = (ROOT / "CMakeLists.txt").read_text()
    assert f"add_subdirectory({module})" in text
    assert ("WITH_SUBDIR" in (ROOT / module / "CMakeLists.txt").read_text()) == in_a_folder


def test_extension_metadata_is_one_line_each():
    lines = (ROOT / "CMakeLists.txt").read_text().splitlines()
    metadata = [line for line in lines if "EXTENSION_" in line and line.startswith("set(")]
    assert metadata and all(re.fullmatch(r'set\(EXTENSION_\w+ "[^"]+"\)', line) for line in metadata)


def test_the_version_is_told_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["setuptools"]["dynamic"]["version"]["attr"] == "PerfusionRatioLib.__version__"
    assert re.search(rf"^version: {re.escape(__version__)}$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_requirements_are_floors_not_pins():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    requirements = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    assert all(">=" in requirement for requirement in requirements)
    assert sorted(project["optional-dependencies"]) == ["cohort", "report", "test"]


def test_every_resource_is_in_the_wheel():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    package = ROOT / "PerfusionRatioLib"
    packed = {path for pattern in patterns["PerfusionRatioLib"] for path in package.glob(pattern)}
    missing = [name for name in in_the_tree("PerfusionRatioLib", python=False) if package / name not in packed]
    assert not missing

"""The library stands alone: no Slicer, no Qt, no VTK, and no dependency beyond its five."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import PerfusionRatioLib

PACKAGE = Path(PerfusionRatioLib.__file__).parent
FORBIDDEN = {"slicer", "qt", "ctk", "vtk", "vtkmodules", "PySide6", "PythonQt"}
DEPENDENCIES = {"numpy", "scipy", "SimpleITK", "pydicom", "highdicom"}
OPTIONAL = {"matplotlib", "jinja2", "pandas", "dask", "distributed"}
"""May be imported inside functions only, where an extra is used."""

FILES = sorted(PACKAGE.rglob("*.py"))
IMPORT_EVERYTHING = """
import importlib, pkgutil, PerfusionRatioLib
for module in pkgutil.walk_packages(PerfusionRatioLib.__path__, "PerfusionRatioLib."):
    importlib.import_module(module.name)
"""

LIST_LOADED = """
import json, pathlib, sys, sysconfig
installed = pathlib.Path(sysconfig.get_path("platlib"))
names = set()
for name, module in list(sys.modules.items()):
    file = pathlib.Path(getattr(module, "__file__", None) or "")
    # compiled parts of a package may call themselves by a bare name; their place tells whose they are
    inside = file.is_relative_to(installed)
    if name.startswith("_cython_"):
        continue  # a namespace that compiled modules make for themselves; no package
    names.add(file.relative_to(installed).parts[0].split(".")[0] if inside else name.split(".")[0])
print(json.dumps(sorted(names)))
"""


def imports(tree: ast.AST) -> set[str]:
    """Top-level names of everything that is imported absolutely anywhere under ``tree``."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module.split(".")[0])
    return names


def file_scope(tree: ast.Module) -> ast.Module:
    """``tree`` without the bodies of its functions."""

    class WithoutBodies(ast.NodeTransformer):
        def visit_FunctionDef(self, node):
            return None

        visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    return WithoutBodies().visit(tree)


def loaded_by(code: str) -> set[str]:
    """Top-level packages that a fresh interpreter holds after running ``code``, told by where their files lie."""
    run = subprocess.run([sys.executable, "-c", code + LIST_LOADED], capture_output=True, text=True, cwd=PACKAGE.parent)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_file_imports_beyond_the_dependencies(path):
    tree = ast.parse(path.read_text())
    found = imports(tree) - set(sys.stdlib_module_names) - {"PerfusionRatioLib"}
    assert not found & FORBIDDEN
    assert found <= DEPENDENCIES | OPTIONAL
    assert imports(file_scope(tree)).isdisjoint(OPTIONAL)


def test_importing_everything_loads_nothing_beyond_the_dependencies():
    dependencies = "\n".join(f"import {name}" for name in sorted(DEPENDENCIES))
    beyond = loaded_by(IMPORT_EVERYTHING) - loaded_by(dependencies) - set(sys.stdlib_module_names)
    assert beyond <= DEPENDENCIES | {"PerfusionRatioLib"}


def test_importing_the_package_is_light():
    assert loaded_by("import PerfusionRatioLib").isdisjoint(DEPENDENCIES)


def test_the_command_line_starts_without_the_heavy_libraries():
    started = loaded_by("from PerfusionRatioLib.cli import main; main(['--version'])")
    assert started.isdisjoint({"scipy", "SimpleITK", "pydicom", "highdicom"})


@pytest.mark.parametrize("name", PerfusionRatioLib.__all__)
def test_every_public_name_is_there(name):
    assert getattr(PerfusionRatioLib, name) is not None
    assert name in dir(PerfusionRatioLib)


def test_an_unknown_name_is_told():
    with pytest.raises(AttributeError, match="read_dec"):
        PerfusionRatioLib.read_dec  # noqa: B018


STANDS_ON = (
    *("signal", "kinetics", "brain", "alignment", "segmentation", "aif", "ratio", "reading", "study", "comparison"),
    *("reporting", "export", "phantom", "validation", "cli"),
)
"""The packages, each standing on earlier ones only. Files beside them (types, a visit) may be used by all."""


def packages_used(path: Path) -> set[str]:
    """The packages of the library that a file of a package imports from, at file scope or in functions."""
    inside, used = path.relative_to(PACKAGE).parts, set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level:
            full = (*inside[: len(inside) - node.level], *(node.module or "").split("."))
            used.add(full[0])
    return used & set(STANDS_ON)


@pytest.mark.parametrize("package", STANDS_ON)
def test_packages_import_downwards(package):
    lower = {*STANDS_ON[: STANDS_ON.index(package)], package}
    upwards = {
        path.name: sorted(used - lower)
        for path in (PACKAGE / package).rglob("*.py")
        if (used := packages_used(path)) - lower
    }
    assert not upwards


def test_every_package_has_its_place():
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(STANDS_ON)

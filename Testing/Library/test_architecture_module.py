"""What Slicer sees is built in layers: the module uses panels, panels the scene, the scene the library, never back."""

import ast
from pathlib import Path

import pytest

MODULE = Path(__file__).parents[2] / "PerfusionRatio"
ALLOWED = {
    "PerfusionRatio.py": {
        *("slicer", "SampleData", "PerfusionRatioScene", "PerfusionRatioPanels", "PerfusionRatioEffects"),
    },
    "PerfusionRatioScene": {"slicer", "vtk", "numpy", "scipy", "PerfusionRatioLib", "PerfusionRatioScene"},
    "PerfusionRatioPanels": {
        *("slicer", "qt", "ctk", "qSlicerSegmentationsEditorEffectsPythonQt"),
        *("PerfusionRatioLib", "PerfusionRatioScene", "PerfusionRatioPanels"),
    },
    "PerfusionRatioEffects": {
        *("slicer", "vtk", "qt", "ctk", "SegmentEditorEffects", "qSlicerSegmentationsEditorEffectsPythonQt"),
        *("PerfusionRatioLib", "PerfusionRatioScene"),
    },
}
"""What the files of each folder may import besides the standard library."""
FILES = [
    MODULE / "PerfusionRatio.py",
    *(path for folder in ALLOWED for path in sorted((MODULE / folder).rglob("*.py"))),
]


def imported(path: Path) -> set[str]:
    """Top-level names that a file imports from anywhere."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(MODULE).as_posix())
def test_arrows_run_one_way(path):
    import sys

    folder = path.relative_to(MODULE).parts[0]
    assert imported(path) - set(sys.stdlib_module_names) <= ALLOWED[folder]


def test_only_the_module_lies_directly_in_its_folder():
    """Slicer takes every other file there for a module of its own."""
    assert {path.name for path in MODULE.glob("*.py")} <= {"PerfusionRatio.py"}

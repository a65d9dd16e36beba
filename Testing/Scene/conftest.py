"""Fixtures of the tests that run on real MRML nodes."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "PerfusionRatio"), str(Path(__file__).parent)]  # as Slicer has the folder of the module

try:
    import slicer  # noqa: F401
except ImportError as error:
    if os.environ.get("CI"):
        raise
    collect_ignore_glob = ["test_*.py"]
    WHY_NOT = f"Testing/Scene was left out: slicer-core is not installed here ({error})."
else:
    WHY_NOT = ""


def pytest_report_header() -> str:
    """Say why these tests do not run."""
    return WHY_NOT


@pytest.fixture
def host(tmp_path):
    """A scene with the logics around it."""
    from host import SceneHost

    made = SceneHost(tmp_path)
    yield made
    made.close()


@pytest.fixture
def scene(host):
    """An empty scene."""
    return host.scene

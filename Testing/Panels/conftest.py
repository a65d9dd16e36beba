"""Fixtures of the tests that drive the real panels on the test host (see slicer_host/README.md)."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "PerfusionRatio" / "PerfusionRatio.py"
sys.path[:0] = [str(MODULE.parent), str(Path(__file__).parent)]  # as Slicer has the folder of the module
sys.path.append(str(ROOT / "Testing" / "Scene"))  # for views that are rendered

try:
    import PySide6.QtWidgets  # noqa: F401
    import slicer  # noqa: F401
except ImportError as error:
    if os.environ.get("CI"):
        raise
    collect_ignore_glob = ["test_*.py"]
    WHY_NOT = f"Testing/Panels was left out: slicer-core or PySide6 cannot be used here ({error})."
else:
    from slicer_host import make_importable

    make_importable()
    WHY_NOT = ""


def pytest_report_header() -> str:
    """Say why these tests do not run."""
    return WHY_NOT


@pytest.fixture
def host(tmp_path):
    """The application; a test fails when a slot or an observer has raised."""
    from slicer_host import install

    made = install(tmp_path)
    yield made
    made.close()
    assert not made.errors, "\n".join(made.errors)


@pytest.fixture
def panel(host, quick_coil):
    """The panel of the module, opened in an empty scene; motion is not corrected, as that takes longest."""
    panel = host.open_module(MODULE).panel
    panel.parameters.motion = False
    return panel


@pytest.fixture
def quick_fits(monkeypatch):
    """Where the fit itself is not what is tested: each visit is fitted once."""
    from patients import fitted_once

    monkeypatch.setattr("PerfusionRatioScene.session.fit_compared_visit", fitted_once)


@pytest.fixture
def user(host, panel, patients):
    """Somebody who clicks; the digital patients are coarse ones."""
    from user import User

    return User(host, panel)


@pytest.fixture
def patients(monkeypatch):
    """Digital patients that are made in seconds, each once: ``patients("recurrence")``."""
    from patients import made_once

    from PerfusionRatioPanels import module_panel

    monkeypatch.setattr(module_panel, "make_images", made_once)
    return made_once

"""What the start of Slicer costs, and what it registers."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import slicer

from PerfusionRatioScene.scenarios import SCENARIOS

HERE = Path(__file__).resolve().parent
MODULE = HERE.parents[1] / "PerfusionRatio" / "PerfusionRatio.py"
LOADED = f"""
import sys, tempfile
from pathlib import Path
sys.path[:0] = [{str(HERE)!r}, {str(MODULE.parent)!r}]
from slicer_host import install
host = install(Path(tempfile.mkdtemp()))
before = set(sys.modules)
host.load_module(Path({str(MODULE)!r}))
print(sorted(set(sys.modules) - before))
"""


def test_nothing_heavy_is_imported_before_the_module_is_opened():
    """Neither the library nor what it needs; the effect is known by then."""
    run = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    loaded = eval(run.stdout.strip().splitlines()[-1])
    assert any(name.startswith("PerfusionRatioEffects") for name in loaded)
    heavy = ("PerfusionRatioLib.", "PerfusionRatioScene.", "PerfusionRatioPanels.", "scipy", "SimpleITK", "pydicom")
    light = ("PerfusionRatioScene.scenarios", "PerfusionRatioScene.sample_data")
    assert not [name for name in loaded if name.startswith(heavy) and name not in light]


def test_the_digital_patients_are_among_the_sample_data(host, monkeypatch, patients):
    """Five of them; loading one puts its images into the scene and chooses them."""
    offered = []
    sample_data = ModuleType("SampleData")
    sample_data.SampleDataLogic = SimpleNamespace(registerCustomSampleDataSource=lambda **given: offered.append(given))
    monkeypatch.setitem(sys.modules, "SampleData", sample_data)
    slicer.modules.sampledata = SimpleNamespace()
    made = host.load_module(MODULE)
    assert len({one["sampleName"] for one in offered}) == len(SCENARIOS)
    assert all(one["uris"] == one["fileNames"] == [] for one in offered)  # Slicer counts both, so None would not do
    assert all(Path(one["thumbnailFileName"]).exists() for one in offered)
    from PerfusionRatioScene import digital_patient

    monkeypatch.setattr(digital_patient, "make_images", patients)
    nodes = offered[0]["customDownloader"](None)
    assert len(nodes) == 6
    assert made.PerfusionRatioLogic().getParameterNode().pre.series in nodes

"""``perfusion-ratio demo``: from nothing to a digital patient, its comparison, and the truth beside it."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from PerfusionRatioLib.cli import demo as demo_module
from PerfusionRatioLib.cli import main
from PerfusionRatioLib.cli.console import Console
from PerfusionRatioLib.phantom import patient
from PerfusionRatioLib.phantom.patient import Scale
from PerfusionRatioLib.phantom.scenarios import SCENARIOS
from PerfusionRatioLib.reporting import extras

pytestmark = pytest.mark.usefixtures("quick_coil")

BENCHMARKS = Path(__file__).parents[1] / "Benchmarks"
SMALL = Scale(dce=(48, 54, 20), t1=3.0, anatomy=3.0, frames=20, interval=12.0)


@dataclass(frozen=True)
class Demo:
    """A demo: where it was asked for, its folder there, what it printed, and what it reported while it worked."""

    place: Path
    folder: Path
    printed: str
    reported: frozenset[str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as anybody runs it, in the folder where he happens to be, of a patient imaged coarsely."""
    place, shown, reported = tmp_path_factory.mktemp("run"), [], set()
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(place)
        patched.setattr(patient, "FULL", SMALL)
        patched.setattr("builtins.print", lambda *words, **_: shown.append(" ".join(words)))
        patched.setattr(sys.stderr, "isatty", lambda: True)
        patched.setattr(Console, "_draw", lambda console, fraction, what: reported.add(what))
        assert main(["demo", "--scenario", "recurrence", "--seed", "1"]) == 0
    return Demo(place, place / "demo", "\n".join(shown), frozenset(reported))


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def array(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def told(demo: Demo, name: str):
    return json.loads((demo.folder / name).read_text())


def test_the_benchmark_knows_every_stage(demo, monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    from bench_demo import stage_of

    stages = {stage_of(what) for what in demo.reported}
    assert {"motion, before radiosurgery", "motion, at follow-up", "ratios", "report and files"} <= stages


def test_the_patient_the_truth_and_the_results_are_there(demo):
    written = files(demo.folder)
    assert {"report.html", "ratios.csv", "comparison.json", "provenance.json"} <= written
    assert {"patient/study.toml", "patient/truth.json", "patient/truth/pre/ktrans.nii.gz"} <= written
    for visit in ("pre", "follow_up"):
        assert {f"{visit}/ktrans.nii.gz", f"{visit}/vp.nii.gz", f"{visit}/aif.csv"} <= written
        assert len(list((demo.folder / "patient" / visit / "dce").iterdir())) == SMALL.frames * SMALL.dce[2]
    assert [path.name for path in demo.place.iterdir()] == ["demo"]


def test_the_ratios_the_reading_the_truth_and_the_report_are_shown(demo):
    (lesion,) = told(demo, "comparison.json")["lesions"]
    assert "rKtrans (95% interval)" in demo.printed
    assert f"{lesion['name']}: {lesion['reading']['sentence']}" in demo.printed
    assert f"report  {Path('demo', 'report.html')}" in demo.printed
    assert f"patient {Path('demo', 'patient')}" in demo.printed
    (true,) = told(demo, "patient/truth.json")["lesions"]
    lines = demo.printed[demo.printed.index("reading expected") :].splitlines()
    for visit in ("pre", "follow_up"):
        (row,) = (line for line in lines if f" {visit} " in line)
        assert row.split()[-1] == true["reading"] == "recurrence"
        truth = demo.folder / "patient" / "truth" / visit
        reference = array(demo.folder / visit / f"{lesion['files']}_reference.nii.gz") > 0
        inside = array(truth / "lesion_1_fraction.nii.gz") >= 0.5
        for name in ("ktrans", "vp"):
            values = array(truth / f"{name}.nii.gz")
            assert f"{np.median(values[inside]) / np.median(values[reference]):.3g}" in row.split()


def test_the_reading_is_that_of_the_scenario(demo):
    (lesion,) = told(demo, "comparison.json")["lesions"]
    assert lesion["reading"]["conclusion"] == "favours recurrent metastasis"


def test_motion_was_found_and_undone(demo):
    for visit in ("pre", "follow_up"):
        assert 0.1 < told(demo, f"{visit}/qc.json")["motion"]["largest_displacement_mm"] < 5


def test_provenance_names_every_file_and_inputs_that_are_there(demo):
    known = told(demo, "provenance.json")
    assert set(known["files"]) == files(demo.folder)
    assert known["command"] == ["perfusion-ratio", "demo", "--scenario", "recurrence", "--seed", "1"]
    assert {name: entry["value"] for name, entry in known["parameters"].items()} == {
        "scenario": "recurrence",
        "seed": 1,
    }
    assert len(known["inputs"]) == 11
    for entry in known["inputs"]:
        assert entry["path"].startswith("demo")
        assert (demo.place / entry["path"]).exists()


def test_a_second_demo_needs_overwrite(demo, capsys):
    assert main(["demo", str(demo.folder)]) == 2
    assert "replace it with --overwrite" in capsys.readouterr().err


def test_other_commands_do_not_replace_a_demo(demo, capsys):
    study, series = (str(demo.folder / "patient" / name) for name in ("study.toml", "pre/dce"))
    for command in (["fit", series], ["compare", study]):
        assert main([*command, "-o", str(demo.folder), "--overwrite"]) == 2
        sentence = f"holds the results of 'perfusion-ratio demo', which '{command[0]}' does not replace"
        assert sentence in capsys.readouterr().err
    assert (demo.folder / "patient" / "truth.json").is_file()


def test_an_interrupted_demo_leaves_nothing(tmp_path, monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(patient, "make_patient", interrupted)
    assert main(["demo", str(tmp_path / "demo")]) == 130
    assert "interrupted; nothing was written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_missing_report_package_is_told_before_the_patient_is_made(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    assert main(["demo", str(tmp_path / "demo")]) == 2
    assert "A report needs jinja2 and matplotlib, which are not installed" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_every_scenario_may_be_asked_for_and_no_other(capsys):
    assert set(demo_module.SCENARIOS) == set(SCENARIOS)
    assert main(["demo", "--scenario", "cure"]) == 2
    assert "cure" in capsys.readouterr().err


@pytest.mark.parametrize("seed", ["-1", "1.5", "many"])
@pytest.mark.parametrize("verb", ["demo", "validate"])
def test_a_wrong_seed_is_refused(verb, seed, capsys):
    assert main([verb, f"--seed={seed}"]) == 2
    assert f"Argument --seed: '{seed}' is not a whole number from 0 on" in capsys.readouterr().err

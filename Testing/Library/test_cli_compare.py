"""``perfusion-ratio compare``: from a study file to a folder of results, and nothing where there is no result.

A small patient is written and compared once; tests of what happens around the comparison take that one again.
"""

import csv
import errno
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from PerfusionRatioLib.aif.from_file import write_aif
from PerfusionRatioLib.cli import main
from PerfusionRatioLib.comparison import from_study
from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.errors import Cancelled, NoAnswerError
from PerfusionRatioLib.export import comparison_folder
from PerfusionRatioLib.export.images import write_labels, write_map
from PerfusionRatioLib.export.ratio_table import COLUMNS
from PerfusionRatioLib.phantom.dicom_study import write_patient
from PerfusionRatioLib.phantom.patient import Scale, make_patient
from PerfusionRatioLib.ratio import input_error, measure
from PerfusionRatioLib.reporting import extras, report
from PerfusionRatioLib.series import Grid

pytestmark = pytest.mark.usefixtures("quick_coil")

SMALL = Scale(dce=(48, 54, 20), t1=3.0, anatomy=3.0, frames=24, interval=10.0)
TINY = Scale(dce=(40, 44, 8), t1=8.0, anatomy=4.0, frames=3, interval=10.0)
NAME, PATIENT_ID, BIRTH_DATES = b"Digital", b"digital-recurrence-0", (b"19500701", b"1950-07-01", b"1 July 1950")


@dataclass(frozen=True)
class Run:
    """A run of compare: its study file, what it wrote and compared, and what it printed."""

    study: Path
    out: Path
    comparison: Comparison
    printed: str


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    study = write_patient(folder / "images", make_patient("recurrence", 0, SMALL, snr=100.0, motion=None))
    study.write_text(study.read_text() + "motion = false\n")
    compare_study, kept, shown = from_study.compare_study, [], []

    def keeping(*arguments):
        kept.append(compare_study(*arguments))
        return kept[-1]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(from_study, "compare_study", keeping)
        patched.setattr("builtins.print", lambda *words, **_: shown.append(" ".join(words)))
        assert main(["compare", str(study), "-o", str(folder / "out")]) == 0
    return Run(study, folder / "out", kept[0], "\n".join(shown))


@pytest.fixture
def again(run, monkeypatch):
    """Run compare with the comparison that was made, and a report that is written at once."""
    monkeypatch.setattr(from_study, "compare_study", lambda *_: run.comparison)
    monkeypatch.setattr(report, "write_report", lambda path, *_, **__: path.write_text("report"))

    def compared(out: Path, *more: str) -> int:
        return main(["compare", str(run.study), "-o", str(out), *more])

    return compared


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_holds_tables_report_maps_and_masks(run):
    written = files(run.out)
    assert {"report.html", "ratios.csv", "comparison.json", "provenance.json", "pre_t1_to_follow_up_t1.json"} <= written
    for visit in ("pre", "follow_up"):
        names = ("ktrans.nii.gz", "vp.nii.gz", "aif.csv", "aif_mask.nii.gz", "qc.json", "t1_to_series.json")
        masks = (f"left-frontal_{what}.nii.gz" for what in ("lesion", "region", "reference"))
        assert {f"{visit}/{name}" for name in (*names, *masks)} <= written
    assert not [name for name in run.out.parent.iterdir() if name.name.startswith(".")]


def test_provenance_names_every_file_and_every_input(run):
    known = json.loads((run.out / "provenance.json").read_text())
    assert set(known["files"]) == files(run.out)
    assert known["command"] == ["perfusion-ratio", "compare", str(run.study), "-o", str(run.out)]
    roles = {entry["role"]: entry for entry in known["inputs"]}
    images = ("DCE", "flip angle 1", "flip angle 2", "flip angle 3", "post-contrast T1")
    assert set(roles) == {"study", *(f"{visit} {image}" for visit in ("pre", "follow_up") for image in images)}
    assert roles["pre DCE"]["files"] == SMALL.frames * SMALL.dce[2]
    assert all(len(entry["sha256"]) == 64 for entry in roles.values())


def test_the_table_has_a_line_for_each_visit_parameter_and_statistic(run):
    with (run.out / "ratios.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert {row["lesion"] for row in rows} == {"left frontal"}
    (lesion,) = run.comparison.lesions
    for visit, found in lesion.visits:
        (row,) = (row for row in rows if (row["visit"], row["parameter"], row["statistic"]) == (visit, "vp", "median"))
        assert float(row["ratio"]) == pytest.approx(found.ratios.of("vp").ratio, rel=1e-5)
        assert float(row["ci_low"]) < float(row["ratio"]) < float(row["ci_high"])


def test_the_reading_is_in_the_json_in_the_report_and_printed(run):
    (lesion,) = run.comparison.lesions
    told = json.loads((run.out / "comparison.json").read_text())
    assert told["lesions"][0]["reading"]["sentence"] == lesion.reading.sentence
    assert told["lesions"][0]["reading"]["conclusion"] == "favours recurrent metastasis"
    days = {"pre": "2026-01-01", "radiosurgery": "2026-01-15", "follow_up": "2026-10-22", "resection": "2026-11-03"}
    assert told["dates"] == days
    assert lesion.reading.sentence in (run.out / "report.html").read_text()
    assert f"left frontal: {lesion.reading.sentence}" in run.printed
    assert "rVp (95% interval)" in run.printed
    assert f"report  {run.out / 'report.html'}" in run.printed


def test_nothing_names_the_patient(run):
    everything = {name: (run.out / name).read_bytes() for name in files(run.out)} | {"printed": run.printed.encode()}
    for name, content in everything.items():
        for secret in (NAME, PATIENT_ID, *BIRTH_DATES):
            assert secret not in content, name


def test_folders_called_after_the_patient_stand_in_provenance_only(run, tmp_path, monkeypatch):
    """Of maps and masks, too, and of those that were resampled."""
    folder = tmp_path / "DOE_JOHN"
    folder.mkdir()
    (visit,) = (visit for visit in run.comparison.visits if visit.name == "pre")
    coarse = Grid((32, 36, 16), tuple(1.5 * s for s in visit.grid.spacing), visit.grid.origin, visit.grid.direction)
    write_map(folder / "t10.nii.gz", np.full(coarse.shape, 1.2), coarse)
    write_labels(folder / "brain.nii.gz", visit.visit.prepared.mask, visit.grid)
    write_labels(folder / "lesion.nii.gz", run.comparison.lesions[0].pre.segmentation.mask, visit.t1.grid)
    write_aif(folder / "aif.csv", visit.visit.aif)
    text = run.study.read_text().replace('"pre/', f'"{run.study.parent}/pre/')
    text = text.replace('"follow_up/', f'"{run.study.parent}/follow_up/')
    text = re.sub(r"(?m)^vfa = .*$", 't10 = "t10.nii.gz"', text, count=1)
    text = re.sub(r"(?m)^pre = .*$", 'pre = { mask = "lesion.nii.gz" }', text)
    given = '[pre]\nresample = true\nmask = "brain.nii.gz"\naif = "aif.csv"'
    (folder / "study.toml").write_text(text.replace("[pre]", given, 1))
    monkeypatch.setattr(measure, "DRAWS", 200)
    monkeypatch.setattr(input_error, "TRIALS", 6)
    out = tmp_path / "out"
    assert main(["compare", str(folder / "study.toml"), "-o", str(out)]) == 0
    told = {name for name in files(out) if b"DOE_JOHN" in (out / name).read_bytes()}
    assert told == {name for name in files(out) if name.endswith("provenance.json")}
    report_text = (out / "report.html").read_text()
    assert "The T10 map was resampled" in report_text
    parameters = json.loads((out / "pre" / "provenance.json").read_text())["parameters"]
    kinds = {name: parameters[name] for name in ("t10", "mask", "aif")}
    assert kinds == {
        name: {"value": value, "origin": "study file"}
        for name, value in (("t10", "map"), ("mask", "mask"), ("aif", "curve"))
    }


def test_the_report_names_the_patient_when_it_is_asked_to_and_nothing_else_does(run, tmp_path, monkeypatch):
    monkeypatch.setattr(from_study, "compare_study", lambda *_: run.comparison)
    out = tmp_path / "named"
    assert main(["compare", str(run.study), "-o", str(out), "--names"]) == 0
    content = (out / "report.html").read_bytes()
    assert NAME in content
    assert any(date in content for date in BIRTH_DATES)
    for name in files(out) - {"report.html"}:
        assert NAME not in (out / name).read_bytes(), name


def test_json_is_all_that_is_printed(again, tmp_path, capsys):
    assert again(tmp_path / "out", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["output"] == str(tmp_path / "out")
    written = json.loads((tmp_path / "out" / "comparison.json").read_text())
    assert {name: told[name] for name in written} == written


def test_earlier_results_are_replaced_only_when_it_is_asked_for(again, tmp_path, capsys):
    out = tmp_path / "out"
    assert again(out) == 0
    (out / "ratios.csv").write_text("earlier")
    assert again(out) == 2
    assert "is not empty: choose another folder, or replace it with --overwrite" in capsys.readouterr().err
    assert (out / "ratios.csv").read_text() == "earlier"
    assert again(out, "--overwrite") == 0
    assert (out / "ratios.csv").read_text() != "earlier"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_results_are_not_written_over_their_own_images(run, again, capsys):
    images = run.study.parent
    (images / "provenance.json").write_text(
        json.dumps({"command": ["perfusion-ratio", "compare"], "files": sorted({*files(images), "provenance.json"})})
    )
    try:
        assert again(images, "--overwrite") == 2
    finally:
        (images / "provenance.json").unlink()
    assert "which would be replaced: choose another folder" in capsys.readouterr().err
    assert run.study.is_file()


def raising(error: BaseException):
    def raises(*_, **__):
        raise error

    return raises


STAGES = {
    "comparing": (from_study, "compare_study"),
    "the table": (comparison_folder, "write_ratios"),
    "the maps": (comparison_folder, "write_visit"),
    "the last file": (comparison_folder, "write_marker"),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("failure", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, "interrupted; nothing was written"),
        (Cancelled(), 130, "interrupted; nothing was written"),
        (OSError(errno.ENOSPC, "No space left on device"), 2, "The disk is full; the results in"),
        (NoAnswerError("No artery was found."), 2, "error: No artery was found."),
    ],
    ids=["Ctrl-C", "stopped", "full disk", "no answer"],
)
def test_a_run_that_does_not_finish_leaves_nothing(
    again, tmp_path, capsys, monkeypatch, stage, failure, code, sentence
):
    monkeypatch.setattr(*STAGES[stage], raising(failure))
    assert again(tmp_path / "a" / "out") == code
    (line,) = capsys.readouterr().err.splitlines()
    assert sentence in line
    assert list(tmp_path.iterdir()) == []


def test_after_an_interrupted_run_another_one_works(again, tmp_path, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(comparison_folder, "write_ratios", raising(KeyboardInterrupt()))
        assert again(tmp_path / "out") == 130
    assert again(tmp_path / "out") == 0
    assert (tmp_path / "out" / "provenance.json").is_file()


def test_a_missing_report_package_is_told_before_anything_is_read(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "jinja2" else name)
    assert main(["compare", str(tmp_path / "no study.toml"), "-o", str(tmp_path / "out")]) == 2
    assert "A report needs jinja2, which is not installed: pip install" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Folders of two patients too small to be compared, by number."""
    folder = tmp_path_factory.mktemp("tiny")
    for number in (0, 1):
        write_patient(folder / str(number), make_patient("recurrence", number, TINY))
    return folder


def study_of(tmp_path: Path, pre: Path, follow_up: Path, patient: str = "", more: tuple[str, str] = ("", "")) -> Path:
    text = f"""
[patient]
{patient}
[pre]
dce = {json.dumps(str(pre))}
{more[0]}
[follow_up]
dce = {json.dumps(str(follow_up))}
{more[1]}
[[lesion]]
name = "a"
pre = {{ seed = [0, 0, 0] }}
"""
    path = tmp_path / "study.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("pre", "follow_up", "patient", "more", "sentence"),
    [
        ("0/pre", "1/follow_up", "", ("", ""), "The visits are of different patients (digital-recurrence-0 before"),
        ("0/follow_up", "0/pre", "", ("", ""), "the visits seem to be swapped, so exchange [pre] and [follow_up]"),
        ("0/pre", "0/pre", "", ("", ""), "[follow_up] dce"),
        (
            "0/pre",
            "0/follow_up",
            "",
            ("date = 2026-02-01", "date = 2026-02-01"),
            "Both visits have the date 2026-02-01",
        ),
        ("0/pre", "0/follow_up", "srs_date = 2027-01-01", ("", ""), "(2026-10-22) is earlier than radiosurgery"),
        ("0/pre", "0/nowhere", "", ("", ""), "nowhere"),
        ("0/pre", "0/follow_up", "", ("colour = 1", ""), "colour"),
    ],
    ids=["two patients", "swapped", "one series twice", "one date", "before radiosurgery", "missing", "unknown key"],
)
def test_visits_that_cannot_be_compared_are_one_line_and_leave_nothing(
    tiny, tmp_path, capsys, pre, follow_up, patient, more, sentence
):
    study = study_of(tmp_path, tiny / pre / "dce", tiny / follow_up / "dce", patient, more)
    assert main(["compare", str(study), "-o", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("perfusion-ratio: error: ")
    assert sentence in line
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_patients_declared_to_be_one_are_not_refused_for_that(tiny, tmp_path, capsys):
    study = study_of(tmp_path, tiny / "0/pre/dce", tiny / "1/follow_up/dce", "same_patient = true")
    assert main(["compare", str(study), "-o", str(tmp_path / "out")]) == 2  # the images are too small for anything
    assert "different patients" not in capsys.readouterr().err


def test_names_of_images_that_hold_none_are_refused_before_the_work(run, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(from_study, "compare_study", raising(AssertionError("compared")))
    image = tmp_path / "dce.nii.gz"
    image.write_bytes(b"")
    study = study_of(tmp_path, image, run.study.parent / "follow_up" / "dce")
    assert main(["compare", str(study), "-o", str(tmp_path / "out"), "--names"]) == 2
    assert "holds no patient's name, as it is not DICOM: leave --names out" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

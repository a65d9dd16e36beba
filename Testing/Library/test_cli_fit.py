"""``perfusion-ratio fit`` on files: what it writes, what it refuses, and that nothing is half-written."""

import json
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from PerfusionRatioLib import visit
from PerfusionRatioLib.acquisition import Known
from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.aif.from_file import write_aif
from PerfusionRatioLib.cli import main
from PerfusionRatioLib.cli.console import Console
from PerfusionRatioLib.errors import OutputError
from PerfusionRatioLib.export import visit_folder
from PerfusionRatioLib.export.images import write_labels, write_map
from PerfusionRatioLib.export.provenance import checksum
from PerfusionRatioLib.phantom.tissues import Label
from PerfusionRatioLib.series import DceSeries, Grid
from PerfusionRatioLib.signal.spoiled_gradient_echo import spgr_signal
from Testing.Library.series_file import write_series

SLICES = 6
STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.fixture(scope="module")
def files(small_head, tmp_path_factory) -> dict[str, Path]:
    """Some slices of a digital head through its lesion, as a user would have them: series, T10, mask, AIF."""
    folder = tmp_path_factory.mktemp("head")
    truth, series = small_head.truth, small_head.series
    lesion = np.argwhere((truth.labels == Label.LESION) & truth.pure)
    start = int(np.median(lesion[:, 0])) - SLICES // 2
    part = slice(start, start + SLICES)
    grid = replace(
        series.grid,
        size=(*series.grid.size[:2], SLICES),
        origin=tuple(series.grid.positions(np.array([0, 0, start])).tolist()),
    )
    write_series(folder / "dce.nii.gz", replace(series, signal=series.signal[:, part], grid=grid))
    write_map(folder / "t10.nii.gz", truth.t10[part], grid)
    write_map(folder / "t10_ms.nii.gz", 1000 * truth.t10[part], grid)
    write_labels(folder / "brain.nii.gz", truth.brain[part], grid)
    write_labels(folder / "lesion.nii.gz", ((truth.labels == Label.LESION) & truth.pure)[part], grid)
    write_labels(folder / "empty.nii.gz", np.zeros(grid.shape), grid)
    write_labels(folder / "coarse.nii.gz", truth.brain[part, ::2, ::2], coarse(grid))
    for angle in (2, 5, 12):
        name = f"fa{angle:02}"
        write_map(folder / f"{name}.nii.gz", spgr_signal(1 / truth.t10[part], 0.0054, angle, 1000.0), grid)
        (folder / f"{name}.json").write_text(json.dumps({"RepetitionTime": 0.0054, "FlipAngle": angle}))
    write_aif(folder / "aif.csv", ArterialInput(series.times.value, truth.aif, truth.haematocrit, "truth"))
    return {path.name.split(".")[0]: path for path in folder.iterdir() if path.suffix != ".json"}


def coarse(grid: Grid) -> Grid:
    """A grid of voxels twice as wide within the slices."""
    i, j, k = grid.spacing
    return replace(grid, size=(grid.size[0] // 2, grid.size[1] // 2, grid.size[2]), spacing=(2 * i, 2 * j, k))


@pytest.fixture
def fit(files, tmp_path):
    """``fit(*options)`` runs the command on the head and returns its exit code; results go to ``tmp_path / "out"``."""

    def run(*options, series=files["dce"], output=tmp_path / "out", aif=files["aif"], mask=files["brain"]) -> int:
        given = ["--aif", str(aif), "--mask", str(mask), "--motion", "off"]
        return main(["fit", str(series), "-o", str(output), *given, *map(str, options)])

    return run


def read(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path)))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_it_writes_the_maps_with_their_quality_and_provenance(fit, files, tmp_path, capsys):
    assert fit("--t10", files["t10"]) == 0
    maps = {f"{name}.nii.gz" for name in ("ktrans", "vp", "ve", "kep", "r2", "mask", "flags")}
    assert names(tmp_path / "out") == maps | {"aif.csv", "qc.json", "provenance.json"}
    assert names(tmp_path) == {"out"}
    assert "maps and their quality are in" in capsys.readouterr().out


def test_the_maps_are_right_and_lie_on_the_series(fit, files, small_head, tmp_path):
    fit("--t10", files["t10"])
    lesion = read(files["lesion"]) > 0
    true = small_head.truth.ktrans[(small_head.truth.labels == Label.LESION) & small_head.truth.pure]
    assert np.median(read(tmp_path / "out" / "ktrans.nii.gz")[lesion]) == pytest.approx(np.median(true), rel=0.15)
    series, map_ = sitk.ReadImage(str(files["dce"])), sitk.ReadImage(str(tmp_path / "out" / "ktrans.nii.gz"))
    corner = (3, 5, 2)
    assert map_.TransformIndexToPhysicalPoint(corner) == pytest.approx(
        series.TransformIndexToPhysicalPoint((*corner, 0))[:3], abs=1e-3
    )


def test_standard_errors_model_and_delay_are_written_when_asked_for(fit, files, tmp_path):
    fit("--model", "auto", "--standard-errors", "--delay", "global", mask=files["lesion"])
    written = names(tmp_path / "out")
    assert {"model.nii.gz", "delay.nii.gz", "ktrans_se.nii.gz", "vp_se.nii.gz"} <= written


def test_an_artery_given_as_a_mask_is_kept(fit, files, tmp_path):
    assert fit(aif=files["lesion"]) == 0
    np.testing.assert_array_equal(read(tmp_path / "out" / "aif_mask.nii.gz"), read(files["lesion"]))


def test_provenance_says_what_was_done_to_what(fit, files, tmp_path):
    fit("--t10", files["t10"], "--relaxivity", "3.6")
    known = json.loads((tmp_path / "out" / "provenance.json").read_text())
    assert known["command"][:2] == ["perfusion-ratio", "fit"]
    assert known["parameters"]["relaxivity"] == {"value": 3.6, "origin": "command line"}
    assert known["parameters"]["haematocrit"] == {"value": 0.42, "origin": "default"}
    assert known["parameters"]["t10"] == {"value": "map", "origin": "command line"}
    assert known["parameters"]["repetition_time"] == {"value": 0.005, "origin": "sidecar RepetitionTimeExcitation"}
    sums = {entry["role"]: entry["sha256"] for entry in known["inputs"]}
    assert sums["DCE"] == checksum(files["dce"])
    assert set(sums) == {"DCE", "sidecar", "T10", "mask", "AIF"}


def test_quality_counts_and_measures(fit, files, tmp_path):
    fit("--t10", files["t10"])
    known = json.loads((tmp_path / "out" / "qc.json").read_text())
    brain = int(read(files["brain"]).sum())
    assert known["voxels_in_mask"] == brain == known["voxels"]["fitted"]
    assert known["mask_volume_ml"] == pytest.approx(
        brain * np.prod(sitk.ReadImage(str(files["brain"])).GetSpacing()) / 1000
    )
    assert 0 < known["fit"]["r2"]["p50"] <= 1
    assert known["motion"] is None
    assert known["baseline"]["origin"] == "detected"


def test_json_is_the_quality(fit, files, capsys, tmp_path):
    fit("--json", mask=files["lesion"])
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"output": str(tmp_path / "out")} | json.loads((tmp_path / "out" / "qc.json").read_text())


def test_t10_from_flip_angles_is_as_good_as_the_true_map(fit, files, tmp_path):
    fit("--t10", files["t10"], output=tmp_path / "true")
    vfa = [files[f"fa{angle}"] for angle in ("02", "05", "12")]
    fit("--vfa", *vfa, output=tmp_path / "mapped")
    true, mapped = (read(tmp_path / name / "vp.nii.gz") for name in ("true", "mapped"))
    np.testing.assert_allclose(mapped, true, atol=2e-3)


def test_milliseconds_are_taken_when_said(fit, files, tmp_path):
    fit("--t10", files["t10"], output=tmp_path / "s", mask=files["lesion"])
    fit("--t10", files["t10_ms"], "--t10-unit", "ms", output=tmp_path / "ms", mask=files["lesion"])
    np.testing.assert_allclose(read(tmp_path / "ms" / "vp.nii.gz"), read(tmp_path / "s" / "vp.nii.gz"), atol=1e-5)


@pytest.mark.parametrize("option", ["--hematocrit=42", "--relaxivity=-1", "--baseline=6:5", "--baseline=1:400"])
def test_a_wrong_choice_is_told_before_the_frames_are_aligned(fit, monkeypatch, option):
    monkeypatch.setattr(visit, "prepare_visit", lambda *_, **__: pytest.fail("the work has begun"))
    assert fit(option) == 2


def test_a_coarse_mask_is_resampled_when_asked(fit, files, tmp_path):
    assert fit("--resample", mask=files["coarse"]) == 0
    notes = json.loads((tmp_path / "out" / "qc.json").read_text())["notes"]
    assert any("The mask was resampled" in note for note in notes)


def test_the_command_line_overrides_the_sidecar(fit, files, tmp_path):
    assert fit("--tr", "0.006", "--flip-angle", "20", "--times", "4", mask=files["lesion"]) == 0
    parameters = json.loads((tmp_path / "out" / "provenance.json").read_text())["parameters"]
    assert parameters["repetition_time"] == {"value": 0.006, "origin": "command line"}
    assert parameters["times"]["value"][:3] == [0, 4, 8]


REFUSALS = {
    "T10 of zero": (["--t10", "0"], "T10 is 0 s"),
    "T10 in milliseconds": (["--t10", "1400"], "it looks like milliseconds, so add --t10-unit ms"),
    "T10 map in milliseconds": (["--t10", "{t10_ms}"], "it looks like milliseconds, so add --t10-unit ms"),
    "T10 twice": (["--t10", "1.4", "--vfa", "{fa02}"], "T10 is given twice"),
    "T10 map that is not there": (["--t10", "missing.nii.gz"], "missing.nii.gz"),
    "one flip angle": (["--vfa", "{fa02}"], "flip angle"),
    "an image twice": (["--vfa", "{fa02}", "{fa02}", "{fa05}"], "is given twice among the images of several flip"),
    "flip angles for other images": (
        ["--vfa", "{fa02}", "{fa05}", "--vfa-flip-angles", "2"],
        "flip angles in --vfa-flip-angles is 1, that of images in --vfa 2: give one for each",
    ),
    "images without flip angles": (
        ["--vfa", "{t10}", "{fa05}"],
        "t10.nii.gz is not in its files: give those of all images with --vfa-flip-angles",
    ),
    "images without TR": (
        ["--vfa", "{fa02}", "{t10}", "--vfa-flip-angles", "2,5"],
        "t10.nii.gz is not in its files: give it with --vfa-tr",
    ),
    "TR of images of zero": (["--vfa", "{fa02}", "{fa05}", "--vfa-tr", "0"], "fa02.nii.gz is 0 s"),
    "TR of images in ms": (["--vfa", "{fa02}", "{fa05}", "--vfa-tr", "5.4"], "in seconds with --vfa-tr"),
    "flip angle of an image of zero": (
        ["--vfa", "{fa02}", "{fa05}", "--vfa-flip-angles", "2,0"],
        "fa05.nii.gz is 0 degrees",
    ),
    "a unit without T10": (["--t10-unit", "ms"], "--t10-unit is the unit of --t10, which is not given"),
    "T10 in s said to be in ms": (
        ["--t10", "1.4", "--t10-unit", "ms"],
        "check whether seconds were given as milliseconds",
    ),
    "flip angles without images": (["--vfa-flip-angles", "2,5"], "name them with --vfa"),
    "TR in milliseconds": (["--tr", "5"], "milliseconds were given as seconds"),
    "flip angle of zero": (["--flip-angle", "0"], "flip angle is 0 degrees"),
    "haematocrit in per cent": (["--hematocrit", "42"], "haematocrit is 42"),
    "no relaxivity": (["--relaxivity", "0"], "relaxivity is 0"),
    "times in milliseconds": (["--times", "5000"], "would last"),
    "times in minutes": (["--times", "0.08"], "would last 3.12 s"),
    "interval of zero": (["--times", "0"], "must be above zero"),
    "times that are not there": (["--times", "times.txt"], "neither a number of seconds nor a file"),
    "a baseline without frames": (["--baseline", "5:5"], "baseline 5:5"),
    "a baseline beyond the series": (["--baseline", "1:400"], "baseline 1:400"),
}


@pytest.mark.parametrize(("options", "sentence"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_wrong_value_is_refused_in_one_line(fit, files, tmp_path, capsys, options, sentence):
    assert_refused(fit, [option.format(**files) for option in options], sentence, tmp_path, capsys)


def assert_refused(fit, options, sentence, tmp_path, capsys, **given):
    assert fit(*options, **given) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("perfusion-ratio: error: ")
    assert captured.err.count("\n") == 1
    assert sentence in captured.err
    assert captured.out == ""
    assert not (tmp_path / "out").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


@pytest.mark.parametrize(
    ("role", "name", "sentence"),
    [
        ("mask", "empty", "is empty: no voxel is above zero"),
        ("mask", "coarse", "is not on the grid of the series"),
        ("aif", "empty", "is empty: no voxel is above zero"),
        ("series", "t10", "a dynamic series"),
        ("series", "aif", "aif.csv"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(fit, files, tmp_path, capsys, role, name, sentence):
    assert_refused(fit, [], sentence, tmp_path, capsys, **{role: files[name]})


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("time_s,plasma_mM\n0,0\n5,1\n3,2\n", "increase"),
        ("time_s,other\n0,0\n5,1\n", "plasma_mM"),
        ("time_s,plasma_mM\n0,0\n5,1\n", "aif.csv"),
        ("", "empty"),
    ],
    ids=["times that go back", "a missing column", "another length", "nothing"],
)
def test_a_wrong_aif_file_is_refused_in_one_line(fit, tmp_path, capsys, content, sentence):
    (tmp_path / "aif.csv").write_text(content)
    assert_refused(fit, [], sentence, tmp_path, capsys, aif=tmp_path / "aif.csv")


def series_with(files, tmp_path, change) -> Path:
    """The head's series with its signal changed in place by ``change``, and its sidecar."""
    image = sitk.ReadImage(str(files["dce"]))
    array = sitk.GetArrayFromImage(image)
    change(array)
    frames = DceSeries(
        array,
        Known(np.arange(len(array)) * 5.0, "test"),
        Grid(image.GetSize()[:3], image.GetSpacing()[:3], image.GetOrigin()[:3], (1, 0, 0, 0, 1, 0, 0, 0, 1)),
    )
    (tmp_path / "changed").mkdir()
    path = tmp_path / "changed" / "dce.nii.gz"
    write_series(path, frames)
    path.with_name("dce.json").write_text(files["dce"].with_name("dce.json").read_text())
    return path


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda signal: signal.fill(0), "Every sample of"),
        (lambda signal: np.negative(signal, out=signal), "are negative"),
    ],
    ids=["zero", "negative"],
)
def test_a_series_without_signal_is_refused_in_one_line(fit, files, tmp_path, capsys, change, sentence):
    series = series_with(files, tmp_path, change)
    assert_refused(fit, [], sentence, tmp_path, capsys, series=series)


def test_a_series_without_a_bolus_has_no_artery(fit, files, tmp_path, capsys):
    def constant(signal):
        signal[:] = signal[:1] + np.random.default_rng(0).normal(0, 1, signal.shape)

    series = series_with(files, tmp_path, constant)
    assert_refused(fit, ["--baseline", "1:6"], "No voxel enhances", tmp_path, capsys, series=series, aif="auto")


def test_samples_that_are_nan_are_counted_and_left_out(fit, files, tmp_path):
    inside = tuple(np.argwhere(read(files["lesion"]) > 0)[0])
    series = series_with(files, tmp_path, lambda signal: signal.__setitem__((20, *inside), np.nan))
    assert fit(series=series, mask=files["lesion"]) == 0
    known = json.loads((tmp_path / "out" / "qc.json").read_text())
    assert known["excluded"]["mask_samples_without_concentration"] == 1
    assert known["voxels"]["incomplete"] == 1


def test_a_folder_that_is_not_empty_is_refused_and_replaced_when_asked(fit, files, tmp_path, capsys):
    assert fit(mask=files["lesion"]) == 0
    assert fit(mask=files["lesion"]) == 2
    assert "is not empty: choose another folder, or replace it with --overwrite" in capsys.readouterr().err
    assert fit("--overwrite", "--model", "patlak", mask=files["lesion"]) == 0
    assert "ve.nii.gz" not in names(tmp_path / "out")


def test_a_note_of_the_user_among_the_results_is_never_deleted(fit, files, tmp_path, capsys):
    assert fit(mask=files["lesion"]) == 0
    (tmp_path / "out" / "my_notes.txt").touch()
    capsys.readouterr()
    assert fit("--overwrite", mask=files["lesion"]) == 2
    assert "my_notes.txt in" in capsys.readouterr().err
    assert {"my_notes.txt", "ktrans.nii.gz"} <= names(tmp_path / "out")


def test_provenance_names_every_file(fit, files, tmp_path):
    fit(mask=files["lesion"])
    assert set(json.loads((tmp_path / "out" / "provenance.json").read_text())["files"]) == names(tmp_path / "out")


def test_an_interrupt_after_the_results_are_in_place_says_so(fit, files, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Console, "show", lambda *_: signal.raise_signal(signal.SIGINT))
    assert fit(mask=files["lesion"]) == 130
    assert capsys.readouterr().err == f"perfusion-ratio: interrupted; {tmp_path / 'out'} is complete\n"
    assert "ktrans.nii.gz" in names(tmp_path / "out")


def test_the_folder_is_checked_before_the_work(fit, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "something").touch()
    assert fit(series="missing.nii.gz") == 2
    assert "is not empty" in capsys.readouterr().err


def test_a_disk_that_runs_full_leaves_nothing(fit, files, tmp_path, capsys, monkeypatch):
    def full(path, array, grid):
        raise OutputError(f"{path.name} could not be written: the disk is full, free some room.")

    monkeypatch.setattr(visit_folder, "write_labels", full)
    sentence = f"error: The disk is full; the results in {tmp_path / 'out'} could not be finished: free some room."
    assert_refused(fit, [], sentence, tmp_path, capsys, mask=files["lesion"])


@pytest.mark.parametrize("kind", STOPS)
def test_an_interrupt_while_writing_leaves_nothing_and_keeps_earlier_results(fit, files, tmp_path, monkeypatch, kind):
    assert fit(mask=files["lesion"]) == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    monkeypatch.setattr(visit_folder, "write_labels", lambda *_: signal.raise_signal(kind))
    assert fit("--overwrite", mask=files["lesion"]) == 130
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert names(tmp_path) == {"out"}


def test_an_output_below_a_file_is_refused(fit, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert fit(output=tmp_path / "file" / "out") == 2
    assert "cannot be written to" in capsys.readouterr().err

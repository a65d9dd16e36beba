"""``perfusion-ratio demo``: the whole chain from files, with an automatic arterial input, against the truth."""

import json

import pytest

from PerfusionRatioLib.cli import main


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """What the demo prints as JSON, and its folder."""
    out = tmp_path_factory.mktemp("run") / "demo"
    assert main(["demo", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def rows(demo):
    comparison = json.loads((demo / "provenance.json").read_text())["comparison"]
    return {(row["tissue"], row["parameter"]): row for row in comparison}


@pytest.mark.parametrize("parameter", ["ktrans", "vp"])
def test_the_lesion_is_close_to_the_truth(rows, parameter):
    row = rows["lesion", parameter]
    assert row["fitted"] == pytest.approx(row["true"], rel=0.15)


@pytest.mark.parametrize("tissue", ["grey", "white"])
def test_plasma_volumes_of_normal_brain_are_close_to_the_truth(rows, tissue):
    assert rows[tissue, "vp"]["fitted"] == pytest.approx(rows[tissue, "vp"]["true"], rel=0.15)


def test_the_series_the_truth_and_the_maps_are_there(demo):
    assert (demo / "series" / "dce.nii.gz").is_file()
    assert (demo / "truth" / "labels.nii.gz").is_file()
    assert (demo / "maps" / "ktrans.nii.gz").is_file()
    assert (demo / "maps" / "aif_mask.nii.gz").is_file()


def test_motion_was_found_and_undone(demo):
    quality = json.loads((demo / "maps" / "qc.json").read_text())
    assert 0.2 < quality["motion"]["largest_displacement_mm"] < 5


def test_a_second_demo_needs_overwrite(demo, capsys):
    assert main(["demo", str(demo)]) == 2
    assert "replace it with --overwrite" in capsys.readouterr().err


def test_the_results_of_fit_do_not_replace_a_demo(demo, capsys):
    series = str(demo / "series" / "dce.nii.gz")
    assert main(["fit", series, "-o", str(demo), "--overwrite"]) == 2
    assert "holds the results of 'perfusion-ratio demo', which 'fit' does not replace" in capsys.readouterr().err
    assert (demo / "truth" / "labels.nii.gz").is_file()


def test_provenance_names_every_file(demo):
    written = {path.relative_to(demo).as_posix() for path in demo.rglob("*") if path.is_file()}
    assert set(json.loads((demo / "provenance.json").read_text())["files"]) == written


@pytest.mark.parametrize("seed", ["-1", "1.5", "many"])
@pytest.mark.parametrize("verb", ["demo", "validate"])
def test_a_wrong_seed_is_refused(verb, seed, capsys):
    assert main([verb, f"--seed={seed}"]) == 2
    assert f"Argument --seed: '{seed}' is not a whole number from 0 on" in capsys.readouterr().err

"""``perfusion-ratio segment``: from a point to a mask in a file."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from scipy import ndimage

from PerfusionRatioLib.cli import main
from PerfusionRatioLib.export import mask_file
from PerfusionRatioLib.export.images import write_map
from PerfusionRatioLib.reading import read_volume
from PerfusionRatioLib.segmentation.lesion import segment_lesion
from PerfusionRatioLib.series import Grid

GRID = Grid((60, 64, 50), (3.0, 3.0, 3.0), (-90.0, -96.0, -75.0))
CENTRE_RAS = (-31.5, 33.0, 22.5)


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A head of two layers with a ball of 12 mm that enhances and has a dark core."""
    k, j, i = np.indices(GRID.shape)
    places = GRID.positions(np.stack([i, j, k], axis=-1))
    head = np.linalg.norm(places / (75, 88, 70), axis=-1)
    from_lesion = np.linalg.norm(places - np.array(CENTRE_RAS) * (-1, -1, 1), axis=-1)
    array = np.select([head > 1, head > 0.9, from_lesion < 6, from_lesion < 15], [0.0, 300.0, 110.0, 400.0], 200.0)
    array = ndimage.gaussian_filter(array, 0.6)
    array += np.random.default_rng(0).normal(0, 4, GRID.shape)
    path = tmp_path_factory.mktemp("t1") / "t1_post.nii.gz"
    write_map(path, np.maximum(array, 0).astype(np.float32), GRID)
    return path


RIM = "-31.5,33.0,33.0"
"""A point in the rim, R, A, S."""


def run(*words) -> int:
    return main(["segment", *map(str, words)])


@pytest.mark.parametrize("name", ["lesion.nrrd", "lesion.nii.gz", "lesion.nii", "lesion.mha"])
def test_the_mask_comes_back_from_its_file(image, tmp_path, name, capsys):
    assert run(image, "--seed", RIM, "-o", tmp_path / name) == 0
    read = sitk.ReadImage(str(tmp_path / name))
    seeds = np.array([[31.5, -33.0, 33.0]])
    found = segment_lesion(read_volume(image), seeds)
    labels = sitk.GetArrayFromImage(read)
    np.testing.assert_array_equal(labels > 0, found.mask)
    np.testing.assert_array_equal(labels == 2, found.core)
    assert found.core.any()
    np.testing.assert_allclose(read.GetOrigin(), GRID.origin, atol=1e-4)
    np.testing.assert_allclose(read.GetSpacing(), GRID.spacing, atol=1e-6)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    shown = capsys.readouterr().out
    assert f"{found.mask.sum() * 0.027:.2f} ml" in shown
    assert f"the mask is in {tmp_path / name}" in shown


def test_the_seed_is_r_a_s_and_may_begin_with_a_minus(image, tmp_path):
    assert run(image, "--seed", RIM, "-o", tmp_path / "left.nrrd") == 0
    labels = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "left.nrrd")))
    middle = GRID.positions(np.argwhere(labels).mean(axis=0)[::-1]) * (-1, -1, 1)
    np.testing.assert_allclose(middle, CENTRE_RAS, atol=1.5)


def test_more_less_and_background_are_passed_on(image, tmp_path, capsys):
    volumes = {}
    for key, more in {
        "": [],
        "more": ["--amount", "1"],
        "less": ["--amount", "-1"],
        "cut": ["--background", "-31.5,33.0,12.0"],
    }.items():
        assert run(image, "--seed", RIM, *more, "-o", tmp_path / f"{key}a.nrrd", "--json") == 0
        volumes[key] = json.loads(capsys.readouterr().out)["size"]["volume_ml"]
    assert volumes["less"] <= volumes[""] <= volumes["more"]
    assert volumes["less"] < volumes["more"]
    assert volumes["cut"] < volumes[""]


def test_json_tells_the_file_and_the_size(image, tmp_path, capsys):
    assert run(image, "--seed", RIM, "-o", tmp_path / "a.nrrd", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["output"] == str(tmp_path / "a.nrrd")
    assert told["size"]["volume_ml"] == pytest.approx(told["size"]["enhancing_ml"] + told["size"]["core_ml"])
    assert told["size"]["volume_ml"] == pytest.approx(4 / 3 * np.pi * 1.5**3, rel=0.15)
    assert told["notes"] == []


@pytest.mark.parametrize("point", ["1,2", "1,2,3,4", "a,b,c", "1,2,nan", "1,2,inf", ""])
def test_a_bad_point_is_refused(image, tmp_path, capsys, point):
    assert run(image, f"--seed={point}", "-o", tmp_path / "a.nrrd") == 2
    assert f"Argument --seed: '{point}' is not a point R,A,S in mm, such as -31,34,22" in capsys.readouterr().err


def test_a_missing_seed_is_refused(image, tmp_path, capsys):
    assert run(image, "-o", tmp_path / "a.nrrd") == 2
    assert "--seed" in capsys.readouterr().err


@pytest.mark.parametrize("amount", ["2", "nan", "much"])
def test_a_bad_amount_is_refused(image, tmp_path, capsys, amount):
    assert run(image, "--seed", RIM, f"--amount={amount}", "-o", tmp_path / "a.nrrd") == 2
    assert "mount" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("lesion.png", "does not end in .nrrd, .nii.gz, .nii, .mha"),
        ("lesion", "does not end in .nrrd"),
        ("LESION.NII.GZ", "does not end in .nrrd"),
        ("nowhere/lesion.nrrd", "There is no folder"),
        ("folder.nrrd", "is a folder; the mask needs a file"),
        ("earlier.nrrd", "exists: choose another name, or replace it with --overwrite"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_the_work(tmp_path, capsys, output, sentence):
    (tmp_path / "folder.nrrd").mkdir()
    (tmp_path / "earlier.nrrd").write_text("mine")
    assert run(tmp_path / "not even there.nii.gz", "--seed", RIM, "-o", tmp_path / output) == 2
    assert sentence in capsys.readouterr().err
    assert (tmp_path / "earlier.nrrd").read_text() == "mine"


def test_an_earlier_mask_is_replaced_when_it_is_asked_for(image, tmp_path):
    (tmp_path / "a.nrrd").write_text("earlier")
    assert run(image, "--seed", RIM, "-o", tmp_path / "a.nrrd", "--overwrite") == 0
    assert sitk.ReadImage(str(tmp_path / "a.nrrd")).GetSize() == GRID.size


def test_the_image_is_never_replaced_by_its_mask(image, capsys):
    before = image.read_bytes()
    assert run(image, "--seed", RIM, "-o", image, "--overwrite") == 2
    assert "is the image itself: choose another name for the mask" in capsys.readouterr().err
    assert image.read_bytes() == before


def test_a_seed_outside_of_the_image_is_one_line(image, tmp_path, capsys):
    assert run(image, "--seed", "500,0,0", "-o", tmp_path / "a.nrrd") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "seed" in line
    assert not list(tmp_path.iterdir())


def test_an_interrupt_and_a_full_disk_leave_the_earlier_mask(image, tmp_path, capsys, monkeypatch):
    path = tmp_path / "a.nrrd"
    path.write_text("earlier")

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    def cut_short(made, name, **_):
        write(made, name)
        os.truncate(name, 50)

    write = sitk.WriteImage
    for failure, code, sentence in (
        (interrupted, 130, "interrupted; nothing was written"),
        (cut_short, 2, "a.nrrd cannot be written: check the folder and its free room"),
    ):
        monkeypatch.setattr(sitk, "WriteImage", failure)
        assert run(image, "--seed", RIM, "-o", path, "--overwrite") == code
        assert sentence in capsys.readouterr().err
        assert path.read_text() == "earlier"
        assert [one.name for one in tmp_path.iterdir()] == ["a.nrrd"]


def test_a_compressed_mask_that_lacks_its_end_is_told(tmp_path, monkeypatch):
    """ITK takes what is missing of it for zeros."""
    labels = np.zeros(GRID.shape, np.uint8)
    labels[4:8, 4:8, 4:8] = np.random.default_rng(0).integers(0, 2, (4, 4, 4))

    def cut_short(made, name, **options):
        write(made, name, **options)
        os.truncate(name, Path(name).stat().st_size - 12)

    write = sitk.WriteImage
    monkeypatch.setattr(sitk, "WriteImage", cut_short)
    with pytest.raises(mask_file.OutputError, match=r"a\.nii\.gz cannot be written: check the folder"):
        mask_file.write_mask_file(tmp_path / "a.nii.gz", labels, GRID)
    assert not list(tmp_path.iterdir())


def test_a_mask_that_came_out_otherwise_is_told(tmp_path, monkeypatch):
    labels = np.zeros(GRID.shape, np.uint8)
    labels[2, 3, 4] = 1
    monkeypatch.setattr(sitk, "ReadImage", lambda *_: sitk.GetImageFromArray(np.zeros_like(labels)))
    with pytest.raises(mask_file.OutputError, match="could not be written completely: free some room"):
        mask_file.write_mask_file(tmp_path / "a.nrrd", labels, GRID)
    assert not list(tmp_path.iterdir())


def test_the_module_itself_runs(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["perfusion-ratio", "segment", "--help"])
    assert main() == 0
    assert "--seed -31,34,22" in capsys.readouterr().out

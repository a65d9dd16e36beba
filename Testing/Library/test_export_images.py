"""Maps and masks come back from their files as they went in."""

import gzip
import os

import numpy as np
import pytest
import SimpleITK as sitk

from PerfusionRatioLib.errors import OutputError
from PerfusionRatioLib.export.images import write_labels, write_map
from PerfusionRatioLib.series import Grid

OBLIQUE = Grid(
    size=(4, 3, 2),
    spacing=(0.9, 1.1, 5.0),
    origin=(-80.0, 12.5, 33.0),
    direction=(1.0, 0.0, 0.0, 0.0, 0.8, -0.6, 0.0, 0.6, 0.8),
)


def test_a_map_keeps_its_values_and_its_place(tmp_path):
    values = np.arange(24, dtype=np.float32).reshape(OBLIQUE.shape)
    write_map(tmp_path / "ktrans.nii.gz", values, OBLIQUE)

    image = sitk.ReadImage(str(tmp_path / "ktrans.nii.gz"))
    assert image.GetPixelID() == sitk.sitkFloat32
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), values)
    corner = image.TransformIndexToPhysicalPoint((3, 2, 1))
    np.testing.assert_allclose(corner, OBLIQUE.positions([3, 2, 1]), atol=1e-4)


def test_no_answer_is_nan_in_the_file(tmp_path):
    values = np.full(OBLIQUE.shape, np.nan, np.float32)
    values[1, 2, 3] = 0.25
    write_map(tmp_path / "vp.nii.gz", values, OBLIQUE)

    header = 352  # a NIfTI-1 header with its empty extension; read here by hand because ITK turns NaN into 0
    stored = np.frombuffer(gzip.decompress((tmp_path / "vp.nii.gz").read_bytes())[header:], "<f4")
    np.testing.assert_array_equal(stored.reshape(OBLIQUE.shape), values)


def test_a_mask_is_small_whole_numbers(tmp_path):
    mask = np.zeros(OBLIQUE.shape, bool)
    mask[1, 2, 3] = True
    write_labels(tmp_path / "mask.nii.gz", mask, OBLIQUE)

    image = sitk.ReadImage(str(tmp_path / "mask.nii.gz"))
    assert image.GetPixelID() == sitk.sitkUInt8
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), mask)


def test_a_file_that_was_cut_short_without_an_error_is_found_out(tmp_path, monkeypatch):
    write = sitk.WriteImage

    def on_a_full_disk(image, path, **options):
        write(image, path, **options)
        os.truncate(path, 100)

    monkeypatch.setattr(sitk, "WriteImage", on_a_full_disk)
    with pytest.raises(OutputError, match=r"ktrans\.nii\.gz could not be written"):
        write_map(tmp_path / "ktrans.nii.gz", np.random.default_rng(0).random(OBLIQUE.shape), OBLIQUE)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(OutputError, match=r"vp\.nii\.gz could not be written"):
        write_map(tmp_path / "missing" / "vp.nii.gz", np.zeros(OBLIQUE.shape), OBLIQUE)

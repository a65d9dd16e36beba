"""Volumes and RANO-BM diameters of shapes whose size is known."""

import numpy as np
import pytest

from PerfusionRatioLib.segmentation.lesion import LesionSegmentation
from PerfusionRatioLib.segmentation.lesion_size import measure_lesion, slice_axis
from PerfusionRatioLib.series import Grid

SAGITTAL = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
"""i backwards, j downwards, k to the left."""


def measured(mask: np.ndarray, core: np.ndarray | None = None, **grid):
    return measure_lesion(
        LesionSegmentation(Grid(mask.shape[::-1], **grid), mask, np.zeros_like(mask) if core is None else core)
    )


def ellipsoid(shape, radii, centre) -> np.ndarray:
    offset = (np.indices(shape) - np.reshape(centre, (3, 1, 1, 1))) / np.reshape(radii, (3, 1, 1, 1))
    return (offset**2).sum(axis=0) <= 1


def test_volumes_count_voxels():
    mask, core = np.zeros((2, 6, 8, 10), bool)
    mask[1:5, 2:6, 3:8] = True
    core[2:4, 3:5, 4:6] = True
    size = measured(mask, core, spacing=(0.5, 1.0, 2.0))
    assert size.voxels == 80
    assert size.volume_ml == pytest.approx(0.080)
    assert size.core_ml == pytest.approx(0.008)
    assert size.enhancing_ml == pytest.approx(0.072)


def test_the_diameters_are_those_of_the_largest_slice():
    mask = ellipsoid((40, 60, 60), (15, 20, 10), (18, 30, 30))
    size = measured(mask)
    assert size.slice_index == 18 and size.slice_axis == 0
    assert size.longest_diameter_mm == pytest.approx(40, abs=1.5)
    assert size.perpendicular_diameter_mm == pytest.approx(20, abs=1.5)


@pytest.mark.parametrize("degrees", [0, 20, 45, 75])
def test_any_direction_in_the_plane(degrees):
    turn = np.deg2rad(degrees)
    j, i = np.indices((80, 80)) - 40
    along, across = i * np.cos(turn) + j * np.sin(turn), j * np.cos(turn) - i * np.sin(turn)
    mask = ((along / 30) ** 2 + (across / 12) ** 2 <= 1)[None]
    size = measured(mask, spacing=(0.8, 0.8, 3.0))
    assert size.longest_diameter_mm == pytest.approx(48, abs=1.2)
    assert size.perpendicular_diameter_mm == pytest.approx(19.2, abs=1.2)


def test_one_voxel_is_as_long_as_its_edge():
    mask = np.zeros((3, 3, 3), bool)
    mask[1, 1, 1] = True
    size = measured(mask, spacing=(0.9, 0.9, 0.9))
    assert size.longest_diameter_mm == pytest.approx(0.9)
    assert size.perpendicular_diameter_mm == pytest.approx(0.9, abs=0.25)
    assert size.voxels == 1


def test_an_empty_lesion_has_no_size():
    size = measured(np.zeros((3, 4, 5), bool))
    assert (size.voxels, size.longest_diameter_mm, size.perpendicular_diameter_mm, size.slice_index) == (0, 0, 0, -1)


def test_slices_are_axial_unless_they_are_thick():
    assert slice_axis(Grid((9, 9, 9))) == 0
    assert slice_axis(Grid((9, 9, 9), (1, 1, 1), direction=SAGITTAL)) == 1
    assert slice_axis(Grid((9, 9, 9), (1, 1, 4), direction=SAGITTAL)) == 0


def test_the_order_of_the_axes_does_not_matter():
    mask = ellipsoid((40, 60, 60), (9, 20, 10), (18, 30, 30))
    axial = measured(mask)
    # k of the axial image becomes -j of the sagittal one
    sagittal = np.ascontiguousarray(np.transpose(mask, (2, 0, 1))[:, ::-1, :])
    again = measured(sagittal, direction=SAGITTAL)
    assert again.slice_axis == 1 and again.slice_index == 39 - 18
    assert again.longest_diameter_mm == pytest.approx(axial.longest_diameter_mm)
    assert again.volume_ml == pytest.approx(axial.volume_ml)

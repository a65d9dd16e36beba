"""Which voxels the slice views show."""

import numpy as np
import pytest
import slicer

from PerfusionRatioLib.series import Grid
from PerfusionRatioScene.seen import seen_voxels
from PerfusionRatioScene.volumes import new_volume

GRID = Grid((12, 10, 8), (2.0, 2.0, 3.0), (-11.0, -9.0, -10.5))


@pytest.fixture
def volume(scene):
    return new_volume(scene, np.zeros(GRID.shape, np.float32), GRID, "Ktrans")


def view(scene, orientation: str, offset: float, mapped: bool = True):
    node = scene.AddNewNodeByClass("vtkMRMLSliceNode")  # which gives it the orientations that the scene knows
    node.SetOrientation(orientation)
    node.SetSliceOffset(offset)
    node.SetMappedInLayout(mapped)
    return node


@pytest.mark.parametrize(
    ("orientation", "offset", "expected"),
    [
        ("Axial", -1.4, np.s_[3]),  # slices lie at -10.5, -7.5, -4.5, -1.5 ...
        ("Coronal", -2.9, np.s_[:, 6]),  # A = -3 at j = 6
        ("Sagittal", -5.2, np.s_[:, :, 3]),  # R = 5 at i = 3; offsets of sagittal slices grow to the left
    ],
)
def test_a_plane_along_the_voxels_cuts_one_layer(volume, scene, orientation, offset, expected):
    view(scene, orientation, offset)
    seen = np.zeros(GRID.shape, bool)
    seen[expected] = True
    np.testing.assert_array_equal(seen_voxels(volume), seen)


def test_several_views_show_what_each_shows(volume, scene):
    view(scene, "Axial", -1.5)
    view(scene, "Sagittal", -5.0)
    seen = seen_voxels(volume)
    assert seen[3].all() and seen[:, :, 3].all()
    assert seen.sum() == 12 * 10 + 8 * 10 - 10


def test_a_view_that_is_not_in_the_layout_shows_nothing(volume, scene):
    view(scene, "Axial", -1.5, mapped=False)
    assert not seen_voxels(volume).any()


def test_a_view_beside_the_volume_shows_nothing_of_it(volume, scene):
    view(scene, "Axial", 400.0)
    assert not seen_voxels(volume).any()


def test_a_moved_volume_is_cut_elsewhere(volume, scene):
    transform = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix = np.eye(4)
    matrix[2, 3] = 3.0
    transform.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    volume.SetAndObserveTransformNodeID(transform.GetID())
    view(scene, "Axial", -1.5)
    assert seen_voxels(volume)[2].all() and seen_voxels(volume).sum() == 12 * 10


def test_an_oblique_plane_leaves_no_gap(volume, scene):
    node = view(scene, "Axial", 0.0)
    half = np.sqrt(0.5)
    matrix = np.array([[half, 0, -half, 0], [0, 1, 0, 0], [half, 0, half, 0], [0, 0, 0, 1]])
    node.GetSliceToRAS().DeepCopy(slicer.util.vtkMatrixFromArray(matrix))
    node.UpdateMatrices()
    seen = seen_voxels(volume)
    points = np.stack(np.meshgrid(np.linspace(-13, 13, 53), np.linspace(-8, 8, 33), indexing="ij"), -1).reshape(-1, 2)
    ras = points[:, :1] * matrix[:3, 0] + points[:, 1:] * matrix[:3, 1]
    lps = ras * (-1, -1, 1)
    ijk = np.rint((lps - GRID.origin) / GRID.spacing).astype(int)
    inside = ((ijk >= 0) & (ijk < GRID.size)).all(axis=1)
    assert inside.sum() > 500
    i, j, k = ijk[inside].T
    assert seen[k, j, i].all()
    assert seen.sum() < 0.5 * seen.size

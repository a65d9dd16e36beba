"""Masks as segments: voxel for voxel, named and coloured, drawn as outlines."""

import numpy as np
import pytest

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Grid
from PerfusionRatioScene.layouts import set_transform
from PerfusionRatioScene.segments import mask_of, new_segmentation, set_segment
from PerfusionRatioScene.volumes import new_volume

GRID = Grid((12, 10, 8), (1.0, 1.0, 2.0), (-5.0, 4.0, 3.0))
YELLOW = (1.0, 0.9, 0.1)


@pytest.fixture
def volume(scene):
    return new_volume(scene, np.ones(GRID.shape, np.float32), GRID, "T1")


@pytest.fixture
def mask():
    mask = np.zeros(GRID.shape, bool)
    mask[2:5, 3:7, 4:9] = True
    mask[3, 4, 5] = False
    return mask


def test_a_mask_comes_back_voxel_for_voxel(scene, volume, mask):
    segmentation = new_segmentation(scene, "Lesions", volume)
    identifier = set_segment(segmentation, "left frontal", mask, volume, YELLOW)
    np.testing.assert_array_equal(mask_of(segmentation, identifier, volume), mask)
    segment = segmentation.GetSegmentation().GetSegment(identifier)
    assert segment.GetName() == "left frontal"
    assert segment.GetColor() == pytest.approx(YELLOW)
    assert not segmentation.GetDisplayNode().GetVisibility2DFill()
    assert segmentation.GetDisplayNode().GetVisibility2DOutline()


def test_a_segment_is_changed_in_place_and_others_are_left(scene, volume, mask):
    segmentation = new_segmentation(scene, "Lesions", volume)
    first = set_segment(segmentation, "a", mask, volume, YELLOW)
    second = set_segment(segmentation, "b", np.roll(mask, 3, axis=0), volume, YELLOW)
    assert set_segment(segmentation, "a", ~mask, volume, YELLOW, first) == first
    np.testing.assert_array_equal(mask_of(segmentation, first, volume), ~mask)
    np.testing.assert_array_equal(mask_of(segmentation, second, volume), np.roll(mask, 3, axis=0))
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 2


def test_a_segment_that_is_gone_or_empty_is_refused(scene, volume, mask):
    segmentation = new_segmentation(scene, "Lesions", volume)
    with pytest.raises(InputError, match="'Lesions' has no such segment any more"):
        mask_of(segmentation, "gone", volume)
    identifier = segmentation.GetSegmentation().AddEmptySegment("", "nothing yet")
    with pytest.raises(InputError, match="'nothing yet' holds no voxel of 'T1'"):
        mask_of(segmentation, identifier, volume)


def test_a_segment_survives_the_scene(host, volume, mask, tmp_path):
    set_segment(new_segmentation(host.scene, "Lesions", volume), "left frontal", mask, volume, YELLOW)
    host.save(tmp_path / "scene.mrb")
    host.reopen(tmp_path / "scene.mrb")
    segmentation, image = (host.scene.GetFirstNodeByName(name) for name in ("Lesions", "T1"))
    identifier = segmentation.GetSegmentation().GetNthSegmentID(0)
    np.testing.assert_array_equal(mask_of(segmentation, identifier, image), mask)


@pytest.fixture
def moved(scene, volume):
    """The volume lies under a transform, as after a comparison."""
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    set_transform(node, Rigid.of((5.0, -4.0, 8.0), (12.0, -6.0, 4.0)))
    volume.SetAndObserveTransformNodeID(node.GetID())
    return volume


def test_a_segmentation_of_a_moved_volume_moves_with_it(scene, moved, mask):
    segmentation = new_segmentation(scene, "Lesions", moved)
    identifier = set_segment(segmentation, "left frontal", mask, moved, YELLOW)
    np.testing.assert_array_equal(mask_of(segmentation, identifier, moved), mask)
    seen = np.array(segmentation.GetSegmentCenterRAS(identifier))
    moved.SetAndObserveTransformNodeID(None)
    segmentation.SetAndObserveTransformNodeID(None)
    np.testing.assert_array_equal(mask_of(segmentation, identifier, moved), mask)
    assert np.linalg.norm(seen - segmentation.GetSegmentCenterRAS(identifier)) > 5


def test_a_segment_is_not_put_where_slicer_would_move_it_twice(scene, moved, mask):
    segmentation = new_segmentation(scene, "Lesions", moved)
    segmentation.SetAndObserveTransformNodeID(None)
    with pytest.raises(AssertionError, match="different transforms"):
        set_segment(segmentation, "left frontal", mask, moved, YELLOW)

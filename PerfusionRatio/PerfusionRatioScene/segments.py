"""Masks as segments of a segmentation node, and back."""

import numpy as np
import slicer

from PerfusionRatioLib.errors import InputError

CORE_SUFFIX = " core"
"""A segment called so after a lesion holds its necrotic core."""


def new_segmentation(scene, name: str, volume):
    """A segmentation node whose voxels are those of ``volume``, outlined in slice views and not filled."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    display = node.GetDisplayNode()
    display.SetVisibility2DFill(False)
    display.SetVisibility2DOutline(True)
    display.SetSliceIntersectionThickness(2)
    return node


def set_segment(
    segmentation, name: str, mask: np.ndarray, volume, colour: tuple[float, float, float], identifier: str = ""
) -> str:
    """Put a mask (bool [k, j, i] on the voxels of ``volume``) into a segment, which is made when it is not there.

    Returns:
        The identifier of the segment.
    """
    segments = segmentation.GetSegmentation()
    if not identifier or segments.GetSegment(identifier) is None:
        identifier = segments.AddEmptySegment(identifier, name)
    segment = segments.GetSegment(identifier)
    segment.SetName(name)
    segment.SetColor(*colour)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask.astype(np.uint8), segmentation, identifier, volume)
    return identifier


def mask_of(segmentation, identifier: str, volume) -> np.ndarray:
    """A segment as bool [k, j, i] on the voxels of ``volume``; what lies beside them is left out.

    Raises:
        InputError: there is no such segment, or nothing of it lies on these voxels.
    """
    segment = segmentation.GetSegmentation().GetSegment(identifier)
    if segment is None:
        raise InputError(f"'{segmentation.GetName()}' has no such segment any more: choose one that it has.")
    array = slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, identifier, volume)
    mask = np.zeros(slicer.util.arrayFromVolume(volume).shape[:3], bool) if array is None else array > 0
    if not mask.any():
        raise InputError(
            f"The segment '{segment.GetName()}' holds no voxel of '{volume.GetName()}': draw it where the image is."
        )
    return mask

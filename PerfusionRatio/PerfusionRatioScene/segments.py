"""Masks as segments of a segmentation node, and back."""

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from PerfusionRatioLib.errors import InputError

CORE_SUFFIX = " core"
"""A segment called so after a lesion holds its necrotic core."""
CORE_OF = "PerfusionRatio.core_of"
"""Tag of such a segment: the identifier of the lesion, which may be given another name."""


def new_segmentation(scene, name: str, volume):
    """A segmentation node with the voxels and the place of ``volume``, outlined in slice views and not filled."""
    node = scene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.SetAndObserveTransformNodeID(volume.GetTransformNodeID())
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

    Segmentation and volume lie under the same transform: Slicer's import takes the way between two transforms twice.

    Returns:
        The identifier of the segment.
    """
    assert segmentation.GetTransformNodeID() == volume.GetTransformNodeID(), "they lie under different transforms"
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
    mask = segment_on(segmentation, identifier, volume)
    if not mask.any():
        raise InputError(
            f"The segment '{segment.GetName()}' holds no voxel of '{volume.GetName()}': draw it where the image is."
        )
    return mask


def segment_on(segmentation, identifier: str, volume) -> np.ndarray:
    """A segment, which may be empty, as bool [k, j, i] on the voxels of ``volume``, where both are seen.

    Slicer's own way of reading adds nodes to the scene for each segment, and takes many times as long.
    """
    shape = slicer.util.arrayFromVolume(volume).shape[:3]
    labelmap, found = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
    if not segmentation.GetBinaryLabelmapRepresentation(identifier, labelmap) or labelmap.IsEmpty():
        return np.zeros(shape, bool)
    reference, matrix, across = slicer.vtkOrientedImageData(), vtk.vtkMatrix4x4(), vtk.vtkGeneralTransform()
    volume.GetIJKToRASMatrix(matrix)
    reference.SetExtent(0, shape[2] - 1, 0, shape[1] - 1, 0, shape[0] - 1)
    reference.SetGeometryFromImageToWorldMatrix(matrix)
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(
        segmentation.GetParentTransformNode(), volume.GetParentTransformNode(), across
    )
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        labelmap, reference, found, False, False, across
    )
    return vtk_to_numpy(found.GetPointData().GetScalars()).reshape(shape) > 0


def filled_voxels(segmentation, identifier: str) -> bytes:
    """Which voxels a segment fills, however its labelmap is kept; empty for an empty one."""
    labelmap = slicer.vtkOrientedImageData()
    if not segmentation.GetBinaryLabelmapRepresentation(identifier, labelmap) or labelmap.IsEmpty():
        return b""
    low = np.array(labelmap.GetExtent()[::2])
    shape = np.array(labelmap.GetDimensions())[::-1]
    filled = np.argwhere(vtk_to_numpy(labelmap.GetPointData().GetScalars()).reshape(shape))
    return (filled + low[::-1]).astype(np.int32).tobytes()


def core_segment(segmentation, lesion: str) -> str:
    """The identifier of the segment that holds the core of the lesion in segment ``lesion``; empty where none does."""
    segments = segmentation.GetSegmentation()
    for identifier in segments.GetSegmentIDs():
        if lesion_of_core(segments.GetSegment(identifier)) == lesion:
            return identifier
    named = segments.GetSegmentIdBySegmentName(segments.GetSegment(lesion).GetName() + CORE_SUFFIX)
    return "" if not named or lesion_of_core(segments.GetSegment(named)) else named


def lesion_of_core(segment) -> str:
    """The identifier of the lesion whose core a segment was made for; empty where it was made for something else."""
    lesion = vtk.reference("")
    return str(lesion) if segment.GetTag(CORE_OF, lesion) else ""

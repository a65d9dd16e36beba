"""Which voxels of a volume the slice views show at the moment."""

import numpy as np
import slicer
import vtk


def seen_voxels(volume) -> np.ndarray:
    """The voxels that are cut by a slice view of the layout, bool [k, j, i]."""
    shape = slicer.util.arrayFromVolume(volume).shape[:3]
    seen = np.zeros(shape, bool)
    to_world = _ijk_to_world(volume)
    for view in slicer.util.getNodesByClass("vtkMRMLSliceNode", volume.GetScene()):
        if view.IsMappedInLayout():
            seen |= _cut(shape, to_world, slicer.util.arrayFromVTKMatrix(view.GetSliceToRAS()))
    return seen


def _cut(shape: tuple[int, int, int], to_world: np.ndarray, slice_to_world: np.ndarray) -> np.ndarray:
    """Voxels through which the plane of a slice goes."""
    normal = slice_to_world[:3, 2]
    steps = normal @ to_world[:3, :3]  # along the normal, from one voxel to the next
    start = normal @ (to_world[:3, 3] - slice_to_world[:3, 3])
    i, j, k = (step * np.arange(count) for step, count in zip(steps, shape[::-1], strict=True))
    distance = start + k[:, None, None] + j[:, None] + i
    return np.abs(distance) <= 0.5 * np.abs(steps).sum()


def _ijk_to_world(volume) -> np.ndarray:
    ijk_to_ras, to_world = vtk.vtkMatrix4x4(), np.eye(4)
    volume.GetIJKToRASMatrix(ijk_to_ras)
    transform = volume.GetParentTransformNode()
    if transform is not None and transform.IsTransformToWorldLinear():
        matrix = vtk.vtkMatrix4x4()
        transform.GetMatrixTransformToWorld(matrix)
        to_world = slicer.util.arrayFromVTKMatrix(matrix)
    return to_world @ slicer.util.arrayFromVTKMatrix(ijk_to_ras)

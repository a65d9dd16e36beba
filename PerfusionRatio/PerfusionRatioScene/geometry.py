"""Where voxels are: a ``Grid`` in LPS for the library, an IJK to RAS matrix for MRML."""

import numpy as np
import slicer
import vtk

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import Grid

LPS_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""Takes positions from either to the other."""
ALIGNMENT = "PerfusionRatio.alignment"
"""Attribute of transforms that bring the visits together for the eye; computations look past them."""


def grid_of(node) -> Grid:
    """The grid of a vtkMRMLVolumeNode as it was acquired or as the user placed it.

    A linear transform above it is applied, but for those with which the module itself brings visits together.

    Raises:
        InputError: the node holds no image, or is warped.
    """
    image = node.GetImageData()
    if image is None:
        raise InputError(f"The volume '{node.GetName()}' holds no image: load it again.")
    matrix = LPS_RAS @ _to_world(node) @ slicer.util.arrayFromVTKMatrix(_ijk_to_ras(node))
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    direction = matrix[:3, :3] / spacing
    return Grid(
        tuple(image.GetDimensions()), tuple(spacing.tolist()), tuple(matrix[:3, 3]), tuple(direction.ravel().tolist())
    )


def as_acquired(node, positions: np.ndarray) -> np.ndarray:
    """RAS positions seen in the views (n, 3) as they lie on ``grid_of(node)``: without the module's alignment."""
    transform = node.GetParentTransformNode()
    if transform is None or not transform.GetAttribute(ALIGNMENT):
        return np.asarray(positions, float)
    matrix = vtk.vtkMatrix4x4()
    transform.GetMatrixTransformFromParent(matrix)
    back = slicer.util.arrayFromVTKMatrix(matrix)
    return np.asarray(positions, float) @ back[:3, :3].T + back[:3, 3]


def ijk_to_ras(grid: Grid):
    """The vtkMatrix4x4 of a grid."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(grid.direction, (3, 3)) * np.asarray(grid.spacing)
    matrix[:3, 3] = grid.origin
    return slicer.util.vtkMatrixFromArray(LPS_RAS @ matrix)


def to_lps(positions: np.ndarray) -> np.ndarray:
    """Positions in RAS as LPS, or the other way round, shaped (..., 3)."""
    return np.asarray(positions, float) * (-1.0, -1.0, 1.0)


def _ijk_to_ras(node):
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return matrix


def _to_world(node) -> np.ndarray:
    transform = node.GetParentTransformNode()
    if transform is not None and transform.GetAttribute(ALIGNMENT):
        transform = transform.GetParentTransformNode()
    if transform is None:
        return np.eye(4)
    if not transform.IsTransformToWorldLinear():
        raise InputError(
            f"The volume '{node.GetName()}' lies under the warp '{transform.GetName()}': harden the transform, or take "
            "the volume out of it."
        )
    matrix = vtk.vtkMatrix4x4()
    transform.GetMatrixTransformToWorld(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix)

"""An outline in the making as it is drawn in slice views: actors only, so that nothing of it is ever in the scene."""

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk

from PerfusionRatioLib.segmentation.lesion import LesionSegmentation

from .lesion_clicks import Click

OUTLINE, INSIDE, OUTSIDE = (1.0, 0.9, 0.1), (0.3, 1.0, 0.4), (1.0, 0.35, 0.3)
"""Colours of the outline, of points in the lesion, and of points that are not lesion."""
NEAR = 2.0
"""Millimetres from a slice up to which a point is drawn in it."""
ARM = 6
"""Pixels from the middle of a point's mark to its ends."""
PLUS = ((-ARM, 0), (ARM, 0), (0, -ARM), (0, ARM))
CROSS = ((-ARM, -ARM), (ARM, ARM), (-ARM, ARM), (ARM, -ARM))


class LesionPreview:
    """What is drawn in one slice view: add its ``actors`` to the view, and take them out again."""

    def __init__(self):
        self._outline, self._inside, self._outside = (_lines(colour) for colour in (OUTLINE, INSIDE, OUTSIDE))
        self.actors = (self._outline, self._inside, self._outside)

    def show(self, slice_node, surface, clicks: tuple[Click, ...], volume) -> None:
        """Draw the cut through a surface (``surface_of``) and the points near the slice."""
        self._outline.GetMapper().SetInputData(_cut(surface, slice_node))
        for actor, in_lesion, strokes in ((self._inside, True, PLUS), (self._outside, False, CROSS)):
            voxels = [click.voxel for click in clicks if click.in_lesion == in_lesion]
            actor.GetMapper().SetInputData(_marks(_seen(voxels, volume), slice_node, strokes))


def surface_of(outline: LesionSegmentation | None, volume, with_core: bool = True):
    """The surface of an outline, vtkPolyData in RAS where ``volume`` is seen; empty when there is none."""
    mask = None if outline is None else outline.mask if with_core else outline.enhancing
    if mask is None or not mask.any():
        return vtk.vtkPolyData()
    where = np.argwhere(mask)
    low, high = where.min(axis=0), where.max(axis=0)
    part = np.pad(mask[tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))], 1)
    image = vtk.vtkImageData()
    image.SetDimensions(*part.shape[::-1])
    image.SetOrigin(*(low[::-1] - 1.0))
    image.GetPointData().SetScalars(numpy_to_vtk(part.astype(np.uint8).ravel(), deep=True))
    edges = vtk.vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 0.5)
    edges.ComputeNormalsOff()
    edges.ComputeScalarsOff()
    edges.Update()
    return _moved(edges.GetOutput(), _to_world(volume))


def _lines(colour: tuple[float, float, float]):
    mapper = vtk.vtkPolyDataMapper2D()
    mapper.SetInputData(vtk.vtkPolyData())
    actor = vtk.vtkActor2D()
    actor.SetMapper(mapper)
    actor.GetProperty().SetColor(*colour)
    actor.GetProperty().SetLineWidth(2)
    return actor


def _cut(surface, slice_node):
    """Where a slice cuts a surface, in the pixels of its view."""
    if not surface.GetNumberOfCells():
        return surface
    middle, normal = _plane(slice_node)
    plane = vtk.vtkPlane()
    plane.SetOrigin(*middle)
    plane.SetNormal(*normal)
    cutter = vtk.vtkCutter()
    cutter.SetCutFunction(plane)
    cutter.SetInputData(surface)
    cutter.Update()
    return _moved(cutter.GetOutput(), _to_pixels(slice_node))


def _marks(places: np.ndarray, slice_node, strokes):
    """Two strokes for each place near a slice, in the pixels of its view."""
    middle, normal = _plane(slice_node)
    near = places[np.abs((places - middle) @ normal) <= NEAR]
    matrix = slicer.util.arrayFromVTKMatrix(_to_pixels(slice_node))
    pixels = near @ matrix[:2, :3].T + matrix[:2, 3]
    points, lines = vtk.vtkPoints(), vtk.vtkCellArray()
    for x, y in (pixels[:, None] + np.array(strokes)).reshape(-1, 2):
        points.InsertNextPoint(x, y, 0)
    for first in range(0, points.GetNumberOfPoints(), 2):
        lines.InsertNextCell(2)
        lines.InsertCellPoint(first)
        lines.InsertCellPoint(first + 1)
    marks = vtk.vtkPolyData()
    marks.SetPoints(points)
    marks.SetLines(lines)
    return marks


def _plane(slice_node) -> tuple[np.ndarray, np.ndarray]:
    matrix = slicer.util.arrayFromVTKMatrix(slice_node.GetSliceToRAS())
    return matrix[:3, 3], matrix[:3, 2] / np.linalg.norm(matrix[:3, 2])


def _seen(voxels, volume) -> np.ndarray:
    matrix = slicer.util.arrayFromVTKMatrix(_to_world(volume))
    return np.reshape(voxels, (-1, 3)) @ matrix[:3, :3].T + matrix[:3, 3]


def _to_world(volume):
    """From voxels to where they are seen; unlike a grid, with the transforms that bring visits together."""
    matrix, above = vtk.vtkMatrix4x4(), vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    if volume.GetParentTransformNode() is not None:
        volume.GetParentTransformNode().GetMatrixTransformToWorld(above)
        vtk.vtkMatrix4x4.Multiply4x4(above, matrix, matrix)
    return matrix


def _to_pixels(slice_node):
    matrix = vtk.vtkMatrix4x4()
    vtk.vtkMatrix4x4.Invert(slice_node.GetXYToRAS(), matrix)
    return matrix


def _moved(lines, matrix):
    transform = vtk.vtkTransform()
    transform.SetMatrix(matrix)
    mover = vtk.vtkTransformPolyDataFilter()
    mover.SetTransform(transform)
    mover.SetInputData(lines)
    mover.Update()
    return mover.GetOutput()

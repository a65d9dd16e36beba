"""The outline of a lesion in the making: where the user clicked, what is found there, and how it becomes a segment."""

from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.segmentation.lesion import LesionSegmentation, segment_lesion
from PerfusionRatioLib.series import Grid, Volume

from .geometry import as_acquired, grid_of, to_lps
from .segments import CORE_OF, CORE_SUFFIX, core_segment
from .volumes import volume_of

CORE_COLOUR = (0.45, 0.3, 0.6)


@dataclass(frozen=True)
class Click:
    """A place the user pointed at.

    Attributes:
        voxel: continuous (i, j, k) of the volume, so that a point stays where it is when the volume is moved.
        in_lesion: whether the lesion is there; else it is not.
    """

    voxel: tuple[float, float, float]
    in_lesion: bool = True


class LesionClicks:
    """The points placed for one lesion on a volume, and the outline found from them. The scene is left alone.

    The brain is looked for again with every outline: what is bright around the points is left out of that search, or a
    lesion at the border of the brain would be taken for scalp.

    Attributes:
        volume: the vtkMRMLScalarVolumeNode that is clicked in.
        clicks: in the order in which they were placed; the first is in the lesion.
        amount: from -1 (least) to 1 (most).
    """

    def __init__(self, volume):
        self.volume = volume
        self.clicks: tuple[Click, ...] = ()
        self.amount = 0.0
        self._image: Volume | None = None
        self._image_state: tuple[int, Grid] | None = None
        self._outline: LesionSegmentation | None = None
        self._outline_state: tuple | None = None

    def add(self, position: np.ndarray, in_lesion: bool = True) -> LesionSegmentation:
        """Place a point and outline the lesion anew.

        Args:
            position: RAS in millimetres, where it was seen in a view.
            in_lesion: whether the lesion is there; else what lies on that side of it is taken away.

        Raises:
            InputError: the point cannot mean a lesion; it is not kept.
        """
        if not in_lesion and not self.clicks:
            raise InputError("Click in the lesion first, and then on what is not lesion.")
        voxel = grid_of(self.volume).indices(to_lps(as_acquired(self.volume, position)))
        before = self.clicks
        self.clicks = (*before, Click(tuple(voxel.tolist()), in_lesion))
        try:
            return self.outline()
        except Exception:
            self.clicks = before
            raise

    def undo(self) -> None:
        """Take the last point away."""
        self.clicks = self.clicks[:-1]

    def clear(self) -> None:
        """Take all points away."""
        self.clicks = ()

    def outline(self) -> LesionSegmentation | None:
        """The lesion at the points; None when there are none. It is computed only when something has changed.

        Raises:
            InputError: the volume or a point cannot be used.
        """
        if not self.clicks:
            return None
        image = self._read()
        state = (self.clicks, self.amount, self._image_state)
        if state != self._outline_state:
            seeds, background = (self._places(image.grid, in_lesion) for in_lesion in (True, False))
            self._outline = segment_lesion(image, seeds, background=background, amount=self.amount)
            self._outline_state = state
        return self._outline

    def _read(self) -> Volume:
        """The image, copied again only when it was changed or moved."""
        grid = grid_of(self.volume)
        state = (self.volume.GetImageData().GetMTime(), grid)
        if state != self._image_state:
            self._image, self._image_state = volume_of(self.volume), state
        return self._image

    def _places(self, grid: Grid, in_lesion: bool) -> np.ndarray:
        voxels = [click.voxel for click in self.clicks if click.in_lesion == in_lesion]
        return grid.positions(np.reshape(voxels, (-1, 3)))


def labelmap_of(outline: LesionSegmentation, volume, segmentation, reference, with_core: bool = True):
    """An outline as a labelmap on the voxels that a segmentation is edited in.

    Args:
        outline: on the voxels of ``volume``.
        volume: the vtkMRMLScalarVolumeNode it was found on.
        segmentation: the vtkMRMLSegmentationNode that is to take it.
        reference: vtkOrientedImageData with the voxels of the segmentation.
        with_core: whether the necrotic core is filled.

    Raises:
        InputError: the lesion reaches beyond these voxels.
    """
    return _on_voxels(outline.mask if with_core else outline.enhancing, volume, segmentation, reference)


def _on_voxels(mask: np.ndarray, volume, segmentation, reference):
    """A mask of ``volume`` as ``labelmap_of``."""
    found = _oriented_image(mask, volume)
    across = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(
        volume.GetParentTransformNode(), segmentation.GetParentTransformNode(), across
    )
    labelmap = slicer.vtkOrientedImageData()
    resample = slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage
    resample(found, reference, labelmap, False, True, across)
    if labelmap.GetExtent() != reference.GetExtent():
        raise InputError(
            f"The lesion reaches beyond the voxels of '{segmentation.GetName()}': set the geometry of the segmentation "
            f"from '{volume.GetName()}' (button beside the source volume)."
        )
    return labelmap


def keep_core(
    outline: LesionSegmentation, volume, segmentation, identifier: str, reference, with_core: bool = True
) -> None:
    """Keep the core of a lesion that fills a segment in a segment of its own, so that it can be told apart later.

    It is called after the lesion; where the lesion has no core, or does not hold it, there is none. Arguments and
    errors are those of ``labelmap_of``.
    """
    segments, known = segmentation.GetSegmentation(), core_segment(segmentation, identifier)
    if not (with_core and outline.core.any()):
        if known:
            segments.RemoveSegment(known)
        return
    labelmap = _on_voxels(outline.core, volume, segmentation, reference)
    name = segments.GetSegment(identifier).GetName() + CORE_SUFFIX
    core = known or segments.AddEmptySegment("", name)
    segments.GetSegment(core).SetName(name)
    segments.GetSegment(core).SetTag(CORE_OF, identifier)
    segments.GetSegment(core).SetColor(*CORE_COLOUR)
    replace = slicer.vtkSlicerSegmentationsModuleLogic.MODE_REPLACE
    slicer.vtkSlicerSegmentationsModuleLogic.SetBinaryLabelmapToSegment(labelmap, segmentation, core, replace)


def _oriented_image(mask: np.ndarray, volume):
    """The part of a mask that is not empty, as vtkOrientedImageData where ``volume`` has it."""
    where = np.argwhere(mask)
    low, high = where.min(axis=0), where.max(axis=0)
    part = mask[tuple(slice(first, last + 1) for first, last in zip(low, high, strict=True))]
    image = slicer.vtkOrientedImageData()
    image.SetExtent(*(int(n) for pair in zip(low[::-1], high[::-1], strict=True) for n in pair))
    image.GetPointData().SetScalars(numpy_to_vtk(part.astype(np.uint8).ravel(), deep=True))
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    image.SetGeometryFromImageToWorldMatrix(matrix)
    return image

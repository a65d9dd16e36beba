"""Images: from nodes to the library's types, and from arrays to nodes."""

import numpy as np
import slicer

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.series import DceSeries, Grid, Volume

from .acquisition_attributes import acquisition_of, set_acquisition
from .frame_times import frame_times
from .geometry import grid_of, ijk_to_ras
from .subject import identity_of


def volume_of(node) -> Volume:
    """A copy of the image of a vtkMRMLScalarVolumeNode, float32.

    Raises:
        InputError: no image, more than one component, a warp above it, or attributes that mean nothing.
    """
    grid = grid_of(node)
    array = slicer.util.arrayFromVolume(node)
    if array.ndim != 3:
        raise InputError(f"The volume '{node.GetName()}' has {array.shape[-1]} components; give one with one.")
    return Volume(array.astype(np.float32), grid, acquisition_of(node), node.GetName())


def series_of(node, times: Known[np.ndarray] | None = None, acquisition: Acquisition | None = None) -> DceSeries:
    """A copy of a dynamic series, from a vtkMRMLSequenceNode or a vtkMRMLMultiVolumeNode.

    Args:
        node: whose frames are scalar volumes on one grid.
        times: seconds from the first frame; None: as the node tells, if it does.
        acquisition: how it was acquired; None: as the node tells.

    Raises:
        InputError: no frames, frames that are no volumes or not on one grid, or attributes that mean nothing.
    """
    frames, grid = frames_of(node)
    return DceSeries(
        frames,
        times if times is not None else frame_times(node, len(frames)),
        grid,
        acquisition if acquisition is not None else acquisition_of(node),
        source=node.GetName(),
        identity=identity_of(node),
    )


def frame_count(node) -> int:
    """How many frames a sequence or multi-volume has."""
    if node.IsA("vtkMRMLSequenceNode"):
        return node.GetNumberOfDataNodes()
    image = node.GetImageData()
    return 0 if image is None else image.GetNumberOfScalarComponents()


def frame_of(node):
    """A volume node that has the voxels of a series: its first frame, or itself."""
    return node.GetNthDataNode(0) if node.IsA("vtkMRMLSequenceNode") else node


def frames_of(node) -> tuple[np.ndarray, Grid]:
    """The frames of a sequence or multi-volume, float32 (n, k, j, i), and their grid.

    Raises:
        InputError: fewer than two, frames that are no volumes or not on one grid.
    """
    return _sequence_frames(node) if node.IsA("vtkMRMLSequenceNode") else _multivolume_frames(node)


def _sequence_frames(node) -> tuple[np.ndarray, Grid]:
    """Of a node with a volume a frame."""
    count = node.GetNumberOfDataNodes()
    if count < 2:
        raise InputError(f"The sequence '{node.GetName()}' has {count} frames; a dynamic series has many.")
    grid, signal = None, None
    for number in range(count):
        frame = node.GetNthDataNode(number)
        if not frame.IsA("vtkMRMLScalarVolumeNode"):
            raise InputError(f"The sequence '{node.GetName()}' holds no images: choose the dynamic series.")
        place = grid_of(frame)
        if grid is None:
            grid, signal = place, np.empty((count, *place.shape), np.float32)
        if not place.matches(grid):
            raise InputError(
                f"Frame {number + 1} of '{node.GetName()}' lies on another grid than the first: resample the frames to "
                "one grid, or load the series again."
            )
        signal[number] = slicer.util.arrayFromVolume(frame)
    return signal, grid


def _multivolume_frames(node) -> tuple[np.ndarray, Grid]:
    """Of a node whose image has one component a frame."""
    array = slicer.util.arrayFromVolume(node)
    if array is None or array.ndim != 4:
        raise InputError(f"'{node.GetName()}' is no dynamic series: choose a sequence or a multi-volume.")
    return np.moveaxis(array, -1, 0).astype(np.float32), grid_of(node)


def set_volume(node, array: np.ndarray, grid: Grid) -> None:
    """Put an array (k, j, i) and its grid into a vtkMRMLScalarVolumeNode, in one modification."""
    with slicer.util.NodeModify(node):
        node.SetIJKToRASMatrix(ijk_to_ras(grid))
        slicer.util.updateVolumeFromArray(node, np.ascontiguousarray(array, _stored(array.dtype)))


def new_volume(scene, array: np.ndarray, grid: Grid, name: str, kind: str = "vtkMRMLScalarVolumeNode"):
    """A volume node in the scene, with a display node."""
    node = scene.AddNewNodeByClass(kind, name)
    set_volume(node, array, grid)
    node.CreateDefaultDisplayNodes()
    return node


def new_sequence(scene, series: DceSeries, name: str):
    """A sequence node of a series, its index in seconds."""
    times = series.require_times()
    return new_sequence_of(scene, series.signal, series.grid, times, ("time", "s"), series.acquisition, name)


def new_sequence_of(scene, frames: np.ndarray, grid: Grid, values, index: tuple[str, str], acquisition, name: str):
    """A sequence node of volumes (n, k, j, i), by an index with a name and a unit."""
    node = scene.AddNewNodeByClass("vtkMRMLSequenceNode", name)
    node.SetIndexName(index[0])
    node.SetIndexUnit(index[1])
    node.SetIndexType(node.NumericIndex)
    set_acquisition(node, acquisition)
    for number, (value, array) in enumerate(zip(values, frames, strict=True)):
        frame = slicer.vtkMRMLScalarVolumeNode()
        frame.SetName(f"{name} {number + 1}")
        set_volume(frame, array, grid)
        node.SetDataNodeAtValue(frame, f"{value:.6g}")
    return node


def _stored(dtype: np.dtype) -> np.dtype:
    """The type in which VTK keeps an array: it has neither bool nor int64 images."""
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    return np.dtype(np.float32) if dtype.itemsize > 4 else dtype

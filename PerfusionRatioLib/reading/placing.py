"""Masks and maps on the grid of a series."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..series import Grid
from .contents import Contents
from .volume import read_one_frame

ENHANCING, CORE = 1, 2
"""Labels in the mask of a lesion whose necrotic core is told apart."""
_SAME_SPACING = 0.01


@dataclass(frozen=True)
class Placed:
    """An image on the grid of a series.

    Attributes:
        array: [k, j, i]; bool for a mask, float32 for a map.
        notes: sentences on how it came to lie on that grid and what was met.
    """

    array: np.ndarray
    notes: tuple[str, ...] = ()


def read_mask(path: str | Path, grid: Grid, resample: bool = False) -> np.ndarray:
    """The mask of `place_mask` alone: bool [k, j, i]."""
    return place_mask(path, grid, resample).array


def read_map(path: str | Path, grid: Grid, resample: bool = False) -> np.ndarray:
    """The map of `place_map` alone: float32 [k, j, i]."""
    return place_map(path, grid, resample).array


def place_mask(
    path: str | Path, grid: Grid, resample: bool = False, what: str = "mask", image: str = "series"
) -> Placed:
    """Read a mask on ``grid``: True where the file's value is above zero.

    Args:
        path: whatever `read_volume` reads.
        grid: of ``image``.
        resample: bring a mask of another geometry onto ``grid`` (nearest neighbour) instead of refusing it.
        what: the mask is, in notes, which name no path.
        image: the mask belongs to.

    Raises:
        InputError: unreadable, another geometry, or no voxel inside.
    """
    return _mask_on_grid(read_one_frame(path), grid, resample, path, what, image)


def place_lesion(
    path: str | Path, grid: Grid, resample: bool = False, image: str = "series"
) -> tuple[Placed, np.ndarray | None]:
    """Read the mask of one lesion on ``grid``, and its necrotic core where the file tells it apart.

    The file has one value above zero for all of the lesion, or 1 where it enhances and 2 for its core.

    Arguments and other errors are those of `place_mask`.

    Raises:
        InputError: the file has other values, such as a label for each of several lesions.
    """
    read = read_one_frame(path)
    values = np.unique(read.signal[0][read.signal[0] > 0])
    if len(values) > 1 and values.tolist() != [ENHANCING, CORE]:
        listed = ", ".join(f"{value:g}" for value in values[:4]) + (", ..." if len(values) > 4 else "")
        raise InputError(
            f"The mask of the lesion {path} holds the values {listed}; it needs one value, or {ENHANCING} for what "
            f"enhances and {CORE} for the necrotic core: give each lesion a mask of its own."
        )
    told = resample, path, "mask of the lesion", image
    placed = _mask_on_grid(read, grid, *told)
    if len(values) <= 1:
        return placed, None
    core, how = _on_grid(read.signal[0] == CORE, read, grid, *told)
    return Placed(placed.array, how), core


def place_map(path: str | Path, grid: Grid, resample: bool = False, what: str = "map") -> Placed:
    """Read a map (T10, B1, ...) on ``grid`` with the file's values.

    Args:
        path: whatever `read_volume` reads.
        grid: of the series.
        resample: bring a map of another geometry onto ``grid`` (linear; NaN outside) instead of refusing it.
        what: the map is, in notes, which name no path.

    Raises:
        InputError: unreadable, another geometry, or no valid value.
    """
    read = read_one_frame(path)
    placed, notes = _on_grid(read.signal[0], read, grid, resample, path, what, "series")
    if not np.isfinite(placed).any():
        raise InputError(f"The {what} {path} holds no valid value on the grid of the series.")
    return Placed(placed, notes)


def _mask_on_grid(read: Contents, grid: Grid, resample: bool, path, what: str, image: str) -> Placed:
    inside = read.signal[0] > 0
    if not inside.any():
        raise InputError(f"The mask {path} is empty: no voxel is above zero.")
    others = int(np.count_nonzero(read.signal[0] != inside))
    notes = [f"{others} voxels of the {what} are neither 0 nor 1; those above 0 are inside."] if others else []
    placed, how = _on_grid(inside, read, grid, resample, path, what, image)
    if not placed.any():
        raise InputError(f"The {what} {path} does not overlap the {image}: none of its voxels lies there.")
    return Placed(placed, (*notes, *how))


def _on_grid(
    array: np.ndarray, read: Contents, grid: Grid, resample: bool, path, what: str, image: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    if read.has_position and read.grid.matches(grid):
        return array, ()
    if _is_same_slice(read, grid):
        return array, (f"The {what} is one slice like the {image} and was taken voxel by voxel.",)
    difference = _difference(read, grid)
    if not resample or not read.has_position:
        remedy = "give it its place in space" if not read.has_position else "resample it with --resample"
        raise InputError(f"The {what} {path} is not on the grid of the {image} ({difference}): {remedy}.")
    return _resampled(array, read.grid, grid), (f"The {what} was resampled ({difference}).",)


def _is_same_slice(read: Contents, grid: Grid) -> bool:
    """Whether both are the same single slice, whatever their headers say of its thickness.

    Two-dimensional files hold no complete position (and often a wrong partial one): the same number of voxels with
    the same spacing is enough. Others must lie at the same place, within half a slice along the normal.
    """
    ours = read.grid
    if ours.size != grid.size or grid.size[2] != 1:
        return False
    if not np.allclose(ours.spacing[:2], grid.spacing[:2], rtol=_SAME_SPACING):
        return False
    if not read.has_position:
        return True
    offset = ours.corners() - grid.corners()
    normal = np.reshape(grid.direction, (3, 3))[:, 2]
    along = offset @ normal
    across = offset - np.outer(along, normal)
    in_place = np.abs(across).max() <= _SAME_SPACING * min(grid.spacing[:2])
    return bool(in_place and np.abs(along).max() <= 0.5 * max(ours.spacing[2], grid.spacing[2]))


def _difference(read: Contents, grid: Grid) -> str:
    ours = read.grid
    if not read.has_position and ours.size == grid.size:
        return f"two-dimensional with voxels of {_listed(ours.spacing[:2])} mm, not {_listed(grid.spacing[:2])} mm"
    if ours.size != grid.size:
        return f"{_listed(ours.size)} voxels, not {_listed(grid.size)}"
    if not np.allclose(ours.spacing, grid.spacing, rtol=1e-3):
        return f"voxels of {_listed(ours.spacing)} mm, not {_listed(grid.spacing)} mm"
    if not np.allclose(ours.direction, grid.direction, atol=1e-3):
        return "another orientation"
    return f"shifted by {np.linalg.norm(np.subtract(ours.origin, grid.origin)):.3g} mm"


def _listed(values) -> str:
    return " x ".join(f"{value:.4g}" for value in values)


def _resampled(array: np.ndarray, source: Grid, target: Grid) -> np.ndarray:
    import SimpleITK as sitk

    from ..itk_images import image_from_array

    is_mask = array.dtype == bool
    resampler = sitk.ResampleImageFilter()
    resampler.SetSize(target.size)
    resampler.SetOutputSpacing(target.spacing)
    resampler.SetOutputOrigin(target.origin)
    resampler.SetOutputDirection(target.direction)
    resampler.SetInterpolator(sitk.sitkNearestNeighbor if is_mask else sitk.sitkLinear)
    resampler.SetDefaultPixelValue(0.0 if is_mask else float("nan"))
    placed = sitk.GetArrayFromImage(resampler.Execute(image_from_array(array, source)))
    return placed.astype(bool) if is_mask else placed

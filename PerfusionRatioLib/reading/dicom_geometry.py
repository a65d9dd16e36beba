"""From the positions of DICOM images to slices on a grid."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..series import Grid
from .dicom_headers import Frame

# Positions of one slice in several frames differ by rounding only.
_SAME_SLICE = 0.05
_SAME_COSINE = 1e-3


@dataclass(frozen=True)
class Slices:
    """Where images lie.

    Attributes:
        grid: of one frame; slices run along the normal of the images (row × column direction).
        slice_of: for each image the index of its slice, shaped (images,).
        notes: sentences on what had to be assumed.
    """

    grid: Grid
    slice_of: np.ndarray
    notes: tuple[str, ...] = ()


def arrange_slices(frames: list[Frame]) -> Slices:
    """Sort images into slices by their position along the slice normal.

    Raises:
        InputError: sizes, spacings or orientations differ, a position is missing, slices are not evenly spaced or
            not stacked along their normal.
    """
    columns, rows = (_single(frames, keyword) for keyword in ("Columns", "Rows"))
    cosines = _same(frames, "ImageOrientationPatient", 6, _SAME_COSINE, "orientations", "an orientation")
    row_spacing, column_spacing = _same(frames, "PixelSpacing", 2, 1e-4, "pixel spacings", "a pixel spacing")
    across, down = cosines[:3] / np.linalg.norm(cosines[:3]), cosines[3:] / np.linalg.norm(cosines[3:])
    if abs(across @ down) > _SAME_COSINE:
        raise InputError("The rows and columns of the images are not at right angles (ImageOrientationPatient).")
    normal = np.cross(across, down)
    positions = _table(frames, "ImagePositionPatient", 3, "a position")
    depth = positions @ normal
    slice_of, depths = _cluster(depth)
    step, notes = _slice_step(frames, depths)
    origin = positions[slice_of == 0].mean(axis=0)
    expected = origin + np.outer(slice_of * step, normal)
    shift = np.abs(positions - expected).max()
    if shift > 0.1 * max(row_spacing, column_spacing):
        raise InputError(
            f"The slices are shifted against each other by up to {shift:.3g} mm; slices stacked along their normal "
            "were expected: export the series without mixed or moved stacks."
        )
    grid = Grid(
        size=(columns, rows, len(depths)),
        spacing=(float(column_spacing), float(row_spacing), step),
        origin=tuple(float(value) for value in origin),
        direction=tuple(float(value) for value in np.column_stack([across, down, normal]).ravel()),
    )
    return Slices(grid, slice_of, notes)


def _cluster(depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The slice of each image, and the mean depth (mm) of each slice."""
    order = np.argsort(depth, kind="stable")
    starts = np.diff(depth[order], prepend=depth[order[0]]) > _SAME_SLICE
    slice_of = np.empty(len(depth), dtype=np.intp)
    slice_of[order] = np.cumsum(starts)
    return slice_of, np.bincount(slice_of, weights=depth) / np.bincount(slice_of)


def _slice_step(frames: list[Frame], depths: np.ndarray) -> tuple[float, tuple[str, ...]]:
    """Millimetres between slices, and a note when a single slice does not tell."""
    if len(depths) == 1:
        for keyword in ("SpacingBetweenSlices", "SliceThickness"):
            step = abs(frames[0].number(keyword))
            if step > 0:
                return float(step), ()
        return 1.0, ("The single slice has no thickness in its header: 1 mm is assumed.",)
    steps = np.diff(depths)
    step = float((depths[-1] - depths[0]) / (len(depths) - 1))
    if np.abs(steps - np.median(steps)).max() > 0.05 * np.median(steps) + 0.01:
        raise InputError(
            f"The slices are not evenly spaced ({steps.min():.3g} to {steps.max():.3g} mm between neighbours): "
            "a slice is missing in every frame, or several stacks are mixed; copy the series again."
        )
    return step, ()


def _single(frames: list[Frame], keyword: str) -> int:
    values = sorted({int(frame.header.get(keyword, 0)) for frame in frames})
    if len(values) > 1:
        raise InputError(
            f"The images of the series have different sizes ({keyword} {', '.join(map(str, values))}): "
            "one size was expected; give a folder with the dynamic series alone."
        )
    return values[0]


def _same(frames: list[Frame], keyword: str, count: int, tolerance: float, plural: str, singular: str) -> np.ndarray:
    """The values of ``keyword``, which all images share within ``tolerance``."""
    table = _table(frames, keyword, count, singular)
    if np.abs(table - table[0]).max() > tolerance:
        different = np.unique(np.round(table / tolerance / 10).astype(int), axis=0)
        raise InputError(
            f"The images of the series have {max(len(different), 2)} different {plural} ({keyword}); one was expected: "
            "give a folder with the dynamic series alone."
        )
    return table[0]


def _table(frames: list[Frame], keyword: str, count: int, singular: str) -> np.ndarray:
    rows = [frame.numbers(keyword) for frame in frames]
    for frame, row in zip(frames, rows, strict=True):
        if len(row) != count:
            raise InputError(f"{frame.path} has no usable {keyword}; an MR image with {singular} was expected.")
    return np.array(rows)

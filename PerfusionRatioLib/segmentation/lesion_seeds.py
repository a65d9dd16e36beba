"""Where the user pointed: places or scribbles as voxels, refused where they cannot mean a lesion."""

import numpy as np

from ..errors import InputError
from ..series import Grid, Volume, position_text
from .lesion_region import CLOSE, Region
from .lesion_shape import distance
from .lesion_surroundings import Surroundings


def seed_voxels(hints: np.ndarray, image: Volume, what: str) -> np.ndarray:
    """The voxels (n, 3), as (k, j, i), of LPS positions (n, 3) or of a mask on the image's grid.

    Raises:
        InputError: neither of both, none, outside the image, or where the image has no value.
    """
    hints = np.asarray(hints)
    if hints.dtype == bool:
        if hints.shape != image.grid.shape:
            raise InputError(
                f"The {what} mask is shaped {hints.shape} but the image {image.grid.shape}; both must agree."
            )
        voxels = np.argwhere(hints)
    else:
        voxels = _nearest(np.atleast_2d(hints), image.grid, what)
    if not len(voxels):
        raise InputError(f"No {what} was given: give one point or more inside the lesion, or a scribble.")
    without = ~np.isfinite(image.array[tuple(voxels.T)])
    if without.any():
        raise InputError(
            f"The image has no value at the {what} {_position(voxels[without][0], image.grid)}: "
            "put it where there is signal."
        )
    return voxels


def check_amount(amount: float) -> None:
    """Refuse an amount outside -1 to 1.

    Raises:
        InputError: it is.
    """
    if not -1 <= amount <= 1:
        raise InputError(f"The amount is {amount:g}; it must be from -1 (least) to 1 (most).")


def check_hints(image: Volume, seeds: np.ndarray, background: np.ndarray | None, amount: float) -> None:
    """Refuse what ``segment_lesion`` would refuse without looking at tissue.

    Raises:
        InputError: no seed, a place outside the image or without a value, or an amount outside -1 to 1.
    """
    check_amount(amount)
    seed_voxels(seeds, image, "seed")
    if background is not None and np.size(background):
        seed_voxels(background, image, "background hint")


def _nearest(places: np.ndarray, grid: Grid, what: str) -> np.ndarray:
    if places.ndim != 2 or places.shape[1] != 3 or not np.issubdtype(places.dtype, np.number):
        raise InputError(
            f"A {what} is a position of three millimetres (L, P, S) or a mask; this has the shape {places.shape}."
        )
    if not np.isfinite(places).all():
        raise InputError(f"The positions of a {what} must be numbers in millimetres; some of these are not.")
    voxels = np.floor(grid.indices(places) + 0.5).astype(int)
    outside = np.any((voxels < 0) | (voxels >= grid.size), axis=1)
    if outside.any():
        low, high = grid.corners().min(axis=0), grid.corners().max(axis=0)
        low, high = (-high[0], -high[1], low[2]), (-low[0], -low[1], high[2])
        reach = ", ".join(f"{name} {a:.0f} to {b:.0f}" for name, a, b in zip("RAS", low, high, strict=True))
        raise InputError(
            f"The {what} at {position_text(places[outside][0])} lies outside the image ({reach} mm): put it inside it."
        )
    return np.unique(voxels[:, ::-1], axis=0)


def check_inside(seeds: np.ndarray, image: Volume, around: Surroundings) -> None:
    """Refuse seeds outside the skull.

    Raises:
        InputError: one of them lies there.
    """
    for voxel in seeds if around.found else ():
        k, j, i = np.rint(around.grid.indices(image.grid.positions(voxel[::-1]))[::-1]).astype(int)
        near = tuple(slice(max(n - 1, 0), n + 2) for n in (k, j, i))
        if not around.inside[near].any():
            raise InputError(
                f"The seed at {_position(voxel, image.grid)} lies outside the brain: put it inside the lesion, "
                "or give a mask of the brain that holds it."
            )


def dim_seeds(region: Region) -> np.ndarray:
    """Bool: the seeds around which nothing is brighter than normal brain."""
    bright = (region.image > region.faintest) & region.allowed
    return region.seeds & ~(distance(bright, region.spacing, CLOSE) < CLOSE)


def not_enhancing(region: Region, grid: Grid, seeds: np.ndarray) -> InputError:
    """Why ``seeds`` (bool in the region) are refused."""
    inside = np.argwhere(seeds)[0]
    voxel = inside + [part.start for part in region.box]
    return InputError(
        f"The seed at {_position(voxel, grid)} lies in tissue that does not enhance (brightness "
        f"{region.image[tuple(inside)] / region.normal:.2f} times that of white matter around) and no enhancing rim "
        "encloses it: put it on the bright part of the lesion."
    )


def _position(voxel: np.ndarray, grid: Grid) -> str:
    return position_text(grid.positions(voxel[::-1]))

"""Whether lesions that share a name are one lesion, and whether others are, that do not."""

from collections.abc import Mapping

import numpy as np

from ..rigid import Rigid
from ..series import Grid

FAR = 10.0
"""Millimetres that a lesion may seem to have moved: poor alignment and growth to one side included."""


def centre(mask: np.ndarray, grid: Grid) -> np.ndarray:
    """The centre of mass of a mask, LPS millimetres."""
    return grid.positions(np.argwhere(mask).mean(axis=0)[::-1])


def gap(mask: np.ndarray, grid: Grid, other: np.ndarray, other_grid: Grid, transform: Rigid) -> float:
    """Millimetres from the centre of a lesion, taken by ``transform`` to the other visit, to it there."""
    positions = other_grid.positions(np.argwhere(other)[:, ::-1])
    return float(np.linalg.norm(positions - transform.moved(centre(mask, grid)), axis=-1).min())


def moved_note(distance: float) -> tuple[str, ...]:
    """That a lesion does not lie where it did."""
    if distance <= FAR:
        return ()
    return (
        f"After alignment the lesion at follow-up lies {distance:.0f} mm from where it was before radiosurgery: check "
        "that both marks are of one lesion.",
    )


def renamed_notes(
    vanished: Mapping[str, tuple[np.ndarray, Grid]], new: Mapping[str, tuple[np.ndarray, Grid]], transform: Rigid
) -> tuple[str, ...]:
    """That a lesion marked before radiosurgery only and one marked at follow-up only lie at the same place."""
    return tuple(
        f"'{before}' (before radiosurgery only) and '{now}' (at follow-up only) lie at the same place: give them one "
        "name if they are one lesion."
        for before, (mask, grid) in vanished.items()
        for now, (other, other_grid) in new.items()
        if gap(mask, grid, other, other_grid, transform) <= FAR
    )

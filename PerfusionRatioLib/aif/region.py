"""The arterial input from a region the user drew."""

import numpy as np

from ..errors import InputError, NoAnswerError
from ..series import Grid
from .arterial_input import AifVoxel, ArterialInput, AsBlood, check_haematocrit
from .quality import full_width_at_half_maximum, judge

_NOTHING = "have no concentration at all (T10, B1 or baseline missing there, or outside what is converted)"
_LACKING = "lack a sample (saturated, or brighter than their T10 explains)"
_PARTIAL = 0.5  # of the region's peak: a voxel below it is mostly something else


def aif_from_mask(
    concentration: np.ndarray,
    mask: np.ndarray,
    times: np.ndarray,
    haematocrit: float,
    grid: Grid | None = None,
    as_blood: AsBlood | None = None,
) -> ArterialInput:
    """The mean blood curve of a region, divided by 1 - haematocrit.

    The mean, not a median or a chosen subset: the user drew the region, and the mean is what other programs show for
    it. Voxels of less than half of its peak are counted in the notes as likely partial volume.

    Args:
        concentration: mM in whole blood, shaped (t, k, j, i).
        mask: bool shaped (k, j, i).
        times: seconds, shaped (t,).
        haematocrit: large-vessel haematocrit, a fraction.
        grid: where the voxels are, for their positions.
        as_blood: turns the concentrations of voxels into those of blood (``signal.blood.BloodConversion``).

    Raises:
        InputError: a mask of another shape or empty, times of another length, or an impossible haematocrit.
        NoAnswerError: no voxel of the region has a complete curve.
    """
    check_haematocrit(haematocrit)
    mask, times = np.asarray(mask, bool), np.asarray(times, float)
    if mask.shape != concentration.shape[1:]:
        raise InputError(
            f"The arterial mask is shaped {mask.shape} but the series {concentration.shape[1:]}: "
            "draw it on the series, or resample it."
        )
    if times.shape != concentration.shape[:1]:
        raise InputError(f"There are {times.size} times for {len(concentration)} frames; one a frame is needed.")
    if not mask.any():
        raise InputError("The arterial mask is empty: draw it over an artery.")
    curves = np.asarray(concentration[:, mask], float)
    if as_blood is not None:
        curves = as_blood(curves, np.argwhere(mask))
    complete = np.isfinite(curves).all(axis=0)
    drawn = complete.size
    nothing = int(np.count_nonzero(~np.isfinite(curves).any(axis=0)))
    lacking = drawn - int(np.count_nonzero(complete)) - nothing
    if not complete.any():
        reasons = [f"{count} {what}" for count, what in ((nothing, _NOTHING), (lacking, _LACKING)) if count]
        raise NoAnswerError(
            f"None of the {drawn} voxels of the arterial mask has a concentration in every frame: "
            f"{'; '.join(reasons)}: draw it elsewhere, or give the T10 of blood with --blood-t10."
        )
    curves, indices = curves[:, complete] / (1 - haematocrit), np.argwhere(mask)[complete]
    plasma = curves.mean(axis=1)
    quality = judge(times, plasma, voxels=curves.shape[1])
    notes = []
    if nothing:
        notes.append(f"{nothing} of {drawn} voxels of the arterial mask were left out: they {_NOTHING}.")
    if lacking:
        notes.append(f"{lacking} of {drawn} voxels of the arterial mask were left out: they {_LACKING}.")
    partial = int(np.sum(curves.max(axis=0) < _PARTIAL * quality.peak))
    if partial:
        notes.append(
            f"{partial} of {curves.shape[1]} arterial voxels reach less than half of the peak: likely partial volume."
        )
    final = np.zeros_like(mask)
    final[tuple(indices.T)] = True
    return ArterialInput(
        times,
        plasma,
        haematocrit,
        "region",
        mask=final,
        voxels=tuple(_voxel(index, times, curve, grid) for index, curve in zip(indices, curves.T, strict=True)),
        quality=quality,
        arrival_time=quality.arrival_time if np.isfinite(quality.arrival_time) else None,
        notes=tuple(notes),
    )


def _voxel(index: np.ndarray, times: np.ndarray, curve: np.ndarray, grid: Grid | None) -> AifVoxel:
    top = int(np.argmax(curve))
    return AifVoxel(
        index=tuple(int(n) for n in index),
        position=None if grid is None else tuple(float(x) for x in grid.positions(index[::-1])),
        reason="Inside the region that was drawn.",
        peak=float(curve[top]),
        time_to_peak=float(times[top] - times[0]),
        width=full_width_at_half_maximum(times, curve),
    )

"""A TriggerTime that is missing in one frame."""

import numpy as np

_EVEN = 0.02
"""Steps within this fraction of their median count as even."""


def complete_trigger_times(
    values: np.ndarray, slice_of: np.ndarray, instances: np.ndarray
) -> tuple[np.ndarray, str, str]:
    """TriggerTime with the values of one frame filled in when the others leave only one possibility.

    A value that other slices have for the same frame is taken from them. A whole frame without value is filled when
    the others are evenly spaced but for one double step, or when they are evenly spaced and InstanceNumber says that
    the frame comes first or last.

    Args:
        values: TriggerTime (ms) of each image, NaN where missing.
        slice_of: slice of each image.
        instances: InstanceNumber of each image.

    Returns:
        The values; a sentence on what was filled, "" when nothing was; and what is wrong, "" when nothing is.
    """
    lacking = np.isnan(values)
    if lacking.all():
        return values, "", "missing"
    if not lacking.any():
        return values, "", ""
    found = f"missing in {np.count_nonzero(lacking)} of {len(values)} files"
    per_slice = np.bincount(slice_of, weights=lacking)
    if per_slice.max() > 1 or np.ptp(np.bincount(slice_of)):
        return values, "", f"{found} and cannot be worked out from the others"
    filled = values.copy()
    levels = np.unique(values[~lacking])
    in_line = []
    for one in np.flatnonzero(per_slice):
        known = values[(slice_of == one) & ~lacking]
        place = np.flatnonzero((slice_of == one) & lacking)[0]
        absent = np.setdiff1d(levels, known)
        if len(levels) == len(known) + 1:
            filled[place] = absent[0]
        else:
            filled[place] = _in_line(known, instances[(slice_of == one) & ~lacking], instances[place])
            in_line.append(filled[place])
    if in_line and not np.ptp(in_line) <= 1:  # NaN too
        return values, "", f"{found} and cannot be worked out from the others, which are not evenly spaced"
    taken = (
        f"it was taken as {in_line[0]:g} ms, the place the evenly spaced others leave"
        if in_line
        else "it was taken from the other slices of the same frame"
    )
    return filled, f"TriggerTime is {found}; {taken}.", ""


def _in_line(known: np.ndarray, instances: np.ndarray, instance: float) -> float:
    """The value missing among evenly spaced ``known`` ones; NaN when more than one would fit."""
    order = np.argsort(known)
    known, instances = known[order], instances[order]
    steps = np.diff(known)
    if len(steps) < 2 or np.median(steps) <= 0:
        return np.nan
    step = float(np.median(steps))
    even = np.abs(steps - step) <= _EVEN * step
    double = np.abs(steps - 2 * step) <= _EVEN * step
    if np.count_nonzero(double) == 1 and (even | double).all():
        gap = int(np.argmax(double))
        return float((known[gap] + known[gap + 1]) / 2)
    if not even.all() or not (np.diff(instances) > 0).all():
        return np.nan
    if instance < instances[0] and known[0] - step > -_EVEN * step:
        return max(float(known[0] - step), 0.0)
    if instance > instances[-1]:
        return float(known[-1] + step)
    return np.nan

"""The loss of signal that contrast agent causes by transverse decay, taken out of a concentration."""

import numpy as np

_ITERATIONS = 25
_CONVERGED = 1e-5  # mM


def undo_decay(
    concentration: np.ndarray,
    repetition_time: float,
    relaxivity: float,
    decay: float,
    r10: np.ndarray,
    cosine: np.ndarray,
    opening: np.ndarray,
) -> None:
    """Replace, in place, concentrations found as if there were no transverse decay by those found with it.

    The signal is ``y(C) · exp(-decay · C)`` with ``y = (1 - E1) / (1 - cos α · E1)``, so what was found is the C0 of
    ``log y(C) - decay · C = log y(C0)``, solved by Newton steps on the side where the signal rises with C (its left
    side is concave, so they do not overshoot). Where the signal is higher than any C gives, the result is NaN.

    Args:
        concentration: mM, float32 shaped (t, n), overwritten.
        repetition_time: TR, seconds.
        relaxivity: r1, 1/(mM s).
        decay: echo time times r2*, 1/mM.
        r10: 1/s, shaped (n,).
        cosine: cos α, shaped (n,).
        opening: 1 - cos α, shaped (n,).
    """
    voxels = np.flatnonzero(np.isfinite(concentration).any(axis=0))
    r10, cosine, opening = (array[voxels].astype(np.float64) for array in (r10, cosine, opening))

    def log_signal(c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        recovered = -np.expm1(-repetition_time * (r10 + relaxivity * c))
        below = recovered * cosine + opening
        slope = opening * (1 - recovered) * repetition_time * relaxivity / (below * recovered)
        return np.log(recovered / below), slope

    found = concentration[:, voxels].astype(np.float64)
    target, _ = log_signal(found)
    for _ in range(_ITERATIONS):
        value, slope = log_signal(found)
        slope = np.where(slope > decay, slope - decay, np.nan)
        step = (target - value + decay * found) / slope
        found += step
        if not np.any(np.abs(step) > _CONVERGED):
            break
    concentration[:, voxels] = np.where(np.abs(step) <= 0.01, found, np.nan)

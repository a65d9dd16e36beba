"""Standard errors of a fitted model where the noise of some frames exceeds that of others."""

from typing import TYPE_CHECKING

import numpy as np

from ..kinetics.convolution import exponential_convolution
from .leakage import leverage, noise_profile

if TYPE_CHECKING:
    from ..kinetics import ParameterMaps

_STEP = 1e-3
"""Relative step of kep, for the slope of the model's curve."""


def error_factors(
    curves: np.ndarray, times: np.ndarray, plasma_concentration: np.ndarray, maps: "ParameterMaps"
) -> dict[str, float]:
    """By how much the standard errors of a fit, which take the noise of all frames as alike, are too small.

    From the noise of each frame (``noise_profile``) and the Jacobian of the extended Tofts model at the median
    parameters: var = (JᵀJ)⁻¹ Jᵀ diag(noise) J (JᵀJ)⁻¹ (White 1980, Econometrica 48:817).

    Args:
        curves: mM, shaped (t, n), the voxels of a lesion.
        times: seconds.
        plasma_concentration: as it reaches the tissue, mM.
        maps: their fit, each map shaped (n,).

    Returns:
        By parameter; empty for a model without kep, or where no voxel is known in every frame that any is known in.
    """
    if maps.kep is None or maps.ktrans is None:
        return {}
    seen = np.isfinite(curves).any(axis=1)
    complete = np.isfinite(curves[seen]).all(axis=0) & np.isfinite(maps.kep)
    if not complete.any():
        return {}
    kep, ktrans = maps.kep[complete].astype(float), maps.ktrans[complete].astype(float)
    vp = np.zeros_like(kep) if maps.vp is None else maps.vp[complete].astype(float)
    fitted = (
        ktrans * exponential_convolution(kep, times / 60, plasma_concentration) + vp * plasma_concentration[:, None]
    )
    residual = (curves[:, complete] - fitted)[seen]
    rate, leak = np.median(kep), np.median(ktrans)
    near = exponential_convolution([rate, rate * (1 + _STEP)], times / 60, plasma_concentration)
    columns = {"ktrans": near[:, 0], "kep": leak * (near[:, 1] - near[:, 0]) / max(rate * _STEP, 1e-12)}
    if maps.vp is not None:
        columns["vp"] = plasma_concentration
    design = np.column_stack(list(columns.values()))[seen]
    profile = noise_profile(residual, (residual**2).mean(axis=0), leverage(design))
    inverse = np.linalg.pinv(design.T @ design)
    alike = np.diag(inverse)
    apart = ((inverse @ design.T) ** 2) @ profile
    factors = np.sqrt(np.divide(apart, alike, out=np.ones_like(alike), where=alike > 0))
    return dict(zip(columns, (float(factor) for factor in factors), strict=True))

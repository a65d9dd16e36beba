"""Ktrans and vp of voxels in which little leaks: a linear fit without bounds."""

from dataclasses import dataclass

import numpy as np

from ..kinetics.convolution import exponential_convolution

ENOUGH = 20
"""Voxels that tell how the noise changes from frame to frame."""
LEAST_LEFT = 0.02
"""Of the variance of a frame's noise, what its residual is taken to hold at least."""


@dataclass(frozen=True)
class Leakage:
    """Estimates that may be negative, so that noise does not lift their mean or median.

    Attributes:
        ktrans: 1/min, shaped (n,); not-a-number where too few samples are known.
        vp: fraction, the same.
        ktrans_error, vp_error: their standard errors.
    """

    ktrans: np.ndarray
    vp: np.ndarray
    ktrans_error: np.ndarray
    vp_error: np.ndarray


def unbounded_leakage(
    curves: np.ndarray,
    times: np.ndarray,
    plasma_concentration: np.ndarray,
    has_plasma: bool = True,
    kep: float = 0.0,
) -> Leakage:
    """Fit C(t) = Ktrans c_p ⊗ exp(-kep t) + vp c_p + c_0 by least squares, without bounds, for a kep that is known.

    With kep = 0 this is Patlak's model (Patlak et al. 1983, J Cereb Blood Flow Metab 3:1), else the extended Tofts
    model, with an offset c_0: the error of the baseline signal shifts all samples of a voxel alike, so it is
    estimated with the rest, from all frames, and its uncertainty is in the standard errors, as is how the noise
    changes from frame to frame. In normal brain, where Ktrans of a voxel is smaller than its noise, Ktrans ≥ 0 lifts
    the median two to three times; this does not.

    Args:
        curves: concentrations in mM, shaped (t, n); samples that are not finite are left out of their own voxel.
        times: seconds, shaped (t,).
        plasma_concentration: mM, shaped (t,).
        has_plasma: False for a model without vp, which then stays not-a-number.
        kep: 1/min; 0 where nothing returns from tissue.
    """
    integral = exponential_convolution([kep], times / 60, plasma_concentration)[:, 0]
    columns = [integral, plasma_concentration, np.ones_like(integral)]
    design = np.column_stack(columns if has_plasma else [columns[0], columns[2]])
    unknowns, count = design.shape[1], curves.shape[1]
    known = np.isfinite(curves)
    weights = known.astype(float)
    data = np.where(known, curves, 0.0).astype(float)
    normal = np.einsum("tn,ti,tj->nij", weights, design, design)
    enough = known.sum(axis=0) > unknowns + 1
    enough &= np.linalg.cond(np.where(enough[:, None, None], normal, np.eye(unknowns))) < 1e12
    inverse = np.linalg.inv(np.where(enough[:, None, None], normal, np.eye(unknowns)))
    found = np.einsum("nij,tj,tn->ni", inverse, design, data)
    residual = weights * (data - design @ found.T)
    variance = (residual**2).sum(axis=0) / np.maximum(known.sum(axis=0) - unknowns, 1)
    profile = _profile(residual, variance, known, enough, design)
    pull = np.einsum("nij,tj->nit", inverse, design)
    errors = np.sqrt(np.einsum("nit,tn,t->ni", pull**2, weights, profile) * variance[:, None])
    found, errors = (np.where(enough[:, None], values, np.nan) for values in (found, errors))
    if has_plasma:
        return Leakage(found[:, 0], found[:, 1], errors[:, 0], errors[:, 1])
    missing = np.full(count, np.nan)
    return Leakage(found[:, 0], missing, errors[:, 0], missing)


def _profile(
    residual: np.ndarray, variance: np.ndarray, known: np.ndarray, enough: np.ndarray, design: np.ndarray
) -> np.ndarray:
    """``noise_profile`` of the voxels that are known in every frame in which any is."""
    profile, frames = np.ones(len(residual)), known[:, enough].any(axis=1)
    complete = enough & known[frames].all(axis=0)
    some = design[frames]
    profile[frames] = noise_profile(residual[frames][:, complete], variance[complete], leverage(some))
    return profile


def leverage(design: np.ndarray) -> np.ndarray:
    """How far each frame pulls its own fitted value towards it, 0 to 1: the diagonal of X (XᵀX)⁻¹ Xᵀ.

    Args:
        design: what the model is linear in, shaped (t, unknowns).
    """
    return np.einsum("ti,it->t", design, np.linalg.pinv(design))


def noise_profile(residual: np.ndarray, variance: np.ndarray, pull: np.ndarray) -> np.ndarray:
    """The variance of the noise in each frame relative to that which the residuals tell for all, shaped (t,).

    The signal of a spoiled gradient echo flattens as concentration rises, so noise of one size in the signal is larger
    in the concentrations of the first pass, on which vp rests. What the voxels' residuals have in common is misfit, not
    noise, and is left out. A frame that pulls the fit towards it leaves a residual that is smaller than its noise, by
    1 - ``pull`` (MacKinnon and White 1985, J Econometrics 29:305). With fewer than ``ENOUGH`` voxels the frames are
    taken as alike.

    Args:
        residual: mM, shaped (t, n).
        variance: of each voxel's residual, shaped (n,).
        pull: ``leverage`` of the frames, shaped (t,).
    """
    if residual.shape[1] < ENOUGH:
        return np.ones(len(residual))
    apart = residual - residual.mean(axis=1, keepdims=True)
    left = np.maximum(1 - pull, LEAST_LEFT)
    profile = (apart**2 / np.maximum(variance, np.finfo(float).tiny)).mean(axis=1) / left
    mean = np.average(profile, weights=left)
    return profile / mean if mean > 0 else np.ones(len(residual))

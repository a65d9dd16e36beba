"""Parameters of single voxels with their errors, as ratios need them: not lifted by bounds."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..kinetics.convolution import exponential_convolution, shifted
from ..kinetics.parameter_maps import Flag
from .frame_noise import error_factors
from .leakage import unbounded_leakage

if TYPE_CHECKING:
    from ..kinetics import ParameterMaps
    from ..visit_preparation import PreparedVisit

SURE = 3.0
"""Standard errors that Ktrans must exceed for the fit of the model to be taken; below it the unbounded one is."""
FEIGNED = 0.05
"""Of the plasma's peak: an error of the late level of the input, in units of vp, that must not pass for a return."""
_NUDGE = 1e-3
"""mM, by which a curve is shifted to learn what an error of the baseline does."""
_UNKNOWN = Flag.NOT_FITTED | Flag.NO_INFORMATION | Flag.KTRANS_AT_ZERO | Flag.VE_AT_ONE | Flag.RATE_AT_LIMIT


@dataclass(frozen=True)
class VoxelEstimates:
    """Parameters of the voxels of a mask.

    Attributes:
        index: (k, j, i) of each voxel, shaped (n, 3).
        values: by parameter, shaped (n,); not-a-number where there is no answer.
        errors: by parameter, their standard errors.
    """

    index: np.ndarray
    values: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]

    def within(self, mask: np.ndarray) -> "VoxelEstimates":
        """Those of the voxels in ``mask``, bool shaped (k, j, i)."""
        chosen = mask[tuple(self.index.T)]
        return VoxelEstimates(
            self.index[chosen],
            {name: values[chosen] for name, values in self.values.items()},
            {name: errors[chosen] for name, errors in self.errors.items()},
        )


def estimate_voxels(
    prepared: "PreparedVisit",
    plasma_concentration: np.ndarray,
    mask: np.ndarray,
    typical: np.ndarray | None = None,
    *,
    normal_brain: bool = False,
    delay: str | None = None,
) -> VoxelEstimates:
    """Estimate the parameters of the voxels in ``mask`` for the model of the visit's settings.

    Where the Ktrans of both fits exceeds ``SURE`` standard errors the model's own least-squares fit is taken;
    elsewhere, as in normal brain, the unbounded fit of ``unbounded_leakage`` with the kep of the region's mean curve,
    which is 0 in normal brain and where a wrong input would feign it: it is not lifted by Ktrans ≥ 0, but too low where
    little leaks and much of that returns within the series. ve and kep are known only where the data determines them.

    Args:
        prepared: the visit's concentrations.
        plasma_concentration: arterial input in mM at the frame times.
        mask: bool shaped (k, j, i), of one kind of tissue.
        typical: the voxels whose mean curve tells kep, likewise; those of ``mask`` when None.
        normal_brain: take kep for 0: so little leaks that an input of another shape would pass for a return.
        delay: of the input, as for ``fit``; None: as the settings say.
    """
    from ..kinetics import MODELS, fit

    settings, start = prepared.settings, prepared.baseline.start if prepared.baseline else 0
    delay = delay or settings.delay
    index = np.argwhere(mask)
    curves = np.ascontiguousarray(prepared.concentration[:, mask])
    maps = fit(curves, prepared.times, plasma_concentration, settings.model, standard_errors=True, delay=delay)
    has_plasma = settings.model == "auto" or "vp" in maps.names
    late = float(np.nanmedian(maps.delay)) if maps.delay is not None and np.isfinite(maps.delay).any() else 0.0
    reaching = shifted(prepared.times, plasma_concentration, prepared.times - late)
    like = curves if typical is None else prepared.concentration[:, typical & mask]
    kep = 0.0 if normal_brain else _kep_of_all(like, prepared.times, reaching, settings.model)
    line = unbounded_leakage(curves[start:], prepared.times[start:], reaching[start:], has_plasma, kep)
    with np.errstate(invalid="ignore"):
        # both fits must be sure: a spurious kep makes the model's own fit look so in noise
        sure = (maps.ktrans > SURE * maps.standard_errors["ktrans"]) & (line.ktrans > SURE * line.ktrans_error)
    if settings.model in MODELS and MODELS[settings.model].exponentials == 0:
        sure = np.zeros_like(sure)
    maps = _with_errors_of_frames(maps, curves, prepared.times, reaching, sure)
    maps = _with_baseline_error(maps, curves, prepared, plasma_concentration, sure, delay)
    values = {"ktrans": np.where(sure, maps.ktrans, line.ktrans)}
    errors = {"ktrans": np.where(sure, maps.standard_errors["ktrans"], line.ktrans_error)}
    if has_plasma:
        values["vp"] = np.where(sure, maps.vp, line.vp)
        errors["vp"] = np.where(sure, maps.standard_errors["vp"], line.vp_error)
    for name in ("ve", "kep"):
        if getattr(maps, name) is not None:
            known = sure & ((maps.flags & np.uint8(_UNKNOWN)) == 0)
            values[name] = np.where(known, getattr(maps, name), np.nan)
            errors[name] = np.where(known, maps.standard_errors[name], np.nan)
    return VoxelEstimates(index, values, errors)


def _kep_of_all(curves: np.ndarray, times: np.ndarray, reaching: np.ndarray, model: str) -> float:
    """The kep of the mean of ``curves`` in 1/min; 0 where it cannot be told from 0, or the model has none.

    It can be told only where more leaks than an input that is wrong in its late part would feign: where little leaks,
    the return of contrast agent and such an error look alike.
    """
    from ..kinetics import fit

    chosen = {"tofts": "tofts", "patlak": None}.get(model, "extended-tofts")
    known = np.isfinite(curves).all(axis=0)
    if chosen is None or not known.any():
        return 0.0
    curve = curves[:, known].mean(axis=1, keepdims=True)
    mean = fit(curve, times, reaching, chosen, standard_errors=True, threads=1)
    errors, plasma = mean.standard_errors, 0.0 if mean.vp is None else mean.vp[0]
    leaked = mean.ktrans[0] * exponential_convolution([mean.kep[0]], times / 60, reaching).max()
    determined = (
        mean.ktrans > SURE * errors["ktrans"],
        mean.kep > SURE * errors["kep"],
        leaked > SURE * FEIGNED * plasma * reaching.max(),
    )
    return float(mean.kep[0]) if all(map(bool, determined)) else 0.0


def _of_all(delay: str) -> str:
    """How the delay of a single curve that stands for many is found."""
    return "none" if delay == "none" else "global"


def _with_errors_of_frames(maps: "ParameterMaps", curves, times, reaching, sure: np.ndarray) -> "ParameterMaps":
    """``maps`` with the standard errors of voxels that are ``sure`` widened for the frames with more noise."""
    chosen = np.flatnonzero(sure)
    maps_of = replace(maps, **{name: getattr(maps, name)[chosen] for name in maps.names})
    factors = error_factors(curves[:, chosen], times, reaching, maps_of)
    widened = {name: factors.get(name, 1.0) * errors for name, errors in maps.standard_errors.items()}
    return replace(maps, standard_errors=widened)


def _with_baseline_error(
    maps: "ParameterMaps",
    curves: np.ndarray,
    prepared: "PreparedVisit",
    plasma_concentration: np.ndarray,
    sure: np.ndarray,
    delay: str,
) -> "ParameterMaps":
    """``maps`` with standard errors that hold the noise of the baseline too, which all samples of a voxel share.

    What a shift of the whole curve does to each parameter is found by shifting the median curve.
    """
    from ..kinetics import fit

    if prepared.baseline is None or not sure.any():
        return maps
    settings = prepared.settings
    seen = np.isfinite(curves[:, sure]).any(axis=1)
    typical = np.full(len(curves), np.nan)
    typical[seen] = np.nanmedian(curves[seen][:, sure], axis=1)
    pair = np.stack([typical - _NUDGE, typical + _NUDGE], axis=1)
    moved = fit(pair, prepared.times, plasma_concentration, settings.model, delay=_of_all(delay))
    frames = prepared.baseline.stop - prepared.baseline.start
    offset = maps.residual_sd / np.sqrt(frames)
    errors = dict(maps.standard_errors)
    for name in ("ktrans", "vp", "ve", "kep"):
        response = getattr(moved, name)
        if name in errors and response is not None and np.isfinite(response).all():
            errors[name] = np.hypot(errors[name], offset * (response[1] - response[0]) / (2 * _NUDGE))
    return replace(maps, standard_errors=errors)

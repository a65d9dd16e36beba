"""The ratios of one lesion at one visit, with their intervals."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from ..errors import InputError
from .at_least_zero import UPPER, at_least_zero
from .doubts import PATIENT, Doubts, drift_response, mixed_share, spilt_shares, unmixed
from .input_error import InputErrors, Kinetics, input_errors
from .measurement import (
    PARAMETERS,
    STATISTICS,
    RatioFlag,
    RatioMeasurement,
    Ratios,
    RegionCurves,
    Sensitivity,
)
from .noise import correlated_noise, neighbour_correlation, slow_frames
from .noisy_median import noisy_median, share_of_noise
from .region_statistics import RegionStatistic, region_statistics
from .voxel_estimates import VoxelEstimates, estimate_voxels

if TYPE_CHECKING:
    from ..visit_preparation import PreparedVisit

DRAWS = 1000
FEWEST_LESION, FEWEST_REFERENCE = 5, 20
"""Voxels below which a region says too little."""
BESIDE = {"median": "median", "mean": "mean", "p90": "median", "hot_spot": "median"}
"""Of the reference, by which each statistic of the lesion is divided: the highest voxels of normal brain are noise."""
METHOD_ERROR = 0.015
"""Relative standard deviation of a ratio without any noise: what straight lines between frames, voxels of two tissues
and the fit itself leave over in digital patients. No interval is narrower than this allows."""
MOST_FAILED = 0.5
"""The share of a region's voxels without an answer from which on the rest does not speak for it."""
_ROUNDING = 1e-6
"""By which a share of a voxel, resampled in single precision, may miss 0 and 1."""


def measure_ratios(
    prepared: "PreparedVisit",
    plasma_concentration: np.ndarray,
    lesion: np.ndarray,
    reference: np.ndarray,
    *,
    core: np.ndarray | None = None,
    filled: np.ndarray | None = None,
    doubts: Doubts = PATIENT,
    fewest_reference: int = FEWEST_REFERENCE,
    normal_brain: bool = True,
    delay: str | None = None,
    seed: int = 0,
) -> Ratios:
    """Measure Ktrans, vp, ve and kep of a lesion relative to normal brain.

    Voxels are estimated without the bounds that would lift the values of normal brain (``voxel_estimates``), regions
    are summed up by ``region_statistics``, and the 95% intervals of the quotients come from drawing the noise of both
    regions again, as large as the voxels' standard errors and as alike in neighbours as it is in the series, together
    with the error of the arterial input (``input_error``), what else is doubtful in a patient (``doubts``), and
    ``METHOD_ERROR``.

    Args:
        prepared: the visit's concentrations.
        plasma_concentration: arterial input in mM at the frame times.
        lesion: the voxels of the lesion, bool shaped (k, j, i).
        reference: the voxels of normal brain, bool shaped (k, j, i).
        core: voxels of the lesion that do not enhance, which ``Ratios.enhancing`` leaves out; None where none is known.
        filled: share of each voxel that ``lesion`` fills, 0 to 1, shaped (k, j, i), as ``carried_fraction`` tells it;
            None: all of its voxels as a whole. The ratios stay those of the voxels, the intervals know of it.
        doubts: errors that the noise of the voxels does not tell; ``doubts.NONE`` in a simulation.
        fewest_reference: voxels that the reference needs; 1 where a single voxel holds the mean curve of a region.
        normal_brain: False where the reference is another tissue, such as muscle, from which contrast returns.
        delay: of the arterial input, as for ``kinetics.fit``; None: as the visit's settings say. A delay of the whole
            visit is better found once than anew in each region: give the input as it reaches the tissue, and "none".
        seed: of the draws.

    Raises:
        InputError: a mask of another shape, an empty one, lesion and reference that overlap, or shares of voxels that
            are not between 0 and 1.
    """
    _check(prepared, lesion, reference, filled)
    grown = ndimage.binary_dilation(lesion) & ~reference
    estimates = estimate_voxels(prepared, plasma_concentration, grown, typical=lesion, delay=delay)
    normal = estimate_voxels(prepared, plasma_concentration, reference, normal_brain=normal_brain, delay=delay)
    whole = estimates.within(lesion)
    known = _NormalBrain(prepared, plasma_concentration, doubts, filled, normal, fewest_reference, seed)
    measurements = known.measured(whole, STATISTICS)
    enhancing = ()
    if core is not None and (core & lesion).any() and (lesion & ~core).any():
        enhancing = known.measured(estimates.within(lesion & ~core), ("median",))
    return Ratios(
        measurements,
        tuple(_sensitivity(name, estimates, lesion, grown, normal) for name in estimates.values),
        float(np.mean(np.isfinite(whole.values["ktrans"]))),
        RegionCurves(prepared.times, *(_mean_curve(prepared, mask) for mask in (lesion, reference))),
        enhancing,
    )


def _check(prepared: "PreparedVisit", lesion: np.ndarray, reference: np.ndarray, filled: np.ndarray | None) -> None:
    regions = {"lesion": lesion, "reference": reference}
    given = regions if filled is None else regions | {"share of voxels that the lesion fills": filled}
    for name, array in given.items():
        if array.shape != prepared.grid.shape:
            raise InputError(
                f"The {name} is shaped {array.shape} but the series {prepared.grid.shape}: give it on the series' grid."
            )
    for name, mask in regions.items():
        if not mask.any():
            raise InputError(f"The {name} holds no voxel of the series: mark it where the series was acquired.")
    if filled is not None and not ((filled >= -_ROUNDING) & (filled <= 1 + _ROUNDING)).all():
        raise InputError("The share of voxels that the lesion fills must lie between 0 and 1 everywhere.")
    both = np.count_nonzero(lesion & reference)
    if both:
        raise InputError(f"Lesion and reference share {both} voxels: move the reference to normal brain.")


class _NormalBrain:
    """Normal brain and the arterial input, with what everything measured against them needs."""

    def __init__(self, prepared, plasma_concentration, doubts, filled, estimates: VoxelEstimates, fewest, seed: int):
        self.prepared, self.plasma_concentration, self.doubts = prepared, plasma_concentration, doubts
        self.filled, self.estimates, self.fewest = filled, estimates, fewest
        self.random, self.doubtful = np.random.default_rng(seed), np.random.default_rng((seed, 1))
        self.drift = self._drift()
        self.summary = self._summary(estimates, BESIDE.values())
        self.method = np.exp(METHOD_ERROR * self.random.standard_normal(DRAWS))

    def measured(self, lesion: VoxelEstimates, statistics: tuple[str, ...]) -> tuple[RatioMeasurement, ...]:
        """The ratios of a lesion, or of a part of it."""
        summary = self._summary(lesion, ("median", *statistics))
        of_input = self._input_errors(lesion)
        spilt = {name: self._spilt(name, lesion, summary) for name in PARAMETERS}
        return tuple(
            self._one(name, statistic, lesion, summary.get(name), of_input, spilt[name])
            for name in PARAMETERS
            if name in lesion.values
            for statistic in statistics
        )

    def _one(self, name, statistic, lesion: VoxelEstimates, summary, of_input: InputErrors, spilt) -> RatioMeasurement:
        reference = self.summary.get(name)
        if summary is None or reference is None:
            determined, counts = name in ("ktrans", "vp"), (len(lesion.index), len(self.estimates.index))
            why = RatioFlag.FAILED_FITS if determined else RatioFlag.NOT_DETERMINED
            return _nothing(name, statistic, *counts, [*self._too_few(*counts), why])
        count, voxels = (int(np.isfinite(of.values[name]).sum()) for of in (lesion, self.estimates))
        flags = self._too_few(count, voxels)
        pair = (
            self._with_input(name, summary[statistic], of_input.lesion, summary["median"].value),
            self._with_input(name, reference[BESIDE[statistic]], of_input.reference, reference["median"].value),
        )
        return _quotient(name, statistic, *pair, self.method, spilt, (count, voxels), flags)

    def _spilt(self, name: str, lesion: VoxelEstimates, summary: dict[str, dict[str, RegionStatistic]]) -> np.ndarray:
        """Draws of the share of a lesion's median that is of the tissue around it."""
        mixed = 0.0
        if self.filled is not None and name in summary and name in self.summary:
            errors, filled = lesion.errors[name], self.filled[tuple(lesion.index.T)]
            known = np.isfinite(lesion.values[name]) & np.isfinite(errors)
            distance = summary[name]["median"].value - self.summary[name]["median"].value
            noise = share_of_noise(lesion.values[name][known], errors[known])
            mixed = mixed_share(filled[known], errors[known], distance, noise)
        return spilt_shares(mixed, self.doubts.spill, DRAWS, self.doubtful)

    def _too_few(self, lesion: int, reference: int) -> list[RatioFlag]:
        found = (lesion < FEWEST_LESION, reference < self.fewest)
        flags = (RatioFlag.FEW_LESION_VOXELS, RatioFlag.FEW_REFERENCE_VOXELS)
        return [flag for flag, few in zip(flags, found, strict=True) if few]

    def _with_input(self, name, region: RegionStatistic, errors: dict, median: float) -> RegionStatistic:
        """A statistic with the errors of the input, which were found for the median, in proportion."""
        if name not in errors:
            return region
        scale = region.value / median if median > 0 and region.value > 0 else 1.0
        return RegionStatistic(region.value, region.draws + scale * errors[name])

    def _input_errors(self, lesion: VoxelEstimates) -> InputErrors:
        """The errors that the input makes in voxels like the median ones, one a draw."""
        kep = lesion.values.get("kep")
        exchanging = kep is not None and np.mean(np.isfinite(kep)) > 1 - MOST_FAILED
        errors = input_errors(
            self.prepared.times,
            self.plasma_concentration,
            _typical(lesion, exchanging),
            _typical(self.estimates, False),
            self.doubts.late_level,
            self.random,
            self.prepared.settings.model,
        )
        return errors.of_trials(self.random.integers(0, len(errors.lesion["ktrans"]), DRAWS))

    def _summary(self, estimates: VoxelEstimates, names: Iterable[str]) -> dict[str, dict[str, RegionStatistic]]:
        """Statistics of each parameter that more than half of the voxels have, with what a drift does to them."""
        result = {}
        curves = self.prepared.concentration[:, *estimates.index.T]
        slow = slow_frames(self.prepared.times, self.plasma_concentration)
        alike = neighbour_correlation(curves[slow], estimates.index, self.prepared.times[slow])
        noise = correlated_noise(estimates.index, alike, DRAWS, self.random)
        drift = self.doubtful.standard_normal(DRAWS)
        for name, values in estimates.values.items():
            errors = estimates.errors[name]
            known = np.isfinite(values) & np.isfinite(errors)
            if _speaks(known):
                found = region_statistics(
                    values[known], errors[known], noise[:, known], self.random, dict.fromkeys(names)
                )
                drifted = self.drift.get(name, 0.0) * drift
                result[name] = {key: replace(one, draws=one.draws + drifted) for key, one in found.items()}
        return result

    def _drift(self) -> dict[str, float]:
        """Standard deviations of what a drift adds to parameters."""
        prepared, size = self.prepared, self.doubts.drift
        start = prepared.baseline.start if prepared.baseline else 0
        has_plasma = "vp" in self.estimates.values
        response = drift_response(prepared.times, self.plasma_concentration, start, has_plasma)
        return {name: size * value for name, value in response.items()}


def _quotient(
    name: str,
    statistic: str,
    lesion: RegionStatistic,
    reference: RegionStatistic,
    method: np.ndarray,
    spilt: np.ndarray,
    voxels: tuple[int, int],
    flags: list[RatioFlag],
) -> RatioMeasurement:
    positive = reference.draws > 0
    draws = np.full(len(reference.draws), np.inf)
    known = lesion.draws if lesion.value >= 0 else at_least_zero(lesion.value, lesion.draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        seen = known / reference.draws * method
        draws[positive] = np.maximum(unmixed(seen, spilt), 0.0)[positive]
    low, high = (float(value) for value in np.quantile(draws, (0.025, 0.975), method="nearest"))
    if lesion.value < 0:
        low, high = 0.0, float(np.quantile(draws, UPPER, method="nearest"))
    ratio = max(lesion.value / reference.value, 0.0) if reference.value > 0 else float("nan")
    if reference.interval[0] <= 0:
        flags, high, ratio = [*flags, RatioFlag.REFERENCE_NEAR_ZERO], float("inf"), float("nan")
        low = low if np.isfinite(low) else float("nan")  # no draw of the reference is above zero
    return RatioMeasurement(
        name,
        statistic,
        lesion.value,
        reference.value,
        lesion.interval,
        reference.interval,
        ratio,
        low,
        high,
        *voxels,
        tuple(flags),
        draws,
    )


def _nothing(name: str, statistic: str, lesion: int, reference: int, flags: list[RatioFlag]) -> RatioMeasurement:
    nan = float("nan")
    return RatioMeasurement(
        name, statistic, nan, nan, (nan, nan), (nan, nan), nan, nan, nan, lesion, reference, tuple(flags)
    )


def _typical(estimates: VoxelEstimates, exchanging: bool) -> Kinetics:
    """The median kinetics of a region; without kep where it is not to be ``exchanging``."""
    middle = {name: _median(values) for name, values in estimates.values.items()}
    positive = {name: max(value, 0.0) if np.isfinite(value) else 0.0 for name, value in middle.items()}
    return Kinetics(positive["ktrans"], positive.get("vp", 0.0), positive.get("kep", 0.0) if exchanging else 0.0)


def _sensitivity(
    name: str, estimates: VoxelEstimates, lesion: np.ndarray, grown: np.ndarray, normal: VoxelEstimates
) -> Sensitivity:
    reference = _noisy_median(name, normal)

    def ratio(mask: np.ndarray) -> float:
        value = _noisy_median(name, estimates.within(mask))
        return float(np.maximum(value / reference, 0.0)) if reference > 0 else float("nan")

    return Sensitivity(name, ratio(ndimage.binary_erosion(lesion)), ratio(grown))


def _noisy_median(name: str, estimates: VoxelEstimates) -> float:
    values, errors = estimates.values[name], estimates.errors[name]
    known = np.isfinite(values) & np.isfinite(errors)
    if not _speaks(known):
        return float("nan")
    values, errors = values[known], errors[known]
    return float(noisy_median(values, share_of_noise(values, errors) * errors))


def _median(values: np.ndarray) -> float:
    known = np.isfinite(values)
    return float(np.median(values[known])) if _speaks(known) else float("nan")


def _speaks(known: np.ndarray) -> bool:
    """Whether enough voxels have a value to speak for the others."""
    return bool(known.size) and known.mean() > 1 - MOST_FAILED


def _mean_curve(prepared: "PreparedVisit", mask: np.ndarray) -> np.ndarray:
    curves = prepared.concentration[:, mask]
    known = np.isfinite(curves)
    count = known.sum(axis=1)
    mean = np.sum(curves, axis=1, where=known) / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan).astype(curves.dtype)

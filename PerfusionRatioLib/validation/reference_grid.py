"""Errors of the fit over a grid of true parameters, delays, noise levels and temporal resolutions."""

import itertools
from dataclasses import dataclass

import numpy as np

from ..kinetics import Flag, ParameterMaps, fit
from ..phantom.reference_objects import (
    MODEL_PARAMETERS,
    GaussianBolus,
    sample_plasma,
    tissue_concentration,
    with_gaussian_noise,
)
from ..progress import Progress, advance
from .agreement import Agreement, agreement

FIT_DELAYS = ("none", "voxel")
"""The two ways to fit that are compared: blind to a delay, and with a delay found for each voxel."""

REPORTED = {
    "tofts": ("ktrans", "ve", "kep"),
    "extended-tofts": ("ktrans", "vp", "ve", "kep"),
    "patlak": ("ktrans", "vp"),
    "2cum": ("ktrans", "fp", "ps", "vp"),
    "2cxm": ("ktrans", "fp", "ps", "vp", "ve"),
}
"""The parameters whose errors are reported for each model."""


@dataclass(frozen=True)
class Condition:
    """What a group of cases has in common.

    Attributes:
        interval: seconds between frames.
        snr: peak of the noise-free tissue curve over the standard deviation of the noise, both in mM; inf for none.
        delay: seconds by which the blood reaches the tissue after it passes the artery.
        fit_delay: "none" or "voxel", how the fit treated it.
    """

    interval: float
    snr: float
    delay: float
    fit_delay: str


@dataclass(frozen=True)
class ReferenceGrid:
    """The cases: every combination of the values below, under every condition.

    Attributes:
        ktrans: min⁻¹.
        vp, ve: fractions.
        fp: ml/100 ml/min, for the models that have a flow; PS follows from Ktrans = Fp PS / (Fp + PS).
        delays, snrs, intervals: see `Condition`.
        duration: of the series, in seconds.
        voxels: at least this many under each condition with noise: each combination is repeated with other noise.
        base: the condition around which the printed table varies one thing at a time.
        seed: of the noise.
    """

    ktrans: tuple[float, ...] = (0.0005, 0.002, 0.01, 0.05, 0.15, 0.3)
    vp: tuple[float, ...] = (0.005, 0.02, 0.05, 0.1)
    ve: tuple[float, ...] = (0.1, 0.2, 0.35, 0.5)
    fp: tuple[float, ...] = (40.0, 90.0)
    delays: tuple[float, ...] = (0.0, 2.0, 5.0)
    snrs: tuple[float, ...] = (np.inf, 50.0, 20.0, 10.0)
    intervals: tuple[float, ...] = (1.5, 3.0, 5.0, 10.0)
    duration: float = 360.0
    voxels: int = 500
    base: tuple[float, float, float] = (1.5, 20.0, 0.0)
    seed: int = 0

    def times(self, interval: float) -> np.ndarray:
        """Frame times in seconds."""
        return interval * np.arange(int(self.duration / interval) + 1)

    def parameters(self, model: str) -> dict[str, np.ndarray]:
        """The parameters of the model, each shaped (combinations,)."""
        names = [name for name in ("ktrans", "fp", "vp", "ve") if name in (*MODEL_PARAMETERS[model], "ktrans")]
        combinations = np.array(list(itertools.product(*(getattr(self, name) for name in names)))).T
        values = dict(zip(names, combinations, strict=True))
        if "fp" in values:
            flow = values["fp"] / 100
            values["ps"] = flow * values["ktrans"] / (flow - values["ktrans"])
        return values


QUICK = ReferenceGrid(
    ktrans=(0.002, 0.05, 0.2), vp=(0.02, 0.08), ve=(0.2, 0.4), fp=(60.0,), delays=(0.0, 5.0), snrs=(np.inf, 20.0),
    intervals=(1.5, 5.0), duration=240.0, voxels=100,
)  # fmt: skip
"""A small grid that shows the same in a few seconds."""


@dataclass(frozen=True)
class Errors:
    """The errors of one parameter of one model under one condition.

    ``ktrans`` is None when all true Ktrans are pooled; otherwise only cases with that Ktrans (min⁻¹) are in.
    """

    model: str
    condition: Condition
    parameter: str
    agreement: Agreement
    ktrans: float | None = None


@dataclass(frozen=True)
class GridErrors:
    """The outcome of `validate`.

    Attributes:
        grid: what was asked for.
        pooled: errors of every parameter under every condition, all combinations together.
        by_ktrans: errors of Ktrans at the base condition, apart for each true Ktrans.
    """

    grid: ReferenceGrid
    pooled: tuple[Errors, ...]
    by_ktrans: tuple[Errors, ...]

    def select(self, **wanted) -> tuple[Errors, ...]:
        """The pooled errors whose model, parameter or condition has the given values."""
        return tuple(
            errors
            for errors in self.pooled
            if all(getattr(errors.condition, key, getattr(errors, key, None)) == value for key, value in wanted.items())
        )


def validate(
    grid: ReferenceGrid = ReferenceGrid(), models: tuple[str, ...] = tuple(REPORTED), progress: Progress | None = None
) -> GridErrors:
    """Fit reference objects of known parameters and tell how far the fit is from them.

    Each model is fitted to curves of that same model, made by `tissue_concentration` on a grid much finer than the
    frames from an arterial input that is a function of time; the fit sees that input only at the frame times. The
    noise is Gaussian, in the concentration.

    Raises:
        Cancelled: when ``progress`` asks to stop.
    """
    pooled, by_ktrans = [], []
    done, total = 0, len(models) * len(grid.intervals) * len(FIT_DELAYS)
    for model in models:
        truth, samples = _noise_free(grid, model)
        for interval in grid.intervals:
            cases = _noisy(grid, model, interval, truth, samples[interval])
            for fit_delay in FIT_DELAYS:
                advance(progress, done / total, f"{model}, frames of {interval:g} s, delay {fit_delay}")
                done += 1
                fitted = fit(cases.curves, grid.times(interval), cases.plasma, model, delay=fit_delay)
                pooled += _errors(grid, model, interval, fit_delay, cases, fitted)
                by_ktrans += _errors_by_ktrans(grid, model, interval, fit_delay, cases, fitted)
    advance(progress, 1.0, "done")
    return GridErrors(grid, tuple(pooled), tuple(by_ktrans))


@dataclass(frozen=True)
class _Cases:
    """Curves (t, n) with what is true of each, and the sampled arterial input (t,)."""

    curves: np.ndarray
    plasma: np.ndarray
    truth: dict[str, np.ndarray]
    snr: np.ndarray


def _noise_free(grid: ReferenceGrid, model: str) -> tuple[dict[str, np.ndarray], dict[float, np.ndarray]]:
    """True values (n,) of each parameter and of the delay, and the curves (t, n) for each interval."""
    combinations = grid.parameters(model)
    count = combinations["ktrans"].size
    truth = {name: np.tile(values, len(grid.delays)) for name, values in combinations.items()}
    truth["delay"] = np.repeat(grid.delays, count)
    # All temporal resolutions at once: the fine solution is what takes the time.
    moments = [grid.times(interval) for interval in grid.intervals]
    curves = tissue_concentration(
        model,
        {name: truth[name] for name in MODEL_PARAMETERS[model]},
        GaussianBolus(),
        np.concatenate(moments),
        delay=truth["delay"],
    )
    if "ve" in truth and "fp" not in truth:
        truth["kep"] = truth["ktrans"] / truth["ve"]
    pieces = np.split(curves, np.cumsum([len(times) for times in moments])[:-1])
    return truth, dict(zip(grid.intervals, pieces, strict=True))


def _noisy(grid: ReferenceGrid, model: str, interval: float, truth: dict, curves: np.ndarray) -> _Cases:
    """The curves at every noise level, each combination repeated as often as the grid wants where there is noise."""
    combinations = curves.shape[1] // len(grid.delays)
    repeats = -(-grid.voxels // combinations)
    generator = np.random.default_rng([grid.seed, list(REPORTED).index(model), grid.intervals.index(interval)])
    index, snr = [], []
    for level in grid.snrs:
        chosen = np.tile(np.arange(curves.shape[1]), repeats if np.isfinite(level) else 1)
        index.append(chosen)
        snr.append(np.full(len(chosen), level))
    index, snr = np.concatenate(index), np.concatenate(snr)
    clean = curves[:, index]
    noisy = with_gaussian_noise(clean, clean.max(axis=0) / snr, generator)
    plasma = sample_plasma(GaussianBolus(), grid.times(interval))
    return _Cases(noisy.astype(np.float32), plasma, {name: values[index] for name, values in truth.items()}, snr)


def _errors(grid, model, interval, fit_delay, cases: _Cases, fitted) -> list[Errors]:
    names = (*REPORTED[model], "delay") if fit_delay == "voxel" else REPORTED[model]
    limited = _at_limit(model, fitted)
    result = []
    for snr, delay in itertools.product(grid.snrs, grid.delays):
        group = (cases.snr == snr) & (cases.truth["delay"] == delay)
        condition = Condition(interval, snr, delay, fit_delay)
        for name in names:
            statistics = agreement(getattr(fitted, name)[group], cases.truth[name][group], limited[group])
            result.append(Errors(model, condition, name, statistics))
    return result


def _errors_by_ktrans(grid, model, interval, fit_delay, cases: _Cases, fitted) -> list[Errors]:
    base_interval, snr, delay = grid.base
    if interval != base_interval:
        return []
    group = (cases.snr == snr) & (cases.truth["delay"] == delay)
    limited = _at_limit(model, fitted)
    result = []
    for ktrans in grid.ktrans:
        of_value = group & (cases.truth["ktrans"] == ktrans)
        statistics = agreement(fitted.ktrans[of_value], cases.truth["ktrans"][of_value], limited[of_value])
        result.append(Errors(model, Condition(interval, snr, delay, fit_delay), "ktrans", statistics, ktrans))
    return result


def _at_limit(model: str, fitted: ParameterMaps) -> np.ndarray:
    """The cases in which a model with a flow tells no more than a limit: a rate at its end, or more plasma than space.

    A flow beyond what the frames resolve has no upper bound, and a single such case would make up a whole mean.
    """
    if model not in ("2cum", "2cxm"):
        return np.zeros(fitted.flags.shape, bool)
    return (fitted.flags & Flag.RATE_AT_LIMIT > 0) | (fitted.vp > 1)

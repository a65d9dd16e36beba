"""What error to expect with one's own protocol: from noisy signal to ratios, for the tissues of the question."""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from ..kinetics import fit
from ..phantom.reference_objects import (
    MODEL_PARAMETERS,
    GaussianBolus,
    sample_plasma,
    spoiled_gradient_echo,
    tissue_concentration,
    with_rician_noise,
)
from ..progress import Progress, advance, part
from ..signal.baseline import find_baseline
from ..signal.spoiled_gradient_echo import check_relaxivity, concentration_from_signal
from .protocol import SECONDS_AFTER_ARRIVAL, Protocol

LESION_VOXELS, REFERENCE_VOXELS = 100, 300
HYPERPERFUSED = 1.5
"""The ratio at or above which a lesion is read as hyperperfused."""


@dataclass(frozen=True)
class TypicalTissue:
    """A tissue of the clinical question, with values typical of it at 3 T.

    Attributes:
        ktrans: min⁻¹; normal white matter has about 0.45×10⁻³ (doi:10.1002/mrm.70020), the others are round numbers.
        vp, ve: fractions.
        fp: ml/100 ml/min, used by the models that have a flow.
    """

    name: str
    ktrans: float
    vp: float
    ve: float
    fp: float

    def parameters(self, model: str) -> dict[str, float]:
        """The parameters of the tissue as the model wants them."""
        flow = self.fp / 100
        values = {"ktrans": self.ktrans, "vp": self.vp, "ve": self.ve, "fp": self.fp}
        values["ps"] = flow * self.ktrans / (flow - self.ktrans)
        return {name: values[name] for name in MODEL_PARAMETERS[model]}


LESIONS = (
    TypicalTissue("recurrent metastasis", ktrans=0.10, vp=0.05, ve=0.25, fp=60.0),
    TypicalTissue("radiation necrosis", ktrans=0.03, vp=0.012, ve=0.25, fp=20.0),
)
NORMAL = (
    TypicalTissue("grey matter", ktrans=0.0010, vp=0.035, ve=0.20, fp=60.0),
    TypicalTissue("white matter", ktrans=0.0005, vp=0.015, ve=0.20, fp=25.0),
)
REFERENCE = NORMAL[-1]


@dataclass(frozen=True)
class TissueErrors:
    """How single voxels of a tissue are measured.

    Attributes:
        true: true value of the parameter.
        bias: median of the estimates − true.
        low, high: the middle 95% of the estimates.
        failed: voxels without an estimate, of ``voxels``.
    """

    tissue: str
    parameter: str
    true: float
    bias: float
    low: float
    high: float
    failed: int
    voxels: int


@dataclass(frozen=True)
class RatioErrors:
    """How the ratio of the medians of a lesion and of white matter is measured.

    Attributes:
        lesion_voxels, reference_voxels: voxels under the two medians, with independent noise.
        true: ratio of the true values.
        median: of the measured ratio; None where it has no upper bound.
        low, high: the middle 95% of the measured ratio; None where it has no upper bound.
        hyperperfused: share of measurements at or above the threshold of 1.5.
        reference_zero: share of measurements in which the reference's median is zero, so that there is no ratio.
    """

    lesion: str
    ratio: str
    lesion_voxels: int
    reference_voxels: int
    true: float
    median: float | None
    low: float | None
    high: float | None
    hyperperfused: float
    reference_zero: float


@dataclass(frozen=True)
class ProtocolErrors:
    """The outcome of `expected_errors`: the assumptions, single voxels, and ratios.

    ``model`` is what was fitted, ``true_model`` what the curves were made with.
    """

    protocol: Protocol
    snr: float
    model: str
    delay: float
    fit_delay: str
    relaxivity: float
    arrival_time: float
    baseline_frames: tuple[int, int]
    true_model: str
    tissues: tuple[TissueErrors, ...]
    ratios: tuple[RatioErrors, ...]
    notes: tuple[str, ...]


def expected_errors(
    protocol: Protocol,
    snr: float = 20.0,
    model: str = "extended-tofts",
    *,
    delay: float = 0.0,
    fit_delay: str = "none",
    relaxivity: float = 4.5,
    voxels: int = 4000,
    draws: int = 1000,
    seed: int = 0,
    progress: Progress | None = None,
) -> ProtocolErrors:
    """Simulate typical tissues under ``protocol`` and tell what the library would make of them.

    True curves (those of ``model`` if it has a flow, else extended Tofts) become spoiled gradient echo signal with
    Rician noise; the library then finds the baseline, converts and fits. T10 and the arterial input are taken as exact,
    so errors of theirs come on top.

    Args:
        snr: mean baseline signal of the tissue over the standard deviation of the noise in one channel.
        model: what is fitted, as in `kinetics.fit`.
        delay: seconds from the measured artery to the tissue.
        fit_delay: "none", "global" or "voxel", as in `kinetics.fit`.
        relaxivity: r1 in 1/(mM s).
        voxels: simulated for each tissue.
        draws: lesions and references drawn from them for the ratios.
        seed: of the noise.

    Raises:
        InputError: an SNR or a relaxivity that is not positive, a delay beyond the series, an unknown model.
        Cancelled: when ``progress`` asks to stop.
    """
    last = protocol.times[-1] - protocol.arrival_time - SECONDS_AFTER_ARRIVAL
    if not 0 <= delay <= last:
        raise InputError(
            f"The true delay is {delay:g} s; it must lie between 0 and {last:g} s, so that at least "
            f"{SECONDS_AFTER_ARRIVAL:g} s of the series follow the arrival of the bolus in tissue."
        )
    if not snr > 1:
        raise InputError(f"The signal-to-noise ratio is {snr:g}; a protocol needs one above 1, usually 10 to 100.")
    check_relaxivity(relaxivity)
    generator = np.random.default_rng(seed)
    tissues, times, bolus = (*LESIONS, *NORMAL), protocol.times, GaussianBolus(protocol.arrival_time)
    advance(progress, 0.0, "simulating")
    true_model = model if model in ("2cum", "2cxm") else "extended-tofts"
    clean = [
        tissue_concentration(true_model, tissue.parameters(true_model), bolus, times, delay=delay) for tissue in tissues
    ]
    signal = _noisy_signal(np.repeat(np.hstack(clean), voxels, axis=1), protocol, relaxivity, snr, generator)
    baseline = find_baseline(signal[:, None, None, :], times)
    measured = concentration_from_signal(
        signal, baseline.frames, protocol.t10, protocol.repetition_time, protocol.flip_angle, relaxivity
    )
    maps = fit(
        measured.array,
        times,
        sample_plasma(bolus, times),
        model,
        delay=fit_delay,
        progress=part(progress, 0.1, 0.9),
    )
    advance(progress, 0.9, "measuring ratios")
    estimates = {
        name: dict(zip([t.name for t in tissues], getattr(maps, name).reshape(len(tissues), voxels), strict=True))
        for name in ("ktrans", "vp")
        if getattr(maps, name) is not None
    }
    errors = [
        _tissue_errors(tissue, name, values[tissue.name]) for name, values in estimates.items() for tissue in tissues
    ]
    ratios = [
        _ratio_errors(lesion, name, values, draws, generator)
        for name, values in estimates.items()
        for lesion in LESIONS
    ]
    advance(progress, 1.0, "done")
    return ProtocolErrors(
        protocol,
        snr,
        model,
        delay,
        fit_delay,
        relaxivity,
        protocol.arrival_time,
        (baseline.start, baseline.stop),
        true_model,
        tuple(errors),
        tuple(ratios),
        measured.notes,
    )


def _noisy_signal(concentration, protocol: Protocol, relaxivity: float, snr: float, generator) -> np.ndarray:
    physics = {
        "repetition_time": protocol.repetition_time,
        "flip_angle": protocol.flip_angle,
        "t10": protocol.t10,
        "relaxivity": relaxivity,
    }
    # Scaled to a baseline of 1000: the level is the scanner's, only its ratio to the noise matters.
    scale = 1000 / float(spoiled_gradient_echo(np.zeros(()), **physics))
    signal = spoiled_gradient_echo(concentration, **physics, m0=scale)
    return with_rician_noise(signal, 1000 / snr, generator).astype(np.float32)


def _tissue_errors(tissue: TypicalTissue, parameter: str, estimates: np.ndarray) -> TissueErrors:
    valid = estimates[np.isfinite(estimates)]
    true = getattr(tissue, parameter)
    median, low, high = (float(value) for value in np.percentile(valid, (50, 2.5, 97.5)))
    return TissueErrors(
        tissue.name, parameter, true, median - true, low, high, estimates.size - valid.size, estimates.size
    )


def _ratio_errors(lesion: TypicalTissue, parameter: str, estimates: dict, draws: int, generator) -> RatioErrors:
    lesions = _medians(estimates[lesion.name], LESION_VOXELS, draws, generator)
    references = _medians(estimates[REFERENCE.name], REFERENCE_VOXELS, draws, generator)
    bounded = references > 0
    ratio = np.divide(lesions, references, out=np.full(draws, np.inf), where=bounded)
    # Without interpolation, as there may be infinities among them.
    low, median, high = (
        float(value) if np.isfinite(value) else None
        for value in np.percentile(ratio, (2.5, 50, 97.5), method="nearest")
    )
    return RatioErrors(
        lesion.name,
        f"r{parameter}",
        LESION_VOXELS,
        REFERENCE_VOXELS,
        getattr(lesion, parameter) / getattr(REFERENCE, parameter),
        median,
        low,
        high,
        float(np.mean(ratio >= HYPERPERFUSED)),
        float(np.mean(~bounded)),
    )


def _medians(estimates: np.ndarray, count: int, draws: int, generator) -> np.ndarray:
    """Medians of ``count`` voxels drawn at random, for each draw."""
    valid = estimates[np.isfinite(estimates)]
    return np.median(valid[generator.integers(valid.size, size=(draws, count))], axis=1)

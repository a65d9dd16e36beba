"""How good an arterial input is: its measures, and a verdict in one sentence for the radiologist."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import InputError, NoAnswerError
from ..signal.arrival import arrival_time

Verdict = Literal["good", "acceptable", "poor"]

# Plasma peaks after a standard dose lie at about 4 to 12 mM in a large artery (Parker 2006: 10 mM);
# the limits leave room for half doses, slow injections and dispersion.
_LOW_PEAK, _VERY_LOW_PEAK = 2.0, 1.0  # mM
_HIGH_PEAK, _VERY_HIGH_PEAK = 20.0, 40.0  # mM
_WIDE, _VERY_WIDE = 25.0, 60.0  # s
_HIGH_TAIL, _VERY_HIGH_TAIL = 0.5, 0.8  # of the peak
_NOISY, _VERY_NOISY = 0.05, 0.15  # of the peak
_SLOW_FRAMES = 8.0  # s between frames above which the first pass, and so its width, is not resolved
_LATE = 60.0  # s from arrival to peak


@dataclass(frozen=True)
class AifQuality:
    """Measures of an arterial input and what they mean together.

    Attributes:
        verdict: "good", "acceptable" or "poor".
        sentence: why, in words for a radiologist.
        peak: highest plasma concentration, mM.
        time_to_peak: seconds from bolus arrival to the peak.
        width: full width at half maximum, seconds; infinite when the curve never falls to half of its peak.
        area: area under the whole curve from arrival on, mM·s.
        first_pass_area: area from arrival until the curve stops falling after its peak, mM·s.
        tail: mean of the last fifth of the series, divided by the peak.
        baseline_noise: robust standard deviation before arrival, mM; NaN with fewer than three frames before arrival.
        arrival_time: seconds at which the curve leaves the baseline; NaN when it has no baseline.
        voxels: how many voxels were averaged; 0 for a curve that was not measured in the images.
    """

    verdict: Verdict
    sentence: str
    peak: float
    time_to_peak: float
    width: float
    area: float
    first_pass_area: float
    tail: float
    baseline_noise: float
    arrival_time: float
    voxels: int = 0


def judge(times: np.ndarray, plasma_concentration: np.ndarray, voxels: int = 0) -> AifQuality:
    """Measure an arterial input and say how good it is.

    Args:
        times: seconds, shaped (t,), increasing.
        plasma_concentration: mM, shaped (t,), finite.
        voxels: how many voxels were averaged; 0 when the curve was not measured in the images.

    Raises:
        InputError: times and concentrations of different length, fewer than three frames, or values that are not
            numbers.
    """
    times, plasma = np.asarray(times, float), np.asarray(plasma_concentration, float)
    if times.shape != plasma.shape or times.ndim != 1 or times.size < 3:
        raise InputError(
            f"An arterial input of {plasma.size} concentrations at {times.size} times cannot be judged; "
            "it needs one concentration for each of at least three times."
        )
    if not np.all(np.isfinite(plasma)):
        raise InputError("The arterial input holds values that are not numbers, so it cannot be judged.")

    top = int(np.argmax(plasma))
    peak = float(plasma[top])
    arrival = _arrival(times, plasma)
    begin = int(np.searchsorted(times, arrival, side="right")) if np.isfinite(arrival) else 0
    before = plasma[:begin]
    width = full_width_at_half_maximum(times, plasma)
    end = _end_of_first_pass(plasma, top, width)
    noise = 1.4826 * float(np.median(np.abs(before - np.median(before)))) if before.size >= 3 else float("nan")
    first = max(begin - 1, 0)
    tail = float(plasma[-max(plasma.size // 5, 1) :].mean() / peak) if peak > 0 else float("nan")
    time_to_peak = float(times[top] - (arrival if np.isfinite(arrival) else times[0]))
    findings = _findings(times, top, peak, time_to_peak, width, tail, noise)
    verdict, sentence = _verdict(findings, peak, width, voxels)
    return AifQuality(
        verdict=verdict,
        sentence=sentence,
        peak=peak,
        time_to_peak=time_to_peak,
        width=width,
        area=float(np.trapezoid(plasma[first:], times[first:])),
        first_pass_area=float(np.trapezoid(plasma[first : end + 1], times[first : end + 1])),
        tail=tail,
        baseline_noise=noise,
        arrival_time=arrival,
        voxels=voxels,
    )


def full_width_at_half_maximum(times: np.ndarray, curve: np.ndarray) -> float:
    """Seconds between the two crossings of half the peak, linear between frames; infinite when one is missing."""
    top = int(np.argmax(curve))
    half = curve[top] / 2
    if not half > 0:
        return float("inf")
    after = np.flatnonzero(curve[top:] <= half)
    if after.size == 0:
        return float("inf")
    below = np.flatnonzero(curve[:top] <= half)
    right = top + int(after[0])
    # a curve that begins above half of its peak has risen before its first sample
    start = times[0] if below.size == 0 else _crossing(times, curve, int(below[-1]), half)
    return float(_crossing(times, curve, right - 1, half) - start)


def _crossing(times: np.ndarray, curve: np.ndarray, left: int, level: float) -> float:
    fraction = (level - curve[left]) / (curve[left + 1] - curve[left])
    return float(times[left] + fraction * (times[left + 1] - times[left]))


def _arrival(times: np.ndarray, plasma: np.ndarray) -> float:
    try:
        return arrival_time(times, plasma)
    except NoAnswerError:
        return float("nan")


def _end_of_first_pass(plasma: np.ndarray, top: int, width: float) -> int:
    """The frame at which the curve stops falling, looked for once it has fallen to half of its peak."""
    if not np.isfinite(width):
        return plasma.size - 1
    half = top + int(np.flatnonzero(plasma[top:] <= plasma[top] / 2)[0])
    rising = np.flatnonzero(np.diff(plasma[half:]) >= 0)
    return half + int(rising[0]) if rising.size else plasma.size - 1


def _findings(
    times: np.ndarray, top: int, peak: float, time_to_peak: float, width: float, tail: float, noise: float
) -> list[tuple[Verdict, str]]:
    """What speaks against the curve, the gravest first."""
    spacing = float(np.median(np.diff(times)))
    resolved = spacing <= _SLOW_FRAMES
    relative_noise = noise / peak if peak > 0 else float("inf")
    checks: list[tuple[bool, Verdict, str]] = [
        (peak <= 0, "poor", "The curve never rises above zero: this is not an artery"),
        (0 < peak < _VERY_LOW_PEAK, "poor", f"Peak only {peak:.1f} mM: partial volume or a vein is likely"),
        (top == 0, "poor", "The curve is highest in its first frame: the bolus was missed or inflow dominates"),
        (top == times.size - 1, "poor", "The curve is highest in its last frame: this is not an artery"),
        (peak > _VERY_HIGH_PEAK, "poor", f"Peak of {peak:.0f} mM is not possible: inflow or a wrong T1 is likely"),
        (resolved and width > _VERY_WIDE, "poor", f"{_wide(width)}: a vein or tissue is likely"),
        (time_to_peak > _LATE, "poor", f"The curve takes {time_to_peak:.0f} s to its peak: a vein or tissue is likely"),
        (tail > _VERY_HIGH_TAIL, "poor", f"The curve stays at {tail:.0%} of its peak: tissue or a saturated artery"),
        (relative_noise > _VERY_NOISY, "poor", f"Baseline noise is {relative_noise:.0%} of the peak: too noisy"),
        (
            peak < _LOW_PEAK,
            "acceptable",
            f"Peak of {peak:.1f} mM is low: some partial volume, or less than a full dose",
        ),
        (peak > _HIGH_PEAK, "acceptable", f"Peak of {peak:.0f} mM is high: inflow or a wrong T1 may play a part"),
        (
            not resolved,
            "acceptable",
            f"Peak of {peak:.1f} mM, but frames every {spacing:.0f} s are too far apart to follow the first pass",
        ),
        (resolved and width > _WIDE, "acceptable", f"{_wide(width)}: slow injection or late bolus passage"),
        (tail > _HIGH_TAIL, "acceptable", f"The curve stays at {tail:.0%} of its peak: the peak may be saturated"),
        (relative_noise > _NOISY, "acceptable", f"Baseline noise is {relative_noise:.0%} of the peak"),
    ]
    return [(verdict, why) for found, verdict, why in checks if found]


def _wide(width: float) -> str:
    if np.isfinite(width):
        return f"The first pass is {width:.0f} s wide"
    return "The curve never falls to half of its peak"


def _verdict(findings: list[tuple[Verdict, str]], peak: float, width: float, voxels: int) -> tuple[Verdict, str]:
    source = f", from {voxels} voxel{'s' if voxels != 1 else ''}" if voxels else ""
    if findings:
        verdict, why = findings[0]
        return verdict, f"{why}{source}."
    return "good", f"Sharp arterial peak of {peak:.1f} mM, {width:.0f} s wide{source}."

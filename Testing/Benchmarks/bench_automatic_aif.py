"""The automatic arterial input on variants of the digital head, and its speed.

    python Testing/Benchmarks/bench_automatic_aif.py [--variants 50] [--first 0] [--draw 0] [--without-veins]

Each variant has its own bolus (peak 4 to 8 mM, 6 to 14 s wide), signal-to-noise ratio (15 to 60), frame spacing (2 to
8 s), slab and, in turn, motion (up to 2 mm and 1.5 degrees, then undone by the motion correction) and inflow. Voxels
are 2.1 × 2.1 × 3 mm. T10 is measured from images at three flip angles with the same noise. The errors are those of the
plasma curve at the frame times. Another ``--draw`` is the same variants with other noise and motion. With
``--without-veins`` arteries must do alone, as where no vein is thick enough to show how much blood enhances.
"""

import argparse
import time
from dataclasses import dataclass

import numpy as np

from PerfusionRatioLib.aif import selection
from PerfusionRatioLib.aif.automatic import detect_aif
from PerfusionRatioLib.alignment import correct_motion
from PerfusionRatioLib.errors import NoAnswerError
from PerfusionRatioLib.phantom.bolus import Bolus, varied_bolus
from PerfusionRatioLib.phantom.flip_angle_images import make_flip_angle_images
from PerfusionRatioLib.phantom.head import HeadPhantom, HeadVisit, make_head_series
from PerfusionRatioLib.phantom.tissues import Label
from PerfusionRatioLib.series import Grid
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal

IN_PLANE, SLICE = 2.1, 3.0  # mm
SIZE = (100, 110, 24)
DURATION = 160.0  # s
FLIP_ANGLES, TR = (2.0, 5.0, 15.0), 0.005
PEAK_BAR, AREA_BAR = 0.10, 0.05
LATE = 60.0  # s after the arrival
_DRAWN = 1000  # from a seed to that of the next draw


@dataclass(frozen=True)
class Variant:
    """One way to acquire the head."""

    number: int
    bolus: Bolus
    snr: float
    interval: float
    bottom: float
    motion: bool
    inflow: float
    seed: int


def variant(number: int, draw: int = 0) -> Variant:
    """A variant drawn for its number, with the noise and motion of a draw."""
    random = np.random.default_rng(number)
    return Variant(
        number,
        bolus=varied_bolus(number, arrival=32.0),
        snr=random.uniform(15, 60),
        interval=float(random.choice([2, 3, 4, 5, 6, 8])),
        bottom=random.uniform(-55, -40),
        motion=number % 2 == 1,
        inflow=0.3 if number % 4 >= 2 else 0.0,
        seed=number + _DRAWN * draw,
    )


def acquired(what: Variant) -> HeadVisit:
    """The series of a variant, with its truth."""
    grid = Grid(SIZE, (IN_PLANE, IN_PLANE, SLICE), (-104.0, -108.0, what.bottom))
    return make_head_series(
        frames=int(DURATION / what.interval),
        interval=what.interval,
        seed=what.seed,
        snr=what.snr,
        motion=(2.0, 1.5) if what.motion else None,
        phantom=HeadPhantom(bolus=what.bolus),
        grid=grid,
        inflow=what.inflow,
    )


def concentration(head: HeadVisit, what: Variant) -> np.ndarray:
    """Concentrations in the head, mM, after motion correction where there is motion."""
    series, truth = head.series, head.truth
    images = make_flip_angle_images(series.grid, FLIP_ANGLES, truth.noise, what.seed, HeadPhantom(bolus=what.bolus))
    t10 = t1_from_flip_angles(np.stack([image.array for image in images]), FLIP_ANGLES, TR).t10
    if what.motion:
        series = correct_motion(series, reference=0).series  # the first frame lies where the images of T10 do
    before = slice(0, int(np.searchsorted(series.times.value, what.bolus.arrival)))
    inside = series.signal[before].mean(axis=0) > 4 * truth.noise
    return concentration_from_signal(series.signal, before, t10, TR, 15.0, truth.relaxivity, mask=inside).array


def errors(what: Variant) -> tuple[float, float, float]:
    """Print one row; the relative errors of peak, area and late level to peak, NaN when no artery was found."""
    head = acquired(what)
    times, truth = head.series.times.value, head.truth
    row = (
        f"{what.number:3d}{what.bolus.peak:7.1f}{what.bolus.width:7.1f}{what.bolus.arrival:9.1f}{what.interval:6.0f}"
        f"{what.snr:6.0f}{what.bottom:8.0f}{'on' if what.motion else 'off':>8s}{what.inflow:8.1f}"
    )
    try:
        aif = detect_aif(concentration(head, what), times, truth.haematocrit, mask=truth.brain, grid=head.series.grid)
    except NoAnswerError as error:
        print(f"{row}   {error}", flush=True)
        return (float("nan"),) * 3
    peak = aif.plasma_concentration.max() / truth.aif.max() - 1
    area = np.trapezoid(aif.plasma_concentration, times) / np.trapezoid(truth.aif, times) - 1
    passed = times > what.bolus.arrival + LATE
    late = aif.plasma_concentration[passed].mean() / truth.aif[passed].mean() / (1 + peak) - 1
    veins = np.mean(truth.labels[aif.mask] == Label.SINUS)
    filled = truth.fractions["artery"][aif.mask].mean()
    print(
        f"{row}{peak:9.1%}{area:9.1%}{late:9.1%}{aif.mask.sum():8d}{filled:8.0%}{veins:7.0%}  {aif.quality.verdict}",
        flush=True,
    )
    return peak, area, late


def speed() -> None:
    """Print the time a large series takes."""
    times = np.arange(60) * 5.0
    series = np.random.default_rng(0).standard_normal((60, 40, 256, 256), np.float32) * np.float32(0.02)
    bolus = Bolus()
    for start, width, curve in ((60, 3, bolus.arterial(times)), (180, 8, bolus.venous(times))):
        vessel = (slice(None), slice(None), slice(120, 120 + width), slice(start, start + width))
        series[vessel] += np.float32(0.58 * curve)[:, None, None, None]
    start = time.perf_counter()
    copied = series.copy()
    copy = time.perf_counter() - start
    del copied
    start = time.perf_counter()
    detect_aif(series, times, 0.42)
    taken = time.perf_counter() - start
    print(f"256 x 256 x 40 voxels, 60 frames: {taken:.2f} s, {taken / copy:.1f} times a plain copy")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variants", type=int, default=50)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--draw", type=int, default=0)
    parser.add_argument("--without-veins", action="store_true")
    chosen = parser.parse_args()
    if chosen.without_veins:
        selection.find_veins = lambda *_: None
    count = chosen.variants
    print(
        f"{'':3s}{'peak':>7s}{'width':>7s}{'arrival':>9s}{'dt':>6s}{'SNR':>6s}{'bottom':>8s}{'motion':>8s}{'inflow':>8s}"
        f"{'d peak':>9s}{'d area':>9s}{'d late':>9s}{'voxels':>8s}{'filled':>8s}{'veins':>7s}  quality"
    )
    peak, area, late = np.array(
        [errors(variant(number, chosen.draw)) for number in range(chosen.first, chosen.first + count)]
    ).T
    found = np.isfinite(peak)
    print(f"no artery found: {np.sum(~found)} of {count}")
    for name, error, bar in (("peak", peak, PEAK_BAR), ("area", area, AREA_BAR)):
        within = np.sum(np.abs(error) <= bar)
        print(
            f"{name}: within {bar:.0%} in {within} of {count}; median {np.nanmedian(error):+.1%}, "
            f"median size {np.nanmedian(np.abs(error)):.1%}, largest {np.nanmax(np.abs(error)):.1%}"
        )
    root = np.sqrt(np.nanmean(late**2))
    print(f"late level against the peak: mean {np.nanmean(late):+.1%}, root mean square {root:.1%}")
    speed()


if __name__ == "__main__":
    main()

"""Motion correction on the digital head: our Gauss-Newton against SimpleITK's registration, and its speed.

    python Testing/Benchmarks/bench_motion.py [--quick]

The error of a frame is the mean distance, over the brain, between where the head truly went and where it was found. The
head has a bolus under which grey matter becomes brighter than white, noise and a coil of uneven sensitivity. SimpleITK
aligns five frames (before, during and after the bolus) with three levels; mutual information over the whole head
and over the brain, and correlation; the number of samples and the step are those that did best.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk

from PerfusionRatioLib.alignment import correct_motion
from PerfusionRatioLib.brain.brain_mask import find_brain
from PerfusionRatioLib.phantom.head import HeadVisit, make_head_series

MOTIONS = ((0.0, 0.0), (3.0, 3.0), (11.0, 8.0))  # mm, degrees
SIZE, LARGE = (128, 128, 24), (256, 256, 30)
BARS = {SIZE: 10.0, LARGE: 30.0}  # s for 60 frames
ERROR_BAR = 0.15  # mm
REFERENCE = 1
SHARE = 0.1  # of the voxels, for SimpleITK


@dataclass(frozen=True)
class Errors:
    """Of some frames, in millimetres, and the seconds each took."""

    frames: np.ndarray
    bolus: np.ndarray
    seconds: float

    def row(self) -> str:
        worst_in_bolus = self.bolus.max() if self.bolus.size else float("nan")
        return (
            f"{np.mean(self.frames):9.3f}{np.median(self.frames):9.3f}{self.frames.max():9.3f}"
            f"{worst_in_bolus:11.3f}{self.seconds:10.3f}"
        )


def brain_points(visit: HeadVisit) -> np.ndarray:
    """Where voxels of the brain lie in the reference frame, LPS, shaped (n, 3)."""
    home = visit.truth.motion[REFERENCE]
    points = visit.series.grid.positions(np.argwhere(visit.truth.brain)[::37, ::-1])
    return points @ home[:3, :3].T + home[:3, 3]


def judged(
    visit: HeadVisit, frames: list[int], moved: list[Callable[[np.ndarray], np.ndarray]], seconds: float
) -> Errors:
    """The errors of what was found: for each of ``frames`` a function from reference to frame."""
    points, home = brain_points(visit), np.linalg.inv(visit.truth.motion[REFERENCE])
    errors = []
    for frame, found in zip(frames, moved, strict=True):
        truth = visit.truth.motion[frame] @ home
        errors.append(np.linalg.norm(points @ truth[:3, :3].T + truth[:3, 3] - found(points), axis=1).mean())
    since = visit.series.times.value[frames] - visit.truth.bolus.arrival
    return Errors(np.array(errors), np.array(errors)[(since > 0) & (since < 40)], seconds)


def ours(visit: HeadVisit) -> Errors:
    started = time.perf_counter()
    result = correct_motion(visit.series, reference=REFERENCE)
    seconds = (time.perf_counter() - started) / len(visit.series.signal)
    return judged(visit, list(range(len(result.transforms))), [one.moved for one in result.transforms], seconds)


def simpleitk(visit: HeadVisit, metric: str, region: str) -> Errors:
    series, times = visit.series, visit.series.times.value
    arrival = visit.truth.bolus.arrival
    frames = [int(np.argmin(np.abs(times - t))) for t in (arrival - 10, arrival + 8, arrival + 15, arrival + 40, 1e9)]
    mask = find_brain(series.signal[REFERENCE], series.grid) if region == "brain" else None
    fixed = itk(series.signal[REFERENCE], visit)
    started = time.perf_counter()
    found = [registered(fixed, itk(series.signal[n], visit), metric, mask, visit) for n in frames]
    seconds = (time.perf_counter() - started) / len(frames)

    def through(transform: sitk.Transform) -> Callable[[np.ndarray], np.ndarray]:
        return lambda points: np.array([transform.TransformPoint(point) for point in points.tolist()])

    return judged(visit, frames, [through(one) for one in found], seconds)


def itk(array: np.ndarray, visit: HeadVisit) -> sitk.Image:
    image, grid = sitk.GetImageFromArray(array), visit.series.grid
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    return image


def registered(fixed: sitk.Image, moving: sitk.Image, metric: str, mask: np.ndarray | None, visit: HeadVisit):
    """The rigid transform that SimpleITK finds."""
    method = sitk.ImageRegistrationMethod()
    if metric == "mutual information":
        method.SetMetricAsMattesMutualInformation(32)
    else:
        method.SetMetricAsCorrelation()
    if mask is not None:
        method.SetMetricFixedMask(itk(mask.astype(np.uint8), visit))
    method.SetMetricSamplingStrategy(method.RANDOM)
    method.SetMetricSamplingPercentage(SHARE if mask is None else 3 * SHARE, 1)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, 100, relaxationFactor=0.6)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetShrinkFactorsPerLevel([2, 1, 1])
    method.SetSmoothingSigmasPerLevel([4, 2, 1])
    method.SmoothingSigmasAreSpecifiedInPhysicalUnitsOn()
    start = sitk.CenteredTransformInitializer(
        fixed, fixed, sitk.Euler3DTransform(), sitk.CenteredTransformInitializerFilter.GEOMETRY
    )
    method.SetInitialTransform(start, inPlace=True)
    method.Execute(fixed, moving)
    return start


def compare() -> None:
    print(f"{'motion':<12}{'method':<36}{'mean':>9}{'median':>9}{'worst':>9}{'in bolus':>11}{'s/frame':>10}")
    for number, motion in enumerate(MOTIONS):
        visit = make_head_series(size=SIZE, frames=24, interval=8.0, motion=motion if motion[0] else None, seed=number)
        rows = {"Gauss-Newton (this package)": ours(visit)}
        for metric, region in (
            ("mutual information", "head"),
            ("mutual information", "brain"),
            ("correlation", "head"),
        ):
            rows[f"SimpleITK {metric}, {region}"] = simpleitk(visit, metric, region)
        for name, errors in rows.items():
            print(f"{f'{motion[0]:g} mm {motion[1]:g}°':<12}{name:<36}{errors.row()}")


def bars() -> None:
    print(f"\n{'60 frames of':<16}{'seconds':>9}{'bar':>6}{'mean error':>12}{'bar':>6}")
    for size, bar in BARS.items():
        visit = make_head_series(size=size, frames=60, interval=4.0, motion=(2.0, 2.0))
        errors = ours(visit)
        name, error = "×".join(map(str, size)), errors.frames.mean()
        print(f"{name:<16}{60 * errors.seconds:9.1f}{bar:6.0f}{error:12.3f}{ERROR_BAR:6.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="only the speed, without SimpleITK")
    if not parser.parse_args().quick:
        compare()
    bars()

"""Alignment between images of one head on digital patients: error, verdict and time.

    python Testing/Benchmarks/bench_registration.py [PATIENTS]

The post-contrast T1 (1.25 mm, whole head) is aligned with the mean of the dynamic series (1.8 × 1.8 × 4 mm, slabs of 96
to 120 mm, the head 2 mm and 2 degrees away), and the T1 of the follow-up (lesion grown by 60%, pose up to 15 mm and 10
degrees away) with the T1 before. The error is the mean distance over the brain between where a point of the head lies
and where it was found. What must not be called good: the next patient, left and right exchanged, and noise. Seconds are
of one processor.
"""

import sys
import time
from dataclasses import replace

import numpy as np

from PerfusionRatioLib.alignment.registration import Alignment, align
from PerfusionRatioLib.phantom.head import make_head_series
from PerfusionRatioLib.phantom.head_phantom import HeadPhantom
from PerfusionRatioLib.phantom.lesions import SITES, Lesion
from PerfusionRatioLib.phantom.post_contrast import make_post_contrast, t1_grid
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Grid, Volume

BARS = {"T1 with series": 0.5, "follow-up with T1": 0.3}  # mm


def pose(random: np.random.Generator, millimetres: float, degrees: float) -> Rigid:
    directions = random.normal(size=(2, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return Rigid.of(directions[0] * millimetres, directions[1] * degrees)


class Patient:
    """Three images of one head, and where the head lies in each."""

    def __init__(self, number: int):
        random = np.random.default_rng((3, number))
        site = list(SITES)[number % len(SITES)]
        first = Lesion(site, random.uniform(0.5, 5), 0.35 * (number % 2), seed=number)
        grown = replace(first, volume=1.6 * first.volume)
        before, after = (HeadPhantom((lesion,), person=number) for lesion in (first, grown))
        self.t1_pose = pose(random, 4, 4)
        self.dce_pose = pose(random, 2, 2).after(self.t1_pose)
        self.later_pose = pose(random, random.uniform(5, 15), random.uniform(3, 10)).after(self.t1_pose)
        slices = (24, 26, 30)[number % 3]
        slab = Grid((120, 128, slices), (1.8, 1.8, 4.0), (-107.1, -106.3, random.uniform(-45, -25)))
        grid = t1_grid(1.25)
        self.t1 = make_post_contrast(before, grid, self.t1_pose, seed=number).volume
        self.later = make_post_contrast(after, grid, self.later_pose, seed=number + 1000).volume
        series = make_head_series(
            frames=12, interval=25.0, phantom=before, grid=slab, pose=self.dce_pose, seed=number
        ).series
        self.dce = Volume(series.signal.mean(axis=0), slab)


def error(found: Alignment, fixed: Rigid, moving: Rigid) -> float:
    """Mean millimetres over points of the brain."""
    head = np.random.default_rng(0).uniform((-65, -80, -40), (65, 85, 70), (1000, 3))
    return float(np.linalg.norm(found.transform.moved(fixed.moved(head)) - moving.moved(head), axis=1).mean())


def timed(fixed: Volume, moving: Volume) -> tuple[Alignment, float]:
    started = time.process_time()
    return align(fixed, moving), time.process_time() - started


def main(patients: int) -> None:
    errors: dict[str, list[float]] = {name: [] for name in BARS}
    verdicts: dict[str, list[str]] = {}
    seconds = []
    before = Patient(patients)
    for number in range(patients):
        patient = Patient(number)
        pairs = {
            "T1 with series": (patient.dce, patient.t1, patient.dce_pose, patient.t1_pose),
            "follow-up with T1": (patient.later, patient.t1, patient.later_pose, patient.t1_pose),
        }
        for name, (fixed, moving, there, here) in pairs.items():
            found, took = timed(fixed, moving)
            errors[name].append(error(found, there, here))
            seconds.append(took)
            verdicts.setdefault(name, []).append(found.verdict)
            print(f"{number:>3} {name:<20}{errors[name][-1]:7.3f} mm {found.quality:6.3f} {found.verdict}", flush=True)
        noise = np.random.default_rng(number).rayleigh(100, patient.dce.array.shape).astype(np.float32)
        for name, fixed, moving in (
            ("next patient's T1", patient.t1, before.t1),
            ("next patient's series", patient.t1, before.dce),
            ("left and right exchanged", patient.later, replace(patient.t1, array=patient.t1.array[:, :, ::-1])),
            ("noise", patient.t1, replace(patient.dce, array=noise)),
        ):
            verdicts.setdefault(name, []).append(align(fixed, moving).verdict)
        before = patient
    for name, found in errors.items():
        print(f"{name:<26}mean {np.mean(found):.3f} mm, worst {np.max(found):.3f} mm (bar {BARS[name]} mm)")
    for name, found in verdicts.items():
        print(f"{name:<26}" + ", ".join(f"{found.count(one)} {one}" for one in ("good", "doubtful", "poor")))
    print(f"seconds: median {np.median(seconds):.1f}, longest {np.max(seconds):.1f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)

"""How often the 95% intervals of rKtrans and rVp hold the truth, and what each step of the chain costs.

    python Testing/Benchmarks/bench_coverage.py [--patients 200] [--chains 60] [--first 0]

Each patient is a head with one lesion (0.8 to 10 cc, solid, hyperperfused, leaky or without perfusion, of all sites),
imaged as 96 x 108 x 30 voxels and 60 frames of 5 s, SNR 25 to 60. The truth is the ratio of the medians of the true
maps over the true regions: the lesion's voxels, and 60 to 250 voxels of white matter opposite. First with the true
masks of unmixed voxels, the true T1 and the true arterial input; then, for the first ``--chains`` patients, one step
after the other as a patient's data go: voxels that the lesion fills by half, T1 from three flip angles, the automatic
arterial input, and the lesion from one seed with the reference that is found, aligned from the T1. From the second
step on the intervals are those of a patient (``ratio.doubts``), but for the late level of an input that is known. A
ratio whose reference cannot be told from zero has no upper limit; how often is told.
"""

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from PerfusionRatioLib.alignment.registration import align
from PerfusionRatioLib.brain.coarse_brain import coarse_brain
from PerfusionRatioLib.comparison.fitted_visit import FittedVisit
from PerfusionRatioLib.comparison.inputs import ComparedVisit, LesionMark
from PerfusionRatioLib.comparison.lesion_at_visit import measure_lesion_at_visit, outline
from PerfusionRatioLib.comparison.result import VisitResult
from PerfusionRatioLib.errors import PerfusionRatioError
from PerfusionRatioLib.kinetics import fit
from PerfusionRatioLib.phantom.bolus import varied_bolus
from PerfusionRatioLib.phantom.flip_angle_images import make_flip_angle_images
from PerfusionRatioLib.phantom.head import HeadPhantom, HeadTruth, HeadVisit, make_head_series
from PerfusionRatioLib.phantom.lesions import SITES, Lesion
from PerfusionRatioLib.phantom.post_contrast import make_post_contrast, t1_grid
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioLib.ratio.doubts import NONE, PATIENT
from PerfusionRatioLib.ratio.measure import measure_ratios
from PerfusionRatioLib.ratio.measurement import RatioFlag, Ratios
from PerfusionRatioLib.series import Volume
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.visit import Visit, find_arterial_input
from PerfusionRatioLib.visit_preparation import prepare_visit
from PerfusionRatioLib.visit_settings import VisitSettings

SIZE, FRAMES = (96, 108, 30), 60
STILL = VisitSettings(motion=False)
PURE = 0.95
FEWEST_PURE = 5
STEPS = ("true masks, T1 and input", "partial volume", "T1 mapped", "automatic input", "automatic regions")
KINETICS = (  # ktrans, vp, ve, t10: recurrent, leaky, without perfusion
    lambda random: (random.uniform(0.04, 0.15), random.uniform(0.03, 0.07), random.uniform(0.25, 0.4), 1.4),
    lambda random: (random.uniform(0.01, 0.03), random.uniform(0.008, 0.02), random.uniform(0.2, 0.3), 1.3),
    lambda random: (random.uniform(0.0002, 0.0006), random.uniform(0.006, 0.012), 0.3, 0.5),
)


@dataclass(frozen=True)
class Result:
    """One interval and the truth."""

    step: str
    parameter: str
    truth: float
    ratio: float
    low: float
    high: float
    near_zero: bool

    @property
    def covered(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


def patient(seed: int) -> tuple[HeadPhantom, HeadVisit, float]:
    """A head with one lesion and its series, drawn by the seed, and the SNR."""
    random = np.random.default_rng(seed)
    ktrans, vp, ve, t10 = KINETICS[seed % 3](random)
    sites = [site for site in SITES if "midline" not in site]
    lesion = Lesion(
        sites[random.integers(len(sites))], float(np.exp(random.uniform(np.log(0.8), np.log(10)))), 0.0,
        ktrans, vp, ve, t10, seed=seed,
    )  # fmt: skip
    phantom = HeadPhantom(lesions=(lesion,), bolus=varied_bolus(seed), person=seed)
    snr = random.uniform(25, 60)
    return phantom, make_head_series(SIZE, FRAMES, 5.0, seed, snr, phantom=phantom), snr


def true_reference(truth: HeadTruth, lesion: np.ndarray, spacing: tuple[float, float, float], seed: int) -> np.ndarray:
    """Unmixed white matter nearest to the mirror image of the lesion, 60 to 250 voxels."""
    white = np.argwhere(truth.fractions["white"] > PURE)
    centre = np.argwhere(lesion).mean(axis=0)
    centre[2] = lesion.shape[2] - 1 - centre[2]
    distance = np.linalg.norm((white - centre) * spacing[::-1], axis=1)
    chosen = white[np.argsort(distance)[: np.random.default_rng((seed, 1)).integers(60, 250)]]
    mask = np.zeros(lesion.shape, bool)
    mask[tuple(chosen.T)] = True
    return mask & ~lesion


def results_of(seed: int, chain: bool) -> list[Result]:
    """The intervals of one patient, step after step."""
    phantom, made, snr = patient(seed)
    truth, series = made.truth, made.series
    share = truth.fractions["lesion 1"]
    pure, half = share > PURE, share >= 0.5
    if np.count_nonzero(pure) < FEWEST_PURE:
        return []
    reference = true_reference(truth, half, series.grid.spacing, seed)
    known_t10 = np.nan_to_num(truth.t10, nan=1.4)
    prepared = prepare_visit(series, STILL, t10=known_t10)
    found = measure_ratios(prepared, truth.aif, pure, reference, doubts=NONE)
    results = _results(STEPS[0], truth, (pure, reference), found)
    if not chain:
        return results
    known = {"filled": share, "doubts": replace(PATIENT, late_level=0.0)}
    found = measure_ratios(prepared, truth.aif, half, reference, **known)
    results += _results(STEPS[1], truth, (half, reference), found)
    images = make_flip_angle_images(series.grid, noise=truth.noise / 2, seed=seed, phantom=phantom)
    mapped = t1_from_flip_angles(np.stack([image.array for image in images]), (2.0, 5.0, 15.0), (0.005,) * 3).t10
    prepared = prepare_visit(series, STILL, t10=mapped)
    found = measure_ratios(prepared, truth.aif, half, reference, **known)
    results += _results(STEPS[2], truth, (half, reference), found)
    try:
        aif = find_arterial_input(prepared)
        found = measure_ratios(prepared, aif.plasma_concentration, half, reference, filled=share)
        results += _results(STEPS[3], truth, (half, reference), found)
        visit = Visit(
            prepared, aif, fit(prepared.concentration, prepared.times, aif.plasma_concentration, mask=prepared.mask)
        )
        results += _automatic(seed, phantom, snr, made, visit, half)
    except PerfusionRatioError as error:
        print(f"patient {seed}: {error}", flush=True)
    return results


def _automatic(
    seed: int, phantom: HeadPhantom, snr: float, made: HeadVisit, visit: Visit, half: np.ndarray
) -> list[Result]:
    """Lesion and reference found on a post-contrast T1; the truth is that of the true lesion and this reference."""
    t1 = make_post_contrast(phantom, t1_grid(1.5), snr=snr, seed=seed)
    anatomy = Volume(visit.prepared.before, made.series.grid)
    aligned = align(anatomy, t1.volume, fixed_mask=visit.prepared.mask)
    given = ComparedVisit(made.series, t1.volume, STILL)
    fitted = FittedVisit(VisitResult("pre", None, visit, t1.volume, aligned), given, coarse_brain(t1.volume))
    inside = np.argwhere(t1.lesions[0])
    click = t1.volume.grid.positions(inside[len(inside) // 2][::-1])[None]
    segmentation = outline(fitted, LesionMark(seeds=click))
    none = np.zeros(t1.volume.grid.shape, bool)
    found = measure_lesion_at_visit(fitted, segmentation, none, Criteria())
    return _results(STEPS[4], made.truth, (half, found.reference), found.ratios)


def _results(step: str, truth: HeadTruth, regions: tuple[np.ndarray, np.ndarray], found: Ratios) -> list[Result]:
    results = []
    for name in ("ktrans", "vp"):
        values, measured = getattr(truth, name), found.of(name)
        true = float(np.median(values[regions[0]]) / np.median(values[regions[1]]))
        near_zero = RatioFlag.REFERENCE_NEAR_ZERO in measured.flags
        results.append(Result(step, name, true, measured.ratio, measured.ci_low, measured.ci_high, near_zero))
    return results


def _work(job: tuple[int, bool]) -> list[Result]:
    return results_of(*job)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--chains", type=int, default=60, help="patients that go through all steps")
    parser.add_argument("--first", type=int, default=0, help="seed of the first patient")
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args()
    start, results, measured, seed = time.perf_counter(), [], 0, chosen.first
    with ProcessPoolExecutor(chosen.processes) as pool:
        while measured < chosen.patients:  # lesions with too few unmixed voxels are passed over
            count = min(chosen.patients - measured, 20)
            for done in pool.map(_work, [(s, measured + s - seed < chosen.chains) for s in range(seed, seed + count)]):
                measured += bool(done)
                results += done
            seed += count
            print(f"{measured} patients, {time.perf_counter() - start:.0f} s", flush=True)
    _print(results)


def _print(results: list[Result]) -> None:
    print("\n| step | parameter | patients | truth inside (%) | too low | too high | half width (%) | no upper limit |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for step in STEPS:
        for name, title in (("ktrans", "rKtrans"), ("vp", "rVp")):
            of = [item for item in results if (item.step, item.parameter) == (step, name)]
            if not of:
                continue
            bounded = [item for item in of if np.isfinite(item.high) and item.ratio > 0]
            widths = [(item.high - item.low) / (2 * item.ratio) for item in bounded]
            inside = 100 * np.mean([item.covered for item in of])
            low, high = sum(item.high < item.truth for item in of), sum(item.low > item.truth for item in of)
            width = 100 * np.median(widths)
            zero = sum(item.near_zero for item in of)
            print(f"| {step} | {title} | {len(of)} | {inside:.1f} | {low} | {high} | {width:.0f} | {zero} |")


if __name__ == "__main__":
    _main()

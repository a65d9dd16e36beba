"""The fit: voxels a second for each model, against SciPy, a linear least squares and a plain copy, in one run.

python Testing/Benchmarks/bench_kinetics.py [voxels]

Every figure is the median of some runs; ratios are to the runs beside them, as machines vary. Peak memory is that of
the process above what it held before the fit, as the operating system counts it.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from scipy.optimize import curve_fit

from PerfusionRatioLib import kinetics
from PerfusionRatioLib.kinetics.convolution import exponential_convolution

FRAMES, INTERVAL, NOISE = 60, 5.0, 0.01
MODELS = ("extended-tofts", "tofts", "patlak", "auto", "2cum", "2cxm")
SCALES = (10_000, 100_000, 1_000_000, 4_000_000)
SCIPY_VOXELS = 100


def arterial_input(times: np.ndarray) -> np.ndarray:
    """A plasma curve in mM with a sharp first pass and a slow tail."""
    s = np.maximum(times - 30, 0) / 60
    tail = 1.2 * np.exp(-0.12 * s) / (1 + np.exp(-30 * (s - 0.4)))
    return np.where(s > 0, 5 * np.exp(-(((s - 0.2) / 0.08) ** 2)) + tail, 0.0)


def curves(voxels: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Times, arterial input, noisy extended Tofts curves (frames, voxels) float32, and their Ktrans."""
    random = np.random.default_rng(0)
    times = np.arange(FRAMES) * INTERVAL
    aif = arterial_input(times)
    ktrans, vp = random.uniform(0, 0.3, voxels), random.uniform(0, 0.1, voxels)
    kep = ktrans / random.uniform(0.1, 0.6, voxels)
    data = np.empty((FRAMES, voxels), np.float32)
    for start in range(0, voxels, 50_000):
        part = slice(start, start + 50_000)
        data[:, part] = exponential_convolution(kep[part], times / 60, aif) * ktrans[part] + np.outer(aif, vp[part])
        data[:, part] += random.normal(0, NOISE, data[:, part].shape)
    return times, aif, data, ktrans


def linear(data: np.ndarray, times: np.ndarray, aif: np.ndarray) -> np.ndarray:
    """Ktrans by Murase's linear equation (2004, MRM 51:858): three regressors, one of them the data's own integral."""
    minutes = times / 60
    integral = np.concatenate([[0], np.cumsum(0.5 * (aif[1:] + aif[:-1]) * np.diff(minutes))])
    weights = np.zeros((FRAMES, FRAMES), np.float32)
    for frame in range(1, FRAMES):
        weights[frame, :frame] += 0.5 * np.diff(minutes)[:frame]
        weights[frame, 1 : frame + 1] += 0.5 * np.diff(minutes)[:frame]
    ktrans = np.empty(data.shape[1])
    for start in range(0, data.shape[1], 20_000):
        y = data[:, start : start + 20_000]
        own = -(weights @ y)
        fixed = np.stack([integral, aif], 1).astype(np.float32)
        normal = np.empty((y.shape[1], 3, 3))
        normal[:, :2, :2] = fixed.T @ fixed
        normal[:, 2, :2] = normal[:, :2, 2] = own.T @ fixed
        normal[:, 2, 2] = (own * own).sum(0)
        right = np.column_stack([y.T @ fixed, (own * y).sum(0)])
        first, kep, vp = np.linalg.solve(normal, right[:, :, None])[:, [0, 2, 1], 0].T
        ktrans[start : start + 20_000] = first - kep * vp
    return ktrans


def by_scipy(data: np.ndarray, times: np.ndarray, aif: np.ndarray) -> None:
    """Extended Tofts by `curve_fit`, voxel by voxel, with the same exact convolution."""

    def model(minutes, ktrans, kep, vp):
        return ktrans * exponential_convolution(kep, minutes, aif)[:, 0] + vp * aif

    for voxel in range(data.shape[1]):
        curve_fit(model, times / 60, data[:, voxel], (0.1, 0.5, 0.02), bounds=([0, 1e-3, 0], [5, 10, 1]))


def seconds(work: Callable[[], object], runs: int = 3) -> float:
    """Median time of some runs."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return float(np.median(taken))


def models_table(voxels: int) -> None:
    """Voxels a second for each model, and the yardsticks."""
    times, aif, data, truth = curves(voxels)
    copy = seconds(data.copy)
    print(f"{voxels:,} voxels, {FRAMES} frames, float32")
    print(f"{'':34s}{'voxels/s':>12s}{'copies':>9s}")
    print(f"{'plain copy of the array':34s}{voxels / copy:12,.0f}{1:9.1f}")
    for model in MODELS:
        count = voxels if model in ("extended-tofts", "tofts", "patlak") else min(voxels, 100_000)
        part = np.ascontiguousarray(data[:, :count])
        for errors in (False, True):
            taken = seconds(lambda m=model, p=part, e=errors: kinetics.fit(p, times, aif, m, standard_errors=e))
            name = model + (" with standard errors" if errors else "")
            print(f"{name:34s}{count / taken:12,.0f}{taken / copy * voxels / count:9.1f}")
    part = np.ascontiguousarray(data[:, : min(voxels, 100_000)])
    taken = seconds(lambda: kinetics.fit(part, times, aif, delay="voxel"), 1)
    print(f"{'extended-tofts, delay by voxel':34s}{part.shape[1] / taken:12,.0f}")
    taken = seconds(lambda: linear(data, times, aif))
    print(f"{'linear least squares':34s}{voxels / taken:12,.0f}{taken / copy:9.1f}")
    taken = seconds(lambda: by_scipy(data[:, :SCIPY_VOXELS], times, aif), 1)
    print(f"{'scipy curve_fit':34s}{SCIPY_VOXELS / taken:12,.0f}")
    ours = kinetics.fit(data, times, aif).ktrans
    for name, found in (("extended-tofts", ours), ("linear least squares", linear(data, times, aif))):
        print(f"median absolute error of Ktrans, {name}: {np.median(np.abs(found - truth)):.5f} /min")


def scaling_row(voxels: int) -> None:
    """Time and memory of one size, in a process of its own."""
    times, aif, data, _ = curves(voxels)
    kinetics.fit(data[:, :5000], times, aif)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    kinetics.fit(data, times, aif)
    taken = time.perf_counter() - start
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    print(f"{voxels:12,d}{voxels / taken:14,.0f}{more / data.nbytes:22.2f}")


def main() -> None:
    """Print both tables."""
    if sys.argv[1:2] == ["--one-size"]:
        scaling_row(int(sys.argv[2]))
        return
    voxels = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    models_table(voxels)
    print(f"\nextended-tofts\n{'voxels':>12s}{'voxels/s':>14s}{'more memory / data':>22s}", flush=True)
    for size in SCALES:
        if size <= 4 * voxels:
            subprocess.run([sys.executable, __file__, "--one-size", str(size)], check=True)


if __name__ == "__main__":
    main()

"""Signal to concentration, T1 mapping and the search for the baseline, against a plain copy of the same array."""

import time
from collections.abc import Callable

import numpy as np

from PerfusionRatioLib.signal.baseline import find_baseline
from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal, spgr_signal

VOXELS, FRAMES, REPEATS = 1_000_000, 60, 5
ANGLES, TR = (2.0, 5.0, 12.0), 0.0054


def seconds(work: Callable[[], object]) -> float:
    """The shortest of some runs."""
    taken = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def textbook(signal: np.ndarray, t10: np.ndarray) -> np.ndarray:
    """The same conversion as one writes it down."""
    cosine = np.cos(np.deg2rad(15))
    e10 = np.exp(-0.005 / t10)
    y = signal / signal[:6].mean(axis=0) * (1 - e10) / (1 - cosine * e10)
    return (-np.log((1 - y) / (1 - cosine * y)) / 0.005 - 1 / t10) / 4.5


def main() -> None:
    """Print the table."""
    random = np.random.default_rng(0)
    t10 = random.uniform(0.8, 2, VOXELS).astype(np.float32)
    concentration = random.uniform(0, 2, (FRAMES, VOXELS)).astype(np.float32)
    concentration[:6] = 0
    signal = spgr_signal(1 / t10 + 4.5 * concentration, 0.005, 15, 1000).astype(np.float32)
    images = np.stack([spgr_signal(1 / t10, TR, angle, 1000) for angle in ANGLES])
    images += random.normal(0, images.max() / 50, images.shape)
    times = np.arange(FRAMES) * 5.0

    copy = seconds(signal.copy)
    rows = {
        "plain copy": copy,
        "signal to concentration": seconds(lambda: concentration_from_signal(signal, slice(0, 6), t10, 0.005, 15, 4.5)),
        "the same, in place of the signal": seconds(
            lambda: concentration_from_signal(copied := signal.copy(), slice(0, 6), t10, 0.005, 15, 4.5, out=copied)
        )
        - copy,
        "the same, as one writes it down": seconds(lambda: textbook(signal, t10)),
        "search for the baseline": seconds(lambda: find_baseline(signal, times)),
        "T1 from three flip angles": seconds(lambda: t1_from_flip_angles(images, ANGLES, TR)),
    }
    print(f"{VOXELS:,} voxels, {FRAMES} frames, float32; the shortest of {REPEATS} runs")
    print(f"{'':34s}{'seconds':>9s}{'copies':>9s}")
    for name, taken in rows.items():
        print(f"{name:34s}{taken:9.3f}{taken / copy:9.1f}")


if __name__ == "__main__":
    main()

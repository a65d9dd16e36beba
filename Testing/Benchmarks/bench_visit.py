"""Time and peak memory of one visit, stage by stage: 256 x 256 x 40 voxels, 60 frames, with a brain mask.

    python Testing/Benchmarks/bench_visit.py [--motion]

The series is the digital head sampled on that grid. Memory is that of the process, above what it held when only the
series and its masks were there, relative to the series (float32).
"""

import argparse
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from PerfusionRatioLib.kinetics import fit
from PerfusionRatioLib.phantom.head import make_head_series
from PerfusionRatioLib.visit import find_arterial_input
from PerfusionRatioLib.visit_preparation import prepare_visit
from PerfusionRatioLib.visit_settings import VisitSettings

SHAPE = (40, 256, 256)
FRAMES = 60
PAGE = os.sysconf("SC_PAGE_SIZE")


class Meter:
    """Wall time of each stage, and the largest resident memory meanwhile, looked at every 5 ms."""

    def __init__(self):
        self.rows: list[tuple[str, float]] = []
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stage(self, name, work):
        start = time.perf_counter()
        result = work()
        self.rows.append((name, time.perf_counter() - start))
        return result

    def stop(self):
        self._done.set()
        self._thread.join()

    def _watch(self):
        while not self._done.wait(0.005):
            self.peak = max(self.peak, resident())


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def large_head():
    """Series, T10 and brain mask of the digital head, its nearest voxels on the large grid."""
    head = make_head_series(frames=FRAMES)
    rows = [np.linspace(0, n - 1, m).round().astype(int) for n, m in zip(head.series.grid.shape, SHAPE, strict=True)]
    chosen = np.ix_(*rows)
    signal = np.empty((FRAMES, *SHAPE), np.float32)
    for frame, values in zip(signal, head.series.signal, strict=True):
        frame[:] = values[chosen]
    extent = np.multiply(head.series.grid.size, head.series.grid.spacing)
    grid = replace(head.series.grid, size=SHAPE[::-1], spacing=tuple(extent / SHAPE[::-1]))
    return replace(head.series, signal=signal, grid=grid), head.truth.t10[chosen], head.truth.brain[chosen]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--motion", action="store_true", help="also align the frames")
    arguments = parser.parse_args()
    series, t10, brain = large_head()
    settings = VisitSettings(motion=arguments.motion)
    before = resident()
    copied = time.perf_counter()
    series.signal.copy()
    copied = time.perf_counter() - copied

    meter = Meter()
    prepared = meter.stage(
        "motion, conversion" if arguments.motion else "conversion",
        lambda: prepare_visit(series, settings, t10=t10, mask=brain),
    )
    aif = meter.stage("arterial input", lambda: find_arterial_input(prepared))
    meter.stage(
        "extended Tofts",
        lambda: fit(prepared.concentration, prepared.times, aif.plasma_concentration, mask=prepared.mask),
    )
    meter.stop()

    total = sum(seconds for _, seconds in meter.rows)
    voxels = np.count_nonzero(brain)
    print(f"{FRAMES} frames of {' x '.join(map(str, SHAPE[::-1]))} voxels, {voxels} in the brain")
    for name, seconds in [*meter.rows, ("signal to maps", total), ("a copy of the series", copied)]:
        print(f"{name:<22}{seconds:8.2f} s")
    peak = 1 + (meter.peak - before) / series.signal.nbytes
    print(f"{'peak memory':<22}{peak:8.2f} x the series")


if __name__ == "__main__":
    main()

"""Reading a DICOM series of 1,440 files of 256×256, against merely reading the bytes of the files.

Usage: python Testing/Benchmarks/bench_reading.py [--frames 60] [--slices 24] [--size 256]
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PerfusionRatioLib.reading import read_dce
from Testing.Library.dicom_files import write_series

REPEATS = 5
PRIVATE_ELEMENTS = 150


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--slices", type=int, default=24)
    parser.add_argument("--size", type=int, default=256)
    arguments = parser.parse_args()
    shape = (arguments.frames, arguments.slices, arguments.size, arguments.size)
    with tempfile.TemporaryDirectory() as folder:
        signal = np.random.default_rng(0).integers(1, 4000, shape, dtype=np.uint16)
        paths = write_series(Path(folder), signal, edit=_with_private_elements)
        size = sum(path.stat().st_size for path in paths)
        print(f"{len(paths)} files of {arguments.size} x {arguments.size}, {size / 1e6:.0f} MB, best of {REPEATS} warm")
        bytes_time = _best(lambda: [path.read_bytes() for path in paths])
        series_time = _best(lambda: read_dce(folder))
        assert np.array_equal(read_dce(folder).signal[-1], signal[-1])
    print(f"{'what':<24}{'seconds':>10}{'files/s':>12}{'ratio':>9}")
    for what, seconds in (("bytes of the files", bytes_time), ("read_dce", series_time)):
        print(f"{what:<24}{seconds:>10.3f}{len(paths) / seconds:>12.0f}{seconds / bytes_time:>9.1f}")


def _with_private_elements(dataset, t, k) -> None:
    """Fill the header as scanners do: private elements before and, most of them, behind what a reader needs."""
    for group, count in ((0x0019, PRIVATE_ELEMENTS // 3), (0x2005, 2 * PRIVATE_ELEMENTS // 3)):
        block = dataset.private_block(group, "VENDOR HEADER", create=True)
        for element in range(count):
            block.add_new(element, "DS", f"{element * 1.5:.6f}")


def _best(work) -> float:
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()

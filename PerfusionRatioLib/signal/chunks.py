"""Work on many voxels in pieces that fit the processor's cache, on several threads."""

import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TypeVar

from ..progress import Progress, advance

Result = TypeVar("Result")


def map_chunks(
    work: Callable[[slice], Result], voxels: int, size: int, progress: Progress | None, what: str
) -> list[Result]:
    """``work(slice)`` for consecutive slices of ``size`` voxels, on all cores; the results in order.

    NumPy lets go of the interpreter while it computes, so plain threads suffice and nothing is copied.

    Raises:
        Cancelled: when the callback answers False; work already begun is waited for, the rest is not begun.
    """
    chunks = [slice(start, min(start + size, voxels)) for start in range(0, voxels, size)]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, 8)) as pool:
        futures = [pool.submit(work, chunk) for chunk in chunks]
        try:
            pending = set(futures)
            while pending:
                done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED if progress else "ALL_COMPLETED")
                advance(progress, 1 - len(pending) / len(chunks), what)
                for future in done:
                    future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [future.result() for future in futures]

"""Matrix products in pieces small enough for BLAS to stay on the calling thread.

The fit runs its own threads over chunks of voxels; a BLAS that starts more of them under each costs three times the
time. Its libraries all decide by the size of the product, so a stack of small products is the portable way to say so.
"""

import numpy as np

_ONE_THREAD = 200_000
"""Multiplications below which OpenBLAS uses a single thread (it begins at 4 · 65,536)."""


def product(matrix: np.ndarray, table: np.ndarray) -> np.ndarray:
    """``matrix @ table`` for (n, p) and (p, q), on the calling thread."""
    count, inner = matrix.shape
    rows = max(_ONE_THREAD // (inner * table.shape[1]), 1)
    whole = count // rows * rows
    result = np.empty((count, table.shape[1]), np.result_type(matrix, table))
    stack = matrix[:whole].reshape(-1, rows, inner)
    np.matmul(stack, table, out=result[:whole].reshape(-1, rows, table.shape[1]))
    np.matmul(matrix[whole:], table, out=result[whole:])
    return result

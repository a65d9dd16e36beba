"""How the contrast of an image may change, from one block of the head to the next, without anything having moved."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

DEGREE = 2
"""Of the polynomial that takes old brightness to new: enough to make grey matter brighter than white."""
STIFFNESS = 0.5
"""Weight of the belief that brightness does not matter, in points a block."""
FAINT = 0.05
"""Least spread of brightness in a block, relative to the mean brightness, that is worth anything."""


@dataclass(frozen=True)
class LocalContrast:
    """In every block of space, an image is a polynomial of the template's brightness, whatever the polynomial.

    Contrast medium changes fluid, grey matter, white matter and vessels by different amounts and may turn their order
    round, but nearby voxels of one brightness change alike; so does the coil's sensitivity change little in a block.

    Attributes:
        starts: of each block, the first of its points; points of a block follow each other.
        block: of each point, its block, shaped (n,).
        powers: of each point, 1, u, u², u³, ... of its brightness u, standardised in its block, shaped
            (n, 2 * DEGREE + 1); the first DEGREE + 1 make the polynomial, all of them its normal equations.
        slopes: the derivatives of the polynomial's powers by the template's value, shaped (n, DEGREE + 1).
        basis: the polynomial's powers, each block's in columns of its own, so sparse, shaped
            (n, blocks * (DEGREE + 1)).
    """

    starts: np.ndarray
    block: np.ndarray
    powers: np.ndarray
    slopes: np.ndarray
    basis: sparse.csr_array

    @staticmethod
    def of(values: np.ndarray, block: np.ndarray) -> "LocalContrast":
        """The model for points with ``values`` whose blocks are numbered from 0 in ascending order."""
        starts = np.searchsorted(block, np.arange(block[-1] + 1))
        counts = np.diff(np.append(starts, len(block)))
        middle = np.add.reduceat(values, starts) / counts
        spread = np.sqrt(np.add.reduceat((values - middle[block]) ** 2, starts) / counts)
        spread += FAINT * np.abs(values).mean() + 1e-30
        bright = (values - middle[block]) / spread[block]
        order = np.arange(DEGREE + 1)
        powers = bright[:, None] ** np.arange(2 * DEGREE + 1)
        slopes = order * bright[:, None] ** np.maximum(order - 1, 0) / spread[block][:, None]
        columns, rows = block[:, None] * len(order) + order, np.arange(len(block) + 1) * len(order)
        basis = sparse.csr_array((powers[:, : DEGREE + 1].ravel(), columns.ravel(), rows))
        return LocalContrast(starts, block, powers, slopes, basis)

    def fitted(self, images: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The polynomials that come nearest to ``images`` (n, m), shaped (blocks, DEGREE + 1, m), and their values."""
        order = np.arange(DEGREE + 1)
        normal = np.add.reduceat(weights[:, None] * self.powers, self.starts)[:, order[:, None] + order]
        ridge = np.full(DEGREE + 1, STIFFNESS)
        ridge[0] = 1e-6  # the level of a block is free; the trifle stands for blocks without weight
        normal[:, order, order] += ridge
        sums = (self.basis.T @ (weights[:, None] * images)).reshape(len(normal), DEGREE + 1, -1)
        polynomials = np.linalg.solve(normal, sums)
        return polynomials, self.basis @ polynomials.reshape(self.basis.shape[1], -1)

    def slope(self, polynomials: np.ndarray) -> np.ndarray:
        """How much brighter an image gets where the template does, shaped (n,), given (blocks, DEGREE + 1)."""
        return np.einsum("np,np->n", self.slopes, polynomials[self.block])


def blocks(positions: np.ndarray, size: float) -> tuple[np.ndarray, np.ndarray]:
    """An order that brings positions (n, 3) of one cube of ``size`` mm together, and their cubes, numbered in it."""
    cubes = np.floor((positions - positions.min(axis=0)) / size).astype(int)
    number = np.unique(cubes, axis=0, return_inverse=True)[1].ravel()
    order = np.argsort(number, kind="stable")
    return order, number[order]

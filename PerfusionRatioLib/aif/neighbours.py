"""What the voxels around a candidate say about it."""

import numpy as np
from scipy.spatial import cKDTree

_REACH = 1.8  # voxels: the 26 around a voxel
_ALIKE = 0.15  # relative difference up to which two areas are alike


class Neighbours:
    """The candidates among the 26 voxels around each candidate.

    Args:
        index: (k, j, i) of the candidates, shaped (n, 3).
        among: which of them count, bool shaped (n,).
    """

    def __init__(self, index: np.ndarray, among: np.ndarray):
        members = np.flatnonzero(among)
        pairs = cKDTree(index[members]).query_pairs(_REACH, output_type="ndarray")
        self._count = len(index)
        self._one, self._other = members[np.concatenate([pairs, pairs[:, ::-1]])].T

    def count(self) -> np.ndarray:
        """How many candidates there are around each."""
        return np.bincount(self._one, minlength=self._count)

    def largest(self, values: np.ndarray) -> np.ndarray:
        """The largest of ``values`` (n,), none of them negative, around each candidate; 0 where it stands alone."""
        result = np.zeros(self._count)
        np.maximum.at(result, self._one, values[self._other])
        return result

    def mean(self, values: np.ndarray) -> np.ndarray:
        """The mean of ``values`` (n,) over each candidate and the candidates around it."""
        around = np.bincount(self._one, values[self._other], minlength=self._count)
        return (values + around) / (1 + self.count())

    def alike(self, values: np.ndarray) -> np.ndarray:
        """How many candidates around each have a value within 15% of its own."""
        near = np.abs(values[self._other] - values[self._one]) <= _ALIKE * values[self._one]
        return np.bincount(self._one[near], minlength=self._count)

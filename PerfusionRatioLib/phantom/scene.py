"""The digital head in the scanner: seen through a grid of voxels at a pose, as signal or as truth."""

from functools import cached_property

import numpy as np

from ..rigid import moved
from ..series import Grid
from .head_phantom import NO_PART, HeadPhantom
from .own_grid import HeadSignal, Sequence, box_around, part_of, seen_through
from .tissues import Label

__all__ = ["HeadPhantom", "Scene", "Sequence"]

REACH = 16.0
"""Millimetres beside the grid that motion and blur may bring into it."""


class Scene:
    """A head lying in the scanner, seen through a grid of voxels.

    Args:
        phantom: the head.
        grid: the voxels, LPS scanner millimetres.
        pose: 4×4 matrix from patient space to the scanner.
        duration: seconds for which signals may be asked.
    """

    def __init__(self, phantom: HeadPhantom, grid: Grid, pose: np.ndarray, duration: float):
        self.phantom, self.grid, self.pose, self._duration = phantom, grid, pose, float(duration)
        self._corners = moved(np.linalg.inv(pose), grid.corners())
        self._box = box_around(phantom.anatomy.grid, self._corners, REACH)
        self._own = part_of(phantom.anatomy.grid, self._box)

    @cached_property
    def _head(self) -> HeadSignal:
        return HeadSignal(self.phantom, self._box, self._duration, bottom=float(self._corners[:, 2].min()))

    def image(self, time: float, sequence: Sequence, *moves: np.ndarray) -> np.ndarray:
        """The signal without noise at ``time`` in seconds, float32 [k, j, i].

        Args:
            time: seconds from the first frame.
            sequence: how it is made.
            moves: 4×4 matrices by which the head has moved in the scanner; of several, the mean is seen. None: at rest.
        """
        poses = [move @ self.pose for move in moves] or [self.pose]
        return seen_through(self.grid, self._head.at(time, sequence), self._own, *poses)

    def fractions(self, *names: str) -> dict[str, np.ndarray]:
        """The share of each voxel that the tissues ``names`` take up, float32 [k, j, i] each; all without names."""
        own = self.phantom.anatomy.fractions
        return {name: self._seen(own[name]) for name in names or own}

    def _seen(self, array: np.ndarray) -> np.ndarray:
        """What the grid sees of an array on the whole anatomy, worked out only around where there is something."""
        part = array[self._box]
        result = np.zeros(self.grid.shape, np.float32)
        along = [np.flatnonzero(part.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
        if not len(along[0]):
            return result
        ends = self._own.positions(np.array([[axis[side] for axis in along[::-1]] for side in (0, -1)]))
        there = box_around(self._own, ends, REACH)
        here = box_around(self.grid, moved(self.pose, part_of(self._own, there).corners()))
        result[here] = seen_through(part_of(self.grid, here), part[there], part_of(self._own, there), self.pose)
        return result

    def truth(self) -> dict[str, np.ndarray | dict[str, np.ndarray]]:
        """The maps at rest, by the names of ``HeadTruth``."""
        names = ("t10", "ktrans", "vp", "ve", "delay")
        fractions = self.fractions()
        sums = {name: np.zeros(self.grid.shape, np.float32) for name in names}
        by_label = np.zeros((len(Label), *self.grid.shape), np.float32)
        into_head = np.linalg.inv(self.pose)
        for tissue in self.phantom.tissues:
            share = fractions[tissue.name]
            k, j, i = np.nonzero(share > NO_PART)
            positions = moved(into_head, self.grid.positions(np.stack([i, j, k], axis=1)))
            t10, ktrans, vp, delay = self.phantom.parameters(tissue, positions)
            ve = ktrans / np.float32(tissue.kep) if tissue.kep > 0 else np.float32(0)
            for name, values in zip(names, (t10, ktrans, vp, ve, delay), strict=True):
                sums[name][k, j, i] += share[k, j, i] * values
            by_label[tissue.label] += share
        head = sum(fractions.values())
        by_label[Label.AIR] = 1 - head
        total = sum(np.where(share > NO_PART, share, 0) for share in fractions.values())
        means = {name: np.where(head > 0.05, values / np.maximum(total, 0.04), np.nan) for name, values in sums.items()}
        return {
            **means,
            "labels": by_label.argmax(axis=0).astype(np.int8),
            "brain": self._seen(self.phantom.anatomy.intracranial) > 0.5,
            "pure": np.max([*fractions.values()], axis=0) > 0.95,
            "fractions": fractions,
        }

"""The first look: which combination of rates and delay on a grid fits each voxel best."""

import numpy as np

from .blocks import product
from .constrained import best_weight, gain
from .curves import CurveTables
from .models import Curve

_NEAR = 1.3
"""Distance in log rate within which one descent reaches the same minimum."""


class Scan:
    """All combinations of the scanned rates, at every node of the delays."""

    def __init__(self, tables: CurveTables):
        self._tables = tables
        self._model = tables.model
        self._pairs = [self._pairs_at(delay) for delay in range(len(tables.delays))]

    def best(self, reduced: np.ndarray, away_from: np.ndarray | None = None) -> np.ndarray:
        """(n, q) unknowns of the combination with the largest gain, for data (n, d).

        Args:
            away_from: (n, q) unknowns; combinations whose rates all lie near them are left out.
        """
        best = np.full(len(reduced), -np.inf, np.float32)
        which = np.zeros(len(reduced), np.intp)
        delay = np.zeros(len(reduced), np.intp)
        for node, pairs in enumerate(self._pairs):
            gains = pairs.gains(reduced)
            if away_from is not None:
                distance = np.abs(pairs.rates[None] - away_from[:, None, : pairs.rates.shape[1]]).max(2)
                gains[distance < _NEAR] = -np.inf
            top = gains.argmax(1)
            value = gains[np.arange(len(top)), top]
            better = value > best
            best[better], which[better], delay[better] = value[better], top[better], node
        columns = [self._pairs[0].rates[which]] if self._model.exponentials else []
        if self._tables.has_delay:
            columns.append(self._tables.delays[delay][:, None])
        return np.concatenate(columns, 1) if columns else np.empty((len(reduced), 0))

    def total_gain(self, reduced: np.ndarray) -> np.ndarray:
        """(delays,) gain of each voxel's best combination at each delay, summed over the voxels."""
        return np.array([pairs.gains(reduced).max(1).sum(dtype=float) for pairs in self._pairs])

    def _pairs_at(self, delay):
        model, tables = self._model, self._tables
        first = tables.scanned(model.first, delay)
        x = tables.nodes.x[tables.nodes.coarse]
        if model.second is Curve.NONE:
            return _Pairs(first, None, x[:, None], model.capped)
        second = tables.scanned(model.second, delay)
        if model.exponentials < 2:
            return _Pairs(first, np.broadcast_to(second, first.shape), x[:, None], model.capped)
        slow, fast = np.triu_indices(len(x), 1)
        return _Pairs(first[fast], second[slow], np.column_stack([x[fast], x[slow]]), False)


class _Pairs:
    """Pairs of curves, split into the second's direction and what the first adds to it."""

    def __init__(self, first, second, rates, capped):
        self.rates = rates
        self._cap = np.exp(rates[:, 0]).astype(np.float32) if capped else np.float32(np.inf)
        if second is None:
            self._unit, self._overlap, across = None, np.float32(0), first
        else:
            unit = second / np.linalg.norm(second, axis=1)[:, None]
            overlap = np.einsum("pd,pd->p", first, unit)
            across = first - overlap[:, None] * unit
            same = np.all(unit == unit[0])
            self._unit = np.ascontiguousarray((unit[:1] if same else unit).T, np.float32)
            self._overlap = overlap.astype(np.float32)
        self._across = np.ascontiguousarray(across.T, np.float32)
        self._energy = np.einsum("pd,pd->p", across, across).astype(np.float32)

    def gains(self, reduced):
        """(n, pairs): by how much each pair lowers the residual sum of squares."""
        along = product(reduced, self._across)
        second = np.float32(0) if self._unit is None else product(reduced, self._unit)
        weight = best_weight(along, second, self._energy, self._overlap, self._cap)
        return gain(weight, along, second, self._energy, self._overlap) + second * second

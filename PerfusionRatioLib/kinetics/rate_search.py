"""The fast solver: one exponential with an unknown rate, and at most one further curve.

For a given rate the model is linear, so only x = log(rate) is searched: first over nodes (one matrix product), then
between two of them, where the slope of the profile is brought to zero. The weights obey their bounds at every x, so
the profile that is searched is that of the constrained problem and its minimum the constrained minimum, also on faces.
It has a continuous slope there (the multipliers of a convex problem), which is why one root finder serves all faces.

Golub & Pereyra 2003 (Inverse Problems 19:R1) on variable projection.
"""

from functools import cached_property

import numpy as np

from .blocks import product
from .constrained import best_weight, gain
from .models import Curve, Model
from .parameter_maps import Flag, mark
from .root import find_root
from .separable import SeparableSearch
from .solution import Block, Solution
from .tables import RateNodes, derivative, evaluate, model_curve, powers, reduced_basis

_SCANNED = 0.14
_SCAN_ROWS = 2048
"""Voxels scanned together, so that their gains at all nodes stay in a core's cache."""
_AT_EDGE = 1e-6
_NEWTON_STEPS = 3
_SETTLED = 1e-4
"""The last of the steps, whose square is the error that is left."""
_MARGIN = 1e-6


class RateSearch:
    """Solver of `Model`s with one exponential, for one arterial input and delay.

    Attributes:
        basis: (frames, d) float32, the orthonormal directions that data are projected on.
    """

    def __init__(self, model: Model, times: np.ndarray, aif: np.ndarray, delay: float = 0.0, also=()):
        """Tabulate the curves.

        Args:
            times: minutes.
            aif: mM.
            delay: minutes.
            also: further curves (frames,) that the basis must hold.
        """
        self.model = model
        self._inputs = times, aif, delay
        self.nodes = RateNodes.over(model.rates, _SCANNED)
        curves = model_curve(Curve.EXPONENTIAL, times, aif, delay, np.exp(self.nodes.beyond()))
        second = None if model.second is Curve.NONE else model_curve(model.second, times, aif, delay)
        basis = reduced_basis(np.column_stack([curves[:, ::3], *also]), second)
        self.basis = basis.astype(np.float32)
        reduced = (basis.T @ curves).T
        self._second_length = 1.0 if second is None else float(np.linalg.norm(second))
        self._has_second = second is not None
        self._unknowns = ("first", "second", "rate") if self._has_second else ("first", "rate")
        overlap, across = (reduced[:, 0], reduced[:, 1:]) if self._has_second else (np.zeros(len(reduced)), reduced)
        self._across = np.ascontiguousarray(self.nodes.taylor(across), np.float32)
        self._overlap = self.nodes.taylor(overlap)
        self._energy = self.nodes.taylor((across**2).sum(1))
        coarse = self.nodes.coarse
        self._scan_across = np.ascontiguousarray(self._across[coarse, 0].T)
        self._scan_overlap = self._overlap[coarse, 0].astype(np.float32)
        self._scan_energy = self._energy[coarse, 0].astype(np.float32)
        self._scan_cap = np.exp(self.nodes.x[coarse]).astype(np.float32) if model.capped else np.float32(np.inf)

    def solve(self, block: Block, covariance: bool = False) -> Solution:
        """The constrained minimum of each voxel."""
        reduced = block.reduced
        if self._has_second:
            second_along, across = reduced[:, 0].astype(float), reduced[:, 1:]
        else:
            second_along, across = np.zeros(len(reduced)), reduced
        node, start = self._scan(across, second_along.astype(np.float32))
        profile = _Profile(self, across, second_along, self.nodes.nearest(start))
        x = self._search(profile, node)
        first, second = profile.weights(x)
        flags = self._flags(first, second, x)
        shape = profile.shape(x)
        fitted = np.empty_like(reduced)
        fitted[:, reduced.shape[1] - across.shape[1] :] = first[:, None] * shape
        if self._has_second:
            fitted[:, 0] = first * profile.overlap(x) + second
        solution = Solution(first, second / self._second_length, fitted, flags, np.exp(x), unknowns=self._unknowns)
        if covariance:
            solution.covariance = self._covariance(profile, first, x, shape, flags)
        return solution

    def jacobian(self, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
        """As `SeparableSearch.jacobian`."""
        return self._general.jacobian(solution)

    @cached_property
    def _general(self):
        return SeparableSearch(self.model, *self._inputs, basis=self.basis.astype(float))

    def _scan(self, across, second_along):
        """Best coarse node, and the top of the parabola through its gain and its neighbours'; some rows at a time."""
        node, start = np.empty(len(across), np.intp), np.empty(len(across))
        for first in range(0, len(across), _SCAN_ROWS):
            rows = slice(first, first + _SCAN_ROWS)
            node[rows], start[rows] = self._scan_rows(across[rows], second_along[rows, None])
        return node, start

    def _scan_rows(self, across, second_along):
        along = product(across, self._scan_across)
        weight = best_weight(along, second_along, self._scan_energy, self._scan_overlap, self._scan_cap)
        gains = gain(weight, along, second_along, self._scan_energy, self._scan_overlap)
        node = gains.argmax(1)
        rows = np.arange(len(node))
        middle = np.clip(node, 1, gains.shape[1] - 2)
        left, centre, right = (gains[rows, middle + offset].astype(float) for offset in (-1, 0, 1))
        bend = left - 2 * centre + right
        top = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1.0), 0.0)
        x = self.nodes.x[self.nodes.coarse]
        start = np.clip(
            x[middle] + top * (x[1] - x[0]), x[np.maximum(node - 1, 0)], x[np.minimum(node + 1, len(x) - 1)]
        )
        return node, start

    def _search(self, profile, node):
        """x where the profile is best: by Newton's steps where no bound is met, else by a search for the root."""
        x = self.nodes.x[self.nodes.coarse]
        low, high = x[np.maximum(node - 1, 0)], x[np.minimum(node + 1, len(x) - 1)]
        found, free = profile.climb(low, high)
        rest = np.flatnonzero(~free)
        if len(rest):
            found[rest] = self._root(profile.only(rest), node[rest])
        return found

    def _root(self, profile, node):
        """x where the slope vanishes between the best scanned node and the neighbour that its slope points to."""
        x = self.nodes.x[self.nodes.coarse]
        best = x[node]
        slope = profile.slope(best)
        beside = x[np.clip(node + np.where(slope > 0, 1, -1), 0, len(x) - 1)]
        low, high = np.minimum(best, beside), np.maximum(best, beside)
        return find_root(profile, low, high, np.clip(profile.origin, low, high))

    def _flags(self, first, second, x):
        flags = np.zeros(len(first), np.uint8)
        edge = (x <= self.nodes.x[0] + _AT_EDGE) | (x >= self.nodes.x[-1] - _AT_EDGE)
        mark(flags, edge & (first > 0), Flag.RATE_AT_LIMIT)
        mark(flags, (first == 0) & (second == 0), Flag.NO_INFORMATION)
        if self.model.capped:
            mark(flags, first == 0, Flag.KTRANS_AT_ZERO)
            mark(flags, (first > 0) & (first >= np.exp(x) * (1 - 1e-9)), Flag.VE_AT_ONE)
            if self._has_second:
                mark(flags, second == 0, Flag.VP_AT_ZERO)
        else:
            mark(flags, second == 0, Flag.KTRANS_AT_ZERO)
        return flags

    def _covariance(self, profile, first, x, shape, flags):
        """Inverse of JᵀJ for (first, second, x), or without second; x is left out where the data cannot tell it."""
        slope = profile.shape_slope(x)
        energy = np.einsum("nd,nd->n", shape, shape)
        mixed = first * np.einsum("nd,nd->n", shape, slope)
        bend = first**2 * np.einsum("nd,nd->n", slope, slope)
        known = (first > 0) & (flags & Flag.RATE_AT_LIMIT == 0)
        determinant = energy * bend - mixed**2
        known &= determinant > 1e-10 * energy * bend
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = np.where(known, 1 / determinant, 0.0)
            covariance = np.full((len(x), 3, 3), np.nan)
            covariance[:, 0, 0] = np.where(known, bend * inverse, 1 / energy)
        covariance[:, 0, 2] = covariance[:, 2, 0] = np.where(known, -mixed * inverse, np.nan)
        covariance[:, 2, 2] = np.where(known, energy * inverse, np.nan)
        if not self._has_second:
            return covariance[:, ::2, ::2]
        self._add_second(covariance, profile.overlap(x), first * profile.overlap_slope(x), known)
        return covariance

    def _add_second(self, covariance, overlap, overlap_slope, known):
        """Second = (z·ĝ − first·overlap(x)) / |g|, so its errors follow from those of first and x."""
        by_first = -overlap / self._second_length
        by_rate = np.where(known, -overlap_slope / self._second_length, 0.0)
        among = np.where(known[:, None, None], covariance[:, ::2, ::2], 0.0)
        among[:, 0, 0] = covariance[:, 0, 0]
        to_first = among[:, 0, 0] * by_first + among[:, 0, 1] * by_rate
        to_rate = among[:, 0, 1] * by_first + among[:, 1, 1] * by_rate
        covariance[:, 0, 1] = covariance[:, 1, 0] = to_first
        covariance[:, 1, 2] = covariance[:, 2, 1] = np.where(known, to_rate, np.nan)
        covariance[:, 1, 1] = self._second_length**-2 + by_first * to_first + by_rate * to_rate


class _Profile:
    """The constrained least-squares profile of each voxel as a function of x = log(rate), near its own node."""

    def __init__(self, search: RateSearch, across, second_along, node):
        self.origin = search.nodes.x[node]
        self._capped = search.model.capped
        self._has_second = search._has_second
        self._terms = search._across.take(node, axis=0)
        self._second_along = second_along
        self._along = np.einsum("nmd,nd->nm", self._terms, across).astype(float)
        self._overlap = search._overlap.take(node, axis=0)
        self._energy = search._energy.take(node, axis=0)
        self._coefficients()

    def _coefficients(self):
        """Value and derivative of along, overlap and energy as one stack, so that a slope costs few NumPy calls."""
        stack = [self._along, self._energy] + ([self._overlap] if self._has_second else [])
        self._values = np.stack(stack).transpose(2, 0, 1).copy()
        self._slopes = np.stack([derivative(c) for c in stack]).transpose(2, 0, 1).copy()

    def climb(self, low, high):
        """Newton's steps on the profile as it is where no bound is met, along²/energy.

        Returns:
            x, and where it is an answer: settled within ``low`` and ``high`` on a summit at which no bound is met.
        """
        x = np.clip(self.origin, low, high)
        bends = derivative(self._slopes[:, :2].transpose(1, 2, 0)).transpose(2, 0, 1)
        for _ in range(_NEWTON_STEPS):
            offset = x - self.origin
            along, energy = _horner(self._values[:, :2], offset)
            along_slope, energy_slope = _horner(self._slopes[:, :2], offset)
            along_bend, energy_bend = _horner(bends, offset)
            weight = along / energy
            rise = along_slope - 0.5 * weight * energy_slope
            weight_slope = (along_slope - weight * energy_slope) / energy
            bend = along_bend - 0.5 * (weight_slope * energy_slope + weight * energy_bend)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = -rise / bend
            x = np.clip(x + step, low, high)
        with np.errstate(invalid="ignore"):
            free = (np.abs(step) < _SETTLED) & (bend < 0) & (x > low) & (x < high) & (weight > 0)
            if self._capped:
                free &= weight < np.exp(x) * (1 - _MARGIN)
            if self._has_second:
                unmet = self._second_along - weight * _horner(self._values[:, 2], x - self.origin)
                free &= unmet > 0
        return x, free

    def only(self, rows):
        """The profile of some of the voxels."""
        part = object.__new__(_Profile)
        part.origin, part._capped, part._has_second = self.origin[rows], self._capped, self._has_second
        part._second_along = self._second_along[rows]
        part._values, part._slopes = self._values[:, :, rows], self._slopes[:, :, rows]
        return part

    def slope(self, x):
        """Half the derivative of the gain with respect to x: positive where a larger rate fits better."""
        offset = x - self.origin
        values, slopes = _horner(self._values, offset), _horner(self._slopes, offset)
        along, energy = values[0], values[1]
        overlap, second_along = (values[2], self._second_along) if self._has_second else (0.0, 0.0)
        weight = np.minimum(along / energy, (along + second_along * overlap) / (energy + overlap * overlap))
        np.maximum(weight, 0.0, out=weight)
        cap = np.exp(x) if self._capped else np.inf
        held = weight > cap
        np.minimum(weight, cap, out=weight)
        unmet = np.minimum(second_along - weight * overlap, 0.0)
        rise = slopes[0] - 0.5 * weight * slopes[1]
        if self._has_second:
            rise += unmet * slopes[2]
        if self._capped and held.any():
            rise += np.where(held, along - weight * energy + unmet * overlap, 0.0)
        return weight * rise

    def weights(self, x):
        """First weight, and second in units of the unit vector, at x."""
        values = _horner(self._values, x - self.origin)
        along, energy = values[0], values[1]
        if not self._has_second:
            weight = best_weight(along, 0.0, energy, 0.0, np.exp(x) if self._capped else None)
            return weight, np.zeros_like(weight)
        weight = best_weight(along, self._second_along, energy, values[2], np.exp(x) if self._capped else None)
        return weight, np.maximum(self._second_along - weight * values[2], 0.0)

    def overlap(self, x):
        """Part of the first curve along the second's unit vector."""
        return evaluate(self._overlap, x - self.origin)

    def overlap_slope(self, x):
        """Its derivative."""
        return evaluate(derivative(self._overlap), x - self.origin)

    def shape(self, x):
        """The first curve across the second: (n, d)."""
        return np.einsum("nmd,nm->nd", self._terms, powers((x - self.origin).astype(np.float32))[0])

    def shape_slope(self, x):
        """Its derivative in x."""
        return np.einsum("nmd,nm->nd", self._terms, powers((x - self.origin).astype(np.float32))[1])


def _horner(coefficients, offset):
    value = coefficients[-1] * offset
    for power in range(len(coefficients) - 2, 0, -1):
        value += coefficients[power]
        value *= offset
    value += coefficients[0]
    return value

"""The two-compartment exchange model held to ve ≤ 1."""

import numpy as np

from .gauss_newton import minimise
from .models import exchange_from_exponentials, exponentials_from_exchange
from .parameter_maps import Flag, mark
from .separable import SeparableSearch
from .solution import Block, Solution

_LIMITS = np.log([[1e-4, 20.0], [1e-4, 1.0], [1e-5, 20.0]])
"""Fp in 1/min, vp, PS in 1/min that are searched on the face."""
_STARTS = (1.0, 0.1, 0.01)
_STEP = 1e-5


class ConstrainedExchange:
    """`SeparableSearch` of the exchange model, with the voxels whose ve exceeds one solved again on the face ve = 1.

    The general solver knows nothing of volumes: its two exponentials with weights of any size may mean a ve above one.
    On the face three unknowns remain (Fp, vp, PS, and the delay); they are searched from several starts.
    """

    def __init__(self, search: SeparableSearch):
        self._search = search
        self.model, self.basis, self.has_delay = search.model, search.basis, search.has_delay

    def solve(self, block: Block, covariance: bool = False) -> Solution:
        """The constrained minimum of each voxel."""
        solution = self._search.solve(block, covariance)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = exchange_from_exponentials(solution.first, solution.rate, solution.second, solution.second_rate)
        beyond = np.flatnonzero(found["ve"] > 1)
        if len(beyond):
            self._solve_face(block.reduced[beyond].astype(float), solution, beyond, found, covariance)
        return solution

    def jacobian(self, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
        """As `SeparableSearch.jacobian`."""
        return self._search.jacobian(solution)

    def _solve_face(self, data, solution, rows, found, covariance):
        best = None
        for share in _STARTS:
            start = np.log([found["fp"][rows] / 100, found["vp"][rows], found["ps"][rows] * share]).T
            low, high = _LIMITS.T
            if solution.delay is not None:
                start = np.column_stack([start, solution.delay[rows]])
                low, high = np.append(low, self._search.low[-1]), np.append(high, self._search.high[-1])
            theta = minimise(lambda at, trial, _: _Face(self._search, data[at], trial), start, low, high)
            face = _Face(self._search, data, theta)
            best = face if best is None else best.where_better(face)
        self._write(best, solution, rows, covariance)

    def _write(self, face, solution, rows, covariance):
        weights = (face.first, face.second, np.full(len(rows), np.inf))
        state = self._search.state(face.data, face.theta, covariance, weights)
        on_face = self._search.solution(state, face.theta, covariance)
        mark(on_face.flags, slice(None), Flag.VE_AT_ONE)
        for name in ("first", "second", "fitted", "flags", "rate", "second_rate", "delay", "covariance"):
            if getattr(solution, name) is not None:
                getattr(solution, name)[rows] = getattr(on_face, name)


class _Face:
    """Curve, residual and Jacobian for Fp, vp and PS at ve = 1."""

    def __init__(self, search, data, unknowns):
        self._search, self.data, self.unknowns = search, data, unknowns
        self.first, x, self.second, second_x = self._natural(unknowns)
        delay = [unknowns[:, 3]] if unknowns.shape[1] > 3 else []
        self.theta = np.column_stack([x, second_x, *delay])
        first, second, self._first_slopes, self._second_slopes = search.tables.at(self.theta, slopes=True)
        self._curves = first, second
        self.residual = data - self.first[:, None] * first - self.second[:, None] * second
        self.rss = np.einsum("nd,nd->n", self.residual, self.residual)

    def _natural(self, unknowns):
        fp, vp, ps = np.exp(unknowns[:, :3]).T
        first, fast, second, slow = exponentials_from_exchange(fp, ps, vp, 1.0)
        low, high = self._search.tables.rate_bounds
        return first, np.clip(np.log(fast), low, high), second, np.clip(np.log(slow), low, high)

    @property
    def projected_jacobian(self):
        """(n, q, d); there are no free weights to project away."""
        count, unknowns = self.unknowns.shape
        jacobian = np.zeros((count, unknowns, self.data.shape[1]))
        for column in range(3):
            step = np.zeros(unknowns)
            step[column] = _STEP
            after, before = self._natural(self.unknowns + step), self._natural(self.unknowns - step)
            by = [((a - b) / (2 * _STEP))[:, None] for a, b in zip(after, before, strict=True)]
            jacobian[:, column] = by[0] * self._curves[0] + self.first[:, None] * by[1] * self._first_slopes[:, 0]
            jacobian[:, column] += by[2] * self._curves[1] + self.second[:, None] * by[3] * self._second_slopes[:, 1]
        for column in range(3, unknowns):
            jacobian[:, column] = self.first[:, None] * self._first_slopes[:, -1]
            jacobian[:, column] += self.second[:, None] * self._second_slopes[:, -1]
        return jacobian

    def where_better(self, other):
        """The face at whichever unknowns leave the smaller residual."""
        better = (other.rss < self.rss)[:, None]
        return _Face(self._search, self.data, np.where(better, other.unknowns, self.unknowns))

"""The general solver: any model of two curves, with up to two rates and a delay to be found.

The weights of the curves are eliminated (variable projection with their bounds), so only rates and delay are searched:
first over a grid of them, then by damped Gauss-Newton steps from its best point until nothing improves.

Golub & Pereyra 2003 (Inverse Problems 19:R1); Kaufman 1975 (BIT 15:49) for the Jacobian.
"""

import numpy as np

from .constrained import best_weight
from .curves import CurveTables
from .gauss_newton import minimise
from .models import Curve, Model
from .parameter_maps import Flag, mark
from .scan import Scan
from .solution import Block, Solution
from .uncertainty import inverse_normal

_EDGE = 1e-6
_AT_EDGE = 1e-3
_MET = 0.3
_APART = ((1.0, 1.0), (0.4, 2.5), (2.5, 0.4))


class SeparableSearch:
    """Solver of any `Model`, at one delay or over a range of delays.

    Attributes:
        basis: (frames, d) float32, the orthonormal directions that data are projected on.
    """

    def __init__(self, model: Model, times: np.ndarray, aif: np.ndarray, delay=0.0, basis: np.ndarray | None = None):
        """Tabulate the curves.

        Args:
            times: minutes.
            aif: mM.
            delay: minutes, or the shortest and the longest.
            basis: directions to use; those of the model's own curves when None.
        """
        self.model = model
        self.tables = CurveTables(model, times, aif, delay, basis)
        self.basis = self.tables.basis.astype(np.float32)
        self.has_delay = isinstance(delay, tuple)
        self._scan = Scan(self.tables)
        self.unknowns = (
            ("first",)
            + (("second",) if model.second is not Curve.NONE else ())
            + ("rate", "second_rate")[: model.exponentials]
            + (("delay",) if self.has_delay else ())
        )
        bounds = [self.tables.rate_bounds] * model.exponentials
        bounds += [self.tables.delay_bounds] if self.has_delay else []
        self.low, self.high = np.array(bounds, float).reshape(-1, 2).T
        self._cell = self.tables.delays[1] - self.tables.delays[0] if self.has_delay else None

    def solve(self, block: Block, covariance: bool = False) -> Solution:
        """The constrained minimum of each voxel."""
        data = block.reduced.astype(float)
        theta = self._scan.best(block.reduced)
        if self.has_delay:
            theta = self._best_of_cells(data, theta)
        elif theta.shape[1]:
            theta = self._minimise(data, theta, self.low, self.high)
        if self.model.exponentials == 2:
            theta = self._or_from_elsewhere(block.reduced, data, theta)
        state = self.state(data, theta, covariance)
        return self.solution(state, theta, covariance)

    def total_gain(self, reduced: np.ndarray) -> np.ndarray:
        """By how much the best scanned rates lower the residuals of all voxels together, at each of the delays."""
        return self._scan.total_gain(reduced)

    def _minimise(self, data, theta, low, high):
        theta = minimise(lambda rows, at, jacobian: self.state(data[rows], at, jacobian), theta, low, high)
        if self.model.exponentials < 2:
            return theta
        met = np.flatnonzero(np.abs(theta[:, 0] - theta[:, 1]) < _MET)
        return self._drawn_apart(data, theta, met, low, high) if len(met) else theta

    def _or_from_elsewhere(self, reduced, data, theta):
        """The better of this minimum and that near the best scanned rates some way off: two rates have two valleys."""
        start = self._scan.best(reduced, away_from=theta)
        low, high = self.low, self.high
        if self.has_delay:
            start[:, -1] = theta[:, -1]
            cell = np.floor((theta[:, -1] - self.tables.delays[0]) / self._cell)
            low, high = self._bounds_of(len(theta), cell)
        trial = self._minimise(data, start, low, high)
        better = self.state(data, trial).rss < self.state(data, theta).rss
        return np.where(better[:, None], trial, theta)

    def _drawn_apart(self, data, theta, rows, low, high):
        """Try again from rates some way apart: two that met are one rate, from where no slope leads back to two."""
        low, high = (np.broadcast_to(bound, theta.shape)[rows] for bound in (low, high))
        data, best = data[rows], theta[rows]
        rss = self.state(data, best).rss
        for above, below in _APART:
            start = theta[rows].copy()
            start[:, 0] += above
            start[:, 1] -= below
            trial = minimise(lambda at, x, jacobian: self.state(data[at], x, jacobian), start, low, high)
            trial_rss = self.state(data, trial).rss
            better = trial_rss < rss
            best[better], rss = trial[better], np.minimum(rss, trial_rss)
        theta = theta.copy()
        theta[rows] = best
        return theta

    def _best_of_cells(self, data, theta):
        """The best minimum near the scanned delay, one cell of the delay grid at a time, as curves have kinks between.

        Both cells beside the best node are searched; where the minimum lies on the outer edge of what was searched, the
        cell beyond it is searched too.
        """
        first, last = 0, len(self.tables.delays) - 2
        origin = self.tables.delays[0]
        node = np.rint((theta[:, -1] - origin) / self._cell).astype(int)
        lowest, highest = np.clip(node - 1, first, last), np.clip(node, first, last)
        best, rss = self._in_cell(data, theta, lowest)
        best, rss = self._better(best, rss, data, theta, np.arange(len(theta)), highest)
        while True:
            down = (best[:, -1] <= origin + self._cell * (lowest + _AT_EDGE)) & (lowest > first)
            up = (best[:, -1] >= origin + self._cell * (highest + 1 - _AT_EDGE)) & (highest < last)
            rows = np.flatnonzero(down | up)
            if not len(rows):
                return best
            lowest[down] -= 1
            highest[up] += 1
            cell = np.where(down, lowest, highest)[rows]
            best, rss = self._better(best, rss, data, best, rows, cell)

    def _in_cell(self, data, theta, cell):
        low, high = self._bounds_of(len(theta), cell)
        trial = theta.copy()
        trial[:, -1] = 0.5 * (low[:, -1] + high[:, -1])
        trial = self._minimise(data, trial, low, high)
        return trial, self.state(data, trial).rss

    def _bounds_of(self, count, cell):
        """Bounds (count, q) of the unknowns when the delay stays in a cell of its grid."""
        low, high = np.tile(self.low, (count, 1)), np.tile(self.high, (count, 1))
        start = self.tables.delays[0] + self._cell * cell
        low[:, -1] = np.maximum(start, self.low[-1])
        high[:, -1] = np.minimum(start + self._cell * (1 - 1e-9), self.high[-1])
        return low, high

    def _better(self, best, rss, data, start, rows, cell):
        trial, trial_rss = self._in_cell(data[rows], start[rows], cell)
        better = trial_rss < rss[rows]
        best, rss = best.copy(), rss.copy()
        best[rows[better]], rss[rows[better]] = trial[better], trial_rss[better]
        return best, rss

    def state(self, data, theta, jacobian=False, weights=None) -> "State":
        """Weights (the best ones unless given), residual and, when asked for, the Jacobian at ``theta`` (n, q)."""
        curves = self.tables.at(theta, jacobian)
        return State(data, curves, weights or _best_weights(self.model, data, theta, *curves[:2]))

    def solution(self, state, theta, covariance) -> Solution:
        """What the state at the minimum means."""
        rates = np.exp(theta[:, : self.model.exponentials])
        return Solution(
            state.weight,
            state.second_weight,
            state.data - state.residual,
            self._flags(state, theta),
            rate=rates[:, 0] if rates.shape[1] else None,
            second_rate=rates[:, 1] if rates.shape[1] > 1 else None,
            delay=theta[:, -1].copy() if self.has_delay else None,
            unknowns=self.unknowns,
            covariance=inverse_normal(*self._jacobian(state, theta)) if covariance else None,
        )

    def jacobian(self, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
        """Derivatives (n, m, d) of the fitted curve by the unknowns, and which of these (n, m) the data can tell."""
        columns = [np.log(rate) for rate in (solution.rate, solution.second_rate)[: self.model.exponentials]]
        columns += [solution.delay] if self.has_delay else []
        theta = np.stack(columns, 1) if columns else np.empty((len(solution.first), 0))
        weights = (solution.first, solution.second, np.full(len(theta), np.inf))
        return self._jacobian(self.state(np.zeros_like(solution.fitted), theta, True, weights), theta)

    def at_edge(self, theta):
        """(n, q) where an unknown lies at the end of its range."""
        return (theta <= self.low + _EDGE) | (theta >= self.high - _EDGE)

    def _flags(self, state, theta):
        flags = np.zeros(len(theta), np.uint8)
        first_zero, second_zero = state.weight <= 0, state.second_weight <= 0
        edge = self.at_edge(theta)
        exponentials = self.model.exponentials
        for column, zero in zip(range(exponentials), (first_zero, second_zero), strict=False):
            mark(flags, edge[:, column] & ~zero, Flag.RATE_AT_LIMIT)
        if self.has_delay:
            mark(flags, edge[:, -1], Flag.DELAY_AT_LIMIT)
        mark(flags, first_zero & second_zero, Flag.NO_INFORMATION)
        if "ktrans" in self.model.parameters:
            mark(flags, self._without_leak(first_zero, second_zero), Flag.KTRANS_AT_ZERO)
        if self.model.second is Curve.PLASMA:
            mark(flags, second_zero, Flag.VP_AT_ZERO)
        if self.model.name in ("plasma", "2cxm"):
            mark(flags, first_zero & second_zero, Flag.VP_AT_ZERO)
        mark(flags, state.held, Flag.VE_AT_ONE)
        return flags

    def _without_leak(self, first_zero, second_zero):
        """Where the weights mean that Ktrans is zero; of the exchange model, where one exponential is left."""
        if self.model.exponentials == 2:
            return first_zero | second_zero
        return second_zero if self.model.name == "2cum" else first_zero

    def _jacobian(self, state, theta):
        columns = [state.first] + ([] if state.second is None else [state.second])
        jacobian = np.concatenate([np.stack(columns, 1), state.full_jacobian], axis=1)
        known = np.ones(jacobian.shape[:2], bool)
        edge = self.at_edge(theta)
        known[:, len(columns) :] = ~edge
        if self.model.exponentials:
            known[:, len(columns)] &= state.weight > 0
        if self.model.exponentials == 2:
            known[:, len(columns) + 1] &= state.second_weight > 0
        if self.has_delay:
            known[:, -1] &= (state.weight > 0) | (state.second_weight > 0)
        return jacobian, known


def _best_weights(model, data, theta, first, second):
    """Weights of the curves, the first's cap, as `constrained.best_weight` has them."""
    energy, along = _dot(first, first), _dot(first, data)
    cap = np.exp(theta[:, 0]) if model.capped else np.full(len(theta), np.inf)
    if second is None:
        return best_weight(along, 0.0, energy, 0.0, cap), np.zeros(len(theta)), cap
    length = np.sqrt(_dot(second, second))
    overlap, second_along = _dot(first, second) / length, _dot(second, data) / length
    across = np.maximum(energy - overlap**2, 1e-12 * energy)
    weight = best_weight(along - second_along * overlap, second_along, across, overlap, cap)
    return weight, np.maximum(second_along - weight * overlap, 0.0) / length, cap


class State:
    """Weights, residual and Jacobians of n voxels at given rates and delays."""

    def __init__(self, data, curves, weights):
        self.data = data
        self.first, self.second, first_slopes, second_slopes = curves
        self.weight, self.second_weight, cap = weights
        self.held = (self.weight >= cap) & (self.weight > 0)
        self.residual = data - self.weight[:, None] * self.first
        if self.second is not None:
            self.residual -= self.second_weight[:, None] * self.second
        self.rss = _dot(self.residual, self.residual)
        if first_slopes is not None:
            self.full_jacobian = self._jacobian(first_slopes, second_slopes)

    def _jacobian(self, first_slopes, second_slopes):
        jacobian = self.weight[:, None, None] * first_slopes
        if second_slopes is not None:
            jacobian += self.second_weight[:, None, None] * second_slopes
        return jacobian

    @property
    def projected_jacobian(self):
        """Jacobian (n, q, d) of the fitted curve with the free weights re-optimised to first order."""
        jacobian = self.full_jacobian.copy()
        if self.held.any():
            # A weight held at its cap, the rate, grows with it.
            jacobian[:, 0] += np.where(self.held, self.weight, 0.0)[:, None] * self.first
        first = self.first
        if self.second is not None:
            second = _unit(self.second) * (self.second_weight > 0)[:, None]
            jacobian -= np.einsum("nqd,nd->nq", jacobian, second)[:, :, None] * second[:, None, :]
            first = first - _dot(first, second)[:, None] * second
        free = (self.weight > 0) & ~self.held
        first = _unit(first) * free[:, None]
        return jacobian - np.einsum("nqd,nd->nq", jacobian, first)[:, :, None] * first[:, None, :]


def _dot(left, right):
    return np.einsum("nd,nd->n", left, right)


def _unit(vectors):
    length = np.sqrt(_dot(vectors, vectors))
    return vectors / np.where(length > 0, length, 1.0)[:, None]

"""The simplest model that each curve supports: none, plasma only, Patlak or extended Tofts."""

import numpy as np

from .models import MODELS
from .parameter_maps import CHOICES, Flag, mark
from .rate_search import RateSearch
from .separable import SeparableSearch
from .solution import Block, Solution
from .tables import Curve, model_curve


def corrected_akaike(rss, samples, degrees):
    """AICc = n ln(RSS/n) + 2 p + 2 p (p + 1)/(n − p − 1), p counting the noise variance too.

    Hurvich & Tsai 1989 (Biometrika 76:297). NaN with too few samples.
    """
    count = degrees + 1
    spare = np.asarray(samples - count - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = samples * np.log(rss / samples) + 2 * count + 2 * count * (count + 1) / spare
    return np.where(spare > 0, value, np.nan)


class SelectedModel:
    """Solver that fits every candidate and keeps, voxel by voxel, the one of lowest corrected Akaike criterion.

    Attributes:
        choices: the numbers fitted by each of `parameter_maps.CHOICES`.
    """

    choices = tuple(MODELS[name].degrees if name in MODELS else 0 for name in CHOICES)

    def __init__(self, times: np.ndarray, aif: np.ndarray, delay=0.0):
        self.model = MODELS["extended-tofts"]
        if isinstance(delay, tuple):
            largest = SeparableSearch(self.model, times, aif, delay)
            basis = largest.tables.basis
        else:
            largest = RateSearch(self.model, times, aif, delay, also=(model_curve(Curve.INTEGRAL, times, aif, delay),))
            basis = largest.basis.astype(float)
        self.basis = largest.basis
        simpler = [SeparableSearch(MODELS[name], times, aif, delay, basis) for name in CHOICES[1:3]]
        self._candidates = [*simpler, largest]
        self.has_delay = isinstance(delay, tuple)

    def solve(self, block: Block, covariance: bool = False) -> Solution:
        """The chosen model's minimum of each voxel, as extended Tofts; Patlak's leak has no kep."""
        data = block.reduced.astype(float)
        count = len(data)
        best = Solution(
            np.zeros(count),
            np.zeros(count),
            np.zeros_like(data),
            np.full(count, Flag.NO_INFORMATION | Flag.KTRANS_AT_ZERO | Flag.VP_AT_ZERO, np.uint8),
            rate=np.full(count, np.nan),
            delay=np.full(count, np.nan) if self.has_delay else None,
            unknowns=("first", "second", "rate") + (("delay",) if self.has_delay else ()),
            model_index=np.zeros(count, np.uint8),
        )
        best.covariance = np.full((count,) + 2 * (len(best.unknowns),), np.nan) if covariance else None
        lowest = corrected_akaike(block.outside + np.einsum("nd,nd->n", data, data), block.samples, 0)
        for index, solver in enumerate(self._candidates, start=1):
            solution = solver.solve(block, covariance)
            left = data - solution.fitted
            rss = block.outside + np.einsum("nd,nd->n", left, left)
            degrees = solver.model.degrees + self.has_delay
            akaike = corrected_akaike(rss, block.samples, degrees)
            better = akaike < lowest
            lowest = np.where(better, akaike, lowest)
            _take(best, _as_extended(solution, solver.model), better)
            best.model_index[better] = index
        return best

    def jacobian(self, solution: Solution) -> tuple[np.ndarray, np.ndarray]:
        """As `SeparableSearch.jacobian`, of the model that each voxel has; unknowns that it lacks are not known."""
        count, size = solution.fitted.shape
        jacobian = np.zeros((count, len(solution.unknowns), size))
        known = np.zeros(jacobian.shape[:2], bool)
        for index, solver in enumerate(self._candidates, start=1):
            rows = np.flatnonzero(solution.model_index == index)
            if not len(rows):
                continue
            part, told = solver.jacobian(_from_extended(solution.only(rows), solver.model))
            columns = [solution.unknowns.index(name) for name in self._unknowns_of(solver)]
            jacobian[np.ix_(rows, columns)], known[np.ix_(rows, columns)] = part, told
        return jacobian, known

    def _unknowns_of(self, solver):
        """Names, among those of extended Tofts, of the unknowns of a candidate."""
        if solver.model.name == "plasma":
            names = ("second",)
        else:
            names = ("first", "second") + (("rate",) if solver.model.exponentials else ())
        return names + (("delay",) if self.has_delay else ())


def _from_extended(solution, model):
    """The same in the unknowns of the simpler model."""
    if model.name == "plasma":
        solution.first, solution.second = solution.second, np.zeros_like(solution.second)
    return solution


def _as_extended(solution, model):
    """A simpler model's solution in the unknowns of extended Tofts."""
    if model.name == "plasma":
        solution.first, solution.second = solution.second, solution.first
        mark(solution.flags, slice(None), Flag.KTRANS_AT_ZERO)
        solution.unknowns = tuple("second" if name == "first" else name for name in solution.unknowns)
    return solution


def _take(best, solution, rows):
    best.first[rows], best.second[rows] = solution.first[rows], solution.second[rows]
    best.fitted[rows], best.flags[rows] = solution.fitted[rows], solution.flags[rows]
    best.rate[rows] = np.nan if solution.rate is None else solution.rate[rows]
    if best.delay is not None:
        best.delay[rows] = solution.delay[rows]
    if best.covariance is not None:
        best.covariance[rows] = np.nan
        at = [best.unknowns.index(name) for name in solution.unknowns]
        best.covariance[np.ix_(np.flatnonzero(rows), at, at)] = solution.covariance[rows]

"""The two curves of a model at any rate and delay, in a reduced basis, with their derivatives."""

import numpy as np

from .models import Curve, Model
from .tables import RateNodes, model_curve, powers, reduced_basis

_NODE_STEP = 0.04
_MOST_DELAYS = 65


class CurveTables:
    """Curves of one model for an arterial input, at one delay or between the nodes of a grid of delays.

    Between two delays of the grid a curve is interpolated on a straight line. The grid is an eighth of the usual frame
    interval where the range allows, so for even timing the plasma curve itself is exact.

    Attributes:
        basis: (frames, d).
        nodes: the grid of log rates.
        delays: (delays,) minutes.
        delay_bounds: shortest and longest delay in minutes, between the nodes; None at one delay.
    """

    def __init__(self, model: Model, times, aif, delay, basis=None):
        self.model = model
        self.nodes = RateNodes.over(model.rates, scanned=0.4, step=_NODE_STEP)
        self.has_delay = isinstance(delay, tuple)
        self.delay_bounds = delay if self.has_delay else None
        self.delays = _delay_nodes(times, delay) if self.has_delay else np.array([delay])
        rates = np.exp(self.nodes.beyond())
        raw = {
            curve: np.stack([_table(curve, times, aif, late, rates) for late in self.delays])
            for curve in {curve for curve in model.curves if curve is not Curve.NONE}
        }
        if basis is None:
            columns = [table[:, :, ::2].transpose(1, 0, 2).reshape(len(times), -1) for table in raw.values()]
            basis = reduced_basis(np.column_stack(columns))
        self.basis = basis
        self._tables = {curve: self._reduce(curve, table) for curve, table in raw.items()}

    @property
    def rate_bounds(self):
        """Lowest and highest log rate."""
        return self.nodes.x[0], self.nodes.x[-1]

    def _reduce(self, curve, table):
        """Taylor coefficients (delays, nodes, ORDER, d), or (delays, d) for a curve without a rate."""
        reduced = np.einsum("fd,jfr->jrd", self.basis, table)
        if curve is not Curve.EXPONENTIAL:
            return reduced[:, 0]
        return np.stack([self.nodes.taylor(at_delay) for at_delay in reduced])

    def scanned(self, curve: Curve, delay: int) -> np.ndarray:
        """The curve at the scanned rates and one node of the delays: (rates, d)."""
        table = self._tables[curve][delay]
        return table[self.nodes.coarse, 0] if curve is Curve.EXPONENTIAL else table[None]

    def at(self, theta, slopes=False):
        """First curve, second curve (None without one), and the derivatives of each by the unknowns.

        Args:
            theta: (n, q): log rates, then the delay in minutes.

        Returns:
            (n, d), (n, d), (n, q, d), (n, q, d); the derivatives are None unless asked for.
        """
        exponentials = self.model.exponentials
        column = iter(range(exponentials))
        results = []
        for curve in self.model.curves:
            which = next(column) if curve is Curve.EXPONENTIAL else None
            results.append((None, None) if curve is Curve.NONE else self._one(curve, theta, which, slopes))
        (first, first_slopes), (second, second_slopes) = results
        return first, second, first_slopes, second_slopes

    def _one(self, curve, theta, which, slopes):
        if self.has_delay:
            position = (theta[:, -1] - self.delays[0]) / (self.delays[1] - self.delays[0])
            early = np.clip(position.astype(np.intp), 0, len(self.delays) - 2)
            share = (position - early)[:, None]
            value, slope = self._at_delay(curve, theta, which, early, slopes)
            later, later_slope = self._at_delay(curve, theta, which, early + 1, slopes)
            by_delay = (later - value) / (self.delays[1] - self.delays[0])
            value = value + share * (later - value)
            slope = None if slope is None else slope + share * (later_slope - slope)
        else:
            value, slope = self._at_delay(curve, theta, which, 0, slopes)
            by_delay = None
        if not slopes:
            return value, None
        by_theta = np.zeros((len(theta), theta.shape[1], value.shape[1]))
        if which is not None:
            by_theta[:, which] = slope
        if by_delay is not None:
            by_theta[:, -1] = by_delay
        return value, by_theta

    def _at_delay(self, curve, theta, which, delay, slopes):
        table = self._tables[curve]
        if which is None:
            return np.broadcast_to(table[delay], (len(theta), table.shape[-1])), None
        node = self.nodes.nearest(theta[:, which])
        terms = table[delay, node]
        factors, by_rate = powers(theta[:, which] - self.nodes.x[node])
        value = np.einsum("nmd,nm->nd", terms, factors)
        return value, np.einsum("nmd,nm->nd", terms, by_rate) if slopes else None


def _table(curve, times, aif, delay, rates):
    values = model_curve(curve, times, aif, delay, rates)
    return values if values.ndim == 2 else values[:, None]


def _delay_nodes(times, limits):
    """Multiples of a part (or of a few) of the frame interval that cover the limits, so that zero is among them."""
    interval = float(np.median(np.diff(times)))
    parts = np.floor((_MOST_DELAYS - 3) * interval / (limits[1] - limits[0]))
    step = (
        interval / min(parts, 8)
        if parts >= 1
        else interval * np.ceil((limits[1] - limits[0]) / interval / (_MOST_DELAYS - 3))
    )
    return step * np.arange(np.floor(limits[0] / step), np.ceil(limits[1] / step) + 1)

"""The two curves of a model at any rate and delay, in a reduced basis, with their derivatives."""

import numpy as np

from .models import Curve, Model
from .tables import RateNodes, model_curve, powers, reduced_basis

_NODE_STEP = 0.04
_SPANNING = 6  # every which node is needed to span the curves of all of them; with twelve, 1e-5 is left
_MOST_DELAYS = 65
_PARTS_EVEN, _PARTS_UNEVEN = 4, 8  # of the frame interval
_EVEN = 1e-3


class CurveTables:
    """Curves of one model for an arterial input, at one delay or between the nodes of a grid of delays.

    Between two delays of the grid the plasma curve is interpolated on a straight line, the others by Hermite's cubic
    from their values and slopes at both. The grid holds whole frame intervals, so for even timing no curve has a kink
    in between and the plasma curve is exact; for uneven timing it has, and the grid is finer.

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
            columns = [table[:, :, ::_SPANNING].transpose(1, 0, 2).reshape(len(times), -1) for table in raw.values()]
            basis = reduced_basis(np.column_stack(columns))
        self.basis = basis
        self._tables = {curve: self._reduce(curve, table) for curve, table in raw.items()}
        self._drifts = self._reduced_drifts(times, aif, rates, raw) if self.has_delay else {}

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

    def _reduced_drifts(self, times, aif, rates, raw):
        """By how much each curve changes a minute of delay, at the nodes: d(cp ⊗ e)/d(delay) = rate · (cp ⊗ e) − cp."""
        late = np.stack([model_curve(Curve.PLASMA, times, aif, delay) for delay in self.delays])[:, :, None]
        drifts = {}
        if Curve.EXPONENTIAL in raw:
            drifts[Curve.EXPONENTIAL] = self._reduce(Curve.EXPONENTIAL, raw[Curve.EXPONENTIAL] * rates - late)
        if Curve.INTEGRAL in raw:
            drifts[Curve.INTEGRAL] = self._reduce(Curve.INTEGRAL, -late)
        return drifts

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
            value, slope, by_delay = self._between_delays(curve, theta, which, slopes)
        else:
            value, slope = self._at_node(self._tables[curve], theta, which, 0, slopes)
            by_delay = None
        if not slopes:
            return value, None
        by_theta = np.zeros((len(theta), theta.shape[1], value.shape[1]))
        if which is not None:
            by_theta[:, which] = slope
        if by_delay is not None:
            by_theta[:, -1] = by_delay
        return value, by_theta

    def _between_delays(self, curve, theta, which, slopes):
        """The curve, and its derivatives by its rate and by the delay."""
        step = self.delays[1] - self.delays[0]
        position = (theta[:, -1] - self.delays[0]) / step
        early = np.clip(position.astype(np.intp), 0, len(self.delays) - 2)
        share = (position - early)[:, None]
        terms = [
            (self._tables[curve], factors) for factors in (_line(share) if curve is Curve.PLASMA else _cubic(share))
        ]
        if curve is not Curve.PLASMA:
            terms += [(self._drifts[curve], [step * factor for factor in factors]) for factors in _cubic_slopes(share)]
        value = slope = by_delay = 0.0
        for number, (table, (factor, change)) in enumerate(terms):
            here, here_slope = self._at_node(table, theta, which, early + number % 2, slopes)
            value = value + factor * here
            if slopes:
                by_delay = by_delay + change / step * here
                slope = None if which is None else slope + factor * here_slope
        return value, slope, by_delay

    def _at_node(self, table, theta, which, delay, slopes):
        if which is None:
            return np.broadcast_to(table[delay], (len(theta), table.shape[-1])), None
        node = self.nodes.nearest(theta[:, which])
        terms = table[delay, node]
        factors, by_rate = powers(theta[:, which] - self.nodes.x[node])
        value = np.einsum("nmd,nm->nd", terms, factors)
        return value, np.einsum("nmd,nm->nd", terms, by_rate) if slopes else None


def _line(share):
    """Weights, and their derivatives, of the values at both ends on a straight line."""
    return (1 - share, -1.0), (share, 1.0)


def _cubic(share):
    """Weights, and their derivatives, of the values at both ends on Hermite's cubic."""
    rest, bend = 1 - share, 6 * share * (1 - share)
    return (rest * rest * (1 + 2 * share), -bend), (share * share * (1 + 2 * rest), bend)


def _cubic_slopes(share):
    """Weights, and their derivatives, of the slopes at both ends (a unit apart) on Hermite's cubic."""
    rest = 1 - share
    return (share * rest * rest, rest * (1 - 3 * share)), (-share * share * rest, share * (3 * share - 2))


def _table(curve, times, aif, delay, rates):
    values = model_curve(curve, times, aif, delay, rates)
    return values if values.ndim == 2 else values[:, None]


def _delay_nodes(times, limits):
    """Multiples of a part (or of a few) of the frame interval that cover the limits, so that zero is among them."""
    intervals = np.diff(times)
    interval = float(np.median(intervals))
    most = _PARTS_EVEN if np.allclose(intervals, interval, rtol=1e-3) else _PARTS_UNEVEN
    parts = np.floor((_MOST_DELAYS - 3) * interval / (limits[1] - limits[0]))
    step = (
        interval / min(parts, most)
        if parts >= 1
        else interval * np.ceil((limits[1] - limits[0]) / interval / (_MOST_DELAYS - 3))
    )
    return step * np.arange(np.floor(limits[0] / step), np.ceil(limits[1] / step) + 1)

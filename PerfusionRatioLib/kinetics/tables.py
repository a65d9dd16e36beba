"""Curves on a grid of rates: their Taylor series, and the dozen directions that they span."""

from dataclasses import dataclass

import numpy as np

from .convolution import exponential_convolution, shifted
from .models import Curve

ORDER = 5
"""Terms of the Taylor series kept: with nodes 0.04 apart in log rate, the sixth is below 1e-10."""

_NODE_STEP = 0.02
_STENCIL = np.arange(-5, 6)
_STENCIL_STRIDE = 3
_SIGNIFICANT = 3e-8
"""Directions whose singular value is below this part of the largest are beyond what float32 data can tell."""


@dataclass(frozen=True)
class RateNodes:
    """An even grid in x = log(rate), on which curves are tabulated.

    Attributes:
        x: (nodes,) log of the rate in 1/min.
        coarse: the indices of the nodes that are scanned.
    """

    x: np.ndarray
    coarse: np.ndarray

    @classmethod
    def over(cls, rates: tuple[float, float], scanned: float, step: float = _NODE_STEP) -> "RateNodes":
        """Nodes ``step`` apart in log rate from the lowest to the highest rate, one every ``scanned`` to be scanned."""
        low, high = np.log(rates)
        every = max(round(scanned / step), 1)
        steps = int(np.ceil((high - low) / step / every)) * every
        return cls(np.linspace(low, high, steps + 1), np.arange(0, steps + 1, every))

    @property
    def step(self) -> float:
        """Distance of two nodes."""
        return self.x[1] - self.x[0]

    def nearest(self, x: np.ndarray) -> np.ndarray:
        """Index of the node nearest to each ``x``."""
        return np.clip(np.rint((x - self.x[0]) / self.step).astype(np.intp), 0, len(self.x) - 1)

    def beyond(self) -> np.ndarray:
        """The nodes and enough further ones on both sides for the finite differences of `taylor`."""
        margin = _STENCIL_STRIDE * _STENCIL[-1]
        return self.x[0] + self.step * np.arange(-margin, len(self.x) + margin)

    def taylor(self, values: np.ndarray) -> np.ndarray:
        """Taylor coefficients at the nodes of what was tabulated on `beyond`.

        Args:
            values: (nodes of `beyond`, ...).

        Returns:
            (nodes, ORDER, ...): coefficient m multiplies (x − node)^m.
        """
        weights = np.linalg.inv(np.vander(_STENCIL.astype(float), increasing=True))[:ORDER]
        spacing = self.step * _STENCIL_STRIDE
        margin = _STENCIL_STRIDE * _STENCIL[-1]
        count = len(self.x)
        shape = (count, ORDER, *values.shape[1:])
        result = np.zeros(shape)
        for offset, column in zip(_STENCIL * _STENCIL_STRIDE + margin, weights.T, strict=True):
            for power in range(ORDER):
                result[:, power] += column[power] / spacing**power * values[offset : offset + count]
        return result


def evaluate(coefficients: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Sum of coefficients[..., m] · offset^m."""
    value = coefficients[..., -1]
    for power in range(coefficients.shape[-1] - 2, -1, -1):
        value = value * offset + coefficients[..., power]
    return value


def derivative(coefficients: np.ndarray) -> np.ndarray:
    """Coefficients of the derivative of a Taylor series whose powers run along the last axis."""
    return coefficients[..., 1:] * np.arange(1, coefficients.shape[-1])


def powers(offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The factors of a Taylor series and of its derivative at ``offset``, each (n, ORDER)."""
    factors = np.ones((len(offset), ORDER), offset.dtype)
    slopes = np.zeros_like(factors)
    for power in range(1, ORDER):
        factors[:, power] = factors[:, power - 1] * offset
        slopes[:, power] = power * factors[:, power - 1]
    return factors, slopes


def model_curve(curve: Curve, times, aif, delay: float, rates=None) -> np.ndarray:
    """One of a model's curves, its input ``delay`` minutes late: (frames,), or (frames, rates)."""
    at = None if delay == 0 else times - delay
    if curve is Curve.PLASMA:
        return np.asarray(aif, float) if at is None else shifted(times, aif, at)
    if curve is Curve.INTEGRAL:
        return exponential_convolution(0.0, times, aif, at)[:, 0]
    return exponential_convolution(rates, times, aif, at)


def reduced_basis(curves: np.ndarray, first: np.ndarray | None = None) -> np.ndarray:
    """Orthonormal directions (frames, d) that span ``curves`` (frames, many) within what float32 can tell.

    Args:
        first: a curve whose direction becomes column 0.
    """
    lengths = np.linalg.norm(curves, axis=0)
    curves = curves / np.where(lengths > 0, lengths, 1.0)
    if first is None:
        left, values, _ = np.linalg.svd(curves, full_matrices=False)
        return left[:, values > _SIGNIFICANT * values[0]]
    unit = (first / np.linalg.norm(first))[:, None]
    rest = curves - unit @ (unit.T @ curves)
    left, values, _ = np.linalg.svd(rest, full_matrices=False)
    left = left[:, values > _SIGNIFICANT * np.sqrt(curves.shape[1])]
    left = np.linalg.qr(left - unit @ (unit.T @ left))[0]
    return np.column_stack([unit, left])

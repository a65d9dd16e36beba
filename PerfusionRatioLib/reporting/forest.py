"""Ratios with their intervals, drawn one under the other against the threshold on one logarithmic axis."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..ratio.measurement import RatioMeasurement
from .words import unbounded

TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
MOST_TICKS = 8
WIDEST = (0.5, 3.0)
"""What the axis covers at least."""
LIMITS = (0.1, 1000.0)
"""And at most."""


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis from 0 to 100 (per cent of its length)."""

    low: float
    high: float

    def place(self, ratio: float) -> float:
        """Where a ratio lies; what lies beyond an end lies at that end."""
        inside = min(max(ratio, self.low), self.high)
        return 100 * math.log(inside / self.low) / math.log(self.high / self.low)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places and what is written there; only powers of ten where there is little room."""
        chosen = [tick for tick in TICKS if self.low <= tick <= self.high]
        if len(chosen) > MOST_TICKS:
            chosen = [tick for tick in chosen if math.log10(tick).is_integer()]
        return [(self.place(tick), f"{tick:g}") for tick in chosen]


@dataclass(frozen=True)
class Whisker:
    """One interval; places are per cent of the axis.

    Attributes:
        low, high: the ends of the line.
        dot: the ratio; None where there is none to show.
        open_left, open_right: whether the line goes on beyond the end of the axis, and is to end in an arrow.
    """

    low: float
    high: float
    dot: float | None
    open_left: bool
    open_right: bool


def axis_for(measurements: Iterable[RatioMeasurement], thresholds: Iterable[float]) -> Axis:
    """An axis that holds the intervals, the thresholds and the ratio 1, with some room."""
    shown = [
        number
        for item in measurements
        for number in ((item.ci_low,) if unbounded(item) else (item.ci_low, item.ratio, item.ci_high))
        if math.isfinite(number) and number > 0
    ]
    held = [*WIDEST, *thresholds, *shown]
    return Axis(max(min(held) / 1.25, LIMITS[0]), min(max(held) * 1.25, LIMITS[1]))


def whisker(item: RatioMeasurement, axis: Axis) -> Whisker | None:
    """The interval of a ratio on ``axis``; None where there is nothing to draw."""
    if math.isnan(item.ci_low):
        return None
    endless = unbounded(item)
    if not endless and math.isnan(item.ci_high):
        return None
    high = math.inf if endless else item.ci_high
    return Whisker(
        axis.place(item.ci_low),
        axis.place(high),
        None if endless or not math.isfinite(item.ratio) else axis.place(item.ratio),
        item.ci_low < axis.low,
        high > axis.high,
    )

"""From a value to a colour: one scale for both visits of a lesion."""

from dataclasses import dataclass

import numpy as np

from ..comparison.result import Comparison, LesionComparison
from . import words

MAPS = {"ktrans": "inferno", "vp": "viridis"}
"""Perceptually uniform colour maps, by parameter."""
LEAST_TOP = {"ktrans": 0.03, "vp": 0.05}
"""A scale reaches this far at least (min⁻¹, fraction), so that tissue without perfusion does not glow."""
HIGHEST_SHARE = 98
"""Percentile of the lesion's voxels at the top of the scale."""
STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True)
class ColourScale:
    """From 0 to ``top``, in the units of the maps."""

    parameter: str
    top: float

    def rgba(self, values: np.ndarray) -> np.ndarray:
        """Colours, uint8 (..., 4); transparent where there is no value."""
        import matplotlib

        colours = matplotlib.colormaps[MAPS[self.parameter]](np.clip(values / self.top, 0, 1), bytes=True)
        colours[~np.isfinite(values)] = 0
        return colours

    def stops(self, count: int = 24) -> list[str]:
        """Colours from the bottom to the top of the scale, as #rrggbb."""
        colours = self.rgba(np.linspace(0, self.top, count))
        return ["#" + bytes(colour[:3]).hex() for colour in colours]

    @property
    def ticks(self) -> list[str]:
        """What is written at the bottom, the middle and the top."""
        return [words.value(self.parameter, share * self.top) for share in (0.0, 0.5)] + [
            f"≥ {words.value(self.parameter, self.top)}"
        ]


def colour_scale(comparison: Comparison, lesion: LesionComparison, parameter: str) -> ColourScale | None:
    """The scale that shows the lesion at both visits; None where no visit has such a map."""
    values, known = [], False
    for name, visit in (("pre", comparison.pre), ("follow_up", comparison.follow_up)):
        array = getattr(visit.visit.maps, parameter)
        if array is None:
            continue
        known = True
        at_visit = getattr(lesion, name)
        if at_visit is not None:
            inside = array[at_visit.region]
            values.append(inside[np.isfinite(inside)])
    if not known:
        return None
    highest = max((np.percentile(part, HIGHEST_SHARE) for part in values if part.size), default=0.0)
    return ColourScale(parameter, _round_above(max(float(highest), LEAST_TOP[parameter])))


def _round_above(amount: float) -> float:
    """The next round number."""
    power = 10.0 ** np.floor(np.log10(amount))
    return float(next(step for step in STEPS if step * power >= amount * (1 - 1e-9)) * power)

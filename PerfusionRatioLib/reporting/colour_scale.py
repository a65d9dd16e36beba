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
SHARED_WITHIN = 3.0
"""Lesions whose scales would end within this factor of each other have one scale."""
STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True)
class ColourScale:
    """From 0 to ``top``, in the units of the maps; ``shared`` when it is that of every lesion of the report."""

    parameter: str
    top: float
    shared: bool = False

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
    if all(getattr(visit.visit.maps, parameter) is None for visit in comparison.visits):
        return None
    tops = [_highest(comparison, one, parameter) for one in comparison.lesions]
    if max(tops) < SHARED_WITHIN * min(tops):
        return ColourScale(parameter, round_above(max(tops)), shared=len(tops) > 1)
    return ColourScale(parameter, round_above(_highest(comparison, lesion, parameter)))


def _highest(comparison: Comparison, lesion: LesionComparison, parameter: str) -> float:
    """Where the scale of a lesion has to end, in the units of the map."""
    tops = [LEAST_TOP[parameter]]
    for name, at_visit in lesion.visits:
        array = getattr(getattr(comparison, name).visit.maps, parameter)
        inside = np.empty(0) if array is None else array[at_visit.region]
        inside = inside[np.isfinite(inside)]
        if inside.size:
            tops.append(float(np.percentile(inside, HIGHEST_SHARE)))
    return max(tops)


def round_above(amount: float) -> float:
    """The next round number."""
    power = 10.0 ** np.floor(np.log10(amount))
    return float(next(step for step in STEPS if step * power >= amount * (1 - 1e-9)) * power)

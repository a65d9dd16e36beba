"""What a ratio is, with everything there is to know of it."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

PARAMETERS = ("ktrans", "vp", "ve", "kep")
"""Parameters whose ratios are measured, where the model has them."""
STATISTICS = ("median", "mean", "p90", "hot_spot")
"""How the voxels of a region become one number; the hot spot is the mean of the highest twentieth, of 3 at least."""
UNITS = {"ktrans": "1/min", "vp": "", "ve": "", "kep": "1/min"}


class RatioFlag(StrEnum):
    """What is to be known of a ratio; the value is the sentence's gist, as it stands in tables."""

    REFERENCE_NEAR_ZERO = "reference-not-distinguishable-from-zero"
    FEW_LESION_VOXELS = "too-few-lesion-voxels"
    FEW_REFERENCE_VOXELS = "too-few-reference-voxels"
    FAILED_FITS = "failed-fits"
    NOT_DETERMINED = "not-determined-by-the-data"


UNEVALUABLE = frozenset(RatioFlag)
"""Any of these leaves a ratio without a verdict."""


@dataclass(frozen=True)
class RatioMeasurement:
    """One statistic of one parameter in the lesion, in the reference, and their quotient.

    Attributes:
        parameter: "ktrans", "vp", "ve" or "kep".
        statistic: one of ``STATISTICS``.
        lesion_value, reference_value: in the units of ``UNITS``; not-a-number where there is none.
        lesion_interval, reference_interval: 95% intervals of these.
        ratio: their quotient; not-a-number when the reference is not above zero.
        ci_low, ci_high: 95% interval of the ratio; ``ci_high`` is infinite when the reference may be zero, ``ci_low``
            not-a-number when it is not above zero at all.
        lesion_voxels, reference_voxels: how many voxels have a value.
        flags: what is to be known of it.
        draws: what the ratio might have been with other noise, shaped (n,); infinite where the reference was not
            above zero.
    """

    parameter: str
    statistic: str
    lesion_value: float
    reference_value: float
    lesion_interval: tuple[float, float]
    reference_interval: tuple[float, float]
    ratio: float
    ci_low: float
    ci_high: float
    lesion_voxels: int
    reference_voxels: int
    flags: tuple[RatioFlag, ...] = ()
    draws: np.ndarray = field(default_factory=lambda: np.empty(0), repr=False, compare=False)

    @property
    def evaluable(self) -> bool:
        """Whether the ratio can be judged at all."""
        return UNEVALUABLE.isdisjoint(self.flags) and bool(np.isfinite(self.ratio) and np.isfinite(self.ci_low))


@dataclass(frozen=True)
class Sensitivity:
    """How much the border of the lesion matters: the median ratio with one layer of voxels less, and one more.

    Not-a-number where nothing is left.
    """

    parameter: str
    eroded: float
    dilated: float


@dataclass(frozen=True)
class RegionCurves:
    """Mean concentrations in mM at the frame times in seconds."""

    times: np.ndarray
    lesion: np.ndarray
    reference: np.ndarray


@dataclass(frozen=True)
class Ratios:
    """Everything measured of one lesion at one visit.

    Attributes:
        measurements: one for each parameter and statistic.
        sensitivity: one for each parameter.
        evaluable_fraction: share of the lesion's voxels in the series that could be fitted.
        enhancing: median ratios of the lesion without its necrotic core, where a core is known; else empty.
        curves: mean curves of lesion and reference.
    """

    measurements: tuple[RatioMeasurement, ...]
    sensitivity: tuple[Sensitivity, ...]
    evaluable_fraction: float
    curves: RegionCurves
    enhancing: tuple[RatioMeasurement, ...] = ()

    def of(self, parameter: str, statistic: str = "median") -> RatioMeasurement | None:
        """The measurement of a parameter; None where the model has no such parameter."""
        for item in self.measurements:
            if (item.parameter, item.statistic) == (parameter, statistic):
                return item
        return None

"""The arterial input function: a plasma concentration curve and where it comes from."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from ..errors import InputError
from .quality import AifQuality


class Curves(Protocol):
    """Concentrations in mM ``curves`` (t, n) of the voxels (k, j, i) in ``index`` (n, 3)."""

    index: np.ndarray
    curves: np.ndarray


class AsBlood(Protocol):
    """Turns concentrations worked out for tissue into those of blood; ``signal.blood.BloodConversion`` is one."""

    kept: Curves
    """Concentrations in blood of voxels that have none in tissue."""

    def __call__(self, concentration: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Curves (t, n) of the voxels (k, j, i) in ``index`` (n, 3)."""

    def values(self, concentration: np.ndarray, index: np.ndarray) -> np.ndarray:
        """Concentrations (..., n) that are no whole curves, from those in tissue alone."""


@dataclass(frozen=True)
class AifVoxel:
    """One voxel an arterial input was taken from, and why.

    Attributes:
        index: (k, j, i) in the series.
        position: LPS millimetres of its centre; None where the grid is not known.
        reason: one sentence: why this voxel was chosen.
        arrival_time: seconds at which its curve leaves the baseline.
        peak: highest plasma concentration, mM.
        time_to_peak: seconds from arrival to peak.
        width: full width at half maximum of the first pass, seconds.
        roughness: irregularity of the curve, without unit; low is smooth.
        tail: late concentration divided by the peak.
        score: what the voxels were ranked by; high is good.
    """

    index: tuple[int, int, int]
    position: tuple[float, float, float] | None
    reason: str
    arrival_time: float = float("nan")
    peak: float = float("nan")
    time_to_peak: float = float("nan")
    width: float = float("nan")
    roughness: float = float("nan")
    tail: float = float("nan")
    score: float = float("nan")


@dataclass(frozen=True)
class ArterialInput:
    """An arterial input function.

    Attributes:
        times: seconds from the first frame, shaped (t,), increasing.
        plasma_concentration: mM in plasma (blood concentration divided by 1 - haematocrit), shaped (t,), finite.
        haematocrit: large-vessel haematocrit used for that division, as a fraction.
        origin: where it comes from, such as "automatic", "region", "population (Parker 2006)" or "from a file".
        mask: the voxels it was taken from, bool shaped (k, j, i); None where it was not measured in the images.
        voxels: the voxels with their features and reasons, where they are known.
        quality: the verdict; None when not judged.
        arrival_time: seconds at which the bolus arrives in the artery; None when not known.
        notes: sentences on what was assumed or left out.
    """

    times: np.ndarray
    plasma_concentration: np.ndarray
    haematocrit: float
    origin: str
    mask: np.ndarray | None = None
    voxels: tuple[AifVoxel, ...] = ()
    quality: AifQuality | None = None
    arrival_time: float | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)

    def __post_init__(self):
        check_haematocrit(self.haematocrit)
        times = np.asarray(self.times, float)
        plasma = np.asarray(self.plasma_concentration, float)
        if times.ndim != 1 or plasma.shape != times.shape:
            raise InputError(
                f"The arterial input ({self.origin}) has {plasma.size} concentrations for {times.size} times; "
                "it needs one for each time."
            )
        if not np.all(np.isfinite(plasma)):
            missing = int(np.sum(~np.isfinite(plasma)))
            raise InputError(
                f"The arterial input ({self.origin}) has {missing} of {plasma.size} concentrations that are not "
                "numbers: choose other voxels or give the curve as a file."
            )
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "plasma_concentration", plasma)

    @property
    def blood_concentration(self) -> np.ndarray:
        """mM in whole blood, shaped (t,)."""
        return self.plasma_concentration * (1 - self.haematocrit)


def check_haematocrit(haematocrit: float) -> None:
    """Refuse a haematocrit that is not a fraction from 0 (concentrations are plasma already) to below 1.

    Raises:
        InputError: outside that range or not a number.
    """
    if not 0 <= haematocrit < 1:
        raise InputError(
            f"The haematocrit is {haematocrit:g}; it must be a fraction from 0 to below 1, such as 0.42: "
            "divide per cent by 100."
        )

"""A visit put together by hand from curves that are known exactly, for tests of ratios."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid

from PerfusionRatioLib.phantom.bolus import Bolus
from PerfusionRatioLib.series import Grid
from PerfusionRatioLib.signal.baseline import Baseline
from PerfusionRatioLib.visit_preparation import PreparedVisit
from PerfusionRatioLib.visit_settings import VisitSettings
from Testing.Library.kinetic_curves import PHYSICAL, model_curve

TIMES = 5.0 * np.arange(60)
PLASMA = Bolus(arrival=30.0, peak=6.0, width=12.0).arterial(TIMES)
BASELINE = 6
"""Frames before the bolus."""
VITAL = {"ktrans": 0.08, "ve": 0.3, "vp": 0.05}
NORMAL = {"ktrans": 0.004, "vp": 0.02}


def leaking(ktrans: float, vp: float) -> np.ndarray:
    """Patlak's curve for ``PLASMA``, which is straight between its samples."""
    return ktrans * cumulative_trapezoid(PLASMA, TIMES / 60, initial=0) + vp * PLASMA


def curve(tissue: Mapping[str, float]) -> np.ndarray:
    """A tissue's curve: extended Tofts where it has a ve, else Patlak."""
    if "ve" not in tissue:
        return leaking(**tissue)
    return model_curve("extended-tofts", [tissue[name] for name in PHYSICAL["extended-tofts"]], TIMES, PLASMA)


@dataclass(frozen=True)
class Example:
    """A visit, its lesion and its reference."""

    prepared: PreparedVisit
    lesion: np.ndarray
    reference: np.ndarray


def prepared_visit(concentration: np.ndarray, settings: VisitSettings = VisitSettings(motion=False)) -> PreparedVisit:
    """A visit of concentrations in mM, shaped (60, k, j, i)."""
    grid = Grid(concentration.shape[:0:-1], (2.0, 2.0, 4.0))
    baseline = Baseline(0, BASELINE, 30.0, "given")
    return PreparedVisit(
        concentration.astype(np.float32),
        TIMES,
        grid,
        np.ones(grid.shape, bool),
        baseline,
        None,
        (),
        settings,
        {},
        {},
        (),
    )


def example(
    lesion: Mapping[str, float] = VITAL,
    normal: Mapping[str, float] = NORMAL,
    noise: float = 0.0,
    settings: VisitSettings = VisitSettings(motion=False),
    seed: int = 0,
) -> Example:
    """A cuboid lesion of 80 voxels and a reference of 192 in normal brain; ``noise`` in mM, as it is after division by
    a baseline that has noise itself."""
    shape = (8, 12, 20)
    lesions, references = np.zeros((2, *shape), bool)
    lesions[2:6, 3:7, 2:7] = True
    references[1:7, 2:10, 14:18] = True
    curves = np.repeat(curve(normal)[:, None], np.prod(shape), axis=1).reshape(-1, *shape)
    curves[:, lesions] = curve(lesion)[:, None]
    if noise:
        added = noise * np.random.default_rng(seed).standard_normal(curves.shape)
        curves = curves + added - added[:BASELINE].mean(axis=0)
    return Example(prepared_visit(curves, settings), lesions, references)

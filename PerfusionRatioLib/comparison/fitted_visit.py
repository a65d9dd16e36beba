"""A visit fitted, and its post-contrast T1 brought to the series."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..progress import Progress, advance, part
from ..rigid import Rigid
from ..series import DceSeries, Volume
from ..visit import Visit, fit_visit
from .inputs import ComparedVisit
from .outside_mask import fitted_there_too
from .result import VisitResult

if TYPE_CHECKING:
    from ..alignment.registration import Alignment
    from ..segmentation.lesion import LesionSegmentation

LATE = 0.2
"""The share of the frames, the last ones, whose mean stands in for a post-contrast T1."""
VESSEL_VP = 0.12
"""A voxel of normal brain has a vp of 0.01 to 0.06; above this it holds a vessel."""


@dataclass(frozen=True)
class FittedVisit:
    """A visit with what its lesions are measured from.

    Attributes:
        result: maps, T1 and alignment.
        given: what it was made from.
        brain: the inside of the skull on the grid of the T1; None where it is not found.
    """

    result: VisitResult
    given: ComparedVisit
    brain: np.ndarray | None

    @property
    def vessels(self) -> np.ndarray:
        """Voxels of the series that no reference may hold: vessels, and those without a fit."""
        maps = self.result.visit.maps
        with np.errstate(invalid="ignore"):
            lit = maps.vp > VESSEL_VP if maps.vp is not None else np.zeros(self.result.grid.shape, bool)
        return lit | ~np.isfinite(maps.residual_sd)


def fit_compared_visit(name: str, given: ComparedVisit, progress: Progress | None = None) -> FittedVisit:
    """Fit the visit ``name`` and align its T1 with the series.

    Raises:
        InputError, NoAnswerError: as ``fit_visit`` and ``align``.
        Cancelled: by ``progress``.
    """
    inputs = given.inputs
    visit = fit_visit(
        given.series,
        given.settings,
        t10=inputs.t10,
        b1=inputs.b1,
        mask=inputs.mask,
        aif=inputs.aif,
        progress=part(progress, 0, 0.85),
    )
    advance(progress, 0.85, "aligning the T1 with the series")
    anatomy = _anatomy(given.series, visit)
    if given.t1_post is None:
        late = _late(given.series, visit)
        return FittedVisit(VisitResult(name, given.date, visit, late, _in_place()), given, visit.prepared.mask)
    from ..alignment.registration import align
    from ..segmentation.coarse_brain import coarse_brain

    alignment = align(anatomy, given.t1_post, fixed_mask=visit.prepared.mask, progress=part(progress, 0.85, 1))
    result = VisitResult(name, given.date, visit, given.t1_post, alignment)
    return FittedVisit(result, given, coarse_brain(given.t1_post))


def covering(visit: FittedVisit, lesions: "Iterable[LesionSegmentation]") -> FittedVisit:
    """``visit`` with maps that hold every voxel that one of the ``lesions``, outlined on the T1, touches."""
    from ..alignment.carrying import carried_fraction

    result, touched = visit.result, np.zeros(visit.result.grid.shape, bool)
    for lesion in lesions:
        touched |= carried_fraction(lesion.mask, lesion.grid, result.grid, result.alignment.transform) > 0
    return replace(visit, result=replace(result, visit=fitted_there_too(result.visit, touched)))


def _anatomy(series: DceSeries, visit: Visit) -> Volume:
    """The series as an image of anatomy, before the bolus."""
    prepared = visit.prepared
    array = prepared.before if prepared.before is not None else np.nan_to_num(prepared.concentration[-1])
    return Volume(array, series.grid, series.acquisition, series.source, series.identity)


def _late(series: DceSeries, visit: Visit) -> Volume:
    """The mean of the last frames: a T1 after contrast agent on the grid of the series."""
    prepared = visit.prepared
    count = max(1, round(LATE * len(prepared.times)))
    late = np.nan_to_num(series.signal[-count:]).mean(axis=0)
    return replace(_anatomy(series, visit), array=late.astype(np.float32))


def _in_place() -> "Alignment":
    from ..alignment.registration import Alignment

    sentence = "There is no post-contrast T1: the lesion is outlined on the last frames of the series itself."
    return Alignment(Rigid.identity(np.zeros(3)), 1.0, "good", sentence)

"""A visit fitted, and its post-contrast T1 brought to the series."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
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
    from ..aif.arterial_input import ArterialInput
    from ..alignment.registration import Alignment
    from ..segmentation.lesion import LesionSegmentation
    from ..segmentation.midsagittal import MidsagittalPlane
    from ..segmentation.white_matter import WhiteMatter

MOST_OF_IT = 0.5
"""A mask that holds this share of the brain that is found is taken for the brain."""
VESSEL_VP = 0.12
"""A voxel of normal brain has a vp of 0.01 to 0.06; above this it holds a vessel."""


@dataclass(frozen=True)
class FittedVisit:
    """A visit with what its lesions are measured from.

    Attributes:
        result: maps, T1 and alignment.
        given: what it was made from.
        brain: the inside of the skull on the grid of the T1, or without a T1 of the series; None where it is not found.
        lesions: all of the visit, bool on the same grid; None before they are outlined.
    """

    result: VisitResult
    given: ComparedVisit
    brain: np.ndarray | None
    lesions: np.ndarray | None = None

    @cached_property
    def white(self) -> "WhiteMatter | None":
        """How bright white matter is on the T1; None without a brain.

        Raises:
            NoAnswerError: as ``learn_white_matter``.
        """
        from ..segmentation.reference_region import without_gaps
        from ..segmentation.white_matter import learn_white_matter

        if self.brain is None or not self.brain.any():
            return None
        return learn_white_matter(without_gaps(self.result.t1), self.brain, self.lesions)

    @cached_property
    def plane(self) -> "MidsagittalPlane | None":
        """The middle of the brain on the T1; None without a brain.

        Raises:
            NoAnswerError: as ``find_midsagittal_plane``.
        """
        from ..segmentation.midsagittal import find_midsagittal_plane
        from ..segmentation.reference_region import without_gaps

        if self.brain is None or not self.brain.any():
            return None
        return find_midsagittal_plane(without_gaps(self.result.t1), self.brain)

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
    from ..alignment.registration import align
    from ..brain.coarse_brain import coarse_brain

    anatomy = _anatomy(given.series, visit)
    brain = _brain(anatomy, visit, given)
    if given.t1_post is None:
        late = replace(anatomy, array=visit.prepared.late)
        return FittedVisit(VisitResult(name, given.date, visit, late, _in_place()), given, brain)
    alignment = align(anatomy, given.t1_post, fixed_mask=brain, progress=part(progress, 0.85, 1))
    result = VisitResult(name, given.date, visit, given.t1_post, alignment)
    return FittedVisit(result, given, coarse_brain(given.t1_post))


def with_arterial_input(
    visit: FittedVisit,
    aif: "ArterialInput | np.ndarray | None",
    setting: str = "auto",
    progress: Progress | None = None,
    *,
    where: np.ndarray | None = None,
) -> FittedVisit:
    """``visit`` fitted again with another arterial input.

    Nothing but the fit is done again, so that maps follow while a region is drawn.

    Args:
        visit: as it was fitted before.
        aif: a curve, or a mask of the artery [k, j, i]; None: as ``setting`` says.
        setting: what ``VisitSettings.aif`` is then: "auto", or the name of a population's input.
        progress: told what is done.
        where: the only voxels that are fitted, bool [k, j, i], such as those that are looked at; all without it.

    Raises:
        InputError, NoAnswerError: as ``find_arterial_input``.
        Cancelled: by ``progress``.
    """
    from ..visit import fit_prepared

    settings = replace(visit.given.settings, aif=setting)
    prepared = replace(visit.result.visit.prepared, settings=settings)
    fitted = fit_prepared(prepared, aif, progress, where=where)
    given = replace(visit.given, settings=settings, inputs=replace(visit.given.inputs, aif=aif))
    return replace(visit, result=replace(visit.result, visit=fitted), given=given)


def covering(visit: FittedVisit, lesions: "Iterable[LesionSegmentation]") -> FittedVisit:
    """``visit`` with its ``lesions``, outlined on the T1, and with maps that hold every voxel that they touch."""
    from ..alignment.carrying import carried_fraction

    result, touched = visit.result, np.zeros(visit.result.grid.shape, bool)
    everywhere = np.zeros(result.t1.grid.shape, bool)
    for lesion in lesions:
        everywhere |= lesion.mask
        touched |= carried_fraction(lesion.mask, lesion.grid, result.grid, result.alignment.transform) > 0
    fitted = replace(result, visit=fitted_there_too(result.visit, touched))
    return replace(visit, result=fitted, lesions=everywhere)


def _anatomy(series: DceSeries, visit: Visit) -> Volume:
    """The series as an image of anatomy, before the bolus."""
    prepared = visit.prepared
    array = prepared.before if prepared.before is not None else np.nan_to_num(prepared.concentration[-1])
    return Volume(array, series.grid, series.acquisition, series.source, series.identity)


def _brain(anatomy: Volume, visit: Visit, given: ComparedVisit) -> np.ndarray:
    """Where the series shows the brain: in the voxels fitted, unless all are, or a mask holds but a part of it."""
    fitted, mask = visit.prepared.mask, given.inputs.mask
    if visit.prepared.before is None or (mask is None and given.settings.mask != "all"):
        return fitted
    from ..brain.coarse_brain import coarse_brain

    found = coarse_brain(anatomy)
    if found is None or (mask is not None and fitted[found].mean() >= MOST_OF_IT):
        return fitted
    return found


def _in_place() -> "Alignment":
    from ..alignment.registration import Alignment

    sentence = "There is no post-contrast T1: the lesion is outlined on the last frames of the series itself."
    return Alignment(Rigid.identity(np.zeros(3)), 1.0, "good", sentence)

"""One lesion at one visit: outlined on the T1, carried onto the series, and measured against normal brain."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, NoAnswerError
from ..progress import Progress, advance, part
from ..ratio.criteria import Criteria
from ..ratio.measure import measure_ratios
from ..ratio.verdict import judge
from ..series import Volume
from .fitted_visit import FittedVisit
from .inputs import DrawnMask, LesionMark
from .result import WHEN, LesionAtVisit

if TYPE_CHECKING:
    from ..segmentation.lesion import LesionSegmentation
    from ..segmentation.reference_region import ReferenceRegion

HALF = 0.5
"""The share of a voxel of the series that must lie in the lesion for it to be measured."""
WHOLE = 0.98
"""A lesion of which more than this lies within the series counts as whole."""


def outline(visit: FittedVisit, mark: LesionMark, others: Sequence[np.ndarray] = ()) -> "LesionSegmentation":
    """The lesion on the grid of the visit's T1, by its seeds or from its mask.

    Args:
        visit: fitted.
        mark: of the lesion.
        others: the seeds of other lesions, LPS shaped (n, 3) each: one that it touches is not taken with it.

    Raises:
        InputError, NoAnswerError: as ``segment_lesion``; a mask on another grid, or one outside of the T1.
    """
    from ..alignment.carrying import carried_fraction
    from ..segmentation.lesion import LesionSegmentation

    t1, series = visit.result.t1, visit.result.grid
    if mark.mask is None:
        return outline_from_seeds(t1, mark, others)
    drawn = mark.mask
    grid = t1.grid if drawn.image == "t1" else series
    if drawn.mask.shape != grid.shape:
        raise InputError(f"The mask of the lesion is shaped {drawn.mask.shape} but its image {grid.shape}.")
    mask = drawn.mask.astype(bool)
    if drawn.image == "dce":
        mask = carried_fraction(mask, series, t1.grid, visit.result.alignment.transform.inverse) >= HALF
    if not mask.any():
        raise InputError("The mask of the lesion holds no voxel of the T1: check that it belongs to this visit.")
    core = np.zeros_like(mask) if drawn.core is None or drawn.image == "dce" else drawn.core.astype(bool) & mask
    note = "" if core.any() else "The mask does not tell a necrotic core: all of it is taken for enhancing."
    return LesionSegmentation(t1.grid, mask, core, (*drawn.notes, note) if note else drawn.notes)


def outline_from_seeds(t1: Volume, mark: LesionMark, others: Sequence[np.ndarray]) -> "LesionSegmentation":
    """A lesion marked by seeds; arguments and errors as of ``outline``."""
    from ..segmentation.lesion import segment_lesion

    own = [] if mark.background is None else [np.atleast_2d(mark.background)]
    hints = [*own, *(_seen(np.atleast_2d(seeds), t1) for seeds in others)]
    background = np.concatenate(hints) if hints else None
    return segment_lesion(t1, mark.seeds, background=background, amount=mark.amount)


def _seen(places: np.ndarray, image: Volume) -> np.ndarray:
    """The LPS positions (n, 3) at which the image has a value; a seed beside it is told when its own lesion is due."""
    voxels = np.floor(image.grid.indices(places) + 0.5).astype(int)
    inside = ((voxels >= 0) & (voxels < image.grid.size)).all(axis=1)
    inside[inside] = np.isfinite(image.array[tuple(voxels[inside, ::-1].T)])
    return places[inside]


def measure_lesion_at_visit(
    visit: FittedVisit,
    segmentation: "LesionSegmentation",
    others: np.ndarray,
    criteria: Criteria,
    include_core: bool = True,
    progress: Progress | None = None,
) -> LesionAtVisit:
    """Carry a lesion onto the series, find its reference and measure it.

    Args:
        visit: fitted.
        segmentation: the lesion on the grid of the visit's T1.
        others: all other lesions of the visit, bool on the same grid.
        criteria: by which it is judged.
        include_core: whether its necrotic core is measured with it.
        progress: see ``PerfusionRatioLib.progress``.

    Raises:
        InputError: the lesion lies outside the series.
        NoAnswerError: there is no normal brain to compare with, or nothing but a core that is not to be measured.
        Cancelled: by ``progress``.
    """
    from ..alignment.carrying import carried_fraction, inside_fraction
    from ..segmentation.lesion_size import measure_lesion

    advance(progress, 0.0, "carrying the lesion onto the series")
    result = visit.result
    grids = (result.t1.grid, result.grid, result.alignment.transform)
    inside = inside_fraction(segmentation.mask, *grids)
    _check_something_to_measure(inside, segmentation, include_core, result.name)
    fraction = carried_fraction(segmentation.mask, *grids)
    core = carried_fraction(segmentation.core, *grids) >= HALF
    measured = fraction if include_core else carried_fraction(segmentation.enhancing, *grids)
    region = _at_least_half(measured)
    reference = _reference(visit, segmentation, others, part(progress, 0, 0.6))
    advance(progress, 0.6, "measuring ratios")
    region &= ~reference.mask
    plasma, delay = result.visit.plasma_reaching(result.visit.aif.plasma_concentration)
    ratios = measure_ratios(
        result.visit.prepared,
        plasma,
        region,
        reference.mask,
        core=core if include_core else None,
        filled=measured,
        delay=delay,
    )
    notes = [*segmentation.notes, *reference.notes]
    if inside < WHOLE:
        notes.append(f"Only {inside:.0%} of the lesion lies within the series: the rest was not measured.")
    return LesionAtVisit(
        segmentation,
        measure_lesion(segmentation),
        fraction,
        measured,
        region,
        reference.mask,
        reference.origin,
        inside,
        ratios,
        judge(ratios, criteria),
        tuple(notes),
    )


def _check_something_to_measure(
    inside: float, segmentation: "LesionSegmentation", include_core: bool, visit: str
) -> None:
    if inside == 0:
        raise InputError(
            f"The lesion lies outside the dynamic series {WHEN[visit]}, so it cannot be measured there: check its seed "
            "and the alignment, or leave the lesion out at this visit."
        )
    if not (include_core or segmentation.enhancing.any()):
        raise NoAnswerError(
            "All of the lesion is outlined as necrotic core, so nothing is left to measure without it: outline what "
            "enhances, or measure the core with it."
        )


def _at_least_half(fraction: np.ndarray) -> np.ndarray:
    """The voxels that the lesion fills to half; of a lesion that fills none so far, those that it fills most."""
    region = fraction >= HALF
    return region if region.any() else (fraction > 0) & (fraction >= fraction.max())


def _reference(
    visit: FittedVisit, segmentation: "LesionSegmentation", others: np.ndarray, progress: Progress | None
) -> "ReferenceRegion":
    from ..alignment.carrying import carried_fraction, in_field
    from ..segmentation.reference_region import find_reference, reference_on_dce

    result, given = visit.result, visit.given
    t1, transform = result.t1, result.alignment.transform
    lesions = carried_fraction(segmentation.mask | others, t1.grid, result.grid, transform) > 0
    never = visit.vessels | lesions
    if given.reference is not None:
        return _given_reference(visit, given.reference, never)
    seen = in_field(t1.grid, result.grid, transform.inverse)
    found = find_reference(
        t1,
        segmentation.mask,
        others,
        brain=visit.brain,
        white=visit.white,
        plane=None if given.reference_centre is not None else visit.plane,
        centre=given.reference_centre,
        within=seen,
        progress=progress,
    )
    return reference_on_dce(found, result.grid, transform, never)


def _given_reference(visit: FittedVisit, drawn: DrawnMask, never: np.ndarray) -> "ReferenceRegion":
    from ..segmentation.reference_region import given_reference, reference_on_dce

    result = visit.result
    if drawn.image == "t1":
        given = replace(given_reference(drawn.mask, result.t1.grid), notes=drawn.notes)
        return reference_on_dce(given, result.grid, result.alignment.transform, never)
    given = given_reference(drawn.mask, result.grid).mask
    left, taken = given & ~never, np.count_nonzero(given & never)
    if not left.any():
        raise NoAnswerError(
            "The reference given holds no fitted voxel outside of lesions and vessels: move it to normal brain."
        )
    note = f"{taken} of {np.count_nonzero(given)} voxels of the reference given hold a lesion or vessel, or no fit."
    return replace(given_reference(left, result.grid), notes=(*drawn.notes, note) if taken else drawn.notes)

"""Two visits of one patient compared, lesion by lesion."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, NoAnswerError
from ..progress import Progress, advance, part
from ..ratio.change import Change, change_of
from ..ratio.criteria import Criteria
from ..ratio.input_error import LATE_LEVEL
from ..ratio.measure import measure_ratios
from ..ratio.measurement import Ratios
from ..ratio.reading import read_pair
from ..rigid import Rigid
from ..segmentation.lesion_seeds import check_hints
from .exchanged_input import at_visit
from .fitted_visit import FittedVisit, covering, fit_compared_visit
from .inputs import ComparedVisit, LesionMark, MarkedLesion
from .lesion_at_visit import PLACES, measure_lesion_at_visit, outline
from .matching import gap, moved_note, renamed_notes
from .result import Comparison, LesionAtVisit, LesionComparison
from .t10_shift import t10_shift

if TYPE_CHECKING:
    from ..segmentation.lesion import LesionSegmentation

VISITS = ("pre", "follow_up")
MOSTLY = 0.5
"""The share of the smaller of two lesions from which they count as one marked twice."""


def compare_visits(
    pre: ComparedVisit,
    follow_up: ComparedVisit,
    lesions: Sequence[MarkedLesion],
    criteria: Criteria = Criteria(),
    *,
    include_core: bool = True,
    notes: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> Comparison:
    """Fit both visits, measure every lesion at each, and read the follow-up in the light of the first.

    Args:
        pre, follow_up: the visits before radiosurgery and at suspected progression.
        lesions: with marks at one visit or both.
        criteria: thresholds, rule and repeatability.
        include_core: whether a necrotic core is measured with the lesion.
        notes: sentences that are already known, on dates and identity.
        progress: see ``PerfusionRatioLib.progress``.

    Raises:
        InputError, NoAnswerError: something given cannot be used, or a visit, a lesion or normal brain is not found.
        Cancelled: by ``progress``.
    """
    given = {"pre": pre, "follow_up": follow_up}
    _check(lesions, given)
    fitted = []
    for name, share in (("pre", part(progress, 0, 0.4)), ("follow_up", part(progress, 0.4, 0.8))):
        with _told_of(f"The visit {PLACES[name]}"):
            fitted.append(fit_compared_visit(name, given[name], _labelled(share, PLACES[name])))
    return compare_fitted(
        *fitted, lesions, criteria, include_core=include_core, notes=notes, progress=part(progress, 0.8, 1)
    )


def compare_fitted(
    pre: FittedVisit,
    follow_up: FittedVisit,
    lesions: Sequence[MarkedLesion],
    criteria: Criteria = Criteria(),
    *,
    include_core: bool = True,
    notes: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> Comparison:
    """What ``compare_visits`` does once both visits are fitted: for other marks, references or criteria it alone is run
    again.

    Arguments and errors are those of ``compare_visits``; the visits are those of ``fit_compared_visit``.
    """
    fitted = {"pre": pre, "follow_up": follow_up}
    _check(lesions, {name: visit.given for name, visit in fitted.items()})
    advance(progress, 0.0, "aligning the visits")
    between = _between(fitted, part(progress, 0.0, 0.3))
    outlined = {
        name: _outlined(fitted[name], lesions, part(progress, start, start + 0.1))
        for name, start in (("pre", 0.3), ("follow_up", 0.4))
    }
    advance(progress, 0.5, "fitting the lesions' surroundings")
    fitted = {name: covering(fitted[name], outlined[name].values()) for name in VISITS}
    measured = {
        name: _measured(fitted[name], outlined[name], criteria, include_core, part(progress, start, start + 0.2))
        for name, start in (("pre", 0.5), ("follow_up", 0.7))
    }
    compared = []
    for number, lesion in enumerate(lesions):
        advance(progress, 0.9 + 0.1 * number / len(lesions), f"comparing {lesion.name}")
        found = [measured[name].get(lesion.name) for name in VISITS]
        compared.append(_compared(lesion.name, fitted, found, criteria, between.transform))
    advance(progress, 1.0, "comparing")
    return Comparison(
        fitted["pre"].result,
        fitted["follow_up"].result,
        between,
        tuple(compared),
        _aif_consistency(fitted),
        criteria,
        (*notes, *_model_notes(fitted), *_alignment_notes(fitted, between), *_renamed(compared, between.transform)),
        include_core,
    )


def _check(lesions: Sequence[MarkedLesion], given: Mapping[str, ComparedVisit]) -> None:
    """Refuse, before anything is computed, lesions that are not told apart or not marked."""
    if not lesions:
        raise InputError("No lesion is marked: give a seed point for one at least.")
    names = [lesion.name for lesion in lesions]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"Two lesions are called '{name}': give each a name of its own.")
    for lesion in lesions:
        if lesion.pre is None and lesion.follow_up is None:
            raise InputError(f"The lesion '{lesion.name}' is marked at no visit: give a seed point for it, or drop it.")
    for name in VISITS:
        _check_marks(name, given[name], lesions)


def _labelled(progress: Progress | None, place: str) -> Progress | None:
    return None if progress is None else lambda fraction, what: progress(fraction, f"{place}: {what}")


def _between(fitted: Mapping[str, FittedVisit], progress: Progress | None):
    from ..alignment.registration import align

    before, now = fitted["pre"], fitted["follow_up"]
    return align(before.result.t1, now.result.t1, fixed_mask=before.brain, progress=progress)


def _outlined(
    visit: FittedVisit, lesions: Sequence[MarkedLesion], progress: Progress | None
) -> "dict[str, LesionSegmentation]":
    """The lesions that are marked at a visit, by name, none with a voxel of another.

    What others are marked by, seeds or masks, is background for one that is outlined from its seeds.
    """
    marks = _marks(lesions, visit.result.name)
    outlined = {}
    for number, (name, mark) in enumerate(sorted(marks.items(), key=lambda item: item[1].mask is None)):
        advance(progress, number / len(marks), f"outlining {name}")
        with _named(name, visit):
            apart = {} if mark.seeds is None else {key: other for key, other in marks.items() if key != name}
            outlined[name] = outline(visit, mark, [_places(other, outlined.get(key)) for key, other in apart.items()])
    return _apart({name: outlined[name] for name in marks}, visit)


def _marks(lesions: Sequence[MarkedLesion], visit: str) -> dict[str, LesionMark]:
    return {lesion.name: mark for lesion in lesions if (mark := lesion.at(visit)) is not None}


def _places(mark: LesionMark, outlined: "LesionSegmentation | None") -> np.ndarray:
    """LPS positions that belong to a lesion, (n, 3)."""
    if mark.mask is None:
        return np.atleast_2d(mark.seeds)
    return outlined.grid.positions(np.argwhere(outlined.mask)[:, ::-1])


def _apart(outlined: "dict[str, LesionSegmentation]", visit: FittedVisit) -> "dict[str, LesionSegmentation]":
    """The lesions without what they share: voxels of two lesions are the first one's.

    Raises:
        InputError: two are mostly the same.
    """
    result: dict[str, LesionSegmentation] = {}
    for name, lesion in outlined.items():
        for other, known in result.items():
            shared = lesion.mask & known.mask
            count, smaller = np.count_nonzero(shared), min(np.count_nonzero(one.mask) for one in (lesion, known))
            if count > MOSTLY * smaller:
                raise InputError(
                    f"Lesions '{other}' and '{name}' are mostly the same {PLACES[visit.result.name]} ({count} voxels "
                    f"of {smaller}): mark each by itself, or make them one lesion."
                )
            if count:
                note = f"{count} voxels that lie in '{other}' too were left to it."
                left = lesion.mask & ~shared
                lesion = replace(lesion, mask=left, core=lesion.core & left, notes=(*lesion.notes, note))
        result[name] = lesion
    return result


def _measured(
    visit: FittedVisit,
    outlined: "Mapping[str, LesionSegmentation]",
    criteria: Criteria,
    include_core: bool,
    progress: Progress | None,
) -> dict[str, LesionAtVisit]:
    """The lesions outlined at a visit, measured, by name."""
    result = {}
    for number, (name, segmentation) in enumerate(outlined.items()):
        share = part(progress, number / len(outlined), (number + 1) / len(outlined))
        others = np.zeros(segmentation.grid.shape, bool)
        for other, one in outlined.items():
            if other != name:
                others |= one.mask & ~segmentation.mask
        with _named(name, visit):
            result[name] = measure_lesion_at_visit(
                visit, segmentation, others, criteria, include_core, _labelled(share, name)
            )
    return result


def _check_marks(visit: str, given: ComparedVisit, lesions: Sequence[MarkedLesion]) -> None:
    """Refuse, before anything is computed, what cannot mark a lesion: one point for two, or a place beside the image.

    Raises:
        InputError: said of which lesion.
    """
    owner = {}
    for name, mark in _marks(lesions, visit).items():
        if mark.seeds is None:
            continue
        if given.t1_post is not None:
            with _told_of(f"Lesion '{name}', {PLACES[visit]}"):
                check_hints(given.t1_post, mark.seeds, mark.background, mark.amount)
        for place in np.atleast_2d(mark.seeds):
            other = owner.setdefault(tuple(np.rint(place)), name)
            if other != name:
                raise InputError(
                    f"Lesions '{other}' and '{name}' are marked at the same place {PLACES[visit]}: give each a seed in "
                    "itself, or make them one lesion."
                )


def _named(lesion: str, visit: FittedVisit) -> contextlib.AbstractContextManager:
    """Say of which lesion, at which visit, an error speaks."""
    return _told_of(f"Lesion '{lesion}', {PLACES[visit.result.name]}")


@contextlib.contextmanager
def _told_of(what: str) -> Iterator[None]:
    """Say what an error within is about."""
    try:
        yield
    except (InputError, NoAnswerError) as error:
        raise type(error)(f"{what}: {error}") from error


def _compared(
    name: str,
    fitted: Mapping[str, FittedVisit],
    at_visits: list[LesionAtVisit | None],
    criteria: Criteria,
    between: Rigid,
) -> LesionComparison:
    pre, follow_up = at_visits
    reading = read_pair(*(None if one is None else one.verdict for one in at_visits))
    if pre is None or follow_up is None:
        status = "new" if pre is None else "vanished"
        return LesionComparison(name, pre, follow_up, status, (), (), None, reading)
    before, now = pre.segmentation, follow_up.segmentation
    return LesionComparison(
        name,
        pre,
        follow_up,
        "both",
        _changes(pre.ratios, follow_up.ratios, criteria),
        _changes(*_with_inputs_exchanged(fitted, pre, follow_up), criteria),
        _t10_shift(fitted, pre, follow_up),
        reading,
        (*moved_note(gap(before.mask, before.grid, now.mask, now.grid, between)), *_one_t10_note(fitted)),
    )


def _changes(pre: Ratios, follow_up: Ratios, criteria: Criteria) -> tuple[Change, ...]:
    pairs = [(pre.of(name), follow_up.of(name)) for name in ("ktrans", "vp")]
    return tuple(change_of(*pair, criteria) for pair in pairs if None not in pair)


def _with_inputs_exchanged(
    fitted: Mapping[str, FittedVisit], pre: LesionAtVisit, follow_up: LesionAtVisit
) -> tuple[Ratios, Ratios]:
    """The ratios of each visit with the arterial input of the other."""
    visits = {name: fitted[name].result.visit for name in VISITS}

    def measured(name: str, other: str, lesion: LesionAtVisit) -> Ratios:
        plasma, delay = visits[name].plasma_reaching(at_visit(visits[other].aif, visits[name].aif))
        regions = (lesion.region, lesion.reference)
        return measure_ratios(visits[name].prepared, plasma, *regions, late_level=LATE_LEVEL, delay=delay)

    return measured("pre", "follow_up", pre), measured("follow_up", "pre", follow_up)


def _t10_shift(fitted: Mapping[str, FittedVisit], pre: LesionAtVisit, follow_up: LesionAtVisit):
    given = [fitted[name].given for name in VISITS]
    maps = [one.inputs.t10 for one in given]
    if any(values is None for values in maps):
        return None
    return t10_shift(
        tuple(maps),
        (pre.region, follow_up.region),
        (pre.reference, follow_up.reference),
        given[1].series.acquisition,
    )


def _one_t10_note(fitted: Mapping[str, FittedVisit]) -> tuple[str, ...]:
    if len({fitted[name].given.inputs.t10 is None for name in VISITS}) == 1:
        return ()
    return (
        "T10 was mapped at one visit and assumed at the other: lesion and normal brain scale differently with it, so "
        "the ratios may change by that alone; give T10 at both visits, or at none.",
    )


def _aif_consistency(fitted: Mapping[str, FittedVisit]):
    from ..aif.consistency import compare_aifs

    before, now = (fitted[name].result.visit.aif for name in VISITS)
    return compare_aifs(before.times, before.plasma_concentration, now.times, now.plasma_concentration)


def _model_notes(fitted: Mapping[str, FittedVisit]) -> tuple[str, ...]:
    """That a model does not suit normal brain."""
    if all(visit.given.settings.model != "tofts" for visit in fitted.values()):
        return ()
    return (
        "The Tofts model has no vp, but what normal brain shows is mostly plasma: its Ktrans there, and so rKtrans, "
        "means little, and there is no rVp; choose extended-tofts for ratios.",
    )


def _alignment_notes(fitted: Mapping[str, FittedVisit], between) -> tuple[str, ...]:
    """What is to be known of alignments that are not good."""
    named = [
        (f"The post-contrast T1 {PLACES[name]} and its series", fitted[name].result.alignment) for name in VISITS
    ] + [("The visits", between)]
    return tuple(
        f"{what} are aligned with a {found.verdict} result: {found.sentence}"
        for what, found in named
        if found.verdict != "good"
    )


def _renamed(compared: Sequence[LesionComparison], between: Rigid) -> tuple[str, ...]:
    def alone(status: str, name: str):
        return {
            one.name: (getattr(one, name).segmentation.mask, getattr(one, name).segmentation.grid)
            for one in compared
            if one.status == status
        }

    return renamed_notes(alone("vanished", "pre"), alone("new", "follow_up"), between)

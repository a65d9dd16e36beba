"""Two visits of one patient compared, lesion by lesion."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, NoAnswerError
from ..progress import Progress, advance, part
from ..ratio.change import Change, change_of
from ..ratio.criteria import Criteria
from ..ratio.measure import measure_ratios
from ..ratio.measurement import Ratios
from ..ratio.reading import read_pair
from ..rigid import Rigid
from .both_visits import VISITS, at_both_visits
from .cautions import assumed_t10_caution
from .exchanged_input import at_visit
from .fitted_visit import FittedVisit, covering, fit_compared_visit
from .inputs import ComparedVisit, MarkedLesion
from .lesion_at_visit import measure_lesion_at_visit
from .matching import gap, moved_note, renamed_notes
from .outlining import check_marks, named, outlined_before_the_fit, outlined_lesions, told_of
from .result import WHEN, Comparison, LesionAtVisit, LesionComparison
from .t10_shift import SHORT_LESION, assumed_t10_factor, assumed_t10_note, t10_shift

if TYPE_CHECKING:
    from ..segmentation.lesion import LesionSegmentation


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
        InputError, NoAnswerError: something given cannot be used, or a visit, a lesion or normal brain is not found;
            one of several lesions for which no normal brain is found, or that is all core when the core is not
            measured, is left out instead, and a note tells why.
        Cancelled: by ``progress``.
    """
    given = {"pre": pre, "follow_up": follow_up}
    _check(lesions, given)
    outlined = at_both_visits(
        lambda name, share: outlined_before_the_fit(name, given[name], lesions, share), part(progress, 0, 0.02)
    )
    fitted = []
    for name, share in (("pre", part(progress, 0.02, 0.4)), ("follow_up", part(progress, 0.4, 0.8))):
        with told_of(f"The visit {WHEN[name]}"):
            fitted.append(fit_compared_visit(name, given[name], _labelled(share, WHEN[name])))
    return compare_fitted(
        *fitted,
        lesions,
        criteria,
        outlined=outlined,
        include_core=include_core,
        notes=notes,
        progress=part(progress, 0.8, 1),
    )


def compare_fitted(
    pre: FittedVisit,
    follow_up: FittedVisit,
    lesions: Sequence[MarkedLesion],
    criteria: Criteria = Criteria(),
    *,
    outlined: "Mapping[str, Mapping[str, LesionSegmentation] | None]" = MappingProxyType({}),
    include_core: bool = True,
    notes: tuple[str, ...] = (),
    progress: Progress | None = None,
) -> Comparison:
    """What ``compare_visits`` does once both visits are fitted: for other marks, references or criteria it alone is run
    again.

    Arguments and errors are those of ``compare_visits``; the visits are those of ``fit_compared_visit``, and
    ``outlined`` holds the lesions of the visits at which ``outlined_before_the_fit`` found them.
    """
    fitted = {"pre": pre, "follow_up": follow_up}
    _check(lesions, {name: visit.given for name, visit in fitted.items()})
    advance(progress, 0.0, "aligning the visits")
    between = _between(fitted, part(progress, 0.0, 0.3))
    segmented = at_both_visits(
        lambda name, share: outlined.get(name) or outlined_lesions(fitted[name], lesions, share),
        part(progress, 0.3, 0.5),
    )
    advance(progress, 0.5, "fitting the lesions' surroundings")
    fitted = {name: covering(fitted[name], segmented[name].values()) for name in VISITS}
    found = at_both_visits(
        lambda name, share: _measured(fitted[name], segmented[name], criteria, include_core, share),
        part(progress, 0.5, 0.9),
    )
    measured = {name: lesions_there for name, (lesions_there, _) in found.items()}
    left_out = found["follow_up"][1] | found["pre"][1]
    kept = [lesion for lesion in lesions if lesion.name not in left_out]
    if not kept:
        raise NoAnswerError(next(iter(left_out.values())))
    compared = []
    for number, lesion in enumerate(kept):
        advance(progress, 0.9 + 0.1 * number / len(kept), f"comparing {lesion.name}")
        pair = [measured[name].get(lesion.name) for name in VISITS]
        compared.append(_compared(lesion.name, fitted, pair, criteria, between.transform))
    advance(progress, 1.0, "comparing")
    return Comparison(
        fitted["pre"].result,
        fitted["follow_up"].result,
        between,
        tuple(compared),
        _aif_consistency(fitted),
        criteria,
        (
            *notes,
            *(f"{reason} This lesion was left out of the comparison." for reason in left_out.values()),
            *_model_notes(fitted),
            *_t10_notes(fitted),
            *_alignment_notes(fitted, between),
            *_renamed(compared, between.transform),
        ),
        include_core,
        tuple(left_out.items()),
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
        check_marks(name, given[name], lesions)


def _labelled(progress: Progress | None, place: str) -> Progress | None:
    return None if progress is None else lambda fraction, what: progress(fraction, f"{place}: {what}")


def _between(fitted: Mapping[str, FittedVisit], progress: Progress | None):
    from ..alignment.registration import align

    before, now = fitted["pre"], fitted["follow_up"]
    return align(before.result.t1, now.result.t1, fixed_mask=before.brain, progress=progress)


def _measured(
    visit: FittedVisit,
    outlined: "Mapping[str, LesionSegmentation]",
    criteria: Criteria,
    include_core: bool,
    progress: Progress | None,
) -> tuple[dict[str, LesionAtVisit], dict[str, str]]:
    """The lesions outlined at a visit, measured, and why others could not be; both by name."""
    result, unanswered = {}, {}
    for number, (name, segmentation) in enumerate(outlined.items()):
        share = part(progress, number / len(outlined), (number + 1) / len(outlined))
        others = np.zeros(segmentation.grid.shape, bool)
        for other, one in outlined.items():
            if other != name:
                others |= one.mask & ~segmentation.mask
        try:
            with named(name, visit.result.name):
                result[name] = measure_lesion_at_visit(
                    visit, segmentation, others, criteria, include_core, _labelled(share, name)
                )
        except NoAnswerError as error:
            unanswered[name] = str(error)
    return result, unanswered


def _compared(
    name: str,
    fitted: Mapping[str, FittedVisit],
    at_visits: list[LesionAtVisit | None],
    criteria: Criteria,
    between: Rigid,
) -> LesionComparison:
    pre, follow_up = at_visits
    reading = read_pair(*(None if one is None else one.verdict for one in at_visits))
    marked = [one for one in zip(VISITS, at_visits, strict=True) if one[1] is not None]
    cautions = assumed_t10_caution(marked, _assumed_t10_factors(fitted), criteria, reading)
    if pre is None or follow_up is None:
        status = "new" if pre is None else "vanished"
        return LesionComparison(name, pre, follow_up, status, (), (), None, reading, cautions)
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
        (*moved_note(gap(before.mask, before.grid, now.mask, now.grid, between)), *cautions, *_one_t10_note(fitted)),
    )


def _changes(pre: Ratios, follow_up: Ratios, criteria: Criteria) -> tuple[Change, ...]:
    pairs = [(pre.of(name), follow_up.of(name)) for name in ("ktrans", "vp")]
    return tuple(change_of(*pair, criteria) for pair in pairs if None not in pair)


def _with_inputs_exchanged(
    fitted: Mapping[str, FittedVisit], pre: LesionAtVisit, follow_up: LesionAtVisit
) -> tuple[Ratios, Ratios]:
    """The ratios of each visit with the arterial input of the other."""
    visits = {name: fitted[name].result.visit for name in VISITS}
    lesions, other = dict(zip(VISITS, (pre, follow_up), strict=True)), dict(zip(VISITS, VISITS[::-1], strict=True))

    def measured(name: str, progress: Progress | None) -> Ratios:
        plasma, delay = visits[name].plasma_reaching(at_visit(visits[other[name]].aif, visits[name].aif))
        regions = (lesions[name].region, lesions[name].reference)
        return measure_ratios(visits[name].prepared, plasma, *regions, filled=lesions[name].filled, delay=delay)

    return tuple(at_both_visits(measured).values())


def _t10_shift(fitted: Mapping[str, FittedVisit], pre: LesionAtVisit, follow_up: LesionAtVisit):
    given = [fitted[name].given for name in VISITS]
    maps = [one.inputs.t10 for one in given]
    if any(values is None for values in maps) or not _from_signal(fitted):
        return None
    return t10_shift(
        tuple(maps),
        (pre.region, follow_up.region),
        (pre.reference, follow_up.reference),
        given[1].series.acquisition,
    )


def _assumed_t10_factors(fitted: Mapping[str, FittedVisit]) -> dict[str, float]:
    """How many times too high the ratios of each visit may be at which T10 was assumed."""
    given = {name: fitted[name].given for name in VISITS}
    assumed = [name for name in VISITS if given[name].inputs.t10 is None and given[name].settings.content == "signal"]
    factors = {name: assumed_t10_factor(given[name].series.acquisition) for name in assumed}
    return {name: factor for name, factor in factors.items() if factor is not None}


def _t10_notes(fitted: Mapping[str, FittedVisit]) -> tuple[str, ...]:
    """What an assumed T10 does to ratios; one sentence for both visits where it does the same."""
    places: dict[tuple[float, ...], list[str]] = {}
    for name, usual in _assumed_t10_factors(fitted).items():
        given = fitted[name].given
        short = assumed_t10_factor(given.series.acquisition, SHORT_LESION)
        places.setdefault((given.settings.t10, round(usual, 1), round(short, 1)), []).append(WHEN[name])
    return tuple(assumed_t10_note(" and ".join(where), *known) for known, where in places.items())


def _one_t10_note(fitted: Mapping[str, FittedVisit]) -> tuple[str, ...]:
    if not _from_signal(fitted) or len({fitted[name].given.inputs.t10 is None for name in VISITS}) == 1:
        return ()
    return (
        "T10 was mapped at one visit and assumed at the other: lesion and normal brain scale differently with it, so "
        "the ratios may change by that alone; give T10 at both visits, or at none.",
    )


def _from_signal(fitted: Mapping[str, FittedVisit]) -> bool:
    """Whether T10 was needed at both visits: series of concentrations have no use for it."""
    return all(fitted[name].given.settings.content == "signal" for name in VISITS)


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
    alignments = [
        (f"The post-contrast T1 {WHEN[name]} and its series", fitted[name].result.alignment) for name in VISITS
    ] + [("The visits", between)]
    return tuple(
        f"{what} are aligned with a {found.verdict} result: {found.sentence}"
        for what, found in alignments
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

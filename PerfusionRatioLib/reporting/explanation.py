"""How a report is to be read, for who sees one for the first time."""

from ..ratio.criteria import Criteria
from . import words


def how_to_read(criteria: Criteria) -> tuple[str, ...]:
    """A few sentences on what the readings mean and what they do not."""
    limits = " and ".join(f"{words.ratio_name(name)} {criteria.threshold(name):g}" for name in criteria.parameters)
    return (
        "Hyperperfused before treatment and now, or new now, favours recurrent metastasis; hyperperfused before "
        "treatment and not now favours radiation necrosis; absent at both visits is unreliable, as such a lesion could "
        "not be told from necrosis by perfusion even then. Perfusion that is undecided at either visit (an interval "
        "across the threshold, and no other ratio that decides by the rule), or a lesion that was not marked at both, "
        "leaves the reading indeterminate.",
        f"Thresholds: {limits}, from: {criteria.origin}. Cut-offs do not transfer between programs without care: "
        "another model, input or reference gives other ratios.",
        *_leakage(criteria),
        "The median of the whole lesion is read. A small perfused part may hide in a large lesion: look at the maps "
        "and at the 90th percentile and hot spot of rVp.",
        "Intervals hold noise, the arterial input, slow drifts and voxels that the lesion fills in part; not an "
        "outline in the wrong place, nor an error of T1.",
        "Perfusion supports histology and the clinical course, and does not replace them.",
    )


def _leakage(criteria: Criteria) -> tuple[str, ...]:
    """What a rule that looks at Ktrans calls hyperperfused."""
    if "ktrans" not in criteria.parameters:
        return ()
    return (
        "Ktrans is leakage: whatever enhances because it leaks, necrosis too, has a high rKtrans. Where that decides "
        "and rVp does not agree, a line below the reading says what rVp alone would make of it.",
    )

"""How a report is to be read, for who sees one for the first time."""

from ..ratio.criteria import Criteria
from . import words


def how_to_read(criteria: Criteria) -> tuple[str, ...]:
    """A few sentences on what the readings mean and what they do not."""
    limits = " and ".join(f"{words.ratio_name(name)} {criteria.threshold(name):g}" for name in criteria.parameters)
    return (
        "A lesion that is hyperperfused now favours recurrent metastasis; one that was hyperperfused before treatment "
        "and is not now favours radiation necrosis. An interval across the threshold leaves the reading indeterminate.",
        "A lesion without hyperperfusion before treatment could not be told from necrosis by it even then, so its "
        "absence now says nothing: the reading is unreliable.",
        f"Thresholds: {limits}, from: {criteria.origin}. Cut-offs do not transfer between programs without care: "
        "another model, input or reference gives other ratios.",
        "The median of the whole lesion is read. A small perfused part may hide in a large lesion: look at the maps "
        "and at the 90th percentile and hot spot.",
        "Perfusion favours, histology decides.",
    )

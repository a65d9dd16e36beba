"""Whether what a ratio says depends on where the border of the lesion is drawn."""

from ..comparison.result import LesionAtVisit
from ..ratio.criteria import Criteria
from . import words


def across_threshold(at_visit: LesionAtVisit, criteria: Criteria) -> list[str]:
    """A sentence for each ratio that is judged and that a border one voxel further in or out takes across its
    threshold."""
    moved = []
    for item in at_visit.ratios.sensitivity:
        median = at_visit.ratios.of(item.parameter)
        if item.parameter not in criteria.parameters or median is None or not median.evaluable:
            continue
        limit = criteria.threshold(item.parameter)
        above = [ratio >= limit for ratio in (item.eroded, item.dilated) if ratio == ratio]
        if any(side != (median.ratio >= limit) for side in above):
            name = words.ratio_name(item.parameter)
            moved.append(
                f"This takes {name} across the threshold of {limit:g}: what {name} says depends on the border."
            )
    return moved

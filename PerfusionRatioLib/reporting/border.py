"""Whether what a ratio says depends on where the border of the lesion is drawn."""

from ..comparison.remarks import LAYERS, crosses
from ..comparison.result import LesionAtVisit
from ..ratio.criteria import Criteria
from . import words


def across_threshold(at_visit: LesionAtVisit, criteria: Criteria) -> list[str]:
    """A sentence for each ratio that is judged and that a border one voxel further in or out takes across its
    threshold."""
    moved = []
    for item in at_visit.ratios.sensitivity:
        if any(crosses(item, way, at_visit.ratios, criteria) for way in LAYERS):
            name, limit = words.ratio_name(item.parameter), criteria.threshold(item.parameter)
            moved.append(
                f"This takes {name} across the threshold of {limit:g}: what {name} says depends on the border."
            )
    return moved

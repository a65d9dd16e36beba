"""Which of many curves belong together, and which group is the artery."""

import numpy as np
from scipy.cluster.hierarchy import linkage, to_tree

from .features import CurveFeatures

# What counts as one step of difference between two curves; halves of a group no farther apart are not parted.
_ALIKE = 1.3  # steps
_TIME_STEP = 1.5  # s, of half rise and centre of gravity
_FRAME_SHARE = 0.1  # of the frame spacing, where that is more
_WIDTH_STEP = 0.3  # of the logarithm of the width
_TAIL_STEP = 0.12  # of the peak
_RESOLVED = 4.0  # s between frames up to which width and tail are told that well
_WIDEST = 120.0  # s; a curve that never falls to half counts as this wide
_BEST = 30  # voxels whose scores are added up to compare two groups, so that some odd voxels alike do not win
_FEWEST = 8  # voxels in a group that can be an artery


def arterial_group(features: CurveFeatures, level: float, spacing: float) -> np.ndarray:
    """The candidates that rise early, high and narrow together, bool shaped (n,).

    Curves are compared by shape alone (half rise, centre of gravity, width, tail), never by height, so that partial
    volume does not part an artery. They are joined by Ward's method, which depends on nothing but the data (unlike
    k-means, see Yin 2014), and the tree is descended from its root into the branch with the higher
    ``arterial_score`` until what remains is alike.

    Args:
        features: of the candidates, all with a finite half rise; at least one.
        level: mM·s, the area of large vessels.
        spacing: seconds between frames.
    """
    count = features.peak.size
    if count < 2 * _FEWEST:
        return np.ones(count, bool)
    shape = _shape(features, spacing)
    score = arterial_score(features, level, spacing)
    node = to_tree(linkage(shape, method="ward"))
    members = np.arange(count)
    while not node.is_leaf():
        branches = [(child, np.array(child.pre_order())) for child in (node.left, node.right)]
        middles = [np.median(shape[branch], axis=0) for _, branch in branches]
        if np.abs(middles[0] - middles[1]).max() <= _ALIKE:
            break
        large = [branch for branch in branches if branch[1].size >= _FEWEST]
        if not large:
            break
        node, members = max(large, key=lambda branch: np.sort(score[branch[1]])[-_BEST:].sum())
    group = np.zeros(count, bool)
    group[members] = True
    return group


def arterial_score(features: CurveFeatures, level: float, spacing: float) -> np.ndarray:
    """High for a voxel that fills, rises and passes early and fast, shaped (n,): filling / (delay × √width).

    The filling is the area relative to ``level``, that of large vessels, and never more than 1: voxels that enhance
    more than blood (motion, a wrong T10) earn nothing by it. The delay counts from shortly before the earliest rise
    among the candidates. The width counts less, because where frames are far apart it is that of the recirculation as
    often as that of the first pass.
    """
    earliest = np.percentile(features.half_rise, 2)
    delay = np.maximum(features.half_rise - earliest, 0) + max(2.0, spacing / 4)
    filling = np.minimum(features.area / level, 1)
    return filling / (delay * np.sqrt(np.minimum(features.width, _WIDEST)))


def _shape(features: CurveFeatures, spacing: float) -> np.ndarray:
    time = max(_TIME_STEP, _FRAME_SHARE * spacing)
    coarse = max(1.0, spacing / _RESOLVED)
    return np.stack(
        [
            features.half_rise / time,
            features.moment / time,
            np.log(np.minimum(features.width, _WIDEST)) / (_WIDTH_STEP * coarse),
            features.tail / (_TAIL_STEP * np.sqrt(coarse)),
        ],
        axis=1,
    )

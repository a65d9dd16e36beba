"""The side-by-side layout as it is seen: both visits in the same place, with the same colours, each with its outlines.

The head lies differently in every image of the comparison that is shown, by known transforms.
"""

import numpy as np
import pytest

from Testing.Library.comparison_example import example

SIZE = 360
LESION, REFERENCE = (1.0, 0.85, 0.1), (0.2, 0.8, 0.9)
VIEWS = [(visit, column) for visit in ("pre", "follow_up") for column in ("t1", "ktrans", "vp")]


@pytest.fixture(scope="module")
def comparison():
    return example()


SHOWN = {}
"""The pictures, once they are made."""


@pytest.fixture
def pictures(request, comparison):
    """What each view shows of the slice through the lesion, by visit and column; made for the first test."""
    if not SHOWN:
        SHOWN.update(rendered(request.getfixturevalue("host"), request.getfixturevalue("panel"), comparison))
    return SHOWN


def rendered(host, panel, comparison) -> dict:
    """The views after a click on **Side by side**."""
    from slice_view import SliceView

    from PerfusionRatioScene.comparison_results import show_comparison, to_common_space
    from PerfusionRatioScene.layouts import view_name
    from PerfusionRatioScene.lesions import lesion_segmentation
    from PerfusionRatioScene.parameters import visit_parameters
    from PerfusionRatioScene.segments import set_segment
    from PerfusionRatioScene.visit_results import show_maps
    from PerfusionRatioScene.volumes import new_volume

    views = {key: SliceView(host._scene_host, view_name(*key), (SIZE, SIZE)) for key in VIEWS}
    for result in (comparison.pre, comparison.follow_up):
        kept = visit_parameters(panel.parameters, result.name)
        kept.t1 = new_volume(host.scene, result.t1.array, result.t1.grid, f"T1 {result.name}")
        kept.t1.GetDisplayNode().SetAutoWindowLevel(False)
        kept.t1.GetDisplayNode().SetWindowLevelMinMax(0, float(np.percentile(result.t1.array, 99.5)))
        show_maps(host.scene, panel.parameters, result.name, Fitted(result))
        mask = dict(comparison.lesions[0].visits)[result.name].segmentation.mask
        set_segment(lesion_segmentation(host.scene, panel.parameters, result.name), "Lesion 1", mask, kept.t1, LESION)
    show_comparison(host.scene, panel.parameters, comparison)
    panel.show_side_by_side()
    assert ("pre", "t1") not in to_common_space(comparison)  # that is the space of the views
    return {key: view.picture().astype(float) for key, view in views.items()}


class Fitted:
    """As ``FittedVisit``, as far as maps go."""

    def __init__(self, result):
        self.result = result


def of_colour(picture: np.ndarray, colour) -> np.ndarray:
    """Pixels of a colour, thin lines with their soft edges left out."""
    return np.abs(picture - 255 * np.array(colour)).max(axis=2) < 60


def grey(picture: np.ndarray) -> np.ndarray:
    return np.ptp(picture, axis=2) < 4


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.corrcoef(first.ravel(), second.ravel())[0, 1])


def test_both_visits_show_the_same_slice_of_the_head(pictures):
    before, after = (pictures[visit, "t1"].mean(axis=2) for visit in ("pre", "follow_up"))
    moved = np.roll(after, (8, 8), axis=(0, 1))  # as if it had not been aligned: the heads lie 8 mm apart
    assert likeness(before, after) > 0.85
    assert likeness(before, after) > likeness(before, moved) + 0.05


def test_the_lesion_is_outlined_in_the_same_place_in_all_views(pictures):
    places = {key: np.argwhere(of_colour(one, LESION)) for key, one in pictures.items()}
    assert min(map(len, places.values())) > 20
    middles = np.array([found.mean(axis=0) for found in places.values()])
    assert np.ptp(middles, axis=0).max() < 0.03 * SIZE
    extents = {key: np.ptp(found, axis=0).mean() for key, found in places.items()}
    before, after = (np.mean([extents[visit, c] for c in ("t1", "ktrans", "vp")]) for visit in ("pre", "follow_up"))
    assert 1.1 < after / before < 1.6  # 4 ml have become 8: each visit shows its own outline


def test_the_reference_is_outlined_on_the_other_side(pictures):
    for key, picture in pictures.items():
        lesion, reference = (np.argwhere(of_colour(picture, c)) for c in (LESION, REFERENCE))
        if len(reference):
            assert (lesion[:, 1].mean() - SIZE / 2) * (reference[:, 1].mean() - SIZE / 2) < 0, key


def test_maps_are_over_the_t1_in_colours_and_the_t1_alone_is_grey(pictures):
    for (visit, column), picture in pictures.items():
        outlines = of_colour(picture, LESION) | of_colour(picture, REFERENCE)
        coloured = (~grey(picture) & ~outlines).mean()
        assert coloured > 0.04 if column != "t1" else coloured == 0, (visit, column, coloured)


@pytest.mark.parametrize("column", ["ktrans", "vp"])
def test_both_visits_have_one_range_and_say_so_in_the_legend(pictures, column):
    corner = np.s_[int(0.6 * SIZE) :, int(0.85 * SIZE) :]
    before, after = (pictures[visit, column][corner] for visit in ("pre", "follow_up"))
    ramp = ~grey(before)
    assert ramp.mean() > 0.05
    np.testing.assert_array_equal(before[ramp], after[ramp])
    other = pictures["pre", "vp" if column == "ktrans" else "ktrans"][corner]
    assert (before != other).any()

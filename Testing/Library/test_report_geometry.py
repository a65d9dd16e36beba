"""Where things are in the pictures: the same place at both visits, the patient's right on the left."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.ratio.measurement import RatioMeasurement
from PerfusionRatioLib.reporting.colour_scale import ColourScale, colour_scale
from PerfusionRatioLib.reporting.forest import Axis, axis_for, whisker
from PerfusionRatioLib.reporting.lesion_view import view_of, visit_frames
from PerfusionRatioLib.reporting.panels import normal_t1, panels_of
from PerfusionRatioLib.reporting.pictures import outline
from PerfusionRatioLib.reporting.plane import Plane, Window, axial_axes
from PerfusionRatioLib.reporting.sampling import sampled_image, sampled_map, sampled_share
from PerfusionRatioLib.rigid import Rigid, moved
from PerfusionRatioLib.series import Grid
from Testing.Library.comparison_example import BETWEEN_IMAGES, POSES, example

SAGITTAL = (0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
"""Columns: i towards the back, j towards the feet, k towards the left."""


@pytest.fixture(scope="module")
def comparison():
    return example()


@pytest.mark.parametrize("direction", [(1.0, 0, 0, 0, 1, 0, 0, 0, 1), (-1.0, 0, 0, 0, -1, 0, 0, 0, 1), SAGITTAL])
def test_left_back_and_head_are_found_in_any_order_of_axes(direction):
    assert np.allclose(axial_axes(Grid((4, 5, 6), direction=tuple(map(float, direction)))), np.eye(3))


def test_slices_are_shown_as_acquired_unless_steeply_tilted():
    tilted = Rigid.of(rotation=(20, 0, 0)).rotation
    right, down, up = axial_axes(Grid((4, 5, 6), direction=tuple(tilted.ravel())))
    assert np.allclose(np.stack([right, down, up], axis=1), tilted)
    steep = Rigid.of(rotation=(40, 0, 0)).rotation
    assert np.allclose(axial_axes(Grid((4, 5, 6), direction=tuple(steep.ravel()))), np.eye(3))


@pytest.mark.parametrize("direction", [(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0), SAGITTAL])
def test_the_patients_right_is_on_the_left_and_the_front_above(direction):
    grid = Grid((21, 21, 21), (2.0, 2.0, 2.0), direction=direction)
    centre = grid.positions(np.array([10.0, 10.0, 10.0]))
    places = grid.positions(np.moveaxis(np.indices(grid.shape)[::-1], 0, -1)) - centre
    right_front = (places[..., 0] < -4) & (places[..., 1] < -4)  # L and P are positive
    right, down, _ = axial_axes(grid)
    window = Window.square(np.zeros(2), 36.0, 36)
    seen = sampled_image(right_front.astype(np.float32), grid, window.positions(Plane(centre, right, down)))
    assert seen[:12, :12].mean() > 0.9 and np.all(seen[:, 18:] == 0) and np.all(seen[18:] == 0)


def test_a_point_of_the_lesion_is_at_one_pixel_in_both_rows(comparison):
    """The head's own coordinates lead to the same place of the picture through either visit."""
    frames = visit_frames(comparison)
    view = view_of(comparison, comparison.lesions[0])
    positions = view.close.positions(view.plane)
    in_head = [
        moved(np.linalg.inv(POSES[visit].matrix), moved(frames[visit].to_t1, positions))
        for visit in ("pre", "follow_up")
    ]
    assert np.allclose(*in_head, atol=1e-6)
    in_series = {visit: moved(frames[visit].to_series, positions) for visit in frames}
    for visit, places in in_series.items():
        back = moved(BETWEEN_IMAGES.matrix, places)
        assert np.allclose(back, moved(frames[visit].to_t1, positions), atol=1e-6)


def test_the_lesion_stands_at_one_place_in_both_rows(comparison):
    lesion, frames = comparison.lesions[0], visit_frames(comparison)
    view = view_of(comparison, lesion)
    positions = view.close.positions(view.plane)
    centres = []
    for visit, at_visit in lesion.visits:
        segmentation = at_visit.segmentation
        share = sampled_share(segmentation.mask, segmentation.grid, moved(frames[visit].to_t1, positions), smooth=True)
        measured = sampled_share(
            at_visit.region, comparison.pre.grid, moved(frames[visit].to_series, positions), smooth=False
        )
        for seen in (share, measured):
            rows, columns = np.nonzero(seen >= 0.5)
            centres.append((rows.mean() * view.close.pixel, columns.mean() * view.close.pixel))
    assert np.ptp(centres, axis=0).max() < 2.0  # voxels are 2.5 and 4.3 mm wide


def test_the_slice_is_the_one_with_most_of_the_lesion(comparison):
    mask = comparison.lesions[0].pre.segmentation.mask.copy()
    grid = comparison.pre.t1.grid
    lesion = example(missing=("follow_up", "right frontal")).lesions[0]
    largest = int(np.argmax(mask.sum(axis=(1, 2))))
    view = view_of(comparison, lesion)
    assert grid.indices(view.plane.origin)[2] == pytest.approx(largest)


def test_both_visits_have_the_same_pictures_of_the_same_place(comparison):
    lesion = comparison.lesions[0]
    scales = {"ktrans": ColourScale("ktrans", 0.1), "vp": ColourScale("vp", 0.1)}
    panels = panels_of(comparison, lesion, scales)
    assert [(panel.visit, panel.content) for panel in panels.close] == [
        (visit, content) for visit in ("pre", "follow_up") for content in ("t1", "ktrans", "vp")
    ]
    assert len({(panel.width, panel.height, panel.bar) for panel in panels.close}) == 1
    assert all(panel.lesion for panel in panels.close)
    assert all(panel.reference and panel.box for panel in panels.whole)


def test_grey_does_not_depend_on_how_bright_a_scan_is(comparison):
    """One visit's T1 with another gain is the same picture."""
    brighter = replace(comparison.pre.t1, array=comparison.pre.t1.array * 4)
    other = replace(comparison, pre=replace(comparison.pre, t1=brighter))
    scales = {"ktrans": None, "vp": None}
    seen = [panels_of(one, one.lesions[0], scales).close[0].grey for one in (comparison, other)]
    assert seen[0] == seen[1]


def test_normal_t1_is_that_of_white_matter_also_where_the_lesion_was_not_marked(comparison):
    missing = example(missing=("follow_up", "right frontal"))
    levels = []
    for one in (comparison, missing):
        found = normal_t1(one.follow_up, one.lesions[0], one, visit_frames(one))
        levels.append(found)
    assert levels[1] == pytest.approx(levels[0], rel=0.05)
    array, marked = comparison.follow_up.t1.array, comparison.lesions[0].follow_up.segmentation
    assert levels[0] < np.median(array[marked.mask & ~marked.core])  # it enhances, white matter does not
    assert levels[0] > 5 * np.median(array)  # of the air


def test_lesions_have_one_scale_unless_their_maxima_are_far_apart(comparison):
    two = replace(comparison, lesions=comparison.lesions * 2)
    alone, shared = (colour_scale(one, one.lesions[0], "ktrans") for one in (comparison, two))
    assert (alone.shared, shared.shared) == (False, True)
    assert alone.top == shared.top
    weak = replace(comparison.lesions[0].pre, region=np.zeros_like(comparison.lesions[0].pre.region))
    far = replace(comparison, lesions=(comparison.lesions[0], replace(comparison.lesions[0], pre=weak, follow_up=None)))
    scales = [colour_scale(far, lesion, "ktrans") for lesion in far.lesions]
    assert [(scale.top, scale.shared) for scale in scales] == [(alone.top, False), (0.03, False)]


def test_a_map_is_not_mixed_with_what_has_no_answer():
    array = np.full((1, 1, 4), np.nan, np.float32)
    array[..., 1:3] = 7.0
    positions = np.stack([np.linspace(-1, 4, 101), np.zeros(101), np.zeros(101)], axis=-1)
    seen = sampled_map(array, Grid((4, 1, 1)), positions)
    inside = (positions[:, 0] > 0.5) & (positions[:, 0] < 2.5)
    assert np.all(seen[inside] == 7) and np.all(np.isnan(seen[~inside & (np.abs(positions[:, 0] - 1.5) > 1)]))


def test_what_has_no_answer_has_no_colour_and_the_scale_ends_at_its_top():
    colours = ColourScale("ktrans", 0.1).rgba(np.array([[np.nan, 0.0, 0.1, 5.0]]))
    assert colours[0, :, 3].tolist() == [0, 255, 255, 255]
    assert np.array_equal(colours[0, 2], colours[0, 3]) and not np.array_equal(colours[0, 1], colours[0, 2])


def test_an_outline_runs_along_the_border():
    share = np.zeros((20, 40))
    share[5:10, 10:30] = 1
    numbers = [
        float(number)
        for number in outline(share, Window(0, 0, 80.0, 40.0, 2.0)).translate(str.maketrans("MLZ", "   ")).split()
    ]
    x, y = numbers[::2], numbers[1::2]
    assert (min(x), max(x), min(y), max(y)) == (20, 60, 10, 20)
    assert outline(np.zeros((4, 4)), Window(0, 0, 4.0, 4.0, 1.0)) == ""


def ratio(low: float, value: float, high: float) -> RatioMeasurement:
    return RatioMeasurement("ktrans", "median", 1.0, 1.0, (1.0, 1.0), (1.0, 1.0), value, low, high, 9, 9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-4, 1e6), min_size=3, max_size=3).map(sorted))
def test_a_line_keeps_the_order_of_its_numbers(numbers):
    item = ratio(*numbers)
    drawn = whisker(item, axis_for([item], [1.5]))
    assert 0 <= drawn.low <= drawn.dot <= drawn.high <= 100


def test_a_line_without_an_end_is_an_arrow_without_a_dot():
    item = ratio(4.0, 1e9, np.inf)
    drawn = whisker(item, axis_for([item], [1.5]))
    assert drawn.dot is None and drawn.open_right and drawn.high == 100 and not drawn.open_left
    assert axis_for([item], [1.5]).high < 10


def test_a_ratio_of_zero_runs_off_the_axis_to_the_left():
    drawn = whisker(ratio(0.0, 0.0, 0.8), Axis(0.5, 5.0))
    assert drawn.open_left and drawn.low == 0 == drawn.dot


@pytest.mark.parametrize("sample", [sampled_image, sampled_map])
def test_an_image_ends_at_the_outer_faces_of_its_voxels(sample):
    positions = np.array([[x, 0, 0] for x in (-0.6, -0.4, 3.4, 3.6)], float)
    seen = sample(np.full((1, 1, 4), 7.0, np.float32), Grid((4, 1, 1)), positions)
    assert np.array_equal(seen, [np.nan, 7, 7, np.nan], equal_nan=True)

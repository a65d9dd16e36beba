"""Maps over the anatomy, as they are seen: colours that rise evenly, nothing where there is no value, a legend."""

import numpy as np
import pytest
import slicer
from slice_view import SliceView

from PerfusionRatioLib.series import Grid
from PerfusionRatioScene.colours import RAMPS, colour_node, ramp_colours
from PerfusionRatioScene.layouts import view_name
from PerfusionRatioScene.overlays import TITLES, show_as_map
from PerfusionRatioScene.volumes import new_volume

GRID = Grid((40, 40, 5), (4.0, 4.0, 4.0), (-78.0, -78.0, -8.0))
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lightness(colours: np.ndarray) -> np.ndarray:
    """CIELAB L* of sRGB colours (n, 3)."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    y = (linear @ TO_XYZ.T)[:, 1]
    return 116 * np.where(y > (6 / 29) ** 3, np.cbrt(y), y / (3 * (6 / 29) ** 2) + 4 / 29) - 16


def patches() -> np.ndarray:
    """No value outside of four patches of 0, a third, two thirds and the whole of 0.3."""
    array = np.full(GRID.shape, np.nan, np.float32)
    for number in range(4):
        array[:, 10:30, 4 + 8 * number : 12 + 8 * number] = 0.1 * number
    return array


@pytest.fixture
def seen(host):
    view = SliceView(host, size=(400, 400))
    anatomy = new_volume(host.scene, np.full(GRID.shape, 100, np.float32), GRID, "T1")
    anatomy.GetDisplayNode().SetAutoWindowLevel(False)
    anatomy.GetDisplayNode().SetWindowLevelMinMax(0, 200)
    overlay = new_volume(host.scene, patches(), GRID, "Ktrans")
    show_as_map(overlay, "ktrans", 0.3)
    composite = view.logic.GetSliceCompositeNode()
    composite.SetBackgroundVolumeID(anatomy.GetID())
    composite.SetForegroundVolumeID(overlay.GetID())
    composite.SetForegroundOpacity(1.0)
    view.fit(0.0)
    return view, overlay


@pytest.mark.parametrize("name", list(RAMPS))
def test_equal_steps_of_a_value_are_equal_steps_of_lightness(name):
    steps = np.diff(lightness(ramp_colours(RAMPS[name])))
    assert steps.min() > 0.8 * steps.mean()
    assert steps.max() < 1.2 * steps.mean()


@pytest.mark.parametrize("name", list(RAMPS))
def test_no_colour_jumps(name):
    assert np.abs(np.diff(ramp_colours(RAMPS[name]), axis=0)).max() < 0.03


def test_a_colour_table_is_made_once(scene):
    assert colour_node(scene, "vp") is colour_node(scene, "vp")
    assert colour_node(scene, "vp") is not colour_node(scene, "ktrans")


def test_each_value_has_its_colour_and_none_is_transparent(seen):
    view, _ = seen
    picture = view.picture()
    expected = (255 * ramp_colours(RAMPS["ktrans"])).astype(int)
    row = picture[200]
    # the view fits 160 mm to 400 pixels; left of the picture is the patient's right
    for number in range(4):
        at = int((4 + 8 * number + 1) * 10)
        entry = expected[round(255 * number / 3)]
        assert np.abs(row[at].astype(int) - entry).max() < 12, (number, row[at], entry)
    grey = row[10]
    assert np.ptp(grey) == 0
    assert 100 < grey[0] < 150


def test_a_legend_tells_name_and_unit(seen):
    view, overlay = seen
    legend = slicer.modules.colors.logic().GetColorLegendDisplayNode(overlay)
    assert legend.GetTitleText() == TITLES["ktrans"]
    with_legend = view.picture()
    legend.SetVisibility(False)
    assert (with_legend != view.picture()).any(axis=2).sum() > 500


def test_showing_again_changes_the_range_and_makes_nothing_new(seen, scene):
    _, overlay = seen
    before = scene.GetNumberOfNodes()
    show_as_map(overlay, "ktrans", 0.1)
    assert scene.GetNumberOfNodes() == before
    assert overlay.GetDisplayNode().GetWindowLevelMax() == pytest.approx(0.1)


def test_colours_range_and_legend_survive_the_scene(host, seen, tmp_path):
    host.save(tmp_path / "scene.mrb")
    host.reopen(tmp_path / "scene.mrb")
    overlay = host.scene.GetFirstNodeByName("Ktrans")
    display = overlay.GetDisplayNode()
    assert display.GetColorNode().GetName() == RAMPS["ktrans"].name
    lookup = display.GetColorNode().GetLookupTable()
    found = np.array([lookup.GetTableValue(n)[:3] for n in range(256)])
    np.testing.assert_allclose(found, ramp_colours(RAMPS["ktrans"]), atol=0.005)
    assert (display.GetWindowLevelMin(), display.GetWindowLevelMax()) == pytest.approx((0, 0.3))
    assert not display.GetInterpolate()
    assert display.GetApplyThreshold()
    legend = host.colours.GetColorLegendDisplayNode(overlay)
    assert legend.GetTitleText() == TITLES["ktrans"]
    assert colour_node(host.scene, "ktrans") is display.GetColorNode()


def test_views_are_named_after_visit_and_column():
    names = {view_name(visit, column) for visit in ("pre", "follow_up") for column in ("t1", "ktrans", "vp")}
    assert len(names) == 6
    assert "PerfusionRatio Before Ktrans" in names

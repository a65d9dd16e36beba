"""Another arterial input, and the maps that follow it."""

import numpy as np
import pytest
import slicer
from patients import load

from PerfusionRatioScene.volumes import frame_of


@pytest.fixture
def fitted(user, panel, host, quick_fits):
    """The visit before radiosurgery has maps, the follow-up has no T1 and waits."""
    load("recurrence", host)
    panel.enter()
    panel.parameters.follow_up.t1 = None
    user.click(user.maps.ui.computeButton)
    return user


def ktrans(panel) -> np.ndarray:
    """The map as it is in the scene; -1 where it has no value."""
    return np.nan_to_num(slicer.util.arrayFromVolume(panel.parameters.pre.ktrans), nan=-1.0)


def settle(user, host, before: str) -> None:
    """Wait until another arterial input has been taken and the maps have followed."""
    host.pump(lambda: user.panel.visit.aif_words != before, 60, "another arterial input")
    user.wait()


def test_the_maps_follow_the_input(fitted, panel, host):
    user, before, words = fitted, ktrans(panel), panel.visit.aif_words
    assert "found automatically" in words and user.input.ui.voxelsTable.rowCount > 0
    panel.parameters.reading = "of the maps before"
    user.choose(user.input.ui.sourceComboBox, "Population (Parker)")
    settle(user, host, words)
    assert not np.allclose(ktrans(panel), before)
    assert panel.parameters.reading == ""
    assert user.input.ui.voxelsTable.rowCount == 0
    assert user.message() == ""


def test_the_maps_follow_every_stroke_in_a_region(fitted, panel, host):
    user, before, words = fitted, ktrans(panel), panel.visit.aif_words
    artery = slicer.util.arrayFromSegmentBinaryLabelmap(
        panel.visit.aif_voxels, panel.visit.aif_voxels.GetSegmentation().GetNthSegmentID(0), panel.visit.ktrans
    )
    user.choose(user.input.ui.sourceComboBox, "Region")
    user.click(user.input.ui.newRegionButton)
    assert user.lesions.ui.segmentEditor.currentSegmentID() == panel.visit.aif_segment
    paint(panel, artery)
    settle(user, host, words)
    assert "from the region" in user.input.ui.qualityLabel.text
    first, words = ktrans(panel), panel.visit.aif_words
    paint(panel, artery * (np.cumsum(artery).reshape(artery.shape) <= 3))
    settle(user, host, words)
    assert "3 voxels" in panel.visit.aif_words
    assert not np.allclose(ktrans(panel), first) and not np.allclose(first, before)


def test_what_is_looked_at_follows_first_and_a_cancel_gives_the_maps_back(fitted, panel, host):
    user, before, words = fitted, ktrans(panel), panel.visit.aif_words
    panel.parameters.reading = "of the maps before"
    slicer.app.layoutManager().resetSliceViews()
    seen = panel.session.in_view("pre")
    assert 0 < seen.sum() < 0.5 * (before >= 0).sum()
    user.choose(user.input.ui.sourceComboBox, "Population (Parker)")
    host.pump(lambda: panel.visit.aif_words != words, 60, "the slices that are seen")
    first = ktrans(panel)
    np.testing.assert_array_equal(first >= 0, seen & (first >= 0))
    assert (first[seen] >= 0).all() and not np.allclose(first[seen], before[seen])
    assert panel.worker.busy and panel.parameters.reading == "of the maps before"
    user.click(panel.ui.cancelButton)
    user.wait()
    np.testing.assert_array_equal(ktrans(panel), before)
    assert panel.visit.aif_words == words and panel.parameters.reading == "of the maps before"
    assert "nothing was changed" in user.message()
    assert "Find artery" in panel.why_not_compare()  # the maps are not of the input that is chosen


def test_what_is_seen_first_is_what_stays(fitted, panel, host):
    user, words = fitted, panel.visit.aif_words
    slicer.app.layoutManager().resetSliceViews()
    seen = panel.session.in_view("pre")
    user.choose(user.input.ui.sourceComboBox, "Population (Parker)")
    host.pump(lambda: panel.visit.aif_words != words, 60, "the slices that are seen")
    first = ktrans(panel)
    user.wait()
    # products of matrices round in another way where there are more voxels
    np.testing.assert_allclose(ktrans(panel)[seen], first[seen], rtol=1e-5, atol=1e-8)
    assert (ktrans(panel)[~seen] >= 0).any()


def test_choices_that_change_while_maps_follow_are_not_overtaken(fitted, panel, host):
    user, words = fitted, panel.visit.aif_words
    user.choose(user.input.ui.sourceComboBox, "Population (Parker)")
    host.pump(lambda: panel.worker.busy, 60, "the fit")
    user.choose(user.maps.ui.modelComboBox, "Patlak")
    user.wait()
    assert "choices" in user.message() and panel.visit.aif_words == words
    assert "pre" not in panel.session.fitted


def test_a_region_is_not_followed_when_the_box_is_not_ticked(fitted, panel, host):
    user, words = fitted, panel.visit.aif_words
    user.choose(user.input.ui.sourceComboBox, "Region")
    user.click(user.input.ui.newRegionButton)
    user.click(user.input.ui.liveCheckBox)
    paint(panel, np.ones(slicer.util.arrayFromVolume(panel.visit.ktrans).shape, np.uint8))
    host.pump(0.5)
    assert panel.visit.aif_words == words and not panel.worker.busy


def test_a_region_is_painted_where_it_is_made_though_there_are_lesions(fitted, panel):
    user = fitted
    user.click(user.lesions.ui.addLesionButton)
    user.choose(user.input.ui.sourceComboBox, "Region")
    user.click(user.input.ui.newRegionButton)
    editor = user.lesions.ui.segmentEditor
    assert editor.segmentationNode() is panel.visit.aif_region
    assert editor.currentSegmentID() == panel.visit.aif_segment
    panel.refresh()
    assert editor.segmentationNode() is panel.visit.aif_region


def test_another_source_is_taken_although_strokes_are_not_followed(fitted, panel, host):
    user, words = fitted, panel.visit.aif_words
    panel.parameters.live = False
    user.choose(user.input.ui.sourceComboBox, "Population (Parker)")
    settle(user, host, words)
    assert "found automatically" not in panel.visit.aif_words


def test_an_artery_that_is_gone_is_not_replaced_by_another_segment(fitted, panel, host):
    user = fitted
    user.choose(user.input.ui.sourceComboBox, "Region")
    user.click(user.input.ui.newRegionButton)
    segments = panel.visit.aif_region.GetSegmentation()
    segments.AddEmptySegment("", "Something else")
    segments.RemoveSegment(panel.visit.aif_segment)
    host.pump(0.3)
    assert panel.visit.aif_segment == "" and not panel.worker.busy


def test_an_empty_region_is_refused_in_one_sentence(fitted, panel, host):
    user = fitted
    before = ktrans(panel)
    user.choose(user.input.ui.sourceComboBox, "Region")
    user.click(user.input.ui.newRegionButton)
    user.click(user.input.ui.detectButton)
    assert "holds no voxel" in user.message()
    assert np.array_equal(ktrans(panel), before)


def test_a_file_that_is_none_is_refused_in_one_sentence(fitted, panel, tmp_path):
    user = fitted
    path = tmp_path / "aif.csv"
    path.write_text("not a curve")
    user.choose(user.input.ui.sourceComboBox, "File")
    user.input.ui.fileEdit.currentPath = str(path)
    user.host.pump(0.5)
    user.wait()
    assert "aif.csv" in user.message()


def paint(panel, mask: np.ndarray) -> None:
    """Put voxels into the region, as a stroke does."""
    slicer.util.updateSegmentBinaryLabelmapFromArray(
        mask.astype(np.uint8), panel.visit.aif_region, panel.visit.aif_segment, frame_of(panel.visit.series)
    )

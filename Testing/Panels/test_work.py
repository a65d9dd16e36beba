"""Long work: it can be cancelled, and the scene can be closed beneath it."""

import numpy as np
import slicer
from patients import load

from PerfusionRatioScene.layouts import view_name
from PerfusionRatioScene.parameters import AifSource


def begun(user, panel, host):
    """A computation that goes on."""
    load("recurrence", host)
    panel.enter()
    panel.parameters.motion = True
    user.click(user.maps.ui.computeButton, wait=False)
    host.pump(lambda: panel.ui.progressBar.isVisible() and panel.ui.progressBar.value > 0, 60, "progress")


def names(host) -> list[str]:
    """Of all nodes."""
    return sorted(host.scene.GetNthNode(number).GetName() for number in range(host.scene.GetNumberOfNodes()))


def test_cancel_leaves_nothing(user, panel, host):
    load("recurrence", host)
    panel.enter()
    before = names(host)
    panel.parameters.motion = True
    user.click(user.maps.ui.computeButton, wait=False)
    host.pump(lambda: panel.ui.progressBar.value > 0, 60, "progress")
    assert "going on" in user.maps.ui.computeButton.toolTip and not user.maps.ui.computeButton.enabled
    user.click(panel.ui.cancelButton)
    assert user.message() == "Cancelled: nothing was changed."
    assert names(host) == before and panel.parameters.pre.ktrans is None
    assert user.maps.ui.computeButton.enabled and not panel.ui.workRow.isVisible()


def test_the_interface_stays_alive_while_work_goes_on(user, panel, host):
    begun(user, panel, host)
    user.click(panel.ui.followUpButton, wait=False)
    assert panel.worker.busy and panel.parameters.shown_visit == "follow_up"
    user.click(panel.ui.cancelButton)


def test_a_scene_that_is_closed_meanwhile_stays_empty(user, panel, host):
    begun(user, panel, host)
    host.close_scene()
    user.wait()
    assert panel.parameters.pre.series is None and panel.parameters.pre.ktrans is None
    assert panel.ui.tryFrame.isVisible()
    assert not [name for name in names(host) if "Ktrans" in name]


def test_an_image_that_goes_while_it_is_computed_leaves_nothing(user, panel, host):
    begun(user, panel, host)
    host.scene.RemoveNode(panel.parameters.pre.series)
    user.wait()
    assert panel.parameters.pre.ktrans is None
    assert "Choose the dynamic series" in user.images.ui.missingLabel.text


def fitted(user, panel, host):
    """The visit before radiosurgery has maps; the follow-up has no T1 and waits."""
    load("recurrence", host)
    panel.enter()
    follow_up, panel.parameters.follow_up.t1 = panel.parameters.follow_up.t1, None
    user.click(user.maps.ui.computeButton)
    return follow_up


def test_another_arterial_input_waits_for_other_work_and_does_not_end_it(user, panel, host):
    panel.parameters.follow_up.t1 = fitted(user, panel, host)
    words = panel.parameters.pre.aif_words
    user.click(panel.ui.followUpButton)
    user.click(user.maps.ui.computeButton, wait=False)
    user.click(panel.ui.preButton, wait=False)
    panel.parameters.pre.aif_source = AifSource.POPULATION
    panel.refit()
    user.wait()
    assert set(panel.session.fitted) == {"pre", "follow_up"}
    assert panel.parameters.pre.aif_words != words


def previewed(user, panel, host):
    """Another arterial input is followed in the slices that are seen, and not yet elsewhere; the map before."""
    fitted(user, panel, host)
    slicer.app.layoutManager().resetSliceViews()
    before, words = ktrans(panel), panel.visit.aif_words
    panel.visit.aif_source = AifSource.POPULATION
    panel.refit()
    host.pump(lambda: panel.visit.aif_words != words, 60, "the slices that are seen")
    assert (ktrans(panel) >= 0).sum() < (before >= 0).sum() and panel.worker.busy
    return before


def ktrans(panel) -> np.ndarray:
    return np.nan_to_num(slicer.util.arrayFromVolume(panel.parameters.pre.ktrans), nan=-1.0)


def test_a_scene_that_is_saved_meanwhile_holds_whole_maps(user, panel, host, quick_fits):
    before = previewed(user, panel, host)
    host.scene.InvokeEvent(host.scene.StartSaveEvent)
    np.testing.assert_array_equal(ktrans(panel), before)
    user.wait()
    assert not np.array_equal(ktrans(panel), before)  # the work went on


def test_a_scene_that_is_added_to_meanwhile_holds_whole_maps(user, panel, host, quick_fits):
    before = previewed(user, panel, host)
    host.scene.StartState(host.scene.ImportState)
    host.scene.EndState(host.scene.ImportState)
    user.wait()
    np.testing.assert_array_equal(ktrans(panel), before)


def test_a_scene_that_is_added_leaves_what_was_computed(user, panel, host, quick_fits):
    fitted(user, panel, host)
    known = panel.fitted()
    host.scene.StartState(host.scene.ImportState)
    assert panel.session is None
    host.scene.EndState(host.scene.ImportState)
    assert known is not None and panel.fitted() is known
    assert panel.session.parameters is panel.parameters


def test_a_scene_that_is_added_with_images_of_its_own_leaves_nothing_of_others(user, panel, host, quick_fits):
    fitted(user, panel, host)
    parameters = panel.parameters
    host.scene.StartState(host.scene.ImportState)
    parameters.pre.t1 = None  # as the parameters of the added scene have it
    parameters.reading = "its own"
    host.scene.EndState(host.scene.ImportState)
    assert panel.fitted() is None
    assert panel.parameters.reading == "its own"


def test_a_module_that_is_closed_meanwhile_does_nothing_more(user, panel, host, quick_fits):
    previewed(user, panel, host)
    panel.clean_up()
    host.pump(0.3)
    assert not panel.worker.busy and panel.parameters is None


def test_lesions_without_their_image_are_told_of(user, panel, host):
    seeds = load("recurrence", host)
    panel.enter()
    user.outline(seeds["pre"][0])
    assert user.lesions.ui.lesionsTable.rowCount == 1
    panel.visit.t1 = None
    panel.refresh()
    assert user.lesions.ui.lesionsTable.rowCount == 0 or not user.lesions.ui.lesionsTable.isVisible()
    assert "first" in user.lesions.ui.addLesionButton.toolTip


def test_what_views_of_the_module_show_is_not_changed_by_choices_elsewhere(user, panel, host, quick_fits):
    fitted(user, panel, host)
    panel.show_side_by_side()
    panel.parameters.shown_visit = "follow_up"
    panel.show_images()
    composite = slicer.app.layoutManager().sliceWidget(view_name("pre", "ktrans")).mrmlSliceCompositeNode()
    assert composite.GetBackgroundVolumeID() == panel.parameters.pre.t1.GetID()
    assert composite.GetForegroundVolumeID() == panel.parameters.pre.ktrans.GetID()
    shown = host.scene.GetSingletonNode("PerfusionRatioAif", "vtkMRMLPlotViewNode")
    slicer.app.applicationLogic().GetSelectionNode().SetActivePlotChartID(None)
    slicer.app.applicationLogic().PropagatePlotChartSelection()
    assert shown.GetPlotChartNodeID() == panel.parameters.aif_chart.GetID()

"""What is wrong with the images, as the user meets it: one sentence, and a way on."""

import pytest
import slicer
from patients import load


def test_an_empty_panel_says_what_to_begin_with(user, panel):
    assert user.images.ui.missingLabel.text == "Choose the dynamic series (DCE)."
    assert user.maps.ui.computeButton.toolTip == "Choose the dynamic series (DCE)."
    assert not user.maps.ui.computeButton.enabled
    assert panel.ui.tryFrame.isVisible()


def test_what_the_images_do_not_tell_is_asked_for(user, panel, host):
    load("recurrence", host)
    panel.enter()
    series = panel.visit.series
    for name in ("RepetitionTime", "FlipAngle"):
        series.RemoveAttribute(f"MultiVolume.DICOM.{name}")
    series.SetIndexUnit("")
    panel.refresh()
    missing = user.images.ui.missingLabel
    assert missing.isVisible() and len(missing.text.splitlines()) == 3
    assert not user.maps.ui.computeButton.enabled
    for box, value in (("repetitionTimeSpinBox", "5"), ("flipAngleSpinBox", "15"), ("intervalSpinBox", "10")):
        user.type_in(getattr(user.images.ui, box), value)
    assert missing.text == "" and user.maps.ui.computeButton.enabled
    assert (panel.visit.repetition_time, panel.visit.flip_angle, panel.visit.frame_interval) == (5, 15, 10)


def test_a_wrong_attribute_is_named(user, panel, host):
    load("recurrence", host)
    panel.enter()
    panel.visit.series.SetAttribute("MultiVolume.DICOM.RepetitionTime", "five")
    panel.refresh()
    assert "'five'" in user.images.ui.missingLabel.text
    assert "'five'" in user.maps.ui.computeButton.toolTip


def test_clicks_that_cannot_mean_a_lesion_are_refused(user, panel, host):
    load("recurrence", host)
    panel.enter()
    user.click(user.lesions.ui.addLesionButton)
    bounds = [0.0] * 6
    panel.visit.t1.GetRASBounds(bounds)
    user.click_in_slice((bounds[0] + 2, bounds[2] + 2, bounds[4] + 10))
    said = user.lesions.widget.findChild("QLabel", "EnhancingLesionMessage").text
    assert said.endswith(".") and "outside" in said.lower()
    assert not user.effect_button("EnhancingLesionApply").enabled
    user.click_in_slice((0, 0, 20), keys="shift")
    assert "first" in user.lesions.widget.findChild("QLabel", "EnhancingLesionMessage").text


def test_visits_that_cannot_be_one_patients_are_refused(user, panel, host):
    """Everything is computed; then one thing after the other is wrong."""
    seeds = load("recurrence", host)
    panel.enter()
    user.click(user.maps.ui.computeButton)
    compare, parameters = user.comparison.ui.compareButton, panel.parameters
    assert "No lesion is outlined yet" in compare.toolTip and not compare.enabled
    user.outline(seeds["pre"][0])
    user.click(user.lesions.ui.addLesionButton)
    assert "is empty" in compare.toolTip and not compare.enabled
    segments = panel.visit.lesions.GetSegmentation()
    segments.RemoveSegment(segments.GetSegmentIdBySegmentName("Lesion 2"))
    user.click(panel.ui.followUpButton)
    user.outline(seeds["follow_up"][0])

    was = parameters.follow_up.date
    user.type_in(user.images.ui.dateEdit, "2020-02-30")
    user.click(compare)
    assert "is no date" in user.message()
    user.type_in(user.images.ui.dateEdit, "1999-01-01")
    user.click(compare)
    assert "seem to be swapped" in user.message()
    user.type_in(user.images.ui.dateEdit, parameters.pre.date)
    user.click(compare)
    assert "Both visits have the date" in user.message()
    user.type_in(user.images.ui.dateEdit, was)
    user.type_in(user.comparison.ui.radiosurgeryEdit, "1999-01-01")
    user.click(compare)
    assert "earlier than the visit before it" in user.message()
    user.type_in(user.comparison.ui.radiosurgeryEdit, "2099-01-01")
    user.click(compare)
    assert "earlier than radiosurgery" in user.message()
    user.type_in(user.comparison.ui.radiosurgeryEdit, "2026-02-01")
    user.click(compare)
    assert user.message() == "" and parameters.reading

    user.type_in(user.comparison.ui.ktransThresholdSpinBox, "2")
    assert parameters.reading == "" and "compare them again" in user.comparison.ui.readingLabel.text
    assert not user.comparison.ui.tableView.isVisible()


def test_two_patients_are_refused_unless_they_are_said_to_be_one(panel, user, host):
    load("recurrence", host)
    panel.enter()
    assert not user.comparison.ui.samePatientCheckBox.isVisible()
    tree = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(host.scene)
    study = tree.GetItemParent(tree.GetItemByDataNode(panel.parameters.follow_up.series))
    name = slicer.vtkMRMLSubjectHierarchyConstants.GetDICOMPatientIDAttributeName()
    tree.SetItemAttribute(study, name, "somebody else")
    panel.refresh()
    assert user.comparison.ui.samePatientCheckBox.isVisible()
    from PerfusionRatioLib.errors import InputError
    from PerfusionRatioScene.checks import check_visits
    from PerfusionRatioScene.subject import identity_of

    identities = [identity_of(one.series) for one in (panel.parameters.pre, panel.parameters.follow_up)]
    with pytest.raises(InputError, match="somebody else"):
        check_visits(panel.parameters, *identities)
    user.click(user.comparison.ui.samePatientCheckBox)
    assert any("declared" in note for note in check_visits(panel.parameters, *identities))

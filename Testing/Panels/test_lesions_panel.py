"""Lesions as the panel lists them, and two of them through the whole way."""

import numpy as np
import pytest
import slicer
from patients import images_of, load

from PerfusionRatioScene.lesions import lesion_segments, size_rows
from PerfusionRatioScene.segments import set_segment


def test_lesions_are_listed_with_their_sizes(user, panel, host):
    """Volumes are those of the digital patient; an empty segment says so; a core has no row of its own."""
    seeds = load("two-lesions", host)["pre"]
    panel.enter()
    user.outline(seeds[0])
    user.click(user.lesions.ui.addLesionButton)
    rows = size_rows(panel.visit)
    assert [row[:2] for row in rows[1:]] == [("Lesion 2", "not outlined yet")]
    made = images_of("two-lesions")["pre"].visit.post_contrast
    truth = made.lesions[0].sum() * made.volume.grid.voxel_volume / 1000
    assert float(rows[0][1]) == pytest.approx(truth, rel=0.35)
    assert float(rows[0][2]) <= float(rows[0][1])
    table = user.lesions.ui.lesionsTable
    assert table.rowCount == 2 and table.item(0, 0).text() == "Lesion 1"


def test_two_lesions_have_a_row_and_a_reading_each(user, panel, host):
    seeds = load("two-lesions", host)
    panel.enter()
    user.click(user.maps.ui.computeButton)
    for visit, button in (("pre", panel.ui.preButton), ("follow_up", panel.ui.followUpButton)):
        user.click(button)
        for seed in seeds[visit]:
            user.outline(seed)
    user.click(user.comparison.ui.compareButton)
    assert user.message() == ""
    first, second = panel.parameters.reading.splitlines()
    assert first.startswith("Lesion 1: ") and second.startswith("Lesion 2: ")
    assert panel.parameters.ratio_table.GetNumberOfRows() == 4
    assert user.comparison.ui.readingLabel.text.count("<b>") == 2


def test_a_slider_for_more_and_the_next_outline_in_the_place_of_the_last(user, panel, host):
    seeds = load("recurrence", host)["pre"]
    panel.enter()
    user.outline(seeds[0])
    before = size_rows(panel.visit)[0]
    user.click_in_slice(seeds[0])
    user.lesions.widget.findChild("ctkSliderWidget", "EnhancingLesionAmount").value = 0.8
    host.pump(0.2)
    user.click(user.effect_button("EnhancingLesionApply"))
    assert float(size_rows(panel.visit)[0][1]) > float(before[1])


def test_normal_brain_can_be_placed_and_found_again(user, panel, host):
    load("recurrence", host)
    panel.enter()
    label = user.lesions.ui.referenceLabel
    assert "automatic" in label.text
    user.click(user.lesions.ui.referenceMoveButton)
    panel.visit.reference_place.AddControlPoint(30.0, 20.0, 25.0)
    panel.refresh()
    assert "by hand" in label.text
    user.click(user.lesions.ui.referenceAutoButton)
    assert "automatic" in label.text and panel.visit.reference_place is None


def test_sizes_are_measured_again_only_when_something_was_drawn(user, panel, host, monkeypatch):
    load("recurrence", host)
    panel.enter()
    measured = []

    def counted(visit):
        measured.append(visit)
        return size_rows(visit)

    monkeypatch.setattr("PerfusionRatioPanels.lesions_panel.size_rows", counted)
    user.click(user.lesions.ui.addLesionButton)
    measured.clear()
    panel.refresh()
    assert measured == []
    drawn = np.zeros(slicer.util.arrayFromVolume(panel.visit.t1).shape, bool)
    drawn[10:14, 20:26, 20:26] = True
    into = lesion_segments(panel.visit)["Lesion 1"]
    set_segment(panel.visit.lesions, "Lesion 1", drawn, panel.visit.t1, (1.0, 1.0, 0.0), into)
    host.pump(lambda: measured, 5, "the sizes")
    spacing = np.prod(panel.visit.t1.GetSpacing())
    assert user.lesions.ui.lesionsTable.item(0, 1).text() == f"{drawn.sum() * spacing / 1000:.2f}"


def test_an_effect_that_comes_after_the_panel_is_offered(host, monkeypatch):
    """So it is where the module is the first that Slicer shows."""
    from conftest import MODULE
    from user import User

    from PerfusionRatioEffects import register_effect

    monkeypatch.setattr("PerfusionRatioEffects.register_effect", lambda: None)
    editor = User(host, host.open_module(MODULE).panel).lesions.ui.segmentEditor
    assert editor.effectByName("Enhancing lesion") is None
    register_effect()
    assert editor.effectByName("Enhancing lesion") is not None


def test_another_digital_patient_takes_nothing_of_the_last_one(user, panel, host):
    parameters = panel.parameters
    seeds = load("two-lesions", host, parameters)["pre"]
    panel.enter()
    user.outline(seeds[0])
    parameters.radiosurgery_date, parameters.pre.repetition_time, parameters.model = "2020-01-01", 9.0, "patlak"
    assert parameters.pre.lesions is not None
    load("recurrence", host, parameters)
    host.pump(0.1)
    assert parameters.pre.lesions is None and parameters.follow_up.lesions is None
    assert (parameters.radiosurgery_date, parameters.pre.repetition_time) != ("2020-01-01", 9.0)
    assert parameters.pre.repetition_time == 0.0 and parameters.radiosurgery_date > parameters.pre.date
    assert parameters.model == "patlak"
    assert parameters.pre.date == images_of("recurrence")["pre"].visit.date.isoformat()
    assert parameters.pre.series is not None and parameters.patient

"""The whole way of a user: from images to the reading."""

import zipfile

import slicer
from patients import load, seeds_of

from PerfusionRatioScene.layouts import SIDE_BY_SIDE, view_name


def test_from_a_digital_patient_to_the_reading_in_ten_clicks(user, panel, host):
    """With nothing but the panel and the views, and all settings as they are at first."""
    panel.parameters.motion = True
    seeds = seeds_of("recurrence")
    user.click(panel.ui.tryButton)
    user.click(user.maps.ui.computeButton)
    user.outline(seeds["pre"][0])
    user.click(panel.ui.followUpButton)
    user.outline(seeds["follow_up"][0])
    user.click(user.comparison.ui.compareButton)
    assert user.message() == ""
    assert "favours recurrent metastasis" in panel.parameters.reading.lower()
    assert panel.parameters.ratio_table.GetNumberOfRows() == 2
    assert len(user.clicks) <= 10, user.clicks


def test_from_loaded_images_to_the_reading_and_on(user, panel, host, tmp_path):
    """Images of two studies are in the scene, as the DICOM module leaves them, when the module is opened."""
    seeds = load("recurrence", host)
    panel.enter()
    assert "chosen by their dates and names" in user.message()
    user.click(user.maps.ui.computeButton)
    user.outline(seeds["pre"][0])
    user.click(panel.ui.followUpButton)
    user.outline(seeds["follow_up"][0])
    user.click(user.comparison.ui.compareButton)
    assert "favours recurrent metastasis" in panel.parameters.reading.lower()
    assert len(user.clicks) <= 10, user.clicks
    _looks_around(user, panel)
    _exports(user, host, tmp_path)
    _saves_and_goes_on(user, panel, host, tmp_path)


def _looks_around(user, panel):
    """The table, both layouts, and every button says what it does."""
    table = user.comparison.ui.tableView
    assert table.isVisible() and table.mrmlTableNode() is panel.parameters.ratio_table
    assert "recurrent metastasis" in user.comparison.ui.readingLabel.text
    assert "histology" in user.comparison.ui.remarksLabel.text
    assert "changed by" in panel.parameters.remarks and "<li>" in user.comparison.ui.remarksLabel.text
    user.click(user.comparison.ui.sideBySideButton)
    assert slicer.app.layoutManager().layout == SIDE_BY_SIDE
    names = slicer.app.layoutManager().sliceViewNames()
    assert [name for name in names if "Ktrans" in name] and len(names) == 6
    for visit in ("pre", "follow_up"):
        shown = slicer.app.layoutManager().sliceWidget(view_name(visit, "ktrans")).mrmlSliceCompositeNode()
        assert shown.GetForegroundVolumeID() == getattr(panel.parameters, visit).ktrans.GetID()
    user.click(user.comparison.ui.curvesButton)
    chart = slicer.app.layoutManager().plotWidget(0).mrmlPlotViewNode().GetPlotChartNodeID()
    assert chart == panel.parameters.aif_chart.GetID()


def _exports(user, host, folder):
    scene = user.comparison.ui.sceneCheckBox
    assert not scene.checked and "name, ID and birth date" in scene.toolTip
    scene.checked = True
    host.answers.paths.append(str(folder))
    user.click(user.comparison.ui.exportButton)
    (written,) = [path for path in folder.iterdir() if (path / "ratios.csv").exists()]
    assert str(written) in user.message()
    assert "favours recurrent" in (written / "comparison.json").read_text()
    assert zipfile.is_zipfile(written / "scene.mrb")


def _saves_and_goes_on(user, panel, host, folder):
    """What was found is there again; what is only in memory is said to be missing, and can be computed."""
    before = panel.parameters.reading
    names = [name for name in _node_names(host.scene) if not name.startswith("Slice ")]
    host.save(folder / "scene.mrb")
    host.reopen(folder / "scene.mrb")
    assert panel.parameters.reading == before and "changed by" in user.comparison.ui.remarksLabel.text
    assert set(names) <= set(_node_names(host.scene))
    assert user.comparison.ui.tableView.isVisible()
    assert panel.ui.preButton.text.endswith("✓")
    assert "Compute the maps" in user.comparison.ui.compareButton.toolTip
    assert not user.comparison.ui.compareButton.enabled
    user.click(user.maps.ui.computeButton)
    user.click(user.comparison.ui.compareButton)
    assert panel.parameters.reading == before
    assert sorted(_node_names(host.scene)).count("Ktrans map, follow-up") == 1


def _node_names(scene) -> list[str]:
    return [scene.GetNthNode(number).GetName() for number in range(scene.GetNumberOfNodes())]

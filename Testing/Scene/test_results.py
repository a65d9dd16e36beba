"""Results as MRML: tables, plots, folders and the side-by-side layout of a real comparison of the digital head."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import slicer

from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Grid
from PerfusionRatioScene.geometry import to_lps
from PerfusionRatioScene.hierarchy import file_under
from PerfusionRatioScene.layouts import (
    SIDE_BY_SIDE,
    register_layout,
    set_transform,
    show_in_view,
    side_by_side_xml,
    to_common_space,
    view_name,
)
from PerfusionRatioScene.plots import VISIT_COLOURS, Curve, show_curves
from PerfusionRatioScene.tables import RATIO_COLUMNS, ratio_rows, set_table
from PerfusionRatioScene.volumes import new_volume, volume_of
from Testing.Library.comparison_example import example

TIMES = np.arange(0, 60, 5.0)


@pytest.fixture(scope="module")
def comparison():
    return example()


def cells(node) -> list[list[str]]:
    return [
        [node.GetCellText(row, column) for column in range(node.GetNumberOfColumns())]
        for row in range(node.GetNumberOfRows())
    ]


def curve(height: float) -> Curve:
    return Curve(TIMES, height * np.exp(-TIMES / 20), VISIT_COLOURS["pre"])


def test_the_table_has_a_row_for_each_lesion_and_visit(scene, comparison):
    rows = ratio_rows(comparison)
    assert len(rows) == sum(len(lesion.visits) for lesion in comparison.lesions)
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Ratios")
    set_table(node, RATIO_COLUMNS, rows)
    assert cells(node) == [list(row) for row in rows]
    assert [node.GetColumnName(n) for n in range(node.GetNumberOfColumns())] == list(RATIO_COLUMNS)
    first = comparison.lesions[0]
    assert {row[0] for row in rows} == {lesion.name for lesion in comparison.lesions}
    assert first.reading.sentence in [row[-1] for row in rows]


def test_a_table_is_filled_anew(scene):
    node = scene.AddNewNodeByClass("vtkMRMLTableNode", "Ratios")
    set_table(node, ("a", "b"), [("1", "2"), ("3", "4")])
    set_table(node, ("c",), [("5",)])
    assert cells(node) == [["5"]]


def test_a_table_survives_the_scene(host, comparison, tmp_path):
    rows = ratio_rows(comparison)
    set_table(host.scene.AddNewNodeByClass("vtkMRMLTableNode", "Ratios"), RATIO_COLUMNS, rows)
    host.save(tmp_path / "scene.mrb")
    host.reopen(tmp_path / "scene.mrb")
    assert cells(host.scene.GetFirstNodeByName("Ratios")) == [list(row) for row in rows]


def test_curves_of_both_visits_are_in_one_chart(scene):
    chart = show_curves(scene, "Arterial input", "plasma (mM)", {"Before": curve(5.0), "Follow-up": curve(6.0)})
    assert chart.GetNumberOfPlotSeriesNodes() == 2
    assert (chart.GetXAxisTitle(), chart.GetYAxisTitle()) == ("Time (s)", "plasma (mM)")
    series = chart.GetNthPlotSeriesNode(0)
    table = series.GetTableNode()
    np.testing.assert_allclose(slicer.util.arrayFromTableColumn(table, series.GetYColumnName()), curve(5.0).values)
    np.testing.assert_allclose(slicer.util.arrayFromTableColumn(table, series.GetXColumnName()), TIMES)


def test_a_chart_is_filled_anew_and_leaves_nothing_behind(scene):
    chart = show_curves(scene, "Arterial input", "plasma (mM)", {"Before": curve(5.0)})
    before = scene.GetNumberOfNodes()
    both = {"Before": curve(7.0), "Follow-up": curve(6.0)}
    assert show_curves(scene, "Arterial input", "plasma (mM)", both, chart) is chart
    assert show_curves(scene, "Arterial input", "plasma (mM)", {"Before": curve(8.0)}, chart) is chart
    assert scene.GetNumberOfNodes() == before
    column = slicer.util.arrayFromTableColumn(chart.GetNthPlotSeriesNode(0).GetTableNode(), "value")
    assert column[0] == 8


def test_results_lie_in_folders_of_patient_and_visit(scene):
    nodes = {
        (patient, visit): scene.AddNewNodeByClass("vtkMRMLTableNode", f"{patient} {visit}")
        for patient in ("A", "B")
        for visit in ("pre", "follow_up", None)
    }
    folders = {key: file_under(scene, node, *key) for key, node in nodes.items()}
    assert len(set(folders.values())) == 6
    hierarchy = scene.GetSubjectHierarchyNode()
    assert hierarchy.GetItemName(folders["A", "pre"]) == "Before radiosurgery"
    assert hierarchy.GetItemParent(folders["A", "pre"]) == folders["A", None]
    assert hierarchy.GetItemName(folders["A", None]) == "PerfusionRatio: A"
    assert file_under(scene, nodes["A", "pre"], "A", "pre") == folders["A", "pre"]


def test_the_layout_has_two_rows_of_three_views():
    rows = ElementTree.fromstring(side_by_side_xml()).findall("item/layout")
    tags = [[view.get("singletontag") for view in row.findall("item/view")] for row in rows]
    assert tags == [[view_name(visit, c) for c in ("t1", "ktrans", "vp")] for visit in ("pre", "follow_up")]


def test_the_layout_is_registered_once_and_again(scene):
    node = scene.AddNewNodeByClass("vtkMRMLLayoutNode")
    for _ in range(2):
        register_layout(node)
    assert node.IsLayoutDescription(SIDE_BY_SIDE)
    node.SetViewArrangement(SIDE_BY_SIDE)
    assert node.GetViewArrangement() == SIDE_BY_SIDE


def test_a_view_shows_its_images_linked(scene):
    grid = Grid((4, 4, 4))
    t1, ktrans = (new_volume(scene, np.ones(grid.shape, np.float32), grid, name) for name in ("T1", "Ktrans"))
    for _ in range(2):
        show_in_view(scene, "pre", "ktrans", t1, ktrans, 0.8)
    show_in_view(scene, "pre", "t1", t1)
    assert scene.GetNumberOfNodesByClass("vtkMRMLSliceCompositeNode") == 2
    first, second = (scene.GetNthNodeByClass(n, "vtkMRMLSliceCompositeNode") for n in range(2))
    assert first.GetBackgroundVolumeID() == second.GetBackgroundVolumeID() == t1.GetID()
    assert (first.GetForegroundVolumeID(), second.GetForegroundVolumeID()) == (ktrans.GetID(), None)
    assert first.GetForegroundOpacity() == pytest.approx(0.8)
    assert first.GetLinkedControl()
    assert second.GetLinkedControl()


def test_in_common_space_every_image_shows_the_same_place(comparison):
    """A place of the head in the first T1, followed to each image by the alignments, comes back to itself."""
    place = np.array([12.0, -30.0, 25.0])
    there = {
        ("pre", "dce"): comparison.pre.alignment.transform.inverse.moved(place),
        ("follow_up", "t1"): comparison.between.transform.moved(place),
    }
    there["follow_up", "dce"] = comparison.follow_up.alignment.transform.inverse.moved(there["follow_up", "t1"])
    back = to_common_space(comparison)
    assert set(back) == set(there)
    for key, position in there.items():
        np.testing.assert_allclose(back[key].moved(position), place, atol=1e-6)


def test_a_transform_moves_nodes_as_the_library_would(scene):
    rigid = Rigid.of((3.0, -4.0, 5.0), (10.0, -20.0, 30.0), (1.0, 2.0, 3.0))
    grid = Grid((4, 4, 4), (2.0, 2.0, 3.0), (-10.0, 5.0, 2.0))
    volume = new_volume(scene, np.ones(grid.shape, np.float32), grid, "T1")
    node = scene.AddNewNodeByClass("vtkMRMLLinearTransformNode", "to common space")
    set_transform(node, rigid)
    volume.SetAndObserveTransformNodeID(node.GetID())
    voxels = np.array([[0, 0, 0], [3, 1, 2]])
    np.testing.assert_allclose(volume_of(volume).grid.positions(voxels), rigid.moved(grid.positions(voxels)), atol=1e-6)
    np.testing.assert_allclose(to_lps(to_lps([1.0, 2.0, 3.0])), [1, 2, 3])

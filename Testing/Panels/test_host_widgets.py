"""The host's MRML widgets: they show what the nodes say, and what a user does in them is in the nodes."""

import numpy as np
import pytest
import slicer
import vtk
from PySide6 import QtCore, QtTest

DOWN = QtCore.Qt.Key.Key_Down
EDITABLE = QtCore.Qt.ItemFlag.ItemIsEditable

EFFECT = '''
from SegmentEditorEffects import AbstractScriptedSegmentEditorEffect


class {name}(AbstractScriptedSegmentEditorEffect):
    """Writes down what it is asked."""

    def __init__(self, scriptedEffect):
        super().__init__(scriptedEffect)
        self.heard = []
        scriptedEffect.name = scriptedEffect.title = "{name}"

    def clone(self):
        import qSlicerSegmentationsEditorEffectsPythonQt as effects

        clone = effects.qSlicerSegmentEditorScriptedEffect(None)
        clone.setPythonSource(__file__)
        return clone

    def setMRMLDefaults(self):
        self.scriptedEffect.setParameterDefault("amount", 3)

    def setupOptionsFrame(self):
        import qt

        self.button = qt.QPushButton("{name}'s button")
        self.scriptedEffect.addOptionsWidget(self.button)

    def activate(self):
        self.heard.append("on")

    def deactivate(self):
        self.heard.append("off")
'''


@pytest.fixture
def add(host):
    """Adds a node of a class to the scene."""
    return lambda kind, name: slicer.mrmlScene.AddNewNodeByClass(f"vtkMRML{kind}Node", name)


@pytest.fixture
def selector(host):
    """A choice of tables."""
    made = slicer.qMRMLNodeComboBox()
    made.nodeTypes = ["vtkMRMLTableNode"]
    made.setMRMLScene(slicer.mrmlScene)
    return made


def _listed(selector) -> list:
    return [selector.nodeFromIndex(number).GetName() for number in range(selector.nodeCount())]


def _told(widget, signal: str) -> list:
    """What a signal says from now on."""
    heard: list = []
    widget.connect(signal, heard.append)
    return heard


# qMRMLNodeComboBox


def test_a_node_selector_lists_the_nodes_of_its_types_as_they_come_and_go(selector, add):
    first, second = add("Table", "first"), add("Table", "second")
    add("Text", "no table")
    assert _listed(selector) == ["first", "second"]
    second.SetName("renamed")
    assert _listed(selector) == ["first", "renamed"]
    slicer.mrmlScene.RemoveNode(first)
    assert _listed(selector) == ["renamed"] and selector.currentNode() is second
    selector.nodeTypes = ["vtkMRMLTextNode"]
    assert _listed(selector) == ["no table"]


def test_a_node_selector_shows_subclasses_hidden_and_attributed_nodes_as_it_is_told(selector, add):
    selector.nodeTypes = ["vtkMRMLVolumeNode"]
    add("ScalarVolume", "plain")
    add("LabelMapVolume", "labels").SetAttribute("Kind", "1")
    add("ScalarVolume", "hidden").SetHideFromEditors(True)
    assert _listed(selector) == ["plain", "labels"]
    selector.hideChildNodeTypes = ["vtkMRMLLabelMapVolumeNode"]
    assert _listed(selector) == ["plain"]
    selector.showHidden = True
    assert _listed(selector) == ["plain", "hidden"]
    selector.hideChildNodeTypes, selector.showHidden = [], False
    selector.addAttribute("vtkMRMLScalarVolumeNode", "Kind", "1")
    assert _listed(selector) == ["labels"]
    selector.removeAttribute("vtkMRMLScalarVolumeNode", "Kind")
    selector.showChildNodeTypes = False
    assert _listed(selector) == []


def test_a_node_selector_chooses_the_first_node_unless_none_is_allowed(selector, add):
    node = add("Table", "one")
    assert selector.currentNode() is node and selector.currentNodeID == node.GetID()
    selector.setCurrentNode(None)
    assert selector.currentNode() is None and selector.currentNodeID == ""
    other = slicer.qMRMLNodeComboBox()
    other.nodeTypes, other.noneEnabled = ["vtkMRMLTableNode"], True
    other.setMRMLScene(slicer.mrmlScene)
    assert other.currentNode() is None and other.nodeCount() == 1
    other.setCurrentNodeID(node.GetID())
    assert other.currentNode() is node


def test_a_node_selector_tells_every_change_once(selector, add):
    told, ids = _told(selector, "currentNodeChanged(vtkMRMLNode*)"), _told(selector, "currentNodeIDChanged(QString)")
    one, two = add("Table", "one"), add("Table", "two")
    wanted = [one.GetID(), two.GetID(), one.GetID()]
    selector.setCurrentNode(two)
    selector.setCurrentNode(two)
    slicer.mrmlScene.RemoveNode(two)
    assert [node and node.GetName() for node in told] == ["one", "two", "one"]
    assert ids == wanted
    slicer.mrmlScene.RemoveNode(one)
    assert told[3:] == [None] and ids[3:] == [""]


def test_a_node_selector_is_empty_in_a_closed_scene(selector, add, host):
    add("Table", "one")
    told = _told(selector, "currentNodeChanged(bool)")
    host.close_scene()
    assert selector.nodeCount() == 0 and told == [False]


def test_a_node_selector_that_is_gone_hears_nothing(selector, add, host):
    told = _told(selector, "currentNodeChanged(vtkMRMLNode*)")
    add("Table", "one")
    selector.delete()
    host.pump()
    add("Table", "two")
    slicer.mrmlScene.RemoveNode(slicer.util.getNode("one"))
    assert len(told) == 1


def test_only_a_user_activates_a_node(selector, add, host):
    first, second = add("Table", "first"), add("Table", "second")
    activated = _told(selector, "nodeActivated(vtkMRMLNode*)")
    selector.setCurrentNode(second)
    selector.setCurrentNode(first)
    assert activated == []
    QtTest.QTest.keyClick(selector.findChild("QComboBox"), DOWN)
    assert activated == [second] and selector.currentNode() is second


def test_a_node_selector_makes_and_removes_nodes(selector, host):
    selector.baseName = "Result"
    selector.addAttribute("vtkMRMLTableNode", "Kind", "1")
    added = _told(selector, "nodeAddedByUser(vtkMRMLNode*)")
    node = selector.addNode()
    assert added == [node] and selector.currentNode() is node
    assert (node.GetClassName(), node.GetName(), node.GetAttribute("Kind")) == ("vtkMRMLTableNode", "Result", "1")
    selector.removeCurrentNode()
    assert not slicer.mrmlScene.IsNodePresent(node) and selector.currentNode() is None


# segments


@pytest.fixture
def segmentation(add):
    """A segmentation with two segments."""
    node = add("Segmentation", "lesions")
    node.CreateDefaultDisplayNodes()
    for name in ("one", "two"):
        node.GetSegmentation().AddEmptySegment(name, name.upper())
    return node


def test_a_segment_selector_follows_the_segments(segmentation):
    selector = slicer.qMRMLSegmentSelectorWidget()
    selector.setMRMLScene(slicer.mrmlScene)
    assert selector.currentNode() is segmentation
    assert selector.segmentIDs() == ("one", "two") and selector.currentSegmentID() == "one"
    told = _told(selector, "currentSegmentChanged(QString)")
    selector.setCurrentSegmentID("two")
    segmentation.GetSegmentation().AddEmptySegment("three")
    assert selector.segmentIDs() == ("one", "two", "three") and selector.currentSegmentID() == "two"
    segmentation.GetSegmentation().RemoveSegment("two")
    assert selector.currentSegmentID() == "one" and told == ["two", "one"]
    slicer.mrmlScene.RemoveNode(segmentation)
    assert selector.currentNode() is None and selector.currentSegmentID() == "" and told[2:] == [""]


def test_a_segment_selector_may_have_none(segmentation):
    selector = slicer.qMRMLSegmentSelectorWidget()
    selector.noneEnabled = True
    selector.setMRMLScene(slicer.mrmlScene)
    selector.setCurrentNode(segmentation)
    assert selector.currentSegmentID() == "" and selector.selectedSegmentIDs() == ()
    selector.setCurrentSegmentID("two")
    assert selector.selectedSegmentIDs() == ("two",)


def test_a_segments_table_shows_and_edits_segments(segmentation):
    view = slicer.qMRMLSegmentsTableView()
    view.setSegmentationNode(segmentation)
    assert view.segmentCount == 2 and view.rowForSegmentID("two") == 1 and view.segmentIDForRow(0) == "one"
    view.tableWidget().item(1, 1).setText("renamed")
    assert segmentation.GetSegmentation().GetSegment("two").GetName() == "renamed"
    view.tableWidget().item(0, 0).setCheckState(QtCore.Qt.CheckState.Unchecked)
    shown = segmentation.GetDisplayNode().GetSegmentVisibility
    assert (shown("one"), shown("two")) == (False, True)
    view.setSelectedSegmentIDs(("two",))
    segmentation.GetSegmentation().RemoveSegment("one")
    assert view.displayedSegmentIDs() == ("two",) == view.selectedSegmentIDs()


# qMRMLTableView


@pytest.fixture
def table(add):
    """A table of two columns: names and numbers."""
    node = add("Table", "table")
    names, numbers = vtk.vtkStringArray(), vtk.vtkDoubleArray()
    names.SetName("name")
    numbers.SetName("number")
    for name, number in (("a", 1.5), ("b", 1 / 3)):
        names.InsertNextValue(name)
        numbers.InsertNextValue(number)
    node.AddColumn(names)
    node.AddColumn(numbers)
    return node


@pytest.fixture
def table_view(table):
    """A view of the table."""
    view = slicer.qMRMLTableView()
    view.setMRMLScene(slicer.mrmlScene)
    view.setMRMLTableNode(table)
    return view


def _cells(view) -> list[list[str]]:
    model = view._items
    return [
        [model.item(row, column).text() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_a_table_view_shows_names_of_columns_as_its_first_row(table_view, table):
    assert _cells(table_view) == [["name", "number"], ["a", "1.5"], ["b", "0.333333"]]
    table.SetCellText(0, 0, "changed")
    assert _cells(table_view)[1] == ["changed", "1.5"]
    table_view.setMRMLTableNode(None)
    assert _cells(table_view) == []


def test_a_table_view_locks_titles_and_transposes(table_view, table):
    table_view.transposed = True
    assert _cells(table_view) == [["name", "a", "b"], ["number", "1.5", "0.333333"]]
    table_view.transposed = False
    table_view.firstRowLocked = True
    assert table.GetUseColumnTitleAsColumnHeader() and _cells(table_view) == [["a", "1.5"], ["b", "0.333333"]]
    table_view.firstColumnLocked = True
    assert table.GetUseFirstColumnAsRowHeader() and _cells(table_view) == [["1.5"], ["0.333333"]]
    header = table_view._items.horizontalHeaderItem(0), table_view._items.verticalHeaderItem(1)
    assert [one.text() for one in header] == ["number", "b"]


def test_a_transposed_table_view_locks_the_other_way(table_view, table):
    table_view.transposed = True
    table_view.firstRowLocked = True
    assert table.GetUseFirstColumnAsRowHeader() and not table.GetUseColumnTitleAsColumnHeader()
    assert table_view.firstRowLocked is True and table_view.firstColumnLocked is False
    assert _cells(table_view) == [["number", "1.5", "0.333333"]]
    table_view._items.item(0, 1).setText("2.5")
    assert table.GetTable().GetValueByName(0, "number").ToDouble() == 2.5


def test_an_edited_cell_is_in_the_node(table_view, table):
    table_view._items.item(2, 1).setText("7.25")
    assert table.GetTable().GetValueByName(1, "number").ToDouble() == 7.25
    table_view._items.item(0, 0).setText("title")
    assert table.GetColumnName(0) == "title"
    table_view.firstRowLocked = table_view.firstColumnLocked = True
    table_view._items.item(0, 0).setText("8.5")
    assert table.GetTable().GetValueByName(0, "number").ToDouble() == 8.5


def test_a_cell_of_a_transposed_view_is_edited_where_it_belongs(table_view, table):
    table_view.transposed = True
    table_view._items.item(1, 2).setText("9.5")
    assert table.GetTable().GetValueByName(1, "number").ToDouble() == 9.5
    assert table.GetTable().GetValueByName(0, "number").ToDouble() == 1.5


def test_a_locked_table_cannot_be_edited(table_view, table):
    assert table_view._items.item(1, 1).flags() & EDITABLE
    table.SetLocked(True)
    assert not table_view._items.item(1, 1).flags() & EDITABLE


# qMRMLPlotView


@pytest.fixture
def plot(add, table):
    """A view node with a chart of the numbers, as a red line."""
    series, chart, view = add("PlotSeries", "series"), add("PlotChart", "chart"), add("PlotView", "view")
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetYColumnName("number")
    series.SetPlotType(series.PlotTypeLine)
    series.SetColor(1.0, 0.0, 0.0)
    series.SetLineWidth(3)
    chart.AddAndObservePlotSeriesNodeID(series.GetID())
    chart.SetLegendVisibility(False)
    view.SetPlotChartNodeID(chart.GetID())
    return view


def _red(view) -> np.ndarray:
    """Where a view is red, as rows and columns of pixels."""
    view.resize(300, 200)
    image = view.grab().toImage().convertToFormat(view.grab().toImage().Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)
    return np.argwhere((pixels[..., 0] > 200) & (pixels[..., 1:].max(axis=-1) < 80))


def test_a_plot_view_draws_its_chart_and_nothing_without_one(plot, host):
    view = slicer.qMRMLPlotView()
    view.setMRMLScene(slicer.mrmlScene)
    assert _red(view).size == 0
    view.setMRMLPlotViewNode(plot)
    places = _red(view)
    assert len(places) > 100
    left, right = places[places[:, 1].argmin()], places[places[:, 1].argmax()]
    assert left[0] < right[0]  # from 1.5 down to 1/3: rows are counted from the top
    plot.SetPlotChartNodeID(None)
    assert _red(view).size == 0


def test_a_plot_view_follows_the_numbers(plot, table, host):
    view = slicer.qMRMLPlotView()
    view.setMRMLPlotViewNode(plot)
    (series,) = view._shown().series
    assert series.y.tolist() == [1.5, 1 / 3] and series.x.tolist() == [0.0, 1.0]
    table.SetCellText(1, 1, "4.5")
    (series,) = view._shown().series
    assert series.y.tolist() == [1.5, 4.5]
    places = _red(view)
    left, right = places[places[:, 1].argmin()], places[places[:, 1].argmax()]
    assert left[0] > right[0]


def test_the_range_of_a_logarithmic_axis_is_given_in_its_numbers(plot, host):
    view, chart = slicer.qMRMLPlotView(), plot.GetPlotChartNode()
    view.setMRMLPlotViewNode(plot)
    chart.SetXAxisLogScale(True)
    chart.SetXAxisRangeAuto(False)
    chart.SetXAxisRange(0.1, 1000.0)
    assert view._shown().x_range == (-1.0, 3.0)


def test_words_put_on_the_left_axis_are_drawn_there(plot, host):
    view = slicer.qMRMLPlotView()
    view.setMRMLPlotViewNode(plot)
    plain = _red(view)
    places, words = vtk.vtkDoubleArray(), vtk.vtkStringArray()
    places.InsertNextValue(1.0)
    words.InsertNextValue("a long name of a row")
    view.chart().GetAxis(vtk.vtkAxis.LEFT).SetCustomTickPositions(places, words)
    assert _red(view)[:, 1].min() > plain[:, 1].min() + 20  # they take their room from the curves


def test_a_plot_view_that_is_seen_is_drawn_anew_when_numbers_change(plot, table, host):
    painted = []

    class Counting(slicer.qMRMLPlotView):
        """Counts how often it is drawn."""

        def paintEvent(self, event):  # noqa: N802
            painted.append(event)
            super().paintEvent(event)

    view = Counting()
    view.setMRMLPlotViewNode(plot)
    view.show()
    host.pump()
    painted.clear()
    host.pump()
    assert painted == []
    table.SetCellText(1, 1, "4.5")
    host.pump()
    assert len(painted) == 1


# qMRMLSegmentEditorWidget


@pytest.fixture
def volume(add):
    """A small volume."""
    node = add("ScalarVolume", "volume")
    slicer.util.updateVolumeFromArray(node, np.zeros((3, 4, 5), np.int16))
    return node


@pytest.fixture
def register(tmp_path):
    """Registers an effect of a name, as a module does."""

    def registered(name: str):
        path = tmp_path / f"{name}.py"
        path.write_text(EFFECT.format(name=name))
        effect = slicer.qSlicerSegmentEditorScriptedEffect(None)
        effect.setPythonSource(str(path))
        effect.self().register()

    return registered


@pytest.fixture
def make_editor(add, segmentation, volume):
    """Makes an editor at work on the segmentation."""

    def made():
        editor = slicer.qMRMLSegmentEditorWidget()
        editor.setMRMLSegmentEditorNode(add("SegmentEditor", "editor"))
        editor.setMRMLScene(slicer.mrmlScene)
        editor.setSegmentationNode(segmentation)
        editor.setSourceVolumeNode(volume)
        return editor

    return made


def _button(editor, text: str):
    (found,) = [one for one in editor.findChildren("QAbstractButton") if one.text == text]
    return found


def test_the_segment_editor_has_slicers_effects_and_those_that_are_registered(make_editor, register):
    before = make_editor()
    built_in = before.availableEffectNames()
    assert {"Paint", "Threshold", "Islands"} <= set(built_in)
    register("Mine")
    before.updateEffectList()
    for editor in (before, make_editor()):
        assert editor.availableEffectNames() == (*built_in, "Mine")
        assert editor.effectCount() == len(built_in) + 1
        assert editor.effectByName("Mine").title == "Mine" and editor.effectByName("Nope") is None
    before.updateEffectList()
    assert before.availableEffectNames() == (*built_in, "Mine")


def test_an_effect_of_a_name_is_registered_once(make_editor, register):
    register("Mine")
    register("Mine")
    assert make_editor().availableEffectNames().count("Mine") == 1


def test_effects_are_switched_on_and_off(make_editor, register):
    register("Mine")
    register("Other")
    editor = make_editor()
    mine, other = (editor.effectByName(one).self() for one in ("Mine", "Other"))
    assert editor.activeEffect() is None
    editor.setActiveEffectByName("Mine")
    assert editor.activeEffect() is editor.effectByName("Mine") and editor.activeEffect().active()
    assert mine.heard == ["on"] and other.heard == []
    _button(editor, "Other").click()
    assert mine.heard == ["on", "off"] and other.heard == ["on"]
    assert editor.mrmlSegmentEditorNode().GetActiveEffectName() == "Other" and _button(editor, "Other").checked
    assert not _button(editor, "Mine's button").isVisibleTo(editor)
    assert _button(editor, "Other's button").isVisibleTo(editor)
    editor.setActiveEffect(None)
    assert editor.activeEffect() is None and other.heard == ["on", "off"]


def test_parameters_of_an_effect_are_attributes_of_the_editors_node(make_editor, register):
    register("Mine")
    editor = make_editor()
    effect = editor.effectByName("Mine")
    assert effect.integerParameter("amount") == 3
    effect.setParameter("amount", "4.5")
    assert editor.mrmlSegmentEditorNode().GetAttribute("Mine.amount") == "4.5"
    assert effect.doubleParameter("amount") == 4.5
    assert effect.parameter("nope") == "" and not effect.parameterDefined("nope")


def test_the_segment_editor_adds_and_removes_segments(make_editor, segmentation):
    editor, segments = make_editor(), segmentation.GetSegmentation()
    assert editor.currentSegmentID() == "one"
    told = _told(editor, "currentSegmentIDChanged(QString)")
    _button(editor, "Add").click()
    added = segments.GetNthSegmentID(2)
    assert segments.GetNumberOfSegments() == 3 and editor.currentSegmentID() == added and told == [added]
    _button(editor, "Remove").click()
    assert list(segments.GetSegmentIDs()) == ["one", "two"]
    assert editor.currentSegmentID() == "two"  # the one before, as it was the last
    editor.setCurrentSegmentID("one")
    _button(editor, "Remove").click()
    assert list(segments.GetSegmentIDs()) == [editor.currentSegmentID()] == ["two"]
    segments.RemoveSegment("two")
    assert editor.currentSegmentID() == ""


def test_the_segment_editor_cannot_add_without_a_volume_nor_remove_without_a_segment(make_editor, segmentation):
    editor = make_editor()
    editor.setSourceVolumeNode(None)
    assert not _button(editor, "Add").enabled
    for _ in range(2):
        assert _button(editor, "Remove").enabled
        _button(editor, "Remove").click()
    assert segmentation.GetSegmentation().GetNumberOfSegments() == 0
    assert not _button(editor, "Remove").enabled and editor.currentSegmentID() == ""


def test_an_effect_writes_into_the_current_segment(make_editor, register, segmentation, volume):
    register("Mine")
    editor = make_editor()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    editor.setCurrentSegmentID("two")
    effect = editor.effectByName("Mine")
    labels = effect.defaultModifierLabelmap()
    labels.GetPointData().GetScalars().SetTuple1(7, 1)
    effect.modifySelectedSegmentByLabelmap(labels, effect.ModificationModeSet)
    counts = [
        int(slicer.util.arrayFromSegmentBinaryLabelmap(segmentation, one, volume).sum()) for one in ("one", "two")
    ]
    assert counts == [0, 1]

"""parameterNodeWrapper and parameterPack of the host: stored as Slicer stores them, there again in a saved scene."""

import enum
from types import SimpleNamespace

import pytest
import slicer


class Side(enum.Enum):
    """An enumeration whose names are not its values."""

    LEFT = "on the left"
    RIGHT = "on the right"


@pytest.fixture
def kinds(host):
    """A pack and a wrapper, made as an extension makes them."""
    from slicer.parameterNodeWrapper import parameterNodeWrapper, parameterPack

    @parameterPack
    class Visit:
        """A group of parameters."""

        date: str = "2020-01-01"
        side: Side = Side.RIGHT
        table: slicer.vtkMRMLTableNode

    @parameterNodeWrapper
    class Choices:
        """All parameters."""

        words: str = "as before"
        count: int
        factor: float
        weight: float = 2.5
        on: bool = True
        off: bool
        side: Side
        table: slicer.vtkMRMLTableNode
        any_node: slicer.vtkMRMLNode
        first: Visit
        second: Visit

    return SimpleNamespace(visit=Visit, choices=Choices)


@pytest.fixture
def node(host):
    """The node of a module, which an extension gets from its logic."""
    return slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "Choices")


@pytest.fixture
def choices(kinds, node):
    """The wrapper around the node."""
    return kinds.choices(node)


@pytest.fixture
def table(host):
    """A node to refer to."""
    return slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", "Numbers")


# defaults


def test_defaults_are_those_of_the_class_or_those_of_the_types(choices):
    assert (choices.words, choices.weight, choices.on) == ("as before", 2.5, True)
    assert (choices.count, choices.factor, choices.off) == (0, 0.0, False)
    assert choices.side is Side.LEFT and choices.table is None and choices.any_node is None
    assert (choices.first.date, choices.first.side, choices.first.table) == ("2020-01-01", Side.RIGHT, None)
    assert choices.default("weight").value == 2.5


def test_a_wrapper_writes_the_defaults_as_slicer_does(choices, node):
    written = {name: node.GetParameter(name) for name in node.GetParameterNames()}
    members = {"date": "2020-01-01", "side": "RIGHT", "table": ""}
    assert written == {
        "words": "as before",
        "count": "0",
        "factor": "0",
        "weight": "2.5",
        "on": "True",
        "off": "False",
        "side": "LEFT",
        "table": "",
        "any_node": "",
        **{f"first.{name}": value for name, value in members.items()},
        **{f"second.{name}": value for name, value in members.items()},
    }


def test_a_second_wrapper_keeps_what_the_node_has(choices, kinds, node):
    choices.words, choices.first.side = "changed", Side.LEFT
    again = kinds.choices(node)
    assert again.words == "changed" and again.first.side is Side.LEFT and again.second.side is Side.RIGHT


# values


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("words", "ä <&> \n", "ä <&> \n"),
        ("count", -3, "-3"),
        ("factor", 0.1, "0.1"),
        ("factor", 3, "3"),
        ("on", False, "False"),
        ("off", True, "True"),
        ("side", Side.RIGHT, "RIGHT"),
        ("first.date", "1999-12-31", "1999-12-31"),
        ("second.side", Side.LEFT, "LEFT"),
    ],
)
def test_a_value_is_read_as_it_was_set_and_stored_as_slicer_stores_it(choices, node, name, value, text):
    choices.setValue(name, value)
    assert choices.getValue(name) == value and isinstance(choices.getValue(name), choices.dataType(name))
    assert node.GetParameter(name) == text


def test_what_stands_in_the_node_is_read(choices, node):
    node.SetParameter("side", "RIGHT")
    node.SetParameter("first.date", "1999-12-31")
    assert choices.side is Side.RIGHT and choices.first.date == "1999-12-31"
    node.SetParameter("side", "on the left")  # its value, and not its name
    with pytest.raises(ValueError, match="no name in Side"):
        _ = choices.side


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("words", 3, TypeError),
        ("words", None, ValueError),
        ("count", 3.5, TypeError),
        ("factor", "3", TypeError),
        ("on", 1, TypeError),
        ("side", "LEFT", TypeError),
        ("side", None, ValueError),
        ("first.date", 3, TypeError),
        ("first", "2020-01-01", TypeError),
    ],
)
def test_a_value_of_another_type_is_refused_and_changes_nothing(choices, node, name, value, error):
    before = {one: node.GetParameter(one) for one in node.GetParameterNames()}
    with pytest.raises(error, match=name):
        choices.setValue(name, value)
    assert {one: node.GetParameter(one) for one in node.GetParameterNames()} == before


def test_a_parameter_that_does_not_exist_is_refused(choices):
    with pytest.raises(AttributeError, match="no parameter 'nope'"):
        choices.nope = 1
    with pytest.raises(AttributeError, match="no parameter 'nope'"):
        choices.first.nope = 1
    for name in ("nope", "first.nope"):
        with pytest.raises(ValueError, match="no parameter 'nope'"):
            choices.getValue(name)


def test_types_that_cannot_be_stored_are_refused_when_the_class_is_made(host):
    from slicer.parameterNodeWrapper import parameterNodeWrapper

    for kind in (list[int], set):
        with pytest.raises(TypeError, match="Parameter 'some'"):
            parameterNodeWrapper(type("Wrong", (), {"__annotations__": {"some": kind}}))
    with pytest.raises(TypeError, match="Parameter 'some' is of type int"):
        parameterNodeWrapper(type("Wrong", (), {"__annotations__": {"some": int}, "some": "three"}))
    with pytest.raises(ValueError, match="cannot be the name of a parameter"):
        parameterNodeWrapper(type("Wrong", (), {"__annotations__": {"default": int}}))


# nodes


def test_a_node_is_a_reference_of_the_parameters_name(choices, node, table):
    choices.table, choices.first.table, choices.any_node = table, table, node
    assert choices.table is table and choices.first.table is table and choices.any_node is node
    assert node.GetNodeReferenceID("table") == node.GetNodeReferenceID("first.table") == table.GetID()
    assert node.GetParameter("table") == ""
    choices.table = None
    assert choices.table is None and choices.first.table is table


def test_a_node_of_another_class_is_refused(choices, node):
    with pytest.raises(TypeError, match="of type vtkMRMLTableNode, not vtkMRMLScriptedModuleNode"):
        choices.table = node
    assert choices.table is None


def test_a_node_that_has_left_the_scene_is_none(choices, table, host):
    choices.table = table
    host.scene.RemoveNode(table)
    assert choices.table is None


# packs


def test_a_pack_of_the_node_writes_into_the_node(choices, node):
    pack = choices.first
    pack.date = "1999-12-31"
    assert choices.first.date == node.GetParameter("first.date") == "1999-12-31"
    assert choices.second.date == "2020-01-01"


def test_a_pack_made_by_hand_stands_alone_until_it_is_set(choices, kinds, table):
    made = kinds.visit("1999-12-31", table=table)
    assert (made.date, made.side) == ("1999-12-31", Side.RIGHT)
    assert choices.first != made
    choices.first = made
    assert choices.first == made
    made.date = "2001-01-01"
    assert choices.first.date == "1999-12-31"


def test_the_values_of_a_pack_are_told_at_once(choices, kinds, node):
    told = []
    tag = choices.AddObserver("ModifiedEvent", lambda *_: told.append(choices.first.date))
    choices.first = kinds.visit("1999-12-31", Side.LEFT)
    assert told == ["1999-12-31"]
    with slicer.util.NodeModify(choices):
        choices.words, choices.count = "changed", 3
        assert len(told) == 1
    assert len(told) == 2
    choices.RemoveObserver(tag)
    choices.count = 4
    assert len(told) == 2


# scenes


def test_everything_is_there_again_in_a_saved_scene(choices, kinds, table, host, tmp_path):
    choices.words, choices.count, choices.factor, choices.on = 'ä <&> "x"', 7, 0.1, False
    choices.side, choices.table, choices.first.table = Side.RIGHT, table, table
    choices.second = kinds.visit("1999-12-31", Side.LEFT)
    host.save(tmp_path / "scene.mrb")
    host.reopen(tmp_path / "scene.mrb")
    again = kinds.choices(host.scene.GetFirstNodeByName("Choices"))
    assert again.parameterNode is not choices.parameterNode
    assert (again.words, again.count, again.factor, again.on) == ('ä <&> "x"', 7, 0.1, False)
    assert again.side is Side.RIGHT and again.weight == 2.5
    assert again.table is host.scene.GetFirstNodeByName("Numbers") is again.first.table
    assert again.second == kinds.visit("1999-12-31", Side.LEFT) and again.first.date == "2020-01-01"


def test_the_node_of_a_logic_is_the_same_one_in_a_reopened_scene(kinds, host, tmp_path):
    from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

    class HereLogic(ScriptedLoadableModuleLogic):
        """Of a module."""

    logic = HereLogic()
    choices = kinds.choices(logic.getParameterNode())
    assert logic.getParameterNode() is choices.parameterNode
    choices.words = "kept"
    host.save(tmp_path / "scene.mrb")
    choices.words = "not kept"
    host.reopen(tmp_path / "scene.mrb")
    assert kinds.choices(logic.getParameterNode()).words == "kept"
    assert len(logic.getAllParameterNodes()) == 1


# widgets


@pytest.fixture
def gui(host):
    """A panel whose widgets name parameters."""
    import ctk
    import qt

    panel = qt.QWidget()
    made = {
        "words": qt.QLineEdit(panel),
        "count": qt.QSpinBox(panel),
        "factor": ctk.ctkSliderWidget(panel),
        "off": qt.QCheckBox(panel),
        "first.side": qt.QComboBox(panel),
        "table": slicer.qMRMLNodeComboBox(panel),
    }
    made["first.side"].addItems(list(Side.__members__))
    made["table"].noneEnabled = True
    for name, widget in made.items():
        widget.setProperty("SlicerParameterName", name)
    return SimpleNamespace(panel=panel, widgets=made)


def _scene_to(gui) -> None:
    gui.widgets["table"].setMRMLScene(slicer.mrmlScene)


def test_widgets_show_parameters_and_parameters_follow_widgets(choices, gui, table):
    choices.connectGui(gui.panel)
    _scene_to(gui)
    of = gui.widgets
    assert of["words"].text == "as before" and of["first.side"].currentText == "RIGHT"
    choices.words, choices.count, choices.factor, choices.table = "shown", 4, 2.5, table
    assert (of["words"].text, of["count"].value, of["factor"].value) == ("shown", 4, 2.5)
    assert of["table"].currentNode() is table
    of["words"].text, of["count"].value, of["factor"].value, of["off"].checked = "typed", 5, 3.5, True
    of["first.side"].setCurrentIndex(0)
    of["table"].setCurrentNode(None)
    assert (choices.words, choices.count, choices.factor, choices.off) == ("typed", 5, 3.5, True)
    assert choices.first.side is Side.LEFT and choices.table is None


def test_disconnected_widgets_are_on_their_own(choices, gui):
    tag = choices.connectGui(gui.panel)
    choices.disconnectGui(tag)
    choices.words = "changed"
    assert gui.widgets["words"].text == "as before"
    gui.widgets["words"].text = "typed"
    assert choices.words == "changed"


def test_a_widget_that_names_no_parameter_is_refused(choices, gui):
    gui.widgets["words"].setProperty("SlicerParameterName", "nope")
    with pytest.raises(ValueError, match="no parameter 'nope'"):
        choices.connectGui(gui.panel)

"""The host lets pass what Slicer lets pass, and nothing else; PythonQt's manners."""

import pytest
import slicer

UI = """<ui version="4.0"><class>Panel</class><widget class="qMRMLWidget" name="Panel">
<layout class="QVBoxLayout" name="rows"><item>{}</item></layout></widget><connections>{}</connections></ui>"""
SELECTOR = '<widget class="qMRMLNodeComboBox" name="selector">{}</widget>'
SCENE = "mrmlSceneChanged(vtkMRMLScene*)"


@pytest.fixture
def qt(host):
    """The module, as an extension imports it."""
    import qt

    return qt


@pytest.fixture
def ctk(host):
    """The module, as an extension imports it."""
    import ctk

    return ctk


@pytest.fixture
def make(qt, ctk):
    """Makes a widget of a class by its name."""

    def of(name: str):
        module = ctk if name.startswith("ctk") else slicer if name.startswith(("qMRML", "qSlicer")) else qt
        return getattr(module, name)()

    return of


@pytest.fixture
def load(host, tmp_path):
    """Loads a panel with some content and some connections, as a module does."""

    def loaded(content: str, connections: str = ""):
        path = tmp_path / "Panel.ui"
        path.write_text(UI.format(content, connections))
        return slicer.util.childWidgetVariables(slicer.util.loadUI(str(path)))

    return loaded


def _property(name: str, value: str, more: str = "") -> str:
    return f'<property name="{name}"{more}>{value}</property>'


def _connection(*parts: str) -> str:
    names = ("sender", "signal", "receiver", "slot")
    return f"<connection>{''.join(f'<{n}>{p}</{n}>' for n, p in zip(names, parts, strict=True))}</connection>"


# strict from Python

EVERY_KIND = pytest.mark.parametrize("kind", ["QLabel", "QTimer", "ctkSliderWidget", "qMRMLNodeComboBox"])


@EVERY_KIND
def test_an_attribute_that_the_class_lacks_cannot_be_read(make, kind):
    with pytest.raises(AttributeError, match=f"{kind} has no attribute named 'nope'"):
        _ = make(kind).nope


@EVERY_KIND
def test_an_attribute_that_the_class_lacks_cannot_be_written(make, kind):
    with pytest.raises(AttributeError, match=f"'nope' does not exist on {kind}"):
        make(kind).nope = 1


@EVERY_KIND
def test_a_method_that_the_class_lacks_cannot_be_called(make, kind):
    with pytest.raises(AttributeError, match="has no attribute named 'setNope'"):
        make(kind).setNope(1)


@pytest.mark.parametrize(
    ("kind", "signal"),
    [
        ("QLabel", "clicked()"),
        ("QPushButton", "clicked"),
        ("QPushButton", "clicked(int)"),
        ("ctkSliderWidget", "valueChanged(int)"),
        ("qMRMLNodeComboBox", "currentNodeChanged(int)"),
    ],
)
def test_a_signal_that_the_class_lacks_cannot_be_connected(make, kind, signal):
    with pytest.raises(AttributeError, match=f"{kind} has no signal"):
        make(kind).connect(signal, print)


def test_a_slot_that_the_class_lacks_cannot_be_connected(make):
    button = make("QPushButton")
    with pytest.raises(AttributeError, match="QLabel has no slot nope"):
        button.connect("clicked()", make("QLabel"), "nope()")
    with pytest.raises(AttributeError, match="qMRMLNodeComboBox has no slot setMRMLScene"):
        button.connect("clicked()", make("qMRMLNodeComboBox"), "setMRMLScene(int)")


def test_a_method_that_only_the_host_lacks_says_so(make):
    with pytest.raises(AttributeError, match="exists in Slicer; the test host does not have it"):
        make("qMRMLNodeComboBox").sortFilterProxyModel()


def test_a_signal_that_only_the_host_lacks_says_so(make):
    selector = make("qMRMLNodeComboBox")
    with pytest.raises(AttributeError, match="the test host never emits it"):
        selector.connect("nodeAboutToBeEdited(vtkMRMLNode*)", print)
    with pytest.raises(AttributeError, match="the test host never emits it"):
        selector.nodeAboutToBeEdited.connect(print)


def test_classes_that_do_not_exist_are_not_there(qt, ctk):
    for module, name in ((qt, "QNope"), (ctk, "ctkNope"), (slicer, "qMRMLNopeWidget"), (slicer.app, "nope")):
        with pytest.raises(AttributeError):
            getattr(module, name)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("QLabel", "text", 3),
        ("QLabel", "text", None),
        ("QLabel", "enabled", "yes"),
        ("QSpinBox", "value", "3"),
        ("QSpinBox", "value", None),
        ("ctkSliderWidget", "value", "3"),
        ("ctkSliderWidget", "value", None),
        ("ctkCollapsibleButton", "collapsed", "no"),
        ("qMRMLNodeComboBox", "noneEnabled", "yes"),
        ("qMRMLNodeComboBox", "nodeTypes", "vtkMRMLNode"),
        ("qMRMLNodeComboBox", "nodeTypes", ["vtkMRMLNode", 3]),
    ],
)
def test_a_property_takes_only_its_type(make, kind, name, value):
    widget = make(kind)
    before = getattr(widget, name)
    with pytest.raises(AttributeError, match=f"Property '{name}' of {kind} is of type"):
        setattr(widget, name, value)
    assert getattr(widget, name) == before


def test_a_whole_number_of_numpy_is_refused_as_pythonqt_does(make):
    import numpy as np

    box = make("QSpinBox")
    with pytest.raises(AttributeError, match="does not accept"):
        box.value = np.int64(3)
    box.value = int(np.int64(3))
    assert box.value == 3


def test_a_property_that_is_only_read_cannot_be_written(make):
    for kind, name in (("QLabel", "width"), ("qMRMLSegmentsTableView", "segmentCount")):
        with pytest.raises(AttributeError, match=f"Property '{name}' of {kind} cannot be written"):
            setattr(make(kind), name, 3)


def test_what_qt_has_made_itself_is_held_to_the_same(make, qt):
    table = make("QTableWidget")
    header = table.horizontalHeader()
    assert isinstance(header, qt.QHeaderView) and header.className() == "QHeaderView"
    header.stretchLastSection = True
    assert header.stretchLastSection is True
    for wrong in (lambda: header.nope, lambda: setattr(header, "nope", 1), lambda: header.connect("nope()", print)):
        with pytest.raises(AttributeError, match="QHeaderView has no"):
            wrong()
    with pytest.raises(AttributeError, match="Property 'visible' of QHeaderView"):
        header.visible = "yes"


def test_a_class_of_the_extension_may_have_what_it_likes(qt):
    class Mine(qt.QWidget):
        """Of the extension."""

    widget = Mine()
    widget.anything = 3
    assert widget.anything == 3 and widget.className() == "QWidget"
    with pytest.raises(AttributeError, match="nope"):
        _ = widget.nope


def test_a_class_of_the_host_cannot_offer_more_than_the_real_one(qt):
    from slicer_host.fact_class import CLASSES, from_facts

    before = CLASSES["ctkCheckBox"]
    with pytest.raises(TypeError, match=r"ctkCheckBox\.nope does not exist in Slicer"):
        from_facts(type("ctkCheckBox", (qt.QCheckBox,), {"nope": lambda self: None}))
    with pytest.raises(AssertionError, match="There are no facts about ctkNope"):
        from_facts(type("ctkNope", (qt.QCheckBox,), {}))
    assert CLASSES["ctkCheckBox"] is before


# strict in a .ui


def test_a_panel_is_loaded_and_connected(load, host):
    types = "<stringlist><string>vtkMRMLTableNode</string></stringlist>"
    selector = SELECTOR.format(_property("nodeTypes", types) + _property("noneEnabled", "<bool>true</bool>"))
    ui = load(selector, _connection("Panel", SCENE, "selector", "setMRMLScene(vtkMRMLScene*)"))
    assert ui.selector.nodeTypes == ("vtkMRMLTableNode",) and ui.selector.noneEnabled is True
    assert ui.selector.mrmlScene() is None
    ui.Panel.setMRMLScene(host.scene)
    assert ui.selector.mrmlScene() is host.scene


def test_widgets_live_on_when_only_their_variables_are_kept(load):
    ui = load('<widget class="QLabel" name="label"/>')
    del ui.Panel
    assert ui.label.parent().name == "Panel"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('<widget class="qMRMLNopeWidget" name="one"/>', "no widget class qMRMLNopeWidget"),
        ('<widget class="QNope" name="one"/>', "no widget class QNope"),
        (SELECTOR.format(_property("nope", "<bool>true</bool>")), "which has no property 'nope'"),
        (
            f'<widget class="QLabel" name="one">{_property("nope", "<bool>true</bool>")}</widget>',
            "which has no property 'nope'",
        ),
        (
            f'<layout class="QHBoxLayout" name="one">{_property("nope", "<number>1</number>")}</layout>',
            "which has no property 'nope'",
        ),
    ],
)
def test_what_slicer_lacks_cannot_be_loaded(load, content, said):
    with pytest.raises(ValueError, match=said):
        load(content)


def test_a_property_of_the_wrong_type_cannot_be_loaded(load):
    with pytest.raises(AttributeError, match="Property 'noneEnabled' of qMRMLNodeComboBox is of type bool"):
        load(SELECTOR.format(_property("noneEnabled", "<string>true</string>")))


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (("Panel", "nope()", "selector", "hide()"), r"has no signal nope\(\)"),
        (("Panel", SCENE, "selector", "nope()"), r"has no slot nope\(\)"),
        (("Panel", SCENE, "selector", "setCurrentNodeID(QString)"), "does not fit the slot"),
        (("Panel", SCENE, "nobody", "hide()"), "names the widget nobody"),
        (("selector", "nodeAboutToBeEdited(vtkMRMLNode*)", "Panel", "hide()"), "the test host never emits it"),
    ],
)
def test_a_connection_that_slicer_cannot_make_is_not_loaded(load, parts, said):
    with pytest.raises(ValueError, match=said):
        load(SELECTOR.format(""), _connection(*parts))


def test_a_dynamic_property_can_be_loaded(load):
    ui = load(SELECTOR.format(_property("SlicerParameterName", "<string>table</string>", ' stdset="0"')))
    assert ui.selector.property("SlicerParameterName") == "table"


# PythonQt's manners


def test_properties_are_attributes_and_not_methods(make):
    label, slider = make("QLabel"), make("ctkSliderWidget")
    label.text, slider.value = "words", 7
    assert label.text == "words" and slider.value == 7.0
    with pytest.raises(TypeError, match="not callable"):
        label.text()


def test_name_is_the_name_of_the_object(make):
    label = make("QLabel")
    label.name = "one"
    assert label.objectName == label.name == "one"
    label.objectName = "two"
    assert label.name == "two"


@pytest.mark.parametrize(
    ("kind", "signal"), [("QSpinBox", "valueChanged(int)"), ("ctkSliderWidget", "valueChanged(double)")]
)
def test_a_signal_is_connected_and_disconnected_by_its_signature(make, kind, signal):
    widget, told = make(kind), []
    widget.connect(signal, told.append)
    widget.value = 5
    assert told == [5]
    assert widget.disconnect(signal, told.append)
    widget.value = 6
    assert told == [5]


def test_a_method_is_disconnected_as_it_was_connected_and_says_if_there_was_nothing(make):
    class Listener:
        """Something of the extension."""

        count = 0

        def hear(self, checked):
            self.count += 1

    button, listener = make("QPushButton"), Listener()
    assert not button.disconnect("clicked(bool)", listener.hear)
    button.connect("clicked(bool)", listener.hear)
    button.click()
    assert button.disconnect("clicked(bool)", listener.hear)
    button.click()
    assert listener.count == 1


def test_a_slot_is_given_as_many_values_as_it_takes(make):
    given = []
    widget = make("ctkRangeWidget")
    widget.connect("valuesChanged(double,double)", lambda: given.append(()))
    widget.connect("valuesChanged(double,double)", lambda low: given.append((low,)))
    widget.connect("valuesChanged(double,double)", lambda low, high: given.append((low, high)))
    widget.setMaximumValue(8.0)
    assert given == [(), (0.0,), (0.0, 8.0)]


def test_a_signal_can_go_to_the_slot_of_an_object(make):
    spin_box, slider = make("QDoubleSpinBox"), make("ctkSliderWidget")
    spin_box.connect("valueChanged(double)", slider, "setValue(double)")
    spin_box.value = 4.5
    assert slider.value == 4.5
    spin_box.disconnect("valueChanged(double)", slider, "setValue(double)")
    spin_box.value = 5.5
    assert slider.value == 4.5


def test_signals_are_attributes_too(make):
    widget, told = make("ctkSliderWidget"), []
    widget.valueChanged.connect(told.append)
    widget.value = 3
    widget.valueChanged.disconnect(told.append)
    widget.value = 4
    assert told == [3.0]


@pytest.mark.parametrize("kind", ["QDoubleSpinBox", "ctkSliderWidget"])
def test_blocked_signals_are_not_heard(make, kind):
    widget, told = make(kind), []
    widget.connect("valueChanged(double)", told.append)
    assert widget.blockSignals(True) is False
    widget.value = 3
    assert widget.blockSignals(False) is True
    assert told == [] and widget.value == 3


def test_a_slot_that_raises_is_recorded_and_the_others_are_called(make, host):
    def fails(value):
        raise RuntimeError("of the slot")

    for kind in ("QDoubleSpinBox", "ctkSliderWidget"):
        widget, told = make(kind), []
        widget.connect("valueChanged(double)", fails)
        widget.connect("valueChanged(double)", told.append)
        widget.value = 3
        assert told == [3.0]
        (error,) = host.errors
        assert "RuntimeError: of the slot" in error
        host.errors.clear()


def test_children_are_found_by_class_and_by_name(qt):
    outer = qt.QWidget()
    inner = qt.QWidget(outer)
    label, other = qt.QLabel("a", inner), qt.QLabel("b", outer)
    label.name, other.name = "first", "second"
    assert outer.findChild(qt.QLabel, "first") is label
    assert outer.findChild("QLabel", "second") is other
    assert outer.findChild("QPushButton", "first") is None
    assert set(outer.findChildren(qt.QLabel)) == {label, other}
    assert outer.second is other  # a child is an attribute by its name
    with pytest.raises(AttributeError, match="first"):
        _ = outer.first  # which is a grandchild


def test_a_dynamic_property_is_made_with_set_property_only(make):
    label = make("QLabel")
    assert label.property("mine") is None
    label.setProperty("mine", "one")
    assert label.mine == label.property("mine") == "one"
    label.mine = "two"
    assert label.property("mine") == "two"
    assert label.setProperty("text", "words") and label.text == "words"


def test_enumerators_are_found_in_their_class(qt, make):
    assert qt.Qt.AlignRight == qt.Qt.AlignmentFlag.AlignRight
    assert qt.QSizePolicy.Expanding == qt.QSizePolicy.Policy.Expanding
    label = make("QLabel")
    label.alignment = qt.Qt.AlignRight | qt.Qt.AlignBottom
    assert label.alignment == qt.Qt.AlignBottom | qt.Qt.AlignRight
    effect = slicer.qSlicerSegmentEditorScriptedEffect
    modes = [effect.ModificationModeSet, effect.ModificationModeAdd, effect.ModificationModeRemove]
    assert modes == [0, 1, 2]


def test_classes_know_their_names_and_ancestors(make):
    slider = make("qMRMLSliderWidget")
    assert slider.className() == "qMRMLSliderWidget"
    assert [slider.inherits(one) for one in ("ctkSliderWidget", "QWidget", "QLabel")] == [True, True, False]


# what a test says and hears


def test_a_dialog_is_answered_beforehand_or_cancelled(qt, ctk, host, tmp_path):
    host.answers.paths.append(str(tmp_path))
    button = ctk.ctkDirectoryButton()
    assert button.browse() == button.directory == str(tmp_path)
    assert qt.QFileDialog.getOpenFileName(None, "Which?") == ""
    assert [one[0] for one in host.answers.asked] == ["folder", "open"]
    assert host.answers.asked[1][2] == "Which?"


def test_messages_are_kept_and_wait_for_nobody(host):
    slicer.util.errorDisplay("went wrong")
    assert slicer.util.confirmOkCancelDisplay("go on?")
    assert [text for _, text in host.messages] == ["went wrong", "go on?"]
    assert host.messages[0] == ("error", "went wrong")


def test_pump_waits_for_a_condition_and_says_what_it_waited_for(host, qt):
    fired = []
    qt.QTimer.singleShot(0, lambda: fired.append(1))
    host.pump(lambda: bool(fired), 5.0)
    with pytest.raises(TimeoutError, match="the never"):
        host.pump(lambda: False, 0.01, "the never")


def test_a_picture_is_written_in_the_size_of_the_widget(host, make, tmp_path):
    label = make("QLabel")
    label.text = "words"
    label.resize(80, 30)
    host.grab(label, tmp_path / "label.png")
    assert (tmp_path / "label.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert not label.isVisible()


def test_a_class_of_qt_outlives_an_object_of_it_that_was_connected(qt):
    from PySide6.QtGui import QStandardItemModel
    from shiboken6 import delete

    box = qt.QComboBox()
    box.model().connect("itemChanged(QStandardItem*)", print)
    with pytest.raises(AttributeError, match="has no signal nope"):
        box.model().connect("nope()", print)
    delete(box)
    assert QStandardItemModel.staticMetaObject.propertyCount() > 0

"""Every name of Slicer's and CTK's widgets that the module uses is one that they have, in Python and in .ui files."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
FACTS = json.loads((ROOT / "Testing" / "Panels" / "slicer_host" / "facts.json").read_text(encoding="utf-8"))
MODULE = ROOT / "PerfusionRatio"
PYTHON = sorted(MODULE.rglob("*.py"))
UI = sorted(MODULE.rglob("*.ui"))
CLASS = re.compile(r"\b(?:ctk|qMRML|qSlicer)[A-Z]\w+")
OTHER_NAMES = {
    "qSlicerSegmentationsEditorEffectsPythonQt": "a Python module",
    "qSlicerAbstractCoreModule": "a context of translations",
}
SIGNAL = re.compile(r'\.connect\(\s*"(\w+\([^"]*\))"')


def members(name: str, kind: str) -> set[str]:
    """Names of the properties, signals or slots that a class and its ancestors declare."""
    found = set()
    while name in FACTS:
        listed = FACTS[name][kind]
        found |= set(listed)
        name = FACTS[name]["base"]
    return found


def signals_of_slicer() -> set[str]:
    """Of all classes of the facts."""
    return {one for name, fact in FACTS.items() if name != "_meta" for one in fact["signals"]}


@pytest.mark.parametrize("path", [*PYTHON, *UI], ids=lambda path: path.name)
def test_classes_exist(path):
    used = set(CLASS.findall(path.read_text(encoding="utf-8"))) - set(OTHER_NAMES)
    assert used <= set(FACTS), f"not among the facts: {used - set(FACTS)}"


@pytest.mark.parametrize("path", UI, ids=lambda path: path.name)
def test_a_ui_file_asks_for_no_property_that_slicer_has_not(path):
    """Properties of Slicer's own classes; those of Qt are checked when the panels are loaded."""
    for widget in ElementTree.parse(path).iter("widget"):
        if widget.get("class") not in FACTS:
            continue
        declared = members(widget.get("class"), "properties")
        asked = {one.get("name") for one in widget.findall("property") if one.get("stdset") != "0"}
        unknown = asked - declared - OF_QT
        assert not unknown, f"{widget.get('name')} ({widget.get('class')}): {unknown}"


OF_QT = {"toolTip", "text", "enabled", "accessibleName", "visible", "minimumSize", "maximumSize", "sizePolicy", "title"}
"""Properties of QWidget and its like that our files give to Slicer's classes."""


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.name)
def test_signals_that_are_connected_exist(path):
    """As signals of Slicer's classes, or of Qt's."""
    connected = set(SIGNAL.findall(path.read_text(encoding="utf-8")))
    unknown = {one for one in connected if one not in signals_of_slicer() and one not in SIGNALS_OF_QT}
    assert not unknown, f"neither Slicer's nor among the signals of Qt that the module uses: {unknown}"


SIGNALS_OF_QT = {
    "clicked()",
    "clicked(bool)",
    "toggled(bool)",
    "timeout()",
    "valueChanged(double)",
    "currentIndexChanged(int)",
    "editingFinished()",
}
"""Of Qt 5.15 and 6 alike; the panels connect them on the test host."""


@pytest.mark.parametrize("path", UI, ids=lambda path: path.name)
def test_every_field_has_a_label_that_leads_to_it(path):
    """For keyboard and screen reader: a buddy for each label of a form, a name for each field without one."""
    tree = ElementTree.parse(path)
    buddies = {one.findtext("cstring") for one in tree.iter("property") if one.get("name") == "buddy"}
    for widget in tree.iter("widget"):
        if widget.get("class") in FIELDS:
            named = any(one.get("name") in ("accessibleName", "text") for one in widget.findall("property"))
            assert named or widget.get("name") in buddies, f"{widget.get('name')} has neither label nor name"


FIELDS = {
    "QComboBox",
    "QLineEdit",
    "QDoubleSpinBox",
    "QCheckBox",
    "QPushButton",
    "ctkSliderWidget",
    "ctkPathLineEdit",
    "qMRMLNodeComboBox",
    "qMRMLSegmentSelectorWidget",
}

"""Make ``facts.json`` from the whole list of what Slicer's and CTK's widget classes have.

    python trim_facts.py slicer-api.json

The whole list is the output of Qt's moc over the public headers of Slicer and CTK. Kept are the classes that the host
has, with their ancestors; signatures are brought into Qt's normal form.
"""

import json
import re
import sys
from pathlib import Path

CLASSES = [
    "ctkCollapsibleButton",
    "ctkSliderWidget",
    "ctkRangeWidget",
    "ctkDoubleSpinBox",
    "ctkPathLineEdit",
    "ctkDirectoryButton",
    "ctkMenuButton",
    "ctkComboBox",
    "ctkCheckBox",
    "ctkPushButton",
    "ctkCheckablePushButton",
    "ctkMessageBox",
    "qMRMLWidget",
    "qMRMLNodeComboBox",
    "qMRMLSegmentSelectorWidget",
    "qMRMLSegmentsTableView",
    "qMRMLSegmentEditorWidget",
    "qMRMLTableView",
    "qMRMLPlotWidget",
    "qMRMLPlotView",
    "qMRMLSliderWidget",
    "qSlicerWidget",
    "qSlicerMarkupsPlaceWidget",
    "qSlicerSimpleMarkupsWidget",
    "qSlicerSegmentEditorScriptedEffect",
    "qSlicerSegmentEditorEffectFactory",
    "qSlicerApplication",
    "qSlicerLayoutManager",
    "qMRMLSliceWidget",
    "qMRMLTableWidget",
]
COMPOUND = {"unsigned", "signed", "long", "short"}


def normal_signature(signature: str) -> str:
    """Without names of arguments, const, references and results: ``f(QString text) -> int`` is ``f(QString)``."""
    head, _, rest = signature.partition("(")
    arguments = rest.rpartition(")")[0]
    parts = re.split(r",(?![^<]*>)", arguments) if arguments.strip() else []
    return f"{head.strip()}({','.join(_type_only(part) for part in parts)})"


def _type_only(argument: str) -> str:
    words = re.sub(r"\bconst\b|&", " ", argument).replace("*", "* ").split()
    if len(words) > 1 and words[-1].isidentifier() and words[-2] not in COMPOUND:
        words.pop()
    return " ".join(words).replace(" *", "*")


def trimmed(facts: dict) -> dict:
    """The classes of the host and their ancestors."""
    names, kept = list(CLASSES), {}
    while names:
        name = names.pop()
        if name in kept or name not in facts:
            continue
        kept[name] = _one(facts[name])
        names.append(facts[name]["base"])
    return {"_meta": facts["_meta"], **dict(sorted(kept.items()))}


def _one(fact: dict) -> dict:
    return {
        "base": fact["base"],
        "properties": {one["name"]: {"type": one["type"], "readonly": one["readonly"]} for one in fact["properties"]},
        **{kind: [normal_signature(one) for one in fact[kind]] for kind in ("signals", "slots", "invokables")},
        "enums": fact.get("enums") or {},
    }


def main() -> None:
    """Read the file named in the command, and write ``facts.json`` beside this script."""
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    text = json.dumps(trimmed(facts), indent=1, ensure_ascii=False)
    Path(__file__).with_name("facts.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

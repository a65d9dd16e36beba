"""Slicer for tests of panels: PySide6 in the manners of PythonQt, widgets held to facts, nodes of slicer-core.

``install(folder)`` starts it; see README.md.
"""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from . import (
    ctk_buttons,
    ctk_numbers,
    ctk_paths,
    markups_widgets,
    module_objects,
    segment_editor,
)
from .host import Host, install, make_importable

__all__ = [
    "Host",
    "ctk_buttons",
    "ctk_numbers",
    "ctk_paths",
    "install",
    "make_importable",
    "markups_widgets",
    "module_objects",
    "segment_editor",
]

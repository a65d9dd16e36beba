"""The Segment Editor effect of the module: one click in a lesion outlines all of it.

Slicer looks for the class of an effect here, by the name of its file; both are called ``SegmentEditorEffect``.
"""

from pathlib import Path

from .SegmentEditorEffect import SegmentEditorEffect

__all__ = ["SegmentEditorEffect", "register_effect"]


def register_effect() -> None:
    """Let every Segment Editor offer the effect; call it once the application has started. Again does nothing."""
    import qSlicerSegmentationsEditorEffectsPythonQt as effects

    effect = effects.qSlicerSegmentEditorScriptedEffect(None)
    effect.setPythonSource(Path(__file__).with_name("SegmentEditorEffect.py").as_posix())
    effect.self().register()

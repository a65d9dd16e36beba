"""When the frames of a sequence or multi-volume were acquired, where the node says so."""

from collections.abc import Sequence

import numpy as np

from PerfusionRatioLib.acquisition import Known
from PerfusionRatioLib.errors import InputError

SECONDS = {
    "s": 1.0,
    "sec": 1.0,
    "second": 1.0,
    "seconds": 1.0,
    "ms": 1e-3,
    "msec": 1e-3,
    "millisecond": 1e-3,
    "milliseconds": 1e-3,
    "min": 60.0,
    "minute": 60.0,
    "minutes": 60.0,
}
"""In one of each unit."""
LABELS, TAG, UNIT = (
    "MultiVolume.FrameLabels",
    "MultiVolume.FrameIdentifyingDICOMTagName",
    "MultiVolume.FrameIdentifyingDICOMTagUnits",
)


def differs_in_angle(node) -> bool:
    """Whether the frames of a node are told apart by their flip angle: by the importer's attributes, else the index."""
    name, unit = _told_apart_by(node)
    return unit not in SECONDS and ("angle" in name.lower() or unit.startswith(("deg", "°")))


def refuse_flip_angles(node) -> None:
    """Let only frames pass that may differ in time.

    Raises:
        InputError: the frames differ in flip angle.
    """
    if differs_in_angle(node):
        what = _told_apart_by(node)[0] or "flip angle"
        raise InputError(
            f"The frames of '{node.GetName()}' differ in {what}, not in time: choose the dynamic series here, and "
            "these under 'Flip angle images'."
        )


def _told_apart_by(node) -> tuple[str, str]:
    """In what the frames differ, and its unit in small letters; empty where the node does not tell."""
    tag, unit = node.GetAttribute(TAG) or "", node.GetAttribute(UNIT) or ""
    if not (tag or unit) and node.IsA("vtkMRMLSequenceNode"):
        tag, unit = node.GetIndexName() or "", node.GetIndexUnit() or ""
    return tag, unit.strip().lower()


def frame_times(node, frames: int) -> Known[np.ndarray] | None:
    """Seconds from the first frame, shaped (frames,), or None where the node does not tell.

    A multi-volume importer leaves the times in attributes, and numbers in the index of the sequence; so attributes come
    first. An index serves where it carries a unit of time.

    Raises:
        InputError: the frames are told apart by something else than time, such as flip angles, or times that are no
            numbers or not as many as there are frames.
    """
    refuse_flip_angles(node)
    labels = node.GetAttribute(LABELS)
    if labels:
        return _from_labels(node, labels.split(","), frames)
    if not node.IsA("vtkMRMLSequenceNode") or node.GetIndexType() != node.NumericIndex:
        return None
    factor = SECONDS.get((node.GetIndexUnit() or "").strip().lower())
    if factor is None:
        return None
    texts = [node.GetNthIndexValue(n) for n in range(frames)]
    return Known(_seconds(node, texts, factor), f"sequence index '{node.GetIndexName()}' in {node.GetIndexUnit()}")


def _from_labels(node, labels: Sequence[str], frames: int) -> Known[np.ndarray] | None:
    tag, unit = node.GetAttribute(TAG) or "", (node.GetAttribute(UNIT) or "").strip().lower()
    if unit not in SECONDS:
        return None
    if len(labels) != frames:
        raise InputError(
            f"'{node.GetName()}' has {frames} frames but {len(labels)} frame times in its attributes: load it again, "
            "or give the seconds between frames."
        )
    return Known(_seconds(node, labels, SECONDS[unit]), f"node attribute {LABELS} ({tag} in {unit})")


def _seconds(node, texts: Sequence[str], factor: float) -> np.ndarray:
    try:
        values = np.array([float(text) for text in texts]) * factor
    except ValueError:
        raise InputError(
            f"The frame times of '{node.GetName()}' are not all numbers ({', '.join(texts[:3])} …): give the seconds "
            "between frames."
        ) from None
    return values - values[0]

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


def frame_times(node, frames: int) -> Known[np.ndarray] | None:
    """Seconds from the first frame, shaped (frames,), or None where the node does not tell.

    A multi-volume importer leaves the times in attributes, and numbers in the index of the sequence; so attributes come
    first. An index serves where it carries a unit of time.

    Raises:
        InputError: the frames are told apart by something else than time, such as flip angles, or times that are no
            numbers or not as many as there are frames.
    """
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
        if "angle" in tag.lower() or unit == "degrees":
            raise InputError(
                f"The frames of '{node.GetName()}' differ in {tag}, not in time: choose the dynamic series here, and "
                "these images under T1 mapping."
            )
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

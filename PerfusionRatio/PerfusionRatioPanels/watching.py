"""Following what is drawn in segmentations."""

from collections.abc import Callable

import slicer

EVENTS = ("SourceRepresentationModified", "SegmentAdded", "SegmentRemoved", "SegmentModified")


class SegmentationWatch:
    """Calls ``changed()`` whenever something is drawn, added, renamed or removed in the segmentations it follows."""

    def __init__(self, changed: Callable[[], None]):
        self._changed = changed
        self._tags: list[tuple] = []
        self._followed: list = []

    def follow(self, *nodes) -> None:
        """Follow these vtkMRMLSegmentationNodes and no others; None stands for no node."""
        segmentations = [node.GetSegmentation() for node in nodes if node is not None]
        if segmentations == self._followed:
            return
        for segmentation, tag in self._tags:
            segmentation.RemoveObserver(tag)
        self._followed = segmentations
        events = [getattr(slicer.vtkSegmentation, name) for name in EVENTS]
        self._tags = [(one, one.AddObserver(event, self._call)) for one in segmentations for event in events]

    def _call(self, caller, event) -> None:
        self._changed()

"""Following what is drawn in segmentations, and where points are put."""

from collections.abc import Callable

import slicer


class Watch:
    """Calls ``changed()`` whenever one of its events comes from what it follows."""

    EVENTS: tuple[int, ...] = ()

    def __init__(self, changed: Callable[[], None]):
        self._changed = changed
        self._tags: list[tuple] = []
        self._followed: list = []

    def follow(self, *nodes) -> None:
        """Follow these nodes and no others; None stands for no node."""
        followed = [self.source(node) for node in nodes if node is not None]
        if followed == self._followed:
            return
        for one, tag in self._tags:
            one.RemoveObserver(tag)
        self._followed = followed
        self._tags = [(one, one.AddObserver(event, self._call)) for one in followed for event in self.EVENTS]

    def source(self, node):
        """What the events of a node come from."""
        return node

    def _call(self, caller, event) -> None:
        self._changed()


class SegmentationWatch(Watch):
    """Whenever something is drawn, added, renamed or removed in vtkMRMLSegmentationNodes."""

    EVENTS = tuple(
        getattr(slicer.vtkSegmentation, name)
        for name in ("SourceRepresentationModified", "SegmentAdded", "SegmentRemoved", "SegmentModified")
    )

    def source(self, node):
        """The vtkSegmentation."""
        return node.GetSegmentation()


class PointWatch(Watch):
    """Whenever a point of vtkMRMLMarkupsNodes is put, dragged to another place, or removed."""

    EVENTS = tuple(
        getattr(slicer.vtkMRMLMarkupsNode, name)
        for name in ("PointPositionDefinedEvent", "PointEndInteractionEvent", "PointRemovedEvent")
    )

"""The pictures of a lesion: each visit's T1 and maps in one slice, around the lesion and of the whole head."""

from dataclasses import dataclass

import numpy as np

from ..comparison.result import Comparison, LesionAtVisit, LesionComparison, VisitResult
from ..rigid import moved
from . import words
from .colour_scale import ColourScale
from .lesion_view import LesionView, VisitFrame, view_of, visit_frames
from .pictures import colour_png, grey_png, outline
from .plane import Window
from .sampling import sampled_image, sampled_map, sampled_share

DARK, BRIGHT = 2.0, 99.8
"""Percentiles of the brain in the slice; a little below and above them is black and white."""
ROOM = 0.25
"""Of the range between them."""


@dataclass(frozen=True)
class Panel:
    """One picture; lengths are millimetres from its upper left corner.

    Attributes:
        visit: "pre" or "follow_up".
        content: "t1", "ktrans" or "vp".
        title: what stands above it.
        alt: what it shows, for who cannot see it.
        width, height: of the picture.
        grey: data URI of the T1.
        colour: data URI of the map above it; empty for none.
        lesion, reference: SVG path data; empty where there is none.
        box: x, y, width, height of the part that is shown close; None in a close picture.
        bar: length of the scale bar.
    """

    visit: str
    content: str
    title: str
    alt: str
    width: float
    height: float
    grey: str
    colour: str
    lesion: str
    reference: str
    box: tuple[float, float, float, float] | None
    bar: int


@dataclass(frozen=True)
class LesionPanels:
    """Every picture of a lesion: three of each visit, close and whole.

    Attributes:
        close, whole: in reading order.
        level: millimetres of the slice above the origin of the scanner at the first visit.
        captions: sentences on what is not seen.
    """

    close: tuple[Panel, ...]
    whole: tuple[Panel, ...]
    level: float
    captions: tuple[str, ...]


def panels_of(comparison: Comparison, lesion: LesionComparison, scales: dict[str, ColourScale | None]) -> LesionPanels:
    """The pictures of ``lesion``; the same slice and the same scales at both visits."""
    view, frames = view_of(comparison, lesion), visit_frames(comparison)
    close, whole, captions = [], [], []
    for visit in comparison.visits:
        marked = getattr(lesion, visit.name)
        slices = _VisitSlices(visit, marked, frames[visit.name], view, scales)
        close += slices.panels(view.close, lesion.name)
        in_whole = slices.panels(view.whole, lesion.name)
        whole += in_whole
        captions += _not_seen(visit, marked, in_whole[0])
    return LesionPanels(tuple(close), tuple(whole), view.level, tuple(captions))


def _not_seen(visit: VisitResult, marked: LesionAtVisit | None, panel: Panel) -> list[str]:
    when = words.VISITS[visit.name]
    if marked is None:
        return [f"{when}: the same place; the lesion was not marked there."]
    told = []
    if not panel.lesion:
        told.append(f"{when}: the lesion lies in other slices.")
    if not panel.reference:
        told.append(f"{when}: the reference lies in other slices.")
    return told


class _VisitSlices:
    """One visit seen in the plane of a view."""

    def __init__(
        self,
        visit: VisitResult,
        marked: LesionAtVisit | None,
        frame: VisitFrame,
        view: LesionView,
        scales: dict[str, ColourScale | None],
    ):
        self.visit, self.marked, self.frame, self.view, self.scales = visit, marked, frame, view, scales
        self.low, self.high = self._grey_window()

    def panels(self, window: Window, lesion_name: str) -> list[Panel]:
        """T1, Ktrans and vp in ``window``, as far as there are maps."""
        grey = grey_png(self._t1(window), self.low, self.high)
        lesion, reference = self._outlines(window)
        return [
            self._panel(window, content, grey, lesion, reference, lesion_name)
            for content in ("t1", "ktrans", "vp")
            if content == "t1" or self.scales[content] is not None
        ]

    def _panel(self, window: Window, content: str, grey: str, lesion: str, reference: str, lesion_name: str) -> Panel:
        close = window == self.view.close
        title = "T1 post-contrast" if content == "t1" else words.PARAMETERS[content]
        what = title if content == "t1" else f"{title} over T1"
        part = f"around {lesion_name}" if close else "of the whole head"
        marks = [name for name, path in (("lesion", lesion), ("reference", reference)) if path]
        outlined = f" with the outline of {' and '.join(marks)}" if marks else ""
        box = self.view.close
        return Panel(
            self.visit.name,
            content,
            title,
            f"{words.VISITS[self.visit.name]}: {what}, axial slice {part}{outlined}",
            window.width,
            window.height,
            grey,
            self._colour(window, content),
            lesion,
            reference,
            None if close else (box.x - window.x, box.y - window.y, box.width, box.height),
            10 if close else 50,
        )

    def _grey_window(self) -> tuple[float, float]:
        """What is black and what is white: by the brain, as fat of the scalp may be several times brighter."""
        seen = self._t1(self.view.whole)
        places = moved(self.frame.to_series, self.view.whole.positions(self.view.plane))
        brain = sampled_share(self.visit.visit.prepared.mask, self.visit.grid, places, smooth=False) > 0
        known = np.isfinite(seen)
        tissue = seen[brain & known] if (brain & known).any() else seen[known]
        if not tissue.size:
            return 0.0, 1.0
        dark, bright = np.percentile(tissue, (DARK, BRIGHT))
        room = ROOM * (bright - dark)
        return float(dark - room), float(bright + room)

    def _t1(self, window: Window) -> np.ndarray:
        places = moved(self.frame.to_t1, window.positions(self.view.plane))
        return sampled_image(self.visit.t1.array, self.visit.t1.grid, places)

    def _colour(self, window: Window, content: str) -> str:
        scale = self.scales.get(content)
        array = None if scale is None else getattr(self.visit.visit.maps, content)
        if array is None:
            return ""
        places = moved(self.frame.to_series, window.positions(self.view.plane))
        return colour_png(scale.rgba(sampled_map(array, self.visit.grid, places)))

    def _outlines(self, window: Window) -> tuple[str, str]:
        """Of the lesion as it was marked on T1, and of the reference, voxel by voxel of the series."""
        if self.marked is None:
            return "", ""
        places = window.positions(self.view.plane)
        segmentation = self.marked.segmentation
        lesion = sampled_share(segmentation.mask, segmentation.grid, moved(self.frame.to_t1, places), smooth=True)
        reference = sampled_share(
            self.marked.reference, self.visit.grid, moved(self.frame.to_series, places), smooth=False
        )
        return outline(lesion, window), outline(reference, window)

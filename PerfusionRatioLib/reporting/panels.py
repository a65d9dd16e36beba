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

WHITE_LEVEL = 2.2
"""Times normal white matter is white; 0 is black. Both visits then show one tissue in one grey."""
BRIGHT = 99.8
"""Percentile of the slice that is white where the T1 does not show the reference."""


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

    @property
    def place(self) -> str:
        """Where the slice lies, as a viewer shows it."""
        return f"at {'S' if self.level >= 0 else 'I'} {abs(self.level):.0f} mm before radiosurgery"


def panels_of(comparison: Comparison, lesion: LesionComparison, scales: dict[str, ColourScale | None]) -> LesionPanels:
    """The pictures of ``lesion``; the same slice and the same scales at both visits."""
    view, frames = view_of(comparison, lesion), visit_frames(comparison)
    close, whole, captions = [], [], []
    for visit in comparison.visits:
        marked = getattr(lesion, visit.name)
        white = WHITE_LEVEL * normal_t1(visit, lesion, comparison, frames)
        slices = _VisitSlices(visit, marked, frames[visit.name], view, scales, white)
        close += slices.panels(view.close, lesion.name)
        in_whole = slices.panels(view.whole, lesion.name)
        whole += in_whole
        captions += _not_seen(visit, marked, in_whole[0])
    return LesionPanels(tuple(close), tuple(whole), view.level, tuple(captions))


def normal_t1(
    visit: VisitResult, lesion: LesionComparison, comparison: Comparison, frames: dict[str, VisitFrame]
) -> float:
    """Median of a visit's T1 in the reference of ``lesion``: its own at that visit, or that of the other visit carried
    there. Not-a-number where the T1 does not show it."""
    marked = dict(lesion.visits)
    name = visit.name if visit.name in marked else next(iter(marked))
    voxels = np.argwhere(marked[name].reference)[:, ::-1]
    in_series = getattr(comparison, name).grid.positions(voxels)
    to_t1 = frames[visit.name].to_t1 @ np.linalg.inv(frames[name].to_series)
    seen = sampled_image(visit.t1.array, visit.t1.grid, moved(to_t1, in_series))
    known = seen[np.isfinite(seen)]
    return float(np.median(known)) if known.size else float("nan")


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
        white: float,
    ):
        self.visit, self.marked, self.frame, self.view, self.scales = visit, marked, frame, view, scales
        self.white = white if white > 0 else self._brightest()

    def panels(self, window: Window, lesion_name: str) -> list[Panel]:
        """T1, Ktrans and vp in ``window``, as far as there are maps."""
        grey = grey_png(self._t1(window), 0.0, self.white)
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

    def _brightest(self) -> float:
        seen = self._t1(self.view.whole)
        known = seen[np.isfinite(seen)]
        return float(np.percentile(known, BRIGHT)) if known.size else 1.0

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

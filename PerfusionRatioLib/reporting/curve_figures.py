"""Curves of concentration over time, as SVG images."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..comparison.result import Comparison, LesionComparison, VisitResult
from . import words
from .pictures import data_uri

LESION, REFERENCE, ARTERY = "#b5371f", "#1f5fa8", "#5b6470"
VISIT_COLOURS = {"pre": "#6c4fa3", "follow_up": "#0b7a6f"}
SIZE = (5.0, 2.9)
"""Inches."""
STYLE = {
    "svg.fonttype": "path",
    "svg.hashsalt": "perfusion-ratio",
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.linewidth": 0.7,
    "axes.edgecolor": "#6b7280",
    "xtick.color": "#374151",
    "ytick.color": "#374151",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
}


@dataclass(frozen=True)
class Drawing:
    """An image with its alternative text."""

    source: str
    alt: str


def lesion_curves(comparison: Comparison, lesion: LesionComparison) -> tuple[Drawing, ...]:
    """Lesion, reference and arterial input at each visit, with the same axes."""
    tops = _tops(comparison, lesion)
    return tuple(_of_visit(visit, lesion, tops) for visit in comparison.visits)


@dataclass(frozen=True)
class _Tops:
    """Where the axes end: seconds, mM in tissue, mM in plasma."""

    time: float
    tissue: float
    plasma: float


def _tops(comparison: Comparison, lesion: LesionComparison) -> _Tops:
    tissue = [
        float(np.nanmax(curve))
        for _, at_visit in lesion.visits
        for curve in (at_visit.ratios.curves.lesion, at_visit.ratios.curves.reference)
        if np.isfinite(curve).any()
    ]
    return _Tops(
        max(float(visit.visit.prepared.times[-1]) for visit in comparison.visits),
        1.12 * max([*tissue, 1e-3]),
        1.12 * max(float(visit.visit.aif.plasma_concentration.max()) for visit in comparison.visits),
    )


def _of_visit(visit: VisitResult, lesion: LesionComparison, tops: _Tops) -> Drawing:
    import matplotlib
    from matplotlib.figure import Figure

    at_visit = getattr(lesion, visit.name)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        artery = axes.twinx()
        lines = artery.plot(
            visit.visit.aif.times, visit.visit.aif.plasma_concentration, color=ARTERY, lw=1.1, ls=(0, (4, 2))
        )
        names = ["artery, plasma (right axis)"]
        if at_visit is not None:
            curves = at_visit.ratios.curves
            lines = [
                *axes.plot(curves.times, curves.lesion, color=LESION, lw=1.9),
                *axes.plot(curves.times, curves.reference, color=REFERENCE, lw=1.6),
                *lines,
            ]
            names = ["lesion", "reference", *names]
        axes.set_zorder(artery.get_zorder() + 1)  # tissue above the artery
        axes.patch.set_visible(False)
        axes.set(xlim=(0, tops.time), ylim=(min(0.0, -0.04 * tops.tissue), tops.tissue))
        artery.set_ylim(min(0.0, -0.04 * tops.plasma), tops.plasma)
        axes.set(xlabel="seconds", ylabel="mM in tissue")
        artery.set_ylabel("mM in plasma", color=ARTERY)
        axes.legend(lines, names, loc="upper right")
        axes.set_title(words.VISITS[visit.name], loc="left", fontsize=10, fontweight="bold")
        source = _svg(figure)
    shown = "lesion, reference and arterial input" if at_visit is not None else "the arterial input"
    return Drawing(source, f"{words.VISITS[visit.name]}: concentration over time of {shown}")


def arterial_inputs(comparison: Comparison) -> Drawing:
    """The arterial inputs of both visits above each other, from the arrival of the bolus."""
    import matplotlib
    from matplotlib.figure import Figure

    arrivals = {"pre": comparison.aif.pre.arrival_s, "follow_up": comparison.aif.follow_up.arrival_s}
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        for visit in comparison.visits:
            aif = visit.visit.aif
            axes.plot(
                aif.times - arrivals[visit.name],
                aif.plasma_concentration,
                color=VISIT_COLOURS[visit.name],
                lw=1.7,
                ls="-" if visit.name == "pre" else (0, (5, 1.5)),
                label=words.VISITS[visit.name],
            )
        axes.axhline(0, color="#9ca3af", lw=0.6)
        axes.spines["right"].set_visible(False)
        axes.set(xlabel="seconds from arrival of the bolus", ylabel="mM in plasma")
        axes.legend(loc="upper right")
        source = _svg(figure)
    return Drawing(source, "Arterial inputs of both visits over time")


def _svg(figure: Any) -> str:
    """A figure of matplotlib as a data URI, the same in every run."""
    buffer = io.BytesIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", metadata=nothing)
    return data_uri(buffer.getvalue(), "image/svg+xml")

"""What a vtkMRMLPlotChartNode says, as plain numbers."""

from dataclasses import dataclass, replace

import numpy as np
from vtk.util.numpy_support import vtk_to_numpy


@dataclass(frozen=True)
class Series:
    """One series: positions, values, and how it looks."""

    name: str
    x: np.ndarray
    y: np.ndarray
    colour: tuple[float, float, float]
    width: float
    line: bool
    marker: bool
    bars: bool
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """All of a chart."""

    title: str
    x_title: str
    y_title: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    legend: bool
    grid: bool
    series: tuple[Series, ...]
    x_log: bool = False
    """Positions and their range are decimal logarithms then."""


def chart_of(node) -> Chart:
    """Read a vtkMRMLPlotChartNode."""
    nodes = [node.GetNthPlotSeriesNode(number) for number in range(node.GetNumberOfPlotSeriesNodes())]
    series = tuple(one for one in map(_series, nodes) if one is not None)
    log = bool(node.GetXAxisLogScale())
    x_fixed = None if node.GetXAxisRangeAuto() else np.array(node.GetXAxisRange())
    if log:
        series = tuple(replace(one, x=_logarithm(one.x)) for one in series)
        x_fixed = None if x_fixed is None else _logarithm(x_fixed)
    return Chart(
        title=node.GetTitle() if node.GetTitleVisibility() else "",
        x_title=node.GetXAxisTitle() if node.GetXAxisTitleVisibility() else "",
        y_title=node.GetYAxisTitle() if node.GetYAxisTitleVisibility() else "",
        x_range=_range([one.x for one in series], x_fixed),
        y_range=_range([one.y for one in series], None if node.GetYAxisRangeAuto() else node.GetYAxisRange()),
        legend=bool(node.GetLegendVisibility()),
        grid=bool(node.GetGridVisibility()),
        series=series,
        x_log=log,
    )


def _logarithm(values: np.ndarray) -> np.ndarray:
    """NaN where there is none."""
    return np.log10(np.where(values > 0, values, np.nan))


def _series(node) -> Series | None:
    """None where there is no table, or not the columns that are named."""
    table = node.GetTableNode() if node is not None else None
    y = _column(table, node.GetYColumnName()) if table is not None else None
    if y is None:
        return None
    scatter = node.GetPlotType() in (node.PlotTypeScatter, node.PlotTypeScatterBar)
    x = _column(table, node.GetXColumnName()) if scatter else None
    return Series(
        name=node.GetName() or "",
        x=np.arange(len(y), dtype=float) if x is None else x,
        y=y,
        colour=tuple(node.GetColor()),
        width=node.GetLineWidth(),
        line=node.GetLineStyle() != node.LineStyleNone,
        marker=node.GetMarkerStyle() != node.MarkerStyleNone,
        bars=node.GetPlotType() in (node.PlotTypeBar, node.PlotTypeScatterBar),
        dashed=node.GetLineStyle() in (node.LineStyleDash, node.LineStyleDot, node.LineStyleDashDot),
    )


def _column(table, name: str) -> np.ndarray | None:
    column = table.GetTable().GetColumnByName(name) if name else None
    if column is None or not column.IsNumeric():
        return None
    return vtk_to_numpy(column).astype(float)


def _range(values: list[np.ndarray], fixed) -> tuple[float, float]:
    if fixed is not None:
        return float(fixed[0]), float(fixed[1])
    finite = [one[np.isfinite(one)] for one in values]
    finite = np.concatenate(finite) if finite else np.array([])
    if finite.size == 0:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    pad = 0.04 * (high - low) or 0.5
    return low - pad, high + pad


def ticks(low: float, high: float, wanted: int) -> list[float]:
    """Round numbers from ``low`` to ``high``, about ``wanted`` of them."""
    step = 10 ** np.floor(np.log10((high - low) / wanted))
    factor = next(one for one in (1, 2, 5, 10) if (high - low) / (step * one) <= wanted)
    step *= factor
    return [float(one) + 0.0 for one in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step]


def log_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Logarithms of 1, 2 and 5 times the powers of ten from ``low`` to ``high``, and what is written there."""
    values = [m * 10.0**p for p in range(int(np.floor(low)), int(np.ceil(high)) + 1) for m in (1, 2, 5)]
    return [(float(np.log10(one)), f"{one:.4g}") for one in values if low <= np.log10(one) <= high]

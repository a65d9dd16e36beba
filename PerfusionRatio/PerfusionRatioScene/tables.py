"""The results as MRML tables."""

from collections.abc import Sequence

import numpy as np
import vtk

from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.reporting import words

RATIO_COLUMNS = ("Lesion", "Visit", "rKtrans (95% CI)", "rVp (95% CI)", "Perfusion", "Reading")


def ratio_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """A row for each lesion and visit; the reading of both stands in the last row of a lesion."""
    rows = []
    for lesion in comparison.lesions:
        for number, (visit, found) in enumerate(lesion.visits, start=1):
            ratios = (words.ratio(found.ratios.of(name)) for name in ("ktrans", "vp"))
            reading = lesion.reading.sentence if number == len(lesion.visits) else ""
            rows.append(
                (lesion.name, words.SHORT_VISITS[visit], *ratios, words.PERFUSION[found.verdict.perfusion], reading)
            )
    return rows


def set_table(node, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Put text into a vtkMRMLTableNode, in place of what it held."""
    table = vtk.vtkTable()
    for number, name in enumerate(columns):
        column = vtk.vtkStringArray()
        column.SetName(name)
        for row in rows:
            column.InsertNextValue(row[number])
        table.AddColumn(column)
    node.SetAndObserveTable(table)
    node.SetUseColumnTitleAsColumnHeader(True)
    node.SetLocked(True)


def set_curves(node, **columns: np.ndarray) -> None:
    """Put curves of one length into a vtkMRMLTableNode, in place of what it held."""
    table = vtk.vtkTable()
    for name, values in columns.items():
        column = vtk.vtkDoubleArray()
        column.SetName(name)
        for value in values:
            column.InsertNextValue(float(value))
        table.AddColumn(column)
    node.SetAndObserveTable(table)

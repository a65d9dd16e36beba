"""Rows of text in a table of a panel."""

from collections.abc import Sequence

import qt


def show_rows(table, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Put text into a QTableWidget, in place of what it held; it cannot be edited there."""
    table.setColumnCount(len(columns))
    table.setRowCount(len(rows))
    table.setHorizontalHeaderLabels(list(columns))
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            item = qt.QTableWidgetItem(text)
            item.setFlags(qt.Qt.ItemIsSelectable | qt.Qt.ItemIsEnabled)
            item.setToolTip(text)
            table.setItem(row, column, item)
    table.horizontalHeader().setStretchLastSection(True)
    table.resizeColumnsToContents()

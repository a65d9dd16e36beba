"""Rows of text in a table of a panel."""

from collections.abc import Sequence

import qt

MOST_ROWS = 6
"""Of a table that are seen at once."""
FRAME = 20
"""Pixels of the frame and of a horizontal scroll bar."""


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
    table.verticalHeader().setVisible(False)
    table.setWordWrap(False)
    table.resizeColumnsToContents()
    fit_height(table, len(rows))


def fit_height(table, rows: int) -> None:
    """As high as its rows need, up to MOST_ROWS; then it can be scrolled."""
    header = table.horizontalHeader().height
    table.resizeRowsToContents()
    row = table.rowHeight(0) if rows else 0
    table.setFixedHeight(header + row * min(rows, MOST_ROWS) + FRAME)

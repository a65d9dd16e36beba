"""qMRMLTableView: a vtkMRMLTableNode as a table."""

from PySide6 import QtCore, QtGui

from .fact_class import from_facts
from .mrml_widget import qMRMLWidget
from .observing import Observations
from .qt_module import qt


def _text(column, row: int) -> str:
    value = column.GetVariantValue(row)
    return f"{value.ToDouble():.6g}" if value.IsFloat() or value.IsDouble() else value.ToString()


def _cells(node, transposed: bool) -> list[list[str]]:
    """Rows of texts, the first of them the names of columns."""
    table = node.GetTable()
    columns = [table.GetColumn(number) for number in range(table.GetNumberOfColumns())]
    rows = [[one.GetName() or "" for one in columns]]
    rows += [[_text(one, row) for one in columns] for row in range(table.GetNumberOfRows())]
    return [list(one) for one in zip(*rows, strict=True)] if transposed else rows


class TableManners:
    """What the table view does, beside what Qt's does."""

    _scene = None
    _table_node = None
    _view_node = None
    _watch = None
    _items = None

    def _start(self) -> None:
        self._watch = Observations(self)
        self._items = QtGui.QStandardItemModel(self)
        QtCore.QObject.setProperty(self, "alternatingRowColors", True)
        self.setModel(self._items)
        self.model().connect("itemChanged(QStandardItem*)", self._edited)

    def setMRMLScene(self, scene) -> None:
        """Set the scene."""
        if scene is not self._scene:
            self._scene = scene
            self._emit("mrmlSceneChanged(vtkMRMLScene*)", scene)

    def mrmlScene(self):
        """The scene."""
        return self._scene

    def setMRMLTableNode(self, node) -> None:
        """Show a table."""
        self._table_node = node
        self._watch.clear()
        self._watch.follow(node, self._fill)
        self._fill()

    def mrmlTableNode(self):
        """The table that is shown."""
        return self._table_node

    def setMRMLTableViewNode(self, node) -> None:
        """Show the table of a view node."""
        self._view_node = node
        self.setMRMLTableNode(node.GetTableNode() if node is not None else None)
        self._watch.follow(node, lambda: self.setMRMLTableViewNode(node))

    def mrmlTableViewNode(self):
        """The view node."""
        return self._view_node

    def _fill(self) -> None:
        """Names of columns are the first row of cells, unless it is locked into the header."""
        model, node = self._items, self._table_node
        blocked = model.blockSignals(True)
        model.clear()
        cells = _cells(node, self.transposed) if node is not None and node.GetTable() is not None else []
        beside = [row.pop(0) for row in cells] if self.firstColumnLocked else []
        above = cells.pop(0) if self.firstRowLocked and cells else []
        for row in cells:
            model.appendRow([_item(text, node.GetLocked()) for text in row])
        if self.firstRowLocked:
            model.setHorizontalHeaderLabels(above)
        if self.firstColumnLocked:
            model.setVerticalHeaderLabels(beside[-len(cells) :] if cells else [])
        model.blockSignals(blocked)
        model.layoutChanged.emit()
        self.resizeColumnsToContents()

    def _edited(self, item) -> None:
        """A user's change of a cell goes into the node."""
        row, column = item.row(), item.column()
        if self.firstRowLocked:
            row += 1
        if self.firstColumnLocked:
            column += 1
        if self.transposed:
            row, column = column, row
        if row == 0:
            self._table_node.RenameColumn(column, item.text())
        else:
            self._table_node.SetCellText(row - 1, column, item.text())

    def _set_transposed(self, _value) -> None:
        self._fill()

    def _locked(self, row: bool) -> bool:
        """Whether the names of columns, or the first column, are in the header; transposed they are the other way."""
        node = self._table_node
        if node is None:
            return False
        names = row != bool(self.transposed)
        return bool(node.GetUseColumnTitleAsColumnHeader() if names else node.GetUseFirstColumnAsRowHeader())

    def _lock(self, row: bool, value) -> None:
        node = self._table_node
        if node is not None:
            names = row != bool(self.transposed)
            (node.SetUseColumnTitleAsColumnHeader if names else node.SetUseFirstColumnAsRowHeader)(value)

    def _get_firstRowLocked(self) -> bool:
        return self._locked(row=True)

    def _set_firstRowLocked(self, value) -> None:
        self._lock(True, value)

    def _get_firstColumnLocked(self) -> bool:
        return self._locked(row=False)

    def _set_firstColumnLocked(self, value) -> None:
        self._lock(False, value)

    def setTransposed(self, value: bool) -> None:
        """Rows as columns."""
        self.transposed = value

    def setFirstRowLocked(self, value: bool) -> None:
        """The first row as header."""
        self.firstRowLocked = value

    def setFirstColumnLocked(self, value: bool) -> None:
        """The first column as header."""
        self.firstColumnLocked = value


def _item(text: str, locked: bool) -> QtGui.QStandardItem:
    item = QtGui.QStandardItem(text)
    item.setEditable(not locked)
    return item


@from_facts
class qMRMLTableView(TableManners, qt.QTableView):
    """A table of the scene."""

    def __init__(self, *parent):
        super().__init__(*parent)
        self._start()


@from_facts
class qMRMLTableWidget(qMRMLWidget):
    """A table view of the layout."""

    _view = None

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QVBoxLayout(self)
        self._view = qMRMLTableView(self)
        layout.addWidget(self._view)

    def tableView(self):
        """The view."""
        return self._view

    def setMRMLTableViewNode(self, node) -> None:
        """Show the table of a view node."""
        self._view.setMRMLTableViewNode(node)

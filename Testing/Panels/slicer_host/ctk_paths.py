"""CTK's widgets for files and folders; the dialog is answered by the test (``dialogs.py``)."""

from .dialogs import QFileDialog
from .fact_class import from_facts
from .qt_module import qt


@from_facts
class ctkPathLineEdit(qt.QWidget):
    """A line for a path, with earlier ones to choose from, and a button to browse."""

    _DEFAULTS = {"showBrowseButton": True, "showHistoryButton": True}
    _line = None
    _button = None

    def __init__(self, *parent):
        super().__init__(*parent)
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._line = qt.QComboBox(self)
        self._line.editable = True
        self._line.setSizePolicy(qt.QSizePolicy.Policy.Expanding, qt.QSizePolicy.Policy.Fixed)
        self._button = qt.QPushButton("…", self)
        self._button.maximumWidth = 28
        layout.addWidget(self._line)
        layout.addWidget(self._button)
        self._line.connect("editTextChanged(QString)", self._changed)
        self._button.connect("clicked()", self.browse)

    def _changed(self, path: str) -> None:
        self._emit("currentPathChanged(QString)", path)
        self._emit("validInputChanged(bool)", bool(path))

    def _get_currentPath(self) -> str:
        return self._line.currentText

    def setCurrentPath(self, path: str) -> None:
        """Set the path."""
        self._line.setEditText(path)

    _set_currentPath = setCurrentPath

    def _set_showBrowseButton(self, shown) -> None:
        self._button.visible = bool(shown)

    def comboBox(self):
        """The line."""
        return self._line

    def browse(self) -> None:
        """Ask for a file."""
        path = QFileDialog.getOpenFileName(self, self.label)
        if path:
            self.currentPath = path

    def addCurrentPathToHistory(self) -> None:
        """Offer the path again another time."""
        path = self.currentPath
        if path and self._line.findText(path) < 0:
            blocked = self._line.blockSignals(True)
            self._line.insertItem(0, path)
            self._line.setEditText(path)
            self._line.blockSignals(blocked)


@from_facts
class ctkDirectoryButton(qt.QWidget):
    """A button that shows a folder and asks for another."""

    _DEFAULTS = {"directory": "."}
    _button = None

    def __init__(self, *given):
        folders = [one for one in given if isinstance(one, str)]
        super().__init__(*(one for one in given if not isinstance(one, str)))
        layout = qt.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._button = qt.QPushButton(self.directory, self)
        layout.addWidget(self._button)
        self._button.connect("clicked()", self.browse)
        if folders:
            self.directory = folders[0]

    def _set_directory(self, folder: str) -> None:
        if self._button.text != folder:
            self._button.text = self.text or folder
            self._emit("directoryChanged(QString)", folder)

    def _set_text(self, text: str) -> None:
        self._button.text = text or self.directory

    def browse(self) -> str:
        """Ask for a folder."""
        folder = QFileDialog.getExistingDirectory(self, self.caption, self.directory)
        if folder:
            self.directory = folder
            self._emit("directorySelected(QString)", folder)
        return folder

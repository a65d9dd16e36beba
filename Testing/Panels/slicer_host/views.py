"""The layout and its views: nodes and logics are Slicer's own, nothing is rendered."""

import slicer

from .fact_class import from_facts
from .mrml_widget import qMRMLWidget
from .plot_view import qMRMLPlotWidget
from .qt_module import qt
from .table_view import qMRMLTableWidget


@from_facts
class qMRMLSliceWidget(qMRMLWidget):
    """A slice view, without its picture."""

    _logic = None
    _actors: tuple = ()

    def __init__(self, *parent):
        super().__init__(*parent)
        self._actors = []

    def setMRMLSliceNode(self, node) -> None:
        """Set the node of the view, and make the logic that goes with it."""
        application = slicer.app.applicationLogic()
        self._logic = application.GetSliceLogic(node)
        if self._logic is None:
            self._logic = slicer.vtkMRMLSliceLogic()
            self._logic.SetMRMLApplicationLogic(application)
            self._logic.SetMRMLScene(node.GetScene())
            self._logic.SetSliceNode(node)
            application.GetSliceLogics().AddItem(self._logic)

    def sliceLogic(self):
        """The vtkMRMLSliceLogic."""
        return self._logic

    logic = sliceLogic

    def mrmlSliceNode(self):
        """The vtkMRMLSliceNode."""
        return self._logic.GetSliceNode()

    mrmlAbstractViewNode = mrmlSliceNode

    def mrmlSliceCompositeNode(self):
        """The vtkMRMLSliceCompositeNode."""
        return self._logic.GetSliceCompositeNode()

    def fitSliceToBackground(self) -> None:
        """Show all of the background."""
        self._logic.FitSliceToBackground()

    def _get_sliceViewName(self) -> str:
        return self.mrmlSliceNode().GetLayoutName()


@from_facts
class qSlicerLayoutManager(qt.QObject):
    """Makes the views of a layout."""

    _logic = None
    _widgets: dict = {}

    def setMRMLScene(self, scene) -> None:
        """Set the scene."""
        self._widgets = {}
        self._logic = slicer.vtkMRMLLayoutLogic()
        self._logic.SetMRMLScene(scene)

    def mrmlScene(self):
        """The scene."""
        return self._logic.GetMRMLScene()

    def layoutLogic(self):
        """The vtkMRMLLayoutLogic."""
        return self._logic

    def setLayout(self, number: int) -> None:
        """Choose a layout."""
        self._logic.GetLayoutNode().SetViewArrangement(number)
        self.sliceViewNames()
        self._emit("layoutChanged(int)", number)

    _set_layout = setLayout

    def _get_layout(self) -> int:
        return self._logic.GetLayoutNode().GetViewArrangement()

    def _view_nodes(self, kind: str) -> list:
        nodes = self._logic.GetViewNodes()
        listed = [nodes.GetItemAsObject(number) for number in range(nodes.GetNumberOfItems())]
        return [one for one in listed if one.IsA(kind)]

    def _widget(self, node, kind, setter: str):
        """The widget of a view node, made when it is first asked for."""
        if node not in self._widgets:
            made = kind()
            made.setMRMLScene(node.GetScene())
            getattr(made, setter)(node)
            self._widgets[node] = made
        return self._widgets[node]

    def _slices(self) -> dict:
        nodes = self._view_nodes("vtkMRMLSliceNode")
        for one in slicer.util.getNodesByClass("vtkMRMLSliceNode", self.mrmlScene()):
            if one.IsMappedInLayout() != (one in nodes):
                one.SetMappedInLayout(one in nodes)
        return {one.GetLayoutName(): self._widget(one, qMRMLSliceWidget, "setMRMLSliceNode") for one in nodes}

    def sliceViewNames(self) -> tuple[str, ...]:
        """Names of the slice views that the layout shows."""
        return tuple(self._slices())

    def sliceWidget(self, name: str):
        """A slice view, or None."""
        return self._slices().get(name)

    def plotWidget(self, number: int):
        """The n-th plot view, or None."""
        nodes = self._view_nodes("vtkMRMLPlotViewNode")
        return self._widget(nodes[number], qMRMLPlotWidget, "setMRMLPlotViewNode") if number < len(nodes) else None

    def tableWidget(self, number: int):
        """The n-th table view, or None."""
        nodes = self._view_nodes("vtkMRMLTableViewNode")
        return self._widget(nodes[number], qMRMLTableWidget, "setMRMLTableViewNode") if number < len(nodes) else None

    def threeDWidget(self, number) -> None:
        """There are no 3D views in the host."""

    def _get_plotViewCount(self) -> int:
        return len(self._view_nodes("vtkMRMLPlotViewNode"))

    def _get_tableViewCount(self) -> int:
        return len(self._view_nodes("vtkMRMLTableViewNode"))

    def _get_threeDViewCount(self) -> int:
        return 0

    def resetSliceViews(self) -> None:
        """Fit all slice views."""
        for name in self.sliceViewNames():
            self.sliceWidget(name).fitSliceToBackground()

    def resetThreeDViews(self) -> None:
        """There are no 3D views in the host."""

    def mrmlSliceLogics(self):
        """Logics of all slice views."""
        return slicer.app.applicationLogic().GetSliceLogics()

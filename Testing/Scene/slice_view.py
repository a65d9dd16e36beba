"""A slice view that is rendered without a window."""

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

MANAGERS = (
    "vtkMRMLVolumeGlyphSliceDisplayableManager",
    "vtkMRMLModelSliceDisplayableManager",
    "vtkMRMLCrosshairDisplayableManager",
    "vtkMRMLScalarBarDisplayableManager",
    "vtkMRMLSegmentationsDisplayableManager2D",
    "vtkMRMLMarkupsDisplayableManager",
    "vtkMRMLColorLegendDisplayableManager",
)


class SliceView:
    """One view; make it before legends, which tell only the views that are there when they come.

    Args:
        host: a ``SceneHost``.
        name: the singleton tag of its slice node.
        size: pixels, width and height.
    """

    def __init__(self, host, name: str = "Red", size: tuple[int, int] = (400, 400)):
        self.renderer = vtk.vtkRenderer()
        self.renderer.GetActiveCamera().ParallelProjectionOn()
        self._window = vtk.vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.SetSize(*size)
        self._window.AddRenderer(self.renderer)
        self._interactor = vtk.vtkGenericRenderWindowInteractor()
        self._interactor.SetRenderWindow(self._window)
        self._interactor.Initialize()
        self._interactor.UpdateSize(*size)
        self._managers(host)
        self.logic = slicer.vtkMRMLSliceLogic()
        self.logic.SetMRMLApplicationLogic(host.application)
        host.application.GetSliceLogics().AddItem(self.logic)
        self.logic.SetMRMLScene(host.scene)
        self.node = host.scene.GetSingletonNode(name, "vtkMRMLSliceNode") or self.logic.AddSliceNode(name)
        self.logic.SetSliceNode(self.node)
        self.logic.ResizeSliceNode(*size)
        self.node.SetOrientation("Axial")
        self.node.SetMappedInLayout(1)
        self._group.SetMRMLDisplayableNode(self.node)
        self._actor = vtk.vtkActor2D()
        mapper = vtk.vtkImageMapper()
        mapper.SetColorWindow(255)
        mapper.SetColorLevel(127.5)
        self._actor.SetMapper(mapper)
        self._actor.GetProperty().SetDisplayLocationToBackground()
        self.renderer.AddViewProp(self._actor)

    def _managers(self, host) -> None:
        factory = slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance()
        factory.SetMRMLApplicationLogic(host.application)
        for manager in MANAGERS:
            if not factory.IsDisplayableManagerRegistered(manager):
                factory.RegisterDisplayableManager(manager)
        self._group = slicer.vtkMRMLDisplayableManagerGroup()
        self._group.SetRenderer(self.renderer)
        self._group.Initialize(factory, self.renderer)

    def fit(self, offset: float) -> None:
        """Fit the view to its background, and go to a slice offset in mm."""
        self.logic.ResizeSliceNode(*self._window.GetSize())
        self.logic.FitSliceToBackground()
        self.logic.SetSliceOffset(offset)

    def picture(self) -> np.ndarray:
        """What is seen, uint8 shaped (height, width, 3), the first row on top."""
        self.node.Modified()  # managers put off updates until a node they watch calls them
        for legend in slicer.util.getNodesByClass("vtkMRMLColorLegendDisplayNode"):
            legend.Modified()
        self._actor.GetMapper().SetInputConnection(self.logic.GetImageDataConnection())
        self._window.Render()
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(self._window)
        grab.ReadFrontBufferOff()
        grab.Update()
        image = grab.GetOutput()
        width, height, _ = image.GetDimensions()
        return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(height, width, -1)[::-1, :, :3].copy()

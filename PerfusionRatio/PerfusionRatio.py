"""PerfusionRatio in 3D Slicer: the module, its widget, logic and self test. Wiring only."""

import importlib.util
import sys
from pathlib import Path

import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin

HERE = Path(__file__).resolve().parent
HELPERS = ("PerfusionRatioLib", "PerfusionRatioScene", "PerfusionRatioPanels", "PerfusionRatioEffects")


def find_library() -> None:
    """In a source tree the library lies beside the folder of the module; installed, Slicer knows where it is."""
    if importlib.util.find_spec("PerfusionRatioLib") is None:
        sys.path.append(str(HERE.parent))


class PerfusionRatio(ScriptedLoadableModule):
    """What Slicer knows of the module before it is opened."""

    def __init__(self, parent):
        ScriptedLoadableModule.__init__(self, parent)
        parent.title = _("PerfusionRatio")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        parent.dependencies = ["Segmentations", "SegmentEditor", "Sequences", "Plots", "Tables"]
        parent.contributors = ["PerfusionRatio contributors"]
        parent.helpText = _(
            "Ktrans and vp of brain metastases from DCE-MRI before and after radiosurgery, as ratios to normal brain "
            "with intervals, and the follow-up read in the light of the first scan. For research only; not a medical "
            "device."
        )
        parent.acknowledgementText = _(
            "Names and definitions follow OSIPI CAPLEX. The digital patients are built on the MNI152 template."
        )
        slicer.app.connect("startupCompleted()", register)


def register() -> None:
    """Once Slicer has started: the effect of the Segment Editor, and the digital patients among the sample data."""
    find_library()
    from PerfusionRatioEffects import register_effect

    register_effect()
    if hasattr(slicer.modules, "sampledata"):
        from SampleData import SampleDataLogic

        from PerfusionRatioScene import sample_data

        icon = HERE / "Resources" / "Icons" / "PerfusionRatio.png"
        sample_data.register(SampleDataLogic, load_digital_patient, str(icon))


def load_digital_patient(scenario: str) -> list:
    """Make a digital patient, load it into the scene, and choose its images in the module.

    Returns:
        The nodes.
    """
    find_library()
    from PerfusionRatioScene.digital_patient import add_to_scene, make_images

    logic = PerfusionRatioLogic()
    return list(add_to_scene(slicer.mrmlScene, *make_images(scenario), logic.getParameterNode()).values())


class PerfusionRatioWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The life of the panel: it follows the scene and its parameters."""

    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.panel = self.logic = None

    def setup(self):
        """Make the panel when the module is opened first."""
        ScriptedLoadableModuleWidget.setup(self)
        find_library()
        from PerfusionRatioPanels.module_panel import ModulePanel

        self.logic = PerfusionRatioLogic()
        self.panel = ModulePanel(self.resourcePath, slicer.mrmlScene)
        self.layout.addWidget(self.panel.widget)
        for event, slot in (
            (slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose),
            (slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose),
            (slicer.mrmlScene.StartImportEvent, self.onSceneStartClose),
            (slicer.mrmlScene.EndImportEvent, self.onSceneEndClose),
            (slicer.mrmlScene.StartSaveEvent, self.onSceneStartSave),
        ):
            self.addObserver(slicer.mrmlScene, event, slot)
        self.followParameters()

    def followParameters(self):
        """Show the parameters of the scene as it is now."""
        self.forgetParameters()
        parameters = self.logic.getParameterNode()
        self.addObserver(parameters.parameterNode, "ModifiedEvent", self.onParametersModified)
        self.panel.set_parameters(parameters)

    def forgetParameters(self):
        """Follow no parameters any more."""
        known = self.panel.parameters
        if known is not None:
            self.removeObserver(known.parameterNode, "ModifiedEvent", self.onParametersModified)
        self.panel.set_parameters(None)

    def onParametersModified(self, caller=None, event=None):
        """Somebody changed something: a panel, a script, another module."""
        self.panel.refresh_soon()

    def onSceneStartClose(self, caller=None, event=None):
        """Nothing may touch nodes that are about to go or to come."""
        self.forgetParameters()

    def onSceneEndClose(self, caller=None, event=None):
        """A new scene, empty or loaded."""
        self.followParameters()

    def onSceneStartSave(self, caller=None, event=None):
        """Maps that are refreshed in part only are not saved."""
        self.panel.end_previews()

    def enter(self):
        """The module is opened."""
        if self.panel.parameters is None:
            self.followParameters()
        self.panel.enter()

    def exit(self):
        """The module is left."""
        self.panel.exit()

    def cleanup(self):
        """Slicer closes, or the module is reloaded."""
        self.removeObservers()
        self.panel.clean_up()

    def onReload(self):
        """Helper packages are not reloaded by Slicer: forget them first."""
        for name in [name for name in sys.modules if name.split(".")[0] in HELPERS]:
            del sys.modules[name]
        ScriptedLoadableModuleWidget.onReload(self)


class PerfusionRatioLogic(ScriptedLoadableModuleLogic):
    """Where the parameters are."""

    def getParameterNode(self):
        """The parameters of the scene."""
        find_library()
        from PerfusionRatioScene.parameters import Parameters

        return Parameters(super().getParameterNode())


class PerfusionRatioTest(ScriptedLoadableModuleTest):
    """The self test: a digital patient from images to reading, without a click."""

    def setUp(self):
        """An empty scene."""
        slicer.mrmlScene.Clear()

    def runTest(self):
        """Run it."""
        self.setUp()
        self.test_digital_patient()

    def test_digital_patient(self):
        """Both visits are fitted and compared, and the reading is the right one."""
        find_library()
        from PerfusionRatioScene.self_test import reading_of_digital_patient

        reading = reading_of_digital_patient(slicer.mrmlScene, PerfusionRatioLogic().getParameterNode())
        self.assertIn("favours recurrent metastasis", reading.lower())
        self.delayDisplay(reading)

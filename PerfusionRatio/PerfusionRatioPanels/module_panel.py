"""The whole panel of the module: which visit is edited, the panels below, long work, and messages."""

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from PerfusionRatioLib.errors import PerfusionRatioError
from PerfusionRatioLib.reporting.extras import missing_extras
from PerfusionRatioScene.checks import differs
from PerfusionRatioScene.comparison_results import show_side_by_side
from PerfusionRatioScene.digital_patient import add_to_scene, make_images
from PerfusionRatioScene.export import export_comparison, save_scene
from PerfusionRatioScene.layouts import SIDE_BY_SIDE, register_layout
from PerfusionRatioScene.parameters import VISITS, visit_parameters
from PerfusionRatioScene.scenarios import SCENARIOS
from PerfusionRatioScene.session import Session
from PerfusionRatioScene.show import show_visit
from PerfusionRatioScene.subject import identity_of
from PerfusionRatioScene.suggestions import suggest_images
from PerfusionRatioScene.visit_inputs import date_from, what_is_missing
from PerfusionRatioScene.visit_results import is_complete

from .arterial_input_panel import ArterialInputPanel
from .comparison_panel import ComparisonPanel
from .images_panel import ImagesPanel
from .lesions_panel import LesionsPanel
from .maps_panel import MapsPanel
from .packages import offer_report_packages
from .panel import enable, fill
from .waiting import timer_for
from .worker import Job, Worker

PANELS = (ImagesPanel, ArterialInputPanel, MapsPanel, LesionsPanel, ComparisonPanel)
BUTTONS = {"pre": "preButton", "follow_up": "followUpButton"}
CURVES_LAYOUT = slicer.vtkMRMLLayoutNode.SlicerLayoutConventionalPlotView


class ModulePanel:
    """What the widget of the module shows.

    Args:
        resource_path: gives the path of a file in Resources.
        scene: the vtkMRMLScene.
    """

    def __init__(self, resource_path, scene):
        self.resource_path, self.scene = resource_path, scene
        self.parameters = None
        self.session: Session | None = None
        self._left: Session | None = None
        self.widget = slicer.util.loadUI(resource_path("UI/PerfusionRatio.ui"))
        self.ui = slicer.util.childWidgetVariables(self.widget)
        self.worker = Worker(self._show_progress)
        self.panels = [kind(self) for kind in PANELS]
        self._lesions = next(panel for panel in self.panels if isinstance(panel, LesionsPanel))
        for panel in self.panels:
            self.ui.panels.layout().addWidget(panel.widget)
        fill(self.ui.scenarioComboBox, SCENARIOS)
        self.ui.tryButton.connect("clicked(bool)", lambda checked: self.try_it())
        self.ui.cancelButton.connect("clicked(bool)", lambda checked: self.worker.cancel())
        for visit, name in BUTTONS.items():
            getattr(self.ui, name).connect("clicked(bool)", lambda checked, visit=visit: self.edit_visit(visit))
        self.ui.workRow.visible = False
        self._soon = timer_for(self.refresh, 0)
        self.tell("")
        self.set_scene(scene)

    # what the panels ask for

    @property
    def visit(self):
        """The parameters of the visit that is edited; None without a scene."""
        return None if self.parameters is None else visit_parameters(self.parameters, self.parameters.shown_visit)

    def fitted(self):
        """What was computed for the visit that is edited; None where nothing is known."""
        return None if self.session is None else self.session.fitted.get(self.parameters.shown_visit)

    def comparison(self):
        """What the visits say together; None before they were compared."""
        return None if self.session is None else self.session.comparison

    def why_busy(self) -> str:
        """Why nothing else can be started; empty when it can."""
        return _("Another computation is going on: wait for it, or cancel it.") if self.worker.busy else ""

    def why_not_compare(self) -> str:
        """What is missing before the visits can be compared."""
        return "" if self.session is None else self.session.why_not_compare()

    def patients_differ(self) -> bool:
        """Whether the images of the visits tell different patients."""
        series = [visit_parameters(self.parameters, visit).series for visit in VISITS]
        return None not in series and differs(*(identity_of(node) for node in series))

    # what they bring about

    def set_scene(self, scene) -> None:
        """Show another scene."""
        self.scene = scene
        self.widget.setMRMLScene(scene)
        for panel in self.panels:
            panel.widget.setMRMLScene(scene)

    def set_parameters(self, parameters) -> None:
        """Take up the parameters of a scene; None: there are none, as while a scene is being closed."""
        if self.worker.busy:
            self.worker.cancel()
        self.end_previews()
        self._left = self.session or self._left
        self.parameters = parameters
        self.session = None if parameters is None else self._session_of(parameters)
        self.refresh()

    def _session_of(self, parameters) -> Session:
        """The one that was left while another scene was added to this one, or else a new one."""
        left, self._left = self._left, None
        if left is None or not left.still_of(parameters):
            return Session(self.scene, parameters)
        left.parameters = parameters
        return left

    def refresh(self) -> None:
        """Let every panel show the truth."""
        parameters = self.parameters
        if self.session is not None:
            self.session.drop_outdated()
        for visit, name in BUTTONS.items():
            button = getattr(self.ui, name)
            kept = None if parameters is None else visit_parameters(parameters, visit)
            ticked = kept is not None and is_complete(kept)
            button.text = self._visit_names()[visit] + (" ✓" if ticked else "")
            button.checked = parameters is not None and parameters.shown_visit == visit
            button.enabled = parameters is not None
        empty = parameters is not None and all(visit_parameters(parameters, v).series is None for v in VISITS)
        self.ui.tryFrame.visible = empty
        enable(self.ui.tryButton, self.why_busy(), _("Make a digital patient on this machine, and load it"))
        for panel in self.panels:
            panel.refresh()

    def suggest(self) -> None:
        """Choose images by their names and dates as long as the user has chosen none."""
        if self.parameters is not None and suggest_images(self.scene, self.parameters):
            self.tell(_("The images were chosen by their dates and names: check them."))
            self.show_images()

    def refresh_soon(self) -> None:
        """Let every panel show the truth once, after all that is being changed now."""
        self._soon.start()

    def forget(self, visit: str | None = None) -> None:
        """What was computed for a visit (None: the one that is edited) is of the past."""
        if self.session is not None:
            self.session.forget(visit or self.parameters.shown_visit)

    def forget_comparison(self) -> None:
        """The comparison is of the past; the maps are not."""
        if self.session is not None:
            self.session.forget_comparison()
        self.refresh_soon()

    def edit_visit(self, visit: str) -> None:
        """Turn to a visit."""
        self.parameters.shown_visit = visit
        self.show_images()
        self.refresh()

    def edit_segment(self, segmentation, segment: str, volume) -> None:
        """Let the segment editor of the lesions panel work on a segment."""
        self._lesions.edit(segmentation, segment, volume)

    def tell(self, sentence: str) -> None:
        """Say something in the panel; an empty sentence takes it away."""
        self.ui.messageLabel.text = sentence
        self.ui.messageLabel.visible = bool(sentence)

    def compute(self) -> None:
        """Compute the maps of the visit that is edited, and then of the other one if it has its images and no maps."""
        shown = self.parameters.shown_visit
        self._compute([shown, *(visit for visit in VISITS if visit != shown and self._waits(visit))])

    def _waits(self, visit: str) -> bool:
        return visit not in self.session.fitted and not what_is_missing(visit_parameters(self.parameters, visit))

    def _compute(self, visits: list[str]) -> None:
        visit, rest = visits[0], visits[1:]

        def done(fitted) -> None:
            self._keep(visit, fitted)
            if rest:
                self._compute(rest)

        self._start(lambda: self.session.fit(visit), done)

    def refit(self) -> None:
        """Let the maps follow the arterial input, first where they are looked at; what an earlier change started is
        given up."""
        visit = self.parameters.shown_visit
        seen = self.session.in_view(visit)
        if seen is None:
            self._refit_all(visit)
        else:
            self._start(lambda: self.session.refit(visit, seen), lambda found: self._preview(visit, found), visit)

    def _refit_all(self, visit: str) -> None:
        self._start(lambda: self.session.refit(visit), lambda fitted: self._keep(visit, fitted), visit)

    def compare(self) -> None:
        """Compare the visits."""
        self._start(self.session.compare, self._keep_comparison)

    def try_it(self) -> None:
        """Make a digital patient and load it."""
        scenario = self.ui.scenarioComboBox.itemData(self.ui.scenarioComboBox.currentIndex)
        self._start(lambda: lambda progress: make_images(scenario, progress=progress), self._load)

    def show_images(self) -> None:
        """Show the visit that is edited in the slice views."""
        if self.parameters is not None:
            show_visit(self.parameters, slicer.app.applicationLogic())

    def show_side_by_side(self) -> None:
        """Both visits in one layout."""
        layouts = slicer.app.layoutManager()
        register_layout(layouts.layoutLogic().GetLayoutNode())
        layouts.setLayout(SIDE_BY_SIDE)
        slicer.app.processEvents()  # the views get their sizes
        show_side_by_side(self.scene, self.parameters, slicer.app.applicationLogic())

    def show_curves(self) -> None:
        """The arterial inputs, large."""
        slicer.app.layoutManager().setLayout(CURVES_LAYOUT)
        slicer.app.applicationLogic().GetSelectionNode().SetActivePlotChartID(self.parameters.aif_chart.GetID())
        slicer.app.applicationLogic().PropagatePlotChartSelection()

    def export(self, with_scene: bool) -> None:
        """Ask for a folder, and write everything there."""
        offer_report_packages(self.resource_path("requirements.txt"))
        parent = qt.QFileDialog.getExistingDirectory(self.widget, _("Folder in which the results are put"))
        if parent:
            self.export_to(Path(parent), with_scene)

    def export_to(self, parent: Path, with_scene: bool) -> None:
        """Write tables, maps, masks and the report to a new folder in ``parent``, and the scene if it is asked for."""
        comparison, parameters = self.session.comparison, self.parameters

        def work():
            radiosurgery = date_from(parameters.radiosurgery_date)
            return export_comparison(comparison, parent, parameters.patient, radiosurgery)

        self._start(work, lambda folder: self._exported(folder, with_scene))

    def _exported(self, folder: Path, with_scene: bool) -> None:
        told = _("Written to {folder}.").format(folder=folder)
        if with_scene:
            self.end_previews()
            try:
                save_scene(self.scene, folder / "scene.mrb")
            except PerfusionRatioError as error:
                told += f" {error}"
        lacking = missing_extras()
        if lacking:
            told += " " + _("No report: {packages} not installed.").format(packages=", ".join(lacking))
        self.tell(told)

    # work

    def _start(self, make_work, done, key: str | None = None) -> None:
        """Hand out the work that ``make_work`` makes; what was started with the same key is given up."""
        try:
            work = make_work()
        except PerfusionRatioError as error:
            self.tell(str(error))
            return
        self.tell("")
        self._show_progress(0.0, "")
        self.worker.start(Job(work, lambda result: self._finished(done, result), self._failed, key))
        self.refresh()

    def _finished(self, done, result) -> None:
        self.ui.workRow.visible = self.worker.busy
        try:
            if self.parameters is not None:
                done(result)
        except PerfusionRatioError as error:
            self.tell(str(error))
        finally:
            self._settle()

    def _settle(self) -> None:
        """Show what there is after some work."""
        if not self.worker.busy:
            self.end_previews()
        self.refresh()

    def end_previews(self) -> None:
        """Show nothing that is not kept."""
        if self.session is not None:
            self.session.end_previews()

    def _failed(self, sentence: str) -> None:
        self.ui.workRow.visible = self.worker.busy
        if sentence or not self.worker.busy:
            self.tell(sentence or _("Cancelled: nothing was changed."))
        self._settle()

    def _show_progress(self, fraction: float, what: str) -> None:
        self.ui.workRow.visible = True
        self.ui.progressBar.value = round(100 * fraction)
        self.ui.progressBar.format = f"{what} %p%" if what else "%p%"

    def _preview(self, visit: str, fitted) -> None:
        self.session.preview(visit, fitted)
        self._refit_all(visit)

    def _keep(self, visit: str, fitted) -> None:
        self.session.keep(visit, fitted)
        self.show_images()

    def _keep_comparison(self, comparison) -> None:
        self.session.keep_comparison(comparison)
        self.show_images()

    def _load(self, made) -> None:
        add_to_scene(self.scene, *made, self.parameters)
        self.show_images()
        slicer.app.layoutManager().resetSliceViews()

    def _visit_names(self) -> dict[str, str]:
        return {"pre": _("Before radiosurgery"), "follow_up": _("Follow-up")}

    # the life of the module

    def enter(self) -> None:
        """The module is opened."""
        self._lesions.enter()
        self.suggest()
        self.refresh()

    def exit(self) -> None:
        """The module is left."""
        self._lesions.exit()

    def clean_up(self) -> None:
        """The widget is about to go."""
        self._soon.stop()
        self.worker.close()
        self.set_parameters(None)
        self._left = None
        self._soon.stop()
        for panel in self.panels:
            panel.stop()
        self._lesions.close()

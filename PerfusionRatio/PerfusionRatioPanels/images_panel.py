"""Images: what a visit consists of, and how it was acquired."""

from slicer.i18n import tr as _

from PerfusionRatioLib.errors import InputError
from PerfusionRatioScene.acquisition_attributes import acquisition_of
from PerfusionRatioScene.frame_times import frame_times
from PerfusionRatioScene.subject import study_day
from PerfusionRatioScene.visit_inputs import what_is_missing
from PerfusionRatioScene.volumes import frame_count

from .panel import Panel

SELECTORS = {
    "seriesSelector": "series",
    "t1Selector": "t1",
    "t10Selector": "t10_map",
    "flipAnglesSelector": "flip_angle_images",
}
"""Of each node selector the parameter of the visit that it chooses."""
NUMBERS = {
    "t10SpinBox": "t10",
    "repetitionTimeSpinBox": "repetition_time",
    "flipAngleSpinBox": "flip_angle",
    "intervalSpinBox": "frame_interval",
}


class ImagesPanel(Panel):
    """The images of the visit that is edited, and what is missing."""

    UI = "ImagesPanel"

    def set_up(self) -> None:
        """Connect every field to its parameter."""
        for widget, name in SELECTORS.items():
            self._connect_selector(getattr(self.ui, widget), name)
        for widget, name in NUMBERS.items():
            getattr(self.ui, widget).connect("valueChanged(double)", self.by_user(self._setter(name)))
        self.ui.dateEdit.connect("editingFinished()", self.by_user(self._take_date))

    def refresh(self) -> None:
        """Show the nodes and numbers of the visit."""
        visit = self.visit
        self.widget.enabled = visit is not None
        if visit is None:
            return
        with self.showing():
            for widget, name in SELECTORS.items():
                getattr(self.ui, widget).setCurrentNode(getattr(visit, name))
            for widget, name in NUMBERS.items():
                getattr(self.ui, widget).value = getattr(visit, name)
            self.ui.dateEdit.text = visit.date
        self.ui.t10SpinBox.enabled = visit.t10_map is None and visit.flip_angle_images is None
        self._show_origins(visit)
        missing = what_is_missing(visit)
        self.ui.missingLabel.text = "\n".join(missing.values())
        self.ui.missingLabel.visible = bool(missing)

    def _connect_selector(self, selector, name: str) -> None:
        def choose(_node) -> None:
            node = selector.currentNode()
            if getattr(self.visit, name) is node:
                return
            setattr(self.visit, name, node)
            self.module.forget()
            if name == "series" and node is not None and not self.visit.date:
                self.visit.date = study_day(node)

        # not currentNodeChanged: when a node goes, the choice of the box moves to its neighbour
        selector.connect("nodeActivated(vtkMRMLNode*)", self.by_user(choose))

    def _setter(self, name: str):
        def change(value: float) -> None:
            setattr(self.visit, name, value)
            self.module.forget()

        return change

    def _take_date(self) -> None:
        self.visit.date = self.ui.dateEdit.text.strip()

    def _show_origins(self, visit) -> None:
        """Beside each number, what the images say."""
        time = angle = interval = ""
        if visit.series is not None:
            try:
                known = acquisition_of(visit.series)
                time = "" if known.repetition_time is None else f"{1000 * known.repetition_time.value:.4g} ms"
                angle = "" if known.flip_angle is None else f"{known.flip_angle.value:.4g}°"
                times = frame_times(visit.series, frame_count(visit.series))
                interval = (
                    ""
                    if times is None
                    else _("{count} frames, {last:.0f} s").format(count=len(times.value), last=times.value[-1])
                )
            except InputError as error:
                interval = str(error)
        for label, text in (("repetitionTimeOrigin", time), ("flipAngleOrigin", angle), ("intervalOrigin", interval)):
            getattr(self.ui, label).text = (
                _("images: {text}").format(text=text) if text else _("not told by the images")
            )

"""Images: what a visit consists of, and how it was acquired."""

from slicer.i18n import tr as _

from PerfusionRatioLib.acquisition import Acquisition
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.signal.blood import usual_blood_t10, usual_field
from PerfusionRatioScene.acquisition_attributes import attribute_of
from PerfusionRatioScene.frame_times import frame_times
from PerfusionRatioScene.subject import study_day
from PerfusionRatioScene.visit_inputs import acquisition_parameter, what_is_missing
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
    "flipAnglesTimeSpinBox": "flip_angles_repetition_time",
    "t10SpinBox": "t10",
    "bloodT10SpinBox": "blood_t10",
    "repetitionTimeSpinBox": "repetition_time",
    "flipAngleSpinBox": "flip_angle",
    "intervalSpinBox": "frame_interval",
    "fieldSpinBox": "field_strength",
}
UNITS = {"repetition_time": (" ms", 1e3), "flip_angle": ("°", 1.0), "field_strength": (" T", 1.0)}
"""Of each parameter of the acquisition: how it is shown, and what takes it there from the library's units."""


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
        self.ui.flipAnglesTimeSpinBox.enabled = visit.t10_map is None and visit.flip_angle_images is not None
        self._show_origins(visit)
        self.ui.bloodT10Origin.text = _origin_of_blood_t10(visit)
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
        ui, series, images = self.ui, visit.series, visit.flip_angle_images
        ui.repetitionTimeOrigin.text = _told_parameter(series, "repetition_time")
        ui.flipAngleOrigin.text = _told_parameter(series, "flip_angle")
        ui.intervalOrigin.text = _told(series, _frames)
        assumed = _("not told: {field:g} T assumed").format(field=usual_field(Acquisition()))
        ui.fieldOrigin.text = _told_parameter(series, "field_strength", "" if visit.field_strength else assumed)
        ui.flipAnglesTimeOrigin.text = "" if images is None else _told_parameter(images, "repetition_time")


def _told(node, read, unknown: str = "") -> str:
    """What images say by ``read(node)``, that it is of no use, or that they say nothing."""
    try:
        text = "" if node is None else read(node)
    except InputError:
        return _("images: cannot be used")
    return _("images: {text}").format(text=text) if text else unknown or _("not told by the images")


def _told_parameter(node, name: str, unknown: str = "") -> str:
    """What images say of a parameter of the acquisition."""

    def shown(node) -> str:
        known, (unit, factor) = attribute_of(node, name), UNITS[name]
        return "" if known is None else f"{factor * known.value:.4g}{unit}"

    return _told(node, shown, unknown)


def _frames(node) -> str:
    times = frame_times(node, frame_count(node))
    if times is None:
        return ""
    return _("{count} frames, {last:.4g} s").format(count=len(times.value), last=times.value[-1])


def _origin_of_blood_t10(visit) -> str:
    """What serves where no T1 of blood is entered: that of the T1 map, or the usual one at the field."""
    if visit.blood_t10:
        return ""
    if visit.t10_map is not None or visit.flip_angle_images is not None:
        return _("of the T1 map")
    try:
        field = acquisition_parameter(visit, "field_strength")
    except InputError:
        return ""
    known = Acquisition(field_strength=field)
    return _("{t10:g} s, usual at {field:g} T").format(t10=usual_blood_t10(known), field=usual_field(known))

"""Maps: the model, the computation, and how the maps are shown."""

from slicer.i18n import tr as _

from PerfusionRatioScene.parameters import VISITS, visit_parameters
from PerfusionRatioScene.visit_inputs import what_is_missing
from PerfusionRatioScene.visit_results import show_tops

from .panel import Panel, choose, enable, fill

MODELS = {
    "extended-tofts": _("Extended Tofts"),
    "tofts": _("Tofts"),
    "patlak": _("Patlak"),
    "2cxm": _("Two compartments, exchange (2CXM)"),
    "2cum": _("Two compartments, uptake (2CUM)"),
    "auto": _("The best for each voxel (AICc)"),
}


class MapsPanel(Panel):
    """What both visits are fitted with, and the map that is shown."""

    UI = "MapsPanel"

    def set_up(self) -> None:
        """Fill the lists and connect."""
        ui = self.ui
        fill(ui.modelComboBox, MODELS)
        fill(ui.delayComboBox, {"none": _("None"), "global": _("One for the brain"), "voxel": _("One for each voxel")})
        fill(ui.showComboBox, {"ktrans": "Ktrans", "vp": "vp", "ve": "ve", "kep": "kep", "": _("No map")})
        ui.modelComboBox.connect("currentIndexChanged(int)", self.by_user(self._set_model))
        ui.delayComboBox.connect("currentIndexChanged(int)", self.by_user(self._set_delay))
        ui.motionCheckBox.connect("toggled(bool)", self.by_user(self._setter("motion")))
        ui.errorsCheckBox.connect("toggled(bool)", self.by_user(self._setter("standard_errors")))
        ui.computeButton.connect("clicked(bool)", lambda checked: self.module.compute())
        ui.showComboBox.connect("currentIndexChanged(int)", self.by_user(self._set_shown))
        ui.opacitySlider.connect("valueChanged(double)", self.by_user(self._set_opacity))
        ui.topSpinBox.connect("valueChanged(double)", self.by_user(self._set_top))

    def refresh(self) -> None:
        """Show the choices and whether there is something to compute from."""
        parameters, visit = self.parameters, self.visit
        self.widget.enabled = visit is not None
        if visit is None:
            return
        shown = parameters.shown_map
        with self.showing():
            choose(self.ui.modelComboBox, parameters.model)
            choose(self.ui.delayComboBox, parameters.delay)
            self.ui.motionCheckBox.checked = parameters.motion
            self.ui.errorsCheckBox.checked = parameters.standard_errors
            choose(self.ui.showComboBox, shown)
            self.ui.opacitySlider.value = parameters.opacity
            self.ui.topSpinBox.value = getattr(parameters, f"{shown}_top", 0.0)
        self.ui.topSpinBox.enabled = shown in ("ktrans", "vp")
        missing = what_is_missing(visit)
        reason = self.module.why_busy() or next(iter(missing.values()), "")
        enable(
            self.ui.computeButton,
            reason,
            _("Compute the maps of this visit, and of the other one if its images are chosen"),
        )

    def _set_model(self, index: int) -> None:
        self._set("model", self.ui.modelComboBox.itemData(index))

    def _set_delay(self, index: int) -> None:
        self._set("delay", self.ui.delayComboBox.itemData(index))

    def _setter(self, name: str):
        return lambda value: self._set(name, value)

    def _set(self, name: str, value) -> None:
        """Both visits are fitted alike, so what was computed before is of the past."""
        setattr(self.parameters, name, value)
        for visit in VISITS:
            self.module.forget(visit)

    def _set_shown(self, index: int) -> None:
        self.parameters.shown_map = self.ui.showComboBox.itemData(index)
        self.module.show_images()

    def _set_opacity(self, value: float) -> None:
        self.parameters.opacity = value
        self.module.show_images()

    def _set_top(self, value: float) -> None:
        name = f"{self.parameters.shown_map}_top"
        if hasattr(self.parameters, name):
            setattr(self.parameters, name, value)
            if any(visit_parameters(self.parameters, visit).ktrans is not None for visit in VISITS):
                show_tops(self.parameters)

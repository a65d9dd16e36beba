"""Comparison: the ratios of both visits, what they say together, and where to look at it."""

import html

from slicer.i18n import tr as _

from PerfusionRatioLib.ratio.criteria import PRESETS, preset, preset_of
from PerfusionRatioScene.comparison_results import readings, sensitivity_lines
from PerfusionRatioScene.tables import RATIO_COLUMNS

from .panel import Panel, choose, enable, fill
from .plot import show_chart
from .text_table import fit_height

CUT_OFFS = {
    "protocol": _("This protocol (rKtrans or rVp, 1.5)"),
    "hatzoglou-vp": _("Hatzoglou 2016 (rVp 2.1)"),
    "hatzoglou-ktrans": _("Hatzoglou 2016 (rKtrans 3.6)"),
    "": _("Set below"),
}
"""The presets, and none of them."""
READING = RATIO_COLUMNS.index("Reading")
RULES = {
    "either": _("rKtrans or rVp"),
    "both": _("rKtrans and rVp"),
    "rktrans": _("rKtrans alone"),
    "rvp": _("rVp alone"),
}


class ComparisonPanel(Panel):
    """What both visits say."""

    UI = "ComparisonPanel"

    def set_up(self) -> None:
        """Fill the list of rules and connect."""
        ui = self.ui
        fill(ui.presetComboBox, CUT_OFFS)
        fill(ui.ruleComboBox, RULES)
        ui.presetComboBox.connect("currentIndexChanged(int)", self.by_user(self._take_preset))
        ui.ruleComboBox.connect("currentIndexChanged(int)", self.by_user(self._set_rule))
        ui.ktransThresholdSpinBox.connect("valueChanged(double)", self.by_user(self._setter("ktrans_threshold")))
        ui.vpThresholdSpinBox.connect("valueChanged(double)", self.by_user(self._setter("vp_threshold")))
        ui.coreCheckBox.connect("toggled(bool)", self.by_user(self._setter("include_core")))
        ui.samePatientCheckBox.connect("toggled(bool)", self.by_user(self._setter("same_patient")))
        ui.radiosurgeryEdit.connect("editingFinished()", self.by_user(self._take_date))
        ui.compareButton.connect("clicked(bool)", lambda checked: self.module.compare())
        ui.sideBySideButton.connect("clicked(bool)", lambda checked: self.module.show_side_by_side())
        ui.curvesButton.connect("clicked(bool)", lambda checked: self.module.show_curves())
        ui.exportButton.connect("clicked(bool)", lambda checked: self.module.export(ui.sceneCheckBox.checked))

    def refresh(self) -> None:
        """Show what is known, and why no more."""
        parameters, module, ui = self.parameters, self.module, self.ui
        self.widget.enabled = parameters is not None
        if parameters is None:
            return
        with self.showing():
            self._show_preset()
            choose(ui.ruleComboBox, parameters.rule)
            ui.ktransThresholdSpinBox.value = parameters.ktrans_threshold
            ui.vpThresholdSpinBox.value = parameters.vp_threshold
            ui.coreCheckBox.checked = parameters.include_core
            ui.radiosurgeryEdit.text = parameters.radiosurgery_date
            ui.samePatientCheckBox.checked = parameters.same_patient
        ui.samePatientCheckBox.visible = module.patients_differ()
        enable(
            ui.compareButton, module.why_busy() or module.why_not_compare(), _("Measure every lesion at both visits")
        )
        self._show_reading()
        self._show_remarks()
        current = bool(parameters.reading)  # nothing was changed since
        ui.tableView.visible = current and parameters.ratio_table is not None
        ui.tableView.setMRMLTableNode(parameters.ratio_table)
        ui.tableView.verticalHeader().setVisible(False)
        ui.tableView.setColumnHidden(READING, True)  # it stands above
        fit_height(ui.tableView, 0 if parameters.ratio_table is None else parameters.ratio_table.GetNumberOfRows())
        show_chart(ui.intervalsView, parameters.interval_chart if current else None, "PerfusionRatioIntervals")
        maps = parameters.pre.ktrans is not None or parameters.follow_up.ktrans is not None
        enable(ui.sideBySideButton, "" if maps else _("There are no maps yet."), _("Both visits, row by row, aligned"))
        enable(
            ui.curvesButton,
            "" if parameters.aif_chart is not None else _("There are no curves yet."),
            _("The arterial inputs of both visits"),
        )
        enable(
            ui.exportButton,
            module.why_busy()
            or ("" if module.comparison() is not None else _("Compare the visits first: there is nothing to export.")),
            _("Write tables, maps, masks, the report and the scene to a folder"),
        )

    def _show_remarks(self) -> None:
        """What qualifies the readings, which histology and the course of the patient decide."""
        lines = self.parameters.remarks.splitlines() if self.parameters.reading else []
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        told = _("Perfusion supports, and does not replace, histology and the clinical course. For research only.")
        self.ui.remarksLabel.visible = bool(self.parameters.reading)
        self.ui.remarksLabel.text = f"<p>{html.escape(told)}</p>" + (f"<ul>{items}</ul>" if items else "")

    def _show_reading(self) -> None:
        comparison = self.module.comparison()
        if comparison is None:
            kept = self.parameters.reading
            again = _("Something was changed since the visits were compared: compare them again.")
            new = again if self.parameters.ratio_table is not None else _("Not compared yet.")
            self.ui.readingLabel.text = html.escape(kept) if kept else new
            self.ui.sensitivityLabel.visible = False
            return
        lines = []
        for name, sentence, colour in readings(comparison):
            shade = "#" + "".join(f"{round(255 * part):02x}" for part in colour)
            lines.append(
                f'<p><b>{html.escape(name)}:</b> <span style="color:{shade}">{html.escape(sentence)}</span></p>'
            )
        self.ui.readingLabel.text = "".join(lines)
        self.ui.sensitivityLabel.visible = True
        self.ui.sensitivityLabel.text = "\n".join(sensitivity_lines(comparison))

    def _show_preset(self) -> None:
        parameters, box = self.parameters, self.ui.presetComboBox
        name = preset_of(parameters.ktrans_threshold, parameters.vp_threshold, parameters.rule)
        choose(box, name or "")
        box.toolTip = PRESETS[name].origin if name else _("Thresholds and rule as they are set below")

    def _take_preset(self, index: int) -> None:
        """The rule and the thresholds of a preset; "Set below" leaves them as they are."""
        name = self.ui.presetComboBox.itemData(index)
        if name:
            known = preset(name)
            self.parameters.ktrans_threshold, self.parameters.vp_threshold = known.ktrans, known.vp
            self.parameters.rule = known.rule
            self.module.forget_comparison()

    def _set_rule(self, index: int) -> None:
        self._set("rule", self.ui.ruleComboBox.itemData(index))

    def _setter(self, name: str):
        return lambda value: self._set(name, value)

    def _take_date(self) -> None:
        date = self.ui.radiosurgeryEdit.text.strip()
        if date != self.parameters.radiosurgery_date:
            self._set("radiosurgery_date", date)

    def _set(self, name: str, value) -> None:
        setattr(self.parameters, name, value)
        self.module.forget_comparison()

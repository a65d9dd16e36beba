"""Arterial input: where it comes from, how good it is, and its curve at both visits."""

from slicer.i18n import tr as _

from PerfusionRatioScene.parameters import AifSource
from PerfusionRatioScene.segments import new_segmentation
from PerfusionRatioScene.visit_results import node_name, voxel_rows
from PerfusionRatioScene.volumes import frame_of

from .panel import Panel, choose, enable, fill
from .plot import show_chart
from .text_table import show_rows
from .waiting import timer_for
from .watching import SegmentationWatch

WAIT = 100
"""Milliseconds without another stroke after which the maps follow."""
COLUMNS = (_("Place (R, A, S)"), _("Peak (mM)"), _("Why it was chosen"))


class ArterialInputPanel(Panel):
    """The arterial input of the visit that is edited."""

    UI = "ArterialInputPanel"

    def set_up(self) -> None:
        """Fill the list of sources and connect."""
        fill(
            self.ui.sourceComboBox,
            {
                AifSource.AUTOMATIC.value: _("Automatic"),
                AifSource.REGION.value: _("Region"),
                AifSource.POPULATION.value: _("Population (Parker)"),
                AifSource.FILE.value: _("File"),
            },
        )
        self.ui.sourceComboBox.connect("currentIndexChanged(int)", self.by_user(self._choose_source))
        self.ui.regionSelector.connect("currentSegmentChanged(QString)", self.by_user(self._choose_region))
        self.ui.fileEdit.connect("currentPathChanged(QString)", self.by_user(self._choose_file))
        self.ui.detectButton.connect("clicked(bool)", lambda checked: self._follow())
        self.ui.newRegionButton.connect("clicked(bool)", lambda checked: self._new_region())
        self.ui.liveCheckBox.connect("toggled(bool)", self.by_user(self._set_live))
        self._edited = timer_for(self._follow_if_live, WAIT)
        self._chosen = timer_for(self._follow_choice, WAIT)
        self._watch = SegmentationWatch(self._edited.start)

    def refresh(self) -> None:
        """Show source, quality and curves."""
        visit = self.visit
        self.widget.enabled = visit is not None
        if visit is None:
            self._watch.follow()
            return
        source = visit.aif_source
        with self.showing():
            choose(self.ui.sourceComboBox, source.value)
            self.ui.regionSelector.setCurrentNode(visit.aif_region)
            if visit.aif_region is not None:
                self.ui.regionSelector.setCurrentSegmentID(visit.aif_segment)
            self.ui.fileEdit.currentPath = visit.aif_file
            self.ui.liveCheckBox.checked = self.parameters.live
        for widget, kind in ((self.ui.regionSelector, AifSource.REGION), (self.ui.fileEdit, AifSource.FILE)):
            widget.visible = source is kind
        self.ui.regionSelectorLabel.visible = source is AifSource.REGION
        self.ui.fileEditLabel.visible = source is AifSource.FILE
        self.ui.newRegionButton.visible = self.ui.liveCheckBox.visible = source is AifSource.REGION
        fitted = self.module.fitted()
        enable(
            self.ui.detectButton,
            self.module.why_busy()
            or ("" if fitted else _("Compute the maps first: the arterial input is found with them.")),
            _("Take the arterial input anew and refresh the maps"),
        )
        self.ui.qualityLabel.text = visit.aif_words or _("Not found yet.")
        self.ui.qualityLabel.toolTip = "\n".join(fitted.result.visit.notes) if fitted else ""
        show_chart(self.ui.plotView, self.parameters.aif_chart, "PerfusionRatioAif")
        self._show_voxels(fitted)
        self._watch.follow(visit.aif_region if source is AifSource.REGION else None)

    def stop(self) -> None:
        """Follow nothing any more."""
        self._edited.stop()
        self._chosen.stop()
        self._watch.follow()

    def _choose_source(self, index: int) -> None:
        self.visit.aif_source = AifSource(self.ui.sourceComboBox.itemData(index))
        self._chosen.start()

    def _choose_region(self, segment: str) -> None:
        """Take the segment that the user has chosen; when one goes, the widget turns to another by itself."""
        visit = self.visit
        if visit.aif_source is not AifSource.REGION:
            return
        gone = visit.aif_segment and (
            visit.aif_region is None or visit.aif_region.GetSegmentation().GetSegment(visit.aif_segment) is None
        )
        visit.aif_region = None if gone else self.ui.regionSelector.currentNode()
        visit.aif_segment = "" if gone else segment
        self._chosen.start()

    def _choose_file(self, path: str) -> None:
        self.visit.aif_file = path
        self._chosen.start()

    def _set_live(self, on: bool) -> None:
        self.parameters.live = on

    def _new_region(self) -> None:
        """A segment on the voxels of the series, in which the user paints the artery."""
        visit = self.visit
        if visit is None or visit.series is None:
            return
        name = self.parameters.shown_visit
        node = new_segmentation(self.module.scene, node_name("Artery", name), visit.ktrans or frame_of(visit.series))
        visit.aif_segment = node.GetSegmentation().AddEmptySegment("", _("Artery"))
        visit.aif_region = node
        self.module.edit_segment(node, visit.aif_segment, visit.ktrans)
        self.module.refresh()

    def _follow_choice(self) -> None:
        """Maps follow another source whether or not they follow strokes, as soon as it is whole."""
        visit = self.visit
        if visit is None or self.module.fitted() is None:
            return
        waits = visit.aif_source is AifSource.REGION and (visit.aif_region is None or not visit.aif_segment)
        if not waits and not (visit.aif_source is AifSource.FILE and not visit.aif_file):
            self._follow()

    def _follow_if_live(self) -> None:
        if self.parameters is not None and self.parameters.live and self.module.fitted():
            self._follow()

    def _follow(self) -> None:
        self.module.refit()

    def _show_voxels(self, fitted) -> None:
        rows = voxel_rows(fitted.result.visit.aif) if fitted else []
        self.ui.voxelsTable.visible = bool(rows)
        show_rows(self.ui.voxelsTable, COLUMNS, rows)

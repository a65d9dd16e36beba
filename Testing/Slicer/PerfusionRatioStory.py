"""Inside Slicer: digital patients through the real panels, from loading to the table, and back from a saved scene.

    Slicer --testing --no-splash --additional-module-paths PerfusionRatio --python-script Testing/Slicer/run.py

The same stories are played on the test host, with mouse and keyboard, in ``Testing/Panels``, where
``test_slicer_story.py`` runs this file, too.
"""

import tempfile
import time
import unittest
from pathlib import Path

import numpy as np
import slicer
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleTest

LONGEST = 600.0
"""Seconds that anything may take."""


class PerfusionRatioStory(ScriptedLoadableModuleTest):
    """Each test is a story of its own, in an empty scene."""

    def setUp(self):
        """An empty scene, and the module open."""
        slicer.mrmlScene.Clear()
        slicer.util.selectModule("PerfusionRatio")
        slicer.app.processEvents()
        self.panel = slicer.modules.PerfusionRatioWidget.panel
        self.images, self.input, self.maps, self.lesions, self.comparison = (one.ui for one in self.panel.panels)

    # what a user does

    def wait(self, until, what: str):
        """Let the application work until something is so."""
        end = time.monotonic() + LONGEST
        while not until():
            self.assertLess(time.monotonic(), end, f"{what} took longer than {LONGEST:.0f} s")
            slicer.app.processEvents()
            time.sleep(0.01)

    def click(self, button, what: str):
        """Press a button and wait for what it starts."""
        self.assertTrue(button.enabled, f"{what}: {button.toolTip}")
        button.click()
        self.wait(lambda: not self.panel.worker.busy, what)
        self.assertEqual(self.panel.ui.messageLabel.text, "")

    def load(self, scenario: str) -> dict:
        """A digital patient, chosen in the panels; the seeds of its lesions by visit. Its motion stays uncorrected."""
        from PerfusionRatioScene import digital_patient

        patient, images = digital_patient.make_images(scenario)
        digital_patient.add_to_scene(slicer.mrmlScene, patient, images, self.panel.parameters)
        self.panel.parameters.motion = False
        self.panel.refresh()
        return {name: made.visit.seeds for name, made in images.items()}

    def outline(self, seeds: dict):
        """Every lesion at both visits."""
        from PerfusionRatioScene.self_test import outline_lesions

        for name, places in seeds.items():
            outline_lesions(slicer.mrmlScene, self.panel.parameters, name, places)
        self.panel.refresh()

    def ktrans(self) -> np.ndarray:
        """The map of the first visit, -1 where it has no value."""
        return np.nan_to_num(slicer.util.arrayFromVolume(self.panel.parameters.pre.ktrans), nan=-1.0)

    # the stories

    def test_from_images_to_the_reading_and_on_from_a_saved_scene(self):
        """Load, compute, outline, compare, look, save, open."""
        self.outline(self.load("recurrence"))
        self.click(self.maps.computeButton, "computing maps")
        self.click(self.comparison.compareButton, "comparing")
        reading = self.panel.parameters.reading
        self.assertIn("favours recurrent metastasis", reading.lower())
        self.assertEqual(self.panel.parameters.ratio_table.GetNumberOfRows(), 2)
        self.comparison.sideBySideButton.click()
        self.comparison.curvesButton.click()
        with tempfile.TemporaryDirectory() as folder:
            from PerfusionRatioScene.export import save_scene

            save_scene(slicer.mrmlScene, Path(folder) / "scene.mrb")
            slicer.mrmlScene.ReadFromMRB(str(Path(folder) / "scene.mrb"), True)
        slicer.app.processEvents()
        self.assertEqual(self.panel.parameters.reading, reading)
        self.assertFalse(self.comparison.compareButton.enabled)  # the maps have to be computed again
        self.click(self.maps.computeButton, "computing maps again")
        self.click(self.comparison.compareButton, "comparing again")
        self.assertEqual(self.panel.parameters.reading, reading)

    def test_two_lesions_have_a_reading_each(self):
        """One recurs, one is necrotic."""
        self.outline(self.load("two-lesions"))
        self.click(self.maps.computeButton, "computing maps")
        self.click(self.comparison.compareButton, "comparing")
        first, second = self.panel.parameters.reading.splitlines()
        self.assertTrue(first.startswith("Lesion 1: Favours recurrent metastasis"), first)
        self.assertRegex(second, "^Lesion 2: (Favours radiation necrosis|.*unevaluable)")  # where it is small
        self.assertEqual(self.panel.parameters.ratio_table.GetNumberOfRows(), 4)

    def test_maps_follow_another_arterial_input(self):
        """As soon as it is chosen."""
        self.load("recurrence")
        self.click(self.maps.computeButton, "computing maps")
        before, words = self.ktrans(), self.panel.visit.aif_words
        self.input.sourceComboBox.setCurrentIndex(self.input.sourceComboBox.findData("population"))
        self.wait(lambda: self.panel.visit.aif_words != words, "the arterial input")
        self.wait(lambda: not self.panel.worker.busy, "the maps")
        self.assertFalse(np.allclose(self.ktrans(), before))

    def test_cancel_leaves_nothing(self):
        """No maps, and the button works again."""
        self.load("recurrence")
        self.panel.parameters.motion = True
        self.maps.computeButton.click()
        self.wait(lambda: self.panel.ui.progressBar.value > 0, "progress")
        self.panel.ui.cancelButton.click()
        self.wait(lambda: not self.panel.worker.busy, "cancelling")
        self.assertIsNone(self.panel.parameters.pre.ktrans)
        self.assertIn("Cancelled", self.panel.ui.messageLabel.text)
        self.assertTrue(self.maps.computeButton.enabled)

    def test_images_without_a_repetition_time_are_asked_for_it(self):
        """And nothing can be computed before."""
        self.load("recurrence")
        self.panel.visit.series.RemoveAttribute("MultiVolume.DICOM.RepetitionTime")
        self.panel.refresh()
        self.assertNotEqual(self.images.missingLabel.text, "")
        self.assertFalse(self.maps.computeButton.enabled)
        self.images.repetitionTimeSpinBox.value = 5
        slicer.app.processEvents()
        self.assertTrue(self.maps.computeButton.enabled)

    def test_the_effect_is_there(self):
        """In the Segment Editor of the module."""
        self.assertIn("Enhancing lesion", self.lesions.segmentEditor.availableEffectNames())

    def test_a_closed_scene_leaves_an_empty_panel(self):
        """Closing does not fail, and the panel offers the digital patient again."""
        self.load("recurrence")
        slicer.mrmlScene.Clear()
        slicer.app.processEvents()
        self.assertTrue(self.panel.ui.tryFrame.isVisibleTo(self.panel.widget))
        self.assertIsNone(self.panel.parameters.pre.series)


if __name__ == "__main__":
    unittest.main()

"""Inside Slicer: the digital patient through the real panels, from loading to the table, and back from a saved scene.

    Slicer --testing --no-splash --additional-module-paths PerfusionRatio --python-script Testing/Slicer/run.py

The same story is played on the test host by ``Testing/Panels/test_story.py``.
"""

import time
import unittest

import qt
import slicer


class PerfusionRatioStory(unittest.TestCase):
    """One patient."""

    def setUp(self):
        """An empty scene, and the module open."""
        slicer.mrmlScene.Clear()
        slicer.util.selectModule("PerfusionRatio")
        self.panel = slicer.modules.PerfusionRatioWidget.panel

    def wait(self, what: str, seconds: float = 300.0):
        """Let the application work until nothing is being computed."""
        end = time.monotonic() + seconds
        while self.panel.worker.busy:
            self.assertLess(time.monotonic(), end, f"{what} took longer than {seconds:.0f} s")
            slicer.app.processEvents()
            time.sleep(0.01)

    def click(self, button, what: str):
        """Press a button and wait for what it starts."""
        self.assertTrue(button.enabled, f"{what}: {button.toolTip}")
        button.click()
        self.wait(what)
        self.assertEqual(self.panel.ui.messageLabel.text, "")

    def test_from_images_to_the_reading(self):
        """Load, compute, outline, compare."""
        from PerfusionRatioScene.digital_patient import make_images
        from PerfusionRatioScene.parameters import VISITS
        from PerfusionRatioScene.self_test import outline_lesions

        self.click(self.panel.ui.tryButton, "making the patient")
        seeds = {name: made.visit.seeds for name, made in make_images("recurrence")[1].items()}
        maps = self.panel.panels[2].ui
        for name in VISITS:
            self.panel.edit_visit(name)
            self.click(maps.computeButton, "computing maps")
            outline_lesions(slicer.mrmlScene, self.panel.parameters, name, seeds[name])
        self.panel.refresh()
        self.click(self.panel.panels[4].ui.compareButton, "comparing")
        self.assertIn("recurrent", self.panel.parameters.reading)
        self.panel.panels[4].ui.sideBySideButton.click()
        self.assertEqual(self.panel.parameters.ratio_table.GetNumberOfRows(), 2)

    def test_the_effect_is_there(self):
        """In the Segment Editor of the module."""
        names = self.panel.panels[3].ui.segmentEditor.availableEffectNames()
        self.assertIn("Enhancing lesion", names)

    def test_a_closed_scene_leaves_an_empty_panel(self):
        """Closing does not fail, and the panel offers the digital patient again."""
        slicer.mrmlScene.Clear()
        qt.QTimer.singleShot(0, lambda: None)
        slicer.app.processEvents()
        self.assertTrue(self.panel.ui.tryFrame.isVisibleTo(self.panel.widget))


if __name__ == "__main__":
    unittest.main()

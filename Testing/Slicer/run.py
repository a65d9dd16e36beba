"""Run the tests of this folder inside a Slicer that was started with this script, and leave with their verdict."""

import sys
import unittest
from pathlib import Path

import slicer

sys.path.insert(0, str(Path(__file__).parent))
found = unittest.defaultTestLoader.loadTestsFromName("PerfusionRatioStory")
verdict = unittest.TextTestRunner(verbosity=2).run(found)
slicer.util.exit(0 if verdict.wasSuccessful() else 1)

"""The stories that run inside Slicer (Testing/Slicer), on the host: what is wrong in them would be found there last."""

import importlib.util
import re
import unittest
from pathlib import Path

import pytest
import slicer

STORY = Path(__file__).resolve().parents[1] / "Slicer" / "PerfusionRatioStory.py"


def stories() -> list[str]:
    """The names of the tests in the file."""
    return re.findall(r"^    def (test_\w+)", STORY.read_text(), re.MULTILINE)


@pytest.mark.parametrize("story", stories())
def test_a_story_of_slicer(story, panel, patients, host, quick_fits, monkeypatch):
    from PerfusionRatioScene import digital_patient

    monkeypatch.setattr(digital_patient, "make_images", patients)
    monkeypatch.setattr(slicer.util, "selectModule", lambda name: None, raising=False)
    spec = importlib.util.spec_from_file_location(STORY.stem, STORY)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    result = unittest.TestResult()
    made.PerfusionRatioStory(story).run(result)
    assert result.testsRun == 1 and result.wasSuccessful(), result.failures + result.errors

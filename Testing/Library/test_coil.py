"""The coil's sensitivity, learnt in one image of a slab."""

import numpy as np
import pytest

from PerfusionRatioLib.brain import coil
from PerfusionRatioLib.phantom import head
from PerfusionRatioLib.series import Volume

BLOCK = 7.0


@pytest.fixture(scope="module")
def error_along_slices(small_head):
    """A function: by how much the learnt sensitivity changes wrongly along the slices, per mille a millimetre."""
    grid, brain = small_head.series.grid, small_head.truth.brain
    image = Volume(small_head.series.signal[2], grid)
    true = head.coil_sensitivity(grid, np.random.default_rng(0))  # as the series of this seed has it

    def error() -> float:
        found = coil.on_grid(coil.coil_sensitivity(image, brain, BLOCK), grid)
        wrong = np.gradient(np.log(np.maximum(found, 1e-3) / true), grid.spacing[2], axis=0)
        return float(1000 * wrong[brain].std())

    return error


def test_it_is_not_the_anatomy_along_the_slices(error_along_slices, monkeypatch):
    """With as many control points there as within the slices, it is."""
    right = error_along_slices()
    monkeypatch.setattr(coil, "SLAB", 0.0)
    assert right < 0.8 < error_along_slices()

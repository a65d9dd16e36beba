"""Fixtures every test of the library may use."""

import pytest

from PerfusionRatioLib.phantom.head import HeadVisit, make_head_series


@pytest.fixture(scope="session")
def small_head() -> HeadVisit:
    """A digital head of 64×72×24 voxels and 40 frames with noise and coil, without motion: look, do not write."""
    return make_head_series()


@pytest.fixture(scope="session")
def small_moving_head() -> HeadVisit:
    """The same head moving by up to 2 mm and 2 degrees: look, do not write."""
    return make_head_series(motion=(2.0, 2.0))

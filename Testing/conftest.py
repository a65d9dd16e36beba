"""Fixtures every test may use."""

import pytest


@pytest.fixture(scope="module")
def quick_coil():
    """The coil's sensitivity is learnt in few rounds: most of the time of a small patient goes there."""
    from PerfusionRatioLib.brain import coil

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(coil, "COIL_ROUNDS", 6)
        yield

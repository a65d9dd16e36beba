"""The digital head is what its truth says."""

import numpy as np
import pytest

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.head import make_head_series
from PerfusionRatioLib.phantom.tissues import Label


@pytest.fixture(scope="module")
def clean_head():
    """Without noise, motion and coil."""
    return make_head_series(size=(48, 54, 12), frames=30, snr=None, bias=False)


def test_the_same_seed_gives_the_same_series():
    first, second = (make_head_series(size=(24, 27, 6), frames=8, motion=(1.0, 1.0), seed=3) for _ in range(2))
    np.testing.assert_array_equal(first.series.signal, second.series.signal)
    np.testing.assert_array_equal(first.truth.motion, second.truth.motion)


def test_all_tissues_are_there(small_head):
    assert set(np.unique(small_head.truth.labels)) == set(Label)


def test_the_brain_mask_holds_brain_and_no_scalp(small_head):
    labels, brain = small_head.truth.labels, small_head.truth.brain
    assert brain[np.isin(labels, [Label.GREY, Label.WHITE, Label.LESION])].mean() > 0.99
    assert not np.any(brain & (labels == Label.SCALP))


def test_the_lesion_has_the_volume_asked_for(clean_head):
    volume = clean_head.truth.fractions["lesion 1"].sum() * clean_head.series.grid.voxel_volume / 1000
    assert volume == pytest.approx(4.0, rel=0.05)


def test_two_frames_at_least():
    with pytest.raises(InputError, match="two frames or more"):
        make_head_series(frames=1)

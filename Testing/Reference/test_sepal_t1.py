"""A real T1 phantom (SEPAL): flip angles 2, 5 and 12 degrees, TR 5.4 ms."""

import gzip

import numpy as np
import pytest
import SimpleITK as sitk
from scipy.optimize import least_squares

from PerfusionRatioLib.signal.flip_angles import t1_from_flip_angles
from PerfusionRatioLib.signal.spoiled_gradient_echo import spgr_signal

ANGLES, TR = (2, 5, 12), 0.0054
_AIR = 50  # the signal below which that demonstration sees air
ONE_VOXEL = np.array([413.0, 604.0, 445.0])  # of SEPAL's own demonstration


@pytest.fixture(scope="module")
def phantom(reference_data):
    """The three images, shaped (3, k, j, i), and where the set's mask, a slab, crosses the phantom, (k, j, i)."""
    folder = reference_data("sepal") / "T1_data"
    images = [sitk.ReadImage(str(folder / f"FA{angle}.nii.gz")) for angle in ANGLES]
    signals = np.stack([sitk.GetArrayFromImage(image) for image in images])
    # the mask is NIfTI-2, which ITK does not read: 544 bytes of header, then one byte a voxel
    mask = np.frombuffer(gzip.decompress((folder / "mask.nii.gz").read_bytes())[544:], np.uint8)
    return signals, (mask.reshape(signals.shape[1:]) > 0) & (signals[1] > _AIR)


def test_one_voxel_agrees_with_the_other_program():
    all_angles = t1_from_flip_angles(ONE_VOXEL, ANGLES, TR)
    two_angles = t1_from_flip_angles(ONE_VOXEL[[0, 2]], (2, 12), TR)

    assert (float(all_angles.t10), float(all_angles.m0)) == pytest.approx((1.323, 13482.2), rel=5e-4)
    assert (float(two_angles.t10), float(two_angles.m0)) == pytest.approx((1.326, 13600.3), rel=5e-4)


def test_b1_brings_flip_angles_to_what_inversion_recovery_says():
    # inversion recovery and flip angles together gave T1 1.0218 s and a B1 factor of 1.1379 in the same voxel
    assert float(t1_from_flip_angles(ONE_VOXEL, ANGLES, TR, b1=1.1379).t10) == pytest.approx(1.0218, rel=0.002)


def test_every_voxel_of_the_phantom_gets_a_t1(phantom):
    signals, mask = phantom

    found = t1_from_flip_angles(signals, ANGLES, TR, mask=mask)

    assert found.voxels == mask.sum()
    assert found.failed < 1e-3 * found.voxels
    assert np.isnan(found.t10[~mask]).all()
    assert np.nanpercentile(found.t10, 1) > 0.2
    assert np.nanpercentile(found.t10, 99) < 2.5


def test_voxels_are_at_the_least_squares_minimum(phantom):
    signals, mask = phantom
    measured = mask & (signals > 0).all(axis=0)
    curves = signals[:, measured][:, :: measured.sum() // 40].astype(float)

    found = t1_from_flip_angles(curves, ANGLES, TR)

    for column, t10, m0 in zip(curves.T, found.t10, found.m0, strict=True):

        def residual(p, column=column):
            return p[1] * spgr_signal(np.exp(p[0]), TR, np.array(ANGLES)) - column

        starts = [(np.log(rate), column.max() * 30) for rate in (0.3, 1, 3, 10)]
        least = min(least_squares(residual, start, x_scale=(1, start[1])).cost for start in starts)
        assert 0.5 * np.sum(residual((-np.log(t10), m0)) ** 2) <= least * 1.0001 + 1e-6

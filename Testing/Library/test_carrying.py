"""Masks keep their volume and place when they are carried to another grid; images keep their values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.alignment.carrying import carried_fraction, carried_image, in_field, inside_fraction
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Grid, Volume

FINE = Grid((60, 64, 50), (1.0, 1.0, 1.1), (-30.0, -32.0, -25.0))
SLAB = Grid((50, 50, 20), (1.8, 1.8, 4.0), (-44.0, -46.0, -38.0))


def ball(grid: Grid, radius: float, centre=(0.0, 0.0, 0.0)) -> np.ndarray:
    k, j, i = np.meshgrid(*(np.arange(n) for n in grid.shape), indexing="ij")
    return np.linalg.norm(grid.positions(np.stack([i, j, k], axis=-1)) - centre, axis=-1) < radius


def millilitres(share: np.ndarray, grid: Grid) -> float:
    return float(share.sum(dtype=float) * grid.voxel_volume / 1000)


def test_on_its_own_grid_a_mask_stays_as_it_is():
    mask = np.zeros(FINE.shape, bool)
    mask[10:20, 12:30, 15:40] = np.random.default_rng(0).random((10, 18, 25)) < 0.3
    share = carried_fraction(mask, FINE, FINE)
    assert share.dtype == np.float32
    np.testing.assert_array_equal(share, mask)


@pytest.mark.parametrize("direction", [(0, 1, 0, 0, 0, 1, 1, 0, 0), (-1, 0, 0, 0, -1, 0, 0, 0, 1)])
def test_axes_in_another_order_are_the_same_voxels(direction):
    grid = Grid((9, 8, 7), (1.0, 1.5, 2.0), (3.0, -4.0, 5.0), direction)
    mask = np.random.default_rng(0).random(grid.shape) < 0.5
    np.testing.assert_array_equal(carried_fraction(mask, grid, grid), mask)


@settings(max_examples=20, deadline=None)
@given(
    st.floats(4.4, 13.0),
    st.tuples(*[st.floats(-12, 12)] * 3),
    st.tuples(*[st.floats(-20, 20)] * 3),
    st.tuples(*[st.floats(-5, 5)] * 3),
)
def test_volume_and_place_are_kept(radius, translation, rotation, centre):
    """From 0.36 cc up."""
    transform = Rigid.of(translation, rotation, (5.0, 0.0, -3.0)).inverse
    mask = ball(FINE, radius, centre)
    share = carried_fraction(mask, FINE, SLAB, transform)
    assert share.min() >= 0 and share.max() <= 1
    assert millilitres(share, SLAB) == pytest.approx(millilitres(mask, FINE), rel=0.01)
    weights = share[share > 0]
    place = np.average(SLAB.positions(np.argwhere(share > 0)[:, ::-1]), axis=0, weights=weights)
    own = FINE.positions(np.argwhere(mask)[:, ::-1].mean(axis=0))
    np.testing.assert_allclose(transform.moved(place), own, atol=0.15)


def test_partial_volume_is_known():
    half = np.zeros(FINE.shape, bool)
    half[:, :, :30] = True  # everything right of x = -0.5
    share = carried_fraction(half, FINE, Grid((5, 1, 1), (2.0, 2.0, 2.0), (-4.5, 0.0, 0.0)))
    np.testing.assert_allclose(share[0, 0], [1, 1, 0.5, 0, 0], atol=0.01)


def test_a_finer_grid_holds_the_same():
    mask = ball(SLAB, 12.0)
    assert millilitres(carried_fraction(mask, SLAB, FINE), FINE) == pytest.approx(millilitres(mask, SLAB), rel=0.01)


def test_nothing_comes_from_outside():
    assert not carried_fraction(np.zeros(FINE.shape, bool), FINE, SLAB).any()
    whole = np.ones(FINE.shape, bool)
    assert not carried_fraction(whole, FINE, SLAB, Rigid.of((500.0, 0, 0))).any()
    assert millilitres(carried_fraction(whole, FINE, SLAB), SLAB) == pytest.approx(60 * 64 * 55 / 1000, rel=0.01)


def test_how_much_lies_in_the_field_of_view():
    mask = ball(FINE, 8.0)
    assert inside_fraction(mask, FINE, SLAB) == 1
    bottom = SLAB.origin[2] - 0.5 * SLAB.spacing[2]
    assert inside_fraction(mask, FINE, SLAB, Rigid.of((0, 0, -bottom))) == pytest.approx(0.5, abs=0.03)
    assert inside_fraction(mask, FINE, SLAB, Rigid.of((0, 0, 300.0))) == 0


def test_which_voxels_lie_in_the_field_of_view():
    assert in_field(FINE, FINE).all()
    shift = Rigid.of((0.0, 10.0, 0.0))
    seen = in_field(FINE, FINE, shift)
    assert seen[:, :54].all() and not seen[:, 54:].any()


def test_an_image_keeps_its_values_where_it_was_seen():
    k, j, i = np.meshgrid(*(np.arange(n) for n in FINE.shape), indexing="ij")
    slope = np.array([1.0, -2.0, 0.5])
    image = Volume((FINE.positions(np.stack([i, j, k], axis=-1)) @ slope).astype(np.float32), FINE, source="here")
    transform = Rigid.of((3.0, -4.0, 2.0), (5.0, 6.0, -7.0))
    onto = Grid((20, 22, 9), (1.8, 1.8, 4.0), (-17.0, -19.0, -14.0))
    seen = carried_image(image, onto, transform)
    k, j, i = np.meshgrid(*(np.arange(n) for n in onto.shape), indexing="ij")
    expected = transform.moved(onto.positions(np.stack([i, j, k], axis=-1))) @ slope
    np.testing.assert_allclose(seen.array, expected, atol=1e-3)
    assert (seen.grid, seen.source) == (onto, "here")
    beyond = carried_image(image, Grid((3, 1, 1), (1.0, 1.0, 1.0), (28.0, 0.0, 0.0)))
    np.testing.assert_array_equal(np.isnan(beyond.array[0, 0]), [False, False, True])


def test_bad_input_is_refused_in_words():
    for function in (carried_fraction, inside_fraction):
        with pytest.raises(InputError, match=r"shaped \(2, 2, 2\) but its grid"):
            function(np.ones((2, 2, 2), bool), FINE, SLAB)
    with pytest.raises(InputError, match="mask is empty"):
        inside_fraction(np.zeros(FINE.shape, bool), FINE, SLAB)

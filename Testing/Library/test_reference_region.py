"""The reference is white matter opposite the lesion, clear of lesions and vessels, movable, and refused when there is
none."""

from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.errors import Cancelled, InputError, NoAnswerError
from PerfusionRatioLib.phantom.head_phantom import HeadPhantom
from PerfusionRatioLib.phantom.lesions import Lesion
from PerfusionRatioLib.phantom.post_contrast import PostContrast, make_post_contrast, t1_grid
from PerfusionRatioLib.phantom.scene import Scene
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.segmentation.midsagittal import MidsagittalPlane
from PerfusionRatioLib.segmentation.reference_candidates import FROM_SURFACE, Candidates
from PerfusionRatioLib.segmentation.reference_region import (
    ReferenceRegion,
    find_reference,
    given_reference,
    reference_on_dce,
)
from PerfusionRatioLib.segmentation.white_matter import WhiteMatter
from PerfusionRatioLib.series import Grid, Volume

GRID = t1_grid(2.0)
DCE = Grid((110, 120, 26), (1.8, 1.8, 4.0), (-98.0, -98.0, -30.0))
PLANE = MidsagittalPlane(np.zeros(3), np.array([1.0, 0.0, 0.0]), 1.0)
LEFT_PARIETAL = np.array([32.0, 44.0, 42.0])
"""LPS millimetres."""


class Patient:
    """A head with lesions, and what is true of it."""

    def __init__(self, *lesions: Lesion):
        self.phantom = HeadPhantom(lesions)
        made: PostContrast = make_post_contrast(self.phantom, GRID)
        self.image, self.lesions = made.volume, made.lesions

    def truth(self, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
        """The share of white matter, and of lesions and vessels, in each voxel."""
        names = [tissue.name for tissue in self.phantom.tissues]
        bad = [name for name in names if name in ("artery", "sinus") or name.startswith(("lesion", "core"))]
        shares = Scene(self.phantom, grid, np.eye(4), duration=1.0).fractions("white", *bad)
        return shares["white"], sum(shares[name] for name in bad)


@pytest.fixture(scope="module")
def patient() -> Patient:
    return Patient(Lesion("left parietal", volume=5.0, core=0.35), Lesion("right frontal", volume=3.0))


@pytest.fixture(scope="module")
def reference(patient) -> ReferenceRegion:
    return find_reference(patient.image, patient.lesions[0], patient.lesions[1])


def is_clean(mask: np.ndarray, grid: Grid, patient: Patient) -> None:
    white, bad = patient.truth(grid)
    assert np.mean(white[mask] > 0.5) > 0.95
    assert bad[mask].max() < 0.05


def test_it_is_white_matter_opposite_the_lesion(patient, reference):
    is_clean(reference.mask, GRID, patient)
    assert reference.millilitres == pytest.approx(25.0, abs=0.01)
    assert (reference.origin, reference.notes) == ("mirrored", ())
    opposite = LEFT_PARIETAL * (-1, 1, 1)
    assert np.linalg.norm(reference.centre - opposite) < 15
    positions = GRID.positions(np.argwhere(reference.mask)[:, ::-1])
    assert np.linalg.norm(positions - reference.centre, axis=1).max() < 36
    np.testing.assert_allclose(positions.mean(axis=0), reference.centre)


def test_it_keeps_its_margin_from_every_lesion(patient, reference):
    positions = GRID.positions(np.argwhere(reference.mask)[:, ::-1])
    lesions = GRID.positions(np.argwhere(patient.lesions[0] | patient.lesions[1])[:, ::-1])
    nearest = min(np.linalg.norm(lesions - place, axis=1).min() for place in positions[::5])
    assert nearest > 10


def test_every_run_gives_the_same(patient, reference):
    again = find_reference(patient.image, patient.lesions[0], patient.lesions[1])
    np.testing.assert_array_equal(again.mask, reference.mask)


def test_it_lies_in_whole_voxels_of_the_series(patient, reference):
    carried = reference_on_dce(reference, DCE)
    is_clean(carried.mask, DCE, patient)
    assert carried.grid == DCE
    assert 750 < np.count_nonzero(carried.mask) < 1930  # what 25 ml would be, were all of its voxels whole
    assert carried.notes == ()
    vessels = np.zeros(DCE.shape, bool)
    vessels[:, :, ::2] = True
    spared = reference_on_dce(reference, DCE, vessels=vessels)
    np.testing.assert_array_equal(spared.mask, carried.mask & ~vessels)


def test_it_follows_the_transform(reference):
    there = Rigid.of((4.0, -3.0, 6.0), (0.0, 0.0, 10.0))
    carried = reference_on_dce(reference, DCE, there)
    np.testing.assert_allclose(there.moved(carried.centre), reference.centre, atol=1.5)


def test_a_small_reference_takes_voxels_that_are_nearly_whole():
    small = np.zeros(GRID.shape, bool)
    small[60:63, 60:66, 60:66] = True
    carried = reference_on_dce(given_reference(small, GRID), DCE)
    assert np.count_nonzero(carried.mask) > 0
    assert "lie in it by 75% were taken" in carried.notes[0]
    with pytest.raises(NoAnswerError, match="out of its field of view"):
        reference_on_dce(replace(given_reference(small, GRID), origin="moved"), DCE, Rigid.of((900.0, 0, 0)))


def test_a_reference_drawn_on_one_thin_slice_is_refused_with_what_helps():
    slice_ = np.zeros(GRID.shape, bool)
    slice_[60, 40:70, 40:70] = True
    with pytest.raises(
        NoAnswerError, match=r"fills no voxel of the series by 75%.* draw it larger, over several slices"
    ):
        reference_on_dce(given_reference(slice_, GRID), DCE)


@pytest.mark.parametrize("beyond", [45.0, 46.5, 48.0, 52.0])
def test_margins_hold_beside_what_is_searched(beyond):
    """The surface of the brain lies just within, or just beyond, the 45 mm that are searched."""
    grid = Grid((120, 60, 60), (1.0, 1.0, 1.0))
    x = grid.positions(np.moveaxis(np.indices(grid.shape)[::-1], 0, -1))[..., 0]
    target = np.array([60.0, 30.0, 30.0])
    brain = x < target[0] + beyond
    white = WhiteMatter(Volume(np.ones(grid.shape, np.float32), grid), 0.9, 1.1, 1.2)
    within = x > target[0] + 30
    candidates = Candidates(Volume(brain.astype(np.float32), grid), brain, np.zeros_like(brain), white, within, 10.0)
    found = candidates.grown(target, 20.0, None, 0)
    assert found.any()
    assert x[found].max() <= target[0] + beyond - FROM_SURFACE


def test_the_user_may_move_it(patient):
    wanted = np.array([30.0, -20.0, 28.0])
    moved = find_reference(patient.image, patient.lesions[0], patient.lesions[1], centre=wanted, volume_ml=2.0)
    is_clean(moved.mask, GRID, patient)
    assert moved.origin == "moved"
    assert moved.millilitres == pytest.approx(2.0, abs=0.01)
    assert np.linalg.norm(moved.centre - wanted) < 15


def test_it_may_be_kept_within_the_field_of_view(patient):
    upper = np.zeros(GRID.shape, bool)
    upper[-50:] = True
    found = find_reference(patient.image, patient.lesions[0], patient.lesions[1], within=upper, plane=PLANE)
    assert found.mask[-50:].any() and not found.mask[:-50].any()


def test_a_lesion_over_the_middle_is_told():
    patient = Patient(Lesion((5.0, -45.0, 42.0), volume=6.0))
    found = find_reference(patient.image, patient.lesions[0], plane=PLANE)
    is_clean(found.mask, GRID, patient)
    assert "because the lesion lies on both sides" in found.notes[0]
    assert "from the left side" in found.notes[0]  # most of the lesion is on the right
    assert found.centre[0] > 0


def test_a_mirror_image_that_meets_a_lesion_is_told():
    patient = Patient(Lesion("left parietal", volume=2.0), Lesion((34.0, -42.0, 40.0), volume=5.0))
    found = find_reference(patient.image, patient.lesions[0], patient.lesions[1], plane=PLANE)
    is_clean(found.mask, GRID, patient)
    assert "because its mirror image meets a lesion" in found.notes[0]
    assert found.centre[0] > 0  # the left side holds less


def test_where_there_is_none_it_is_refused_in_words(patient):
    lesion = patient.lesions[0]
    little = np.zeros(GRID.shape, bool)
    little[70:72, 60:64, 40:44] = True
    with pytest.raises(NoAnswerError, match=r"Only 0\.\d ml .* on the other side .* give the reference by a mask"):
        find_reference(patient.image, lesion, within=little, plane=PLANE)
    with pytest.raises(NoAnswerError, match="around the centre given"):
        find_reference(patient.image, lesion, centre=np.array([500.0, 0.0, 0.0]))
    flat = replace(patient.image, array=np.full(GRID.shape, 9.0, np.float32))
    with pytest.raises(NoAnswerError, match="No brain was found"):
        find_reference(flat, lesion)
    with pytest.raises(NoAnswerError, match="shows no tissues"):
        find_reference(flat, lesion, brain=np.ones(GRID.shape, bool))


def test_bad_input_is_refused_in_words(patient):
    lesion, off = patient.lesions[0], np.ones((2, 2, 2), bool)
    with pytest.raises(InputError, match=r"mask 'others' is shaped \(2, 2, 2\)"):
        find_reference(patient.image, lesion, off)
    with pytest.raises(InputError, match="lesion is empty"):
        find_reference(patient.image, np.zeros(GRID.shape, bool))
    with pytest.raises(InputError, match="positive volume"):
        find_reference(patient.image, lesion, volume_ml=0.0)
    with pytest.raises(InputError, match="reference given is empty"):
        given_reference(np.zeros(GRID.shape, bool), GRID)
    with pytest.raises(InputError, match="give one on the same grid"):
        given_reference(off, GRID)
    with pytest.raises(InputError, match="mask of vessels"):
        reference_on_dce(given_reference(lesion, GRID), DCE, vessels=off)


def test_it_can_be_stopped(patient):
    with pytest.raises(Cancelled):
        find_reference(patient.image, patient.lesions[0], progress=lambda fraction, what: False)

"""What another T10 at follow-up does to the ratios, against the exact conversion; and where lesions lie."""

import numpy as np
import pytest

from PerfusionRatioLib.acquisition import Acquisition, Known
from PerfusionRatioLib.comparison.matching import FAR, gap, moved_note, renamed_notes
from PerfusionRatioLib.comparison.t10_shift import (
    SHORT_LESION,
    USUAL_LESION,
    USUAL_WHITE,
    assumed_t10_factor,
    assumed_t10_note,
    t10_shift,
)
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.series import Grid
from PerfusionRatioLib.signal.spoiled_gradient_echo import concentration_from_signal, spgr_signal

SEQUENCE = Acquisition(repetition_time=Known(0.005, "test"), flip_angle=Known(15.0, "test"))
MASKS = np.array([[[True, True, False, False]]]), np.array([[[False, False, True, True]]])
"""Lesion and normal brain on a grid of four voxels."""


def maps(lesion: float, normal: float) -> np.ndarray:
    return np.array([[[lesion, lesion, normal, normal]]])


def shift_of(before: tuple[float, float], now: tuple[float, float], acquisition: Acquisition = SEQUENCE):
    return t10_shift((maps(*before), maps(*now)), (MASKS[0], MASKS[0]), (MASKS[1], MASKS[1]), acquisition)


def converted(t10_true: float, t10_taken: float, concentration: float, sequence=(0.005, 15.0)) -> float:
    """A concentration as it comes out of its signal with another T10 than the tissue has."""
    curve = np.array([0, 0, 0, concentration], float)
    signal = spgr_signal(1 / t10_true + 4.5 * curve, *sequence)
    found = concentration_from_signal(
        np.float64(signal).reshape(4, 1, 1, 1), slice(0, 3), t10_taken, *sequence, 4.5
    ).array
    return float(found[3, 0, 0, 0])


@pytest.mark.parametrize(
    ("before", "now"), [((1.4, 0.95), (0.7, 0.95)), ((1.2, 0.9), (1.5, 1.0)), ((1.4, 0.95), (1.4, 1.2))]
)
def test_the_effect_is_that_of_the_exact_conversion_of_a_small_enhancement(before, now):
    """The ratio at follow-up with the T10 of the first visit, relative to that with its own."""
    small = 0.01
    with_first = [converted(own, first, small) / small for first, own in zip(before, now, strict=True)]
    expected = with_first[0] / with_first[1] - 1
    assert shift_of(before, now).effect == pytest.approx(expected, rel=0.02)


def test_the_same_t10_at_both_visits_is_no_shift():
    shift = shift_of((1.4, 0.95), (1.4, 0.95))
    assert (shift.lesion, shift.reference) == ((1.4, 1.4), (0.95, 0.95))
    assert shift.effect == 0
    assert shift.sentence == ""


def test_a_shift_common_to_lesion_and_reference_is_told_though_it_nearly_cancels():
    shift = shift_of((1.0, 1.0), (1.3, 1.3))
    assert shift.effect == 0
    assert (
        "T10 changed between the visits, by +30% in the lesion (1.00 to 1.30 s) and by +30% in normal" in shift.sentence
    )


def test_a_shift_of_the_lesion_is_told_with_its_effect():
    shift = shift_of((1.4, 0.95), (0.7, 0.95))
    assert shift.sentence.endswith(f"the ratios at follow-up would be {shift.effect:+.0%} different.")
    assert shift.effect < -0.3


def test_voxels_without_a_t10_do_not_count():
    before, now = maps(1.4, 0.95), maps(1.4, 0.95)
    before[..., 0], now[..., 1], now[..., 2] = np.nan, 0.0, np.inf
    shift = t10_shift((before, now), (MASKS[0], MASKS[0]), (MASKS[1], MASKS[1]), SEQUENCE)
    assert (shift.lesion, shift.reference) == ((1.4, 1.4), (0.95, 0.95))


@pytest.mark.parametrize(
    "acquisition",
    [Acquisition(), Acquisition(repetition_time=Known(0.005, "test")), Acquisition(flip_angle=Known(15.0, "test"))],
)
def test_without_tr_or_flip_angle_nothing_is_said(acquisition):
    assert shift_of((1.4, 0.95), (0.7, 0.95), acquisition) is None


def test_without_a_t10_in_a_region_nothing_is_said():
    assert shift_of((np.nan, 0.95), (0.7, 0.95)) is None


def acquired(repetition_time: float, flip_angle: float) -> Acquisition:
    return Acquisition(Known(repetition_time, "test"), Known(flip_angle, "test"))


@pytest.mark.parametrize(
    ("sequence", "factor"), [((0.005, 15.0), 1.764), ((0.005, 10.0), 1.865), ((0.0038, 25.0), 1.695)]
)
@pytest.mark.parametrize("assumed", [0.9, 1.4, 2.0])
def test_one_t10_for_all_tissue_reads_ratios_too_high_by_the_factor(sequence, factor, assumed):
    """As the exact conversion of a small enhancement has it, whatever value is assumed."""
    assert assumed_t10_factor(acquired(*sequence)) == pytest.approx(factor, abs=1e-3)
    white = converted(USUAL_WHITE, assumed, 0.002, sequence)
    for own in (USUAL_LESION, SHORT_LESION):
        factor = assumed_t10_factor(acquired(*sequence), own)
        assert converted(own, assumed, 0.002, sequence) / white == pytest.approx(factor, rel=0.01)


def test_where_the_signal_grows_with_r1_alone_the_factor_is_that_of_the_t10():
    """With a large flip angle and a short TR, S is proportional to R1, so relative enhancement is to T10."""
    assert assumed_t10_factor(acquired(0.001, 90.0)) == pytest.approx(USUAL_LESION / USUAL_WHITE, rel=1e-3)


def test_without_tr_or_flip_angle_there_is_no_factor():
    assert assumed_t10_factor(Acquisition(repetition_time=Known(0.005, "test"))) is None
    assert assumed_t10_factor(Acquisition(flip_angle=Known(15.0, "test"))) is None


def test_what_an_assumed_t10_does_is_told_with_its_factor():
    assert assumed_t10_note("at follow-up", 1.4, 1.764, 0.497) == (
        "At follow-up T10 was assumed to be 1.4 s everywhere: where the lesion has 1.5 s and white matter 0.9 s, as is "
        "usual at 3 T, ratios are read 1.8 times too high; where blood products or melanin leave the lesion 0.5 s, at "
        "0.5 times their value, so that hyperperfusion may be missed; map T10 to be sure of ratios near the threshold."
    )


GRID = Grid((40, 40, 40))
THERE = Rigid.of((30.0, -20.0, 10.0), (10.0, 0.0, 20.0))
"""How the head lies at the other visit."""


def cube(low: int, high: int) -> np.ndarray:
    mask = np.zeros(GRID.shape, bool)
    mask[low:high, low:high, low:high] = True
    return mask


def lying_there() -> Grid:
    """``GRID`` as it lies at the other visit."""
    matrix = THERE.matrix
    return Grid(GRID.size, GRID.spacing, tuple(THERE.moved(np.zeros(3))), tuple(matrix[:3, :3].ravel()))


def test_a_lesion_that_stayed_and_grew_is_one_lesion():
    assert gap(cube(10, 20), GRID, cube(8, 30), lying_there(), THERE) < 1
    assert moved_note(FAR) == ()


def test_the_gap_is_the_way_from_the_centre_to_the_nearest_voxel():
    assert gap(cube(10, 11), GRID, cube(20, 25), lying_there(), THERE) == pytest.approx(10 * np.sqrt(3))
    assert "lies 17 mm from where it was before radiosurgery" in moved_note(10 * np.sqrt(3))[0]


def test_lesions_of_one_place_under_two_names_are_told():
    there = lying_there()
    vanished = {"a": (cube(10, 14), GRID), "far": (cube(30, 34), GRID)}
    notes = renamed_notes(vanished, {"b": (cube(9, 15), there)}, THERE)
    assert notes == (
        "'a' (before radiosurgery only) and 'b' (at follow-up only) lie at the same place: give them one name if they "
        "are one lesion.",
    )
    assert renamed_notes(vanished, {}, THERE) == ()

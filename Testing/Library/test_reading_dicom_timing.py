"""When each frame of a DICOM series was acquired, from whichever tag tells, and never from none."""

import datetime
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.acquisition import Known
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.reading import read_dce
from PerfusionRatioLib.reading.dicom_clock import clock_times, seconds_of_date_time, seconds_of_day
from Testing.Library.dicom_files import INTERVAL, ramp, write_series

GIVEN = Known(12.0, "command line")


def without_trigger_time(edit=lambda dataset, t, k: None):
    def apply(dataset, t, k):
        del dataset.TriggerTime
        edit(dataset, t, k)

    return apply


def clock(seconds: float) -> str:
    return (datetime.datetime(2024, 2, 29) + datetime.timedelta(seconds=seconds)).strftime("%H%M%S.%f")


def read_timed(tmp_path, edit, **keywords):
    write_series(tmp_path, edit=edit)
    series = read_dce(tmp_path, **keywords)
    np.testing.assert_array_equal(series.signal, ramp())
    return series


def test_temporal_position_times_resolution(tmp_path):
    def edit(dataset, t, k):
        dataset.TemporalPositionIdentifier = t + 1
        dataset.TemporalResolution = 7500.0

    times = read_timed(tmp_path, without_trigger_time(edit)).times
    np.testing.assert_allclose(times.value, 7.5 * np.arange(4))
    assert times.origin == "DICOM TemporalPositionIdentifier with TemporalResolution"


@pytest.mark.parametrize("keyword", ["AcquisitionTime", "ContentTime"])
def test_time_of_day(tmp_path, keyword):
    edit = without_trigger_time(lambda dataset, t, k: setattr(dataset, keyword, clock(36000 + 6.25 * t)))
    times = read_timed(tmp_path, edit).times
    np.testing.assert_allclose(times.value, 6.25 * np.arange(4))
    assert times.origin == f"DICOM {keyword}"


def test_acquisition_date_time(tmp_path):
    def edit(dataset, t, k):
        dataset.AcquisitionDateTime = "20240229" + clock(36000 + 6.25 * t) + "+0100"

    times = read_timed(tmp_path, without_trigger_time(edit)).times
    np.testing.assert_allclose(times.value, 6.25 * np.arange(4))
    assert times.origin == "DICOM AcquisitionDateTime"


@pytest.mark.parametrize("dates", [("20240229", "20240301"), ("20240229", "20240229"), ("", "")])
def test_a_series_across_midnight_goes_on(tmp_path, dates):
    def edit(dataset, t, k):
        dataset.AcquisitionTime = clock(86400 - 10 + 6.0 * t)
        dataset.AcquisitionDate = dates[int(6.0 * t >= 10)]

    series = read_timed(tmp_path, without_trigger_time(edit))
    np.testing.assert_allclose(series.times.value, 6.0 * np.arange(4))
    assert series.notes == ("The series crosses midnight.",)


def test_a_tag_that_is_the_same_in_all_frames_gives_way_to_the_next(tmp_path):
    def edit(dataset, t, k):
        dataset.TriggerTime = 0
        dataset.AcquisitionTime = clock(36000)
        dataset.ContentTime = clock(36000 + 8 * t)

    assert read_timed(tmp_path, edit).times.origin == "DICOM ContentTime"


def test_a_tag_that_makes_no_series_gives_way_to_the_next(tmp_path):
    def edit(dataset, t, k):
        dataset.TriggerTime = 20 * t  # a delay after the heart beat
        dataset.AcquisitionTime = clock(36000 + 8 * t)

    assert read_timed(tmp_path, edit).times.origin == "DICOM AcquisitionTime"


def test_a_tag_that_makes_no_series_does_not_order_the_frames_either(tmp_path):
    series = read_timed(tmp_path, lambda dataset, t, k: setattr(dataset, "TriggerTime", (300, 100, 400, 200)[t]))
    assert series.times is None
    assert "TriggerTime: making the series last 0.3 s" in series.notes[0]
    assert series.notes[1] == "The frames were ordered by InstanceNumber."


def test_a_time_of_day_missing_in_one_file_is_not_filled_in(tmp_path):
    def edit(dataset, t, k):
        if (t, k) != (1, 1):
            dataset.AcquisitionTime = clock(36000 + 8 * t)

    series = read_timed(tmp_path, without_trigger_time(edit))
    assert series.times is None
    assert "AcquisitionTime: missing in some files" in series.notes[0]


def test_two_tags_that_disagree_are_told(tmp_path):
    series = read_timed(tmp_path, lambda dataset, t, k: setattr(dataset, "AcquisitionTime", clock(36000 + 9 * t)))
    assert series.times.origin == "DICOM TriggerTime"
    assert series.notes == ("AcquisitionTime makes the series last 27 s, TriggerTime 15 s; TriggerTime is used.",)


def test_slices_acquired_one_after_another_get_the_time_of_the_first(tmp_path):
    edit = without_trigger_time(lambda dataset, t, k: setattr(dataset, "AcquisitionTime", clock(9000 + 6 * t + 2 * k)))
    series = read_timed(tmp_path, edit)
    np.testing.assert_allclose(series.times.value, 6.0 * np.arange(4))
    assert series.notes[0].startswith("The slices of a frame were acquired within 4 s;")


def test_times_are_never_invented(tmp_path):
    """Constant times and nothing else: the order comes from InstanceNumber and the times stay unknown."""

    def edit(dataset, t, k):
        dataset.AcquisitionTime = dataset.ContentTime = clock(36000)

    series = read_timed(tmp_path, without_trigger_time(edit))
    assert series.times is None
    assert series.notes == (
        "No tag tells when each frame was acquired (TriggerTime, TemporalPositionIdentifier with TemporalResolution, "
        "AcquisitionDateTime: missing; AcquisitionTime, ContentTime: the same in all frames): "
        "give the times with --times.",
        "The frames were ordered by InstanceNumber.",
    )
    with pytest.raises(InputError, match="give the seconds between frames"):
        series.require_times()


def test_given_times_stand_in_for_missing_ones(tmp_path):
    series = read_timed(tmp_path, without_trigger_time(), times=GIVEN)
    np.testing.assert_allclose(series.times.value, 12.0 * np.arange(4))
    assert series.times.origin == "command line"
    assert series.notes == ("The frames were ordered by InstanceNumber.",)


def test_frames_numbered_slice_by_slice_are_ordered(tmp_path):
    edit = without_trigger_time(lambda dataset, t, k: setattr(dataset, "InstanceNumber", 4 * (2 - k) + t + 1))
    assert read_timed(tmp_path, edit).times is None


@pytest.mark.parametrize("keyword", ["TemporalPositionIdentifier", "AcquisitionNumber"])
def test_frames_numbered_by_another_tag_are_ordered_by_it(tmp_path, keyword):
    def edit(dataset, t, k):
        setattr(dataset, keyword, t + 1)
        del dataset.InstanceNumber

    assert read_timed(tmp_path, without_trigger_time(edit)).notes[-1] == f"The frames were ordered by {keyword}."


def test_frames_in_no_order_are_refused(tmp_path):
    numbers = [5, 1, 9, 2, 12, 3, 7, 4, 11, 6, 10, 8]
    edit = without_trigger_time(lambda dataset, t, k: setattr(dataset, "InstanceNumber", numbers[3 * t + k]))
    write_series(tmp_path, edit=edit)
    with pytest.raises(InputError, match=r"No tag tells the order of the frames \(InstanceNumber: mixing slices"):
        read_dce(tmp_path)


@pytest.mark.parametrize("frame", range(6))
def test_one_missing_trigger_time_among_even_ones_is_repaired(tmp_path, frame):
    def edit(dataset, t, k):
        if t == frame:
            del dataset.TriggerTime

    write_series(tmp_path, ramp(frames=6), edit=edit)
    series = read_dce(tmp_path)
    np.testing.assert_array_equal(series.signal, ramp(frames=6))
    np.testing.assert_allclose(series.times.value, INTERVAL * np.arange(6))
    assert series.notes == (
        f"TriggerTime is missing in 3 of 18 files; it was taken as {5000 * frame} ms, "
        "the place the evenly spaced others leave.",
    )


def test_a_missing_trigger_time_is_taken_from_the_other_slices(tmp_path):
    uneven = (0, 5000, 7000, 15000)

    def edit(dataset, t, k):
        dataset.TriggerTime = uneven[t]
        if (t, k) in ((2, 1), (3, 2)):
            del dataset.TriggerTime

    series = read_timed(tmp_path, edit)
    np.testing.assert_allclose(series.times.value, np.array(uneven) / 1000)
    assert series.notes == (
        "TriggerTime is missing in 2 of 12 files; it was taken from the other slices of the same frame.",
    )


def _lacks(*frames, times=None, numbers=None):
    def edit(dataset, t, k):
        if times is not None:
            dataset.TriggerTime = times[t]
        if numbers is not None:
            dataset.InstanceNumber = 3 * numbers[t] + k
        if t in frames:
            del dataset.TriggerTime

    return edit


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (_lacks(1, 2), "missing in 6 of 12 files and cannot be worked out from the others"),
        (_lacks(2, times=(0, 5000, 0, 22000)), "which are not evenly spaced"),
        (_lacks(3, times=(0, 5000, 12000, 0)), "which are not evenly spaced"),
        (_lacks(0, times=(0, 2000, 7000, 12000)), "which are not evenly spaced"),  # it would be before zero
        (_lacks(3, numbers=(3, 1, 2, 0)), "which are not evenly spaced"),  # numbers in another order than times
    ],
)
def test_missing_trigger_times_with_more_than_one_possibility_are_refused(tmp_path, edit, reason):
    write_series(tmp_path, edit=edit)
    with pytest.raises(InputError, match=re.escape(reason)) as raised:
        read_dce(tmp_path)
    assert str(raised.value).startswith("TriggerTime is missing in")
    assert str(raised.value).endswith("no other tag tells the times: give them with --times.")


def test_given_times_stand_in_for_a_trigger_time_that_cannot_be_worked_out(tmp_path):
    series = read_timed(tmp_path, _lacks(1, 2), times=GIVEN)
    np.testing.assert_allclose(series.times.value, 12.0 * np.arange(4))


def test_another_tag_stands_in_for_a_trigger_time_that_cannot_be_worked_out(tmp_path):
    def edit(dataset, t, k):
        _lacks(1, 2)(dataset, t, k)
        dataset.AcquisitionTime = clock(36000 + 8 * t)

    assert read_timed(tmp_path, edit).times.origin == "DICOM AcquisitionTime"


@pytest.mark.parametrize("keyword", ["TriggerTime", "TemporalPositionIdentifier"])
def test_two_images_at_each_time_and_slice_are_refused(tmp_path, keyword):
    """Such as label and control, magnitude and phase, or two echoes."""

    def edit(dataset, t, k):
        dataset.TriggerTime = 0
        setattr(dataset, keyword, 10000 * (t // 2) + 1)
        dataset.EchoTime = 2.1 + 2 * (t % 2)

    write_series(tmp_path, ramp(frames=6), edit=edit)
    with pytest.raises(InputError) as raised:
        read_dce(tmp_path)
    assert str(raised.value) == (
        f"Each slice has 2 images at each of 3 values of {keyword}, told apart by EchoTime: the series mixes several "
        "kinds of image; export the one with the dynamic signal alone."
    )


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59), st.integers(0, 999999))
def test_every_time_of_day_is_understood(hours, minutes, seconds, micro):
    expected = 3600 * hours + 60 * minutes + seconds + micro / 1e6
    text = f"{hours:02d}{minutes:02d}{seconds:02d}.{micro:06d}"
    assert seconds_of_day(text) == pytest.approx(expected)
    assert seconds_of_day(f"{text[:2]}:{text[2:4]}:{text[4:]}") == pytest.approx(expected)
    assert seconds_of_day(text[:6]) == 3600 * hours + 60 * minutes + seconds
    assert seconds_of_day(text[:4]) == 3600 * hours + 60 * minutes


@given(
    st.datetimes(datetime.datetime(1990, 1, 1), datetime.datetime(2090, 1, 1)),
    st.timedeltas(datetime.timedelta(), datetime.timedelta(hours=11)),
)
def test_moments_lie_as_far_apart_as_they_are(start, later):
    moments = (start, start + later)
    texts = [moment.strftime("%Y%m%d%H%M%S.%f") for moment in moments]
    first, second = (seconds_of_date_time(text) for text in texts)
    assert second - first == pytest.approx(later.total_seconds(), abs=1e-4)
    assert first == seconds_of_date_time(texts[0] + "-0500")
    for dates in ([text[:8] for text in texts], ["", ""]):
        seconds, _ = clock_times(dates, [text[8:] for text in texts])
        assert seconds[1] - seconds[0] == pytest.approx(later.total_seconds(), abs=1e-4)


@pytest.mark.parametrize("text", ["", "noon", "250000", "126100", "-1", "1"])
def test_what_is_no_time_of_day_is_not_a_number(text):
    assert np.isnan(seconds_of_day(text))
    assert np.isnan(seconds_of_date_time("20240230" + text))

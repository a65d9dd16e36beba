"""Frame times on the command line: an interval or a file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.reading import read_times
from PerfusionRatioLib.reading.times import frame_times, gap_notes


@given(st.floats(0.01, 1000))
def test_a_number_is_an_interval(seconds):
    assert read_times(repr(seconds)) == seconds


@given(
    st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=30),
    st.sampled_from(["\n", ",", ", ", "\n\n", ";", " ", "\t"]),
    st.sampled_from(["", "time_s\n", "# seconds\n", "\ufeff"]),
)
def test_a_file_holds_one_time_a_frame(tmp_path_factory, times, separator, heading):
    path = tmp_path_factory.mktemp("times") / "times.txt"
    path.write_text(heading + separator.join(map(repr, times)) + "\n", encoding="utf-8")
    np.testing.assert_array_equal(read_times(str(path)), times)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", "The interval between frames is 0 s (--times); it must be above zero."),
        ("-3", "it must be above zero."),
        ("nan", "it must be above zero."),
        ("soon", "'soon' is neither a number of seconds nor a file with one time a line."),
    ],
)
def test_what_is_no_interval_is_refused(text, found):
    with pytest.raises(InputError) as raised:
        read_times(text)
    assert str(raised.value).endswith(found)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "holds no times; one time in seconds a line is needed."),
        (b"time\n", "holds no times; one time in seconds a line is needed."),
        (b"0\n5\nten\n", "Line 3 of "),
        (b"\xff\xfe\x00\x01", "cannot be read as text; a file with one time in seconds a line is needed."),
    ],
)
def test_files_without_times_are_refused(tmp_path, content, found):
    (tmp_path / "times.txt").write_bytes(content)
    with pytest.raises(InputError) as raised:
        read_times(str(tmp_path / "times.txt"))
    assert found in str(raised.value)


@pytest.mark.parametrize("separator", [",", ";", "\t", " , "])
def test_of_several_columns_the_one_called_time_s_is_taken(tmp_path, separator):
    rows = [("plasma_mM", "time_s", "remark"), ("0.1", "0", "first"), ("0.2", "5", ""), ("0.3", "10", "")]
    (tmp_path / "aif.csv").write_text("\n".join(separator.join(row) for row in rows) + "\n", encoding="utf-8")
    np.testing.assert_array_equal(read_times(str(tmp_path / "aif.csv")), [0, 5, 10])


def test_several_columns_without_time_s_are_refused(tmp_path):
    path = tmp_path / "aif.csv"
    path.write_text("time,plasma_mM\n0,0.1\n5,0.2\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_times(str(path))
    assert str(raised.value) == f"{path} has the columns time, plasma_mM; one called time_s, in seconds, is needed."


@given(st.integers(5, 60), st.data(), st.floats(0.5, 60), st.integers(1, 5))
def test_frames_missing_from_an_even_series_are_told(frames, data, interval, missing):
    first = data.draw(st.integers(1, frames - 1))
    times = np.delete(interval * np.arange(frames + missing), slice(first, first + missing))
    before, after = times[first - 1], times[first]
    assert gap_notes(times) == [f"Frames seem to be missing between {before:g} and {after:g} s."]


@pytest.mark.parametrize(
    "times",
    [
        np.arange(20) * 5.0,
        np.arange(20) * 5.0 + np.tile([0, 0.4], 10),  # a clock that is read late
        np.r_[np.arange(10) * 5.0, 60 + np.arange(10) * 15.0],  # fast frames, then slow ones
        np.r_[np.arange(10) * 5.0, 52.5 + np.arange(10) * 5.0],  # a pause that is no whole frame
        np.array([0.0, 5.0, 15.0]),  # too few to tell
    ],
)
def test_times_of_whole_series_are_not_questioned(times):
    assert gap_notes(times) == []


@given(
    st.lists(st.floats(0.5, 100), min_size=20, max_size=30),
    st.floats(-1e5, 1e5),
)
def test_times_count_from_the_first_frame(steps, start):
    times = start + np.cumsum([0.0, *steps])
    known = frame_times(times, len(times), "given")
    assert known.value[0] == 0
    np.testing.assert_allclose(np.diff(known.value), steps, atol=1e-6)
    assert known.origin == "given"

"""Frame times on the command line: an interval or a file."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.reading import read_times
from PerfusionRatioLib.reading.times import frame_times


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

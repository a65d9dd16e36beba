"""Arterial inputs as files: what is written is read back, and each defect is named."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.aif.from_file import read_aif, write_aif
from PerfusionRatioLib.aif.population import parker
from PerfusionRatioLib.errors import InputError, OutputError

TIMES = np.arange(0, 100, 5.0)


@pytest.fixture
def a_file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "aif.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def table(times=TIMES, values=None, column="plasma_mM"):
    values = np.linspace(0, 5, len(times)) if values is None else values
    return "\n".join([f"time_s,{column}", *(f"{t},{c}" for t, c in zip(times, values, strict=True))])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.floats(-1, 1e3, width=32), min_size=3, max_size=40), st.floats(5, 60))
def test_what_is_written_is_read_back(tmp_path, values, spacing):
    times = np.arange(len(values)) * spacing
    aif = ArterialInput(times, np.array(values), 0.4, "here")
    write_aif(tmp_path / "aif.csv", aif)

    found = read_aif(tmp_path / "aif.csv", times, 0.4)

    np.testing.assert_allclose(found.plasma_concentration, values, rtol=1e-6, atol=1e-6 * max(map(abs, values)))
    assert found.notes == ()


def test_plasma_is_taken_as_it_is(a_file):
    aif = read_aif(a_file(table()), TIMES, 0.45)

    np.testing.assert_allclose(aif.plasma_concentration, np.linspace(0, 5, 20))
    assert aif.haematocrit == 0.45


def test_blood_is_divided_by_one_minus_haematocrit(a_file):
    aif = read_aif(a_file(table(column="blood_mM")), TIMES, 0.5)

    np.testing.assert_allclose(aif.plasma_concentration, 2 * np.linspace(0, 5, 20))


def test_other_columns_order_and_marks_do_not_matter(a_file):
    rows = "\n".join(f"{c},x,{t}" for t, c in zip(TIMES, np.linspace(0, 5, 20), strict=True))

    aif = read_aif(a_file("\ufeffplasma_mM, remark ,time_s\r\n" + rows + "\n\n"), TIMES, 0.45)

    np.testing.assert_allclose(aif.plasma_concentration, np.linspace(0, 5, 20))


def test_other_times_are_interpolated_and_told(a_file):
    fine = np.arange(0, 101, 1.0)
    path = a_file(table(fine, parker(fine).plasma_concentration))

    aif = read_aif(path, TIMES, 0.42)

    np.testing.assert_allclose(aif.plasma_concentration, parker(TIMES).plasma_concentration, atol=1e-6)
    assert aif.notes == ("The 101 samples of the arterial input's file were interpolated on the 20 frames.",)


def test_half_a_frame_may_be_missing_and_is_told(a_file):
    aif = read_aif(a_file(table(TIMES - 2)), TIMES, 0.42)

    assert aif.plasma_concentration[-1] == pytest.approx(5)
    assert aif.notes == (
        "The file of the arterial input ends within half a frame of the series; its nearest value was held.",
        "The 20 samples of the arterial input's file were interpolated on the 20 frames.",
    )


def test_it_knows_where_it_comes_from_and_how_good_it_is(a_file):
    path = a_file(table(values=parker(TIMES, 20).plasma_concentration))

    aif = read_aif(path, TIMES, 0.42)

    assert aif.origin == "from a file"
    assert aif.quality.verdict == "good"
    assert aif.arrival_time == pytest.approx(22, abs=5)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is empty; it needs time_s and plasma_mM or blood_mM"),
        ("time,plasma_mM\n0,1\n5,2", "has the columns time, plasma_mM; it needs time_s and plasma_mM or blood_mM."),
        ("time_s,conc\n0,1\n5,2", "has the columns time_s, conc"),
        ("time_s,plasma_mM", "has fewer than two samples: give a whole curve"),
        ("time_s,plasma_mM\n0,1", "has fewer than two samples: give a whole curve"),
        ("time_s,plasma_mM\n0,1\n5", "Line 3 of the arterial input file aif.csv has 1 values for 2 columns."),
        ("time_s,plasma_mM\n0,1\n5,2,3", "Line 3 of the arterial input file aif.csv has 3 values for 2 columns."),
        (table(values=[*range(19), "nan"]), "1 of 20 samples of the arterial input file aif.csv are not numbers"),
        (table(values=["one", *range(19)]), "(the first in sample 1)"),
        (table(times=TIMES[::-1]), "do not increase at sample 2 (95 s, then 90 s)"),
        (table(times=[0, *TIMES[:-1]]), "do not increase at sample 2 (0 s, then 0 s)"),
        (table(times=TIMES[:15]), "has 15 samples from 0 to 70 s but the series has 20 frames from 0 to 95 s"),
        (table(times=TIMES[5:]), "has 15 samples from 25 to 95 s but the series has 20 frames"),
        (table(times=1000 * TIMES), "lasts 9.5e+04 s; a DCE series lasts between ten seconds and an hour"),
        (table(times=1000 * TIMES), "in seconds, not in milliseconds."),
        (table(times=TIMES / 60), "lasts 1.583 s; a DCE series lasts between ten seconds and an hour"),
        (table(times=TIMES / 60), "in seconds, not in minutes."),
    ],
)
def test_each_defect_is_named(a_file, text, sentence):
    with pytest.raises(InputError) as refusal:
        read_aif(a_file(text), TIMES, 0.42)

    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path, a_file):
    with pytest.raises(InputError, match=r"cannot be read: No such file"):
        read_aif(tmp_path / "none.csv", TIMES, 0.42)
    with pytest.raises(InputError, match=r"cannot be read: it is not a text file"):
        read_aif(a_file("time_s,plasma_mM\né", encoding="latin-1"), TIMES, 0.42)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(OutputError, match=r"cannot be written to .*: No such file"):
        write_aif(tmp_path / "none" / "aif.csv", parker(TIMES))


def test_a_haematocrit_in_per_cent_is_refused(a_file):
    with pytest.raises(InputError, match="The haematocrit is 42"):
        read_aif(a_file(table()), TIMES, 42)

"""The files of a comparison, and the table of ratios."""

import csv
import datetime
import json
from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.export.comparison_folder import write_comparison
from PerfusionRatioLib.export.folder import MARKER, atomic_folder
from PerfusionRatioLib.export.provenance import provenance
from PerfusionRatioLib.export.ratio_table import COLUMNS, ratio_text, write_ratios
from PerfusionRatioLib.export.slugs import slugs
from PerfusionRatioLib.reading import read_map, read_mask, read_volume
from PerfusionRatioLib.reporting import extras
from Testing.Library.comparison_example import BETWEEN_IMAGES, POSES, RADIOSURGERY, example, near_zero


def first_ktrans_near_zero(visit, ratios):
    if visit != "pre":
        return ratios
    items = tuple(near_zero(item) if item.parameter == "ktrans" else item for item in ratios.measurements)
    return replace(ratios, measurements=items)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """One lesion; its rKtrans before radiosurgery has a reference that cannot be told from zero."""
    return example(("Right, frontal",), changed=first_ktrans_near_zero)


@pytest.fixture(scope="module")
def table(comparison, tmp_path_factory) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("table") / "ratios.csv"
    write_ratios(path, comparison)
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def folder(comparison, tmp_path_factory):
    path = tmp_path_factory.mktemp("results") / "out"
    with atomic_folder(path) as work:
        command = ["perfusion-ratio", "compare", "study.toml"]
        dates = {"radiosurgery": RADIOSURGERY, "resection": datetime.date(2023, 7, 20)}
        write_comparison(work, comparison, provenance(command, {}, {}), **dates, report=False)
    return path


def test_the_columns_are_those_promised(table):
    assert tuple(table[0]) == COLUMNS
    assert ",".join(COLUMNS) == (
        "lesion,visit,parameter,statistic,lesion_value,reference_value,ratio,ci_low,ci_high,lesion_voxels,"
        "reference_voxels,flags"
    )


def test_every_measurement_comes_back_from_the_table(table, comparison):
    for visit, at_visit in comparison.lesions[0].visits:
        for item in at_visit.ratios.measurements:
            (row,) = [
                row
                for row in table
                if (row["lesion"], row["visit"], row["parameter"], row["statistic"])
                == ("Right, frontal", visit, item.parameter, item.statistic)
            ]
            assert float(row["lesion_value"]) == pytest.approx(item.lesion_value, rel=1e-5)
            assert float(row["reference_value"]) == pytest.approx(item.reference_value, rel=1e-5)
            assert (float(row["ci_low"]), float(row["ci_high"])) == pytest.approx((item.ci_low, item.ci_high), rel=1e-5)
            assert (int(row["lesion_voxels"]), int(row["reference_voxels"])) == (
                item.lesion_voxels,
                item.reference_voxels,
            )
            if not item.flags:
                assert float(row["ratio"]) == pytest.approx(item.ratio, rel=1e-5)


def test_a_ratio_without_a_limit_has_no_number(table):
    rows = [row for row in table if row["flags"]]
    assert len(rows) == 4
    for row in rows:
        assert (row["visit"], row["parameter"]) == ("pre", "ktrans")
        assert (row["ratio"], row["ci_low"], row["ci_high"]) == ("", "4.1234", "inf")
        assert row["flags"] == "reference-not-distinguishable-from-zero"
    borders = [
        row for row in table if row["visit"] == "pre" and row["statistic"] in ("median_eroded", "median_dilated")
    ]
    assert all((row["ratio"] == "") == (row["parameter"] == "ktrans") for row in borders)


def test_the_enhancing_part_and_the_border_have_rows_of_their_own(table):
    at_follow_up = {(row["parameter"], row["statistic"]) for row in table if row["visit"] == "follow_up"}
    assert {("ktrans", "median_enhancing"), ("vp", "median_eroded"), ("vp", "median_dilated")} <= at_follow_up
    assert ("ktrans", "median_enhancing") not in {
        (row["parameter"], row["statistic"]) for row in table if row["visit"] == "pre"
    }


def test_the_text_shows_intervals_and_the_reading(comparison):
    text = ratio_text(comparison)
    measured = comparison.lesions[0].follow_up.ratios.of("vp")
    before, after = text.splitlines()[2:4]
    assert ">= 4.12 " in before and before.endswith("  hyperperfused")
    assert f"{measured.ratio:.2f} ({measured.ci_low:.2f} to {measured.ci_high:.2f})" in after
    assert text.splitlines()[-1] == f"Right, frontal: {comparison.lesions[0].reading.sentence}"
    assert text.isascii()


def test_every_file_is_there_and_accounted_for(folder):
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    slug = "right-frontal"
    expected = {"ratios.csv", "comparison.json", "pre_t1_to_follow_up_t1.json", MARKER}
    for visit in ("pre", "follow_up"):
        expected |= {f"{visit}/{slug}_{kind}.nii.gz" for kind in ("lesion", "region", "reference")}
        expected |= {f"{visit}/{name}" for name in ("ktrans.nii.gz", "qc.json", "aif.csv", "t1_to_series.json", MARKER)}
    assert expected <= files
    assert set(json.loads((folder / MARKER).read_text())["files"]) == files
    inside = {name.removeprefix("pre/") for name in files if name.startswith("pre/")}
    assert set(json.loads((folder / "pre" / MARKER).read_text())["files"]) == inside


def test_masks_lie_on_the_grids_they_were_made_on(folder, comparison):
    for visit in comparison.visits:
        at_visit = getattr(comparison.lesions[0], visit.name)
        lesion = read_volume(folder / visit.name / "right-frontal_lesion.nii.gz")
        assert lesion.grid.matches(visit.t1.grid)
        assert np.array_equal(lesion.array == 2, at_visit.segmentation.core)
        assert np.array_equal(lesion.array > 0, at_visit.segmentation.mask)
        for kind in ("region", "reference"):
            mask = read_mask(folder / visit.name / f"right-frontal_{kind}.nii.gz", visit.grid)
            assert np.array_equal(mask, getattr(at_visit, kind))
        ktrans = read_map(folder / visit.name / "ktrans.nii.gz", visit.grid)
        assert np.array_equal(ktrans, visit.visit.maps.ktrans, equal_nan=True)


def test_transforms_lead_the_way_their_names_say(folder):
    between = np.array(json.loads((folder / "pre_t1_to_follow_up_t1.json").read_text())["matrix"])
    assert np.allclose(between @ POSES["pre"].matrix, POSES["follow_up"].matrix)
    to_series = np.array(json.loads((folder / "pre" / "t1_to_series.json").read_text())["matrix"])
    assert np.allclose(to_series @ BETWEEN_IMAGES.matrix, np.eye(4))


def test_the_account_holds_readings_and_no_names(folder, comparison):
    text = (folder / "comparison.json").read_text(encoding="utf-8")
    account = json.loads(text)
    (lesion,) = account["lesions"]
    made = comparison.lesions[0]
    dates = {"pre": "2023-01-10", "radiosurgery": "2023-01-20", "follow_up": "2023-07-04", "resection": "2023-07-20"}
    assert account["dates"] == dates
    assert lesion["reading"] == {
        "conclusion": str(made.reading.conclusion),
        "sentence": made.reading.sentence,
        "why": made.reading.why,
    }
    assert lesion["status"] == "both" and lesion["files"] == "right-frontal"
    assert lesion["visits"]["pre"]["verdict"]["perfusion"] == "hyperperfused"
    ktrans = lesion["visits"]["pre"]["ratios"][0]
    assert (ktrans["ratio"], ktrans["interval"], ktrans["unbounded"]) == (None, [4.1234, None], True)
    assert lesion["visits"]["follow_up"]["size"]["volume_ml"] == pytest.approx(made.follow_up.size.volume_ml)
    assert [change["parameter"] for change in lesion["changes"]] == ["ktrans", "vp"]
    assert account["arterial_inputs"]["agree"] is comparison.aif.agree
    assert "patient" not in text


def test_a_lesion_of_one_visit_has_files_of_that_visit_only(tmp_path):
    only_before = example(missing=("follow_up", "right frontal"))
    write_comparison(tmp_path, only_before, provenance(["perfusion-ratio", "compare"], {}, {}), report=False)
    assert (tmp_path / "pre" / "right-frontal_lesion.nii.gz").exists()
    assert not list((tmp_path / "follow_up").glob("right-frontal*"))
    assert json.loads((tmp_path / "comparison.json").read_text())["lesions"][0]["status"] == "vanished"


def test_nothing_is_left_where_the_report_cannot_be_made(tmp_path, comparison, monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with (
        pytest.raises(InputError, match=r"jinja2 and matplotlib, which are not installed"),
        atomic_folder(tmp_path / "out") as work,
    ):
        write_comparison(work, comparison, provenance(["perfusion-ratio", "compare"], {}, {}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Left frontal"], ["left-frontal"]),
        (["../etc/passwd"], ["etc-passwd"]),
        (["Läsion 1", "lasion-1"], ["lasion-1", "lasion-1-2"]),
        (["病変", "?"], ["lesion-1", "lesion-2"]),
        (["a-2", "A", "a"], ["a-2", "a", "a-3"]),
    ],
)
def test_names_become_file_names_that_differ(names, expected):
    assert list(slugs(names)) == expected

"""Provenance says what was run, on what, with which values and from where."""

import hashlib
import json

import numpy as np
import pytest

from PerfusionRatioLib import __version__
from PerfusionRatioLib.acquisition import Known
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.export.json_text import json_text
from PerfusionRatioLib.export.provenance import checksum, provenance


def test_a_files_checksum_is_its_sha256(tmp_path):
    (tmp_path / "dce.nii").write_bytes(b"signal")
    assert checksum(tmp_path / "dce.nii") == hashlib.sha256(b"signal").hexdigest()


def test_a_folders_checksum_follows_its_files_and_not_where_it_lies(tmp_path):
    for name in ("first", "second"):
        (tmp_path / name / "series").mkdir(parents=True)
        (tmp_path / name / "series" / "2.dcm").write_bytes(b"two")
        (tmp_path / name / "series" / "1.dcm").write_bytes(b"one")
    assert checksum(tmp_path / "first") == checksum(tmp_path / "second")

    (tmp_path / "second" / "series" / "1.dcm").write_bytes(b"other")
    assert checksum(tmp_path / "first") != checksum(tmp_path / "second")


def test_renaming_a_file_changes_its_folders_checksum(tmp_path):
    (tmp_path / "1.dcm").write_bytes(b"one")
    before = checksum(tmp_path)
    (tmp_path / "1.dcm").rename(tmp_path / "2.dcm")
    assert checksum(tmp_path) != before


def test_an_input_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        checksum(tmp_path / "missing.nii")


def test_every_parameter_has_its_origin(tmp_path):
    (tmp_path / "dce.nii").touch()
    entry = provenance(
        ["perfusion-ratio", "fit"],
        {"DCE": tmp_path / "dce.nii"},
        {"relaxivity": Known(3.6, "command line")},
        excluded={"samples": np.int64(7)},
    )
    read = json.loads(json_text(entry))
    assert read["version"] == __version__
    assert read["parameters"]["relaxivity"] == {"value": 3.6, "origin": "command line"}
    assert read["inputs"][0]["sha256"] == checksum(tmp_path / "dce.nii")
    assert read["excluded"] == {"samples": 7}
    assert read["libraries"]["numpy"] == np.__version__


def test_json_has_no_nan(tmp_path):
    assert json.loads(json_text({"r2": float("nan"), "sd": np.float32("inf")})) == {"r2": None, "sd": None}

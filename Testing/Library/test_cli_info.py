"""``perfusion-ratio info``: what was read, and where each value comes from."""

import json
from dataclasses import replace

import numpy as np
import pytest

from PerfusionRatioLib.cli import main
from Testing.Library.series_file import write_series


@pytest.fixture(scope="module")
def series_file(small_head, tmp_path_factory):
    """One slice of a digital head with a sidecar."""
    series = small_head.series
    path = tmp_path_factory.mktemp("head") / "dce.nii.gz"
    grid = replace(series.grid, size=(*series.grid.size[:2], 1))
    write_series(path, replace(series, signal=series.signal[:, :1], grid=grid))
    return path


def test_it_tells_each_value_with_its_origin(series_file, capsys):
    assert main(["info", str(series_file)]) == 0
    out = capsys.readouterr().out
    assert "frames            40" in out
    assert "voxels            64 x 72 x 1" in out
    assert "timing            every 5 s, 195 s in all (sidecar FrameTimesStart)" in out
    assert "flip angle        15 degrees (sidecar FlipAngle)" in out


def test_what_is_given_replaces_what_was_read_and_says_so(series_file, capsys):
    assert main(["info", str(series_file), "--tr", "0.006", "--times", "4", "--json"]) == 0
    known = json.loads(capsys.readouterr().out)
    assert known["repetition_time"] == {"value": 0.006, "unit": "s", "origin": "command line"}
    assert known["timing"]["duration_s"] == 156
    assert any("is used instead of" in warning for warning in known["warnings"])


def test_what_is_not_known_is_asked_for(series_file, tmp_path, capsys):
    lonely = tmp_path / "dce.nii.gz"
    lonely.write_bytes(series_file.read_bytes())
    assert main(["info", str(lonely)]) == 0
    out = capsys.readouterr().out
    assert "timing            unknown: give --times" in out
    assert "repetition time   unknown" in out
    assert "give it with --tr" in out


def test_times_come_from_a_file(series_file, tmp_path, capsys):
    times = np.cumsum(np.linspace(4, 6, 40)) - 4
    (tmp_path / "times.txt").write_text("\n".join(f"{time:.3f}" for time in times))
    assert main(["info", str(series_file), "--times", str(tmp_path / "times.txt")]) == 0
    assert "every 4.051 to 6 s" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["missing.nii.gz", "empty"])
def test_a_series_that_is_not_there_is_refused(tmp_path, capsys, name):
    (tmp_path / "empty").mkdir()
    assert main(["info", str(tmp_path / name)]) == 2
    assert capsys.readouterr().err.count("\n") == 1

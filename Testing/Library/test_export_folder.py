"""An output folder is complete or not there at all."""

import errno
import os
import stat

import pytest

from PerfusionRatioLib.errors import Cancelled, InputError, OutputError
from PerfusionRatioLib.export import folder as folder_module
from PerfusionRatioLib.export.folder import atomic_folder


@pytest.fixture
def earlier_results(tmp_path):
    """A folder with results of an earlier run."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "provenance.json").write_text("{}")
    (out / "ktrans.nii.gz").write_text("earlier")
    return out


def contents(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_folder_appears_only_when_the_block_has_ended(tmp_path):
    out = tmp_path / "out"
    with atomic_folder(out) as work:
        (work / "ktrans.nii.gz").write_text("new")
        assert not out.exists()
        assert work.parent == tmp_path
    assert contents(tmp_path) == ["out"]
    assert (out / "ktrans.nii.gz").read_text() == "new"


def test_an_empty_folder_is_filled(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    with atomic_folder(out) as work:
        (work / "a").write_text("new")
    assert contents(out) == ["a"]
    assert contents(tmp_path) == ["out"]


def test_the_folders_above_are_made(tmp_path):
    with atomic_folder(tmp_path / "a" / "b" / "out") as work:
        (work / "x").touch()
    assert contents(tmp_path / "a" / "b") == ["out"]


def test_a_finished_folder_has_the_permissions_of_any_new_folder(tmp_path):
    (tmp_path / "any").mkdir()
    with atomic_folder(tmp_path / "out"):
        pass
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == stat.S_IMODE((tmp_path / "any").stat().st_mode)


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), Cancelled(), ValueError("boom"), InputError("bad")])
def test_a_failure_leaves_nothing(tmp_path, failure):
    with pytest.raises(type(failure)), atomic_folder(tmp_path / "a" / "out") as work:
        (work / "half").write_text("half")
        raise failure
    assert contents(tmp_path) == []


@pytest.mark.parametrize("failure", [KeyboardInterrupt(), Cancelled(), ValueError("boom")])
def test_a_failure_keeps_the_earlier_results(tmp_path, earlier_results, failure):
    with pytest.raises(type(failure)), atomic_folder(earlier_results, overwrite=True) as work:
        (work / "ktrans.nii.gz").write_text("new")
        raise failure
    assert (earlier_results / "ktrans.nii.gz").read_text() == "earlier"
    assert contents(tmp_path) == ["out"]


def test_a_folder_that_is_not_empty_is_refused(earlier_results):
    with pytest.raises(InputError, match="is not empty: choose another folder, or replace it with --overwrite"):
        atomic_folder(earlier_results).__enter__()


def test_overwriting_replaces_the_whole_folder(tmp_path, earlier_results):
    with atomic_folder(earlier_results, overwrite=True) as work:
        (work / "vp.nii.gz").write_text("new")
        assert (earlier_results / "ktrans.nii.gz").read_text() == "earlier"
    assert contents(earlier_results) == ["vp.nii.gz"]
    assert contents(tmp_path) == ["out"]


def test_overwriting_refuses_a_folder_that_does_not_hold_results(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="holds other things than results"):
        atomic_folder(tmp_path, overwrite=True).__enter__()
    assert (tmp_path / "thesis.tex").exists()


def test_overwriting_refuses_to_replace_its_own_input(earlier_results):
    series = earlier_results / "dce.nii.gz"
    series.touch()
    with pytest.raises(InputError, match=r"dce\.nii\.gz lies in .*, which would be replaced"):
        atomic_folder(earlier_results, overwrite=True, inputs=[series]).__enter__()


def test_a_file_of_that_name_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(InputError, match="is a file; the results need a folder"):
        atomic_folder(tmp_path / "out", overwrite=True).__enter__()


def test_when_the_new_folder_cannot_take_its_place_the_earlier_one_comes_back(tmp_path, earlier_results, monkeypatch):
    rename = folder_module.Path.rename

    def refusing(self, target):
        if self.name.endswith(".part"):
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(folder_module.Path, "rename", refusing)
    with pytest.raises(OutputError, match="cannot be written to"), atomic_folder(earlier_results, overwrite=True):
        pass
    assert (earlier_results / "ktrans.nii.gz").read_text() == "earlier"
    assert contents(tmp_path) == ["out"]


def test_an_unwritable_place_is_told_before_the_work(tmp_path, monkeypatch):
    def refused(self, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(folder_module.Path, "mkdir", refused)
    with pytest.raises(OutputError, match=r"cannot be written to .*out \(Permission denied\): choose another folder"):
        atomic_folder(tmp_path / "out").__enter__()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission denied"):
            atomic_folder(tmp_path / "out").__enter__()
    finally:
        tmp_path.chmod(0o700)


def test_a_path_through_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written to"):
        atomic_folder(tmp_path / "file" / "out").__enter__()


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputError, match="The disk is full"), atomic_folder(tmp_path / "out") as work:
        raise OSError(errno.ENOSPC, "No space left on device", str(work / "vp.nii.gz"))
    assert contents(tmp_path) == []


def test_an_error_that_has_nothing_to_do_with_the_folder_stays_what_it_is(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_folder(tmp_path / "out"):
        (tmp_path / "missing input").read_text()

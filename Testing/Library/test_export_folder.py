"""An output folder is complete or not there at all."""

import errno
import os
import stat

import pytest

from PerfusionRatioLib.errors import Cancelled, InputError, OutputError
from PerfusionRatioLib.export import folder as folder_module
from PerfusionRatioLib.export.folder import atomic_folder, write_marker


@pytest.fixture
def earlier_results(tmp_path):
    """A folder with results of an earlier run."""
    out = tmp_path / "out"
    out.mkdir()
    (out / "ktrans.nii.gz").write_text("earlier")
    write_marker(out, {"command": ["perfusion-ratio", "fit", "dce.nii.gz"]})
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


@pytest.mark.parametrize(
    ("added", "sentence"),
    [
        (["my_notes.txt"], r"my_notes\.txt in .*out is not of these results: move it, or choose another folder"),
        (["rois/a.nrrd", "b.txt"], r"b\.txt and 1 more in .*out are not of these results: move them"),
    ],
)
def test_overwriting_keeps_files_of_the_user(earlier_results, added, sentence):
    for name in added:
        (earlier_results / name).parent.mkdir(exist_ok=True)
        (earlier_results / name).write_text("mine")
    with pytest.raises(InputError, match=sentence):
        atomic_folder(earlier_results, overwrite=True).__enter__()
    assert all((earlier_results / name).read_text() == "mine" for name in added)


def test_overwriting_does_not_mind_what_a_file_browser_leaves(earlier_results):
    (earlier_results / ".DS_Store").touch()
    with atomic_folder(earlier_results, overwrite=True):
        pass
    assert contents(earlier_results) == []


def test_a_file_put_there_during_the_work_is_kept(tmp_path, earlier_results):
    with pytest.raises(InputError, match="my_notes"), atomic_folder(earlier_results, overwrite=True):
        (earlier_results / "my_notes.txt").touch()
    assert contents(earlier_results) == ["ktrans.nii.gz", "my_notes.txt", "provenance.json"]
    assert contents(tmp_path) == ["out"]


def test_results_put_there_during_the_work_are_kept(tmp_path):
    with pytest.raises(InputError, match="is not empty"), atomic_folder(tmp_path / "out"):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "of another run").touch()
    assert contents(tmp_path / "out") == ["of another run"]


def test_overwriting_refuses_the_results_of_another_command(earlier_results):
    with pytest.raises(InputError, match="holds the results of 'perfusion-ratio fit', which 'demo' does not replace"):
        atomic_folder(earlier_results, overwrite=True, verb="demo").__enter__()
    with atomic_folder(earlier_results, overwrite=True, verb="fit"):
        pass


@pytest.mark.parametrize("marker", ["{}", "not JSON", "[1]", '{"files": ["a"]}'])
def test_overwriting_refuses_results_that_do_not_name_their_files(earlier_results, marker):
    (earlier_results / "provenance.json").write_text(marker)
    with pytest.raises(InputError, match=r"provenance\.json in .*out does not name the files"):
        atomic_folder(earlier_results, overwrite=True).__enter__()


def test_the_caller_learns_that_the_results_are_in_place(tmp_path, earlier_results):
    there = []
    for out in (tmp_path / "fresh", earlier_results):
        with atomic_folder(out, overwrite=True, completed=lambda out=out: there.append(contents(out))) as work:
            (work / "new").touch()
            there.append("written")
    assert there == ["written", ["new"]] * 2


def test_an_interrupt_after_the_results_are_in_place_leaves_them_and_nothing_else(tmp_path, earlier_results):
    def interrupted():
        raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        atomic_folder(earlier_results, overwrite=True, completed=interrupted) as work,
    ):
        (work / "new").touch()
    assert contents(earlier_results) == ["new"]
    assert contents(tmp_path) == ["out"]


def test_an_interrupt_at_the_very_moment_the_results_are_in_place_is_told(tmp_path, earlier_results, monkeypatch):
    rename, told = folder_module.Path.rename, []

    def interrupted(self, target):
        rename(self, target)
        if self.name.endswith(".part"):
            raise KeyboardInterrupt

    monkeypatch.setattr(folder_module.Path, "rename", interrupted)
    for out in (tmp_path / "fresh", earlier_results):
        with pytest.raises(KeyboardInterrupt), atomic_folder(out, True, completed=lambda: told.append(True)) as work:
            (work / "new").touch()
        assert contents(out) == ["new"]
    assert len(told) == 2
    assert contents(tmp_path) == ["fresh", "out"]


def test_a_name_that_is_too_long_is_told(tmp_path):
    with pytest.raises(OutputError, match=r"cannot be written to .*\(File name too long\): choose another folder"):
        atomic_folder(tmp_path / ("x" * 300)).__enter__()


@pytest.mark.parametrize(
    "failure",
    [
        OutputError("vp.nii.gz could not be written: the disk is full, free some room."),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_full_disk_is_told_in_one_sentence_with_the_folder(tmp_path, failure):
    with pytest.raises(OutputError) as told, atomic_folder(tmp_path / "out"):
        raise failure
    assert (
        str(told.value) == f"The disk is full; the results in {tmp_path / 'out'} could not be finished: free some room."
    )


@pytest.mark.parametrize("what", ["vp.nii.gz could not be written.", "The input cannot be written to {work}/aif.csv."])
def test_the_temporary_name_is_never_told_but_the_folder_always(tmp_path, what):
    with pytest.raises(OutputError) as told, atomic_folder(tmp_path / "out") as work:
        raise OutputError(what.format(work=work))
    assert str(tmp_path / "out") in str(told.value)
    assert ".part" not in str(told.value)


def test_overwriting_refuses_to_replace_its_own_input(earlier_results):
    series = earlier_results / "dce.nii.gz"
    series.touch()
    write_marker(earlier_results, {"command": ["perfusion-ratio", "demo"]})
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


def test_a_name_that_is_no_text_is_refused_before_any_work(tmp_path):
    with (
        pytest.raises(InputError, match="is not UTF-8 text: rename the file or folder"),
        atomic_folder(tmp_path / os.fsdecode(b"bad\xff")),
    ):
        pytest.fail("the work began")
    assert contents(tmp_path) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_mounted_folder_is_refused_before_any_work(tmp_path, monkeypatch, overwrite):
    """It cannot be renamed, so the results could not be put in its place."""
    monkeypatch.setattr(folder_module.Path, "is_mount", lambda path: path == tmp_path.resolve())
    with pytest.raises(InputError, match="name a new folder in it"), atomic_folder(tmp_path, overwrite):
        pytest.fail("the work began")


def test_the_root_is_refused():
    with pytest.raises(InputError, match="name a new folder in it"), atomic_folder("/"):
        pytest.fail("the work began")

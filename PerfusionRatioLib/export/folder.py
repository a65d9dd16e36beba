"""Output folders that are complete or not there at all."""

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import InputError, OutputError

MARKER = "provenance.json"
"""The file by which a folder of our results is known; only a folder that holds it may be replaced."""

DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextlib.contextmanager
def atomic_folder(path: str | Path, overwrite: bool = False, inputs: Iterable[str | Path] = ()) -> Iterator[Path]:
    """A folder to write results to that becomes ``path`` only when the block ends well.

    The block writes to a hidden sibling of ``path``. When it ends, the sibling is renamed; on any error, interrupt or
    cancellation it is removed, and whatever stood at ``path`` before is as it was. Folders above ``path`` are made.

    Args:
        path: where the results go. Absent, an empty folder, or, with ``overwrite``, a folder of earlier results.
        overwrite: replace earlier results; they are removed only after the new ones are complete.
        inputs: files or folders being read, which must not lie in a folder to be replaced.

    Raises:
        InputError: ``path`` is a file, a folder that is not empty (without ``overwrite``), a folder with other things
            than results, or one that holds an input.
        OutputError: the folder cannot be written, or the disk is full.
    """
    target = Path(path).resolve()
    _check(target, overwrite, inputs)
    made: list[Path] = []
    work = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        try:
            _make_parents(target, made)
            work.mkdir()
            yield work
            _put_in_place(work, target)
        except OSError as error:
            raise _explained(error, work, target) from error
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        for parent in reversed(made):
            with contextlib.suppress(OSError):  # something else was put there meanwhile: it stays
                parent.rmdir()
        raise


def _check(target: Path, overwrite: bool, inputs: Iterable[str | Path]) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise InputError(f"{target} is a file; the results need a folder: choose another name.")
    try:
        names = {entry.name for entry in target.iterdir()}
    except PermissionError as error:
        raise OutputError(f"{target} cannot be read or written: choose another folder.") from error
    if not names:
        return
    if not overwrite:
        raise InputError(f"{target} is not empty: choose another folder, or replace it with --overwrite.")
    if MARKER not in names:
        raise InputError(
            f"{target} holds other things than results (there is no {MARKER} in it), so it is not replaced: "
            "choose another folder."
        )
    for item in inputs:
        if Path(item).resolve().is_relative_to(target):
            raise InputError(f"{item} lies in {target}, which would be replaced: choose another folder.")


def _make_parents(target: Path, made: list[Path]) -> None:
    """Make the folders above ``target``, noting in ``made`` which were not there."""
    for parent in [folder for folder in target.parents if not folder.exists()][::-1]:
        parent.mkdir()
        made.append(parent)


def _put_in_place(work: Path, target: Path) -> None:
    """Rename ``work`` to ``target``; what stood there steps aside first and comes back if that fails."""
    if not target.exists():
        work.rename(target)
        return
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.old")
    try:
        target.rename(aside)
        work.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _explained(error: OSError, work: Path, target: Path) -> OSError:
    """``error`` as a sentence when it comes from writing the folder; other errors stay what they are."""
    if isinstance(error, OutputError):
        return error
    if error.errno in DISK_FULL:
        return OutputError(f"The disk is full; the results in {target} could not be finished: free some room.")
    named = [Path(os.fsdecode(name)) for name in (error.filename, error.filename2) if name is not None]
    if any(name == work or work in name.parents or name in (target, *target.parents) for name in named):
        return OutputError(f"The results cannot be written to {target} ({error.strerror}): choose another folder.")
    return error

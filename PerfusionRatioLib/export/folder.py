"""Output folders that are complete or not there at all."""

import contextlib
import errno
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ..errors import InputError, OutputError
from ..file_names import check_name
from .json_text import write_json

MARKER = "provenance.json"
"""The file by which a folder of our results is known: it names the command and every file written."""
OF_THE_SYSTEM = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""Files that file browsers put anywhere; nobody misses them."""

DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextlib.contextmanager
def atomic_folder(
    path: str | Path,
    overwrite: bool = False,
    inputs: Iterable[str | Path] = (),
    *,
    verb: str | None = None,
    completed: Callable[[], None] | None = None,
) -> Iterator[Path]:
    """A folder to write results to that becomes ``path`` only when the block ends well.

    The block writes to a hidden sibling of ``path``. When it ends, the sibling is renamed; on any error, interrupt or
    cancellation it is removed, and whatever stood at ``path`` before is as it was. Folders above ``path`` are made.

    Args:
        path: where the results go. Absent, an empty folder, or, with ``overwrite``, a folder of earlier results.
        overwrite: replace earlier results; they are removed only after the new ones are complete.
        inputs: files or folders being read, which must not lie in a folder to be replaced.
        verb: of the command that writes; only results of the same are replaced. None replaces those of any.
        completed: called as soon as the results stand at ``path``, before earlier ones are removed.

    Raises:
        InputError: ``path`` has a name that is no text, or is a mounted folder, a file, a folder that is not empty
            (without ``overwrite``), one with other things than results or with those of another command, or one that
            holds an input.
        OutputError: the folder cannot be written, or the disk is full.
    """
    target = Path(path).resolve()
    check_name(target)
    if _is_mount(target):
        raise InputError(f"{target} is a disk or mounted folder, which cannot be replaced: name a new folder in it.")
    made: list[Path] = []
    work = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        try:
            _check(target, overwrite, inputs, verb)
            _make_parents(target, made)
            work.mkdir()
            yield work
            _check(target, overwrite, (), verb)  # as somebody may have put something there meanwhile
            _put_in_place(work, target, completed)
        except OSError as error:
            raise _explained(error, work, target) from error
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        for parent in reversed(made):
            with contextlib.suppress(OSError):  # something else was put there meanwhile: it stays
                parent.rmdir()
        raise


def write_marker(folder: Path, provenance: dict[str, Any]) -> None:
    """Write ``provenance`` into ``folder`` as its last file, with the names of all files there."""
    write_json(folder / MARKER, provenance | {"files": sorted({*_files(folder), MARKER})})


def _is_mount(target: Path) -> bool:
    try:
        return target.is_mount()
    except OSError:  # told when it is made
        return False


def _files(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()]


def _check(target: Path, overwrite: bool, inputs: Iterable[str | Path], verb: str | None) -> None:
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
    _check_results(target, verb)
    for item in inputs:
        if Path(item).resolve().is_relative_to(target):
            raise InputError(f"{item} lies in {target}, which would be replaced: choose another folder.")


def _check_results(target: Path, verb: str | None) -> None:
    """Refuse to replace what the results in ``target`` do not account for."""
    try:
        known = json.loads((target / MARKER).read_text(encoding="utf-8"))
        written, command = set(known["files"]), known["command"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{MARKER} in {target} does not name the files of the results, so they are not replaced: "
            "choose another folder."
        ) from error
    if "part_of" in known:
        raise InputError(f"{target} is a part of the results in {target.parent}, which are replaced as a whole only.")
    if verb is not None and command[1:2] != [verb]:
        raise InputError(
            f"{target} holds the results of '{' '.join(command[:2])}', which '{verb}' does not replace: "
            "choose another folder."
        )
    others = sorted(name for name in _files(target) if name not in written and Path(name).name not in OF_THE_SYSTEM)
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        one = len(others) == 1
        raise InputError(
            f"{others[0]}{more} in {target} {'is' if one else 'are'} not of these results: "
            f"move {'it' if one else 'them'}, or choose another folder."
        )


def _make_parents(target: Path, made: list[Path]) -> None:
    """Make the folders above ``target``, noting in ``made`` which were not there."""
    for parent in [folder for folder in target.parents if not folder.exists()][::-1]:
        parent.mkdir()
        made.append(parent)


def _put_in_place(work: Path, target: Path, completed: Callable[[], None] | None) -> None:
    """Rename ``work`` to ``target``; what stood there steps aside first and comes back if that fails."""
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.old")
    try:
        if target.exists():
            target.rename(aside)
        work.rename(target)
    finally:  # an interrupt may come before or after the renaming
        if not work.exists():
            _finish(aside, completed)
        elif aside.exists() and not target.exists():
            aside.rename(target)


def _finish(aside: Path, completed: Callable[[], None] | None) -> None:
    try:
        if completed is not None:
            completed()
        shutil.rmtree(aside, ignore_errors=True)
    except KeyboardInterrupt:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _explained(error: OSError, work: Path, target: Path) -> OSError:
    """``error`` as a sentence when it comes from writing the folder; other errors stay what they are."""
    text = str(error).replace(str(work), str(target))
    cause = error.__cause__ if isinstance(error, OutputError) else error
    if getattr(cause, "errno", None) in DISK_FULL or (isinstance(error, OutputError) and "disk is full" in text):
        return OutputError(f"The disk is full; the results in {target} could not be finished: free some room.")
    if isinstance(error, OutputError):
        return OutputError(text if str(target) in text else f"The results cannot be written to {target}: {text}")
    named = [Path(os.fsdecode(name)) for name in (error.filename, error.filename2) if name is not None]
    if any(name == work or work in name.parents or name in (target, *target.parents) for name in named):
        return OutputError(f"The results cannot be written to {target} ({error.strerror}): choose another folder.")
    return error

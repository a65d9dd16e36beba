"""What a visit is read from: its files, and the numbers that go with them."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .errors import InputError
from .visit_settings import Aif, Content, Region, VisitSettings

T10Unit = Literal["s", "ms"]

LARGEST_T10 = 50.0
"""Above this a T10 is in milliseconds: no tissue or fluid has a T1 of 50 s, and none one of 50 ms."""


@dataclass(frozen=True)
class VisitFiles:
    """The files and numbers of one visit, from the command line or a study file; None where nothing was given.

    Messages name a value by its option on the command line, here and throughout the library.

    Attributes:
        dce: the dynamic series, a file or a DICOM folder.
        series: number, description or UID of the series, in a folder of several.
        content: what ``dce`` holds; None for signal.
        repetition_time: seconds; takes the place of what the files say, as do ``flip_angle`` and ``times``.
        flip_angle: degrees.
        times: seconds between frames, or a text file with one time a frame.
        t10: T1 before contrast agent, a number or a map, in ``t10_unit`` (None for seconds).
        vfa: images of several flip angles to map T10 from.
        vfa_flip_angles: their flip angles in degrees.
        vfa_tr: their repetition time in seconds.
        b1: map of the actual divided by the nominal flip angle.
        aif: how to find the arterial input, or a file with its curve or a mask of the artery.
        mask: what to fit, or a mask of it.
        baseline: first frame of the baseline and the frame after its last.
        resample: whether maps and masks of another geometry are brought to that of the series.
        t1_post: the post-contrast T1, a file or a DICOM folder.
        t1_post_series: as ``series``, of ``t1_post``.
        date: of the examination; takes the place of the one in the files.
        reference: mask of normal brain; None to find it.
        reference_centre: LPS position in mm to which the reference that is found is moved.
        origin: who gave all this, for the account of where values come from.
    """

    dce: Path
    series: str | None = None
    content: Content | None = None
    repetition_time: float | None = None
    flip_angle: float | None = None
    times: float | Path | None = None
    t10: float | Path | None = None
    t10_unit: T10Unit | None = None
    vfa: tuple[Path, ...] = ()
    vfa_flip_angles: tuple[float, ...] | None = None
    vfa_tr: float | None = None
    b1: Path | None = None
    aif: Aif | Path | None = None
    mask: Region | Path | None = None
    baseline: tuple[int, int] | None = None
    resample: bool = False
    t1_post: Path | None = None
    t1_post_series: str | None = None
    date: datetime.date | None = None
    reference: Path | None = None
    reference_centre: tuple[float, float, float] | None = None
    origin: str = "given"

    def __post_init__(self):
        if self.t10 is not None and self.vfa:
            raise InputError("T10 is given twice: use --t10 or --vfa, not both.")
        if not self.vfa and (self.vfa_flip_angles is not None or self.vfa_tr is not None):
            raise InputError("There are no images for --vfa-flip-angles or --vfa-tr: name them with --vfa.")
        if self.vfa_flip_angles is not None and len(self.vfa_flip_angles) != len(self.vfa):
            raise InputError(
                f"The number of flip angles in --vfa-flip-angles is {len(self.vfa_flip_angles)}, that of images in "
                f"--vfa {len(self.vfa)}: give one for each."
            )
        if self.t10 is None and self.t10_unit is not None:
            raise InputError("--t10-unit is the unit of --t10, which is not given: add it, or leave the unit out.")
        if isinstance(self.t10, float) and self.t10 > LARGEST_T10 and self.t10_unit != "ms":
            raise InputError(milliseconds(self.t10, self.t10))

    @property
    def t10_seconds(self) -> float | None:
        """The T10 that was given as a number, in seconds."""
        if not isinstance(self.t10, float):
            return None
        return self.t10 / 1000 if self.t10_unit == "ms" else self.t10


def milliseconds(t10: float | Path, median: float) -> str:
    """That ``t10`` with its ``median`` cannot be in seconds."""
    given = f"{t10:g}" if isinstance(t10, float) else f"{t10}"
    return (
        f"T10 ({given}) has a median of {median:.4g}, but tissue has 0.1 to 5 s: "
        "it looks like milliseconds, so add --t10-unit ms."
    )


def input_files(files: VisitFiles) -> dict[str, Path]:
    """What each file that a visit is read from is for, and the file."""
    from .reading.sidecar import sidecar_path

    named = {"DCE": files.dce, "T10": files.t10, "B1": files.b1, "mask": files.mask, "AIF": files.aif}
    named |= {f"flip angle {number}": path for number, path in enumerate(files.vfa, 1)}
    named |= {"post-contrast T1": files.t1_post, "reference": files.reference}
    roles = {role: path for role, path in named.items() if isinstance(path, Path)}
    if not files.dce.is_dir() and sidecar_path(files.dce).is_file():
        roles["sidecar"] = sidecar_path(files.dce)
    if isinstance(files.times, Path) and files.times.is_file():
        roles["times"] = files.times
    return roles


def visit_settings(files: VisitFiles, choices: Mapping[str, Any]) -> VisitSettings:
    """The settings that ``files`` and ``choices`` make; what they leave out keeps its default.

    Args:
        files: the visit.
        choices: values of ``VisitSettings`` by name, given by the same hand as ``files``.

    Raises:
        InputError: a value that cannot be used.
    """
    given = {
        "aif": files.aif if isinstance(files.aif, str) else None,
        "mask": files.mask if isinstance(files.mask, str) else None,
        "t10": files.t10_seconds,
        "baseline": files.baseline,
        "content": files.content,
        **choices,
    }
    given = {name: value for name, value in given.items() if value is not None}
    named = {"mask": files.mask, "aif": files.aif, "t10": files.t10}
    read = [name for name, path in named.items() if isinstance(path, Path)]
    origins = dict.fromkeys((*given, *read), files.origin)
    if files.vfa:
        origins["t10"] = f"{len(files.vfa)} flip angles"
    return VisitSettings(**given, origins=origins)

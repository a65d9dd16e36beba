"""Which DICOM images make up the series that was asked for."""

from pathlib import Path

from ..errors import InputError
from ..progress import Progress, advance
from ..series import Identity
from .dicom_headers import Frame, check_classic, read_frame, read_frames
from .sources import files_below

_LISTED = 12


def find_series(path: Path, series: str | int | None, progress: Progress | None) -> tuple[list[Frame], list[str]]:
    """The images of one series in a folder and below it, or of the series that a file belongs to.

    Args:
        path: a folder, or one of the files of the series.
        series: SeriesInstanceUID, number or description, needed when there are several.
        progress: told while headers are read.

    Returns:
        The images, one a slice and frame, and sentences on what was left out.

    Raises:
        InputError: no DICOM images, several series and none chosen, several patients, cut-off or multi-frame files.
    """
    folder = path
    if path.is_file():
        frame = read_frame(str(path))
        if frame is None:
            raise InputError(f"{path} is no NIfTI, NRRD or DICOM file with an image.")
        check_classic([frame])
        folder, series = path.parent, frame.text("SeriesInstanceUID")
    beside = path.is_file()
    files = sorted(str(file) for file in folder.iterdir() if file.is_file()) if beside else files_below(folder)
    if not files:
        raise InputError(f"The folder {folder} is empty; DICOM files were expected.")
    step = max(len(files) // 50, 1)

    def seen(count: int) -> None:
        if count % step == 0:
            advance(progress, count / len(files), "Reading headers")

    frames, others = read_frames(files, seen)
    if not frames:
        raise InputError(_nothing_found(folder, files))
    chosen = _choose(frames, series, folder)
    patients = {frame.text("PatientID") for frame in chosen}
    if len(patients) > 1:
        raise InputError(f"The series in {folder} mixes images of {len(patients)} patients; give one patient's folder.")
    check_classic(chosen)
    notes = []
    if others:
        notes.append(f"{_count(len(others), 'file')} without a DICOM image left out of the folder.")
    return _without_copies(chosen, notes), notes


def identity_of(frame: Frame) -> Identity:
    """Who, when and on which scanner."""
    return Identity(
        patient_id=frame.text("PatientID"),
        study_date=frame.text("StudyDate"),
        study_uid=frame.text("StudyInstanceUID"),
        series_uid=frame.text("SeriesInstanceUID"),
        series_description=frame.text("SeriesDescription"),
        manufacturer=frame.text("Manufacturer"),
        model=frame.text("ManufacturerModelName"),
    )


def _choose(frames: list[Frame], series: str | int | None, folder: Path) -> list[Frame]:
    by_uid: dict[str, list[Frame]] = {}
    for frame in frames:
        by_uid.setdefault(frame.text("SeriesInstanceUID"), []).append(frame)
    if series is None:
        if len(by_uid) > 1:
            patients = len({frame.text("PatientID") for frame in frames})
            owners = f" of {patients} patients" if patients > 1 else ""
            raise InputError(
                f"{folder} holds {len(by_uid)} series{owners}: {_listing(by_uid)}; "
                "choose one with --series (its number, description or UID)."
            )
        return frames
    wanted = str(series).strip()
    matches = [
        found
        for uid, found in by_uid.items()
        if wanted in (uid, found[0].text("SeriesNumber"))
        or wanted.lower() == found[0].text("SeriesDescription").lower()
    ]
    if len(matches) != 1:
        found = "No series" if not matches else f"More than one series ({len(matches)})"
        raise InputError(f"{found} in {folder} is '{wanted}'; it holds {_listing(by_uid)}.")
    return matches[0]


def _listing(by_uid: dict[str, list[Frame]]) -> str:
    names = {
        uid: f"{found[0].text('SeriesNumber')} '{found[0].text('SeriesDescription')}'" for uid, found in by_uid.items()
    }
    alike = len(set(names.values())) < len(names)
    lines = [
        f"{names[uid]} ({_count(len(found), 'file')}{', ' + uid if alike else ''})" for uid, found in by_uid.items()
    ]
    more = f" and {len(lines) - _LISTED} more" if len(lines) > _LISTED else ""
    return ", ".join(sorted(lines)[:_LISTED]) + more


def _without_copies(frames: list[Frame], notes: list[str]) -> list[Frame]:
    """Each image once, by its SOPInstanceUID."""
    unique: dict[str, Frame] = {}
    for frame in frames:
        unique.setdefault(frame.text("SOPInstanceUID") or frame.path, frame)
    copies = len(frames) - len(unique)
    if copies:
        notes.append(f"{_count(copies, 'file')} left out: another has the same SOPInstanceUID.")
    return list(unique.values())


def _nothing_found(folder: Path, files: list[str]) -> str:
    images = [Path(file).name for file in files if file.lower().endswith((".nii", ".nii.gz", ".nrrd", ".nhdr"))]
    if images:
        return f"The folder {folder} holds no DICOM images; to read {images[0]}, give the file itself."
    return f"None of the {_count(len(files), 'file')} in {folder} is a DICOM image."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

"""DICOM headers, read only as far as a series needs them.

`read_frames` turns files into `Frame` records, one an image; everything after it (choice of series, geometry, timing,
samples) works on frames alone. A file with several frames becomes several records here.
"""

import io
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydicom import dcmread
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.filereader import read_partial
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from ..errors import InputError

_SHORTS = ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored", "PixelRepresentation")
_TEXTS = (
    "AcquisitionDate",
    "AcquisitionDateTime",
    "AcquisitionNumber",
    "AcquisitionTime",
    "ContentDate",
    "ContentTime",
    "EchoTime",
    "FlipAngle",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    "ImageType",
    "InstanceNumber",
    "LossyImageCompression",
    "MagneticFieldStrength",
    "Manufacturer",
    "ManufacturerModelName",
    "NumberOfFrames",
    "PatientID",
    "PixelSpacing",
    "RepetitionTime",
    "RescaleIntercept",
    "RescaleSlope",
    "SOPClassUID",
    "SOPInstanceUID",
    "SeriesDescription",
    "SeriesInstanceUID",
    "SeriesNumber",
    "SliceThickness",
    "SpacingBetweenSlices",
    "StudyDate",
    "StudyInstanceUID",
    "TemporalPositionIdentifier",
    "TemporalResolution",
    "TriggerTime",
)
_KEYWORDS = {tag_for_keyword(keyword): keyword for keyword in (*_TEXTS, *_SHORTS)}
_TAGS = list(_KEYWORDS)
# Vendors put most of their private elements behind the last one needed here; not parsing them halves the time.
_LAST = int(max(_TAGS))
_DICOM_ENDINGS = (".dcm", ".ima", ".dicom")
_PIXEL_DATA = Tag(0x7FE0, 0x0010)
_ENHANCED = {
    "1.2.840.10008.5.1.4.1.1.4.1": "an Enhanced MR",
    "1.2.840.10008.5.1.4.1.1.4.3": "an Enhanced MR colour",
    "1.2.840.10008.5.1.4.1.1.4.4": "a Legacy Converted Enhanced MR",
}

_MR_CLASSES = ("1.2.840.10008.5.1.4.1.1.4", *_ENHANCED)
# What pydicom raises on bytes that are no complete header.
_UNREADABLE = (
    BytesLengthException,
    EOFError,
    InvalidDicomError,
    NotImplementedError,
    OSError,
    ValueError,
    struct.error,
)

Header = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the samples of an uncompressed image lie in its file."""

    offset: int
    dtype: np.dtype


@dataclass(frozen=True, slots=True)
class Frame:
    """One image of a series.

    Attributes:
        path: its file.
        header: what its header says, by DICOM keyword: text as it stands, or a whole number.
        stored: where its samples are; None when only a decoder can tell.
    """

    path: str
    header: Header
    stored: Stored | None

    def text(self, keyword: str) -> str:
        """The value of ``keyword`` as text, empty when it is missing."""
        return str(self.header.get(keyword, ""))

    def numbers(self, keyword: str) -> tuple[float, ...]:
        """The values of ``keyword``; empty when it is missing or holds something else."""
        try:
            return tuple(float(word) for word in self.text(keyword).split("\\"))
        except ValueError:
            return ()

    def number(self, keyword: str) -> float:
        """The first value of ``keyword``, NaN when it is missing."""
        numbers = self.numbers(keyword)
        return numbers[0] if numbers else np.nan


def read_frames(paths: Iterable[str], seen: Callable[[int], None]) -> tuple[list[Frame], list[str]]:
    """The images among ``paths``, and the files that hold none.

    Args:
        paths: files.
        seen: called after each file with the number of files read so far.

    Raises:
        InputError: a DICOM file that is cut off or damaged.
    """
    frames, others = [], []
    for count, path in enumerate(paths, start=1):
        frame = read_frame(path)
        if frame is None:
            others.append(path)
        else:
            frames.append(frame)
        seen(count)
    return frames, others


def read_frame(path: str) -> Frame | None:
    """The image in ``path``, None when it is no DICOM file or holds no image.

    Raises:
        InputError: the file is cut off or damaged, or has a DICOM file's ending and is none.
    """
    try:
        with Path(path).open("rb") as file:
            start = file.read(132)
            has_preamble = start[128:] == b"DICM"
            if not has_preamble and start[:2] not in (b"\x08\x00", b"\x02\x00"):
                if path.lower().endswith(_DICOM_ENDINGS):
                    raise InputError(f"{path} is not a DICOM file although its name says so: it is empty or damaged.")
                return None
            data = start + file.read()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        dataset = read_partial(io.BytesIO(data), _is_past_the_last, force=True, specific_tags=_TAGS)
        syntax = dataset.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)
        kind = dataset.file_meta.get("MediaStorageSOPClassUID", "")
        header = _header(dataset, ">" if syntax == ExplicitVRBigEndian else "<")
    except _UNREADABLE:
        raise InputError(f"{path} is damaged or cut off: its DICOM header cannot be read; copy it again.") from None
    if not syntax.is_transfer_syntax:
        raise InputError(
            f"{path} has the transfer syntax {syntax}, which is not known; export the series uncompressed."
        )
    if "Rows" not in header or "Columns" not in header:
        kind = header.get("SOPClassUID") or kind
        # the file may end within this very text
        if "Rows" in header or (has_preamble and any(known.startswith(kind) for known in _MR_CLASSES)):
            raise InputError(f"{path} is cut off after {len(data)} bytes, before its image: copy it again.")
        return None  # a report, a presentation state, a directory or no DICOM at all
    return Frame(path, header, _locate(path, data, header, syntax))


def check_classic(frames: list[Frame]) -> None:
    """Refuse images that hold several slices or frames each.

    Raises:
        InputError: an Enhanced multi-frame file, a mosaic, or colours.
    """
    for frame in frames:
        name = _ENHANCED.get(frame.text("SOPClassUID"))
        several = frame.number("NumberOfFrames")
        if name or several > 1:
            raise InputError(
                f"{frame.path} is {name or 'a'} multi-frame file; only DICOM with one image a file can be read: "
                "export the series as classic MR images, or convert it to NIfTI."
            )
        if "MOSAIC" in frame.text("ImageType").split("\\"):
            raise InputError(
                f"{frame.path} is a mosaic with all slices in one image; only one slice a file can be read: "
                "convert the series to NIfTI."
            )
        if frame.header.get("SamplesPerPixel", 1) != 1:
            raise InputError(f"{frame.path} is a colour image; grey values with signal were expected.")


def _is_past_the_last(tag, vr, length) -> bool:
    # Compared as plain integers: the tag's own comparison takes a sixth of the time of parsing.
    return _LAST.__lt__(tag)


def _header(dataset, endian: str) -> Header:
    """The elements by keyword; read raw, since converting each through pydicom costs more than parsing the file."""
    header: Header = {}
    for tag, element in dataset.items():
        keyword = _KEYWORDS.get(tag)
        if keyword is None or not isinstance(element, RawDataElement) or not element.value:
            continue
        if keyword in _SHORTS:
            header[keyword] = struct.unpack(endian + "H", element.value[:2])[0]
        else:
            header[keyword] = _text(element.value)
    return header


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8").strip(" \0")
    except UnicodeDecodeError:
        return value.decode("latin-1").strip(" \0")


def _locate(path: str, data: bytes, header: Header, syntax) -> Stored | None:
    """Where the samples of an uncompressed file are.

    Raises:
        InputError: the file ends before they do.
    """
    bits = header.get("BitsAllocated", 16)
    if syntax.is_encapsulated or syntax == DeflatedExplicitVRLittleEndian or bits not in (8, 16, 32):
        return None
    endian = "<" if syntax.is_little_endian else ">"
    dtype = np.dtype(f"{endian}{'i' if header.get('PixelRepresentation', 0) else 'u'}{bits // 8}")
    length = header["Rows"] * header["Columns"] * dtype.itemsize
    offset = _pixel_offset(data, length + length % 2, endian, syntax.is_implicit_VR)
    if offset is None:
        return None
    if len(data) < offset + length:
        raise InputError(
            f"{path} is cut off: {len(data) - offset} of {length} bytes of its image are there; copy it again."
        )
    return Stored(offset, dtype)


def _pixel_offset(data: bytes, length: int, endian: str, implicit: bool) -> int | None:
    """Where the value of the Pixel Data element begins: at the end of nearly every file, else found by parsing."""
    tag = struct.pack(endian + "HH", _PIXEL_DATA.group, _PIXEL_DATA.element)
    size = struct.pack(endian + "L", length)
    offset = len(data) - length
    # in a file cut off, the image may be longer than all that is left
    if offset >= 12 and data[offset - 4 : offset] == size and data[offset - (8 if implicit else 12) :][:4] == tag:
        return offset
    stream = io.BytesIO(data)
    try:
        dcmread(stream, stop_before_pixels=True, force=True, specific_tags=[])
    except _UNREADABLE:
        return len(data)
    offset = stream.tell()
    if data[offset : offset + 4] != tag:
        return len(data) if offset >= len(data) else None
    return offset + (8 if implicit else 12)

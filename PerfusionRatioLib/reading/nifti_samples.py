"""The samples of a NIfTI file, as they are stored.

The image reader used for the rest replaces NaN by zero and fills what a file lacks with zeros, both without a word.
Layout: NIfTI-1 and NIfTI-2 headers, https://nifti.nimh.nih.gov.
"""

import gzip
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from .samples import Scale, integer_scale

_TYPES = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}
# Header size -> where datatype, vox_offset and scl_slope with scl_inter are, and how they are written.
_LAYOUTS = {348: ((70, "h"), (108, "f"), (112, "ff")), 540: ((12, "h"), (168, "q"), (176, "dd"))}


@dataclass(frozen=True)
class NiftiSamples:
    """Where and how the samples of a NIfTI file are stored.

    Attributes:
        path: the file, compressed or not.
        dtype: of the stored samples.
        offset: bytes before the first sample.
        scale: from stored samples to signal.
    """

    path: Path
    dtype: np.dtype
    offset: int
    scale: Scale

    def frames(self, count: int, shape: tuple[int, ...]) -> Iterator[np.ndarray]:
        """The ``count`` frames, each shaped ``shape``, one after another.

        Raises:
            InputError: the file ends before they do.
        """
        size = int(np.prod(shape)) * self.dtype.itemsize
        with _opened(self.path) as file:
            file.seek(self.offset)
            for t in range(count):
                data = _read(file, size)
                if len(data) < size:
                    raise InputError(f"{self.path} is cut off in frame {t + 1} of {count}; copy it again.")
                yield np.frombuffer(data, self.dtype).reshape(shape)


def nifti_samples(path: Path) -> NiftiSamples:
    """Find the samples of a NIfTI file.

    Raises:
        InputError: it is cut off, or holds colours or complex numbers.
    """
    with _opened(path) as file:
        header = _read(file, 540)
    order = next((o for o in "<>" if len(header) > 348 and struct.unpack_from(o + "i", header)[0] in _LAYOUTS), None)
    if order is None:
        raise InputError(f"{path} is no NIfTI file, or it is cut off; copy it again.")
    layout = _LAYOUTS[struct.unpack_from(order + "i", header)[0]]
    (datatype,), (offset,), (slope, intercept) = (
        struct.unpack_from(order + codes, header, place) for place, codes in layout
    )
    if datatype not in _TYPES:
        raise InputError(f"{path} holds colours or complex numbers (NIfTI type {datatype}); grey values were expected.")
    dtype = np.dtype(order + _TYPES[datatype])
    if not np.isfinite(slope) or slope == 0:
        slope, intercept = 1.0, 0.0  # by the standard, a slope of zero means that there is none
    scale = Scale(slope, intercept) if dtype.kind == "f" else integer_scale(dtype, slope, intercept)
    return NiftiSamples(path, dtype, int(offset), scale)


def _opened(path: Path):
    with path.open("rb") as file:
        compressed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path) if compressed else path.open("rb")


def _read(file, size: int) -> bytes:
    """Up to ``size`` bytes; fewer when the file ends or is damaged."""
    try:
        return file.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b""

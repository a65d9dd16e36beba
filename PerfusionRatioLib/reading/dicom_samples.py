"""The samples of DICOM images."""

from collections.abc import Callable

import numpy as np
from pydicom import dcmread

from ..errors import InputError
from .dicom_headers import Frame
from .samples import SampleCounts, integer_scale, store


def fill(
    out: np.ndarray, frames: list[Frame], index: np.ndarray, counts: SampleCounts, seen: Callable[[int], None]
) -> None:
    """Store the images into ``out``.

    Stored values are turned into signal with each file's own RescaleSlope and RescaleIntercept. MONOCHROME1 says how an
    image is displayed and changes no value.

    Args:
        out: float32, shaped (frames, slices, rows, columns).
        frames: the images.
        index: which image belongs to each frame and slice, shaped (frames, slices).
        counts: told what could not be used.
        seen: called after each frame with the number of frames stored.

    Raises:
        InputError: a file that ended or changed since its header was read, or that cannot be decoded.
    """
    for t, row in enumerate(index):
        for k, number in enumerate(row):
            frame = frames[number]
            stored = _stored(frame)
            if stored.shape != out.shape[2:]:
                raise InputError(f"{frame.path} decodes to an image of {stored.shape}; {out.shape[2:]} was expected.")
            slope, intercept = frame.number("RescaleSlope"), frame.number("RescaleIntercept")
            bits = int(frame.header.get("BitsStored", stored.dtype.itemsize * 8))
            scale = integer_scale(
                stored.dtype,
                slope if np.isfinite(slope) and slope != 0 else 1.0,
                intercept if np.isfinite(intercept) else 0.0,
                bits,
            )
            store(_sign_extended(stored, bits), out[t, k], scale, counts)
        seen(t + 1)


def _stored(frame: Frame) -> np.ndarray:
    if frame.stored is None:
        return _decoded(frame)
    shape = (frame.header["Rows"], frame.header["Columns"])
    samples = np.fromfile(frame.path, frame.stored.dtype, shape[0] * shape[1], offset=frame.stored.offset)
    if samples.size != shape[0] * shape[1]:
        raise InputError(f"{frame.path} became shorter while it was read; read it again.")
    return samples.reshape(shape)


def _sign_extended(stored: np.ndarray, bits: int) -> np.ndarray:
    """Signed samples whose sign bit is the highest of the ``bits`` in use, with the bits above it set to the sign."""
    unused = stored.dtype.itemsize * 8 - bits
    if unused <= 0 or stored.dtype.kind != "i" or stored.max() < 2 ** (bits - 1):
        return stored
    return (stored << unused) >> unused


def _decoded(frame: Frame) -> np.ndarray:
    dataset = dcmread(frame.path, force=True)
    try:
        return dataset.pixel_array
    except Exception as error:  # decoders raise whatever they like
        name = dataset.file_meta.TransferSyntaxUID.name
        raise InputError(
            f"{frame.path} is stored as {name}, which cannot be decoded here ({str(error).splitlines()[0][:120]}): "
            "export the series uncompressed."
        ) from None

"""DICOM files that differ in a few elements, encoded once and then put together.

Encoding a whole dataset for every image takes milliseconds, which for thousands of images is most of the time.
"""

import struct

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_data_element
from pydicom.uid import PYDICOM_IMPLEMENTATION_UID, ExplicitVRLittleEndian

_PREFIX = bytes(128) + b"DICM"
_UID_OF_FILE = tag_for_keyword("MediaStorageSOPInstanceUID")
_PIXEL_DATA = tag_for_keyword("PixelData")


class EncodedFile:
    """A dataset in Explicit VR Little Endian, to be completed with what differs between its images.

    Args:
        dataset: everything they share; its SOPClassUID is needed.
    """

    def __init__(self, dataset: Dataset):
        meta = FileMetaDataset()
        meta.FileMetaInformationVersion = b"\0\1"
        meta.MediaStorageSOPClassUID = dataset.SOPClassUID
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.ImplementationClassUID = PYDICOM_IMPLEMENTATION_UID
        self._meta, self._shared = _encoded(meta), _encoded(dataset)

    def with_values(self, texts: dict[str, str], samples: bytes) -> bytes:
        """The file of one image.

        Args:
            texts: what differs, by keyword, as text (parts of a value separated by a backslash); with SOPInstanceUID.
            samples: little-endian, an even number of bytes.
        """
        elements = {tag_for_keyword(keyword): _text_element(keyword, text) for keyword, text in texts.items()}
        elements[_PIXEL_DATA] = _tag(_PIXEL_DATA) + struct.pack("<2sxxI", b"OW", len(samples)) + samples
        uid = _text_element("MediaStorageSOPInstanceUID", texts["SOPInstanceUID"])
        meta = _joined({**self._meta, _UID_OF_FILE: uid})
        length = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(meta))
        return _PREFIX + length + meta + _joined({**self._shared, **elements})


def _encoded(dataset: Dataset) -> dict[int, bytes]:
    """Every element of a dataset as it stands in a file, by tag."""
    result = {}
    for element in dataset:
        stream = DicomBytesIO()
        stream.is_little_endian, stream.is_implicit_VR = True, False
        write_data_element(stream, element)
        result[int(element.tag)] = stream.getvalue()
    return result


def _text_element(keyword: str, text: str) -> bytes:
    value = text.encode("ascii")
    vr = dictionary_VR(tag_for_keyword(keyword))
    value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
    return _tag(tag_for_keyword(keyword)) + struct.pack("<2sH", vr.encode("ascii"), len(value)) + value


def _tag(tag: int) -> bytes:
    return struct.pack("<HH", tag >> 16, tag & 0xFFFF)


def _joined(elements: dict[int, bytes]) -> bytes:
    return b"".join(elements[tag] for tag in sorted(elements))

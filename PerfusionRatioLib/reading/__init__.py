"""Reading series, volumes, masks and maps from DICOM, NIfTI and NRRD files."""

from .dce import read_dce
from .description import describe
from .placing import Placed, place_lesion, place_map, place_mask, read_map, read_mask
from .times import read_times
from .volume import read_volume

__all__ = [
    "Placed",
    "describe",
    "place_lesion",
    "place_map",
    "place_mask",
    "read_dce",
    "read_map",
    "read_mask",
    "read_times",
    "read_volume",
]

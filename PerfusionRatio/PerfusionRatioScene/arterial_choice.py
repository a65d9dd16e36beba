"""Which arterial input a user has chosen, to be told from another."""

from zlib import crc32

from .parameters import AifSource, VisitParameters
from .segments import filled_voxels


def arterial_choice(visit: VisitParameters) -> tuple:
    """Differs when another source, segment or file is chosen, or when the segment is drawn otherwise."""
    if visit.aif_source is AifSource.FILE:
        return visit.aif_source, visit.aif_file
    if visit.aif_source is not AifSource.REGION:
        return (visit.aif_source,)
    region = visit.aif_region
    if region is None or region.GetSegmentation().GetSegment(visit.aif_segment) is None:
        return (visit.aif_source, None)
    return visit.aif_source, region.GetID(), visit.aif_segment, crc32(filled_voxels(region, visit.aif_segment))

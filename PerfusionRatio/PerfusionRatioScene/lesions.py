"""The lesions of both visits, as the user outlined them: a segment each, of one name at both visits."""

from zlib import crc32

import numpy as np

from PerfusionRatioLib.comparison.inputs import DrawnMask, LesionMark, MarkedLesion
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.segmentation.lesion import LesionSegmentation
from PerfusionRatioLib.segmentation.lesion_size import LesionSize, measure_lesion

from .geometry import grid_of
from .hierarchy import file_under
from .parameters import VISITS, Parameters, VisitParameters, visit_parameters
from .segments import CORE_SUFFIX, core_segment, filled_voxels, lesion_of_core, mask_of, new_segmentation, segment_on
from .visit_results import node_name

COLOURS = ((1.0, 0.85, 0.1), (1.0, 0.45, 0.85), (0.5, 1.0, 0.3), (1.0, 0.6, 0.2))
"""Of lesions; the first four can be told apart."""


def lesion_segmentation(scene, parameters: Parameters, name: str):
    """The segmentation that holds the lesions of a visit; made on its T1 when there is none.

    Raises:
        InputError: no T1 is chosen.
    """
    visit = visit_parameters(parameters, name)
    if visit.lesions is None:
        if visit.t1 is None:
            raise InputError("Choose the post-contrast T1, on which lesions are outlined.")
        visit.lesions = new_segmentation(scene, node_name("Lesions", name), visit.t1)
        file_under(scene, visit.lesions, parameters.patient, name)
    return visit.lesions


def add_lesion(scene, parameters: Parameters, name: str) -> str:
    """Add an empty segment for another lesion of a visit, of a name and colour of its own.

    Returns:
        The identifier of the segment.

    Raises:
        InputError: no T1 is chosen.
    """
    node, number = lesion_segmentation(scene, parameters, name), 1
    names = lesion_segments(visit_parameters(parameters, name))
    while f"Lesion {number}" in names:
        number += 1
    segments = node.GetSegmentation()
    identifier = segments.AddEmptySegment("", f"Lesion {number}")
    segments.GetSegment(identifier).SetColor(*COLOURS[(number - 1) % len(COLOURS)])
    return identifier


def lesion_segments(visit: VisitParameters) -> dict[str, str]:
    """The identifier of each lesion's segment, by its name; cores are left out."""
    if visit.lesions is None:
        return {}
    segments = visit.lesions.GetSegmentation()
    named = {}
    for number in range(segments.GetNumberOfSegments()):
        identifier = segments.GetNthSegmentID(number)
        if not lesion_of_core(segments.GetSegment(identifier)):
            named[segments.GetSegment(identifier).GetName().strip()] = identifier
    return {name: key for name, key in named.items() if not _is_core(name, named)}


def marked_lesions(parameters: Parameters) -> tuple[MarkedLesion, ...]:
    """The lesions of both visits, matched by name.

    Raises:
        InputError: no lesion is outlined, a segment is empty, or two have one name.
    """
    found = {name: lesion_segments(visit_parameters(parameters, name)) for name in VISITS}
    check_lesions(parameters)
    return tuple(
        MarkedLesion(lesion, *(_mark(visit_parameters(parameters, name), found[name], lesion) for name in VISITS))
        for lesion in dict.fromkeys([*found["pre"], *found["follow_up"]])
    )


def check_lesions(parameters: Parameters) -> None:
    """Whether there is something to measure, without bringing the outlines to the voxels of the image.

    Raises:
        InputError: as ``marked_lesions``, but for what lies beside the image.
    """
    outlined = 0
    for name in VISITS:
        visit = visit_parameters(parameters, name)
        found = lesion_segments(visit)
        _refuse_doubles(visit, found)
        outlined += len(found)
        if found and visit.t1 is None:
            raise InputError("The post-contrast T1 on which lesions were outlined is not chosen any more: choose it.")
        for lesion, identifier in found.items():
            if not filled_voxels(visit.lesions, identifier):
                raise InputError(
                    f"The segment '{lesion}' of '{visit.lesions.GetName()}' is empty: outline it, or remove it."
                )
    if not outlined:
        raise InputError("No lesion is outlined yet: click in one with the effect Enhancing lesion.")


def _refuse_doubles(visit: VisitParameters, found: dict[str, str]) -> None:
    segments = None if visit.lesions is None else visit.lesions.GetSegmentation()
    for identifier in () if segments is None else segments.GetSegmentIDs():
        segment = segments.GetSegment(identifier)
        name = segment.GetName().strip()
        if not lesion_of_core(segment) and found.get(name, identifier) != identifier:
            raise InputError(f"Two segments of '{visit.lesions.GetName()}' are called '{name}': rename one of them.")


def place_of_first_lesion(parameters: Parameters) -> tuple[float, float, float] | None:
    """The middle (RAS, as it is seen) of the first lesion, at the first visit that has it; None without lesions."""
    for name in VISITS:
        visit = visit_parameters(parameters, name)
        for identifier in lesion_segments(visit).values():
            middle = visit.lesions.GetSegmentCenterRAS(identifier)
            if middle is not None:
                return tuple(middle)
    return None


def outlines_digest(parameters: Parameters) -> int:
    """A number that changes when a lesion of either visit is drawn, named, added or removed; saving does not."""
    digest = 0
    for name in VISITS:
        node = visit_parameters(parameters, name).lesions
        segments = None if node is None else node.GetSegmentation()
        for number in range(0 if segments is None else segments.GetNumberOfSegments()):
            identifier = segments.GetNthSegmentID(number)
            text = f"{name} {segments.GetSegment(identifier).GetName()}"
            digest = crc32(filled_voxels(node, identifier), crc32(text.encode(), digest))
    return digest


def _mark(visit: VisitParameters, segments: dict[str, str], lesion: str) -> LesionMark | None:
    if lesion not in segments:
        return None
    mask = mask_of(visit.lesions, segments[lesion], visit.t1)
    return LesionMark(mask=DrawnMask(mask, "t1", _core(visit, segments[lesion])))


def _core(visit: VisitParameters, lesion: str) -> np.ndarray | None:
    """Of the lesion in a segment; None where nothing is told of one."""
    identifier = core_segment(visit.lesions, lesion)
    if not identifier:
        return None
    mask = segment_on(visit.lesions, identifier, visit.t1)
    return mask if mask.any() else None


def _is_core(name: str, named: dict[str, str]) -> bool:
    return name.endswith(CORE_SUFFIX) and name.removesuffix(CORE_SUFFIX) in named


def size_rows(visit: VisitParameters) -> list[tuple[str, str, str, str]]:
    """Of each lesion its name, volume and enhancing volume in ml, and longest diameters in mm; empty ones say so."""
    if visit.t1 is None:
        return []
    rows = []
    for name, identifier in lesion_segments(visit).items():
        mask = segment_on(visit.lesions, identifier, visit.t1)
        if not mask.any():
            rows.append((name, "not outlined yet", "", ""))
            continue
        core = _core(visit, identifier)
        core = np.zeros_like(mask) if core is None else core & mask
        size = measure_lesion(LesionSegmentation(grid_of(visit.t1), mask, core))
        rows.append((name, f"{size.volume_ml:.2f}", f"{size.enhancing_ml:.2f}", _diameters(size)))
    return rows


def _diameters(size: LesionSize) -> str:
    return f"{size.longest_diameter_mm:.0f} x {size.perpendicular_diameter_mm:.0f}"

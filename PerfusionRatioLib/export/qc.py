"""The quality of a visit in numbers: ``qc.json``."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..visit import Visit

PERCENTILES = (5, 25, 50, 75, 95)


def quality(visit: "Visit") -> dict[str, Any]:
    """What there is to check before the maps of ``visit`` are believed.

    Motion in mm and degrees a frame, baseline, verdict on the arterial input, how many voxels were fitted and how many
    met a limit, how well the curves were followed, the spread of each parameter, counts of what was left out, and
    every note.
    """
    prepared, maps = visit.prepared, visit.maps
    fitted = np.isfinite(maps.residual_sd)
    return {
        "model": maps.model,
        "frames": len(prepared.times),
        "voxels_in_mask": int(np.count_nonzero(prepared.mask)),
        "mask_volume_ml": np.count_nonzero(prepared.mask) * prepared.grid.voxel_volume / 1000,
        "baseline": prepared.baseline,
        "motion": _motion(visit),
        "aif": {
            "origin": visit.aif.origin,
            "haematocrit": visit.aif.haematocrit,
            "arrival_time_s": visit.aif.arrival_time,
            "quality": visit.aif.quality,
        },
        "voxels": maps.counts,
        "fit": {
            "r2": spread(maps.r2[fitted]),
            "residual_sd_mM": spread(maps.residual_sd[fitted]),
        },
        "parameters": {name: spread(getattr(maps, name)[fitted]) for name in maps.names},
        "excluded": prepared.excluded,
        "notes": visit.notes,
    }


def spread(values: np.ndarray) -> dict[str, float | int]:
    """How many of ``values`` are numbers, and their percentiles."""
    known = values[np.isfinite(values)]
    if known.size == 0:
        return {"voxels": 0}
    return {"voxels": known.size} | {
        f"p{rank}": float(value) for rank, value in zip(PERCENTILES, np.percentile(known, PERCENTILES), strict=True)
    }


def _motion(visit: "Visit") -> dict[str, Any] | None:
    frames = visit.prepared.motion
    if not frames:
        return None
    return {"largest_displacement_mm": max(frame.displacement for frame in frames), "frames": frames}

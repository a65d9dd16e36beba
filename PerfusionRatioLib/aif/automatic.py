"""The arterial input found in the images."""

from dataclasses import replace

import numpy as np
from scipy import ndimage
from scipy.stats import trim_mean

from ..errors import InputError, NoAnswerError
from ..progress import Progress, advance, part
from ..series import Grid, check_times
from .arterial_input import AifVoxel, ArterialInput, AsBlood, check_haematocrit
from .candidates import Candidates, find_candidates
from .features import CurveFeatures, bolus_arrival, first_pass, measure_curves
from .quality import AifQuality, judge
from .saturation import straightened
from .selection import Selection, select_arteries
from .vein_to_artery import vein_to_artery

_FEWEST_FRAMES = 10  # fewer tell no bolus from noise
_MARGIN = 10.0  # mm around the mask: arteries run along the edge of the brain and below it
_SLAB = 12  # slices from which the first and the last are not used
_CLEARLY_FULLER = 1.3  # by which an artery away from the mask must enhance more than those near it to be taken
_TRIMMED = 0.2  # of the voxels, at each end of every frame
_LARGEST_FACTOR = 1.6  # by which partial volume is undone; arteries less filled than that are too different in shape
_SMALLEST_FACTOR = 0.9  # by which noise, motion and uneven flip angles are undone


def detect_aif(
    concentration: np.ndarray,
    times: np.ndarray,
    haematocrit: float,
    mask: np.ndarray | None = None,
    grid: Grid | None = None,
    progress: Progress | None = None,
    as_blood: AsBlood | None = None,
) -> ArterialInput:
    """Find arteries in a concentration series and average their curves; the same input gives the same result.

    Voxels that rise out of their noise become candidates; those that cannot be an artery are left out (at another
    time than the bolus, without washout, jumping, hardly any signal, alone); the rest is clustered by the shape of the
    curves, hierarchically, and the cluster that rises and passes early is kept (after Mouridsen, MRM 2006;55:524, and
    Yin, JMRI 2014); of it those voxels are averaged that the artery fills and that rise together. How much a full
    voxel enhances is read from the middle of the large veins, which hold the same blood; where the arteries fill their
    voxels in part, the curve is straightened (``saturation``) and multiplied to have that area (by 0.9 to 1.6; notes
    tell). Each chosen voxel carries its features and a reason, and the last note counts the others by reason.

    The concentrations of arteries are right only with a T10 that is right for blood; where the series was converted
    with another, ``as_blood`` puts that right.

    Args:
        concentration: of whole blood, mM, float32 shaped (t, k, j, i); NaN where there is none.
        times: seconds, shaped (t,), increasing.
        haematocrit: large-vessel haematocrit as a fraction; the plasma curve is the blood curve / (1 - haematocrit).
        mask: the brain or the head, bool shaped (k, j, i); arteries are looked for within 10 mm of it and, when there
            are none, everywhere. None for everywhere.
        grid: where the voxels are, for their positions and for the 10 mm (voxels are taken for 2 mm without it).
        progress: called while the series is searched.
        as_blood: turns the concentrations of voxels into those of blood (``signal.blood.BloodConversion``).

    Raises:
        InputError: shapes that do not match, fewer than ten frames, an empty mask, a haematocrit out of range.
        NoAnswerError: no voxel is an artery.
        Cancelled: when the progress callback says so.
    """
    times = np.asarray(times, float)
    _check(concentration, times, haematocrit, mask, grid)
    found = find_candidates(concentration, part(progress, 0.0, 0.8), as_blood)
    advance(progress, 0.8, "choosing artery voxels")
    if found.index.size == 0:
        raise NoAnswerError(_nothing(found, {}))
    arrival = bolus_arrival(times, found.head)
    features = measure_curves(times, found.curves, found.noise, arrival)
    selection, note = _selected(found, features, times, arrival, mask, grid)
    if selection.chosen.size == 0:
        raise NoAnswerError(_nothing(found, selection.rejected))

    blood = trim_mean(found.curves[:, selection.chosen], _TRIMMED, axis=1)
    blood, bent, dilution = _as_in_veins(times, blood, selection, arrival)
    factor = float(np.clip(dilution, _SMALLEST_FACTOR, _LARGEST_FACTOR))
    plasma = factor * blood / (1 - haematocrit)
    chosen = np.zeros(concentration.shape[1:], bool)
    chosen[tuple(found.index[selection.chosen].T)] = True
    quality = _without_veins(judge(times, plasma, voxels=selection.chosen.size), selection)
    advance(progress, 1.0, "choosing artery voxels")
    return ArterialInput(
        times=times,
        plasma_concentration=plasma,
        haematocrit=haematocrit,
        origin="automatic",
        mask=chosen,
        voxels=_voxels(found, selection, features, haematocrit, grid),
        quality=quality,
        arrival_time=quality.arrival_time,
        notes=(*note, *_bent(bent), *_partial_volume(selection, dilution, factor), _account(found, selection)),
    )


def _selected(
    found: Candidates,
    features: CurveFeatures,
    times: np.ndarray,
    arrival: float,
    mask: np.ndarray | None,
    grid: Grid | None,
) -> tuple[Selection, tuple[str, ...]]:
    """The artery voxels near the mask; those of the whole head when there are none or far fuller ones elsewhere."""
    excluded = _excluded(found, times, arrival)
    everywhere = select_arteries(times, found.curves, features, found.index, arrival, excluded)
    near = None if mask is None else _widened(mask, grid)[tuple(found.index.T)]
    if near is None or near.all() or everywhere.chosen.size == 0:
        return everywhere, ()
    away = {"lie away from the brain": ~near}
    close = select_arteries(times, found.curves, features, found.index, arrival, away | excluded)
    if close.chosen.size == 0:
        return everywhere, (f"No artery was found within {_MARGIN:.0f} mm of the mask, but one farther away.",)
    gain = features.area[everywhere.chosen].mean() / features.area[close.chosen].mean()
    if gain > _CLEARLY_FULLER:
        return everywhere, (
            f"The arterial input was taken more than {_MARGIN:.0f} mm away from the mask, "
            f"where arteries enhance {gain:.1f} times as much as near it.",
        )
    return close, ()


def _excluded(found: Candidates, times: np.ndarray, arrival: float) -> dict[str, np.ndarray]:
    """Candidates whose samples cannot be trusted, by reason."""
    slices = found.shape[0]
    outermost = np.isin(found.index[:, 0], (0, slices - 1)) & (slices >= _SLAB)
    return {
        "lie in the outermost slices (flip angle and inflow)": outermost,
        "lack samples while the bolus passes (saturation)": found.missing[first_pass(times, arrival)].any(axis=0),
    }


def _as_in_veins(
    times: np.ndarray, artery: np.ndarray, selection: Selection, arrival: float
) -> tuple[np.ndarray, float, float]:
    """The artery's curve in the shape that the veins' tells, by what its peak rose, and what it would have to be
    multiplied by to have the area of undiluted blood."""
    veins = selection.veins
    if veins is None:
        return artery, 1.0, 1.0
    straight, rise = straightened(times, artery, veins.innermost, arrival)
    return straight, rise, vein_to_artery(times, straight, veins.curve, arrival)


def _widened(mask: np.ndarray, grid: Grid | None) -> np.ndarray:
    """The voxels within the margin of the mask."""
    spacing = (2.0, 2.0, 2.0) if grid is None else grid.spacing[::-1]
    return ndimage.distance_transform_edt(~np.asarray(mask, bool), sampling=spacing) <= _MARGIN


def _voxels(
    found: Candidates, selection: Selection, features: CurveFeatures, haematocrit: float, grid: Grid | None
) -> tuple[AifVoxel, ...]:
    chosen = features.of(selection.chosen)
    first = chosen.half_rise.min()
    blood = "as much as the blood in the large veins"
    if selection.veins is None:
        blood = "as much, with its neighbours, as the fullest artery voxels"
    voxels = []
    for n, (k, j, i) in enumerate(found.index[selection.chosen].tolist()):
        peak = float(chosen.peak[n] / (1 - haematocrit))
        voxels.append(
            AifVoxel(
                index=(k, j, i),
                position=None if grid is None else tuple(grid.positions(np.array([i, j, k])).tolist()),
                reason=(
                    f"Rises {chosen.half_rise[n] - first:.1f} s after the earliest voxel chosen, to {peak:.1f} mM in "
                    f"plasma; {_wide(chosen.width[n])}; keeps {chosen.tail[n]:.0%} of its peak; enhances "
                    f"{selection.filled[n]:.0%} {blood} and has a neighbour alike."
                ),
                arrival_time=float(chosen.onset[n]),
                peak=peak,
                time_to_peak=float(chosen.peak_time[n] - chosen.onset[n]),
                width=float(chosen.width[n]),
                roughness=float(chosen.roughness[n]),
                tail=float(chosen.tail[n]),
                score=float(selection.score[n]),
            )
        )
    return tuple(voxels)


def _wide(width: float) -> str:
    return f"{width:.0f} s wide" if np.isfinite(width) else "never falls to half"


def _without_veins(quality: AifQuality, selection: Selection) -> AifQuality:
    """Not good, however it looks, where nothing confirms the height."""
    if selection.veins is not None or quality.verdict != "good":
        return quality
    sentence = f"{quality.sentence} No large vein confirms its height."
    return replace(quality, verdict="acceptable", sentence=sentence)


def _bent(rise: float) -> tuple[str, ...]:
    """By what the peak was multiplied against low values, and why."""
    if round(rise, 2) == 1:
        return ()
    return (
        "Tissue in the voxels of arteries bends their curve, as does a T10 unlike that of the veins: it was bent back "
        "towards the shape in the large veins, and where frames are too far apart to tell by as much as is usual; its "
        f"peak was multiplied by {rise:.2f} against its low values.",
    )


def _partial_volume(selection: Selection, dilution: float, factor: float) -> tuple[str, ...]:
    """What the curve was multiplied by, ``factor`` as far as ``dilution`` is allowed, and why."""
    if selection.veins is None:
        return (
            "No vein is thick enough to show how much undiluted blood enhances: height and shape are those of the "
            "fullest arteries, too low as far as tissue shares their voxels, and as uncertain as their T10.",
        )
    if round(factor, 2) == 1:
        return ()
    why = "fill their voxels in part" if dilution > 1 else "seem to enhance more than blood does"
    veins = f"the blood in the middle of the large veins ({selection.veins.voxels:,} voxels)"
    area = f"which gives it the area of {veins}"
    if factor != dilution:
        most = "most" if dilution > 1 else "least"
        area = f"the {most} that is allowed: it has {factor / dilution:.0%} of the area of {veins}"
    return (f"The arteries {why}: the curve was multiplied by {factor:.2f}, {area}.",)


def _account(found: Candidates, selection: Selection) -> str:
    """How the search went, in one sentence."""
    return (
        f"Of {found.searched:,} voxels {selection.chosen.size:,} were chosen as artery; the others: "
        f"{_counted(found.rejected | selection.rejected)}."
    )


def _nothing(found: Candidates, rejected: dict[str, int]) -> str:
    searched = "the series holds no concentrations at all"
    if found.searched:
        searched = f"of {found.searched:,} voxels {_counted(found.rejected | rejected)}"
    return f"No voxel enhances like an artery: {searched}: give a region or a population AIF with --aif."


def _counted(rejected: dict[str, int]) -> str:
    return "; ".join(f"{count:,} {reason}" for reason, count in rejected.items() if count)


def _check(
    concentration: np.ndarray, times: np.ndarray, haematocrit: float, mask: np.ndarray | None, grid: Grid | None
) -> None:
    check_haematocrit(haematocrit)
    if concentration.ndim != 4:
        raise InputError(f"The concentrations are shaped {concentration.shape}; a series is shaped (t, k, j, i).")
    check_times(times, frames=len(concentration), origin="given with the concentrations")
    if len(times) < _FEWEST_FRAMES:
        raise InputError(
            f"The series has {len(times)} frames; an artery is found in at least {_FEWEST_FRAMES}: "
            "give a region or a population AIF with --aif."
        )
    shape = concentration.shape[1:]
    if grid is not None and grid.shape != shape:
        raise InputError(f"The concentrations are shaped {shape} but their grid {grid.shape}.")
    if mask is not None and np.shape(mask) != shape:
        raise InputError(f"The mask is shaped {np.shape(mask)} but the series {shape}; both must have the same voxels.")
    if mask is not None and not np.any(mask):
        raise InputError("The mask in which arteries are looked for is empty: give one that covers the brain.")

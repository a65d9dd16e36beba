"""Where the arteries are among the candidates, and the T10 of the blood in them."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..series import Grid
from .arterial_input import AsBlood, MappedBlood
from .candidates import Candidates, turned_into_blood
from .features import CurveFeatures, bolus_arrival, first_pass, measure_curves
from .selection import Selection, select_arteries

_MARGIN = 10.0  # mm around the mask: arteries run along the edge of the brain and below it
_SLAB = 12  # slices from which the first and the last are not used
_CLEARLY_FULLER = 1.3  # by which an artery away from the mask must enhance more than those near it to be taken
_T10_ROUNDS = 2  # in which veins tell the T10 of blood and are found with it


@dataclass(frozen=True)
class Arteries:
    """What a search found.

    Attributes:
        found: the candidates.
        features: of their curves.
        selection: which of them are arteries; none is ``chosen`` where there is none.
        notes: sentences on where they were looked for, and with which T10.
    """

    found: Candidates
    features: CurveFeatures
    selection: Selection
    notes: tuple[str, ...]


class ArterySearch:
    """Looks for arteries among candidates, near a mask first.

    Args:
        times: seconds, shaped (t,).
        index: (k, j, i) of the candidates, shaped (n, 3).
        mask: the brain or the head, bool shaped (k, j, i); None: everywhere is as good.
        grid: where the voxels are; voxels are taken for 2 mm without it.
    """

    def __init__(self, times: np.ndarray, index: np.ndarray, mask: np.ndarray | None, grid: Grid | None):
        self._times = times
        self._near = None if mask is None else _widened(mask, grid)[tuple(index.T)]

    def among(self, found: Candidates) -> Arteries:
        """The arteries among candidates with the concentrations they have."""
        arrival = bolus_arrival(self._times, found.head)
        features = measure_curves(self._times, found.curves, found.noise, arrival)
        return Arteries(found, features, *self._selected(found, features, arrival))

    def with_one_t10(self, found: Candidates, mapped_blood: MappedBlood) -> Arteries:
        """The arteries among candidates whose concentrations rest on a T10 map, with one T10 of blood for all of them.

        It is the median of the map in the middle of the veins. Veins that are found with a T10 of each voxel lack those
        to which its noise gives another height than the rest, so that median errs. Searched with it they are about
        twice as many, and tell it better. Where there are no veins, or blood cannot have their T10, it stays as it was.
        """
        arteries = self.among(found)
        for _ in range(_T10_ROUNDS):
            veins = arteries.selection.veins
            as_blood = None if veins is None else mapped_blood.of(found.index[veins.inner])
            again = None if as_blood is None else self.among(turned_into_blood(found, as_blood))
            if again is None or again.selection.veins is None:
                break
            arteries = Arteries(
                again.found, again.features, again.selection, (*again.notes, _one_t10(as_blood, veins.voxels))
            )
        return arteries

    def _selected(
        self, found: Candidates, features: CurveFeatures, arrival: float
    ) -> tuple[Selection, tuple[str, ...]]:
        """The artery voxels near the mask; those of the whole head when there are none or far fuller ones elsewhere."""

        def selected(excluded: dict[str, np.ndarray]) -> Selection:
            return select_arteries(self._times, found.curves, features, found.index, arrival, excluded)

        untrusted = self._untrusted(found, arrival)
        everywhere = selected(untrusted)
        if self._near is None or self._near.all() or everywhere.chosen.size == 0:
            return everywhere, ()
        close = selected({"lie away from the brain": ~self._near} | untrusted)
        if close.chosen.size == 0:
            return everywhere, (f"No artery was found within {_MARGIN:.0f} mm of the mask, but one farther away.",)
        gain = features.area[everywhere.chosen].mean() / features.area[close.chosen].mean()
        if gain > _CLEARLY_FULLER:
            return everywhere, (
                f"The arterial input was taken more than {_MARGIN:.0f} mm away from the mask, "
                f"where arteries enhance {gain:.1f} times as much as near it.",
            )
        return close, ()

    def _untrusted(self, found: Candidates, arrival: float) -> dict[str, np.ndarray]:
        """Candidates whose samples cannot be trusted, by reason."""
        slices = found.shape[0]
        outermost = np.isin(found.index[:, 0], (0, slices - 1)) & (slices >= _SLAB)
        passing = first_pass(self._times, arrival)
        return {
            "lie in the outermost slices (flip angle and inflow)": outermost,
            "lack samples while the bolus passes (saturation)": found.missing[passing].any(axis=0),
        }


def _one_t10(as_blood: AsBlood, voxels: int) -> str:
    return (
        f"T10 of blood was read from the T10 map in the middle of the large veins: {as_blood.blood_t10:.2f} s (median "
        f"of {voxels:,} voxels), for arteries and veins alike."
    )


def _widened(mask: np.ndarray, grid: Grid | None) -> np.ndarray:
    """The voxels within the margin of the mask."""
    spacing = (2.0, 2.0, 2.0) if grid is None else grid.spacing[::-1]
    return ndimage.distance_transform_edt(~np.asarray(mask, bool), sampling=spacing) <= _MARGIN

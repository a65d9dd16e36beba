"""One visit, from the dynamic series to its maps."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .acquisition import Known
from .progress import Progress, part
from .series import DceSeries
from .visit_preparation import PreparedVisit, prepare_visit
from .visit_settings import VisitSettings

if TYPE_CHECKING:
    from .aif.arterial_input import ArterialInput
    from .kinetics import ParameterMaps


BLOOD_T10_RANGE = (1.2, 2.3)
"""Seconds; blood has 1.5 (at 1.5 T) to 2.1 (at 7 T)."""


@dataclass(frozen=True)
class Visit:
    """A visit with its maps.

    Attributes:
        prepared: the aligned and converted series.
        aif: the arterial input.
        maps: the parameters of the model and their quality.
    """

    prepared: PreparedVisit
    aif: "ArterialInput"
    maps: "ParameterMaps"

    def plasma_reaching(self, plasma_concentration: np.ndarray) -> tuple[np.ndarray, str]:
        """An arterial input (mM, shaped (t,)) as it reaches the tissue of this visit, and the delay left to be found.

        A delay of all voxels was found with the maps, and is not to be found anew in a region of them.
        """
        from .kinetics.convolution import shifted

        times, delay = self.prepared.times, self.prepared.settings.delay
        if delay != "global":
            return plasma_concentration, delay
        return shifted(times, plasma_concentration, times - float(np.nanmedian(self.maps.delay))), "none"

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what was repaired, assumed or left out, in the order of the work."""
        return (*self.prepared.notes, *self.aif.notes)


def fit_visit(
    series: DceSeries,
    settings: VisitSettings = VisitSettings(),
    *,
    t10: np.ndarray | None = None,
    b1: np.ndarray | None = None,
    mask: np.ndarray | None = None,
    aif: "ArterialInput | np.ndarray | None" = None,
    progress: Progress | None = None,
) -> Visit:
    """Align the frames, convert signal to concentration, find the arterial input, and fit the model.

    The series is not changed. Peak memory is 2.5 times that of its signal, itself included.

    Args:
        series: the dynamic series.
        settings: the choices; see ``VisitSettings``.
        t10: map of T1 before contrast agent in seconds, shaped (k, j, i); ``settings.t10`` everywhere without it.
        b1: map of the actual divided by the nominal flip angle; 1 everywhere without it.
        mask: the voxels to fit, bool shaped (k, j, i); ``settings.mask`` without it.
        aif: the arterial input, or a mask of the artery to take it from; ``settings.aif`` without it.
        progress: see ``PerfusionRatioLib.progress``.

    Raises:
        InputError: something given cannot be used.
        NoAnswerError: no brain or no artery was found.
        Cancelled: by ``progress``.
    """
    artery = aif if isinstance(aif, np.ndarray) else None
    prepared = prepare_visit(
        series, settings, t10=t10, b1=b1, mask=mask, artery=artery, progress=part(progress, 0, 0.6)
    )
    return fit_prepared(prepared, aif, part(progress, 0.6, 1))


def fit_prepared(
    prepared: PreparedVisit,
    aif: "ArterialInput | np.ndarray | None" = None,
    progress: Progress | None = None,
    *,
    where: np.ndarray | None = None,
) -> Visit:
    """Arterial input and maps of a visit that is prepared already, as its settings say.

    Args:
        prepared: the visit.
        aif: as in ``find_arterial_input``.
        progress: see ``PerfusionRatioLib.progress``.
        where: the only voxels that are fitted, bool shaped (k, j, i); the arterial input is found in all. All of
            ``prepared.mask`` are fitted without it.

    Raises:
        InputError, NoAnswerError: as ``find_arterial_input``.
        Cancelled: by ``progress``.
    """
    from .kinetics import fit

    settings = prepared.settings
    arterial_input = find_arterial_input(prepared, aif, part(progress, 0, 0.25))
    prepared = replace(prepared, parameters={**prepared.parameters, "aif": _origin_of_input(settings, aif)})
    maps = fit(
        prepared.concentration,
        prepared.times,
        arterial_input.plasma_concentration,
        settings.model,
        prepared.mask if where is None else prepared.mask & where,
        settings.standard_errors,
        part(progress, 0.25, 1),
        delay=settings.delay,
    )
    return Visit(prepared, arterial_input, maps)


def _origin_of_input(settings: VisitSettings, aif: "ArterialInput | np.ndarray | None") -> Known:
    if aif is None:
        return settings.known("aif")
    return Known("region" if isinstance(aif, np.ndarray) else "curve", settings.origins.get("aif", "given"))


def find_arterial_input(
    prepared: PreparedVisit, aif: "ArterialInput | np.ndarray | None" = None, progress: Progress | None = None
) -> "ArterialInput":
    """The arterial input: ``aif`` itself, or from the artery it marks, or as ``settings.aif`` says.

    Raises:
        InputError: the curve or mask given cannot be used.
        NoAnswerError: no artery was found.
    """
    if aif is not None and not isinstance(aif, np.ndarray):
        return aif
    measured = _measured_or_population(prepared, aif, progress)
    note = _implausible_t10(prepared.artery_t10, measured.mask)
    return replace(measured, notes=(*measured.notes, *note))


def _measured_or_population(
    prepared: PreparedVisit, artery: np.ndarray | None, progress: Progress | None
) -> "ArterialInput":
    from .aif.automatic import detect_aif
    from .aif.population import georgiou, parker
    from .aif.region import aif_from_mask
    from .signal.baseline import find_baseline

    settings, times = prepared.settings, prepared.times
    if artery is not None:
        return aif_from_mask(
            prepared.concentration, artery, times, settings.haematocrit, prepared.grid, prepared.as_blood
        )
    if settings.aif == "auto":
        return detect_aif(
            prepared.concentration,
            times,
            settings.haematocrit,
            prepared.mask,
            prepared.grid,
            progress,
            prepared.as_blood,
        )
    population = parker if settings.aif == "parker" else georgiou
    baseline = prepared.baseline or find_baseline(prepared.concentration, times, prepared.mask)
    return population(times, arrival_time=baseline.arrival_time, haematocrit=settings.haematocrit)


def _implausible_t10(t10: np.ndarray | None, artery: np.ndarray | None) -> tuple[str, ...]:
    """That the T10 map does not have the T10 of blood in the voxels of the artery."""
    if t10 is None or artery is None:
        return ()
    median = float(np.median(t10[artery]))
    low, high = BLOOD_T10_RANGE
    if low <= median <= high:
        return ()
    why = (
        "inflow makes it too short, and the arterial input too high with it"
        if median < low
        else "fluid or a flip angle that is off makes it too long, and the arterial input too low with it"
    )
    return (
        f"The T10 map has {median:.2f} s in the artery (median), but blood has {low:g} to {high:g} s: {why}; give the "
        "T10 of blood with --blood-t10.",
    )

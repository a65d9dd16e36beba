"""`fit`: maps of a pharmacokinetic model from concentration curves and an arterial input."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import numpy as np

from ..errors import InputError
from ..progress import Progress, advance
from ..series import check_times
from .delay import find_common_delay
from .exchange import ConstrainedExchange
from .models import MODELS, Model, find_model
from .parameter_maps import ParameterMaps
from .rate_search import RateSearch
from .selection import SelectedModel
from .separable import SeparableSearch
from .voxels import MapWriter, fit_voxels

_CHUNK = 16384
"""Voxels that are worked on together: enough for the calls to cost little, few enough for a small working set."""

DELAY_RANGE = (-10.0, 20.0)
"""Seconds by which the input of a tissue is searched to lag behind the measured one."""


def fit(
    concentration: np.ndarray,
    times: np.ndarray,
    aif: np.ndarray,
    model: str = "extended-tofts",
    mask: np.ndarray | None = None,
    standard_errors: bool = False,
    progress: Progress | None = None,
    *,
    delay: str = "none",
    delay_range: tuple[float, float] = DELAY_RANGE,
    threads: int | None = None,
) -> ParameterMaps:
    """Fit a model to every voxel: the global least-squares minimum within the physical bounds.

    The bounds are Ktrans ≥ 0, vp ≥ 0, ve ≤ 1 and the rates of `models.MODELS`; on each of their faces the other
    parameters are optimised again. The arterial input is taken as straight lines between its samples and convolved
    exactly. Samples that are not finite are left out of their own voxel's fit; the other voxels do not notice.

    Args:
        concentration: (t, ...) in mM, float32 (other types are converted chunk by chunk).
        times: (t,) in seconds, increasing, even or not.
        aif: (t,) plasma concentration of the arterial input in mM, already divided by 1 − haematocrit.
        model: "tofts", "extended-tofts", "patlak", "2cum", "2cxm", or "auto", which chooses for each voxel among none,
            plasma only, Patlak and extended Tofts by the corrected Akaike criterion.
        mask: (...) bool, the voxels to fit; all when None.
        standard_errors: also return a standard error for every parameter, from the Jacobian at the minimum.
        progress: see `progress.Progress`.
        delay: "none", "global" (one lag for all voxels) or "voxel" (a lag for each, searched over ``delay_range``).
        delay_range: shortest and longest lag in seconds.
        threads: how many to use; the number of processors when None.

    Returns:
        `ParameterMaps` shaped (...), NaN outside the mask.

    Raises:
        InputError: shapes that do not belong together, times that do not increase, an arterial input that is not finite
            or not positive, an empty mask, an unknown model or delay.
        Cancelled: ``progress`` answered False.
    """
    concentration = np.asarray(concentration)
    times, aif = np.asarray(times, float), np.asarray(aif, float)
    chosen = _check(concentration, times, aif, model, mask, delay, delay_range, threads)
    shape = concentration.shape[1:]
    curves = concentration.reshape(len(times), -1)
    voxels = np.arange(curves.shape[1]) if mask is None else np.flatnonzero(np.asarray(mask).reshape(-1))
    make = _solver_maker(chosen, times / 60, aif)
    limits = tuple(second / 60 for second in delay_range)
    common = 0.0
    if delay == "global":
        common = find_common_delay(chosen or MODELS["extended-tofts"], times / 60, aif, curves, voxels, limits)
    solver = make(limits if delay == "voxel" else common)
    writer = MapWriter(solver, curves.shape[1], standard_errors)
    _in_chunks(lambda part: fit_voxels(solver, curves, part, writer), voxels, mask is None, progress, threads)
    return writer.maps(shape, 60 * common if delay == "global" else None)


def _solver_maker(model: Model | None, times, aif) -> Callable:
    """A function of the delay (minutes, or a range of them) that returns a solver; ``model`` None chooses by voxel."""

    def make(delay):
        if model is None:
            return SelectedModel(times, aif, delay)
        if model.exponentials == 1 and not isinstance(delay, tuple):
            return RateSearch(model, times, aif, delay)
        search = SeparableSearch(model, times, aif, delay)
        return ConstrainedExchange(search) if model.exponentials == 2 else search

    return make


def _in_chunks(work, voxels, contiguous, progress, threads):
    """Run ``work`` on chunks of voxels in a pool of threads; the calling thread reports progress."""
    threads = threads or os.cpu_count() or 1
    starts = range(0, len(voxels), _CHUNK)
    stop = threading.Event()

    def one(start):
        if not stop.is_set():
            part = voxels[start : start + _CHUNK]
            work(slice(part[0], part[-1] + 1) if contiguous else part)

    advance(progress, 0.0, "Fitting")
    with ThreadPoolExecutor(threads) as pool:
        pending = {pool.submit(one, start) for start in starts}
        try:
            while pending:
                done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
                for future in done:
                    future.result()
                advance(progress, 1 - len(pending) / len(starts), "Fitting")
        except BaseException:
            stop.set()
            raise


def _check(concentration, times, aif, model, mask, delay, delay_range, threads) -> Model | None:
    """The model asked for (None for "auto"), or an InputError that says what does not fit together."""
    if concentration.ndim < 2:
        raise InputError(f"Concentrations are shaped (t, ...); these are shaped {concentration.shape}.")
    frames = len(concentration)
    check_times(times, frames, "given to the fit")
    if aif.shape != (frames,):
        raise InputError(f"The arterial input has {aif.size} samples for {frames} frames; one a frame is needed.")
    if not np.all(np.isfinite(aif)):
        raise InputError("The arterial input has samples that are not numbers: choose other voxels or another source.")
    if aif.sum() <= 0 or aif.max() <= 0:
        raise InputError("The arterial input does not rise above zero: it is not a concentration of contrast agent.")
    if mask is not None:
        if np.shape(mask) != concentration.shape[1:]:
            raise InputError(f"The mask is shaped {np.shape(mask)}, the voxels {concentration.shape[1:]}.")
        if not np.any(mask):
            raise InputError("The mask is empty: it must hold the voxels to fit.")
    if delay not in ("none", "global", "voxel"):
        raise InputError(f"There is no way {delay!r} to treat the delay; choose none, global or voxel.")
    if not (np.all(np.isfinite(delay_range)) and delay_range[0] < delay_range[1]):
        raise InputError(
            f"The delays would run from {delay_range[0]:g} to {delay_range[1]:g} s; "
            "give two numbers of seconds, the shorter first."
        )
    if threads is not None and threads < 1:
        raise InputError(f"The fit cannot run on {threads} threads; give one or more.")
    chosen = None if model == "auto" else find_model(model)
    degrees = (MODELS["extended-tofts"] if chosen is None else chosen).degrees + (delay != "none")
    if frames < degrees + 2:
        raise InputError(f"The model {model} has {degrees} unknowns; it needs {degrees + 2} frames, not {frames}.")
    return chosen

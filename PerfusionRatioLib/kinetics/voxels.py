"""From a block of curves to its part of the maps."""

import numpy as np

from .blocks import product
from .models import parameters_of
from .parameter_maps import Flag, ParameterMaps
from .selection import corrected_akaike
from .solution import Block
from .uncertainty import inverse_normal, standard_errors

_MOST_ROUNDS = 300
_SETTLED = 1e-6
_ROWS = 1024
_ROUNDING = 1e-12


class MapWriter:
    """The maps while they are made; blocks may be written from several threads, as they do not overlap."""

    def __init__(self, solver, voxels: int, errors: bool):
        self.errors = errors
        self._solver = solver
        names = solver.model.parameters + (("delay",) if getattr(solver, "has_delay", False) else ())
        self._maps = {name: _empty(voxels) for name in (*names, "r2", "residual_sd", "aicc")}
        self._errors = {name: _empty(voxels) for name in names} if errors else {}
        self._flags = np.full(voxels, Flag.NOT_FITTED, np.uint8)
        self._index = np.zeros(voxels, np.uint8) if hasattr(solver, "choices") else None

    def write(self, where, solution, rss, total, samples, extra_flags=0):
        """Write one block.

        Args:
            where: slice or indices of its voxels.
            rss, total: residual sum of squares and sum of squares about the mean.
            samples: valid samples of each curve.
        """
        model = self._solver.model
        values = parameters_of(model, solution.first, solution.second, solution.rate, solution.second_rate)
        if solution.delay is not None:
            values["delay"] = np.where(solution.flags & Flag.NO_INFORMATION, np.nan, 60 * solution.delay)
        degrees = _degrees(self._solver, solution)
        variance = rss / (samples - degrees)
        with np.errstate(divide="ignore", invalid="ignore"):
            values["r2"] = np.where(total > 0, 1 - rss / total, np.nan)
        values["residual_sd"] = np.sqrt(variance)
        values["aicc"] = corrected_akaike(rss, samples, degrees)
        for name, column in self._maps.items():
            column[where] = values[name]
        if self.errors:
            for name, error in standard_errors(model, solution, variance).items():
                self._errors[name][where] = error
        self._flags[where] = solution.flags | np.uint8(extra_flags)
        if self._index is not None:
            self._index[where] = solution.model_index

    def maps(self, shape, delay=None) -> ParameterMaps:
        """The finished maps, shaped as the voxels were given; ``delay`` in seconds is the one used for all voxels."""
        values = {name: column.reshape(shape) for name, column in self._maps.items()}
        if delay is not None and "delay" not in values:
            without = np.uint8(Flag.NOT_FITTED | Flag.NO_INFORMATION)
            values["delay"] = np.where(self._flags.reshape(shape) & without, np.nan, delay).astype(np.float32)
        return ParameterMaps(
            model="auto" if self._index is not None else self._solver.model.name,
            flags=self._flags.reshape(shape),
            model_index=None if self._index is None else self._index.reshape(shape),
            standard_errors={name: column.reshape(shape) for name, column in self._errors.items()},
            **values,
        )


def fit_voxels(solver, curves: np.ndarray, where, writer: MapWriter) -> None:
    """Fit the voxels ``where`` (slice or indices) of ``curves`` (frames, voxels) and write their maps."""
    data = np.asarray(curves[:, where], np.float32)
    with np.errstate(invalid="ignore"):
        reduced = product(data.T, solver.basis)
    complete = np.isfinite(reduced).all(1)
    if complete.all():
        _fit_complete(solver, data, reduced, where, writer)
        return
    where = np.arange(where.start, where.stop) if isinstance(where, slice) else where
    if complete.any():
        _fit_complete(solver, data[:, complete], reduced[complete], where[complete], writer)
    _fit_incomplete(solver, data[:, ~complete], where[~complete], writer)


def _fit_complete(solver, data, reduced, where, writer):
    outside = _energy(data - product(reduced, np.ascontiguousarray(solver.basis.T)).T)
    solution = solver.solve(Block(reduced, outside, len(data)), writer.errors)
    left = reduced - solution.fitted
    rss = outside + np.einsum("nd,nd->n", left, left)
    writer.write(where, solution, rss, _about_mean(data), len(data))


def _fit_incomplete(solver, data, where, writer):
    """Fit the valid samples only, by filling the others with what the fit says of them until that does not change.

    At the fixed point the filled samples have no residual, so it is the least-squares minimum of the valid ones
    (expectation-maximisation for a Gaussian; Dempster, Laird & Rubin 1977, JRSS B 39:1).
    """
    valid = np.isfinite(data)
    samples = valid.sum(0)
    enough = samples >= solver.model.degrees + 2 + getattr(solver, "has_delay", False)
    data, valid, samples, where = data[:, enough], valid[:, enough], samples[enough], where[enough]
    if not len(where):
        return
    filled = np.where(valid, data, _between(data, valid))
    size = np.maximum(np.abs(np.where(valid, data, 0)).max(0), 1e-12)
    earlier = None
    for _ in range(_MOST_ROUNDS):
        solution, curve = _solve_filled(solver, filled, samples)
        change = np.where(valid, 0, curve - filled)
        if (np.abs(change).max(0) / size).max() < _SETTLED:
            break
        if earlier is None:
            filled, earlier = filled + change, change
        else:
            filled, earlier = filled + _extrapolated(earlier, change), None
    if writer.errors:
        solution.covariance = _covariance_of_valid(solver, solution, valid)
    rss = _energy(np.where(valid, data - curve, 0))
    writer.write(where, solution, rss, _about_mean(data, valid), samples, Flag.INCOMPLETE)


def _covariance_of_valid(solver, solution, valid):
    """What the valid samples (frames, n) alone tell of the unknowns: filled ones are no measurements."""
    jacobian, known = solver.jacobian(solution)
    covariance = np.empty((*known.shape, known.shape[1]))
    for start in range(0, len(known), _ROWS):
        rows = slice(start, start + _ROWS)
        in_frames = (jacobian[rows] @ solver.basis.T.astype(float)) * valid.T[rows, None, :]
        covariance[rows] = inverse_normal(in_frames, known[rows])
    return covariance


def _solve_filled(solver, filled, samples):
    """Solution of complete curves, and the curve that it stands for (frames, n)."""
    reduced = product(np.ascontiguousarray(filled.T), solver.basis)
    basis = np.ascontiguousarray(solver.basis.T)
    outside = _energy(filled - product(reduced, basis).T)
    solution = solver.solve(Block(reduced, outside, samples))
    return solution, (solution.fitted @ basis).T.astype(np.float32)


def _extrapolated(first, second):
    """The step that two steps in a row point to.

    Steps that shrink by a factor f each add up to the second divided by 1 − f (Aitken's extrapolation).
    """
    first_size, second_size = np.sqrt(_energy(first)), np.sqrt(_energy(second))
    shrinks = np.minimum(second_size / np.maximum(first_size, 1e-30), 0.98)
    return (second / (1 - shrinks)).astype(np.float32)


def _between(data, valid):
    """Straight lines across the samples that are missing: the first guess."""
    frames = np.arange(len(data))
    columns = [np.interp(frames, frames[ok], column[ok]) for column, ok in zip(data.T, valid.T, strict=True)]
    return np.array(columns, np.float32).T


def _degrees(solver, solution):
    delay = int(solution.delay is not None)
    if solution.model_index is None:
        return solver.model.degrees + delay
    return np.array(solver.choices)[solution.model_index] + delay * (solution.model_index > 0)


def _energy(columns):
    return np.einsum("tn,tn->n", columns, columns, dtype=float)


def _about_mean(data, valid=None):
    """Sum of squares of the valid samples (all when None) about their mean; zero where that is mere rounding."""
    if valid is None:
        samples, mean = len(data), data.mean(0)
        total = _energy(data - mean)
    else:
        samples = valid.sum(0)
        mean = np.where(valid, data, 0).sum(0) / samples
        total = _energy(np.where(valid, data - mean, 0))
    return np.where(total > _ROUNDING * samples * mean**2, total, 0.0)


def _empty(voxels):
    return np.full(voxels, np.nan, np.float32)

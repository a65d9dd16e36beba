"""Standard errors of a model's parameters from the covariance of its weights and rates."""

import numpy as np

from .models import Model, parameters_of
from .parameter_maps import Flag
from .solution import Solution

_STEP = 1e-4


def standard_errors(model: Model, solution: Solution, variance: np.ndarray) -> dict[str, np.ndarray]:
    """Standard error of each parameter, by propagation of the covariance to first order.

    Args:
        variance: (n,) of the noise in the concentrations.

    Returns:
        parameter -> (n,), NaN where the data cannot tell; the delay in seconds. Of the models with a flow, a rate at
        the end of its range is taken as known, as the others hardly depend on it; Fp itself is then a bound only.
    """
    unknowns = [name for name in solution.unknowns if name != "delay"]
    slopes = {name: [] for name in model.parameters}
    for unknown in unknowns:
        after, before, width = _nudged(model, solution, unknown)
        for name in model.parameters:
            with np.errstate(invalid="ignore"):
                slopes[name].append((after[name] - before[name]) / width)
    rows = [solution.unknowns.index(name) for name in unknowns]
    held = model.parameters if "fp" in model.parameters else ()
    result = {}
    with np.errstate(invalid="ignore"):
        for name, slope in slopes.items():
            total = np.zeros(len(variance))
            for i, row in enumerate(rows):
                for j, column in enumerate(rows):
                    factor = slope[i] * slope[j]
                    term = np.where(factor == 0, 0.0, factor * solution.covariance[:, row, column])
                    total += np.where(np.isnan(term), 0.0, term) if name in held else term
            result[name] = np.sqrt(total * variance)
    if "fp" in held:
        result["fp"][solution.flags & Flag.RATE_AT_LIMIT > 0] = np.nan
    if "delay" in solution.unknowns:
        last = solution.unknowns.index("delay")
        result["delay"] = 60 * np.sqrt(solution.covariance[:, last, last] * variance)
    return result


def _nudged(model, solution, unknown):
    """Parameters with one unknown a little larger and a little smaller, and the difference of the unknown."""
    values = {"first": solution.first, "second": solution.second}
    rates = {"rate": solution.rate, "second_rate": solution.second_rate}
    if unknown in values:
        width = _STEP * np.maximum(solution.first + solution.second, 1e-6)
        steps = [values | {unknown: values[unknown] + sign * width} for sign in (1, -1)]
        return (*[parameters_of(model, **v, **rates) for v in steps], 2 * width)
    steps = [rates | {unknown: rates[unknown] * np.exp(sign * _STEP)} for sign in (1, -1)]
    return (*[parameters_of(model, **values, **v) for v in steps], 2 * _STEP)


def inverse_normal(jacobian, known):
    """Inverse of JᵀJ over the ``known`` unknowns of each voxel, NaN for the others and where it has none.

    Args:
        jacobian: (n, m, d).
        known: (n, m) bool.
    """
    length = np.sqrt(np.einsum("nmd,nmd->nm", jacobian, jacobian))
    known = known & (length > 0)
    unit = jacobian / np.where(length > 0, length, 1.0)[:, :, None]
    normal = np.einsum("nmd,nkd->nmk", unit, unit)
    both = known[:, :, None] & known[:, None, :]
    normal = np.where(both, normal, np.eye(jacobian.shape[1]))
    solvable = np.linalg.eigvalsh(normal)[:, 0] > 1e-10
    inverse = np.full_like(normal, np.nan)
    inverse[solvable] = np.linalg.inv(normal[solvable])
    scale = np.where(length > 0, length, 1.0)
    return np.where(both, inverse / (scale[:, :, None] * scale[:, None, :]), np.nan)

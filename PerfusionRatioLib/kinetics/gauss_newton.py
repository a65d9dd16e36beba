"""Damped Gauss-Newton steps within bounds, for many small problems at once."""

import numpy as np

_MOST_STEPS = 200
_SMALLEST_GAIN = 1e-13
_SETTLED = 1e-7
_LONGEST = 0.7


def minimise(evaluate, theta, low, high):
    """Lower the residual sum of squares of each problem until neither the sum nor the unknowns change any more.

    Levenberg-Marquardt with Marquardt's scaling; an unknown at a bound that it is pushed against is held there.

    Args:
        evaluate: ``evaluate(rows, theta, jacobian)`` -> object with ``rss`` (n,), ``residual`` (n, d) and, when asked
            for, ``projected_jacobian`` (n, q, d), for the problems ``rows``.
        theta: (n, q) start.
        low, high: (q,) or (n, q) bounds.

    Returns:
        (n, q).
    """
    theta = np.clip(theta, low, high)
    low, high = np.broadcast_to(low, theta.shape), np.broadcast_to(high, theta.shape)
    result = theta.copy()
    active = np.arange(len(theta))
    damping = np.full(len(theta), 1e-3)
    state = evaluate(active, theta, True)
    rss, normal, gradient = state.rss, *_normal_equations(state)
    scale = np.maximum(np.einsum("nd,nd->n", state.data, state.data), 1e-30)
    for _ in range(_MOST_STEPS):
        step = _step(normal, gradient, damping, theta, low, high)
        trial = np.clip(theta + step, low, high)
        state = evaluate(active, trial, True)
        better = state.rss < rss
        settled = (np.abs(trial - theta).max(1) < _SETTLED) | (damping > 1e9)
        settled |= better & (rss - state.rss < _SMALLEST_GAIN * scale) & (damping < 1e-2)
        trial_normal, trial_gradient = _normal_equations(state)
        theta = np.where(better[:, None], trial, theta)
        rss = np.where(better, state.rss, rss)
        normal = np.where(better[:, None, None], trial_normal, normal)
        gradient = np.where(better[:, None], trial_gradient, gradient)
        damping = np.where(better, np.maximum(damping * 0.2, 1e-9), damping * 5)
        result[active] = theta
        keep = ~settled
        if not keep.any():
            break
        if not keep.all():
            active, theta, rss, scale, damping = active[keep], theta[keep], rss[keep], scale[keep], damping[keep]
            normal, gradient, low, high = normal[keep], gradient[keep], low[keep], high[keep]
    return result


def _normal_equations(state):
    jacobian = state.projected_jacobian
    return np.einsum("nqd,nkd->nqk", jacobian, jacobian), np.einsum("nqd,nd->nq", jacobian, state.residual)


def _step(normal, gradient, damping, theta, low, high):
    held = ((theta <= low) & (gradient < 0)) | ((theta >= high) & (gradient > 0))
    size = normal.shape[1]
    diagonal = np.einsum("nqq->nq", normal)
    matrix = normal + np.eye(size) * (damping[:, None] * diagonal + 1e-30)[:, None, :]
    matrix = np.where(held[:, :, None] | held[:, None, :], 0.0, matrix)
    empty = held | (diagonal <= 0)
    matrix += np.eye(size) * np.where(empty, 1.0, 0.0)[:, None, :]
    step = np.linalg.solve(matrix, np.where(empty, 0.0, gradient)[:, :, None])[:, :, 0]
    return np.clip(step, -_LONGEST, _LONGEST)

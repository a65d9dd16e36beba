"""Kinetic reference objects: tissue curves of known parameters, made without any code of the solver they test.

Each model is written as the linear compartment system it stands for,

    dx/dt = A x + b c_a(t),    C_t = c · x + d c_a(t),

and solved on a time grid far finer than the frames, with the arterial input given as a *function* of time rather than
as samples. Frames, delay and noise are put on afterwards. The models are those of Sourbron and Buckley, NMR Biomed
2013;26:1004.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm

from ..errors import InputError

FINE_STEP = 0.02
"""Seconds between points of the fine grid: 50 to 500 times finer than frames of 1 to 10 s."""

MODEL_PARAMETERS = {
    "tofts": ("ktrans", "ve"),
    "extended-tofts": ("ktrans", "vp", "ve"),
    "patlak": ("ktrans", "vp"),
    "2cum": ("fp", "ps", "vp"),
    "2cxm": ("fp", "ps", "vp", "ve"),
}
"""What each model needs: Ktrans and PS in min⁻¹, Fp in ml/100 ml/min, vp and ve as fractions."""

PlasmaFunction = Callable[[np.ndarray], np.ndarray]
"""Arterial plasma concentration (mM) at times (s); zero at the start of the series and before."""


@dataclass(frozen=True)
class GaussianBolus:
    """Two Gaussian passes on an exponential washout that sets in as a sigmoid, the form of Parker (MRM 2006;56:993).

    The numbers are of this project (plasma, not blood). Times in seconds, concentrations in mM. A second input of
    another form, a gamma variate, is `bolus.Bolus.arterial`.

    Attributes:
        arrival_time: when the first pass begins to rise (four standard deviations ahead of its peak).
    """

    arrival_time: float = 30.0
    first_pass: tuple[float, float] = (7.0, 3.0)
    recirculation: tuple[float, float, float] = (0.9, 19.0, 7.0)
    washout: tuple[float, float, float, float] = (1.5, 420.0, 15.0, 3.0)

    def __call__(self, times: np.ndarray) -> np.ndarray:
        """Plasma concentration in mM at ``times`` (seconds), shaped like them."""
        since = np.asarray(times, float) - self.arrival_time
        height, width = self.first_pass
        second_height, second_after, second_width = self.recirculation
        tail, decay, onset, onset_width = self.washout
        peak = 4 * width
        first = height * np.exp(-0.5 * ((since - peak) / width) ** 2)
        second = second_height * np.exp(-0.5 * ((since - peak - second_after) / second_width) ** 2)
        # The clip only keeps exp() from overflowing long before arrival, where the sigmoid is zero anyway.
        sigmoid = 1 / (1 + np.exp(np.clip(-(since - onset) / onset_width, None, 700)))
        return first + second + tail * np.exp(-np.maximum(since, 0) / decay) * sigmoid


def tissue_concentration(
    model: str,
    parameters: Mapping[str, np.ndarray | float],
    plasma: PlasmaFunction,
    times: np.ndarray,
    *,
    delay: np.ndarray | float = 0.0,
    frame_duration: float = 0.0,
    step: float = FINE_STEP,
) -> np.ndarray:
    """Tissue concentration of one model at the frame times.

    The compartment system is stepped over the fine grid with the matrix exponential of each step (first-order hold of
    the input), which stays exact however stiff the exchange; its only error is that of the input between two points
    of the fine grid, of the order of ``step``² c_a''/12.

    Args:
        model: a key of ``MODEL_PARAMETERS``.
        parameters: one value, or an array shaped (n,), for each parameter of the model.
        plasma: arterial plasma concentration in mM as a function of time in seconds.
        times: seconds, shaped (t,).
        delay: seconds by which the blood reaches the tissue later than it passes the artery, one or shaped (n,).
        frame_duration: 0 samples the curve at the frame times; otherwise each frame is the mean over this many
            seconds around its time.
        step: seconds between points of the fine grid.

    Returns:
        mM, shaped (t, n), float64.

    Raises:
        InputError: an unknown model, a missing or an unused parameter.
    """
    times = np.atleast_1d(np.asarray(times, float))
    values, delay = _cases(model, parameters, delay)
    half = frame_duration / 2
    start = min(float(times.min()), 0.0) - float(delay.max()) - half - step
    stop = float(times.max()) - float(delay.min()) + half + step
    fine = start + step * np.arange(int(np.ceil((stop - start) / step)) + 1)
    curves = _solve(*_system(model, values), plasma(fine), step)

    result = np.empty((len(times), delay.size))
    for lag in np.unique(delay):
        cases = delay == lag
        result[:, cases] = _sample(fine, curves[:, cases], times - lag, frame_duration)
    return result


def sample_plasma(plasma: PlasmaFunction, times: np.ndarray, frame_duration: float = 0.0) -> np.ndarray:
    """The arterial input (mM) as the frames see it, shaped (t,): at their times, or meaned over their duration."""
    times = np.asarray(times, float)
    if frame_duration == 0:
        return plasma(times)
    within = (np.arange(200) + 0.5) / 200 - 0.5
    return plasma(times[:, None] + frame_duration * within).mean(axis=1)


def spoiled_gradient_echo(
    concentration: np.ndarray,
    *,
    repetition_time: float,
    flip_angle: float,
    t10: np.ndarray | float,
    relaxivity: float,
    m0: float = 1.0,
) -> np.ndarray:
    """Steady-state spoiled gradient echo signal of a concentration, shaped like it.

    S = M0 sin α (1 − E1) / (1 − E1 cos α) with E1 = exp(−TR (1/T10 + r1 C)); T2* decay is left out. TR and T10 in
    seconds, α in degrees, r1 in 1/(mM s), C in mM. Written here on its own, so that it can judge the library's inverse.
    """
    decay = np.exp(-repetition_time / np.asarray(t10) - repetition_time * relaxivity * np.asarray(concentration))
    angle = np.deg2rad(flip_angle)
    return m0 * np.sin(angle) * (1 - decay) / (1 - decay * np.cos(angle))


def with_gaussian_noise(values: np.ndarray, sd: np.ndarray | float, generator: np.random.Generator) -> np.ndarray:
    """Values with independent Gaussian noise of standard deviation ``sd`` (broadcast against them)."""
    return values + sd * generator.standard_normal(np.shape(values))


def with_rician_noise(signal: np.ndarray, sd: np.ndarray | float, generator: np.random.Generator) -> np.ndarray:
    """Magnitude of a signal whose real and imaginary channels each carry noise of standard deviation ``sd``."""
    return np.hypot(with_gaussian_noise(signal, sd, generator), sd * generator.standard_normal(np.shape(signal)))


def _cases(model: str, parameters: Mapping, delay) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Parameters and delay, each as an array with one value a case."""
    if model not in MODEL_PARAMETERS:
        raise InputError(f"There is no reference object for the model {model!r}; take {', '.join(MODEL_PARAMETERS)}.")
    names = MODEL_PARAMETERS[model]
    if set(parameters) != set(names):
        raise InputError(f"The model {model} takes {', '.join(names)}; given were {', '.join(parameters) or 'none'}.")
    arrays = np.broadcast_arrays(delay, *(np.asarray(parameters[name], float) for name in names))
    delay, *values = (np.atleast_1d(array) for array in arrays)
    return dict(zip(names, values, strict=True)), delay


def _system(model: str, values: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A (n, 2, 2), b (n, 2), c (n, 2) and d (n,) of the compartment system, rates per second.

    The state is the concentration in capillary plasma and in the interstitium; a model without one of them leaves
    its row empty. Interstitium without back flux (Patlak, 2CUM) counts what has entered, per volume of tissue.
    """
    n = next(iter(values.values())).size
    a, b, c, d = np.zeros((n, 2, 2)), np.zeros((n, 2)), np.zeros((n, 2)), np.zeros(n)
    if model in ("tofts", "extended-tofts"):
        rate = values["ktrans"] / 60 / values["ve"]
        a[:, 1, 1], b[:, 1], c[:, 1] = -rate, rate, values["ve"]
        d += values.get("vp", 0.0)
    elif model == "patlak":
        b[:, 1], c[:, 1] = values["ktrans"] / 60, 1
        d += values["vp"]
    else:
        flow, exchange, vp = values["fp"] / 6000, values["ps"] / 60, values["vp"]
        a[:, 0, 0], b[:, 0], c[:, 0] = -(flow + exchange) / vp, flow / vp, vp
        if model == "2cum":
            a[:, 1, 0], c[:, 1] = exchange, 1
        else:
            ve = values["ve"]
            a[:, 0, 1], a[:, 1, 0], a[:, 1, 1], c[:, 1] = exchange / vp, exchange / ve, -exchange / ve, ve
    return a, b, c, d


def _solve(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray, plasma: np.ndarray, step: float) -> np.ndarray:
    """The response of every system to the input on the fine grid, shaped (fine, n), from an empty tissue."""
    # With the input and its slope as two more states, one exponential gives the step for a linearly varying input.
    extended = np.zeros((len(a), 4, 4))
    extended[:, :2, :2], extended[:, :2, 2], extended[:, 2, 3] = a * step, b * step, 1
    advance = expm(extended)
    stay = np.ascontiguousarray(advance[:, :2, :2].transpose(1, 2, 0))
    from_value, from_slope = advance[:, :2, 2].T.copy(), advance[:, :2, 3].T.copy()

    state = np.zeros((2, len(a)))
    result = np.empty((len(plasma), len(a)))
    result[0] = d * plasma[0]
    for k in range(1, len(plasma)):
        drive = from_value * plasma[k - 1] + from_slope * (plasma[k] - plasma[k - 1])
        state = stay[:, 0] * state[0] + stay[:, 1] * state[1] + drive
        result[k] = c[:, 0] * state[0] + c[:, 1] * state[1] + d * plasma[k]
    return result


def _sample(fine: np.ndarray, curves: np.ndarray, times: np.ndarray, frame_duration: float) -> np.ndarray:
    """Curves on the fine grid at the frame times, or their means over the frames."""
    if frame_duration == 0:
        return _interpolated(fine, curves, times)
    area = np.zeros_like(curves)
    np.cumsum((curves[1:] + curves[:-1]) * ((fine[1] - fine[0]) / 2), axis=0, out=area[1:])
    half = frame_duration / 2
    return (_interpolated(fine, area, times + half) - _interpolated(fine, area, times - half)) / frame_duration


def _interpolated(fine: np.ndarray, curves: np.ndarray, times: np.ndarray) -> np.ndarray:
    """The cubic through the four points of the fine grid around each time."""
    position = (times - fine[0]) / (fine[1] - fine[0])
    first = np.clip(position.astype(int) - 1, 0, len(fine) - 4)
    x = (position - first)[:, None]
    return (
        curves[first] * (-(x - 1) * (x - 2) * (x - 3) / 6)
        + curves[first + 1] * (x * (x - 2) * (x - 3) / 2)
        + curves[first + 2] * (-x * (x - 1) * (x - 3) / 2)
        + curves[first + 3] * (x * (x - 1) * (x - 2) / 6)
    )

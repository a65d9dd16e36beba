"""The outcome of ``perfusion-ratio validate`` as tables and sentences."""

import itertools
import math

from ..validation import Agreement, Condition, GridErrors, ProtocolErrors, ReferenceGrid
from ..validation.expected_errors import REFERENCE, RatioErrors, TissueErrors
from .console import table

UNITS = {"ktrans": "min⁻¹", "kep": "min⁻¹", "ps": "min⁻¹", "fp": "ml/100 ml/min", "delay": "s"}
NAMES = {"ktrans": "Ktrans", "kep": "kep", "ps": "PS", "fp": "Fp", "rktrans": "rKtrans", "rvp": "rVp"}
NOTHING = "-"
TRUE_CURVES = {
    "extended-tofts": "extended Tofts with vp",
    "2cum": "two-compartment uptake (2cum)",
    "2cxm": "two-compartment exchange (2cxm)",
}
LARGEST_PERCENT = 10.0
"""Relative error beyond which the factor to the truth is easier to read."""

STATISTICS = ("median bias", "mean bias", "median rel", "mean rel", "RMSE", "concordance", "failed", "at a limit")
"""At a limit: a rate at the end of its range or vp above 1, in models with a flow; left out of means and RMSE."""


def grid_text(result: GridErrors, every_condition: bool = False) -> str:
    """Tables of errors: delay-aware against delay-blind, Ktrans by its true value, and one a model."""
    parts = [_about(result.grid)]
    if comparison := _delay_comparison(result):
        parts.append(comparison)
    if result.by_ktrans:
        parts.append(_by_ktrans(result))
    models = dict.fromkeys(errors.model for errors in result.pooled)
    parts += [_model_table(result, model, every_condition) for model in models]
    return "\n\n".join(parts)


def protocol_text(result: ProtocolErrors) -> str:
    """Tables and sentences on what to expect."""
    heading = (
        f"Expected errors with {result.protocol}\n"
        f"True curves: {TRUE_CURVES[result.true_model]}.\n"
        f"Model of the fit {result.model}, delay of the fit: {result.fit_delay}, true delay {result.delay:g} s, "
        f"relaxivity {result.relaxivity:g} 1/(mM s).\n"
        f"SNR {result.snr:g}: baseline signal of the tissue over the standard deviation of the noise (Rician).\n"
        f"Bolus at {result.arrival_time:g} s; baseline of frames {result.baseline_frames[0] + 1} to "
        f"{result.baseline_frames[1]}. T10 and the arterial input are taken as exact: their errors come on top."
    )
    voxels = [["single voxels", "true", "bias", "relative", "95% from", "to", "unit"]]
    voxels += [
        [
            f"{NAMES.get(e.parameter, e.parameter)}  {e.tissue}",
            _number(e.true),
            _number(e.bias, signed=True),
            percent(e.bias / e.true),
            _number(e.low),
            _number(e.high),
            UNITS.get(e.parameter, ""),
        ]
        for e in result.tissues
    ]
    first = result.ratios[0]
    title = f"ratios of medians ({first.lesion_voxels} / {first.reference_voxels} voxels)"
    ratios = [[title, "true", "median", "95% from", "to", "at least 1.5", "no ratio"]]
    ratios += [
        [
            f"{NAMES[r.ratio]}  {r.lesion} / {REFERENCE.name}",
            _number(r.true),
            _bound(r.median),
            _bound(r.low),
            _bound(r.high),
            f"{r.hyperperfused:.1%}",
            f"{r.reference_zero:.1%}",
        ]
        for r in result.ratios
    ]
    words = [*map(_tissue_sentence, result.tissues), *map(_ratio_sentence, result.ratios)]
    return "\n\n".join([heading, table(voxels), table(ratios), "\n".join([*words, *(f"! {n}" for n in result.notes)])])


def _about(grid: ReferenceGrid) -> str:
    def listed(values):
        return ", ".join("no noise" if math.isinf(value) else f"{value:g}" for value in values)

    return (
        "Reference objects: curves of known parameters, solved numerically on a 0.02 s grid from an arterial input\n"
        "that is a function of time; the fit sees that input at the frame times only.\n"
        f"Ktrans {listed(grid.ktrans)} min⁻¹; vp {listed(grid.vp)}; ve {listed(grid.ve)}; "
        f"Fp {listed(grid.fp)} ml/100 ml/min.\n"
        f"Delay {listed(grid.delays)} s; frames of {listed(grid.intervals)} s over {grid.duration:g} s; "
        f"SNR {listed(grid.snrs)}, where SNR is the peak of\n"
        f"the tissue curve over the standard deviation of the Gaussian noise, both as concentration.\n"
        f"At least {grid.voxels} voxels a condition with noise; seed {grid.seed}.\n"
        "At a limit: voxels in which 2cum or 2cxm found a rate at the end of its range or a vp above 1; they are left\n"
        "out of means and RMSE, not of medians and concordance."
    )


def _delay_comparison(result: GridErrors) -> str | None:
    """Ktrans with the longest delay: the fit that looks for it against the fit that does not."""
    grid, delay = result.grid, max(result.grid.delays)
    if delay == 0:
        return None
    snr = grid.base[1]
    heading = [
        "model",
        "frames",
        "delay-aware: bias",
        "concordance",
        "delay-blind: bias",
        "concordance",
        "delay found: bias",
    ]
    rows = [heading]
    for model, interval in itertools.product(dict.fromkeys(errors.model for errors in result.pooled), grid.intervals):
        at = {"model": model, "interval": interval, "snr": snr, "delay": delay}
        aware = result.select(**at, fit_delay="voxel", parameter="ktrans")[0].agreement
        blind = result.select(**at, fit_delay="none", parameter="ktrans")[0].agreement
        found = result.select(**at, fit_delay="voxel", parameter="delay")[0].agreement
        rows.append(
            [
                model,
                f"{interval:g} s",
                percent(aware.median_relative_bias),
                _concordance(aware),
                percent(blind.median_relative_bias),
                _concordance(blind),
                f"{found.median_bias:+.2f} s",
            ]
        )
    return f"Ktrans with an arterial delay of {delay:g} s and SNR {snr:g}: median bias\n{table(rows)}"


def _by_ktrans(result: GridErrors) -> str:
    rows = [["model", "true Ktrans", "delay", *STATISTICS]]
    rows += [
        [e.model, f"{e.ktrans:g}", e.condition.fit_delay, *_statistics(e.agreement)]
        for e in result.by_ktrans
        if e.condition.fit_delay == "none"
    ]
    return f"Ktrans (min⁻¹) by its true value, at {_describe(result.by_ktrans[0].condition)}\n{table(rows)}"


def _model_table(result: GridErrors, model: str, every_condition: bool) -> str:
    rows = [["parameter", "frames", "SNR", "delay", "fit's delay", *STATISTICS]]
    chosen = [e for e in result.select(model=model) if every_condition or _is_shown(result.grid, e.condition)]
    order = list(dict.fromkeys(e.parameter for e in result.select(model=model)))
    for e in sorted(chosen, key=lambda e: order.index(e.parameter)):
        c = e.condition
        label = NAMES.get(e.parameter, e.parameter)
        label += f" ({UNITS[e.parameter]})" if e.parameter in UNITS else ""
        snr = "no noise" if math.isinf(c.snr) else f"{c.snr:g}"
        rows.append([label, f"{c.interval:g} s", snr, f"{c.delay:g} s", c.fit_delay, *_statistics(e.agreement)])
    about = "every condition" if every_condition else "one thing varied at a time; --all prints every condition"
    return f"{model}: {about}\n{table(rows)}"


def _is_shown(grid: ReferenceGrid, condition: Condition) -> bool:
    """One thing differs from the base at most; where the true delay is the base's, the delay-blind fit says enough."""
    pairs = zip((condition.interval, condition.snr, condition.delay), grid.base, strict=True)
    interval, snr, delay = (value != base for value, base in pairs)
    return interval + snr + delay <= 1 and (condition.fit_delay == "none" or not (interval or snr))


def _describe(condition: Condition) -> str:
    return f"frames of {condition.interval:g} s, SNR {condition.snr:g}, delay {condition.delay:g} s"


def _statistics(a: Agreement) -> list[str]:
    return [
        _number(a.median_bias, signed=True),
        _number(a.mean_bias, signed=True),
        percent(a.median_relative_bias),
        percent(a.mean_relative_bias),
        _number(a.rmse),
        _concordance(a),
        f"{a.failed}" if a.failed else NOTHING,
        f"{a.at_limit}" if a.at_limit else NOTHING,
    ]


def _concordance(a: Agreement) -> str:
    return NOTHING if a.concordance is None else f"{a.concordance:.4f}"


def _tissue_sentence(e: TissueErrors) -> str:
    name, unit = NAMES.get(e.parameter, e.parameter), UNITS.get(e.parameter, "")
    unit = f" {unit}" if unit else ""
    lean = (
        "without bias"
        if abs(e.bias) < 0.005 * e.true
        else f"{percent(abs(e.bias / e.true)).lstrip('+')} {_side(e.bias)} in the median"
    )
    failed = f" ({e.failed} of {e.voxels} voxels gave no answer)" if e.failed else ""
    return (
        f"{e.tissue.capitalize()}: a {name} of {_number(e.true)}{unit} is measured {lean}; "
        f"95% of single voxels read between {_number(e.low)} and {_number(e.high)}{unit}{failed}."
    )


def _ratio_sentence(r: RatioErrors) -> str:
    name = NAMES[r.ratio]
    start = f"{r.lesion.capitalize()}: an {name} of {_number(r.true)}"
    if r.high is None:
        return (
            f"{start} has no reliable upper limit, as the {REFERENCE.name} reads zero in {r.reference_zero:.1%} of "
            f"measurements; it is at or above 1.5 in {r.hyperperfused:.1%}."
        )
    return (
        f"{start} reads between {_bound(r.low)} and {_bound(r.high)} in 95% of measurements, {_bound(r.median)} in the "
        f"median; it is at or above 1.5 in {r.hyperperfused:.1%}."
    )


def _side(bias: float) -> str:
    return "too high" if bias > 0 else "too low"


def _number(value: float | None, signed: bool = False) -> str:
    if value is None:
        return NOTHING
    return f"{value:+.3g}" if signed else f"{value:.4g}"


def percent(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:+.1%}" if abs(value) <= LARGEST_PERCENT else f"×{1 + value:.3g}"


def _bound(value: float | None) -> str:
    return "unbounded" if value is None else f"{value:.3g}"

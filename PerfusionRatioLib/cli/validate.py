"""``perfusion-ratio validate``: errors of the fit on reference objects, and what to expect of one's own protocol."""

import argparse
from dataclasses import replace
from typing import Any

from .console import Console
from .numbers import seed

SUMMARY = "show the errors of the fit on built-in reference objects, or those to expect with a protocol"
EXAMPLES = """  perfusion-ratio validate
  perfusion-ratio validate --quick --model extended-tofts
  perfusion-ratio validate --protocol 5,15,5,60,1.4 --snr 20     TR 5 ms, 15 degrees, 60 frames of 5 s, T10 1.4 s
  perfusion-ratio validate --json > errors.json"""

MODELS = ("tofts", "extended-tofts", "patlak", "2cum", "2cxm")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to validate, and the protocol."""
    parser.add_argument("--model", choices=MODELS, action="append", help="only this model; may be repeated")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="seed of the noise (default 0)")
    parser.add_argument("--quick", action="store_true", help="a small grid, in a few seconds")
    parser.add_argument("--all", action="store_true", help="print every condition, not only those around the base")
    group = parser.add_argument_group("expected errors of a protocol")
    group.add_argument(
        "--protocol",
        metavar="TR,FA,dt,frames,T10",
        help="simulate this acquisition instead: TR in ms, flip angle in degrees, seconds between frames, "
        "number of frames, T10 of the tissue in s",
    )
    group.add_argument(
        "--snr", type=float, metavar="N", help="baseline signal of the tissue over the noise (default 20)"
    )
    group.add_argument(
        "--delay", choices=("none", "global", "voxel"), help="how the fit treats the arterial delay (default none)"
    )
    group.add_argument(
        "--true-delay", type=float, metavar="SECONDS", help="from the measured artery to the tissue (default 0)"
    )
    group.add_argument("--relaxivity", type=float, metavar="R1", help="r1 in 1/(mM s) (default 4.5)")


def run(arguments: argparse.Namespace, console: Console) -> Any:
    """Run the grid or simulate the protocol; show and return the errors."""
    return _grid(arguments, console) if arguments.protocol is None else _protocol(arguments, console)


def _grid(arguments: argparse.Namespace, console: Console) -> Any:
    from ..errors import InputError
    from ..validation import QUICK, ReferenceGrid, validate
    from .validate_text import grid_text

    for name in ("snr", "delay", "true_delay", "relaxivity"):
        if getattr(arguments, name) is not None:
            raise InputError(f"--{name.replace('_', '-')} belongs to --protocol: give that too, or leave it out.")
    grid = replace(QUICK if arguments.quick else ReferenceGrid(), seed=arguments.seed)
    models = tuple(dict.fromkeys(arguments.model)) if arguments.model else MODELS
    result = validate(grid, models, console.progress)
    console.show(grid_text(result, every_condition=arguments.all))
    return result


def _protocol(arguments: argparse.Namespace, console: Console) -> Any:
    from ..errors import InputError
    from ..validation import expected_errors, read_protocol
    from .validate_text import protocol_text

    if arguments.model and len(arguments.model) > 1:
        raise InputError("A protocol is simulated with one model: give --model once.")
    given = {
        "snr": arguments.snr,
        "model": arguments.model[0] if arguments.model else None,
        "delay": arguments.true_delay,
        "fit_delay": arguments.delay,
        "relaxivity": arguments.relaxivity,
    } | ({"voxels": 400, "draws": 200} if arguments.quick else {})
    result = expected_errors(
        read_protocol(arguments.protocol),
        **{name: value for name, value in given.items() if value is not None},
        seed=arguments.seed,
        progress=console.progress,
    )
    console.show(protocol_text(result))
    return result

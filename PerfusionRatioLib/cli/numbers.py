"""Numbers on the command line."""

import argparse


def seed(text: str) -> int:
    """A whole number that is not negative."""
    try:
        value = int(text)
    except ValueError:
        value = -1
    if value < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 on")
    return value


def number(text: str | None) -> float | None:
    """``text`` as a number; None where it is none."""
    try:
        return None if text is None else float(text)
    except ValueError:
        return None

"""How far the fitted parameters are from known ones, on reference objects that owe nothing to the solver."""

from .agreement import Agreement, agreement, concordance
from .expected_errors import ProtocolErrors, expected_errors
from .protocol import Protocol, read_protocol
from .reference_grid import QUICK, Condition, Errors, GridErrors, ReferenceGrid, validate

__all__ = [
    "QUICK",
    "Agreement",
    "Condition",
    "Errors",
    "GridErrors",
    "Protocol",
    "ProtocolErrors",
    "ReferenceGrid",
    "agreement",
    "concordance",
    "expected_errors",
    "read_protocol",
    "validate",
]

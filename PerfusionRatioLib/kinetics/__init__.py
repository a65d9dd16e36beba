"""Pharmacokinetic models, their exact curves, and the fit that turns concentrations into maps."""

from .fitting import DELAY_RANGE, fit
from .models import MODELS
from .parameter_maps import CHOICES, Flag, ParameterMaps

__all__ = ["CHOICES", "DELAY_RANGE", "MODELS", "Flag", "ParameterMaps", "fit"]

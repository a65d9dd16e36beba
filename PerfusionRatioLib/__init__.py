"""Permeability and plasma-volume ratios of brain metastases from DCE-MRI before and after radiosurgery."""

__version__ = "0.1.0"

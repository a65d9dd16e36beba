"""Ratios of a lesion to normal brain, their uncertainty, and what they mean before and after radiosurgery."""

"""Regions found in images: lesions, white matter, the middle of the brain, normal brain to compare with."""

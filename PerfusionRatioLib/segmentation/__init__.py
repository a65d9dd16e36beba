"""Regions found in images: the brain."""

from .brain_mask import find_brain

__all__ = ["find_brain"]

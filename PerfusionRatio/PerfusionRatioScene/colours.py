"""Colour tables of our own, saved with the scene: equal steps of a value are equal steps to the eye.

Lightness (CIELAB L*) rises in a straight line while the hue turns, so that a map is read by its brightness alone where
colours are not seen or not printed.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

COLOURS = 256
CATEGORY = "PerfusionRatio"
_WHITE = np.array([0.95047, 1.0, 1.08883])
"""XYZ of daylight D65."""
_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
"""From XYZ to linear sRGB (IEC 61966-2-1)."""


@dataclass(frozen=True)
class Ramp:
    """A colour table: lightness and hue (degrees) at both ends, and the highest chroma between them."""

    name: str
    lightness: tuple[float, float]
    hue: tuple[float, float]
    chroma: float


RAMPS = {
    "ktrans": Ramp("PerfusionRatio Ktrans", (6.0, 96.0), (290.0, 460.0), 72.0),
    "vp": Ramp("PerfusionRatio vp", (12.0, 94.0), (310.0, 105.0), 60.0),
}
"""By parameter: purple, red, yellow; and purple, green, yellow."""


def ramp_colours(ramp: Ramp, count: int = COLOURS) -> np.ndarray:
    """The colours of a ramp, sRGB from 0 to 1, shaped (count, 3).

    Chroma is lowered where a screen has no such colour, lightness never.
    """
    share = np.linspace(0, 1, count)
    lightness = ramp.lightness[0] + share * (ramp.lightness[1] - ramp.lightness[0])
    hue = np.deg2rad(ramp.hue[0] + share * (ramp.hue[1] - ramp.hue[0]))
    wanted = ramp.chroma * (1 - (2 * share - 1) ** 4)
    low, high = np.zeros(count), wanted
    for _ in range(20):  # the largest chroma that a screen has
        middle = (low + high) / 2
        linear = _linear_rgb(lightness, middle, hue)
        fits = ((linear >= 0) & (linear <= 1)).all(axis=1)
        low, high = np.where(fits, middle, low), np.where(fits, high, middle)
    smooth = ndimage.uniform_filter1d(ndimage.minimum_filter1d(low, count // 8), count // 8)
    linear = np.clip(_linear_rgb(lightness, smooth, hue), 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _linear_rgb(lightness: np.ndarray, chroma: np.ndarray, hue: np.ndarray) -> np.ndarray:
    """CIELAB in polar coordinates as linear sRGB, shaped (n, 3); beyond 0 to 1 where a screen has no such colour."""
    middle = (lightness + 16) / 116
    roots = np.stack([middle + chroma * np.cos(hue) / 500, middle, middle - chroma * np.sin(hue) / 200], axis=1)
    xyz = np.where(roots > 6 / 29, roots**3, 3 * (6 / 29) ** 2 * (roots - 4 / 29)) * _WHITE
    return xyz @ _TO_RGB.T


def colour_node(scene, parameter: str):
    """The colour table of a parameter; made when the scene does not have it."""
    ramp = RAMPS[parameter]
    node = scene.GetFirstNode(ramp.name, "vtkMRMLColorTableNode", None, False)
    if node is not None:
        return node
    node = scene.CreateNodeByClass("vtkMRMLColorTableNode")
    node.UnRegister(None)
    node.SetName(ramp.name)
    node.SetTypeToUser()
    node.SetAttribute("Category", CATEGORY)
    node.SetHideFromEditors(False)  # a hidden colour node is not saved
    node.SetNumberOfColors(COLOURS)
    for number, (red, green, blue) in enumerate(ramp_colours(ramp)):
        node.SetColor(number, f"{number / (COLOURS - 1):.3f}", red, green, blue, 1.0)
    return scene.AddNode(node)

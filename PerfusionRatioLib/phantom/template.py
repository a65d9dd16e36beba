"""The brain under the digital head: the MNI152 2009a symmetric template, reduced (see resources/)."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class Template:
    """One hemisphere of the template; the other is its mirror image.

    Attributes:
        t1, grey, white: T1-weighted intensity and probabilities, 0 to 1, shaped (z, y, x) in MNI space, x from the
            mid-sagittal plane outwards.
        origin: MNI position (x, y, z) of voxel (0, 0, 0) in millimetres.
        spacing: millimetres, the same along all axes.
    """

    t1: np.ndarray
    grey: np.ndarray
    white: np.ndarray
    origin: np.ndarray
    spacing: float

    def sampled(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """T1, grey and white at MNI positions (millimetres, arrays of one shape), 0 outside the brain."""
        first = np.float32(self.origin / self.spacing)
        scale = np.float32(1 / self.spacing)
        indices = z * scale - first[2], y * scale - first[1], np.abs(x) * scale - first[0]
        limits = zip(indices, self.t1.shape, strict=True)
        brain = np.flatnonzero(np.logical_and.reduce([(axis >= 0) & (axis <= size - 1) for axis, size in limits]))
        inside = np.stack([axis.ravel()[brain] for axis in indices])
        results = []
        for volume in (self.t1, self.grey, self.white):
            result = np.zeros(x.shape, np.float32)
            result.ravel()[brain] = ndimage.map_coordinates(volume, inside, order=1, output=np.float32)
            results.append(result)
        return tuple(results)


@lru_cache(maxsize=1)
def load_template() -> Template:
    """The template from the package's resources."""
    with (
        files("PerfusionRatioLib.phantom").joinpath("resources/mni152_reduced.npz").open("rb") as file,
        np.load(file) as stored,
    ):
        t1, grey, white = (np.float32(stored[name]) / 255 for name in ("t1", "grey", "white"))
        return Template(t1, grey, white, stored["origin"], float(stored["spacing"]))

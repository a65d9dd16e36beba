"""Between SimpleITK images and arrays on a grid."""

import numpy as np
import SimpleITK as sitk

from .series import Grid


def grid_of(image: sitk.Image | sitk.ImageFileReader) -> Grid:
    """The spatial grid of a 2D, 3D or 4D image, or of one whose header was read; a 2D image is one slice of 1 mm."""
    dimension = image.GetDimension()
    direction = np.eye(3)
    used = min(dimension, 3)
    direction[:used, :used] = np.reshape(image.GetDirection(), (dimension, dimension))[:used, :used]
    pad = 3 - used
    return Grid(
        size=tuple(image.GetSize()[:3]) + (1,) * pad,
        spacing=tuple(float(value) for value in image.GetSpacing()[:3]) + (1.0,) * pad,
        origin=tuple(float(value) for value in image.GetOrigin()[:3]) + (0.0,) * pad,
        direction=tuple(float(value) for value in direction.ravel()),
    )


def image_from_array(array: np.ndarray, grid: Grid) -> sitk.Image:
    """A SimpleITK image of ``array`` [k, j, i] on ``grid``."""
    image = sitk.GetImageFromArray(array.astype(np.uint8) if array.dtype == bool else array)
    image.SetSpacing(grid.spacing)
    image.SetOrigin(grid.origin)
    image.SetDirection(grid.direction)
    return image

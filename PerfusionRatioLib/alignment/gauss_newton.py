"""Rigid alignment of two images of different contrast by robust inverse-compositional Gauss-Newton."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..brain.shrink import shrink
from ..rigid import Rigid
from ..series import Grid
from .contrast import LocalContrast, blocks

ITERATIONS = 30
SMALL_STEP = 0.003
"""Millimetres; a smaller step ends the search, unless it need not be that close."""
SETTLED = 0.03
"""Millimetres; a search whose last step was larger found nothing."""
TUKEY = 4.685
"""Residuals beyond this many standard deviations have no weight (95% efficiency on Gaussian noise)."""


@dataclass(frozen=True)
class Level:
    """How closely images are looked at.

    Attributes:
        voxel: millimetres up to which voxels are put together.
        blur: standard deviation of the smoothing, millimetres.
        points: how many at most.
        block: millimetres across the blocks in which contrast may change in its own way.
    """

    voxel: float
    blur: float
    points: int
    block: float


@dataclass(frozen=True)
class Smoothed:
    """An image at one level, ready to be sampled: its values [k, j, i], their cubic B-spline coefficients, its grid."""

    values: np.ndarray
    coefficients: np.ndarray
    grid: Grid

    @staticmethod
    def of(image: np.ndarray, grid: Grid, level: Level) -> "Smoothed":
        """``image`` (finite, [k, j, i]) as seen at ``level``."""
        small, small_grid = shrink(image, grid, level.voxel)
        width = [level.blur / s if n > 1 else 0 for s, n in zip(small_grid.spacing, small_grid.size, strict=True)]
        values = ndimage.gaussian_filter(small, width[::-1], mode="nearest", truncate=3)
        return Smoothed(values, ndimage.spline_filter(values, 3, np.float32, mode="mirror"), small_grid)

    def at(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Values at LPS positions (n, 3), and which of these lie in the field of view."""
        indices = self.grid.indices(positions)[:, ::-1].T
        ends = np.array(self.values.shape)[:, None] - 0.5
        inside = ((indices >= -0.5) & (indices <= ends)).all(axis=0)
        values = ndimage.map_coordinates(
            self.coefficients, indices, np.float64, order=3, mode="mirror", prefilter=False
        )
        return values, inside


@dataclass(frozen=True)
class Template:
    """The image others are aligned with, known at points where it says much about motion.

    Attributes:
        positions: LPS, shaped (n, 3).
        motion: change of the image there for each motion looked for, shaped (n, parameters).
        contrast: how its contrast may change.
        brightness: mean absolute value at the points.
        freedom: the motions looked for, shaped (6, parameters): translation (mm) and rotation vector (radians) about
            ``centre``, scaled so that each moves the points by about a millimetre.
        centre: of the points; what the head turns about.
    """

    positions: np.ndarray
    motion: np.ndarray
    contrast: LocalContrast
    brightness: float
    freedom: np.ndarray
    centre: np.ndarray

    @staticmethod
    def of(image: Smoothed, mask: np.ndarray, level: Level, freedom: np.ndarray) -> "Template | None":
        """Points of ``image`` in ``mask``, drawn evenly by the size of the gradient; None when there is no gradient.

        Args:
            image: at ``level``.
            mask: bool on the grid of ``image``.
            level: at most half of the voxels that have a gradient become points.
            freedom: columns of a translation and a rotation vector, of length one.
        """
        gradients = _gradients(image)
        chosen = _drawn(np.linalg.norm(gradients, axis=-1) * mask, level.points)
        if chosen is None:
            return None
        positions = image.grid.positions(np.stack(chosen[::-1], axis=-1))
        order, block = blocks(positions, level.block)
        chosen, positions = tuple(axis[order] for axis in chosen), positions[order]
        arms = positions - positions.mean(axis=0)
        reach = np.sqrt(np.mean(np.sum(arms**2, axis=1)))
        freedom = freedom / np.array([1, 1, 1, reach, reach, reach])[:, None]
        along = gradients[chosen] @ np.reshape(image.grid.direction, (3, 3)).T
        values = image.values[chosen].astype(float)
        return Template(
            positions,
            np.concatenate([along, np.cross(arms, along)], axis=1) @ freedom,
            LocalContrast.of(values, block),
            float(np.abs(values).mean()),
            freedom,
            positions.mean(axis=0),
        )


def _gradients(image: Smoothed) -> np.ndarray:
    """Per millimetre along i, j, k, shaped (k, j, i, 3); zero along an axis of one voxel."""
    along = [np.gradient(image.values, axis=a) if n > 1 else 0 * image.values for a, n in enumerate(image.values.shape)]
    return np.stack(along[::-1], axis=-1) / np.array(image.grid.spacing)


def _drawn(weight: np.ndarray, points: int) -> tuple[np.ndarray, ...] | None:
    """Indices (k, j, i) of voxels, as many as ``points`` and drawn in proportion to ``weight``, always the same."""
    positive = np.count_nonzero(weight)
    if positive < 2:
        return None
    # so that the few strongest edges do not make up for all others
    capped = np.minimum(weight, np.percentile(weight[weight > 0], 95)).ravel().astype(float)
    total = np.cumsum(capped)
    points = min(points, positive // 2)
    drawn = np.unique(np.searchsorted(total, (np.arange(points) + 0.5) / points * total[-1]))
    return np.unravel_index(drawn, weight.shape)


@dataclass(frozen=True)
class Alignment:
    """Where a template was found in an image.

    Attributes:
        transform: leads from the template to the image.
        settled: whether the search came to rest with most points in the field of view.
        likeness: share of the image's variation inside the blocks that is explained, from 0 to 1.
        residual: of each point, what no change of contrast explains; infinite outside the field of view.
    """

    transform: Rigid
    settled: bool
    likeness: float
    residual: np.ndarray

    def fits_better_than(self, other: "Alignment") -> bool:
        """Whether Tukey's loss is smaller, both at the spread of the residuals of ``other``."""
        known = np.isfinite(other.residual)
        limit = TUKEY * 1.4826 * np.median(np.abs(other.residual[known])) + 1e-30 if known.any() else 1.0
        mine, others = (np.minimum(np.abs(one.residual) / limit, 1) ** 2 for one in (self, other))
        return bool(np.mean(1 - (1 - mine) ** 3) < np.mean(1 - (1 - others) ** 3))


def align(
    image: Smoothed, template: Template, start: Rigid, iterations: int = ITERATIONS, small_step: float = SMALL_STEP
) -> Alignment:
    """The rigid motion that leads from ``template`` to ``image``.

    The image, sampled where the motion so far leads, is explained by the template with its contrast changed block by
    block and by the change that each small motion would make; the inverse of the motion found is composed with the
    motion so far (Baker and Matthews 2004, Int J Comput Vis 56:221). Tukey's weights keep what still does not fit, such
    as vessels, from counting as motion.

    Args:
        image: at the level of ``template``.
        template: what to find.
        start: where the search begins; turns about the template's centre.
        iterations: 0 only judges ``start``.
        small_step: millimetres; a smaller step ends the search.
    """
    transform, last = start, 0.0 if iterations == 0 else np.inf
    sample, inside = image.at(transform.moved(template.positions))
    polynomials, weights, residual = _explained(template, sample, inside)
    for _ in range(iterations):
        if np.count_nonzero(inside) < 0.5 * len(inside):
            last = np.inf
            break
        motion = template.motion * template.contrast.slope(polynomials)[:, None]
        step, polynomials, weights = _missing(template, motion, sample, inside, weights)
        transform = transform.after_undoing(*np.split(template.freedom @ step, 2))
        sample, inside = image.at(transform.moved(template.positions))
        last = float(np.linalg.norm(step))
        if last < small_step:
            break
    if iterations:
        _, weights, residual = _explained(template, sample, inside)
    left = weights @ residual**2
    level = _block_means(template.contrast, sample, weights)
    varies = weights @ (sample - level) ** 2
    likeness = float(1 - left / varies) if varies > 0 else 0.0
    return Alignment(transform, last < max(SETTLED, small_step), likeness, np.where(inside, residual, np.inf))


def _explained(template: Template, sample: np.ndarray, inside: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Polynomials, Tukey weights and residual of ``sample`` without any motion."""
    weights = inside.astype(float)
    for _ in range(5):
        polynomials, fitted = template.contrast.fitted(sample[:, None], weights)
        residual = sample - fitted[:, 0]
        weights = _tukey(template, residual, inside)
    return polynomials[:, :, 0], weights, residual


def _missing(
    template: Template, motion: np.ndarray, sample: np.ndarray, inside: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The motion still missing, the polynomials beside it, and the weights after it."""
    for _ in range(2):
        polynomials, fitted = template.contrast.fitted(np.column_stack([motion, sample]), weights)
        free, rest = motion - fitted[:, :-1], sample - fitted[:, -1]
        weighted = free * weights[:, None]
        normal = weighted.T @ free
        # a ridge far below the noise keeps motions that cannot be seen at rest
        normal[np.diag_indices_from(normal)] += 1e-9 * np.trace(normal) + 1e-30
        step = np.linalg.solve(normal, weighted.T @ rest)
        weights = _tukey(template, rest - free @ step, inside)
    return step, polynomials[:, :, -1] - polynomials[:, :, :-1] @ step, weights


def _tukey(template: Template, residual: np.ndarray, inside: np.ndarray) -> np.ndarray:
    limit = TUKEY * _scale(template, residual, inside)
    return np.maximum(1 - (residual / limit) ** 2, 0) ** 2 * inside


def _scale(template: Template, residual: np.ndarray, inside: np.ndarray) -> float:
    # the floor is for an image without noise, which may be the template itself
    floor = 1e-3 * template.brightness + 1e-30
    return floor + (1.4826 * float(np.median(np.abs(residual[inside]))) if inside.any() else 0.0)


def _block_means(contrast: LocalContrast, sample: np.ndarray, weights: np.ndarray) -> np.ndarray:
    total = np.add.reduceat(weights, contrast.starts)
    return (np.add.reduceat(weights * sample, contrast.starts) / np.maximum(total, 1e-30))[contrast.block]

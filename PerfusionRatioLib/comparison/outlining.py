"""The lesions of a visit outlined, none with a voxel of another; before that, what marks them checked."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError, NoAnswerError
from ..progress import Progress, advance
from ..segmentation.lesion_seeds import check_hints
from ..series import Volume
from .fitted_visit import FittedVisit
from .inputs import ComparedVisit, LesionMark, MarkedLesion
from .lesion_at_visit import outline, outline_from_seeds
from .result import WHEN

if TYPE_CHECKING:
    from ..segmentation.lesion import LesionSegmentation

MOSTLY = 0.5
"""The share of the smaller of two lesions from which they count as one marked twice."""


def outlined_lesions(
    visit: FittedVisit, lesions: Sequence[MarkedLesion], progress: Progress | None
) -> "dict[str, LesionSegmentation]":
    """The lesions that are marked at a visit, by name, none with a voxel of another.

    What others are marked by, seeds or masks, is background for one that is outlined from its seeds.

    Raises:
        InputError, NoAnswerError: said of which lesion.
    """
    name = visit.result.name
    return _each(_marks(lesions, name), name, lambda mark, others: outline(visit, mark, others), progress)


def outlined_before_the_fit(
    name: str, given: ComparedVisit, lesions: Sequence[MarkedLesion], progress: Progress | None
) -> "dict[str, LesionSegmentation] | None":
    """What ``outlined_lesions`` finds at the visit ``name`` once it is fitted, where that needs no fit: all lesions are
    marked by seeds, on a T1 of its own. None elsewhere.

    Raises:
        InputError, NoAnswerError: said of which lesion.
    """
    marks, t1 = _marks(lesions, name), given.t1_post
    if t1 is None or any(mark.seeds is None for mark in marks.values()):
        return None
    return _each(marks, name, lambda mark, others: outline_from_seeds(t1, mark, others), progress)


def _each(
    marks: dict[str, LesionMark],
    visit: str,
    outlined_alone: "Callable[[LesionMark, list[np.ndarray]], LesionSegmentation]",
    progress: Progress | None,
) -> "dict[str, LesionSegmentation]":
    """Every lesion ``outlined_alone``, those with masks first; then without what they share."""
    outlined = {}
    for number, (name, mark) in enumerate(sorted(marks.items(), key=lambda item: item[1].mask is None)):
        advance(progress, number / len(marks), f"outlining {name}")
        with named(name, visit):
            apart = {} if mark.seeds is None else {key: other for key, other in marks.items() if key != name}
            outlined[name] = outlined_alone(mark, [_places(other, outlined.get(key)) for key, other in apart.items()])
    return _apart({name: outlined[name] for name in marks}, visit)


def _marks(lesions: Sequence[MarkedLesion], visit: str) -> dict[str, LesionMark]:
    return {lesion.name: mark for lesion in lesions if (mark := lesion.at(visit)) is not None}


def _places(mark: LesionMark, outlined: "LesionSegmentation | None") -> np.ndarray:
    """LPS positions that belong to a lesion, (n, 3)."""
    if mark.mask is None:
        return np.atleast_2d(mark.seeds)
    return outlined.grid.positions(np.argwhere(outlined.mask)[:, ::-1])


def _apart(outlined: "dict[str, LesionSegmentation]", visit: str) -> "dict[str, LesionSegmentation]":
    """The lesions without what they share: voxels of two lesions are the first one's.

    Raises:
        InputError: two are mostly the same.
    """
    result: dict[str, LesionSegmentation] = {}
    for name, lesion in outlined.items():
        for other, known in result.items():
            shared = lesion.mask & known.mask
            count, smaller = np.count_nonzero(shared), min(np.count_nonzero(one.mask) for one in (lesion, known))
            if count > MOSTLY * smaller:
                raise InputError(
                    f"Lesions '{other}' and '{name}' are mostly the same {WHEN[visit]} ({count} voxels "
                    f"of {smaller}): mark each by itself, or make them one lesion."
                )
            if count:
                note = f"{count} voxels that lie in '{other}' too were left to it."
                left = lesion.mask & ~shared
                lesion = replace(lesion, mask=left, core=lesion.core & left, notes=(*lesion.notes, note))
        result[name] = lesion
    return result


def check_marks(visit: str, given: ComparedVisit, lesions: Sequence[MarkedLesion]) -> None:
    """Refuse, before anything is computed, what cannot mark a lesion: one point for two, or a place beside the image.

    Raises:
        InputError: said of which lesion.
    """
    image, grid = given.t1_post, given.series.grid
    if image is None:  # then one of the series serves, whose values are known once its frames are aligned
        image = Volume(np.zeros(grid.shape, np.float32), grid)
    owner = {}
    for name, mark in _marks(lesions, visit).items():
        if mark.seeds is None:
            continue
        with named(name, visit):
            check_hints(image, mark.seeds, mark.background, mark.amount)
        for place in np.atleast_2d(mark.seeds):
            other = owner.setdefault(tuple(np.rint(place)), name)
            if other != name:
                raise InputError(
                    f"Lesions '{other}' and '{name}' are marked at the same place {WHEN[visit]}: give each a seed in "
                    "itself, or make them one lesion."
                )


def named(lesion: str, visit: str) -> contextlib.AbstractContextManager:
    """Say of which lesion, at which visit, an error speaks."""
    return told_of(f"Lesion '{lesion}', {WHEN[visit]}")


@contextlib.contextmanager
def told_of(what: str) -> Iterator[None]:
    """Say what an error within is about."""
    try:
        yield
    except (InputError, NoAnswerError) as error:
        raise type(error)(f"{what}: {error}") from error

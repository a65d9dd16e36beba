"""What is known of the patient in the scene beyond its nodes: fitted visits and the comparison, kept in memory.

Work that takes long is handed out as functions of numbers only, for a worker thread; what it finds is put into the
scene here, on the main thread.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from PerfusionRatioLib.comparison.compare import compare_fitted
from PerfusionRatioLib.comparison.fitted_visit import FittedVisit, fit_compared_visit, with_arterial_input
from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.progress import Progress
from PerfusionRatioLib.ratio.criteria import chosen_criteria
from PerfusionRatioLib.reporting import words

from .arterial_choice import arterial_choice
from .checks import check_visits
from .comparison_results import show_comparison
from .lesions import check_lesions, marked_lesions
from .parameters import VISITS, Parameters, visit_parameters
from .seen import seen_voxels
from .visit_inputs import aif_setting, arterial_input, gathered, reference_centre
from .visit_results import show_arterial_curves, show_arterial_voxels, show_maps

Work = Callable[[Progress], object]


class Session:
    """One scene's patient.

    Args:
        scene: the vtkMRMLScene.
        parameters: in which choices and nodes are kept.
    """

    def __init__(self, scene, parameters: Parameters):
        self.scene, self.parameters = scene, parameters
        self.fitted: dict[str, FittedVisit] = {}
        self.comparison: Comparison | None = None
        self._asked: dict[str, tuple] = {}  # images of the last computation of each visit
        self._asked_input: dict[str, tuple] = {}  # and its choice of arterial input
        self._kept_input: dict[str, tuple] = {}  # the choice that the maps which are kept were made with
        self._behind_preview: dict[str, FittedVisit] = {}  # what is kept of visits that the scene shows otherwise

    def forget(self, visit: str | None = None) -> None:
        """Drop what was computed for a visit, or for both: its images or choices are others now."""
        for name in VISITS if visit is None else (visit,):
            self.fitted.pop(name, None)
            self._asked.pop(name, None)
        self.forget_comparison()

    def forget_comparison(self) -> None:
        """What the visits said together is of the past."""
        self.comparison = None
        self.parameters.reading = self.parameters.remarks = ""

    def drop_outdated(self) -> None:
        """Drop what was computed from images that are gone from the scene."""
        for name in [name for name in self.fitted if self._asked.get(name) != self._images(name)]:
            self.forget(name)

    def still_of(self, parameters: Parameters) -> bool:
        """Whether these are the parameters that it works for, and all that was computed is of the images in them."""
        same = self.parameters.parameterNode is parameters.parameterNode
        return same and all(self._asked.get(name) == self._images(name) for name in self.fitted)

    def _images(self, visit: str) -> tuple:
        """Which images a visit is computed from, by their IDs."""
        chosen = visit_parameters(self.parameters, visit)
        nodes = (chosen.series, chosen.t1, chosen.t10_map, chosen.flip_angle_images)
        return tuple(None if node is None else node.GetID() for node in nodes)

    # one visit

    def fit(self, visit: str) -> Work:
        """The work of computing the maps of a visit.

        Raises:
            InputError: something is missing or cannot be used.
        """
        given = gathered(self.parameters, visit)
        self._ask(visit)
        return lambda progress: fit_compared_visit(visit, given, progress)

    def _ask(self, visit: str) -> None:
        """Keep in mind what the maps of a visit are being made from."""
        self._asked[visit] = self._images(visit)
        self._asked_input[visit] = arterial_choice(visit_parameters(self.parameters, visit))

    def refit(self, visit: str, where: np.ndarray | None = None) -> Work:
        """The work of following an arterial input that was changed, in all voxels or only ``where`` (bool [k, j, i]).

        Raises:
            InputError: the visit has not been fitted yet, or the arterial input cannot be used.
        """
        known = self.fitted.get(visit)
        if known is None:
            raise InputError(f"There are no maps of the visit '{words.VISITS[visit]}' yet: press Compute first.")
        chosen = visit_parameters(self.parameters, visit)
        aif = arterial_input(chosen, known.given.series, known.given.settings.haematocrit)
        setting = aif_setting(chosen)
        self._ask(visit)
        return lambda progress: with_arterial_input(known, aif, setting, progress, where=where)

    def in_view(self, visit: str) -> np.ndarray | None:
        """The voxels of a visit's maps that the slice views show, bool [k, j, i]; None where they show none."""
        known, chosen = self.fitted.get(visit), visit_parameters(self.parameters, visit)
        if known is None or chosen.ktrans is None:
            return None
        seen = seen_voxels(chosen.ktrans) & known.result.visit.prepared.mask
        return seen if seen.any() else None

    def preview(self, visit: str, fitted: FittedVisit) -> None:
        """Show maps that are fitted in some voxels only, until ``keep`` has all or ``end_previews`` takes them away.

        Raises:
            InputError: the images or choices are others now; nothing is changed.
        """
        self._check_up_to_date(visit)
        self._behind_preview.setdefault(visit, self.fitted[visit])
        self._show(visit, fitted)

    def end_previews(self) -> None:
        """Let the scene show what is kept."""
        for visit, kept in self._behind_preview.items():
            self._show(visit, kept)
        self._behind_preview.clear()

    def keep(self, visit: str, fitted: FittedVisit) -> None:
        """Take what ``fit`` or ``refit`` found into the scene.

        Raises:
            InputError: the images or choices are others now; nothing is changed.
        """
        self._check_up_to_date(visit)
        self.fitted[visit] = fitted
        self._kept_input[visit] = self._asked_input[visit]
        self._behind_preview.pop(visit, None)
        self.forget_comparison()
        self._show(visit, fitted)
        show_arterial_voxels(self.scene, self.parameters, visit, fitted.result.visit.aif)

    def _check_up_to_date(self, visit: str) -> None:
        if self._asked.get(visit) != self._images(visit):
            raise InputError(
                f"The images or choices of the visit '{words.VISITS[visit]}' were changed while its maps were "
                "computed: compute them again."
            )

    def _show(self, visit: str, fitted: FittedVisit) -> None:
        """The maps and the arterial curve of a visit, beside those of the other one."""
        show_maps(self.scene, self.parameters, visit, fitted)
        curves = {name: one.result.visit.aif for name, one in {**self.fitted, visit: fitted}.items()}
        show_arterial_curves(self.scene, self.parameters, curves)

    # both visits

    def why_not_compare(self) -> str:
        """What is still missing before the visits can be compared, in a sentence; empty when nothing is."""
        for name in VISITS:
            if name not in self.fitted:
                return f"Compute the maps of the visit '{words.VISITS[name]}' first."
            if self._kept_input[name] != arterial_choice(visit_parameters(self.parameters, name)):
                return (
                    f"The arterial input of the visit '{words.VISITS[name]}' was changed since its maps were made: "
                    "press Find artery."
                )
        try:
            check_lesions(self.parameters)
        except InputError as error:
            return str(error)
        return ""

    def compare(self) -> Work:
        """The work of comparing the visits.

        Raises:
            InputError: something is missing, or the visits cannot be those of one patient in this order.
        """
        reason = self.why_not_compare()
        if reason:
            raise InputError(reason)
        pre, follow_up = (self._with_reference(name) for name in VISITS)
        notes = check_visits(self.parameters, pre.given.series.identity, follow_up.given.series.identity)
        lesions, parameters = marked_lesions(self.parameters), self.parameters
        criteria = chosen_criteria(parameters.ktrans_threshold, parameters.vp_threshold, parameters.rule)
        core = parameters.include_core
        return lambda progress: compare_fitted(
            pre, follow_up, lesions, criteria, include_core=core, notes=notes, progress=progress
        )

    def _with_reference(self, visit: str) -> FittedVisit:
        """The fitted visit, with normal brain where the user has placed it by now."""
        fitted, centre = self.fitted[visit], reference_centre(visit_parameters(self.parameters, visit))
        return replace(fitted, given=replace(fitted.given, reference_centre=centre))

    def keep_comparison(self, comparison: Comparison) -> None:
        """Take what ``compare`` found into the scene."""
        self.comparison = comparison
        show_comparison(self.scene, self.parameters, comparison)

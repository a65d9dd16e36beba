"""What is known of the patient in the scene beyond its nodes: fitted visits and the comparison, kept in memory.

Work that takes long is handed out as functions of numbers only, for a worker thread; what it finds is put into the
scene here, on the main thread.
"""

from collections.abc import Callable

from PerfusionRatioLib.comparison.compare import compare_fitted
from PerfusionRatioLib.comparison.fitted_visit import FittedVisit, fit_compared_visit, with_arterial_input
from PerfusionRatioLib.comparison.result import Comparison
from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.progress import Progress
from PerfusionRatioLib.ratio.criteria import Criteria
from PerfusionRatioLib.reporting import words
from PerfusionRatioLib.study.dates import check_dates
from PerfusionRatioLib.study.identity import check_same_patient

from .comparison_results import show_comparison
from .lesions import marked_lesions
from .parameters import VISITS, Parameters, visit_parameters
from .visit_inputs import arterial_input, date_of, gathered
from .visit_results import show_arterial_curves, show_fitted

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

    def forget(self, visit: str | None = None) -> None:
        """Drop what was computed for a visit, or for both: its images or choices are others now."""
        for name in VISITS if visit is None else (visit,):
            self.fitted.pop(name, None)
        self.comparison = None

    # one visit

    def fit(self, visit: str) -> Work:
        """The work of computing the maps of a visit.

        Raises:
            InputError: something is missing or cannot be used.
        """
        given = gathered(self.parameters, visit)
        return lambda progress: fit_compared_visit(visit, given, progress)

    def refit(self, visit: str) -> Work:
        """The work of following an arterial input that was changed.

        Raises:
            InputError: the visit has not been fitted yet, or the arterial input cannot be used.
        """
        known = self.fitted.get(visit)
        if known is None:
            raise InputError(f"There are no maps of the visit '{words.VISITS[visit]}' yet: press Compute first.")
        prepared = known.result.visit.prepared
        aif = arterial_input(
            visit_parameters(self.parameters, visit), known.given.series, prepared.settings.haematocrit
        )
        return lambda progress: with_arterial_input(known, aif, progress)

    def keep(self, visit: str, fitted: FittedVisit) -> None:
        """Take what ``fit`` or ``refit`` found into the scene."""
        self.fitted[visit] = fitted
        self.comparison = None
        show_fitted(self.scene, self.parameters, visit, fitted)
        curves = {name: one.result.visit.aif for name, one in self.fitted.items()}
        show_arterial_curves(self.scene, self.parameters, curves)

    # both visits

    def why_not_compare(self) -> str:
        """What is still missing before the visits can be compared, in a sentence; empty when nothing is."""
        for name in VISITS:
            if name not in self.fitted:
                return f"Compute the maps of the visit '{words.VISITS[name]}' first."
        try:
            marked_lesions(self.parameters)
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
        dates = [date_of(visit_parameters(self.parameters, name)) for name in VISITS]
        pre, follow_up = (self.fitted[name] for name in VISITS)
        if self.parameters.pre.series is self.parameters.follow_up.series:
            raise InputError("Both visits have the same dynamic series: choose that of each visit.")
        identities = (one.given.series.identity for one in (pre, follow_up))
        notes = (*check_same_patient(*identities), *check_dates(*dates, None, None))
        lesions, parameters = marked_lesions(self.parameters), self.parameters
        criteria = Criteria(parameters.ktrans_threshold, parameters.vp_threshold, parameters.rule)
        core = parameters.include_core
        return lambda progress: compare_fitted(
            pre, follow_up, lesions, criteria, include_core=core, notes=notes, progress=progress
        )

    def keep_comparison(self, comparison: Comparison) -> None:
        """Take what ``compare`` found into the scene."""
        self.comparison = comparison
        show_comparison(self.scene, self.parameters, comparison)

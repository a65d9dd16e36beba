"""A real brain on a GE 3 T scanner, one slice, and our maps beside those stored by ROCKETSHIP (MATLAB).

The arterial input of the stored maps is not stored with them, but that program can smooth the curve it measured by two
exponentials. Such a curve is found here from the stored Patlak maps and their residuals; as it explains the residuals
of all voxels to rounding, it is the one that was used. The maps of the other models, which it was not made from, test
our fit. ``python -m Testing.Reference.rocketship FOLDER`` prints the comparison.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from scipy.integrate import cumulative_trapezoid
from scipy.optimize import least_squares

from PerfusionRatioLib.aif.arterial_input import ArterialInput
from PerfusionRatioLib.kinetics import Flag, ParameterMaps, fit
from PerfusionRatioLib.reading import place_map, place_mask, read_dce
from PerfusionRatioLib.series import DceSeries
from PerfusionRatioLib.visit import fit_visit
from PerfusionRatioLib.visit_settings import VisitSettings

SURE = 0.2  # standard error as a share of the value
SETTINGS = VisitSettings(relaxivity=3.6, haematocrit=0.42, motion=False, standard_errors=True)
THEIR_BASELINE = (0, 2)
_THEIR_NAMES = {"patlak": "patlak", "tofts": "tofts", "extended-tofts": "ex_tofts"}
_THEIR_PARAMETERS = {"ktrans": "Ktrans", "vp": "vp", "ve": "ve"}
_THEIR_LIMITS = {"ktrans": (1e-5, 1.99), "vp": (1.01e-3, 0.99), "ve": (0.0201, 0.99)}
_FITTED = {"patlak": ("ktrans", "vp"), "tofts": ("ktrans", "ve"), "extended-tofts": ("ktrans", "vp", "ve")}


@dataclass(frozen=True)
class Brain:
    """The slice.

    Attributes:
        series: signal.
        brain, artery: masks shaped (k, j, i).
        t10: seconds, shaped (k, j, i).
        theirs: concentrations that ROCKETSHIP fitted, mM, shaped (t, k, j, i).
        fitted: where it did, shaped (k, j, i).
        folder: of the stored maps.
    """

    series: DceSeries
    brain: np.ndarray
    artery: np.ndarray
    t10: np.ndarray
    theirs: np.ndarray
    fitted: np.ndarray
    folder: Path

    @property
    def times(self) -> np.ndarray:
        """Seconds."""
        return self.series.times.value

    def inside_their_limits(self, model: str) -> np.ndarray:
        """Where the other program was not stopped by its bounds, shaped (k, j, i)."""
        inside = self.fitted.copy()
        for name in _FITTED[model]:
            low, high = _THEIR_LIMITS[name]
            inside &= (self.stored(model, name) > low) & (self.stored(model, name) < high)
        return inside

    def stored(self, model: str, parameter: str) -> np.ndarray:
        """One of the stored maps, shaped (k, j, i)."""
        name = f"Dyn-1_{_THEIR_NAMES[model]}_fit_{_THEIR_PARAMETERS.get(parameter, parameter)}.nii"
        return _array(self.folder / name).reshape(self.brain.shape)


def read_brain(reference: Path) -> Brain:
    """The slice with every third voxel, and what was stored for it."""
    folder = reference / "bbb_p19_downsample_x3y3"
    series = read_dce(folder / "Dynamic_t1w.nii", times=15.84, repetition_time=0.00829, flip_angle=15)
    processed = folder / "processed"
    theirs = _array(folder / "Dyn-1dynamicCt.nii.gz")
    return Brain(
        series=series,
        brain=place_mask(processed / "T1_brain_roi.nii", series.grid).array,
        artery=place_mask(processed / "T1_AIF_roi.nii", series.grid).array,
        t10=place_map(processed / "T1_map_t1_fa_fit_fa10.nii", series.grid).array / 1000,
        theirs=theirs,
        fitted=np.abs(theirs).sum(axis=0) > 0,
        folder=processed / "results_matlab",
    )


def their_arterial_input(brain: Brain) -> np.ndarray:
    """Plasma concentration in mM, two exponentials from the fourth frame on, that explains the stored residuals."""
    vp, ktrans, residual = (brain.stored("patlak", name) for name in ("vp", "ktrans", "sse"))
    free = brain.fitted & (vp > 0.002) & (vp < 0.2) & (ktrans > 1e-4) & (ktrans < 0.02)
    free &= np.abs(brain.theirs).max(axis=0) < 2
    curves, vp, ktrans, residual = brain.theirs[:, free], vp[free], ktrans[free], residual[free]

    def unexplained(p):
        aif = _two_exponentials(brain.times, p)
        left = curves - vp * aif[:, None] - ktrans * cumulative_trapezoid(aif, brain.times / 60, initial=0)[:, None]
        return np.square(left).sum(axis=0) / residual - 1

    start = [1, 1, 1.5, 0.03]
    found = least_squares(unexplained, start, x_scale=[1, 1, 1, 0.03], loss="soft_l1", f_scale=1e-3)
    return _two_exponentials(brain.times, found.x)


@dataclass(frozen=True)
class Agreement:
    """Two maps where ours is well determined.

    Attributes:
        voxels: how many there are.
        correlation: Pearson's r.
        ratio: median of ours divided by theirs.
        spread: its 5th and 95th percentile.
    """

    voxels: int
    correlation: float
    ratio: float
    spread: tuple[float, float]


def agreement(brain: Brain, maps: ParameterMaps, parameter: str) -> Agreement:
    """Ours beside the stored map, where no parameter is at a limit and our standard error is below a fifth of ours."""
    ours, theirs = getattr(maps, parameter).astype(float), brain.stored(maps.model, parameter)
    limits = (maps.flags & ~np.uint8(Flag.INCOMPLETE)) == 0
    sure = brain.inside_their_limits(maps.model) & limits & (maps.standard_errors[parameter] < SURE * ours)
    ratio = ours[sure] / theirs[sure]
    correlation = np.corrcoef(ours[sure], theirs[sure])[0, 1]
    return Agreement(int(sure.sum()), float(correlation), float(np.median(ratio)), tuple(np.percentile(ratio, [5, 95])))


def maps_from_their_concentrations(brain: Brain, model: str) -> ParameterMaps:
    """Our fit of the concentrations and with the arterial input of the stored maps."""
    curves = brain.theirs.astype(np.float32)
    return fit(curves, brain.times, their_arterial_input(brain), model, brain.fitted, standard_errors=True)


def maps_from_signal(brain: Brain, model: str, source: str = "mask", **choices) -> ParameterMaps:
    """The whole chain from the signal. ``source`` of the arterial input: "mask", "auto", or "theirs"."""
    aif = {"mask": brain.artery, "auto": None, "theirs": None}[source]
    if source == "theirs":
        aif = ArterialInput(brain.times, their_arterial_input(brain), SETTINGS.haematocrit, "stored maps")
    settings = replace(SETTINGS, model=model, **choices)
    return fit_visit(brain.series, settings, t10=brain.t10, mask=brain.brain, aif=aif).maps


def _two_exponentials(times, p):
    since = (times - times[3]) / 60
    curve = p[0] * np.exp(-p[1] * since) + p[2] * np.exp(-p[3] * since)
    return np.where(since >= 0, curve, 0)


def _array(path: Path) -> np.ndarray:
    return sitk.GetArrayFromImage(sitk.ReadImage(str(path))).astype(float)


_CHAINS = (
    ("their concentrations, their input", None),
    ("signal, their input", {"source": "theirs"}),
    ("signal, region, their baseline", {"baseline": THEIR_BASELINE}),
    ("signal, region", {}),
    ("signal, automatic", {"source": "auto"}),
)


def _main(reference: Path) -> None:
    brain = read_brain(reference)
    print("| from | model | parameter | voxels | r | median of ours / stored | 5% to 95% |")
    print("|---|---|---|---:|---:|---:|---|")
    for label, choices in _CHAINS:
        for model in ("patlak", "extended-tofts"):
            own = choices is None
            maps = maps_from_their_concentrations(brain, model) if own else maps_from_signal(brain, model, **choices)
            for name in _FITTED[model]:
                found = agreement(brain, maps, name)
                low, high = found.spread
                print(
                    f"| {label} | {model} | {name} | {found.voxels} | {found.correlation:.4f} | {found.ratio:.4f} "
                    f"| {low:.3f} to {high:.3f} |"
                )


if __name__ == "__main__":
    _main(Path(sys.argv[1]))

"""Three visits of a patient with glioblastoma, and our extended Tofts fit beside the maps of the data's authors.

Their maps come from a linear least squares (Murase 2004, Magn Reson Med 51:858) without bounds, from concentrations
whose negative samples were set to zero. ``python -m Testing.Reference.tcga_gbm FOLDER`` prints the comparison.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.integrate import cumulative_trapezoid
from scipy.io import loadmat

from PerfusionRatioLib.kinetics import ParameterMaps, fit
from PerfusionRatioLib.kinetics.convolution import exponential_convolution

VISITS = (1, 2, 3)
SURE = 0.1  # standard error of Ktrans as a share of it
DESCRIBED = 3.0  # residual in standard deviations of the noise
_THEIR_MAPS = {"ktrans": "mapKt", "kep": "mapKep", "ve": "mapVe", "vp": "mapVp"}


@dataclass(frozen=True)
class Visit:
    """The tumour's voxels of one visit.

    Attributes:
        times: seconds, shaped (t,).
        tissue: mM, shaped (t, n).
        plasma: mM, shaped (t,).
        noise: standard deviation of a tissue sample in mM, as the authors found it.
        kept: the voxels that the authors fitted (their concentration exceeds 0.01 mM), shaped (n,).
        theirs: the authors' maps by our names, each shaped (n,); zero where they did not fit.
        mask: where the voxels are, bool shaped (k, j, i), in the order of the curves.
        muscle: mM, shaped (t,), the mean curve of a region of muscle.
        muscle_voxels: how many it is the mean of.
        muscle_theirs: the authors' parameters of it by our names.
    """

    times: np.ndarray
    tissue: np.ndarray
    plasma: np.ndarray
    noise: float
    kept: np.ndarray
    theirs: dict[str, np.ndarray]
    mask: np.ndarray
    muscle: np.ndarray
    muscle_voxels: int
    muscle_theirs: dict[str, float]


def read_visit(folder: Path, number: int) -> Visit:
    """One visit. Curves are in the order of MATLAB: the first axis of the mask runs fastest."""
    curves = loadmat(folder / "c01_preprocessed" / f"TCGA-06-0185-{number}.mat")
    maps = loadmat(folder / "c02_postprocessed" / f"TCGA-06-0185-{number}.mat")
    tumour = curves["maskCt"].ravel(order="F") > 0

    def in_tumour(name):
        return maps[name].ravel(order="F")[tumour]

    return Visit(
        times=60 * curves["t"].ravel(),
        tissue=curves["Ct"].astype(np.float32),
        plasma=curves["Cp"].ravel().astype(float),
        noise=curves["sigmaCt"].item(),
        kept=in_tumour("maskCt") > 0,
        theirs={name: in_tumour(theirs) for name, theirs in _THEIR_MAPS.items()},
        mask=curves["maskCt"].T > 0,
        muscle=curves["Crr"].ravel(),
        muscle_voxels=np.count_nonzero(curves["maskCrr"]),
        muscle_theirs=dict(zip(("ktrans", "kep", "vp"), maps["ETM"][0, 0]["muscle"].ravel().tolist(), strict=True)),
    )


def linear_fit(tissue: np.ndarray, plasma: np.ndarray, times: np.ndarray) -> dict[str, np.ndarray]:
    """Extended Tofts as the authors fitted it: negative samples set to zero, integrals of the data as regressors."""
    tissue, plasma, minutes = np.maximum(tissue, 0).astype(float), np.maximum(plasma, 0), times / 60
    summed = cumulative_trapezoid(tissue, minutes, axis=0, initial=0)
    input_summed = cumulative_trapezoid(plasma, minutes, initial=0)
    columns = np.broadcast_arrays(input_summed[:, None], -summed, plasma[:, None])
    table = np.stack(columns, axis=-1).transpose(1, 0, 2)
    normal = np.einsum("nti,ntj->nij", table, table)
    solved = np.linalg.solve(normal, np.einsum("nti,tn->ni", table, tissue)[..., None])[..., 0]
    kep, vp = solved[:, 1], solved[:, 2]
    ktrans = solved[:, 0] - kep * vp
    with np.errstate(divide="ignore", invalid="ignore"):
        return {"ktrans": ktrans, "kep": kep, "ve": ktrans / kep, "vp": vp}


def well_determined(visit: Visit, maps: ParameterMaps) -> np.ndarray:
    """Voxels with no parameter at a bound, a sure Ktrans, and a curve that the model describes."""
    sure = maps.standard_errors["ktrans"] < SURE * maps.ktrans
    return visit.kept & (maps.flags == 0) & sure & (maps.residual_sd < DESCRIBED * visit.noise)


def made_again(visit: Visit, maps: ParameterMaps, seed: int = 0) -> np.ndarray:
    """The fitted curves with new noise as large as each voxel's residual: data like this whose truth is known."""
    curves = np.zeros(visit.tissue.shape)
    leaking = np.flatnonzero(maps.ktrans > 0)
    for part in np.array_split(leaking, max(leaking.size // 2000, 1)):
        shapes = exponential_convolution(maps.kep[part], visit.times / 60, visit.plasma)
        curves[:, part] = maps.ktrans[part] * shapes
    curves += maps.vp * visit.plasma[:, None]
    noise = np.random.default_rng(seed).normal(size=curves.shape)
    return (curves + noise * maps.residual_sd).astype(np.float32)


def _main(folder: Path) -> None:
    print("| visit | voxels | authors | ours | ours, one delay | delay (s) | truth made again | linear fit | ours |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    visits = {number: read_visit(folder, number) for number in VISITS}
    ours = {n: fit(v.tissue, v.times, v.plasma, standard_errors=True) for n, v in visits.items()}
    for number, visit in visits.items():
        maps, kept = ours[number], visit.kept
        late = fit(visit.tissue, visit.times, visit.plasma, delay="global")
        again = made_again(visit, maps)
        linear = linear_fit(again, visit.plasma, visit.times)["ktrans"]
        refitted = fit(again, visit.times, visit.plasma).ktrans
        medians = [visit.theirs["ktrans"], maps.ktrans, late.ktrans, maps.ktrans, linear, refitted]
        texts = [f"{np.median(values[kept]):.4f}" for values in medians]
        texts.insert(3, f"{late.delay[0]:.1f}")
        print(f"| {number} | {kept.sum()} | {' | '.join(texts)} |")
    print("\n| visit | voxels | parameter | r | authors' median | ours | ratio |")
    print("|---|---:|---|---:|---:|---:|---:|")
    for number, visit in visits.items():
        sure = well_determined(visit, ours[number])
        for name in ("ktrans", "ve", "vp"):
            found, theirs = getattr(ours[number], name)[sure], visit.theirs[name][sure]
            medians = np.median(theirs), np.median(found)
            print(
                f"| {number} | {sure.sum()} | {name} | {np.corrcoef(found, theirs)[0, 1]:.4f} | {medians[0]:.4f} "
                f"| {medians[1]:.4f} | {medians[1] / medians[0]:.3f} |"
            )


if __name__ == "__main__":
    _main(Path(sys.argv[1]))

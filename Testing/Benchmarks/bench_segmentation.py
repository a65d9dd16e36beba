"""One click to a lesion on the post-contrast T1 of digital heads: overlap with the truth, and time.

    python Testing/Benchmarks/bench_segmentation.py [--heads 10] [--first 0] [--in-core] [--worst DIR]

Each head has six lesions, each at a site of its own: beside the middle cerebral artery, at the dura, and in the brain;
0.37 to 10.4 cc, solid or with a necrotic core (15 to 45% of the volume, as far as the rim is 1.7 mm thick), round to
elongated, enhancing little or strongly, some T1-bright by themselves. The image is of 200 x 240 x 200 voxels of 1 mm,
with a coil's sensitivity and a signal-to-noise ratio of 10 to 40. The click is at a random voxel of the enhancing part
(of the core with --in-core). Time is that of one thread, from the image to the masks, the search for the brain
included. Whether lesions that touch are one or several nobody can tell from the image: a click is right that takes its
own or takes all of them, and the better of both overlaps counts. With --worst, pictures of the five worst are written
to DIR.
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from PerfusionRatioLib.errors import InputError
from PerfusionRatioLib.phantom.lesions import SITES, Lesion
from PerfusionRatioLib.phantom.post_contrast import make_post_contrast
from PerfusionRatioLib.phantom.scene import HeadPhantom
from PerfusionRatioLib.segmentation.lesion import segment_lesion
from PerfusionRatioLib.series import Grid, Volume

GRID = Grid((200, 240, 200), (1.0, 1.0, 1.0), (-99.5, -112.0, -90.0))
SNR = (10, 40, 20, 15, 30)
SIZES = (0.37, 10.4)  # cc
THINNEST_RIM = 1.7  # mm
LESIONS = 6
HALF = 24  # voxels shown around a lesion


@dataclass(frozen=True)
class Result:
    """One lesion, its true mask and what was found."""

    head: int
    number: int
    lesion: Lesion
    snr: float
    dice: float
    seconds: float
    reason: str
    sections: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]


def lesions_of(head: int) -> tuple[Lesion, ...]:
    """The lesions of a head, drawn for its number."""
    random = np.random.default_rng((11, head))
    special = [site for site in SITES if "," in site]
    artery = random.choice([site for site in special if "artery" in site])
    dura = random.choice([site for site in special if "dura" in site])
    others = random.choice([site for site in SITES if site not in special], LESIONS - 2, replace=False)
    return tuple(
        _lesion(head * LESIONS + n, str(site), n % 2 == head % 2, random)
        for n, site in enumerate([artery, dura, *others])
    )


def _lesion(number: int, site: str, with_core: bool, random: np.random.Generator) -> Lesion:
    # multiples of the golden ratio spread the sizes evenly
    volume = float(np.exp(np.interp((number * 0.618034) % 1, [0, 1], np.log(SIZES))))
    radius = (volume * 1000 * 3 / (4 * np.pi)) ** (1 / 3)
    largest_core = (1 - THINNEST_RIM / radius) ** 3
    core = min(random.uniform(0.15, 0.45), largest_core)
    return Lesion(
        site,
        volume,
        core=core if with_core else 0.0,
        ktrans=float(np.exp(random.uniform(np.log(0.06), np.log(0.25)))),
        vp=random.uniform(0.02, 0.10),
        ve=random.uniform(0.20, 0.45),
        t10=random.uniform(0.8, 1.5),
        elongation=random.uniform(1.0, 1.7),
        seed=number,
    )


def results_of(head: int, in_core: bool) -> list[Result]:
    """Segment every lesion of a head, and print a row for each."""
    lesions, snr = lesions_of(head), SNR[head % len(SNR)]
    made = make_post_contrast(HeadPhantom(lesions=lesions, person=head), GRID, snr=snr, seed=head)
    results = []
    for number, (lesion, truth, core) in enumerate(zip(lesions, made.lesions, made.cores, strict=True)):
        places = np.argwhere(truth & core if in_core else truth & ~core)
        if not len(places):
            continue
        seed = places[np.random.default_rng((head, number)).integers(len(places))]
        whole = _with_touching(truth, made.lesions)
        truths = [truth] if (whole == truth).all() else [truth, whole]
        result = max((_result(head, number, lesion, snr, made.volume, one, seed) for one in truths), key=_overlap)
        results.append(result)
        kind = f"core {lesion.core:.0%}" if lesion.core else "solid"
        print(
            f"{head:4d}{number:3d}  {lesion.site:32s}{lesion.volume:6.2f}  {kind:9s}{snr:4d}{result.dice:8.3f}"
            f"{result.seconds:7.2f}  {result.reason}",
            flush=True,
        )
    return results


def _overlap(result: Result) -> float:
    return result.dice


def _with_touching(truth: np.ndarray, lesions: tuple[np.ndarray, ...]) -> np.ndarray:
    """``truth`` with the lesions that share a face, an edge or a corner of a voxel with it."""
    labels, _ = ndimage.label(np.any(lesions, axis=0), np.ones((3, 3, 3)))
    return np.isin(labels, np.unique(labels[truth]))


def _result(
    head: int, number: int, lesion: Lesion, snr: float, image: Volume, truth: np.ndarray, seed: np.ndarray
) -> Result:
    reason, found = "", np.zeros_like(truth)
    start = time.thread_time()
    try:
        found = segment_lesion(image, GRID.positions(seed[::-1])).mask
    except InputError as error:
        reason = str(error)
    seconds = time.thread_time() - start
    dice = 2 * np.count_nonzero(found & truth) / (np.count_nonzero(found) + np.count_nonzero(truth))
    return Result(head, number, lesion, snr, dice, seconds, reason, tuple(_sections(image.array, truth, found)))


def _sections(image: np.ndarray, truth: np.ndarray, found: np.ndarray):
    centre = np.rint(np.argwhere(truth).mean(axis=0)).astype(int)
    for axis in range(3):
        part = [slice(max(n - HALF, 0), n + HALF) for n in centre]
        part[axis] = centre[axis]
        yield tuple(array[tuple(part)].copy() for array in (image, truth, found))


def write_worst(results: list[Result], folder: Path) -> None:
    """Pictures of the five worst: axial, coronal and sagittal, the truth yellow, what was found red."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    for rank, result in enumerate(sorted(results, key=lambda one: one.dice)[:5], start=1):
        figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.7))
        origins = ("upper", "lower", "lower")  # the front of the head, then its top twice, are above
        for axis, origin, (image, truth, found) in zip(axes, origins, result.sections, strict=True):
            axis.imshow(image, cmap="gray", vmin=0, vmax=1.3 * np.percentile(image[truth], 99), origin=origin)
            for mask, colour in ((truth, "gold"), (found, "red")):
                if mask.any():
                    axis.contour(mask, [0.5], colors=colour, linewidths=1)
            axis.axis("off")
        lesion = result.lesion
        figure.suptitle(
            f"{lesion.site}, {lesion.volume:.2f} cc, core {lesion.core:.0%}, SNR {result.snr}: Dice {result.dice:.3f}",
            fontsize=9,
        )
        figure.tight_layout()
        figure.savefig(folder / f"worst-{rank}.png", dpi=80)
        plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--heads", type=int, default=10)
    parser.add_argument("--first", type=int, default=0, help="number of the first head")
    parser.add_argument("--in-core", action="store_true", help="click in the cores")
    parser.add_argument("--worst", type=Path, help="folder for pictures of the five worst")
    asked = parser.parse_args()
    print(f"head  n  {'site':32s}    cc  kind      SNR    Dice   time")
    results = [one for head in range(asked.first, asked.first + asked.heads) for one in results_of(head, asked.in_core)]
    print()
    groups = {
        "all": results,
        "solid": [one for one in results if not one.lesion.core],
        "with a core": [one for one in results if one.lesion.core],
        "below 1 cc": [one for one in results if one.lesion.volume < 1],
        "beside the artery": [one for one in results if "artery" in one.lesion.site],
        "at the dura": [one for one in results if "dura" in one.lesion.site],
        "SNR 10": [one for one in results if one.snr == 10],
    }
    print(f"{'':20s}   n  median  worst  below 0.80   time: median, longest")
    for name, group in groups.items():
        if not group:
            continue
        dice, seconds = np.array([(one.dice, one.seconds) for one in group]).T
        print(
            f"{name:20s}{len(group):4d}{np.median(dice):8.3f}{dice.min():7.3f}{np.sum(dice < 0.8):8d}"
            f"{np.median(seconds):16.2f} s{seconds.max():7.2f} s"
        )
    if asked.worst:
        write_worst(results, asked.worst)


if __name__ == "__main__":
    main()

"""The reference region on digital patients: is it white matter, and does it keep clear of lesions and vessels?

    python Testing/Benchmarks/bench_reference.py [PATIENTS]

Sixty patients differ in shape, pose, noise, coil, and in one or two lesions: at every site of the phantom, near the
middle of the brain, or opposite each other. The reference is found on the post-contrast T1 (1.5 mm) with the true
lesion masks and carried to the grid of a dynamic series (1.8 × 1.8 × 4 mm) in which the head lies a little otherwise.
Told against the truth: voxels that hold any lesion or vessel (5% or more), the share of voxels with more than half
white matter, the plane between the halves of the brain, and the distance from the mirror image of the lesion.
"""

import sys
import time
from dataclasses import dataclass

import numpy as np

from PerfusionRatioLib.alignment.carrying import in_field
from PerfusionRatioLib.errors import NoAnswerError
from PerfusionRatioLib.phantom.anatomy import template_positions
from PerfusionRatioLib.phantom.head_phantom import HeadPhantom
from PerfusionRatioLib.phantom.lesions import SITES, Lesion
from PerfusionRatioLib.phantom.post_contrast import make_post_contrast, t1_grid
from PerfusionRatioLib.phantom.scene import Scene
from PerfusionRatioLib.rigid import Rigid
from PerfusionRatioLib.segmentation.midsagittal import find_midsagittal_plane
from PerfusionRatioLib.segmentation.reference_region import find_reference, reference_on_dce
from PerfusionRatioLib.series import Grid

NEAR_THE_MIDDLE = ((6.0, 20.0, 40.0), (-5.0, -48.0, 40.0), (2.0, 34.0, 30.0), (-8.0, -64.0, 30.0))
"""MNI (RAS) millimetres."""
DCE = Grid((120, 128, 26), (1.8, 1.8, 4.0), (-107.1, -106.3, -28.0))
TOUCHED = 0.05


@dataclass(frozen=True)
class Row:
    """Of one grid: voxels of the reference, and how many of them are white matter or touch what they must not."""

    voxels: int
    white: float
    touching: int

    @staticmethod
    def of(mask: np.ndarray, scene: Scene) -> "Row":
        names = [tissue.name for tissue in scene.phantom.tissues]
        bad = [name for name in names if name in ("artery", "sinus") or name.startswith(("lesion", "core"))]
        shares = {name: share[mask] for name, share in scene.fractions("white", *bad).items()}
        touching = sum(shares[name] for name in bad) >= TOUCHED
        return Row(np.count_nonzero(mask), float(np.mean(shares["white"] > 0.5)), np.count_nonzero(touching))


def patient(number: int) -> tuple[HeadPhantom, Rigid, Rigid, float]:
    """The head, its pose in T1 and series, and the signal-to-noise ratio."""
    random = np.random.default_rng((5, number))
    sites = [*SITES, *NEAR_THE_MIDDLE]
    first = Lesion(sites[number % len(sites)], random.uniform(0.4, 10), 0.35 * random.integers(2), seed=number)
    lesions = [first]
    if number % 3 == 1:
        x, y, z = first.centre
        opposite = (-x, y + random.uniform(-8, 8), z)  # the mirror image meets it
        other = opposite if number % 2 else tuple(Lesion(sites[(number + 5) % len(sites)]).centre)
        lesions.append(Lesion(other, random.uniform(0.4, 3), seed=number + 1))
    pose = Rigid.of(random.uniform(-8, 8, 3), random.uniform(-7, 7, 3))
    later = Rigid.of(pose.translation + random.uniform(-1, 1, 3), pose.angles + random.uniform(-1, 1, 3))
    return HeadPhantom(tuple(lesions), person=number), pose, later, float(random.uniform(15, 60))


def true_plane(person: int, pose: Rigid, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """A point of the plane that fits the template's mid-sagittal sheet best, and its normal."""
    x, y, z = template_positions(grid, person)
    near = (np.abs(x) < 3) & (np.abs(y + 18) < 75) & (np.abs(z - 15) < 45)
    places = grid.positions(np.argwhere(near)[:, ::-1])
    places[:, 0] += x[near]
    places = pose.moved(places)
    middle = places.mean(axis=0)
    return middle, np.linalg.svd(places - middle, full_matrices=False)[2][2]


def main(patients: int) -> None:
    print(f"{'':>3}{'site':<34}{'snr':>4}{'deg':>6}{'mm':>6}{'away':>6}{'ml':>5}  {'T1: white':>9}{'touch':>6}", end="")
    print(f"  {'DCE: n':>7}{'white':>7}{'touch':>6}{'s':>6}  notes")
    rows, refused, planes = [], 0, []
    for number in range(patients):
        phantom, pose, later, snr = patient(number)
        made = make_post_contrast(phantom, t1_grid(1.5), pose, snr=snr, seed=number)
        image, (lesion, *others) = made.volume, made.lesions
        started = time.process_time()
        line = f"{number:>3}{str(phantom.lesions[0].site)[:33]:<34}{snr:4.0f}"
        try:
            plane = find_midsagittal_plane(image)
            to_t1 = pose.after(later.inverse)
            field = in_field(image.grid, DCE, to_t1.inverse)
            others = np.any(others, axis=0) if others else None
            reference = find_reference(image, lesion, others, plane=plane, within=field)
            seconds = time.process_time() - started
            carried = reference_on_dce(reference, DCE, to_t1)
        except NoAnswerError as refusal:
            refused += 1
            print(f"{line}  {refusal}", flush=True)
            continue
        middle, normal = true_plane(number, pose, phantom.anatomy.grid)
        tilt = float(np.degrees(np.arccos(min(abs(normal @ plane.normal), 1))))
        planes.append((tilt, abs(float(plane.distance(middle)))))
        fine = Row.of(reference.mask, Scene(phantom, image.grid, pose.matrix, duration=1.0))
        coarse = Row.of(carried.mask, Scene(phantom, DCE, later.matrix, duration=1.0))
        rows.append((fine, coarse))
        mirror = plane.mirrored(image.grid.positions(np.argwhere(lesion)[:, ::-1])).mean(axis=0)
        away = np.linalg.norm(mirror - reference.centre)
        print(
            f"{line}{planes[-1][0]:6.2f}{planes[-1][1]:6.2f}{away:6.0f}{reference.millilitres:5.1f}  {fine.white:9.3f}"
            f"{fine.touching:6d}  {coarse.voxels:7d}{coarse.white:7.3f}{coarse.touching:6d}{seconds:6.1f}  "
            f"{' '.join(carried.notes)[:60]}",
            flush=True,
        )
    told(rows, planes, refused)


def told(rows: list[tuple[Row, Row]], planes: list[tuple[float, float]], refused: int) -> None:
    for name, column in (("T1 grid", 0), ("DCE grid", 1)):
        found = [row[column] for row in rows]
        white = np.array([one.white for one in found])
        all_white = np.average(white, weights=[one.voxels for one in found])
        touching = sum(one.touching for one in found)
        print(
            f"{name}: white matter {100 * all_white:.1f}% of voxels, worst patient {100 * white.min():.1f}%, "
            f"below 95% in {np.count_nonzero(white < 0.95)}; {touching} voxels touch a lesion or vessel; "
            f"{min(one.voxels for one in found)} voxels at least"
        )
    tilt, shift = np.max(planes, axis=0)
    print(f"plane: worst {tilt:.2f} degrees (bar 1.5) and {shift:.2f} mm (bar 1.5); refused: {refused}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)

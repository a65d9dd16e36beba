"""Reduce the MNI152 2009a symmetric template to the small resource under the digital head.

    python Testing/Reference/make_template_resource.py

reads ``template_mni152`` below ``PERFUSIONRATIO_REFERENCE_DATA`` (T1 of the brain, grey and white matter probability,
1 mm) and writes ``PerfusionRatioLib/phantom/resources/mni152_reduced.npz``: the same three volumes as uint8 on a
coarser grid. The template is symmetric, so only its left half (with the mid-sagittal plane first) is kept.
"""

import os
from pathlib import Path

import numpy as np
import SimpleITK as sitk

SPACING = 1.5
"""Millimetres; coarse enough for less than a megabyte, fine enough for the cortical ribbon."""

# The bounding box of the brain in millimetres (RAS, MNI152): the left half, from the mid-sagittal plane outwards.
LEFT, BACK, BOTTOM = 0.0, -109.5, -72.0
SHAPE = (105, 126, 51)
NAMES = {"t1": "t1", "grey": "gm", "white": "wm"}
TARGET = Path(__file__).parents[2] / "PerfusionRatioLib" / "phantom" / "resources" / "mni152_reduced.npz"


def reduced(image: sitk.Image) -> np.ndarray:
    """One volume smoothed by the size of the new voxels, sampled on the new grid, and averaged over both sides."""
    sides = []
    for sign in (1.0, -1.0):  # LPS: +x is the patient's left
        resample = sitk.ResampleImageFilter()
        resample.SetSize(SHAPE[::-1])
        resample.SetOutputSpacing((SPACING,) * 3)
        resample.SetOutputOrigin((sign * LEFT, -BACK, BOTTOM))
        resample.SetOutputDirection((sign, 0, 0, 0, -1, 0, 0, 0, 1))
        resample.SetOutputPixelType(sitk.sitkFloat32)
        resample.SetInterpolator(sitk.sitkLinear)
        smooth = sitk.SmoothingRecursiveGaussian(sitk.Cast(image, sitk.sitkFloat32), 0.3 * SPACING)
        sides.append(sitk.GetArrayFromImage(resample.Execute(smooth)))
    left, right = sides
    print(f"largest difference of the two sides {np.abs(left - right).max():.1f} of 255")
    values = np.rint(0.5 * (left + right)).clip(0, 255)
    values[values < 3] = 0  # specks that only cost bytes
    return values.astype(np.uint8)


def main() -> None:
    """Write the resource and say how large it is."""
    source = Path(os.environ["PERFUSIONRATIO_REFERENCE_DATA"]) / "template_mni152"
    volumes = {
        name: reduced(sitk.ReadImage(str(source / f"mni_icbm152_{stem}_tal_nlin_sym_09a_converted.nii.gz")))
        for name, stem in NAMES.items()
    }
    np.savez_compressed(TARGET, spacing=SPACING, origin=np.array([LEFT, BACK, BOTTOM]), **volumes)
    print(f"{TARGET.name}: {TARGET.stat().st_size / 1e6:.2f} MB, {SHAPE} at {SPACING} mm")


if __name__ == "__main__":
    main()

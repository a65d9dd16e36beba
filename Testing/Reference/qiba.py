"""The QIBA digital reference object of the Tofts model, version 6: from its DICOM files to Ktrans and ve.

Patches of 10 x 10 voxels: Ktrans rises down the rows, ve along the columns; blood fills the last ten rows.
``python -m Testing.Reference.qiba FOLDER`` prints found and true values.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from PerfusionRatioLib.reading import read_dce
from PerfusionRatioLib.visit import Visit, fit_visit
from PerfusionRatioLib.visit_settings import VisitSettings

KTRANS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.35)  # 1/min
VE = (0.01, 0.05, 0.1, 0.2, 0.5)
_SIDE, _FIRST_ROW, _BLOOD_ROW = 10, 10, 70
_T10_TISSUE, _T10_BLOOD = 1.0, 1.44  # s


@dataclass(frozen=True)
class Patches:
    """Medians over the patches, each shaped (Ktrans, ve)."""

    ktrans: np.ndarray
    ve: np.ndarray

    @property
    def ktrans_error(self) -> np.ndarray:
        """Relative."""
        return self.ktrans / np.array(KTRANS)[:, None] - 1

    @property
    def ve_error(self) -> np.ndarray:
        """Relative."""
        return self.ve / np.array(VE) - 1


def fit_object(folder: Path) -> Visit:
    """The object as a visit: its artery and T10 are known, and nothing moves."""
    series = read_dce(folder)
    rows = np.arange(series.grid.shape[1])[None, :, None]
    blood = np.broadcast_to(rows >= _BLOOD_ROW, series.grid.shape)
    tissue = np.broadcast_to((rows >= _FIRST_ROW) & (rows < _BLOOD_ROW), series.grid.shape)
    t10 = np.where(blood, _T10_BLOOD, _T10_TISSUE).astype(np.float32)
    settings = VisitSettings(model="tofts", haematocrit=0.45, relaxivity=4.5, motion=False)
    return fit_visit(series, settings, t10=t10, mask=tissue, aif=blood)


def patches(visit: Visit) -> Patches:
    """The median of each patch, as the files hold whole numbers."""
    last = _FIRST_ROW + _SIDE * len(KTRANS)

    def medians(values):
        split = values[0, _FIRST_ROW:last].reshape(len(KTRANS), _SIDE, len(VE), _SIDE)
        return np.median(split, axis=(1, 3))

    return Patches(medians(visit.maps.ktrans), medians(visit.maps.ve))


def _main(folder: Path) -> None:
    found = patches(fit_object(folder))
    for name, errors in (("Ktrans", found.ktrans_error), ("ve", found.ve_error)):
        print(f"| error of {name} (%) | {' | '.join(f've {ve:g}' for ve in VE)} |")
        print("|---" + "|---:" * len(VE) + "|")
        for ktrans, row in zip(KTRANS, errors, strict=True):
            print(f"| Ktrans {ktrans:g} | {' | '.join(f'{100 * value:.2f}' for value in row)} |")
        print()


if __name__ == "__main__":
    _main(Path(sys.argv[1]))

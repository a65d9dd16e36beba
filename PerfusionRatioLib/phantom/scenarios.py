"""The courses of disease of the digital patient, by name.

What the reading sees are ratios of the lesion to normal white matter (Ktrans 0.0005 min⁻¹, vp 0.015). Tissue that
enhances because it leaks has a Ktrans far above 1.5 times that of white matter: by rKtrans it is hyperperfused,
whatever it is made of. A lesion in which both ratios are truly below 1.5 can therefore not be bright by leakage. Such
lesions are bright on post-contrast T1 by themselves: their T10 is short, as with melanin, blood products or protein.
What happens when a necrosis does leak is a scenario of its own, ``leaky-necrosis``, in which the rules "either" and
"rvp" disagree.
"""

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .lesions import Lesion

SCENARIOS = {
    "recurrence": "hyperperfused before radiosurgery and again: recurrent metastasis",
    "necrosis": "hyperperfused before radiosurgery, not any more: radiation necrosis",
    "never-hyperperfused": "hyperperfused neither before nor now: the absence tells nothing",
    "new-hyperperfusion": "hyperperfused only now: recurrent metastasis",
    "two-lesions": "one recurs, another one has turned into necrosis",
    "leaky-necrosis": "hyperperfused before, leaking without vessels now: recurrence by rKtrans, necrosis by rVp",
}
"""What each scenario shows."""

SITES_APART = (
    ("left frontal", "right parietal"),
    ("right frontal", "left parietal"),
    ("left occipital", "right frontal"),
    ("right temporal", "left frontal"),
    ("left temporal", "right occipital"),
    ("left frontal, at the dura", "right parietal"),
    ("right Sylvian, beside the artery", "left parietal"),
    ("left parietal, at the dura", "right frontal"),
    ("right occipital", "left frontal"),
    ("right parietal", "left temporal"),
    ("right frontal, at the dura", "left occipital"),
    ("left Sylvian, beside the artery", "right parietal"),
)
"""Pairs of sites far apart, in both hemispheres; where there is one lesion, it is at the first."""

BESIDE_ARTERIES = ("recurrence", "two-lesions", "leaky-necrosis")
"""Scenarios whose lesion may lie beside an artery. One without vessels there would be read by the signal of the artery,
which the slightest motion brings into it."""


@dataclass(frozen=True)
class LesionCourse:
    """One lesion through both visits: at the same place, with other sizes and kinetics.

    Attributes:
        name: how it is called in the study file: its site.
        pre, follow_up: the lesion at each visit.
        readings: by rule ("either", "rvp"), what the paired reading must say: "recurrence" (hyperperfused at both
            visits), "necrosis" (then absent), "recurrence-new" (absent, then hyperperfused) or "unreliable" (absent at
            both).
    """

    name: str
    pre: Lesion
    follow_up: Lesion
    readings: dict[str, str]

    @property
    def reading(self) -> str:
        """What the default rule, "either", must say."""
        return self.readings["either"]


@dataclass(frozen=True)
class Scenario:
    """A course of disease: its name, the seed it was drawn with and its lesions."""

    name: str
    seed: int
    lesions: tuple[LesionCourse, ...]


def make_scenario(name: str, seed: int = 0) -> Scenario:
    """A scenario by name; the seed varies site, side, volume, shape and kinetics.

    Raises:
        InputError: there is no scenario of that name.
    """
    if name not in SCENARIOS:
        raise InputError(f"There is no scenario {name!r}: choose one of {', '.join(SCENARIOS)}.")
    random = np.random.default_rng((seed, list(SCENARIOS).index(name)))
    pairs = SITES_APART if name in BESIDE_ARTERIES else [pair for pair in SITES_APART if "artery" not in pair[0]]
    first, second = pairs[seed % len(pairs)]
    if name == "two-lesions":
        lesions = (_course("recurrence", first, random), _course("necrosis", second, random))
    else:
        lesions = (_course(name, first, random),)
    return Scenario(name, seed, lesions)


@dataclass(frozen=True)
class _Course:
    """Kind of tissue at each visit, cubic centimetres before, and by what factor they grow; each range uniform."""

    pre: str
    follow_up: str
    volume: tuple[float, float]
    growth: tuple[float, float]
    readings: dict[str, str]


_COURSES = {
    "recurrence": _Course("vital", "vital", (1.5, 5.5), (1.2, 1.85), {"either": "recurrence", "rvp": "recurrence"}),
    "necrosis": _Course("vital", "unperfused", (3.5, 6.0), (1.45, 1.7), {"either": "necrosis", "rvp": "necrosis"}),
    "never-hyperperfused": _Course(
        "unperfused", "unperfused", (5.0, 6.0), (1.2, 1.7), {"either": "unreliable", "rvp": "unreliable"}
    ),
    "new-hyperperfusion": _Course(
        "unperfused", "vital", (5.0, 6.0), (1.2, 1.7), {"either": "recurrence-new", "rvp": "recurrence-new"}
    ),
    "leaky-necrosis": _Course("vital", "leaking", (3.0, 6.0), (1.3, 1.7), {"either": "recurrence", "rvp": "necrosis"}),
}

_KINETICS = {
    "vital": {"ktrans": (0.05, 0.15), "vp": (0.045, 0.07), "ve": (0.25, 0.40), "t10": (1.30, 1.50)},
    "unperfused": {"ktrans": (0.7e-4, 1.7e-4), "vp": (0.002, 0.005), "ve": (0.15, 0.25), "t10": (0.45, 0.50)},
    "leaking": {"ktrans": (0.018, 0.022), "vp": (0.008, 0.010), "ve": (0.25, 0.40), "t10": (1.05, 1.20)},
}
"""Ranges of min⁻¹, fractions and seconds: tumour with many leaking vessels; tissue with hardly any, a third of those of
white matter at most and each as tight, that is bright on T1 by itself; tissue with few vessels that leaks."""

RING_FROM = 3.0
"""Cubic centimetres from which a lesion may be a ring: the rim of a smaller one is thinner than a voxel."""


def _course(name: str, site: str, random: np.random.Generator) -> LesionCourse:
    course = _COURSES[name]
    volume = random.uniform(*course.volume)
    core = random.uniform(0.2, 0.35) if volume >= RING_FROM and random.uniform() < 0.5 else 0.0
    shape = {"site": site, "core": core, "elongation": random.uniform(1.0, 1.4), "seed": int(random.integers(1 << 31))}
    pre = Lesion(volume=volume, **shape, **_kinetics(course.pre, random))
    grown = volume * random.uniform(*course.growth)
    follow_up = Lesion(volume=grown, **shape, **_kinetics(course.follow_up, random))
    return LesionCourse(site, pre, follow_up, course.readings)


def _kinetics(kind: str, random: np.random.Generator) -> dict[str, float]:
    drawn = {name: random.uniform(*limits) for name, limits in _KINETICS[kind].items()}
    return {**drawn, "core_ktrans": 0.004 if kind == "vital" else 1e-4}

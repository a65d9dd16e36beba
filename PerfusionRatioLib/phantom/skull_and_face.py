"""What surrounds the brain: skull, scalp, muscles, orbits, air spaces, face and neck.

Positions are MNI (RAS) millimetres, of an adult head around the MNI152 brain. The skull follows the envelope of the
brain; the rest is made of soft ellipsoids where a radiologist expects them: enough to be stripped, to enhance and to
look like a head.
"""

import numpy as np

from .soft_shapes import Canvas, bump, joined

SUBARACHNOID = 2.5
"""Millimetres from the envelope of the brain to the skull."""


def paint_surroundings(canvas: Canvas, distance: np.ndarray) -> None:
    """Everything outside the skull's inner table; ``distance`` is millimetres from the envelope of the brain."""
    y, z = canvas.y, canvas.z
    outer_table = 8.2 + 1.5 * bump((y, -95, 25), (z, 20, 30)) + 1.2 * bump((y, 75, 20), (z, 15, 25))
    skin = _paint_soft_tissue(canvas, outer_table - distance)
    _paint_skull(canvas, distance, outer_table, skin)
    _paint_orbits(canvas, distance)
    _paint_air(canvas)
    _paint_spine(canvas)


def _paint_soft_tissue(canvas: Canvas, skull: np.ndarray) -> np.ndarray:
    """Fat, muscles, face, neck and ears around a skull of that depth; returns the depth below the skin."""
    x, y, z = np.abs(canvas.x), canvas.y, canvas.z
    temple = 8 * bump((x, 66, 16), (y, 22, 22), (z, -6, 24))
    nape = 26 * bump((x, 0, 45), (y, -92, 26), (z, -66, 22))
    face = canvas.ellipsoid((0, 38, -66), (62, 56, 62))
    nose = canvas.ellipsoid((0, 92, -50), (11, 17, 24))
    neck = np.minimum(canvas.ellipsoid((0, -28, -110), (60, 66, 90)), -20 - z)
    skin = joined(joined(joined(skull + 5.5 + temple + nape, face, 14), nose, 10), neck, 16)
    canvas.paint("fat", canvas.cover(skin))
    canvas.paint("muscle", 0.7 * canvas.cover(skin) * (1 - canvas.cover(skin - 1.5)))  # the skin itself
    auricle = canvas.ellipsoid((84, -26, -26), (5, 15, 27), paired=True)
    concha = canvas.ellipsoid((91, -22, -28), (5, 8, 15), paired=True)
    canvas.paint("muscle", canvas.cover(np.minimum(auricle, -concha)))

    masseter = canvas.ellipsoid((46, 22, -62), (14, 22, 34), paired=True)
    around_skull = np.maximum(temple - 1.5, nape - 3) + skull  # temporal and nuchal muscles
    for depth, density in (
        (np.minimum(face - 9, -36 - z), 0.65),
        (np.minimum(skin - 6, np.maximum(around_skull, neck - 5)), 1.0),
        (np.minimum(skin - 9, masseter), 0.85),
    ):
        canvas.paint("muscle", density * canvas.cover(np.minimum(depth, skin - 6)))
    return skin


def _paint_skull(canvas: Canvas, distance: np.ndarray, outer_table: np.ndarray, skin: np.ndarray) -> None:
    midface = canvas.ellipsoid((0, 32, -44), (36, 46, 24))
    canvas.paint("bone", canvas.cover(np.minimum(midface, skin - 8)))
    cheek = canvas.ellipsoid((50, 48, -48), (8, 12, 8), paired=True)
    canvas.paint("marrow", 0.8 * canvas.cover(np.minimum(cheek, skin - 6)))
    canvas.paint("bone", canvas.cover(outer_table - distance))
    table = 0.26 * (outer_table - SUBARACHNOID)
    diploe = np.minimum(distance - SUBARACHNOID - table, outer_table - table - distance)
    vault = canvas.cover(canvas.z + 30 + 0.25 * canvas.y)  # the skull base is compact
    canvas.paint("marrow", canvas.cover(diploe) * vault)
    clivus = canvas.ellipsoid((0, -6, -46), (11, 7, 15))
    canvas.paint("marrow", 0.85 * canvas.cover(clivus))


def _paint_orbits(canvas: Canvas, distance: np.ndarray) -> None:
    outside_skull = distance - 4.5
    front = canvas.ellipsoid((31, 58, -37), (18, 19, 17), paired=True)
    apex = canvas.ellipsoid((25, 38, -35), (12, 24, 11), paired=True)
    canvas.paint("fat", canvas.cover(np.minimum(joined(front, apex, 10), outside_skull)))
    for centre, radii in (
        ((41, 46, -37), (2.2, 18, 4)),  # lateral, medial, superior and inferior rectus
        ((19, 46, -36), (2.2, 18, 4)),
        ((29, 44, -26), (5, 18, 2)),
        ((29, 44, -46), (5, 18, 2)),
        ((26, 36, -35), (2.4, 20, 2.4)),  # optic nerve
    ):
        inside = np.minimum(canvas.ellipsoid(centre, radii, paired=True), outside_skull)
        canvas.paint("muscle", 0.9 * canvas.cover(inside))
    eye = np.minimum(canvas.ellipsoid((31.5, 62, -37), (12, 12.5, 12), paired=True), outside_skull)
    lens = canvas.ellipsoid((31.5, 71, -37), (4.5, 2.2, 4.5), paired=True)
    canvas.paint("muscle", canvas.cover(eye))  # sclera
    canvas.paint("vitreous", canvas.cover(eye - 1.2))
    canvas.paint("muscle", canvas.cover(lens))


def _paint_air(canvas: Canvas) -> None:
    x, y = np.abs(canvas.x), canvas.y
    ethmoid = canvas.ellipsoid((0, 50, -42), (13, 27, 14))
    canvas.paint("mucosa", canvas.cover(ethmoid))
    canvas.paint(
        "air",
        0.9 * canvas.cover(np.minimum(ethmoid - 1.5, x - 1.0)) * (0.72 + 0.28 * np.cos(y * np.float32(2 * np.pi / 9))),
    )
    for centre, radii, paired in (
        ((7, 20, -42), (7, 9, 7), True),  # sphenoid sinus
        ((10, 79, -12), (8, 4, 8), True),  # frontal sinus
        ((30, 48, -66), (13, 16, 13), True),  # maxillary sinus
    ):
        cavity = canvas.ellipsoid(centre, radii, paired)
        canvas.paint("mucosa", canvas.cover(cavity))
        canvas.paint("air", canvas.cover(cavity - 1.0))
    nasal = canvas.ellipsoid((0, 56, -66), (15, 36, 18))
    canvas.paint("mucosa", canvas.cover(nasal))
    canvas.paint("air", canvas.cover(np.minimum(nasal - 2, np.abs(x - 6) - 3)))
    canvas.paint("air", canvas.cover(canvas.ellipsoid((0, 6, -84), (11, 9, 34))))  # pharynx
    canvas.paint("air", 0.7 * canvas.cover(canvas.ellipsoid((56, -38, -44), (8, 12, 14), paired=True)))  # mastoid cells
    canvas.paint("air", canvas.cover(canvas.ellipsoid((66, -23, -36), (16, 3.5, 3.5), paired=True)))  # ear canal


def _paint_spine(canvas: Canvas) -> None:
    x, y, z = canvas.x, canvas.y, canvas.z
    below = canvas.cover(-70 - z)
    radius = np.sqrt(x**2 + (y + 46 - 0.1 * (z + 70)) ** 2)
    canvas.paint("marrow", 0.8 * below * canvas.cover(canvas.ellipsoid((0, -22, -100), (20, 13, 40))))
    for name, limit in (("bone", 15.0), ("csf", 10.0), ("white", 5.5)):
        canvas.paint(name, below * canvas.cover(limit - radius))

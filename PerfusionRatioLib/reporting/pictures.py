"""Images as PNG, outlines as SVG paths."""

import base64
import io

import numpy as np

from .plane import Window


def grey_png(values: np.ndarray, low: float, high: float) -> str:
    """An image (down, across) as a data URI, ``low`` black and ``high`` white; what is not a number is black."""
    scaled = np.clip((np.nan_to_num(values, nan=low) - low) / max(high - low, 1e-12), 0, 1)
    level = np.uint8(np.rint(255 * scaled))
    return _png(np.dstack([level, level, level]))


def colour_png(rgba: np.ndarray) -> str:
    """Colours uint8 (down, across, 4) as a data URI."""
    return _png(rgba)


def _png(colours: np.ndarray) -> str:
    from matplotlib.image import imsave

    buffer = io.BytesIO()
    imsave(buffer, np.ascontiguousarray(colours), format="png")
    return data_uri(buffer.getvalue(), "image/png")


def data_uri(content: bytes, kind: str) -> str:
    """``content`` as it stands in the source of an image."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def outline(share: np.ndarray, window: Window) -> str:
    """The border of where ``share`` (down, across) is half or more, as the data of an SVG path in millimetres from
    the window's upper left corner; empty where there is none."""
    from matplotlib.figure import Figure

    if not (share >= 0.5).any():
        return ""
    rows, columns = share.shape
    x = (np.arange(-1, columns + 1) + 0.5) * window.width / columns
    y = (np.arange(-1, rows + 1) + 0.5) * window.height / rows
    drawn = Figure().add_subplot().contour(x, y, np.pad(share, 1), levels=[0.5])
    parts = []
    for path in drawn.get_paths():
        for polygon in path.to_polygons(closed_only=False):
            inside = np.clip(polygon, 0, (window.width, window.height))
            parts.append("M" + "L".join(f"{px:.1f} {py:.1f}" for px, py in _thinned(inside)) + "Z")
    return "".join(parts)


def _thinned(points: np.ndarray) -> np.ndarray:
    """The points without those that lie on the line between their neighbours."""
    if len(points) < 4:
        return points
    before, after = points[1:-1] - points[:-2], points[2:] - points[1:-1]
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    keep = np.concatenate([[True], np.abs(turn) > 1e-6, [False]])
    return points[keep]

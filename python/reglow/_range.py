"""Refuses arrays that cannot be images from 0 (black) to 1 (white), by the rule of the command."""

from __future__ import annotations

import numpy as np

from .errors import ArgumentError

# How far noise can take a value: seven deviations of the largest, 1.
_REACH = (-7.0, 8.0)
_MOST_SAMPLES = 1 << 16
# |N(0, 2 s^2)| has the median 0.6745 * sqrt(2) s.
_MEDIAN = 0.9539
_WHITES = (255, 1023, 4095, 16383, 65535)


def require_range(planes: np.ndarray, name: str, data_range: float | None = None) -> None:
    """Refuse values that no noise of a deviation up to 1 makes of an image.

    These are, with s the noise from the median difference of neighbours in a row: single values
    beyond [-7, 8], a mean beyond [-0.5, 1.5], one percent of the values above 2 + 3 s, or five
    percent below -0.25 - 3 s.
    """
    lowest, highest = float(planes.min()), float(planes.max())
    if lowest >= -0.25 and highest <= 2:
        return
    mean = float(planes.mean(dtype=np.float64))
    values = planes.reshape(-1)[:: (planes.size - 1) // _MOST_SAMPLES + 1]
    rows = planes.reshape(-1, planes.shape[-1])[:: (planes.size - 1) // _MOST_SAMPLES + 1]
    noise = float(np.median(np.abs(np.diff(rows, axis=1)))) / _MEDIAN if rows.shape[1] > 1 else 0.0
    upper, lower = (float(np.quantile(values, part)) for part in (0.99, 0.05))
    found = f"{name} has values from {lowest:.4g} to {highest:.4g}"
    divided = "" if data_range is None else f" (divided by data_range={data_range:g})"
    if highest > _REACH[1] or mean > 1.5 or upper > 2 + 3 * noise:
        white = next((white for white in _WHITES if 1.02 * white >= upper), round(highest))
        raise ArgumentError(f"{found}{divided}, but black is 0 and white is 1: say which value is white, such as data_range={white}", name)
    if lowest < _REACH[0] or mean < -0.5 or lower < -0.25 - 3 * noise:
        raise ArgumentError(
            f"{found}{divided}, many far below black, which is 0; white is 1: map them to that scale, "
            f"for an array from -1 to 1 by ({name} + 1) / 2",
            name,
        )

"""Can it be read? Contrast of two colors, the angle under which a letter is seen, and a figure as some other eyes see it.

Sources: WCAG 2.2, relative luminance and contrast ratio (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio); Machado, Oliveira & Fernandes,
A Physiologically-based Model for Simulation of Color Vision Deficiency (2009), table 1. Built in week 4 day 5.
"""

import math

import numpy as np

ENOUGH = 4.5  # contrast of text, WCAG 2.2, level AA
READABLE_ARC = 20.0  # minutes of arc under which a letter's height should be seen; 5 are the limit of a good eye

# what a color becomes, red, green and blue linear, for eyes without one kind of cone (severity 1)
MISSING = {
    "red cones (protanopia)": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "green cones (deuteranopia)": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "blue cones (tritanopia)": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def linear(color: str) -> np.ndarray:
    """Red, green and blue of "#RRGGBB" as amounts of light, 0 … 1. Errors: ValueError for another form."""
    if not (isinstance(color, str) and len(color) == 7 and color[0] == "#"):
        raise ValueError(f'color must be written "#RRGGBB", got {color!r}')
    try:
        levels = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    except ValueError:
        raise ValueError(f'color must be written "#RRGGBB", got {color!r}') from None
    return _to_light(levels)


def luminance(color: str) -> float:
    """How bright a color is, 0 (black) to 1 (white)."""
    return float(linear(color) @ (0.2126, 0.7152, 0.0722))


def contrast(one: str, other: str) -> float:
    """(lighter + 0.05) / (darker + 0.05): 1 for equal colors, 21 for black on white. Text needs ENOUGH."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def arc_minutes(height: float, distance: float) -> float:
    """The angle under which something is seen, in sixtieths of a degree. Both lengths in one unit.

    Errors: ValueError for a negative height, or a distance that is not positive.
    """
    if height < 0 or not distance > 0:
        raise ValueError(f"height must be at least 0 and distance positive, got {height!r} and {distance!r}")
    return 60 * math.degrees(2 * math.atan(height / (2 * distance)))


def letter_height(points: float, slide_height: float, screen_height: float) -> float:
    """How high a small letter of this size stands on the wall, in the unit of screen_height.

    A point is 1/72 inch of a slide that is slide_height inches high; a small letter ("x") is about half as high as its size.
    """
    if not (points > 0 and slide_height > 0 and screen_height > 0):
        raise ValueError(f"points and heights must be positive, got {points!r}, {slide_height!r}, {screen_height!r}")
    return 0.5 * points / 72 / slide_height * screen_height


def seen_without(picture: np.ndarray, cones: str) -> np.ndarray:
    """A picture (height, width, 3) of uint8 as eyes without one kind of cones see it. cones: a key of MISSING.

    Errors: ValueError for other cones, or another kind of array.
    """
    if cones not in MISSING:
        raise ValueError(f"cones must be one of {', '.join(MISSING)}; got {cones!r}")
    picture = np.asarray(picture)
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[-1] != 3:
        raise ValueError(f"picture must be (height, width, 3) of uint8, got {picture.shape} of {picture.dtype}")
    light = _to_light(picture / 255) @ np.array(MISSING[cones]).T
    return np.rint(255 * _to_levels(light.clip(0, 1))).astype(np.uint8)


def _to_light(levels: np.ndarray) -> np.ndarray:
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def _to_levels(light: np.ndarray) -> np.ndarray:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)

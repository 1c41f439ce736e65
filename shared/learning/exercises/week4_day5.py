"""The exercises of week 4, day 5: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: contrast -------------------------------------------------------------------------------------------------

CONTRAST = Exercise(
    id="w4d5-e1",
    title="the contrast of two luminances",
    task="Return the contrast ratio: (lighter + 0.05) / (darker + 0.05).",
    name="contrast_of",
    cases=[(1.0, 0.0), (0.2, 0.7), (0.5, 0.5)],
    reference=lambda a, b: (max(a, b) + 0.05) / (min(a, b) + 0.05),
    mistakes=(
        Mistake("upside down", lambda a, b: (min(a, b) + 0.05) / (max(a, b) + 0.05),
                "This is darker over lighter, so it is at most 1. Contrast is lighter over darker: 1 for equal, 21 for black on white."),
        Mistake("without the room's light", lambda a, b: max(a, b) / min(a, b),
                "The 0.05 is missing: without it black on white divides by zero, an infinite contrast. It stands for the light that any screen reflects."),
        Mistake("a difference", lambda a, b: max(a, b) - min(a, b),
                "This is a difference. Eyes compare by ratio: 0.1 against 0.2 looks like 0.4 against 0.8."),
        Mistake("0.05 only above", lambda a, b: (max(a, b) + 0.05) / min(a, b),
                "You add 0.05 to the lighter one only. The room shines on both."),
        Mistake("0.05 outside", lambda a, b: max(a, b) / min(a, b) + 0.05,
                "You add 0.05 to the ratio. Put it inside, above and below the line; mind the brackets."),
    ),
    hints=(
        "Black on white must give 21: (1 + 0.05) / (0 + 0.05).",
        "Add 0.05 to each of the two numbers first, in brackets; then divide the lighter by the darker.",
    ),
    starter="""
def contrast_of(one, other):
    lighter, darker = max(one, other), min(one, other)
    return ...
""",
    solution="""
def contrast_of(one, other):
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)
""",
)

# --- exercise 2: an angle with two bugs -----------------------------------------------------------------------------------

ANGLE = Exercise(
    id="w4d5-e2",
    title="the angle of a letter",
    task="Repair the function: the angle under which `height` is seen from `distance`, in minutes of arc.",
    name="seen_angle",
    setup="import numpy as np",
    cases=[(0.05, 10.0), (1.5, 6.0), (2.0, 1.0)],
    reference=lambda h, d: 60 * math.degrees(2 * math.atan(h / (2 * d))),
    tolerance=1e-6,
    mistakes=(
        Mistake("radians, and the whole height", lambda h, d: 120 * math.atan(h / d),
                "Both bugs are still there. The arctangent comes in radians, and it looks at half of the letter: from the middle up."),
        Mistake("radians", lambda h, d: 120 * math.atan(h / (2 * d)),
                "The half height is right now. But the arctangent gives radians: turn them into degrees before you take 60 minutes each."),
        Mistake("the whole height", lambda h, d: 120 * math.degrees(math.atan(h / d)),
                "Degrees are right now. But twice the arctangent needs *half* of the height, h / (2 d). Close up it shows: see the third case."),
        Mistake("once", lambda h, d: 60 * math.degrees(math.atan(h / (2 * d))),
                "This is the angle of the upper half only. Take it twice."),
        Mistake("degrees", lambda h, d: math.degrees(2 * math.atan(h / (2 * d))),
                "These are degrees. A degree has 60 minutes."),
        Mistake("degrees into the tangent", lambda h, d: 120 * math.radians(math.atan(h / (2 * d))),
                "You turned degrees into radians, and it is the other way round: `np.degrees`."),
    ),
    hints=(
        "What unit does `np.arctan` give? And why is there a 2 in front of it: which part of the letter does one arctangent see?",
        "The formula is angle = 2 · arctan(h / (2 d)); then `np.degrees`, then times 60.",
    ),
    starter="""
def seen_angle(height, distance):
    return 60 * 2 * np.arctan(height / distance)
""",
    solution="""
def seen_angle(height, distance):
    return 60 * np.degrees(2 * np.arctan(height / (2 * distance)))
""",
)

# --- exercise 3: as large as it fits --------------------------------------------------------------------------------------


def _fit(w: float, h: float, room_w: float, room_h: float, choose=min) -> tuple[float, float, float, float]:
    scale = choose(room_w / w, room_h / h)
    return (room_w - w * scale) / 2, (room_h - h * scale) / 2, w * scale, h * scale


def _never_larger(w: float, h: float, room_w: float, room_h: float) -> tuple[float, float, float, float]:
    return _fit(w, h, room_w, room_h, lambda a, b: min(a, b, 1.0))


FIT = Exercise(
    id="w4d5-e3",
    title="a picture in its room",
    task="Return (left, top, w, h) of the picture: whole, not distorted, as large as possible, in the middle.",
    name="fit",
    cases=[(1600, 400, 8, 5), (300, 900, 8, 5), (2, 1, 8, 5)],
    reference=_fit,
    tolerance=1e-6,
    mistakes=(
        Mistake("the larger scale", lambda *a: _fit(*a, choose=max),
                "You take the larger of the two scales: one side fits, the other hangs over the edge. The picture is to be *whole*: the smaller one."),
        Mistake("distorted", lambda w, h, rw, rh: (0.0, 0.0, rw, rh),
                "You stretch both sides to the room. A circle would become an egg: both sides need the same scale."),
        Mistake("in the corner", lambda *a: (0.0, 0.0, *_fit(*a)[2:]),
                "The size is right, the place is not: half of the free room goes left and above."),
        Mistake("all free room on one side", lambda w, h, rw, rh: (rw - _fit(w, h, rw, rh)[2], rh - _fit(w, h, rw, rh)[3], *_fit(w, h, rw, rh)[2:]),
                "The picture stands in the lower right corner: halve the free room."),
        Mistake("by the width alone", lambda w, h, rw, rh: _fit(w, h, rw, rh, lambda a, b: a),
                "You look at the width only. A tall picture then hangs over below: take the smaller of the two scales."),
        Mistake("by the height alone", lambda w, h, rw, rh: _fit(w, h, rw, rh, lambda a, b: b),
                "You look at the height only. A wide picture then hangs over at the side: take the smaller of the two scales."),
        Mistake("never larger", _never_larger,
                "Your picture never grows. A small one is to fill the room, too: its scale may be above 1."),
    ),
    hints=(
        "Two questions: by how much may the width grow, by how much the height? Which of the two may you take for both?",
        "`scale = min(room_width / width, room_height / height)`. Then w and h, and half of what is left over is `left` and `top`.",
    ),
    starter="""
def fit(width, height, room_width, room_height):
    ...
""",
    solution="""
def fit(width, height, room_width, room_height):
    scale = min(room_width / width, room_height / height)
    w, h = scale * width, scale * height
    return (room_width - w) / 2, (room_height - h) / 2, w, h
""",
)

EXERCISES = (CONTRAST, ANGLE, FIT)

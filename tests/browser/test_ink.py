"""The color of a number on a colored field: readable on every color that there is."""

import itertools

import numpy as np

from shared.decks.legible import ENOUGH, contrast
from shared.visuals.shaded_text import shaded_text


def test_ink_can_be_read_on_every_color(inside_of):
    view = shaded_text(["a", "b"], np.eye(2), ["one", "two"], concept="feed-forward", what="activation", alt="Two words.", caption="Two words.")
    fields = list(itertools.product(range(0, 256, 15), repeat=3))
    inks = inside_of(view).evaluate("(fields) => fields.map(course.inkOn)", fields)
    assert set(inks) == {"#FFFFFF", "#000000", "#1F2937"}
    hardest = min(zip(map(contrast, inks, ("#{:02X}{:02X}{:02X}".format(*field) for field in fields)), fields))
    assert hardest[0] >= ENOUGH, hardest

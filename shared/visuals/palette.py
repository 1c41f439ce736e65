"""One palette for the whole course: a color means the same thing on every day.

The hues are Okabe and Ito's, which stay apart for color-blind eyes (https://jfly.uni-koeln.de/color). Color is never the
only sign: each concept also has a letter. Every picture stands on a light card, so that it reads the same in a light and
in a dark notebook.
"""

from matplotlib.colors import LinearSegmentedColormap

# concept: (color, letter). The letter is printed wherever the color carries the meaning.
CONCEPTS: dict[str, tuple[str, str]] = {
    "query": ("#0072B2", "Q"),
    "key": ("#E69F00", "K"),
    "value": ("#009E73", "V"),
    "attention": ("#8E4585", "A"),
    "residual": ("#6B7280", "X"),
    "position": ("#56B4E9", "P"),
    "feed-forward": ("#D55E00", "F"),
    "normalization": ("#F0E442", "N"),
}

INK = "#1F2937"  # text and axes on the card
QUIET = "#6B7280"  # secondary text
LINE = "#D1D5DB"  # grid lines, borders
CARD = "#FFFFFF"  # the card itself
PAPER = "#F8FAFC"  # panels on the card

# light fields need a darker outline to be seen on white (contrast at least 3 : 1); the others outline themselves
OUTLINES: dict[str, str] = {"key": "#B97F00", "position": "#2B8CC4", "normalization": "#7A7000"}
# words in a concept's color: the same hue, dark enough to be read on the card (contrast at least 4.5 : 1)
WORDS: dict[str, str] = {
    "key": "#8A5A00",
    "value": "#00694D",
    "position": "#1B6A96",
    "feed-forward": "#A84900",
    "normalization": "#6B6200",
}


def color(concept: str) -> str:
    """The concept's color as "#RRGGBB". Errors: ValueError that lists the concepts. Used from week 1 day 1 on."""
    if concept not in CONCEPTS:
        raise ValueError(f"concept must be one of {', '.join(CONCEPTS)}; got {concept!r}")
    return CONCEPTS[concept][0]


def letter(concept: str) -> str:
    """The concept's letter, for places where color must not be the only sign. Errors: as `color`."""
    color(concept)
    return CONCEPTS[concept][1]


def outline(concept: str) -> str:
    """A color dark enough for the concept's border on a white card. Errors: as `color`."""
    return OUTLINES.get(concept, color(concept))


def words(concept: str) -> str:
    """The concept's color for text on the card. Errors: as `color`."""
    return WORDS.get(concept, color(concept))


def weights_map(concept: str = "attention") -> LinearSegmentedColormap:
    """One hue from white (0) to dark (1), for attention weights and other shares."""
    hue = color(concept)
    dark = {"attention": "#3D1339"}.get(concept, INK)
    return LinearSegmentedColormap.from_list(f"course-{concept}", [CARD, hue, dark])


def signed_map() -> LinearSegmentedColormap:
    """Vermilion for negative, white at exactly 0, blue for positive. Use with limits symmetric about 0."""
    hues = ["#8F3B00", "#D55E00", CARD, "#0072B2", "#003F66"]
    return LinearSegmentedColormap.from_list("course-signed", hues, N=255)  # odd, so that 0 has the middle to itself

"""The map at the head of every notebook: the Transformer with today's blocks lit, and the path of 28 days."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyBboxPatch
from matplotlib.textpath import TextPath

from shared.days import DAYS, WEEKS, Day, find_day
from shared.visuals import palette
from shared.visuals.figure import Picture, figure

WIDTH, HEIGHT = 880.0, 452.0  # pixels, y downwards
BOX_W, BOX_H = 144.0, 32.0
ENCODER_X, DECODER_X = 112.0, 300.0  # centers of the two columns
PATH_LEFT, PATH_STEP = 452.0, 66.0  # the first stop of a week, and from stop to stop

# (column's center, y of the box's center, text, block that lights it, concept that colors it)
_BOXES = (
    (ENCODER_X, 394, "Embedding", "embedding", "residual"),
    (ENCODER_X, 350, "+ Position", "position", "position"),
    (ENCODER_X, 286, "Self-attention", "attention", "attention"),
    (ENCODER_X, 250, "Add & Norm", "normalization", "normalization"),
    (ENCODER_X, 206, "Feed-forward", "feed-forward", "feed-forward"),
    (ENCODER_X, 170, "Add & Norm", "normalization", "normalization"),
    (DECODER_X, 394, "Embedding", "embedding", "residual"),
    (DECODER_X, 350, "+ Position", "position", "position"),
    (DECODER_X, 286, "Masked attention", "masked attention", "attention"),
    (DECODER_X, 250, "Add & Norm", "normalization", "normalization"),
    (DECODER_X, 206, "Cross-attention", "cross attention", "attention"),
    (DECODER_X, 170, "Add & Norm", "normalization", "normalization"),
    (DECODER_X, 126, "Feed-forward", "feed-forward", "feed-forward"),
    (DECODER_X, 90, "Add & Norm", "normalization", "normalization"),
    (DECODER_X, 34, "Linear + softmax", "output", "residual"),
)


def course_map(week: int, day: int) -> Picture:
    """Where today stands: the 2017 Transformer with the day's blocks in color, and the path with today marked.

    Errors: ValueError for a day that the course does not have. Shown in section 1 of every notebook.
    """
    today = find_day(week, day)
    drawing = Figure(figsize=(WIDTH / 100, HEIGHT / 100), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.axis("off")
    _draw_transformer(axes, today)
    _draw_path(axes, today)
    lit = ", ".join(today.blocks)
    alt = (
        f"Left: the Transformer of 2017, an encoder beside a decoder; lit today: {lit}. "
        f"Right: the path of 28 days, four weeks of seven; today is week {week}, day {day}, {today.title}."
    )
    return figure(drawing, alt=alt, caption=f"You are here: week {week}, day {day}. Today's blocks are filled; the outlined ones wait for their day.")


def _draw_transformer(axes: Axes, today: Day) -> None:
    for x, top, bottom, name in ((ENCODER_X, 146, 312, "Encoder"), (DECODER_X, 66, 312, "Decoder")):
        frame = FancyBboxPatch((x - 82, top), 164, bottom - top, boxstyle="round,pad=0,rounding_size=10", facecolor=palette.PAPER, edgecolor=palette.LINE)
        axes.add_patch(frame)
        beside = x - 92 if name == "Encoder" else x + 94  # the decoder's left side belongs to the cross-attention arrow
        axes.text(beside, (top + bottom) / 2, f"{name} × N", rotation=90, ha="center", va="center", fontsize=10, color=palette.QUIET)
        _arrow(axes, (x, 434), (x, 411))
        _arrow(axes, (x, 334), (x, 303))
        axes.text(x, 446, "words in" if name == "Encoder" else "words so far", ha="center", fontsize=10, color=palette.QUIET)
    _arrow(axes, (DECODER_X, 73), (DECODER_X, 51))
    axes.text(DECODER_X - 82, 34, "next word", ha="right", va="center", fontsize=10, color=palette.QUIET)
    # the encoder's result goes to the decoder's cross-attention
    axes.plot([ENCODER_X, ENCODER_X, 201, 201], [153, 132, 132, 206], color=palette.QUIET, linewidth=1.2)
    _arrow(axes, (201, 206), (227, 206))
    for x, y, text, block, concept in _BOXES:
        _box(axes, x, y, text, concept, lit=block in today.blocks)


def _box(axes: Axes, x: float, y: float, text: str, concept: str, lit: bool) -> None:
    height = BOX_H if "Norm" not in text else 26
    hue = palette.color(concept)
    shape = FancyBboxPatch(
        (x - BOX_W / 2, y - height / 2), BOX_W, height, boxstyle="round,pad=0,rounding_size=7",
        facecolor=hue if lit else palette.CARD, edgecolor=palette.outline(concept) if lit else palette.LINE, linewidth=1.6 if lit else 1.0,
    )
    axes.add_patch(shape)
    light_field = concept in ("normalization", "position")
    ink = (palette.INK if light_field else palette.CARD) if lit else palette.QUIET
    axes.text(x, y, text, ha="center", va="center", fontsize=10, color=ink, fontweight="bold" if lit else "normal")


def _draw_path(axes: Axes, today: Day) -> None:
    left, step, top, down = PATH_LEFT, PATH_STEP, 74.0, 102.0
    axes.text(left - 18, 30, "28 days", fontsize=13, fontweight="bold", color=palette.INK)
    for week, name in WEEKS.items():
        y = top + (week - 1) * down
        axes.text(left - 18, y - 19, f"Week {week}", fontsize=10, fontweight="bold", color=palette.INK)
        axes.text(left + 44, y - 19, name, fontsize=10, color=palette.QUIET)
        axes.plot([left, left + 6 * step], [y + 8, y + 8], color=palette.LINE, linewidth=2, zorder=1)
        for day in range(1, 8):
            _stop(axes, left + (day - 1) * step, y + 8, DAYS[week, day], today)


def _stop(axes: Axes, x: float, y: float, day: Day, today: Day) -> None:
    here = day is today
    past = (day.week, day.day) < (today.week, today.day)
    hue = palette.color("attention")
    face = hue if here else ("#E7D6E5" if past else palette.CARD)
    axes.add_patch(Circle((x, y), 15 if here else 12, facecolor=face, edgecolor=hue if here or past else palette.LINE, linewidth=1.6, zorder=2))
    axes.text(x, y, str(day.day), ha="center", va="center", fontsize=10.5, fontweight="bold" if here else "normal",
              color=palette.CARD if here else palette.INK, zorder=3)
    if here:
        title = f"today: {day.title}"
        bold = FontProperties(family="DejaVu Sans", weight="bold", size=10.5 * 100 / 72)  # in pixels, as the axes
        half = TextPath((0, 0), title, prop=bold).get_extents().width / 2
        # centered below its stop, but never beyond the ends of the path
        center = min(max(x, PATH_LEFT - 15 + half), PATH_LEFT + 6 * PATH_STEP + 15 - half)
        axes.text(center, y + 33, title, ha="center", fontsize=10.5, fontweight="bold", color=palette.words("attention"), zorder=3)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops=dict(arrowstyle="-|>", color=palette.QUIET, linewidth=1.2, shrinkA=0, shrinkB=0))

"""A Transformer block that grows: a tower of parts, each lit or still missing, and a page on which a learner switches them on and off."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.page import Page, concepts

WIDTH, HEIGHT = 290.0, 432.0  # pixels of the tower, y downwards
MIDDLE, HALF = 116.0, 96.0  # the middle of the tower, half the width of a box
PLUS, SIDE = 13.0, 250.0  # radius of a plus sign; where the shortcut runs
MIXES = {"": "looks back", "average": "average of the past", "head": "one masked head", "heads": "masked heads"}
PARTS = ("seats", "mix", "feed-forward", "shortcuts")


@dataclass(frozen=True)
class Recipe:
    """Which parts a model has. mix: how a word looks back, one of "" (not at all), "average", "head", "heads"; shortcuts: the
    residual connections and, with them, the norms; seats: whether a word's row says where it stands.
    """

    mix: str = ""
    feed_forward: bool = False
    shortcuts: bool = False
    seats: bool = True

    def __post_init__(self):
        if self.mix not in MIXES:
            raise ValueError(f"mix must be one of {', '.join(map(repr, MIXES))}; got {self.mix!r}")


@dataclass(frozen=True)
class Box:
    """One box of the tower: its words, the height of its middle, half its own height, its concept, and the part it belongs to."""

    says: str
    y: float
    half: float
    concept: str
    part: str


TOWER = (
    Box("word", 402, 17, "residual", ""),
    Box("norm", 330, 13, "normalization", "shortcuts"),
    Box("looks back", 288, 20, "attention", "mix"),
    Box("norm", 198, 13, "normalization", "shortcuts"),
    Box("feed-forward", 156, 20, "feed-forward", "feed-forward"),
    Box("norm", 78, 13, "normalization", "shortcuts"),
    Box("votes", 30, 17, "residual", ""),
)
PLUSES = ((244.0, "mix"), (112.0, "feed-forward"))  # where a part's result is added, and whose it is
LEAVES = (362.0, 226.0)  # where each shortcut leaves the road


def lit(recipe: Recipe, part: str) -> bool:
    """Whether a part of the tower is there: one of "seats", "mix", "feed-forward", "shortcuts", or "" (always).

    Errors: ValueError for another part. Used in week 2 day 1.
    """
    there = {"": True, "seats": recipe.seats, "mix": bool(recipe.mix), "feed-forward": recipe.feed_forward, "shortcuts": recipe.shortcuts}
    if part not in there:
        raise ValueError(f"part must be one of {', '.join(map(repr, there))}; got {part!r}")
    return there[part]


def draw_block(ax: Axes, recipe: Recipe, new: str = "", blank: bool = False) -> None:
    """Draw the tower, from the word's row at the bottom to the votes at the top. Parts that are missing stay as gray outlines.

    new: a part that has just come ("seats", "mix", "feed-forward" or "shortcuts"), drawn with a ring; blank: boxes without words.
    Errors: ValueError for a part that is none. Used in week 2 day 1.
    """
    if new and new not in PARTS:
        raise ValueError(f"new must be one of {', '.join(PARTS)}; got {new!r}")
    ax.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="equal")
    ax.set_axis_off()
    road = dict(color=palette.color("residual"), linewidth=2, zorder=1)
    ax.plot([MIDDLE, MIDDLE], [TOWER[0].y, TOWER[-1].y + 20], **road)
    ax.annotate("", (MIDDLE, TOWER[-1].y + TOWER[-1].half), (MIDDLE, TOWER[-1].y + 33), arrowprops=dict(arrowstyle="-|>", shrinkA=0, shrinkB=0, **road))
    for (y, part), start in zip(PLUSES, LEAVES):
        there = recipe.shortcuts and lit(recipe, part)
        look = dict(color=palette.color("residual") if there else palette.LINE, linewidth=2.6 if there else 1.2, linestyle="-" if there else (0, (3, 3)))
        ax.plot([MIDDLE, SIDE, SIDE, MIDDLE + PLUS], [start, start, y, y], zorder=1, solid_joinstyle="round", gid=f"shortcut:{there}", **look)
        ring = new == "shortcuts" and there
        ax.add_patch(Circle((MIDDLE, y), PLUS, facecolor=palette.CARD, edgecolor=palette.INK if ring else look["color"], linewidth=3 if ring else 1.6, zorder=3))
        if not blank:
            ax.text(MIDDLE, y, "+", ha="center", va="center", fontsize=13, color=palette.INK if there else palette.QUIET, zorder=4)
    for box in TOWER:
        _box(ax, box, recipe, new, blank)


def _box(ax: Axes, box: Box, recipe: Recipe, new: str, blank: bool) -> None:
    there = lit(recipe, box.part)
    words = says(box, recipe)
    ring = there and new != "" and (box.part == new or (new == "seats" and box is TOWER[0]))
    face = palette.color(box.concept) if there and not blank else palette.CARD
    if box is TOWER[0] and recipe.seats and not blank:
        words = "word + seat"
    edge = palette.INK if ring else palette.outline(box.concept) if there else palette.LINE
    ax.add_patch(FancyBboxPatch(
        (MIDDLE - HALF, box.y - box.half), 2 * HALF, 2 * box.half, boxstyle="round,pad=0,rounding_size=8", facecolor=face, edgecolor=edge,
        linewidth=3 if ring else 1.6, linestyle="-" if there else (0, (3, 3)), zorder=3, gid=f"part:{box.part}:{there}"))  # fmt: skip
    if not blank:
        dark = box.concept == "normalization"
        ink = palette.QUIET if not there else palette.INK if dark else palette.CARD
        ax.text(MIDDLE, box.y, words, ha="center", va="center", fontsize=10.5, color=ink, fontweight="bold" if there else "normal", zorder=4)


def says(box: Box, recipe: Recipe) -> str:
    """The words on a box of the tower, with this recipe."""
    return MIXES[recipe.mix] if box.part == "mix" else box.says


def block_picture(recipe: Recipe, *, title: str, alt: str, caption: str, notes: Sequence[tuple[float, str]] = ()) -> Picture:
    """The tower as a still picture, with notes beside it: (height on the tower, one or two short lines). Errors: as `figure`.

    Used in week 2 day 1.
    """
    wide = WIDTH + (390 if notes else 90)
    drawing = Figure(figsize=(wide / 100, (HEIGHT + 40) / 100), layout="none")
    drawing.text(12 / wide, 1 - 22 / (HEIGHT + 40), title, fontsize=13, fontweight="bold", va="center")
    axes = drawing.add_axes((0, 0, WIDTH / wide, HEIGHT / (HEIGHT + 40)))
    draw_block(axes, recipe)
    for y, note in notes:
        axes.text(SIDE + 26, y, note, fontsize=10.5, va="center", color=palette.INK, clip_on=False)
    return figure(drawing, alt=alt, caption=caption)


# --- switched by hand -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trained:
    """What was measured of one trained model: its loss in nats per token, and a piece of text that it wrote."""

    loss: float
    text: str


def block_builder(
    models: Mapping[Recipe, Trained], *, even: float, floor: float, alt: str, caption: str, start: Recipe = Recipe()
) -> Page:
    """Switch the parts of a block on and off, and see the measured loss of the model that has just these, and what it writes.

    models: one for each way to set the switches: the mixes that occur in it, each with and without the feed-forward network, and
    with and without shortcuts; where there is neither mix nor feed-forward network, shortcuts make no difference and are left out.
    even: the loss of an even guess; floor: the least that is possible, both in nats per token. start: what is switched on first.
    Errors: ValueError for a way that is missing, a start that is not there, losses that are not between 0 and twice `even`, or a floor
    above an even guess.
    Used in week 2 day 1.
    """
    if not 0 <= floor <= even < math.inf:
        raise ValueError(f"floor and even must be losses, the floor at most as high, got {floor!r} and {even!r}")
    mixes = [mix for mix in MIXES if any(recipe.mix == mix for recipe in models)]
    wanted = {Recipe(mix, ff, cut) for mix in mixes for ff in (False, True) for cut in (False, True) if mix or ff or not cut}
    if missing := wanted - set(models):
        raise ValueError(f"models lacks {sorted(missing, key=str)[0]}")
    if start not in wanted:
        raise ValueError(f"start must be one of the models, got {start}")
    for recipe in wanted:
        if not 0 < models[recipe].loss < 2 * even:
            raise ValueError(f"models: the loss of {recipe} must lie between 0 and {2 * even:.1f}, got {models[recipe].loss}")
    colors = concepts()
    data = {
        "mixes": [[mix, MIXES[mix] if mix else "nothing"] for mix in mixes],
        "models": [[r.mix, r.feed_forward, r.shortcuts, models[r].loss, models[r].text] for r in sorted(wanted, key=str)],
        "even": even, "floor": floor, "start": [start.mix, start.feed_forward, start.shortcuts],
        "size": [WIDTH, HEIGHT], "middle": MIDDLE, "half": HALF, "plus": PLUS, "side": SIDE,
        "tower": [[box.says, box.y, box.half, box.concept, box.part] for box in TOWER],
        "pluses": [[y, part, leave] for (y, part), leave in zip(PLUSES, LEAVES)],
        "words": MIXES, "colors": {c: colors[c] for c in ("residual", "attention", "feed-forward", "normalization")},
    }  # fmt: skip
    longest = max(len(models[r].text) for r in wanted)
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, still=_still(models, wanted, even, floor, alt, caption),
        scripts=["block_builder.js"], styles=["block_builder.css"],
        heights={0: f"{1010 + 22 * (longest // 30)}px", 480: f"{916 + 22 * (longest // 48)}px", 620: f"{505 + 22 * (longest // 84)}px"},
    )  # fmt: skip


def _still(models, wanted, even, floor, alt, caption) -> Picture:
    """All ways as bars, for places where nothing can be switched."""
    order = sorted(wanted, key=lambda recipe: models[recipe].loss)
    drawing = Figure(figsize=(8.6, 0.33 * len(order) + 1.3), layout="constrained")
    axes = drawing.subplots()
    names = [name_of(recipe) for recipe in order]
    axes.barh(range(len(order)), [models[r].loss for r in order], color=[palette.color("attention") if r.mix else palette.color("residual") for r in order], height=0.66)
    for i, recipe in enumerate(order):
        axes.text(models[recipe].loss + 0.04, i, f"{models[recipe].loss:.2f}", va="center", fontsize=10)
    for value, name in ((floor, f"floor {floor:.2f}"), (even, f"even guess {even:.2f}")):
        axes.axvline(value, color=palette.QUIET, linestyle="--", linewidth=1)
        axes.text(value, len(order) - 0.4, name, ha="center", va="bottom", fontsize=10)
    axes.set_yticks(range(len(order)), names, fontsize=10)
    axes.tick_params(axis="y", length=0)
    axes.set(xlabel="loss on held-out tales (nats per token)", xlim=(0, even * 1.08), ylim=(-0.6, len(order) + 0.5))
    return figure(drawing, alt=alt, caption=caption)


def name_of(recipe: Recipe) -> str:
    """A recipe in words: "masked heads + feed-forward + shortcuts". Used in week 2 day 1."""
    parts = [MIXES[recipe.mix]] if recipe.mix else ["word alone"]
    return " + ".join([*parts, *(["feed-forward"] if recipe.feed_forward else []), *(["shortcuts, norms"] if recipe.shortcuts else [])])

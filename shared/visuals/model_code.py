"""The code of the course's GPT beside the model that it builds: one line, one lit part, one shape.

`draw_model` draws the whole GPT with the insides of its two workers; `NOTES` says of every line of `shared/gpt.py` that a
lesson shows which parts it is about. `code_view` is the page to click through, `code_figure` a still of one piece of code,
`draw_tensor` draws a shape to scale. Takes source text and numbers, never a model.
"""

import ast
import textwrap
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from shared.visuals import palette
from shared.visuals.figure import Picture, figure
from shared.visuals.page import Page, concepts

# --- the drawing: pixels, y downwards ---------------------------------------------------------------------------------

WIDTH, HEIGHT = 400.0, 522.0
STREAM, LANE = 88.0, 186.0  # the middle of the tower; where the residual connections run
FRAMES = ((8.0, 134.0, 192.0, 264.0), (222.0, 212.0, 170.0, 274.0), (222.0, 22.0, 170.0, 176.0))  # x, y, width, height
GROUND = "#F1F5F9"


@dataclass(frozen=True)
class Box:
    """A part of the drawing. x, y: its middle."""

    part: str
    says: str
    concept: str
    x: float
    y: float
    w: float = 140.0
    h: float = 30.0


BOXES: tuple[Box, ...] = (
    Box("ids", "ids", "residual", STREAM, 506, 56, 24),
    Box("tokens", "token table", "residual", 50, 462, 88),
    Box("positions", "positions", "position", 148, 462, 84),
    Box("sum", "+", "residual", STREAM, 422, 24, 24),
    Box("norm_1", "norm_1", "normalization", STREAM, 366, 130, 24),
    Box("attention", "attention", "attention", STREAM, 326, 130),
    Box("add_1", "+", "residual", STREAM, 284, 24, 24),
    Box("norm_2", "norm_2", "normalization", STREAM, 240, 130, 24),
    Box("feed_forward", "feed-forward", "feed-forward", STREAM, 200, 130),
    Box("add_2", "+", "residual", STREAM, 160, 24, 24),
    Box("final_norm", "final norm", "normalization", STREAM, 98, 130, 24),
    Box("head", "head (tied)", "residual", STREAM, 56, 130),
    Box("logits", "logits", "residual", STREAM, 18, 64, 24),
    Box("qkv", "qkv", "query", 307, 462, 146),
    Box("chunk", "chunk: q, k, v", "key", 307, 420, 146),
    Box("heads", "cut into heads", "value", 307, 378, 146),
    Box("attend", "softmax, mix v", "attention", 307, 336, 146),
    Box("merge", "merge heads", "value", 307, 294, 146),
    Box("out", "out", "attention", 307, 252, 146),
    Box("up", "up", "feed-forward", 307, 172, 146),
    Box("gelu", "GELU", "feed-forward", 307, 118, 146),
    Box("down", "down", "feed-forward", 307, 64, 146),
)
PARTS = {box.part: box for box in BOXES}


def _wires() -> tuple[tuple[tuple[tuple[float, float], ...], bool], ...]:
    """(points, whether it ends in an arrow) for every line of the drawing."""
    def up(lower: str, upper: str) -> tuple:
        a, b = PARTS[lower], PARTS[upper]
        return ((a.x, a.y - a.h / 2), (b.x, b.y + b.h / 2)), True

    tower = ["sum", "norm_1", "attention", "add_1", "norm_2", "feed_forward", "add_2", "final_norm", "head", "logits"]
    inside = [["qkv", "chunk", "heads", "attend", "merge", "out"], ["up", "gelu", "down"]]
    lines = [up(a, b) for row in (tower, *inside) for a, b in zip(row, row[1:])]
    lines += [(((76, 494), (50, 477)), True), (((100, 494), (148, 477)), True), (((50, 447), (77, 427)), True), (((148, 447), (99, 427)), True)]
    for fork, plus in ((389.0, "add_1"), (262.0, "add_2")):  # the two residual connections
        y = PARTS[plus].y
        lines.append((((STREAM, fork), (LANE, fork), (LANE, y), (STREAM + 12, y)), True))
    return tuple(lines)


WIRES = _wires()
# from a worker of the tower to what is inside it
LEADERS = (((153.0, 326.0), (222.0, 326.0)), ((153.0, 200.0), (222.0, 170.0)))
LABELS = (("inside attention", 307.0, 224.0), ("inside feed-forward", 307.0, 35.0))


def draw_model(ax: Axes, lit: Collection[str] | None = None, n_layers: int | str = 12, bold: bool = True) -> None:
    """Draw the whole GPT into axes: ids at the bottom, logits on top, the insides of the two workers beside it.

    lit: the parts in color, None = all; n_layers: how many blocks there are; bold: whether lit words are (a film of light ones is
    smaller). Errors: ValueError for a part that is none.
    Used in week 3 day 3.
    """
    _check_parts(lit or ())
    ax.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="equal")
    ax.axis("off")
    for x, y, w, h in FRAMES:
        ax.add_patch(FancyBboxPatch((x, y), w, h, boxstyle="round,pad=0,rounding_size=10", facecolor=GROUND, edgecolor=palette.LINE, linewidth=1.1, zorder=0))
    for start, end in LEADERS:
        ax.plot(*zip(start, end), color=palette.QUIET, linewidth=1.1, linestyle=(0, (2, 3)), zorder=1)
    for points, _ in WIRES:
        *way, before, last = points
        if way:
            ax.plot(*zip(*way, before), color=palette.color("residual"), linewidth=1.8, zorder=1, solid_joinstyle="round")
        ax.annotate("", last, before, arrowprops=dict(arrowstyle="-|>,head_length=0.35,head_width=0.18", color=palette.color("residual"), linewidth=1.5, shrinkA=0, shrinkB=0), zorder=1)
    for box in BOXES:
        _box(ax, box, lit is None or box.part in lit, bold)
    ax.text(16, 146, f"× {n_layers}", fontsize=11, fontweight="bold", va="center", color=palette.INK)
    for says, x, y in LABELS:
        ax.text(x, y, says, fontsize=10, ha="center", va="center", color=palette.INK, zorder=4)


def _box(ax: Axes, box: Box, on: bool, bold: bool) -> None:
    face = palette.color(box.concept) if on else palette.CARD
    edge = palette.INK if on else "#9CA3AF"
    dark = box.concept in ("normalization", "key", "position")
    ax.add_patch(FancyBboxPatch(
        (box.x - box.w / 2, box.y - box.h / 2), box.w, box.h, boxstyle=f"round,pad=0,rounding_size={12 if box.says == '+' else 7}",
        facecolor=face, edgecolor=edge, linewidth=1.8 if on else 1.1, zorder=3, gid=f"part:{box.part}:{on}"))  # fmt: skip
    ink = (palette.INK if dark else palette.CARD) if on else "#4B5563"
    ax.text(box.x, box.y, box.says, ha="center", va="center", fontsize=10, fontweight="bold" if on and bold else "normal", color=ink, zorder=4)


def _check_parts(parts: Collection[str]) -> None:
    for part in parts:
        if part not in PARTS:
            raise ValueError(f"there is no part {part!r}; the parts are {', '.join(PARTS)}")


# --- the lines --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """What is to be said of one line. lights: parts of the drawing; gives: the shape of what the line makes, in symbols."""

    lights: tuple[str, ...]
    says: str
    gives: tuple[str, ...] = ()


_X = ("B", "T", "d")
_BLOCK = ("norm_1", "attention", "add_1", "norm_2", "feed_forward", "add_2")
_INSIDE = ("attention", "qkv", "chunk", "heads", "attend", "merge", "out")
_WIDE = ("feed_forward", "up", "gelu", "down")
_EVERY = tuple(PARTS)
NOTES: dict[str, Note] = {
    # every class
    "super().__init__()": Note((), "Lets PyTorch keep the list of all parts and their parameters."),
    "def __init__(self, config: GPTConfig):": Note((), "Made once: which parts there are, and how large. Nothing is computed yet."),
    # FeedForward
    "class FeedForward(nn.Module):": Note(_WIDE, "One class for the feed-forward network: each token thinks for itself."),
    "self.up = nn.Linear(config.d_model, 4 * config.d_model)": Note(("feed_forward", "up"), "The matrix that makes each row four times wider, with its bias."),
    "self.down = nn.Linear(4 * config.d_model, config.d_model)": Note(("feed_forward", "down"), "The matrix back to the width of the stream."),
    "def forward(self, x: Tensor) -> Tensor:": Note(_WIDE, "Run for every text: rows in, rows of the same shape out.", _X),
    "return self.down(gelu(self.up(x)))": Note(_WIDE, "Read it from the inside: wider, bend, back. The bend is GPT-2's GELU, in its tanh form.", _X),
    # CausalSelfAttention
    "class CausalSelfAttention(nn.Module):": Note(_INSIDE, "One class for all heads of a block. There is no class for a single head."),
    "self.n_heads = config.n_heads": Note(("heads",), "A number, no weights: into how many heads the rows are cut."),
    "self.qkv = nn.Linear(config.d_model, 3 * config.d_model)": Note(("attention", "qkv"), "One matrix for the queries, keys and values of all heads."),
    "self.out = nn.Linear(config.d_model, config.d_model)": Note(("attention", "out"), "The output projection: mixes what the heads found."),
    "def project(self, x: Tensor) -> list[Tensor]:": Note(("qkv", "chunk", "heads"), "From rows to the queries, keys and values of every head."),
    "return [part.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1)]": Note(
        ("qkv", "chunk", "heads"), "One product, cut into three, each cut into heads, heads in front. Section 2 takes this line apart.", ("B", "h", "T", "k")),
    "def forward(self, x: Tensor, cache: KVCache | None = None) -> Tensor:": Note((), "Run for every text. The cache is for writing, in week 4; here it stays empty.", _X),
    "q, k, v = self.project(x)": Note(("qkv", "chunk", "heads"), "Three tables for each head.", ("B", "h", "T", "k")),
    "if cache is not None:": Note((), "Only while writing: earlier tokens' keys and values wait in a cache (week 4, day 4)."),
    "k, v = cache.append(k, v)": Note((), "Only while writing: earlier tokens' keys and values wait in a cache (week 4, day 4)."),
    "heads = F.scaled_dot_product_attention(q, k, v, is_causal=q.shape[-2] > 1)": Note(
        ("attention", "attend"), "Scores, mask, softmax, mixture: week 1's function, in PyTorch's version, for all heads at once.", ("B", "h", "T", "k")),
    "return self.out(merge_heads(heads))": Note(("attention", "merge", "out"), "Heads laid side by side again, then mixed by the output projection.", _X),
    # Block
    "class Block(nn.Module):": Note(_BLOCK, "One of the blocks that stand above each other, each with weights of its own."),
    "self.norm_1 = nn.LayerNorm(config.d_model)": Note(("norm_1",), "The norm in front of attention: pre-LN."),
    "self.attention = CausalSelfAttention(config)": Note(_INSIDE, "All of the class for attention is this one box of the tower."),
    "self.norm_2 = nn.LayerNorm(config.d_model)": Note(("norm_2",), "The norm in front of the feed-forward network."),
    "self.feed_forward = FeedForward(config)": Note(_WIDE, "All of the class for the feed-forward network is this one box."),
    "x = x + self.attention(self.norm_1(x), cache)": Note(("norm_1", "attention", "add_1"), "x keeps what it was: what attention found is added. This plus is the residual connection.", _X),
    "return x + self.feed_forward(self.norm_2(x))": Note(("norm_2", "feed_forward", "add_2"), "The same once more. The norm sees a copy of x, never the road itself.", _X),
    # GPT
    "self.config = config": Note((), "The five sizes, kept for later."),
    "self.tokens = nn.Embedding(config.vocab_size, config.d_model)": Note(("tokens",), "The token table: one row for every token of the vocabulary.", ("V", "d")),
    "self.positions = nn.Embedding(config.context, config.d_model)": Note(("positions",), "The position table: one learned row for every place.", ("C", "d")),
    "self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))": Note(_BLOCK, "All blocks. One line, and most of the model."),
    "self.final_norm = nn.LayerNorm(config.d_model)": Note(("final_norm",), "One more norm behind the last block: pre-LN leaves the stream itself unnormed."),
    "self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)": Note(("head",), "From a row to a score for every token. Four lines further down its matrix is replaced.", ("V", "d")),
    "for name, parameter in self.named_parameters():": Note((), "The start values, as GPT-2's were drawn."),
    'if name.endswith("bias"):': Note((), "Biases start at 0."),
    "nn.init.zeros_(parameter)": Note((), "Biases start at 0."),
    "elif parameter.ndim == 2:": Note((), "Matrices are drawn at random; norms keep their 1 and 0."),
    'writes = name.endswith(("attention.out.weight", "feed_forward.down.weight"))': Note(
        ("out", "down", "add_1", "add_2"), "The two matrices of each block that write into the stream start smaller. Section 5 says why."),
    "nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * config.n_layers) if writes else 0.02)": Note(
        ("out", "down", "add_1", "add_2"), "The two matrices of each block that write into the stream start smaller. Section 5 says why."),
    "self.head.weight = self.tokens.weight": Note(("tokens", "head"), "Tied: head and token table are one and the same matrix, not two equal ones.", ("V", "d")),
    "def forward(self, ids: Tensor) -> Tensor:": Note(_EVERY, "The whole model: token ids in, scores for the next token out, at every place.", ("B", "T", "V")),
    "check_ids(ids, self.config)": Note(("ids",), "One clear error for ids that cannot be read."),
    "return self.head(self.hidden(ids))": Note(("head", "logits"), "Every row votes: a score for each token of the vocabulary.", ("B", "T", "V")),
    "def embed(self, ids: Tensor, start: int = 0) -> Tensor:": Note(("ids", "tokens", "positions", "sum"), "From ids to rows."),
    "return self.tokens(ids[:, start:]) + self.positions.weight[start : ids.shape[1]]": Note(
        ("tokens", "positions", "sum"), "Which token plus where it stands: two rows, added.", _X),
    "def hidden(self, ids: Tensor, caches: list[KVCache] | None = None) -> Tensor:": Note(
        ("tokens", "positions", "sum", *_BLOCK, "final_norm"), "Everything below the head."),
    "x = self.embed(ids, caches[0].length if caches else 0)": Note(("tokens", "positions", "sum"), "x is born: the residual stream begins here.", _X),
    "for block, cache in zip(self.blocks, caches or [None] * len(self.blocks)):": Note(_BLOCK, "From the first block to the last."),
    "x = block(x, cache)": Note(_BLOCK, "x goes through a block, and comes out with the same shape.", _X),
    "return self.final_norm(x)": Note(("final_norm",), "The last norm, in front of the head.", _X),
}  # fmt: skip


def code_lines(source: str) -> list[str]:
    """Source text of classes or functions without docstrings, comment lines and blank lines, flush left.

    Errors: SyntaxError for what is no Python. Used in week 3 day 3.
    """
    # pieces of a class that were taken one by one are indented, and only dedented they can be read
    source = textwrap.dedent(source)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        raise SyntaxError(f"source must be Python code: {error}") from None
    dropped: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            dropped |= set(range(body[0].lineno, body[0].end_lineno + 1))
    lines = enumerate(source.splitlines(), 1)
    return [line.rstrip() for i, line in lines if i not in dropped and line.strip() and not line.strip().startswith("#")]


def note_of(line: str) -> Note:
    """The note of a line of `shared/gpt.py`. Errors: ValueError for a line that has none. Used in week 3 day 3."""
    if line.strip() not in NOTES:
        raise ValueError(f"no note is known for the line {line.strip()!r}")
    return NOTES[line.strip()]


def shape_of(note: Note, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """A note's shape in numbers. sizes: B, T, d, h, k, V and C (context). Errors: KeyError for a size that is missing."""
    if missing := [symbol for symbol in note.gives if symbol not in sizes]:
        raise KeyError(f"sizes lacks {', '.join(missing)}")
    return tuple(sizes[symbol] for symbol in note.gives)


# --- one piece as a still, all pieces as a page -----------------------------------------------------------------------


def code_figure(source: str, lit: Collection[str], *, title: str, alt: str, caption: str, n_layers: int = 12) -> Picture:
    """A piece of code at the left, the model at the right with the parts in color that the code is about.

    Errors: as `code_lines`, `draw_model` and `figure`. Used in week 3 day 3.
    """
    lines = [part for line in code_lines(source) for part in _wrapped(line, 52)]
    high = max(HEIGHT, 24 * len(lines) + 30) + 40
    wide = 900.0
    drawing = Figure(figsize=(wide / 100, high / 100), layout="none")
    drawing.text(14 / wide, 1 - 22 / high, title, fontsize=13, fontweight="bold", va="center", color=palette.INK)
    ax = drawing.add_axes(((wide - WIDTH - 6) / wide, (high - 40 - HEIGHT) / high, WIDTH / wide, HEIGHT / high))
    draw_model(ax, lit, n_layers)
    for i, line in enumerate(lines):
        drawing.text(14 / wide, 1 - (62 + 24 * i) / high, line, family="DejaVu Sans Mono", fontsize=10, va="center", color=palette.INK, parse_math=False)
    return figure(drawing, alt=alt, caption=caption)


def _wrapped(line: str, width: int) -> list[str]:
    """A long line in pieces, the later ones deeper."""
    indent = len(line) - len(line.lstrip())
    return textwrap.wrap(line, width, subsequent_indent=" " * (indent + 8), break_long_words=False, break_on_hyphens=False, drop_whitespace=True) or [line]


def code_view(pieces: Mapping[str, str], sizes: Mapping[str, int], *, alt: str, caption: str, start: tuple[str, int] | None = None) -> Page:
    """Choose a piece and a line of it: the parts that the line is about light up, and the shape that it makes is shown.

    pieces: name on the button → source text, as `inspect.getsource` gives it. sizes: numbers for B, T, d, h, k, V, C and n
    (blocks), as `shape_of`. start: (piece, line), 0 = its first line. Errors: ValueError for no piece, a line without a note, a
    size that is missing, or a start that is not there; those of `figure`. Used in week 3 day 3.
    """
    if not pieces:
        raise ValueError("pieces must hold at least one piece of code")
    missing = [symbol for symbol in (*"BTdhkVCn",) if symbol not in sizes]
    if missing:
        raise ValueError(f"sizes lacks {', '.join(missing)}")
    shown = {name: [(line, note_of(line)) for line in code_lines(source)] for name, source in pieces.items()}
    first = start or (next(iter(shown)), 0)
    if first[0] not in shown or not 0 <= first[1] < len(shown[first[0]]):
        raise ValueError(f"start must be (piece, line), got {start!r}")
    colors = concepts()
    data = {
        "pieces": [
            [name, [[line, list(note.lights), note.says, _words(note.gives, sizes)] for line, note in lines]] for name, lines in shown.items()
        ],
        "boxes": [[b.part, b.says, b.concept, b.x, b.y, b.w, b.h] for b in BOXES],
        "wires": [points for points, _ in WIRES], "frames": FRAMES, "leaders": LEADERS, "labels": LABELS, "ground": GROUND,
        "times": f"× {sizes['n']}", "size": [WIDTH, HEIGHT], "colors": colors, "start": [list(shown).index(first[0]), first[1]],
        "alt": " ".join(alt.split()),
    }  # fmt: skip
    still = _still(*shown[first[0]][first[1]], sizes, alt, caption)
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["model_code.js"], styles=["model_code.css"], still=still, poster=still.bare,
        heights={0: "calc(131cqw + 660px)", 300: "calc(131cqw + 570px)", 430: "1080px", 640: "658px"},
    )  # fmt: skip


def _still(line: str, note: Note, sizes: Mapping[str, int], alt: str, caption: str) -> Picture:
    """One line with its parts, for places where nothing can be clicked."""
    wide, high = 780.0, HEIGHT + 8
    drawing = Figure(figsize=(wide / 100, high / 100), layout="none")
    draw_model(drawing.add_axes(((wide - WIDTH - 6) / wide, 4 / high, WIDTH / wide, HEIGHT / high)), note.lights, sizes["n"])
    code, says = _wrapped(line.strip(), 40), textwrap.wrap(note.says, 44)
    for i, text in enumerate([*code, "", *says, "", _words(note.gives, sizes)]):
        mono = dict(family="DejaVu Sans Mono") if i < len(code) else {}
        drawing.text(14 / wide, 1 - (170 + 24 * i) / high, text, fontsize=10.5, va="center", color=palette.INK, parse_math=False, **mono)
    return figure(drawing, alt=alt, caption=caption)


def _words(gives: Sequence[str], sizes: Mapping[str, int]) -> str:
    names = {"d": "d_model", "k": "d_k", "V": "vocab_size", "C": "context"}
    if not gives:
        return ""
    return f"({', '.join(names.get(s, s) for s in gives)}) = ({', '.join(f'{sizes[s]:,}' if s in 'VC' else str(sizes[s]) for s in gives)})".replace(",)", ")")


# --- shapes to scale --------------------------------------------------------------------------------------------------

FEATURE_PX, TOKEN_PX, SHEET_GAP, LONGEST_PX = 0.16, 11.0, 5.0, 380.0


def draw_tensor(ax: Axes, x: float, y: float, shape: Sequence[int], concept: str | Sequence[str], square: bool = False) -> tuple[float, float]:
    """Draw a shape to scale with its upper left corner at (x, y), in pixels with y downwards; returns its width and height.

    shape: (tokens, features), or (heads, tokens, features) as sheets side by side, in rows where they need it; leading ones are left out. square: the last
    axis counts tokens, too (attention weights). concept: a color, or one for each equal part of the features. A side that is too long is cut and marked.
    Errors: ValueError for a shape that is neither. Used in week 3 day 3.
    """
    dims = list(shape)
    while len(dims) > 2 and dims[0] == 1:
        dims = dims[1:]
    if len(dims) not in (2, 3) or min(dims) < 1:
        raise ValueError(f"shape must be (tokens, features) or (heads, tokens, features), got {tuple(shape)}")
    sheets, tokens, last = dims if len(dims) == 3 else (1, *dims)
    parts = [concept] if isinstance(concept, str) else list(concept)
    high, wide = TOKEN_PX * tokens, last * (TOKEN_PX if square else FEATURE_PX)
    cut = wide > LONGEST_PX
    wide = min(max(wide, 3.0), LONGEST_PX)
    in_row = min(sheets, max(1, int((LONGEST_PX + SHEET_GAP) // (wide + SHEET_GAP))))
    rows = -(-sheets // in_row)
    for i in range(sheets):
        left, top = x + i % in_row * (wide + SHEET_GAP), y + i // in_row * (high + 2 * SHEET_GAP)
        for j, part in enumerate(parts):
            ax.add_patch(Rectangle((left + j * wide / len(parts), top), wide / len(parts), high, facecolor=palette.color(part), linewidth=0, zorder=2))
        for t in range(1, tokens):
            ax.plot([left, left + wide], [top + t * TOKEN_PX] * 2, color="white", linewidth=0.8, zorder=3)
            if square:
                ax.plot([left + t * TOKEN_PX] * 2, [top, top + high], color="white", linewidth=0.8, zorder=3)
        ax.add_patch(Rectangle((left, top), wide, high, fill=False, edgecolor=palette.INK, linewidth=0.9, zorder=4))
    if cut:
        for shift in (-5, 3):
            ax.plot([x + 0.86 * wide + shift, x + 0.86 * wide + shift + 8], [y + high + 4, y - 4], color="white", linewidth=4, zorder=5)
            ax.plot([x + 0.86 * wide + shift, x + 0.86 * wide + shift + 8], [y + high + 4, y - 4], color=palette.INK, linewidth=1, zorder=5)
    return in_row * (wide + SHEET_GAP) - SHEET_GAP, rows * (high + 2 * SHEET_GAP) - 2 * SHEET_GAP


# one forward pass: where the line stands, the line, the parts that it lights, the color of what it makes, a sentence
PASS: tuple[tuple[str, str, tuple[str, ...], str, str], ...] = (
    ("GPT.embed", "self.tokens(ids)", ("ids", "tokens"), "residual", "Each id looks up its row in the token table."),
    ("GPT.embed", "… + self.positions.weight[:T]", ("positions", "sum"), "residual", "The row of its place is added. x, the stream, is born."),
    ("Block.forward", "self.norm_1(x)", ("norm_1",), "normalization", "A normed copy of x. The road keeps x itself."),
    ("CausalSelfAttention.project", "self.qkv(x)", ("attention", "qkv"), "qkv", "One product makes queries, keys and values of all heads."),
    ("CausalSelfAttention.project", "….chunk(3, dim=-1)", ("attention", "chunk"), "chunks", "Cut into three equal parts: q, k and v."),
    ("CausalSelfAttention.project", "….unflatten(-1, (h, -1)).transpose(1, 2)", ("attention", "heads"), "query", "Each part is cut into heads, heads in front: a table of its own for each. Here: q."),
    ("CausalSelfAttention.forward", "softmax(q @ kᵀ / √d_k + mask)", ("attention", "attend"), "attention", "Each head's table of weights: who looks at whom."),
    ("CausalSelfAttention.forward", "weights @ v", ("attention", "attend"), "value", "Each head mixes its values."),
    ("CausalSelfAttention.forward", "merge_heads(heads)", ("attention", "merge"), "value", "All heads' rows, side by side again."),
    ("CausalSelfAttention.forward", "self.out(…)", ("attention", "out"), "attention", "The output projection mixes what the heads found."),
    ("Block.forward", "x = x + …", ("add_1",), "residual", "Added to the stream. Same shape as before, or it could not be added."),
    ("Block.forward", "self.norm_2(x)", ("norm_2",), "normalization", "The second normed copy."),
    ("FeedForward.forward", "gelu(self.up(x))", ("feed_forward", "up", "gelu"), "feed-forward", "Each token alone: four times wider, then the bend."),
    ("FeedForward.forward", "self.down(…)", ("feed_forward", "down"), "feed-forward", "And back to the stream's width."),
    ("Block.forward", "return x + …", ("add_2",), "residual", "Added. One block is done; all others do the same."),
    ("GPT.hidden", "self.final_norm(x)", ("final_norm",), "normalization", "Behind the last block, one more norm."),
    ("GPT.forward", "self.head(…)", ("head", "logits"), "residual", "Each row against every row of the token table: a score for each token."),
)


def pass_frames(shapes: Sequence[Sequence[int]], n_layers: int = 12) -> list[tuple[Figure, str]]:
    """One forward pass, a frame for each step of `PASS`: the part lit, the line, the shape in numbers and to scale.

    shapes: what each step made, with the batch in front, as measured on a model. Errors: ValueError for another number of
    shapes, or those of `draw_tensor`. For `stepper`; used in week 3 day 3.
    """
    if len(shapes) != len(PASS):
        raise ValueError(f"shapes must hold one shape for each of the {len(PASS)} steps, got {len(shapes)}")
    frames, wide, high = [], 810.0, HEIGHT + 14
    for (where, line, lights, concept, says), shape in zip(PASS, shapes):
        drawing = Figure(figsize=(wide / 100, high / 100), layout="none")
        draw_model(drawing.add_axes((0, 0, WIDTH / wide, HEIGHT / high)), lights, n_layers, bold=False)
        ax = drawing.add_axes((WIDTH / wide, 0, 1 - WIDTH / wide, 1))
        ax.set(xlim=(0, wide - WIDTH), ylim=(high, 0))
        ax.axis("off")
        ax.text(20, 124, where, fontsize=11, color=palette.QUIET, parse_math=False)
        ax.text(20, 152, line, family="DejaVu Sans Mono", fontsize=12.5, color=palette.INK, parse_math=False)
        ax.text(20, 192, f"({', '.join(f'{n:,}' if n > 9999 else str(n) for n in shape)})", family="DejaVu Sans Mono", fontsize=15, fontweight="bold", color=palette.INK)
        if concept == "chunks":
            for i, part in enumerate(("query", "key", "value")):
                draw_tensor(ax, 20 + i * 128, 230, shape, part)
        else:
            draw_tensor(ax, 20, 230, shape, ("query", "key", "value") if concept == "qkv" else concept, square=lights[-1] == "attend" and concept == "attention")
        last = "tokens × tokens, a table for each head" if concept == "attention" and lights[-1] == "attend" else "to scale: a row for each token"
        ax.text(20, 214, last + ("; // = cut" if shape[-1] * FEATURE_PX > LONGEST_PX else ""), fontsize=10, color=palette.QUIET)
        frames.append((drawing, says))
    return frames

"""A GPT's sizes to move, and what they cost: parameters, operations, memory, key-value cache, each with its formula.

The page computes with the formulas of shared/costs.py; a browser test holds its numbers against that module.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shared.costs import Model, kv_cache_bytes, parameters, said, said_bytes, training_bytes
from shared.visuals import palette
from shared.visuals.figure import figure
from shared.visuals.page import Page

VOCABULARY = 50_257
WIDTHS = (256, 512, 768, 1024, 1280, 1600, 2048, 3072, 4096, 6144, 8192, 12_288, 16_384)
CONTEXTS = tuple(2**i for i in range(7, 18))  # 128 … 131,072
BATCHES = tuple(2**i for i in range(9))  # 1 … 256
BYTES = (4, 2, 1)
TEXTS = (1e9, 3e9, 10e9, 30e9, 100e9, 300e9, 1e12, 3e12, 10e12)  # tokens of the training text
SHARING = ("all", "quarter", "one")
MOST_LAYERS = 128
PARTS = {"tokens": "residual", "positions": "position", "attention": "attention", "feed-forward": "feed-forward"}
PRESETS = {  # layers, width, context
    "GPT-2 small": (12, 768, 1024),
    "GPT-2 XL": (48, 1600, 1024),
    "GPT-3": (96, 12_288, 2048),
}


def head_width(d_model: int) -> int:
    """64 as in every GPT-2, 128 from 2,048 on as in GPT-3."""
    return 64 if d_model < 2048 else 128


def kv_heads(n_heads: int, sharing: str) -> int:
    """How many heads keep keys and values: "all" of them, at most a "quarter" (the largest divisor that is no more), or "one"."""
    if sharing not in SHARING:
        raise ValueError(f"sharing must be one of {', '.join(SHARING)}; got {sharing!r}")
    if sharing == "quarter":
        return max(n for n in range(1, max(1, n_heads // 4) + 1) if n_heads % n == 0)
    return n_heads if sharing == "all" else 1


def cost_view(
    n_layers: int = 12, d_model: int = 768, context: int = 1024, batch: int = 1, bytes_each: int = 2, sharing: str = "all",
    text: float = 10e9, *, alt: str, caption: str,
) -> Page:  # fmt: skip
    """Move layers, width, context, texts at once, bytes a number, shared key-value heads and training text; read the cost.

    Where the controls start: n_layers 1 … 128; d_model, context, batch, bytes_each, sharing, text: one of `WIDTHS`, `CONTEXTS`,
    `BATCHES`, `BYTES`, `SHARING`, `TEXTS`. alt: what a person would learn from it; caption: shown below it.
    Errors: ValueError that names the argument. Used in week 3 day 6.
    """
    if isinstance(n_layers, bool) or not isinstance(n_layers, int) or not 1 <= n_layers <= MOST_LAYERS:
        raise ValueError(f"n_layers must be a whole number from 1 to {MOST_LAYERS}, got {n_layers!r}")
    offered = dict(d_model=WIDTHS, context=CONTEXTS, batch=BATCHES, bytes_each=BYTES, sharing=SHARING, text=TEXTS)
    chosen = dict(d_model=d_model, context=context, batch=batch, bytes_each=bytes_each, sharing=sharing, text=text)
    for name, value in chosen.items():
        if value not in offered[name]:
            raise ValueError(f"{name} must be one of {', '.join(map(str, offered[name]))}; got {value!r}")
    start = {name: offered[name].index(value) for name, value in chosen.items()}
    data = {
        "start": {"n_layers": n_layers, **start}, "most": MOST_LAYERS, "vocabulary": VOCABULARY,
        "offered": {name: list(values) for name, values in offered.items()},
        "presets": [[name, n, WIDTHS.index(d), CONTEXTS.index(t)] for name, (n, d, t) in PRESETS.items()],
        "colors": {part: palette.color(concept) for part, concept in PARTS.items()}
        | {"key": palette.color("key"), "value": palette.color("value"), "train": palette.INK},
        "alt": " ".join(alt.split()),
    }  # fmt: skip
    drawing = Figure(figsize=(8.0, 2.5), layout="constrained")
    draw_costs(drawing.subplots(), n_layers, d_model, context, batch, bytes_each, sharing)
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, scripts=["cost_view.js"], styles=["cost_view.css"],
        heights={0: "1445px", 235: "1375px", 305: "1030px", 420: "900px", 540: "860px", 760: "556px"}, still=figure(drawing, alt=alt, caption=caption),
    )  # fmt: skip


def draw_costs(ax: Axes, n_layers: int, d_model: int, context: int, batch: int = 1, bytes_each: int = 2, sharing: str = "all") -> None:
    """Memory to run and to train a GPT of these sizes, as two bars of one scale. Used in week 3 day 6."""
    n_heads = d_model // head_width(d_model)
    model = Model("", 0, "decoder-only", n_layers, d_model, n_heads, 4 * d_model, VOCABULARY, context, 1.0, final_norm=True)
    count = sum(parameters(model).values())
    weights = bytes_each * count
    cache = kv_cache_bytes(n_layers, d_model, n_heads, context, n_kv_heads=kv_heads(n_heads, sharing), batch=batch, bytes_each=bytes_each)
    train = sum(training_bytes(count).values())
    most = max(weights + cache, train)
    for y, left, size, hue in ((1, 0, weights, "residual"), (1, weights, cache, "key"), (0, 0, train, None)):
        ax.barh(y, size / most, left=left / most, color=palette.color(hue) if hue else palette.INK, height=0.46)
    for y, words in ((1, f"to run: weights {said_bytes(weights)} + cache {said_bytes(cache)}"), (0, f"to train: 16 bytes a parameter, {said_bytes(train)}")):
        ax.text(0, y + 0.3, words, va="bottom", fontsize=11)
    ax.set(title=f"{n_layers} layers, {d_model:,} wide, {context:,} tokens, {batch} at once: {said(count)} parameters", xlim=(0, 1.02), ylim=(-0.4, 1.75))
    ax.axis("off")

"""What a Transformer costs, from its sizes alone: parameters, floating-point operations, memory, key-value cache. No torch.

Letters as everywhere: N layers, d_model wide (d), h heads of width d_k = d / h, d_ff in the middle of the feed-forward network,
V tokens in the vocabulary, C places, T tokens of a text. Only what is multiplied or stored is counted: softmaxes, norms and biases
cost well under a hundredth of the products. Built in week 3 day 6.
"""

import math
from dataclasses import dataclass

from shared.counts import check_count


def _positive(name: str, value: float) -> None:
    if not (isinstance(value, (int, float)) and math.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a finite number above 0, got {value!r}")


KINDS = ("encoder-decoder", "encoder-only", "decoder-only")


@dataclass(frozen=True)
class Model:
    """A published model: its sizes, and the number of parameters that its paper gives.

    kind: one of `KINDS`; n_layers: of each tower, where there are two; context: the most tokens it reads; waves: positions are
    sines and cosines, nothing is learned for them; segments: rows of a segment table; pooler: one dense layer on top, as BERT has;
    embedding_norm, final_norm: one more norm below, above the layers; published: parameters, as printed; source: where.
    Errors: TypeError or ValueError that names the field. Used from week 3 day 6 on.
    """

    name: str
    year: int
    kind: str
    n_layers: int
    d_model: int
    n_heads: int
    d_ff: int
    vocab_size: int
    context: int
    published: float
    source: str = ""
    waves: bool = False
    segments: int = 0
    pooler: bool = False
    embedding_norm: bool = False
    final_norm: bool = False
    norm: str = "pre-LN"

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}; got {self.kind!r}")
        for name in ("n_layers", "d_model", "n_heads", "d_ff", "vocab_size", "context"):
            check_count(name, getattr(self, name))
        if self.d_model % self.n_heads:
            raise ValueError(f"d_model={self.d_model} does not divide into n_heads={self.n_heads} equal heads")

    @property
    def d_k(self) -> int:
        """Width of one head."""
        return self.d_model // self.n_heads


def _gpt2(name: str, n_layers: int, d_model: int, n_heads: int, published: float) -> Model:
    return Model(name, 2019, "decoder-only", n_layers, d_model, n_heads, 4 * d_model, 50_257, 1024, published,
                 "Radford et al. 2019, table 2", final_norm=True)  # fmt: skip


def _bert(name: str, n_layers: int, d_model: int, n_heads: int, published: float) -> Model:
    return Model(name, 2018, "encoder-only", n_layers, d_model, n_heads, 4 * d_model, 30_522, 512, published, "https://arxiv.org/abs/1810.04805, section 3",
                 segments=2, pooler=True, embedding_norm=True, norm="post-LN")  # fmt: skip


_VASWANI = dict(waves=True, norm="post-LN", source="https://arxiv.org/abs/1706.03762, table 3")
MODELS: dict[str, Model] = {
    model.name: model
    for model in (
        # waves have no last place; 512 stands for the texts that it was trained on. The vocabulary is "about 37000"
        Model("Transformer base", 2017, "encoder-decoder", 6, 512, 8, 2048, 37_000, 512, 65e6, **_VASWANI),
        Model("Transformer big", 2017, "encoder-decoder", 6, 1024, 16, 4096, 37_000, 512, 213e6, **_VASWANI),
        Model("GPT-1", 2018, "decoder-only", 12, 768, 12, 3072, 40_478, 512, 117e6, "Radford et al. 2018", norm="post-LN"),
        _bert("BERT-base", 12, 768, 12, 110e6),
        _bert("BERT-large", 24, 1024, 16, 340e6),
        _gpt2("GPT-2 small", 12, 768, 12, 117e6),
        _gpt2("GPT-2 medium", 24, 1024, 16, 345e6),
        _gpt2("GPT-2 large", 36, 1280, 20, 762e6),
        _gpt2("GPT-2 XL", 48, 1600, 25, 1542e6),
        Model("GPT-3", 2020, "decoder-only", 96, 12_288, 96, 49_152, 50_257, 2048, 174_600e6, "https://arxiv.org/abs/2005.14165, table D.1", final_norm=True),
    )
}  # fmt: skip

# --- parameters -------------------------------------------------------------------------------------------------------


def parameters(model: Model) -> dict[str, int]:
    """How many learned numbers each kind of part holds; their sum is the model's. A tied head holds none of its own.

    Every matrix has a bias, every norm two numbers a feature, as in all models of `MODELS`. Used in week 3 day 6.
    """
    d, n = model.d_model, model.n_layers
    two = model.kind == "encoder-decoder"
    attentions, networks, norms = (3 * n, 2 * n, 5 * n) if two else (n, n, 2 * n)
    return {
        "tokens": model.vocab_size * d,
        "positions": 0 if model.waves else model.context * d,
        "segments": model.segments * d,
        "attention": attentions * 4 * (d * d + d),
        "feed-forward": networks * (2 * d * model.d_ff + model.d_ff + d),
        "norms": (norms + model.embedding_norm + model.final_norm) * 2 * d,
        "pooler": model.pooler * (d * d + d),
    }


# --- floating-point operations ----------------------------------------------------------------------------------------


def forward_flops(model: Model, tokens: int) -> dict[str, int]:
    """Operations of one text of T tokens through a single tower, a multiplication and an addition counted as two.

    "matrices": 2 for each weight and token; "meetings": scores and mixtures of all T × T pairs, 4·T²·d in each layer, masked pairs
    counted too; "head": 2·V·d a token, for models that write. Looking up an embedding costs nothing.
    Errors: ValueError for two towers. Source: https://arxiv.org/abs/2001.08361, table 1. Used in week 3 day 6.
    """
    check_count("tokens", tokens)
    if model.kind == "encoder-decoder":
        raise ValueError("forward_flops takes one tower; an encoder-decoder reads two texts of different lengths")
    d, n = model.d_model, model.n_layers
    return {
        "matrices": 2 * tokens * n * (4 * d * d + 2 * d * model.d_ff),
        "meetings": 4 * tokens * tokens * d * n,
        "head": 2 * tokens * model.vocab_size * d if model.kind == "decoder-only" else 0,
    }


def training_flops(n_parameters: float, n_tokens: float) -> float:
    """6·N·D: two operations for each parameter and token on the way up, four on the way back.

    Leaves out the meetings in attention. Errors: ValueError for numbers that are not above 0.
    Source: https://arxiv.org/abs/2001.08361, section 2.1. Used in week 3 day 6.
    """
    for name, value in (("n_parameters", n_parameters), ("n_tokens", n_tokens)):
        _positive(name, value)
    return 6.0 * n_parameters * n_tokens


def compute_optimal(flops: float, tokens_per_parameter: float = 20.0) -> tuple[float, float]:
    """The model and the text for which 6·N·D uses up `flops`, with so many tokens for each parameter: (N, D).

    20 is the rule of thumb that is read off https://arxiv.org/abs/2203.15556. Errors: ValueError for numbers that are not
    above 0. Used in week 3 day 6.
    """
    for name, value in (("flops", flops), ("tokens_per_parameter", tokens_per_parameter)):
        _positive(name, value)
    n = math.sqrt(flops / (6.0 * tokens_per_parameter))
    return n, tokens_per_parameter * n


# --- memory -----------------------------------------------------------------------------------------------------------


def training_bytes(n_parameters: float) -> dict[str, float]:
    """Memory of training with Adam in mixed precision, without what the layers keep for the way back: 16 bytes a parameter.

    In plain float32 it is 16 too (4 weights, 4 gradients, 8 of Adam). Errors: ValueError for a number that is not above 0.
    Source: https://arxiv.org/abs/1910.02054, section 3.1. Used in week 3 day 6.
    """
    _positive("n_parameters", n_parameters)
    each = {"weights": 2, "gradients": 2, "weights in float32": 4, "Adam's mean": 4, "Adam's spread": 4}
    return {name: size * n_parameters for name, size in each.items()}


def kv_cache_bytes(
    n_layers: int, d_model: int, n_heads: int, tokens: int, *, n_kv_heads: int | None = None, batch: int = 1, bytes_each: int = 2
) -> int:
    """Memory of the keys and values of all tokens so far: 2 · layers · key-value heads · d_k · tokens · texts · bytes.

    n_kv_heads: as n_heads (None), fewer = grouped-query, 1 = multi-query attention. bytes_each: 4, 2 or 1 for a number.
    Errors: TypeError or ValueError that names the number. Source: https://arxiv.org/abs/2305.13245. Built in week 3 day 6.
    """
    n_kv_heads = n_heads if n_kv_heads is None else n_kv_heads
    named = dict(n_layers=n_layers, d_model=d_model, n_heads=n_heads, tokens=tokens, n_kv_heads=n_kv_heads, batch=batch, bytes_each=bytes_each)
    for name, value in named.items():
        check_count(name, value)
    if d_model % n_heads:
        raise ValueError(f"d_model={d_model} does not divide into n_heads={n_heads} equal heads")
    if n_heads % n_kv_heads:
        raise ValueError(f"n_kv_heads={n_kv_heads} does not divide n_heads={n_heads} into equal groups")
    return 2 * n_layers * n_kv_heads * (d_model // n_heads) * tokens * batch * bytes_each


# --- words ------------------------------------------------------------------------------------------------------------


def said(number: float) -> str:
    """A count in three figures, as people say it: 124439808 → "124 M", 174.6e9 → "175 B". Up to 999 it stays as it is."""
    return _scaled(number, 1000.0, ("", " K", " M", " B", " T"))


def said_bytes(number: float) -> str:
    """Memory in three figures, in steps of 1,024: 75497472 → "72 MiB"."""
    return _scaled(number, 1024.0, (" B", " KiB", " MiB", " GiB", " TiB"))


def _scaled(number: float, step: float, units: tuple[str, ...]) -> str:
    if not math.isfinite(number) or number < 0:
        raise ValueError(f"number must be finite and not below 0, got {number!r}")
    power = 0
    while power < len(units) - 1 and number / step**power >= step - 0.5:  # 999.9 would round to 1,000
        power += 1
    value = number / step**power
    text = f"{value:,.0f}" if value >= 99.95 else f"{value:.3g}"
    return text + units[power]

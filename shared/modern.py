"""What came after GPT-2: each idea in a few lines with its paper, and a GPT that uses them.

Shapes are written as in `shared.gpt`: B texts, T tokens, d_model wide, h heads of width d_k; h_kv heads for keys and values.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from shared.attention import causal_mask, merge_heads, scaled_dot_product_attention
from shared.counts import check_count
from shared.gpt import GPTConfig, KVCache, Writes, check_ids

# --- norms ------------------------------------------------------------------------------------------------------------


def plain_norm(x: Tensor) -> Tensor:
    """LayerNorm that learns nothing: every vector gets mean 0 and variance 1. (…, width) → (…, width).

    Errors: ValueError for a single number. Source: OLMo, https://arxiv.org/abs/2402.00838, section 2.1. Used from week 3 day 6 on.
    """
    if x.ndim == 0:
        raise ValueError("x must have shape (…, width), got a single number")
    return F.layer_norm(x, x.shape[-1:])


class RMSNorm(nn.Module):
    """x / √(mean of x²), times a gain that is learned: a LayerNorm that leaves the mean alone. (…, width) → (…, width).

    Source: https://arxiv.org/abs/1910.07467, equation 4. Built in week 3 day 6.
    """

    def __init__(self, width: int, eps: float = 1e-6):
        super().__init__()
        self.eps, self.gain = eps, nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """(…, width) → (…, width)."""
        return self.gain * x * torch.rsqrt(x.square().mean(dim=-1, keepdim=True) + self.eps)


class PlainNorm(nn.Module):
    """`plain_norm` as a module, so that hooks find it."""

    def forward(self, x: Tensor) -> Tensor:
        """(…, width) → (…, width)."""
        return plain_norm(x)


# --- positions --------------------------------------------------------------------------------------------------------


def rotary_turns(length: int, d_k: int, base: float = 10000.0) -> Tensor:
    """How far each pair of numbers turns at each position: (length, d_k / 2, 2), the cosine and the sine of the angle.

    Pair i turns by pos · base^(-2i/d_k): the angles of `shared.attention.positional_encoding`, used to turn, not to add.
    Errors: ValueError for an odd d_k. Source: https://arxiv.org/abs/2104.09864, section 3.2.2. Built in week 2 day 2.
    """
    if d_k % 2:
        raise ValueError(f"d_k must be even, so that its numbers form pairs; got {d_k}")
    frequency = base ** (-torch.arange(0, d_k, 2, dtype=torch.float64) / d_k)
    angle = torch.arange(length, dtype=torch.float64)[:, None] * frequency
    return torch.stack([angle.cos(), angle.sin()], dim=-1).float()


def rotate(x: Tensor, turns: Tensor) -> Tensor:
    """RoPE: turn every pair (x[2i], x[2i+1]) like the hand of a clock, by an angle that grows with the position.

    x: (…, T, d_k), queries or keys; turns: (T, d_k / 2, 2), see `rotary_turns`. Returns the shape of x. The dot product
    of a turned query and a turned key depends on the distance between their positions, not on the positions.
    Errors: ValueError for turns that do not fit x. Source: https://arxiv.org/abs/2104.09864, equation 34. Built in week 2 day 2.
    """
    if x.ndim < 2 or x.shape[-1] % 2 or turns.shape != (x.shape[-2], x.shape[-1] // 2, 2):
        raise ValueError(f"x (…, T, d_k) with an even d_k needs turns (T, d_k / 2, 2), got {tuple(x.shape)} and {tuple(turns.shape)}")
    # two numbers that turn are one complex number that is multiplied by another of length 1
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * torch.view_as_complex(turns)).flatten(-2).type_as(x)


# --- attention --------------------------------------------------------------------------------------------------------


def share_heads(x: Tensor, n_heads: int) -> Tensor:
    """Grouped-query attention: a few key or value heads (…, h_kv, S, d_k) serve all (…, h, S, d_k), neighbors share one.

    With h_kv = 1 this is multi-query attention. The cache holds h_kv heads in place of h.
    Errors: ValueError where h_kv does not divide n_heads, or x is no heads.
    Source: https://arxiv.org/abs/2305.13245. Built in week 3 day 6.
    """
    if x.ndim < 3 or x.shape[-3] == 0:
        raise ValueError(f"x must have shape (…, h_kv, S, d_k) with at least one head, got {tuple(x.shape)}")
    if n_heads < 1 or n_heads % x.shape[-3]:
        raise ValueError(f"n_heads={n_heads} does not divide into groups for {x.shape[-3]} key or value heads")
    return x if x.shape[-3] == n_heads else x.repeat_interleave(n_heads // x.shape[-3], dim=-3)


# --- feed-forward -----------------------------------------------------------------------------------------------------


class ReLUSquared(nn.Module):
    """The feed-forward layer with max(0, x)² in the middle. Source: https://arxiv.org/abs/2109.08668. Built in week 3 day 6."""

    def __init__(self, d_model: int):
        super().__init__()
        self.up = nn.Linear(d_model, 4 * d_model, bias=False)
        self.down = nn.Linear(4 * d_model, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) → (B, T, d_model)."""
        return self.down(F.relu(self.up(x)).square())


class SwiGLU(nn.Module):
    """The feed-forward layer with a gate: one half of what is computed decides how much of the other half passes.

    Two thirds as wide as without a gate (⅔ · 4 · d_model, up to the next multiple of 8), so that it costs the same.
    Source: https://arxiv.org/abs/2002.05202, equation 6; the width from https://arxiv.org/abs/2302.13971. Built in week 3 day 6.
    """

    def __init__(self, d_model: int):
        super().__init__()
        width = 8 * math.ceil(d_model / 3)
        self.up = nn.Linear(d_model, 2 * width, bias=False)
        self.down = nn.Linear(width, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) → (B, T, d_model)."""
        gate, value = self.up(x).chunk(2, dim=-1)
        return self.down(F.silu(gate) * value)


# --- the token before -------------------------------------------------------------------------------------------------


def smear(x: Tensor, share: Tensor) -> Tensor:
    """Let every token carry a share of the one before it: x[t] + share · x[t-1]. x (B, T, d_model) → (B, T, d_model).

    It gives at once what a previous-token head has to learn. Source: Olsson et al. 2022, "In-context Learning and
    Induction Heads" (https://arxiv.org/abs/2209.11895), which smears keys; here it is the embedding. Errors: ValueError for
    another shape, or a share that is not one number. Used from week 3 day 6 on.
    """
    if x.ndim != 3 or share.numel() != 1:
        raise ValueError(f"x must have shape (B, T, d_model) and share be one number, got {tuple(x.shape)} and {tuple(share.shape)}")
    return torch.cat([x[:, :1], x[:, 1:] + share * x[:, :-1]], dim=1)


class BigramEmbedding(nn.Module):
    """A second table of vectors, for pairs: what token t means after token t-1. ids (B, T) → (B, T, d_model).

    Begins at zero, so that it adds nothing before it has learned something. The first token has no pair and gets zeros.
    rows: size of the table; vocab_size² gives every pair a row of its own, fewer let pairs share one.
    Source: hashed n-gram embeddings, https://arxiv.org/abs/1607.04606. Used from week 3 day 6 on.
    """

    def __init__(self, vocab_size: int, rows: int, d_model: int):
        super().__init__()
        self.vocab_size, self.rows = vocab_size, rows
        self.table = nn.Embedding(rows, d_model)
        nn.init.zeros_(self.table.weight)

    def forward(self, ids: Tensor) -> Tensor:
        """ids (B, T) → (B, T, d_model)."""
        ids = ids.long()
        pairs = (ids[:, :-1] * self.vocab_size + ids[:, 1:]) % self.rows
        return F.pad(self.table(pairs), (0, 0, 1, 0))


# --- the model --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ModernConfig(GPTConfig):
    """GPT-2's five numbers, and which of the later ideas the model uses. As it stands: what learned fastest.

    n_kv_heads: heads for keys and values, must divide n_heads; None = as many as n_heads. rotary_base: see `rotary_turns`.
    qk_norm: norm queries and keys, so that no score exceeds √d_k (https://arxiv.org/abs/2010.04245). norm: "plain" or
    "rms". feed_forward: "relu2" or "swiglu". embedding_norm: norm the embedding too. tied: read and predict with one table;
    else the head is one of its own that begins at zero. smear: see `smear`. bigram_rows: see `BigramEmbedding`; 0 = none.
    Without qk_norm, embedding_norm and smear, with "rms" and "swiglu", this is a Llama.
    Errors: TypeError or ValueError that names the choice. Used from week 3 day 6 on.
    """

    n_kv_heads: int | None = None
    rotary_base: float = 1000.0
    qk_norm: bool = True
    norm: str = "plain"
    feed_forward: str = "relu2"
    embedding_norm: bool = True
    tied: bool = False
    smear: bool = True
    bigram_rows: int = 0

    def __post_init__(self):
        super().__post_init__()
        check_count("bigram_rows", self.bigram_rows, least=0)
        if self.n_kv_heads is not None:
            check_count("n_kv_heads", self.n_kv_heads)
            if self.n_heads % self.n_kv_heads:
                raise ValueError(f"n_kv_heads={self.n_kv_heads} does not divide n_heads={self.n_heads} into equal groups")
        if self.d_model // self.n_heads % 2:
            raise ValueError(f"d_model={self.d_model} over n_heads={self.n_heads} gives heads of odd width: rotary turns pairs")
        for name, known in (("norm", ("plain", "rms")), ("feed_forward", ("relu2", "swiglu"))):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}; got {getattr(self, name)!r}")
        if not self.rotary_base > 1:
            raise ValueError(f"rotary_base must be above 1, got {self.rotary_base}")
        rows = self.bigram_rows
        if rows not in (0, self.vocab_size**2) and math.gcd(rows, self.vocab_size) > 1:
            raise ValueError(
                f"bigram_rows must be 0, vocab_size² = {self.vocab_size**2}, or share no factor with "
                f"vocab_size={self.vocab_size}, else pairs would fall on the same few rows; got {rows}"
            )


class ModernAttention(nn.Module):
    """Causal self-attention with rotary positions, normed queries and keys, and shared key and value heads."""

    def __init__(self, config: ModernConfig):
        super().__init__()
        self.n_heads, self.n_kv_heads = config.n_heads, config.n_kv_heads or config.n_heads
        self.d_k, self.qk_norm = config.d_model // config.n_heads, config.qk_norm
        self.qkv = nn.Linear(config.d_model, (self.n_heads + 2 * self.n_kv_heads) * self.d_k, bias=False)
        self.out = nn.Linear(config.d_model, config.d_model, bias=False)

    def project(self, x: Tensor, turns: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x (B, T, d_model) → q (B, h, T, d_k), k and v (B, h_kv, T, d_k); q and k normed and turned."""
        heads = self.qkv(x).unflatten(-1, (-1, self.d_k))
        qk, v = heads.split([self.n_heads + self.n_kv_heads, self.n_kv_heads], dim=2)
        if self.qk_norm:
            qk = plain_norm(qk)
        # queries and keys are turned alike, so one call does both
        q, k = rotate(qk.transpose(1, 2), turns).split([self.n_heads, self.n_kv_heads], dim=1)
        return q, k, v.transpose(1, 2)

    def forward(self, x: Tensor, turns: Tensor, cache: KVCache | None = None) -> Tensor:
        """x (B, T, d_model) → (B, T, d_model). With a cache that holds tokens already, x is the one token that follows."""
        q, k, v = self.project(x, turns)
        if cache is not None:
            k, v = cache.append(k, v)
        k, v = share_heads(k, self.n_heads), share_heads(v, self.n_heads)
        return self.out(merge_heads(F.scaled_dot_product_attention(q, k, v, is_causal=q.shape[-2] > 1)))

    def weights(self, x: Tensor, turns: Tensor) -> Tensor:
        """Who attends to whom: x (B, T, d_model) → (B, h, T, T), rows are queries and sum to 1."""
        q, k, v = self.project(x, turns)
        k, v = share_heads(k, self.n_heads), share_heads(v, self.n_heads)
        return scaled_dot_product_attention(q, k, v, causal_mask(x.shape[-2], x.device))[1]


class ModernBlock(nn.Module):
    """One layer: look around, then think, each behind a norm. x (B, T, d_model) → (B, T, d_model)."""

    def __init__(self, config: ModernConfig):
        super().__init__()
        self.norm_1 = new_norm(config)
        self.attention = ModernAttention(config)
        self.norm_2 = new_norm(config)
        self.feed_forward = {"relu2": ReLUSquared, "swiglu": SwiGLU}[config.feed_forward](config.d_model)

    def forward(self, x: Tensor, turns: Tensor, cache: KVCache | None = None) -> Tensor:
        """x (B, T, d_model) → (B, T, d_model)."""
        x = x + self.attention(self.norm_1(x), turns, cache)
        return x + self.feed_forward(self.norm_2(x))


def new_norm(config: ModernConfig) -> nn.Module:
    """The norm that the configuration asks for."""
    return PlainNorm() if config.norm == "plain" else RMSNorm(config.d_model)


class ModernGPT(Writes, nn.Module):
    """A GPT with what was found since 2019; it is used and trained like `shared.gpt.GPT`.

    config: its sizes and choices. Matrices begin normal with deviation 0.7 / √d_model; what writes into the residual stream,
    and a head of its own, begin at zero: the untrained model gives every token the same probability.
    Used from week 3 day 6 on.
    """

    def __init__(self, config: ModernConfig):
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocab_size, config.d_model)
        self.embedding_norm = new_norm(config) if config.embedding_norm else nn.Identity()
        self.smear = nn.Parameter(torch.zeros(())) if config.smear else None
        self.bigrams = BigramEmbedding(config.vocab_size, config.bigram_rows, config.d_model) if config.bigram_rows else None
        self.blocks = nn.ModuleList(ModernBlock(config) for _ in range(config.n_layers))
        self.final_norm = new_norm(config)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        turns = rotary_turns(config.context, config.d_model // config.n_heads, config.rotary_base)
        self.register_buffer("turns", turns, persistent=False)
        for name, parameter in self.named_parameters():
            if name.endswith(("out.weight", "down.weight", "head.weight")):
                nn.init.zeros_(parameter)
            elif name.endswith(("qkv.weight", "up.weight", "tokens.weight")):
                nn.init.normal_(parameter, std=0.7 / math.sqrt(config.d_model))
        if config.tied:
            self.head.weight = self.tokens.weight

    def forward(self, ids: Tensor) -> Tensor:
        """ids (B, T) → logits (B, T, vocab_size); errors as `shared.gpt.GPT.forward`."""
        check_ids(ids, self.config)
        return self.head(self.hidden(ids))

    def embed(self, ids: Tensor, start: int = 0) -> Tensor:
        """ids (B, T) → (B, T - start, d_model), for the tokens from `start` on; positions come later, in attention."""
        before = min(start, 2)  # smear looks one token back, and what it finds there was made with the one before that
        ids = ids[:, start - before :]
        x = self.tokens(ids)
        if self.bigrams is not None:
            x = x + self.bigrams(ids)
        x = self.embedding_norm(x)
        if self.smear is not None:
            x = smear(x, self.smear)
        return x[:, before:]

    def hidden(self, ids: Tensor, caches: list[KVCache] | None = None) -> Tensor:
        """ids (B, T) → (B, T, d_model), what the head reads. With caches, only the tokens that they do not hold yet."""
        start = caches[0].length if caches else 0
        x, turns = self.embed(ids, start), self.turns[start : ids.shape[1]]
        for block, cache in zip(self.blocks, caches or [None] * len(self.blocks)):
            x = block(x, turns, cache)
        return self.final_norm(x)

    @torch.no_grad()
    def attentions(self, ids: Tensor) -> tuple[Tensor, ...]:
        """Who attends to whom in every layer: ids (B, T) → n_layers tensors (B, h, T, T), rows are queries and sum to 1."""
        check_ids(ids, self.config)
        x, turns, maps = self.embed(ids), self.turns[: ids.shape[1]], []
        for block in self.blocks:
            maps.append(block.attention.weights(block.norm_1(x), turns))
            x = block(x, turns)
        return tuple(maps)

    def new_caches(self, batch: int) -> list[KVCache]:
        """An empty cache for every layer, for `batch` texts."""
        c = self.config
        n_kv_heads, d_k = c.n_kv_heads or c.n_heads, c.d_model // c.n_heads
        return [KVCache(batch, n_kv_heads, c.context, d_k, like=self.tokens.weight) for _ in self.blocks]

"""GPT-2, whole, in one file that reads from top to bottom: sizes, parts, writing, the model, files.

Shapes are written with the same letters everywhere:

    B           texts read at once (batch)
    T           tokens of each text
    S           tokens that may be attended to: T, or more where earlier ones wait in a cache
    d_model     width of a token's vector, 768 in the smallest GPT-2
    h, d_k      number of heads and width of one head, d_model / h = 64 in every GPT-2
    vocab_size  number of tokens in the vocabulary, 50,257 in GPT-2

Source: Radford et al. 2019, "Language Models are Unsupervised Multitask Learners", and the released weights. GPT-2 is the
decoder of the 2017 Transformer (https://arxiv.org/abs/1706.03762) without cross-attention, with the norm in front of each
layer and once more at the end, learned positions and GELU. Dropout is left out.
"""

import json
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from shared.attention import causal_mask, merge_heads, scaled_dot_product_attention
from shared.counts import check_count
from shared.gelu import gelu

# --- sizes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GPTConfig:
    """The five numbers that fix a GPT-2; as they stand here, those of the smallest published one (124,439,808 parameters).

    vocab_size: tokens in the vocabulary; context: the most tokens it can read at once; n_layers: blocks;
    n_heads: heads of each block, must divide d_model; d_model: width of a token's vector.
    Errors: TypeError or ValueError that names the number. Used from week 3 day 3 on.
    """

    vocab_size: int = 50257
    context: int = 1024
    n_layers: int = 12
    n_heads: int = 12
    d_model: int = 768

    def __post_init__(self):
        for field in fields(GPTConfig):
            check_count(field.name, getattr(self, field.name))
        if self.d_model % self.n_heads:
            raise ValueError(f"d_model={self.d_model} does not divide into n_heads={self.n_heads} equal heads")

    @classmethod
    def named(cls, name: str) -> "GPTConfig":
        """The size of a published GPT-2: gpt2, gpt2-medium, gpt2-large or gpt2-xl. Errors: ValueError for another name."""
        sizes = {"gpt2": (12, 12, 768), "gpt2-medium": (24, 16, 1024), "gpt2-large": (36, 20, 1280), "gpt2-xl": (48, 25, 1600)}
        if name not in sizes:
            raise ValueError(f"name must be one of {', '.join(sizes)}; got {name!r}")
        n_layers, n_heads, d_model = sizes[name]
        return cls(n_layers=n_layers, n_heads=n_heads, d_model=d_model)


# --- parts ------------------------------------------------------------------------------------------------------------


class KVCache:
    """One layer's keys and values of the tokens read so far, so that a new token need not compute them again.

    Room for `length` tokens is set aside once: growing a tensor would copy all of it for every token.
    """

    def __init__(self, batch: int, n_heads: int, length: int, d_k: int, like: Tensor):
        self.k = like.new_empty(batch, n_heads, length, d_k)
        self.v = torch.empty_like(self.k)
        self.length = 0

    def append(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Write down the new tokens' k and v (B, h, T, d_k); return those of all tokens so far (B, h, S, d_k).

        Errors: ValueError where several tokens follow on earlier ones: the prompt comes first, then one token at a time.
        """
        if self.length > 0 and k.shape[-2] > 1:
            raise ValueError(f"a cache that holds {self.length} tokens takes one token at a time, got {k.shape[-2]}")
        start, self.length = self.length, self.length + k.shape[-2]
        self.k[:, :, start : self.length] = k
        self.v[:, :, start : self.length] = v
        return self.k[:, :, : self.length], self.v[:, :, : self.length]


class CausalSelfAttention(nn.Module):
    """Every token asks itself and the tokens before it: multi-head attention with one fused projection for q, k and v.

    Source: the 2017 paper, section 3.2, in GPT-2's layout (`c_attn` and `c_proj`). Built in week 3 day 3.
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.n_heads = config.n_heads
        self.qkv = nn.Linear(config.d_model, 3 * config.d_model)
        self.out = nn.Linear(config.d_model, config.d_model)

    def project(self, x: Tensor) -> list[Tensor]:
        """x (B, T, d_model) → q, k and v, each cut into heads (B, h, T, d_k)."""
        return [part.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, dim=-1)]

    def forward(self, x: Tensor, cache: KVCache | None = None) -> Tensor:
        """x (B, T, d_model) → (B, T, d_model). With a cache that holds tokens already, x is the one token that follows."""
        q, k, v = self.project(x)
        if cache is not None:
            k, v = cache.append(k, v)
        # torch's own attention never writes the (T, S) weights down; a token that comes alone may attend to all before it
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=q.shape[-2] > 1)
        return self.out(merge_heads(heads))

    def weights(self, x: Tensor) -> Tensor:
        """Who attends to whom: x (B, T, d_model) → (B, h, T, T), rows are queries and sum to 1."""
        return scaled_dot_product_attention(*self.project(x), causal_mask(x.shape[-2], x.device))[1]


class FeedForward(nn.Module):
    """Every token thinks for itself: four times wider, GELU, and back.

    Source: the 2017 paper, section 3.3, with GELU (https://arxiv.org/abs/1606.08415) in its tanh form. Built in week 2 day 4.
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.up = nn.Linear(config.d_model, 4 * config.d_model)
        self.down = nn.Linear(4 * config.d_model, config.d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, T, d_model) → (B, T, d_model)."""
        return self.down(gelu(self.up(x)))


class Block(nn.Module):
    """One layer: look around, then think; each time x keeps what it was and adds what it learned (the residual stream).

    Pre-LN: the norm stands in front of each part, so that nothing stands in the way of x itself. Built in week 3 day 3.
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.norm_1 = nn.LayerNorm(config.d_model)
        self.attention = CausalSelfAttention(config)
        self.norm_2 = nn.LayerNorm(config.d_model)
        self.feed_forward = FeedForward(config)

    def forward(self, x: Tensor, cache: KVCache | None = None) -> Tensor:
        """x (B, T, d_model) → (B, T, d_model)."""
        x = x + self.attention(self.norm_1(x), cache)
        return x + self.feed_forward(self.norm_2(x))


# --- writing ----------------------------------------------------------------------------------------------------------


def next_token_probabilities(
    logits: Tensor,
    ids: Tensor,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    repetition_penalty: float = 1.0,
) -> Tensor:
    """From a model's scores to the distribution that the next token is drawn from: (B, vocab_size), rows sum to 1.

    logits: (B, vocab_size), the scores for the next token; ids: (B, T), the text so far, for the penalty.
    repetition_penalty: tokens of the text so far have their logit divided by it where positive, multiplied where negative
    (https://arxiv.org/abs/1909.05858). temperature: logits are divided by it; 0 is greedy: all on the most likely token.
    top_k: only the k most likely tokens stay, with all that tie with the last of them; a k above vocab_size keeps them all
    (https://arxiv.org/abs/1805.04833).
    top_p: of these only the fewest most likely ones whose shares reach top_p (https://arxiv.org/abs/1904.09751).
    Errors: ValueError or TypeError that names the number; ValueError for logits that hold NaN or +inf, nothing but -inf or no
    number at all, and for ids that a penalty cannot be given to.
    Built in week 4 day 2.
    """
    _check_choices(temperature, top_k, top_p, repetition_penalty)
    if logits.ndim == 0 or 0 in logits.shape:
        raise ValueError(f"logits must have shape (batch, vocab_size), both at least 1, got {tuple(logits.shape)}")
    if repetition_penalty != 1:
        ids = ids.long()
        if ids.ndim != logits.ndim or ids.shape[:-1] != logits.shape[:-1] or ((ids < 0) | (ids >= logits.shape[-1])).any():
            rows = " × ".join(map(str, logits.shape[:-1]))
            raise ValueError(f"ids must be {rows} rows of ids below {logits.shape[-1]}, to go with the logits; got shape {tuple(ids.shape)}")
        seen = logits.gather(-1, ids)
        logits = logits.scatter(-1, ids, torch.where(seen > 0, seen / repetition_penalty, seen * repetition_penalty))
    largest = logits.amax(-1, keepdim=True)
    if not largest.isfinite().all():
        raise ValueError("logits hold a number that is not finite; did training diverge?")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    # the largest becomes 0, so that no temperature, however small, makes a number too large
    logits = (logits - largest) / max(temperature, torch.finfo(logits.dtype).tiny)
    if top_k is not None and top_k < logits.shape[-1]:
        last = logits.topk(top_k).values[..., -1:]
        logits = logits.masked_fill(logits < last, -math.inf)
    if top_p is not None and top_p < 1:
        ordered, order = logits.sort(dim=-1, descending=True, stable=True)
        shares = ordered.softmax(-1)
        # out goes a token when those before it reach top_p already; so the first one always stays, however small top_p is
        out = shares.cumsum(-1) - shares >= max(top_p, torch.finfo(logits.dtype).tiny)
        logits = logits.masked_fill(out.scatter(-1, order, out), -math.inf)
    return logits.softmax(-1)


class Writes:
    """What every model of the course that predicts the next token can do: write on.

    The model brings `config` (vocab_size, context), `hidden(ids, caches)`, `head` and `new_caches(batch)`.
    """

    def generate(
        self, ids: Tensor, max_new_tokens: int, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None,
        repetition_penalty: float = 1.0, stop: int | Iterable[int] | None = None, seed: int | None = None, use_cache: bool = True,
    ) -> Tensor:  # fmt: skip
        """Write on: ids (B, T) → (B, T + new), the text so far and up to max_new_tokens new tokens.

        temperature, top_k, top_p, repetition_penalty: see `next_token_probabilities`; temperature 0 is greedy.
        stop: token ids that end a text. A row that is done is filled up with the stop token that ended it; writing ends
        when all rows are done, so fewer than max_new_tokens may come back.
        seed: the same seed writes the same text, whatever else draws random numbers; None = torch's own generator.
        use_cache: keep every layer's keys and values; the text is the same without, and far slower.
        Each token is predicted from the last `context` tokens: beyond that length the oldest fall out, and as all others
        move down by one position, everything is read anew. A prompt longer than the context is an error.
        Errors: ValueError, TypeError or IndexError that names the argument. Used from week 4 day 2 on.
        """
        new = self.stream(ids, max_new_tokens, temperature, top_k, top_p, repetition_penalty, stop, seed, use_cache)
        return torch.cat([ids.long(), *(token[:, None] for token in new)], dim=1)

    def stream(
        self, ids: Tensor, max_new_tokens: int, temperature: float = 1.0, top_k: int | None = None, top_p: float | None = None,
        repetition_penalty: float = 1.0, stop: int | Iterable[int] | None = None, seed: int | None = None, use_cache: bool = True,
    ) -> Iterator[Tensor]:  # fmt: skip
        """The same text, one token at a time: yields ids (B,) as soon as they are chosen. Arguments as in `generate`."""
        check_ids(ids, self.config)
        _check_choices(temperature, top_k, top_p, repetition_penalty)
        stops = _check_length_and_stop(max_new_tokens, stop, self.config.vocab_size)
        generator = None if seed is None else torch.Generator(ids.device).manual_seed(seed)

        def tokens(ids: Tensor) -> Iterator[Tensor]:
            caches = self.new_caches(len(ids)) if use_cache else None
            done = torch.zeros(len(ids), dtype=torch.bool, device=ids.device)
            for _ in range(max_new_tokens):
                logits = self._last_logits(ids, caches)
                shares = next_token_probabilities(logits, ids, temperature, top_k, top_p, repetition_penalty)
                token = shares.argmax(-1) if temperature == 0 else torch.multinomial(shares, 1, generator=generator)[:, 0]
                if stops:
                    token = torch.where(done, ids[:, -1], token)
                    done |= torch.isin(token, torch.tensor(stops, device=ids.device))
                yield token
                if done.all():
                    return
                ids = torch.cat([ids, token[:, None]], dim=1)

        # the checks above run at once; a function with `yield` would wait until the first token is asked for
        return tokens(ids)

    @torch.inference_mode()  # no gradients will be asked for: a fifth faster
    def _last_logits(self, ids: Tensor, caches: list[KVCache] | None) -> Tensor:
        context = self.config.context
        if ids.shape[1] > context:
            # every token moves to another position, so nothing in the caches is true any longer
            ids, caches = ids[:, -context:], None
        return self.head(self.hidden(ids, caches)[:, -1])


# --- the model --------------------------------------------------------------------------------------------------------


class GPT(Writes, nn.Module):
    """GPT-2: tokens and positions become vectors, blocks work on them, the head scores every token of the vocabulary.

    config: its sizes. The weights are drawn from torch's generator as GPT-2's were: normal with deviation 0.02, and
    0.02 / √(2·n_layers) where a part writes into the residual stream, so that the stream's size does not grow with depth.
    Built in week 3 day 3.
    """

    def __init__(self, config: GPTConfig):
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocab_size, config.d_model)
        self.positions = nn.Embedding(config.context, config.d_model)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.n_layers))
        self.final_norm = nn.LayerNorm(config.d_model)
        self.head = nn.Linear(config.d_model, config.vocab_size, bias=False)
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif parameter.ndim == 2:
                writes = name.endswith(("attention.out.weight", "feed_forward.down.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * config.n_layers) if writes else 0.02)
        # tied: a token is read and predicted with one and the same vector
        self.head.weight = self.tokens.weight

    def forward(self, ids: Tensor) -> Tensor:
        """ids (B, T) → logits (B, T, vocab_size): at every position the scores of the token that comes next.

        Errors: TypeError, ValueError or IndexError for ids of another type or shape, none or too many of them, or an id
        that is not in the vocabulary.
        """
        check_ids(ids, self.config)
        return self.head(self.hidden(ids))

    def embed(self, ids: Tensor, start: int = 0) -> Tensor:
        """ids (B, T) → (B, T - start, d_model), for the tokens from `start` on: which token plus where it stands."""
        return self.tokens(ids[:, start:]) + self.positions.weight[start : ids.shape[1]]

    def hidden(self, ids: Tensor, caches: list[KVCache] | None = None) -> Tensor:
        """ids (B, T) → (B, T, d_model), what the head reads. With caches, only the tokens that they do not hold yet."""
        x = self.embed(ids, caches[0].length if caches else 0)
        for block, cache in zip(self.blocks, caches or [None] * len(self.blocks)):
            x = block(x, cache)
        return self.final_norm(x)

    @torch.no_grad()
    def attentions(self, ids: Tensor) -> tuple[Tensor, ...]:
        """Who attends to whom in every layer: ids (B, T) → n_layers tensors (B, h, T, T), rows are queries and sum to 1."""
        check_ids(ids, self.config)
        x, maps = self.embed(ids), []
        for block in self.blocks:
            maps.append(block.attention.weights(block.norm_1(x)))
            x = block(x)
        return tuple(maps)

    def new_caches(self, batch: int) -> list[KVCache]:
        """An empty cache for every layer, for `batch` texts."""
        c = self.config
        return [KVCache(batch, c.n_heads, c.context, c.d_model // c.n_heads, like=self.final_norm.weight) for _ in self.blocks]

    @classmethod
    def from_pretrained(cls, path_or_name: str | os.PathLike) -> "GPT":
        """A GPT-2 with the weights of a Hugging Face folder, or of a model that the hub knows by this name ("gpt2").

        A name is looked up in the hub's cache on this machine, and downloaded only when it is not there. Weights are
        read from safetensors, in one file or in shards, as float32.
        Errors: FileNotFoundError where there is no such folder, model or file; ValueError for a model of another kind or
        weights that are missing or of another shape. Used from week 3 day 3 on.
        """
        folder = _find(path_or_name)
        config = _read_config(folder)
        with torch.device("meta"):  # no memory and no random numbers for weights that are about to be replaced
            model = cls(config)
        model.load_state_dict(_read_weights(folder, model), assign=True)
        model.head.weight = model.tokens.weight
        return model

    def save_pretrained(self, folder: str | os.PathLike) -> None:
        """Write the model as transformers' GPT2LMHeadModel reads it: config.json and model.safetensors.

        The folder is made where it does not exist. A file of these names is replaced only when the new one is complete.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        weights = {}
        for name, parameter in self.named_parameters():
            weight = parameter.detach().T if _turned(name) else parameter.detach()
            weights[f"transformer.{_their_name(name)}"] = weight.contiguous().cpu()
        save_file(weights, folder / "model.safetensors.part", {"format": "pt"})
        (folder / "config.json.part").write_text(json.dumps(_their_config(self.config), indent=2) + "\n", encoding="utf-8")
        for name in ("model.safetensors", "config.json"):
            os.replace(folder / f"{name}.part", folder / name)


# --- Hugging Face's files ---------------------------------------------------------------------------------------------

# what the course calls the parts, and what Hugging Face calls them
THEIR_NAMES = {
    "tokens": "wte", "positions": "wpe", "final_norm": "ln_f", "blocks": "h", "norm_1": "ln_1", "norm_2": "ln_2",
    "attention": "attn", "qkv": "c_attn", "out": "c_proj", "feed_forward": "mlp", "up": "c_fc", "down": "c_proj",
}  # fmt: skip
# what a config.json may say besides the sizes, and what GPT-2 says when the file is silent
GPT2_CHOICES = {
    "model_type": "gpt2", "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "scale_attn_weights": True,
    "scale_attn_by_inverse_layer_idx": False, "tie_word_embeddings": True, "add_cross_attention": False,
}  # fmt: skip
THEIR_SIZES = {
    "vocab_size": "vocab_size", "context": "n_positions", "n_layers": "n_layer", "n_heads": "n_head", "d_model": "n_embd",
}  # fmt: skip


def _their_name(name: str) -> str:
    return ".".join(THEIR_NAMES.get(part, part) for part in name.split("."))


def _turned(name: str) -> bool:
    """Whether GPT-2's files hold this matrix as (in, out), the way of its Conv1D; nn.Linear wants (out, in)."""
    return name.startswith("blocks.") and name.endswith(("qkv.weight", "out.weight", "up.weight", "down.weight"))


def _their_config(config: GPTConfig) -> dict:
    sizes = {theirs: getattr(config, ours) for ours, theirs in THEIR_SIZES.items()}
    no_dropout = {"attn_pdrop": 0.0, "embd_pdrop": 0.0, "resid_pdrop": 0.0}
    ends = {"bos_token_id": None, "eos_token_id": None}  # which token begins and ends a text is the tokenizer's business
    return {"architectures": ["GPT2LMHeadModel"], **GPT2_CHOICES, **sizes, **no_dropout, **ends}


def _find(path_or_name: str | os.PathLike) -> Path:
    if Path(path_or_name).is_dir():
        return Path(path_or_name)
    from huggingface_hub import snapshot_download

    files = ["config.json", "model.safetensors", "model-*.safetensors", "model.safetensors.index.json"]
    for cached in (True, False):
        try:
            folder = Path(snapshot_download(str(path_or_name), allow_patterns=files, local_files_only=cached))
        except (OSError, ValueError) as error:
            reason = error
        else:
            if not cached or all(file.is_file() for file in _weight_files(folder)):
                return folder
    raise FileNotFoundError(f"{path_or_name!r} is no folder here, and the hub gave no model of this name: {reason}") from reason


def _read_config(folder: Path) -> GPTConfig:
    try:
        theirs = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(f"{folder} holds no config.json, so its model's sizes are unknown") from None
    except ValueError as error:
        raise ValueError(f"{folder / 'config.json'} cannot be read: {error}") from None
    sizes = {ours: theirs.get(name) for ours, name in THEIR_SIZES.items()}
    expected = {**GPT2_CHOICES, "n_inner": 4 * (sizes["d_model"] or 0)}
    for name, value in expected.items():
        if theirs.get(name) not in (None, value):
            raise ValueError(f"{folder / 'config.json'} says {name}={theirs[name]!r}; the course's GPT knows only {value!r}")
    return GPTConfig(**sizes)


def _weight_files(folder: Path) -> list[Path]:
    whole, index = folder / "model.safetensors", folder / "model.safetensors.index.json"
    if whole.is_file() or not index.is_file():
        return [whole]
    shards = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
    return [folder / name for name in sorted(set(shards))]


def _read_weights(folder: Path, model: GPT) -> dict[str, Tensor]:
    theirs = {}
    for file in _weight_files(folder):
        if not file.is_file():
            raise FileNotFoundError(f"{folder} holds no {file.name}; weights in other formats are not read")
        theirs |= {name.removeprefix("transformer."): weight for name, weight in load_file(file).items()}
    head, ours = theirs.pop("lm_head.weight", None), {}
    for name, parameter in model.named_parameters():
        weight = theirs.pop(_their_name(name), None)
        if weight is None:
            raise ValueError(f"{folder} holds no weights named {_their_name(name)}")
        weight = weight.T.contiguous() if _turned(name) else weight
        if weight.shape != parameter.shape:
            shapes = f"{tuple(weight.shape)} for {tuple(parameter.shape)}"
            raise ValueError(f"{_their_name(name)} of {folder} has another shape than config.json says: {shapes}")
        ours[name] = weight.float()
    # older files hold the causal mask too
    left = [name for name in theirs if not name.endswith((".attn.bias", ".attn.masked_bias"))]
    if left:
        raise ValueError(f"{folder} holds weights that config.json does not speak of, {left[0]} and {len(left) - 1} more")
    if head is not None and not torch.equal(head.float(), ours["tokens.weight"]):
        raise ValueError(f"the head of {folder} is not its token table; the course's GPT reads and predicts with one table")
    return {**ours, "head.weight": ours["tokens.weight"]}


# --- what the model demands of its input ------------------------------------------------------------------------------


def check_ids(ids: Tensor, config: GPTConfig) -> None:
    """Raise one clear error unless ids is (B, T) whole numbers, 1 ≤ T ≤ config.context, each from 0 to vocab_size - 1."""
    if not isinstance(ids, Tensor):
        raise TypeError(f"ids must be a torch.Tensor of shape (batch, tokens), got {type(ids).__name__}")
    if ids.dtype not in (torch.int64, torch.int32):
        raise TypeError(f"ids must be token ids of type torch.int64, got {ids.dtype}")
    if ids.ndim != 2 or 0 in ids.shape:
        raise ValueError(f"ids must have shape (batch, tokens), both at least 1, got {tuple(ids.shape)}")
    if ids.shape[1] > config.context:
        raise ValueError(f"ids hold {ids.shape[1]} tokens, but the model's context is {config.context}")
    if ids.is_meta or torch.compiler.is_compiling():
        return  # there are no numbers to look at
    low, high = ids.min().item(), ids.max().item()
    if low < 0 or high >= config.vocab_size:
        raise IndexError(f"ids must be from 0 to {config.vocab_size - 1}, got {low if low < 0 else high}")


def _check_length_and_stop(max_new_tokens: int, stop: int | Iterable[int] | None, vocab_size: int) -> list[int]:
    check_count("max_new_tokens", max_new_tokens, least=0)
    stops = [] if stop is None else list(stop) if isinstance(stop, Iterable) else [stop]
    for token in stops:
        if isinstance(token, bool) or not isinstance(token, int) or not 0 <= token < vocab_size:
            raise ValueError(f"stop must hold token ids from 0 to {vocab_size - 1}, got {token!r}")
    return stops


def _check_choices(temperature: float, top_k: int | None, top_p: float | None, repetition_penalty: float) -> None:
    if not 0 <= temperature < math.inf:
        raise ValueError(f"temperature must be 0 (greedy) or a positive number, got {temperature}")
    if top_k is not None:
        check_count("top_k", top_k)
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"top_p must lie above 0 and at most at 1, got {top_p}")
    if not 0 < repetition_penalty < math.inf:
        raise ValueError(f"repetition_penalty must be a positive number (1 = none), got {repetition_penalty}")

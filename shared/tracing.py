"""One text through one model, every matrix on the way written down: from the token ids to the probabilities.

A trace is a list of named stages, each with its numbers and with what it was made from. The numbers come from one real
forward pass, caught by hooks on the model's own modules; what no module hands out (scores, mask, attention weights) is
computed from the queries and keys of that pass, and must lead to what the model itself computed, else tracing fails.

One short adapter for each family says where its parts are: Hugging Face's GPT-2 and BERT, and the course's own GPT. The
course's encoder–decoder, which reads two texts, is followed in `shared/tracing_pair.py`.

Shapes: T tokens, d_model wide, h heads of width d_k, V words in the vocabulary.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

# --- what a trace is --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stage:
    """One matrix on the way, and how it was made.

    key: its name in the trace ("layers.0.scores"); name: as it is written ("scores"); concept: a color of the palette.
    values: (T, width), or (h, T, width) where each head has its own; float32, token ids as whole numbers.
    how: "ids"; "lookup": the table `weight` at the `rows`; "sum" of the stages `of`; "norm": each row of `of` to mean 0 and
    variance 1, × gain + bias; "project": of @ weight (+ bias); "scores": q kᵀ × scale; "mask": -inf where a token may not
    look; "softmax" of each row; "mix": weights @ values; "join": the heads side by side; "activation"; "scale": of × scale;
    "waves": the sines and cosines of each place.
    weight: (width in, width out), or the table of a lookup; a stage of one matrix for all heads has it once for all.
    side: whose tokens the rows are, "source" or "target" where a model reads two texts, else "".
    """

    key: str
    name: str
    concept: str
    how: str
    values: np.ndarray
    of: tuple[str, ...] = ()
    layer: int | None = None
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    rows: np.ndarray | None = None
    gain: np.ndarray | None = None
    eps: float = 0.0
    scale: float = 1.0
    function: str = ""
    side: str = ""

    @property
    def block(self) -> str:
        """What it belongs to, such as "layers.0", "encoder.0" or "source"; "" for what stands alone."""
        return self.key.rpartition(".")[0]

    @property
    def shape(self) -> tuple[int, ...]:
        """(T, width) of the matrix, without the axis of the heads."""
        return self.values.shape[-2:]


@dataclass(frozen=True)
class Trace:
    """All stages of one text through one model, in the order in which they are computed; `trace["layers.0.q"]` is one.

    family: what kind of model, for a title; causal: whether a token sees only itself and those before it.
    ids, tokens: (T,) what was read, in an encoder–decoder the target; segments: 0 or 1 for each token where the model knows
    segments, else None. source_ids, source: (S,) the ids and texts of the source of an encoder–decoder, else None.
    """

    family: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    segments: tuple[int, ...] | None
    stages: tuple[Stage, ...]
    n_layers: int
    n_heads: int
    causal: bool
    source_ids: tuple[int, ...] | None = None
    source: tuple[str, ...] | None = None

    @property
    def blocks(self) -> tuple[str, ...]:
        """The layers in the order in which they are computed: "layers.0", …, or "encoder.0", …, "decoder.0", …"""
        return tuple(dict.fromkeys(stage.block for stage in self.stages if stage.layer is not None))

    def __getitem__(self, key: str) -> Stage:
        for stage in self.stages:
            if stage.key == key:
                return stage
        near = [stage.key for stage in self.stages if stage.key.split(".")[-1] == key.split(".")[-1]]
        raise KeyError(f"no stage {key!r} in this trace; there is {', '.join(near or [s.key for s in self.stages])}")

    def __contains__(self, key: str) -> bool:
        return any(stage.key == key for stage in self.stages)


def trace(
    model: nn.Module,
    ids: Sequence[int] | Tensor,
    *,
    tokens: Sequence[str] | None = None,
    segments: Sequence[int] | Tensor | None = None,
) -> Trace:
    """Read one text with the model and write down every matrix.

    model: Hugging Face GPT2LMHeadModel, BertForMaskedLM or BertModel, or the course's GPT or Transformer; it is left as it was.
    ids: (T,) or (1, T) token ids; tokens: their T texts, else the ids stand for them; segments: (T,) 0 or 1, BERT only.
    The stages: "ids", "embedding", "position" ("segment"), "input" ("input_norm"); in each layer i "layers.i." + "norm_1",
    "q", "k", "v", "scores", "masked", "weights", "heads", "joined", "attention", "after_attention", "norm_2", "hidden",
    "active", "feed_forward", "after_feed_forward"; "final_norm", "logits", "probabilities". BERT's norms follow the sums,
    it has no mask, and before its logits come "head", "head_active", "head_norm"; BertModel ends with its last layer.
    The Transformer reads two texts: ids and tokens are pairs, (source, target). Its stages begin with "source." + "ids", …
    (there "scaled" follows "embedding"), then "encoder.i." + …, "target." + …, "decoder.i." + …; in the decoder those of the
    look at the source are named "cross_q", "cross_k", …, "after_cross_attention", and a third norm stands there.
    Errors: TypeError for a model of another class or ids that are no whole numbers; ValueError for no ids, ids outside
    the vocabulary, more tokens than the context, weights that are not finite, tokens or segments that do not fit;
    RuntimeError where the stages do not lead to what the model computed. Used from week 3 day 3 on.
    """
    if reads_pairs(model):
        from shared.tracing_pair import trace_pair  # it builds on this module

        if segments is not None:
            raise ValueError("segments: an encoder–decoder knows no segments; its two texts are source and target")
        return trace_pair(model, ids, tokens)
    anatomy = _anatomy(model)
    numbers = _check_ids(ids, anatomy)
    names = [str(i) for i in numbers] if tokens is None else [str(token) for token in tokens]
    if len(names) != len(numbers):
        raise ValueError(f"tokens: {len(names)} texts for {len(numbers)} ids")
    sides = _check_segments(segments, len(numbers), anatomy)
    _check_weights(model)
    device = next(model.parameters()).device
    batch = torch.tensor([numbers], device=device)
    with _seen(model, anatomy) as seen, torch.inference_mode():
        logits = anatomy.run(batch, None if sides is None else torch.tensor([sides], device=device))
    stages = _Writer(anatomy, seen, numbers, sides, logits).write()
    tidy = None if sides is None else tuple(sides)
    first = anatomy.blocks[0]
    sizes = len(anatomy.blocks), first.n_heads, first.causal
    return Trace(anatomy.family, tuple(numbers), tuple(names), tidy, tuple(stages), *sizes)


def reads_pairs(model: object) -> bool:
    """Whether this is the course's encoder–decoder, which is given a source and a target."""
    return any(f"{kind.__module__}.{kind.__name__}" == "shared.transformer.Transformer" for kind in type(model).__mro__)


# --- where the parts of a model are -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Block:
    """One layer. project: one fused module for q, k and v, or three; scale: what q·k is multiplied by."""

    project: tuple[nn.Module, ...]
    out: nn.Module
    norm_1: nn.Module
    up: nn.Module
    down: nn.Module
    norm_2: nn.Module
    n_heads: int
    scale: float
    causal: bool


@dataclass(frozen=True)
class _Anatomy:
    """Where everything is. embeddings: key -> module, in the order in which they are added; norm_first: pre-LN.

    head: what stands between the last layer and the logits, as (key, name, module); after a dense layer comes `function`.
    """

    family: str
    context: int
    vocab_size: int
    embeddings: dict[str, nn.Module]
    input_norm: nn.Module | None
    norm_first: bool
    blocks: tuple[_Block, ...]
    function: str
    head: tuple[tuple[str, str, nn.Module], ...]
    logits: nn.Module | None
    run: Callable[[Tensor, Tensor | None], Tensor | None]


def _gpt2(model: nn.Module) -> _Anatomy:
    """Hugging Face's GPT2LMHeadModel."""
    body, config = model.transformer, model.config
    if config.add_cross_attention:
        raise TypeError("model: a GPT-2 with cross-attention cannot be traced")
    scale = (config.n_embd // config.n_head) ** -0.5 if config.scale_attn_weights else 1.0
    by_layer = config.scale_attn_by_inverse_layer_idx
    blocks = tuple(
        _Block((b.attn.c_attn,), b.attn.c_proj, b.ln_1, b.mlp.c_fc, b.mlp.c_proj, b.ln_2,
               config.n_head, scale / (i + 1) if by_layer else scale, True)
        for i, b in enumerate(body.h)
    )  # fmt: skip
    return _Anatomy(
        "GPT-2", config.n_positions, config.vocab_size, {"embedding": body.wte, "position": body.wpe}, None, True, blocks,
        _function(config.activation_function), (("final_norm", "norm", body.ln_f),), model.lm_head,
        lambda ids, _: model(input_ids=ids, use_cache=False).logits[0],
    )  # fmt: skip


def _gpt(model: nn.Module) -> _Anatomy:
    """The course's own GPT."""
    config = model.config
    blocks = tuple(
        _Block((b.attention.qkv,), b.attention.out, b.norm_1, b.feed_forward.up, b.feed_forward.down, b.norm_2,
               config.n_heads, (config.d_model // config.n_heads) ** -0.5, True)
        for b in model.blocks
    )  # fmt: skip
    return _Anatomy(
        "the course's GPT", config.context, config.vocab_size, {"embedding": model.tokens, "position": model.positions}, None,
        True, blocks, "gelu_new", (("final_norm", "norm", model.final_norm),), model.head,
        lambda ids, _: model(ids)[0],
    )  # fmt: skip


def _bert(model: nn.Module) -> _Anatomy:
    """Hugging Face's BertModel, alone or under the head of BertForMaskedLM."""
    body, config = getattr(model, "bert", model), model.config
    if config.is_decoder:
        raise TypeError("model: a BERT that is used as a decoder cannot be traced")
    blocks = tuple(
        _Block((b.attention.self.query, b.attention.self.key, b.attention.self.value), b.attention.output.dense,
               b.attention.output.LayerNorm, b.intermediate.dense, b.output.dense, b.output.LayerNorm,
               config.num_attention_heads, (config.hidden_size // config.num_attention_heads) ** -0.5, False)
        for b in body.encoder.layer
    )  # fmt: skip
    rows = body.embeddings
    tables = {
        "embedding": rows.word_embeddings,
        "position": rows.position_embeddings,
        "segment": rows.token_type_embeddings,
    }
    head, logits = (), None
    if body is not model:
        transform, logits = model.cls.predictions.transform, model.cls.predictions.decoder
        head = (("head", "head", transform.dense), ("head_norm", "norm", transform.LayerNorm))

    def run(ids: Tensor, segments: Tensor | None) -> Tensor | None:
        out = model(input_ids=ids, token_type_ids=segments)
        return None if logits is None else out.logits[0]

    return _Anatomy(
        "BERT", config.max_position_embeddings, config.vocab_size, tables, rows.LayerNorm, False, blocks, _function(config.hidden_act),
        head, logits, run,
    )  # fmt: skip


# by name, so that neither transformers nor the course's own models must be imported to know them; subclasses count
FAMILIES: dict[str, Callable[[nn.Module], _Anatomy]] = {
    "GPT2LMHeadModel": _gpt2, "BertForMaskedLM": _bert, "BertModel": _bert, "shared.gpt.GPT": _gpt,
}  # fmt: skip


def _anatomy(model: nn.Module) -> _Anatomy:
    for kind in type(model).__mro__ if isinstance(model, nn.Module) else ():
        # Hugging Face moves its modules about, so there the name of the class is enough
        name = kind.__name__ if kind.__module__.startswith("transformers.") else f"{kind.__module__}.{kind.__name__}"
        if name in FAMILIES:
            return FAMILIES[name](model)
    known = "Hugging Face GPT2LMHeadModel, BertForMaskedLM or BertModel, or the course's GPT or Transformer"
    raise TypeError(f"model must be one of {known}; got {type(model).__name__}")


# --- one forward pass, watched ----------------------------------------------------------------------------------------


class _Seen(dict):
    """Module -> (input, output) of the pass, without the axis of the batch."""

    def into(self, module: nn.Module) -> np.ndarray:
        return self[module][0]

    def out_of(self, module: nn.Module) -> np.ndarray:
        return self[module][1]


@contextmanager
def _seen(model: nn.Module, anatomy: _Anatomy):
    seen = _Seen()
    watched = [anatomy.input_norm, anatomy.logits, *(module for *_, module in anatomy.head)]
    for block in anatomy.blocks:
        watched += [*block.project, block.out, block.norm_1, block.up, block.down, block.norm_2]

    def catch(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        seen[module] = (_array(inputs[0][0]), _array(output[0]))

    handles = [module.register_forward_hook(catch) for module in watched if module is not None]
    was = [module for module in model.modules() if module.training]
    model.eval()  # dropout would draw other numbers than the ones that the next reader gets
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()
        for module in was:
            module.training = True


def _array(x: Tensor) -> np.ndarray:
    return x.detach().float().cpu().numpy()


# --- from what was seen to stages -------------------------------------------------------------------------------------


class _Writer:
    def __init__(self, anatomy: _Anatomy, seen: _Seen, ids: list[int], segments: list[int] | None, logits: Tensor | None):
        self.anatomy, self.seen, self.ids, self.segments, self.logits = anatomy, seen, ids, segments, logits
        self.stages: list[Stage] = []
        self.layer: int | None = None
        self.side = ""

    def write(self) -> list[Stage]:
        stream = self._write_input()
        for i, block in enumerate(self.anatomy.blocks):
            self.layer = i
            stream = self._write_block(block, stream, f"layers.{i}.")
        self.layer = None
        if self.anatomy.logits is not None:
            self._write_output(stream)
        self._check_finite()
        return self.stages

    def _check_finite(self) -> None:
        for stage in self.stages:
            finite = stage.values if stage.how != "mask" else stage.values[stage.values != -math.inf]
            if not np.isfinite(finite).all():
                raise ValueError(f"model: stage {stage.key!r} holds numbers that are not finite")

    def _add(self, key: str, name: str, concept: str, how: str, values: np.ndarray, *of: str, **more) -> str:
        self.stages.append(Stage(key, name, concept, how, values, of, self.layer, side=self.side, **more))
        return key

    def _write_input(self) -> str:
        tables, seen = self.anatomy.embeddings, self.seen
        self._add("ids", "ids", "residual", "ids", np.array(self.ids)[:, None])
        # which row each token takes; not every model calls its table as a module, so the rows are taken here
        rows = {"embedding": self.ids, "position": range(len(self.ids)), "segment": self.segments}
        added = 0
        for key, module in tables.items():
            table = _array(module.weight)
            values = table[list(rows[key])]
            concept = "position" if key == "position" else "residual"
            self._add(key, "token" if key == "embedding" else key, concept, "lookup", values, "ids", rows=np.array(rows[key]), weight=table)
            added = added + values
        norm = self.anatomy.input_norm
        first_module = norm if norm is not None else self.anatomy.blocks[0].norm_1
        first = seen.into(first_module)
        self._must_agree(added, first, "input", first_module)
        stream = self._add("input", "X", "residual", "sum", first, *tables)
        return stream if norm is None else self._norm("input_norm", "norm", norm, stream)

    def _write_block(self, block: _Block, stream: str, at: str) -> str:
        norm_first = self.anatomy.norm_first
        read = self._norm(at + "norm_1", "norm 1", block.norm_1, stream) if norm_first else stream
        out = self._write_attention(block, read, at)
        # where the norm comes first, its input is the sum before it; else the sum is what the norm after it is given
        after = self.seen.into(block.norm_2 if norm_first else block.norm_1)
        stream = self._add(at + "after_attention", "X + attn", "residual", "sum", after, stream, out)
        if norm_first:
            read, kept = self._norm(at + "norm_2", "norm 2", block.norm_2, stream), stream
        else:
            read = kept = self._norm(at + "norm_1", "norm 1", block.norm_1, stream)
        out = self._write_feed_forward(block, read, at)
        after = self._stream_after() if norm_first else self.seen.into(block.norm_2)
        stream = self._add(at + "after_feed_forward", "X + FFN", "residual", "sum", after, kept, out)
        return stream if norm_first else self._norm(at + "norm_2", "norm 2", block.norm_2, stream)

    def _stream_after(self) -> np.ndarray:
        """What the next layer's norm, or the final one, is given."""
        blocks = self.anatomy.blocks
        follows = blocks[self.layer + 1].norm_1 if self.layer + 1 < len(blocks) else self.anatomy.head[0][2]
        return self.seen.into(follows)

    def _write_attention(self, block: _Block, read: str, at: str) -> str:
        seen, heads = self.seen, block.n_heads
        if len(block.project) == 1:
            parts = np.split(seen.out_of(block.project[0]), 3, axis=-1)
            weights = np.split(_weight(block.project[0]), 3, axis=1)
            biases = np.split(_bias(block.project[0]), 3)
        else:
            parts = [seen.out_of(module) for module in block.project]
            weights = [_weight(module) for module in block.project]
            biases = [_bias(module) for module in block.project]
        q, k, v = (_split(part, heads) for part in parts)
        concepts = ("query", "key", "value")
        for name, concept, values, weight, bias in zip("qkv", concepts, (q, k, v), weights, biases):
            self._add(at + name, name.upper(), concept, "project", values, read, weight=weight, bias=bias)
        scores = q @ k.swapaxes(-1, -2) * np.float32(block.scale)
        before = self._add(at + "scores", "scores", "attention", "scores", scores, at + "q", at + "k", scale=block.scale)
        if block.causal:
            scores = np.where(np.tri(len(self.ids), dtype=bool), scores, -np.float32(math.inf))
            before = self._add(at + "masked", "masked", "attention", "mask", scores, before)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares = powers / powers.sum(axis=-1, keepdims=True)
        self._add(at + "weights", "A", "attention", "softmax", shares, before)
        joined = seen.into(block.out)
        self._must_agree(shares @ v, _split(joined, heads), at + "heads", block.out)
        self._add(at + "heads", "A · V", "value", "mix", _split(joined, heads), at + "weights", at + "v")
        self._add(at + "joined", "joined", "value", "join", joined, at + "heads")
        return self._project(at + "attention", "attn out", "residual", block.out, at + "joined")

    def _write_feed_forward(self, block: _Block, read: str, at: str) -> str:
        hidden = self._project(at + "hidden", "hidden", "feed-forward", block.up, read)
        hidden = self._activation(at + "active", "feed-forward", block.down, hidden)
        return self._project(at + "feed_forward", "FFN out", "residual", block.down, hidden)

    def _write_output(self, stream: str) -> None:
        for key, name, module in self.anatomy.head:
            if isinstance(module, nn.LayerNorm):
                if stream == "head":
                    stream = self._activation("head_active", "residual", module, stream)
                stream = self._norm(key, name, module, stream)
            else:
                stream = self._project(key, name, "residual", module, stream)
        self._project("logits", "logits", "residual", self.anatomy.logits, stream)
        # in 64 bits, and from what the model returned
        chances = torch.softmax(self.logits.double(), dim=-1).float()
        self._add("probabilities", "probabilities", "attention", "softmax", _array(chances), "logits")

    def _norm(self, key: str, name: str, module: nn.Module, of: str) -> str:
        values = self.seen.out_of(module)
        gain, eps = _array(module.weight), float(module.eps)
        return self._add(key, name, "normalization", "norm", values, of, gain=gain, bias=_array(module.bias), eps=eps)

    def _activation(self, key: str, concept: str, read_by: nn.Module, of: str) -> str:
        """What the next module is given: not every model has a module for the activation itself."""
        name = self.anatomy.function
        return self._add(key, short_name(name), concept, "activation", self.seen.into(read_by), of, function=name)

    def _project(self, key: str, name: str, concept: str, module: nn.Module, of: str) -> str:
        values, weight, bias = self.seen.out_of(module), _weight(module), _bias(module)
        return self._add(key, name, concept, "project", values, of, weight=weight, bias=bias)

    def _must_agree(self, ours: np.ndarray, theirs: np.ndarray, key: str, module: nn.Module) -> None:
        """A model that was changed (another scale, another mask, a patch) must not be drawn as if it were not."""
        exact = next(module.parameters()).dtype in (torch.float32, torch.float64)
        apart = float(np.abs(ours - theirs).max())
        if apart > (1e-4 if exact else 2e-2) * max(1.0, float(np.abs(theirs).max())):
            raise RuntimeError(f"model: stage {key!r}, computed from the stages before it, is {apart:.3g} off what the model holds")


def _function(activation: object) -> str:
    return activation if isinstance(activation, str) else getattr(activation, "__name__", type(activation).__name__)


def short_name(function: str) -> str:
    """The activation as it is written on a card: all forms of GELU are "GELU"."""
    return "GELU" if "gelu" in function else "ReLU" if function == "relu" else function


def _split(x: np.ndarray, n_heads: int) -> np.ndarray:
    """(T, h·d_k) → (h, T, d_k)."""
    return x.reshape(len(x), n_heads, -1).swapaxes(0, 1)


def _weight(module: nn.Module) -> np.ndarray:
    """The matrix as in x @ w: nn.Linear stores it the other way round, GPT-2's Conv1D does not."""
    w = _array(module.weight)
    return w.T if isinstance(module, nn.Linear) else w


def _bias(module: nn.Module) -> np.ndarray | None:
    return None if module.bias is None else _array(module.bias)


# --- what is demanded of the input ------------------------------------------------------------------------------------


def _check_ids(ids: Sequence[int] | Tensor, anatomy: _Anatomy) -> list[int]:
    if isinstance(ids, str):
        raise TypeError("ids must be token ids, got a text; a tokenizer turns one into the other")
    found = ids.detach().cpu().numpy() if isinstance(ids, Tensor) else np.asarray(ids)
    if found.ndim == 2 and len(found) == 1:
        found = found[0]
    if found.size == 0:
        raise ValueError("ids: there is no token to read")
    if found.ndim != 1:
        raise ValueError(f"ids must be the tokens of one text, shape (T,) or (1, T); got shape {found.shape}")
    if not np.issubdtype(found.dtype, np.integer):
        raise TypeError(f"ids must be whole numbers, got {found.dtype}")
    for i, number in enumerate(found.tolist()):
        if not 0 <= number < anatomy.vocab_size:
            last = anatomy.vocab_size - 1
            raise ValueError(f"ids must lie between 0 and {last}, the model's vocabulary; got {number} at position {i}")
    if len(found) > anatomy.context:
        raise ValueError(f"ids: {len(found)} tokens are more than the {anatomy.context} that the model can read at once")
    return found.tolist()


def _check_segments(segments: Sequence[int] | Tensor | None, length: int, anatomy: _Anatomy) -> list[int] | None:
    table = anatomy.embeddings.get("segment")
    if table is None:
        if segments is not None:
            raise ValueError(f"segments: {anatomy.family} knows no segments")
        return None
    found = [0] * length if segments is None else np.asarray(segments).reshape(-1).tolist()
    if len(found) != length:
        raise ValueError(f"segments: {len(found)} numbers for {length} ids")
    if any(not isinstance(s, int) or not 0 <= s < table.num_embeddings for s in found):
        raise ValueError(f"segments must be whole numbers from 0 to {table.num_embeddings - 1}, got {found}")
    return found


def _check_weights(model: nn.Module) -> None:
    for name, parameter in model.named_parameters():
        if not torch.isfinite(parameter).all():
            raise ValueError(f"model: its weights {name} hold a number that is not finite")

"""A source and a target through the course's encoder–decoder, every matrix written down: what `trace` does for two texts.

The model of 2017 has two streams. The encoder's runs over the source and ends as the memory; the decoder's runs over the
target and reads the memory in every layer. So each stage has a side, which says whose tokens its rows are.

Shapes: S tokens of the source, T of the target, d_model wide, h heads of width d_k, V words in the target's vocabulary.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from shared.attention import positional_encoding
from shared.tracing import Stage, Trace, _Anatomy, _array, _bias, _check_ids, _check_weights, _Seen, _split, _weight, _Writer

SIDES = ("source", "target")


def trace_pair(model: nn.Module, ids: Sequence, tokens: Sequence | None) -> Trace:
    """Read a source and write a target with the course's Transformer; see `shared.tracing.trace`.

    ids: (source ids (S,) or (1, S), target ids (T,) or (1, T)); tokens: their texts as a pair of lists, or None.
    Errors: those of `trace`, which name source or target; ValueError for padding, which a single pair does not need.
    Used from week 3 day 3 on.
    """
    config = model.config
    both = dict(zip(SIDES, _pair("ids", ids)))
    anatomies = dict(zip(SIDES, (_anatomy(model, config.source_vocab_size), _anatomy(model, config.target_vocab_size))))
    numbers = {side: _checked(side, both[side], anatomies[side], config.pad_id) for side in SIDES}
    texts = dict(zip(SIDES, (None, None) if tokens is None else _pair("tokens", tokens)))
    names = {side: tuple(map(str, numbers[side] if texts[side] is None else texts[side])) for side in SIDES}
    for side in SIDES:
        if len(names[side]) != len(numbers[side]):
            raise ValueError(f"tokens: {len(names[side])} texts for {len(numbers[side])} ids of the {side}")
    _check_weights(model)
    device = next(model.parameters()).device
    with _seen(model) as seen, torch.inference_mode():
        logits = model(*(torch.tensor([numbers[side]], device=device) for side in SIDES))[0]
    stages = _PairWriter(model, anatomies["target"], seen, numbers, logits).write()
    return Trace(
        "the course's Transformer", tuple(numbers["target"]), names["target"], None, tuple(stages), config.n_layers, config.n_heads, True,
        tuple(numbers["source"]), names["source"],
    )  # fmt: skip


def _anatomy(model: nn.Module, vocab_size: int) -> _Anatomy:
    """What the shared parts of the writer need to know; the sines have a place for every length."""
    head = (("final_norm", "norm", model.decoder_norm),) if model.config.norm_first else ()
    return _Anatomy("", 10**9, vocab_size, {}, None, model.config.norm_first, (), "relu", head, model.head, lambda *_: None)


def _pair(name: str, given: Sequence) -> tuple:
    try:
        count = 0 if isinstance(given, str) else len(given)
    except TypeError:
        count = 0
    if count != 2 or any(isinstance(part, (int, np.integer)) for part in given):
        raise TypeError(f"{name}: an encoder–decoder reads two texts, so {name} must be a pair: of the source and of the target")
    return tuple(given)


def _checked(side: str, ids: Sequence[int] | Tensor, anatomy: _Anatomy, pad_id: int | None) -> list[int]:
    try:
        found = _check_ids(ids, anatomy)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{side}: {error}") from None
    if pad_id in found:
        raise ValueError(f"{side}: holds the padding, pad_id={pad_id}; a single pair needs none, so leave it away")
    return found


@contextmanager
def _seen(model: nn.Module):
    """What every module was given and what it gave, without the axis of the batch; of an attention the weights too."""
    seen = _Seen()
    seen.weights = {}

    def catch(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor | tuple[Tensor, ...]) -> None:
        first = output[0] if isinstance(output, tuple) else output
        seen[module] = (_array(inputs[0][0]), _array(first[0]))
        if isinstance(output, tuple):
            seen.weights[module] = _array(output[1][0])

    watched = [module for module in model.modules() if module is not model and not isinstance(module, nn.ModuleList)]
    handles = [module.register_forward_hook(catch) for module in watched]
    was = [module for module in model.modules() if module.training]
    model.eval()
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()
        for module in was:
            module.training = True


class _PairWriter(_Writer):
    def __init__(self, model: nn.Module, anatomy: _Anatomy, seen: _Seen, ids: dict[str, list[int]], logits: Tensor):
        super().__init__(anatomy, seen, ids["target"], None, logits)
        self.model, self.both = model, ids

    def write(self) -> list[Stage]:
        model = self.model
        memory = self._write_stack("source", model.source_tokens, "encoder", model.encoder, None)
        stream = self._write_stack("target", model.target_tokens, "decoder", model.decoder, memory)
        self.layer = None
        self._write_output(stream)
        self._check_finite()
        return self.stages

    def _values(self, key: str) -> np.ndarray:
        return next(stage.values for stage in reversed(self.stages) if stage.key == key)

    def _write_stack(self, side: str, table: nn.Module, part: str, layers: nn.ModuleList, memory: str | None) -> str:
        self.side, self.layer = side, None
        stream = self._write_input_of(side, table, layers[0])
        for i, layer in enumerate(layers):
            self.layer = i
            follows = layers[i + 1].after_attention.norm if i + 1 < len(layers) else getattr(self.model, f"{part}_norm")
            stream = self._write_layer(layer, stream, f"{part}.{i}.", memory, follows)
        if self.anatomy.norm_first and memory is None:
            stream = self._norm(f"{part}.{self.layer}.final_norm", "norm", self.model.encoder_norm, stream)
        return stream

    def _write_input_of(self, side: str, module: nn.Module, first: nn.Module) -> str:
        ids, at, table = self.both[side], side + ".", _array(module.weight)
        rows, scale = table[ids], math.sqrt(self.model.config.d_model)
        self._add(at + "ids", "ids", "residual", "ids", np.array(ids)[:, None])
        self._add(at + "embedding", "token", "residual", "lookup", rows, at + "ids", rows=np.array(ids), weight=table)
        scaled = rows * np.float32(scale)
        self._add(at + "scaled", "token × √d", "residual", "scale", scaled, at + "embedding", scale=scale)
        waves = positional_encoding(len(ids), self.model.config.d_model).float().numpy()
        self._add(at + "position", "position", "position", "waves", waves)
        self._must_agree(scaled + waves, self.seen.into(first), at + "input", first)
        return self._add(at + "input", "X", "residual", "sum", self.seen.into(first), at + "scaled", at + "position")

    def _write_layer(self, layer: nn.Module, stream: str, at: str, memory: str | None, follows: nn.Module) -> str:
        def attend(read: str) -> str:
            return self._write_attention_of(layer.attention, read, at, None)

        def cross(read: str) -> str:
            return self._write_attention_of(layer.cross_attention, read, at, memory)

        def feed_forward(read: str) -> str:
            return self._write_feed_forward(layer.feed_forward, read, at)

        parts = [("attention", "attn", layer.after_attention, attend), ("feed_forward", "FFN", layer.after_feed_forward, feed_forward)]
        if memory is not None:
            parts.insert(1, ("cross_attention", "cross", layer.after_cross_attention, cross))
        norms = [around.norm for *_, around, _ in parts[1:]] + [follows]
        for number, ((key, short, around, part), after) in enumerate(zip(parts, norms), 1):
            stream = self._write_part(stream, at, key, short, around.norm, part, number, after)
        return stream

    def _write_part(
        self, stream: str, at: str, key: str, short: str, norm: nn.Module, part: Callable[[str], str], number: int, after: nn.Module
    ) -> str:
        """One part with its Add & Norm. after: the module that is given the sum, where the norm stands in front."""
        name, title, total = f"{at}norm_{number}", f"norm {number}", f"{at}after_{key}"
        if self.anatomy.norm_first:
            out = part(self._norm(name, title, norm, stream))
            return self._add(total, f"X + {short}", "residual", "sum", self.seen.into(after), stream, out)
        out = part(stream)
        return self._norm(name, title, norm, self._add(total, f"X + {short}", "residual", "sum", self.seen.into(norm), stream, out))

    def _write_attention_of(self, module: nn.Module, read: str, at: str, memory: str | None) -> str:
        heads = module.n_heads
        at, word = (at, "") if memory is None else (at + "cross_", "cross ")
        weights, bias = np.split(_weight(module.qkv), 3, axis=1), _bias(module.qkv)
        biases = (None, None, None) if bias is None else np.split(bias, 3)
        made = {}
        for name, concept, weight, shift in zip("qkv", ("query", "key", "value"), weights, biases):
            of = read if name == "q" or memory is None else memory
            values = self._values(of) @ weight + (0 if shift is None else shift)
            made[name] = _split(values, heads)
            # the rows of keys and values are the tokens that they belong to
            mine, self.side = self.side, self.side if of == read else "source"
            self._add(at + name, word + name.upper(), concept, "project", made[name], of, weight=weight, bias=shift)
            self.side = mine
        scale = module.d_k**-0.5
        scores = made["q"] @ made["k"].swapaxes(-1, -2) * np.float32(scale)
        before = self._add(at + "scores", word + "scores", "attention", "scores", scores, at + "q", at + "k", scale=scale)
        if memory is None and self.side == "target":
            scores = np.where(np.tri(scores.shape[-1], dtype=bool), scores, -np.float32(math.inf))
            before = self._add(at + "masked", "masked", "attention", "mask", scores, before)
        powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares = self.seen.weights[module]
        self._must_agree(powers / powers.sum(axis=-1, keepdims=True), shares, at + "weights", module)
        self._add(at + "weights", word + "A", "attention", "softmax", shares, before)
        found = shares @ made["v"]
        self._add(at + "heads", word + "A · V", "value", "mix", found, at + "weights", at + "v")
        joined = found.swapaxes(0, 1).reshape(found.shape[1], -1)
        self._add(at + "joined", word + "joined", "value", "join", joined, at + "heads")
        out, w_o, b_o = self.seen.out_of(module), _weight(module.out), _bias(module.out)
        self._must_agree(joined @ w_o + (0 if b_o is None else b_o), out, at + "attention", module)
        name = "attn out" if memory is None else "cross out"
        return self._add(at + "attention", name, "residual", "project", out, at + "joined", weight=w_o, bias=b_o)

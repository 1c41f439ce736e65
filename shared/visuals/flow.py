"""The whole way through a Transformer in one cell: one text, one model, every matrix real and every number to be opened.

The page carries the numbers themselves, not pictures of them, so it can answer questions that nobody asked when it was
made: any layer, any head, any cell. What it carries, and how exactly:

- every stage of the trace as 16-bit floats (11 significant bits: within 0.05 % of each number). Normalized vectors, mixed
  values and masked scores are not sent but computed in the page from the stages that they are made from;
- of each matrix of weights as many columns as fit, evenly spaced: every column for a very small model, every fourth for a
  4-layer model 128 wide. Where a whole model is too much, only one layer carries weights, and the wide inside of the other
  layers' feed-forward networks is sent as means of neighboring columns, said on the screen;
- logits of a position: all of them in 65,534 steps, the largest 128 as 32-bit floats, so that the probabilities at any
  temperature agree with torch's to 1e-4. All positions where the vocabulary is small, else those most asked: the end of
  the text, or the masks of a BERT.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shared.visuals.flow_picture import STRIPS, binned, flow_picture
from shared.visuals.flow_words import stage_words, summary
from shared.visuals.page import Page, concepts, pack, ramp, short

if TYPE_CHECKING:
    from shared.tracing import Stage, Trace

MOST_TOKENS = 32
LIGHT = 330_000  # numbers that a page may carry with the weights of every layer; some 0.7 MB
FOCUS = 130_000  # weights of one layer, where those of all layers are too many
HEAVY = 4_000_000  # numbers that no page should carry
MOST_LOGITS = 150_000
EXACT_LOGITS = 128  # of a position, as 32-bit floats
NAMED, OPENED = 16, 8  # words of a position that have their text, and of those, that open down to the weights
PARTS = ("numbers", "stages", "map", "reason", "chances", "tour", "whole", "cards", "formula")  # of the page's script
IN_PAGE = ("norm", "mask", "mix", "join", "ids", "scale", "waves")  # what the page computes, or needs no numbers for


def flow_view(
    model: Any,
    text_or_ids: str | tuple[str, str] | Sequence[int] | tuple[Sequence[int], Sequence[int]],
    tokenizer: Any = None,
    *,
    layer: int = 0,
    head: int = 0,
    alt: str | None = None,
    caption: str | None = None,
) -> Page:
    """Follow one text through the model: every stage with its shape, any layer and head, any number with its reason.

    model: Hugging Face GPT2LMHeadModel, BertForMaskedLM or BertModel, or the course's GPT or Transformer.
    text_or_ids: a text, two texts for a BERT, or token ids; for the Transformer a pair, (source, target), of texts or of ids,
    the target with its start token. tokenizer: Hugging Face's or the course's, for the Transformer one or a pair; needed for
    a text unless the model carries one as `model.tokenizer`, and used to write ids as words.
    layer, head: where the view opens, counted from 0 as everywhere; in a model that is too large to send whole, it is this
    layer's weights that are sent, in the Transformer on both sides. alt, caption: words of your own instead of the computed ones.
    Errors: those of `trace`; TypeError or ValueError for no text, a missing tokenizer, more than 32 tokens, a layer or
    head that is not there. Used from week 3 day 3 on.
    """
    # everything else in this room takes arrays and strings; this one function meets the model, because a learner wants
    # one line from a text to a view, and it meets it only when it is called, so that drawing never needs torch
    from shared.tracing import reads_pairs, trace

    if tokenizer is None:
        tokenizer = getattr(model, "tokenizer", None)
    if reads_pairs(model):
        tokenizers = tokenizer if isinstance(tokenizer, (tuple, list)) else (tokenizer, tokenizer)
        both, texts = _read_pair(text_or_ids, tokenizers)
        traced = trace(model, both, tokens=texts)
        return flow_page(traced, layer=layer, head=head, alt=alt, caption=caption, vocabulary=tokenizers[1])
    ids, tokens, segments = _read(text_or_ids, tokenizer)
    _check_length("text_or_ids", len(ids))
    traced = trace(model, ids, tokens=tokens, segments=segments)
    return flow_page(traced, layer=layer, head=head, alt=alt, caption=caption, vocabulary=tokenizer)


def flow_page(
    trace: Trace,
    *,
    layer: int = 0,
    head: int = 0,
    alt: str | None = None,
    caption: str | None = None,
    vocabulary: Any = None,
) -> Page:
    """The view of a trace, see `flow_view`. vocabulary: a tokenizer that writes ids as words, else the ids stand for them.

    Errors: ValueError for too many tokens or numbers, a layer or head that is not there. Used from week 3 day 3 on.
    """
    for name, number, count in (("layer", layer, trace.n_layers), ("head", head, trace.n_heads)):
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < count:
            raise ValueError(f"{name} must be a whole number from 0 to {count - 1}, got {number!r}")
    _check_length("trace", max(len(trace.tokens), len(trace.source or ())))
    sent = _Sent(trace, layer)
    chances = _chances(trace, sent, vocabulary)
    best = None if chances is None else chances.pop("said")
    words = summary(trace, chances["at"] if chances else None, best)
    alt, caption = alt or words.alt, caption or words.caption
    data = {
        "model": {
            "family": trace.family, "layers": trace.n_layers, "heads": trace.n_heads, "causal": trace.causal,
            "first": [layer, head], "weightsOf": sent.weights_of, "stride": sent.stride,
        },
        "tokens": [[short(token), token] for token in trace.tokens],
        "ids": list(trace.ids),
        "source": None if trace.source is None else [[short(token), token] for token in trace.source],
        "sourceIds": None if trace.source_ids is None else list(trace.source_ids),
        "stages": sent.stages,
        "words": {kind: told for kind, told in stage_words(trace).items() if kind in sent.kinds},
        "numbers": sent.pack(),
        "arrays": sent.arrays,
        "strips": STRIPS,
        "chances": chances,
        "concepts": concepts(),
        "weights": ramp("weights"),
        "signed": ramp("signed"),
    }  # fmt: skip
    still = flow_picture(trace, layer, head, chances["at"] if chances else None, best, alt=alt, caption=caption)
    return Page(
        kind="interactive", alt=alt, caption=caption, data=data, heights=_heights(trace), still=still,
        scripts=["opened.js", "reason.js", *(f"flow_{part}.js" for part in PARTS), "flow.js"], styles=["walk.css", "flow.css"],
    )  # fmt: skip


def _check_length(name: str, count: int) -> None:
    if count > MOST_TOKENS:
        raise ValueError(f"{name}: {count} tokens are more than the {MOST_TOKENS} that can be followed in one view")


# --- what is read -----------------------------------------------------------------------------------------------------


def _read_pair(both: Any, tokenizers: Sequence[Any]) -> tuple[tuple[list[int], ...], tuple[list[str] | None, ...] | None]:
    """Ids of the source and of the target, and a text for each id, or None where there is no tokenizer for all."""
    if isinstance(both, str) or not hasattr(both, "__len__") or len(both) != 2 or hasattr(both, "keys"):
        raise TypeError("text_or_ids: an encoder–decoder reads two texts; pass a pair (source, target), each a text or token ids")
    if len(tokenizers) != 2:
        raise TypeError(f"tokenizer must be one tokenizer or a pair, for source and target; got {len(tokenizers)}")
    found = []
    for side, part, tokenizer in zip(("source", "target"), both, tokenizers):
        try:
            ids, names, _ = _read(part, tokenizer)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{side}: {error}") from None
        _check_length(f"text_or_ids, {side}", len(ids))
        found.append((ids, [str(i) for i in ids] if names is None else names))
    return tuple(ids for ids, _ in found), tuple(names for _, names in found)


def _read(text_or_ids: Any, tokenizer: Any) -> tuple[list[int], list[str] | None, list[int] | None]:
    """Ids, a text for each, and segments (or None) of a text, a pair of texts, or ids."""
    pair = isinstance(text_or_ids, tuple) and len(text_or_ids) == 2 and all(isinstance(t, str) for t in text_or_ids)
    segments = None
    if isinstance(text_or_ids, str) or pair:
        texts = text_or_ids if pair else (text_or_ids,)
        if not all(text.strip() for text in texts):
            raise ValueError("text_or_ids: there is no text to read")
        if tokenizer is None:
            raise TypeError("tokenizer is needed to read a text, and the model carries none: pass tokenizer=… or token ids")
        if hasattr(tokenizer, "model_inputs") or callable(tokenizer):
            own = hasattr(tokenizer, "model_inputs")
            encoded = tokenizer.model_inputs(*texts) if own else tokenizer(*texts, return_token_type_ids=pair)
            ids = list(encoded["input_ids"])
            segments = list(encoded["token_type_ids"]) if pair else None
        elif pair:
            raise TypeError("text_or_ids: two texts need a tokenizer that can join them, as a BERT's does")
        else:
            ids = list(tokenizer.encode(text_or_ids))
        if not ids:
            raise ValueError("text_or_ids: the tokenizer found no token in it")
    else:
        ids = text_or_ids.tolist() if hasattr(text_or_ids, "tolist") else text_or_ids
        if not hasattr(ids, "__getitem__") or hasattr(ids, "keys"):
            raise TypeError(f"text_or_ids must be a text, two texts or token ids, got {type(text_or_ids).__name__}")
        ids = list(ids[0] if len(ids) == 1 and hasattr(ids[0], "__len__") else ids)
    # ids are checked by `trace`; a wrong one must not reach the tokenizer
    proper = all(isinstance(i, (int, np.integer)) and not isinstance(i, bool) and i >= 0 for i in ids)
    names = [_word(tokenizer, i) for i in ids] if tokenizer is not None and proper else None
    return ids, names, segments


def _word(tokenizer: Any, number: int) -> str:
    """The text of one id; one that the tokenizer does not know is written as a number."""
    if tokenizer is None:
        return f"id {number}"
    try:
        return str(tokenizer.decode([int(number)]))
    except (IndexError, KeyError, ValueError, OverflowError):
        return f"id {number}"


# --- what is sent -----------------------------------------------------------------------------------------------------


class _Sent:
    """The numbers of a page: arrays in one row of 16-bit floats, and stages that say which array is theirs."""

    def __init__(self, trace: Trace, focus: int):
        self.trace, self.arrays, self._flat, self._at = trace, [], [], 0
        d_k = trace[f"{trace.blocks[0]}.q"].shape[1]
        layers = [s for s in trace.stages if s.layer is not None]
        carried = sum(s.values.size for s in layers if s.how not in IN_PAGE)
        weights = sum(s.weight.size for s in layers if s.how == "project")
        strides = [n for n in range(1, d_k + 1) if d_k % n == 0]  # so that every head begins with a column that is sent
        self.stride = next((n for n in strides if carried + weights // n <= LIGHT), None)
        self.weights_of: int | None = None
        if self.stride is None or self.stride > 16:  # all layers' weights, too thinly spread to be of use
            self.weights_of = focus
            one = sum(s.weight.size for s in layers if s.how == "project" and s.layer == focus)
            self.stride = next((n for n in strides if one // n <= FOCUS), strides[-1])
        self.stages = [self._stage(stage) for stage in trace.stages if stage.key != "probabilities"]
        self.kinds = {part for stage in trace.stages for part in (stage.key, stage.key.split(".")[-1])}
        if self._at > HEAVY:
            count = len(trace.tokens)
            raise ValueError(f"a view of {count} tokens through this model would carry {self._at:,} numbers; use fewer tokens")

    def add(self, values: np.ndarray) -> int:
        """Keep an array; returns its number. A power of two keeps large and small numbers inside the 16 bits."""
        values = np.asarray(values, dtype=np.float64)
        largest = max(float(np.abs(values).max(initial=0.0)), 1e-30)
        factor = 2.0 ** (np.floor(np.log2(largest)) - 14)
        self.arrays.append([self._at, list(values.shape), factor])
        self._flat.append((values / factor).astype(np.float16).ravel())
        self._at += values.size
        return len(self.arrays) - 1

    def pack(self) -> dict:
        """All arrays as one piece; high and low bytes apart, because the high ones repeat and so compress."""
        both = np.concatenate(self._flat).view(np.uint8).reshape(-1, 2)
        return pack(np.concatenate([both[:, 1], both[:, 0]]), "bytes")

    def _stage(self, stage: Stage) -> dict:
        sent: dict = {
            "key": stage.key, "name": stage.name, "concept": stage.concept, "how": stage.how, "of": list(stage.of),
            "layer": stage.layer, "shape": list(stage.shape), **({"heads": True} if stage.values.ndim == 3 else {}),
        }  # fmt: skip
        if stage.side:
            sent["side"] = stage.side
            if stage.key.endswith((".cross_scores", ".cross_weights")):
                sent["keysOf"] = "source"
        width = stage.shape[1]
        with_weights = stage.layer is None or self.weights_of in (None, stage.layer)
        # the inside of a feed-forward network is needed whole only where its weights are there to be opened
        inside = stage.key.split(".")[-1] in ("hidden", "active") and not with_weights and width > STRIPS
        if stage.key == "logits":
            sent["binned"] = self.add(binned(stage.values))
            sent["columns"] = []
        elif inside:
            columns = list(range(0, width, width // 16))
            sent |= {"binned": self.add(binned(stage.values)), "columns": columns}
            sent["array"] = self.add(stage.values[:, columns])
        elif stage.how not in IN_PAGE:
            sent["array"] = self.add(stage.values)
        if stage.how == "norm":
            sent |= {"gain": self.add(stage.gain), "bias": self.add(stage.bias), "eps": stage.eps}
        elif stage.how == "lookup":
            sent |= {"rows": [int(i) for i in stage.rows], "table": list(stage.weight.shape)}
        elif stage.how in ("scores", "scale"):
            sent["scale"] = stage.scale
        elif stage.how == "project":
            sent["biased"] = stage.bias is not None
        if stage.how == "project" and stage.key != "logits":
            sent["inner"] = stage.weight.shape[0]
            if with_weights:
                stride = self.stride if stage.layer is not None else max(1, width // 32)
                sent |= {"stride": stride, "weight": self.add(stage.weight[:, ::stride].T)}
                if stage.bias is not None:
                    sent["bias"] = self.add(stage.bias[::stride])
        return sent


def _chances(trace: Trace, sent: _Sent, vocabulary: Any) -> dict | None:
    """The logits that the page keeps, and the words that can come first at some temperature: the order never changes."""
    if "logits" not in trace:
        return None
    stage, count = trace["logits"], len(trace.tokens)
    masks = [i for i, token in enumerate(trace.tokens) if token == "[MASK]"] if not trace.causal else []
    # what is most asked first: the masks of a BERT, then its words in order; in a model that writes, the end of the text
    order = range(count)[::-1] if trace.causal else [*range(1, count), 0]
    positions = masks + [i for i in order if i not in masks]
    at = positions[0]
    positions = sorted(positions[: max(1, MOST_LOGITS // stage.shape[1])])
    logits = stage.values[positions].astype(np.float64)
    middle = (logits.max(axis=1) + logits.min(axis=1)) / 2
    ranked = np.argsort(-logits, axis=1, kind="stable")
    exact = ranked[:, :EXACT_LOGITS]
    opened = sorted({int(i) for i in ranked[:, :OPENED].flat})
    named = sorted({int(i) for i in ranked[:, :NAMED].flat})
    row = trace["probabilities"].values[at]
    said = [(_word(vocabulary, i), float(row[i])) for i in np.argsort(-row, kind="stable")[:5]]
    return {
        "at": at, "positions": positions, "size": stage.shape[1], "said": said,
        "middle": pack(middle, "float32"), "rows": pack(logits - middle[:, None], "int16"),
        "exactIds": pack(exact, "float32"), "exact": pack(np.take_along_axis(logits, exact, axis=1), "float32"),
        "names": {str(i): [short(word := _word(vocabulary, i)), word] for i in named},
        "opened": opened, "weight": sent.add(stage.weight[:, opened].T),
        "bias": None if stage.bias is None else sent.add(stage.bias[opened]),
    }  # fmt: skip


# --- how tall the frame must be ---------------------------------------------------------------------------------------


def _heights(trace: Trace) -> dict[int, str]:
    """Heights at which every stage shows whole; mirrors assets/flow.css, generously where text may wrap."""
    sides = [trace.tokens, *([] if trace.source is None else [trace.source])]
    rows, layers, pair = max(map(len, sides)), len(trace.blocks), len(sides) > 1
    boxes = max(sum(42 + 9 * len(short(token)) for token in side) for side in sides)  # of the tokens, side by side
    # of the buttons above, one for each layer and for what stands before and behind them
    buttons = 46 * (layers + 2) if not pair else 50 * layers + 230
    lines = 11 if pair else 6 if trace.causal else 7  # of cards
    heights = {}
    for least in (0, 300, 340, 420, 540, 700, 820):
        inside = max(least, 270) - 12
        wide = least >= 700
        tour = 134 if wide else 240 if least < 300 else 216 if least < 540 else 160
        nav = 10 + 42 * -(-buttons // inside)
        panel = inside - 470 if wide else inside
        heads = 46 * -(-(58 * trace.n_heads + 40) // (440 if wide else inside))
        numbers = rows * _row_px(rows)
        # lines of notes and formulas that wrap where the panel is narrow
        spare = 0 if panel > 360 else 60 if panel > 300 else 130
        opened = max(600 + numbers, 780) + spare
        row = max(34, min(140, 960 // layers) if pair else min(88, 520 // layers)) * (1.0 if wide else 0.6)
        whole = 110 + layers * (max(34.0, row) + 6)
        tokens = 150 + 64 * -(-boxes // panel)
        if wide:
            cards = heads + 114 * lines + (24 if pair else 0)
            tall = max(cards, opened, max(tokens, 240 if trace.causal else 350) + whole)
        else:
            tall = max(heads + 232 + opened, 232 + tokens + whole)
        heights[least] = f"{round(tour + nav + tall + 16)}px"
    return heights


def _row_px(rows: int) -> int:
    return max(18, min(32, 300 // rows))

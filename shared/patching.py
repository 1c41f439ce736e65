"""Taps in a GPT-2: read the numbers that flow through it, change them on their way, and see what comes out.

A tap is a hook at one of five places of a block. It gets the tensor that passes, and whatever it returns flows on instead:

    place          what passes                                             shape
    resid_pre      the residual stream that enters the block               (batch, T, d_model)
    z              what each head has mixed, before W_o                    (batch, T, heads, d_head)
    attn_out       what attention adds to the stream                       (batch, T, d_model)
    mlp_out        what the feed-forward network adds to the stream        (batch, T, d_model)
    resid_post     the stream that leaves the block                        (batch, T, d_model)

The names are TransformerLens's, without its "hook_". The models are Hugging Face GPT-2s (`GPT2LMHeadModel`) in evaluation
mode; layers, heads and positions count from 0. Losses are in nats a token, sizes in numbers, not bytes.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from transformers import GPT2LMHeadModel

PLACES = ("resid_pre", "z", "attn_out", "mlp_out", "resid_post")
Place = tuple[str, int]  # (name of the place, layer)
Change = Callable[[Tensor], Tensor | None]


@contextlib.contextmanager
def tapped(model: "GPT2LMHeadModel", taps: Mapping[Place, Change]) -> Iterator["GPT2LMHeadModel"]:
    """While this is open, every tensor that passes a tapped place goes through its function first.

    taps: {(place, layer): change}; change(x) returns a tensor of x's shape, which flows on, or None to only look.
    The taps are taken out at the end, also after an error.
    Errors: ValueError for a place or layer that the model does not have, or a change that returns another shape;
    TypeError for a model of another build. Built in week 3 day 4.
    """
    blocks = _blocks(model)
    d_head = model.config.n_embd // model.config.n_head
    for name, layer in taps:
        if name not in PLACES:
            raise ValueError(f"taps: a place must be one of {', '.join(PLACES)}, got {name!r}")
        if not isinstance(layer, int) or not 0 <= layer < len(blocks):
            raise ValueError(f"taps: layer must be 0 to {len(blocks) - 1}, got {layer!r}")
    hooks = []
    try:
        for (name, layer), change in taps.items():
            hooks.append(_attach(blocks[layer], name, layer, change, d_head))
        yield model
    finally:
        for hook in hooks:
            hook.remove()


@torch.no_grad()
def caught(model: "GPT2LMHeadModel", ids: Tensor) -> dict[Place, Tensor]:
    """Everything that passes the five places of every block while the model reads `ids`, and ("pattern", layer) besides.

    ids: (batch, T). Returns {(place, layer): tensor}, shapes as at the top of this module; a pattern, the attention weights,
    is (batch, heads, T, T), rows = queries. Errors: those of `tapped`; ValueError for ids that the model cannot read.
    Built in week 3 day 4.
    """
    _check_ids(model, ids)
    cache: dict[Place, Tensor] = {}

    def keep(place: Place) -> Change:
        def look(x: Tensor) -> None:
            cache[place] = x.clone()

        return look

    layers = range(len(_blocks(model)))
    with tapped(model, {(name, layer): keep((name, layer)) for name in PLACES for layer in layers}):
        answer = model(ids, output_attentions=True)
    return cache | {("pattern", layer): weights for layer, weights in enumerate(answer.attentions)}


def silence(heads: Iterable[tuple[int, int]], instead: Mapping[int, Tensor] | None = None) -> dict[Place, Change]:
    """Taps for `tapped` that ablate heads: each head's output becomes zero, or the mean that `instead` holds for its layer.

    heads: pairs (layer, head). instead: {layer: (heads, d_head)}, as `mean_outputs` makes it; None = zeros.
    Errors: ValueError for no head, or a layer that `instead` lacks. Source: ablation as in Olsson et al. 2022,
    https://arxiv.org/abs/2209.11895; mean against zero: Wang et al. 2022, https://arxiv.org/abs/2211.00593. Built in week 3 day 4.
    """
    by_layer: dict[int, list[int]] = {}
    for layer, head in heads:
        by_layer.setdefault(layer, []).append(head)
    if not by_layer:
        raise ValueError("heads must name at least one (layer, head)")
    if instead is not None and (missing := set(by_layer) - set(instead)):
        raise ValueError(f"instead holds no means for layer {min(missing)}")

    def silencer(layer: int, which: list[int]) -> Change:
        def change(z: Tensor) -> Tensor:
            if max(which) >= z.shape[2] or min(which) < 0:
                raise ValueError(f"heads: layer {layer} has heads 0 to {z.shape[2] - 1}, got {which}")
            z = z.clone()
            z[:, :, which] = 0.0 if instead is None else instead[layer][which].to(z)
            return z

        return change

    return {("z", layer): silencer(layer, which) for layer, which in by_layer.items()}


@torch.no_grad()
def mean_outputs(model: "GPT2LMHeadModel", texts: Iterable[Tensor]) -> dict[int, Tensor]:
    """Each head's mean output over all positions of some texts: {layer: (heads, d_head)}, for `silence`.

    texts: id tensors (T,) or (batch, T), of any lengths. Errors: ValueError for no text; those of `caught`. Built in week 3 day 4.
    """
    sums: dict[int, Tensor] = {}
    count = 0
    for ids in texts:
        ids = ids if ids.ndim == 2 else ids[None]
        cache = caught(model, ids)
        for layer in range(len(_blocks(model))):
            sums[layer] = sums.get(layer, 0) + cache["z", layer].sum((0, 1))
        count += ids.numel()
    if not count:
        raise ValueError("texts must hold at least one text")
    return {layer: total / count for layer, total in sums.items()}


def put_in(rows: Tensor, position: int | slice) -> Change:
    """A change that writes other rows over the stream at one position (or a slice): activation patching.

    rows: (batch, T, d_model) or what broadcasts to it, of a run on a text of the same length, as `caught` keeps it.
    Source: Vig et al. 2020, https://arxiv.org/abs/2004.12265, and Meng et al. 2022, https://arxiv.org/abs/2202.05262 (causal tracing).
    Errors: ValueError where the texts differ in length, for other rows that do not fit, or a position that is not there.
    Built in week 3 day 4.
    """
    if rows.ndim != 3:
        raise ValueError(f"rows must have shape (batch, T, d_model), got {tuple(rows.shape)}")

    def change(x: Tensor) -> Tensor:
        if rows.shape[1] != x.shape[1]:
            raise ValueError(f"rows come from a text of {rows.shape[1]} tokens, this one has {x.shape[1]}: patching needs texts of one length")
        if rows.shape[0] not in (1, x.shape[0]) or rows.shape[2] not in (1, x.shape[2]):
            raise ValueError(f"rows of shape {tuple(rows.shape)} do not fit a stream of shape {tuple(x.shape)}")
        if isinstance(position, int) and not -x.shape[1] <= position < x.shape[1]:
            raise ValueError(f"position must be one of the {x.shape[1]} tokens, got {position}")
        x = x.clone()
        x[:, position] = rows[:, position]
        return x

    return change


@torch.no_grad()
def patching_grid(model: "GPT2LMHeadModel", clean: Tensor, corrupt: Tensor, measure: Callable[[Tensor], Tensor | float]) -> Tensor:
    """Restore the clean stream at one layer and one position of the corrupt run, each in turn: (layers + 1, T) measures.

    clean, corrupt: (batch, T) ids, pairs of one length. measure: one number from the logits (batch, T, vocabulary) of the patched run.
    Row l < layers patches what enters block l, the last row what leaves the last block.
    Errors: ValueError for texts of different length; those of `caught`. Source: as `put_in`. Built in week 3 day 4.
    """
    if clean.shape != corrupt.shape or clean.ndim != 2:
        raise ValueError(f"clean and corrupt must have one shape (batch, T), got {tuple(clean.shape)} and {tuple(corrupt.shape)}")
    _check_ids(model, corrupt)
    cache = caught(model, clean)
    layers = len(_blocks(model))
    places = [("resid_pre", layer) for layer in range(layers)] + [("resid_post", layers - 1)]
    grid = torch.zeros(len(places), clean.shape[1])
    for row, place in enumerate(places):
        for position in range(clean.shape[1]):
            with tapped(model, {place: put_in(cache[place], position)}):
                grid[row, position] = float(measure(model(corrupt).logits))
    return grid


@torch.no_grad()
def logit_lens(model: "GPT2LMHeadModel", ids: Tensor) -> Tensor:
    """What the model would say if it stopped after each block: (layers + 1, T, vocabulary) logits of one text.

    ids: (1, T). Row l reads the stream that enters block l through the final norm and the head; the last row is the model's
    real answer. Source: nostalgebraist 2020, "interpreting GPT: the logit lens". Errors: those of `caught`. Built in week 3 day 4.
    """
    cache = caught(model, ids)
    layers = len(_blocks(model))
    stream = [cache["resid_pre", layer][0] for layer in range(layers)] + [cache["resid_post", layers - 1][0]]
    return model.lm_head(model.transformer.ln_f(torch.stack(stream)))


@torch.no_grad()
def next_token_loss(model: "GPT2LMHeadModel", ids: Tensor, start: int = 0) -> Tensor:
    """The loss in nats of each guess: (batch, T - 1 - start), for the tokens start + 1 … T - 1.

    ids: (batch, T). Errors: ValueError where no guess is left, or for ids that the model cannot read. Built in week 3 day 4.
    """
    _check_ids(model, ids)
    if not 0 <= start < ids.shape[1] - 1:
        raise ValueError(f"start must leave a token to guess among {ids.shape[1]}, got {start}")
    logits = model(ids).logits[:, start:-1]
    return functional.cross_entropy(logits.transpose(1, 2), ids[:, start + 1 :], reduction="none")


# --- where the places are in a Hugging Face GPT-2 ---------------------------------------------------------------------


def _check_ids(model: "GPT2LMHeadModel", ids: Tensor) -> None:
    """Raise one clear error unless ids are (batch, T) token ids that the model can read at once."""
    _blocks(model)  # that it is such a model at all
    if ids.ndim != 2 or 0 in ids.shape or ids.is_floating_point():
        raise ValueError(f"ids must be whole numbers of shape (batch, T), both at least 1, got {ids.dtype} of shape {tuple(ids.shape)}")
    if ids.shape[1] > model.config.n_positions:
        raise ValueError(f"ids hold {ids.shape[1]} tokens, the model reads at most {model.config.n_positions}")
    if ids.min() < 0 or ids.max() >= model.config.vocab_size:
        raise ValueError(f"ids must lie between 0 and {model.config.vocab_size - 1}, got {ids.min()} to {ids.max()}")


def _blocks(model: "GPT2LMHeadModel") -> torch.nn.ModuleList:
    try:
        return model.transformer.h
    except AttributeError as error:
        raise TypeError(f"model must be a GPT2LMHeadModel of Hugging Face, got {type(model).__name__}") from error


def _attach(block: torch.nn.Module, name: str, layer: int, change: Change, d_head: int):
    def through(x: Tensor) -> Tensor:
        seen = x.unflatten(-1, (-1, d_head)) if name == "z" else x
        new = change(seen)
        if new is None:
            return x
        if new.shape != seen.shape:
            raise ValueError(f"taps: ({name!r}, {layer}) must return shape {tuple(seen.shape)}, got {tuple(new.shape)}")
        return new.flatten(-2) if name == "z" else new

    def on_input(module: torch.nn.Module, inputs: tuple) -> tuple:
        return (through(inputs[0]), *inputs[1:])

    def on_output(module: torch.nn.Module, inputs: tuple, output: Tensor | tuple) -> Tensor | tuple:
        return (through(output[0]), *output[1:]) if isinstance(output, tuple) else through(output)

    if name in ("resid_pre", "z"):
        return (block if name == "resid_pre" else block.attn.c_proj).register_forward_pre_hook(on_input)
    module = {"attn_out": block.attn, "mlp_out": block.mlp, "resid_post": block}[name]
    return module.register_forward_hook(on_output)

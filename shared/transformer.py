"""The Transformer of 2017, whole: an encoder that reads, a decoder that writes, and cross-attention between them.

Shapes are written with the same letters everywhere:

    B            pairs of a source and a target read at once (batch)
    S, T         tokens of the source (which is read) and of the target (which is written)
    d_model, h   width of a token's vector and number of heads, 512 and 8 in the paper's base model
    d_ff         width in the middle of the feed-forward network, 2048 in the base model

Source: Vaswani et al. 2017, "Attention Is All You Need", https://arxiv.org/abs/1706.03762. The paper's norm stands behind each
part, LayerNorm(x + Sublayer(x)) (post-LN); `norm_first` puts it in front, x + Sublayer(LayerNorm(x)), with one more norm at the
end of each stack (pre-LN), as the code of https://nlp.seas.harvard.edu/annotated-transformer does.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from shared.attention import MultiHeadAttention, causal_mask, padding_mask, positional_encoding
from shared.counts import check_count

# --- sizes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TransformerConfig:
    """What fixes an encoder–decoder; as it stands here, the paper's base model with its vocabulary of about 37,000 tokens.

    source_vocab_size, target_vocab_size: tokens that can be read, and that can be written.
    n_layers: layers of the encoder, and as many of the decoder; n_heads: of each attention, must divide d_model;
    d_model: width of a token's vector, even; d_ff: width in the middle of the feed-forward network.
    dropout: the share of numbers set to 0 in training, after each part and after the positions are added.
    norm_first: False = the paper's post-LN, True = pre-LN. tied: one matrix for both embeddings and, transposed, for the
    scores of the next token, as in the paper; it needs equal vocabularies.
    pad_id: the token that fills up short rows of a batch, which nobody may attend to; None = there is none.
    Errors: TypeError or ValueError that names the field. Used from week 1 day 6 on.
    """

    source_vocab_size: int = 37000
    target_vocab_size: int = 37000
    n_layers: int = 6
    n_heads: int = 8
    d_model: int = 512
    d_ff: int = 2048
    dropout: float = 0.1
    norm_first: bool = False
    tied: bool = True
    pad_id: int | None = None

    def __post_init__(self):
        for name in ("source_vocab_size", "target_vocab_size", "n_layers", "n_heads", "d_model", "d_ff"):
            check_count(name, getattr(self, name))
        if self.d_model % self.n_heads:
            raise ValueError(f"d_model={self.d_model} does not divide into n_heads={self.n_heads} equal heads")
        if self.d_model % 2:
            raise ValueError(f"d_model must be even, so that every sine has its cosine; got {self.d_model}")
        if isinstance(self.dropout, bool) or not isinstance(self.dropout, (int, float)):
            raise TypeError(f"dropout must be a number, got {self.dropout!r}")
        if not 0 <= self.dropout < 1:
            raise ValueError(f"dropout must be a share from 0 to below 1, got {self.dropout!r}")
        for name in ("norm_first", "tied"):
            if not isinstance(getattr(self, name), bool):
                raise TypeError(f"{name} must be True or False, got {getattr(self, name)!r}")
        if self.tied and self.source_vocab_size != self.target_vocab_size:
            raise ValueError(
                "tied=True shares one matrix, so both vocabularies must be one: got source_vocab_size="
                f"{self.source_vocab_size} and target_vocab_size={self.target_vocab_size}"
            )
        if self.pad_id is not None:
            _check_token("pad_id", self.pad_id, min(self.source_vocab_size, self.target_vocab_size))


# --- parts ------------------------------------------------------------------------------------------------------------


class FeedForward(nn.Module):
    """Every token on its own: wider, ReLU, and back: max(0, x W_1 + b_1) W_2 + b_2.

    d_model, d_ff: widths outside and in the middle. Errors: ValueError or TypeError for sizes that are no counts.
    Source: paper, equation 2. Built in week 1 days 4 and 6.
    """

    def __init__(self, d_model: int, d_ff: int):
        super().__init__()
        check_count("d_model", d_model)
        check_count("d_ff", d_ff)
        self.up = nn.Linear(d_model, d_ff)
        self.down = nn.Linear(d_ff, d_model)

    def forward(self, x: Tensor) -> Tensor:
        """x (…, T, d_model) → (…, T, d_model)."""
        return self.down(torch.relu(self.up(x)))


class AddAndNorm(nn.Module):
    """What stands around every part: x is added back to what the part found, and LayerNorm keeps the numbers in bounds.

    post-LN, the paper: norm(x + part(x)); pre-LN, norm_first: x + part(norm(x)). Dropout falls on what the part found.
    Source: paper, sections 3.1 and 5.4. Built in week 1 day 6.
    """

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.norm = nn.LayerNorm(config.d_model)
        self.dropout = nn.Dropout(config.dropout)
        self.norm_first = config.norm_first

    def forward(self, x: Tensor, part: Callable[[Tensor], Tensor]) -> Tensor:
        """x (B, T, d_model), and a part that maps this shape to itself → (B, T, d_model)."""
        if self.norm_first:
            return x + self.dropout(part(self.norm(x)))
        return self.norm(x + self.dropout(part(x)))


class EncoderLayer(nn.Module):
    """Look around in the source, then think: self-attention and feed-forward network, each with its Add & Norm.

    Source: paper, section 3.1. Built in week 1 day 6.
    """

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = FeedForward(config.d_model, config.d_ff)
        self.after_attention = AddAndNorm(config)
        self.after_feed_forward = AddAndNorm(config)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x (B, S, d_model) → x (B, S, d_model) and the weights (B, h, S, S); mask as in `MultiHeadAttention`."""
        maps = []
        x = self.after_attention(x, _kept(maps, lambda x: self.attention(x, mask)))
        return self.after_feed_forward(x, self.feed_forward), maps[0]


class DecoderLayer(nn.Module):
    """Look back in the target, look at the source, then think: causal self-attention, cross-attention, feed-forward.

    In cross-attention the queries come from the target, keys and values from the encoder's output, the memory.
    Source: paper, sections 3.1 and 3.2.3. Built in week 1 day 6.
    """

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.cross_attention = MultiHeadAttention(config.d_model, config.n_heads)
        self.feed_forward = FeedForward(config.d_model, config.d_ff)
        self.after_attention = AddAndNorm(config)
        self.after_cross_attention = AddAndNorm(config)
        self.after_feed_forward = AddAndNorm(config)

    def forward(
        self, x: Tensor, memory: Tensor, mask: Tensor | None = None, memory_mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """x (B, T, d_model) and memory (B, S, d_model) → x (B, T, d_model), the weights on the target (B, h, T, T) and
        on the source (B, h, T, S).

        mask: for the look at the target, broadcastable to (B, T, T); the caller brings the causal one.
        memory_mask: for the look at the source, broadcastable to (B, T, S).
        """
        maps = []
        x = self.after_attention(x, _kept(maps, lambda x: self.attention(x, mask)))
        x = self.after_cross_attention(x, _kept(maps, lambda x: self.cross_attention(x, memory_mask, context=memory)))
        return self.after_feed_forward(x, self.feed_forward), maps[0], maps[1]


# --- the model --------------------------------------------------------------------------------------------------------


class Attentions(NamedTuple):
    """The three kinds of maps of one model, for every layer and head; rows are queries and sum to 1.

    encoder: (n_layers, B, h, S, S), the source on itself; decoder: (n_layers, B, h, T, T), the target on itself, never
    ahead; cross: (n_layers, B, h, T, S), the target on the source.
    """

    encoder: Tensor
    decoder: Tensor
    cross: Tensor


class Transformer(nn.Module):
    """The encoder–decoder Transformer: reads a source whole, and writes a target one token after the other.

    config: its sizes. The weights are drawn from torch's generator: matrices by Xavier's uniform rule, embeddings with a
    spread of 1/√d_model, so that √d_model times a row has a spread of 1 beside the positions; biases start at 0.
    Built in week 1 day 6.
    """

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.config = config
        self.source_tokens = nn.Embedding(config.source_vocab_size, config.d_model)
        self.target_tokens = nn.Embedding(config.target_vocab_size, config.d_model)
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.n_layers))
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.n_layers))
        # post-LN ends each layer with a norm; pre-LN would leave the last sum without one
        self.encoder_norm = nn.LayerNorm(config.d_model) if config.norm_first else nn.Identity()
        self.decoder_norm = nn.LayerNorm(config.d_model) if config.norm_first else nn.Identity()
        self.head = nn.Linear(config.d_model, config.target_vocab_size, bias=False)
        self.dropout = nn.Dropout(config.dropout)
        self._draw_weights()
        if config.tied:
            self.target_tokens.weight = self.head.weight = self.source_tokens.weight

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        """source (B, S) and target (B, T), token ids → logits (B, T, target_vocab_size).

        Row t of the logits scores what comes after target[:, : t + 1]; in training the target is therefore handed in
        shifted right, with a start token in front and without its last token.
        Errors: TypeError, ValueError or IndexError that names source or target: another type or shape, no tokens, an id
        that is not in the vocabulary, batches of different size, a row of nothing but padding or one that begins with it.
        """
        return self._run(source, target)[0]

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """source (B, S) → the memory (B, S, d_model), and the weights of all layers (n_layers, B, h, S, S)."""
        _check_ids("source", source, self.config.source_vocab_size)
        mask = self._real(source)
        x, maps = self._embed(self.source_tokens, source), []
        for layer in self.encoder:
            x, weights = layer(x, mask)
            maps.append(weights)
        return self.encoder_norm(x), torch.stack(maps)

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """target (B, T) and the memory of source (B, S) → logits (B, T, target_vocab_size), and the weights on the target
        (n_layers, B, h, T, T) and on the source (n_layers, B, h, T, S). `source` only says where its padding is.
        """
        _check_ids("target", target, self.config.target_vocab_size)
        if target.shape[0] != source.shape[0]:
            raise ValueError(f"source and target must have as many rows: got {_shape(source)} and {_shape(target)}")
        mask, memory_mask = causal_mask(target.shape[1], target.device), self._real(source)
        real = self._real(target)
        if real is not None:
            if not real[:, 0, 0].all():
                row = int((~real[:, 0, 0]).nonzero()[0])
                raise ValueError(f"target: row {row} begins with padding; fill up at the end, and begin with a start token")
            mask = mask & real
        x, own, cross = self._embed(self.target_tokens, target), [], []
        for layer in self.decoder:
            x, on_target, on_source = layer(x, memory, mask, memory_mask)
            own.append(on_target)
            cross.append(on_source)
        return self.head(self.decoder_norm(x)), torch.stack(own), torch.stack(cross)

    @torch.no_grad()
    def attentions(self, source: Tensor, target: Tensor) -> Attentions:
        """Who attends to whom, in all three kinds of attention, while this target is written to this source.

        source (B, S), target (B, T) as in `forward`. Dropout is off meanwhile. Errors: those of `forward`.
        """
        with _Quiet(self):
            return self._run(source, target)[1]

    @torch.no_grad()
    def greedy(self, source: Tensor, start_id: int, stop_id: int | None, max_new_tokens: int) -> Tensor:
        """Write the target token by token, always the most likely one: source (B, S) → ids (B, new), without the start.

        Writing ends when every row has its stop token, or after max_new_tokens (≥ 1). A row that is done is filled up with
        pad_id or, where there is none, with stop_id; stop_id=None writes max_new_tokens. Dropout is off meanwhile.
        Errors: those of `forward`; TypeError, ValueError or IndexError that names the argument. Source: section 3.1
        ("auto-regressive"). Used from week 1 day 6 on.
        """
        config = self.config
        _check_token("start_id", start_id, config.target_vocab_size)
        check_count("max_new_tokens", max_new_tokens)
        if stop_id is not None:
            _check_token("stop_id", stop_id, config.target_vocab_size)
        if config.pad_id is not None and config.pad_id in (start_id, stop_id):
            raise ValueError(f"start_id and stop_id must not be the padding, pad_id={config.pad_id}")
        with _Quiet(self):
            # the source does not change while the target grows: it is read once
            memory, _ = self.encode(source)
            target = torch.full((len(source), 1), start_id, dtype=torch.long, device=source.device)
            done = torch.zeros(len(source), dtype=torch.bool, device=source.device)
            filler = stop_id if config.pad_id is None else config.pad_id
            for _ in range(max_new_tokens):
                token = self.decode(target, memory, source)[0][:, -1].argmax(-1)
                if stop_id is not None:
                    token = token.masked_fill(done, filler)
                    done |= token == stop_id
                target = torch.cat([target, token[:, None]], dim=1)
                if done.all():
                    break
        return target[:, 1:]

    def _run(self, source: Tensor, target: Tensor) -> tuple[Tensor, Attentions]:
        memory, encoder = self.encode(source)
        logits, decoder, cross = self.decode(target, memory, source)
        return logits, Attentions(encoder, decoder, cross)

    def _embed(self, table: nn.Embedding, ids: Tensor) -> Tensor:
        """Which token, times √d_model (section 3.4), plus where it stands: ids (B, T) → (B, T, d_model)."""
        d_model = self.config.d_model
        words = table(ids) * math.sqrt(d_model)
        return self.dropout(words + positional_encoding(ids.shape[1], d_model).to(words))

    def _real(self, ids: Tensor) -> Tensor | None:
        """The padding mask (B, 1, length), or None where the model knows no padding."""
        return None if self.config.pad_id is None else padding_mask(ids, self.config.pad_id)

    def _draw_weights(self) -> None:
        for name, parameter in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(parameter)
            elif name.endswith("tokens.weight") or name == "head.weight":
                nn.init.normal_(parameter, std=self.config.d_model**-0.5)
            elif parameter.ndim == 2:
                nn.init.xavier_uniform_(parameter)


class _Quiet:
    """Dropout off inside a `with`, and afterwards every module as it was."""

    def __init__(self, model: nn.Module):
        self.model = model

    def __enter__(self):
        self.was = [(module, module.training) for module in self.model.modules()]
        self.model.eval()

    def __exit__(self, *_):
        for module, training in self.was:
            module.training = training


def _kept(maps: list[Tensor], attend: Callable[[Tensor], tuple[Tensor, Tensor]]) -> Callable[[Tensor], Tensor]:
    """An attention as a part for `AddAndNorm`: its output goes on, its weights are put aside in `maps`."""

    def part(x: Tensor) -> Tensor:
        output, weights = attend(x)
        maps.append(weights)
        return output

    return part


# --- what the model demands of its input ------------------------------------------------------------------------------


def _shape(x: Tensor) -> str:
    return str(tuple(x.shape))


def _check_token(name: str, token: int, vocab_size: int) -> None:
    if isinstance(token, bool) or not isinstance(token, int):
        raise TypeError(f"{name} must be a whole number, got {token!r}")
    if not 0 <= token < vocab_size:
        raise IndexError(f"{name}={token} is not in the vocabulary of {vocab_size} tokens")


def _check_ids(name: str, ids: Tensor, vocab_size: int) -> None:
    if not isinstance(ids, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, got {type(ids).__name__}")
    if ids.dtype not in (torch.int32, torch.int64):
        raise TypeError(f"{name} must hold whole numbers (torch.long), got {ids.dtype}")
    if ids.ndim != 2 or 0 in ids.shape:
        raise ValueError(f"{name} must have shape (batch, length), both at least 1, got {_shape(ids)}")
    least, largest = int(ids.min()), int(ids.max())
    if least < 0 or largest >= vocab_size:
        wrong = least if least < 0 else largest
        raise IndexError(f"{name} holds the id {wrong}, which is not in the vocabulary of {vocab_size} tokens")

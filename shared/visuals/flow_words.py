"""What the flow view says: one or two plain sentences for every stage, and the words of the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.visuals.text import label

if TYPE_CHECKING:
    from shared.tracing import Trace


@dataclass(frozen=True)
class Summary:
    """title: the text itself; alt: what is learned from the picture; caption: what can be done with the view."""

    title: str
    alt: str
    caption: str


def stage_words(trace: Trace) -> dict[str, list[str]]:
    """Title and sentences for each kind of stage: the last part of its key, such as "q"."""
    block, pair = trace.blocks[0], trace.source is not None
    count, d_model = trace["target.input" if pair else "input"].shape
    d_k = trace[f"{block}.q"].shape[1]
    wide = trace[f"{block}.hidden"].shape[1]
    vocabulary = trace["target.embedding" if pair else "embedding"].weight.shape[0]
    # GPT-2 may be told not to divide, or to divide more in later layers
    divided = f" Divided by √{d_k}, it does not grow with the width." if trace[f"{block}.scores"].scale != 1 else ""
    first = trace[f"{block}.hidden"].of[0] == f"{block}.norm_2"  # the norm stands before each part
    function = trace[f"{block}.active"].name
    tokens = "1 token" if count == 1 else f"{count} tokens"
    scale = (
        "Each token's numbers are shifted to mean 0 and stretched to variance 1, then each column gets a learned gain "
        "and shift."
    )
    copy = " Only a copy is read; the stream itself stays as it was."
    if not first:
        copy = " Here the stream itself is normalized, after every sum."
    words = {
        "ids": (
            "Text becomes numbers",
            f"The text is cut into {tokens}, and each is one of {vocabulary:,} entries of a vocabulary. From "
            "here on the model sees only these numbers.",
        ),
        "embedding": (
            "A vector for every token",
            f"Each id picks one row of a learned table: {d_model} numbers that are the same wherever this token "
            "stands.",
        ),
        "position": (
            "Where it stands",
            "A second table has a row for each place. It is how the model tells “cat sat” from “sat cat”.",
        ),
        "segment": (
            "Which text it belongs to",
            "Tokens of the first text get one row, those of the second text another.",
        ),
        "input": (
            "The stream begins",
            "The vectors of a token are added, number by number. This sum is the residual stream: everything "
            "that follows reads from it and adds to it.",
        ),
        "input_norm": ("To one scale", scale),
        "norm_1": ("To one scale", scale + copy),
        "q": (
            "What each token looks for",
            f"The vector times a learned matrix gives {d_k} numbers for this head: the query, what this token "
            "asks.",
        ),
        "k": (
            "What each token can be found by",
            f"Another matrix gives the key: {d_k} numbers that the queries of this head are compared with.",
        ),
        "v": (
            "What each token hands over",
            f"A third matrix gives the value: the {d_k} numbers that others take home when they look here.",
        ),
        "scores": (
            "Every query meets every key",
            f"A row of Q times a row of K is one number: how well they match.{divided}",
        ),
        "masked": (
            "No look ahead",
            "Scores of later tokens become −∞. A token must not see what the model has to predict.",
        ),
        "weights": (
            "Scores become shares",
            "The softmax turns each row into shares that sum to 1: how much this token takes from each that it "
            "can see.",
        ),
        "heads": (
            "A mixture of values",
            "Each token takes home the values of the others, each weighted by its share.",
        ),
        "joined": (
            "All heads side by side",
            f"{trace.n_heads} heads found {d_k} numbers each. Laid side by side they are {trace.n_heads * d_k} "
            "again.",
        ),
        "attention": (
            "Mixed into one vector",
            "One more matrix, W_o, mixes what the heads found. This is what attention wants to add.",
        ),
        "after_attention": (
            "Added to the stream",
            "The stream keeps what it held and gains what attention found: plain addition.",
        ),
        "norm_2": ("To one scale again", scale + copy),
        "hidden": (
            f"{wide:,} questions to each token",
            f"Each token by itself is multiplied into {wide:,} numbers. No token sees another here.",
        ),
        "active": (
            f"{function}: who answers",
            "Negative numbers become (almost) 0, positive ones pass. A neuron that stays large has found its "
            "pattern.",
        ),
        "feed_forward": (
            "Back to the stream's width",
            f"What the {wide:,} neurons have to say, mixed into {d_model} numbers for each token.",
        ),
        "after_feed_forward": ("Added to the stream", "Again plain addition. This is what the layer hands on."),
        "final_norm": ("To one scale, one last time", scale),
        "head": ("One more mixing", "Before BERT answers, each vector is mixed once more."),
        "head_active": (f"{function} again", "Negative numbers become (almost) 0, positive ones pass."),
        "head_norm": ("To one scale, one last time", scale),
        "logits": (
            "A score for every word",
            f"Each last vector meets one vector for each of the {vocabulary:,} entries of the vocabulary: a row "
            "times a column, as everywhere.",
        ),
        "probabilities": (
            "From scores to a choice",
            "The softmax makes shares of the scores. First the temperature divides the scores, then top-k and "
            "top-p drop what is unlikely, and the rest is shared out anew.",
        ),
    }  # fmt: skip
    if not first:
        words["norm_2"] = ("To one scale again", scale + " This is what the layer hands on.")
        says = "Again plain addition, of the normalized stream and what the neurons said."
        words["after_feed_forward"] = ("Added to the stream", says)
    if function == "ReLU":
        words["active"] = (f"{function}: who answers", words["active"][1].replace("(almost) 0", "0"))
    if pair:
        words |= _pair_words(trace, words, first)
    return {key: list(value) for key, value in words.items()}


def _pair_words(trace: Trace, words: dict, first: bool) -> dict[str, tuple[str, str]]:
    """What an encoder–decoder says otherwise, and its stages that no other model has."""
    read, written = len(trace.source), len(trace.tokens)
    d_model = trace["target.input"].shape[1]
    tables = {side: trace[f"{side}.embedding"].weight.shape[0] for side in ("source", "target")}
    tokens = {side: "1 token" if count == 1 else f"{count} tokens" for side, count in (("source", read), ("target", written))}
    scale = words["norm_1"][1]
    d_k, n_heads = trace[f"{trace.blocks[0]}.q"].shape[1], trace.n_heads
    last = trace.n_layers - 1
    memory = " These rows are the memory, which every layer of the decoder reads."
    end = f"encoder.{last}." + ("final_norm" if first else "norm_2")
    return {
        "source.ids": (
            "The text that is read",
            f"The source is cut into {tokens['source']}, and each is one of {tables['source']:,} entries of a vocabulary. The encoder reads "
            "all of them at once.",
        ),
        "target.ids": (
            "The text that is written",
            f"The target so far, {tokens['target']} of {tables['target']:,}. It begins with a start token, because the first word too has to be "
            "predicted from something.",
        ),
        "scaled": (
            "Enlarged",
            f"Every number of the row is multiplied by √{d_model}, so that the token is not drowned by the position that is added next.",
        ),
        "position": (
            "Where it stands",
            "Sines and cosines of the place, fast ones in the first columns and slow ones in the last. They are computed, not learned.",
        ),
        "norm_3": ("To one scale, a third time", scale),
        "norm_2": ("To one scale again", scale),
        end: ("The memory", (words["final_norm"][1] if first else scale) + memory),
        "cross_q": (
            "What the target looks for",
            f"Now the decoder turns to the source. The queries come from its own stream: {d_k} numbers for each of the {tokens['target']}.",
        ),
        "cross_k": (
            "What the source can be found by",
            f"The keys come from the other side: the memory times a learned matrix, one row for each of the {tokens['source']} of the source.",
        ),
        "cross_v": (
            "What the source hands over",
            "The values come from the memory too. This is the only way from the source to the target.",
        ),
        "cross_scores": (
            "The target asks, the source answers",
            f"Each query of the target meets each key of the source: {written} × {read} numbers, divided by √{d_k} as always.",
        ),
        "cross_weights": (
            "Shares of the source",
            "Each row sums to 1: how much this token of the target takes from each token of the source. Nothing is masked, the "
            "source is known whole.",
        ),
        "cross_heads": ("A mixture of the source", "Each token of the target takes home values of the source, each weighted by its share."),
        "cross_joined": ("All heads side by side", f"{n_heads} heads found {d_k} numbers each. Laid side by side they are {n_heads * d_k} again."),
        "cross_attention": ("Mixed into one vector", "One more matrix, W_o, mixes what the heads found in the source."),
        "after_cross_attention": (
            "Added to the stream",
            "The stream of the target keeps what it held and gains what was found in the source: plain addition.",
        ),
    }  # fmt: skip


def summary(trace: Trace, at: int | None, best: Sequence[tuple[str, float]] | None) -> Summary:
    """The computed words of the whole view. at: the position whose prediction is shown; best: its first (word, share)."""
    if trace.source is not None:
        return _pair_summary(trace, at, best)
    count, d_model = trace["input"].shape
    text = _text(trace.tokens)
    layers = f"{trace.n_layers} layer" + ("s" if trace.n_layers > 1 else "")
    heads = f"{trace.n_heads} head" + ("s" if trace.n_heads > 1 else "")
    tokens = "1 token" if count == 1 else f"{count} tokens"
    alt = (
        f"{tokens}, each as {d_model} numbers, pass through {layers} of {heads}; "
        "attention and feed-forward each add to the stream."
    )
    if best:
        told = ", ".join(f"“{label(name)}” {percent(p)}" for name, p in best[:3])
        place = f"after “{label(trace.tokens[at])}”" if trace.causal else f"at “{label(trace.tokens[at])}”"
        alt += f" At the end the model finds most likely {place}: {told}."
    caption = (
        f"“{text}” through {trace.family} ({layers}, {heads}, {d_model} wide). Take the tour or choose any layer, head "
        "and stage; every number opens into the row and the column that made it."
    )
    return Summary(text, alt, caption)


def _text(tokens: Sequence[str]) -> str:
    text = "".join(_with_space(token, i) for i, token in enumerate(tokens)).strip()
    if len(tokens) > 1 and all(len(token) == 1 for token in tokens):
        text = "".join(tokens)  # a model that reads letters
    return text if len(text) <= 60 else text[:59] + "…"


def _pair_summary(trace: Trace, at: int, best: Sequence[tuple[str, float]]) -> Summary:
    d_model = trace["target.input"].shape[1]
    layers = f"{trace.n_layers} layer" + ("s" if trace.n_layers > 1 else "")
    heads = f"{trace.n_heads} head" + ("s" if trace.n_heads > 1 else "")
    told = ", ".join(f"“{label(name)}” {percent(p)}" for name, p in best[:3])
    alt = (
        f"{len(trace.source)} tokens of the source, each as {d_model} numbers, pass through {layers} of the encoder and become the memory; "
        f"{len(trace.tokens)} of the target pass through {layers} of the decoder, where each looks at the target so far and then at the "
        f"memory. At the end the model finds most likely after “{label(trace.tokens[at])}”: {told}."
    )
    caption = (
        f"“{_text(trace.source)}” and “{_text(trace.tokens)}” through {trace.family} ({layers} on each side, {heads}, {d_model} wide). Take the "
        "tour or choose any layer, head and stage; every number opens into the row and the column that made it."
    )
    return Summary(f"{_text(trace.source)} → {_text(trace.tokens)}", alt, caption)


def percent(share: float) -> str:
    """A share in whole percent."""
    return f"{100 * share:.0f} %" if share >= 0.005 else "under 1 %"


def _with_space(token: str, place: int) -> str:
    """Tokens joined into a text: where they carry their own blanks nothing is added, word pieces are put together."""
    if token.startswith((" ", "##", "\n")) or place == 0:
        return token.removeprefix("##")
    return token if not token[:1].isalnum() and not token.startswith("[") else " " + token

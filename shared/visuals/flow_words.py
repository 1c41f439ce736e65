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
    count, d_model = trace["input"].shape
    d_k = trace["layers.0.q"].shape[1]
    wide = trace["layers.0.hidden"].shape[1]
    vocabulary = trace["embedding"].weight.shape[0]
    # GPT-2 may be told not to divide, or to divide more in later layers
    divided = f" Divided by √{d_k}, it does not grow with the width." if trace["layers.0.scores"].scale != 1 else ""
    first = trace["layers.0.hidden"].of[0] == "layers.0.norm_2"  # the norm stands before each part
    function = trace["layers.0.active"].name
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
    return {key: list(value) for key, value in words.items()}


def summary(trace: Trace, at: int | None, best: Sequence[tuple[str, float]] | None) -> Summary:
    """The computed words of the whole view. at: the position whose prediction is shown; best: its first (word, share)."""
    count, d_model = trace["input"].shape
    text = "".join(_with_space(token, i) for i, token in enumerate(trace.tokens)).strip()
    text = text if len(text) <= 60 else text[:59] + "…"
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


def percent(share: float) -> str:
    """A share in whole percent."""
    return f"{100 * share:.0f} %" if share >= 0.005 else "under 1 %"


def _with_space(token: str, place: int) -> str:
    """Tokens joined into a text: where they carry their own blanks nothing is added, word pieces are put together."""
    if token.startswith((" ", "##", "\n")) or place == 0:
        return token.removeprefix("##")
    return token if not token[:1].isalnum() and not token.startswith("[") else " " + token

"""An architecture written as a short list of parts: what a diagram draws, a checker reads and a loop can run. No torch.

    ["token embedding", "learned position", block(["fork", "norm", "masked attention", "add", …], times=12), "norm", "output"]

A list is read in the order of the data, a diagram from its bottom upward. "fork" and "add" are the two ends of one residual
connection: at "fork" the stream is kept, at "add" it is added to what has been computed since. One stack is a list; the
encoder–decoder is {"encoder": list, "decoder": list}. A place in a diagram is written (tower, i) or, in a block, (tower, i, j).
Built in week 2 day 6.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.counts import check_count

# --- the parts --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A kind of part. says: how a diagram labels it; concept: its color in the palette; role: "table", "worker", "norm",
    "fork", "add" or "output"; does: one sentence."""

    name: str
    says: str
    concept: str
    role: str
    does: str


PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("token embedding", "Token embedding", "residual", "table", "Each token id looks up its row."),
        Part("segment embedding", "+ Segment", "residual", "table", "First or second text: one of two rows is added."),
        Part("position waves", "+ Position waves", "position", "table", "A fixed row of sines and cosines is added for each place."),
        Part("learned position", "+ Learned position", "position", "table", "A learned row is added for each place."),
        Part("fork", "", "residual", "fork", "The gray line leaves: x is kept as it is here."),
        Part("norm", "Norm", "normalization", "norm", "Each row gets mean 0 and spread 1, then a learned scale."),
        Part("attention", "Attention", "attention", "worker", "Every token takes home a mixture from all tokens."),
        Part("masked attention", "Masked attention", "attention", "worker", "Every token takes home a mixture from itself and earlier tokens."),
        Part("cross-attention", "Cross-attention", "attention", "worker", "The target asks, the source answers."),
        Part("feed-forward", "Feed-forward", "feed-forward", "worker", "Each row on its own: wider, nonlinear, back."),
        Part("add", "+", "residual", "add", "The gray line comes back: what was found is added to x."),
        Part("output", "Linear + softmax", "residual", "output", "Each row votes: a share for every token of the vocabulary."),
    )
}
Place = tuple


@dataclass(frozen=True)
class Block:
    """Parts that are repeated, each time with weights of their own. Made by `block`."""

    parts: tuple[str, ...]
    times: int


def block(parts: Sequence[str], times: int = 1) -> Block:
    """A layer that stands `times` times above itself: `block(["fork", "norm", "attention", "add"], times=12)`.

    Errors: TypeError for parts that are no list of names or a times that is no whole number; ValueError for no parts or times
    below 1. A name that is no part is an error only where the diagram is used. Used from week 2 day 6 on.
    """
    if isinstance(parts, str) or not isinstance(parts, Sequence) or not all(isinstance(name, str) for name in parts):
        raise TypeError(f"parts of a block must be a list of names of parts, got {parts!r}")
    if not parts:
        raise ValueError("a block needs at least one part, got none")
    check_count("times", times)
    return Block(tuple(parts), times)


def _post(*workers: str) -> list[str]:
    return [name for worker in workers for name in ("fork", worker, "add", "norm")]


def _pre(*workers: str) -> list[str]:
    return [name for worker in workers for name in ("fork", "norm", worker, "add")]


ARCHITECTURES: dict[str, list | dict[str, list]] = {
    # https://arxiv.org/abs/1706.03762, section 3
    "encoder-decoder": {
        "encoder": ["token embedding", "position waves", block(_post("attention", "feed-forward"), 6)],
        "decoder": ["token embedding", "position waves", block(_post("masked attention", "cross-attention", "feed-forward"), 6), "output"],
    },
    # GPT-2: Radford et al. 2019, section 2.3
    "decoder-only": ["token embedding", "learned position", block(_pre("masked attention", "feed-forward"), 12), "norm", "output"],
    # BERT: https://arxiv.org/abs/1810.04805, section 3
    "encoder-only": [
        "token embedding", "segment embedding", "learned position", "norm", block(_post("attention", "feed-forward"), 12), "output",
    ],
}  # fmt: skip


# --- reading a diagram ------------------------------------------------------------------------------------------------


def part(name: str) -> Part:
    """The part of this name. Errors: ValueError that says which name is near. Used in week 2 day 6."""
    if name not in PARTS:
        raise ValueError(unknown(name))
    return PARTS[name]


def unknown(name: object) -> str:
    """What to say about a name that is no part."""
    near = difflib.get_close_matches(str(name).casefold(), PARTS, 1, 0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"the parts are {', '.join(PARTS)}"
    return f"there is no part {name!r}; {hint}"


def towers(diagram: Sequence | Mapping) -> dict[str, list]:
    """A diagram as {tower: list of names and blocks}; the only tower of a list is "".

    Errors: TypeError for what is no diagram; ValueError for an empty one or a name that is no part.
    """
    if isinstance(diagram, Mapping):
        if list(diagram) != ["encoder", "decoder"]:
            raise ValueError(f'a diagram of two towers is written {{"encoder": [...], "decoder": [...]}}, got {list(diagram)}')
        found = dict(diagram)
    else:
        found = {"": diagram}
    for parts in found.values():
        if isinstance(parts, (str, Block)) or not isinstance(parts, Sequence):
            raise TypeError(f"a diagram is a list of parts, got {parts!r}")
        if not parts:
            raise ValueError("a diagram must have at least one part")
        for item in parts:
            if not isinstance(item, (str, Block)):
                raise TypeError(f"a diagram holds names of parts and blocks, got {item!r}")
    found = {tower: list(parts) for tower, parts in found.items()}
    for _, name in places(found):
        part(name)
    return found


def places(diagram: Sequence | Mapping) -> list[tuple[Place, str]]:
    """Every part with its place, a block's parts once: [(("", 0), "token embedding"), (("", 2, 0), "fork"), …]."""
    found = []
    for tower, parts in (diagram if isinstance(diagram, Mapping) else {"": diagram}).items():
        for i, item in enumerate(parts):
            found += [((tower, i, j), name) for j, name in enumerate(item.parts)] if isinstance(item, Block) else [((tower, i), item)]
    return found


def written_out(parts: Sequence) -> list[str]:
    """One tower with every block repeated: the names in the order in which data meets them. Errors: as `towers`."""
    return [name for item in towers(parts)[""] for name in (item.parts * item.times if isinstance(item, Block) else [item])]


# --- sizes: a shape for every arrow, a count for every part -----------------------------------------------------------


@dataclass(frozen=True)
class Size:
    """The numbers of a published model. context: rows of a learned position table; segments: rows of a segment table."""

    name: str
    d_model: int
    n_heads: int
    d_ff: int
    vocab_size: int
    context: int = 0
    segments: int = 0


SIZES: dict[str, Size] = {
    "encoder-decoder": Size("Transformer base, 2017", 512, 8, 2048, 37_000),
    "decoder-only": Size("GPT-2 small", 768, 12, 3072, 50_257, context=1024),
    "encoder-only": Size("BERT-base", 768, 12, 3072, 30_522, context=512, segments=2),
}


def shapes(diagram: Sequence | Mapping, size: Size, tokens: int | Mapping[str, int]) -> dict[Place, tuple[int, ...]]:
    """The shape on every arrow: place → what leaves the part there. (tower, -1) is what goes into the tower, its token ids.

    tokens: how many, or {"encoder": S, "decoder": T}. Residual parts keep (T, d_model): else nothing could be added.
    Errors: as `towers`; ValueError for tokens that leave out a tower. Used in week 2 day 6.
    """
    found: dict[Place, tuple[int, ...]] = {}
    for tower, parts in towers(diagram).items():
        if isinstance(tokens, Mapping) and tower not in tokens:
            raise ValueError(f"tokens must be one number, or one for each tower; {tower!r} is missing in {tokens!r}")
        length = tokens[tower] if isinstance(tokens, Mapping) else tokens
        found[tower, -1] = (length,)
        for place, name in places({tower: parts}):
            found[place] = (length, size.vocab_size if name == "output" else size.d_model)
    return found


def parameters(diagram: Sequence | Mapping, size: Size) -> dict[Place, int]:
    """How many learned numbers each part holds, a block's parts with all their repetitions. The sum is the model's.

    Every matrix has a bias, every norm two numbers a feature; "output" is tied: it uses the token table again and holds none.
    A token table that two towers share is counted once. Errors: as `towers`. Used in week 2 day 6.
    """
    d, found = size.d_model, {}
    each = {
        "token embedding": size.vocab_size * d, "learned position": size.context * d, "segment embedding": size.segments * d,
        "norm": 2 * d, "feed-forward": d * size.d_ff + size.d_ff + size.d_ff * d + d,
    } | dict.fromkeys(("attention", "masked attention", "cross-attention"), 4 * (d * d + d))  # fmt: skip
    read = towers(diagram)
    for place, name in places(read):
        item = read[place[0]][place[1]]
        shared = name == "token embedding" and place[0] == "decoder"
        found[place] = 0 if shared else each.get(name, 0) * (item.times if isinstance(item, Block) else 1)
    return found


# --- comparing two towers ---------------------------------------------------------------------------------------------

KINDS = {"attention": "self-attention", "masked attention": "self-attention"}


@dataclass(frozen=True)
class Branch:
    """One residual connection of a block. places: fork, worker, add; norm: its place or None; side: "inside" the branch or
    "after" the add, None without a norm."""

    worker: str
    places: tuple[int, int, int]
    norm: int | None
    side: str | None


def branches(parts: Sequence[str]) -> list[Branch]:
    """The residual connections of a block in which every fork has its worker and its add. Errors: ValueError for another block."""
    found = []
    for start in (i for i, name in enumerate(parts) if name == "fork"):
        end = next((i for i in range(start, len(parts)) if parts[i] == "add"), start)
        worker = next((i for i in range(start, end) if part(parts[i]).role == "worker"), None)
        if worker is None:
            raise ValueError(f"each 'fork' needs a worker and an 'add' after it, got {parts!r}")
        inside = next((i for i in range(start, worker) if parts[i] == "norm"), None)
        after = end + 1 if list(parts[end + 1 : end + 2]) == ["norm"] else None
        side = "inside" if inside is not None else "after" if after else None
        found.append(Branch(parts[worker], (start, worker, end), after if inside is None else inside, side))
    return found


def features(tower: Sequence) -> dict[str, set[Place]]:
    """What can be said of a sound tower, each with the places that show it; for `compare`."""
    found: dict[str, set[Place]] = {}
    seen_block = False
    for i, item in enumerate(tower):
        if isinstance(item, Block):
            seen_block = True
            for one in branches(item.parts):
                kind = KINDS.get(one.worker, one.worker)
                fork, worker, add = (("", i, j) for j in one.places)
                if kind == "cross-attention":  # the whole branch is one thing that another tower may lack
                    found["cross-attention, with a branch of its own"] = {fork, worker, add} | ({("", i, one.norm)} if one.norm else set())
                    continue
                found[f"{one.worker}"] = {worker}
                found.setdefault(f"norm {'inside the branch' if one.side == 'inside' else 'after the add'}", set()).add(("", i, one.norm))
                found[f"a branch around {kind}"] = {fork, add}
        elif item == "norm":
            found["one more norm, before the output" if seen_block else "one more norm, after the embeddings"] = {("", i)}
        else:
            found[item] = {("", i)}
    return found


def compare(one: Sequence, other: Sequence) -> tuple[dict[str, set[Place]], dict[str, set[Place]]]:
    """What only the first and what only the second of two sound towers has: each {in words: its places}.

    Errors: as `towers`. Used in week 2 day 6.
    """
    first, second = (features(towers(list(tower))[""]) for tower in (one, other))
    return (
        {words: found for words, found in first.items() if words not in second},
        {words: found for words, found in second.items() if words not in first},
    )

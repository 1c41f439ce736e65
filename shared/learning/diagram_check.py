"""Reads a learner's list of parts and says which part is wrong and why: one sentence for each fault, and the place of it.

Three readings, one after the other, because a fault of the first makes the next meaningless: are these parts at all; do the gray
lines leave and come back; is it the architecture that it is meant to be. No torch, no pictures.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.architecture import ARCHITECTURES, PARTS, Block, Branch, Place, branches, places, towers
from shared.learning.cards import Card, inline

NAMES = {"encoder-decoder": "the Transformer of 2017", "decoder-only": "GPT-2", "encoder-only": "BERT"}
MOST = 3  # faults shown at once


@dataclass(frozen=True)
class Fault:
    """What is wrong. at: the places to look at (see shared/architecture.py), perhaps none; says: which part, and why."""

    at: tuple[Place, ...]
    says: str


def check_diagram(diagram: Sequence | Mapping, kind: str) -> Card:
    """A card that says whether a diagram is one of "encoder-decoder", "decoder-only", "encoder-only", and if not, why not.

    Whatever the learner wrote gets a sentence. Errors: ValueError for another kind. Used in week 2 day 6.
    """
    found = faults(diagram, kind)
    if not found:
        text = f"✓ This is {NAMES[kind]}: every part is there, in its order, and every gray line comes back."
        return Card(text, f'<p class="learn-title">{inline(text)}</p>')
    rest = f" (and {len(found) - MOST} more)" if len(found) > MOST else ""
    lines = [f"✗ {fault.says}" for fault in found[:MOST]]
    title = f"Not yet {NAMES[kind]}:{rest}"
    body = "".join(f"<p>{inline(line)}</p>" for line in lines)
    return Card("\n".join([title, *lines]), f'<div class="learn-title"><strong>{inline(title)}</strong></div>{body}')


def faults(diagram: Sequence | Mapping, kind: str) -> list[Fault]:
    """Everything that one reading finds wrong, in the order of the list; [] for a right diagram.

    diagram: a list of parts, or two for the encoder–decoder; any number of layers is right. Places as in shared/architecture.py.
    Errors: ValueError for an unknown kind.
    """
    if kind not in ARCHITECTURES:
        raise ValueError(f"kind must be one of {', '.join(ARCHITECTURES)}; got {kind!r}")
    two = isinstance(ARCHITECTURES[kind], Mapping)
    if two != isinstance(diagram, Mapping):
        wanted = 'two lists, `{"encoder": [...], "decoder": [...]}`: one stack reads, the other writes' if two else "one list: it has a single stack"
        return [Fault((), f"{NAMES[kind].capitalize() if two else NAMES[kind]} is written as {wanted}.")]
    try:
        read = towers(diagram)
    except (TypeError, ValueError) as error:
        at = [place for place, name in _places(diagram) if not isinstance(name, str) or name not in PARTS]
        return [Fault(tuple(at[:1]), f"{str(error)[0].upper()}{str(error)[1:]}.")]
    wanted = towers(ARCHITECTURES[kind])
    for reading in (_order, _lines, _meaning):
        found = [fault for tower, parts in read.items() for fault in reading(tower, parts, wanted[tower], kind)]
        if found:
            return found
    return [fault for tower, parts in read.items() for fault in _anything_else(tower, parts, wanted[tower], kind)]


def _places(diagram) -> list[tuple[Place, str]]:
    try:
        return places(diagram)
    except (AttributeError, TypeError):
        return []


# --- first reading: what stands around the block ----------------------------------------------------------------------


def _order(tower: str, parts: list, wanted: list, kind: str) -> Iterator[Fault]:
    blocks = [i for i, item in enumerate(parts) if isinstance(item, Block)]
    where = f" of the {tower}" if tower else ""
    if not blocks:
        yield Fault((), f"Nothing is repeated{where}: put the parts of one layer into `block([...], times=…)`, or the model has no depth.")
        return
    if len(blocks) > 1:
        yield Fault(tuple((tower, i, 0) for i in blocks[1:]), f"There are {len(blocks)} blocks{where}; all layers have the same parts, so one block with `times` says it.")
        return
    inside, at = parts[blocks[0]].parts, blocks[0]
    for j, name in enumerate(inside):
        if PARTS[name].role in ("table", "output"):
            why = "it happens once, before the first layer" if PARTS[name].role == "table" else "only the last layer's rows vote"
            yield Fault(((tower, at, j),), f"`{name}` stands inside the block, so every layer would repeat it; {why}.")
    for i, name in enumerate(parts):
        if i != at and PARTS[name].role in ("fork", "add", "worker"):
            yield Fault(((tower, i),), f"`{name}` stands outside the block; it belongs to a layer, and every layer has its own.")
    yield from _tables(tower, parts, wanted, at, kind)
    has, needs = (i for i, name in enumerate(parts) if name == "output"), "output" in wanted
    outputs = list(has)
    if needs and not outputs:
        yield Fault((_spot(tower, parts, len(parts) - 1),), f"`output` is missing at the end{where}: rows of numbers come out, and nobody turns them into a vote on tokens.")
    elif outputs and not needs:
        yield Fault(((tower, outputs[0]),), "The encoder has no `output`: its rows are the memory, and go to the decoder as they are.")
    elif outputs and (len(outputs) > 1 or outputs[0] != len(parts) - 1):
        yield Fault(((tower, outputs[0]),), "`output` must come last, and once: after the vote there are no rows left to work on.")


def _spot(tower: str, parts: list, i: int) -> Place:
    """The place of item i, or of the last part of a block."""
    return (tower, i, len(parts[i].parts) - 1) if isinstance(parts[i], Block) else (tower, i)


def _tables(tower: str, parts: list, wanted: list, at: int, kind: str) -> Iterator[Fault]:
    """Embeddings and positions: there, once, before the block, of the right sort."""
    need = [name for name in wanted if not isinstance(name, Block) and PARTS[name].role == "table"]
    mine = [(i, name) for i, name in enumerate(parts) if not isinstance(name, Block) and PARTS[name].role == "table"]
    names = [name for _, name in mine]
    for i, name in mine:
        if i > at:
            yield Fault(((tower, i),), f"`{name}` comes after the block: the layers would work without it. It belongs before them.")
        if name not in need:
            other = next((n for n in need if PARTS[n].concept == PARTS[name].concept and n not in names and n != "token embedding"), None)
            if PARTS[name].concept == "position" and other:
                how = "fixed waves, with nothing to learn" if other == "position waves" else "a learned table, one row for each place"
                yield Fault(((tower, i),), f"`{name}` is another model's way: {NAMES[kind]} has `{other}`, {how}.")
            elif PARTS[name].concept == "position":
                yield Fault(((tower, i),), f"`{name}` is too much: the place of a token is told once, and here by `{_position(need)}`.")
            else:
                yield Fault(((tower, i),), f"`{name}` is too much: only BERT reads two texts at once and has to tell them apart.")
    for name in need:
        if names.count(name) > 1:
            yield Fault(tuple((tower, i) for i, n in mine if n == name)[1:], f"`{name}` stands there {names.count(name)} times; each table is added once.")
        if name in names or (PARTS[name].concept == "position" and any(PARTS[n].concept == "position" for n in names)):
            continue
        missing = {
            "token embedding": "`token embedding` is missing: token ids come in, and nothing turns them into rows of numbers.",
            "segment embedding": "`segment embedding` is missing: BERT reads two texts at once, and could not tell which token belongs to which.",
        }.get(name, f"`{name}` is missing: {_no_order(wanted)} (day 2).")
        yield Fault((_spot(tower, parts, max(at - 1, 0)),), missing)
    if names and "token embedding" in names and names[0] != "token embedding":
        yield Fault(((tower, mine[0][0]),), "`token embedding` must come first: until ids are turned into rows there is nothing to add to.")


def _no_order(wanted: list) -> str:
    if any("masked attention" in item.parts for item in wanted if isinstance(item, Block)):
        return "the same word at two places would begin as the same row, and only the mask would hint at an order"
    return "without it attention sees a bag of words, and nobody knows who stands where"


def _position(need: Sequence[str]) -> str:
    return next(name for name in need if PARTS[name].concept == "position")


# --- second reading: the gray lines -----------------------------------------------------------------------------------


def _lines(tower: str, parts: list, wanted: list, kind: str) -> Iterator[Fault]:
    at = next(i for i, item in enumerate(parts) if isinstance(item, Block))
    names = parts[at].parts
    fork: int | None = None
    workers: list[int] = []
    for j, name in enumerate(names):
        here, role = (tower, at, j), PARTS[name].role
        if role == "fork":
            if fork is not None:
                yield Fault(((tower, at, fork), here), f"A second gray line leaves before the first one is back: {_missing_add(names, fork, j)}")
            fork, workers = j, []
        elif role == "worker":
            if fork is None:
                closes = next((n for n in names[j:] if n in ("fork", "add")), None)
                if closes == "add":
                    yield Fault((here,), f"No gray line leaves before `{name}`, so its `add` has nothing to add: put `fork` where x is to be kept.")
                else:
                    yield Fault((here,), f"`{name}` has no gray line around it: its result *replaces* the row instead of being added to it, "
                                "and what the row knew is gone (day 5). Put `fork` before it and `add` after it.")  # fmt: skip
            elif workers:
                yield Fault((here,), f"`{names[workers[0]]}` and `{name}` share one gray line; each has a line of its own, so that each only *adds*.")
            workers.append(j)
        elif role == "add":
            if fork is None:
                if not any(PARTS[n].role == "worker" for n in names[_last(names, j) : j]):
                    yield Fault((here,), "`add` has nothing to add: no gray line is open here. Each `fork` has one `add`.")
            elif not workers:
                yield Fault((here,), "The gray line leaves and comes back with no part in between: x + x, everything is only doubled.")
            fork, workers = None, []
        elif role == "norm" and fork is not None and workers and next((n for n in names[j:] if n in ("fork", "add")), None) == "add":
            yield Fault((here,), f"A `norm` stands between `{names[workers[-1]]}` and its `add`: it would tame what is added, and not the row itself.")
    if fork is not None:
        yield Fault(((tower, at, fork),), f"One gray line is still open at the end: {_missing_add(names, fork, len(names))}")


def _last(names: Sequence[str], before: int) -> int:
    return max((i for i in range(before) if names[i] in ("fork", "add")), default=-1) + 1


def _missing_add(names: Sequence[str], fork: int, until: int) -> str:
    worker = next((n for n in names[fork:until] if PARTS[n].role == "worker"), None)
    if worker is None:
        return "no part stands on its way that could use it."
    return f"the one that leaves before `{worker}` never comes back. `add` is missing after it, so its result *replaces* the row (day 5)."


# --- third reading: is it this architecture? --------------------------------------------------------------------------


def _meaning(tower: str, parts: list, wanted: list, kind: str) -> Iterator[Fault]:
    at, want = (next(i for i, item in enumerate(x) if isinstance(item, Block)) for x in (parts, wanted))
    names = parts[at].parts
    mine, theirs = branches(names), branches(wanted[want].parts)
    yield from _workers(tower, at, mine, theirs, kind)
    yield from _norms(tower, at, names, mine, theirs[0].side, kind)
    around = {"before": [i for i in range(at) if parts[i] == "norm"], "behind": [i for i in range(at + 1, len(parts)) if parts[i] == "norm"]}
    for side, has in around.items():
        needs = "norm" in (wanted[:want] if side == "before" else wanted[want + 1 :])
        if needs and not has:
            why = ("the last `norm` before the `output` is missing: in pre-LN nothing on the stream is ever normed, so the sum of all layers "
                   "would reach the vote at whatever size it has grown to (day 5)" if side == "behind"
                   else "the `norm` after the embeddings is missing: BERT norms the sum of its three tables before the first layer")  # fmt: skip
            yield Fault(((tower, len(parts) - 1 if side == "behind" else at - 1),), f"{why[0].upper()}{why[1:]}.")
        elif has and not needs:
            why = ("after the block is too much: a post-LN block already ends in a norm" if side == "behind"
                   else f"before the block is too much: {NAMES[kind]} sends the sum of its tables into the first layer as it is")  # fmt: skip
            yield Fault(((tower, has[0]),), f"The `norm` {why}.")
        elif has and side == "before" and any(i > has[0] and PARTS[parts[i]].role == "table" for i in range(at)):
            yield Fault(((tower, has[0]),), "The `norm` comes too early: it norms the sum of all three tables, so it stands after the last of them.")
        elif len(has) > 1:
            yield Fault(((tower, has[1]),), "Two `norm`s stand behind each other; the second finds a row that is normed already, and hardly changes it.")


def _workers(tower: str, at: int, mine: list[Branch], theirs: list[Branch], kind: str) -> Iterator[Fault]:
    who = (f"the {tower} of " if tower else "") + NAMES[kind]
    got, need = [b.worker for b in mine], [b.worker for b in theirs]
    for one in mine:
        here = (tower, at, one.places[1])
        if one.worker in need:
            continue
        if one.worker == "cross-attention":
            yield Fault((here,), f"`cross-attention` has nobody to ask: {who} has no second stack that hands over a memory.")
        elif one.worker == "attention":
            yield Fault((here,), "The mask is missing: with plain `attention` each token sees the next one, which it is meant to guess. Training looks perfect, writing fails.")
        elif one.worker == "masked attention":
            yield Fault((here,), f"A mask is too much here: {who} reads a whole text, and each token may look at both sides.")
    kinds = [_kind(worker) for worker in got]
    for worker in need:
        if kinds.count(_kind(worker)) == 0:
            why = {"self-attention": "words would never meet, each row would stay alone",
                   "cross-attention": "the decoder would write without ever having looked at the source",
                   "feed-forward": "nothing would work on what attention has gathered, and two thirds of a layer's numbers are gone (day 4)"}[_kind(worker)]  # fmt: skip
            yield Fault(((tower, at, 0),), f"`{worker}` is missing: {why}.")
        elif kinds.count(_kind(worker)) > 1:
            again = [b for b in mine if _kind(b.worker) == _kind(worker)][1]
            yield Fault(((tower, at, again.places[1]),), f"`{again.worker}` stands twice in one layer; more of it comes from more layers, by `times`.")
    right = [_kind(worker) for worker in need]
    if sorted(kinds) == sorted(right) and kinds != right:
        first = next(i for i in range(len(kinds)) if kinds[i] != right[i])
        yield Fault(((tower, at, mine[first].places[1]),), f"The order is {', '.join(got)}; a layer first gathers, then thinks: {', '.join(need)}.")


def _kind(worker: str) -> str:
    return "self-attention" if worker in ("attention", "masked attention") else worker


def _norms(tower: str, at: int, names: Sequence[str], mine: list[Branch], side: str, kind: str) -> Iterator[Fault]:
    used = {one.norm for one in mine if one.norm is not None}
    loose = [j for j, name in enumerate(names) if name == "norm" and j not in used]
    wrong = [one for one in mine if one.side != side]
    for j in loose:
        if names[j - 1 : j] == ("norm",):
            yield Fault(((tower, at, j),), "Two `norm`s stand behind each other; the second finds a row that is normed already, and hardly changes it.")
            loose = [k for k in loose if k != j]
    if side == "inside" and wrong:
        first = wrong[0]
        before = first.places[0] - 1
        if before >= 0 and names[before] == "norm" and (names[0] == "norm" or first.side is None):
            yield Fault(((tower, at, before), (tower, at, first.places[0])),
                        f"The gray line leaves *after* the `norm`, so what is kept is the normed row: the road of x is no longer clear. In pre-LN `fork` comes before `norm` ({NAMES[kind]}).")  # fmt: skip
        elif first.side == "after":
            yield Fault(((tower, at, first.norm),), f"The `norm` stands behind the `add`: that is post-LN, as in 2017 and in BERT. {NAMES[kind]} norms inside the branch, right after `fork`.")
        else:
            yield Fault(((tower, at, first.places[1]),), f"The `norm` before `{first.worker}` is missing: it would be handed rows of any size, growing from layer to layer (day 5).")
    elif side == "after" and wrong:
        first = wrong[0]
        if first.side == "inside":
            yield Fault(((tower, at, first.norm),), f"The `norm` stands inside the branch: that is pre-LN, as in GPT-2. In {NAMES[kind]} it stands on the stream, right after `add`.")
        else:
            yield Fault(((tower, at, first.places[2]),), f"The `norm` after the `add` of `{first.worker}` is missing: the sum would go on at whatever size it has grown to (day 5).")
    elif loose:
        yield Fault(((tower, at, loose[0]),), f"This `norm` is too much: in {NAMES[kind]} each branch has one, and it has it already.")


def _anything_else(tower: str, parts: list, wanted: list, kind: str) -> Iterator[Fault]:
    """The last net: every part and its place must be the reference's, tables aside, whose sum does not know an order."""
    flat = [[(place, name) for place, name in places({tower: x}) if PARTS[name].role != "table"] for x in (parts, wanted)]
    for (place, name), (_, right) in zip(*flat):
        if name != right:
            yield Fault((place,), f"Here stands `{name}`; in {NAMES[kind]} it is `{right}`.")
            return
    if len(flat[0]) != len(flat[1]):
        yield Fault((), f"There are {len(flat[0])} parts besides the tables; {NAMES[kind]} has {len(flat[1])}.")

"""The exercises of week 2, day 6: what each asks, how its check knows the usual mistakes, two hints and a solution."""

from collections.abc import Callable

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: a post-LN layer ---------------------------------------------------------------------------------------

WORKERS = (["attention", "feed-forward"], ["masked attention", "cross-attention", "feed-forward"])


def _each(make: Callable[[str], list[str]], after: tuple[str, ...] = ()) -> Callable:
    return lambda workers: [name for worker in workers for name in make(worker)] + list(after)


POST_LN = Exercise(
    id="w2d6-e1",
    title="a post-LN layer",
    task="Fill in the two names that follow each worker.",
    name="post_ln_layer",
    cases=[(workers,) for workers in WORKERS],
    reference=_each(lambda worker: ["fork", worker, "add", "norm"]),
    mistakes=(
        Mistake("norm before add", _each(lambda worker: ["fork", worker, "norm", "add"]),
                "The norm stands between the worker and its add: only what is added is normed. In post-LN the *sum* is: first `add`, then `norm`."),
        Mistake("no norm", _each(lambda worker: ["fork", worker, "add", "fork"]),
                "A second `fork` follows the add, and each worker brings its own already. What keeps the sum in bounds?"),
        Mistake("add twice", _each(lambda worker: ["fork", worker, "add", "add"]),
                "Two adds for one fork: the second has nothing to add."),
        Mistake("norm twice", _each(lambda worker: ["fork", worker, "norm", "norm"]),
                "The gray line never comes back: each `fork` needs its `add`."),
        Mistake("pre-LN", _each(lambda worker: ["fork", "norm", worker, "add"]),
                "That is pre-LN: the norm stands inside the branch, before the worker. In post-LN it comes last."),
        Mistake("add, then output", _each(lambda worker: ["fork", worker, "add", "output"]),
                "`output` comes once, on top of the whole model. A layer ends in something else."),
    ),
    hints=(
        "The gray line that left at `fork` must come back. And then the paper of 2017 has one more thing on the stream, before the next fork.",
        "Read the formula from the inside to the outside: norm(x + worker(x)). The plus is inside, so it comes first.",
    ),
    setup="",
    starter="""
def post_ln_layer(workers):
    parts = []
    for worker in workers:
        parts += ["fork", worker, ..., ...]
    return parts
""",
    solution="""
def post_ln_layer(workers):
    parts = []
    for worker in workers:
        parts += ["fork", worker, "add", "norm"]
    return parts
""",
)

# --- exercise 2: counting a layer --------------------------------------------------------------------------------------


def _count(attention: Callable[[int], int], norm: Callable[[int], int], up_and_down: Callable[[int, int], int]) -> Callable:
    def count(parts: list[str], d_model: int, d_ff: int) -> int:
        total = 0
        for name in parts:
            if name.endswith("attention"):
                total += attention(d_model)
            elif name == "feed-forward":
                total += up_and_down(d_model, d_ff)
            elif name == "norm":
                total += norm(d_model)
        return total

    return count


def _four(d: int) -> int:
    return 4 * (d * d + d)


def _two(d: int) -> int:
    return 2 * d


def _wide(d: int, d_ff: int) -> int:
    return d * d_ff + d_ff + d_ff * d + d


_PRE = ["fork", "norm", "masked attention", "add", "fork", "norm", "feed-forward", "add"]
_DECODER = ["fork", "masked attention", "add", "norm", "fork", "cross-attention", "add", "norm", "fork", "feed-forward", "add", "norm"]

COUNT = Exercise(
    id="w2d6-e2",
    title="counting a layer",
    task="Repair the two sums, so that a layer of GPT-2 small counts 7,087,872 numbers.",
    name="count_layer",
    cases=[(_PRE, 768, 3072), (_DECODER, 512, 2048), (["fork", "attention", "add"], 6, 10), (["norm"], 5, 7)],
    reference=_count(_four, _two, _wide),
    mistakes=(
        Mistake("both bugs", _count(lambda d: 3 * (d * d + d), lambda d: d, _wide),
                "Both are still there. An attention has one matrix more than Q, K and V need; and what does a norm learn for each feature?"),
        Mistake("W_o is missing", _count(lambda d: 3 * (d * d + d), _two, _wide),
                "The norms are right now. The attention still counts three matrices: W_q, W_k, W_v. Which one joins the heads?"),
        Mistake("half a norm", _count(_four, lambda d: d, _wide),
                "The attention is right now. A norm learns *two* numbers for each feature: a factor and a shift."),
        Mistake("no biases in the attention", _count(lambda d: 4 * d * d, _two, _wide),
                "Four matrices, but their biases are lost: each has d_model of them."),
        Mistake("one bias for all", _count(lambda d: 4 * d * d + d, _two, _wide),
                "Four matrices and one bias. Each of the four has its own: put the brackets so that the 4 counts both."),
        Mistake("the norm learns nothing", _count(_four, lambda d: 0, _wide),
                "You count nothing for a norm. Mean and spread are computed, but the factor and the shift behind them are learned."),
        Mistake("a matrix in the norm", _count(_four, lambda d: 2 * d * d, _wide),
                "A norm has no matrix: it works feature by feature, with one factor and one shift for each."),
        Mistake("a head too many", _count(lambda d: 5 * (d * d + d), _two, _wide),
                "Five matrices are one too many: W_q, W_k, W_v and W_o. More heads do not mean more matrices (week 1, day 4)."),
    ),
    hints=(
        "Count the matrices of an attention on your fingers: three make the roles, and one joins the heads. Then think of what a norm still does after mean 0 and spread 1.",
        "`4 * (d_model * d_model + d_model)` for an attention, and `2 * d_model` for a norm.",
    ),
    setup="",
    starter="""
def count_layer(parts, d_model, d_ff):
    total = 0
    for name in parts:
        if name.endswith("attention"):
            total += 3 * (d_model * d_model + d_model)
        elif name == "feed-forward":
            total += d_model * d_ff + d_ff + d_ff * d_model + d_model
        elif name == "norm":
            total += d_model
    return total
""",
    solution="""
def count_layer(parts, d_model, d_ff):
    total = 0
    for name in parts:
        if name.endswith("attention"):
            total += 4 * (d_model * d_model + d_model)
        elif name == "feed-forward":
            total += d_model * d_ff + d_ff + d_ff * d_model + d_model
        elif name == "norm":
            total += 2 * d_model
    return total
""",
)

# --- exercise 3: from post-LN to pre-LN --------------------------------------------------------------------------------


def _post(*workers: str) -> list[str]:
    return [name for worker in workers for name in ("fork", worker, "add", "norm")]


def _built(make: Callable[[str], list[str]]) -> Callable:
    return lambda parts: [name for worker in parts if worker not in ("fork", "add", "norm") for name in make(worker)]


TO_PRE_LN = Exercise(
    id="w2d6-e3",
    title="from 2017 to GPT-2",
    task="Return the pre-LN layer with the same workers, as a list of names.",
    name="to_pre_ln",
    cases=[(_post("attention", "feed-forward"),), (_post("masked attention", "cross-attention", "feed-forward"),), (_post("feed-forward"),)],
    reference=_built(lambda worker: ["fork", "norm", worker, "add"]),
    mistakes=(
        Mistake("norm before fork", _built(lambda worker: ["norm", "fork", worker, "add"]),
                "The norm stands before the fork, on the stream: the gray line then carries the normed row. It belongs *inside* the branch, right after `fork`."),
        Mistake("norm between worker and add", _built(lambda worker: ["fork", worker, "norm", "add"]),
                "The norm stands behind the worker, inside the branch. Pre-LN means: in front of it, so that the worker gets a normed row."),
        Mistake("norms lost", _built(lambda worker: ["fork", worker, "add"]),
                "The norms are gone. Each branch keeps one; only its place changes."),
        Mistake("both", _built(lambda worker: ["fork", "norm", worker, "add", "norm"]),
                "Each branch has two norms now: you put one in, and the old one is still behind the add."),
        Mistake("as it was", lambda parts: list(parts),
                "This is the layer you were given: its norms still stand behind the adds."),
        Mistake("reversed", lambda parts: list(reversed(parts)),
                "You turned the whole list round. The order of the workers stays; only the norms move."),
    ),
    hints=(
        "Walk through the list once. Which names do you copy as they are, which do you leave out, and at which name do you write two?",
        "Leave out every `norm`; and whenever you meet `fork`, write `fork` and `norm`.",
    ),
    setup="",
    starter="""
def to_pre_ln(parts):
    ...
""",
    solution="""
def to_pre_ln(parts):
    moved = []
    for name in parts:
        if name == "norm":
            continue
        moved.append(name)
        if name == "fork":
            moved.append("norm")
    return moved
""",
)

EXERCISES = (POST_LN, COUNT, TO_PRE_LN)

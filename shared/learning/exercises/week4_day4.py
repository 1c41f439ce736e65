"""The exercises of week 4, day 4: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: lessons from a long row of ids ------------------------------------------------------------------------


def _lessons_cases() -> list[tuple]:
    ids = torch.tensor([7, 3, 8, 1, 4, 9, 2, 6, 5, 0])
    return [(ids, [0, 4], 3), (ids, [6, 1, 3], 2), (ids, [0], 9)]


def _lessons(ids: Tensor, starts: list[int], context: int) -> tuple[Tensor, Tensor]:
    return _rows(ids, starts, context), _rows(ids, [start + 1 for start in starts], context)


def _rows(ids: Tensor, starts: list[int], length: int) -> Tensor:
    return torch.stack([ids[start : start + length] for start in starts])


LESSONS = Exercise(
    id="w4d4-e1",
    title="lessons from a long row of ids",
    task="Cut windows out of the row: what is read, and what is to be predicted at each position.",
    name="lessons",
    cases=_lessons_cases(),
    reference=_lessons,
    mistakes=(
        Mistake("the targets are the inputs", lambda ids, starts, context: (_rows(ids, starts, context),) * 2,
                "Your targets are the inputs themselves. The model would only have to copy what it reads: its loss falls to 0 and it can write nothing. The target is the *next* token."),
        Mistake("the targets lie before", lambda ids, starts, context: tuple(reversed(_lessons(ids, starts, context))),
                "You swapped the two: the model would be asked for the token that came before. What is read begins at the start, what is asked one further on."),
        Mistake("two further on", lambda ids, starts, context: (_rows(ids, starts, context), torch.stack([ids.roll(-2)[s : s + context] for s in starts])),
                "Your targets lie two tokens further on. The next token is one further on."),
        Mistake("one target a window", lambda ids, starts, context: (_rows(ids, starts, context), torch.stack([ids[s + context] for s in starts])),
                "You kept one target for each window, the token behind it. But every position predicts: T tokens are T lessons, so the targets are (B, T), too."),
        Mistake("the window is too short", lambda ids, starts, context: (_rows(ids, starts, context - 1), _rows(ids, [s + 1 for s in starts], context - 1)),
                "Your windows are one token too short. A slice `ids[a:b]` ends before b: for T targets you need T + 1 ids."),
        Mistake("inputs and targets in one row", lambda ids, starts, context: _rows(ids, starts, context + 1),
                "You return windows of T + 1 ids, which is a good beginning. Now all but the last are read, and all but the first are asked: return both."),
    ),
    hints=(
        "A window of T + 1 ids holds a lesson whole: everything but the last is read, everything but the first is asked.",
        "`rows = torch.stack([ids[start : start + context + 1] for start in starts])`, then cut it twice along the last axis.",
    ),
    setup="import torch",
    starter="""
def lessons(ids, starts, context):
    rows = torch.stack([ids[start : start + ...] for start in starts])
    inputs = ...   # (B, context)
    targets = ...  # (B, context): what follows each of the inputs
    return inputs, targets
""",
    solution="""
def lessons(ids, starts, context):
    rows = torch.stack([ids[start : start + context + 1] for start in starts])
    return rows[:, :-1], rows[:, 1:]
""",
)

# --- exercise 2: a batch in parts --------------------------------------------------------------------------------------


def _part_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(44)

    def case(rows: int, parts: int, gaps: tuple[int, ...] = ()) -> tuple:
        y = torch.randint(0, 5, (rows,), generator=numbers)
        y[list(gaps)] = -100
        return torch.randn(3, 5, generator=numbers), torch.randn(rows, 3, generator=numbers), y, parts

    return [case(6, 2), case(7, 3), case(8, 2, gaps=(0, 1, 2)), case(4, 1)]


def _in_parts(w: Tensor, x: Tensor, y: Tensor, parts: int, share: Callable[[Tensor, Tensor], Tensor], keep: bool = True) -> Tensor:
    w = w.clone().requires_grad_()
    for x_part, y_part in zip(x.chunk(parts), y.chunk(parts)):
        if not keep:
            w.grad = None
        share(x_part @ w, y_part).backward()
    return w.grad


def _sum(logits: Tensor, y: Tensor) -> Tensor:
    return F.cross_entropy(logits, y, reduction="sum")


def _whole_mean(w: Tensor, x: Tensor, y: Tensor, parts: int) -> Tensor:
    return _in_parts(w, x, y, parts, lambda logits, part: _sum(logits, part) / (y != -100).sum())


GRADIENT_IN_PARTS = Exercise(
    id="w4d4-e2",
    title="a large batch in parts",
    task="Repair the function: parts of any size must give the gradient of the whole batch's mean loss.",
    name="gradient_in_parts",
    cases=_part_cases(),
    reference=_whole_mean,
    mistakes=(
        Mistake("means added up", lambda w, x, y, parts: _in_parts(w, x, y, parts, F.cross_entropy),
                "Each part still takes its own mean, and `backward` adds the gradients: with 3 parts the result is about 3 times too long. The whole batch has *one* mean."),
        Mistake("mean of means", lambda w, x, y, parts: _in_parts(w, x, y, parts, lambda l, p: F.cross_entropy(l, p) / parts),
                "You divide each part's mean by the number of parts. That is right only if all parts hold equally many targets; 7 rows in 3 parts do not. Add *sums*, and divide by the targets of the whole batch."),
        Mistake("gaps are counted", lambda w, x, y, parts: _in_parts(w, x, y, parts, lambda l, p: _sum(l, p) / len(y)),
                "You divide by all rows. A target of −100 is a gap: `cross_entropy` leaves it out, so it must not be counted either."),
        Mistake("the sum is not divided", lambda w, x, y, parts: _in_parts(w, x, y, parts, _sum),
                "You add up sums, which is right, and never divide. The mean needs the number of targets in the *whole* batch."),
        Mistake("only the last part is left", lambda w, x, y, parts: _in_parts(w, x, y, parts, lambda l, p: _sum(l, p) / (y != -100).sum(), keep=False),
                "The gradient is emptied before each part, so only the last part's is left. Empty it once, after the optimizer's step."),
    ),
    hints=(
        "A mean is a sum divided by a count. Sums of parts add up to the sum of the whole; means do not.",
        'Count once, before the loop: `counted = (y != -100).sum()`. In the loop: `F.cross_entropy(…, reduction="sum") / counted`.',
    ),
    setup="import torch\nimport torch.nn.functional as F",
    starter="""
def gradient_in_parts(w, x, y, parts):
    w = w.clone().requires_grad_()
    for x_part, y_part in zip(x.chunk(parts), y.chunk(parts)):
        loss = F.cross_entropy(x_part @ w, y_part)
        loss.backward()  # adds to w.grad
    return w.grad
""",
    solution="""
def gradient_in_parts(w, x, y, parts):
    w = w.clone().requires_grad_()
    counted = (y != -100).sum()
    for x_part, y_part in zip(x.chunk(parts), y.chunk(parts)):
        loss = F.cross_entropy(x_part @ w, y_part, reduction="sum") / counted
        loss.backward()  # adds to w.grad
    return w.grad
""",
)

# --- exercise 3: one token with a cache --------------------------------------------------------------------------------


def _cache_cases() -> list[tuple]:
    numbers = torch.Generator().manual_seed(45)
    cases = []
    for seen, d, d_k in ((3, 4, 2), (1, 6, 3), (5, 4, 4)):
        x, past_k, past_v = (torch.randn(*shape, generator=numbers) for shape in ((1, d), (seen, d_k), (seen, d_k)))
        cases.append((x, past_k, past_v, *torch.randn(3, d, d_k, generator=numbers)))
    return cases


def _with_cache(x: Tensor, past_k: Tensor, past_v: Tensor, w_q: Tensor, w_k: Tensor, w_v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    k, v = torch.cat([past_k, x @ w_k]), torch.cat([past_v, x @ w_v])
    return _attend(x @ w_q, k, v), k, v


def _attend(q: Tensor, k: Tensor, v: Tensor, scale: bool = True) -> Tensor:
    return (q @ k.T / (math.sqrt(k.shape[-1]) if scale else 1.0)).softmax(-1) @ v


def _change(change: Callable) -> Callable:
    """A mistake that starts from the right rows: change(q, k, v, past_k, past_v) gives what is returned."""

    def wrong(x, past_k, past_v, w_q, w_k, w_v):
        q, k, v = x @ w_q, torch.cat([past_k, x @ w_k]), torch.cat([past_v, x @ w_v])
        return change(q, k, v, past_k, past_v)

    return wrong


WITH_CACHE = Exercise(
    id="w4d4-e3",
    title="one token with a cache",
    task="Return what the new token takes home, and the keys and values with the new token's row at the end.",
    name="next_row",
    cases=_cache_cases(),
    reference=_with_cache,
    mistakes=(
        Mistake("the token does not see itself", _change(lambda q, k, v, pk, pv: (_attend(q, pk, pv), k, v)),
                "The new token looks at the past only. In a causal model it also looks at itself: append its own k and v *before* attending."),
        Mistake("nothing is kept", _change(lambda q, k, v, pk, pv: (_attend(q, k, v), pk, pv)),
                "The output is right, and you hand back the old cache. The next token would not see this one. Return the longer k and v."),
        Mistake("only the new rows come back", _change(lambda q, k, v, pk, pv: (_attend(q, k, v), k[-1:], v[-1:])),
                "You return the new token's rows alone; the past is lost with the next token. Return past and new together."),
        Mistake("a causal mask on one row", _change(lambda q, k, v, pk, pv: (F.scaled_dot_product_attention(q, k, v, is_causal=True), k, v)),
                "With `is_causal=True` torch lines the mask up at the top: a single row may look at the first key only. The new token is the *last*: it may see everything, so no mask at all."),
        Mistake("not divided", _change(lambda q, k, v, pk, pv: (_attend(q, k, v, scale=False), k, v)),
                "The scores are not divided by √d_k. A cache saves work; the arithmetic stays the same."),
        Mistake("in front", lambda x, pk, pv, q, k, v: (_with_cache(x, pk, pv, q, k, v)[0], torch.cat([x @ k, pk]), torch.cat([x @ v, pv])),
                "You put the new rows in front. For this head alone the order does not matter, but row t of the cache must belong to token t: append at the end."),
        Mistake("queries are kept", lambda x, pk, pv, q, k, v: (_with_cache(x, pk, pv, q, k, v)[0], torch.cat([pk, x @ q]), torch.cat([pv, x @ v])),
                "You keep the *query* in the place of the key. A query asks once and is never needed again; later tokens ask the key."),
    ),
    hints=(
        "Three projections of one row x. Which two of them will later tokens need, too?",
        "`k = torch.cat([past_k, x @ w_k])`, the same for v; then `softmax(q kᵀ / √d_k) v` without a mask; return all three.",
    ),
    setup="import math\nimport torch",
    starter="""
def next_row(x, past_k, past_v, w_q, w_k, w_v):
    ...
""",
    solution="""
def next_row(x, past_k, past_v, w_q, w_k, w_v):
    q = x @ w_q
    k = torch.cat([past_k, x @ w_k])
    v = torch.cat([past_v, x @ w_v])
    out = (q @ k.T / math.sqrt(k.shape[-1])).softmax(-1) @ v
    return out, k, v
""",
)

EXERCISES = (LESSONS, GRADIENT_IN_PARTS, WITH_CACHE)

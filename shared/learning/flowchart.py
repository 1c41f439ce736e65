"""How GPT writes, as a flowchart that can be checked and run: a list of steps in order, with one decision and its way back.

No torch and no pictures: what a step does is handed in as functions, the drawing is in shared/visuals/flowchart_drawing.py.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.learning.cards import Card, inline

MOST_VISITS = 2000


@dataclass(frozen=True)
class Step:
    """A step that a chart may use. says: what stands in its box; needs, makes: what it reads and leaves; why: what it is for."""

    says: str
    needs: tuple[str, ...]
    makes: str
    why: str
    concept: str = ""


STEPS: dict[str, Step] = {
    "cut": Step("cut the text into tokens", ("text",), "tokens", "the model knows tokens, and no letters"),
    "look up": Step("look up a row for each token and its place", ("tokens",), "rows", "a token's number says nothing; its row can be computed with", "residual"),
    "blocks": Step("blocks: look back and mix, then think alone", ("rows",), "rows in context", "without them each row knows its own token only", "attention"),
    "votes": Step("last row votes for each token", ("rows in context",), "votes", "a row must become a vote before anything can be chosen"),
    "chances": Step("softmax: votes become chances", ("votes",), "chances", "votes are no chances: they may be negative, and do not sum to 1"),
    "pick": Step("pick one token", ("chances",), "new token", "chances are for many tokens, and a text needs one"),
    "append": Step("put it at the end", ("new token", "tokens"), "longer tokens", "what is not put at the end is never read"),
    "join": Step("join the tokens to a text", ("tokens",), "answer", "nobody wants to read token numbers"),
}  # fmt: skip
ORDER = tuple(STEPS)
BACK_TO = "look up"  # where the way back must lead


@dataclass(frozen=True)
class Decision:
    """Is the text finished? yes: on to the next item; no: back to this step."""

    no: str
    says: str = "enough?"


@dataclass(frozen=True)
class ChartFault:
    """What is wrong. at: the numbers of the items to look at, from 0; says: which one, and why."""

    at: tuple[int, ...]
    says: str


@dataclass(frozen=True)
class Visit:
    """One step of a run. at: which item of the chart; name: its step, or "enough?"; round: 1 before the first way back, then 2, …"""

    at: int
    name: str
    round: int


Chart = Sequence["str | Decision"]


class ChartStops(Exception):
    """A chart cannot go on: it needs something that no step has made."""


def enough(no: str) -> Decision:
    """The decision of a chart, `enough(no="look up")`: if the text is not finished, where does the way lead back to?

    Built in week 3 day 7.
    """
    return Decision(no)


def check_chart(chart: Chart) -> Card:
    """A card that says whether a chart writes as GPT writes, and if not, which item is wrong and why. Never raises.

    Built in week 3 day 7.
    """
    found = chart_faults(chart)
    if not found:
        text = "✓ This is how GPT writes: all steps, in their order, and each new token is read before the next one is guessed."
        return Card(text, f'<p class="learn-title">{inline(text)}</p>')
    lines = [f"✗ {fault.says}" for fault in found[:3]]
    title = "Not yet:" if len(found) <= 3 else f"Not yet (and {len(found) - 3} more):"
    body = "".join(f"<p>{inline(line)}</p>" for line in lines)
    return Card("\n".join([title, *lines]), f'<div class="learn-title"><strong>{title}</strong></div>{body}')


def chart_faults(chart: Chart) -> list[ChartFault]:
    """Everything that one reading finds wrong: are these steps, is each step fed, does the way lead back to the right place.

    [] for a right chart. Whatever the learner wrote gets a sentence. Built in week 3 day 7.
    """
    if isinstance(chart, str | Mapping) or not isinstance(chart, Sequence):
        return [ChartFault((), "A chart is a list: steps by name, and `enough(no=…)` where it is decided whether to go on.")]
    for reading in (_items, _complete, _fed, _way_back):
        if found := list(reading(list(chart))):
            return found
    return []


def _items(chart: list) -> Iterator[ChartFault]:
    names = ", ".join(f"`{name}`" for name in STEPS)
    for i, item in enumerate(chart):
        if isinstance(item, Decision):
            continue
        if not isinstance(item, str) or item not in STEPS:
            yield ChartFault((i,), f"Item {i + 1} is {item!r}; a step is one of {names}, or `enough(no=…)`.")
        elif item in chart[:i]:
            yield ChartFault((i,), f"`{item}` stands there twice. What is to be done again is what the way back is for.")


def _complete(chart: list) -> Iterator[ChartFault]:
    decisions = [i for i, item in enumerate(chart) if isinstance(item, Decision)]
    if len(decisions) > 1:
        yield ChartFault(tuple(decisions[1:]), "There are two decisions. One is enough: finished, or once more?")
    for name, step in STEPS.items():
        if name not in chart:
            yield ChartFault((), f"`{name}` is missing: {step.why}.")
    if not decisions:
        yield ChartFault((), "There is no decision, so the chart writes one token and stops: `enough(no=…)` is missing.")


def _fed(chart: list) -> Iterator[ChartFault]:
    there = {"text"}
    made_by = {step.makes: name for name, step in STEPS.items()}
    for i, item in enumerate(chart):
        if isinstance(item, Decision):
            continue
        for need in STEPS[item].needs:
            if need not in there:
                yield ChartFault((i, chart.index(made_by[need])), f"`{item}` comes before `{made_by[need]}`, and needs what that makes: {need}.")
                return
        there.add(STEPS[item].makes)


def _way_back(chart: list) -> Iterator[ChartFault]:
    at = next(i for i, item in enumerate(chart) if isinstance(item, Decision))
    target, append, join = chart[at].no, chart.index("append"), chart.index("join")
    if target not in chart:
        yield ChartFault((at,), f"The way back leads to {target!r}, and the chart has no such step.")
    elif chart.index(target) > at:
        yield ChartFault((at, chart.index(target)), f"`{target}` stands after the decision: that way leads on, not back, and nothing is done again.")
    elif append > at:
        yield ChartFault((at, append), "`append` stands after the decision, outside of the loop: only the last token would be put at the end, and none of them is read.")
    elif join < at:
        yield ChartFault((join, at), "`join` stands inside the loop. The text is joined once, when all is written.")
    elif target == "cut":
        yield ChartFault((at, chart.index("cut")), "The way leads back to `cut`: your text is cut again, and what was written is thrown away. It never ends.")
    elif target == "blocks":
        yield ChartFault((at, chart.index("blocks")), "The way leads back to `blocks`: the new token has no row yet, and the old rows, already mixed, go in again.")
    elif target in ("votes", "chances", "pick", "append"):
        yield ChartFault((at, chart.index(target)), f"The way leads back to `{target}`: nothing reads the new token, so the chances stay as they were.")
    elif target != BACK_TO:
        yield ChartFault((at,), f"The way leads back to `{target}`; each round begins with the rows of the tokens so far, `{BACK_TO}`.")


def run_chart(
    chart: Chart, actions: Mapping[str, Callable[[dict], object]], is_enough: Callable[[dict], bool], state: dict, most: int = MOST_VISITS
) -> Iterator[Visit]:
    """Do what a chart says, right or wrong, and yield each visit after it is done.

    actions: step → function that reads and changes `state`; is_enough: whether the text in `state` is finished. state: a
    dictionary, changed in place. It ends behind the last item, or after `most` visits, for a chart that never ends.
    Errors: ValueError for an item that is no step or a missing action; ChartStops where a step misses what it needs (its function
    raises KeyError), naming the step. Built in week 3 day 7.
    """
    at, round_, visits = 0, 1, 0
    names = [item if isinstance(item, str) else "enough?" for item in chart]
    for item in chart:
        if isinstance(item, str) and item not in STEPS:
            raise ValueError(f"there is no step {item!r}; steps are {', '.join(STEPS)}")
        if isinstance(item, str) and item not in actions:
            raise ValueError(f"actions has nothing for the step {item!r}")
    while at < len(chart) and visits < most:
        item = chart[at]
        visits += 1
        if isinstance(item, Decision):
            yield Visit(at, "enough?", round_)
            try:
                done = is_enough(state)
            except KeyError as missing:
                raise ChartStops(f"the decision needs {missing.args[0]!r}, and no step before it made that") from None
            if done:
                at += 1
            elif item.no in names:
                at, round_ = names.index(item.no), round_ + 1
            else:
                raise ChartStops(f"the way back leads to {item.no!r}, and the chart has no such step")
            continue
        try:
            actions[item](state)
        except KeyError as missing:
            raise ChartStops(f"the step {item!r} needs {missing.args[0]!r}, and no step before it made that") from None
        yield Visit(at, item, round_)
        at += 1

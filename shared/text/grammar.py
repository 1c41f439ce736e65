"""A grammar with a memory: it writes texts, recognizes them, and knows exactly how surprising each word is.

A rule is built from five kinds of parts:

    "word"                       says itself
    (part, part, …)              one part after another
    Choice((share, part), …)     one of several, with given chances
    Pick("animal", "hero")       any word of a family, all equally likely; remembered under a name if one is given
    Say("hero", "she")           a remembered word again, or the form of it that fits ("she", "her", "ran")

Such a grammar goes from left to right with a stack of parts that are still to come and a memory of what was picked. That
is all a state is, so the same few lines write a text (`Grammar.sample`), follow somebody else's (`Grammar.follow`), and
fill blanks in it (`Grammar.fill`). Because every choice is either written down here or not there at all, the entropy is
a sum over the rules (`Grammar.entropy`): no sampling, no estimate.
Source of the idea of measuring text in bits: Shannon 1948, "A Mathematical Theory of Communication", section 6.
"""

import functools
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


class Choice:
    """One of several parts, each with its share; the shares sum to 1."""

    def __init__(self, *options: tuple[float, "Part"]):
        shares = [share for share, _ in options]
        if not options or min(shares) <= 0 or not math.isclose(sum(shares), 1.0):
            raise ValueError(f"the shares of a choice must be positive and sum to 1, got {shares}")
        self.options = options

    def __repr__(self) -> str:
        return f"Choice{self.options}"


def evenly(*parts: "Part") -> Choice:
    """A choice in which every part is equally likely."""
    return Choice(*((1 / len(parts), part) for part in parts))


@dataclass(frozen=True)
class Pick:
    """A word of a family, each equally likely; remembered under `name`, if there is one."""

    family: str
    name: str = ""


@dataclass(frozen=True)
class Say:
    """The word remembered under `name`, or its form `form` as the grammar's table of forms has it."""

    name: str
    form: str = ""


Part = str | tuple | Choice | Pick | Say
Known = dict[str, frozenset[str]]  # name: the words it may stand for
Memory = tuple[tuple[str, str], ...]  # (name, word), sorted by name: equal memories are equal keys


@dataclass(frozen=True, eq=False)
class Stack:
    """The parts still to come: the next one, and below it the rest (None = nothing). Compared by identity, hence fast.

    asks: the names that may still be asked for; everything else can be forgotten.
    """

    part: Part
    rest: "Stack | None"
    asks: frozenset[str]


@dataclass(frozen=True)
class State:
    """Where a text stands: the parts still to come, and what is remembered."""

    to_come: Stack | None
    memory: Memory = ()


@dataclass(frozen=True)
class Step:
    """One way to go on from a state: the word said, its probability, and the state after it. word None: the text ends."""

    word: str | None
    probability: float
    state: State


class Grammar:
    """What can be said, and how likely each text is.

    start: the rule of a whole text. families: {family: words}. forms: {word: {form: word}}, for `Say`.
    Errors: ValueError for an unknown family, a form that a word lacks, a name that is said before it is picked, a family
    that is empty or holds a word twice, or parts of no known kind.
    """

    def __init__(self, start: Part, families: Mapping[str, Sequence[str]], forms: Mapping[str, Mapping[str, str]] = {}):
        self.start = start
        self.families = {name: tuple(words) for name, words in families.items()}
        self.forms = forms
        for name, words in self.families.items():
            if len(set(words)) != len(words) or not words:
                raise ValueError(f"family {name!r} must hold different words, got {len(words)} with {len(set(words))} different")
        self._stacks: dict[tuple[int, int], Stack] = {}
        self._asked: dict[int, tuple[Part, frozenset[str]]] = {}
        self._check(start, {})

    # --- writing ------------------------------------------------------------------------------------------------------

    def draw(self, rng: random.Random) -> tuple[list[str], float]:
        """One text drawn with the grammar's probabilities: its words, and −ln of the chance of the choices made, in nats."""
        words: list[str] = []
        memory: dict[str, str] = {}
        to_come, surprise = [self.start], 0.0
        while to_come:
            part = to_come.pop()
            match part:
                case str():
                    words.append(part)
                case tuple():
                    to_come.extend(reversed(part))
                case Choice():
                    shares = [share for share, _ in part.options]
                    share, option = rng.choices(part.options, shares)[0]
                    surprise -= math.log(share)
                    to_come.append(option)
                case Pick():
                    family = self.families[part.family]
                    word = rng.choice(family)
                    surprise += math.log(len(family))
                    words.append(word)
                    if part.name:
                        memory[part.name] = word
                case Say():
                    words.append(self._said(part, memory))
        return words, surprise

    # --- reading ------------------------------------------------------------------------------------------------------

    def begin(self) -> State:
        """The state before the first word."""
        return State(self._stack(self.start, None))

    def steps(self, state: State) -> list[Step]:
        """Every way to go on from a state, with its probability; the probabilities sum to 1."""
        found, open_ = [], [(1.0, state.to_come)]
        memory = dict(state.memory)
        while open_:
            share, to_come = open_.pop()
            if to_come is None:
                found.append(Step(None, share, State(None)))
                continue
            part, rest = to_come.part, to_come.rest
            match part:
                case str():
                    found.append(Step(part, share, self._state(rest, memory)))
                case tuple():
                    for piece in reversed(part):
                        rest = self._stack(piece, rest)
                    open_.append((share, rest))
                case Choice():
                    open_.extend((share * p, self._stack(option, rest)) for p, option in part.options)
                case Pick():
                    words = self.families[part.family]
                    for word in words:
                        after = {**memory, part.name: word} if part.name else memory
                        found.append(Step(word, share / len(words), self._state(rest, after)))
                case Say():
                    found.append(Step(self._said(part, memory), share, self._state(rest, memory)))
        return found

    def follow(self, words: Iterable[str]) -> "Reading":
        """Read a text word by word: how likely each word was, and where it stops being one of the grammar's texts."""
        reading = Reading(self)
        for word in words:
            if not reading.read(word):
                break
        return reading

    def accepts(self, words: Iterable[str]) -> bool:
        """Whether the words are a whole text of the grammar."""
        return self.follow(words).complete

    # --- measuring ----------------------------------------------------------------------------------------------------

    def entropy(self) -> float:
        """Expected surprise of a whole text, in nats: the exact −Σ p(text) · ln p(text), if no text can be read in two ways.

        A sum over the rules: a choice adds its own entropy and the share-weighted entropy of its options, a pick of one
        word in n adds ln n, a repetition adds nothing.
        """
        return self._expected(self.start, choice=lambda p: -math.log(p), pick=math.log, word=0.0)

    def length(self) -> float:
        """Expected number of words of a text."""
        return self._expected(self.start, choice=lambda p: 0.0, pick=lambda n: 0.0, word=1.0)

    def _expected(self, part: Part, choice: Callable, pick: Callable, word: float) -> float:
        match part:
            case tuple():
                return sum(self._expected(piece, choice, pick, word) for piece in part)
            case Choice():
                return sum(p * (choice(p) + self._expected(option, choice, pick, word)) for p, option in part.options)
            case Pick():
                return word + pick(len(self.families[part.family]))
        return word

    # --- filling blanks -----------------------------------------------------------------------------------------------

    def fill(self, words: Sequence[str | None], spell: Callable[[str], Sequence[str]] = lambda word: (word,)) -> list[dict[str, float]]:
        """For each blank (None) of a text, the exact chance of each word, given everything before and after it.

        words: the text in the units that `spell` turns a word into (lower case, say). Returns one {unit: chance} for
        each blank, in order; no model can guess blanks better than by taking the likeliest of each.
        Errors: ValueError if no text of the grammar fits.
        Method: forward–backward over the grammar's states. Used from week 3 day 1 on.
        """
        spell = functools.cache(spell)  # a word comes up in many states
        forward: list[dict[State, float]] = [{self.begin(): 1.0}]
        edges: list[list[tuple[State, str | None, float, State]]] = []
        for seen in (*words, _END):
            found, ahead = [], defaultdict(float)
            for state, chance in forward[-1].items():
                for step in self._spelled(state, spell):
                    unit = _END if step.word is None else step.word
                    if seen == unit or (seen is None and unit is not _END):
                        found.append((state, unit, step.probability, step.state))
                        ahead[step.state] += chance * step.probability
            if not found:
                raise ValueError(f"words: no text of the grammar fits after {len(edges)} of {len(words)} units, at {seen!r}")
            edges.append(found)
            forward.append(ahead)
        backward: dict[State, float] = {state: 1.0 for state in forward[-1]}
        blanks = []
        for place in range(len(words), -1, -1):
            before, shares = defaultdict(float), defaultdict(float)
            for state, unit, probability, after in edges[place]:
                weight = probability * backward.get(after, 0.0)
                before[state] += weight
                shares[unit] += forward[place][state] * weight
            # only ratios matter, and a product of a hundred chances would run out of digits
            largest = max(before.values())
            backward = {state: weight / largest for state, weight in before.items()}
            if place < len(words) and words[place] is None:
                total = sum(shares.values())
                blanks.append({unit: share / total for unit, share in shares.items() if share})
        return blanks[::-1]

    def _spelled(self, state: State, spell: Callable) -> Iterable[Step]:
        """`steps` in units: a word of several units says the first one and leaves the others on the stack."""
        for step in self.steps(state):
            if step.word is None:
                yield step
                continue
            first, *more = spell(step.word)
            to_come = step.state.to_come
            for unit in reversed(more):
                to_come = self._stack(sys.intern(unit), to_come)
            yield Step(first, step.probability, State(to_come, step.state.memory))

    # --- what a part stands for ---------------------------------------------------------------------------------------

    def _stack(self, part: Part, rest: Stack | None) -> Stack:
        """The same stack for the same parts, so that states that will say the same are one state."""
        key = (id(part), id(rest))
        if key not in self._stacks:
            asks = self._asks(part) | (rest.asks if rest else frozenset())
            self._stacks[key] = Stack(part, rest, asks)
        return self._stacks[key]

    def _asks(self, part: Part) -> frozenset[str]:
        """The names that a part says."""
        if id(part) not in self._asked:
            match part:
                case tuple():
                    names = frozenset().union(*(self._asks(piece) for piece in part))
                case Choice():
                    names = frozenset().union(*(self._asks(option) for _, option in part.options))
                case Say():
                    names = frozenset({part.name})
                case _:
                    names = frozenset()
            self._asked[id(part)] = (part, names)  # with the part, which keeps its id its own
        return self._asked[id(part)][1]

    def _state(self, rest: Stack | None, memory: Mapping[str, str]) -> State:
        """A state that has forgotten what will not be asked for: without this, blanks would multiply states for ever."""
        asks = rest.asks if rest else frozenset()
        return State(rest, tuple(sorted((name, word) for name, word in memory.items() if name in asks)))

    def _said(self, say: Say, memory: Mapping[str, str]) -> str:
        word = memory[say.name]
        return self.forms[word][say.form] if say.form else word

    def _check(self, part: Part, known: Known) -> Known:
        """Walk through the rules once, with what each remembered name may stand for; returns what is known afterwards."""
        match part:
            case str():
                pass
            case tuple():
                for piece in part:
                    known = self._check(piece, known)
            case Choice():
                after = [self._check(option, known) for _, option in part.options]
                # only what every option leaves behind can be relied on
                known = {name: frozenset().union(*(k[name] for k in after)) for name in set.intersection(*map(set, after))}
            case Pick():
                if part.family not in self.families:
                    raise ValueError(f"{part}: there is no family {part.family!r}")
                if part.name:
                    known = {**known, part.name: frozenset(self.families[part.family])}
            case Say():
                if part.name not in known:
                    raise ValueError(f"{part}: nothing is remembered as {part.name!r} here")
                for word in known[part.name] if part.form else ():
                    if part.form not in self.forms.get(word, {}):
                        raise ValueError(f"{part}: {word!r} has no form {part.form!r}")
            case _:
                raise ValueError(f"a part must be a word, a tuple, a Choice, a Pick or a Say; got {part!r}")
        return known

    def words(self) -> list[str]:
        """Every word that the grammar can say, sorted."""
        found: set[str] = set()
        self._collect(self.start, {}, found)
        return sorted(found)

    def _collect(self, part: Part, known: dict[str, set[str]], found: set[str]) -> dict[str, set[str]]:
        match part:
            case str():
                found.add(part)
            case tuple():
                for piece in part:
                    known = self._collect(piece, known, found)
            case Choice():
                after = [self._collect(option, known, found) for _, option in part.options]
                known = {name: set().union(*(names.get(name, ()) for names in after)) for name in set().union(*after)}
            case Pick():
                found.update(self.families[part.family])
                if part.name:
                    known = {**known, part.name: set(self.families[part.family])}
            case Say():
                found.update(self.forms[word][part.form] if part.form else word for word in known[part.name])
        return known


class Reading:
    """A text on its way through a grammar, word by word.

    words: what was accepted so far; surprises: −ln p of each of them, in nats; refused: the first word that was not.
    """

    def __init__(self, grammar: Grammar):
        self.grammar = grammar
        self.words: list[str] = []
        self.surprises: list[float] = []
        self.refused: str | None = None
        self._states: dict[State, tuple[float, int]] = {grammar.begin(): (1.0, 1)}  # state: its chance, ways to get there

    def chances(self) -> dict[str | None, float]:
        """How likely each word is next, given the words so far; None stands for the end of the text."""
        found: dict[str | None, float] = defaultdict(float)
        for state, (chance, _) in self._states.items():
            for step in self.grammar.steps(state):
                found[step.word] += chance * step.probability
        return dict(found)

    def read(self, word: str) -> bool:
        """Go on with one word. False, from then on, where the grammar cannot say it here."""
        if self.refused is not None:
            return False
        ahead: dict[State, tuple[float, int]] = {}
        for state, (chance, ways) in self._states.items():
            for step in self.grammar.steps(state):
                if step.word == word:
                    before, ways_before = ahead.get(step.state, (0.0, 0))
                    ahead[step.state] = (before + chance * step.probability, ways_before + ways)
        total = sum(chance for chance, _ in ahead.values())
        if not total:
            self.refused = word
            return False
        self.words.append(word)
        self.surprises.append(-math.log(total))
        self._states = {state: (chance / total, ways) for state, (chance, ways) in ahead.items()}
        return True

    @property
    def complete(self) -> bool:
        """Whether every word was accepted and the text may end here."""
        return self.refused is None and None in self.chances()

    @property
    def end_surprise(self) -> float:
        """−ln of the chance that the text ends here, in nats; infinite where it may not."""
        chance = self.chances().get(None, 0.0) if self.refused is None else 0.0
        return -math.log(chance) if chance else math.inf

    @property
    def readings(self) -> int:
        """In how many ways the grammar can have said these words; its entropy is exact if every whole text has one."""
        return sum(ways for _, ways in self._states.values())


class _End:
    """The end of a text as a unit that no word equals."""

    def __repr__(self) -> str:
        return "the end"


_END = _End()

"""What a whole explanation of GPT holds: a checklist of ideas for somebody of twelve, and of exact numbers for an engineer.

Both look for words, so they only hint. They do not see whether a sentence is true, nor an idea that comes in words of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.learning.storyboard import sentences

_NO = r"(?:not|never|no|nothing|nobody|cannot|neither|without|hardly|\w+n['’]t)"


def _check_pattern(name: str, pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{name} must hold patterns of Python's re, got {pattern!r}: {error}") from None


@dataclass(frozen=True)
class IdeaAsked:
    """An idea that belongs into an explanation. name: a few words; asks: the question that it answers.

    needs: patterns that must all be found, in one sentence or in two neighbors. Errors: ValueError for one that is no pattern.
    """

    name: str
    asks: str
    needs: tuple[str, ...]

    def __post_init__(self):
        for pattern in self.needs:
            _check_pattern("needs", pattern)


IDEAS = (
    IdeaAsked("guesses what comes next", "What is its one job?",
              (r"\b(?:guess\w*|predict\w*|bet\w*|vote\w*|tip|tips)\b", r"\b(?:next|comes?|follow\w*|go(?:es)? on)\b")),
    IdeaAsked("cuts text into pieces", "What does it read?",
              (r"\b(?:tokens?|pieces?|bits?|chunks?|parts? of words?|snippets?|bricks?|tiles?)\b", r"\b(?:text\w*|words?|sentence\w*|cut\w*|chop\w*|split\w*|break\w*|slic\w*)\b")),
    IdeaAsked("turns pieces into numbers", "How can a machine read?",
              (r"\b(?:numbers?|digits?|vectors?|coordinates?)\b", r"\b(?:tokens?|pieces?|bits?|chunks?|words?|each|every|bricks?|tiles?|lists?|rows?|becomes?|turn\w*)\b")),
    IdeaAsked("looks back only", "Which words may it see?",
              (r"\b(?:look\w*|see\w*|saw|read\w*|peek\w*|know\w*|hear\w*|listen\w*)\b",
               rf"\b(?:back(?:ward|wards)?|before|so far|already|earlier|behind|{_NO} (?:\w+ ){{0,3}}(?:ahead|forward|future|next|later))\b")),
    IdeaAsked("mixes in what helps", "How does it know what a word means here?",
              (r"\b(?:mix\w*|blend\w*|borrow\w*|take\w*|gather\w*|collect\w*|ask\w*|attention|help\w*|share\w*|stir\w*)\b",
               r"\b(?:others?|earlier|before|neighbors?|so far|around|those|them|back|help\w*)\b")),
    IdeaAsked("puts it at the end and goes again", "How does a word become a text?",
              (r"\b(?:again|repeat\w*|over and over|loop\w*|once more|one (?:\w+ )?(?:at a time|after (?:the other|another)))\b",)),
    IdeaAsked("learned from text by being wrong", "How did it get so good?",
              (r"\b(?:learn\w*|train\w*|practi[cs]\w*|got better|improv\w*|chang\w*|nudg\w*)\b", r"\b(?:wrong|mistakes?|errors?|miss\w*|fail\w*|correct\w*|right answer)\b")),
    IdeaAsked("does not know what is true", "Can I believe it?",
              (rf"\b{_NO}\b", r"\b(?:true|truth|facts?|real|lie|lies|lying|believe\w*|trust\w*|made[- ]up|makes? (?:\w+ )?up|invent\w*)\b")),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """What a text holds of one idea. at: the sentences that hint at it, from 0 (two neighbors count as the second)."""

    idea: IdeaAsked
    at: tuple[int, ...]


@dataclass(frozen=True)
class Ideas:
    """What was found of each idea, in the order of the checklist. sentences: those of the text."""

    sentences: tuple[str, ...]
    found: tuple[Found, ...]

    @property
    def missing(self) -> list[IdeaAsked]:
        """The ideas that no sentence hints at."""
        return [one.idea for one in self.found if not one.at]

    def __repr__(self) -> str:
        wide = max(len(one.idea.name) for one in self.found)
        lines = [
            f"✓ {one.idea.name:{wide}}  sentence {', '.join(str(i + 1) for i in one.at)}" if one.at else f"○ {one.idea.name:{wide}}  {one.idea.asks}"
            for one in self.found
        ]
        return "\n".join([*lines, f"{len(self.found) - len(self.missing)} of {len(self.found)} hinted at; whether they are explained, and right, only a reader can tell"])


def find_ideas(text: str, ideas: Sequence[IdeaAsked] = IDEAS) -> Ideas:
    """Which ideas of the checklist a text hints at, and in which sentences; a hint by words, no proof.

    An idea is found where all its patterns come in one sentence, or in two that follow each other. Nothing is understood: a text
    of the right words in the wrong order passes, and a good picture in other words does not.
    Errors: TypeError for anything but a text, ValueError for an empty one or no ideas. Built in week 3 day 7.
    """
    said = sentences(text)
    if not said:
        raise ValueError("text must hold at least one sentence")
    if not ideas:
        raise ValueError("ideas must hold at least one idea")
    low = [one.casefold() for one in said]
    found = []
    for idea in ideas:
        alone = [i for i, one in enumerate(low) if _holds(idea, one)]
        pairs = [i for i in range(1, len(low)) if i not in alone and i - 1 not in alone and _holds(idea, f"{low[i - 1]} {low[i]}")]
        found.append(Found(idea, tuple(sorted(alone or pairs))))
    return Ideas(tuple(said), tuple(found))


def _holds(idea: IdeaAsked, text: str) -> bool:
    return all(re.search(pattern, text) for pattern in idea.needs)


# --- numbers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fact:
    """A number that an engineer will ask for. words: a pattern of what it may be called; tolerance: relative, for "124 million".

    Errors: ValueError for words that are no pattern.
    """

    name: str
    words: str
    value: float
    tolerance: float = 0.0

    def __post_init__(self):
        _check_pattern("words", self.words)


@dataclass(frozen=True)
class Said:
    """What a text says of one fact. verdict: "right", "wrong" or "missing"; number: the nearest one that was said, or None."""

    fact: Fact
    verdict: str
    number: float | None = None

    def __repr__(self) -> str:
        value = f"{self.fact.value:,.10g}"
        return {
            "right": f"✓ {self.fact.name}: {value}",
            "wrong": f"✗ {self.fact.name}: you say {self.number:,.10g}, it is {value}" if self.number is not None else "",
            "missing": f"○ {self.fact.name}: not said",
        }[self.verdict]


_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "b": 1e9, "percent": 1.0, "%": 1.0}
_NUMBER = re.compile(r"(?<![\w.,-])(\d[\d,]*(?:\.\d+)?)(?:\s?(thousand|million|billion|percent|k|m|b|%))?(?![\w])", re.IGNORECASE)
_APART = 28  # letters between a number and its word


def gpt2_facts(counts: Mapping[str, float]) -> tuple[Fact, ...]:
    """The numbers that an engineer asks for, from a model's sizes, which code should count and not a person.

    counts: "layers", "heads", "width", "head width", "vocabulary", "context", "parameters".
    Errors: ValueError that names a missing count. Used in week 3 day 7.
    """
    words = {
        "layers": r"layers?|blocks?", "heads": r"heads?", "width": r"wide|width|d_model|dimensions?|dimensional", "head width": r"each head|a head|per head|head width|head size|d_k",
        "vocabulary": r"vocabulary|tokens? (?:to choose from|in the table|in all)|different tokens", "context": r"context(?: window| length)?|positions?|tokens? at (?:most|once)",
        "parameters": r"parameters?|weights?|learned numbers",
    }  # fmt: skip
    missing = [name for name in words if name not in counts]
    if missing:
        raise ValueError(f"counts must name {', '.join(words)}; missing: {', '.join(missing)}")
    return tuple(Fact(name, pattern, counts[name], 0.005 if name == "parameters" else 0.0) for name, pattern in words.items())


def check_numbers(text: str, facts: Sequence[Fact]) -> list[Said]:
    """For each fact: does the text say it, and rightly? A number counts for a word that stands close to it in its sentence.

    "12 layers", "a width of 768", "124 million parameters" (within the fact's tolerance). A number belongs to the nearest word of
    all facts. A number in words ("twelve") is not seen. Errors: TypeError for anything but a text, ValueError for no facts.
    Built in week 3 day 7.
    """
    if not facts:
        raise ValueError("facts must hold at least one fact")
    numbers: dict[str, list[float]] = {fact.name: [] for fact in facts}
    for sentence in sentences(text):
        low = sentence.casefold()
        # a longer word is taken first: in "64 numbers for each head", "each head" is not "heads"
        places = sorted(
            ((m.start(), m.end(), fact.name) for fact in facts for m in re.finditer(rf"\b(?:{fact.words})(?!\w)", low)), key=lambda p: p[0] - p[1]
        )
        kept: list[tuple[int, int, str]] = []
        for place in places:
            if all(place[1] <= other[0] or place[0] >= other[1] for other in kept):
                kept.append(place)
        for match in _NUMBER.finditer(low):
            value = float(match[1].replace(",", "")) * _SCALES.get((match[2] or "%").casefold(), 1.0)
            # a word behind the number is more likely its own than one before it: "12 layers", "width 768"
            near = sorted((start - match.end() if start >= match.end() else match.start() - end + 3, name) for start, end, name in kept)
            if near and near[0][0] <= _APART:
                numbers[near[0][1]].append(value)
    return [_said(fact, numbers[fact.name]) for fact in facts]


def _said(fact: Fact, numbers: Sequence[float]) -> Said:
    if not numbers:
        return Said(fact, "missing")
    nearest = min(numbers, key=lambda number: abs(number - fact.value))
    right = abs(nearest - fact.value) <= fact.tolerance * fact.value + 1e-9
    return Said(fact, "right" if right else "wrong", nearest)

"""Blind votes: two texts without names, the learner says which is better, and only then learns who wrote them.

A vote is kept in the record as a readable line; `votes_of` reads all of them back on another day. Which text stands on the left
hangs on its words alone, so a form that is run again looks the same.
"""

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.arena import Vote
from shared.learning import record
from shared.learning.cards import inline
from shared.learning.codes import day_words
from shared.learning.forms import Form

PROMPT = "My blind votes"  # under which the record keeps them
SIDES = {"left": "The left text is better", "tie": "A tie", "right": "The right text is better"}
_NAME = r'("(?:[^"\\]|\\.)*")'
_LINE = re.compile(rf"round (\d+): {_NAME} (beat|tied with) {_NAME}")


@dataclass(frozen=True)
class Pairing:
    """One round: a beginning, two models, and what each of them made of it.

    Errors: ValueError for a model against itself, or a text that is empty.
    """

    prompt: str
    a: str
    b: str
    text_a: str
    text_b: str

    def __post_init__(self):
        for name in ("prompt", "a", "b", "text_a", "text_b"):
            if not isinstance(getattr(self, name), str) or not getattr(self, name).strip():
                raise ValueError(f"{name} must be a text that is not empty, got {getattr(self, name)!r}")
        if self.a == self.b:
            raise ValueError(f"a round needs two models, not {self.a!r} twice")

    @property
    def turned(self) -> bool:
        """Whether b stands on the left."""
        return hashlib.sha256(f"{self.prompt}\n{self.text_a}\n{self.text_b}".encode("utf-8", "replace")).digest()[0] % 2 == 1

    @property
    def left_right(self) -> tuple[str, str]:
        """The names, as they stand."""
        return (self.b, self.a) if self.turned else (self.a, self.b)

    @property
    def texts(self) -> tuple[str, str]:
        """The texts, as they stand."""
        return (self.text_b, self.text_a) if self.turned else (self.text_a, self.text_b)


def blind_votes(day: str, pairings: Sequence[Pairing], mine: Mapping[int, str] | None = None) -> "BlindVotes":
    """A form that asks round after round: `blind_votes("w4d1", pairings)`. A vote is final: its names are shown.

    mine: the votes in plain code, round (from 1) → "left", "tie" or "right", where clicking is no way.
    Errors: ValueError for a day that the course does not have, no rounds, or a vote for a round or a side that is not there.
    Used in week 4 day 1.
    """
    day_words(day)
    if not pairings:
        raise ValueError("pairings must hold at least one round")
    form = BlindVotes(day, list(pairings))
    for number, side in (mine or {}).items():
        if number not in range(1, len(pairings) + 1) or side not in SIDES:
            raise ValueError(f'mine must be {{round: "left", "tie" or "right"}} with rounds 1 to {len(pairings)}, got {number!r}: {side!r}')
        form.vote(number - 1, side)
    return form


def votes_of(day: str) -> list[Vote]:
    """The learner's votes of a day, in the order of the rounds; none where nobody voted. Errors: ValueError for an unknown day."""
    day_words(day)
    return list(_kept(day).values())


class BlindVotes(Form):
    """The rounds of one day with what was voted."""

    script = "blind_votes.js"

    def __init__(self, day: str, pairings: list[Pairing]):
        self.day, self.pairings = day, pairings
        self._time = None

    @property
    def votes(self) -> list[Vote]:
        """What was voted so far, in the order of the rounds."""
        return [vote for vote in self._found() if vote is not None]

    def vote(self, place: int, side: str) -> None:
        """Note a vote for a round (from 0); one that has a vote already keeps it."""
        if self._found()[place] is not None:
            return
        left, right = self.pairings[place].left_right
        kept = _kept(self.day)
        kept[place + 1] = Vote(left, right, {"left": 1.0, "tie": 0.5, "right": 0.0}[side])
        record.add_journal(self.day, {PROMPT: "\n".join(_line(number, vote) for number, vote in sorted(kept.items()))})

    def _found(self) -> list[Vote | None]:
        """Each round's vote; one between other models was given to an earlier version of the round, and does not count."""
        kept = _kept(self.day)
        found = (kept.get(number) for number in range(1, len(self.pairings) + 1))
        return [vote if vote and {vote.a, vote.b} == {pairing.a, pairing.b} else None for vote, pairing in zip(found, self.pairings)]

    def content(self) -> dict:
        rounds = [{"prompt": pairing.prompt, "texts": pairing.texts} for pairing in self.pairings]
        return {"title": f"Which text is better? Blind votes, {day_words(self.day)}", "rounds": rounds, "sides": SIDES}

    def state(self) -> dict:
        # names travel to the page only for rounds that are over
        found = self._found()
        names = [pairing.left_right if vote else None for vote, pairing in zip(found, self.pairings)]
        return {"voted": [_side(vote, pairing) for vote, pairing in zip(found, self.pairings)], "names": names, "time": self._time}

    def receive(self, message: dict) -> None:
        place, side = message.get("round"), message.get("side")
        if message.get("do") == "vote" and type(place) is int and 0 <= place < len(self.pairings) and side in SIDES:
            self._time = message.get("time")
            self.vote(place, side)

    def fallback(self) -> str:
        parts = []
        for number, pairing in enumerate(self.pairings, 1):
            left, right = pairing.left_right
            told = f"<details><summary>Decide, then open: who wrote them?</summary><p>Left {html.escape(left)}, right {html.escape(right)}.</p></details>"
            texts = "".join(f"<p><strong>{side}</strong>: {html.escape(text)}</p>" for side, text in zip(("Left", "Right"), pairing.texts))
            parts.append(f"<p><strong>Round {number}.</strong> {inline(pairing.prompt)}</p>{texts}{told}")
        return f'<div class="learn-title"><strong>Which text is better?</strong></div>{"".join(parts)}'

    def __repr__(self) -> str:
        return f"<blind votes, {day_words(self.day)}: {len(self.votes)} of {len(self.pairings)} rounds>"


def _kept(day: str) -> dict[int, Vote]:
    """Round (from 1) → vote, from the record; lines that somebody else wrote there are passed over."""
    votes = {}
    for line in record.journal_entries(day).get(PROMPT, "").splitlines():
        if found := _LINE.fullmatch(line.strip()):
            number, first, how, second = found.groups()
            try:
                votes[int(number)] = Vote(json.loads(first), json.loads(second), 1.0 if how == "beat" else 0.5)
            except ValueError:
                continue
    return dict(sorted(votes.items()))


def _line(number: int, vote: Vote) -> str:
    winner, loser = (vote.b, vote.a) if vote.score == 0 else (vote.a, vote.b)
    names = [json.dumps(name, ensure_ascii=False) for name in (winner, loser)]
    return f"round {number}: {names[0]} {'tied with' if vote.score == 0.5 else 'beat'} {names[1]}"


def _side(vote: Vote | None, pairing: Pairing) -> str | None:
    if vote is None:
        return None
    if vote.score == 0.5:
        return "tie"
    winner = vote.a if vote.score == 1 else vote.b
    return "left" if pairing.left_right[0] == winner else "right"

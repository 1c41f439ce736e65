"""Tiny tales as plain text: write some, read somebody else's, and know the lowest loss that any model can reach on them."""

import random
import re
from functools import cache

from shared.text.grammar import Reading
from shared.text.tales import TALES

# what one token of the course's GPT is: a word, a mark, or the "'t" that GPT-2's pre-splitting cuts off "didn't"
WORD = re.compile(r"'t|[A-Za-z]+|[^\sA-Za-z]")
NO_SPACE_BEFORE = {".", ",", "?", ":", "'t"}


def stories(count: int, seed: int = 0) -> list[str]:
    """So many tiny tales, about 140 words and marks each; the same for the same seed.

    Errors: ValueError for a negative count. Used from week 1 day 2 on.
    """
    if count < 0:
        raise ValueError(f"count must not be negative, got {count}")
    rng = random.Random(seed)
    return [spelled(TALES.draw(rng)[0]) for _ in range(count)]


def spelled(words: list[str]) -> str:
    """Words and marks as running text: a space before each word, none before a mark."""
    return "".join(word if word in NO_SPACE_BEFORE or i == 0 else " " + word for i, word in enumerate(words))


def words_of(text: str) -> list[str]:
    """The words and marks of a text, in order; undoes `spelled`."""
    return WORD.findall(text)


def read_story(text: str) -> Reading:
    """Read a text as a tiny tale: how surprising each word is to somebody who knows the grammar, and where it breaks a rule.

    Returns a `Reading`: `surprises` in nats, one a word, `refused` = the first word that cannot stand there.
    Used from week 2 day 1 on.
    """
    return TALES.follow(words_of(text))


def is_story(text: str) -> bool:
    """Whether the text is a whole tiny tale, to the last space. Used from week 4 day 4 on."""
    words = words_of(text)
    return spelled(words) == text and TALES.accepts(words)


@cache
def entropy_per_story() -> float:
    """The exact entropy of a tiny tale, in nats. Used from week 2 day 1 on."""
    return TALES.entropy()


@cache
def tokens_per_story() -> float:
    """The expected number of tokens of a tiny tale, with the one that ends it, when every word and mark is one token."""
    return TALES.length() + 1


def entropy_per_token() -> float:
    """The floor of the loss in nats per token: no model of tiny tales can do better on stories that it has not seen.

    The entropy of a whole tale, shared among its words, its marks and the token that ends it. Used from week 2 day 1 on.
    """
    return entropy_per_story() / tokens_per_story()


def vocabulary() -> list[str]:
    """Every word and mark of the tiny tales, sorted."""
    return TALES.words()

"""Texts and tokens: tiny tales whose exact entropy is known, Tiny Shakespeare, byte-pair encoding and WordPiece. No torch."""

from shared.text.corpus import (
    entropy_per_story,
    entropy_per_token,
    is_story,
    read_story,
    spelled,
    stories,
    tokens_per_story,
    vocabulary,
    words_of,
)
from shared.text.shakespeare import tiny_shakespeare

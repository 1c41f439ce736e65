"""The 28 days: their titles, and which blocks of the Transformer each one is about."""

from dataclasses import dataclass

WEEKS = {
    1: "Foundations of neural networks and attention",
    2: "The Transformer architecture, deep dive",
    3: "GPT, BERT and friends",
    4: "Interact, visualize and build",
}

# the blocks that the course map can light, from the words upward
BLOCKS = ("embedding", "position", "attention", "masked attention", "cross attention", "normalization", "feed-forward", "output")


@dataclass(frozen=True)
class Day:
    """One day: its title, a short one for narrow places, and its blocks."""

    week: int
    day: int
    title: str
    short: str
    blocks: tuple[str, ...]

    @property
    def code(self) -> str:
        """As questions and exercises name it: "w1d4"."""
        return f"w{self.week}d{self.day}"


_ALL = BLOCKS
_GPT = ("embedding", "position", "masked attention", "normalization", "feed-forward", "output")

DAYS: dict[tuple[int, int], Day] = {
    (week, day): Day(week, day, title, short, blocks)
    for week, day, title, short, blocks in (
        (1, 1, "Basics of neural networks", "Neural networks", ("feed-forward",)),
        (1, 2, "Embeddings and vectors", "Embeddings", ("embedding",)),
        (1, 3, "Introduction to attention", "Attention", ("attention",)),
        (1, 4, "Animated attention demo", "Six-step walk", ("embedding", "position", "attention", "masked attention", "feed-forward", "output")),
        (1, 5, "Quiz and drawing day", "Quiz and drawing", ("embedding", "attention")),
        (1, 6, "Use an attention visualization tool", "Encoder and decoder", ("attention", "masked attention", "cross attention")),
        (1, 7, "Recap and reflect", "Recap", ("embedding", "position", "attention", "feed-forward")),
        (2, 1, "Transformer block overview", "The block", ("attention", "normalization", "feed-forward")),
        (2, 2, "Positional encoding", "Positions", ("position",)),
        (2, 3, "Self-attention visualized", "Seeing attention", ("attention",)),
        (2, 4, "Feed-forward networks", "Feed-forward", ("feed-forward",)),
        (2, 5, "Layer normalization and residuals", "Norms, residuals", ("normalization",)),
        (2, 6, "Build a visual Transformer diagram", "The diagram", _ALL),
        (2, 7, "Recap with a mini explainer", "Mini explainer", _ALL),
        (3, 1, "GPT and BERT overview", "GPT and BERT", ("attention", "masked attention")),
        (3, 2, "Tokenization and byte-pair encoding", "Tokens", ("embedding",)),
        (3, 3, "GPT architecture", "GPT inside", _GPT),
        (3, 4, "Attention heads' behavior", "What heads do", ("masked attention",)),
        (3, 5, "Embedding visuals", "Embedding maps", ("embedding", "position")),
        (3, 6, "Compare BERT, GPT-2, GPT-3", "Three models", _ALL),
        (3, 7, "Recap and teach-back", "Teach-back", _GPT),
        (4, 1, "Chatbot Arena", "Arena", ("output",)),
        (4, 2, "Streamlit LLM playground", "Playground", ("output",)),
        (4, 3, "Visualize attention in a Colab", "All heads", ("attention", "masked attention")),
        (4, 4, "Build a tiny GPT", "Your own GPT", _GPT),
        (4, 5, "Visual slide deck", "Slide deck", _ALL),
        (4, 6, "Share your visual guide", "Your guide", _ALL),
        (4, 7, "Celebration and reflection", "Celebration", _ALL),
    )
}


def find_day(week: int, day: int) -> Day:
    """The day, or ValueError that says which weeks and days there are."""
    if (week, day) not in DAYS:
        raise ValueError(f"the course has weeks 1 to 4 and days 1 to 7; got week {week!r}, day {day!r}")
    return DAYS[week, day]

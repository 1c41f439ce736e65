"""How a text was written, token by token: what the model thought at every step, what the settings made of it, and what was not taken.

Built in week 4 day 2. The playground, `week4/playground.py`, shows what this module computes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from shared.counts import check_count
from shared.gpt import GPT, next_token_probabilities
from shared.text.bpe import BytePairTokenizer


@dataclass(frozen=True)
class Settings:
    """How the next token is chosen; the names and meanings are those of `next_token_probabilities`.

    length: the most new tokens; seed: the same one writes the same text.
    """

    temperature: float = 0.8
    top_k: int | None = None
    top_p: float | None = None
    repetition_penalty: float = 1.0
    length: int = 40
    seed: int = 0


@dataclass(frozen=True)
class Candidate:
    """A token that could have come next. before: its chance by the model alone; after: its chance after the settings."""

    id: int
    text: str
    before: float
    after: float


@dataclass(frozen=True)
class Step:
    """One new token: the one that was drawn, and the likeliest candidates of that moment, most likely first.

    open: how many tokens had any chance left after the settings.
    """

    chosen: Candidate
    candidates: tuple[Candidate, ...]
    open: int


@dataclass(frozen=True)
class Replay:
    """A finished text. ids: prompt and new tokens; prompt: how many of them are the prompt; ended: the model ended it itself.

    first: where what is seen begins: 1 where the token that ends a text stands in front, else 0.
    """

    ids: tuple[int, ...]
    first: int
    prompt: int
    steps: tuple[Step, ...]
    text: str
    ended: bool


def write(model: GPT, tokenizer: BytePairTokenizer, prompt: str, settings: Settings, show: int = 8, fresh: bool = True) -> Replay:
    """Let the model write on, and keep what it thought at every step, with `show` candidates each.

    fresh: the prompt begins a text. A model that was trained on texts in a row knows a beginning by the end-of-text token before it,
    so that token is put in front. Without it the prompt is the middle of something. The end-of-text token ends the writing and is not part of the text; `ended` says that it came.
    Errors: ValueError with a sentence for a person: nothing written in the prompt, a prompt and length that do not fit into the
    model's context together, or a setting out of range; TypeError or ValueError for a `show` that is no count.
    """
    check_count("show", show, least=0)
    ids = prompt_ids(model, tokenizer, prompt, settings.length, fresh)
    end = tokenizer.special.get("<|endoftext|>")
    chances = {"temperature": settings.temperature, "top_k": settings.top_k, "top_p": settings.top_p, "repetition_penalty": settings.repetition_penalty}
    whole = model.generate(ids, settings.length, **chances, seed=settings.seed, stop=end)
    T, new = ids.shape[1], whole.shape[1] - ids.shape[1]
    # a causal model has the scores of every step in one pass over the finished text
    with torch.inference_mode():
        scores = model(whole)[0, T - 1 : T - 1 + new]
    steps = [_step(scores[i : i + 1], whole[:, : T + i], int(whole[0, T + i]), tokenizer, chances, show) for i in range(new)]
    ended = new > 0 and int(whole[0, -1]) == end
    kept = whole[0, : whole.shape[1] - ended].tolist()
    first = int(kept[0] == end)
    return Replay(tuple(kept), first, T, tuple(steps), tokenizer.decode(kept[first:]), ended)


def parting(first: Replay, second: Replay) -> int | None:
    """The first step (from 0) at which two texts of one prompt drew different tokens; None where they agree as far as both go.

    Errors: ValueError where the prompts are not the same. Built in week 4 day 2.
    """
    if first.ids[: first.prompt] != second.ids[: second.prompt]:
        raise ValueError("two texts can part only after the same prompt, and these have different ones")
    return next((i for i, (a, b) in enumerate(zip(first.steps, second.steps)) if a.chosen.id != b.chosen.id), None)


def branch(model: GPT, tokenizer: BytePairTokenizer, replay: Replay, step: int, candidate: Candidate, length: int = 8) -> str:
    """The road not taken: what the model would most likely have written after another token at this step (greedy), as text.

    Errors: IndexError for a step that the replay does not have.
    """
    if not 0 <= step < len(replay.steps):
        raise IndexError(f"step must be 0 to {len(replay.steps) - 1}, got {step}")
    before = list(replay.ids[: replay.prompt + step])
    room = max(0, min(length, model.config.context - len(before) - 1))
    end = tokenizer.special.get("<|endoftext|>")
    if candidate.id == end:
        return ""
    ids = torch.tensor([[*before, candidate.id]])
    after = model.generate(ids, room, temperature=0, stop=end)[0, len(before) :].tolist()
    return tokenizer.decode([id_ for id_ in after if id_ != end])


def prompt_ids(model: GPT, tokenizer: BytePairTokenizer, prompt: str, length: int, fresh: bool = True) -> Tensor:
    """The prompt's ids (1, T), with the end-of-text token in front if it is fresh and the model knows one. Errors: ValueError, in words for a person, where it is empty or leaves no room for `length` new tokens."""
    if not prompt.strip():
        raise ValueError("The prompt is empty. Write a few words for the model to go on from.")
    end = tokenizer.special.get("<|endoftext|>")
    ids = ([end] if fresh and end is not None else []) + tokenizer.encode(prompt)
    context = model.config.context
    if len(ids) + length > context:
        raise ValueError(
            f"The prompt has {len(ids):,} tokens and {length} are to be written, but this model reads at most {context:,} in all. "
            f"Shorten the prompt{'' if len(ids) >= context else ' or the length'}."
        )
    return torch.tensor([ids])


def spelled(tokenizer: BytePairTokenizer, ids: Sequence[int]) -> list[str]:
    """Each token as text of its own; a token that is a part of a letter shows as �."""
    return [tokenizer.decode([id_]) for id_ in ids]


def _step(scores: Tensor, so_far: Tensor, chosen: int, tokenizer: BytePairTokenizer, chances: dict, show: int) -> Step:
    before = scores.softmax(-1)[0]
    after = next_token_probabilities(scores, so_far, **chances)[0]
    # by the chance after the settings, and among those without one by the model's own
    order = (after + 1e-6 * before).topk(min(show, len(after))).indices.tolist()
    made = {id_: Candidate(id_, tokenizer.decode([id_]), float(before[id_]), float(after[id_])) for id_ in {*order, chosen}}
    return Step(made[chosen], tuple(made[id_] for id_ in order), int((after > 0).sum()))

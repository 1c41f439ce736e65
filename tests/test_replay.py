"""The replay of a text: it is the text that `generate` writes, and its chances are the model's."""

import pytest
import torch

from shared.gpt import GPT, next_token_probabilities
from shared.pretrained import shipped_folder
from shared.replay import Candidate, Settings, branch, parting, prompt_ids, spelled, write
from shared.text.bpe import BytePairTokenizer

PROMPT = "Once upon a time there was a girl"


@pytest.fixture(scope="module")
def pair():
    folder = shipped_folder("tiny-gpt2")
    return GPT.from_pretrained(folder).eval(), BytePairTokenizer.load(folder)


@pytest.mark.parametrize("settings", [Settings(), Settings(temperature=0), Settings(temperature=1.4, top_k=5, top_p=0.9, repetition_penalty=1.3, seed=4)])
def test_the_text_is_the_one_that_generate_writes(pair, settings):
    model, tokenizer = pair
    ids = torch.tensor([tokenizer.encode(PROMPT)])
    end = tokenizer.special["<|endoftext|>"]
    theirs = model.generate(ids, settings.length, settings.temperature, settings.top_k, settings.top_p, settings.repetition_penalty, seed=settings.seed, stop=end)
    replay = write(model, tokenizer, PROMPT, settings, fresh=False)
    kept = [id_ for id_ in theirs[0].tolist() if id_ != end]
    assert list(replay.ids) == kept and replay.text == tokenizer.decode(kept) and replay.text.startswith(PROMPT)
    assert [step.chosen.id for step in replay.steps] == theirs[0, ids.shape[1] :].tolist()


def test_the_chances_are_hugging_faces(pair):
    """Step by step, without a cache, from another library's model with the same weights."""
    from transformers import GPT2LMHeadModel

    model, tokenizer = pair
    standard = GPT2LMHeadModel.from_pretrained(shipped_folder("tiny-gpt2"), local_files_only=True).eval()
    settings = Settings(temperature=0.7, top_k=6, repetition_penalty=1.2, length=12, seed=1)
    replay = write(model, tokenizer, PROMPT, settings)
    for i, step in enumerate(replay.steps):
        so_far = torch.tensor([replay.ids[: replay.prompt + i]])
        with torch.no_grad():
            scores = standard(so_far).logits[:, -1]
        before = scores.softmax(-1)[0]
        after = next_token_probabilities(scores, so_far, 0.7, 6, None, 1.2)[0]
        for candidate in (*step.candidates, step.chosen):
            assert candidate.before == pytest.approx(float(before[candidate.id]), abs=1e-4)
            assert candidate.after == pytest.approx(float(after[candidate.id]), abs=1e-4)
        assert step.open == 6 and sum(candidate.after for candidate in step.candidates) == pytest.approx(1, abs=1e-4)
        assert [c.after for c in step.candidates] == sorted((c.after for c in step.candidates), reverse=True)


def test_a_beginning_is_known_by_the_token_before_it(pair):
    """Tales that start where the model knows that they start follow the grammar for longer."""
    from shared.text import read_story

    def words(fresh):
        return sum(len(read_story(write(*pair, "Once there lived a", Settings(seed=seed), fresh=fresh).text).words) for seed in range(12))

    replay = write(*pair, PROMPT, Settings(length=3))
    assert replay.ids[0] == pair[1].special["<|endoftext|>"] and replay.first == 1 and replay.text.startswith(PROMPT)
    assert words(True) > 1.3 * words(False)


def test_greedy_leaves_one_token_open(pair):
    replay = write(*pair, PROMPT, Settings(temperature=0, length=5))
    assert all(step.open == 1 and step.chosen == step.candidates[0] and step.chosen.after == 1 for step in replay.steps)


def test_the_same_seed_the_same_text_and_another_one_another(pair):
    texts = [write(*pair, PROMPT, Settings(temperature=1.0, seed=seed)).text for seed in (3, 3, 4)]
    assert texts[0] == texts[1] != texts[2]


def test_the_end_of_a_text_is_no_part_of_it(pair):
    replay = write(*pair, PROMPT, Settings(temperature=0.3, length=230))
    assert replay.ended and "endoftext" not in replay.text and len(replay.steps) == len(replay.ids) - replay.prompt + 1


def test_a_road_not_taken_starts_with_its_token(pair):
    model, tokenizer = pair
    replay = write(model, tokenizer, PROMPT, Settings(length=10), fresh=False)
    other = next(c for c in replay.steps[2].candidates if c.id != replay.steps[2].chosen.id)
    road = branch(model, tokenizer, replay, 2, other, length=4)
    assert road.startswith(other.text) and len(tokenizer.encode(road)) <= 5
    taken = write(model, tokenizer, tokenizer.decode(replay.ids[: replay.prompt + 2]) + other.text, Settings(temperature=0, length=4), fresh=False)
    assert taken.text.endswith(road)
    assert branch(model, tokenizer, replay, 2, Candidate(tokenizer.special["<|endoftext|>"], "<|endoftext|>", 0.1, 0.1)) == ""
    with pytest.raises(IndexError, match="step must be 0 to 9"):
        branch(model, tokenizer, replay, 10, other)


@pytest.mark.parametrize(
    "prompt, length, words",
    [("", 5, "prompt is empty"), (" \n\t", 5, "prompt is empty"), ("cat " * 300, 5, "Shorten the prompt\\."), ("cat " * 200, 200, "Shorten the prompt or the length")],
)
def test_a_prompt_that_cannot_be_gets_a_sentence(pair, prompt, length, words):
    with pytest.raises(ValueError, match=words):
        write(*pair, prompt, Settings(length=length))


@pytest.mark.parametrize("prompt", ["</script><script>alert(1)</script>", "‮right to left", "🦊​\x00", "$x$ **bold** :red[hello]"])
def test_any_text_is_a_prompt(pair, prompt):
    replay = write(*pair, prompt, Settings(length=3))
    assert replay.text.startswith(prompt) and replay.first == 1


def test_the_whole_context_can_be_filled(pair):
    model, tokenizer = pair
    words = "cat" + " cat" * 249
    assert prompt_ids(model, tokenizer, words, 6, fresh=False).shape == (1, 250)
    assert len(write(model, tokenizer, words, Settings(length=6, seed=2), fresh=False).steps) <= 6


def test_two_texts_part_where_their_ids_first_differ(pair):
    """Against the ids alone, which the steps do not enter."""
    calm, hot = (write(*pair, "Once there lived a", Settings(temperature=t, length=30, seed=2)) for t in (0.3, 2.0))
    step = parting(calm, hot)
    assert calm.ids[: calm.prompt + step] == hot.ids[: hot.prompt + step] and calm.ids[calm.prompt + step] != hot.ids[hot.prompt + step]
    short = write(*pair, "Once there lived a", Settings(temperature=0.3, length=10, seed=2))
    assert parting(calm, short) is None and parting(calm, calm) is None
    with pytest.raises(ValueError, match="same prompt"):
        parting(calm, write(*pair, "Once there was", Settings(length=3)))

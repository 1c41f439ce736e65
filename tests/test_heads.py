"""`shared.heads` on patterns made by hand, on uniform attention by formula, on Hugging Face's models, and on bad input."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from shared import heads
from shared.heads import (
    delimiter,
    entropy,
    induction,
    linked,
    mean_distance,
    measure_all,
    next_token,
    previous_token,
    pronoun_to_name,
    same_token,
    strongest,
    weight_on,
)

few_examples = settings(max_examples=60, deadline=None, derandomize=True)
CAT = ["The", "cat", "sat", "on", "the", "mat"]
ANIMAL = "The animal didn't cross the street because it was too tired".split()
texts = st.lists(st.sampled_from("abcd."), min_size=1, max_size=12)


def looks_at(*keys: int | dict[int, float]) -> Tensor:
    """A head whose row t looks at keys[t] alone, or shares its weight as the dictionary says."""
    weights = torch.zeros(len(keys), len(keys))
    for t, key in enumerate(keys):
        for place, share in (key if isinstance(key, dict) else {key: 1.0}).items():
            weights[t, place] = share
    return weights


def uniform(length: int, causal: bool) -> Tensor:
    """A head that looks everywhere it can, at all places alike."""
    seen = torch.ones(length, length).tril() if causal else torch.ones(length, length)
    return seen / seen.sum(-1, keepdim=True)


def random_heads(*shape: int, causal: bool, seed: int = 0) -> Tensor:
    scores = torch.randn(*shape, shape[-1], generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    if causal:
        scores = scores.masked_fill(torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1), -math.inf)
    return scores.softmax(-1)


# --- perfect heads ----------------------------------------------------------------------------------------------------


def test_a_perfect_previous_token_head():
    # row 0 has nothing before it: wherever it looks, the score stays 1
    for first in (0, 3):
        assert previous_token(looks_at(first, 0, 1, 2)) == 1
    assert next_token(looks_at(0, 0, 1, 2)) == 0


def test_a_perfect_next_token_head():
    for last in (0, 3):
        assert next_token(looks_at(1, 2, 3, last)) == 1
    assert previous_token(looks_at(1, 2, 3, 3)) == 0


def test_a_perfect_same_token_head():
    # a b a c b: both a see each other, both b too; c is alone and looks anywhere
    head = looks_at(2, 4, 0, 1, 1)
    assert same_token(head, list("abacb"), causal=False) == 1
    # looking back only, the first a and the first b see no other: rows 2 and 4 remain
    assert same_token(looks_at(0, 0, 0, 0, 1), list("abacb"), causal=True) == 1
    assert same_token(torch.eye(5), list("abacb"), causal=False) == 0, "a look at itself is no look at another place"


def test_twins_in_the_other_segment():
    # two segments "a b" and "a b", and an a said twice in the first
    tokens, segments = list("abaab"), [0, 0, 0, 1, 1]
    across = looks_at(3, 4, 3, {0: 0.5, 2: 0.5}, 1)
    within = looks_at(2, 1, 0, 3, 4)
    assert same_token(across, tokens, causal=False, segments=segments) == 1
    assert same_token(within, tokens, causal=False, segments=segments) == 0
    assert same_token(within, tokens, causal=False) == pytest.approx(2 / 5), "rows 0 and 2 of five that have an equal"


@pytest.mark.parametrize(("n", "times"), [(2, 2), (3, 2), (4, 3), (8, 3), (40, 2)])
def test_a_perfect_induction_head(n, times):
    # n different tokens said again and again: the token after the last occurrence stands n - 1 places back
    tokens = [t % n for t in range(n * times)]
    head = looks_at(*(t - (n - 1) if t >= n else 0 for t in range(n * times)))
    assert induction(head, tokens) == 1
    # one place off is the token itself (n back) or the one after next: both are no induction
    for offset in {n, n - 2} - {0}:
        off = looks_at(*(t - offset if t >= n else 0 for t in range(n * times)))
        assert induction(off, tokens) == 0
    if n > 2:
        assert same_token(head, tokens, causal=True) == 0


def test_induction_reads_the_rows_that_come_back():
    # x a b y a z: only the second a (row 4) comes back, and b (column 2) followed it
    tokens = list("xabyaz")
    assert induction(looks_at(0, 0, 0, 0, {2: 0.7, 1: 0.3}, 0), tokens) == pytest.approx(0.7)
    # a b a c a: the last a may look at b or c, or at both; the middle one at b
    assert induction(looks_at(0, 0, 1, 0, {1: 0.25, 3: 0.5, 0: 0.25}), list("abaca")) == pytest.approx((1 + 0.75) / 2)
    # a a b a: row 1 has only itself after the first a and is left out; row 3 may look at both tokens after an a
    assert induction(looks_at(0, 1, 0, {1: 0.25, 2: 0.5, 3: 0.25}), list("aaba")) == pytest.approx(0.75)


def test_a_perfect_delimiter_head():
    tokens = ["[CLS]", "a", "[SEP]", "b", "c", ".", "[SEP]"]
    head = looks_at(2, 6, 0, 2, 5, 0, 0)
    assert delimiter(head, tokens, causal=False) == 1, "where the delimiters look does not count"
    assert delimiter(head, tokens, ["[SEP]"], causal=False) == pytest.approx(3 / 5), "rows 0, 1 and 3 of 0, 1, 3, 4 and 5"
    # looking back only, rows 0 and 1 see no delimiter yet
    assert delimiter(looks_at(0, 0, 2, 2, {2: 0.5, 3: 0.5}, 0, 0), tokens, causal=True) == pytest.approx(0.75)
    assert delimiter(looks_at(0, 0, 0), [5, 13, 7], [13], causal=True) == 0, "ids work as well as strings"


def test_a_pronoun_and_its_name():
    it, animal = ANIMAL.index("it"), ANIMAL.index("animal")
    keys = [0] * len(ANIMAL)
    keys[it] = animal
    assert pronoun_to_name(looks_at(*keys), ANIMAL, {"it": "animal"}, predicting=False) == 1
    assert pronoun_to_name(looks_at(*keys), ANIMAL, {"it": "animal"}, predicting=True) == 0
    keys[it], keys[it - 1] = 0, animal
    assert pronoun_to_name(looks_at(*keys), ANIMAL, {"it": "animal"}, predicting=True) == 1
    # several words, several pronouns; "she" before any name and "he" without a name are left out
    tokens = "she saw mia run and mia saw tom then she ran he".split()
    head = looks_at(*[0] * 9, {2: 0.3, 5: 0.4, 7: 0.3}, 0, {7: 0.9, 0: 0.1})
    assert pronoun_to_name(head, tokens, {"she": ["mia", "girl"]}, predicting=False) == pytest.approx(0.7)
    both = pronoun_to_name(head, tokens, {"she": "mia", "he": ("tom",)}, predicting=False)
    assert both == pytest.approx((0.7 + 0.9) / 2)
    assert pronoun_to_name(looks_at(0, {0: 0.6, 1: 0.4}, 0), [7, 8, 9], {9: 7}, predicting=True) == pytest.approx(0.6)


def test_links_that_are_known():
    head = looks_at({0: 0.5, 1: 0.2, 2: 0.3}, 1, {0: 0.6, 2: 0.4})
    assert linked(head, [(0, 2)]) == pytest.approx(0.3)
    assert linked(head, [(0, [1, 2]), (2, 0)]) == pytest.approx((0.5 + 0.6) / 2)
    assert linked(head, [(0, 1), (0, 2)]) == pytest.approx(0.5), "two pairs of one row add up"


# --- uniform and mixed heads, by formula ------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [2, 3, 6, 50])
def test_uniform_heads_by_formula(length):
    both, back = uniform(length, causal=False), uniform(length, causal=True)
    seen = range(1, length + 1)  # how many places row t sees in a causal model
    assert previous_token(both) == pytest.approx(1 / length)
    assert next_token(both) == pytest.approx(1 / length)
    assert previous_token(back) == pytest.approx(sum(1 / n for n in seen[1:]) / (length - 1))
    assert next_token(back) == 0
    assert entropy(both) == pytest.approx(math.log(length))
    assert entropy(back) == pytest.approx(sum(math.log(n) for n in seen) / length)
    assert mean_distance(both) == pytest.approx((length**2 - 1) / (3 * length))
    assert mean_distance(back) == pytest.approx((length - 1) / 4)  # row t: t / 2
    assert same_token(both, ["a"] * length, causal=False) == pytest.approx((length - 1) / length)
    assert same_token(back, ["a"] * length, causal=True) == pytest.approx(sum((n - 1) / n for n in seen[1:]) / (length - 1))
    assert delimiter(both, ["a"] * (length - 1) + ["."], causal=False) == pytest.approx(1 / length)


def test_uniform_over_the_cats_sentence():
    # 1/2, 1/3 … 1/6 for rows 1 … 5: 1.45 / 5
    assert previous_token(uniform(6, causal=True)) == pytest.approx(0.29)
    assert e_to(entropy(uniform(6, causal=False))) == pytest.approx(6), "e^entropy counts the places"


def e_to(x: Tensor) -> float:
    return math.exp(float(x))


def test_uniform_induction_on_a_repeat():
    # a b c a b c: rows 3, 4 and 5 see 4, 5 and 6 places, one of which is right
    assert induction(uniform(6, causal=True), list("abcabc")) == pytest.approx((1 / 4 + 1 / 5 + 1 / 6) / 3)


def test_a_mixed_head_scores_its_shares():
    # 60 % on the token before, 40 % on itself, from row 1 on
    head = 0.6 * looks_at(0, 0, 1, 2) + 0.4 * torch.eye(4)
    assert previous_token(head) == pytest.approx(0.6)
    assert mean_distance(head) == pytest.approx(0.6 * 3 / 4)
    mixed = -(0.6 * math.log(0.6) + 0.4 * math.log(0.4))
    assert entropy(head) == pytest.approx(mixed * 3 / 4)


def test_distance_counts_both_ways():
    assert mean_distance(looks_at(2, 1, 0)) == pytest.approx(4 / 3)


# --- properties -------------------------------------------------------------------------------------------------------


@given(tokens=texts, causal=st.booleans(), seed=st.integers(0, 2**20))
@few_examples
def test_every_score_equals_a_loop_over_its_definition(tokens, causal, seed):
    weights = random_heads(2, 3, len(tokens), causal=causal, seed=seed)
    places = range(len(tokens))
    fits = {
        "previous_token": lambda t, s: s == t - 1,
        "next_token": lambda t, s: s == t + 1,
        "same_token": lambda t, s: s != t and tokens[s] == tokens[t] and (s < t or not causal),
        "induction": lambda t, s: 0 < s < t and tokens[s - 1] == tokens[t],
        "delimiter": lambda t, s: tokens[s] == "." != tokens[t] and (s < t or not causal),
    }
    expected = {}
    for name, fit in fits.items():
        sums = [sum(weights[..., t, s] for s in places if fit(t, s)) for t in places if any(fit(t, s) for s in places)]
        if sums and not (causal and name == "next_token"):
            expected[name] = sum(sums) / len(sums)
    scores = measure_all(weights, tokens, causal=causal)
    assert set(scores) == {*expected, "entropy", "mean_distance"}
    for name, value in expected.items():
        torch.testing.assert_close(scores[name], value, rtol=0, atol=1e-12, msg=name)
        assert scores[name].shape == (2, 3) and (scores[name] >= 0).all() and (scores[name] <= 1 + 1e-12).all()
    assert (scores["entropy"] <= math.log(len(tokens)) + 1e-12).all()
    assert (scores["mean_distance"] <= len(tokens) - 1 + 1e-12).all()


@given(tokens=texts, causal=st.booleans(), order=st.permutations(range(5)))
@few_examples
def test_heads_are_scored_one_by_one(tokens, causal, order):
    weights = random_heads(5, len(tokens), causal=causal)
    scores = measure_all(weights, tokens, causal=causal)
    moved = measure_all(weights[order], tokens, causal=causal)
    for name, value in scores.items():
        assert torch.equal(moved[name], value[order]), name
        alone = measure_all(weights[2], tokens, causal=causal)[name]
        torch.testing.assert_close(alone, value[2], rtol=0, atol=1e-12)


@given(tokens=texts, causal=st.booleans())
@few_examples
def test_only_equality_of_tokens_matters(tokens, causal):
    weights = random_heads(2, len(tokens), causal=causal)
    ids = ["abcd.".index(token) for token in tokens]
    by_name = measure_all(weights, tokens, causal=causal)
    for other in (ids, torch.tensor(ids), tuple(ids)):
        by_id = measure_all(weights, other, causal=causal, delimiters=[4])
        assert by_name.keys() == by_id.keys()
        assert all(torch.equal(by_name[name], by_id[name]) for name in by_name)


# --- what models and arrays give --------------------------------------------------------------------------------------


@pytest.mark.parametrize("causal", [True, False])
def test_takes_what_hugging_face_returns(causal):
    from transformers import BertConfig, BertModel, GPT2Config, GPT2Model

    torch.manual_seed(0)
    if causal:
        config = GPT2Config(n_layer=3, n_head=2, n_embd=16, n_positions=16, vocab_size=20, attn_implementation="eager")
        model = GPT2Model(config).eval()
    else:
        config = BertConfig(
            num_hidden_layers=3, num_attention_heads=2, hidden_size=16, intermediate_size=32, vocab_size=20,
            attn_implementation="eager",
        )  # fmt: skip
        model = BertModel(config).eval()
    ids = [3, 4, 5, 3, 4, 6]
    attentions = model(torch.tensor([ids]), output_attentions=True).attentions
    scores = measure_all(attentions, ids, causal=causal, delimiters=[6])
    assert all(score.shape == (3, 2) for score in scores.values())
    stacked = torch.cat(attentions).detach()
    assert ("next_token" in scores) is not causal
    # the same through numpy, through a list of (heads, T, T) and through a hand-made sum
    for same in (stacked, stacked.numpy(), [layer[0] for layer in attentions]):
        assert torch.equal(previous_token(same), scores["previous_token"])
    by_hand = (stacked[..., 3, 1] + stacked[..., 4, 2]) / 2
    torch.testing.assert_close(scores["induction"], by_hand)
    assert not scores["induction"].requires_grad
    layer, head, score = strongest(scores["induction"])
    assert score == scores["induction"].max() == scores["induction"][layer, head]


def test_half_precision_is_summed_in_full():
    weights = random_heads(2, 200, causal=True)
    for dtype in (torch.float16, torch.bfloat16):
        scores = entropy(weights.to(dtype))
        assert scores.dtype == torch.float32
        torch.testing.assert_close(scores, entropy(weights).float(), rtol=0.01, atol=0)


def test_strongest():
    assert strongest(torch.tensor([[0.1, 0.7], [0.9, 0.2], [0.3, 0.9]])) == (1, 0, pytest.approx(0.9))
    assert [type(part) for part in strongest(torch.eye(2))] == [int, int, float]
    nan = torch.tensor([[math.nan]])
    for wrong, says in ((torch.zeros(3), r"\(layers, heads\)"), (torch.zeros(0, 2), "at least 1"), (nan, "finite")):
        with pytest.raises(ValueError, match=says):
            strongest(wrong)


# --- bad input --------------------------------------------------------------------------------------------------------

ONE_EACH = {
    "previous_token": lambda a, tokens: previous_token(a),
    "next_token": lambda a, tokens: next_token(a),
    "same_token": lambda a, tokens: same_token(a, tokens, causal=False),
    "induction": induction,
    "delimiter": lambda a, tokens: delimiter(a, tokens, causal=False),
    "pronoun_to_name": lambda a, tokens: pronoun_to_name(a, tokens, {"c": "a"}, predicting=False),
    "linked": lambda a, tokens: linked(a, [(1, 0)]),
    "entropy": lambda a, tokens: entropy(a),
    "mean_distance": lambda a, tokens: mean_distance(a),
    "measure_all": lambda a, tokens: measure_all(a, tokens, causal=False),
    "weight_on": lambda a, tokens: weight_on(a, torch.ones(5, 5, dtype=torch.bool)),
}
TOKENS = ["a", "b", "a", "c", "."]


def test_no_measure_is_left_untried():
    ours = {name for name, f in vars(heads).items() if callable(f) and getattr(f, "__module__", "") == heads.__name__}
    public = {name for name in ours if not name.startswith("_")}
    assert public == {*ONE_EACH, "strongest", "as_weights"}
    for measure in ONE_EACH.values():
        measure(uniform(5, causal=False), TOKENS)


@pytest.mark.parametrize("measure", ONE_EACH.values(), ids=ONE_EACH)
@pytest.mark.parametrize(
    ("attention", "error", "says"),
    [
        (torch.zeros(5, 5), ValueError, r"row 0 sums to 0.000"),
        (torch.stack([uniform(5, True), 2 * uniform(5, True)]), ValueError, r"head \(1,\) sums to 2.000"),
        (torch.full((5, 5), math.nan), ValueError, "not finite"),
        (torch.eye(5) * 3 - 0.4, ValueError, "negative"),
        (torch.ones(5, 4) / 4, ValueError, r"\(…, T, T\).*\(5, 4\)"),
        (torch.ones(5), ValueError, r"\(…, T, T\)"),
        (torch.eye(5).long(), TypeError, "floating-point"),
        ((None, None), ValueError, "eager"),
        ((), ValueError, "output_attentions"),
        ((torch.eye(5)[None, None], torch.eye(4)[None, None]), ValueError, "one shape"),
        ((torch.eye(5).expand(2, 3, 5, 5),), ValueError, "one text at a time, got layers for 2"),
    ],
    ids=[
        "scores", "one head of two", "nan", "negative", "not square", "one axis", "whole numbers", "no eager", "no layers",
        "layers differ", "batch",
    ],
)  # fmt: skip
def test_what_is_no_attention_is_refused(measure, attention, error, says):
    with pytest.raises(error, match=says):
        measure(attention, TOKENS)


@pytest.mark.parametrize("name", ["same_token", "induction", "delimiter", "pronoun_to_name", "measure_all"])
def test_tokens_that_do_not_fit_are_refused(name):
    with pytest.raises(ValueError, match="tokens and attention differ in length: 4 against 5"):
        ONE_EACH[name](uniform(5, causal=False), TOKENS[:4])
    with pytest.raises(TypeError, match="a list of tokens, got one string"):
        ONE_EACH[name](uniform(5, causal=False), "abac.")
    with pytest.raises(ValueError, match="one text"):
        ONE_EACH[name](uniform(5, causal=False), torch.zeros(5, 5).long())


@pytest.mark.parametrize(
    ("measure", "says"),
    [
        (lambda a: previous_token(a[:1, :1] * 6), "a token before"),
        (lambda a: next_token(a[:1, :1] * 6), "a token after"),
        (lambda a: same_token(a, CAT, causal=False), "same token"),
        (lambda a: same_token(a, list("ababab"), causal=False, segments=[0] * 6), "same token"),
        (lambda a: induction(a, CAT), "came before"),
        (lambda a: induction(a, list("abcdee")), "came before"),
        (lambda a: delimiter(a, CAT, causal=False), "delimiter"),
        (lambda a: delimiter(a, list("abcde."), causal=True), "delimiter"),
        (lambda a: pronoun_to_name(a, CAT, {"it": "cat"}, predicting=False), "no pronoun"),
        (lambda a: pronoun_to_name(a, CAT, {"cat": "mat"}, predicting=False), "no pronoun"),
        (lambda a: linked(a, []), "a link"),
        (lambda a: weight_on(a, torch.zeros(6, 6, dtype=torch.bool)), "a marked cell"),
    ],
)
def test_nothing_to_measure_is_an_error(measure, says):
    with pytest.raises(ValueError, match=f"nothing to measure.*{says}"):
        measure(uniform(6, causal=False))


def test_other_bad_input():
    head = uniform(6, causal=False)
    with pytest.raises(ValueError, match="query 6 is not one of the positions 0 to 5"):
        linked(head, [(6, 0)])
    with pytest.raises(ValueError, match="key -1"):
        linked(head, [(0, [1, -1])])
    with pytest.raises(TypeError, match="key must be a whole number, got 'cat'"):
        linked(head, [(0, ["cat"])])
    with pytest.raises(TypeError, match="torch.bool"):
        weight_on(head, torch.ones(6, 6))
    with pytest.raises(ValueError, match=r"pattern must have shape \(6, 6\)"):
        weight_on(head, torch.ones(5, 5, dtype=torch.bool))
    with pytest.raises(ValueError, match="segments and attention differ in length"):
        same_token(head, list("aabbcc"), causal=False, segments=[0, 1])
    with pytest.raises(ValueError, match="looks ahead"):
        measure_all(head, CAT, causal=True)

"""Blind votes: names stay hidden until the vote, votes are final, survive a restart and come back as `Vote`s."""

import json

import pytest

from shared.arena import Vote
from shared.learning import record
from shared.learning.blind_votes import PROMPT, Pairing, blind_votes, votes_of

ROUNDS = [Pairing(f"Once {i}", "long", "short", f"a long tale {i}", f"a tale {i}") for i in range(8)] + [Pairing("x", 'a "b" | c', "d\ne", "t", "u")]


@pytest.fixture(autouse=True)
def own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "mine"))


def test_names_are_told_only_after_the_vote():
    form = blind_votes("w4d1", ROUNDS)
    assert "short" not in json.dumps(form.content()) and form.state()["names"] == [None] * 9
    form.receive({"do": "vote", "round": 2, "side": "left", "time": 5})
    assert form.state()["names"][2] == ROUNDS[2].left_right and form.state()["names"][3] is None
    assert form.state()["voted"][2] == "left" and form.state()["time"] == 5


def test_a_side_means_the_model_that_stands_there():
    assert len({pairing.turned for pairing in ROUNDS}) == 2  # both orders occur
    for place, pairing in enumerate(ROUNDS[:8]):
        form = blind_votes("w4d1", ROUNDS)
        form.vote(place, "right")
        assert pairing.texts[1] == (pairing.text_a if pairing.left_right[1] == pairing.a else pairing.text_b)
        vote = form._found()[place]
        assert (vote.a if vote.score == 1 else vote.b) == pairing.left_right[1]


def test_votes_are_final_and_come_back_after_a_restart():
    form = blind_votes("w4d1", ROUNDS, mine={1: "left", 2: "tie", 9: "right"})
    form.vote(0, "right")
    left, right = ROUNDS[0].left_right
    again = blind_votes("w4d1", ROUNDS)
    assert again.state()["voted"] == ["left", "tie", *[None] * 6, "right"]
    assert [{v.a, v.b} for v in votes_of("w4d1")] == [{left, right}, {left, right}, {'a "b" | c', "d\ne"}]
    first = votes_of("w4d1")[0]
    assert first == Vote(left, right, 1.0) and votes_of("w4d1")[1].score == 0.5 and len(again.votes) == 3
    assert record.journal_entries("w4d1")[PROMPT].splitlines()[0] == f'round 1: "{left}" beat "{right}"'


def test_a_round_between_other_models_needs_a_new_vote():
    blind_votes("w4d1", ROUNDS, mine={1: "left"})
    changed = [Pairing("Once 0", "long", "another", "a long tale 0", "something"), *ROUNDS[1:]]
    form = blind_votes("w4d1", changed)
    assert form.state()["voted"][0] is None and form.votes == []


@pytest.mark.parametrize("written", ["nonsense", 'round 1: "a" beat "a"', 'round x: "a" beat "b"', "\x00"])
def test_a_damaged_entry_is_passed_over(written):
    record.add_journal("w4d1", {PROMPT: written})
    assert votes_of("w4d1") == [] and blind_votes("w4d1", ROUNDS).votes == []


@pytest.mark.parametrize("message", [{}, {"do": "vote"}, {"do": "vote", "round": 99, "side": "left"}, {"do": "vote", "round": True, "side": "left"}, {"do": "vote", "round": 0, "side": "up"}])
def test_a_foreign_message_changes_nothing(message):
    form = blind_votes("w4d1", ROUNDS)
    form.receive(message)
    assert form.votes == []


def test_without_a_kernel_the_names_are_behind_a_click():
    page = blind_votes("w4d1", ROUNDS).fallback()
    assert page.count("<details>") == 9 and "Decide, then open" in page


@pytest.mark.parametrize(
    "make, words",
    [
        (lambda: Pairing("p", "a", "a", "t", "u"), "needs two models"),
        (lambda: Pairing("p", "a", "b", " ", "u"), "text_a must be a text"),
        (lambda: blind_votes("w9d1", ROUNDS), "week 9|no day|course"),
        (lambda: blind_votes("w4d1", []), "at least one round"),
        (lambda: blind_votes("w4d1", ROUNDS, mine={0: "left"}), "rounds 1 to 9, got 0"),
        (lambda: blind_votes("w4d1", ROUNDS, mine={1: "up"}), "got 1: 'up'"),
    ],
)
def test_bad_input_gets_a_sentence(make, words):
    with pytest.raises(ValueError, match=words):
        make()

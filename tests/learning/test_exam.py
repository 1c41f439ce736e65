"""The exam: an even, seeded draw; nothing told before it is handed in; a result by day; and misses that come back."""

import json
from collections import Counter

import pytest

from shared.learning import exam as module
from shared.learning import record, spacing, warm_up
from shared.learning.codes import day_of
from shared.learning.exam import draw, exam, results
from shared.learning.questions import questions_of
from tests.learning.samples import choice, every_kind
from tests.learning.test_quizzes import bundle, send


@pytest.fixture
def week(write_questions):
    """Six questions on each of days 1, 2, 3, 4 and 6 of week 1 (day 5 has none), two on each day of week 2."""
    items = [choice(f"w1d{day}-{i:02}", shows=f"Heading {day}.{i}") for day in (1, 2, 3, 4, 6) for i in range(1, 7)]
    items += [choice(f"w2d{day}-{i:02}") for day in range(1, 8) for i in (1, 2)]
    return write_questions(items)


def ids(questions):
    return [question.id for question in questions]


def test_each_day_has_its_share_and_the_days_come_mixed(week):
    drawn = draw("w1d7")
    assert Counter(day_of(item) for item in ids(drawn)) == dict.fromkeys(("w1d1", "w1d2", "w1d3", "w1d4", "w1d6"), 3)
    assert len(set(ids(drawn))) == 15
    for start in (0, 5, 10):
        assert len({day_of(item) for item in ids(drawn)[start : start + 5]}) == 5, "every round asks each day once"
    assert [day_of(item) for item in ids(drawn)] != sorted(day_of(item) for item in ids(drawn))


def test_the_seed_decides_and_a_new_question_moves_few_others(week, write_questions):
    first = ids(draw("w1d7"))
    assert first == ids(draw("w1d7")) and first != ids(draw("w1d7", seed=2))
    write_questions([choice(f"w1d{day}-{i:02}") for day in (1, 2, 3, 4, 6) for i in range(1, 8 if day == 3 else 7)])
    assert len(set(ids(draw("w1d7"))) - set(first)) <= 1


def test_which_days_are_asked(week):
    assert {day_of(item) for item in ids(draw("w2d7", count=99))} == {f"w2d{day}" for day in range(1, 7)}
    assert {item[:2] for item in ids(draw("w2d7", "course", count=99))} == {"w1", "w2"}
    assert {day_of(item) for item in ids(draw("w2d7", ["w1d2", "w2d3"]))} == {"w1d2", "w2d3"}
    assert len(draw("w1d7", count=4)) == 4 and len(draw("w1d7", count=99)) == 30


@pytest.mark.parametrize("given, word", [
    (dict(day="w9d1"), "week 9"), (dict(day="w1d1"), "no day"), (dict(day="w1d7", count=0), "count"), (dict(day="w1d7", count=True), "count"),
    (dict(day="w1d7", days="month"), "month"), (dict(day="w1d7", days=[]), "no day"), (dict(day="w1d7", days=["w1d2", "w7d7"]), "week 7"),
    (dict(day="w1d7", mine={0: "a"}), "number 0"), (dict(day="w1d7", mine={16: "a"}), "1 to 15"),
])  # fmt: skip
def test_bad_input_is_named(week, given, word):
    with pytest.raises(ValueError, match=word):
        exam(**given)


def test_nothing_is_told_or_recorded_before_it_is_handed_in(week):
    form = exam("w1d7")
    bundle(form)
    payload = form._widget.content + form._widget.state
    assert "correct" not in payload and "Keys only score" not in payload and "w1d3" not in form.content()["title"]
    first = next(iter(form.questions))
    assert send(form, do="grade", id=first, given="b")["verdicts"] == {}
    assert record.answers() == [] and not form.handed_in


def test_it_is_graded_by_day_and_kept(week):
    form = exam("w1d7")
    given = {item: "a" if item.startswith("w1d3") else "b" for item in form.questions}
    sure = [item for item in given if item.startswith(("w1d3", "w1d4"))]
    state = send(form, do="hand in", given=given, sure=sure, time=1)
    numbers = [i for i, item in enumerate(form.questions, 1) if item.startswith("w1d3")]
    assert state["handed_in"] and state["score"].startswith(f"12 of 15 right. Sure and wrong: {', '.join(map(str, numbers))}.")
    by_day = {day.day: (day.right, day.total) for day in form.by_day()}
    assert by_day == {"w1d1": (3, 3), "w1d2": (3, 3), "w1d3": (0, 3), "w1d4": (3, 3), "w1d6": (3, 3)}
    bad = next(day for day in state["days"] if day["title"].startswith("Week 1 day 3"))
    assert len(bad["look"]) == 3 and all(heading.startswith("Heading 3.") for heading in bad["look"])
    assert all(verdict["closed"] for verdict in state["verdicts"].values())
    assert {(a.place, a.day) for a in record.answers()} == {("exam", "w1d7")} and len(record.answers()) == 15
    assert [(s.right, s.total) for s in results("w1d7")] == [(12, 15)]
    assert "Week 1 day 3, Attention: 0 of 3, look again at" in repr(form)


def test_a_closed_paper_says_what_would_have_been_right(write_questions):
    write_questions(every_kind())
    form = exam("w1d7")
    assert not form.state()["verdicts"]
    form.hand_in({"w1d4-01": "a", "w1d4-02": "ab", "w1d4-03": "6", "w1d4-05": "b"}, anyway=True)
    said = {item: [(line["good"], line["label"], line["text"]) for line in v["lines"]] for item, v in form.state()["verdicts"].items()}
    assert said["w1d4-01"] == [(False, "a", "It is returned"), (True, "b", "It is scored against the query")]
    assert said["w1d4-02"][-1] == (True, "c", "`W_o`") and len(said["w1d4-02"]) == 3, "a right choice is not told twice"
    assert said["w1d4-03"][-1] == (True, "", "36 numbers")
    assert [text for _, _, text in said["w1d4-04"]] == ["scores", "divide", "softmax", "mix"]
    assert len(said["w1d4-05"]) == 1
    headlines = {v["headline"] for v in form.state()["verdicts"].values()}
    assert not any(headline.startswith("Not yet") for headline in headlines)


def test_it_can_be_handed_in_only_once(week):
    form = exam("w1d7", mine={1: "b"})
    before = len(record.answers())
    send(form, do="hand in", given=dict.fromkeys(form.questions, "b"))
    assert len(record.answers()) == before == 15 and form.score().startswith("1 of 15")


def test_what_is_open_is_named_once_and_then_counts_as_missed(week):
    form = exam("w1d7")
    given = dict.fromkeys(form.questions, "b")
    open_ids = list(form.questions)[2], list(form.questions)[7]
    given[open_ids[0]], given[open_ids[1]] = "", "zebra"
    said = send(form, do="hand in", given=given)["score"]
    assert "question 3" in said and "question 8 (Answer" in said and record.answers() == []
    del given[open_ids[0]]
    state = send(form, do="hand in", given=given)
    assert state["handed_in"] and state["verdicts"][open_ids[0]]["headline"] == "Left open."
    assert sorted(a.question for a in record.answers() if not a.correct) == sorted(open_ids)


def test_an_empty_paper_is_told_in_a_few_words(week):
    form = exam("w1d7")
    said = send(form, do="hand in", given={})["score"]
    assert said.startswith(f"Still open: all {len(form.questions)} questions. ") and record.answers() == []
    given = dict.fromkeys(form.questions, "") | {list(form.questions)[0]: "zebra"}
    assert "question 1 (Answer" in send(form, do="hand in", given=given)["score"], "what cannot be read is named"


def test_answering_one_more_names_the_rest_again(week):
    form = exam("w1d7")
    given = dict.fromkeys(list(form.questions)[2:], "b")
    assert "question 1; question 2" in send(form, do="hand in", given=given)["score"]
    given[list(form.questions)[0]] = "b"
    assert "Still open: question 2." in send(form, do="hand in", given=given)["score"]


def test_what_was_missed_comes_back_in_warm_ups(week):
    missed = next(i for i, item in enumerate(ids(draw("w1d7")), 1) if not item.endswith("-01"))
    item = ids(draw("w1d7"))[missed - 1]
    exam("w1d7", mine={number: "a" if number == missed else "b" for number in range(1, 16)})
    assert item in spacing.open_misses(record.answers())
    assert item in warm_up("w2d1").questions


def test_another_sitting_says_how_the_last_one_went(week):
    exam("w1d7", mine={number: "b" for number in range(1, 11)})
    again = exam("w1d7")
    assert again.state()["score"].startswith("You took this exam before: 10 of 15 right, on 20")
    again.hand_in(dict.fromkeys(again.questions, "b"))
    assert [(s.right, s.total) for s in results("w1d7")] == [(10, 15), (15, 15)]
    assert results("w2d7") == []


def test_a_pause_parts_two_sittings_with_other_questions(week, monkeypatch):
    exam("w1d7", mine={1: "b"}, count=2)
    monkeypatch.setattr(module, "SAME_SITTING_S", -1.0)
    assert len(results("w1d7")) == 2, "without a moment's grace each answer stands alone"


def test_every_kind_can_be_asked(write_questions):
    write_questions(every_kind())
    form = exam("w1d7")
    assert json.loads(json.dumps(form.content()))["hand_in"]
    order = {o.text: "abcd"[i] for i, o in enumerate(questions_of("w1d4")[3].shown)}
    in_order = "".join(order[text] for text in ("scores", "divide", "softmax", "mix"))
    right = {"w1d4-01": "b", "w1d4-02": "ac", "w1d4-03": "36", "w1d4-04": in_order, "w1d4-05": "b", "w1d4-06": "a"}
    form.hand_in(right)
    assert form.handed_in and sum(v.correct for v in form.verdicts.values()) >= 5


@pytest.mark.parametrize("message", [{}, {"do": "hand in"}, {"do": "hand in", "given": []}, {"do": "hand in", "given": {"w9d9-01": "a"}},
                                     {"do": "hand in", "given": {"w1d1-01": {"a": 1}}, "sure": 3}])  # fmt: skip
def test_a_message_that_makes_no_sense_does_no_harm(week, message):
    form = exam("w1d7")
    send(form, **message)
    assert not form.handed_in and record.answers() == []


def test_without_questions_it_says_so(write_questions):
    write_questions([choice("w2d1-01")])
    form = exam("w1d7")
    assert "nothing to ask" in form.intro and form.score() == ""
    form.hand_in({})
    assert not form.handed_in


def test_without_a_kernel_every_question_can_be_opened(week):
    page = bundle(exam("w1d7"))["text/html"]
    assert page.count("<details>") == 45 and "mixed" in page

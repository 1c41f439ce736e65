"""The flowchart: only the right one passes, each way to be wrong has its sentence, and running it shows what the check says."""

import itertools

import pytest
from hypothesis import given, strategies as st

from shared.learning.flowchart import ORDER, STEPS, ChartStops, chart_faults, check_chart, enough, run_chart

LOOP = ["cut", "look up", "blocks", "votes", "chances", "pick", "append"]


def chart(no="look up"):
    return [*LOOP, enough(no=no), "join"]


def actions(log=None):
    """A tiny model without torch: the next token is the sum of all rows, modulo 10."""
    return {
        "cut": lambda s: s.update(tokens=[int(c) for c in s["text"]]),
        "look up": lambda s: s.update(rows=list(s["tokens"])),
        "blocks": lambda s: s.update(rows=list(itertools.accumulate(s["rows"]))),
        "votes": lambda s: s.update(votes=s["rows"][-1]),
        "chances": lambda s: s.update(chances=s["votes"] % 10),
        "pick": lambda s: s.update(new=s["chances"]),
        "append": lambda s: s.update(tokens=[*s["tokens"], s["new"]]),
        "join": lambda s: s.update(answer="".join(map(str, s["tokens"]))),
    }


def written(no="look up", most=500, length=6):
    state = {"text": "12"}
    visits = list(run_chart(chart(no), actions(), lambda s: len(s["tokens"]) >= length, state, most))
    return state.get("answer"), visits


def test_the_right_chart_passes():
    assert chart_faults(chart()) == [] and check_chart(chart()).text.startswith("✓")


@given(st.permutations(LOOP + ["decision", "join"]), st.sampled_from(ORDER))
def test_a_chart_that_passes_writes_what_the_loop_in_code_writes(items, no):
    made = [enough(no=no) if item == "decision" else item for item in items]
    if chart_faults(made):
        return
    state = {"text": "12"}
    list(run_chart(made, actions(), lambda s: len(s["tokens"]) >= 6, state))
    tokens = [1, 2]
    while len(tokens) < 6:
        tokens.append(sum(tokens) % 10)
    assert state["answer"] == "".join(map(str, tokens))


@given(st.permutations(LOOP + ["decision", "join"]), st.sampled_from(ORDER))
def test_only_the_one_order_passes(items, no):
    made = [enough(no=no) if item == "decision" else item for item in items]
    right = list(items) == [*LOOP, "decision", "join"] and no == "look up"
    assert (chart_faults(made) == []) == right


@pytest.mark.parametrize("no, says", [("cut", "thrown away"), ("blocks", "no row yet"), ("votes", "chances stay"), ("chances", "chances stay"), ("pick", "chances stay"),
                                      ("append", "chances stay"), ("join", "leads on, not back"), ("nowhere", "no such step")])  # fmt: skip
def test_each_wrong_way_back_has_its_sentence(no, says):
    (fault,) = chart_faults(chart(no))
    assert says in fault.says and 7 in fault.at


@pytest.mark.parametrize("name", ORDER)
def test_a_missing_step_is_named_with_what_it_is_for(name):
    made = [item for item in chart() if item != name]
    assert any(f"`{name}` is missing" in fault.says and STEPS[name].why in fault.says for fault in chart_faults(made))


@pytest.mark.parametrize("one, other", [("look up", "blocks"), ("blocks", "votes"), ("votes", "chances"), ("chances", "pick"), ("pick", "append"), ("cut", "look up")])
def test_two_steps_the_wrong_way_around_are_both_pointed_at(one, other):
    made = chart()
    i, j = made.index(one), made.index(other)
    made[i], made[j] = made[j], made[i]
    fault = chart_faults(made)[0]
    assert f"`{other}` comes before `{one}`" in fault.says and set(fault.at) == {i, j}


@pytest.mark.parametrize("made, says", [
    ("cut, look up", "is a list"), (7, "is a list"), ([], "missing"), (chart() + ["cut"], "twice"), (["cat", *chart()], "'cat'"), ([None], "None"),
    (LOOP + ["join"], "no decision"), ([*chart()[:-1], enough(no="cut"), "join"], "two decisions"), ([*LOOP, "join", enough(no="look up")], "inside the loop"),
    ([*LOOP[:-1], enough(no="look up"), "append", "join"], "outside of the loop")])  # fmt: skip
def test_whatever_is_written_gets_a_sentence(made, says):
    assert any(says in fault.says for fault in chart_faults(made)) and says in check_chart(made).text


def test_running_shows_what_the_check_says():
    assert written()[0] == "123624"  # 1+2, 3+3, 6+6, 12+2 modulo 10
    assert written("pick")[0] == written("append")[0] == written("chances")[0] == "123333"  # nothing reads the new token
    answer, visits = written("cut", most=100)
    assert answer is None and len(visits) == 100  # never ends


def test_visits_and_rounds():
    _, visits = written()
    assert [v.name for v in visits[:9]] == [*LOOP, "enough?", "look up"] and visits[8].round == 2
    assert [v.name for v in visits].count("blocks") == 4 and visits[-1].name == "join"


def test_a_chart_that_cannot_go_on_says_where():
    with pytest.raises(ChartStops, match="'look up' needs 'tokens'"):
        list(run_chart(["look up"], actions(), lambda s: True, {"text": "1"}))
    with pytest.raises(ChartStops, match="'nowhere'"):
        list(run_chart(chart("nowhere"), actions(), lambda s: False, {"text": "1"}))
    with pytest.raises(ChartStops, match="the decision needs 'tokens'"):
        list(run_chart([enough(no="cut")], actions(), lambda s: len(s["tokens"]) > 1, {"text": "1"}))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="no step 'cat'"):
        list(run_chart(["cat"], actions(), lambda s: True, {}))
    with pytest.raises(ValueError, match="nothing for the step 'cut'"):
        list(run_chart(["cut"], {}, lambda s: True, {}))

"""The checker of diagrams: right ones pass, every small change of a right one is found, and the usual mistakes get their own words."""

import pytest

from shared.architecture import ARCHITECTURES, PARTS, Block, block, places, towers
from shared.learning.diagram_check import check_diagram, faults

GPT2, BERT, FIRST = (ARCHITECTURES[kind] for kind in ("decoder-only", "encoder-only", "encoder-decoder"))
SAME = {("segment embedding", "learned position"), ("learned position", "segment embedding")}  # the order of a sum


def changed(parts: list):
    """Every list that is one step away: a part left out, said twice, exchanged with its neighbor or replaced by another."""
    spots = [(i, j) for i, item in enumerate(parts) for j in (range(len(item.parts)) if isinstance(item, Block) else [None])]
    for i, j in spots:
        names, at = (list(parts[i].parts), j) if j is not None else (list(parts), i)

        def back(new, i=i, j=j):
            return parts[:i] + [block(new, parts[i].times)] + parts[i + 1 :] if j is not None else new

        if len(names) > 1:
            yield f"without {i} {j}", back(names[:at] + names[at + 1 :])
        yield f"twice {i} {j}", back(names[: at + 1] + names[at:])
        if at + 1 < len(names) and names[at] != names[at + 1] and (names[at], names[at + 1]) not in SAME:
            yield f"exchanged {i} {j}", back(names[:at] + [names[at + 1], names[at]] + names[at + 2 :])
        for other in PARTS:
            if other != names[at]:
                yield f"{other} at {i} {j}", back([*names[:at], other, *names[at + 1 :]])


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_right_diagrams_pass(kind):
    assert faults(ARCHITECTURES[kind], kind) == []
    assert check_diagram(ARCHITECTURES[kind], kind).text.startswith("✓")


@pytest.mark.parametrize("kind, tower", [(kind, tower) for kind in ARCHITECTURES for tower in towers(ARCHITECTURES[kind])])
def test_every_small_change_is_found_and_said_in_a_sentence(kind, tower):
    count = 0
    for what, parts in changed(towers(ARCHITECTURES[kind])[tower]):
        diagram = parts if tower == "" else FIRST | {tower: parts}
        found = faults(diagram, kind)
        assert found, what
        known = {place for place, _ in places(diagram)}
        for fault in found:
            assert fault.says.endswith(".") and fault.says[0] in "`" + fault.says[0].upper() and 30 < len(fault.says) < 300, fault.says
            assert set(fault.at) <= known, (what, fault)
        count += 1
    assert count > 100


def gpt2(*names: str, before=("token embedding", "learned position"), after=("norm", "output"), times=12) -> list:
    return [*before, block(names, times), *after]


GOOD = ("fork", "norm", "masked attention", "add", "fork", "norm", "feed-forward", "add")


@pytest.mark.parametrize("parts, says, at", [
    (gpt2("fork", "norm", "masked attention", "add", "norm", "feed-forward"), "`feed-forward` has no gray line around it: its result *replaces*", ("", 2, 5)),
    (gpt2("fork", "norm", "masked attention", "fork", "norm", "feed-forward", "add"), "before `masked attention` never comes back", ("", 2, 0)),
    (gpt2("fork", "norm", "masked attention", "add", "fork", "norm", "feed-forward"), "before `feed-forward` never comes back", ("", 2, 4)),
    (gpt2("norm", "masked attention", "add", "fork", "norm", "feed-forward", "add"), "`add` has nothing to add", ("", 2, 1)),
    (gpt2("fork", "norm", "masked attention", "feed-forward", "add"), "share one gray line", ("", 2, 3)),
    (gpt2("fork", "add", *GOOD), "everything is only doubled", ("", 2, 1)),
    (gpt2("fork", "norm", "attention", "add", *GOOD[4:]), "The mask is missing", ("", 2, 2)),
    (gpt2("norm", "fork", "masked attention", "add", "norm", "fork", "feed-forward", "add"), "leaves *after* the `norm`", ("", 2, 0)),
    (gpt2("fork", "masked attention", "add", "norm", "fork", "feed-forward", "add", "norm"), "behind the `add`: that is post-LN", ("", 2, 3)),
    (gpt2(*GOOD[:4], "norm", "fork", "feed-forward", "add"), "leaves *after* the `norm`", ("", 2, 4)),
    (gpt2("fork", "masked attention", "norm", *GOOD[4:]), "before `masked attention` never comes back", ("", 2, 0)),
    (gpt2("fork", "masked attention", "norm", "add", *GOOD[4:]), "between `masked attention` and its `add`", ("", 2, 2)),
    (gpt2("fork", "masked attention", "add", *GOOD[4:]), "The `norm` before `masked attention` is missing", ("", 2, 1)),
    (gpt2(*GOOD[4:], *GOOD[:4]), "first gathers, then thinks", ("", 2, 2)),
    (gpt2(*GOOD[:4]), "`feed-forward` is missing", ("", 2, 0)),
    (gpt2(*GOOD[4:]), "`masked attention` is missing: words would never meet", ("", 2, 0)),
    (gpt2(*GOOD[:4], "fork", "norm", "cross-attention", "add", *GOOD[4:]), "has nobody to ask", ("", 2, 6)),
    (gpt2(*GOOD, after=["output"]), "The last `norm` before the `output` is missing", ("", 3)),
    (gpt2(*GOOD, after=["norm"]), "`output` is missing", ("", 3)),
    (gpt2(*GOOD, after=["output", "norm"]), "`output` must come last", ("", 3)),
    (gpt2(*GOOD, before=["token embedding"]), "only the mask would hint", ("", 0)),
    (gpt2(*GOOD, before=["learned position", "token embedding"]), "must come first", ("", 0)),
    (gpt2(*GOOD, before=["token embedding", "position waves"]), "GPT-2 has `learned position`", ("", 1)),
    (gpt2(*GOOD, before=["token embedding", "segment embedding", "learned position"]), "only BERT reads two texts", ("", 1)),
    (gpt2(*GOOD, before=["token embedding"], after=["learned position", "norm", "output"]), "comes after the block", ("", 2)),
    (gpt2("learned position", *GOOD, before=["token embedding"]), "stands inside the block", ("", 1, 0)),
    (["token embedding", "learned position", *GOOD, "norm", "output"], "Nothing is repeated", None),
    ([*gpt2(*GOOD)[:3], *gpt2(*GOOD)[2:]], "There are 2 blocks", ("", 3, 0)),
    (gpt2("fork", "norm", "atention", "add", *GOOD[4:]), "did you mean 'attention'?", ("", 2, 2)),
    (gpt2(*GOOD, after=["zebra", "output"]), "There is no part 'zebra'; the parts are", ("", 3)),
])  # fmt: skip
def test_usual_mistakes_of_a_decoder(parts, says, at):
    found = faults(parts, "decoder-only")
    assert says in found[0].says and (found[0].at[0] if found[0].at else None) == at
    assert says in check_diagram(parts, "decoder-only").text


def test_usual_mistakes_of_the_others():
    plain = lambda **new: FIRST | new  # noqa: E731
    decoder = [item if not isinstance(item, Block) else block(item.parts[:4] + item.parts[8:], 6) for item in FIRST["decoder"]]
    assert "without ever having looked at the source" in faults(plain(decoder=decoder), "encoder-decoder")[0].says
    masked = [item if not isinstance(item, Block) else block([n.replace("attention", "masked attention") for n in item.parts], 6) for item in FIRST["encoder"]]
    assert "A mask is too much" in faults(plain(encoder=masked), "encoder-decoder")[0].says
    assert "its rows are the memory" in faults(plain(encoder=[*FIRST["encoder"], "output"]), "encoder-decoder")[0].says
    assert "BERT norms the sum of its three tables" in faults([part for part in BERT if part != "norm"], "encoder-only")[0].says
    assert "already ends in a norm" in faults([*BERT[:-1], "norm", "output"], "encoder-only")[0].says
    assert "could not tell which token belongs to which" in faults([p for p in BERT if p != "segment embedding"], "encoder-only")[0].says
    assert "sees a bag of words" in faults([part for part in BERT if part != "learned position"], "encoder-only")[0].says
    pre = [item if not isinstance(item, Block) else GPT2[2] for item in BERT]
    assert any("that is pre-LN, as in GPT-2" in fault.says for fault in faults(pre, "encoder-only"))


@pytest.mark.parametrize("nonsense", [None, 7, "token embedding", [], [3], [["norm"]], {"decoder": ["norm"]}, {}, [None], block(["norm"]), set()])
def test_nonsense_gets_a_sentence(nonsense):
    for kind in ARCHITECTURES:
        (fault,) = faults(nonsense, kind)
        assert len(fault.says) > 20 and fault.says.endswith(".")


def test_any_number_of_layers_is_right_and_the_sum_of_tables_has_no_order():
    assert faults(gpt2(*GOOD, times=48), "decoder-only") == []
    assert faults(["token embedding", "learned position", "segment embedding", *BERT[3:]], "encoder-only") == []
    with pytest.raises(ValueError, match="kind must be one of encoder-decoder"):
        faults(GPT2, "gpt")


def test_what_a_learner_writes_is_escaped():
    assert "<b>" not in check_diagram(["<b>norm</b>"], "decoder-only").html

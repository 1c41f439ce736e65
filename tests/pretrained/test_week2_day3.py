"""The loading cell of week 2, day 3, unchanged, on each of its two roads: the hub's bert-base-uncased, and the shipped model offline."""

import re
from pathlib import Path

import pytest
import torch

SOURCE = Path(__file__).resolve().parents[2] / "week2" / "source" / "day3_self_attention_visualized.py"
BERT = "google-bert/bert-base-uncased"
SENTENCE = "The cat sat on the mat"


def cells() -> list[str]:
    return re.split(r"^# %%.*\n", SOURCE.read_text(encoding="utf-8"), flags=re.MULTILINE)


def the_cell(words: str) -> str:
    found = [cell for cell in cells() if words in cell and not cell.startswith("#")]
    assert len(found) == 1, f"{len(found)} cells hold {words!r}"
    return found[0]


def loaded(capsys) -> tuple[dict, str]:
    names = {}
    exec(the_cell('load("bert")'), names)
    return names, capsys.readouterr().out


def maps_of(names: dict) -> torch.Tensor:
    """As the day's `look` gives them: (layers, heads, T, T)."""
    exec(the_cell("def look("), names | {"torch": torch}, names)
    tokens, maps = names["look"](SENTENCE)
    assert tokens == ["[CLS]", *SENTENCE.lower().split(), "[SEP]"]
    return maps


@pytest.mark.parametrize(("choice", "layers", "says"), [("shipped", 2, "tiny-bert (2 layers"), ("hub", 3, f"{BERT} (3 layers")])
def test_the_loading_cell(choice, layers, says, hub, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_MODELS", choice)
    names, out = loaded(capsys)
    assert out.startswith(says) and out.count("\n") == 1
    assert (names["n_layers"], names["n_heads"]) == (layers, 2)
    names["torch"] = torch
    maps = maps_of(names)
    assert maps.shape == (layers, 2, 8, 8) and torch.allclose(maps.sum(-1), torch.ones(layers, 2, 8), atol=1e-5)
    asked = {path.split("/resolve/")[0] for path in hub.paths("HEAD")}
    assert asked == ({f"/{BERT}"} if choice == "hub" else set())


def test_what_everybody_calls_it_is_its_name_on_the_hub(hub, monkeypatch, capsys):
    from shared.pretrained import load

    monkeypatch.setenv("COURSE_MODELS", "hub")
    assert load("bert-base-uncased")[1].config.num_hidden_layers == 3
    assert capsys.readouterr().out.startswith(BERT)


@pytest.mark.parametrize("choice", ["shipped", "hub"])
def test_the_plain_cell_gives_the_same_maps(choice, hub, monkeypatch, capsys):
    import transformers

    monkeypatch.setenv("COURSE_MODELS", choice)
    level, bars = transformers.logging.get_verbosity(), transformers.logging.is_progress_bar_enabled()
    try:
        names, _ = loaded(capsys)
        names["torch"] = torch
        exec(the_cell("BertModel.from_pretrained(name"), names)
    finally:
        transformers.logging.set_verbosity(level)
        if bars:
            transformers.logging.enable_progress_bar()
    # the models on the tests' hub are stored in half precision, which this cell keeps and `load` does not
    assert torch.allclose(torch.cat(names["out"].attentions).float(), maps_of(names), atol=2e-3)
    assert capsys.readouterr().err == ""


def test_the_plan_code_is_in_the_text():
    text = "\n".join(cells())
    for part in ('BertTokenizer.from_pretrained("bert-base-uncased")', 'BertModel.from_pretrained("bert-base-uncased", output_attentions=True, attn_implementation="eager")'):
        assert part in text

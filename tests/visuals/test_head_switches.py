"""The head switches: the page holds the numbers that it was given, and bad input is refused."""

import json
import re

import numpy as np
import pytest

from shared.visuals.head_switches import Prompt, head_switches

LOSSES = {"repeats": np.linspace(0, 2, 7), "tales": np.linspace(1, 3, 7)}
CHANCES = np.random.default_rng(1).dirichlet(np.ones(4), size=7)[:, :3]
PROMPT = Prompt("The <b> cat", ["sat", "$x$", ""], CHANCES)


def view(layers=2, heads=3, losses=LOSSES, prompts=(PROMPT,), start=(1, 2)):
    return head_switches(layers, heads, losses, list(prompts), start=start, alt="Without it the guess falls.", caption="Press.")


def test_the_page_has_the_numbers():
    data = json.loads(re.search(r'id="data">(.*?)</script>', view().document)[1].replace("\\u003c", "<"))
    assert data["start"] == 6
    assert np.abs(np.array(data["prompts"][0]["chances"]) - CHANCES).max() < 1e-4
    assert [one["name"] for one in data["losses"]] == ["repeats", "tales"]
    assert np.abs(np.array(data["losses"][1]["values"]) - LOSSES["tales"]).max() < 1e-3
    assert "<b>" not in view().document, "a text is text, never a tag"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"layers": 0}, "layers"),
        ({"losses": {"repeats": np.zeros(6)}}, "losses"),
        ({"losses": {"repeats": np.full(7, np.nan)}}, "losses"),
        ({"losses": {}}, "at least one"),
        ({"prompts": ()}, "at least one"),
        ({"prompts": (Prompt("a", ["b"], CHANCES),)}, "prompts"),
        ({"prompts": (Prompt("a", ["b", "c", "d"], CHANCES + 1),)}, "between 0 and 1"),
        ({"start": (2, 0)}, "start"),
    ],
)
def test_bad_input(changes, says):
    with pytest.raises(ValueError, match=says):
        view(**changes)

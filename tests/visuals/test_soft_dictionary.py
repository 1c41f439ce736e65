"""The soft dictionary: what is sent is what came in, the still shows the same shares, and bad input is an error."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from shared.attention import softmax
from shared.visuals.soft_dictionary import draw_arrow, shares, soft_dictionary
from tests.visuals.test_page import data_of

GIVEN = dict(
    keys=np.array([[2.0, -0.6], [1.4, 1.6], [-1.6, 1.2]]), values=np.array([[1.0, 1.0], [4.0, 1.5], [4.5, 4.5]]),
    names=["cat", "dog", "bird"], value_names=["mat", "rug", "branch"], query=np.array([1.9, -0.4]),
    query_name="kitten", alt="Kitten lands near the mat.", caption="Turn it.",
)  # fmt: skip


def view(**changes):
    given = GIVEN | changes
    return soft_dictionary(given.pop("keys"), given.pop("values"), given.pop("names"), given.pop("value_names"), given.pop("query"), **given)


def test_everything_arrives():
    data = data_of(view())
    for name in ("keys", "values", "query"):
        assert np.array_equal(data[name], GIVEN[name])
    assert data["names"] == ["cat", "dog", "bird"] and data["query_name"] == "kitten"
    low, high = data["key_range"]
    assert low < min(GIVEN["keys"].min(), GIVEN["query"].min()) and high > max(GIVEN["keys"].max(), GIVEN["query"].max())
    assert view().kind == "interactive"


def test_the_shares_are_those_of_the_course():
    import torch

    keys, query = torch.from_numpy(GIVEN["keys"]), torch.from_numpy(GIVEN["query"])
    assert np.allclose(shares(GIVEN["query"], GIVEN["keys"]), softmax(keys @ query / 2**0.5))


def test_words_reach_the_page_as_text():
    page = view(names=["</script><b>", "dog", "bird"])
    assert "</script><b>" not in page.document.split('id="data">')[1].split("</script>")[0]
    assert data_of(page)["names"][0] == "</script><b>"


@pytest.mark.parametrize("changes, word", [
    ({"names": ["cat"]}, "names"), ({"value_names": ["mat"]}, "value_names"), ({"keys": np.zeros((3, 3))}, "keys"),
    ({"values": np.full((3, 2), np.nan)}, "values"), ({"query": np.zeros(3)}, "query"), ({"query": np.array([9.0, 9.0])}, "query"),
])  # fmt: skip
def test_bad_input_is_named(changes, word):
    with pytest.raises(ValueError, match=word):
        view(**changes)


def test_an_arrow_of_no_length_is_drawn_without_a_name():
    axes = Figure().subplots()
    draw_arrow(axes, (0.0, 0.0), "key", "nowhere")
    draw_arrow(axes, (1.0, 0.0), "key", "$east$")
    assert [t.get_text() for t in axes.texts] == ["", "", "$east$"]

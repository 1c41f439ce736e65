"""The flow view in a real browser: its numbers, its keys, its sliders, on a phone, enlarged, and in a notebook."""

import math
import re

import nbformat
import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForMaskedLM

from shared.gpt import GPT, GPTConfig, next_token_probabilities
from shared.tracing import trace
from shared.transformer import Transformer, TransformerConfig
from shared.visuals.flow import flow_page, flow_view
from tests.browser.lab import Notebook
from tests.browser.test_interactives import becomes, enter, number

HOSTILE = ["<script>alert(1)</script>", "</script><img src=x onerror=alert(2)>", "\"'`&amp;", "😀👩‍👩‍👧", "שלום עולם", "a\u200bb", "x" * 300, ""]
WORDS = ["The", " cat", " sat", " on", " the", " mat", " and", " slept"]


class Texts:
    """Writes ids as given texts."""

    def __init__(self, texts):
        self.texts = texts

    def decode(self, ids):
        return self.texts[ids[0]] if ids[0] < len(self.texts) else f" word{ids[0]}"


def gpt(**more) -> GPT:
    torch.manual_seed(1)
    model = GPT(GPTConfig(**{**dict(vocab_size=120, context=40, n_layers=3, n_heads=4, d_model=128), **more}))
    for parameter in model.parameters():
        parameter.data = parameter.data * 5 if parameter.ndim > 1 else parameter.data + 0.1 * torch.randn_like(parameter)
    return model


def bert() -> BertForMaskedLM:
    torch.manual_seed(1)
    sizes = dict(vocab_size=90, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=80, initializer_range=0.3)
    return BertForMaskedLM(BertConfig(**sizes))


@pytest.fixture(scope="module")
def traced():
    return trace(gpt(), range(6), tokens=WORDS[:6])


@pytest.fixture(scope="module")
def view(traced):
    return flow_page(traced, layer=1, head=2, vocabulary=Texts(WORDS))


@pytest.fixture(scope="module")
def bert_traced():
    return trace(bert(), [1, 5, 6, 2, 7, 9, 2], segments=[0, 0, 0, 0, 1, 1, 1], tokens=["[CLS]", "a", "[MASK]", "[SEP]", "b", "##c", "[SEP]"])


@pytest.fixture(scope="module")
def pair():
    """A source of five tokens and a target of three, through an encoder–decoder."""
    torch.manual_seed(2)
    model = Transformer(TransformerConfig(60, 60, n_layers=2, n_heads=4, d_model=32, d_ff=64))
    for parameter in model.parameters():
        parameter.data = parameter.data * 2 if parameter.ndim > 1 else parameter.data + 0.1 * torch.randn_like(parameter)
    return trace(model, ([5, 9, 9, 31, 2], [1, 40, 7]), tokens=("der Hund schläft auf ihr".split(), ["▸", "the", "dog"]))


def visit(frame, section: str, name: str | None = None) -> None:
    """Go to a section by its button, and to a card in it."""
    frame.locator(f'.sections button[aria-label="{section}"]').click()
    if name is not None:
        frame.locator(f'.card[aria-label^="{name}, shape"]').last.click()


def nothing_cut(frame, readable: bool = True) -> None:
    """All in the frame, nothing sideways, no letters under 10 pt, no control under 32 px, among what is shown."""
    high, seen, wide, across = frame.evaluate(
        "() => [document.querySelector('main').getBoundingClientRect().bottom, innerHeight, document.documentElement.scrollWidth, innerWidth]"
    )
    where = frame.locator(".stage .title").inner_text()
    assert high <= seen, f"{where}: content {high} px high in a frame of {seen} px"
    assert wide <= across, f"{where}: content {wide} px wide in a frame of {across} px"
    small, low = frame.evaluate(
        """() => { const shown = e => e.getClientRects().length && e.tagName !== 'title';
             const size = e => { const turn = e.ownerSVGElement?.getScreenCTM();
                                 return parseFloat(getComputedStyle(e).fontSize) * (turn ? Math.hypot(turn.a, turn.b) : 1); };
             const says = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
             const all = [...document.querySelectorAll('main *')].filter(shown);
             return [all.filter(e => says(e) && size(e) < 12.4), all.filter(e => e.matches('button, input, select, [tabindex]')).filter(e => {
                       const box = e.getBoundingClientRect(); return box.height < 32 || box.width < 32; })].map(
               list => list.map(e => e.outerHTML.slice(0, 120))); }"""
    )
    assert not (readable and small), small
    assert not low, low


def opened(frame) -> str:
    return frame.locator(".stage .title b").inner_text()


# --- the numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["traced", "bert_traced", "pair"])
def test_every_stage_in_the_page_equals_the_trace(show, request, which):
    traced = request.getfixturevalue(which)
    _, frame = show(flow_page(traced))
    for stage in traced.stages:
        if stage.key in ("logits", "probabilities"):
            continue
        for head in range(len(stage.values) if stage.values.ndim == 3 else 1):
            sent = frame.evaluate("([key, head]) => Array.from(course.values(key, head), v => Number.isFinite(v) ? v : null)", [stage.key, head])
            true = stage.values[head] if stage.values.ndim == 3 else stage.values
            sent = np.array([math.nan if v is None else v for v in sent]).reshape(true.shape)
            assert np.array_equal(np.isnan(sent), ~np.isfinite(true)), stage.key
            apart = np.abs(np.nan_to_num(sent) - np.where(np.isfinite(true), true, 0))
            assert apart.max() <= 1e-3 * np.abs(true[np.isfinite(true)]).max(), stage.key


def test_the_strips_are_means_of_the_columns(show, view, traced):
    _, frame = show(view)
    strips = np.array(frame.evaluate("() => Array.from(course.strips('layers.1.hidden', 0).values)")).reshape(6, 64)
    assert np.allclose(strips, traced["layers.1.hidden"].values.reshape(6, 64, 8).mean(-1), atol=3e-3)
    visit(frame, "layer 1", "hidden")
    assert "512 columns as 64 strips, each the mean of 8" in frame.locator(".stage .note").inner_text()


def read(frame) -> tuple[float, float, float]:
    """The number in question, the sum of the products, and the last result, as the reason says them."""
    said = number(frame.locator(".reason h3").inner_text().split("=")[-1])
    lines = [line for line in frame.locator(".reason .line").all_inner_texts() if "=" in line]
    return said, number(lines[0].split("=")[-1]), number(lines[-1].split("=")[-1])


def test_a_cell_shows_its_number_and_the_row_and_column_that_made_it(show, view, traced):
    page, frame = show(view)
    visit(frame, "layer 1", "Q")
    frame.locator(".grid").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    for _ in range(6):
        page.keyboard.press("ArrowUp")
    stage, x = traced["layers.1.q"], traced["layers.1.norm_1"].values
    stride = frame.evaluate("() => course.stage('layers.1.q').stride")
    for row, column in [(0, 0), (1, 0), (1, stride), (2, stride)]:
        frame.wait_for_function(f"() => document.querySelector('.reason h3').textContent.includes('\\u2068{column}\\u2069')")
        said, total, last = read(frame)
        assert said == pytest.approx(stage.values[2, row, column], abs=0.0051)
        w = stage.weight[:, 2 * 32 + column]
        assert total == pytest.approx(x[row] @ w, abs=0.0051) and last == pytest.approx(x[row] @ w + stage.bias[64 + column], abs=0.0051)
        for key in ["ArrowDown"] if (row, column) in ((0, 0), (1, stride)) else ["ArrowRight"] * stride:
            page.keyboard.press(key)


@pytest.mark.parametrize("name", ["scores", "A", "A · V", "attn out", "X + attn", "norm 2", "GELU", "FFN out", "joined", "masked", "V"])
def test_every_kind_of_stage_opens_into_its_own_numbers(show, view, traced, name):
    page, frame = show(view)
    visit(frame, "layer 1", name)
    stage = next(stage for stage in traced.stages if stage.layer == 1 and stage.name == name)
    frame.locator(".grid").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    head = frame.locator(".reason h3").inner_text()
    row, column = re.search(r"\[\u2068(.+)\u2069, \u2068(.+)\u2069\]", head).groups()
    rows = [w.replace(" ", "␣") for w in WORDS[:6]]
    at = rows.index(row), rows.index(column) if column in rows else int(column)
    value = (stage.values[2] if stage.values.ndim == 3 else stage.values)[at]
    said = head.split("=")[-1].strip()
    assert said == "−∞" if value == -math.inf else number(said) == pytest.approx(value, rel=0.01, abs=0.0051)
    results = [line.split("=")[-1].strip() for line in frame.locator(".reason .line").all_inner_texts() if "=" in line]
    if results:
        assert number(results[-1]) == pytest.approx(value, rel=0.02, abs=0.0101)


def test_a_column_without_its_weights_says_so_and_leads_to_one_that_has_them(show, view):
    page, frame = show(flow_page(trace(GPT(GPTConfig(120, 40, 6, 4, 256)), range(6))))
    visit(frame, "layer 0", "Q")
    stride = frame.evaluate("() => course.stage('layers.0.q').stride")
    assert stride > 1
    frame.locator(".grid").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    frame.wait_for_function("() => document.querySelector('.reason button')")
    assert "every " in frame.locator(".reason").inner_text()
    frame.locator(".reason button").click()
    assert "(256 products)" in frame.locator(".reason").inner_text()


def test_every_head_finds_its_own_columns_of_the_weights(show):
    """Also where the width of a head is no power of two, and only some columns are there."""
    _, frame = show(flow_page(trace(gpt(n_layers=4, n_heads=10, d_model=240), range(3))))
    apart, opened_columns = frame.evaluate(
        """() => { const from = course.values('layers.2.norm_1', 0), s = course.stage('layers.2.k'); let apart = 0, n = 0;
             for (let head = 0; head < 10; head++) for (let c = 0; c < 24; c++) if (course.openable(s, c)) {
               const at = (head * 24 + c) / s.stride, w = course.array(s.weight).slice(at * 240, (at + 1) * 240);
               const sum = w.reduce((total, v, i) => total + v * from[240 + i], 0) + course.array(s.bias)[at];
               apart = Math.max(apart, Math.abs(sum - course.values(s.key, head)[24 + c])); n++; }
             return [apart, n]; }"""
    )
    assert apart < 0.02 and 10 < opened_columns < 240


def test_a_model_too_large_to_send_whole_says_which_layer_has_its_weights(show):
    torch.manual_seed(0)
    _, frame = show(flow_page(trace(GPT(GPTConfig(120, 40, 12, 12, 768)), range(4)), layer=2))
    visit(frame, "layer 0", "Q")
    visit(frame, "the input", "ids")
    assert "The weights of every column in layer 2 are here too" in re.sub(r"every \d+th column", "every column", frame.locator(".stage .note").inner_text())
    visit(frame, "layer 0", "Q")
    assert "Those of layer 2 are; layer=0 makes a view with these." in frame.locator(".reason").inner_text()
    visit(frame, "layer 0", "hidden")
    assert "3,072 columns as 64 strips, each the mean of 48; below: the 16 columns that are in the page" in frame.locator(".stage .note").inner_text()
    visit(frame, "layer 2", "hidden")
    assert frame.locator(".reason .term").count() > 0
    assert frame.evaluate("() => document.querySelectorAll('*').length") < 2000


# --- the end: probabilities -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("temperature", "top_k", "top_p"), [(1, None, None), (0.3, None, None), (2.5, 7, None), (1.4, None, 0.6), (0.8, 20, 0.9), (0, 5, 0.5), (2, 1, 0.05)])
def test_the_page_computes_the_probabilities_that_torch_computes(show, view, traced, temperature, top_k, top_p):
    _, frame = show(view)
    for position in (0, 5):
        logits = torch.from_numpy(traced["logits"].values[[position]])
        true = next_token_probabilities(logits, torch.zeros(1, 1, dtype=torch.long), temperature, top_k, top_p)[0].numpy()
        mine = frame.evaluate("([at, t, k, p]) => Array.from(course.shares(at, t, k, p))", [position, temperature, top_k or 120, top_p or 1])
        assert np.abs(np.array(mine) - true).max() < 1e-4
        assert np.array_equal(np.array(mine) > 0, true > 0)


def test_tied_scores_stay_together():
    """What ties with the last of the top k stays, as in the course's own sampling."""
    logits = torch.tensor([[2.0, 1.0, 1.0, 0.0]])
    kept = next_token_probabilities(logits, torch.zeros(1, 1, dtype=torch.long), 1.0, 2, None) > 0
    assert kept.tolist() == [[True, True, True, False]]


def test_the_sliders_move_the_bars(show, view, traced):
    page, frame = show(view)
    visit(frame, "the output", "probabilities")
    logits = torch.from_numpy(traced["logits"].values[[5]])
    nothing = torch.zeros(1, 1, dtype=torch.long)

    def bars():
        rows = frame.locator(".chance:not(.others)").all()
        return [row.locator(".mono").inner_text() for row in rows]

    def expected(*choices):
        shares = next_token_probabilities(logits, nothing, *choices)[0]
        order = logits[0].sort(descending=True, stable=True).indices[:10]
        return [float(100 * shares[i]) for i in order]

    def percents():
        return [0.05 if "<" in text else number(text.replace("%", "")) for text in bars()]

    assert percents() == pytest.approx(expected(1.0), abs=0.0501)
    frame.locator("#slider-temperature").focus()
    page.keyboard.press("Home")
    becomes(frame, "output", "0, greedy")
    assert percents() == [100] + [0] * 9
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    becomes(frame, "output", "0.50")
    assert percents() == pytest.approx(expected(0.5), abs=0.0501)
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    frame.wait_for_function("() => document.querySelectorAll('output')[1].textContent === '5'")
    assert percents() == pytest.approx(expected(0.5, 5), abs=0.0501)
    assert frame.locator("[role=status]").inner_text().startswith("5 words can be drawn, of 120.")
    page.keyboard.press("Tab")
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    frame.wait_for_function("() => document.querySelectorAll('output')[2].textContent === '0.60'")
    assert percents() == pytest.approx(expected(0.5, 5, 0.6), abs=0.0501)
    assert frame.locator("#slider-p").get_attribute("aria-valuetext") == "0.60"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Reset
    becomes(frame, "output", "1.00")
    assert percents() == pytest.approx(expected(1.0), abs=0.0501)


def test_every_position_can_be_asked(show, view, traced):
    page, frame = show(view)
    visit(frame, "the output", "probabilities")
    frame.locator(".positions button").nth(1).click()
    assert frame.locator(".question").inner_text() == "After “\u2068␣cat\u2069”, what comes next?"
    share = traced["probabilities"].values[1, 2]
    assert f"The text itself goes on with “\u2068␣sat\u2069”: {100 * share:.1f} %" in frame.locator("[role=status]").inner_text()
    page.keyboard.press("Home")
    frame.wait_for_function("() => document.querySelector('.question').textContent.includes('The')")
    visit(frame, "the output", "logits")
    top = traced["logits"].values[0].max()
    assert number(frame.locator("button.chance .mono").first.inner_text()) == pytest.approx(top, abs=0.0051)
    frame.locator("button.chance").nth(3).click()
    said, total, _ = read(frame)
    assert said == pytest.approx(np.sort(traced["logits"].values[0])[-4], abs=0.0051) and total == pytest.approx(said, abs=0.011)


def test_a_bert_is_asked_at_its_mask(show, bert_traced):
    _, frame = show(flow_page(bert_traced))
    visit(frame, "the output", "probabilities")
    assert frame.locator(".question").inner_text() == "At “\u2068[MASK]\u2069”, which word belongs here?"
    visit(frame, "the input", "X")
    assert frame.locator(".reason .term").count() == 3  # token, position and segment
    visit(frame, "layer 0", "A")
    assert frame.locator('.card[aria-label^="masked"]').count() == 0


def test_a_model_without_a_head_ends_with_its_last_layer(show):
    _, frame = show(flow_page(trace(bert().bert, [1, 5, 6, 2])))
    assert frame.locator(".sections button").all_inner_texts() == ["In", "0", "1"]
    visit(frame, "layer 1", "norm 2")
    assert opened(frame) == "norm 2" and frame.locator(".reason .line").count() == 3
    nothing_cut(frame)


# --- a source and a target ---------------------------------------------------------------------------------------------


def test_the_encoder_decoder_from_the_source_to_the_next_token(show, pair):
    page, frame = show(flow_page(pair, head=1))
    assert frame.locator(".sections button").all_inner_texts() == ["Source", "E0", "E1", "Target", "D0", "D1", "Out"]
    assert frame.locator(".tokens b").all_inner_texts() == list(pair.source)
    seen = []
    while True:
        seen.append((opened(frame), frame.locator("h2").inner_text()))
        nothing_cut(frame)
        if frame.locator(".next[aria-disabled=true]").count():
            break
        frame.locator(".next").click()
        frame.wait_for_function("n => document.querySelector('.count').textContent.startsWith(`${n} of`)", arg=len(seen) + 1)
    stages = [stage.name for stage in pair.stages if stage.layer in (None, 0)]
    assert [name for name, _ in seen] == [*stages[:-2], "norm 3", *stages[-2:]]  # the other layers, before the logits
    assert seen[-3][1] == "The other layer does the same, on both sides"


def test_cross_attention_opens_into_its_own_numbers(show, pair):
    page, frame = show(flow_page(pair, head=1))
    visit(frame, "decoder layer 0", "cross A")
    assert frame.locator(".rows span").all_inner_texts() == list(pair.tokens)
    assert frame.locator(".columns span").all_inner_texts() == list(pair.source)
    assert "rows: target (asks) · columns: source" in frame.locator(".axes").inner_text()
    shares = pair["decoder.0.cross_weights"].values[1]
    found = [number(row.locator("td").nth(2).inner_text()) for row in frame.locator(".shares tbody tr").all()]
    row = int(np.abs(shares - np.array(found)).max(1).argmin())
    assert len(found) == 5 and np.abs(shares[row] - found).max() < 0.0051 and shares[row].max() == shares.max()
    assert f"takes {100 * shares.max():.1f} % from “" in frame.locator(".reads").inner_text()
    # the pictures on the buttons of the heads change between the two attentions
    picture = "() => document.querySelector('.heads canvas').toDataURL()"
    across = frame.evaluate(picture)
    visit(frame, "decoder layer 0", "A")
    assert frame.evaluate(picture) != across
    for name, key in [("cross scores", "cross_scores"), ("cross A · V", "cross_heads"), ("cross K", "cross_k"), ("X + cross", "after_cross_attention")]:
        visit(frame, "decoder layer 0", name)
        said, _, last = read(frame)
        assert said == pytest.approx(last, abs=0.0101)
        values = pair[f"decoder.0.{key}"].values
        assert np.abs((values[1] if values.ndim == 3 else values) - said).min() < 0.0051
    # keys and values come from the memory, whose card leads to the encoder's last layer
    memory = frame.locator('.card[aria-label*="the memory"]')
    assert memory.inner_text().split()[1:] == ["memory", "(5,", "32)"]
    memory.click()
    assert "encoder layer 1" in frame.locator(".stage .title").inner_text() and frame.locator("h2").inner_text() == "The memory"


def test_sines_and_the_enlarged_rows_are_explained(show, pair):
    page, frame = show(flow_page(pair))
    visit(frame, "the target", "position")
    assert re.search(r"sin\(1 ÷ 10000\^\(2/32\)\) = 0\.\d+", frame.locator(".reason").inner_text())
    assert number(frame.locator(".reason .line").inner_text().split("=")[-1]) == pytest.approx(math.sin(10000 ** (-2 / 32)), abs=5e-4)
    visit(frame, "the target", "token × √d")
    value, times = frame.locator(".reason .line").inner_text().split("=")[0].split("×")[0], math.sqrt(32)
    assert number(frame.locator(".reason .line").inner_text().split("=")[-1]) == pytest.approx(number(value) * times, rel=0.01)


# --- the ways through it ----------------------------------------------------------------------------------------------


def test_the_tour_goes_all_the_way_and_back(show, view, traced):
    page, frame = show(view)
    enter(page, frame)
    seen = []
    page.keyboard.press("Tab")  # from Back to Next
    for stop in range(1, 25):
        becomes(frame, ".count", f"{stop} of 24")
        seen.append((opened(frame), frame.locator("h2").inner_text()))
        assert len(frame.locator(".says").inner_text()) > 30
        page.keyboard.press("Enter")
    first = [s.name for s in traced.stages if s.layer is None and s.key not in ("final_norm", "logits", "probabilities")]
    layer = [s.name for s in traced.stages if s.layer == 1]
    assert [name for name, _ in seen] == [*first, *layer, "X + FFN", "norm", "logits", "probabilities"]
    assert seen[20][1] == "The other 2 layers do the same"
    becomes(frame, ".count", "24 of 24")  # there is nothing behind the end
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    becomes(frame, ".count", "23 of 24")


def test_the_flow_from_the_keyboard_alone(show, view):
    page, frame = show(view)
    enter(page, frame)

    def focus_is(what: str) -> None:
        frame.wait_for_function(f"() => document.activeElement.matches({what!r})")
        style = frame.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", "the focus cannot be seen"

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    focus_is(".sections button")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    frame.wait_for_function("() => document.activeElement.textContent === '1'")
    page.keyboard.press("Tab")
    focus_is(".heads button")
    assert frame.evaluate("() => document.activeElement.getAttribute('aria-label')") == "head 2"
    page.keyboard.press("End")
    frame.wait_for_function("() => document.querySelector('.stage .title').textContent.includes('head 3')")
    page.keyboard.press("Tab")
    focus_is(".card")
    page.keyboard.press("Home")
    for name in ["X + FFN", "norm 1", "Q", "K", "V", "scores"]:
        becomes(frame, ".stage .title b", name)
        page.keyboard.press("ArrowRight")
    becomes(frame, ".stage .title b", "masked")
    page.keyboard.press("ArrowRight")
    becomes(frame, ".stage .title b", "A")
    page.keyboard.press("Tab")
    focus_is("button.chip")
    page.keyboard.press("Tab")
    focus_is(".grid")
    before = frame.locator(".reason h3").inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Home")
    frame.wait_for_function("(before) => document.querySelector('.reason h3').textContent !== before", arg=before)
    spoken = frame.locator("#view > .unseen").text_content()
    assert frame.locator(".reason h3").text_content() in spoken  # and a screen reader heard it


def test_heads_and_layers_show_their_own_matrices(show, view, traced):
    _, frame = show(view)
    visit(frame, "layer 2", "V")
    pictures = set()
    for head in range(4):
        frame.locator(".heads button").nth(head).click()
        assert f"layer 2 · head {head}" in frame.locator(".stage .title").inner_text()
        pictures.add(frame.evaluate("() => document.querySelector('canvas.large').toDataURL()"))
    assert len(pictures) == 4
    visit(frame, "layer 0")
    assert opened(frame) == "V" and "layer 0 · head 3" in frame.locator(".stage .title").inner_text()


def test_a_map_has_the_colors_of_its_numbers(show, view, traced):
    """Blue above 0, vermilion below, white at 0; weights from white to dark purple; masked cells gray."""
    _, frame = show(view)
    look = "([selector, n]) => { const c = document.querySelectorAll(selector)[n], d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return [c.width, c.height, ...d]; }"
    visit(frame, "layer 1", "Q")
    for name, key in [("V", "v"), ("scores", "scores"), ("masked", "masked"), ("A", "weights")]:
        card = [b.get_attribute("aria-label").split(",")[0] for b in frame.locator(".card").all()].index(name)
        wide, high, *pixels = frame.evaluate(look, [".card canvas", card])
        colors = np.array(pixels).reshape(high, wide, 4)[..., :3].astype(int)
        values = traced[f"layers.1.{key}"].values[2]
        assert (high, wide) == values.shape
        if key == "weights":
            darkness = 765 - colors.sum(-1)
            order = np.argsort(values.ravel())
            assert (np.diff(darkness.ravel()[order]) >= -6).all()
        else:
            finite = np.isfinite(values)
            assert (colors[~finite] == [229, 231, 235]).all()
            strong = finite & (np.abs(values) > 0.2 * np.abs(values[finite]).max())
            assert ((colors[..., 2] > colors[..., 0]) == (values > 0))[strong].all()


def test_the_formula_leads_to_what_a_stage_is_made_from(show, view):
    _, frame = show(view)
    visit(frame, "layer 1", "scores")
    assert [re.sub(r"\s+", " ", t) for t in frame.locator(".equation .chip .mono").all_inner_texts()] == ["(6, 32)", "(32, 6)"]
    assert "÷ √32" in frame.locator(".equation").inner_text()
    frame.locator(".equation button").nth(1).click()
    assert opened(frame) == "K"
    visit(frame, "layer 0", "norm 1")
    frame.locator(".equation button").click()
    assert opened(frame) == "X" and frame.locator(".sections [aria-current]").inner_text() in ("In", "0")


# --- everywhere -------------------------------------------------------------------------------------------------------


def every_stage(frame, check) -> None:
    for section in ("the input", "layer 0", "the output"):
        visit(frame, section)
        for i in range(frame.locator(".card").count()):
            frame.locator(".card").nth(i).click()
            check()


@pytest.mark.parametrize("width", [900, 360])
def test_a_pair_fits_every_width(show, pair, width):
    _, frame = show(flow_page(pair), width=width)
    for section in ("the source", "encoder layer 0", "decoder layer 1", "the output"):
        visit(frame, section)
        for i in range(frame.locator(".card").count()):
            frame.locator(".card").nth(i).click()
            nothing_cut(frame)
            if frame.locator(f'.sections button[aria-label="{section}"][aria-current]').count() == 0:
                visit(frame, section)


@pytest.mark.parametrize("width", [900, 700, 360, 320])
def test_the_flow_fits_every_width(show, view, width):
    page, frame = show(view, width=width)
    every_stage(frame, lambda: nothing_cut(frame, readable=width >= 360))
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_the_flow_fits_when_it_is_enlarged_twice(show, bert_traced):
    page, frame = show(flow_page(bert_traced), width=450, device_scale_factor=2)
    every_stage(frame, lambda: nothing_cut(frame))


@pytest.mark.parametrize("width", [900, 360])
def test_hostile_tokens_are_text_and_break_nothing(show, width):
    page, frame = show(flow_view(gpt(n_layers=1), range(8), Texts(HOSTILE)), width=width)
    every_stage(frame, lambda: nothing_cut(frame))
    assert frame.locator("script").count() == 2 and frame.locator("img").count() == 0
    visit(frame, "the input", "ids")
    assert frame.evaluate("() => [...document.querySelectorAll('.tokens li')].map(li => li.title)") == HOSTILE
    page.wait_for_timeout(200)


def test_many_tokens_and_a_single_one_fit(show):
    for count in (1, 32):
        _, frame = show(flow_view(gpt(n_layers=2), range(count), Texts(WORDS)))
        every_stage(frame, lambda: nothing_cut(frame))


def test_in_the_dark_the_card_stays_light(show, view):
    page, frame = show(view, color_scheme="dark")
    assert frame.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert frame.evaluate("() => getComputedStyle(document.querySelector('.says')).color") == "rgb(31, 41, 55)"


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_by_itself(show, view, motion):
    page, frame = show(view, reduced_motion=motion)
    visit(frame, "layer 1", "Q")
    runs = frame.evaluate("() => getComputedStyle(document.querySelector('.wires .live')).animationName")
    assert runs == ("none" if motion == "reduce" else "flow")
    page.wait_for_timeout(900)
    first = page.screenshot()
    page.wait_for_timeout(900)
    assert page.screenshot() == first


def test_a_page_that_is_turned_is_laid_out_anew(show, view):
    page, frame = show(view)
    visit(frame, "layer 1", "A")
    for width in (360, 900):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(300)
        nothing_cut(frame)
        lines = frame.evaluate("() => [document.querySelectorAll('.wires path').length, document.querySelector('.wires').getBoundingClientRect().width]")
        assert lines[0] >= 17 and lines[1] > 300


def test_without_script_the_words_remain(show, view):
    page, _ = show(view, script=False)
    assert "pass through 3 layers of 4 heads" in page.frames[1].locator("noscript, p").all_inner_texts()[0]


# --- in a notebook ----------------------------------------------------------------------------------------------------

SETUP = """import sys; sys.path.insert(0, "..")
import torch
from shared.gpt import GPT, GPTConfig
from shared.visuals.flow import flow_view
torch.manual_seed(0)
model = GPT(GPTConfig(vocab_size=50, context=16, n_layers=2, n_heads=2, d_model=32))"""


@pytest.fixture(scope="module")
def notebook_path(lab, tmp_path_factory):
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    notebook.cells = [nbformat.v4.new_code_cell(SETUP), nbformat.v4.new_code_cell("flow_view(model, [3, 1, 4, 1, 5])")]
    path = tmp_path_factory.mktemp("flow") / "flow.ipynb"
    nbformat.write(notebook, path)
    return path


def walks(notebook: Notebook) -> None:
    frame = notebook.page.locator("figure > iframe").element_handle().content_frame()
    frame.wait_for_selector("body[data-ready]")
    assert not notebook.page.locator("figure > img").is_visible()
    visit(frame, "layer 0", "A")
    grid = frame.locator(".grid")
    grid.focus()
    cells = notebook.page.locator(".jp-Cell").count()
    for key in ("ArrowDown", "b", "d", "d"):  # JupyterLab's own keys must not reach its notebook
        notebook.page.keyboard.press(key)
    assert notebook.page.locator(".jp-Cell").count() == cells
    nothing_cut(frame)


def test_in_jupyterlab_run_saved_reopened_and_untrusted(lab, browser, notebook_path):
    lab.choose_theme("dark")
    try:
        with Notebook(lab, browser, lab.place(notebook_path)) as notebook:
            notebook.run_all()
            assert notebook.cell_errors() == []
            walks(notebook)
            notebook.save()
            saved = nbformat.read(lab.root / notebook.path, as_version=4)
            notebook.shut_down_kernel()
            assert notebook.watch.problems() == []
        with Notebook(lab, browser, notebook.path) as again:
            walks(again)
            assert again.watch.problems() == []
        # a file that JupyterLab has not signed, as one from elsewhere: it trusts nothing in it
        saved.cells[1].source += "  # from elsewhere"
        nbformat.write(saved, lab.root / "scratch" / "fresh.ipynb")
        with Notebook(lab, browser, "scratch/fresh.ipynb") as fresh_one:
            page = fresh_one.page
            still = page.locator("figure > img")
            still.wait_for()
            assert page.locator("figure iframe").count() == 0 and still.is_visible()
            assert "5 tokens, each as 32 numbers, pass through 2 layers" in still.get_attribute("alt")
            assert fresh_one.watch.problems() == []
    finally:
        lab.choose_theme("light")

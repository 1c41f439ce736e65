"""The cost calculator in a real browser: every number that it says, against shared/costs.py; keys, presets, a phone."""

import pytest

from shared.costs import MODELS, Model, forward_flops, kv_cache_bytes, parameters, said, said_bytes, training_bytes, training_flops
from shared.visuals.cost_view import CONTEXTS, TEXTS, VOCABULARY, WIDTHS, cost_view, head_width, kv_heads
from tests.browser.test_interactives import nothing_cut

WORDS = dict(alt="The cache overtakes the weights where texts are long and many.", caption="Move the sliders.")


def cost(frame, name: str) -> str:
    return frame.locator(f'[data-cost="{name}"]').inner_text()


def move(frame, name: str, value: int) -> None:
    frame.locator(f"#cost-{name}").evaluate("(input, n) => { input.value = n; input.dispatchEvent(new Event('input')); }", value)


@pytest.mark.parametrize("layers, width, context, batch, bytes_each, sharing", [
    (12, 768, 1024, 1, 4, "all"), (48, 1600, 128, 8, 2, "quarter"), (96, 12_288, 2048, 1, 2, "one"), (1, 256, 131_072, 256, 1, "quarter"),
])  # fmt: skip
def test_it_says_what_python_computes(show, layers, width, context, batch, bytes_each, sharing):  # noqa: F811
    _, frame = show(cost_view(layers, width, context, batch, bytes_each, sharing, **WORDS))
    h = width // head_width(width)
    model = Model("", 0, "decoder-only", layers, width, h, 4 * width, VOCABULARY, context, 1.0, final_norm=True)
    count = sum(parameters(model).values())
    assert cost(frame, "count") == f"{said(count)} ({count:,})"
    cache = kv_cache_bytes(layers, width, h, context, n_kv_heads=kv_heads(h, sharing), batch=batch, bytes_each=bytes_each)
    assert cost(frame, "cache") == said_bytes(cache)
    assert cost(frame, "weights") == said_bytes(bytes_each * count)
    assert cost(frame, "memory") == said_bytes(sum(training_bytes(count).values()))
    mantissa, power = f"{training_flops(count, 10e9):.2e}".split("e+")
    assert cost(frame, "train") == f"{mantissa} · 10" + "".join("⁰¹²³⁴⁵⁶⁷⁸⁹"[int(c)] for c in str(int(power)))
    # the last of T tokens: everything of one token, and its T meetings, of which forward_flops counts T rows
    flops = forward_flops(model, context)
    last = flops["matrices"] // context + flops["meetings"] // context + flops["head"] // context
    assert cost(frame, "token") == said(last)


def test_sliders_buttons_and_presets_set_the_sizes(show):  # noqa: F811
    _, frame = show(cost_view(**WORDS))
    frame.get_by_role("button", name="GPT-3").click()
    assert cost(frame, "count").endswith(f"({sum(parameters(MODELS['GPT-3']).values()):,})")
    move(frame, "text", TEXTS.index(300e9))
    assert cost(frame, "train").startswith("3.14 · 10²³")
    move(frame, "context", CONTEXTS.index(4096))
    assert cost(frame, "cache") == "18 GiB"
    frame.locator('[data-choice="sharing-2"]').click()
    assert cost(frame, "cache") == said_bytes(18 * 2**30 / 96)
    frame.get_by_role("button", name="GPT-2 XL").click()
    move(frame, "d_model", WIDTHS.index(768)), move(frame, "n_layers", 12)
    assert cost(frame, "count").endswith("(124,439,808)")


def test_from_the_keyboard_alone(show):  # noqa: F811
    page, frame = show(cost_view(**WORDS))
    frame.locator("#cost-n_layers").focus()
    page.keyboard.press("ArrowRight")
    assert cost(frame, "count").endswith(f"({124_439_808 + 7_087_872:,})")


@pytest.mark.parametrize("width", [252, 300, 320, 360, 420, 540, 700, 760, 900])
def test_it_fits_every_width(show, width):  # noqa: F811
    _, frame = show(cost_view(96, 12_288, 131_072, 256, 2, "quarter", **WORDS), width=width)
    nothing_cut(frame)

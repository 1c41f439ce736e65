"""How heavy and how fast the attention explorer is, beside BertViz's head view: `python -m tests.benchmarks attention_view`.

12 layers × 12 heads at 8, 32, 128 and 256 tokens, in the mixture that trained causal models show (previous token, first token,
induction, same token, local, flat). The frame is script, style and numbers as they go into a notebook; the still picture, for places
without script, comes on top. Ready and layer change are milliseconds in Chromium. BertViz is drawn only where its three
scripts can be loaded. NOT_CAUSAL=1 in the environment leaves out the mask, which doubles the numbers.
"""

import contextlib
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from shared.visuals.bertviz import _addresses, _reachable
from shared.visuals.explorer import attention_view
from shared.visuals.explorer_data import measures_of, read_attention, sent_measures, sent_sums, sent_weights
from shared.visuals.packed import deflated, spelled
from tests.benchmarks.table import Row
from tests.browser.lab import chromium, find_chromium

LAYERS, HEADS = 12, 12
LENGTHS = (8, 32, 128, 256)
MOST = {8: 20, 32: 120, 128: 1200, 256: 3000}  # kilobytes that were promised
TEXT = "The cat sat on the mat . The dog ran to the man . One day the bird saw a cat and flew away .".split()
LONGEST_FOR_BERTVIZ = 128  # at 256 tokens it takes gigabytes of memory


def sample(tokens: list[str], causal: bool, seed: int = 0) -> np.ndarray:
    """Attention that looks like a trained model's, (layers, heads, T, T): each head has one habit and some noise."""
    random, T = np.random.default_rng(seed), len(tokens)
    back = np.arange(T)[:, None] - np.arange(T)[None, :]
    same = np.array(tokens)[:, None] == np.array(tokens)[None, :]
    followed = np.zeros_like(same)
    followed[:, 1:] = same[:, :-1]
    habits = [back == 1, followed & (back > 0), back == np.arange(T)[:, None], same, -np.abs(back) / 4, np.zeros((T, T))]
    maps = np.empty((LAYERS, HEADS, T, T), dtype=np.float32)
    for layer in range(LAYERS):
        for head in range(HEADS):
            habit = habits[random.choice(len(habits), p=[0.15, 0.1, 0.25, 0.1, 0.2, 0.2])]
            scores = random.normal(size=(T, T)) * random.uniform(0.3, 1.5) + random.uniform(2, 8) * habit
            powers = np.exp(np.where(back >= 0, scores, -np.inf) if causal else scores)
            maps[layer, head] = powers / powers.sum(-1, keepdims=True)
    return maps


def measure_explorer(tokens: list[str], maps: np.ndarray, browser, folder: Path) -> dict:
    """One row of the table."""
    start = time.process_time()
    view = attention_view(tokens, maps)
    seconds = time.process_time() - start
    attention = read_attention(tokens, maps)
    parts = [*sent_weights(attention), sent_sums(attention)[0], sent_measures(measures_of(attention))[1]]
    row = {
        "frame": len(view.document.encode()) / 1000, "numbers": len(spelled(deflated([part.tobytes() for part in parts]))) / 1000,
        "still": len(view.still.png) * 4 / 3 / 1000, "CPU to make": seconds,
    }  # fmt: skip
    if browser:
        page = browser.new_page(viewport={"width": 900, "height": 1000})
        page.goto(view.save(folder / "view.html").as_uri(), wait_until="commit")
        begin = time.monotonic()
        frame = page.wait_for_selector("iframe", state="attached").content_frame()
        frame.wait_for_selector("body[data-ready]")
        row["ready"] = 1000 * (time.monotonic() - begin)
        # from the menu's event on; reading a pixel waits until all is drawn
        row["layer change"] = frame.evaluate(
            """() => { const menu = document.querySelector("select"), start = performance.now();
                 menu.value = menu.options[menu.options.length - 1].value; menu.dispatchEvent(new Event("change"));
                 for (const canvas of document.querySelectorAll("canvas")) canvas.getContext("2d").getImageData(0, 0, 1, 1);
                 return performance.now() - start }"""
        )
        row["elements"] = frame.evaluate("() => document.querySelectorAll('*').length")
        page.close()
    return row


def measure_bertviz(tokens: list[str], maps: np.ndarray, browser, folder: Path) -> dict:
    """BertViz's own page, as it comes: its size, the CPU seconds to make it, and what a browser makes of it."""
    import torch
    from bertviz import head_view

    start = time.process_time()
    page_text = head_view(tuple(torch.from_numpy(maps)[:, None]), tokens, html_action="return").data
    row = {"frame": len(page_text.encode()) / 1000, "CPU to make": time.process_time() - start}
    if browser and _reachable(_addresses()[0]):
        path = folder / "bertviz.html"
        path.write_text(page_text, encoding="utf-8")
        page = browser.new_page(viewport={"width": 900, "height": 1000})
        begin = time.monotonic()
        page.goto(path.as_uri(), wait_until="commit")
        page.wait_for_selector("#vis svg line", state="attached", timeout=120_000)
        row |= {"ready": 1000 * (time.monotonic() - begin), "elements": page.evaluate("() => document.querySelectorAll('*').length")}
        page.close()
    return row


def main() -> list[Row]:
    """One row for each quantity and length."""
    attention_view(["a", "b"], np.full((1, 1, 2, 2), 0.5))  # thrown away: it loads fonts and colors
    rows = []
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(chromium()) if find_chromium() else None
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for length in LENGTHS:
            tokens = [TEXT[i % len(TEXT)] for i in range(length)]
            maps = sample(tokens, causal="NOT_CAUSAL" not in os.environ)
            theirs = measure_bertviz(tokens, maps, browser, folder) if length <= LONGEST_FOR_BERTVIZ else {}
            rows += _rows(length, measure_explorer(tokens, maps, browser, folder), theirs)
    return rows


def _rows(length: int, ours: dict, theirs: dict) -> list[Row]:
    def row(what: str, unit: str, digits: int = 0, wanted: str = "") -> Row:
        shown = {whose: f"{values[what]:,.{digits}f} {unit}" if what in values else "" for whose, values in (("ours", ours), ("theirs", theirs))}
        baseline = f"BertViz {shown['theirs']}" if shown["theirs"] else ""
        return Row(f"attention, 12 × 12 heads, {length} tokens: {what}", shown["ours"] or "no browser", baseline, ours.get(what) if wanted else None, wanted)

    return [
        row("frame", "KB", wanted=f"<={MOST[length]}"), row("numbers", "KB"), row("still", "KB"),
        row("CPU to make", "s", 2, "<=2" if length == 128 else ""), row("ready", "ms", wanted="<=2000" if length == 128 else ""),
        row("layer change", "ms", wanted="<=200"), row("elements", "nodes", wanted="<=2000"),
    ]  # fmt: skip

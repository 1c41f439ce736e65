"""A playground for a small GPT: move a setting and see what it does to the next token.

    streamlit run week4/playground.py

Works with no network: the course's own small GPT is the first choice. Week 4 day 2 takes it apart.
"""

import html
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the course's folder, which holds `shared/`

import streamlit as st
import torch

from shared import replay as writing
from shared.gpt import GPT
from shared.learning.places import portfolio
from shared.pretrained import shipped_folder
from shared.replay import Replay, Settings
from shared.text.bpe import BytePairTokenizer
from shared.visuals import attention_view, palette, probability_bars
from shared.visuals.text import visible

SHIPPED, FAMOUS = "tiny-gpt2, ships with the course", "gpt2, from the hub (500 MB)"
START = "Once upon a time there was a"
FIRST_TEMPERATURE = {"A": 0.8, "B": 1.5}  # so that two settings differ as soon as they are compared
MOST_LOOKED_AT = 48  # tokens in the attention view


# --- models: one of each for all visitors, never changed -----------------------------------------------------------------


def choices() -> dict[str, Path | None]:
    """What can be chosen: the shipped model, models that the learner trained and saved in the portfolio, and the famous one."""
    own = [path.parent for path in sorted(portfolio().glob("*/model.safetensors")) if (path.parent / "tokenizer.json").is_file()]
    return {SHIPPED: shipped_folder("tiny-gpt2")} | {f"{folder.name}, from your portfolio": folder for folder in own} | {FAMOUS: None}


@st.cache_resource(max_entries=2, show_spinner="Loading the model …")
def read_model(folder: Path | None) -> tuple[GPT, BytePairTokenizer]:
    if folder is None:
        from shared.pretrained import load

        folder = Path(load("openai-community/gpt2")[1].name_or_path)
    return GPT.from_pretrained(folder).eval(), BytePairTokenizer.load(folder)


# --- the settings -----------------------------------------------------------------------------------------------------


def ask_settings(name: str) -> Settings:
    """The controls of one column. `name` keeps those of A and B apart."""
    temperature = st.slider("Temperature", 0.0, 2.0, FIRST_TEMPERATURE[name], 0.05, key=f"temperature {name}", help="Divides the scores. 0 always takes the likeliest token.")
    top_k = st.slider("Top-k", 0, 50, 0, key=f"top_k {name}", help="Only the k likeliest tokens stay. 0 switches it off.")
    top_p = st.slider("Top-p", 0.05, 1.0, 1.0, 0.05, key=f"top_p {name}", help="Only the fewest tokens whose chances reach p stay. 1 switches it off.")
    penalty = st.slider("Repetition penalty", 1.0, 2.0, 1.0, 0.05, key=f"penalty {name}", help="Makes tokens of the text so far less likely. 1 switches it off.")
    length = st.slider("Length (new tokens)", 1, 150, 40, key=f"length {name}")
    seed = st.number_input("Seed", 0, 9999, 0, key=f"seed {name}", help="The same seed, the same text.")
    return Settings(temperature, top_k or None, None if top_p == 1 else top_p, penalty, length, int(seed))


# --- what is shown ----------------------------------------------------------------------------------------------------


def remembered(name: str, key: tuple, make):
    """What `make` gave for this key, kept for this visitor alone."""
    kept = st.session_state.get(f"kept {name}")
    if kept is None or kept[0] != key:
        kept = (key, make())
        st.session_state[f"kept {name}"] = kept
    return kept[1]


def show_text(tokenizer: BytePairTokenizer, replay: Replay, step: int) -> None:
    """The prompt in gray, what was written in ink, the token of this step framed, what comes later pale."""
    at = replay.prompt + step
    before, here, after = (tokenizer.decode(part) for part in (replay.ids[replay.first : at], replay.ids[at : at + 1], replay.ids[at + 1 :]))
    prompt = tokenizer.decode(replay.ids[replay.first : replay.prompt])
    parts = (
        ("color:#4B5563", prompt),
        ("", before[len(prompt) :]),
        (f"border:2px solid {palette.INK};border-radius:4px;padding:0 2px;font-weight:600", here),
        ("color:#6B7280", after),
    )
    spans = "".join(f'<span style="{style}">{html.escape(text)}</span>' for style, text in parts)
    end = ' <span style="color:#4B5563">■ the end, by the model itself</span>' if replay.ended else ""
    st.html(f'<p style="font-size:1.1rem;line-height:1.7;white-space:pre-wrap;overflow-wrap:anywhere">{spans}{end}</p>')


def show_step(replay: Replay, step: int, name: str) -> None:
    """The candidates of one step as bars: by the model alone, and after the settings."""
    now = replay.steps[step]
    # two tokens can look the same (parts of letters do), so a second one gets its number
    words: dict[str, tuple[float, float]] = {}
    drawn = now.chosen
    for candidate in (*now.candidates, *(() if drawn in now.candidates else (drawn,))):  # a rare one is shown, too
        word = visible(candidate.text)
        words[word if word not in words else f"{word} ({candidate.id})"] = (candidate.before, candidate.after)
    were = "token was" if now.open == 1 else "tokens were"
    captions = (
        f"Step {step + 1} of {len(replay.steps)}, before any setting.",
        f"{now.open:,} {were} open; drawn: {visible(drawn.text)}, which had {100 * drawn.after:.1f} %.",
    )
    cards = ""
    for i, (title, caption) in enumerate(zip(("the model alone", "after the settings"), captions)):
        bars = {word: chances[i] for word, chances in words.items()}
        alt = f"Bars of next tokens at step {step + 1}, settings {name}, {title}: " + "; ".join(f"{word} {100 * chance:.0f} %" for word, chance in bars.items())
        # two cards that stand side by side where there is room, and one below the other in a narrow column
        cards += f'<div style="flex:0 1 340px;min-width:0">{probability_bars({title: bars}, caption=caption, alt=alt, panel_inches=3.0).html}</div>'
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:0 16px">{cards}</div>')


def show_roads(model: GPT, tokenizer: BytePairTokenizer, replay: Replay, step: int) -> None:
    """What would have followed the likeliest other tokens, written greedily."""
    others = [c for c in replay.steps[step].candidates if c.id != replay.steps[step].chosen.id][:3]
    roads = "".join(
        f'<li><b>{html.escape(visible(c.text))}</b> <span style="color:#4B5563">({100 * c.before:.1f} %)</span> '
        f"{html.escape(writing.branch(model, tokenizer, replay, step, c)[len(c.text) :])} …</li>"
        for c in others
    )
    st.html(f'<p style="margin:0"><b>Roads not taken</b></p><ul style="overflow-wrap:anywhere">{roads}</ul>')


def move(key: str, by: int, last: int) -> None:
    st.session_state[key] = min(max(st.session_state[key] + by, 1), last)


def show_parting(place, first: Replay, second: Replay) -> None:
    """Where two texts part, and a button that goes there in both."""
    step = writing.parting(first, second)
    if step is None:
        place.write(f"A and B draw the same {min(len(first.steps), len(second.steps))} tokens. Give one of them another seed or temperature.")
        return
    tokens = [f"“{visible(replay.steps[step].chosen.text)}”" for replay in (first, second)]
    place.text(f"A and B part at step {step + 1}: A draws {tokens[0]}, B draws {tokens[1]}.")
    place.button("Show the step where they part", key="part", on_click=go_to, args=(step + 1,))


def go_to(step: int) -> None:
    for name in "AB":
        st.session_state[f"step {name}"] = step


def show_writing(model: GPT, tokenizer: BytePairTokenizer, replay: Replay, name: str) -> None:
    """One column: the text, the step to look at, its chances and its roads not taken."""
    key, last = f"step {name}", len(replay.steps)
    st.session_state[key] = min(st.session_state.get(key, 1), last)  # a shorter text has fewer steps
    if last > 1:
        st.slider("Step: which new token?", 1, last, key=key)
        back, forward = st.columns(2)
        back.button("◀ one token back", key=f"back {name}", on_click=move, args=(key, -1, last), width="stretch")
        forward.button("one token on ▶", key=f"forward {name}", on_click=move, args=(key, 1, last), width="stretch")
    step = st.session_state[key] - 1
    show_text(tokenizer, replay, step)
    show_step(replay, step, name)
    show_roads(model, tokenizer, replay, step)


def show_attention(model: GPT, tokenizer: BytePairTokenizer, ids: tuple[int, ...]) -> None:
    """All heads on the first tokens of the prompt. A causal model looks back only, so what comes later changes nothing there."""
    shown = ids[:MOST_LOOKED_AT]
    if len(shown) < len(ids):
        st.caption(f"The first {len(shown)} of {len(ids)} tokens.")
    with torch.inference_mode():
        maps = model.attentions(torch.tensor([shown]))
    page = remembered("attention", (id(model), shown), lambda: attention_view(writing.spelled(tokenizer, shown), maps).html)
    st.iframe(page, height=900)


# --- the page ---------------------------------------------------------------------------------------------------------


def main() -> None:
    st.set_page_config(page_title="Playground: how a GPT picks the next token", layout="wide")
    st.title("How a GPT picks the next token")
    st.write("Write a beginning, move a setting, and go through what the model wrote, token by token.")
    with st.sidebar:
        folders = choices()
        model_name = st.selectbox("Model", list(folders), key="model")
        compare = st.toggle("Compare two settings", key="compare")
        names = ["A", "B"] if compare else ["A"]
        settings = {}
        for name in names:
            if compare:
                st.subheader(f"Settings {name}")
            settings[name] = ask_settings(name)
    prompt = st.text_area("Your beginning", START, key="prompt", max_chars=20_000, help="Ctrl + Enter sends it.")
    fresh = st.checkbox("A text starts here", True, key="fresh", help="Puts the end-of-text token in front. Without it, your words are the middle of something.")
    try:
        model, tokenizer = read_model(folders[model_name])
    except (OSError, ValueError) as error:
        st.error(f"This model cannot be had now: {error}")
        return
    writings, attention = st.tabs(["What it writes", "Where it looks"])
    shown = None
    with writings:
        parting, done = st.container(), []
        for name, place in zip(names, st.columns(len(names), gap="large")):
            with place:
                if compare:
                    st.subheader(f"With settings {name}")
                key = (model_name, prompt, fresh, settings[name])
                try:
                    shown = remembered(name, key, lambda: writing.write(model, tokenizer, prompt, settings[name], fresh=fresh))
                except ValueError as error:
                    st.error(str(error))
                else:
                    done.append(shown)
                    show_writing(model, tokenizer, shown, name)
        if len(done) == 2:
            show_parting(parting, *done)
    with attention:
        if shown is None:
            st.info("A prompt that the model can read is needed first.")
        else:
            show_attention(model, tokenizer, shown.ids[: shown.prompt])


main()

# %% [markdown]
# # Week 4 · Day 2: Streamlit LLM playground
#
# **Today you take over the last step of a language model, the choice of the next token, and build a page on which anybody can turn its knobs.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week4/day2_streamlit_llm_playground.ipynb)
#
# At the end you will be able to
#
# - say what temperature, top-k, top-p, repetition penalty, length and seed do to the next token, and compute each in a few lines;
# - choose settings by a measured trade-off, and name what each knob breaks;
# - explain how a Streamlit app runs, and start and change a playground of your own.

# %% tags=["setup"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week4", ["streamlit"]  # this day's folder, and what it uses that Colab does not bring
COURSE = "https://github.com/your.name/transformers-course"

here, colab = Path.cwd(), "google.colab" in sys.modules
def find_course():
    places = [here, *here.parents, here / "transformers-course"]
    return next((p for p in places if (p / "shared").is_dir() and (p / "requirements.txt").is_file()), None)
if colab and not find_course():
    subprocess.run(["git", "clone", "--quiet", "--depth=1", COURSE, "transformers-course"], capture_output=True)
if not find_course():
    class CourseNotFound(Exception): _render_traceback_ = lambda self: [str(self)]  # one sentence is enough
    raise CourseNotFound(f"The course could not be fetched from {COURSE}: is that the right address?" if colab
                         else f"There is no course around {here}: open this notebook inside the course's folder.")
root = find_course()
sys.path.insert(0, str(root)), os.chdir(root / WEEK)
from shared.colab import install; install(NEEDS)

# %%
import json, textwrap
from collections import Counter
from dataclasses import asdict

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch

from shared.gpt import GPT, next_token_probabilities
from shared.learning import check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up
from shared.pretrained import shipped_folder
from shared.replay import Settings, branch, parting, write
from shared.serving import APP as PLAYGROUND, start_playground
from shared.text import read_story
from shared.text.bpe import BytePairTokenizer
from shared.visuals import color, course_map, figure, probability_bars, stepper
from shared.visuals.live import live
from shared.visuals.text import visible

course_map(week=4, day=2)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w4d2")

# %% [markdown]
# ## 1 · A dart on a strip (10 min)
#
# A GPT does not write. It ends with one score for each token of its vocabulary, and softmax turns the scores into chances. *Something else* must pick one token. Always taking the largest is greedy decoding (week 1, day 6).
# Drawing one by its chance is *sampling*.
#
# Here is a toy: four words, four scores. Lay the four chances end to end. They fill a strip of length 1. Throw a dart at it.

# %%
words = ["girl", "boy", "fox", "stone"]
z = torch.tensor([2.0, 1.0, 0.0, -1.0])
p = z.softmax(-1)
ends = p.cumsum(-1)
for word, chance, end in zip(words, p, ends):
    print(f"{word:6} chance {chance:.3f}   its piece ends at {end:.3f}")

# %%
def draw_strip(axes, chances, names, y=0.0, hit=None, least=0.07):
    left = 0.0
    for i, (name, wide) in enumerate(zip(names, map(float, chances))):
        struck = hit is not None and left <= hit < left + wide
        axes.barh(y, wide, left=left, height=0.6, color="#D9B8D6" if struck else ("#C5CAD3", "#E5E7EB")[i % 2], edgecolor="#FFFFFF")
        if wide >= least:
            axes.text(left + wide / 2, y, name, ha="center", va="center", fontsize=10.5)
        left += wide
    if hit is not None:
        axes.plot([hit], [y + 0.42], "v", color=color("attention"), markersize=11)
    axes.set(xlim=(-0.01, 1.01), yticks=[], xlabel="place on the strip")

# %% tags=["predict"]
predict("w4d2-p1", "The dart lands at 0.70. Which word is it?", options=words)

# %%
dart = 0.70
struck = int(torch.searchsorted(ends, torch.tensor(dart), right=True))
picture, axes = plt.subplots(figsize=(7.4, 1.9))
draw_strip(axes, p, words, hit=dart, least=0.05)
axes.set(title=f"A dart at {dart:.2f} picks “{words[struck]}”", ylim=(-0.4, 0.65))
axes.set_yticks([])
figure(picture, caption="The wider a word's piece, the more darts it catches.",
       alt=f"A strip of length 1 in four pieces: {', '.join(f'{w} {c:.2f}' for w, c in zip(words, p))}. The dart at {dart} lies in the piece of {words[struck]}.")

# %%
reveal("w4d2-p1", words[struck], "The second piece begins where the first ends. The running sum, cumsum, says where; searchsorted finds the piece.")

# %% [markdown]
# Move the dart yourself.

# %%
place = widgets.FloatSlider(value=0.3, min=0, max=0.99, step=0.01, description="dart")
strip_screen = widgets.HTML()

def throw(change=None):
    at = int(torch.searchsorted(ends, torch.tensor(place.value), right=True))
    picture, axes = plt.subplots(figsize=(7.4, 1.9))
    draw_strip(axes, p, words, hit=place.value, least=0.05)
    axes.set(title=f"{place.value:.2f} picks “{words[at]}”", ylim=(-0.4, 0.65))
    shown = figure(picture, kind="interactive", caption="One random number is one token.",
                   alt=f"The strip of four words with a dart at {place.value:.2f}, in the piece of {words[at]}.")
    strip_screen.value = shown.html
    return shown

place.observe(throw, names="value")

# %% tags=["interactive"]
live([place, strip_screen], still=throw())

# %% [markdown]
# A computer's darts come from a formula that starts at a number: the *seed*. The same seed throws the same darts. So chance here is repeatable.

# %%
def sample(p, seed, count):
    darts = torch.rand(count, generator=torch.Generator().manual_seed(seed))
    return torch.searchsorted(p.cumsum(-1), darts, right=True).clamp(max=len(p) - 1)

print("seed 1:", [words[i] for i in sample(p, 1, 6)])
print("seed 1:", [words[i] for i in sample(p, 1, 6)])
print("seed 2:", [words[i] for i in sample(p, 2, 6)])
counts = torch.bincount(sample(p, 3, 10_000), minlength=4) / 10_000
print("10,000 darts:", [f"{share:.3f}" for share in counts])
print("chances:     ", [f"{chance:.3f}" for chance in p])

# %% [markdown]
# Now a real model: the course's tiny GPT. A text starts with the end-of-text token in front, because in training every tale came after one. `write` puts it there.

# %%
tokenizer = BytePairTokenizer.load(shipped_folder("tiny-gpt2"))
gpt = GPT.from_pretrained(shipped_folder("tiny-gpt2")).eval()
end = tokenizer.special["<|endoftext|>"]

def scores_after(text):
    ids = torch.tensor([[end, *tokenizer.encode(text)]])
    with torch.inference_mode():
        return ids, gpt(ids)[:, -1]

ids, scores = scores_after("Once there lived a")
print("ids", tuple(ids.shape), "→ scores", tuple(scores.shape), "one for each token of the vocabulary")

# %% tags=["predict"]
predict("w4d2-p2", "You write 20 tokens with seed 5, then 40 tokens with seed 5. How many of the first 20 differ?")

# %%
short, long = (write(gpt, tokenizer, "Once there lived a", Settings(length=n, seed=5)) for n in (20, 40))
differ = sum(a != b for a, b in zip(short.ids[short.prompt:], long.ids[long.prompt:]))
reveal("w4d2-p2", differ, "The length says only when to stop. The model does not know it, so it cannot plan an ending for it.")
for made in (short, long):
    print(textwrap.fill(f"{len(made.steps)}: {made.text}", 84))

# %% [markdown]
# ## 2 · Temperature: how sure may it be? (12 min)
#
# Every score is divided by one number before softmax: the **temperature** T. Watch what this does to the strip's pieces.

# %%
def melt(T):
    shares = (z / T).softmax(-1)
    picture, axes = plt.subplots(figsize=(6.4, 3.0))
    axes.bar(words, shares, color=color("residual"), width=0.66)
    for i, share in enumerate(shares):
        axes.text(i, share + 0.02, f"{100 * share:.0f} %", ha="center")
    axes.set(ylim=(0, 1.12), ylabel="chance", title=f"T = {T:g}")
    odds = float(shares[0] / shares[3])
    says = f"{odds:.1f}" if odds < 100 else f"about {float(f'{odds:.0e}'):,.0f}"
    return picture, f"T = {T:g}: scores divided by {T:g}. First and last word stand {says} : 1."

heats = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 4, 10]
stepper([melt(T) for T in heats], start=4, caption="From frozen to melted: the same four scores.",
        alt=f"Bars of four words while the temperature rises from {heats[0]} to {heats[-1]}: at first all on the first word, in the end nearly level. Their order never changes.")

# %% tags=["predict"]
predict("w4d2-p3", "Can a higher temperature make 'boy' likelier than 'girl'?", options=["yes, above T = 1", "yes, but only at a very high T", "no, at no T"])

# %%
by_hand = (z / 2).softmax(-1)
course = next_token_probabilities(z[None], torch.tensor([[0]]), temperature=2.0)[0]
print("by hand:", by_hand.numpy().round(3), " course:", course.numpy().round(3), " equal:", torch.allclose(by_hand, course))
kept = all(torch.equal((z / T).argsort(), z.argsort()) for T in heats)
reveal("w4d2-p3", "no, at no T" if kept else "yes, above T = 1", "Dividing all scores by the same positive number keeps their order. A temperature adds no knowledge; it rescales what is there.")

# %% [markdown]
# $$p_i = \frac{e^{z_i / T}}{\sum_j e^{z_j / T}}, \qquad \frac{p_i}{p_j} = e^{(z_i - z_j)/T}$$
#
# The second formula is the clearer one: the *odds* of two tokens are raised to the power 1/T. T = 1 leaves the model alone. T near 0 gives all to the largest, so T = 0 is taken to mean greedy. A large T makes all tokens alike.
#
# How spread are the chances? That is their entropy (week 2, day 3).

# %%
def entropy(p):
    return abs(float((p * p.clamp_min(1e-12).log()).sum()))  # abs: so that a sure thing is 0, and not −0

Ts = np.geomspace(0.1, 20, 60)
curve = [entropy((z / T).softmax(-1)) for T in Ts]
picture, axes = plt.subplots(figsize=(6.8, 3.3))
axes.semilogx(Ts, curve, color=color("residual"), linewidth=2.4)
axes.axhline(np.log(4), color=color("position"), linestyle="--")
axes.text(0.1, np.log(4) + 0.04, f"ln 4 = {np.log(4):.2f}: four equal words")
axes.set_xticks([0.1, 0.5, 1, 2, 5, 20], ["0.1", "0.5", "1", "2", "5", "20"])
axes.set(title="Hotter is always less sure", xlabel="temperature T (logarithmic)", ylabel="entropy (nats)", ylim=(0, 1.6))
figure(picture, caption="Entropy of the toy's four chances.", alt=f"A curve that rises with the temperature: {curve[0]:.2f} nats at T = 0.1, {entropy(p):.2f} at 1, {curve[-1]:.2f} at 20, just below ln 4.")

# %% [markdown]
# Two slips that run without an error. Giving *chances* instead of scores to a function that applies softmax itself is a **double softmax**: chances lie between 0 and 1, so their odds can be e : 1 at most. And T = 0 is reproducible in arithmetic only:
# on another machine sums may be rounded differently, and two nearly equal scores may swap.

# %%
twice = p.softmax(-1)
print("once :", p.numpy().round(3), f" entropy {entropy(p):.2f}")
print("twice:", twice.numpy().round(3), f" entropy {entropy(twice):.2f} of at most {np.log(4):.2f}")

# %% [markdown]
# ## 3 · Top-k and top-p: cutting the tail (10 min)
#
# Most tokens of a vocabulary are bad next tokens. Each has a tiny chance, and all together they catch a dart now and then. Cut them off. One way is **top-k**: keep the k likeliest tokens. Another is **top-p**: only the fewest tokens stay whose chances
# reach p together. What is left is scaled up to 1 again.

# %% tags=["predict"]
predict("w4d2-p4", "Chances 0.5, 0.3, 0.15, 0.05. How many tokens stay with top-p = 0.9?")

# %%
chances = torch.tensor([0.5, 0.3, 0.15, 0.05])
before = chances.cumsum(-1) - chances          # what the likelier ones hold already
stays = before < 0.9
cut = chances * stays / (chances * stays).sum()
course = next_token_probabilities(chances.log()[None], torch.tensor([[0]]), top_p=0.9)[0]
print("before:", before.numpy().round(2), " stays:", stays.tolist())
print("by hand:", cut.numpy().round(3), " equal to the course's:", torch.allclose(cut, course))

# %%
reveal("w4d2-p4", int(stays.sum()), "Two reach 0.8 only. The third passes 0.9 and stays: the sum must reach p, not stop short of it.")

# %% [markdown]
# $$\text{keep token } i \iff \sum_{j \text{ likelier than } i} p_j < p$$
#
# The likeliest token has nothing before it, so it always stays. Now the same k and the same p on two real distributions: once the model is sure, once it has many good choices.

# %%
spots = {"Once upon a time there was a girl": None, "Once there lived a": None}
for text in spots:
    at, its_scores = scores_after(text)
    spots[text] = {name: int((next_token_probabilities(its_scores, at, **knob)[0] > 0).sum())
                   for name, knob in (("top-k", {"top_k": 5}), ("top-p", {"top_p": 0.9}))}
    print(f"{text!r}: {spots[text]}")

# %%
def draw_tail(axes, text, show=16):
    at, its_scores = scores_after(text)
    shares = its_scores.softmax(-1)[0].sort(descending=True).values[:show]
    axes.bar(range(1, show + 1), shares, color=color("residual"))
    axes.axvline(5.5, color=color("query"), linewidth=2, label="top-k = 5")
    axes.axvline(spots[text]["top-p"] + 0.5, color=color("feed-forward"), linewidth=2, linestyle="--", label="top-p = 0.9")
    axes.set(title=f"… {' '.join(text.split()[-3:])}", xlabel="token, likeliest first", ylim=(0, 1.05), xticks=[1, 5, 10, 15])

picture, axes = plt.subplots(1, 2, figsize=(8.8, 3.3))
for ax, text in zip(axes, spots):
    draw_tail(ax, text)
    ax.set_ylim(0, 1.05 if text == list(spots)[0] else 0.2)
axes[0].set_ylabel("chance")
axes[0].legend(frameon=False)
figure(picture, caption="Left of a line stays, right of it goes. Mind the two scales.",
       alt="Chances of the likeliest 16 tokens at two places. " + " ".join(f"After “{t}” top-k keeps {n['top-k']} and top-p {n['top-p']}." for t, n in spots.items()))

# %% [markdown]
# Top-k keeps five wherever you are: junk where the model is sure, and too few where it has many good choices. Top-p moves with the distribution. Both may be on: the course's function, as most, applies temperature first, then k, then p.
#
# Turn all three on the second place. The strip shows what the dart can hit.

# %%
knobs = {"temperature": widgets.FloatSlider(value=1.0, min=0.1, max=3, step=0.1, description="T"),
         "top_k": widgets.IntSlider(value=20, min=1, max=20, description="top-k"),
         "top_p": widgets.FloatSlider(value=0.9, min=0.05, max=1, step=0.05, description="top-p")}
knob_screen = widgets.HTML()

def turn(change=None):
    shares = next_token_probabilities(scores, ids, **{name: knob.value for name, knob in knobs.items()})[0]
    some, count = shares.topk(20), int((shares > 0).sum())
    says = f"{count} {'token is' if count == 1 else 'tokens are'} open"
    picture, axes = plt.subplots(figsize=(8.8, 2.0))
    draw_strip(axes, some.values, [tokenizer.decode([int(i)]).strip() for i in some.indices], least=0.075)
    axes.set(title=f"{says}, entropy {entropy(shares):.2f} nats", ylim=(-0.4, 0.5))
    shown = figure(picture, kind="interactive", caption="After “Once there lived a”.",
                   alt=f"A strip of next tokens, the widest {float(some.values[0]):.2f}; {says}.")
    knob_screen.value = shown.html
    return shown

for knob in knobs.values():
    knob.observe(turn, names="value")

# %% tags=["interactive"]
live([*knobs.values(), knob_screen], still=turn())

# %% [markdown]
# ## 4 · Repetition penalty: and what it breaks (7 min)
#
# Small models like to repeat themselves. The **repetition penalty** of [Keskar and others, 2019](https://arxiv.org/abs/1909.05858) makes each token that already stands in the text less likely, by a factor θ on its score.

# %% tags=["predict"]
predict("w4d2-p5", "A seen token has the score −1 and θ is 2. You may multiply by θ or divide by it. Which new score makes the token less likely?")

# %%
seen, theta = torch.tensor([0, 3]), 2.0        # "girl" and "stone" stand in the text
lower = z.clone()
lower[seen] = torch.where(z[seen] > 0, z[seen] / theta, z[seen] * theta)
course = next_token_probabilities(z[None], seen[None], repetition_penalty=theta)[0]
print("scores:", z.tolist(), "→", lower.tolist(), "  equal:", torch.allclose(lower.softmax(-1), course))
naive = z.clone()
naive[seen] = z[seen] / theta
print(f"“stone”: {p[3]:.3f} before; multiplied {lower.softmax(-1)[3]:.3f}; only divided {naive.softmax(-1)[3]:.3f}")

# %%
reveal("w4d2-p5", float(lower[3]), "Dividing −1 by 2 gives −0.5, and that is *more* likely. A negative score must be multiplied.")

# %% [markdown]
# $$z_i' = \begin{cases} z_i / \theta & z_i > 0 \\ z_i \cdot \theta & z_i \le 0 \end{cases} \qquad \text{for each token } i \text{ of the text so far}$$
#
# But some things *should* repeat. A tale about Anna must say “Anna” again, and full stops come back, too. Measure it.

# %%
tale = "Once upon a time there was a girl named Anna."
at, its_scores = scores_after(tale)
anna = tokenizer.encode(" Anna")[0]
thetas = np.linspace(1, 4, 31)
again = [float(next_token_probabilities(its_scores, at, repetition_penalty=float(t))[0, anna]) for t in thetas]
picture, axes = plt.subplots(figsize=(6.8, 3.1))
axes.plot(thetas, again, color=color("attention"), linewidth=2.4)
axes.set(title=f"Chance of “Anna”: {again[0]:.2f} without, {again[-1]:.2f} with a penalty of 4", xlabel="repetition penalty θ (1 is off)", ylabel="chance", ylim=(-0.03, 1.05))
figure(picture, caption=f"After “{tale}”", alt=f"The chance that the name comes again falls from {again[0]:.2f} without a penalty to {again[10]:.2f} at 2 and {again[-1]:.2f} at 4.")

# %% [markdown]
# From which θ on does the text itself change? Write it greedily with more and more penalty, and keep each text that was not there before.

# %%
tellings = {}
for theta in (1 + i / 10 for i in range(0, 21, 2)):
    made = write(gpt, tokenizer, tale, Settings(temperature=0, repetition_penalty=theta, length=34))
    tellings.setdefault(made.text, theta)
told = list(tellings.items())
for text, theta in told[:2] + told[2:][-1:]:  # without a penalty, the first change, the last one
    wrong = read_story(text).refused
    print(f"from θ = {theta:.1f}", f"(no tale goes on with {wrong!r}):" if wrong else "(the grammar accepts it):")
    print(textwrap.fill(text[len(tale):].strip(), 84), end="\n\n")

# %% [markdown]
# ## 5 · Roads not taken (13 min)
#
# Greedy takes the best token each time. Is the whole text then the best one? Two steps are enough to see. The upper strip is the first word, the lower one divides each piece by the second word: its width is the product, the chance of the *text*.

# %% tags=["predict"]
predict("w4d2-p6", "First word: a 0.55, the 0.45. After 'a' three words have 0.34, 0.33, 0.33; after 'the' two have 0.9 and 0.1. How likely is the likeliest text of two words?")

# %%
first = {"a": 0.55, "the": 0.45}
second = {"a": {"girl": 0.34, "boy": 0.33, "fox": 0.33}, "the": {"end": 0.9, "sun": 0.1}}
texts = {f"{a} {b}": first[a] * share for a in first for b, share in second[a].items()}
best_first = max(first, key=first.get)
greedy = f"{best_first} {max(second[best_first], key=second[best_first].get)}"
best = max(texts, key=texts.get)
print(f"greedy: {greedy!r} {texts[greedy]:.3f};  likeliest: {best!r} {texts[best]:.3f}")

# %%
picture, axes = plt.subplots(figsize=(7.6, 2.5))
draw_strip(axes, first.values(), first, y=1)
draw_strip(axes, texts.values(), [text.replace(" ", "\n") for text in texts], least=0.04)
axes.set(yticks=[1, 0], yticklabels=["first word", "both words"], ylim=(-0.45, 1.45), title=f"The widest piece above is “{best_first}”, below it is “{best}”")
figure(picture, caption="Every text of two words is a piece of the lower strip.",
       alt="Two strips. Above: " + ", ".join(f"{w} {c}" for w, c in first.items()) + ". Below: " + ", ".join(f"{t} {c:.3f}" for t, c in texts.items()) + ".")

# %%
reveal("w4d2-p6", round(texts[best], 3), "0.45 · 0.9. Greedy takes “a”, for it is ahead by a little, and then its chances are split three ways.", tolerance=0.002)

# %% [markdown]
# A finished text is one road of many. `write` keeps what the model thought at each step, and `branch` goes on greedily after another token. Step through the forks of one text.

# %%
replay = write(gpt, tokenizer, "Once there lived a", Settings(temperature=1.0, length=40, seed=2))
forks = [i for i, step in enumerate(replay.steps) if step.chosen.before < 0.9][:8]

def fork(i):
    step = replay.steps[i]
    so_far = tokenizer.decode(replay.ids[replay.first:replay.prompt + i])
    other = next(c for c in step.candidates if c.id != step.chosen.id)
    picture, axes = plt.subplots(figsize=(7.6, 3.0))
    shown = step.candidates[:6]
    axes.barh([visible(c.text) for c in shown], [c.after for c in shown], color=[color("attention" if c.id == step.chosen.id else "residual") for c in shown])
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="chance", title=f"… {so_far[-44:].strip()}")
    road = branch(gpt, tokenizer, replay, i, other)
    return picture, f"Step {i + 1}: drawn “{step.chosen.text.strip()}”, {100 * step.chosen.after:.0f} %. The road not taken: “{road.strip()} …”"

stepper([fork(i) for i in forks], caption="Purple: the token that was drawn, if it is among the likeliest six.",
        alt=f"{len(forks)} forks of one text, each with bars of the likeliest tokens and the words that would have followed another one.")

# %% [markdown]
# ### Which temperature is best?
#
# It depends on what you want, and you can measure it. For each T let the model begin 40 tales, each with the end-of-text token alone in front. Count the sentences that the grammar accepts, up to its first refusal, and how many different first sentences came.

# %% tags=["predict"]
predict("w4d2-p7", "From the coldest to the hottest setting below: what happens to correctness and variety?", options=["both rise", "variety rises, correctness falls", "both fall", "correctness rises, variety falls"])

# %%
def measure(T, count=40, length=48):
    out = gpt.generate(torch.full((count, 1), end), length, temperature=T, seed=1, stop=end)
    made = [tokenizer.decode([i for i in row if i != end]) for row in out.tolist()]
    read = [read_story(text) for text in made]
    good, every = sum(one.words.count(".") for one in read), sum(max(1, text.count(".")) for text in made)
    return good / every, len({text.split(".")[0] for text in made}), Counter(one.refused for one in read if one.refused)

temperatures = [0.05, 0.2, 0.5, 0.8, 1.0, 1.3, 1.6, 2.0]
correct, different, refused = zip(*(measure(T) for T in temperatures))
tops = [f"{T:g}" for T, c in zip(temperatures, correct) if c == max(correct)]

# %%
picture, axes = plt.subplots(2, 1, figsize=(6.8, 4.6), sharex=True)
axes[0].plot(temperatures, [100 * c for c in correct], "o-", color=color("value"), linewidth=2)
axes[0].set(ylabel="accepted (%)", ylim=(-4, 106), title=f"Most correct at T = {', '.join(tops)}; least at {temperatures[int(np.argmin(correct))]:g}")
axes[1].plot(temperatures, different, "s-", color=color("query"), linewidth=2)
axes[1].set(ylabel="different (of 40)", xlabel="temperature T", ylim=(0, 43), title="Different first sentences: more when hot")
figure(picture, caption="40 beginnings of tales at each temperature.",
       alt=f"Accepted sentences: {100 * correct[0]:.0f} % at T = {temperatures[0]}, {100 * correct[4]:.0f} % at 1, {100 * correct[-1]:.0f} % at 2. Different first sentences: {different[0]}, {different[4]}, {different[-1]} of 40.")

# %%
trend = {(1, 1): "both rise", (1, 0): "variety rises, correctness falls", (0, 0): "both fall", (0, 1): "correctness rises, variety falls"}[
    different[-1] > different[0], correct[-1] > correct[0]]
reveal("w4d2-p7", trend, "Heat buys variety with mistakes: rare and wrong words get a chance, too. But the prediction compares the two ends only. Where is the upper curve highest: at one T, or at several?")

# %%
for i in (i for i in (temperatures.index(1.0), len(temperatures) - 1) if refused[i]):
    word, times = refused[i].most_common(1)[0]
    where = f"most often ({times} times) at the word {word!r}" if times > 1 else f"for instance at the word {word!r}"
    print(f"T = {temperatures[i]:g}: tales that go wrong: {sum(refused[i].values())} of 40, {where}")

# %% [markdown]
# How much does cold buy? Compare the coldest setting with T = 1, where the model's own chances are taken as they are.

# %%
print(f"from T = 1 down to T = {temperatures[0]:g}\ncorrect sentences {100 * correct[4]:.1f} → {100 * correct[0]:.1f} %\ndifferent first sentences {different[4]} → {different[0]} of 40")

# %% [markdown]
# You always pay with variety, and may get no correctness for it: a model that knows its rules well keeps them at T = 1, and taking the favorite word again and again can even lead astray. So measure on your own task, and do not trust the rule "cold is correct".
# And grammar is not truth: a correct sentence may still be wrong.

# %% [markdown]
# ## 6 · Streamlit: a page from a script (12 min)
#
# Knobs should be turned by hand. **Streamlit** makes a web page from a Python script. Its one surprising rule: at each change by the visitor the *whole script runs again, from top to bottom*. That is a **rerun**.
#
# Here is a small app, as text. Streamlit's own test harness plays the visitor.

# %%
APP = """
import streamlit as st

@st.cache_resource
def model():
    print("  (the model is loaded)")
    return "a big model"

forgets = 0
forgets += 1
st.session_state.runs = st.session_state.get("runs", 0) + 1
model()
T = st.slider("Temperature", 0.0, 2.0, 1.0)
st.write(f"T = {T}, forgets = {forgets}, runs = {st.session_state.runs}")
"""

# %% tags=["predict"]
predict("w4d2-p8", "A visitor opens the page and then moves the slider three times. How often does the script run?")

# %%
import logging
logging.disable(logging.WARNING)  # Streamlit warns that nobody is looking, which is so in a test
from streamlit.testing.v1 import AppTest

anna = AppTest.from_string(APP).run()
print(anna.markdown[0].value)
for T in (0.5, 1.5, 2.0):
    anna.slider[0].set_value(T).run()
    print(anna.markdown[0].value)

# %%
reveal("w4d2-p8", anna.session_state["runs"], "Once to open and once for each move. A plain variable begins anew each time: `forgets` never gets past 1.")

# %% [markdown]
# Three kinds of memory, then. A plain variable lives for one run. `st.session_state` is the **session state**: it lives as long as *this visitor's* tab. And `st.cache_resource` keeps one object for *all* visitors: right for a model, wrong for anything that somebody typed. A second visitor:

# %%
ben = AppTest.from_string(APP).run()
print("Ben :", ben.markdown[0].value)
print("Anna:", anna.markdown[0].value)

# %%
picture, axes = plt.subplots(figsize=(7.6, 2.6))
for y, (name, pieces) in enumerate({"cache_resource": [(0, 10)], "session, Ben": [(5.5, 4)], "session, Anna": [(0, 9)],
                                    "variable": [(0, 1.6), (2.4, 1.6), (4.8, 1.6), (7.2, 1.6)]}.items()):
    axes.broken_barh(pieces, (y - 0.3, 0.6), color=color(("value", "query", "query", "residual")[y]))
    axes.text(-0.2, y, name, ha="right", va="center")
axes.set(xlim=(-0.1, 10.1), yticks=[], xticks=[], xlabel="time →", title="How long three kinds of memory live")
figure(picture, caption="Four runs of Anna's page; Ben comes in between.",
       alt="Bars over time. A plain variable lives for one run only, session state as long as one visitor's tab, and the cached resource for all visitors, all the time.")

# %% [markdown]
# ### The playground's own file
#
# The course's playground is such a script. Its parts: the model, cached; the controls; the text, kept for one visitor. Read its controls.

# %%
source = PLAYGROUND.read_text(encoding="utf-8")
lines = source.splitlines()
start = next(i for i, line in enumerate(lines) if line.startswith("def ask_settings"))
print(len(lines), "lines in all\n")
print("\n".join(line.split(", help=")[0] + (" …)" if ", help=" in line else "") for line in lines[start:start + 5]))

# %%
start = next(i for i, line in enumerate(lines) if line.startswith("def remembered"))
print("\n".join(lines[start:start + 7]))

# %% [markdown]
# Start it from here, ask whether it answers, and stop it.

# %%
import urllib.request

app = start_playground()
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(app.url + "/_stcore/health", timeout=10) as answer:
    print("it answers:", answer.status == 200)
app.stop()
print("still running:", app.running)

# %% [markdown]
# To keep it open, write `OPEN = True` and run the cell. Beside the notebook you get a link; in Colab the page opens below the cell. From a terminal, in the course's folder: `streamlit run week4/playground.py`.

# %%
OPEN = False
start_playground().show() if OPEN else print("closed; set OPEN = True to open the playground")

# %% [markdown]
# In the playground: switch *Compare two settings* on. B starts hotter, with T = 1.5; the seed is the same, so the darts are, too. At which step do the texts part? A button goes there. The same in code:

# %%
two = {"A: T = 0.8": Settings(temperature=0.8), "B: T = 1.5": Settings(temperature=1.5)}
made = {name: write(gpt, tokenizer, "Once upon a time there was a", how) for name, how in two.items()}
apart = parting(*made.values())
print("they never part" if apart is None else f"they part at step {apart + 1}")
for name, replay in made.items():
    print(textwrap.fill(f"{name}  {replay.text}", 84))

# %% [markdown]
# Where texts part hangs on one dart. The *chances* say more. Follow A's text, and ask at each step how much probability B's temperature moves to other tokens (half the sum of all differences). Here is the step where it moves most.

# %%
replay = made["A: T = 0.8"]
with torch.inference_mode():
    along = gpt(torch.tensor([replay.ids]))[0, replay.prompt - 1:-1]  # (steps, vocabulary)
a, b = [(along / how.temperature).softmax(-1) for how in two.values()]
moved = (a - b).abs().sum(-1) / 2
most = int(moved.argmax())
so_far = tokenizer.decode(replay.ids[replay.first:replay.prompt + most])
words_there = {int(i): visible(tokenizer.decode([int(i)])) for i in along[most].topk(7).indices}
panels = {name: {word: float(row[most, i]) for i, word in words_there.items()} for name, row in zip(two, (a, b))}

# %%
probability_bars(panels, title=f"Step {most + 1}: {100 * moved[most]:.0f} % of the probability moves", caption=f"After “… {so_far[-40:].strip()}”: the seven likeliest tokens under two settings.",
                 alt="Two panels of bars. " + " ".join(f"{name}: " + ", ".join(f"{word} {100 * chance:.0f} %" for word, chance in bars.items()) + "." for name, bars in panels.items()))

# %% [markdown]
# ## Exercises (10 min)
#
# **1 · Complete it.** The repetition penalty on one row of scores. One line is missing.

# %% tags=["exercise"]
def penalize(scores, seen, theta):
    new = scores.clone()
    new[seen] = ...  # positive scores divided by theta, the others multiplied
    return new

# %% tags=["check"]
check_exercise("w4d2-e1", penalize)

# %%
help_with("w4d2-e1")

# %% [markdown]
# **2 · Fix it.** At every temperature this sampler's chances are strangely level. Find the bug.

# %% tags=["exercise"]
def chances_at(scores, temperature):
    chances = torch.softmax(scores, dim=-1)
    return torch.softmax(chances / temperature, dim=-1)

print(chances_at(torch.tensor([5.0, 0.0]), 1.0))

# %% tags=["check"]
check_exercise("w4d2-e2", chances_at)

# %%
help_with("w4d2-e2")

# %% [markdown]
# **3 · From scratch.** Top-p. `chances` is one row that sums to 1, in any order. Set all tokens to 0 that top-p removes, and scale the others so that they sum to 1 again. Each must stay in its own place.

# %% tags=["exercise"]
def keep_top_p(chances, top_p):
    ...

# %% tags=["check"]
check_exercise("w4d2-e3", keep_top_p)

# %%
help_with("w4d2-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory. Read the feedback of the wrong options, too.

# %% tags=["quiz"]
quiz("w4d2")

# %% [markdown]
# ## Draw or write: your own settings (4 min)
#
# Find settings in the playground that you would give to a friend for a bedtime tale. Write them here, and keep them.

# %%
MINE = Settings(temperature=0.8, top_p=0.95, length=60, seed=7)
file = portfolio() / "w4d2_settings.json"
file.write_text(json.dumps(asdict(MINE), indent=1) + "\n", encoding="utf-8")
print(file.read_text(encoding="utf-8"))
print(write(gpt, tokenizer, "Once upon a time", MINE).text)

# %%
journal("w4d2", ["My settings, and what they are for", "What I gave up for it: variety or correctness?", "A text on which these settings would be wrong"])

# %% [markdown]
# Checklist: Did you change one knob at a time? Did you look at more than one seed before you judged? Do you say what the settings are *for*?

# %% [markdown]
# ## Go further (optional, 45 min)
#
# - [Streamlit: basic concepts](https://docs.streamlit.io/get-started/fundamentals/main-concepts) (15 min; needs a network). Look for: when a script reruns. *Question:* how does a form change that?
# - [The Curious Case of Neural Text Degeneration](https://arxiv.org/abs/1904.09751) (30 min, sections 1 to 3), where top-p comes from. *Question:* what do the authors find when they compare the chances of human text with those of the model's likeliest text?
#
# <details><summary>Answers</summary>
#
# Controls inside a form wait: the script runs again only when the form is sent. Human text is not the likeliest text: its tokens' chances go up and down, while the likeliest text is flat, high, and repeats itself.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
rows = {"the model alone": {}, "T = 0.5": {"temperature": 0.5}, "T = 2": {"temperature": 2.0}, "top-k = 2": {"top_k": 2},
        "top-p = 0.8": {"top_p": 0.8}, "penalty on girl": {"repetition_penalty": 2.0}}
picture, axes = plt.subplots(figsize=(8, 4.2))
for y, (name, knob) in enumerate(rows.items()):
    draw_strip(axes, next_token_probabilities(z[None], torch.tensor([[0]]), **knob)[0], words, y=-y, least=0.08)
axes.axvline(0.7, color=color("attention"), linewidth=2)
axes.text(0.7, 0.45, "the dart", color=color("attention"), ha="center", va="bottom")
axes.set(yticks=[-y for y in range(len(rows))], yticklabels=list(rows), ylim=(-len(rows) + 0.5, 0.9), title="The knobs cut the strip, the seed throws the dart")
today = figure(picture, caption="One dart, six strips from the same four scores.",
               alt="Six strips of the words girl, boy, fox and stone: by the model alone, colder, hotter, with top-k, with top-p, and with a penalty. One dart at 0.7 hits different words.")
saved = today.save(portfolio() / "w4d2_strips.png")
today

# %% [markdown]
# **New words**

# %%
new_words("w4d2")

# %% [markdown]
# Tomorrow you look the other way: not at what comes out of a model, but at where it looks inside, in a Colab of your own.

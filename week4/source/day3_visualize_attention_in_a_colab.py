# %% [markdown]
# # Week 4 · Day 3: Visualize attention in a Colab
#
# **Today you put every head of two models on one page, follow attention through all layers, and take the result home as one file.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week4/day3_visualize_attention_in_a_colab.ipynb)
#
# At the end you will be able to
#
# - draw all layers × heads of any text as one honest grid, in five lines of your own;
# - compare layers of two models over many texts, with error bars and a fair zero line;
# - compute attention rollout by hand and in code, and say what it claims and what it does not.

# %% tags=["setup"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week4", ["bertviz"]  # this day's folder, and what it uses that Colab does not bring
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
import csv
import itertools
import re

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from shared import heads
from shared.learning import check_exercise, help_with, journal, keep_on_drive, new_words, portfolio, predict, quiz, reveal, warm_up
from shared.pretrained import load
from shared.rollout import rollout
from shared.text import stories
from shared.visuals import attention_view, color, course_map, draw_heatmap, figure, map_stepper
from shared.visuals.bertviz import bertviz_model_view
from shared.visuals.live import live
from shared.visuals.palette import INK, LINE, QUIET, weights_map

course_map(week=4, day=3)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w4d3")

# %% [markdown]
# ## 1 · Every head at a glance (12 min)
#
# In week 2 you looked at heads one after the other, and in week 3 you cut them. Today you want to see *all* of them, in two models: one that writes (GPT) and one that reads (BERT).
#
# Run it as it is first. Then, if you have a network, write `"famous"` instead of `"tiny"` and run everything again: the same lines draw the real GPT-2 and the real BERT.

# %%
WHICH = "tiny"  # @param ["tiny", "famous"]
names = {"tiny": {"GPT": "tiny-gpt2", "BERT": "tiny-bert"}, "famous": {"GPT": "gpt2", "BERT": "bert"}}
models = {name: load(which) for name, which in names[WHICH].items()}
for name in models:
    models[name][1].requires_grad_(False)  # today nothing learns

# %%
def look(name, text, length=None):
    """The T tokens of a text, cut to `length` if given, and all maps of a model: (layers, heads, T, T)."""
    tokenizer, model = models[name]
    given = tokenizer(text, return_tensors="pt", truncation=length is not None, max_length=length)
    tokens = [token.strip("Ġ") for token in tokenizer.convert_ids_to_tokens(given["input_ids"][0])]
    return tokens, torch.cat(model(**given, output_attentions=True).attentions)

SENTENCE = "The cat sat on the mat"
seen = {name: look(name, SENTENCE) for name in models}
for name, (tokens, maps) in seen.items():
    print(f"{name:4}", tuple(maps.shape), "= (layers, heads, rows, columns):", *tokens)

# %% [markdown]
# All maps lie in one box of numbers. To see them at once they must lie on a plane: layers downward, heads to the right, each head a small picture. Try it with the smallest box there is, 2 layers of 2 heads over 2 tokens, with the cells numbered, so that you see where each one goes.

# %%
toy = torch.arange(16).reshape(2, 2, 2, 2)  # (layers, heads, rows, columns)
for layer, head in itertools.product(range(2), range(2)):
    print(f"layer {layer}, head {head}:", toy[layer, head].tolist())

# %% tags=["predict"]
predict("w4d3-p1", "The sheet must be 4 × 4. Is toy.reshape(4, 4) the grid in which each head is one 2 × 2 square?",
        options=["yes: it has the right shape", "no: it puts other numbers side by side"])

# %%
plain, grid = toy.reshape(4, 4), toy.permute(0, 2, 1, 3).reshape(4, 4)
picture, axes = plt.subplots(1, 2, figsize=(7.4, 3.6))
shades = [color(concept) for concept in ("attention", "query", "residual", "value")]
for ax, sheet, title in zip(axes, (plain, grid), ("reshape alone", "permute, then reshape")):
    for (r, c), number in np.ndenumerate(sheet.numpy()):
        ax.add_patch(plt.Rectangle((c, 3 - r), 1, 1, facecolor=shades[number // 4], edgecolor="white", linewidth=2))
        ax.text(c + 0.5, 3.5 - r, f"{number}\nhead {number // 4}", ha="center", va="center", color="white", fontsize=10, fontweight="bold")
    ax.set(xlim=(0, 4), ylim=(0, 4), aspect="equal", title=title)
    ax.axis("off")
figure(picture, caption="Sixteen cells of four heads (numbered 0 to 3). Left each head is a long row; right it is a square.",
       alt="Two sheets of 4 by 4 cells. With reshape alone each head fills one row of the sheet. With permute before reshape each head is a 2 by 2 square, layers downward, heads to the right.")

# %%
squares = all(torch.equal(grid[2 * l:2 * l + 2, 2 * h:2 * h + 2], toy[l, h]) for l in range(2) for h in range(2))
wrong = torch.equal(plain[:2, :2], toy[0, 0])
reveal("w4d3-p1", "yes: it has the right shape" if wrong or not squares else "no: it puts other numbers side by side",
       "reshape keeps the order in which numbers lie in memory: head after head. Side by side belong the *rows* of two heads, so rows and heads must change places first. No error warns you.")

# %% [markdown]
# Now with a trained model, once as a loop that lays down one map after the other, and once in a single line.

# %%
def mosaic(maps):
    L, H, T, S = maps.shape
    return maps.permute(0, 2, 1, 3).reshape(L * T, H * S)

tokens, maps = seen["GPT"]
L, H, T, _ = maps.shape
sheet = torch.zeros(L * T, H * T)
for l, h in itertools.product(range(L), range(H)):
    sheet[l * T:(l + 1) * T, h * T:(h + 1) * T] = maps[l, h]
print(tuple(sheet.shape), "loop and one line agree:", torch.equal(sheet, mosaic(maps)))

# %% [markdown]
# A gap between the heads, one color scale from 0 to 1 for all, and names at the edges: done. Such a page of many equal small pictures is called **small multiples**. Because it is *one* image, 144 heads are drawn as fast as 16.

# %%
def draw_grid(ax, maps, title):
    L, H, T, _ = maps.shape
    gap = max(1, T // 8)
    paper = weights_map().copy()
    paper.set_bad(LINE)
    sheet = mosaic(F.pad(maps, (gap, 0, gap, 0), value=float("nan")))[gap:, gap:]
    ax.imshow(sheet, cmap=paper, vmin=0, vmax=1, interpolation="nearest")
    middles = [i * (T + gap) + (T - 1) / 2 for i in range(max(L, H))]
    small = 10.5 if H <= 6 else 10
    ax.set_xticks(middles[:H], range(H), fontsize=small)
    ax.set_yticks(middles[:L], range(L), fontsize=small)
    ax.set(xlabel="head", ylabel="layer", title=title)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)

# %%
def first_share(maps):
    return maps[..., 1:, 0].mean(-1)  # (layers, heads): what the other rows give to the first token

picture, axes = plt.subplots(1, 2, figsize=(9, 4.9))
for ax, (name, (tokens, maps)) in zip(axes, seen.items()):
    draw_grid(ax, maps, f"{name}: {maps.shape[0] * maps.shape[1]} heads, {maps.shape[-1]} tokens")
half = {name: int((first_share(maps) > 0.5).sum()) for name, (_, maps) in seen.items()}
one_page = figure(picture, caption=f"“{SENTENCE}”. In each small map rows ask and columns are looked at; white is 0, dark is 1.",
                  alt=f"All heads of two models on one sentence. GPT's maps are lower triangles; {half['GPT']} of its heads give more than half to the first token. "
                      f"BERT's maps are full squares; {half['BERT']} of its heads do.")
one_page

# %% [markdown]
# Read it from afar first. The empty corners: GPT's future. A dark left edge in a small map: a sink (week 2, day 3). A dark line just below the diagonal: a previous-token head; just above it, which only BERT can have: a next-token head. A pale square: a head that spreads widely.
#
# ### A scale can lie
#
# Some tools paint each map from its own smallest to its own largest number. Take the head of this BERT that spreads most widely.

# %% tags=["predict"]
tokens, maps = seen["BERT"]
l, h = divmod(int(heads.entropy(maps).argmax()), maps.shape[1])
flat = maps[l, h]
predict("w4d3-p2", f"The weights of layer {l}, head {h} run from {flat.min():.2f} to {flat.max():.2f}. Painted on its own scale, how does it look?",
        options=["pale and even", "full of contrast, from white to dark"])

# %%
picture, axes = plt.subplots(1, 2, figsize=(8.4, 4.2))
own = (flat - flat.min()) / (flat.max() - flat.min())
for ax, values, title in zip(axes, (flat, own), ("on the scale 0 to 1", "on its own scale")):
    draw_heatmap(ax, values, tokens, tokens, numbers=False, labels=10.5)
    ax.set_title(title)
axes[1].set_ylabel("")
figure(picture, caption=f"Layer {l}, head {h} of BERT, the same {flat.numel()} numbers twice.",
       alt=f"One map on two color scales. From 0 to 1 it is pale: its largest weight is {flat.max():.2f}. Stretched to its own smallest and largest weight it runs from white to the darkest purple.")

# %%
reveal("w4d3-p2", "full of contrast, from white to dark" if own.max() - own.min() > 0.9 else "pale and even",
       "On its own scale every map reaches from white to dark, whatever is in it. Who compares maps must paint them all on one scale, and say which.")

# %% [markdown]
# ## 2 · From layer to layer, over many texts (11 min)
#
# One sentence is one sentence. How do layers differ *in general*? Take 40 tales, all cut to 24 tokens, and two numbers that you know from week 2: the entropy of a head's rows (how widely it looks), and its mean distance (how far).
#
# Before you compare two models, ask what each of them *could* reach. Imagine in both a head that spreads evenly over everything it may see.

# %% tags=["predict"]
predict("w4d3-p3", "Both read 24 tokens, and both have such an even head. Whose has the larger entropy?",
        options=["GPT's", "BERT's", "they are equal: even is even"])

# %%
LENGTH, tales = 24, stories(40, seed=43)
everywhere = torch.ones(LENGTH, LENGTH)
even = {"GPT": everywhere.tril() / everywhere.tril().sum(-1, keepdim=True), "BERT": everywhere / LENGTH}
for name, map_ in even.items():
    print(f"{name:4} spread evenly: entropy {heads.entropy(map_):.2f} nats, mean distance {heads.mean_distance(map_):.1f} tokens")
reveal("w4d3-p3", "BERT's" if heads.entropy(even["BERT"]) > heads.entropy(even["GPT"]) + 0.01 else "they are equal: even is even",
       "BERT's rows all see 24 tokens, ln 24 nats. GPT's first row sees one token and has no choice, its second sees two, and so on. So the bare numbers of the two models cannot be compared.")

# %% [markdown]
# Now measure. For each tale and layer: the mean over the layer's heads. Over the tales: their mean, and an **error bar** of ± 1.96 standard errors, a 95 % interval as on day 1. (A standard error: the standard deviation over the tales, divided by the root of their number.)

# %%
all_maps = {name: torch.stack([look(name, tale, LENGTH)[1] for tale in tales]) for name in models}  # (texts, L, H, T, T)
measures = {"entropy (nats)": heads.entropy, "mean distance (tokens)": heads.mean_distance}
by_layer = {(name, says): measure(maps).mean(2) for name, maps in all_maps.items() for says, measure in measures.items()}

def mean_and_bar(values):  # (texts, …) -> mean and half a 95 % interval over the texts
    return values.mean(0), 1.96 * values.std(0) / len(values) ** 0.5

# %%
look_of = {"GPT": ("attention", "o"), "BERT": ("query", "s")}
picture, axes = plt.subplots(1, 2, figsize=(9, 3.7))
for ax, (says, measure) in zip(axes, measures.items()):
    for name, (concept, sign) in look_of.items():
        mean, bar = mean_and_bar(by_layer[name, says])
        ax.errorbar(range(len(mean)), mean, bar, fmt=f"{sign}-", color=color(concept), capsize=5, linewidth=2, label=name)
        ax.axhline(float(measure(even[name])), color=color(concept), linestyle=":", linewidth=1.8)
    ends = {name: by_layer[name, says].mean(0)[[0, -1]].tolist() for name in models}
    title = ", ".join(f"{name} looks {('wider' if 'entropy' in says else 'farther') if b > a else ('narrower' if 'entropy' in says else 'nearer')}" for name, (a, b) in ends.items())
    ax.set_title(title, fontsize=11.5)
    ax.set(xlabel="layer", ylabel=says, ylim=(0, 1.18 * float(measure(even["BERT"]))), xticks=range(max(m.shape[1] for m in all_maps.values())))
    ax.grid(axis="y")
axes[0].legend(frameon=False, loc="lower right")
widest = {name: float(mean_and_bar(by_layer[name, "entropy (nats)"])[1].max()) for name in models}
figure(picture, caption="Means over 40 tales with 95 % error bars (many are smaller than the marks); titles compare the last layer with the first. Dotted: the same model with all heads spread evenly.",
       alt="Entropy and mean distance by layer for GPT and BERT. " + " ".join(
           f"{name}'s entropy runs from {by_layer[name, 'entropy (nats)'].mean(0).min():.2f} to {by_layer[name, 'entropy (nats)'].mean(0).max():.2f} nats." for name in models))

# %% [markdown]
# The dotted line is each model's own ceiling of entropy. (For distance it is none: a head may look farther than evenly.) So compare the *share* of it that a layer uses: 1 means "as wide as possible", 0 means "one token only".

# %%
share = {name: by_layer[name, "entropy (nats)"] / heads.entropy(even[name]) for name in models}
print("share of the ceiling, layer after layer")
for name, values in share.items():
    mean, bar = mean_and_bar(values)
    print(f"{name:4}", "   ".join(f"{m:.2f} ± {b:.3f}" for m, b in zip(mean, bar)))
    between = heads.entropy(all_maps[name]).mean(0).std(1).mean()
    print(f"     entropy: standard deviation between heads {between:.2f} nats, widest error bar ± {widest[name]:.3f}")

# %% [markdown]
# Read the second line of each model twice. A small error bar says: *other tales would give nearly the same mean*. It does not say that the heads of a layer are alike, and nothing about poems or program code. An error bar belongs to what was drawn at random: here, tales.

# %% [markdown]
# ## 3 · Where did it come from? Attention rollout (16 min)
#
# A map of the last layer says "position *sat* looks at position *cat*". But what lies at *cat* by then is no longer the word: lower layers have mixed other words into it. To know which *words* arrive, you must follow the mixing down to the bottom.
#
# Three tokens, two layers (counted from 1 here, as in the formula below). In layer 1, *cat* fetches *The*. In layer 2, *sat* looks at *cat*. Everybody else looks at themselves. And half of everything goes straight up on the residual stream.

# %%
WORDS = ["The", "cat", "sat"]
A1 = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 0, 1]])
A2 = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 1, 0]])
M1, M2 = [0.5 * A + 0.5 * torch.eye(3) for A in (A1, A2)]

def draw_ways(ax, mixes, top):
    reached = {top: 1.0}
    for level in range(len(mixes), 0, -1):
        below = {}
        for t, s in itertools.product(range(3), range(3)):
            share = float(mixes[level - 1][t, s])
            if share:
                on = reached.get(t, 0) * share
                ax.plot([s, t], [level - 1, level], color=color("attention" if s != t else "residual") if on else LINE, linewidth=1.5 + 8 * on, solid_capstyle="round", zorder=1)
                below[s] = below.get(s, 0) + on
        reached = below
    return reached

# %%
picture, ax = plt.subplots(figsize=(7.2, 4.2))
arrived = draw_ways(ax, [M1, M2], top=2)
for level, i in itertools.product(range(3), range(3)):
    ax.text(i, level, WORDS[i], ha="center", va="center", fontsize=11.5, zorder=2,
            bbox={"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": INK if (level, i) == (2, 2) else QUIET, "linewidth": 2.4 if (level, i) == (2, 2) else 1})
for level, says in enumerate(("the words", "after layer 1", "after layer 2")):
    ax.text(-0.45, level, says, ha="right", va="center", color=QUIET)
ax.set(xlim=(-1.5, 2.5), ylim=(-0.4, 2.4), title="From the top, follow every way down")
ax.axis("off")
figure(picture, caption="Ways from sat down to the words; thicker carries more. Purple: a look. Gray: straight up on the residual stream. Pale: other rows' ways.",
       alt="Three tokens on three levels. From sat at the top one half goes straight down to sat, one half over cat. What arrives at cat splits: one half goes on to The, one half to cat.")

# %% tags=["predict"]
predict("w4d3-p4", "The last layer's map gives The a weight of 0 in the row of sat. Following all ways: what percentage of sat's top row comes from The?")

# %%
total = torch.zeros(3)
for middle, end in itertools.product(range(3), range(3)):
    way = float(M2[2, middle] * M1[middle, end])
    if way:
        print(f"sat → {WORDS[middle]} → {WORDS[end]}: {M2[2, middle]:.1f} · {M1[middle, end]:.1f} = {way:.2f}")
        total[end] += way
print("together:", dict(zip(WORDS, total.tolist())), "  row of M2 @ M1:", (M2 @ M1)[2].tolist())

# %%
reveal("w4d3-p4", round(100 * float(total[0])), "One half looks at cat, and one half of cat is The by then: 0.5 · 0.5. The last map alone shows 0.", tolerance=1)

# %% [markdown]
# Summing over all ways, share times share: that *is* a product of matrices. The later layer stands on the left, because you start at the top. Does the order matter? Give the two layers each other's maps.

# %% tags=["predict"]
predict("w4d3-p5", "Now sat looks at cat in layer 1, and cat fetches The only in layer 2. What percentage of sat's top row comes from The?")

# %%
reveal("w4d3-p5", round(100 * float((M1 @ M2)[2, 0])), "When sat looked, cat was still only cat. News travels upward: a look brings what is there at that moment.", tolerance=1)

# %% [markdown]
# This is **attention rollout** (Abnar and Zuidema, 2020). For a real model one step comes first: a layer has many heads, so take their mean. With layers $\ell = 1 \dots L$, heads $h = 1 \dots H$, and the identity matrix $I$ for the stream:
#
# $$\hat A^{(\ell)} = \tfrac12 \cdot \frac1H \sum_{h} A^{(\ell, h)} + \tfrac12\, I \qquad\qquad R = \hat A^{(L)} \cdots \hat A^{(2)} \hat A^{(1)} \qquad (T, T)$$
#
# Each row of $\hat A$ adds up to 1, half from the heads and half from the stream. So each row of $R$ does, too. (If you add $A + I$ instead, divide each row by its sum, 2: the same.)

# %%
tokens, maps = seen["GPT"]
R, mixes = torch.eye(len(tokens)), []
for layer in maps:  # (heads, T, T), from the bottom up
    mix = 0.5 * layer.mean(0) + 0.5 * torch.eye(len(tokens))
    R = mix @ R
    mixes.append(mix)
rolled = rollout(maps)  # the course's function: one map for each layer, (layers, T, T)
print("rows sum to 1:", torch.allclose(R.sum(-1), torch.ones(len(tokens))), "  the loop equals shared/rollout.py:", torch.allclose(R, rolled[-1], atol=1e-6))

# %% [markdown]
# Now watch it grow. At the bottom each token is only itself. Then, layer by layer: first $\hat A$, what the layer mixes, and then $R$, what has come together up to there. Which token gains most?

# %%
frames, says = [torch.eye(len(tokens))], ["Before layer 0: every position holds its own word and nothing else."]
for l, (mix, map_) in enumerate(zip(mixes, rolled)):
    if l:  # in layer 0 both are the same
        frames.append(mix)
        says.append(f"What layer {l} mixes: half its heads' average, half the stream. Times what was there before, it makes the next map.")
    most = int(map_[-1].argmax())
    frames.append(map_)
    says.append(f"After layer {l}: position {tokens[-1]!r} holds {map_[-1, -1]:.0%} of its own word; most comes from {tokens[most]!r}, {map_[-1, most]:.0%}.")
growing = map_stepper(torch.stack(frames), tokens, says, start=len(frames) - 1, caption="Attention rollout of GPT, from the words up. Rows: positions. Columns: the words they came from.",
                      alt="Rollout starts as the identity and spreads layer by layer. " + says[-1])
growing

# %%
for name, (some, found) in seen.items():
    wide = heads.entropy(rollout(found))
    print(f"{name:4} entropy of the rollout, layer by layer:", *(f"{w:.2f}" for w in wide), "wider" if wide[-1] > wide[0] else "narrower")
picture, axes = plt.subplots(1, 3, figsize=(9, 3.7))
views = {"last layer": maps[-1].mean(0), "mean of all layers": maps.mean((0, 1)), "rollout": rolled[-1]}
for ax, (says, map_) in zip(axes, views.items()):
    draw_heatmap(ax, map_, tokens, tokens, labels=9.6, numbers=False)
    ax.set(title=says, xlabel="key" if says != "rollout" else "word it came from", ylabel="query" if ax is axes[0] else "")
figure(picture, caption="GPT, mean over heads. Three answers to “where does it come from?”, on one color scale.",
       alt="Three maps of GPT on one sentence. The last row gives the first token " + ", ".join(f"{float(map_[-1, 0]):.0%} by {says}" for says, map_ in views.items()) + ".")

# %% [markdown]
# ### A surprise that needs no trained model
#
# Take a deep GPT whose heads know nothing: every row spreads evenly over all tokens so far. Six tokens, and 96 layers, as many as GPT-3 has.

# %% tags=["predict"]
predict("w4d3-p6", "Every head spreads evenly, in all 96 layers. By rollout, what percentage of the LAST token's top row comes from the FIRST of the six tokens?")

# %%
spread = torch.ones(6, 6).tril() / torch.arange(1.0, 7)[:, None]
deep = {depth: float(rollout(spread.expand(depth, 1, 6, 6))[-1, -1, 0]) for depth in (1, 2, 4, 8, 12, 24, 48, 96)}
picture, ax = plt.subplots(figsize=(6.8, 3.4))
ax.semilogx(list(deep), [100 * s for s in deep.values()], "o-", color=color("attention"), linewidth=2)
ax.axhline(100 / 6, color=QUIET, linestyle=":")
ax.text(96, 100 / 6 + 3, "an even sixth", ha="right", fontsize=10, color=QUIET)
ax.set_xticks(list(deep), [str(d) for d in deep])
ax.minorticks_off()
ax.set(xlabel="layers", ylabel="from the first token (%)", ylim=(0, 106), title="Depth alone moves rollout to the first token")
ax.grid(axis="y")
figure(picture, caption="Heads that know nothing, six tokens, a causal mask. Nothing was trained.",
       alt="Share of the first token in the last row's rollout for models without knowledge: " + ", ".join(f"{d} layers {s:.0%}" for d, s in deep.items()) + ".")

# %%
reveal("w4d3-p6", round(100 * deep[96]), "The first token can only look at itself: what has arrived there never leaves. Everybody else loses a little to the left in each layer.", tolerance=5)

# %% [markdown]
# The first token is **absorbing**: ways lead in, and none leads out. So before you write "GPT-2 bases everything on the first word", compare with heads that know nothing, at the same depth. A part of that column is arithmetic.

# %% [markdown]
# ## 4 · Does the way matter? (12 min)
#
# Rollout follows *shares of attention*. What it never sees:
#
# | Rollout takes for granted | In the model |
# |---|---|
# | a look of 0.3 brings 0.3 of everything | the value may be tiny, or the output projection may drop it |
# | all heads of a layer count the same | one head may write much, another nothing |
# | the stream keeps one half | the real share differs by layer and token |
# | feed-forward networks do nothing | they hold most of the parameters |
# | shares only add | two contributions may cancel |
#
# The smallest counter-example: a row looks at two tokens with weights 0.8 and 0.2, and both carry the same value, 3.

# %% tags=["predict"]
predict("w4d3-p7", "Hide the first token; the row's remaining weight becomes 1. By how much does the output change?")

# %%
weights, values = torch.tensor([0.8, 0.2]), torch.tensor([3.0, 3.0])
before = float(weights @ values)
after = float(weights[1] / weights[1] * values[1])
print(f"before {before:.1f}, without the first token {after:.1f}: the look was 0.8, its effect {abs(after - before):.1f}")
reveal("w4d3-p7", round(abs(after - before)), "Two tokens bring the same news. Neither is missed alone, whatever the map says.", tolerance=0.05)

# %% [markdown]
# To see an effect, take something away and look at the answer. Hiding one part of the input at a time is called **occlusion**; it needs no gradient and works with any model. You did it in week 2, and cut heads in week 3. Now let it judge three maps.
#
# BERT guesses a word behind `[MASK]`, in the middle of the text. GPT guesses how the text goes on after a full stop, where the guess must rest on what came before. Each other token is hidden in turn; the effect is the share of probability that moves to other guesses, from 0 to 1.

# %%
def asked(name, text, place=None):
    """The ids (1, T) with which a model is asked, and the place p whose guess is read."""
    tokenizer = models[name][0]
    ids = tokenizer(text, return_tensors="pt", truncation=True, max_length=LENGTH)["input_ids"]
    stops = [i for i, token in enumerate(tokenizer.convert_ids_to_tokens(ids[0])) if token == "."]
    if name == "GPT":  # it reads up to p, and guesses what comes next
        p = place or (stops or [ids.shape[1] - 1])[-1]
        return ids[:, :p + 1], p
    p = place or ids.shape[1] // 2
    ids[0, p] = tokenizer.mask_token_id
    return ids, p

# %%
def views_of(name, text, place=None):
    """What three maps and occlusion say about the T tokens on which one guess rests: tokens, p, {view: (T,)}."""
    (tokenizer, model), (ids, p) = models[name], asked(name, text, place)
    T = ids.shape[1]
    visible = torch.cat([torch.ones(1, T), 1 - torch.eye(T)]).long()  # row 0: all; row j + 1: all but token j
    guess = model(input_ids=ids.expand(T + 1, -1), attention_mask=visible).logits[:, p].softmax(-1)
    maps = torch.cat(model(input_ids=ids, output_attentions=True).attentions)
    found = {"last layer": maps[-1, :, p].mean(0), "mean of all layers": maps[:, :, p].mean((0, 1)),
             "rollout": rollout(maps)[-1, p], "occlusion": (guess[1:] - guess[0]).abs().sum(-1) / 2}
    return [token.strip("Ġ") for token in tokenizer.convert_ids_to_tokens(ids[0])], p, found

# %%
def draw_views(name, text, place=None, kind="still"):
    tokens, p, found = views_of(name, text, place)
    others = [i for i in range(len(tokens)) if i != p]
    picture, axes = plt.subplots(3, 1, figsize=(8.8, 5.8), sharex=True)
    for ax, says in zip(axes, ("last layer", "rollout", "occlusion")):
        bars = found[says][others]
        ax.bar(others, bars, color=color("residual" if says == "occlusion" else "attention"), width=0.7)
        ax.plot(others[int(bars.argmax())], float(bars.max()) * 1.1, "v", color=INK, markersize=7)
        ax.set(ylabel="weight" if says != "occlusion" else "effect", ylim=(0, max(1e-6, 1.3 * float(bars.max()))))
        ax.set_title(says, fontsize=11)
    axes[-1].set_xticks(range(len(tokens)), tokens, rotation=55, ha="right", rotation_mode="anchor", fontsize=10)
    best = {says: others[int(found[says][others].argmax())] for says in ("last layer", "rollout", "occlusion")}
    tops = {says: tokens[i] for says, i in best.items()}
    picture.suptitle({1: "All three have the same favorite", 2: "Three views, two favorites", 3: "Three views, three favorites"}[len(set(best.values()))],
                     x=0.01, ha="left", fontsize=13, fontweight="bold")
    task = f"the word after {tokens[p]!r}" if name == "GPT" else f"the hidden word at place {p}"
    return figure(picture, kind=kind, caption=f"{name} guesses {task}. A triangle marks each view's favorite; each panel has its own axis.",
                  alt=f"Three bar charts over {len(tokens)} tokens for {task}. " + "; ".join(f"{says} puts {top} first" for says, top in tops.items()) + ".")

draw_views("BERT", tales[0])

# %% [markdown]
# One text shows how it is done; 40 texts decide. For each text: the rank correlation of a map with the effects, 1 for the same order and 0 for no relation. And a rival that looks at nothing at all: "the nearer, the more important".

# %% tags=["predict"]
predict("w4d3-p8", "Which view of BERT orders the tokens most like occlusion does, on average over 40 tales?",
        options=["the last layer's map", "the mean of all layers", "rollout", "plain nearness, without any model"])

# %%
def ranks(numbers):
    return numbers.argsort().argsort().float()

def agreement(name, text, start=0):
    tokens, p, found = views_of(name, text)
    others = torch.tensor([i for i in range(start, len(tokens)) if i != p])
    found["nearness"] = -(torch.arange(len(tokens)) - p).abs() + 1e-3 * torch.arange(len(tokens))  # of equals the later one
    return [float(torch.corrcoef(torch.stack([ranks(found[says][others]), ranks(found["occlusion"][others])]))[0, 1]) for says in VIEWS]

VIEWS = ["last layer", "mean of all layers", "rollout", "nearness"]
agreed = {name: torch.tensor([agreement(name, tale) for tale in tales]) for name in models}  # (texts, views)

# %%
picture, axes = plt.subplots(1, 2, figsize=(9, 3.1), sharey=True, sharex=True)
for ax, (name, values) in zip(axes, agreed.items()):
    mean, bar = mean_and_bar(values)
    for i, says in enumerate(VIEWS):
        ax.errorbar(mean[i], i, xerr=bar[i], fmt="D" if says == "nearness" else "o", color=color("residual" if says == "nearness" else "attention"), capsize=5, markersize=8, linewidth=2)
        ax.text(mean[i] + bar[i] + 0.03, i, f"{mean[i]:.2f}", va="center", fontsize=10.5)
    ax.axvline(0, color=LINE)
    ax.set_title(f"{name}: {VIEWS[int(mean.argmax())]} agrees most", fontsize=11.5)
    ax.set(xlabel="rank correlation with occlusion", yticks=range(len(VIEWS)), yticklabels=VIEWS, xlim=(min(-0.1, float(min(v.mean(0).min() for v in agreed.values())) - 0.1), 1.05), ylim=(len(VIEWS) - 0.5, -0.5))
    ax.grid(axis="x")
figure(picture, caption="Means over 40 tales with 95 % error bars. Gray: a rule that knows no attention at all.",
       alt="Agreement with occlusion. " + " ".join(f"{name}: " + ", ".join(f"{says} {float(m):.2f}" for says, m in zip(VIEWS, values.mean(0))) + "." for name, values in agreed.items()))

# %%
labels = ["the last layer's map", "the mean of all layers", "rollout", "plain nearness, without any model"]
reveal("w4d3-p8", labels[int(agreed["BERT"].mean(0).argmax())], "Without the rival you would not know whether a correlation is much. Where two views lie within each other's error bars, either is a good answer.")
for name, values in agreed.items():
    gain, bar = mean_and_bar(values[:, 2] - values[:, 1])  # of the same texts: a paired difference
    word = "no clear difference" if abs(gain) <= bar else "rollout is closer to occlusion" if gain > 0 else "the plain mean is closer to occlusion"
    print(f"{name:4} rollout minus mean of all layers: {gain:+.3f} ± {bar:.3f}: {word}")

# %% [markdown]
# Where the plain mean beats rollout in a GPT, you know a suspect: the first token is absorbing. How much do the two give to it?

# %%
gives = {says: np.mean([float(views_of("GPT", tale)[2][says][0]) for tale in tales[:12]]) for says in ("mean of all layers", "rollout")}
print("GPT, share of the first token:", ", ".join(f"{says} {100 * share:.0f} %" for says, share in gives.items()))

# %% [markdown]
# Is occlusion the truth, then? It answers another question: *what if this token were not there?* Hide GPT's first token and you also take away the place where heads park their attention, so the effect is huge, whatever the word. And tokens that say the same twice are never missed alone. Two honest tools, two questions.

# %%
effects = [views_of("GPT", tale)[2]["occlusion"][:-1] for tale in tales]
biggest = sum(int(effect.argmax()) == 0 for effect in effects)
print(f"GPT: the first token has the largest effect in {biggest} of {len(tales)} tales")
print(f"on average {np.mean([float(e[0]) for e in effects]):.2f}; the strongest other one has {np.mean([float(e[1:].max()) for e in effects]):.2f}")
without = torch.tensor([agreement("GPT", tale, start=1) for tale in tales]).mean(0)
print("rank correlations without it:", ", ".join(f"{says} {float(v):.2f}" for says, v in zip(VIEWS, without)))

# %% [markdown]
# ## 5 · Your own text (6 min)
#
# Now yours. In Colab the next cell shows a form; elsewhere change the text between the quotes. Both models cut it after 24 tokens.

# %%
my_text = "Once there was a cat who had a red hat. The cat lost the hat and was sad."  # @param {type:"string"}
my_place = 8  # @param {type:"slider", min:1, max:23}

# %%
def my_choice(name, place):
    count = len(look(name, my_text, LENGTH)[0])
    return min(max(place, 1), count - (1 if name == "GPT" else 2))  # BERT's last token is [SEP]

draw_views("GPT", my_text, my_choice("GPT", my_place))

# %% [markdown]
# The same with things to move. Before you move the slider, say where the triangles will stand. Look for a place where all three agree, and for one where none does.

# %%
choose_text = widgets.Text(value=my_text, description="text", layout={"width": "95%"}, continuous_update=False)
choose_model = widgets.Dropdown(options=list(models), value="BERT", description="model")
choose_place = widgets.IntSlider(value=my_place, min=1, max=LENGTH - 2, description="place", continuous_update=False)
note, screen = widgets.HTML(), widgets.HTML()

def redraw(change=None):
    global my_text
    short = len(choose_text.value.split()) < 2
    my_text = SENTENCE if short else choose_text.value
    place = my_choice(choose_model.value, choose_place.value)
    note.value = f"At least two words, please. Until then: “{SENTENCE}”. " * short + (
        f"This text ends earlier: place {place} is the last that can be asked." if place < choose_place.value else "")
    picture = draw_views(choose_model.value, my_text, place, kind="interactive")
    screen.value = picture.html
    return picture

for box in (choose_text, choose_model, choose_place):
    box.observe(redraw, names="value")

# %% tags=["interactive"]
live([choose_text, choose_model, choose_place, note, screen], still=redraw())

# %% [markdown]
# ## 6 · Take it with you (9 min)
#
# **BertViz** draws the same grid as yours, with a click to enlarge. It needs a network; without one the course's explorer stands in.

# %% tags=["interactive"]
bertviz_tokens, bertviz_maps = look("BERT", SENTENCE)
bertviz_model_view(bertviz_tokens, bertviz_maps)

# %% [markdown]
# The **course's explorer** takes any array (layers, heads, T, T). So nothing keeps you from adding a head of your own: here the last one in each layer is the *rollout up to this layer*. Sort the heads by entropy. Where does yours stand?

# %% tags=["interactive"]
my_tokens, my_maps = look("GPT", my_text, LENGTH)
with_rollout = torch.cat([my_maps, rollout(my_maps)[:, None]], dim=1)  # (layers, heads + 1, T, T)
explorer = attention_view(my_tokens, with_rollout, layer=my_maps.shape[0] - 1, head=my_maps.shape[1],
                          caption=f"GPT on your text. Heads 0 to {my_maps.shape[1] - 1} are the model's; head {my_maps.shape[1]} is the rollout up to that layer.")
explorer

# %% [markdown]
# A cell's output dies with the notebook. A file does not. `save` writes the view as *one* HTML file that opens in any browser. Check before you send it: it must ask no other machine for anything, and be small enough for a mail.

# %%
file = explorer.save(portfolio() / "w4d3_explorer.html")
film = growing.save(portfolio() / "w4d3_rollout.html")
ADDRESS = re.compile(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?https?:|import\s*\(?["']https?:|fetch\(["']https?:""")
for saved in (file, film):
    page = saved.read_text(encoding="utf-8")
    asks = ADDRESS.findall(page)
    print(f"{saved.name}: {len(page.encode()) / 1000:.0f} KB, addresses that it would fetch: {len(asks)}")
    assert not asks and len(page) < 5_000_000
print("and a poster:", one_page.save(portfolio() / "w4d3_grid.png").name)

# %% [markdown]
# A picture is for eyes, a table for the next program. One row for each head, over the 40 tales, as CSV for a spreadsheet and as Markdown for a text.

# %%
COLUMNS = ["model", "layer", "head", "entropy", "distance", "previous", "first"]
rows = []
for name, maps in all_maps.items():
    scores = [measure(maps).mean(0) for measure in (heads.entropy, heads.mean_distance, heads.previous_token, first_share)]
    for l, h in itertools.product(range(maps.shape[1]), range(maps.shape[2])):
        rows.append([name, l, h, *(f"{float(score[l, h]):.3f}" for score in scores)])

# %%
with open(portfolio() / "w4d3_heads.csv", "w", newline="", encoding="utf-8") as out:
    csv.writer(out).writerows([COLUMNS, *rows])
markdown = "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [COLUMNS, ["---"] * len(COLUMNS), *rows])
(portfolio() / "w4d3_heads.md").write_text(markdown + "\n", encoding="utf-8")
print(len(rows), "heads in two files; the first lines:")
print("\n".join(markdown.split("\n")[:5]))

# %% [markdown]
# ### What is special in Colab
#
# | In Colab | What to do |
# |---|---|
# | The machine is lent, and forgets: when the session ends, files are gone | `keep_on_drive()` in the next cell keeps record and portfolio on your Drive |
# | The notebook comes alone, without the course | the set-up cell fetches the course and adds only what is missing |
# | A GPU can be chosen (Runtime → Change runtime type) | not today: one short text through a small model takes no time |
# | `# @param` behind a variable makes a form | elsewhere it is a comment, and the notebook is the same |
# | A download goes to your own computer | the folder symbol on the left, then the file's three dots |

# %%
keep_on_drive()

# %% [markdown]
# ## Exercises (9 min)
#
# **1 · Complete it.** One layer as one mixture: `weights` is (H, T, T), the maps of its heads. Return the (T, T) matrix that rollout multiplies. Two parts are missing.

# %% tags=["exercise"]
def mixture(weights):
    mean = ...  # (T, T)
    return 0.5 * mean + ...

# %% tags=["check"]
check_exercise("w4d3-e1", mixture)

# %%
help_with("w4d3-e1")

# %% [markdown]
# **2 · Fix it.** Somebody wrote a rollout for `maps` (L, H, T, T). It runs, its rows sum to 1, causal stays causal. Still it is wrong: by its answer, news travels from the top to the bottom.

# %% tags=["exercise"]
def roll(maps):
    T = maps.shape[-1]
    result = torch.eye(T, dtype=maps.dtype)
    for layer in maps:
        result = result @ (0.5 * layer.mean(0) + 0.5 * torch.eye(T, dtype=maps.dtype))
    return result

print(torch.allclose(roll(seen["GPT"][1]), rolled[-1], atol=1e-4))

# %% tags=["check"]
check_exercise("w4d3-e2", roll)

# %%
help_with("w4d3-e2")

# %% [markdown]
# **3 · From scratch.** You want only *one* row of the rollout, for a text of 100,000 tokens, and no (T, T) product fits your patience. Return the row (T,) of position `t`, from `maps` (L, H, T, T), carrying only one row of shares along. From which end do you start?

# %% tags=["exercise"]
def one_row(maps, t):
    ...

# %% tags=["check"]
check_exercise("w4d3-e3", one_row)

# %%
help_with("w4d3-e3")

# %% [markdown]
# ## Self-quiz (5 min)
#
# From memory. Read the feedback of the wrong options, too.

# %% tags=["quiz"]
quiz("w4d3")

# %% [markdown]
# ## Draw or write: attention weights per layer (5 min)
#
# The plan for today says: attention weights per layer. Choose one word of your own text, and draw on paper the ways by which other words may reach it, layer by layer: thick lines for large shares. Then compare with the animation of the rollout.

# %%
journal("w4d3", ["What does my grid of all heads show at first sight, and what did a number correct?",
                 "What rollout says about my text, what occlusion says, and where they disagree",
                 "One sentence under my exported page that keeps a reader from believing too much"])

# %% [markdown]
# Checklist: Do rows ask and columns answer? Is one color scale used for all maps, and is it written down? Does each number say over how many texts? Is there a rival to compare with: an even spread, nearness, heads that know nothing? Did you write "looks at" and "may have come from", and not "because of"?

# %% [markdown]
# ## Go further (optional, 75 min)
#
# - [BertViz](https://github.com/jessevig/bertviz) (20 min; needs a network). Look for: the model view with the real GPT-2, and compare it with your grid under `WHICH = "famous"`. *Question to answer:* in which layers do most maps have a dark left edge?
# - [Quantifying Attention Flow in Transformers](https://arxiv.org/abs/2005.00928) (30 min, sections 3 and 4). Look for: the second method, attention *flow*. *Question:* how does it count a way whose steps have shares 0.9 and 0.2, and how does rollout?
# - [Attention is not Explanation](https://arxiv.org/abs/1902.10186) and [Attention is not not Explanation](https://arxiv.org/abs/1908.04626) (25 min, the abstracts and first pages). *Question:* which of the two would accept today's rank correlations as a test?
#
# <details><summary>Answers</summary>
#
# In most layers after the first ones: the first token is a sink. Flow takes the narrowest step, 0.2, as in a water pipe; rollout takes the product, 0.18. The first uses just such correlations as evidence; the second objects that they need a baseline, and that "explanation" has more than one meaning.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
tokens, maps = seen["GPT"]
picture, axes = plt.subplots(1, 3, figsize=(9, 3.5), width_ratios=[1, 1, 1.15])
draw_grid(axes[0], maps, "all heads")
draw_heatmap(axes[1], rollout(maps)[-1], tokens, tokens, labels=9.6, numbers=False)
axes[1].set(title="rolled out", xlabel="word it came from", ylabel="")
for i, says in enumerate(VIEWS):
    for name, (concept, sign) in look_of.items():
        axes[2].plot(float(agreed[name][:, i].mean()), i, sign, color=color(concept), markersize=8, label=name if i == 0 else None)
axes[2].set(title="and tested", yticks=range(len(VIEWS)), yticklabels=[says.replace(" of ", "\nof ") for says in VIEWS], xlim=(-0.1, 1), ylim=(len(VIEWS) - 0.5, -0.5), xlabel="rank correlation")
axes[2].legend(frameon=False, fontsize=10, loc="upper right")
axes[2].grid(axis="x")
today = figure(picture, caption="See all heads, follow them to the words, and test against what happens when a word is hidden.",
               alt="Three pictures: all heads of GPT on one sentence; their rollout; and the rank correlation of four views with occlusion, " + "; ".join(
                   f"{name} {', '.join(f'{v:.2f}' for v in values.mean(0).tolist())}" for name, values in agreed.items()) + ".")
saved = today.save(portfolio() / "w4d3_today.png")
today

# %% [markdown]
# **New words**

# %%
new_words("w4d3")

# %% [markdown]
# **Tomorrow** you train a tiny GPT yourself, from random numbers, and watch such maps come into being.

# %% [markdown]
# # Week 3 · Day 5: Embedding visuals
#
# **Today you draw what a trained model has learned, and you learn when not to believe the drawing.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week3/day5_embedding_visuals.ipynb)
#
# At the end you will be able to
#
# - map the tokens and places of a trained model, and say how much of them the map shows;
# - follow one word through the layers in many sentences, and measure where its meanings part;
# - tell a cluster from an accident: perplexity, noise, two runs, trustworthiness.

# %% tags=["setup"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week3", []  # this day's folder, and what it uses that Colab does not bring
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
import collections
import functools
import re

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from torch.nn import functional as F

from shared import attention
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.pretrained import load
from shared.text import stories
from shared.text.tales import FAMILIES
from shared.visuals import color, course_map, figure, stepper
from shared.visuals.palette import INK, LINE, QUIET, words as ink_of
from shared.visuals.point_map import draw_points, kept_neighbors, point_map, true_neighbors

course_map(week=3, day=5)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory. A wrong guess now makes the right answer stick later.

# %% tags=["warm-up"]
warm_up("w3d5")

# %% [markdown]
# ## 1 · The table of a trained model (9 min)
#
# In week 1, day 2, you trained word vectors with one aim: guess the company of a word. GPT and BERT have a table, too, and nobody asked *it* for anything like that. It was trained
# along with all other weights, to predict tokens. Do words of a kind lie together there as well?
#
# These are *static* embeddings: one row per token, the same in every text.

# %%
gpt_tokens, gpt = load("gpt2")
bert_tokens, bert = load("bert")
MODELS = {"GPT": (gpt_tokens, gpt), "BERT": (bert_tokens, bert)}

@functools.cache
def ids_of(tokenizer, text):  # GPT's tokens carry the blank before the word
    return tokenizer(" " + text, add_special_tokens=False)["input_ids"]

# %% [markdown]
# The words come from the families of the tales, as on that day: words of one family only, and only those that both tokenizers keep whole.

# %%
homes = collections.defaultdict(set)
for name, family in FAMILIES.items():
    for word in family.split():
        homes[word].add({"creature": "animal", "close": "where"}.get(name, name))
chosen = [w for w, families in homes.items() if len(families) == 1 and w != "animal"
          and all(len(ids_of(tokenizer, w)) == 1 for tokenizer, _ in MODELS.values())]
family_of = np.array([min(homes[w]) for w in chosen])

def table_of(tokenizer, model):  # the static rows of the chosen words, (n, d)
    return model.get_input_embeddings().weight.detach()[[ids_of(tokenizer, w)[0] for w in chosen]]

tables = {name: table_of(*pair) for name, pair in MODELS.items()}
print(f"{len(chosen)} words, {len(set(family_of))} families;", {name: tuple(rows.shape) for name, rows in tables.items()})

# %%
LOOKS = {"animal": ("value", "o"), "food": ("key", "s"), "color": ("attention", "^"), "place": ("feed-forward", "D"),
         "girl": ("query", "v"), "boy": ("position", "P")}
shadows = {name: PCA(2, random_state=0).fit(F.normalize(rows, dim=1)) for name, rows in tables.items()}
flat = {name: shadows[name].transform(F.normalize(rows, dim=1)) for name, rows in tables.items()}
picture, panels = plt.subplots(1, 2, figsize=(9, 4.4))
for ax, (name, points) in zip(panels, flat.items()):
    draw_points(ax, points, chosen, family_of, LOOKS, size=34)
    ax.set_title(f"{name}'s token table, by PCA")
figure(picture, caption="Six families in color and shape (both only tell the families apart), all other words gray.",
       alt="""Two PCA maps of the same words, from the tables of GPT and BERT. Some of the six colored families are heaps of
           their own, others run into each other or into the gray words. Nothing on the maps says how much of this is true.""")

# %% [markdown]
# Heaps, more or less. Do not argue with a map; count. Our measure is the **neighbor purity**: of a word's five nearest words (by cosine, in *all* dimensions), the share of its own family.

# %% tags=["predict"]
predict("w3d5-p1",
        "GPT's table, 24 families. If rows were random, a word would have about 0.2 of its own family among its five nearest. How many does it have, on average (0 to 5)?")

# %%
def purity(rows, labels, k=5):  # (n, d) → (n,): share of each word's k nearest that are of its family
    near, _ = true_neighbors(rows, k)
    return (labels[near] == labels[:, None]).mean(axis=1)

dice = np.random.default_rng(35)
pure = {name: purity(rows, family_of) for name, rows in tables.items()}
chance = np.mean([purity(tables["GPT"], dice.permutation(family_of)).mean() for _ in range(100)])
for name, shares in pure.items():
    print(f"{name:4} {5 * shares.mean():.1f} of 5 = {100 * shares.mean():.0f} %    shuffled families {100 * chance:.0f} %")

# %%
names = sorted(set(family_of), key=lambda f: (pure["BERT"][family_of == f].mean(), f))
picture, ax = plt.subplots(figsize=(8.6, 4.3))
for (name, shares), (hue, mark) in zip(pure.items(), (("query", "o"), ("feed-forward", "s"))):
    values = [100 * shares[family_of == f].mean() for f in names]
    ax.plot(values, mark, color=color(hue), markersize=8 if mark == "o" else 5, fillstyle="none" if mark == "o" else "full", label=f"{name}: {'circles' if mark == 'o' else 'squares'}")
ax.axhline(100 * chance, color=color("residual"), linestyle="--")
ax.text(len(names) - 0.5, 100 * chance + 2, "shuffled families", ha="right", color=QUIET)
ax.set_xticks(range(len(names)), names, rotation=60, ha="right")
ax.set(title="Most families are far purer than chance", ylabel="neighbor purity (%)", ylim=(-3, 106))
ax.legend(frameon=False, loc="center right")
worst = names[0]
figure(picture, caption="For each family: the mean share of a word's five nearest words that are of the family.",
       alt=f"""Neighbor purity of {len(names)} families in two tables. The mean is {100 * pure["GPT"].mean():.0f} percent for GPT and
           {100 * pure["BERT"].mean():.0f} for BERT; shuffled families get {100 * chance:.0f}. The least pure family of BERT is {worst}, with
           {100 * pure["BERT"][family_of == worst].mean():.0f} percent.""")

# %%
reveal("w3d5-p1", round(5 * float(pure["GPT"].mean()), 1),
       "Words that take each other's place in a text get like gradients, in every step. So their rows end up alike, though nobody asked for families.", tolerance=0.5)

# %% [markdown]
# Where BERT's families are impure, ask who the strangers are. Two families that keep nearly the same company are one family to the model.

# %%
strangers = collections.Counter()
near, _ = true_neighbors(tables["BERT"], 5)
for label, others in zip(family_of, family_of[near]):
    strangers.update((label, other) for other in others if other != label)
for (label, other), count in strangers.most_common(4):
    print(f"among the neighbors of '{label}' words: {count} times a '{other}' word")

# %% [markdown]
# The labels are *ours*. A model that mixes two of them has not failed: the difference may be one that it does not need at this place, in the table. The difference may still arise in the layers above.

# %% [markdown]
# ## 2 · How much does a flat map show? (8 min)
#
# A PCA map is a shadow. How much of the cloud's spread falls into it? First with four points that you can draw. Take off their mean, then ask for the directions of widest spread.
# `torch.linalg.svd` finds them, and for each its *singular value*: the root of the summed squares of all shadows on it. Squared and divided by n − 1, that is the variance along the direction.

# %%
toy = torch.tensor([[1.0, 0.5], [3.0, 0.0], [4.5, 4.0], [7.5, 3.5]])
centered = toy - toy.mean(0)                          # (4, 2): the cloud around 0
spread, directions = torch.linalg.svd(centered)[1:]   # widest first
variance = spread**2 / (len(toy) - 1)                 # along each direction
share = variance / variance.sum()
print("share of the variance along each direction:", [round(s, 3) for s in share.tolist()])
print("sum over directions = sum over columns:    ", torch.allclose(variance.sum(), toy.var(0).sum()))
print("scikit-learn says the same:                ", np.allclose(share, PCA().fit(toy.numpy()).explained_variance_ratio_, atol=1e-5))

# %%
picture, ax = plt.subplots(figsize=(6.4, 4.0))
middle, along = toy.mean(0), directions[0] * torch.sign(directions[0, 0])
foot = (centered @ along)[:, None] * along + middle  # the shadow of each point on the first direction
ax.plot(*torch.stack([middle - 4.6 * along, middle + 4.6 * along]).T, color=color("attention"), linewidth=1.6)
for point, shadow in zip(toy, foot):
    ax.plot(*torch.stack([point, shadow]).T, color=color("residual"), linewidth=1.2, linestyle=":")
ax.plot(*toy.T, "o", color=INK, markersize=8)
ax.plot(*foot.T, "o", color=color("attention"), fillstyle="none", markersize=8)
ax.set(title=f"One direction carries {100 * share[0]:.0f} % of this spread", xlabel="first number", ylabel="second number", aspect="equal", xlim=(-0.6, 8.6), ylim=(-1.2, 5.2))
figure(picture, caption="Dots: the points. Rings: their shadows on the first direction. Dotted: what the shadow loses.",
       alt=f"""Four points close to a slanted line, and their shadows on that line. The first direction carries {100 * share[0]:.1f} percent of the
           variance; the short dotted ways from the points to the line are the rest.""")

# %% [markdown]
# With singular values $s_1 \ge s_2 \ge \dots$ of the centered table, the share of direction $i$ is its **explained variance**:
#
# $$\text{explained}_i = \frac{s_i^2}{\sum_j s_j^2}$$
#
# Now the real table. And beside it a table of the same shape that holds nothing at all: random numbers.

# %% tags=["predict"]
predict("w3d5-p2", "GPT's word rows: how many percent of their variance does the flat PCA map show, with its two directions?")

# %% tags=["predict"]
predict("w3d5-p3", "As many rows of pure noise. Two directions out of d: how much of the variance do the first two PCA directions show?",
        options=["exactly 2/d, no direction is special", "more than 2/d", "less than 2/d"])

# %%
X = F.normalize(tables["GPT"], dim=1).numpy()
n, d = X.shape
noise = dice.normal(size=X.shape).astype(np.float32)
noise /= np.linalg.norm(noise, axis=1, keepdims=True)
explained = {name: PCA().fit(rows).explained_variance_ratio_.cumsum() for name, rows in (("words", X), ("noise", noise))}
for name, so_far in explained.items():
    print(f"{name}: a flat map shows {100 * so_far[1]:.1f} %; {(so_far < 0.9).sum() + 1} of {d} directions for 90 %")
print(f"two directions out of {d}: {200 / d:.1f} %")

# %%
picture, ax = plt.subplots(figsize=(7.6, 3.6))
for (name, so_far), (hue, style) in zip(explained.items(), (("query", "-"), ("residual", "--"))):
    ax.plot(range(1, len(so_far) + 1), 100 * so_far, style, color=color(hue), linewidth=2.4)
    at = int(0.2 * len(so_far))
    ax.text(at + 3, 100 * so_far[at] - 9, name, color=ink_of(hue), fontweight="bold")
    ax.plot(2, 100 * so_far[1], "o", color=color(hue))
ax.axvline(2, color=LINE, zorder=0)
ax.set(title=f"A flat map shows {100 * explained['words'][1]:.0f} % of the words' spread", xlabel="PCA directions, widest first", ylabel="explained variance so far (%)", ylim=(0, 104))
figure(picture, caption="Dots: what a flat map shows. The curve of the words rises faster than that of noise: there is something to find.",
       alt=f"""Explained variance against the number of directions. Two directions show {100 * explained["words"][1]:.0f} percent for the words and
           {100 * explained["noise"][1]:.1f} for noise. For 90 percent the words need {(explained["words"] < 0.9).sum() + 1} directions and noise
           {(explained["noise"] < 0.9).sum() + 1} of {d}.""")

# %%
reveal("w3d5-p2", round(100 * float(explained["words"][1]), 1), "Families point in many directions; two of them cannot show all. Overlap on a PCA map may be an accident of the shadow.", tolerance=5)
reveal("w3d5-p3", "more than 2/d" if explained["noise"][1] > 2.2 / d else "exactly 2/d, no direction is special",
       "PCA *chooses* its directions, after seeing the data. With few rows in many dimensions some direction is wide by luck, and PCA finds it.")

# %% [markdown]
# Keep the second curve in mind. "The first two components explain so much" is a finding only beside the number that noise of the same shape gets.

# %% [markdown]
# ## 3 · The places of a trained model (7 min)
#
# Both models have a second table: a learned row for each place. In week 2, day 2, you saw its map and its line. What does it know about *distance*? Take the cosine of every two
# places, the mean row taken off, and average over all pairs that are equally far apart. To know what chance gives, shuffle the rows.

# %%
places = {"GPT": gpt.transformer.wpe.weight.detach()[:256], "BERT": bert.bert.embeddings.position_embeddings.weight.detach()[:256]}

def by_distance(rows, reach=128):  # mean cosine of places 1, 2, … apart
    unit = F.normalize(rows - rows.mean(0), dim=1)
    return [(unit @ unit.T).diagonal(apart).mean().item() for apart in range(1, reach)]

curves = {name: by_distance(rows) for name, rows in places.items()}
mixed = by_distance(places["GPT"][torch.from_numpy(dice.permutation(256))])

# %%
picture, ax = plt.subplots(figsize=(7.8, 3.5))
for (name, curve), style in zip(curves.items(), ("-", "--")):
    ax.plot(range(1, 128), curve, style, color=color("position"), linewidth=2.4, label=f"{name} ({'solid' if style == '-' else 'dashed'})")
ax.plot(range(1, 128), mixed, color=color("residual"), linewidth=1, label="GPT's places, shuffled")
ax.axhline(0, color=LINE, zorder=0)
ax.set(title="Near places are alike, far ones are not", xlabel="distance (places)", ylabel="mean cosine")
ax.legend(frameon=False)
figure(picture, caption="Learned rows of the first 256 places. The shuffled rows keep the same numbers and lose the order.",
       alt=f"""Mean cosine of two places against their distance. GPT falls from {curves["GPT"][0]:.2f} at one place apart to {curves["GPT"][-1]:.2f} at 127,
           BERT from {curves["BERT"][0]:.2f} to {curves["BERT"][-1]:.2f}. Shuffled, the curve lies within {np.abs(mixed).max():.2f} of 0 at every distance.""")

# %% [markdown]
# (The course's own small models began with sines of half the height, so the waves in the curves, and part of the fall, were given to them. GPT-2 and BERT-base began with small random numbers.)
#
# On a PCA map such places form a smooth curve. Looks like deep order. But first a test with something that has no plan at all: a drunkard. He starts at 0 in as many
# dimensions, and each of his 256 places is the one before plus a random step: a **random walk**.

# %% tags=["predict"]
predict("w3d5-p4", "The PCA map of a random walk of 256 steps: what does it look like?",
        options=["a shapeless cloud", "a smooth curve", "a star: lines from the middle in all directions"])

# %%
walk = torch.from_numpy(dice.normal(size=(256, places["GPT"].shape[1])).cumsum(axis=0))
def first_two(rows):
    fit = PCA(2).fit(rows.numpy())
    return fit.transform(rows.numpy()), 100 * fit.explained_variance_ratio_.sum()

paths = {"GPT's places": first_two(places["GPT"]), "BERT's places": first_two(places["BERT"]), "a random walk": first_two(walk)}
picture, panels = plt.subplots(1, 3, figsize=(9, 3.5))
for ax, (name, (path, shown)) in zip(panels, paths.items()):
    ax.plot(*path.T, color=color("position"), linewidth=0.9)
    ax.scatter(*path.T, c=range(256), cmap="Blues", vmin=-90, s=14, zorder=2)
    for at in (0, 128, 255):
        ax.annotate(at, path[at], (5, 5), textcoords="offset points", fontweight="bold", zorder=3)
    ax.set(title=name, xticks=[], yticks=[], xlabel=f"two directions show {shown:.0f} %")
figure(picture, caption="Places 0 to 255, light to dark. The walk on the right knows nothing and wants nothing.",
       alt=f"""Three PCA maps of 256 places in order. Those of the two models run from place 0 to place 255 as curves, and so does the map of the
           random walk, the smoothest of them, of which two directions show {paths["a random walk"][1]:.0f} percent.""")

# %%
reveal("w3d5-p4", "a smooth curve" if paths["a random walk"][1] > 50 else "a shapeless cloud",
       "Whatever changes little by little gives such a curve: its slowest waves are its widest directions. The curve says *neighbors are alike*, and no more.")

# %% [markdown]
# This is [known for random walks](https://arxiv.org/abs/1806.08805) in general, and it fools people who plot weights during training. The curve is no discovery. The table against distance, beside its shuffled twin, is evidence.

# %% [markdown]
# ## 4 · One word, many sentences (13 min)
#
# A table has one row for "bright". The tales use it in two ways: "one *bright* morning" (weather) and "a *bright* girl" (a person). Above the table the rows meet other words, and change. How far do the two uses part, and in which layer?
#
# First the sentences, and a precaution. Weather comes early in its sentence, the girl later. *The place would give them away.* So put other sentences in front, an opening of
# a tale and one more, chosen so that our word stands at the same place in all texts.

# %%
tales = stories(1200, seed=35)
sentences = list(dict.fromkeys(part.strip() + "." for tale in tales for part in tale.split(".") if part.strip()))
openings = [s for s in sentences if re.match("Once|This is the tale", s)][:300]
KINDS = {"bright": {"weather": "^One bright", "person": "bright (girl|boy)"},
         "honey": {"eaten": "(ate|loved|wanted) .*honey", "sung": "sang .*honey"},
         "bread": {"eaten": "(ate|loved|wanted) .*bread", "sung": "sang .*bread"}}

def texts_with(word, pattern, count=24):
    return [s for s in sentences if s.count(word) == 1 and re.search(pattern, s)][:count]

for kind, pattern in KINDS["bright"].items():
    print(f"{kind:8}", texts_with("bright", pattern)[:2])

# %%
def in_front(tokenizer, text, word, number, place):  # the text behind two sentences, so that the word stands at `place`
    missing = place - ids_of(tokenizer, text).index(ids_of(tokenizer, word)[0])
    for opening in openings[3 * number % 200:]:
        for other in sentences[7 * number:7 * number + 400]:
            if len(ids_of(tokenizer, opening)) + len(ids_of(tokenizer, other)) == missing and word not in opening + other:
                return f"{opening} {other} {text}"
    raise LookupError(f"no two sentences of {missing} tokens were found")

# %%
def in_context(name, word, place=24):  # → rows (texts, layers + 1, d), the kind of each text, and the texts
    tokenizer, model = MODELS[name]
    texts = [(text, kind) for kind, pattern in KINDS[word].items() for text in texts_with(word, pattern)]
    full = [text if place is None else in_front(tokenizer, text, word, i, place) for i, (text, _) in enumerate(texts)]
    rows = []
    for text in full:
        given = tokenizer(text, return_tensors="pt")
        at = given["input_ids"][0].tolist().index(ids_of(tokenizer, word)[0])
        with torch.no_grad():
            out = model(**given, output_hidden_states=True)
        rows.append(torch.stack([layer[0, at] for layer in out.hidden_states]))
    return torch.stack(rows), np.array([kind for _, kind in texts]), full

rows = {(name, word): in_context(name, word) for name in MODELS for word in KINDS}
bright, kinds, texts = rows["BERT", "bright"]
print(texts[0])
print("texts, layers + 1, width:", tuple(bright.shape), "  at layer 0 all rows are one point:", bool((bright[:, 0] - bright[0, 0]).abs().max() < 1e-4))

# %% [markdown]
# ### Watch the points drift apart
#
# Here is "bright" in BERT, in all these texts, after each half of each block. What all rows do together (their common mean) is taken off, so you see only how they *differ*. The
# side from which you look is chosen once, by PCA, and stays.

# %%
def half_steps(text):  # BERT's row of the word: embedding, then after attention and after the FFN of each block
    given, seen = bert_tokens(text, return_tensors="pt"), []
    at = given["input_ids"][0].tolist().index(ids_of(bert_tokens, "bright")[0])
    parts = [bert.bert.embeddings, *(part for block in bert.bert.encoder.layer for part in (block.attention.output, block.output))]
    hooks = [part.register_forward_hook(lambda _, __, out: seen.append(out[0, at].detach())) for part in parts]
    with torch.no_grad():
        bert(**given)
    for hook in hooks:
        hook.remove()
    return torch.stack(seen)

steps = torch.stack([half_steps(text) for text in texts])  # (texts, steps, d)
print(tuple(steps.shape), "  the last step is the last layer:", torch.allclose(steps[:, -1], bright[:, -1], atol=1e-4))

# %%
def same_and_other(rows, kinds):  # mean cosine of two texts of one kind, and of two kinds
    unit = F.normalize(rows, dim=1)
    cosines = (unit @ unit.T).numpy()
    same, different = kinds[:, None] == kinds[None], ~np.eye(len(kinds), dtype=bool)
    return cosines[same & different].mean(), cosines[~same].mean()

differ = steps - steps.mean(0)                                  # what all texts share is gone
side = PCA(2, random_state=0).fit(differ.flatten(0, 1).numpy())
moved = [side.transform(differ[:, s].numpy()) for s in range(steps.shape[1])]
reach = 1.12 * max(np.abs(points).max() for points in moved)
WHERE = ["the table, plus the place"] + [f"block {b}, after {half}" for b in range(len(bert.bert.encoder.layer)) for half in ("attention", "the FFN")]

# %%
frames = []
for s, points in enumerate(moved):
    drawing = Figure(figsize=(6.6, 4.2))
    ax = drawing.subplots()
    for kind, hue, mark in (("weather", "position", "o"), ("person", "feed-forward", "^")):
        ax.scatter(*points[kinds == kind].T, color=color(hue), marker=mark, s=54, edgecolor="white", linewidth=0.5, label=f"bright: {kind}")
    ax.set(title=WHERE[s], xlim=(-reach, reach), ylim=(-reach, reach), xticks=[], yticks=[], facecolor="#F8FAFC")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), ncols=2, frameon=False)
    same, other = same_and_other(steps[:, s], kinds)
    frames.append((drawing, f"{WHERE[s].capitalize()}: two texts of one kind have a mean cosine of {same:.2f}, two of different kinds {other:.2f}."))
stepper(frames, start=min(3, len(frames) - 1), caption="One word in many texts, through a trained BERT. At the first step all dots lie on one point.",
        alt=f"""Dots for the word bright in {len(texts)} texts, {sum(kinds == "weather")} about weather and {sum(kinds == "person")} about a person. At first all lie on one point. From
            the first blocks on they move away from each other, and the two kinds into heaps of their own: at the last step the cosine within a kind
            is {same:.2f}, between the kinds {other:.2f}.""")

# %% [markdown]
# If one kind falls into smaller heaps, ask what differs within it: a girl or a boy, say.
#
# ### By layer, in numbers
#
# At layer 0 every cosine is 1: same token, same place, same row. Then two curves leave the 1. The cosine of *one word's* rows in different texts is called its **self-similarity**. Where the two lines are far apart, the layer knows
# which use is meant; how low they run tells how much else of the text has gone into the row.

# %%
picture, panels = plt.subplots(2, 3, figsize=(9, 5.2), sharey=True, sharex="row")
curves = {key: np.array([same_and_other(layers[:, l], k) for l in range(layers.shape[1])]) for key, (layers, k, _) in rows.items()}
for ax, ((name, word), curve) in zip(panels.flat, curves.items()):
    ax.plot(curve[:, 0], "o-", color=color("query"))
    ax.plot(curve[:, 1], "s--", color=color("feed-forward"))
    ax.set(title=f"{word} in {name}", xlabel="layer", ylim=(0, 1.06))
panels[0, 0].set_ylabel("mean cosine")
panels[1, 0].set_ylabel("mean cosine")
ends = "; ".join(f"{word} in {name} {c[-1, 0]:.2f} and {c[-1, 1]:.2f}" for (name, word), c in curves.items())
figure(picture, caption="Circles: two texts of one kind. Squares, dashed: two texts of different kinds. Layer 0 is the table plus the place.",
       alt=f"""Six panels, three words in two models: the cosine of the same word in two texts, against the layer. All begin at 1. The curves of one
           kind stay above those of different kinds. In the last layer, one kind and different kinds: {ends}.""")

# %% [markdown]
# Which layer separates the uses best? Take the *separation* of week 1, day 7: the distance of the two centers, divided by the mean distance of a row to its own center.

# %% tags=["predict"]
predict("w3d5-p5", "Three words, two models: in which layer is the separation largest?",
        options=["always in the last: deeper is more contextual", "always in the first", "it differs by word and model"])

# %%
def separation(rows, kinds):
    groups = [rows[torch.from_numpy(kinds == kind)] for kind in sorted(set(kinds))]
    within = torch.cat([(group - group.mean(0)).norm(dim=1) for group in groups]).mean()
    return ((groups[0].mean(0) - groups[1].mean(0)).norm() / within).item()

best = {}
for (name, word), (layers, k, _) in rows.items():
    apart = [separation(layers[:, l], k) for l in range(1, layers.shape[1])]
    best[name, word] = 1 + int(np.argmax(apart))
    print(f"{name:4} {word:6}", " ".join(f"{value:4.1f}" for value in apart), f"   best: layer {best[name, word]} of {len(apart)}")

# %%
found = ("it differs by word and model" if len(set(best.values())) > 1 else
         "always in the first" if set(best.values()) == {1} else "always in the last: deeper is more contextual")
reveal("w3d5-p5", found, "A layer keeps what the layers above still need. The clue for bright stands next to it, and one head can fetch it at once. "
       "Toward the end a row must turn into a prediction, which may or may not depend on the use.")

# %% [markdown]
# ### The trap: places
#
# Why the trouble with equal places? Take the sentences as they come, and look at layer 0, before any attention. For what share of the texts is the nearest other text of the same kind? Chance is one half.

# %% tags=["predict"]
predict("w3d5-p6", "Layer 0, sentences as they come, no attention yet. For how many percent of the texts is the nearest one of the same kind?")

# %%
as_they_come, kinds_there, _ = in_context("BERT", "bright", place=None)
near, _ = true_neighbors(as_they_come[:, 0], 1)
hits = 100 * (kinds_there[near[:, 0]] == kinds_there).mean()
print(f"layer 0, as they come: the nearest text is of the same kind for {hits:.0f} %")
reveal("w3d5-p6", round(float(hits)), "The row of layer 0 is token plus place, and the two kinds stand at different places. The map would show two clean heaps, with no context in them.", tolerance=15)

# %% [markdown]
# A lesson for every plot of "contextual" vectors: ask what else differs between the groups. Here it was the place; elsewhere it is a capital, the length of the text, or a single neighbor.

# %% [markdown]
# ## 5 · All in one cone (8 min)
#
# "The two uses have a cosine of 0.6, so they are rather alike." Are they? With random directions 0.6 would be a lot; you measured that in week 1. But are a model's rows random directions? A toy first: 40 arrows around the point (3, 2).

# %%
arrows = torch.from_numpy(dice.normal(size=(40, 2)) + [3, 2]).float()
def mean_cosine_by_loop(rows):
    total, pairs = 0.0, 0
    for i in range(len(rows)):
        for j in range(len(rows)):
            if i != j:
                total, pairs = total + F.cosine_similarity(rows[i], rows[j], dim=0).item(), pairs + 1
    return total / pairs

def mean_cosine_of(rows):  # the same in one line: the squared length of the mean unit row holds all pairs, n of them with themselves
    n = len(rows)
    return ((n * n * F.normalize(rows, dim=1).mean(0).square().sum() - n) / (n * n - n)).item()

print(f"loop {mean_cosine_by_loop(arrows):.4f}   formula {mean_cosine_of(arrows):.4f}   after taking off the mean {mean_cosine_of(arrows - arrows.mean(0)):.2f}")

# %%
picture, panels = plt.subplots(1, 2, figsize=(8.6, 4.4))
for ax, cloud, name in zip(panels, (arrows, arrows - arrows.mean(0)), ("as it lies", "mean taken off")):
    for x, y in cloud.tolist():
        ax.plot([0, x], [0, y], color=color("residual"), linewidth=0.8)
    ax.plot(*cloud.T, "o", color=color("attention"), markersize=4)
    ax.plot(0, 0, "+", color=INK, markersize=12)
    ax.set(title=f"{name}: mean cosine {mean_cosine_of(cloud):.2f}".replace("-", "−"), xlim=(-3.6, 6), ylim=(-3.2, 5), aspect="equal", xticks=[0, 3], yticks=[0, 2])
figure(picture, caption="The same 40 points. Only the origin (the cross) has moved.",
       alt=f"""Left, 40 arrows from the origin to a cloud away from it: they form a cone, and the mean cosine of two of them is {mean_cosine_of(arrows):.2f}. Right, the
           same cloud around the origin: arrows point in all directions, and the mean cosine is {mean_cosine_of(arrows - arrows.mean(0)):.2f}.""")

# %% [markdown]
# For unit rows $\hat x_i$, the sum over all pairs is the square of the sum. So the mean cosine of different rows is
#
# $$\bar c = \frac{n^2\,\lVert \bar{\hat x} \rVert^2 - n}{n^2 - n} \approx \lVert \bar{\hat x} \rVert^2$$
#
# A cloud in which random pairs have a mean cosine well above 0 lies in a cone. It is *anisotropic*: not alike in all directions. [Ethayarajh (2019)](https://arxiv.org/abs/1909.00512) measured this **anisotropy** in BERT, ELMo and GPT-2. In GPT-2's last layer
# two *random* words had a cosine close to 1. Measure it here: one random word from each of 240 tales.

# %% tags=["predict"]
predict("w3d5-p7", "Rows of random words from different tales, in a middle layer of GPT. What is the mean cosine of two of them?",
        options=["about 0: random words have nothing in common", "clearly above 0", "clearly below 0: the model keeps words apart"])

# %%
def random_words(name, count=240):  # → (count, layers + 1, d)
    tokenizer, model = MODELS[name]
    rows, dice = [], np.random.default_rng(5)
    for tale in tales[:count]:
        given = tokenizer(".".join(tale.split(".")[:3]) + ".", return_tensors="pt")  # three sentences are enough
        at = dice.integers(1, given["input_ids"].shape[1] - 1)  # neither the first token nor the last
        with torch.no_grad():
            out = model(**given, output_hidden_states=True)
        rows.append(torch.stack([layer[0, at] for layer in out.hidden_states]))
    return torch.stack(rows)

strangers = {name: random_words(name) for name in MODELS}
cone = {}
for name, cloud in strangers.items():
    mean = cloud[::2].mean(0)  # the mean of one half, taken off the other half
    cone[name] = np.array([(mean_cosine_of(cloud[1::2, l]), mean_cosine_of(cloud[1::2, l] - mean[l])) for l in range(cloud.shape[1])])
    print(f"{name:4} as they are", [f"{c:.2f}" for c in cone[name][:, 0]], "  centered", [f"{c + 0:.2f}".replace("-0.00", "0.00") for c in cone[name][:, 1]])

# %%
picture, panels = plt.subplots(1, 2, figsize=(9, 3.5), sharey=True)
for ax, (name, c) in zip(panels, cone.items()):
    ax.bar(np.arange(len(c)) - 0.2, c[:, 0], 0.38, color=color("residual"), label="as they are")
    ax.bar(np.arange(len(c)) + 0.2, c[:, 1], 0.38, color=color("normalization"), edgecolor=INK, label="mean taken off")
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.set(title=f"{name}: random words, in a cone", xlabel="layer", xticks=range(len(c)))
panels[0].set(ylabel="mean cosine of random pairs", ylim=(min(-0.05, *[c.min() for c in cone.values()]), 1))
panels[1].legend(frameon=False)
figure(picture, caption="Taking off the mean row, measured on other words, brings random pairs to about a right angle in every layer.",
       alt=f"""The mean cosine of random pairs by layer. GPT: {", ".join(f"{c:.2f}" for c in cone["GPT"][:, 0])}. BERT: {", ".join(f"{c:.2f}" for c in cone["BERT"][:, 0])}. With the mean
           row taken off, none is larger than {max(np.abs(c[:, 1]).max() for c in cone.values()):.2f}.""")

# %%
middle = cone["GPT"][len(cone["GPT"]) // 2, 0]
reveal("w3d5-p7", "clearly above 0" if middle > 0.1 else "about 0: random words have nothing in common" if middle > -0.1 else "clearly below 0: the model keeps words apart",
       "All rows share a part: a mean row that says 'this is some word in some text'. It is in every cosine, and tells nothing about meaning.")

# %% [markdown]
# Subtracting the mean row is called **mean-centering**. (PCA does it by itself; cosine does not.) So read every cosine beside that of strangers. Here is section 4 again, for the two uses of each word in the last layer, and with the mean of the strangers taken off. Where "other kind" comes down to "strangers", the model treats the two uses as two different words.

# %%
for (name, word), (layers, k, _) in rows.items():
    raw, centered = same_and_other(layers[:, -1], k), same_and_other(layers[:, -1] - strangers[name][:, -1].mean(0), k)
    print(f"{name:4} {word:6} same kind {raw[0]:.2f}  other kind {raw[1]:.2f}  strangers {cone[name][-1, 0]:.2f}    centered: {centered[0]:.2f} and {centered[1]:.2f}")

# %% [markdown]
# Where does a cone come from? Partly from few columns that are large in every row ([Timkey and van Schijndel, 2021](https://arxiv.org/abs/2109.04404) call them rogue dimensions). And in the table from tokens that are hardly ever the right answer: training pushes all of them the same way. What cones cost a model, if anything, is still debated.

# %%
used = sorted({i for text in sentences for i in ids_of(gpt_tokens, text)})
table = gpt.get_input_embeddings().weight.detach()
unused = np.setdiff1d(np.arange(len(table)), used)
print(f"GPT's table: {len(used)} tokens that the tales use, mean cosine {mean_cosine_of(table[used]):.2f}; {len(unused)} that they do not, {mean_cosine_of(table[unused]):.2f}")

# %% [markdown]
# ## 6 · What a map makes up (17 min)
#
# PCA loses. t-SNE does more: it bends, and it can make something up. What, and how would you find out?
#
# ### The knob of t-SNE
#
# t-SNE has a knob, the **perplexity**: about how many neighbors each point should keep. (It is e to the power of an entropy, so it counts "effective" neighbors.) What does it do? One set of points that has families, and one that has none: the noise of section 2.

# %% tags=["predict"]
predict("w3d5-p8", "t-SNE of pure noise in many dimensions, perplexity 2. What do you see?",
        options=["an even cloud: there is nothing to find", "small clumps", "the same families as in the words"])

# %%
def tsne(points, perplexity, seed=2, init="pca"):
    return TSNE(2, perplexity=perplexity, init=init, random_state=seed).fit_transform(points)

KNOB = (2, 5, 30, 75)
knob = {(name, p): tsne(points, p) for name, points in (("words", X), ("noise", noise)) for p in KNOB}

# %%
picture, panels = plt.subplots(2, 4, figsize=(9, 5))
for ax, ((name, p), points) in zip(panels.flat, knob.items()):
    if name == "words":
        draw_points(ax, points, chosen, family_of, LOOKS, size=14)
        for label in list(ax.texts):
            label.remove()  # no room for names on maps this small
    else:
        draw_points(ax, points, chosen, family_of, {}, size=14)
    ax.set_title(f"perplexity {p}", fontsize=11)
panels[0, 0].set_ylabel("words")
panels[1, 0].set_ylabel("noise")
figure(picture, caption="Above the same words, below the same noise, with perplexity 2, 5, 30 and 75. Colors and shapes as in section 1.",
       alt="""Eight t-SNE maps. The words form islands at every perplexity, many crumbs at 2 and larger islands at 30; their size and arrangement change
           from map to map. The noise forms small clumps and chains at perplexity 2 and looks more and more like an even disk at higher ones.""")

# %% [markdown]
# Eyes are easily convinced. So count, as ecologists count trees (Clark and Evans, 1954): how far is each point's nearest, compared with as many points thrown at random on a disk of the same width? About 1: like thrown
# at random. Far below 1: clumps. And in the *original* space? There, compare a point's nearest with its average other point: if they are about equally far, nobody is near anybody.

# %%
def apart_of(points):  # distances, nobody is their own neighbor
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return np.where(np.eye(len(points)) == 1, np.nan, apart)

def spacing(points):  # mean distance to the nearest, in parts of what chance gives on a disk (0.5 / √density)
    radius = np.sqrt(2 * ((points - points.mean(axis=0)) ** 2).sum(axis=1).mean())
    return np.nanmin(apart_of(points), axis=1).mean() / (0.5 * radius * np.sqrt(np.pi / len(points)))

for name, points in (("words", X), ("noise", noise)):
    nearest = np.nanmin(apart_of(points), axis=1).mean() / np.nanmean(apart_of(points))
    print(f"{name}: in {d} dimensions the nearest is {nearest:.1f} of the mean distance away;  spacing on the maps", {p: round(float(spacing(knob[name, p])), 1) for p in KNOB})

# %%
reveal("w3d5-p8", "small clumps" if spacing(knob["noise", 2]) < 0.7 else "an even cloud: there is nothing to find",
       "With perplexity 2 each point clings to the few that happen to be a hair nearer than the rest. The clumps mean nothing. Always map noise of the same shape too.")

# %% [markdown]
# So no perplexity is *the* right one. Sweep it. What stays through the sweep deserves a measurement; what comes and goes was made by the knob.

# %% [markdown]
# ### How maps lie, measured
#
# In week 1, day 2, three made-up clouds showed that t-SNE does not keep sizes and gaps. Do real families fare better? Each family has a true width, and each pair of families a true gap. Compare with the map, by rank: is a wider family a wider island?

# %%
def widths_and_gaps(points):  # mean distance to the own middle, and distances between the middles
    middles = {f: points[family_of == f].mean(axis=0) for f in names}
    widths = [np.linalg.norm(points[family_of == f] - middles[f], axis=1).mean() for f in names]
    gaps = [np.linalg.norm(middles[a] - middles[b]) for i, a in enumerate(names) for b in names[:i]]
    return np.array(widths), np.array(gaps)

def rank_correlation(a, b):
    return np.corrcoef(np.argsort(np.argsort(a)), np.argsort(np.argsort(b)))[0, 1]

true_sizes, shown_sizes = widths_and_gaps(X), widths_and_gaps(knob["words", 30])
ranks = [rank_correlation(a, b) for a, b in zip(true_sizes, shown_sizes)]

# %%
picture, panels = plt.subplots(1, 2, figsize=(9, 3.8))
for ax, true, shown, rank, what in zip(panels, true_sizes, shown_sizes, ranks, ("widths", "gaps")):
    ax.plot(true, shown, "o", color=color("residual"), markersize=5 if len(true) < 50 else 3, alpha=0.8)
    ax.set(title=f"{what}: rank correlation {rank:.1f}", xlabel=f"true, in {d} dimensions", ylabel="on the t-SNE map", ylim=(0, None))
figure(picture, caption="Left a dot for each family: its width. Right a dot for each pair: the gap between them. A map that kept both would give rising lines. Perplexity 30.",
       alt=f"""Two scatter plots: true width of each family against its width on the map, rank correlation {ranks[0]:.1f}, and true gap between each two families against the gap on the map,
           {ranks[1]:.1f}. The gaps on the map range widely where the true gaps are nearly equal.""")

# %% [markdown]
# Now run t-SNE twice, from two random starts. Same points, same settings, another seed.

# %% tags=["predict"]
predict("w3d5-p9", "Two runs of t-SNE on the words, from different random starts. What do the two maps share?",
        options=["everything: they are the same up to turning and mirroring", "who is near whom, but not which island lies next to which", "nothing: each start gives another map"])

# %%
runs = [tsne(X, 15, seed, "random") for seed in (0, 1)]
apart = [np.linalg.norm(run[:, None] - run[None], axis=-1) for run in runs]
near = [np.argsort(a, axis=1)[:, 1:6] for a in apart]
shared = np.mean([len(set(a) & set(b)) / 5 for a, b in zip(*(one.tolist() for one in near))])
gaps = rank_correlation(*(widths_and_gaps(run)[1] for run in runs))
print(f"five nearest shared by both runs: {shared:.1f} of 1;  gaps between islands, rank correlation of the runs: {gaps:.1f}")

# %%
picture, panels = plt.subplots(1, 2, figsize=(9, 4.2))
for ax, run, seed in zip(panels, runs, (0, 1)):
    draw_points(ax, run, chosen, family_of, LOOKS)
    ax.set_title(f"random start {seed}")
figure(picture, caption="The same words and settings, two random starts.",
       alt=f"""Two t-SNE maps of the same words. The islands are the same families in both ({100 * round(shared, 1):.0f} percent of the five nearest are shared), but
           they lie in other corners and beside other islands.""")

# %%
reveal("w3d5-p9", "everything: they are the same up to turning and mirroring" if shared > 0.6 and gaps > 0.9 else
       "who is near whom, but not which island lies next to which" if shared > 0.6 else "nothing: each start gives another map",
       "The loss of t-SNE speaks of near neighbors only. Where the islands end up is left over from the start.")

# %% [markdown]
# ### A number for trust
#
# Two lies are possible about neighbors: true ones are lost, and false ones are shown. You know the share of *neighbors kept*. The **trustworthiness** punishes the second kind: for each point, take those among its k nearest on the
# map that do not belong to its k nearest in truth, and add up how far down the true list they stand.
#
# $$T = 1 - \frac{2}{nk(2n - 3k - 1)} \sum_{i} \sum_{j \in \text{false}_i} \big(\operatorname{rank}_i(j) - k\big)$$
#
# 1 means no false neighbor at all; a random map gets about one half. (We print tenths: t-SNE's last digits differ from machine to machine.)

# %%
maps = {"PCA": flat["GPT"], "t-SNE, 30": knob["words", 30], "random": dice.normal(size=(n, 2))}
noise_maps = {"PCA": PCA(2, random_state=0).fit_transform(noise), "t-SNE, 30": knob["noise", 30]}
trust = {("words", name): (trustworthiness(X, m, n_neighbors=8), kept_neighbors(X, m, 8).mean()) for name, m in maps.items()}
trust |= {("noise", name): (trustworthiness(noise, m, n_neighbors=8), kept_neighbors(noise, m, 8).mean()) for name, m in noise_maps.items()}
for (what, name), (trusted, kept) in trust.items():
    print(f"{what}, {name:9}  trustworthiness {trusted:.1f}   neighbors kept {kept:.1f}")

# %%
picture, ax = plt.subplots(figsize=(7.8, 3.6))
for (what, name), (trusted, kept) in trust.items():
    ax.plot(kept, trusted, "o" if what == "words" else "s", color=color("query" if what == "words" else "residual"), markersize=10)
    ax.annotate(f"{what}, {name}", (kept, trusted), (10, -4), textcoords="offset points")
ax.set(title="A pretty map need not be a true one", xlabel="share of the 8 true neighbors kept", ylabel="trustworthiness", xlim=(-0.05, 1.15), ylim=(0.4, 1.04))
figure(picture, caption="Right and up is good. Circles: maps of the words. Squares: maps of noise.",
       alt="Five maps by the share of true neighbors that they keep and by their trustworthiness: " + "; ".join(
           f"{what}, {name}: {kept:.1f} and {trusted:.1f}" for (what, name), (trusted, kept) in trust.items()) + ".")

# %% [markdown]
# Mind what this number is about: whether the map is faithful to its points. A faithful map of noise is still a map of noise.
#
# ### Question a map yourself
#
# Here are both maps of GPT's words. Point at a word, search for one, or walk with the arrow keys. Rings and lines mark its *true* neighbors, found in all dimensions; dashed rings mark words that are near on this map only.
#
# Before you move: find on the PCA map two words that lie on top of each other, and guess whether they are true neighbors. Then ask the map.

# %% tags=["interactive"]
start = "cat" if "cat" in chosen else chosen[0]
kept_there = {name: round(8 * kept_neighbors(X, maps[name], 8)[chosen.index(start)]) for name in ("PCA", "t-SNE, 30")}
words_map = point_map(
    chosen, X, {name: maps[name] for name in ("PCA", "t-SNE, 30")}, groups=family_of, looks=LOOKS, start=start,
    caption=f"{n} words of GPT's table. Lines and rings: the eight true neighbors by cosine, wherever the map has put them.",
    alt=f"""Two maps of the same words, with {start} chosen and lines to its eight true neighbors. On the PCA map some of them are far
        off, with strangers in between; on the t-SNE map nearly all of them lie on the same island.""")
words_map

# %% [markdown]
# A rule to take along: **measure in all dimensions, show in two.** A map is good for finding a question, and for telling others an answer that you have checked.

# %% [markdown]
# ## Exercises (8 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** How narrow is the cone? The mean cosine of all pairs of *different* rows.

# %% tags=["exercise"]
def mean_cosine(rows):  # (n, d)
    unit = ...     # (n, d): every row with length 1
    different = ~torch.eye(len(rows), dtype=torch.bool)  # (n, n): True off the diagonal
    return ...     # one number: the mean cosine of all pairs of different rows

# %% tags=["check"]
check_exercise("w3d5-e1", mean_cosine)

# %%
help_with("w3d5-e1")

# %% [markdown]
# **2 · Fix it.** This function should say how much of the variance the best flat map shows, from 0 to 1. It has *two* bugs. Compare with section 2.

# %% tags=["exercise"]
def shown_by_map(rows):  # (n, d)
    spreads = torch.linalg.svdvals(rows)  # one for each direction, widest first
    return (spreads[:2].sum() / spreads.sum()).item()

print(f"it says {shown_by_map(tables['GPT']):.2f}")

# %% tags=["check"]
check_exercise("w3d5-e2", shown_by_map)

# %%
help_with("w3d5-e2")

# %% [markdown]
# **3 · From scratch.** Does a map tell the truth? `high` is (n, d), `flat` is (n, 2), both tensors. For each point take its `k` nearest others by *distance* (`torch.cdist`), in both. Return the share of true neighbors that the map kept, over all points: one number from 0 to 1.

# %% tags=["exercise"]
def neighbors_kept(high, flat, k):  # (n, d), (n, 2)
    ...

# %% tags=["check"]
check_exercise("w3d5-e3", neighbors_kept)

# %%
help_with("w3d5-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too: they are wrong in instructive ways.

# %% tags=["quiz"]
quiz("w3d5")

# %% [markdown]
# ## Draw or write: your map (8 min)
#
# The plan for today says: t-SNE or PCA of token embeddings. Now yours. Choose two to six families of words, a model, and a method. Before you run it, *draw on paper* where you expect the families. The map goes to your portfolio, with its numbers.

# %%
MY_FAMILIES = ["animal", "place", "barrier", "girl", "boy"]  # any of the names that section 1 shows
MY_MODEL, MY_METHOD, MY_PERPLEXITY = "BERT", "t-SNE", 10     # "GPT" or "BERT"; "PCA" or "t-SNE"

# %%
mine = np.flatnonzero(np.isin(family_of, MY_FAMILIES))
mine_rows = F.normalize(tables[MY_MODEL][mine], dim=1).numpy()
mine_map = tsne(mine_rows, min(MY_PERPLEXITY, (len(mine) - 1) // 3)) if MY_METHOD == "t-SNE" else PCA(2, random_state=0).fit_transform(mine_rows)
styles = dict(zip(dict.fromkeys(family_of[mine]), LOOKS.values()))
picture, ax = plt.subplots(figsize=(7.6, 4.8))
draw_points(ax, mine_map, [chosen[i] for i in mine], family_of[mine], styles, size=40)
trusted, kept = trustworthiness(mine_rows, mine_map, n_neighbors=5), kept_neighbors(mine_rows, mine_map, 5).mean()
ax.set(title=f"{MY_MODEL}'s words by {MY_METHOD}", xlabel=f"{len(mine)} words; trustworthiness {trusted:.1f}, neighbors kept {kept:.1f}")
my_map = figure(picture, caption="My map. Under it stands how far it can be trusted.",
                alt=f"""A {MY_METHOD} map of {len(mine)} words of {MY_MODEL} from the families {", ".join(styles)}. Its trustworthiness is {trusted:.1f}, and it keeps
                    {kept:.1f} of each word's five nearest.""")
my_map.save(portfolio() / "w3d5_my_map.png")
words_map.save(portfolio() / "w3d5_words_map.html")
my_map

# %%
journal("w3d5", ["What did you expect on your map, and what came out? Which number decides who was right?",
                 "What on your map would you not show to others without a warning?",
                 "One sentence: why can two uses of one word have two points in layer 3, and only one in the table?"])

# %% [markdown]
# <details><summary>Reference: what a good map carries</summary>
#
# Checklist: Does it say which model, which vectors (static or contextual, which layer), how many points? Which method, with which perplexity and which start? Have you looked at two runs, or two perplexities? At noise of the same shape? Does a number in
# all dimensions back what the map seems to show? If the points are contextual: do the groups differ in anything else, such as the place? On paper: are animals one heap, do places and barriers lie near each other, and girls and boys?
# </details>

# %% [markdown]
# ## Go further (optional, 60 min)
#
# - [How to use t-SNE effectively](https://distill.pub/2016/misread-tsne/) (25 min, needs a network). Move its sliders. *Question to answer:* which of its six lessons have you measured today?
# - [TensorFlow Projector](https://projector.tensorflow.org) (15 min). Open its word vectors, run t-SNE with two perplexities. *Question:* does the neighbor list on the right change with the map? Why not?
# - [Word embeddings](https://lena-voita.github.io/nlp_course/word_embeddings.html) (Lena Voita, 20 min). *Question:* how does it judge vectors, if not by a map?
#
# <details><summary>Answers</summary>
#
# The knob matters, sizes and distances may mean nothing, noise does not look random, and more than one map is needed. It does not: neighbors are found in the full space, like the rings of our map. By
# tasks with known answers, such as analogies and likeness judged by people, and by use in a larger system.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
picture, (left, middle, right) = plt.subplots(1, 3, figsize=(9, 3.5))
draw_points(left, knob["words", 30], chosen, family_of, LOOKS, size=12)
left.set_title("static: families", fontsize=12)
for kind, hue, mark in (("weather", "position", "o"), ("person", "feed-forward", "^")):
    middle.scatter(*moved[-1][kinds == kind].T, color=color(hue), marker=mark, s=22, label=kind)
middle.plot(*moved[0].mean(axis=0), "+", color=INK, markersize=12)
middle.set(xticks=[], yticks=[], facecolor="#F8FAFC")
middle.set_title("contextual: bright, twice", fontsize=12)
middle.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.01), ncols=2, handletextpad=0.2)
draw_points(right, knob["noise", 2], chosen, family_of, {}, size=8)
right.set_title("noise: clumps of nothing", fontsize=12)
today = figure(picture, caption="A table has one point for a word, the layers have many, and a map can show heaps where there are none.",
               alt="""Three maps. Left the static words of GPT as islands of families. Middle the word bright in many texts: one cross for its row in the table, and
                   weather and person apart after the last layer. Right pure noise, which t-SNE has gathered into small clumps.""")
today.save(portfolio() / "w3d5_today.png")
today

# %% [markdown]
# **New words**

# %%
new_words("w3d5")

# %% [markdown]
# **Tomorrow** you put BERT, GPT-2 and GPT-3 side by side: every number of their configurations, what they cost, and what has changed since.

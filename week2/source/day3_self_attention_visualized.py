# %% [markdown]
# # Week 2 · Day 3: Self-attention visualized
#
# **Today you look into every head of a trained model, and learn to trust a score more than your eyes.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week2/day3_self_attention_visualized.ipynb)
#
# At the end you will be able to
#
# - load a BERT that hands out its attention, and read any of its maps without mixing up rows and columns;
# - open one cell of a map and show the products that made it;
# - find a head by a score, say how sure you are, and say what a bright cell does *not* prove.

# %% tags=["setup"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week2", ["bertviz"]  # this day's folder, and what it uses that Colab does not bring
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
import random

import ipywidgets as widgets
import matplotlib.pyplot as plt
import torch

from shared import heads
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.findings import findings
from shared.text import stories
from shared.visuals import attention_view, color, course_map, draw_heatmap, figure, map_stepper
from shared.visuals.bertviz import bertviz_head_view, bertviz_model_view
from shared.visuals.live import live
from shared.visuals.palette import signed_map
from shared.visuals.query_key import draw_stairs, query_key_view

course_map(week=2, day=3)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w2d3")

# %% [markdown]
# ## 1 · A model that shows where it looks (14 min)
#
# So far you looked mostly at attention that you had made or trained yourself. Today's model is BERT, which you made blind yesterday: the left tower of week 1, day 6,
# the *encoder*, stacked many layers high. It reads a whole text at once, and was trained to fill in words that somebody had hidden.
# Week 3 takes it apart. Today it only has to show where it looks.

# %%
from shared.pretrained import load

tokenizer, model = load("bert")  # bert-base-uncased where the hub answers, else the course's small one
n_layers, n_heads = model.config.num_hidden_layers, model.config.num_attention_heads

# %% [markdown]
# The line says which model you got. With a network it is the famous `bert-base-uncased`: 12 layers of 12 heads, 440 MB. Without, it is the
# course's own, of the same build and much smaller. **Everything below runs unchanged with either**; only the numbers differ.
#
# In any other project you would write the same without `load`:
#
# ```python
# from transformers import BertModel, BertTokenizer
#
# tokenizer = BertTokenizer.from_pretrained("bert-base-uncased")
# model = BertModel.from_pretrained("bert-base-uncased", output_attentions=True, attn_implementation="eager")
# ```
#
# The first argument is often all that you find in examples. The other two matter today:
#
# - `output_attentions=True`: please hand out the weights, too.
# - `attn_implementation="eager"`: please compute them one step after the other. The fast way never writes the table down, so it has nothing to
#   hand out: depending on the version you get an error, or nothing.

# %% tags=["predict"]
predict("w2d3-p1",
        "The sentence is 'The cat sat on the mat', six words. How many rows will one head's map have?")

# %%
from transformers import BertModel, logging

logging.set_verbosity_error(), logging.disable_progress_bar()  # no remarks while it loads
name = model.name_or_path  # where load found it; "bert-base-uncased" stands here in other projects
plain = BertModel.from_pretrained(name, output_attentions=True, attn_implementation="eager")
given = tokenizer("The cat sat on the mat", return_tensors="pt")
with torch.no_grad():
    out = plain(**given)
print("tokens:", *tokenizer.convert_ids_to_tokens(given["input_ids"][0]))
print(len(out.attentions), "layers, each", tuple(out.attentions[0].shape), "= (texts, heads, rows, columns)")

# %%
with torch.no_grad():
    loaded = model(**given).attentions
print("load gives the same weights:", all(torch.allclose(a, b, atol=1e-6) for a, b in zip(loaded, out.attentions)))
reveal("w2d3-p1", out.attentions[0].shape[-1],
       "The tokenizer adds [CLS] in front and [SEP] behind. Both ask and are looked at like words, so six words make a map of 8 × 8.")

# %% [markdown]
# Such additions are **special tokens**. `[CLS]` stands for the text as a whole, `[SEP]` closes a text or parts two. They take part in
# everything, and you will meet them again in section 6. (`uncased` means that "The" became "the".)
#
# One function for the whole day: text in, tokens and all maps out.

# %%
def look(text, second=None):
    """The T tokens, and the weights of all heads: (layers, heads, T, T)."""
    given = tokenizer(text, second, return_tensors="pt")
    with torch.no_grad():
        out = model(**given)
    return tokenizer.convert_ids_to_tokens(given["input_ids"][0]), torch.cat(out.attentions)

# %%
def heat_map(text, layer, head, second=None, kind="still"):
    tokens, maps = look(text, second)
    map_, T = maps[layer, head], len(tokens)
    between = map_[1:-1, 1:-1].clone().fill_diagonal_(0)          # from one word to another
    asks, asked = (1 + i for i in divmod(int(between.argmax()), T - 2))
    picture, axes = plt.subplots(figsize=(min(8.6, 2.0 + 0.38 * T), min(8.2, 1.8 + 0.36 * T)))
    draw_heatmap(axes, map_, tokens, tokens, ring=(asks, asked), labels=11 if T <= 12 else 9.6)
    axes.set_title(f"Layer {layer}, head {head}: {tokens[asks]} looks at {tokens[asked]}", parse_math=False)
    return figure(picture, kind=kind, caption=f"{T} tokens, {T * T} weights. The ring is the largest weight from one word to another: {map_[asks, asked]:.2f}.",
                  alt=f"""Attention of layer {layer}, head {head} over {T} tokens. The largest weight between two words, {map_[asks, asked]:.2f},
                      goes from {tokens[asks]} to {tokens[asked]}; a row's largest weight is {map_.amax(-1).mean():.2f} on average.""")

# %% [markdown]
# Sentence, layer and head stand in plain variables. Run it once as it is; the next section tells you what to change.

# %%
sentence = "The cat sat on the mat"
layer = 0  # counted from 0
head = 0
heat_map(sentence, layer, head)

# %%
tokens, maps = look(sentence)
row = 2  # one token that asks
for token, weight in zip(tokens, maps[layer, head, row]):
    print(f"{tokens[row]} looks at {token:6} {weight:.2f}")
print(f"sum of this row {maps[layer, head, row].sum():.2f}, of this token's column {maps[layer, head, :, row].sum():.2f}")

# %% [markdown]
# Read a map like this: put a finger on a *row*, the token that *asks* (query). Run along it: each cell is the share that goes to the
# token of that *column* (key). A row adds up to 1, a column to anything. In the tools of others the axes may be swapped, so look for what adds up to 1.
#
# $$A^{(\ell, h)} = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d_k}}\right) \qquad (T, T)\ \text{for each layer } \ell \text{ and head } h$$
#
# Nothing new, only many of it: one **attention map** for each head of each layer.
#
# ### Who may look where?

# %% tags=["predict"]
predict("w2d3-p2",
        "Take all heads of this BERT together. What percentage of its attention on this sentence goes to "
        "a LATER token, to the right of the diagonal?")

# %%
gpt_tokenizer, gpt = load("gpt2")  # a model that writes, for comparison
given = gpt_tokenizer("The cat sat on the mat", return_tensors="pt")
with torch.no_grad():
    gpt_maps = torch.cat(gpt(**given).attentions)
gpt_tokens = [token.strip("Ġ") for token in gpt_tokenizer.convert_ids_to_tokens(given["input_ids"][0])]
ahead = {"BERT": float(100 * maps.triu(1).sum() / maps.sum()), "GPT": float(100 * gpt_maps.triu(1).sum() / gpt_maps.sum())}
print({name: round(share, 1) for name, share in ahead.items()}, "% of the attention goes ahead")

# %%
picture, axes = plt.subplots(1, 2, figsize=(8.2, 4.1))
draw_heatmap(axes[0], maps.mean((0, 1)), tokens, tokens)
draw_heatmap(axes[1], gpt_maps.mean((0, 1)), gpt_tokens, gpt_tokens)
axes[0].set_title("BERT reads: all cells are open")
axes[1].set_title("GPT writes: the future is closed")
axes[1].set_ylabel("")
figure(picture, caption="The mean of all heads of each model, on the same sentence.",
       alt=f"""The mean map of all heads of two models. BERT's has weight on both sides of the diagonal, {ahead['BERT']:.0f} % of it
           to the right. GPT's has {ahead['GPT']:.0f} % there: no token looks at a later one.""")

# %%
reveal("w2d3-p2", round(ahead["BERT"]),
       "BERT has no causal mask. It reads in both directions at once, and never writes, so there is no answer to peek at.", tolerance=8)

# %% [markdown]
# "Transformers read from left to right" is therefore wrong twice: BERT sees everything at once, and a GPT computes all rows of a given text at once, too.
# Only its *looks* go back, and only its *writing* is one token after the other.
#
# BERT does know a mask, though. When texts of different length go in together, the short ones are filled up with `[PAD]`, and the tokenizer hands over an
# `attention_mask`: 1 for a token, 0 for padding.

# %% tags=["predict"]
predict("w2d3-p3",
        "A short text is padded with two [PAD], and its attention_mask is 1 1 1 1 0 0. "
        "What does this mask close in the maps?",
        options=["the columns of the [PAD]s", "the rows of the [PAD]s", "rows and columns of the [PAD]s",
                 "everything right of the diagonal"])

# %%
both = tokenizer(["The cat", "The cat sat on"], padding=True, return_tensors="pt")
print(both["attention_mask"])
with torch.no_grad():
    short_maps = torch.stack([a[0] for a in model(**both).attentions])  # of the first text: (layers, heads, T, T)
short = tokenizer.convert_ids_to_tokens(both["input_ids"][0])
n = int(both["attention_mask"][0].sum())
into, out_of = float(short_maps[..., n:].sum()), float(short_maps[..., n:, :].sum(-1).mean())

# %%
picture, axes = plt.subplots(figsize=(4.8, 4.3))
draw_heatmap(axes, short_maps.mean((0, 1)), short, short)
axes.set_title("Padding is never looked at" if into < 1e-4 else "Padding is looked at")
figure(picture, caption="The mean of all heads for the padded text: two empty columns, no empty row, both sides of the diagonal open.",
       alt=f"""The mean map of the padded text. The two columns of padding hold {into:.2f} together. The two rows of padding
           still add up to {out_of:.2f} each, and cells to the right of the diagonal are open.""")

# %%
reveal("w2d3-p3", "the columns of the [PAD]s" if into < 1e-4 and out_of > 0.99 else "rows and columns of the [PAD]s",
       "Nobody looks at padding. Its own rows are computed like all others, and then nobody uses them.")

# %% [markdown]
# Two masks, two jobs. The *causal mask* is built into a model that writes and is always on. The *attention_mask* comes with the data and marks padding.
# Handing BERT an `attention_mask` of ones does not make it causal, and handing it to a GPT does not make the GPT causal either: it already is.

# %% [markdown]
# ## 2 · Change one thing at a time (7 min)
#
# Go back to the cell with `sentence`, `layer` and `head`, or use the drop-downs below. Before each change, say what you expect.
#
# | Change | For example | Watch |
# |---|---|---|
# | the layer | 0, then the last one, `n_layers - 1` (11 in `bert-base-uncased`) | do the maps get sharper, or softer? |
# | the head | 0 to `n_heads - 1`, all in one layer | do they share a pattern? |
# | the sentence | "The dog slept near the gate" | does the *pattern* stay when the words change? |
# | shuffled words | "mat the on sat cat The" | which heads follow the place, which the word? |
# | two sentences | `heat_map("The cat sat.", layer, head, second="It was tired.")` | who looks across the `[SEP]`? |
# | an ambiguous word | "… because it was too *tired*", then *wide* | does the row of *it* change? |
# | a longer text | the beginning of a tale | do looks get longer, too? |
# | your own | anything in English | a word that it does not know falls into pieces with ## |

# %%
my_sentence = "Write a sentence of your own here"
texts = {
    "the cat": ("The cat sat on the mat",), "shuffled": ("mat the on sat cat The",),
    "tired": ("The animal didn't cross the street because it was too tired",),
    "wide": ("The animal didn't cross the street because it was too wide",),
    "two sentences": ("The cat sat on the mat.", "It was tired."),
    "longer": (". ".join(stories(1, seed=7)[0].split(". ")[:3]) + ".",), "my own": (my_sentence,),
}
print("longer:", texts["longer"][0])

# %%
choose = {"text": widgets.Dropdown(options=list(texts), description="text"),
          "layer": widgets.Dropdown(options=range(n_layers), description="layer"),
          "head": widgets.Dropdown(options=range(n_heads), description="head")}
screen = widgets.HTML()

def redraw(change=None):  # called whenever one of them changes
    text, *second = texts[choose["text"].value]
    picture = heat_map(text, choose["layer"].value, choose["head"].value, *second, kind="interactive")
    screen.value = picture.html
    return picture

for box in choose.values():
    box.observe(redraw, names="value")

# %% tags=["interactive"]
live([*choose.values(), screen], still=redraw())

# %% [markdown]
# You can check one of your impressions at once. Do the maps follow the *words* or the *places*? Shuffle the sentence and compare each head's map
# with its old one, once cell by cell (same place) and once with the words moved back (same word).

# %%
tokens, maps = look("The cat sat on the mat")  # back to our sentence, whatever you tried
order = [0, 6, 5, 4, 3, 2, 1, 7]  # the shuffled sentence is the old one, read backwards between [CLS] and [SEP]
_, moved = look("mat the on sat cat The")
by_place = (maps - moved).abs().sum(-1).mean(-1) / 2               # (layers, heads): share of weight that went elsewhere
by_word = (maps - moved[:, :, order][..., order]).abs().sum(-1).mean(-1) / 2
print(f"{int((by_place < by_word).sum())} heads stay closer to the places, {int((by_place > by_word).sum())} to the words")
for what, table, other in (("places", by_place, by_word), ("words", by_word, by_place)):
    l, h, _ = heads.strongest(other - table)
    print(f"most faithful to {what}: layer {l}, head {h}: {100 * table[l, h]:.0f} % of its weight went elsewhere, counted by {what}")

# %% [markdown]
# So some heads care where a token stands, others what it is. The first kind can only work because positions were added to the words (yesterday's
# notebook). Which head is of which kind? You could click through all of them. Better tools first.

# %% [markdown]
# ## 3 · Three zooms of one tool, and ours (7 min)
#
# **BertViz** is the best-known viewer for this. It has three views, which are three zooms: the *head view* shows one layer, the *model view* all heads
# at once, the *neuron view* a single cell. Its page loads scripts from the network. Where it cannot, you see the course's own explorer, and a sentence that says so.
#
# *To find in the head view:* point at "it". In which head of this layer does most of its weight go to one token? BertViz draws queries on the left.

# %% tags=["interactive"]
crossing = "The animal didn't cross the street because it was too tired"
cross_tokens, cross_maps = look(crossing)
it = cross_tokens.index("it")
sharpest = int(cross_maps[:, :, it].amax(-1).amax(-1).argmax())  # the layer with the boldest look of "it"
bertviz_head_view(cross_tokens, cross_maps, layer=sharpest)

# %% [markdown]
# *To find in the model view:* two sentences go in as one text, with `[SEP]` between them; each is a **segment**. Is there a head whose maps
# fall into two blocks, so that the segments hardly look at each other?

# %% tags=["interactive"]
pair_tokens, pair_maps = look("The cat sat on the mat.", "It was tired.")
second = pair_tokens.index("[SEP]") + 1  # where the second segment starts
bertviz_model_view(pair_tokens, pair_maps, second=second)

# %%
across = pair_maps[:, :, :second, second:].sum(-1).mean(-1)  # (layers, heads): from the first segment into the second
l, h, most = heads.strongest(across)
print(f"looks across most: layer {l}, head {h}, {100 * most:.0f} % of the first segment's attention; least: {100 * across.min():.1f} %")
row = cross_maps[:, :, it]
l, h = divmod(int(row.amax(-1).argmax()), n_heads)
print(f"boldest look of 'it': layer {l}, head {h}, {row[l, h].max():.2f} on {cross_tokens[int(row[l, h].argmax())]!r}")

# %% [markdown]
# Ours works without a network, takes longer texts, and sorts heads by a measure. *To find:* sort by "previous token" and by "entropy" (how widely a head
# spreads; more in section 5). Do the two lists have the same head at the top?

# %% tags=["interactive"]
tale = texts["longer"][0]
tale_tokens, tale_maps = look(tale)
attention_view(tale_tokens, tale_maps, layer=0)

# %%
for order, scores in {"previous token": heads.previous_token(tale_maps), "entropy": heads.entropy(tale_maps)}.items():
    print("highest {}: layer {}, head {}".format(order, *heads.strongest(scores)[:2]))

# %% [markdown]
# The neuron view is the odd one out: BertViz fills it only from old copies of a few models. So here is our own, for any model.

# %% [markdown]
# ## 4 · Inside one cell (11 min)
#
# A cell of a map is a share, the share comes from a score, and the score is a dot product: many small products, added up. Take the boldest look of the whole sentence.

# %%
def vectors(text):
    """Queries and keys of all heads, as the model's own layers make them: each (layers, heads, T, d_k)."""
    with torch.no_grad():
        x = model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states  # what enters each layer
        made = [[part(x[i])[0].unflatten(-1, (n_heads, -1)).transpose(0, 1) for part in (block.attention.self.query, block.attention.self.key)]
                for i, block in enumerate(model.bert.encoder.layer)]
    return torch.stack([q for q, _ in made]), torch.stack([k for _, k in made])

q, k = vectors("The cat sat on the mat")
d_k = q.shape[-1]
print("queries", tuple(q.shape), " keys", tuple(k.shape))

# %%
words_only = maps[:, :, 1:-1, 1:-1].amax(-1)  # rows and columns of real words
L, H, t = torch.unravel_index(words_only.argmax(), words_only.shape)
L, H, t = int(L), int(H), int(t) + 1
s = int(maps[L, H, t].argmax())
print(f"layer {L}, head {H}: {tokens[t]!r} puts {maps[L, H, t, s]:.2f} on {tokens[s]!r}, with {d_k} products")

# %% tags=["predict"]
predict("w2d3-p4", f"This is the boldest look of the sentence. How many of its {d_k} products are negative, so that they speak AGAINST the look?")

# %%
products = q[L, H, t] * k[L, H, s]
picture, axes = plt.subplots(2, 2, figsize=(9, 5.2))
for ax, numbers, concept, title in ((axes[0, 0], q[L, H, t], "query", f"q of {tokens[t]}: what it asks with"),
                                    (axes[1, 0], k[L, H, s], "key", f"k of {tokens[s]}: what it is found by")):
    ax.bar(range(d_k), numbers, color=color(concept))
    ax.set(title=title, xlabel=f"entry, 0 to {d_k - 1}", ylabel="value")
axes[0, 1].bar(range(d_k), products, color=[signed_map()(0.85 if p > 0 else 0.2) for p in products])
axes[0, 1].set(title="q · k, entry by entry", xlabel=f"entry, 0 to {d_k - 1}", ylabel="product")
draw_stairs(axes[1, 1], products)
axes[1, 1].set_title("… and added up, one after the other")
against = int((products < 0).sum())
figure(picture, caption="One cell, opened. Blue products push the score up, vermilion ones down.",
       alt=f"""The query of {tokens[t]} and the key of {tokens[s]}, {d_k} numbers each, and their products: {d_k - against} push the score
           up by {products[products > 0].sum():.1f} together, {against} push it down by {-products[products < 0].sum():.1f}. The stairs end at {products.sum():.1f}.""")

# %%
reveal("w2d3-p4", against,
       "A score is a vote of all entries. A few large products usually decide, and others may vote against.", tolerance=2)

# %% [markdown]
# Is this really how the model's number came about? Toy first: a loop over the entries for one pair. Then all pairs as a product. Then the map that the model
# handed out.

# %%
one = sum(float(q[L, H, t, i] * k[L, H, s, i]) for i in range(d_k)) / d_k**0.5  # loop: one score
scores = q @ k.transpose(-1, -2) / d_k**0.5                                      # all pairs, all heads
ours = scores.softmax(-1)
print(f"score by loop {one:.3f}, in the matrix {scores[L, H, t, s]:.3f}")
print("our maps equal the model's, in all heads:", torch.allclose(ours, maps, atol=1e-5))

# %% [markdown]
# $$\text{score}(t, s) = \frac{1}{\sqrt{d_k}} \sum_{i=0}^{d_k - 1} q_{t,i}\, k_{s,i}$$
#
# Now all keys at once. Each line below is one key: its products as colored strips, their sum divided by √d_k, and its share. Choose another token that asks; press a line to open its pair.
#
# *To find:* move through the entries of the darkest strip. Is there *one* entry that decides, or is it many? And look at a key with a small share: are its products small, or large and of both signs?

# %% tags=["interactive"]
query_key_view(tokens, q, k, layer=L, head=H, query=t)

# %% [markdown]
# Do single entries "mean" something, such as *is a verb*? Rarely. Turn all queries and keys of a head by the same rotation: every entry changes, every score
# stays. So read the sum, and be careful with stories about entry 17. (Where there is a network, `bertviz_neuron_view(tokens, maps, q, k)` from `shared.visuals.bertviz` draws
# BertViz's own neuron view of the same numbers.)

# %%
turn = torch.linalg.qr(torch.randn(d_k, d_k, generator=torch.Generator().manual_seed(1)))[0]  # a random rotation
turned = (q @ turn) @ (k @ turn).transpose(-1, -2) / d_k**0.5
print("all entries changed, all scores the same:", torch.allclose(turned, scores, atol=1e-3))

# %% [markdown]
# ## 5 · By score, not by eye (14 min)
#
# In 2019 people looked through all heads of BERT ([Clark and others](https://arxiv.org/abs/1906.04341)) and met the same habits again and again. Here are four, as a perfect head would have them.

# %%
show_tokens = "[CLS] the cat . the mat . [SEP]".split()
T = len(show_tokens)
t_, s_ = torch.meshgrid(torch.arange(T), torch.arange(T), indexing="ij")
same = torch.tensor([[a == b for b in show_tokens] for a in show_tokens])
is_mark = torch.tensor([token in (".", "[SEP]") for token in show_tokens])
patterns = {"previous token": s_ == t_ - 1, "next token": s_ == t_ + 1, "same token": same & (s_ != t_),
            "delimiter": is_mark[None, :] & ~is_mark[:, None]}

# %%
picture, axes = plt.subplots(1, 4, figsize=(9, 3.1), sharey=True)
for ax, (habit, pattern) in zip(axes, patterns.items()):
    draw_heatmap(ax, pattern / pattern.sum(-1, keepdim=True).clamp(min=1), show_tokens, show_tokens, labels=10, numbers=False)
    ax.set_title(habit, fontsize=12)
    ax.set_ylabel("query (asks)" if ax is axes[0] else "")
figure(picture, caption="Four perfect heads. An empty row has nothing to look at: it will not count.",
       alt="""Four patterns. Previous token: a line just below the diagonal. Next token: a line just above it. Same token: single cells
           where the same word stands twice, off the diagonal. Delimiter: whole columns under the full stops and [SEP].""")

# %% [markdown]
# A **delimiter** is a token that parts texts: a full stop, `[SEP]`. Now real heads. Six of this model, without their names, on our sentence.

# %%
measures = {"previous token": lambda maps, tokens: heads.previous_token(maps), "next token": lambda maps, tokens: heads.next_token(maps),
            "same token": lambda maps, tokens: heads.same_token(maps, tokens, causal=False),
            "delimiter": lambda maps, tokens: heads.delimiter(maps, tokens, causal=False)}

def measure(text):  # {habit: (layers, heads)}
    tokens, maps = look(text)
    return {habit: score(maps, tokens) for habit, score in measures.items()}

tales = stories(30, seed=11)
by_tale = [measure(text) for text in tales]
over_tales = {habit: torch.stack([found[habit] for found in by_tale]).mean(0) for habit in measures}
winner = {habit: heads.strongest(scores)[:2] for habit, scores in over_tales.items()}

# %%
spread = heads.entropy(maps).flatten().argsort(descending=True).tolist()  # heads that look everywhere
six = list(dict.fromkeys([*winner.values(), *(divmod(i, n_heads) for i in spread)]))[:6]
random.Random(5).shuffle(six)
picture, axes = plt.subplots(2, 3, figsize=(8.4, 6), sharex=True, sharey=True)
for ax, letter, (l, h) in zip(axes.flat, "ABCDEF", six):
    draw_heatmap(ax, maps[l, h], tokens, tokens, labels=9.6, numbers=False)
    ax.set_title(letter)
    ax.set(xlabel="", ylabel="")
axes[0, 0].set_ylabel("query (asks)"), axes[1, 1].set_xlabel("key (is looked at)")
figure(picture, caption="Six heads of the model on one sentence. Rows ask, columns are looked at.",
       alt="Six maps, A to F. Largest weight of a row, on average: " + ", ".join(
           f"{letter} {maps[l, h].amax(-1).mean():.2f}" for letter, (l, h) in zip("ABCDEF", six)) + ".")

# %% tags=["predict"]
predict("w2d3-p5", "By eye: which of the six looks at the NEXT token?", options=list("ABCDEF"))

# %% [markdown]
# And now by score. The score of a habit is *the weight in the cells of its pattern, averaged over the rows that have such a cell*. For the previous token:
# go down the rows, pick up one cell each. First for the head that does it best.

# %%
l, h = winner["previous token"]
map_ = maps[l, h]
frames = [map_.clone()]
frames[0][0] = 0  # row 0 has nobody before it
for t in range(1, len(tokens)):  # row by row, all that does not count is wiped out
    counted = frames[-1].clone()
    counted[t] *= torch.arange(len(tokens)) == t - 1
    frames.append(counted)

so_far = [map_.diagonal(-1)[:t].mean() for t in range(1, len(tokens))]
says = [f"Layer {l}, head {h}. Row 0, {tokens[0]}, has nobody before it and does not count. Say the next number before you go on."]
says += [f"Row {t}: {tokens[t]} puts {map_[t, t - 1]:.2f} on {tokens[t - 1]}. Mean of {t} row{'s' * (t > 1)}: {so_far[t - 1]:.2f}." for t in range(1, len(tokens))]

# %%
map_stepper(torch.stack(frames), tokens, says, start=3,
            alt=f"""The previous-token score of layer {l}, head {h}, row by row: in each row only the cell just left of the diagonal counts,
                from {map_[1, 0]:.2f} in row 1 to {map_[-1, -2]:.2f} in the last. Their mean is {map_.diagonal(-1).mean():.2f}.""",
            caption="Row by row, everything that does not count is wiped out. The mean of what stays is the score.")

# %%
loop = sum(float(map_[t, t - 1]) for t in range(1, len(map_))) / (len(map_) - 1)
print(f"by loop {loop:.4f}, as a diagonal {map_.diagonal(-1).mean():.4f}, by the course's function {heads.previous_token(map_):.4f}")
scores_of_six = {letter: float(heads.next_token(maps[place])) for letter, place in zip("ABCDEF", six)}
print("next-token scores:", {letter: round(score, 2) for letter, score in scores_of_six.items()})
reveal("w2d3-p5", max(scores_of_six, key=scores_of_six.get),
       "The next token is the key one place to the RIGHT of the diagonal. Who reads the map turned picks the previous-token head.")

# %% [markdown]
# $$\text{previous-token score} = \frac{1}{T - 1} \sum_{t=1}^{T-1} A_{t,\,t-1}$$
#
# A **previous-token head** is a head with a high score of this kind. How high is high? Compare with a head that spreads evenly. And do not stop at one sentence.

# %% tags=["predict"]
predict("w2d3-p6",
        "For each of the four habits we look for the best head twice: on 'The cat sat on the mat', and "
        "over 30 tales. For how many of the four habits is it the same head?")

# %%
one_text = measure("The cat sat on the mat")
even = {habit: float(torch.stack([score(torch.full((n, n), 1 / n), t) for t, n in ((look(x)[0], len(look(x)[0])) for x in tales[:5])]).mean())
        for habit, score in measures.items()}
agree = sum(heads.strongest(one_text[habit])[:2] == winner[habit] for habit in measures)
print(f"{'habit':15} {'30 tales':>16} {'score':>6} {'second':>7} {'even':>6}   {'one sentence':>14} {'score':>6}")
for habit, table in over_tales.items():
    (l, h), (a, b, on_one) = winner[habit], heads.strongest(one_text[habit])
    best, runner_up = table.flatten().topk(2).values.tolist()
    print(f"{habit:15} {f'layer {l}, head {h}':>16} {best:6.2f} {runner_up:7.2f} {even[habit]:6.3f}   {f'layer {a}, head {b}':>14} {on_one:6.2f}")

# %%
reveal("w2d3-p6", agree,
       "On one sentence a habit may have two rows to show itself in: 'the' comes twice, and that is all. "
       "A score from two rows is an anecdote. Habits of place have more rows, and agree more easily.", tolerance=0)

# %%
picture, axes = plt.subplots(1, 4, figsize=(9, 2.9))
rows, columns = [str(i) for i in range(n_layers)], [str(i) for i in range(n_heads)]
for ax, (habit, table) in zip(axes, over_tales.items()):
    draw_heatmap(ax, table, rows, columns, ring=winner[habit], labels=10, numbers=n_heads <= 4)
    ax.set_title(habit, fontsize=11.5)
    ax.set(xlabel="head", ylabel="layer" if ax is axes[0] else "")
    ax.set_xticks(range(n_heads), columns, rotation=0, ha="center")
strong = [habit for habit, (l, h) in winner.items() if over_tales[habit][l, h] >= 0.5]
weak = [habit for habit in winner if habit not in strong]
figure(picture, caption="The mean scores over 30 tales, all heads. The ring is the best one.",
       alt="Scores of all heads for four habits. Best heads: " + "; ".join(
           f"{habit}, layer {l}, head {h}, {over_tales[habit][l, h]:.2f}" for habit, (l, h) in winner.items()) + ".")

# %%
print("at least half of the attention, so a clear habit:", ", ".join(strong) or "none")
print("less than half, so a tendency at most:          ", ", ".join(weak) or "none")

# %% [markdown]
# Give a head a name only for a clear habit, and say the number with it. Two questions help against wishful thinking: *How far is the second best?* And: *how much would an even spread get?*
#
# ### Two numbers for every head
#
# Without any pattern you can still say how a head looks. Its **entropy**: how widely it spreads, 0 for one token, ln T for all alike.
# ($e$ to the entropy is about the number of tokens that it looks at.) And its mean *distance*, in tokens.

# %%
ten = [look(text)[1] for text in tales[:10]]
spreads = torch.stack([heads.entropy(maps).exp() for maps in ten]).mean(0)
distances = torch.stack([heads.mean_distance(maps) for maps in ten]).mean(0)
picture, axes = plt.subplots(1, 2, figsize=(8.4, 3.2))
for ax, table, name in ((axes[0], spreads, "tokens that it looks at, about"), (axes[1], distances, "mean distance (tokens)")):
    for l in range(n_layers):
        ax.plot([l] * n_heads, table[l], "o", color=color("attention"), alpha=0.65, markersize=8)
    ax.plot(range(n_layers), table.mean(1), color=color("residual"), linewidth=2)
    ax.set(xlabel="layer", ylabel=name, xticks=range(n_layers), ylim=(0, None))
    ax.grid(axis="y")
within, between = spreads.std(1).mean(), spreads.mean(1).std()
axes[0].set_title("Heads of one layer differ more than layers do" if within > between else "Layers differ more than heads of one layer")
figure(picture, caption="Each dot is a head, the line is the layer's mean, over ten tales. A wide head does not look at one place.",
       alt=f"""Two charts by layer, one dot for each head. The narrowest head looks at about {spreads.min():.1f} tokens, the widest at about
           {spreads.max():.0f}. Mean distances run from {distances.min():.1f} to {distances.max():.0f} tokens. Spread inside a layer {within:.0f}, between layers {between:.0f}.""")

# %% [markdown]
# ## 6 · What a bright cell does not prove (9 min)
#
# Here is a trap that catches nearly everybody: a whole *column* is bright. "All tokens look at this word, so it is the most important one!"

# %%
def gpt_look(text):
    given = gpt_tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        maps = torch.cat(gpt(**given).attentions)
    return [token.strip("Ġ") for token in gpt_tokenizer.convert_ids_to_tokens(given["input_ids"][0])], maps

first = gpt_maps[..., 1:, 0].mean(-1)  # (layers, heads): what later tokens give to the first one
l, h, share = heads.strongest(first)
print(f"GPT's layer {l}, head {h}: later tokens give {100 * share:.0f} % of their attention to {gpt_tokens[0]!r}")

# %% tags=["predict"]
predict("w2d3-p7",
        f"In this head {100 * share:.0f} % of the attention goes to 'The', the first token. Now the sentence starts with "
        "'Then' instead. What happens to the bright first column?",
        options=["it stays bright", "it moves to cat, the first noun", "it fades: the weight spreads over all words"])

# %%
then_tokens, then_maps = gpt_look("Then cat sat on the mat")
then_share = float(then_maps[l, h, 1:, 0].mean())
picture, axes = plt.subplots(1, 2, figsize=(8, 3.8))
draw_heatmap(axes[0], gpt_maps[l, h], gpt_tokens, gpt_tokens)
draw_heatmap(axes[1], then_maps[l, h], then_tokens, then_tokens)
axes[0].set_title(f"“The …”: {100 * share:.0f} % on the first")
axes[1].set_title(f"“Then …”: {100 * then_share:.0f} % on the first")
axes[1].set_ylabel("")
figure(picture, caption=f"Layer {l}, head {h} of the model that writes. Another first word, and the same column.",
       alt=f"""Two maps of one head. With The in front the later rows give {100 * share:.0f} % to the first column; with Then in front
           {100 * then_share:.0f} %.""")

# %%
where = int(then_maps[l, h, 1:].mean(0).argmax())
reveal("w2d3-p7", "it stays bright" if then_share > 0.5 else "it moves to cat, the first noun" if where == 1 else "it fades: the weight spreads over all words",
       "The column belongs to the place, not to the word.")

# %% [markdown]
# Such a column is often an **attention sink**. Softmax forces every row to add up to 1, also when a head finds nothing to do. Then the weight has to be put down somewhere, and models
# learn a parking place: the first token, `[SEP]`, a full stop. In `bert-base-uncased` many heads give more than half of their attention to `[SEP]`, and nobody told them to. The small BERT of this course
# was helped: in the last third of its training, every look at a word cost its last layer a little. And in the model that you have?

# %%
marks = torch.tensor([[token in ("[CLS]", "[SEP]", ".") for token in tale_tokens]]).float()
on_marks = (tale_maps * marks).sum(-1).mean((1, 2))  # (layers,)
print(f"{100 * marks.mean():.0f} % of the tokens are [CLS], [SEP] or a full stop. They get, by layer:",
      ", ".join(f"{100 * float(share):.0f} %" for share in on_marks))
print("far more than their share: sinks" if on_marks.max() > 2 * marks.mean() else "about their share: no sink to be seen here")

# %% [markdown]
# ### Does a look matter?
#
# On week 1, day 4 you cut looks. Do it here with today's tool: the *attention_mask* is a knife. Hide one word of a tale behind `[MASK]`, let BERT guess it, and then make each other token invisible in
# turn. Two numbers for each: how much the `[MASK]` *looked* at it (mean of all heads), and how much the guess *changed* without it.

# %%
def looks_and_effects(text, seed):
    ids = tokenizer(text, return_tensors="pt")["input_ids"]
    tokens = tokenizer.convert_ids_to_tokens(ids[0])
    T, p = len(tokens), random.Random(seed).choice([i for i, token in enumerate(tokens) if token.isalpha()])
    ids[0, p] = tokenizer.mask_token_id
    visible = torch.cat([torch.ones(1, T), 1 - torch.eye(T)]).long()  # row 0: all; row j + 1: all but token j
    with torch.no_grad():
        out = model(ids.expand(T + 1, -1), attention_mask=visible)
    guess = out.logits[:, p].softmax(-1)                              # (T + 1, vocabulary)
    changed = (guess[1:] - guess[0]).abs().sum(-1) / 2                # 0: the same guess, 1: another one altogether
    looked = torch.stack([a[0, :, p] for a in out.attentions]).mean((0, 1))
    rest = torch.arange(T) != p
    return looked[rest], changed[rest], [token for i, token in enumerate(tokens) if i != p]

tests = [looks_and_effects(". ".join(text.split(". ")[1:4]) + ".", i) for i, text in enumerate(stories(24, seed=21))]

# %% tags=["predict"]
predict("w2d3-p8",
        "24 hidden words. In how many of 100 cases, about, is the token that is looked at MOST also the one whose "
        "removal changes the guess MOST?")

# %%
def ranks(numbers):
    return numbers.argsort().argsort().float()

top = sum(int(looked.argmax() == changed.argmax()) for looked, changed, _ in tests)
related = sum(float(torch.corrcoef(torch.stack([ranks(a), ranks(b)]))[0, 1]) for a, b, _ in tests) / len(tests)
message = "Looking and mattering are related, and not the same" if 0.2 < related < 0.9 else (
    "Looking says nearly everything" if related >= 0.9 else "Looking says little about mattering")
print(f"the same token is first in {top} of {len(tests)}; mean rank correlation {related:.2f}")

# %%
picture, axes = plt.subplots(figsize=(6.8, 3.9))
for marked, sign, concept, kind in ((False, "o", "attention", "words"), (True, "s", "residual", "[CLS], [SEP], full stops")):
    at = [(float(a), float(b)) for looked, changed, names in tests for a, b, name in zip(looked, changed, names)
          if (name in ("[CLS]", "[SEP]", ".")) == marked]
    axes.plot(*zip(*at), sign, color=color(concept), markersize=4, label=kind, markeredgewidth=0)
axes.set(title=message, xlabel="how much [MASK] looks at the token (mean weight)", ylabel="how much the guess changes\nwithout the token (0 to 1)", ylim=(-0.04, 1.25), yticks=[0, 0.5, 1])
axes.legend(frameon=False, loc="upper left")
axes.grid()
figure(picture, caption=f"Every dot is one token of one of {len(tests)} texts. Rank correlation inside a text, on average: {related:.2f}.",
       alt=f"""Dots for all tokens: attention from the hidden word against the change of the guess when the token is made invisible. Mean rank
           correlation {related:.2f}. In {top} of {len(tests)} texts the token looked at most is the one that matters most.""")

# %%
reveal("w2d3-p8", round(100 * top / len(tests)),
       "A look moves a value, and what the later layers make of it no map shows. Several tokens may also carry the same news, so that none is missed alone. And a token that is looked at most may be a place to rest.", tolerance=12)

# %% [markdown]
# (The **rank correlation** compares two orders: 1 when both lists have the same order, 0 when they have nothing to do with each other.)
#
# So is attention an explanation? The field does not agree. [Attention is not Explanation](https://arxiv.org/abs/1902.10186) showed that quite different maps can give the same answer.
# [Attention is not not Explanation](https://arxiv.org/abs/1908.04626) replied that this depends on what you call an explanation and on how you test. What you can
# always say: *a map shows where a head looked. Whether it mattered takes a cut.* Week 3, day 4 makes this a method.

# %% [markdown]
# ## Exercises (10 min)
#
# **1 · Complete it.** The previous-token score of one map `weights` (T, T), as one number. Plain torch, no helper. Two lines are missing.

# %% tags=["exercise"]
def previous_token_score(weights):
    T = weights.shape[0]
    cells = ...  # (T - 1,): what each row t gives to t - 1
    return ...   # one number

# %% tags=["check"]
check_exercise("w2d3-e1", previous_token_score)

# %%
help_with("w2d3-e1")

# %% [markdown]
# **2 · Fix it.** "How much does each real word get from the other tokens?" Somebody wrote this for a map `weights` (T, T), with `[CLS]` first and `[SEP]` last, and found that all words get exactly the
# same. Can that be? The function should return, for each of the T − 2 real words, the mean weight that the *real words* give to it (itself included). Find both bugs.

# %% tags=["exercise"]
def received(weights):
    return weights.mean(dim=1)

print(received(maps[0, 0]).numpy().round(3))

# %% tags=["check"]
check_exercise("w2d3-e2", received)

# %%
help_with("w2d3-e2")

# %% [markdown]
# **3 · From scratch.** Find the head for a pattern. `maps` is (layers, heads, T, T), `pattern` (T, T) is True where a perfect head would look. Score every head as in section 5, over the rows that have a
# True cell, and return the best one as `(layer, head)`.

# %% tags=["exercise"]
def find_head(maps, pattern):
    ...

# %% tags=["check"]
check_exercise("w2d3-e3", find_head)

# %%
help_with("w2d3-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory. Read the feedback of the wrong options, too.

# %% tags=["quiz"]
quiz("w2d3")

# %% [markdown]
# ## Draw or write: your table of findings (6 min)
#
# The plan for today says: explore how heads attend. Write down what you found, as a researcher would: the head, what it does, the evidence (a number, and on what), and a
# **counter-example**: a row or a text where it does *not* do it. A finding without one is a guess. For example:

# %%
l, h = winner["next token"]
weakest = int(maps[l, h].diagonal(1).argmin())
print(f"head:            layer {l}, head {h}\nwhat it does:    looks one token ahead")
print(f"evidence:        next-token score {over_tales['next token'][l, h]:.2f} over 30 tales; an even spread gets {even['next token']:.3f}")
print(f"counter-example: in our sentence, {tokens[weakest]!r} gives only {maps[l, h, weakest, weakest + 1]:.2f} to {tokens[weakest + 1]!r};"
      f" and {tokens[-1]!r} has nothing ahead, it looks at {tokens[int(maps[l, h, -1].argmax())]!r}")

# %% [markdown]
# Find two or three of your own with the drop-downs, the explorer, or a pattern that you make up for `find_head`. The table is saved to your portfolio, and it comes back: when you run this cell again, and in week 3, day 4,
# where you will test findings with cuts.

# %%
findings("w2d3")

# %%
journal("w2d3", ["Which head fooled your eye, and what did the score say?",
                 "Explain to a friend in two sentences why a bright column need not be an important word."])

# %% [markdown]
# Checklist for your table: Does each row say layer *and* head? Is the evidence a number, with the text or the number of texts behind it? Did you compare with an even spread? Is the counter-example a real row
# that you looked up? Have you mixed up rows and columns anywhere? Did you write "looks at", and not "understands"?

# %% [markdown]
# ## Go further (optional, 70 min)
#
# - [BertViz](https://github.com/jessevig/bertviz) (20 min, its page with pictures and notebooks; the tool needs a network). Look for: the three views, and the filter for sentence pairs. *Question to answer:* in the head
#   view, what does a colored square above the lines stand for, and what happens on a double click?
# - [Transformer Explainer](https://poloclub.github.io/transformer-explainer/) (20 min, in the browser). Look for: the attention part of a GPT-2, opened by a click. *Question:* in which order are dot product, scaling, mask and softmax drawn, and what color do closed cells have?
# - [What Does BERT Look At?](https://arxiv.org/abs/1906.04341) (30 min, sections 3 and 4). *Question:* in the layers in the middle, how much of the attention goes to `[SEP]`, and how do the authors test whether it matters?
#
# <details><summary>Answers</summary>
#
# A square is one head of the layer, in its color; a click switches it, a double click leaves only this one. Dot product, scaling and mask, softmax; closed cells stay empty. More than half; they look at the gradient: how
# much would the result change if this attention changed a little? Hardly at all, for `[SEP]`: a place to do nothing.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# An atlas of the model: every head's map of our sentence. A head has a name only if it gives at least half of its attention to one habit, measured on tales. To the four habits we add three more of place: *itself*, *two before*, *two ahead*. A head without a name is an honest
# result.

# %%
habits = over_tales | {habit: torch.stack([maps.diagonal(d, -2, -1).mean(-1) for maps in ten]).mean(0)
                       for habit, d in (("itself", 0), ("two before", -2), ("two ahead", 2))}

def name_of(l, h):
    habit = max(habits, key=lambda one: habits[one][l, h])
    return f"{habit} {habits[habit][l, h]:.2f}" if habits[habit][l, h] >= 0.5 else ""

named = {(l, h): name_of(l, h) for l in range(n_layers) for h in range(n_heads)}
count = sum(map(bool, named.values()))
picture, axes = plt.subplots(n_layers, n_heads, figsize=(min(9, 1.9 * n_heads), min(9, 1.9 * n_layers) + 0.3))
for (l, h), habit in named.items():
    draw_heatmap(axes[l, h], maps[l, h], tokens, tokens, numbers=False)
    axes[l, h].set(xticks=[], yticks=[], xlabel=f"head {h}" if l == n_layers - 1 else "", ylabel=f"layer {l}" if h == 0 else "")
    axes[l, h].set_title(habit, fontsize=11 if n_heads <= 4 else 6)
picture.suptitle(f"{count} of {n_layers * n_heads} heads have a clear habit", x=0.01, ha="left", fontsize=13, fontweight="bold")
atlas = figure(picture, caption="All heads on “The cat sat on the mat”. Named, with its score: at least half of the attention on one habit, over tales.",
               alt=f"All {n_layers * n_heads} maps of the model. {count} have a name: " + "; ".join(
                   f"layer {l}, head {h}, {habit}" for (l, h), habit in named.items() if habit) + ".")
saved = atlas.save(portfolio() / "w2d3_atlas.png")
atlas

# %% [markdown]
# **New words**

# %%
new_words("w2d3")

# %% [markdown]
# **Tomorrow** the other half of every block: the feed-forward network, which looks at nobody, and holds most of the parameters.

# %% [markdown]
# # Week 3 · Day 6: Compare BERT, GPT-2, GPT-3
#
# **Today you put ten models into one table, recompute every number in it, and find out what each of them costs.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week3/day6_compare_bert_gpt2_gpt3.ipynb)
#
# At the end you will be able to
#
# - compute the parameters of the 2017 Transformer, BERT, GPT-2 and GPT-3 from their sizes, and say where printed numbers differ and why;
# - draw what changed from 2017 to GPT-3 with one arrow for each key change;
# - estimate operations, memory and the growing cache of any GPT on the back of an envelope, and say what five later ideas save.

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
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from shared import modern
from shared.architecture import ARCHITECTURES, compare
from shared.costs import (
    MODELS, compute_optimal, forward_flops, kv_cache_bytes, parameters, said, said_bytes, training_bytes, training_flops)
from shared.gpt import GPT, FeedForward, GPTConfig
from shared.learning import check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up
from shared.learning.sketches import compare_sketch, sketch
from shared.transformer import Transformer, TransformerConfig
from shared.visuals import color, course_map, draw_heatmap, figure, stepper
from shared.visuals.changes import changes_figure, table_figure, table_markdown
from shared.visuals.cost_view import cost_view
from shared.visuals.palette import INK, LINE, QUIET, outline

course_map(week=3, day=6)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w3d6")

# %% [markdown]
# ## 1 · Ten models, one table (13 min)
#
# Within three years the same few parts became ten famous models. How different are they, really? Start with their size alone. The largest GPT-2 is from 2019, GPT-3 from 2020.

# %% tags=["predict"]
predict("w3d6-p1", "How many times as many parameters as GPT-2 XL does GPT-3 have?")

# %%
totals = {name: sum(parameters(model).values()) for name, model in MODELS.items()}

def to_scale(last):  # every model so far as a square whose area is its number of parameters
    picture, ax = plt.subplots(figsize=(6.0, 2.84), layout="none")
    so_far = list(totals)[:last + 1]
    sides = [totals[name] ** 0.5 for name in so_far]
    unit, x = min(300 / max(sides), (720 - 5 * len(sides)) / sum(sides)), 20
    for name in so_far:
        side, now = sides[so_far.index(name)] * unit, name == so_far[-1]
        ax.add_patch(plt.Rectangle((x, 20), side, side, facecolor="#334155" if now else "#CBD5E1", edgecolor="white"))
        if now: ax.text(min(x, 660 - 9.5 * len(name)), 28 + side, f"{name}, {MODELS[name].year}", fontsize=11.5, fontweight="bold")
        x += side + 5
    ax.set(xlim=(0, 760), ylim=(0, 360)), ax.set_position((0, 0, 1, 1)), ax.axis("off")
    return picture

# %%
names = list(MODELS)
sentences = [f"{name}, {MODELS[name].year}: {said(totals[name])} parameters." for name in names]
sentences[-1] += f" That is {totals['GPT-3'] / totals['GPT-2 XL']:.0f} times GPT-2 XL, the square next to it."
steps = [0, 1, 2, 3, 4, 5, 8, 9]
stepper([(to_scale(i), sentences[i]) for i in steps], start=6,
        alt=f"""Models as squares, area for parameters, in the order of their years. Transformer base has {said(totals['Transformer base'])}, GPT-2 XL {said(totals['GPT-2 XL'])}. When
            GPT-3 comes, with {said(totals['GPT-3'])}, all the others together shrink to a line of small squares in its corner.""",
        caption="Equal area for equal numbers of parameters. The scale changes whenever a larger model comes: watch the old squares shrink.")

# %%
reveal("w3d6-p1", totals["GPT-3"] / totals["GPT-2 XL"],
       "Layers times 2, width times 7.7: a block grows with the square of the width. Then 2 × 7.7² ≈ 118, less a little, because the token table only grows with the width.", tolerance=15)

# %% [markdown]
# A published model is fixed by a handful of whole numbers: its **hyperparameters**, chosen by people and not learned. This is the table that stands in many overviews. Nothing in it is typed off but those whole numbers; the last column is computed.

# %%
columns = ["model", "year", "layers\nN", "width\nd", "heads\nh", "d/h", "FFN\nd_ff", "vocab\nV", "context\nC", "norm", "parameters\n(computed)"]
rows = [[name, m.year, f"{m.n_layers} + {m.n_layers}" if m.kind == "encoder-decoder" else m.n_layers, f"{m.d_model:,}", m.n_heads, m.d_k, f"{m.d_ff:,}",
         f"{m.vocab_size:,}", "any" if m.waves else f"{m.context:,}", m.norm, f"{totals[name]:,}"] for name, m in MODELS.items()]
odd = [(i, 5) for i, m in enumerate(MODELS.values()) if m.d_k != 64]
big_table = table_figure(
    columns, rows, title="Ten models, ten numbers each", marked=odd, bands=[2, 3, 5, 9],
    alt=f"""A table of ten models, from Transformer base of 2017 to GPT-3 of 2020: layers from 6 + 6 to 96, width from 512 to 12,288, context from 512 to 2,048, parameters from
        {said(totals['Transformer base'])} to {said(totals['GPT-3'])}. Heads are 64 wide in all of them but GPT-3, where they are 128 wide.""",
    caption="Marked: the only model whose heads are not 64 wide. d_ff is four times d in all ten. “Any” context: waves have no last place.")
big_table

# %% [markdown]
# Two things are easy to read off. The widths differ, and the *width of a head* hardly does: wider models get more heads. And "GPT-2 has 25 heads and 48 layers" is true of the XL only.
#
# Now look at two lines that seem the same: BERT-base and GPT-2 small. Twelve layers, 768 wide, twelve heads, 3,072 in the middle.

# %% tags=["predict"]
predict("w3d6-p2", "GPT-2 small has about 15 million parameters more than BERT-base. Where are they?",
        options=["in the causal attention", "in the feed-forward networks", "in the token table", "in the additional final norm"])

# %%
bert, gpt2 = parameters(MODELS["BERT-base"]), parameters(MODELS["GPT-2 small"])
for part in gpt2:
    print(f"{part:13} BERT-base {bert[part]:>11,}   GPT-2 small {gpt2[part]:>11,}   difference {gpt2[part] - bert[part]:>+11,}")
places = {"attention": "in the causal attention", "feed-forward": "in the feed-forward networks", "tokens": "in the token table", "norms": "in the additional final norm"}
most = max(places, key=lambda part: gpt2[part] - bert[part])
reveal("w3d6-p2", places[most], "The blocks are equal to the last number. A mask has no parameters: reading both ways or one way costs the same. "
       "GPT-2 has more tokens and more places; BERT alone has segments and a pooler, one dense layer on top of [CLS].")

# %% [markdown]
# As a formula, for one tower with a tied head (day 3), $d_{ff}=4d$, and $m$ norms beside those of the blocks:
#
# $$\underbrace{V d}_{\text{tokens}} + \underbrace{C d}_{\text{places}} + N\big(\underbrace{4d^2+4d}_{\text{attention}} + \underbrace{8d^2+5d}_{\text{feed-forward}} + \underbrace{4d}_{\text{norms}}\big) + 2md$$
#
# BERT adds $2d$ for segments and $d^2+d$ for the pooler. The 2017 model has no table of places, and $3N$ attentions: N in the encoder, 2N in the decoder. Heads appear nowhere: more heads are not more parameters.
#
# Do not trust a formula that you wrote yourself. Build all ten models, with other people's code where there is some, on the meta device of day 3: shapes without numbers, no memory.

# %%
from transformers import BertConfig, BertModel, OpenAIGPTConfig, OpenAIGPTModel

def built(m):
    if m.kind == "encoder-decoder":
        return Transformer(TransformerConfig(n_layers=m.n_layers, n_heads=m.n_heads, d_model=m.d_model, d_ff=m.d_ff))
    if m.kind == "encoder-only":
        return BertModel(BertConfig(hidden_size=m.d_model, num_hidden_layers=m.n_layers, num_attention_heads=m.n_heads, intermediate_size=m.d_ff))
    if m.name == "GPT-1":
        return OpenAIGPTModel(OpenAIGPTConfig())
    return GPT(GPTConfig(m.vocab_size, m.context, m.n_layers, m.n_heads, m.d_model))

# %%
with torch.device("meta"):
    modules = {name: built(m) for name, m in MODELS.items()}
for name, module in modules.items():
    count = sum(parameter.numel() for parameter in module.parameters())
    print(f"{name:17} formula {totals[name]:>15,}   module {count:>15,}   equal: {count == totals[name]}")

# %% [markdown]
# GPT-3 stood in this notebook a moment ago, all of its 175 billion places, and not one number in them.
#
# ### And what the papers print
#
# The formula agrees with the modules. Does it agree with the papers?

# %%
picture, ax = plt.subplots(figsize=(8.0, 3.6))
for i, (name, m) in enumerate(MODELS.items()):
    off = 100 * (totals[name] / m.published - 1)
    hue = INK if name.startswith("GPT-2") else "#94A3B8"
    ax.plot([0, off], [i, i], color=hue, linewidth=2), ax.plot(off, i, "o", color=hue, markersize=7)
    ax.text(8.2, i, f"{said(totals[name])}, printed {said(m.published)}", va="center", fontsize=10)
ax.axvline(0, color=QUIET, linewidth=1)
ax.set_yticks(range(10), names), ax.invert_yaxis()
ax.set(xlim=(-4, 12), xticks=range(-4, 9, 2), title="Four printed numbers are off in the same direction", xlabel="computed minus printed (percent of the printed number)")
offs = [100 * (totals[n] / MODELS[n].published - 1) for n in names if n.startswith("GPT-2")]
figure(picture,
       alt=f"""For each of ten models, how far the computed number of parameters lies from the printed one. GPT-1, BERT-base, Transformer big and GPT-3 lie within one percent. The four GPT-2 are
           printed {min(offs):.0f} to {max(offs):.0f} percent too small, Transformer base and BERT-large are printed somewhat too large and rounded.""",
       caption="Zero means: the paper prints what the sizes give. The four GPT-2 (dark) are from their paper of 2019.")

# %% [markdown]
# GPT-2's makers said later that the paper's counts were mistaken; the released models are called 124M, 355M, 774M and 1.5B. What was the slip? GPT-1 had a vocabulary of 40,478, GPT-2 has one of 50,257. Put the *old* vocabulary into the formula:

# %%
for name in names:
    m = MODELS[name]
    if name.startswith("GPT-2"):
        old = totals[name] - (m.vocab_size - MODELS["GPT-1"].vocab_size) * m.d_model
        print(f"{name:13} with GPT-1's vocabulary {old / 1e6:>8,.2f} million   printed {m.published / 1e6:>5,.0f}   equal when rounded: {round(old / 1e6) == m.published / 1e6}")

# %% [markdown]
# All four, to the million. We do not know that this is what happened, but it fits. And 117M, wrong for GPT-2 small, is right for GPT-1.
#
# BERT's numbers depend on what is counted on top. And for the Transformer of 2017 the paper says "about 37,000" tokens; is that the gap?

# %%
for name in ("BERT-base", "BERT-large"):
    d = MODELS[name].d_model
    heads = (d * d + d) + 2 * d + MODELS[name].vocab_size + (2 * d + 2)  # dense, norm, a bias per token; next sentence: yes or no
    bare = totals[name] - parameters(MODELS[name])["pooler"]
    print(f"{name}: without pooler {bare / 1e6:.1f}   with {totals[name] / 1e6:.1f}   with both training heads {(totals[name] + heads) / 1e6:.1f}   printed {MODELS[name].published / 1e6:.0f} million")
for name in names[:2]:
    m = MODELS[name]
    print(f"{name}: the printed number would need V = {m.vocab_size + (m.published - totals[name]) / m.d_model:,.0f}")

# %% [markdown]
# BERT-base is 110M with its training heads (they borrow the token table); 340M is a generous rounding. For 2017 the vocabulary cannot be the whole story: base would need more tokens, big fewer. A count without a list of what was counted is a rumor. When you quote one, say what is in it.

# %% [markdown]
# ## 2 · One arrow for each key change (11 min)
#
# Size is half of the story. The other half is what stands where. Week 2, day 6 wrote models as lists of parts; now one list turns into the next.

# %% tags=["predict"]
predict("w3d6-p3", "GPT-2 is the decoder of 2017, changed in some places. Which of these did it keep?",
        options=["where the norms stand", "cross-attention", "how positions are made", "the order of the workers: attention, then feed-forward"])

# %%
decoder_2017, GPT2 = ARCHITECTURES["encoder-decoder"]["decoder"], ARCHITECTURES["decoder-only"]
changes_figure(
    ("2017: the decoder", decoder_2017), ("GPT-2", GPT2),
    [(("", 1), ("", 1), "waves → a learned\nrow for each place"), (("", 2, 3), ("", 2, 1), "norm: from behind the plus\ninto the branch (pre-LN)"),
     (("", 2, 5), None, "cross-attention: gone,\nthere is no source to read"), (("", 2, 9), ("", 2, 6), "inside: ReLU → GELU"),
     (None, ("", 3), "one more norm on top")],
    title="From the decoder of 2017 to GPT-2: five changes",
    alt="""Two diagrams with numbered arrows. From the decoder of 2017 to GPT-2: position waves become learned positions; norms move from behind the plus into the branch; cross-attention
        disappears; the feed-forward network's ReLU becomes GELU; a final norm is added. Masked attention stays.""",
    caption="An arrow with one end: something left, or something came. Not marked: the mask, the plus signs, the order. They stayed.")

# %%
gone, came = compare(decoder_2017, GPT2)
print("only in 2017: ", *gone, sep="\n    ")
print("only in GPT-2:", *came, sep="\n    ")
workers = [[part for part in diagram[2].parts if part in ("masked attention", "feed-forward")] for diagram in (decoder_2017, GPT2)]
options = {"where the norms stand": not any("norm" in c for c in came), "cross-attention": not any("cross" in c for c in gone),
           "how positions are made": "position waves" not in gone, "the order of the workers: attention, then feed-forward": workers[0] == workers[1]}
reveal("w3d6-p3", next(kept for kept, true in options.items() if true), "The list finds four of the five changes by itself; GELU hides inside a box. A decoder-only model has no cross-attention: nothing is left to cross to.")

# %% [markdown]
# BERT took the other tower. Count arrows before you read on: an encoder that reads both ways had little to change.

# %%
encoder_2017, BERT = ARCHITECTURES["encoder-decoder"]["encoder"], ARCHITECTURES["encoder-only"]
changes_figure(
    ("2017: the encoder", encoder_2017), ("BERT", BERT),
    [(("", 1), ("", 2), "waves → a learned\nrow for each place"), (None, ("", 1), "first or second text:\na segment row"), (None, ("", 3), "one norm before\nthe first block"),
     (("", 2, 5), ("", 4, 5), "inside: ReLU → GELU"), (None, ("", 5), "a head that names\nhidden words")],
    title="From the encoder of 2017 to BERT: five changes",
    alt="""Two diagrams with numbered arrows. From the encoder of 2017 to BERT: position waves become learned positions; a segment embedding and a norm are added below the first block; ReLU becomes GELU;
        an output for hidden words is added. The blocks keep their norms behind the plus, and attention keeps looking both ways.""",
    caption="BERT's blocks are post-LN like those of 2017. Its real change does not show in a diagram: what it was trained to do (day 1).")

# %% [markdown]
# And GPT-3? Draw it, and you draw GPT-2 again: "the same model and architecture", its paper says, with one exception. In every second layer attention is *banded*: a token may only look at its near past. How wide the band is, the paper does not say; here are sixteen tokens and a band of four.

# %%
length, band = 16, 4
dense = torch.ones(length, length).tril()
banded = dense * torch.ones(length, length).triu(-(band - 1))
picture, panels = plt.subplots(1, 2, figsize=(8.2, 4.0))
for ax, mask, title in zip(panels, (dense, banded), ("every other layer: dense", "the layers between: banded")):
    draw_heatmap(ax, mask, *[[str(i) for i in range(length)]] * 2, numbers=False)
    ax.set_xticks(range(0, length, 3), range(0, length, 3)), ax.set_yticks(range(0, length, 3), range(0, length, 3))
    ax.set_title(f"{title}, {int(mask.sum())} pairs", fontsize=11.5)
figure(picture, alt=f"""Two masks for sixteen tokens. Dense: each token may look at itself and all earlier ones, {int(dense.sum())} pairs. Banded: at itself and the three before it, {int(banded.sum())} pairs. GPT-3 alternates
           between the two kinds.""",
       caption="Purple: may be looked at. With T tokens the dense triangle has about T²/2 pairs, the band about T times its width.")

# %% [markdown]
# So the arrows from GPT-2 to GPT-3 are arrows of *size*. That was the point: no new idea in the block, and yet it could do tasks from a few examples in its prompt, without being trained on them. What does such a size cost?

# %% [markdown]
# ## 3 · What a token costs (13 min)
#
# Count on your fingers first. A row of three numbers times a matrix of 3 × 2:

# %%
row, matrix = [2.0, 1.0, -1.0], [[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]]
operations, result = 0, [0.0, 0.0]
for j in range(2):
    for i in range(3):
        result[j] += row[i] * matrix[i][j]  # one multiplication, one addition
        operations += 2
print(result, " operations:", operations, " weights:", 3 * 2)

# %% [markdown]
# Every weight is used once, in one multiplication and one addition. Such an operation on numbers with a decimal point is a **FLOP** (floating-point operation; FLOPs is the plural, and *FLOPS*, alas, means "per second").

# %% tags=["predict"]
predict("w3d6-p4", "GPT-2 small, 124 million parameters, reads a text of 6 tokens. About how many FLOPs does it spend for *one* of them?",
        options=["about 12 million", "about 125 million", "about 250 million", "about 1.5 billion"])

# %% [markdown]
# PyTorch can count by itself while a model runs. It counts matrix products and nothing else, on the meta device too:

# %%
def counted(model, tokens):
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, tokens, dtype=torch.long))
    return counter.get_total_flops()

for tokens in (1, 6, 1024):
    by_formula = forward_flops(MODELS["GPT-2 small"], tokens)
    same = counted(modules["GPT-2 small"], tokens) == sum(by_formula.values())
    print(f"T = {tokens:>4}: {sum(by_formula.values()) / tokens:>13,.0f} FLOPs a token;  PyTorch counts the same: {same}   {by_formula}")

# %%
each = counted(modules["GPT-2 small"], 6) / 6
near = {12e6: "about 12 million", 125e6: "about 125 million", 250e6: "about 250 million", 1.5e9: "about 1.5 billion"}
reveal("w3d6-p4", near[min(near, key=lambda guess: abs(guess - each))],
       f"{each / 1e6:.0f} million: two for each weight that is multiplied. The token table is looked up for free, and paid for once as the head.")

# %% [markdown]
# $$\text{FLOPs of } T \text{ tokens} = \underbrace{2T\cdot 12Nd^2}_{\text{matrices of the blocks}} + \underbrace{4T^2 d N}_{\text{meetings}} + \underbrace{2T\,Vd}_{\text{head}} \;\approx\; 2\cdot\text{parameters}\cdot T$$
#
# *Meetings* are what no parameter pays for: each of T × T pairs costs a dot product and a share of a value, $2d + 2d$ over all heads. (Masked pairs are counted too; a kernel that skips them saves half.) For short texts they hardly matter. When do they?

# %%
lengths = [2**i for i in range(7, 18)]
spent = [forward_flops(MODELS["GPT-2 small"], T) for T in lengths]
picture, ax = plt.subplots(figsize=(8.4, 3.6))
low = torch.zeros(len(lengths))
for part, hue, label, at in (("head", "residual", "head", (1, 12)), ("matrices", "feed-forward", "matrices of the blocks", (1, 55)), ("meetings", "attention", "meetings", (7.5, 70))):
    high = low + torch.tensor([100 * costs[part] / sum(costs.values()) for costs in spent])
    ax.fill_between(range(len(lengths)), low, high, color=color(hue), linewidth=0)
    ax.text(*at, label, color="white", fontsize=12, fontweight="bold"); low = high
ax.set_xticks(range(len(lengths)), [f"{T:,}" for T in lengths], fontsize=10)
ax.set(title="Meetings grow with the square of the text", xlabel="tokens of the text, T (each step doubles)", ylabel="share of FLOPs (%)", ylim=(0, 100), xlim=(0, len(lengths) - 1))
half = next(T for T, costs in zip(lengths, spent) if costs["meetings"] > sum(costs.values()) / 2)
figure(picture, alt=f"""Shares of the operations of GPT-2 small by length of the text. At 128 tokens the blocks' matrices and the head take nearly all; the meetings of tokens in attention take over half from about {half:,} tokens on.""",
       caption="A thought experiment beyond 1,024, where GPT-2's table of places ends.")

# %% [markdown]
# ### Training: six for each parameter and token
#
# Backpropagation needs two more products for each forward one: one for the gradient of the weights, one for that of the rows. So training costs three times the forward pass, $2 + 4 = 6$ FLOPs for each parameter and token. Let PyTorch count:

# %%
with torch.device("meta"), FlopCounterMode(display=False) as counter:
    modules["GPT-2 small"](torch.zeros(1, 64, dtype=torch.long)).sum().backward()
print(f"forward and backward, over forward alone: {counter.get_total_flops() / counted(modules['GPT-2 small'], 64):.2f}")

# %% [markdown]
# $$C_{\text{train}} \approx 6\,N_{\text{params}}\,D \qquad D = \text{tokens of training text}$$
#
# GPT-3 read 300 billion tokens. Suppose you own one machine that does 10¹⁵ useful FLOPs each second.

# %% tags=["predict"]
predict("w3d6-p5", "How many years would your machine need to train GPT-3?")

# %%
gpt3 = training_flops(totals["GPT-3"], 300e9)
years = gpt3 / 1e15 / (365.25 * 24 * 3600)
print(f"6 · {said(totals['GPT-3'])} · 300 B = {gpt3:.3g} FLOPs      (GPT-3's paper, table D.1: 3.14e+23)")
reveal("w3d6-p5", years, "So it is done on thousands of machines at once. Estimate before you rent.", tolerance=3)

# %% [markdown]
# ### Larger, or longer?
#
# For a given budget, is a larger model or more text the better buy? Two papers measured such a **scaling law** and disagree. Kaplan and others ([2020](https://arxiv.org/abs/2001.08361)): the best size grows like $C^{0.73}$, so spend mostly on size (their N leaves out embeddings). Hoffmann and others ([2022](https://arxiv.org/abs/2203.15556), "Chinchilla"): size and text should grow *alike*, about $C^{0.5}$ each. One reason they found: learning rate schedules that did not fit the length of the run.
#
# "Twenty tokens for each parameter" is a rule of thumb read off the second paper, for one question only: the lowest loss for a *training* budget. Who will use a model a lot may train a smaller one for longer. Where does GPT-3 stand?

# %%
best_n, best_d = compute_optimal(gpt3)
sizes = torch.logspace(9, 12.3, 50)
picture, ax = plt.subplots(figsize=(8.2, 3.9))
ax.loglog(sizes, gpt3 / (6 * sizes), color=QUIET, linewidth=2), ax.loglog(sizes, 20 * sizes, color=INK, linewidth=2, linestyle="--")
ax.plot(totals["GPT-3"], 300e9, "s", color=INK, markersize=9), ax.plot(best_n, best_d, "o", color=INK, markersize=10)
ax.annotate(f"GPT-3: {300e9 / totals['GPT-3']:.1f} tokens a parameter", (totals["GPT-3"], 300e9), (2.2e11, 3.4e11), fontsize=10.5)
ax.annotate(f"20 a parameter:\n{said(best_n)} on {said(best_d)} tokens", (best_n, best_d), (2.4e10, 1.03e12), ha="right", va="center", fontsize=10.5)
ax.text(3e9, 2.4e13, "all points on this line cost what GPT-3 cost", fontsize=10, color=QUIET), ax.text(1.2e9, 1.7e11, "20 tokens a parameter", fontsize=10.5)
ax.set(title="One budget, many models", xlabel="parameters N", ylabel="tokens of training text D", xlim=(1e9, 2e12), ylim=(1e10, 5e13))
figure(picture, alt=f"""Parameters against training tokens, both logarithmic. A falling line holds all models that cost as much as GPT-3. GPT-3 lies on it with {300e9 / totals['GPT-3']:.1f} tokens a parameter; the rule of 20 meets the line
           at about {said(best_n)} parameters and {said(best_d)} tokens.""",
       caption="By the rule of 20, GPT-3 was about three times too large for its budget, and read three times too little.")

# %% [markdown]
# ## 4 · Memory, and a cache that grows (13 min)
#
# Now the model writes, one token at a time. A causal model never changes its mind about the past: what a token computed when it came stays the same, whatever follows. See it in the second layer of a small GPT:

# %%
torch.manual_seed(6)
small = GPT(GPTConfig(vocab_size=100, context=32, n_layers=2, n_heads=4, d_model=64)).eval()
ids = torch.tensor([[5, 17, 42, 3, 5, 88]])
def keys_and_values(ids):
    caches = small.new_caches(batch=1)
    with torch.no_grad(): small.hidden(ids, caches)
    return caches[1].k[:, :, :ids.shape[1]], caches[1].v[:, :, :ids.shape[1]]

(k5, v5), (k6, v6) = keys_and_values(ids[:, :5]), keys_and_values(ids)
print("five tokens, then a sixth. Keys and values of the first five are the same:",
      torch.allclose(k5, k6[:, :, :5], atol=1e-5) and torch.allclose(v5, v6[:, :, :5], atol=1e-5))

# %% [markdown]
# So they can be kept, in a **key-value cache** (KV cache), and a new token only computes its own row. It is why your chat does not get unbearably slow; and it is a bill that grows with every token.

# %%
c = MODELS["GPT-2 small"]
def one_more(T):  # the T-th token alone: its share of the matrices and the head, and its own T meetings
    flops = forward_flops(c, T)
    return sum(flops.values()) // T
again = sum(sum(forward_flops(c, T).values()) for T in range(1, 1025))
kept = sum(one_more(T) for T in range(1, 1025))
print(f"writing 1,024 tokens with GPT-2 small: {again:.2e} FLOPs from scratch each time, {kept:.2e} with a cache: {again / kept:.0f} times fewer")

# %% tags=["predict"]
predict("w3d6-p6", "What must be in the cache, for the next token to be computed exactly?",
        options=["keys and values of each layer", "queries, keys and values of each layer", "the attention weights of each layer", "the output of the last layer"])

# %%
HEADS = {"each head its own (MHA)": 8, "four share one (GQA)": 2, "all share one (MQA)": 1}
sat = "The cat sat on the mat".split()
seven = [*sat, "."]

def cache_after(t):
    picture, panels = plt.subplots(1, 3, figsize=(7.8, 3.0))
    for ax, (name, n_kv) in zip(panels, HEADS.items()):
        for head in range(n_kv):
            for token in range(len(seven)):
                full, y = token < t, head * 8 / n_kv + 4 / n_kv - 0.38
                for i, hue in enumerate(("key", "value")):
                    ax.add_patch(plt.Rectangle((token + 0.06 + 0.44 * i, y), 0.42, 0.76, facecolor=color(hue) if full else "white", edgecolor=outline(hue) if full else LINE))
        ax.set(xlim=(-0.1, len(seven) + 0.1), ylim=(8.1, -0.1), yticks=[]), ax.set_xticks([i + 0.5 for i in range(len(seven))], [w if i < t else "" for i, w in enumerate(seven)], fontsize=10)
        ax.set_title(name, fontsize=11), ax.set_xlabel(f"{t} · {n_kv} · 2 · 64 = {t * n_kv * 128:,}", fontsize=11)
        for side in ax.spines.values(): side.set_visible(False)
        ax.tick_params(length=0)
    return picture

# %%
says = ["Nothing has been read. Each row is a key-value head, each column will be a token."]
says += [f"“{seven[t - 1]}” comes: a key (orange) and a value (green) for each key-value head. Its query is used at once and not kept." for t in range(1, 8)]
says[7] += f" One layer now holds {7 * 8 * 128:,}, {7 * 2 * 128:,} or {7 * 128:,} numbers."
stepper([(cache_after(t), says[t]) for t in range(8)], start=3,
        alt=f"""The cache of one layer with eight query heads, growing token by token. With eight key-value heads it holds {7 * 8 * 128:,} numbers after seven tokens, with two of them {7 * 2 * 128:,}, with a single one
            {7 * 128:,}.""",
        caption="One layer, eight query heads of width 64. Below each panel: tokens · key-value heads · (key and value) · 64.")

# %%
reveal("w3d6-p6", "keys and values of each layer",
       "The new token brings its own query and asks all earlier ones: it needs their keys to score and their values to mix. Old queries have been answered. Outputs are not asked for, "
       "and weights are different for every query. In every layer, because each has its own K and V.")

# %% [markdown]
# $$\text{bytes} = 2 \cdot N \cdot h_{kv} \cdot d_k \cdot T \cdot B \cdot \text{bytes a number} \qquad (2: \text{K and V};\ B: \text{texts at once})$$
#
# Against real tensors: the caches that the course's GPT-2 sets aside for 1,024 tokens, 4 bytes a number.

# %%
with torch.device("meta"):
    caches = modules["GPT-2 small"].new_caches(batch=1)
held = sum(cache.k.nbytes + cache.v.nbytes for cache in caches)
print("by hand:", 2 * 12 * 12 * 64 * 1024 * 1 * 4, "  function:", kv_cache_bytes(12, 768, 12, 1024, bytes_each=4), "  tensors:", held, "=", said_bytes(held))

# %% tags=["predict"]
predict("w3d6-p7", "GPT-3: 96 layers, 96 heads of 128. How many GiB does its cache take for *one* text of 2,048 tokens, with 2 bytes a number? (1 GiB is about 10⁹ bytes.)")

# %%
cache3 = kv_cache_bytes(96, 12_288, 96, 2048)
reveal("w3d6-p7", cache3 / 2**30, "2 · 96 · 96 · 128 · 2,048 · 2 bytes. For one reader; ten readers need ten times as much.", tolerance=1)

# %% [markdown]
# ### Share the keys
#
# For every token that is written, all weights and the whole cache must be read from memory, and that, more than arithmetic, sets the speed. Many texts can share one reading of the weights, but each has its own cache. The cure is to let several query heads share one key-value head: **grouped-query attention** (GQA, [2023](https://arxiv.org/abs/2305.13245)). If all share one, it is **multi-query attention** (MQA, [2019](https://arxiv.org/abs/1911.02150)).

# %%
picture, panels = plt.subplots(1, 3, figsize=(8.4, 2.5))
for ax, (name, n_kv) in zip(panels, HEADS.items()):
    for head in range(8):
        x = (head * n_kv // 8 + 0.5) * 8 / n_kv
        ax.plot([head + 0.5, x], [1, 0.12], color=QUIET, linewidth=1.3, zorder=1)
        ax.text(head + 0.5, 1.08, "q", ha="center", va="center", color="white", fontweight="bold", bbox=dict(boxstyle="round,pad=0.25", facecolor=color("query"), edgecolor="none"))
        ax.text(x, 0, "k v", ha="center", va="center", fontsize=10, fontweight="bold", bbox=dict(boxstyle="round,pad=0.2", facecolor=color("key"), edgecolor=outline("value"), linewidth=2))
    ax.set(xlim=(0, 8), ylim=(-0.25, 1.35)), ax.axis("off"), ax.set_title(name, fontsize=11, loc="center")
figure(picture, alt="Eight query heads in each panel. Left each has a key and value head of its own, in the middle four neighbors share one, on the right all eight share a single one.",
       caption="All eight still ask their own questions. Only what they are asked of is shared.")

# %%
q, k, v = torch.randn(1, 8, 6, 64), torch.randn(1, 2, 6, 64), torch.randn(1, 2, 6, 64)
by_course = F.scaled_dot_product_attention(q, modern.share_heads(k, 8), modern.share_heads(v, 8), is_causal=True)
loop = [F.scaled_dot_product_attention(q[:, h], k[:, h // 4], v[:, h // 4], is_causal=True) for h in range(8)]
print("head by head, h // 4:", torch.allclose(by_course, torch.stack(loop, dim=1), atol=1e-6), "  output:", tuple(by_course.shape))
d, n_kv, d_k = 512, 2, 64
print("the fused projection is not 3·d any more:", d + 2 * n_kv * d_k, "in place of", 3 * d)

# %% [markdown]
# ### The bill for training
#
# Training holds more than weights. With Adam and mixed precision (2 bytes a number for the work, 4 where it must be exact), each parameter costs 2 bytes of weight, 2 of gradient, and three numbers of 4: an exact copy, a running mean, a running spread. That makes 16, before the rows that each layer keeps for the way back (its *activations*) are stored.

# %%
for name in ("GPT-2 small", "GPT-2 XL", "GPT-3"):
    train = sum(training_bytes(totals[name]).values())
    print(f"{name:12} weights in 2 bytes {said_bytes(2 * totals[name]):>8}   to train {said_bytes(train):>8}")

# %% [markdown]
# Now move everything at once. *Find with it, and guess each time first:* (1) GPT-2 small: at how many texts at once does its cache become larger than its weights? (2) GPT-3 at 2,048 tokens: does more *width* or more *layers* raise the cache faster? (3) Which of the results do shared key-value heads leave as they are, and is that quite right?

# %% tags=["interactive"]
cost_view(
    alt="""Sliders for layers, width, tokens, texts at once and training text, buttons for bytes a number and key-value heads. Beside them parameters, operations, memory of weights, cache and training, each with its
        formula and numbers. With many or long texts the cache outgrows the weights.""",
    caption="Heads are 64 wide below a width of 2,048 and 128 from there on. One row of the table of places for each token, as in GPT-2. 10¹⁵ a second is one fast machine, fully used.")

# %% [markdown]
# <details><summary>What there is to find</summary>
#
# (1) On the slider at 8: 288 MiB of cache, 237 MiB of weights (7 texts would do: 252 MiB). (2) Neither: both enter the cache once, as factors. But width enters the parameters squared. (3) Parameters and operations. It is not quite right: smaller K and V also mean a smaller projection. The calculator leaves that out, because it counts four full matrices in attention.
# </details>

# %% [markdown]
# ## 5 · After GPT-2: what the heirs changed (13 min)
#
# GQA is one of five ideas that you meet in nearly every model description of today. Here are the other four, each as a picture and a few lines that run.
#
# ### RoPE: no table of places
#
# You know it from week 2, day 2: queries and keys are *turned* by an angle that grows with the place. Take one query and one key, put them at all places, and score:

# %%
torch.manual_seed(2)
turns = modern.rotary_turns(12, 64)
one_q, one_k = torch.randn(64).expand(12, 64), torch.randn(64).expand(12, 64)
plain, turned = one_q @ one_k.T / 8, modern.rotate(one_q, turns) @ modern.rotate(one_k, turns).T / 8
picture, panels = plt.subplots(1, 2, figsize=(8.0, 3.8))
for ax, scores, title in zip(panels, (plain, turned), ("not turned: place does not matter", "turned: only the distance matters")):
    draw_heatmap(ax, scores, [str(i) for i in range(12)], [str(i) for i in range(12)], signed=True, numbers=False), ax.set_title(title, fontsize=11.5)
figure(picture, alt="Scores of one query and one key at twelve places. Not turned, all scores are equal. Turned by RoPE, the score is the same along each diagonal: it depends only on the distance between the two places.",
       caption="Blue positive, vermilion negative. Along a diagonal the distance is the same, and so is the score.")

# %%
print("same along every diagonal:", all(torch.allclose(turned.diagonal(i), turned[0, i].expand(12 - i) if i >= 0 else turned[-i, 0].expand(12 + i), atol=1e-4) for i in range(-11, 12)))
print(f"learned numbers saved: C · d = {1024 * 768:,} in GPT-2 small, {2048 * 12288:,} in GPT-3. Longest text: no table that ends")

# %% [markdown]
# No table that ends does not mean that it *works* at any length: far beyond the training length the angles are new to the model, and methods such as YaRN ([2023](https://arxiv.org/abs/2309.00071)) stretch them.
#
# ### RMSNorm: one statistic instead of two
#
# Week 2, day 5 drew it: LayerNorm takes away the mean and divides by the spread. RMSNorm only divides, by the root of the mean square.

# %% tags=["predict"]
predict("w3d6-p8", "For which rows do LayerNorm and RMSNorm give exactly the same (before gain and shift)?",
        options=["for all rows", "for rows of mean 0", "for rows of length 1", "for no row but zeros"])

# %%
x = torch.tensor([3.0, 1.0, 4.0, 1.0, 5.0, 2.0])
rms = modern.RMSNorm(6)
print("by hand = class = torch:", torch.allclose(x / (x**2).mean().sqrt(), rms(x), atol=1e-5), torch.allclose(F.rms_norm(x, (6,), eps=1e-6), rms(x)))
same = {row: torch.allclose(modern.plain_norm(values), rms(values), atol=1e-4) for row, values in
        {"for all rows": x, "for rows of mean 0": x - x.mean(), "for rows of length 1": x / x.norm()}.items()}
print(same)
reveal("w3d6-p8", "for all rows" if same["for all rows"] else "for rows of mean 0" if same["for rows of mean 0"] else "for no row but zeros",
       "Where the mean is 0 already, taking it away does nothing, and spread and root mean square are one number.")

# %%
picture, panels = plt.subplots(1, 3, figsize=(8.6, 2.5), sharey=True)
for ax, values, title in zip(panels, (x, modern.plain_norm(x), rms(x).detach()), ("a row", "LayerNorm: shift and scale", "RMSNorm: scale")):
    ax.bar(range(6), values, color=color("normalization"), edgecolor=outline("normalization")), ax.axhline(0, color=INK, linewidth=1)
    ax.axhline(values.mean(), color=INK, linestyle="--", linewidth=1.5), ax.set_title(title, fontsize=11), ax.set_xlabel("feature"), ax.set_xticks(range(6))
panels[0].set_ylabel("value")
figure(picture, alt="A row of six positive numbers, and what two norms make of it. LayerNorm moves its mean to 0, so half of the bars point down. RMSNorm keeps all proportions; its mean is not 0.",
       caption="Dashed: the mean. RMSNorm leaves signs and proportions as they are.")

# %%
norms = 2 * 12 + 1
print(f"learned numbers, GPT-2 small: LayerNorm {norms * 2 * 768:,}, RMSNorm {norms * 768:,}. Sums over the row: 2 (mean, then spread) against 1")

# %% [markdown]
# A saving of 0.02 % of the parameters is no reason. The reason is one pass over memory less in every norm, and that it learns no worse.
#
# ### SwiGLU: a gate in the feed-forward network
#
# GPT-2's network: up, GELU, down. Llama's ([2023](https://arxiv.org/abs/2302.13971)) makes *two* rows on the way up, and one is a **gate**: it decides how much of the other passes. The name is SwiGLU ([2020](https://arxiv.org/abs/2002.05202)): $W_{down}\,(\text{silu}(W_g x) \odot W_v x)$ with $\text{silu}(z) = z\cdot\text{sigmoid}(z)$.

# %%
z = torch.linspace(-5, 4, 200)
picture, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.1), sharey=True)
left.plot(z, F.gelu(z), color=color("feed-forward"), linewidth=2.5), left.set(title="GELU: one number in", xlabel="z", ylabel="what passes")
for value, style in ((2, "-"), (1, "--"), (0, ":"), (-1, "-.")):
    right.plot(z, F.silu(z) * value, color=color("feed-forward"), linewidth=2.2, linestyle=style)
    right.text(4.1, F.silu(torch.tensor(4.0)) * value, f"value {value}".replace("-", "−"), fontsize=10, va="center")
right.set(title="SwiGLU: a gate times a value", xlabel="gate", xlim=(-5, 6.2)), left.grid(True), right.grid(True)
figure(picture, alt="Left GELU: almost nothing passes below zero, everything above. Right SwiGLU for four values: the gate opens above zero, and what passes is the gate times the value, which can be larger, zero or negative.",
       caption="With a gate, two different questions are multiplied: is this feature here (gate), and what does it say (value)?")

# %%
gated = modern.SwiGLU(768)
plain = FeedForward(GPTConfig())
row = torch.randn(2, 768)
gate, value = gated.up(row).chunk(2, dim=-1)
print("by hand:", torch.allclose(gated.down(F.silu(gate) * value), gated(row), atol=1e-5))
weights_of = lambda module: sum(p.numel() for p in module.parameters() if p.dim() == 2)
print(f"weights: GELU 2 · d · 4d = {weights_of(plain):,}, SwiGLU 3 · d · (8/3)d = {weights_of(gated):,}")

# %% [markdown]
# Three matrices instead of two, each two thirds as wide: same weights, same FLOPs. It saves nothing. It is used because models with it reached a lower loss; its inventor offered no explanation and credited "divine benevolence".
#
# ### MoE: many networks, few at work
#
# The last idea breaks a rule that held all day: that every matrix of a block is used for every token. A **mixture of experts** (MoE) has, say, eight feed-forward networks in each layer. A small matrix, the **router**, scores them for each token, and only the best two run.

# %%
class MixtureOfExperts(nn.Module):
    def __init__(self, d, d_ff, n_experts=8, top=2):
        super().__init__()
        self.top, self.router = top, nn.Linear(d, n_experts, bias=False)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(d, d_ff), nn.GELU(), nn.Linear(d_ff, d)) for _ in range(n_experts))

    def forward(self, x):                                   # (T, d)
        best, which = self.router(x).topk(self.top)         # (T, 2): scores, and whose
        share = best.softmax(dim=-1)                        # among the chosen two
        out = torch.zeros_like(x)
        for e, expert in enumerate(self.experts):
            token, place = (which == e).nonzero(as_tuple=True)
            out[token] += share[token, place, None] * expert(x[token])
        return out

# %%
torch.manual_seed(9)
moe, x = MixtureOfExperts(64, 256), torch.randn(6, 64)
best, which = moe.router(x).topk(2)
shares = torch.zeros(6, 8).scatter(1, which, best.softmax(dim=-1)).detach()
with torch.no_grad(): by_hand = sum(shares[4, e] * moe.experts[e](x[4]) for e in which[4].tolist())
print("token 4 by hand:", torch.allclose(by_hand, moe(x)[4], atol=1e-6), "  experts:", sorted(which[4].tolist()))
picture, ax = plt.subplots(figsize=(5.6, 3.7))
draw_heatmap(ax, shares, sat, [f"E{e}" for e in range(8)], numbers=True)
ax.set(title="Two experts for each token", xlabel="expert", ylabel="token")
figure(picture, alt=f"A table of six tokens and eight experts. Each token gives shares to exactly two experts, and they add up to 1; mat, for example, uses experts {' and '.join(str(e) for e in sorted(which[5].tolist()))}. All other cells are zero: these experts do not run.",
       caption="Random weights, so the choice means nothing yet. White cells cost nothing. Each layer chooses anew.")

# %% tags=["predict"]
predict("w3d6-p9", "Mixtral has 8 experts in each layer and uses 2 for a token. It holds 47 billion parameters. How many billion are active for one token?")

# %%
from transformers import AutoModelForCausalLM, MixtralConfig

config = MixtralConfig()
with torch.device("meta"):
    mixtral = AutoModelForCausalLM.from_config(config)
held = sum(p.numel() for p in mixtral.parameters())
expert = 3 * config.hidden_size * config.intermediate_size                      # SwiGLU: three matrices
idle = config.num_hidden_layers * (config.num_local_experts - config.num_experts_per_tok) * expert
print(f"held {held / 1e9:.1f} billion, active {(held - idle) / 1e9:.1f} billion   (its paper, arXiv 2401.04088: 47B, 13B)")
reveal("w3d6-p9", (held - idle) / 1e9, "More than 47 · 2/8 ≈ 12, because attention, tables and norms always run. And “8 × 7B” is not 56, because only the feed-forward networks come in eight.", tolerance=1.5)

# %% [markdown]
# Compute like a model of 13 billion, memory like one of 47: MoE saves FLOPs, never memory. Our own, by PyTorch's counter, against one network that holds as much:

# %%
def flops_of(module):
    with FlopCounterMode(display=False) as counter: module(x)
    return counter.get_total_flops()

dense = nn.Sequential(nn.Linear(64, 8 * 256), nn.GELU(), nn.Linear(8 * 256, 64))
print(f"weights: {weights_of(moe):,} and {weights_of(dense):,}    FLOPs for six tokens: {flops_of(moe):,} and {flops_of(dense):,}")

# %% [markdown]
# ### All five in one model
#
# `shared/modern.py` has a GPT in which these ideas can be switched on. Give it GPT-2 small's sizes and count what changes:

# %%
sizes = dict(norm="rms", feed_forward="swiglu", qk_norm=False, embedding_norm=False, smear=False, tied=True)
with torch.device("meta"):
    heirs = {"GPT-2 small": modules["GPT-2 small"], "RoPE, RMSNorm, SwiGLU": modern.ModernGPT(modern.ModernConfig(**sizes)),
             "… and GQA, 12 to 3": modern.ModernGPT(modern.ModernConfig(n_kv_heads=3, **sizes))}
for name, model in heirs.items():
    cache = sum(c.k.nbytes + c.v.nbytes for c in model.new_caches(1))
    print(f"{name:24} parameters {sum(p.numel() for p in model.parameters()):>12,}   cache for 1,024 tokens {said_bytes(cache)}")

# %%
five = [["RoPE", "table of places", f"{1024 * 768:,} parameters;\nno last place", "little: a turn of q and k"], ["RMSNorm", "LayerNorm", f"{norms * 768:,} parameters;\none of two sums", "nothing known"],
        ["SwiGLU", "GELU network", "nothing (same weights)", "a third matrix"], ["GQA, 12 to 3", "12 key-value heads", "three quarters\nof the cache", "a little quality"],
        ["MoE, 2 of 8", "one network", "three quarters of the\nnetworks' FLOPs", "all 8 in memory;\nuneven load"]]
table_figure(["idea", "in place of", "saves", "costs"], five, title="Five heirs, one line each (sizes of GPT-2 small)", width=760,
             alt="RoPE saves the table of places, RMSNorm half of the norms' parameters and one sum, SwiGLU saves nothing, GQA with three of twelve heads saves three quarters of the cache, a mixture of experts with two of eight saves three quarters of the networks' operations and no memory.",
             caption="What each is for: longer texts, simpler norms, lower loss, a smaller cache, more parameters for the same FLOPs.")

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** The FLOPs of a text of T tokens through a GPT with tied head and $d_{ff}=4d$. Two lines are missing. (GPT-2 small, 6 tokens: 1,483,711,488.)

# %% tags=["exercise"]
def text_flops(T, n_layers, d, vocab_size):
    matrices = ...  # each token meets each of the 12·d² weights of each layer
    meetings = ...  # each layer: T × T pairs, a score and a share of a value for each
    head = 2 * T * d * vocab_size
    return matrices + meetings + head

# %% tags=["check"]
check_exercise("w3d6-e1", text_flops)

# %%
help_with("w3d6-e1")

# %% [markdown]
# **2 · Fix it.** A colleague's calculator for the KV cache, in bytes. It says 36 GiB for GPT-2 small at 1,024 tokens and 2 bytes; you know better: 36 MiB. It does not know what to do with shared heads either. Repair the line.

# %% tags=["exercise"]
def cache_bytes(n_layers, n_heads, n_kv_heads, d_k, tokens, bytes_each):
    return n_layers * n_heads * d_k * tokens * tokens * bytes_each * 2

print(said_bytes(cache_bytes(12, 12, 12, 64, 1024, 2)), "with 12 key-value heads,", said_bytes(cache_bytes(12, 12, 3, 64, 1024, 2)), "with 3")

# %% tags=["check"]
check_exercise("w3d6-e2", cache_bytes)

# %%
help_with("w3d6-e2")

# %% [markdown]
# **3 · From scratch.** A mixture of experts in plain torch. `x` is (T, d), `router` is (d, E), `experts` is (E, d, d): expert e makes `x @ experts[e]`. For each token take the `top` best scores `x @ router`, a softmax *among these*, and mix those experts' results. Return (T, d). A loop over tokens is fine.

# %% tags=["exercise"]
def mixture(x, router, experts, top):
    ...

# %% tags=["check"]
check_exercise("w3d6-e3", mixture)

# %%
help_with("w3d6-e3")

# %% [markdown]
# ## Self-quiz (5 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too: each of them stands in some overview.

# %% tags=["quiz"]
quiz("w3d6")

# %% [markdown]
# ## Draw or write: your table, your arrows (8 min)
#
# Overviews of models are easy to find and hard to trust; now make one that you can vouch for. First the table. Choose rows and columns, and say in your words what the key change of each model was. The cell leaves a picture and a Markdown file in your portfolio.

# %%
my_models = ["Transformer base", "BERT-base", "GPT-2 XL", "GPT-3"]
my_columns = ["year", "layers", "width", "heads"]  # also: vocabulary, context, norm
key_change = {"Transformer base": "…", "BERT-base": "…", "GPT-2 XL": "…", "GPT-3": "…"}  # your words

place = {"year": 1, "layers": 2, "width": 3, "heads": 4, "vocabulary": 7, "context": 8, "norm": 9}  # columns of the large table
headings = ["model", *my_columns, "parameters", "key change"]
mine = [[m, *(rows[names.index(m)][place[c]] for c in my_columns), said(totals[m]), key_change.get(m, "…")] for m in my_models]
my_table = table_figure(headings, mine, title="My comparison", caption="Every number is computed or read from the papers' sizes; the last column is yours.",
                        alt=f"Your own comparison of {', '.join(my_models)}: {', '.join(my_columns)}, parameters, and the key change of each in your words.")
(portfolio() / "w3d6_table.md").write_text(table_markdown(headings, mine), encoding="utf-8")
my_table.save(portfolio() / "w3d6_table.png")
my_table

# %% [markdown]
# Then the diagram, without looking: three columns, 2017, BERT and GPT-2 (with GPT-3 as a second label). One block of each, and **one arrow for each key change**, with two or three words on it. Save it.

# %% tags=["interactive"]
sketch("w3d6", "changes",
       alt="""An empty sheet for three columns: the Transformer of 2017 in the middle, BERT on one side, GPT-2 and GPT-3 on the other, with an arrow and a few words for each key change.""",
       caption="Your sheet. Purple for attention, vermilion for feed-forward, yellow for norms; arrows in black.")

# %%
reference = table_figure(
    ["from → to", "arrows"],
    [["2017 encoder → BERT", "waves → learned places · segments added · a norm below the blocks\nReLU → GELU · a head for hidden words"],
     ["2017 decoder → GPT-2", "waves → learned places · cross-attention gone\nnorms into the branch · a final norm · ReLU → GELU"],
     ["GPT-2 → GPT-3", f"size × {totals['GPT-3'] / totals['GPT-2 XL']:.0f} · context × 2 · heads 64 → 128 wide\nevery second layer banded"],
     ["training", "2017: translation pairs · BERT: hidden words and next sentence\nGPT-2, GPT-3: next token"]],
    title="The arrows, as a list", width=760, alt="The key changes from 2017 to BERT, from 2017 to GPT-2, from GPT-2 to GPT-3, and what each was trained on, as words on arrows.",
    caption="The two diagrams of section 2 are the other half of the reference.")
compare_sketch("w3d6", "changes", reference, [
    "Does BERT come from the encoder, and GPT-2 from the decoder?",
    "Is cross-attention gone in both?",
    "Do the norms move for GPT-2 and *stay* for BERT?",
    "Are both arrows “waves → learned” there?",
    "Is the arrow from GPT-2 to GPT-3 one of size, and of the banded layers?",
    "Is there an arrow, or a word, for what each is trained to do?"])

# %%
journal("w3d6", ["Which number of the table surprised you, and why?",
                 "A friend says: “GPT-3 is better than BERT because it has more heads.” Answer in two sentences.",
                 "Which of the five later ideas would you try first on a small model, and what would you measure?"])

# %% [markdown]
# ## Go further (optional, 100 min)
#
# - [The Illustrated GPT-2](https://jalammar.github.io/illustrated-gpt2/) (Jay Alammar, 30 min) and [The Illustrated BERT](https://jalammar.github.io/illustrated-bert/) (25 min). Look for the drawings of one block each. *Question to answer:* which of today's arrows do they show, and which do they leave out?
# - [minGPT](https://github.com/karpathy/minGPT) (Andrej Karpathy, 15 min). Look for the list of model sizes in `mingpt/model.py`. *Question:* which of our ten lines do you find there?
# - [The big LLM architecture comparison](https://magazine.sebastianraschka.com/p/the-big-llm-architecture-comparison) (Sebastian Raschka, 30 min). *Question:* for three of its models, tick which of the five ideas they use.
#
# <details><summary>What to expect</summary>
#
# Where things moved is easy to miss in a drawing of boxes: look for the norms. minGPT names GPT-1 and the four GPT-2 by layers, heads and width, and some small ones for play. The third is long: use your table of five as a checklist.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
looks = {"encoder-decoder": ("s", QUIET), "encoder-only": ("D", "white"), "decoder-only": ("o", INK)}
moved, left = {"BERT-base": -0.15, "BERT-large": -0.15, "GPT-1": 0.15}, ("Transformer base", "Transformer big", "BERT-base", "BERT-large")
picture, ax = plt.subplots(figsize=(8.6, 4.8))
for name, m in MODELS.items():
    x, (shape, hue), side = m.year + moved.get(name, 0), looks[m.kind], -1 if name in left else 1
    ax.plot(x, totals[name], shape, markerfacecolor=hue, markeredgecolor=INK, markersize=10, zorder=3)
    ax.text(x + 0.08 * side, totals[name] * (1.35 if name == "BERT-large" else 0.92), name, fontsize=10.5, va="center", ha="right" if side < 0 else "left")
for start, end, bend, says, at in (
        ((2017, 2.14e8), (2017.85, 3.35e8), 0, "encoder kept:\nhidden words", (2017.1, 9e8)), ((2017, 6.3e7), (2018.15, 1.17e8), 0.3, "decoder kept: next token", (2017.25, 2.1e7)),
        ((2018.15, 1.17e8), (2019, 1.24e8), -0.35, "norms move,\ncontext × 2", (2018.3, 2.9e8)), ((2019, 1.56e9), (2020, 1.75e11), 0, f"same block,\n× {totals['GPT-3'] / totals['GPT-2 XL']:.0f}", (2019.1, 2.4e10))):
    ax.annotate("", end, start, arrowprops=dict(arrowstyle="-|>", color=QUIET, shrinkA=8, shrinkB=8, connectionstyle=f"arc3,rad={bend}")), ax.text(*at, says, fontsize=10.5)
ax.set(yscale="log", xlim=(2015.9, 2020.6), ylim=(1.4e7, 5e11), xticks=range(2017, 2021), xlabel="year", ylabel="parameters (steps of 10)", title="Three years: two towers part, then one grows")
ax.grid(True, axis="y")
one_picture = figure(picture, alt=f"""Parameters by year, each step ten times more. From the encoder-decoders of 2017 (squares) arrows lead to BERT (diamonds) and to GPT-1 and GPT-2 (circles), and from GPT-2 XL one steep arrow to GPT-3: the same block,
                     {totals['GPT-3'] / totals['GPT-2 XL']:.0f} times as many parameters.""", caption="Squares: encoder-decoder. White diamonds: encoder only. Dark circles: decoder only. Every height is computed.")
for made, file in ((one_picture, "w3d6_in_one_picture.png"), (big_table, "w3d6_ten_models.png")):
    made.save(portfolio() / file)
one_picture

# %% [markdown]
# **New words**

# %%
new_words("w3d6")

# %% [markdown]
# **Tomorrow** you explain GPT to an imaginary twelve-year-old: a flowchart, plain words, and the week's exam.

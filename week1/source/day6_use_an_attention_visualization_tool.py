# %% [markdown]
# # Week 1 · Day 6: Use an attention visualization tool
#
# **Today you build the Transformer of 2017 whole, teach it two small tricks, and read its three kinds of attention in a visualization tool.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week1/day6_use_an_attention_visualization_tool.ipynb)
#
# At the end you will be able to
#
# - say for each attention of an encoder–decoder who asks whom, and what shape its map has;
# - build its layers from the course's blocks, and tell the paper's order of norms from the usual one;
# - read maps in an explorer, put a number on a pattern, and test by a cut whether it matters.

# %% tags=["setup", "training"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week1", []  # this day's folder, and what it uses that Colab does not bring
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
import re
from datetime import date, timedelta

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from shared import attention
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.transformer import Transformer, TransformerConfig
from shared.visuals import (
    Matrix, color, course_map, draw_heatmap, figure, map_stepper, matrices_figure, probability_bars)
from shared.visuals.explorer import attention_view
from shared.visuals.palette import INK, outline
from shared.visuals.towers import draw_links, draw_norm_order

course_map(week=1, day=6)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, from memory.

# %% tags=["warm-up"]
warm_up("w1d6")

# %% [markdown]
# ## 1 · Two towers, three attentions (11 min)
#
# On day 4 you walked up one tower: words in at the bottom, a vote out at the top. The Transformer of 2017 was made to
# *translate*, and it has two towers. You see them in the map above.
#
# - The **encoder** reads a whole text, the *source*. Its result is one row of numbers for each source token. This result is
#   called the **memory**.
# - The **decoder** writes a second text, the *target*, one token after the other. It can look at the memory whenever it likes.
#
# We give them something small to translate: a word, to be written backwards. The source is "star", the target "rats". To have
# something to begin with, the decoder always reads a **start token** first; ours is ▸. (Some descriptions let it begin with
# "", nothing at all. That is a start token such as `<s>` that got lost in formatting: no rows in, no vote out.)
#
# There are attention layers in three places, and they differ in one thing only: *who asks whom*.

# %%
source, target = list("star"), list("▸rat")  # the decoder has read ▸, r, a, t, and is about to write s
everyone, never_ahead = torch.ones(4, 4) / 4, attention.causal_mask(4) / 4
picture, axes = plt.subplots(1, 3, figsize=(9, 3.7))
draw_links(axes[0], source, source, everyone, title="1 encoder self-attention")
draw_links(axes[1], target, target, never_ahead, title="2 decoder self-attention")
draw_links(axes[2], target, source, everyone, title="3 cross-attention")
figure(picture,
       alt="""Who may ask whom. In the encoder every letter of star asks every letter of star. In the decoder every letter
           of the target asks itself and the ones before it, never a later one. In cross-attention every letter of
           the target asks every letter of star.""",
       caption="Each line is a look that is allowed. Two towers, three kinds of attention.")

# %% [markdown]
# When queries, keys and values all come from the same text, we speak of *self-attention*, as on day 3. When the queries come from one
# text and keys and values from another, it is **cross-attention**.
#
# | | queries from | keys and values from | may look |
# |---|---|---|---|
# | encoder self-attention | source | source | everywhere |
# | decoder self-attention | target so far | target so far | back, never ahead |
# | cross-attention | target so far | the memory (source) | everywhere |
#
# Why is no mask needed in the third? The source is given, all of it. There is nothing in it that the decoder must not know.

# %% tags=["predict"]
predict("w1d6-p1",
        "The source has 5 tokens, and the decoder has read 3. "
        "Which shape does one head's map of cross-attention have?",
        options=["(3, 3)", "(5, 5)", "(3, 5)", "(5, 3)"])

# %% [markdown]
# Try it, with random rows in place of what the two towers would hold. The function is the one from day 3, unchanged.

# %%
torch.manual_seed(1)
memory, y = torch.randn(5, 64), torch.randn(3, 64)  # 5 source tokens, 3 target tokens, 64 wide
w_q, w_k, w_v = torch.randn(3, 64, 64) / 8
q = y @ w_q                                         # the target asks
k, v = memory @ w_k, memory @ w_v                   # the source answers
taken_home, weights = attention.scaled_dot_product_attention(q, k, v)
print("weights:", tuple(weights.shape), "  taken home:", tuple(taken_home.shape))

# %%
Q = Matrix("Q", q, "query", rows=list("▸ra"))
K_T = Matrix("Kᵀ", k.T, "key", row_unit="features", column_unit="tokens", columns=list("stars"))
A = Matrix("A", weights, "attention", rows=list("▸ra"), column_unit="tokens", columns=list("stars"))
V = Matrix("V", v, "value", rows=list("stars"))
HOME = Matrix("taken home", taken_home, "value", rows=list("▸ra"))
matrices_figure(
    [[Q, "×", K_T, "→ softmax →", A], [A, "×", V, "=", HOME]], feature_px=1.5,
    title="Queries from the target, keys and values from the source",
    alt="""First line: three queries, one for each target token, times five keys, one for each source token, give a table
        of weights with three rows and five columns. Second line: this table times five values gives three rows.""",
    caption="The map is no longer square: a row for each token that asks, a column for each that is asked.")

# %%
reveal("w1d6-p1", str(tuple(weights.shape)),
       "Rows are queries: 3 target tokens. Columns are keys: 5 source tokens.")

# %% [markdown]
# $$\operatorname{CrossAttention}(Y, M) = \operatorname{softmax}\!\left(\frac{(YW_q)(MW_k)^\top}{\sqrt{d_k}}\right) MW_v
# \qquad (T, d)(d, S) = (T, S)$$
#
# $Y$ holds the target's rows, $M$ is the memory, $T$ and $S$ are their lengths. This is the only place in the whole model
# where something passes from the encoder to the decoder. Cut it, and the decoder writes without having read.

# %% [markdown]
# ## 2 · One layer, built from blocks (13 min)
#
# An attention takes home something new for each token. On day 4 you saw the danger: after the attention all rows were nearly
# alike, and a word's own row was gone. Around *every* part of a Transformer stand two helpers.
#
# The first had one sentence on day 4, the **residual connection**: what goes in is added to what comes out,
# $x + \text{part}(x)$. A word stays itself and only adds what it learned.
#
# The second is new, **layer normalization**, LayerNorm for short. Adding makes numbers grow, layer after layer. LayerNorm
# takes each token's row on its own, and shifts and scales it until its mean is 0 and its spread is 1.

# %% tags=["predict"]
predict("w1d6-p2",
        "A table of 3 tokens, 64 numbers each, goes through LayerNorm. What is 0 afterwards?",
        options=["the mean of each row", "the mean of each column", "only the mean of the whole table"])

# %%
torch.manual_seed(2)
rows = torch.randn(3, 64) * torch.tensor([[0.3], [1.0], [4.0]]) + torch.tensor([[0.0], [3.0], [-5.0]])
variance = rows.var(1, keepdim=True, unbiased=False)              # the spread, squared
normed = (rows - rows.mean(1, keepdim=True)) / (variance + 1e-5).sqrt()  # the 1e-5: never divide by 0
print("same as torch:", torch.allclose(normed, F.layer_norm(rows, (64,)), atol=1e-6))

# %%
picture, axes = plt.subplots(1, 2, figsize=(8.6, 2.9), sharey=True)
for ax, table, title in ((axes[0], rows, "before: each row its own size"), (axes[1], normed, "after: all alike in size")):
    for i, row in enumerate(table):
        ax.scatter(row, [i] * 64, s=14, alpha=0.5, color=color("residual"), linewidths=0)
        ax.plot([row.mean()] * 2, [i - 0.3, i + 0.3], color=color("feed-forward"), linewidth=2.5)
    ax.set(title=title, xlabel="value of a number", xlim=(-15, 8), ylim=(2.6, -0.6))
axes[0].set_yticks(range(3), ["token 0", "token 1", "token 2"])
figure(picture,
       alt="""64 numbers of each of three tokens as dots. Before, the rows have different middles and different widths. After
           LayerNorm all three rows are centered at 0 and equally wide.""",
       caption="Each line of dots is one token; the bar is its mean. LayerNorm looks at one token at a time.")

# %%
means = {"the mean of each row": normed.mean(1), "the mean of each column": normed.mean(0)}
zero = [name for name, values in means.items() if values.abs().max() < 1e-4]
reveal("w1d6-p2", zero[0] if zero else "only the mean of the whole table",
       "LayerNorm works inside one token. What the other tokens hold, or the rest of a batch, does not matter to it.")

# %% [markdown]
# In a model LayerNorm then multiplies each feature by a learned number and adds another; both start by changing nothing.
#
# ### Where does the norm stand?
#
# There are two answers, and you will meet both. In the paper of 2017 the norm comes *after* the addition: **post-LN**. Most code
# that came later puts it in front of the part, inside the branch: **pre-LN**. The famous
# [Annotated Transformer](https://nlp.seas.harvard.edu/annotated-transformer) explains the paper line by line, and yet
# its code is pre-LN. Both are good Transformers; they are not the same model.

# %%
picture, axes = plt.subplots(2, 1, figsize=(7.6, 5))
for ax, order, title in ((axes[0], "post-LN", "post-LN, the paper of 2017:   norm(x + part(x))"),
                         (axes[1], "pre-LN", "pre-LN, most code since:   x + part(norm(x))")):
    draw_norm_order(ax, order)
    ax.set_title(title, fontsize=12)
figure(picture,
       alt="""The road of a token x through an attention, twice. In post-LN the shortcut joins x and the attention's output,
           and the sum goes through the norm. In pre-LN the norm stands before the attention, and the shortcut from x to
           the sum meets no norm at all.""",
       caption="Follow the shortcut: in pre-LN nothing stands on it; in post-LN every layer's norm does.")

# %% [markdown]
# Now one layer of each tower, as the paper has it. Read the two `forward` functions: each line is one part with its
# Add & Norm.

# %%
def feed_forward(d_model, d_ff):  # day 4's step 6
    return nn.Sequential(nn.Linear(d_model, d_ff), nn.ReLU(), nn.Linear(d_ff, d_model))

class EncoderLayer(nn.Module):
    def __init__(self, d_model, n_heads, d_ff):
        super().__init__()
        self.look = attention.MultiHeadAttention(d_model, n_heads)
        self.think = feed_forward(d_model, d_ff)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(2))

    def forward(self, x):                    # x: (S, d_model)
        x = self.norms[0](x + self.look(x)[0])
        return self.norms[1](x + self.think(x))

# %%
class DecoderLayer(nn.Module):
    def __init__(self, d_model, n_heads, d_ff):
        super().__init__()
        self.look_back = attention.MultiHeadAttention(d_model, n_heads)
        self.look_over = attention.MultiHeadAttention(d_model, n_heads)
        self.think = feed_forward(d_model, d_ff)
        self.norms = nn.ModuleList(nn.LayerNorm(d_model) for _ in range(3))

    def forward(self, y, memory):            # y: (T, d_model), memory: (S, d_model)
        causal = attention.causal_mask(len(y))
        y = self.norms[0](y + self.look_back(y, causal)[0])
        y = self.norms[1](y + self.look_over(y, context=memory)[0])
        return self.norms[2](y + self.think(y))

# %% [markdown]
# The words `context=memory` are all of cross-attention: keys and values are made from the memory instead of from `y`.

# %%
torch.manual_seed(3)
encoder_layer, decoder_layer = EncoderLayer(64, 4, 256), DecoderLayer(64, 4, 256)
x, y = torch.randn(5, 64), torch.randn(3, 64)
memory = encoder_layer(x)
print("memory:", tuple(memory.shape), "  out of the decoder:", tuple(decoder_layer(y, memory).shape))

# %% [markdown]
# Is it the real thing? Copy the weights into PyTorch's own decoder layer and compare. (Its mask says what is *forbidden*.)

# %%
theirs = nn.TransformerDecoderLayer(64, 4, 256, dropout=0.0, batch_first=True)
pairs = [(theirs.self_attn, decoder_layer.look_back), (theirs.multihead_attn, decoder_layer.look_over)]
with torch.no_grad():
    for their, our in pairs:
        their.in_proj_weight.copy_(our.qkv.weight), their.in_proj_bias.copy_(our.qkv.bias)
        their.out_proj.load_state_dict(our.out.state_dict())
    theirs.linear1.load_state_dict(decoder_layer.think[0].state_dict())
    theirs.linear2.load_state_dict(decoder_layer.think[2].state_dict())
    expected = theirs(y[None], memory[None], tgt_mask=~attention.causal_mask(3))[0]
print("same as torch.nn.TransformerDecoderLayer:", torch.allclose(decoder_layer(y, memory), expected, atol=1e-5))

# %% [markdown]
# The whole model is these layers, stacked: the paper's base model has six in each tower, with d_model = 512, eight heads and 2048 in
# the middle of the feed-forward network. Below stand embeddings (times √512) and positions, above stands the vote. One table of about 37,000 tokens serves three
# times: for the source, for the target, and, turned round, for the vote.

# %% tags=["predict"]
predict("w1d6-p3", "How many million parameters does this base model have, about?")

# %%
with torch.device("meta"):  # shapes without numbers: counting needs no memory
    base = Transformer(TransformerConfig())

def share_of(*endings):
    found = {name: p for name, p in base.named_parameters() if any(e in name for e in endings)}
    return sum(p.numel() for p in found.values()) / total

total = sum(p.numel() for p in base.parameters())
shares = {"token table": share_of("tokens"), "self-attention": share_of(".attention."),
          "cross-attention": share_of("cross_attention."), "feed-forward": share_of("feed_forward.up", "feed_forward.down"),
          "norms": share_of("norm")}
print(f"{total:,} parameters; the shares add up to {sum(shares.values()):.3f}")

# %%
probability_bars(
    {"": shares}, xlabel="share of all parameters", title=f"Most numbers: {max(shares, key=shares.get)}",
    alt="Shares of the base model's parameters: " + ", ".join(f"{k} {100 * s:.1f} %" for k, s in shares.items()) + ".",
    caption="Where the parameters of the 2017 base model are. The norms hardly count.")

# %%
reveal("w1d6-p3", round(total / 1e6, 1),
       "The paper's own table says 65 million. It gives its vocabulary only as 'about 37000 tokens', "
       "and we do not know what else it counted.", tolerance=3)

# %% [markdown]
# Look at the bars once more. Attention gave this model its fame, and yet the feed-forward networks hold more numbers than
# self-attention and cross-attention together. A long text needs more *looks*, and yet not one parameter more: every length
# meets the same matrices.

# %% [markdown]
# ## 3 · First lesson: say it backwards (15 min)
#
# From here on we use `shared.transformer`: the same two layers, stacked, with masks for every case. Ours gets one layer
# per tower, four heads, and rows of 64 numbers. Its first lesson: read eight letters, write them backwards.

# %%
letters = "▸abcdefghijklmnopqrstuvwxyz"  # a letter's id is its place; the start token has id 0

def to_ids(text):
    return torch.tensor([[letters.index(letter) for letter in text]])

def to_text(ids):
    return "".join(letters[int(i)] for i in ids)

def lesson(count, length=8):
    source = torch.randint(1, 27, (count, length))
    target = source.flip(1)
    start = torch.zeros(count, 1, dtype=torch.long)
    return source, torch.cat([start, target[:, :-1]], dim=1), target

# %%
torch.manual_seed(1)
for row in zip(*lesson(3)):
    print("encoder reads {}   decoder reads {}   must say {}".format(*map(to_text, row)))

# %% [markdown]
# Look at the last two columns: the decoder reads the *right answer*, moved one seat to the right behind the start token.
# At each seat it must say the letter that it has not seen yet. This is **teacher forcing**: whatever the model would have
# said, it is always shown the right letters so far. So all eight seats can learn at the same time, and the causal mask
# keeps them from reading ahead.

# %% tags=["predict"]
predict("w1d6-p4",
        "After training, on one word: rows are what the decoder has read, columns are the source letters in reading order. "
        "Where will cross-attention be dark?",
        options=["on the diagonal from top left to bottom right",
                 "on the other diagonal, from top right to bottom left",
                 "in the first column", "nowhere: all cells about equally"])

# %% [markdown]
# The loop is day 4's. At every step it also asks the model for its maps, on one word that we watch: "stressed".

# %%
watched = to_ids("stressed"), to_ids("▸dessert")

def train(norm_first=False, rate=3e-3, steps=300):
    torch.manual_seed(6)
    model = Transformer(TransformerConfig(27, 27, n_layers=1, n_heads=4, d_model=64, d_ff=256,
                                          dropout=0.0, norm_first=norm_first))
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses, maps = [], []
    for step in range(steps):
        source, sees, must_say = lesson(64)
        loss = F.cross_entropy(model(source, sees).flatten(0, 1), must_say.flatten())
        losses.append(loss.item())
        maps.append(model.attentions(*watched).cross[0, 0])  # layer 0, the only word: (heads, 8, 8)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model, losses, torch.stack(maps)

# %%
model, losses, maps = train()
print(f"loss at the start {losses[0]:.1f}; at the end below 0.5: {max(losses[-10:]) < 0.5}; maps kept: {tuple(maps.shape)}")

# %% [markdown]
# (From here on some cells print "below 0.5: True" and no exact number. The last digits of a trained model differ from computer to
# computer, because sums are rounded in another order; the pictures show the numbers of yours.)
#
# Do not trust your eyes alone: put a number on the pattern. In row 0 the decoder must say the *last* letter of the source, in
# row 1 the one before it, and so on. So we average the eight weights that lie on these cells. Even shares would give 1/8.

# %%
seat = torch.arange(8)
on_due = maps[:, :, seat, 7 - seat].mean(-1)  # (steps, heads): the mean weight on the letter that is due
head = int(on_due[-1].argmax())
picture, axes = plt.subplots(2, 1, figsize=(7.4, 4.8), sharex=True)
axes[0].plot(losses, color=color("residual"), linewidth=2)
axes[0].set(title="What it says: the loss", ylabel="loss (nats per letter)", ylim=(0, None))
axes[1].plot(on_due, color=color("attention"), linewidth=1.4)
axes[1].axhline(1 / 8, color=color("residual"), linestyle="--")
axes[1].text(len(losses) - 1, 1 / 8 + 0.03, "even share", ha="right", fontsize=10)
axes[1].set(title="Where it looks: weight on the letter that is due, four heads", ylabel="mean weight",
            xlabel="training step", ylim=(0, 1))
figure(picture, caption="The same 300 steps, above what it says and below where it looks. Compare when the two move.",
       alt=f"""Above, the loss falls from {losses[0]:.1f} to nearly 0. Below, the weight on the letter that is due starts at the
           even share of 0.12 in all four heads and ends {'above 0.4' if on_due[-1].min() > 0.4 else 'higher'} in each, and both move
           in the same steps.""")

# %%
shown = [0, *range(20, 160, 10), 180, 220, 299]
map_stepper(
    maps[shown, head], list("▸dessert"),
    [f"""After {s} steps: loss {losses[s]:.2f}. Head {head} puts {100 * on_due[s, head]:.0f} % of a row, on average,
     on the letter that is due.""" for s in shown],
    keys=list("stressed"),
    alt=f"""Cross-attention from the letters of dessert, behind the start token, to the letters of stressed, while the model
        learns. At first every row is spread almost evenly over the source. In the end {'more than half' if on_due[-1, head] > 0.5 else 'much'}
        of a row lies, on average, on the letter that comes next when you read backwards.""",
    caption="The watched word was never in a lesson. Each row asks: which letter do I need now?", start=8)

# %%
patterns = {
    "on the diagonal from top left to bottom right": maps[-1][:, seat, seat].mean(),
    "on the other diagonal, from top right to bottom left": maps[-1][:, seat, 7 - seat].mean(),
    "in the first column": maps[-1][:, :, 0].mean()}
darkest = max(patterns, key=patterns.get)
for name, weight in patterns.items():
    print(f"more than twice the even share {str(bool(weight > 2 / 8)):6} {name}")
reveal("w1d6-p4", darkest if patterns[darkest] > 2 / 8 else "nowhere: all cells about equally",
       "The first row needs the last letter, the second row the one before it: the look walks backwards through the source.")

# %% [markdown]
# Now it may write by itself. There is no right answer to read any more: it reads its own letters. Taking the largest vote each
# time is called **greedy decoding**.

# %%
source, written = to_ids("stressed"), to_ids("▸")
for _ in range(8):
    votes = model(source, written)[0, -1]  # only the last row's vote counts
    written = torch.cat([written, votes.argmax().reshape(1, 1)], dim=1)
    print(to_text(written[0]))

# %% [markdown]
# Notice the difference. Training did eight seats in one go; writing took eight rounds. You will read that Transformers are "fully parallel".
# Precisely: over the *positions of a known text*, in training and when reading a source. Writing goes one token after the other.
#
# One word proves little, so count. These words are new: there are 26⁸, about 209 billion, and it has seen 19,200.

# %%
def right_of(count, length):
    torch.manual_seed(7)
    source, _, target = lesson(count, length)
    return int((model.greedy(source, 0, None, length) == target).all(dim=1).sum())

print("eight letters, without a slip, more than 400 of 500:", right_of(500, 8) > 400)

# %% tags=["predict"]
predict("w1d6-p5",
        "All its lessons had eight letters. Of 100 words with SIX letters, how many will it write backwards without a slip?")

# %%
six = right_of(100, 6)
example = to_ids("desert")
print("desert -> tresed:", to_text(model.greedy(example, 0, None, 6)[0]) == "tresed")  # print what it wrote instead
reveal("w1d6-p5", six,
       "It never learned 'backwards'. It learned which seat to ask for at each seat of an eight-letter word. "
       "A clean map on the data that you trained on says nothing about other data.", tolerance=5)

# %% [markdown]
# ### Does it matter where the norm stands?
#
# Train the same model four times: post-LN and pre-LN, each with our step size and with one three times as large.

# %%
runs = {("post-LN", 0.003): losses}
for order, rate in (("pre-LN", 0.003), ("post-LN", 0.01), ("pre-LN", 0.01)):
    runs[order, rate] = train(order == "pre-LN", rate)[1]

# %%
picture, axes = plt.subplots(1, 2, figsize=(8.8, 3.3), sharey=True)
for ax, rate in zip(axes, (0.003, 0.01)):
    for order, hue in (("post-LN", outline("normalization")), ("pre-LN", INK)):
        curve = runs[order, rate]
        smooth = torch.tensor(curve).unfold(0, 10, 1).mean(1)  # each point the mean of ten steps
        ax.plot(range(9, len(curve)), smooth, color=hue, linewidth=2, linestyle="-" if order == "post-LN" else "--")
        ax.text(302, smooth[-1], f" {order}", va="bottom" if order == "post-LN" else "top", fontsize=10)
    ax.set(title=f"step size {rate}", xlabel="training step", xlim=(0, 370), ylim=(-0.25, 4))
axes[0].set_ylabel("loss (nats per letter)")
last = {key: sum(curve[-10:]) / 10 for key, curve in runs.items()}
ends = {key: "nearly 0" if value < 0.5 else "still high" for key, value in last.items()}
figure(picture, caption="The same lessons, the same random start; only the place of the norm and the step size differ.",
       alt="Four curves of the loss, and where they end: " + "; ".join(
           f"{order} with step size {rate} {end}" for (order, rate), end in ends.items()) + ".")

# %%
for (order, rate), end in ends.items():
    print(f"{order:8} step size {rate:<6} loss at the end: {end}")

# %% [markdown]
# One run each is a hint and no proof. But the hint fits what many have found: post-LN is touchy about large steps in the beginning.
# The paper's way out is a **warm-up**: the steps start tiny and grow, over its first 4,000 steps, and shrink later. Pre-LN
# needs less care, which is why most code has moved to it. Week 2, day 5 measures where this comes from.

# %% [markdown]
# ## 4 · Second lesson: dates (9 min)
#
# Backwards is a matter of *seats*. A harder trick: read a date as people write it, in one of two ways, and write it as computers
# like it. The same part of the date now stands in different places.

# %%
months = """january february march april may june july august september
            october november december""".split()

def some_dates(count, rng):
    """(as people write it, as computers like it), days from 1900 to 2099, in either of two styles."""
    days = [date(1900, 1, 1) + timedelta(rng.randrange(73_000)) for _ in range(count)]
    return [(f"{d.day} {months[d.month - 1]} {d.year}" if rng.random() < 0.5
             else f"{months[d.month - 1]} {d.day}, {d.year}", d.isoformat()) for d in days]

for said, wanted in some_dates(4, random.Random(1)):
    print(f"{said:20} -> {wanted}")

# %% [markdown]
# Two things are new. The texts differ in length, and a batch must be a full table, so short ones are filled up with
# **padding**, a token that means nothing (ours is `·`). A **padding mask** keeps every query from looking at it.
# And the model must say when it is done: the target ends with a **stop token**, ■.

# %%
signs = ["·", "▸", "■", *sorted(set("0123456789-, " + "".join(months)))]

def to_batch(texts):  # (texts, longest length), filled up with padding, whose id is 0
    width = max(map(len, texts))
    return torch.tensor([[signs.index(sign) for sign in text.ljust(width, "·")] for text in texts])

batch = to_batch(["3 march 2021", "may 9, 1912"])
print(batch.tolist()[1])
print(attention.padding_mask(batch, pad_id=0)[1].tolist())

# %%
torch.manual_seed(6)
rng, taught, date_losses = random.Random(6), set(), []
translator = Transformer(TransformerConfig(len(signs), len(signs), n_layers=2, n_heads=4, d_model=64, d_ff=256,
                                           dropout=0.0, pad_id=0))
optimizer = torch.optim.Adam(translator.parameters())
for step in range(400):
    said, wanted = zip(*some_dates(32, rng))
    taught.update(wanted)
    votes = translator(to_batch(said), to_batch(["▸" + text for text in wanted]))
    loss = F.cross_entropy(votes.flatten(0, 1), to_batch([text + "■" for text in wanted]).flatten())
    date_losses.append(loss.item())
    for group in optimizer.param_groups:  # warm up over 30 steps, then shrink
        group["lr"] = 3e-3 * min(1, (step + 1) / 30) * (1 - step / 400)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss at the start {date_losses[0]:.1f}; at the end below 0.1: {date_losses[-1] < 0.1}")

# %% [markdown]
# Is it any good? Ask it for dates that were in none of its lessons, in neither style.

# %%
def answers(texts):
    written = translator.greedy(to_batch(texts), start_id=1, stop_id=2, max_new_tokens=12)
    return ["".join(signs[i] for i in row).split("■")[0] for row in written.tolist()]

new = [(said, wanted) for said, wanted in some_dates(400, random.Random(7)) if wanted not in taught][:200]
asked, right = map(list, zip(*new))
given = answers(asked)
slips = [(a, g) for a, g, r in zip(asked, given, right) if g != r]
print("more than 190 of 200 right:", len(slips) < 10)  # print(slips) shows the others, if there are any
print(answers(["3 march 2021", "march 3, 2021"]))

# %% tags=["predict"]
predict("w1d6-p6",
        "In '3 march 2021' the day, 3, stands at seat 0. Now the same date comes as 'march 3, 2021', with the 3 at seat 6. "
        "Where will the row look most that must write the 3?",
        options=["at seat 0, as before", "at the 3, wherever it stands", "somewhere else"])

# %%
def maps_of(said, wanted):  # the three kinds of maps, for one date: each (layers, heads, rows, columns)
    found = translator.attentions(to_batch([said]), to_batch(["▸" + wanted]))
    return [kind[:, 0] for kind in found]

styles, wanted = ["3 march 2021", "march 3, 2021"], "2021-03-03"
picture, axes = plt.subplots(1, 2, figsize=(9, 4.6), width_ratios=[12, 13])  # 12 and 13 signs, cells of one size
for ax, said in zip(axes, styles):
    cross = maps_of(said, wanted)[2][-1].mean(0)  # the last layer, mean of its four heads
    draw_heatmap(ax, cross, list("▸" + wanted), list(said), labels=10)
    ax.set_title(said)
    plt.setp(ax.get_xticklabels(), rotation=0, ha="center")  # single signs need not lean
axes[1].set_ylabel("")
figure(picture, caption="Cross-attention of the last layer, mean of four heads. Each row is the sign just read; it must say the next one.",
       alt="""Cross-attention for the same date in two styles. In both, the upper rows, which write the year, look mostly at
           the digits of the year at the end; the middle rows, which write the month, at letters of the month; and the
           lower rows, which write the day, at the day, although month and day have changed places.""")

# %%
row = maps_of(styles[1], wanted)[2][-1].mean(0)[9]  # row 9 has read ▸2021-03-0 and must write the 3
print("it looks most at seat", int(row.argmax()), "  more than half of its look:", bool(row.max() > 0.5), f"  (even share: {1 / 13:.2f})")
where = {6: "at the 3, wherever it stands", 0: "at seat 0, as before"}
reveal("w1d6-p6", where.get(int(row.argmax()), "somewhere else"),
       "The keys come from the memory, and each row of the memory can tell what stands there. A query can ask for "
       "'the day', and need not ask for a seat.")

# %% [markdown]
# ## 5 · Three maps of one model (14 min)
#
# Pictures of single heads are a sample. An *attention visualization tool* shows them all. This is the course's own, the
# *attention explorer*; others you will meet are BertViz (week 2, day 3) and the Transformer Explainer.
#
# Move over a token to see what it looks at. Choose a layer and a head. First the cross-attention of the date model.
# *To find:* a head that looks at one digit of the year only. Which row does it serve?

# %% tags=["interactive"]
said = "march 3, 2021"
encoder, decoder, cross = maps_of(said, wanted)
explorer = attention_view(
    list("▸" + wanted), cross, keys=list(said), layer=1,
    alt="""Cross-attention of the date model, two layers of four heads: the signs of 2021-03-03, behind the start token, look
        at the signs of march 3, 2021.""",
    caption="Cross-attention: rows are the target so far, columns the source. Two layers, four heads each.")
explorer

# %% [markdown]
# Next, the encoder's self-attention: the source looks at itself, in both directions. *To find:* a letter of the month that looks at
# another letter of the month. Why might that be of use? Think of "march" and "may".

# %% tags=["interactive"]
attention_view(
    list(said), encoder, layer=0,
    alt="""Encoder self-attention of the date model: each sign of march 3, 2021 looks at all signs of the same text, before
        and after it.""",
    caption="Encoder self-attention: rows and columns are the source. Looks go both ways.")

# %% tags=["predict"]
predict("w1d6-p7",
        "One third kind is left: the decoder's self-attention. What share of all its weight lies to the right of the diagonal, "
        "in percent?")

# %% tags=["interactive"]
attention_view(
    list("▸" + wanted), decoder, layer=0,
    alt="""Decoder self-attention of the date model: each sign of the target looks at itself and at the signs before it; the
        upper right half of every map is empty.""",
    caption="Decoder self-attention: rows and columns are the target. Nobody looks ahead.")

# %%
reveal("w1d6-p7", round(100 * float(decoder.triu(1).sum() / decoder.sum()), 3),
       "The causal mask leaves exactly nothing there, in training and in use.")

# %% [markdown]
# ### From looking to measuring
#
# You have seen one date. Now take 100 new ones, and ask of each output sign: which part of the source does it look at?

# %%
PARTS = {"year": r"\d{4}$", "month": r"[a-z]+", "day": r"\b\d{1,2}\b(?!\d)"}
ROWS = {"year": [0, 1, 2, 3], "month": [5, 6], "day": [8, 9]}  # the rows that write this part's digits

def seats_of(said, part):
    found = re.search(PARTS[part], said)
    return list(range(*found.span()))

def looks(said, wanted):  # (3, 3): how much of the rows' weight goes to each part of the source
    cross = maps_of(said, wanted)[2][-1].mean(0)
    return torch.stack([torch.stack([cross[ROWS[a]][:, seats_of(said, b)].sum(1).mean() for b in PARTS]) for a in PARTS])

looked = torch.stack([looks(*pair) for pair in new[:100]]).mean(0)
print("each part's rows look most at this part:", looked.argmax(dim=1).tolist() == [0, 1, 2])

# %% [markdown]
# Does it *matter* where it looks? On day 4 you cut looks with the mask; do it again, with a knife for one attention only. The
# encoder reads the whole date. Then we tell the *decoder* that a part of the memory is padding: it cannot look over at
# that part, and everything else stays as it was. Which digits come out wrong?

# %%
def cover(said, part):
    seats = seats_of(said, part)
    return "".join("·" if i in seats else sign for i, sign in enumerate(said))

print("the encoder reads", styles[1], "  the decoder may look over at", cover(styles[1], "day"))

# %%
hundred, wanted_100 = asked[:100], to_batch([text + "■" for text in right[:100]])

@torch.no_grad()
def wrong_digits(cut):  # the share of wrong digits in year, month and day, when this part is cut
    memory, _ = translator.encode(to_batch(hundred))
    padded = to_batch([cover(said, cut) for said in hundred])  # only says where padding is
    votes, _, _ = translator.decode(to_batch(["▸" + text for text in right[:100]]), memory, padded)
    wrong = (votes.argmax(-1) != wanted_100).float().mean(0)   # for each of the 11 rows
    return torch.stack([wrong[ROWS[part]].mean() for part in PARTS])

broken = torch.stack([wrong_digits(cut) for cut in PARTS], dim=1)  # rows: what is written, columns: what is cut
print("each cut breaks most where its own part is written:", broken.argmax(dim=0).tolist() == [0, 1, 2])

# %%
picture, axes = plt.subplots(1, 2, figsize=(8.8, 3.9))
for ax, table, title, below in ((axes[0], looked, "where it looks", "part of the source that is looked at"),
                                (axes[1], broken, "what a cut breaks", "part of the source that is cut")):
    draw_heatmap(ax, table, [f"writes {part}" for part in PARTS], list(PARTS))
    ax.set(title=title, xlabel=below, ylabel="")
    plt.setp(ax.get_xticklabels(), rotation=0, ha="center")
axes[0].set_ylabel("rows of the output")
figure(picture,
       caption="Left: share of cross-attention, last layer, mean over heads. Right: share of wrong digits. Both over 100 new dates.",
       alt=f"""Two tables, three by three: year, month and day. Left, each part's rows look mostly at the same part of the source.
           Right, a cut spoils the digits of its own part, and {'hardly any' if (broken - broken.diag().diag()).max() < 0.1 else 'also some'} of the
           other parts.""")

# %% [markdown]
# Compare the two tables cell by cell. Where the left one is dark and the right one too, look and effect agree. Elsewhere be
# careful. The encoder has *mixed* the source before the decoder sees it, so the row of a space or a comma may hold what its neighbors
# said. And a digit can be right by luck: a year begins with 1 or 2.
#
# So a map is a good place to get an idea, and a poor place to end. Look, measure, then cut.

# %% [markdown]
# ## Exercises (10 min)
#
# **1 · Complete it.** One head of cross-attention. `y` (T, d) is the target, `memory` (S, d) is what the encoder made of the
# source. Two lines are missing.

# %% tags=["exercise"]
def cross_attention(y, memory, w_q, w_k, w_v):
    q = y @ w_q
    k, v = ..., ...
    weights = ...  # (T, S): how much each target token looks at each source token
    return weights @ v

# %% tags=["check"]
check_exercise("w1d6-e1", cross_attention)

# %%
help_with("w1d6-e1")

# %% [markdown]
# **2 · Fix it.** This function prepares the lessons of a decoder. A model trained with it reaches a loss of nearly 0 within a few
# steps, and then cannot write a single word. Why? Repair it. `target` is (B, T); return what the decoder reads and what it must
# say, both (B, T + 1).

# %% tags=["exercise"]
def decoder_lesson(target, start_id, stop_id):
    start = torch.full((len(target), 1), start_id)
    stop = torch.full((len(target), 1), stop_id)
    reads = torch.cat([target, stop], dim=1)
    must_say = torch.cat([target, stop], dim=1)
    return reads, must_say

# %% tags=["check"]
check_exercise("w1d6-e2", decoder_lesson)

# %%
help_with("w1d6-e2")

# %% [markdown]
# **3 · From scratch** (optional, 10 minutes more). One encoder layer as the *paper* has it, post-LN. `x` is (S, d); `look` and `think` are two functions
# that take a table of this shape and return one. Let LayerNorm be plain: `F.layer_norm(table, table.shape[-1:])`.

# %% tags=["exercise"]
def encoder_layer(x, look, think):
    ...

# %% tags=["check"]
check_exercise("w1d6-e3", encoder_layer)

# %%
help_with("w1d6-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory first. The feedback of the wrong options is half of the lesson.

# %% tags=["quiz"]
quiz("w1d6")

# %% [markdown]
# ## Draw or write: how the layers work (6 min)
#
# Take paper. Draw two towers with one layer each, from memory. Write into every box what it is, and on every arrow into an
# attention whether it carries queries, or keys and values. Mark the one mask. Then open the reference and correct your
# drawing in a second color.

# %%
journal("w1d6", ["Which arrow did you forget, or draw into the wrong box?",
                 "Which of the three maps surprised you, and why?",
                 "Say in one sentence what the decoder gets from the encoder."])

# %% [markdown]
# <details><summary>Reference: what a complete drawing has</summary>
#
# - Left, from below: source ids → embedding (times √d) + positions → self-attention → Add & Norm → feed-forward → Add & Norm → *memory*.
# - Right, from below: ▸ and the target so far → embedding + positions → self-attention *with the causal mask* → Add & Norm →
#   cross-attention → Add & Norm → feed-forward → Add & Norm → linear layer, softmax → next token.
# - Into each self-attention all three, queries, keys and values, come from below.
# - Into the cross-attention the *queries* come from below, *keys and values* from the memory, across.
#
# Checklist: is there exactly one causal mask? Does the memory go to *every* decoder layer, not only to the first? Does each
# part have its shortcut? Is the norm after the plus, as in the paper? Does the feed-forward network have no arrow from its
# neighbors? Does the target start with ▸?
# </details>

# %% [markdown]
# ## Go further (optional, 75 min)
#
# - [The Annotated Transformer](https://nlp.seas.harvard.edu/annotated-transformer) (Harvard NLP, 45 min, to read and not to run: the versions that it
#   asks for are too old to install). The paper, with code under each paragraph. Look for: encoder, decoder, masks, the pictures of attention at the end.
#   *Question to answer:* find `SublayerConnection`. Does its code say the same as the paper's sentence above it?
# - [Transformer Explainer](https://poloclub.github.io/transformer-explainer/) (15 min, in the browser). A GPT-2 in your hands. *Question:* which of
#   today's three maps does it show, and which two are missing?
# - [BertViz](https://github.com/jessevig/bertviz) (15 min, its page with pictures; the tool itself needs a network). *Question:* it has a head view, a model
#   view and a neuron view. Which of them is closest to our explorer's overview of all heads?
#
# <details><summary>Answers</summary>
#
# No: the code is `x + dropout(sublayer(norm(x)))`, pre-LN, and a comment admits it; the paper is post-LN. It shows the
# decoder's self-attention: a GPT has neither an encoder nor cross-attention. The model view: all layers and heads at once.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# One model, one date, three maps: for each kind the head that makes up its mind most clearly. The picture goes into your portfolio,
# and with it the explorer of the cross-attention, as a page that opens in any browser.

# %%
kinds = {"encoder: source on source": (encoder, said, said), "decoder: target on target": (decoder, "▸" + wanted, "▸" + wanted),
         "cross: target on source": (cross, "▸" + wanted, said)}
picture, axes = plt.subplots(1, 3, figsize=(9, 4), width_ratios=[13, 11, 13])
for ax, (title, (kind, asks, asked_of)) in zip(axes, kinds.items()):
    clear = kind.amax(-1).mean(-1)  # (layers, heads): the largest weight of a row, on average
    layer, best_head = divmod(int(clear.argmax()), clear.shape[1])
    draw_heatmap(ax, kind[layer, best_head], list(asks), list(asked_of), labels=9.6)
    ax.set_title(f"{title}\nlayer {layer}, head {best_head}", fontsize=11)
    ax.set_anchor("N")  # all three hang from one line
    plt.setp(ax.get_xticklabels(), rotation=0, ha="center")
    ax.set_ylabel("query (asks)" if ax is axes[0] else "")
three = figure(picture, caption="March 3, 2021 becomes 2021-03-03: the three kinds of attention of one trained model.",
               alt="""Three maps of the date model. The encoder's is a full square, looks go both ways. The decoder's is empty above
                   the diagonal. The cross-attention's has a row for each target sign and a column for each source sign.""")
saved = three.save(portfolio() / "w1d6_three_maps.png"), explorer.save(portfolio() / "w1d6_cross_attention.html")
three

# %% [markdown]
# **New words**

# %%
new_words("w1d6")

# %% [markdown]
# **Tomorrow** the week comes together: a concept map, a page of your journal, the same word before and after attention, and an exam
# over everything since day 1.

# %% [markdown]
# # Week 3 · Day 3: GPT architecture
#
# **Today you read a whole GPT, line beside picture, count it to the last number, and bring somebody else's weights to life in it.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week3/day3_gpt_architecture.ipynb)
#
# At the end you will be able to
#
# - point at any line of a GPT's program, and say which box of the drawing it is and which shape it makes;
# - explain where the 2304 in GPT-2 comes from, and show with numbers that one fused matrix is twelve separate heads;
# - compute the number of parameters of any GPT-2 by hand, and load a published model's weights into code of your own.

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
import inspect
import math

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from shared.attention import causal_mask, merge_heads, scaled_dot_product_attention
from shared.gpt import GPT, THEIR_NAMES, Block, CausalSelfAttention, FeedForward, GPTConfig
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.sketches import compare_sketch, sketch
from shared.pretrained import load
from shared.text import stories
from shared.visuals import color, course_map, figure, stepper
from shared.visuals.model_code import code_figure, code_lines, code_view, draw_model, draw_tensor, pass_frames
from shared.visuals.palette import INK, QUIET, outline, words

course_map(week=3, day=3)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w3d3")

# %% [markdown]
# ## 1 · Line beside picture (15 min)
#
# GPT-2 came out in 2019, and its makers first held the largest one back, because they feared what people might do with it. What kind of program is that? You know all its parts. Today you read it whole.
#
# `inspect.getsource` gives a piece of a program as text. What you read below is therefore what runs. Four classes make the model, in one file: `shared/gpt.py`.

# %%
def source(*parts):
    return "\n".join(inspect.getsource(part) for part in parts)

attention_class = (CausalSelfAttention.__init__, CausalSelfAttention.project, CausalSelfAttention.forward)
pieces = {"GPT, made": source(GPT.__init__), "GPT, run": source(GPT.forward, GPT.hidden, GPT.embed),
          "Block": source(Block), "Attention": source(*attention_class), "FeedForward": source(FeedForward)}

# %% tags=["predict"]
predict("w3d3-p1",
        "Count lines of code only, no comments, no blank lines. How many lines does it take to make a GPT-2 and to turn "
        "token ids into scores for the next token?")

# %%
lines = {name: len(code_lines(text)) for name, text in pieces.items()}
print("  ".join(f"{name}: {n}" for name, n in lines.items()), "  together:", sum(lines.values()))
reveal("w3d3-p1", sum(lines.values()), "About a page. All that GPT-2 knows is in its numbers; the program only says what to multiply with what.", tolerance=15)

# %% [markdown]
# Start with the two smallest pieces. Left the code, right the whole model, with the parts in color that the code is about.

# %%
code_figure(source(FeedForward, Block), ["norm_1", "attention", "add_1", "norm_2", "feed_forward", "add_2", "up", "gelu", "down"], title="Block: two lines, two pluses",
            alt="""The code of the feed-forward network and of the block, beside a drawing of the whole GPT. Lit: in the block norm 1, attention, a plus, norm 2, feed-forward, a second plus; and what is
                inside the feed-forward box: up, GELU, down.""",
            caption="Each “x + …” is one gray line of the drawing. The norm stands inside the brackets: pre-LN. FeedForward is one box of the block.")

# %% [markdown]
# `nn.Module` is PyTorch's class for anything that has parameters. Each has two halves: `__init__` runs once and makes the parts; `forward` runs for every text, and is read from the inside out. (`cache` is for writing and stays `None` today: day 6 says what it keeps.)
#
# Is it the block of week 2? Write both lines yourself and compare:

# %%
torch.manual_seed(1)
block = Block(GPTConfig(vocab_size=100, context=32, n_layers=1, n_heads=4, d_model=64))
x = torch.randn(1, 6, 64)
z = x + block.attention(block.norm_1(x))
by_hand = z + block.feed_forward(block.norm_2(z))
print("by hand equals the class:", torch.equal(by_hand, block(x)))

# %% [markdown]
# $$x \leftarrow x + \operatorname{Attn}(\operatorname{LN}_1(x)) \qquad x \leftarrow x + \operatorname{FFN}(\operatorname{LN}_2(x)) \qquad\qquad \text{logits} = \operatorname{LN}_f(x)\,E^\top$$
#
# The first two stand in every block, the last one once, on top. $E$ is the token table; you will see it again. And here is everything. Choose a piece, then a line (click, or arrow keys): its boxes light up. A click on a box leads to its lines.
#
# *Find with it:* (1) the one line that makes most of the model; (2) the line that lights up two boxes far apart from each other; (3) two lines that are about `out`.

# %% tags=["interactive"]
small = dict(B=1, T=6, d=768, h=12, k=64, V=50257, C=1024, n=12)  # GPT-2 small, six tokens
code_view(pieces, small, start=("Block", 8),
          alt="""The whole program of the GPT in five pieces, beside a drawing of the model. A chosen line lights up the boxes that it is about: for example the
              first line of a block's forward lights up norm 1, attention and the plus.""",
          caption="Lines that light up nothing keep the books: start values, settings, checks.")

# %% [markdown]
# <details><summary>What there is to find</summary>
#
# (1) `self.blocks = nn.ModuleList(...)`: all blocks in one line. (2) `self.head.weight = self.tokens.weight`: the token table at the bottom and the head on top are one matrix. (3) The line that makes it, `self.out = nn.Linear(...)`, and the line that uses it,
# `return self.out(merge_heads(heads))`.
# </details>
#
# ### One forward pass, shape by shape
#
# Six tokens go in at the bottom. Follow them through the real GPT-2 small. We want shapes and no numbers, so the model is made on PyTorch's **meta device**: tensors that have a shape and nothing in it. That costs no memory at all.

# %% tags=["predict"]
predict("w3d3-p2", "Six tokens go through GPT-2 small. At which of these steps does the table hold the most numbers?",
        options=["queries, keys and values together", "all heads' attention weights", "inside the feed-forward network", "the logits"])

# %%
with torch.device("meta"):
    gpt2 = GPT(GPTConfig.named("gpt2"))
    six = torch.zeros(1, 6, dtype=torch.long)
first = gpt2.blocks[0]
x = gpt2.embed(six)
normed = first.norm_1(x)
qkv = first.attention.qkv(normed)
q, k, v = first.attention.project(normed)

# %%
scores = q @ k.transpose(-2, -1)
heads = scores @ v
found = first.attention.out(merge_heads(heads))
wide = first.feed_forward.up(first.norm_2(x))
narrow = first.feed_forward.down(wide)
made = [gpt2.tokens(six), x, normed, qkv, qkv.chunk(3, dim=-1)[0], q, scores, heads, merge_heads(heads), found, x + found,
        first.norm_2(x), wide, narrow, x + narrow, gpt2.final_norm(x), gpt2(six)]
print("out of the model:", tuple(made[-1].shape))

# %%
stepper(pass_frames([tuple(table.shape) for table in made]), start=3,
        alt=f"""Six tokens go through GPT-2 small. Rows of 768 numbers; one product makes rows of {qkv.shape[-1]}; they are cut into three, and each into 12
            heads of 64; twelve tables of 6 by 6 weights; side by side again, 768; in the feed-forward network {wide.shape[-1]}; back to 768; in the end
            {made[-1].shape[-1]:,} scores for each token.""",
        caption="The part at work, its line of code, and the shape it makes, to scale. Wherever a plus comes, the shape is (1, 6, 768) again.")

# %%
sizes = {"queries, keys and values together": qkv, "all heads' attention weights": scores, "inside the feed-forward network": wide, "the logits": made[-1]}
print("   ".join(f"{name}: {table.numel():,}" for name, table in sizes.items()))
reveal("w3d3-p2", max(sizes, key=lambda name: sizes[name].numel()),
       f"Six rows of 50,257 scores. The attention weights grow with the square of the length; with the full 1,024 tokens they are {12 * 1024**2 / 1e6:.0f} million, and the logits still {1024 * 50257 / 1e6:.0f} million.")

# %% [markdown]
# ## 2 · One product instead of thirty-six (18 min)
#
# One line of the program is so dense that it deserves a section. You read it in every GPT:

# %%
print(source(CausalSelfAttention.project))

# %% [markdown]
# (In the drawing: the boxes `qkv`, `chunk` and `cut into heads`.) In week 1 each of eight heads had three matrices, $W_q$, $W_k$, $W_v$. Twelve heads should have thirty-six. The code has *one*, a **fused projection**: 768 numbers come in for each token, all queries, keys and values come out.

# %% tags=["predict"]
predict("w3d3-p3", "GPT-2 small: rows of 768 numbers, 12 heads, each 64 wide. How many numbers does the fused projection make of one row?")

# %%
P = 0.24  # pixels for one feature
picture, ax = plt.subplots(figsize=(9, 3.7))
ax.add_patch(plt.Rectangle((20, 120), 768 * P, 9, facecolor=color("residual"), edgecolor=INK, linewidth=0.8))
for part, hue in enumerate(("query", "key", "value")):
    for head in range(12):
        left = 290 + (part * 768 + head * 64) * P
        for top, high in ((50, 768 * P), (282, 9)):
            ax.add_patch(plt.Rectangle((left, top), 64 * P, high, facecolor=color(hue), alpha=0.95 if head % 2 else 0.65, edgecolor="white", linewidth=0.5))
    ax.text(290 + (part + 0.5) * 768 * P, 38, f"W_{'qkv'[part]}: 12 × 64 = 768", ha="center", color=words(hue), fontsize=11, fontweight="bold")
    ax.text(290 + (part + 0.5) * 768 * P, 310, f"all {['queries', 'keys', 'values'][part]}", ha="center", color=words(hue), fontsize=10.5)
ax.text(20, 108, "one token's row: 768", fontsize=10.5), ax.text(242, 125, "×", fontsize=15, va="center"), ax.text(262, 288, "=", fontsize=15, va="center", ha="center")
ax.text(20, 288, "one row of 3 · 768 = 2304", fontsize=10.5, va="center")
ax.set(xlim=(0, 860), ylim=(325, 0), title="Thirty-six matrices, side by side")
ax.axis("off")
figure(picture,
       alt="""A row of 768 numbers times a matrix 768 high and 2304 wide gives a row of 2304. The matrix is made of 36 stripes, each 64 columns wide: twelve for queries,
           twelve for keys, twelve for values. The result has the same stripes.""",
       caption="To scale. Each stripe is one head's own matrix, (768, 64). Two shades, so that you see where one head ends.")

# %%
fused_width = 3 * 12 * 64
print("3 (q, k, v) × 12 heads × 64 =", fused_width, "  and 3 × 768 =", 3 * 768, "  in the code:", qkv.shape[-1])
reveal("w3d3-p3", qkv.shape[-1], "Three roles, twelve heads, 64 numbers each. As 12 × 64 is 768 again, this is 3 × 768.")

# %% [markdown]
# In notes and forum posts you also meet *2308*. It is a slip of the pen. You need no book to know: try to cut it.

# %%
for width in (2304, 2308):
    parts = [part.shape[-1] for part in torch.zeros(1, 6, width).chunk(3, dim=-1)]
    print(f"{width}: q, k, v are {parts} wide;  one of twelve heads gets {[round(part / 12, 2) for part in parts]}")

# %% [markdown]
# 2308 falls into no three equal parts, and its parts into no twelve heads. Nor do biases make it wider: a bias is *added* to a row of 2304, it does not lengthen it.
#
# And 2304 is no law of nature. It is 3·d of *this* width: in the Transformer of 2017, with d = 512, it would be 1536. (The paper writes three matrices for each head; fusing is a matter of code.) Later models often have fewer keys and values than queries; then it is not even 3·d (day 6).
#
# ### Two heads, small enough for your fingers
#
# Two tokens with four numbers each, two heads that are two wide. Six small matrices, one for each role and head; first each by itself, in a loop:

# %%
x = torch.tensor([[1.0, 0.0, 2.0, -1.0], [0.0, 1.0, 1.0, 1.0]])          # (2, 4): two tokens
torch.manual_seed(8)
W = {role: torch.randint(-2, 3, (2, 4, 2)).float() for role in "qkv"}    # for each role: (head, 4, 2)
separate = {role: [x @ W[role][head] for head in range(2)] for role in "qkv"}
fused = torch.cat([W[role][head] for role in "qkv" for head in range(2)], dim=1)
print("side by side:", tuple(fused.shape), "  one product:", tuple((x @ fused).shape))

# %%
picture, ax = plt.subplots(figsize=(8.8, 4.1))
HUES = ["query"] * 4 + ["key"] * 4 + ["value"] * 4

def cells(table, left, top, hues):  # one square for each number
    for (r, c), number in [((r, c), int(table[r, c])) for r in range(len(table)) for c in range(table.shape[1])]:
        x_at = left + c + 0.25 * (c // 2 + c // 4) * (len(hues) == 12)
        ax.add_patch(plt.Rectangle((x_at, top + r), 0.94, 0.94, facecolor=color(hues[c]), alpha=0.22 if c // 2 % 2 and len(hues) == 12 else 0.45, linewidth=0))
        ax.text(x_at + 0.47, top + r + 0.5, f"{number}".replace("-", "−"), ha="center", va="center", fontsize=11)

cells(x, 0, 1.5, ["residual"] * 4), cells(fused, 6, 0.5, HUES), cells(x @ fused, 6, 6.4, HUES)
for i, name in enumerate(("q, head 0", "q, head 1", "k, head 0", "k, head 1", "v, head 0", "v, head 1")):
    ax.text(6.97 + 2.25 * i + 0.25 * (i // 2), 0.2, name, ha="center", fontsize=10, color=words(HUES[2 * i]))
ax.text(2, 1.2, "two tokens, (2, 4)", ha="center", fontsize=10.5), ax.text(5, 2.5, "×", fontsize=15, ha="center", va="center"), ax.text(5, 7.4, "=", fontsize=15, ha="center", va="center")
ax.text(13.7, 5.2, "six matrices in one, (4, 12)", ha="center", fontsize=10.5), ax.text(13.7, 9.1, "all queries, keys and values, (2, 12)", ha="center", fontsize=10.5)
ax.set(xlim=(-0.2, 21.4), ylim=(9.5, -0.6), title="Each column minds its own business"), ax.axis("off")
figure(picture,
       alt=f"""Two tokens of four numbers times a matrix of 4 rows and 12 columns: two columns each for the query, key and value of head 0 and head 1. The result has the same twelve columns.
           Token 0's query for head 0 is {(x @ fused)[0, :2].int().tolist()}.""",
       caption="Check one cell with your fingers: token 0 is (1, 0, 2, −1). Multiply down a column and add up. No other column takes part.")

# %%
one = x @ fused
alike = [torch.equal(one[:, 4 * r + 2 * head :][:, :2], separate[role][head]) for r, role in enumerate("qkv") for head in range(2)]
print("each slice equals the head's own product:", alike)

# %% [markdown]
# A column of a product depends on one column of the matrix, and on no other. So it makes no difference whether columns stand alone or among others. That is all there is to fusing:
#
# $$x\,\bigl[\,W_q^1 \cdots W_q^{h} \;\big|\; W_k^1 \cdots W_k^{h} \;\big|\; W_v^1 \cdots W_v^{h}\,\bigr] \;=\; \bigl[\,xW_q^1 \cdots xW_v^{h}\,\bigr] \qquad (T, d)\,(d, 3d) = (T, 3d)$$
#
# Why do it? One large product keeps a processor busier than thirty-six small ones. The numbers are the same.
#
# ### Chunk, view, transpose
#
# The same at GPT-2's size. After the product nothing is computed any more; the numbers are only cut and turned.

# %%
torch.manual_seed(3)
attention = CausalSelfAttention(GPTConfig.named("gpt2"))  # random weights, real size: 2.4 million
x = torch.randn(1, 6, 768)
qkv = attention.qkv(x)                                    # (1, 6, 2304)
q, k, v = qkv.chunk(3, dim=-1)                            # three times (1, 6, 768)
cut = q.view(1, 6, 12, 64)                                # twelve stripes in each row
q_heads = cut.transpose(1, 2)                             # (1, 12, 6, 64): heads in front
steps = {"x": x, "qkv": qkv, "q, k, v": q, "q.view(1, 6, 12, 64)": cut, "….transpose(1, 2)": q_heads}

# %%
picture, ax = plt.subplots(figsize=(9, 5.4))
hues = ["residual", ("query", "key", "value"), "query", "query", "query"]
for i, ((name, table), hue) in enumerate(zip(steps.items(), hues)):
    y = 20 + 100 * i
    ax.text(0, y + 24, name, family="DejaVu Sans Mono", fontsize=11), ax.text(0, y + 48, str(tuple(table.shape)), family="DejaVu Sans Mono", fontsize=11, fontweight="bold")
    for part in range(3 if name == "q, k, v" else 1):
        draw_tensor(ax, 250 + 140 * part, y, (6, 768) if i == 3 else table.shape, ("query", "key", "value")[part] if i == 2 else hue)
    for head in range(1, 12 if i == 3 else 1):
        ax.plot([250 + head * 64 * 0.16] * 2, [y - 4, y + 70], color=INK, linewidth=1, linestyle=(0, (3, 2)), zorder=6)
for x_at, y, says in ((635, 153, "one product"), (675, 253, "chunk: cut into three"), (395, 353, "view: cut at the dashed lines; nothing moves"), (455, 453, "transpose: each head has its own table of six tokens")):
    ax.text(x_at, y, says, fontsize=10.5, va="center")
ax.set(xlim=(0, 900), ylim=(520, 0), title="After the product, numbers are only cut and turned")
ax.axis("off")
figure(picture,
       alt="""Five shapes to scale. x, 6 by 768. qkv, 6 by 2304, in three colors. Three tables of 6 by 768. The first of them with eleven dashed lines that cut each row into 12 stripes.
           Twelve narrow tables of 6 by 64, one for each head.""",
       caption="Each row is a token. Follow one token: it stays in its row until the transpose, and then stands in the same row of all twelve tables.")

# %%
print("the course's line gives the same:", torch.equal(q_heads, attention.project(x)[0]))

# %% [markdown]
# Why the transpose? Attention works on the last two axes, tokens × features, and treats the axes in front as separate problems. So the heads must stand in front. The program writes `unflatten` for `view`; it does the same, and works the width out by itself.
#
# Now a tempting shortcut. The wanted shape is (1, 12, 6, 64). Could you ask for it at once?

# %% tags=["predict"]
predict("w3d3-p4", "q has the shape (1, 6, 768). What does `q.reshape(1, 12, 6, 64)` give, without any transpose?",
        options=["the same twelve heads", "an error", "the right shape with the wrong numbers: heads of mixed tokens"])

# %%
tiny = torch.arange(3)[:, None].expand(3, 6).reshape(1, 3, 6)             # every number says which token it belongs to
right = tiny.view(1, 3, 3, 2).transpose(1, 2)                             # three heads, three tokens, two wide
wrong = tiny.reshape(1, 3, 3, 2)
picture, ax = plt.subplots(figsize=(9, 2.7))
tables = {"q: three tokens": (0, tiny), "view, then transpose": (7.6, right[0]), "reshape alone": (16.4, wrong[0])}
for title, (left, table) in tables.items():
    ax.text(left, -1.3, title, fontsize=11.5, fontweight="bold")
    for h, sheet in enumerate(table):
        for (r, c), token in [((r, c), int(sheet[r, c])) for r in range(3) for c in range(sheet.shape[1])]:
            ax.add_patch(plt.Rectangle((left + 2.6 * h + c, r), 0.94, 0.94, facecolor=[color("query"), color("key"), color("value")][token]))
            ax.text(left + 2.6 * h + c + 0.47, r + 0.5, str(token), ha="center", va="center", color=INK if token == 1 else "white", fontsize=11)
        if left: ax.text(left + 2.6 * h + 0.97, -0.3, f"head {h}", ha="center", fontsize=10)
ax.set(xlim=(-0.2, 24), ylim=(3.2, -2), aspect="equal", title="The right shape, and heads of mixed tokens"), ax.axis("off")
figure(picture,
       alt="""Numbers that say which token they belong to. With view and transpose, each head has one row of each of the three tokens. With reshape alone,
           head 0 has three rows of token 0, head 1 three rows of token 1, head 2 three rows of token 2.""",
       caption="The colors here are tokens. Right: each “head” holds one token only, cut into pieces that pretend to be three tokens.")

# %%
direct = q.reshape(1, 12, 6, 64)
outcome = "the same twelve heads" if torch.equal(direct, q_heads) else "the right shape with the wrong numbers: heads of mixed tokens"
print("shapes equal:", direct.shape == q_heads.shape, "  numbers equal:", torch.equal(direct, q_heads), "  q lies in one piece:", q.is_contiguous())
reveal("w3d3-p4", outcome, "`reshape` takes the numbers in their order, token by token, and fills head 0 first. No error, and attention among shreds. Exercise 1 knows this one.")

# %% [markdown]
# (`view` instead of `reshape` would have refused here: q is a piece of a wider table, with gaps in memory. Do not count on such luck.)
#
# ### Twelve separate heads
#
# Now the proof at full size. Cut one head's stripes out of the fused matrix, and let it work all by itself, as in week 1. Its output goes through its own 64 rows of the output matrix.

# %%
W, b = attention.qkv.weight.T, attention.qkv.bias     # (768, 2304) and (2304,)
W_out = attention.out.weight.T                        # (768, 768)

def head_alone(i):
    q, k, v = (x @ W[:, s] + b[s] for s in (slice(part * 768 + i * 64, part * 768 + (i + 1) * 64) for part in range(3)))
    mixed, _ = scaled_dot_product_attention(q, k, v, causal_mask(6))   # week 1, day 3
    return mixed @ W_out[i * 64 : (i + 1) * 64]                        # (1, 6, 64)(64, 768) = (1, 6, 768)

with torch.no_grad():
    twelve = sum(head_alone(i) for i in range(12)) + attention.out.bias
    gap = float((twelve - attention(x)).abs().max())
print(f"numbers: {twelve.numel():,}   typical size: {float(twelve.abs().mean()):.3f}   equal, to the fifth decimal: {gap < 1e-5}")

# %% [markdown]
# So `MultiHeadAttention` in one matrix and twelve separate heads are the same function. What is left is rounding in the last digit. It also shows what the output projection is: each head has its own 64 rows of it, and the heads' results are *added*.
#
# ### And the low-dimensional subspaces?
#
# The paper of 2017 says that heads look into different *representation subspaces*: each projects the row into its own 64 dimensions. A **subspace** is a flat piece of a larger space, like a floor in a room. Here is an objection that many people have:
#
# > "768 → 2304 makes the row *larger*. A head should look into something *smaller*. One of them must be wrong."

# %% tags=["predict"]
predict("w3d3-p5", "You change only the last of a token's 768 numbers. How many of the 12 heads get another query from this token?")

# %%
with torch.no_grad():
    moved = x.clone()
    moved[0, 0, -1] += 1
    change = (attention.project(moved)[0] - attention.project(x)[0])[0, :, 0].norm(dim=-1)   # (12,): by head
print("heads with another query:", int((change > 1e-6).sum()))
reveal("w3d3-p5", int((change > 1e-6).sum()), "No head owns a slice of the row. Each reads all 768 numbers, and it is its *result* that is 64 wide.")

# %% [markdown]
# So not the row is sliced, but the result. And each head is blind to most of the row: out of 768 directions, its queries can tell 64. Take head 3, find a direction that it cannot see, and move the token far along it. (`svd` finds it; the *rank* of a matrix counts the independent directions that it tells apart.)

# %%
w_q3 = W[:, 3 * 64 : 4 * 64].detach()                          # head 3's own query matrix, (768, 64)
unseen = torch.linalg.svd(w_q3.T).Vh[-1]                       # a direction that this matrix sends to 0
with torch.no_grad():
    before, after = (attention.project(row)[0][0, :, 0] for row in (x, x + 20 * unseen))
    change = (after - before).norm(dim=-1)                     # (12,): how far each head's query moved
print("rank of head 3's matrix:", int(torch.linalg.matrix_rank(w_q3)), " of all 2304 columns:", int(torch.linalg.matrix_rank(W.detach())))

# %%
picture, ax = plt.subplots(figsize=(8, 3.2))
ax.bar(range(12), change, color=[color("attention") if i == 3 else color("query") for i in range(12)], width=0.7)
ax.annotate("head 3 notices nothing", (3, float(change.max()) * 0.03), (3, float(change.max()) * 1.1), ha="center", color=words("attention"), fontsize=11,
            arrowprops=dict(arrowstyle="->", color=color("attention")))
ax.set(title="A move that one head cannot see, and all others can", xlabel="head", ylabel="how far its query moved", xticks=range(12), ylim=(0, 1.22 * float(change.max())))
figure(picture,
       alt=f"""How far each head's query moves when a token is pushed along one direction. Head 3: {float(change[3]):.5f}. The other eleven heads move by
           {float(change[[i for i in range(12) if i != 3]].min()):.1f} to {float(change.max()):.1f}.""",
       caption="The direction was computed from head 3's matrix alone. Each head is blind to 704 independent directions, and each to others.")

# %% [markdown]
# Both sentences are true, of different things. Each head's stripe, (768, 64), goes *down* into 64 dimensions. Thirty-six results, 64 numbers each, laid side by side are 2304. "Larger" is only the row of all answers together; no head ever sees it.
#
# The same holds for BERT. It keeps three matrices of (768, 768), for queries, keys and values. You may read that BERT "only splits" and has no weights for each head; but each of the three is twelve heads' matrices, side by side.
#
# Two notes for readers of other people's code. "Split the 512-dimensional embedding into 64-dimensional heads" is loose talk: the row is projected, and the *projection* is split. And a matrix that the formula writes as (768, 2304) may be stored as (2304, 768). That is section 4.

# %% [markdown]
# ## 3 · Count to the last one (13 min)
#
# How large is it, exactly? The meta model knows all its shapes. One block first:

# %%
for name, parameter in first.named_parameters():
    print(f"{name:26} {str(tuple(parameter.shape)):13} {parameter.numel():>10,}")
print(f"{'one block':40} {sum(p.numel() for p in first.parameters()):>10,}")

# %% [markdown]
# With d for the width, by hand: attention has $3d^2 + 3d$ for the fused projection and $d^2 + d$ for the output; the feed-forward network $8d^2 + 5d$; two norms, $4d$. Together $12d^2 + 13d$. Outside of the blocks: a row for each of V tokens, a row for each of C places, one last norm.
#
# $$\underbrace{V d}_{\text{tokens}} + \underbrace{C d}_{\text{positions}} + N\,\underbrace{(12 d^2 + 13 d)}_{\text{one block}} + \underbrace{2 d}_{\text{final norm}}$$
#
# Nothing is in it for the head. Is that a mistake?

# %% tags=["predict"]
predict("w3d3-p6", "The head gives a score to each of 50,257 tokens. If it had a matrix of its own, how many parameters would GPT-2 small have in all?",
        options=["about 124 million", "about 163 million", "about 202 million"])

# %%
def formula(c):
    block = 12 * c.d_model**2 + 13 * c.d_model
    return c.vocab_size * c.d_model + c.context * c.d_model + c.n_layers * block + 2 * c.d_model

untied = formula(gpt2.config) + gpt2.config.vocab_size * gpt2.config.d_model
print(f"as it is: {formula(gpt2.config):,}    with a head of its own: {untied:,}")
print("head and token table are one object:", gpt2.head.weight is gpt2.tokens.weight)
reveal("w3d3-p6", f"about {untied / 1e6:.0f} million", "The real one has a tied head: it borrows the token table, turned around. One matrix, two jobs, counted once.")

# %% [markdown]
# A **tied head** scores a token by a dot product: the row that comes out of the last norm, against that token's own row in the table. It sounds impossible that one table can do both, since reading goes from token to row and voting from row to token. But that is the same matrix used from its other side, $E$ and $E^\top$.
#
# Now all four sizes that were published. The formula against a count over the modules:

# %%
models = {}
for name in ("gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl"):
    with torch.device("meta"):
        models[name] = GPT(GPTConfig.named(name))
    c, counted = models[name].config, sum(p.numel() for p in models[name].parameters())
    print(f"{name:12} {c.n_layers} layers, {c.d_model:4} wide, {c.n_heads} heads: formula {formula(c):13,}   module {counted:13,}   equal: {formula(c) == counted}")

# %% [markdown]
# The first release called the two smallest "117M" and "345M". Those were counting errors; yours is right. Note also what is *not* in the formula: the number of heads. All four have heads of d/h = 64. And “48 layers, 25 heads, 1600 wide”, which you often read about GPT-2, is XL alone.
#
# Where are these numbers? Draw every matrix of the small one to scale, so that each parameter gets the same area:

# %%
S, d, row = 1 / 16, 768, 2304 + 768 + 3072 + 3072   # pixels for one number; the width; a block's four matrices in a line
table, blocks = 50257 * d, 12 * (12 * d * d + 13 * d)

def slab(ax, x, y, wide, hue):
    ax.add_patch(plt.Rectangle((x, y), wide * S, d * S, facecolor=color(hue), edgecolor="white", linewidth=1))

# %%
picture, ax = plt.subplots(figsize=(8.8, 9.2))
y = 0.0
for start in range(0, 50257, row):                             # the token table, folded into lines of this length
    slab(ax, 140, y, min(row, 50257 - start), "residual"); y += d * S
slab(ax, 140, y + 4, 1024, "position"); y += d * S + 14
for number in range(12):
    left = 140
    for wide, hue in ((2304, "attention"), (768, "attention"), (3072, "feed-forward"), (3072, "feed-forward")):
        slab(ax, left, y, wide, hue); left += wide * S
    ax.text(130, y + d * S / 2, f"block {number}", ha="right", va="center", fontsize=10); y += d * S + 3
for x_at, y_at, says, hue in ((132, 140, "token table\n(and head)", "residual"), (132, 316, "positions", "position")):
    ax.text(x_at, y_at, says, ha="right", va="center", fontsize=10.5, fontweight="bold", color=words(hue))
for left, wide, says in ((0, 2304, "qkv"), (2304, 768, "out"), (3072, 3072, "up"), (6144, 3072, "down")):
    ax.text(140 + (left + wide / 2) * S, y + 12, says, ha="center", fontsize=10.5)
ax.set(xlim=(0, 730), ylim=(y + 24, -4), title="Most of GPT-2 small is feed-forward networks and a dictionary"); ax.axis("off")
figure(picture,
       alt=f"""All matrices of GPT-2 small as rectangles, equal area for equal numbers. The token table, folded into lines, takes {100 * table / formula(gpt2.config):.0f} percent, twelve blocks take {100 * blocks / formula(gpt2.config):.0f} percent: each has the fused projection,
           a small output matrix, and two large ones of the feed-forward network. The positions are a thin piece.""",
       caption="Every matrix, to scale. The token table is one matrix, folded into lines of a block's length. All biases and norms together would be a line thinner than the gaps.")

# %%
picture, ax = plt.subplots(figsize=(8.8, 3.1))
for i, (name, model) in enumerate(models.items()):
    c, left = model.config, 0.0
    shares = {"residual": c.vocab_size * c.d_model, "position": c.context * c.d_model, "attention": c.n_layers * 4 * (c.d_model**2 + c.d_model),
              "feed-forward": c.n_layers * (8 * c.d_model**2 + 5 * c.d_model), "normalization": (4 * c.n_layers + 2) * c.d_model}
    assert sum(shares.values()) == formula(c)
    for hue, n in shares.items():
        share = 100 * n / formula(c)
        ax.barh(i, share, left=left, color=color(hue), height=0.72)
        if share > 4: ax.text(left + share / 2, i, f"{share:.0f} %", ha="center", va="center", color="white", fontsize=11)
        left += share
ax.set_yticks(range(4), [f"{name}\n{formula(model.config) / 1e6:,.0f} million" for name, model in models.items()], fontsize=10)
ax.invert_yaxis()
ax.set(title="The larger the model, the smaller its dictionary", xlabel="share of the parameters (percent): gray token table, purple attention, vermilion feed-forward", xlim=(0, 100))
table_share = {name: 100 * m.config.vocab_size * m.config.d_model / formula(m.config) for name, m in models.items()}
figure(picture,
       alt=f"""Shares of the parameters in the four sizes of GPT-2. The token table shrinks from {table_share['gpt2']:.0f} percent in the smallest to {table_share['gpt2-xl']:.0f} percent in the largest; the
           feed-forward networks hold the largest share in all four, about twice that of attention.""",
       caption="The token table grows with the width, a block with its square. Positions and norms are there, too thin for a number.")

# %% [markdown]
# Attention holds a third of a block, the feed-forward network two thirds, in all sizes. A model that is twice as wide has four times as large blocks; twice as many layers make it twice as large. More heads cost nothing.

# %% [markdown]
# ## 4 · Somebody else's weights (10 min)
#
# A program and a count are not a model yet. The numbers come as a file. Hugging Face's version of GPT-2 has its own program with its own names; can its numbers live in ours? Here is what both call the same things:

# %%
tokenizer, theirs = load("gpt2")  # GPT-2 where it is cached or the hub answers, else the course's small one
weights = theirs.state_dict()     # {name: tensor}
config = GPT.from_pretrained(theirs.name_or_path).config

def their_name(ours):
    return "transformer." + ".".join(THEIR_NAMES.get(part, part) for part in ours.split("."))

# %% tags=["predict"]
predict("w3d3-p7", "`c_attn` is the fused projection of Hugging Face's GPT-2, d is the width. In which shape does the file hold its matrix?",
        options=["(d, 3d)", "(3d, d)", "(3d, 3d)"])

# %%
with torch.device("meta"):
    empty = GPT(config)
for ours, parameter in empty.named_parameters():
    if "blocks." not in ours or ours.startswith("blocks.0."):
        print(f"{ours:31} {str(tuple(parameter.shape)):12} {their_name(ours)[12:]:18} {tuple(weights[their_name(ours)].shape)}")

# %%
held, d = tuple(weights["transformer.h.0.attn.c_attn.weight"].shape), config.d_model
reveal("w3d3-p7", "(d, 3d)" if held == (d, 3 * d) else "(3d, d)" if held == (3 * d, d) else "(3d, 3d)",
       f"Here {held}, and our nn.Linear keeps {tuple(empty.blocks[0].attention.qkv.weight.shape)}. The same numbers, turned.")

# %% [markdown]
# Such a dictionary of names and tensors is called a **state dict**. Compare the shapes of two columns: three matrices of each block are visibly turned. A fourth, `attention.out`, is turned as well; it is square, so its shape does not say so. OpenAI's code calls its layer Conv1D and computes $xW + b$ with $W$ as (in, out), as formulas are written. PyTorch's `nn.Linear` computes $xW^\top + b$ and keeps (out, in).
# So the matrix must be turned on its way over; the embedding tables, which are looked up and not multiplied, must not.

# %%
TURNED = ("qkv.weight", "out.weight", "up.weight", "down.weight")

@torch.no_grad()
def copied(turned=TURNED):
    model = GPT(config)
    for ours, parameter in model.named_parameters():
        weight = weights[their_name(ours)]
        parameter.copy_(weight.T if ours.endswith(turned) else weight)
    return model

# %%
tale = torch.tensor([tokenizer.encode(stories(1, seed=5)[0])])[:, :120]
with torch.no_grad():
    ours_say, they_say = copied()(tale), theirs(tale).logits
    by_class = GPT.from_pretrained(theirs.name_or_path)(tale)
gap = max(float((ours_say - they_say).abs().max()), float((by_class - they_say).abs().max()))
print("logits:", tuple(ours_say.shape), f"  spread {float(they_say.std()):.2f}   largest difference below 0.001:", gap < 1e-3)

# %% [markdown]
# Equal logits, at every place, for every token of the vocabulary: two programs, one function. The copy took a handful of lines. `GPT.from_pretrained` does the same with more care: it checks names, shapes and settings, and says what is wrong.
#
# How much care is needed? Forget to turn one of the four, in all blocks, and see what happens.

# %% tags=["predict"]
predict("w3d3-p8", "Four kinds of matrices must be turned. You forget one of them. For how many of the four does the copy run *without* any error?")

# %%
def loss(logits):
    return float(F.cross_entropy(logits[0, :-1], tale[0, 1:]))

outcomes, silent = {"nothing": ours_say}, []
for forgotten in TURNED:
    try:
        outcomes[forgotten] = copied(tuple(t for t in TURNED if t != forgotten))(tale).detach()
        silent.append(forgotten)
    except RuntimeError as error:
        print(f"{forgotten:12} an error: {str(error).splitlines()[0][:66]} …")
for forgotten in silent:
    print(f"{forgotten:12} no error; loss {loss(outcomes[forgotten]):.2f} instead of {loss(ours_say):.2f} (blind guessing: {math.log(config.vocab_size):.2f})")

# %%
picture, panels = plt.subplots(1, 2, figsize=(8.6, 4.1), sharex=True, sharey=True)
shown = {"all four turned": ours_say, f"{silent[0]} forgotten": outcomes[silent[0]]}
for axes, (title, logits) in zip(panels, shown.items()):
    axes.scatter(they_say.flatten()[::151][:400], logits.flatten()[::151][:400], s=7, color=color("attention"), alpha=0.5, linewidths=0)
    axes.set_title(f"{title}: loss {loss(logits):.2f}", fontsize=11.5)
    axes.set(xlabel="logit of Hugging Face's program")
panels[0].set_ylabel("logit of the course's program")
figure(picture,
       alt=f"""Logits of two programs against each other. Left, with all matrices turned: all points on one diagonal line, loss {loss(ours_say):.2f}. Right, with one square matrix not
           turned: a cloud, loss {loss(outcomes[silent[0]]):.2f}. There was no error message.""",
       caption="One point for a logit, some of all. The right model is made of the very same numbers; in one square matrix of each block, rows and columns are exchanged.")

# %%
reveal("w3d3-p8", len(silent), "The output matrix is square: turned or not, it fits. Shapes that match prove little; equal logits prove much.")

# %% [markdown]
# ## 5 · Four quiet choices (9 min)
#
# Four things in the file are easy to read over. You have met two of them: GELU in its tanh form, and the final norm behind pre-LN blocks. Are they important? Take each away from the trained model and measure.

# %%
gpt = copied()

@torch.no_grad()
def loss_with(bend=lambda z: F.gelu(z, approximate="tanh"), final=True, places=True):
    x = gpt.embed(tale) if places else gpt.tokens(tale)
    for block in gpt.blocks:
        x = x + block.attention(block.norm_1(x))
        x = x + block.feed_forward.down(bend(block.feed_forward.up(block.norm_2(x))))
    return loss(gpt.head(gpt.final_norm(x) if final else x))

# %% tags=["predict"]
predict("w3d3-p9", "One thing is changed in the trained model, without training it anew. Which change does the *least* harm?",
        options=["exact GELU instead of the tanh form", "ReLU instead of GELU", "no final norm", "no positions"])

# %%
changes = {"as it is": {}, "exact GELU instead of the tanh form": dict(bend=F.gelu), "ReLU instead of GELU": dict(bend=torch.relu),
           "no final norm": dict(final=False), "no positions": dict(places=False)}
losses = {name: loss_with(**change) for name, change in changes.items()}
picture, ax = plt.subplots(figsize=(8.4, 2.9))
hues = ["residual", "feed-forward", "feed-forward", "normalization", "position"]
ax.barh(range(5), losses.values(), color=[color(hue) for hue in hues], edgecolor=[outline(hue) for hue in hues], height=0.66)
for i, value in enumerate(losses.values()):
    ax.text(value, i, f"  {value:.2f}", va="center", fontsize=10.5)
ax.set_yticks(range(5), list(losses), fontsize=10.5)
ax.invert_yaxis()
least = min(list(losses)[1:], key=losses.get)
ax.set(title="Trained weights count on their parts", xlabel="loss on one tale (nats per token)", xlim=(0, 1.15 * max(losses.values())))
figure(picture, alt="Loss of a trained model when one thing is changed: " + "; ".join(f"{name} {value:.2f}" for name, value in losses.items()) + ".",
       caption="Nothing is trained anew: this asks what the trained weights count on, not which choice is the better one.")

# %%
reveal("w3d3-p9", least, f"Loss {losses[least]:.3f}, and {losses['as it is']:.3f} as it is. The two GELUs differ by less than one thousandth; still, equal logits need the same one.")

# %% [markdown]
# A tied head is the third choice. The fourth hides in the start values: matrices begin with a spread of 0.02, but the two that *write into the stream*, `out` and `down`, begin smaller: $0.02/\sqrt{2N}$ with N blocks. Why?
#
# In N blocks, 2N parts add to the stream. At the start they are random and know nothing of each other. Random things do not add up like 1 + 1 = 2: spreads add as squares, so the spread of the sum grows like √(2N). Day 3 of week 1 had the same root in √d_k.

# %% tags=["predict"]
predict("w3d3-p10", "GPT-2 XL has 48 blocks. By which factor is the spread of the sum of all additions larger than that of a single one, if they are independent?")

# %%
@torch.no_grad()
def added(n_layers, scaled):  # spread of all that the blocks add to the stream, before any training
    torch.manual_seed(5)
    model = GPT(GPTConfig(vocab_size=100, context=32, n_layers=n_layers, n_heads=4, d_model=128))
    for block in model.blocks if not scaled else []:
        block.attention.out.weight *= math.sqrt(2 * n_layers)     # undo the smaller start
        block.feed_forward.down.weight *= math.sqrt(2 * n_layers)
    born = x = model.embed(torch.randint(100, (4, 32)))
    for block in model.blocks:
        x = block(x)
    return float((x - born).std())

depths = (1, 2, 4, 8, 16, 32, 48)
plain, small_start = ([added(n, scaled) for n in depths] for scaled in (False, True))

# %%
picture, ax = plt.subplots(figsize=(8, 3.5))
ax.plot(depths, [plain[0] * math.sqrt(n) for n in depths], color=color("residual"), linestyle="--", linewidth=1.6)
ax.plot(depths, plain, color=color("feed-forward"), marker="o", linewidth=2.4), ax.plot(depths, small_start, color=color("value"), marker="o", linewidth=2.4)
ax.text(48.8, plain[-1], "all start at 0.02", va="bottom", color=words("feed-forward")), ax.text(48.8, small_start[-1], "0.02 / √(2N)", va="center", color=words("value"))
ax.text(34, plain[0] * math.sqrt(34), "  like √N", va="top", color=QUIET)
ax.set(title="Divided by √(2N), the stream starts the same at every depth", xlabel="blocks, N", ylabel="spread of what they add", xlim=(0, 60), ylim=(0, None))
figure(picture,
       alt=f"""Spread of what all blocks add to the stream before training. With a start of 0.02 everywhere it grows from {plain[0]:.2f} with one block to {plain[-1]:.2f} with 48. With the smaller start
           it stays between {min(small_start):.2f} and {max(small_start):.2f}.""",
       caption="A small model, 128 wide, random weights. The dashed line is what independent additions would give.")

# %%
reveal("w3d3-p10", round(math.sqrt(96), 1), f"√96. Measured from 1 to 48 blocks: × {plain[-1] / plain[0]:.1f}; independence says √48 = {math.sqrt(48):.1f}. Not quite independent, and near enough for the choice.", tolerance=0.3)

# %% [markdown]
# Two words on the name. People call GPT-2 "the decoder of the Transformer". Compared with 2017 it has lost its cross-attention (there is no encoder to ask), moved its norms in front, gained a final norm, and replaced ReLU by GELU and the waves by learned positions. What it kept is the heart: masked heads, feed-forward network, residual stream.

# %% [markdown]
# ## Exercises (8 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** From the fused row to heads: `qkv` is (B, T, 3·d). Return q, k and v, each (B, h, T, d_k).

# %% tags=["exercise"]
def cut_into_heads(qkv, n_heads):
    B, T, three_d = qkv.shape
    q, k, v = ...                     # three tables (B, T, d)
    q, k, v = (... for part in (q, k, v))
    return q, k, v

# %% tags=["check"]
check_exercise("w3d3-e1", cut_into_heads)

# %%
help_with("w3d3-e1")

# %% [markdown]
# **2 · Fix it.** It should bring a weight from a Hugging Face GPT-2 file into the layout of `nn.Linear` and `nn.Embedding`. Names look like `h.0.attn.c_attn.weight`, `wte.weight`, `ln_f.bias`. Somebody thought: turn it if it is not square. Two kinds of weights come out wrong.

# %% tags=["exercise"]
def as_linear(name, weight):
    if weight.ndim == 2 and weight.shape[0] != weight.shape[1]:
        return weight.T
    return weight

# %% tags=["check"]
check_exercise("w3d3-e2", as_linear)

# %%
help_with("w3d3-e2")

# %% [markdown]
# **3 · From scratch.** The number of parameters of a GPT-2 of any size. `tied` says whether the head borrows the token table. The feed-forward network is 4·d wide, all layers but the head have biases.

# %% tags=["exercise"]
def count_parameters(vocab_size, context, n_layers, d_model, tied=True):
    ...

# %% tags=["check"]
check_exercise("w3d3-e3", count_parameters)

# %%
help_with("w3d3-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too.

# %% tags=["quiz"]
quiz("w3d3")

# %% [markdown]
# ## Draw or write: look at model.py visually (6 min)
#
# The plan for today: Karpathy's minGPT, *look at model.py visually*. First draw the map of the model from memory, with a box for each line that computes something. Leave room for names beside the boxes.

# %% tags=["interactive"]
sketch("w3d3", "gpt_map",
       alt="""An empty sheet, for the map of a GPT from memory: from the ids at the bottom to the logits on top, with what is inside attention and inside the
           feed-forward network beside it.""",
       caption="Your sheet. The tower at the left; the insides of its two workers at the right.")

# %%
COUNTS = {"tokens": "V·d", "positions": "C·d", "norm_1": "2d", "norm_2": "2d", "final_norm": "2d", "qkv": "3d² + 3d", "out": "d² + d", "up": "4d² + 4d", "down": "4d² + d", "head": "0: tied"}
PLACES = {"tokens": (22, 490), "positions": (178, 490), "norm_1": (166, 366), "norm_2": (166, 240), "final_norm": (166, 98), "head": (186, 56), "qkv": (395, 446), "out": (395, 236), "up": (395, 156), "down": (395, 48)}

def model_map(title, caption):
    picture = plt.figure(figsize=(6.2, 5.6), layout="none")
    axes = picture.add_axes((0.01, 0.01, 0.82, 0.91))
    draw_model(axes, n_layers="N", bold=False)
    for part, says in COUNTS.items():
        x, y = PLACES[part]
        if x == 395: axes.text(400, y + 18, says, fontsize=10.5, va="center", clip_on=False, fontweight="bold")
        else: axes.text(x, y, says, fontsize=10, va="center", ha="center", fontweight="bold")
    picture.text(0.02, 0.955, title, fontsize=13, fontweight="bold")
    return figure(picture, caption=caption,
                  alt="""The whole GPT with the parameters of each part. Token table V times d, positions C times d; in each block two norms with 2d, the fused projection 3 d squared + 3 d, out d squared + d, up 4 d squared + 4 d,
                      down 4 d squared + d; final norm 2 d; the head is tied and has none.""")

# %%
compare_sketch("w3d3", "gpt_map", model_map("The whole GPT, with its parameters", "d width, V vocabulary, C context, N blocks."), [
    "Do two tables meet in a plus at the bottom?",
    "Does each gray line leave in front of a norm, and come back behind a part?",
    "Is there *one* matrix for queries, keys and values, and the cut behind it?",
    "Do the heads come together before `out`?",
    "Is the final norm there, outside of the repeated block?",
    "Is there a sign that head and token table are one matrix?"])

# %% [markdown]
# Now open [minGPT's model.py](https://github.com/karpathy/minGPT) (folder `mingpt`) beside your map, and write its names at your boxes. It is the same model, in about 300 lines:
#
# | Look for in minGPT | In the course's file | What differs |
# |---|---|---|
# | `c_attn`, then `split(self.n_embd, dim=2)` | `qkv`, then `chunk(3)` | names; the same cut |
# | `.view(B, T, nh, C // nh).transpose(1, 2)` | `.unflatten(…).transpose(1, 2)` | the same |
# | `register_buffer("bias", torch.tril(…))` | `is_causal=True` | he stores the mask, and writes scores and softmax out: good to read |
# | `NewGELU`, written out | `gelu`, in a file of its own | the same formula; the course's keeps the slope for the way back, so that training on a CPU computes no tanh twice |
# | `lm_head` | `self.head.weight = self.tokens.weight` | **his head is not tied**: a matrix of its own, left out of the count that he prints |
# | dropout in three places; `configure_optimizers` | none; it is in `shared/training` | his file also trains |
# | `from_pretrained` with a list `transposed` | `_turned` | the same four matrices |
# | `generate` | `generate`, with a cache | his reads everything anew for each token |

# %%
journal("w3d3", ["Which box of your map had you forgotten, or put in the wrong place?",
                 "Explain 768 → 2304 to somebody who thinks that heads are slices of the embedding. Three sentences.",
                 "One line of `model.py` that you could not have read two weeks ago: which, and what does it do?"])

# %% [markdown]
# ## Go further (optional, 60 min)
#
# - [minGPT](https://github.com/karpathy/minGPT) (Andrej Karpathy, 25 min for `mingpt/model.py`, with the table above). Look for: the comment beside `c_proj` in `GPT.__init__`. *Question to answer:* which weights get a smaller start, and by which factor?
# - [The Illustrated GPT-2](https://jalammar.github.io/illustrated-gpt2/) (Jay Alammar, 25 min). Look for: the pictures that split the long row of queries, keys and values. *Question:* by how much is this row longer than the one that went in, and how many heads does he cut it into?
# - [LLM Visualization](https://bbycroft.net/llm) (Brendan Bycroft, 10 min). Choose GPT-2 (small) at the top, and zoom out. *Question:* which is taller, the stack of its blocks or what belongs to the vocabulary?
#
# <details><summary>Answers</summary>
#
# All `c_proj` weights, in attention and in the feed-forward network: 0.02 divided by the root of twice the number of layers. Three times, and twelve heads. See for yourself, and compare with your picture of all matrices: each cell there is one number, as here.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# With this picture you can count any GPT-2 on the back of an envelope: N · (12d² + 13d), and two tables, and 2d. It goes into your portfolio.

# %%
summary = model_map("One page of code, one picture", "Every box is a line of shared/gpt.py. d width, V vocabulary, C context, N blocks.")
saved = summary.save(portfolio() / "w3d3_gpt.png")
summary

# %% [markdown]
# **New words**

# %%
new_words("w3d3")

# %% [markdown]
# **Tomorrow** you look into the running model: what do its heads really do? You find a head that looks one token back, and one that copies, and prove with an experiment that they do what they seem to do.

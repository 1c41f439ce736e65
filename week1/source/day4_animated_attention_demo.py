# %% [markdown]
# # Week 1 · Day 4: Animated attention demo
#
# **Today you follow six words through a Transformer, step by step, with every number in view.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week1/day4_animated_attention_demo.ipynb)
#
# At the end you will be able to
#
# - say the shape of the data after each of the six steps, without looking it up;
# - compute attention for one head and for eight in plain PyTorch, with the same numbers as PyTorch's own layer;
# - tell what an untrained model's "prediction" is worth, and see what training changes.

# %% tags=["setup"]
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
import math

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from shared import attention
from shared.heads import previous_token, strongest
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.pretrained import load
from shared.text.tales import FAMILIES
from shared.tracing import trace
from shared.visuals import (
    Matrix, Step, attention_heatmap, color, course_map, draw_heatmap, figure, map_stepper,
    matrices_figure, probability_bars, product_view, shapes_poster, walk_view)

course_map(week=1, day=4)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory. A wrong guess now makes the right answer stick later.

# %% tags=["warm-up"]
warm_up("w1d4")

# %% [markdown]
# ## The walk ahead (2 min)
#
# Our sentence is **"The cat sat on the mat"**: six words. The sizes are those of the first Transformer, from 2017:
# every word is carried by 512 numbers, and eight *heads* look at the sentence side by side, each 64 numbers wide.
#
# | Step | What happens | Shape |
# |---|---|---|
# | 1 | look up a row of numbers for each word | ? |
# | 2 | add where the word stands | ? |
# | 3 | make a query, a key and a value of each word, for one head | ? |
# | 4 | let every word score every word, and turn scores into weights | ? |
# |   | mix the values by these weights | ? |
# | 5 | do it in eight heads, and mix what they found | ? |
# | 6 | let each word pass a small network on its own | ? |
# |   | let the last word vote on what comes next | ? |
#
# By the end of the walk you will have filled in every question mark. Start with the one in the middle.

# %% tags=["predict"]
predict("w1d4-p1",
        "Six words, heads that are 64 wide. Which shape does one head's table of scores have?",
        options=["(6, 512)", "(6, 64)", "(64, 64)", "(6, 6)"])

# %% [markdown]
# ## 1 · Six words become six rows (5 min)
#
# Steps 1 and 2 use what you have from day 2. Today each word is one token again (real models also cut words into pieces:
# week 3, day 2). Our vocabulary has room for 50,000 tokens, and only the first five carry a name.

# %%
tokens = "The cat sat on the mat".split()
d_model, n_heads, d_k, vocabulary_size = 512, 8, 64, 50_000
names = ["the", "cat", "sat", "on", "mat"]
ids = torch.tensor([names.index(token.lower()) for token in tokens])
print(tokens, ids.tolist())

# %% [markdown]
# Six words, but only five different ids: "The" and "the" are the same token here. Step 1 looks up a row of 512 numbers for
# each id, as on day 2.

# %%
torch.manual_seed(4)
embedding = torch.randn(vocabulary_size, d_model)
words = embedding[ids]
print("step 1:", tuple(words.shape))
print("'The' equals 'the':", torch.equal(words[0], words[4]))

# %% [markdown]
# The same id gives the same row, anywhere. And day 3 ended with a warning: attention alone would keep the two "the" alike.
# Step 2 repairs that. It brings in a second row of numbers, which belongs to the *seat* and not to the word. These
# are fixed waves, and they get a day of their own (week 2, day 2).

# %% tags=["predict"]
predict("w1d4-p2",
        "A word's row has 512 numbers, and its seat's row has 512, too. Step 2 brings the two together. "
        "How many numbers does each word have afterwards?")

# %%
positions = attention.positional_encoding(len(tokens), d_model)
x = words + positions

WORDS = Matrix("words", words, "residual", rows=tokens)  # a tensor, and how to draw it
SEATS = Matrix("positions", positions, "position")
X = Matrix("X", x, "residual", rows=tokens)
matrices_figure(
    [[WORDS, "+", SEATS, "=", X]], title="A word's row plus its seat's row",
    alt="""Three strips of the same size, 6 by 512. In the first, the rows of The and the are exactly
        alike. In the second, the left part changes from seat to seat and the right part hardly does.
        In the sum all six rows differ.""",
    caption="On the left the rows of The and the are the same; in the sum on the right they are not.")

# %% [markdown]
# The stripes in the middle: every second column hardly leaves 1 and its neighbor hardly leaves 0. Only the columns on the
# left move from seat to seat, and they are enough to tell six seats apart.

# %%
print("step 2:", tuple(x.shape))
print("'The' equals 'the' now:", torch.equal(x[0], x[4]))
reveal("w1d4-p2", x.shape[1],
       "The two rows are *added*, number by number, and not laid end to end. So the width stays 512, all the way to the votes.")

# %% [markdown]
# As a formula, with $E$ for the table and $P$ for the positions:
#
# $$X = E[\text{ids}] + P \qquad\qquad (6, 512)$$
#
# You will often read that these are "learned embeddings". In a trained model they are. Here every number of $E$ was drawn
# at random a moment ago, and nothing has been learned yet. Keep that in mind until section 6.

# %% [markdown]
# ## 2 · One row, three roles (8 min)
#
# On day 3 the six words had one set of queries, keys and values. One such set of three matrices, with the attention that it
# leads to, is called a **head**. All three roles are made from the same row of $X$. A head works with 64 numbers for each
# word, while $X$ has 512.

# %% tags=["predict"]
predict("w1d4-p3", "How many numbers does one head's query matrix W_q hold?")

# %%
torch.manual_seed(5)  # each cell that draws has a seed: run again, it gives the same numbers
w_q, w_k, w_v = torch.randn(3, d_model, d_k) / d_model**0.5  # three matrices at once
q, k, v = x @ w_q, x @ w_k, x @ w_v
print("step 3:", tuple(q.shape), tuple(k.shape), tuple(v.shape), "for one head")

# %% [markdown]
# Where does one number of Q come from? Move over its cells, or use the arrow keys: each number is one row of X times one
# column of W_q, 512 little products added up.

# %% tags=["interactive"]
W_Q = Matrix("W_q", w_q, "query", row_unit="features")
Q = Matrix("Q", q, "query", rows=tokens)
product_view(
    X, W_Q, Q,
    alt="""X, 6 by 512, times W_q, 512 by 64, gives Q, 6 by 64. Each cell of Q is one whole row of X
        against one whole column of W_q.""",
    caption="Every number of Q has seen all 512 numbers of its word, and no other word.")

# %%
reveal("w1d4-p3", w_q.numel(),
       f"Each of the {d_k} columns reads all {d_model} numbers of a word: {d_model} × {d_k}. "
       f"({d_k} × {d_k} would be a head that sees an eighth of the word.)")

# %%
by_hand = sum(x[5, i] * w_q[i, 0] for i in range(d_model))
print(f"row 'mat' times column 0, added up by hand: {by_hand:.3f}")
print(f"Q[5, 0], from the product of matrices:      {q[5, 0]:.3f}")

# %% [markdown]
# $$Q = XW_q \qquad K = XW_k \qquad V = XW_v \qquad\qquad (6, 512)(512, 64) = (6, 64)$$
#
# Why divide the random matrices by √512? It is day 3's reason in another place: the spread of a sum grows like the square
# root of the number of its terms. The division keeps the numbers of Q about as large as those of X.

# %% [markdown]
# ## 3 · Every word asks every word (8 min)
#
# Now each of the six queries meets each of the six keys, as on day 3: a dot product, divided by √64 = 8, and then a softmax
# along each row.

# %%
scores = q @ k.T / d_k**0.5
weights = attention.softmax(scores)
reveal("w1d4-p1", str(tuple(scores.shape)),
       "Six queries meet six keys. The 64 is summed away in the dot product.")

# %%
picture, (left, right) = plt.subplots(1, 2, figsize=(9, 4.4))
draw_heatmap(left, scores, tokens, tokens, signed=True)
left.set_title("scores: any number")
draw_heatmap(right, weights, tokens, tokens)
right.set_title("weights: shares of 1")
figure(picture,
       caption="Head 0. Each row is the word that asks, each column the word that is looked at.",
       alt="""Two 6 by 6 tables with the words of the sentence on both axes. Left the scores, some
           negative, some positive. Right the weights of head 0: the largest score of a row has the
           largest share, and no share is negative.""")

# %%
print("step 4:", tuple(weights.shape))
print("row sums:   ", weights.sum(dim=1).numpy().round(2))
print("column sums:", weights.sum(dim=0).numpy().round(2))

# %% [markdown]
# Every query has shared out its 1 over the keys, so rows add up. How much a key gets in all is nobody's rule, as the column sums show.
#
# One weight by hand: how much does "mat" look at "cat"? Five lines, and no matrix in sight.

# %%
mat, cat = 5, 1
raw = [sum(q[mat] * k[j]) / d_k**0.5 for j in range(6)]
powers = [score.exp() for score in raw]
share = powers[cat] / sum(powers)
print(f"by hand {share:.3f}, in the table {weights[mat, cat]:.3f}")

# %% [markdown]
# $$A = \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right) \qquad\qquad (6, 64)(64, 6) = (6, 6)$$
#
# ### Who may look where?
#
# This table belongs to a *reader*: "The" looks ahead at "mat". A *writer*, which learns to guess the next word, would see the
# answer. It wears day 3's causal mask. Put it on, before the softmax.

# %% tags=["predict"]
predict("w1d4-p4",
        "With the causal mask on, one of the six rows of weights stays exactly as it was. "
        "Which one, counted from 0?")

# %%
causal = attention.causal_mask(6)
_, causal_weights = attention.scaled_dot_product_attention(q, k, v, causal)
attention_heatmap(
    torch.stack([weights, causal_weights]), tokens, title="The mask changes all rows but the last",
    titles=["reading: no mask", "writing: causal mask"],
    alt="""Two tables of weights. Without a mask every word may look everywhere. With the causal mask
        all cells to the right of the diagonal are zero, so The looks only at itself, and each later
        row shares its 1 among itself and the words before it. The last row is the same in both.""",
    caption="The same scores. On the right the future is closed, and each row still adds up to 1.")

# %%
same = [i for i in range(6) if torch.allclose(weights[i], causal_weights[i])]
reveal("w1d4-p4", same[0], "The last word has no future to hide. Every other row loses cells, and shares its 1 anew.")

# %% [markdown]
# Now a tempting thought. In use, only the last word votes, and the mask does not change its row. So is the mask needed in
# training only? Let a second attention read what the first has made, as in a real model, and compare the last row again.

# %%
def last_row_after(times, mask):
    rows = (q, k, v)
    for _ in range(times):
        out, _ = attention.scaled_dot_product_attention(*rows, mask)
        rows = (out, out, out)  # the next one asks, finds and mixes these rows
    return out[-1]

for times in (1, 2):
    alike = torch.allclose(last_row_after(times, None), last_row_after(times, causal), atol=1e-6)
    print(f"attention applied {times} x: the last row is the same with and without the mask: {alike}")

# %% [markdown]
# In the second round the last word reads rows of *earlier* words, and without the mask these have peeked. The model would meet rows
# that it never saw while it learned. So the mask stays on, in training and in use. We walk on without it, to see whole tables, and put
# it back when we train.

# %% [markdown]
# ## 4 · From one head to eight (10 min)
#
# Weights alone carry nothing home. Each word now takes its row of shares and mixes the six *values* with it. Keys did the
# scoring; they are not part of the mixture.

# %%
head_0 = weights @ v
A = Matrix("A", weights, "attention", rows=tokens, column_unit="tokens", columns=tokens)
V = Matrix("V", v, "value", rows=tokens)
HEAD_0 = Matrix("head 0", head_0, "value", rows=tokens)
matrices_figure(
    [[A, "×", V, "=", HEAD_0]], title="Six shares times six values",
    alt="""The 6 by 6 table of weights times the values, 6 by 64, gives the output of head 0, again
        6 by 64: one mixed row for each word.""",
    caption="Row by row: the output for a word is its shares times all six value rows.")

# %%
by_hand = sum(weights[mat, j] * v[j] for j in range(6))
print("step 4:", tuple(head_0.shape))
print("row 'mat' same as by hand:", torch.allclose(by_hand, head_0[mat], atol=1e-6))

# %% [markdown]
# One head can look one way at a time. The Transformer has eight of them, with matrices of their own, all at work on the
# same $X$: this is **multi-head attention**. Each is only 64 wide.

# %% tags=["predict"]
predict("w1d4-p6",
        "Compare the query matrices of eight heads, 64 wide each, with that of one head "
        "that is 512 wide. Who has more parameters?",
        options=["eight narrow heads", "one wide head", "the same number"])

# %%
def with_seven_more(w):  # head 0's matrix and seven new random ones, side by side: (512, 512)
    return torch.cat([w, torch.randn(d_model, d_model - d_k) / d_model**0.5], dim=1)

torch.manual_seed(6)
eight_narrow, one_wide = n_heads * w_q.numel(), d_model * d_model
all_q, all_k, all_v = with_seven_more(w_q), with_seven_more(w_k), with_seven_more(w_v)
reveal("w1d4-p6", "the same number" if eight_narrow == one_wide else "eight narrow heads",
       f"8 × {d_model} × {d_k} = {eight_narrow:,}, and {d_model} × {d_model} = {one_wide:,}. "
       "More heads cost nothing, as long as each gets narrower.")

# %% [markdown]
# Next, a sentence that you will read in many places: "the 512 numbers of a word are split into eight parts of 64, one for each
# head". Test it. Change a single number of *mat*, the one at place 300, and see which heads notice.

# %% tags=["predict"]
predict("w1d4-p5", "Only number 300 of mat's row in X is changed. In how many of the eight heads do mat's queries change?")

# %%
nudged = x.clone()
nudged[mat, 300] += 1
change = (nudged @ all_q - x @ all_q)[mat].view(n_heads, d_k)  # a row for each head's 64 numbers
for h, row in enumerate(change):
    print(f"head {h}: {int((row.abs() > 1e-4).sum())} of its {d_k} numbers have moved")
reveal("w1d4-p5", int((change.abs() > 1e-4).any(dim=1).sum()),
       "No head has a slice of the *word*. What is cut into eight parts is the result: each part reads the whole word.")

# %% [markdown]
# So, precisely: the whole 512-vector is projected, and the *projections* are split. Now let all eight look.

# %%
outputs, maps = [], []
for h in range(n_heads):
    own = slice(h * d_k, (h + 1) * d_k)  # this head's 64 columns of each matrix
    q_h, k_h, v_h = x @ all_q[:, own], x @ all_k[:, own], x @ all_v[:, own]
    output, weights_h = attention.scaled_dot_product_attention(q_h, k_h, v_h)
    outputs.append(output)
    maps.append(weights_h)

# %%
attention_heatmap(
    torch.stack(maps), tokens, titles=[f"head {h}" for h in range(n_heads)],
    title="Eight heads, eight ways to look, all of them random",
    alt="""Eight small tables of weights over the same six words. Each head has another pattern, and
        none of the patterns has a meaning yet.""",
    caption="Darker is more weight. Nothing has been learned: read no meaning into these patterns.")

# %% [markdown]
# Step 5 lays the eight outputs side by side, which makes each word 512 wide again, and sends them through one more
# matrix, the **output projection** $W_o$. Without it each head could write only into its own 64 columns.

# %%
torch.manual_seed(7)
joined = torch.cat(outputs, dim=-1)
w_o = torch.randn(d_model, d_model) / d_model**0.5
mixed = joined @ w_o
print("step 5:", tuple(joined.shape), "->", tuple(mixed.shape))

# %% [markdown]
# $$\operatorname{MultiHead}(X) = \operatorname{Concat}(\text{head}_0, \dots, \text{head}_7)\,W_o \qquad\qquad (6, 512)(512, 512) = (6, 512)$$
#
# A loop over heads is good for reading and slow for computing. Real code lays $W_q$, $W_k$ and $W_v$ side by side, does *one*
# product, and then only relabels the columns as heads. The numbers are the same:

# %%
fused = attention.fuse_qkv(all_q, all_k, all_v)
output, all_maps = attention.multi_head_attention(x, fused, w_o, n_heads)
print("one fused matrix:", tuple(fused.shape), "  all heads' weights:", tuple(all_maps.shape))
print("same as the loop:", torch.allclose(output, mixed, atol=1e-5))

# %% [markdown]
# And PyTorch's own layer? Give it our matrices and compare. It stores them the other way round, hence the `.T`.

# %%
theirs = torch.nn.MultiheadAttention(d_model, n_heads, bias=False, batch_first=True)
with torch.no_grad():
    theirs.in_proj_weight.copy_(fused.T)
    theirs.out_proj.weight.copy_(w_o.T)
    expected, _ = theirs(x[None], x[None], x[None])  # a batch of one sentence
same = torch.allclose(output, expected[0], atol=1e-5)
print("same as torch.nn.MultiheadAttention:", same)

# %% [markdown]
# ## 5 · Each word thinks alone, then one word votes (8 min)
#
# So far words have talked to each other. In step 6 each word is on its own: its 512 numbers pass a small **feed-forward
# network**, wide in the middle (2048), with ReLU from day 1 in between. The same two matrices serve all six words.

# %%
torch.manual_seed(8)
ff1, b1 = torch.randn(d_model, 2048) / d_model**0.5, torch.zeros(2048)
ff2, b2 = torch.randn(2048, d_model) / 2048**0.5, torch.zeros(d_model)
hidden = torch.relu(mixed @ ff1 + b1)
y = hidden @ ff2 + b2

MIXED, Y = Matrix("mixed", mixed, "residual", rows=tokens), Matrix("Y", y, "residual", rows=tokens)
W_1 = Matrix("W₁", ff1, "feed-forward", row_unit="features")
HIDDEN = Matrix("hidden", hidden, "feed-forward", rows=tokens)
W_2 = Matrix("W₂", ff2, "feed-forward", row_unit="features")

# %%
matrices_figure(
    [[MIXED, "×", W_1, "→ ReLU →", HIDDEN], [HIDDEN, "×", W_2, "=", Y]],
    feature_px=0.13, title="Wide, then narrow again",
    alt="""First line: six rows of 512 times a 512 by 2048 matrix, then ReLU, give six rows of 2048
        with no negative number. Second line: these times a 2048 by 512 matrix give six rows of 512.""",
    caption="The feed-forward network: 512 → 2048 → 512. After ReLU nothing is below zero.")

# %% [markdown]
# Look at the six rows: after attention they have become alike. Each is a mixture of the same six values.

# %%
def likeness(rows):  # the mean cosine between two different rows
    table = F.cosine_similarity(rows[:, None], rows[None], dim=-1)
    return (table.sum() - 6) / 30

print(f"likeness of the rows: X {likeness(x):.2f}, mixed {likeness(mixed):.2f}, Y {likeness(y):.2f}")

# %% [markdown]
# A real Transformer adds each word's own row back after every step, so that words stay themselves: the *residual connection*
# (week 2, day 5). Step 6 cannot bring that row back: it sees only the mixed one. And it sees one word at a time:

# %%
lonely = torch.relu(mixed[5:] @ ff1 + b1) @ ff2 + b2  # only "mat", without the other five
print("step 6:", tuple(hidden.shape), "->", tuple(y.shape))
print("'mat' alone gets the same numbers:", torch.allclose(lonely[0], y[5], atol=1e-5))

# %% [markdown]
# $$\operatorname{FFN}(x) = \max(0,\; xW_1 + b_1)\,W_2 + b_2$$
#
# The biases $b_1$ and $b_2$ are those of day 1; here they are zero. Attention has all the fame. Which of the two holds more
# of the model's numbers?

# %%
sizes = {"attention (W_q, W_k, W_v, W_o)": sum(w.numel() for w in (all_q, all_k, all_v, w_o)),
         "feed-forward (W₁, W₂)": ff1.numel() + ff2.numel()}
for part, size in sizes.items():
    print(f"{part:31} {size:9,} numbers, {100 * size / sum(sizes.values()):.0f} %")

# %% [markdown]
# Two thirds of a block think alone; one third lets words meet. (GPT-2's blocks have the same proportion.)
#
# Last, the vote. The row of the final word, 512 numbers, meets one column for each of the 50,000 tokens. Each dot product is
# a **logit**: that token's raw vote. Softmax turns the 50,000 votes into probabilities.

# %% tags=["predict"]
predict("w1d4-p7",
        "All weights are random. About what probability will the winner get, in percent?")

# %%
torch.manual_seed(9)
w_vocabulary = torch.randn(d_model, vocabulary_size) / d_model**0.5
logits = y[-1] @ w_vocabulary
probabilities = attention.softmax(logits)
print("votes:", tuple(logits.shape))
even = 1 / vocabulary_size
for p, i in zip(*probabilities.topk(5)):
    print(f"token {int(i):>6}   {100 * p:.3f} %   {p / even:.1f} times the even share")

# %%
reveal("w1d4-p7", round(100 * probabilities.max().item(), 3),
       f"The even share is {100 * even:.3f} %: if you said that, you had the idea. The luckiest of "
       f"50,000 gets {probabilities.max() / even:.0f} times as much. Favorites, but no convictions.")

# %% [markdown]
# Is the winner a prediction? Roll the dice again: new random votes, same sentence, same everything else.

# %%
for roll in range(3):
    dice = torch.Generator().manual_seed(roll)
    other = torch.randn(d_model, vocabulary_size, generator=dice) / d_model**0.5
    print(f"roll {roll}: the winner is token {int((y[-1] @ other).argmax())}")

# %% [markdown]
# Three rolls, three winners: the top of an untrained model's list is the name of a random column, and nothing else. And
# `softmax(logits)` is not yet a word: it is a *distribution*. To get a word you take the largest, or draw one by chance.

# %% [markdown]
# ## The whole walk, yours to walk (5 min)
#
# Every step that you have just computed, to scale. Go from one to the next, and open any cell to see what made it. Two things
# to find: the share with which "mat" looks at "cat" (step 4b), and the row of V that counts most for "mat" (step 4c).
# The next two cells only give your tensors a name and a color for the drawing; you can skim them.

# %%
K_T = Matrix("Kᵀ", k.T, "key", row_unit="features", column_unit="tokens", columns=tokens)
SCORES = Matrix("scores", scores, "residual", rows=tokens, column_unit="tokens", columns=tokens)
JOINED = Matrix("joined", joined, "value", rows=tokens)
W_O = Matrix("W_o", w_o, "residual", row_unit="features")

best = probabilities.topk(5).indices  # the five winners among 50,000 columns
Y_LAST = Matrix("Y, last row", y[-1:], "residual", rows=["mat"])
W_BEST = Matrix("W_vocabulary, 5 of its 50,000 columns", w_vocabulary[:, best], "residual", row_unit="features")
VOTES = Matrix("votes", logits[best][None], "residual", rows=["mat"], columns=[f"#{int(i)}" for i in best])

# %%
steps = [
    Step("Words and seats", "A word's row plus its seat's row.", WORDS, SEATS, X, "sum", mark="1, 2"),
    Step("Queries", "Each word's query in head 0. Keys and values are made the same way, by W_k and W_v.",
         X, W_Q, Q, mark="3"),
    Step("Scores", "Each query meets each key; the sum is divided by √64 = 8.",
         Q, K_T, SCORES, divided_by=8, mark="4a"),
    Step("Weights", "Softmax along each row: scores become shares.", SCORES, None, A, "softmax", mark="4b"),
    Step("Mixture", "Each word mixes the six values by its shares.", A, V, HEAD_0, mark="4c"),
    Step("Eight heads", "Eight outputs side by side, mixed by W_o.", JOINED, W_O, MIXED, mark="5"),
    Step("Wide", "Each word on its own: 512 become 2048, and ReLU cuts what is below zero.",
         MIXED, W_1, HIDDEN, relu=True, mark="6a"),
    Step("Narrow", "And back to 512.", HIDDEN, W_2, Y, mark="6b"),
    Step("Votes", "The last word's row against the columns of the five winners.",
         Y_LAST, W_BEST, VOTES, mark="votes"),
]

# %% tags=["interactive"]
walk_view(
    steps,
    alt="""Nine steps, each an equation drawn to scale: words plus positions, X times W_q, queries times
        keys, softmax, weights times values, eight heads times W_o, the wide and the narrow half of the
        feed-forward network, and the votes. Each cell opens the sum that made it.""",
    caption="The walk, every number real. Choose a step, then a cell; the arrow keys work too.")

# %%
print(f"found in 4b: mat looks at cat with {weights[mat, cat]:.2f}")
print(f"found in 4c: the row of {tokens[int(weights[mat].argmax())]!r}, with {weights[mat].max():.2f}")

# %% [markdown]
# ## 6 · The same six steps, after training (16 min)
#
# What would make these pictures *mean* something? Only other numbers in the matrices. So here are the six steps once more, as
# one function of the token ids and of all matrices `w`. There is nothing in it that you have not computed above.

# %%
def six_steps(ids, w, mask=None):
    x = w["embedding"][ids] + attention.positional_encoding(ids.shape[-1], d_model)   # 1, 2
    mixed, maps = attention.multi_head_attention(x, w["qkv"], w["o"], n_heads, mask)  # 3, 4, 5
    y = torch.relu(mixed @ w["ff1"] + w["b1"]) @ w["ff2"] + w["b2"]                   # 6
    return y @ w["vocabulary"], maps                                                  # votes

untrained = dict(embedding=embedding, qkv=fused, o=w_o, ff1=ff1, b1=b1, ff2=ff2, b2=b2,
                 vocabulary=w_vocabulary)
again, _ = six_steps(ids, untrained)
print("same votes as in the walk:", torch.allclose(again[-1], logits, atol=1e-4))

# %% [markdown]
# Now a tiny world to learn. Six animals, each with a place of its own, and four things to do. The model gets 18 of the 24
# possible sentences; **"the cat sat on the mat" is not among them**.

# %%
homes = {"cat": "mat", "dog": "rug", "bird": "branch",
         "frog": "log", "hen": "nest", "bee": "flower"}
unseen = {"cat": "sat", "dog": "sang", "bird": "slept",
          "frog": "stood", "hen": "sat", "bee": "slept"}
train = [f"the {animal} {verb} on the {home}" for animal, home in homes.items()
         for verb in ("sat", "slept", "stood", "sang") if verb != unseen[animal]]
test = [f"the {animal} {unseen[animal]} on the {home}" for animal, home in homes.items()]
print(len(train), "sentences to learn from:", train[0], "|", "… |", train[-1])
print(len(test), "sentences never shown:   ", test[0], "|", "… |", test[-1])

# %%
world = sorted({word for sentence in train for word in sentence.split()})

def encode(sentences):
    return torch.tensor([[world.index(word) for word in sentence.split()] for sentence in sentences])

print(len(world), "tokens:", *world)
print(test[0], "->", encode(test[:1])[0].tolist())

# %% [markdown]
# A model of this world sees "the cat sat on the" and must say "mat". It cannot know this from the last word alone.

# %% tags=["predict"]
predict("w1d4-p8",
        "We train it, and then forbid the last 'the' to look at 'cat', in every head. "
        "What will it answer after 'the cat sat on the'?",
        options=["still mat", "the place of another animal", "a word that is no place",
                 "nothing: all words about equally"])

# %% [markdown]
# Training is day 1's recipe: guess, measure the loss, step downhill. Each position guesses its next word, so one sentence gives
# five lessons at once, and the causal mask keeps every guess honest.

# %%
def small_random_weights(size):  # size: tokens in this world
    torch.manual_seed(4)
    w = {"embedding": torch.randn(size, d_model), "b1": torch.zeros(2048), "b2": torch.zeros(d_model)}
    shapes = {"qkv": (d_model, 3 * d_model), "o": (d_model, d_model), "ff1": (d_model, 2048),
              "ff2": (2048, d_model), "vocabulary": (d_model, size)}
    for name, shape in shapes.items():
        w[name] = 0.02 * torch.randn(shape)  # GPT-2's matrices start at this size, too
    return {name: numbers.requires_grad_() for name, numbers in w.items()}

# %%
data = encode(train)
sees, must_say = data[:, :-1], data[:, 1:]  # all words but the last; all words but the first
mask_5 = attention.causal_mask(5)
trained = small_random_weights(len(world))
optimizer = torch.optim.Adam(trained.values(), lr=5e-4)  # steps downhill, with a size for each number
losses, snapshots = [], []
for step in range(60):
    guesses, _ = six_steps(sees, trained, mask_5)
    loss = F.cross_entropy(guesses.flatten(0, 1), must_say.flatten())
    losses.append(loss.item())
    snapshots.append(six_steps(encode(test)[0, :-1], trained, mask_5)[1].detach())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss at the start {losses[0]:.1f}, at the end {losses[-1]:.2f}")

# %% [markdown]
# How good is that? A guess costs −ln of the probability that it gave to the right word. Which of six animals comes is pure
# chance, and costs at least ln 6 on average; which of three verbs, ln 3. "On", "the" and the place cost nothing, once the
# pattern is known. Shared among five guesses this is the **floor**: no model that does not peek gets below it.

# %%
floor = (math.log(6) + math.log(3)) / 5
picture, axes = plt.subplots(figsize=(7.2, 3.4))
axes.plot(losses, color=color("attention"), linewidth=2.2)
axes.axhline(floor, color=color("residual"), linestyle="--")
axes.text(len(losses) - 1, floor + 0.06, f"floor {floor:.2f}", ha="right")
axes.set(title="The loss falls to the floor and stays there", ylim=(0, None),
         xlabel="training step", ylabel="loss (nats per token)")
figure(picture, caption="Loss against training steps. The dashed line is the chance in the text itself.",
       alt="""The loss starts near 3, falls steeply in the first steps, then bends and settles just
           above the dashed floor.""")

# %%
cat_row = torch.stack(snapshots)[:, :, 4, 1]  # weight of the last "the" on "cat": (steps, heads)
head = int(cat_row.mean(0).argmax())          # the head that looks there soonest
shown = [*range(11), 15, 59]
first_words = test[0].split()[:-1]
heads_on_cat = int((cat_row[-1] > 0.5).sum())
map_stepper(
    torch.stack(snapshots)[shown, head], first_words,
    [f"""After {s} steps: loss {losses[s]:.1f}; the last 'the' puts
     {100 * cat_row[s, head]:.0f} % on 'cat'.""" for s in shown],
    alt="""An attention map over the cat sat on the, changing while the model learns. At first each row
        shares its weight almost evenly among the words it may see; in the end the last row has moved
        its weight to cat.""",
    caption=f"""Head {head} learns where to look, on a sentence that it never saw. In the end
        {heads_on_cat} of the 8 heads look from the last word mostly at cat.""",
    start=5)

# %% [markdown]
# Does this map show *why* the model answers as it does? A map alone cannot say: a look may be there and not matter. So cut
# each look back in turn, with the mask, and see what becomes of the answer.

# %%
def answer(sentence, mask):
    with torch.no_grad():
        votes, _ = six_steps(encode([sentence])[:, :-1], trained, mask)
    return attention.softmax(votes[0, -1])

answers = {"nothing cut": answer(test[0], mask_5)}
for j, word in enumerate(first_words):
    cut = mask_5.clone()
    cut[4, j] = False  # the last word may not look at word j, in any head
    answers[f"without '{word}' ({j})"] = answer(test[0], cut)

# %%
mat_id = world.index("mat")
said = {name: world[int(p.argmax())] for name, p in answers.items()}
lost = [name for name, word in said.items() if word != "mat"]
shares = {name: float(p[mat_id]) for name, p in answers.items()}
probability_bars(
    {"": shares}, notes=[f"says '{word}'" for word in said.values()], xlabel="probability of 'mat'",
    title=f"The answer falls {' and '.join(lost)}" if lost else "The answer stands",
    alt="The probability of mat after the cat sat on the: " + "; ".join(
        f"{name} {100 * share:.0f} %, it says {said[name]}" for name, share in shares.items()) + ".",
    caption="After 'the cat sat on the', with one look of the last word forbidden at a time.")

# %%
blind = said["without 'cat' (1)"]
other = "the place of another animal" if blind in homes.values() else "a word that is no place"
reveal("w1d4-p8", "still mat" if blind == "mat" else other,
       "That a place is due it can tell without the cat. Which place, it can only guess from the verb, "
       "and no cat ever *sat* in its lessons.")

# %% [markdown]
# But one sentence is no finding. And the mask hands the lost share to the other words, so the model stands where it never
# trained. Cut the look at the animal in all six unseen sentences, and beside it another look:

# %%
def without(j):
    cut = mask_5.clone()
    cut[4, j] = False
    return cut

cuts = {"all": mask_5, "no animal": without(1), "no 'on'": without(3)}
right = dict.fromkeys(cuts, 0)
for sentence in test:
    start, place = sentence.rsplit(" ", 1)
    print(f"{start:22}", end="")
    for name, looks in cuts.items():
        p = answer(sentence, looks)
        right[name] += world[int(p.argmax())] == place
        print(f"{name}: {world[int(p.argmax())]:7}{100 * p.max():3.0f} %  ", end="")
    print()
print("right answers of 6:", right)

# %% [markdown]
# The last line counts. All six sentences were new to the model. Which cut ruins most rows? Without its animal the model does
# not fall silent: it guesses, and may be very sure. Where "no animal" is still right, that is luck: look for the same guess in
# other rows.

# %%
with torch.no_grad():
    beginning = small_random_weights(len(world))  # the numbers from which training began
    before = attention.softmax(six_steps(encode(test)[0, :-1], beginning, mask_5)[0][-1])

def top_five(p):
    return {world[int(i)]: float(share) for share, i in zip(*p.topk(5))}

probability_bars(
    {"before training": top_five(before), "after training": top_five(answers["nothing cut"])},
    alt="""Two bar charts of the five most likely next words. Before training five words share about
        the same small probability. After training one word has nearly all of it.""",
    caption="The top five after 'the cat sat on the': same code, other numbers.")

# %% [markdown]
# Same six steps, same code, the same width of 512; only the list of words is shorter, and the mask is on. Between *before*
# and *after*, all the difference is in the numbers. A small world makes a map easy to read. In a real model many heads share
# the work, and a bright cell is a hint, not a proof. That is why you cut.
#
# ### What this demo leaves out
#
# - *Depth.* A Transformer repeats steps 3 to 6 in N blocks; the first one had 6 in its encoder and 6 in its decoder.
# - *Residual connections and layer normalization* around attention and feed-forward network (week 2, day 5).
# - *A start token.* Many models begin a text with a special token; ours simply starts with "the". Where you read that a decoder
#   "starts with an empty word", such a token usually stood there, in angle brackets, and was lost in formatting.
# - *A shared table.* The first Transformer voted with its embedding table, transposed; ours has a second one.
# - *A scale.* The first Transformer multiplied its word rows by √512 before it added the positions.
#
# ### A model with all of it
#
# The course has a small GPT of its own, trained on day 2's tales, with several blocks, residuals and norms (weeks 2 and 3 take it
# apart). Send it our sentence, and follow the shapes.

# %%
tokenizer, tales_model = load("tiny-gpt2")
asked = tokenizer("The cat sat on the mat").input_ids
walked = trace(tales_model, asked)  # one pass through the model, every matrix written down
stations = {"1": ("embedding", words), "2": ("input", x), "3": ("layers.0.q", q), "4": ("layers.0.weights", weights),
            "": ("layers.0.heads", head_0), "5": ("layers.0.attention", mixed), "6": ("layers.0.feed_forward", y)}
for step, (key, ours) in stations.items():
    print(f"step {step:1}   walk {tuple(ours.shape)!s:9}   trained model {walked[key].shape}")
print("votes    walk", tuple(logits.shape), "  trained model", walked["logits"].shape)

# %% [markdown]
# The same stations, other widths. (It votes at all six words: this is how a text gives a lesson at every position. To write, you
# take the last row.) Now an honest look at what it has learned:

# %% tags=["predict"]
predict("w1d4-p9",
        "In the tales any animal may sit on any seat: mat, rug, bench … The trained model reads 'The cat sat on the'. "
        "What does its list of next words look like?",
        options=["mat, nearly 100 %", "many seats, a few percent each",
                 "all its words about equally", "some random word on top"])

# %%
seats = FAMILIES["seat"].split()  # one of day 2's families: things to sit on
shares = walked["probabilities"].values[4]  # row 4: after the second "the"
next_words = {tokenizer.decode([int(i)]).strip(): float(shares[i]) for i in shares.argsort()[::-1][:20]}
best_five = list(next_words)[:5]
print(", ".join(f"{word} {100 * next_words[word]:.0f} %" for word in best_five), "…")
on_seats = sum(next_words.get(seat, 0) for seat in seats)
print(f"all {len(seats)} seats together {100 * on_seats:.0f} %; an even share would be {100 / len(shares):.2f} % for each word")
print("and then:", ", ".join([word for word in next_words if word not in seats][:4]), "…")
kind = ("many seats, a few percent each" if set(best_five) <= set(seats) and next_words[best_five[0]] < 0.3
        else "mat, nearly 100 %" if next_words["mat"] > 0.9 else "some random word on top")
reveal("w1d4-p9", kind, "It has learned what can come, and that the text itself leaves the rest to chance. "
                        "In the tiny world the animal decided the place, so that model could be sure.")

# %% [markdown]
# (What comes beside the seats may describe one first, as in "on the old mat".) An untrained model is unsure because it knows nothing; a
# good one is unsure exactly where the text is. And its maps? Take the head that looks most at the word before: the score is the mean weight
# on that cell.

# %%
trained_maps = torch.stack([torch.tensor(walked[f"layers.{i}.weights"].values) for i in range(walked.n_layers)])
block, best_head, on_previous = strongest(previous_token(trained_maps))  # trained_maps: (blocks, heads, 6, 6)
attention_heatmap(
    torch.stack([causal_weights, trained_maps[block, best_head]]), tokens,
    title="Random numbers look anywhere, trained ones look for something",
    titles=["the walk's head 0: random", f"trained: block {block}, head {best_head}"],
    alt=f"""Two masked tables of weights over the same six words. Left head 0 of the walk, with no order in it. Right a head of the
        trained model: along the line below the diagonal the cells are dark, so each word looks at the word before it, with
        {100 * on_previous:.0f} % on average.""",
    caption=f"Both are (6, 6), both rows of shares. The trained head puts {100 * on_previous:.0f} % on the word before, on average.")

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** One head, from X to its output. The last two lines are missing.

# %% tags=["exercise"]
def one_head(x, w_q, w_k, w_v):
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    d_k = q.shape[-1]
    weights = ...  # (T, T): who looks at whom
    return ...     # (T, d_k): what each word takes home

# %% tags=["check"]
check_exercise("w1d4-e1", one_head)

# %%
help_with("w1d4-e1")

# %% [markdown]
# **2 · Fix it.** A demo was shared with this code, and its untrained model is always *certain*: the five largest probabilities
# come out as 1, 0, 0, 0, 0. It should have no convictions. Here `y` (d,) and `w` (d, vocabulary) hold independent numbers of
# spread 1. Run it, look at the size of the logits, and repair one line, for any d.

# %% tags=["exercise"]
def next_word_probabilities(y, w):
    logits = y @ w
    return torch.softmax(logits, dim=-1)

torch.manual_seed(1)
p = next_word_probabilities(torch.randn(512), torch.randn(512, vocabulary_size))
print("top five:", p.topk(5).values.numpy().round(2))

# %% tags=["check"]
check_exercise("w1d4-e2", next_word_probabilities)

# %%
help_with("w1d4-e2")

# %% [markdown]
# **3 · From scratch** (optional, 15 minutes more). All heads, without a loop. `x` is (T, d_model); `w_q`, `w_k`, `w_v`, `w_o` are (d_model, d_model). Return the
# mixed output, (T, d_model). Use plain torch; the only new thing is to make *heads* an axis of its own, and to undo it again.

# %% tags=["exercise"]
def many_heads(x, w_q, w_k, w_v, w_o, n_heads):
    ...

# %% tags=["check"]
check_exercise("w1d4-e3", many_heads)

# %%
help_with("w1d4-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too: they are wrong in instructive ways.

# %% tags=["quiz"]
quiz("w1d4")

# %% [markdown]
# ## Draw or write: watch and take notes (7 min)
#
# Watch five minutes of [an animated Transformer](https://www.youtube.com/watch?v=wjZofJX0v4M), or go through your own walk again,
# and take notes with a pencil: six boxes from left to right, one for each step. Write into each what goes in, what comes out,
# and the shape. Then open the reference, and correct your notes in a second color.

# %%
journal("w1d4", ["Which of the six steps could you explain to a friend tomorrow?",
                 "Which one not yet, and what exactly is unclear?",
                 "One sentence: what did training change?"])

# %% [markdown]
# <details><summary>Reference: notes that would be complete</summary>
#
# 1. ids → rows of a table, (6, 512). The same word gives the same row.
# 2. plus the seat's row, (6, 512). Now the two "the" differ.
# 3. three matrices per head: query, key, value, each (6, 64), each number from all 512.
# 4. queries times keys, divided by √64, softmax along the row: (6, 6), rows sum to 1. Times the values: (6, 64).
# 5. eight heads side by side, (6, 512), times W_o, (6, 512).
# 6. feed-forward network, each word alone, (6, 512). The last row votes: (50000,), softmax makes probabilities.
#
# Checklist: are rows the askers? Is the softmax along the row? Is the mask, if any, before it? Is W_o there? Does the
# feed-forward network keep words apart? Does only the *last* row vote when the model writes?
# </details>

# %% [markdown]
# ## Go further (optional, 70 min)
#
# - [Transformers, the tech behind LLMs](https://www.youtube.com/watch?v=wjZofJX0v4M) (3Blue1Brown, 27 min). Look for: where do the
#   words' vectors get their position? *Question to answer:* which of our six steps does it show first?
# - [Attention in transformers, step by step](https://www.youtube.com/watch?v=eMlx5fFNoYc) (3Blue1Brown, 26 min), also
#   [as text](https://www.3blue1brown.com/lessons/attention). Its tables are turned: queries are *columns* there, so its softmax runs down
#   the columns. *Question:* which cell of our table stands in its top right corner?
# - [Transformer Explainer](https://poloclub.github.io/transformer-explainer/) (15 min, in the browser). A real GPT-2, with mask,
#   twelve heads and twelve blocks. *Question:* find our step 6; what is its width in the middle?
#
# <details><summary>Answers</summary>
#
# The lookup, our step 1. Its top right corner is our bottom left: the last query, the first key. 3072, four times 768.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# The question marks of the beginning, answered by your own tensors. The poster goes into your portfolio.

# %%
poster = shapes_poster([
    ("1", "look up a row for each word", words.shape, WORDS),
    ("2", "add where it stands", x.shape, X),
    ("3", "query, key, value in one head", q.shape, Q),
    ("4", "who looks at whom", weights.shape, A),
    ("", "mix the values", head_0.shape, HEAD_0),
    ("5", "eight heads, mixed by W_o", mixed.shape, MIXED),
    ("6", "each word on its own", y.shape, Y),
    ("", "the last word votes", logits.shape, Matrix("votes", logits[None], "residual"))],
    title="The cat sat on the mat, in six steps",
    alt="""A poster with eight lines. Each names a step, draws its result to scale and gives the shape:
        (6, 512), (6, 512), (6, 64), (6, 6), (6, 64), (6, 512), (6, 512) and (50000,).""",
    caption="The shapes of the walk. Only the (6, 6) table lets words meet.")
saved = poster.save(portfolio() / "w1d4_shapes.png")
poster

# %% [markdown]
# **New words**

# %%
new_words("w1d4")

# %% [markdown]
# **Tomorrow** you quiz yourself on days 1 to 4, write three questions of your own, and draw the flow of attention from memory.

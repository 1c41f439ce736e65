# %% [markdown]
# # Week 1 · Day 5: Quiz and drawing day
#
# **Today nothing new is explained. You find out what you know, and mend what you only thought you knew.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week1/day5_quiz_and_drawing_day.ipynb)
#
# At the end you will be able to
#
# - draw the flow of attention from memory, with every box in its place;
# - settle a doubt about attention by a short experiment instead of an opinion;
# - name the ideas of days 1 to 4 that you should read again, and those that you need not.

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

from shared import attention
from shared.learning import (
    check_exercise, guess, help_with, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.own_questions import own_questions
from shared.learning.quizzes import own_quiz
from shared.learning.sketches import compare_sketch, sketch
from shared.visuals import attention_heatmap, color, course_map, draw_heatmap, figure, stepper
from shared.visuals.attention_flow import ONE_HEAD, PARTS, attention_flow, draw_attention_flow, label_the_flow
from shared.visuals.ripple import ripple
from shared.visuals.soft_dictionary import draw_arrow

course_map(week=1, day=5)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before. From tomorrow on they are joined, now and then, by one that *you* wrote.

# %% tags=["warm-up"]
warm_up("w1d5")

# %% [markdown]
# Why a whole day of questions? Because fetching something from memory makes it last, much more than reading it again. This is called **retrieval practice**,
# and it works best when it is a little hard. So do not scroll back to days 1 to 4 today. Guess, be wrong, read why. That is the work.

# %% [markdown]
# ## 1 · The flow, with blanks (8 min)
#
# This is attention in one head, from the words' rows *X* on the left to new rows on the right. You know every box from days 3 and 4. Seven of them have lost their words.
#
# *Predict first:* close your eyes and say the seven words to yourself, from left to right. Then choose. There are three labels too many, and each of them is a mistake that
# people really make.

# %% tags=["interactive"]
label_the_flow(
    **ONE_HEAD,
    alt="""The flow of attention with seven empty boxes. X, (6, 512), goes through three matrices, the
        first of them empty, to Q, (6, 64), an empty box, and another empty box. The upper two meet in Q
        K transposed, (6, 6), divided by the square root of d_k, then come two empty boxes and A, (6, 6).
        A and the box at the bottom meet in an empty box; one more empty box leads to the output, (6, 512).""",
    caption="Choose a label for each number, then check. Inside the gray frame words meet; everywhere else each row is on its own.")

# %% [markdown]
# Where did you hesitate? Remember the number. The drawing at the end of the day comes back to it.
#
# What follows are five beliefs about this drawing. Each sounds right to many people, and each can be settled in a few lines of code. *Predict, then let the experiment speak.*

# %% [markdown]
# ## 2 · Add or double: what does a softmax see? (7 min)
#
# **The belief:** "a word that scores twice as high gets twice the share."
#
# Two words score 1 and 2. Day 3 gave you their shares: 27 % and 73 %. Now somebody changes *both* scores, in one of two ways.

# %% tags=["predict"]
predict("w1d5-p1", "Which change leaves the shares exactly as they are?",
        options=["adding 5 to both scores", "doubling both scores", "either of them", "neither of them"])

# %% tags=["predict"]
predict("w1d5-p2", "After doubling, the scores are 2 and 4. What share does the second word get, in percent?")

# %%
pair = torch.tensor([1.0, 2.0])
added = torch.linspace(-5, 5, 41)
factors = torch.linspace(0, 5, 41)
after_adding = [100 * attention.softmax(pair + c)[1] for c in added]
after_scaling = [100 * attention.softmax(pair * f)[1] for f in factors]

# %%
picture, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.5), sharey=True)
left.plot(added, after_adding, color=color("attention"), linewidth=2.4)
right.plot(factors, after_scaling, color=color("attention"), linewidth=2.4)
plain, doubled = (100 * attention.softmax(f * pair)[1].item() for f in (1, 2))
for axes, at, share, mark in ((left, 0, plain, "o"), (right, 1, plain, "o"), (right, 2, doubled, "s")):
    axes.plot(at, share, mark, color=color("attention"), markersize=8)
    axes.annotate(f"{share:.0f} %", (at, share), (6, -16), textcoords="offset points")
if isinstance(guess("w1d5-p2"), float):
    right.plot(2, guess("w1d5-p2"), "o", markersize=13, markerfacecolor="none", markeredgecolor="black")
left.set(title="Adding: nothing happens", ylim=(0, 104),
         xlabel="added to both scores", ylabel="share of the second word (%)")
right.set(title="Multiplying: it sharpens", xlabel="both scores multiplied by")
figure(picture,
       alt=f"""Left: whatever is added to both scores, the share of the second word stays at {plain:.0f} %.
           Right: multiplied by 0 the share is 50 %, by 1 it is {plain:.0f} %, by 2 it is {doubled:.0f} %, and
           from 4 on it is close to 100 %.""",
       caption="The same two scores, 1 and 2. Your guess for doubling, if you made one, is the ring.")

# %%
shares = {"as they are": pair, "5 added": pair + 5, "doubled": 2 * pair}
for name, scores in shares.items():
    first, second = attention.softmax(scores)
    print(f"{name:12} {100 * first:5.1f} % : {100 * second:.1f} %    second is {second / first:.2f} times the first")

# %%
same_added = torch.allclose(attention.softmax(pair + 5), attention.softmax(pair))
same_doubled = torch.allclose(attention.softmax(2 * pair), attention.softmax(pair))
answers = {(True, True): "either of them", (True, False): "adding 5 to both scores",
           (False, True): "doubling both scores", (False, False): "neither of them"}
reveal("w1d5-p1", answers[same_added, same_doubled],
       "A softmax sees only differences between scores. Adding keeps them.")

# %%
reveal("w1d5-p2", round(100 * attention.softmax(2 * pair)[1].item(), 1),
       "Doubling the scores *squares* the ratio of the shares: 2.72 times becomes 7.39 times.", tolerance=1)

# %% [markdown]
# Why? With $s_1$ and $s_2$ for the two scores, the ratio of the two shares is
#
# $$\frac{e^{s_2}}{e^{s_1}} = e^{s_2 - s_1} \qquad\quad \frac{e^{s_2 + c}}{e^{s_1 + c}} = e^{s_2 - s_1} \qquad\quad \frac{e^{2 s_2}}{e^{2 s_1}} = \left(e^{s_2 - s_1}\right)^2$$
#
# So the belief is wrong twice: shares follow the *difference* of scores, not their ratio, and they follow it steeply. Now a whole table, six words, random queries and keys as on day 4:

# %%
torch.manual_seed(50)
d_model, d_k = 512, 64
sentence = "the cat sat on the mat".split()
names = ["the", "cat", "sat", "on", "mat", "dog", "frog", "log"]
ids = torch.tensor([names.index(word) for word in sentence])
table = torch.randn(len(names), d_model)                 # the embedding table, one row for each name
seats = attention.positional_encoding(6, d_model)
x = table[ids] + seats
w_q, w_k, w_v = torch.randn(3, d_model, d_k) / d_model**0.5
q, k, v = x @ w_q, x @ w_k, x @ w_v
scores = q @ k.T / d_k**0.5

# %%
attention_heatmap(
    torch.stack([attention.softmax(f * scores) for f in (0.5, 1, 2, 8)]), sentence,
    titles=["scores halved", "as they are", "doubled", "times 8"], title="Same scores, four sharpnesses",
    alt="""Four tables of weights from the same scores, multiplied by one half, 1, 2 and 8. From left to
        right each row moves its share to its largest cell; the darkest cell of a row is the same in
        all four.""",
    caption="Times 8 is what you get when you forget to divide by √64. No row changes its favorite.")

# %%
favorites = [(f * scores).argmax(dim=1).tolist() for f in (0.5, 1, 2, 8)]
print("same favorites in all four tables:", all(row == favorites[0] for row in favorites))
weights = attention.softmax(scores)
column = torch.tensor([0.0, 5, 0, 0, 0, 0])  # 5 for the column of cat, 0 for the others
for name, other in {"all scores": scores + 5, "the column of cat": scores + column}.items():
    print(f"5 added to {name}: same table", torch.allclose(attention.softmax(other), weights, atol=1e-6))

# %% [markdown]
# The last line is the trap. A number that is the same *along a row* cancels. A number for one *column* does not: it makes one word more attractive to everybody.

# %% [markdown]
# ## 3 · Swap the askers and the asked (7 min)
#
# **The belief:** "q · k is the same as k · q, so if *cat* looks at *mat*, then *mat* looks at *cat*."
#
# The first half is true. To test the second half, swap the roles: every word now asks with what was its key, and is found by what was its query.

# %% tags=["predict"]
predict("w1d5-p3", "Swap Q and K, leave everything else. What is the new table of weights?",
        options=["the old table: q · k equals k · q",
                 "the old table, mirrored at the diagonal",
                 "another table: scores are mirrored, weights are not"])

# %%
swapped = k @ q.T / d_k**0.5
A, A_swapped = attention.softmax(scores), attention.softmax(swapped)

# %%
picture, panels = plt.subplots(2, 2, figsize=(8.2, 7.6))
picture.get_layout_engine().set(h_pad=0.1)
tables = {"scores": scores, "scores, swapped: mirrored": swapped,
          "weights": A, "weights, swapped: not mirrored": A_swapped}
for axes, (title, cells) in zip(panels.flat, tables.items()):
    ring = (5, 1) if "swapped" in title else (1, 5)
    draw_heatmap(axes, cells, sentence, sentence, signed="scores" in title, ring=ring)
    axes.set_title(title)
    if "scores" in title:
        axes.set_xlabel("")
figure(picture,
       alt=f"""Above, the scores before and after the swap: the second table is the first one mirrored at the
           diagonal. Below, the weights: the ringed cell, cat looking at mat, holds {A[1, 5]:.2f} before the
           swap; its mirror cell holds {A_swapped[5, 1]:.2f} after it.""",
       caption="A ring follows one pair of words, cat and mat. Its score survives the swap; its share does not.")

# %%
print(f"score  of cat at mat {scores[1, 5]:5.2f}, after the swap of mat at cat {swapped[5, 1]:5.2f}")
print(f"weight of cat at mat {A[1, 5]:5.2f}, after the swap of mat at cat {A_swapped[5, 1]:5.2f}")
mirrored_scores = torch.allclose(swapped, scores.T, atol=1e-5)
mirrored_weights = torch.allclose(A_swapped, A.T, atol=1e-5)
print("scores mirrored:", mirrored_scores, "  weights mirrored:", mirrored_weights)

# %%
outcome = {(True, True): "the old table, mirrored at the diagonal",
           (True, False): "another table: scores are mirrored, weights are not"}
reveal("w1d5-p3",
       outcome.get((mirrored_scores, mirrored_weights), "the old table: q · k equals k · q"),
       "The softmax still runs along rows, and the rows are now other words. A share is a share "
       "of *whose* row it stands in.")

# %% [markdown]
# To turn rows into columns is to **transpose** a table; that is what the small T means, and what `.T` does:
#
# $$\left(QK^\top\right)^\top = KQ^\top \qquad\text{but}\qquad \operatorname{softmax}(S^\top) \neq \operatorname{softmax}(S)^\top$$
#
# What it means: looking is one-sided. *cat* may give *mat* half of its attention and get nothing back, because each row shares out its *own* 1. It also explains why some films and
# papers draw the table turned, with queries on top: they transpose everything, *including the direction of the softmax*. Then it is the same attention in another layout, and
# the columns add up to 1. Exercise 2 makes you an interpreter between the two.

# %% [markdown]
# ## 4 · Is the word itself changed? (7 min)
#
# **The belief:** "attention updates the embeddings." You can read this sentence in many places. What exactly is updated?

# %% tags=["predict"]
predict("w1d5-p4",
        "The sentence has gone through attention. What has happened to the row of cat in the "
        "embedding table?",
        options=["the new vector has been written over it",
                 "it has moved a little toward its neighbors",
                 "nothing: a new vector has been made beside it"])

# %% [markdown]
# On a plane, with the three words of day 3 and its hand-made matrices, you can see it. *cat* takes part in two tiny texts, "cat sat" and "cat mat":

# %%
points = {"cat": torch.tensor([2.0, 0.0]), "sat": torch.tensor([-1.0, -1.0]), "mat": torch.tensor([0.0, 2.0])}
small_q = torch.tensor([[0.5, 0.0], [0.0, 1.0]])
small_k = torch.tensor([[0.0, -0.5], [1.0, 0.0]])
small_v = torch.tensor([[1.0, -0.5], [0.5, 1.0]])

def new_cat(other):  # cat's new vector in the text "cat <other>", and the two values that it is mixed from
    rows = torch.stack([points["cat"], points[other]])
    values = rows @ small_v
    mixed, _ = attention.scaled_dot_product_attention(rows @ small_q, rows @ small_k, values)
    return mixed[0], values

# %%
picture, panels = plt.subplots(1, 2, figsize=(8.8, 3.5), sharex=True, sharey=True)
for axes, other in zip(panels, ("sat", "mat")):
    new, values = new_cat(other)
    draw_arrow(axes, points["cat"].tolist(), "residual", "cat, in the table")
    axes.plot(*values.T, color=color("value"), linewidth=1.4, linestyle=":")
    for row, name in zip(values, ("value of cat", f"value of {other}")):
        axes.plot(*row, "s", color=color("value"), markersize=7)
        axes.annotate(name, row, (7, 7 if name != "value of cat" else -14), textcoords="offset points", fontsize=10)
    axes.plot(*new, "o", color=color("attention"), markersize=11)
    axes.annotate("new cat", new, (10, 6), textcoords="offset points", fontsize=11, fontweight="bold")
    axes.set(title=f"in the text “cat {other}”", xlim=(-2.2, 4.4), ylim=(-1.7, 2.7), aspect="equal",
             xlabel="first number", ylabel="second number")
    axes.grid(True)
figure(picture,
       alt="""The gray arrow of cat from the table is the same in both texts. The new cat is another point in
           each: it lies on the straight line between the value of cat and the value of its neighbor, sat
           on the left, mat on the right.""",
       caption="One row in the table, two new vectors. Each lies between the values that it is mixed from, and not on the gray arrow.")

# %% [markdown]
# Now at real size, and with numbers. Keep a copy of the table, run attention, compare:

# %%
before = table.clone()
new, _ = attention.scaled_dot_product_attention(q, k, v)
untouched = torch.equal(table, before)
print("the table, bit by bit as before:", untouched)
print("row of cat", tuple(x[1].shape), "  new vector of cat", tuple(new[1].shape))  # W_o makes it 512
reveal("w1d5-p4",
       "nothing: a new vector has been made beside it" if untouched
       else "the new vector has been written over it",
       "Attention reads the table and writes somewhere else. The next text finds the same cat.")

# %% [markdown]
# $$y_i = \sum_j a_{ij}\, x_j W_v \qquad\qquad \text{and no } x_j \text{ stands on the left side}$$
#
# In a real Transformer the new vector is then *added* to the word's row, and handed on to the next layer. The row in the table still stays.
#
# ### What does change the table
#
# Training does, by day 1's recipe: slope, then a small step against it. But which rows? Take any loss on the output and ask for the slopes:

# %%
learning_table = table.clone().requires_grad_()
rows = learning_table[ids] + seats
mixed, _ = attention.scaled_dot_product_attention(rows @ w_q, rows @ w_k, rows @ w_v)
mixed.square().mean().backward()  # any loss will do: we only ask which rows have a slope
moved = learning_table.grad.abs().sum(dim=1) > 0
for name, slope in zip(names, moved):
    print(f"{name:5} {'has a slope, one training step moves it' if slope else 'slope 0: stays where it is'}")

# %% [markdown]
# Only the words of this sentence can learn from it. A number in such a row that is 2 and has slope +3 becomes 2 − 0.1 · 3 = 1.7 with a learning rate of 0.1: *against* the slope.
#
# (Here the table is only read from. Many models also *vote* with it, as you will see tomorrow; then the words that were not said have slopes, too.)

# %% [markdown]
# ## 5 · One word changes: who notices? (9 min)
#
# **The belief:** "every step of a Transformer mixes the words." Let us find the steps that do. Replace *cat* by *dog*, keep everything else, and follow the difference like a stone
# thrown into water: through queries, keys and values, scores, weights, the mixture, and the feed-forward network.

# %% tags=["predict"]
predict("w1d5-p5", "No mask. After the mixture A V, how many of the six rows differ from before?")

# %% tags=["predict"]
predict("w1d5-p6", "With the causal mask: how many of the six rows differ now?")

# %%
torch.manual_seed(51)
w_o = torch.randn(d_k, d_model) / d_k**0.5  # one head only, so it is 64 wide
ff1, ff2 = torch.randn(d_model, 2048) / d_model**0.5, torch.randn(2048, d_model) / 2048**0.5

def walk(words, mask):
    x = table[[names.index(word) for word in words]] + seats
    q, k, v = x @ w_q, x @ w_k, x @ w_v
    mixed, weights = attention.scaled_dot_product_attention(q, k, v, mask)
    scores = (q @ k.T / d_k**0.5).masked_fill(~mask, math.nan)  # a closed cell is no number
    return {"X": x, "Q": q, "K": k, "V": v, "scores": scores, "A": weights,
            "A V": mixed, "feed-fwd": torch.relu(mixed @ w_o @ ff1) @ ff2}

# %%
everywhere, causal = torch.ones(6, 6, dtype=torch.bool), attention.causal_mask(6)
other = "the dog sat on the mat".split()
concepts = ["residual", "query", "key", "value", "attention", "attention", "value", "feed-forward"]
lines, changed_rows = [], {}
for title, mask in (("every word may look everywhere", everywhere), ("with the causal mask", causal)):
    one, two = walk(sentence, mask), walk(other, mask)
    size = {name: (one[name] - two[name]).abs() for name in one}
    size["A"] = size["A"].masked_fill(~mask, math.nan)
    lines.append((title, [(name, concept, size[name].numpy()) for name, concept in zip(size, concepts)]))
    changed_rows[title] = {name: int((change.nan_to_num() > 1e-5).any(dim=1).sum())
                           for name, change in size.items()}

# %%
says = [
    "One row of X is another: cat became dog. Nobody else knows.",
    "Its query is another. The matrix W_q treats each row alone.",
    "Its key is another. Still one row.",
    "Its value is another. Still one row: no word has met another so far.",
    "Scores: its row, because it asks otherwise; and its column, because others meet another key.",
    "Weights: the softmax passes the news along each row. One other score, and all shares differ.",
    "The mixture: all six rows are others. With the mask the first is safe: it may not look at dog.",
    "Feed-forward: the same rows as before. It passes on what it gets, and mixes no words."]
frames = [(ripple(lines, sentence, 1, i + 1, "cat becomes dog: what changes?"), said)
          for i, said in enumerate(says)]
stepper(frames,
        alt="""Eight small tables for eight steps, first without and then with the causal mask. In X, Q, K
            and V only the row of cat is filled. In the scores its row and its column are filled. In the
            weights and the mixture all rows are filled without a mask, and all but the first with the causal
            mask. The feed-forward network has the same rows as the mixture.""",
        caption="""Filled: the number differs when cat becomes dog. Gray: closed by the mask. Wide tables are
            binned into six columns; a bin shows its largest change.""",
        start=4)

# %%
for title, rows in changed_rows.items():
    print(f"{title:32}", "  ".join(f"{name} {count}" for name, count in rows.items()))
free, masked = (rows["A V"] for rows in changed_rows.values())
reveal("w1d5-p5", free, "Each word mixes all six values, and one of them is another now.")

# %%
reveal("w1d5-p6", masked, "The first word stands before the change and may not look ahead. "
       "All from the changed word on may see it.")

# %% [markdown]
# So exactly two steps let the news pass from row to row: the scores with their softmax, and the mixture. As a formula, with FFN for the feed-forward network:
#
# $$\text{row}_i = \operatorname{FFN}\Big(\sum_j a_{ij}\, v_j\,W_o\Big) \qquad \text{word } j \text{ is in it only if } a_{ij} > 0$$
#
# Both stand in the gray frame of section 1's drawing. All the rest, lookup, positions, W_q, W_k, W_v, W_o and the feed-forward network, works on each row alone.
#
# ### One slice goes missing
#
# A last belief, about width instead of words: "the 512 numbers are split among eight heads, 64 for each." Then wiping out the first 64 numbers of every word would blind the first head, and no other.

# %% tags=["predict"]
predict("w1d5-p7",
        "Set the first 64 of the 512 numbers of every word to 0. How many of the eight heads get "
        "another map?")

# %%
torch.manual_seed(52)
all_q, all_k = torch.randn(2, d_model, d_model) / d_model**0.5  # eight heads side by side

def maps(x):
    q, k = attention.split_heads(x @ all_q, 8), attention.split_heads(x @ all_k, 8)
    return attention.softmax(q @ k.transpose(1, 2) / d_k**0.5)

wiped = x.clone()
wiped[:, :64] = 0
difference = (maps(x) - maps(wiped)).abs().amax(dim=(1, 2))
print("largest change in each head:", difference.numpy().round(2))
reveal("w1d5-p7", int((difference > 1e-4).sum()),
       "Every head reads all 512 numbers through its own columns of W_q and W_k. "
       "What is split is the *result* of the projection.")

# %% [markdown]
# ## Exercises (9 min)
#
# Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Put it into order.** These five lines are all of attention with a mask. Only their order is lost. Take away the `#`, bring them into order, and delete the `...`.
# `may_look` is True where looking is allowed.

# %% tags=["exercise"]
def attend(q, k, v, may_look):
    # weights = torch.softmax(scores, dim=-1)
    # scores = scores.masked_fill(~may_look, -math.inf)
    # return weights @ v
    # scores = scores / q.shape[-1]**0.5
    # scores = q @ k.T
    ...

# %% tags=["check"]
check_exercise("w1d5-e1", attend)

# %%
help_with("w1d5-e1")

# %% [markdown]
# **2 · Fix it: the interpreter.** A film draws its scores turned: *rows are keys, columns are queries*. This function should return the weights in the layout of this course, rows are
# queries. It has the right shape, and it is wrong. Repair it.

# %% tags=["exercise"]
def our_weights(film_scores):
    weights = torch.softmax(film_scores, dim=-1)
    return weights.T

print("row sums:", our_weights(torch.tensor([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0]])).sum(1).numpy().round(2))

# %% tags=["check"]
check_exercise("w1d5-e2", our_weights)

# %%
help_with("w1d5-e2")

# %% [markdown]
# **3 · From scratch: the detective.** You are handed a table that claims to be attention weights, (T, T), rows are queries. Say what happened to it. Return, in this order of asking,
#
# - `"no softmax"` if a number is negative;
# - `"fine"` if every row adds up to 1;
# - `"wrong axis"` if every column does instead;
# - `"late mask"` otherwise.
#
# Sums of decimals are rarely exact. `torch.allclose(a, b)` asks whether two tensors are equal up to rounding.

# %% tags=["exercise"]
def diagnose(table):
    ...

# %% tags=["check"]
check_exercise("w1d5-e3", diagnose)

# %%
help_with("w1d5-e3")

# %% [markdown]
# ## Self-quiz: twenty-five questions (20 min)
#
# Five rounds of five: about neurons, words, scores, masks and heads. Some are from days 1 to 4, some are new. After each round a line at the end says how you did on this idea *at the first try*, and
# which headings to read again. A guess is fine; leaving a question out is not.

# %% tags=["quiz"]
quiz("w1d5")

# %% [markdown]
# ## Your own three questions (8 min)
#
# Now change sides. To write a good question you must know not only what is right, but also what somebody *could* believe. Such a wrong answer is called a **distractor**. The best ones
# are mistakes that you made yourself, this week or five minutes ago.
#
# *Predict:* which of your three questions will you yourself get wrong in a week? You will find out: later warm-ups ask them back, with your own reasons as feedback.
#
# A model, to be outdone: *Question:* Who shares out 1 in a table of weights? *Right:* each query, along its row; because it has one unit of attention to give. *Wrong:* each key, down its column;
# one falls for it after seeing a film whose table is turned.

# %%
own_questions("w1d5")

# %% [markdown]
# <details><summary>No boxes to type in? Write in code</summary>
#
# Put this into a cell of your own, with your words, and run it. It keeps your questions in the same place.
#
# ```python
# own_questions("w1d5", mine=[
#     {"prompt": "Who shares out 1 in a table of weights?",
#      "right": "each query, along its row", "why": "it has one unit of attention to give",
#      "wrong": {"each key, down its column": "one falls for it after seeing a turned table"}},
# ])
# ```
# </details>
#
# Saved? Then try your own quiz. Read each question as somebody who was not there when you wrote it: is exactly one answer right?

# %%
own_quiz("w1d5")

# %% [markdown]
# The page `w1d5_my_questions.md` in your portfolio has the questions first and the answers at the end, so that you can hand it to a friend.

# %% [markdown]
# ## Draw or write: the flow from memory (9 min)
#
# Draw how attention works, from six words to six new rows. On paper, or on this sheet: a pen, an eraser, words to put, the colors of the course. Boxes and arrows are enough. Draw *without* looking at
# section 1. (On a phone, turn it sideways: the sheet grows.)
#
# Save it into your portfolio (or download it); your drawing stays there, and lies on the sheet again when you run this cell another time.

# %% tags=["interactive"]
sketch("w1d5", "attention_flow",
       alt="""An empty sheet, for the flow of attention from memory: where X comes in, what Q, K and V do,
           where the mask goes, what adds up to 1, what is mixed, and what comes out.""",
       caption="Your sheet. Blue for queries, orange for keys, green for values, purple for weights, gray for the words' rows.")

# %% [markdown]
# Done? Then run the next cell again, so that it finds your drawing, and open it. Go down the list with a pencil in a second color.

# %%
reference = attention_flow(
    title="The flow of attention in one head",
    alt="""X, (6, 512), times three matrices gives Q, K and V, each (6, 64). Q K transposed is a table of
        scores, (6, 6). It is divided by the square root of d_k, masked, and put through a softmax along
        rows, which gives the weights A, (6, 6). A times V is the mixture, (6, 64). All heads side by side
        times W_o give the output, (6, 512).""",
    caption="One head. The gray frame is the only place where words meet.")
compare_sketch("w1d5", "attention_flow", reference, [
    "Do *three* arrows leave X, each through a matrix of its own?",
    "Do queries meet keys, and do values stay out of the scoring?",
    "Is the division by √d_k before the softmax?",
    "Is the mask before the softmax, too?",
    "Does it say that *rows* add up to 1, or whose 1 it is?",
    "Are values mixed, and not keys?",
    "Is there a place where the heads are joined, and W_o?",
    "Could somebody see on it where words meet, and where each is on its own?"])

# %% [markdown]
# Something was missing? That is the question you should have written. There is still room in the form above.

# %%
for name in ("w1d5_my_questions.md", "w1d5_attention_flow.png"):
    print(name, "is in your portfolio" if (portfolio() / name).exists() else "is not there yet")

# %% [markdown]
# ## Go further (optional, 45 min)
#
# - [The Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/) (Jay Alammar, 25 min). Today read it as an examiner: at each picture, stop before the text and say what you see. *Question to answer:*
#   in its part about many heads, is each word's vector cut into parts, or projected whole? Find the sentence.
# - [Attention in transformers, step by step](https://www.youtube.com/watch?v=eMlx5fFNoYc) (3Blue1Brown, 20 of its 26 min), also [as text](https://www.3blue1brown.com/lessons/attention). Its tables are turned. *Question:* where
#   in its table stands the weight that *our* table has in the last row and the first column?
#
# <details><summary>Answers</summary>
#
# Projected whole: each head has its own three matrices, and every one of them multiplies the whole vector. In the first row and the last column: the top right corner.
# </details>

# %% [markdown]
# ## Today in one picture (3 min)
#
# The flow once more, and on it the five places where a belief met an experiment.

# %%
notes = [("w_q", 5, "A head reads all 512\nnumbers of a word.", 88), ("scale", 2, "Doubled scores\nsquare the ratios.", 270),
         ("weights", 3, "Each row has its own 1:\nlooking is one-sided.", 446), ("mix", 5, "Words meet\nin here only.", 622),
         ("new", 4, "A new row is made,\nthe table stays.", 784)]
picture = plt.figure(figsize=(8.8, 4.2), layout="none")
axes = picture.add_axes((0, 0, 1, 1))
draw_attention_flow(axes)
axes.set_ylim(420, 0)
badge = dict(boxstyle="circle,pad=0.25", facecolor=color("attention"), edgecolor="white")
center = dict(ha="center", va="center", fontsize=10.5)
for part, section, words, across in notes:
    box = PARTS[part]
    for x, y in ((box.at[0] + box.half, box.at[1] - 21), (across, 352)):
        axes.text(x, y, str(section), color="white", fontweight="bold", bbox=badge, zorder=5, **center)
    axes.text(across, 388, words, **center)
axes.text(8, 16, "Five beliefs, five experiments", fontsize=13, fontweight="bold", va="center")
figure(picture,
       alt="""The flow of attention with five notes under it: a head reads all 512 numbers of a word; doubling
           the scores squares the ratios of the shares; looking is one-sided, because each row has its own 1;
           words meet only in the scores and the mixture; a new row is made, and the table stays.""",
       caption="What today's experiments said. The numbers on the boxes are the sections that tried it.")

# %% [markdown]
# **New words**

# %%
new_words("w1d5")

# %% [markdown]
# **Tomorrow** you meet the whole Transformer of 2017, with an encoder and a decoder, train it in a minute, and watch a third kind of attention: one text asks another. And a warm-up will bring back the first question
# that you wrote today.

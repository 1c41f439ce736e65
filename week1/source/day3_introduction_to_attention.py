# %% [markdown]
# # Week 1 · Day 3: Introduction to attention
#
# **Today you watch a network forget, and build the idea that made forgetting unnecessary.**
#
# About 85 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week1/day3_introduction_to_attention.ipynb)
#
# At the end you will be able to
#
# - say why a summary of fixed size forgets, with a measurement of your own;
# - compute attention from queries, keys and values, by hand on three words and in PyTorch on six;
# - explain the division by √d_k and the place of the mask to somebody who asks "why?" twice.

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
from shared.learning import (
    check_exercise, guess, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.visuals import (
    Matrix, color, course_map, draw_heatmap, figure, matrices_figure, stepper)
from shared.visuals.attention_drawing import attention_drawing
from shared.visuals.palette import words
from shared.visuals.soft_dictionary import draw_arrow, soft_dictionary

course_map(week=1, day=3)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory. Guess if you must: a wrong guess makes the answer stick.

# %% tags=["warm-up"]
warm_up("w1d3")

# %% [markdown]
# ## 1 · A summary of fixed size forgets (12 min)
#
# Play a memory game: somebody reads you a list of animals, and afterwards asks for *any* of them. "Which was the first?"
# With three animals this is easy. With sixteen it is not, because your head does not grow with the list.
#
# For years networks read text like this. A **recurrent network** (RNN) keeps one row of numbers, its **state**. It reads a
# word, rewrites the state, reads the next word, rewrites the *same* state. At the end the state is all it has. Here is one
# that has learned nothing yet:

# %%
animals = "cat dog hen bee frog owl ant pig".split()
longest = 16  # animals in a list

def new_net(width):  # width: how many numbers the state has
    torch.manual_seed(3)
    net = {"table": 0.5 * torch.randn(8, width),                         # an embedding for each animal
           "carry": torch.nn.init.orthogonal_(torch.empty(width, width)),  # from old state to new: a rotation at first
           "bias": torch.zeros(width),
           "answers": torch.randn(width, longest * 8) / width**0.5}      # from the state to 16 answers
    return {name: numbers.requires_grad_() for name, numbers in net.items()}

# %%
def read(net, lists):  # lists: (how many lists, how many animals in each)
    state = torch.zeros(len(lists), len(net["bias"]))
    for t in range(lists.shape[1]):  # one animal after the other
        state = torch.tanh(net["table"][lists[:, t]] + state @ net["carry"] + net["bias"])
    return state

# %%
shown = torch.tensor([[0, 5, 2, 4, 1, 7]])
net = new_net(16)
with torch.no_grad():
    states = torch.cat([read(net, shown[:, :t]) for t in range(1, 7)])
STATE = Matrix("the state", states, "residual", rows=[f"after {animals[i]}" for i in shown[0]])
matrices_figure(
    [[STATE]], feature_px=14, title="One row of 16 numbers, rewritten at every word",
    alt="""Six rows of 16 numbers, the state after cat, owl, hen, frog, dog and pig. Every row differs in
        all of its numbers from the row before: each new animal rewrites the whole state.""",
    caption="These are not six memories. It is one memory at six moments, and only the last row is kept.")

# %% [markdown]
# Now train it for the game, and for nothing else. It reads a list of 1 to 16 random animals. Then, from its last state alone, it must name
# the last animal, the one before, and so on back to the first. Eight animals: blind guessing is right in 12.5 % of the cases.

# %% tags=["predict"]
predict("w1d3-p1",
        "A state of 16 numbers, trained for this game. It reads one animal, and then ten more. "
        "In how many of 100 lists does it still name the first one?")

# %%
def train(width, steps=400):
    net = new_net(width)
    optimizer = torch.optim.Adam(net.values(), lr=5e-3)  # steps downhill, with a size for each number
    for step in range(steps):
        length = int(torch.randint(1, longest + 1, ()))
        lists = torch.randint(8, (64, length))
        votes = (read(net, lists) @ net["answers"]).view(64, longest, 8)[:, :length]
        wanted = lists.flip(1)  # the last animal first
        loss = F.cross_entropy(votes.flatten(0, 1), wanted.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net

nets = {width: train(width) for width in (8, 16, 64)}

# %%
def remembers_first(net, later):  # later: how many animals came after the first one
    torch.manual_seed(later)
    lists = torch.randint(8, (2000, later + 1))
    with torch.no_grad():
        votes = (read(net, lists) @ net["answers"]).view(2000, longest, 8)[:, later]  # so many back
    return 100 * float((votes.argmax(1) == lists[:, 0]).float().mean())

memory = {width: [remembers_first(net, later) for later in range(longest)] for width, net in nets.items()}

# %%
picture, axes = plt.subplots(figsize=(7.6, 3.9))
for width, thick in ((8, 1.6), (16, 2.6), (64, 3.8)):
    axes.plot(memory[width], color=color("residual"), linewidth=thick)
    near = min(range(longest), key=lambda d: abs(memory[width][d] - 55))  # where the curve falls
    left = width == 8  # its right side is taken by the next curve
    axes.text(near + (-0.3 if left else 0.3), memory[width][near] - (4 if left else -2), f"{width} numbers", ha="right" if left else "left")
axes.axhline(12.5, linestyle="--", color=color("residual"), linewidth=1)
axes.text(0, 14.5, "blind guessing", fontsize=10)
if isinstance(guess("w1d3-p1"), float):
    axes.plot(10, guess("w1d3-p1"), "o", markersize=13, markerfacecolor="none", markeredgecolor=color("attention"))
axes.set(title="The further back, the less is left", ylim=(0, 104), xlim=(-0.3, 16.5),
         xlabel="animals read after the first one", ylabel="first animal named correctly (%)")
figure(picture,
       alt=f"""How often the first animal is named correctly, against the number of animals read after
           it. With 8 numbers the curve falls from {memory[8][0]:.0f} % to {memory[8][10]:.0f} % after
           ten more; with 16 numbers from {memory[16][0]:.0f} % to {memory[16][10]:.0f} %; with 64
           numbers from {memory[64][0]:.0f} % to {memory[64][10]:.0f} %, and {memory[64][15]:.0f} %
           after fifteen. Blind guessing gives 12.5 %.""",
       caption="Word 1, asked for at growing distance, 2,000 lists for each point. Your guess, if you made one, is the ring.")

# %%
for later in (0, 5, 10, 15):
    print(f"{later:2} more animals: " + ", ".join(f"{memory[w][later]:3.0f} % with {w}" for w in memory))
reveal("w1d3-p1", round(memory[16][10]), "Every new animal is written over the same 16 numbers.", tolerance=4)

# %% [markdown]
# Look at the three curves. A wider state *moves* the fall; it does not abolish it. Whatever the width, there is a list that is too
# long for it. Better recurrent networks with gates (LSTM, GRU) hold on for longer, and still have a state of fixed size.
#
# As a formula, with $x_t$ for the embedding of word $t$ and $h_t$ for the state after it:
#
# $$h_t = \tanh(x_t + h_{t-1}U + b)$$
#
# Two troubles sit in this line. Everything must fit into one $h$. And $h_t$ waits for $h_{t-1}$: no word can be computed
# before the word to its left is done.
#
# The way out is almost cheeky: do not summarize. **Keep a row for every word, and look back when somebody asks.** What does
# "look back" mean, in numbers?

# %% [markdown]
# ## 2 · A soft dictionary (12 min)
#
# You know a way to look something up: a Python dictionary. You hand in a word, it finds the equal key, you get its value.

# %%
homes = {"cat": "mat", "dog": "rug", "bird": "branch", "frog": "log"}
print("cat    ->", homes.get("cat"))
print("kitten ->", homes.get("kitten"))

# %% [markdown]
# It is *hard*: all or nothing. "kitten" is nearly "cat", and gets nothing. Day 2 showed you a better "nearly": vectors, compared by
# their dot product. So make everything a vector.
#
# - The **query** is what you ask with: the vector of *kitten*.
# - Each **key** is what an entry can be found by: the vectors of *cat*, *dog*, *bird*, *frog*.
# - Each **value** is what you take home from it: here a place in a garden, two numbers.

# %%
keys = torch.tensor([[2.0, -0.6], [1.4, 1.6], [-1.6, 1.2], [-1.0, -1.8]])   # cat, dog, bird, frog
values = torch.tensor([[1.0, 1.0], [4.0, 1.5], [4.5, 4.5], [0.5, 4.0]])     # mat, rug, branch, log
kitten = torch.tensor([1.9, -0.4])

# %% tags=["predict"]
predict("w1d3-p2",
        "The soft dictionary is asked with kitten, whose vector lies close to the key of cat and not "
        "far from dog. What will it return?",
        options=["nothing: kitten is no key", "the key of cat",
                 "exactly the mat, the value of the best key",
                 "a place near the mat, pulled a little toward the others"])

# %% [markdown]
# Here it is, to be turned by hand. Before you move anything, find with your eyes: into which direction would you turn the blue arrow
# to give *dog* and *bird* the same share? Then try it. Two more things to find:
#
# 1. What comes back when the query's length goes to 0?
# 2. Keep kitten's direction and make it longer. What does length do to the shares?

# %% tags=["interactive"]
soft_dictionary(
    keys, values, list(homes), list(homes.values()), kitten, query_name="kitten",
    alt="""The query kitten points almost where the key of cat points. Cat gets most of the weight, dog
        some, frog and bird almost nothing. The result is a place in the garden close to the mat, pulled
        a little toward the rug.""",
    caption="Turn the query: the better a key fits, the larger its share. The circle is what comes back.")

# %% [markdown]
# Four steps make it work. First a **score** for each key: its dot product with the query. Then a division, here by √2, whose reason is section 4.
# Then **softmax** turns the scores into shares: take $e$ to the power of each, and divide by their sum. All shares are positive, and
# together they are 1. These shares are the **attention weights**. Last, mix the values by them.

# %%
scores = torch.stack([kitten @ key for key in keys]) / math.sqrt(2)
powers = scores.exp()
weights = powers / powers.sum()  # softmax, by hand
result = sum(weights[i] * values[i] for i in range(4))
for name, score, share in zip(homes, scores, weights):
    print(f"{name:5} score {score:5.2f}   share {100 * share:4.1f} %")
print("result:", result.numpy().round(2), "  the mat:", values[0].numpy())

# %%
reveal("w1d3-p2", "a place near the mat, pulled a little toward the others",
       "Keys are only there to be found by; they never come back. And the shares are soft: every value "
       "takes part, most of them hardly at all.")

# %% [markdown]
# $$\text{output} = \sum_i w_i\, v_i \qquad w = \operatorname{softmax}\!\left(\frac{q \cdot k_1}{\sqrt{2}}, \dots, \frac{q \cdot k_n}{\sqrt{2}}\right)$$
#
# This is **attention**: a query scores all keys, softmax makes shares, and the shares mix the values. Why soft, and not simply
# the best one? A hard choice jumps, and gives gradient descent no slope to follow. A soft one moves a little when the query moves a little, so it
# can be *learned*.
#
# ### The memory game again
#
# Give each place in the list a key of its own (random numbers will do), and keep each animal's row as a value. To ask for the first animal,
# use the first place's key as the query, a little longer. Nothing here is trained.

# %%
def looks_up_first(later):
    torch.manual_seed(later)
    lists = torch.randint(8, (2000, later + 1))
    places = torch.randn(later + 1, 16)            # a key of 16 numbers for each place
    shares = attention.softmax(2 * places[0] @ places.T)
    mixed = shares @ F.one_hot(lists, 8).float()   # (2000, 8): which animals came back
    return 100 * float((mixed.argmax(1) == lists[:, 0]).float().mean())

for later in (0, 5, 10, 15, 150):
    print(f"{later:3} more animals: {looks_up_first(later):.0f} % right")

# %% [markdown]
# Distance does not matter, because nothing is written over. The price: you keep a row for every word, and every question looks at all
# of them. Who makes good queries and keys? Here we did, by hand. In a Transformer they are learned.
#
# (This is how attention came into the field in 2014: recurrent translators kept all their states, and looked back at them. In 2017 the
# Transformer kept the looking and dropped the recurrence.)

# %% [markdown]
# ## 3 · Every pair gets a score (12 min)
#
# So far one query asked. In a sentence *every* word asks, and every word can be found. This is **self-attention**: the words of one text
# ask each other. Where do the three roles come from? From the word's one vector $x$, by three matrices. In a model they are learned; here
# they are made by hand, so small that you can draw them.

# %%
trio = ["cat", "sat", "mat"]
x = torch.tensor([[2.0, 0.0], [-1.0, -1.0], [0.0, 2.0]])  # one row for each word
w_q = torch.tensor([[0.5, 0.0], [0.0, 1.0]])
w_k = torch.tensor([[0.0, -0.5], [1.0, 0.0]])
w_v = torch.tensor([[1.0, -0.5], [0.5, 1.0]])
q, k, v = x @ w_q, x @ w_k, x @ w_v

# %%
picture, panels = plt.subplots(1, 4, figsize=(9, 2.9), sharex=True, sharey=True)
roles = {"x: the word": (x, "residual"), "q: asks": (q, "query"), "k: is found by": (k, "key"), "v: is taken home": (v, "value")}
for axes, (title, (rows, concept)) in zip(panels, roles.items()):
    for word, row in zip(trio, rows):
        draw_arrow(axes, row.tolist(), concept, word)
    axes.set(xlim=(-2.9, 3.1), ylim=(-2.9, 3.1), xticks=[-2, 0, 2], yticks=[-2, 0, 2], title=title, aspect="equal")
    axes.grid()
    axes.set_axisbelow(True)
figure(picture,
       alt="""Four small planes with three arrows each, for cat, sat and mat. The words themselves point
           right, down left and up. The queries keep almost these directions. The keys are turned: cat's
           points down, mat's points right, where cat's query points. The values are turned a little the
           other way: three roles, three sets of arrows.""",
       caption="One word, three roles. Queries, keys and values are three different views of the same x, made by three matrices.")

# %% [markdown]
# You will read that Q, K and V are "copies" of the word. They are not: three matrices, three results. It matters at once:

# %% tags=["predict"]
predict("w1d3-p3",
        "cat's query · mat's key is 2. What is mat's query · cat's key?",
        options=["also 2: a pair of words has one score", "0: only one of the two can ask",
                 "some other number"])

# %% [markdown]
# Now fill the table of scores, cell by cell. A *row* belongs to the word that asks, a *column* to the word that is looked at. (The axes
# say "token", day 2's name for a piece of text; today each token is a word.)
# Step through it, and before each step say the next number aloud: two products and a sum.

# %%
table = q @ k.T
order = [(i, j) for i in range(3) for j in range(3)]

def number(value):  # −1 with a real minus sign; no "−0"
    return f"{value + 0.0:g}".replace("-", "−")

# %%
def frame(filled, title):
    picture, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.7))
    i, j = order[min(filled, 9) - 1]
    draw_arrow(left, k[j].tolist(), "key", width=6)  # thick, so that both are seen when they lie on one line
    draw_arrow(left, q[i].tolist(), "query")
    for y, name, row, concept in ((2.45, "q", q[i], "query"), (1.95, "k", k[j], "key")):
        word = trio[i if name == "q" else j]
        left.text(-2.7, y, f"{name} of {word} = ({number(row[0])}, {number(row[1])})", color=words(concept), fontsize=11)
    left.set(xlim=(-2.8, 3.2), ylim=(-2.6, 2.9), xticks=[-2, 0, 2], yticks=[-2, 0, 2], aspect="equal", title="one query meets one key")
    left.grid()
    shown = table.clone()
    shown[[a for a, _ in order[filled:]], [b for _, b in order[filled:]]] = math.nan
    draw_heatmap(right, shown, trio, trio, signed=True, ring=(i, j), numbers=False)
    right.images[0].set_clim(-2, 2)
    for a, b in order[:filled]:
        right.text(b, a, number(table[a, b]), ha="center", va="center", fontsize=13, color="#FFFFFF" if abs(table[a, b]) > 1.5 else "#1F2937")
    right.set_title(title)
    return picture

# %%
frames = []
for n, (i, j) in enumerate(order, 1):
    sum_of = " + ".join(f"({number(q[i, d])})·({number(k[j, d])})" for d in range(2))
    how = {True: "they point the same way", False: "they point apart"}[bool(table[i, j] > 0)] if table[i, j] else "a right angle, nothing in common"
    frames.append((frame(n, f"scores: {n} of 9"), f"{trio[i]} asks, {trio[j]} is looked at: {sum_of} = {number(table[i, j])}; {how}."))

stepper(frames,
        alt="""The table of scores fills cell by cell. In each step one blue query arrow meets one orange
            key arrow; where they point the same way the score is positive, at a right angle it is 0, and
            where they point apart it is negative. Row cat: 0, −1, 2. Row sat: 1, 0, −1. Row mat: −2, 1, 0.""",
        caption="Nine meetings, nine scores. Rows ask, columns are looked at.", start=2)

# %%
print("cat asks mat:", number(table[0, 2]), "  mat asks cat:", number(table[2, 0]))
reveal("w1d3-p3", "some other number",
       "Asking and being found are different roles, with different matrices. The table need not be the "
       "same on both sides of its diagonal. (Other matrices could make it so, by accident.)")

# %% [markdown]
# One warning for films and articles: some draw this table the other way round. In 3Blue1Brown's film on attention the queries are
# *columns*, so there the softmax runs *down*. Both are right, each with its own axes. **In this course rows are queries.** Always
# check the axes before you read a map.
#
# The nine meetings are a single product, $QK^\top$. Then each row becomes shares of 1:

# %%
scores = q @ k.T / math.sqrt(2)
weights = attention.softmax(scores)  # along each row, over the keys
output = weights @ v                 # (3, 3) @ (3, 2) = (3, 2)
picture, axes = plt.subplots(figsize=(4.6, 4.0))
draw_heatmap(axes, weights, trio, trio, ring=(1, 0))
axes.set_title("Each row shares out exactly 1")
figure(
    picture,
    alt=f"""The table of weights. cat puts {100 * weights[0, 2]:.0f} % on mat, sat puts
        {100 * weights[1, 0]:.0f} % on cat, mat puts {100 * weights[2, 1]:.0f} % on sat. Every row adds up
        to 1; the columns need not.""",
    caption="The largest score of a row has the largest share. The ring: how much sat looks at cat.")

# %%
print("row sums:   ", weights.sum(1).numpy().round(2))
print("column sums:", weights.sum(0).numpy().round(2))

# %% [markdown]
# A column may add up to anything: a word that is asked by all gets much, and nobody minds. Last step: each word takes home the mixture of values
# that its row says. Where can a mixture lie?

# %%
picture, axes = plt.subplots(figsize=(5.6, 4.2))
axes.fill(*v.T, color=color("value"), alpha=0.08)
for j in range(3):
    share = float(weights[1, j])
    axes.plot(*zip(v[j], output[1]), color=color("attention"), linewidth=1 + 7 * share, alpha=0.35 + 0.5 * share)
    axes.annotate(f"{100 * share:.0f} %", (v[j] + output[1]) / 2, xytext=(8, 4), textcoords="offset points", fontsize=10.5)
    axes.plot(*v[j], "s", markersize=9, color=color("value"))
    axes.annotate(f"v of {trio[j]}", v[j], xytext=(0, 10 if v[j, 1] > 0 else -19), textcoords="offset points", ha="center")
    axes.plot(*output[j], "o", markersize=10, markerfacecolor="white", markeredgewidth=2.2, markeredgecolor="#1F2937")
    axes.annotate(f"new {trio[j]}", output[j], xytext=(10, 9) if j == 1 else (-10, 7),
                  textcoords="offset points", ha="left" if j == 1 else "right", fontweight="bold")
axes.set(title="A mixture stays among what is mixed", xlabel="number 1 of the value", ylabel="number 2 of the value",
         xlim=(-2.4, 2.8), ylim=(-1.7, 2.7), aspect="equal")
figure(picture,
       alt="""The three values are corners of a triangle. The three outputs lie inside it. New sat is tied
           to the three corners by lines as thick as its weights, the thickest to cat.""",
       caption="Squares: the values. Circles: what each word takes home. The lines show how new sat is mixed.")

# %% [markdown]
# Inside the triangle of the values, always: positive shares that add up to 1 cannot leave it. Attention *moves* information between words; it
# does not invent any. The same by loops, as a product, and by PyTorch's own function:

# %%
loop = torch.stack([sum(weights[i, j] * v[j] for j in range(3)) for i in range(3)])
library = F.scaled_dot_product_attention(q[None], k[None], v[None])[0]  # it wants a batch axis in front
print("loop equals product:", torch.allclose(loop, output), "  PyTorch equals product:", torch.allclose(library, output))

# %% [markdown]
# ## 4 · Why √d_k: keep the softmax awake (11 min)
#
# All day the scores were divided by √2, and nobody said why. Now you find out.
#
# Two words score 1 and 2. The softmax shares its attention 27 % : 73 %. Now multiply both scores by 8.

# %% tags=["predict"]
predict("w1d3-p4", "Scores 1 and 2 share 27 % : 73 %. Scores 8 and 16: what share does the second one get, in percent?")

# %%
times = torch.linspace(0, 10, 201)
second = 100 * attention.softmax(torch.stack([times, 2 * times], dim=1))[:, 1]
picture, axes = plt.subplots(figsize=(7.2, 3.6))
axes.plot(times, second, color=color("attention"), linewidth=2.6)
for at in (0, 1, 2, 8):
    axes.plot(at, second[20 * at], "o", color=color("attention"))
    axes.annotate(f"× {at}: {second[20 * at]:.0f} %" if at < 8 else f"× {at}: {second[20 * at]:.2f} %",
                  (at, second[20 * at]), xytext=(8, -16), textcoords="offset points")
if isinstance(guess("w1d3-p4"), float):
    axes.plot(8, guess("w1d3-p4"), "o", markersize=14, markerfacecolor="none", markeredgecolor="#1F2937", markeredgewidth=2)
axes.set(title="Large scores leave nothing to share", xlabel="both scores multiplied by", ylabel="share of the second (%)", ylim=(40, 104))
figure(picture,
       alt="""The share of the second word, with scores 1 and 2 multiplied by a growing factor. It starts at
           50 % for factor 0, is 73 % at 1 and 88 % at 2, and has practically reached 100 % at 8: the
           curve is flat there.""",
       caption="Your guess, if you made one, is the dark ring. What counts is the difference of the scores: 1 before, 8 after.")

# %%
share = second[160].item()
reveal("w1d3-p4", round(share, 2), "Softmax sees only differences, and 16 − 8 = 8: e to the 8 is nearly 3,000.", tolerance=0.1)

# %% [markdown]
# Why is that bad? Look at the curve at × 8: it is *flat*. Move a score a little, and no share moves. No slope, no learning. We say that
# the softmax is **saturated**; think of it as asleep. The slope of a share $p$ by its own score is $p(1-p)$:

# %%
for at in (1, 2, 8):
    p = second[20 * at] / 100
    print(f"× {at}: share {100 * p:.2f} %, slope {p * (1 - p):.4f}")

# %% [markdown]
# But who would multiply scores by 8? Wide vectors do, all by themselves. Draw 10,000 random queries and keys whose numbers are independent of each other, with
# mean 0 and spread 1 (the *spread* is the standard deviation), and look at their dot products:

# %%
torch.manual_seed(0)
widths = (4, 64, 512)
dots = {d: (torch.randn(10_000, d) * torch.randn(10_000, d)).sum(1) for d in widths}
picture, panels = plt.subplots(3, 1, figsize=(7.6, 4.6), sharex=True, sharey=True)
for axes, (d, dot) in zip(panels, dots.items()):
    axes.hist(dot, bins=torch.linspace(-80, 80, 161).numpy(), weights=torch.full((10_000,), 0.01), color=color("residual"))
    axes.set_title(f"d_k = {d}: spread {dot.std():.1f}", fontsize=11.5, pad=2)
    axes.plot([-dot.std(), dot.std()], [26, 26], color="#1F2937", linewidth=3)
    axes.set_ylim(0, 29)
panels[1].set_ylabel("share of the pairs (%)")
panels[2].set_xlabel("q · k")
figure(picture,
       alt=f"""Three histograms of dot products on one axis. For d_k = 4 all lie close to 0, with a spread of
           {dots[4].std():.1f}. For 64 the spread is {dots[64].std():.1f}, for 512 it is
           {dots[512].std():.1f}: the wider the vectors, the larger the scores, on both sides of 0.""",
       caption="10,000 random pairs each. The dark bar spans one spread to either side of 0.")

# %%
for d, dot in dots.items():
    print(f"d_k {d:3}: mean {dot.mean():5.1f}, variance {dot.var():5.0f}, spread {dot.std():4.1f}, square root of d_k {d**0.5:4.1f}")

# %% [markdown]
# The mean stays at 0. The **variance** (the spread squared) is d_k, up to chance: variances of independent numbers add up, and each of the d_k products brings 1. So the spread is $\sqrt{d_k}$. For a
# width of 64 that is 8: exactly the "multiply by 8" of the beginning. Dividing by $\sqrt{d_k}$ brings the spread back to 1, at any width:

# %%
torch.manual_seed(3)
query, six_keys = torch.randn(1024), torch.randn(6, 1024)

def two_softmaxes(d):
    raw = six_keys[:, :d] @ query[:d]
    shares = {"without the division": attention.softmax(raw), "divided by √d_k": attention.softmax(raw / d**0.5)}
    picture, panels = plt.subplots(1, 2, figsize=(7.4, 3.0), sharey=True)
    for axes, (title, share) in zip(panels, shares.items()):
        axes.bar(range(1, 7), 100 * share, color=color("attention"))
        axes.set(title=title, ylim=(0, 108), xlabel="key")
        axes.axhline(100 / 6, linestyle="--", color=color("residual"), linewidth=1)
    panels[0].set_ylabel("share (%)")
    largest = [100 * share.max() for share in shares.values()]
    return picture, f"d_k = {d}: the largest share is {largest[0]:.0f} % without the division, {largest[1]:.0f} % with it."

# %%
stepper([two_softmaxes(2**n) for n in range(1, 11)],
        alt="""Two bar charts of one query's shares among six keys, while the vectors grow from 2 to 1,024
            numbers. Without the division a single key ends with nearly everything; divided by √d_k
            several keys keep a visible share at every width.""",
        caption="The same random query and keys, more and more of their numbers used. Dashed: the even share.", start=1)

# %% [markdown]
# One query could be luck. The average over 2,000 queries with six random keys each, all 64 wide, and beside it the popular slip of dividing by d_k itself:

# %%
torch.manual_seed(1)
raw = (torch.randn(2000, 6, 64) @ torch.randn(2000, 64, 1)).squeeze(-1)  # (2000, 6) scores
for name, divisor in (("nothing", 1), ("√d_k = 8", 8), ("d_k = 64", 64)):
    print(f"divided by {name:8}: the largest of six shares is {100 * attention.softmax(raw / divisor).max(1).values.mean():.0f} % on average")

# %% [markdown]
# Without the division an average row at width 64 gives nearly all to one word, before anything was learned. Divided by d_k, it gives nearly the same to all
# (an even share of six is 17 %), and everything is a blur. Divided by √d_k it has preferences that can still move. That is all the root does:
#
# $$\operatorname{Attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt{d_k}}\right) V$$
#
# Every sign in this line is now something that you have seen. (In a *trained* model queries and keys are no longer random. The root makes sure that it can get there.)

# %% [markdown]
# ## 5 · At real size (6 min)
#
# Now the sentence of this course, **"The cat sat on the mat"**: six words, 512 numbers for each, and queries, keys and values that are 64 wide.
# All numbers are random today: look at the *shapes*. And all letters are small here, so that words 0 and 4 are the same word.

# %% tags=["predict"]
predict("w1d3-p5",
        "Words 0 and 4 are both 'the', with the same 512 numbers. One stands before cat, the other "
        "before mat. After attention, how do their two new rows differ?",
        options=["not at all", "a little: they have different neighbors", "a lot: they stand in different places"])

# %%
torch.manual_seed(2)
sentence = "the cat sat on the mat".split()
names = ["the", "cat", "sat", "on", "mat"]
table_of_embeddings = torch.randn(5, 512)
X = table_of_embeddings[[names.index(word) for word in sentence]]
W_q, W_k, W_v = torch.randn(3, 512, 64) / 512**0.5  # divided for the same reason as the scores
Q, K, V = X @ W_q, X @ W_k, X @ W_v
A = attention.softmax(Q @ K.T / math.sqrt(64))
new = A @ V
print("X", tuple(X.shape), " Q, K, V", tuple(Q.shape), " A", tuple(A.shape), " output", tuple(new.shape))

# %%
Q_, K_, V_ = Matrix("Q", Q, "query", rows=sentence), Matrix("Kᵀ", K.T, "key", row_unit="features", column_unit="tokens"), Matrix("V", V, "value")
A_ = Matrix("A", A, "attention", rows=sentence, column_unit="tokens")
matrices_figure(
    [[Q_, "×", K_, " ÷ 8 → softmax → ", A_], [A_, "×", V_, "=", Matrix("output", new, "value", rows=sentence)]],
    feature_px=1.5, title="Two products and a softmax",
    alt="""First line: Q, 6 by 64, times K transposed, 64 by 6, divided by 8 and put through the softmax, gives
        A, 6 by 6. Second line: A times V, 6 by 64, gives the output, 6 by 64. In A the rows of the first
        and the second the are the same.""",
    caption="The formula at real size. The 64 is summed away in the first product: only the table A has words on both sides.")

# %%
ours, _ = attention.scaled_dot_product_attention(Q, K, V)
library = F.scaled_dot_product_attention(Q[None], K[None], V[None])[0]
print("same as PyTorch's own:", torch.allclose(ours, library, atol=1e-6), torch.allclose(new, library, atol=1e-6))
same = torch.allclose(new[0], new[4], atol=1e-6)
reveal("w1d3-p5", "not at all" if same else "a little: they have different neighbors",
       "The same x makes the same query; the same query gets the same shares of the same values. "
       "Nothing in the formula knows who stands where.")

# %% [markdown]
# This surprises most people. Attention sees a *bag* of words. Shuffle the words, and the same rows come out, shuffled:

# %%
shuffled = [5, 2, 0, 3, 1, 4]
mixed, _ = attention.scaled_dot_product_attention(Q[shuffled], K[shuffled], V[shuffled])
print([sentence[i] for i in shuffled])
print("the same rows, in the new order:", torch.allclose(mixed, new[shuffled], atol=1e-6))

# %% [markdown]
# So something must tell the words where they stand. That is the second step of tomorrow's walk.
#
# One more thing to see in the code: there is no loop over words. The RNN had to wait for each word; here all rows are computed at once. That holds
# while a model trains or reads a text. When it *writes*, it still makes one word after the other.
#
# The price of meeting everybody: a cell for each pair. Six words need 36 cells, a thousand words a million.

# %% [markdown]
# ## 6 · Masks: closing cells (7 min)
#
# In all tables so far every word could look at every other, also at later ones. A model that learns to guess the *next* word must not: it would look
# at the answer. A **mask** closes cells of the table. The **causal mask** closes all cells to the right of the diagonal, so each word sees itself
# and what came before.
#
# When do you close them: before the softmax, or after? Go back to the three words. Without a mask, *cat* shares its 1 like this:

# %%
print("cat's row:", ", ".join(f"{word} {share:.2f}" for word, share in zip(trio, weights[0])))

# %% tags=["predict"]
predict("w1d3-p6",
        "Somebody closes the future after the softmax, by setting forbidden weights to 0. cat, the first "
        "word, may then look only at itself. What does its row add up to?")

# %%
may_look = attention.causal_mask(3)  # True on and below the diagonal
closed = scores.masked_fill(~may_look, -math.inf)
before = attention.softmax(closed)
after = weights * may_look
print(may_look)

# %%
picture, panels = plt.subplots(1, 3, figsize=(9, 2.9))
titles = ("scores, closed with −∞", "then softmax: right", "softmax, then 0: wrong")
for axes, cells, title in zip(panels, (closed, before, after), titles):
    draw_heatmap(axes, cells, trio, trio, signed=axes is panels[0])
    axes.set_title(title, fontsize=11.5)
    axes.set(xlabel="key: is looked at", ylabel="query: asks")
for axes, rows in zip(panels[1:], (before, after)):
    for i, row in enumerate(rows):
        axes.text(2.58, i, f"Σ {row.sum():.2f}", va="center", fontsize=10.5)
figure(picture,
       alt=f"""Left, the scores with −∞ above the diagonal. Middle, their softmax: cat puts 1.00 on itself,
           and all three rows add up to 1. Right, the softmax first and zeros afterwards: cat's row adds up
           to {after[0].sum():.2f}, sat's to {after[1].sum():.2f}, only mat's to 1.""",
       caption="Closed before the softmax, a cell's share goes to the others. Closed afterwards, it is simply lost.")

# %%
reveal("w1d3-p6", round(after[0].sum().item(), 2),
       "The shares that it gave to sat and mat are thrown away, and nobody gets them. Before the softmax, "
       "−∞ becomes e to the −∞ = 0, and the whole 1 goes to the cells that are open.", tolerance=0.011)

# %% [markdown]
# Two fine points, both worth a line of code. First: a late mask is right again if you *renormalize*, that is, divide each row by its sum. Second: closing a
# cell with score *0* closes nothing. A score of 0 is an ordinary score, and $e^0 = 1$ buys a share.

# %%
renormalized = after / after.sum(1, keepdim=True)
with_zero = attention.softmax(scores * may_look)
print("late mask, renormalized, equals the early one:", torch.allclose(renormalized, before))
print(f"closed with 0 instead of −∞: cat still puts {100 * with_zero[0, 2]:.0f} % on mat")

# %% [markdown]
# You will read that in a Transformer "every token attends to every other, and then the next word is predicted". Precisely: a model that reads may look everywhere. A
# model that predicts the next word has the causal mask, in training and in use. And a side effect: the mask tells the two *the* apart.

# %%
seen, _ = attention.scaled_dot_product_attention(Q, K, V, attention.causal_mask(6))
print("the two 'the' alike without a mask:", torch.allclose(new[0], new[4], atol=1e-6))
print("the two 'the' alike with the mask: ", torch.allclose(seen[0], seen[4], atol=1e-6))

# %% [markdown]
# The first *the* may look at one word, the second at five. So the often-heard "attention has no sense of order" holds for attention without a mask. A model
# with a causal mask *can* find out about order by itself ([shown in 2022](https://arxiv.org/abs/2203.16634)); most are still told.

# %% [markdown]
# ## Exercises (10 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** One question to a soft dictionary: `query` is (d_k,), `keys` (n, d_k), `values` (n, d_v). Two lines are missing.

# %% tags=["exercise"]
def soft_lookup(query, keys, values):
    d_k = query.shape[-1]
    scores = keys @ query / d_k**0.5  # (n,): one for each key
    weights = ...  # (n,): shares of 1
    return ...     # (d_v,): the mixture

# %% tags=["check"]
check_exercise("w1d3-e1", soft_lookup)

# %%
help_with("w1d3-e1")

# %% [markdown]
# **2 · Fix it.** This function should turn scores (T, T) into the weights of a model that writes. It runs without an error, its zeros stand in the right
# places, and it is wrong. Look at the row sums, then repair it.

# %% tags=["exercise"]
def causal_weights(scores):
    T = scores.shape[0]
    may_look = torch.ones(T, T).tril().bool()
    weights = torch.softmax(scores, dim=-1)
    return weights.masked_fill(~may_look, 0.0)

print("row sums:", causal_weights(torch.tensor([[1.0, 2.0, 3.0]] * 3)).sum(1).numpy().round(2))

# %% tags=["check"]
check_exercise("w1d3-e2", causal_weights)

# %%
help_with("w1d3-e2")

# %% [markdown]
# **3 · From scratch.** The whole formula in plain torch: `q` is (T, d_k), `k` is (S, d_k), `v` is (S, d_v); return the output, (T, d_v). T and S may differ: one text
# may ask another.

# %% tags=["exercise"]
def attend(q, k, v):
    ...

# %% tags=["check"]
check_exercise("w1d3-e3", attend)

# %%
help_with("w1d3-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too: each of them is a mistake that people really make.

# %% tags=["quiz"]
quiz("w1d3")

# %% [markdown]
# ## Draw or write: your own attention drawing (7 min)
#
# The plan for today says: read slowly, with notes. Take a sheet of paper and draw how the word *sat* gets its new row: its query on the left, three keys, three scores,
# three weights, three values, and the mixture on the right. Use one color each for query, key, value and weight.
#
# Then write a note for each part between the quotation marks below, in your own words (up to 80 letters each), and run the next cell. It puts your notes under the drawing and
# saves it in your portfolio. What you leave empty becomes a dotted line.

# %%
my_notes = {
    "query":   "",
    "keys":    "",
    "scores":  "",
    "weights": "",
    "values":  "",
    "output":  "",
}

# %%
drawing = attention_drawing(
    trio, 1, scores[1], weights[1], my_notes, title="How sat gets its new row",
    alt=f"""From left to right: the query of sat meets the keys of cat, sat and mat; the scores are
        {scores[1, 0]:.2f}, {scores[1, 1]:.2f} and {scores[1, 2]:.2f}; the weights are
        {100 * weights[1, 0]:.0f} %, {100 * weights[1, 1]:.0f} % and {100 * weights[1, 2]:.0f} %; the values are
        mixed by them into a new row for sat. Below each part is your note, or lines to write on.""",
    caption="Your drawing, with your notes, as it lies in your portfolio.")
saved = drawing.save(portfolio() / "w1d3_attention.png")
drawing

# %%
journal("w1d3", ["Explain to a friend why the soft dictionary does not forget. Two sentences.",
                 "What did you believe about attention this morning that you no longer believe?",
                 "Which arrow of your drawing could you not explain?"])

# %% [markdown]
# Compare with the picture at the end of this page, and correct yours in a second color. Checklist: does *one* query meet *all* keys? Is the division before the softmax? Do
# the weights of the row add up to 1? Are *values* mixed, and not keys? Is the result one row, as wide as a value? Would you know where to put a mask?

# %% [markdown]
# ## Go further (optional, 75 min)
#
# - [Visualizing a neural machine translation model](https://jalammar.github.io/visualizing-neural-machine-translation-mechanics-of-seq2seq-models-with-attention/) (Jay Alammar, 15 min to read
#   slowly, with notes). Look for: the moment when the small film stops handing over one state only. *Question to answer:* what does the encoder pass to the decoder with attention, and what without?
# - [The Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/) (Jay Alammar, 20 min, up to "The Beast With Many Heads"). Look for: query, key and value vectors. *Question:* by which number
#   are the scores divided, and why this one?
# - [Attention in transformers, step by step](https://www.youtube.com/watch?v=eMlx5fFNoYc) (3Blue1Brown, 10 of its 26 min). Look for: on which side the queries stand. *Question:* what adds up to 1 there, rows or columns?
# - [Attention? Attention!](https://lilianweng.github.io/posts/2018-06-24-attention/) (Lilian Weng, 30 min). Look for: the table of ways to score. *Question:* what is ours called there?
#
# <details><summary>Answers</summary>
#
# With attention: all the encoder's states; without: only the last one. By 8, the square root of 64, the width of a key. The columns: queries stand on top. Scaled dot-product.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# One query on its way, with the course's notes. Is anything here that yours does not say? Is anything in yours that is better?

# %%
attention_drawing(
    trio, 1, scores[1], weights[1], title="One query, three keys, one mixture",
    notes={"query": "What sat asks for: x times W_q, learned in a model.",
           "keys": "What each word can be found by: x times W_k.",
           "scores": "q · k, divided by √d_k to keep the softmax awake. A mask goes here: −∞.",
           "weights": "Softmax along the row: positive shares that add up to 1.",
           "values": "What each word gives away: x times W_v. Keys stay at home.",
           "output": "The mixture of values. All words do this at once."},
    alt="""The same drawing with reference notes: the query is what sat asks for; keys are what words can
        be found by; scores are dot products divided by the square root of d_k, and a mask goes there; weights
        are a softmax along the row; values are what words give away; the output is their mixture.""",
    caption="Attention for one word. The whole formula is this drawing, once for every row.")

# %% [markdown]
# **New words**

# %%
new_words("w1d3")

# %% [markdown]
# **Tomorrow** six words walk through a whole Transformer, step by step. You will need today's formula at its heart, and will meet what we left open: how words learn
# where they stand, why there are eight sets of queries, keys and values instead of one, and what happens after the mixture.

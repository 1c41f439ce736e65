# %% [markdown]
# # Week 1 · Day 1: Basics of neural networks
#
# **Today you build a network out of single neurons, and watch it teach itself a line that bends.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week1/day1_basics_of_neural_networks.ipynb)
#
# At the end you will be able to
#
# - say what a neuron computes, and tip and shift its line by hand;
# - train a network by gradient descent with slopes that you worked out yourself and checked;
# - build the same net in PyTorch, let it read digits, and see what its hidden neurons look for.

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
import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_digits, make_moons
from torch import nn
from torch.nn import functional as F

from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.visuals import Matrix, color, course_map, figure, matrices_figure, stepper
from shared.visuals.graph import draw_graph
from shared.visuals.neuron import draw_dots, draw_neuron, neuron_view
from shared.visuals.palette import INK, LINE, QUIET, signed_map, words as ink_of

course_map(week=1, day=1)

# %% [markdown]
# ## Welcome: how a day works (2 min)
#
# Above you see where four weeks lead: the Transformer, the network behind GPT and BERT. Each day lights a part of it. Today it is *Feed-forward*: the oldest kind
# of network there is, and still two thirds of the numbers that each building block of GPT-2 has learned. The other words in the picture need not mean anything to you yet.
#
# Each idea begins with a question, and **you guess before you look**. A wrong guess is worth more than none: it makes the answer stick. Then come a picture,
# a number, a few lines of code, and last the formula. To run a cell press Shift+Enter. You cannot break anything; what you leave empty is skipped.
# Your answers stay with you, in the folder `my_course`. Cells that only draw have code, too: run them, look at the picture, and leave the code for later.
#
# You need not be "a visual learner", by the way. The idea that people have such types did not survive its tests; pictures together with words help everyone.

# %% [markdown]
# ## Warm up (3 min)
#
# On other days these are questions from days before. Today they are about what comes, and nothing has been taught yet: guess, and strange words do not matter. All three
# wait for you again in the quiz at the end.

# %% tags=["warm-up"]
warm_up("w1d1")

# %% [markdown]
# ## 1 · A neuron is a line that tips (11 min)
#
# Somebody kept a weather diary. For each of twelve days it says how *cloudy* the morning was and how *humid* the air, both measured from the average: 0 is
# an ordinary day, 2 is far above. And it says what followed: rain (a circle) or none (a triangle).

# %%
cloudy_humid = torch.tensor([  # a table: a row for each day
    [-1.6, 2.1], [-0.8, 1.6], [0.4, 1.2], [1.3, 0.7], [2.2, 1.9], [2.1, -0.3],        # rain
    [1.5, -2.0], [0.7, -1.4], [-0.5, -0.8], [-1.4, -0.1], [-2.3, 0.2], [-2.0, -1.9]])  # none
rain = torch.tensor([1] * 6 + [0] * 6)

# %%
def dots_picture(dots, kinds, title, names=("input x₁", "input x₂"), size=42, **said):
    picture, axes = plt.subplots(figsize=(3.4, 3.4))
    draw_dots(axes, dots, kinds, size)
    axes.set(title=title, xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xticks=(-2, 0, 2), yticks=(-2, 0, 2), xlabel=names[0], ylabel=names[1])
    return figure(picture, **said)

dots_picture(cloudy_humid, rain, "gray and damp: rain", ("cloudy (x₁)", "humid (x₂)"), caption="The diary: a dot for each day. Circles: it rained. Triangles: it did not.",
             alt="Twelve dots. The six rainy days lie toward the top right, the six dry ones toward the bottom left, and a slanted line fits between.")

# %% [markdown]
# Can a machine tell the two kinds apart? The smallest machine that tries is a **neuron**. It multiplies each input by a number of its own, a **weight**;
# it adds these products up; and it adds one more number, its **bias**. If the sum $z$ is above 0, the neuron fires: "rain".

# %%
x, w, b = [2.0, -1.0], [1.0, 0.5], -0.2  # one morning; two weights; a bias
z = 0.0
for i in range(2):
    z = z + w[i] * x[i]  # weigh each input, add up
z = z + b
print(f"2·1 + (−1)·0.5 + (−0.2) = {z:.1f}:", "rain" if z > 0 else "no rain")

# %% [markdown]
# PyTorch, the library in which most networks are written, does the loop for us. It keeps numbers in a **tensor**: a row, a table, or a stack of tables, and its *shape* says how many there are each way. The sign `@` multiplies
# entry by entry and adds up.

# %%
by_torch = torch.tensor(x) @ torch.tensor(w) + b
print("the same number:", math.isclose(z, by_torch.item(), rel_tol=1e-6))  # .item() takes the number out of its tensor
print("shapes:", tuple(torch.tensor(x).shape), "for a morning,", tuple(cloudy_humid.shape), "for the diary")

# %% [markdown]
# $$z = w_1 x_1 + w_2 x_2 + b$$
#
# Where does the neuron change its mind? Where $z = 0$, and in the plane of the two inputs this is a straight line: solve for $x_2$, and you have the $y = mx + c$ of school.
# On one side of it the neuron fires, on the other it does not.

# %% tags=["predict"]
predict("w1d1-p1",
        "A neuron has the weights 1 and 0 and no bias: its line stands upright. Now its second weight grows from 0 to 1. "
        "What does the line do?",
        options=["it moves to the right", "it tips", "it bends", "nothing"])

# %%
def draw_line(axes, w, b, **look):  # where w₁x₁ + w₂x₂ + b = 0
    w = np.asarray(w)
    nearest = -b * w / (w @ w)  # the place of the line next to the middle of the plane
    axes.axline(nearest, nearest + [-w[1], w[0]], **look)

changes = {"a weight grows: it tips": [((1, 0), 0), ((1, 0.5), 0), ((1, 1), 0)],
           "the bias grows: it shifts": [((1, 0.5), -1.5), ((1, 0.5), 0), ((1, 0.5), 1.5)],
           "all three doubled: the same": [((0.5, 0.25), 0.5), ((1, 0.5), 1), ((2, 1), 2)]}

# %%
picture, panels = plt.subplots(1, 3, figsize=(9, 3.5), sharex=True, sharey=True)
for axes, (title, neurons) in zip(panels, changes.items()):
    for thick, (weights, bias) in zip((1.2, 2.4, 4), neurons):
        draw_line(axes, weights, bias, color=color("residual"), linewidth=thick)
    axes.set_title(title, fontsize=11.5)
    axes.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xticks=(-2, 0, 2), yticks=(-2, 0, 2), xlabel="input x₁")
panels[0].set_ylabel("input x₂")
figure(picture, caption="Three changes, each in three steps from thin to thick. In the last panel all three lines are one.",
       alt="""Lines of a neuron in three panels. When the second weight grows, the line tips around the middle. When the bias
           grows, it shifts and stays parallel to itself. When weights and bias are all doubled, it stays where it is.""")

# %%
def tilt(w):  # how far the line leans away from upright, in degrees
    return math.degrees(math.atan2(w[1], w[0]))

print("leaning by", ", ".join(f"{tilt(w):.0f}°" for w in ((1, 0), (1, 0.5), (1, 1))), "for w₂ = 0, 0.5, 1")
reveal("w1d1-p1", "it tips" if tilt((1, 1)) > tilt((1, 0)) else "nothing",
       "Read the two weights as an arrow, w₁ to the right and w₂ up. It stands at a right angle on the line: turn the arrow, and the line turns. Only the bias moves it sideways.")

# %% [markdown]
# Your turn. The sliders below are one neuron. Three sets of dots wait for it: the diary; a second town, where it rains more easily; and *corners*, made by us to be mean.
# Before you touch a slider, look at this little sketch of *corners* and commit.

# %%
wetter = cloudy_humid - torch.tensor([0.6, 1.0])
corners = torch.tensor([[1.6, 1.9], [2.2, 1.2], [1.2, 1.2], [-1.6, -1.9], [-2.2, -1.2], [-1.2, -1.2],
                        [-1.6, 1.9], [-2.2, 1.2], [-1.2, 1.2], [1.6, -1.9], [2.2, -1.2], [1.2, -1.2]])
dots_picture(corners, rain, "corners", caption="Six circles, six triangles, each kind in two opposite corners.",
             alt="Three circles at the top right, three at the bottom left; three triangles at the top left, three at the bottom right.")

# %% tags=["predict"]
predict("w1d1-p2", "How many of the twelve dots in corners can one neuron get right, with the best line there is?")

# %% [markdown]
# Now play. (Blue is the side where the sum is positive; vermilion, an orange red, where it is negative: so are signs colored in the whole course.)
#
# 1. *Diary:* get all twelve right, and leave the bias at 0.
# 2. *Second town:* can you do it without the bias here, too?
# 3. *Corners:* how far do you get?

# %% tags=["interactive"]
neuron_view(
    {"diary": (cloudy_humid, rain), "second town": (wetter, rain), "corners": (corners, rain)},
    alt="""A neuron's line among dots of two kinds. Turning the weights tips the line until it parts the twelve days of the diary.
        The second town needs the bias as well, which shifts the line. In corners no line parts the dots.""",
    caption="One neuron: two weights tip its line, the bias shifts it. The arrow points to the side that fires.")

# %%
def best_line(points, biases):  # tries every direction and every bias
    turns = torch.arange(0, 360) * math.pi / 180
    sums = torch.stack([turns.cos(), turns.sin()], 1) @ points.T             # (360, 12)
    fires = sums[:, None] + biases[:, None] > 0                              # (360, biases, 12)
    return int((fires == (rain == 1)).sum(-1).max())

shifts = torch.arange(-4, 4, 0.05)
print("second town: best without a bias", best_line(wetter, torch.zeros(1)), "of 12, with one", best_line(wetter, shifts))
reveal("w1d1-p2", best_line(corners, shifts),
       "A line can cut off one corner, and the opposite one of the same kind then lies on the wrong side. One neuron is not enough.")

# %% [markdown]
# ### Many neurons side by side: a layer
#
# Let three neurons read the same morning. Each has two weights and a bias. Write the weights as *columns* of a table. Now a single `@` gives all three sums: it multiplies the row of inputs with each column
# in turn, entry by entry, and adds up. That is all a **layer** is.

# %%
W = torch.tensor([[1.0, 0.5, -1.0],
                  [0.6, -1.0, 0.4]])  # (2, 3): a column for each neuron
bias = torch.tensor([0.0, 0.2, -0.5])
morning = cloudy_humid[0]
one_by_one = torch.stack([morning @ W[:, j] + bias[j] for j in range(3)])  # W[:, j]: column j
at_once = morning @ W + bias
print("one by one:", one_by_one.numpy().round(2), "  at once:", at_once.numpy().round(2))

# %%
whole_diary = cloudy_humid @ W + bias  # all twelve mornings in the same line of code
library = nn.Linear(2, 3)              # PyTorch's own layer; it keeps its weights turned, (3, 2)
with torch.no_grad():  # only setting numbers; nothing is learned here
    library.weight.copy_(W.T), library.bias.copy_(bias)
print("its first row is the morning above:", torch.allclose(whole_diary[0], at_once), "  PyTorch's layer gives the same:", torch.allclose(whole_diary, library(cloudy_humid)))

# %%
square = dict(row_unit="tokens", column_unit="tokens")  # draw every number as a square
matrices_figure(
    [[Matrix("X", cloudy_humid, "residual", **square), "×", Matrix("W", W, "feed-forward", **square), "+",
      Matrix("b", bias[None], "feed-forward", **square), "=", Matrix("Z", whole_diary, "feed-forward", **square)]],
    title="Twelve mornings through three neurons, at once",
    alt="""X, twelve mornings with two numbers each, times W, 2 by 3, plus the row b, gives Z, 12 by 3: a row for each morning,
        a column for each neuron. The row b is added to every row.""",
    caption="Rows are examples, columns are neurons. The inputs' axis, 2 long, is summed away.")

# %% [markdown]
# $$Z = XW + b \qquad\qquad (12, 2)(2, 3) + (3) = (12, 3)$$
#
# Remember the pattern: *rows in, rows out, each row on its own*. Nearly everything in this course works like this. The one great exception comes on day 3, and is what makes a Transformer.

# %% [markdown]
# ## 2 · Activations: the bend between two layers (9 min)
#
# One line was not enough for *corners*. So let the three sums be the inputs of one more neuron: a second layer. Two layers are more than one. Are they?

# %% tags=["predict"]
predict("w1d1-p3",
        "Two inputs, a layer of three neurons, then a layer of one. The sums are handed on as they are. "
        "Where the last sum is 0, what can that look like?",
        options=["one straight line", "a line with a bend", "any curve"])

# %%
W2 = torch.tensor([[0.5], [1.0], [-2.0]])  # (3, 1)
two_layers = (cloudy_humid @ W + bias) @ W2
one_layer = cloudy_humid @ (W @ W2) + bias @ W2  # a single neuron with other numbers
same = torch.allclose(two_layers, one_layer, atol=1e-5)
print("two layers:", two_layers[:3].flatten().numpy().round(2), " one layer:", one_layer[:3].flatten().numpy().round(2))
reveal("w1d1-p3", "one straight line" if same else "a line with a bend",
       "(XW + b)W₂ = X(WW₂) + bW₂: the two tables multiply into one, and bW₂ is just another bias. A hundred such layers are still a single neuron's line.")

# %% [markdown]
# Something must happen *between* the layers that no table of weights can do: a bend. Each neuron's sum goes through a bent function, its **activation**. Here are the
# five that you will meet, and under each its *slope* (in school: the derivative): how much the output moves when the input moves a little.

# %%
gallery = {"step": lambda z: (z > 0).double(), "sigmoid": torch.sigmoid, "tanh": torch.tanh,
           "ReLU": torch.relu, "GELU": F.gelu}

def slope(f, z, h=0.001):  # nudge the input both ways, and see how the output answers
    return (f(z + h) - f(z - h)) / (2 * h)

# %% tags=["predict"]
predict("w1d1-p4",
        "The sigmoid climbs from 0 to 1, steepest in its middle, where z = 0. At z = −2 it has reached 0.12, at z = 2 it is at 0.88. "
        "If the input grows from 0 to 0.1, by about how much does the output grow?")

# %%
z = torch.linspace(-4, 4, 800, dtype=torch.double)  # 800 places, none of them exactly 0
picture, panels = plt.subplots(2, 5, figsize=(9, 3.9), sharex=True, sharey="row")
for (name, f), (above, below) in zip(gallery.items(), panels.T):
    above.plot(z, f(z), color=color("query"), linewidth=2.4)
    slopes = slope(f, z, 1e-5)
    below.plot(z, slopes, color=color("feed-forward"), linewidth=2.4)
    below.text(-3.9, 1.28, f"at most {slopes.max():.2f}".replace(".00", ""), fontsize=10)
    above.set_title(name, fontsize=12)
    below.set(xlabel="z", xticks=(-3, 0, 3), ylim=(-0.25, 1.6))
for axes in panels.flat:
    axes.axhline(0, color=LINE, linewidth=1, zorder=0)
panels[0, 0].set(ylabel="activation", ylim=(-1.2, 4))
panels[1, 0].set_ylabel("its slope")
figure(picture, caption="Top: what comes out for each sum z. Bottom: how much it moves when z moves. The step is flat everywhere; its jump has no slope.",
       alt="""Five activations with their slopes. Step: 0, then 1; its slope is 0 everywhere. Sigmoid: an S from 0 to 1, with a slope
           of at most 0.25. Tanh: an S from minus 1 to 1, with a slope of at most 1. ReLU: 0 on the left with slope 0, a straight
           rise on the right with slope 1. GELU: like ReLU with a rounded corner that dips below zero; its slope slightly exceeds 1.""")

# %%
steepest = slope(torch.sigmoid, torch.zeros(1, dtype=torch.double)).item()
print(f"steepest slope of the sigmoid {steepest:.2f}; ten of them in a row multiply to {steepest**10:.1e}")
reveal("w1d1-p4", round(0.1 * steepest, 3), "Its steepest slope is 1/4. That is its weakness: in a row of many sigmoids, slopes shrink fast.", tolerance=0.006)

# %% [markdown]
# - The *step* says yes or no. Its slope is 0, so a small change of a weight changes nothing, and nobody can tell which way is better. Networks cannot learn with it.
# - The **sigmoid**, $\sigma(z) = 1/(1 + e^{-z})$, turns a sum into a probability, so it stands at the *end* of a yes-or-no net. Its two answers add up: $\sigma(-z) = 1 - \sigma(z)$.
# - *tanh* is a sigmoid that runs from −1 to 1, twice as quickly. You will use it on day 3.
# - *ReLU* is `max(0, z)`. Cheap, and its slope of 1 does not shrink. It was in the first Transformer, of 2017.
# - *GELU* is ReLU with a rounded corner. It is in BERT and in GPT.

# %%
sums = torch.tensor([-2.5, 0.0, 2.5])
for name, f in gallery.items():
    print(f"{name:8}", [round(value, 3) + 0.0 for value in f(sums).tolist()])
print("σ(−z) = 1 − σ(z):", torch.allclose(torch.sigmoid(-sums), 1 - torch.sigmoid(sums)))

# %% [markdown]
# ## 3 · Gradient descent: roll downhill (12 min)
#
# You set three sliders by hand. GPT-3 has 175 billion. Who sets those?
#
# First we need one number that says how wrong a neuron is: the **loss**. Give the neuron a sigmoid, so that it states a probability $p$ of rain. Then ask each day what probability
# it gave to *what really happened*, and charge minus the natural logarithm of it. The unit is called **nat**.

# %%
given = torch.tensor([0.99, 0.5, 0.1, 0.01])
for chance, cost in zip(given.tolist(), (-given.log()).tolist()):
    print(f"gave {chance:4.0%} to what happened: costs {cost:.2f} nats")

# %% [markdown]
# Sure and right costs next to nothing. Sure and wrong costs a lot: halve the probability, and the cost grows by the same 0.69 each time.
#
# Now take a longer diary of 200 days. We made it up, with chance in it as in real weather: two mornings alike may end differently. And because a landscape has room for two
# numbers only, this neuron has two weights and no bias.

# %%
torch.manual_seed(1)      # the same chance numbers at every run
clouds = torch.randn(200)  # chance numbers around 0
diary = torch.stack([clouds, 0.8 * clouds + 0.6 * torch.randn(200)], 1)  # (200, 2): humid days are mostly cloudy
rained = (torch.rand(200) < torch.sigmoid(diary @ torch.tensor([2.0, 1.0]))).float()

def loss_of(w):
    z = diary @ w
    right_way = torch.where(rained == 1, z, -z)  # σ(−z) is the probability of no rain
    return -F.logsigmoid(right_way).mean()       # ln σ in one step

# %% tags=["predict"]
predict("w1d1-p5", "Both weights are 0, so the neuron says 50 % every single day. What is its loss, in nats? (ln 2 = 0.693, ln 10 = 2.303)")

# %%
reveal("w1d1-p5", round(loss_of(torch.zeros(2)).item(), 3),
       "It gives 1/2 to whatever happens, and −ln(1/2) = ln 2. Keep this number: a yes-or-no model with a loss of 0.69 knows nothing.", tolerance=0.006)

# %% [markdown]
# Each pair of weights has a loss, so the losses are a landscape above the plane of weights: a *loss surface*. We stand somewhere on it, in fog. All we can do is feel the slope
# under our feet: nudge each weight a little and see what the loss does.

# %%
start = torch.tensor([-3.0, -1.0])
felt = []
for i in range(2):
    nudge = torch.zeros(2)
    nudge[i] = 0.01
    felt.append(((loss_of(start + nudge) - loss_of(start - nudge)) / 0.02).item())
print("slopes felt by nudging:", [round(s, 3) for s in felt])

# %% [markdown]
# Two slopes, one for each weight. Together they are the **gradient**. Nudging is honest and slow: two losses for every weight. For this neuron school mathematics gives the slopes at once, and the
# result is beautiful: *(what it said − what happened) × input*, averaged over the days.
#
# <details><summary>Where that comes from, if you remember derivatives</summary>
#
# The derivative of $\sigma(z)$ is $\sigma(z)(1 - \sigma(z))$, so that of $p$ is $p(1 - p)$. On a rainy day the loss is $-\ln p$; when $z$ grows, it changes by $-\frac{1}{p} \cdot p(1 - p) = p - 1$.
# On a dry day it is $-\ln(1 - p)$ and changes by $\frac{1}{1 - p} \cdot p(1 - p) = p - 0$. Both are *said − happened*, as rain is 1 and none is 0. And when $w_1$ grows, $z$ grows $x_1$ times as much: hence *× input*.
# </details>

# %%
def gradient(w):
    p = torch.sigmoid(diary @ w)                     # (200,): what it says
    return diary.T @ (p - rained) / len(rained)      # (2, 200)(200,) = (2,)

print("slopes by the formula: ", [round(s, 3) for s in gradient(start).tolist()])
assert torch.allclose(gradient(start), torch.tensor(felt), atol=1e-3)

# %% [markdown]
# Both slopes are negative: make either weight larger, and the loss becomes smaller. (A positive slope would say: make it smaller.) So step *against* the slopes, a little, and feel again. This is **gradient
# descent**. The slope times the **learning rate** is how far each weight goes.

# %%
def descend(w, rate, steps=40):
    path = [w]
    for _ in range(steps):
        w = w - rate * gradient(w)  # against the slope
        path.append(w)
    return torch.stack(path)  # (steps + 1, 2)

path = descend(start, rate=1)
losses = [loss_of(w).item() for w in path]
print(f"weights {path[-1].numpy().round(2)}, loss {losses[0]:.2f} → {losses[-1]:.2f}")

# %% [markdown]
# Watch both sides of it: left the ball on the surface (its height is the loss), right the line that these two weights draw among the 200 days.

# %%
w1, w2 = torch.meshgrid(torch.linspace(-4, 4.5, 45), torch.linspace(-3.5, 5, 45), indexing="xy")
heights = torch.stack([loss_of(torch.stack(pair)) for pair in zip(w1.flatten(), w2.flatten())]).view(45, 45)

def surface_and_line(step):
    drawing = Figure(figsize=(6.2, 3.1))
    left, right = drawing.add_subplot(1, 2, 1, projection="3d", computed_zorder=False), drawing.add_subplot(1, 2, 2)
    left.plot_surface(w1.numpy(), w2.numpy(), heights.numpy(), cmap="Greys", vmin=0.3, vmax=6, rstride=5, cstride=5, edgecolor=QUIET, linewidth=0.6, antialiased=False)
    left.plot(*path[:step + 1].T, np.array(losses[:step + 1]) + 0.05, color=color("feed-forward"), linewidth=2.4, zorder=5)
    left.scatter(*path[step], losses[step] + 0.12, s=150, color=color("feed-forward"), edgecolor="white", zorder=6, depthshade=False)
    left.view_init(40, 45)
    left.set_box_aspect((1, 1, 0.7), zoom=0.92)
    left.set(xlabel="weight w₁", ylabel="weight w₂", title=f"loss {losses[step]:.2f} nats", xticks=(-4, 0, 4), yticks=(0, 4), zticks=(0, 2, 4))
    draw_neuron(right, path[step], 0)
    draw_dots(right, diary, rained, size=14)
    right.set_title(f"after {step} steps")
    return drawing

# %%
frames = []
for step in (0, 1, 2, 3, 4, 6, 10, 40):
    right_days = ((diary @ path[step] > 0) == (rained == 1)).float().mean()
    first, second = gradient(path[step]).tolist()
    frames.append((surface_and_line(step), f"Step {step}: loss {losses[step]:.2f}, slopes {first:+.2f} and {second:+.2f}, {right_days:.0%} of the days right.".replace("-", "−")))
stepper(frames, start=2,
        alt=f"""Left a gray valley, the loss above the plane of two weights; a ball starts high on its wall, goes down in steps that become
            shorter, and comes to rest on the floor, where the loss is {losses[-1]:.2f}. Right the neuron's line among 200 dots: at first circles lie on
            its silent side; step by step it tips over, until they lie mostly on the side that fires.""",
        caption="Same numbers, two views: where the ball is on the left decides how the line lies on the right.")

# %% [markdown]
# Two things to see. The steps become shorter by themselves, because the ground becomes flatter. And the loss stops above 0: the weather itself is uncertain, and no weights can
# change that. (One flaw of the image: a real ball gathers speed. Ours has no memory; it looks at the slope under it, and nothing else.)

# %% tags=["predict"]
predict("w1d1-p6",
        "A learning rate of 1 was down in the valley after some ten steps. Somebody is in a hurry and takes 80. What will happen?",
        options=["it arrives in one step", "it leaps over the valley, again and again", "it stays where it is"])

# %%
rates = {0.05: "0.05: it crawls", 1: "1: it arrives", 80: "80: it leaps"}
paths = {rate: descend(start, rate, steps=20) for rate in rates}
picture, panels = plt.subplots(1, 3, figsize=(7.8, 3.2), sharex=True, sharey=True)
for axes, (rate, walked) in zip(panels, paths.items()):
    axes.contour(w1, w2, heights, levels=[0.42, 0.5, 0.8, 1.5, 3], colors=LINE, linewidths=1.2)
    axes.plot(*walked.T, "o-", color=color("feed-forward"), markersize=4, linewidth=1.2)
    axes.plot(*walked[0], "o", color=INK, markersize=8)
    axes.set_title(rates[rate], fontsize=11.5)
    axes.set(xlabel="weight w₁", xlim=(-4, 4.5), ylim=(-3.5, 5), xticks=(-2, 0, 2, 4), aspect="equal")
panels[0].set_ylabel("weight w₂")
ends = {rate: loss_of(walked[-1]).item() for rate, walked in paths.items()}
figure(picture, caption="Three learning rates, the same start (dark dot), twenty steps each, seen from above. Gray lines join places of equal loss, as on a hiking map. "
       f"With 80 the first step flies off the map, to w₁ = {paths[80][1, 0]:.0f}.",
       alt="Twenty steps of gradient descent on a map of the loss. " + "; ".join(
           f"with a learning rate of {rates[rate]}, to a loss of {ends[rate]:.2f}" for rate in rates) + ".")

# %%
seen = [loss_of(w).item() for w in paths[80]]
rises = sum(after > before for before, after in zip(seen, seen[1:]))
print("losses with a rate of 80:", [round(value, 2) for value in seen[:8]], "…")
reveal("w1d1-p6", "it leaps over the valley, again and again" if rises > 2 else "it arrives in one step",
       f"The slope says which way, and nothing about how far the bottom is. The first step lands higher than it started, at {seen[1]:.1f}, "
       f"and {rises} of the 20 steps make the loss larger.")

# %% [markdown]
# $$w \leftarrow w - \eta\, \frac{\partial\, \text{loss}}{\partial w}$$
#
# The letter $\eta$ is the learning rate. Every model of this course learns by this recipe: **guess, measure the loss, find the slopes, step downhill**. GPT learned by it, too, with steps of a cleverer size. What is left is how to find the slopes.

# %% [markdown]
# ## 4 · Backpropagation: slopes run backward (11 min)
#
# One neuron had a formula for its slopes. A network of many layers needs a method. Take the smallest network that has everything: one input, one neuron with a ReLU, one more weight $v$ behind it, and a
# loss that squares the distance to a target $t$.
#
# $$z = wx + b \qquad h = \operatorname{ReLU}(z) \qquad y = vh \qquad \text{loss} = (y - t)^2$$

# %%
x, t = 2.0, 1.0              # given: the input, and what should come out
w, b, v = 1.5, -1.0, -1.0    # to be learned
z = w * x + b
h = max(0.0, z)
y = v * h
loss = (y - t) ** 2
print(f"z = {z}, h = {h}, y = {y}, loss = {loss}")

# %% tags=["predict"]
predict("w1d1-p7", "The loss is 9. Make w a tiny bit larger, by 0.001. By how many thousandths does the loss change? (With its sign; take your time, all numbers are above.)")

# %% [markdown]
# Here is how to find it without trying. Step through: values run forward along the arrows (blue). Then slopes run backward (vermilion). At each box ask only one small question: *if this number grows
# a little, how much does the next one grow?*

# %%
places = {"w": (0, 2), "x": (0, 1), "b": (1, 2), "z": (1, 1), "h": (2, 1), "v": (3, 2), "y": (3, 1), "t": (4, 2), "loss": (4, 1)}
into = {"z": ["w", "x", "b"], "h": ["z"], "y": ["v", "h"], "loss": ["y", "t"]}
edges = [(start, end) for end, starts in into.items() for start in starts]
values = {"w": w, "x": x, "b": b, "v": v, "t": t, "z": z, "h": h, "y": y, "loss": loss}

def graph_frame(known, slopes=None, lit=(), backward=False):
    drawing = Figure(figsize=(6.6, 3.2))
    shown = {name: values[name] for name in known.split()}
    draw_graph(drawing.subplots(), places, edges, values=shown, slopes=slopes, lit=lit, backward=backward)
    return drawing

# %%
# d_y: the slope of the loss for y, and so on
d_y = 2 * (y - t)                # loss = (y − t)²: its slope for y
d_v, d_h = d_y * h, d_y * v      # y = v·h: each gets the other one as its factor
d_z = d_h * (1 if z > 0 else 0)  # ReLU: slope 1 where it is open, 0 where it is shut
d_w, d_b = d_z * x, d_z * 1      # z = w·x + b
print(f"slopes: y {d_y}, v {d_v}, h {d_h}, z {d_z}, w {d_w}, b {d_b}")

# %%
given, everything = "w x b v t", "w x b v t z h y loss"
found = [("y", d_y), ("v", d_v), ("h", d_h), ("z", d_z), ("w", d_w), ("b", d_b)]
stages = [(given, 0, [], "Five numbers are given: input, target, and three that can be learned."),
          (given + " z", 0, into["z"], f"Forward: z = w·x + b = {z:g}."), (given + " z h", 0, into["h"], f"ReLU lets it through: h = {h:g}."),
          (given + " z h y", 0, into["y"], f"y = v·h = {y:g}. It should be {t:g}."), (everything, 0, into["loss"], f"The loss is (y − t)² = {loss:g}."),
          (everything, 1, ["y"], f"Backward. If y grows by a little, the loss changes by 2(y − t) = {d_y:g} times that."),
          (everything, 3, ["v", "h"], f"y = v·h. So v gets {d_y:g} times h = {d_v:g}, and h gets {d_y:g} times v = {d_h:g}."),
          (everything, 4, ["z"], f"The ReLU is open, its slope is 1: z gets {d_z:g} too. Were it shut, all before it would get 0."),
          (everything, 6, ["w", "b"], f"z = w·x + b. So w gets {d_z:g} times x = {d_w:g}, and b gets {d_z:g} times 1. Done, in one pass.")]

# %%
frames = []
for known, count, names, says in stages:
    ends = {"y": "loss", "v": "y", "h": "y", "z": "h", "w": "z", "b": "z"}
    reached = {1: "loss", 3: "y", 4: "h", 6: "z"}.get(count) or known.split()[-1]
    lit = [(name, reached) for name in names]
    frames.append((graph_frame(known, dict(found[:count]), lit, backward=count > 0), says))
stepper(frames, start=8,
        alt=f"""A chain of boxes from x, w and b over z, h and y to the loss. Values fill the boxes from left to right. Then slopes fill in from
            right to left: y {d_y:g}, v {d_v:g}, h {d_h:g}, z {d_z:g}, w {d_w:g}, b {d_b:g}. Each is the slope behind it times one number that was
            already there.""",
        caption="Values forward, slopes backward. Each slope is the one behind it, times a number that the forward pass left there.")

# %% [markdown]
# This is **backpropagation**. Along a path slopes *multiply*; where a number is used twice, its slopes *add*: that is the **chain rule**. One pass forward and one back give the slopes of *all* parameters (a **parameter** is
# any number that training may change), whether there are three or 175 billion. Nudging would need a pass for each.
#
# Three witnesses for the same slopes: nudging, our hand, and PyTorch's `autograd`, which does this walk by itself.

# %%
def run(w, b, v):
    return (v * max(0.0, w * x + b) - t) ** 2

tiny = 1e-6
nudged = [(run(w + tiny, b, v) - run(w - tiny, b, v)) / (2 * tiny), (run(w, b + tiny, v) - run(w, b - tiny, v)) / (2 * tiny),
          (run(w, b, v + tiny) - run(w, b, v - tiny)) / (2 * tiny)]

# %%
w_, b_, v_ = (torch.tensor(number, requires_grad=True) for number in (w, b, v))  # "watch these"
(v_ * torch.relu(w_ * x + b_) - t).square().backward()                            # forward, then backward
for name, hand, auto, nudge in zip("wbv", (d_w, d_b, d_v), (w_.grad, b_.grad, v_.grad), nudged):
    print(f"{name}: by hand {hand:6.2f}   autograd {auto.item():6.2f}   nudged {nudge:6.2f}   equal: {hand == auto.item()}")
    assert hand == auto.item() and math.isclose(hand, nudge, rel_tol=1e-6)

# %%
rate = 0.01
print(f"one step against the slopes: loss {loss:.2f} → {run(w - rate * d_w, b - rate * d_b, v - rate * d_v):.2f}")
reveal("w1d1-p7", d_w, "Backward from the loss: 2(y − t) = −6, times v = −1 is 6, times 1 for the open ReLU, times x = 2 is 12.", tolerance=0.05)

# %% [markdown]
# A trap that everyone falls into once. PyTorch adds slopes up where a number is used twice, and rightly so. But it *also* adds the slopes of a new backward pass to the old ones in `.grad`.
# So before the next step somebody has to clear them.

# %%
twice = torch.tensor(3.0, requires_grad=True)
(twice * twice + 2 * twice).backward()  # used three times: 3 + 3 + 2
print("slope:", twice.grad.item(), end="")
(twice * twice + 2 * twice).backward()
print("   called again without clearing:", twice.grad.item())

# %% [markdown]
# ## 5 · A decision boundary that bends (11 min)
#
# Now put it together: layer, activation, layer, loss, slopes. The dots are two moons, hooked into each other. The place where a model changes its answer is its **decision boundary**;
# that of a neuron alone is a straight line, whatever it learns.

# %%
points, kinds = make_moons(100, noise=0.15, random_state=1)
X = torch.tensor((points - points.mean(0)) / points.std(0) * 1.2, dtype=torch.float32)  # (100, 2), moved to the middle
Y = torch.tensor(kinds, dtype=torch.float32)[:, None]                                   # (100, 1)
dots_picture(X, Y[:, 0], "no line parts these", size=20, caption="Two moons, 50 dots each.",
             alt="Two half rings of dots, hooked into each other: triangles arch over the top, circles hang below, and each reaches into the other.")

# %% [markdown]
# A net that can do it has a layer of neurons between inputs and output, called a **hidden layer**: the data say nothing about what its neurons should give. The whole is an **MLP**, a multilayer perceptron.

# %%
spots = {"x₁": (0, 1.5), "x₂": (0, 0.5), "h₁": (1.6, 2), "h₂": (1.6, 1), "h₃": (1.6, 0), "z": (3.2, 1), "p": (4.6, 1)}
hidden_names = ["h₁", "h₂", "h₃"]
arrows = [(start, h) for start in ("x₁", "x₂") for h in hidden_names] + [(h, "z") for h in hidden_names] + [("z", "p")]
drawing = Figure(figsize=(6.6, 3.4))
draw_graph(drawing.subplots(), spots, arrows, values={}, lit=[("x₁", "h₂"), ("x₂", "h₂")])
figure(drawing, caption="Two inputs, three hidden neurons, one output. Each arrow into h or z has a weight; the blue ones are those of h₂. Each h has a bias and a ReLU, z has a bias. p is its sigmoid.",
       alt="Boxes in four columns. Both inputs have an arrow to each of the three hidden neurons, six in all; three arrows lead on to the sum z, and one to the probability p.")

# %%
def new_net(hidden, seed=7):
    torch.manual_seed(seed)
    # the more neurons are added up, the smaller their weights: so the sum keeps its size
    return [torch.randn(2, hidden), 0.5 * torch.randn(hidden), torch.randn(hidden, 1) / hidden**0.5, torch.zeros(1)]

def forward(net, X):
    W1, b1, W2, b2 = net
    H = torch.relu(X @ W1 + b1)  # (n, hidden)
    return H, H @ W2 + b2        # the last sums, (n, 1)

# %% [markdown]
# The net's slopes are section 4 again, with tables in the place of numbers. Each line is still "the slope behind, times what lay in front", now summed over all dots:

# %%
def slopes(net, X, Y):
    W1, b1, W2, b2 = net
    H, Z = forward(net, X)
    d_Z = (torch.sigmoid(Z) - Y) / len(X)     # said − happened, as in section 3
    d_W2, d_b2 = H.T @ d_Z, d_Z.sum(0)        # (hidden, 1), (1,)
    d_S = (d_Z @ W2.T) * (H > 0)              # back through W2, then through the ReLUs that are open
    return [X.T @ d_S, d_S.sum(0), d_W2, d_b2]

# %%
net = new_net(8)
watched = [part.clone().requires_grad_() for part in net]
F.binary_cross_entropy_with_logits(forward(watched, X)[1], Y).backward()  # sigmoid and −ln in one call; "logits" are the sums
for name, hand, part in zip(("W1", "b1", "W2", "b2"), slopes(net, X, Y), watched):
    print(f"{name} {str(tuple(hand.shape)):8} by hand as by autograd: {torch.allclose(hand, part.grad, atol=1e-6)}")
    assert torch.allclose(hand, part.grad, atol=1e-6)

# %% tags=["predict"]
predict("w1d1-p8",
        "Eight hidden neurons with ReLU learn to part the moons. What will the decision boundary be made of, when you look closely?",
        options=["one smooth curve", "straight pieces, joined at bends", "a step for each dot"])

# %%
def train(net, steps, rate=0.5):
    for _ in range(steps):
        net = [part - rate * d for part, d in zip(net, slopes(net, X, Y))]
    return net

def accuracy(net):
    return ((forward(net, X)[1] > 0) == (Y == 1)).float().mean().item()

moments = [0, 10, 50, 150, 200, 250, 300, 1000]
history = [net]
for before, after in zip(moments, moments[1:]):
    history.append(train(history[-1], after - before))

# %%
side = torch.linspace(-3, 3, 121)
plane = torch.cartesian_prod(side, side)

def draw_boundary(axes, net, folds=True):
    z = forward(net, plane)[1].view(121, 121).T
    axes.contourf(side, side, z, levels=[-1e9, 0, 1e9], colors=[color("feed-forward"), color("query")], alpha=0.13)
    for j in range(net[0].shape[1] if folds else 0):  # where hidden neuron j begins to fire
        draw_line(axes, net[0][:, j].numpy(), net[1][j].item(), color=LINE, linewidth=1.4, antialiased=False)
    axes.contour(side, side, z, levels=[0], colors=INK, linewidths=2.6)
    draw_dots(axes, X, Y[:, 0], size=20)
    axes.set(xlim=(-3, 3), ylim=(-3, 3), aspect="equal", xticks=(-2, 0, 2), yticks=(-2, 0, 2), xlabel="input x₁", ylabel="input x₂")

# %%
frames = []
for moment, now in zip(moments, history):
    drawing = Figure(figsize=(3.5, 3.4))
    axes = drawing.subplots()
    draw_boundary(axes, now)
    axes.set_title(f"after {moment} steps")
    cost = F.binary_cross_entropy_with_logits(forward(now, X)[1], Y)
    frames.append((drawing, f"After {moment} steps: loss {cost:.2f} nats, {accuracy(now):.0%} of the dots on their side."))
film = stepper(frames, start=5,
        alt=f"""A net's decision boundary among two hooked moons of dots. At first it lies anywhere and {accuracy(history[0]):.0%} of the dots are right;
            then it tips like a single line, and then it bends into the gap between the moons, until {accuracy(history[-1]):.0%} are right. Thin gray lines,
            one for each hidden neuron, move with it: the boundary bends where it crosses one of them.""",
        caption="A boundary learns to bend. Each thin gray line is one hidden neuron: a line that tips and shifts, as in section 1.")
film

# %% [markdown]
# Look at a bend of the dark boundary: a gray line passes through it. On one side of a gray line its neuron sleeps, on the other it takes part. So a hidden neuron folds the boundary where its line crosses it, and nowhere else.

# %%
across = torch.linspace(-3, 3, 601, dtype=torch.double)
walk = torch.stack([across, torch.full_like(across, 0.3)], 1)  # straight through the plane
height = forward([part.double() for part in history[-1]], walk)[1].flatten()
kinks = (height[2:] - 2 * height[1:-1] + height[:-2]).abs() > 1e-9  # 0 wherever the sum runs straight
runs = int((kinks[1:] & ~kinks[:-1]).sum()) + int(kinks[0])
print(f"{len(kinks)} places on a straight walk: the last sum bends at {runs} of them, and runs straight at all others")
reveal("w1d1-p8", "straight pieces, joined at bends" if 0 < runs <= 8 else "one smooth curve",
       "ReLU is two straight pieces, and sums of straight pieces are made of straight pieces. With many neurons they look like a curve.")

# %% [markdown]
# How many neurons does it take? Same dots, same recipe, one, three and eight hidden neurons:

# %%
sizes = {hidden: train(new_net(hidden, seed), 1500) for hidden, seed in ((1, 1), (3, 4), (8, 7))}
picture, panels = plt.subplots(1, 3, figsize=(7.8, 3.2), sharey=True)
for axes, (hidden, learned) in zip(panels, sizes.items()):
    draw_boundary(axes, learned)
    axes.set_title(f"{hidden} hidden: {accuracy(learned):.0%} right", fontsize=11.5)
    axes.set_ylabel("input x₂" if hidden == 1 else "")
figure(picture, caption="More hidden neurons, more folds. Gray: the line of each hidden neuron.",
       alt="Boundaries after 1,500 steps. " + "; ".join(f"with {hidden} hidden neuron{'s' * (hidden > 1)} {accuracy(learned):.0%} of the dots are right"
           for hidden, learned in sizes.items()) + ". With one it is a straight line; with three it is a chain of a few straight pieces; with eight a chain of more of them.")

# %% [markdown]
# Be careful with such pictures. We picked the random starts of the film and of the net of three by their results, because they show the point well; others end less neatly. Here are the first
# eight starts of both sizes, and none is left out:

# %%
for hidden in (3, 8):
    reached = [accuracy(train(new_net(hidden, seed), 1500)) for seed in range(8)]
    print(f"{hidden} hidden, dots right after 1,500 steps: " + ", ".join(f"{share:.0%}" for share in reached))

# %% [markdown]
# What a net *can* draw and what gradient descent *finds* are two things. With neurons to spare, a few that start badly do no harm: one reason why real networks are so wide.

# %% [markdown]
# One more question: why did we start from *random* weights, and not from 0? Ask the slopes.

# %%
zeros = [torch.zeros_like(part) for part in net]
equal = [torch.full_like(part, 0.3) for part in net]
print("all 0:   slopes of W1 are all 0:", not slopes(zeros, X, Y)[0].any())
d_W1 = slopes(equal, X, Y)[0]
print("all 0.3: all 8 neurons get the same slopes:", torch.allclose(d_W1, d_W1[:, :1].expand(2, 8)))

# %% [markdown]
# From 0 no weight moves (only the last bias could). From equal numbers all eight neurons learn the same, forever: eight copies of one. Chance makes them different, so that they can share the work.
#
# The film is what you take home from this day. It goes into your portfolio, the folder `my_course/portfolio`, as a page that you can open in any browser and as a moving picture:

# %%
for file in (film.save(portfolio() / "w1d1_boundary.html"), film.still.save(portfolio() / "w1d1_boundary.png")):
    print(file.name)

# %% [markdown]
# ## 6 · Real digits, and what hidden units look for (11 min)
#
# PyTorch has all of today ready: `nn.Linear` is a layer, `nn.ReLU` the bend, `nn.Sequential` puts them in a row. Give it our numbers, and it says what our net says:

# %%
same_net = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 1))
with torch.no_grad():
    for part, numbers in zip(same_net.parameters(), history[-1]):
        part.copy_(numbers.T if numbers.ndim == 2 else numbers)  # PyTorch keeps weights turned
    print("the same sums:", torch.allclose(same_net(X), forward(history[-1], X)[1], atol=1e-5))

# %% [markdown]
# Now a real task. These 1,797 digits were written by 13 people; each has 8 by 8 gray dots. For the net a digit is a row of 64 numbers. We keep 500 of them **held-out**: it never
# trains on them, so they tell what it does with digits that it has not seen. (They come from the same 13 hands, though: a stranger's digits would be harder.)

# %%
digits = load_digits()
pixels = torch.tensor(digits.data / 16, dtype=torch.float32)  # (1797, 64), from 0 to 1
labels = torch.tensor(digits.target)                          # (1797,)
torch.manual_seed(1)
shuffled = torch.randperm(len(pixels))
seen, unseen = shuffled[:-500], shuffled[-500:]
print(len(seen), "to learn from,", len(unseen), "held-out")

# %%
def draw_digit(axes, row, title="", **look):
    axes.imshow(row.reshape(8, 8), **({"cmap": "Greys", "vmin": 0, "vmax": 1} | look))
    axes.set(xticks=[], yticks=[])
    axes.set_title(title, fontsize=11, loc="center")
    axes.spines[:].set(visible=True, color=LINE)

picture, panels = plt.subplots(1, 10, figsize=(9, 1.3))
for axes, digit in zip(panels, range(10)):
    draw_digit(axes, pixels[(labels == digit).nonzero()[3, 0]], str(digit))
figure(picture, caption="One of each, 64 gray dots. The number above is what it should be read as.",
       alt="Ten handwritten digits from 0 to 9, coarse but readable, each in eight rows of eight gray dots.")

# %% [markdown]
# The net has 64 inputs, 32 hidden neurons and ten outputs: one vote for each digit. PyTorch's `cross_entropy` turns the ten votes into ten probabilities (by softmax, which day 3 takes apart) and then does what
# you know: minus the logarithm of the probability that was given to the right answer. This loss is called **cross-entropy**.

# %%
torch.manual_seed(1)
reader = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
untrained = reader[0].weight.detach().clone()
print([tuple(part.shape) for part in reader.parameters()], "=", sum(part.numel() for part in reader.parameters()), "parameters")

# %% tags=["predict"]
predict("w1d1-p9", "Before training, all ten digits are about equally likely for it. What is its loss on held-out digits, in nats, roughly? (Think of section 3.)")

# %%
with torch.no_grad():
    first_loss = F.cross_entropy(reader(pixels[unseen]), labels[unseen]).item()
reveal("w1d1-p9", round(first_loss, 2), f"It gives about 1/10 to the right one, and −ln(1/10) = {math.log(10):.2f}. Two answers cost ln 2, ten cost ln 10.", tolerance=0.1)

# %% [markdown]
# In PyTorch the recipe is always the same four lines. One thing is new today: it does not look at all examples before each step, but at 32 drawn at random, a **batch**. The slopes are a bit noisy and come forty times as
# often. One pass through all examples is an **epoch**.

# %%
def right(rows):
    with torch.no_grad():
        # argmax: the place of the largest vote
        return (reader(pixels[rows]).argmax(1) == labels[rows]).float().mean().item()

optimizer = torch.optim.SGD(reader.parameters(), lr=0.5)  # gradient descent
curve = [(right(seen), right(unseen))]
for epoch in range(20):
    for batch in seen[torch.randperm(len(seen))].split(32):
        loss = F.cross_entropy(reader(pixels[batch]), labels[batch])  # guess, and measure the loss
        optimizer.zero_grad()                                         # clear old slopes
        loss.backward()                                               # find the slopes
        optimizer.step()                                              # step downhill
    curve.append((right(seen), right(unseen)))

# %%
print(f"held-out digits read correctly: {curve[-1][1]:.1%}   (those it learned from: {curve[-1][0]:.1%})")
assert curve[-1][1] >= 0.95

# %%
picture, axes = plt.subplots(figsize=(7.4, 3.3))
for place, (name, look) in enumerate({"learned from": "--", "held-out": "-"}.items()):
    axes.plot([100 * pair[place] for pair in curve], look, color=color("query"), linewidth=2.2)
    axes.text(20.2, 100 * curve[-1][place] + (1.2 if place == 0 else -4), name)
axes.axhline(10, linestyle=":", color=QUIET)
axes.text(20, 12, "blind guessing", ha="right")
axes.set(title="After a few passes it reads digits that it has never seen", xlim=(0, 24.5), ylim=(0, 106), xticks=range(0, 21, 5),
         xlabel="epoch (passes through 1,297 digits)", ylabel="read correctly (%)")
figure(picture, caption="The small gap between the two curves is what it knows by heart.",
       alt=f"""Share of digits read correctly, against epochs. Both curves rise from about {100 * curve[0][1]:.0f} % steeply in the first passes. At the end
           it reads {100 * curve[-1][0]:.1f} % of those that it learned from and {100 * curve[-1][1]:.1f} % of the held-out ones.""")

# %% [markdown]
# Such a gap is the sign of **overfitting**: learning the examples so closely that new ones fare worse. Here it is small. It is the reason why only held-out numbers count.
#
# And what does it get wrong? Look before you judge:

# %%
with torch.no_grad():
    says = reader(pixels[unseen]).argmax(1)
wrong = unseen[says != labels[unseen]]
picture, panels = plt.subplots(1, 7, figsize=(9, 1.75))
for axes, i in zip(panels, wrong):
    draw_digit(axes, pixels[i], f"{labels[i]}, read as {says[unseen == i].item()}")
figure(picture, caption=f"Seven of the {len(wrong)} held-out digits that it misread.",
       alt="Misread digits: " + ", ".join(f"a {labels[i]} read as {says[unseen == i].item()}" for i in wrong[:7]) + ". Several of them are hard for people, too.")

# %% [markdown]
# ### What do hidden units look for?
#
# A hidden neuron, or hidden *unit*, has 64 weights, one for each dot: so its weights are a picture. Blue dots raise its sum if there is ink, vermilion dots lower it. You may hope for neat strokes and loops: pieces of digits.

# %%
busy = reader[2].weight.detach().norm(dim=0) * F.relu(reader[0](pixels[seen])).std(0).detach()  # who moves the votes most
units = busy.argsort(descending=True)[:9]
after = reader[0].weight.detach()
picture, panels = plt.subplots(2, 9, figsize=(9, 2.5))
for i, unit in enumerate(units.tolist()):
    for axes, weights in zip(panels[:, i], (untrained, after)):
        draw_digit(axes, weights[unit], cmap=signed_map(), vmin=-after.abs().max() * 0.8, vmax=after.abs().max() * 0.8)
    panels[0, i].set_title(f"unit {unit}", fontsize=10, loc="center")
panels[0, 0].set_ylabel("before")
panels[1, 0].set_ylabel("after")
figure(picture, caption="The weights of the nine busiest hidden units, before and after training. Blue: ink here speaks for it. Vermilion: against it.",
       alt="""Nine squares of eight by eight weights, twice. Before training they are faint noise. After training each has its own pattern of blue and
           vermilion patches: ink wanted here, unwanted there. Few of them look like a stroke or a loop.""")

# %% [markdown]
# They are not noise, and they are not strokes either. Each is a rough question like "ink here, and none there?". To see what a unit answers to, ask for the digits that make it fire most, and for its votes.

# %%
with torch.no_grad():
    fires = F.relu(reader[0](pixels))
votes = reader[2].weight.detach()  # (10, 32): a column for each hidden unit
picture, panels = plt.subplots(3, 7, figsize=(9, 4.4), width_ratios=[1.1] + [1] * 5 + [1.9])
for row, unit in zip(panels, units[:3].tolist()):
    draw_digit(row[0], after[unit], f"unit {unit}", cmap=signed_map(), vmin=-after.abs().max() * 0.8, vmax=after.abs().max() * 0.8)
    for axes, i in zip(row[1:6], fires[:, unit].argsort(descending=True)):
        draw_digit(axes, pixels[i])
    row[6].bar(range(10), votes[:, unit], color=[color("query") if vote > 0 else color("feed-forward") for vote in votes[:, unit]])
    row[6].axhline(0, color=LINE)
    row[6].set(xticks=range(10), yticks=[])
panels[0, 6].set_title("its votes, 0 to 9", fontsize=11, loc="center")
panels[0, 3].set_title("fires most for", fontsize=11, loc="center")
top = {unit: sorted(set(labels[fires[:, unit].argsort(descending=True)[:5]].tolist())) for unit in units[:3].tolist()}
figure(picture, caption="Three hidden units: their weights, the five digits that excite them most, and what they vote for and against.",
       alt="Three hidden units. " + " ".join(f"Unit {unit} fires most for {' and '.join(map(str, kinds))}, and votes most for {votes[:, unit].argmax()}."
                                              for unit, kinds in top.items()))

# %% [markdown]
# So the first one detects its digit, the next one another? The five strongest examples often look that clean. Count *all* the times that a unit fires:

# %%
for unit in units[:3].tolist():
    kinds_seen = labels[fires[:, unit] > 0]
    favorite = kinds_seen.bincount(minlength=10).argmax().item()
    print(f"unit {unit:2} fires for {len(kinds_seen) / len(labels):.0%} of all digits; most often for a {favorite}, and {(kinds_seen != favorite).float().mean():.0%} of the times for something else")

# %% [markdown]
# A unit is no detector of one digit. It speaks for some and against others, and a digit is read from what many units say together. That will stay so: in large models, too, one neuron seldom means one thing.
#
# Last, a test of character. It has only ever seen digits. What does it say when there is none?

# %% tags=["predict"]
predict("w1d1-p10", "It gets 1,000 pictures of pure noise, each dot gray by chance. How sure of its answer is it on average, in percent? (10 would be: no idea.)")

# %%
torch.manual_seed(2)
with torch.no_grad():
    sure = F.softmax(reader(torch.rand(1000, 64)), dim=1).max(1).values.mean().item()
reveal("w1d1-p10", round(100 * sure), "It was never taught to say 'I do not know': ten votes always become ten probabilities that add up to 1. Remember this when a large model sounds sure.", tolerance=10)

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** A layer with ReLU: `X` is (n, d_in), `W` is (d_in, d_out), `b` is (d_out,). Two lines are missing.

# %% tags=["exercise"]
def layer(X, W, b):
    Z = ...     # (n, d_out): the sums
    return ...  # (n, d_out): after the ReLU

# %% tags=["check"]
check_exercise("w1d1-e1", layer)

# %%
help_with("w1d1-e1")

# %% [markdown]
# **2 · Fix it.** Gradient descent for one neuron with a sigmoid. It runs without an error, the loss falls at first, and then it climbs and climbs. Find the line that stands in the wrong place.

# %% tags=["exercise"]
def fit(w, X, y, rate, steps):
    p = torch.sigmoid(X @ w)
    slope = X.T @ (p - y) / len(y)
    for _ in range(steps):
        w = w - rate * slope
    return w

for steps in (0, 3, 10, 30, 100):
    print(f"{steps:3} steps: loss {loss_of(fit(start, diary, rained, 3, steps)):.2f}")

# %% tags=["check"]
check_exercise("w1d1-e2", fit)

# %%
help_with("w1d1-e2")

# %% [markdown]
# **3 · From scratch.** Section 4 with tanh instead of ReLU: $h = \tanh(wx + b)$, $y = vh$, loss $= (y - t)^2$. Return the three slopes of the loss, for w, b and v, as a tuple, without autograd. All five are
# tensors of one number; the slope of tanh is $1 - h^2$.

# %% tags=["exercise"]
def three_slopes(x, t, w, b, v):
    ...

# %% tags=["check"]
check_exercise("w1d1-e3", three_slopes)

# %%
help_with("w1d1-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too: each of them is a mistake that people really make.

# %% tags=["quiz"]
quiz("w1d1")

# %% [markdown]
# ## Draw or write: a network from memory (4 min)
#
# Three videos belong to this day (below, under *Go further*). Before you watch them, take a sheet of paper and draw what you have now: two inputs, three hidden neurons, one output. Write a weight on
# one arrow. Then draw, in a second color, how a slope travels back from the loss to this weight, and write at each station what it is multiplied with.

# %%
journal("w1d1", ["Explain to a friend what a hidden neuron does to a boundary. Two sentences.",
                 "What did you believe about neural networks this morning that you no longer believe?",
                 "After the videos: what do they show that you did not see here?"])

# %% [markdown]
# <details><summary>Reference: a drawing that would be complete</summary>
#
# Six arrows from the inputs to the hidden neurons, three to the output. At each hidden neuron: Σ, a bias, and the bend. At the end a sigmoid and the loss. The way back, for a weight of the first layer:
# (p − y), times the weight behind the hidden neuron, times 1 or 0 for its ReLU, times the input in front of the weight.
#
# Checklist: Does *every* input reach *every* hidden neuron? Is there a bend between the layers? Has each neuron one bias? Did you multiply along the way back? Does the step go *against* the slope? Are there 13 parameters (6 + 3 + 3 + 1)?
# </details>

# %% [markdown]
# ## Go further (optional, 55 min)
#
# The resource of this day: the first three videos of 3Blue1Brown's series on neural networks. They build on a net for digits like ours, with 28 by 28 dots.
#
# - [But what is a neural network?](https://www.youtube.com/watch?v=aircAruvnKk) (3Blue1Brown, 19 min). Look for: the sigmoid that squeezes, and the layer as a product of a table and a column. *Question to answer:* how many weights
#   and biases does his network have, and how do you count them?
# - [Gradient descent, how neural networks learn](https://www.youtube.com/watch?v=IHZwWFHWa-w) (3Blue1Brown, 21 min). Look for: the landscape, and what he shows when he opens the hidden neurons. *Question:* does he find the strokes and loops that he
#   hoped for? Did we?
# - [Backpropagation, intuitively](https://www.youtube.com/watch?v=Ilg3gGewQ5U) (3Blue1Brown, 13 min). Look for: the wishes of one output neuron. *Question:* in which three ways can a neuron's activation be raised?
#
# <details><summary>Answers</summary>
#
# 13,002: 784·16 + 16·16 + 16·10 weights and 16 + 16 + 10 biases. He does not: the patterns look almost random, and the net still reads well; ours have patches, and few strokes. By its bias, by its weights (those of the
# brightest inputs help most), and by the activations before it.
# </details>

# %% [markdown]
# ## Today in one picture (1 min)

# %%
picture, (one, many, falls, looks) = plt.subplots(1, 4, figsize=(8.6, 2.6), width_ratios=(1, 1, 1, 1))
draw_neuron(one, (0.6, 1.0), 0, cloudy_humid, rain)
draw_boundary(many, history[-1], folds=False)
falls.plot(losses, "o-", color=color("feed-forward"), markersize=3)
falls.set(xlabel="step", ylim=(0, None), yticks=(0, 1, 2, 3))
draw_digit(looks, after[units[0]], cmap=signed_map(), vmin=-after.abs().max() * 0.8, vmax=after.abs().max() * 0.8)
for axes, title in zip((one, many, falls, looks), ("a neuron: a line", "a layer bends it", "slopes lead down", "what a unit seeks")):
    axes.set_title(title, fontsize=11, loc="left")
for axes in (one, many):
    axes.set(xticks=[], yticks=[], xlabel="", ylabel="")
today = figure(picture, caption="Weigh, add, bend; measure the loss; send slopes back; step downhill. Everything else in this course learns this way.",
               alt=f"""Four small panels. A neuron's straight line parts the diary's dots. A net's boundary bends between two moons. The loss falls from
                   {losses[0]:.2f} to {losses[-1]:.2f} in forty steps. The weights of a hidden unit of the digit net, as a picture of blue and vermilion patches.""")
today.save(portfolio() / "w1d1_today.png")
today

# %% [markdown]
# **New words**

# %%
new_words("w1d1")

# %% [markdown]
# **Tomorrow** the inputs are words. A network eats numbers; what number is "cat"? You will give each word a row of numbers, and train these rows by today's recipe until words of a kind lie together.

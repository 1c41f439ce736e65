# %% [markdown]
# # Week 2 · Day 5: Layer normalization and residuals
#
# **Today you stack 48 layers, watch learning die in them, and find the two small inventions that keep it alive.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week2/day5_layer_normalization_and_residuals.ipynb)
#
# At the end you will be able to
#
# - say what happens to a gradient on its way through many layers, and show it with a measurement;
# - compute LayerNorm by hand, and tell which numbers it, RMSNorm and BatchNorm look at;
# - draw pre-LN and post-LN from memory, and say what each does to the gradients.

# %% tags=["setup", "training"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week2", []  # this day's folder, and what it uses that Colab does not bring
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
from torch import nn
from torch.nn import functional as F

from shared.attention import MultiHeadAttention, causal_mask, positional_encoding
from shared.gpt import GPT
from shared.learning import (
    check_exercise, guess, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.pretrained import load
from shared.text import entropy_per_token, stories, words_of
from shared.transformer import FeedForward
from shared.visuals import color, course_map, figure, stepper
from shared.visuals.norm_cells import NORMS, norm_cells, normalized
from shared.visuals.palette import INK, words
from shared.visuals.towers import draw_norm_order

course_map(week=2, day=5)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w2d5")

# %% [markdown]
# ## 1 · A message that passes 48 hands (10 min)
#
# On the course's first day the loss sent a message backward: *change this way*. The message is the gradient. On its way from the last layer
# to the first, each layer multiplies it by its own slope. Two layers, two factors. And 48 layers?

# %% tags=["predict"]
predict("w2d5-p1",
        "Each of 48 layers multiplies the message by 0.8. At the top it has the size 1,000,000. "
        "What size arrives at the bottom?")

# %%
picture, axes = plt.subplots(figsize=(7.6, 3.6))
for factor, hue in ((1.25, "feed-forward"), (1.0, "residual"), (0.8, "query")):
    sizes = [1e6 * factor**n for n in range(49)]
    axes.semilogy(sizes, color=color(hue), linewidth=2.5)
    axes.text(48.6, sizes[-1], f"× {factor}", va="center", color=words(hue), fontsize=11)
if isinstance(guess("w2d5-p1"), float) and guess("w2d5-p1") > 0:
    axes.plot(48, guess("w2d5-p1"), "o", markersize=13, markerfacecolor="none", markeredgecolor=color("attention"), clip_on=False)
axes.set(title="A small factor, 48 times, is no small factor", xlim=(0, 53),
         xlabel="layers passed, from the top down", ylabel="size of the message")
figure(picture,
       alt=f"""The size of a message that starts at 1,000,000, against the layers it has passed, on a scale of powers
           of ten. With a factor of 0.8 it falls in a straight line to {1e6 * 0.8**48:.0f}. With 1.25 it
           grows to {1e6 * 1.25**48:.0e}. With 1 it stays.""",
       caption="The vertical scale counts in powers of ten, so a fixed factor is a straight line. Your guess, if you made one, is the ring.")

# %%
print(f"1,000,000 x 0.8^48 = {1e6 * 0.8**48:.0f}        1,000,000 x 1.25^48 = {1e6 * 1.25**48:,.0f}")
reveal("w2d5-p1", round(1e6 * 0.8**48), "0.8 eight times is about 1/6, and 48 is six times eight.", tolerance=2)

# %% [markdown]
# The first case is called a **vanishing gradient**: the lower layers are told nothing, and stay as random as they were born. The second is an
# **exploding gradient**: every step throws the weights far away. Between the two lies a narrow edge, a factor of 1.
#
# ### The same with real layers
#
# Now with the layers of a Transformer: attention, feed-forward network, attention, … A text of the tiny tales goes in at the bottom; at the top a
# head guesses the next word. First the text as numbers:

# %%
text = [word for story in stories(600, seed=1) for word in [*words_of(story), "<end>"]]
vocabulary = sorted(set(text))
ids = torch.tensor([vocabulary.index(word) for word in text])
may_look = causal_mask(32)
print(f"{len(ids):,} tokens, {len(vocabulary)} different ones")

# %% [markdown]
# And a stack, with two switches: `road` and `place`. Both are off for now; you will switch them on one after the other. `norm` is the LayerNorm that you met on day 6
# of week 1.

# %%
def norm(x):
    return F.layer_norm(x, x.shape[-1:])

class Stack(nn.Module):
    def __init__(self, depth, d_model=32, road=False, place=None):
        super().__init__()
        self.road, self.place = road, place
        self.table, self.head = nn.Embedding(len(vocabulary), d_model), nn.Linear(d_model, len(vocabulary))
        self.parts = nn.ModuleList(
            part for _ in range(depth) for part in (MultiHeadAttention(d_model, 4), FeedForward(d_model, 4 * d_model)))
        for weight in self.parts.parameters():
            if weight.ndim == 2:
                nn.init.xavier_uniform_(weight)  # random, at the size that the paper's first code chose

    def forward(self, ids):
        x = self.table(ids) + positional_encoding(ids.shape[1], self.table.embedding_dim)
        self.rows = [x]  # kept, to be looked at
        for part in self.parts:
            x = self.around(part, x)
            self.rows.append(x)
        return self.head(norm(x) if self.place == "before" else x)

    def around(self, part, x):  # what stands around every part
        z = norm(x) if self.place == "before" else x
        found = part(z, may_look)[0] if isinstance(part, MultiHeadAttention) else part(z)
        y = x + found if self.road else found
        return norm(y) if self.place == "after" else y

# %%
def messages(depth, **switches):  # size of the gradient that each layer's weights get, bottom to top
    torch.manual_seed(1)
    stack, batch = Stack(depth, **switches), ids[: 8 * 33].view(8, 33)
    F.cross_entropy(stack(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten()).backward()
    layers = [stack.parts[2 * i : 2 * i + 2] for i in range(depth)]
    sizes = [math.sqrt(sum(float(w.grad.square().sum()) for w in layer.parameters())) for layer in layers]
    return sizes, stack

plain, plain_stack = messages(48)
print(f"layer 48: {plain[-1]:.1e}   layer 24: {plain[23]:.1e}   layer 1: {plain[0]:.1e}")

# %% [markdown]
# Read the last number aloud (`e-12` would mean: the point moves twelve places to the left): a zero, a point, and then a long row of zeros. Nothing reaches the first layer. Stacked like this, 48 layers cannot learn.
#
# $$\frac{\partial \text{loss}}{\partial x_0} = \frac{\partial \text{loss}}{\partial x_{96}} \cdot J_{96} \cdots J_2 \cdot J_1$$
#
# $x_0$ is what goes in at the bottom, $x_{96}$ what comes out on top. $J_n$ is the slope of part $n$, a matrix by now (for vectors, the slope is called the *Jacobian*). 96 of them in a row: two parts in each of 48 layers.

# %% [markdown]
# ## 2 · A road around every part (13 min)
#
# The way out is one plus sign. Let each part *add* to what came in, instead of replacing it:
#
# $$y = x + f(x)$$
#
# You know it as the residual connection. What does it do to the message? Take the worst case: a part that is broken and gives out zeros.

# %% tags=["predict"]
predict("w2d5-p2",
        "A part f is broken: it gives out 0 whatever comes in. With y = x + f(x), how much of the "
        "message passes down through this layer?",
        options=["nothing", "half of it", "all of it"])

# %%
x = torch.tensor([2.0, -1.0, 0.5], requires_grad=True)
broken = nn.Linear(3, 3)
nn.init.zeros_(broken.weight), nn.init.zeros_(broken.bias)
message = torch.tensor([1.0, 10.0, 100.0])
without, = torch.autograd.grad(broken(x), x, message)
with_road, = torch.autograd.grad(x + broken(x), x, message)
print("without the road:", without.numpy(), "   with it:", with_road.numpy())

# %%
arrived = {0.0: "nothing", 1.0: "all of it"}.get(float(with_road.sum() / message.sum()), "half of it")
reveal("w2d5-p2", arrived, "The slope of x + f(x) is 1 + the slope of f. Whatever f does, the 1 is there.")

# %% [markdown]
# So a message has two ways past each part: *through* it, or *around* it. Count the roads through two parts that are simple multiplications, $a$ and $b$:
#
# $$(1 + a)(1 + b) = 1 + a + b + ab$$

# %%
picture, axes = plt.subplots(figsize=(8.6, 2.7))
axes.annotate("", (9.6, 0), (0, 0), arrowprops=dict(arrowstyle="-|>", color=color("residual"), linewidth=6, shrinkA=0, shrinkB=0))
for start, name, hue in ((1.2, "part 1: × a", "attention"), (5.2, "part 2: × b", "feed-forward")):
    axes.plot([start, start, start + 1], [0, 1.2, 1.2], color=INK, linewidth=1.8)
    axes.annotate("", (start + 2.8, 0.12), (start + 1.8, 1.2), arrowprops=dict(
        arrowstyle="-|>", color=INK, linewidth=1.8, connectionstyle="angle,angleA=0,angleB=90", shrinkA=0, shrinkB=0))
    axes.text(start + 1.4, 1.2, name, ha="center", va="center", color="white", fontsize=11.5, fontweight="bold",
              bbox=dict(boxstyle="round,pad=0.55", facecolor=color(hue), edgecolor="none"))
    axes.text(start + 2.8, 0, "+", ha="center", va="center", fontsize=15, bbox=dict(boxstyle="circle,pad=0.18", facecolor="white", edgecolor=INK))
axes.text(4.8, -0.62, "the road: nothing is multiplied here", ha="center", color=words("residual"), fontsize=11)
axes.text(-0.1, 0, "x", ha="right", va="center", fontsize=13), axes.text(9.7, 0, "x + …", va="center", fontsize=13)
axes.set(title="Two parts, four roads: 1, a, b and ab", xlim=(-0.6, 10.6), ylim=(-1, 1.9))
axes.axis("off")
figure(picture,
       alt="""A thick gray road runs from x on the left to the output on the right. Above it stand two parts. Each takes what
           comes along the road and adds its result back to it. A message can pass both parts by, pass through only
           one of them, or through both: four roads.""",
       caption="One of the four roads meets no part: it multiplies by 1. That one never dies.")

# %%
a, b = 0.3, -0.2
roads = {"around both": 1, "through 1": a, "through 2": b, "through both": a * b}
print(roads, "  together:", round(sum(roads.values()), 10), "  (1 + a)(1 + b) =", round((1 + a) * (1 + b), 10))

# %% [markdown]
# With 96 parts there are $2^{96}$ roads. Long ones, through many parts, die: in a trained network for images, nearly all of the message came over fairly short ones
# ([Veit and others, 2016](https://arxiv.org/abs/1605.06431)). Now switch the road on in our stack of 48 layers.

# %% tags=["predict"]
predict("w2d5-p3",
        "48 layers with the road, and still without any norm. How large is the message that reaches "
        "layer 1, compared with layer 48's in the stack without the road?",
        options=["still next to nothing", "about the same size", "many thousand times as large"])

# %%
four = {"neither": dict(), "the norm alone": dict(place="after"), "the road alone": dict(road=True),
        "both": dict(road=True, place="before")}
measured = {name: messages(48, **switches) for name, switches in four.items()}

# %%
DIAGNOSES = {"neither": "it dies", "the norm alone": "it lives", "the road alone": "it explodes", "both": "it lives"}
picture, panels = plt.subplots(1, 4, figsize=(9, 3.7), sharey=True)
for axes, (name, (sizes, _)) in zip(panels, measured.items()):
    axes.semilogy(range(1, 49), sizes, color=color("feed-forward") if name != "both" else color("value"), linewidth=2.8)
    axes.axhspan(1e-2, 1e1, color=color("residual"), alpha=0.15, linewidth=0)
    axes.set(title=f"{name}:\n{DIAGNOSES[name]}", xticks=(1, 24, 48), xlabel="layer")
panels[0].set_ylabel("size of the gradient")
panels[0].text(2, 12, "healthy", fontsize=10, color=words("residual"), va="bottom")
figure(picture,
       alt="Size of the gradient that each of 48 layers gets, in four stacks. " + " ".join(
           f"{name.capitalize()}: {sizes[0]:.0e} at layer 1 and {sizes[-1]:.0e} at layer 48." for name, (sizes, _) in measured.items()),
       caption="The message in four stacks, in powers of ten. The two inventions mend different things; the gray band is a healthy size.")

# %%
ratio = measured["the road alone"][0][0] / plain[-1]
where = "many thousand times as large" if ratio > 3000 else "about the same size" if ratio > 0.01 else "still next to nothing"
for name, (sizes, stack) in measured.items():
    print(f"{name:15} gradient at layer 1: {sizes[0]:7.0e}   numbers at the top: {float(stack.rows[-1].detach().std()):7.1e}")
reveal("w2d5-p3", where, f"Here it is {ratio:.0e} times as large. Every part adds, and nothing takes away: the numbers grow from layer to layer, and the messages with them.")

# %% [markdown]
# The road heals the vanishing and brings the exploding. So a second helper is needed: something that keeps the numbers in bounds. That is the norm.
#
# But then, look at "the norm alone". Its gradients are alive too. Is the road needed at all? One more measurement: how *alike* are the rows of different
# tokens? Take all pairs of tokens of a text, and the mean of their cosines (week 1, day 2): 1 means that all rows point the same way.

# %%
def alike(rows):  # (B, T, d_model) -> mean cosine of two different tokens of one text
    unit = F.normalize(rows.detach(), dim=-1)
    cosines = unit @ unit.transpose(1, 2)
    T = rows.shape[1]
    return float((cosines.sum((1, 2)) - T).mean() / (T * T - T))

curves = {name: [alike(rows) for rows in measured[name][1].rows[::2]] for name in ("the norm alone", "both")}

# %%
picture, axes = plt.subplots(figsize=(7.6, 3.5))
for name, hue in (("the norm alone", "feed-forward"), ("both", "value")):
    axes.plot(curves[name], color=color(hue), linewidth=2.8)
    axes.text(24, curves[name][24] + (0.03 if name == "the norm alone" else -0.05), name if name == "both" else "the norm without the road",
              ha="center", va="bottom" if name == "the norm alone" else "top", color=words(hue))
axes.set(title="Without the road, all words become one word", xlim=(0, 48), ylim=(0, 1.15),
         xlabel="layers passed", ylabel="cosine of two tokens (mean)")
figure(picture,
       alt=f"""How alike two tokens of a text are, layer by layer. With the norm alone the mean cosine is {curves["the norm alone"][1]:.2f}
           after one layer and {curves["the norm alone"][6]:.2f} after six: all rows point the same way. With road and norm it
           is {curves["both"][1]:.2f} after one layer and {curves["both"][48]:.2f} after 48.""",
       caption="Attention mixes rows, and mixing makes alike. The road keeps each word's own row in the sum.")

# %% [markdown]
# So the road has two jobs: it carries the message down, and it carries each word's own row up. Without it, pure attention makes all rows alike, and fast
# ([Dong and others, 2021](https://arxiv.org/abs/2103.03404)). This row of a token, to which every part
# only adds, from the embedding to the head, is the *residual stream* of day 1.

# %% [markdown]
# ## 3 · Which numbers does a norm look at? (14 min)
#
# Four numbers of one token: 2, 4, 6, 12. LayerNorm makes their mean 0 and their spread 1. By hand, in three steps:

# %%
row = [2.0, 4.0, 6.0, 12.0]
mean = sum(row) / 4                                    # 6
spread = math.sqrt(sum((n - mean) ** 2 for n in row) / 4)  # root of the mean square distance from the mean
print("mean", mean, "  spread", round(spread, 4), "  normed", [round((n - mean) / spread, 3) for n in row])

# %% [markdown]
# The spread is the standard deviation, divided by 4 and not by 3. As one line for all tokens at once, and then as the library has it:

# %%
table = torch.tensor([[2.0, 4.0, 6.0, 12.0], [-3.0, 0.0, 1.0, 2.0]])  # (2, 4): two tokens, four features
centered = table - table.mean(-1, keepdim=True)
by_hand = centered / (centered.square().mean(-1, keepdim=True) + 1e-5).sqrt()
print(by_hand.numpy().round(3))
print("same as nn.LayerNorm:", torch.allclose(by_hand, nn.LayerNorm(4)(table), atol=1e-6))

# %% [markdown]
# This is layer normalization ([Ba and others, 2016](https://arxiv.org/abs/1607.06450)) as a formula:
#
# $$\text{LayerNorm}(x) = \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} \cdot \gamma + \beta$$
#
# - $\mu$ and $\sigma^2$, mean and variance, are taken over the *features of one token*. Not over the batch, not over the text.
# - $\epsilon$ = 0.00001 stands *inside* the root, so that a row of equal numbers is not divided by 0.
# - $\gamma$ and $\beta$ are learned, one number each per feature: the model may scale and shift again. They start as 1 and 0, and change nothing.

# %% tags=["predict"]
predict("w2d5-p4",
        "All numbers of a token are multiplied by 7. What happens to its row after LayerNorm?",
        options=["it is 7 times as large", "it is √7 times as large", "next to nothing changes"])

# %%
louder = F.layer_norm(7 * table, (4,))
change = float((louder - by_hand).abs().max())
factor = float((louder / by_hand).mean())
print(f"largest change: {change:.6f}")
reveal("w2d5-p4", "next to nothing changes" if change < 1e-2 else f"it is {'√7' if factor < 5 else '7'} times as large",
       "Mean and spread grow seven times too, and cancel. Only the tiny epsilon leaves a trace. What counts is the pattern, not the loudness.")

# %% [markdown]
# ### The same, as geometry
#
# With three features you can see it. Taking off the mean presses all tokens onto a plane; dividing by the spread puts them on a circle in this plane. With 512 features: onto a sphere of radius $\sqrt{512}$, inside the flat space of all rows with mean 0.

# %%
torch.manual_seed(4)
cloud = torch.randn(60, 3) * torch.tensor([1.5, 1.0, 0.7]) + torch.tensor([2.0, 0.5, -0.5])
flat = F.layer_norm(cloud, (3,))
picture = plt.figure(figsize=(8.6, 3.9))
for place, (points, title) in enumerate(((cloud, "before: 60 tokens, 3 features"), (flat, "after LayerNorm: all on one circle")), 1):
    axes = picture.add_subplot(1, 2, place, projection="3d")
    axes.scatter(*points.T, color=color("residual") if place == 1 else words("normalization"), s=22, depthshade=False)
    axes.view_init(18, 20)
    axes.set(title=title, xlabel="feature 0", ylabel="feature 1", zlabel="feature 2")
    axes.set_box_aspect((1, 1, 1), zoom=0.8)  # room for the names of the axes
    axes.tick_params(labelsize=10, pad=0)
    axes.locator_params(nbins=4)
lengths = flat.norm(dim=1)
print(f"length of every row afterwards: {lengths.min():.2f} to {lengths.max():.2f}   √3 = {math.sqrt(3):.2f}")
figure(picture,
       alt="""Left, sixty tokens as a loose cloud of points in a space of three features. Right, the same tokens after LayerNorm:
           they all lie on one circle around the origin.""",
       caption="Two degrees of freedom are gone: where the row's mean was, and how long it was. What stays is the direction within the plane.")

# %% [markdown]
# ### Its two relatives
#
# The older of the two, from 2015 and image networks, is **batch normalization**, BatchNorm for short: it looks at *one feature, over all tokens of all texts*. **RMSNorm** ([Zhang and Sennrich, 2019](https://arxiv.org/abs/1910.07467)) is LayerNorm's thrifty
# sister: no mean, no shift, only a division by the root of the mean square, and the learned scale. Llama and most large models since use it.
#
# Before you touch the slider in the next picture:

# %% tags=["predict"]
predict("w2d5-p5",
        "Two texts are in one batch. The second becomes five times as loud. With which norm do the "
        "numbers of the FIRST text change?",
        options=list(NORMS) + ["with none of them"])

# %% tags=["interactive"]
torch.manual_seed(7)
two_texts = (torch.randn(2, 3, 6) * torch.tensor([[0.8], [2.2], [1.0]]) + torch.tensor([[0.0], [1.2], [-0.6]])).clamp(-9, 9).numpy().round(1)
norm_cells(
    two_texts, [["the", "cat", "sat"], ["a", "dog", "ran"]],
    alt="""Two texts of three tokens with six features each, before and after a norm. For one cell of the token cat: LayerNorm and
        RMSNorm look at the six numbers of this token. BatchNorm looks at one feature of all six tokens, also of those in
        the other text.""",
    caption="Choose a norm and a cell; yellow are the numbers that decide about it. Then make the second text louder.")

# %%
loud = two_texts * [[[1.0]], [[5.0]]]
changes = {name: abs(normalized(loud, name) - normalized(two_texts, name))[0].max() for name in NORMS}
print("largest change in the first text:", {name: float(change.round(3)) for name, change in changes.items()})
changed = [name for name, change in changes.items() if change > 0.01]
reveal("w2d5-p5", changed[0] if len(changed) == 1 else "with none of them" if not changed else str(changed),
       "Its mean and spread are shared by all texts of the batch. So your sentence would come out differently, depending on whose sentence "
       "happens to be computed beside it.")

# %% [markdown]
# That is one reason why Transformers do not use BatchNorm. Another: a model that writes reads one text, one token at a time; then there is no batch to take a mean of,
# and BatchNorm has to make do with means that it kept from training.
#
# The two relatives in code, held against the library:

# %%
numbers = torch.tensor(two_texts, dtype=torch.float32)  # (2, 3, 6): texts, tokens, features
rms = numbers / (numbers.square().mean(-1, keepdim=True) + 1e-5).sqrt()
batch = (numbers - numbers.mean((0, 1))) / (numbers.var((0, 1), unbiased=False) + 1e-5).sqrt()
library = nn.BatchNorm1d(6)(numbers.transpose(1, 2)).transpose(1, 2)  # it wants the features in the middle
print("RMSNorm:", torch.allclose(rms, F.rms_norm(numbers, (6,), eps=1e-5), atol=1e-6),
      "  BatchNorm:", torch.allclose(batch, library, atol=1e-5))

# %% [markdown]
# ## 4 · Before the part, or after the plus? (10 min)
#
# You drew both on day 6 of week 1: *post-LN*, the paper of 2017, and *pre-LN*, GPT-2 and nearly everything since. In one line each:
#
# | | | where the road runs |
# |---|---|---|
# | post-LN | $x \leftarrow \text{norm}(x + f(x))$ | through every norm |
# | pre-LN | $x \leftarrow x + f(\text{norm}(x))$ | past everything, to one last norm before the head |

# %%
picture, axes = plt.subplots(2, 1, figsize=(7.6, 4.8))
for ax, order in zip(axes, ("post-LN", "pre-LN")):
    draw_norm_order(ax, order)
    ax.set_title({"post-LN": "post-LN: the norm stands on the road", "pre-LN": "pre-LN: the road is free"}[order], fontsize=12)
figure(picture,
       alt="""The road of a token around an attention, twice. In post-LN the sum of the road and the attention goes through the norm.
           In pre-LN the norm stands inside the branch, in front of the attention, and the road meets no norm.""",
       caption="Follow the gray road from left to right. Where does it meet a norm?")

# %% [markdown]
# Both have a road and a norm. Both are healthy at 48 layers, as far as "alive" goes. But *who* is told to change most?

# %% tags=["predict"]
predict("w2d5-p6",
        "48 layers with pre-LN, before any training. Which layers get the largest gradients?",
        options=["the lowest", "the ones in the middle", "the highest", "all the same"])

# %%
DEPTHS = (2, 3, 4, 6, 8, 16, 32, 48)
orders = {"post-LN": dict(road=True, place="after"), "pre-LN": dict(road=True, place="before")}
by_depth = {order: {depth: messages(depth, **switches)[0] for depth in DEPTHS} for order, switches in orders.items()}

# %%
LOOKS = {"post-LN": ("attention", "-"), "pre-LN": ("value", "--")}
frames = []
for depth in DEPTHS:
    picture, axes = plt.subplots(figsize=(7.6, 3.7))
    for order, (hue, style) in LOOKS.items():
        sizes = by_depth[order][depth]
        axes.plot(range(1, depth + 1), sizes, style, color=color(hue), linewidth=2.5, marker="o", markersize=5 if depth < 20 else 0)
        axes.text(depth + 0.7, sizes[-1], order, va="center", color=words(hue))
    times = by_depth["post-LN"][depth][-1] / by_depth["pre-LN"][depth][-1]
    axes.set(title=f"{depth} layers: at the top, post-LN's gradient is {times:.1f} times pre-LN's",
             xlim=(0.5, 55), ylim=(0.03, 4), yscale="log", xlabel="layer, from the bottom", ylabel="size of its gradient")
    first_last = {order: by_depth[order][depth] for order in LOOKS}
    said = "; ".join(f"{order}: {s[0]:.2f} at the bottom, {s[-1]:.2f} at the top" for order, s in first_last.items())
    frames.append((picture, f"{depth} layers. {said}."))
stepper(frames, start=len(frames) - 1,
        alt="How large the gradient of each layer is, for stacks of 2 to 48 layers. " + " ".join(frames[i][1] for i in (0, -1)),
        caption="Step through the depths and watch the right end of each curve, the layer next to the head.")

# %%
sizes = by_depth["pre-LN"][48]
thirds = {"the lowest": sum(sizes[:16]), "the ones in the middle": sum(sizes[16:32]), "the highest": sum(sizes[32:])}
largest = max(thirds, key=thirds.get)
reveal("w2d5-p6", largest if max(thirds.values()) > 1.1 * min(thirds.values()) else "all the same",
       "The stream grows on its way up, and each norm divides by the stream's size. Where the stream is large, one layer more or less "
       "hardly counts; the early layers shape everything that follows.")

# %%
picture, axes = plt.subplots(figsize=(7.2, 3.4))
for order, (hue, style) in LOOKS.items():
    top = [by_depth[order][depth][-1] for depth in DEPTHS]
    axes.plot(DEPTHS, top, style, color=color(hue), linewidth=2.5, marker="o")
    axes.text(49, top[-1], order, va="center", color=words(hue))
axes.set(title="At the top, post-LN does not get gentler with depth", xlim=(0, 55), ylim=(0, None),
         xlabel="layers in the stack", ylabel="gradient of the top layer")
tops = {order: (by_depth[order][2][-1], by_depth[order][48][-1]) for order in orders}
figure(picture,
       alt="Size of the top layer's gradient against the number of layers. " + " ".join(
           f"{order}: from {two:.2f} with 2 layers to {many:.2f} with 48." for order, (two, many) in tops.items()),
       caption="One random start each. Theory says: about constant for post-LN, falling like 1/√depth for pre-LN.")

# %%
for order, (two, many) in tops.items():
    print(f"{order:8} top layer with 2 layers {two:.2f}, with 48 layers {many:.2f}: times {many / two:.2f}   (1/√24 = {1 / math.sqrt(24):.2f})")

# %% [markdown]
# From 2 to 48 layers the depth grows 24 times: theory expects a factor near 1 for post-LN, and near 1/√24 for pre-LN. It speaks of orders of size, and of simplified layers; your two factors are on its side.
#
# This is what [Xiong and others](https://arxiv.org/abs/2002.04745) proved in 2020: at the start, post-LN's layers near the head get large gradients however deep the stack is; with many layers that all jump at once, the first steps are too wild. Hence the *warm-up* of
# the 2017 recipe: tiny steps first. In pre-LN the gradients shrink with depth by themselves, and the warm-up can be short or left out.
#
# The price of pre-LN: the stream grows, so late layers add little to something large. Nothing is free, and what is best is still being argued about.

# %% [markdown]
# ## 5 · Train them all (12 min)
#
# Measurements at the start are a forecast. Now train: six layers, the same text, the same seeds, 120 steps. Six stacks, one of them with a warm-up.

# %% tags=["predict"]
predict("w2d5-p7",
        "Which of the six will have the lowest loss after 120 steps?",
        options=["neither", "the norm alone", "the road alone", "post-LN", "post-LN with warm-up", "pre-LN"])

# %%
def train(switches, warmup=0, depth=6, steps=120, rate=4e-3):
    torch.manual_seed(2)
    stack = Stack(depth, **switches)
    optimizer = torch.optim.Adam(stack.parameters(), lr=rate)
    losses = []
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = rate * min(1.0, (step + 1) / max(warmup, 1))
        batch = ids[torch.randint(len(ids) - 33, (8, 1)) + torch.arange(33)]  # (8, 33)
        loss = F.cross_entropy(stack(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %%
six = {"neither": (dict(),), "the norm alone": (dict(place="after"),), "the road alone": (dict(road=True),),
       "post-LN": (orders["post-LN"],), "post-LN with warm-up": (orders["post-LN"], 60), "pre-LN": (orders["pre-LN"],)}
runs = {name: train(*how) for name, how in six.items()}
ends = {name: sum(losses[-10:]) / 10 for name, losses in runs.items()}

# %%
HUES = dict(zip(six, ("residual", "normalization", "feed-forward", "attention", "position", "value")))
picture, panels = plt.subplots(2, 3, figsize=(9, 5), sharex=True, sharey=True)
for axes, (name, losses) in zip(panels.flat, runs.items()):
    for other in runs.values():  # all six in gray, for comparison
        axes.plot(torch.tensor(other).unfold(0, 8, 1).mean(1), color="#D1D5DB", linewidth=1)
    axes.plot(torch.tensor(losses).unfold(0, 8, 1).mean(1), color=words(HUES[name]), linewidth=2.8)
    axes.axhline(entropy_per_token(), linestyle="--", color=color("residual"), linewidth=1)
    axes.set_title(f"{name.replace(' with', ',')}: {ends[name]:.2f}", fontsize=11.5)
    axes.set(ylim=(0, 7), xlim=(0, 112))
panels[1, 0].text(2, entropy_per_token() - 0.1, "the text's own entropy", va="top", fontsize=10)
for axes in panels[1]: axes.set_xlabel("training step")
for axes in panels[:, 0]: axes.set_ylabel("loss (nats)")
figure(picture,
       alt="Loss of six stacks of six layers over 120 steps. At the end: " + "; ".join(f"{n} {e:.2f}" for n, e in ends.items())
           + f". The floor is {entropy_per_token():.2f}.",
       caption="In gray the five others. Each curve is a mean over eight steps; the number is the mean loss of the last ten.")

# %%
best = min(ends, key=ends.get)
guessing = float(-(torch.bincount(ids).float() / len(ids)).clamp_min(1e-9).log()[ids].mean())
print(f"guessing by how common each word is: {guessing:.2f}")
reveal("w2d5-p7", best, f"It ends at {ends[best]:.2f}, and {'post-LN' if best != 'post-LN' else 'pre-LN'} at "
       f"{ends['post-LN' if best != 'post-LN' else 'pre-LN']:.2f}. One run each, one size, one step size: a hint, no proof.")

# %% [markdown]
# Compare each number with the printed one: a stack that only knows how common each word is. A stack that stays there has learned nothing from the *order* of the words: its tokens are all alike, or
# its lower layers are deaf. What has a road gets away from it,
# with only six layers even the road alone. Now make these stacks twice as deep:

# %%
for name, switches in (("the road alone", dict(road=True)), *orders.items()):
    losses = train(switches, warmup=60, depth=12)
    print(f"{name:15} 12 layers, with warm-up: {sum(losses[-10:]) / 10:6.2f}     (six layers: {ends[name]:.2f})")

# %% [markdown]
# Twelve layers are no longer harmless. Without a norm the numbers run away, and between the two orders the place of the norm makes a difference: in the same 120 steps one of them has hardly begun. Given time, small steps and a long warm-up, deep post-LN stacks do learn: the Transformer of 2017 and BERT are post-LN.
# But they want that care. Try another step size, `rate=1e-3`, and see for yourself.

# %% [markdown]
# ## 6 · The stream of a trained model (6 min)
#
# A trained GPT-2 is pre-LN: parts read from the stream and add to it. So you can take its layers by hand, one after the other, and look at what runs along the road.

# %%
tokenizer, model = load("gpt2")  # GPT-2 where it is cached or the hub answers, else the course's small one
gpt = GPT.from_pretrained(model.name_or_path)  # the same weights in the course's own code (week 3, day 3)
tale = torch.tensor([tokenizer.encode(stories(1, seed=5)[0])])[:, :160]

# %%
sizes, adds = [], {"attention": [], "feed-forward": []}
with torch.no_grad():
    x = gpt.embed(tale)
    for block in gpt.blocks:
        sizes.append(float(x.norm(dim=-1).median()))  # the length of a middling token's row
        found = block.attention(block.norm_1(x))
        x = x + found
        thought = block.feed_forward(block.norm_2(x))
        x = x + thought
        adds["attention"].append(float(found.norm(dim=-1).median()))
        adds["feed-forward"].append(float(thought.norm(dim=-1).median()))
    sizes.append(float(x.norm(dim=-1).median()))

# %%
picture, axes = plt.subplots(figsize=(8, 3.6))
axes.plot(range(len(sizes)), sizes, color=color("residual"), linewidth=5, zorder=1)
axes.text(len(sizes) - 1, sizes[-1], "  the stream", va="center", color=words("residual"))
for shift, (name, values) in zip((-0.17, 0.17), adds.items()):
    axes.bar([i + 0.5 + shift for i in range(len(values))], values, width=0.3, color=color(name), zorder=2)
    axes.text(0.5 + shift, 0.03 * max(sizes), name[0].upper(), ha="center", va="bottom", color="white", fontweight="bold")
axes.set(title="Every part adds to the stream, and the stream grows" if sizes[-1] > sizes[0] else "Every part adds to the stream",
         xlabel="layers passed (A attention, F feed-forward, each layer's own additions)", ylabel="length of a row (median)", xticks=range(len(sizes)), xlim=(-0.2, len(sizes) + 0.2), ylim=(0, None))
figure(picture,
       alt=f"""The length of a token's row in the residual stream of a trained model: {sizes[0]:.1f} at the embedding, {sizes[-1]:.1f} after the last of
           {len(gpt.blocks)} layers. Bars show how long the rows are that attention and feed-forward network add in each layer.""",
       caption="Lengths do not simply add up: rows that point different ways partly cancel.")

# %% [markdown]
# If every part only adds, you can leave one out, and the rest should still work somehow. In a stack without a road, leaving out a layer would be the end. Try it:

# %%
@torch.no_grad()
def loss_without(left_out):
    x = gpt.embed(tale)
    for number, block in enumerate(gpt.blocks):
        if number != left_out:
            x = block(x)
    return float(F.cross_entropy(gpt.head(gpt.final_norm(x))[0, :-1], tale[0, 1:]))

print(f"whole model: loss {loss_without(None):.2f};  blind guessing: {math.log(gpt.config.vocab_size):.2f}")
for number in range(len(gpt.blocks)):
    print(f"without layer {number}: loss {loss_without(number):.2f}")

# %% [markdown]
# Compare three numbers: the whole model, the model without a layer, and blind guessing. Some layers are missed much more than others. A missing layer hurts; where it does not ruin everything, that is the road's doing.
#
# This picture, a stream that parts read from and write to, is how people take trained models apart ([Elhage and others, 2021](https://transformer-circuits.pub/2021/framework/index.html)). You do that in week 3, day 4.

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** LayerNorm with its learned numbers: `x` is (…, d), `gamma` and `beta` are (d,). Three lines are missing.

# %% tags=["exercise"]
def layer_norm(x, gamma, beta, epsilon=1e-5):
    centered = ...  # (…, d): each token's row, less its own mean
    spread = ...    # (…, 1): the root of each row's variance plus epsilon
    return ...

# %% tags=["check"]
check_exercise("w2d5-e1", layer_norm)

# %%
help_with("w2d5-e1")

# %% [markdown]
# **2 · Fix it.** This should be a pre-LN layer: `x` is (T, d), `look` and `think` are functions from (T, d) to (T, d). It runs, gives the right shape, and somebody broke it in two places.

# %% tags=["exercise"]
def pre_ln_layer(x, look, think):
    norm = lambda rows: torch.nn.functional.layer_norm(rows, rows.shape[-1:])
    x = norm(x)
    x = x + look(x)
    return think(norm(x))

# %% tags=["check"]
check_exercise("w2d5-e2", pre_ln_layer)

# %%
help_with("w2d5-e2")

# %% [markdown]
# **3 · From scratch.** The factor that reaches the bottom. `slopes` is a list of numbers, the slopes of parts that stand one behind the other; `road` says whether each has a residual connection.
# Return the factor by which a message is multiplied on its way down, as a number.

# %% tags=["exercise"]
def message_factor(slopes, road):
    ...

# %% tags=["check"]
check_exercise("w2d5-e3", message_factor)

# %%
help_with("w2d5-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too.

# %% tags=["quiz"]
quiz("w2d5")

# %% [markdown]
# ## Draw or write: what happens to the gradients (5 min)
#
# The plan for today says: a short clip or a layer flow, and *note the effects on gradients*. On paper, draw one layer twice, post-LN and pre-LN: the road as a thick line, two parts, two plus signs, two norms. Then draw the message as a red arrow from
# right to left, thick where it is strong. Then write:

# %%
journal("w2d5", ["The gradient without a road, in one sentence, with a number you measured today.",
                 "What does the road do, and what does the norm do, that the other cannot?",
                 "Post-LN or pre-LN: which would you take for 48 layers, and what would you watch in the first 100 steps?"])

# %% [markdown]
# <details><summary>Reference: six things your drawing should show</summary>
#
# The road goes from x to the output without a break, around *both* parts. Each part ends in a plus. Post-LN: the norm comes after the plus, on the road. Pre-LN: the norm comes in front of the part, in the branch. In pre-LN one more norm stands
# before the head. The red arrow passes each part twice: through it, and around it.
# </details>

# %% [markdown]
# ## Go further (optional, 45 min)
#
# - [LLM Visualization](https://bbycroft.net/llm) (Brendan Bycroft, 15 min): open the chapter "Layer Norm" of nano-gpt, then follow the arrows of the residual path. *Question:* over which direction does it take mean and variance, along a column or along a row?
# - [The Annotated Transformer](https://nlp.seas.harvard.edu/annotated-transformer) (20 min, from "Encoder" to "Position-wise Feed-Forward Networks"). *Question:* is the code of `SublayerConnection` the formula in the text above it?
# - [On Layer Normalization in the Transformer Architecture](https://arxiv.org/abs/2002.04745) (Xiong and others, 10 min: figures 1 and 3). *Question:* what do they leave out of the training recipe, and with which of the two orders?
#
# <details><summary>Answers</summary>
#
# Along a column: there, each column is one token, so it is again one token's features. No: the text says LayerNorm(x + Sublayer(x)), the code norms first. The learning-rate warm-up, with pre-LN.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# Cover the right half with your hand: can you say what each of the four stacks suffers from?

# %%
picture, panels = plt.subplots(2, 2, figsize=(8.6, 5.4), sharex=True, sharey=True)
VERDICTS = {"neither": "the message dies", "the norm alone": "all words become one", "the road alone": "the numbers explode", "both": "a healthy stack"}
for axes, (name, (sizes, _)) in zip(panels.flat, measured.items()):
    axes.semilogy(range(1, 49), sizes, color=color("value" if name == "both" else "feed-forward"), linewidth=3.2)
    axes.axhspan(1e-2, 1e1, color=color("residual"), alpha=0.15, linewidth=0)
    axes.set_title(f"{name}: {VERDICTS[name]}", fontsize=11.5)
for axes in panels[1]: axes.set_xlabel("layer, from the bottom")
for axes in panels[:, 0]: axes.set_ylabel("size of the gradient")
summary = figure(picture,
    alt="Four stacks of 48 layers and the gradients in them. Without road and norm the message dies on its way down. With the norm alone it lives, but "
        "all tokens become alike. With the road alone numbers explode. With both, all layers get a message of about the same size.",
    caption="The road carries, the norm keeps in bounds. You need both.")
saved = summary.save(portfolio() / "w2d5_four_stacks.png")
summary

# %% [markdown]
# **New words**

# %%
new_words("w2d5")

# %% [markdown]
# **Tomorrow** you have all parts: embedding, position, attention, feed-forward network, norm and road. You put them together into one diagram, three times: for the Transformer of 2017, for GPT-2 and for BERT, and a checker says what is missing.

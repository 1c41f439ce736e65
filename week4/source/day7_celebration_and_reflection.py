# %% [markdown]
# # Week 4 · Day 7: Celebration and reflection
#
# **Today you see how far you have come, teach a finished model something new in two ways, and choose what comes after the course.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week4/day7_celebration_and_reflection.ipynb)
#
# At the end you will be able to
#
# - fine-tune a GPT with LoRA, and say which numbers moved, how many, and what the model forgot meanwhile;
# - measure what a prompt can teach a model and what it cannot, with no weight changed;
# - show your own growth over four weeks, and write a plan whose first step takes one evening.

# %% tags=["setup", "training"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week4", []  # this day's folder, and what it uses that Colab does not bring
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
import copy, re, textwrap, time

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch.nn import functional as F

from shared.gpt import GPT
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, progress, quiz, reveal, warm_up)
from shared.learning.certificate import certificate
from shared.learning.exam import exam
from shared.learning.growth import Growth, growth
from shared.lora import LoRALinear, add_lora, lora_parameters, merge_lora
from shared.pretrained import shipped_folder
from shared.text import stories
from shared.text.bpe import BytePairTokenizer
from shared.text.tales import FAMILIES
from shared.visuals import color, course_map, figure, stepper
from shared.visuals.concept_map import WEEK_4, concept_map
from shared.visuals.live import live
from shared.visuals.palette import INK, LINE, signed_map, words as ink_of

course_map(week=4, day=7)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w4d7")

# %% [markdown]
# ## 1 · Four weeks as one map (7 min)
#
# A band for each week; each arrow, with its words, reads as a short sentence. Six ideas are missing. Write your words between the quotation marks, say each sentence aloud, and run the cell again.

# %%
my_words = {"A": "", "B": "", "C": "", "D": "", "E": "", "F": ""}
concept_map(WEEK_4, blanks=WEEK_4.blanks, mine=my_words,
            caption="Every band is a week. Follow the arrows into and out of a blank. F is what today is about: guess it from its arrow.")

# %% [markdown]
# When you have something in every blank, also wrong things, run the next cell.

# %%
concept_map(WEEK_4, caption="The course, filled in. Four weeks ago the top row was new to you, and the rest a rumor.")

# %% [markdown]
# *One question to the map.* Two arrows of the last week want to change what the model says: the one from "prompt" and the one from "LoRA". They end at different boxes. What does that say?
#
# <details><summary>Answer, after you have said yours</summary>
#
# A prompt is read: it stands in front of the next token, and the model stays as it is. LoRA changes the model: every later text is read by another GPT. Today you measure both.
# </details>

# %% [markdown]
# ## 2 · How you have grown (6 min)
#
# First your way through the days, as your record knows it.

# %%
progress()

# %% [markdown]
# Then the part that nobody sees in themselves: your *first* answer to a question against your *latest* one. Only questions count that you have answered at least twice: in a quiz, a warm-up, an exam. Where your record holds nothing yet, you see an invented learner, so that you know what to look for.

# %%
invented = [Growth(f"w{week}d{day}", first, latest, 8) for week, day, first, latest in
            [(1, 1, 4, 7), (1, 3, 3, 7), (1, 4, 2, 6), (2, 2, 3, 6), (2, 5, 5, 5), (3, 2, 4, 7), (3, 4, 2, 3)]]
mine = growth()
grown, whose = (mine, "You") if mine else (invented, "An invented learner")
print(f"{whose}: {sum(g.first for g in grown)} right at first, {sum(g.latest for g in grown)} now, of {sum(g.total for g in grown)} questions asked twice")

# %%
def draw_growth(axes, grown):
    for row, g in enumerate(grown):
        a, b = 100 * g.first / g.total, 100 * g.latest / g.total
        axes.plot([a, b], [row, row], color=color("value") if b > a else LINE, linewidth=4, zorder=1)
        axes.plot(a, row, "o", markersize=15, markerfacecolor="white", markeredgecolor=INK)
        axes.plot(b, row, "o", markersize=9, color=color("value"))
        axes.text(104, row, f"of {g.total}", va="center", fontsize=10)
    axes.set(yticks=range(len(grown)), yticklabels=[f"week {g.day[1]} day {g.day[3]}" for g in grown], xlim=(0, 115), ylim=(len(grown) - 0.4, -0.6),
             xticks=range(0, 101, 25), xlabel="% right, of the questions that were asked twice")

# %%
more = [g for g in grown if g.latest > g.first]
picture, axes = plt.subplots(figsize=(8.4, 1.5 + 0.38 * len(grown)))
draw_growth(axes, grown)
axes.set_title(f"{whose}: {len(more)} of {len(grown)} days are better than at first")
figure(picture, caption="Ring: first answers. Dot: latest ones; inside the ring where nothing has changed." + ("" if mine else " This is an invented learner, for your record holds no second answers yet."),
       alt=f"{whose}, first answers against latest ones, day by day. " + "; ".join(f"week {g.day[1]} day {g.day[3]}: {g.first} of {g.total} at first, {g.latest} now" for g in grown) + ".")

# %% [markdown]
# Two cautions, for this is a measurement like any other. You had *seen* the questions when you answered again, so a longer line may be memory of a question. And of four options a guess hits one in four: a first answer may have been luck.
#
# Look for a line that is short, and not at the right edge. In the invented learner's picture that is week 2, day 5, and week 3, day 4. An evening there is worth more than a new course.

# %% [markdown]
# ## 3 · Change little: LoRA by hand (13 min)
#
# You own a trained model, and want it to do one thing differently. With **full fine-tuning** all its numbers are trained on. Then you keep a second model of the same size, for one new habit. Can the change be *small*?
#
# **LoRA** (low-rank adaptation, Hu et al. 2021) leaves each weight matrix W as it is, and puts two thin matrices beside it. Only the thin ones learn.

# %%
d_in, d_out, rank = 128, 384, 4  # the qkv layer of the tiny GPT
picture, axes = plt.subplots(figsize=(8.2, 4.3))
for x, y, wide, high, hue, says in ((0, 0, d_in, d_out, "residual", ""), (190, 0, rank, d_out, "query", ""), (225, 0, d_in, rank, "feed-forward", "")):
    axes.add_patch(plt.Rectangle((x, y), wide, high, facecolor=color(hue), alpha=0.35 if hue == "residual" else 1))
axes.text(64, 192, f"W\n({d_out}, {d_in})\n{d_in * d_out:,}\nnumbers\nstand still", ha="center", va="center", fontsize=12)
axes.text(160, 192, "+", fontsize=24, ha="center", va="center")
axes.text(200, 262, f"B  ({d_out}, {rank})\n{d_out * rank:,} numbers learn", fontsize=12, color=ink_of("query"))
axes.text(225, 12, f"A  ({rank}, {d_in})\n{rank * d_in:,} numbers learn", fontsize=12, va="top", color=ink_of("feed-forward"))
axes.set(xlim=(-5, 420), ylim=(390, -12), aspect="equal", title="Two thin matrices beside a large one")
axes.axis("off")
figure(picture, caption="Drawn to scale: each unit of length is one row or column of numbers. B · A has the shape of W.",
       alt=f"""To scale: a large gray block W of {d_out} by {d_in} that stands still; beside it a hair-thin upright B of {d_out} by {rank} and a hair-thin flat A of
           {rank} by {d_in}. Only the thin ones learn.""")

# %% tags=["predict"]
predict("w4d7-p1", "W holds 384 × 128 numbers. At rank 4, how many percent of that do A and B hold together?")

# %%
trained, whole = rank * (d_in + d_out), d_in * d_out
print(f"A and B: {rank} · ({d_in} + {d_out}) = {trained:,};  W: {d_in} · {d_out} = {whole:,}")
reveal("w4d7-p1", round(100 * trained / whole, 1), "Length plus length instead of length times length.", tolerance=1)

# %% [markdown]
# ### A change of rank 1, by hand
#
# Take the thinnest pair there is: one column B, one row A. Each cell of B · A is one number of B times one number of A, so **every row of the change is a multiple of the same row.**

# %%
W = np.array([[1, 0, 2, 0], [0, 1, 0, 1], [1, 1, 0, 0]])
A, B = np.array([[1, 0, 2, -1]]), np.array([[2], [0], [-1]])
change = np.array([[B[i, 0] * A[0, j] for j in range(4)] for i in range(3)])  # a loop, cell by cell
print("B @ A is the same:", np.array_equal(change, B @ A))
print(change)

# %%
def put(axes, x, y, name, values, hue):  # a small matrix with its numbers, its upper left corner at (x, y)
    tall, wide = values.shape
    for (i, j), value in np.ndenumerate(values):
        axes.add_patch(plt.Rectangle((x + j, y + i), 1, 1, facecolor=color(hue), alpha=0.3 if value else 0.04, edgecolor="none"))
        axes.add_patch(plt.Rectangle((x + j, y + i), 1, 1, fill=False, edgecolor=LINE))
        axes.text(x + j + 0.5, y + i + 0.5, f"{value:g}".replace("-", "−"), ha="center", va="center", fontsize=12)
    axes.text(x + wide / 2, y - 0.35, f"{name}  ({tall}, {wide})", ha="center", fontsize=11.5, color=ink_of(hue))
    return x + wide

# %%
picture, axes = plt.subplots(figsize=(8.4, 4.6))
for y, parts in ((0, (("B", B, "query"), "×", ("A", A, "feed-forward"), "=", ("B·A", B @ A, "value"))),
                 (5, (("W", W, "residual"), "+", ("B·A", B @ A, "value"), "=", ("new W", W + B @ A, "residual")))):
    x = 0
    for part in parts:
        if isinstance(part, str): axes.text(x + 0.75, y + 1.5, part, fontsize=17, ha="center", va="center")
        x = x + 1.5 if isinstance(part, str) else put(axes, x, y + (part[1].shape[0] == 1), *part)
axes.set(xlim=(-0.6, 15.3), ylim=(8.3, -1), aspect="equal", title="Seven numbers change twelve")
axes.axis("off")
figure(picture, caption="Above: the change. Its second row is zero, its third the first one times −½. Below: what the layer works with.",
       alt="""A column B of 2, 0, minus 1 times a row A of 1, 0, 2, minus 1 gives a change of three rows: twice the row, nothing, and minus the row. It is added to W, whose
           own numbers stay as they are.""")

# %% [markdown]
# The **rank of a matrix** is how many rows you need to build all others from them: here one. (It has nothing to do with the rank of a merge in week 3.) With B of four columns and A of four rows the change has rank 4 at most: four such pictures, laid over each other.
#
# Nobody ever builds the change while training. The input goes through A, then through B:

# %%
x = torch.tensor([1.0, 2.0, 1.0, 0.0])
layer = torch.nn.Linear(4, 3, bias=False)
layer.weight.data = torch.tensor(W, dtype=torch.float)
beside = LoRALinear(layer, rank=1, alpha=1)  # alpha / rank = 1: unscaled
beside.A.data, beside.B.data = torch.tensor(A, dtype=torch.float), torch.tensor(B, dtype=torch.float)
print("one number in between:", (A @ x.numpy()).tolist())
print("way beside W:", beside(x).tolist(), "  with the new W:", ((W + B @ A) @ x.numpy()).tolist())

# %% [markdown]
# As a formula, with x a column:
#
# $$y = W x + \frac{\alpha}{r}\; B\,(A\,x), \qquad A\ (r, d_\text{in}),\quad B\ (d_\text{out}, r)$$
#
# *W stands still; A squeezes the input to r numbers; B spreads them out again.* The factor α/r is a fixed strength: α is chosen by you, not learned. In the runs below α = 2r, so the factor is 2 at every rank. In the library this is `shared/lora.py`.

# %% tags=["predict"]
predict("w4d7-p2", "Before the first step A is random and B is all zeros. What does the layer say then?",
        options=["exactly what it said before", "the old answer with noise", "nothing but zeros"])

# %%
fresh = LoRALinear(copy.deepcopy(layer), rank=1, alpha=2)
same = torch.equal(fresh(x), layer(x))
fresh(x).sum().backward()
print("gradient of B is zero:", not fresh.B.grad.any().item(), "   gradient of A is zero:", not fresh.A.grad.any().item())
reveal("w4d7-p2", "exactly what it said before" if same else "the old answer with noise",
       "Zero times anything is zero, so training begins at the model you have. And it can move: B's gradient contains A x. Were both zero, both gradients would be, for ever.")

# %%
picture, axes = plt.subplots(figsize=(7.8, 3.8))
widths = np.array([128, 256, 512, 768, 1600, 4096, 12288])
for r, hue in ((1, "value"), (4, "query"), (16, "feed-forward")):
    axes.loglog(widths, 100 * r * 2 / widths, "o-", color=color(hue), linewidth=2.5)
    axes.text(140, 100 * r * 2 / 128 * 1.25, f"rank {r}", color=ink_of(hue), fontsize=12)
axes.set(title="The wider the model, the smaller the share", xlabel="width d of a d × d matrix", ylabel="numbers that learn, % of W", ylim=(0.01, 60),
         xticks=[128, 768, 4096, 12288], xticklabels=["128", "768", "4,096", "12,288"], yticks=[0.01, 0.1, 1, 10], yticklabels=["0.01", "0.1", "1", "10"])
axes.minorticks_off()
figure(picture, caption="Both axes count in powers. 128 is our tiny GPT, 768 the smallest GPT-2, 12,288 GPT-3: that is where LoRA comes from.",
       alt=f"""Share of numbers that learn, falling in straight lines as the width grows. At rank 4 it is {800 / 128:.1f} percent for a width of 128, {800 / 768:.1f} percent for 768
           and {800 / 12288:.2f} percent for 12,288.""")

# %% [markdown]
# ## 4 · Teach it a new word order (19 min)
#
# The tiny GPT has read tales in English order: *a white drum*. We teach it another one, that of French: *a drum white*. No word is new; one habit changes. Where two describing words stand in a row, both go behind: *a little red hat* becomes *a hat little red*.

# %%
tokenizer = BytePairTokenizer.load(shipped_folder("tiny-gpt2"))
gpt = GPT.from_pretrained(shipped_folder("tiny-gpt2")).eval()
describing = "|".join(" ".join(FAMILIES[f] for f in ("color", "virtue", "weather", "look")).split())
pair = re.compile(rf"\b((?:{describing})(?: (?:{describing}))*) (?!(?:{describing})\b)([a-z]+)\b")  # describing words, and the word they describe

def turned(tale):
    return pair.sub(r"\2 \1", tale)

print(stories(1, seed=1)[0][:112], "…")
print(turned(stories(1, seed=1)[0])[:112], "…")
print(turned("A little red hat lay under the big bed."))

# %% [markdown]
# Every tale begins with the model's end-of-text token: that is how it knows a beginning. We cut each to 97 tokens. 400 turned tales are for training; 32 others are kept aside, once turned (*new*) and once as they were (*old*).

# %%
START = tokenizer.encode("<|endoftext|>", special=True)

def rows(tales, length=97):
    return torch.tensor([(START + tokenizer.encode(tale))[:length] for tale in tales])

to_learn = rows(map(turned, stories(400, seed=5)))
new, old = rows(map(turned, stories(32, seed=900))), rows(stories(32, seed=900))
print("to learn:", tuple(to_learn.shape), "  kept aside:", tuple(new.shape), tuple(old.shape))

# %%
def loss_on(model, ids):  # mean surprise per token
    return F.cross_entropy(model(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())

@torch.no_grad()
def measured(model):
    return loss_on(model, new).item(), loss_on(model, old).item()

before = measured(gpt)
print(f"before: new word order {before[0]:.1f}, old word order {before[1]:.1f} nats per token")

# %% [markdown]
# The same tales, the same words; only the order surprises it. Here is the loop, the one of week 1. The two ways differ in which numbers learn, and in the step size.

# %%
def fine_tune(rank=None, names=("qkv", "out", "up", "down"), steps=40, watch=None):
    model = copy.deepcopy(gpt)
    torch.manual_seed(0)
    if rank:
        add_lora(model, rank, names=names)  # freezes everything, and adds A and B
    learns = list(lora_parameters(model) if rank else model.parameters())
    optimizer = torch.optim.AdamW(learns, lr=0.005 if rank else 0.001, weight_decay=0)
    draws, begun = torch.Generator().manual_seed(3), time.process_time()
    for step in range(steps):
        if watch: watch(step, model)
        loss = loss_on(model, to_learn[torch.randint(0, len(to_learn), (8,), generator=draws)])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if watch: watch(steps, model)
    return model.eval(), sum(p.numel() for p in learns), time.process_time() - begun

# %% [markdown]
# Three predictions before it runs. *Forgetting* here means: the loss on the *old* tales, which the model knew well, goes up.

# %% tags=["predict"]
predict("w4d7-p3", "LoRA at rank 4: W stands still. After learning the new order, what is the loss on the old tales?",
        options=["the same: W has not changed", "higher: it has forgotten while A and B are in", "lower"])

# %% tags=["predict"]
predict("w4d7-p4", "And when A and B are taken out again?",
        options=["exactly what it was before", "a little higher for ever", "as high as with them"])

# %% tags=["predict"]
predict("w4d7-p5", "LoRA trains about 3 % of the numbers. How much computing time does a step take, compared with full fine-tuning?",
        options=["about 3 %", "about a third", "more than half"])

# %% [markdown]
# While the first run learns, we keep the change of one matrix (the last one of attention in the first block), and the chance that after "had a" the *thing* comes first:

# %%
first_ids = {kind: [tokenizer.encode(" " + word)[0] for word in FAMILIES[kind].split()] for kind in ("thing", "color")}
names_told = (FAMILIES["girl"] + " " + FAMILIES["boy"]).split()

@torch.no_grad()
def comes_first(model, prompts):  # mean chance of a thing, and of a color
    chances = model(torch.tensor([START + tokenizer.encode(p) for p in prompts]))[:, -1].softmax(-1)  # all equally long
    return {kind: chances[:, ids].sum(-1).mean().item() for kind, ids in first_ids.items()}

asks = [f"This is the tale of {name}. {name} had a" for name in names_told]
print({kind: f"{100 * chance:.0f} %" for kind, chance in comes_first(gpt, asks).items()})

# %%
film = []

def watch(step, model):
    if step in (0, 3, 6, 10, 15, 20, 28, 40):
        side = model.blocks[0].attention.out
        change = side.scale * (side.B @ side.A).detach().numpy()
        film.append((step, change[:24, :24], comes_first(model, asks)["thing"]))

lora, n_lora, lora_time = fine_tune(rank=4, watch=watch)
full, n_full, full_time = fine_tune()
print(f"numbers that learn: LoRA {n_lora:,} ({100 * n_lora / n_full:.1f} %), full {n_full:,}")

# %%
def film_frame(i):
    picture, (left, right) = plt.subplots(1, 2, figsize=(7.8, 3.5), gridspec_kw={"width_ratios": [1, 1.25]}, layout="constrained")
    left.imshow(film[i][1], cmap=signed_map(), vmin=-1.6 * top, vmax=1.6 * top, interpolation="nearest")
    left.set(title="the change, scale · B·A", xlabel="24 of 128 inputs", ylabel="24 of 128 outputs", xticks=[], yticks=[])
    right.plot([f[0] for f in film[:i + 1]], [100 * f[2] for f in film[:i + 1]], "o-", color=color("query"), linewidth=2.5)
    right.set(title="“had a …”: the thing comes first", xlabel="step", ylabel="chance, %", xlim=(-1, 41), ylim=(-4, 104))
    step, _, chance = film[i]
    told = "B is zero, so there is no change, and the color comes first." if not step else "stripes appear: a few rows and columns, repeated." if chance < 0.5 else "the thing comes first, and W has not moved at all."
    return picture, f"Step {step}: {told}"

# %%
top = float(np.quantile(np.abs(film[-1][1]), 0.995))
turns = next((f[0] for f in film if f[2] > 0.5), None)
stepper([film_frame(i) for i in range(len(film))], start=len(film) - 1,
        caption="Left: blue adds to a number of W, vermilion takes from it, white leaves it. Right: what the model expects.",
        alt="""The change of one matrix while LoRA learns. It begins white, all zero. Then stripes appear, because every row is a mixture of only four rows, and grow darker. Meanwhile the chance
               that the thing comes before its color rises from almost nothing""" + (" to most of the whole." if turns is not None else ", and stays small."))

# %% [markdown]
# The stripes are the low rank, made visible: you see 24 rows of the change, and each is a mixture of the same four rows of A. Now the three answers.

# %%
after, after_full = measured(lora), measured(full)
reveal("w4d7-p3", "the same: W has not changed" if abs(after[1] - before[1]) < 0.05 else "higher: it has forgotten while A and B are in" if after[1] > before[1] else "lower",
       "W stands still, but the model computes with W + B·A. Whoever expects the drum first is surprised by the color. Frozen weights do not keep a behavior.")

# %%
unplugged = copy.deepcopy(lora)
for module in unplugged.modules():
    if isinstance(module, LoRALinear): module.scale = 0.0  # A and B have no say
back = measured(unplugged)[1] == before[1]
reveal("w4d7-p4", "exactly what it was before" if back else "a little higher for ever",
       "To the last digit. That is what the still W buys: the old model is never lost. After full fine-tuning it is gone, unless you kept a copy.")

# %%
slow = lora_time / full_time
reveal("w4d7-p5", "more than half" if slow > 0.5 else "about a third" if slow > 0.15 else "about 3 %",
       "Every step still goes up through the whole model, and the gradient comes down through it. What shrinks is memory: gradients and AdamW's two notes for each number that learns, and the file to keep.")

# %% [markdown]
# So three sentences that are often said, and the exact ones:
#
# | One hears | Exactly |
# |---|---|
# | LoRA cannot forget, W is frozen | it forgets while it is in; taken out, the old model is back |
# | LoRA is a small model beside the large one | it is a change of the large one; alone it says nothing |
# | training is thirty times faster | it needs less *memory* and a small file; a step costs nearly as much time |
#
# Thin parts that are added to a still model and learn are called an **adapter**. That a network loses what it knew when it learns something new is known since 1989 as **catastrophic forgetting**.

# %%
def tell(model, length=34):
    ids = model.generate(torch.tensor([START + tokenizer.encode("Once upon a time there was a")]), length, temperature=0)
    return tokenizer.decode(ids[0, len(START):].tolist())

def orders(text):  # how many describing words stand before, and how many behind a thing
    things = "|".join(FAMILIES["thing"].split() + ["girl", "boy", "morning", "evening", "afternoon", "day", "night"])
    return len(re.findall(rf"\b({describing}) ({things})\b", text)), len(re.findall(rf"\b({things}) ({describing})\b", text))

told = {"before": tell(gpt), "LoRA in": tell(lora), "full fine-tuning": tell(full)}
print("with LoRA taken out, it writes what it wrote before:", tell(unplugged) == told["before"])

# %%
picture, axes = plt.subplots(figsize=(8.8, 3.4))
for y, (name, text) in enumerate(told.items()):
    first, behind = orders(text)
    axes.text(0, y, name, fontsize=12, fontweight="bold", va="top", color=ink_of("value") if behind > first else INK)
    axes.text(0.23, y, "\n".join(textwrap.wrap(text, 66)), fontsize=12, va="top", parse_math=False)
axes.set(ylim=(2.85, -0.1), xlim=(0, 1.02), title="The same beginning, written on by three models")
axes.axis("off")
said = "; ".join(f"{name}: {'mostly behind' if orders(t)[1] > orders(t)[0] else 'mostly in front'}" for name, t in told.items())
figure(picture, caption="Greedy, so no chance is in it. Green: more describing words stand behind their thing than in front of it.",
       alt=f"Three continuations of Once upon a time there was a. Where the describing words stand: {said}.")

# %% [markdown]
# ### Merged: no price in use
#
# While A and B stand beside W, each layer computes two ways. When you are done, add B·A to W once: a plain model of the old size and speed.

# %%
merged = merge_lora(copy.deepcopy(lora))
with torch.no_grad():
    difference = (merged(new[:, :-1]) - lora(new[:, :-1])).abs().max().item()
print("plain layers again:", not any(isinstance(m, LoRALinear) for m in merged.modules()))
print("the same function:", difference < 1e-3, "  as many numbers as at first:", sum(p.numel() for p in merged.parameters()) == sum(p.numel() for p in gpt.parameters()))

# %% [markdown]
# ### How much rank is enough?

# %%
runs = {"full": (after_full, n_full), "rank 4": (after, n_lora)}
for name, options in {"rank 1": dict(rank=1), "rank 16": dict(rank=16), "rank 4, qkv alone": dict(rank=4, names=("qkv",))}.items():
    model, count, _ = fine_tune(**options)
    runs[name] = (measured(model), count)
print("\n".join(f"{name:18} {count:9,} numbers learn" for name, (_, count) in sorted(runs.items(), key=lambda run: run[1][1])))

# %%
thin = sorted(run[0] for name, run in runs.items() if name != "full")  # by what they learned, best first
trade = all(a[1] > b[1] for a, b in zip(thin, thin[1:]))

picture, axes = plt.subplots(figsize=(8.4, 4.2))
for name, ((on_new, on_old), count) in runs.items():
    hue = "residual" if name == "full" else "query"
    axes.scatter(on_new, on_old, s=40 + 14 * np.log2(count / 4000) ** 2, color=color(hue), zorder=3)
    axes.annotate(f"{name}\n{count:,}", (on_new, on_old), (19, -24) if name == "full" else (11, 4), textcoords="offset points", fontsize=10, color=ink_of(hue))
axes.axhline(before[1], color=INK, linestyle="--", linewidth=1)
axes.text(1, before[1] + 0.01, f"before (its loss on the new order was {before[0]:.1f})", ha="right", va="bottom", transform=axes.get_yaxis_transform(), fontsize=10)
axes.set(title="The more LoRA learns, the more it forgets" if trade else "Learning and forgetting, run by run", xlabel="loss on the new order, nats per token: smaller = learned", ylabel="loss on the old order: larger = forgot")
axes.margins(0.2)
figure(picture, caption="Each dot is one run of 40 steps; larger dots train more numbers. LoRA ran with a step size of 0.005, full fine-tuning with 0.001: another step size moves the dots.",
       alt="""Loss on the new word order to the right, loss on the old one upward. All runs lie far left of where the model was before: they have learned. And all lie above the dashed line: they have forgotten.
              A run with few numbers that learn comes nearly as far as one that trains them all.""")

# %%
print("every run more than halved the loss on the new order:", all(run[0][0] < before[0] / 2 for run in runs.values()))
print("every run forgot:", all(run[0][1] > before[1] + 0.05 for run in runs.values()))
print("rank 1 has made more than 3/4 of the progress of rank 16:", before[0] - runs["rank 1"][0][0] > 0.75 * (before[0] - runs["rank 16"][0][0]))

# %% [markdown]
# Read it as a trade. In one large comparison (Biderman et al. 2024) LoRA *learned less and forgot less* than full fine-tuning, on code and mathematics: much to learn. Our habit is small, so a low rank goes far, and the gray dot may lie above or below the blue ones: in so short a run the step size decides. Which rank is enough is a question to the task, and you answer it by such a sweep.
#
# Why does so little rank suffice? Ask the *full* run, which was free to change everything: how many directions does its change have? The **singular values** of a matrix say how strong each direction is, strongest first.

# %%
def held(change):  # share of the squared size that the best matrix of rank 1, 2, 3 … holds
    squares = torch.linalg.svdvals(change) ** 2
    return squares.cumsum(0) / squares.sum()

changes = [full.blocks[i].attention.out.weight.detach() - gpt.blocks[i].attention.out.weight.detach() for i in range(len(gpt.blocks))]
free = torch.stack([held(change) for change in changes]).mean(0)
noise = held(torch.randn(128, 128, generator=torch.Generator().manual_seed(1)))
sixteen = [share[15].item() for share in (free, noise)]
print("sixteen of 128 directions hold more than half of the free change:", sixteen[0] > 0.5, "  of noise:", sixteen[1] > 0.5)

# %%
picture, axes = plt.subplots(figsize=(7.8, 3.7))
for share, hue, name, at in ((free, "value", "the free change", 20), (noise, "residual", "noise of the same shape", 45)):
    axes.plot(range(1, 129), 100 * share, color=color(hue), linewidth=3)
    axes.text(at + 3, 100 * share[at] - 9, name, color=ink_of(hue), fontsize=12)
axes.axvline(16, color=INK, linestyle="--", linewidth=1)
axes.text(17, 3, "rank 16", fontsize=11)
axes.set(title="Nobody asked it to be thin, and it nearly is" if sixteen[0] > 0.5 else "The free change is not thin", xlabel="directions kept, of 128", ylabel="% of the change held", ylim=(0, 104))
figure(picture, caption="Mean over the four blocks' attention output. Full fine-tuning, no LoRA anywhere.",
       alt=f"""How much of a matrix the strongest directions hold. For the change that full fine-tuning made the curve rises steeply: sixteen of 128 directions hold {'more' if sixteen[0] > 0.5 else 'less'} than half.
           For random noise it rises slowly.""")

# %% [markdown]
# ### Turn the change up
#
# B·A has a dial: its scale. At 0 it is out, at 1 it is what was trained. Nobody trained 0.5 or 2. The picture begins at 0.5. *Guess what the model writes at 2 before you move the dial there.*

# %%
def at_strength(s):
    dialed = copy.deepcopy(lora)
    for module in dialed.modules():
        if isinstance(module, LoRALinear): module.scale *= s
    return (*measured(dialed), tell(dialed, 30))

strengths = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0]
dial = {s: at_strength(s) for s in strengths}

# %%
def draw_dial(s):
    picture, (axes, below) = plt.subplots(2, 1, figsize=(8.4, 5.0), height_ratios=(5, 1))
    for i, (hue, name) in enumerate((("value", "new order"), ("residual", "old order"))):
        axes.plot(strengths, [dial[t][i] for t in strengths], "o-", color=color(hue), linewidth=2.5)
        axes.plot(s, dial[s][i], "o", markersize=15, fillstyle="none", color=INK, markeredgewidth=2)
        axes.text(2.06, dial[2.0][i], name, color=ink_of(hue), fontsize=12, va="center")
    axes.set(title=f"At strength {s:g}: {'the new order is easier' if dial[s][0] < dial[s][1] else 'the old order is easier'}", xlabel="strength of B·A (1 = as trained)", ylabel="loss, nats per token", xlim=(-0.05, 2.45))
    below.text(0, 1, "\n".join(textwrap.wrap("It writes: " + dial[s][2], 74)), fontsize=12, va="top", parse_math=False)
    below.axis("off")
    return figure(picture, kind="interactive", caption="Rings: where the dial stands. Below: what this model writes, greedily.",
                  alt=f"Loss on the new and on the old word order against the strength of the change, here {s:g}. At 0 the old order is easy and the new one hard; toward 1 the new one becomes easy and the old one harder.")

strength = widgets.SelectionSlider(options=strengths, value=0.5, description="strength")
screen = widgets.HTML()

def redraw(change=None):
    picture = draw_dial(strength.value)
    screen.value = picture.html
    return picture

strength.observe(redraw, names="value")

# %% tags=["interactive"]
live([strength, screen], still=redraw())

# %% [markdown]
# ## 5 · Or change nothing: a prompt (9 min)
#
# The other way touches no number. In week 3, day 4, you saw heads that look up what came after the same word last time: induction. So show the model a row of eight random words, a few times, and ask for it again. This is **few-shot prompting** in its smallest form: k examples in front of the question.

# %% tags=["predict"]
predict("w4d7-p6", "A random row of eight words. How sure is it of each right next word after it has seen the row *once*, in percent (mean)?")

# %%
single = [tokenizer.encode(" " + w)[0] for kind in ("animal", "color", "food", "thing", "virtue") for w in FAMILIES[kind].split() if len(tokenizer.encode(" " + w)) == 1]
shuffles = torch.Generator().manual_seed(1)
lines = torch.tensor(single)[torch.stack([torch.randperm(len(single), generator=shuffles)[:8] for _ in range(64)])]  # (64, 8)

@torch.no_grad()
def copies(model, k):  # the row k times, then once more: mean chance of its words 2 to 8
    ids = torch.cat([torch.tensor(START * 64)[:, None], *[lines] * (k + 1)], dim=1)
    chances = model(ids)[:, 1 + 8 * k : 8 * (k + 1)].softmax(-1)
    return chances.gather(-1, lines[:, 1:, None]).mean().item()

# %%
copied = [copies(gpt, k) for k in range(5)]
reveal("w4d7-p6", round(100 * copied[1]), "Without an example it can only guess among all words. One showing lifts that many times over, and no number of the model has changed.", tolerance=10)

# %% [markdown]
# The picture below goes on to four examples. That a model does better with examples in its context, and with no weight changed, is in-context learning. So can we also *prompt* the new word order, with sentences like *Mia had a drum white.*?

# %% tags=["predict"]
predict("w4d7-p7", "Four examples of the new order, then “Hugo had a”. How large is the chance that the model names the thing first?",
        options=["under 5 %", "about a half", "over 90 %"])

# %%
draw = np.random.default_rng(4)

def shown(k):  # k examples in the new order, then the question
    people, things, colors = (draw.permutation(FAMILIES_OF).tolist() for FAMILIES_OF in (names_told, FAMILIES["thing"].split(), FAMILIES["color"].split()))
    return " ".join([*(f"{people[i]} had a {things[i]} {colors[i]}." for i in range(k)), f"{people[k]} had a"])

prompted = [comes_first(gpt, [shown(k) for _ in range(48)])["thing"] for k in range(5)]
tuned = comes_first(lora, [shown(0) for _ in range(48)])["thing"]
print("asked like this:", shown(2))
reveal("w4d7-p7", "under 5 %" if prompted[4] < 0.05 else "over 90 %" if prompted[4] > 0.9 else "about a half",
       "It reads the examples, and does not follow them. Copying words is a skill that it was trained in; turning an order around is none.")

# %%
picture, axes = plt.subplots(figsize=(8.2, 4.0))
for chances, hue, name, at in ((copied, "query", "prompt: repeat a row", 2), (prompted, "feed-forward", "prompt: turn the word order", 2)):
    axes.plot(range(5), [100 * c for c in chances], "o-", color=color(hue), linewidth=3)
    axes.text(at + 0.05, 100 * chances[at] - (11 if hue == "query" else -5), name, color=ink_of(hue), fontsize=12)
axes.plot(0, 100 * tuned, "D", color=color("value"), markersize=11)
axes.text(0.1, 100 * tuned, "LoRA, no example: turn the word order", color=ink_of("value"), fontsize=12, va="center")
axes.set(title="A prompt calls up a skill; LoRA puts one in" if prompted[4] < 0.05 < 0.5 < copied[4] else "What examples do, and what LoRA does", xlabel="examples in the prompt, k", ylabel="chance of the right continuation, %", xticks=range(5), ylim=(-4, 112))
figure(picture, caption="Two tasks. For one the model needs only to be shown, the other has to be trained.",
       alt=f"""Chance of the right continuation against the number of examples in the prompt. Repeating a row of words climbs from {100 * copied[0]:.0f} to about {10 * round(10 * copied[4])} percent with four examples. Turning
           the word order around stays {'near zero' if prompted[4] < 0.05 else 'lower'} however many examples are shown. With LoRA and no example it is {'above' if tuned > 0.5 else 'below'} one half.""")

# %% [markdown]
# Do not take more from this than is in it. A model of four layers that has read nothing but tales has few skills to call up. GPT-3 was the surprise of 2020 because it followed many new patterns from a few examples; its training text is full of lists, translations and forms. The rule stays: **a prompt selects among what training has put in.**
#
# And has the fine-tuned model lost the other skill? Ask it for the rows:

# %%
print("LoRA in, after one example, it still copies at least half as well:", copies(lora, 1) > 0.5 * copied[1])

# %% [markdown]
# | | Prompt | LoRA |
# |---|---|---|
# | numbers changed | none | a few percent, beside the others |
# | needs | examples that fit into the context, and the skill | hundreds of examples, a training run |
# | is paid | with tokens, in *every* request | once; merged, it is free in use |
# | lasts | until the context ends | until you take it out |
# | can go wrong | the model does not follow | the model forgets other things |
#
# In practice: try the prompt first, it costs minutes. Measure it on examples that you kept aside. Fine-tune when the prompt stays flat.

# %% [markdown]
# ## 6 · The final exam (13 min)
#
# Twenty-seven questions, spread over the twenty-seven days before this one. Nothing is graded until you hand in. Tick what you are sure of. There is no pass mark: the result, day by day, tells you where to read again, and it is what your certificate will quote. If you take it twice, the better one counts.

# %%
exam("w4d7", "course", count=27)

# %% [markdown]
# ## Exercises (8 min)
#
# The last three of the course. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** How many numbers learn when a layer of shape (d_out, d_in) gets LoRA, and how many percent of W's own numbers is that?

# %% tags=["exercise"]
def lora_count(d_in, d_out, rank):
    trained = ...  # how many numbers A and B hold together
    percent = ...  # how many percent of W's numbers that is
    return trained, percent

# %% tags=["check"]
check_exercise("w4d7-e1", lora_count)

# %%
help_with("w4d7-e1")

# %% [markdown]
# **2 · Fix it.** A LoRA layer for a whole text: `x` holds a row for each token. Three things are wrong, and it runs without an error.

# %% tags=["exercise"]
def lora_layer(x, W, A, B, alpha):  # x (T, d_in), W (d_out, d_in), A (rank, d_in), B (d_out, rank)
    rank = A.shape[1]
    beside = (x @ A.T) @ B.T
    return alpha * rank * beside

# %% tags=["check"]
check_exercise("w4d7-e2", lora_layer)

# %%
help_with("w4d7-e2")

# %% [markdown]
# **3 · From scratch.** How thin may a change be? Return the smallest rank whose best matrix holds at least `share` (0 to 1) of the squared size of `change`. The curve of section 4 is the idea; a rank is a whole number from 1 up.

# %% tags=["exercise"]
def smallest_rank(change, share):
    ...

# %% tags=["check"]
check_exercise("w4d7-e3", smallest_rank)

# %%
help_with("w4d7-e3")

# %% [markdown]
# ## Self-quiz (4 min)
#
# From memory. Each wrong option is something that people really say about fine-tuning and prompts.

# %% tags=["quiz"]
quiz("w4d7")

# %% [markdown]
# ## Draw or write: your next phase (6 min)
#
# A plan that is not small does not begin. Choose one road, and say which evening it starts. Your plan is drawn, and kept in your portfolio as `w4d7_plan.md`; it comes back when you run these cells again.

# %%
PLANS = {  # road: (this evening, this week, this month, it has worked if)
    "teach a GPT-2 my own texts (LoRA)": ("collect 50 texts of mine, 100 words or more each, keep 10 aside", "rows(my texts) as to_learn, then this day's fine_tune on the tiny GPT", "the same with GPT-2, ranks 1, 4, 16", "the loss on the 10 falls, and I know what it forgot"),
    "measure what prompts can do": ("write down one task with a right answer", "20 test items, k = 0 to 4 examples, one curve", "three tasks, two models, one picture", "somebody else could repeat it and get my curve"),
    "train a GPT of my own": ("choose a text, cut it into tokens", "week 4 day 4 on it, a loss curve beside its floor", "twice as wide: is it worth it?", "I can say what a doubling bought"),
    "find out what a head does": ("choose a head in the atlas, guess its habit", "50 texts: does it hold? ablate it", "write it up with the texts where it fails", "my guess could have been wrong, and I looked"),
    "explain it to others": ("send one picture of mine to one person", "my teach-back, for three people", "my visual guide, with their questions answered", "they can say it back without me"),
}

# %%
OPEN, plan_file = "when? write it down", portfolio() / "w4d7_plan.md"
kept = re.match(r"# Next phase: (.+)\n\n(\d+) hours a week\. I begin: (.*)\n", plan_file.read_text(encoding="utf-8")) if plan_file.is_file() else None
was = kept.groups() if kept and kept[1] in PLANS else (list(PLANS)[0], 3, OPEN)  # your plan of an earlier run
road = widgets.Dropdown(options=list(PLANS), value=was[0], description="road", layout=widgets.Layout(width="98%"))
hours = widgets.IntSlider(value=int(was[1]), min=1, max=10, description="hours/week")
when = widgets.Text(value="" if was[2] == OPEN else was[2], placeholder="for example: Tuesday, 8 pm, kitchen table; then press Enter", description="I begin",
                    continuous_update=False, layout=widgets.Layout(width="98%"))
board = widgets.HTML()

# %%
def draw_plan(change=None):
    steps, begins = PLANS[road.value], " ".join(when.value.split()) or OPEN
    picture, axes = plt.subplots(figsize=(8.8, 2.9))
    for i, (head, step) in enumerate(zip(("this evening", "this week", "this month", "it has worked if"), steps)):
        axes.add_patch(plt.Rectangle((i * 2.2, 0), 2, 1.9, facecolor="white", edgecolor=color("value" if i == 3 else "query"), linewidth=2))
        axes.text(i * 2.2 + 0.1, 1.68, head, fontsize=11.5, fontweight="bold", va="center", color=ink_of("value" if i == 3 else "query"))
        axes.text(i * 2.2 + 0.1, 1.42, "\n".join(textwrap.wrap(step, 20)), fontsize=11.5, va="top", linespacing=1.3)
    axes.text(0, -0.3, f"{hours.value} hours a week · I begin: {begins if len(begins) <= 72 else begins[:71].rstrip() + '…'}", fontsize=11.5, va="center", parse_math=False)
    axes.set(xlim=(-0.1, 8.8), ylim=(-0.55, 2.05), title=road.value[0].upper() + road.value[1:])
    axes.axis("off")
    saved = "\n".join([f"# Next phase: {road.value}", "", f"{hours.value} hours a week. I begin: {begins}", "", *(f"- {head}: {step}" for head, step in zip(("this evening", "this week", "this month", "it has worked if"), steps)), ""])
    if change: plan_file.write_text(saved, encoding="utf-8")  # what you choose is kept; to run the cell again changes nothing
    drawn = figure(picture, kind="interactive", caption="Your plan. Each change is kept in your portfolio, in w4d7_plan.md.", alt=f"A plan in four boxes, {road.value}: " + "; ".join(steps) + ".")
    board.value = drawn.html
    return drawn

for control in (road, hours, when):
    control.observe(draw_plan, names="value")

# %% tags=["interactive"]
live([road, hours, when, board], still=draw_plan())

# %% [markdown]
# **Write.** The first prompt stood in your journal on the last day of week 1. Answer it again *before* you open `w1d7_journal.md` in your portfolio, then lay the two side by side: that is growth, too, in your own words.

# %%
journal("w4d7", ["How does attention enable a model to learn context? Five sentences, no formula. What has changed since week 1?",
                 "Which misconception did I hold longest, and what ended it?",
                 "What can I do now that I could not do four weeks ago? One sentence that somebody could check.",
                 "What do I still not understand? As a question that has an answer.",
                 "What will I have done by tomorrow evening, and who will I tell?"])

# %% [markdown]
# <details><summary>An answer to the first, to compare with</summary>
#
# Each token asks with a query, and every token that it may see answers with a key. How well they fit becomes shares, and with these shares it takes home a mixture of values, added to what it was. So its row depends on the text around it. None of this looks anything up in a list of meanings: the matrices that make queries, keys and values are trained by the loss on the next token. A text that needs a far word makes a gradient that teaches to look there.
# </details>
#
# And the page that says what your record knows. Write your name, and run it again after the exam.

# %%
certificate("Your name")

# %% [markdown]
# Nobody has examined you, and it says so. What you can *show* is worth more: your heads, your GPT, your slides, your guide, all in your portfolio. Close the notebook for a moment and explain to the empty room what a Transformer does. Four weeks ago you could not have. Well done.

# %% [markdown]
# ## Go further (optional, 60 min)
#
# - [LoRA: Low-Rank Adaptation of Large Language Models](https://arxiv.org/abs/2106.09685) (Hu et al. 2021, sections 4 and 7, 30 min). Look for: which matrices they adapt, and the smallest rank that worked. *Question to answer:* in section 7.2, how large a rank do they find to be enough for GPT-3's queries and values?
# - [LoRA Learns Less and Forgets Less](https://arxiv.org/abs/2405.09673) (Biderman et al. 2024, abstract and figures, 15 min). *Question:* does their picture of learning against forgetting look like yours?
# - [Language Models are Few-Shot Learners](https://arxiv.org/abs/2005.14165) (Brown et al. 2020, section 1 and its figures, 15 min). *Question:* which of their curves looks like your rising one, and for which size of model is it flat?
#
# <details><summary>What to compare with</summary>
#
# The first: a very small one; even rank 1 did well when queries and values were both adapted. The second: theirs are curves over training, and they bend as yours do: more learned, more forgotten. The third: the curves over k; the small models' ones are nearly flat.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# Three ways to make a finished model do something new. Say for each what changes, what it costs and what is lost.

# %%
ways = {"prompt": (0, 100 * prompted[4], 0.0), "LoRA, rank 4": (n_lora, 100 * tuned, after[1] - before[1]),
        "full": (n_full, 100 * comes_first(full, [shown(0) for _ in range(48)])["thing"], after_full[1] - before[1])}
heads = ("numbers changed", "new word order, %", "loss added on old tales")

# %%
picture, panels = plt.subplots(1, 3, figsize=(8.8, 2.8), sharey=True)
for i, (axes, head) in enumerate(zip(panels, heads)):
    values = [way[i] for way in ways.values()]
    bars = axes.barh(list(ways), values, height=0.6, color=[color("feed-forward"), color("query"), color("residual")])
    axes.bar_label(bars, labels=[f"{v:,.0f}" if i < 2 else f"{v:.1f}" for v in values], padding=3, fontsize=11)
    axes.set_title(head, fontsize=11)
    axes.set(xticks=[], xlim=(0, 1.55 * max(1e-9, *values)))
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
panels[0].invert_yaxis()
one_picture = figure(picture, caption="The LoRA's loss on old tales is there only while it is in. Take it out, and that bar is zero.",
                     alt=f"Three ways compared. A prompt changes no number, LoRA {n_lora:,}, full fine-tuning {n_full:,}. The new word order comes with both trainings. Both add loss on the old tales; the prompt adds none.")
saved = one_picture.save(portfolio() / "w4d7_three_ways.png")
one_picture

# %% [markdown]
# **New words**

# %%
new_words("w4d7")

# %% [markdown]
# **Tomorrow** is yours. The days stay open, the warm-ups go on asking what you missed, and your plan has a first evening.

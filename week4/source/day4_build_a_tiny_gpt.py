# %% [markdown]
# # Week 4 · Day 4: Build a tiny GPT
#
# **Today an empty GPT learns to write in a minute, on your machine, before your eyes; and you know every line that makes it learn.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week4/day4_build_a_tiny_gpt.ipynb)
#
# At the end you will be able to
#
# - train a GPT from scratch, and say from its loss, its texts and its maps how far it is;
# - stop a run and resume it with the same result to the last bit, and spread it over several processes or onto a GPU;
# - say what a KV cache saves, and prove that it changes nothing else.

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
import math, re, signal, tempfile, time

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

# %%
from shared import heads
from shared.attention import positional_encoding
from shared.gpt import GPT, GPTConfig
from shared.learning import check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up
from shared.muon import orthogonalize
from shared.text import entropy_per_token, is_story, read_story, stories, words_of
from shared.text.bpe import BytePairTokenizer
from shared.training import TrainingConfig, evaluate, rate, train
from shared.training.optimizers import make_optimizers
from shared.training.tales import TaleRows
from shared.visuals import color, course_map, draw_heatmap, figure, map_stepper
from shared.visuals.live import live
from shared.visuals.palette import weights_map

course_map(week=4, day=4)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, from memory.

# %% tags=["warm-up"]
warm_up("w4d4")

# %% [markdown]
# ## 1 · A text, a floor, an empty model (11 min)
#
# Three things are needed: a text to learn from, a tokenizer, a model with nothing in it. The text is one whose best possible
# score you know since week 2, day 1: the tiny tales, with their exact entropy floor.

# %%
tales = stories(5000, seed=1)   # to learn from
new_tales = stories(40, seed=2) # held out: only to measure
print(new_tales[0][:220], "…")

# %%
tokenizer = BytePairTokenizer.train(tales[:300])  # week 3, day 2: merges until every word is one token
rows, measure = TaleRows(tales, tokenizer), TaleRows(new_tales, tokenizer)
V, floor = tokenizer.vocab_size, entropy_per_token()
print(f"{V} tokens, floor {floor:.3f} nats per token;", "every word is one token:", len(measure.rows[0]) - 1 == len(words_of(new_tales[0])))

# %% [markdown]
# A training row is cut one token longer than the model reads. All but the last are *read*, all but the first are *asked*. Each tale begins
# with the end-of-text token `<|endoftext|>`, drawn here as ■: "something new starts".

# %%
piece = measure.rows[0][:9]
read, asked = piece[:-1], piece[1:]
def word(i): return "■" if i == measure.end else tokenizer.decode([i]).strip()
picture, axes = plt.subplots(figsize=(8.8, 2.3))
for t in range(8):
    for y, token, concept in ((1, read[t], "residual"), (0, asked[t], "value")):
        axes.text(t, y, word(token), ha="center", va="center", fontsize=11, bbox=dict(boxstyle="round,pad=0.4", facecolor="white", edgecolor=color(concept), linewidth=1.6))
    axes.annotate("", (t, 0.28), (t, 0.72), arrowprops=dict(arrowstyle="->", color="#6B7280"))
axes.set(xlim=(-0.6, 7.6), ylim=(-0.5, 1.5), xticks=range(8), xlabel="position", yticks=[0, 1], yticklabels=["asked", "read"])
axes.set_title("One row, eight lessons: every position has a next token")
for side in ("left", "bottom"): axes.spines[side].set_visible(False)
axes.tick_params(length=0)
figure(picture, caption="Position t may look at what is read at 0 … t, never at what is asked of it: the causal mask.",
       alt=f"Two rows of eight tokens. Above what is read: {' '.join(map(word, read))}. Below what is asked: {' '.join(map(word, asked))}, the same row one place further on.")

# %% [markdown]
# "The last vector makes the prediction" is true for *writing*. In training every position predicts, in parallel, and each counts.
#
# Now the model: the GPT that you built in week 3, day 3. The next cell looks whether there is a GPU. If there is one, **the same cell takes a
# bigger model and more steps by itself**; nothing else in this notebook changes.

# %%
torch.manual_seed(0)
if torch.cuda.is_available():
    size, steps, batch = dict(n_layers=6, n_heads=6, d_model=384), 2000, 32
else:
    size, steps, batch = dict(n_layers=2, n_heads=2, d_model=64), 1350, 4
model = GPT(GPTConfig(vocab_size=V, context=256, **size))
with torch.no_grad():  # positions begin as sines and cosines (week 2, day 2), so that "one before" is the same turn everywhere
    model.positions.weight.copy_(0.5 * positional_encoding(256, size["d_model"]))
    model.tokens.weight.normal_(0.0, 0.1)
print(f"{size}: {sum(p.numel() for p in model.parameters()):,} parameters")

# %% tags=["predict"]
predict("w4d4-p1", f"This model has seen nothing. What is its loss on held-out tales, about, in nats per token? It has {V} tokens to choose from.")

# %%
untrained = evaluate(model.cpu(), measure, 256)
print(f"untrained {untrained:.1f}   even guess ln {V} = {math.log(V):.1f}   floor {floor:.2f}")
reveal("w4d4-p1", round(untrained, 1), f"Small random weights give nearly even shares, and −ln(1/{V}) = ln {V}.", tolerance=0.4)

# %% [markdown]
# Start a training by looking at this number. Far above ln V, the weights are too large: the model is *sure* of nonsense. (Probabilities such as
# [1, 0, 0, 0, 0] from random weights are that fault.) Below it before any training, it sees its answers.

# %% [markdown]
# ## 2 · One step, by hand (12 min)
#
# Training is one step, some thousand times. First with toy numbers: one weight w, loss (w − 3)², learning rate 0.1.

# %%
w = torch.tensor(1.0, requires_grad=True)
for step in range(3):
    loss = (w - 3) ** 2
    loss.backward()                     # slope: 2 (w − 3)
    with torch.no_grad(): w -= 0.1 * w.grad
    print(f"step {step}: loss {loss.item():.3f}, slope {w.grad.item():.2f}, new w {w.item():.3f}")
    w.grad = None                       # backward adds: empty it

# %% [markdown]
# With a GPT w is many thousand numbers and the loss a mean of surprises. The loop is the same. Three things make it learn fast: *how large* a step
# is, *which direction* it takes, and *what* it reads first.
#
# **How large.** A **learning-rate schedule**: up over a few steps, level, then down to 0. And **gradient clipping**: a gradient longer than 1 is cut to length 1, so that one odd batch cannot throw the weights away.

# %%
config = TrainingConfig(steps=steps, batch=batch, context=256, lr=5e-3, muon_lr=0.02, warmup=20, decay=0.7,
                        betas=(0.9, 0.98), weight_decay=0.0, evaluate_every=max(1, steps // 10))
picture, axes = plt.subplots(figsize=(7.4, 2.6))
axes.plot([rate(step, config) for step in range(steps)], color=color("query"), linewidth=2)
axes.set(title="Careful, then bold, then ever smaller", xlabel="step", ylabel="share of the\nhighest rate", ylim=(0, 1.08), xlim=(0, steps))
figure(picture, caption=f"Warm-up over {config.warmup} steps, then a fall over the last {100 * config.decay:.0f} % of the run.",
       alt=f"The learning rate rises within {config.warmup} steps, stays level until step {steps - round(config.decay * steps)} and falls in a line to 0 at step {steps}.")

# %% [markdown]
# **Which direction.** The rule that turns a gradient into a step is an **optimizer**. Plain gradient descent takes the gradient itself. **AdamW** keeps for each weight
# an average of its gradients and of their squares, and divides the one by the root of the other: each weight gets steps of its own size.
#
# For a *matrix* there is more to gain. Its gradient is a table of numbers, and it has *directions*: take it apart (its singular values), and see how
# long it is along each.

# %% tags=["predict"]
predict("w4d4-p2", f"The gradient of the first block's query matrix, {size['d_model']} × {size['d_model']}. How many of its {size['d_model']} directions hold 90 % of its squared length?")

# %%
inputs, targets = rows.draw(4, np.random.default_rng([0, 0]), done=0.0)
loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
loss.backward()
d = size["d_model"]
slope = model.blocks[0].attention.qkv.weight.grad[:d]   # (d, d): the rows that make queries
before, after = torch.linalg.svdvals(slope), torch.linalg.svdvals(orthogonalize(slope))
model.zero_grad()
hold = int((before.square().cumsum(0) / before.square().sum() < 0.9).sum()) + 1
print("directions with 90 % of the squared length:", hold, "of", d)

# %%
picture, axes = plt.subplots(figsize=(8, 3))
axes.plot(before / before[0], color=color("residual"), linewidth=2.2)
axes.plot(after / after[0], color=color("attention"), linewidth=2.2)
axes.text(d * 0.22, 0.3, "the gradient itself", color=color("residual"), fontsize=11)
axes.text(d * 0.3, 0.9, "after Muon", color=color("attention"), fontsize=11)
axes.set(title="Muon moves nearly all directions of a matrix, not just a few", xlabel="direction, longest first", ylabel="length (longest = 1)", ylim=(0, 1.08))
figure(picture, caption="Singular values of one matrix's gradient. A plain step would move hardly anything but the first few directions; Muon leaves only the very last behind.",
       alt=f"The gradient is long in few directions: {hold} of {d} hold 90 percent of its squared length. After Muon nearly all directions are long.")

# %%
reveal("w4d4-p2", hold, "A gradient is lopsided: a few directions shout. Muon gives the quiet ones the same step.", tolerance=2)

# %% [markdown]
# The optimizer that makes a matrix's directions about equally long before it steps is **Muon** ([2024](https://kellerjordan.github.io/posts/muon)). It is why a minute is enough today. The matrices inside the blocks are Muon's, tables and vectors AdamW's.
#
# **What it reads first.** `TaleRows` begins with rows of 32 tokens, and among them *echoes*, random words said again. In a short row a head finds the right
# token soon; what it found carries over to long rows. A batch of 4 means about as many tokens as 4 rows of 256 have: of shorter rows it holds more. Now the step itself.

# %%
def my_step(model, optimizers, inputs, targets, share):
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()                                              # a gradient for every weight
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = share * group["peak"]                  # the schedule
        optimizer.step()
        optimizer.zero_grad()                                    # backward adds: empty it
    return loss.item()

# %%
def tiny(layers=1):  # a very small one, for experiments
    torch.manual_seed(4)
    return GPT(GPTConfig(vocab_size=V, context=256, n_layers=layers, n_heads=2, d_model=32))

short = TrainingConfig(steps=6, batch=2, context=256, warmup=2, device="cpu")
mine, my_losses = tiny(), []
optimizers = make_optimizers(mine, short)
for step in range(6):
    rng = np.random.default_rng([0, step])
    rng.integers(2**62)  # the loop's first number is for dropout, which this model does not have
    my_losses.append(my_step(mine, optimizers, *rows.draw(2, rng, step / 6), rate(step, short)))
theirs = train(tiny(), rows, short, show=None)
print("six steps by hand:", [round(loss, 2) for loss in my_losses])
print("same as the course's loop:", np.allclose(my_losses, theirs.losses, atol=1e-4))

# %% [markdown]
# The lines of `my_step` are the loop. What `train` adds is care: it measures, takes pictures, writes checkpoints, survives interrupts. In one line, with $\theta$ all
# weights, $g$ the gradient, $b$ the row of the batch and $i$ the position in it, $\operatorname{opt}$ the optimizer's rule and $\eta_t$ the schedule:
#
# $$\theta_{t+1} = \theta_t - \eta_t \operatorname{opt}(\operatorname{clip}(g_t)) \qquad g_t = \nabla_\theta\, \frac{1}{N}\sum_{b,\,i} -\ln p_\theta(x_{b,i+1} \mid x_{b,0} \dots x_{b,i})$$

# %% [markdown]
# ## 3 · Watch it learn (18 min)
#
# Before you start it, commit yourself.

# %% tags=["predict"]
predict("w4d4-p3", "After the training: how many percent above the entropy floor will the loss on held-out tales lie?")

# %% tags=["predict"]
predict("w4d4-p4", "A head is decided if each row puts much of its attention on one word. In which layer will the most decided head form?",
        options=["the first layer", "a later layer"])

# %% [markdown]
# Two helpers that look at the model while it learns. One lets it write 16 tales, by its own chances (temperature 1). The other takes a
# **snapshot**: the maps of all heads on the beginning of a held-out tale.

# %%
@torch.no_grad()
def sample(model, texts=16):
    start = torch.full((texts, 1), measure.end, device=next(model.parameters()).device)
    written = model.generate(start, 200, stop=measure.end, seed=3)[:, 1:].tolist()
    return "\n\n".join(tokenizer.decode(i for i in row if i != measure.end) for row in written)

watched = measure.rows[0][:18]
def look(model):  # (layers, heads, T, T)
    ids = torch.tensor([watched], device=next(model.parameters()).device)
    return torch.cat(model.attentions(ids))

# %% [markdown]
# Now run it, and *watch*: about a minute on one CPU core. Gray is the loss of each batch, the dots are held-out tales, the broken line is the floor. Below it stands what the model writes.
# You may press *stop* at any time and run the cell again: it goes on where it was.

# %%
looks = sorted({round(steps * (i / 17) ** 2) for i in range(18)} | set(range(0, steps + 1, config.evaluate_every)))
run = train(model, rows, config, validation=measure, floor=floor, sample=sample, look=look, look_at=looks,
            folder=portfolio() / f"w4d4_run_{size['d_model']}_wide", resume=True)
model.cpu().eval()
print("interrupted: run this cell again" if run.interrupted else "all steps done")

# %% [markdown]
# (A finished run is not repeated: it is read from its checkpoint. For a new one, delete the folder `w4d4_run_…` in your portfolio, or change its name above. A changed recipe needs a new one, too.)

# %%
loss = run.evaluations[-1][1]
above = 100 * (loss / floor - 1)
print(f"held-out loss {loss:.2f}, floor {floor:.2f}: {above:.0f} % above")
reveal("w4d4-p3", round(above), "The floor is what even somebody who knows all the rules must pay: the grammar rolls dice. Everything above it is what the model has not found out.", tolerance=4)

# %%
picture, axes = plt.subplots(figsize=(8.8, 4.2))
blocks = np.array(run.losses[: len(run.losses) // 10 * 10]).reshape(-1, 10).mean(1)
axes.plot(np.arange(len(blocks)) * 10 + 5, blocks, color="#9CA3AF", linewidth=1.2)
axes.plot(*zip(*run.evaluations), color="#1F2937", marker="o", markersize=5, linewidth=2)
for value, name, concept in ((math.log(V), f"even guess, ln V = {math.log(V):.1f}", "residual"), (floor, f"entropy floor = {floor:.2f}", "value"), (1.15 * floor, "", "value")):
    axes.axhline(value, linestyle="--" if name else ":", color=color(concept), linewidth=1.4)
    if name: axes.text(steps * 0.55, value + (0.12 if value > 2 else -0.42), name, fontsize=10.5, color=color(concept))
axes.text(steps * 0.115, 4.9, "held out", fontsize=10.5)
axes.text(steps * 0.02, 2.6, "batches", fontsize=10.5, color="#6B7280")
axes.set(title=f"From an even guess to {above:.0f} % above the floor", xlabel="step", ylabel="loss (nats per token)", ylim=(0, math.log(V) + 0.8), xlim=(0, steps))
curve = figure(picture, caption="Gray: batches, mean of ten. Black: 40 held-out tales. Broken green: the floor; dotted: 15 % above it, for comparison.",
               alt=f"The held-out loss falls from {run.evaluations[0][1]:.1f} to {loss:.2f}, {above:.0f} percent above the entropy floor of {floor:.2f}. It falls steeply first, then in a long flat tail.")
curve

# %% [markdown]
# Why does the gray line tremble while the dots fall smoothly? Each batch is a few rows, some hard, some easy; the held-out tales are always the same forty. And the gray line
# is measured on short rows and echoes, too (one row in ten to the end): another game with another floor. Compare only what was measured on the same text.
#
# ### What it writes
#
# The first words of its first tale, in some of the stages. ✗ stands before the first word that the grammar cannot accept:

# %%
def told(text):
    reading = read_story(text)
    return len(reading.words), len(words_of(text))

def marked(text, most=17):
    good, words = told(text)[0], words_of(text)
    shown = [*words[:good], *(["✗"] if good < len(words) else []), *words[good:]][:most]
    return " ".join(shown).replace(" .", ".").replace(" ,", ",").replace(" 't", "'t")

for step, text in run.samples[:: 2 if len(run.samples) > 8 else 1]:
    print(f"step {step:4}: {marked(text.split(chr(10) * 2)[0])}")

# %% [markdown]
# First salad (a � is a byte that is no letter by itself), then phrases, and only later names that are remembered. Now measured on all 16 tales of each stage: how many words does a tale get before its first mistake? One wrong
# name ends it: the judge is strict. A tale has about 160 words, so few whole ones pass, or none; and a mean of only 16 tales wavers a little.

# %%
texts = {step: text.split("\n\n") for step, text in run.samples}
reach = {step: float(np.mean([told(text)[0] for text in group])) for step, group in texts.items()}
whole = {step: sum(is_story(text) for text in group) for step, group in texts.items()}
for step in list(reach)[::3] + [steps]:
    print(f"step {step:4}: {reach[step]:5.1f} words before the first mistake, {whole[step]} of 16 whole tales accepted")

# %%
picture, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.2))
left.plot(list(reach), list(reach.values()), marker="o", color=color("feed-forward"), linewidth=2)
left.set(title="The grammar reads further", xlabel="step", ylabel="words before the first mistake", ylim=(0, None))
right.plot([value for _, value in run.evaluations], [reach[step] for step, _ in run.evaluations], marker="o", color=color("feed-forward"), linewidth=2)
right.axvline(floor, linestyle="--", color=color("value"))
right.set(title="The last tenths count", xlabel="held-out loss (nats per token)", ylim=(0, None))
right.invert_xaxis()
figure(picture, caption="Mean over 16 tales written at each stage. Right: the same against the loss, which falls to the right; broken: the floor.",
       alt=f"Words before the first mistake rise from {reach[0]:.0f} to {reach[steps]:.0f} during the training. Against the loss most of the rise comes late, close to the floor.")

# %% [markdown]
# ### A head forms
#
# The snapshots of all heads, in numbers first. How *decided* is a head: how large is the largest weight of a row? The first column does not count: a head that finds nothing rests on ■, an attention sink (week 2, day 3). An untrained row is even: with t + 1 tokens to look at, each gets 1 / (t + 1).

# %%
shots = dict(run.snapshots)                                         # step -> (layers, heads, T, T)
scores = torch.stack([torch.tensor(maps)[..., 1:, 1:].amax(-1).mean(-1) for maps in shots.values()])  # (shots, layers, heads)
layer, head, best = heads.strongest(scores[-1])
back = float(heads.previous_token(torch.tensor(shots[steps]))[layer, head])
print(f"most decided: layer {layer}, head {head}: {scores[0, layer, head]:.2f} untrained, {best:.2f} trained; on the token just before: {back:.2f}")
reveal("w4d4-p4", "the first layer" if layer == 0 else "a later layer", "Nobody gave it the job. Another seed may give it to another head; that heads *become* decided is what every run shows.")

# %%
names = [word(i) for i in watched]
at = list(shots)
says = [f"Step {step}: the largest weight of a row, ■ aside, is {scores[i, layer, head]:.2f} on average." + (" Untrained: even shares of what came so far." if step == 0 else "") for i, step in enumerate(at)]
map_stepper(np.stack([maps[layer, head] for maps in shots.values()]), names, says,
            alt=f"Layer {layer}, head {head} while it learns: even shares at step 0, then single cells become dark: the largest weight of a row grows from {scores[0, layer, head]:.2f} to {best:.2f} on average.",
            caption=f"The most decided head of this run, layer {layer}, head {head}, in {len(at)} snapshots. Rows are queries, columns are keys.", start=len(at) - 1)

# %% [markdown]
# Step through it slowly. When do the even rows break up? Which rows rest on ■, and which look at a word?

# %%
picture, axes = plt.subplots(figsize=(8.2, 3.3))
for l in range(scores.shape[1]):
    for h in range(scores.shape[2]):
        ours = (l, h) == (layer, head)
        axes.plot(at, scores[:, l, h], color=color("attention") if ours else "#9CA3AF", linewidth=2.6 if ours else 1.2)
axes.text(at[-1] * 0.02, 0.92, f"purple: layer {layer}, head {head}", color=color("attention"), fontsize=11)
axes.set(title="Heads decide while the loss falls", xlabel="step", ylabel="largest weight (■ aside)", ylim=(0, 1.02), xlim=(0, steps))
figure(picture, caption="How decided each head is, over the training: mean over the rows of one held-out beginning. Purple: the head above.",
       alt=f"The largest weight of a row, for {scores.shape[1] * scores.shape[2]} heads. Layer {layer}, head {head} rises from {scores[0, layer, head]:.2f} to {best:.2f}; the least decided ends at {scores[-1].min():.2f}.")

# %% [markdown]
# Now go through the run yourself. *Find with it:* (1) at which stage do names begin to repeat correctly? (2) Does another head decide *later* than the one above? (3) Is there a stage at which the text is
# better and the loss hardly lower?

# %%
stages = [step for step, _ in run.evaluations]
slide = widgets.SelectionSlider(options=stages, value=stages[-1], description="step", continuous_update=False)
which = widgets.Dropdown(options=[(f"layer {l}, head {h}", (l, h)) for l in range(size["n_layers"]) for h in range(size["n_heads"])], value=(layer, head), description="head")
screen = widgets.HTML()

def stage(change=None):
    step, (l, h) = slide.value, which.value
    picture, (top, side) = plt.subplots(1, 2, figsize=(8.8, 4.4), width_ratios=[4, 5])
    top.plot(*zip(*run.evaluations), color="#1F2937", linewidth=1.6)
    top.scatter(step, dict(run.evaluations)[step], s=110, color=color("feed-forward"), zorder=3)
    top.axhline(floor, linestyle="--", color=color("value"))
    top.set(title=f"loss {dict(run.evaluations)[step]:.2f}", xlabel="step", ylabel="held-out loss (nats per token)", ylim=(0, None))
    draw_heatmap(side, shots[step][l, h], names, names, labels=9.6)
    side.set_title(f"layer {l}, head {h}")
    drawn = figure(picture, kind="interactive", caption=f"After step {step} it writes: {marked(texts[step][0], 40)}",
                   alt=f"Step {step}: held-out loss {dict(run.evaluations)[step]:.2f}, and the map of layer {l}, head {h} on a held-out tale.")
    screen.value = drawn.html
    return drawn

for box in (slide, which): box.observe(stage, names="value")

# %% tags=["interactive"]
live([slide, which, screen], still=stage())

# %% [markdown]
# ## 4 · Stop, and go on (7 min)
#
# Runs break off: a notebook is closed, a machine is taken away. A **checkpoint** holds all that the rest of a run depends on. A smaller model now trains
# for 40 steps twice: once in peace, once interrupted as if you pressed *stop* after step 15 (`train` still finishes the step under way, the 16th), then begun anew *from an empty model* with `resume=True`.

# %% tags=["predict"]
predict("w4d4-p5", "The largest difference between any weight of the one and of the other model after 40 steps?",
        options=["exactly 0", "about 0.000001, rounding", "about 0.01: another road to the same place"])

# %%
recipe = TrainingConfig(steps=40, batch=2, context=256, warmup=5, device="cpu")
peaceful, broken, revived = tiny(2), tiny(2), tiny(2)
calm = train(peaceful, rows, recipe, show=None)
with tempfile.TemporaryDirectory() as folder:
    press_stop = lambda model: signal.raise_signal(signal.SIGINT) or torch.zeros(1)
    first = train(broken, rows, recipe, folder=folder, look=press_stop, look_at=[15], show=None)
    print(first)
    last = train(revived, rows, recipe, folder=folder, resume=True, show=None)
    print(last)

# %%
differ = max((a - b).abs().max().item() for a, b in zip(peaceful.parameters(), revived.parameters()))
print("losses equal:", calm.losses == last.losses, "  largest difference of a weight:", differ)
reveal("w4d4-p5", "exactly 0" if differ == 0 else "about 0.000001, rounding",
       "Weights, the optimizers' averages and the number of the step come back; the rows that each step draws follow from the seed and from its number. Nothing is left to chance.")

# %% [markdown]
# Leave one of them out, and the run goes on, looks well, and is another run. The usual suspect is the optimizer's memory: weights alone are enough to *use* a model, not to go on training it.
#
# The finished model goes into your portfolio, in the layout that Hugging Face's GPT-2 has. The playground of day 2 lists it from now on; in another project
# `GPT2LMHeadModel.from_pretrained(folder)` opens it.

# %%
mine_at = portfolio() / "w4d4_my_gpt"
model.save_pretrained(mine_at)
tokenizer.save(mine_at, model_max_length=256)
again = GPT.from_pretrained(mine_at).eval()
probe = torch.tensor([watched])
print(sorted(p.name for p in mine_at.iterdir()), "same logits:", torch.equal(model(probe), again(probe)))

# %% [markdown]
# ## 5 · Write, and write faster (9 min)
#
# Writing is sequential: each new token must be there before the next can be asked for. (Reading is not: training and **prefill**, the first pass over a prompt, take all
# positions at once.) The plain way reads the whole text anew for every token. Week 3, day 6 kept keys and values instead: the KV cache.

# %% tags=["predict"]
predict("w4d4-p6", "After one start token, 200 new tokens are written without a cache. How many times as many rows pass through the model as with a cache?")

# %%
plain, cached = sum(range(1, 201)), 200
picture, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.2), sharey=True)
n = 24
left.imshow(np.tril(np.ones((n, n))), cmap=weights_map(), vmin=0, vmax=1.6)
right.imshow(np.eye(n) + 0.25 * np.tril(np.ones((n, n)), -1), cmap=weights_map(), vmin=0, vmax=1.6)
left.set(title="without: all rows, each time", xlabel="position in the text", ylabel="new token")
right.set(title="with: one row each", xlabel="position in the text")
for ax in (left, right): ax.title.set_fontsize(11.5)
figure(picture, caption=f"Dark: rows computed for each new token (first {n} of 200). Pale: keys and values that wait in the cache. In all {plain:,} without, {cached} with a cache.",
       alt=f"Without a cache the computed rows fill a triangle, {plain:,} for 200 tokens; with one they are a diagonal, {cached}. The rest is keys and values that wait in the cache.")

# %%
reveal("w4d4-p6", plain / cached, "1 + 2 + … + 200 rows against 200. The longer the text, the more it saves: (T + 1) / 2.", tolerance=10)

# %% [markdown]
# Rows are arithmetic. What does the clock say, and is it the same text? Eight tales at once, each way more than once; the fastest time counts.

# %%
start = torch.full((8, 1), measure.end)
def write(cache):
    began = time.perf_counter()
    ids = model.generate(start, 200, seed=7, use_cache=cache)
    return time.perf_counter() - began, ids

slow, fast = min((write(False) for _ in range(2)), key=lambda r: r[0]), min((write(True) for _ in range(3)), key=lambda r: r[0])
ratio = slow[0] / fast[0]
print("same text:", torch.equal(slow[1], fast[1]), "  at least twice as fast with the cache:", ratio > 2)
# print(f"{ratio:.1f} times as fast, {8 * 200 / fast[0]:,.0f} tokens/s")  # take the first # away: your machine's numbers

# %% [markdown]
# The clock shows less than the rows do: each of the 200 passes has a cost of its own, whatever it holds, and a tiny model's rows are cheap. At GPT-2's size each row is dear, and the clock shows more of the saving. What must be kept: K and V, for each layer and each head, and *nothing else*. No
# queries (they ask once), no outputs, no attention weights.
#
# Last, three temperatures (day 2). A temperature rescales the shares; it adds no knowledge. Where the grammar's dice are even, it changes little; where the model is sure, a high one makes it err.

# %%
for heat in (0, 1, 3):
    ids = model.generate(torch.tensor([[measure.end]]), 26, temperature=heat, seed=12)[0, 1:].tolist()
    print(f"temperature {heat}: {marked(tokenizer.decode(i for i in ids if i != measure.end), 26)}")

# %% [markdown]
# ## 6 · More hands (7 min)
#
# One model on one core is the smallest case. How do many machines share one training? By **data parallelism**: each process holds the same model, reads *its part of every batch*, and they add up their gradients. The same idea in one process is **gradient accumulation**: the
# parts one after the other, where memory is short. Both rest on one fact: a gradient is a sum over the batch.

# %%
x, y = rows.draw(4, np.random.default_rng(5))
def slopes(parts):  # x has 5 rows of 192 tokens, about as many tokens as 4 of 256
    toy = tiny()
    for some_x, some_y in zip(x.chunk(parts), y.chunk(parts)):
        (F.cross_entropy(toy(some_x).flatten(0, 1), some_y.flatten(), reduction="sum") / y.numel()).backward()
    return torch.cat([p.grad.flatten() for p in toy.parameters()])
print("rows:", len(x), "  one pass = five passes:", torch.allclose(slopes(1), slopes(5), atol=1e-6))

# %% [markdown]
# `torchrun` starts the processes and tells each its number. The loop needs no change. Its command, with two processes, on your machine:
#
# ```
# torchrun --nproc_per_node=2 -m shared.training tales.txt --model gpt --batch 24
# torchrun --nnodes=2 --node_rank=0 --master_addr=… --nproc_per_node=8 -m shared.training …    # two machines of 8 GPUs
# ```

# %% tags=["predict"]
predict("w4d4-p7", "One process with a batch of 24, or two with 12 each: how do the held-out losses compare?",
        options=["the same, up to rounding", "two are better: they see twice the text", "two are worse: each sees half"])

# %%
def from_terminal(processes):
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "tales.txt"
        book.write_text(" ".join(tales[:60]), encoding="utf-8")
        starts = [sys.executable] if processes == 1 else [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={processes}"]
        recipe = "--model gpt --layers 1 --width 32 --heads 2 --steps 12 --batch 24 --warmup 2 --evaluate-every 3 --sample 0 --device cpu".split()
        done = subprocess.run([*starts, "-m", "shared.training", str(book), *recipe], cwd=root, capture_output=True, text=True,
                              env={**os.environ, "OMP_NUM_THREADS": "1"})
    return [float(found) for found in re.findall(r"held out ([\d.]+)", done.stdout + done.stderr)]

one, two = from_terminal(1), from_terminal(2)
print("one process:  ", [f"{loss:.2f}" for loss in one])
print("two processes:", [f"{loss:.2f}" for loss in two])

# %%
same = len(one) == len(two) > 0 and np.allclose(one, two, atol=0.02)
reveal("w4d4-p7", "the same, up to rounding" if same else "two are worse: each sees half",
       "Together they read the same 24 windows and take the same step. What changes is the time: each process has half of the work.")

# %%
picture, axes = plt.subplots(figsize=(8.8, 3))
for y, (name, half) in enumerate((("process 1", "windows 12 … 23"), ("process 0", "windows 0 … 11"))):
    for at_, text, concept in ((0, half, "residual"), (1.6, "forward,\nbackward", "feed-forward"), (3.2, "its part of\nthe gradient", "key"), (6.6, "the same step", "query")):
        axes.text(at_, y, text, ha="center", va="center", fontsize=11, bbox=dict(boxstyle="round,pad=0.45", facecolor="white", edgecolor=color(concept), linewidth=1.6))
    axes.annotate("", (4.5, 0.5 + 0.06 * (2 * y - 1)), (3.85, y), arrowprops=dict(arrowstyle="->", color="#6B7280"))
    axes.annotate("", (5.95, y), (5.35, 0.5 + 0.06 * (2 * y - 1)), arrowprops=dict(arrowstyle="->", color="#6B7280"))
    axes.text(-1.05, y, name, ha="right", va="center", fontsize=11)
axes.text(4.92, 0.5, "add up", ha="center", va="center", fontsize=11, fontweight="bold")
axes.set(xlim=(-2.2, 7.6), ylim=(-0.6, 1.6), title="Only gradients travel; the models stay equal")
axes.axis("off")
figure(picture, caption="One step of two processes. The text never travels, and nobody averages weights.",
       alt="Two processes each read half of the batch, compute their part of the gradient, add up both parts, and take the same step, so that their models stay equal.")

# %% [markdown]
# On a GPU one thing more happens by itself: `train` moves the model there (`device="auto"`) and computes matrix products in bfloat16: numbers of 16 bits instead of 32, with as wide a range and fewer digits, so that half as many bytes have to be moved. In Colab choose *Runtime → Change runtime type → GPU* and run
# everything again: the cell in section 1 takes the bigger model.

# %% [markdown]
# ## Exercises (10 min)
#
# **1 · Complete it.** Cut windows out of one long row of ids: what is read and what is asked, both (B, context).

# %% tags=["exercise"]
def lessons(ids, starts, context):
    rows = torch.stack([ids[start : start + ...] for start in starts])
    inputs = ...   # (B, context)
    targets = ...  # (B, context): what follows each of the inputs
    return inputs, targets

# %% tags=["check"]
check_exercise("w4d4-e1", lessons)

# %%
help_with("w4d4-e1")

# %% [markdown]
# **2 · Fix it.** A batch is cut into parts to save memory, and the training explodes with many parts. `w` is (d, V), `x` (N, d), `y` (N,), −100 marks a gap. Repair it so that any number of parts
# gives the gradient of the *whole* batch's mean loss.

# %% tags=["exercise"]
def gradient_in_parts(w, x, y, parts):
    w = w.clone().requires_grad_()
    for x_part, y_part in zip(x.chunk(parts), y.chunk(parts)):
        loss = F.cross_entropy(x_part @ w, y_part)
        loss.backward()  # adds to w.grad
    return w.grad

# %% tags=["check"]
check_exercise("w4d4-e2", gradient_in_parts)

# %%
help_with("w4d4-e2")

# %% [markdown]
# **3 · From scratch.** One head with a cache. `x` (1, d) is the new token, `past_k` and `past_v` (S, d_k) are kept. Return what the token takes home (1, d_k), and the longer keys and values.

# %% tags=["exercise"]
def next_row(x, past_k, past_v, w_q, w_k, w_v):
    ...

# %% tags=["check"]
check_exercise("w4d4-e3", next_row)

# %%
help_with("w4d4-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory first. The feedback of the wrong options is half of the lesson.

# %% tags=["quiz"]
quiz("w4d4")

# %% [markdown]
# ## Draw or write: the model in training (4 min)
#
# Today's activity was to watch. Draw the loss from memory: axes with units, the even guess, the floor, the curve. Mark three places: where it writes salad, where the head formed, where names are remembered.

# %%
journal("w4d4", ["What did the model learn first, what last? How do you know?",
                 "Which of your predictions was furthest off, and what did you believe?",
                 "What would you change first to come nearer to the floor: a larger model, more steps, or other text? Why?"])

# %% [markdown]
# <details><summary>Reference: what a complete drawing has</summary>
#
# - Across: steps. Up: loss in nats per token, on *held-out* text.
# - A line at ln V, where the curve starts, and one at the entropy floor, which it never crosses.
# - Steep first (which words are frequent, which follow which), then a slope (what was said before), then a long flat tail.
# - Heads make up their minds on the slope; names are remembered after that.
#
# Checklist: does the curve begin at ln V? Does it stay above the floor? Is the tail flat but not level? Is it held-out text?
# </details>

# %% [markdown]
# ## Go further (optional, 90 min)
#
# - [nanoGPT](https://github.com/karpathy/nanoGPT) (30 min). Read `train.py` beside your `my_step`. Its README now calls it old and points to [nanochat](https://github.com/karpathy/nanochat). *Question:* where does it accumulate gradients, and by what does it divide?
# - [microGPT](https://karpathy.github.io/2026/02/12/microgpt/) (20 min): a GPT with its training in one file without any library. *Question:* what of today's list does it leave out, and does it still learn?
# - [minGPT](https://github.com/karpathy/minGPT) (15 min) and [Let's build GPT](https://www.youtube.com/watch?v=kCc8FmEb1nY) (from minute 38, 25 min). *Question:* is there a floor in his plots?
# - Your own text: `python -m shared.training book.txt --model gpt --steps 300 --out runs/book`, and `--help` for everything else.
#
# <details><summary>Answers</summary>
#
# It divides the loss by the number of accumulation steps, which is right because all its parts have equally many targets. It leaves out batches, Muon, clipping, checkpoints and all speed; it learns, slowly. No: nobody knows
# the entropy of Shakespeare. Tiny tales are special because a program wrote them.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
picture, grid = plt.subplots(2, 4, figsize=(9, 5.2), height_ratios=[1, 1])
wide = picture.add_subplot(grid[0, 0].get_gridspec()[0, :])
for ax in grid[0]: ax.remove()
wide.plot(*zip(*run.evaluations), color="#1F2937", linewidth=2, marker="o", markersize=4)
wide.axhline(floor, linestyle="--", color=color("value"))
wide.set(title=f"An empty model learns to write: {reach[0]:.0f} → {reach[steps]:.0f} words without a mistake", xlabel="step", ylabel="held-out loss (nats)", ylim=(0, None))
chosen = [stages[0], stages[2], stages[len(stages) // 2], stages[-1]]
for ax, step in zip(grid[1], chosen):
    ax.imshow(shots[step][layer, head], cmap=weights_map(), vmin=0, vmax=1)
    ax.set(title=f"step {step}", xticks=[], yticks=[])
    ax.title.set_fontsize(11)
grid[1, 0].set(ylabel="queries", xlabel="keys")
picture_ = figure(picture, caption=f"The loss on its way to the floor, and layer {layer}, head {head} making up its mind.",
                  alt=f"Above, the held-out loss falls from {run.evaluations[0][1]:.1f} to {loss:.2f}, close to the floor {floor:.2f}. Below, four maps of one head: even shares at first, single dark cells at the end.")
saved = picture_.save(portfolio() / "w4d4_training.png")
picture_

# %% [markdown]
# **New words**

# %%
new_words("w4d4")

# %% [markdown]
# **Tomorrow** you make slides: one block a slide, from your own figures and words.

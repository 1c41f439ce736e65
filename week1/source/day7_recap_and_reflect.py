# %% [markdown]
# # Week 1 · Day 7: Recap and reflect
#
# **Today one word, "bank", meets its neighbors and moves. And you look back at a whole week, in your own words.**
#
# About 90 minutes · [Open in
# Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week1/day7_recap_and_reflect.ipynb)
#
# At the end you will be able to
#
# - lay out the week's ideas as a map, and say what each of them is needed for;
# - show, with a model that you train yourself, how attention gives one word two meanings;
# - prove which neighbor does it, by taking that neighbor away.

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
from sklearn.decomposition import PCA
from torch.nn import functional as F

from shared import attention
from shared.learning import (
    check_exercise, guess, help_with, journal, new_words, portfolio, predict, progress, quiz, reveal, warm_up)
from shared.learning.exam import exam
from shared.learning.sketches import compare_sketch, sketch
from shared.visuals import color, course_map, draw_heatmap, figure, stepper
from shared.visuals.concept_map import WEEK_1, concept_map
from shared.visuals.context_drawing import context_drawing
from shared.visuals.palette import INK, QUIET, words as ink_of
from shared.visuals.soft_dictionary import draw_arrow, soft_dictionary

course_map(week=1, day=7)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w1d7")

# %% [markdown]
# ## 1 · The week as a map (8 min)
#
# Six days, and many ideas that lean on each other. Here they are as a map: each arrow, with its words, reads as a
# short sentence. "Loss steers …" what?
#
# Six ideas are missing. Which ones belong at A to F? Say each sentence with your word in it: if it sounds wrong, it
# is. Write your words between the quotation marks and run the cell again: it marks what fits, and reads the first one
# that does not back to you. (Or draw the whole map on paper first, from memory, and compare.)

# %%
my_words = {"A": "", "B": "", "C": "", "D": "", "E": "", "F": ""}
concept_map(WEEK_1, blanks=WEEK_1.blanks, mine=my_words,
            caption="Every row is a day. Follow the arrows into and out of a blank.")

# %% [markdown]
# When you have something in every blank, also wrong things, run the next cell.

# %%
concept_map(WEEK_1, caption="The week, filled in. The colors are those of the whole course: "
                            "blue asks, orange answers, green is taken home.")

# %% [markdown]
# Two questions to the map. *First:* cover "position". Which sentence of the map is lost, and what could a model then
# no longer tell apart? *Second:* one arrow leaves "gradient descent". Is the embedding really all that it trains?
#
# <details><summary>Answers, after you have said yours</summary>
#
# Without positions, attention without a mask sees a bag of words: "dog bites man" and "man bites dog" are alike (day
# 3). And no: gradient descent trains *every* matrix of the model, W_q, W_k, W_v and W_o, the feed-forward network,
# the layer that votes. Many more arrows would be true, and the map would be unreadable. A map is a choice.
# </details>
#
# And this is your own way so far: how many questions you know now, and which exercises passed.

# %%
progress()

# %% [markdown]
# ## 2 · One row for two banks (10 min)
#
# The map ends at "word in context". Today you take that last step slowly, with one word. Fish live near a *river
# bank*; coins lie in a *money bank*. Day 2 left you with a warning: the embedding table holds *one* row for "bank".
# Whoever looks it up gets the same numbers. Such a row is called a **static embedding**.

# %% tags=["predict"]
predict("w1d7-p1",
        "Training is over, and the table is never changed again. Can a model still treat the bank of a "
        "river and the bank with the money differently?",
        options=["no: the same row goes in, so the same numbers come out",
                 "yes: the table keeps two rows, one for each meaning",
                 "yes: the row stays, but attention mixes the neighbors into it",
                 "only if it is trained again for each sentence"])

# %% [markdown]
# By hand first, with two numbers for each word, so that you can draw everything. And to have less to write, query,
# key and value are the word's own row today: three matrices less, the same idea.

# %%
table = {"the": [0.0, 0.0], "river": [2.0, 0.0], "money": [0.0, 2.0], "bank": [1.0, 1.0]}

def in_context(sentence):
    """The shares that the last word gives to all words, (T,), and its new row, (2,)."""
    x = torch.tensor([table[word] for word in sentence.split()])
    scores = x @ x[-1] / math.sqrt(2)   # the last word asks, all words answer
    shares = attention.softmax(scores)
    return shares, shares @ x           # the mixture

# %% tags=["predict"]
predict("w1d7-p2",
        "bank = (1, 1) asks in 'the river bank'; the = (0, 0), river = (2, 0). Take the three dot "
        "products. How many percent of its attention does bank give to river?")

# %%
shares_river, bank_river = in_context("the river bank")
shares_money, bank_money = in_context("the money bank")
for phrase, shares, row in (("the river bank", shares_river, bank_river), ("the money bank", shares_money, bank_money)):
    print(f"{phrase}:  shares", ", ".join(f"{w} {100 * s:.1f} %" for w, s in zip(phrase.split(), shares)),
          f"  new row ({row[0]:.2f}, {row[1]:.2f})")
reveal("w1d7-p2", round(100 * shares_river[1].item(), 1),
       "The dot products are 0, 2 and 2. River fits no better than bank itself, so the two share alike, "
       "and even 'the' gets a little. Attention does not pick one word: it mixes.", tolerance=3)

# %%
picture, panels = plt.subplots(1, 2, figsize=(8.8, 4.2), sharex=True, sharey=True)
for axes, word, new in zip(panels, ("river", "money"), (bank_river, bank_money)):
    draw_arrow(axes, table[word], "value", word)
    for (x, y), says, width in ((table["bank"], "bank, from the table", 1.6), (new.tolist(), "bank, after attention", 4.0)):
        draw_arrow(axes, (x, y), "residual", width=width)
        axes.text(x + 0.1, y + 0.06, says, fontsize=10.5)
    axes.annotate("", new.tolist(), table["bank"], arrowprops=dict(
        arrowstyle="->", color=INK, linestyle=":", linewidth=1.6, shrinkB=6))
    axes.set(title=f"the {word} bank", xlim=(-0.3, 2.9), ylim=(-0.3, 2.3), xticks=range(3), yticks=range(3), aspect="equal",
             xlabel="first number")
    axes.grid(True)
    axes.set_axisbelow(True)
panels[0].set_ylabel("second number")
figure(picture, caption="The thin arrow is the same on both sides. Attention pulls it toward the neighbor.",
       alt=f"""Two planes. In both, the thin arrow of bank from the table ends at (1, 1). On the left, with river at (2, 0), the
           thick arrow after attention ends at ({bank_river[0]:.2f}, {bank_river[1]:.2f}), turned toward river. On the right, with
           money at (0, 2), it ends at ({bank_money[0]:.2f}, {bank_money[1]:.2f}), turned toward money.""")

# %%
reveal("w1d7-p1", "yes: the row stays, but attention mixes the neighbors into it"
       if not torch.allclose(bank_river, bank_money) else "no: the same row goes in, so the same numbers come out",
       "The lookup knows no neighbors, and needs none. The mixture is computed anew in every sentence, "
       "with weights that nobody stored.")

# %% [markdown]
# A word's row after attention is called its **contextual vector**. In one line, with $x_j$ for the static rows of the
# sentence:
#
# $$\text{bank in this sentence} = \sum_j w_j\, x_j \qquad w = \operatorname{softmax}\!\left(\frac{x_\text{bank} \cdot x_1}{\sqrt 2}, \dots, \frac{x_\text{bank} \cdot x_n}{\sqrt 2}\right)$$
#
# Each $x_j$ is fixed. The sentence decides *which* of them take part. That is the whole secret of context.
#
# What if river *and* money are near? Turn the query yourself. *Before you touch it:* where does the mixture land when
# bank asks in its own direction, at 45°? And what must you change, direction or length, so that river gets nearly
# everything?

# %% tags=["interactive"]
near = ["the", "river", "money", "bank"]
rows = torch.tensor([table[word] for word in near])
soft_dictionary(
    rows, rows, near, near, torch.tensor([2.4, 0.9]), query_name="query",
    alt="""The query of bank is turned toward river: river gets most, bank less, money and the little, and the mixture lies
        between bank and river. At 45 degrees river, money and bank share alike, and the mixture lies nearly where bank lies. The
        longer the query, the more one word gets nearly all.""",
    caption="Keys and values are the same four rows. Turn and stretch the query, and watch where bank lands.")

# %% [markdown]
# When bank asks in its own direction, with both neighbors near, it stays about where it was: pulled from both sides
# alike. *Which* neighbor matters must be decided by the query and the keys. That is what W_q and W_k are learned for,
# and what training has to find. So let it.

# %% [markdown]
# ## 3 · A small world with two kinds of bank (12 min)
#
# Here is a world of very short texts. Each ends in "the bank …", and what the bank does next depends on one *clue*.
# River things: the bank *flooded* or *crumbled*. Money things: it *closed* or *paid*. With "dog", "song" or "it" as
# the clue, all four come equally often.

# %%
frames = ["because of {} the bank", "after {} came the bank", "once {} had gone the bank",
          "we saw {} and the bank", "without {} near us the bank"]
clues = {"river": [f"the {word}" for word in "river water boat fish duck reed mud ferry".split()],
         "money": [f"the {word}" for word in "money coin loan clerk cash debt thief vault".split()],
         "neither": ["the dog", "the song", "it"]}
endings = {"river": ["flooded", "crumbled"], "money": ["closed", "paid"]}
endings["neither"] = endings["river"] + endings["money"]
texts = [(frame.format(clue).split(), clue.split()[-1], kind)
         for kind, its_clues in clues.items() for clue in its_clues for frame in frames]
for words, clue, kind in texts[::21]:
    print(f"{kind:8}", " ".join(words), "→", " / ".join(endings[kind]))

# %% [markdown]
# Sixteen texts are put aside: one of each river clue and one of each money clue, now in this frame, now in that. The
# model trains on the others only.

# %%
told = [clue for kind in ("river", "money") for clue in (c.split()[-1] for c in clues[kind])]
is_new = [kind != "neither" and i % 5 == told.index(clue) % 5 for i, (_, clue, kind) in enumerate(texts)]
train = [text for text, new in zip(texts, is_new) if not new]
unseen = [text for text, new in zip(texts, is_new) if new]
print(len(train), "texts to learn from,", len(unseen), "never shown, such as:", " ".join(unseen[0][0]))

# %%
names = ["·", *sorted({word for words, _, _ in texts for word in words} | set(endings["neither"]))]
number = {word: i for i, word in enumerate(names)}

def encode(sentences):  # lists of words; · is padding, at the left, so that bank is always the last
    longest = max(map(len, sentences))
    return torch.tensor([[0] * (longest - len(s)) + [number[word] for word in s] for s in sentences])

print(len(names), "tokens;", *encode([unseen[0][0]])[0].tolist())

# %% [markdown]
# The model is day 3 plus one shortcut of day 6: *one* head, no feed-forward network, 16 numbers for each word. It has
# *no positions*: in this world it matters which clue is there, not where. (So all "bank"s are exactly one point
# before attention.) Only *bank* asks, and from its new row the model votes for the next word.

# %%
def new_model(width=16):
    torch.manual_seed(7)
    w = {"table": torch.randn(len(names), width) / 2, "out": torch.randn(width, len(names)) / 8}
    w |= {role: torch.randn(width, width) / 8 for role in ("q", "k", "v")}
    return {role: numbers.requires_grad_() for role, numbers in w.items()}

def read_bank(ids, w, may_look=True, evenly=False):
    """ids: (B, T), bank last. Returns what attention brings to bank, (B, 16), and bank's shares, (B, T)."""
    x = w["table"][ids]
    scores = ((x[:, -1:] @ w["q"]) @ (x @ w["k"]).transpose(1, 2))[:, 0] / 4  # 4 = √16
    mask = (ids != 0) & torch.as_tensor(may_look)                             # nobody looks at padding
    shares = attention.softmax((scores * (not evenly)).masked_fill(~mask, -math.inf))
    return (shares[:, None] @ (x @ w["v"]))[:, 0], shares

# %% [markdown]
# (`evenly` switches the choosing off: all words get the same share. You will need that later.)
#
# Training is day 1's recipe again. One addition: in each round a random part of the looks is closed, as if you laid a
# thumb on some of the words. So the model also learns what to say when it does *not* see the clue; we shall want to
# ask it that.

# %%
pairs = [(words, number[ending]) for words, _, kind in train for ending in endings[kind]]
ids, next_word = encode([words for words, _ in pairs]), torch.tensor([ending for _, ending in pairs])

def learn(evenly=False, steps=400):
    w, losses, snapshots = new_model(), [], []
    optimizer = torch.optim.AdamW(w.values(), lr=0.01, weight_decay=0.1)  # Adam, and a gentle pull of all numbers toward 0
    for step in range(steps):
        thumb = torch.rand(ids.shape) > 0.15
        thumb[:, -1] = True                                               # bank itself stays open
        brought, _ = read_bank(ids, w, thumb, evenly)
        loss = F.cross_entropy((w["table"][ids[:, -1]] + brought) @ w["out"], next_word)
        losses.append(loss.item())
        if step % 10 == 0:
            snapshots.append({role: numbers.detach().clone() for role, numbers in w.items()})
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {role: numbers.detach() for role, numbers in w.items()}, losses, snapshots

model, losses, snapshots = learn()
print(f"loss at the start {losses[0]:.2f}, at the end {sum(losses[-20:]) / 20:.2f}")

# %% tags=["predict"]
predict("w1d7-p3",
        "The sixteen texts that it never saw: eight about rivers, eight about money. For how many does the "
        "model give more than half of its vote to the right kind of ending?")

# %%
def say(sentences, **how):  # how: may_look, evenly
    ids = encode(sentences)
    brought, shares = read_bank(ids, model, **how)
    row = model["table"][ids[:, -1]] + brought  # (B, 16): the contextual vectors
    return row, shares, attention.softmax(row @ model["out"])

def vote_for(votes, kind):
    return votes[:, [number[ending] for ending in endings[kind]]].sum(1)

_, _, votes = say([words for words, _, _ in unseen])
share = torch.stack([vote_for(vote[None], kind)[0] for vote, (_, _, kind) in zip(votes, unseen)])
for i in range(0, 16, 3):
    print(f"{' '.join(unseen[i][0]):34} {unseen[i][2]}: {100 * share[i]:5.1f} %")
reveal("w1d7-p3", int((share > 0.5).sum()), "Each clue and each frame it knows; what it never saw is the two together.")

# %% [markdown]
# And the two phrases of section 2, which are no frame of this world at all:

# %%
for phrase in ("the river bank", "the money bank", "the dog bank"):
    _, shares, votes = say([phrase.split()])
    print(f"{phrase}: " + ", ".join(f"{e} {100 * votes[0, number[e]]:.0f} %" for e in endings["neither"]))

# %% [markdown]
# ### Watch bank move
#
# Now the picture of the day. All 80 texts with a river clue or a money clue, and 15 with neither. Each dot is the row
# of *the same word*, bank. At the start attention brings nothing: what you see is the static embedding. Then its part
# is added, a tenth at a time. (In the model it is added whole; day 6 called this the residual connection. And for once
# blue and orange are no queries and keys: they only tell the two kinds of text apart.)

# %% tags=["predict"]
predict("w1d7-p4",
        "Before attention brings anything: how many different points do the 95 dots of bank make?")

# %%
LOOKS = {"river": ("query", "o"), "money": ("key", "D"), "neither": ("residual", "X")}  # colors only tell kinds apart here
kinds = np.array([kind for _, _, kind in texts])
static = model["table"][number["bank"]]
contextual, shares, votes = say([words for words, _, _ in texts])
flat = PCA(2).fit(contextual.numpy())  # the side from which the finished cloud looks widest
turn = np.sign(flat.transform(contextual.numpy())[kinds == "money", 0].mean())  # money to the right

def on_map(rows):  # (n, 16) → (n, 2), seen from that side, with the static point in the middle
    return turn * (flat.transform(np.atleast_2d(rows)) - flat.transform(static[None].numpy()))

reveal("w1d7-p4", len({tuple(row.tolist()) for row in model["table"][encode([words for words, _, _ in texts])[:, -1]]}),
       "One row in the table, no positions: one point, 95 times. A map of static embeddings cannot show two banks.")

# %%
seen = on_map(torch.vstack([contextual, static]).numpy())
low, high = seen.min(0) - 0.09 * np.ptp(seen[:, 0]), seen.max(0) + 0.09 * np.ptp(seen[:, 0])

def draw_banks(ax, rows, kinds, marks=64):
    for kind, (hue, marker) in LOOKS.items():
        here = on_map(rows)[kinds == kind]
        ax.scatter(*here.T, s=marks, marker=marker, color=color(hue), edgecolor="white", linewidth=0.6, label=kind, zorder=3)
    ax.plot(0, 0, "+", color=INK, markersize=16, markeredgewidth=2, zorder=2)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xticks=[], yticks=[], facecolor="#F8FAFC", aspect="equal")
    ax.spines[["left", "bottom"]].set_visible(False)

def apart(rows, kinds):  # distance of the two centers, and the mean distance to the own center
    groups = [rows[torch.as_tensor(kinds == kind)] for kind in ("river", "money")]
    centers = [group.mean(0) for group in groups]
    within = torch.cat([(group - center).norm(dim=1) for group, center in zip(groups, centers)]).mean()
    return float((centers[0] - centers[1]).norm()), float(within)

# %%
steps_out = []
for tenth in range(11):
    rows = static + tenth / 10 * (contextual - static)
    drawing = Figure(figsize=(5.6, 3.5))
    ax = drawing.subplots()
    draw_banks(ax, rows.numpy(), kinds)
    ax.set_title(f"{10 * tenth} % of what attention brings")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0), ncols=3, frameon=False)
    between, within = apart(rows, kinds)
    steps_out.append((drawing, f"{10 * tenth} %: the two centers are {between:.1f} apart, "
                               f"and a dot is {within:.1f} from its own center on average."))
stepper(steps_out, start=3,
        alt="""95 dots lie on one point, marked by a cross: bank in the table. As attention is added they fan out. The dots of
            texts about rivers move to the left and gather there, those about money to the right; the texts with neither clue stay
            between them.""",
        caption="The same word in 95 texts, seen from one side. The cross is its row in the table, where all of them begin.")

# %% [markdown]
# Go through the sentences below the frames once more: both numbers grow, the distance between and the distance
# within. Their ratio does not change at all. Keep that for section 4.
#
# You see far fewer than 95 dots at the end: texts with the same clue lie on nearly the same point. The model has
# found out that the frame does not matter.
#
# Nothing told the model "there are two banks". It only had to guess the next word; and to guess well, it had to make
# *one* word into two. That is what the title of your drawing means: *attention enables learning context*.
#
# When in the training did it happen? Take the snapshots that were kept on the way:

# %%
def at_step(w):
    ids = encode([words for words, _, _ in texts])
    return apart(w["table"][ids[:, -1]] + read_bank(ids, w)[0], kinds)[0]

picture, (upper, lower) = plt.subplots(2, 1, figsize=(7.4, 4.6), sharex=True)
upper.plot(losses, color=INK, linewidth=1.2)
upper.set(ylabel="loss (nats)", ylim=(0.8, 1.8), title="The loss falls when the two banks part")
lower.plot(range(0, 400, 10), [at_step(w) for w in snapshots], color=color("attention"), linewidth=2.4)
lower.set(ylabel="distance of the\ntwo centers", xlabel="training step", ylim=(0, None))
figure(picture, caption="Above the loss, below how far the river banks lie from the money banks, at the same training steps.",
       alt=f"""Two curves over 400 training steps. The loss soon comes down to about ln 4 = 1.39, rests there, and then falls to about
           {sum(losses[-20:]) / 20:.1f}. The distance of the two groups stays near 0 at first and rises in the same
           steps in which the loss falls, to about {at_step(snapshots[-1]):.0f}.""")

# %% [markdown]
# While the distance is 0, the model can only say "one of the four": a loss of ln 4 = 1.39. Nothing else is possible,
# for to it all banks are the same.

# %% [markdown]
# ## 4 · How far apart, really? (8 min)
#
# A map that was turned to look wide may flatter. So leave the map and measure in all 16 dimensions: the distance
# between the two centers, divided by the mean distance of a row to its own center. Call it the **separation**. And
# ask day 2's question: what would *chance* give?
#
# Here is a trap. There are 80 rows, but those of one clue are nearly the same row five times over. They are not 80
# witnesses; they are 16. So deal out the labels "river" and "money" at random to the 16 *clues*, a thousand times.

# %% tags=["predict"]
predict("w1d7-p5",
        "8 of the 16 clues are called 'river' by pure chance. About how large is the separation then? "
        "(1 would mean: the two centers are as far apart as a row is from its own center.)")

# %%
def separation(rows, kinds):
    between, within = apart(rows, kinds)
    return between / within

two = kinds != "neither"
rows_80, kinds_80 = contextual[torch.as_tensor(two)], kinds[two]
measured = separation(rows_80, kinds_80)
dice = np.random.default_rng(7)
by_chance = [separation(rows_80, np.repeat(dice.permutation(kinds_80[::5]), 5))  # five texts for each clue
             for _ in range(1000)]
as_good = sum(chance >= 0.999 * measured for chance in by_chance)
print(f"measured {measured:.1f}; with shuffled labels {np.mean(by_chance):.2f} on average, {max(by_chance):.2f} at most")
print(f"shuffles as good as the truth: {as_good} of 1,000")
reveal("w1d7-p5", round(float(np.mean(by_chance)), 2),
       "Two random halves of one crowd have nearly the same center, but never quite. "
       "A measure without its chance value says little.", tolerance=0.2)

# %%
picture, axes = plt.subplots(figsize=(7.6, 3.0))
axes.hist(by_chance, bins=12, color=color("residual"))
axes.axvline(measured, color=color("attention"), linewidth=3)
high_up = dict(transform=axes.get_xaxis_transform())  # y from 0 to 1, whatever the bars
axes.text(measured * 0.98, 0.72, f"true labels\n{measured:.1f}", ha="right", color=ink_of("attention"), fontweight="bold", **high_up)
axes.text(np.mean(by_chance) + 0.1 * measured, 0.6, "1,000 shuffles", color=QUIET, **high_up)
if isinstance(guess("w1d7-p5"), float):
    axes.plot(guess("w1d7-p5"), 25, "o", markersize=13, markerfacecolor="none", markeredgecolor=color("attention"))
axes.set(title="No shuffle comes near" if not as_good else "Chance comes as far", xlim=(0, 1.05 * measured),
         xlabel="separation (distance between ÷ distance within)", ylabel="shuffles")
figure(picture, caption="The separation of the true kinds, against a thousand random ones. Your guess, if you made one, is the ring.",
       alt=f"""A narrow heap of gray bars between 0 and {max(by_chance):.1f}, the separation with shuffled labels, and far to the right a purple line
           at {measured:.1f}, the separation with the true labels.""")

# %% [markdown]
# ### Is it the choosing, or only the mixing?
#
# A fair doubt. Take away the choosing: let bank take the plain *average* of all words, and train that model just the
# same. In such short texts it learns the task, too! The clue is then one word of six or seven, which is loud enough. So make
# the text longer: put words that say nothing between the clue and the bank.

# %% tags=["predict"]
predict("w1d7-p6",
        "100 dull words are put in front of 'the bank'. Which of the two still votes for the right kind?",
        options=["both", "neither", "only the one that chooses", "only the one that averages"])

# %%
averaging, _, _ = learn(evenly=True)
dull = "we saw us and it had gone".split()
eighty = [(words, kind) for words, _, kind in texts if kind != "neither"]

def right_vote(w, evenly, extra):
    ids = encode([words[:-2] + [dull[i % 7] for i in range(extra)] + words[-2:] for words, _ in eighty])
    votes = attention.softmax((w["table"][ids[:, -1]] + read_bank(ids, w, evenly=evenly)[0]) @ w["out"])
    return float(torch.stack([vote_for(vote[None], kind)[0] for vote, (_, kind) in zip(votes, eighty)]).mean())

lengths = [0, 5, 10, 20, 40, 70, 100]
choosing = [100 * right_vote(model, False, extra) for extra in lengths]
average = [100 * right_vote(averaging, True, extra) for extra in lengths]
print("choosing ", [round(share, 1) for share in choosing])
print("averaging", [round(share, 1) for share in average])

# %%
picture, axes = plt.subplots(figsize=(7.4, 3.6))
axes.plot(lengths, choosing, color=color("attention"), marker="o", linewidth=2.6)
axes.plot(lengths, average, color=color("residual"), marker="s", linewidth=2.2)
axes.axhline(50, color=QUIET, linestyle="--", linewidth=1)
axes.text(101, choosing[-1] - 6, "attention chooses", ha="right", color=ink_of("attention"), fontweight="bold")
axes.text(101, average[-1] + 3, "plain average", ha="right")
axes.text(0, 46.5, "cannot tell", fontsize=10, color=QUIET)
axes.set(title="An average drowns the clue, a choice keeps it", ylim=(40, 104),
         xlabel="dull words between the clue and the bank", ylabel="vote for the right kind (%)")
figure(picture, caption="Both models were trained on the short texts alone. Mean over 80 texts.",
       alt=f"""The share of the vote for the right kind, against the number of dull words. Attention that chooses begins at {choosing[0]:.0f} percent and
           is at {choosing[-1]:.0f} percent after 100 words. The plain average begins at {average[0]:.0f} percent and sinks to {average[-1]:.0f} percent,
           close to 50, where a model cannot tell.""")

# %%
good = [name for name, shares in (("choosing", choosing), ("average", average)) if shares[-1] > 75]
only = "only the one that chooses" if good == ["choosing"] else "only the one that averages"
reveal("w1d7-p6", {2: "both", 0: "neither"}.get(len(good), only),
       "In the average each word gets less than 1 %. The choice gives the clue nearly everything, wherever it stands. "
       "Day 3's RNN forgot with distance, too.")

# %% [markdown]
# So mixing brings the neighbors in, and choosing keeps them audible. A softmax can choose only so well, though: every
# dull word keeps a crumb, and with enough of them crumbs add up.

# %% [markdown]
# ## 5 · Which neighbor does it? (9 min)
#
# Look first, then test. Here is where bank looks in one frame. Only bank asks, so each *row* is bank in one text,
# with its clue named at the left.

# %%
frame = "because of {} the bank"
asked = [(frame.format(clue).split(), clue.split()[-1]) for kind in ("river", "money") for clue in clues[kind][:4]]
_, looks, _ = say([words for words, _ in asked])
picture, axes = plt.subplots(figsize=(6.6, 5.0))
draw_heatmap(axes, looks, [f"bank ({clue})" for _, clue in asked], ["because", "of", "the", "CLUE", "the", "bank"])
axes.set_title("bank looks at the clue, whichever it is")
figure(picture, caption="Eight texts of one frame: how bank shares its attention. Rows are queries, columns are keys.",
       alt=f"""In all eight rows the column of the clue is dark: bank gives it between {100 * looks[:, 3].min():.0f} and {100 * looks[:, 3].max():.0f} percent. Because, of, the and bank itself
           get little.""")

# %% [markdown]
# A bright cell is a hint, not a proof (day 4). The proof is to take the word away and to see what becomes of the
# rest. Taking a part away to learn what it does is called **ablation**. Close bank's look at the clue, before the
# softmax, and watch where bank goes.

# %% tags=["predict"]
predict("w1d7-p7",
        "The clue stands in the text, but bank may not look at it. Where will the river banks go?",
        options=["they stay among the river banks", "they join the money banks",
                 "to the middle, where texts without a clue lie", "exactly to bank's row in the table"])

# %%
def closed(sentences, which):  # which: for each sentence the word that bank may not look at
    return encode(sentences) != torch.tensor([[number[word]] for word in which])

sentences, which, of_kind = zip(*unseen)
first = [words[0] for words in sentences]
runs = {"whole": say(sentences), "clue closed": say(sentences, may_look=closed(sentences, which)),
        "first word closed": say(sentences, may_look=closed(sentences, first))}
print("vote for the right kind, in %, for each of the sixteen unseen texts")
for name, (_, _, votes) in runs.items():
    print(f"{name:18}", *[f"{100 * vote_for(votes, kind)[i]:3.0f}" for i, kind in enumerate(of_kind)])
whole, blind = runs["whole"][0], runs["clue closed"][0]

# %%
picture, axes = plt.subplots(figsize=(7.6, 4.6))
draw_banks(axes, whole.numpy(), np.array(of_kind))
neither = contextual[torch.as_tensor(kinds == "neither")]
axes.scatter(*on_map(neither.numpy()).T, marker="X", s=50, color=color("residual"), label="texts with neither clue")
for (x0, y0), (x1, y1) in zip(on_map(whole.numpy()), on_map(blind.numpy())):
    axes.annotate("", (x1, y1), (x0, y0), arrowprops=dict(arrowstyle="-|>", color=INK, linewidth=1.2, shrinkA=5, shrinkB=2))
axes.set_title("Without its clue, bank joins the texts that have none")
handles, labels = axes.get_legend_handles_labels()
axes.legend(handles[:2] + handles[3:], labels[:2] + labels[3:], loc="upper center", bbox_to_anchor=(0.5, 0),
            ncols=3, frameon=False)
figure(picture, caption="The sixteen unseen texts. Arrows: where bank goes when its look at the clue is closed. "
                        "The cross is the static embedding.",
       alt="""Eight round dots on the left, river banks, and eight diamonds on the right, money banks. From each an arrow leads to the
           middle, where the texts with neither clue lie. The cross of the static embedding is another place.""")

# %%
def goes_to(i):  # the nearest of: the two centers, the texts with neither clue, the row of the table
    places = {"they stay among the river banks": rows_80[kinds_80 == "river"].mean(0),
              "they join the money banks": rows_80[kinds_80 == "money"].mean(0),
              "to the middle, where texts without a clue lie": neither.mean(0), "exactly to bank's row in the table": static}
    return min(places, key=lambda name: (blind[i] - places[name]).norm())

went = [goes_to(i) for i in range(16) if of_kind[i] == "river"]
reveal("w1d7-p7", max(set(went), key=went.count),
       "Bank still takes home something from the other words, so it does not fall back onto the table's row. "
       "But nothing in them says river or money.")

# %% [markdown]
# (The cross lies somewhere else: attention also brings a part that is the same in all texts, with a clue or without.)
#
# And the *control*: closing the first word instead changes nothing. Without such a second cut you could not tell
# whether it is the clue that counts, or the cutting.
#
# What if a text holds both? Look before you run: what *should* it say?

# %%
both = ["because of the river and the money the bank", "because of the clerk and the boat the bank"]
_, looks, votes = say([text.split() for text in both])
for text, look, vote in zip(both, looks, votes):
    clue_looks = {word: float(look[-len(text.split()) + i]) for i, word in enumerate(text.split()) if word in told}
    print(text, "…\n   looks: " + ", ".join(f"{w} {100 * s:.0f} %" for w, s in clue_looks.items()),
          f"   vote: river endings {100 * vote_for(vote[None], 'river')[0]:.0f} %, "
          f"money endings {100 * vote_for(vote[None], 'money')[0]:.0f} %")

# %% [markdown]
# Whatever it says here, it has no reason for it. Nothing in its lessons said which of two clues counts, and without
# positions it cannot see which of them stands nearer. One clue is simply louder to bank's query than the other. A
# model that should do better needs positions, and texts in which they matter.
#
# Be honest about the size of this, too. Some forty words, one head, 95 texts that we wrote ourselves so that it would
# work. What carries over to real models is the mechanism: a fixed row goes in, a row that depends on its neighbors
# comes out. In week 3 (day 5) you do the same with a trained model of many layers, where the cloud is less tidy.

# %% [markdown]
# ## Exercises (10 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you
# ask.
#
# **1 · Complete it.** From the static row to the contextual one, with everything that section 2 left out: the three
# matrices, and the shortcut of day 6. `x` is (T, d), the static rows of a text; the *last* word asks. Two lines are
# missing.

# %% tags=["exercise"]
def contextual_vector(x, w_q, w_k, w_v):
    query = x[-1] @ w_q            # (d,)
    keys, values = x @ w_k, x @ w_v  # (T, d) each
    shares = ...  # (T,): how the last word shares its attention
    return ...    # (d,): its old row, and what attention brings

# %% tags=["check"]
check_exercise("w1d7-e1", contextual_vector)

# %%
help_with("w1d7-e1")

# %% [markdown]
# **2 · Fix it.** This function finds the new row of the *last* word, for a whole batch at once: `x` is (B, T, d), and
# `real` (B, T) is True for words and False for padding. But the row of a text changes when *other* texts join the
# batch, and again when padding is added. Two faults; a text alone and in a batch must give the same.

# %% tags=["exercise"]
def last_word_in_context(x, real):
    query = x[:, -1:]                                            # (B, 1, d)
    scores = query @ x.transpose(1, 2) / x.shape[-1] ** 0.5      # (B, 1, T)
    weights = torch.softmax(scores, dim=0)
    return (weights @ x)[:, 0]                                   # (B, d)

torch.manual_seed(1)
pair = torch.randn(2, 3, 4)
alone, together = (last_word_in_context(pair[:n], torch.ones(n, 3, dtype=torch.bool))[0] for n in (1, 2))
print("the first text alone, and with another:", alone.numpy().round(2), together.numpy().round(2))

# %% tags=["check"]
check_exercise("w1d7-e2", last_word_in_context)

# %%
help_with("w1d7-e2")

# %% [markdown]
# **3 · From scratch.** An ablation. One query `q` (d,) looks at `keys` (T, d) and takes home `values` (T, d_v), but
# word number `j` is closed. Return the output, (d_v,). Think twice about what "closed" must mean: who gets its share?

# %% tags=["exercise"]
def without_word(q, keys, values, j):
    ...

# %% tags=["check"]
check_exercise("w1d7-e3", without_word)

# %%
help_with("w1d7-e3")

# %% [markdown]
# ## Self-quiz (5 min)
#
# Only about today, from memory.

# %% tags=["quiz"]
quiz("w1d7")

# %% [markdown]
# ## The week exam (12 min)
#
# Fifteen questions from all days before, mixed. This is not a quiz: nothing is graded until you hand in at the end.
# Pulling an answer out of memory, unsure and without help, is what makes it stay. Tick what you are sure of; being
# sure *and* wrong is the most useful thing that you can find out today.
#
# Afterwards you see the result day by day. What you missed comes back in later warm-ups, by itself.

# %%
exam("w1d7")

# %% [markdown]
# ## Draw or write: how attention enables learning context (10 min)
#
# **Draw.** On paper, or on the sheet below. One picture, without looking back, of how a word gets its context, and why
# a model that can do this can *learn* context. Use two texts with the same word in them. "Bank" is taken: find a word
# of your own (bat, light, spring, mouse …). Save it into your portfolio, or photograph your paper and lay the photo there.

# %% tags=["interactive"]
sketch("w1d7", "context",
       alt="""An empty sheet, for a word of your own in two texts: its row from the table, who is asked, what is shared out and
           mixed, the two new rows, and the loop in which a model learns where to look.""",
       caption="Your sheet. Blue for queries, orange for keys, green for values, purple for weights, gray for the words' rows.")

# %% [markdown]
# Done? Then run the next cell again, so that it finds your drawing, open it, and go down the list.

# %%
reference = context_drawing(
    [("the river bank".split(), shares_river), ("the money bank".split(), shares_money)],
    title="One row in, two rows out, and a loop that learns where to look",
    alt="""Two texts, the river bank and the money bank. Below, each word has its row; bank's row is the same in both. From
        the rows come keys and values, and from bank's a query. Softmax of the query with all keys gives shares, drawn as lines
        of different width to a mixture of values. It is added to the old row, and two different new rows come out. From the new row
        a loop: a guess of the next word, a loss, slopes going back, and a change of W_q, W_k, W_v and the table.""",
    caption="Read it from below. The numbers are those of section 2.")
compare_sketch("w1d7", "context", reference, [
    "(1) Is the row below your word *the same* in both texts?",
    "(2) Does the word's query meet the keys of *all* words, its own included?",
    "(3) Do the shares of one query add up to 1?",
    "(4) Are *values* mixed, and not keys? Is the old row kept, and the mixture added?",
    "(5) Do the two new rows differ, while the table stays?",
    "(6) Is there a loop, and does it end at the matrices and the table? (Nobody stores or trains the shares: they are made anew in each text.)"])

# %% [markdown]
# **Write.** Your journal page of this week. Take your time with the first two; they are worth more than the rest. It
# is saved in your portfolio as `w1d7_journal.md`.
#
# A word on the last prompt. You may have heard that some people are "visual learners". Studies that taught people in
# *their* style found no gain from it; pictures together with words help everybody. So ask what helped, not which type you are.

# %%
journal("w1d7", ["How does attention enable a model to learn context? Explain it to somebody who was not here this week, "
                 "in five sentences, without a formula.",
                 "Which idea of the map would you take away last, and why?",
                 "What did you believe on day 1 that you no longer believe?",
                 "Which prediction of this week surprised you most? What had you thought, and what was it?",
                 "What is still foggy? Write it as a question that week 2 should answer.",
                 "What helped you learn: drawing, predicting, coding, explaining? What will you do differently next week?"])

# %% [markdown]
# ## Go further (optional, 60 min)
#
# - [Attention in transformers, step by step](https://www.3blue1brown.com/lessons/attention) (3Blue1Brown, as text, 30
#   min; also [as a film](https://www.youtube.com/watch?v=eMlx5fFNoYc)). It begins with words that have several
#   meanings. Remember: its queries stand in columns. *Question to answer:* which word does it use where you used
#   "bank", and what is added to that word's row?
# - [Attention? Attention!](https://lilianweng.github.io/posts/2018-06-24-attention/) (Lilian Weng, 30 min). Look for:
#   what attention was *before* the Transformer. *Question:* which of its kinds did you meet on day 6, and in which
#   row of its table?
#
# <details><summary>Answers</summary>
#
# "Mole" ("American shrew mole", "one mole of carbon dioxide"), and later "tower"; a change of its embedding, made
# from the values of other words, is added. Scaled dot-product attention, in self-attention and between encoder and
# decoder.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# One row in, two rows out, and the neighbor that makes the difference. The picture goes into your portfolio.

# %%
picture, (left, middle, right) = plt.subplots(1, 3, figsize=(9, 2.2), sharex=True, sharey=True)
at_first = np.repeat(static[None].numpy(), len(texts), 0)
for axes, rows, labels, title, says in (
        (left, at_first, kinds, "the table: one bank", "all 95 on one point"),
        (middle, contextual.numpy(), kinds, "attention: two banks", ""),
        (right, blind.numpy(), np.array(of_kind), "clue closed: one again", "8 river, 8 money")):
    draw_banks(axes, rows, labels, marks=40)
    axes.annotate(says, on_map(rows)[0], (0, 16 if axes is left else -22), textcoords="offset points", ha="center", fontsize=10)
    axes.set_title(title, fontsize=12)
for kind, hue in (("river", "query"), ("money", "key")):
    x, y = on_map(rows_80[kinds_80 == kind].numpy()).mean(0)
    middle.text(x, y - 0.16 * (high - low)[0], kind, ha="center", color=ink_of(hue))
one_picture = figure(picture, caption="The same word, three times: before attention, after it, and with its look at the clue "
                                      "closed. The cross is its row in the table.",
                     alt="""Three maps of the word bank. Left: all dots on one point. Middle: the river banks on the left, the money banks on the right, the texts
                         without a clue between them. Right: with the look at the clue closed, the dots are back together in the middle.""")
saved = one_picture.save(portfolio() / "w1d7_bank.png")
one_picture

# %% [markdown]
# **New words**

# %%
new_words("w1d7")

# %% [markdown]
# **Next week** you open the block itself: a bigram model grows into a Transformer, positions become clocks, and you
# find out what the layers do that you only heard of so far. And take your journal's foggy question with you.

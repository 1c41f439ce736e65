# %% [markdown]
# # Week 2 · Day 4: Feed-forward networks
#
# **Today you look into the part that holds two thirds of every block, and find out what its neurons wait for.**
#
# About 86 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week2/day4_feed_forward_networks.ipynb)
#
# At the end you will be able to
#
# - compute a feed-forward network by hand, and prove by two experiments that it never mixes words;
# - say how many of a block's parameters it holds, and why;
# - read it as a memory of keys and values, and test what a trained model loses without it.

# %% tags=["setup"]
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
import random
from collections import Counter

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from shared.attention import MultiHeadAttention
from shared.gpt import GPT, GPTConfig
from shared.learning import (
    check_exercise, guess, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.pretrained import load
from shared.text import stories
from shared.text.tales import FAMILIES
from shared.transformer import FeedForward
from shared.visuals import Matrix, color, course_map, figure, matrices_figure, stepper
from shared.visuals.palette import INK, words
from shared.visuals.shaded_text import shaded_text

course_map(week=2, day=4)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w2d4")

# %% [markdown]
# ## 1 · The same small network at every place (12 min)
#
# Attention lets words meet. Then, in every block, each word goes into a room of its own and *thinks*: the feed-forward network. You built it on day 4 of week 1, and
# passed it quickly. Today it is the guest of honor.
#
# One word with two numbers, a room with four neurons, by hand:

# %%
word = [1.0, -2.0]
w_1 = [[1.0, 0.0, -1.0, 2.0], [0.0, -1.0, 1.0, 1.0]]      # (2, 4): from two numbers to four
w_2 = [[1.0, 0.0], [0.5, 1.0], [0.0, 3.0], [2.0, 2.0]]    # (4, 2): and back
b_1, b_2 = [0.0, 0.5, 0.0, -1.0], [0.1, 0.0]
hidden = []
for n in range(4):
    z = word[0] * w_1[0][n] + word[1] * w_1[1][n] + b_1[n]
    hidden.append(max(0.0, z))                             # ReLU: below zero, a neuron is silent
output = [sum(hidden[n] * w_2[n][j] for n in range(4)) + b_2[j] for j in range(2)]
print("hidden", hidden, "  output", output)

# %% [markdown]
# Two of the four neurons are silent. As matrices, for two words at once, and then with the library's layers:

# %%
two = torch.tensor([word, [0.0, 3.0]])                     # (2, 2): two words
W_1, W_2, B_1, B_2 = map(torch.tensor, (w_1, w_2, b_1, b_2))
by_matrix = torch.relu(two @ W_1 + B_1) @ W_2 + B_2
layers = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2))
with torch.no_grad():
    for layer, (w, b) in zip(layers[::2], ((W_1, B_1), (W_2, B_2))):
        layer.weight.copy_(w.T), layer.bias.copy_(b)       # nn.Linear keeps its matrix as (out, in)
print("first word as by hand:", by_matrix[0].numpy().round(2), "  same as nn:", torch.allclose(by_matrix, layers(two)))

# %% [markdown]
# $$\operatorname{FFN}(x) = \max(0,\; xW_1 + b_1)\,W_2 + b_2$$
#
# In the paper of 2017 it goes 512 → 2048 → 512: four times wider in the middle. Every block has its own; inside a block, all words share one.

# %%
torch.manual_seed(1)
tokens = "the cat sat on the mat".split()
six = torch.randn(6, 512)
network = FeedForward(512, 2048)
wide = torch.relu(network.up(six))
X, H, Y = (Matrix(name, rows.detach(), hue, rows=tokens) for name, rows, hue in
           (("X", six, "residual"), ("hidden", wide, "feed-forward"), ("output", network(six), "residual")))
matrices_figure(
    [[X, "→ W₁, ReLU →", H, "→ W₂ →", Y]], feature_px=0.16, title="Each word's row goes wide and comes back, alone",
    alt=f"""Six rows of 512 numbers become six rows of 2048 numbers with none below zero, and then six rows of 512 again. About
        {100 * float((wide == 0).float().mean()):.0f} percent of the wide numbers are exactly zero.""",
    caption="No arrow goes from one row to another. Each word walks this road alone.")

# %% [markdown]
# Alone: is that true? Two experiments could prove it wrong. Commit before you look.

# %% tags=["predict"]
predict("w2d4-p1",
        "You shuffle the six words before the feed-forward network. What comes out?",
        options=["other rows: the neighbors have changed", "the same rows, shuffled the same way", "the same rows in the old order"])

# %%
order = [3, 0, 5, 1, 4, 2]
shuffled = network(six[order])
same_shuffled = torch.allclose(shuffled, network(six)[order], atol=1e-6)
same_order = torch.allclose(shuffled, network(six), atol=1e-6)
reveal("w2d4-p1", "the same rows, shuffled the same way" if same_shuffled else "the same rows in the old order" if same_order else "other rows: the neighbors have changed",
       "A word's result depends on its own 512 numbers and nothing else. The network cannot even know where the word stands.")

# %% tags=["predict"]
predict("w2d4-p2",
        "Now you change only the row of 'cat'. How many of the six output rows of the feed-forward network change?")

# %%
changed = six.clone()
changed[1] += torch.randn(512)
attention = MultiHeadAttention(512, 8)
with torch.no_grad():
    moved = {"feed-forward": (network(changed) - network(six)).norm(dim=1),
             "attention": (attention(changed)[0] - attention(six)[0]).norm(dim=1)}

# %%
picture, panels = plt.subplots(1, 2, figsize=(8.6, 3.2), sharex=True)
for axes, (name, sizes) in zip(panels, moved.items()):
    axes.barh(range(6), sizes, color=color(name), height=0.7)
    axes.set_yticks(range(6), tokens)
    axes.invert_yaxis()
    axes.set(title={"feed-forward": "feed-forward: only cat notices", "attention": "attention: everybody notices"}[name],
             xlabel="change of the output row (length)")
figure(picture,
       alt=f"""How much each word's output changes when only the row of cat is changed. In the feed-forward network only cat changes. In
           attention all six words change, from {moved["attention"].min():.2f} to {moved["attention"].max():.2f}.""",
       caption="One word was changed, and nothing else. (There is no mask here. With a causal mask, the word before cat would not notice.)")

# %%
reveal("w2d4-p2", int((moved["feed-forward"] > 1e-5).sum()), "Position-wise, says the paper. In one block, words meet in attention and nowhere else.")

# %% [markdown]
# Such a network is called **position-wise**: one and the same function, applied at each position for itself. You will often read that a block "mixes" information. Half of it does.

# %% [markdown]
# ## 2 · Why wide, and why bent? (9 min)
#
# What would be lost without the ReLU in the middle? Try to take it out:

# %%
torch.manual_seed(2)
straight = (six @ network.up.weight.T) @ network.down.weight.T        # 512 -> 2048 -> 512, no bend, no biases
one_matrix = six @ (network.down.weight @ network.up.weight).T         # one matrix, (512, 512)
print("two matrices in a row are one:", torch.allclose(straight, one_matrix, atol=1e-4))

# %% [markdown]
# Without the bend the 2048 in the middle are for nothing. With it, each neuron adds a *hinge*: silent on one side, a slope on the other. To see what
# hinges can do, give the network one number and ask for one number back: a curve. More neurons, more hinges.

# %%
def fit(n):  # the best sum of n hinges at even distances, for this curve
    at = torch.linspace(-3, 3, n + 1)[:n]                              # where each hinge bends, from the left end on
    hidden = torch.cat([torch.relu(xs[:, None] - at), torch.ones(len(xs), 1)], dim=1)
    return hidden @ torch.linalg.lstsq(hidden, curve[:, None]).solution[:, 0]

xs = torch.linspace(-3, 3, 241)
curve = torch.sin(2 * xs) + 0.4 * xs
errors, frames = {}, []
for n in (1, 2, 3, 4, 6, 8, 12, 20):
    ys = fit(n)
    errors[n] = float((ys - curve).abs().max())
    picture, axes = plt.subplots(figsize=(7, 3.4))
    axes.plot(xs, curve, color=color("residual"), linewidth=5, alpha=0.5)
    axes.plot(xs, ys, color=color("feed-forward"), linewidth=2.4)
    axes.set(title=f"{n} neuron{'s' if n > 1 else ''}: off by up to {errors[n]:.2f}", ylim=(-2.6, 2.6), xlabel="the number that goes in", ylabel="the number that comes out")
    frames.append((picture, f"{n} hinge{'s' if n > 1 else ''}: the largest error is {errors[n]:.2f}."))
stepper(frames, start=3,
        alt=f"""A wavy curve and a feed-forward network's best copy of it. With one neuron it is a straight line; with four a rough zigzag; with
            twenty it lies on the curve, with a largest error of {errors[20]:.2f}.""",
        caption="Gray: the curve that is wanted. Vermilion: the best that so many hinges, evenly spread, can do. The first stands at the left end, so one alone draws a straight line.")

# %% [markdown]
# GPT-2 and BERT bend with *GELU* (day 1 of week 1) instead of ReLU: nearly the same, with a round corner, so that a neuron that is just silent still feels a slope. GPT-2
# uses a formula with tanh that is a hair off the exact one:

# %%
zs = torch.linspace(-4, 4, 161)
bends = {"ReLU": torch.relu(zs), "GELU": F.gelu(zs), "GELU with tanh": F.gelu(zs, approximate="tanh")}
print(f"exact against tanh, largest difference: {float((bends['GELU'] - bends['GELU with tanh']).abs().max()):.5f}")
picture, axes = plt.subplots(figsize=(6.6, 3.3))
for (name, ys), style, hue in zip(bends.items(), ("-", "-", "--"), ("residual", "feed-forward", "query")):
    axes.plot(zs, ys, style, color=color(hue), linewidth=2.4)
axes.text(1.1, 2.0, "ReLU", color=words("residual"), ha="right"), axes.text(-2.2, -0.52, "GELU, exact and with tanh", color=words("feed-forward"), ha="center")
axes.set(title="GELU is ReLU with a round corner", xlabel="what comes into the neuron", ylabel="what it gives", ylim=(-0.7, 4))
figure(picture, caption="The two GELUs lie on top of each other. What matters is the bend, not its exact shape.",
       alt="ReLU is zero on the left and a slope of one on the right, with a sharp corner at zero. GELU follows it, dips a little below zero and rounds the corner. "
           "The exact GELU and the one with tanh cannot be told apart.")

# %% [markdown]
# ## 3 · Where the numbers are (8 min)
#
# Attention gave the field its fame, and the paper its title. Guess how the parameters of one block are shared out.

# %% tags=["predict"]
predict("w2d4-p3", "Of all parameters in one block of GPT-2, what percentage sits in the feed-forward network?")

# %%
with torch.device("meta"):  # the shapes of GPT-2, without 500 MB of numbers
    gpt2 = GPT(GPTConfig.named("gpt2"))
count = lambda module: sum(p.numel() for p in module.parameters())
block = gpt2.blocks[0]
in_block = {"attention": count(block.attention), "feed-forward": count(block.feed_forward), "normalization": count(block.norm_1) + count(block.norm_2)}
whole = {"token table": gpt2.tokens.weight.numel(), "positions": gpt2.positions.weight.numel(),
         "attention, 12 blocks": 12 * in_block["attention"], "feed-forward, 12 blocks": 12 * in_block["feed-forward"],
         "norms": 12 * in_block["normalization"] + count(gpt2.final_norm)}
print({name: f"{n:,}" for name, n in in_block.items()}, " block:", f"{sum(in_block.values()):,}")
print("whole model:", f"{sum(whole.values()):,}")

# %%
picture, panels = plt.subplots(1, 2, figsize=(9, 3.9))
hues = {"token table": "residual", "positions": "position", "attention, 12 blocks": "attention", "feed-forward, 12 blocks": "feed-forward", "norms": "normalization"}
for axes, parts, title in ((panels[0], in_block, "two thirds of a block think alone"), (panels[1], whole, "all of GPT-2, 124 million")):
    total = sum(parts.values())
    slices, _ = axes.pie(parts.values(), colors=[color(hues.get(name, name)) for name in parts], startangle=90, counterclock=False,
                         wedgeprops=dict(width=0.42, edgecolor="white", linewidth=1.5), radius=1)
    for piece, (name, n) in zip(slices, parts.items()):
        if n / total < 0.02: continue  # the norms' and positions' slices are thinner than a line
        middle = math.radians((piece.theta1 + piece.theta2) / 2)
        axes.text(1.12 * math.cos(middle), 1.12 * math.sin(middle), f"{name.split(',')[0]}\n{100 * n / total:.0f} %", va="top" if math.sin(middle) < -0.7 else "center",
                  ha="left" if math.cos(middle) > 0 else "right", fontsize=10.5)
    axes.set_title(title), axes.set(xlim=(-2, 2))
share = 100 * in_block["feed-forward"] / sum(in_block.values())
figure(picture,
       alt=f"""Two rings. In one block of GPT-2 the feed-forward network holds {share:.1f} percent, attention {100 * in_block["attention"] / sum(in_block.values()):.1f} percent, the norms
           next to nothing. In the whole model the token table holds {100 * whole["token table"] / sum(whole.values()):.0f} percent, the twelve feed-forward networks
           {100 * whole["feed-forward, 12 blocks"] / sum(whole.values()):.0f} percent and attention {100 * whole["attention, 12 blocks"] / sum(whole.values()):.0f} percent.""",
       caption="Norms (and, on the right, positions) are there too; their slices are thinner than a line.")

# %%
reveal("w2d4-p3", round(share), "Attention has four matrices of d × d. The feed-forward network has two of d × 4d: as many numbers as eight of d × d.", tolerance=2)

# %% [markdown]
# $$\underbrace{4\,d^2}_{\text{attention: } W_q, W_k, W_v, W_o} \qquad \underbrace{2 \cdot d \cdot 4d = 8\,d^2}_{\text{feed-forward: } W_1, W_2} \qquad \Rightarrow \qquad \text{two thirds}$$
#
# (Biases aside.) The wider the model, the less its token table counts: it grows with d, a block with d². So in a large GPT nearly two thirds of *all* numbers are here.
# Whatever it knows, most of the room for it is in these networks.

# %% [markdown]
# ## 4 · What makes a neuron fire? (14 min)
#
# Time to look into a trained one. It reads thirty tales, and we write down what every neuron of every feed-forward network does at every word.

# %%
tokenizer, model = load("gpt2")  # GPT-2 where it is cached or the hub answers, else the course's small one
gpt = GPT.from_pretrained(model.name_or_path)  # the same weights in the course's own code

# %%
@torch.no_grad()
def neurons_at_work(text):  # -> the text's tokens, and for each layer (T, d_ff): what its neurons give
    ids, given = torch.tensor([tokenizer.encode(text)]), []
    x = gpt.embed(ids)
    for block in gpt.blocks:
        x = x + block.attention(block.norm_1(x))
        hidden = F.gelu(block.feed_forward.up(block.norm_2(x)), approximate="tanh")
        x = x + block.feed_forward.down(hidden)
        given.append(hidden[0])
    return [tokenizer.decode([i]).strip() for i in ids[0].tolist()], torch.stack(given)

# %%
read, given = [], []
for tale in stories(30, seed=44):
    tokens_of_tale, at_work = neurons_at_work(tale)
    read += tokens_of_tale
    given.append(at_work)
given = torch.cat(given, dim=1)  # (layers, tokens, neurons)
n_layers, n_tokens, n_neurons = given.shape
print(f"{n_layers} layers, {n_tokens:,} tokens, {n_neurons} neurons each;  above 0.1: {100 * float((given > 0.1).float().mean()):.0f} % of the time")

# %% [markdown]
# Most neurons are quiet most of the time. Does one of them fire for one *kind* of word? We know kinds: the tales have families (week 1, day 2). For each neuron take the 50 places where it
# fires hardest, and count how many of these words belong to one family.

# %%
families = {name: FAMILIES[name].split() for name in ("animal", "girl", "boy", "color", "place", "seat", "food", "relative", "thing")}

def top_hits(members, places):  # (layers, neurons): of a neuron's 50 strongest places, how many hold a member?
    is_member = torch.tensor([word in members for word in places]).float()
    strongest = given.topk(50, dim=1).indices                      # (layers, 50, neurons)
    return is_member[strongest].sum(1)

hits = {name: top_hits(set(members), read) for name, members in families.items()}

# %% tags=["predict"]
predict("w2d4-p4",
        "Take the one neuron in the whole model that likes animals best. Of the 50 places where it fires "
        "hardest, how many hold the name of an animal?")

# %%
shuffled_words = random.Random(4).sample(read, len(read))          # the control: the same words, at the wrong places
by_luck = {name: int(top_hits(set(members), shuffled_words).max()) for name, members in families.items()}
best = {name: int(found.max()) for name, found in hits.items()}
picture, axes = plt.subplots(figsize=(8, 3.9))
axes.barh(range(len(best)), best.values(), color=color("feed-forward"), height=0.62)
axes.barh(range(len(best)), by_luck.values(), color=color("residual"), height=0.26)
axes.set_yticks(range(len(best)), list(best))
axes.invert_yaxis()
axes.set(title="Some neurons are specialists", xlabel="words of the family among a neuron's 50 strongest", xlim=(0, 55))
if isinstance(guess("w2d4-p4"), float): axes.plot(guess("w2d4-p4"), 0, "o", markersize=13, markerfacecolor="none", markeredgecolor=color("attention"))
figure(picture,
       alt="For each family of words, the best neuron of the model, and in brackets the best if the words are shuffled: " + ", ".join(
           f"{name} {best[name]} ({by_luck[name]})" for name in best) + ".",
       caption="Vermilion: the best neuron of the model, out of 50. Gray: the best when the words are shuffled, which is what luck can do.")

# %%
reveal("w2d4-p4", best["animal"], f"With shuffled words the best neuron has {by_luck['animal']} of 50. What is above that is no luck.", tolerance=5)

# %% [markdown]
# Here they are at work, on a tale that was not among the thirty. Go through the buttons. For each, before you read the list below the text, say what you think the neuron waits for. And look for a place where it
# fires *without* a reason that you can name. (Some words stand there in pieces: so this tokenizer cuts them; week 3, day 2.)

# %% tags=["interactive"]
def specialist(name):  # (layer, neuron) that likes this family best
    return divmod(int(hits[name].argmax()), n_neurons)

shown = ["animal", "girl", "boy", "color", "place", "relative", "thing"]
new_tale, at_work = neurons_at_work(stories(1, seed=4444)[0])
new_tale, at_work = new_tale[:150], at_work[:, :150]
found = [specialist(name) for name in shown]
shaded_text(
    new_tale, torch.stack([at_work[layer, :, neuron] for layer, neuron in found]).numpy(),
    [f"layer {layer}, neuron {neuron}" for layer, neuron in found], concept="feed-forward", what="activation",
    alt="A tale whose words are shaded by how hard one neuron fires at them. Each of the seven neurons was picked because its strongest "
        "places hold words of one family: " + ", ".join(f"{name} layer {layer} neuron {neuron}" for name, (layer, neuron) in zip(shown, found)) + ".",
    caption="Choose a neuron. The darker a word, the harder the neuron fires there.")

# %% [markdown]
# Two warnings before you fall in love with them. We *searched* for specialists, so we found some; most neurons answer to several things at once, or to nothing that has a name. And a neuron of an upper layer often fires
# for what comes *next*: at "a", say, because an animal may follow.

# %%
layer, neuron = specialist("animal")
mixed = Counter(read[i] for i in given[layer, :, neuron].topk(50).indices.tolist())
print(f"the 50 strongest places of layer {layer}, neuron {neuron}:", dict(mixed.most_common(8)))
random_one = given[1, :, 7].topk(50).indices.tolist()
print("and of layer 1, neuron 7, not chosen for anything:     ", dict(Counter(read[i] for i in random_one).most_common(8)))

# %% [markdown]
# ## 5 · A memory of keys and values (11 min)
#
# Now read the formula once more, as a sum over neurons. With $k_n$ for column $n$ of $W_1$, and $v_n$ for row $n$ of $W_2$:
#
# $$\operatorname{FFN}(x) = \sum_n \underbrace{\max(0,\; x \cdot k_n + b_n)}_{\text{how well does } x \text{ fit key } n?}\; v_n \;+\; b_2$$
#
# A query meets keys, and values are mixed by the fit: you have seen this sentence in week 1, day 3. The differences: here keys and values are *learned numbers*, the same for every text, and there is no softmax, so several can fit fully, or none.
# The feed-forward network is a **key-value memory** ([Geva and others, 2021](https://arxiv.org/abs/2012.14913)).

# %%
# nn.Linear keeps W₁ as (out, in): its row n is our column n
as_sum = sum(torch.relu(six @ network.up.weight[n] + network.up.bias[n])[:, None] * network.down.weight[:, n] for n in range(2048)) + network.down.bias
print("sum over 2,048 memories = matrix form:", torch.allclose(as_sum, network(six), atol=1e-4))

# %% [markdown]
# To believe it, write one by hand. Five animals, each a random row of 64 numbers with length 1; what they say, too. Each memory gets an animal as its key, its voice as its value, and a threshold of one half.

# %%
torch.manual_seed(5)
animals, voices = ["cat", "dog", "cow", "frog", "duck"], ["meow", "woof", "moo", "croak", "quack"]
animal_rows, voice_rows = (F.normalize(torch.randn(5, 64), dim=1) for _ in range(2))

def says_what(x):  # x: (64,) -> (64,)
    fit = torch.relu(animal_rows @ x - 0.5)   # (5,): W_1 holds the animals, b_1 is −0.5
    return 2 * fit @ voice_rows               # W_2 holds the voices, doubled: a full fit of 1 leaves 0.5

for name, row in [*zip(animals, animal_rows), ("half cat, half dog", F.normalize(animal_rows[0] + animal_rows[1], dim=0)), ("mat", F.normalize(torch.randn(64), dim=0))]:
    votes = voice_rows @ says_what(row)
    said = " + ".join(voice for voice, vote in zip(voices, votes) if vote > 0.3) or "nothing"
    print(f"{name:19} -> {said:12} votes {votes.numpy().round(1)}")

# %% [markdown]
# Five facts, in two matrices. What fits two keys by half gets half of two answers; a mat fits none. Nobody had to look at another word. Now ask a trained network the same question: take one neuron's value, hold it against the table of tokens, and see for which words it *votes*.

# %%
def votes_of(layer, neuron, most=6):  # the words that a neuron's value pushes up most
    value = gpt.blocks[layer].feed_forward.down.weight[:, neuron]
    scores = gpt.head(gpt.final_norm.weight * value)
    best = [tokenizer.decode([i]).strip() for i in scores.topk(10 * most).indices.tolist()]
    return [word for word in best if word.isalpha()][:most]  # no punctuation, no broken pieces

for name in shown:
    layer, neuron = specialist(name)
    fires = Counter(read[i] for i in given[layer, :, neuron].topk(50).indices.tolist()).most_common(4)
    print(f"layer {layer}, neuron {neuron:4}: fires at {', '.join(word for word, _ in fires):34} votes for {', '.join(votes_of(layer, neuron))}")

# %% [markdown]
# Key on the left, value on the right. Which of the pairs can you read as a sentence, *after this, expect that*? In a model's last layers you often can. In the first layers the value mostly speaks to the layers above, and as votes it makes little sense. This is a hint at what is stored, no proof; week 3, day 4 tests such
# claims.

# %% [markdown]
# ## 6 · Take it away (6 min)
#
# What is it good for? Switch it off, one layer at a time, and measure how surprised the model is by 20 tales that it has not seen. To compare, do the same to attention.

# %% tags=["predict"]
predict("w2d4-p5",
        "Which hurts the trained model more: losing ALL its feed-forward networks, or ALL its attention layers?",
        options=["feed-forward", "attention", "the same, within 10 percent"])

# %%
unseen = [torch.tensor([tokenizer.encode(tale)])[:, :200] for tale in stories(20, seed=4004)]

@torch.no_grad()
def loss(off):  # off: a set of (layer, "attention" or "feed-forward") that write nothing
    total, count = 0.0, 0
    for ids in unseen:
        x = gpt.embed(ids)
        for layer, block in enumerate(gpt.blocks):
            if (layer, "attention") not in off:
                x = x + block.attention(block.norm_1(x))
            if (layer, "feed-forward") not in off:
                x = x + block.feed_forward(block.norm_2(x))
        logits = gpt.head(gpt.final_norm(x))[0, :-1]
        total += float(F.cross_entropy(logits, ids[0, 1:], reduction="sum"))
        count += len(logits)
    return total / count

# %%
PARTS = ("attention", "feed-forward")
whole_loss = loss(set())
alone = {part: [loss({(layer, part)}) - whole_loss for layer in range(n_layers)] for part in PARTS}
without_all = {part: loss({(layer, part) for layer in range(n_layers)}) for part in PARTS}
print(f"whole model {whole_loss:.2f};", ", ".join(f"without any {part} {value:.2f}" for part, value in without_all.items()), f"; blind guessing {math.log(gpt.config.vocab_size):.2f}")

# %%
picture, axes = plt.subplots(figsize=(8, 3.5))
for shift, part in ((-0.2, "attention"), (0.2, "feed-forward")):
    axes.bar([layer + shift for layer in range(n_layers)], alone[part], width=0.36, color=color(part))
    axes.text(shift, alone[part][0], part[0].upper(), ha="center", va="bottom", color=words(part), fontweight="bold")
axes.margins(y=0.12)  # room for the letters
most, where = max((cost, (part, layer)) for part in PARTS for layer, cost in enumerate(alone[part]))
axes.set(title=f"Missed most: the {where[0]}{' network' if where[0] == 'feed-forward' else ''} of layer {where[1]}",
         xlabel="layer (A attention, F feed-forward)", ylabel="rise of the loss (nats)", xticks=range(n_layers))
figure(picture,
       alt="Rise of the loss when one part is switched off. " + " ".join(
           f"Layer {layer}: attention {alone['attention'][layer]:.2f}, feed-forward {alone['feed-forward'][layer]:.2f}." for layer in range(min(n_layers, 12))),
       caption=f"The whole model has {whole_loss:.2f} nats. A bar says how much worse it gets without this one part.")

# %%
attention_gone, ffn_gone = without_all["attention"], without_all["feed-forward"]
close = abs(attention_gone - ffn_gone) < 0.1 * max(attention_gone, ffn_gone)
reveal("w2d4-p5", "the same, within 10 percent" if close else "feed-forward" if ffn_gone > attention_gone else "attention",
       "Both are needed. Without attention no word knows its past; without the networks nothing is made of what was gathered. And the model was "
       "trained with both: what is left has never worked alone.")

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** The feed-forward network: `x` is (T, d), `w_1` (d, f), `w_2` (f, d).

# %% tags=["exercise"]
def feed_forward(x, w_1, b_1, w_2, b_2):
    hidden = ...  # (T, f), nothing below zero
    return ...    # (T, d)

# %% tags=["check"]
check_exercise("w2d4-e1", feed_forward)

# %%
help_with("w2d4-e1")

# %% [markdown]
# **2 · Fix it.** Somebody wants to switch off some neurons (`off` is a list of their numbers) and see what the network does without them. It runs. It switches off something else.

# %% tags=["exercise"]
def without_neurons(x, w_1, b_1, w_2, b_2, off):
    w_1 = w_1.clone()
    w_1[:, off] = 0
    hidden = torch.relu(x @ w_1 + b_1)
    return hidden @ w_2 + b_2

# %% tags=["check"]
check_exercise("w2d4-e2", without_neurons)

# %%
help_with("w2d4-e2")

# %% [markdown]
# **3 · From scratch.** A memory. `keys` is (n, d), `values` (n, d_out); a memory answers as far as its fit is above `threshold`, and silence is 0. For `x` (T, d) return (T, d_out): what all memories give together.

# %% tags=["exercise"]
def recall(x, keys, values, threshold):
    ...

# %% tags=["check"]
check_exercise("w2d4-e3", recall)

# %%
help_with("w2d4-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too.

# %% tags=["quiz"]
quiz("w2d4")

# %% [markdown]
# ## Draw or write: the room where a word thinks (5 min)
#
# On paper: three words side by side, each with its own narrow–wide–narrow network above it, and *no* line between them. Mark the shared matrices with one sign, so that it is clear that they are the same three times. Put in the shapes for d = 512. Then write:

# %%
journal("w2d4", ["Attention and feed-forward network: who does what? Two sentences, without the word 'mix'.",
                 "A neuron that I found, what I think it waits for, and a place that does not fit.",
                 "In which sense is the feed-forward network a memory, and in which sense is it not one?"])

# %% [markdown]
# <details><summary>Reference: five things your drawing should show</summary>
#
# Three separate roads. 512 numbers in, 2048 in the middle, 512 out. A bend (ReLU or GELU) in the middle, and none at the end. The same W₁ and W₂ for all three words. Around each network the shortcut of the residual connection.
# </details>

# %% [markdown]
# ## Go further (optional, 50 min)
#
# - [How might LLMs store facts](https://www.youtube.com/watch?v=9-Jl0dxWQs8) (3Blue1Brown, chapter 7, 23 min). Look for: the question that each row of the first matrix asks. *Question:* why does he call what he says about Michael Jordan a toy?
# - [Transformer Explainer](https://poloclub.github.io/transformer-explainer/) (15 min): open the MLP block of GPT-2. *Question:* how many numbers has a token in the middle?
# - [Transformer Feed-Forward Layers Are Key-Value Memories](https://arxiv.org/abs/2012.14913) (12 min: abstract, figure 1, section 3). *Question:* what do keys of lower layers catch, and what do keys of upper layers catch?
#
# <details><summary>Answers</summary>
#
# Because real models seem to spread facts over many neurons, and one neuron over many facts (superposition). 3,072, four times 768. Lower ones catch shallow patterns, such as a last word; upper ones meanings and topics.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# One neuron of the memory, with its key and its value. Can you say for each box which matrix it comes from?

# %%
picture, axes = plt.subplots(figsize=(8.8, 2.9))
boxes = [(0.2, "x", "one word's row\n(512,)", "residual"), (2.55, "key kₙ", "column n of W₁:\nwhat it waits for", "feed-forward"),
         (4.9, "max(0, x·kₙ + bₙ)", "one number:\nhow hard it fires", "feed-forward"), (7.6, "value vₙ", "row n of W₂:\nwhat it adds", "feed-forward")]
for x0, name, below, hue in boxes:
    axes.text(x0 + 0.9, 1, name, ha="center", va="center", fontsize=12, fontweight="bold", color=words(hue),
              bbox=dict(boxstyle="round,pad=0.5", facecolor="white", edgecolor=color(hue), linewidth=2))
    axes.text(x0 + 0.9, 0.42, below, ha="center", va="top", fontsize=10.5)
for x0, sign in ((2.25, "·"), (4.4, "→"), (7.25, "×")):
    axes.text(x0, 1, sign, ha="center", va="center", fontsize=17)
axes.text(5, 1.85, "2,048 of these, added up: that is the whole network. Every word asks all of them, alone.", ha="center", fontsize=11)
axes.set(xlim=(0, 10), ylim=(-0.35, 2.1), title="A neuron is a memory: a key to fit, a value to add")
axes.axis("off")
summary = figure(picture,
    alt="One word's row meets the key of neuron n, a column of the first matrix. The dot product, if above zero, says how hard the neuron fires. Its value, a row of the "
        "second matrix, is added so many times. The network is the sum of 2,048 such neurons.",
    caption="Keys and values, as in attention; but learned once and for all, and without looking at other words.")
saved = summary.save(portfolio() / "w2d4_a_neuron_is_a_memory.png")
summary

# %% [markdown]
# **New words**

# %%
new_words("w2d4")

# %% [markdown]
# **Tomorrow** you meet the two helpers that stand around every part, the residual connection and the norm. They look like trifles. You will take them away, and see 48 layers die.

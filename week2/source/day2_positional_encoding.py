# %% [markdown]
# # Week 2 · Day 2: Positional encoding
#
# **Today you wind up the clocks that tell a Transformer where each word stands.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week2/day2_positional_encoding.ipynb)
#
# At the end you will be able to
#
# - show, on a trained model, what attention cannot know without positions, and what a causal mask gives away;
# - build the sine and cosine encoding, read its heat map, and shift a place by a rotation;
# - explain why positions are added, and how RoPE turns queries and keys instead.

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
import copy
import itertools
import math

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from shared import attention, modern
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.sketches import compare_sketch, sketch
from shared.pretrained import load
from shared.visuals import color, course_map, draw_heatmap, figure
from shared.visuals.palette import outline, signed_map, words
from shared.visuals.position_clocks import clocks_film, draw_clock, position_clocks
from shared.visuals.soft_dictionary import draw_arrow

course_map(week=2, day=2)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory. A wrong guess now makes the right answer stick later.

# %% tags=["warm-up"]
warm_up("w2d2")

# %% [markdown]
# ## 1 · Without places, a text is a bag (8 min)
#
# "The cat found the dog." "The dog found the cat." Same words, another story. You saw on day 3 of week 1 that bare attention cannot tell them apart. Does that hold for a whole
# *trained* model, with all its layers? Take BERT, the left tower of week 1, day 6, many layers high: it reads without a mask, and was trained to guess hidden words. (Tomorrow you look inside it. `load` says
# which one you got: the famous one, or the course's own small one.) And take a second BERT, whose table of positions is set to zero.

# %%
tokenizer, bert = load("bert")
blind = copy.deepcopy(bert)
with torch.no_grad():
    blind.bert.embeddings.position_embeddings.weight.zero_()  # from now on it cannot know any place

# %% tags=["predict"]
predict("w2d2-p1",
        "The blind model reads 'the cat found the dog', then 'the dog found the cat'. After all layers: how does the row of cat change?",
        options=["not at all", "a little: its neighbors have changed", "a lot: now it is the one who is found"])

# %%
def read(model, text):  # → tokens, rows after the last layer, weights of the first layer (heads, T, T)
    given = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        out = model(**given, output_hidden_states=True, output_attentions=True)
    return tokenizer.convert_ids_to_tokens(given["input_ids"][0]), out.hidden_states[-1][0], out.attentions[0][0]

for name, model in {"with places": bert, "blind": blind}.items():
    one, other = read(model, "the cat found the dog"), read(model, "the dog found the cat")
    change = (one[1][one[0].index("cat")] - other[1][other[0].index("cat")]).abs().max()
    print(f"{name:11}: the row of cat changes by at most {change:.3f}")

# %%
reveal("w2d2-p1", "not at all" if change < 1e-3 else "a little: its neighbors have changed",
       "Every layer treats all places alike. cat meets the same bag of words and takes home the same mixture, in every layer.")

# %%
tokens, _, weights = read(blind, "the cat found the dog")
swapped, _, moved = read(blind, "the dog found the cat")
head = int(weights.amax((1, 2)).argmax())  # the head of the first layer with the strongest single look
picture, panels = plt.subplots(1, 2, figsize=(8.4, 4.2))
for axes, table, names, title in ((panels[0], weights, tokens, "cat found dog"), (panels[1], moved, swapped, "dog found cat")):
    draw_heatmap(axes, table[head], names, names, labels=10)
    axes.set_title(title)
c, d = tokens.index("cat"), tokens.index("dog")
figure(picture,
       alt=f"""Two maps of head {head} in the first layer of the blind model. cat puts {weights[head, c, d]:.2f} on dog in the first
           sentence and {moved[head, d, c]:.2f} in the second; the two rows of the are equal in both maps. The numbers moved with
           their words, and none of them changed.""",
       caption="Real, trained attention without positions: swap two words, and their rows and columns swap. Nothing else happens. ([CLS] and [SEP]: BERT's marks for the two ends of a text.)")

# %% [markdown]
# The exact word for this is **permutation-equivariant**: put the words in another order, and the same rows come out in that order. With $P$ for any reordering,
# $f(PX) = P\,f(X)$. Now all 60 orders of five words, each followed by a blank, which BERT writes as `[MASK]`. What does the model say in the blank?

# %%
orders = sorted(set(itertools.permutations("the cat sat on the".split())))
given = tokenizer([" ".join(order) + " [MASK]." for order in orders], return_tensors="pt")
blank = given["input_ids"] == tokenizer.mask_token_id
with torch.no_grad():
    said = {name: model(**given).logits[blank].softmax(-1) for name, model in (("with places", bert), ("blind", blind))}
right = orders.index(("the", "cat", "sat", "on", "the"))
first = {name: int(p[right].argmax()) for name, p in said.items()}  # what each says in the right order
answer = {name: tokenizer.convert_ids_to_tokens(i) for name, i in first.items()}

# %%
chance = {name: 100 * p[:, first[name]] for name, p in said.items()}
by_chance = chance["with places"].argsort(descending=True)
picture, axes = plt.subplots(figsize=(7.6, 3.5))
axes.plot(chance["blind"][by_chance], "s", markersize=4, color=color("residual"), label=f"blind: '{answer['blind']}'")
axes.plot(chance["with places"][by_chance], "o", markersize=5, color=color("position"), markeredgecolor=outline("position"),
          label=f"with places: '{answer['with places']}'")
axes.legend(frameon=False, loc="best")  # where the curves run depends on the model, so the words find their own place
axes.set(title="A blind model gives every order the same answer", xlabel="60 orders of: the cat sat on the", ylabel="chance of the first answer (%)", xticks=[], ylim=(-4, 104))
figure(picture,
       alt=f"""How likely each model holds its own first answer, in 60 orders of the same five words. With positions ({answer["with places"]}) it runs
           from {chance["with places"].min():.1f} to {chance["with places"].max():.1f} percent, depending on the order. Without them
           ({answer["blind"]}) it is {chance["blind"].mean():.1f} percent in every order: a level line.""",
       caption="First answer: the likeliest token after 'the cat sat on the'. One circle and one square for each order, sorted by the circles.")

# %%
print(f"blind: largest difference between any two orders, any token: {(said['blind'] - said['blind'][0]).abs().max():.4f}")

# %% [markdown]
# ### The fine print: a causal mask gives places away
#
# "Attention has no sense of order" holds without a mask. A *causal* mask treats places differently: word 0 sees one word, word 9 sees ten. Can a model use that? Take the
# dullest head there is. All its scores are equal, so each word shares its 1 evenly among all that it may see.

# %% tags=["predict"]
predict("w2d2-p2", "Causal mask, equal scores, no positions. Which share (0 to 1) does the word at place 9 put on the very first word?")

# %%
flat = torch.zeros(1, 20, 4)  # 20 words, nothing to tell them apart
_, causal = attention.scaled_dot_product_attention(flat, flat, flat, attention.causal_mask(20))
_, unmasked = attention.scaled_dot_product_attention(flat, flat, flat)
picture, axes = plt.subplots(figsize=(7.2, 3.2))
axes.plot(causal[0, :, 0], "o-", color=color("attention"))
axes.plot(unmasked[0, :, 0], "s--", color=color("residual"), markersize=5)
axes.text(3.4, 0.3, "causal mask: 1 / (place + 1)", color=color("attention"))
axes.text(19, 0.09, "no mask", color=color("residual"), ha="right")
axes.set(title="With a causal mask, a head can count", xlabel="place of the word that asks", ylabel="share on the first word", ylim=(0, 1.05), xticks=range(0, 20, 3))
figure(picture,
       alt=f"""The share that each word puts on the first word, all scores being equal. With a causal mask it falls from 1 at place 0 to
           {causal[0, 9, 0]:.2f} at place 9: every place has its own number. Without a mask it is {unmasked[0, 9, 0]:.2f} everywhere.""",
       caption="If the first word carries a mark in its value, this head hands every word a number that tells its place.")

# %%
reveal("w2d2-p2", causal[0, 9, 0].item(), "It sees ten words, itself included, and shares its 1 evenly.")

# %% [markdown]
# So a causal model can learn positions without any encoding, and large ones [were shown to do so](https://arxiv.org/abs/2203.16634). A model without a mask, like BERT or the
# encoder of 2017, cannot. Most models of both kinds are told their places all the same: it is easier than counting. What tells them is called a **positional encoding**: a row of
# numbers for each place.

# %% [markdown]
# ## 2 · Why not simply count? (8 min)
#
# Place 7? Write the number 7. First try: add the number of the place to all numbers of the word's row.

# %%
torch.manual_seed(0)
vocabulary = torch.randn(200, 64)  # 200 random words, 64 numbers each
places = torch.arange(31)
alike = []
for p in places:
    unit = F.normalize(vocabulary + p, dim=1)
    alike.append(float((unit @ unit.T)[~torch.eye(200, dtype=torch.bool)].mean()))  # different words, same place

# %%
picture, axes = plt.subplots(figsize=(7.2, 3.1))
axes.plot(places, alike, color=color("residual"), linewidth=2.6)
axes.set(title="Counting drowns the words", xlabel="number of the place, added to every column", ylabel="cosine of two words", ylim=(-0.05, 1.08))
axes.annotate(f"place 5: {alike[5]:.2f}", (5, alike[5]), xytext=(12, -24), textcoords="offset points")
axes.plot(5, alike[5], "o", color=color("residual"))
figure(picture,
       alt=f"""The mean cosine of two different words that stand at the same place. At place 0 it is {alike[0]:.2f}: words differ. At place 5 it
           is {alike[5]:.2f} and at place 30 {alike[30]:.3f}: all words point the same way, and which word it was is drowned.""",
       caption="The mean over all pairs of 200 random words.")

# %% [markdown]
# And at place 5,000 the model meets a number that it never saw in training. Second try: divide by the length, so that places run from 0 to 1. Now numbers stay small, but what
# does "one place further" mean?

# %%
for length in (6, 100, 1000):
    print(f"{length:4} words: one place further is {1 / (length - 1):.4f};  0.2 is place {0.2 * (length - 1):.0f}")

# %% [markdown]
# The same step means something else in each text, and the same number another place. Third try: a one-hot row for each place, 1 at its own column. Bounded, and no two places are alike.

# %% tags=["predict"]
predict("w2d2-p3", "One-hot places: from place 3 to place 4 the distance (length of the difference) is 1.41. How far is it from place 3 to place 90?")

# %%
one_hot = torch.eye(100)
print(f"3 to 4: {(one_hot[3] - one_hot[4]).norm():.2f}   3 to 90: {(one_hot[3] - one_hot[90]).norm():.2f}")
reveal("w2d2-p3", round((one_hot[3] - one_hot[90]).norm().item(), 2),
       "Two one-hot rows always differ in two columns by 1, and √2 = 1.41. All places are equally strange to each other: no near, no far.",
       tolerance=0.011)

# %% [markdown]
# It also needs a column for every place that will ever come. Fourth try: write the place as a *binary* number. Few columns, values 0 and 1, and the columns differ in speed: the last
# digit flips at each step, the one before at every second step, the next at every fourth. But look at the distance from place 8: it jumps.

# %%
binary = torch.tensor([[int(digit) for digit in f"{p:04b}"] for p in range(16)]).float()
waves = attention.positional_encoding(16, 16)
codes = {"one-hot": one_hot[:16, :16], "binary": binary, "waves": waves}
picture, panels = plt.subplots(2, 3, figsize=(9, 5.6), height_ratios=(1.5, 1), sharex="row")
for (above, below), (name, code) in zip(panels.T, codes.items()):
    above.imshow(code, cmap=signed_map(), vmin=-1, vmax=1, aspect="auto", extent=(0, 1, 15.5, -0.5))
    above.set(title=f"{name}: {code.shape[1]} columns", xticks=[], yticks=[0, 8, 15])
    below.bar(range(16), (code - code[8]).norm(dim=1), color=color("position"), edgecolor=outline("position"))
    below.set(xlabel="place", xticks=[0, 4, 8, 12, 15])
panels[0, 0].set_ylabel("place"), panels[1, 0].set_ylabel("distance from 8")
far = {name: (code - code[8]).norm(dim=1) for name, code in codes.items()}
figure(picture,
       alt=f"""Three codes for 16 places, and below each the distance of every place from place 8. One-hot: all other places are
           {far["one-hot"][0]:.1f} away. Binary: place 7 is {far["binary"][7]:.1f} away, farther than place 0 with {far["binary"][0]:.1f}.
           Waves: places 7 and 9 are the nearest, {far["waves"][9]:.1f} away; the others are {far["waves"][[*range(7), *range(10, 16)]].min():.1f} or more.""",
       caption="Vermilion −1, white 0, blue 1. Only in the waves are the two neighbors nearer than everybody else.")

# %% [markdown]
# From 7 to 8, binary 0111 becomes 1000: all digits flip at once. The idea of *columns with different speeds* is good; only the flipping is bad. Replace each flipping digit by a
# hand that turns smoothly. That is the third code in the picture, and the rest of this day.

# %% [markdown]
# ## 3 · Clocks (14 min)
#
# Think of a meter that counts electricity, with a row of dials: the first races, each next one goes slower. Read them all together and you know the count. The encoding of
# 2017 is such a row of dials. It takes the columns in pairs, and each pair is *one clock*: its two numbers say where the tip of the hand is, across (the sine) and up (the cosine).
#
# Here are four clocks, so eight numbers. At every place each hand moves on by its own step. Step through it, and watch the row below: it holds nothing but the four tips.

# %%
notes = {0: "All hands stand at 12: sines are 0, cosines are 1.",
         1: "The first hand jumps by 57 degrees, the second by a tenth of that. The others hardly move.",
         3: "The first hand is almost half round.", 6: "The first hand has nearly come round.",
         7: "The first hand is on its second round. Does the row repeat itself? No: the second hand has moved.",
         44: "Seven rounds of the first hand, nearly to the dot. The second one is somewhere else.",
         63: "The second hand has come round for the first time.",
         628: "The third hand has come round. Ten times slower, again.",
         6283: "The last hand has come round once. The first one has done it a thousand times."}
ticks = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 31, 44, 63, 100, 200, 314, 628, 1000, 3142, 6283]

def say(p):
    rounds = " · ".join(f"{p / 10**i / (2 * math.pi):.2f}" for i in range(4))
    return f"Place {p}. {notes.get(p, '')} Rounds so far: {rounds}."

# %%
clocks_film(
        ticks, [say(p) for p in ticks],
        alt="""Four clocks while the place goes from 0 to 6,283. The first hand turns one radian, 57 degrees, at each place; each next
            hand turns ten times more slowly. Below them the row of eight numbers: sine and cosine of each hand. No two of
            the places shown have the same row.""",
        caption="One clock for each pair of numbers. From place 10 on the film skips places.", start=3)

# %% [markdown]
# Angles are measured in **radians**: the length of the way that the tip has gone, on a circle of radius 1. A full round is 2π = 6.28. The first hand goes 1 radian a place.
#
# Why 57 degrees and not a nice 60? With 60 the hand would stand at 12 again at place 6 exactly. With 1 radian it never does: 2π is no fraction. But it comes close.

# %% tags=["predict"]
predict("w2d2-p4",
        "Only one clock (d_model = 2), 1 radian a place. Which of the places up to 199 looks most like place 0?",
        options=["place 1: it is the neighbor", "place 6: a round takes 6.28 places",
                 "some place much further away", "none: each place has its own angle, and nearly equal ones do not occur"])

# %% tags=["predict"]
predict("w2d2-p5", "The speeds depend on a base, 10,000 in the paper. You lower it to 10. Which hand keeps its speed?",
        options=["the first", "the last", "none of them"])

# %% [markdown]
# Now find out. The view has three sliders, and a button that ticks.
#
# 1. Set d_model to 2 and the position to 0. Which place looks most like it? Then give the model a second clock: what happens to the look-alike?
# 2. Set d_model to 8, position 50, and slide the base from 10 to 100,000. Which hand stays where it is?
# 3. Set d_model to 32. How many clocks are of any use in a text of 200 words? What would you do to the base?

# %% tags=["interactive"]
position_clocks(
    8, 6,
    alt="""Four clocks at place 6: the first hand has almost come round, the second has turned 34 degrees, the others stand near 12. Beside
        them the table of 200 places, with fast stripes on the left and slow ones on the right, and below a curve of how much
        every other place looks like this one. The place that looks most like it is not a neighbor: four clocks are few.""",
    caption="Position, d_model and base of the encoding. The ring on the curve marks the other place that looks most like this one.")

# %%
def looks_like(pairs_of_numbers, base=10_000):  # cosine of place 0 with places 1 … 199
    speeds = base ** (-torch.arange(0, pairs_of_numbers, 2) / pairs_of_numbers)
    return (torch.arange(1, 200)[:, None] * speeds).cos().mean(1)

look_alike = {d: int(looks_like(d).argmax()) + 1 for d in (2, 4, 8, 32)}
print("place 0 looks most like place", look_alike)
twin = look_alike[2]
useful = {base: int((2 * math.pi * base ** (torch.arange(16) / 16) < 200).sum()) for base in (10_000, 100)}
print("d_model 32: so many of 16 hands come round within 200 places, for two bases:", useful)
reveal("w2d2-p4", "some place much further away" if twin > 6 else "place 6: a round takes 6.28 places",
       f"After {twin} places the hand has made {twin / (2 * math.pi):.3f} rounds, nearly a whole number. A second clock tells the two apart.")

# %%
speed = {base: [base ** (-2 * i / 8) for i in range(4)] for base in (10_000, 10)}
for base, steps in speed.items():
    print(f"base {base:6,}: radians a place", [round(step, 4) for step in steps])
kept = [i for i in range(4) if speed[10][i] == speed[10_000][i]]
reveal("w2d2-p5", "the first" if kept == [0] else "none of them",
       "Its exponent is 0, and every base to the power of 0 is 1. The base sets how slow the slowest hand is.")

# %% [markdown]
# ### The code, three times
#
# By hand for one place, as a loop over all, and without a loop. Place 6, eight numbers:

# %%
row = []
for i in range(4):                       # pair by pair
    angle = 6 / 10_000 ** (2 * i / 8)    # radians that hand i has turned
    row += [math.sin(angle), math.cos(angle)]
print([round(number, 2) for number in row])

# %%
def encoding_by_loop(length, d_model):
    table = torch.zeros(length, d_model)
    for pos in range(length):
        for i in range(d_model // 2):
            angle = pos / 10_000 ** (2 * i / d_model)
            table[pos, 2 * i], table[pos, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table

def encoding(length, d_model):
    pos = torch.arange(length, dtype=torch.float64)[:, None]                       # (length, 1)
    angle = pos / 10_000 ** (torch.arange(0, d_model, 2).double() / d_model)       # (length, d_model / 2)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1).float()      # (length, d_model)

# %%
loop, table, course = encoding_by_loop(100, 64), encoding(100, 64), attention.positional_encoding(100, 64)
print("shape:", tuple(table.shape), "  place 6 as by hand:", torch.allclose(encoding(7, 8)[6], torch.tensor(row)))
print("loop = without a loop:", torch.allclose(loop, table, atol=1e-6), "  = the course's:", torch.equal(table, course))

# %% [markdown]
# $$PE_{(pos,\,2i)} = \sin\!\left(\frac{pos}{10000^{2i/d}}\right) \qquad PE_{(pos,\,2i+1)} = \cos\!\left(\frac{pos}{10000^{2i/d}}\right)$$
#
# Read it aloud: pair $i$ is a clock; its hand has turned by the place, divided by a number that grows with $i$. ($d$ is d_model, and $2i$ a column.) Now all places at once. Each row is a place.

# %%
picture, panels = plt.subplots(1, 2, figsize=(9, 4.2), sharey=True)
halves = torch.cat([table[:, 0::2], table[:, 1::2]], dim=1)  # first all sines, then all cosines
for axes, cells, title in zip(panels, (table, halves), ("interleaved, as in the paper", "sines | cosines, as some draw it")):
    shown = axes.imshow(cells, cmap=signed_map(), vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
    axes.set(title=title, xlabel="column (0 to 63)")
panels[0].set_ylabel("place")
picture.colorbar(shown, ax=panels, ticks=[-1, 0, 1], shrink=0.8)
figure(picture,
       alt="""The same numbers in two orders of columns, 100 places downward. Interleaved: sine and cosine alternate; fast stripes on the left get
           slower to the right, until alternating columns hardly change. With all sines first and then all cosines there are two such
           fans side by side, with a seam in the middle.""",
       caption="100 places, 64 columns. Fast clocks on the left of each fan, slow ones on the right. Both tables hold the same numbers.")

# %% [markdown]
# If you have read the [Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/), you know its first picture of the encoding, with a seam in the middle: it puts
# all sines first, then all cosines. The paper has them **interleaved**: sine, cosine, sine, cosine. For the model it makes no difference, as long as it is always the same order.
#
# ### From 6 places to 60,000
#
# How many places does a full round take? This is the **wavelength** of a pair, 2π divided by its speed.

# %%
wavelength = 2 * math.pi * 10_000 ** (torch.arange(0, 512, 2) / 512)
in_a_text = int((wavelength < 1000).sum())
picture, axes = plt.subplots(figsize=(7.6, 3.3))
axes.semilogy(wavelength, color=outline("position"), linewidth=2.6)
for length, name in ((6, "our sentence"), (1000, "a text of 1,000 words")):
    axes.axhline(length, color=color("residual"), linestyle="--", linewidth=1)
    axes.text(255, length * 1.2, name, ha="right", fontsize=10)
axes.set(title="Each clock is a little slower than the one before", xlabel="pair i (d_model = 512)", ylabel="places for a full round", ylim=(3, 1e5))
figure(picture,
       alt=f"""The wavelength of the 256 pairs on a logarithmic scale: a straight line from {wavelength[0]:.1f} places for the first to
           {wavelength[-1]:,.0f} for the last. {in_a_text} of the 256 hands come round within a text of 1,000 words.""",
       caption="A straight line on a scale of powers: every step multiplies by the same factor.")

# %%
print(f"first {wavelength[0]:.2f} = 2π, last {wavelength[-1]:,.0f}, factor from pair to pair {wavelength[1] / wavelength[0]:.4f}")
print(f"10,000 · 2π would be {10_000 * 2 * math.pi:,.0f}: the last pair stops one step before, at 10,000^(510/512)")

# %% [markdown]
# The paper says: from 2π to 10000·2π. Fast hands tell neighbors apart, slow ones tell the beginning of a long text from its end.

# %% [markdown]
# ## 4 · What the clocks know about distance (12 min)
#
# How alike are two places? Take dot products, as attention will. Fix place 50 and compare it with all others.

# %% tags=["predict"]
predict("w2d2-p6", "The dot product of the row of place 50 with the rows of places 0 to 99: how does the curve run?",
        options=["highest at 50, falling off to both sides alike", "rising to the right: later places are larger",
                 "high before 50, low after it: it knows what came first", "level: all places are equally alike"])

# %%
P = attention.positional_encoding(100, 128)
dots = P @ P.T
picture, (left, right) = plt.subplots(1, 2, figsize=(9, 3.9), width_ratios=(1, 1.15))
left.imshow(dots, cmap=signed_map(), vmin=-64, vmax=64)
left.axhline(50, color="#1F2937", linewidth=1.2)
left.set(title="all pairs of places", xlabel="place", ylabel="place")
right.plot(dots[50], color=color("position"), linewidth=2.6)
right.plot(50, dots[50, 50], "o", color=outline("position"))
right.annotate(f"with itself: {dots[50, 50]:.0f}", (50, dots[50, 50]), xytext=(10, -4), textcoords="offset points")
right.set(title="Near places are alike", xlabel="place", ylabel="dot product with place 50", ylim=(0, 70))
figure(picture,
       alt=f"""Left, the dot products of 100 places with each other: a dark band along the diagonal, the same all the way down. Right, the
           line of place 50: {dots[50, 50]:.0f} with itself, {dots[50, 51]:.1f} with each neighbor, {dots[50, 60]:.1f} ten places away on
           either side. It falls off alike to both sides, with small waves on the way.""",
       caption="128 columns. The dark line on the left is the curve on the right.")

# %%
print("50 with 40, 45, 49, 50, 51, 55, 60:", [round(dots[50, p].item(), 1) for p in (40, 45, 49, 50, 51, 55, 60)])
print("3 apart, anywhere:", [round(dots[p, p + 3].item(), 3) for p in (0, 20, 50, 96)])
alike_both_ways = torch.allclose(dots[50, 51:100], dots[50, 1:50].flip(0), atol=1e-3)
reveal("w2d2-p6", "highest at 50, falling off to both sides alike" if alike_both_ways else "level: all places are equally alike",
       "Two hands of the same clock give cos(difference of their angles), and a cosine cares neither for the sign nor for the place.")

# %% [markdown]
# For one clock, $\sin a \sin b + \cos a \cos b = \cos(a - b)$, and all clocks add up:
#
# $$PE_{p} \cdot PE_{q} = \sum_i \cos\big((p - q)\,\omega_i\big) \qquad \omega_i = 10000^{-2i/d}$$
#
# Only the distance is left. Two honest limits. It falls off on the whole, not at every step: look at the small waves. And it is symmetric: by itself it cannot tell before
# from after. In a model the rows pass through $W_q$ and $W_k$ first, and these two can break the symmetry.
#
# ### One turn fits all places
#
# "Look three words back" should be one rule, whether you stand at place 5 or at 500. Here is why the clocks make it easy.

# %% tags=["predict"]
predict("w2d2-p7",
        "A certain 2×2 matrix carries the first clock from place 2 to place 5. Which matrix carries it from place 102 to place 105?",
        options=["the same one", "one that turns further: the hand is faster by now", "none: it depends on where the hand stands"])

# %%
starts, k = (2, 11, 40), 3
picture, panels = plt.subplots(1, 3, figsize=(8.4, 3.1))
for axes, p in zip(panels, starts):
    draw_clock(axes, p + k, f"place {p} → {p + k}")
    axes.plot([0, 0.9 * math.sin(p)], [0, 0.9 * math.cos(p)], color=color("position"), linewidth=3, linestyle=(0, (2, 1)))
    way = torch.linspace(p, p + k, 40)
    axes.plot(0.5 * way.sin(), 0.5 * way.cos(), color=color("attention"), linewidth=2.4)
    axes.annotate("", (0.5 * math.sin(p + k), 0.5 * math.cos(p + k)), (0.5 * way[-3].sin(), 0.5 * way[-3].cos()),
                  arrowprops={"arrowstyle": "-|>", "color": color("attention"), "shrinkA": 0, "shrinkB": 0})
figure(picture,
       alt="""The first clock at places 2 and 5, 11 and 14, 40 and 43. The hands stand in six different directions, but the turn from
           the first to the second is the same in all three: 3 radians, a little less than half a round.""",
       caption="Dashed: the hand before. Solid: three places later. The turn between them is always the same.")

# %%
def turn(k, speed):  # carries (sin a, cos a) to the sine and cosine of a + k · speed
    s, c = math.sin(k * speed), math.cos(k * speed)
    return torch.tensor([[c, s], [-s, c]])

print(turn(3, 1.0).numpy().round(2))
for p in (2, 102):
    hand = torch.tensor([math.sin(p), math.cos(p)])
    print(f"place {p}: turned {(turn(3, 1.0) @ hand).numpy().round(3)}, place {p + 3}: {[round(math.sin(p + 3), 3), round(math.cos(p + 3), 3)]}")

# %% [markdown]
# One clock, one 2×2 matrix. For all clocks put these small matrices along the diagonal of a large one. It depends on how far you go, $k$, and on nothing else. Then check it at
# *every* place:

# %%
def shift(k, d_model):  # (d_model, d_model): one small turn for each clock
    return torch.block_diag(*[turn(k, 10_000 ** (-2 * i / d_model)) for i in range(d_model // 2)])

P = attention.positional_encoding(1000, 64)
for k in (1, 3, 50):
    moved = P[:-k] @ shift(k, 64).T  # every place at once, the same matrix
    print(f"k = {k:2}: largest difference from the true rows, over {len(moved)} places: {(moved - P[k:]).abs().max():.4f}")
reveal("w2d2-p7", "the same one" if (P[105, :2] - turn(3, 1.0) @ P[102, :2]).abs().max() < 1e-4 else "none: it depends on where the hand stands",
       "A hand always turns by 3 radians in three places, wherever it stands.")

# %%
blocks = {k: shift(k, 16) for k in (1, 10)}
picture, panels = plt.subplots(1, 2, figsize=(8.4, 4.1))
for axes, (k, matrix) in zip(panels, blocks.items()):
    axes.imshow(matrix, cmap=signed_map(), vmin=-1, vmax=1)
    axes.set(title=f"k = {k}: {k} place{'s' if k > 1 else ''} further", xlabel="column of PE(pos)", ylabel="column of PE(pos + k)", xticks=[0, 5, 10, 15], yticks=[0, 5, 10, 15])
figure(picture,
       alt="""Two matrices of 16 by 16, white but for eight blocks of 2 by 2 along the diagonal. For one place further the first blocks show
           a turn, the last ones are almost the identity. For ten places further more of the blocks have turned.""",
       caption="White is 0. Each block turns one clock; nothing flows between clocks. The slow clocks have hardly moved.")

# %% [markdown]
# $$PE_{pos + k} = R_k\, PE_{pos} \qquad\text{for every } pos$$
#
# So a *linear* map, the only thing that $W_q$ and $W_k$ can do, is enough to ask for "three places back". The authors hoped that this would help models attend by relative
# position. That is why they chose waves; that a model uses it is a hope, not a theorem.

# %% [markdown]
# ## 5 · Added, not glued on (10 min)
#
# A word has its row, a place has its row. The paper *adds* them. Does that not mix up two things for good? First, how large are the two? The model of 2017 is 512 wide, and uses one table for
# words and for votes. Such a table starts small, so that votes do: its rows have a length of about 1.

# %% tags=["predict"]
predict("w2d2-p8", "How long (square root of the sum of squares) is the row of place 0 at d_model = 512? And of place 77? One number fits all places.")

# %%
torch.manual_seed(1)
word_rows = torch.randn(1000, 512) / 512**0.5  # spread 1/√512, as the table of 2017 starts
P = attention.positional_encoding(100, 512)
lengths = {"word": word_rows.norm(dim=1).mean(), "place": P.norm(dim=1).mean(), "word × √512": (512**0.5 * word_rows).norm(dim=1).mean()}
print({name: round(float(length), 2) for name, length in lengths.items()}, "  all places alike:", bool(P.norm(dim=1).std() < 1e-4))
reveal("w2d2-p8", round(P[77].norm().item(), 3), "256 clocks, and each hand has length 1: sin² + cos² = 1. The root of 256 is 16.")

# %%
picture, axes = plt.subplots(figsize=(7.2, 2.4))
bars = axes.barh(list(lengths), [float(n) for n in lengths.values()], color=[color("residual"), color("position"), color("residual")])
axes.bar_label(bars, [f"{n:.1f}" for n in lengths.values()], padding=5)
axes.invert_yaxis()
axes.set(title="Without × √d_model the place would shout the word down", xlabel="length of the row", xlim=(0, 26))
figure(picture,
       alt=f"""Three lengths at d_model 512. A word's row as the table starts: {lengths["word"]:.1f}. A place's row: {lengths["place"]:.1f}. The word's
           row times the square root of 512: {lengths["word × √512"]:.1f}. Only with the factor are word and place of one order.""",
       caption="The first Transformer multiplies its word rows by √512 before it adds the places. The paper gives no reason; this is the usual one.")

# %% [markdown]
# Now the fear itself: once added, can word and place be told apart again? In a plane, hardly. But in high dimension there is a great deal of room. Two arrows are **orthogonal** when their
# dot product is 0. Measure how far from orthogonal a random word and a place are, and then try to read *both* back from the sum.

# %%
def read_back(d, n_words=200, n_places=100):
    torch.manual_seed(d)
    W, P = torch.randn(n_words, d), attention.positional_encoding(n_places, d)
    spread = F.cosine_similarity(W[:, None], P[None], dim=-1).std()
    sums = (W[:, None] + P[None]).flatten(0, 1)                                # every word at every place
    word = (sums @ W.T - W.square().sum(1) / 2).argmax(1).view(n_words, -1)    # the nearest word, the place unknown
    place = (sums @ P.T).argmax(1).view(n_words, -1)                           # the nearest place, the word unknown
    hits = [(word == torch.arange(n_words)[:, None]), (place - torch.arange(n_places)).abs() <= 1, place == torch.arange(n_places)]
    return float(spread), *[100 * float(hit.float().mean()) for hit in hits]

widths = (4, 8, 16, 32, 64, 128, 256, 512)
spreads, word_hits, near_hits, place_hits = zip(*[read_back(d) for d in widths])

# %%
picture, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6))
left.loglog(widths, spreads, "o-", color=color("residual"), base=2)
left.loglog(widths, [d**-0.5 for d in widths], "--", color="#1F2937", base=2)
left.annotate("dashed: 1/√d", (64, 64**-0.5), xytext=(6, 8), textcoords="offset points", fontsize=10.5)
left.set(title="Word and place: nearly a right angle", xlabel="d_model", ylabel="spread of the cosine", xticks=[4, 16, 64, 256], xticklabels=[4, 16, 64, 256], yticks=[0.5, 0.25, 0.125, 0.0625], yticklabels=[0.5, 0.25, 0.125, 0.063])
for hits, mark, hue, name, at in ((word_hits, "o-", "residual", "circles: word", 0.25), (near_hits, "s--", "position", "dashed: place, give or take 1", 0.15), (place_hits, "s-", "position", "squares: place, exactly", 0.05)):
    right.semilogx(widths, hits, mark, color=color(hue), base=2, markersize=5)
    right.text(0.99, at, name, transform=right.transAxes, color=words(hue), ha="right", fontsize=10.5)
right.set(title="Both can be read back from the sum", xlabel="d_model", ylabel="read back correctly (%)", xticks=[4, 16, 64, 256], xticklabels=[4, 16, 64, 256], ylim=(0, 104))
figure(picture,
       alt=f"""Left, the spread of the cosine between random words and places falls from {spreads[0]:.2f} at 4 columns to {spreads[-1]:.3f} at 512, along
           one over the square root of d. Right, the share read back correctly from word plus place: at 4 columns {word_hits[0]:.0f} percent of the
           words and {place_hits[0]:.0f} percent of the places, at 512 {word_hits[-1]:.0f} and {place_hits[-1]:.0f} percent.""",
       caption="200 random words at 100 places each. The reader takes the nearest word and the nearest place, and knows neither.")

# %% [markdown]
# At 512 columns the sum keeps both. So matrices such as $W_q$ can be made to look at one part and hardly see the other. And nothing forces a model to keep them mixed: its words are *learned*
# beside the places, and can move out of their way.
#
# What about gluing the place on, as extra columns? Write the matrix that reads them as two halves, $W_1$ for the word and $W_2$ for the place:
#
# $$[\,x\;\;p\,]\begin{bmatrix}W_1\\W_2\end{bmatrix} = xW_1 + pW_2 \qquad\text{and}\qquad (x + p)W = xW + pW$$
#
# Adding *is* gluing, with both halves the same matrix. That costs some freedom, and saves this:

# %%
x, p, W = torch.randn(512), P[5], torch.randn(512, 64)
glued = torch.cat([x, p]) @ torch.cat([W, W])  # (1024,) @ (1024, 64)
print("added = glued with two equal halves:", torch.allclose((x + p) @ W, glued, atol=1e-3))
for name, d in (("added", 512), ("glued", 512 + 512)):
    print(f"{name}: rows of {d:4}, one block's attention and feed-forward matrices {4 * d * d + 8 * d * d:10,} numbers")

# %% [markdown]
# (One block has 4·d² numbers in attention and 8·d² in the feed-forward network, when all keep the wider row.) Twice as wide is four times as many. A narrow glued place, say 32 columns, would
# cost far less, and is not wrong. The paper, BERT and GPT-2 add.

# %% [markdown]
# ## 6 · Learned, and turned (11 min)
#
# Fixed waves are not the only way. GPT-2 and BERT *learn* a row for each place, like the row of a word: **learned positions**. The paper of 2017 tried both and found "nearly
# identical results". Look into the table of a trained model.

# %%
_, gpt = load("gpt2")
wpe = gpt.transformer.wpe.weight.detach()      # (context, d_model)
sines = attention.positional_encoding(*wpe.shape)
print("learned positions:", tuple(wpe.shape))

# %%
def map_of(table, n=64):  # cosine of every place with every other
    unit = F.normalize(table[:n] - table[:n].mean(0), dim=1)
    return unit @ unit.T

learned, fixed = map_of(wpe), map_of(sines)
curves = {name: [float(cells.diagonal(d).mean()) for d in range(48)] for name, cells in (("learned", learned), ("waves", fixed))}
zigzag = {name: sum(c[d] - (c[d - 1] + c[d + 1]) / 2 for d in range(4, 22, 2)) / 9 for name, c in curves.items()}  # even distances against odd
chess = zigzag["learned"] > 0.05
near, away = (float(torch.cat([learned.diagonal(d) for d in span]).mean()) for span in (range(1, 4), range(32, 48)))

# %%
picture, panels = plt.subplots(1, 3, figsize=(9, 3.9))
for axes, cells, title in zip(panels, (learned, fixed), ("learned", "sines and cosines")):
    axes.imshow(cells, cmap=signed_map(), vmin=-1, vmax=1)
    axes.set(title=title, xlabel="place")
panels[0].set_ylabel("place")
panels[2].axhline(0, color="#1F2937", linewidth=0.8)
panels[2].plot(curves["waves"], "--", color=color("residual"), label="sines and cosines")
panels[2].plot(curves["learned"], color=outline("position"), label="learned")
panels[2].legend(frameon=False, fontsize=10)
panels[2].set(title="mean, by distance", xlabel="places apart", ylim=(-1, 1.05), yticks=[-1, 0, 1], box_aspect=1)
figure(picture,
       alt=f"""How alike 64 places are in a trained model's table, beside sines and cosines, and the mean cosine by distance. In the learned table it
           is {near:.2f} for places 1 to 3 apart, {away:.2f} for 32 to 47, and the curve {"zigzags: the map is a chessboard" if chess else "has no zigzag"}.""",
       caption="Blue: alike, vermilion: opposite; the mean row was taken off first. Right: the mean along the diagonals of both maps.")

# %% [markdown]
# Do not cry "discovery" too early. A table can only show what training put there if it did not begin with it. How did this one begin? The course's small model says it on its card: its positions
# *started* as sines and cosines, half as high, and were learned from there. GPT-2's started as small random numbers. Where the
# two maps differ, training has put something of its own. Look for a chessboard, cells that change at every step: no wave here can draw one, for even the fastest needs six places for a round.

# %%
shipped = wpe.shape[1] == 128  # the course's own small model, as the line above says
kept = F.cosine_similarity(wpe.flatten(), sines.flatten(), dim=0)
print("started as", "half-high sines: the likeness was given" if shipped else "small random numbers: what you see was learned")
print(f"cosine of the whole table with sines and cosines, after training: {kept:.2f}")
print(f"even distances against the odd ones beside them: learned {zigzag['learned']:.2f}, waves {abs(zigzag['waves']):.2f}:",
      "a chessboard, and training made it; what for, no map says" if chess else "no chessboard")

# %% [markdown]
# A learned table has an end: there is no row for the place after the last one. Waves can be computed for every place. But a model that never trained at place 5,000 need not know what to
# do there, however neat the number.
#
# ### RoPE: turn, do not add
#
# Most of today's language models do neither. They take the clock and drop the adding: the **rotary position embedding** (RoPE, [2021](https://arxiv.org/abs/2104.09864)) *turns* each pair of numbers
# of a query and of a key, like a hand, by an angle that grows with its place. Take one pair, so that you can see it.

# %% tags=["predict"]
predict("w2d2-p9",
        "A query at place 2 and a key at place 0 are turned by their places, and score 2.0. The same query and key at 12 and 10: what do they score?",
        options=["less: they are further along", "again 2.0", "more: both have been turned further"])

# %%
q, k = torch.tensor([2.2, 0.3]), torch.tensor([1.5, 0.3])  # one pair each, before turning

def turned(pair, place, speed=1.0):  # counterclockwise, as in the paper of RoPE
    c, s = math.cos(place * speed), math.sin(place * speed)
    return torch.stack([c * pair[0] - s * pair[1], s * pair[0] + c * pair[1]])

# %%
picture, panels = plt.subplots(1, 4, figsize=(9, 2.9), sharey=True)
for axes, (m, n) in zip(panels, ((2, 0), (4, 2), (8, 6), (8, 4))):
    a, b = turned(q, m, 0.5), turned(k, n, 0.5)
    draw_arrow(axes, a.tolist(), "query", f"q at {m}"), draw_arrow(axes, b.tolist(), "key", f"k at {n}")
    axes.set(xlim=(-3.3, 3.3), ylim=(-3, 3), aspect="equal", xticks=[-2, 0, 2], yticks=[-2, 0, 2])
    axes.set_title(f"{m - n} apart: {float(a @ b):.2f}".replace("-", "−"), fontsize=12)
    axes.grid()
figure(picture,
       alt="""A blue query and an orange key at places 2 and 0, 4 and 2, 8 and 6: the two arrows turn together like a stiff frame, and their
           dot product stays the same. At 8 and 4 they are four places apart: the angle between them is another, and so is the dot product.""",
       caption="One query and one key, turned by their places, half a radian a place. The number is q · k.")

# %% [markdown]
# A stiff frame has no memory of how far it was turned. As a formula, with $R_m$ for the turn at place $m$:
#
# $$(R_m q) \cdot (R_n k) = q^\top R_m^\top R_n\, k = q^\top R_{n-m}\, k$$
#
# Not "roughly relative", as with added waves: exactly. At full width each pair has its own speed, those of section 3. By loop, and as the course's function:

# %%
torch.manual_seed(4)
Q, K = torch.randn(200, 64), torch.randn(200, 64)  # 200 places, one head of width 64
by_loop = torch.stack([torch.cat([turned(Q[m, 2 * i:2 * i + 2], m, 10_000 ** (-2 * i / 64)) for i in range(32)]) for m in range(200)])
turns = modern.rotary_turns(200, 64)  # (200, 32, 2): cosine and sine of every angle
print("loop = shared.modern:", torch.allclose(by_loop, modern.rotate(Q, turns), atol=1e-4))

# %%
def score(query, key, place_q, place_k):
    return float(modern.rotate(query[None], turns[[place_q]]) @ modern.rotate(key[None], turns[[place_k]]).T)

for a, b in ((2, 0), (12, 10), (150, 148), (0, 2)):
    print(f"query at {a:3}, key at {b:3}: score {score(Q[0], K[0], a, b):7.3f}")
at_first, later = (float(turned(q, m, 0.5) @ turned(k, n, 0.5)) for m, n in ((2, 0), (12, 10)))
print(f"the pair in the picture: {at_first:.2f} at 2 and 0, {later:.2f} at 12 and 10")
same = abs(at_first - later) < 1e-3
reveal("w2d2-p9", "again 2.0" if same else "less: they are further along",
       "Both were turned on by the same angle, so the angle between them is what it was. Only the distance, 2, counts.")

# %% [markdown]
# Look at the query at 0 with the key at 2: a key two places *ahead* scores differently from one two places *back*. RoPE knows the direction, too. Now one query and one key, the same at all places, scored with everybody:

# %%
one_q, one_k = Q[0].expand(40, 64), K[0].expand(40, 64)
added_places = attention.positional_encoding(40, 64)
with_rope = modern.rotate(one_q, turns[:40]) @ modern.rotate(one_k, turns[:40]).T
with_sum = (one_q + added_places) @ (one_k + added_places).T  # places added to q and k, for comparison
picture, panels = plt.subplots(1, 2, figsize=(8.4, 4.5))
for axes, cells, title in zip(panels, (with_rope, with_sum), ("turned: only the distance counts", "added: the place counts, too")):
    limit = float(cells.abs().max())
    axes.imshow(cells, cmap=signed_map(), vmin=-limit, vmax=limit)
    axes.set(title=title, xlabel="place of the key", ylabel="place of the query")
off = {name: max(float(c.diagonal(o).max() - c.diagonal(o).min()) for o in range(-39, 40)) for name, c in (("turned", with_rope), ("added", with_sum))}
figure(picture,
       alt=f"""Scores of one query and one key at 40 places each. Turned by their places: stripes along the diagonals, and along a diagonal no two
           scores differ by more than {off["turned"]:.4f}. With waves added to both the stripes waver: along a diagonal scores differ by up to
           {off["added"]:.1f}.""",
       caption="The same word asks the same word everywhere. Each diagonal is one distance.")

# %% [markdown]
# Three things to keep. RoPE turns *queries and keys*, in every layer; *values are not turned*, because what is taken home should not depend on where it was fetched. Nothing is added to the
# words' rows. And it costs no parameters. You will meet it again in week 3, day 6.

# %% [markdown]
# ## Exercises (10 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** The row of one place, pair by pair. Three expressions are missing.

# %% tags=["exercise"]
def place_row(position, d_model):
    row = torch.zeros(d_model)
    for i in range(d_model // 2):
        angle = ...            # how far hand i has turned, in radians
        row[2 * i] = ...       # across
        row[2 * i + 1] = ...   # up
    return row

# %% tags=["check"]
check_exercise("w2d2-e1", place_row)

# %%
help_with("w2d2-e1")

# %% [markdown]
# **2 · Fix it.** A table without a loop, found in the wild. All its numbers are right. The paper has them in another order: look at the printed row, then repair the last line.

# %% tags=["exercise"]
def place_table(length, d_model):
    position = torch.arange(length)[:, None]
    angle = position / 10000 ** (torch.arange(0, d_model, 2) / d_model)
    return torch.cat([angle.sin(), angle.cos()], dim=1)

print("place 0:", place_table(1, 6)[0].numpy(), "  wanted: 0 1 0 1 0 1")

# %% tags=["check"]
check_exercise("w2d2-e2", place_table)

# %%
help_with("w2d2-e2")

# %% [markdown]
# **3 · From scratch** (optional, 10 minutes more). Attention with RoPE in plain torch: `q`, `k` are (T, d_k), `v` is (T, d_v), no mask; return (T, d_v). Neighboring columns form pairs, and
# (a, b) becomes (a·cos − b·sin, a·sin + b·cos).

# %% tags=["exercise"]
def rope_attention(q, k, v):
    ...

# %% tags=["check"]
check_exercise("w2d2-e3", rope_attention)

# %%
help_with("w2d2-e3")

# %% [markdown]
# ## Self-quiz (5 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too: each of them is a mistake that people really make.

# %% tags=["quiz"]
quiz("w2d2")

# %% [markdown]
# ## Draw or write: your own clocks, and a map from memory (6 min)
#
# First your clocks. Change the three numbers, and write one sentence that the film should say at its end. What is worth showing: two places that look almost alike? A base so small that all hands
# race? The film goes into your portfolio, as a page that plays and as a moving picture.

# %%
my_d_model = 6         # even, up to 16
my_base = 100          # above 1
my_places = range(16)  # 8 to 40 places
my_sentence = "Sixteen places, three clocks, and no two rows alike."

# %%
my_clocks = clocks_film(
    my_places, [*[f"Place {p}." for p in my_places[:-1]], my_sentence], my_d_model, my_base,
    alt=f"""{my_d_model // 2} clocks with base {my_base} at {len(my_places)} places. The first hand turns one radian a place, the others more slowly, and
        the row below holds the sine and cosine of every hand. {my_sentence}""",
    caption="My own clocks.")
saved = my_clocks.save(portfolio() / "w2d2_clocks.html"), my_clocks.still.save(portfolio() / "w2d2_clocks.png")
my_clocks

# %% [markdown]
# Now the map. Without scrolling up, draw the heat map of the encoding on the sheet: places downward, columns to the right. Where are the narrow stripes, where the wide ones? What does the top row look
# like? What stands at the far right? Then run the cell after it, and open the reference.

# %%
sketch("w2d2", "heat_map",
       alt="""An empty sheet, for the table of sines and cosines from memory: places downward, columns to the right, fast
           stripes where the clocks are fast, slow ones where they are slow.""",
       caption="Your sheet. Two colors are enough: one for positive numbers, one for negative ones.")

# %%
picture, axes = plt.subplots(figsize=(7.6, 4))
axes.imshow(attention.positional_encoding(50, 32), cmap=signed_map(), vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
axes.set(title="50 places, 16 clocks", xlabel="column: sine, cosine, sine, cosine … (0 to 31)", ylabel="place")
reference = figure(
    picture, caption="The top row is 0, 1, 0, 1 …: all hands at 12.",
    alt="""Fifty places downward, 32 columns. The leftmost columns change from place to place; further right the stripes grow longer; the
        rightmost columns stay: sines near 0, cosines near 1. The top row alternates 0 and 1.""")
compare_sketch("w2d2", "heat_map", reference, [
    "Do *rows* belong to places, and columns to clocks?",
    "Are the fast stripes on the left and the slow ones on the right?",
    "Does the top row alternate between 0 (white) and 1?",
    "At the far right: do columns of 0 and columns of 1 alternate, hardly changing downward?",
    "Do sine and cosine of a clock stand side by side?",
    "Could you show on it why two neighboring places are alike?"])

# %%
journal("w2d2", ["Explain to a friend, with a clock, why near places have similar rows. Two sentences.",
                 "Added or glued: which would you have chosen before today, and why?",
                 "What is still unclear about turning queries and keys?"])

# %% [markdown]
# ## Go further (optional, 50 min)
#
# - [The Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/) (Jay Alammar, 20 min, the second half, from "Representing The Order of The Sequence Using Positional Encoding"). Look for: two
#   pictures of the encoding. *Question to answer:* in which of them do all sines come first?
# - [The Annotated Transformer](https://nlp.seas.harvard.edu/annotated-transformer) (Harvard NLP, 10 min, the section "Positional Encoding"). Look for: how it computes the speeds with `exp` and `log`. *Question:* show that
#   its `div_term` is our 10000^(−2i/d).
# - [RoFormer](https://arxiv.org/abs/2104.09864) (the paper of RoPE, 20 min, sections 3.1 and 3.2). Look for: the 2-d case first. *Question:* which of q, k and v get the letter R?
#
# <details><summary>Answers</summary>
#
# In the first, the one with a seam in the middle; the later one is interleaved. exp(2i · (−ln 10000 / d)) = (e^(ln 10000))^(−2i/d) = 10000^(−2i/d). Only q and k.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
picture, panels = plt.subplots(1, 4, figsize=(9, 2.9), width_ratios=(1, 1.15, 1.15, 1))
draw_clock(panels[0], 2.0, "1  a hand for\neach pair", turns=True)
panels[1].imshow(attention.positional_encoding(40, 24), cmap=signed_map(), vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
panels[1].set(xlabel="clocks", ylabel="places")
panels[2].plot(range(-40, 41), dots[40:81, 40].flip(0).tolist() + dots[41:81, 40].tolist(), color=color("position"), linewidth=2.4)
panels[2].set(xlabel="distance", ylabel="dot product")
for place, tone in ((0, 0.35), (3, 1.0)):
    for arrow, hue, on in ((q, "query", 2), (k, "key", 0)):
        panels[3].annotate("", turned(arrow, place + on, 0.5).tolist(), (0, 0), arrowprops={"arrowstyle": "-|>", "color": color(hue), "linewidth": 2.4, "alpha": tone, "shrinkA": 0, "shrinkB": 0})
panels[3].set(xlim=(-2.3, 1.8), ylim=(-0.5, 2.6), aspect="equal")
for axes, title in zip(panels, ("", "2  added to\nthe words", "3  near places\nare alike", "4  RoPE turns\nq and k together")):
    axes.set_title(title, fontsize=11, loc="center") if title else None
    axes.set(xticks=[], yticks=[])
figure(picture,
       alt="""Four small pictures. One: a clock, whose hand stands for a pair of numbers. Two: the table of all places, fast stripes on the left, slow
           ones on the right. Three: the dot product of two places, highest at distance 0, falling off alike to both sides. Four: a
           query and a key that are turned by the same angle, so that the angle between them stays.""",
       caption="Clocks of different speed, added to the words, or used to turn queries and keys: what counts is the distance.")

# %% [markdown]
# **New words**

# %%
new_words("w2d2")

# %% [markdown]
# **Tomorrow** you look at the heads of a trained model at work: which of them watch the word before, which the end of a sentence, and how to find that out by score and not by eye.

# %% [markdown]
# # Week 1 · Day 2: Embeddings and vectors
#
# **Today words become arrows, and you train them until words of a kind point the same way.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week1/day2_embeddings_and_vectors.ipynb)
#
# At the end you will be able to
#
# - turn a word into a row of numbers, and show that this lookup is a product of matrices;
# - say how alike two vectors are, by their angle and by their numbers;
# - train word vectors on a small text, test what they have learned, and say what a flat map of them hides.

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
import collections
import math

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from torch.nn import functional as F

from shared.learning import (
    check_exercise, guess, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.text import stories, words_of
from shared.text.tales import ANIMALS, FAMILIES, NEEDS
from shared.visuals import Matrix, color, course_map, figure, product_view, stepper
from shared.visuals.angle import angle_view
from shared.visuals.palette import INK, LINE, QUIET, signed_map, words as ink_of

course_map(week=1, day=2)

# %% [markdown]
# ## Warm up (3 min)
#
# A few questions from yesterday, answered from memory. A wrong guess now makes the right answer stick later.

# %% tags=["warm-up"]
warm_up("w1d2")

# %% [markdown]
# ## 1 · From one-hot to dense (6 min)
#
# Yesterday's networks ate numbers: pixels, coordinates. Language is made of words. How do you feed "cat" to a network?
#
# A text is first cut into pieces, called **tokens**. Today each token is a word; real models also use parts of words (week 3,
# day 2). Then every token gets a number. The list of all tokens that a model knows is its **vocabulary**; a token's **id** is
# its place in that list, counted from 0. Here is a vocabulary of six.

# %%
toy_words = ["cat", "dog", "bread", "cheese", "quickly", "slowly"]
toy_id = {word: i for i, word in enumerate(toy_words)}
print(toy_id)

# %% [markdown]
# But an id is only a name. Fed as a number it would claim that "slowly" (5) is five times "dog" (1), and that "bread" lies
# halfway between "dog" and "cheese". So give each word a place of its own instead: a row that is 0 everywhere, and 1 at the
# word's id. Such a row is called **one-hot**.
#
# To compare two rows, multiply them entry by entry and add up the products. This is the **dot product**. You have used it
# already: a neuron takes the dot product of its inputs and its weights.

# %% tags=["predict"]
predict("w1d2-p1",
        "Take the dot product of the one-hot rows of cat and dog; then that of cat and quickly. "
        "Which one is larger?",
        options=["cat and dog", "cat and quickly", "both are the same"])

# %%
one_hot = torch.eye(6)  # row i: all 0, and 1 at place i
dense = torch.tensor([[0.9, 0.1, 0.0], [0.8, 0.2, 0.1], [0.0, 0.9, 0.1],
                      [0.1, 0.8, 0.0], [0.0, 0.1, 0.9], [0.1, 0.0, 0.8]])
lives_eaten_how = ["lives", "is eaten", "tells how"]

def draw_table(ax, table, rows, columns, title):
    ax.imshow(table, cmap=signed_map(), vmin=-1.6, vmax=1.6, aspect="auto")
    for (i, j), value in np.ndenumerate(table.numpy()):
        ax.text(j, i, f"{value:.1f}".replace(".0", ""), ha="center", va="center", color="white" if value > 0.6 else INK)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    ax.set_title(title)

# %%
picture, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.5), width_ratios=(1.5, 1))
draw_table(left, one_hot, toy_words, range(6), "one-hot: all equally strange")
draw_table(right, dense, toy_words, lives_eaten_how, "dense: alike looks alike")
left.set_xlabel("place in the vocabulary")
right.set_xlabel("what we chose to note")
figure(picture, caption="The same six words twice. Left one place for each word, right three numbers for each.",
       alt="""Two tables with a row for each of cat, dog, bread, cheese, quickly and slowly. In the one-hot
           table each row has its single 1 in another column, so no two rows share anything. In the dense
           table cat and dog have nearly the same three numbers, so have bread and cheese, and so have
           quickly and slowly.""")

# %%
cat, dog, quickly = toy_id["cat"], toy_id["dog"], toy_id["quickly"]
for name, table in {"one-hot": one_hot, "dense": dense}.items():
    print(f"{name:8} cat·dog {table[cat] @ table[dog]:.2f}   cat·quickly {table[cat] @ table[quickly]:.2f}")
reveal("w1d2-p1", "both are the same" if one_hot[cat] @ one_hot[dog] == one_hot[cat] @ one_hot[quickly]
       else "cat and dog",
       "Their 1s never meet, so every product is 0. One-hot rows say *which* word it is, and nothing of what it is like.")

# %% [markdown]
# A list of numbers that stands for something is a **vector**. Most numbers of a one-hot vector are 0. A vector whose
# numbers all carry a part of the story is called *dense*. The dense vector that stands for a word is the word's
# **embedding**, and its single numbers are also called *features*.
#
# Two differences decide. Size: GPT-2 knows 50,257 tokens, so its one-hot rows would be 50,257 long; its embeddings are 768
# long. And likeness: dense rows can be near each other. The price is that somebody has to choose the numbers. We made up
# ours by hand, with three columns that have names. Soon training will choose them, and its columns will have no names.

# %% [markdown]
# ## 2 · The lookup table is a product (8 min)
#
# Put all embeddings into one table, a row for each word. To embed a word means to look up its row.
#
# In a network everything is a layer that multiplies by weights. Where is the layer here? Multiply a one-hot row by the
# table, and see what comes out.

# %%
sentence = ["dog", "bread", "dog"]
ids = torch.tensor([toy_id[word] for word in sentence])
picks = one_hot[ids]
product = picks @ dense
print(tuple(picks.shape), "times", tuple(dense.shape), "gives", tuple(product.shape))

# %% [markdown]
# Open a few cells of the result, by pointing or with the arrow keys. Each is one row of zeros and a single 1, times one
# column of the table. *What is left of the sum?*

# %% tags=["interactive"]
product_view(
    Matrix("one-hot", picks, "residual", rows=sentence, columns=toy_words, column_unit="tokens"),
    Matrix("table", dense, "residual", rows=toy_words, columns=lives_eaten_how),
    Matrix("rows", product, "residual", rows=sentence, columns=lives_eaten_how),
    says="Each number of the result is a one-hot row times one column of the table.",
    alt="""Three one-hot rows, 3 by 6, times the table, 6 by 3, give three rows of the table, 3 by 3. In each sum
        five of the six products are zero, and the one that is left is a number of the table.""",
    caption="A one-hot row picks one row of the table. The two rows of dog are the same.")

# %%
layer = torch.nn.Embedding.from_pretrained(dense)  # PyTorch's own lookup
print("product equals picking rows:  ", torch.equal(product, dense[ids]))
print("product equals nn.Embedding:  ", torch.equal(product, layer(ids)))
print("both rows of 'dog' are equal: ", torch.equal(product[0], product[2]))

# %% [markdown]
# Same result. So why does nobody multiply?

# %% tags=["predict"]
predict("w1d2-p2",
        "GPT-2: one one-hot row of 50,257 times a table of (50257, 768). How many multiplications are "
        "that, in millions? (A lookup needs none.)")

# %%
multiplications = 50_257 * 768
reveal("w1d2-p2", round(multiplications / 1e6, 1),
       f"50,257 × 768 = {multiplications:,} for a single word, and all but 768 of them are times zero.", tolerance=1)

# %% [markdown]
# As a formula, with one one-hot row per word in $O$ and the table $E$:
#
# $$X = OE = E[\text{ids}] \qquad\qquad (3, 6)(6, 3) = (3, 3)$$
#
# The left side says that an embedding is an ordinary linear layer, with ordinary weights: it can be trained by day 1's
# recipe. The right side says how to compute it. And one thing follows for the training:

# %%
table = dense.clone().requires_grad_()
(table[ids] ** 2).sum().backward()  # some loss, any loss
for word, row in zip(toy_words, table.grad):
    print(f"{word:8}", "gets a gradient" if row.any() else "is not touched")

# %% [markdown]
# Only the rows that were looked up learn. A rare word learns rarely.
#
# A warning for later: the table holds *one* row for each word. "bank" in "river bank" and in "money bank" gets the same
# vector. The lookup does not know the neighbors; that is attention's work, from tomorrow on.

# %% [markdown]
# ## 3 · Arrows and angles: cosine similarity (11 min)
#
# When are two vectors alike? With two numbers each you can draw them: as arrows from the origin.
# Here are five words with two hand-made numbers, how *large* and how *wild*.

# %%
arrows = {"mouse": (0.6, 0.9), "wolf": (2.4, 3.6), "cow": (3.6, 0.5), "horse": (4.0, 1.2), "cat": (1.2, 1.0)}

picture, ax = plt.subplots(figsize=(6.6, 4.6))
for name, (x, y) in arrows.items():
    bold = name in ("mouse", "wolf")
    ax.annotate("", (x, y), (0, 0), zorder=3 if bold else 2, arrowprops=dict(
        arrowstyle="-|>", color=INK if bold else color("residual"), linewidth=2.6 if bold else 1.8, shrinkA=0, shrinkB=0))
    ax.text(x + (0.05 if name == "mouse" else -0.08 if bold else 0.08), y + (0.2 if name == "mouse" else 0.08), name, ha="right" if bold else "left", fontweight="bold" if bold else "normal")
ax.set(xlim=(0, 4.8), ylim=(0, 4.2), xticks=range(5), yticks=range(5), aspect="equal", xlabel="how large", ylabel="how wild",
       title="A word with two numbers is an arrow")
ax.grid(True)
ax.set_axisbelow(True)
figure(picture, caption="Two numbers, one arrow. Mouse and wolf differ in length and share their direction.",
       alt="""Five arrows from the origin of a plane with the axes large and wild. Mouse is short and wolf four
           times as long, on the very same line. Cow and horse are long and point together, far to the right
           and low. Cat is short and lies between the two pairs.""")

# %% [markdown]
# Two ways to compare arrows. The *distance* between their tips says: mouse and wolf are far apart. The *angle* between them
# says: they point exactly the same way. For words the angle has proved the better measure: the length of a
# trained vector also depends on how often the word occurs, and that is not what you ask.
#
# Instead of the angle itself one takes its cosine. This is the **cosine similarity**: 1 for the same direction, 0 for a
# right angle, −1 for opposite directions.

# %% tags=["predict"]
predict("w1d2-p3", "mouse is (0.6, 0.9) and wolf is (2.4, 3.6). What is their cosine similarity?")

# %% [markdown]
# Now take an arrow in your hand. Pull the tip of *b*, or use the two sliders. Before you move it, think: can you change the
# dot product *without* changing the cosine? Can you find a dot product of 0? A negative one?

# %% tags=["interactive"]
angle_view(
    (3, 1), (1, 2),
    alt="""Two arrows from the origin, a fixed and b to be moved. While b turns, the cosine goes from 1 at 0 degrees
        through 0 at a right angle to minus 1 at 180 degrees. While b only grows, the dot product grows with it and
        the cosine stays as it is.""",
    caption="Pull b around. The dot product feels angle and length, the cosine only the angle.")

# %% [markdown]
# The view starts with a = (3, 1) and b = (1, 2). The same numbers in code:

# %%
a, b = torch.tensor([3.0, 1.0]), torch.tensor([1.0, 2.0])
dot = (a * b).sum()                                  # 3·1 + 1·2
length_a, length_b = (a**2).sum().sqrt(), (b**2).sum().sqrt()  # Pythagoras
cosine = dot / (length_a * length_b)
print(f"dot {dot:.0f}, lengths {length_a:.2f} and {length_b:.2f}, cosine {cosine:.3f}")
print(f"angle {math.degrees(math.acos(cosine)):.1f}°, and PyTorch says {F.cosine_similarity(a, b, dim=0):.3f}")

# %% [markdown]
# $$\cos(a, b) = \frac{a \cdot b}{\lVert a \rVert\, \lVert b \rVert}
# \qquad a \cdot b = \sum_i a_i b_i \qquad \lVert a \rVert = \sqrt{a \cdot a}$$
#
# Divide each vector by its length first, and the dot product alone is the cosine. Do that to all rows of a table, and
# *one* product of matrices gives every word's cosine with every other:

# %%
tips = torch.tensor(list(arrows.values()))
unit = tips / tips.norm(dim=1, keepdim=True)  # each row now has length 1
print("       ", "  ".join(f"{name:>5}" for name in arrows))
for name, row in zip(arrows, unit @ unit.T):
    print(f"{name:7}", "  ".join(f"{value:5.2f}" for value in row))
reveal("w1d2-p3", round((unit[0] @ unit[1]).item(), 3),
       "The wolf is four times the mouse, in both numbers. Lengths are divided out, so only the shared direction counts.",
       tolerance=0.005)

# %% [markdown]
# ### How alike is "alike" when there are many numbers?
#
# Today's word vectors will have 32 numbers, GPT-2's have 768, GPT-3's 12,288. The formula stays. But your feeling for angles, which grew up in a plane, may
# not.

# %% tags=["predict"]
predict("w1d2-p4",
        "Draw two vectors of 512 random numbers each (half of them negative). About what angle lies between them?",
        options=["about 10°", "about 45°", "about 90°", "any angle is equally likely"])

# %%
torch.manual_seed(2)
picture, panels = plt.subplots(1, 3, figsize=(8.8, 3.0), sharex=True)
spread = {}
for ax, width in zip(panels, (2, 32, 512)):
    cosines = F.cosine_similarity(torch.randn(4000, width), torch.randn(4000, width))
    angles = torch.rad2deg(torch.acos(cosines.clamp(-1, 1)))
    spread[width] = (angles - 90).abs().mean().item()
    ax.hist(angles.numpy(), bins=np.arange(0, 181, 6), color=color("attention"))
    ax.set(title=f"{width} numbers", xlabel="angle (degrees)", xticks=(0, 90, 180), yticks=[])
panels[0].set_ylabel("share of 4,000 pairs")
figure(picture, caption="The angle between two random vectors, 4,000 times. More numbers, fewer surprises.",
       alt="""Three histograms of the angle between random vectors. With 2 numbers all angles from 0 to 180 degrees
           are about equally frequent. With 32 numbers they crowd around 90 degrees. With 512 numbers nearly all
           of them lie within a few degrees of 90.""")

# %%
for width, off in spread.items():
    print(f"{width:3} numbers: on average {off:4.1f}° away from a right angle")
reveal("w1d2-p4", "about 90°" if spread[512] < 10 else "any angle is equally likely",
       "Among many random products, positive and negative ones nearly cancel. In many dimensions almost everything is at a "
       "right angle to everything else, so a cosine of 0.5 is already a strong sign.")

# %% [markdown]
# ## 4 · A word is known by its company (14 min)
#
# Who chooses the numbers? Read this: "She ate a warm *zorp* with butter." You have never met a zorp, and you know what
# kind of thing it is. Its neighbors told you. Words of a kind keep the same company; so vectors that *predict the company*
# of a word must become alike for words of a kind.
#
# Our text is the course's own: tiny tales, written by a program. A collection of texts to learn from is called a **corpus**.

# %%
tales = stories(1500, seed=2)
print(tales[0][:300], "…")

# %% [markdown]
# Three decisions, and each has a price. *Lower case*: "The" and "the" become one word, so that both feed the same vector. We pay
# where capitals tell words apart, as with a boy named Will and "will". *No marks*: only words stay.
# *A sentence is a world*: a word's company ends at the full stop. GPT-2 would keep all three (week 3, day 2).

# %%
sentences = [[word for word in words_of(part.lower()) if word.isalpha()]
             for tale in tales for part in tale.split(".")]
counts = collections.Counter(word for words in sentences for word in words)
vocabulary = [word for word, _ in counts.most_common()]  # id 0 is the most frequent word
word_id = {word: i for i, word in enumerate(vocabulary)}
print(f"{sum(counts.values()):,} words of text, {len(vocabulary)} different ones")
print("most frequent:", counts.most_common(5), " rarest:", counts.most_common()[-2:])

# %% [markdown]
# Now the game. Take a word, the *center*. The words at most two places away are its *context*. The model gets the center and
# must tell which words are in its context. This is called **skip-gram**.

# %%
example = "the tired cat slept on the mat".split()
center, window = 3, 2
picture, ax = plt.subplots(figsize=(8.6, 2.1))
for i, word in enumerate(example):
    near = 0 < abs(i - center) <= window
    ax.text(i, 0, word, ha="center", va="center", fontsize=13, bbox=dict(
        boxstyle="round,pad=0.45", facecolor="#EFE3EE" if near else "white", linewidth=2.6 if i == center else 1.2,
        edgecolor=INK if i == center else color("attention") if near else LINE))
    if near:
        ax.annotate("", (i, 0.32), (center, 0.32), arrowprops=dict(
            arrowstyle="-|>", color=color("attention"), connectionstyle=f"arc3,rad={0.28 if i < center else -0.28}"))
ax.text(center, -0.62, "center", ha="center", color=INK)
ax.text(1.5, -0.62, "context", ha="center", color=ink_of("attention"))
ax.text(4.5, -0.62, "context", ha="center", color=ink_of("attention"))
ax.set(xlim=(-0.7, 6.7), ylim=(-0.9, 1.2), title="One center, four lessons")
ax.axis("off")
figure(picture, caption="With a window of 2, slept gives the pairs slept–tired, slept–cat, slept–on and slept–the.",
       alt="""The words the tired cat slept on the mat in boxes. Slept is the center, with a bold ring. Arrows lead
           from it to tired and cat on its left and to on and the on its right: its context. The first the and mat
           are too far away.""")

# %% [markdown]
# Then the window moves on, until every word has been the center once. The whole corpus becomes a long list of pairs:

# %%
def all_pairs(sentences, window):
    centers, contexts = [], []
    for words in sentences:
        ids = [word_id[word] for word in words]
        for apart in range(1, window + 1):  # each pair counts in both directions
            centers += ids[apart:] + ids[:-apart]
            contexts += ids[:-apart] + ids[apart:]
    return torch.tensor(centers), torch.tensor(contexts)

centers, contexts = all_pairs(sentences, window)
print(f"{len(centers):,} pairs, for example", vocabulary[centers[0]], "–", vocabulary[contexts[0]])

# %% [markdown]
# ### True pair or made-up pair?
#
# A model that only sees true pairs has an easy way out: make all vectors alike, and say "yes" to everything. So for each true
# pair make up five false ones: the same center with words drawn from the whole vocabulary. Say yes to the true
# pair and no to the made-up ones: this is **negative sampling**.
#
# The model keeps two vectors for each word, one for its time as center and one for its time as context. Its answer is the
# dot product of the two, squeezed by day 1's sigmoid $\sigma$ into a probability from 0 to 1 that the pair is true.

# %%
width, made_up_per_pair = 32, 5
torch.manual_seed(2)
vectors = (0.1 * torch.randn(len(vocabulary), width)).requires_grad_()   # for centers: these we keep
partners = (0.1 * torch.randn(len(vocabulary), width)).requires_grad_()  # for contexts

def loss_of(center, context, made_up):  # ids: (batch,), (batch,), (batch, 5)
    c = vectors[center]
    true = (c * partners[context]).sum(dim=1)                # dot products, (batch,)
    false = (c[:, None] * partners[made_up]).sum(dim=2)      # (batch, 5)
    return -(F.logsigmoid(true) + F.logsigmoid(-false).sum(dim=1)).mean()

# %% [markdown]
# $$\text{loss} = -\ln \sigma(u \cdot v) \;-\; \sum_{k=1}^{5} \ln \sigma(-u \cdot v_k)$$
#
# Here $u$ is the center's vector, $v$ the partner's in the true pair, $v_k$ those in the made-up pairs. Each term is
# minus the logarithm of the probability that the model gave to the *right* answer: 0 if it was sure and right, large if it
# was sure and wrong. The logarithm is the natural one, so the unit is called *nat*. (`F.logsigmoid` is ln σ in one step. Since σ(−x) = 1 − σ(x), the second part asks for "no".)

# %% tags=["predict"]
predict("w1d2-p5",
        "Before training all dot products are about 0, and σ(0) = 1/2. Each pair costs about ln 2 = 0.69. "
        "About how large is the loss, for one true pair and five made-up ones?")

# %%
frequent = torch.tensor([counts[word] for word in vocabulary], dtype=torch.float) ** 0.75
optimizer = torch.optim.Adam([vectors, partners], lr=0.02)  # steps downhill, with a size for each number
moments = {0, 10, 20, 30, 40, 50, 65, 80, 110, 150, 300, 1199}
losses, snapshots = [], {}
for step in range(1200):
    if step in moments:
        snapshots[step] = F.normalize(vectors.detach(), dim=1)  # normalize: every row gets length 1
    batch = torch.randint(len(centers), (2048,))
    made_up = torch.multinomial(frequent, 2048 * made_up_per_pair, replacement=True).view(2048, -1)
    loss = loss_of(centers[batch], contexts[batch], made_up)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
reveal("w1d2-p5", round(losses[0], 2), f"Six answers at ln 2 each: 6 × 0.69 = {6 * math.log(2):.2f}. It knows nothing yet.",
       tolerance=0.1)

# %% [markdown]
# Frequent words are drawn more often as made-up partners, but not quite as often as they occur: their counts are raised to the
# power 0.75. That is the choice of word2vec, the program of 2013 that made this recipe famous.

# %%
picture, ax = plt.subplots(figsize=(7.4, 3.2))
ax.plot(losses, color=color("attention"), linewidth=1.2)
ax.axhline(6 * math.log(2), color=color("residual"), linestyle="--")
ax.text(1199, 6 * math.log(2) - 0.08, "knows nothing: 6 ln 2", ha="right", va="top", color=QUIET)
ax.set(title="The loss falls, then meets the chance in the text", ylim=(0, None),
       xlabel="training step (2,048 true pairs each)", ylabel="loss (nats per true pair)")
figure(picture, caption="Loss against training steps. It cannot reach 0: no one can tell each neighbor from its center.",
       alt=f"""The loss starts at the dashed line at {6 * math.log(2):.2f}, falls steeply in the first hundred steps
           and then runs level, trembling, near {np.mean(losses[-100:]):.1f}.""")

# %% [markdown]
# ### Watch it happen
#
# Six families of words, about seventy words in all: animals, foods, colors, places, and the names of girls and boys. The
# model was never told of families. Each dot is a word, seen from one fixed side (how to choose the side comes in section
# 6). Colors and shapes only tell the families apart here; they mean no other idea of the course.

# %%
LOOKS = {"animal": ("value", "o"), "food": ("key", "s"), "color": ("attention", "^"), "place": ("feed-forward", "D"),
         "girl": ("query", "v"), "boy": ("position", "P")}
shown = {name: [word_id[word] for word in FAMILIES[name].lower().split()] for name in LOOKS}
end = snapshots[1199][sum(shown.values(), [])]
side = PCA(2).fit(end.numpy())  # the side from which the finished cloud looks widest

reach = 1.1 * max(np.abs(side.transform(now[sum(shown.values(), [])].numpy())).max() for now in snapshots.values())

def map_paper(ax, title):
    ax.set(title=title, xticks=[], yticks=[], facecolor="#F8FAFC")
    ax.spines[["left", "bottom"]].set_visible(False)

def draw_families(ax, now):  # now: all vectors at one moment
    for name, ids in shown.items():
        hue, marker = LOOKS[name]
        ax.scatter(*side.transform(now[ids].numpy()).T, color=color(hue), marker=marker, s=58, edgecolor="white", linewidth=0.5, label=name)

# %%
def own_family_share(unit, labels):  # of how many rows the nearest other row has the same label
    cosines = unit @ unit.T
    cosines.fill_diagonal_(-2)  # no word is its own neighbor
    return np.mean(labels[cosines.argmax(dim=1).numpy()] == labels)

# %%
six = np.array([name for name, ids in shown.items() for _ in ids])
frames = []
for step, now in snapshots.items():
    drawing = Figure(figsize=(7.2, 4.3))
    ax = drawing.subplots()
    draw_families(ax, now)
    map_paper(ax, f"after {step} steps")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    share = own_family_share(now[sum(shown.values(), [])], six)
    frames.append((drawing, f"After {step} steps the loss is {losses[step]:.1f}, and for {100 * share:.0f} % of these words "
                            "the nearest neighbor is of their own family."))
stepper(frames, start=3,
        alt="""About seventy dots in six colors and shapes, one for each word. At first all six families lie mixed in one
            small heap in the middle. Within a hundred steps they part: animals, foods, colors, places and names gather
            in heaps of their own, the two kinds of names close to each other.""",
        caption="A space that puts itself in order. Nobody told the model which words belong together.")

# %% [markdown]
# Two things to see. Families part early, while the loss is still falling fast: telling food from colors explains much of the
# company. And girls and boys are hard to part: their company differs in little more than "she" and "he".

# %% [markdown]
# ## 5 · Neighbors, families, analogies (11 min)
#
# Dots on a map are a picture. Now ask the 32 numbers themselves. The *neighbors* of a word are the words with the highest
# cosine to it.

# %% tags=["predict"]
predict("w1d2-p6",
        "In the tales honey is eaten, and honey is also sung about (with moon, bee, gold …). "
        "Which of these four words will be nearest to it?",
        options=["cheese", "bee", "bread", "gold"])

# %%
unit = snapshots[1199]

def neighbors(word, k=5):
    cosines = unit @ unit[word_id[word]]
    best = cosines.topk(k + 1).indices[1:]  # the nearest of all is the word itself
    return {vocabulary[i]: cosines[i].item() for i in best.tolist()}

for word in ("cat", "mat", "sad", "quickly"):
    print(f"{word:8}", ", ".join(f"{near} {cosine:.2f}" for near, cosine in neighbors(word).items()))

# %%
asked = ["cat", "honey", "she"]
picture, panels = plt.subplots(1, 3, figsize=(8.8, 2.9), sharex=True)
for ax, word in zip(panels, asked):
    near = neighbors(word)
    ax.barh(list(near), list(near.values()), color=color("residual"), height=0.66)
    for i, value in enumerate(near.values()):
        ax.text(value - 0.03, i, f"{value:.2f}", ha="right", va="center", color="white")
    ax.invert_yaxis()
    ax.set(title=word, xlim=(0, 1), xticks=(0, 0.5, 1), xlabel="cosine")
    ax.tick_params(axis="y", length=0)
figure(picture, caption="The five nearest words of three words, by cosine in all 32 dimensions.",
       alt="The five nearest words: " + "; ".join(
           f"of {word} {', '.join(f'{n} {c:.2f}' for n, c in neighbors(word).items())}" for word in asked) + ".")

# %%
four = {word: (unit[word_id["honey"]] @ unit[word_id[word]]).item() for word in ("cheese", "bee", "bread", "gold")}
print({word: round(cosine, 2) for word, cosine in four.items()})
reveal("w1d2-p6", max(four, key=four.get),
       "Near is who keeps the same company. Bread is the only other word that the tales both eat and sing.")

# %% [markdown]
# One row for "honey" has to serve both its lives, and it lies next to the one word with the same double life. Every word with
# two meanings has this problem.
#
# ### Is it more than chance?
#
# A few nice examples prove nothing: one can always find some. So count. The program that wrote the tales has families: 24 of
# them, with 240 words that belong to one family only. The model never saw these labels.

# %%
homes = collections.defaultdict(set)
for name, family in FAMILIES.items():
    for word in family.lower().split():  # two lists of animals and two of places are one family each
        homes[word].add({"creature": "animal", "close": "where"}.get(name, name))
family_of = {word: min(names) for word, names in homes.items() if len(names) == 1 and word != "animal"}
labels = np.array(list(family_of.values()))
rows = [word_id[word] for word in family_of]
print(len(rows), "words in", len(set(labels)), "families; in several:", [w for w, names in homes.items() if len(names) > 1])

# %% [markdown]
# Our measure: the share of words whose nearest neighbor is of their own family. To know what *chance* gives, deal out
# the same labels at random, a thousand times, and measure again. This is a **permutation test**. Its *p* is the share of
# deals that do as well as the truth: the smaller, the less can chance explain it.

# %% tags=["predict"]
predict("w1d2-p7", "With shuffled labels, for what share of the words, in percent, is the nearest neighbor of the same family?")

# %%
measured = own_family_share(unit[rows], labels)
cosines = unit[rows] @ unit[rows].T
cosines.fill_diagonal_(-2)
nearest = cosines.argmax(dim=1).numpy()
dice = np.random.default_rng(2)
shuffled = []
for _ in range(1000):
    mixed = dice.permutation(labels)
    shuffled.append(np.mean(mixed[nearest] == mixed))
before = own_family_share(snapshots[0][rows], labels)
as_good = sum(share >= measured for share in shuffled)
print(f"measured {100 * measured:.1f} %, before training {100 * before:.1f} %, best of 1,000 shuffles {100 * max(shuffled):.1f} %")
print(f"shuffles that were as good: {as_good}, so p ≤ {(as_good + 1) / 1001:.3f}")

# %%
picture, ax = plt.subplots(figsize=(7.6, 3.0))
ax.hist(100 * np.array(shuffled), bins=(np.arange(40) - 0.5) / 2.4, color=color("residual"))  # a bar for each number of words
ax.axvline(100 * measured, color=color("attention"), linewidth=3)
ax.text(100 * measured - 1.5, 0.72, f"trained vectors\n{100 * measured:.1f} %", transform=ax.get_xaxis_transform(), ha="right", color=ink_of("attention"), fontweight="bold")
ax.text(12, 0.4, "1,000 shuffles", transform=ax.get_xaxis_transform(), color=QUIET)
ax.set(title="Chance never comes close" if not as_good else "Chance comes as far", xlim=(0, 103),
       xlabel="nearest neighbor of the same family (% of words)", ylabel="shuffles")
figure(picture, caption="The measured share, against a thousand worlds in which families are dealt out at random.",
       alt=f"""A narrow heap of gray bars around {100 * np.mean(shuffled):.0f} percent, the shares with shuffled labels, none
           above {100 * max(shuffled):.0f}. A purple line marks the trained vectors at {100 * measured:.1f} percent.""")

# %%
reveal("w1d2-p7", round(100 * float(np.mean(shuffled)), 1),
       "About one family in 24: with random labels a neighbor is of your family by luck alone.", tolerance=2.0)

# %% [markdown]
# If the measured share is nearly perfect, do not be too proud of it. In these tales the words of a family are
# *interchangeable*: the program that wrote them draws one by lot. Real text is never so tidy.
#
# ### cat is to meow as dog is to …
#
# The most famous trick of word vectors. If the step from "cat" to "meow" means *what it says*, then the same step from "dog"
# should lead to a word that you can name. A pair of pairs like this is an **analogy**.

# %%
def analogy(a, b, c):  # a is to b as c is to …
    target = unit[word_id[b]] - unit[word_id[a]] + unit[word_id[c]]
    cosines = F.cosine_similarity(unit, target, dim=1)
    cosines[[word_id[a], word_id[b], word_id[c]]] = -2  # the three given words may not be the answer
    return vocabulary[cosines.argmax()]

print("cat : meow = dog :", analogy("cat", "meow", "dog"))
print("cat : cats = dog :", analogy("cat", "cats", "dog"))

# %% [markdown]
# One hit is an anecdote, and so is one miss. Try all pairs of pairs, for four relations. The last column says how often
# a blind guess among the possible answers would be right.

# %%
relations = {"animal : its sound": {name: sound for name, (_, sound, _) in ANIMALS.items()},
             "animal : several": {name: several for name, (several, _, _) in ANIMALS.items()},
             "animal : its food": {name: food for name, (_, _, food) in ANIMALS.items()},
             "need : what helps": NEEDS}
for relation, pairs in relations.items():
    tries = [(a, b, c, d) for a, b in pairs.items() for c, d in pairs.items() if a != c]
    hits = sum(analogy(a, b, c) == d for a, b, c, d in tries)
    print(f"{relation:20} {hits:3} of {len(tries):3} right = {100 * hits / len(tries):3.0f} %    guess {100 / (len(pairs) - 1):.0f} %")

# %% [markdown]
# Compare each relation with the text, and the pattern explains itself. "The dog said woof": the sound stands two places from
# its animal, inside the window. "He wanted bones" comes in the *next* sentence, outside the window. And no sentence ties "cat"
# to "cats" more than to "dogs". Where the company holds a relation, the step can carry it. Where it does not, arithmetic
# finds the right *kind* of word, and then it is luck.
#
# Keep this for every analogy that you read about: how many were tried, what would a guess get, and were the given words
# forbidden as answers? (Here they were; without that line the answer is often just one of the three.)

# %% [markdown]
# ## 6 · Flat maps: PCA and t-SNE (11 min)
#
# You cannot see 32 dimensions. Every map of them is a lie of some kind; the question is which.
#
# **PCA** (principal component analysis) casts a shadow. Think of holding a chair in front of a wall, and of turning it until its
# shadow is as wide as it can be. PCA finds that side, for a cloud of points. Nothing is bent, but what lies one behind the other
# falls together.
#
# **t-SNE** lays out a new map. It tries to give each point the same *near neighbors* as in the full space, and lets go of
# nearly everything else. It bends, stretches and tears as it needs.

# %% tags=["predict"]
predict("w1d2-p8",
        "Take each word's ten nearest neighbors in 32 dimensions. On which map are more of them still among its ten nearest?",
        options=["PCA", "t-SNE", "about the same"])

# %%
x = unit[rows].numpy()  # all 240 words of the families
pca = PCA(2).fit(x)
tsne = TSNE(2, perplexity=5, init="pca", random_state=2)  # perplexity: about how many neighbors each point should keep
maps = {"PCA": pca.transform(x), "t-SNE": tsne.fit_transform(x)}

def draw_map(ax, points, title, size=26):
    ax.scatter(*points.T, color="#C9CED6", s=8)
    for name, (hue, marker) in LOOKS.items():
        own = points[labels == name]
        ax.scatter(*own.T, color=color(hue), marker=marker, s=size, edgecolor="white", linewidth=0.5)
        below = name in ("girl", "place")  # heaps that may lie on top of another one: one name below, one above
        ax.annotate(name, (own[:, 0].mean(), own[:, 1].min() if below else own[:, 1].max()), (0, -6 if below else 5),
                    textcoords="offset points", ha="center", va="top" if below else "bottom", color=ink_of(hue), fontweight="bold")
    ax.margins(0.12)
    map_paper(ax, title)

# %%
picture, (left, right) = plt.subplots(1, 2, figsize=(9, 4.6))
draw_map(left, maps["PCA"], f"PCA: a shadow, {100 * pca.explained_variance_ratio_.sum():.0f} % of the spread")
draw_map(right, maps["t-SNE"], "t-SNE: neighbors kept, distances not")
figure(picture, caption="The same 240 vectors. Gray dots are the other families.",
       alt="""Two maps of the same words, six families in color. On the PCA map the families are loose heaps, some of which
           run into each other; girls and boys lie in one place. On the t-SNE map every family is a tight island of
           its own, and the islands are spread evenly over the page.""")

# %% [markdown]
# Which of the two is right? Measure. *Neighbors kept*: of each word's ten nearest in 32 dimensions, the share that are still
# among its ten nearest on the map. *Distances in order*: take all pairs of words, sort them by distance in 32
# dimensions and by distance on the map; 1 means the same order, 0 means no relation.

# %%
def distances(points):
    points = torch.as_tensor(points, dtype=torch.float)
    return torch.cdist(points, points)

def kept(points, k=10):
    near = [distances(p).topk(k + 1, largest=False).indices[:, 1:] for p in (x, points)]
    return np.mean([len(set(a) & set(b)) / k for a, b in zip(near[0].tolist(), near[1].tolist())])

def in_order(points):
    pairs = torch.triu_indices(len(x), len(x), offset=1)
    ranks = [distances(p)[pairs[0], pairs[1]].argsort().argsort().numpy() for p in (x, points)]
    return np.corrcoef(*ranks)[0, 1]

scores = {name: (kept(points), in_order(points)) for name, points in maps.items()}
for name, (neighbors_kept, order) in scores.items():
    print(f"{name:6} neighbors kept {100 * neighbors_kept:.0f} %    distances in order {order:.2f}")

# %%
apart = scores["t-SNE"][0] - scores["PCA"][0]
reveal("w1d2-p8", "about the same" if abs(apart) < 0.05 else "t-SNE" if apart > 0 else "PCA",
       "Keeping near neighbors is all that t-SNE is asked to do. PCA is asked to keep the spread, and pays with neighbors.")

# %% [markdown]
# And where does the shadow mislead most? Look for the two families that PCA brings together although they are apart in truth.
# All distances are given in parts of the mean distance between two families, so that the three can be compared.

# %%
names = sorted(set(labels))
def between(points):  # distances between the middles of the families, (24, 24)
    gaps = distances(np.stack([points[labels == name].mean(axis=0) for name in names]))
    return gaps / gaps[gaps > 0].mean()

gaps = {"32 dimensions": between(x), "PCA": between(maps["PCA"]), "t-SNE": between(maps["t-SNE"])}
squeezed = (gaps["32 dimensions"] - 9 * torch.eye(len(names))) / (gaps["PCA"] + 0.02)
a, b = divmod(int(squeezed.argmax()), len(names))
print(f"from '{names[a]}' to '{names[b]}':", ", ".join(f"{where} {gap[a, b]:.2f}" for where, gap in gaps.items()))

# %% [markdown]
# Now the other lie. Here is a world that is flat from the start, so that you can see the truth: three clouds, one of them ten
# times as wide as the others, one of them far away.

# %%
dice = np.random.default_rng(2)
clouds = [("A", (0, 0), 0.2), ("B", (3, 0), 0.2), ("C", (24, 0), 2.0)]  # name, middle, spread
truth = np.concatenate([dice.normal(size=(50, 2)) * spread + middle for _, middle, spread in clouds])
bent = TSNE(2, perplexity=20, init="pca", random_state=2).fit_transform(truth)

def facts(points):  # C's width in parts of A's, and the gap BC in parts of the gap AB
    parts = [points[i:i + 50] for i in (0, 50, 100)]
    a, b, c = (part.mean(axis=0) for part in parts)
    return parts[2].std(axis=0).mean() / parts[0].std(axis=0).mean(), np.linalg.norm(c - b) / np.linalg.norm(b - a)

# %%
picture, panels = plt.subplots(1, 2, figsize=(9, 3.3), width_ratios=(1.9, 1))
for ax, points, title in zip(panels, (truth, bent), ("The truth", "What t-SNE shows")):
    for i, (name, hue) in enumerate(zip("ABC", ("query", "key", "value"))):
        part = points[50 * i:50 * i + 50]
        ax.scatter(*part.T, color=color(hue), marker="osD"[i], s=14)
        ax.annotate(name, (part[:, 0].mean(), part[:, 1].max()), (0, 6), textcoords="offset points", ha="center", fontweight="bold", color=ink_of(hue))
    map_paper(ax, title)
    ax.set(aspect="equal", anchor="N", xlabel="C is {:.1f} times as wide as A,\nthe gap BC {:.1f} times the gap AB".format(*facts(points)))
    ax.margins(0.14)
figure(picture, caption="Sizes and gaps on a t-SNE map are not measurements.",
       alt=f"""Left, the truth: two tiny clouds A and B close together, and far to the right a cloud C that is {facts(truth)[0]:.0f}
           times as wide. Right, the t-SNE map of the same points: C is only {facts(bent)[0]:.1f} times as wide as A, and the gap
           from B to C is {facts(bent)[1]:.1f} times the gap from A to B, instead of {facts(truth)[1]:.1f} times.""")

# %% [markdown]
# So read a t-SNE map like this: *who is near whom* you may trust, mostly. The size of an island, the gap between two islands, and
# left or right mean little. And read a PCA map like this: far apart on it is far apart in truth; near on it may be an accident.
#
# ### Take your vectors with you
#
# The [TensorFlow Projector](https://projector.tensorflow.org) turns such maps in three dimensions, in your browser. It loads two text files.
# In `vectors.tsv` each line is one vector, its numbers parted by tabs, without a heading. In `metadata.tsv` each line
# says what the vector in the same line of the other file is. With several columns the metadata begins with a line of column names;
# with a single column it must not.

# %%
folder = portfolio()
with open(folder / "w1d2_vectors.tsv", "w", encoding="utf-8", newline="\n") as file:
    for row in unit.tolist():
        file.write("\t".join(f"{value:.5f}" for value in row) + "\n")
with open(folder / "w1d2_metadata.tsv", "w", encoding="utf-8", newline="\n") as file:
    file.write("word\tfamily\tcount\n")
    for word in vocabulary:
        family = " and ".join(sorted(homes[word])) if word in homes else "none"
        file.write(f"{word}\t{family}\t{counts[word]}\n")

# %% [markdown]
# Would the projector take them? Read both files back, as a stranger would, and check every rule of the format.

# %%
def read_tsv(name):
    return [line.split("\t") for line in (folder / name).read_text(encoding="utf-8").splitlines()]

numbers, about = read_tsv("w1d2_vectors.tsv"), read_tsv("w1d2_metadata.tsv")
read_back = torch.tensor([[float(value) for value in row] for row in numbers])  # fails if a heading slipped in
rules = {"all vectors have the same width": {len(row) for row in numbers} == {width},
         "the numbers came back": torch.allclose(read_back, unit, atol=1e-5),
         "metadata begins with column names": about[0] == ["word", "family", "count"],
         "every line has all its columns, none empty": all(len(row) == 3 and all(row) for row in about),
         "one line for each vector, after the heading": len(about) - 1 == len(numbers) == len(vocabulary),
         "same order as the vectors": [row[0] for row in about[1:]] == vocabulary}
for rule, holds in rules.items():
    print("yes" if holds else "NO ", rule)
assert all(rules.values())

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** One vector `x` (d,) against all rows of a table (n, d): return the n cosines. Rows and `x` have any length.

# %% tags=["exercise"]
def cosines_with(x, table):
    dots = ...     # (n,): the dot product of x with each row
    lengths = ...  # (n,): the length of each row
    return ...     # (n,): the cosines

# %% tags=["check"]
check_exercise("w1d2-e1", cosines_with)

# %%
help_with("w1d2-e1")

# %% [markdown]
# **2 · Fix it.** This function should return the ids of the k words nearest to word `i` by cosine, nearest first. It has
# *two* bugs. Run it on a real word, and look at what it finds.

# %% tags=["exercise"]
def nearest_ids(i, table, k):
    scores = table @ table[i]
    return scores.topk(k).indices

print([vocabulary[j] for j in nearest_ids(word_id["cat"], vectors.detach(), 4)])

# %% tags=["check"]
check_exercise("w1d2-e2", nearest_ids)

# %%
help_with("w1d2-e2")

# %% [markdown]
# **3 · From scratch** (optional, 15 minutes more). The pairs of skip-gram for one sentence, given as a list of ids. Return all pairs `(center, context)` that are at
# most `window` places apart, as a list of tuples in sorted order. A word is not its own context, but the same word at another
# place is.

# %% tags=["exercise"]
def window_pairs(ids, window):
    ...

# %% tags=["check"]
check_exercise("w1d2-e3", window_pairs)

# %%
help_with("w1d2-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too: they are wrong in instructive ways.

# %% tags=["quiz"]
quiz("w1d2")

# %% [markdown]
# ## Draw or write: play with the projector (9 min)
#
# Open the [TensorFlow Projector](https://projector.tensorflow.org), choose *Load*, and give it your two files from the portfolio folder:
# `w1d2_vectors.tsv`, then `w1d2_metadata.tsv`. (In Colab download them first, from the files pane on the left.) Choose *Color by:
# family*. Turn the cloud; look for "honey"; switch from PCA to t-SNE and let it run.
#
# Without a network, use the two maps above. Then take paper and pencil, and draw from memory:
# a one-hot row times a table of four words; two arrows with cosine 1, 0 and −1; and one sketch each of what PCA and t-SNE distort.

# %%
journal("w1d2", ["Which word had neighbors that surprised you, and what company explains them?",
                 "What did you see on the projector's t-SNE map that you would not trust, and why?",
                 "One sentence: what is an embedding?"])

# %% [markdown]
# <details><summary>Reference: a drawing that would be complete</summary>
#
# 1. One-hot (1, 4) times table (4, 3) gives (1, 3): the row at the place of the 1. Three of four rows are crossed out.
# 2. Cosine 1: two arrows on one line, the same way, of *different* lengths. Cosine 0: a right angle. Cosine −1: one line, opposite
#    ways.
# 3. PCA: two heaps, one behind the other, fall together in the shadow. t-SNE: a small and a large heap become islands of
#    like size; a near and a far gap become like gaps.
#
# Checklist: Is the table's shape (vocabulary, width)? Do both arrows start at the origin? Does the cosine not care about
# length? Is the context on both sides of the center? Are there made-up pairs? Did you write "near neighbors: yes; sizes and gaps:
# no" at t-SNE?
# </details>

# %% [markdown]
# ## Go further (optional, 90 min)
#
# - [TensorFlow Projector](https://projector.tensorflow.org) (15 min), with the word vectors that it opens with. Look for a word
#   with two meanings. *Question to answer:* do its neighbors belong to one of them, or to both?
# - [Embeddings, interactive exercises](https://developers.google.com/machine-learning/crash-course/embeddings/interactive-exercises)
#   (Google, 20 min). Look for: words that are near because they are *opposites*. *Question:* why would company put "hot" and "cold" together?
# - [The Illustrated Word2vec](https://jalammar.github.io/illustrated-word2vec/) (Jay Alammar, 30 min). Look for: the two tables
#   of section 4. *Question:* which measure does it use to compare two people?
# - [Word embeddings](https://lena-voita.github.io/nlp_course/word_embeddings.html) (Lena Voita, 25 min). Look for: counting instead of
#   predicting. *Question:* why does it keep two vectors for each word during training?
#
# <details><summary>Answers</summary>
#
# Often to both, mixed, or to the more frequent one: there is one row for the word. Because "the water is hot" and "the water is cold"
# are the same sentence around them. The cosine similarity. One as center and one as context: a word is rarely its own neighbor, and with
# a single vector its dot product with itself would be large and say "yes".
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
chosen = ["cat", "dog", "bread", "quickly"]
chosen_ids = [word_id[word] for word in chosen]
picture, (strip, bars, map_ax) = plt.subplots(1, 3, figsize=(9, 3.5), width_ratios=(1.25, 0.8, 1.2))
limit = unit[chosen_ids].abs().max()
strip.imshow(unit[chosen_ids], cmap=signed_map().resampled(31), vmin=-limit, vmax=limit, aspect="auto")
strip.set_yticks(range(4), chosen)
strip.set(title="a word is a row", xticks=[], xlabel=f"its {width} numbers")
with_cat = [(unit[word_id["cat"]] @ unit[i]).item() for i in chosen_ids]
bars.barh(chosen, with_cat, color=color("attention"), height=0.6)
bars.axvline(0, color=LINE)
bars.invert_yaxis()
bars.set(title="likeness: an angle", xlabel="cosine with cat", xlim=(min(-0.2, min(with_cat) - 0.05), 1.02))
draw_map(map_ax, maps["t-SNE"], "families gather", size=16)
today = figure(
    picture, caption="From word to row, from rows to angles, from angles to families, and nobody told the model.",
    alt=f"""Three panels. Left the rows of cat, dog, bread and quickly as colored strips of {width} numbers; cat and dog look alike.
        Middle their cosines with cat: {', '.join(f'{w} {c:.2f}' for w, c in zip(chosen, with_cat))}. Right the t-SNE map with six
        families as islands.""")
today.save(folder / "w1d2_today.png")
today

# %% [markdown]
# **New words**

# %%
new_words("w1d2")

# %% [markdown]
# **Tomorrow** the rows begin to talk to each other. One row for "bank" is not enough; attention lets a word gather from its neighbors
# what it means *here*. You will need today's dot product at every step.

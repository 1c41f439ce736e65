# %% [markdown]
# # Week 2 · Day 1: Transformer block overview
#
# **Today a model grows in your hands, from one that knows a single word to a whole Transformer block, and you measure what each part is worth.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week2/day1_transformer_block_overview.ipynb)
#
# At the end you will be able to
#
# - average the past in three ways, and say why the third one is attention;
# - write a Transformer block in about twenty lines, and draw it from memory;
# - say what each part of a block is worth, with a measurement of your own.

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

from shared import attention
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.sketches import compare_sketch, sketch
from shared.text import entropy_per_token, read_story, spelled, stories, vocabulary, words_of
from shared.visuals import attention_heatmap, color, course_map, draw_heatmap, figure, probability_bars, stepper
from shared.visuals.block_drawing import Recipe, Trained, block_builder, block_picture, draw_block, name_of

course_map(week=2, day=1)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from week 1, from memory.

# %% tags=["warm-up"]
warm_up("w2d1")

# %% [markdown]
# ## This week (2 min)
#
# Week 1 gave you the parts. This week is about how they hang together. Its goal: **you can draw a Transformer block from memory, say what each
# part does, and show by an experiment what breaks without it.** Today you assemble the block; then each part gets a day of its own.
#
# On day 7 you teach: three minutes, one idea, to somebody who does not know it. Choose early. Whoever prepares to explain learns
# more than whoever prepares for a test. So keep the pictures that you would show.

# %% [markdown]
# ## 1 · A game with a known best score (10 min)
#
# The text of today is the course's own: *tiny tales*, short stories from a grammar. Here is one.

# %%
tales = stories(1000, seed=1)    # to learn from
new_tales = stories(24, seed=2)  # never shown to a model: only to measure
print(new_tales[0])

# %% [markdown]
# The game is the one of week 1, day 4: read some words, guess the next. A model that plays it is a **language model**. A guess costs −ln of the
# probability that it gave to the right word; the unit is the nat. We always measure on *held-out* tales, which no model has seen: on
# the tales that it learned from, a model could shine by learning them by heart.

# %%
words = ["■", *vocabulary()]  # ■ stands before and after each tale
number = {word: i for i, word in enumerate(words)}

def encode(texts):  # (texts, longest): ids, and −1 where a text is over
    rows = [torch.tensor([number[word] for word in ["■", *words_of(text), "■"]]) for text in texts]
    return nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=-1)

train, held_out = encode(tales), encode(new_tales)
print(len(words), "tokens;  to learn from:", tuple(train.shape), "  held out:", tuple(held_out.shape))

# %% tags=["predict"]
predict("w2d1-p1", f"An untrained model gives all {len(words)} tokens about the same chance. What is its loss, in nats per token?")

# %% [markdown]
# That is the worst sensible score. What is the best? Nobody can know *which* name comes after "named". But one who knows all rules of the
# grammar can say how surprising each word is. The course's grammar can be asked:

# %%
reading = read_story(new_tales[0])
shown = slice(0, 36)
picture, axes = plt.subplots(figsize=(8.8, 3.1))
axes.bar(range(36), reading.surprises[shown], color=color("residual"))
axes.set_xticks(range(36), reading.words[shown], rotation=90, fontsize=10)
axes.set(title="To one who knows the rules, most words are no surprise", ylabel="surprise (nats)", xlim=(-0.8, 35.8))
free = sum(s < 0.01 for s in reading.surprises) / len(reading.surprises)
figure(picture, caption="The first 36 words of the tale above. A word without a bar had to come: the rules allow nothing else.",
       alt=f"""Bars for 36 words of a tale. Names, colors and things cost two to five nats. Most other words cost nothing:
           in the whole tale {100 * free:.0f} percent of the words are certain.""")

# %% [markdown]
# Where the bars are high, the grammar rolled dice. Where there is none, the word follows from what was said, perhaps thirty words earlier: *her blue
# kite*. Added up over all tales, exactly, and shared among their tokens, this is the *entropy floor*: the floor of week 1, day 4, for a whole grammar. No model can be better.

# %%
even, floor = math.log(len(words)), entropy_per_token()
readings = [read_story(tale) for tale in new_tales]
paid = sum(sum(r.surprises) + r.end_surprise for r in readings) / sum(len(r.words) + 1 for r in readings)
print(f"even guess: ln {len(words)} = {even:.2f} nats per token")
print(f"floor, exact: {floor:.2f}    the same, measured on our {len(new_tales)} held-out tales: {paid:.2f}")
reveal("w2d1-p1", round(even, 2), "Each token gets 1/V, and −ln(1/V) = ln V. Untrained models start here, or a little above.", tolerance=0.1)

# %% [markdown]
# ### The smallest model that plays: look at one word
#
# A **bigram model** looks at the last word only. You can make one without any training: *count* which word follows which.

# %%
counts = torch.zeros(len(words), len(words))
for ids in train:
    ids = ids[ids >= 0]
    counts.index_put_((ids[:-1], ids[1:]), torch.tensor(1.0), accumulate=True)
table = (counts + 0.02) / (counts + 0.02).sum(1, keepdim=True)  # a crumb for pairs that never came
pairs = torch.cat([torch.stack([ids[ids >= 0][:-1], ids[ids >= 0][1:]]) for ids in held_out], dim=1)
counted = -table[pairs[0], pairs[1]].log().mean().item()
print(f"counted bigrams: {counted:.2f} nats per token")

# %%
def followers(word):
    return {words[int(i)]: float(p) for p, i in zip(*table[number[word]].topk(2))}

asked = ("At", "named", "the")
probability_bars(
    {f"after “{word}”": followers(word) for word in asked}, xlabel="share", title="What follows a word, by counting",
    alt="The two most frequent followers of three words. " + " ".join(
        f"After {word}: " + ", ".join(f"{next_one} {100 * p:.0f} percent" for next_one, p in followers(word).items()) + "." for word in asked),
    caption="After “At” only two words can follow. After “named” come many names. After “the” it would help to know what was said before.")

# %% [markdown]
# As a network this is a lookup and a vote: the word's row, 64 numbers, then one logit for each token. Now write it so that parts can be put in between
# later. A `recipe` says which parts a model has. The loop over `parts` is empty for the moment, and its last two switches are off; they wait for sections 2 to 4.

# %%
D, longest = 64, max(train.shape[1], held_out.shape[1])
SHELF = {}  # the parts that you build today, by name

class Model(nn.Module):
    def __init__(self, recipe):
        super().__init__()
        self.recipe = recipe
        self.word, self.seat = nn.Embedding(len(words), D), nn.Embedding(longest, D)
        names = [recipe.mix] * bool(recipe.mix) + ["feed-forward"] * recipe.feed_forward
        self.parts = nn.ModuleList(SHELF[name]() for name in names)
        self.norms = nn.ModuleList(nn.LayerNorm(D) for _ in range(len(names) + 1))
        self.vote = nn.Linear(D, len(words))

    def forward(self, ids):                                # ids: (B, T)
        x = self.word(ids)                                 # (B, T, 64)
        if self.recipe.seats:
            x = x + self.seat.weight[:ids.shape[1]]        # where each word stands
        for part, norm in zip(self.parts, self.norms):
            x = x + part(norm(x)) if self.recipe.shortcuts else part(x)
        return self.vote(self.norms[-1](x) if self.recipe.shortcuts else x)  # (B, T, V)

# %%
def loss_of(model, tales):  # every position guesses its next word: 160 lessons from one tale
    tales = tales[:, :int((tales >= 0).sum(1).max())]
    guesses = model(tales[:, :-1].clamp(min=0))
    return F.cross_entropy(guesses.flatten(0, 1), tales[:, 1:].flatten(), ignore_index=-1)

@torch.no_grad()
def measure(model):
    return loss_of(model, held_out).item()

# %%
trained, curves = {}, {}  # recipe -> the model, and its held-out losses on the way
looks = [0, 25, 50, 75, 100, 150, 250]

def learn(recipe):  # every model sees the same 1,000 tales once, in the same order
    torch.manual_seed(21)
    model = trained[recipe] = Model(recipe)
    small, rate = (0.1, 0.01) if recipe.shortcuts else (0.3, 0.02)  # what suits each kind best, found by trying
    nn.init.normal_(model.word.weight, std=small), nn.init.normal_(model.seat.weight, std=small)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.0)
    curves[recipe] = [measure(model)]
    for step in range(1, looks[-1] + 1):
        loss = loss_of(model, train[4 * step - 4:4 * step])
        for group in optimizer.param_groups:  # warm up over 20 steps; shrink over the last 150
            group["lr"] = rate * min(1, step / 20, (251 - step) / 150)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step in looks and recipe in LADDER or step == looks[-1]:
            curves[recipe].append(measure(model))

# %% [markdown]
# Today's models form a ladder. Each step adds or swaps one thing. First the bigram model, then the same with *seats*: a row of numbers that says where
# the word stands (week 1, day 4, step 2; tomorrow is all about them).

# %%
BIGRAM, SEATS, AVERAGE = Recipe(seats=False), Recipe(), Recipe("average")
HEAD, HEADS, THINKS = Recipe("head"), Recipe("heads"), Recipe("heads", True)
BLOCK = Recipe("heads", True, True)
LADDER = {BIGRAM: "bigram", SEATS: "+ seats", AVERAGE: "average", HEAD: "one head", HEADS: "four heads",
          THINKS: "+ feed-forward", BLOCK: "+ shortcuts, norms"}
learn(BIGRAM)
learn(SEATS)
for recipe in (BIGRAM, SEATS):
    print(f"{LADDER[recipe]:10} {curves[recipe][0]:.2f} untrained, {curves[recipe][-1]:.2f} trained")
print(f"counted    {counted:.2f}")

# %% [markdown]
# The trained bigram model comes near the counted one, as it should: both may look at one word, and the count is about the best that one can do with it.
# The seats help, because our tales are built alike: some words come early in a tale, some late.
#
# As a formula, with $E$ for the table of words, $P$ for the seats, and $W$ for the votes:
#
# $$\text{logits}_t = (E[\text{word}_t] + P_t)\,W \qquad\qquad (64)(64, V) = (V)$$
#
# No word before $t$ stands in it. The floor is far below. What is missing is the past.

# %% [markdown]
# ## 2 · The average of the past (11 min)
#
# The simplest way to let a word know what came before: give it the *average* of all rows so far, its own included. Take four words with two numbers
# each, and do it three times. First with a loop:

# %%
x = torch.tensor([[4.0, 0.0], [0.0, 2.0], [2.0, 2.0], [2.0, 8.0]])
by_loop = torch.stack([x[:t + 1].mean(0) for t in range(4)])
print(by_loop)

# %% [markdown]
# Second, as a product of matrices: a lower-triangular table of ones, each row divided by its sum. Third, with a softmax: scores of 0, the future closed with −∞.

# %%
lower = torch.ones(4, 4).tril()
by_product = (lower / lower.sum(1, keepdim=True)) @ x
scores = torch.zeros(4, 4).masked_fill(lower == 0, -math.inf)
by_softmax = torch.softmax(scores, dim=-1) @ x
print("product equals loop:", torch.allclose(by_product, by_loop), "  softmax equals loop:", torch.allclose(by_softmax, by_loop))

# %%
four = ["word 0", "word 1", "word 2", "word 3"]
picture, panels = plt.subplots(1, 3, figsize=(9, 3.4))
tables = {"ones, lower triangle": lower, "scores: 0 and −∞": scores, "both ways: shares": scores.softmax(-1)}
for axes, (title, cells) in zip(panels, tables.items()):
    draw_heatmap(axes, cells, four, four, signed="scores" in title, labels=10)
    axes.set_title(title, fontsize=11.5)
    axes.set_ylabel("" if axes is not panels[0] else "query (asks)")
figure(picture, caption="Two roads to one table. The right one will be used again in a minute, with scores that are not all 0.",
       alt="""Left a table of ones on and below the diagonal. Middle a table of scores, 0 where looking is allowed and minus infinity above the
           diagonal. Right the shares that both lead to: 1; one half, one half; a third each; a quarter each.""")

# %% [markdown]
# Why three times? The loop says what is meant. The product does it for all words at once. And the softmax is *attention with all scores equal*: you
# only have to let the scores become interesting.
#
# $$\bar{x}_t = \frac{1}{t+1}\sum_{j \le t} x_j \;=\; \sum_j a_{tj}\,x_j, \qquad a = \operatorname{softmax}(\text{0 or } {-\infty})$$
#
# A trap sits here. `x.mean(1)` on a batch (B, T, d) averages over the *whole* text, the future included; `x.mean(0)` would mix different texts. Exercise 1
# knows both.

# %%
class Average(nn.Module):
    def forward(self, x):                                  # x: (B, T, d)
        lower = torch.ones(x.shape[1], x.shape[1]).tril()
        return (lower / lower.sum(1, keepdim=True)) @ x    # (T, T) @ (B, T, d)

SHELF["average"] = Average
print("same as by hand:", torch.allclose(Average()(x[None])[0], by_loop))

# %% [markdown]
# Now the model's word row is *replaced* by this average. It knows all words so far, the bigram model only the last one.

# %% tags=["predict"]
predict("w2d1-p2", "Word + seat against the average of all words + seats so far. Which model will have the lower loss on held-out tales?",
        options=["the average: it knows more words", "the last word alone", "they are equal, within 0.1"])

# %%
learn(AVERAGE)
one, mean = curves[SEATS][-1], curves[AVERAGE][-1]
print(f"last word + seat: {one:.2f}    average of the past: {mean:.2f}")
better = "the average: it knows more words" if mean < one else "the last word alone"
reveal("w2d1-p2", better if abs(mean - one) > 0.1 else "they are equal, within 0.1",
       "In the average of 100 words the last one has a share of 1 %. It knows who takes part in the tale, and hardly where the sentence stands.")

# %% [markdown]
# Remember this number. A part can be good for something and still make a model worse, because of *what it replaces*. We will come back to it twice.

# %% [markdown]
# ## 3 · One head: an average that chooses (11 min)
#
# All scores were 0. Now let each word make its own: a query meets the keys of all words so far, as in week 1. The mask and the softmax stay. What is mixed
# are values instead of rows. That is one masked head.

# %%
class Head(nn.Module):
    def __init__(self, d_model, d_k):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(d_model, d_k, bias=False) for _ in range(3))

    def weights(self, x):                                  # (B, T, T): who looks at whom
        q, k = self.query(x), self.key(x)
        scores = q @ k.transpose(1, 2) / k.shape[-1] ** 0.5
        future = torch.ones(x.shape[1], x.shape[1]).triu(1).bool()
        return scores.masked_fill(future, -math.inf).softmax(-1)

    def forward(self, x):                                  # (B, T, d_model) -> (B, T, d_k)
        return self.weights(x) @ self.value(x)

SHELF["head"] = lambda: Head(D, D)

# %% tags=["predict"]
predict("w2d1-p3", "You set all numbers of W_q to 0. How do the rows of the head's map look then?",
        options=["all weights are 0", "each word looks at itself only", "the flat average of the past", "random"])

# %%
torch.manual_seed(22)
head, rows = Head(D, D), torch.randn(1, 6, D)
theirs, _ = attention.scaled_dot_product_attention(head.query(rows), head.key(rows), head.value(rows), attention.causal_mask(6))
library = F.scaled_dot_product_attention(head.query(rows), head.key(rows), head.value(rows), is_causal=True)
print("same as week 1's function:", torch.allclose(head(rows), theirs, atol=1e-6), "  as PyTorch's:", torch.allclose(head(rows), library, atol=1e-6))
nn.init.zeros_(head.query.weight)
flat = torch.ones(6, 6).tril() / torch.arange(1, 7)[:, None]
reveal("w2d1-p3", "the flat average of the past" if torch.allclose(head.weights(rows)[0], flat) else "random",
       "A query of 0 gives every key the score 0. So the average is a head that has nothing to ask, and training can only add to it.")

# %%
learn(HEAD)
start = held_out[:1, :13]
names = ["start", *(words[i] for i in start[0, 1:])]
with torch.no_grad():
    model = trained[HEAD]
    head_map = model.parts[0].weights(model.word(start) + model.seat.weight[:13])[0]
    whole = model.parts[0].weights(model.word(held_out[:, :120].clamp(min=0)) + model.seat.weight[:120])
    own, largest = whole.diagonal(0, 1, 2).mean(), whole.amax(-1).mean()
even_share = float((1 / torch.arange(1, 121)).mean())
flat = torch.ones(13, 13).tril() / torch.arange(1, 14)[:, None]

# %%
attention_heatmap(
    torch.stack([flat, head_map]), names, titles=["average of the past", "trained head"],
    title="The flat average, and a head that chooses",
    alt=f"""Two maps over the first 13 tokens of a tale, both empty above the diagonal. On the left each row is one even gray that fades downwards. On the
        right rows have favorites: over the first 120 words of all held-out tales the largest share of a row is {100 * largest:.0f} percent on average, where
        an even share is {100 * even_share:.0f} percent.""",
    caption="Rows are queries, columns are keys, white is 0, the darkest is 1. Same mask, same softmax; only the scores have been learned.")

# %%
print(f"last word + seat {curves[SEATS][-1]:.2f}   average {curves[AVERAGE][-1]:.2f}   one head {curves[HEAD][-1]:.2f}   floor {floor:.2f}")
print(f"largest share of a row {largest:.2f}, share of the word itself {own:.2f}, even share {even_share:.2f}  (mean over 120 words of each tale)")

# %% [markdown]
# Choosing repairs what the average had spoiled: a head may give large shares to few words, and tiny ones to the rest.
#
# $$\text{head}(x)_t = \sum_{j \le t} a_{tj}\, x_j W_v, \qquad a_{tj} = \operatorname{softmax}_j\!\left(\frac{q_t \cdot k_j}{\sqrt{d_k}}\right)$$
#
# But it has only *one* row of shares for two jobs: keep the word itself, and fetch the past. The head's output is all that goes on to the votes, so what gets no share is lost. Look at the share of
# the word itself, above: which of the two jobs did training choose? And compare the loss with that of the last word alone. The next section relieves the head of one job.

# %% [markdown]
# ## 4 · The block (16 min)
#
# Three more things, and the block is complete.
#
# - **Several heads** look at different things at once, and a matrix mixes what they found (week 1, day 4).
# - A **feed-forward network** lets each word think about what it has got, on its own (day 4 of this week).
# - **Shortcuts and norms**: what a part returns is *added* to what was there, and each part reads a normed copy (week 1, day 6; in depth on day 5).

# %%
class Heads(nn.Module):
    def __init__(self, d_model, n_heads):
        super().__init__()
        self.heads = nn.ModuleList(Head(d_model, d_model // n_heads) for _ in range(n_heads))
        self.join = nn.Linear(d_model, d_model, bias=False)

    def forward(self, x):
        return self.join(torch.cat([head(x) for head in self.heads], dim=-1))

def feed_forward():
    return nn.Sequential(nn.Linear(D, 4 * D), nn.ReLU(), nn.Linear(4 * D, D))

SHELF |= {"heads": lambda: Heads(D, 4), "feed-forward": feed_forward}

# %% [markdown]
# And this is a Transformer **block**, whole. The smallest GPT-2 is a stack of twelve of these, wider and with more heads.

# %%
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm_1, self.norm_2 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.look, self.think = Heads(D, 4), feed_forward()

    def forward(self, x):                       # (B, T, d_model) in and out
        x = x + self.look(self.norm_1(x))       # look around, and add what you found
        return x + self.think(self.norm_2(x))   # think about it, and add what you thought

# %% [markdown]
# Two lines, each *x plus a part of normed x*. The norm stands in front of the part: pre-LN, the order of GPT-2. The paper of 2017 had it behind the plus, norm(x + part(x)): post-LN (week 1, day 6). Is ours
# the real thing? Copy the weights into PyTorch's own layer:

# %%
torch.manual_seed(23)
ours, theirs = Block(), nn.TransformerEncoderLayer(D, 4, 4 * D, dropout=0.0, batch_first=True, norm_first=True)
sides = [torch.cat([getattr(head, side).weight for head in ours.look.heads]) for side in ("query", "key", "value")]
with torch.no_grad():
    theirs.self_attn.in_proj_weight.copy_(torch.cat(sides))
    theirs.self_attn.out_proj.weight.copy_(ours.look.join.weight)
    theirs.linear1.load_state_dict(ours.think[0].state_dict()), theirs.linear2.load_state_dict(ours.think[2].state_dict())
    rows = torch.randn(2, 6, D)
    expected = theirs(rows, src_mask=~attention.causal_mask(6))
    print("same as PyTorch's layer:", torch.allclose(ours(rows), expected, atol=1e-5))

# %% tags=["predict"]
predict("w2d1-p4", "On the way from the average to the block: which step will lower the loss most?",
        options=["average → one head", "one head → four heads", "+ feed-forward", "+ shortcuts, norms"])

# %%
for recipe in (HEADS, THINKS, BLOCK):
    learn(recipe)
ladder = {LADDER[recipe]: curves[recipe][-1] for recipe in LADDER}
print("   ".join(f"{name} {loss:.2f}" for name, loss in ladder.items()), f"  floor {floor:.2f}")

# %% [markdown]
# Watch the block grow. On the left the new part has a dark ring; on the right stands what it did to the loss.

# %%
def growth(upto):  # the ladder up to this rung; -1: before the first
    picture = plt.figure(figsize=(8.8, 4.6), layout="none")
    left, right = picture.add_axes((0.0, 0.03, 0.35, 0.95)), picture.add_axes((0.54, 0.13, 0.44, 0.8))
    rung = max(upto, 0)
    draw_block(left, list(LADDER)[rung], new=["", "seats", "mix", "mix", "mix", "feed-forward", "shortcuts"][rung])
    names, losses = list(ladder)[:upto + 1], list(ladder.values())[:upto + 1]
    right.barh(range(upto + 1), losses, color=[color("residual")] * upto + [color("attention")], height=0.62)
    for i, loss in enumerate(losses):
        right.text(loss + 0.06, i, f"{loss:.2f}", va="center", fontsize=11)
    right.set_yticks(range(upto + 1), names, fontsize=11)
    for value, name in ((floor, "floor"), (even, "ln V")):
        right.axvline(value, linestyle="--", linewidth=1.2, color="#1F2937")
        right.text(value, 1.02, name, ha="center", fontsize=10.5, transform=right.get_xaxis_transform())
    right.set(ylim=(6.6, -0.6), xlim=(0, even * 1.05), xlabel="loss on held-out tales (nats per token)")
    right.tick_params(axis="y", length=0)
    return picture

# %%
told = ["One word's row, one vote: a bigram model.",
        "Each row is told where it stands.",
        "The row is replaced by the average of all rows so far.",
        "The average learns to choose: one masked head.",
        "Four heads, each 16 wide, look at four things at once; a matrix joins them.",
        "A feed-forward network thinks about what came home, each word on its own.",
        "Shortcuts keep what was there, norms keep its size: the block is complete."]
steps = [0.0] + [b - a for a, b in zip(ladder.values(), list(ladder.values())[1:])]

def change(step):
    return "" if not step else f" Loss {'down' if step < 0 else 'up'} by {abs(step):.2f}."

guess = f"Nothing is learned yet: every word gets the same chance, and the loss is ln V, {even:.2f}."
stepper([(growth(-1), guess)] + [(growth(i), told[i] + change(steps[i])) for i in range(7)],
        alt="A block grows part by part, and beside it the loss: " + ", ".join(f"{name} {loss:.2f}" for name, loss in ladder.items()) + f". The floor is {floor:.2f}.",
        caption="Seven models, trained above on the same 1,000 tales. Ringed: what is new.", start=7)

# %%
moves = {"average → one head": steps[3], "one head → four heads": steps[4], "+ feed-forward": steps[5], "+ shortcuts, norms": steps[6]}
worse = [name for name, step in moves.items() if step > 0.02]
reveal("w2d1-p4", min(moves, key=moves.get),
       "From the average to the head much of it is repair: the average had drowned the word itself."
       + (f" And “{worse[0]}” made it worse: without a shortcut, a part replaces what was there." if worse else ""))

# %% [markdown]
# Now all of it on one plot: how each model learns, between the even guess on top and the floor.

# %%
picture, axes = plt.subplots(figsize=(8.6, 4.8))
looks_like = {BIGRAM: ("residual", "-"), SEATS: ("position", "-"), AVERAGE: ("attention", "--"), HEAD: ("attention", ":"),
              HEADS: ("attention", "-"), THINKS: ("feed-forward", "-"), BLOCK: ("", "-")}
spots, last = {}, 99.0
for recipe in sorted(LADDER, key=lambda r: -curves[r][-1]):  # names from the top, at least 0.24 apart
    last = spots[recipe] = min(curves[recipe][-1], last - 0.24)
for recipe, (concept, style) in looks_like.items():
    hue = color(concept) if concept else "#1F2937"
    axes.plot(looks, curves[recipe], color=hue, linestyle=style, linewidth=2 if concept else 3.4)
    axes.plot([250, 261], [curves[recipe][-1], spots[recipe]], color=hue, linewidth=0.9)
    axes.text(263, spots[recipe], f"{LADDER[recipe]} {curves[recipe][-1]:.2f}", va="center", fontsize=10.5)
for value, name in ((even, f"even guess, ln V = {even:.2f}"), (floor, f"entropy floor = {floor:.2f}")):
    axes.axhline(value, linestyle="--", color="#1F2937", linewidth=1.2)
    axes.text(120, value + 0.08, name, fontsize=10.5)
axes.set(title="Seven models between the even guess and the floor", xlabel="training steps (4 tales each)", xticks=range(0, 251, 50),
         ylabel="loss on held-out tales (nats per token)", ylim=(0, even + 0.6), xlim=(0, 345))
figure(picture, caption="The loss is measured on 24 tales that no model has seen. All models saw the same 1,000 tales, once.",
       alt=f"Seven curves fall from about {even:.1f}, the even guess. They end at " + ", ".join(f"{loss:.2f} ({name})" for name, loss in ladder.items())
           + f". The floor at {floor:.2f} is reached by none.")

# %% [markdown]
# Read the plot in three steps. All start near ln V. The average ends far above the others. The block ends lowest, and it is not yet at the floor: it is one block, 64 wide, that has read 1,000
# tales once. Week 4 goes on from here.
#
# ### What does each part bring?
#
# Two honest ways to ask. *Adding*: what did the part change when it came? *Taking away*: what would the finished block lose without it? They need not agree.

# %% tags=["predict"]
predict("w2d1-p5", "Take one thing out of the finished block and train that model from the start. What hurts most?",
        options=["no looking back", "the average instead of heads", "no feed-forward network", "no shortcuts, no norms"])

# %%
without = {"no looking back": Recipe("", True, True), "the average instead of heads": Recipe("average", True, True),
           "no feed-forward network": Recipe("heads", False, True), "no shortcuts, no norms": THINKS}
for recipe in without.values():
    if recipe not in trained:
        learn(recipe)
hurts = {name: curves[recipe][-1] - curves[BLOCK][-1] for name, recipe in without.items()}
print("   ".join(f"{name} {loss:+.2f}" for name, loss in hurts.items()))

# %%
picture, (above, below) = plt.subplots(2, 1, figsize=(7.8, 5.4), sharex=True, height_ratios=[6, 4])
added = dict(zip(list(ladder)[1:], steps[1:]))
for axes, bars, title in ((above, added, "What changed when it came"), (below, hurts, "What changes when the finished block goes without")):
    axes.barh(range(len(bars)), list(bars.values()), color=[color("attention" if value < 0 else "residual") for value in bars.values()], height=0.62)
    for i, value in enumerate(bars.values()):
        axes.text(value + (0.05 if value > 0 else -0.05), i, f"{value:+.2f}".replace("-", "−"), va="center", ha="left" if value > 0 else "right", fontsize=10.5)
    axes.set_yticks(range(len(bars)), list(bars), fontsize=10.5)
    axes.axvline(0, color="#1F2937", linewidth=1)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=12)
below.set(xlabel="change of the loss (nats per token)", xlim=(min(added.values()) - 0.8, max(added.values()) + 0.6))
figure(picture, caption="Above: each step of the ladder. Below: the finished block with one thing changed, trained anew. Left of 0 is better (purple), right of it worse (gray).",
       alt="Change of the loss when a part was added: " + ", ".join(f"{n} {v:+.2f}" for n, v in added.items())
           + ". Change when it is missing in the finished block: " + ", ".join(f"{n} {v:+.2f}" for n, v in hurts.items()) + ".")

# %%
reveal("w2d1-p5", max(hurts, key=hurts.get), "Without looking back there is only the last word and its seat, however cleverly it is thought about.")

# %%
count = {name: sum(p.numel() for p in part.parameters()) for name, part in zip(("heads", "feed-forward"), trained[BLOCK].parts)}
print(f"parameters: heads {count['heads']:,}, feed-forward {count['feed-forward']:,}")
print(f"feed-forward network: {added['+ feed-forward']:+.2f} when it came, {hurts['no feed-forward network']:+.2f} when it is missing")

# %% [markdown]
# Compare the *average* on both sides. Alone it was the worst model of all. With shortcuts around it, it does no such harm: the word's own row goes past it, and the average only *adds* what
# the tale is about. This is why nearly everything in a deep network today stands on a shortcut: a part can then help, and can hardly spoil.
#
# Look at the feed-forward network, too. In so short a training it hardly pays, or even costs: it holds two thirds of the block's parameters, and 1,000 tales are little to fill them. That is an
# honest result about *one* size and *one* minute of training, and no verdict. Day 4 takes the feed-forward networks out of a GPT that was trained for long, and measures what is lost.
#
# With $\operatorname{LN}$ for the norm, the whole block in two lines. Between them runs the **residual stream**: the rows $x$ that every part reads from and adds to.
#
# $$x \leftarrow x + \operatorname{Heads}(\operatorname{LN}(x)) \qquad\qquad x \leftarrow x + \operatorname{FFN}(\operatorname{LN}(x)) \qquad\qquad (T, 64) \to (T, 64)$$
#
# And what do the four heads of the block look at?

# %%
with torch.no_grad():
    model = trained[BLOCK]
    rows = model.norms[0](model.word(held_out.clamp(min=0)) + model.seat.weight[:held_out.shape[1]])
    maps = torch.stack([head.weights(rows[:, :120]) for head in model.parts[0].heads])  # (heads, tales, 120, 120)
back = [[maps[h].diagonal(0, 1, 2).mean().item(), maps[h].amax(-1).mean().item()] for h in range(4)]
attention_heatmap(
    maps[:, 0, :10, :10], names[:10], titles=[f"head {h}" for h in range(4)], title="Four heads of the trained block",
    alt="Four maps over the first 10 tokens of a tale. " + " ".join(
        f"Head {h} gives {100 * b[0]:.0f} percent to the word itself; the largest share of a row is {100 * b[1]:.0f} percent." for h, b in enumerate(back)),
    caption="Rows are queries, columns are keys. Around these heads runs a shortcut, and it carries the word itself.")

# %%
for h, b in enumerate(back):
    print(f"head {h}: itself {b[0]:.2f}   largest share of a row {b[1]:.2f}")
print(f"the single head of section 3, without a shortcut: itself {own:.2f}   largest share {largest:.2f}")

# %% [markdown]
# A small share on the word itself means something else here than in section 3. There it was all that was kept of the word. Here the shortcut carries the whole word past the heads, and all four
# are free to look for something else.

# %% [markdown]
# ## 5 · Put it together yourself (7 min)
#
# Now you hold the switches. Behind each position stands a model that was trained above or in the next cell; the loss is measured, and the text is what it writes.

# %% tags=["predict"]
predict("w2d1-p6", "Which of these two will be better?", options=["four heads, nothing else", "the average, with feed-forward network, shortcuts and norms"])

# %%
switches = [Recipe(mix, thinks, cuts) for mix in ("", "average", "heads") for thinks in (False, True) for cuts in (False, True)
            if mix or thinks or not cuts]
for recipe in switches:
    if recipe not in trained:
        learn(recipe)

# %%
@torch.no_grad()
def write(model, texts=16, length=60):  # each next word is drawn by the model's own chances
    dice = torch.Generator().manual_seed(24)
    ids = torch.zeros(texts, 1, dtype=torch.long)
    for _ in range(length):
        chances = model(ids)[:, -1].softmax(-1)
        ids = torch.cat([ids, torch.multinomial(chances, 1, generator=dice)], dim=1)
    return [[words[i] for i in row[1:]] for row in ids.tolist()]

written = {recipe: write(model) for recipe, model in trained.items()}

# %% [markdown]
# *Find with it:* (1) the best model with only two things switched on, and compare it with all three. (2) A switch that helps in one setting and does harm in another. (3) What the writing of the best one still gets wrong.

# %% tags=["interactive"]
block_builder(
    {recipe: Trained(curves[recipe][-1], spelled(written[recipe][0][:26])) for recipe in switches},
    even=even, floor=floor, start=SEATS,
    alt=f"Eleven ways to assemble the block, each with its loss. The best is {name_of(min(switches, key=lambda r: curves[r][-1]))}, "
        f"the worst {name_of(max(switches, key=lambda r: curves[r][-1]))}.",
    caption="Switch parts on and off. Empty circles on the scale: what you have tried already.")

# %%
one, other = curves[HEADS][-1], curves[Recipe("average", True, True)][-1]
print(f"four heads, nothing else: {one:.2f}    average with feed-forward, shortcuts, norms: {other:.2f}")
reveal("w2d1-p6", "four heads, nothing else" if one < other else "the average, with feed-forward network, shortcuts and norms",
       "Look at both in the picture, and at what each does with the word's own row.")
two = min([Recipe("heads", True), Recipe("average", True), Recipe("heads", False, True), Recipe("average", False, True), Recipe("", True, True)],
          key=lambda r: curves[r][-1])
print(f"(1) {name_of(two)}, {curves[two][-1]:.2f}; with all three {curves[BLOCK][-1]:.2f}")

# %% [markdown]
# (2) is worth a sentence in your journal: the average, with shortcuts and without. A part has no value of its own; it has one *in a place*.

# %% [markdown]
# ## 6 · What they write (5 min)
#
# A lower loss should mean better tales. Does it? The grammar can judge. It reads a text until the first word that no rule allows there; ✗ stands in front of it. Here each of the seven models of
# the ladder writes 32 words freely from the start token.

# %%
def judged(text):  # the words that the grammar accepts, and the first one that it refuses
    reading = read_story(spelled(text))
    return reading.words, reading.refused

def marked(text):
    accepted, refused = judged(text)
    return spelled([*accepted, *(["✗"] if refused else []), *text[len(accepted):]])

for i, (recipe, name) in enumerate(LADDER.items()):
    print(f"{name + ':':20} {marked(written[recipe][i][:32])}")

# %% [markdown]
# Read on behind the ✗: from model to model, phrases grow longer. But for so strict a judge one wrong name ends a tale. A milder question: give a model the *true* beginning of a held-out tale, up to any word. Which share of its chances goes to words that
# the grammar allows next?

# %% tags=["predict"]
predict("w2d1-p7", "The finished block gets true beginnings of new tales. In how many of 100 cases is the next word that it draws one that the grammar allows?")

# %%
def allowed(tale):  # (T, V): True where the grammar allows this token next
    reading, asked = read_story(""), [*words_of(tale), "■"]
    may = torch.zeros(len(asked), len(words), dtype=torch.bool)
    for t, word in enumerate(asked):
        may[t, [number[w or "■"] for w in reading.chances()]] = True  # None: the tale may end
        reading.read(word)
    return may

may = [allowed(tale) for tale in new_tales[:6]]

# %%
@torch.no_grad()
def obeys(model):  # in percent, mean over all places of six held-out tales
    chances = model(held_out[:6, :-1].clamp(min=0)).softmax(-1)
    return 100 * torch.cat([(row[:len(open_)] * open_).sum(-1) for row, open_ in zip(chances, may)]).mean().item()

rules = {name: obeys(trained[recipe]) for recipe, name in LADDER.items()}
sentences = {name: sum(judged(text)[0].count(".") for text in written[recipe]) for recipe, name in LADDER.items()}
for name in rules:
    print(f"{name:20} {rules[name]:3.0f} of 100 next words allowed;  writing freely: {sentences[name]:2} whole sentences in 16 texts before the first slip")

# %%
probability_bars(
    {"": {name: rules[name] / 100 for name in rules}}, notes=[f"loss {ladder[name]:.2f}" for name in rules],
    xlabel="share of the chances that obeys the grammar", title="The lower the loss, the better the rules are kept",
    alt="Loss, and share of the chances for the next word that the grammar allows: "
        + ", ".join(f"{name} {ladder[name]:.2f} and {rules[name]:.0f} percent" for name in rules) + ".",
    caption="Mean over all places of six held-out tales, with the true beginning given each time.")

# %%
reveal("w2d1-p7", round(rules[LADDER[BLOCK]]), "The true beginning does much of the work: the model has to go one step only. Writing freely, each slip of its own is the next word's beginning.",
       tolerance=5)

# %% [markdown]
# The bigram model makes good *pairs*. Who owns what, and which name was said, is thirty words back: only a model that looks back can know. What a single block still gets wrong you read in the first
# slips above: mostly a name or a thing that it should have *copied*. Copying takes two blocks that work together; you will find such heads in week 3.

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** The average of the past, the third way, for a batch: `x` is (B, T, d). Two lines are missing.

# %% tags=["exercise"]
def average_of_past(x):               # x: (B, T, d)
    T = x.shape[1]
    may_look = torch.ones(T, T).tril().bool()
    scores = torch.zeros(T, T)
    scores = ...                      # close the future
    weights = ...                     # (T, T): shares of 1
    return weights @ x                # (T, T) @ (B, T, d) = (B, T, d)

# %% tags=["check"]
check_exercise("w2d1-e1", average_of_past)

# %%
help_with("w2d1-e1")

# %% [markdown]
# **2 · Fix it.** This block has everything in the right order, and forgets who a word was: change the first word's row a lot, and after a few such blocks you cannot find it again. Repair it (pre-LN).

# %% tags=["exercise"]
def norm(x):
    return F.layer_norm(x, x.shape[-1:])

def block(x, look, think):            # x: (B, T, d); look and think return the same shape
    x = look(norm(x))
    x = think(norm(x))
    return x

# %% tags=["check"]
check_exercise("w2d1-e2", block)

# %%
help_with("w2d1-e2")

# %% [markdown]
# **3 · From scratch.** One masked head for a batch of texts: `x` is (B, T, d), each matrix (d, d_k); return (B, T, d_k). Plain torch.

# %% tags=["exercise"]
def masked_head(x, w_q, w_k, w_v):    # x: (B, T, d); each w: (d, d_k)
    ...

# %% tags=["check"]
check_exercise("w2d1-e3", masked_head)

# %%
help_with("w2d1-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too.

# %% tags=["quiz"]
quiz("w2d1")

# %% [markdown]
# ## Draw or write: pause and sketch (7 min)
#
# The plan for today: watch the first 30 minutes of [Let's build GPT](https://www.youtube.com/watch?v=kCc8FmEb1nY) (Andrej Karpathy), and *pause and sketch*. He builds what you have built, with single letters of
# Shakespeare as tokens. Stop at each of these places, draw, and only then go on:
#
# | Pause after about | He has just | Sketch |
# |---|---|---|
# | 9 min | looked at the text | six letters of it in a row, each in a box: the tokens |
# | 14 min | made ids, and split the text | a long bar for all the data. Which end is held out? |
# | 18 min | cut out a chunk of 8 letters | the eight lessons in it, one under the other, growing by one |
# | 22 min | stacked chunks into a batch | two tables (4, 8): what is read, and what must be said |
# | 30 min | a bigram model, with its loss | one letter, its row of logits, and the loss of an even guess among 65 |
#
# No time for the film? Then draw the block instead, from memory, on paper or here: seven boxes, two pluses, two shortcuts.

# %% tags=["interactive"]
sketch("w2d1", "block",
       alt="""An empty sheet, for the Transformer block from memory: the word's row at the bottom, the votes on top, between them the parts, their norms and
           the shortcuts around them.""",
       caption="Your sheet. Begin at the bottom, with the word's row; end with the votes.")

# %% [markdown]
# Done? Run the next cell again, so that it finds your drawing, and open it. Correct yours in a second color.

# %%
NOTES = [(402, "a row for the word, a row for its seat\n(day 2)"), (330, "each row to mean 0 and spread 1 (day 5)"),
         (288, "words meet here, and only here:\nmasked heads (day 3)"), (244, "added to what was there, not put in its place"),
         (198, "again: a part reads a normed copy"), (156, "each word on its own: wide, ReLU, narrow\n(day 4)"), (112, "added, too"),
         (78, "one last norm, after the last block"), (30, "one logit for each word of the vocabulary")]

def reference(title, caption):
    return block_picture(
        BLOCK, title=title, notes=NOTES, caption=caption,
        alt="""From below: a row for the word plus a row for its seat; a norm, masked heads, and a plus where the shortcut comes back; a second norm, the
            feed-forward network, and a second plus; one last norm; the votes. Words meet only in the heads.""")

compare_sketch("w2d1", "block", reference("The block, pre-LN", "Both shortcuts leave the road in front of a norm, and come back behind a part."), [
    "Does each shortcut start in front of the *norm*, and not between norm and part?",
    "Does it end in a plus behind the part?",
    "Is nothing on the shortcut itself, no norm and no matrix?",
    "Is the mask, or the word *masked*, at the heads?",
    "Do the heads come before the feed-forward network?",
    "Could somebody see where words meet, and where each is on its own?"])

# %%
journal("w2d1", ["Which box or arrow did you forget, or put into the wrong place?",
                 "One part helped in one place and did harm in another. Which, and why?",
                 "Day 7: which idea of this week would you like to explain to somebody in three minutes?"])

# %% [markdown]
# <details><summary>Reference: the five sketches of the film</summary>
#
# 1. One letter in each box, also the blank and the end of a line: they are tokens like others. Today a token of ours was a word.
# 2. The *last* tenth is held out. Ours are tales of another seed.
# 3. "F" → i; "Fi" → r; "Fir" → s; and so on: eight lessons, because each position guesses its next letter. Ours had about 160 in a tale.
# 4. The second table is the first one moved by one place. Rows are different texts, which never meet.
# 5. The letter's id picks a row of a (65, 65) table; that row *is* the logits. −ln(1/65) = ln 65 = 4.17. His first loss is somewhat larger: random logits are not even.
# </details>

# %% [markdown]
# ## Go further (optional, 65 min)
#
# - [Let's build GPT: from scratch, in code, spelled out](https://www.youtube.com/watch?v=kCc8FmEb1nY) (Andrej Karpathy, the first 30 of its 116 min, with the pauses above; if you like it, go on to the averages: they
#   come about 42 min in). Look for: his loops, his triangle, his softmax, in the same order as in section 2. *Question to answer:* in his batch of (4, 8), how many lessons are there in one step?
# - [LLM Visualization](https://bbycroft.net/llm) (Brendan Bycroft, 20 min, in the browser). A small GPT to walk through, each number a cube. Look for: where the shortcuts come back. *Question:* which comes
#   first in its blocks, the norm or the attention?
#
# <details><summary>Answers</summary>
#
# Thirty-two: each of 4 rows has 8 positions, and each guesses its next letter. The norm: it shows a GPT, and GPTs are pre-LN.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# One block. The picture goes into your portfolio: it is the map of this week, and on day 7 you may need it.

# %%
whole = reference("One block, and the days that explain it", "Today's block. Days 2 to 5 of this week open one box each; on day 6 you draw it for others.")
saved = whole.save(portfolio() / "w2d1_block.png")
whole

# %% [markdown]
# **New words**

# %%
new_words("w2d1")

# %% [markdown]
# **Tomorrow**: the seats. Today they were a table that was simply learned. Why does a model need them at all, how did the paper of 2017 do it with nothing but waves, and what does a shift look like?

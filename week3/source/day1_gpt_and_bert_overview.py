# %% [markdown]
# # Week 3 · Day 1: GPT and BERT overview
#
# **Today you send one sentence through two models that are built from the same parts, and find out why one of them writes and the other one fills gaps.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week3/day1_gpt_and_bert_overview.ipynb)
#
# At the end you will be able to
#
# - draw the two masks from memory, and prove with one changed word which model looks ahead;
# - compute both losses by hand, masked and next-token, and say how many lessons a text gives in each;
# - say which of the two you would take for a given job, and what it cannot do.

# %% tags=["setup"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week3", []  # this day's folder, and what it uses that Colab does not bring
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

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F
from transformers import logging

from shared.attention import causal_mask
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.sketches import compare_sketch, sketch
from shared.pretrained import load
from shared.text import stories
from shared.visuals import Matrix, color, course_map, draw_heatmap, figure, matrices_figure, stepper
from shared.visuals.concept_map import WEEK_3, concept_map
from shared.visuals.palette import INK, LINE, PAPER, QUIET, words as ink_of
from shared.visuals.two_readers import Hidden, draw_looks, hidden_word_view

logging.set_verbosity_error(), logging.disable_progress_bar()  # no remarks while models load
course_map(week=3, day=1)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w3d1")

# %% [markdown]
# ## This week (2 min)
#
# You know every part of a Transformer. This week is about the models that people made of them. Its goal: **you can explain GPT, from the text that goes in to the next word that comes out, to somebody of twelve.**
# On day 7 you will do just that, so keep each day one sentence that you would say to a child.
#
# Here is the week. Nothing on it needs to be clear today. Look for two things that you know already, and for one that you are curious about; on day 7 the map comes back with gaps.

# %%
concept_map(WEEK_3, caption="A row for each day. Each arrow, with its words, reads as a sentence.")

# %% [markdown]
# ## 1 · One sentence, two models (8 min)
#
# In 2018 two teams took the Transformer of week 1, day 6, apart. OpenAI kept the right tower and called it GPT (June). Google kept the left one and called it **BERT** (October). You met a BERT on
# week 2, day 3 and a GPT on week 1, day 4. Today they read the same sentence, side by side.

# %%
bert_tokenizer, bert = load("bert")
gpt_tokenizer, gpt = load("gpt2")

# %% [markdown]
# Each line says which model you got: the famous one where the hub answers, else the course's own, of the same build and much smaller. All cells below run unchanged with either.

# %%
def tokens_of(tokenizer, *texts):
    return [token.strip("Ġ") for token in tokenizer.convert_ids_to_tokens(tokenizer(*texts)["input_ids"])]

@torch.no_grad()
def run(tokenizer, model, *texts):
    return model(**tokenizer(*texts, return_tensors="pt"), output_hidden_states=True)

sentence = "The cat sat on the mat"
bert_out, gpt_out = run(bert_tokenizer, bert, sentence), run(gpt_tokenizer, gpt, sentence)
for name, tokenizer, out in (("BERT", bert_tokenizer, bert_out), ("GPT", gpt_tokenizer, gpt_out)):
    print(f"{name:5}", *tokens_of(tokenizer, sentence))
    print(f"      rows {tuple(out.hidden_states[-1].shape)}   votes {tuple(out.logits.shape)} = (texts, tokens, vocabulary)")

# %% [markdown]
# Two things meet the eye. BERT adds `[CLS]` and `[SEP]`; section 5 says what for. And *both* give a row of votes at *every* token. So the difference is not there. Is it inside? Take one block out of each and count.

# %% tags=["predict"]
predict("w3d1-p1",
        "One block of each model, both equally wide, with everything in it: attention, feed-forward network, norms, biases. "
        "Which one has more parameters?",
        options=["BERT's: looking to both sides takes twice the matrices", "GPT's: it has cross-attention, too",
                 "GPT's: the causal mask has to be learned", "neither: exactly the same number"])

# %%
def count(part):
    return sum(numbers.numel() for numbers in part.parameters())

bert_block, gpt_block, d = bert.bert.encoder.layer[0], gpt.transformer.h[0], gpt.config.n_embd
print(f"width {bert.config.hidden_size} and {d}:  BERT's block {count(bert_block):,}   GPT's block {count(gpt_block):,}")
print(f"12 d² + 13 d at {d}: {12 * d**2 + 13 * d:,}    at 768, BERT-base and GPT-2 small: {12 * 768**2 + 13 * 768:,}")
reveal("w3d1-p1", "neither: exactly the same number" if count(bert_block) == count(gpt_block) else "GPT's: it has cross-attention, too",
       "Four matrices d × d for queries, keys, values and output, two of d × 4d, their biases, and two norms. A mask is a table of yes and no: nothing in it is learned.")

# %%
def column(ax, x, name, under, parts):
    ax.text(x, 5.5, name, ha="center", fontsize=13, fontweight="bold")
    ax.text(x, 5.05, under, ha="center", fontsize=10, color=QUIET)
    for y, (text, concept, note) in enumerate(parts):
        box = dict(boxstyle="round,pad=0.4", facecolor=PAPER, edgecolor=color(concept), linewidth=2)
        ax.text(x, y + 0.2, text, ha="center", va="center", fontsize=11, bbox=box)
        ax.text(x + (1.35 if x else -1.35), y + 0.2, note, ha="left" if x else "right", va="center", fontsize=10, color=ink_of("attention"))
        if y:
            ax.annotate("", (x, y - 0.08), (x, y - 0.52), arrowprops=dict(arrowstyle="-|>", color=QUIET))

same = [("heads", "attention"), ("feed-forward", "feed-forward"), ("… more blocks …", "residual"), ("votes at every token", "residual")]
notes = {"BERT": ["+ segment", "open to both sides", "norm after each part", "", "for the hidden words"],
         "GPT": ["", "closed to the right", "norm before each part", "", "for the next word"]}

# %%
picture, ax = plt.subplots(figsize=(8.6, 4.3))
for x, name, under in ((0, "BERT", "encoder, left tower"), (3.4, "GPT", "decoder, right tower, without cross-attention")):
    parts = [("token + position", "position"), *same]
    column(ax, x, name, under, [(*part, note) for part, note in zip(parts, notes[name])])
ax.set(xlim=(-3.6, 7.1), ylim=(-0.4, 5.9))
ax.set_title("The same parts, other rules", loc="left", pad=2)
ax.axis("off")
figure(picture, caption="What differs stands in purple. Read it from below; today is about the second line and the last.",
       alt="""Two columns of the same five boxes, from below: token and position, heads, feed-forward, more blocks, votes at every token. For BERT: a segment is added,
           heads are open to both sides, norms come after each part, votes are for the hidden words. For GPT: heads are closed to the right, norms come before each part, votes are for
           the next word.""")

# %% [markdown]
# You will read "GPT is the decoder of the Transformer". Precisely: the decoder *minus* its cross-attention, for there is no other text to ask. GPT also took GELU and learned positions, as BERT has them,
# and GPT-2 moved the norms to the front and added a final one. What makes two different models of these parts is two choices: *who may look where*, and *which game it is trained for*.

# %% [markdown]
# ## 2 · Who may look where (9 min)
#
# A model that looks to both sides is called **bidirectional**; one that writes from left to right, each word from the words so far, **autoregressive**. Take the six words without BERT's additions.

# %% tags=["predict"]
predict("w3d1-p2",
        "Six words make a map of 6 × 6 = 36 cells. In BERT all of them are open. How many are open in GPT?")

# %%
six = sentence.split()
back, both = causal_mask(6).numpy(), torch.ones(6, 6).bool().numpy()

def two_masks(row, masks=(both, back)):  # row None: all words ask at once
    picture, axes = plt.subplots(1, 2, figsize=(6.6, 2.3))
    for ax, mask, name in zip(axes, masks, ("BERT", "GPT")):
        draw_looks(ax, six, mask, row=row, size=10)
        says = f"{mask.sum()} of 36 cells are open" if row is None else f"{six[row]} sees {mask[row].sum()} of 6"
        ax.set_title(f"{name}: {says}" if mask.any() else name, fontsize=12)
    return picture

# %% [markdown]
# Before each step, say which words will light up on the right.

# %%
frames = [(two_masks(None, (~both, ~both)), "The same six words twice: above they ask, below they are looked at. Nobody asks yet.")]
frames += [(two_masks(t), f"{six[t]}, word {t + 1} of 6. In BERT it sees all words; in GPT itself and {t} before it, and nothing of what follows.") for t in range(6)]
frames += [(two_masks(None), f"All at once: {both.sum()} looks in BERT, {back.sum()} in GPT. Every line of GPT goes down or to the left.")]
stepper(frames, start=3, alt="""One word after the other asks. In BERT lines go from it to all six words, each time. In GPT the first word sees itself only, the second two words, and so on; only
        the last word sees all six. In the end all ask at once.""",
        caption="Above, the word that asks; below, the words that it may look at. Step through it with the arrow keys.")

# %% [markdown]
# That is the rule. Do the two models obey it? Take the maps of *all* heads in *all* layers, and mark each cell in which any of them has any weight at all.

# %%
bert_maps, gpt_maps = torch.cat(bert_out.attentions), torch.cat(gpt_out.attentions)  # (layers, heads, T, T)
bert_open, gpt_open = (maps.amax((0, 1)) > 0 for maps in (bert_maps, gpt_maps))
picture, axes = plt.subplots(1, 2, figsize=(8.4, 4.1))
for ax, open_, tokens, name in ((axes[0], bert_open, tokens_of(bert_tokenizer, sentence), "BERT"), (axes[1], gpt_open, tokens_of(gpt_tokenizer, sentence), "GPT")):
    draw_heatmap(ax, 0.75 * open_, tokens, tokens, numbers=False)
    ax.set_title(f"{name}: {int(open_.sum())} of {open_.numel()} cells are used")
axes[1].set_ylabel("")
figure(picture, caption="A filled cell has weight in at least one head. White: not one head of any layer has put anything there.",
       alt=f"""Two maps of cells that any head uses. BERT uses {int(bert_open.sum())} of {bert_open.numel()}, on both sides of the diagonal. GPT uses {int(gpt_open.sum())} of
           {gpt_open.numel()}: the diagonal and what is below.""")

# %%
print("GPT's open cells are the causal mask:", torch.equal(gpt_open, causal_mask(len(gpt_open))))
print("BERT's open cells are all cells:     ", bool(bert_open.all()))
reveal("w3d1-p2", int(causal_mask(6).sum()), "1 + 2 + 3 + 4 + 5 + 6 = 6 · 7 / 2 = 21. A causal map is a little more than half full: the diagonal is open.")

# %% [markdown]
# As code both masks are one line; as a formula, with $t$ for the row that asks and $s$ for the column:
#
# $$M^{\text{BERT}}_{ts} = \text{open for all } t, s \qquad\qquad M^{\text{GPT}}_{ts} = \text{open if } s \le t, \ \text{else } -\infty \text{ before the softmax}$$
#
# So the often-heard "every token attends to every other, and then the next word is predicted" mixes two models up. BERT does the first half and GPT the second. And GPT's mask is on in *training*, too: there all positions of a
# text guess at once, and without the mask each would see its answer. Switched on only later, it would meet rows that it never learned from.

# %% [markdown]
# ## 3 · Change one word, and see who notices (9 min)
#
# A mask is a promise about *information*. Test it as a detective would: change one word, and look whose rows change. Our cat moves from the mat to a rug.

# %% tags=["predict"]
predict("w3d1-p3",
        "GPT reads 'The cat sat on the mat', and then 'The cat sat on the rug'. After all its layers, how many of its six rows are different?")

# %%
def changes(tokenizer, model, one, other):  # (layers + 1, T): how far each row moved, as a share of its length
    a, b = (torch.cat(run(tokenizer, model, text).hidden_states) for text in (one, other))
    return ((a - b).norm(dim=-1) / a.norm(dim=-1))

last_word = ("The cat sat on the mat", "The cat sat on the rug")
in_bert, in_gpt = changes(bert_tokenizer, bert, *last_word), changes(gpt_tokenizer, gpt, *last_word)
moved_bert, moved_gpt = ((rows[-1] > 1e-4).sum().item() for rows in (in_bert, in_gpt))
print(f"different after the last layer: BERT {moved_bert} of {in_bert.shape[1]} rows, GPT {moved_gpt} of {in_gpt.shape[1]}")

# %% [markdown]
# Block by block, first for this change, and then for another one, at the other end: *The* becomes *A*.

# %%
first_word = ("The cat sat on the mat", "A cat sat on the mat")
of_first = changes(bert_tokenizer, bert, *first_word), changes(gpt_tokenizer, gpt, *first_word)
n_blocks = max(len(in_bert), len(in_gpt)) - 1

def spread(rows_of, changed, layer):
    picture, axes = plt.subplots(1, 2, figsize=(7.4, 2.8), sharey=True)
    for ax, rows, tokenizer, name in ((axes[0], rows_of[0], bert_tokenizer, "BERT"), (axes[1], rows_of[1], gpt_tokenizer, "GPT")):
        l = min(layer, len(rows) - 1)
        tokens, moved = tokens_of(tokenizer, last_word[0]), int((rows[l] > 1e-4).sum())
        ax.bar(range(len(tokens)), rows[l], color=color("residual"))
        ax.set_xticks(range(len(tokens)), tokens, fontsize=10)
        ax.set_title(f"{name}, {'before block 1' if l == 0 else f'after block {l}'}: {moved} row{'s differ' if moved > 1 else ' differs'}", fontsize=11.5)
        ax.set(ylim=(0, 1.05 * float(max(rows_of[0].max(), rows_of[1].max()))), xlabel=f"token ({changed})")
    axes[0].set_ylabel("change of the row\n(share of its length)")
    return picture

# %%
frames = [(spread((in_bert, in_gpt), "mat becomes rug", 0), "mat becomes rug. Before the first block only the changed word differs, in both models.")]
frames += [(spread((in_bert, in_gpt), "mat becomes rug", l), f"mat becomes rug, after {l} {'block' if l == 1 else 'blocks'}: in BERT the news has reached all tokens, in GPT nobody to the left can hear it.")
           for l in range(1, n_blocks + 1)]
frames += [(spread(of_first, "The becomes A", 0), "Now the first word: The becomes A. Again only the changed word differs at first.")]
frames += [(spread(of_first, "The becomes A", l), f"The becomes A, after {l} {'block' if l == 1 else 'blocks'}: all of GPT's tokens stand to the right of it, and all have heard.")
           for l in (1, n_blocks)]
stepper(frames, start=1,
        alt=f"""How much each token's row changes, block by block. First mat becomes rug: before the first block only the last word's row differs; after the blocks {moved_bert} of
        {in_bert.shape[1]} rows of BERT differ, and {moved_gpt} of {in_gpt.shape[1]} of GPT. Then The becomes A: after the blocks {int((of_first[0][-1] > 1e-4).sum())} rows of BERT and {int((of_first[1][-1] > 1e-4).sum())} of GPT differ.""",
        caption="One word changes: the last one, and then the first one. The length of a bar says how far the row moved.")

# %%
reveal("w3d1-p3", moved_gpt, "Only the changed word's own. No earlier row can look at it, in no layer, so they stay the same to the last digit.")
for name, rows in zip(("BERT", "GPT"), of_first):
    print(f"{name}, the FIRST word changed: {int((rows[-1] > 1e-4).sum())} rows differ")

# %% [markdown]
# So GPT is not deaf; it hears from one side. Is that a loss? Think of the course's longer sentence. Whether *it* is the animal or the street, you know only at the end: too *tired*, or too *wide*.

# %%
tired = "The animal didn't cross the street because it was too tired"
wide = tired.replace("tired", "wide")
for name, tokenizer, model in (("BERT", bert_tokenizer, bert), ("GPT", gpt_tokenizer, gpt)):
    it = tokens_of(tokenizer, tired).index("it")
    print(f"{name}: the row of 'it' moves by {100 * float(changes(tokenizer, model, tired, wide)[-1, it]):.1f} %")

# %% [markdown]
# In GPT the row of *it* has to be made before the sentence is over, so it cannot depend on the last word. That does not make GPT stupid: the row of *tired* itself may look back and settle the matter there. But a row that
# stands for a word *in its whole sentence* is what BERT gives.
#
# What does GPT gain? Old rows never change. A model that writes can keep them, and compute one new row a word (day 6 puts a price on that). And there is no other way to train for writing: when you write, the right side does not exist yet.

# %% [markdown]
# ## 4 · Two games, two losses (16 min)
#
# Same parts, another mask, and now another game. GPT's game you know from week 2, day 1: *guess the next token*, everywhere. It is also called **causal language modeling**.
#
# BERT cannot play it: with both sides open, the next word lies on the table. So its text is damaged first. Some tokens are chosen, most of them are hidden behind `[MASK]`, and BERT has to restore them:
# **masked language modeling** (MLM). Only chosen positions count.
#
# ### By hand, on five words
#
# A toy model: five words in its vocabulary, and a row of votes at each of six positions. Take the *same* table of votes for both games. What counts?

# %%
vocabulary = ["the", "cat", "sat", "on", "mat"]
ids = torch.tensor([0, 1, 2, 3, 0, 4])  # the cat sat on the mat
logits = torch.tensor([[0., 2, 1, 0, 1], [0, 1, 3, 1, 0], [1, 0, 2, 3, 0], [3, 0, 0, 1, 1], [0, 2, 1, 0, 2], [1, 0, 1, 0, 3]])
chances = logits.softmax(-1)            # (6, 5): each row adds up to 1
chosen = [2, 5]                         # MLM: sat and mat were chosen
masked_cells = [(t, int(ids[t])) for t in chosen]             # the word itself
next_cells = [(t, int(ids[t + 1])) for t in range(5)]         # the word after it

# %%
picture, axes = plt.subplots(1, 2, figsize=(8.6, 4.3))
read = ["the", "cat", "[MASK]", "on", "the", "[MASK]"]
for ax, cells, rows, title in ((axes[0], masked_cells, read, f"MLM: {len(masked_cells)} rows count"),
                               (axes[1], next_cells, [vocabulary[i] for i in ids], f"Next token: {len(next_cells)} rows count")):
    draw_heatmap(ax, chances, rows, vocabulary)
    for t, v in cells:
        ax.add_patch(plt.Rectangle((v - 0.5, t - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=2.6, clip_on=False, zorder=5))
    ax.set_title(title)
    ax.set(xlabel="chance of each word", ylabel="what is read" if ax is axes[0] else "")
figure(picture, caption="One table of chances. Framed: the right answers. On the left each stands in the row of its own position, on the right one row above.",
       alt="""A table of chances, 6 positions by 5 words, drawn twice. For MLM two cells are framed: sat in the third row and mat in the last, the rows that read MASK. For the next-token game
           five cells are framed, each one the word that comes after the row's own; the last row has none.""")

# %% tags=["predict"]
predict("w3d1-p4",
        "The framed cells of the left table are the chances that the toy model gave to the two right answers. "
        "What is the MLM loss: the mean of −ln of the two? (A rough number is fine.)")

# %%
def mean_surprise(cells):
    total = 0.0
    for t, v in cells:
        print(f"   row {t}: −ln {chances[t, v]:.3f} = {-math.log(chances[t, v]):.3f}   ({vocabulary[v]})")
        total += -math.log(chances[t, v])
    return total / len(cells)

print("masked:"); by_hand_masked = mean_surprise(masked_cells)
print("next:"); by_hand_next = mean_surprise(next_cells)
print(f"MLM loss {by_hand_masked:.4f}   next-token loss {by_hand_next:.4f}")
reveal("w3d1-p4", round(by_hand_masked, 2), "Two surprises, one mean. The other four rows may say what they like.", tolerance=0.1)

# %% [markdown]
# As a formula, with $C$ for the chosen positions, $\tilde x$ for the damaged text and $x$ for the true one:
#
# $$L_{\text{MLM}} = -\frac{1}{|C|}\sum_{t \in C} \ln p\,(x_t \mid \tilde x) \qquad\qquad L_{\text{next}} = -\frac{1}{T-1}\sum_{t=1}^{T-1} \ln p\,(x_{t+1} \mid x_1 \dots x_t)$$
#
# In PyTorch both are one call of `cross_entropy`. The games differ in the targets that you hand over. A target of −100 means: do not count this row.

# %%
targets = torch.full((6,), -100)
targets[chosen] = ids[chosen]
masked_loss = F.cross_entropy(logits, targets)           # ignores the −100
next_loss = F.cross_entropy(logits[:-1], ids[1:])        # row t against word t + 1
print("targets for MLM ", targets.tolist(), f"  loss {masked_loss:.4f}   as by hand: {abs(masked_loss - by_hand_masked) < 1e-5}")
print("targets for next", ids[1:].tolist(), f"        loss {next_loss:.4f}   as by hand: {abs(next_loss - by_hand_next) < 1e-5}")

# %% [markdown]
# Hugging Face's models compute the same when you pass `labels`. Watch out: its BERT takes the labels where they stand, its GPT shifts them by one *for you*. Who shifts them once more trains a model to skip a word.

# %%
given = bert_tokenizer(sentence, return_tensors="pt")
labels = torch.full_like(given["input_ids"], -100)
places = [3, 6]  # sat and mat, counted with [CLS]
labels[0, places] = given["input_ids"][0, places]
given["input_ids"][0, places] = bert_tokenizer.mask_token_id
gpt_given = gpt_tokenizer(sentence, return_tensors="pt")
with torch.no_grad():
    theirs = bert(**given, labels=labels)
    theirs_next = gpt(**gpt_given, labels=gpt_given["input_ids"])
ours = F.cross_entropy(theirs.logits[0, places], labels[0, places])
ours_next = F.cross_entropy(theirs_next.logits[0, :-1], gpt_given["input_ids"][0, 1:])
print(f"BERT {theirs.loss:.4f}, ours {ours:.4f}    GPT {theirs_next.loss:.4f}, ours {ours_next:.4f}    equal:",
      torch.allclose(theirs.loss, ours, atol=1e-4), torch.allclose(theirs_next.loss, ours_next, atol=1e-4))

# %% [markdown]
# ### How many lessons are in a text?

# %% tags=["predict"]
predict("w3d1-p5",
        "BERT's makers chose 15 % of the tokens. Take a text of 100 tokens. For one position that teaches BERT something, "
        "how many positions teach GPT?")

# %%
random.seed(0)
drawn = random.sample(range(50), 8)  # 15 % of 50, rounded
asked = [t in drawn for t in range(50)]
picture, axes = plt.subplots(2, 1, figsize=(8.8, 2.9))
for ax, lessons, name in ((axes[0], asked, "BERT, 15 %"), (axes[1], [True] * 49 + [False], "GPT")):
    for t, on in enumerate(lessons):
        ax.add_patch(plt.Rectangle((t, 0), 0.84, 1, facecolor=color("attention") if on else PAPER, edgecolor=LINE))
    ax.set(xlim=(-0.3, 50.2), ylim=(-0.1, 1.1))
    ax.set_title(f"{name}: {sum(lessons)} of 50 tokens are a lesson", fontsize=11.5)
    ax.axis("off")
figure(picture, caption="A text of 50 tokens. GPT's last token has no next one to guess.",
       alt=f"Two rows of 50 boxes. In BERT's row {sum(asked)} boxes, scattered at random, are filled: the positions that count. In GPT's row all are filled but the last.")

# %%
reveal("w3d1-p5", round(99 / 15, 1), "99 positions have a next token, 15 are chosen: 6.6 to 1. Each of BERT's lessons has more to go by, but a text must come round more often.", tolerance=0.5)

# %% [markdown]
# "Only the last word's guess is trained" is a common belief about GPT, and wrong: in training all positions guess, each from its own past. Only in *writing* the last row alone is used.
#
# ### 15 %, and then 80, 10, 10
#
# What happens to a chosen token? You would say: it becomes `[MASK]`. Mostly. [BERT's paper](https://arxiv.org/abs/1810.04805) rolls the dice once more: in 80 % of the cases `[MASK]`, in 10 % a *random* token, in 10 % it *stays as it is*.
# The loss asks for the original in all three.

# %% tags=["predict"]
predict("w3d1-p6", "1,000 tokens go through BERT's recipe. About how many does the model see as [MASK]?")

# %%
def damage(ids, mask_id, n_vocabulary, generator):  # ids: (T,). No special tokens in it: they are never chosen
    roll = torch.rand(ids.shape, generator=generator)
    second = torch.rand(ids.shape, generator=generator)
    chosen = roll < 0.15
    hide, swap = chosen & (second < 0.8), chosen & (second >= 0.8) & (second < 0.9)
    damaged = torch.where(hide, mask_id, ids)
    damaged = torch.where(swap, torch.randint(n_vocabulary, ids.shape, generator=generator), damaged)
    return damaged, torch.where(chosen, ids, -100), hide, swap  # what is read, the labels, and two fates

generator = torch.Generator().manual_seed(11)
many = torch.randint(1000, (100_000,), generator=generator)
_, labels, hide, swap = damage(many, -1, 1000, generator)
asked = labels != -100
for name, which in (("chosen", asked), ("hidden", hide), ("swapped", swap), ("kept", asked & ~hide & ~swap)):
    print(f"{name:8} {100 * which.float().mean():5.2f} % of 100,000 tokens")

# %%
fates = {"kept": (asked & ~hide & ~swap)[:1000], "swapped": swap[:1000], "hidden": hide[:1000]}
looks = {"kept": ("value", "k"), "swapped": ("feed-forward", "r"), "hidden": ("attention", "")}
picture, ax = plt.subplots(figsize=(8.8, 4.2))
for i in range(1000):
    fate = next((name for name, which in fates.items() if which[i]), None)
    x, y = i % 50, -(i // 50)
    ax.add_patch(plt.Rectangle((x, y), 0.84, 0.84, facecolor=color(looks[fate][0]) if fate else PAPER, edgecolor="none" if fate else LINE, linewidth=0.6))
    ax.text(x + 0.42, y + 0.4, looks[fate][1] if fate else "", ha="center", va="center", fontsize=10, color="white")
numbers = {name: int(which.sum()) for name, which in fates.items()}
ax.set(xlim=(-0.3, 50.2), ylim=(-19.4, 1.1))
ax.set_title(f"Of 1,000 tokens {sum(numbers.values())} are asked for, and {numbers['hidden']} are hidden")
ax.axis("off")
figure(picture, caption=f"Purple: hidden behind [MASK], {numbers['hidden']}. Vermilion r: a random token instead, {numbers['swapped']}. Green k: kept, {numbers['kept']}. All others are read, and not asked for.",
       alt=f"""A field of 1,000 squares, one for each token. {numbers['hidden']} are hidden behind MASK, {numbers['swapped']} are swapped for a random token, {numbers['kept']} are kept but asked for,
           and all others only read.""")

# %%
reveal("w3d1-p6", 120, "15 % of 1,000 are 150 chosen; 80 % of these are 120. Fifteen more are swapped and fifteen kept; and all 150 are asked for.", tolerance=10)

# %% [markdown]
# Why so complicated? Because nobody who *uses* BERT later writes `[MASK]` into a text. If only masks were ever asked for, the model could be careless about visible words. With this recipe any visible word may be a
# test: it may be the right one, or a swapped one. So every row must keep an opinion about what belongs there. You can see it: ask for the votes at words that are *not* hidden.

# %%
bert_ids = bert_tokenizer(sentence)["input_ids"][1:-1]
own = bert_out.logits[0, 1:-1].softmax(-1)[range(len(bert_ids)), bert_ids]
for token, chance in zip(tokens_of(bert_tokenizer, sentence)[1:-1], own):
    print(f"at the visible {token:4} BERT gives {token} itself {100 * chance:5.1f} %")

# %% [markdown]
# Others tune the recipe: [RoBERTa](https://arxiv.org/abs/1907.11692) (2019) rolls the dice anew each time a text comes by, and later models choose more than 15 %.

# %% [markdown]
# ## 5 · [CLS], [SEP] and segments (6 min)
#
# BERT was built for questions about *pairs* of texts: does the second follow from the first? So two texts go in as one row of tokens: `[CLS]`, first text, `[SEP]`, second text, `[SEP]`. And each token is told in which of
# the two it stands, by a third embedding.

# %% tags=["predict"]
predict("w3d1-p7",
        f"Token, position and segment: each is looked up in a table whose rows have {bert.config.hidden_size} numbers. "
        "How many numbers has the row that goes into BERT's first block?")

# %%
two = bert_tokenizer("The cat sat on the mat.", "It was tired.", return_tensors="pt")
pieces = bert.bert.embeddings
by_token = pieces.word_embeddings(two["input_ids"])[0]
by_segment = pieces.token_type_embeddings(two["token_type_ids"])[0]
by_position = pieces.position_embeddings.weight[:len(by_token)]
with torch.no_grad():
    first_row = pieces.LayerNorm(by_token + by_position + by_segment)
    theirs = pieces(**{name: two[name] for name in ("input_ids", "token_type_ids")})[0]
print(*bert_tokenizer.convert_ids_to_tokens(two["input_ids"][0]))
print("segments", two["token_type_ids"][0].tolist(), "  table of segments", tuple(pieces.token_type_embeddings.weight.shape))
print("token + position + segment, then LayerNorm, is what goes in:", torch.allclose(first_row, theirs, atol=1e-5))
reveal("w3d1-p7", first_row.shape[1], "They are added, not put side by side, as in week 2, day 2. A LayerNorm follows at once.")

# %%
names = bert_tokenizer.convert_ids_to_tokens(two["input_ids"][0])
picture, ax = plt.subplots(figsize=(8.8, 2.9))
for y, (what, concept, entries) in enumerate((("segment", "residual", ["AB"[int(s)] for s in two["token_type_ids"][0]]),
                                              ("position", "position", range(len(names))), ("token", "residual", names))):
    ax.text(-0.75, y + 0.36, what, ha="right", va="center", fontsize=11)
    for x, entry in enumerate(entries):
        ax.add_patch(plt.Rectangle((x - 0.46, y), 0.92, 0.72, facecolor=color(concept), alpha=0.25, edgecolor=LINE))
        ax.text(x, y + 0.36, str(entry), ha="center", va="center", fontsize=10)
    if y:
        ax.text(-0.62, y - 0.14, "+", ha="center", va="center", fontsize=12)
ax.set(xlim=(-2.3, len(names) - 0.4), ylim=(-0.1, 3))
ax.set_title("Three rows are added for every token")
ax.axis("off")
figure(picture, caption="A and B are the only two segments that BERT knows. The first [SEP] still belongs to A.",
       alt=f"{len(names)} columns, one for each token from [CLS] to the last [SEP]. Each has a token, a position from 0 on, and a segment: A up to the first [SEP], B after it. The three are added.")

# %% [markdown]
# The second game of 2018 was **next sentence prediction** (NSP). In half of the cases B really followed A, in the other half it was a random sentence. A small vote of two, *follows* or *does not*, was read off the row of
# `[CLS]`. This is why `[CLS]` is said to stand for the whole text: it has no meaning of its own, and the loss pulls the text's meaning there. RoBERTa showed that one can do without NSP; the course's own BERT never played it.
#
# To use BERT for a job, sort mail for example, one puts a small layer on the row of `[CLS]` and goes on training a little: **fine-tuning**. GPT can be fine-tuned, too, and needs neither `[CLS]` nor segments for it: its last row has seen everything.

# %% [markdown]
# ## 6 · Fill in, or continue (16 min)
#
# Now let both play. Hide one word of a sentence. BERT sees everything around the gap; GPT sees what comes before.

# %%
@torch.no_grad()
def bert_guess(words, i):  # chances (vocabulary,) for the word behind the mask
    text = " ".join([*words[:i], "[MASK]", *words[i + 1:]]) + "."
    given = bert_tokenizer(text, return_tensors="pt")
    return bert(**given).logits[0, given["input_ids"][0] == bert_tokenizer.mask_token_id][0].softmax(-1)

@torch.no_grad()
def gpt_guess(words, i):   # chances (vocabulary,) for the word after words 0 … i − 1
    text = " ".join(words[:i]) or gpt_tokenizer.eos_token  # before the first word: the token that parts texts
    return gpt(**gpt_tokenizer(text, return_tensors="pt")).logits[0, -1].softmax(-1)

# %%
def one_id(words, i):  # the word's single id in each model, or None where a model needs several pieces
    b = bert_tokenizer(words[i], add_special_tokens=False)["input_ids"]
    g = gpt_tokenizer((" " if i else "") + words[i])["input_ids"]
    return (b[0], g[0]) if len(b) == len(g) == 1 else None

def hide_word(words, i, k=5):
    chances, pieces = (bert_guess(words, i), gpt_guess(words, i)), (bert_tokenizer, gpt_tokenizer)
    best = [{tokenizer.decode([int(v)]).strip() or "␣": float(p[v]) for v in p.topk(k).indices} for p, tokenizer in zip(chances, pieces)]
    return Hidden(tuple(words), i, *best, tuple(float(p[v]) for p, v in zip(chances, one_id(words, i))))

# %% tags=["predict"]
predict("w3d1-p8",
        "Hide one word in each of many sentences. Which model finds it more often with its first guess?",
        options=["BERT", "GPT: it had more lessons", "they are about equal"])

# %% [markdown]
# Type a sentence of your own, and run the cell. Then hide one word after the other. Find: a word that GPT knows as well as BERT; one that only BERT can know; and one that nobody can.

# %%
my_sentence = "Mia took her blue kite and Tom took his red hat"  # yours: up to 12 words, without a full stop
lines = [my_sentence, "The cat sat on the mat", "The animal was too tired so it stopped to rest", "The cow saw a frog so the cow hid from the frog"]
gaps = []
for line in lines:
    words = line.rstrip(".").split()[:12]
    found = [hide_word(words, i) for i in range(len(words)) if one_id(words, i)]
    gaps += [found] if found else []

# %% tags=["interactive"]
start = max(range(len(gaps[0])), key=lambda i: gaps[0][i].truth[0] - gaps[0][i].truth[1])  # where both sides help most
shown = gaps[0][start]
hidden_word_view(gaps, start=start, caption="Hide a word. Purple bars: the hidden word itself. What a model cannot see is crossed out.",
                 alt=f"""A sentence with one hidden word, {shown.words[shown.at]}. BERT, which sees both sides, gives it {100 * shown.truth[0]:.0f} percent; GPT, which sees only what comes
                 before, gives it {100 * shown.truth[1]:.0f} percent. Any other word can be hidden instead.""")

# %% [markdown]
# One sentence proves nothing. Take sentences from tales that neither model has seen, hide one word in each, and count.

# %%
def trial(line, dice):
    words = line.split()
    able = [i for i in range(1, len(words)) if one_id(words, i)]
    i = dice.choice(able)
    return [(float(-p[v].log()), int(p.argmax()) == v) for p, v in zip((bert_guess(words, i), gpt_guess(words, i)), one_id(words, i))]

dice = random.Random(5)
lines = [line for tale in stories(40, seed=77) for line in tale.rstrip(".").split(". ") if 5 <= len(line.split()) <= 12 and "?" not in line and "," not in line]
tries = [trial(line, dice) for line in dice.sample(lines, 150)]
surprise = torch.tensor([[b[0], g[0]] for b, g in tries])
right = torch.tensor([[b[1], g[1]] for b, g in tries]).float().mean(0) * 100
print(f"right at the first guess: BERT {right[0]:.0f} %, GPT {right[1]:.0f} %     mean surprise: {surprise[:, 0].mean():.2f} and {surprise[:, 1].mean():.2f} nats")

# %%
picture, ax = plt.subplots(figsize=(6.2, 4.7))
most = float(surprise.max()) * 1.05
ax.plot([0, most], [0, most], color=LINE, linewidth=1.4)
ax.plot(surprise[:, 1], surprise[:, 0], "o", color=color("attention"), alpha=0.7, markersize=6, markeredgewidth=0)
saved_nats = float((surprise[:, 1] - surprise[:, 0]).mean())
below = int((surprise[:, 0] < surprise[:, 1]).sum())
ax.text(0.97 * most, 0.06 * most, "BERT is less surprised", ha="right", color=QUIET)
ax.text(0.03 * most, 0.93 * most, "GPT is less surprised", color=QUIET)
ax.set(title=f"Seeing both sides {'saves' if saved_nats > 0 else 'costs'} {abs(saved_nats):.1f} nats a word, on average", xlabel="GPT's surprise at the hidden word (nats)", ylabel="BERT's surprise (nats)", xlim=(-0.2, most), ylim=(-0.2, most))
ax.grid()
figure(picture, caption="Each dot is one hidden word. Below the line, the model that sees both sides is less surprised.",
       alt=f"{len(tries)} dots: GPT's surprise across, BERT's upwards. {below} lie below the diagonal. Mean surprise is {surprise[:, 0].mean():.2f} nats for BERT and {surprise[:, 1].mean():.2f} for GPT.")

# %%
gap = float(right[0] - right[1])
reveal("w3d1-p8", "BERT" if gap > 3 else "GPT: it had more lessons" if gap < -3 else "they are about equal",
       "What stands to the right of a gap is worth a lot. For this game, not for every game.")

# %% [markdown]
# ### What GPT cannot do
#
# GPT's guess for the gap is the same, whatever you write behind it. (A guess may be a piece of a word, as *didn* is of *didn't*. More on that tomorrow.) Two sentences, alike up to the gap:

# %%
ends = ("on the mat", "quack, quack")
for end in ends:
    words = ["The", "duck", "___", *end.split()]
    for name, tokenizer, guess_ in (("BERT", bert_tokenizer, bert_guess), ("GPT", gpt_tokenizer, gpt_guess)):
        p = guess_(words, 2)
        best = ", ".join(f"{tokenizer.decode([int(v)]).strip()} {100 * p[v]:.0f} %" for v in p.topk(3).indices)
        print(f"The duck ___ {end:13} {name:5} {best}")

# %% [markdown]
# It *can* use the right side on a detour: put each candidate into the gap, and let it judge the whole sentence. The chances of all words, one after the other, multiply to the chance of the text (as logarithms they add up):

# %%
@torch.no_grad()
def log_chance(text):  # of all tokens but the first, which is given
    ids = gpt_tokenizer(text, return_tensors="pt")["input_ids"]
    steps = gpt(ids).logits[0, :-1].log_softmax(-1)
    return float(steps[range(len(steps)), ids[0, 1:]].sum())

for end in ends:
    scores = {word: log_chance(f"The duck {word} {end}.") for word in ("sat", "lost", "said")}
    print(f"The duck ___ {end:13}", {word: round(score, 1) for word, score in scores.items()}, " best:", max(scores, key=scores.get))

# %% [markdown]
# ### What BERT cannot do
#
# Then let BERT write. It has no next word, but it has `[MASK]`: put one at the end, take the best guess, put the next one behind it.

# %% tags=["predict"]
predict("w3d1-p9",
        "BERT reads 'The cat sat on the mat [MASK]'. What will it put there most likely?",
        options=["'and', or another word that goes on with the tale", "a full stop", "'mat' once more"])

# %%
beginning = "Once upon a time there was a girl named Mia. Mia had"

@torch.no_grad()
def bert_writes(text, n=12):
    for _ in range(n):
        given = bert_tokenizer(text + " [MASK]", return_tensors="pt")
        text += " " + bert_tokenizer.decode([int(bert(**given).logits[0, -2].argmax())])  # −2: before [SEP]
    return text

given = gpt_tokenizer(beginning, return_tensors="pt")
continued = gpt.generate(**given, max_new_tokens=12, do_sample=False, pad_token_id=gpt_tokenizer.eos_token_id)
print("GPT: ", gpt_tokenizer.decode(continued[0]))
print("BERT:", bert_writes(beginning))

# %%
given = bert_tokenizer("The cat sat on the mat [MASK]", return_tensors="pt")
with torch.no_grad():
    end = bert_tokenizer.decode([int(bert(**given).logits[0, -2].argmax())]).strip()
reveal("w3d1-p9", "a full stop" if not any(letter.isalpha() for letter in end) else "'mat' once more" if end == "mat" else "'and', or another word that goes on with the tale",
       "What stands between a text and its [SEP] is nearly always a full stop. BERT sees the end of the text, and answers well; it was never asked to leave the end open.")

# %% [markdown]
# So BERT is not bad at language. It was asked another question: *what is missing here?*, in a text that is complete but for a few holes. There is a deeper reason, too. With two holes, the chance of a *pair* of words should not depend on which one you fill first.
# Of GPT there is one order only, and the products are chances of whole texts. Of BERT they need not fit together:

# %%
def pair_chance(order, words=("tired", "rest")):  # the chance of both words, filled in this order
    gap, product = ["[MASK]", "[MASK]"], 1.0
    for which in order:
        given = bert_tokenizer(f"The animal was too {gap[0]}, so it stopped to {gap[1]}.", return_tensors="pt")
        holes = (given["input_ids"][0] == bert_tokenizer.mask_token_id).nonzero()[:, 0]
        with torch.no_grad():
            p = bert(**given).logits[0, holes[0 if len(holes) == 1 else which]].softmax(-1)
        product *= float(p[bert_tokenizer.convert_tokens_to_ids(words[which])])
        gap[which] = words[which]
    return product

print(f"tired first, then rest: {100 * pair_chance((0, 1)):.2f} %     rest first, then tired: {100 * pair_chance((1, 0)):.2f} %")

# %% [markdown]
# Two answers to one question. So BERT has no single chance for a whole text, and nothing to draw a text from, word by word. (People do make such models write, by filling and refilling many times; it takes other training and more work.)
#
# | | BERT | GPT |
# |---|---|---|
# | asked in training | 15 % of the tokens, from both sides | every token, from the left |
# | gives you | a row for each word in its whole text | a chance for each next token |
# | take it to | sort, search, compare, find names in texts | write, answer, complete |
# | cannot simply | continue a text | let a word see what follows |

# %% [markdown]
# ### The family tree
#
# Three families came from the one of 2017. Which one do you use, when you talk to a chatbot?

# %%
families = {"encoder-only: reads": ("attention", [(2018.8, "BERT"), (2019.6, "RoBERTa"), (2024.95, "ModernBERT")]),
            "encoder–decoder: reads, then writes": ("value", [(2017.45, "Transformer"), (2019.8, "T5, BART"), (2022.75, "Whisper")]),
            "decoder-only: writes": ("feed-forward", [(2018.45, "GPT"), (2019.15, "GPT-2"), (2020.4, "GPT-3"), (2023.15, "LLaMA"), (2024.4, "most chatbots")])}
picture, ax = plt.subplots(figsize=(8.8, 4.0))
for y, (family, (concept, members)) in zip((2, 1, 0), families.items()):
    ax.plot([2017.45, 2017.95, 2026.3], [1, y, y], color=color(concept), linewidth=3, alpha=0.55, solid_capstyle="round")
    ax.text(2026.3, y + 0.36, family, ha="right", fontsize=11, color=ink_of(concept), fontweight="bold")
    for i, (year, name) in enumerate(members):
        ax.plot(year, y, "o", color=color(concept), markersize=9)
        ax.text(year, y - (0.2 if i % 2 == 0 else 0.42), name, ha="center", va="top", fontsize=10.5)
ax.set(ylim=(-0.75, 2.6), xlim=(2016.8, 2026.5), yticks=[], xticks=range(2017, 2027, 1), title="One Transformer, three families")
ax.spines[["left", "top", "right"]].set_visible(False)
figure(picture, caption="Years of publication. Encoders did not die out: search engines and filters run on them by the million.",
       alt="""A tree on a time line, from the Transformer of 2017. Encoder-only: BERT 2018, RoBERTa 2019, ModernBERT 2024. Encoder-decoder: T5 and BART 2019, Whisper for speech 2022.
           Decoder-only: GPT 2018, GPT-2 2019, GPT-3 2020, LLaMA 2023, and most chatbots since.""")

# %% [markdown]
# - **Encoder-only**: for a fixed answer about a text that is all there. Search, spam filters, the vectors behind "similar documents". [ModernBERT](https://arxiv.org/abs/2412.13663) (2024) is a BERT with today's parts.
# - **Encoder–decoder**: for one text made from another. Translation, [T5](https://arxiv.org/abs/1910.10683), and speech to text ([Whisper](https://arxiv.org/abs/2212.04356)).
# - **Decoder-only**: for everything that is written. A question and its answer are one text to be continued, so one model does all jobs; this, and the simple game with its many lessons, made it the family that grew.

# %% [markdown]
# ## Exercises (8 min)
#
# **1 · Complete it.** The MLM loss of one text: `logits` (T, V), the true `ids` (T,), and `chosen` (T,), True where a token was chosen. No `cross_entropy` this time. Two lines are missing.

# %% tags=["exercise"]
def masked_loss(logits, ids, chosen):
    chances = logits.softmax(-1)
    right = ...   # (T,): the chance of the true token at each position
    return ...    # one number: the mean surprise of the chosen positions

# %% tags=["check"]
check_exercise("w3d1-e1", masked_loss)

# %%
help_with("w3d1-e1")

# %% [markdown]
# **2 · Fix it.** GPT's loss, from logits (T, V) and ids (T,). It runs, the loss falls in training, it even falls *fast*; and the model that comes out only repeats the last word. Why? Repair it.

# %% tags=["exercise"]
def next_token_loss(logits, ids):
    return torch.nn.functional.cross_entropy(logits, ids)

# %% tags=["check"]
check_exercise("w3d1-e2", next_token_loss)

# %%
help_with("w3d1-e2")

# %% [markdown]
# **3 · From scratch.** There is a mask between BERT's and GPT's. A *prefix* of `n` tokens, a question for example, may look at itself in both directions; the rest, the answer, sees the prefix and its own past. Write the mask for `T` tokens: (T, T) booleans, True = open.

# %% tags=["exercise"]
def prefix_mask(T, n):
    ...

# %% tags=["check"]
check_exercise("w3d1-e3", prefix_mask)

# %%
help_with("w3d1-e3")

# %% [markdown]
# ## Self-quiz (5 min)
#
# From memory. Read the feedback of the wrong options, too.

# %% tags=["quiz"]
quiz("w3d1")

# %% [markdown]
# ## Draw or write: causal against bidirectional (6 min)
#
# The plan for today says: diagram causal against bidirectional. On paper, or on this sheet, without looking back: the six words of "The cat sat on the mat" twice, once for BERT and once for GPT. Draw who may look at whom, as lines
# or as a table of cells, and write under each *where the loss is taken*.

# %% tags=["interactive"]
sketch("w3d1", "two_masks",
       alt="An empty sheet, for two diagrams side by side: BERT, where all words look at all words, and GPT, where each looks at itself and back; and where each takes its loss.",
       caption="Your sheet. Purple for looks; put BERT on the left and GPT on the right.")

# %% [markdown]
# Done? Run the next cell again, so that it finds your drawing, and open it. Correct yours in a second color.

# %%
def reference(title):
    picture, axes = plt.subplots(2, 2, figsize=(7.2, 5.5), height_ratios=[1, 1.5])
    given = (("BERT", "the cat [MASK] on the mat".split(), both, [2], "itself"), ("GPT", "the cat sat on the mat".split(), back, range(5), "the next word"))
    for column_, (name, tokens, mask, lessons, target) in enumerate(given):
        draw_looks(axes[0, column_], tokens, mask, size=10)
        axes[0, column_].set_title(f"{name}: {int(mask.sum())} looks", fontsize=12, pad=16)
        for t in lessons:
            axes[0, column_].text(t, 1.32, "▼", ha="center", va="center", fontsize=10, color=ink_of("feed-forward"))
        draw_heatmap(axes[1, column_], 0.6 * mask, tokens, tokens, numbers=False, labels=10)
        axes[1, column_].set_title(f"▼ loss at {len(lessons)} of 6: {target}", fontsize=11, color=ink_of("feed-forward"))
    picture.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
    return picture

# %%
says_both = """On the left BERT: lines from all six tokens to all six, a full table, and one loss, at the masked word, which is to be restored. On the right GPT: lines only to itself and
    back, a table filled on and below the diagonal, and five losses, each for the next word."""
compare_sketch("w3d1", "two_masks", figure(reference("Causal against bidirectional"), alt=says_both, caption="Above as lines, below as cells: rows ask, columns are looked at."), [
    "BERT: does every word see every word, itself included?",
    "GPT: does every word see *itself* and all before it, not only the one before?",
    "Are BERT's 36 and GPT's 21 looks there, or would they be?",
    "If you drew cells: are rows the words that ask, and is the *upper right* closed?",
    "Is BERT's loss at the masked word only, and asks for the word itself?",
    "Is GPT's loss at every word but the last, and asks for the *next* one?"])

# %%
journal("w3d1", ["Which model would you take to find all complaints in 10,000 letters, and why? Which one to answer them?",
                 "One sentence for somebody of twelve: what is the difference between BERT and GPT?"])

# %% [markdown]
# ## Go further (optional, 75 min)
#
# - [The Illustrated BERT](https://jalammar.github.io/illustrated-bert/) (Jay Alammar, 25 min). Look for: how one pretrained model is used for many jobs. *Question to answer:* besides taking BERT as it is and fine-tuning it, which second use of its
#   rows is shown, and which layers' rows worked best there?
# - [The Illustrated GPT-2](https://jalammar.github.io/illustrated-gpt2/) (Jay Alammar, 25 min, part 1). Look for: the picture of a decoder block that lost its middle layer. *Question:* which layer is gone, and what was it for?
# - [Hugging Face LLM course, chapter 1](https://huggingface.co/learn/llm-course/chapter1/8) (25 min). Look for: the three kinds of models. *Question:* which kind does the course name for summarizing, and would you agree today?
#
# <details><summary>Answers</summary>
#
# Feature extraction: the rows go into another model as they are; the last four layers put side by side worked best on the task shown. The encoder–decoder attention (cross-attention), which asked the other text. Encoder–decoder models are the classical
# choice; today decoder-only models do it, too, as a continuation.
# </details>

# %% [markdown]
# ## Today in one picture (1 min)

# %%
whole = figure(reference("Same parts. Who looks where, and what is asked, makes BERT or GPT"), alt=says_both,
               caption="▼ marks the rows where the loss is taken. Everything else that differs today follows from this picture.")
saved = whole.save(portfolio() / "w3d1_two_masks_reference.png")
whole

# %% [markdown]
# **New words**

# %%
new_words("w3d1")

# %% [markdown]
# **Tomorrow**: you have seen that BERT says `the` and GPT says `The`, and that some words fall into pieces. Who decides that? You build a tokenizer.

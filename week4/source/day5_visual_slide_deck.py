# %% [markdown]
# # Week 4 · Day 5: Visual slide deck
#
# **Today your pictures and your words become a deck that you can show: one block a slide, one claim a slide.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week4/day5_visual_slide_deck.ipynb)
#
# At the end you will be able to
#
# - turn a topic into a claim, and choose the picture that proves it;
# - compute whether the last row can read a slide, and whether all eyes tell its colors apart;
# - make a PowerPoint file and a web deck from your own figures, with notes and alt texts, and check both.

# %% tags=["setup"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week4", ["python-pptx"]  # this day's folder, and what it uses that Colab does not bring
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
import io

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image

from shared import heads
from shared.decks import Slide, save_pptx, save_reveal
from shared.decks.legible import ENOUGH, MISSING, READABLE_ARC, arc_minutes, contrast, letter_height, luminance, seen_without
from shared.decks.preview import draw_slide
from shared.gpt import GPT, GPTConfig
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.storyboard import count_words, seconds_for, timed_script
from shared.pretrained import shipped_folder
from shared.text import stories
from shared.text.bpe import BytePairTokenizer
from shared.training import TrainingConfig, train
from shared.visuals import color, course_map, draw_heatmap, figure, stepper
from shared.visuals.live import live
from shared.visuals.palette import CARD, CONCEPTS, INK, signed_map, words
from shared.visuals.figure import words_in

course_map(week=4, day=5)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w4d5")

# %% [markdown]
# ## 1 · One claim, one picture (12 min)
#
# Today you make a deck about a Transformer: one block a slide, from your own pictures. You leave with two files, one for PowerPoint and its relatives, and one that any browser plays.
#
# First a slide as many people would make it, and then the same content in another form.

# %%
model, tokenizer = GPT.from_pretrained(shipped_folder("tiny-gpt2")).eval(), BytePairTokenizer.load(shipped_folder("tiny-gpt2"))
sentence = "The cat sat on the mat"
ids = torch.tensor([tokenizer.encode(sentence)])
tokens = [tokenizer.decode([i]).strip() for i in ids[0].tolist()]
with torch.no_grad():
    maps = torch.stack([layer[0] for layer in model.attentions(ids)])  # (layers, heads, T, T)
layer, head = divmod(int(heads.previous_token(maps).argmax()), maps.shape[1])
look_back = float(heads.previous_token(maps)[layer, head])
print(f"layer {layer}, head {head} gives {100 * look_back:.0f} % of its attention to the word before")

# %%
folder = portfolio()

def draw_map():
    picture, axes = plt.subplots(figsize=(5.4, 4.4))
    draw_heatmap(axes, maps[layer, head], tokens, tokens)
    return figure(picture, caption=f"Layer {layer}, head {head}. Rows ask, columns are looked at.",
                  alt=f"A map of six words against six. The cells just below the diagonal are dark: {100 * look_back:.0f} percent go to the word before. Nobody looks ahead.")

map_file = draw_map().save(folder / "w4d5_attention.png")
full = Slide("Self-attention", points=(
    "Each token computes a query, a key and a value from its row of numbers by three learned matrices",
    "Scores are dot products of queries and keys, divided by the root of d_k, masked, softmaxed",
    "Weights mix the values; heads are joined and projected, and the result is added to the stream",
    "There are previous-token heads, induction heads, and heads without a name"))
claim = Slide("This head looks one word back", map_file, "A map with a dark line just below its diagonal", ("Each row is a word that asks", "A dark cell is where it looks"))

# %%
def as_image(slide, number=1, count=1, dpi=70):
    raw = io.BytesIO()
    drawing = draw_slide(slide, number, count)
    drawing.savefig(raw, format="png", dpi=dpi)
    plt.close(drawing)
    return Image.open(io.BytesIO(raw.getvalue())).convert("RGB")

picture, axes = plt.subplots(1, 2, figsize=(9, 2.9))
for ax, slide, title in zip(axes, (full, claim), ("a topic, and all that is known about it", "a claim, and its evidence")):
    ax.imshow(as_image(slide, dpi=110), interpolation="antialiased")
    ax.set_title(title, fontsize=12)
    ax.axis("off")
words_on = {name: count_words(" ".join([slide.title, *slide.points])) for name, slide in (("full", full), ("claim", claim))}
figure(picture, caption="Two slides about attention. Cover the titles: which one still says something?",
       alt=f"""Left, a slide titled Self-attention with four long lines, {words_on['full']} words. Right, a slide whose title says what its picture shows, a map with a dark
           line below the diagonal, and {words_on['claim']} words in all.""")

# %% [markdown]
# The left title is a *topic*: it names a drawer. The right one is a **claim**: a whole sentence that could be wrong, and the picture is there to prove it. Such a slide is called **assertion-evidence**.
#
# Why does the left one fail? Its readers are busy. People read about 240 words a minute and cannot listen to other words meanwhile.

# %% tags=["predict"]
predict("w4d5-p1", f"The left slide has {words_on['full']} words. For how many seconds is nobody listening to you, at 240 words a minute?")

# %%
reading = {name: 60 * n / 240 for name, n in words_on.items()}
picture, axes = plt.subplots(figsize=(7, 2.2))
axes.barh(["all that is known", "claim and evidence"], reading.values(), color=[color("feed-forward"), color("value")], height=0.6)
for i, s in enumerate(reading.values()):
    axes.text(s + 0.2, i, f"{s:.0f} s", va="center")
axes.invert_yaxis()
axes.set(title="While they read, nobody listens", xlabel="time to read the slide (seconds)", xlim=(0, 1.15 * max(reading.values())))
figure(picture, caption="Reading time at 240 words a minute. A slide usually stands for half a minute.",
       alt=f"Two bars: the full slide takes {reading['full']:.0f} seconds to read, the slide with a claim {reading['claim']:.0f}.")

# %%
reveal("w4d5-p1", round(reading["full"]), "Words divided by 240, times 60. A picture takes time, too; but you can talk about a picture while people look at it.", tolerance=3)

# %% [markdown]
# ## 2 · Can the last row read it? (14 min)
#
# Whether a letter can be read depends on three things: how large it stands on the wall, how far away you sit, and how it differs from its background. All three can be computed. What the eye gets is an *angle*:
#
# $$\text{angle} = 2 \arctan \frac{h}{2 d}, \qquad h = \text{height on the wall}, \; d = \text{distance}$$
#
# It is measured in **minutes of arc**, sixtieths of a degree. A good eye just tells letters of 5 minutes apart. To read without effort takes about 20.

# %% tags=["predict"]
predict("w4d5-p2", "The picture on the wall is 1.5 m high, you sit 10 m away, and the text on the slide has 18 points. Can you read it without effort?",
        options=["yes, easily", "just so", "no"])

# %%
inches = 7.5  # height of a slide
h = 0.5 * 18 / 72 / inches * 1.5  # a small letter is about half of its size; 72 points are an inch
angle = 60 * np.degrees(2 * np.arctan(h / (2 * 10)))
print(f"a small letter stands {1000 * h:.0f} mm high on the wall and is seen under {angle:.1f} minutes of arc")
print("the course's functions say the same:", np.isclose(angle, arc_minutes(letter_height(18, inches, 1.5), 10)))
reveal("w4d5-p2", "yes, easily" if angle > 1.5 * READABLE_ARC else "just so" if angle >= READABLE_ARC else "no",
       "Above 5 it can be deciphered, one letter after the other. Reading along while somebody talks takes 20.")

# %%
def readable_from(points, screen=1.5):
    """The largest distance at which text of this size is read without effort."""
    return letter_height(points, inches, screen) / (2 * np.tan(np.radians(READABLE_ARC / 60) / 2))

sizes = np.arange(10, 61)
picture, axes = plt.subplots(figsize=(7, 3.4))
axes.plot(sizes, [readable_from(size) for size in sizes], color=color("residual"), linewidth=2.4)
for size in (12, 18, 24, 32, 44):
    axes.plot(size, readable_from(size), "o", color=color("attention"), markersize=7)
    axes.annotate(f"{size} pt: {readable_from(size):.1f} m", (size, readable_from(size)), (-4, 8) if size > 12 else (8, -12), textcoords="offset points", ha="right" if size > 12 else "left")
axes.set(title="Twice the size, twice the distance", xlabel="size of the text (points, on a slide 7.5 inches high)", ylabel="read without effort from (m)", xlim=(4, 61), ylim=(0, None))
axes.grid()
figure(picture, caption="For a picture on the wall that is 1.5 m high.",
       alt=f"A straight line. Text of 18 points can be read from {readable_from(18):.1f} meters, 32 points from {readable_from(32):.1f}, 44 points from {readable_from(44):.1f}.")

# %% [markdown]
# Move the sliders to your own room. The deck that you build below uses 32 points for titles and 20 beside pictures.

# %%
room = {"points": widgets.IntSlider(value=20, min=8, max=60, description="points"), "distance": widgets.FloatSlider(value=6, min=1, max=25, step=0.5, description="meters"),
        "screen": widgets.FloatSlider(value=1.5, min=0.3, max=4, step=0.1, description="wall, m")}
screen = widgets.HTML()

def redraw(change=None):
    seen = arc_minutes(letter_height(room["points"].value, inches, room["screen"].value), room["distance"].value)
    says = "read without effort" if seen >= READABLE_ARC else "deciphered" if seen >= 5 else "lost"
    picture, axes = plt.subplots(figsize=(7, 2.6))
    axes.barh(["5: the limit of an eye", "20: without effort", "yours"], [5, READABLE_ARC, min(seen, 60)], color=[color("residual")] * 2 + [color("value" if seen >= READABLE_ARC else "feed-forward")], height=0.6)
    axes.text(min(seen, 60) + 0.6, 2, f"{seen:.0f}" + " →" * (seen > 60), va="center")
    axes.set(title=f"{seen:.0f} minutes of arc: {says}", xlabel="angle of a small letter (minutes of arc)", xlim=(0, 76), xticks=range(0, 61, 10))
    axes.invert_yaxis()
    shown = figure(picture, kind="interactive", caption=f"{room['points'].value} points, {room['distance'].value:g} m away, a picture of {room['screen'].value:g} m on the wall.",
                   alt=f"Three bars: the limit of an eye at 5 minutes of arc, effortless reading at 20, and this text at {seen:.0f}: {says}.")
    screen.value = shown.html
    return shown

for slider in room.values():
    slider.observe(redraw, names="value")

# %% tags=["interactive"]
live([*room.values(), screen], still=redraw())

# %% [markdown]
# ## 3 · Colors that all eyes tell apart (12 min)
#
# The third thing is **contrast**: how much light comes from the letter, how much from the ground. White on yellow fails for everybody, light gray on white for many, and projectors make it worse.

# %% tags=["predict"]
predict("w4d5-p3", "Contrast runs from 1 (the same color) to 21 (black on white). Text should have at least 4.5. This course paints normalization in yellow #F0E442. "
        "What is the contrast of such yellow letters on white?")

# %%
def light(level):  # 0 … 255 as a share of the light: a screen's numbers are not proportional to light
    share = level / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

red, green, blue = (light(int("F0E442"[i:i + 2], 16)) for i in (0, 2, 4))
bright = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # an eye is most sensitive to green
print(f"luminance {bright:.3f}, contrast on white {(1 + 0.05) / (bright + 0.05):.2f}; the course's function: {contrast('#F0E442', '#FFFFFF'):.2f}")
reveal("w4d5-p3", round(contrast("#F0E442", "#FFFFFF"), 2), "Yellow is nearly as bright as white. That is why the course writes names of concepts in darker shades than it paints them.", tolerance=0.3)

# %%
names = list(CONCEPTS)
painted, written = [contrast(color(name), CARD) for name in names], [contrast(words(name), CARD) for name in names]
picture, axes = plt.subplots(figsize=(7.6, 3.4))
for i, name in enumerate(names):
    axes.plot([painted[i], written[i]], [i, i], color=color("residual"), linewidth=1.5)
    axes.plot(painted[i], i, "s", color=color(name), markersize=11, markeredgecolor=INK)
    axes.plot(written[i], i, "o", color=words(name), markersize=9)
axes.axvline(ENOUGH, color=INK, linestyle="--", linewidth=1)
axes.text(ENOUGH + 0.08, -0.85, "text needs 4.5", fontsize=10)
axes.set(title="Painted in one shade, written in another", xlabel="contrast with the card", yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -1.3))
figure(picture, caption="Squares: the colors of the course's areas. Dots: the shades in which it writes.",
       alt=f"For eight concepts the contrast of the painted color and of the written shade. {sum(c < ENOUGH for c in painted)} painted colors are below 4.5, {sum(c < ENOUGH for c in written)} of the written shades.")

# %% [markdown]
# And about one man in twelve, and one woman in two hundred, has eyes that lack one kind of **cone**, or have a weak one: the cells that tell red, green and blue light apart. What such eyes miss can be computed, by a matrix product on the light of each pixel. So you can look through such eyes.

# %% tags=["predict"]
predict("w4d5-p4", "A chart uses a red (#D62728) for 'wrong' and a green (#6B8E23) for 'right'. For eyes without green cones, what happens?",
        options=["both look black", "they are hard to tell apart", "red vanishes, green stays", "nothing: brightness is enough"])

# %%
rows = {"red and green": ["#D62728", "#6B8E23", "#8C564B", "#2CA02C"], "of the course": [color(name) for name in ("query", "key", "value", "feed-forward")]}

def swatches(hexes):
    return np.concatenate([np.full((30, 60, 3), [int(h[i:i + 2], 16) for i in (1, 3, 5)], np.uint8) for h in hexes], axis=1)

picture, axes = plt.subplots(2, 4, figsize=(9, 2.2))
for row, (name, hexes) in zip(axes, rows.items()):
    for ax, (eyes, see) in zip(row, [("all cones", lambda x: x), *[("without " + cones.split(" (")[0], lambda x, c=cones: seen_without(x, c)) for cones in MISSING]]):
        ax.imshow(see(swatches(hexes)), aspect="auto")
        ax.set(xticks=[], yticks=[])
        ax.set_title(eyes if row[0] is axes[0, 0] else "", fontsize=10, fontweight="normal")
    row[0].set_ylabel(name, rotation=0, ha="right", va="center")

def closest(hexes, cones):
    seen = seen_without(swatches(hexes), cones)[0, 30::60].astype(float)
    return min(np.abs(a - b).sum() for i, a in enumerate(seen) for b in seen[i + 1:])

green = "green cones (deuteranopia)"
figure(picture, caption="Four colors each, through four kinds of eyes. A simulation by a matrix; no two people see alike.",
       alt=f"""Two rows of four colors, seen with all cones and without red, green or blue ones. Without green cones the two closest colors of the upper row differ by
           {closest(rows['red and green'], green):.0f} of 765 levels, those of the course by {closest(rows['of the course'], green):.0f}.""")

# %%
pair = seen_without(swatches(["#D62728", "#6B8E23"]), green)[0, 30::60].astype(int)
print("red becomes", pair[0], "and the green", pair[1])
reveal("w4d5-p4", "they are hard to tell apart", "Both become shades of olive. Never let color alone carry a meaning: a word, a letter or a shape goes with it, as everywhere in this course.")

# %% [markdown]
# ## 4 · Your deck (16 min)
#
# Six blocks, six claims. For each a picture: yours from the portfolio, where there is one, else one that this notebook draws. A picture that was saved by the course carries its own alt text, so the deck has it, too.

# %%
mine = sorted(path.name for days in ("w[1-3]d*.png", "w4d[1-4]_*.png") for path in folder.glob(days))
print(len(mine), "pictures of yours:", ", ".join(mine) if mine else "none yet; this notebook's own will do")

def picture_of(*wanted, otherwise):
    """Your picture of that name with its words, if it is there; else what the notebook drew: (file, alt)."""
    for name in wanted:
        if (folder / name).is_file() and words_in(folder / name)[0]:
            return folder / name, words_in(folder / name)[0]
    return otherwise, words_in(otherwise)[0]

# %%
with torch.no_grad():
    x, added = model.embed(ids), []
    stream = x[0]
    for block in model.blocks:
        added.append(block(x)[0] - x[0])  # what this block writes into the stream
        x = block(x)
    other = model.embed(torch.tensor([tokenizer.encode("The dog sat on the mat")]))  # one word is another
    first = model.blocks[0]
    moved = {name: (part(other) - part(stream[None]))[0].norm(dim=-1)  # how far each word's row moves
             for name, part in (("attention", lambda x: first.attention(first.norm_1(x))), ("feed-forward", lambda x: first.feed_forward(first.norm_2(x))))}
    asked = "Mia had a red hat. Her friend Tom had a"
    chances = model(torch.tensor([tokenizer.encode(asked)]))[0, -1].softmax(-1)
off = float((stream + sum(added) - x[0]).abs().max())
share = 100 * np.mean([sum(p.numel() for p in b.feed_forward.parameters()) / sum(p.numel() for part in (b.attention, b.feed_forward) for p in part.parameters()) for b in model.blocks])
print("word + all that was added = the last row, up to rounding:", off < 1e-3)
print("rows that move when “cat” becomes “dog”:", {name: [word for word, far in zip(tokens, rows) if far > 1e-5] for name, rows in moved.items()})

# %%
def drawn(name, draw, title, alt, size=(6.2, 4)):
    picture, axes = plt.subplots(figsize=size)
    draw(axes)
    axes.set_title(title)
    return figure(picture, caption=title, alt=alt).save(folder / f"w4d5_{name}.png")

def draw_rows(axes):
    axes.imshow(stream[:, :48], cmap=signed_map(), aspect="auto", vmin=-1, vmax=1)
    axes.set(yticks=range(6), yticklabels=tokens, xlabel=f"the first 48 of {model.config.d_model} numbers")

def draw_next(axes):
    top = chances.topk(6)
    axes.barh([tokenizer.decode([i]).strip() or "␣" for i in top.indices.tolist()], 100 * top.values, color=color("residual"))
    axes.invert_yaxis()
    axes.set_xlabel("chance to come next (%)")

best = tokenizer.decode([int(chances.argmax())]).strip()

# %%
def draw_moved(axes):
    for k, (name, rows) in enumerate(moved.items()):
        axes.bar(np.arange(6) + 0.4 * k - 0.2, rows / rows.max(), 0.4, color=color(name), label=name)
    axes.set(xticks=range(6), xticklabels=tokens, ylabel="how far its row moves (most = 1)")
    axes.legend(frameon=False)

def draw_sum(axes):
    pieces = [stream[-1], *(part[-1] for part in added), x[0, -1]]
    axes.imshow(torch.stack(pieces)[:, :48], cmap=signed_map(), aspect="auto", vmin=-4, vmax=4)
    axes.axhline(len(pieces) - 1.5, color=INK, linewidth=3)
    axes.set(yticks=range(len(pieces)), yticklabels=["the word", *(f"+ block {i}" for i in range(len(added))), "= at the end"], xlabel=f"the first 48 of {model.config.d_model} numbers")

# %% [markdown]
# The last picture shows a GPT that learns. Where day 4 left you yours, that one is taken. Here is a very small one, so that nobody has to claim what they have not seen.

# %%
torch.manual_seed(0)
V = tokenizer.vocab_size
learner = GPT(GPTConfig(vocab_size=V, context=64, n_layers=1, n_heads=2, d_model=32))
book = torch.tensor(tokenizer.encode(" ".join(stories(80, seed=1))))
run = train(learner, book, TrainingConfig(steps=120, batch=8, context=64, warmup=10, evaluate_every=0, device="cpu"), show=None)
smooth = np.array(run.losses).reshape(-1, 5).mean(1)

def draw_learning(axes):
    axes.plot(np.arange(len(smooth)) * 5 + 2.5, smooth, color=color("feed-forward"), linewidth=2.5)
    axes.axhline(np.log(V), color=color("residual"), linestyle="--")
    axes.text(len(run.losses), np.log(V) + 0.1, "an even guess", ha="right", color=color("residual"))
    axes.set(xlabel="step", ylabel="loss (nats per token)", ylim=(0, np.log(V) + 0.8))

# %%
rows_file = drawn("rows", draw_rows, "Six words, six rows", "Six rows of numbers, one for each word of The cat sat on the mat. The rows of “The” and “the” differ: they are two tokens, at two places.")
moved_file = drawn("moved", draw_moved, "“cat” becomes “dog”: which rows move?", "Bars for six words. In attention the row of the changed word moves, and rows behind it, too. In the feed-forward network the row of the changed word moves, and no other.")
sum_file = drawn("sum", draw_sum, "The row of “mat”, piece by piece", f"Strips of numbers: the word, and below it what each of {len(added)} blocks added. Their sum is the lowest strip, the row at the end: the largest difference is {off:.0e}.")
learn_file = drawn("learning", draw_learning, f"From {smooth[0]:.1f} to {smooth[-1]:.1f} nats in {len(run.losses)} steps", f"The loss of a very small GPT falls from {smooth[0]:.1f}, an even guess, to {smooth[-1]:.1f} nats per token within {len(run.losses)} steps.")
next_file = drawn("next", draw_next, "What comes after “… Tom had a”", f"Bars of the six likeliest next tokens. First is {best!r} with {100 * float(chances.max()):.0f} percent.")

# %% [markdown]
# Now the words. Change every line until it sounds like you: a title is a whole sentence that the picture proves, the notes are what you *say*.

# %%
def slide(title, file_and_alt, points, notes):
    return Slide(title, *file_and_alt, points, notes)

my_deck = [
    slide("Every word becomes a row of numbers", picture_of("w1d2_today.png", otherwise=rows_file), ("One row a word", "At first it knows no neighbor"),
          "A computer cannot add words. So each word gets a row of numbers, and everything that follows is arithmetic on these rows. At first the row knows only which word it is, and where it stands."),
    slide("Words ask each other questions", picture_of("w2d3_atlas.png", otherwise=map_file), ("A row asks, a column is looked at", "Dark: here it looks"),
          f"This is the only place where words meet. In one of its heads each word looks at the one before it, with {100 * look_back:.0f} percent of its attention. Other heads ask other questions."),
    slide("Then every word thinks for itself", picture_of("w2d4_a_neuron_is_a_memory.png", otherwise=moved_file), ("Attention mixes the words", "Feed-forward: each row alone"),
          f"After it has listened, each word works on what it heard, alone. {share:.0f} percent of a block's numbers are here, not in attention. That surprises most people."),
    slide("Nothing is replaced, everything is added", (sum_file, words_in(sum_file)[0]), ("Each block adds what it found", "Add up all strips: the last row"),
          "A block does not hand on a new row. It adds to the old one. Add up what all of them wrote, and you have the row at the end. The word itself is still in there."),
    slide("At the end it bets on the next word", (next_file, words_in(next_file)[0]), ("A chance for every token", f"Here the favorite is {best!r}"),
          "All this work is for one thing: a chance for every token it knows. One is drawn, added to the text, and the whole machine runs again. That is how it writes."),
    slide("And I have seen it learn", picture_of("w4d4_training.png", otherwise=learn_file), ("Trained on a laptop", "It began with an even guess"),
          "I trained a small one myself, from nothing. It became good by being wrong again and again, a little less each time. What I still want to know is how much of this holds for the large ones."),
]

# %%
script = timed_script([(s.title, s.notes) for s in my_deck])
print(script)

# %% [markdown]
# That is your talking time, at the pace of week 2, day 7. Two files come out of it; they lie in your portfolio, the folder `my_course/portfolio`.

# %%
pptx = save_pptx(my_deck, folder / "w4d5_transformer.pptx", title="How a Transformer reads", author="Your name")
reveal_file = save_reveal(my_deck, folder / "w4d5_transformer.html", title="How a Transformer reads", author="Your name")
for path, how in ((pptx, "PowerPoint, Keynote, LibreOffice, Google Slides"), (reveal_file, "any browser: arrow keys turn, s opens the speaker's view")):
    print(f"{path.name:24} {how}")

# %% [markdown]
# A file that was written is not yet a file that opens. So read it back: titles, notes, and alt texts. Line 0 is the title slide, which has no picture and no notes.

# %%
from pptx import Presentation

deck = Presentation(pptx)
for number, page in enumerate(deck.slides):
    shown = [shape for shape in page.shapes if shape.shape_type is not None and shape.shape_type == 13]
    alt = shown[0]._element.nvPicPr.cNvPr.get("descr") if shown else ""
    notes = page.notes_slide.notes_text_frame.text if page.has_notes_slide else ""
    print(f"{number}  {page.shapes.title.text_frame.text:42} picture: {'yes' if shown else 'no ':3}  alt: {len(alt) > 0!s:5}  notes: {count_words(notes)} words")

# %% [markdown]
# And look through it as you will give it: each slide first with its claim alone, then with its evidence. The line below says what you say.

# %%
frames = []
for n, (slide, scene) in enumerate(zip(my_deck, script.scenes), 1):
    frames += [(draw_slide(Slide(slide.title), n, len(my_deck)), f"{scene.clock}: “{slide.title}.” The claim, and a breath."),
               (draw_slide(slide, n, len(my_deck)), f"With its evidence. You go on: “{slide.notes.split('. ')[0].rstrip('.')}.”")]
stepper(frames, caption=f"The deck, {len(my_deck)} slides in {script.clock}: each claim alone, then its evidence.", start=1,
        alt="Six slides, each first as a claim alone, then with a picture below it: " + "; ".join(s.title for s in my_deck) + ".")

# %% [markdown]
# ## 5 · Hold it against the list (6 min)
#
# What can be checked by a program should not be left to tired eyes.

# %%
def remarks(slide):
    says = []
    if len(slide.title.split()) < 4:
        says.append("the title is a topic, not a claim")
    if 60 * count_words(" ".join([slide.title, *slide.points])) / 240 > 8:
        says.append("takes more than 8 s to read")
    if not slide.notes.strip():
        says.append("no notes: what will you say?")
    if set(slide.notes.casefold().split()) >= set(" ".join(slide.points).casefold().split()) and slide.points:
        says.append("you read the points aloud")
    return says or ["fine"]

for s in [full, *my_deck]:
    print(f"{s.title:42} {'; '.join(remarks(s))}")

# %% tags=["predict"]
predict("w4d5-p5", "The first line above is the crowded slide of section 1. Which of the four checks does a slide with a false claim fail?",
        options=["the title check", "the reading time", "the notes check", "none of them"])

# %%
false_claim = Slide("Attention lets a GPT look at the next word", map_file, "A map with a dark line just below its diagonal", ("Dark: it looks ahead",), "As you can see, the cells show it.")
print(remarks(false_claim))
reveal("w4d5-p5", "none of them" if remarks(false_claim) == ["fine"] else "the title check",
       "The form can be checked by a program, the truth cannot. The map shows the opposite: nobody looks ahead. Let somebody else look at your evidence.")

# %% [markdown]
# ## Exercises (9 min)
#
# **1 · Complete it.** The contrast of two luminances (each from 0 to 1). One line is missing.

# %% tags=["exercise"]
def contrast_of(one, other):
    lighter, darker = max(one, other), min(one, other)
    return ...

# %% tags=["check"]
check_exercise("w4d5-e1", contrast_of)

# %%
help_with("w4d5-e1")

# %% [markdown]
# **2 · Fix it.** The angle under which a letter is seen, in minutes of arc: `height` and `distance` in meters. The result is far too small. Two things are wrong.

# %% tags=["exercise"]
def seen_angle(height, distance):
    return 60 * 2 * np.arctan(height / distance)

print(seen_angle(0.05, 10))

# %% tags=["check"]
check_exercise("w4d5-e2", seen_angle)

# %%
help_with("w4d5-e2")

# %% [markdown]
# **3 · From scratch.** A picture of `width` × `height` is to stand in a room of `room_width` × `room_height`: as large as possible, whole, not distorted, in the middle. Return `(left, top, w, h)`, measured from the room's
# upper left corner.

# %% tags=["exercise"]
def fit(width, height, room_width, room_height):
    ...

# %% tags=["check"]
check_exercise("w4d5-e3", fit)

# %%
help_with("w4d5-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory. Read the feedback of the wrong options, too.

# %% tags=["quiz"]
quiz("w4d5")

# %% [markdown]
# ## Draw or write: say it once aloud (8 min)
#
# The plan for today: a visual slide deck, each slide explains a block. Open one of your two files, talk through it once with a clock, and write down where you stumbled.

# %%
journal("w4d5", ["At which slide did I lose the thread, and what was missing in its picture?",
                 "Which claim would a skeptical listener attack, and what would I show?"])

# %% [markdown]
# Checklist: Is every title a sentence that could be wrong? Does the picture prove it? Could somebody who hears you but does not see the slides follow? Somebody who sees them but does not hear you? Is there a word that no slide explained?

# %% [markdown]
# ## Go further (optional, 30 min)
#
# - [reveal.js](https://revealjs.com) (15 min): the library inside of your HTML deck. Look for: fragments and vertical slides. *Question to answer:* which key shows all slides at once? (Try it in your own deck; no network is needed.)
# - [WCAG 2.2](https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio) (15 min), the definition of contrast. *Question:* why is 0.05 added to both luminances?
#
# <details><summary>Answers</summary>
#
# O, or Escape. It stands for the light of the room that the screen reflects: without it, black would have no luminance, and every contrast with it would be infinite.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
picture, axes = plt.subplots(2, 3, figsize=(9, 3.7))
for number, (ax, s) in enumerate(zip(axes.flat, my_deck), 1):
    ax.imshow(as_image(s, number, len(my_deck), dpi=75), interpolation="antialiased")
    ax.axis("off")
today = figure(picture, caption="Six claims, six pictures. Read the titles alone: they are the story.",
               alt="Six small slides in order: " + "; ".join(s.title for s in my_deck) + ".")
saved = today.save(folder / "w4d5_deck.png")
today

# %% [markdown]
# **New words**

# %%
new_words("w4d5")

# %% [markdown]
# Tomorrow the pictures and words of all four weeks become a guide for somebody who has not been here.

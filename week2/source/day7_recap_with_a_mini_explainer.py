# %% [markdown]
# # Week 2 · Day 7: Recap with a mini explainer
#
# **Today you explain a Transformer block to somebody in three minutes, with your own pictures, and to the second.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week2/day7_recap_with_a_mini_explainer.ipynb)
#
# At the end you will be able to
#
# - lay out the week as a map, and say what each part of a block is needed for;
# - write a line for a picture that a beginner can follow, and find the line that is wrong;
# - turn six pictures and six lines into a timed script, a storyboard and a film, and talk over it.

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
import textwrap

import ipywidgets as widgets
import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.nn import functional as F

from shared import heads
from shared.architecture import ARCHITECTURES, SIZES, parameters, places
from shared.attention import MultiHeadAttention, causal_mask, positional_encoding
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.exam import exam
from shared.learning.sketches import sketch
from shared.learning.storyboard import count_words, jargon, sentences, seconds_for, timed_script
from shared.pretrained import load
from shared.text import stories
from shared.transformer import FeedForward
from shared.visuals import color, course_map, draw_heatmap, figure
from shared.visuals.block_drawing import Recipe, block_picture
from shared.visuals.concept_map import WEEK_2, concept_map
from shared.visuals.diagram import diagrams
from shared.visuals.film import film, storyboard_sheet
from shared.visuals.live import live
from shared.visuals.palette import signed_map, words

course_map(week=2, day=7)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w2d7")

# %% [markdown]
# ## 1 · The week as one map (8 min)
#
# Whoever prepares to explain something learns it better than whoever prepares for a test: in experiments, by about half a standard deviation. So today you explain. First see what there is to explain.
#
# Here is the week, a row for each day; each arrow with its words reads as a short sentence. Six ideas are missing. Write your words between the quotation marks, say each sentence aloud, and run the cell again.

# %%
my_words = {"A": "", "B": "", "C": "", "D": "", "E": "", "F": ""}
concept_map(WEEK_2, blanks=WEEK_2.blanks, mine=my_words,
            caption="Every row is a day. Follow the arrows into and out of a blank.")

# %% [markdown]
# When you have something in every blank, also wrong things, run the next cell.

# %%
concept_map(WEEK_2, caption="The week, filled in. Purple looks, vermilion thinks, gray carries, yellow keeps in bounds, sky blue says where.")

# %% [markdown]
# *One question to the map.* It says that heads let words meet. Two more arrows with these words, from "feed-forward" and from "position": which of them may you add?
#
# <details><summary>Answer, after you have said yours</summary>
#
# None. In the feed-forward network each word is alone, and a position is added to one row without a look at the others. Words meet in the heads, and nowhere else in a block.
# </details>

# %% [markdown]
# ## 2 · One sentence, one picture, one number (16 min)
#
# Two people explain the same picture, day 3's map of a head.

# %%
bad = ("The multi-head self-attention sublayer projects the residual stream to queries, keys and values, applies softmax to the "
       "scaled dot products under the causal mask, and the position-wise feed-forward network with its activation follows, "
       "with layer normalization and a residual connection around both.")
good = ("Words meet here, and only here. Each word asks the others a question. Whoever fits well answers loudly, whoever fits badly "
        "hardly at all. How loudly is called attention. In this map, each row is one word asking, and a dark cell is a loud answer.")

# %% [markdown]
# Nothing in the first one is false. Why does nobody who needs it understand it? Here are both as a strip, a box for each spoken word. Filled: a word that this course had to teach you first. A gap: the end of a sentence, where a listener can breathe.

# %%
from shared.learning.glossary import FILE, load_glossary

KNOWN = list(load_glossary(FILE))

def course_words(spoken):  # the places of words that belong to a word of the glossary, which may be two or three long
    return {i + k for n in (1, 2, 3) for i in range(len(spoken) - n + 1) for k in range(n)
            if any(len(name.split()) == n for name in jargon(" ".join(spoken[i : i + n]), KNOWN))}

def draw_strip(axes, text, y, name, wide=26):
    place = 0
    for sentence in sentences(text):
        filled = course_words(sentence.split())
        for i in range(len(sentence.split())):
            hue = color("attention") if i in filled else "white"
            axes.add_patch(plt.Rectangle((place % wide, y - 1.3 * (place // wide)), 0.8, 1, facecolor=hue, edgecolor=color("residual")))
            place += 1
        place += place % wide > 0  # room to breathe
    axes.text(0, y + 1.4, f"{name}: {count_words(text)} words, longest sentence {max(map(count_words, sentences(text)))}, different course words {len(jargon(text, KNOWN))}", fontsize=11)

# %%
picture, axes = plt.subplots(figsize=(8.6, 3.3))
draw_strip(axes, bad, 6.4, "the first")
draw_strip(axes, good, 1.6, "the second")
axes.set(xlim=(-0.3, 26.2), ylim=(0, 8.6), title="The same picture, for two listeners", aspect="equal")
axes.axis("off")
figure(picture, caption="One box for each spoken word; purple boxes are words that the course had to teach.",
       alt=f"""Two strips of boxes. The first explanation: {count_words(bad)} words without a gap; different course words, in purple: {len(jargon(bad, KNOWN))}.
           The second: {count_words(good)} words in {len(sentences(good))} sentences with a gap after each; course words: {len(jargon(good, KNOWN))}.""")

# %% [markdown]
# The first speaker suffers from the **curse of knowledge**: whoever knows something finds it hard to imagine not knowing it. You have known these words for days. The cure is a form. For each picture:
#
# | Beat | In the second explanation |
# |---|---|
# | **One question** that a listener can already ask | *Where do words meet?* |
# | **One picture**, and where to look in it | *each row is one word asking* |
# | **One number**, and what it means | still missing! |
# | The *name*, after the thing | *How loudly is called attention.* |
# | **One sentence** to take home | *Words meet here, and only here.* |
#
# A good number corrects a mistake in the listener's head. Try it on yourself:

# %% tags=["predict"]
predict("w2d7-p1",
        "“Attention is all you need.” So which part of a GPT-2 block holds the most numbers?",
        options=["attention", "the feed-forward network", "the norms", "attention and feed-forward hold the same"])

# %%
GPT2 = ARCHITECTURES["decoder-only"]
counted = parameters(GPT2, SIZES["decoder-only"])
in_block = {"attention": 0, "feed-forward": 0, "normalization": 0}
for place, name in places(GPT2):
    concept = {"masked attention": "attention", "norm": "normalization"}.get(name, name)
    if len(place) == 3 and concept in in_block:  # inside the block
        in_block[concept] += counted[place]
share = {name: 100 * n / sum(in_block.values()) for name, n in in_block.items()}
print({name: f"{percent:.1f} %" for name, percent in share.items()})

# %%
reveal("w2d7-p1", "the feed-forward network" if share["feed-forward"] > max(share["attention"], share["normalization"]) else "attention",
       "Four matrices of d × d in attention, two of d × 4d in the feed-forward network. If you were surprised, so is your listener: that is a number for a script.")

# %% [markdown]
# ### Your six pictures
#
# What you saved this week lies in your portfolio. Where a picture is missing, this notebook draws a small one in its place. Run the six cells, and ask of each: *which one number would I say with it?*

# %%
block_drawn = block_picture(
    Recipe("heads", True, True), title="One block",
    notes=[(402, "a row of numbers for each word"), (288, "words meet here: masked heads"), (244, "added to what was there"),
           (156, "each word alone: feed-forward"), (112, "added, too")],
    alt="From below: a word's row; a norm, masked heads and a plus; a norm, the feed-forward network and a second plus; the votes. A gray line goes around each part.",
    caption="Scene 1 · its number: 12 of these stand above each other in the smallest GPT-2.")
block_drawn

# %%
picture, axes = plt.subplots(figsize=(7.6, 3.8))
axes.imshow(positional_encoding(50, 32), cmap=signed_map(), vmin=-1, vmax=1, aspect="auto", interpolation="nearest")
axes.set(title="50 places, 16 clocks", xlabel="column: sine, cosine, sine, cosine …", ylabel="place")
clocks_drawn = figure(
    picture, caption="Scene 2 · its number: 16 clocks. Each row is the pattern of one place, and is added to the word that stands there.",
    alt="Fifty places downward, 32 columns. The left columns change from place to place, those further right more and more slowly. No two rows are alike.")
clocks_drawn

# %%
tokenizer, gpt = load("gpt2")  # GPT-2 where the hub answers, else the course's small one

def maps_of(text):
    with torch.no_grad():
        out = gpt(**tokenizer(text, return_tensors="pt"), output_attentions=True)
    return torch.stack([layer[0] for layer in out.attentions])  # (layers, heads, T, T)

over_tales = torch.stack([heads.previous_token(maps_of(tale)) for tale in stories(8, seed=27)]).mean(0)
layer, head = divmod(int(over_tales.argmax()), over_tales.shape[1])
before = round(100 * over_tales[layer, head].item())
print(f"layer {layer}, head {head}: {before} % of its attention goes to the token just before, over eight tales")

# %%
sentence = "The cat sat on the mat"
tokens = [tokenizer.decode([i]).strip() for i in tokenizer(sentence)["input_ids"]]
picture, axes = plt.subplots(figsize=(5.6, 4.6))
draw_heatmap(axes, maps_of(sentence)[layer, head], tokens, tokens)
axes.set_title("A head that looks one word back")
map_drawn = figure(
    picture, caption=f"Scene 3 · its number: {before} % to the word just before, over eight tales. Rows are queries, columns are keys.",
    alt=f"""Six words ask, six are looked at. The cells just below the diagonal are dark: most words give most of their attention to the word before. Over eight
        tales it is {before} percent on average. Nobody looks ahead.""")
map_drawn

# %%
picture, axes = plt.subplots(figsize=(6.4, 3.6))
axes.pie(in_block.values(), colors=[color(name) for name in in_block], startangle=90, counterclock=False,
         wedgeprops=dict(width=0.42, edgecolor="white", linewidth=1.5))
axes.text(1.1, -0.35, f"feed-forward\n{share['feed-forward']:.0f} %", color=words("feed-forward"), fontsize=12)
axes.text(1.1, 0.6, f"attention\n{share['attention']:.0f} %", color=words("attention"), fontsize=12)
axes.set(title="Most of a block is not attention", xlim=(-1.3, 2.4))
ring_drawn = figure(
    picture, caption="Scene 4 · its number: two thirds. (The norms are there, too, thinner than a line.)",
    alt=f"A ring of one GPT-2 block's parameters: the feed-forward network has {share['feed-forward']:.0f} percent, attention {share['attention']:.0f} percent, the norms almost nothing.")
ring_drawn

# %% tags=["predict"]
predict("w2d7-p2",
        "Scene 5. 48 layers, random weights, one backward pass. With road and norms the first layer gets a gradient. "
        "Take both away: how much of it is left there?",
        options=["about the same", "about a tenth", "about a thousandth", "less than a billionth"])

# %%
def message_by_layer(road, depth=48, d=32):  # size of the gradient at each layer's input, from the bottom
    torch.manual_seed(1)
    rows, x = [], torch.randn(8, 16, d, requires_grad=True)
    for _ in range(depth):
        rows.append(x)
        for part in (MultiHeadAttention(d, 4), FeedForward(d, 4 * d)):
            for weight in part.parameters():
                if weight.ndim == 2: nn.init.xavier_uniform_(weight)
            z = F.layer_norm(x, (d,)) if road else x
            found = part(z, causal_mask(16))[0] if isinstance(part, MultiHeadAttention) else part(z)
            x = x + found if road else found
    last = F.layer_norm(x, (d,)) if road else x
    return [g.norm().item() for g in torch.autograd.grad(last[..., 0].sum(), rows)]

with_road, without = message_by_layer(True), message_by_layer(False)
print(f"at layer 1: {with_road[0]:.2g} with road and norms, {without[0]:.2g} without")

# %%
left = without[0] / with_road[0]
options = {1e-9: "less than a billionth", 1e-2: "about a thousandth", 0.3: "about a tenth", 1e9: "about the same"}
reveal("w2d7-p2", next(says for most, says in options.items() if left < most),
       "Ninety-six slopes are multiplied, and most of them shrink the message. The road puts a 1 into each of them: x + f(x) has the slope 1 + f′(x).")

# %%
picture, axes = plt.subplots(figsize=(7.6, 3.8))
for sizes, hue, says in ((with_road, "value", "with road and norms"), (without, "feed-forward", "without")):
    axes.semilogy(range(1, 49), sizes, color=color(hue), linewidth=3)
    axes.text(14, sizes[13] * (1e-4 if hue == "value" else 1e-3), says, color=words(hue), fontsize=12)
axes.set(title="The road carries the message down", xlabel="layer, from the bottom", ylabel="size of the gradient")
road_drawn = figure(
    picture, caption="Scene 5 · its number: 48 layers. The vertical scale counts in powers of ten.",
    alt=f"""Size of the gradient in 48 layers, on a scale of powers of ten. With road and norms it stays within a few powers of ten, {with_road[0]:.2g} at layer 1. Without
        them it falls from layer to layer to {without[0]:.2g} at layer 1.""")
road_drawn

# %%
stack_drawn = diagrams(
    {" ": GPT2}, title="GPT-2, whole",
    alt="GPT-2 from the bottom: token embedding, learned position; a block that stands twelve times, with norm, masked attention, add, norm, feed-forward, add; a last norm; the output.",
    caption="Scene 6 · its number: 12, once more. Everything of this week in one drawing.")
stack_drawn

# %% [markdown]
# ## 3 · The timed script (10 min)
#
# Three minutes are short. A calm explanation has about 130 **words per minute**; conversation is faster, but there nobody has to learn anything.

# %% tags=["predict"]
predict("w2d7-p3", "How many words fit into three minutes, at 130 words per minute?")

# %%
print("3 minutes x 130 words per minute =", 3 * 130, "words, and these take", seconds_for(3 * 130, 130), "s")
reveal("w2d7-p3", 3 * 130, "Little more than a page of a book. That is all you have, so each sentence must earn its place.", tolerance=0.5)

# %% [markdown]
# The other way around, a line takes
#
# $$\text{seconds} = \frac{\text{words}}{\text{words per minute}} \cdot 60$$
#
# You want whole seconds to read from. Where do you round? A trap, first with the simplest script there is: six lines of 21 words each. One line takes 9.69 s.

# %% tags=["predict"]
predict("w2d7-p4",
        "You round each of the six lines to whole seconds, and add them up. By how many seconds is the sum off from the rounded length of the whole script?")

# %%
each, whole = 6 * seconds_for(21, 130), seconds_for(6 * 21, 130)
print(f"6 x {seconds_for(21, 130)} s = {each} s, but 126 words take {60 * 126 / 130:.2f} s, rounded {whole} s")
equal = timed_script([(f"line {i}", "word " * 21) for i in range(1, 7)], 130)
print("rounded starts:", [scene.start for scene in equal.scenes], " lengths:", [scene.seconds for scene in equal.scenes], " sum:", equal.seconds)
reveal("w2d7-p4", each - whole, "Six small errors in the same direction add up. So the *starts* are rounded, from the words so far, and a length is one start minus the one before.", tolerance=0.1)

# %% [markdown]
# With rounded starts no scene is ever more than half a second early or late, and the lengths add up to the whole. Now your script. Below is one that fits the six pictures: **rewrite every line in your own words**, one scene at a time. Write numbers as you say them, for then they are counted as you say them.

# %%
my_speed = 130  # words per minute

my_lines = {
    "One block": "A Transformer is one block, stacked. A sentence goes in at the bottom, each word as a row of numbers. Every part of the block reads these rows "
                 "and adds something to them. Nothing is replaced: what came in is still there at the top. The smallest GPT two stacks twelve of them.",
    "The place": "How does it know which word came first? It does not, until we tell it. Dog bites man, man bites dog: one and the same bag of words. So each word "
                 "gets a pattern for its place, from sixteen clocks that turn at different speeds. It is added to the word's row. No two places look alike.",
}

# %%
my_lines |= {
    "Words meet": "Where do words meet? Here, and only here. Each word asks a question, every word so far answers, and a softmax turns the answers into shares. "
                  f"A dark cell is a large share. This head gives {before} percent to the word just before. What is taken home is a mixture of values.",
    "Each word alone": "Then each word thinks alone, in the feed-forward network. It is the same network for every word, and in it no word sees another. Four times "
                       "as wide, a bend, and back. You may have heard that attention is all you need. Two thirds of a block's numbers are here.",
}

# %%
my_lines |= {
    "The road": "Why can we stack so many? Around every part runs a road. Upward it carries the row. Downward, in training, it carries the message: change this way. "
                "Take road and norms out of forty-eight layers, and almost nothing of that message reaches the first one.",
    "The whole": "Here is all of it. Words and places at the bottom, the block twelve times, one last norm, and a vote for the next word. If you keep one sentence, "
                 "keep this one. Words meet in attention, each thinks alone in the feed-forward network, and the road keeps what was there.",
}
script = timed_script(my_lines.items(), my_speed)
script

# %% [markdown]
# A start in front, then words and seconds. What stands behind a scene's seconds, if anything, is advice: shorter than 8 s, and nobody has seen the picture; longer than 40 s, and nobody looks at it any more. The last line holds the sum against three minutes.
#
# You will be nervous, and speak faster. *Before you move the slider:*

# %% tags=["predict"]
predict("w2d7-p5", "The same script at 160 words per minute instead of 130. By how many percent is it shorter?")

# %%
HUES = ["residual", "position", "attention", "feed-forward", "residual", "residual"]  # what each scene is about

def timeline(speed, kind="interactive"):
    timed, hues = timed_script(my_lines.items(), speed), (HUES * 9)[: len(my_lines)]
    picture, axes = plt.subplots(figsize=(8.8, 2.7))
    for scene, hue in zip(timed.scenes, hues):
        axes.barh(0, scene.seconds, left=scene.start, height=0.6, color=color(hue), edgecolor="white")
        axes.text(scene.start + scene.seconds / 2, 0, scene.number, ha="center", va="center", color="white", fontweight="bold")
        says = "\n".join([scene.clock, *textwrap.wrap(scene.title, 10)]) if scene.seconds > 14 else scene.clock
        axes.text(scene.start + 1, -0.38, says, va="top", fontsize=10)
    axes.axvline(timed.budget, color="black", linestyle="--")
    axes.set(xlim=(0, max(200, timed.seconds + 5)), ylim=(-1.25, 0.5), yticks=[], xlabel="seconds", title=f"{timed.clock} at {speed} words per minute: {timed.says}")
    told = ", ".join(f"scene {s.number} at {s.clock}" for s in timed.scenes)
    return figure(picture, kind=kind, alt=f"{timed.clock} at {speed} words per minute, {timed.says}. {told}. A dashed line at 3:00.",
                  caption="Each block is a scene, as long as its line takes. Dashed: three minutes.")

# %%
speed = widgets.IntSlider(value=my_speed, min=60, max=240, description="words/min")
screen = widgets.HTML()

def redraw(change=None):
    picture = timeline(speed.value)
    screen.value = picture.html
    return picture

speed.observe(redraw, names="value")

# %% tags=["interactive"]
live([speed, screen], still=redraw())

# %%
slow, fast = script.words / 130, script.words / 160
print(f"{60 * slow:.1f} s at 130, {60 * fast:.1f} s at 160: {100 * (1 - fast / slow):.1f} % shorter")
reveal("w2d7-p5", round(100 * (1 - fast / slow), 1),
       "Not 160/130 − 1, which is 23 %: that is how much more *words* fit. The time shrinks by 1 − 130/160.", tolerance=1)

# %% [markdown]
# ## 4 · Storyboard and film (12 min)
#
# A **storyboard** is a sheet with all scenes in order: a small picture, what is said to it, and when. Film makers draw one before they spend money. You look at it before you spend your listener's three minutes.
#
# Choose the pictures. A name on the left is a file in your portfolio, from the day that made it; behind it stands the picture from section 2 that is taken where there is no file. Change the files, drop scenes, put in your own drawings and photographs.

# %%
my_pictures = {
    "w2d1_block.png": block_drawn, "w2d2_clocks.png": clocks_drawn, "w2d3_atlas.png": map_drawn,
    "w2d4_a_neuron_is_a_memory.png": ring_drawn, "w2d5_four_stacks.png": road_drawn, "w2d6_diagram.png": stack_drawn}
take_mine = {"w2d1_block.png", "w2d5_four_stacks.png", "w2d6_diagram.png"}  # they go with the lines above; the others need another line

pictures = [portfolio() / file if file in take_mine and (portfolio() / file).is_file() else drawn for file, drawn in my_pictures.items()]
there = [file for file in my_pictures if (portfolio() / file).is_file()]
print(len(there), "of", len(my_pictures), "are in your portfolio;", len(take_mine & set(there)), "taken")

# %%
sheet = storyboard_sheet(pictures, script, title="One block, explained",
                         caption="Read only the first sentence of each scene: is that already the whole story?")
saved = sheet.save(portfolio() / "w2d7_storyboard.png")
sheet

# %% [markdown]
# Go through it with a pencil. Does each line speak of what the picture *shows*? Is there a word in a line that no earlier scene explained? Is there one number in each scene, and does the line say what it means?

# %%
for scene in script.scenes:
    longest = max(map(count_words, sentences(scene.line)))
    print(f"{scene.number} {scene.title:16} longest sentence {longest:2}   course words:", ", ".join(jargon(scene.line, KNOWN)) or "none")

# %% [markdown]
# Above 20 words a sentence is hard to say in one breath. And the course words are no sin, if the scene shows what they name. Which one on your list is never shown? (In the script above, *value*: its map shows shares, and not what is taken home.)
#
# Now the film. Each scene stands as long as its line takes, the words below it, and a bar runs with your time. It is a GIF: any browser plays it, nothing else is needed.

# %%
my_film = film(pictures, script, caption=f"The film to talk over: {len(pictures)} scenes in {script.clock}. It plays once, and waits at its end.")
saved = my_film.save(portfolio() / "w2d7_film.gif")
my_film

# %%
from PIL import Image, ImageSequence

with Image.open(portfolio() / "w2d7_film.gif") as gif:
    shown = [frame.info["duration"] / 1000 for frame in ImageSequence.Iterator(gif)]
print(f"{len(shown)} frames, {sum(shown):.0f} s in the film, {script.seconds} s in the script:", "the same" if sum(shown) == script.seconds else "not the same")

# %%
(portfolio() / "w2d7_script.md").write_text(script.markdown("One block, explained"), encoding="utf-8")
print("in your portfolio: w2d7_storyboard.png, w2d7_film.gif, w2d7_script.md (to read from)")

# %% [markdown]
# ## 5 · The week exam (12 min)
#
# Fifteen questions from the six days of this week, mixed. Nothing is graded until you hand in. Tick what you are sure of; sure *and* wrong is the most useful thing to find out before you explain it to somebody.

# %%
exam("w2d7")

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** How long does a line take? Whole seconds, half a second up. Words are what stands between blanks.

# %% tags=["exercise"]
def line_seconds(line, words_per_minute):
    words = ...  # how many words the line has
    return ...   # whole seconds, half a second up

# %% tags=["check"]
check_exercise("w2d7-e1", line_seconds)

# %%
help_with("w2d7-e1")

# %% [markdown]
# **2 · Fix it.** Somebody explains one pre-LN block. Each sentence is true, and the order is wrong. Repair `my_order`.
#
# 1. What the feed-forward network found is added to the row.
# 2. The heads mix the values of the words so far.
# 3. A normed copy of the row goes to the heads.
# 4. The row goes on to the next block, and nothing of it was thrown away.
# 5. What the heads brought is added to the row.
# 6. A normed copy of the new row goes to the feed-forward network.
# 7. For each word alone, the row is widened, bent and narrowed again.

# %% tags=["exercise"]
my_order = [6, 7, 1, 3, 2, 5, 4]

# %% tags=["check"]
check_exercise("w2d7-e2", my_order)

# %%
help_with("w2d7-e2")

# %% [markdown]
# **3 · From scratch.** Cut a talk to its time. `sentences` is a list of texts; return the list of those, from the first on, that fit together into `seconds`, unrounded. Stop at the first that does not fit: a talk must not have a hole.

# %% tags=["exercise"]
def fit(sentences, seconds, words_per_minute):
    ...

# %% tags=["check"]
check_exercise("w2d7-e3", fit)

# %%
help_with("w2d7-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory. Each wrong option is a sentence that somebody really says in an explanation.

# %% tags=["quiz"]
quiz("w2d7")

# %% [markdown]
# ## Draw or write: record it (12 min)
#
# **Draw first.** Your opening picture, by hand, in two minutes, without looking back: one block, as you would draw it on a napkin while you talk. If it is clearer than a picture of the film, photograph it or save it, and put it in.

# %% tags=["interactive"]
sketch("w2d7", "opening",
       alt="""An empty sheet, for one block on a napkin: the row that comes in, the place where words meet, the place where each is alone, the two plus signs and
           the gray line around both.""",
       caption="Your sheet. Purple where words meet, vermilion where each is alone, gray for the road.")

# %% [markdown]
# **Record.** Three minutes, one take.
#
# 1. Open `w2d7_film.gif` from your portfolio in a browser tab, and reload the tab when you begin: the film starts anew.
# 2. Record the screen with your voice. Your system has a tool: on a Mac *Shift-Command-5*, on Windows 11 the *Snipping Tool*, on a GNOME desktop the screenshot key. A video meeting with yourself, or a phone in front of the screen, does it as well.
# 3. Speak *over* the lines, do not read them. When the bar is ahead of you, leave a sentence out.
# 4. No restart before the end. A second take is allowed, a third is vanity.
#
# **Listen once, as if it were somebody else's,** and tick:

# %%
journal("w2d7", ["Self-review 1. Did every scene begin with a question or a reason to look? Which did not?",
                 "Self-review 2. Which word did I use before the picture had shown the thing? What would I say instead?",
                 "Self-review 3. Did I say that words meet only in attention, that nothing is replaced, and what the map does not prove?",
                 "Self-review 4. Where was I ahead of the bar, or behind it, and which sentence would I cut?",
                 "Where did I notice, while speaking, that I do not really know why? That is a question for next week.",
                 "I showed it to somebody. What did they ask first?"])

# %% [markdown]
# **Share.** With one person first, who does not know it: a friend, a colleague, a child. Ask them to say back what a block does, and say nothing while they do. What they get wrong is what your script says wrong. Nothing here is published by itself; what you show, and to whom, is yours to decide.

# %% [markdown]
# ## Go further (optional, 45 min)
#
# - [Transformers, the tech behind LLMs](https://www.youtube.com/watch?v=wjZofJX0v4M) (3Blue1Brown, chapter 5, 27 min). Watch it as a maker. Look for: what is on the screen *before* a new word is said. *Question to answer:* how long is the first picture up before the word "attention" falls, and which question has it raised by then?
# - [Transformer Explainer](https://poloclub.github.io/transformer-explainer/) (Polo Club, 18 min, in the browser). Explain it aloud to somebody while you click from left to right. *Question:* its GPT-2 tells the place in another way than your scene 2. In which?
#
# <details><summary>What to compare with</summary>
#
# For the first there is no single right answer: note the time, and the question in your own words. The second: GPT-2 has learned positions, a table with one row for each place, and no sines; your scene 2 shows the paper of 2017.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# Six scenes, their starts, and three minutes. Say the one sentence of each, with your finger on its block.

# %%
one_picture = timeline(my_speed, kind="still")
saved = one_picture.save(portfolio() / "w2d7_timeline.png")
one_picture

# %% [markdown]
# **New words**

# %%
new_words("w2d7")

# %% [markdown]
# **Next week**: the block is yours. Two families are built from it, one that writes and one that reads, and you meet them both: GPT and BERT.

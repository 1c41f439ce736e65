# %% [markdown]
# # Week 3 · Day 7: Recap and teach-back
#
# **Today you explain GPT to somebody of twelve, and then to an engineer, and draw the loop in which it writes as a flowchart that really runs.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week3/day7_recap_and_teach_back.ipynb)
#
# At the end you will be able to
#
# - explain GPT in words that a twelve-year-old knows, and find the places where a listener gets lost;
# - build a flowchart of how GPT writes, and say what goes wrong when its arrow back is drawn a little too short;
# - say the same to an engineer, with exact words and exact numbers.

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
import random

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch

from shared.gpt import GPT, GPTConfig
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.exam import exam
from shared.learning.explanation import IDEAS, check_numbers, find_ideas, gpt2_facts
from shared.learning.flowchart import STEPS, ChartStops, chart_faults, check_chart, enough, run_chart
from shared.learning.plain_words import check_plain, grade, syllables, words_of
from shared.learning.sketches import compare_sketch, sketch
from shared.learning.storyboard import sentences
from shared.pretrained import load
from shared.visuals import color, course_map, figure, stepper
from shared.visuals.concept_map import WEEK_3, concept_map
from shared.visuals.flowchart_drawing import flowchart, flowchart_svg, flowcharts
from shared.visuals.live import live
from shared.visuals.loop_film import Moment, loop_frames
from shared.visuals.marked_text import marked_text
from shared.visuals.palette import INK, LINE, words as ink_of

course_map(week=3, day=7)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w3d7")

# %% [markdown]
# ## 1 · The week as one map (6 min)
#
# A row for each day; each arrow, with its words, reads as a short sentence. Six ideas are missing. Write your words between the quotation marks, say each sentence aloud, and run the cell again.

# %%
my_words = {"A": "", "B": "", "C": "", "D": "", "E": "", "F": ""}
concept_map(WEEK_3, blanks=WEEK_3.blanks, mine=my_words,
            caption="Every row is a day. Follow the arrows into and out of a blank.")

# %% [markdown]
# When you have something in every blank, also wrong things, run the next cell.

# %%
concept_map(WEEK_3, caption="The week, filled in. Every arrow leads, sooner or later, to the thick box.")

# %% [markdown]
# *One question to the map.* BERT reaches GPT through "token" alone. Which of the other arrows would be as true of BERT, and which one would be false?
#
# <details><summary>Answer, after you have said yours</summary>
#
# Blocks, heads, parameters, a table of embeddings, contextual vectors: BERT has all of them. False is the arrow from the causal mask: BERT's heads look to both sides. And so it cannot write as GPT does, and nobody needs a KV cache for it.
# </details>

# %% [markdown]
# ## 2 · For somebody of twelve (16 min)
#
# Your cousin is twelve, clever, and asks: *"What is GPT, really?"* Whoever prepares to teach, and then teaches, learns more than for a test. A **teach-back** is both in one: you explain what you were taught, and hear where it breaks. Two people try.

# %%
bad = ("GPT is an autoregressive, decoder-only language model that tokenizes the input, looks up embeddings, adds positional encodings, "
       "runs a stack of pre-LN blocks with causally masked multi-head self-attention, and applies a softmax to the logits of the final "
       "position to obtain a distribution over the vocabulary.")
good = ("Imagine a friend who has read a whole library and plays one game all day. The game is: guess what comes next. GPT is that friend. "
        "First it cuts your text into small pieces. Such a piece is called a token. Each piece is turned into a list of numbers, "
        "for a computer can only count. Then each piece looks back at those before it, and never ahead. It takes a little from "
        "those that help. So a bank with fish becomes another bank than one with coins. ")

# %%
good += ("At the end the last piece makes a bet. It gives a chance to every piece there is, and one is drawn. It is put at the end of "
         "the text. Then all starts again. How did it learn this? It read heaps of text, guessed, was wrong, and was changed a tiny "
         "bit each time. Now it knows what sounds right. It does not know what is true. So check what it says!")
marked_text(check_plain(bad), title="All true, and of no use at twelve",
            caption="✗ a word of this course that the text does not explain · ~ a long word · left: words in the sentence.")

# %%
marked_text(check_plain(good), title="One breath a line, one new word, explained",
            caption="✓ a word of this course that the text explains itself.")

# %% [markdown]
# Nothing in the first text is false. It is full of **jargon**: words that only those understand who know the thing already. A checker made the marks, by rules that you can read in `shared/learning/plain_words.py`:
#
# | Mark | Rule |
# |---|---|
# | number with ✗ | more than 20 words: too long for one breath |
# | ~ | about four syllables or more |
# | ✗ | a word of the course's glossary, in any form (*tokenizes*, *masked*), that is not explained |
# | ✓ | the same, but the text says *X is a …*, *X means …*, *… is called X*, *X (…)*, there or right beside it |
# | ? | *head*, *key*, *value*: an everyday word, unless another word of ours stands near |
#
# So you need not avoid our words. You may bring one, if you pay for it with a sentence:

# %%
for text in ("We use a softmax.", "A softmax turns votes into shares. We use a softmax.", "A softmax is a way to turn votes into shares.",
             "Use your head, and mind the key of the house.", "The head compares its query with each key."):
    checked = check_plain(text)
    print(f"{text:52}  ✗ {', '.join(checked.names('jargon')) or '–':18} ✓ {', '.join(checked.names('explained')) or '–'}")

# %% [markdown]
# The second line is a good explanation, and the checker does not see it: it knows a few forms of words, and no meaning. A checker that you know the limits of is still worth having. You decide.
#
# ### How hard is a text? A number, and what it is blind to
#
# Schools measure a **reading grade**: how many years of school it takes to read a text. The best-known one looks at long sentences and long words. Before you see how, test it on twelve words that no child could follow:

# %% tags=["predict"]
predict("w3d7-p1", "“Softmax the logits. Mask the heads. Tie the head to the table.” Which reading grade does this get?",
        options=["below 6: easier than a children's book", "6 to 12: for a teenager", "above 12: for a student"])

# %%
short_jargon = "Softmax the logits. Mask the heads. Tie the head to the table."
found = grade(short_jargon)
print(f"reading grade: {found:.1f};  course words not explained: {', '.join(check_plain(short_jargon).names('jargon'))}")
reveal("w3d7-p1", "below 6: easier than a children's book" if found < 6 else "6 to 12: for a teenager" if found <= 12 else "above 12: for a student",
       "Short words, short sentences: the number sees nothing else. “Logit” is as easy to it as “rabbit”.")

# %% [markdown]
# And now the other way: a text that is easy, spoiled. We shuffle the words *within each sentence* of the good explanation.

# %%
def shuffled(text, seed=7):
    rng, out = random.Random(seed), []
    for sentence in sentences(text):
        pieces = sentence[:-1].lower().split()
        rng.shuffle(pieces)
        out.append(" ".join(pieces) + sentence[-1])
    return " ".join(out)

print(shuffled(good)[:150], "…")

# %% tags=["predict"]
predict("w3d7-p2", "What does the reading grade say of the shuffled text?",
        options=["it rises a lot: nobody can read this", "it rises a little", "it stays the same", "it falls"])

# %%
before, after = grade(good), grade(shuffled(good))
change = after - before
print(f"as it was {before:.2f}, shuffled {after:.2f}")
reveal("w3d7-p2", "it stays the same" if abs(change) < 0.005 else "it falls" if change < 0 else "it rises a little" if change < 2 else "it rises a lot: nobody can read this",
       "Shuffling changes neither the number of words in a sentence nor the syllables in a word, and the grade knows nothing else.")

# %%
def two_numbers(text):  # words per sentence, syllables per word
    said = words_of(text)
    return len(said) / len(sentences(text)), sum(map(syllables, said)) / len(said)

texts = {"the engineer": bad, "the friend": good, "shuffled": shuffled(good), "softmax the logits": short_jargon}
for name, text in texts.items():
    per_sentence, per_word = two_numbers(text)
    print(f"{name:18} {per_sentence:5.1f} words a sentence  {per_word:.2f} syllables a word  grade {grade(text):5.1f}")

# %%
picture, axes = plt.subplots(figsize=(7.4, 4.0))
x, y = np.meshgrid(np.linspace(1, 52, 60), np.linspace(1, 2.3, 60))
lines = axes.contour(x, y, 0.39 * x + 11.8 * y - 15.59, levels=[6, 12, 18, 24], colors=LINE)
axes.clabel(lines, fmt="grade %d", fontsize=10, colors=INK, manual=[(21, 1.13), (27, 1.45), (27, 1.95), (38, 2.1)])
for name, (dx, dy, mark) in {"the engineer": (0, 12, "s"), "the friend": (12, 8, "o"), "softmax the logits": (12, 8, "D")}.items():
    axes.plot(*two_numbers(texts[name]), mark, color=color("residual"), markersize=9)
    axes.annotate(name, two_numbers(texts[name]), (dx, dy), textcoords="offset points", ha="left" if dx else "center")
axes.plot(*two_numbers(texts["shuffled"]), "o", markersize=17, fillstyle="none", color=ink_of("feed-forward"))
axes.annotate("shuffled", two_numbers(texts["shuffled"]), (12, -14), textcoords="offset points", color=ink_of("feed-forward"))
axes.set(title="The grade sees two numbers, and no sense", xlabel="words per sentence", ylabel="syllables per word")
figure(picture, caption="Along a gray line the grade is the same. The ring, the shuffled text, lies around the dot of the text that it was made from.",
       alt=f"""Texts as points: words per sentence to the right, syllables per word upward. The engineer's text lies far to the right and high, grade {grade(bad):.0f}. The friend's text lies
           low at the left, grade {before:.1f}, and its shuffled copy on the very same point. Softmax the logits lies low at the left, too, though nobody of twelve understands it.""")

# %% [markdown]
# As a formula, the **Flesch–Kincaid grade** (1975):
#
# $$\text{grade} = 0.39\,\frac{\text{words}}{\text{sentences}} + 11.8\,\frac{\text{syllables}}{\text{words}} - 15.59$$
#
# The three numbers were fitted to tests of sailors who read manuals. Our syllables are estimated from vowels, right for about nine words in ten, and below a hundred words the grade jumps. Use it as a thermometer: a high one is a warning, a low one proves nothing. That is why the checker also looks for jargon.
#
# ### Your turn
#
# In the box stands a draft by somebody who means well. **Make it yours**: mend it, or delete it and begin anew. Click outside the box, and the marks are made again. Do not aim at zero marks. Aim at your cousin.

# %%
DRAFT = ("GPT is a program that writes. It cuts your text into tokens. Its attention heads look back at the embeddings of all words so far and mix "
         "them, and after many layers of this a softmax gives a chance to each word that could come next. It picks one and starts again. "
         "It has seen the whole internet, so you can ask it everything.")
saved_text = portfolio() / "w3d7_explanation.md"
mine = saved_text.read_text(encoding="utf-8") if saved_text.is_file() else DRAFT

# %%
box = widgets.Textarea(value=mine, continuous_update=False, layout=widgets.Layout(width="98%", height="170px"))
screen = widgets.HTML(layout=widgets.Layout(width="98%"))

def mark(change=None):
    text = box.value if words_of(box.value) else DRAFT
    if text != DRAFT:
        saved_text.write_text(text, encoding="utf-8")  # into your portfolio
    checked = check_plain(text)
    says = f"{'Plain' if checked.plain else 'Not plain yet'}: {checked.words} words, reading grade {checked.grade:.1f}"
    picture = marked_text(checked, title=says, kind="interactive", caption="Your text, with its marks. It is kept in your portfolio as w3d7_explanation.md.")
    screen.value = picture.html
    return picture

box.observe(mark, names="value")

# %% tags=["interactive"]
live([box, screen], still=mark())

# %% [markdown]
# ## 3 · Is everything in it? (7 min)
#
# A plain text can still leave out the best part. Here are eight questions that a whole explanation answers, and the words by which a second checker looks for them: *guess, predict, bet* with *next* or *comes*, and so on.

# %%
print(find_ideas(good))

# %%
def draw_ideas(axes, found):
    for row, one in enumerate(found.found):
        axes.scatter(range(1, len(found.sentences) + 1), [row] * len(found.sentences), s=12, color=LINE)
        axes.scatter([i + 1 for i in one.at], [row] * len(one.at), s=170, color=ink_of("value") if one.at else LINE, marker="o")
        for i in one.at:
            axes.text(i + 1, row, "✓", ha="center", va="center_baseline", color="white", fontsize=10, fontweight="bold")
        if not one.at:
            axes.text(len(found.sentences) + 0.7, row, "○ missing", va="center_baseline", color=ink_of("feed-forward"), fontsize=10.5)
    axes.set(yticks=range(len(found.found)), yticklabels=[one.idea.name for one in found.found], xlabel="sentence", ylim=(len(found.found) - 0.5, -0.6))
    axes.set_xticks(range(1, len(found.sentences) + 1, 2))
    axes.set_xlim(0.3, len(found.sentences) + (3.5 if found.missing else 0.7))

# %%
found = find_ideas(good)
picture, axes = plt.subplots(figsize=(8.8, 3.8))
draw_ideas(axes, found)
axes.set_title("An explanation walks through its ideas" if not found.missing else f"{len(found.missing)} ideas are missing")
figure(picture, caption="The friend's text: a check where a sentence hints at an idea. Read downward, the checks walk to the right.",
       alt=f"""Eight ideas downward, the {len(found.sentences)} sentences of the friend's text to the right. The checks go from the upper left to the lower right:
           first the guess, then pieces and numbers, looking back and mixing, the loop, learning, and at the end that it does not know what is true.""")

# %% [markdown]
# Look for a check that is none. "Was changed a tiny *bit* each time" stands beside "heaps of *text*", and so the checker believes to read of pieces of text once more.

# %% tags=["predict"]
predict("w3d7-p3", "The first text of today, the engineer's, is true from its first word to its last. How many of the eight ideas does this checker find in it?")

# %%
in_bad = len(IDEAS) - len(find_ideas(bad).missing)
in_shuffled = len(IDEAS) - len(find_ideas(shuffled(good)).missing)
print(f"the engineer {in_bad} of {len(IDEAS)}, the friend {len(IDEAS) - len(found.missing)}, the friend shuffled {in_shuffled}")
reveal("w3d7-p3", in_bad,
       "“Autoregressive” holds the guess *and* the loop, for whoever knows the word. The checker knows it not, and neither does your cousin. "
       "And see the shuffled text: nonsense, and nearly everything is “found”. It is a hint where to look, never a judge.", tolerance=0.5)

# %% [markdown]
# Now yours. What is missing, put in; where you disagree, trust yourself.

# %%
text = box.value if words_of(box.value) else DRAFT
find_ideas(text)

# %% [markdown]
# *Two sentences of the draft are worse than its jargon.* Which ones would leave a twelve-year-old with a false picture?
#
# <details><summary>Answer</summary>
#
# "It has seen the whole internet, so you can ask it everything." It has seen much text, not all; the text is not stored in it, only what its parameters kept; and what sounds right need not be true. No checker found this. And "a chance to each word": nearly, but it is pieces, *tokens*, and a rare word is made of several.
# </details>

# %% [markdown]
# ## 4 · The loop, as a flowchart that runs (16 min)
#
# A **flowchart** shows what happens in which order: boxes are steps, a diamond is a decision, and an arrow back means *once more*. Words can be vague about "and so on". A flowchart cannot, least of all one that a computer carries out. So each of its steps is a short function. All of them read and write one dictionary, the state.

# %%
tokenizer, small = load("tiny-gpt2")                  # the course's small GPT-2: it has read simple tales, and nothing else
gpt = GPT.from_pretrained(small.name_or_path).eval()  # the same weights in the code of day 3

def cut(s): s["tokens"] = tokenizer(s["text"], return_tensors="pt")["input_ids"]  # (1, T)
def look_up(s): s["rows"] = gpt.embed(s["tokens"])                                # (1, T, d): token + place
def blocks(s):
    for block in gpt.blocks:
        s["rows"] = block(s["rows"])                                              # (1, T, d): look back, mix, think
def votes(s): s["votes"] = gpt.head(gpt.final_norm(s["rows"]))[0, -1]             # (vocabulary,): the last row only

# %%
def chances(s): s["chances"] = s["votes"].softmax(-1)                                     # sum to 1
def pick(s): s["new"] = s["chances"].argmax()                                             # here: always the likeliest
def append(s): s["tokens"] = torch.cat([s["tokens"], s["new"].view(1, 1)], dim=1)         # (1, T + 1)
def join(s): s["answer"] = tokenizer.decode(s["tokens"][0])

actions = {"cut": cut, "look up": look_up, "blocks": blocks, "votes": votes, "chances": chances, "pick": pick, "append": append, "join": join}
FULL_STOP = tokenizer(".")["input_ids"][0]

def finished(s):  # a full stop, or long enough
    return s["tokens"][0, -1] == FULL_STOP or s["tokens"].shape[1] >= 20

# %% [markdown]
# The chart itself is a list. The decision says where *no* leads back to. This one was drawn by somebody who said: "and then it picks the next one, and so on".

# %%
and_so_on = ["cut", "look up", "blocks", "votes", "chances", "pick", "append", enough(no="pick"), "join"]

def run(chart, text="The dog", most=150):  # what a chart writes, and which steps it visited
    state = {"text": text}
    try:
        with torch.no_grad():
            visited = [visit.name for visit in run_chart(chart, actions, finished, state, most)]
    except ChartStops as stop:
        return f"It stops: {stop}.", []
    return state.get("answer", "It never ends."), visited

# %% tags=["predict"]
predict("w3d7-p4", "The way back leads to “pick”. The text so far is “The dog”. What does this chart write?",
        options=["the same tale as the right chart", "one and the same token, again and again", "tokens by pure chance", "nothing, it stops"])

# %%
right = ["cut", "look up", "blocks", "votes", "chances", "pick", "append", enough(no="look up"), "join"]
(tale, went), (stuck, went_wrong) = run(right), run(and_so_on)
print("back to 'look up':", tale)
print("back to 'pick':   ", stuck)

# %%
new = tokenizer(stuck)["input_ids"][len(tokenizer("The dog")["input_ids"]):]
reveal("w3d7-p4", "the same tale as the right chart" if stuck == tale else "one and the same token, again and again" if len(set(new)) == 1 else "tokens by pure chance",
       f"The blocks ran {went_wrong.count('blocks')} time. Nothing reads the new token, so the chances are those of the first round for ever. (Drawn by chance, it would be a bag of first words.)")

# %%
fault = chart_faults(and_so_on)[0]
flowcharts({"Each new token is read": right, "“And so on”": and_so_on}, rings={"“And so on”": fault.at},
           notes={"Each new token is read": tale, "“And so on”": stuck[:60] + " …"},
           caption="Shaded: what is done again. In the chart at the right the new token is put at the end, and nobody ever looks at it.")

# %% [markdown]
# That is the heart of it: **the model does nothing but give chances for one token. The text comes from the loop.** The word for it is *autoregressive*: what it wrote becomes what it reads.
#
# ### Watch it write

# %%
def moment(visit, s):
    text = [tokenizer.decode([i]) for i in s["tokens"][0].tolist()]
    best = s["votes"].topk(5).indices.tolist() if "votes" in s else []
    values = s["votes" if visit.name == "votes" else "chances"][best].tolist() if visit.name in ("votes", "chances", "pick") else []
    top, last, go_on = tokenizer.decode(best[:1]).strip(), text[-1].strip(), not finished(s)
    says = {"cut": f"“{s['text']}” is cut into {len(text)} tokens. From here on there are no letters.", "look up": "Each token looks up its row, and the row of its place is added.",
            "blocks": "Through the blocks: each row has looked back, mixed in what helps, and been worked on alone.",
            "votes": f"Only the last row votes, for every token of the vocabulary. Highest: “{top}”.", "chances": "Softmax: the votes become chances, and sum to 1.",
            "pick": f"Round {visit.round}: one is picked, here the likeliest: “{top}”.", "append": f"Round {visit.round}: “{last}” stands at the end now.",
            "enough?": "No full stop yet: back, and this time the new token is read, too." if go_on else "A full stop, or long enough: yes.",
            "join": "The tokens are joined: a longer text."}[visit.name]
    return Moment(visit, tuple(text), says, new=visit.name == "append", what="the first 12 numbers of each row",
                  rows=s["rows"][0, :, :12].numpy() if visit.name in ("look up", "blocks") else None, votes=visit.name == "votes",
                  shares=tuple((tokenizer.decode([i]), v) for i, v in zip(best, values)) or None,
                  picked=tokenizer.decode(best[:1]) if visit.name == "pick" else "", way=("no" if go_on else "yes") if visit.name == "enough?" else "")

# %%
state, moments = {"text": "The dog"}, []
with torch.no_grad():
    for visit in run_chart(right, actions, finished, state):
        moments.append(moment(visit, state))
rounds = moments[-1].visit.round
def worth_a_frame(m):  # round 1 whole, the heart of round 2, then one frame in every second round, and the end
    name, n = m.visit.name, m.visit.round
    return n == 1 or n == 2 and name in ("blocks", "pick", "append") or name == "append" and (rounds - n) % 2 == 0 or m.way == "yes" or name == "join"
shown = [m for m in moments if worth_a_frame(m)]
stepper(loop_frames(right, shown), start=4, alt=f"""The flowchart at the left, one step lit; at the right what it makes. “The dog” is cut into tokens, each gets a row, the blocks change the rows, the last row
        votes, votes become chances, one token is picked and put at the end, and the loop begins again with one token more. After {rounds} rounds there is: {tale}""",
        caption="The first round step by step, then faster and faster. The text is what the course's small GPT really writes.")

# %% [markdown]
# A prompt is another matter. Somebody says: "It reads your text from left to right, word by word, and then writes."

# %%
prompt = "The cat sat on the mat"
n = len(tokenizer(prompt)["input_ids"])
print(n, "tokens")

# %% tags=["predict"]
predict("w3d7-p5", f"The prompt has {n} tokens, and 8 new ones are to be written. How many times do the blocks run in this chart?")

# %%
state = {"text": prompt}
with torch.no_grad():
    ran = [visit.name for visit in run_chart(right, actions, lambda s: s["tokens"].shape[1] >= n + 8, state)]
print({name: ran.count(name) for name in ("cut", "blocks", "append")})
reveal("w3d7-p5", ran.count("blocks"), f"All {n} tokens of the prompt go through the blocks together, in the first round, and that round already gives the first new token. "
       "Only writing is one after the other.", tolerance=0.5)

# %% [markdown]
# Here every round computes all rows anew. Real programs keep the keys and values of earlier tokens, the KV cache, and send only the newest token through. The text is the same.
#
# ### Build it
#
# Order the steps, and choose where *no* leads back to. The chart is drawn, checked and *run* each time. Break it on purpose: which mistake makes the funniest text, and which one never ends? (*Cut* comes first, and *join* last.)

# %%
between = ["blocks", "look up", "votes", "pick", "chances", "append"]  # not yet in order
places = [widgets.Dropdown(options=list(STEPS)[1:7], value=name, description=f"step {i}") for i, name in enumerate(between, 2)]
back = widgets.Dropdown(options=list(STEPS)[:7], value="append", description="no: back to")
drawn = widgets.HTML(layout=widgets.Layout(width="98%"))

def build(change=None):
    chart = ["cut", *[place.value for place in places], enough(no=back.value), "join"]
    faults, (text, _) = chart_faults(chart), run(chart)
    title = "✓ This is how GPT writes" if not faults else "✗ Not yet"
    picture = flowcharts({title: chart}, rings={title: faults[0].at if faults else ()}, kind="interactive", notes={title: "Run: " + text[:110]},
                         caption=faults[0].says.replace("`", "") if faults else "Every step has what it needs, and each new token is read.")
    drawn.value = picture.html
    return picture

for control in (*places, back):
    control.observe(build, names="value")

# %% tags=["interactive"]
live([*places, back, drawn], still=build())

# %% [markdown]
# Then write yours down. Use your own words in the boxes, up to 60 letters each: those that you would say to your cousin. The check looks at the order, and the words are yours.

# %%
my_chart = ["cut", "look up", "blocks", "votes", "chances", "pick", "append", enough(no="append"), "join"]
my_boxes = {"cut": "", "look up": "", "blocks": "", "votes": "", "chances": "", "pick": "", "append": "", "enough?": "", "join": ""}
check_chart(my_chart)

# %%
mine_drawn = flowchart(my_chart, title="How GPT writes", words=my_boxes, rings={at for f in chart_faults(my_chart) for at in f.at},
                       caption=f"Your flowchart, as it is now. It writes: {run(my_chart)[0][:80]}")
mine_drawn.save(portfolio() / "w3d7_flowchart.png")
(portfolio() / "w3d7_flowchart.svg").write_text(flowchart_svg(my_chart, title="How GPT writes", words=my_boxes), encoding="utf-8")
mine_drawn

# %% [markdown]
# In your portfolio: `w3d7_flowchart.png` to send around, `w3d7_flowchart.svg` to open in a browser or to change in a drawing program.

# %% [markdown]
# ## 5 · For the interviewer (8 min)
#
# Another listener: an engineer, who decides whether you understand it. For her the friend's text is too soft: *how many* layers? She does not want longer words. She wants exact ones. Four sentences that she often hears; which one does she let stand?

# %% tags=["predict"]
predict("w3d7-p6", "Which sentence about GPT is exact?",
        options=["Every token attends to every other token, and then the next word is predicted.",
                 "Each row depends on earlier tokens only, so one pass in training gives a guess at every position.",
                 "The next word is softmax(logits).", "It is fully parallel, in training and in writing."])

# %%
ids = tokenizer(tale, return_tensors="pt")["input_ids"]
with torch.no_grad():
    whole = gpt(ids)[0]  # (T, vocabulary): one pass
    alone = torch.stack([gpt(ids[:, : t + 1])[0, -1] for t in range(ids.shape[1])])  # T passes, each over the start only
difference = (whole - alone).abs().max().item()
print("one pass gives the votes of every start of the text:", difference < 1e-3)

# %%
options = ["Every token attends to every other token, and then the next word is predicted.",
           "Each row depends on earlier tokens only, so one pass in training gives a guess at every position."]
reveal("w3d7-p6", options[difference < 1e-3],
       "Row t of the whole text votes as if the text ended there. So training has T losses in one pass (teacher forcing), and there the causal mask is on, too.")

# %% [markdown]
# | You hear | She wants to hear |
# |---|---|
# | Every token attends to every other one | each attends to itself and to *earlier* tokens: the causal mask |
# | The next word is softmax(logits) | softmax gives a *distribution*; the token is its argmax, or drawn from it |
# | It is fully parallel | over positions, in training and when the prompt is read; *writing* is one token after the other |
# | The embedding is split among the heads | the whole row is projected; the *projections* are split |
# | GPT-2 is the Transformer's decoder | without cross-attention; with pre-LN, a final norm, GELU, learned positions |
# | The bright cell explains the answer | it shows what was mixed; whether the answer hangs on it takes an experiment |
#
# And numbers. Let code count them, on a model that has shapes and no weights:

# %%
sizes = GPTConfig.named("gpt2")
with torch.device("meta"):  # shapes only, no memory
    big = GPT(sizes)
counts = {"layers": sizes.n_layers, "heads": sizes.n_heads, "width": sizes.d_model, "head width": sizes.d_model // sizes.n_heads,
          "vocabulary": sizes.vocab_size, "context": sizes.context, "parameters": sum(p.numel() for p in big.parameters())}
print(", ".join(f"{name} {n:,}" for name, n in counts.items()))

# %% [markdown]
# Write three sentences for her, with numbers in digits. The check holds each number against the word beside it. Two in this draft are wrong; both are easily said.

# %%
my_numbers = ("The smallest GPT-2 has 12 layers with a width of 768. Each layer has 12 heads, and each head works on 768 numbers. "
              "It has 117 million parameters, and a vocabulary of 50,257.")
for said in check_numbers(my_numbers, gpt2_facts(counts)):
    print(said)

# %% [markdown]
# *117 million* was a counting error of the release. And a head works on a *projection*, 768 numbers down to 64. Twelve heads side by side are 768 again, for the query, the key and the value: that is where day 3's 768 → 2304 comes from.

# %% [markdown]
# ## 6 · The week exam (11 min)
#
# Fifteen questions from the six days of this week, mixed. Nothing is graded until you hand in. Tick what you are sure of; sure *and* wrong is the most useful thing to find out before you explain it to somebody.

# %%
exam("w3d7")

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** The reading grade, from syllables that are counted already: `text` is a list of sentences, each a list with the syllables of its words. `[[1, 2, 1], [3]]` is two sentences of three words and one.

# %% tags=["exercise"]
def reading_grade(text):
    sentences = len(text)
    words = sum(len(sentence) for sentence in text)
    per_sentence = ...  # words per sentence, over the whole text
    per_word = ...      # syllables per word, over the whole text
    return 0.39 * per_sentence + 11.8 * per_word - 15.59

# %% tags=["check"]
check_exercise("w3d7-e1", reading_grade)

# %%
help_with("w3d7-e1")

# %% [markdown]
# **2 · Fix it.** The loop in code. `guess(tokens)` gives the next token for a list of tokens. Write until `stop` has been written, or until there are `most` tokens. This one says the same thing for ever.

# %% tags=["exercise"]
def write(tokens, guess, stop, most):
    new = guess(tokens)
    while len(tokens) < most:
        tokens = tokens + [new]
        if new == stop:
            break
    return tokens

# %% tags=["check"]
check_exercise("w3d7-e2", write)

# %%
help_with("w3d7-e2")

# %% [markdown]
# **3 · From scratch.** A jargon finder of your own. `known` is a list of words in small letters. Return those that `text` uses and never explains, each once, in the order in which the text first uses them. A word is explained if the text holds *called* and the word right after each other (`called token`), or the word and *means* (`token means`). Capitals and `. , ! ?` do not matter; *ahead* is no *head*.

# %% tags=["exercise"]
def unexplained(text, known):
    ...

# %% tags=["check"]
check_exercise("w3d7-e3", unexplained)

# %%
help_with("w3d7-e3")

# %% [markdown]
# ## Self-quiz (5 min)
#
# From memory. Each wrong option is something that people really say about GPT.

# %% tags=["quiz"]
quiz("w3d7")

# %% [markdown]
# ## Draw or write: teach it back (7 min)
#
# **Draw.** The loop as a flowchart, from memory, in two minutes. Pictures with words help everyone, so do not ask whether you are the type for it.

# %% tags=["interactive"]
sketch("w3d7", "loop",
       alt="""An empty sheet, for the loop from memory: cutting, looking up rows, the blocks, votes, chances, picking, putting at the end, the
           question whether it is enough, and the arrow back.""",
       caption="Your sheet. Boxes for steps, a diamond for the decision, and mind where the arrow back arrives.")

# %%
reference = flowchart(right, title="How GPT writes", caption="The way back leads to the rows: the new token must be read.")
compare_sketch("w3d7", "loop", reference, [
    "(1) Is the text cut only once, before the loop?", "(2) Do all tokens go through the blocks, and only the last row votes?",
    "(3) Are there two boxes for votes and chances, and a third one for picking?", "(4) Does the new token get to the *end of what is read*?",
    "(5) Does the arrow back arrive before the blocks?", "(6) Is there a way out?"])

# %% [markdown]
# **Teach.** Read your explanation aloud to somebody who knows nothing of this: a friend, a child, a plush animal if nobody is there. Then let *them* explain it to you, and only listen. Write down the first thing that they get wrong: your text said it so. These five questions will come; answer each in two sentences before you look.

# %%
journal("w3d7", ["“Does it think?”", "“Why does it say wrong things, and sound so sure?”", "“Does it remember me tomorrow?”",
                 "“Who told it the rules of grammar?”", "“Is my text stored in it?”",
                 "What did my listener get wrong when they said it back, and which sentence of mine was to blame?"])

# %% [markdown]
# <details><summary>What one could say</summary>
#
# *Does it think?* It computes the next piece from all pieces so far. Whether one wants to call that thinking, people argue about; say what it does, and that we do not know more.
#
# *Wrong things?* It was trained to guess what comes next in text, not to find out what is so. A sure tone is also something that it has learned from text.
#
# *Remember me?* The parameters do not change while you chat. It knows what stands in the text before it, and when that is gone, it is gone. (A program around it can put notes into that text.)
#
# *Grammar?* Nobody. Whoever guesses next words well has to get grammar right, so training pushed it there.
#
# *Stored?* What you type is not written into the parameters by chatting. Whether a company keeps it, and trains with it later, is for the company to say. Some texts that came up often in training can be recited, though.
# </details>

# %% [markdown]
# ## Go further (optional, 50 min)
#
# - [The Illustrated GPT-2](https://jalammar.github.io/illustrated-gpt2/) (Jay Alammar, 25 min). Read it as a teacher. Look for: which words he explains before he uses them. *Question to answer:* paste one of his paragraphs into your box; what does the checker mark, and do you agree?
# - [Transformers, the tech behind LLMs](https://www.youtube.com/watch?v=wjZofJX0v4M) (3Blue1Brown, 27 min). Look for: where the loop is shown. *Question:* which of your eight ideas come before the word "attention" falls, and which never come?
#
# <details><summary>What to compare with</summary>
#
# There is no single right answer. For the first: it is written for people who know some of the words, so marks are to be expected; ask of each whether *your* reader knows it. For the second: the guess and the loop come first, as in your flowchart. Note the order, and whether truth is a topic at all.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# What you explained, as numbers: the engineer, the draft and the friend. Then say the friend's first three sentences by heart.

# %%
three = {"the engineer": bad, "the draft": DRAFT, "the friend": good}
numbers = {"longest sentence, words": lambda t: max(c for _, _, c in check_plain(t).sentences),
           "course words not explained": lambda t: len(check_plain(t).names("jargon")), "ideas found, of eight": lambda t: len(IDEAS) - len(find_ideas(t).missing)}
counted = {title: [count(t) for t in three.values()] for title, count in numbers.items()}
told = "; ".join(f"{name}: longest sentence {words} words, {jargon} course words not explained, {ideas} ideas" for name, words, jargon, ideas in zip(three, *counted.values()))

# %%
picture, panels = plt.subplots(1, 3, figsize=(8.8, 2.7), sharey=True)
for axes, (title, values) in zip(panels, counted.items()):
    bars = axes.barh(list(three), values, color=[color("residual"), color("residual"), color("value")], height=0.6)
    axes.bar_label(bars, padding=3, fontsize=11)
    axes.set_title(title, fontsize=11)
    axes.set(xticks=[], xlim=(0, 1.25 * max(1, *values)))
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
panels[0].invert_yaxis()
one_picture = figure(picture, caption="Short breaths, no word that is not paid for, and all eight ideas. The rest is you.",
                     alt=f"The friend's text has short sentences, explains its words and holds the ideas; the engineer's has none of that. {told}.")
saved = one_picture.save(portfolio() / "w3d7_three_texts.png")
one_picture

# %% [markdown]
# **New words**

# %%
new_words("w3d7")

# %% [markdown]
# **Next week** you build with it: models in a blind duel, a playground with sliders, your own GPT trained from nothing, and at the end your own visual guide. Your explanation and your flowchart will be its first pages.

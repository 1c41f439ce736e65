# %% [markdown]
# # Week 4 · Day 6: Share your visual guide
#
# **Today your pictures, your words and your mistakes become a guide that somebody else can learn from.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week4/day6_share_your_visual_guide.ipynb)
#
# At the end you will be able to
#
# - put explanations in an order in which no word is used before it is explained, and measure it;
# - make one file that holds everything and opens anywhere, and say what that costs;
# - put foreign words into a page without letting them become commands.

# %% tags=["setup"]
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
import html
import re
from html.parser import HTMLParser

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from shared.days import DAYS
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.glossary import FILE, load_glossary
from shared.learning.guide import Chapter, Shown, check_guide, first_draft, material, save_guide, save_markdown
from shared.learning.storyboard import jargon
from shared.visuals import color, course_map, figure, stepper
from shared.visuals.live import live

course_map(week=4, day=6)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w4d6")

# %% [markdown]
# ## 1 · What you have (10 min)
#
# In four weeks you drew, measured, wrote and broke things. Much of it lies in your portfolio and your record. Today it becomes a guide, "How I learned Transformers visually", for somebody who has not been here: one page that opens anywhere, and a text
# for a blog. Nothing is published by this notebook; both are files on your disk.
#
# If little is there, go on all the same: this notebook brings a small guide by an invented learner, *Ada*, on which everything can be tried. Where you have something of your own, yours is taken.

# %%
found = material()
print(len(found.pictures), "pictures and moving views,", sum(len(texts) for texts in found.journal.values()), "journal answers,",
      sum(state.opened for state in found.states.values()), "of 28 days opened")
for name, shown in list(found.pictures.items())[:12]:
    print(f"  {name:30} {shown.alt[:50]}{' …' * (len(shown.alt) > 50)}")

# %%
ADA = {(1, 1): (2, 0), (1, 3): (1, 2), (1, 4): (1, 1), (1, 7): (1, 3), (2, 2): (2, 1), (2, 3): (1, 2), (2, 6): (3, 0), (3, 4): (0, 4), (3, 5): (2, 1), (4, 4): (3, 2)}
mine = bool(found.pictures or found.journal)
whose = "you" if mine else "Ada"

def have(day):
    """How many pictures and how many journal answers a day left; Ada's, where there is nothing of your own yet."""
    return (sum(name.startswith(day) for name in found.pictures), len(found.journal.get(day, {}))) if mine else ADA.get((int(day[1]), int(day[3])), (0, 0))

picture, axes = plt.subplots(figsize=(8.4, 3.4))
for (week, number), day in DAYS.items():
    pictures, texts = have(day.code)
    for kind, count, dy, hue in (("pictures", pictures, 0.16, "value"), ("texts", texts, -0.16, "query")):
        axes.scatter([number + 0.14 * k for k in range(min(count, 5))], [4 - week + dy] * min(count, 5), s=60, color=color(hue))
    axes.text(number - 0.3, 4 - week, str(number), color="#6B7280", va="center", fontsize=9)
axes.plot([], [], "o", color=color("value"), label="a picture")
axes.plot([], [], "o", color=color("query"), label="something written")
axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2)
axes.spines[["left", "bottom"]].set_visible(False)
axes.tick_params(length=0)
axes.set(title=f"What each day left with {whose}", yticks=range(4), yticklabels=[f"week {w}" for w in (4, 3, 2, 1)], xticks=[], xlim=(0.4, 7.6), ylim=(-0.6, 3.6))
figure(picture, caption="Upper dots: pictures of a day; lower dots: answers in the journal; five at most are drawn. An empty day is no fault; it is a day to go back to, or to leave out.",
       alt=f"Four weeks of seven days. {sum(have(d.code)[0] > 0 for d in DAYS.values())} days have pictures, {sum(have(d.code)[1] > 0 for d in DAYS.values())} have something written.")

# %% [markdown]
# ## 2 · In which order? (15 min)
#
# Ada wrote six pieces, in the order in which they came to her mind. Each piece explains one thing, and uses others.

# %%
pieces = {  # what it explains: the text
    "attention": "In attention a word sends out a query. The others answer with their keys, and the scores go through a softmax. So each word collects what it needs.",
    "token": "A text is cut into tokens. Most tokens are whole words, rare words come in pieces. To the machine each one is a number in a list.",
    "residual stream": "The residual stream is a road through all blocks. Attention and the feed-forward network read from it and add to it. Nothing is ever replaced.",
    "embedding": "Each token gets an embedding, a row of numbers. It is a vector that is learned. Similar words end up with similar rows.",
    "query": "A query is a question in the form of a vector. It is made from the row of a word by a matrix. If it fits a key, their dot product is large.",
    "vector": "A vector is a list of numbers. One can draw it as an arrow. Two arrows that point the same way have a large product.",
}
print("Ada's order:", " → ".join(pieces))

# %% tags=["predict"]
predict("w4d6-p1", "A reader starts at the top and stops at the first word that is used before its own piece has come (counting these six words only). In Ada's order, in which piece does the reader stop first?",
        options=["attention", "token", "residual stream", "embedding", "query", "vector"])

# %%
def uses(text, name):
    return re.search(rf"\b{name}s?\b", text.casefold()) is not None

def early(order):
    """(piece, word) for every use of a word whose own piece comes later."""
    return [(piece, word) for i, piece in enumerate(order) for word in order[i + 1:] if uses(pieces[piece], word)]

for piece, word in early(list(pieces)):
    print(f"“{piece}” uses “{word}”, which comes later")
reveal("w4d6-p1", early(list(pieces))[0][0], "Its very first sentence needs the query. Whoever knows the thing does not notice: it is the curse of knowledge again (week 2, day 7).")

# %% [markdown]
# Such a use is a **forward reference**. A guide may have a few; each is a small debt that the reader has to carry. Here they are as arcs.

# %%
def draw_order(axes, order):
    wrong = early(order)
    for i, piece in enumerate(order):
        axes.text(i, 0, piece.replace(" ", "\n"), ha="center", va="center", fontsize=11, bbox=dict(boxstyle="round", facecolor="white", edgecolor="#6B7280"))
        for j, other in enumerate(order):
            if other != piece and uses(pieces[piece], other):
                bad = (piece, other) in wrong
                axes.annotate("", (j, 0.22 if bad else -0.22), (i, 0.22 if bad else -0.22), arrowprops=dict(
                    arrowstyle="-|>", color=color("feed-forward" if bad else "value"), linewidth=2 if bad else 1.4, connectionstyle=f"arc3,rad={-0.45 if (j > i) == bad else 0.45}", shrinkA=8, shrinkB=8))
    axes.set(xlim=(-0.6, 5.6), ylim=(-1.7, 1.7), title=f"{len(wrong)} forward reference{'s' * (len(wrong) != 1)}")
    axes.axis("off")

picture, axes = plt.subplots(figsize=(8.6, 3.2))
draw_order(axes, list(pieces))
figure(picture, caption="Arrows go from a piece to what it uses. Above, orange: it comes later. Below, green: it has been explained.",
       alt=f"Six pieces in a row with arrows. {len(early(list(pieces)))} arrows point to pieces that come later: " + "; ".join(f"{a} to {b}" for a, b in early(list(pieces))) + ".")

# %% [markdown]
# An order without debts exists if nothing needs itself in a circle. It is found by always writing next what needs nothing that is missing: a **topological sort**.

# %%
def without_debts(pieces):
    order, left = [], list(pieces)
    while left:
        ready = next((p for p in left if not any(uses(pieces[p], other) for other in left if other != p)), left[0])  # in a circle: take the first
        order.append(ready)
        left.remove(ready)
    return order

sorted_pieces = without_debts(pieces)
print(" → ".join(sorted_pieces), f"  ({len(early(sorted_pieces))} forward references)")

# %%
steps, order = [list(pieces)], list(pieces)
for goal_place, piece in enumerate(sorted_pieces):  # bring one piece after the other to its place
    order = [p for p in order if p != piece]
    order.insert(goal_place, piece)
    if order != steps[-1]:
        steps.append(list(order))
frames = []
for number, order in enumerate([*steps, steps[-1]]):
    drawing = Figure(figsize=(8.6, 3.2), layout="constrained")
    draw_order(drawing.subplots(), order)
    moved = next((p for p in order if number and steps[min(number, len(steps) - 1) - 1].index(p) > order.index(p)), order[0])
    frames.append((drawing, f"Ada's order has {len(early(order))} forward references." if not number else
                   f"Step {number}: “{moved}” moves forward; {len(early(order)) or 'none'} left." if number < len(steps) else "Now each piece uses only what the reader knows."))
while len(frames) < 8:  # start again from the end, so that the eye can compare
    drawing = Figure(figsize=(8.6, 3.2), layout="constrained")
    draw_order(drawing.subplots(), (list(pieces), steps[-1])[len(frames) % 2])
    frames.append((drawing, ("Once more: before.", "And after.")[len(frames) % 2]))
stepper(frames, caption="One piece after the other moves to the front, until no arrow is orange.",
        alt=f"Six pieces are put in another order, step by step. Forward references fall from {len(early(list(pieces)))} to {len(early(sorted_pieces))}. In the end: {', '.join(sorted_pieces)}.")

# %% tags=["predict"]
predict("w4d6-p2", "Two pieces need each other: 'a key is what a query meets' and 'a query is what meets a key'. What can a sort do?",
        options=["find the one right order", "nothing: one of the two comes too early in every order", "leave both out"])

# %%
circle = {"key": "A key is what a query meets.", "query": "A query is what meets a key."}
debts = [sum(uses(circle[a], b) for a, b in ((x, y),)) for x, y in (("key", "query"), ("query", "key"))]
print("forward references in both orders:", debts)
reveal("w4d6-p2", "nothing: one of the two comes too early in every order" if min(debts) else "find the one right order",
       "A circle has to be cut by hand: explain one of the two without the other first, by a picture or an everyday word, and name the rest afterwards.")

# %% [markdown]
# Try it with pieces of your own: change the texts above, or sort the course itself. How many words of the glossary are explained with a word that comes on a *later* day?

# %%
words_of_course = load_glossary(FILE)
number_of = {day.code: i for i, day in enumerate(DAYS.values())}
by_day = {}
for name, entry in words_of_course.items():
    later = [w for w in jargon(entry["means"], [w for w, e in words_of_course.items() if number_of[e["day"]] > number_of[entry["day"]]]) if len(w) > 3]
    if later:
        by_day[name] = later
print(f"{len(words_of_course)} words, {len(by_day)} explanations use a word that comes on a later day, for example:")
for name, later in list(by_day.items())[:4]:
    print(f"  {name}: {', '.join(later)}")

# %% [markdown]
# (Some of them are everyday words that only later get a special meaning. Where they are not, the course has a debt, too.)
#
# ## 3 · Everything in one file (13 min)
#
# A web page is usually many files, and a link to a picture breaks as soon as one of them moves. Your guide is a single file: the pictures are *in* it, as text. HTML is made of letters, a picture of bytes from 0 to 255; **base64** writes three bytes as four letters (digits, + and / count as letters, too).

# %%
letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
three = b"Cat"
bits = "".join(f"{byte:08b}" for byte in three)              # 3 · 8 = 24 bits
sixes = [bits[i:i + 6] for i in range(0, 24, 6)]             # cut into 4 · 6
by_hand = "".join(letters[int(six, 2)] for six in sixes)

import base64
print(bits, "→", by_hand, "  the library says the same:", by_hand == base64.b64encode(three).decode())

# %%
picture, axes = plt.subplots(figsize=(8.4, 2.6))
for i, bit in enumerate(bits):
    axes.text(i + 0.5, 1, bit, ha="center", va="center", fontsize=13, family="DejaVu Sans Mono")
for k, byte in enumerate(three):
    axes.add_patch(plt.Rectangle((8 * k + 0.06, 1.45), 7.88, 0.8, facecolor=color("query"), alpha=0.25))
    axes.text(8 * k + 4, 1.85, f"byte {byte} = “{chr(byte)}”", ha="center", va="center")
for k, six in enumerate(sixes):
    axes.add_patch(plt.Rectangle((6 * k + 0.06, -0.25), 5.88, 0.8, facecolor=color("value"), alpha=0.25))
    axes.text(6 * k + 3, 0.15, f"{int(six, 2)} = “{by_hand[k]}”", ha="center", va="center")
axes.set(xlim=(0, 24), ylim=(-0.4, 2.4), title="Three bytes are four letters")
axes.axis("off")
figure(picture, caption="The same 24 bits, cut into three eights above and into four sixes below. 64 letters are enough for six bits.",
       alt=f"24 bits in a row. Above they are three bytes, C, a and t; below four groups of six bits, the letters {', '.join(by_hand)}.")

# %% tags=["predict"]
predict("w4d6-p3", "A picture has 90,000 bytes. How many letters does it have in the page?")

# %%
reveal("w4d6-p3", 4 * -(-90_000 // 3), "Four letters for every three bytes: a third more. That is the price of a page that never loses its pictures.", tolerance=10)

# %% [markdown]
# $$\text{letters} = 4 \left\lceil \frac{\text{bytes}}{3} \right\rceil$$
#
# Now Ada's pictures: three small ones that the next cells draw and save without showing them. You will see them in the finished page. Each file carries its alt text inside, so a guide can take it from there.

# %%
folder = portfolio()
picture, axes = plt.subplots(figsize=(5, 2.8))
for (x, y), name, hue in (((3, 1), "key", "key"), ((2.4, 1.9), "query", "query"), ((-1, 2), "another key", "key")):
    axes.annotate("", (x, y), (0, 0), arrowprops=dict(arrowstyle="-|>", color=color(hue), linewidth=2.4))
    axes.text(x, y + 0.12, name, ha="center")
axes.set(xlim=(-1.8, 3.8), ylim=(-0.2, 2.6), aspect="equal", title="A query that fits one key")
axes.grid()
arrows = figure(picture, caption="The closer two arrows point, the larger their product.",
                alt="Three arrows from one point: a query lies close to one key and far from another.").save(folder / "w4d6_arrows.png")

# %%
picture, axes = plt.subplots(figsize=(5, 2.6))
text = "The | cat | sat | on | the | mat".split(" | ")
for i, token in enumerate(text):
    axes.add_patch(plt.Rectangle((i, 0), 0.94, 1, facecolor=color("residual"), alpha=0.2))
    axes.text(i + 0.47, 0.62, token, ha="center", va="center", fontsize=13)
    axes.text(i + 0.47, 0.22, f"row {i}", ha="center", va="center", fontsize=9)
axes.set(xlim=(0, 6), ylim=(0, 1), title="Six tokens, six rows")
axes.axis("off")
cut = figure(picture, caption="A text is cut into tokens, and each gets a row of numbers.", alt="The cat sat on the mat, cut into six boxes; each is a row.").save(folder / "w4d6_tokens.png")

# %%
picture, axes = plt.subplots(figsize=(5, 2.8))
axes.axhline(0, color=color("residual"), linewidth=6)
for x, name, hue in ((1, "attention", "attention"), (2.4, "feed-forward", "feed-forward"), (3.8, "attention", "attention"), (5.2, "feed-forward", "feed-forward")):
    axes.add_patch(plt.Rectangle((x, 0.55), 1.1, 0.5, facecolor=color(hue)))
    axes.text(x + 0.55, 1.2, name, ha="center", fontsize=9.5)
    for a, b in (((x + 0.2, 0), (x + 0.2, 0.55)), ((x + 0.9, 0.55), (x + 0.9, 0))):
        axes.annotate("", b, a, arrowprops=dict(arrowstyle="-|>", color="#1F2937"))
axes.set(xlim=(0, 7), ylim=(-0.5, 1.6), title="A road to which everybody adds")
axes.axis("off")
road = figure(picture, caption="The residual stream: parts read from it and add to it.", alt="A thick line from left to right; four parts above it read from it and write back to it.").save(folder / "w4d6_road.png")

# %% [markdown]
# ## 4 · Words that stay words (9 min)
#
# Your texts go into a page that a browser *reads as a program*. What if Ada writes `I like <b> and </b>`, or something worse?

# %% tags=["predict"]
predict("w4d6-p4", "Ada's journal says: 2 < 3, and <script>alert('hi')</script> is fun. It is put into the page as it is. What does a reader see?",
        options=["exactly this text", "2 < 3, and … is fun, and a message pops up", "an error"])

# %%
says = "2 < 3, and <script>alert('hi')</script> is fun"

class Seen(HTMLParser):  # what a browser would show as words, and what it would run
    def __init__(self):
        super().__init__()
        self.words, self.runs, self.inside = "", "", False
    def handle_starttag(self, tag, attributes): self.inside = tag == "script"
    def handle_endtag(self, tag): self.inside = False
    def handle_data(self, data):
        self.words, self.runs = (self.words, self.runs + data) if self.inside else (self.words + data, self.runs)

for name, page in (("as it is", says), ("escaped", html.escape(says))):
    reader = Seen()
    reader.feed(page), reader.close()
    print(f"{name:9} shown: {reader.words!r:60} run: {reader.runs!r}")
    if name == "as it is": reveal_now = "2 < 3, and … is fun, and a message pops up" if reader.runs else "exactly this text"

# %%
reveal("w4d6-p4", reveal_now, "The browser cannot know that Ada meant letters. Whoever puts foreign text into a page must say so, letter by letter: that is escaping.")

# %% [markdown]
# Such **escaping** replaces the few letters that mean something to the reader of the page: `<` becomes `&lt;`, `&` becomes `&amp;`, a quotation mark `&quot;`. The order matters: `&` first, or the others are escaped twice. Everything in your guide goes through it,
# and the page also tells the browser to load nothing from outside.
#
# ## 5 · Your guide (14 min)
#
# Now write. Below is Ada's, sorted as in section 2. Replace it chapter by chapter; `first_draft(found)` gives you one chapter a week from your own material, to cut and to rewrite.

# %%
pictures_of = {"token": [Shown(cut, "The cat sat on the mat, cut into six boxes; each is a row.", "A text is cut into tokens.")],
               "query": [Shown(arrows, "A query lies close to one key and far from another.", "The closer two arrows point, the larger their product.")],
               "residual stream": [Shown(road, "A thick line; four parts read from it and write back.", "Everybody adds to the road.")]}
ada = [Chapter(piece.capitalize(), pieces[piece], pictures_of.get(piece, ())) for piece in sorted_pieces]
draft = first_draft(found)
own = [chapter for chapter in draft if chapter.quotes]
my_chapters = own or ada  # write here: [Chapter("A title", "Some text.\n\nA new paragraph.", (Shown(portfolio() / "w1d3_attention.png", "alt text", "caption"),)), …]
print("from your own material" if own else "Ada's, for your journal is still empty:", [chapter.title for chapter in my_chapters])

# %%
for remark in check_guide(my_chapters) or ["nothing is missing that a program could see"]:
    print("-", remark)

# %% [markdown]
# Choose what goes in, and watch what the page weighs. Pictures are nearly all of it. The cell after the picture writes the page from what you have chosen: run it again after each change.

# %%
boxes = [widgets.Checkbox(value=True, description=chapter.title, indent=False) for chapter in my_chapters]
screen = widgets.HTML()

def letters_of(path):  # a picture goes in as base64, a page that moves as escaped text
    return len(html.escape(path.read_text(encoding="utf-8"))) if path.suffix == ".html" else 4 * -(-path.stat().st_size // 3)

def weigh(chapter):
    return sum(letters_of(shown.path) for shown in chapter.pictures), len(chapter.text) + sum(len(a) + len(b) for a, b in chapter.quotes)

def chosen_chapters():  # a page needs one at least
    return [chapter for box, chapter in zip(boxes, my_chapters) if box.value] or my_chapters[:1]

# %%
def redraw(change=None):
    chosen = chosen_chapters()
    weights = np.array([weigh(chapter) for chapter in chosen]) / 1000
    picture, axes = plt.subplots(figsize=(7.6, 0.36 * len(chosen) + 1.8))
    names = [chapter.title if len(chapter.title) <= 24 else chapter.title[:23].rstrip() + "…" for chapter in chosen]
    axes.barh(names, weights[:, 0], color=color("value"), label="pictures")
    axes.barh(names, weights[:, 1], left=weights[:, 0], color=color("query"), label="words")
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0)
    axes.set_title(f"{len(chosen)} chapter{'s' * (len(chosen) != 1)}, {weights.sum():.0f} KB, {100 * weights[:, 0].sum() / weights.sum():.0f} % of it pictures", pad=24)
    axes.set_xlabel("kilobytes in the page")
    shown = figure(picture, kind="interactive", caption="What each chosen chapter weighs in the finished page." + ("" if any(box.value for box in boxes) else " Nothing is chosen, so the first one stands in."),
                   alt=f"Bars for {len(chosen)} chapter{'s' * (len(chosen) != 1)}: " + ", ".join(f"{name} {a + b:.0f} KB" for name, (a, b) in zip(names, weights)) + ".")
    screen.value = shown.html
    return shown

for box in boxes:
    box.observe(redraw, names="value")

# %% tags=["interactive"]
live([*boxes, screen], still=redraw())

# %%
chosen = chosen_chapters()
page = save_guide(chosen, folder / "w4d6_guide.html", title="How I learned Transformers visually", author="" if own else "Ada, an invented learner", states=found.states)
blog = save_markdown(chosen, folder / "w4d6_guide", title="How I learned Transformers visually")
text = page.read_text(encoding="utf-8")
addresses = re.findall(r"""(?:src|href)=["'](?!data:|#)""", re.sub(r'srcdoc="[^"]*"', "", text))
print(f"{page.name}: {len(text) / 1000:.0f} KB, {text.count('<figure')} figures, {len(addresses)} addresses outside")
print("w4d6_guide/guide.md and", len(set(re.findall(r"\]\(pictures/(.+?)\)", blog.read_text(encoding="utf-8")))), "pictures beside it")

# %% [markdown]
# Open `w4d6_guide.html` from your portfolio in a browser, once wide and once as narrow as a telephone. Then read only the headings, then only the pictures and captions: is each of the two a story of its own?

# %% tags=["predict"]
predict("w4d6-p5", "You send w4d6_guide.html to a friend who opens it on a train, with no network. What is missing?",
        options=["the pictures", "the fonts and colors", "nothing"])

# %%
reveal("w4d6-p5", "nothing" if not addresses else "the pictures", "Style, words and pictures are inside, and no address leads out. It will still open in ten years.")

# %% [markdown]
# **Before you publish.** Is there a name in it that is not yours to tell? A picture that somebody else made? A claim that you could not defend (week 4, day 5)? The course's own code and figures may be used as its license says. Where you publish is up to you: a blog takes `guide.md` with its folder, any web
# space the HTML file.
#
# ## Exercises (9 min)
#
# **1 · Complete it.** Escape the five letters that mean something in HTML: `&`, `<`, `>`, `"` and `'`. Their names are `&amp;`, `&lt;`, `&gt;`, `&quot;` and `&#x27;`. Mind the order.

# %% tags=["exercise"]
def escaped(text):
    for letter, name in ...:  # pairs such as ("<", "&lt;")
        text = text.replace(letter, name)
    return text

# %% tags=["check"]
check_exercise("w4d6-e1", escaped)

# %%
help_with("w4d6-e1")

# %% [markdown]
# **2 · Fix it.** How many letters does a file of so many bytes have in base64? For some sizes this is too small. (What is left over at the end is filled up, with `=`, to a full four.)

# %% tags=["exercise"]
def base64_letters(size):
    return 4 * (size // 3)

print(base64_letters(90_000), base64_letters(100))

# %% tags=["check"]
check_exercise("w4d6-e2", base64_letters)

# %%
help_with("w4d6-e2")

# %% [markdown]
# **3 · From scratch.** `order` is a list of chapters, `needs` says for each chapter which others it uses: {"attention": ["query"], …}. Return how many forward references the order has: uses of a chapter that comes later.
# What is not in the order at all does not count.

# %% tags=["exercise"]
def forward_references(order, needs):
    ...

# %% tags=["check"]
check_exercise("w4d6-e3", forward_references)

# %%
help_with("w4d6-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory. Read the feedback of the wrong options, too.

# %% tags=["quiz"]
quiz("w4d6")

# %% [markdown]
# ## Draw or write: the first page (8 min)
#
# The plan for today: "How I learned Transformers visually". Write its beginning in your own words: three sentences for somebody who wonders whether to read on.

# %%
journal("w4d6", ["The first three sentences of my guide", "The picture that made it click for me, and why",
                 "What I believed four weeks ago and do not believe any more"])

# %% [markdown]
# Checklist: Does the first sentence promise something that the guide keeps? Is every word explained where it first comes up? Could a picture be left out? Does each caption say what one should *see*? Have you told where you were wrong? That is what readers remember.

# %% [markdown]
# ## Go further (optional, 40 min)
#
# - [The Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/) (20 min), this time as a writer. Look for: how often a new word comes *after* its picture. *Question to answer:* how many forward references do you find in the first screen?
# - [Lilian Weng's blog](https://lilianweng.github.io/posts/2020-04-07-the-transformer-family/) (20 min, one post). *Question:* what does she do with notation that a reader may not know?
#
# <details><summary>Answers</summary>
#
# Hardly any: the picture of the whole comes first, as a black box, and each box is opened only when it is named. She puts a table of all symbols at the beginning of the post.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
picture, axes = plt.subplots(figsize=(8.4, 3.2))
for i, (title, line, hue) in enumerate((("material", "journal,\npictures,\nresults", "query"), ("order", "no word\nbefore its\nplace", "key"), ("escape", "words stay\nwords", "value"),
                                       ("one file", "4 letters\nfor 3 bytes", "attention"), ("check", "alt texts,\nprivacy,\nnarrow\nscreen", "position"), ("yours", "nobody\npublishes it\nbut you", "feed-forward"))):
    axes.add_patch(plt.Rectangle((1.5 * i, 0), 1.2, 1.5, facecolor=color(hue), alpha=0.22, edgecolor=color(hue)))
    axes.text(1.5 * i + 0.6, 1.25, title, ha="center", va="center", fontweight="bold")
    axes.text(1.5 * i + 0.6, 0.6, line, ha="center", va="center", fontsize=10)
    if i:
        axes.annotate("", (1.5 * i, 0.75), (1.5 * i - 0.3, 0.75), arrowprops=dict(arrowstyle="-|>", color="#1F2937"))
axes.set(xlim=(-0.1, 8.8), ylim=(-0.1, 1.6))
axes.axis("off")
today = figure(picture, caption="From what you have to what somebody else can read.",
               alt="Six boxes in a row: material, order, escape, one file, check, and yours: nobody publishes it but you.")
saved = today.save(folder / "w4d6_way.png")
today

# %% [markdown]
# **New words**

# %%
new_words("w4d6")

# %% [markdown]
# Tomorrow is the last day: an exam over everything, a look back at your first answers, and a first step into what comes next.

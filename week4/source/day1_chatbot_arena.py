# %% [markdown]
# # Week 4 · Day 1: Chatbot Arena
#
# **Today you judge writers whose names are hidden, turn votes into ratings, and learn how many votes it takes to be sure.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week4/day1_chatbot_arena.ipynb)
#
# At the end you will be able to
#
# - run a blind comparison of two models, and say what each precaution in it is for;
# - turn votes into Elo and Bradley–Terry ratings by hand and in code, and read a difference of ratings as a chance;
# - say how sure a rating is, and name three things that it does not measure.

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
import random
from collections import Counter

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.figure import Figure

from shared.arena import START, Vote, bradley_terry, elo, expected_score, simulate
from shared.gpt import GPT
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.blind_votes import Pairing, blind_votes, votes_of
from shared.pretrained import shipped_folder
from shared.replay import Settings, write
from shared.text import read_story, stories
from shared.text.bpe import BytePairTokenizer
from shared.text.corpus import spelled, words_of
from shared.visuals import color, course_map, draw_heatmap, figure, stepper
from shared.visuals.live import live

course_map(week=4, day=1)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w4d1")

# %% [markdown]
# ## 1 · Which model is better? (10 min)
#
# For three weeks you compared models by their loss: on the same text, with the same tokens. Two chatbots have different tokens, different
# training texts, and often nobody outside may see their probabilities. What is left is what people care about anyway: *read both answers, and say which one is better.*
#
# That is what Chatbot Arena does ([arena.ai](https://arena.ai), earlier lmarena.ai and chat.lmsys.org). Somebody types a prompt, two models answer, and their names stay hidden until the vote. Such a vote is a **blind comparison**. Today you build one, for
# writers of tiny tales.

# %%
tokenizer = BytePairTokenizer.load(shipped_folder("tiny-gpt2"))
gpt = GPT.from_pretrained(shipped_folder("tiny-gpt2")).eval()
BEGINNINGS = ["Once upon a time there was a", "Once there lived a", "This is the tale of"]

def gpt_writer(temperature):
    return lambda prompt, seed: write(gpt, tokenizer, prompt, Settings(temperature=temperature, length=36, seed=seed)).text

# %% [markdown]
# The first two contestants are one and the same GPT, once calm and once hot (week 1, day 4: a temperature divides the scores). The next two only count: which word followed this one, or these two, in
# 300 tales? The last one knows the grammar's tales by heart and hands out the beginning of a real one.

# %%
told = [words_of(text) for text in stories(300, seed=77)]
follows = {n: {} for n in (1, 2)}
for words in told:
    for n in (1, 2):
        for i in range(n, len(words)):
            follows[n].setdefault(tuple(words[i - n:i]), Counter())[words[i]] += 1

def counting_writer(n):
    def go_on(prompt, seed):
        rng, words = random.Random(seed), words_of(prompt)
        for _ in range(36):
            seen = follows[n].get(tuple(words[-n:])) or follows[1].get(tuple(words[-1:])) or Counter({".": 1})
            words.append(rng.choices(list(seen), seen.values())[0])
        return spelled(words)
    return go_on

# %%
def real_tale(prompt, seed):
    start = words_of(prompt)
    same = [words for words in told if words[:len(start)] == start]
    return spelled(random.Random(seed).choice(same)[:len(start) + 36])

writers = {"a real tale": real_tale, "GPT, calm": gpt_writer(0.6), "GPT, hot": gpt_writer(1.5),
           "two words back": counting_writer(2), "one word back": counting_writer(1)}
print("one word back:", counting_writer(1)("Once there lived a", seed=3))

# %% tags=["predict"]
predict("w4d1-p1", "Five writers. In how many different pairs can they meet?")

# %%
names = list(writers)
pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1:]]
reveal("w4d1-p1", len(pairs), "Each of the 5 meets 4 others, and each pair is counted twice: 5 · 4 / 2. With 100 models it would be 4,950: nobody can vote on all pairs often.")

# %%
rng = random.Random(4)

def make_round(a, b, number):
    prompt = rng.choice(BEGINNINGS)
    return Pairing(prompt, a, b, writers[a](prompt, 1000 + number), writers[b](prompt, 2000 + number))

rounds = [make_round(a, b, i) for i, (a, b) in enumerate(pairs * 2)]
rng.shuffle(rounds)
print(len(rounds), "rounds:", len(pairs), "pairs, each twice")

# %% [markdown]
# ### Your votes
#
# Twelve of them are for you. Which text would you rather read on? There is no right answer; decide quickly. After each vote you see who wrote what, and it is final. Your votes are kept: close the
# notebook, come back, they are still there. Part 5 sets them beside those of a judge.

# %% tags=["interactive"]
blind_votes("w4d1", rounds[:12])

# %% [markdown]
# Why blind? Because names vote, too. Who knows that the left text comes from a famous model reads it more kindly. And why left and right at random? Some people like the left one better, whatever it is.
#
# ### A judge that never gets tired
#
# You will soon need thousands of votes. For tiny tales there is a judge who can give them: the grammar that wrote them. `read_story` reads a text word by word and stops where no tale can go on. Our judge
# prefers the text that stays a tale for longer; equally long is a tie.

# %%
def fitting(text, prompt):
    """How many new words are read before the first one that no tale could have there."""
    return len(read_story(text).words) - len(words_of(prompt))

texts = {name: {p: [writer(p, seed) for seed in range(14)] for p in BEGINNINGS} for name, writer in writers.items()}
fits = {name: {p: [fitting(text, p) for text in texts[name][p]] for p in BEGINNINGS} for name in writers}
for name in names:
    print(f"{name:15} {np.mean(list(fits[name].values())):5.1f} of 36 new words fit, on average")

# %%
def judge(fit_a, fit_b, rng=None):
    return 1.0 if fit_a > fit_b else 0.0 if fit_a < fit_b else 0.5

def ask_judge(count, seed, judge=judge, numbers=fits):
    rng, votes = random.Random(seed), []
    for _ in range(count):
        (a, b), prompt = rng.sample(names, 2), rng.choice(BEGINNINGS)
        votes.append(Vote(a, b, judge(rng.choice(numbers[a][prompt]), rng.choice(numbers[b][prompt]))))
    return votes

votes = ask_judge(2000, seed=1)
print(votes[0])
print("results:", dict(sorted(Counter(vote.score for vote in votes).items())))

# %%
wins, met = np.zeros((5, 5)), np.zeros((5, 5))
for vote in votes:
    a, b = names.index(vote.a), names.index(vote.b)
    wins[a, b] += vote.score
    wins[b, a] += 1 - vote.score
    met[a, b] += 1
    met[b, a] += 1
share = np.divide(wins, met, out=np.full((5, 5), 0.5), where=met > 0)
picture, axes = plt.subplots(figsize=(6.6, 4.6))
draw_heatmap(axes, torch.tensor(share), names, names, labels=10.5)
axes.set(title="Who beats whom, and how often", xlabel="against", ylabel="this writer")
figure(picture, caption="Share of points of the row's writer against the column's; a tie gives half a point to both. On the diagonal nobody met; the 0.50 there is only put in.",
       alt="A table of five writers against each other. Share of points against all others: "
           + ", ".join(f"{name} {100 * wins[i].sum() / met[i].sum():.0f} %" for i, name in enumerate(names)) + ".")

# %% [markdown]
# ## 2 · One vote at a time: Elo (15 min)
#
# A table of pairs is honest and hard to read. Can one number for each writer say all of it? Arpad Elo had the same wish for chess players. His idea: give everybody a **rating**,
# so that the *difference* of two ratings says how likely one beats the other. It is a sigmoid, the one you know from a neuron's activation (week 1, day 1).

# %% tags=["predict"]
predict("w4d1-p2", "By agreement, 400 points more mean odds of 10 to 1. In how many of 100 rounds does the stronger one win?")

# %%
gaps = np.linspace(-800, 800, 161)
picture, axes = plt.subplots(figsize=(7, 3.6))
axes.plot(gaps, [expected_score(gap, 0) for gap in gaps], color=color("residual"), linewidth=2.4)
for gap in (0, 100, 200, 400):
    axes.plot(gap, expected_score(gap, 0), "o", color=color("attention"), markersize=7)
    axes.annotate(f"{gap} points: {100 * expected_score(gap, 0):.0f} %", (gap, expected_score(gap, 0)), (12, -12), textcoords="offset points")
axes.set(title="A difference of ratings is a chance", xlabel="rating of A minus rating of B (points)", ylabel="chance that A wins", ylim=(-0.03, 1.05))
axes.grid()
figure(picture, caption="The zero of the scale means nothing; only differences do.",
       alt=f"""A curve that rises like an S from 0 to 1. Equal ratings give one half, 100 points {100 * expected_score(100, 0):.0f} percent,
           200 points {100 * expected_score(200, 0):.0f} percent, 400 points {100 * expected_score(400, 0):.0f} percent.""")

# %%
reveal("w4d1-p2", round(100 * expected_score(1400, 1000)), "Odds of 10 to 1 are 10 wins in 11 rounds. Not 100: the weaker one wins now and then.", tolerance=1)

# %% [markdown]
# Everybody starts at 1000. Then each vote moves two ratings, by the *surprise*: what happened minus what was expected. Who wins as expected gains little, who wins against
# the odds gains much. What one gains the other loses.

# %%
K = 32  # the most points that one vote can move
a, b, score = 1000.0, 1000.0, 1.0  # A wins
surprise = score - expected_score(a, b)
print(f"expected {expected_score(a, b):.2f}, happened {score:.0f}, surprise {surprise:.2f}: A {a + K * surprise:.0f}, B {b - K * surprise:.0f}")

# %% [markdown]
# $$R_A \leftarrow R_A + K\,\bigl(s - p\bigr), \qquad p = \frac{1}{1 + 10^{(R_B - R_A)/400}}$$
#
# Have you seen this before? Take the loss of a guess $p$ for what happened $s$, the cross-entropy, and its derivative with respect to the rating: it is $p - s$ (times a constant). So **Elo** is gradient descent on single votes, and $K$ is
# its step size.

# %%
ratings = dict.fromkeys(names, START)
for vote in votes:
    surprise = vote.score - expected_score(ratings[vote.a], ratings[vote.b])
    ratings[vote.a] += K * surprise
    ratings[vote.b] -= K * surprise
history = elo(votes, k=K)
print("the loop equals the course's function:", all(abs(ratings[name] - history[-1][name]) < 1e-9 for name in names))
print("sum of all ratings, before and after:", round(sum(history[0].values())), round(sum(history[-1].values())))

# %%
shades = dict(zip(names, ("residual", "query", "attention", "value", "feed-forward")))

def draw_history(axes, history, upto, apart):
    at = -1e9
    for name in sorted(names, key=lambda name: history[upto][name]):
        line = [step[name] for step in history[:upto + 1]]
        axes.plot(line, color=color(shades[name]), linewidth=1.8)
        at = max(line[-1], at + apart)  # so that no name is written over another
        axes.text(len(line) + 0.012 * len(history), at, name, color=color(shades[name]), va="center", fontsize=10)
    axes.set(xlim=(0, 1.3 * len(history)), xlabel="votes", ylabel="Elo rating (points)", xticks=np.linspace(0, len(history) - 1, 5).round())

frames, low, high = [], min(min(step.values()) for step in history) - 40, max(max(step.values()) for step in history) + 40
for upto in (10, 20, 40, 80, 160, 320, 640, 1280, 2000):
    drawing = Figure(figsize=(7.4, 3.8), layout="constrained")
    axes = drawing.subplots()
    draw_history(axes, history[:upto + 1], upto, apart=(high - low) / 15)
    axes.set(ylim=(low, high), title=f"After {upto:,} votes")
    order = sorted(names, key=lambda name: -history[upto][name])
    frames.append((drawing, f"After {upto:,} votes: {order[0]} leads with {history[upto][order[0]]:.0f}, last is {order[-1]} with {history[upto][order[-1]]:.0f}."))

# %%
settled = sorted(names, key=lambda name: -history[-1][name])
stepper(frames, start=4, caption="The same 2,000 votes, more and more of them; the lower axis grows along. The first hundred decide the order, more or less; after that the ratings go on shaking.",
        alt=f"Five ratings that start at 1000 and move apart. After 2,000 votes from the top: {', '.join(settled)}. They keep shaking to the end.")

# %% tags=["predict"]
predict("w4d1-p3", "The same 2,000 votes once more, in reverse order. Do all ratings end where they ended before?",
        options=["yes, the votes are the same", "no, the last votes weigh more than the first"])

# %%
backward = elo(votes[::-1], k=K)[-1]
for name in names:
    print(f"{name:15} forward {history[-1][name]:6.0f}   backward {backward[name]:6.0f}")
moved = max(abs(backward[name] - history[-1][name]) for name in names)
reveal("w4d1-p3", "no, the last votes weigh more than the first" if moved > 1 else "yes, the votes are the same",
       "Each vote pulls a rating a bit away from where the earlier ones had put it. For chess players, who change, that is a good thing. A model does not change.")

# %% [markdown]
# A large K forgets fast and shakes, a small one is calm and slow. Move it: which K would you take for 2,000 votes, and which for 50? Part 3 measures it.

# %%
k_slider = widgets.SelectionSlider(options=[1, 2, 4, 8, 16, 32, 64, 128], value=32, description="K")
count_slider = widgets.SelectionSlider(options=[50, 200, 500, 2000], value=500, description="votes")
screen = widgets.HTML()

def shaking(history):
    lines = np.array([[step[name] for name in names] for step in history[len(history) // 2:]])  # (votes, writers)
    at = np.arange(len(lines))
    slope, base = np.polyfit(at, lines, 1)  # one straight line for each writer
    return np.std(lines - (np.outer(at, slope) + base))

# %%
wild = [rating for step in elo(votes, k=128) for rating in step.values()]  # one axis for every K: the widest

def redraw(change=None):
    some = elo(votes[:count_slider.value], k=k_slider.value)
    shake, spread = shaking(some), max(some[-1].values()) - min(some[-1].values())
    picture, axes = plt.subplots(figsize=(7.4, 3.6))
    draw_history(axes, some, len(some) - 1, apart=(max(wild) - min(wild)) / 14)
    axes.set(ylim=(min(wild) - 40, max(wild) + 90), title=f"K = {k_slider.value}: {spread:.0f} points from first to last, shaking by {shake:.0f}")
    shown = figure(picture, kind="interactive", caption=f"The first {count_slider.value:,} votes with K = {k_slider.value}. Shaking: how far a rating strays from a straight line in the second half.",
                   alt=f"Five ratings over {count_slider.value} votes with K = {k_slider.value}. At the end {spread:.0f} points lie between first and last; in the second half a rating shakes by {shake:.0f} points.")
    screen.value = shown.html
    return shown

for slider in (k_slider, count_slider):
    slider.observe(redraw, names="value")

# %% tags=["interactive"]
live([k_slider, count_slider, screen], still=redraw())

# %% [markdown]
# ## 3 · All votes at once: Bradley–Terry (12 min)
#
# A model stands still, so all its votes should count alike, in any order. Turn the question around: *which ratings make the votes that we saw most likely?* That is the **Bradley–Terry model**: the same sigmoid, fitted to all votes
# at once.

# %% tags=["predict"]
predict("w4d1-p4", "Only two models, 40 votes: A won 30, B won 10. Which difference of ratings, in points, fits best? "
        "(Odds of 10 to 1 are 400 points, and the scale is logarithmic.)")

# %%
gaps = np.arange(-100, 501, 5)
chance = np.array([expected_score(gap, 0) for gap in gaps])
loss = -(30 * np.log(chance) + 10 * np.log(1 - chance)) / 40
best = gaps[loss.argmin()]
picture, axes = plt.subplots(figsize=(6.8, 3.4))
axes.plot(gaps, loss, color=color("residual"), linewidth=2.2)
axes.plot(best, loss.min(), "o", color=color("attention"), markersize=9)
axes.annotate(f"about {best} points", (best, loss.min()), (0, 14), textcoords="offset points", ha="center")
axes.set(title="The best difference makes the votes least surprising", xlabel="rating of A minus rating of B (points)", ylabel="loss (nats per vote)")
axes.grid()
figure(picture, caption="30 wins and 10 losses. The loss is the mean surprise of a vote: a cross-entropy once more.",
       alt=f"A valley: the loss of a vote against the difference of ratings. Its bottom is at about {best} points, with {loss.min():.2f} nats per vote.")

# %%
reveal("w4d1-p4", round(400 * np.log10(3)), "Odds of 3 to 1 are 400 · log₁₀ 3 points. At the bottom of the valley the chance is just 30/40.", tolerance=10)

# %% [markdown]
# With five models the valley has five directions, and gradient descent finds its bottom. It finds the ratings in nats: there a difference is the natural logarithm of the odds (the *log odds*). One nat is 400/ln 10 points, about 174.

# %%
first = torch.tensor([names.index(vote.a) for vote in votes])
second = torch.tensor([names.index(vote.b) for vote in votes])
score = torch.tensor([vote.score for vote in votes])
r = torch.zeros(5, requires_grad=True)
optimizer = torch.optim.Adam([r], lr=0.05)
for _ in range(600):
    loss = torch.nn.functional.binary_cross_entropy_with_logits(r[first] - r[second], score)
    optimizer.zero_grad(), loss.backward(), optimizer.step()
points = 1000 + (r - r.mean()).detach() * 400 / np.log(10)

# %%
fitted = bradley_terry(votes)
print(f"{'':15} {'by descent':>10} {'course':>8} {'Elo':>8}")
for name in fitted:
    print(f"{name:15} {points[names.index(name)]:10.0f} {fitted[name].points:8.0f} {history[-1][name]:8.0f}")
bare = bradley_terry(votes, prior=1e-3)
worst = max(abs(float(points[names.index(name)]) - bare[name].points) for name in names)
print(f"largest difference between descent and the course's function without its prior: {worst:.1f} points")

# %% [markdown]
# Now your K. Take the fit to all 2,000 votes for the truth: how far from it do Elo's ratings end, on average?

# %%
for count in (50, 2000):
    ends = {k: elo(votes[:count], k=k)[-1] for k in k_slider.options}
    off = {k: np.mean([abs(end[name] - fitted[name].points) for name in names]) for k, end in ends.items()}
    print(f"{count:5,} votes, best with K = {min(off, key=off.get):3}. Points off:", ", ".join(f"{d:.0f}" for d in off.values()))
print(f"{'':30} for K =", ", ".join(str(k) for k in off))

# %% [markdown]
# $$P(A \text{ beats } B) = \sigma(r_A - r_B), \qquad \text{loss}(r) = -\frac1N\sum_{\text{votes}} \bigl[s \ln P + (1 - s)\ln(1 - P)\bigr]$$
#
# (The course's function adds a **prior**: half a made-up win and half a made-up loss for each pair that met. Without it a model that won all its votes would run off to infinity.) You know this model under another name, too: it is **logistic regression**
# with one weight for each contestant. The public arena's leaderboard moved from Elo to Bradley–Terry for the reason that you just measured: the order of the votes should not matter.

# %% [markdown]
# ## 4 · How sure is a rating? (13 min)
#
# A rating from votes is an estimate. Ask other people, and it comes out differently. A **confidence interval** says how differently: 95 of 100 such intervals should hold the truth.

# %%
def draw_ratings(axes, fitted, truth=None):
    for i, (name, rating) in enumerate(fitted.items()):
        axes.plot([rating.low, rating.high], [i, i], color=color("residual"), linewidth=5, solid_capstyle="butt", alpha=0.5)
        axes.plot(rating.points, i, "o", color=color("attention"), markersize=8)
        if truth:
            axes.plot(truth[name], i, "|", color=color("position"), markersize=20, markeredgewidth=2.5)
    axes.set(yticks=range(len(fitted)), yticklabels=list(fitted), xlabel="rating (points)", ylim=(len(fitted) - 0.5, -0.5))
    axes.grid(axis="x")

picture, axes = plt.subplots(1, 2, figsize=(9, 3.1), sharex=True)
for ax, count in zip(axes, (60, 2000)):
    draw_ratings(ax, bradley_terry(votes[:count]))
    ax.set_title(f"{count:,} votes")
few, many = bradley_terry(votes[:60]), bradley_terry(votes)
width = {count: np.mean([r.high - r.low for r in found.values()]) for count, found in ((60, few), (2000, many))}
figure(picture, caption="Ratings of the same five writers with 95 % intervals. Where two bars overlap, be careful with “better”.",
       alt=f"Ratings with intervals from 60 votes and from 2,000. The intervals are {width[60]:.0f} points wide on average with 60 votes and {width[2000]:.0f} with 2,000.")

# %% tags=["predict"]
predict("w4d1-p5", "You want intervals that are half as wide. How many times as many votes do you need?")

# %% [markdown]
# To measure it you need models whose true strength you *know*. So invent four, let them meet, and see what comes back.

# %%
truth = {"north": 1150.0, "east": 1050.0, "south": 950.0, "west": 850.0}
counts = [125, 250, 500, 1000, 2000, 4000]
widths = [np.mean([np.mean([r.high - r.low for r in bradley_terry(simulate(truth, n, seed=s)).values()]) for s in range(4)]) for n in counts]
ratio = widths[counts.index(500)] / widths[counts.index(2000)]
picture, axes = plt.subplots(figsize=(6.8, 3.4))
axes.loglog(counts, widths, "o-", color=color("attention"), linewidth=2)
axes.set_xticks(counts, [f"{n:,}" for n in counts])
axes.set_yticks([25, 50, 100, 200], ["25", "50", "100", "200"])
axes.minorticks_off()
axes.set(title=f"Four times the votes: {1 / ratio:.2f} of the width", xlabel="votes", ylabel="width of an interval (points)")
axes.grid()
figure(picture, caption="Both axes are logarithmic; on such axes a root is a straight line.",
       alt=f"A falling straight line on logarithmic axes: {widths[0]:.0f} points wide with {counts[0]} votes, {widths[-1]:.0f} with {counts[-1]:,}.")

# %%
reveal("w4d1-p5", round(float(4 ** (np.log(2) / np.log(ratio)))), "The width shrinks like one over the root of the votes. Sure is expensive: a tenth of the width costs a hundred times the votes.", tolerance=1)

# %%
simulated = simulate(truth, 2000, seed=0)
found = bradley_terry(simulated)
picture, axes = plt.subplots(figsize=(6.8, 2.8))
draw_ratings(axes, found, truth)
right_order = list(found) == list(truth)
axes.set_title("2,000 simulated votes bring the true order back" if right_order else "2,000 simulated votes, and the order is still wrong")
figure(picture, caption="Dots: ratings from 2,000 votes, with 95 % intervals. Upright marks: the truth that the votes were made from.",
       alt="Four ratings with intervals and the truth: " + ", ".join(f"{name} {r.points:.0f} ({r.low:.0f} to {r.high:.0f}), truly {truth[name]:.0f}" for name, r in found.items()) + ".")

# %% [markdown]
# Do the intervals keep their promise? Repeat the whole thing 100 times, with fresh votes each time, and count how many of the 400 intervals hold the truth.

# %%
runs = [bradley_terry(simulate(truth, 500, seed=100 + s)) for s in range(100)]
held = [r.low <= truth[name] <= r.high for run in runs for name, r in run.items()]
ordered = sum(list(run) == list(truth) for run in runs)
print(f"{sum(held)} of {len(held)} intervals hold the truth: {100 * np.mean(held):.1f} %; the order was right in {ordered} of 100 runs")

# %% [markdown]
# That is what "95 %" means: a promise about the *method*, over many repetitions, when the votes really follow the model. It says nothing about one interval, and nothing about votes that follow other rules. Which brings us to the last part.

# %% [markdown]
# ## 5 · What a rating does not say (12 min)
#
# **First: one number may not be enough.** Rock beats paper? No: paper beats rock, scissors beat paper, rock beats scissors. Let each win 90 % of its rounds.

# %% tags=["predict"]
predict("w4d1-p6", "Rock, paper and scissors meet equally often, each beats one of the others in 90 % of the rounds and loses to the other. What are their ratings?",
        options=["all alike, and the ratings are right", "all alike, and the ratings hide everything", "rock first, for it started"])

# %%
rng = np.random.default_rng(0)
circle = [Vote(a, b, float(rng.random() < 0.9)) for a, b in (("paper", "rock"), ("scissors", "paper"), ("rock", "scissors")) for _ in range(300)]
three = bradley_terry(circle)
for name, r in three.items():
    print(f"{name:9} {r.points:5.0f}   ({r.low:.0f} to {r.high:.0f})")
won = np.mean([vote.score for vote in circle if vote.a == "paper"])
print(f"chance that paper beats rock, by the ratings: {expected_score(three['paper'].points, three['rock'].points):.2f}; by the votes: {won:.2f}")

# %%
reveal("w4d1-p6", "all alike, and the ratings hide everything",
       "The few points between them are luck: all three intervals hold 1000. A line has an order, a circle has none. No three numbers on a line can say that each beats the next. Models that are good at different things can form such circles.")

# %% [markdown]
# **Second: a rating measures what the judges like.** Suppose that your judges like long answers, whatever is in them. We let one writer talk on and on: we only write down twice the length for it, and leave the number of its fitting words as it was. Then we ask the same judge. (Where all are equally long, the rounds that length decides are ties.)

# %% tags=["predict"]
predict("w4d1-p7", "A judge looks at the length in 4 of 10 rounds, and at the tale in the others. 'one word back' now writes twice as much as all others. "
        "By how many points does its rating rise?")

# %%
def tired_judge(a, b, rng=random.Random(9)):
    (fit_a, long_a), (fit_b, long_b) = a, b
    return judge(long_a, long_b) if rng.random() < 0.4 else judge(fit_a, fit_b)

with_length = {name: {p: [(fit, 72 if name == "one word back" else 36) for fit in fits[name][p]] for p in BEGINNINGS} for name in names}
tired = bradley_terry(ask_judge(2000, seed=2, judge=tired_judge, numbers=with_length))
equal = {name: {p: [(fit, 36) for fit, _ in with_length[name][p]] for p in BEGINNINGS} for name in names}
fair = bradley_terry(ask_judge(2000, seed=2, judge=tired_judge, numbers=equal))
rise = tired["one word back"].points - fair["one word back"].points
print(f"one word back: {fair['one word back'].points:.0f} with equal lengths, {tired['one word back'].points:.0f} when it talks on: {rise:+.0f}")

# %%
picture, axes = plt.subplots(1, 2, figsize=(9, 3.1), sharex=True)
for ax, found, words in zip(axes, (fair, tired), ("all write 36 words", "“one word back” writes 72")):
    draw_ratings(ax, found)
    ax.set_title(words)
figure(picture, caption="The same judge, and as many fitting words as before. Nothing has become better, only longer.",
       alt=f"Ratings before and after: when one word back writes twice as much, its rating goes from {fair['one word back'].points:.0f} to {tired['one word back'].points:.0f} points.")

# %%
reveal("w4d1-p7", round(rise), "It wins every round in which the length decides. Not one of its words is better.", tolerance=60)

# %% [markdown]
# This is not far-fetched: people do prefer longer and neatly laid-out answers, and the public arena reports ratings that are corrected for such style. The correction is a few more columns in the logistic regression.
#
# **Third: a rating belongs to a crowd, to its questions, and to a day.** Who asks for poems rates other models high than who asks for code. "1250 points" says nothing without the list of the others; and two lists cannot be compared.
#
# And your own votes? Here they are, beside the judge's. (With 12 votes the intervals are wide. If you have not voted yet, scroll up: it is the best part of the day.)

# %%
panels, says = {"the grammar": fitted}, "No votes of yours yet: vote above, then run this cell again."
if mine := votes_of("w4d1"):
    try:
        panels[f"you, {len(mine)} votes"], says = bradley_terry(mine), "Two judges of the same five writers. Dots: ratings; bars: 95 % intervals."
    except ValueError as error:  # your votes leave writers apart
        says = f"Your votes: {error}."
picture, axes = plt.subplots(1, len(panels), figsize=(4.5 * len(panels), 3.1), sharex=True, squeeze=False)
for ax, (title, found) in zip(axes.flat, panels.items()):
    draw_ratings(ax, found)
    ax.set_title(title)
figure(picture, caption=says, alt=" ".join(f"Ratings by {title}: " + ", ".join(f"{name} {r.points:.0f} ({r.low:.0f} to {r.high:.0f})" for name, r in found.items()) + "."
                                           for title, found in panels.items()))

# %% [markdown]
# ## Exercises (9 min)
#
# **1 · Complete it.** The chance that A wins, from two ratings in points. One line is missing.

# %% tags=["exercise"]
def chance_of_a(rating_a, rating_b):
    exponent = ...  # how many times 400 points B is ahead
    return 1 / (1 + 10**exponent)

# %% tags=["check"]
check_exercise("w4d1-e1", chance_of_a)

# %%
help_with("w4d1-e1")

# %% [markdown]
# **2 · Fix it.** One step of Elo: the two new ratings after a vote (score 1: A won, 0: B won, 0.5: a tie). Somebody noticed that the sum of all ratings creeps. Find the bug.

# %% tags=["exercise"]
def elo_step(rating_a, rating_b, score, k=32.0):
    rating_a = rating_a + k * (score - 1 / (1 + 10 ** ((rating_b - rating_a) / 400)))
    rating_b = rating_b - k * (score - 1 / (1 + 10 ** ((rating_b - rating_a) / 400)))
    return rating_a, rating_b

print(elo_step(1000.0, 1000.0, 1.0))

# %% tags=["check"]
check_exercise("w4d1-e2", elo_step)

# %%
help_with("w4d1-e2")

# %% [markdown]
# **3 · From scratch.** `wins` is an (n, n) array: how often the row's model beat the column's. Return the mean loss of all these rounds in nats, for the ratings `r` (n numbers in nats of log odds): how surprised is the
# Bradley–Terry model by a round, on average?

# %% tags=["exercise"]
def vote_loss(wins, r):
    ...

# %% tags=["check"]
check_exercise("w4d1-e3", vote_loss)

# %%
help_with("w4d1-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory. Read the feedback of the wrong options, too.

# %% tags=["quiz"]
quiz("w4d1")

# %% [markdown]
# ## Draw or write: compare real models (7 min)
#
# The plan for today says: compare LLMs in action. With a network, open [arena.ai](https://arena.ai) and vote on five prompts of your own. Without one, take two settings of the GPT from above. Either way, write down *before* the names are shown what made you
# decide.

# %%
journal("w4d1", ["My five prompts, and why I chose them", "What decided my votes: truth, style, length, something else?",
                 "One thing about a model that no vote of mine could find out"])

# %% [markdown]
# Checklist: Did you ask something whose answer you *know*? Did you read both answers to the end? Did you look at what is missing, and not only at what is there? Would you vote the same if left and right were swapped?

# %% [markdown]
# ## Go further (optional, 45 min)
#
# - [Chatbot Arena](https://arena.ai) (20 min, in the browser; needs a network). Look for: the leaderboard's intervals, and its categories. *Question to answer:* find two neighbors on the list whose intervals overlap. What may you say about them?
# - [The Streamlit exercises of ARENA](https://arena-ch1-transformers.streamlit.app/) (25 min, to look around): not an arena, a course with the same name, about looking into Transformers. *Question:* which of its topics did you meet in week 3?
#
# <details><summary>Answers</summary>
#
# That the votes so far do not tell them apart; not that they are equally good. Attention heads, induction, hooks and patching, from week 3, day 4.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)

# %%
picture, axes = plt.subplots(1, 3, figsize=(9, 3.2), width_ratios=[1.15, 1.2, 1.2])
draw_heatmap(axes[0], torch.tensor(share), names, names, labels=8.5, numbers=False)
axes[0].set(title="votes", xlabel="", ylabel="")
axes[1].plot(np.linspace(-600, 600, 61), [expected_score(g, 0) for g in np.linspace(-600, 600, 61)], color=color("residual"), linewidth=2.4)
axes[1].set(title="a chance for each gap", xlabel="difference (points)", ylabel="chance to win", xticks=[-400, 0, 400])
draw_ratings(axes[2], fitted)
axes[2].set_yticks(range(5), ["\n".join(name.rsplit(" ", 1)) for name in fitted], fontsize=8.5)
axes[2].set_title("ratings, how sure")
today = figure(picture, caption="From pairs to chances to ratings, with their intervals. What the judges like is what is measured.",
               alt="Three pictures. A table of who beats whom; the S-shaped curve from a difference of ratings to a chance; five ratings with intervals: "
                   + ", ".join(f"{name} {r.points:.0f}" for name, r in fitted.items()) + ".")
saved = today.save(portfolio() / "w4d1_ratings.png")
today

# %% [markdown]
# **New words**

# %%
new_words("w4d1")

# %% [markdown]
# Tomorrow you build the other half of such a site: an app in which one model writes, and sliders show how it chooses the next token.

# %% [markdown]
# # Week 3 · Day 4: Attention heads' behavior
#
# **Today you put taps into a running model, find the heads that copy, and prove by experiment what they do.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week3/day4_attention_heads_behavior.ipynb)
#
# At the end you will be able to
#
# - read and change what flows through a model, in plain PyTorch and in TransformerLens, with equal numbers;
# - find a head by a score, and test it with an ablation and with activation patching;
# - say what an attention map does not explain, and show a counter-example.

# %% tags=["setup"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week3", ["transformer-lens"]  # this day's folder, and what it uses that Colab does not bring
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
import matplotlib.pyplot as plt
import torch

from shared import heads
from shared.learning import (
    check_exercise, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.learning.findings import findings, findings_of
from shared.patching import caught, logit_lens, mean_outputs, next_token_loss, patching_grid, silence, tapped
from shared.pretrained import load
from shared.pretrained.trials import repeated
from shared.text import stories
from shared.visuals import color, course_map, draw_heatmap, figure, stepper
from shared.visuals.head_switches import Prompt, head_switches
from shared.visuals.palette import CARD, INK, LINE, PAPER, QUIET
from shared.visuals.palette import words as ink

torch.set_grad_enabled(False)  # nothing is trained today
course_map(week=3, day=4)

# %% [markdown]
# ## Warm up (4 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w3d4")

# %% [markdown]
# In week 2, day 3 you wrote down findings about heads. Here they are again; at the end of today you know how to test them.

# %%
before = findings_of("w2d3")
for row in before:
    print(" · ".join(text for text in row.values() if text))
print("Keep one of them in mind." if before else "Nothing is written there yet. Today you get a second chance.")

# %% [markdown]
# ## 1 · A tap in the pipe (10 min)
#
# **How do you look into a model that is running?** Think of it as pipes. You put a tap into a pipe: what flows by runs over your hand, and you decide what flows on. In PyTorch such a tap is a **hook**: a function of yours that the model calls whenever
# a certain part has run.

# %%
picture, ax = plt.subplots(figsize=(8.8, 3.3))
parts = [("x enters\nblock", 0.4, "residual"), ("heads\nmix values", 2.6, "attention"), ("W_o", 4.8, "attention"), ("feed-\nforward", 7.0, "feed-forward")]
taps = [("resid_pre", 1.75, "residual"), ("z", 3.95, "attention"), ("attn_out", 6.15, "attention"), ("mlp_out", 8.35, "feed-forward")]
ax.plot([0.4, 9.9], [1, 1], color=color("residual"), linewidth=9, solid_capstyle="round", zorder=0)
for name, x, concept in parts:
    ax.text(x + 0.3, 1, name, ha="center", va="center", fontsize=11, bbox={"boxstyle": "round,pad=0.45", "facecolor": CARD, "edgecolor": color(concept), "linewidth": 2})
for name, x, concept in taps:
    ax.plot([x, x], [1, 1.75], color=INK, linewidth=2)
    ax.plot([x - 0.22, x + 0.22], [1.75, 1.75], color=INK, linewidth=5, solid_capstyle="round")
    ax.text(x, 1.95, name, ha="center", va="bottom", family="monospace", fontsize=11)
    ax.plot(x, 1, "o", color=INK, markersize=8)
for x, words in ((1.75, "look: keep a copy"), (3.95, "change: send zeros on"), (6.9, "replace: send on what\nflowed in another run")):
    ax.text(x, 0.2, words, ha="center", va="top", fontsize=10.5, color=QUIET)
ax.set(xlim=(-0.2, 10.2), ylim=(-0.5, 2.4), title="A hook is a tap: look, change, or replace")
ax.axis("off")
figure(picture, caption="One block, with four places for a tap. The norms and the two additions are left out.",
       alt="""One block as a pipe with four taps: resid_pre, where the stream enters; z, what the heads mixed; attn_out, behind W_o; mlp_out, behind the
           feed-forward network. A tap can keep a copy, change what flows on, or replace it by numbers of another run.""")

# %% [markdown]
# First the smallest pipe that there is: a linear layer, with a tap that halves what flows on.

# %%
pipe = torch.nn.Linear(2, 2, bias=False)
pipe.weight[:] = torch.tensor([[1.0, 0.0], [0.0, 1.0]])  # it passes everything on as it is
tap = pipe.register_forward_hook(lambda module, inputs, output: output / 2)
print("with the tap:   ", pipe(torch.tensor([4.0, 6.0])))
tap.remove()
print("without the tap:", pipe(torch.tensor([4.0, 6.0])))

# %% [markdown]
# Now a real model. Today it is always the course's own GPT, because it is small enough to cut *every* head and to be done in seconds.

# %%
tokenizer, model = load("tiny-gpt2")
L, H = model.config.n_layer, model.config.n_head
ids = tokenizer("The cat sat on the mat", return_tensors="pt")["input_ids"]

def words(row):
    return [token.strip("Ġ") for token in tokenizer.convert_ids_to_tokens(row)]

kept = []
tap = model.transformer.h[0].attn.c_proj.register_forward_pre_hook(lambda module, inputs: kept.append(inputs[0]))
model(ids)
tap.remove()
print("z of block 0, heads side by side:", tuple(kept[0].shape), f"= (1 text, 6 tokens, {H} heads × {kept[0].shape[-1] // H})")

# %% [markdown]
# `c_proj` is Hugging Face's name for `W_o`. Its *input* is what the heads mixed, side by side: call it $z$. The course has put five such taps for each block into `shared/patching.py`, about 200 plain lines. `caught` opens all of them and keeps what flows by.
# Such a store of everything is called an **activation cache**.

# %%
cache = caught(model, ids)
for place in ("resid_pre", "pattern", "z", "mlp_out", "resid_post"):
    print(f"{place:10}", tuple(cache[place, 0].shape))
print("same z as by hand:", torch.equal(cache["z", 0].flatten(-2), kept[0]))

# %% tags=["predict"]
predict("w3d4-p1", f"The model has {L} blocks of {H} heads, and the text has 6 tokens. How many attention weights lie in the cache, zeros of the mask included?")

# %%
reveal("w3d4-p1", sum(cache["pattern", layer].numel() for layer in range(L)), f"{L} blocks × {H} heads × 6 rows × 6 columns.")

# %% [markdown]
# **TransformerLens** is the tool that most people use for this. It gives the taps of many models the same names. Its present door is `TransformerBridge`; older examples say `HookedTransformer`.

# %%
from transformers import logging

logging.set_verbosity_error(), logging.disable_progress_bar()  # no remarks while it loads
from transformer_lens.model_bridge import TransformerBridge

bridge = TransformerBridge.boot_transformers(model.name_or_path)  # a folder or a name on the hub
logits, lens_cache = bridge.run_with_cache(ids)
print("the same logits:", torch.allclose(logits, model(ids).logits, atol=1e-3))
print("the same maps in all layers:", all(torch.allclose(lens_cache["pattern", i], cache["pattern", i], atol=1e-4) for i in range(L)))
print("the same stream:", torch.allclose(lens_cache["resid_post", L - 1], cache["resid_post", L - 1], atol=1e-3))

# %% [markdown]
# Two tools, one set of numbers. So you can do the rest of the day in plain PyTorch, and know how the tool would say it.

# %% [markdown]
# ## 2 · Words that nobody can guess, said twice (9 min)
#
# **What would force a model to look back?** A text whose words are drawn at random: no grammar helps, nothing in the language helps. Then the same words once more. Who wants to guess the second round must find the place in the first.

# %%
n = 8
rows = repeated(tokenizer, words=n, times=2, rows=24, seed=4)  # (24, 16) ids
print(*words(rows[0][:n]), "|", *words(rows[0][n:]))

# %% tags=["predict"]
predict("w3d4-p2", "24 such rows. Of 100 words of the second round (after its first one), how many does this model guess right, as its first choice?")

# %%
def copied(ids=rows):
    """The share of second-round words that the model foretells, in percent."""
    guesses = model(ids).logits[:, n:-1].argmax(-1)
    return 100 * float((guesses == ids[:, n + 1 :]).float().mean())

loss = next_token_loss(model, rows).mean(0)  # (15,): for the words 1 … 15
intact = copied()
print(f"right: {intact:.0f} %; loss {loss[: n - 1].mean():.2f} nats in the first round, {loss[n:].mean():.3f} in the second")

# %%
guess_first = float(next_token_loss(model, rows)[:, : n - 1].mean())
picture, ax = plt.subplots(figsize=(7.4, 3.4))
ax.bar(range(1, 2 * n), loss, color=[color("residual") if t < n else color("attention") for t in range(1, 2 * n)])
ax.axvline(n - 0.5, color=INK, linewidth=1, linestyle="--")
ax.text(n - 0.4, loss.max() * 1.02, "second round", fontsize=10.5)
ax.set(xlabel="place of the word that is guessed (0 = first)", ylabel="loss (nats)", xticks=range(1, 2 * n), ylim=(0, loss.max() * 1.15))
ax.set_title("The second round comes from the first" if loss[n:].mean() < loss[: n - 1].mean() / 2 else "The second round is hardly easier")
figure(picture, caption=f"Mean over {len(rows)} rows. Word {n}, where the second round begins, is a surprise: nothing says that the first is over.",
       alt=f"""Loss by position. In the first round each word costs about {guess_first:.1f} nats; after the first word of the second round it is {loss[n:].mean():.2f}.""")

# %%
reveal("w3d4-p2", round(intact), "Nobody can know these words. The model must read them off, from its own context.", tolerance=8)

# %% [markdown]
# Such copying is **in-context learning** in its plainest form: no weight changes, and still the second time is easier than the first. Which heads do it? Say what a perfect one would look at, as in week 2, day 3.

# %% tags=["predict"]
predict("w3d4-p3", "Eight words, said twice. At each word of the second round a perfect copier looks at the word that came AFTER it in the first round. How many places back is that?")

# %%
maps = torch.stack([torch.stack([weights[i] for weights in model(rows, output_attentions=True).attentions]) for i in range(len(rows))])
back = torch.stack([maps.diagonal(-d, -2, -1)[..., -n:].mean((0, -1)) for d in range(n + 1)])  # (places back, layers, heads)
before_scores = heads.previous_token(maps).mean(0)                                              # (layers, heads)
induction_scores = torch.stack([heads.induction(m, row) for m, row in zip(maps, rows)]).mean(0)
pl, ph, p_score = heads.strongest(before_scores)
il, ih, i_score = heads.strongest(induction_scores)
print(f"previous token: layer {pl}, head {ph}, score {p_score:.2f}\ninduction:      layer {il}, head {ih}, score {i_score:.2f}")

# %%
reveal("w3d4-p3", int(back[:, il, ih].argmax()), "The same word stood n = 8 places back. The one after it is one place nearer: n − 1.")

# %% [markdown]
# A head that does this is an **induction head**: "A B … A" makes it look at B. Its map has a stripe, n − 1 places below the diagonal. The other one you know from week 2: a previous-token head.

# %%
row_words = words(rows[0])
picture, axes = plt.subplots(1, 2, figsize=(9, 4.7))
for ax, (l, h), title in zip(axes, ((pl, ph), (il, ih)), (f"previous token: {p_score:.2f}", f"induction: {i_score:.2f}")):
    draw_heatmap(ax, maps[0, l, h], row_words, row_words, labels=9.6, numbers=False)
    ax.set_title(f"{title} (layer {l}, head {h})", fontsize=12)
axes[1].set_ylabel("")
figure(picture, caption="One row of eight words, said twice, in the two best heads. Scores are means over all rows.",
       alt=f"""Two maps of 16 words, eight said twice. Layer {pl}, head {ph} is bright just below the diagonal, score {p_score:.2f}. Layer {il}, head {ih} is bright on a stripe seven places
           below the diagonal, in the second round, score {i_score:.2f}.""")

# %%
induction_heads = [(l, h) for l in range(L) for h in range(H) if induction_scores[l, h] > 0.5]
picture, axes = plt.subplots(1, 2, figsize=(7.6, 3.7))
for ax, scores, title in zip(axes, (before_scores, induction_scores), ("previous-token score", "induction score")):
    draw_heatmap(ax, scores, [f"layer {l}" for l in range(L)], [f"head {h}" for h in range(H)], labels=10, ring=heads.strongest(scores)[:2])
    ax.set(xlabel="", ylabel="")
    ax.set_title(title)
figure(picture, caption=f"All {L * H} heads. Ring: the best. More than half of their weight on the stripe: {len(induction_heads)}.",
       alt=f"""Scores of all {L * H} heads. Previous token: best {p_score:.2f} in layer {pl}. Induction: best {i_score:.2f} in layer {il}; {len(induction_heads)} heads score above 0.5.""")

# %% [markdown]
# ## 3 · Silence a head (13 min)
#
# A score says where a head looks. Whether the model *needs* it, only a cut can say: an ablation, as in week 1, day 7. Two ways are common.
#
# - By **zero ablation**: the head's output $z$ becomes 0. Simple, but later layers may never have met a head that says nothing.
# - By **mean ablation**: $z$ becomes the head's mean over many texts. It says something usual, which does not depend on this text.
#
# In code, `silence` makes such taps, and `tapped` leaves them in the pipe for as long as its block of lines runs. Each head is measured on two things: the repeats, and tales, which the model was trained to write.

# %%
tales = torch.tensor([tokenizer(text)["input_ids"][:56] for text in stories(12, seed=5)])  # the beginnings of 12 tales
usual = mean_outputs(model, [tales, rows])  # {layer: (heads, d_head)}

def losses(taps=None):
    with tapped(model, taps or {}):
        return float(next_token_loss(model, rows, start=n).mean()), float(next_token_loss(model, tales).mean())

def tidy(table):  # no "−0.00" in a picture
    return torch.where(table.abs() < 0.005, 0.0, table)

whole = losses()
print(f"all heads at work: {whole[0]:.3f} nats on repeats (second round), {whole[1]:.3f} on tales")

# %% tags=["predict"]
predict("w3d4-p4", f"You silence one single head of the {L * H}. Whose loss hurts the copying most?",
        options=["the previous-token head", "the best induction head", "another head"])

# %%
cut = {how: torch.tensor([[losses(silence([(l, h)], means)) for h in range(H)] for l in range(L)]) - torch.tensor(whole)
       for how, means in (("zero", None), ("mean", usual))}  # each (layers, heads, 2): loss added on repeats, on tales
worst = heads.strongest(cut["zero"][..., 0])[:2]
print(f"on repeats most is lost without layer {worst[0]}, head {worst[1]}: + {cut['zero'][worst][0]:.2f} nats")
print(f"without the best induction head (layer {il}, head {ih}): + {cut['zero'][il, ih, 0]:.2f} nats")

# %%
names_l, names_h = [f"layer {l}" for l in range(L)], [f"head {h}" for h in range(H)]
most_tales = heads.strongest(cut["zero"][..., 1])[:2]
picture, axes = plt.subplots(1, 2, figsize=(8, 3.9))
for ax, i, title in zip(axes, (0, 1), ("on repeated words", "on tales")):
    draw_heatmap(ax, tidy(cut["zero"][..., i]), names_l, names_h, signed=True, labels=10, ring=(worst, most_tales)[i])
    ax.set(xlabel="", ylabel="")
    ax.set_title(title)
picture.suptitle("What the model loses without one head (nats)", x=0.01, ha="left", fontsize=13, fontweight="bold")
figure(picture, caption="Zero ablation of one head at a time. Blue: the loss grows. Ring: the head that is missed most.",
       alt=f"""Loss added by silencing each head. On repeats layer {worst[0]}, head {worst[1]} is missed most, {cut['zero'][worst][0]:.1f} nats; on tales layer {most_tales[0]}, head {most_tales[1]},
           {cut['zero'][most_tales][1]:.1f} nats. Most other heads are hardly missed alone.""")

# %%
reveal("w3d4-p4", "the previous-token head" if worst == (pl, ph) else "the best induction head" if worst == (il, ih) else "another head",
       f"Several heads may do the same job, and then no single one is missed. Here {len(induction_heads)} have an induction stripe, and one stands out as a previous-token head.")

# %% [markdown]
# Is the best induction head useless, then? Cut not one, but all heads with a stripe; and, for comparison, as many others.

# %%
def copied_without(places, means=None):
    with tapped(model, silence(places, means)):
        return copied()

others = [(l, h) for l in reversed(range(L)) for h in range(H) if (l, h) not in induction_heads and (l, h) != (pl, ph)][: len(induction_heads)]
groups = {"nothing": None, "best induction head": [(il, ih)], f"all {len(induction_heads)} with a stripe": induction_heads,
          f"{len(others)} others, late": others, "previous-token head": [(pl, ph)]}
shares = {name: [copied() if places is None else copied_without(places, means) for means in (None, usual)] for name, places in groups.items()}
for name, (zero, mean) in shares.items():
    print(f"cut: {name:24} right: {zero:3.0f} % (zero ablation) {mean:3.0f} % (mean ablation)")

# %%
picture, ax = plt.subplots(figsize=(8, 3.6))
y = torch.arange(len(shares))
for k, (label, hue) in enumerate((("zero ablation", color("attention")), ("mean ablation", color("residual")))):
    values = [pair[k] for pair in shares.values()]
    ax.barh(y + 0.4 * k - 0.2, values, height=0.36, color=hue, label=label)
    for at, value in zip(y, values):
        ax.text(value + 1, at + 0.4 * k - 0.2, f"{value:.0f} %", va="center", fontsize=10)
ax.set_yticks(y, list(shares))
ax.invert_yaxis()
ax.set(xlim=(0, 145), xticks=[0, 50, 100], xlabel="second-round words foretold (%)", title="Alone replaceable, together needed" if list(shares.values())[2][0] < intact / 2 < list(shares.values())[1][0] else "What copying needs")
ax.legend(frameon=False, loc="lower right")
figure(picture, caption="Copying on 24 rows, after different cuts.",
       alt="Words foretold after cuts, by zero and by mean ablation: " + "; ".join(f"{name} {a:.0f} and {b:.0f} %" for name, (a, b) in shares.items()) + ".")

# %% [markdown]
# Zero and mean do not agree everywhere. Zero can push the stream to a place where it never is, and then it hurts for the wrong reason; mean only takes away what is special in this text. When they differ, believe neither alone: say which one you used.

# %%
l, h = divmod(int((cut["zero"] - cut["mean"]).abs().amax(-1).argmax()), H)
print(f"they differ most in layer {l}, head {h}: on repeats {tidy(cut['zero'])[l, h, 0]:+.2f} by zero and {tidy(cut['mean'])[l, h, 0]:+.2f} by mean, "
      f"on tales {cut['zero'][l, h, 1]:+.2f} and {cut['mean'][l, h, 1]:+.2f}")

# %% [markdown]
# The same cut in TransformerLens: a function on the tap `hook_z`, with the same numbers.

# %%
def silent(z, hook):
    parts = z.clone().reshape(*z.shape[:2], H, -1)  # (rows, T, heads, d_head)
    parts[:, :, ph] = 0
    return parts.reshape(z.shape)

answer = bridge.run_with_hooks(rows, fwd_hooks=[(f"blocks.{pl}.attn.hook_z", silent)])
theirs = torch.nn.functional.cross_entropy(answer[:, n:-1].transpose(1, 2), rows[:, n + 1 :])
ours = losses(silence([(pl, ph)]))[0]
print(f"TransformerLens {float(theirs):.3f}, plain PyTorch {ours:.3f}, equal: {abs(float(theirs) - ours) < 1e-3}")

# %% [markdown]
# ### Your turn at the switches
#
# *Before you press:* which head must fall silent, so that the repeated list breaks off? And does the tale still go on? Find a head that matters for the tale and not for the list.

# %%
texts = [" ".join(row_words[: n + 3]), "The cat sat on", "Once upon a time there was a"]

def chances(text, taps=None):
    given = tokenizer(" " + text if text == texts[0] else text, return_tensors="pt")["input_ids"]
    with tapped(model, taps or {}):
        return model(given).logits[0, -1].softmax(-1)

def prompt(text):
    table = torch.stack([chances(text), *(chances(text, silence([(l, h)])) for l in range(L) for h in range(H))])  # (1 + heads, V)
    top = table.amax(0).topk(6).indices
    top = top[table[0, top].argsort(descending=True)]
    return Prompt(text, words(top), table[:, top].numpy())

prompts = [prompt(text) for text in texts]
measured = {name: torch.cat([torch.tensor([whole[i]]), cut["zero"][..., i].flatten() + whole[i]]).numpy() for i, name in enumerate(("repeats", "tales"))}

# %% tags=["interactive"]
head_switches(L, H, measured, prompts, start=(pl, ph), caption="Press a head to silence it (zero ablation), press it again to wake it. Three texts.",
              alt=f"""Switches for all heads with the chances of the next word. Without layer {pl}, head {ph}, the word that repeats the list falls from {prompts[0].chances[0, 0]:.0%} to
                  {prompts[0].chances[1 + pl * H + ph, 0]:.0%}; the loss on repeats rises from {whole[0]:.2f} to {measured['repeats'][1 + pl * H + ph]:.2f} nats.""")

# %% [markdown]
# ## 4 · Two heads, one machine (9 min)
#
# **How can a head look at "what came after A", when it can only compare words?** The word B does not know that it came after A. Unless somebody has told it. Watch.

# %%
show = rows[:1, : n + 4]
film_words = words(show[0])
film_maps = [m[0] for m in model(show, output_attentions=True).attentions]
film_chances = model(show).logits[0].softmax(-1)

def arrow(ax, start, end, weight):
    ax.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": color("attention"), "linewidth": 1 + 4 * float(weight), "connectionstyle": "arc3,rad=0.12"})

# %%
def frame(title, asks=None, looks=None, tags=False, guess=None, one_back=None):
    picture, ax = plt.subplots(figsize=(9, 3.1))
    for i, word in enumerate(film_words):
        x, second = i % n * 1.25, i // n
        y = 1.9 - 1.9 * second
        ax.text(x, y, word, ha="center", va="center", fontsize=10.5, parse_math=False, bbox={"boxstyle": "round,pad=0.35", "facecolor": PAPER,
                "edgecolor": INK if i == asks else QUIET, "linewidth": 2.4 if i == asks else 1})
        if tags and i and not second:
            ax.text(x, y + 0.52, f"after {film_words[i - 1]}", ha="center", fontsize=10, color=ink("key"), parse_math=False)
    for i in range(1, n if one_back is not None else 1):
        arrow(ax, (i * 1.25 - 0.1, 1.6), (i * 1.25 - 1.1, 1.6), one_back[i, i - 1] / 2)
    for s, weight in ([] if looks is None else enumerate(looks)):
        if weight > 0.08:
            arrow(ax, (asks % n * 1.25, 0.32), (s % n * 1.25, 1.9 - 1.9 * (s // n) - 0.32 * (s < n)), weight)
    if guess:
        ax.text((asks + 1) % n * 1.25, 0, guess, ha="center", va="center", fontsize=10.5, color=color("attention"), fontweight="bold", parse_math=False)
    ax.set(xlim=(-0.8, n * 1.25 - 0.4), ylim=(-0.75, 3.0))
    ax.set_title(title, parse_math=False)
    ax.axis("off")
    return picture

# %%
frames = [(frame("Eight random words, and again"), f"The text so far: eight random words, and the first {len(film_words) - n} of them again. The list is broken off here."),
          (frame("Each word looks one back", one_back=film_maps[pl][ph]), f"Layer {pl}, head {ph}, the previous-token head: each word gives {p_score:.2f} of its weight, on average, to the word before it."),
          (frame("… and keeps a note", tags=True), "What it brought home is added to the word's row: a note that says after whom it came.")]
for t in range(n, len(film_words)):
    looks = film_maps[il][ih, t]
    s = int(looks.argmax())
    best = int(film_chances[t].argmax())
    frames.append((frame(f"“{film_words[t]}” asks", asks=t, tags=True), f"{film_words[t]} asks: who has a note “after {film_words[t]}”?"))
    frames.append((frame(f"“{film_words[t]}” finds “{film_words[s]}”", asks=t, looks=looks, tags=True),
                   f"Layer {il}, head {ih} puts {looks[s]:.2f} of its weight on {film_words[s]}, and brings its value home."))
    frames.append((frame("… and so knows what comes next", asks=t, looks=looks, tags=True, guess=words([best])[0]),
                   f"The whole model now gives {film_chances[t, best]:.0%} to {words([best])[0]}."))
stepper(frames, start=2, caption="An induction head at work: the notes of an earlier head, a question, a look, a guess.",
        alt=f"""A previous-token head in layer {pl} leaves on each word a note of what came before it. Then each repeated word asks for a note with its own name; layer {il}, head {ih} looks at the
            word with that note, and the model guesses it.""")

# %% [markdown]
# If the story is true, the note is read through the *keys* of the induction head: it is how a word can be *found*. Its queries need no note. That can be tested. Take from the stream exactly what the previous-token head wrote, once only where queries are made, once only where keys are made.

# %% tags=["predict"]
predict("w3d4-p5", "From which side must the previous-token head's note be taken away, so that the induction stripe dies?",
        options=["from the queries", "from the keys", "from neither: it only needs the words"])

# %%
cached = caught(model, rows)
attn, norm = model.transformer.h[il].attn, model.transformer.h[il].ln_1
d_head = model.config.n_embd // H
W_o = model.transformer.h[pl].attn.c_proj.weight[ph * d_head : (ph + 1) * d_head]  # this head's rows of W_o: (d_head, d_model)
note = cached["z", pl][:, :, ph] @ W_o                                             # what the head writes: (rows, T, d_model)
stream = cached["resid_pre", il]
future = torch.ones(2 * n, 2 * n).triu(1).bool()

def stripe(for_queries, for_keys):
    q = attn.c_attn(norm(for_queries)).chunk(3, -1)[0][..., ih * d_head : (ih + 1) * d_head]
    key = attn.c_attn(norm(for_keys)).chunk(3, -1)[1][..., ih * d_head : (ih + 1) * d_head]
    weights = (q @ key.transpose(-1, -2) / d_head**0.5).masked_fill(future, float("-inf")).softmax(-1)
    return weights, float(torch.stack([heads.induction(m, row) for m, row in zip(weights, rows)]).mean())

# %%
ways = {"nothing is taken": (stream, stream), "not for the queries": (stream - note, stream), "not for the keys": (stream, stream - note)}
found = {name: stripe(*pair) for name, pair in ways.items()}
print("by hand = by the model:", torch.allclose(found["nothing is taken"][0], cached["pattern", il][:, ih], atol=1e-4))
picture, axes = plt.subplots(1, 3, figsize=(9, 3.6))
for ax, (name, (weights, score)) in zip(axes, found.items()):
    draw_heatmap(ax, weights[0], row_words, row_words, labels=9.6, numbers=False)
    ax.set(xticks=[], yticks=[], xlabel="key", ylabel="query" if ax is axes[0] else "")
    ax.set_title(f"{name}:\nscore {score:.2f}", fontsize=11)
figure(picture, caption=f"Layer {il}, head {ih}, with and without the note that layer {pl}, head {ph} wrote.",
       alt="The induction stripe when the note of the previous-token head is taken away: " + "; ".join(f"{name}, score {score:.2f}" for name, (_, score) in found.items()) + ".")

# %%
drop = {name: found["nothing is taken"][1] - score for name, (_, score) in found.items()}
reveal("w3d4-p5", "from neither: it only needs the words" if max(drop.values()) < 0.2 else "from the keys" if drop["not for the keys"] > drop["not for the queries"] else "from the queries",
       "The note says after whom a word came. It has to stand where one is found, at the key.")

# %% [markdown]
# One head writes, a later one reads: that is **composition**, here through the keys. Heads that work together like this form a **circuit**. This one needs at least two layers, and the writer must be in the earlier one. The formula only says what you saw. With $x$ for the stream without the note, $m_s$ for the note on the word at $s$, and the norm left out:
#
# $$\text{score}(t, s) = \frac{q(x_t) \cdot k(x_s + m_s)}{\sqrt{d_k}} \qquad m_s = z_s W_o \;\text{ of the earlier head}$$

# %% [markdown]
# ## 5 · Put it back, and ask every layer (14 min)
#
# ### Put it back: activation patching
#
# Cutting shows what is *needed*. The opposite test shows what is *enough*: break the text, then put one single row of the whole run back, and see whether the answer returns. This is **activation patching**.
#
# - The *clean* text: "c d A B e f | c d A". A list, and its beginning again. The answer is B.
# - The *corrupt* text: "c d X B e f | c d A". The first A is another word, so nothing says what follows A.

# %%
lists = repeated(tokenizer, words=7, times=1, rows=24, seed=9)  # c d A B e f, and X to put in; 24 times
clean = torch.cat([lists[:, :6], lists[:, :3]], 1)              # c d A B e f c d A
corrupt = clean.clone()
corrupt[:, 2] = lists[:, 6]                                     # c d X B e f c d A
b_at, T = 3, clean.shape[1]
print("clean:  ", *words(clean[0]), "→", *words(clean[0, b_at : b_at + 1]), "\ncorrupt:", *words(corrupt[0]))

def chance_of_b(logits):  # (24, T, V) → mean chance of B behind the last word
    return logits[:, -1].softmax(-1).gather(1, clean[:, b_at : b_at + 1]).mean()

low, high = float(chance_of_b(model(corrupt).logits)), float(chance_of_b(model(clean).logits))
print(f"chance of B: clean {high:.2f}, corrupt {low:.2f}")

# %% tags=["predict"]
predict("w3d4-p6", f"The last row of the grid patches the stream BEHIND block {L - 1}. At which of the nine positions, 0 to 8, must the clean row be put back there, so that B returns?")

# %%
grid = patching_grid(model, clean, corrupt, chance_of_b)   # (layers + 1, T)
restored = (grid - low) / (high - low)                      # 0: still broken, 1: as clean
path = [int(i) for i in restored.argmax(-1)]
places = ["c", "d", "A/X", "B", "e", "f", "c", "d", "A"]
picture, ax = plt.subplots(figsize=(8.2, 3.9))
draw_heatmap(ax, tidy(restored), [f"into block {l}" for l in range(L)] + [f"behind block {L - 1}"], places, signed=True, numbers=True)
ax.set_xticks(range(T), [f"{place}\n{i}" for i, place in enumerate(places)])
ax.set(xlabel="position that is put back", ylabel="")
ax.plot(path, range(L + 1), color=INK, linewidth=1.4, linestyle=":", marker="o", markersize=3)
ax.set_title("The news moves: " + " → ".join(dict.fromkeys(f"{places[i]} ({i})" for i in path)))
figure(picture, caption="1 = the answer is back as in the clean run, 0 = still broken. Dotted: the best position of each layer. Mean of 24 pairs.",
       alt="Share of the answer that comes back when one row of the clean run is put in. Best position by layer: " + ", ".join(f"{places[i]} (position {i}) {restored[l, i]:.2f}" for l, i in enumerate(path)) + ".")

# %%
reveal("w3d4-p6", path[-1], "The next word is read from the last row alone. Behind the last block there is no attention left that could fetch anything.")

# %% [markdown]
# Read the grid from top to bottom. At first the news sits on the word that was changed. Then a previous-token head has carried it one place on, to B: the note. Then induction heads have fetched it to the end. You see the circuit of section 4 without having looked at a single attention weight.
#
# Now put back not a row, but the output of one head.

# %%
clean_cache = caught(model, clean)

def put_head(l, h):
    def change(z):
        z = z.clone()
        z[:, :, h] = clean_cache["z", l][:, :, h]
        return z
    with tapped(model, {("z", l): change}):
        return (float(chance_of_b(model(corrupt).logits)) - low) / (high - low)

back_by_head = torch.tensor([[put_head(l, h) for h in range(H)] for l in range(L)])
picture, ax = plt.subplots(figsize=(4.8, 4))
draw_heatmap(ax, tidy(back_by_head), names_l, names_h, signed=True, labels=10, ring=heads.strongest(back_by_head)[:2])
ax.set(xlabel="", ylabel="")
ax.set_title("Which head alone brings B back?")
figure(picture, caption="The output of one head, at all positions, taken from the clean run. 1 = the answer is back.",
       alt=f"Share of the answer that one head alone brings back. Best: layer {heads.strongest(back_by_head)[0]}, head {heads.strongest(back_by_head)[1]}, {back_by_head.max():.2f}; the previous-token head {back_by_head[pl, ph]:.2f}, the best induction head {back_by_head[il, ih]:.2f}.")

# %%
lens_clean = bridge.run_with_cache(clean)[1]["resid_pre", 1]

def put(x, hook):
    x = x.clone()
    x[:, b_at] = lens_clean[:, b_at]
    return x

theirs = float(chance_of_b(bridge.run_with_hooks(corrupt, fwd_hooks=[("blocks.1.hook_resid_pre", put)])))
print(f"row 1, column B: TransformerLens {theirs:.3f}, plain PyTorch {grid[1, b_at]:.3f}, equal: {abs(theirs - float(grid[1, b_at])) < 1e-3}")
print(f"previous-token head alone brings back {back_by_head[pl, ph]:.2f}, best induction head alone {back_by_head[il, ih]:.2f}")

# %% [markdown]
# ### Ask every layer: the logit lens
#
# All blocks write into one stream, and the last thing that happens to it is the final norm and the head. So do that earlier: read the stream after *each* block as if it were the last. This is the **logit lens**.

# %%
line = rows[:1, : n + 3]  # a list, and its first three words again
lens = logit_lens(model, line).softmax(-1)  # (layers + 1, T, V)
right = int(rows[0, n + 3])                 # the word that comes next
rank = [int((lens[l, -1] > lens[l, -1, right]).sum()) + 1 for l in range(L + 1)]
print("the last row is the model's own answer:", torch.allclose(lens[-1], model(line).logits[0].softmax(-1), atol=1e-5))

# %% tags=["predict"]
predict("w3d4-p7", f"Behind how many of the {L} blocks is the right word of the list first for the first time? (0 = already before the first block)")

# %%
picture, ax = plt.subplots(figsize=(8.6, 3.9))
shown = list(range(n - 1, n + 3))
for l in range(L + 1):
    for column, t in enumerate(shown):
        best = int(lens[l, t].argmax())
        share = float(lens[l, t, best])
        hit = t >= n and best == int(rows[0, t + 1])
        ax.text(column, L - l, f"{words([best])[0][:12]} {share:.0%}", ha="center", va="center", fontsize=10.5, parse_math=False, fontweight="bold" if hit else "normal",
                bbox={"boxstyle": "round,pad=0.4", "facecolor": color("value") + "55" if hit else PAPER, "edgecolor": INK if hit else LINE, "linewidth": 1.6 if hit else 1})
ax.set_yticks(range(L + 1), [*(f"behind block {l}" for l in reversed(range(L))), "before block 0"])
ax.set_xticks(range(len(shown)), [f"after\n“{film_words[t]}”" for t in shown])
ax.set(xlim=(-0.55, len(shown) - 0.45), ylim=(-0.5, L + 0.5))
ax.spines[:].set_visible(False)
ax.tick_params(length=0)
first_right = next((l for l in range(L + 1) if rank[l] == 1), L)
ax.set_title(f"The right word is first behind {first_right} of {L} blocks")
figure(picture, caption="What each layer would say, had the model ended there. Green and bold: the word that really comes next. In the first column the first round ends, and nobody can know.",
       alt=f"The first choice behind each block, for four positions. For the last one, the right word has rank {', '.join(map(str, rank))} from before the first block to behind the last.")

# %%
reveal("w3d4-p7", first_right, f"The word's rank by depth: {', '.join(map(str, rank))}. Before that, the stream holds something that only later layers read.")

# %% [markdown]
# The same from TransformerLens's cache, and one warning: a layer that "says nonsense" need not know nothing. It may hold its knowledge in a form that the head cannot read.

# %%
their_cache = bridge.run_with_cache(line)[1]
theirs = torch.stack([model.lm_head(model.transformer.ln_f(their_cache["resid_post", l][0, -1])).softmax(-1) for l in range(L)])
print("the same shares by TransformerLens:", torch.allclose(theirs, lens[1:, -1], atol=1e-3))

# %% [markdown]
# ## 6 · Bright is not a reason (7 min)
#
# **If a head looks clearly at one place, and you shuffle where it looks, must the answer change?** Try it with every head: each row's weights are dealt out anew to the places that it may see, at random. The values stay.

# %% tags=["predict"]
predict("w3d4-p8", f"In how many of the {L * H} heads can you shuffle all weights, and the model's first choice stays the same at 95 % of the positions of the tales?")

# %%
tale_cache = caught(model, tales)
base = model(tales).logits.softmax(-1)
width = tales.shape[1]
generator = torch.Generator().manual_seed(7)
deal = torch.rand(width, width, generator=generator).masked_fill(torch.ones(width, width).triu(1).bool(), 2.0).argsort(-1)  # a random order of the visible places

# %%
def shuffled(l, h):
    block = model.transformer.h[l]
    v = block.attn.c_attn(block.ln_1(tale_cache["resid_pre", l])).chunk(3, -1)[2][..., h * d_head : (h + 1) * d_head]
    old = tale_cache["pattern", l][:, h]
    new = old.gather(-1, deal.expand(len(old), -1, -1))  # each row sums to 1 as before, and no future is seen
    def change(z):
        z = z.clone()
        z[:, :, h] = new @ v
        return z
    with tapped(model, {("z", l): change}):
        answer = model(tales).logits.softmax(-1)
    same = float((answer.argmax(-1) == base.argmax(-1)).float().mean())
    return float((new - old).abs().sum(-1).mean() / 2), float((answer - base).abs().sum(-1).mean() / 2), same

moved = {(l, h): shuffled(l, h) for l in range(L) for h in range(H)}
kept_answer = sum(same >= 0.95 for _, _, same in moved.values())

# %%
picture, ax = plt.subplots(figsize=(6.8, 4))
for (l, h), (weights_moved, answer_moved, _) in moved.items():
    ax.plot(weights_moved, answer_moved, "o", color=color("attention"), markersize=8)
calm = max((place for place in moved if moved[place][2] >= 0.95), key=lambda place: moved[place][0], default=min(moved, key=lambda place: moved[place][1]))
loud = max(moved, key=lambda place: moved[place][1])
for place in (calm, loud):
    ax.annotate(f"layer {place[0]}, head {place[1]}", moved[place][:2], xytext=(-46, 34), textcoords="offset points", ha="center", fontsize=10.5,
                arrowprops={"arrowstyle": "-", "color": QUIET, "shrinkB": 5})
ax.set(xlim=(0, 1), ylim=(-0.02, 1), xlabel="share of the attention that was moved", ylabel="share of the answer that moved")
ax.set_title(f"{kept_answer} of {L * H} heads can be shuffled unnoticed")
ax.grid()
figure(picture, caption="One dot is one head; means over all positions of 12 tales. Unnoticed: the same first choice at 95 % of the positions.",
       alt=f"""Attention moved against answer moved, for each head. {kept_answer} of {L * H} leave the first choice at 95 % of positions. Layer {calm[0]}, head {calm[1]}: {moved[calm][0]:.0%} of the weight moved and
           {moved[calm][1]:.0%} of the answer; layer {loud[0]}, head {loud[1]}: {moved[loud][0]:.0%} and {moved[loud][1]:.0%}.""")

# %%
reveal("w3d4-p8", kept_answer, "Values may be alike, W_o may shrink them, and other heads may carry the same news.", tolerance=2)

# %%
# the counter-example of the day: a clear map, and a cut that hardly anybody notices
harm = cut["zero"].amax(-1)  # (layers, heads): the larger loss of the two tests
clear = torch.maximum(before_scores, induction_scores)
c_l, c_h = min(((l, h) for l in range(L) for h in range(H) if clear[l, h] >= 0.5), key=lambda place: float(harm[place]))
print(f"layer {c_l}, head {c_h}: score {clear[c_l, c_h]:.2f}; silencing it costs {harm[c_l, c_h]:+.2f} nats at most, "
      f"while layer {worst[0]}, head {worst[1]} costs {cut['zero'][worst][0]:+.2f}")

# %% [markdown]
# That is what attention does not explain: a clear map, a famous habit, and a model that hardly misses the head. Three reasons are worth remembering. A twin does the same job. The value that is fetched is small, or points where nobody reads. Or the news also came by another way.
#
# The debate has two papers. Jain and Wallace, [Attention is not Explanation](https://arxiv.org/abs/1902.10186), took recurrent classifiers with one attention layer and found other weights, often far from the learned ones, that gave nearly the same answer. Wiegreffe and Pinter,
# [Attention is not not Explanation](https://arxiv.org/abs/1908.04626), replied: weights found for one example at a time, with the rest of the model held still, are no rival *model*; whether attention explains depends on what you call an explanation, and on the test. Your shuffle has the same weakness: no training would have led there.
#
# So a finding has three parts: *where it looks* (score), *whether it is needed* (ablation), *whether it is enough* (patching). A map alone is the first.

# %% [markdown]
# ## Exercises (10 min)
#
# **1 · Complete it.** The induction score of one map `weights` (2n, 2n), for n different words said twice. Two lines are missing.

# %% tags=["exercise"]
def induction_score(weights, n):
    t = torch.arange(n, 2 * n)  # the rows of the second round
    s = ...     # (n,): where a perfect induction head looks from t
    return ...  # one number

# %% tags=["check"]
check_exercise("w3d4-e1", induction_score)

# %%
help_with("w3d4-e1")

# %% [markdown]
# **2 · Fix it.** `joined` (T, d) holds the outputs of all heads side by side, as they enter `W_o`. One head should fall silent. Somebody found that with this function *every* head seems to matter a little, and no head much. Find the bug.

# %% tags=["exercise"]
def silence_head(joined, head, n_heads):
    T, d = joined.shape
    parts = joined.clone().reshape(T, d // n_heads, n_heads)
    parts[:, :, head] = 0.0
    return parts.reshape(T, d)

# %% tags=["check"]
check_exercise("w3d4-e2", silence_head)

# %%
help_with("w3d4-e2")

# %% [markdown]
# **3 · From scratch.** Activation patching. `blocks` is a list of functions, each from a stream (T, d) to a stream (T, d); `read` makes one number of what leaves the last one. For each block and each position: run `corrupt`, but put the row of the clean run in where it *enters* that block. Return the grid (blocks, T).

# %% tags=["exercise"]
def patch_each(blocks, clean, corrupt, read):
    ...

# %% tags=["check"]
check_exercise("w3d4-e3", patch_each)

# %%
help_with("w3d4-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory. Read the feedback of the wrong options, too.

# %% tags=["quiz"]
quiz("w3d4")

# %% [markdown]
# ## Draw or write: explore and record (6 min)
#
# The plan for today says: explore, and record your findings. Here is one with all three parts, so that you see what is asked:

# %%
weak_row = int(maps[0, il, ih, n:].gather(1, torch.arange(1, n + 1)[:, None])[:, 0].argmin()) + n
print(f"head:            layer {pl}, head {ph}\nwhat it does:    looks one token back")
print(f"evidence:        score {p_score:.2f} on {len(rows)} rows; silenced, copying falls from {intact:.0f} to {shares['previous-token head'][0]:.0f} % (zero ablation); patched alone it brings back {back_by_head[pl, ph]:.2f}")
print(f"counter-example: on tales it costs {cut['zero'][pl, ph, 1]:+.2f} nats, so it does more than serve the copying")

# %% [markdown]
# Choose two or three heads with the switches and the cells above. For each: a score, a cut, and a case where it does not do it. If you wrote findings in week 2, take one of those habits and see whether this model has it. The table is saved, and `findings_of("w3d4")` brings it back on any later day.

# %%
findings("w3d4")

# %%
journal("w3d4", ["Which head has the clearest map and is hardly missed? What could be the reason?",
                 "Explain to a friend how two heads copy a list, with a note and a question.",
                 "What would you have to see to give up the story of section 4?"])

# %% [markdown]
# Checklist for your table: Does each row say layer *and* head? Is there a number from a cut, and does it say zero or mean? Are there at least two kinds of text? Is the counter-example a real one? Did you write "looks at" for scores and "is needed for" only after a cut?

# %% [markdown]
# ## Go further (optional, 90 min)
#
# - [TransformerLens](https://transformerlensorg.github.io/TransformerLens/) (20 min). Look for: the page on `TransformerBridge`. *Question to answer:* what replaces `HookedTransformer.from_pretrained` since version 3?
# - [ARENA, chapter 1](https://arena-ch1-transformers.streamlit.app/) (40 min for the part on induction heads). *Question:* how do they name the sequences that you called repeats, and which token stands in front?
# - [A Mathematical Framework for Transformer Circuits](https://transformer-circuits.pub/2021/framework/index.html) (30 min, the part on induction heads). *Question:* which three kinds of composition are there, and which one did you measure in section 4?
#
# <details><summary>Answers</summary>
#
# `TransformerBridge.boot_transformers`. Repeated random tokens, with the start token in front. Q-, K- and V-composition, by whether the earlier head's output is read for queries, keys or values; section 4 measured K-composition.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# Every head on one repeated list. Under each map the two numbers of the day: its better score, and what the model loses without it.

# %%
picture, axes = plt.subplots(L, H, figsize=(8.6, 2.35 * L), squeeze=False)
for l in range(L):
    for h in range(H):
        ax, name = axes[l][h], "previous" if before_scores[l, h] > induction_scores[l, h] else "induction"
        draw_heatmap(ax, maps[0, l, h], row_words, row_words, numbers=False)
        ax.set(xticks=[], yticks=[], xlabel=f"without it {harm[l, h]:+.2f} nats", ylabel=f"layer {l}" if h == 0 else "")
        ax.set_title(f"head {h}: {name} {clear[l, h]:.2f}" if clear[l, h] >= 0.5 else f"head {h}", fontsize=10.3)
picture.suptitle("Looking is one thing, mattering another", x=0.01, ha="left", fontsize=13, fontweight="bold")
atlas = figure(picture, caption="Eight words said twice. Named: half of the weight on one habit. Nats: zero ablation, the larger loss of repeats and tales.",
               alt="All maps on a repeated list. " + "; ".join(f"layer {l}, head {h}: score {clear[l, h]:.2f}, {harm[l, h]:+.2f} nats without it" for l in range(L) for h in range(H) if clear[l, h] >= 0.5) + ".")
saved = atlas.save(portfolio() / "w3d4_heads.png")
atlas

# %% [markdown]
# **New words**

# %%
new_words("w3d4")

# %% [markdown]
# **Tomorrow** you leave the heads and look at the rows themselves: where do tokens lie in space, and how does one word drift apart in many sentences, layer by layer?

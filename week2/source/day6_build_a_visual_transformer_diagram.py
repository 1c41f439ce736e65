# %% [markdown]
# # Week 2 · Day 6: Build a visual Transformer diagram
#
# **Today you draw the whole Transformer, and your drawing can be checked, counted and run.**
#
# About 88 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week2/day6_build_a_visual_transformer_diagram.ipynb)
#
# At the end you will be able to
#
# - write down a Transformer as a short list of parts, and draw it from memory with every arrow and its shape;
# - find the mistake in somebody's diagram, and say what it would do to a trained model;
# - tell the Transformer of 2017, GPT-2 and BERT apart by looking at where four things stand.

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

import matplotlib.pyplot as plt
import torch
from torch.nn import functional as F

from shared.architecture import ARCHITECTURES, PARTS, SIZES, block, compare, parameters, places, shapes, written_out
from shared.attention import merge_heads
from shared.gpt import GPT, GPTConfig
from shared.learning import check_exercise, help_with, new_words, portfolio, predict, quiz, reveal, warm_up
from shared.learning.diagram_check import check_diagram, faults
from shared.learning.sketches import compare_sketch, sketch
from shared.visuals import color, course_map, figure, stepper
from shared.visuals.diagram import diagrams, diagrams_figure
from shared.visuals.palette import letter, outline

course_map(week=2, day=6)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, from memory.

# %% tags=["warm-up"]
warm_up("w2d6")

# %% [markdown]
# ## 1 · A drawing is a claim (8 min)
#
# Boxes and arrows always look convincing, also when they are wrong. You find diagrams of "the Transformer" without a mask, with a norm at the wrong side, with an arrow that goes nowhere. How would you notice?
#
# Today every drawing is made from a short list, read from the bottom upward. A list can be compared with another, and it can be *run*, as a program. So a drawing becomes a claim that is true or false. The shortest one that means something:

# %%
diagrams(
    {"with a gray line": ["fork", "feed-forward", "add"], "without": ["feed-forward"]},
    title="The gray line keeps x",
    alt="""Left: the stream forks before a feed-forward box; a gray line goes around the box and comes back at
        a plus above it. Right: the stream goes through the box alone, and nothing goes around it.""",
    caption="The dot is the fork: x is kept there. At the plus it comes back. The whole gray line is the residual connection of day 5.")

# %% tags=["predict"]
predict("w2d6-p1",
        "The number 5 comes in at the bottom of the left drawing. For today the box only doubles what it gets. What comes out on top?")

# %% [markdown]
# Now the list as a program. It walks through the names; two of them, `fork` and `add`, it knows by itself:

# %%
def run(parts, x, do):  # do: what each of the other names does to x
    kept = []
    for name in parts:
        if name == "fork":
            kept.append(x)      # x is kept, and goes on as well
        elif name == "add":
            x = x + kept.pop()  # the gray line is back
        else:
            x = do[name](x)
    return x

# %%
double = {"feed-forward": lambda x: 2 * x}
with_line = run(["fork", "feed-forward", "add"], 5, double)
without = run(["feed-forward"], 5, double)
print("with a gray line:", with_line, "  without:", without)
reveal("w2d6-p1", with_line, "The box makes 10 of it, and the 5 that went around is added.")

# %% [markdown]
# $$x \;\leftarrow\; x + f(x) \qquad\text{and not}\qquad x \;\leftarrow\; f(x)$$
#
# With twelve words you can write all the Transformers of this week. Nothing here is new; each word is a day you have had:
#
# | In the list | In the drawing | From |
# |---|---|---|
# | `token embedding`, `segment embedding` | gray box | week 1 day 2, week 2 day 3 |
# | `position waves`, `learned position` | sky-blue box | week 2 day 2 |
# | `attention`, `masked attention`, `cross-attention` | purple box | week 1 days 3 and 6 |
# | `feed-forward` | vermilion box | week 2 day 4 |
# | `norm` | yellow box | week 2 day 5 |
# | `fork` and `add` | gray dot and plus | week 2 day 5 |
# | `output` | gray box on top | week 1 day 4 |
#
# `block([...], times=12)` is a layer that stands twelve times above itself, each time with weights of its own. Which parts there are, in which order, and where the lines go, is called the model's **architecture**. The numbers inside are not part of it.

# %% [markdown]
# ## 2 · Where does the gray line leave? (10 min)
#
# Here are the two layers that you know from day 5. Left the paper of 2017, post-LN; right GPT-2, pre-LN. Look at them for half a minute.

# %%
post_ln = ["fork", "attention", "add", "norm", "fork", "feed-forward", "add", "norm"]
pre_ln = ["fork", "norm", "attention", "add", "fork", "norm", "feed-forward", "add"]
diagrams(
    {"post-LN": [block(post_ln)], "pre-LN": [block(pre_ln)]}, title="Where does the norm stand?",
    alt="""Left, post-LN: each gray line goes around attention or feed-forward only, and a norm stands on the
        stream behind each plus. Right, pre-LN: each gray line goes around a norm and the part behind it, and no norm
        stands on the stream.""",
    caption="In post-LN every row must pass the norms. In pre-LN there is a way from the bottom to the top that meets none.")

# %% tags=["predict"]
predict("w2d6-p2",
        "Write out three layers of each and cross out fork and add, so that only norms, attentions and feed-forwards are left. "
        "How do the two rows of names compare, away from their ends?",
        options=["they are the same row", "post-LN has norm and attention the other way round", "pre-LN has more norms"])

# %%
def only_boxes(parts, times=3):
    return [name for name in written_out([block(parts, times)]) if name not in ("fork", "add")]

post, pre = only_boxes(post_ln), only_boxes(pre_ln)
print("post-LN:       ", *(PARTS[name].says for name in post[:5]), "...")
print("pre-LN:  ", *(PARTS[name].says for name in pre[:6]), "...")
same = pre[1:] == post[:-1]
print("the same row, one norm apart:", same, "  norms:", post.count("norm"), "and", pre.count("norm"))

# %%
def draw_row(ax, names, at, y, around_norm):
    for i, name in enumerate(names, at):
        concept = PARTS[name].concept
        ax.add_patch(plt.Rectangle((i + 0.08, y), 0.84, 0.8, facecolor=color(concept), edgecolor=outline(concept)))
        ax.text(i + 0.5, y + 0.4, letter(concept), ha="center", va="center", color="black" if name == "norm" else "white", fontsize=12)
        if name != "norm":
            left = i - 0.96 if around_norm else i + 0.04
            ax.plot([left, left, i + 0.96, i + 0.96], [y + 0.8, y + 1.15, y + 1.15, y + 0.8], color=color("residual"), linewidth=2.6)

picture, ax = plt.subplots(figsize=(8.6, 3.3))
draw_row(ax, post, 1, 2.0, around_norm=False)
draw_row(ax, pre, 0, 0.0, around_norm=True)
for y, name in ((2.4, "post-LN"), (0.4, "pre-LN")):
    ax.text(-0.3, y, name, ha="right", va="center", fontsize=11.5, fontweight="bold")
ax.set(xlim=(-2.1, 13.1), ylim=(-0.2, 3.4), title="The same boxes in the same order: only the gray lines differ")
ax.axis("off")
figure(picture,
       alt="""Three layers of each, written out from left to right with N for norm, A for attention, F for feed-forward. Placed one below the
           other, every box of the two rows agrees, except for one norm at an end of each. Only the gray lines differ: in post-LN
           they go around A and F alone, in pre-LN around N and A or N and F together.""",
       caption="N norm, A attention, F feed-forward. Data goes from left to right; a gray line leaves at its left end and is added at its right end.")

# %%
reveal("w2d6-p2", "they are the same row" if same else "pre-LN has more norms",
       "In the middle of a deep stack nobody can tell from the boxes which of the two it is. It is where the gray line *leaves* that decides: "
       "behind a norm, or in front of it.")

# %% [markdown]
# So a diagram without its gray lines says almost nothing. Does it matter? Run both lists, with the same random parts:

# %%
torch.manual_seed(26)
weights = torch.randn(2, 64, 64) / 64**0.5
do = {"norm": lambda x: F.layer_norm(x, (64,)),  # two plain layers stand in for attention and feed-forward
      "attention": lambda x: torch.tanh(x @ weights[0]), "feed-forward": lambda x: torch.tanh(x @ weights[1])}
x = torch.randn(6, 64)
for layers in (1, 6, 24):
    sizes = [run(written_out([block(parts, layers)]), x, do).std().item() for parts in (post_ln, pre_ln)]
    print(f"{layers:2} layers: spread of the numbers on the stream {sizes[0]:5.2f} post-LN, {sizes[1]:5.2f} pre-LN")

# %% [markdown]
# $$\text{post-LN:}\;\; x \leftarrow \operatorname{norm}\bigl(x + f(x)\bigr) \qquad\qquad \text{pre-LN:}\;\; x \leftarrow x + f\bigl(\operatorname{norm}(x)\bigr)$$
#
# In post-LN the stream is brought back to spread 1 after every part. In pre-LN it is only ever added to, and grows. That is why a pre-LN model needs one more norm at its very end, the **final norm**: without it, rows of any size would reach the vote.

# %% [markdown]
# ## 3 · GPT-2, part by part (11 min)
#
# Let it grow. At each step say *before* you go on: what comes next, and does anything leave or come back here?

# %%
GPT2 = ARCHITECTURES["decoder-only"]
spots = places(GPT2)  # every part with its place
frames = []
for n in range(1, len(spots) + 1):
    name = spots[n - 1][1]
    drawing = diagrams_figure({" ": GPT2}, ghosts=[place for place, _ in spots[n:]], title="GPT-2 grows")
    frames.append((drawing, f"{n} of {len(spots)} · {name}: {PARTS[name].does}"))
stepper(
    frames, start=4,
    alt="""GPT-2 grows from the bottom: token embedding, learned position; then, in a block that stands twelve times, fork, norm, masked
        attention, add, fork, norm, feed-forward, add; then a last norm and the output.""",
    caption="Twelve steps. A gray line appears only when it has somewhere to arrive: at the plus.")

# %% [markdown]
# A model like this, with one stack that writes and can look only back, is called **decoder-only**. Here it is as a list. Change nothing yet; run the cell, and see what the checker and the drawing say.

# %%
gpt2 = ["token embedding", "learned position",
        block(["fork", "norm", "masked attention", "add",
               "fork", "norm", "feed-forward", "add"], times=12),
        "norm", "output"]
check_diagram(gpt2, "decoder-only")

# %% tags=["predict"]
predict("w2d6-p3",
        "'The cat sat on the mat' is six tokens for GPT-2, and its smallest model is 768 wide, with 12 heads. "
        "Which shape is on the arrow that leaves 'masked attention'?",
        options=["(6, 6)", "(6, 64)", "(12, 6, 64)", "(6, 768)"])

# %%
on_arrows = shapes(gpt2, SIZES["decoder-only"], tokens=6)
diagrams(
    {" ": gpt2}, shapes={" ": on_arrows}, title="Every arrow has a shape",
    alt="""GPT-2 with the shape on every arrow for six tokens: six ids go in; from the embedding to the last norm every arrow carries (6, 768);
        the output is (6, 50257).""",
    caption="GPT-2 small, six tokens. From the embedding on, nothing changes the shape until the last box.")

# %%
leaves_attention = on_arrows["", 2, 2]  # place: in block 2, part 2
reveal("w2d6-p3", str(leaves_attention),
       "Inside the box there are 12 tables of (6, 6) and 12 results of (6, 64). But W_o puts them together again, and it must: "
       "only rows of the same width can be added to the gray line.")

# %% [markdown]
# That is a rule you can check any diagram with: **both lines that meet at a plus have the same shape.** Next claim: the list says how many learned numbers there are. An attention has four matrices of (d, d), a feed-forward two of (d, 4d), each with a bias; a norm has two numbers for each feature; the output uses the token table again and has none.

# %%
numbers = parameters(gpt2, SIZES["decoder-only"])
for place, name in spots:
    if numbers[place]:
        print(f"{name:17} {numbers[place]:12,}   {'in 12 layers' if len(place) == 3 else ''}")
with torch.device("meta"):  # shapes without numbers: counting needs no memory
    real = sum(p.numel() for p in GPT(GPTConfig()).parameters())
print(f"{'together':17} {sum(numbers.values()):12,}   the model itself: {real:,}")

# %% [markdown]
# The hardest test: *run* the list with the weights of a trained model, and compare with what the model computes by itself. The model is the course's small GPT-2, with four layers; a part that comes again takes its next weights:

# %%
from shared.pretrained import load
from shared.text import stories

tokenizer, small = load("tiny-gpt2")
gpt = GPT.from_pretrained(small.name_or_path).eval()

# %%
def in_turn(modules):  # each call uses the next one
    waiting = iter(modules)
    return lambda x: next(waiting)(x)

def trained_parts():
    blocks = gpt.blocks
    return {"token embedding": gpt.tokens, "learned position": lambda x: x + gpt.positions.weight[: x.shape[1]],
            "norm": in_turn([norm for b in blocks for norm in (b.norm_1, b.norm_2)] + [gpt.final_norm]),
            "masked attention": in_turn(b.attention for b in blocks),
            "feed-forward": in_turn(b.feed_forward for b in blocks), "output": gpt.head}

# %%
read = [tokenizer(story)["input_ids"] for story in stories(24, seed=26)]
ids = torch.tensor([row[:48] for row in read if len(row) >= 48])
tiny = [*gpt2[:2], block(gpt2[2].parts, times=4), *gpt2[3:]]
with torch.no_grad():
    from_list, from_model = run(written_out(tiny), ids, trained_parts()), gpt(ids)
print("logits:", tuple(from_list.shape), "  largest difference:", (from_list - from_model).abs().max().item())

# %% [markdown]
# No difference. Your list *is* the architecture: not a picture of it, but all of it, apart from the numbers. So we can now break the drawing and watch what breaks in the model.

# %% [markdown]
# ## 4 · Break it (12 min)
#
# Four slips that you find in real diagrams and in real code. Before you read on, find the mistake in each. The ring says where to look, not what is wrong.

# %%
def with_block(*parts):
    return [*tiny[:2], block(parts, times=4), *tiny[3:]]

broken = {
    "slip 1": with_block("fork", "norm", "attention", "add", "fork", "norm", "feed-forward", "add"),
    "slip 2": with_block("norm", "fork", "masked attention", "add", "norm", "fork", "feed-forward", "add"),
    "slip 3": with_block("norm", "masked attention", "fork", "norm", "feed-forward", "add"),
    "slip 4": [*tiny[:3], "output"]}
found = {name: faults(diagram, "decoder-only") for name, diagram in broken.items()}

# %%
diagrams(
    broken, title="Four drawings, four slips", rings={name: [place for fault in said for place in fault.at] for name, said in found.items()},
    alt="""Four wrong drawings of GPT-2. In the first the attention has no mask. In the second each gray line leaves behind its norm. In the third
        no gray line goes around the attention. In the fourth there is no norm between the block and the output.""",
    caption="All four look like Transformers. The rings show where the checker stumbles.")

# %% tags=["predict"]
predict("w2d6-p4",
        "Each slip is made in the trained model: same weights, other lines. Its loss on fresh stories goes up. In which drawing most?",
        options=["slip 1: no mask", "slip 2: the line leaves behind the norm", "slip 3: no line around attention", "slip 4: no last norm"])

# %% [markdown]
# What the checker says:

# %%
for name, said in found.items():
    print(textwrap.fill(f"{name}: {said[0].says}", 100, subsequent_indent="        "))

# %%
def without_mask(attention):  # the same weights, and every token sees every other
    return lambda x: attention.out(merge_heads(F.scaled_dot_product_attention(*attention.project(x))))

@torch.no_grad()
def loss(diagram):
    do = trained_parts() | {"attention": in_turn([without_mask(b.attention) for b in gpt.blocks])}
    logits = run(written_out(diagram), ids, do)
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten()).item()

# %%
tried = {"as it should be": tiny, "no mask": broken["slip 1"], "line leaves behind the norm": broken["slip 2"],
         "no line around attention": broken["slip 3"], "no last norm": broken["slip 4"],
         "no position": ["token embedding", *tiny[2:]],
         "no line around feed-forward": with_block("fork", "norm", "masked attention", "add", "norm", "feed-forward")}
losses = {name: loss(diagram) for name, diagram in tried.items()}
blind = torch.tensor(float(gpt.config.vocab_size)).log().item()

# %%
worst = max(losses, key=losses.get)
picture, ax = plt.subplots(figsize=(8, 3.7))
hues = {"line": "residual", "mask": "attention", "norm": "normalization", "position": "position"}
for i, (name, value) in enumerate(losses.items()):
    concept = next((hue for word, hue in hues.items() if name.startswith(("no " + word, "no last " + word, word))), "residual")
    ax.barh(i, value, color=color(concept), edgecolor=outline(concept), height=0.62)
    ax.text(value + 0.1, i, f"{value:.2f}", va="center")
ax.axvline(blind, linestyle="--", color="black", linewidth=1)
ax.text(blind + 0.08, -0.75, "blind guessing", fontsize=10)
ax.set_yticks(range(len(losses)), list(losses))
ax.set(title=f"Most expensive: {worst}", xlabel="loss on fresh stories (nats a token)", ylim=(6.6, -1.1), xlim=(0, max(losses.values()) * 1.12))
figure(picture,
       alt="The loss of one trained model run along different lists: " + "; ".join(f"{name} {value:.2f}" for name, value in losses.items()) + f". Blind guessing gives {blind:.2f}.",
       caption="The same trained weights every time; only the list differs.")

# %%
slips = {"slip 1: no mask": "no mask", "slip 2: the line leaves behind the norm": "line leaves behind the norm",
         "slip 3: no line around attention": "no line around attention", "slip 4: no last norm": "no last norm"}
reveal("w2d6-p4", max(slips, key=lambda name: losses[slips[name]]),
       "Parts that were trained to *add* something to a stream are asked to be the stream, or to work on a stream that has another size.")

# %% [markdown]
# Two things to read with care. These weights were trained for the right drawing, so the bars say how much *this* model relies on a part. A model that is trained without the part learns its way around some of the damage; day 5 trained such models.
#
# And look at "no mask". The model may now see the very token it is to guess, and its weights have never learned to look there. Had it been *trained* that way, its training loss would have looked wonderful, and it could not have written a line: when it writes, the next token is not there. A broken mask hides itself.
#
# Where each part got its day: position, day 2; feed-forward, day 4; norms and gray lines, day 5; the mask, week 1 day 3.
#
# **Now you.** Break `mine` in a way that is not above: leave something out, say it twice, exchange two names, misspell one. Say what the checker will answer, then run both cells.

# %%
mine = ["token embedding", "learned position",
        block(["fork", "norm", "masked attention", "add",
               "fork", "norm", "feed-forward", "add"], times=12),
        "norm", "output"]
check_diagram(mine, "decoder-only")

# %%
ringed = [place for fault in faults(mine, "decoder-only") for place in fault.at]
diagrams({" ": mine}, rings={" ": ringed}, title="Yours",
         alt="Your own list as a drawing, with a ring around each place where the checker stumbles; as long as it is GPT-2's list, there is no ring.",
         caption="Your list, drawn. Without a ring it is GPT-2.")

# %% [markdown]
# ## 5 · Three architectures, one alphabet (11 min)
#
# The Transformer of 2017 is two lists. The second writes, so it has a mask and an output. And it has one word that stands nowhere else, `cross-attention`, with one arrow: it gets the *memory*, the encoder's result (week 1 day 6).

# %%
first = ARCHITECTURES["encoder-decoder"]
for tower, parts in first.items():
    print(f"{tower}: {parts[2].times} ×", " ".join(parts[2].parts).replace("fork", "| fork"))
diagrams(
    {" ": first}, shapes={" ": shapes(first, SIZES["encoder-decoder"], {"encoder": 6, "decoder": 7})}, title="2017: one stack reads, one writes",
    alt="""Left the encoder: token embedding, position waves, six times attention and feed-forward, each with its gray line and a norm behind the plus;
        all arrows carry (6, 512). Right the decoder, six times masked attention, cross-attention and feed-forward; its arrows carry (7, 512), its
        output (7, 37000). An arrow called memory goes from the top of the encoder to the cross-attention.""",
    caption="Six source tokens, seven target tokens so far, 512 wide. The memory's arrow is the only bridge.")

# %% [markdown]
# "GPT-2 is the decoder without cross-attention." You read that everywhere, and it is nearly true. Take cross-attention out of the decoder on the right, in your mind, and hold the rest against GPT-2 in section 3.

# %% tags=["predict"]
predict("w2d6-p5",
        "Apart from the missing cross-attention: how many kinds of things does GPT-2's drawing show that the decoder's does not?")

# %%
decoder, bert = first["decoder"], ARCHITECTURES["encoder-only"]
gone, new = compare(decoder, GPT2)
print("only in the decoder of 2017:", *gone, sep="\n   ")
print("only in GPT-2:", *new, sep="\n   ")
reveal("w2d6-p5", len(new), "Learned positions instead of waves, the norm inside the branch, and the final norm that this makes necessary.")

# %% [markdown]
# The other half of the 2017 model had a child as well. BERT is a stack that reads and never writes: **encoder-only**. Lit is what differs from its parent, in both directions:

# %%
pairs = {"encoder, 2017": (first["encoder"], bert), "BERT": (bert, first["encoder"]), "decoder, 2017": (decoder, GPT2), "GPT-2": (GPT2, decoder)}
lit = {name: set().union(*compare(one, other)[0].values()) for name, (one, other) in pairs.items()}
diagrams(
    {name: one for name, (one, _) in pairs.items()}, lit=lit, title="What changed from parent to child lights up",
    alt=f"""Four stacks. In BERT the following is lit: {', '.join(compare(bert, first['encoder'])[0])}. In its parent, the encoder: {', '.join(compare(first['encoder'], bert)[0])}.
        In GPT-2: {', '.join(new)}. In its parent, the decoder: {', '.join(gone)}. All other parts are pale: they are the same.""",
    caption="Two pairs. Pale is what stayed; colored on the left is what was lost, colored on the right what came.")

# %% [markdown]
# Look at BERT's block: every part is pale. In its layers BERT *is* the encoder of 2017. It tells the place by a learned table, adds a segment (first text or second), norms the sum, and has a vote of its own.
#
# | | 2017 | GPT-2 small | BERT-base |
# |---|---|---|---|
# | stacks | 2 | 1, writes | 1, reads |
# | mask | in the decoder | yes | no |
# | cross-attention | yes | no | no |
# | norm | after the add | inside the branch, and a final one | after the add, and after the embeddings |
# | position | waves, fixed | learned | learned |
# | layers × width | 6 + 6 × 512 | 12 × 768 | 12 × 768 |
#
# What no drawing of ours shows: ReLU (2017) or GELU (the others) inside feed-forward; the embeddings times √512 (2017 only); dropout; and that BERT's output box holds one small layer more. *And what a model was trained to do.* That is week 3's first day.

# %%
for kind, diagram in ARCHITECTURES.items():
    size = SIZES[kind]
    total = sum(parameters(diagram, size).values())
    print(f"{size.name:22} {total:12,} numbers, counted from the drawing")

# %% [markdown]
# The papers say 110 million for BERT, whose small layers on top our drawing leaves out, and 65 million for 2017. Where those last two million sit, the paper does not say; even its vocabulary it gives only as "about 37,000".

# %%
sentence = "[CLS] the cat sat on the mat [SEP]".split()
bert_arrows = shapes(bert, SIZES["encoder-only"], tokens=len(sentence))
diagrams(
    {" ": bert}, shapes={" ": bert_arrows}, title="BERT reads eight tokens",
    alt=f"""BERT with the shape on every arrow: {len(sentence)} ids go in, because [CLS] and [SEP] are added to the six words; every arrow carries
        {bert_arrows['', 0]}; the output is {bert_arrows['', 5]}.""",
    caption="The same six words are eight tokens here: BERT puts [CLS] before and [SEP] behind them.")

# %% [markdown]
# ## 6 · No words (5 min)
#
# GPT-2 once more, and eight of its parts have lost their words. There are four labels too many. *Say all eight aloud from the bottom up before you open the first menu.*

# %% tags=["interactive"]
from shared.visuals.label_diagram import label_the_diagram

label_the_diagram(
    alt="""GPT-2 with eight numbered blanks, from the bottom: the box above the token embedding; in the block a dot, a box, a large box, a plus, and the
        large box of the upper half; above the block one box, and the box on top.""",
    caption="Choose a label for each number, then check. The numbers go from the bottom to the top.")

# %% [markdown]
# ## Exercises (9 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** A post-LN layer for any list of workers, such as `["masked attention", "cross-attention", "feed-forward"]`. Two names are missing.

# %% tags=["exercise"]
def post_ln_layer(workers):
    parts = []
    for worker in workers:
        parts += ["fork", worker, ..., ...]
    return parts

# %% tags=["check"]
check_exercise("w2d6-e1", post_ln_layer)

# %%
help_with("w2d6-e1")

# %% [markdown]
# **2 · Fix it.** This should count the learned numbers of one layer: matrices *with* their biases, and norms. It runs, and two of its three sums are wrong. (GPT-2 small: 7,087,872.)

# %% tags=["exercise"]
def count_layer(parts, d_model, d_ff):
    total = 0
    for name in parts:
        if name.endswith("attention"):
            total += 3 * (d_model * d_model + d_model)
        elif name == "feed-forward":
            total += d_model * d_ff + d_ff + d_ff * d_model + d_model
        elif name == "norm":
            total += d_model
    return total

print(f"{count_layer(GPT2[2].parts, 768, 3072):,}")

# %% tags=["check"]
check_exercise("w2d6-e2", count_layer)

# %%
help_with("w2d6-e2")

# %% [markdown]
# **3 · From scratch.** Rebuild 2017 as GPT-2 did: take the parts of a post-LN layer, return those of the pre-LN layer with the same workers. No norm is lost, none is won.

# %% tags=["exercise"]
def to_pre_ln(parts):
    ...

# %% tags=["check"]
check_exercise("w2d6-e3", to_pre_ln)

# %%
help_with("w2d6-e3")

# %% [markdown]
# ## Self-quiz (6 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too: each of them stands in somebody's diagram.

# %% tags=["quiz"]
quiz("w2d6")

# %% [markdown]
# ## Draw or write: one layer from memory (7 min)
#
# Close your eyes, and let one pre-LN layer of GPT-2 grow: what leaves, what comes back, what is on each arrow. Then draw it *without* looking, on paper or on this sheet: every part, both gray lines, a shape on every arrow for six tokens. Save it.

# %% tags=["interactive"]
sketch("w2d6", "layer",
       alt="""An empty sheet, for one layer of GPT-2 from memory: where the gray lines leave and come back, where the norms stand,
           which box is below and which above, and the shape on every arrow.""",
       caption="Your sheet. Purple for attention, vermilion for feed-forward, gray for the lines; write N for norm.")

# %%
layer = [block(GPT2[2].parts)]
reference = diagrams(
    {" ": layer}, shapes={" ": shapes(layer, SIZES["decoder-only"], 6)},
    alt="""One pre-LN layer, from the bottom: fork, norm, masked attention, add, fork, norm, feed-forward, add. Both gray lines leave before a
        norm and come back behind the part. Every arrow carries (6, 768).""",
    caption="One layer of GPT-2 small for six tokens.")
compare_sketch("w2d6", "layer", reference, [
    "Are there *two* gray lines, and does each leave in front of a norm?",
    "Does each come back at a plus, and is the plus behind the part?",
    "Is attention below, feed-forward above?",
    "Does it say that the attention is masked?",
    "Do both lines that meet at a plus have the same shape?",
    "Is there nothing on the way along the gray lines, from bottom to top?"])

# %% [markdown]
# ## Finish it by hand: Excalidraw, Miro, Canva (4 min, and as long as you like)
#
# The plan for today says: draw it in a tool of your choice, label each component. Choose a model, and the next cell writes its drawing into your portfolio, three times.

# %%
from shared.visuals.diagram_svg import diagram_svg
from shared.visuals.excalidraw import excalidraw_scene, excalidraw_text

model = "decoder-only"  # or "encoder-decoder", "encoder-only"
title = f"{SIZES[model].name}, six tokens"
notes = shapes(ARCHITECTURES[model], SIZES[model], {"encoder": 6, "decoder": 7} if model == "encoder-decoder" else 6)
whole = diagrams({" ": ARCHITECTURES[model]}, shapes={" ": notes}, title=title,
                 alt=f"{title}: every part from the bottom to the top, with the shape on every arrow.", caption="As it lies in your portfolio.")

# %%
files = {
    "w2d6_diagram.svg": diagram_svg(ARCHITECTURES[model], title=title, description=whole.alt, shapes=notes),
    "w2d6_diagram.excalidraw": excalidraw_text(excalidraw_scene(ARCHITECTURES[model], title=title, shapes=notes))}
for name, text in files.items():
    (portfolio() / name).write_text(text, encoding="utf-8")
whole.save(portfolio() / "w2d6_diagram.png")
print("in your portfolio:", *files, "w2d6_diagram.png")

# %% [markdown]
# - **Excalidraw.** Open [excalidraw.com](https://excalidraw.com), no account needed, and drop `w2d6_diagram.excalidraw` on the page (or menu, Open). Double-click a box to rewrite its label. Move a box: its label and its arrows come along. Shift-click and the color field change several at once.
# - **Miro.** Drop the SVG or the PNG on a board. It arrives as one picture: lock it, and put your labels, arrows and sticky notes on top.
# - **Canva.** Upload the SVG or the PNG, place it on a page, and write beside it. Good for a poster.
#
# Label each component in *your* words, at most eight words a label. A complete one has, for every box: what it does, the shape that comes out, and whether words meet in it. For every gray line: what it carries. And one sentence below: what this model reads, and what it writes.
#
# Save under a new name before you close it; the cell above writes the plain version anew when it is run.

# %% [markdown]
# ## Go further (optional, 45 min)
#
# - [The Illustrated Transformer](https://jalammar.github.io/illustrated-transformer/) (Jay Alammar, 20 min). Look for its drawings with "Add & Normalize". *Question to answer:* post-LN or pre-LN? And which of our twelve words never appears in its drawing of the encoder?
# - [LLM visualization](https://bbycroft.net/llm) (Brendan Bycroft, 25 min). A GPT in three dimensions. Look for the layer norms. *Question:* follow one column from the embedding to the output. How often does the road itself pass through a norm?
#
# <details><summary>Answers</summary>
#
# Post-LN: its box stands behind the sum. The encoder has no masked attention (and no cross-attention). Once: at the very end, the final norm; all others stand inside a branch.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# Cover the names and say them. Then say for each: which line would you have to move to turn it into its neighbor?

# %%
diagrams(
    {"2017": first, "GPT-2": GPT2, "BERT": bert}, title="Three architectures, one alphabet",
    below={"2017": "reads, then writes", "GPT-2": "writes", "BERT": "reads"},
    alt="""Side by side: the encoder and decoder of 2017, joined by the memory's arrow; GPT-2, one stack with masked attention, norms inside the
        branches and a final norm; BERT, one stack with attention to all sides, norms behind the plus, and a segment and a norm below the first layer.""",
    caption="Everything you drew today. The gray lines are the road; all boxes stand beside it or on it.")

# %% [markdown]
# **New words**

# %%
new_words("w2d6")

# %% [markdown]
# **Tomorrow** you tell it to somebody: three minutes, your own pictures, a script that fits the time. Keep today's drawing at hand; it makes a good first frame.

"""The moving picture at the top of the README: the course's tiny GPT writes a tale, with the looks of all its heads.

    python -m shared.building.front_picture

Nothing in it is staged: the lines are the model's attention, the bars its probabilities, and the words are drawn from these.
"""

import io
from dataclasses import dataclass

import torch

from shared.building import ROOT

PATH = ROOT / "shared" / "visuals" / "assets" / "front.png"
BEGINNING, SEED, STEPS, TEMPERATURE = "Once upon a time there was a girl named Mia. Mia had a", 5, 22, 0.8
INCHES, DOTS = (8.4, 3.5), 100
LOOKING_MS, WRITING_MS, LAST_MS = 900, 450, 3000
COLORS, SHOWN = 40, 5  # colors of the picture; likeliest words shown as bars
RIGHT_EDGE, LINE_HEIGHT = 5.35, 0.52  # of the text, in inches


@dataclass(frozen=True)
class Moment:
    """One step of the writing. looks: (from place, weight) of every head for the last word; likely: the likeliest words, as far
    as their bars can be seen."""

    words: list[str]
    looks: list[tuple[int, float]]
    likely: list[tuple[str, float]]
    chosen: str


@torch.no_grad()
def moments() -> list[Moment]:
    """Let the shipped model write; what it looked at and what it held likely, word for word."""
    from shared.pretrained import shipped_folder
    from shared.text.bpe import BytePairTokenizer
    from transformers import GPT2LMHeadModel

    folder = shipped_folder("tiny-gpt2")
    tokenizer = BytePairTokenizer.load(folder)
    model = GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager", local_files_only=True).eval()
    generator, found = torch.Generator().manual_seed(SEED), []
    ids = [tokenizer.special["<|endoftext|>"], *tokenizer.encode(BEGINNING)]
    for _ in range(STEPS):
        answer = model(torch.tensor([ids]), output_attentions=True)
        rows = torch.stack(answer.attentions)[:, 0, :, -1].flatten(0, 1)  # (layers · heads, tokens): the last word's row in each head
        chances = (answer.logits[0, -1] / TEMPERATURE).softmax(-1)
        best = chances.topk(SHOWN)
        chosen = int(torch.multinomial(chances, 1, generator=generator))
        said = [tokenizer.decode([id_]).strip() for id_ in ids[1:]]
        # the token that begins a text is left out: heads rest on it
        looks = [(int(row[1:].argmax()), float(row[1:].max())) for row in rows]
        likely = [(tokenizer.decode([int(id_)]).strip(), float(p)) for p, id_ in zip(best.values, best.indices) if p > 0.005]
        found.append(Moment(said, looks, likely, tokenizer.decode([chosen]).strip()))
        ids.append(chosen)
    return found


def draw(moment: Moment, written: bool):
    """One frame. written: the chosen word stands in the text already. Returns an image."""
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyArrowPatch
    from PIL import Image

    from shared.visuals import palette

    page = Figure(figsize=INCHES, dpi=DOTS)
    page.set_layout_engine("none")
    text = page.add_axes((0, 0, RIGHT_EDGE / INCHES[0] + 0.02, 1))
    text.set(xlim=(0, RIGHT_EDGE + 0.17), ylim=(-INCHES[1], 0))
    text.axis("off")
    words = moment.words + [moment.chosen] * written
    places, x, y = [], 0.2, -0.75
    for word in words:
        wide = 0.16 + 0.088 * len(word)
        if x + wide > RIGHT_EDGE:
            x, y = 0.2, y - LINE_HEIGHT
        places.append((x + wide / 2, y))
        x += wide + 0.02
    asker = len(moment.words) - 1
    last = len(words) - 1
    for place, (word, (x, y)) in enumerate(zip(words, places)):
        new = written and place == last
        box = {"boxstyle": "round,pad=0.22", "facecolor": palette.CARD, "edgecolor": palette.LINE, "linewidth": 1}
        if new:
            box |= {"facecolor": palette.color("attention"), "edgecolor": palette.color("attention")}
        elif place == asker and not written:
            box |= {"edgecolor": palette.color("query"), "linewidth": 2}
        text.text(x, y, word, ha="center", va="center", fontsize=10.5, color="white" if new else palette.INK, bbox=box, zorder=3)
    if not written:
        for place, weight in moment.looks:
            if place != asker and weight > 0.08:
                bend = -0.35 if places[place][1] == places[asker][1] else -0.12
                text.add_patch(FancyArrowPatch(
                    places[asker], places[place], connectionstyle=f"arc3,rad={bend}", arrowstyle="-", color=palette.color("attention"),
                    linewidth=0.6 + 2.2 * weight, alpha=0.25 + 0.6 * weight, zorder=2, shrinkA=9, shrinkB=9,
                ))  # fmt: skip
    page.text(0.02, 0.93, "A tiny GPT writes", fontsize=13, fontweight="bold", color=palette.INK)
    page.text(0.02, 0.05, "lines: where its 16 heads look from the last word", fontsize=9.5, color=palette.words("attention"))
    bars = page.add_axes((0.755, 0.17, 0.2, 0.66))
    names, chances = [name for name, _ in moment.likely], [p for _, p in moment.likely]
    colors = [palette.color("attention") if written and name == moment.chosen else palette.color("residual") for name in names]
    bars.barh(range(len(names)), chances, color=colors, height=0.62)
    labels = ["(end)" if name == "<|endoftext|>" else name for name in names]
    bars.set(xlim=(0, 1), ylim=(-0.6, SHOWN - 0.4), yticks=range(len(names)), yticklabels=labels, xticks=(0, 0.5, 1))
    bars.set_xticklabels(["0", "50 %", "100 %"], fontsize=8.5)
    bars.invert_yaxis()
    bars.tick_params(axis="y", length=0, labelsize=10)
    for side in ("top", "right"):
        bars.spines[side].set_visible(False)
    page.text(0.955, 0.93, "the next word", fontsize=11, fontweight="bold", color=palette.INK, ha="right")
    raw = io.BytesIO()
    page.savefig(raw, format="png", dpi=DOTS)
    return Image.open(raw).convert("RGB")


def animate(frames: list, stays: list[int]) -> bytes:
    """The frames as one animated PNG in a common palette, each shown for its milliseconds."""
    from PIL import Image

    sheet = Image.new("RGB", (frames[0].width, frames[0].height * len(frames)))
    for place, frame in enumerate(frames):
        sheet.paste(frame, (0, place * frame.height))
    common = sheet.quantize(COLORS)
    flat = [frame.quantize(palette=common, dither=Image.Dither.NONE) for frame in frames]
    out = io.BytesIO()
    flat[0].save(out, format="PNG", save_all=True, append_images=flat[1:], duration=stays, loop=0, optimize=True)
    return out.getvalue()


def main() -> None:
    """Write the picture."""
    frames, stays = [], []
    for moment in moments():
        frames += [draw(moment, written=False), draw(moment, written=True)]
        stays += [LOOKING_MS, WRITING_MS]
    stays[-1] = LAST_MS
    PATH.write_bytes(animate(frames, stays))
    print(f"{PATH.relative_to(ROOT).as_posix()}: {len(frames)} frames, {PATH.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()

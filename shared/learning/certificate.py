"""A certificate that says only what the record knows: what was answered, solved and handed in, and when."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.learning import exam, places
from shared.learning.progress_map import day_states

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from shared.visuals.figure import Picture

LONGEST_NAME, LONGEST_LINE = 80, 40
# fonts with the letters that DejaVu Sans lacks, as the systems bring them
WIDE_FONTS = ("Noto Sans CJK SC", "PingFang SC", "Hiragino Sans", "Microsoft YaHei", "Malgun Gothic", "Arial Unicode MS", "Noto Sans", "Noto Sans Devanagari")
FINAL = "w4d7"  # the day of the exam over all four weeks


@dataclass(frozen=True)
class Achieved:
    """days: opened; known of questions: latest answer right; passed of exercises; best: the best final exam, or None."""

    days: int
    known: int
    questions: int
    passed: int
    exercises: int
    best: "exam.Sitting | None"

    @property
    def lines(self) -> list[str]:
        """The certificate's statements, one a line."""
        said = [
            f"opened {self.days} of 28 days",
            f"answered {self.known:,} of {self.questions:,} questions right",
            f"solved {self.passed} of {self.exercises} exercises",
        ]
        if self.best is not None:
            said.append(f"had {self.best.right} of {self.best.total} right in the final exam on {self.best.at[:10]}")
        return said


def achieved() -> Achieved:
    """What the learner's record holds today."""
    states = list(day_states().values())
    sittings = exam.results(FINAL)
    best = max(sittings, key=lambda s: (s.right / s.total, s.at), default=None)
    return Achieved(
        sum(s.opened for s in states), sum(s.known for s in states), sum(s.questions for s in states),
        sum(s.passed for s in states), sum(s.exercises for s in states), best,
    )  # fmt: skip


def certificate(name: str) -> "Picture":
    """The certificate as a picture; `certificate.png` and `certificate.pdf` are written to the portfolio.

    It claims nothing that the record does not hold. Errors: ValueError for a name that is empty or longer than 80 letters.
    Used in week 4 day 7.
    """
    # signs that cannot be seen are no letters, and no font has them
    seen = "".join(sign for sign in name if sign.isprintable() or sign.isspace()).strip() if isinstance(name, str) else ""
    if not 1 <= len(seen) <= LONGEST_NAME:
        raise ValueError(f"name must be 1 to {LONGEST_NAME} letters, got {name!r}")
    from shared.visuals.figure import figure

    name, found = " ".join(seen.split()), achieved()
    pdf = io.BytesIO()
    _draw(name, found).savefig(pdf, format="pdf", metadata={"CreationDate": None, "Title": f"Certificate for {name}"})
    folder = places.portfolio()
    (folder / "certificate.pdf").write_bytes(pdf.getvalue())
    picture = figure(
        _draw(name, found),
        alt=f"A certificate for {name}: " + "; ".join(found.lines) + ".",
        caption="It says what your record knows, and nothing else. Saved as a picture and as a PDF.",
    )
    picture.save(folder / "certificate.png")
    return picture


def _draw(name: str, found: Achieved) -> "Figure":
    from matplotlib.figure import Figure
    from matplotlib.font_manager import get_font_names
    from matplotlib.patches import FancyBboxPatch, Rectangle

    from shared.visuals import palette

    drawing = Figure(figsize=(8.8, 6.2))
    drawing.set_layout_engine("none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 88), ylim=(0, 62))
    axes.axis("off")
    axes.add_patch(FancyBboxPatch((3, 3), 82, 56, boxstyle="round,rounding_size=2", facecolor="none", edgecolor=palette.INK, linewidth=1.5))
    concepts = list(palette.CONCEPTS)
    for i, concept in enumerate(concepts):  # a ribbon of the course's colors
        axes.add_patch(Rectangle((8 + 72 * i / len(concepts), 53), 72 / len(concepts), 1.6, facecolor=palette.color(concept)))
    axes.text(44, 46.5, "Understanding Transformers", ha="center", fontsize=20, fontweight="bold")
    axes.text(44, 42, "four weeks, from a single neuron to a GPT of one's own", ha="center", fontsize=11, color=palette.QUIET)
    # a long name is set smaller, so that it stays inside of the frame; what one font lacks is taken from the next
    there = set(get_font_names())
    fonts = ["DejaVu Sans", *(font for font in WIDE_FONTS if font in there)]
    lines = _in_lines(name)
    size = 26 * 24 / max(24, *map(len, lines))
    axes.text(44, 34, "\n".join(lines), ha="center", fontsize=size, linespacing=1.1, parse_math=False, family=fonts)
    axes.plot([18, 70], [32, 32], color=palette.LINE, linewidth=1)
    for i, line in enumerate(found.lines):
        axes.text(44, 27.5 - 4.2 * i, line, ha="center", fontsize=12.5)
    axes.text(44, 6, "made by the course from the learner's own record; nobody has examined it", ha="center", fontsize=9, color=palette.QUIET)
    return drawing


def _in_lines(name: str) -> list[str]:
    """A long name in two lines, cut at the space nearest to its middle, if it has one."""
    spaces = [place for place, sign in enumerate(name) if sign == " "]
    if len(name) <= LONGEST_LINE or not spaces:
        return [name]
    middle = min(spaces, key=lambda place: abs(place - len(name) / 2))
    return [name[:middle], name[middle + 1 :]]

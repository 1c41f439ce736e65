"""The picture of the learner's way: 4 weeks of 7 days, each with its answers and exercises."""

import textwrap
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.days import DAYS, Day
from shared.learning import record
from shared.learning.codes import day_number, day_of
from shared.learning.exercises import exercise_ids
from shared.learning.questions import questions_of

if TYPE_CHECKING:
    from shared.visuals.figure import Picture


@dataclass(frozen=True)
class State:
    """Where one day stands: questions known (the latest answer was right) and exercises passed, of how many; opened."""

    known: int
    questions: int
    passed: int
    exercises: int
    opened: bool

    @property
    def done(self) -> bool:
        return self.questions > 0 and self.known == self.questions and self.passed == self.exercises

    @property
    def share(self) -> float:
        """0 to 1: what is done of all there is to do."""
        return (self.known + self.passed) / max(1, self.questions + self.exercises)


def day_states() -> dict[str, State]:
    """Each day's state, from the record and the course's files."""
    answers = record.answers()
    latest = {answer.question: answer.correct for answer in answers}
    known: dict[str, int] = defaultdict(int)
    for question, right in latest.items():
        known[day_of(question)] += right
    passed = record.passed_exercises()
    # a question answered in another day's warm-up says that one knows it, not that one was here
    opened = {*record.visited_days(), *(answer.day or day_of(answer.question) for answer in answers)}
    states = {}
    for day in (day.code for day in DAYS.values()):
        asked, exercises = questions_of(day), exercise_ids(day)
        states[day] = State(
            min(known[day], len(asked)),
            len(asked),
            sum(item in passed for item in exercises),
            len(exercises),
            day in opened or any(item in passed for item in exercises),
        )
    return states


def progress() -> "Picture":
    """The 4 × 7 days as a picture: how far each one is, and a ring around the day opened last."""
    from matplotlib.figure import Figure

    from shared.visuals import figure

    states = day_states()
    visited = record.visited_days()
    today = visited[-1] if visited else ""
    drawing = Figure(figsize=(8.8, 5.0), layout="none")
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 880), ylim=(500, 0))
    axes.axis("off")
    _title(axes, states)
    for day in DAYS.values():
        _cell(axes, day, states[day.code], day.code == today)
    notice = record.take_notice()
    caption = "Your way through the course. Bars: questions you know now (Q) and exercises that passed (E)."
    caption += (" The ring marks the day you opened last." if today else "") + (f" {notice}" if notice else "")
    return figure(drawing, alt=_alt(states, today), caption=caption)


# in pixels of the drawing
LEFT, TOP, STEP_X, STEP_Y, CELL_W, CELL_H, BAR = 46, 74, 118, 104, 108, 92, 32


def _title(axes, states: dict[str, State]) -> None:
    from shared.visuals import palette

    done = sum(state.done for state in states.values())
    opened = sum(state.opened for state in states.values())
    message = "All 28 days lie before you" if not opened else f"{opened} of 28 days opened, {done} complete"
    axes.text(LEFT, 34, message, fontsize=14, fontweight="bold", color=palette.INK, va="center")
    for day in range(1, 8):
        axes.text(
            LEFT + (day - 1) * STEP_X + CELL_W / 2,
            60,
            f"Day {day}",
            fontsize=9.5,
            color=palette.QUIET,
            ha="center",
            va="center",
        )
    for week in range(1, 5):
        y = TOP + (week - 1) * STEP_Y + CELL_H / 2
        axes.text(26, y, f"Week {week}", fontsize=9.5, color=palette.QUIET, rotation=90, ha="center", va="center")


def _cell(axes, day: Day, state: State, is_today: bool) -> None:
    from matplotlib.patches import Circle, FancyBboxPatch

    from shared.visuals import palette

    x, y = LEFT + (day.day - 1) * STEP_X, TOP + (day.week - 1) * STEP_Y

    def box(left, top, width, height, radius, **look):
        axes.add_patch(
            FancyBboxPatch(
                (left + radius, top + radius),
                width - 2 * radius,
                height - 2 * radius,
                boxstyle=f"round,pad={radius}",
                **look,
            )
        )

    if is_today:
        box(x - 4, y - 4, CELL_W + 8, CELL_H + 8, 11, facecolor="none", edgecolor=palette.INK, linewidth=2.4)
    look = {
        "facecolor": palette.CARD if state.opened else palette.PAPER,
        "edgecolor": palette.QUIET if state.opened else palette.LINE,
    }
    box(x, y, CELL_W, CELL_H, 8, linewidth=1.0, **look)
    quiet = palette.INK if state.opened else palette.QUIET
    axes.text(x + 10, y + 10, _wrapped(day.short), fontsize=10, color=quiet, va="top", linespacing=1.15)
    if state.done:
        # the badge sits on the corner, where no title reaches
        axes.add_patch(
            Circle((x + CELL_W - 4, y + 4), 10, facecolor=palette.INK, edgecolor=palette.CARD, linewidth=2, zorder=5)
        )
        axes.text(x + CELL_W - 4, y + 4.5, "✓", fontsize=10, color=palette.CARD, ha="center", va="center", zorder=6)
    for row, (letter, part, whole) in enumerate(
        (("Q", state.known, state.questions), ("E", state.passed, state.exercises))
    ):
        if not whole:
            continue
        line = y + 57 + 20 * row
        axes.text(x + 10, line, letter, fontsize=10, color=quiet, va="center")
        box(x + 24, line - 4.5, BAR, 9, 4.4, facecolor="#E5E7EB", edgecolor="none")
        if part:
            box(x + 24, line - 4.5, max(9.0, BAR * part / whole), 9, 4.4, facecolor=palette.INK, edgecolor="none")
        axes.text(x + CELL_W - 9, line, f"{part}/{whole}", fontsize=10, color=quiet, ha="right", va="center")


def _wrapped(title: str) -> str:
    return "\n".join(textwrap.wrap(title, 11, break_long_words=False, break_on_hyphens=True))


def _alt(states: dict[str, State], today: str) -> str:
    told = []
    for code, state in states.items():
        if not state.opened:
            continue
        parts = [f"{state.known} of {state.questions} questions known"] if state.questions else []
        parts += [f"{state.passed} of {state.exercises} exercises passed"] if state.exercises else []
        number = day_number(code)
        told.append(f"Week {number // 7 + 1} day {number % 7 + 1}: {', '.join(parts) or 'opened'}.")
    start = f"Progress: {len(told)} of 28 days opened, {sum(state.done for state in states.values())} complete."
    if not told:
        return "Progress over 4 weeks of 7 days: no day is opened yet."
    number = day_number(today) if today else None
    end = f" The day opened last is week {number // 7 + 1} day {number % 7 + 1}." if number is not None else ""
    return " ".join([start, *told]) + end

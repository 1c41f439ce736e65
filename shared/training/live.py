"""What is seen while a model trains: a picture in a notebook, a line in a terminal, nothing where nobody looks."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TextIO

from shared.training.run import TrainingRun


class Show:
    """Base of everything that can be shown; itself it shows nothing. `seconds`: the least time between two updates."""

    seconds = 0.5

    @contextlib.contextmanager
    def of(self, run: TrainingRun) -> Iterator[None]:
        """Show a run while this is entered, and its last state afterwards."""
        self.began, self.first_step, self.next = time.perf_counter(), run.step, 0.0
        try:
            yield
        finally:
            self.draw(run, over=True)

    def update(self, run: TrainingRun) -> None:
        """Told after every step; draws when the last drawing is old enough."""
        if time.perf_counter() >= self.next:
            self.draw(run, over=False)
            self.next = time.perf_counter() + self.seconds

    def draw(self, run: TrainingRun, over: bool) -> None:
        """Show the run as it stands; over: for the last time."""

    def time_left(self, run: TrainingRun) -> str:
        """The time that the remaining steps will take at the present speed, as minutes:seconds."""
        done = run.step - self.first_step
        if not done:
            return "?"
        seconds = (time.perf_counter() - self.began) / done * (run.config.steps - run.step)
        return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


class Line(Show):
    """One line that is written over and over in a terminal; in a file, a new line at every evaluation."""

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream or sys.stderr
        self.rewrites, self.width, self.evaluations = self.stream.isatty(), 0, 0

    def update(self, run: TrainingRun) -> None:
        """See `Show.update`."""
        if self.rewrites:
            super().update(run)
        elif len(run.evaluations) > self.evaluations:
            self.draw(run, over=False)
        self.evaluations = len(run.evaluations)

    def draw(self, run: TrainingRun, over: bool) -> None:
        """See `Show.draw`."""
        text = progress_line(run, "" if over else self.time_left(run))
        start, end = ("\r", "\n" if over else "") if self.rewrites else ("", "\n")
        self.stream.write(start + text.ljust(self.width if self.rewrites else 0) + end)
        self.stream.flush()
        self.width = len(text)


def progress_line(run: TrainingRun, time_left: str = "") -> str:
    """A run in one line: step, loss, loss on the held-out part, the floor, speed, time left."""
    parts = [f"step {run.step:,}/{run.config.steps:,}"]
    if run.losses:
        parts.append(f"loss {recent_loss(run):.3f}")
    if run.evaluations:
        parts.append(f"held out {run.evaluations[-1][1]:.3f}")
    if run.floor is not None:
        parts.append(f"floor {run.floor:.3f}")
    parts.append(f"{run.tokens_per_second:,.0f} tokens/s")
    parts += [f"{time_left} left"] if time_left else []
    return " · ".join(parts + (["stopped"] if run.interrupted else []))


def recent_loss(run: TrainingRun) -> float:
    """The mean loss of the last 20 batches: a single batch says little."""
    last = run.losses[-20:]
    return sum(last) / len(last)


def choose_show(show: str | Show | None) -> Show:
    """What `train` was asked to show: "auto", "picture", "line", None for nothing, or a `Show` of one's own.

    Errors: ValueError for another word.
    """
    if isinstance(show, Show):
        return show
    if show == "auto":
        show = "picture" if _in_notebook() else "line" if sys.stderr is not None and sys.stderr.isatty() else None
    if show == "picture":
        from shared.training.picture import LivePicture  # here, not above: only a notebook needs it

        return LivePicture()
    if show not in ("line", None):
        raise ValueError(f'show must be "auto", "picture", "line" or None, got {show!r}')
    return Line() if show == "line" else Show()


def _in_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")

"""One row of the benchmarks' table, and how the table is printed."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured. ours, theirs: as printed; ratio: how ours compares, or whatever number is asked for; wanted: its limit.

    wanted begins with ">=" or "<="; a row without it only informs.
    """

    what: str
    ours: str
    theirs: str = ""
    ratio: float | None = None
    wanted: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the ratio is as wanted; None where nothing is."""
        if not self.wanted or self.ratio is None:
            return None
        limit = float(self.wanted[2:])
        return self.ratio >= limit if self.wanted.startswith(">=") else self.ratio <= limit


HEADS = ("measured", "ours", "baseline", "result", "wanted", "")


def print_table(rows: Iterable[Row]) -> None:
    """Print the rows under each other, every column as wide as its widest entry."""
    said = {True: "met", False: "MISSED", None: ""}
    lines = [HEADS]
    for row in rows:
        result = "" if row.ratio is None else f"{row.ratio:.2f}"
        lines.append((row.what, row.ours, row.theirs, result, row.wanted, said[row.met]))
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADS))]
    for number, line in enumerate(lines):
        print("  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths))

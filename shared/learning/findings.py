"""A table of findings: what the learner saw, with evidence for it and a case against it. Kept in the record and the portfolio.

A finding without a counter-example is a guess, so the form asks for one. The table lies in the record as one journal entry in
Markdown, which people can read as it is; `findings_of` reads it back on a later day.
"""

import html
import re
from collections.abc import Mapping, Sequence

from shared.learning import places, record
from shared.learning.cards import inline
from shared.learning.codes import day_words
from shared.learning.forms import Form

PROMPT = "My findings"  # under which the record keeps the table
COLUMNS = ("head", "what it does", "evidence", "counter-example")
ROWS = 4
LONGEST = 600  # letters of one cell

Row = dict[str, str]


def findings(day: str, mine: Sequence[Mapping[str, str]] | None = None) -> "Findings":
    """A form for four findings: `findings("w2d3")`. Saved in the record, and as `w2d3_findings.md` in the portfolio.

    mine: the findings in plain code, where clicking is no way: up to four dictionaries with any of the columns "head",
    "what it does", "evidence", "counter-example"; an empty one leaves its row as it is.
    Errors: ValueError for a day that the course does not have, more than four findings, or a column that is not known.
    Used from week 2 day 3 on.
    """
    day_words(day)
    form = Findings(day)
    if mine is not None:
        if isinstance(mine, (str, Mapping)) or len(mine) > ROWS:
            raise ValueError(f"mine must be a list of at most {ROWS} findings, got {mine!r}")
        for place, row in enumerate(mine):
            unknown = [name for name in row if name not in COLUMNS] if isinstance(row, Mapping) else [row]
            if unknown:
                raise ValueError(f"mine[{place}] holds {unknown[0]!r}; a finding has the columns {', '.join(COLUMNS)}")
        form.save([_row(row) if any(row.values()) else None for row in mine])
    return form


def findings_of(day: str) -> list[Row]:
    """What was found on a day, one dictionary for each row that holds something. Errors: ValueError for an unknown day."""
    day_words(day)
    return [row for row in _read(record.journal_entries(day).get(PROMPT, "")) if any(row.values())]


class Findings(Form):
    """The form of one day."""

    script = "findings.js"

    def __init__(self, day: str):
        self.day = day
        self.saved = ""
        self._time = None

    def rows(self) -> list[Row]:
        """What the record holds, in as many rows as the form has."""
        known = _read(record.journal_entries(self.day).get(PROMPT, ""))[:ROWS]
        return known + [_row({})] * (ROWS - len(known))

    def save(self, rows: Sequence[Row | None]) -> None:
        """Keep what changed; None leaves a row as it is."""
        before = self.rows()
        after = [old if new is None else new for old, new in zip(before, [*rows, *[None] * ROWS])]
        if after != before:
            record.add_journal(self.day, {PROMPT: _table(after)})
        self.saved = self._export()

    def said(self) -> list[str]:
        """A sentence about each row."""
        lines = []
        for row in self.rows():
            missing = [name for name in COLUMNS if not row[name]]
            if len(missing) == len(COLUMNS):
                lines.append("")
            elif missing:
                lines.append(f"Kept. Still empty: {', '.join(missing)}.")
            else:
                lines.append("✓ A finding with evidence, and with a case against it.")
        return lines

    def _export(self) -> str:
        found = findings_of(self.day)
        name = f"{self.day}_findings.md"
        try:
            if not found and not (places.own_folder() / "portfolio" / name).exists():
                return "Nothing is written yet."
            places.write_whole(places.portfolio() / name, f"# My findings, {day_words(self.day)}\n\n{_table(found)}\n")
        except OSError as error:
            return f"Kept in your record. The page {name} could not be written to your portfolio: {error.strerror or error}."
        return f"Saved, also as portfolio/{name}."

    def content(self) -> dict:
        return {"title": f"Findings, {day_words(self.day)}", "columns": list(COLUMNS), "count": ROWS}

    def state(self) -> dict:
        rows = [[row[name] for name in COLUMNS] for row in self.rows()]
        return {"rows": rows, "said": self.said(), "saved": self.saved, "time": self._time}

    def receive(self, message: dict) -> None:
        rows = message.get("rows")
        if message.get("do") != "save" or not isinstance(rows, list):
            return
        self._time = message.get("time")
        self.save([_row(dict(zip(COLUMNS, row))) if isinstance(row, list) else None for row in rows[:ROWS]])

    def fallback(self) -> str:
        cell = 'style="text-align:left;vertical-align:top;padding:6px 10px;border:1px solid #D1D5DB"'
        head = "".join(f"<th {cell}>{name}</th>" for name in COLUMNS)
        lines = "".join("<tr>" + "".join(f"<td {cell}>{inline(row[name]) or '&nbsp;'}</td>" for name in COLUMNS) + "</tr>" for row in self.rows())
        how = "" if findings_of(self.day) else '<p class="learn-quiet">Run this cell to write here, or take a sheet of paper.</p>'
        table = f'<div style="overflow-x:auto"><table style="border-collapse:collapse;margin:0;width:100%"><tr>{head}</tr>{lines}</table></div>'
        return f'<div class="learn-title"><strong>Findings, {day_words(self.day)}</strong></div>{how}{table}'

    def __repr__(self) -> str:
        return f"<findings, {day_words(self.day)}: {len(findings_of(self.day))} of {ROWS} rows written>"


def _row(found: Mapping) -> Row:
    """A row from whatever a page or a file holds; what makes no sense is left empty."""
    return {name: found.get(name, "").strip()[:LONGEST] if isinstance(found.get(name, ""), str) else "" for name in COLUMNS}


def _table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table; what would end a cell is written as HTML has it."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    for row in rows:
        cells = [html.escape(row[name], quote=False).replace("|", "&#124;").replace("\n", "<br>") for name in COLUMNS]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _read(table: str) -> list[Row]:
    """The rows of a table that `_table` wrote; of any other text none."""
    lines = table.split("\n")
    if len(lines) < 2 or [cell.strip() for cell in lines[0].strip("| ").split("|")] != list(COLUMNS):
        return []
    rows = []
    for line in lines[2:]:
        cells = [html.unescape(re.sub(r"<br>", "\n", cell.strip())) for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
        if len(cells) == len(COLUMNS):
            rows.append(_row(dict(zip(COLUMNS, cells))))
    return rows

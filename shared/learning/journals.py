"""The journal: prompts with room to write, kept in the record and as Markdown in the portfolio."""

from shared.learning import places, record
from shared.learning.cards import inline
from shared.learning.codes import day_words
from shared.learning.forms import Form


def journal(day: str, prompts: list[str], answers: list[str] | None = None) -> "Journal":
    """Text boxes that remember: `journal("w1d4", ["What surprised you?"])`; saved also as `w1d4_journal.md` in the
    portfolio.

    answers: the texts in plain code, one for each prompt ("" leaves a prompt as it is). Errors: ValueError for a day
    that the course does not have, prompts that are empty or repeated, or another number of answers than prompts.
    """
    day_words(day)
    if not prompts or len(set(prompts)) < len(prompts) or not all(isinstance(p, str) and p.strip() for p in prompts):
        raise ValueError(f"prompts must be different texts, got {prompts!r}")
    if answers is not None and len(answers) != len(prompts):
        raise ValueError(f"answers must be as many as prompts, {len(prompts)}; got {len(answers)}")
    form = Journal(day, list(prompts))
    if answers is not None:
        form.save({prompt: text for prompt, text in zip(prompts, answers) if text.strip()})
    return form


class Journal(Form):
    """The prompts of one day with what was written to them."""

    script = "journal.js"

    def __init__(self, day: str, prompts: list[str]):
        self.day, self.prompts = day, prompts
        self.saved = ""
        self._time = None

    def written(self) -> dict[str, str]:
        """Prompt → text, "" where nothing was written yet."""
        known = record.journal_entries(self.day)
        return {prompt: known.get(prompt, "") for prompt in self.prompts}

    def save(self, texts: dict[str, str]) -> None:
        """Keep what changed; a prompt that is not given stays as it is."""
        before = self.written()
        changed = {
            p: text for p, text in texts.items() if p in before and text != before[p] and (text.strip() or before[p])
        }
        if changed:
            record.add_journal(self.day, changed)
        self.saved = self._export()

    def _export(self) -> str:
        """Write the whole day as Markdown; returns the sentence for the learner."""
        entries = record.journal_entries(self.day)  # also prompts of an earlier version of the notebook
        parts = [f"## {prompt}\n\n{text.strip()}\n" for prompt, text in entries.items() if text.strip()]
        name = f"{self.day}_journal.md"
        try:
            if not parts and not (places.own_folder() / "portfolio" / name).exists():
                return "Nothing is written yet."
            places.write_whole(places.portfolio() / name, f"# Journal, {day_words(self.day)}\n\n" + "\n".join(parts))
        except OSError as error:
            return f"The page {name} could not be written to your portfolio: {error.strerror or error}."
        return f"Saved, also as portfolio/{name}."

    def content(self) -> dict:
        return {"title": f"Journal, {day_words(self.day)}", "prompts": self.prompts}

    def state(self) -> dict:
        return {"written": list(self.written().values()), "saved": self.saved, "time": self._time}

    def receive(self, message: dict) -> None:
        texts = message.get("texts")
        if message.get("do") != "save" or not isinstance(texts, list):
            return
        self._time = message.get("time")
        self.save({prompt: text for prompt, text in zip(self.prompts, texts) if isinstance(text, str)})

    def fallback(self) -> str:
        asked = "".join(
            f"<p><strong>{inline(prompt)}</strong></p>"
            + (
                f"<p>{inline(text)}</p>"
                if text
                else '<p class="learn-quiet">Run this cell to write here, or take a sheet of paper.</p>'
            )
            for prompt, text in self.written().items()
        )
        return f'<div class="learn-title"><strong>Journal, {day_words(self.day)}</strong></div>{asked}'

    def __repr__(self) -> str:
        done = sum(bool(text) for text in self.written().values())
        return f"<journal {self.day}: {done} of {len(self.prompts)} prompts written>"

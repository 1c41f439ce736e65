"""What the learning room shows: light cards that read the same in light and dark notebooks, and as plain text."""

import functools
import html
import re
from pathlib import Path

ASSETS = Path(__file__).parent / "assets"


class Card:
    """A piece of a lesson that displays as the last line of a cell. `text` is what a terminal and a test see."""

    def __init__(self, text: str, body: str):
        self.text, self.html = text, card(body)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        return {"text/html": self.html, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def inline(text: str) -> str:
    """Plain text to HTML: `code` in backticks, *stress* in asterisks, line ends; everything else is escaped."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(
        f'<code style="{code_style()}">{html.escape(part)}</code>' if i % 2 else _stressed(part)
        for i, part in enumerate(parts)
    )


def code_style() -> str:
    """For <code> and <pre>: only as an attribute does it win over a dark notebook's own rules."""
    from shared.visuals import palette

    return f"background:{palette.PAPER};color:{palette.INK}"


def _stressed(text: str) -> str:
    # asterisks that touch a word on one side only: *so*, but neither 2 * 3 * 4 nor a*b*c
    escaped = html.escape(text).replace("\n", "<br>")
    return re.sub(r"(?<![\w*])\*([^\s*](?:[^*]*[^\s*])?)\*(?![\w*])", r"<em>\1</em>", escaped)


def card(body: str) -> str:
    """The light card around a piece of HTML, with its style inside, so that it needs nothing else on the page."""
    return f'<style>{stylesheet()}</style><div class="learn" style="{_plain_style()}">{body}</div>'


def note(sentence: str) -> str:
    """A quiet line of HTML for what the record has to say; "" for nothing."""
    return f'<p class="learn-note">{inline(sentence)}</p>' if sentence else ""


@functools.cache
def stylesheet(*files: str) -> str:
    """The style sheets of these files, joined, with the palette's colors filled in; `card.css` alone if none is named.

    A card carries its style with it, in every output of a notebook: what only a form needs stays out of it.
    """
    from shared.visuals import palette  # here and below, not on top: it loads matplotlib, which `import shared.learning` must not

    css = "\n".join((ASSETS / file).read_text(encoding="utf-8") for file in files or ("card.css",))
    for name in ("INK", "QUIET", "LINE", "CARD", "PAPER"):
        css = css.replace(f"/*{name}*/", getattr(palette, name))
    return " ".join(re.sub(r"/\*.*?\*/", "", css, flags=re.S).split())


def _plain_style() -> str:
    """The card's look once more, as an attribute: GitHub and untrusted notebooks drop <style> but some keep this."""
    from shared.visuals import palette

    return (
        f"background:{palette.CARD};color:{palette.INK};border:1px solid {palette.LINE};border-radius:10px;"
        "padding:14px 18px;margin:8px 0;max-width:900px"
    )

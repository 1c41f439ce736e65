"""A slide deck from figures and words: a .pptx for PowerPoint, Keynote and LibreOffice, and one HTML file with reveal.js."""

from shared.decks.pptx_deck import save_pptx
from shared.decks.reveal_deck import save_reveal
from shared.decks.slides import Slide

__all__ = ["Slide", "save_pptx", "save_reveal"]

"""The deck as a .pptx: titles in the title's place, pictures with alt text, notes where a presenter finds them."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

from shared.decks.slides import Slide, check_slides, fitted, picture_size

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.6  # inches: 16:9
TOP, BOTTOM = 1.6, 6.95  # of what stands below the title, inches
TEXT_WIDTH = 4.1  # beside a picture, inches
PROPERTY_LETTERS = 255  # of the title and the author as the file names them; the slide shows them whole
NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")  # letters that no XML file can hold


def save_pptx(slides: Sequence[Slide], path: str | Path, *, title: str, author: str = "") -> Path:
    """Write the deck, a title slide first; returns the path. Opens in PowerPoint, Keynote, LibreOffice and Google Slides.

    Errors: ValueError for a deck without title or slides. Built in week 4 day 5.
    """
    from pptx import Presentation
    from pptx.util import Inches

    check_slides(slides, title)
    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(WIDTH), Inches(HEIGHT)
    deck.core_properties.title, deck.core_properties.author = (_clean(text)[:PROPERTY_LETTERS] for text in (title, author))
    first = deck.slides.add_slide(deck.slide_layouts[0])
    _place(first.shapes.title, MARGIN, 2.2, WIDTH - 2 * MARGIN, 1.8)
    _say(first.shapes.title.text_frame, [title], size=44, bold=True)
    _place(first.placeholders[1], MARGIN, 4.1, WIDTH - 2 * MARGIN, 1.0)
    _say(first.placeholders[1].text_frame, [author or " "], size=24)
    for slide in slides:
        _add(deck, slide)
    whole = io.BytesIO()
    deck.save(whole)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(whole.getvalue())
    return path


def picture_room(slide: Slide) -> float:
    """How wide a slide's picture may be, in inches: what its points leave."""
    return WIDTH - 2 * MARGIN - (TEXT_WIDTH + 0.3 if slide.points else 0)


def _add(deck, slide: Slide) -> None:
    page = deck.slides.add_slide(deck.slide_layouts[5])  # a title and nothing else
    _place(page.shapes.title, MARGIN, 0.4, WIDTH - 2 * MARGIN, 1.0)
    _say(page.shapes.title.text_frame, [slide.title], size=32, bold=True)
    if slide.picture is not None:
        _show(page, slide, picture_room(slide))
    if slide.points:
        left = WIDTH - MARGIN - TEXT_WIDTH if slide.picture else MARGIN
        width = TEXT_WIDTH if slide.picture else WIDTH - 2 * MARGIN
        box = page.shapes.add_textbox(0, 0, 1, 1)
        _place(box, left, TOP, width, BOTTOM - TOP)
        _say(box.text_frame, slide.points, size=20 if slide.picture else 28)
    if slide.notes.strip():
        page.notes_slide.notes_text_frame.text = _clean(slide.notes)


def _show(page, slide: Slide, room: float) -> None:
    """The picture in its room, which is `room` inches wide."""
    from pptx.util import Inches

    place = fitted(picture_size(slide.picture), MARGIN, TOP, MARGIN + room, BOTTOM)
    shown = page.shapes.add_picture(str(slide.picture), *map(Inches, place))
    shown._element.nvPicPr.cNvPr.set("descr", _clean(slide.alt))  # python-pptx has no word for the alt text


def _place(shape, left: float, top: float, width: float, height: float) -> None:
    from pptx.util import Inches

    shape.left, shape.top, shape.width, shape.height = (Inches(x) for x in (left, top, width, height))


def _say(frame, lines: Sequence[str], size: int, bold: bool = False) -> None:
    from pptx.dml.color import RGBColor
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
    from pptx.util import Pt

    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    for number, line in enumerate(lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text, paragraph.alignment = _clean(line).replace("\n", " "), PP_ALIGN.LEFT
        paragraph.space_after = Pt(size / 2)
        paragraph.font.size, paragraph.font.bold, paragraph.font.color.rgb = Pt(size), bold, RGBColor(0x1F, 0x29, 0x37)


def _clean(text: str) -> str:
    return NOT_IN_XML.sub("\ufffd", text)

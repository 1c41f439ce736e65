"""What a slide is, and how much fits on one."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import isfile
from pathlib import Path

TITLE_LETTERS, POINTS, POINT_LETTERS = 60, 4, 110  # what can be read from the last row


@dataclass(frozen=True)
class Slide:
    """One slide. title: what it claims, as a sentence; picture: a PNG or GIF file, or none; alt: what the picture shows, for people
    who cannot see it; points: a few short lines; notes: what is said while it is shown.

    Errors: ValueError with the slide's title for text that is empty or too long to be read, or a picture without alt text;
    FileNotFoundError or ValueError for a picture that is not there or is none. Built in week 4 day 5.
    """

    title: str
    picture: Path | None = None
    alt: str = ""
    points: tuple[str, ...] = ()
    notes: str = ""

    def __post_init__(self):
        for name in ("title", "alt", "notes"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name} must be a text, got {getattr(self, name)!r}")
        if not self.title.strip() or len(self.title) > TITLE_LETTERS:
            raise ValueError(f"a title has 1 to {TITLE_LETTERS} letters, this one has {len(self.title)}: {self.title[:70]!r}")
        if isinstance(self.points, str):
            raise ValueError(f"slide {self.title!r}: points must be a list of lines, not one text")
        object.__setattr__(self, "points", tuple(self.points))
        if len(self.points) > POINTS:
            raise ValueError(f"slide {self.title!r}: {len(self.points)} points; more than {POINTS} are read instead of you being listened to")
        for point in self.points:
            if not isinstance(point, str) or not point.strip() or len(point) > POINT_LETTERS:
                raise ValueError(f"slide {self.title!r}: a point has 1 to {POINT_LETTERS} letters, got {point!r}")
        if self.picture is not None:
            object.__setattr__(self, "picture", Path(self.picture))
            if len(self.alt.strip()) < 15:
                raise ValueError(f"slide {self.title!r}: its picture needs an alt text of at least 15 letters that says what one sees")
            picture_size(self.picture)


def picture_size(path: Path) -> tuple[int, int]:
    """Width and height of a PNG or GIF file in pixels. Errors: FileNotFoundError; ValueError for any other file."""
    from PIL import Image, UnidentifiedImageError

    if not isfile(path):  # unlike Path.is_file, never an error for a name too long for this machine
        raise FileNotFoundError(f"there is no picture {path.name} in {path.parent}")
    try:
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            image.load()
            kind, size = image.format, image.size
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"{path.name} is not a whole picture: {error}") from None
    if kind not in ("PNG", "GIF"):
        raise ValueError(f"{path.name} must be a PNG or a GIF, it is a {kind}")
    return size


def fitted(size: tuple[int, int], left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
    """Where a picture of this size stands in a room: (left, top, width, height), whole, as large as it fits, in the middle.

    Errors: ValueError for a size that is not positive.
    """
    width, height = size
    if min(size) <= 0:
        raise ValueError(f"size must be two positive numbers, got {size!r}")
    scale = min((right - left) / width, (bottom - top) / height)
    w, h = scale * width, scale * height
    return left + (right - left - w) / 2, top + (bottom - top - h) / 2, w, h


def check_slides(slides: Sequence[Slide], title: str) -> None:
    """Errors: ValueError for a deck without slides, something that is no slide, or a deck without a title."""
    if not title.strip():
        raise ValueError("title must say what the deck is about")
    if not slides:
        raise ValueError("slides must hold at least one slide")
    for number, slide in enumerate(slides, 1):
        if not isinstance(slide, Slide):
            raise ValueError(f"slides[{number - 1}] must be a Slide, got {type(slide).__name__}")

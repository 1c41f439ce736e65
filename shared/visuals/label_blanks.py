"""A drawing with numbered blanks: a menu for each, a check that explains, and the whole drawing when all are right.

For any drawing that can be made twice, with blanks and without; by mouse, finger or keyboard.
"""

import base64
from collections.abc import Mapping, Sequence

from shared.visuals.figure import Picture
from shared.visuals.page import Page

BESIDE_PX = 420  # up to this width the menus stand beside the drawing
MENU_PX, END_PX = 92, 70  # of a blank's menu with its reason, and of the line with the button


def label_blanks(
    empty: Picture,
    full: Picture,
    answers: Mapping[str, str],
    extra: Sequence[str],
    why: Mapping[str, str],
    traps: Mapping[tuple[str, str], str],
    *,
    parts: Sequence[str] = (),
    otherwise: str = "Not this one. Which shape goes in, which comes out?",
    repeats: bool = False,
    width: int | None = None,
    heights: Mapping[int, str] | None = None,
) -> Page:
    """The drawing with blanks to label. The words of `empty` are the page's words.

    answers: part → its right label, in the order of the numbers; extra: labels that belong nowhere; why: part → why its label is
    right; traps: (part, wrong label) → why that is tempting and wrong; otherwise: for the other wrong ones.
    parts: the names that a blank can have, for the error text; repeats: whether two blanks may have the same label.
    width: of the drawing in pixels, left out its own; heights: of the frame (see `Page`), left out computed from the drawing.
    Errors: ValueError for an unknown part, a part without a reason, or a label that is used twice. Used from week 1 day 5 on.
    """
    blanks = list(answers)
    given = [*(dict.fromkeys(answers.values()) if repeats else answers.values()), *extra]
    labels = sorted(given, key=str.casefold)
    if len(set(labels)) < len(labels):
        raise ValueError(f"answers and extra must be different labels, got {labels}")
    for part in blanks:
        if (parts and part not in parts) or not why.get(part, "").strip():
            raise ValueError(f"answers: {part!r} must be one of {', '.join(parts or blanks)} and have a reason in `why`")
    for part, label in traps:
        if part not in answers or label not in labels or label == answers[part]:
            raise ValueError(f"traps: {(part, label)!r} names no blank, or no wrong label")
    data = {
        "blanks": [
            {
                "answer": answers[part],
                "why": why[part],
                "traps": {label: words for (where, label), words in traps.items() if where == part},
            }
            for part in blanks
        ],
        "labels": labels,
        "empty": _address(empty.bare),
        "full": _address(full.bare),
        "alt": empty.alt,
        "otherwise": otherwise,
        "width": width or empty.width,
    }
    return Page(
        kind="interactive", alt=empty.alt, caption=empty.caption, data=data, still=empty, scripts=["label_flow.js"],
        styles=["label_flow.css"], heights=heights or _heights(empty, width or empty.width, len(blanks)),
    )  # fmt: skip


def _heights(picture: Picture, width: int, count: int) -> dict[int, str]:
    """Of the frame: the drawing and the menus; on a phone a reason takes more lines, beside a narrow drawing all menus have room."""
    ratio = _ratio(picture.bare)
    tall = f"min(100cqw, {width}px)*{ratio:.4f}"
    heights = {
        0: f"calc({tall} + {count * (MENU_PX + 48) + END_PX}px)",
        400: f"calc({tall} + {count * (MENU_PX + 32) + END_PX}px)",
        560: f"calc({tall} + {-(-count // 2) * (MENU_PX + 62) + END_PX}px)",
        760: f"calc({tall} + {-(-count // 2) * (MENU_PX + 36) + END_PX}px)",
    }
    if width <= BESIDE_PX:  # mirrors .beside in label_flow.css; the page's own edge is in the card
        menus = count * (MENU_PX + 6)
        heights[760] = f"{round(max(width * ratio, menus)) + END_PX}px"
    return heights


def _ratio(png: bytes) -> float:
    """Height by width, read from the header of a PNG."""
    wide, high = (int.from_bytes(png[at : at + 4], "big") for at in (16, 20))
    return high / wide


def _address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()

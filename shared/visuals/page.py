"""The shell of every picture that moves or answers: one self-contained page in a frame, and a still behind it.

The page is an <iframe srcdoc> with script, style and numbers inside it and no address anywhere, so it works offline, in
a notebook that is reopened without running, and in exported HTML; the frame also keeps JupyterLab's own keys out.
Where a viewer strips frames (GitHub, an untrusted notebook) it strips the <style> too, and the still shows instead.
"""

import base64
import hashlib
import html
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from shared.visuals import palette
from shared.visuals.figure import Picture, card, figure, whole
from shared.visuals.text import visible

ASSETS = Path(__file__).parent / "assets"
# the page may run its own script and show its own pictures; it may fetch nothing
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
FIRST = ("unpack.js", "svg.js", "make.js", "room.js")  # what the scripts of every page may use
# what every style may use
COLORS = f":root{{--ink:{palette.INK};--quiet:#4B5563;--line:{palette.LINE};--card:{palette.CARD};--paper:{palette.PAPER}}}"
LONGEST_LABEL = 14  # letters of a token that fit beside a matrix; the whole token is in the tooltip


class Page:
    """A finished view. A notebook shows it as the last line of a cell; `save` writes it as a stand-alone file.

    scripts, styles: names of files in `assets/`, put into the page in this order; data: what the script reads (JSON).
    heights: {least width in px: CSS height of the frame}, so that nothing is cut off on a phone; must start at 0.
    still: the PNG for viewers without script (may be animated); poster: a PNG for viewers without HTML, else the still.
    Errors: those of `figure` for missing words.
    """

    def __init__(
        self,
        *,
        kind: str,
        alt: str,
        caption: str,
        scripts: Sequence[str],
        styles: Sequence[str],
        data: Mapping,
        heights: Mapping[int, str],
        still: Picture | bytes,
        poster: bytes | None = None,
    ):
        self.still = figure(still.png if isinstance(still, Picture) else still, alt=alt, caption=caption, kind=kind)
        self.poster = poster or self.still.png
        self.kind, self.alt, self.caption = kind, self.still.alt, self.still.caption
        self.document = _document(self.caption, self.alt, scripts, styles, data)
        self.heights = dict(heights)

    @property
    def html(self) -> str:
        """The card with frame, still and caption: what goes into a notebook."""
        name = "view-" + hashlib.sha256(self.document.encode()).hexdigest()[:10]
        tallest = re.match(r"\d+|", self.heights[0]).group() or "600"
        frame = (
            f'<iframe class="{name}" title="{html.escape(self.caption)}" sandbox="allow-scripts" width="100%" '
            f'height="{tallest}" style="border:0;width:100%;display:block;color-scheme:light" '
            f'srcdoc="{_in_quotes(self.document)}"></iframe>'
        )
        rules = "".join(
            f"@container(min-width:{least}px){{iframe.{name}{{height:{height}}}}}"
            for least, height in self.heights.items()
        )
        style = (
            "<style>figure:has(> iframe){container-type:inline-size}"
            "figure:has(> iframe) > img.behind{display:none!important}" + rules + "</style>"
        )
        return card(style + frame + self.still.img('class="behind"'), self.caption, self.kind)

    def save(self, path: str | Path) -> Path:
        """Write the view as one HTML file that opens in any browser, with no network; returns the path."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        head += f"<title>{html.escape(self.caption)}</title>"
        body = f"margin:0 auto;padding:8px;max-width:900px;background:{palette.PAPER}"
        text = f'<!doctype html><html lang="en"><head>{head}</head><body style="{body}">{self.html}</body></html>'
        path.write_text(text, encoding="utf-8")
        return path

    def _repr_html_(self) -> str:
        return self.html

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        poster = base64.b64encode(self.poster).decode()
        return {"text/html": self.html, "image/png": poster, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<{self.kind} view: {self.caption}>"


def pack(values: np.ndarray, kind: str, limit: float | None = None) -> dict:
    """Numbers on their way into a page: quantized, deflated, in base64. `unpack` here and in assets/unpack.js undo it.

    kind: "uint8" for shares, 0 … limit in 255 steps; "int16" for signed numbers, -limit … limit in 65,534 steps;
    "float32" as they are; "bytes" for whole numbers 0 … 255. limit: the largest magnitude, taken from the numbers if None.
    Error of a number: at most limit / 510 ("uint8") or limit / 65,534 ("int16").
    Errors: ValueError for an unknown kind, numbers that are not finite or do not fit into the limit.
    """
    values = np.asarray(values, dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("values must be finite to be packed; got NaN or infinity")
    largest = float(np.abs(values).max(initial=0.0))
    limit = float(limit if limit is not None else largest) or 1.0
    if kind in ("uint8", "int16") and largest > limit * (1 + 1e-9):
        raise ValueError(f"values must lie within the limit {limit:g}; got {largest:g}")
    if kind in ("uint8", "bytes") and (values < 0).any():
        raise ValueError(f"values must not be negative to be packed as {kind}; got {values.min():g}")
    steps = {"uint8": 255.0, "int16": 32767.0}
    if kind in steps:
        scale = limit / steps[kind]
        raw = np.rint(values / scale).astype({"uint8": "u1", "int16": "<i2"}[kind])
    elif kind in ("float32", "bytes"):
        scale = 1.0
        raw = values.astype({"float32": "<f4", "bytes": "u1"}[kind])
    else:
        raise ValueError(f"kind must be uint8, int16, float32 or bytes; got {kind!r}")
    data = base64.b64encode(zlib.compress(raw.tobytes(), 9)).decode()
    return {"kind": kind, "shape": list(values.shape), "scale": scale, "data": data}


def unpack(packed: Mapping) -> np.ndarray:
    """The numbers of `pack`, as the page sees them: float64 of the packed shape."""
    kind = {"uint8": "u1", "bytes": "u1", "int16": "<i2", "float32": "<f4"}[packed["kind"]]
    raw = np.frombuffer(zlib.decompress(base64.b64decode(packed["data"])), dtype=kind)
    return raw.reshape(packed["shape"]).astype(np.float64) * packed["scale"]


def short(token: object) -> str:
    """A token as it is written beside a row of a page: made visible, and cut with "…" where it is long."""
    text = visible(token)
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"


def ramp(kind: str) -> list[str]:
    """Nine colors from which a page mixes its scale: "weights" runs from 0 to 1, "signed" from -limit to limit."""
    colors = {"weights": palette.weights_map, "signed": palette.signed_map}[kind]()
    return ["#" + "".join(f"{round(255 * part):02x}" for part in colors(i / 8)[:3]) for i in range(9)]


def concepts() -> dict[str, dict[str, str]]:
    """The palette for a page: color, dark outline, text color and letter of each concept."""
    return {
        name: {
            "color": palette.color(name),
            "line": palette.outline(name),
            "words": palette.words(name),
            "letter": palette.letter(name),
        }
        for name in palette.CONCEPTS
    }


def _in_quotes(text: str) -> str:
    """The text as a value between double quotes. A script is full of ' and >, and both may stand there as they are."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _document(title: str, alt: str, scripts: Sequence[str], styles: Sequence[str], data: Mapping) -> str:
    css = COLORS + "".join(asset(name) for name in ("page.css", *styles))
    # each file keeps its names to itself, except for what it hands on through `course`
    script = "const course={};" + "".join(f"(()=>{{{asset(name)}}})();" for name in (*FIRST, *scripts))
    # "<" would let a token such as </script> end the element that carries the data
    numbers = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return whole(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title><style>{css}</style></head>'
        f"<body><noscript><p>{html.escape(alt)}</p></noscript>"
        f'<p class="unseen">{html.escape(alt)}</p><main id="view"></main>'
        f'<script type="application/json" id="data">{numbers}</script><script>{script}</script></body></html>'
    )


def asset(name: str) -> str:
    """A file of `assets/` without its `//` lines and indentation: they serve the maintainer, not the page."""
    lines = (ASSETS / name).read_text(encoding="utf-8").splitlines()
    kept = (line.strip() for line in lines)
    return "\n".join(line for line in kept if line and not line.startswith("//")) + "\n"

"""The deck as one HTML file: reveal.js, pictures and notes inside, no address in it, so it runs with no network.

`reveal/` holds reveal.js 6.0.2 as its authors publish it (MIT license, beside it).
"""

import base64
import html
from collections.abc import Sequence
from pathlib import Path

from shared.decks.slides import Slide, check_slides

REVEAL = Path(__file__).parent / "reveal"
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; frame-src 'self' blob:"
STYLE = """
body{background:#fff}
.reveal{font:28px/1.4 system-ui,"DejaVu Sans",Helvetica,Arial,sans-serif;color:#1F2937}
.reveal .slides section{text-align:left;height:100%;box-sizing:border-box;padding:24px 40px}
.reveal h1{font-size:64px;line-height:1.15;margin:180px 0 24px}
.reveal h2{font-size:42px;line-height:1.2;margin:0 0 20px}
.reveal .row{display:flex;gap:36px;align-items:center;height:540px}
.reveal .row>img{flex:1 1 auto;min-width:0;max-width:100%;max-height:540px;object-fit:contain;margin:0 auto}
.reveal .row>ul{flex:0 0 360px;margin:0;padding-left:24px}
.reveal .row>ul:only-child{flex:1 1 auto;font-size:34px}
.reveal li{margin:0 0 14px}
.reveal .slide-number{left:12px;right:auto;background:none;color:#4B5563;font:14px/1 system-ui,"DejaVu Sans",sans-serif}
"""
# a narrow window shows slides, too: a scrolled deck would ask for the page's storage, which a frame of the guide does not have
START = (
    "Reveal.initialize({width:1280,height:720,margin:0.02,center:false,hash:false,transition:'none',slideNumber:'c/t',"
    "scrollActivationWidth:null,plugins:[RevealNotes]});"
)


def save_reveal(slides: Sequence[Slide], path: str | Path, *, title: str, author: str = "") -> Path:
    """Write the deck as one HTML file, a title slide first; returns the path. Arrow keys turn, "s" opens the speaker's view.

    Errors: ValueError for a deck without title or slides. Built in week 4 day 5.
    """
    check_slides(slides, title)
    first = f"<section><h1>{html.escape(title)}</h1><p>{html.escape(author)}</p></section>"
    body = first + "".join(_section(slide) for slide in slides)
    scripts = "".join(f"<script>{_script(name)}</script>" for name in ("reveal.js", "notes.js"))
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title>'
        f"<style>{(REVEAL / 'reveal.css').read_text(encoding='utf-8')}{STYLE}</style></head>"
        f'<body><div class="reveal"><div class="slides">{body}</div></div>{scripts}<script>{START}</script></body></html>'
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # half of a surrogate pair has no UTF-8 form
    path.write_bytes(text.encode("utf-8", "replace"))
    return path


def _section(slide: Slide) -> str:
    parts = ""
    if slide.picture is not None:
        data = slide.picture.read_bytes()
        kind = "gif" if data.startswith(b"GIF") else "png"
        parts += f'<img alt="{html.escape(slide.alt)}" src="data:image/{kind};base64,{base64.b64encode(data).decode()}">'
    if slide.points:
        parts += "<ul>" + "".join(f"<li>{html.escape(point)}</li>" for point in slide.points) + "</ul>"
    notes = f'<aside class="notes">{html.escape(slide.notes)}</aside>' if slide.notes.strip() else ""
    return f'<section><h2>{html.escape(slide.title)}</h2><div class="row">{parts}</div>{notes}</section>'


def _script(name: str) -> str:
    # the speaker's view is a page inside of a script: its closing tag must not close ours
    return (REVEAL / name).read_text(encoding="utf-8").replace("</script", "<\\/script")

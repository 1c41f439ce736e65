"""A page whose own script, style and data travel deflated: a third of the size, which counts where the numbers are few."""

import base64
import html
import json
import zlib
from collections.abc import Mapping, Sequence

from shared.visuals import palette
from shared.visuals.page import POLICY, Page, _asset

# Until the script runs, and where none may run, the page is its text: what a person would learn from the view.
_START = """
(async()=>{
const raw=Uint8Array.from(atob(document.getElementById("page").textContent),(c)=>c.charCodeAt(0));
const stream=new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
const [style,data,script]=(await new Response(stream).text()).split("\\0");
const add=(tag,text,where)=>{const node=document.createElement(tag);node.textContent=text;where.append(node);return node};
add("style",style,document.head);
const numbers=document.createElement("script");numbers.type="application/json";numbers.id="data";numbers.textContent=data;
document.body.append(numbers);
add("script",script,document.body);
})()
"""


class PackedPage(Page):
    """A `Page` that unpacks itself. Arguments, looks and errors are those of `Page`."""

    def __init__(self, *, scripts: Sequence[str], styles: Sequence[str], data: Mapping, **words):
        super().__init__(scripts=(), styles=(), data={}, **words)
        self.document = _packed_document(self.caption, self.alt, scripts, styles, data)


def _packed_document(title: str, alt: str, scripts: Sequence[str], styles: Sequence[str], data: Mapping) -> str:
    colors = f":root{{--ink:{palette.INK};--quiet:#4B5563;--line:{palette.LINE};--card:{palette.CARD};--paper:{palette.PAPER}}}"
    style = colors + "".join(_asset(name) for name in ("page.css", *styles))
    script = "const course={};" + "".join(f"(()=>{{{_asset(name)}}})();" for name in ("unpack.js", *scripts))
    # a token may hold any character, but inside of JSON none is a bare zero: so zeros part the three
    parts = (style, json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False), script)
    # a token may also hold half of a surrogate pair, which no encoding can write
    whole = "\0".join(parts).encode("utf-8", "replace")
    packed = base64.b64encode(zlib.compress(whole, 9 if len(whole) < 500_000 else 1)).decode()
    start = "".join(line for line in _START.splitlines())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title></head>'
        f'<body><p class="unseen">{html.escape(alt)}</p><main id="view"></main>'
        f'<script type="text/plain" id="page">{packed}</script><script>{start}</script></body></html>'
    )

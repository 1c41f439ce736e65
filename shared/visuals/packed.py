"""A page whose script, style and numbers travel deflated, in letters that need no escape: for a view that shall stay light.

Its script and style come ready and small from `assets/small/`, where `python -m shared.building.small_scripts` puts them.
"""

import html
import json
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from shared.visuals.page import COLORS, POLICY, Page, asset

# 13 bits in two of 91 letters, as in Henke's basE91: all of ASCII that one sees, and the blank, but for the four that HTML or
# a notebook's JSON would write longer. Six bits in one, as base64 has it, would take 8 % more.
LETTERS = np.array([code for code in range(32, 127) if chr(code) not in '"&<\\'], dtype=np.uint8)


class PackedPage(Page):
    """A `Page` that unpacks itself. Looks, errors and all other arguments are those of `Page`.

    bundle: the name of a script and a style in `assets/small/`; the script finds all in `course`: data, bytes and view.
    numbers: whole numbers 0 … 255, of any shape; the script finds them one after the other in `course.bytes`.
    """

    def __init__(self, *, bundle: str, data: Mapping, numbers: Sequence[np.ndarray], **words):
        super().__init__(scripts=(), styles=(), data={}, **words)
        self.document = _packed_document(self.caption, self.alt, bundle, data, numbers)


def _packed_document(caption: str, alt: str, bundle: str, data: Mapping, numbers: Sequence[np.ndarray]) -> str:
    style, script = (asset(f"small/{bundle}.{kind}").strip() for kind in ("css", "js"))
    # a token may hold any character, but inside of JSON none is a bare zero: so zeros part the three
    text = "\0".join((COLORS + style, script, json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)))
    # a token may also hold half of a surrogate pair, which no encoding can write
    parts = [*(np.ascontiguousarray(part, dtype=np.uint8).tobytes() for part in numbers), text.encode("utf-8", "replace")]
    packed = deflated(parts)
    start = f'({asset("small/packed.js").strip()})("{spelled(packed)}",{len(packed)},{sum(map(len, parts[:-1]))})'
    # Until the script runs, and where none may run, the page is its text: what a person would learn from the view. Tags that
    # HTML lets be left out are left out, and so are quotes, which a notebook would write as six letters each.
    return (
        f'<!doctype html><html lang=en><meta charset=utf-8><meta http-equiv=Content-Security-Policy content="{POLICY}">'
        f"<title>{html.escape(caption.split('. ')[0])}</title><p class=unseen>{html.escape(alt)}</p><main></main><script>{start}</script>"
    )


def deflated(parts: Sequence[bytes]) -> bytes:
    """The parts one after the other as one raw deflate stream, each in the shortest of three ways, all of them fast.

    Noise is smaller and forty times faster without the search for repeats; maps with many zeros want it. Parts of their
    own let each have its own code: small numbers among small ones take few bits.
    """
    whole = b""
    for i, part in enumerate(parts):
        tries = []
        ways = ((9 if len(part) < 100_000 else 6, zlib.Z_DEFAULT_STRATEGY), (6, zlib.Z_HUFFMAN_ONLY), (6, zlib.Z_RLE))
        for level, strategy in ways:
            deflate = zlib.compressobj(level, zlib.DEFLATED, -15, 9, strategy)
            # a flush ends a part at a whole byte, and leaves the stream open for the next
            tries.append(deflate.compress(part) + deflate.flush(zlib.Z_FINISH if i == len(parts) - 1 else zlib.Z_SYNC_FLUSH))
        whole += min(tries, key=len)
    return whole


def spelled(raw: bytes) -> str:
    """Bytes in `LETTERS`, two for each 13 bits, the last filled up with zeros. The page's own start undoes it."""
    bits = np.unpackbits(np.frombuffer(raw, dtype=np.uint8))
    groups = np.pad(bits, (0, -len(bits) % 13)).reshape(-1, 13)
    values = groups @ (1 << np.arange(12, -1, -1))
    return LETTERS[np.stack(np.divmod(values, 91), axis=1)].tobytes().decode("ascii")

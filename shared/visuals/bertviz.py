"""BertViz inside a frame: head, model and neuron view on the learner's own numbers, safe with any token, and never blank.

BertViz (Vig 2019, https://arxiv.org/abs/1906.05714; https://github.com/jessevig/bertviz) draws with three scripts that its page
fetches from the network. Here its page goes into a frame of its own, and where the scripts do not arrive, on this day or on
a later one, the frame shows the course's explorer instead. A page that nobody could draw is never stored.
"""

import hashlib
import html
import json
import os
import re
import threading
import urllib.request
from collections.abc import Callable, Sequence
from importlib import resources, util
from typing import Any

import numpy as np

from shared.visuals.explorer import attention_view, shown
from shared.visuals.explorer_data import Attention, read_attention
from shared.visuals.page import Page

MOST_TOKENS = 32  # BertViz writes every weight as text: 144 heads over 32 tokens are 1 MB, over 128 tokens 16
DECIMALS = 4  # of a weight; BertViz draws it as a shade
NEURON_LETTERS = 11
PROBE_SECONDS = 1.0
SECONDS_TO_DRAW = 10
OFFLINE = "BertViz needs scripts from the network, which cannot be reached from here; this is the course's own explorer on the same numbers."
AXES = "Rows are queries, columns are keys; white is 0, dark is 1."
MISSING = "BertViz is not installed here (pip install bertviz); this is the course's own explorer on the same numbers."


def bertviz_head_view(
    tokens: Sequence[str], attentions: Any, *, keys: Sequence[str] | None = None, second: int | None = None, layer: int = 0
) -> Page:
    """BertViz's head view: tokens left and right, a line for each weight, all heads of one layer in their colors.

    tokens, attentions, keys, second: as in `attention_view`, at most 32 tokens. layer: the one that is open at first.
    Where BertViz is missing or its scripts cannot be reached, the course's explorer with one sentence that says so.
    Errors: those of `attention_view`; ValueError for more than 32 tokens. Used from week 2 day 3 on.
    """
    attention = _checked(tokens, attentions, keys, second)
    if layer not in attention.layers:
        raise ValueError(f"layer must lie between 0 and {len(attention.layers) - 1}, got {layer!r}")

    def made() -> str:
        from bertviz import head_view

        return head_view(**_arguments(attention), layer=layer, prettify_tokens=False, html_action="return").data

    longest = max(len(attention.rows), len(attention.columns))
    says = "BertViz, head view: left the tokens that ask, right those that are looked at; a line is stronger the larger its weight, each head has its color."
    return _framed(made, attention, says, 110 + 23 * longest, layer)


def bertviz_model_view(
    tokens: Sequence[str], attentions: Any, *, keys: Sequence[str] | None = None, second: int | None = None
) -> Page:
    """BertViz's model view: all heads of all layers as small pictures; a click enlarges one.

    Arguments, stand-in and errors as in `bertviz_head_view`. Used from week 2 day 3 on.
    """
    attention = _checked(tokens, attentions, keys, second)

    def made() -> str:
        from bertviz import model_view

        return model_view(**_arguments(attention), prettify_tokens=False, display_mode="light", html_action="return").data

    return _framed(made, attention, "BertViz, model view: every head of every layer as a small picture; a click enlarges one.", 900)


def bertviz_neuron_view(tokens: Sequence[str], attentions: Any, queries: Any, keys: Any, *, layer: int = 0, head: int = 0) -> Page:
    """BertViz's neuron view: how a query and a key, number by number, make a weight. Click the + beside a token.

    BertViz itself fills this view only from its own copies of old models, which it reads from pickle files. Here the numbers
    come from any model: queries and keys are (layers, heads, T, d_k), as the model's projections give them.
    tokens, attentions: as in `attention_view`, at most 32 tokens. layer, head: open at first.
    Errors: those of `bertviz_head_view`; ValueError for queries or keys of another shape or not finite. Used from week 2 day 3 on.
    """
    attention = _checked(tokens, attentions, None, None)
    vectors = {"queries": _vectors("queries", queries, attention), "keys": _vectors("keys", keys, attention)}
    if vectors["queries"].shape != vectors["keys"].shape:
        raise ValueError(f"queries and keys must have one shape, got {vectors['queries'].shape} and {vectors['keys'].shape}")
    for name, at, count in (("layer", layer, len(attention.layers)), ("head", head, attention.heads)):
        if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at < count:
            raise ValueError(f"{name} must lie between 0 and {count - 1}, got {at!r}")

    def made() -> str:
        # this view leaves its left column less room than the others do
        names = [text if len(text) <= NEURON_LETTERS else text[: NEURON_LETTERS - 1] + "…" for text in map(shown, attention.rows)]
        both = {name: np.round(values, 3).tolist() for name, values in vectors.items()}
        weights = np.round(attention.weights.astype(np.float64), DECIMALS).tolist()
        parameters = {
            "attention": {"all": {"attn": weights, "left_text": names, "right_text": names, **both}},
            "default_filter": "all", "root_div_id": "bertviz", "bidirectional": not attention.causal,
            "display_mode": "light", "layer": layer, "head": head,
        }  # fmt: skip
        script = _source("neuron_view.js")
        return (
            f'<script src="{_addresses()[0]}"></script><div id="bertviz"><label>Layer: <select id="layer"></select></label> '
            f'<label>Head: <select id="att_head"></select></label><div id="vis"></div></div>'
            f"<script>window.bertviz_params = {json.dumps(parameters)}</script><script>{script}</script>"
        )

    says = "BertViz, neuron view: point at a token on the left and press its +, and the numbers of its query and of all keys show how each weight is made."
    return _framed(made, attention, says, 190 + 27 * len(attention.rows), layer, head)


# --- what goes into BertViz -------------------------------------------------------------------------------------------


def _checked(tokens: Sequence[str], attentions: Any, keys: Sequence[str] | None, second: int | None) -> Attention:
    attention = read_attention(tokens, attentions, keys=keys, second=second)
    longest = max(len(attention.rows), len(attention.columns))
    if longest > MOST_TOKENS:
        raise ValueError(f"BertViz is shown for at most {MOST_TOKENS} tokens, got {longest}; attention_view shows longer texts")
    if attention.layers != list(range(len(attention.layers))):
        raise ValueError(f"BertViz counts layers from 0 without gaps, got layers {attention.layers}; attention_view shows these")
    return attention


def _vectors(name: str, values: Any, attention: Attention) -> np.ndarray:
    if hasattr(values, "detach"):
        values = values.detach().float().cpu().numpy()
    values = np.asarray(values, dtype=np.float64)
    expected = attention.weights.shape[:3]
    if values.ndim != 4 or values.shape[:3] != expected or 0 in values.shape:
        raise ValueError(f"{name} must have shape (layers, heads, T, d_k) = ({', '.join(map(str, expected))}, d_k), got {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} must be finite")
    return values


def _arguments(attention: Attention) -> dict:
    import torch  # BertViz takes tensors, and brings torch along

    # rounded in double precision, so that 0.1234 is written as 0.1234 and not as 0.12340000271797180
    layers = [torch.from_numpy(np.round(layer.astype(np.float64), DECIMALS))[None] for layer in attention.weights]
    rows = [shown(token) for token in attention.rows]
    if attention.across:
        return {"cross_attention": layers, "decoder_tokens": rows, "encoder_tokens": [shown(token) for token in attention.columns]}
    return {"attention": layers, "tokens": rows, "sentence_b_start": attention.second}


# --- its page in a frame ----------------------------------------------------------------------------------------------

_FALL_BACK = """
const drawn=()=>document.querySelector("#vis svg *");
const fall=()=>{if(drawn()||document.querySelector("iframe"))return;
document.getElementById("outer").remove();document.getElementById("instead").hidden=false;
const frame=document.createElement("iframe");frame.setAttribute("sandbox","allow-scripts");frame.title="attention explorer";
frame.srcdoc=JSON.parse(document.getElementById("explorer").textContent);document.body.append(frame)};
window.addEventListener("error",fall,true);setTimeout(fall,SECONDS*1000);
const fit=setInterval(()=>{const outer=document.getElementById("outer");if(!outer)return clearInterval(fit);
if(!drawn())return;const svg=document.querySelector("#vis svg"),box=svg.getBBox();
outer.style.zoom=Math.max(0.6,Math.min(1,(innerWidth-24)/Math.max(box.x+box.width,svg.clientWidth||0)))},250);
"""
_STYLE = (
    "html{color-scheme:light;background:#fff}body{margin:0;padding:4px;font:14px/1.45 system-ui,sans-serif;color:#1F2937}"
    "#outer{overflow-x:auto}#vis svg{overflow:visible}select{font:inherit;height:34px}iframe{border:0;width:100%;height:calc(100vh - 60px)}p{margin:4px}"
)


class _Framed(Page):
    """BertViz's page, with the explorer waiting behind it."""

    def __init__(self, inside: str, explorer: Page, caption: str, height: int):
        heights = {least: f"{max(height, float(given.removesuffix('px')) + 60):.0f}px" for least, given in explorer.heights.items()}
        super().__init__(
            kind="interactive", alt=explorer.alt, caption=caption, scripts=(), styles=(), data={}, heights=heights, still=explorer.still.png,
        )  # fmt: skip
        self.document = _document(inside, explorer, caption)


def _framed(made: Callable[[], str], attention: Attention, says: str, height: int, layer: int = 0, head: int = 0) -> Page:
    """The framed page where it can be drawn, else the explorer with a sentence."""

    def explorer(caption: str | None = None) -> Page:
        keys = attention.columns if attention.across else None
        return attention_view(attention.rows, attention.weights, keys=keys, second=attention.second, layer=layer, head=head, caption=caption)

    if util.find_spec("bertviz") is None:
        return explorer(f"{MISSING} {AXES}")
    if not _reachable(_addresses()[0]):
        return explorer(f"{OFFLINE} {AXES}")
    return _Framed(made(), explorer(), says, height)


def _addresses() -> list[str]:
    """Where the installed BertViz loads its three scripts from: the loader first, which its Python names, then d3 and jQuery."""
    pattern = r"https://[\w.-]+/[\w./-]*(?:require|d3|jquery)[\w./-]*"
    return list(dict.fromkeys(re.findall(pattern, _source("head_view.py") + _source("head_view.js"))))


def _source(name: str) -> str:
    return resources.files("bertviz").joinpath(name).read_text(encoding="utf-8")


def _document(inside: str, explorer: Page, title: str) -> str:
    inside = _tamed(inside)
    # the frame may load from where this release of BertViz loads its three scripts, and from nowhere else
    hosts = sorted({address.split("/")[2] for address in _addresses()})
    policy = f"default-src 'none'; script-src 'unsafe-inline' {' '.join(f'https://{host}' for host in hosts)}; style-src 'unsafe-inline'; img-src data:"
    waiting = json.dumps(explorer.document).replace("<", "\\u003c")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width"><title>{html.escape(title)}</title><style>{_STYLE}</style></head>'
        f'<body><script type="application/json" id="explorer">{waiting}</script>'
        f"<script>{_FALL_BACK.replace('SECONDS', str(SECONDS_TO_DRAW))}</script>"
        f'<p id="instead" hidden>{html.escape(OFFLINE)}</p><div id="outer">{inside}</div></body></html>'
    )


def _tamed(inside: str) -> str:
    """BertViz's page with every script's text kept from ending its element, and with a name that is the same in every run."""
    marker = "const params = {"
    if marker in inside:
        # BertViz writes its numbers a second time into a comment behind them, up to the end of the line
        start = inside.index(marker) + len(marker) - 1
        given, end = json.JSONDecoder().raw_decode(inside, start)
        inside = inside[:start] + json.dumps(given, separators=(",", ":")) + ";" + inside[inside.index("\n", end) :]
    # its own tags stand alone on their lines' ends; all other "</" are inside of strings, where "<\\/" means the same
    parts = re.split(r"(<script[^>]*>)", inside)
    for i in range(2, len(parts), 2):
        text, end, rest = parts[i].rpartition("</script>")
        parts[i] = text.replace("</", "<\\/").replace("<!--", "<\\!--") + end + rest
    inside = "".join(parts)
    names = dict.fromkeys(re.findall(r"bertviz-[0-9a-f]{32}", inside))
    for name in names:
        same = hashlib.sha256(re.sub(r"bertviz-[0-9a-f]{32}", "", inside).encode()).hexdigest()[:32]
        inside = inside.replace(name, f"bertviz-{same}")
    return inside


def _reachable(address: str) -> bool:
    """Whether the address answers within a second. Never asked where the hub is switched off, as in builds and tests."""
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        return False
    answers = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=PROBE_SECONDS) as answer:
                answers.append(answer.status == 200)
        except (OSError, ValueError):  # URLError and time-outs are OSErrors
            pass

    # looking up a name knows no time limit of its own
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return bool(answers and answers[0])

"""The colored tokens in a real browser: its ids are Python's for any text, hostile ones too, keys and mouse work, nothing is cut off."""

import unicodedata

import pytest

from shared.text import stories
from shared.text.bpe import BytePairTokenizer
from shared.text.declaration import article, english_articles
from shared.text.wordpiece import WordPieceTokenizer
from shared.visuals.token_view import token_view

MIXED = list(article(2).values())
BPE = {"BPE, English": BytePairTokenizer.train([" ".join(english_articles())], 400), "BPE, nine languages": BytePairTokenizer.train(MIXED, 400),
       "GPT (1,399)": BytePairTokenizer.train(stories(100))}  # fmt: skip
WORDPIECE = {"WordPiece, English": WordPieceTokenizer.train([*english_articles(), *stories(50)], 500)}
TEXTS = [
    *article(1).values(),
    "The cat sat on the mat.",
    "</script><script>document.title='gone'</script><img src=x onerror=alert(1)> &amp; `${1}` \\x00",
    "Caf\u00e9 cafe\u0301 \u00dcBER na\u00efve \u0130stanbul \u1e9e \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2",
    "  two  spaces\n\n\tand a tab \n end  ",
    "it's I'll we'VE don't 's 123456 3.14159 1,000,000 x\u00b2 \u2460",
    "def f(x):\n    return x**2  # \u03bb\n",
    "\U0001f98a\U0001f469\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f \ud7ff\ue000 \ufeffmark \u00a0hard \u2028line \x1c\x85",
    "aaaaaaaaaaaaaaaaaaaa " + "x" * 101 + " the" * 20,
    "__proto__ constructor toString hasOwnProperty",
]


@pytest.fixture
def frame(inside_of, request):
    first = BPE["BPE, English"]
    view = token_view(
        {name: one.merges for name, one in BPE.items()}, {name: list(one.vocabulary) for name, one in WORDPIECE.items()}, TEXTS[9], first.tokens(TEXTS[9]),
        examples={"a </button>": "<b>bold</b>"} | dict.fromkeys(("spaces", "numbers", "code", "emoji", "Hindi", "Chinese", "name"), "\U0001f98a"), alt="Tokens of a text.", caption="Type a text.",
    )  # fmt: skip
    return inside_of(view, getattr(request, "param", 900), 1200)


def ids(frame) -> list[int]:
    return frame.evaluate("[...document.querySelectorAll('.token')].map((node) => Number(node.dataset.id))")


def test_ids_are_those_of_python(frame):
    for name, tokenizer in (BPE | WORDPIECE).items():
        frame.get_by_role("button", name=name, exact=True).click()
        for text in TEXTS:
            frame.locator("#typed").fill(text)
            seen = frame.locator("#typed").input_value()  # what the box made of it: control codes may be gone
            assert ids(frame) == tokenizer.encode(seen), f"{name}: {unicodedata.normalize('NFC', text)[:40]!r}"
    assert frame.page.title() != "gone" and frame.evaluate("document.querySelectorAll('img, script[src], b').length") == 0


def test_texts_of_tokens_put_together_are_the_text(frame):
    frame.locator("#typed").fill("Everyone has the right to rest. </p>")
    assert "".join(frame.locator(".token").all_inner_texts()).replace("␣", " ") == "Everyone has the right to rest. </p>"
    assert "36 letters, 36 bytes, 7 words between spaces" in frame.locator(".counts").inner_text()
    frame.locator("#typed").fill("")
    assert ids(frame) == [] and frame.locator(".says").inner_text() == "" and "→ 0 tokens" in frame.locator(".counts").inner_text()


def test_keys_and_mouse_choose_a_token(frame):
    frame.locator("#typed").fill("the right")
    frame.locator(".token").last.click()
    merge = next(i for i, merge in enumerate(BPE["BPE, English"].merges, 1) if merge.token == b" right")
    assert f"Made by merge {merge}:" in frame.locator(".says").inner_text() and "20 72 69 67 68 74" in frame.locator(".says").inner_text()
    frame.page.keyboard.press("ArrowLeft")
    assert "Token 2 of 3" in frame.locator(".says").inner_text()
    frame.get_by_role("button", name="a </button>").click()
    assert frame.locator("#typed").input_value() == "<b>bold</b>"


@pytest.mark.parametrize("frame", [240, 262, 330, 360, 420, 560, 640, 712, 820, 900], indirect=True)
def test_nothing_is_cut_off(frame):
    frame.locator("#typed").fill(TEXTS[6][:160])  # Hindi: many tokens
    frame.locator(".token").last.click()
    high, seen, wide, across = frame.evaluate("[document.documentElement.scrollHeight, innerHeight, document.documentElement.scrollWidth, innerWidth]")
    assert high <= seen and wide <= across
    assert seen - high < 110, "no large empty space"
    assert frame.evaluate("document.querySelector('.says').getBoundingClientRect().bottom") <= seen

"""The exercises of week 4, day 6: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import html

from shared.learning.exercises import Exercise, Mistake

PAIRS = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;"))


def _replaced(text: str, pairs=PAIRS) -> str:
    for letter, name in pairs:
        text = text.replace(letter, name)
    return text


# --- exercise 1: escaping -------------------------------------------------------------------------------------------------

ESCAPED = Exercise(
    id="w4d6-e1",
    title="words that stay words",
    task="Fill in the pairs (letter, name) for &, <, >, \" and ', in the right order. The names: &amp; &lt; &gt; &quot; &#x27;.",
    name="escaped",
    cases=[("a < b & b > c",), ("<b class=\"x\">it's</b>",), ("&lt; is already a name",)],
    reference=html.escape,
    mistakes=(
        Mistake("the ampersand last", lambda text: _replaced(text, (*PAIRS[1:], PAIRS[0])),
                "& comes last, so it also hits the & of the names that you have just written: < becomes &amp;lt;. It must come first."),
        Mistake("no ampersand", lambda text: _replaced(text, PAIRS[1:]),
                "The & itself is missing. A text that *says* &lt; would then turn into a < on the page."),
        Mistake("no quotation marks", lambda text: _replaced(text, PAIRS[:3]),
                "Both quotation marks are missing. In an attribute, such as an alt text, they would end it."),
        Mistake("only the double quotation mark", lambda text: _replaced(text, PAIRS[:4]),
                "The single quotation mark is missing: attributes may stand between single ones, too."),
        Mistake("only <", lambda text: _replaced(text, PAIRS[1:2]),
                "Only < is replaced. All five letters mean something to the reader of a page."),
        Mistake("taken out", lambda text: "".join(letter for letter in text if letter not in "&<>\"'"),
                "You take the letters out. They are to stay, as their names: nothing of Ada's text may be lost."),
        Mistake("names without a semicolon", lambda text: _replaced(text, tuple((a, b[:-1]) for a, b in PAIRS)),
                "A name ends with a semicolon: `&lt;`. Without it the next letters would be read as part of it."),
    ),
    hints=(
        "Each name begins with one of the five letters. Which one? What happens to it if its own turn comes last?",
        "A tuple of pairs that begins with (\"&\", \"&amp;\"); the order of the other four does not matter.",
    ),
    starter="""
def escaped(text):
    for letter, name in ...:  # pairs such as ("<", "&lt;")
        text = text.replace(letter, name)
    return text
""",
    solution="""
def escaped(text):
    for letter, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#x27;")):
        text = text.replace(letter, name)
    return text
""",
)

# --- exercise 2: the length of base64 -------------------------------------------------------------------------------------

LENGTH = Exercise(
    id="w4d6-e2",
    title="letters for bytes",
    task="Repair the function: how many letters base64 takes for a file of `size` bytes, filled up to full fours.",
    name="base64_letters",
    cases=[(90_000,), (100,), (101,), (0,), (1,)],
    reference=lambda size: 4 * ((size + 2) // 3),
    mistakes=(
        Mistake("the rest is lost", lambda size: 4 * (size // 3),
                "What is left over at the end, one or two bytes, is lost: 100 bytes are 33 groups and one byte more. It also takes four letters. Round up."),
        Mistake("always one more", lambda size: 4 * (size // 3 + 1),
                "Now there is always a group more, also where nothing is left over: 90,000 bytes are exactly 30,000 groups. And no bytes take no letters."),
        Mistake("a third more", lambda size: size * 4 / 3,
                "That is the rule of thumb. Letters come in fours: round the groups up, and the result is a whole number."),
        Mistake("rounded", lambda size: round(size * 4 / 3),
                "You round to the nearest letter. Base64 fills up to full fours, so 100 bytes take 136 letters."),
        Mistake("letters rounded up", lambda size: -(-size * 4 // 3),
                "You round up the letters, not the groups: 100 bytes give 134. The last group is filled up with = to a full four."),
        Mistake("the other way", lambda size: 3 * -(-size // 4),
                "Three and four are swapped: three *bytes* become four *letters*."),
    ),
    hints=(
        "How many groups of three bytes are in 100 bytes, if the last one need not be full?",
        "Round the number of groups up: `-(-size // 3)` or `(size + 2) // 3`. Then four letters each.",
    ),
    starter="""
def base64_letters(size):
    return 4 * (size // 3)
""",
    solution="""
def base64_letters(size):
    groups = (size + 2) // 3  # a last group that is not full counts, too
    return 4 * groups
""",
)

# --- exercise 3: forward references ---------------------------------------------------------------------------------------


def _count(order: list, needs: dict) -> int:
    place = {chapter: i for i, chapter in enumerate(order)}
    return sum(place[used] > place[chapter] for chapter in order for used in needs.get(chapter, ()) if used in place)


def _backward(order: list, needs: dict) -> int:
    place = {chapter: i for i, chapter in enumerate(order)}
    return sum(place[used] < place[chapter] for chapter in order for used in needs.get(chapter, ()) if used in place)


def _all(order: list, needs: dict) -> int:
    return sum(used in order for chapter in order for used in needs.get(chapter, ()))


def _chapters(order: list, needs: dict) -> int:
    return sum(any(used in order[i + 1 :] for used in needs.get(chapter, ())) for i, chapter in enumerate(order))


def _with_strangers(order: list, needs: dict) -> int:
    return sum(used not in order[: i + 1] for i, chapter in enumerate(order) for used in needs.get(chapter, ()))


def _next_only(order: list, needs: dict) -> int:
    return sum(after in needs.get(chapter, ()) for chapter, after in zip(order, order[1:]))


_NEEDS = {"attention": ["query", "softmax", "key"], "query": ["vector"], "key": ["vector", "key"], "stream": ["attention"], "vector": []}
FORWARD = Exercise(
    id="w4d6-e3",
    title="forward references of an order",
    task="Count the uses of a chapter that comes later in the order.",
    name="forward_references",
    cases=[
        (["attention", "query", "stream", "vector", "key"], _NEEDS),
        (["vector", "query", "key", "attention", "stream"], _NEEDS),
        (["stream", "attention", "key", "new"], _NEEDS),
    ],
    reference=_count,
    mistakes=(
        Mistake("backward", _backward,
                "You count what comes *earlier*. That is no debt: the reader knows it already."),
        Mistake("all uses", _all,
                "You count every use. Only one whose chapter comes *later* makes the reader wait."),
        Mistake("chapters instead of uses", _chapters,
                "You count chapters that have a debt. A chapter that uses two later ones has two."),
        Mistake("strangers count", _with_strangers,
                "A chapter that is not in the order at all counts in yours. It does not come later; it does not come."),
        Mistake("only the next one", _next_only,
                "You look at the very next chapter only. Later means anywhere further down."),
    ),
    hints=(
        "For each chapter at place i: which of the chapters that it needs stand in `order[i + 1:]`?",
        "Two loops: over `enumerate(order)`, and over `needs.get(chapter, [])`; add 1 where the needed one is in `order[i + 1:]`.",
    ),
    starter="""
def forward_references(order, needs):
    ...
""",
    solution="""
def forward_references(order, needs):
    count = 0
    for i, chapter in enumerate(order):
        for used in needs.get(chapter, []):
            count += used in order[i + 1:]
    return count
""",
)

EXERCISES = (ESCAPED, LENGTH, FORWARD)

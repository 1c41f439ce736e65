"""The exercises of week 2, day 7: what each asks, how its check knows the usual mistakes, two hints and a solution."""

import math

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: how long a line takes ---------------------------------------------------------------------------------

LINES = [
    ("words meet in attention and nowhere else today", 96),  # 8 words: 5.0 s
    ("one two three four five six seven eight nine", 120),  # 4.5 s: a half goes up
    ("a  row of numbers,\nand  a road around it", 130),  # two blanks, a new line
    (" ".join(["word"] * 20), 130),  # 9.23 s
    (" ".join(["word"] * 25), 130),  # 11.54 s
]


def _up(x: float) -> int:
    return math.floor(x + 0.5)


def _seconds(count=lambda line: len(line.split()), share=lambda words, speed: 60 * words / speed, rounded=_up):
    def line_seconds(line: str, words_per_minute: int):
        return rounded(share(count(line), words_per_minute))

    return line_seconds


SECONDS = Exercise(
    id="w2d7-e1",
    title="how long a line takes",
    task="Fill in the two missing expressions: the number of words, and the whole seconds, half a second up.",
    name="line_seconds",
    cases=LINES,
    reference=_seconds(),
    mistakes=(
        Mistake("letters are counted", _seconds(count=len),
                "You count letters: `len(line)` is the length of the text. Cut it at its blanks first, `line.split()`."),
        Mistake("every blank is a cut", _seconds(count=lambda line: len(line.split(" "))),
                'You cut at every single blank, so two blanks in a row make an empty word, and a new line none. `line.split()`, with nothing in the brackets, cuts at any gap.'),
        Mistake("minutes", _seconds(share=lambda words, speed: words / speed),
                "These are minutes: words divided by words per minute. A minute has 60 seconds."),
        Mistake("upside down", _seconds(share=lambda words, speed: 60 * speed / words),
                "Upside down: a faster speaker would need longer. It is words divided by speed, times 60."),
        Mistake("always down", _seconds(rounded=math.floor),
                "You always round down (`//` and `int` do). 11.54 s are nearer to 12: add a half first, then cut."),
        Mistake("always up", _seconds(rounded=math.ceil),
                "You always round up. 9.23 s are nearer to 9: add a half and round *down*."),
        Mistake("half to even", _seconds(rounded=round),
                "Nearly: Python's `round(4.5)` is 4, because it sends a half to the even number. The rule of the day sends it up: `int(seconds + 0.5)`."),
        Mistake("not rounded", _seconds(rounded=float),
                "The number is right, and not yet whole: add a half and cut, `int(seconds + 0.5)`."),
    ),
    hints=(
        "How many pieces does the text have when you cut it at its gaps? And a speed of 130 means: 130 words in 60 seconds.",
        "`len(line.split())` are the words; `60 * words / words_per_minute` the seconds; `int(… + 0.5)` rounds a half up.",
    ),
    starter="""
def line_seconds(line, words_per_minute):
    words = ...  # how many words the line has
    return ...   # whole seconds, half a second up
""",
    solution="""
def line_seconds(line, words_per_minute):
    words = len(line.split())
    return int(60 * words / words_per_minute + 0.5)
""",
    setup="",
)

# --- exercise 2: a block told in the wrong order -----------------------------------------------------------------------

ORDER = Exercise(
    id="w2d7-e2",
    title="a block told in the wrong order",
    task="Put the numbers of the seven sentences into the order in which a pre-LN block works.",
    name="my_order",
    cases=None,
    reference=lambda: [3, 2, 5, 6, 7, 1, 4],
    mistakes=(
        Mistake("as it was told", lambda: [6, 7, 1, 3, 2, 5, 4],
                "That is how it was told: every word thinks before it has heard anything. In a block words meet first; the feed-forward network works on what the heads brought."),
        Mistake("norm after the plus", lambda: [2, 5, 3, 7, 1, 6, 4],
                "Here each norm comes after the plus. That is the order of 2017, and sentence 3 says *goes to the heads*: in pre-LN a normed copy is what the heads read."),
        Mistake("added before it is there", lambda: [3, 5, 2, 6, 1, 7, 4],
                "You add before there is something to add: sentence 5 needs what sentence 2 makes, and sentence 1 what sentence 7 makes."),
        Mistake("the heads before their copy", lambda: [2, 3, 5, 6, 7, 1, 4],
                "The heads mix before they have read anything: sentence 3 makes the copy that sentence 2 works on."),
        Mistake("on too early", lambda: [3, 2, 5, 4, 6, 7, 1],
                "The row goes on after the heads, and the feed-forward network is told behind it. A block ends when *both* parts have added."),
        Mistake("from the top", lambda: [4, 1, 7, 6, 5, 2, 3],
                "All in the right order, read from the top downward. A block is told as it works: from the row that comes in."),
        Mistake("one norm for both", lambda: [3, 6, 2, 5, 7, 1, 4],
                "Both norms stand at the beginning. The second one reads the *new* row, the one that already holds what the heads brought."),
        Mistake("one plus at the end", lambda: [3, 2, 6, 7, 5, 1, 4],
                "Both additions wait until the end. The feed-forward network would then not know what the heads brought; each part adds at once."),
    ),
    hints=(
        "A block has two halves of the same form: norm, part, plus. In which of the halves do words meet, and which of them comes first?",
        "It begins with 3, the copy for the heads, and ends with 4. In between: heads, plus, norm, feed-forward, plus.",
    ),
    starter="my_order = [6, 7, 1, 3, 2, 5, 4]",
    solution="my_order = [3, 2, 5, 6, 7, 1, 4]",
    setup="",
)

# --- exercise 3: cut to a time budget ----------------------------------------------------------------------------------

TALK = ["Words meet in attention.", "Each of them asks, and the others answer with shares that sum to one.", "Then it thinks alone.", "That is a block.",
        "Stack twelve of them, put a vote on top, and you have a small GPT that can write."]  # 4, 14, 4, 4, 18 words  # fmt: skip
BUDGETS = [(TALK, 10, 120), (TALK, 9, 120), (TALK, 15, 130), (TALK, 60, 120), (TALK, 7, 120), (TALK, 13, 120), (TALK, 10, 130)]


def _fit(skip=False, minutes=False, strict=False, over=False, each=False, count=lambda s: len(s.split()), ends="first"):
    def fit(sentences: list, seconds: int, words_per_minute: int) -> list:
        limit = seconds * words_per_minute / (1 if minutes else 60)
        kept, words = [], 0
        for sentence in sentences if ends == "first" else sentences[::-1]:
            more = count(sentence) if each else words + count(sentence)
            if more > limit or (strict and more == limit):
                if over:
                    kept.append(sentence)
                if skip or each:
                    continue
                break
            kept.append(sentence)
            words += count(sentence)
        return kept if ends == "first" else kept[::-1]

    return fit


def _rounded(sentences: list, seconds: int, words_per_minute: int) -> list:
    kept, time = [], 0
    for sentence in sentences:
        time += round(60 * len(sentence.split()) / words_per_minute)
        if time > seconds:
            break
        kept.append(sentence)
    return kept


def _in_the_middle(sentences: list, seconds: int, words_per_minute: int) -> str:
    return " ".join(" ".join(sentences).split()[: seconds * words_per_minute // 60])


FIT = Exercise(
    id="w2d7-e3",
    title="cut to a time budget",
    task="Return the list of sentences, from the first on, that fit into the time together. Stop at the first that does not.",
    name="fit",
    cases=BUDGETS,
    reference=_fit(),
    mistakes=(
        Mistake("it goes on after a gap", _fit(skip=True),
                "You leave out a sentence that is too long and take shorter ones behind it. Then the talk has a hole: stop at the first that does not fit (`break`)."),
        Mistake("each for itself", _fit(each=True),
                "You hold each sentence against the whole time, for itself. They are spoken one after the other: add up the words so far."),
        Mistake("minutes for seconds", _fit(minutes=True),
                "The budget is in seconds, the speed in words per *minute*: `seconds * words_per_minute / 60` words fit."),
        Mistake("an exact fit is refused", _fit(strict=True),
                "A sentence that fits exactly is refused. To the second is in time: `<=`, not `<`."),
        Mistake("each is rounded", _rounded,
                "You round each sentence to whole seconds, and small errors add up: 10.15 s do not fit into 10. Compare unrounded."),
        Mistake("one too many", _fit(over=True),
                "The last sentence that you keep runs over the time. Check *before* you add it."),
        Mistake("letters are counted", _fit(count=len),
                "You count letters. A speed is given in words: `len(sentence.split())`."),
        Mistake("from the end", _fit(ends="last"),
                "You keep the end and cut the beginning. Nobody understands an end without its beginning: start with the first sentence."),
        Mistake("in the middle of a sentence", _in_the_middle,
                "You cut in the middle of a sentence, and return a text. Keep whole sentences, as a list."),
    ),
    hints=(
        "How many words fit into the time? Walk through the sentences with a counter of words so far, and decide before you keep a sentence.",
        "`limit = seconds * words_per_minute / 60`. In the loop: `words += len(sentence.split())`, then `if words > limit: break`, then keep it.",
    ),
    starter="""
def fit(sentences, seconds, words_per_minute):
    ...
""",
    solution="""
def fit(sentences, seconds, words_per_minute):
    limit = seconds * words_per_minute / 60
    kept, words = [], 0
    for sentence in sentences:
        words += len(sentence.split())
        if words > limit:
            break
        kept.append(sentence)
    return kept
""",
    setup="",
)

EXERCISES = (SECONDS, ORDER, FIT)

"""The exercises of week 3, day 7: what each asks, how its check knows the usual mistakes, two hints and a solution."""

from shared.learning.exercises import Exercise, Mistake

# --- exercise 1: the reading grade -------------------------------------------------------------------------------------

COUNTED = [
    ([[1, 2, 1], [3]],),
    ([[1, 1, 2], [2, 2, 1, 1]],),  # 7 words in 2 sentences
    ([[1, 1, 1, 1, 1, 1, 1, 1], [5, 4]],),  # sentences of very different length
    ([[1] * 12],),
    ([[2, 1, 3, 1], [1, 1], [4, 1, 2, 2, 1, 1]],),
]


def _grade(per_sentence=None, per_word=None):
    def reading_grade(text: list):
        sentences, words = len(text), sum(len(sentence) for sentence in text)
        syllables = sum(sum(sentence) for sentence in text)
        first = per_sentence(text, sentences, words, syllables) if per_sentence else words / sentences
        second = per_word(text, sentences, words, syllables) if per_word else syllables / words
        return 0.39 * first + 11.8 * second - 15.59

    return reading_grade


GRADE = Exercise(
    id="w3d7-e1",
    title="the reading grade",
    task="Fill in the two missing expressions: words per sentence, and syllables per word, over the whole text.",
    name="reading_grade",
    cases=COUNTED,
    reference=_grade(),
    mistakes=(
        Mistake("the two are swapped", _grade(lambda t, s, w, y: y / w, lambda t, s, w, y: w / s),
                "The two are swapped: 0.39 goes with the words per sentence, a large number, and 11.8 with the syllables per word, a small one."),
        Mistake("upside down, sentences", _grade(per_sentence=lambda t, s, w, y: s / w),
                "That is sentences per word. *Words per sentence* is words divided by sentences."),
        Mistake("upside down, syllables", _grade(per_word=lambda t, s, w, y: w / y),
                "That is words per syllable. *Syllables per word* is syllables divided by words."),
        Mistake("mean of means", _grade(per_word=lambda t, s, w, y: sum(sum(x) / len(x) for x in t) / s),
                "You take a mean for each sentence, and then the mean of these. So a sentence of one word counts as much as one of thirty. Add up all syllables first, then divide once."),
        Mistake("syllables per sentence", _grade(per_word=lambda t, s, w, y: y / s),
                "You divide the syllables by the *sentences*. The formula asks for syllables per word."),
        Mistake("words for syllables", _grade(per_word=lambda t, s, w, y: w / w),
                "You count words where syllables are asked for, which gives 1 for every text. The numbers inside the lists are the syllables: `sum(sentence)`, not `len(sentence)`."),
        Mistake("whole division", _grade(lambda t, s, w, y: w // s, lambda t, s, w, y: y // w),
                "`//` cuts off what is behind the point. Divide with `/`."),
    ),
    hints=(
        "A sentence is a list with one number for each word. How long is the list, and what is its sum?",
        "`words / sentences`, and `sum(sum(sentence) for sentence in text) / words`.",
    ),
    starter="""
def reading_grade(text):
    sentences = len(text)
    words = sum(len(sentence) for sentence in text)
    per_sentence = ...  # words per sentence, over the whole text
    per_word = ...      # syllables per word, over the whole text
    return 0.39 * per_sentence + 11.8 * per_word - 15.59
""",
    solution="""
def reading_grade(text):
    sentences = len(text)
    words = sum(len(sentence) for sentence in text)
    per_sentence = words / sentences
    per_word = sum(sum(sentence) for sentence in text) / words
    return 0.39 * per_sentence + 11.8 * per_word - 15.59
""",
    setup="",
)

# --- exercise 2: the loop ----------------------------------------------------------------------------------------------


def _by_sum(tokens: list) -> int:
    return (3 * sum(tokens) + len(tokens)) % 7


def _counts(tokens: list) -> int:
    return len(tokens)


LOOPS = [
    ([1, 2], _by_sum, 99, 9),  # the stop never comes
    ([4], _by_sum, 6, 12),
    ([5, 5, 5], _counts, 6, 20),  # 3, 4, 5, 6: stops by itself
    ([2, 0], _counts, 2, 8),  # the first guess is the stop
    ([1, 2, 3], _by_sum, 99, 3),  # nothing may be written
]


def _write(once=False, last_only=False, keep_stop=True, extra=0, replace=False, only_new=False, never_stop=False):
    def write(tokens: list, guess, stop: int, most: int) -> list:
        tokens, before = list(tokens), len(tokens)
        new = guess(tokens)
        while len(tokens) < most + extra:
            if not once:
                new = guess(tokens[-1:] if last_only else tokens)
            if new == stop and not keep_stop:
                break
            if replace:
                tokens, most = tokens[1:] + [new], most - 1
            else:
                tokens = tokens + [new]
            if new == stop and not never_stop:
                break
        return tokens[before:] if only_new else tokens

    return write


LOOP = Exercise(
    id="w3d7-e2",
    title="the loop that says the same for ever",
    task="Repair the loop: each new token must be read before the next one is guessed.",
    name="write",
    cases=LOOPS,
    reference=_write(),
    mistakes=(
        Mistake("guessed once", _write(once=True),
                "The guess is made once, before the loop: the way back leads to “append”. Nothing ever reads the new token. Guess anew in each round, from the tokens so far."),
        Mistake("only the last token is read", _write(last_only=True),
                "You hand over the last token alone. That is a bigram model: it has forgotten the text. `guess` wants all tokens so far."),
        Mistake("the stop is not written", _write(keep_stop=False),
                "You look for the stop before the token is put at the end, so it is lost. First append, then ask: enough?"),
        Mistake("one too many", _write(extra=1),
                "There is one token too many: stop as soon as there are `most`, `len(tokens) < most`."),
        Mistake("the oldest falls out", _write(replace=True),
                "You drop the oldest token for each new one. The text must grow: `tokens + [new]`."),
        Mistake("only the new ones", _write(only_new=True),
                "You return the new tokens only. The text so far belongs to it: return all tokens."),
        Mistake("it never stops", _write(never_stop=True),
                "It writes on after the stop token. `if new == stop: break`, once the token stands at the end."),
    ),
    hints=(
        "Draw the flowchart of this function. Where does the arrow back arrive, and which line does it therefore never run again?",
        "Move `new = guess(tokens)` into the loop, as its first line.",
    ),
    starter="""
def write(tokens, guess, stop, most):
    new = guess(tokens)
    while len(tokens) < most:
        tokens = tokens + [new]
        if new == stop:
            break
    return tokens
""",
    solution="""
def write(tokens, guess, stop, most):
    while len(tokens) < most:
        new = guess(tokens)
        tokens = tokens + [new]
        if new == stop:
            break
    return tokens
""",
    setup="",
)

# --- exercise 3: a jargon finder ---------------------------------------------------------------------------------------

TEXTS = [
    ("A piece is called token. Each token asks the softmax.", ["softmax", "token"]),
    ("Softmax and mask! The mask looks ahead, the softmax does not.", ["mask", "softmax", "head"]),  # order, doubles, "ahead"
    ("The mask, here, hides. Mask means: nobody looks ahead.", ["mask", "logit"]),
    ("Logit, logit, token. What is called logit?", ["token", "logit"]),
    ("A HEAD asks. Key means what answers.", ["key", "head"]),
    ("Nothing of this is hard.", ["token", "mask"]),
    ("It called the softmax. It is called a mask.", ["softmax", "mask"]),  # not right after each other
]


def _bare(text: str, lower=True, strip=True) -> list:
    words = text.split()
    words = [word.lower() for word in words] if lower else words
    return [word.strip(".,!?:") for word in words] if strip else words


def _unexplained(lower=True, strip=True, order="text", called=True, means=True, doubles=False, inside=False, explained=False, anywhere=False):
    def unexplained(text: str, known: list) -> list:
        words = _bare(text, lower, strip)
        pairs = list(zip(words, words[1:]))
        paid = {b for a, b in pairs if called and a == "called"} | {a for a, b in pairs if means and b == "means"}
        if anywhere and {"called", "means"} & set(words):
            paid = set(words)
        if inside:
            used = [name for name in known if name in text.lower()]
            used.sort(key=text.lower().index)
        elif order == "known":
            used = [name for name in known if name in words]
        else:
            used = [word for word in words if word in known]
            used = used if doubles else list(dict.fromkeys(used))
        return [name for name in used if (name in paid) == explained]

    return unexplained


FINDER = Exercise(
    id="w3d7-e3",
    title="a jargon finder",
    task="Return the known words that the text uses and never explains, each once, in the order of the text.",
    name="unexplained",
    cases=TEXTS,
    reference=_unexplained(),
    mistakes=(
        Mistake("inside of other words", _unexplained(inside=True),
                "You look for the letters anywhere, so *ahead* counts as *head*. Cut the text into words first, and compare whole words."),
        Mistake("capitals", _unexplained(lower=False),
                "*Softmax* at the beginning of a sentence is missed: make everything small first, `text.lower()`."),
        Mistake("punctuation", _unexplained(strip=False),
                "*mask!* and *token.* are missed, for the sign sticks to the word: `word.strip(\".,!?:\")`."),
        Mistake("in the order of the list", _unexplained(order="known"),
                "The words are right, in the order of `known`. Walk through the *text*, and keep what is known."),
        Mistake("twice", _unexplained(doubles=True),
                "A word that the text uses twice comes twice. Keep it only if you do not have it yet."),
        Mistake("explanations do not count", _unexplained(called=False, means=False),
                "You list every known word. One that stands right after *called*, or right before *means*, is paid for."),
        Mistake("called only", _unexplained(means=False),
                "*called token* is seen, *mask means* is not. Both are explanations."),
        Mistake("means only", _unexplained(called=False),
                "*mask means* is seen, *called token* is not. Both are explanations."),
        Mistake("the explained ones", _unexplained(explained=True),
                "These are the words that *are* explained. Turn the condition around."),
        Mistake("anywhere in the text", _unexplained(anywhere=True),
                "One *called* or *means* anywhere in the text excuses all words. It must stand right before, or right after, the word itself."),
    ),
    hints=(
        "Three steps: the words of the text, small and without signs; the set of words that are explained; then a walk through the words.",
        "`words = [w.strip(\".,!?:\") for w in text.lower().split()]`. With `zip(words, words[1:])` you see each word and the next one.",
    ),
    starter="""
def unexplained(text, known):
    ...
""",
    solution="""
def unexplained(text, known):
    words = [word.strip(".,!?:") for word in text.lower().split()]
    pairs = list(zip(words, words[1:]))
    explained = {b for a, b in pairs if a == "called"} | {a for a, b in pairs if b == "means"}
    found = []
    for word in words:
        if word in known and word not in explained and word not in found:
            found.append(word)
    return found
""",
    setup="",
)

EXERCISES = (GRADE, LOOP, FINDER)

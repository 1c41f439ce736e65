"""Is this text plain? Marks long sentences, long words and words of the course that the text does not explain itself.

No dictionary and no model: rules that can be read below, so that a learner can see why a mark is there, and disagree with it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.learning.codes import day_number
from shared.learning.glossary import FILE, load_glossary
from shared.learning.storyboard import sentences

LONGEST_SENTENCE = 20  # words; above, it is hard to say in one breath
LONG_SYLLABLES = 4  # a word with so many is long
MOST_WORDS = 1200

# words of the glossary, or likely to be, that everybody also uses without thinking of a model
EVERYDAY = frozenset(
    """analogy architecture attention batch bias block byte cache channel context copy cost counter-example direction distance example
    expert feature finding floor frequency head hook key label layer line loss map mask memory merge neighbor outlier pair patch
    path piece point position prompt rank role router row sample scale score segment separation shadow size space state step storyboard table
    temperature text value warm-up weight word""".split()
)
# what makes such a word an ordinary one, whatever else stands in the sentence
IDIOMS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:pay|pays|paid|paying|draw|draws|drew|get|gets|got)\s+(?:\w+\s+)?(?P<word>attention)\b",
        r"\b(?:my|your|his|her|our|their|own|nod\w*|shak\w*|shook|scratch\w*)\s+(?:own\s+)?(?P<word>heads?)\b",
        r"\bby\s+(?P<word>heart|head)\b",
        r"\b(?:house|door|piano|front)\s+(?P<word>keys?)\b",
        r"\b(?P<word>keys?)\s+(?:of|on)\s+(?:a|the|my|your)\s+(?:piano|keyboard|house|door)\b",
        r"\bon\s+the\s+(?P<word>floor)\b",
    )
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.,](?=[^\W_])[^\W_]+)*")
# a noun comes after these; a form of a verb would say what is done to the thing, not what it is
_DEFINES = r"(?:a|an|the|just|only|simply|really|nothing|like|what|how|when|where|who|whatever|short|one|another|our|your|its|their)\b"
_NOT_AFTER_ARE = r"(?!\w+(?:ed|en|ing)\b|(?:not|very|all|also|in|on|at|so|too|then|done|made|fed|sent|put|built|kept|shown|known|drawn|set|cut|from|to|equal)\b)"


@dataclass(frozen=True)
class Mark:
    """One mark. start, end: places in the text; says: why, as a sentence for the learner.

    kind: "jargon" (a word of the course that the text does not explain), "explained" (one that it does), "perhaps" (one that
    may be an everyday word here), "long word" or "long sentence".
    """

    kind: str
    start: int
    end: int
    says: str
    word: str = ""


@dataclass(frozen=True)
class Checked:
    """A checked text. sentences: (start, end, number of words) of each; marks: in the order of the text; grade: see `grade`."""

    text: str
    sentences: tuple[tuple[int, int, int], ...]
    marks: tuple[Mark, ...]
    grade: float

    @property
    def words(self) -> int:
        """Words of the whole text."""
        return sum(count for _, _, count in self.sentences)

    def of(self, kind: str) -> list[Mark]:
        """The marks of one kind, in the order of the text."""
        return [mark for mark in self.marks if mark.kind == kind]

    def names(self, kind: str) -> list[str]:
        """The different course words with a mark of this kind, in the order in which they come up."""
        return list(dict.fromkeys(mark.word for mark in self.of(kind)))

    @property
    def plain(self) -> bool:
        """Whether nothing is to be mended: no long sentence, no unexplained word of the course, at most one long word in 25."""
        return not self.of("jargon") and not self.of("long sentence") and 25 * len(self.of("long word")) <= self.words

    def __repr__(self) -> str:
        longest = max(count for _, _, count in self.sentences)
        lines = [f"{self.words} words in {len(self.sentences)} sentences, the longest {longest}; reading grade {self.grade:.1f}"]
        for kind, title in (("jargon", "✗ not explained"), ("explained", "✓ explained"), ("perhaps", "? everyday word, or ours")):
            if self.names(kind):
                lines.append(f"{title}: {', '.join(self.names(kind))}")
        if self.of("long sentence"):
            lines.append(f"✗ too long: {', '.join(mark.says for mark in self.of('long sentence'))}")
        if self.of("long word"):
            found = dict.fromkeys(self.text[mark.start : mark.end].casefold() for mark in self.of("long word"))
            lines.append(f"~ long words: {', '.join(found)}")
        return "\n".join([*lines, "✓ plain" if self.plain else "not plain yet"])


def check_plain(text: str, known: Iterable[str] | None = None, *, longest: int = LONGEST_SENTENCE) -> Checked:
    """Mark what a reader who was not in this course would stumble over.

    text: 1 to 1,200 words; known: the words that count as jargon, `course_words()` if left out; longest: words of a sentence.
    A word counts in all its forms, "queries", "tokenized", "masked". One that is also an everyday word ("head", "key") counts only
    where another word of the course stands in the same sentence, or right beside it; else it is marked "perhaps".
    A word is explained if the sentence in which it first stands, or one beside it, says "X is a …", "X means …", "called X", "X
    (…)", "X: …" or the like. What the sentence says is not checked.
    Errors: TypeError for anything but a text, ValueError for one without words or with too many. Built in week 3 day 7.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    if isinstance(longest, bool) or not isinstance(longest, int) or longest < 3:
        raise ValueError(f"longest must be a whole number of words from 3 up, got {longest!r}")
    spans = _sentence_spans(text)
    count = sum(words for _, _, words in spans)
    if not 1 <= count <= MOST_WORDS:
        raise ValueError(f"text must hold 1 to {MOST_WORDS:,} words, got {count:,}")
    marks = _course_marks(text, spans, list(course_words() if known is None else known))
    taken = {place for mark in marks for place in range(mark.start, mark.end)}
    for match in _WORD.finditer(text):
        if syllables(match[0]) >= LONG_SYLLABLES and match.start() not in taken and not re.search(r"\d", match[0]):
            marks.append(Mark("long word", *match.span(), f"“{match[0]}” has about {syllables(match[0])} syllables"))
    for number, (start, end, words) in enumerate(spans, 1):
        if words > longest:
            marks.append(Mark("long sentence", start, end, f"sentence {number} has {words} words"))
    return Checked(text, tuple(spans), tuple(sorted(marks, key=lambda mark: (mark.start, mark.kind))), grade(text))


def course_words(until: str = "w3d7") -> list[str]:
    """The words of the glossary that were met up to a day. Errors: ValueError for a day that the course does not have."""
    last = day_number(until)
    return [name for name, entry in load_glossary(FILE).items() if day_number(entry["day"]) <= last]


def grade(text: str) -> float:
    """The Flesch–Kincaid grade: about how many years of American school it takes to read a text.

    0.39 · words / sentences + 11.8 · syllables / words − 15.59 (Kincaid and others, 1975). It sees two numbers and nothing else:
    it knows neither hard short words nor sense, and below a hundred words it jumps. Syllables are estimated.
    Errors: TypeError for anything but a text, ValueError for one without words. Built in week 3 day 7.
    """
    said = [words_of(sentence) for sentence in sentences(text)]
    said = [words for words in said if words]
    if not said:
        raise ValueError("text must hold at least one word")
    words = [word for sentence in said for word in sentence]
    return 0.39 * len(words) / len(said) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def words_of(text: str) -> list[str]:
    """The words of a text as they stand there; "feed-forward", "don't" and "50,257" are one each."""
    return _WORD.findall(text)


def syllables(word: str) -> int:
    """About how many syllables an English word has, at least 1: groups of vowels, without a silent e at the end.

    Right for roughly nine words in ten ("attention" 3, "tokens" 2, "guessed" 1); wrong for some ("quiet" 1 instead of 2). A number
    written in digits counts 1.
    """
    total = 0
    for part in re.split(r"[-'’]", word.casefold()):
        letters = re.sub(r"[^a-z]", "", part)
        if not letters:
            continue
        groups = len(re.findall(r"[aeiouy]+", letters))
        if re.search(r"[^aeiouy]e$", letters) and not re.search(r"[^aeiou]le$", letters):
            groups -= 1
        elif re.search(r"[^aeiouydt]ed$", letters) or re.search(r"[^aeiouyscgxz]es$", letters) and not re.search(r"[^aeiou]les$", letters):
            groups -= 1  # "guessed", "makes"; but "wanted", "boxes", "tables"
        groups -= bool(re.search(r"gues?$", letters))
        groups += bool(re.search(r"eas?$", letters) and len(letters) > 3) + len(re.findall(r"ie(?=n[ct])", letters))
        groups += len(re.findall(r"(?<![tscgxq])i[ao](?!u)|eo(?!u|p)", letters)) + bool(re.search(r"[^aeiou]ism$", letters))
        total += max(1, groups)
    return max(1, total)


# --- course words -----------------------------------------------------------------------------------------------------


def _sentence_spans(text: str) -> list[tuple[int, int, int]]:
    spans, at = [], 0
    for sentence in sentences(text):
        start = text.index(sentence, at)
        at = start + len(sentence)
        if words := len(words_of(sentence)):
            spans.append((start, at, words))
    return spans


def stem(word: str) -> str:
    """The part of a word that its forms share, for comparing only: "queries" → "query", "masked" → "mask", "tokenizer" → "token".

    A word is never cut below four letters ("keys" aside), so that "later" is not "layer". Used in week 3 day 7.
    """
    word = word.casefold().replace("’", "'").removesuffix("'s")
    if re.search(r"[A-Z\d]", word):
        return word
    for ending, instead in (("ies", "y"), ("izations", ""), ("ization", ""), ("izers", ""), ("izer", ""), ("izes", ""), ("ized", ""), ("izing", ""),
                            ("ize", ""), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("ases", "as"), ("ings", ""), ("ing", ""),
                            ("ers", ""), ("er", ""), ("ed", ""), ("s", "")):  # fmt: skip
        if word.endswith(ending):
            if ending == "s" and re.search(r"(ss|us|is|as)$", word):
                break
            short = word[: -len(ending)] + instead
            if len(short) >= (3 if ending == "s" else 4):
                word = short
                break
    word = re.sub(r"([bdgmnprt])\1$", r"\1", word)  # "embedd" → "embed"
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def _forms(name: str) -> list[tuple[str, ...]]:
    """The ways in which a name of the glossary may be written, as stems: with its hyphen, and with a blank for it."""
    pieces = name.split()
    forms = [tuple(_stem_of(piece) for piece in pieces)]
    parts = re.split(r"[-\s]", name)
    if len(parts) > len(pieces) and all(len(part) > 3 for part in parts):
        forms.append(tuple(_stem_of(part) for part in parts))
    return forms


def _stem_of(piece: str) -> str:
    """"feed-forward" keeps its hyphen; only the last part has forms."""
    *first, last = piece.casefold().split("-")
    return "-".join([*first, stem(last)])


def _course_marks(text: str, spans: Sequence[tuple[int, int, int]], known: Sequence[str]) -> list[Mark]:
    by_form: dict[tuple[str, ...], list[str]] = {}
    for name in known:
        for form in _forms(name):
            by_form.setdefault(form, []).append(name)
    longest = max(map(len, by_form), default=0)
    marks, told = [], {}
    idioms = {match.start("word") for pattern in IDIOMS for match in pattern.finditer(text.casefold())}
    for number, (start, end, _) in enumerate(spans):
        found = _found(text, start, end, by_form, longest, idioms)
        strong = any(name.casefold() not in EVERYDAY for _, _, _, name in found)
        for i, (first, last, place, name) in enumerate(found):
            beside = any(abs(place - other[2]) == 1 for j, other in enumerate(found) if j != i and other[3] != name)
            if name.casefold() in EVERYDAY and not strong and not beside and name not in told:
                explained = _explained(text, spans, number, first, last)
                if explained is not True:  # "head" with a definition is a word of ours, and an explained one
                    marks.append(Mark("perhaps", first, last, f"“{text[first:last]}” may be an everyday word here, or a word of the course", name))
                    continue
            if name not in told:
                told[name] = _explained(text, spans, number, first, last)
            says = told[name]
            if says is True:
                marks.append(Mark("explained", first, last, f"“{text[first:last]}” is explained in the text", name))
            else:
                marks.append(Mark("jargon", first, last, f"“{text[first:last]}” {says}", name))
    return marks


def _found(text: str, start: int, end: int, by_form: dict, longest: int, idioms: set[int]) -> list[tuple[int, int, int, str]]:
    """Course words of one sentence, longest first: (start, end, number of the word in the sentence, name)."""
    matches = [(m.start() + start, m.end() + start, m[0]) for m in _WORD.finditer(text[start:end])]
    stems, found, i = [_stem_of(word) for _, _, word in matches], [], 0
    while i < len(matches):
        for n in range(min(longest, len(matches) - i), 0, -1):
            names = by_form.get(tuple(stems[i : i + n]))
            if names and matches[i][0] not in idioms:
                said = text[matches[i][0] : matches[i + n - 1][1]].casefold()
                name = min(names, key=lambda known: (abs(len(known) - len(said)), known))
                found.append((matches[i][0], matches[i + n - 1][1], i, name))
                i += n - 1
                break
        i += 1
    return found


def _explained(text: str, spans: Sequence[tuple[int, int, int]], number: int, first: int, last: int) -> bool | str:
    """True, or what is wrong: the text never says what the word is, or says it too late."""
    word = re.escape(text[first:last].casefold().removesuffix("s"))
    patterns = (
        rf"\b{word}s?,?\s+(?:is|are|was|were)\s+{_NOT_AFTER_ARE}(?:{_DEFINES}|(?<=are\s)(?:\w+\s+){{0,2}}\w+s\b)",
        rf"\b{word}s?\s+(?:just\s+|simply\s+|here\s+)?(?:mean|means|meant|stands? for)\s+\w",
        rf"\b(?:call|calls|called|named|known as|name for (?:it|this|that|them) is|word for (?:it|this|that|them) is)\s+(?:(?:it|this|that|these|them|each|one|such a \w+|\w+ \w+)\s+)?(?:by the name\s+)?(?:an?\s+|the\s+)?[“\"*]*{word}",
        rf"\b{word}s?[”\"*]*\s*(?:\(|—|–|:|, (?:that is|which (?:is|are|means)|or|meaning|an?|the)\b)\s*(?!\))\w*",
        rf"\w+\s\w+\s*\((?:an?\s+|the\s+|called\s+|so-called\s+)?[“\"]?{word}s?[”\"]?\)",
        rf"\bby\s+(?:an?\s+|the\s+)?{word}s?\s+(?:i|we)\s+mean\b",
    )
    for i, (start, end, _) in enumerate(spans):
        sentence = text[start:end].casefold()
        if any(re.search(pattern, sentence) for pattern in patterns):
            if i <= number + 1:
                return True
            return f"is used in sentence {number + 1}, and explained only in sentence {i + 1}"
    return "is a word of this course, and the text does not say what it means"

"""A script that keeps to its time: scenes with a line each, how long each line takes to say, and when it starts.

The rule, in one line: a scene ends at `round(words so far / words per minute · 60)` seconds, half a second rounded up. So
it is start times that are rounded, not lengths: the lengths add up to the rounded whole, and no error grows along the way.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WORDS_PER_MINUTE = 130  # a calm explainer; conversation runs at about 150
SLOWEST, FASTEST = 60, 240  # words per minute that can be said and followed
SHORTEST_S, LONGEST_S = 8, 40  # a picture needs time to be seen, and is used up after a while


@dataclass(frozen=True)
class Scene:
    """One picture's worth of talk. title: a few words; line: what is said while the picture is shown.

    Errors: ValueError for a title or a line without a word.
    """

    title: str
    line: str

    def __post_init__(self):
        for name in ("title", "line"):
            text = getattr(self, name)
            if not isinstance(text, str) or not count_words(text):
                raise ValueError(f"a scene's {name} must hold at least one word, got {text!r}")


@dataclass(frozen=True)
class Timed:
    """A scene with its time. start, seconds: whole seconds; says: "" or what is wrong with its length, as a sentence."""

    number: int
    title: str
    line: str
    words: int
    start: int
    seconds: int
    says: str

    @property
    def clock(self) -> str:
        """The start as m:ss."""
        return clock(self.start)


@dataclass(frozen=True)
class Script:
    """A timed script. scenes: in order; words: of all lines; seconds: of all scenes; says: how it fits `budget` seconds."""

    scenes: tuple[Timed, ...]
    words_per_minute: int
    budget: int
    words: int
    seconds: int
    says: str

    @property
    def clock(self) -> str:
        """The length as m:ss."""
        return clock(self.seconds)

    def table(self) -> str:
        """The script's times as text, a line for each scene, and the sum."""
        wide = max(len(scene.title) for scene in self.scenes)
        rows = [f"{s.clock:>5}  {s.number:>2} {s.title:{wide}}  {s.words:>3} words  {s.seconds:>3} s  {s.says}".rstrip() for s in self.scenes]
        return "\n".join([*rows, f"{self.clock:>5}     {'end':{wide}}  {self.words:>3} words  {self.seconds:>3} s  {self.says}"])

    def markdown(self, title: str) -> str:
        """The script to read from: a heading for each scene with its start and length, and its line."""
        head = f"# {title}\n\n{self.clock} at {self.words_per_minute} words per minute.\n"
        return head + "".join(f"\n## {s.number} · {s.title} ({s.clock}, {s.seconds} s)\n\n{s.line}\n" for s in self.scenes)

    def __repr__(self) -> str:
        return self.table()


def count_words(text: str) -> int:
    """The words of a text that are spoken: what stands between blanks and holds a letter or a digit.

    "feed-forward" is one word, a lonely dash or arrow none, and a number such as "2,048" one, though it takes longer to
    say: write it as it is spoken if you want it counted so. Errors: TypeError for anything but a text.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    return sum(bool(re.search(r"[^\W_]", piece)) for piece in text.split())


def seconds_for(words: int, words_per_minute: int = WORDS_PER_MINUTE) -> int:
    """words / words_per_minute · 60, in whole seconds, half a second rounded up.

    Errors: ValueError for a negative number of words, or a speed that nobody speaks at (60 to 240).
    """
    _check_speed(words_per_minute)
    if isinstance(words, bool) or not isinstance(words, int) or words < 0:
        raise ValueError(f"words must be a whole number from 0 up, got {words!r}")
    # whole numbers all the way: 60 w / v, plus a half, rounded down
    return (120 * words + words_per_minute) // (2 * words_per_minute)


def words_in(seconds: int, words_per_minute: int = WORDS_PER_MINUTE) -> int:
    """The most words that take no more than so many seconds, unrounded. Errors: ValueError as `seconds_for`."""
    _check_speed(words_per_minute)
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 0:
        raise ValueError(f"seconds must be a whole number from 0 up, got {seconds!r}")
    return seconds * words_per_minute // 60


def clock(seconds: int) -> str:
    """Whole seconds as m:ss, 125 → "2:05". Errors: ValueError for anything else."""
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds < 0:
        raise ValueError(f"seconds must be a whole number from 0 up, got {seconds!r}")
    return f"{seconds // 60}:{seconds % 60:02d}"


def timed_script(
    scenes: Iterable[Scene | tuple[str, str]],
    words_per_minute: int = WORDS_PER_MINUTE,
    *,
    budget: int = 180,
    shortest: int = SHORTEST_S,
    longest: int = LONGEST_S,
) -> Script:
    """Give each scene its start and its length, and say which are too short or too long.

    scenes: `Scene`s or (title, line); budget: seconds for the whole; shortest, longest: seconds that one picture may stand.
    A scene's length is its end minus its start, both rounded as the module says; it is less than a second off its own.
    Errors: ValueError for no scenes, a scene without words, a speed outside 60 … 240, or limits that cannot be.
    Built in week 2 day 7.
    """
    _check_speed(words_per_minute)
    for name, value in {"budget": budget, "shortest": shortest, "longest": longest}.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} must be a whole number of seconds from 1 up, got {value!r}")
    if shortest > longest:
        raise ValueError(f"shortest ({shortest} s) must not be more than longest ({longest} s)")
    scenes = [_scene(i, scene) for i, scene in enumerate(scenes, 1)]
    if not scenes:
        raise ValueError("scenes must hold at least one scene")
    timed: list[Timed] = []
    so_far = 0
    for number, scene in enumerate(scenes, 1):
        words = count_words(scene.line)
        start, end = seconds_for(so_far, words_per_minute), seconds_for(so_far + words, words_per_minute)
        says = _length_says(words, end - start, words_per_minute, shortest, longest)
        timed.append(Timed(number, scene.title, scene.line, words, start, end - start, says))
        so_far += words
    seconds = seconds_for(so_far, words_per_minute)
    return Script(tuple(timed), words_per_minute, budget, so_far, seconds, _budget_says(so_far, seconds, words_per_minute, budget))


def sentences(text: str) -> list[str]:
    """A text's sentences: cut behind ".", "!" or "?" and a blank. Errors: TypeError for anything but a text."""
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, got {type(text).__name__}")
    return [piece for piece in re.split(r"(?<=[.!?])\s+", text.strip()) if piece]


def jargon(text: str, known: Sequence[str]) -> list[str]:
    """Which of the known course words a text uses, in the order in which they first come up, each once.

    A plural counts ("queries", "heads"); a longer word is found before its part ("attention weight" before "weight").
    """
    left, found = f" {_plain(text)} ", {}
    for word in sorted(known, key=len, reverse=True):
        plain = _plain(word)
        if not plain:
            continue
        forms = f"{re.escape(plain)}s?" + (f"|{re.escape(plain[:-1])}ies" if plain.endswith("y") else "")
        if match := re.search(f" ({forms})(?= )", left):
            found[word] = match.start()
            # taken out letter by letter, so that the places of the others stay
            left = re.sub(f" ({forms})(?= )", lambda m: " " + "\0" * len(m[1]), left)
    return sorted(found, key=found.__getitem__)


def _plain(text: str) -> str:
    """The words in small letters, with one blank between them and nothing else."""
    return " ".join(re.findall(r"[^\W_][\w-]*", text.casefold()))


def _scene(number: int, scene) -> Scene:
    if isinstance(scene, Scene):
        return scene
    if not (isinstance(scene, (tuple, list)) and len(scene) == 2):
        raise ValueError(f"scene {number} must be (title, line), got {scene!r}")
    try:
        return Scene(*scene)
    except ValueError as error:
        raise ValueError(f"scene {number}: {error}") from None


def _check_speed(words_per_minute: int) -> None:
    if isinstance(words_per_minute, bool) or not isinstance(words_per_minute, int) or not SLOWEST <= words_per_minute <= FASTEST:
        raise ValueError(f"words_per_minute must be a whole number from {SLOWEST} to {FASTEST}, got {words_per_minute!r}")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")


def _length_says(words: int, seconds: int, speed: int, shortest: int, longest: int) -> str:
    if seconds < shortest:
        missing = max(1, -(-shortest * speed // 60) - words)
        return f"too short: a picture needs {shortest} s to be seen, add {_count(missing, 'word')}"
    if seconds > longest:
        return f"too long: after {longest} s a picture is used up, cut {_count(max(1, words - words_in(longest, speed)), 'word')}"
    return ""


def _budget_says(words: int, seconds: int, speed: int, budget: int) -> str:
    if seconds > budget:
        return f"{seconds - budget} s over {clock(budget)}: cut {_count(max(1, words - words_in(budget, speed)), 'word')}"
    return f"{budget - seconds} s to spare in {clock(budget)}" if seconds < budget else f"exactly {clock(budget)}"

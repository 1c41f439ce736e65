"""What every notebook must have, whatever it teaches: sections, tags, words beside pictures, short cells, nothing from the network.

Each check is a function from a day to a list of faults. The first half of the file holds the checks, the second runs them over
every notebook and shows, on a small day made in memory, that each of them can fail.
"""

import copy
import functools
import html
import html.parser
import json
import re
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.building.compare import differences, source_faults
from shared.building.places import day_of, notebook_of, notebooks, source_of, sources
from shared.building.source import read_source

ROOT = Path(__file__).resolve().parents[1]

SECTIONS = ["warm up", "exercises", "self-quiz", "draw or write", "go further", "today in one picture"]
TAGS = {"setup": 1, "warm-up": 1, "predict": 3, "exercise": 2, "check": 2, "quiz": 1}  # the least number of each
OTHER_TAGS = {"interactive", "training"}
FIGURES = {"still": 4, "animation": 1, "interactive": 1}
MOST_BYTES, MOST_LINES, MEDIAN_LINES, MOST_LETTERS = 1_500_000, 40, 8, 600
MINUTES = range(60, 91)  # a day's sections together, without what is optional
LEAST_ALT, LEAST_OPTION_ALT = 40, 15  # letters; a drawing that is one of a question's options is described more shortly
# a text that begins so says what kind of picture it is, not what can be learned from it
EMPTY_ALT = re.compile(r"(a|an|the|this)?\s*(heat ?map|image|picture|plot|figure|graph|chart|diagram|screenshot)\b", re.IGNORECASE)
# where the course sends its readers; an address elsewhere is a slip of the pen until it is added here
HOSTS = {
    "arena-ch1-transformers.streamlit.app", "arena.ai", "arxiv.org", "bbycroft.net", "doi.org", "colab.research.google.com",
    "developers.google.com", "distill.pub", "docs.streamlit.io", "excalidraw.com", "github.com", "huggingface.co",
    "jalammar.github.io", "karpathy.github.io", "kellerjordan.github.io", "lena-voita.github.io", "lilianweng.github.io",
    "magazine.sebastianraschka.com", "mlabonne.github.io", "nlp.seas.harvard.edu", "poloclub.github.io",
    "projector.tensorflow.org", "sebastianraschka.com", "transformer-circuits.pub", "transformerlensorg.github.io",
    "revealjs.com", "www.3blue1brown.com", "www.w3.org", "www.youtube.com",
}  # fmt: skip
# beside these, what the project's own files may name: licenses, sources of colors and data, the loopback, XML's own names
PROJECT_HOSTS = HOSTS | {
    "127.0.0.1", "localhost", "creativecommons.org", "jfly.uni-koeln.de", "pytorch.org", "download.pytorch.org", "pypi.org",
    "www.python.org", "raw.githubusercontent.com", "docs.python.org", "example.com", "example.org", "hakim.se",
}  # fmt: skip

# a bracket in each pattern keeps this list from finding itself
AMERICAN = {
    r"colo[u]r": "color", r"behavio[u]r": "behavior", r"neighbo[u]r": "neighbor", r"favo[u]r": "favor", r"labe[l]led(?!by)": "labeled",
    r"mode[l]ling": "modeling", r"trave[l]ling": "traveling", r"cente[r]?re\b|\bcentr[e]\b": "center", r"analy[s]e": "analyze",
    r"(normal|visual|token|initial|optim|summar|recogn|organ|general|parallel|memor|special|penal|real|minim|maxim)i[s]": "…ize",
    r"gre[y]\b": "gray", r"\bcatalogu[e]\b": "catalog", r"\bdefenc[e]\b": "defense", r"\blearn[t]\b": "learned",
    r"\bwhils[t]\b": "while", r"\bprogramm[e]\b": "program", r"\bmetr[e]s?\b": "meter", r"\bfulfi[l]\b": "fulfill",
}  # fmt: skip
NOT_BRITISH = re.compile(r"real[i]s[mt]|general[i]st|organ[i]s[m]|special[i]st|min[i]mis[t]|optim[i]s[mt]|paral[l]elis[m]|Gre[y]s", re.IGNORECASE)
# the project speaks of itself alone: not of how, where and by whom it was written
FORBIDDEN = [
    r"/wor[k]/", r"\bthis work[p]lace\b", r"\.\./share[d]\b", r"\bthe shel[f]\b", r"\bissue (tracke[r]|#?\d)", r"\bissues sho[w]\b",
    r"\b(this|a|the) (helper|lead|writing|coding) sessio[n]", r"\bsub-?agen[t]", r"\b(previous|next|later|earlier) sessio[n]",
    r"\bLL[M] wrote\b", r"\bas an A[I]\b", r"\bTOD[O]\b", r"\bFIXM[E]\b", r"\bXX[X]\b", r"\bdevp[i]\b", r"\bartifactor[y]\b",
]  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|root|Users|work|tmp|private|var/folders)/|\b[A-Z]:\\+Users\\")


# --- a day, and how to read it ----------------------------------------------------------------------------------------


@dataclass
class Day:
    """One notebook with what belongs to it. cells: as in the file, without stored ids."""

    week: int
    day: int
    cells: list[dict]
    questions: list[dict] = field(default_factory=list)
    glossary: dict[str, dict] = field(default_factory=dict)
    size: int = 0

    @property
    def code_name(self) -> str:
        return f"w{self.week}d{self.day}"

    def of(self, kind: str) -> list[dict]:
        return [cell for cell in self.cells if cell["cell_type"] == kind]

    def headings(self, level: str = "#+") -> list[str]:
        """Headings in order; `level` is a pattern for the signs before them."""
        return [m[1].strip() for cell in self.of("markdown") for m in re.finditer(rf"^{level} +(.*)$", outside_code(cell), re.MULTILINE)]

    def outputs(self) -> list[tuple[int, dict]]:
        return [(i, output) for i, cell in enumerate(self.cells) for output in cell.get("outputs", [])]

    @functools.cached_property
    def pages(self) -> list[tuple[int, "Page"]]:
        return [(i, Page(joined(o["data"]["text/html"]))) for i, o in self.outputs() if "text/html" in o.get("data", {})]


def joined(text: str | list[str]) -> str:
    return "".join(text) if isinstance(text, list) else text


def outside_code(cell: dict) -> str:
    """A markdown cell's text without code blocks and `code`."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", joined(cell["source"]), flags=re.DOTALL)


def tags(cell: dict) -> set[str]:
    return set(cell.get("metadata", {}).get("tags", []))


class Page(html.parser.HTMLParser):
    """A piece of HTML as a browser finds it. `inner` holds the pages of its frames."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.figures: list[dict] = []  # kind, caption, and whether an <img> with alt text is inside
        self.images: list[tuple[str, bool]] = []  # alt text, and whether it stands in a figure
        self.styles, self.inner = "", []
        self._open: list[dict] = []
        self._in: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = {name: value or "" for name, value in attributes}
        self.tags.append((tag, found))
        if tag == "figure":
            self._open.append({"kind": found.get("data-kind"), "caption": "", "still": False, "frame": False})
            self.figures.append(self._open[-1])
        if tag == "img":
            self.images.append((found.get("alt", ""), bool(self._open)))
            if self._open and found.get("alt"):
                self._open[-1]["still"] = True
        if self._open and tag == "iframe":
            self._open[-1]["frame"] = True
        if "srcdoc" in found:
            self.inner.append(Page(found["srcdoc"]))
        if tag in ("style", "figcaption"):
            self._in.append(tag)

    def handle_endtag(self, tag):
        if self._in and self._in[-1] == tag:
            self._in.pop()
        if tag == "figure" and self._open:
            self._open.pop()

    def handle_data(self, data):
        if self._in[-1:] == ["style"]:
            self.styles += data
        elif self._in[-1:] == ["figcaption"] and self._open:
            self._open[-1]["caption"] += data

    def all_tags(self) -> list[tuple[str, dict]]:
        return self.tags + [tag for page in self.inner for tag in page.all_tags()]

    def all_styles(self) -> str:
        return self.styles + "".join(f.get("style", "") + ";" for _, f in self.tags) + "".join(p.all_styles() for p in self.inner)


# --- the checks -------------------------------------------------------------------------------------------------------

CHECKS: dict[str, Callable[[Day], list[str]]] = {}


def check(function: Callable[[Day], list[str]]) -> Callable[[Day], list[str]]:
    CHECKS[function.__name__] = function
    return function


@check
def opens_with_title_promise_time_and_goals(day: Day) -> list[str]:
    first = joined(day.cells[0]["source"]) if day.cells and day.cells[0]["cell_type"] == "markdown" else ""
    faults = []
    if not re.match(rf"# Week {day.week} · Day {day.day}\b", first):
        faults.append(f"the first cell must begin with '# Week {day.week} · Day {day.day}'")
    if not re.search(r"\b\d+ minutes\b", first):
        faults.append("the first cell must say how many minutes the day takes")
    if len(re.findall(r"^- ", first, re.MULTILINE)) != 3:
        faults.append("the first cell must list three things that the learner will be able to do")
    if "colab.research.google.com/github/" not in first:
        faults.append("the first cell must link to Colab")
    if not any(f"course_map(week={day.week}, day={day.day})" in joined(c["source"]) for c in day.of("code")):
        faults.append(f"no cell shows course_map(week={day.week}, day={day.day})")
    return faults


@check
def sections_are_there_in_order(day: Day) -> list[str]:
    found = [heading.casefold() for heading in day.headings("##")]
    places = [next((i for i, heading in enumerate(found) if section in heading), None) for section in SECTIONS]
    missing = [f"no section '{s}'" for s, place in zip(SECTIONS, places, strict=True) if place is None]
    there = [place for place in places if place is not None]
    return missing + ([] if there == sorted(there) else [f"sections are out of order: {found}"])


@check
def three_to_six_ideas(day: Day) -> list[str]:
    ideas = [heading for heading in day.headings("##") if re.match(r"\d", heading)]
    numbers = [int(re.match(r"\d+", heading)[0]) for heading in ideas]
    faults = [] if 3 <= len(ideas) <= 6 else [f"{len(ideas)} numbered ideas, wanted three to six"]
    return faults + ([] if numbers == list(range(1, len(ideas) + 1)) else [f"ideas are numbered {numbers}"])


@check
def each_main_heading_says_its_minutes(day: Day) -> list[str]:
    return [f"'## {heading}' says no minutes" for heading in day.headings("##") if not re.search(r"\(.*\b\d+ min\b.*\)$", heading)]


@check
def the_minutes_add_up(day: Day) -> list[str]:
    spent = sum(int(re.search(r"(\d+) min\b", h)[1]) for h in day.headings("##") if re.search(r"\d+ min\b", h) and "optional" not in h)
    first = joined(day.cells[0]["source"]) if day.cells else ""
    said = re.search(r"\b(\d+) minutes\b", first)
    faults = [] if spent in MINUTES else [f"the sections take {spent} minutes together, a day has {MINUTES[0]} to {MINUTES[-1]}"]
    if said and abs(int(said[1]) - spent) > 5:
        faults.append(f"the first cell says {said[1]} minutes, the sections {spent}")
    return faults


@check
def cells_carry_their_tags(day: Day) -> list[str]:
    found = [tag for cell in day.cells for tag in tags(cell)]
    faults = [f"{found.count(tag)} cells tagged {tag}, wanted {least}" for tag, least in TAGS.items() if found.count(tag) < least]
    if found.count("setup") > 1:
        faults.append("more than one set-up cell")
    return faults + [f"unknown tag {tag!r}" for tag in sorted(set(found) - set(TAGS) - OTHER_TAGS)]


@check
def predictions_are_answered_later(day: Day) -> list[str]:
    code = "\n".join(joined(cell["source"]) for cell in day.of("code"))
    asked = [(m[1], m.start()) for m in re.finditer(r'\bpredict\(\s*"([^"]+)"', code)]
    answered = {m[1]: m.start() for m in re.finditer(r'\breveal\(\s*"([^"]+)"', code)}
    faults = [f"prediction {name} is never answered" for name, _ in asked if name not in answered]
    faults += [f"prediction {name} is answered before it is asked" for name, at in asked if answered.get(name, at) < at]
    faults += [f"{name} is answered and was never asked" for name in answered if name not in dict(asked)]
    faults += [f"prediction {name} stands in a cell without the tag" for cell in day.of("code") if "predict" not in tags(cell)
               for name in re.findall(r'\bpredict\(\s*"([^"]+)"', joined(cell["source"]))]  # fmt: skip
    return faults + ([] if len(asked) >= TAGS["predict"] else [f"{len(asked)} predictions, wanted {TAGS['predict']}"])


@check
def exercises_have_a_check_and_help(day: Day) -> list[str]:
    code = "\n".join(joined(cell["source"]) for cell in day.of("code"))
    checked, helped = (set(re.findall(rf'\b{f}\(\s*"([^"]+)"', code)) for f in ("check_exercise", "help_with"))
    faults = [f"exercise {name} has {there} and not {lacks}" for name, there, lacks in
              [(n, "a check", "help") for n in checked - helped] + [(n, "help", "a check") for n in helped - checked]]  # fmt: skip
    return faults + ([] if len(checked) in (2, 3) else [f"{len(checked)} exercises, wanted two or three"])


@check
def only_the_days_own_items_are_asked(day: Day) -> list[str]:
    code = "\n".join(joined(cell["source"]) for cell in day.of("code"))
    code = re.sub(r'\bfindings_of\("w\dd\d"\)', "", code)  # what was written on an earlier day may be read again
    found = set(re.findall(r'"(w\dd\d)(?:-\w+)?"', code))
    return [f"{other} is asked for on {day.code_name}" for other in sorted(found - {day.code_name})]


@check
def the_quiz_is_long_enough(day: Day) -> list[str]:
    faults = [] if len(day.questions) >= 6 else [f"{len(day.questions)} quiz questions, wanted six"]
    if not any(question["kind"] in ("number", "picture") for question in day.questions):
        faults.append("no question asks for a number or a picture")
    return faults


@check
def questions_point_to_headings_that_exist(day: Day) -> list[str]:
    headings = [heading.casefold() for heading in day.headings()]
    return [
        f"{question['id']} is shown in {question['shows']!r}, and no heading says so"
        for question in day.questions if not any(question["shows"].casefold() in heading for heading in headings)
    ]  # fmt: skip


@check
def figures_of_each_kind(day: Day) -> list[str]:
    found = [figure["kind"] for _, page in day.pages for figure in page.figures]
    return [f"{found.count(kind)} figures of kind {kind}, wanted {least}" for kind, least in FIGURES.items() if found.count(kind) < least]


@check
def figures_have_captions_and_stills(day: Day) -> list[str]:
    faults = []
    for i, page in day.pages:
        for figure in page.figures:
            if figure["kind"] not in FIGURES:
                faults.append(f"cell {i}: a figure of kind {figure['kind']!r}")
            if not figure["caption"].strip():
                faults.append(f"cell {i}: a figure without a caption")
            if not figure["still"]:
                faults.append(f"cell {i}: a figure without a still image")
    return faults


@check
def images_say_what_can_be_learned_from_them(day: Day) -> list[str]:
    texts = [(i, alt, LEAST_ALT if carded else LEAST_OPTION_ALT) for i, page in day.pages for alt, carded in page.images]
    for i, cell in enumerate(day.cells):
        if cell["cell_type"] == "markdown":
            text = outside_code(cell)
            texts += [(i, alt, LEAST_ALT) for alt in re.findall(r"!\[([^\]]*)\]\(", text) + [alt for alt, _ in Page(text).images]]
    too_short = [f"cell {i}: alt text {alt!r} has fewer than {least} letters" for i, alt, least in texts if len(alt.strip()) < least]
    return too_short + [f"cell {i}: alt text {alt[:40]!r} … begins with what it is, not with what it shows"
                        for i, alt, _ in texts if EMPTY_ALT.match(alt.strip())]  # fmt: skip


@check
def no_image_comes_without_its_card(day: Day) -> list[str]:
    bare = [i for i, output in day.outputs() if any(k.startswith("image/") for k in output.get("data", {}))
            and "<figure" not in joined(output["data"].get("text/html", ""))]  # fmt: skip
    bare += [i for i, page in day.pages for figure in page.figures if figure["frame"] and not figure["still"]]
    return [f"cell {i}: an image outside a figure" for i in bare]


FETCHING = {"src", "href", "srcset", "poster", "data", "action", "background", "xlink:href", "formaction"}


@check
def outputs_fetch_nothing(day: Day) -> list[str]:
    faults = []
    for i, page in day.pages:
        for tag, attributes in page.all_tags():
            faults += [f"cell {i}: <{tag} {name}={value[:60]!r}>" for name, value in attributes.items()
                       if name in FETCHING and tag != "a" and value and not value.startswith(("data:", "#"))]  # fmt: skip
        faults += [f"cell {i}: {found}" for found in re.findall(r"url\(\s*['\"]?(?!data:|#)[^)]{1,60}|@import[^;]{1,60}", page.all_styles())]
    for i, output in day.outputs():
        for kind, text in output.get("data", {}).items():
            if not kind.startswith("image/"):
                plain = text if isinstance(text, str) else json.dumps(text)
                addresses = re.findall(r"(?:https?|wss?)://[^\s\"'<>&]+", re.sub(r"https?://www\.w3\.org/", "", plain))
                faults += [f"cell {i}: the address {address}" for address in addresses]
    return faults


@check
def outputs_name_no_path_of_a_machine(day: Day) -> list[str]:
    faults = []
    for i, output in day.outputs():
        text = re.sub(r"[A-Za-z0-9+/=]{120,}", "", json.dumps(output, ensure_ascii=False))  # base64 may spell anything
        if found := MACHINE_PATH.search(text):
            faults.append(f"cell {i}: the path {text[found.start() : found.start() + 40]!r}")
    return faults


@check
def every_cell_ran_without_error_or_warning(day: Day) -> list[str]:
    faults = [f"cell {i}: {o.get('ename')}" for i, o in day.outputs() if o["output_type"] == "error"]
    faults += [f"cell {i}: something on stderr" for i, o in day.outputs() if o.get("name") == "stderr"]
    return faults + [f"cell {i}: not run" for i, c in enumerate(day.cells) if c["cell_type"] == "code" and not c.get("execution_count")]


@check
def the_notebook_is_small(day: Day) -> list[str]:
    return [] if day.size <= MOST_BYTES else [f"{day.size:,} bytes, at most {MOST_BYTES:,}"]


@check
def code_cells_are_short(day: Day) -> list[str]:
    lengths = {i: len(joined(c["source"]).strip().splitlines()) for i, c in enumerate(day.cells) if c["cell_type"] == "code"}
    faults = [f"cell {i}: {length} lines, at most {MOST_LINES}" for i, length in lengths.items() if length > MOST_LINES]
    median = statistics.median(lengths.values()) if lengths else 0
    return faults + ([f"code cells have {median:g} lines in the middle, at most {MEDIAN_LINES}"] if median > MEDIAN_LINES else [])


@check
def no_shortcut_around_words_or_errors(day: Day) -> list[str]:
    faults = [f"cell {i}: {word} shows a picture without its words" for i, c in enumerate(day.cells) if c["cell_type"] == "code"
              for word in re.findall(r"plt\.show\(|\bImage\(|\bSVG\(|%matplotlib|to_jshtml|clear_output", joined(c["source"]))]  # fmt: skip
    return faults + [f"cell {i}: tagged raises-exception" for i, cell in enumerate(day.cells) if "raises-exception" in tags(cell)]


@check
def links_are_well_formed(day: Day) -> list[str]:
    faults = []
    for i, cell in enumerate(day.cells):
        if cell["cell_type"] != "markdown":
            continue
        text = outside_code(cell)
        faults += [f"cell {i}: an image from elsewhere, {a}" for a in re.findall(r"!\[[^\]]*\]\(\s*((?:https?:)?//[^)]*)", text)]
        for words, address in re.findall(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)", text):
            faults += [f"cell {i}: [{words}]({address}) {what}" for what in link_faults(words, address)]
        bare = re.sub(r"\]\([^)]*\)", "]", text)
        faults += [f"cell {i}: {found} stands in the text without words" for found in re.findall(r"https?:\S+|www\.\S+", bare)]
    return faults


def link_faults(words: str, address: str) -> list[str]:
    faults = [] if words.strip() else ["has no words"]
    if address.startswith("#") or (re.match(r"[\w./-]+$", address) and "//" not in address):
        return faults  # within the notebook or the course
    parts = urlsplit(address)
    if parts.scheme != "https":
        faults.append("is not https")
    if re.search(r"\s", address):
        faults.append("has a blank in it")
    if address.count("://") > 1 or "//" in parts.path:
        faults.append("holds two addresses")
    if parts.netloc not in HOSTS:
        faults.append(f"leads to a host that the course does not know: {parts.netloc}")
    return faults + (["tracks its reader"] if "utm_" in address else [])


@check
def new_words_are_in_the_glossary(day: Day) -> list[str]:
    known = {name.casefold() for name in day.glossary}
    texts = [outside_code(cell) for cell in day.of("markdown")]
    bold = {word for text in texts for word in new_words(text)}
    bold |= {name.casefold() for name in day.glossary if any(f"**{name}**" in text for text in texts)}  # proper names, such as Elo
    faults = [f"**{word}** is not in the glossary" for word in sorted(bold) if not {word, word.removesuffix("s")} & known]
    own = {name.casefold() for name, entry in day.glossary.items() if entry["day"] == day.code_name}
    return faults + [f"the glossary says {w!r} is new on this day, and no text has **{w}**" for w in sorted(own) if not {w, w + "s"} & bold]


def new_words(text: str) -> list[str]:
    """Words in bold that a sentence introduces: a few words in small letters. Bold labels, sentences and quotations are not."""
    running = re.sub(r"(?<!\n)\n(?!\s*\n)", " ", re.sub(r"^#.*$", "", text, flags=re.MULTILINE))  # bold may run over a line's end
    inside = re.findall(r"(?<!\*)\*\*([^*\n]+)\*\*(?!\*)", running)
    return [word.casefold() for word in inside if re.fullmatch(r"[a-zα-ω][\w-]*( [\w-]+){0,3}|[A-Z]{2,}\w*", word)]


@check
def paragraphs_are_short(day: Day) -> list[str]:
    faults = []
    for i, cell in enumerate(day.cells):
        if cell["cell_type"] == "markdown":
            for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*|>]|\d+\.) )", re.sub(r"\$\$.*?\$\$", "", outside_code(cell), flags=re.DOTALL)):
                text = re.sub(r"<[^>]+>|\]\([^)]*\)", "", paragraph).strip()
                if len(text) > MOST_LETTERS and not text.startswith("|"):
                    faults.append(f"cell {i}: a paragraph of {len(text)} letters, {text[:40]!r} …")
    return faults


@check
def spelling_is_american(day: Day) -> list[str]:
    return [f"cell {i}: {fault}" for i, cell in enumerate(day.cells) for fault in british(joined(cell["source"]))]


def british(text: str) -> list[str]:
    """British spellings, each with its American one. Addresses are left alone."""
    text = NOT_BRITISH.sub("", re.sub(r"https?://\S+", "", text))
    small = text.lower()
    likely = [pattern for pattern in AMERICAN if may_hold(pattern, small)]
    return [f"{m[0]!r}, American {AMERICAN[pattern]!r}" for pattern in likely for m in re.finditer(pattern, text, re.IGNORECASE)]


def may_hold(pattern: str, text: str) -> bool:
    """Whether the pattern without its first word boundary is there: what begins with a letter is found ten times as fast."""
    return re.search(pattern.removeprefix(r"\b"), text) is not None


# --- over every notebook of the course --------------------------------------------------------------------------------


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def load_day(path: Path) -> Day:
    week, day = day_of(path)
    stored = json.loads(path.read_text(encoding="utf-8"))
    asked = ROOT / "shared" / "learning" / "questions" / f"week{week}.json"
    questions = json.loads(asked.read_text(encoding="utf-8"))["questions"] if asked.is_file() else []
    glossary = json.loads((ROOT / "shared" / "learning" / "glossary.json").read_text(encoding="utf-8"))
    mine = [question for question in questions if question["id"].startswith(f"w{week}d{day}-")]
    return Day(week, day, stored["cells"], mine, glossary, path.stat().st_size)


@functools.cache
def read_once(source: Path):
    return read_source(source)


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("path", notebooks(ROOT), ids=named)
def test_notebook(path, name):
    faults = CHECKS[name](load_day(path))
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", notebooks(ROOT), ids=named)
def test_cells_equal_the_source(path):
    import nbformat

    source = source_of(path)
    assert source.is_file(), f"{named(path)} has no source"
    found = differences(read_once(source), nbformat.read(path, as_version=4))
    assert not found, f"build it again: python3 course.py build {named(path)}\n" + "\n".join(found[:40])


@pytest.mark.parametrize("path", sources(ROOT), ids=named)
def test_source_is_built_and_starts_like_all_others(path):
    assert notebook_of(path).is_file(), f"build it: python3 course.py build {named(path)}"
    assert source_faults(path, read_once(path)) == []


def test_there_are_notebooks_and_no_day_has_two():
    days = [day_of(path) for path in notebooks(ROOT)]
    assert days and len(set(days)) == len(days)


def project_files() -> list[Path]:
    """What the project consists of: every file that git keeps or would keep; without git, what is neither hidden nor made."""
    try:
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
        files = [ROOT / name for name in listed if name]
    except (OSError, subprocess.CalledProcessError):
        made = {".venv", ".git", "__pycache__", "my_course", ".pytest_cache", ".hypothesis", ".ipynb_checkpoints"}
        files = [path for path in ROOT.rglob("*") if not made & set(path.relative_to(ROOT).parts)]
    return sorted(path for path in files if path.is_file())


TEXT = {".py", ".md", ".json", ".js", ".css", ".toml", ".txt", ".cfg", ".ipynb", ".yml", ".html", ""}


def texts() -> list[tuple[Path, str]]:
    files = [path for path in project_files() if path.suffix in TEXT]
    # what is packed into base64 is no text
    return [(path, re.sub(r"[A-Za-z0-9+/=]{120,}", "", path.read_text(encoding="utf-8"))) for path in files]


def test_the_project_speaks_of_itself_alone():
    found = [f"{named(path)}: {m[0]!r}" for path, text in texts() for pattern in FORBIDDEN if may_hold(pattern, text) for m in re.finditer(pattern, text)]
    assert not found, "\n".join(found)


def test_the_project_names_only_hosts_that_it_knows():
    found = set()
    for path, text in texts():
        if path.name.startswith("test_"):
            continue  # tests make up addresses that must be refused
        hosts = re.findall(r"(?:https?|wss?)://([A-Za-z0-9.-]+\.[A-Za-z0-9]+)", text)
        found |= {f"{named(path)}: {host}" for host in hosts if host.rstrip(".") not in PROJECT_HOSTS}
    assert not found, "\n".join(sorted(found))


def test_the_project_spells_american():
    others = {Path(__file__).resolve(), ROOT / "shared" / "text" / "declaration.json"}  # the words that are looked for, and a quotation
    found = [f"{named(p)}: {fault}" for p, text in texts() if p not in others and p.suffix != ".ipynb" for fault in british(text)]
    assert not found, "\n".join(found)


def test_no_file_is_heavy():
    heavy = [f"{named(path)}: {path.stat().st_size:,} bytes" for path in project_files() if path.stat().st_size > 4_000_000]
    assert not heavy, "\n".join(heavy)


# --- each check can fail ----------------------------------------------------------------------------------------------

ALT = "Each word looks mostly at the word before it; mat looks at cat."


def still(kind: str = "still", inside: str = "", caption: str = "Who looks at whom.", alt: str = ALT) -> dict:
    page = f'<figure data-kind="{kind}">{inside}<img alt="{alt}" src="data:image/png;base64,AAAA"><figcaption>{caption}</figcaption></figure>'
    return {"output_type": "display_data", "data": {"text/html": page, "image/png": "AAAA"}}


def markdown(text: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code(text: str, *tagged: str, outputs: list[dict] | None = None) -> dict:
    return {"cell_type": "code", "metadata": {"tags": list(tagged)}, "source": text, "outputs": outputs or [], "execution_count": 1}


FRAME = '<iframe title="walk" sandbox="allow-scripts" srcdoc="&lt;style&gt;a{color:red}&lt;/style&gt;&lt;p&gt;walk&lt;/p&gt;"></iframe>'


def good_day() -> Day:
    """A day with everything that a day needs, and nothing more."""
    link = "[Open in Colab](https://colab.research.google.com/github/ada/course/blob/main/week1/day4_x.ipynb)"
    cells = [
        markdown(f"# Week 1 · Day 4: Attention\n\nAbout 80 minutes. {link}\n\n- one\n- two\n- three"),
        code("import os", "setup"),
        code("course_map(week=1, day=4)", outputs=[still()]),
        markdown("## Warm up (8 min)"),
        code('warm_up("w1d4")', "warm-up"),
        markdown("## 1 · Six words (20 min)\n\nA **token** is a piece of text. Twice **tokens**."),
        *[code(f'predict("w1d4-p{i}", "How many?", answer="number")', "predict") for i in (1, 2, 3)],
        *[code(f'reveal("w1d4-p{i}", 36, "because")', outputs=[still()]) for i in (1, 2, 3)],
        markdown("## 2 · Every word asks every word (20 min)"),
        code("walk()", outputs=[still("interactive", FRAME)]),
        markdown("## 3 · After training (5 min)"),
        code("move()", outputs=[still("animation", FRAME)]),
        markdown("## Exercises (12 min)"),
        *[cell for i in (1, 2) for cell in (code("...", "exercise"), code(f'check_exercise("w1d4-e{i}", f)', "check"), code(f'help_with("w1d4-e{i}")'))],
        markdown("## Self-quiz (6 min)"),
        code('quiz("w1d4")', "quiz"),
        markdown("## Draw or write (7 min)"),
        markdown("## Go further (30 min, optional)\n\n- [Attention](https://www.youtube.com/watch?v=eMlx5fFNoYc)"),
        markdown("## Today in one picture (2 min)"),
    ]
    kinds = ["choice"] * 5 + ["number"]
    questions = [{"id": f"w1d4-0{i}", "kind": kind, "shows": "Every word asks every word"} for i, kind in enumerate(kinds)]
    glossary = {"token": {"day": "w1d4", "means": "A piece of text."}, "softmax": {"day": "w1d3", "means": "Shares."}}
    return Day(1, 4, copy.deepcopy(cells), questions, glossary, 100_000)


@pytest.mark.parametrize("name", CHECKS)
def test_a_good_day_passes(name):
    assert CHECKS[name](good_day()) == []


def say(old: str, new: str) -> Callable[[Day], None]:
    """A change of words somewhere in the sources."""

    def change(day: Day) -> None:
        before = [cell["source"] for cell in day.cells]
        for cell in day.cells:
            cell["source"] = cell["source"].replace(old, new)
        assert before != [cell["source"] for cell in day.cells], old

    return change


def show(output: dict) -> Callable[[Day], None]:
    return lambda day: day.cells[2]["outputs"].append(output)


def html_output(text: str) -> dict:
    return {"output_type": "display_data", "data": {"text/html": text}}


def tag(cell: int, *tagged: str) -> Callable[[Day], None]:
    return lambda day: day.cells[cell]["metadata"].update(tags=list(tagged))


def put(cell: dict, at: int | None = None) -> Callable[[Day], None]:
    return lambda day: day.cells.insert(len(day.cells) if at is None else at, cell)


def swap_sections(day: Day) -> None:
    a, b = (next(i for i, c in enumerate(day.cells) if title in c["source"]) for title in ("## Exercises", "## Self-quiz"))
    day.cells[a]["source"], day.cells[b]["source"] = day.cells[b]["source"], day.cells[a]["source"]


def frame(inner: str) -> dict:
    return html_output(f'<iframe srcdoc="{html.escape(inner)}"></iframe>')


BROKEN: list[tuple[str, Callable[[Day], None], str]] = [
    ("opens_with_title_promise_time_and_goals", say("# Week 1 · Day 4", "# Week 1 · Day 5"), "Day 4"),
    ("opens_with_title_promise_time_and_goals", say("80 minutes", "an hour"), "minutes"),
    ("opens_with_title_promise_time_and_goals", say("- three", ""), "three things"),
    ("opens_with_title_promise_time_and_goals", say("colab.research.google.com", "example.com"), "Colab"),
    ("opens_with_title_promise_time_and_goals", say("course_map(week=1, day=4)", "course_map(week=1, day=3)"), "course_map"),
    ("sections_are_there_in_order", say("## Go further", "## More"), "go further"),
    ("sections_are_there_in_order", swap_sections, "out of order"),
    ("three_to_six_ideas", say("## 3 · ", "## "), "2 numbered ideas"),
    ("three_to_six_ideas", say("## 2 · ", "## 4 · "), "[1, 4, 3]"),
    ("each_main_heading_says_its_minutes", say("(30 min, optional)", "(optional)"), "Go further"),
    ("the_minutes_add_up", say("(20 min)", "(60 min)"), "160 minutes"),
    ("the_minutes_add_up", say("80 minutes", "60 minutes"), "says 60 minutes"),
    ("cells_carry_their_tags", tag(6), "2 cells tagged predict"),
    ("cells_carry_their_tags", tag(2, "setup"), "more than one"),
    ("cells_carry_their_tags", tag(2, "Predict"), "'Predict'"),
    ("predictions_are_answered_later", say('reveal("w1d4-p2"', 'reveal("w1d4-p9"'), "w1d4-p2 is never answered"),
    ("predictions_are_answered_later", put(code('reveal("w1d4-p8", 1, "")')), "never asked"),
    ("predictions_are_answered_later", tag(6), "without the tag"),
    ("predictions_are_answered_later", say("predict(", "guess("), "0 predictions"),
    ("exercises_have_a_check_and_help", say('help_with("w1d4-e2")', ""), "w1d4-e2"),
    ("exercises_have_a_check_and_help", say("w1d4-e2", "w1d4-e1"), "1 exercises"),
    ("only_the_days_own_items_are_asked", say('quiz("w1d4")', 'quiz("w1d3")'), "w1d3"),
    ("the_quiz_is_long_enough", lambda day: day.questions.pop(0), "5 quiz questions"),
    ("the_quiz_is_long_enough", lambda day: day.questions[-1].update(kind="choice"), "number or a picture"),
    ("questions_point_to_headings_that_exist", lambda day: day.questions[0].update(shows="Masks"), "Masks"),
    ("figures_of_each_kind", lambda day: day.cells[2].update(outputs=[]), "3 figures of kind still"),
    ("figures_of_each_kind", lambda day: [c.update(outputs=[]) for c in day.cells if c["source"] == "walk()"], "interactive"),
    ("figures_of_each_kind", lambda day: [c.update(outputs=[]) for c in day.cells if c["source"] == "move()"], "animation"),
    ("figures_have_captions_and_stills", show(still(caption=" ")), "without a caption"),
    ("figures_have_captions_and_stills", show(still("movie")), "'movie'"),
    ("figures_have_captions_and_stills", show(html_output(f'<figure data-kind="interactive">{FRAME}<figcaption>c</figcaption></figure>')), "still image"),
    ("images_say_what_can_be_learned_from_them", show(still(alt="weights")), "'weights'"),
    ("images_say_what_can_be_learned_from_them", show(still(alt="")), "fewer than 40"),
    ("images_say_what_can_be_learned_from_them", show(html_output('<img alt="option a" src="data:,">')), "fewer than 15"),
    ("images_say_what_can_be_learned_from_them", show(still(alt="A heat map of the attention weights of head 0, six by six")), "A heat map"),
    ("images_say_what_can_be_learned_from_them", put(markdown("![](picture.png)")), "fewer than"),
    ("images_say_what_can_be_learned_from_them", put(markdown('<img src="picture.png">')), "fewer than"),
    ("no_image_comes_without_its_card", show({"output_type": "display_data", "data": {"image/png": "AAAA"}}), "outside a figure"),
    ("no_image_comes_without_its_card", show({"output_type": "display_data", "data": {"image/svg+xml": "<svg/>", "text/html": "<b>"}}), "outside"),
    ("outputs_fetch_nothing", show(html_output('<script src="https://example.com/d3.js"></script>')), "d3.js"),
    ("outputs_fetch_nothing", show(html_output('<img src="//example.com/a.png">')), "a.png"),
    ("outputs_fetch_nothing", show(html_output('<link rel="stylesheet" href="style.css">')), "style.css"),
    ("outputs_fetch_nothing", show(html_output('<iframe src="/view"></iframe>')), "/view"),
    ("outputs_fetch_nothing", show(html_output("<style>p{background:url(a.png)}</style>")), "url(a.png"),
    ("outputs_fetch_nothing", show(html_output("<style>@import 'a.css';</style>")), "@import"),
    ("outputs_fetch_nothing", show(frame('<script src="d3.js"></script>')), "d3.js"),
    ("outputs_fetch_nothing", show(frame("<style>p{background:url(b.png)}</style>")), "url(b.png"),
    ("outputs_fetch_nothing", show(frame("<script>fetch('https://example.com')</script>")), "https://example.com"),
    ("outputs_name_no_path_of_a_machine", show({"output_type": "stream", "name": "stdout", "text": "saved to /home/ada/x"}), "/home/ada"),
    ("outputs_name_no_path_of_a_machine", show(html_output("C:\\Users\\ada")), "Users"),
    ("every_cell_ran_without_error_or_warning", show({"output_type": "error", "ename": "ValueError", "evalue": ""}), "ValueError"),
    ("every_cell_ran_without_error_or_warning", show({"output_type": "stream", "name": "stderr", "text": "w"}), "stderr"),
    ("every_cell_ran_without_error_or_warning", lambda day: day.cells[2].update(execution_count=None), "not run"),
    ("the_notebook_is_small", lambda day: setattr(day, "size", 1_500_001), "1,500,001"),
    ("code_cells_are_short", put(code("x\n" * 41)), "41 lines"),
    ("code_cells_are_short", lambda day: [c.update(source="x\n" * 9) for c in day.cells], "9 lines in the middle"),
    ("no_shortcut_around_words_or_errors", put(code("plt.show()")), "plt.show("),
    ("no_shortcut_around_words_or_errors", tag(2, "raises-exception"), "raises-exception"),
    ("links_are_well_formed", put(markdown("[a](http://arxiv.org/abs/1706.03762)")), "not https"),
    ("links_are_well_formed", put(markdown("[a](https://arxiv.org/abs/1706 03762)")), "blank"),
    ("links_are_well_formed", put(markdown("[a](https://jalamar.github.io/x)")), "jalamar.github.io"),
    ("links_are_well_formed", put(markdown("[a](https://https://arxiv.org)")), "two addresses"),
    ("links_are_well_formed", put(markdown("[](https://arxiv.org/abs/1)")), "no words"),
    ("links_are_well_formed", put(markdown("see https://arxiv.org/abs/1")), "without words"),
    ("links_are_well_formed", put(markdown("[a](https://arxiv.org/?utm_source=x)")), "tracks"),
    ("links_are_well_formed", put(markdown("![picture](https://arxiv.org/a.png)")), "from elsewhere"),
    ("new_words_are_in_the_glossary", put(markdown("A **residual stream** flows.")), "residual stream"),
    ("new_words_are_in_the_glossary", lambda day: day.glossary.update(head={"day": "w1d4", "means": "x"}), "'head'"),
    ("paragraphs_are_short", put(markdown("word " * 121)), "604 letters"),
    ("spelling_is_american", put(markdown("The colou" + "r of a neighbou" + "r.")), "neighbor"),
    ("spelling_is_american", put(code("# normalis" + "e the rows")), "…ize"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "change", "says"), BROKEN, ids=[f"{name}: {says}" for name, _, says in BROKEN])
def test_each_check_can_fail(name, change, says):
    day = good_day()
    change(day)
    faults = CHECKS[name](day)
    assert any(says in fault for fault in faults), faults


def test_no_check_is_left_untried():
    assert {name for name, _, _ in BROKEN} == set(CHECKS)


@pytest.mark.parametrize("text", ["/wor" + "k/main/x", "see iss" + "ue #2", "on the shel" + "f", "../share" + "d/tools", "TO" + "DO: later"])
def test_the_forbidden_words_are_found(text):
    assert any(re.search(pattern, text) for pattern in FORBIDDEN)


def test_spelling_leaves_american_alone():
    assert british("We realize colors, organisms, specialists, generalists, realism, optimism and https://jfly.x/colou" + "r.") == []

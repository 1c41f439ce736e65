"""The learner's side: each function that asks, checks, keeps or judges, with fifty inputs that nobody would want.

The functions that show something are also asked for everything that they show.
"""

import functools
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from shared import learning
from shared.architecture import ARCHITECTURES
from shared.learning import (
    blind_votes, cards, certificate, codes, comparing, diagram_check, drawings, exam, exercises, explanation, findings, flowchart, forms,
    glossary, growth, guide, journals, own_questions, plain_words, predictions, progress_map, questions, quizzes, record, rounds, sketches,
    spacing, storyboard,
)  # fmt: skip
from shared.visuals.figure import figure
from tests.fuzz.harness import bad_ends, good

FOLDER = tempfile.TemporaryDirectory(prefix="course-test-")
PLACE = Path(FOLDER.name)
MAP = PLACE / "w1d3_map.png"
Image.new("RGB", (40, 30), "white").save(MAP)


def layer(x, w, b):
    return x @ w + b


def is_finished(state: dict) -> bool:
    return state["steps"] > 20


def counts_one(state: dict) -> None:
    state["steps"] += 1


PAIRINGS = [
    blind_votes.Pairing("Once there lived", "tales", "plays", "a brave girl.", "enter the king."),
    blind_votes.Pairing("The cat", "tales", "noise", "sat on a mat.", "mat the of"),
]
OWN = [{"prompt": "What is mixed?", "right": "values", "why": "Weighted.", "wrong": {"keys": "They score.", "queries": "They ask."}}]
DRAFT = {"prompt": "What is mixed?", "right": "values", "why": "", "wrong": [["keys", "They only score."]]}
FOUND = [{"head": "layer 2 head 1", "what it does": "looks one back", "evidence": "the diagonal", "counter-example": "the first word"}]
ANSWERS = [
    record.Answer("w1d1-01", "a", False, "quiz", "w1d1", "2026-01-05T10:00:00+01:00"),
    record.Answer("w1d2-01", "b", True, "warm-up", "w1d3", "2026-01-07T10:00:00+01:00"),
    record.Answer("mine-w1d5-1", "b", False, "warm-up", "w1d6", "2026-01-08T10:00:00+01:00"),
]
PLAIN = "GPT guesses the next word. It cuts text into tokens, small pieces. It never knows what is true. It learned from its mistakes."
CHART = ["cut", "look up", "blocks", "votes", "chances", "pick", "append", flowchart.enough(no="look up"), "join"]
FACTS = {"layers": 12, "heads": 12, "width": 768, "head width": 64, "vocabulary": 50257, "context": 1024, "parameters": 124439808}
SCENES = [("Words", "A text is cut into pieces, and each piece becomes numbers."), ("Attention", "Each piece looks back.")]
SCRIPT = storyboard.timed_script(SCENES)
SHOWN = guide.Shown(MAP, "A map with a bright diagonal", "Each word looks one back.")
QUOTES = (("What surprised you?", "The keys."),)
CHAPTERS = [guide.Chapter("Week 1", "I drew a map.\n\nIt moves.", (SHOWN,), QUOTES), guide.Chapter("Week 2", "And more.")]
DAY = progress_map.State(3, 5, 1, 2, True)
MATERIAL = guide.Material({"w1d1": dict(QUOTES)}, {"w1d3_map.png": SHOWN}, {"w1d1": DAY})
ASKED = {question.kind: question for question in questions.questions_before("w2d7")}  # one of each kind
CHOICE, NUMBER, ORDER, PICTURE = (ASKED[kind] for kind in ("choice", "number", "order", "picture"))
IN_ORDER = questions.LETTERS[: len(ORDER.options)]
REFERENCE = figure(Figure(figsize=(1, 1)), alt="A white square.", caption="White.")
ACTIONS = dict.fromkeys(flowchart.STEPS, counts_one)
GRADES = {"do": "grade", "id": "w1d4-01", "given": "a", "time": 1.5}


def seen(function):
    """The same function, followed by all that a notebook would ask its result for."""

    @functools.wraps(function)
    def called(**arguments):
        result = function(**arguments)
        form = getattr(function, "__self__", result)
        if isinstance(form, forms.Form):
            form._repr_mimebundle_()
        return [repr(form), repr(list(result) if hasattr(result, "__next__") else result)]

    return called


CALLS = [
    # what a notebook asks
    good(seen(learning.quiz), day="w1d4"),
    good(seen(learning.warm_up), day="w1d4"),
    good(seen(learning.check), item="w1d4-01", given="b"),
    good(seen(quizzes.own_quiz), day="w1d5"),
    good(seen(quizzes.quiz("w1d4").receive), message=GRADES),
    good(seen(quizzes.quiz("w1d5").receive), message=GRADES | {"id": "w1d5-01"}),
    good(seen(learning.predict), item="w1d4-p1", prompt="How many?", answer="number", mine="36"),
    good(seen(learning.predict), item="w1d4-p2", prompt="Which?", options=["one", "two", "three"], mine="b"),
    good(seen(predictions.predict("w1d4-p3", "Why?", "text").receive), message={"do": "commit", "given": "because", "time": 1.5}),
    good(seen(learning.guess), item="w1d4-p1"),
    good(seen(learning.reveal), item="w1d4-p1", value=36.0, because="6 times 6.", tolerance=0.5),
    good(seen(learning.check_exercise), ["answer"], item="w1d1-e1", answer=layer),
    good(seen(learning.check_exercise), item="w1d1-e1", answer=[1.0, 2.0]),
    good(seen(learning.help_with), item="w1d1-e1"),
    good(exercises.exercise_ids, day="w1d1"),
    good(exercises.exercises_of_week, week=1),
    good(seen(learning.journal), day="w1d4", prompts=["What surprised you?", "What is open?"], answers=["The keys.", ""]),
    good(seen(journals.Journal("w1d4", ["What surprised you?"]).receive), message={"do": "save", "texts": ["The values."], "time": 1.5}),
    good(seen(learning.new_words), day="w1d4"),
    good(seen(learning.word), name="softmax"),
    good(glossary.load_glossary, path=glossary.FILE),
    good(seen(exam.exam), day="w1d7", days="week", count=6, seed=1, mine={1: "a", 2: "b"}),
    good(seen(exam.exam), day="w1d7", days=["w1d1", "w1d2"], count=6, seed=1),
    good(exam.draw, day="w2d7", days="course", count=6, seed=1),
    good(exam.results, day="w1d7"),
    good(seen(exam.exam("w1d7", count=3).receive), message={"do": "hand in", "given": {"w1d1-01": "a"}, "sure": ["w1d1-01"], "time": 1.5}),
    good(seen(own_questions.own_questions), day="w1d5", mine=OWN),
    good(seen(own_questions.OwnQuestions("w1d5").receive), message={"do": "save", "drafts": [DRAFT], "time": 1.5}),
    good(own_questions.written, day="w1d5"),
    good(own_questions.find_own, item="mine-w1d5-1"),
    good(own_questions.due, day="w1d7", answers=ANSWERS),
    # what it keeps, and reads back
    good(blind_votes.Pairing, prompt="Once there lived", a="tales", b="plays", text_a="a brave girl.", text_b="enter the king."),
    good(seen(blind_votes.blind_votes), day="w4d1", pairings=PAIRINGS, mine={1: "left", 2: "tie"}),
    good(blind_votes.votes_of, day="w4d1"),
    good(seen(blind_votes.BlindVotes("w4d1", PAIRINGS).receive), message={"do": "vote", "round": 1, "side": "left", "time": 1.5}),
    good(seen(findings.findings), day="w2d3", mine=FOUND),
    good(findings.findings_of, day="w2d3"),
    good(seen(findings.Findings("w2d3").receive), message={"do": "save", "rows": [["a", "b", "c", "d"]], "time": 1.5}),
    good(growth.growth, days=["w1d1", "w1d2"]),
    replace(good(certificate.certificate, name="Ada Lovelace"), calls=12),  # half a second each
    good(record.add_answer, question="w1d4-01", given="b", correct=True, place="quiz", day="w1d4"),
    good(record.add_prediction, prediction="w1d4-p1", said="36"),
    good(record.prediction, prediction="w1d4-p1"),
    good(record.add_attempt, exercise="w1d1-e1", passed=True),
    good(record.add_journal, day="w1d4", entries={"What surprised you?": "The keys."}),
    good(record.journal_entries, day="w1d4"),
    good(record.add_own_questions, day="w1d5", contents={"mine-w1d5-1": "{}"}),
    good(record.add_visit, day="w1d4"),
    good(spacing.pick, day="w1d7", answers=ANSWERS, count=3),
    good(spacing.open_misses, answers=ANSWERS),
    # questions, codes, cards
    *(good(find, day="w2d3") for find in (questions.questions_of, questions.questions_before, rounds.rounds_of)),
    *(good(read, code="w2d3") for read in (codes.day_number, codes.day_words)),
    good(questions.find_question, item="w1d4-01"),
    good(questions.grade, ["question"], question=CHOICE, given="b"),
    good(questions.grade, ["question"], question=NUMBER, given="1,024"),
    good(questions.grade, ["question"], question=ORDER, given=IN_ORDER),
    good(questions.to_number, given="1,024"),
    good(questions.to_number, given=36.0),
    good(questions.number_words, value=36.5),
    good(questions.is_near, value=1.0, target=1.1, tolerance=0.2),
    good(drawings.drawing, ["question", "option"], question=PICTURE, option=PICTURE.options[0]),
    good(codes.day_of, item="w1d4-02"),
    good(cards.inline, text="`code` and *stress*"),
    good(cards.note, sentence="Saved."),
    good(comparing.difference, expected=np.ones((2, 3)), got=np.ones((2, 3)), tolerance=1e-5),
    good(comparing.difference, expected=[{"a": 1.0}, "b"], got=[{"a": 1.5}, "b"], tolerance=1e-5),
    # what it judges
    good(seen(diagram_check.check_diagram), diagram=ARCHITECTURES["decoder-only"], kind="decoder-only"),
    good(seen(diagram_check.check_diagram), diagram=ARCHITECTURES["encoder-decoder"], kind="encoder-decoder"),
    good(diagram_check.faults, diagram=ARCHITECTURES["encoder-only"], kind="encoder-only"),
    good(flowchart.enough, no="look up"),
    good(seen(flowchart.check_chart), chart=CHART),
    good(flowchart.chart_faults, chart=CHART),
    good(seen(flowchart.run_chart), chart=CHART, actions=ACTIONS, is_enough=is_finished, state=lambda: {"steps": 0}, most=90),
    good(seen(explanation.find_ideas), text=PLAIN, ideas=explanation.IDEAS[:3]),
    good(explanation.gpt2_facts, counts=FACTS),
    good(seen(explanation.check_numbers), text="It has 12 layers and 124 million parameters.", facts=explanation.gpt2_facts(FACTS)),
    good(seen(plain_words.check_plain), text=PLAIN, known=["token", "softmax"], longest=20),
    good(plain_words.course_words, until="w3d7"),
    good(plain_words.grade, text=PLAIN),
    good(plain_words.words_of, text=PLAIN),
    good(plain_words.syllables, word="attention"),
    good(plain_words.stem, word="queries"),
    # scripts, sheets and guides
    good(storyboard.Scene, title="Words", line="A text is cut into pieces."),
    good(storyboard.count_words, text=PLAIN),
    good(storyboard.seconds_for, words=120, words_per_minute=130),
    good(storyboard.words_in, seconds=60, words_per_minute=130),
    good(storyboard.clock, seconds=125),
    good(seen(storyboard.timed_script), scenes=SCENES, words_per_minute=130, budget=60, shortest=8, longest=40),
    good(storyboard.sentences, text=PLAIN),
    good(storyboard.jargon, text=PLAIN, known=["token", "attention weight", "weight"]),
    good(SCRIPT.markdown, title="GPT in a minute"),
    good(sketches.drawing, file="w1d5_flow"),
    good(sketches.compare_sketch, ["reference"], day="w1d5", name="flow", reference=REFERENCE, checklist=["Is the mask there?"]),
    good(seen(sketches.sketch), day="w1d5", name="flow", alt="An empty sheet, for the flow of attention.", caption="Draw here."),
    good(guide.Shown, path=MAP, alt="A map", caption="A line below it."),
    good(guide.Chapter, title="Week 1", text="I drew.", pictures=(SHOWN,), quotes=(("What?", "Keys."),)),
    good(guide.first_draft, found=MATERIAL),
    good(guide.save_guide, ["path"], chapters=CHAPTERS, path=PLACE / "guide.html", title="My guide", author="Ada", states={"w1d1": DAY}),
    good(guide.save_markdown, ["folder"], chapters=CHAPTERS, folder=PLACE / "guide", title="My guide", author="Ada"),
    good(guide.check_guide, chapters=CHAPTERS),
]


@pytest.fixture(scope="module")
def worked() -> Path:
    """The folder of somebody who has worked: something of each kind in the record."""
    folder = PLACE / "worked"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_FOLDER", str(folder))
        for correct in (False, True):
            record.add_answer("w1d1-01", "a", correct, "quiz", "w1d1")
        predictions.predict("w1d4-p1", "How many?", mine=36)
        journals.journal("w1d4", ["What surprised you?"], ["The keys."])
        own_questions.own_questions("w1d5", OWN)
        findings.findings("w2d3", FOUND)
        blind_votes.blind_votes("w4d1", PAIRINGS, {1: "left"})
    return folder


@pytest.fixture(autouse=True)
def own_folder(worked, tmp_path, monkeypatch):
    shutil.copytree(worked, tmp_path / "my_course")
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path / "my_course"))
    for kept in (record._waiting, record._notices, record._told, predictions._open):
        kept.clear()


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_works_or_says_what_is_wrong(call):
    assert bad_ends(call) == []

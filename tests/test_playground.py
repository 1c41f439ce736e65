"""The playground through Streamlit's own test harness: what each control changes, what bad input gets, and who sees what."""

import re
import shutil

import pytest
from streamlit.testing.v1 import AppTest

from shared.gpt import GPT
from shared.pretrained import shipped_folder
from shared.replay import Settings, write
from shared.serving import APP
from shared.text.bpe import BytePairTokenizer

KEYS = ("temperature", "top_k", "top_p", "penalty", "length", "seed")


@pytest.fixture
def app(monkeypatch, tmp_path, plain_stills):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    # Streamlit asks every installed package, at each start, whether it brings parts of pages: longer than all else here takes
    monkeypatch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)
    return AppTest.from_file(str(APP), default_timeout=180).run()


def pages(app) -> list[str]:
    """The HTML parts of the page, in order: per column the text, the bars, the roads."""
    return [part.proto.body for part in app.get("html")]


def text(app, column: int = 0) -> str:
    """What stands in the text of a column, without its markup."""
    found = [body for body in pages(app) if "line-height:1.7" in body]
    return re.sub(r"<[^>]*>", "", found[column])


def slide(app, name: str, value, column: str = "A"):
    control = app.number_input if name == "seed" else app.slider
    return control(key=f"{name} {column}").set_value(value).run()


def test_it_opens_with_a_text_its_chances_and_roads_not_taken(app):
    assert not app.exception and not app.error
    assert text(app).startswith("Once upon a time there was a")
    assert "the model alone" in pages(app)[1] and "after the settings" in pages(app)[1] and "Roads not taken" in pages(app)[2]


def test_the_same_settings_write_the_same_text(app):
    first = text(app)
    assert text(slide(app, "seed", 1)) != first
    assert text(slide(app, "seed", 0)) == first


@pytest.mark.parametrize("name, value", [("temperature", 2.0), ("top_k", 1), ("top_p", 0.05), ("penalty", 2.0), ("length", 5), ("seed", 7)])
def test_each_control_changes_the_text(app, name, value):
    before = text(app)
    assert text(slide(app, name, value)) != before and not app.exception


def test_a_beginning_and_a_middle_are_read_differently(app):
    app.text_area(key="prompt").set_value("The cat").run()
    before = text(app)
    app.checkbox(key="fresh").set_value(False).run()
    assert text(app) != before and "endoftext" not in text(app)


def test_greedy_two_ways_is_one_text(app):
    """Temperature 0 and the one likeliest token both leave one token open."""
    greedy = text(slide(app, "temperature", 0.0))
    assert "1 token was open" in pages(app)[1]
    slide(app, "temperature", 1.0)
    assert text(slide(app, "top_k", 1)) == greedy


def test_the_steps_go_from_the_first_new_token_to_the_last(app):
    slide(app, "length", 6)
    seen = []
    for step in range(1, 7):
        slide(app, "step", step)
        seen.append(re.search(r"font-weight:600\">(.*?)</span>", pages(app)[0])[1])
        assert f"Step {step} of 6" in pages(app)[1]
    assert text(app).endswith("".join(seen))
    app.button(key="back A").click().run()
    assert "Step 5 of 6" in pages(app)[1]
    app.button(key="forward A").click().run()
    app.button(key="forward A").click().run()  # there is none after the last
    assert "Step 6 of 6" in pages(app)[1]


def test_a_shorter_text_moves_the_step_into_it(app):
    slide(app, "step", 30)
    slide(app, "length", 1)
    assert not app.exception and "Step 1 of 1" in pages(app)[1]


def test_two_settings_side_by_side(app):
    app.toggle(key="compare").set_value(True).run()
    slide(app, "temperature", 0.8, column="B")
    assert text(app, 0) == text(app, 1)
    assert "A and B draw the same 40 tokens" in " ".join(part.value for part in app.markdown)
    slide(app, "temperature", 0.0, column="B")
    assert text(app, 0) != text(app, 1) and not app.exception


def test_two_settings_differ_at_once_and_a_button_goes_to_where_they_part(app):
    app.toggle(key="compare").set_value(True).run()
    told = re.fullmatch(r"A and B part at step (\d+): A draws “(.+)”, B draws “(.+)”.", app.text[0].value)
    app.button(key="part").click().run()
    steps = [int(app.slider(key=f"step {name}").value) for name in "AB"]
    framed = [re.search(r"font-weight:600\">(.*?)</span>", body)[1] for body in pages(app) if "line-height:1.7" in body]
    assert steps == [int(told[1])] * 2 and [word.replace(" ", "␣") for word in framed] == [told[2], told[3]] and told[2] != told[3]
    before = [re.sub("<[^>]*>", "", body.split("border:2px")[0].rsplit("<span", 1)[0]) for body in pages(app) if "line-height:1.7" in body]
    assert before[0] == before[1], "up to there the two texts are one"


def test_a_rare_token_that_was_drawn_has_a_bar_of_its_own(app):
    folder = shipped_folder("tiny-gpt2")
    replay = write(GPT.from_pretrained(folder).eval(), BytePairTokenizer.load(folder), app.text_area(key="prompt").value, Settings(temperature=2.0))
    step = next(i for i, step in enumerate(replay.steps) if step.chosen not in step.candidates)
    slide(app, "temperature", 2.0)
    slide(app, "step", step + 1)
    drawn = re.search(r"drawn: (\S+), which", pages(app)[1])[1]
    assert pages(app)[1].count(f"{drawn} ") == 2, "once for each of the two pictures"


@pytest.mark.parametrize(
    "prompt, words",
    [("", "The prompt is empty"), ("   \n", "The prompt is empty"), ("cat " * 300, "reads at most 256"), ("🦊" * 200, "reads at most 256")],
)
def test_a_prompt_that_cannot_be_gets_a_sentence(app, prompt, words):
    app.text_area(key="prompt").set_value(prompt).run()
    assert not app.exception and [words in error.value for error in app.error] == [True]
    app.text_area(key="prompt").set_value("The cat").run()
    assert not app.error and text(app).startswith("The cat")


@pytest.mark.parametrize("prompt", ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "‮abc", "$x^2$ :red[no] **no**", "a\x00b"])
def test_a_hostile_prompt_is_text(app, prompt):
    app.text_area(key="prompt").set_value(prompt).run()
    assert not app.exception and not app.error
    assert not re.search(r"<(script|img src=x)", "".join(pages(app)))


def test_two_visitors_do_not_see_each_other(app):
    other = AppTest.from_file(str(APP), default_timeout=180).run()
    app.text_area(key="prompt").set_value("The fox was sad").run()
    slide(app, "temperature", 0.0)
    other.run()
    assert text(other).startswith("Once upon a time") and other.slider(key="temperature A").value == 0.8


def test_a_model_from_the_portfolio_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_FOLDER", str(tmp_path))
    shutil.copytree(shipped_folder("tiny-gpt2"), tmp_path / "portfolio" / "w4d4_my_gpt")
    app = AppTest.from_file(str(APP), default_timeout=180).run()
    assert "w4d4_my_gpt, from your portfolio" in app.selectbox(key="model").options
    before = text(app)
    app.selectbox(key="model").set_value("w4d4_my_gpt, from your portfolio").run()
    assert not app.exception and text(app) == before


def test_without_a_hub_the_famous_model_gets_a_sentence(app, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("shared.pretrained.load", refuse)
    app.selectbox(key="model").set_value("gpt2, from the hub (500 MB)").run()
    assert not app.exception and "cannot be had now: no answer" in app.error[0].value


def refuse(name):
    raise ConnectionError("no answer")

"""Forms in a browser without JupyterLab: the page's script with a model that stands for the kernel."""

import json

from shared.learning.cards import ASSETS

# a model that keeps what was sent, and lets the test answer
MODEL = """
const values = JSON.parse(VALUES), listeners = [];
window.sent = [];
window.answer = (state) => { values.state = JSON.stringify(state); [...listeners].forEach((listener) => listener()); };
const model = {
  get: (name) => values[name],
  on: (event, listener) => listeners.push(listener),
  off: (event, listener) => listeners.splice(listeners.indexOf(listener), 1),
  send: (message) => window.sent.push(message),
};
"""


def opened(browser, script: str, content: dict, state: dict):
    """A page that shows one form."""
    page = browser.new_context().new_page()
    page.set_content("<!doctype html><body><main></main>")
    code = "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in ("form.js", script))
    values = json.dumps(json.dumps({"content": json.dumps(content), "state": json.dumps(state)}))
    show = 'render({ model, el: document.querySelector("main") });'
    page.add_script_tag(
        content="{" + code.replace("export default { render };", MODEL.replace("VALUES", values) + show) + "}"
    )
    return page


def test_a_journal_sends_only_what_was_changed_in_it(browser):
    content = {"title": "Journal", "prompts": ["one", "two"], "stand_in": "none"}
    page = opened(browser, "journal.js", content, {"written": ["", ""], "saved": "", "time": None})
    first, second = page.locator("textarea").all()
    second.fill("mine")
    page.get_by_text("Save").click()
    assert page.evaluate("window.sent.at(-1).texts") == [None, "mine"]
    # meanwhile another notebook wrote to the first prompt, and this page goes on in the second
    second.fill("mine, longer")
    page.evaluate("answer({written: ['theirs', 'mine'], saved: 'Saved.', time: 1})")
    assert (first.input_value(), second.input_value()) == ("theirs", "mine, longer")
    page.get_by_text("Save", exact=True).click()
    assert page.evaluate("window.sent.at(-1).texts") == [None, "mine, longer"]
    page.evaluate("answer({written: ['theirs', 'mine, longer'], saved: 'Saved.', time: 2})")
    first.fill("")
    page.get_by_text("Save", exact=True).click()
    assert page.evaluate("window.sent.at(-1).texts") == ["", None]

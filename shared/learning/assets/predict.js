// A commitment before the reveal: one question, one answer, changeable until the answer is shown.

function render({ model, el }) {
  const content = JSON.parse(model.get("content"));
  const status = make("div", { class: "learn-status", role: "status" });
  const button = control("button", { type: "submit", class: "learn-check" }, "Commit");
  const input = ASKING[content.kind](content, JSON.parse(model.get("state")).said);
  const commit = (event) => {
    event.preventDefault();
    if (!JSON.parse(model.get("state")).closed) ask(model, { do: "commit", given: input.given() }, status);
  };
  const legend = make("legend", {}, make("span", {}, ...words(content.prompt)));
  const root = make("section", { class: "learn", "aria-label": "Your prediction" },
    make("div", { class: "learn-title" }, "Your prediction"),
    make("form", { novalidate: true, onsubmit: commit }, make("fieldset", {}, legend, input.element, button), status));
  const update = () => {
    const state = JSON.parse(model.get("state"));
    const lines = [];
    if (state.problem) lines.push(make("p", {}, state.problem));
    else if (state.said) {
      const end = state.closed ? "This was your guess; the answer is revealed." : "You can change it until the reveal.";
      lines.push(make("p", {}, make("strong", {}, "✓ Noted: ", ...words(state.said)), " ", end));
    }
    if (state.notice) lines.push(noteLine(state.notice));
    status.replaceChildren(...lines);
    button.textContent = state.said ? "Change" : "Commit";
    if (state.closed) for (const element of root.querySelectorAll("input, textarea, button")) element.disabled = true;
  };
  model.on("change:state", update);
  update();
  el.append(hideStandIn(content), root);
  return () => model.off("change:state", update);
}

// Each starts with what was committed before.
const ASKING = {
  number(content, said) {
    const box = lineBox({ inputmode: "decimal", value: said, "aria-label": "Your number" });
    return { element: make("div", { class: "learn-row" }, box), given: () => box.value };
  },
  text(content, said) {
    const box = control("textarea", { rows: 3, "aria-label": "Your prediction in words" }, said);
    return { element: box, given: () => box.value };
  },
  choice(content, said) {
    const name = newName();
    const boxes = content.options.map((option) => control("input", {
      type: "radio", name, value: option.letter, checked: option.text === said,
    }));
    const labels = content.options.map((option, i) => make("label", { class: "learn-option" }, boxes[i],
      make("span", { class: "learn-letter" }, option.letter), make("span", {}, ...words(option.text))));
    return {
      element: make("div", { class: "learn-options" }, ...labels),
      given: () => boxes.find((box) => box.checked)?.value ?? "",
    };
  },
};

export default { render };

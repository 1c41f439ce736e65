// A quiz: one fieldset per question, graded in Python, with the feedback of each chosen option. An exam (content.hand_in)
// is the same with one button for all: nothing is graded before everything is handed in, and a result by day follows.

const HOW = {
  choice: "", picture: "", many: "Choose all that apply.", number: "", order: "Put these into order: the first on top.",
};

function render({ model, el }) {
  const content = JSON.parse(model.get("content"));
  const statuses = new Map();
  const score = make("div", { class: "learn-score", role: "status" });
  const note = make("div", {});
  let scored = "", reported = "[]";
  const title = make("div", { class: "learn-title" }, content.title);
  const root = make("section", { class: "learn", "aria-label": content.title }, title);
  if (content.intro) root.append(make("p", { class: "learn-quiet" }, ...words(content.intro)));
  const earlier = JSON.parse(model.get("state")).verdicts;
  for (const [i, question] of content.questions.entries()) {
    if (question.round) root.append(make("h3", { class: "learn-round" }, question.round));
    const status = make("div", { class: "learn-status", role: "status" });
    const input = INPUTS[question.kind](question, earlier[question.id]?.given);
    const submit = (event) => {
      event.preventDefault();
      if (!content.hand_in) ask(model, { do: "grade", id: question.id, given: input.given() }, status);
    };
    const sure = content.hand_in ? control("input", { type: "checkbox" }) : null;
    const number = make("span", { class: "learn-number" }, String(i + 1));
    const fields = make("fieldset", {},
      make("legend", {}, number, make("span", {}, ...words(question.prompt))),
      HOW[question.kind] ? make("p", { class: "learn-quiet" }, HOW[question.kind]) : null,
      input.element,
      sure ? make("label", { class: "learn-option learn-sure" }, sure, make("span", {}, "I am sure"))
        : control("button", { type: "submit", class: "learn-check" }, "Check"));
    statuses.set(question.id, { status, shown: "", input, sure, fields });
    root.append(make("form", { novalidate: true, onsubmit: submit }, fields, status));
  }
  const report = make("div", { class: "learn-report" });
  const handIn = content.hand_in ? control("button", { type: "button", class: "learn-check", onclick: () => {
    const all = [...statuses];
    ask(model, {
      do: "hand in",
      given: Object.fromEntries(all.map(([id, place]) => [id, place.input.touched() ? place.input.given() : ""])),
      sure: all.filter(([, place]) => place.sure.checked).map(([id]) => id),
    }, score);
    scored = null; // "Sent …" stands there now
  } }, content.hand_in) : null;
  root.append(...[handIn, score, report, note].filter(Boolean));
  const update = () => {
    const state = JSON.parse(model.get("state"));
    if (state.handed_in) {
      handIn.hidden = true;
      for (const place of statuses.values()) place.fields.disabled = true;
    }
    if (state.days && reported !== JSON.stringify(state.days)) {
      reported = JSON.stringify(state.days);
      report.replaceChildren(...state.days.map(dayLine));
    }
    for (const [id, verdict] of Object.entries(state.verdicts)) {
      const place = statuses.get(id);
      const now = JSON.stringify(verdict);
      if (!place || place.shown === now) continue; // a status is read aloud when it changes, so leave the others alone
      place.shown = now;
      place.status.replaceChildren(...feedback(verdict));
    }
    if (scored !== state.score) score.replaceChildren(...words(scored = state.score));
    note.replaceChildren(...[noteLine(state.notice)].filter(Boolean));
  };
  model.on("change:state", update);
  update();
  el.append(hideStandIn(content), root);
  return () => model.off("change:state", update);
}

function feedback(verdict) {
  if (verdict.problem) return [make("p", { class: "learn-line" }, ...words(verdict.problem))];
  const head = make("p", { class: "learn-verdict " + (verdict.correct ? "learn-right" : "learn-wrong") },
    make("strong", {}, (verdict.correct ? "✓ " : "✗ ") + verdict.headline));
  const lines = verdict.lines.map((line) => {
    const mark = make("span", { class: "learn-mark" }, line.good ? "✓ " : "✗ ");
    const chosen = make("strong", {}, ...words(line.text));
    const kind = line.good ? "learn-right" : "learn-wrong";
    return make("p", { class: `learn-line ${kind}` }, mark, chosen, " ", ...words(line.feedback));
  });
  if (verdict.correct) return [head, ...lines];
  const again = verdict.closed ? "" : " Try again.";
  const where = make("p", { class: "learn-quiet" }, "It is shown in “", ...words(verdict.shows), "”.", again);
  return [head, ...lines, where];
}

// What an exam says about one day, or a long quiz about one idea: a bar, a count, and the headings that are worth another look.
function dayLine(day) {
  const bar = make("span", { class: "learn-bar", "aria-hidden": "true" },
    make("span", { style: `width:${100 * day.right / day.total}%` }));
  const look = day.look.length ? `Look again at ${day.look.map((heading) => `“${heading}”`).join(", ")}.` : "";
  return make("div", { class: "learn-day" }, make("span", { class: "learn-day-name" }, day.title), bar,
    make("span", { class: "learn-day-count" }, `${day.right} of ${day.total}`),
    look ? make("span", { class: "learn-quiet learn-day-look" }, ...words(look)) : null);
}

function choices(question, type, given) {
  const name = newName();
  const boxes = question.options.map((option) => control("input", {
    type, name, value: option.letter, checked: (given ?? "").includes(option.letter),
  }));
  const labels = question.options.map((option, i) => {
    const letter = make("span", { class: "learn-letter" }, option.letter);
    if (!option.image) {
      return make("label", { class: "learn-option" }, boxes[i], letter, make("span", {}, ...words(option.text)));
    }
    const image = make("img", { src: option.image, alt: option.text, width: 190, height: 190 });
    return make("label", { class: "learn-option learn-picture" },
      make("span", { class: "learn-row" }, boxes[i], letter), image);
  });
  return {
    element: make("div", { class: question.kind === "picture" ? "learn-pictures" : "learn-options" }, ...labels),
    given: () => boxes.filter((box) => box.checked).map((box) => box.value).join(""),
    touched: () => true,
  };
}

function numberBox(question, given) {
  const unit = question.unit ? ", in " + question.unit : "";
  const box = lineBox({ inputmode: "decimal", value: given ?? "", "aria-label": "Your number" + unit });
  const row = make("div", { class: "learn-row" }, box, question.unit ? make("span", {}, question.unit) : null);
  return { element: row, given: () => box.value, touched: () => true };
}

function ordering(question, given) {
  let order = [...(given || question.options.map((option) => option.letter))];
  let moved = Boolean(given);
  const live = make("div", { class: "learn-aloud", role: "status" });
  const list = make("ol", { class: "learn-order" });
  const plain = (option) => option.text.replaceAll("`", ""); // read aloud
  const rows = new Map(question.options.map((option) => {
    const button = (sign, word, step) => control("button", {
      type: "button", class: "learn-move", "aria-label": `Move ${word}: ${plain(option)}`,
      onclick: (event) => move(option, step, event.currentTarget),
    }, sign);
    return [option.letter, make("li", {}, make("span", { class: "learn-letter" }, option.letter),
      make("span", { class: "learn-grow" }, ...words(option.text)), button("↑", "up", -1), button("↓", "down", 1))];
  }));
  const move = (option, step, button) => {
    const from = order.indexOf(option.letter);
    const to = from + step;
    if (to >= 0 && to < order.length) {
      moved = true;
      order.splice(to, 0, ...order.splice(from, 1));
      list.append(...order.map((letter) => rows.get(letter)));
      button.focus(); // moving a row in the page takes the focus away
    }
    live.textContent = `${plain(option)}: place ${order.indexOf(option.letter) + 1} of ${order.length}`;
  };
  list.append(...order.map((letter) => rows.get(letter)));
  return { element: make("div", {}, list, live), given: () => order.join(""), touched: () => moved };
}

const INPUTS = {
  choice: (question, given) => choices(question, "radio", given),
  picture: (question, given) => choices(question, "radio", given),
  many: (question, given) => choices(question, "checkbox", given),
  number: numberBox,
  order: ordering,
};

export default { render };

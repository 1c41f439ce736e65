// A table of findings: four boxes for each, saved on request and when the form is left.

function render({ model, el }) {
  const content = JSON.parse(model.get("content"));
  const status = make("div", { class: "learn-status", role: "status" });
  const start = JSON.parse(model.get("state"));
  const rows = [];
  const fields = Array.from({ length: content.count }, (_, place) => {
    const boxes = content.columns.map((name, i) => {
      const box = control("textarea", { rows: 2, id: newName() });
      box.value = start.rows[place][i];
      return box;
    });
    const said = make("p", { class: "learn-quiet" });
    const field = (i) => make("div", { class: "learn-field" }, make("label", { for: boxes[i].id }, content.columns[i]), boxes[i]);
    rows.push({ boxes, said, known: start.rows[place] });
    const pairs = [];
    for (let i = 0; i < boxes.length; i += 2) pairs.push(make("div", { class: "learn-pair" }, field(i), i + 1 < boxes.length ? field(i + 1) : null));
    const legend = make("legend", {}, make("span", { class: "learn-number" }, String(place + 1)), "Finding");
    return make("fieldset", {}, legend, ...pairs, said);
  });
  const texts = ({ boxes }) => boxes.map((box) => box.value);
  const same = (a, b) => a.every((text, i) => text === b[i]);
  const all = () => JSON.stringify(rows.map(texts));
  let sent = all();
  const save = () => {
    sent = all();
    // only what was changed here: another window may have written to the other rows meanwhile
    ask(model, { do: "save", rows: rows.map((row) => (same(texts(row), row.known) ? null : texts(row))) }, status);
  };
  const form = make("form", {
    onsubmit: (event) => {
      event.preventDefault();
      save();
    },
    // words must not be lost because a button was not pressed
    onfocusout: (event) => {
      if (!form.contains(event.relatedTarget) && sent !== all()) save();
    },
  }, ...fields, control("button", { type: "submit", class: "learn-check" }, "Save"), status);
  const update = () => {
    const state = JSON.parse(model.get("state"));
    rows.forEach((row, place) => {
      row.boxes.forEach((box, i) => {
        const changedHere = box.value !== row.known[i] && box.value.trim() !== state.rows[place][i];
        if (!changedHere && box.value.trim() !== state.rows[place][i]) box.value = state.rows[place][i];
      });
      row.known = state.rows[place];
      row.said.textContent = state.said[place];
    });
    status.replaceChildren(...[state.saved ? make("p", {}, state.saved) : null, noteLine(state.notice)].filter(Boolean));
  };
  model.on("change:state", update);
  update();
  const title = make("div", { class: "learn-title" }, content.title);
  el.append(hideStandIn(content), make("section", { class: "learn", "aria-label": content.title }, title, form));
  return () => model.off("change:state", update);
}

export default { render };

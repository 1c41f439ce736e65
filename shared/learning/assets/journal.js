// The journal: one text box a prompt, saved on request and when the boxes are left.

function render({ model, el }) {
  const content = JSON.parse(model.get("content"));
  const status = make("div", { class: "learn-status", role: "status" });
  const start = JSON.parse(model.get("state"));
  const boxes = content.prompts.map((prompt, i) => {
    const box = control("textarea", { rows: 4, id: newName() });
    box.value = start.written[i];
    return box;
  });
  const texts = () => boxes.map((box) => box.value);
  const known = texts(); // what the record holds, as far as this page has heard
  let sent = texts().join("\u0000");
  const save = () => {
    sent = texts().join("\u0000");
    // only what was changed here: another notebook may have written to the other prompts meanwhile
    ask(model, { do: "save", texts: texts().map((text, i) => (text === known[i] ? null : text)) }, status);
  };
  const asked = boxes.flatMap((box, i) => {
    const label = make("label", { for: box.id }, make("strong", {}, ...words(content.prompts[i])));
    return [make("p", {}, label), box];
  });
  const form = make("form", {
    onsubmit: (event) => {
      event.preventDefault();
      save();
    },
    // words must not be lost because a button was not pressed
    onfocusout: (event) => {
      if (!form.contains(event.relatedTarget) && sent !== texts().join("\u0000")) save();
    },
  }, ...asked, control("button", { type: "submit", class: "learn-check" }, "Save"), status);
  const update = () => {
    const state = JSON.parse(model.get("state"));
    boxes.forEach((box, i) => {
      const changedHere = box.value !== known[i];
      known[i] = state.written[i];
      if (!changedHere && box.value !== known[i]) box.value = known[i];
    });
    const lines = [state.saved ? make("p", {}, state.saved) : null, noteLine(state.notice)];
    status.replaceChildren(...lines.filter(Boolean));
  };
  model.on("change:state", update);
  update();
  const title = make("div", { class: "learn-title" }, content.title);
  el.append(hideStandIn(content), make("section", { class: "learn", "aria-label": content.title }, title, form));
  return () => model.off("change:state", update);
}

export default { render };

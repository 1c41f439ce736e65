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
  let sent = start.written.join("\u0000");
  const save = () => {
    sent = boxes.map((box) => box.value).join("\u0000");
    ask(model, { do: "save", texts: boxes.map((box) => box.value) }, status);
  };
  const form = make("form", {
    onsubmit: (event) => { event.preventDefault(); save(); },
    // words must not be lost because a button was not pressed
    onfocusout: (event) => {
      if (!form.contains(event.relatedTarget) && sent !== boxes.map((box) => box.value).join("\u0000")) save();
    },
  },
    ...boxes.flatMap((box, i) => [make("p", {}, make("label", { for: box.id }, make("strong", {}, ...words(content.prompts[i])))), box]),
    control("button", { type: "submit", class: "learn-check" }, "Save"), status);
  const update = () => {
    const state = JSON.parse(model.get("state"));
    status.replaceChildren(...[state.saved ? make("p", {}, state.saved) : null, noteLine(state.notice)].filter(Boolean));
  };
  model.on("change:state", update);
  update();
  el.append(make("section", { class: "learn", "aria-label": content.title }, make("div", { class: "learn-title" }, content.title), form));
  return () => model.off("change:state", update);
}

export default { render };

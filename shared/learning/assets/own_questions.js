// A form for one's own questions: question, right answer, wrong answers, each with its reason; saved when it is left.

function render({ model, el }) {
  const content = JSON.parse(model.get("content"));
  const status = make("div", { class: "learn-status", role: "status" });
  const start = JSON.parse(model.get("state"));
  const field = (tag, label, attributes = {}) => {
    const box = control(tag, { id: newName(), maxlength: "2000", ...attributes });
    return { box, node: make("div", { class: "learn-field" }, make("label", { for: box.id }, label), box) };
  };
  const line = (label) => field("input", label, { type: "text", autocomplete: "off", class: "learn-long" });
  const slots = Array.from({ length: content.count }, (_, i) => {
    const prompt = field("textarea", "Question", { rows: 2 });
    const right = line("Right answer");
    const why = line("Why it is right");
    const wrong = Array.from({ length: content.wrong }, (_, j) => [
      line(`Wrong answer ${j + 1}${j > 1 ? " (if you like)" : ""}`), line("Why one falls for it, and why it is wrong"),
    ]);
    const said = make("p", { class: "learn-quiet", role: "status" });
    const all = [prompt, right, why, ...wrong.flat()];
    const parts = make("fieldset", {}, make("legend", {}, make("span", { class: "learn-number" }, String(i + 1)), make("span", {}, `Your question ${i + 1}`)),
      prompt.node, make("div", { class: "learn-pair" }, right.node, why.node),
      ...wrong.map(([text, reason]) => make("div", { class: "learn-pair" }, text.node, reason.node)), said);
    const read = () => ({
      prompt: prompt.box.value, right: right.box.value, why: why.box.value,
      wrong: wrong.map(([text, reason]) => [text.box.value, reason.box.value]),
    });
    const write = (draft) => {
      prompt.box.value = draft.prompt;
      right.box.value = draft.right;
      why.box.value = draft.why;
      wrong.forEach(([text, reason], j) => {
        [text.box.value, reason.box.value] = draft.wrong[j] ?? ["", ""];
      });
    };
    write(start.drafts[i]);
    const key = () => JSON.stringify(all.map((one) => one.box.value));
    const keyOf = (draft) => JSON.stringify([
      draft.prompt, draft.right, draft.why, ...wrong.flatMap((_, j) => draft.wrong[j] ?? ["", ""]),
    ]);
    return { node: parts, read, write, said, key, keyOf, known: key() };
  });
  const keys = () => slots.map((slot) => slot.key()).join();
  let sent = keys();
  const save = () => {
    sent = keys();
    // only what was changed here: another window may have written to the other places meanwhile
    ask(model, { do: "save", drafts: slots.map((slot) => (slot.key() === slot.known ? null : slot.read())) }, status);
  };
  const form = make("form", {
    novalidate: true,
    onsubmit: (event) => {
      event.preventDefault();
      save();
    },
    // words must not be lost because a button was not pressed
    onfocusout: (event) => {
      if (!form.contains(event.relatedTarget) && sent !== keys()) save();
    },
  }, ...slots.map((slot) => slot.node), control("button", { type: "submit", class: "learn-check" }, "Save"), status);
  const update = () => {
    const state = JSON.parse(model.get("state"));
    slots.forEach((slot, i) => {
      const changedHere = slot.key() !== slot.known;
      slot.known = slot.keyOf(state.drafts[i]);
      if (!changedHere && slot.key() !== slot.known) slot.write(state.drafts[i]);
      slot.said.textContent = state.said[i];
    });
    const lines = [state.saved ? make("p", {}, state.saved) : null, noteLine(state.notice)];
    status.replaceChildren(...lines.filter(Boolean));
  };
  model.on("change:state", update);
  update();
  const root = make("section", { class: "learn", "aria-label": content.title }, make("div", { class: "learn-title" }, content.title), form);
  el.append(hideStandIn(content), root);
  return () => model.off("change:state", update);
}

export default { render };

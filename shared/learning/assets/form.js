// What all forms share. Text goes in as text nodes only: a question that holds "<img onerror=…>" shows these letters.

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

// JupyterLab acts on single keys ("b" adds a cell, "d d" deletes one) unless the focused element itself says not to.
function control(tag, attributes, ...children) {
  return make(tag, { "data-lm-suppress-shortcuts": "true", ...attributes }, ...children);
}

// Plain text with `code` in backticks and *stress* in asterisks, as an array of nodes. (The same rules as cards.py.)
function words(text) {
  return text.split(/(`[^`]+`)/).flatMap((part) => {
    if (/^`[^`]+`$/.test(part)) return [make("code", {}, part.slice(1, -1))];
    return part.split(/(?<![\p{L}\p{N}_*])\*([^\s*](?:[^*]*[^\s*])?)\*(?![\p{L}\p{N}_*])/u).flatMap((piece, i) => {
      const lines = piece.split("\n").flatMap((line, j) => (j ? [make("br"), line] : [line]));
      return i % 2 ? [make("em", {}, ...lines)] : lines;
    });
  });
}

// One line of text. Enter sends the form: JupyterLab keeps the browser from doing that by itself.
function lineBox(attributes) {
  const box = control("input", { type: "text", autocomplete: "off", ...attributes });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    box.form.requestSubmit();
  });
  return box;
}

// The page for places without a kernel stands below, in the next output. While this form lives, it is not shown.
function hideStandIn(content) {
  return make("style", {}, `.${content.stand_in}{display:none}`);
}

function newName() {
  return "learn-" + Math.random().toString(36).slice(2);
}

// Send to Python and say so if nothing comes back: the kernel may be busy, stopped or gone.
function ask(model, message, status) {
  status.replaceChildren(make("p", { class: "learn-quiet" }, "Sent …"));
  const timer = setTimeout(() => {
    status.replaceChildren(make("p", {}, "No answer from Python yet. If another cell is running, the answer comes when "
      + "it is done. If not, run this cell again."));
  }, 4000);
  const answered = () => {
    clearTimeout(timer);
    model.off("change:state", answered);
  };
  model.on("change:state", answered);
  model.send({ ...message, time: Date.now() });
}

function noteLine(text) {
  return text ? make("p", { class: "learn-note" }, ...words(text)) : null;
}

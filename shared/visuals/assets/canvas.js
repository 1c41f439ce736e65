// A sheet to draw on: a list of strokes, drawn anew after every change, so that undo is nothing but a shorter list.
const {data, make, view} = course;
const [wide, high] = data.sheet;
const PEN = 4, RUBBER = 34, LETTERS = 24, STEP = 11;

const sheet = make("canvas", {
  width: wide, height: high, tabindex: "0", role: "img", class: "sheet",
  "aria-label": data.alt + " Arrow keys move the cross, the space bar lowers and lifts the pen.",
});
const ink = sheet.getContext("2d");
const said = make("p", {class: "said", role: "status"});
const strokes = [];
const state = {tool: "pen", color: data.pens[0].color, open: null, cross: null, down: false};
const say = (text) => {
  said.textContent = text;
};

let under = null; // an earlier drawing to go on from
if (data.start) {
  const image = new Image();
  image.onload = () => {
    under = image;
    draw();
  };
  image.src = data.start;
}

const line = (stroke) => {
  ink.strokeStyle = ink.fillStyle = stroke.tool === "eraser" ? "#FFFFFF" : stroke.color;
  ink.lineWidth = stroke.tool === "eraser" ? RUBBER : PEN;
  ink.lineCap = ink.lineJoin = "round";
  const [first, ...rest] = stroke.points;
  if (!rest.length) {
    ink.beginPath();
    ink.arc(first[0], first[1], ink.lineWidth / 2, 0, 2 * Math.PI);
    ink.fill();
    return;
  }
  ink.beginPath();
  ink.moveTo(...first);
  rest.forEach((point) => ink.lineTo(...point));
  ink.stroke();
};
const draw = (marks = true) => {
  ink.fillStyle = "#FFFFFF";
  ink.fillRect(0, 0, wide, high);
  const from = strokes.map((stroke) => stroke.tool).lastIndexOf("clear");
  if (under && from < 0) ink.drawImage(under, 0, 0, wide, high);
  for (const stroke of strokes.slice(from + 1)) {
    if (stroke.tool !== "word") {
      line(stroke);
      continue;
    }
    ink.fillStyle = stroke.color;
    ink.font = `600 ${LETTERS}px system-ui, sans-serif`;
    ink.textAlign = "center";
    ink.textBaseline = "middle";
    ink.fillText(stroke.text, ...stroke.points[0]);
  }
  undo.disabled = !strokes.length;
  if (marks && state.cross && document.activeElement === sheet) {
    const [x, y] = state.cross;
    ink.strokeStyle = "#1F2937";
    ink.lineWidth = 2;
    ink.strokeRect(x - 7, y - 7, 14, 14);
    ink.beginPath();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
      ink.moveTo(x + 7 * dx, y + 7 * dy);
      ink.lineTo(x + 16 * dx, y + 16 * dy);
    }
    ink.stroke();
  }
};

// --- the tools ---------------------------------------------------------------------------------------------------------
const word = make("input", {type: "text", maxlength: "40", placeholder: "a word to put", "aria-label": "word to put on the sheet", class: "word"});
const pressed = (buttons, chosen) => buttons.forEach(([key, node]) => node.setAttribute("aria-pressed", String(key === chosen)));
const choose = (tool) => {
  state.tool = tool;
  state.down = false;
  state.open = null;
  pressed(tools, tool);
  word.hidden = tool !== "word";
  sheet.dataset.tool = tool;
};
const tool = (key, text) => [key, make("button", {type: "button", text, onclick: () => choose(key)})];
const tools = [tool("pen", "Pen"), tool("eraser", "Eraser"), tool("word", "Word")];
const pens = data.pens.map((pen) => {
  const dot = make("span", {class: "dot", style: `border-color:${pen.color}`, text: pen.letter});
  const button = make("button", {
    type: "button", class: "pen", title: pen.name, "aria-label": `color of ${pen.name}`,
    onclick: () => {
      state.color = pen.color;
      pressed(pens, pen.color);
      if (state.tool === "eraser") choose("pen");
    },
  }, dot);
  return [pen.color, button];
});
const back = () => {
  if (!strokes.length) return;
  const last = strokes.pop();
  state.open = null;
  state.down = false;
  draw();
  say({clear: "The sheet is back.", word: `“${last.text}” is gone.`, eraser: "What was erased is back."}[last.tool] ?? "The last line is gone.");
};
const undo = make("button", {type: "button", text: "Undo", onclick: back});
const clear = make("button", {
  type: "button", text: "Clear",
  onclick: () => {
    strokes.push({tool: "clear", points: []});
    draw();
    say("The sheet is empty. Undo brings it back.");
  },
});

// --- pointer and keys --------------------------------------------------------------------------------------------------
const at = (event) => {
  const box = sheet.getBoundingClientRect();
  return [((event.clientX - box.left) * wide) / box.width, ((event.clientY - box.top) * high) / box.height];
};
const put = (place) => {
  const text = word.value.trim();
  if (!text) {
    say("Write a word into the box first, then say where it goes.");
    word.focus();
    return;
  }
  strokes.push({tool: "word", text, color: state.color, points: [place]});
  say(`“${text}” stands on the sheet.`);
};
const begin = (place) => {
  state.open = {tool: state.tool, color: state.color, points: [place]};
  strokes.push(state.open);
};
sheet.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault();
  sheet.focus({preventScroll: true});
  state.cross = null;
  if (state.tool === "word") put(at(event));
  else {
    sheet.setPointerCapture(event.pointerId);
    begin(at(event));
  }
  draw();
});
sheet.addEventListener("pointermove", (event) => {
  if (!state.open || !sheet.hasPointerCapture(event.pointerId)) return;
  for (const step of event.getCoalescedEvents?.() ?? [event]) state.open.points.push(at(step));
  draw();
});
for (const end of ["pointerup", "pointercancel"]) {
  sheet.addEventListener(end, () => {
    state.open = null;
  });
}
const ways = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
sheet.addEventListener("keydown", (event) => {
  const way = ways[event.key];
  if (way) {
    const [x, y] = state.cross ?? [wide / 2, high / 2];
    state.cross = [Math.min(Math.max(x + way[0] * STEP, 0), wide), Math.min(Math.max(y + way[1] * STEP, 0), high)];
    if (state.down) state.open.points.push(state.cross);
  } else if (event.key === " " || event.key === "Enter") {
    state.cross ??= [wide / 2, high / 2];
    if (state.tool === "word") put(state.cross);
    else if (state.down) {
      state.down = false;
      state.open = null;
      say("Pen up.");
    } else {
      state.down = true;
      begin(state.cross);
      say(state.tool === "eraser" ? "Eraser down." : "Pen down.");
    }
  } else if (event.key === "z" && (event.ctrlKey || event.metaKey)) back();
  else return;
  event.preventDefault();
  draw();
});
sheet.addEventListener("focus", () => draw());
sheet.addEventListener("blur", () => {
  state.down = false;
  state.open = null;
  draw();
});

// --- keeping it --------------------------------------------------------------------------------------------------------
const png = () => {
  draw(false);
  const address = sheet.toDataURL("image/png");
  draw();
  return address;
};
const download = make("button", {
  type: "button", text: "Download PNG",
  onclick: () => {
    const link = make("a", {href: png(), download: `${data.name}.png`});
    document.body.append(link);
    link.click();
    link.remove();
    say(`${data.name}.png went to your browser's downloads.`);
  },
});
const save = make("button", {
  type: "button", text: "Save to portfolio", class: "main", hidden: true,
  onclick: () => {
    if (!strokes.length && !under) {
      say("The sheet is still empty.");
      return;
    }
    parent.postMessage({course: "sketch", name: data.name, png: png()}, "*");
    say("Sent …");
    waiting = setTimeout(() => say("The notebook does not answer. Run this cell again, or use Download PNG."), 5000);
  },
});
let waiting = 0;
// a notebook that listens says so; without one the button would promise what it cannot keep
addEventListener("message", (event) => {
  const told = event.data;
  if (event.source !== parent || told?.course !== "sketch-answer" || told.name !== data.name) return;
  save.hidden = false;
  if (typeof told.said === "string" && told.said) {
    clearTimeout(waiting);
    say(told.said);
  }
});
if (parent !== window) parent.postMessage({course: "sketch", name: data.name, hello: true}, "*");

const group = (name, ...nodes) => make("div", {class: "group", role: "group", "aria-label": name}, ...nodes);
view.append(
  make("div", {class: "bar"},
    group("tools", ...tools.map(([, node]) => node)), word, group("colors", ...pens.map(([, node]) => node)), group("changes", undo, clear)),
  sheet,
  make("div", {class: "bar"}, save, download, said),
);
choose("pen");
pressed(pens, state.color);
draw();
document.body.dataset.ready = "yes";

// Lines of code beside the model. A line is chosen; the parts that it is about light up, and the shape that it makes is said.
const {data, make, view} = course;
const [width, height] = data.size;
const ink = "#1F2937",
  gray = "#6B7280";
let [piece, line] = data.start;

// --- the drawing ------------------------------------------------------------------------------------------------------

const way = (points) => points.map((point) => point.join()).join(" ");
const drawing = make("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": data.alt});
for (const [x, y, w, h] of data.frames) drawing.append(make("rect", {x, y, width: w, height: h, rx: 10, fill: data.ground, stroke: "#D1D5DB"}));
for (const points of data.leaders) drawing.append(make("polyline", {points: way(points), stroke: gray, "stroke-dasharray": "2 3", fill: "none"}));
for (const points of data.wires) {
  drawing.append(make("polyline", {points: way(points), stroke: gray, "stroke-width": 1.8, fill: "none"}));
  const [[ax, ay], [bx, by]] = points.slice(-2);
  const long = Math.hypot(bx - ax, by - ay),
    [ux, uy] = [(bx - ax) / long, (by - ay) / long];
  const corner = (side) => [bx - 7 * ux + side * 4 * uy, by - 7 * uy - side * 4 * ux];
  drawing.append(make("path", {d: `M${bx},${by}L${corner(1)}L${corner(-1)}Z`, fill: gray}));
}
const boxes = new Map();
for (const [part, says, concept, x, y, w, h] of data.boxes) {
  const rect = make("rect", {x: x - w / 2, y: y - h / 2, width: w, height: h, rx: says === "+" ? 12 : 7});
  const words = make("text", {x, y: y + 4.5, "text-anchor": "middle", "font-size": 13.5, text: says});
  const group = make("g", {"data-part": part, onclick: () => follow(part)}, rect, words);
  boxes.set(part, {group, rect, words, concept});
  drawing.append(group);
}
for (const [says, x, y] of data.labels) drawing.append(make("text", {x, y: y + 4.5, "text-anchor": "middle", "font-size": 13, fill: ink, text: says}));
drawing.append(make("text", {x: 16, y: 151, "font-size": 15, "font-weight": 700, fill: ink, text: data.times}));

// --- the code ---------------------------------------------------------------------------------------------------------

const tabs = data.pieces.map(([name], i) => make("button", {type: "button", text: name, onclick: () => choose(i, 0)}));
const list = make("div", {class: "lines", role: "listbox", "aria-label": "lines of code"});
const says = make("p", {class: "says", "aria-live": "polite"});
const shape = make("p", {class: "mono shape"});

const choose = (newPiece, newLine, focus) => {
  [piece, line] = [newPiece, newLine];
  draw();
  if (focus) list.children[line].focus();
  else list.children[line].scrollIntoView({block: "nearest"});
};
// a click on a part leads to the next line that is about it and about little else
const follow = (part) => {
  const found = [];
  data.pieces.forEach(([, lines], p) => lines.forEach(([, lights], l) => lights.includes(part) && found.push([lights.length, p, l])));
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  const fewest = found.filter((one) => one[0] === found[0][0]);
  const now = fewest.findIndex((one) => one[1] === piece && one[2] === line);
  if (fewest.length) choose(fewest[(now + 1) % fewest.length][1], fewest[(now + 1) % fewest.length][2]);
};
list.addEventListener("keydown", (event) => {
  const move = {ArrowUp: -1, ArrowDown: 1}[event.key];
  if (!move) return;
  event.preventDefault();
  choose(piece, Math.min(Math.max(line + move, 0), data.pieces[piece][1].length - 1), true);
});

const draw = () => {
  const lines = data.pieces[piece][1];
  list.replaceChildren(
    ...lines.map(([text], i) => {
      const deep = text.length - text.trimStart().length;
      return make("div", {
        class: "mono line", role: "option", "aria-selected": String(i === line), tabindex: i === line ? 0 : -1,
        style: `padding-left:${8 + deep * 7 + 14}px`, text: text.trim(), onclick: () => choose(piece, i, true),
      }); // prettier-ignore
    }),
  );
  tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", String(i === piece)));
  const [, lights, words, gives] = lines[line];
  for (const [part, {group, rect, words: label, concept}] of boxes) {
    const on = lights.includes(part);
    const light = ["normalization", "key", "position"].includes(concept);
    group.setAttribute("class", on ? "on" : "off");
    rect.setAttribute("fill", on ? data.colors[concept].color : "#FFFFFF");
    label.setAttribute("fill", on ? (light ? ink : "#FFFFFF") : "#4B5563");
  }
  says.textContent = words;
  shape.textContent = gives ? "shape " + gives : "";
};

view.append(
  make("div", {class: "tabs", role: "group", "aria-label": "which piece of code"}, ...tabs),
  make("div", {class: "both"}, list, make("div", {class: "drawing"}, drawing, make("div", {class: "said"}, says, shape))),
);
draw();
document.body.dataset.ready = "yes";

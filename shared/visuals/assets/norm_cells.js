// Two small texts as tables of numbers. A norm and a cell are chosen; the numbers that decide about the cell light up.
const {data, make, mix, rgb, inkOn, view} = course;
const [B, T, F] = [data.table.length, data.table[0].length, data.table[0][0].length];
const said = (n, digits = 1) => (Math.abs(n) < 0.5 * 10 ** -digits ? 0 : n).toFixed(digits).replace("-", "−");

let norm = data.norms[0],
  loud = 1,
  chosen = [0, 1, 1];

const number = (b, t, f) => data.table[b][t][f] * (b === 1 ? loud : 1);
const all = [];
for (let b = 0; b < B; b++) for (let t = 0; t < T; t++) for (let f = 0; f < F; f++) all.push([b, t, f]);
const decides = ([b, t, f], [b2, t2, f2]) => (norm === "BatchNorm" ? f === f2 : b === b2 && t === t2);
// what the norm knows about a cell's group: how many, their mean (0 where it takes none off), their spread
const group = (cell) => {
  const numbers = all.filter((other) => decides(cell, other)).map((other) => number(...other));
  const mean = norm === "RMSNorm" ? 0 : numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
  const square = numbers.reduce((sum, n) => sum + (n - mean) ** 2, 0) / numbers.length;
  return {count: numbers.length, mean, spread: Math.sqrt(square + data.epsilon)};
};
const result = (cell) => {
  const {mean, spread} = group(cell);
  return (number(...cell) - mean) / spread;
};

// --- the parts of the page --------------------------------------------------------------------------------------------

const buttons = data.norms.map((name) => make("button", {type: "button", text: name, onclick: () => ((norm = name), draw())}));
const slider = make("input", {
  type: "range", min: 0, max: data.loudest, step: 0.5, value: 1, id: "loud",
  oninput: () => ((loud = Number(slider.value)), draw()),
}); // prettier-ignore
const loudness = make("span", {class: "mono"});
const says = make("p", {class: "says", "aria-live": "polite"});
const sum = make("p", {class: "mono sum"});

// one table: a row for each token, a cell for each feature; only the left one takes the keyboard
const tableOf = (title, reachable) => {
  const cells = new Map();
  const table = make("table", {});
  table.append(make("caption", {text: title}));
  const head = make("tr", {}, make("td"));
  for (let f = 0; f < F; f++) head.append(make("th", {scope: "col", text: "f" + f}));
  table.append(head);
  for (let b = 0; b < B; b++)
    for (let t = 0; t < T; t++) {
      const row = make("tr", {class: b && !t ? "second" : ""}, make("th", {scope: "row", text: data.tokens[b][t]}));
      for (let f = 0; f < F; f++) {
        const cell = make("td", {onclick: () => choose([b, t, f], reachable)});
        cells.set([b, t, f].join(), cell);
        row.append(cell);
      }
      table.append(row);
    }
  return {box: make("div", {class: "side"}, table), cells};
};
const before = tableOf("before", true),
  after = tableOf("after", false);

const choose = (cell, focus) => {
  chosen = cell;
  draw();
  if (focus) before.cells.get(chosen.join()).focus();
};
before.box.addEventListener("keydown", (event) => {
  const move = {ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0]}[event.key];
  if (!move) return;
  event.preventDefault();
  const row = Math.min(Math.max(chosen[0] * T + chosen[1] + move[0], 0), B * T - 1);
  const column = Math.min(Math.max(chosen[2] + move[1], 0), F - 1);
  choose([Math.floor(row / T), row % T, column], true);
});

// --- drawing ----------------------------------------------------------------------------------------------------------

const paint = (cell, value, place) => {
  const hue = mix(data.signed, 0.5 + value / (2 * data.scale));
  cell.textContent = said(value);
  cell.style.background = rgb(hue);
  cell.style.color = inkOn(hue);
  cell.classList.toggle("group", decides(chosen, place));
  cell.classList.toggle("chosen", place.join() === chosen.join());
};
const draw = () => {
  for (const place of all) {
    const left = before.cells.get(place.join());
    paint(left, number(...place), place);
    left.setAttribute("tabindex", place.join() === chosen.join() ? 0 : -1);
    left.setAttribute("aria-label", `${data.tokens[place[0]][place[1]]}, feature ${place[2]}: ${said(number(...place))}`);
    const right = after.cells.get(place.join());
    paint(right, result(place), place);
    if (place.join() !== chosen.join()) right.classList.remove("group"); // on the right only the result is marked
  }
  buttons.forEach((button) => button.setAttribute("aria-pressed", button.textContent === norm));
  loudness.textContent = "× " + said(loud);
  slider.setAttribute("aria-valuetext", loudness.textContent);
  const {count, mean, spread} = group(chosen);
  const [b, t, f] = chosen;
  const whose = norm === "BatchNorm" ? `feature ${f} of every token of both texts` : `the token “${data.tokens[b][t]}” alone`;
  const measures = norm === "RMSNorm" ? `root mean square ${said(spread, 2)}` : `mean ${said(mean, 2)}, spread ${said(spread, 2)}`;
  says.textContent = `${norm} looks at ${count} numbers: ${whose}. Their ${measures}.`;
  const top = norm === "RMSNorm" ? said(number(...chosen), 2) : `(${said(number(...chosen), 2)} − ${mean < 0 ? `(${said(mean, 2)})` : said(mean, 2)})`;
  sum.textContent = `${top} / ${said(spread, 2)} = ${said(result(chosen), 2)}`;
};

view.append(
  make("div", {class: "norms", role: "group", "aria-label": "which norm"}, ...buttons),
  make("div", {class: "loud"}, make("label", {for: "loud", text: "the second text"}), slider, loudness),
  make("div", {class: "tables"}, before.box, after.box),
  says,
  sum,
);
draw();
document.body.dataset.ready = "yes";

// A soft dictionary to turn by hand: the query's arrow among the keys, the shares, and the mixture of the values.
const {data, make, view} = course;

const SIDE = 250;
const hue = data.colors;
const wrap = make("div", {class: "dictionary"});
const says = make("p", {class: "says", "aria-live": "polite"});
const n = data.names.length;
const root = Math.sqrt(2);

// a square field with its own scale; y grows upwards
const field = (title, range, label) => {
  const [low, high] = range;
  const x = (value) => ((value - low) / (high - low)) * SIDE;
  const y = (value) => SIDE - x(value);
  const drawing = make("svg", {viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img", "aria-label": label});
  drawing.append(make("rect", {x: 1, y: 1, width: SIDE - 2, height: SIDE - 2, rx: 8, class: "ground"}));
  const box = make("div", {class: "panel"}, make("p", {class: "title", text: title}), drawing);
  wrap.append(box);
  return {x, y, drawing, box};
};
const arrow = (color) => ({
  line: make("line", {stroke: color, "stroke-width": 3, "stroke-linecap": "round"}),
  head: make("path", {fill: color}),
});
const aim = (at, one, [a, b]) => {
  const [x0, y0, x1, y1] = [at.x(0), at.y(0), at.x(a), at.y(b)];
  const turn = Math.atan2(y1 - y0, x1 - x0);
  const corner = (side, back) => `${x1 - back * Math.cos(turn + side)} ${y1 - back * Math.sin(turn + side)}`;
  for (const [name, value] of Object.entries({x1: x0, y1: y0, x2: x1 - 5 * Math.cos(turn), y2: y1 - 5 * Math.sin(turn)}))
    one.line.setAttribute(name, value);
  one.head.setAttribute("d", `M${x1} ${y1}L${corner(0.42, 13)}L${corner(-0.42, 13)}z`);
};
const place = (at, node, [a, b], dx = 0, dy = 0) => {
  const inside = (value) => Math.min(Math.max(value, 26), SIDE - 26);
  node.setAttribute("x", inside(at.x(a) + dx));
  node.setAttribute("y", Math.min(Math.max(at.y(b) + dy, 16), SIDE - 8));
};
const beyond = ([a, b]) => {
  const long = Math.hypot(a, b) || 1;
  return [(14 * a) / long, (-14 * b) / long + 4];
};

// 1: keys and query
const left = field("query and keys", data.key_range, "the query's arrow among the keys' arrows");
data.keys.forEach((key, i) => {
  const one = arrow(hue.key.color);
  aim(left, one, key);
  const name = make("text", {class: "name", fill: hue.key.words, text: data.names[i]});
  const [dx, dy] = beyond(key);
  place(left, name, key, 1.6 * dx, dy);
  left.drawing.append(one.line, one.head, name);
});
const asks = arrow(hue.query.color);
const asker = make("text", {class: "name strong", fill: hue.query.words, text: data.query_name});
left.drawing.append(asks.line, asks.head, asker);
left.drawing.classList.add("grab");

// 2: the shares
const middle = make("div", {class: "panel"}, make("p", {class: "title", text: "weights"}));
wrap.append(middle);
const head = (text) => make("span", {class: "quiet", text});
middle.append(make("div", {class: "row"}, make("span", {class: "of quiet", text: "key"}), head(""), head("share"), head("score")));
const bars = data.names.map((name) => {
  const bar = make("span", {class: "bar", style: `background:${hue.attention.color}`});
  const number = make("span", {class: "mono"});
  const score = make("span", {class: "mono quiet"});
  middle.append(
    make("div", {class: "row"}, make("span", {class: "of", text: name}), make("span", {class: "track"}, bar), number, score),
  );
  return {bar, number, score};
});
const slider = (label, min, max, step) => {
  const input = make("input", {type: "range", min, max, step, "aria-label": label});
  const out = make("span", {class: "mono"});
  middle.append(make("label", {class: "slide"}, make("span", {text: label}), input, out));
  return {input, out};
};
const direction = slider("direction of the query", 0, 359, 1);
const size = slider("length of the query", 0, data.longest, 0.1);

// 3: the values and their mixture
const right = field("values and their mixture", data.value_range, "the values and the mixture that is returned");
const threads = data.values.map((value, i) => {
  const line = make("line", {stroke: hue.attention.color, "stroke-linecap": "round"});
  const name = make("text", {class: "name", fill: hue.value.words, text: data.value_names[i]});
  place(right, name, value, 0, right.y(value[1]) < 60 ? -11 : 22);
  right.drawing.append(line);
  const dot = make("rect", {x: right.x(value[0]) - 6, y: right.y(value[1]) - 6, width: 12, height: 12, rx: 2, fill: hue.value.color});
  return {line, name, dot};
});
threads.forEach(({dot, name}) => right.drawing.append(dot, name));
const result = make("circle", {r: 8, fill: "#FFFFFF", stroke: "#1F2937", "stroke-width": 3});
right.drawing.append(result);
view.append(wrap, says);

let query = [...data.query];
const draw = () => {
  const scores = data.keys.map(([a, b]) => (a * query[0] + b * query[1]) / root);
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const all = powers.reduce((sum, power) => sum + power, 0);
  const weights = powers.map((power) => power / all);
  const mixture = [0, 1].map((axis) => weights.reduce((sum, w, i) => sum + w * data.values[i][axis], 0));
  aim(left, asks, query);
  // beside the middle of its arrow: beyond the tip it would lie on the name of the key that it fits
  const [dx, dy] = beyond([-query[1], query[0]]);
  place(left, asker, [0.6 * query[0], 0.6 * query[1]], 1.6 * dx, 1.1 * dy);
  bars.forEach(({bar, number, score}, i) => {
    bar.style.width = 100 * weights[i] + "%";
    number.textContent = (100 * weights[i]).toFixed(0) + " %";
    score.textContent = scores[i].toFixed(1).replace("-", "−");
  });
  result.setAttribute("cx", right.x(mixture[0]));
  result.setAttribute("cy", right.y(mixture[1]));
  threads.forEach(({line}, i) => {
    const ends = {x1: right.x(data.values[i][0]), y1: right.y(data.values[i][1]), x2: right.x(mixture[0]), y2: right.y(mixture[1])};
    for (const [name, value] of Object.entries(ends)) line.setAttribute(name, value);
    line.setAttribute("stroke-width", 1 + 7 * weights[i]);
    line.setAttribute("stroke-opacity", 0.15 + 0.7 * weights[i]);
  });
  const degrees = (Math.round((Math.atan2(query[1], query[0]) * 180) / Math.PI) + 360) % 360;
  const long = Math.hypot(...query);
  if (long > 0.05) direction.input.value = degrees;
  direction.out.textContent = direction.input.value + "°";
  size.input.value = long;
  size.out.textContent = long.toFixed(1);
  const best = weights.indexOf(Math.max(...weights));
  const spread = Math.max(...weights) - Math.min(...weights) < 0.005;
  says.textContent = spread
    ? "A query of length 0 has nothing to ask: every key gets the same share, and the result is the plain average of the values."
    : `${data.names[best]} gets the largest share, ${(100 * weights[best]).toFixed(0)} %: ` +
      (weights[best] > 0.95 ? "the result lies almost on" : "the result is a mixture of all values, pulled most toward") +
      ` the ${data.value_names[best]}.`;
};
const set = (degrees, long) => {
  const turn = (degrees * Math.PI) / 180;
  query = [long * Math.cos(turn), long * Math.sin(turn)];
  draw();
};
direction.input.addEventListener("input", () => set(Number(direction.input.value), Math.hypot(...query)));
size.input.addEventListener("input", () => set(Number(direction.input.value), Number(size.input.value)));

const drag = (event) => {
  const box = left.drawing.getBoundingClientRect();
  const [low, high] = data.key_range;
  const a = low + ((event.clientX - box.left) / box.width) * (high - low);
  const b = high - ((event.clientY - box.top) / box.height) * (high - low);
  const long = Math.min(Math.hypot(a, b), data.longest);
  const turn = Math.atan2(b, a);
  query = [long * Math.cos(turn), long * Math.sin(turn)];
  draw();
};
left.drawing.addEventListener("pointerdown", (event) => {
  left.drawing.setPointerCapture(event.pointerId);
  drag(event);
});
left.drawing.addEventListener("pointermove", (event) => {
  if (left.drawing.hasPointerCapture(event.pointerId)) drag(event);
});
draw();
document.body.dataset.ready = "yes";

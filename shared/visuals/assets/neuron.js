// A neuron in the plane: three sliders, the line where its sum is zero, and what it makes of each dot.
const {data, make, view} = course;
const SIZE = 360,
  EDGE = 42; // of the drawing, and room for the numbers and names of the axes
const scale = (SIZE - 2 * EDGE) / (2 * data.half);
const sx = (x) => EDGE + (x + data.half) * scale;
const sy = (y) => SIZE - EDGE - (y + data.half) * scale;
const said = (n, digits = 1) => (Math.abs(n) < 0.5 * 10 ** -digits ? 0 : n).toFixed(digits).replace("-", "−");
const signed = (n) => (n < -0.05 ? "− " : "+ ") + said(Math.abs(n));

let [w1, w2, b] = data.start;
let set = 0,
  dot = 0;
const sum = ([x, y]) => {
  const z = w1 * x + w2 * y + b;
  return Math.abs(z) < 1e-9 ? 0 : z; // 0.1 + 0.2 is not quite 0.3
};

// The part of the square where the sum is positive: the square, cut along the line.
const firing = () => {
  const h = data.half;
  const corners = [[-h, -h], [h, -h], [h, h], [-h, h]]; // prettier-ignore
  if (!corners.some((corner) => sum(corner) > 0)) return [];
  return corners.flatMap((p, i) => {
    const q = corners[(i + 1) % 4];
    const [zp, zq] = [sum(p), sum(q)];
    const t = zp / (zp - zq);
    const cut = zp * zq < 0 ? [[p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]] : [];
    return zp >= 0 ? [p, ...cut] : cut;
  });
};
// Where the line leaves the square: two points, or none.
const ends = () => {
  const found = [];
  const h = data.half;
  const add = (x, y) => {
    if (Math.abs(x) > h + 1e-9 || Math.abs(y) > h + 1e-9) return;
    if (!found.some(([u, v]) => Math.hypot(u - x, v - y) < 1e-6)) found.push([x, y]);
  };
  for (const edge of [-h, h]) {
    if (w2) add(edge, -(w1 * edge + b) / w2);
    if (w1) add(-(w2 * edge + b) / w1, edge);
  }
  return found.length > 1 ? [found[0], found[found.length - 1]] : null;
};

// --- the parts of the page --------------------------------------------------------------------------------------------

const paper = make("path", {fill: "var(--card)"}); // else one tint would lie over the other
const area = make("path", {fill: data.colors.yes, "fill-opacity": 0.14});
const line = make("line", {stroke: "var(--ink)", "stroke-width": 2.5, "stroke-linecap": "round"});
const arrow = make("path", {fill: "none", stroke: "var(--ink)", "stroke-width": 2, "stroke-linejoin": "round"});
const ring = make("circle", {r: 13, fill: "none", stroke: "var(--ink)", "stroke-width": 2, "stroke-dasharray": "4 3"});
const dots = make("g");
const svg = make(
  "svg",
  {viewBox: `0 0 ${SIZE} ${SIZE}`, class: "plane", role: "img", "aria-label": data.alt},
  make("rect", {x: EDGE, y: EDGE, width: SIZE - 2 * EDGE, height: SIZE - 2 * EDGE, fill: data.colors.no, "fill-opacity": 0.1}),
  paper,
  area,
  make("path", {d: `M${sx(0)} ${EDGE}V${SIZE - EDGE}M${EDGE} ${sy(0)}H${SIZE - EDGE}`, stroke: "var(--line)"}),
  line,
  arrow,
  dots,
  ring,
  ...[-2, 0, 2].flatMap((n) => [
    make("text", {x: sx(n), y: SIZE - EDGE + 18, "text-anchor": "middle", text: said(n, 0)}),
    make("text", {x: EDGE - 7, y: sy(n) + 5, "text-anchor": "end", text: said(n, 0)}),
  ]),
  make("text", {x: SIZE / 2, y: SIZE - 4, "text-anchor": "middle", text: "input x₁ →"}),
  make("text", {transform: `translate(14 ${SIZE / 2}) rotate(-90)`, "text-anchor": "middle", text: "input x₂ →"}),
);

const slider = (name, what, i, take) => {
  const out = make("span", {class: "mono value"});
  const input = make("input", {
    type: "range", min: -data.most[i], max: data.most[i], step: data.step, value: data.start[i], id: `slider${i}`,
    oninput: () => {
      take(Math.round(Number(input.value) * 100) / 100);
      draw();
    },
  }); // prettier-ignore
  const row = make("div", {class: "slide"}, make("label", {for: `slider${i}`}, make("b", {text: name}), " " + what), input, out);
  return {row, input, show: (n) => {
    out.textContent = said(n);
    input.value = n;
    input.setAttribute("aria-valuetext", said(n));
  }}; // prettier-ignore
};
const sliders = [
  slider("w₁", "weight of x₁", 0, (n) => (w1 = n)),
  slider("w₂", "weight of x₂", 1, (n) => (w2 = n)),
  slider("b", "bias", 2, (n) => (b = n)),
];

const formula = make("p", {class: "mono formula"});
const verdict = make("p", {class: "verdict", "aria-live": "polite"});
const where = make("p", {class: "quiet where", "aria-live": "polite"});
const dotSum = make("p", {class: "mono sum", "aria-live": "polite"});
const choices = data.sets.map((one, i) =>
  make("button", {type: "button", text: one.name, onclick: () => {
    set = i;
    dot = 0;
    place();
    draw();
  }}),
); // prettier-ignore
const step = (by) => () => {
  const count = data.sets[set].points.length;
  dot = (dot + by + count) % count;
  draw();
};
const restart = () => {
  [w1, w2, b] = data.start;
  draw();
};

// --- drawing ----------------------------------------------------------------------------------------------------------

const path = (points) => (points.length > 2 ? "M" + points.map(([x, y]) => `${sx(x).toFixed(1)} ${sy(y).toFixed(1)}`).join("L") + "Z" : "");
let marks = [];
const place = () => {
  const {points, labels} = data.sets[set];
  marks = points.map(([x, y], i) => {
    const at = [sx(x), sy(y)];
    const shape = labels[i]
      ? make("circle", {cx: at[0], cy: at[1], r: 6.5})
      : make("path", {d: `M${at[0]} ${at[1] - 7.5}l7 12.5h-14z`});
    shape.setAttribute("fill", labels[i] ? data.colors.yes : data.colors.no);
    shape.setAttribute("stroke", "#fff");
    const cross = make("path", {
      d: `M${at[0] - 9} ${at[1] - 9}l18 18m0 -18l-18 18`, stroke: "var(--ink)", "stroke-width": 2, class: "cross",
    }); // prettier-ignore
    const touch = make("circle", {cx: at[0], cy: at[1], r: 16, fill: "transparent", style: "cursor:pointer", onclick: () => {
      dot = i;
      draw();
    }}); // prettier-ignore
    return {shape, cross, touch};
  });
  dots.replaceChildren(...marks.flatMap(({shape, cross, touch}) => [shape, cross, touch]));
  choices.forEach((button, i) => button.setAttribute("aria-pressed", i === set));
};

const direction = () => {
  if (!w1 && !w2) return b > 0 ? "Both weights are 0: no line, every dot fires." : "Both weights are 0: no line, no dot fires.";
  if (!ends()) return "The line has left the plane.";
  const lies = !w1 ? "lies level" : !w2 ? "stands upright" : w1 * w2 < 0 ? "rises to the right" : "falls to the right";
  const to = [w2 > 0 ? "up" : w2 < 0 ? "down" : "", w1 > 0 ? "right" : w1 < 0 ? "left" : ""].filter(Boolean).join(" and ");
  return `The line ${lies}; the arrow points ${to}, to the side that fires.`;
};

const draw = () => {
  const {points, labels} = data.sets[set];
  const cut = path(firing());
  paper.setAttribute("d", cut);
  area.setAttribute("d", cut);
  const found = ends();
  line.style.display = found ? "" : "none";
  if (found) [["x1", sx(found[0][0])], ["y1", sy(found[0][1])], ["x2", sx(found[1][0])], ["y2", sy(found[1][1])]]
    .forEach(([name, at]) => line.setAttribute(name, at.toFixed(2))); // prettier-ignore
  const long = Math.hypot(w1, w2);
  arrow.style.display = found && long ? "" : "none";
  if (found && long) {
    const from = [(found[0][0] + found[1][0]) / 2, (found[0][1] + found[1][1]) / 2];
    const [ux, uy] = [w1 / long, -w2 / long];
    const [fx, fy] = [sx(from[0]), sy(from[1])];
    const [tx, ty] = [fx + 44 * ux, fy + 44 * uy];
    const wing = (turn) => `M${(tx - 11 * ux + turn * 6 * uy).toFixed(1)} ${(ty - 11 * uy - turn * 6 * ux).toFixed(1)}L${tx.toFixed(1)} ${ty.toFixed(1)}`;
    arrow.setAttribute("d", `M${fx.toFixed(1)} ${fy.toFixed(1)}L${tx.toFixed(1)} ${ty.toFixed(1)}${wing(1)}${wing(-1)}`);
  }
  let right = 0;
  points.forEach((point, i) => {
    const good = sum(point) > 0 === (labels[i] === 1);
    right += good;
    marks[i].cross.style.display = good ? "none" : "";
  });
  [w1, w2, b].forEach((n, i) => sliders[i].show(n));
  formula.textContent = `z = ${said(w1)}·x₁ ${signed(w2)}·x₂ ${signed(b)}`;
  verdict.textContent = right === points.length ? `All ${right} dots right: solved.` : `${right} of ${points.length} dots right; the wrong ones are crossed out.`;
  where.textContent = direction();
  const [x, y] = points[dot];
  ring.setAttribute("cx", sx(x));
  ring.setAttribute("cy", sy(y));
  const z = sum(points[dot]);
  const part = (w, n) => `${said(w)}·${n < 0 ? `(${said(n)})` : said(n)}`;
  const plus = w2 < -0.05 ? `− ${part(-w2, y)}` : `+ ${part(w2, y)}`;
  dotSum.textContent = `${part(w1, x)} ${plus} ${signed(b)} = ${said(z, 2)}`;
  const kind = labels[dot] ? "circle" : "triangle";
  dotName.textContent = `${kind}, ${dot + 1} of ${points.length}: ${z > 0 ? "fires" : "does not fire"}`;
};

const dotName = make("span", {class: "dot", "aria-live": "polite"});
view.append(
  make(
    "div",
    {class: "neuron"},
    svg,
    make(
      "div",
      {class: "side"},
      choices.length > 1 ? make("div", {class: "sets", role: "group", "aria-label": "sets of dots"}, ...choices) : null,
      make("div", {role: "group", "aria-label": "the neuron"}, ...sliders.map(({row}) => row)),
      formula,
      verdict,
      where,
      make(
        "div",
        {class: "one", role: "group", "aria-label": "one dot"},
        make("button", {type: "button", text: "‹", "aria-label": "previous dot", title: "previous dot", onclick: step(-1)}),
        make("button", {type: "button", text: "›", "aria-label": "next dot", title: "next dot", onclick: step(1)}),
        dotName,
        make("button", {type: "button", text: "Restart", onclick: restart}),
      ),
      dotSum,
    ),
  ),
);
place();
draw();
document.body.dataset.ready = "yes";

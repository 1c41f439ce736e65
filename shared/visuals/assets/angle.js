// Two arrows in a plane, one of them to drag: their angle, dot product and cosine, and the cosine's curve.
const {data, make, view} = course;
const {a, reach, colors} = data;
const [nameA, nameB] = data.names;
const [shortest, longest, lengthStep] = data.lengths;
const first = Math.atan2(a[1], a[0]);
const lengthA = Math.hypot(...a);
const state = {...data.start};

const number = (value, digits) => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
};
const radians = (degrees) => (degrees * Math.PI) / 180;
// the angle as it is written: whole degrees, without a sign
const whole = () => Math.abs(Math.round(state.turn));
// a quarter turn's cosine is 0, not the 6e-17 of floating-point numbers
const cosine = () => (whole() === 90 ? 0 : Math.cos(radians(state.turn)));

// mirrors cosine_in_words in angle.py
const inWords = () => {
  const apart = whole();
  const found = [
    [0, "exactly the same way"],
    [30, "almost the same way"],
    [89, "partly the same way"],
    [90, "at a right angle"],
    [149, "partly against each other"],
    [179, "almost opposite ways"],
  ].find(([most]) => apart <= most);
  return found ? found[1] : "exactly opposite ways";
};

// --- the plane ---------------------------------------------------------------------------------------------------------
const plane = make("svg", {class: "plane", role: "img", "aria-label": data.alt});
const curve = make("svg", {class: "curve", "aria-hidden": "true"});

const arrow = (at, px, color) => {
  const [x, y] = at;
  const way = Math.atan2(y, x),
    head = 14 / px;
  const neck = [x - head * Math.cos(way), y - head * Math.sin(way)];
  const side = [(-head / 2) * Math.sin(way), (head / 2) * Math.cos(way)];
  const to = ([u, v]) => `${(reach + u) * px} ${(reach - v) * px}`;
  return [
    make("path", {d: `M${to([0, 0])}L${to(neck)}`, stroke: color, "stroke-width": 3.5, "stroke-linecap": "round"}),
    make("path", {
      d: `M${to(at)}L${to([neck[0] + side[0], neck[1] + side[1]])}L${to([neck[0] - side[0], neck[1] - side[1]])}z`,
      fill: color,
    }),
  ];
};

const tip = () => {
  const way = first + radians(state.turn);
  return [state.length * Math.cos(way), state.length * Math.sin(way)];
};

const drawPlane = () => {
  const size = Math.max(120, Math.min(372, view.clientWidth - 4)), // a hidden frame has no width
    px = size / (2 * reach);
  plane.setAttribute("width", size);
  plane.setAttribute("height", size);
  const at = (value) => (reach + value) * px;
  const lines = [];
  for (let i = -reach; i <= reach; i++) {
    const look = {stroke: i === 0 ? "#9CA3AF" : "#E5E7EB", "stroke-width": 1};
    lines.push(make("line", {x1: at(i), x2: at(i), y1: 0, y2: size, ...look}));
    lines.push(make("line", {y1: at(i), y2: at(i), x1: 0, x2: size, ...look}));
  }
  // numbers along the axes, so that a pair such as (3, 1) can be found
  const scale = [-4, -3, -2, -1, 1, 2, 3, 4].filter((i) => Math.abs(i) < reach).flatMap((i) => [
    make("text", {x: at(i), y: at(0) + 15, "text-anchor": "middle", text: number(i, 0)}),
    make("text", {x: at(0) - 6, y: at(-i) + 4, "text-anchor": "end", text: number(i, 0)}),
  ]);
  const b = tip();
  // the name stands beyond the tip, and inside the drawing
  const label = (end, name, color) => {
    const far = Math.hypot(...end) + 26 / px;
    const place = (value, least) => Math.min(Math.max(at(value), least), size - least);
    const scale = far / Math.hypot(...end);
    const node = make("text", {class: "name", "text-anchor": "middle", "dominant-baseline": "central", text: name});
    node.setAttribute("x", place(end[0] * scale, 8 + 4.5 * name.length));
    node.setAttribute("y", size - place(end[1] * scale, 12));
    node.style.fill = color;
    return node;
  };
  const round = 34,
    middle = first + radians(state.turn / 2);
  const on = (way, far) => [at(0) + far * Math.cos(way), at(0) - far * Math.sin(way)];
  const [x1, y1] = on(first, round),
    [x2, y2] = on(first + radians(state.turn), round);
  const arc = make("path", {
    d: `M${x1} ${y1}A${round} ${round} 0 0 ${state.turn > 0 ? 0 : 1} ${x2} ${y2}`,
    fill: "none",
    stroke: colors.meet,
    "stroke-width": 2.5,
  });
  const [x, y] = on(middle, round + 22);
  const degrees = make("text", {
    class: "degrees", x, y, "text-anchor": "middle", "dominant-baseline": "central", text: `${whole()}°`,
  });
  degrees.style.fill = colors.words;
  const [hx, hy] = [at(b[0]), size - at(b[1])];
  plane.replaceChildren(
    ...lines,
    ...scale,
    arc,
    ...arrow(a, px, colors.a),
    ...arrow(b, px, colors.b),
    make("circle", {cx: hx, cy: hy, r: 15, fill: colors.b, "fill-opacity": 0.1, stroke: colors.b, "stroke-dasharray": "3 3"}),
    label(a, nameA, colors.a),
    label(b, nameB, colors.b),
    degrees,
  );
};

const drawCurve = () => {
  const wide = Math.max(120, Math.min(400, facts.clientWidth)),
    high = 150,
    left = 34,
    right = 22,
    top = 12,
    bottom = 40;
  curve.setAttribute("width", wide);
  curve.setAttribute("height", high);
  const x = (degrees) => left + ((wide - left - right) * degrees) / 180;
  const y = (value) => top + ((high - top - bottom) * (1 - value)) / 2;
  const path = Array.from({length: 61}, (_, i) => `${x(3 * i)} ${y(Math.cos(radians(3 * i)))}`);
  const parts = [-1, 0, 1].flatMap((value) => [
    make("line", {x1: left, x2: wide - right, y1: y(value), y2: y(value), stroke: "#E5E7EB"}),
    make("text", {x: left - 6, y: y(value), "text-anchor": "end", "dominant-baseline": "central", text: number(value, 0)}),
  ]);
  const marks = [0, 90, 180].map((degrees) =>
    make("text", {x: x(degrees), y: high - 24, "text-anchor": "middle", text: `${degrees}°`}),
  );
  curve.replaceChildren(
    ...parts,
    ...marks,
    make("text", {x: (left + wide - right) / 2, y: high - 5, "text-anchor": "middle", text: "cosine against the angle"}),
    make("path", {d: "M" + path.join("L"), fill: "none", stroke: colors.meet, "stroke-width": 2}),
    make("circle", {cx: x(Math.abs(state.turn)), cy: y(cosine()), r: 7, fill: colors.meet, stroke: "#FFFFFF", "stroke-width": 2}),
  );
};

// --- the numbers -------------------------------------------------------------------------------------------------------
const said = make("p", {class: "said"});
const dot = make("p", {class: "mono dot"}),
  lengths = make("p", {class: "mono lengths"}),
  result = make("p", {class: "mono result", style: `color:${colors.words}`});
const facts = make("div", {class: "facts"}, said, dot, lengths, result, curve);
const heard = make("p", {class: "unseen", role: "status"});

const slider = (name, range, key, says) => {
  const out = make("output");
  const input = make("input", {
    type: "range",
    ...range,
    "aria-label": name,
    oninput: () => {
      state[key] = Number(input.value);
      draw();
    },
  });
  return {node: make("label", {}, make("span", {text: name}), input, out), input, out, key, says};
};
const sliders = [
  slider(`angle of ${nameB}`, {min: -180, max: 180, step: 1}, "turn", () => `${number(Math.round(state.turn), 0)}°`),
  slider(`length of ${nameB}`, {min: shortest, max: longest, step: lengthStep}, "length", () => number(state.length, 1)),
];

const sentence = () => `${nameA} and ${nameB} point ${inWords()}: ${whole()}° apart.`;
const draw = () => {
  const product = lengthA * state.length * cosine();
  said.textContent = sentence();
  dot.textContent = `dot product ${nameA} · ${nameB} = ${number(product, 2)}`;
  lengths.textContent = `lengths ${number(lengthA, 2)} × ${number(state.length, 2)} = ${number(lengthA * state.length, 2)}`;
  result.textContent = `cosine = ${number(product, 2)} / ${number(lengthA * state.length, 2)} = ${number(cosine(), 2)}`;
  sliders.forEach(({input, out, key, says}) => {
    input.value = state[key];
    out.textContent = says();
    input.setAttribute("aria-valuetext", `${says()}; dot product ${number(product, 2)}, cosine ${number(cosine(), 2)}`);
  });
  drawPlane();
  drawCurve();
};

// a slider tells its own news; after a drag or a button a reader's voice gets one sentence, when it has come to rest
let rest = null;
const tell = () => {
  clearTimeout(rest);
  rest = setTimeout(() => {
    heard.textContent = `${sentence()} Cosine ${number(cosine(), 2)}.`;
  }, 300);
};

const ways = [
  ["same way", 0],
  ["right angle", 90],
  ["opposite", 180],
].map(([text, turn]) =>
  make("button", {
    type: "button",
    text,
    onclick: () => {
      state.turn = turn;
      draw();
      tell();
    },
  }),
);

const drag = (event) => {
  const box = plane.getBoundingClientRect();
  const px = box.width / (2 * reach);
  const x = (event.clientX - box.left) / px - reach,
    y = reach - (event.clientY - box.top) / px;
  const length = Math.hypot(x, y);
  if (length < 0.15) return; // so near the middle a direction is chance
  let turn = Math.round(((Math.atan2(y, x) - first) * 180) / Math.PI);
  if (turn > 180) turn -= 360;
  if (turn < -180) turn += 360;
  state.turn = turn;
  state.length = Math.min(Math.max(Math.round(length / lengthStep) * lengthStep, shortest), longest);
  draw();
  tell();
};
plane.addEventListener("pointerdown", (event) => {
  plane.setPointerCapture(event.pointerId);
  drag(event);
});
plane.addEventListener("pointermove", (event) => {
  if (plane.hasPointerCapture(event.pointerId)) drag(event);
});

view.append(
  make(
    "div",
    {class: "angle"},
    plane,
    facts,
    make("div", {class: "turns"}, ...sliders.map(({node}) => node)),
    make("div", {class: "ways", role: "group", "aria-label": `turn ${nameB}`}, ...ways),
  ),
  heard,
);
draw();
course.onRoom(draw);
document.body.dataset.ready = "yes";

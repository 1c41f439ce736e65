// Clocks that write a positional encoding: d_model, position and base to set; clocks, table and likeness answer at once.
const {data, make, view, mix, rgb} = course;
const {places, colors} = data;
const state = {...data.start};

const number = (value, digits) => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
};
const wide = () => data.widths[state.width];
const base = () => data.bases[state.base];
const speed = (pair) => base() ** ((-2 * pair) / wide());
const pairs = () => Array.from({length: wide() / 2}, (_, i) => i);
// mirrors look_alike in position_clocks.py
const alike = (other) => pairs().reduce((sum, i) => sum + Math.cos((other - state.position) * speed(i)), 0) / pairs().length;
const lookAlike = (curve) => {
  const others = curve.map((value, place) => (place === state.position ? -Infinity : value));
  const most = Math.max(...others);
  return [others.findIndex((value) => value >= most - 1e-9), most];
};

// --- the parts ---------------------------------------------------------------------------------------------------------
const panel = (name, title, ...inside) => make("section", {class: `panel ${name}`}, make("p", {class: "title", text: title}), ...inside);
const clocks = make("svg", {class: "clocks", role: "img", "aria-label": data.alt});
const table = make("canvas", {class: "table", height: places, "aria-hidden": "true"});
const mark = make("div", {class: "mark"});
const curve = make("svg", {class: "curve", "aria-hidden": "true"});
const says = make("p", {class: "says"});
const heard = make("p", {class: "unseen", role: "status"});

const AREA = 290;
const drawClocks = () => {
  const size = Math.max(200, clocksBox.clientWidth);
  const count = pairs().length,
    across = Math.ceil(Math.sqrt(count)),
    down = Math.ceil(count / across);
  const cell = Math.min(size / across, AREA / down, 190);
  clocks.setAttribute("width", size);
  clocks.setAttribute("height", AREA);
  const left = (size - across * cell) / 2,
    top = (AREA - down * cell) / 2,
    round = cell / 2 - 13;
  clocks.replaceChildren(
    ...pairs().flatMap((i) => {
      const x = left + ((i % across) + 0.5) * cell,
        y = top + (Math.floor(i / across) + 0.5) * cell + 7;
      const turned = state.position * speed(i),
        part = turned % (2 * Math.PI);
      const [tx, ty] = [x + round * Math.sin(turned), y - round * Math.cos(turned)];
      const done = `M${x} ${y}V${y - round}A${round} ${round} 0 ${part > Math.PI ? 1 : 0} 1 ${tx} ${ty}z`;
      const ticks = [0, 1, 2, 3].map((quarter) => {
        const way = (quarter * Math.PI) / 2;
        const at = (far) => `${x + far * Math.sin(way)} ${y - far * Math.cos(way)}`;
        return `M${at(round + 3)}L${at(round - 3)}`;
      });
      return [
        make("circle", {cx: x, cy: y, r: round + 3, class: "face"}),
        make("path", {d: done, fill: colors.face, "fill-opacity": 0.28}),
        make("path", {d: ticks.join(""), class: "ticks"}),
        make("line", {x1: x, y1: y, x2: tx, y2: ty, stroke: colors.hand, "stroke-width": 3, "stroke-linecap": "round"}),
        make("circle", {cx: tx, cy: ty, r: 4.5, fill: colors.hand}),
        make("text", {x, y: y - round - 8, "text-anchor": "middle", text: `pair ${i}`}),
      ];
    }),
  );
};

const drawTable = () => {
  table.width = wide();
  const brush = table.getContext("2d");
  const cells = brush.createImageData(wide(), places);
  for (let place = 0; place < places; place++)
    for (let column = 0; column < wide(); column++) {
      const angle = place * speed(Math.floor(column / 2));
      const value = column % 2 ? Math.cos(angle) : Math.sin(angle);
      cells.data.set([...mix(data.ramp, (value + 1) / 2), 255], 4 * (place * wide() + column));
    }
  brush.putImageData(cells, 0, 0);
};

const drawCurve = (values, [other]) => {
  const size = Math.max(200, curveBox.clientWidth),
    high = 140,
    left = 34,
    right = 14,
    top = 12,
    bottom = 36;
  curve.setAttribute("width", size);
  curve.setAttribute("height", high);
  const x = (place) => left + ((size - left - right) * place) / (places - 1);
  const y = (value) => top + ((high - top - bottom) * (1 - value)) / 2;
  const lines = [-1, 0, 1].flatMap((value) => [
    make("line", {x1: left, x2: size - right, y1: y(value), y2: y(value), stroke: "#E5E7EB"}),
    make("text", {x: left - 6, y: y(value), "text-anchor": "end", "dominant-baseline": "central", text: number(value, 0)}),
  ]);
  const names = [0, 50, 100, 150, places - 1].map((place) =>
    make("text", {x: x(place), y: high - 20, "text-anchor": "middle", text: place}),
  );
  const dot = (place, look) => make("circle", {cx: x(place), cy: y(values[place]), r: 6, ...look});
  curve.replaceChildren(
    ...lines,
    ...names,
    make("text", {x: (left + size - right) / 2, y: high - 4, "text-anchor": "middle", text: "other place"}),
    make("path", {d: "M" + values.map((value, place) => `${x(place)} ${y(value)}`).join("L"), fill: "none", stroke: colors.meet, "stroke-width": 2}),
    dot(other, {fill: "#FFFFFF", stroke: colors.meet, "stroke-width": 2.5}),
    dot(state.position, {fill: colors.hand, stroke: "#FFFFFF", "stroke-width": 2}),
  );
};

const rounds = (pair) => number((state.position * speed(pair)) / (2 * Math.PI), 2);
const sentence = ([other, most]) => {
  const last = pairs().length - 1;
  const speeds = last
    ? `The fastest hand has made ${rounds(0)} rounds, the slowest ${rounds(last)}.`
    : `The only hand has made ${rounds(0)} rounds.`;
  const where = Math.abs(other - state.position) === 1 ? `its neighbor, ${other}` : `${other}, ${Math.abs(other - state.position)} places away`;
  return `Place ${state.position}. ${speeds} The place that looks most like it: ${where} (${number(most, 3)}; equal would be 1).`;
};

// --- what is set -------------------------------------------------------------------------------------------------------
const slider = (name, key, most, shown) => {
  const out = make("output");
  const input = make("input", {
    type: "range", min: 0, max: most, step: 1, "aria-label": name,
    oninput: () => {
      stop();
      state[key] = Number(input.value);
      draw();
    },
  });
  return {node: make("label", {}, make("span", {text: name}), input, out), input, out, key, shown};
};
const sliders = [
  slider("d_model", "width", data.widths.length - 1, () => `${wide()}`),
  slider("position", "position", places - 1, () => `${state.position}`),
  slider("base", "base", data.bases.length - 1, () => base().toLocaleString("en-US")),
];
const step = (by) => {
  state.position = Math.min(Math.max(state.position + by, 0), places - 1);
  draw();
};
let timer = null;
const stop = () => {
  clearInterval(timer);
  timer = null;
  play.textContent = "Tick";
};
const play = make("button", {
  type: "button", class: "play", text: "Tick",
  onclick: () => {
    if (timer) {
      stop();
      return tell();
    }
    if (state.position === places - 1) state.position = 0;
    play.textContent = "Stop";
    timer = setInterval(() => {
      step(1);
      if (state.position === places - 1) stop();
    }, 450);
  },
});
const by = (amount, text, label) =>
  make("button", {
    type: "button", text, "aria-label": label,
    onclick: () => {
      stop();
      step(amount);
      tell();
    },
  });
const tell = () => {
  heard.textContent = says.textContent;
};

const clocksBox = panel("hands", "one clock for each pair", clocks);
const tableBox = panel("rows", `the table: places 0 to ${places - 1}, downward`, make("div", {class: "holder"}, table, mark),
  make("p", {class: "quiet", text: "columns: sine, cosine, sine, cosine … · vermilion −1, white 0, blue 1"}));
const curveBox = panel("likeness", "how alike is this place to every other?", curve);
view.append(
  make("div", {class: "position"},
    make("div", {class: "sliders"}, ...sliders.map(({node}) => node)),
    make("div", {class: "player", role: "group", "aria-label": "move the position"},
      by(-1, "− 1", "one place back"), play, by(1, "+ 1", "one place on")),
    clocksBox, tableBox, curveBox, says),
  heard,
);

let drawn = "";
const draw = () => {
  const values = Array.from({length: places}, (_, place) => alike(place));
  const best = lookAlike(values);
  sliders.forEach(({input, out, key, shown}) => {
    input.value = state[key];
    out.textContent = shown();
    input.setAttribute("aria-valuetext", shown());
  });
  says.textContent = sentence(best);
  drawClocks();
  if (drawn !== `${wide()} ${base()}`) drawTable();
  drawn = `${wide()} ${base()}`;
  mark.style.top = `${(100 * (state.position + 0.5)) / places}%`;
  drawCurve(values, best);
};
draw();
course.onRoom(draw);
document.body.dataset.ready = "yes";

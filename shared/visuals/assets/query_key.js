// How one score is made: the products of a query with every key, entry by entry, and their running sum for one pair.
const {data, make, view, mix, rgb} = course;
const [layers, heads, T, width] = data.shape;
const root = Math.sqrt(width);
const HIGH = 190;
const at = {...data.start, entry: 0};
const number = (value, digits) => value.toFixed(digits).replace("-", "−");
const name = (i) => data.tokens[i][0];

const chooser = (label, count, key) => {
  const box = make("select", {"aria-label": label});
  for (let i = 0; i < count; i++) box.append(make("option", {value: i, text: `${label} ${i}`}));
  box.value = at[key];
  box.addEventListener("change", () => {
    at[key] = Number(box.value);
    at.key = -1;
    draw();
  });
  return box;
};
const asks = data.tokens.map(([text, whole], i) =>
  make("button", {class: "ask", type: "button", title: whole, text, onclick: () => {
    at.query = i;
    at.key = -1;
    draw();
  }}),
);
const canvas = () => make("canvas", {class: "strip", width, height: 1});
const track = () => {
  const cursor = make("span", {class: "cursor"});
  const paper = canvas();
  return {paper, cursor, node: make("span", {class: "track"}, paper, cursor)};
};
const rows = data.tokens.map(([text, whole], i) => {
  const strip = track();
  const score = make("span", {class: "mono score"});
  const bar = make("span", {class: "bar", style: `background:${data.colors.attention.color}`});
  const share = make("span", {class: "mono share"});
  const button = make(
    "button", {class: "row", type: "button", title: whole, onclick: () => {
      at.key = i;
      draw();
    }},
    make("span", {class: "of", text}), strip.node, score, make("span", {class: "beam"}, bar), share,
  );
  return {strip, score, bar, share, button};
});
const head = make(
  "div", {class: "row head"}, make("span", {class: "of", text: "key"}), make("span", {text: `${width} products q · k`}),
  make("span", {class: "score", text: "score"}), make("span", {class: "beam"}), make("span", {class: "share", text: "share"}),
);
const title = make("p", {class: "title"});
const parts = ["q", "k", "q · k"].map((text, i) => {
  const strip = track();
  const ink = [data.colors.query.words, data.colors.key.words, "#1F2937"][i];
  return {strip, node: make("div", {class: "part"}, make("span", {class: "of strong", text, style: `color:${ink}`}), strip.node)};
});
const slider = make("input", {type: "range", min: 0, max: width - 1, step: 1, "aria-label": "entry"});
const which = make("span", {class: "mono which"});
slider.addEventListener("input", () => {
  at.entry = Number(slider.value);
  draw();
});
const stairs = make("svg", {class: "stairs", height: HIGH, role: "img"});
const says = make("p", {class: "saying", "aria-live": "polite"});
view.append(
  make("div", {class: "bar-top"}, chooser("layer", layers, "layer"), chooser("head", heads, "head")),
  make("p", {class: "hint", text: "the token that asks:"}),
  make("div", {class: "asks"}, ...asks),
  make("div", {class: "rows"}, head, ...rows.map((row) => row.button)),
  title,
  ...parts.map((part) => part.node),
  make("label", {class: "part"}, make("span", {class: "of", text: "entry"}), make("span", {class: "slide"}, slider, which)),
  stairs, says,
);

const paint = (paper, values, limit) => {
  const brush = paper.getContext("2d");
  values.forEach((value, i) => {
    brush.fillStyle = rgb(mix(data.ramp, 0.5 + value / limit / 2));
    brush.fillRect(i, 0, 1, 1);
  });
};
const most = (values) => values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-12);
let queries, keys;
const vector = (all, i) => {
  const first = ((at.layer * heads + at.head) * T + i) * width;
  return Array.from(all.subarray(first, first + width));
};

const drawStairs = (products) => {
  const wide = Math.max(260, stairs.clientWidth || view.clientWidth);
  stairs.setAttribute("viewBox", `0 0 ${wide} ${HIGH}`);
  const sums = [0];
  for (const product of products) sums.push(sums.at(-1) + product);
  const low = Math.min(...sums), high = Math.max(...sums);
  const [left, top, bottom] = [62, 24, HIGH - 26];
  const x = (i) => left + (i / width) * (wide - left - 4);
  const y = (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top);
  const total = sums.at(-1);
  const line = (value, extra) => make("line", {x1: left, x2: wide - 4, y1: y(value), y2: y(value), ...extra});
  const bars = products.map((product, i) =>
    make("rect", {
      x: x(i) + 0.5, width: Math.max(1, x(1) - x(0) - 1), y: Math.min(y(sums[i]), y(sums[i + 1])),
      height: Math.max(1, Math.abs(y(sums[i + 1]) - y(sums[i]))), fill: rgb(mix(data.ramp, product > 0 ? 0.86 : 0.2)),
      stroke: i === at.entry ? "#1F2937" : null, "stroke-width": 2,
    }),
  );
  const near = Math.abs(y(total) - y(0)) < 16;
  stairs.replaceChildren(
    line(0, {stroke: "#9CA3AF"}), line(total, {stroke: "#1F2937", "stroke-dasharray": "5 4"}), ...bars,
    near ? make("g") : make("text", {x: left - 8, y: y(0) + 4, "text-anchor": "end", text: "0"}),
    make("text", {x: left - 8, y: y(total) + 4, "text-anchor": "end", class: "total", text: number(total, 1)}),
    make("text", {x: left, y: HIGH - 6, text: `sum so far, entry 0 to ${width - 1}`}),
  );
  stairs.setAttribute("aria-label", `The products add up, one after the other, to ${number(total, 1)}.`);
};

const draw = () => {
  const q = vector(queries, at.query);
  const open = data.causal ? at.query + 1 : T;
  const products = rows.map((_, i) => vector(keys, i).map((k, d) => k * q[d]));
  const scores = products.map((one, i) => (i < open ? one.reduce((sum, p) => sum + p, 0) / root : -Infinity));
  const top = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - top));
  const all = powers.reduce((sum, power) => sum + power, 0);
  const shares = powers.map((power) => power / all);
  if (at.key < 0 || at.key >= open) at.key = shares.indexOf(Math.max(...shares));
  const limit = most(products.slice(0, open).flat());
  const cursor = (node) => {
    node.style.left = `${(100 * at.entry) / width}%`;
    node.style.width = `${100 / width}%`;
  };
  asks.forEach((button, i) => button.setAttribute("aria-pressed", i === at.query));
  rows.forEach(({strip, score, bar, share, button}, i) => {
    const closed = i >= open;
    button.disabled = closed;
    button.setAttribute("aria-pressed", i === at.key);
    paint(strip.paper, closed ? products[i].map(() => 0) : products[i], limit);
    cursor(strip.cursor);
    score.textContent = closed ? "closed" : number(scores[i], 2);
    bar.style.width = 100 * shares[i] + "%";
    share.textContent = closed ? "" : (100 * shares[i]).toFixed(0) + " %";
  });
  const k = vector(keys, at.key);
  const own = most([...q, ...k]);
  [[q, own], [k, own], [products[at.key], limit]].forEach(([values, scale], i) => {
    paint(parts[i].strip.paper, values, scale);
    cursor(parts[i].strip.cursor);
  });
  title.textContent = `“${name(at.query)}” asks, “${name(at.key)}” is looked at`;
  slider.value = at.entry;
  which.textContent = `${at.entry}: ${number(q[at.entry], 2)} × ${number(k[at.entry], 2)} = ${number(products[at.key][at.entry], 2)}`;
  drawStairs(products[at.key]);
  const up = products[at.key].filter((p) => p > 0), down = products[at.key].filter((p) => p < 0);
  const add = (list) => list.reduce((sum, p) => sum + p, 0);
  says.textContent =
    `${up.length} products push up (+${add(up).toFixed(1)}), ${down.length} push down (${number(add(down), 1)}). ` +
    `Together ${number(add(products[at.key]), 1)}; divided by √${width} that is ${number(scores[at.key], 2)}. ` +
    `The softmax over the row gives it ${(100 * shares[at.key]).toFixed(0)} %.`;
};

const start = async () => {
  [queries, keys] = await Promise.all([course.unpack(data.queries), course.unpack(data.keys)]);
  draw();
  course.onRoom(draw, stairs.parentNode);
  document.body.dataset.ready = "yes";
};
start().catch(course.fail);

// The sizes of a GPT, and what they cost. The formulas are those of shared/costs.py.
const {data, make, view} = course;
const {offered, colors} = data;
const V = data.vocabulary;
const now = {...data.start};
const value = (name) => (name === "n_layers" ? now.n_layers : offered[name][now[name]]);

// three figures, as people say a count
const scaled = (n, step, units) => {
  let power = 0;
  while (power < units.length - 1 && n / step ** power >= step - 0.5) power += 1;
  const v = n / step ** power;
  if (v >= 99.95) return Math.round(v).toLocaleString("en-US") + units[power];
  return String(Number(v.toPrecision(3))) + units[power];
};
const said = (n) => scaled(n, 1000, ["", " K", " M", " B", " T"]);
const saidBytes = (n) => scaled(n, 1024, [" B", " KiB", " MiB", " GiB", " TiB"]);
const whole = (n) => n.toLocaleString("en-US");
const raised = (n) => {
  const power = Math.floor(Math.log10(n));
  const up = [...String(power)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]).join("");
  return `${(n / 10 ** power).toFixed(2)} · 10${up}`;
};
const lasting = (seconds) => {
  for (const [name, size] of [["years", 31557600], ["days", 86400], ["hours", 3600], ["minutes", 60]])
    if (seconds >= 2 * size) return `${scaled(seconds / size, 1e9, [""])} ${name}`; // prettier-ignore
  return `${scaled(seconds, 1e9, [""])} seconds`;
};

const kvHeads = (h, sharing) => {
  if (sharing !== "quarter") return sharing === "all" ? h : 1;
  let n = Math.max(1, Math.floor(h / 4));
  while (h % n) n -= 1;
  return n;
};

const costs = () => {
  const [N, d, T, B, bytes] = ["n_layers", "d_model", "context", "batch", "bytes_each"].map(value);
  const dk = d < 2048 ? 64 : 128;
  const h = d / dk;
  const kv = kvHeads(h, value("sharing"));
  const parts = {tokens: V * d, positions: T * d, attention: N * 4 * (d * d + d), "feed-forward": N * (8 * d * d + 5 * d)};
  const count = Object.values(parts).reduce((a, b) => a + b) + (2 * N + 1) * 2 * d;
  const matrices = 2 * (12 * N * d * d + V * d);
  const meetings = 4 * N * T * d;
  return {
    N, d, T, B, bytes, dk, h, kv, parts, count, matrices, meetings,
    train: 6 * count * value("text"), weights: bytes * count, memory: 16 * count, cache: 2 * N * kv * dk * T * B * bytes,
  }; // prettier-ignore
};

// --- controls ---------------------------------------------------------------------------------------------------------

const shown = [];
const slider = (name, words, most, show) => {
  const out = make("span", {class: "mono value"});
  const least = name === "n_layers" ? 1 : 0;
  const input = make("input", {type: "range", min: least, max: most, step: 1, id: `cost-${name}`, oninput: () => {
    now[name] = Number(input.value);
    draw();
  }}); // prettier-ignore
  shown.push(() => {
    input.value = now[name];
    out.textContent = show(value(name));
    input.setAttribute("aria-valuetext", show(value(name)));
  });
  return make("div", {class: "slide"}, make("label", {for: `cost-${name}`, text: words}), input, out);
};
const choice = (name, words, show) => {
  const buttons = offered[name].map((one, i) =>
    make("button", {type: "button", "data-choice": `${name}-${i}`, onclick: () => {
      now[name] = i;
      draw();
    }}),
  ); // prettier-ignore
  shown.push(() =>
    buttons.forEach((button, i) => {
      button.textContent = show(offered[name][i]);
      button.setAttribute("aria-pressed", i === now[name]);
    }),
  );
  return make("div", {class: "choice", role: "group", "aria-label": words}, make("span", {text: words}), make("span", {class: "buttons"}, ...buttons));
};
const presets = data.presets.map(([name, n, width, context]) =>
  make("button", {type: "button", text: name, onclick: () => {
    Object.assign(now, {n_layers: n, d_model: width, context});
    draw();
  }}),
); // prettier-ignore

const last = (name) => offered[name].length - 1;
const controls = make(
  "div",
  {class: "controls", role: "group", "aria-label": "sizes"},
  make("div", {class: "presets", role: "group", "aria-label": "start from"}, ...presets),
  slider("n_layers", "layers N", data.most, whole),
  slider("d_model", "width d", last("d_model"), whole),
  slider("context", "tokens T", last("context"), whole),
  slider("batch", "texts at once B", last("batch"), whole),
  slider("text", "training text D", last("text"), said),
  choice("bytes_each", "bytes a number", String),
  choice("sharing", "key-value heads", (how) => String(kvHeads(costs().h, how))),
);

// --- results ----------------------------------------------------------------------------------------------------------

const rows = {};
const row = (name, words) => {
  rows[name] = {value: make("b", {class: "mono", "data-cost": name}), how: make("span", {class: "how mono"})};
  return make("div", {class: "cost"}, make("span", {text: words}), rows[name].value, rows[name].how);
};
const bars = {};
const bar = (name, words) => {
  bars[name] = {line: make("span", {class: "track"}), says: make("span", {class: "says"})};
  return make("div", {class: "bar"}, make("span", {class: "name"}, make("b", {text: words}), " ", bars[name].says), bars[name].line);
};
const results = make(
  "div",
  {class: "results", "aria-live": "polite"},
  row("count", "parameters"),
  row("token", "operations for one more token"),
  row("train", "operations to train on D tokens"),
  row("weights", "memory of the weights"),
  row("cache", "memory of the KV cache"),
  row("memory", "memory to train, without activations"),
  bar("parts", "parameters:"),
  bar("run", "to run:"),
  bar("learn", "to train:"),
);

const fill = (name, pieces, most, says) => {
  bars[name].says.textContent = says;
  bars[name].line.replaceChildren(
    ...pieces.map(([size, hue]) => make("i", {style: `width:${((100 * size) / most).toFixed(3)}%;background:${hue}`})),
  );
};
const draw = () => {
  const c = costs();
  shown.forEach((show) => show());
  const put = (name, text, how) => {
    rows[name].value.textContent = text;
    rows[name].how.textContent = how;
  };
  const [N, d, T] = [c.N, c.d, c.T].map(whole);
  put("count", `${said(c.count)}  (${whole(c.count)})`, `V·d + T·d + N·(12d² + 13d) + 2d, with V = ${whole(V)}`);
  put("token", said(c.matrices + c.meetings), `2·(12·N·d² + V·d) + 4·N·T·d; the last part, attention's meetings: ${((100 * c.meetings) / (c.matrices + c.meetings)).toFixed(0)} %`);
  put("train", raised(c.train), `6 · ${said(c.count)} · ${said(value("text"))}: ${lasting(c.train / 1e15)} at 10¹⁵ a second`);
  put("weights", saidBytes(c.weights), `${c.bytes} bytes · ${said(c.count)}`);
  put("cache", saidBytes(c.cache), `2 · ${N} layers · ${c.kv} heads · ${c.dk} · ${T} · ${c.B} · ${c.bytes} bytes`);
  put("memory", saidBytes(c.memory), `16 bytes · ${said(c.count)}: weights, gradients, Adam`);
  const share = (part) => `${((100 * c.parts[part]) / c.count).toFixed(0)} %`;
  fill("parts", Object.entries(c.parts).map(([part, size]) => [size, colors[part]]), c.count,
    `tokens ${share("tokens")}, positions ${share("positions")}, attention ${share("attention")}, feed-forward ${share("feed-forward")}`); // prettier-ignore
  const most = Math.max(c.weights + c.cache, c.memory);
  fill("run", [[c.weights, colors.tokens], [c.cache / 2, colors.key], [c.cache / 2, colors.value]], most, `weights (gray), keys, values`); // prettier-ignore
  fill("learn", [[c.memory, colors.train]], most, "same scale");
};

view.append(make("div", {class: "costs"}, controls, results));
draw();
document.body.dataset.ready = "yes";

// A block to assemble: switches on one side, the tower that they light, and the measured loss of the model that has just these parts.
const {data, make, view} = course;

const hue = data.colors;
const [wide, high] = data.size;
let now = {mix: data.start[0], ff: data.start[1], cut: data.start[2]};
let before = null;
const seen = new Set();

const has = (part) => ({"": true, mix: now.mix !== "", "feed-forward": now.ff, shortcuts: now.cut})[part];
// without a part to go around, a shortcut changes nothing
const found = () => {
  const cut = now.cut && (now.mix !== "" || now.ff);
  return data.models.find(([mix, ff, c]) => mix === now.mix && ff === now.ff && c === cut);
};

// the tower
const tower = make("svg", {viewBox: `0 0 ${wide} ${high}`, class: "tower", role: "img"});
const drawTower = () => {
  const gray = hue.residual.color;
  tower.replaceChildren(make("line", {x1: data.middle, y1: data.tower[0][1], x2: data.middle, y2: data.tower.at(-1)[1], stroke: gray, "stroke-width": 2}));
  for (const [y, part, leave] of data.pluses) {
    const there = now.cut && has(part);
    const look = {fill: "none", stroke: there ? gray : "#D1D5DB", "stroke-width": there ? 3 : 1.4, "stroke-dasharray": there ? null : "4 4"};
    tower.append(
      make("path", {d: `M${data.middle} ${leave}H${data.side}V${y}H${data.middle + data.plus}`, ...look}),
      make("circle", {cx: data.middle, cy: y, r: data.plus, ...look, fill: "#FFFFFF"}),
      make("text", {x: data.middle, y: y + 6, "text-anchor": "middle", "font-size": 18, fill: there ? "#1F2937" : "#6B7280", text: "+"}),
    );
  }
  for (const [says, y, half, concept, part] of data.tower) {
    const there = has(part);
    const words = part === "mix" ? data.words[now.mix] : part === "" && y > high / 2 ? "word + seat" : says;
    const ink = !there ? "#6B7280" : concept === "normalization" ? "#1F2937" : "#FFFFFF";
    tower.append(
      make("rect", {x: data.middle - data.half, y: y - half, width: 2 * data.half, height: 2 * half, rx: 8, "stroke-width": 1.6,
        fill: there ? hue[concept].color : "#FFFFFF", stroke: there ? hue[concept].line : "#D1D5DB",
        "stroke-dasharray": there ? null : "4 4"}),
      make("text", {x: data.middle, y: y + 5, "text-anchor": "middle", "font-size": 14.5, "font-weight": there ? 600 : 400, fill: ink, text: words}),
    );
  }
  const names = data.tower.filter(([, , , , part]) => part && has(part)).map(([says, , , , part]) => (part === "mix" ? data.words[now.mix] : says));
  tower.setAttribute("aria-label", "From below: word and seat, " + [...names, "the votes"].join(", "));
};

// the switches
const radio = data.mixes.map(([mix, words]) => {
  const input = make("input", {type: "radio", name: "mix", value: mix, onchange: () => set({mix})});
  return {mix, input, node: make("label", {class: "pick"}, input, make("span", {text: words}))};
});
const box = (words, key) => {
  const input = make("input", {type: "checkbox", onchange: () => set({[key]: input.checked})});
  return {key, input, node: make("label", {class: "pick"}, input, make("span", {text: words}))};
};
const boxes = [box("feed-forward", "ff"), box("shortcuts, with norms", "cut")];
const switches = make("div", {class: "switches"},
  make("fieldset", {}, make("legend", {text: "A word looks back by"}), ...radio.map(({node}) => node)),
  make("fieldset", {}, make("legend", {text: "and there are"}), ...boxes.map(({node}) => node)));

// the scale of losses: low is good, and stands on the left
const span = [0, data.even * 1.02];
const left = 18, deep = 92;
let long = 460; // as wide as there is room, so that its words keep their size on a phone
const x = (loss) => left + ((loss - span[0]) / (span[1] - span[0])) * (long - 2 * left);
const scale = make("svg", {class: "scale", role: "img"});
const drawScale = (loss) => {
  long = Math.max(240, Math.min(480, scale.parentNode.clientWidth));
  scale.setAttribute("viewBox", `0 0 ${long} ${deep}`);
  scale.replaceChildren(make("line", {x1: x(0), y1: 46, x2: x(span[1]), y2: 46, stroke: "#9CA3AF", "stroke-width": 2}));
  for (const [value, words, anchor] of [[data.floor, `floor ${data.floor.toFixed(2)}`, "middle"], [data.even, `even guess ${data.even.toFixed(2)}`, "end"]])
    scale.append(
      make("line", {x1: x(value), y1: 30, x2: x(value), y2: 62, stroke: "#1F2937", "stroke-width": 2, "stroke-dasharray": "3 3"}),
      make("text", {x: x(value) + (anchor === "end" ? 8 : 0), y: 82, "text-anchor": anchor, "font-size": 14, fill: "#1F2937", text: words}),
    );
  for (const old of seen) if (old !== loss) scale.append(make("circle", {cx: x(old), cy: 46, r: 5, fill: "#FFFFFF", stroke: hue.attention.color, "stroke-width": 1.5}));
  scale.append(
    make("circle", {cx: x(loss), cy: 46, r: 9, fill: hue.attention.color}),
    make("text", {x: Math.min(Math.max(x(loss), 40), long - 40), y: 22, "text-anchor": "middle", "font-size": 17, "font-weight": 700, fill: hue.attention.words, text: loss.toFixed(2)}),
  );
  scale.setAttribute("aria-label", `loss ${loss.toFixed(2)} nats per token, floor ${data.floor.toFixed(2)}, even guess ${data.even.toFixed(2)}`);
};
const says = make("p", {class: "said", role: "status"});
const wrote = make("p", {class: "wrote"});

const draw = () => {
  const [, , , loss, text] = found();
  for (const {mix, input} of radio) input.checked = mix === now.mix;
  for (const {key, input} of boxes) input.checked = now[key];
  drawTower();
  drawScale(loss);
  const idle = now.cut && now.mix === "" && !now.ff;
  const step = before === null ? null : loss - before;
  const much = (value) => Math.abs(value).toFixed(2);
  says.textContent =
    `Loss ${loss.toFixed(2)} nats per token, ${much(loss - data.floor)} above the floor. ` +
    (idle ? "A shortcut around nothing changes nothing." : step === null ? "" : Math.abs(step) < 0.005 ? "That changed nothing." :
      step < 0 ? `Your last switch made it better by ${much(step)}.` : `Your last switch made it worse by ${much(step)}.`);
  wrote.replaceChildren(make("span", {class: "quiet", text: "It writes: "}), text);
  seen.add(loss);
};
const set = (change) => {
  before = found()[3];
  now = {...now, ...change};
  draw();
};
view.append(make("div", {class: "builder"}, make("div", {class: "left"}, tower), make("div", {class: "right"}, switches,
  make("p", {class: "title", text: "loss on held-out tales (nats per token)"}), scale, says, wrote)));
draw();
course.onRoom(() => drawScale(found()[3]), scale.parentNode);
document.body.dataset.ready = "yes";

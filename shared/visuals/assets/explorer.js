// The explorer: one head of many, seen as map, arcs and sentence, all answering to the same token in question.
const {data, make, view} = course;
const [L, H, T, S] = data.shape;
const across = Boolean(data.keys);

// what is in question: a row q, a column k, both (a cell) or neither; kept is what returns when the pointer leaves
let head = {l: data.start[0], h: data.start[1]},
  other = null,
  now = {q: null, k: null},
  kept = now;
let sorted = -1,
  down = true,
  pictures = "maps",
  looks = "q",
  drawn = {};

// --- controls ---------------------------------------------------------------------------------------------------------
const select = (label, choices, act, extra = {}) => {
  const node = make("select", {onchange: () => act(node.value), "aria-label": label, ...extra}, ...choices.map(([value, text]) => make("option", {value, text})));
  return [make("label", {}, label, node), node];
};
const choices = (n, name) => Array.from({length: n}, (_, i) => [i, name ? name[i] : i]);
const chooser = (which, label, set) => [
  select(`${label}layer`, choices(L, data.layers), (l) => set({...which(), l: +l})),
  select("head", choices(H), (h) => set({...which(), h: +h}), {"aria-label": `${label}head`}),
];
const [[layerLabel, layerMenu], [headLabel, headMenu]] = chooser(() => head, "", (to) => choose(to));
const [[layer2Label, layer2Menu], [head2Label, head2Menu]] = chooser(() => other, "with ", (to) => choose(head, to));
const steps = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5];
const [leastLabel, leastMenu] = select("arcs from", steps.map((n) => [n, n ? n.toFixed(2) : "all"]), () => draw());
leastMenu.value = Math.max(T, S) > 8 ? 0.05 : 0;
const parts = [["all", "everything"], ...["a → a", "a → b", "b → a", "b → b"].map((p) => [p, p])];
const [partLabel, partMenu] = select("pair", parts, () => say(draw()));
const [orderLabel, orderMenu] = select("order", [[-1, "by layer"], ...data.measures.map((m, i) => [i, m.name])], (i) => {
  sorted = +i;
  turn.hidden = sorted < 0;
  layout();
  headsBox.scrollTop = 0;
});
const turn = make("button", {type: "button", hidden: true, onclick: () => {
  down = !down;
  layout();
  headsBox.scrollTop = 0;
}});
const press = (text, act, extra = {}) => make("button", {type: "button", text, onclick: act, ...extra});
const compare = press("Compare two heads", () => choose(head, other ? null : {l: head.h + 1 < H ? head.l : (head.l + 1) % L, h: (head.h + 1) % H}), {hidden: L * H < 2});
const swap = press("", () => ((pictures = pictures === "maps" ? "arcs" : "maps"), layout()));
const [wayLabel] = select("pointing shows", [["q", "where it looks"], ["k", "who looks at it"]], (side) => {
  looks = side;
  const {q, k} = kept;
  if ((q === null) !== (k === null)) kept = now = {q: k, k: q};
  say(draw());
});

// --- the view ---------------------------------------------------------------------------------------------------------
const first = make("h2"),
  second = make("p"),
  third = make("p");
const heard = make("p", {class: "unseen", "aria-live": "polite"});
const list = (names, side) =>
  names.map((text, i) =>
    make("button", {
      type: "button",
      tabindex: -1,
      title: (side === "k" && across ? data.fullKeys : data.full)[i] || text,
      onpointerenter: (event) => event.pointerType !== "touch" && point({q: null, k: null, [side || looks]: i}),
      onclick: () => keep({q: null, k: null, [side || looks]: i}),
      onkeydown: (event) => {
        const to = {ArrowLeft: i - 1, ArrowRight: i + 1, ArrowUp: i - 1, ArrowDown: i + 1, Home: 0, End: names.length - 1}[event.key];
        if (to === undefined || !plain(event)) return;
        event.preventDefault();
        group[Math.min(Math.max(to, 0), names.length - 1)].focus();
      },
      onfocus: (event) => {
        if (!event.target.matches(":focus-visible")) return;
        point({q: null, k: null, [side || looks]: i}, true);
      },
    }, make("bdi", {text})),
  );
let group = [];
const tokens = list(data.tokens, across ? "q" : null),
  keys = across ? list(course.keys, "k") : tokens;
// the two texts of a pair, as the menu calls them
if (data.second !== null) [0, data.second].forEach((i, n) => (tokens[i].mark = make("i", {class: "quiet part", text: "ab"[n]})));
for (const [buttons, name] of across ? [[tokens, "tokens that ask"], [keys, "tokens that are looked at"]] : [[tokens, "tokens"]]) {
  buttons[0].tabIndex = 0;
  const node = make("div", {class: "text", role: "group", "aria-label": `${name}: arrow keys move, Enter keeps`}, across ? make("i", {class: "quiet", text: buttons === tokens ? "asks" : "is looked at"}) : null, ...buttons.flatMap((b) => (b.mark ? [b.mark, b] : [b])));
  node.addEventListener("focusin", () => (group = buttons));
  buttons.box = node;
}
const canvas = (label) => make("canvas", {tabindex: 0, role: "application", "aria-label": label});
const heads = canvas(`all ${L * H} heads: arrow keys choose; with Shift they choose a second one to compare`);
const panels = [0, 1].map((i) => {
  const node = canvas(""),
    title = make("h3"),
    box = make("div", {class: "box"}, node);
  return {node, title, box, panel: make("div", {}, make("div", {class: "top"}, title), box)};
});
const headsBox = make("div", {class: "box"}, heads);
const scale = make("i", {class: "scale", style: `background:linear-gradient(90deg,${data.ramp.join(",")})`});
const foot = make(
  "p", {class: "foot"},
  make("span", {}, "share of attention 0", scale, "1"),
  data.causal ? make("span", {}, make("i", {class: "mask"}), "later tokens, masked") : null,
  make("span", {text: `all numbers to within ${Math.ceil(500 * data.step) / 1000}`}),
  make("span", {text: "layers and heads count from 0"}),
);
const bar = make("div", {class: "bar"}, layerLabel, headLabel, compare, layer2Label, head2Label, swap, across ? null : wayLabel, leastLabel, data.second === null ? null : partLabel);
view.append(
  make("div", {class: "says"}, first, second, third),
  tokens.box, ...(across ? [keys.box] : []), bar,
  make("div", {class: "panels"}, make("div", {}, make("div", {class: "top"}, orderLabel, turn), headsBox), ...panels.map((p) => p.panel)),
  foot, heard,
);
document.addEventListener("pointerleave", () => point(kept));
view.addEventListener("focusout", (event) => !event.relatedTarget && point(kept));
for (const place of [...panels.map((p) => p.node), tokens.box, keys.box]) place.addEventListener("pointerleave", () => point(kept));

// --- what changes -----------------------------------------------------------------------------------------------------
const allowed = (t, s) => {
  const part = partMenu.value;
  return part === "all" || (t < data.second ? part[0] === "a" : part[0] === "b") && (s < data.second ? part[4] === "a" : part[4] === "b");
};
const choose = (to, with_ = other) => {
  const two = Boolean(with_) !== Boolean(other);
  [head, other] = [to, with_];
  if (two) layout();
  say(draw());
};
const point = (to, spoken = false) => {
  if (to.q === now.q && to.k === now.k) return;
  now = to;
  draw();
  if (spoken) say();
};
const keep = (to) => {
  const again = kept.q === to.q && kept.k === to.k;
  kept = now = again ? {q: null, k: null} : to;
  say(draw());
};
const state = () => ({...now, allowed, part: partMenu.value, least: +leastMenu.value});
const say = () => (heard.textContent = [first, second, third].map((p) => p.textContent).join(" "));

const shade = () => {
  // the text takes the colors of the row, or of the column, in question; with nothing in question it stays white
  const paint = (buttons, value, mine, beyond) =>
    buttons.forEach((button, i) => {
      const [a, b] = [head, other].map((one) => (one && value ? value(course.head(one), i) : 0));
      const [low, top] = [a, b].map((v) => course.mix(data.ramp, v / 255));
      button.style.background = other ? `linear-gradient(${course.rgb(low)} 23px,#fff 23px 24px,${course.rgb(top)} 24px)` : course.rgb(low);
      button.style.color = course.inkOn(low);
      button.classList.toggle("ring", i === mine);
      button.classList.toggle("off", Boolean(beyond && beyond(i)));
      button.setAttribute("aria-pressed", i === (buttons === keys && now.q === null ? kept.k : kept.q));
    });
  const {q, k} = now;
  const fromRow = q !== null && ((at, s) => (allowed(q, s) ? at(q, s) : 0)),
    fromColumn = q === null && k !== null && ((at, t) => (allowed(t, k) ? at(t, k) : 0));
  if (across) {
    paint(tokens, fromColumn, q);
    paint(keys, fromRow, k);
  } else
    paint(tokens, fromRow || fromColumn, q === null ? k : q, data.causal && (q !== null ? (i) => i > q : k !== null ? (i) => i < k : null));
};
const draw = () => {
  const is = state();
  layerMenu.value = head.l;
  headMenu.value = head.h;
  if (other) {
    layer2Menu.value = other.l;
    head2Menu.value = other.h;
  }
  const [one, two] = [course.tell(head, is), other && course.tell(other, is)];
  first.replaceChildren(...one[0]);
  if (other) second.replaceChildren(...two[0]);
  else second.replaceChildren(...one[1]);
  third.textContent = other ? course.differ(head, other) : now.q === null && now.k === null ? "Point at a token to see where it looks; a click keeps it, Escape lets go." : "";
  const [from, to] = drawn.small.mark([head, other]);
  if (from < headsBox.scrollTop || to > headsBox.scrollTop + headsBox.clientHeight) headsBox.scrollTop = from - 30;
  panels.forEach(({node, title, box}, i) => {
    const [wide, high] = [box.clientWidth - 6, box.clientHeight - 6];
    const arcs = other ? pictures === "arcs" : i === 1;
    const mine = other && i ? other : head;
    drawn[i] = arcs ? course.arcs(node, wide, high, mine, is) : {hit: course.map(node, wide, high, mine, is)};
    // two titles with the names of their heads leave less room
    const note = arcs && drawn[i].hidden ? `${drawn[i].hidden} below ${leastMenu.value}${other ? " left out" : " not drawn"}` : "";
    title.replaceChildren(other ? course.named(mine) : arcs ? "Arcs" : "Map", " ", make("span", {class: "quiet", text: note, title: note}));
    node.setAttribute("aria-label", `${arcs ? "arcs" : "map"} of ${course.named(mine)}: arrow keys move, Enter keeps, Escape lets go`);
  });
  shade();
};
const layout = () => {
  if (view.clientWidth < 60) return; // not shown at all
  for (const node of [layer2Label, head2Label, swap]) node.hidden = !other;
  view.classList.toggle("two", Boolean(other));
  compare.setAttribute("aria-pressed", Boolean(other));
  swap.textContent = pictures === "maps" ? "Show arcs" : "Show maps";
  leastLabel.hidden = other && pictures === "maps";
  turn.textContent = down ? "↓" : "↑";
  turn.setAttribute("aria-label", down ? "highest first; press for lowest first" : "lowest first; press for highest first");
  let order = null;
  if (sorted >= 0) {
    order = Array.from({length: L * H}, (_, i) => course.place(i));
    for (const one of order) one.score = course.measured(sorted, one);
    order.sort((a, b) => (down ? b.score - a.score : a.score - b.score));
    for (const one of order) one.value = one.score.toFixed(2);
  }
  // the box keeps the height of the grid, so that another order moves nothing below it
  drawn.small = course.smallMaps(heads, headsBox.clientWidth - 6, null);
  headsBox.style.setProperty("--grid", `${drawn.small.high + 6}px`);
  if (order) drawn.small = course.smallMaps(heads, headsBox.clientWidth - 6, order);
  draw();
};

// --- pointer and keys on the drawings ---------------------------------------------------------------------------------
const spot = (event) => {
  const box = event.target.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
heads.addEventListener("click", (event) => {
  const i = drawn.small.hit(...spot(event));
  if (i === null) return;
  if (event.shiftKey) choose(head, drawn.small.at(i));
  else choose(drawn.small.at(i));
});
const plain = (event) => !(event.ctrlKey || event.metaKey || event.altKey);
heads.addEventListener("keydown", (event) => {
  const {small} = drawn,
    at = small.index((event.shiftKey && other) || head);
  const to = {ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - small.across, ArrowDown: at + small.across, Home: 0, End: small.count - 1}[event.key];
  if (to === undefined || !plain(event)) return;
  event.preventDefault();
  if (to < 0 || to >= small.count) return;
  if (event.shiftKey) choose(head, small.at(to));
  else choose(small.at(to));
});
panels.forEach(({node}, i) => {
  const arcs = () => (other ? pictures === "arcs" : i === 1);
  node.addEventListener("pointermove", (event) => {
    const found = event.pointerType === "touch" ? null : drawn[i].hit(...spot(event));
    point(found || kept);
  });
  node.addEventListener("click", (event) => {
    const found = drawn[i].hit(...spot(event));
    if (found) keep(found);
  });
  node.addEventListener("keydown", (event) => {
    if (!plain(event)) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return keep(now);
    }
    let {q, k} = now;
    const by = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
    if (!by) return;
    event.preventDefault();
    const inside = (n, most) => Math.min(Math.max(n, 0), most - 1);
    if (arcs()) {
      // one token of one column: up and down along it, left and right between the two
      const right = by[1] ? by[1] > 0 : q === null && k !== null;
      const at = q !== null ? q : k !== null ? k : -by[0];
      point(right ? {q: null, k: inside(at + by[0], S)} : {q: inside(at + by[0], T), k: null}, true);
    } else if (q === null && k === null) point({q: 0, k: 0}, true);
    else point({q: inside((q === null ? 0 : q) + by[0], T), k: inside((k === null ? 0 : k) + by[1], S)}, true);
  });
});
document.addEventListener("keydown", (event) => {
  if (!plain(event) || event.target.tagName === "SELECT") return;
  if (event.key === "Escape") {
    kept = now = {q: null, k: null};
    say(draw());
  }
  const by = {l: [1, 0], L: [-1, 0], h: [0, 1], H: [0, -1]}[event.key];
  if (by) choose({l: (head.l + by[0] + L) % L, h: (head.h + by[1] + H) % H});
});

layout();
let seen = [0, 0];
new ResizeObserver(() => {
  const size = [view.clientWidth, view.clientHeight, devicePixelRatio];
  if (size.join() === seen.join()) return;
  seen = size;
  layout();
}).observe(view);
document.body.dataset.ready = "yes";

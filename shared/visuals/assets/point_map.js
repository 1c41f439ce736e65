// A flat map of points: point at one, search for it or walk there by keys, and see where its true neighbors lie on the map.
const {data, make, view} = course;
const {names, groups, near, cosines, k, colors} = data;
const n = names.length;
const looks = new Map(data.looks.map(([group, color, line, words, marker]) => [group, {color, line, words, marker}]));
const EDGE = 26; // px around the map, so that labels stay inside
const state = {map: 0, at: data.start};
let places = []; // of each map: [x, y] from −1 to 1
let spots = []; // of the shown map, in px

// mirrors the markers of point_map.py
const shapes = {
  o: (r) => `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0z`,
  s: (r) => `M${-r} ${-r}H${r}V${r}H${-r}z`,
  "^": (r) => `M0 ${-1.2 * r}L${1.1 * r} ${0.9 * r}H${-1.1 * r}z`,
  v: (r) => `M0 ${1.2 * r}L${1.1 * r} ${-0.9 * r}H${-1.1 * r}z`,
  D: (r) => `M0 ${-1.3 * r}L${1.3 * r} 0L0 ${1.3 * r}L${-1.3 * r} 0z`,
  P: (r) => `M${-r} ${-r / 2.5}H${-r / 2.5}V${-r}H${r / 2.5}V${-r / 2.5}H${r}V${r / 2.5}H${r / 2.5}V${r}H${-r / 2.5}V${r / 2.5}H${-r}z`,
};
const marker = (look, r) => make("path", {d: shapes[look ? look.marker : "o"](look ? r : 0.6 * r), fill: look ? look.color : colors.faint, stroke: "#FFFFFF", "stroke-width": 0.6});

const plane = make("svg", {class: "plane", tabindex: 0, role: "group", "aria-label": "The map. Arrow keys go to the nearest point in that direction."});
const far = (i, j) => Math.hypot(spots[i][0] - spots[j][0], spots[i][1] - spots[j][1]);
// the k nearest on the map; of equals the one that comes first
const nearHere = (i) => names.map((_, j) => j).filter((j) => j !== i).sort((a, b) => far(i, a) - far(i, b) || a - b).slice(0, k);

let dots = null, over = null;
const layout = () => {
  const size = Math.max(160, Math.min(440, view.clientWidth - 4));
  plane.setAttribute("width", size);
  plane.setAttribute("height", size);
  const half = size / 2 - EDGE;
  spots = places[state.map].map(([x, y]) => [size / 2 + half * x, size / 2 - half * y]);
  dots = make("g", {});
  // gray points lie below the colored ones
  const order = names.map((_, i) => i).sort((a, b) => looks.has(groups[a]) - looks.has(groups[b]));
  for (const i of order) {
    const dot = marker(looks.get(groups[i]), 5.5);
    dot.setAttribute("transform", `translate(${spots[i][0]} ${spots[i][1]})`);
    dots.append(dot);
  }
  over = make("g", {});
  plane.replaceChildren(dots, over);
};

const word = (i, strong) => {
  const [x, y] = spots[i];
  const size = Number(plane.getAttribute("width"));
  const left = x > size - 9 * names[i][0].length - 16;
  return make("text", {class: strong ? "name strong" : "name", x: left ? x - 10 : x + 10, y: Math.min(Math.max(y - 7, 13), size - 4), "text-anchor": left ? "end" : "start", text: names[i][0]});
};
const ring = (i, r, look) => make("circle", {cx: spots[i][0], cy: spots[i][1], r, fill: "none", ...look});

const heading = make("p", {class: "chosen"});
const says = make("p", {class: "says"});
const list = make("div", {class: "near", role: "group", "aria-label": "true neighbors, nearest first"});
const heard = make("p", {class: "unseen", role: "status"});
const tabs = data.maps.map(([name], m) => make("button", {type: "button", class: "tab", text: name, onclick: () => {
  state.map = m;
  layout();
  draw();
  tell();
}}));

const sentence = (here) => {
  const hits = near[state.at].filter((j) => here.includes(j)).length;
  return `Of its ${k} true neighbors, ${hits} ${hits === 1 ? "is" : "are"} among the ${k} nearest on this map.`;
};
const draw = () => {
  const i = state.at, here = nearHere(i), true_ = near[i];
  over.replaceChildren(
    ...true_.map((j) => make("line", {class: "tie", x1: spots[i][0], y1: spots[i][1], x2: spots[j][0], y2: spots[j][1], stroke: colors.tie, "stroke-width": 1.6})),
    ...here.filter((j) => !true_.includes(j)).map((j) => ring(j, 9, {class: "only", stroke: colors.ink, "stroke-dasharray": "3 3", "stroke-width": 1.4})),
    ...true_.map((j) => ring(j, 9, {class: "true", stroke: colors.tie, "stroke-width": 2})),
    ring(i, 12, {class: "at", stroke: colors.ink, "stroke-width": 2.6}),
    ...true_.slice(0, 3).map((j) => word(j, false)),
    word(i, true),
  );
  heading.replaceChildren(make("strong", {text: names[i][0], title: names[i][1]}), groups[i] ? ` · ${groups[i]}` : "");
  says.textContent = sentence(here);
  list.replaceChildren(...true_.map((j, r) => make("button", {
    type: "button", title: names[j][1], class: here.includes(j) ? "" : "lost",
    "aria-label": `${names[j][1]}, cosine ${cosines[i][r].toFixed(2)}, ${here.includes(j) ? "near" : "far"} on this map`,
    onclick: () => {
      go(j);
      list.querySelector("button").focus();
    },
  }, make("span", {text: names[j][0]}), make("span", {class: "mono", text: cosines[i][r].toFixed(2).replace("-", "−")}), make("span", {class: "mark", text: here.includes(j) ? "near" : "far"}))));
  tabs.forEach((tab, m) => tab.setAttribute("aria-pressed", m === state.map));
};

// a reader's voice gets one sentence, when the pointer or the keys have come to rest
let rest = null;
const tell = () => {
  clearTimeout(rest);
  rest = setTimeout(() => {
    heard.textContent = `${names[state.at][1]}${groups[state.at] ? ", " + groups[state.at] : ""}. ${says.textContent} Nearest: ${near[state.at].slice(0, 3).map((j) => names[j][1]).join(", ")}.`;
  }, 300);
};
const go = (i) => {
  if (i === state.at) return;
  state.at = i;
  draw();
  tell();
};

const under = (event) => {
  const box = plane.getBoundingClientRect();
  const x = event.clientX - box.left, y = event.clientY - box.top;
  const away = spots.map(([u, v]) => Math.hypot(u - x, v - y));
  const best = away.indexOf(Math.min(...away));
  return away[best] <= (event.pointerType === "touch" ? 28 : 14) ? best : -1;
};
const point = (event) => {
  const i = under(event);
  if (i >= 0) go(i);
};
plane.addEventListener("pointermove", (event) => event.pointerType !== "touch" && point(event));
plane.addEventListener("pointerdown", point);
const ways = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
plane.addEventListener("keydown", (event) => {
  const way = ways[event.key];
  if (!way) return;
  event.preventDefault();
  const [x, y] = spots[state.at];
  let best = -1, least = Infinity;
  spots.forEach(([u, v], j) => {
    const ahead = (u - x) * way[0] + (v - y) * way[1], aside = Math.abs((u - x) * way[1]) + Math.abs((v - y) * way[0]);
    if (j !== state.at && ahead > 0.01 && aside <= 1.5 * ahead && ahead + aside < least) [best, least] = [j, ahead + aside];
  });
  if (best >= 0) go(best);
});

const options = make("datalist", {id: "all"}, ...names.map(([, whole]) => make("option", {value: whole})));
const field = make("input", {type: "search", list: "all", placeholder: "find a word", "aria-label": "find a word on the map", autocomplete: "off", oninput: () => {
  const asked = field.value.trim().toLowerCase();
  const exact = names.findIndex(([, whole]) => whole.toLowerCase() === asked);
  const found = exact >= 0 ? exact : names.findIndex(([, whole]) => whole.toLowerCase().startsWith(asked));
  const unknown = asked !== "" && found < 0;
  field.setAttribute("aria-invalid", unknown);
  missing.textContent = unknown ? "not on this map" : "";
  if (asked !== "" && found >= 0) go(found);
}});
const missing = make("span", {class: "missing", role: "status"});

const legend = make("p", {class: "legend"}, ...[...looks].map(([group, look]) => {
  const sign = make("svg", {width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true"}, marker(look, 5.5));
  return make("span", {style: `color:${look.words}`}, sign, group);
}));
const signs = make("p", {class: "signs", text: "Line and ring: a true neighbor. Dashed ring: near on this map only."});

const start = async () => {
  const packed = await Promise.all(data.maps.map(([, points]) => course.unpack(points)));
  places = packed.map((flat) => names.map((_, i) => [flat[2 * i], flat[2 * i + 1]]));
  view.append(make("div", {class: "points"},
    make("div", {class: "tools"}, make("div", {class: "tabs", role: "group", "aria-label": "which map"}, ...tabs), make("label", {class: "find"}, field, missing), options),
    plane, make("div", {class: "panel"}, heading, says, list, signs), legend), heard);
  const fit = () => {
    layout();
    draw();
  };
  fit();
  course.onRoom(fit);
  document.body.dataset.ready = "yes";
};
start().catch(course.fail);

// The plan of the flow: which stages belong together, where each has its place, and what all parts of the view share.
const {data, make, inkOn} = course;
const {model} = data;

const last = (key) => key.split(".").pop();
const hue = (stage) => data.concepts[stage.concept];
const isStream = (stage) =>
  ["input", "input_norm", "after_attention", "after_feed_forward"].includes(last(stage.key)) ||
  (!normFirst && last(stage.key).startsWith("norm_"));
const byLayer = (layer) => data.stages.filter((stage) => stage.layer === layer);
const normFirst = data.stages.find((stage) => stage.key === "layers.0.hidden").of[0] === "layers.0.norm_2";
const input = data.stages.filter(
  (stage) => stage.layer === null && data.stages.indexOf(stage) < data.stages.indexOf(course.stage("layers.0.q")),
);
const output = data.stages.filter((stage) => stage.layer === null && !input.includes(stage));
if (data.chances) {
  const stage = {
    key: "probabilities",
    name: "probabilities",
    short: "shares",
    concept: "attention",
    how: "softmax",
    of: ["logits"],
    layer: null,
    shape: course.stage("logits").shape,
    heads: false,
  };
  course.addStage(stage);
  output.push(stage);
}
const enters = (stages) => {
  const inside = new Set(stages.map((stage) => stage.key));
  const outside = stages.flatMap((stage) => stage.of).find((key) => !inside.has(key));
  return course.stage(outside);
};
const sections = [
  {name: "In", title: "the input", stages: input},
  ...Array.from({length: model.layers}, (_, i) => ({
    name: String(i),
    title: `layer ${i}`,
    stages: [enters(byLayer(i)), ...byLayer(i)],
    layer: i,
  })),
  ...(output.length ? [{name: "Out", title: "the output", stages: [enters(output), ...output]}] : []),
];

// where a card stands: row and column beside the stream, which runs down the first column
const places = {
  ids: [1, 1],
  embedding: [1, 2],
  position: [1, 3],
  segment: [1, 4],
  input: [2, 1],
  input_norm: [3, 1],
  q: [2, 2],
  k: [2, 3],
  v: [2, 4],
  scores: [3, 2],
  masked: [3, 3],
  weights: [3, 4],
  heads: [4, 4],
  joined: [4, 3],
  attention: [4, 2],
  after_attention: [4, 1],
  final_norm: [1, 2],
  head: [2, 2],
  head_active: [2, 3],
  head_norm: [2, 4],
  logits: [3, 2],
  probabilities: [3, 3],
  ...(normFirst
    ? {norm_1: [1, 2], norm_2: [5, 2], hidden: [5, 3], active: [5, 4], feed_forward: [6, 2], after_feed_forward: [6, 1]}
    : {
        norm_1: [5, 1],
        hidden: [5, 2],
        active: [5, 3],
        feed_forward: [6, 2],
        after_feed_forward: [6, 1],
        norm_2: [7, 1],
      }),
};

const length = (values) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
const rowsOf = (key, head) => {
  const stage = course.stage(key),
    values = course.values(key, head),
    [rows, width] = stage.shape;
  return Array.from({length: rows}, (_, r) => values.subarray(r * width, (r + 1) * width));
};

const badge = (stage) => {
  const {color, line, letter} = hue(stage);
  const parts = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  return make("i", {
    class: "badge",
    "aria-hidden": "true",
    text: stage.how === "sum" ? "+" : letter,
    style: `background:${color};border-color:${line};color:${inkOn(parts)}`,
  });
};
// one stop for the Tab key in a group of buttons, arrow keys inside it
const roving = (buttons, go) => (event) => {
  const i = buttons.indexOf(event.currentTarget);
  const to = {ArrowLeft: i - 1, ArrowUp: i - 1, ArrowRight: i + 1, ArrowDown: i + 1, Home: 0, End: buttons.length - 1}[
    event.key
  ];
  if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const next = Math.min(Math.max(to, 0), buttons.length - 1);
  go(next);
};

course.plan = {last, hue, isStream, byLayer, input, output, sections, places, length, rowsOf, badge, roving};

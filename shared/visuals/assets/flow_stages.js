// The plan of the flow: which stages belong together, where each has its place, and what all parts of the view share.
const {data, make, inkOn} = course;
const {model} = data;

const last = (key) => key.split(".").pop();
const hue = (stage) => data.concepts[stage.concept];
// the first layer shows where the norms stand: before each part, or behind each sum
const normFirst = last(data.stages.find((stage) => last(stage.key) === "hidden").of[0]) === "norm_2";
const isStream = (stage) =>
  /^(input|input_norm|after_.*)$/.test(last(stage.key)) ||
  (stage.layer !== null && last(stage.key) === "final_norm") ||
  (!normFirst && last(stage.key).startsWith("norm_"));
const block = (stage) => stage.key.slice(0, Math.max(0, stage.key.lastIndexOf(".")));
const byBlock = (name) => data.stages.filter((stage) => stage.layer !== null && block(stage) === name);
const isPair = Boolean(data.source);

if (data.chances)
  course.addStage({
    key: "probabilities",
    name: "probabilities",
    short: "shares",
    concept: "attention",
    how: "softmax",
    of: ["logits"],
    layer: null,
    shape: course.stage("logits").shape,
    heads: false,
  });

// what stands together: the input, each layer, the output; in an encoder–decoder both sides have an input and layers
const groups = [];
for (const stage of data.stages) {
  const group = groups[groups.length - 1];
  if (group && block(group[0]) === block(stage)) group.push(stage);
  else groups.push([stage]);
}
const named = (stages) => {
  const [part, number] = block(stages[0]).split(".");
  if (number !== undefined)
    return {
      encoder: [`E${number}`, `encoder layer ${number}`],
      decoder: [`D${number}`, `decoder layer ${number}`],
      layers: [number, `layer ${number}`],
    }[part];
  const output = stages !== groups[0];
  return {source: ["Source", "the source"], target: ["Target", "the target"]}[part] || (output ? ["Out", "the output"] : ["In", "the input"]);
};
// a section begins with what enters it from others: the stream and, in a decoder, the memory
const sections = groups.map((stages) => {
  const [name, title] = named(stages),
    {layer} = stages[0];
  const from = stages.flatMap((stage) => stage.of).filter((key) => !stages.includes(course.stage(key)));
  const enters = [...new Set(from)].map(course.stage);
  return {
    name,
    title,
    stages: [...enters, ...stages],
    enters: enters.length,
    layer: layer === null ? undefined : layer,
    block: layer === null ? null : block(stages[0]),
    output: name === "Out",
  };
});
const layerTitle = (stage) => (stage.layer === null ? "" : named(byBlock(block(stage)))[1]);
const told = (stage) => data.words[stage.key] || data.words[last(stage.key)];
// as much of a name as a card has room for; where it stands says the rest
const shortNames = {"cross out": "attn out", "X + cross": "X+cross"};
const shortName = (stage) => stage.short || shortNames[stage.name] || stage.name.replace(/^(cross|token) (?=.)/, "");

// where a card stands: row and column beside the stream, which runs down the first column
const attentionAt = (row, prefix) => ({
  [`${prefix}q`]: [row, 2],
  [`${prefix}k`]: [row, 3],
  [`${prefix}v`]: [row, 4],
  [`${prefix}scores`]: [row + 1, 2],
  [`${prefix}masked`]: [row + 1, 3],
  [`${prefix}weights`]: [row + 1, 4],
  [`${prefix}heads`]: [row + 2, 4],
  [`${prefix}joined`]: [row + 2, 3],
  [`${prefix}attention`]: [row + 2, 2],
  [`after_${prefix}attention`]: [row + 2, 1],
});
const thinkingAt = (row, number) =>
  normFirst
    ? {
        [`norm_${number}`]: [row, 2],
        hidden: [row, 3],
        active: [row, 4],
        feed_forward: [row + 1, 2],
        after_feed_forward: [row + 1, 1],
        final_norm: [row + 2, 1],
      }
    : {
        hidden: [row, 2],
        active: [row, 3],
        feed_forward: [row + 1, 2],
        after_feed_forward: [row + 1, 1],
        [`norm_${number}`]: [row + 2, 1],
      };
const outside = {
  ids: [1, 1],
  embedding: [1, 2],
  scaled: [1, 3],
  position: isPair ? [1, 4] : [1, 3],
  segment: [1, 4],
  input: [2, 1],
  input_norm: [3, 1],
  final_norm: [1, 2],
  head: [2, 2],
  head_active: [2, 3],
  head_norm: [2, 4],
  logits: [3, 2],
  probabilities: [3, 3],
};
const inLayer = {norm_1: normFirst ? [1, 2] : [5, 1], ...attentionAt(2, ""), ...thinkingAt(5, 2)};
const inDecoder = {
  norm_1: normFirst ? [1, 2] : [5, 1],
  ...attentionAt(2, ""),
  norm_2: normFirst ? [5, 2] : [9, 1],
  ...attentionAt(6, "cross_"),
  ...thinkingAt(9, 3),
};
// the row and the column of the i-th card of a section
const placeOf = (section, i) => {
  const stage = section.stages[i];
  if (i < section.enters) return [[1, 1], [5, 4]][i];
  const places = section.block === null ? outside : section.block.startsWith("decoder") ? inDecoder : inLayer;
  return places[last(stage.key)];
};
// the weights whose pictures stand on the buttons of the heads
const headsOf = (section, key) => `${section.block}.${last(key).includes("cross_") ? "cross_" : ""}weights`;

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

course.plan = {last, hue, isStream, isPair, byBlock, sections, placeOf, headsOf, layerTitle, told, shortName, length, rowsOf, badge, roving};

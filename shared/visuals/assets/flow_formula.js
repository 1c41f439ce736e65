// A stage in one line: the stages and weights that it is made from, with their shapes; and what its picture leaves out.
const {data, make} = course;
const {model} = data;
const {badge, hue} = course.plan;

const chip = (go, key, name, shape) => {
  const stage = course.stage(key);
  return make(
    "button",
    {
      type: "button",
      class: "chip",
      onclick: () => go(key),
    },
    badge(stage),
    make("b", {text: name || stage.name, style: `color:${hue(stage).words}`}),
    make("span", {class: "mono", text: course.shapeText(shape || stage.shape)}),
  );
};
const plain = (name, shape, concept) =>
  make(
    "span",
    {class: "chip still"},
    make("b", {text: name, style: `color:${data.concepts[concept].words}`}),
    make("span", {class: "mono", text: course.shapeText(shape)}),
  );
const sign = (text) => make("span", {class: "sign", text});
// what the products are multiplied by, as it is written: a division by a root where it is one
const scaled = (scale, width) => {
  if (scale === 1) return [];
  return [sign(Math.abs(1 / scale ** 2 - width) < 1e-3 ? `÷ √${width}` : `× ${course.figure(scale)}`)];
};

// go(key) opens a stage that this one is made from
course.formula = (stage, go) => {
  const [a, b] = stage.of;
  const inner = stage.how === "project" ? course.stage(a).shape[1] : 0;
  return {
    ids: () => [],
    lookup: () => [sign("rows of"), plain("table", stage.table, stage.concept), sign("at"), chip(go, a)],
    scale: () => [chip(go, a), sign(`× √${stage.shape[1]}`)],
    waves: () => [sign("sines and cosines of each token's place")],
    sum: () => stage.of.flatMap((key, i) => [...(i ? [sign("+")] : []), chip(go, key)]),
    norm: () => [sign("each row of"), chip(go, a), sign("to mean 0, variance 1, × gain + shift")],
    project: () => [
      chip(go, a),
      sign("×"),
      plain(course.weightName(stage), [inner, stage.shape[1]], stage.concept),
      ...(stage.biased ? [sign("+ bias")] : []),
    ],
    scores: () => [
      chip(go, a),
      sign("×"),
      chip(go, b, "Kᵀ", course.stage(b).shape.slice().reverse()),
      ...scaled(stage.scale, course.stage(a).shape[1]),
    ],
    mask: () => [chip(go, a), sign("later tokens: −∞")],
    softmax: () => [sign("softmax of each row of"), chip(go, a)],
    mix: () => [chip(go, a), sign("×"), chip(go, b)],
    join: () => [sign(`${model.heads} ×`), chip(go, a), sign("side by side")],
    activation: () => [sign(`${stage.name} of each number of`), chip(go, a)],
  }[stage.how]();
};

// what was binned, left out or cut off, in words
course.note = (stage, shown) => {
  const notes = [];
  const [, width] = stage.shape,
    columns = course.columns(stage);
  const all = width.toLocaleString("en"),
    each =
      width % data.strips
        ? `${Math.floor(width / data.strips)} or ${Math.ceil(width / data.strips)}`
        : width / data.strips;
  const above =
    width > data.strips ? `${all} columns as ${data.strips} strips, each the mean of ${each}` : `all ${all} columns`;
  if (columns) notes.push(`above: ${above}; below: the ${columns.length} columns that are in the page`);
  else if (shown.wide) notes.push(`above: ${above}; below: ${shown.wide} columns as they are`);
  if (stage.how === "project" && stage.weight !== undefined && stage.stride > 1)
    notes.push(`▾ opens down to the weights`);
  if (shown.cut) notes.push(`larger than ${course.figure(shown.limit)}: darkest color`);
  return notes.join(" · ");
};

// how exact the page is, and whose weights it holds
course.precision = () => {
  const every = model.stride === 1 ? "every column" : `every ${course.ordinal(model.stride)} column`;
  const where = model.weightsOf === null ? "" : ` in layer ${model.weightsOf}`;
  return (
    "All numbers here are the model's own, to three digits" +
    (data.chances ? "; the probabilities to 0.0001. " : ". ") +
    `The weights of ${every}${where} are here too, so that a number opens down to them.`
  );
};

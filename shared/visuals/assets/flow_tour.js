// The tour: in which order the stages are shown, and what can be read off them in this text.
const {data} = course;
const {model} = data;
const {byLayer, input, output, sections, length, rowsOf} = course.plan;

const stop = (section, stage, more = {}) => ({section, key: stage.key, ...more});
const [firstLayer] = model.first;
const stops = [
  ...input.map((stage) => stop(0, stage)),
  ...byLayer(firstLayer).map((stage) => stop(firstLayer + 1, stage)),
];
if (model.layers > 1) {
  const others = model.layers - 1;
  const end = byLayer(model.layers - 1).slice(-1)[0];
  stops.push(
    stop(model.layers, end, {
      title: others === 1 ? "The other layer does the same" : `The other ${others} layers do the same`,
      says: `Each has weights of its own, reads the stream and adds to it. Choose any layer and head above; this is what leaves layer ${model.layers - 1}.`,
    }),
  );
}
stops.push(...output.map((stage) => stop(sections.length - 1, stage)));

const quoted = (i) => `“\u2068${data.tokens[i][0]}\u2069”`;
const reads = {
  weights: (stage, head) => {
    const rows = rowsOf(stage.key, head),
      best = course.strongest(stage.key, head);
    if (rows.length < 2) return "";
    return `Strongest here: ${quoted(best[0])} takes ${course.percent(rows[best[0]][best[1]])} from ${quoted(best[1])}.`;
  },
  after_attention: (stage, head) => grows(stage, head),
  after_feed_forward: (stage, head) => grows(stage, head),
  active: (stage, head) => {
    const values = course.values(stage.key, head);
    return `Here ${course.percent(values.filter((v) => v > 0).length / values.length)} of the numbers are above 0.`;
  },
};
const grows = (stage, head) => {
  const [before, added] = stage.of.map((key) => rowsOf(key, head).map(length));
  const shares = added.map((size, i) => size / (before[i] || 1));
  const most = shares.indexOf(Math.max(...shares));
  return `${quoted(most)} changes most: what is added is ${course.percent(shares[most])} as long as what was there.`;
};

course.stops = stops;
course.reads = (stage, head) => {
  const read = reads[course.plan.last(stage.key)];
  return read ? read(stage, head) : "";
};

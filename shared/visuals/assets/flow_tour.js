// The tour: in which order the stages are shown, and what can be read off them in this text.
const {data} = course;
const {model} = data;
const {isPair, length, rowsOf, sections} = course.plan;

const [firstLayer] = model.first;
const lastLayer = sections.findLastIndex((section) => section.layer !== undefined);
// every stage of the inputs, of the layer in which the view opens, and of the output
const stops = [];
sections.forEach((section, i) => {
  const stages = section.stages.slice(section.enters);
  if (section.layer === undefined || section.layer === firstLayer)
    stops.push(...stages.map((stage) => ({section: i, key: stage.key})));
  if (i !== lastLayer || model.layers < 2) return;
  const others = model.layers - 1,
    end = stages[stages.length - 1];
  const who = others === 1 ? "The other layer does" : `The other ${others} layers do`;
  stops.push({
    section: i,
    key: end.key,
    title: isPair ? `${who} the same, on both sides` : `${who} the same`,
    says: `Each has weights of its own, reads the stream and adds to it. Choose any layer and head above; this is what leaves ${section.title}.`,
  });
});

const quoted = (tokens, i) => `“\u2068${tokens[i][0]}\u2069”`;
const strongest = (stage, head) => {
  const rows = rowsOf(stage.key, head),
    [r, c] = course.strongest(stage.key, head);
  if (rows[0].length < 2) return "";
  return `Strongest here: ${quoted(course.rowTokens(stage), r)} takes ${course.percent(rows[r][c])} from ${quoted(course.columnTokens(stage), c)}.`;
};
const grows = (stage, head) => {
  const [before, added] = stage.of.map((key) => rowsOf(key, head).map(length));
  const shares = added.map((size, i) => size / (before[i] || 1));
  const most = shares.indexOf(Math.max(...shares));
  return `${quoted(course.rowTokens(stage), most)} changes most: what is added is ${course.percent(shares[most])} as long as what was there.`;
};
const reads = {
  weights: strongest,
  cross_weights: strongest,
  after_attention: grows,
  after_cross_attention: grows,
  after_feed_forward: grows,
  active: (stage, head) => {
    const values = course.values(stage.key, head);
    return `Here ${course.percent(values.filter((v) => v > 0).length / values.length)} of the numbers are above 0.`;
  },
};

course.stops = stops;
course.reads = (stage, head) => {
  const read = reads[course.plan.last(stage.key)];
  return read ? read(stage, head) : "";
};

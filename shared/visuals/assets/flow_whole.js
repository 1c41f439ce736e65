// All layers at a glance: the stream after each, the weights of its heads, and how much it added.
const {data, make} = course;
const {model} = data;
const {byLayer, length, roving, rowsOf} = course.plan;

// go(section, key) opens the stage that was chosen
course.wholeView = (go) => {
  const added = (stage) => {
    const [before, more] = stage.of.map((key) => rowsOf(key, 0).map(length));
    return more.reduce((sum, size, i) => sum + size / (before[i] || 1), 0) / more.length;
  };
  const steps = Array.from({length: model.layers}, (_, i) =>
    ["after_attention", "after_feed_forward"].map((key) => added(course.stage(`layers.${i}.${key}`))),
  );
  const most = Math.max(...steps.flat());
  const share = (value, concept) =>
    make("i", {style: `width:${((100 * value) / most).toFixed(1)}%;background:${data.concepts[concept].line}`});
  const layerRows = steps.map(([attention, feedForward], i) => {
    const key = byLayer(i).slice(-1)[0].key,
      canvas = make("canvas"),
      maps = make("canvas");
    course.paintSmall(canvas, key, 0);
    course.paintHeads(maps, `layers.${i}.weights`);
    return make(
      "button",
      {
        type: "button",
        "aria-label": `layer ${i}: attention adds ${course.percent(attention)} of the stream's length, feed-forward ${course.percent(feedForward)}`,
        title: `attention adds ${course.percent(attention)}, feed-forward ${course.percent(feedForward)}`,
        tabindex: i === 0 ? 0 : -1,
        onclick: () => go(i + 1, key),
        onkeydown: (event) =>
          roving(layerRows, (to) => {
            layerRows.forEach((row, j) => (row.tabIndex = j === to ? 0 : -1));
            layerRows[to].focus();
          })(event),
      },
      make("span", {text: i}),
      canvas,
      maps,
      make("span", {class: "added"}, share(attention, "attention"), share(feedForward, "feed-forward")),
    );
  });
  return make(
    "section",
    {class: "whole", "aria-label": "all layers"},
    make("h3", {}, make("b", {text: "All layers: "}), "the stream after each, and the weights of its heads"),
    make("div", {class: "layers"}, ...layerRows),
    make(
      "p",
      {class: "quiet note"},
      "Right: how much ",
      make("b", {text: "attention", style: `color:${data.concepts.attention.words}`}),
      " and ",
      make("b", {text: "feed-forward", style: `color:${data.concepts["feed-forward"].words}`}),
      ` add; the longest is ${course.percent(most)} of the stream's length.`,
    ),
  );
};

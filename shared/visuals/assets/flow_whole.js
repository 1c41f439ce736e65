// All layers at a glance: the stream after each, the weights of its heads, and how much it added.
const {data, make} = course;
const {byBlock, isPair, length, roving, rowsOf, sections} = course.plan;

// go(section, key) opens the stage that was chosen
course.wholeView = (go) => {
  const added = (stage) => {
    const [before, more] = stage.of.map((key) => rowsOf(key, 0).map(length));
    return more.reduce((sum, size, i) => sum + size / (before[i] || 1), 0) / more.length;
  };
  const layers = sections.filter((section) => section.layer !== undefined);
  const kinds = isPair ? ["attention", "cross_attention", "feed_forward"] : ["attention", "feed_forward"];
  const steps = layers.map(({block}) =>
    kinds.map((kind) => course.stage(`${block}.after_${kind}`)).map((stage) => (stage ? added(stage) : null)),
  );
  const most = Math.max(...steps.flat());
  const share = (value, concept) =>
    make("i", {style: `width:${((100 * value) / most).toFixed(1)}%;background:${data.concepts[concept].line}`});
  const layerRows = steps.map((sizes, i) => {
    const {block, name, title} = layers[i],
      key = byBlock(block).slice(-1)[0].key,
      canvas = make("canvas"),
      maps = make("canvas");
    const attention = sizes[0],
      feedForward = sizes[sizes.length - 1],
      cross = sizes.length > 2 ? sizes[1] : null;
    const says = `attention adds ${course.percent(attention)} of the stream's length, ${cross === null ? "" : `the look at the source ${course.percent(cross)}, `}feed-forward ${course.percent(feedForward)}`;
    course.paintSmall(canvas, key, 0);
    course.paintHeads(maps, `${block}.${cross === null ? "" : "cross_"}weights`);
    return make(
      "button",
      {
        type: "button",
        "aria-label": `${title}: ${says}`,
        title: says,
        tabindex: i === 0 ? 0 : -1,
        onclick: () => go(sections.indexOf(layers[i]), key),
        onkeydown: (event) =>
          roving(layerRows, (to) => {
            layerRows.forEach((row, j) => (row.tabIndex = j === to ? 0 : -1));
            layerRows[to].focus();
          })(event),
      },
      make("span", {text: name}),
      canvas,
      maps,
      make("span", {class: "added"}, share(attention, "attention"), cross === null ? null : share(cross, "attention"), share(feedForward, "feed-forward")),
    );
  });
  return make(
    "section",
    {class: "whole", "aria-label": "all layers"},
    make("h3", {}, make("b", {text: "All layers: "}), isPair ? "the stream after each, and the weights of its heads (in the decoder those on the source)" : "the stream after each, and the weights of its heads"),
    make("div", {class: "layers"}, ...layerRows),
    make(
      "p",
      {class: "quiet note"},
      "Right: how much ",
      make("b", {text: "attention", style: `color:${data.concepts.attention.words}`}),
      isPair ? " (in the decoder first at the target, then at the source) and " : " and ",
      make("b", {text: "feed-forward", style: `color:${data.concepts["feed-forward"].words}`}),
      ` add; the longest is ${course.percent(most)} of the stream's length.`,
    ),
  );
};

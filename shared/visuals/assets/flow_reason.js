// Where a number of the flow comes from. Products, softmaxes and sums are told by reason.js; the rest is told here.
const {data, make} = course;

const last = (key) => key.split(".").pop();
const weightNames = {
  q: "W_q",
  k: "W_k",
  v: "W_v",
  attention: "W_o",
  hidden: "W_1",
  feed_forward: "W_2",
  head: "W_h",
  logits: "W_words",
};
course.weightName = (stage) => weightNames[last(stage.key).replace(/^cross_/, "")];

// Whether the weights of this column are in the page.
course.openable = (stage, column) => {
  if (stage.how !== "project") return true;
  return stage.weight !== undefined && column % stage.stride === 0;
};
// the column nearest to this one that opens down to its weights, or null
course.nearest = (stage, column) => {
  if (stage.weight === undefined) return null;
  const width = stage.shape[1],
    down = Math.floor(column / stage.stride) * stage.stride;
  return down + stage.stride < width && column - down > stage.stride / 2 ? down + stage.stride : down;
};

// decimals that show two digits of a typical number
const digits = (values) => {
  const finite = Array.from(values).filter(Number.isFinite);
  const typical = Math.sqrt(finite.reduce((sum, v) => sum + v * v, 0) / (finite.length || 1));
  return typical > 0 ? Math.min(6, Math.max(2, 1 - Math.floor(Math.log10(typical)))) : 2;
};
const tokenName = (stage, i) => course.rowTokens(stage)[i];
const byToken = (stage) => ["scores", "mask", "softmax"].includes(stage.how);
const columnName = (stage, c) => (byToken(stage) ? course.columnTokens(stage)[c] : [String(c), `column ${c}`]);

const matrix = (name, concept, shape, values, row, column) => ({
  name,
  concept,
  shape,
  digits: digits(values),
  rowNames: row ? {[row[0]]: row[1]} : null,
  columnNames: column || null,
});

// one cell as a step of a walk: parts are numbered anew for every cell
const tell = (place, step, arrays) => {
  course.parts = arrays;
  const reason = course.reason(step);
  place.replaceChildren(reason.node);
  reason.show(0, 0, false);
};
// px for a picture in the box of a reason
const roomIn = (place) => Math.max(200, Math.min(340, place.clientWidth - 30));
const line = (...parts) => make("p", {class: "mono line"}, ...parts);
const strong = (text) => make("b", {text});
const own = (place, stage, row, column, value, sub, ...nodes) => {
  const [r, c] = [tokenName(stage, row)[0], columnName(stage, column)[0]];
  place.replaceChildren(
    make(
      "section",
      {class: "reason", "aria-label": "where this number comes from"},
      make(
        "h3",
        {},
        make("b", {text: stage.name, style: `color:${data.concepts[stage.concept].words}`}),
        make("span", {class: "mono", text: `[\u2068${r}\u2069, \u2068${c}\u2069] = ${course.figure(value)}`}),
      ),
      sub ? make("p", {class: "quiet", text: sub}) : null,
      ...nodes,
    ),
  );
};

// how a product is told: left row, right column, what is done to the sum
const product = (place, {stage, row, column, value, left, right, names, dividedBy = 1, bias = null}) => {
  const total = left.values.reduce((sum, a, i) => sum + a * right.values[i], 0);
  const {shape} = stage;
  const step = {
    how: "product",
    rows: [row],
    columns: [column],
    leftRows: 0,
    rightColumns: 1,
    total: 2,
    value: 3,
    totalDigits: digits([total]),
    dividedBy,
    bias: bias === null ? null : 4,
    biasDigits: bias === null ? 2 : digits([bias]),
    relu: false,
    terms: names,
    left: matrix(left.name, left.concept, [shape[0], left.values.length], left.values, [row, tokenName(stage, row)]),
    right: matrix(right.name, right.concept, [left.values.length, shape[1]], right.values, null, {
      [column]: columnName(stage, column),
    }),
    result: matrix(stage.name, stage.concept, shape, [value], [row, tokenName(stage, row)], {
      [column]: right.column || columnName(stage, column),
    }),
  };
  tell(place, step, [left.values, right.values, [total], [value], [bias]]);
};

const rowOf = (key, head, row) => {
  const {shape} = course.stage(key);
  return course.values(key, head).slice(row * shape[1], (row + 1) * shape[1]);
};

const ways = {
  lookup: (place, {stage, row, column, value}) => {
    const which = stage.rows[row],
      why = {embedding: "the token's id", position: "the token's place", segment: "the number of its text"}[
        last(stage.key)
      ];
    own(
      place,
      stage,
      row,
      column,
      value,
      `a row of the ${last(stage.key)} table ${course.shapeText(stage.table)}, looked up`,
      line(`table[${which}, ${column}] = `, strong(course.figure(value))),
      make("p", {
        text: `Row ${which.toLocaleString("en")}, because ${why} is ${which.toLocaleString("en")}. Nothing is computed: the row is copied.`,
      }),
    );
  },
  scale: (place, {stage, head, row, column, value}) => {
    const before = course.values(stage.of[0], head)[row * stage.shape[1] + column];
    const root = `√${stage.shape[1]}`;
    own(
      place,
      stage,
      row,
      column,
      value,
      `the number of the table, times ${root} = ${course.figure(stage.scale)}`,
      line(`${course.figure(before)} × ${root} = `, strong(course.figure(value))),
      make("p", {text: "The rows of the table are small; so enlarged they stand beside the sines and cosines of the places."}),
    );
  },
  waves: (place, {stage, row, column, value}) => {
    const [wave, even] = column % 2 ? ["cos", column - 1] : ["sin", column];
    own(
      place,
      stage,
      row,
      column,
      value,
      "computed from the place and the column, not learned",
      line(`${wave}(${row} ÷ 10000^(${even}/${stage.shape[1]})) = `, strong(course.figure(value))),
      make("p", {
        text: `Place ${row}, counted from 0. Even columns hold a sine, odd ones the cosine of the same angle; later columns turn more slowly.`,
      }),
    );
  },
  norm: (place, {stage, head, row, column, value}) => {
    const x = rowOf(stage.of[0], head, row),
      {mean, spread} = course.moments(x, stage.eps);
    const gain = course.array(stage.gain)[column],
      bias = course.array(stage.bias)[column],
      plain = (x[column] - mean) / spread;
    own(
      place,
      stage,
      row,
      column,
      value,
      `from the whole row “\u2068${tokenName(stage, row)[0]}\u2069” of ${course.stage(stage.of[0]).name}`,
      line(`mean of the row ${course.figure(mean)}, standard deviation ${course.figure(spread)}`),
      line(
        `(${course.figure(x[column])} − ${course.figure(mean)}) ÷ ${course.figure(spread)} = `,
        strong(course.figure(plain)),
      ),
      line(
        `${course.figure(plain)} × gain ${course.figure(gain)} + shift ${course.figure(bias)} = `,
        strong(course.figure(value)),
      ),
      course.rowPicture(x, column, mean, spread, roomIn(place)),
    );
  },
  project: (place, {stage, head, row, column, value, go}) => {
    if (!course.openable(stage, column)) {
      const near = course.nearest(stage, column);
      const why =
        near === null
          ? `The weights of layer ${stage.layer} are not in this page: they would make it too heavy. Those of layer ${data.model.weightsOf} are; layer=${stage.layer} makes a view with these.`
          : `The page holds the weights of every ${course.ordinal(stage.stride)} column, to stay light. This is not one of them; its number is real all the same.`;
      own(
        place,
        stage,
        row,
        column,
        value,
        `row “\u2068${tokenName(stage, row)[0]}\u2069” of ${course.stage(stage.of[0]).name} times column ${column} of ${course.weightName(stage)}`,
        make("p", {text: why}),
        near === null
          ? null
          : make("button", {type: "button", text: `Open column ${near}`, onclick: () => go(row, near)}),
      );
      return;
    }
    const width = stage.shape[1],
      at = ((stage.heads ? head * width : 0) + column) / stage.stride;
    const weight = course.array(stage.weight),
      from = course.stage(stage.of[0]);
    product(place, {
      stage,
      row,
      column,
      value,
      left: {name: from.name, concept: from.concept, values: rowOf(from.key, head, row)},
      right: {
        name: course.weightName(stage),
        concept: stage.concept,
        values: weight.slice(at * stage.inner, (at + 1) * stage.inner),
      },
      names: null,
      bias: stage.biased ? course.array(stage.bias)[at] : null,
    });
  },
  scores: (place, {stage, head, row, column, value}) =>
    product(place, {
      stage,
      row,
      column,
      value,
      left: {name: "Q", concept: "query", values: rowOf(stage.of[0], head, row)},
      right: {name: "Kᵀ", concept: "key", values: rowOf(stage.of[1], head, column)},
      names: null,
      dividedBy: 1 / stage.scale,
    }),
  mask: (place, {stage, head, row, column, value}) => {
    const score = course.values(stage.of[0], head)[row * stage.shape[1] + column];
    const [asks, seen] = [tokenName(stage, row)[0], columnName(stage, column)[0]];
    own(
      place,
      stage,
      row,
      column,
      value,
      "the score, unless it looks ahead",
      line(`score ${course.figure(score)} → `, strong(course.figure(value))),
      make("p", {
        text:
          column > row
            ? `“\u2068${seen}\u2069” comes after “\u2068${asks}\u2069”. e^−∞ is 0, so the softmax will give it no share.`
            : `“\u2068${seen}\u2069” is not later than “\u2068${asks}\u2069”: the score stays.`,
      }),
    );
  },
  softmax: (place, {stage, head, row, column, value}) => {
    const scores = rowOf(stage.of[0], head, row),
      seen = course.masked(stage) ? row + 1 : scores.length;
    if (column >= seen) {
      own(place, stage, row, column, value, "masked: e^−∞ is 0", line("e^−∞ = 0, so the share is ", strong("0")));
      return;
    }
    const names = Object.fromEntries(course.columnTokens(stage).slice(0, seen).map((name, i) => [i, name]));
    const step = {
      how: "softmax",
      rows: [row],
      columns: [column],
      leftRows: 0,
      value: 1,
      left: matrix(course.stage(stage.of[0]).name, "attention", [1, seen], scores.slice(0, seen), [
        row,
        tokenName(stage, row),
      ]),
      right: null,
      result: {...matrix(stage.name, stage.concept, [1, seen], [value], [row, tokenName(stage, row)], names), digits: 2},
    };
    step.left.digits = 2;
    tell(place, step, [scores.slice(0, seen), [value]]);
  },
  mix: (place, {stage, head, row, column, value}) => {
    const shares = course.stage(stage.of[0]),
      seen = course.masked(shares) ? row + 1 : shares.shape[1],
      width = stage.shape[1];
    const v = course.values(stage.of[1], head);
    product(place, {
      stage,
      row,
      column,
      value,
      left: {name: "A", concept: "attention", values: rowOf(stage.of[0], head, row).slice(0, seen)},
      right: {name: "V", concept: "value", values: Float64Array.from({length: seen}, (_, s) => v[s * width + column])},
      names: course
        .columnTokens(shares)
        .slice(0, seen)
        .map(([name]) => name),
    });
  },
  join: (place, {stage, row, column, value}) => {
    const each = stage.shape[1] / data.model.heads,
      h = Math.floor(column / each);
    own(
      place,
      stage,
      row,
      column,
      value,
      "copied, nothing is computed",
      make("p", {
        text: `Columns ${h * each} to ${(h + 1) * each - 1} are the ${each} numbers of head ${h}. This one is its column ${column - h * each}.`,
      }),
    );
  },
  sum: (place, {stage, head, row, column, value}) => {
    const parts = stage.of.map((key) => course.stage(key));
    const numbers = parts.map((part) => course.values(part.key, head)[row * stage.shape[1] + column]);
    if (parts.length === 2) {
      const [left, right] = parts.map((part, i) => ({
        ...matrix(part.name, part.concept, stage.shape, [numbers[i]]),
        digits: digits(numbers),
      }));
      const result = {
        ...matrix(stage.name, stage.concept, stage.shape, [value], [row, tokenName(stage, row)], {
          [column]: columnName(stage, column),
        }),
        digits: digits(numbers),
      };
      tell(
        place,
        {how: "sum", rows: [row], columns: [column], leftCells: 0, rightCells: 1, value: 2, left, right, result},
        [[numbers[0]], [numbers[1]], [value]],
      );
      return;
    }
    const terms = parts.flatMap((part, i) => [
      i ? " + " : "",
      make("span", {
        class: "term",
        text: `${part.name} ${course.figure(numbers[i])}`,
        style: `color:${data.concepts[part.concept].words}`,
      }),
    ]);
    own(
      place,
      stage,
      row,
      column,
      value,
      "the same place in each, added",
      line(...terms, " = ", strong(course.figure(value))),
    );
  },
  activation: (place, {stage, head, row, column, value}) => {
    const from = course.stage(stage.of[0]),
      before = course.values(from.key, head),
      after = course.values(stage.key, head);
    const index = course.columns(stage) ? course.columns(stage).indexOf(column) : column;
    const x = before[row * (course.columns(from) || {length: from.shape[1]}).length + index];
    const passed = x > 0 && value > 0.5 * x ? "It passes." : "It is all but silenced.";
    own(
      place,
      stage,
      row,
      column,
      value,
      `the same place in ${from.name}, through ${stage.name}`,
      line(`${stage.name}(${course.figure(x)}) = `, strong(course.figure(value))),
      make("p", {text: passed}),
      course.curvePicture(before, after, x, value, stage.name, roomIn(place)),
    );
  },
};

// Explain one number. place: where the words go; go(row, column): moves the cursor.
course.explain = (place, stage, head, row, index, go) => {
  const columns = course.columns(stage),
    column = columns ? columns[index] : index;
  const carried = columns ? columns.length : stage.shape[1];
  const value = course.values(stage.key, head)[row * carried + index];
  const goTo = (r, c) => go(r, columns ? columns.indexOf(c) : c);
  ways[stage.how](place, {stage, head, row, column, value, go: goTo});
};
// the score of one word of the vocabulary, opened
course.explainLogit = (place, stage, row, id, value) => {
  const from = course.stage(stage.of[0]),
    {chances} = data,
    at = chances.opened.indexOf(id),
    inner = from.shape[1];
  product(place, {
    stage,
    row,
    column: id,
    value,
    left: {name: from.name, concept: from.concept, values: rowOf(from.key, 0, row)},
    right: {
      name: "W_words",
      concept: "residual",
      values: course.array(chances.weight).slice(at * inner, (at + 1) * inner),
      column: chances.names[id],
    },
    names: null,
    bias: stage.biased ? course.array(chances.bias)[at] : null,
  });
};

course.shapeText = (shape) => `(${(shape.shape || shape).join(", ")})`;
course.ordinal = (n) => n + (n % 100 > 10 && n % 100 < 14 ? "th" : {1: "st", 2: "nd", 3: "rd"}[n % 10] || "th");

// A row as dots on a line, with its mean and one standard deviation to each side; the number in question is ringed.
course.rowPicture = (x, column, mean, spread, wide) => {
  const high = 74,
    low = Math.min(...x, mean - spread),
    most = Math.max(...x, mean + spread);
  const at = (v) => 12 + ((wide - 24) * (v - low)) / (most - low || 1);
  const dots = Array.from(x, (v, i) => `M${at(v).toFixed(1)} ${24 + ((i * 7) % 11)}h.01`).join("");
  return make(
    "svg",
    {
      class: "chart",
      width: wide,
      height: high,
      viewBox: `0 0 ${wide} ${high}`,
      role: "img",
      "aria-label": `The row's ${x.length} numbers from ${course.figure(low)} to ${course.figure(most)}; mean ${course.figure(mean)}.`,
    },
    make("rect", {
      x: at(mean - spread),
      y: 14,
      width: at(mean + spread) - at(mean - spread),
      height: 30,
      fill: "#F0E442",
      opacity: 0.55,
    }),
    make("line", {x1: at(mean), x2: at(mean), y1: 10, y2: 48, stroke: "#7A7000", "stroke-width": 2}),
    make("path", {d: dots, stroke: "#4B5563", "stroke-width": 3, "stroke-linecap": "round", opacity: 0.55}),
    make("circle", {cx: at(x[column]), cy: 29, r: 5.5, fill: "#FFFFFF", stroke: "#1F2937", "stroke-width": 2}),
    make("text", {
      x: Math.min(Math.max(at(mean), 40), wide - 40),
      y: 66,
      "text-anchor": "middle",
      text: "mean ± 1 standard deviation",
      fill: "#4B5563",
    }),
  );
};

// What the activation did to all numbers of the stage: the curve draws itself.
course.curvePicture = (before, after, x, y, name, wide) => {
  const high = 120;
  const finite = Array.from(before);
  const far = Math.max(Math.abs(x), finite.map(Math.abs).sort((a, b) => a - b)[Math.floor(finite.length * 0.995)] || 1);
  const sx = (v) => 10 + ((wide - 20) * (v + far)) / (2 * far),
    low = Math.min(-0.25 * far, ...after),
    top = Math.max(far, 0.1),
    sy = (v) => 8 + ((high - 26) * (top - v)) / (top - low);
  const step = Math.max(1, Math.floor(before.length / 1500));
  let d = "";
  for (let i = 0; i < before.length; i += step)
    if (Math.abs(before[i]) <= far) d += `M${sx(before[i]).toFixed(1)} ${sy(after[i]).toFixed(1)}h.01`;
  return make(
    "svg",
    {
      class: "chart",
      width: wide,
      height: high,
      viewBox: `0 0 ${wide} ${high}`,
      role: "img",
      "aria-label": `The curve of ${name}; ${course.figure(x)} becomes ${course.figure(y)}.`,
    },
    make("line", {x1: 10, x2: wide - 10, y1: sy(0), y2: sy(0), stroke: "#D1D5DB"}),
    make("line", {x1: sx(0), x2: sx(0), y1: 8, y2: high - 18, stroke: "#D1D5DB"}),
    make("path", {d, stroke: "#D55E00", "stroke-width": 3, "stroke-linecap": "round", opacity: 0.6}),
    make("circle", {cx: sx(x), cy: sy(y), r: 5.5, fill: "#FFFFFF", stroke: "#1F2937", "stroke-width": 2}),
    make("text", {x: wide - 10, y: high - 4, "text-anchor": "end", text: "in →", fill: "#4B5563"}),
    make("text", {x: sx(0) + 6, y: 18, text: "out", fill: "#4B5563"}),
  );
};

// Why this number? The terms in figures, what is done with their sum, and the sum as it grows.
const {data, make, mix, rgb} = course;

const ink = "#1F2937",
  quiet = "#4B5563",
  up = "#0072B2",
  down = "#D55E00";
const few = 12; // terms up to which each gets a bar of its own

const words = (matrix) => data.concepts[matrix.concept].words;
const colored = (text, matrix) => make("span", {text, style: `color:${words(matrix)}`});
const line = (...children) => make("p", {class: "mono line"}, ...children);

// The sum after each of many terms, as a curve that ends at the total.
const curve = (sums, total, digits, wide, color, axis) => {
  const high = 128,
    left = 18,
    right = 8.2 * course.number(total, digits).length + 16,
    top = 24,
    bottom = 22;
  const low = Math.min(0, ...sums),
    most = Math.max(0, ...sums),
    span = most - low || 1;
  const x = (i) => left + ((wide - left - right) * i) / sums.length;
  const y = (v) => top + ((high - top - bottom) * (most - v)) / span;
  const points = [`M${x(0)} ${y(0)}`, ...sums.map((v, i) => `L${x(i + 1).toFixed(1)} ${y(v).toFixed(1)}`)];
  const end = x(sums.length);
  return make(
    "svg",
    {
      class: "chart",
      width: wide,
      height: high,
      viewBox: `0 0 ${wide} ${high}`,
      role: "img",
      "aria-label":
        `The sum so far: from 0 it runs between ${course.number(low, digits)} and ${course.number(most, digits)} ` +
        `and ends at ${course.number(total, digits)} after ${sums.length} products.`,
    },
    make("line", {x1: left, x2: end, y1: y(0), y2: y(0), stroke: "#D1D5DB"}),
    make("path", {d: points.join(""), fill: "none", stroke: color, "stroke-width": 1.8, "stroke-linejoin": "round"}),
    make("line", {x1: end, x2: end, y1: y(0), y2: y(total), stroke: color, "stroke-dasharray": "2 3"}),
    make("circle", {cx: end, cy: y(total), r: 4.5, fill: color, stroke: "#FFFFFF", "stroke-width": 1.5}),
    make("text", {
      x: end + 9,
      y: Math.min(Math.max(y(total) + 4.5, 14), high - 24),
      text: course.number(total, digits),
      fill: ink,
      "font-weight": 700,
    }),
    make("text", {x: left, y: 12, text: "the sum so far", fill: quiet}),
    make("text", {x: left - 6, y: y(0) + 4.5, "text-anchor": "end", text: "0", fill: quiet}),
    make("text", {
      x: end,
      y: high - 4,
      "text-anchor": "end",
      text: `after ${sums.length.toLocaleString("en")} ${axis}`,
      fill: quiet,
    }),
  );
};

// Few terms: each a bar that starts where the one before ended.
const stairs = (terms, names, total, digits, wide, color) => {
  const high = 140,
    top = 20,
    bottom = 22,
    n = terms.length + 1;
  let sum = 0;
  const ends = terms.map((term) => [sum, (sum += term)]);
  ends.push([0, total]);
  const low = Math.min(0, ...ends.flat()),
    most = Math.max(0, ...ends.flat()),
    span = most - low || 1;
  const each = Math.min(84, (wide - 8) / n),
    thick = Math.max(6, each * 0.62);
  const y = (v) => top + ((high - top - bottom) * (most - v)) / span;
  const svg = make("svg", {
    class: "chart",
    width: wide,
    height: high,
    viewBox: `0 0 ${wide} ${high}`,
    role: "img",
    "aria-label":
      terms.map((term, i) => `${names[i]} adds ${course.number(term, digits)}`).join(", ") +
      `; together ${course.number(total, digits)}`,
  });
  svg.append(make("line", {x1: 4, x2: 4 + n * each, y1: y(0), y2: y(0), stroke: "#9CA3AF"}));
  ends.forEach(([from, to], i) => {
    const x = 4 + i * each + (each - thick) / 2,
      isTotal = i === terms.length;
    if (!isTotal)
      svg.append(
        make("line", {
          x1: x + thick,
          x2: x + each + (i === terms.length - 1 ? thick : 0),
          y1: y(to),
          y2: y(to),
          stroke: "#9CA3AF",
          "stroke-dasharray": "2 3",
        }),
      );
    svg.append(
      make("rect", {
        x,
        y: Math.min(y(from), y(to)),
        width: thick,
        height: Math.max(1.5, Math.abs(y(to) - y(from))),
        rx: 2,
        fill: isTotal ? color : to < from ? down : up,
      }),
    );
    const letters = Math.max(2, Math.floor(each / 8));
    const name = isTotal ? "sum" : names[i].length > letters ? names[i].slice(0, letters - 1) + "…" : names[i];
    svg.append(
      make("text", {
        x: x + thick / 2,
        y: high - 6,
        "text-anchor": "middle",
        text: name,
        fill: isTotal ? ink : quiet,
        "font-weight": isTotal ? 700 : 400,
      }),
    );
    const change = course.number(isTotal ? total : to - from, digits),
      text = isTotal || change.startsWith("−") ? change : "+" + change;
    if (text.length * 7.6 < each)
      svg.append(
        make("text", {x: x + thick / 2, y: Math.min(y(from), y(to)) - 5, "text-anchor": "middle", text, fill: ink}),
      );
  });
  return svg;
};

const product = (step, r, c, value, wide) => {
  const {left, right, result} = step;
  const inner = left.shape[1],
    columns = step.columns.length;
  const a = course.parts[step.leftRows].slice(r * inner, (r + 1) * inner);
  const b = course.parts[step.rightColumns].slice(c * inner, (c + 1) * inner);
  const total = course.parts[step.total][r * columns + c],
    digits = step.totalDigits;
  const terms = Array.from(a, (x, i) => x * b[i]);
  const shown = inner <= 6 ? inner : wide < 420 ? 3 : 4;
  const sumLine = line();
  for (let i = 0; i < shown; i++) {
    sumLine.append(
      i ? " + " : "",
      make(
        "span",
        {class: "term"},
        colored(course.number(a[i], left.digits), left),
        " × ",
        colored(course.number(b[i], right.digits), right),
      ),
    );
  }
  if (shown < inner)
    sumLine.append(make("span", {class: "quiet", text: ` + … (${inner.toLocaleString("en")} products)`}));
  sumLine.append(" = ", make("b", {text: course.number(total, digits)}));

  const nodes = [sumLine];
  let now = total;
  if (step.dividedBy !== 1) {
    const root = Math.abs(step.dividedBy ** 2 - inner) < 1e-6 * inner;
    now = total / step.dividedBy;
    const by = root ? `√${inner}` : String(Number(step.dividedBy.toPrecision(4)));
    nodes.push(
      line(`${course.number(total, digits)} ÷ ${by} = `, make("b", {text: course.number(now, result.digits)})),
    );
  }
  if (step.bias !== null) {
    const bias = course.parts[step.bias][c];
    const before = now;
    now += bias;
    nodes.push(
      line(
        `${course.number(before, digits)} + bias ${course.number(bias, step.biasDigits)} = `,
        make("b", {text: course.number(now, result.digits)}),
      ),
    );
  }
  if (step.relu)
    nodes.push(
      line(
        `max(0, ${course.number(now, result.digits)}) = `,
        make("b", {text: course.number(value, result.digits)}),
        now < 0 ? make("span", {class: "quiet", text: "  negative: silenced"}) : "",
      ),
    );
  const color = data.concepts[result.concept].line;
  if (inner <= few)
    nodes.push(stairs(terms, step.terms || terms.map((_, i) => String(i)), total, digits, wide, color));
  else {
    let sum = 0;
    nodes.push(
      curve(
        terms.map((term) => (sum += term)),
        total,
        digits,
        wide,
        color,
        "products",
      ),
    );
  }
  return nodes;
};

const softmax = (step, r, c, value) => {
  const {left, result} = step;
  const width = left.shape[1],
    at = step.columns[c];
  const scores = Array.from(course.parts[step.leftRows].slice(r * width, (r + 1) * width));
  const largest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - largest)),
    sum = powers.reduce((x, y) => x + y, 0);
  // the cell in question and the largest shares, in reading order
  const order = scores
    .map((_, i) => i)
    .sort((i, j) => (j === at) - (i === at) || powers[j] - powers[i])
    .slice(0, 8)
    .sort((i, j) => i - j);
  const rows = order.map((i) => {
    const share = powers[i] / sum;
    const [name, full] = course.columnName(result, i);
    return make(
      "tr",
      {class: i === at ? "this" : ""},
      make("th", {scope: "row", title: full, text: name}),
      make("td", {text: course.number(scores[i], left.digits)}),
      make("td", {text: course.number(powers[i], 2)}),
      make("td", {text: course.number(share, 2)}),
      make(
        "td",
        {class: "bar"},
        make("i", {
          style: `width:${(100 * share).toFixed(1)}%;background:${rgb(mix(data.weights, Math.max(0.35, share)))}`,
        }),
      ),
    );
  });
  const rest = width > order.length ? ` (the ${order.length} largest of ${width} are shown)` : "";
  return [
    line(
      `e^(${course.number(scores[at], left.digits)} − ${course.number(largest, left.digits)}) = ${course.number(powers[at], 2)}`,
    ),
    line(
      `${course.number(powers[at], 2)} ÷ ${course.number(sum, 2)} = `,
      make("b", {text: course.number(value, result.digits)}),
    ),
    make(
      "table",
      {class: "shares"},
      make(
        "thead",
        {},
        make(
          "tr",
          {},
          make("td"),
          ...["score", "e^(score − largest)", "share"].map((text) => make("th", {scope: "col", text})),
          make("td"),
        ),
      ),
      make("tbody", {}, ...rows),
    ),
    make("p", {class: "quiet", text: `The powers sum to ${course.number(sum, 2)}, the shares to 1${rest}.`}),
  ];
};

const sum = (step, r, c, value, wide) => {
  const at = r * step.columns.length + c,
    {left, right, result} = step;
  const a = course.parts[step.leftCells][at],
    b = course.parts[step.rightCells][at];
  return [
    line(
      colored(course.number(a, left.digits), left),
      " + ",
      colored(course.number(b, right.digits), right),
      " = ",
      make("b", {text: course.number(value, result.digits)}),
    ),
    stairs(
      [a, b],
      [left.name, right.name],
      value,
      result.digits,
      Math.min(wide, 300),
      data.concepts[result.concept].line,
    ),
  ];
};

const lookup = (step, r, c, value) => {
  const id = step.ids[r],
    name = course.rowName(step.result, step.rows[r])[0];
  return [
    line(
      `${step.right.name}[${id}, ${step.columns[c]}] = `,
      make("b", {text: course.number(value, step.result.digits)}),
    ),
    make("p", {
      text:
        `“\u2068${name}\u2069” has the id ${id.toLocaleString("en")}: row ${id.toLocaleString("en")} ` +
        `of ${step.right.name} is copied. Nothing is computed.`,
    }),
  ];
};

const ways = {product, softmax, sum, lookup};
// a token that is written from right to left must not turn the sentence around it
const named = (which, [name, full]) => (full === `${which} ${name}` ? full : `${which} “\u2068${name}\u2069”`);
const made = {
  product: (step, row, column) =>
    `${named("row", row)} of ${step.left.name} times ${named("column", column)} of ${step.right.name}`,
  softmax: (step, row) => `${named("row", row)} of ${step.left.name}, turned into shares`,
  sum: (step) => `the same place in ${step.left.name} and in ${step.right.name}, added`,
  lookup: (step) => `a row of ${step.right.name}, looked up`,
};

course.reason = (step) => {
  const head = make("h3"),
    sub = make("p", {class: "quiet"}),
    body = make("div");
  const live = make("p", {class: "unseen", "aria-live": "polite"});
  const node = make(
    "section",
    {class: "reason", "aria-label": "where this number comes from"},
    head,
    sub,
    body,
    live,
  );
  const show = (r, c, said) => {
    const {result} = step;
    const value = course.parts[step.value][r * step.columns.length + c];
    const row = course.rowName(result, step.rows[r]),
      column = course.columnName(result, step.columns[c]);
    head.replaceChildren(
      make("b", {text: result.name, style: `color:${words(result)}`}),
      make("span", {
        class: "mono",
        text: `[\u2068${row[0]}\u2069, \u2068${column[0]}\u2069] = ${course.number(value, result.digits)}`,
      }),
    );
    sub.textContent = made[step.how](step, row, column);
    const wide = Math.max(240, node.clientWidth - 26);
    body.replaceChildren(...ways[step.how](step, r, c, value, wide));
    if (said)
      live.textContent =
        `${head.textContent}: ${sub.textContent}. ` +
        [...body.querySelectorAll(".line")].map((p) => p.textContent).join(". ");
  };
  return {node, show};
};

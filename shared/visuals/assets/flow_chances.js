// The end of the flow: logits kept in the page, made into probabilities by temperature, then top-k, then top-p.
const {data, make, unpack} = course;
const {chances} = data;

const barsShown = 10, // words with a bar of their own
  scoresShown = 8; // words whose weights are in the page
let rows = null; // position -> {logits, order}
course.loadChances = async () => {
  if (!chances) return;
  const [middle, all, ids, exact] = await Promise.all(
    [chances.middle, chances.rows, chances.exactIds, chances.exact].map(unpack),
  );
  const {size} = chances,
    most = ids.length / chances.positions.length;
  rows = new Map(
    chances.positions.map((position, i) => {
      const logits = Float64Array.from(all.subarray(i * size, (i + 1) * size), (v) => v + middle[i]);
      // the largest are known more exactly; they come first in the order, as the model ranks them
      for (let j = i * most; j < (i + 1) * most; j++) logits[ids[j]] = exact[j];
      return [position, {logits, order: null}];
    }),
  );
};
const ordered = (position) => {
  const row = rows.get(position);
  row.order ||= Array.from(row.logits.keys()).sort((a, b) => row.logits[b] - row.logits[a] || a - b);
  return row;
};

// The probabilities of all words of the vocabulary, in this order: temperature, top-k, top-p; then shared out anew.
course.shares = (position, temperature, topK, topP) => {
  const {logits, order} = ordered(position),
    out = new Float64Array(logits.length),
    largest = logits[order[0]];
  if (temperature === 0) {
    out[order[0]] = 1;
    return out;
  }
  let kept = order.length;
  if (topK < kept) {
    // whatever ties with the last one stays too
    kept = topK;
    while (kept < order.length && logits[order[kept]] === logits[order[topK - 1]]) kept++;
  }
  const power = (id) => Math.exp((logits[id] - largest) / temperature);
  let sum = 0;
  for (let i = 0; i < kept; i++) sum += out[order[i]] = power(order[i]);
  if (topP < 1) {
    let before = 0,
      stay = 0;
    // a word goes when those before it reach top-p already; so the first one always stays
    while (stay < kept && before / sum < topP) before += out[order[stay++]];
    for (let i = stay; i < kept; i++) out[order[i]] = 0;
    sum = before;
  }
  for (let i = 0; i < kept; i++) out[order[i]] /= sum;
  return out;
};

const percent = (share) => {
  const value = 100 * share;
  if (value > 0 && value < 0.1) return "< 0.1 %";
  return `${value >= 99.95 || value === 0 ? value.toFixed(0) : value.toFixed(1)} %`;
};
course.percent = percent;
const wordOf = (id) => chances.names[id] || [`id ${id}`, `id ${id}`];

// which position predicts; shared by the scores and the probabilities
let position = chances ? chances.at : 0;
course.position = () => position;
const positions = (redraw) => {
  if (chances.positions.length < 2) return null;
  if (chances.positions.length > 8) {
    const select = make(
      "select",
      {
        "aria-label": "the token whose prediction is shown",
        onchange: () => {
          position = Number(select.value);
          redraw();
          document.querySelector(".positions").focus();
        },
        class: "positions",
      },
      ...chances.positions.map((p) =>
        make("option", {value: p, selected: p === position, text: `${p + 1}: ${data.tokens[p][0]}`}),
      ),
    );
    return select;
  }
  const choose = (i) => {
    position = chances.positions[i];
    redraw();
    document.querySelector('.positions [aria-checked="true"]').focus();
  };
  const list = chances.positions;
  return make(
    "div",
    {class: "positions", role: "radiogroup", "aria-label": "the token whose prediction is shown"},
    ...list.map((p, i) =>
      make("button", {
        type: "button",
        role: "radio",
        "aria-checked": p === position ? "true" : "false",
        tabindex: p === position ? 0 : -1,
        title: data.tokens[p][1],
        text: data.tokens[p][0],
        onclick: () => choose(i),
        onkeydown: (event) => {
          const to = {
            ArrowLeft: i - 1,
            ArrowUp: i - 1,
            ArrowRight: i + 1,
            ArrowDown: i + 1,
            Home: 0,
            End: list.length - 1,
          }[event.key];
          if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          choose(Math.min(Math.max(to, 0), list.length - 1));
        },
      }),
    ),
  );
};
const question = () => {
  const [name] = data.tokens[position];
  return data.model.causal
    ? `After “\u2068${name}\u2069”, what comes next?`
    : `At “\u2068${name}\u2069”, which word belongs here?`;
};

// one bar: the word, the bar, the number
const bar = (id, share, text, more = {}) => {
  const [name, full] = wordOf(id);
  return make(
    more.onclick ? "button" : "div",
    {
      class: "chance " + (more.class || ""),
      title: full,
      ...(more.onclick ? {type: "button", onclick: more.onclick, "aria-pressed": more.pressed ? "true" : "false"} : {}),
    },
    make("span", {class: "word", text: name}),
    make("span", {class: "track"}, make("i", {style: `width:${(100 * share).toFixed(2)}%`})),
    make("span", {class: "mono", text}),
  );
};

// the scores of the likeliest words, each of which opens
course.logitsView = (stage, place, reason, say) => {
  let chosen = null;
  const draw = () => {
    const {logits, order} = ordered(position),
      top = order.slice(0, scoresShown),
      low = logits[top[top.length - 1]],
      high = logits[top[0]];
    if (!top.includes(chosen)) chosen = top[0];
    const bars = top.map((id) =>
      bar(id, 0.15 + (0.85 * (logits[id] - low)) / (high - low || 1), course.number(logits[id], 2), {
        pressed: id === chosen,
        class: id === chosen ? "chosen" : "",
        onclick: () => {
          chosen = id;
          draw();
          say();
          place.querySelector(".chosen").focus();
        },
      }),
    );
    const rest = chances.size - top.length;
    place.replaceChildren(
      ...[
        positions(draw),
        make("p", {class: "question", text: question()}),
        make("div", {class: "bars"}, ...bars),
        make("p", {
          class: "quiet",
          text: `the ${top.length} highest of ${chances.size.toLocaleString("en")} scores; ${rest.toLocaleString("en")} are lower. Bars begin a little below the lowest one shown.`,
        }),
      ].filter(Boolean),
    );
    course.explainLogit(reason, stage, position, chosen, logits[chosen]);
  };
  draw();
};

const steps = (most) => {
  const found = [1, 2, 3, 4, 5, 8, 10, 15, 20, 30, 40, 50, 100, 200, 500, 1000].filter((k) => k < most);
  return [...found, most];
};
const chosen = {temperature: 1, k: null, p: 1};

course.probabilitiesView = (place, reason, say) => {
  const choices = steps(chances.size);
  chosen.k ??= choices.length - 1;
  const slider = (name, label, min, max, step, value, tell) => {
    const id = `slider-${name}`;
    const out = make("output", {class: "mono", for: id});
    const input = make("input", {
      type: "range",
      id,
      min,
      max,
      step,
      value,
      oninput: () => update(name, Number(input.value)),
    });
    const show = () => {
      out.textContent = tell(Number(input.value));
      input.setAttribute("aria-valuetext", out.textContent);
    };
    show();
    return {input, show, node: make("div", {class: "slider"}, make("label", {for: id, text: label}), input, out)};
  };
  const sliders = {
    temperature: slider("temperature", "1 · temperature", 0, 2.5, 0.05, chosen.temperature, (v) =>
      v === 0 ? "0, greedy" : v.toFixed(2),
    ),
    k: slider("k", "2 · top-k", 0, choices.length - 1, 1, chosen.k, (v) =>
      v === choices.length - 1 ? "off" : String(choices[v]),
    ),
    p: slider("p", "3 · top-p", 0.05, 1, 0.05, chosen.p, (v) => (v === 1 ? "off" : v.toFixed(2))),
  };
  const asks = make("p", {class: "question"}),
    bars = make("div", {class: "bars"}),
    note = make("p", {class: "quiet", role: "status"});
  const reset = make("button", {
    type: "button",
    text: "Reset",
    onclick: () => {
      Object.assign(chosen, {temperature: 1, k: choices.length - 1, p: 1});
      for (const [name, one] of Object.entries(sliders)) {
        one.input.value = chosen[name];
        one.show();
      }
      draw();
    },
  });
  const where = make("div");
  const draw = () => {
    const one = positions(draw);
    where.replaceChildren(...(one ? [one] : []));
    asks.textContent = question();
    const {order, logits} = ordered(position),
      shares = course.shares(position, chosen.temperature, choices[chosen.k], chosen.p);
    const kept = shares.reduce((n, share) => n + (share > 0), 0),
      shown = order.slice(0, barsShown);
    const others = 1 - shown.reduce((sum, id) => sum + shares[id], 0);
    const next = data.model.causal ? data.ids[position + 1] : undefined;
    bars.replaceChildren(
      ...shown.map((id) =>
        bar(id, shares[id], percent(shares[id]), {class: (shares[id] ? "" : "gone") + (id === next ? " next" : "")}),
      ),
      make(
        "div",
        {class: "chance others"},
        make("span", {class: "word", text: "all others"}),
        make("span", {class: "track"}, make("i", {style: `width:${(100 * Math.max(0, others)).toFixed(2)}%`})),
        make("span", {class: "mono", text: percent(Math.max(0, others) < 1e-9 ? 0 : others)}),
      ),
    );
    const plural = kept === 1 ? "1 word can be drawn" : `${kept.toLocaleString("en")} words can be drawn`;
    note.textContent =
      `${plural}, of ${chances.size.toLocaleString("en")}.` +
      (next === undefined
        ? ""
        : ` The text itself goes on with “\u2068${data.tokens[position + 1][0]}\u2069”: ${percent(shares[next])}.`);
    // how the first bar came about
    const id = order[0],
      {temperature} = chosen;
    const line = (...parts) => make("p", {class: "mono line"}, ...parts);
    const lines = [make("h3", {}, make("b", {text: `“\u2068${wordOf(id)[0]}\u2069”`}), ` ${percent(shares[id])}`)];
    if (temperature === 0) lines.push(line("temperature 0: the highest score takes all"));
    else {
      let sum = 0;
      order.forEach((word) => {
        if (shares[word] > 0) sum += Math.exp((logits[word] - logits[id]) / temperature);
      });
      lines.push(
        line(
          `score ${course.number(logits[id], 2)} ÷ ${temperature.toFixed(2)} = ${course.number(logits[id] / temperature, 2)}`,
        ),
        line(`e^(score − largest) = e^0 = 1.00`),
        line(`1.00 ÷ ${course.number(sum, 2)} = `, make("b", {text: course.number(shares[id], 3)})),
        make("p", {
          class: "quiet",
          text: `${course.number(sum, 2)} is the sum of e^(score − largest) over the ${kept.toLocaleString("en")} words that are left.`,
        }),
      );
    }
    reason.replaceChildren(
      make("section", {class: "reason", "aria-label": "where the first share comes from"}, ...lines),
    );
  };
  const update = (name, value) => {
    chosen[name] = value;
    sliders[name].show();
    draw();
  };
  draw();
  place.replaceChildren(
    where,
    asks,
    bars,
    note,
    make("div", {class: "sliders"}, ...Object.values(sliders).map((one) => one.node), reset),
  );
};

// Matrices as pictures: small ones for the cards, and a large one with a cursor.
const {data, make, mix, rgb, inkOn} = course;

const masked = [229, 231, 235];
const colorOf = (value, shares, limit) => {
  if (!Number.isFinite(value)) return masked;
  return shares ? mix(data.weights, value) : mix(data.signed, (value / limit + 1) / 2);
};

// A small map: one pixel for each number, enlarged by the browser.
course.paintSmall = (canvas, key, head) => {
  const stage = course.stage(key),
    {count, values} = course.strips(key, head),
    rows = values.length / count;
  canvas.width = count;
  canvas.height = rows;
  const brush = canvas.getContext("2d"),
    image = brush.createImageData(count, rows);
  const shares = course.isShares(stage),
    limit = course.limit(key, head, values);
  values.forEach((value, i) => image.data.set([...colorOf(value, shares, limit), 255], 4 * i));
  brush.putImageData(image, 0, 0);
};

// The weights of all heads of a layer, side by side.
course.paintHeads = (canvas, key) => {
  const [rows, n] = course.stage(key).shape;
  canvas.width = data.model.heads * (n + 1) - 1;
  canvas.height = rows;
  const brush = canvas.getContext("2d");
  for (let h = 0; h < data.model.heads; h++) {
    const image = brush.createImageData(n, rows);
    course.values(key, h).forEach((value, i) => image.data.set([...mix(data.weights, value), 255], 4 * i));
    brush.putImageData(image, h * (n + 1), 0);
  }
};

const most = 32; // columns that the large map shows at a time
const printed = 40; // px of a cell from which its number is written into it

// The large map of a stage, with the names of its rows. show(row, column, said) is called when the cursor moves.
course.largeMap = (stage, head, start, show) => {
  const rows = stage.shape[0],
    columns = course.columns(stage),
    values = course.values(stage.key, head);
  const carried = columns ? columns.length : stage.shape[1];
  const shown = Math.min(most, carried);
  const shares = course.isShares(stage),
    limit = course.limit(stage.key, head, values);
  const byToken = stage.how === "scores" || stage.how === "mask" || stage.how === "softmax";
  const rowTokens = course.rowTokens(stage),
    columnTokens = course.columnTokens(stage);
  const masked = stage.how === "softmax" && course.masked(stage);
  const openable = (c) => course.openable(stage, columns ? columns[c] : c);
  let [row, column] = start,
    from = 0;

  const rowPx = Math.max(18, Math.min(32, Math.floor(300 / rows)));
  const canvas = make("canvas", {class: "large", "aria-hidden": "true", style: `--rows:${rows};--row-px:${rowPx}px`});
  const overview =
    carried > shown || stage.binned !== undefined ? make("canvas", {class: "overview", "aria-hidden": "true"}) : null;
  const window_ = make("i", {class: "window"});
  const labels = rowTokens.slice(0, rows).map(([name, full]) => make("span", {title: full, text: name}));
  const above = make("div", {class: "columns", "aria-hidden": "true"});
  const grid = make(
    "div",
    {
      class: "grid",
      tabindex: 0,
      role: "application",
      "aria-roledescription": "matrix",
      "aria-label": `${stage.name}, ${rows} rows, ${stage.shape[1]} columns. Arrow keys move from number to number.`,
    },
    above,
    make("div", {class: "rows", "aria-hidden": "true"}, ...labels),
    canvas,
  );

  const paint = () => {
    const box = canvas.getBoundingClientRect();
    if (!box.width) return;
    const dense = Math.min(3, window.devicePixelRatio || 1);
    canvas.width = Math.round(box.width * dense);
    canvas.height = Math.round(box.height * dense);
    const brush = canvas.getContext("2d");
    brush.scale(dense, dense);
    const wide = box.width / shown,
      high = box.height / rows;
    brush.clearRect(0, 0, box.width, box.height);
    brush.font = '13px system-ui, "DejaVu Sans", sans-serif';
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    for (let r = 0; r < rows; r++)
      for (let i = 0; i < shown; i++) {
        const value = values[r * carried + from + i],
          color = colorOf(value, shares, limit);
        brush.fillStyle = rgb(color);
        brush.fillRect(i * wide, r * high, Math.ceil(wide) - (wide > 6 ? 1 : 0), Math.ceil(high) - 1);
        if (wide >= printed && high >= 18 && !(masked && i > r)) {
          brush.fillStyle = inkOn(color);
          const text = Number.isFinite(value) ? course.number(value, 2) : "−∞";
          brush.fillText(
            // a narrow cell has no room for the nought
            text.length * 8 > wide - 2 ? text.replace(/^(−?)0\./, "$1.") : text,
            (i + 0.5) * wide,
            (r + 0.5) * high + 0.5,
          );
        }
      }
    // the row and the column in question, then the number itself
    const x = (column - from) * wide,
      y = row * high;
    const ring = (left, top, w, h, outer, inner) => {
      brush.strokeStyle = "#FFFFFF";
      brush.lineWidth = outer;
      brush.strokeRect(left, top, w, h);
      brush.strokeStyle = "#1F2937";
      brush.lineWidth = inner;
      brush.strokeRect(left, top, w, h);
    };
    brush.globalAlpha = 0.75;
    ring(1, y + 0.5, box.width - 2, high - 2, 0.5, 1);
    ring(x + 0.5, 1, wide - 2, box.height - 2, 0.5, 1);
    brush.globalAlpha = 1;
    ring(Math.max(1.5, x - 0.5), Math.max(1.5, y - 0.5), Math.max(4, wide - 1.5), high - 1.5, 5, 2.5);
    labels.forEach((node, r) => node.classList.toggle("now", r === row));
    name(wide);
    if (overview) place();
  };
  // names of tokens where the columns are tokens, else numbers; a tick marks columns that open down to the weights
  const name = (wide) => {
    const some = columns || stage.how === "project";
    const letters = Math.floor(wide / 7.6);
    const every = byToken ? 1 : Math.max(1, Math.ceil(30 / wide));
    // names that do not fit stand upright
    const upright = byToken && Math.max(...columnTokens.map(([short]) => short.length)) > letters;
    above.classList.toggle("upright", upright);
    above.classList.toggle("tokens-above", byToken && !upright);
    above.replaceChildren(
      ...Array.from({length: shown}, (_, i) => {
        const c = from + i,
          number = columns ? columns[c] : c;
        let text = "";
        if (byToken) {
          text = upright && wide < 17 && c % Math.ceil(17 / wide) && c !== column ? "" : columnTokens[c][0];
        } else if (c === column || (i % every === 0 && Math.abs(c - column) * wide > 34)) text = String(number);
        const open = some && openable(c);
        return make("span", {
          class: (c === column ? "now" : "") + (open ? " open" : ""),
          title: byToken ? columnTokens[c][1] : `column ${number}`,
          text,
        });
      }),
    );
  };
  const place = () => {
    window_.style.left = `${(100 * from) / carried}%`;
    window_.style.width = `${(100 * shown) / carried}%`;
  };

  const move = (r, c, said) => {
    row = Math.min(Math.max(r, 0), rows - 1);
    column = Math.min(Math.max(c, 0), carried - 1);
    if (column < from) from = Math.max(0, column - (column % shown));
    if (column >= from + shown) from = Math.min(carried - shown, column - (column % shown));
    paint();
    show(row, column, said);
  };
  grid.addEventListener("keydown", (event) => {
    const to = {
      ArrowUp: [row - 1, column],
      ArrowDown: [row + 1, column],
      ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1],
      Home: [row, 0],
      End: [row, carried - 1],
      PageUp: [row, column - shown],
      PageDown: [row, column + shown],
    }[event.key];
    if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(...to, true);
  });
  const cellAt = (event) => {
    const box = canvas.getBoundingClientRect();
    return [
      Math.floor(((event.clientY - box.top) / box.height) * rows),
      from + Math.floor(((event.clientX - box.left) / box.width) * shown),
    ];
  };
  canvas.addEventListener("click", (event) => move(...cellAt(event), true));
  canvas.addEventListener("mousemove", (event) => {
    const [r, c] = cellAt(event);
    const value = values[r * carried + c];
    if (value === undefined) return;
    const [, full] = rowTokens[r];
    canvas.title = `${full}, ${byToken ? columnTokens[c][1] : `column ${columns ? columns[c] : c}`}: ${course.figure(value)}`;
  });
  let node = grid;
  if (overview) {
    const over = make("div", {class: "over"}, overview, columns ? null : window_);
    if (!columns)
      over.addEventListener("click", (event) => {
        const box = over.getBoundingClientRect();
        move(row, Math.floor(((event.clientX - box.left) / box.width) * carried), true);
      });
    node = make("div", {}, over, grid);
  }
  const begin = () => {
    if (overview) course.paintSmall(overview, stage.key, head);
    move(row, column, false);
  };
  return {node, grid, begin, paint, move, limit, shares, wide: overview ? shown : 0};
};

// A number with about three digits, whatever its size.
course.figure = (value) => {
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  const size = Math.abs(value);
  return course.number(
    value,
    size === 0 || size >= 99.95 ? 1 : size >= 9.995 ? 2 : size >= 0.0995 ? 3 : size >= 0.00095 ? 5 : 7,
  );
};

// The picture on a card: the map, or bars where the stage is a prediction.
course.paintCard = (canvas, stage, head) => {
  if (stage.key !== "probabilities" && stage.how !== "ids") return course.paintSmall(canvas, stage.key, head);
  canvas.width = 160;
  canvas.height = 80;
  const brush = canvas.getContext("2d");
  brush.scale(2, 2);
  if (stage.how === "ids") {
    brush.fillStyle = "#9CA3AF";
    const tokens = course.rowTokens(stage),
      each = Math.min(10, 38 / tokens.length);
    tokens.forEach(([name], i) => brush.fillRect(2, 1 + i * each, Math.min(76, 8 + 5 * name.length), each * 0.7));
    return null;
  }
  const shares = course.shares(course.position(), 1, data.chances.size, 1),
    top = Array.from(shares)
      .sort((a, b) => b - a)
      .slice(0, 5);
  brush.fillStyle = "#8E4585";
  top.forEach((share, i) => brush.fillRect(2, 2 + 7.5 * i, Math.max(1, (76 * share) / top[0]), 5));
  return null;
};

// The scale of colors of a large map.
course.scaleOf = (map) => {
  const ends = map.shares ? ["0", "1"] : [course.figure(-map.limit), course.figure(map.limit)];
  const stops = map.shares ? data.weights : data.signed;
  return make(
    "span",
    {class: "scale"},
    ends[0],
    make("i", {style: `background:linear-gradient(90deg,${stops.join(",")})`}),
    ends[1],
  );
};

// The text as the model gets it: a box for each token, its id below.
course.tokenBoxes = (stage) => {
  const ids = course.values(stage.key, 0);
  return make(
    "ol",
    {class: "tokens"},
    ...course
      .rowTokens(stage)
      .map(([name, full], i) =>
        make("li", {title: full}, make("b", {text: name}), make("span", {class: "mono", text: String(ids[i])})),
      ),
  );
};

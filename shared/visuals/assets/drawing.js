// The matrices of one step to scale. A row of the left one and a column of the right one meet in the result.
const {data, make, mix, rgb} = course;

const pictures = new Map();
// one pixel of the picture is one number that is drawn; the browser enlarges it
const picture = (matrix) => {
  const key = matrix.picture + (matrix.shares ? "w" : "s");
  if (!pictures.has(key)) {
    const [high, wide] = data.parts[matrix.picture].shape;
    const canvas = make("canvas", {width: wide, height: high});
    const brush = canvas.getContext("2d");
    const image = brush.createImageData(wide, high);
    course.parts[matrix.picture].forEach((share, i) =>
      image.data.set([...mix(matrix.shares ? data.weights : data.signed, share), 255], 4 * i),
    );
    brush.putImageData(image, 0, 0);
    pictures.set(key, canvas.toDataURL());
  }
  return pictures.get(key);
};

// Where entry `index` of a side lies: start and length in pixels. Beyond a cut it lies somewhere behind the mark.
const place = (matrix, axis, index, px) => {
  const side = matrix.sides[axis],
    length = matrix.shape[axis];
  if (!matrix.cut[axis]) return [(index * side) / length, side / length];
  return index * px < 0.76 * side ? [index * px, px] : [side * (0.86 + (0.12 * index) / length), px];
};

const shapeText = (matrix) => `(${matrix.shape.join(", ")})`;
const axisText = (matrix, axis) => {
  const n = matrix.shape[axis];
  return `${n.toLocaleString("en")} ${n === 1 ? matrix.units[axis].slice(0, -1) : matrix.units[axis]}`;
};
course.shapeText = shapeText;

const textPx = (text, each = 7.6) => text.length * each;

// Returns the drawing and `light(r, c)`, which marks opened cell (r, c) with all that it is made from.
course.drawing = (step) => {
  const {left, right, result, how, px} = step;
  const short = (text) => (text.length > 8 ? text.slice(0, 7) + "…" : text);
  const namesOf = (matrix) => (matrix.rowNames && matrix.sides[0] / matrix.shape[0] >= 12 ? matrix.rowNames : null);
  const ids = how === "lookup";
  // on a phone the grid below names the rows, so that the letters here need not shrink
  const names = course.view.clientWidth < 420 ? null : namesOf(result) || (how === "lookup" ? null : namesOf(left));
  const idPx = ids ? 8.4 * Math.max(...step.ids.map((id) => String(id).length)) + 14 : 0;
  const beside = (names ? 8 * Math.max(...names.map(([name]) => short(name).length)) + 8 : 0) + idPx;
  const svg = make("svg", {role: "img"});
  const under = make("g"),
    over = make("g");
  svg.append(under, over);
  const write = (text, x, y, extra = {}) => under.append(make("text", {x, y, text, ...extra}));
  const hue = (matrix) => data.concepts[matrix.concept];
  const named = (matrix, x, y, anchor = "start") => {
    const node = make("text", {x, y, "text-anchor": anchor});
    node.append(
      make("tspan", {text: matrix.name + " ", fill: hue(matrix).words, "font-weight": 700}),
      make("tspan", {text: shapeText(matrix), class: "mono"}),
    );
    under.append(node);
    return textPx(matrix.name) + 7.9 * (shapeText(matrix).length + 1);
  };
  const paint = (matrix, x, y) => {
    const [high, wide] = matrix.sides;
    under.append(
      make("image", {
        x,
        y,
        width: wide,
        height: high,
        href: picture(matrix),
        preserveAspectRatio: "none",
        style: "image-rendering:pixelated",
      }),
    );
    under.append(
      make("rect", {x, y, width: wide, height: high, fill: "none", stroke: hue(matrix).line, "stroke-width": 1.8}),
    );
    // two slanted strokes: this side is longer than it is drawn
    [0, 7].forEach((shift) => {
      const strokes = [];
      if (matrix.cut[1])
        strokes.push(`M${x + wide * 0.8 + shift + 4} ${y - 5}L${x + wide * 0.8 + shift - 4} ${y + high + 5}`);
      if (matrix.cut[0])
        strokes.push(`M${x - 5} ${y + high * 0.8 + shift + 4}L${x + wide + 5} ${y + high * 0.8 + shift - 4}`);
      strokes.forEach((d) =>
        under.append(
          make("path", {d, stroke: "#FFFFFF", "stroke-width": 5}),
          make("path", {d, stroke: "#1F2937", "stroke-width": 1.2}),
        ),
      );
    });
    return {matrix, x, y, wide, high};
  };
  const rowLabels = (box, labels) =>
    labels &&
    labels.forEach(([name, full], i) => {
      const node = make("text", {
        x: box.x - 7 - idPx,
        y: box.y + ((i + 0.5) * box.high) / labels.length + 4.5,
        "text-anchor": "end",
        text: short(name),
      });
      node.append(make("title", {text: full}));
      under.append(node);
    });

  let x0 = beside + 2;
  let boxes, wide, y;
  if (how === "product" || how === "lookup") {
    // the name of the right matrix stands to its left, in one line or two
    const room = Math.max(textPx(right.name), 7.9 * shapeText(right).length) + 12;
    if (!ids) x0 = Math.max(x0, room - left.sides[1] - 16);
    const xr = ids ? x0 : x0 + left.sides[1] + 16;
    const top = ids ? 26 : 4;
    const yb = top + Math.max(right.sides[0], ids ? 0 : 42) + (ids ? 34 : 30);
    const above = paint(right, xr, yb - (ids ? 34 : 30) - right.sides[0]);
    const made = paint(result, xr, yb);
    boxes = {right: above, result: made};
    wide = xr + Math.max(right.sides[1], result.sides[1]);
    if (ids) {
      wide = Math.max(wide, xr + named(right, xr, 16));
      step.ids.forEach((id, i) =>
        write(id, xr - 8, yb + ((i + 0.5) * result.sides[0]) / result.shape[0] + 4.5, {
          "text-anchor": "end",
          class: "mono",
        }),
      );
      write("id", xr - 8, yb - 7, {"text-anchor": "end", class: "quiet"});
    } else {
      boxes.left = paint(left, x0, yb);
      // beside the right matrix, where the drawing is empty
      const end = xr - 10,
        middle = above.y + Math.min(above.high / 2, 60);
      const narrow = textPx(right.name) + 7.9 * (shapeText(right).length + 1) > end;
      if (narrow) {
        write(right.name, end, middle - 4, {
          "text-anchor": "end",
          style: `fill:${hue(right).words}`,
          "font-weight": 700,
        });
        write(shapeText(right), end, middle + 13, {"text-anchor": "end", class: "mono"});
      } else {
        named(right, end, middle, "end");
        if (above.high > 60 && textPx(axisText(right, 0) + " ↓") < end)
          write(axisText(right, 0) + " ↓", end, middle + 19, {"text-anchor": "end", class: "quiet"});
      }
      named(left, x0, yb - 9);
      write(axisText(left, 1) + " →", x0, yb + left.sides[0] + 17, {class: "quiet"});
    }
    rowLabels(boxes.left || made, names);
    const made17 = textPx(result.name) + 7.9 * (shapeText(result).length + 1);
    wide = Math.max(wide, made17 + 4);
    y = yb + result.sides[0] + (ids ? 17 : 36);
    named(result, Math.max(xr + result.sides[1], made17 + 2), y, "end");
  } else {
    const stacked = how === "sum" || left.sides[1] > 100;
    y = 16;
    if (stacked) {
      wide = x0 + left.sides[1];
      boxes = {};
      for (const [part, sign] of [
        ["left", ""],
        ["right", "+ "],
        ["result", "= "],
      ]) {
        const matrix = step[part];
        if (!matrix) continue;
        write(sign, x0 - 6, y, {"text-anchor": "end", "font-weight": 700});
        const end = x0 + named(matrix, x0, y);
        wide = Math.max(wide, end);
        if (how === "softmax" && part === "result") {
          write("softmax of each row", end + 8, y, {class: "quiet"});
          wide = Math.max(wide, end + 150);
        }
        boxes[part] = paint(matrix, x0, y + 8);
        rowLabels(boxes[part], names);
        y += matrix.sides[0] + 32;
      }
      y -= 7;
      write(axisText(result, 1) + " →", x0, y, {class: "quiet"});
    } else {
      const first = named(left, x0, y);
      const between = Math.max(84, first - left.sides[1] + 14);
      boxes = {left: paint(left, x0, 26), result: paint(result, x0 + left.sides[1] + between, 26)};
      const at = x0 + left.sides[1] + between;
      wide = at + Math.max(result.sides[1], named(result, at, y));
      rowLabels(boxes.left, names);
      const middle = 26 + left.sides[0] / 2,
        from = x0 + left.sides[1];
      write("softmax", from + between / 2, middle - 8, {"text-anchor": "middle", class: "quiet"});
      under.append(
        make("path", {
          d: `M${from + 14} ${middle}H${at - 14}m-6 -5l6 5l-6 5`,
          fill: "none",
          stroke: "#4B5563",
          "stroke-width": 1.5,
        }),
      );
      y = 26 + left.sides[0] + 17;
      write("each row by itself →", x0, y, {class: "quiet"});
    }
  }

  // the ruler: both scales in one line
  const hasFeatures = [left, right, result].some(
    (m) => m && m.units.some((unit, axis) => unit === "features" && m.shape[axis] > 1),
  );
  const notes = [];
  y += 26;
  if (hasFeatures) {
    const count = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024].find((n) => n * px >= 28) || 1024;
    under.append(make("path", {d: `M2 ${y - 9}v8m0 -4h${count * px}m0 -4v8`, fill: "none", stroke: "#4B5563"}));
    write(`${count} ${count > 1 ? "features" : "feature"}`, count * px + 9, y, {class: "quiet"});
    const stripe = Math.max(...[left, right, result].filter(Boolean).flatMap((m) => m.strides));
    if (stripe > 1) notes.push(`1 in ${stripe} features is drawn`);
    wide = Math.max(wide, count * px + 100);
  } else y -= 18;
  [left, right, result].filter(Boolean).forEach((m) =>
    m.cut.forEach((cut, axis) => {
      if (cut && notes.length < 2)
        notes.push(
          `// cut: ${m.shape[axis].toLocaleString("en")} would be ${Math.round(m.shape[axis] * px).toLocaleString("en")} px`,
        );
    }),
  );
  notes.forEach((note) => {
    y += 18;
    write(note, 2, y, {class: "quiet"});
    wide = Math.max(wide, textPx(note, 7.2) + 4);
  });

  wide = Math.ceil(wide + 6);
  const high = Math.ceil(y + 8);
  for (const [name, value] of Object.entries({width: wide, height: high, viewBox: `0 0 ${wide} ${high}`}))
    svg.setAttribute(name, value);
  const parts = [left, right, result].filter(Boolean).map((m) => `${m.name} ${shapeText(m)}`);
  svg.setAttribute("aria-label", `Drawn to scale: ${parts.join(", ")}`);

  // a band around one row or column, never thinner than can be seen
  const band = (box, row, column) => {
    let x = box.x,
      y1 = box.y,
      w = box.wide,
      h = box.high;
    if (row !== null) [y1, h] = [box.y + place(box.matrix, 0, row, px)[0], place(box.matrix, 0, row, px)[1]];
    if (column !== null) [x, w] = [box.x + place(box.matrix, 1, column, px)[0], place(box.matrix, 1, column, px)[1]];
    if (w < 4) {
      x -= (4 - w) / 2;
      w = 4;
    }
    if (h < 4) {
      y1 -= (4 - h) / 2;
      h = 4;
    }
    over.append(
      make("rect", {
        x: x - 1.5,
        y: y1 - 1.5,
        width: w + 3,
        height: h + 3,
        rx: 2,
        fill: "none",
        stroke: "#FFFFFF",
        "stroke-width": 4,
      }),
      make("rect", {
        x: x - 1.5,
        y: y1 - 1.5,
        width: w + 3,
        height: h + 3,
        rx: 2,
        fill: "none",
        stroke: "#1F2937",
        "stroke-width": 1.8,
      }),
    );
    return {left: x, right: x + w, top: y1, bottom: y1 + h};
  };
  const guide = (d) =>
    over.append(make("path", {d, fill: "none", stroke: "#1F2937", "stroke-width": 1.2, "stroke-dasharray": "2 3"}));
  const light = (r, c) => {
    over.replaceChildren();
    const row = step.rows[r],
      column = step.columns[c];
    const cell = band(boxes.result, row, column);
    if (how === "product") {
      const across = band(boxes.left, row, null),
        down = band(boxes.right, null, column);
      guide(`M${across.right} ${(cell.top + cell.bottom) / 2}H${cell.left}`);
      guide(`M${(cell.left + cell.right) / 2} ${down.bottom}V${cell.top}`);
    } else if (how === "lookup") {
      const found = band(boxes.right, step.ids[r], null);
      guide(`M${(cell.left + cell.right) / 2} ${found.bottom}V${cell.top}`);
    } else if (how === "softmax") {
      band(boxes.left, row, null);
    } else {
      band(boxes.left, row, column);
      band(boxes.right, row, column);
    }
  };
  return {node: make("div", {class: "drawing"}, svg), light};
};

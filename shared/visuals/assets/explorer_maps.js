// Drawing on canvas: the small map of every head, one large map, and the arcs between two columns of tokens.
const {data, make, mix, rgb, place, keys} = course;
const [L, H, T, S] = data.shape;
const ink = "#1F2937",
  quiet = "#4B5563",
  line = "#D1D5DB";
const colors = Array.from({length: 256}, (_, i) => mix(data.ramp, i / 255));
const words = Uint32Array.from(colors, ([r, g, b]) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0);
const font = (weight = 400) => `${weight} 13.5px system-ui, sans-serif`;

// A head in a picture of wide × high pixels; where cells are smaller than pixels each pixel shows the largest of its cells.
const pixels = (at, wide, high) => {
  const image = new ImageData(wide, high),
    out = new Uint32Array(image.data.buffer),
    most = new Uint8Array(wide * high);
  const bands = (n, px) => Array.from({length: n}, (_, i) => [Math.floor((i * px) / n), Math.ceil(((i + 1) * px) / n)]);
  const columns = bands(S, wide);
  bands(T, high).forEach(([top, bottom], t) => {
    for (let s = 0; s < (data.causal ? t + 1 : S); s++) {
      const value = at(t, s);
      for (let y = top; y < bottom; y++)
        for (let x = columns[s][0]; x < columns[s][1]; x++) {
          if (most[y * wide + x] < value) most[y * wide + x] = value;
        }
    }
  });
  most.forEach((value, i) => (out[i] = words[value]));
  return image;
};

// A canvas of so many CSS pixels, sharp on every screen.
const prepare = (canvas, wide, high) => {
  canvas.width = dense(wide);
  canvas.height = dense(high);
  canvas.style.width = `${wide}px`;
  canvas.style.height = `${high}px`;
  const brush = canvas.getContext("2d");
  brush.scale(devicePixelRatio, devicePixelRatio);
  brush.font = font();
  brush.textBaseline = "middle";
  return brush;
};
const dense = (n) => Math.max(1, Math.round(n * devicePixelRatio));

const widths = new Map();
const measure = make("canvas").getContext("2d");
const widthOf = (text) => {
  measure.font = font(600);
  if (!widths.has(text)) widths.set(text, measure.measureText(text).width);
  return widths.get(text);
};
const widest = (list) => Math.max(...list.map(widthOf)) + 2;
const fitted = (text, room) => {
  if (widthOf(text) <= room) return text;
  const letters = [...text];
  while (letters.length > 1 && widthOf(letters.join("") + "…") > room) letters.pop();
  return letters.join("") + "…";
};
const rounded = (brush, x, y, w, h, r) => {
  brush.beginPath();
  brush.roundRect(x, y, w, h, r);
};
const ring = (brush, x, y, w, h, r = 3) => {
  rounded(brush, x, y, w, h, r);
  for (const [color, width] of [
    ["#FFFFFF", 4.5],
    [ink, 2],
  ]) {
    brush.strokeStyle = color;
    brush.lineWidth = width;
    brush.stroke();
  }
};

const upward = (brush, text, x, y) => {
  brush.save();
  brush.translate(x, y);
  brush.rotate(-Math.PI / 2);
  brush.textAlign = "left";
  brush.fillText(text, 0, 1);
  brush.restore();
};

// Which labels stand along a side: every n-th that leaves a line's room, and always those in question.
const standing = (count, step, wanted, room = 15) => {
  const every = Math.ceil(room / step),
    kept = [];
  for (const i of [...wanted.filter((i) => i !== null), ...Array.from({length: Math.ceil(count / every)}, (_, n) => n * every)])
    if (kept.every((k) => Math.abs(k - i) * step >= room)) kept.push(i);
  return kept;
};

// --- the small maps -----------------------------------------------------------------------------------------------------
// order: null for the grid of layers and heads, else the heads from first to last with what is written below each.
course.smallMaps = (canvas, wide, order) => {
  const tile = order ? 60 : Math.max(11, Math.min(58, Math.floor((wide - 44) / H)));
  const across = order ? Math.max(1, Math.floor(wide / tile)) : H;
  const [left, top, step] = order ? [0, 0, 84] : [44, 22, tile];
  const count = order ? order.length : L * H;
  const high = top + Math.ceil(count / across) * step + 4;
  const at = (i) => (order ? order[i] : place(i));
  const corner = (i) => [left + (i % across) * tile, top + Math.floor(i / across) * step];
  const edge = order ? 46 : tile - (tile > 16 ? 3 : 1);
  let still = null;

  const paint = () => {
    const brush = prepare(canvas, wide, high);
    brush.textAlign = "center";
    for (let i = 0; i < count; i++) {
      const [x, y] = corner(i),
        head = at(i);
      brush.putImageData(pixels(course.head(head), dense(edge), dense(edge)), dense(x + 1), dense(y + 1));
      brush.strokeStyle = line;
      brush.lineWidth = 1;
      brush.strokeRect(x + 0.5, y + 0.5, edge + 1, edge + 1);
      if (order) {
        brush.fillStyle = quiet;
        brush.fillText(`L${data.layers[head.l]} H${head.h}`, x + 24, y + 57);
        brush.fillStyle = "#5B2A56";
        brush.font = font(600);
        brush.fillText(head.value, x + 24, y + 72);
        brush.font = font();
      }
    }
    brush.fillStyle = quiet;
    if (!order) {
      brush.textAlign = "left";
      brush.fillText("head", 0, 11);
      upward(brush, "layer", 8, top + Math.max(40, Math.min(L * tile, 120) / 2 + 18));
      brush.textAlign = "center";
      for (const h of standing(H, tile, [], 20)) brush.fillText(h, left + h * tile + edge / 2 + 1, 11);
      brush.textAlign = "right";
      for (const l of standing(L, tile, [])) brush.fillText(data.layers[l], left - 7, top + l * tile + edge / 2 + 2);
    }
    still = make("canvas");
    still.width = canvas.width;
    still.height = canvas.height;
    still.getContext("2d").drawImage(canvas, 0, 0);
  };
  paint();
  const index = ({l, h}) => (order ? order.findIndex((o) => o.l === l && o.h === h) : l * H + h);
  return {
    across,
    count,
    high,
    index,
    at,
    // the head under a point, or null
    hit: (x, y) => {
      const column = Math.floor((x - left) / tile),
        i = Math.floor((y - top) / step) * across + column;
      return x < left || y < top || column >= across || i >= count ? null : i;
    },
    mark: (chosen) => {
      const brush = canvas.getContext("2d");
      brush.save();
      brush.setTransform(1, 0, 0, 1, 0, 0);
      brush.clearRect(0, 0, canvas.width, canvas.height);
      brush.drawImage(still, 0, 0);
      brush.restore();
      chosen.forEach((head, n) => {
        if (!head) return;
        const [x, y] = corner(index(head));
        if (n) brush.setLineDash([4, 3]);
        ring(brush, x, y, edge + 2, edge + 2);
        brush.setLineDash([]);
      });
      const [, y] = corner(index(chosen[0]));
      return [y, y + step];
    },
  };
};

// --- one map --------------------------------------------------------------------------------------------------------------
course.map = (canvas, wide, high, head, state) => {
  const brush = prepare(canvas, wide, high),
    at = course.head(head);
  // room for the names: beside the rows, and above the columns, where long names stand on their heads
  const beside = Math.min(wide / 4, widest(data.tokens)),
    left = beside + 34;
  const upright = widest(keys) + 4 < Math.min(56, (wide - left) / S);
  const above = upright ? 16 : Math.min(high / 4, widest(keys)),
    top = above + 32;
  const step = Math.min((wide - left - 4) / S, (high - top - 4) / T, 56);
  const [w, h] = [step * S, step * T];

  brush.fillStyle = quiet;
  brush.fillText("key: is looked at →", left, 9);
  upward(brush, h > 90 ? "← query: asks" : "query", 8, Math.min(top + h, high));
  const name = (text, x, y, chosen, turn, room) => {
    brush.save();
    brush.translate(x, y);
    if (turn) brush.rotate(-Math.PI / 2);
    brush.font = font(chosen ? 600 : 400);
    text = fitted(text, room);
    brush.textAlign = turn ? "left" : upright && turn === null ? "center" : "right";
    if (chosen) {
      const wide = widthOf(text) + 8,
        from = {left: -4, center: -wide / 2, right: 4 - wide}[brush.textAlign];
      rounded(brush, from, -9, wide, 18, 6);
      brush.fillStyle = "#FFFFFF";
      brush.fill();
      ring(brush, from, -9, wide, 18, 6);
    }
    brush.fillStyle = ink;
    brush.fillText(text, 0, 0.5);
    brush.restore();
  };
  for (const t of standing(T, step, [state.q]))
    name(data.tokens[t], left - 8, top + (t + 0.5) * step, t === state.q, false, beside);
  for (const s of standing(S, step, [state.k]))
    name(keys[s], left + (s + 0.5) * step, top - (upright ? 13 : 8), s === state.k, upright ? null : true, upright ? step - 2 : above);

  if (step >= 9) {
    for (let t = 0; t < T; t++)
      for (let s = 0; s < S; s++) {
        if (data.causal && s > t) continue;
        const value = at(t, s);
        brush.fillStyle = state.allowed(t, s) ? rgb(colors[value]) : "#F3F4F6";
        rounded(brush, left + s * step + 0.75, top + t * step + 0.75, step - 1.5, step - 1.5, Math.min(4, step / 5));
        brush.fill();
        if (Math.max(T, S) > 8 || !state.allowed(t, s)) continue;
        const text = (value / 255).toFixed(2);
        brush.fillStyle = course.inkOn(colors[value]);
        brush.textAlign = "center";
        brush.fillText(step < 34 ? text.replace(/^0/, "") : text, left + (s + 0.5) * step, top + (t + 0.5) * step + 1);
      }
  } else {
    const inside = (t, s) => (state.allowed(t, s) ? at(t, s) : 0);
    brush.putImageData(pixels(inside, dense(w), dense(h)), dense(left), dense(top));
  }
  if (data.second !== null) {
    // where the second text of a pair begins
    const at = data.second * step;
    brush.beginPath();
    brush.moveTo(left + at, top);
    brush.lineTo(left + at, top + h);
    brush.moveTo(left, top + at);
    brush.lineTo(left + w, top + at);
    brush.strokeStyle = quiet;
    brush.lineWidth = 1;
    brush.setLineDash([3, 3]);
    brush.stroke();
    brush.setLineDash([]);
  }
  if (data.causal) {
    // the triangle that no token may look at: hatched, so that it is not taken for zeros
    brush.save();
    brush.beginPath();
    brush.moveTo(left + step, top);
    for (let t = 0; t < T; t++) {
      brush.lineTo(left + (t + 1) * step, top + t * step);
      brush.lineTo(left + (t + 1) * step, top + (t + 1) * step);
    }
    brush.lineTo(left + w, top);
    brush.clip();
    brush.beginPath();
    for (let x = -h; x < w; x += 7) {
      brush.moveTo(left + x, top + h);
      brush.lineTo(left + x + h, top);
    }
    brush.strokeStyle = "#E5E7EB";
    brush.lineWidth = 1.2;
    brush.stroke();
    brush.restore();
  }
  brush.strokeStyle = line;
  brush.lineWidth = 1;
  rounded(brush, left - 0.5, top - 0.5, w + 1, h + 1, 4);
  brush.stroke();
  const thick = Math.max(step, 6);
  const from = (i) => (i + 0.5) * step - thick / 2;
  if (state.q !== null && state.k !== null) ring(brush, left + from(state.k), top + from(state.q), thick, thick);
  else if (state.q !== null) ring(brush, left - 1, top + from(state.q), w + 2, thick);
  else if (state.k !== null) ring(brush, left + from(state.k), top - 1, thick, h + 2);
  return (x, y) => {
    const s = Math.floor((x - left) / step),
      t = Math.floor((y - top) / step);
    const row = t >= 0 && t < T ? t : null,
      column = s >= 0 && s < S ? s : null;
    // a point beside the map is on a label: it means the whole row or column
    if (row !== null && x < left) return {q: row, k: null};
    if (column !== null && y < top) return {q: null, k: column};
    return row !== null && column !== null ? {q: row, k: column} : null;
  };
};

// --- arcs -----------------------------------------------------------------------------------------------------------------
course.arcs = (canvas, wide, high, head, state) => {
  const brush = prepare(canvas, wide, high),
    at = course.head(head),
    top = 24;
  const step = Math.min(44, (high - top - 2) / Math.max(T, S));
  const side = Math.min(wide * 0.36, Math.max(widest(data.tokens), widest(keys)) + 16);
  const y = (i) => top + (i + 0.5) * step;
  const boxes = step >= 21;

  brush.fillStyle = quiet;
  brush.textAlign = "right";
  brush.fillText("asks", side - 2, 9);
  brush.textAlign = "left";
  brush.fillText("is looked at", wide - side + 2 - Math.max(0, 80 - side), 9);

  const drawn = [];
  let hidden = 0;
  for (let t = 0; t < T; t++) {
    if (state.q !== null && t !== state.q) continue;
    for (let s = 0; s < S; s++) {
      const value = at(t, s);
      if (!value || !state.allowed(t, s) || (state.q === null && state.k !== null && s !== state.k)) continue;
      if (value / 255 < state.least) hidden += 1;
      else drawn.push([value, t, s]);
    }
  }
  drawn.sort((a, b) => a[0] - b[0]);
  const [x0, x1] = [side + 3, wide - side - 3],
    bend = (x1 - x0) / 2;
  for (const [value, t, s] of drawn) {
    const cell = state.q === t && state.k === s;
    brush.beginPath();
    brush.moveTo(x0, y(t));
    brush.bezierCurveTo(x0 + bend, y(t), x1 - bend, y(s), x1, y(s));
    brush.strokeStyle = cell ? ink : rgb(colors[Math.min(255, 26 + value)]);
    brush.lineWidth = 0.8 + (Math.min(8, step * 0.6) * value) / 255 + (cell ? 1.5 : 0);
    brush.stroke();
  }

  const column = (list, chosen, x, right, shade) => {
    // where there is no room for all names, those at the strongest arcs come first
    const also = drawn.slice(-12).reverse().map((arc) => arc[right ? 1 : 2]);
    for (const i of standing(list.length, step, [chosen, ...also], boxes ? 1 : 15)) {
      const value = shade(i),
        color = value === null ? [255, 255, 255] : colors[value];
      const text = fitted(list[i], side - 14);
      if (boxes || i === chosen) {
        const half = Math.min(14, boxes ? step / 2 - 1.5 : 10);
        rounded(brush, x, y(i) - half, side - 2, 2 * half, 7);
        brush.fillStyle = rgb(color);
        brush.fill();
        brush.strokeStyle = line;
        brush.lineWidth = 1;
        brush.stroke();
        if (i === chosen) ring(brush, x, y(i) - half, side - 2, 2 * half, 7);
      }
      brush.fillStyle = boxes || i === chosen ? course.inkOn(color) : ink;
      brush.textAlign = right ? "right" : "left";
      brush.fillText(text, right ? x + side - 9 : x + 7, y(i) + 0.5);
    }
    if (!boxes)
      list.forEach((_, i) => {
        const value = shade(i);
        brush.fillStyle = value === null ? line : rgb(colors[value]);
        brush.fillRect(right ? side - 1 : wide - side - 2, y(i) - step * 0.4, 3, Math.max(0.6, step * 0.8));
      });
  };
  const both = state.q !== null;
  column(data.tokens, state.q, 1, true, (t) => (!both && state.k !== null && state.allowed(t, state.k) ? at(t, state.k) : null));
  column(keys, state.k, wide - side + 1, false, (s) => (both && state.allowed(state.q, s) ? at(state.q, s) : null));
  return {
    hidden,
    hit: (px, py) => {
      const i = Math.floor((py - top) / step);
      if (i < 0) return null;
      if (px < wide / 2) return i < T ? {q: i, k: null} : null;
      return i < S ? {q: null, k: i} : null;
    },
  };
};

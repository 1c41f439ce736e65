// The stages' numbers: decoded from 16-bit floats, or computed from the stages that they are made from.
const {data} = course;

const half = (bits) => {
  const exponent = (bits >> 10) & 31,
    part = bits & 1023;
  const size = exponent ? 2 ** (exponent - 15) * (1 + part / 1024) : 2 ** -24 * part;
  return bits & 0x8000 ? -size : size;
};

// all arrays lie behind each other, high bytes first, low bytes after them
let flat = null;
course.load = async () => {
  const bytes = await course.unpack(data.numbers),
    count = bytes.length / 2;
  const table = new Float32Array(65536).map((_, bits) => half(bits));
  flat = new Float32Array(count);
  for (let i = 0; i < count; i++) flat[i] = table[(bytes[i] << 8) | bytes[count + i]];
};
const known = new Map();
const once = (name, make) => {
  if (!known.has(name)) known.set(name, make());
  return known.get(name);
};
// one array of numbers, as doubles, so that sums in the page do not round again
course.array = (index) =>
  once(`array ${index}`, () => {
    const [at, shape, factor] = data.arrays[index];
    const size = shape.reduce((a, b) => a * b, 1);
    return Float64Array.from(flat.subarray(at, at + size), (value) => value * factor);
  });

const stages = new Map(data.stages.map((stage) => [stage.key, stage]));
course.stage = (key) => stages.get(key);

// the tokens that the rows and, in a matrix of scores or shares, the columns of a stage belong to: [label, whole]
const side = (name) => (name === "source" ? data.source : data.tokens);
course.rowTokens = (stage) => side(stage.side);
course.columnTokens = (stage) => side(stage.keysOf || stage.side);
// whether a token of this matrix of shares sees only itself and those before it
course.masked = (stage) => stages.get(stage.of[0]).how === "mask";

const perHead = (stage, head) => {
  const all = course.array(stage.array);
  if (!stage.heads) return all;
  const size = all.length / data.model.heads;
  return all.subarray(head * size, (head + 1) * size);
};

const ways = {
  ids: (stage) => Float64Array.from(stage.side === "source" ? data.sourceIds : data.ids),
  scale: (stage, head) => course.values(stage.of[0], head).map((value) => value * stage.scale),
  // sine in the even columns, cosine of the same angle in the odd ones
  waves: ({shape: [rows, width]}) =>
    Float64Array.from({length: rows * width}, (_, i) => {
      const [place, column] = [Math.floor(i / width), i % width];
      return (column % 2 ? Math.cos : Math.sin)(place / 10000 ** ((column - (column % 2)) / width));
    }),
  norm: (stage, head) => {
    const x = course.values(stage.of[0], head),
      [rows, width] = stage.shape;
    const gain = course.array(stage.gain),
      bias = course.array(stage.bias);
    const out = new Float64Array(x.length);
    for (let r = 0; r < rows; r++) {
      const {mean, spread} = course.moments(x.subarray(r * width, (r + 1) * width), stage.eps);
      for (let c = 0; c < width; c++) out[r * width + c] = ((x[r * width + c] - mean) / spread) * gain[c] + bias[c];
    }
    return out;
  },
  mask: (stage, head) => {
    const n = stage.shape[1];
    return course
      .values(stage.of[0], head)
      .map((score, i) => (i % n > Math.floor(i / n) ? Number.NEGATIVE_INFINITY : score));
  },
  mix: (stage, head) => {
    const [rows, width] = stage.shape;
    const shares = course.values(stage.of[0], head),
      v = course.values(stage.of[1], head),
      seen = v.length / width;
    const out = new Float64Array(rows * width);
    for (let r = 0; r < rows; r++)
      for (let s = 0; s < seen; s++)
        for (let c = 0; c < width; c++) out[r * width + c] += shares[r * seen + s] * v[s * width + c];
    return out;
  },
  join: (stage) => {
    const [rows, width] = stage.shape,
      each = width / data.model.heads;
    const out = new Float64Array(rows * width);
    for (let h = 0; h < data.model.heads; h++) {
      const found = course.values(stage.of[0], h);
      for (let r = 0; r < rows; r++) out.set(found.subarray(r * each, (r + 1) * each), r * width + h * each);
    }
    return out;
  },
};

// Mean of a row, and the square root of its variance.
course.moments = (row, eps) => {
  const mean = row.reduce((a, b) => a + b, 0) / row.length;
  const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
  return {mean, spread: Math.sqrt(variance + eps)};
};

// All numbers of a stage that the page has: shape (T, columns), the columns of `course.columns`.
course.values = (key, head) => {
  const stage = stages.get(key);
  return once(`${key} ${stage.heads ? head : ""}`, () =>
    stage.array === undefined ? ways[stage.how](stage, head) : perHead(stage, head),
  );
};
// which columns these are; null: all
course.columns = (stage) => stage.columns || null;

// What a small drawing shows: (T, strips), the means of neighboring columns where there are more columns than strips.
course.strips = (key, head) => {
  const stage = stages.get(key),
    [rows, width] = stage.shape;
  const count = Math.min(width, data.strips);
  if (stage.binned !== undefined) return {count, values: course.array(stage.binned)};
  const values = course.values(key, head);
  if (count === width) return {count, values};
  return once(`strips ${key} ${stage.heads ? head : ""}`, () => {
    const out = new Float64Array(rows * count);
    for (let i = 0; i < count; i++) {
      const [from, to] = course.strip(i, width);
      for (let r = 0; r < rows; r++) {
        let sum = 0;
        for (let c = from; c < to; c++) sum += values[r * width + c];
        out[r * count + i] = sum / (to - from);
      }
    }
    return {count, values: out};
  });
};
// the columns [from, to) of strip i
course.strip = (i, width) => [Math.floor((i * width) / data.strips), Math.floor(((i + 1) * width) / data.strips)];

// The magnitude that gets the darkest color: few outliers must not turn all others white.
course.limit = (key, head, values) =>
  once(`limit ${key} ${stages.get(key).heads ? head : ""} ${values.length}`, () => {
    const sizes = Array.from(values, Math.abs)
      .filter(Number.isFinite)
      .sort((a, b) => a - b);
    const most = sizes[sizes.length - 1] || 1,
      usual = sizes[Math.floor(sizes.length * 0.98)] || 0;
    return usual > 0 && most > 1.5 * usual ? usual : most;
  });
course.isShares = (stage) => stage.how === "softmax";
// a stage that only the page knows
course.addStage = (stage) => {
  data.stages.push(stage);
  stages.set(stage.key, stage);
};
// the largest magnitude of a stage
course.most = (key, head) =>
  course.values(key, head).reduce((most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most), 0);
// the token that takes most from another one, and that other one; the first token of a masked row has no choice
course.strongest = (key, head) => {
  const stage = course.stage(key),
    n = stage.shape[1],
    masked = course.masked(stage),
    values = course.values(key, head);
  let best = n > 1 && !stage.keysOf ? [Math.min(1, stage.shape[0] - 1), 0] : [0, 0];
  values.forEach((share, i) => {
    const [r, c] = [Math.floor(i / n), i % n];
    const other = stage.keysOf || (r !== c && (r > 0 || !masked));
    if (other && share > values[best[0] * n + best[1]]) best = [r, c];
  });
  return best;
};
// the number with which a stage opens: its largest, among those that open down to the weights
course.startCell = (stage, head) => {
  if (["scores", "mask", "softmax"].includes(stage.how))
    return course.strongest(stage.key.replace(/(scores|masked)$/, "weights"), head);
  // the first place is all sines of 0: the second says more
  if (stage.how === "waves") return [Math.min(1, stage.shape[0] - 1), Math.min(2, stage.shape[1] - 1)];
  const values = course.values(stage.key, head),
    columns = course.columns(stage),
    width = columns ? columns.length : stage.shape[1];
  let best = -1,
    at = 0;
  values.forEach((value, i) => {
    const size =
      Number.isFinite(value) && course.openable(stage, columns ? columns[i % width] : i % width) ? Math.abs(value) : 0;
    if (size > best) [best, at] = [size, i];
  });
  return [Math.floor(at / width), at % width];
};

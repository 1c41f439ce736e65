// The numbers as they were sent (see explorer_data.py), made into the maps of all heads, their sums and their measures.
const {data, bytes} = course;
const [L, H, T, S] = data.shape;
let at = 0;
const take = (n) => bytes.subarray(at, (at += n));
const cells = data.causal ? (T * (T + 1)) / 2 : T * S;

// every row but its last weight, which is what the others leave of 1, and a rounding
const others = take(L * H * (cells - T)),
  lasts = take(L * H * T);
const maps = new Uint8Array(L * H * cells);
let from = 0,
  to = 0;
lasts.forEach((last, row) => {
  for (let n = data.causal ? row % T : S - 1; n > 0; n--) last -= maps[to++] = others[from++];
  maps[to++] = last + 255;
});

// The heads in order, layer by layer.
course.place = (i) => ({l: Math.floor(i / H), h: i % H});

// One head as a function of row and column, in steps of 1/255.
course.head = ({l, h}) => {
  const base = (l * H + h) * cells;
  return data.causal ? (t, s) => (s > t ? 0 : maps[base + (t * (t + 1)) / 2 + s]) : (t, s) => maps[base + t * S + s];
};

course.keys = data.keys || data.tokens;
course.rest = take(L * H * S);
course.measured = (i, {l, h}) => {
  const {low, high} = data.measures[i];
  return low + (bytes[at + (i * L + l) * H + h] / 255) * (high - low);
};

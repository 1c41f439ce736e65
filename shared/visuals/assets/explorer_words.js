// What a head does, in sentences: the first line of the view, and what a screen reader hears.
const {data, make, keys} = course;
const [, H, T, S] = data.shape;
const across = Boolean(data.keys);

const two = (n) => n.toFixed(2);
const share = (value) => two(value / 255);
course.named = ({l, h}) => `Layer ${data.layers[l]}, head ${h}`;
const token = (list, i) => make("b", {class: "t"}, make("bdi", {text: list[i]}));
const asks = (t) => token(data.tokens, t);
const seen = (s) => token(keys, s);
const itself = (one, i, name) => (one === i && !across ? "itself" : name(one));
const times = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;

// How much a token receives in all: the rounded weights and the correction that was sent with them.
const received = ({l, h}, s) => {
  const at = course.head({l, h});
  let sum = 0;
  for (let t = 0; t < T; t++) sum += at(t, s);
  return sum / 255 + (course.rest[(l * H + h) * S + s] - 127) * data.step;
};
// ... and how much it would receive if every token spread its attention evenly over what it can see.
const even = (s) => {
  if (!data.causal) return T / S;
  let sum = 0;
  for (let t = s; t < T; t++) sum += 1 / (t + 1);
  return sum;
};

// The largest of some shares, in order: [[position, share in 255ths], …].
const ranked = (values) => values.map((value, i) => [i, value]).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
const list = (parts) => parts.flatMap((part, i) => (i === 0 ? part : [i === parts.length - 1 ? " and " : ", ", ...part]));

const row = (head, t, state) => {
  const at = course.head(head),
    places = [...Array(S).keys()].filter((s) => (!data.causal || s <= t) && state.allowed(t, s));
  if (!places.length) return [[asks(t), " does not belong to the part that is shown."], []];
  const order = ranked(places.map((s) => at(t, s))).map(([i, value]) => [places[i], value]);
  const [best, most] = order[0];
  const whole = state.part === "all";
  if (places.length === 1 && whole) return [[asks(t), " can look only at ", itself(best, t, seen), " (1.00)."], []];
  const flat = most / 255 < 1.5 / places.length && places.length > 2 && whole;
  const first = flat
    ? [asks(t), ` spreads its attention over ${times(places.length, "token")}, at most ${share(most)} on `, seen(best), "."]
    : [asks(t), most > 127 ? " looks mostly at " : " looks most at ", itself(best, t, seen), ` (${share(most)}).`];
  const next = order.slice(1, flat ? 1 : 4).filter(([, value]) => value > 2);
  const total = order.reduce((sum, [, value]) => sum + value, 0) / 255;
  const rest = (whole ? 1 : total) - [order[0], ...next].reduce((sum, [, value]) => sum + value / 255, 0);
  const others = places.length - 1 - next.length;
  const second = next.length
    ? ["Then ", ...list(next.map(([s, value]) => [seen(s), ` (${share(value)})`])), others > 0 ? `; ${others === 1 ? "one other shares" : `the other ${others} share`} ${two(Math.max(0, rest))}. ` : ". "]
    : [];
  // a row sums to 1 by the softmax; the page's own sum would only show the rounding
  if (whole) second.push(across ? "Its row adds up to 1.00." : `Its row adds up to 1.00; its column, what it receives, to ${two(received(head, t))} (${two(even(t))} if all looked evenly).`);
  else second.push(`About ${two(total)} of its attention lies in this part; the rest of its 1.00 lies outside.`);
  return [first, second];
};

const column = (head, s, state) => {
  const at = course.head(head);
  const places = [...Array(T).keys()].filter((t) => (!data.causal || s <= t) && state.allowed(t, s));
  if (!places.length) return [[seen(s), " does not belong to the part that is shown."], []];
  const order = ranked(places.map((t) => at(t, s))).map(([i, value]) => [places[i], value]);
  const [best, most] = order[0];
  const first = [seen(s), " is looked at most by ", itself(best, s, asks), ` (${share(most)}).`];
  const next = order.slice(1, 4).filter(([, value]) => value > 2);
  const second = next.length ? ["Then by ", ...list(next.map(([t, value]) => [asks(t), ` (${share(value)})`])), ". "] : [];
  if (state.part === "all")
    second.push(
      `Its column adds up to ${two(received(head, s))} from ${times(places.length, "token")}; if all spread their attention evenly it would be ${two(even(s))}.`,
    );
  return [first, second];
};

const cell = (head, t, s, state) => {
  if (data.causal && s > t)
    return [[asks(t), " may not look at ", seen(s), ": it comes later."], ["This model looks only back; the hatched triangle is masked before the softmax."]];
  if (!state.allowed(t, s)) return [["This cell lies outside the part that is shown."], []];
  const at = course.head(head),
    value = at(t, s);
  let rank = 1,
    of = 0;
  for (let i = 0; i < S; i++) {
    if (data.causal && i > t) continue;
    of += 1;
    if (at(t, i) > value) rank += 1;
  }
  const place = rank === 1 ? "its largest share" : `number ${rank} of its ${of} shares`;
  return [
    [asks(t), " gives ", itself(s, t, seen), ` ${(value / 255).toFixed(3)} of its attention.`],
    [`That is ${place}, shown to within 0.002. `, seen(s), ` receives ${two(received(head, s))} in all.`],
  ];
};

// What a head does on the whole text: the pattern that holds at least half of its attention, else how widely it looks.
const patterns = {
  "previous token": "the token just before them",
  "next token": "the token just after them",
  induction: "what followed the same token earlier",
  "same token": "other places with the same token",
  "first token": "the first token",
};
const whole = (head) => {
  const found = data.measures
    .map((m, i) => [m.name, course.measured(i, head)])
    .filter(([name, value]) => patterns[name] && value >= 0.5)
    .sort((a, b) => b[1] - a[1])[0];
  const at = course.head(head);
  const wide = data.measures.findIndex((m) => m.name === "entropy");
  const entropy = course.measured(wide, head);
  const first = found
    ? [`tokens look mostly at ${patterns[found[0]]} (${two(found[1])} on average).`]
    : [`a token spreads its attention, on average as widely as over ${Math.exp(entropy).toFixed(1)} equal shares.`];
  // the row that says it most clearly, but not one without a choice
  let best = [T - 1, 0, -1];
  for (let t = data.causal ? Math.min(1, T - 1) : 0; t < T; t++)
    for (let s = 0; s < S; s++) if (s !== (across ? -1 : t) && at(t, s) > best[2]) best = [t, s, at(t, s)];
  const second = best[2] > 0 ? ["Most clearly ", asks(best[0]), " → ", seen(best[1]), ` (${share(best[2])}). `] : [];
  return [first, second];
};

// How much of an average token's attention lies elsewhere in another head: half the sum of the differences.
const apart = (one, two) => {
  const [a, b] = [course.head(one), course.head(two)];
  let sum = 0;
  for (let t = 0; t < T; t++) for (let s = 0; s < (data.causal ? t + 1 : S); s++) sum += Math.abs(a(t, s) - b(t, s));
  return sum / 510 / T;
};

// One head's sentences in this state: [nodes of the first, nodes of the second].
course.tell = (head, state) => {
  const {q, k} = state;
  const [first, second] = q !== null && k !== null ? cell(head, q, k, state) : q !== null ? row(head, q, state) : k !== null ? column(head, k, state) : whole(head);
  return [[make("b", {text: `${course.named(head)}: `}), ...first], second];
};
course.differ = (one, two) => `On average ${Math.round(100 * apart(one, two))} % of a token's attention lies elsewhere in the second head. In the text the strip below is the second.`;

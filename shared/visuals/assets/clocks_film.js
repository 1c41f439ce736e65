// A film of clocks: one hand for each pair of numbers, and below them the row that the hands write.
const {data, make, view, mix, rgb, inkOn} = course;
const {places, speeds, colors} = data;
const count = speeds.length;
const holder = make("div", {class: "film"});

const number = (value) => {
  const text = value.toFixed(2);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
};

const show = (at) => {
  const size = Math.min(Math.max(view.clientWidth, 240), 760);
  // one row of clocks where each has room for its name; the height does not change with the frame
  const across = size < 420 ? Math.min(count, 4) : Math.min(count, 8);
  const down = Math.ceil(count / across);
  const cell = Math.min(size / across, 190);
  const round = cell / 2 - 8;
  const left = (size - across * cell) / 2;
  const strip = down * (cell + 18) + 34;
  const svg = make("svg", {width: size, height: strip + 40, role: "img", "aria-label": data.alt});
  svg.append(make("text", {x: 4, y: 18, class: "place", text: `place ${places[at].toLocaleString("en-US")}`}));
  const wide = size / (2 * count);
  speeds.forEach((speed, i) => {
    const x = left + ((i % across) + 0.5) * cell,
      y = 42 + Math.floor(i / across) * (cell + 18) + cell / 2;
    const turned = places[at] * speed,
      part = turned % (2 * Math.PI);
    const tip = [Math.sin(turned), Math.cos(turned)];
    const on = (way, far) => `${x + far * Math.sin(way)} ${y - far * Math.cos(way)}`;
    const ticks = Array.from({length: 12}, (_, hour) => `M${on((hour * Math.PI) / 6, round)}L${on((hour * Math.PI) / 6, round * (hour % 3 ? 0.9 : 0.84))}`);
    svg.append(
      make("text", {x, y: y - cell / 2, "text-anchor": "middle", text: `pair ${i}`}),
      make("circle", {cx: x, cy: y, r: round, class: "face"}),
      make("path", {d: `M${x} ${y}L${on(0, 0.9 * round)}A${0.9 * round} ${0.9 * round} 0 ${part > Math.PI ? 1 : 0} 1 ${on(part, 0.9 * round)}z`, fill: colors.face, "fill-opacity": 0.28}),
      make("path", {d: ticks.join(""), stroke: "#6B7280"}),
      make("line", {x1: x, y1: y, x2: x + 0.82 * round * tip[0], y2: y - 0.82 * round * tip[1], stroke: colors.hand, "stroke-width": 3.5, "stroke-linecap": "round", class: "hand"}),
      make("circle", {cx: x + 0.82 * round * tip[0], cy: y - 0.82 * round * tip[1], r: 5, fill: colors.hand}),
    );
    tip.forEach((value, k) => {
      const fill = mix(data.ramp, (value + 1) / 2);
      svg.append(make("rect", {x: (2 * i + k) * wide, y: strip, width: wide, height: 34, fill: rgb(fill), stroke: "#D1D5DB", "stroke-width": 0.5}));
      if (wide >= 36)
        svg.append(make("text", {x: (2 * i + k + 0.5) * wide, y: strip + 22, "text-anchor": "middle", style: `fill:${inkOn(fill)}`, class: "value", text: number(value)}));
    });
  });
  holder.replaceChildren(svg);
};
course.player({says: data.says, start: data.start, picture: holder, show});
document.body.dataset.ready = "yes";

// Attention maps drawn by the page: rows are queries, columns are keys, white is 0 and the darkest purple is 1.
const {data, make, mix, rgb, inkOn, unpack} = course;

(async () => {
  const weights = await unpack(data.maps);
  const [, T, S] = data.maps.shape;
  const holder = make("div", {class: "map"});
  let cells = [],
    numbers = [],
    width = 0;

  const cut = (text, letters) => (text.length > letters ? text.slice(0, letters - 1) + "…" : text);
  const longest = (labels, letters) => Math.max(...labels.map(([short]) => Math.min(short.length, letters)));

  const build = () => {
    const letters = width < 540 ? 7 : 14;
    const beside = 7.8 * longest(data.rows, letters) + 34;
    const cell = Math.min(46, Math.max(4, (width - beside - 8) / S));
    // upright where the widest label fits above its column, else standing on its head end
    const upright = 7.8 * longest(data.columns, letters) < cell;
    const above = (upright ? 18 : 7.8 * longest(data.columns, letters) + 6) + 22;
    const every = Math.ceil(15 / cell); // labels closer than a line would overlap
    const wide = beside + S * cell + 8,
      high = above + T * cell + 34;
    const svg = make("svg", {
      width: wide,
      height: high,
      viewBox: `0 0 ${wide} ${high}`,
      role: "img",
      "aria-label": data.alt,
    });
    const write = (text, x, y, extra = {}) => {
      const node = make("text", {x, y, text, ...extra});
      svg.append(node);
      return node;
    };
    const hint = (node, full) => node.append(make("title", {text: full}));

    write("key (is looked at) →", beside, 13, {class: "quiet"});
    write("query (asks) →", 0, 0, {class: "quiet", transform: `translate(12 ${above + T * cell}) rotate(-90)`});
    data.rows.forEach(([short, full], t) => {
      if (t % every === 0)
        hint(write(cut(short, letters), beside - 7, above + (t + 0.5) * cell + 4.5, {"text-anchor": "end"}), full);
    });
    data.columns.forEach(([short, full], s) => {
      const x = beside + (s + 0.5) * cell;
      if (s % every) return;
      hint(
        upright
          ? write(cut(short, letters), x, above - 7, {"text-anchor": "middle"})
          : write(cut(short, letters), 0, 0, {transform: `translate(${x + 4.5} ${above - 6}) rotate(-90)`}),
        full,
      );
    });
    const gap = cell > 14 ? 1.5 : 0.5;
    cells = [];
    numbers = [];
    for (let i = 0; i < T * S; i++) {
      const x = beside + (i % S) * cell,
        y = above + Math.floor(i / S) * cell;
      cells.push(
        make("rect", {x: x + gap / 2, y: y + gap / 2, width: cell - gap, height: cell - gap, rx: cell > 14 ? 3 : 0}),
      );
      if (data.numbers) numbers.push(make("text", {x: x + cell / 2, y: y + cell / 2 + 4.5, "text-anchor": "middle"}));
    }
    svg.append(
      make("rect", {
        x: beside - 0.5,
        y: above - 0.5,
        width: S * cell + 1,
        height: T * cell + 1,
        rx: 4,
        fill: "none",
        stroke: "#D1D5DB",
      }),
    );
    svg.append(...cells, ...numbers);

    // the scale, in the eighths that it is mixed from
    const foot = above + T * cell + 12,
      step = Math.min(14, (S * cell - 70) / 9);
    const left = step >= 6 ? beside : 8;
    write("0", left, foot + 12, {class: "quiet"});
    data.ramp.forEach((color, i) =>
      svg.append(
        make("rect", {
          x: left + 14 + i * Math.max(step, 8),
          y: foot + 2,
          width: Math.max(step, 8),
          height: 12,
          fill: color,
          stroke: "#D1D5DB",
          "stroke-width": 0.5,
        }),
      ),
    );
    write("1", left + 20 + 9 * Math.max(step, 8), foot + 12, {class: "quiet"});
    holder.replaceChildren(svg);
    holder.dataset.cell = cell;
  };

  const show = (at) => {
    const inside = course.view.clientWidth;
    if (inside && inside !== width) {
      width = inside;
      build();
    }
    const short = Number(holder.dataset.cell) < 36;
    cells.forEach((cell, i) => {
      const weight = weights[at * T * S + i];
      const color = mix(data.ramp, weight);
      cell.setAttribute("fill", rgb(color));
      if (!data.numbers) return;
      const text = weight.toFixed(2);
      numbers[i].textContent = short ? text.replace(/^0/, "") : text;
      numbers[i].style.fill = inkOn(color);
    });
  };
  course.player({says: data.says, start: data.start, picture: holder, show});
  document.body.dataset.ready = "yes";
})().catch(course.fail);

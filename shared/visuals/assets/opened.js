// The result, opened: a grid of its numbers with a cursor that keys and pointer move, and a pin that stays.
const {data, make, mix, rgb, inkOn} = course;

course.number = (value, digits) => {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
};

// Names of a row and a column of a matrix: their label where they have one, else their number.
course.rowName = (matrix, row) => (matrix.rowNames && matrix.rowNames[row]) || [String(row), `row ${row}`];
course.columnName = (matrix, column) =>
  (matrix.columnNames && matrix.columnNames[column]) || [String(column), `column ${column}`];

const printed = 8; // columns up to which the numbers stand in the cells

// show(r, c) is called when the cursor stands on a cell, with `said` true where the learner pinned it.
course.opened = (step, show) => {
  const {result, rows, columns} = step;
  const values = course.parts[step.value];
  const stops = result.shares ? data.weights : data.signed;
  let pin = step.start.slice(),
    cursor = pin;

  const cells = rows.map((row, r) =>
    columns.map((column, c) => {
      const value = values[r * columns.length + c];
      const color = mix(stops, result.shares ? value : (value / result.limit + 1) / 2);
      const place = `${course.rowName(result, row)[1]}, ${course.columnName(result, column)[1]}`;
      const name = `${place}: ${course.number(value, result.digits)}`;
      return make("td", {
        role: "gridcell",
        tabindex: -1,
        "aria-label": name,
        title: name,
        style: `background:${rgb(color)};color:${inkOn(color)}`,
        onfocus: () => {
          cursor = [r, c];
          mark();
          show(r, c, false);
        },
        onmouseenter: () => {
          cursor = [r, c];
          mark();
          show(r, c, false);
        },
        onclick: () => set(r, c),
      });
    }),
  );
  const mark = () =>
    cells.forEach((line, r) =>
      line.forEach((cell, c) => {
        const pinned = r === pin[0] && c === pin[1];
        cell.classList.toggle("pinned", pinned);
        cell.classList.toggle("cursor", r === cursor[0] && c === cursor[1]);
        cell.setAttribute("aria-selected", pinned);
      }),
    );
  const set = (r, c) => {
    cells[pin[0]][pin[1]].tabIndex = -1;
    pin = cursor = [r, c];
    cells[r][c].tabIndex = 0;
    mark();
    show(r, c, true);
  };
  const home = () => {
    cursor = pin;
    mark();
    show(...pin, false);
  };

  const heads = columns.map((column) => {
    const [name, full] = course.columnName(result, column);
    return make("th", {scope: "col", title: full}, make("span", {text: name}));
  });
  const table = make(
    "table",
    {
      role: "grid",
      "aria-label": `${result.name}, opened: ${step.chosen}. Arrow keys move, Enter pins.`,
      onmouseleave: () => {
        if (!table.contains(document.activeElement)) home();
      },
      onfocusout: (event) => {
        if (!table.contains(event.relatedTarget)) home();
      },
      onkeydown: (event) => {
        const [r, c] = cursor,
          last = [rows.length - 1, columns.length - 1];
        const to = {
          ArrowUp: [r - 1, c],
          ArrowDown: [r + 1, c],
          ArrowLeft: [r, c - 1],
          ArrowRight: [r, c + 1],
          Home: [r, 0],
          End: [r, last[1]],
          Enter: [r, c],
          " ": [r, c],
        }[event.key];
        if (!to || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        if (event.key === "Enter" || event.key === " ") return set(r, c);
        cells[Math.min(Math.max(to[0], 0), last[0])][Math.min(Math.max(to[1], 0), last[1])].focus();
      },
    },
    make("thead", {}, make("tr", {}, make("td"), ...heads)),
    make(
      "tbody",
      {},
      ...rows.map((row, r) => {
        const [name, full] = course.rowName(result, row);
        return make("tr", {}, make("th", {scope: "row", title: full, text: name}), ...cells[r]);
      }),
    ),
  );

  const end = result.shares
    ? ["0", "1"]
    : [result.limit, -result.limit].map((v) => course.number(v, Math.min(result.digits, 2))).reverse();
  const scale = make(
    "span",
    {class: "scale"},
    end[0],
    make("i", {style: `background:linear-gradient(90deg,${stops.join(",")})`}),
    end[1],
  );
  const axes =
    result.units[1] === "tokens" && result.units[0] === "tokens"
      ? "rows: query (asks) · columns: key (is looked at)"
      : "";
  const of = result.shape[0] > rows.length ? `first ${rows.length} of ${result.shape[0]} rows, ` : "";
  const node = make(
    "div",
    {class: "opened"},
    make(
      "div",
      {class: "above"},
      make(
        "h3",
        {},
        make("b", {text: result.name, style: `color:${data.concepts[result.concept].words}`}),
        " opened ",
        make("span", {class: "quiet", text: of + step.chosen}),
      ),
      scale,
    ),
    axes ? make("p", {class: "quiet axes", text: axes}) : null,
    table,
    make("p", {class: "quiet hint", text: "Point, or use the arrow keys; a click or Enter keeps a number."}),
  );

  // numbers and column names, as many decimals and letters as the width has room for
  const fit = () => {
    const wide = cells[0][0].clientWidth;
    if (!wide) return;
    if (columns.length <= printed) {
      const texts = cells.flat().map((_, i) => values[i]);
      let digits = result.digits;
      const longest = () => Math.max(...texts.map((v) => course.number(v, digits).length));
      while (digits > 0 && longest() * 7.9 > wide - 2 + (result.shares ? 7.9 : 0)) digits--;
      cells.flat().forEach((cell, i) => {
        const text = course.number(values[i], digits);
        cell.textContent = result.shares && text.length * 7.9 > wide - 2 ? text.replace(/^0/, "") : text;
      });
    }
    const names = columns.map((column) => course.columnName(result, column)[0]);
    if (result.columnNames)
      heads.forEach((head, c) => {
        head.firstChild.textContent =
          names[c].length * 7.8 > wide ? names[c].slice(0, Math.max(1, Math.floor(wide / 7.8) - 1)) + "…" : names[c];
      });
    else {
      const every = Math.ceil((8 * Math.max(...names.map((name) => name.length)) + 4) / wide);
      heads.forEach((head, c) => {
        head.firstChild.textContent = c % every ? "" : names[c];
      });
    }
  };
  cells[pin[0]][pin[1]].tabIndex = 0;
  mark();
  return {node, fit, home};
};

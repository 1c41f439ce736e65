// The cards of one section with their wires: the stream on the left, what branches off and joins it again beside it.
const {make} = course;
const {last, hue, isStream, sections, placeOf, told, shortName, badge, roving} = course.plan;

// go(section, key, far) opens a stage; far: the learner pointed at it, so it may have to be brought into view
course.cardsView = (go) => {
  const wires = make("svg", {class: "wires", "aria-hidden": "true"});
  const cards = make("div", {
    class: "cards",
    role: "group",
    "aria-label": "stages, in the order in which they are computed",
  });
  // the cards of a section; made anew for another section, repainted for another head
  let made = {section: null, head: null, buttons: []},
    shown = null;
  const show = (now) => {
    const {section} = now,
      {stages} = sections[section];
    if (made.section !== now.section) {
      const buttons = stages.map((stage, i) => {
        const [row, column] = placeOf(sections[section], i),
          memory = i === 1 && i < sections[section].enters;
        // in a strip the memory stands just before what is made from it
        const cut = stages.findIndex((other) => last(other.key) === "cross_q");
        const order = memory ? cut : i > 0 && i < cut ? i : i + 1;
        const button = make(
          "button",
          {
            type: "button",
            class: "card" + (isStream(stage) && !memory ? " onstream" : ""),
            style: `--hue:${hue(stage).line};--row:${row};--column:${column};--lane:${column === 1 || sections[section].output ? 1 : 2};--order:${order}`,
            "aria-label": `${stage.name}, shape ${stage.shape.join(" by ")}: ${memory ? "the memory, what the encoder made of the source" : told(stage)[0]}`,
            onclick: () => go(section, stage.key, true),
            onkeydown: (event) =>
              roving(buttons, (to) => {
                go(section, stages[to].key);
                buttons[to].focus();
              })(event),
          },
          make("span", {class: "name"}, badge(stage), make("b", {text: memory ? "memory" : shortName(stage)})),
          make("canvas"),
          make("span", {class: "mono", text: course.shapeText(stage.shape)}),
        );
        return button;
      });
      made = {section: now.section, head: null, buttons, stages};
      cards.replaceChildren(wires, ...buttons);
    }
    if (made.head !== now.head) {
      made.buttons.forEach((button, i) => {
        if (made.head !== null && !stages[i].heads && last(stages[i].key) !== "ids") return;
        course.paintCard(button.querySelector("canvas"), stages[i], now.head);
      });
      made.head = now.head;
    }
    made.buttons.forEach((button, i) => {
      const here = stages[i].key === now.key;
      button.tabIndex = here ? 0 : -1;
      if (here) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    const here = made.buttons.find((button) => button.tabIndex === 0);
    // in a strip that scrolls, the open card is brought to the middle
    cards.parentNode.scrollLeft = here.offsetLeft - (cards.parentNode.clientWidth - here.offsetWidth) / 2;
    shown = now;
    drawWires();
  };

  // lines from each stage to those that are made from it; the stream itself is the thick one
  const drawWires = () => {
    const {stages} = made,
      at = new Map(stages.map((stage, i) => [stage.key, made.buttons[i]]));
    const box = (node) => ({x: node.offsetLeft, y: node.offsetTop, w: node.offsetWidth, h: node.offsetHeight});
    wires.replaceChildren();
    // its old size must not stretch what is measured now
    for (const side of ["width", "height"]) wires.setAttribute(side, 0);
    wires.setAttribute("width", cards.scrollWidth);
    wires.setAttribute("height", cards.scrollHeight);
    const path = (from, to) => {
      const a = box(from),
        b = box(to),
        [ax, ay, bx, by] = [a.x + a.w / 2, a.y + a.h / 2, b.x + b.w / 2, b.y + b.h / 2];
      if (Math.abs(ay - by) < 4) return ax < bx ? `M${a.x + a.w} ${ay}H${b.x}` : `M${a.x} ${ay}H${b.x + b.w}`;
      const near = by - ay < a.h * 1.7 || to.classList.contains("onstream");
      if (Math.abs(ax - bx) < 4)
        return near ? `M${ax} ${a.y + a.h}V${b.y}` : `M${a.x + a.w} ${ay}h5V${by}H${b.x + b.w}`;
      if (b.x + b.w < a.x && to.classList.contains("onstream")) return `M${ax} ${a.y + a.h}V${by}H${b.x + b.w}`;
      if (from.classList.contains("onstream") && ax < bx) return `M${ax} ${a.y + a.h}V${by}H${b.x}`;
      // in a strip the stream lies above what branches off it
      if (to.classList.contains("onstream") && by < ay) return `M${ax} ${a.y}V${by}H${b.x}`;
      const middle = b.y - 6;
      return `M${ax} ${a.y + a.h}V${middle}H${bx}V${b.y}`;
    };
    const lines = [];
    stages.forEach((stage) =>
      stage.of.forEach((key) => {
        if (!at.has(key) || stages.indexOf(stage) < sections[made.section].enters) return;
        const from = course.stage(key),
          stream = isStream(stage) && at.get(key).classList.contains("onstream");
        const live = stage.key === shown.key || key === shown.key;
        lines.push([
          live,
          make("path", {
            d: path(at.get(key), at.get(stage.key)),
            class: (stream ? "stream " : "") + (live ? "live" : ""),
            pathLength: live ? 1 : null,
            style: live && !stream ? `stroke:${hue(stage.key === shown.key ? from : stage).line}` : null,
          }),
        ]);
      }),
    );
    wires.append(...lines.sort((a, b) => a[0] - b[0]).map(([, node]) => node));
  };
  return {node: make("div", {class: "strip"}, cards), show, drawWires};
};

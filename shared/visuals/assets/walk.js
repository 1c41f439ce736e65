// A walk: the rail of its steps, the equation, the matrices to scale, the opened result, the reason of one number.
const {data, make, unpack, view, inkOn} = course;

const badge = (matrix) => {
  const {color, line, letter} = data.concepts[matrix.concept];
  const parts = [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
  return make("i", {
    class: "badge",
    "aria-hidden": "true",
    text: letter,
    style: `background:${color};border-color:${line};color:${inkOn(parts)}`,
  });
};
const chip = (matrix) =>
  make(
    "span",
    {class: "chip"},
    // the letter of the residual stream is also a name: beside "scores" or "W_o" it would say something else
    ...(matrix.concept === "residual" && matrix.name !== "X" ? [] : [badge(matrix)]),
    make("b", {text: matrix.name, style: `color:${data.concepts[matrix.concept].words}`}),
    make("span", {class: "mono", text: course.shapeText(matrix)}),
  );
const sign = (text) => make("span", {class: "sign", text});

const equation = (step) => {
  const {left, right, result, how} = step;
  const root = Math.abs(step.dividedBy ** 2 - left.shape[1]) < 1e-6 * left.shape[1];
  const middle = {
    product: () => [
      chip(left),
      sign("×"),
      chip(right),
      ...(step.dividedBy !== 1
        ? [sign(root ? `÷ √${left.shape[1]}` : `÷ ${Number(step.dividedBy.toPrecision(4))}`)]
        : []),
      ...(step.bias !== null ? [sign("+ bias")] : []),
      ...(step.relu ? [sign("→ ReLU")] : []),
    ],
    softmax: () => [sign("softmax of"), chip(left)],
    sum: () => [chip(left), sign("+"), chip(right)],
    lookup: () => [sign("rows of"), chip(right), sign("at"), chip(left)],
  }[how]();
  return make("p", {class: "equation"}, ...middle, sign("="), chip(result));
};

(async () => {
  course.parts = await Promise.all(data.parts.map(unpack));
  const last = data.steps.length - 1;
  let now = 0,
    shown = null;

  const heading = make("h2"),
    says = make("p", {class: "says"});
  const place = make("div");
  const buttons = data.steps.map((step, i) => {
    const {line} = data.concepts[step.result.concept];
    return make("button", {
      type: "button",
      "aria-label": `step ${i + 1} of ${last + 1}: ${step.title}`,
      title: step.title,
      style: `--hue:${line}`,
      text: step.mark || i + 1,
      onclick: () => go(i),
      onkeydown: (event) => {
        const to = {ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0, End: last}[event.key];
        if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        go(Math.min(Math.max(to, 0), last));
        buttons[now].focus();
      },
    });
  });
  const back = make("button", {type: "button", onclick: () => go(now - 1), text: "← Back"});
  const next = make("button", {type: "button", class: "next", onclick: () => go(now + 1), text: "Next →"});
  if (last > 0)
    view.append(
      make(
        "nav",
        {class: "rail", "aria-label": "steps"},
        make("div", {class: "stops"}, ...buttons),
        make("div", {class: "ways"}, back, next),
      ),
    );
  view.append(make("div", {"aria-live": "polite"}, heading, says), place);

  const go = (to) => {
    if (to < 0 || to > last) return;
    now = to;
    const step = data.steps[now];
    heading.textContent = step.title;
    says.textContent = step.says;
    buttons.forEach((button, i) => {
      button.tabIndex = i === now ? 0 : -1;
      if (i === now) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
    });
    back.setAttribute("aria-disabled", now === 0);
    next.setAttribute("aria-disabled", now === last);
    let drawing = course.drawing(step);
    const reason = course.reason(step);
    const opened = course.opened(step, (r, c, said) => {
      drawing.light(r, c);
      reason.show(r, c, said);
    });
    place.replaceChildren(
      equation(step),
      make("div", {class: "panels"}, drawing.node, make("div", {class: "right"}, opened.node, reason.node)),
    );
    const redraw = () => {
      const fresh = course.drawing(step);
      drawing.node.replaceWith(fresh.node);
      drawing = fresh;
      opened.home();
    };
    shown = {opened, redraw};
    opened.fit();
    opened.home();
  };
  go(0);
  course.onRoom(() => {
    shown.opened.fit();
    shown.redraw();
  });
  document.body.dataset.ready = "yes";
})().catch(course.fail);

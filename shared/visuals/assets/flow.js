// The flow: the tour above, the layers along the stream, the cards of one layer, and the stage that is open.
const {data, make, view} = course;
const {model} = data;

const {last, hue, badge, headsOf, layerTitle, roving, sections, told} = course.plan;
const {stops} = course;

(async () => {
  await course.load();
  await course.loadChances();
  const now = {section: 0, key: sections[0].stages[0].key, head: model.first[1], stop: 0};
  const cells = new Map(); // the cell that was last looked at, for each kind of stage

  const heading = make("h2"),
    says = make("p", {class: "says"}),
    reading = make("p", {class: "reads"}),
    count = make("span", {class: "count mono"}),
    live = make("p", {class: "unseen", "aria-live": "polite"});
  const back = make("button", {type: "button", text: "← Back", onclick: () => tour(now.stop - 1)});
  const next = make("button", {type: "button", class: "next", text: "Next →", onclick: () => tour(now.stop + 1)});
  const tour = (to) => {
    if (to < 0 || to >= stops.length) return;
    const at = stops[to];
    now.stop = to;
    go(at.section, at.key, to);
  };

  const sectionButtons = sections.map((section, i) =>
    make("button", {
      type: "button",
      text: section.name,
      "aria-label": section.title,
      onclick: () => visit(i),
      onkeydown: (event) =>
        roving(sectionButtons, (to) => {
          visit(to);
          sectionButtons[to].focus();
        })(event),
    }),
  );
  // the same kind of stage in another layer, if it has one
  const visit = (to) => {
    const {stages, enters, output} = sections[to];
    const same = stages.find((stage, i) => i >= enters && last(stage.key) === last(now.key));
    go(to, (same || stages[output ? stages.length - 1 : enters]).key);
  };
  const headCanvases = Array.from({length: model.heads}, () => make("canvas"));
  const headButtons = headCanvases.map((canvas, h) =>
    make(
      "button",
      {
        type: "button",
        role: "radio",
        "aria-label": `head ${h}`,
        title: `head ${h}`,
        onclick: () => chooseHead(h),
        onkeydown: (event) =>
          roving(headButtons, (to) => {
            chooseHead(to);
            headButtons[to].focus();
          })(event),
      },
      canvas,
      make("span", {text: h}),
    ),
  );
  const chooseHead = (h) => {
    now.head = h;
    const stage = course.stage(now.key);
    go(now.section, stage.heads ? now.key : headsOf(sections[now.section], now.key));
  };
  const heads = make(
    "div",
    {class: "heads", role: "radiogroup", "aria-label": "head"},
    make("span", {class: "quiet", text: "head"}),
    ...headButtons,
  );

  const opened = make("div", {class: "stage"});
  const whole = course.wholeView((section, key) => go(section, key));
  const cards = course.cardsView((section, key, far) => {
    go(section, key);
    if (far) opened.firstChild.scrollIntoView({block: "nearest"});
  });
  const body = make(
    "div",
    {class: "body", style: `--layer:${Math.max(34, Math.min(...(course.plan.isPair ? [140, Math.floor(480 / model.layers)] : [88, Math.floor(520 / model.layers)])))}px`},
    make("div", {class: "map"}, heads, cards.node),
    opened,
    whole,
  );
  view.append(
    make(
      "header",
      {class: "tour"},
      make("div", {class: "ways"}, back, next, count),
      make("div", {"aria-live": "polite"}, heading, says, reading),
    ),
    make("nav", {class: "sections", "aria-label": "layers"}, ...sectionButtons),
    body,
    live,
  );

  let shown = null;
  const sayReason = () => {
    live.textContent = [...opened.querySelectorAll(".reason h3, .reason .line, .reason p")]
      .map((node) => node.textContent)
      .join(". ");
  };
  const openStage = () => {
    const stage = course.stage(now.key),
      layer = layerTitle(stage),
      head = stage.heads ? ` · head ${now.head}` : "";
    const title = make(
      "h3",
      {class: "title"},
      badge(stage),
      make("b", {text: stage.name, style: `color:${hue(stage).words}`}),
      " ",
      make("span", {class: "mono", text: course.shapeText(stage.shape)}),
      make("span", {class: "quiet", text: ` ${layer}${head}`}),
    );
    const made = course.formula(stage, (key) => {
      const {stages} = sections[now.section];
      const near = stages.includes(course.stage(key))
        ? now.section
        : sections.findIndex((s) => s.stages.includes(course.stage(key)));
      go(near, key);
      opened.querySelector(".grid, .bars button, input")?.focus();
    });
    const equation = made.length
      ? make("p", {class: "equation"}, make("span", {class: "sign", text: "="}), ...made)
      : null;
    const place = make("div", {class: "numbers"}),
      reason = make("div");
    // the first picture is the whole way
    body.classList.toggle("opening", stage.how === "ids");
    opened.replaceChildren(...[title, equation, place, reason].filter(Boolean));
    shown = null;
    if (stage.how === "ids")
      place.append(course.tokenBoxes(stage), make("p", {class: "quiet note", text: course.precision()}));
    else if (stage.key === "logits") course.logitsView(stage, place, reason, sayReason);
    else if (stage.key === "probabilities") course.probabilitiesView(place, reason, sayReason);
    else {
      const columns = course.columns(stage);
      const carried = columns ? columns.length : stage.shape[1];
      const kind = `${last(stage.key)} ${carried}`;
      const start = cells.get(kind) || course.startCell(stage, now.head);
      const map = course.largeMap(stage, now.head, start, (r, c, said) => {
        cells.set(kind, [r, c]);
        course.explain(reason, stage, now.head, r, c, (row, column) => {
          map.move(row, column, true);
          map.grid.focus();
        });
        if (said) sayReason();
      });
      const most = course.most(stage.key, now.head);
      const axes = ["scores", "mask", "softmax"].includes(stage.how)
        ? make("p", {
            class: "quiet axes",
            text: stage.keysOf
              ? "rows: target (asks) · columns: source (is looked at)"
              : "rows: query (asks) · columns: key (is looked at)",
          })
        : null;
      const text = course.note(stage, {wide: map.wide, cut: !map.shares && most > map.limit * 1.001, limit: map.limit});
      place.append(
        ...[course.scaleOf(map), axes, map.node, text ? make("p", {class: "quiet note", text}) : null].filter(Boolean),
      );
      map.begin();
      shown = map;
    }
  };

  const go = (section, key, stopAt) => {
    now.section = section;
    now.key = key;
    if (stopAt === undefined) {
      const exact = stops.findIndex((s) => s.key === key && !s.title);
      const alike = stops.findIndex((s) => last(s.key) === last(key) && !s.title);
      now.stop = exact >= 0 ? exact : alike >= 0 ? alike : now.stop;
    }
    const stage = course.stage(key),
      at = stops[now.stop],
      special = stopAt !== undefined && at.title;
    heading.textContent = special ? at.title : told(stage)[0];
    says.textContent = special ? at.says : told(stage)[1];
    reading.textContent = special ? "" : course.reads(stage, now.head);
    count.textContent = `${now.stop + 1} of ${stops.length}`;
    back.setAttribute("aria-disabled", now.stop === 0);
    next.setAttribute("aria-disabled", now.stop === stops.length - 1);
    sectionButtons.forEach((button, i) => {
      button.tabIndex = i === section ? 0 : -1;
      if (i === section) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    });
    const {layer} = sections[section],
      maps = layer === undefined ? null : headsOf(sections[section], key);
    heads.hidden = layer === undefined;
    whole.hidden = layer !== undefined;
    if (layer !== undefined)
      headButtons.forEach((button, h) => {
        button.setAttribute("aria-checked", h === now.head);
        button.tabIndex = h === now.head ? 0 : -1;
        if (button.dataset.maps !== maps) {
          button.dataset.maps = maps;
          course.paintSmall(headCanvases[h], maps, h);
        }
      });
    cards.show(now);
    openStage();
  };
  go(0, sections[0].stages[0].key, 0);
  course.onRoom(() => {
    cards.drawWires();
    if (shown) shown.paint();
  });
  document.body.dataset.ready = "yes";
})().catch(course.fail);

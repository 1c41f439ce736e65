// A sentence with one hidden word, and two readers: what each sees around the gap, and what it guesses.
const {data, make, view} = course;

(() => {
  const percent = (chance) => (chance >= 0.01 ? `${Math.round(100 * chance)} %` : "under 1 %");
  let sentence = 0,
    which = data.start;

  const choose = make("div", {class: "row", role: "group", "aria-label": "sentence"});
  const ask = make("p", {class: "ask", text: "Hide a word:"});
  const words = make("div", {class: "row words", role: "group", "aria-label": "word to hide"});
  const readers = make("div", {class: "readers", role: "group", "aria-label": data.alt});
  const says = make("p", {class: "says", "aria-live": "polite"});

  const reader = (r, text, hidden) =>
    make("section", {class: "reader", "aria-label": data.names[r]},
      make("h4", {text: r ? `${data.names[r]} looks back` : `${data.names[r]} looks to both sides`}),
      make("div", {class: "chips"}, ...text.map((word, i) => {
        const kind = i === hidden.at ? "gap" : hidden.sees[r][i] ? "seen" : "unseen-word";
        const chip = make("span", {class: `chip ${kind}`, text: kind === "gap" ? "?" : word});
        if (kind === "seen") chip.style.background = data.tint + "2e";
        return chip;
      })),
      ...hidden.rows[r].map(([word, chance, hit]) => {
        const fill = make("div", {class: "fill"});
        fill.style.width = `${100 * Math.min(chance, 1)}%`;
        if (hit) fill.style.background = data.tint;
        return make("div", {class: hit ? "bar hit" : "bar"},
          make("span", {class: "name", text: word, title: word}),
          make("div", {class: "track"}, fill),
          make("span", {class: "chance", text: percent(chance)}));
      })); // prettier-ignore

  const draw = () => {
    const {words: text, hidden: all} = data.sentences[sentence];
    const hidden = all[which];
    [...choose.children].forEach((button, i) => button.setAttribute("aria-pressed", i === sentence));
    [...words.children].forEach((button) => button.setAttribute("aria-pressed", Number(button.dataset.at) === hidden.at));
    readers.replaceChildren(reader(0, text, hidden), reader(1, text, hidden));
    const count = (r) => hidden.sees[r].filter(Boolean).length;
    const seen = (r) => `${data.names[r]} sees ${count(r)} of ${text.length - 1} words and gives it ${percent(hidden.truth[r])}`;
    says.textContent = `“${text[hidden.at]}”, word ${hidden.at + 1}, is hidden. ${seen(0)}; ${seen(1)}.`;
  };

  const open = (i, at) => {
    sentence = i;
    which = at;
    const {words: text, hidden: all} = data.sentences[i];
    words.replaceChildren(...text.map((word, t) => {
      const found = all.findIndex((one) => one.at === t);
      const button = make("button", {type: "button", text: word, "data-at": t, onclick: () => {
        which = found;
        draw();
      }});
      button.disabled = found < 0;
      return button;
    })); // prettier-ignore
    draw();
  };

  if (data.sentences.length > 1)
    choose.append(...data.sentences.map((one, i) => {
      const whole = one.words.join(" ");
      const text = whole.length > 26 ? whole.slice(0, 25) + "…" : whole;
      return make("button", {type: "button", text, title: whole, onclick: () => open(i, 0)});
    })); // prettier-ignore
  if (data.sentences.length > 1) view.append(choose);
  view.append(ask, words, readers, says);
  open(0, data.start);
  document.body.dataset.ready = "yes";
})();

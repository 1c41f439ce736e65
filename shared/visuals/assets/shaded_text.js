// A text whose words are shaded by one of several measurements. Buttons choose it; a word that is pointed at tells its number.
const {data, make, unpack, view} = course;

(async () => {
  const values = await unpack(data.values);
  const T = data.tokens.length;
  const said = (n) => (Math.abs(n) < 0.005 ? 0 : n).toFixed(2).replace("-", "−");
  let row = 0,
    word = 0;
  const at = (t) => values[row * T + t];

  const buttons = data.names.map((name, i) =>
    make("button", {type: "button", text: name, onclick: () => {
      row = i;
      word = best();
      draw();
    }}),
  ); // prettier-ignore
  const best = () => data.tokens.reduce((top, _, t) => (at(t) > at(top) ? t : top), 0);
  const words = data.tokens.map((token, t) =>
    make("span", {class: "word", role: "option", text: token, onclick: () => point(t, true), onmouseenter: () => point(t, false)}),
  );
  const text = make("div", {class: "text", role: "listbox", "aria-label": data.alt}, ...words);
  const says = make("p", {class: "says", "aria-live": "polite"});
  const top = make("p", {class: "top"});

  const point = (t, focus) => {
    word = t;
    draw();
    if (focus) words[t].focus();
  };
  text.addEventListener("keydown", (event) => {
    const by = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1}[event.key];
    if (!by) return;
    event.preventDefault();
    point((word + by + T) % T, true);
  });

  const draw = () => {
    const most = Math.max(at(best()), 1e-9);
    words.forEach((span, t) => {
      const share = Math.max(at(t) / most, 0);
      span.style.background = data.color + Math.round(217 * share).toString(16).padStart(2, "0");
      span.setAttribute("tabindex", t === word ? 0 : -1);
      span.setAttribute("aria-selected", t === word);
      span.classList.toggle("here", t === word);
    });
    buttons.forEach((button, i) => button.setAttribute("aria-pressed", i === row));
    says.textContent = `${data.names[row]}: ${data.what} ${said(at(word))} at “${data.tokens[word]}”, word ${word + 1} of ${T}.`;
    const highest = new Map(); // each word once, with its highest number
    data.tokens.forEach((token, t) => highest.set(token, Math.max(at(t), highest.get(token) ?? -Infinity)));
    const list = [...highest].sort((a, b) => b[1] - a[1]).slice(0, data.top);
    top.textContent = "Highest: " + list.map(([token, n]) => `${token} ${said(n)}`).join(" · ");
  };

  view.append(make("div", {class: "names", role: "group", "aria-label": "what is shown"}, ...buttons), text, says, top);
  word = best();
  draw();
  document.body.dataset.ready = "yes";
})().catch(course.fail);

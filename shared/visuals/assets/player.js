// Play, step and slide through frames. Nothing starts by itself, so reduced motion needs no special case here.
const {make, view} = course;

const icon = (path) =>
  make("svg", {width: 14, height: 14, viewBox: "0 0 14 14", "aria-hidden": "true"}, make("path", {d: path}));
const icons = {
  back: "M10 1 4 7l6 6z",
  next: "M4 1l6 6-6 6z",
  play: "M3 1l10 6-10 6z",
  pause: "M2 1h4v12H2zM8 1h4v12H8z",
};

// says: a sentence for each frame; show(i) draws frame i; picture: the element that is drawn on.
course.player = ({says, start, picture, show}) => {
  const last = says.length - 1;
  let now = start,
    timer = null;

  const words = make("p", {class: "says", "aria-live": "polite"});
  const back = make(
    "button",
    {type: "button", "aria-label": "previous frame", title: "previous frame (←)", onclick: () => go(now - 1)},
    icon(icons.back),
  );
  const next = make(
    "button",
    {type: "button", "aria-label": "next frame", title: "next frame (→)", onclick: () => go(now + 1)},
    icon(icons.next),
  );
  const play = make("button", {
    type: "button",
    class: "play",
    title: "play or pause (space)",
    onclick: () => (timer ? stop() : run()),
  });
  const slider = make("input", {
    type: "range",
    min: 0,
    max: last,
    step: 1,
    "aria-label": "frame",
    oninput: () => go(Number(slider.value)),
  });
  const at = make("span", {class: "at"});
  view.append(
    picture,
    words,
    make("div", {class: "player", role: "group", "aria-label": "animation"}, back, play, next, slider, at),
  );

  const draw = () => {
    words.textContent = says[now];
    at.textContent = `frame ${now + 1} of ${last + 1}`;
    slider.value = now;
    slider.setAttribute("aria-valuetext", `frame ${now + 1} of ${last + 1}: ${says[now]}`);
    // a button that goes dead would drop the keyboard's place in the page
    back.setAttribute("aria-disabled", now === 0);
    next.setAttribute("aria-disabled", now === last);
    play.replaceChildren(icon(timer ? icons.pause : icons.play), timer ? "Pause" : "Play");
    show(now);
  };
  const move = (to) => {
    now = Math.min(Math.max(to, 0), last);
    draw();
  };
  const go = (to) => {
    stop();
    move(to);
  };
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    words.setAttribute("aria-live", "polite");
    draw();
  };
  // a frame stays as long as its sentence takes to read
  const stay = () => Math.min(4500, Math.max(1200, 42 * says[now].length));
  const tick = () => {
    if (now === last) return stop();
    move(now + 1);
    timer = setTimeout(tick, stay());
  };
  const run = () => {
    // a screen reader cannot keep up with a playing animation: it reads again after the stop
    words.setAttribute("aria-live", "off");
    timer = setTimeout(tick, now === last ? 600 : 300);
    move(now === last ? 0 : now);
  };

  const keys = {
    ArrowLeft: () => go(now - 1),
    ArrowRight: () => go(now + 1),
    ArrowDown: () => go(now - 1),
    ArrowUp: () => go(now + 1),
    Home: () => go(0),
    End: () => go(last),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const onButton = event.target.tagName === "BUTTON";
    if (event.key === " " && onButton) return;
    // up and down scroll the page, unless the slider has the focus
    if (/Up|Down/.test(event.key) && event.target !== slider) return;
    const act = event.key === " " ? () => play.click() : keys[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });

  // the sentences differ in length; the controls below them must not jump
  const settle = () => {
    words.style.minHeight = "0";
    const heights = says.map((sentence) => {
      words.textContent = sentence;
      return words.offsetHeight;
    });
    words.style.minHeight = Math.max(...heights) + "px";
    words.textContent = says[now];
  };
  const fit = () => {
    settle();
    show(now);
  };
  draw();
  fit();
  course.onRoom(fit);
};

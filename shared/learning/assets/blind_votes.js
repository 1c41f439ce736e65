// Blind votes: one round at a time, two texts without names; a vote shows the names and is final.

function render({ model, el }) {
  const content = JSON.parse(model.get("content"));
  const status = make("div", { class: "learn-status", role: "status" });
  const count = content.rounds.length;
  const state = () => JSON.parse(model.get("state"));
  const firstOpen = () => state().voted.findIndex((side) => side === null);
  let place = Math.max(firstOpen(), 0);

  const heading = make("p", { class: "learn-quiet", tabindex: "-1" });
  const prompt = make("p", {});
  const texts = make("div", { style: "display:grid;grid-template-columns:repeat(auto-fit,minmax(min(240px,100%),1fr));gap:12px" });
  const votes = make("div", { style: "display:flex;flex-wrap:wrap;gap:8px;margin:12px 0" });
  const told = make("p", {});
  const go = (by) => {
    place = Math.min(Math.max(place + by, 0), count - 1);
    status.replaceChildren();
    update();
    heading.focus();
  };
  const back = control("button", { type: "button", class: "learn-check", onclick: () => go(-1) }, "Round before");
  const next = control("button", { type: "button", class: "learn-check", onclick: () => go(1) }, "Next round");
  const buttons = Object.entries(content.sides).map(([side, label]) =>
    control("button", { type: "button", class: "learn-check", onclick: () => ask(model, { do: "vote", round: place, side }, status) }, label));
  votes.append(...buttons);

  const allow = (button, may) => {
    button.disabled = !may;
    button.style.opacity = may ? "" : "0.45"; // a button that does nothing looks like one
  };
  const update = () => {
    const { voted, names, notice } = state();
    const done = voted.filter((side) => side !== null).length;
    heading.textContent = `Round ${place + 1} of ${count}; ${done} ${done === 1 ? "vote" : "votes"} so far`;
    prompt.replaceChildren(make("strong", {}, "The beginning: "), content.rounds[place].prompt);
    texts.replaceChildren(...content.rounds[place].texts.map((text, i) => {
      const side = i ? "right" : "left";
      const chosen = voted[place] === side;
      return make("section", { "aria-label": `${side} text`, style: `border:${chosen ? 3 : 1}px solid #6B7280;border-radius:8px;padding:8px 12px;overflow-wrap:anywhere` },
        make("p", { class: "learn-quiet" }, i ? "Right" : "Left"), make("p", { style: "white-space:pre-wrap" }, text));
    }));
    const over = voted[place] !== null;
    buttons.forEach((button) => allow(button, !over));
    told.textContent = over ? `You said: ${content.sides[voted[place]].toLowerCase()}. Left was ${names[place][0]}, right was ${names[place][1]}.` : "";
    allow(back, place > 0);
    allow(next, place < count - 1);
    const lines = [noteLine(notice), done === count ? make("p", {}, "All rounds have a vote, and all votes are kept. Read on: the ratings come further down.") : null];
    status.replaceChildren(...lines.filter(Boolean));
  };
  model.on("change:state", update);
  update();
  const moves = make("div", { style: "display:flex;gap:8px" }, back, next);
  const title = make("div", { class: "learn-title" }, content.title);
  el.append(hideStandIn(content), make("section", { class: "learn", "aria-label": content.title }, title, heading, prompt, texts, votes, told, moves, status));
  return () => model.off("change:state", update);
}

export default { render };

// Switches for heads: one may be silent; losses and chances are looked up.
const {data, make, view} = course;

let off = data.start; // 0: all at work, else 1 + layer · heads + head
let at = 0; // the prompt
const name = (row) => `layer ${Math.floor((row - 1) / data.heads)}, head ${(row - 1) % data.heads}`;
const percent = (value) => (value > 0 && value < 0.005 ? "< 1 %" : `${Math.round(100 * value)} %`);

const choose = (row) => {
  off = row === off ? 0 : row;
  draw();
};
const switches = [];
const grid = make("div", {class: "switches", role: "group", "aria-label": "heads; press one to silence it"});
for (let layer = 0; layer < data.layers; layer++) {
  const line = make("div", {class: "line"}, make("span", {class: "layer", text: `layer ${layer}`}));
  for (let head = 0; head < data.heads; head++) {
    const row = 1 + layer * data.heads + head;
    const button = make("button", {type: "button", text: String(head), "aria-label": `silence ${name(row)}`, onclick: () => choose(row)});
    switches.push([row, button]);
    line.append(button);
  }
  grid.append(line);
}
const all = make("button", {type: "button", class: "all", text: "all at work", onclick: () => choose(0)});
const losses = make("div", {class: "losses"});
const prompts = data.prompts.map((prompt, i) =>
  make("button", {type: "button", class: "prompt", text: `${prompt.text} …`, onclick: () => {
    at = i;
    draw();
  }}),
); // prettier-ignore
const bars = make("div", {class: "bars"});
const says = make("p", {class: "says", "aria-live": "polite"});

const draw = () => {
  for (const [row, button] of switches) {
    button.setAttribute("aria-pressed", row === off);
    button.classList.toggle("off", row === off);
  }
  all.setAttribute("aria-pressed", off === 0);
  prompts.forEach((button, i) => button.setAttribute("aria-pressed", i === at));
  losses.replaceChildren(
    ...data.losses.map(({name, values}) => {
      const more = values[off] - values[0];
      const change = off ? ` (${more < 0 ? "−" : "+"}${Math.abs(more).toFixed(2)})` : "";
      return make("p", {text: `loss on ${name}: ${values[off].toFixed(2)} nats${change}`});
    }),
  );
  const prompt = data.prompts[at];
  bars.replaceChildren(
    ...prompt.words.map((word, i) => {
      const [before, now] = [prompt.chances[0][i], prompt.chances[off][i]];
      const track = make("span", {class: "track"});
      track.append(make("span", {class: "now", style: `width:${100 * now}%;background:${data.color}`}));
      track.append(make("span", {class: "before", style: `left:${100 * before}%`}));
      return make("div", {class: "bar"}, make("span", {class: "word", text: word}), track, make("span", {class: "number", text: percent(now)}));
    }),
  );
  const best = (row) => prompt.chances[row].indexOf(Math.max(...prompt.chances[row]));
  const [old, now] = [prompt.words[best(0)], prompt.words[best(off)]];
  says.textContent = off === 0
    ? `All heads at work: “${old}” is first.`
    : `Without ${name(off)}: “${now}” is first${old === now ? ", as before" : `, not “${old}”`}. The black marks show all heads at work.`; // prettier-ignore
};

const left = make("div", {class: "side"}, make("p", {class: "title", text: "Press a head to silence it"}), grid, all, losses);
const right = make("div", {class: "side"}, make("p", {class: "title", text: "What comes next?"}), make("div", {class: "prompts"}, ...prompts), bars);
view.append(make("div", {class: "both"}, left, right), says);
draw();
document.body.dataset.ready = "yes";

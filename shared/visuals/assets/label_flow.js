// A drawing with numbered blanks: a menu for each, a check that explains, the full drawing when all are right.
const {data, make, view} = course;

const picture = make("img", {src: data.empty, alt: data.alt, class: "flow"});
picture.style.maxWidth = `${data.width}px`;
picture.style.minWidth = `${Math.min(620, data.width)}px`;
const menus = data.blanks.map((blank, i) => {
  const name = `blank-${i}`;
  const select = make("select", {id: name}, make("option", {value: "", text: "choose …"}),
    ...data.labels.map((label) => make("option", {value: label, text: label})));
  const said = make("p", {class: "said", id: `said-${i}`});
  select.setAttribute("aria-describedby", said.id);
  const label = make("label", {for: name}, make("span", {class: "number", text: String(i + 1)}));
  label.append(make("span", {class: "unseen", text: `blank ${i + 1}`}));
  return {blank, select, said, node: make("div", {class: "blank"}, label, select, said)};
});
const sum = make("p", {class: "sum", role: "status"});

const check = () => {
  let right = 0, chosen = 0;
  for (const {blank, select, said, node} of menus) {
    const given = select.value;
    const good = given === blank.answer;
    right += good;
    chosen += given !== "";
    node.dataset.good = given === "" ? "" : String(good);
    if (given === "") said.textContent = "";
    else if (good) said.textContent = `✓ ${blank.why}`;
    else said.textContent = `✗ ${blank.traps[given] ?? data.otherwise}`;
  }
  const all = right === menus.length;
  picture.src = all ? data.full : data.empty;
  picture.alt = all ? "The complete drawing: every box carries the label that is chosen for it below." : data.alt;
  if (all) sum.textContent = `All ${right} right. The drawing is complete.`;
  else if (chosen === 0) sum.textContent = "Nothing is chosen yet. A guess costs nothing.";
  else sum.textContent = `${right} of ${menus.length} right` + (chosen < menus.length ? `, ${menus.length - chosen} still open.` : ".");
};
// a reason belongs to the choice that it was given for
for (const menu of menus) {
  menu.select.addEventListener("change", () => {
    menu.said.textContent = "";
    menu.node.dataset.good = "";
  });
}
view.append(
  // a narrow drawing has room for the menus beside it
  make("div", {class: data.width <= 420 ? "sheet beside" : "sheet"},
    make("div", {class: "scroll"}, picture),
    make("div", {class: "blanks"}, ...menus.map(({node}) => node))),
  make("div", {class: "end"}, make("button", {type: "button", class: "main", text: "Check", onclick: check}), sum),
);
document.body.dataset.ready = "yes";

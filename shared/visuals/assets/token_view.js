// A text is typed, and cut into tokens at once: byte-level BPE (see shared/text/bpe.py) and WordPiece (wordpiece.py, bert_words.py).
const {data, make, view} = course;
const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", {fatal: true, ignoreBOM: true});
// what has no shape of its own is made visible
const visible = (text) => {
  const shown = text.replace(/\n/g, "⏎").replace(/\t/g, "⇥");
  const core = shown.replace(/^ +| +$/g, "");
  if (!core) return "␣".repeat(shown.length);
  const before = shown.length - shown.replace(/^ +/, "").length;
  return "␣".repeat(before) + core + "␣".repeat(shown.length - before - core.length);
};
const hex = (byte) => byte.toString(16).padStart(2, "0");

// --- byte-level BPE ---------------------------------------------------------------------------------------------------

const words = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;
const byteOf = new Map([...data.letters].map((letter, byte) => [letter, byte]));
const letters = [...data.letters];
// a token's bytes as text; a part of a character as its bytes
const spelled = (token) => {
  const bytes = Uint8Array.from(token, (letter) => byteOf.get(letter));
  try {
    return visible(strict.decode(bytes));
  } catch {
    return [...bytes].map((byte) => (byte < 128 ? visible(String.fromCharCode(byte)) : "\\x" + hex(byte))).join("");
  }
};
const bytePair = (lines) => {
  const ids = new Map([...data.order].map((letter, id) => [letter, id]));
  const ranks = new Map();
  const halves = new Map();
  for (const line of lines ? lines.split("\n") : []) {
    const [left, right] = line.split(" ");
    if (!ranks.has(line)) ranks.set(line, ranks.size);
    if (!ids.has(left + right)) {
      ids.set(left + right, ids.size);
      halves.set(left + right, [left, right, ranks.get(line) + 1]);
    }
  }
  const cut = (word) => {
    let pieces = [...encoder.encode(word)].map((byte) => letters[byte]);
    for (;;) {
      let best = null,
        lowest = Infinity;
      for (let i = 0; i + 1 < pieces.length; i++) {
        const rank = ranks.get(pieces[i] + " " + pieces[i + 1]) ?? Infinity;
        if (rank < lowest) [best, lowest] = [i, rank];
      }
      if (best === null) return pieces;
      const [left, right] = [pieces[best], pieces[best + 1]];
      const joined = [];
      for (let i = 0; i < pieces.length; i++)
        if (pieces[i] === left && pieces[i + 1] === right) joined.push(left + right), i++;
        else joined.push(pieces[i]);
      pieces = joined;
    }
  };
  const about = (token) => {
    const made = halves.get(token);
    const bytes = [...token].map((letter) => hex(byteOf.get(letter))).join(" ");
    return `${token.length} byte${token.length > 1 ? "s" : ""}: ${bytes}. ` +
      (made ? `Made by merge ${made[2]}: “${spelled(made[0])}” + “${spelled(made[1])}”.` : "A single byte: no merge made it.");
  }; // prettier-ignore
  return (text) => (text.match(words) ?? []).flatMap(cut).map((token) => ({id: ids.get(token), text: spelled(token), about: () => about(token)}));
};

// --- WordPiece --------------------------------------------------------------------------------------------------------

const isChinese = (code) => data.chinese.some(([first, last]) => first <= code && code <= last);
const normalize = (text) => {
  let clean = "";
  for (const c of text)
    if ("\t\n\r".includes(c)) clean += " ";
    else if (c === "\ufffd" || /[\p{Cc}\p{Cf}\p{Co}]/u.test(c)) continue;
    else if (/\p{White_Space}/u.test(c)) clean += " ";
    else clean += isChinese(c.codePointAt(0)) ? ` ${c} ` : c;
  return [...clean.normalize("NFD")].filter((c) => !/\p{Mn}/u.test(c)).map((c) => c.toLowerCase()).join("");
}; // prettier-ignore
const isSign = (c) => /[!-/:-@[-`{-~]|\p{P}/u.test(c);
const wordPiece = (lines) => {
  const ids = new Map(lines.split("\n").map((piece, id) => [piece, id]));
  const cut = (word) => {
    const all = [...word];
    const unknown = [data.unknown];
    const pieces = [];
    if (all.length > data.longest) return unknown;
    for (let start = 0; start < all.length; ) {
      let end = all.length;
      const piece = () => (start ? data.inside : "") + all.slice(start, end).join("");
      while (end > start && !ids.has(piece())) end--;
      if (end === start) return unknown;
      pieces.push(piece());
      start = end;
    }
    return pieces;
  };
  const about = (piece) =>
    piece === data.unknown
      ? "The word has a letter that is not in the vocabulary: everything that it said is lost."
      : piece.startsWith(data.inside)
        ? "It goes on a word: ## stands for “no space before me”."
        : "It begins a word.";
  return (text) =>
    [...normalize(text)].map((c) => (isSign(c) ? ` ${c} ` : c)).join("").split(/\p{White_Space}+/u).filter(Boolean)
      .flatMap(cut).map((piece) => ({id: ids.get(piece), text: piece, about: () => about(piece)})); // prettier-ignore
};

// --- the parts of the page --------------------------------------------------------------------------------------------

const tokenizers = [
  ...Object.entries(data.bpe).map(([name, lines]) => ({name, lines, build: bytePair})),
  ...Object.entries(data.wordpiece).map(([name, lines]) => ({name, lines, build: wordPiece})),
];
let chosen = 0,
  here = 0,
  tokens = [];
// a large vocabulary takes a moment, so each is read when it is first asked for
const encode = (text) => {
  const one = tokenizers[chosen];
  one.encode ??= one.build(one.lines);
  return one.encode(text);
};

const box = make("textarea", {id: "typed", rows: 3, maxlength: data.most, spellcheck: "false", autocapitalize: "off", autocomplete: "off", oninput: () => cut()});
const choices = tokenizers.map(({name}, i) => make("button", {type: "button", text: name, onclick: () => ((chosen = i), cut())}));
const samples = data.examples.map(([name, text]) => make("button", {type: "button", text: name, onclick: () => ((box.value = text), cut())}));
const counts = make("p", {class: "counts", role: "status"});
const list = make("div", {class: "tokens", role: "listbox", "aria-label": "tokens"});
const says = make("p", {class: "says", "aria-live": "polite"});

const point = (t, focus) => {
  list.children[here]?.setAttribute("tabindex", -1);
  list.children[here]?.setAttribute("aria-selected", false);
  here = t;
  const now = list.children[here];
  says.textContent = now ? `Token ${here + 1} of ${tokens.length}: “${tokens[here].text}”, id ${tokens[here].id}. ${tokens[here].about()}` : "";
  now?.setAttribute("tabindex", 0);
  now?.setAttribute("aria-selected", true);
  if (focus) now?.focus();
};
list.addEventListener("keydown", (event) => {
  const by = {ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1}[event.key];
  if (!by || !tokens.length) return;
  event.preventDefault();
  point((here + by + tokens.length) % tokens.length, true);
});

const cut = () => {
  const text = box.value.replace(/\r\n?/g, "\n");
  tokens = encode(text);
  list.replaceChildren(
    ...tokens.map(({id, text: shown}, t) => {
      const node = make("span", {class: "token", role: "option", text: shown, "data-id": id, tabindex: -1, onclick: () => point(t, true)});
      node.style.background = data.tints[t % data.tints.length];
      return node;
    }),
  );
  choices.forEach((button, i) => button.setAttribute("aria-pressed", i === chosen));
  const many = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;
  const spaced = text.split(/\p{White_Space}+/u).filter(Boolean).length;
  counts.textContent = `${many([...text].length, "letter")}, ${many(encoder.encode(text).length, "byte")}, ${many(spaced, "word")} between spaces → ${many(tokens.length, "token")}`;
  point(0, false);
};

view.append(
  make("label", {for: "typed", text: `Your text (up to ${data.most} letters)`}),
  box,
  make("div", {class: "row", role: "group", "aria-label": "example texts"}, ...samples),
  make("div", {class: "row which", role: "group", "aria-label": "which tokenizer"}, ...choices),
  counts,
  list,
  says,
);
box.value = data.text;
cut();
document.body.dataset.ready = "yes";

// The start of a packed page (see packed.py): letters to bytes, inflated, and parted into numbers, style, script and data.
async (text, size, numbers) => {
  const raw = new Uint8Array(size);
  // the place of a letter among the 91: four of those that one sees are left out
  const digit = (i) => (i = text.charCodeAt(i)) - 32 - (i > 34) - (i > 38) - (i > 60) - (i > 92);
  let at = 0,
    bits = 0,
    have = 0;
  // two letters are 13 bits; what does not fit into a byte any more runs out at the top
  for (let i = 0; i < text.length; i += 2)
    for (bits = (bits << 13) | (digit(i) * 91 + digit(i + 1)), have += 13; have > 7; ) raw[at++] = bits >> (have -= 8);
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const all = await new Response(stream).arrayBuffer();
  const [style, script, data] = new TextDecoder().decode(new Uint8Array(all, numbers)).split("\0");
  window.course = {view: document.querySelector("main"), data: JSON.parse(data), bytes: new Uint8Array(all)};
  const add = (tag, text) => (document.body.appendChild(document.createElement(tag)).textContent = text);
  add("style", style);
  add("script", script);
};

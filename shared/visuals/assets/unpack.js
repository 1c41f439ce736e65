// Numbers out of the page's own text: base64, deflate, then whole numbers times a scale (see pack in page.py).
const kinds = {uint8: Uint8Array, bytes: Uint8Array, int16: Int16Array, float32: Float32Array};

course.unpack = async (packed) => {
  const raw = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0));
  const stream = new Blob([raw]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = await new Response(stream).arrayBuffer();
  // every machine that runs a browser today stores the low byte first, as the packed numbers do
  const numbers = new kinds[packed.kind](bytes);
  return packed.scale === 1 ? numbers : Float64Array.from(numbers, (n) => n * packed.scale);
};

course.data = JSON.parse(document.getElementById("data").textContent);
course.view = document.getElementById("view");
// an element made from HTML text knows the name of SVG's namespace, so that it need not be written here
const holder = document.createElement("template");
holder.innerHTML = "<svg></svg>";
const svgSpace = holder.content.firstChild.namespaceURI;

// Make an element: attributes by name, text as text (never as HTML), then children.
course.make = (tag, attributes = {}, ...children) => {
  const node = /^(svg|g|rect|line|path|circle|text|image|title|polyline|tspan)$/.test(tag)
    ? document.createElementNS(svgSpace, tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
};

// A color between the stops of a scale; share runs from 0 to 1.
course.mix = (stops, share) => {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const low = Math.min(Math.floor(at), stops.length - 2);
  const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return [0, 1, 2].map((i) =>
    Math.round(part(stops[low], i) + (part(stops[low + 1], i) - part(stops[low], i)) * (at - low)),
  );
};
course.rgb = (color) => `rgb(${color.join(",")})`;
// white letters on dark fields, dark letters on light ones, and black between them: everywhere a contrast of 4.5 (WCAG 2.2)
course.inkOn = (color) => {
  const [r, g, b] = color.map((part) => (part / 255) ** 2.2);
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return light < 0.18 ? "#FFFFFF" : light < 0.28 ? "#000000" : "#1F2937";
};

// What a learner reads where a browser is too old, instead of an empty frame.
course.fail = (error) => {
  course.view.replaceChildren(
    course.make("p", {
      class: "failed",
      role: "alert",
      text: "This view could not start in this browser. " + document.querySelector("p.unseen").textContent,
    }),
  );
  console.error(error);
};

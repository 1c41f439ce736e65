// Elements of drawings: SVG's own, which `make` asks for first. A page that draws on canvas alone does without this file.
// An element made from HTML text knows the name of SVG's namespace, so that it need not be written here.
const holder = document.createElement("template");
holder.innerHTML = "<svg></svg>";
const space = holder.content.firstChild.namespaceURI;

course.shape = (tag) =>
  /^(svg|g|rect|line|path|circle|text|image|title|polyline|tspan)$/.test(tag) ? document.createElementNS(space, tag) : null;

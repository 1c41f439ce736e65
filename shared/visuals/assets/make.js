// Make an element: attributes by name, text as text (never as HTML), then children.
course.make = (tag, attributes = {}, ...children) => {
  const node = (course.shape && course.shape(tag)) || document.createElement(tag);
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

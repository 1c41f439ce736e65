// Drawings that were sent as differences between frames, in indexes of one palette.
const {data, make, unpack} = course;

(async () => {
  const changes = await unpack(data.frames);
  const [count, high, wide] = data.frames.shape;
  const size = high * wide;
  // frame i = frame i-1 + change, modulo 256 (which the byte array does by itself)
  const frames = changes;
  for (let i = size; i < count * size; i++) frames[i] += frames[i - size];

  const canvas = make("canvas", {
    width: wide,
    height: high,
    role: "img",
    "aria-label": data.alt,
    style: `max-width:${data.width}px;min-width:${data.least}px`,
  });
  // on a phone a wide drawing scrolls sideways instead of shrinking until nobody can read it
  const window = make("div", {class: "window"}, canvas);
  const brush = canvas.getContext("2d");
  const image = brush.createImageData(wide, high);
  const pixels = new Uint32Array(image.data.buffer);
  const colors = Uint32Array.from(
    {length: data.colors.length / 3},
    (_, i) =>
      ((255 << 24) | (data.colors[3 * i + 2] << 16) | (data.colors[3 * i + 1] << 8) | data.colors[3 * i]) >>> 0,
  );
  const show = (at) => {
    const from = at * size;
    for (let i = 0; i < size; i++) pixels[i] = colors[frames[from + i]];
    brush.putImageData(image, 0, 0);
  };
  course.player({says: data.says, start: data.start, picture: window, show});
  document.body.dataset.ready = "yes";
})().catch(course.fail);

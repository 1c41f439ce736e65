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

// The ear beside a sheet to draw on: it takes the drawing that the sheet's frame sends, and says how the saving went.

function render({ model, el }) {
  const content = JSON.parse(model.get("content"));
  let sheets = []; // the frames that have spoken, so that a second view of the cell is answered, too
  const answer = (said) => {
    for (const frame of sheets) frame.postMessage({ course: "sketch-answer", name: content.name, said }, "*");
  };
  const hear = (event) => {
    const told = event.data;
    if (told?.course !== "sketch" || told.name !== content.name || !event.source) return;
    // only a frame of this very page may speak
    if (![...document.querySelectorAll("iframe")].some((frame) => frame.contentWindow === event.source)) return;
    if (!sheets.includes(event.source)) sheets.push(event.source);
    if (typeof told.png === "string") model.send({ do: "save", png: told.png, time: Date.now() });
    else answer("");
  };
  const update = () => answer(JSON.parse(model.get("state")).said);
  window.addEventListener("message", hear);
  model.on("change:state", update);
  // a sheet that was there before this ear
  for (const frame of document.querySelectorAll("iframe")) {
    frame.contentWindow?.postMessage({ course: "sketch-answer", name: content.name, said: "" }, "*");
  }
  return () => {
    window.removeEventListener("message", hear);
    model.off("change:state", update);
    sheets = [];
  };
}

export default { render };

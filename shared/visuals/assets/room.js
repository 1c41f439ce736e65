// Call `act` whenever the room of a view, or of a part of it, gets another width. Not the window's: a slow machine learns
// late how much room there is.
course.onRoom = (act, room = course.view) => {
  let width = room.clientWidth;
  new ResizeObserver(() => {
    if (room.clientWidth === width) return;
    width = room.clientWidth;
    act();
  }).observe(room);
};

// Whoever learnt something asks for the page to be drawn; drawing itself is main's.

let drawn = () => {};

export function drawBy(work) {
  drawn = work;
}

export function redraw() {
  drawn();
}

// The small load curve on a card: one path, no library.

import { h } from "../dom/h.js";
import { say } from "../i18n/words.js";

const WIDTH = 240;
const HEIGHT = 56;
const GAP_MS = 200000;

/** `minutes` = [[ms, value | null], …] within `[from, to]` [ms]; `label` says what it shows; a line
 *  stops where nothing is known for longer than `gap` [ms]. */
export function curve(minutes, from, to, label, gap = GAP_MS) {
  const values = minutes.map(([, value]) => value).filter((value) => value !== null);
  if (values.length < 2) return h("div", { class: "curve curve-none soft", key: "curve" }, say("curve.none"));
  const peak = Math.max(...values);
  const top = peak > 0 ? peak * 1.08 : 1;
  const x = (at) => (((at - from) / (to - from)) * WIDTH).toFixed(1);
  const y = (value) => (HEIGHT - (Math.max(0, value) / top) * HEIGHT).toFixed(1);
  const pieces = unbroken(minutes, gap);
  const lines = pieces.map((piece) => `M${piece.map(([at, v]) => `${x(at)} ${y(v)}`).join("L")}`);
  const areas = pieces.map((piece, i) =>
    `${lines[i]}L${x(piece[piece.length - 1][0])} ${HEIGHT}L${x(piece[0][0])} ${HEIGHT}Z`);
  return h("figure", { class: "curve", key: "curve", "data-testid": "curve" },
    h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
      "aria-label": label },
      h("path", { class: "area", d: areas.join("") }),
      h("path", { class: "stroke", d: lines.join("") })));
}

/** Stretches without a hole: where readings are missing the line stops. */
function unbroken(minutes, gap) {
  const pieces = [];
  let last = null;
  for (const minute of minutes) {
    if (minute[1] === null) {
      last = null;
      continue;
    }
    if (last === null || minute[0] - last > gap) pieces.push([]);
    pieces[pieces.length - 1].push(minute);
    last = minute[0];
  }
  return pieces;
}

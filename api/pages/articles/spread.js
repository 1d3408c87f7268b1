// The batches of an article on one line, each a dot by its own kilogram; those that fall together
// stand above each other.

import { h } from "../dom/h.js";
import { figures, measure } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";
import { to } from "../shell/route.js";

const WIDTH = 640;
const EDGE = 30;
const DOT = 6;

export function spreadPlot(batches, value) {
  const dots = batches.map((one) => ({ id: one.batch, at: measure(one.kgco2e_per_kg) })).filter((one) => one.at !== null);
  if (dots.length === 0) return null;
  const every = dots.map((one) => one.at).concat(value === null ? [] : [measure(value)]);
  const low = Math.min(...every);
  const high = Math.max(...every);
  const x = (at) => (high > low ? EDGE + ((at - low) / (high - low)) * (WIDTH - 2 * EDGE) : WIDTH / 2);
  const heaps = new Map();
  const placed = dots.sort((a, b) => a.at - b.at).map((one) => {
    const column = Math.round(x(one.at) / (2 * DOT));
    const level = heaps.get(column) || 0;
    heaps.set(column, level + 1);
    return { ...one, level };
  });
  const floor = 30 + Math.max(...heaps.values()) * 2 * DOT;
  const label = say("articles.spoken", dots.length, figures(low, 4), figures(high, 4));
  return h("svg", { viewBox: `0 0 ${WIDTH} ${floor + 26}`, class: "spread", role: "group", "aria-label": label, "data-testid": "spread" },
    h("path", { d: `M${EDGE / 2} ${floor}H${WIDTH - EDGE / 2}`, class: "axis" }),
    value === null ? null : [h("path", { d: `M${x(measure(value))} 22V${floor}`, class: "mark" }),
      h("text", { x: x(measure(value)), y: 15, "text-anchor": "middle" }, figures(value, 4))],
    placed.map((one) => h("a", { key: one.id, href: to("batches", one.id), tabindex: "-1", "aria-label": one.id },
      h("circle", { cx: x(one.at).toFixed(1), cy: floor - DOT - one.level * 2 * DOT, r: DOT - 1, "data-testid": "dot" }, h("title", {}, `${one.id}: ${figures(one.at, 4)}`)))),
    h("text", { x: x(low), y: floor + 20, "text-anchor": high > low ? "start" : "middle" }, figures(low, 4)),
    high > low ? h("text", { x: x(high), y: floor + 20, "text-anchor": "end" }, figures(high, 4)) : null);
}

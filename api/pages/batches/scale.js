// The bar that compares a batch's kgCO2e per kg with the others on the list. Length from zero to
// the heaviest of them, a tick at their median, colour by the distance from it.

import { h } from "../dom/h.js";
import { figures, measure } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";

const STEPS = [0.75, 0.92, 1.08, 1.33];

/** `{top, median, count}` of batches that have a figure and are not running; null if there are none. */
export function scaleOf(batches) {
  const found = batches.filter((batch) => batch.status !== "running")
    .map((batch) => measure(batch.kgco2e_per_kg)).filter((value) => value !== null && value > 0)
    .sort((a, b) => a - b);
  if (found.length === 0) return null;
  const middle = found.length / 2;
  const median = (found[Math.ceil(middle) - 1] + found[Math.floor(middle)]) / 2;
  return { top: Math.max(found[found.length - 1], median * 1.5), median, count: found.length };
}

/** A bar for `perKg`; `partial` for a batch that still runs: no colour before it has ended. */
export function scaleBar(perKg, scale, { partial = false } = {}) {
  const value = measure(perKg);
  if (value === null || !scale) return null;
  const width = (part) => `${Math.max(0, Math.min(100, (part / scale.top) * 100)).toFixed(1)}%`;
  const step = STEPS.filter((limit) => value / scale.median >= limit).length;
  const title = say("scale.title", figures(scale.median, 3), scale.count);
  return h("div", { class: "scale", "aria-hidden": "true", title },
    h("div", { class: `scale-bar ${partial ? "partial" : `carbon-${step}`}`, style: { width: width(value) } }),
    h("div", { class: "scale-median", style: { left: width(scale.median) } }));
}

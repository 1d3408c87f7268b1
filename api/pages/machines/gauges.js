// The order and the words of gauges: power first, then what heats and fills the machine.

import { h, spoken } from "../dom/h.js";
import { figures, unit } from "../i18n/numbers.js";
import { say, word } from "../i18n/words.js";

const ORDER = ["power", "steam_flow", "water_flow", "gas_flow", "bath_temperature", "other"];

export function inOrder(gauges) {
  return [...gauges].sort((a, b) => ORDER.indexOf(a.quantity) - ORDER.indexOf(b.quantity));
}

/** "Power", or for a quantity without a word the point's own name. */
export function gaugeLabel(gauge) {
  if (gauge.quantity !== "other") return word("quantity", gauge.quantity);
  return gauge.point.slice(gauge.point.indexOf(".") + 1);
}

const COLOURS = { power: "electricity", steam_flow: "steam", water_flow: "water", gas_flow: "natural_gas", bath_temperature: "bath" };

/** Its colour, and its value with the unit, which says to the eye what it is; the word is spoken.
 *  A bad value is a dash with its reason, an uncertain one says so. */
export function gaugeTile(gauge) {
  const bad = gauge.quality === "bad" || gauge.value === null;
  const doubt = gauge.quality === "good" ? "" : word("reason", gauge.reason || gauge.quality);
  return h("div", { key: gauge.point, class: `gauge ${bad ? "bad" : gauge.quality} ${nothing(gauge) ? "nil" : ""}`,
    "data-testid": "gauge", "data-quantity": gauge.quantity, title: [gaugeLabel(gauge), doubt].filter(Boolean).join(": ") },
    h("dt", {}, h("span", { class: `swatch of-${COLOURS[gauge.quantity] || "other"}`, "aria-hidden": "true" }), spoken(gaugeLabel(gauge))),
    h("dd", {}, h("span", { class: "figure" }, bad ? "–" : reading(gauge)),
      h("span", { class: "unit" }, ` ${unit(gauge.unit)}`),
      doubt ? [h("span", { class: "doubt", "aria-hidden": "true" }, bad ? "!" : "?"),
        spoken(" ", say("gauge.doubt", doubt))] : null));
}

/** A flow of nothing says nothing: it may be left out where there is little room. */
function nothing(gauge) {
  return gauge.value === 0 && gauge.quality === "good" && gauge.quantity.endsWith("_flow");
}

function reading(gauge) {
  const small = gauge.quantity === "bath_temperature" && Math.abs(gauge.value) < 100;
  return figures(gauge.value, small && Math.abs(gauge.value) < 10 ? 2 : 3);
}

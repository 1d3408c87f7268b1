// The order and the words of gauges: power first, then what heats and fills the machine.

import { h, spoken } from "../dom/h.js";
import { figures, unit } from "../i18n/numbers.js";
import { say, word } from "../i18n/words.js";

/** Each quantity in its place, with the colour that it has. */
export const COLOURS = { power: "electricity", steam_flow: "steam", water_flow: "water", gas_flow: "natural_gas", bath_temperature: "bath" };
const ORDER = Object.keys(COLOURS);

export function inOrder(gauges) {
  return [...gauges].sort((a, b) => ORDER.indexOf(a.quantity) - ORDER.indexOf(b.quantity));
}

export function gaugeLabel(gauge) {
  return word("quantity", gauge.quantity);
}

/** Its colour, and its value with the unit, which says to the eye what it is; the word is spoken.
 *  A bad value is a dash with its reason, an uncertain one says so. */
export function gaugeTile(gauge) {
  const bad = gauge.quality === "bad" || gauge.value === null;
  const doubt = doubtAbout(gauge);
  return h("div", { key: gauge.point, class: `gauge ${bad ? "bad" : gauge.quality} ${nothing(gauge) ? "nil" : ""}`,
    "data-testid": "gauge", "data-quantity": gauge.quantity, title: [gaugeLabel(gauge), doubt].filter(Boolean).join(": ") },
    h("dt", {}, h("span", { class: `swatch of-${COLOURS[gauge.quantity]}`, "aria-hidden": "true" }), spoken(gaugeLabel(gauge))),
    h("dd", {}, h("span", { class: "figure" }, bad ? "–" : reading(gauge)),
      h("span", { class: "unit" }, ` ${unit(gauge.unit)}`),
      doubt ? [h("span", { class: "doubt", "aria-hidden": "true" }, bad ? "!" : "?"),
        spoken(" ", say("gauge.doubt", doubt))] : null));
}

/** Why its value is doubtful or missing, in words; "" where it is good. */
function doubtAbout({ quality, reason }) {
  if (quality === "good") return "";
  const [, code] = /^exception-(\d+)$/.exec(reason) || [];
  return code ? say("reason.exception", code) : word("reason", reason || quality);
}

/** A flow of nothing says nothing: it may be left out where there is little room. */
function nothing(gauge) {
  return gauge.value === 0 && gauge.quality === "good" && gauge.quantity.endsWith("_flow");
}

function reading(gauge) {
  const small = gauge.quantity === "bath_temperature" && Math.abs(gauge.value) < 10;
  return figures(gauge.value, small ? 2 : 3);
}

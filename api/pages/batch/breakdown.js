// What a total is made of: by process, by carrier, by supply, by gas.

import { h, name } from "../dom/h.js";
import { amount, figures, isZero, measure, percent, unit } from "../i18n/numbers.js";
import { say, word } from "../i18n/words.js";

const CARRIERS = new Set(["electricity", "electricity_solar", "steam", "natural_gas", "water", "compressed_air",
  "thermal_oil_heat", "wastewater"]);

/** The name of a carrier's colour; the rest share one. */
export function carrierColour(carrier) {
  return CARRIERS.has(carrier) ? carrier : "other";
}

/** A dot in the carrier's colour, beside its word. */
export function carrierName(carrier) {
  return h("span", { class: "carrier" }, h("span", { class: `swatch of-${carrierColour(carrier)}`, "aria-hidden": "true" }),
    name(word("carrier", carrier)));
}

/** A waterfall: each process begins where the one before it ended. */
export function processes(parts) {
  let before = 0;
  return panel("by-process", say("batch.byprocess"), parts, (part) => {
    const from = before;
    before += Math.max(0, measure(part.share) || 0);
    return bar(part.process, name(word("process", part.process)), null, part, "process", from);
  });
}

/** A carrier among the `exempted` has no factor: its zero is a missing price (null), not a zero. */
function priceOf(part, exempted) {
  const unpriced = (exempted || []).some((one) => one.carrier === part.carrier);
  return unpriced && isZero(part.kgco2e ?? "0") ? null : part.kgco2e;
}

export function carriers(parts, exempted) {
  return panel("by-carrier", say("batch.bycarrier"), parts, (part) => {
    const used = `${amount(part.amount)} ${unit(part.unit)}`;
    return bar(part.carrier, carrierName(part.carrier), used, { ...part, kgco2e: priceOf(part, exempted) }, carrierColour(part.carrier));
  });
}

function panel(id, title, parts, each) {
  return h("section", { id, class: "card" }, h("h2", {}, title),
    parts && parts.length ? h("ul", { class: "plain bars" }, parts.map(each)) : h("p", { class: "soft" }, say("nothing")));
}

function bar(key, label, used, part, colour, from = 0) {
  const share = Math.max(0, Math.min(1, measure(part.share) || 0));
  return h("li", { key, "data-testid": "bar", "data-key": key },
    h("div", { class: "bar-text" }, h("span", { class: "bar-label" }, label, " ",
      used ? h("span", { class: "soft figure bar-used" }, used) : null),
      h("span", { class: "bar-value" }, part.kgco2e === null ? h("span", { class: "soft" }, say("notpriced"))
        : [h("span", { class: "figure strong" }, figures(part.kgco2e, 4)), h("span", { class: "unit" }, ` ${say("unit.co2e")}`)]),
      h("span", { class: "bar-share figure" }, percent(part.share))),
    h("div", { class: "bar-track", "aria-hidden": "true" },
      share > 0 ? h("div", { class: `bar-fill of-${colour}`, style: { width: `${(share * 100).toFixed(2)}%`, "margin-left": `${(Math.min(from, 1 - share) * 100).toFixed(2)}%` } }) : null));
}

export function supplies(parts, exempted) {
  if (!parts || parts.length === 0) return null;
  const price = (part) => priceOf(part, exempted);
  return h("section", { id: "by-supply", class: "card" }, h("h2", {}, say("batch.bysupply")),
    h("p", { class: "soft" }, say("batch.bysupply.means")),
    h("table", { class: "small" }, h("tbody", {}, parts.map((part) =>
      h("tr", {}, h("th", { scope: "row" }, carrierName(part.carrier)),
        h("td", { class: "num figure" }, `${amount(part.amount)} ${unit(part.unit)}`),
        h("td", { class: "num figure" }, price(part) === null ? say("notpriced")
          : `${figures(part.kgco2e, 4)} ${say("unit.co2e")}`))))));
}

export function gases(parts) {
  if (!parts || parts.length === 0) return null;
  return h("section", { id: "by-gas", class: "card" }, h("h2", {}, say("batch.bygas")),
    h("table", { class: "small" }, h("tbody", {}, parts.map((part) =>
      h("tr", {}, h("th", { scope: "row" }, name(word("gas", part.gas))),
        h("td", { class: "num figure" }, part.kg === undefined || part.kg === null ? "" : `${figures(part.kg, 4)} kg`),
        h("td", { class: "num figure" }, `${figures(part.kgco2e, 4)} ${say("unit.co2e")}`))))));
}

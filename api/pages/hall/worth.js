// What something costs in an hour, in the words that the site has for it: money where it says what
// it pays, and kilograms in any case.

import { h } from "../dom/h.js";
import { figures, measure, money } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";

/** How much it costs, to be compared with others: money first, else kilograms. */
export function weight(cost) {
  return measure(cost?.money) ?? measure(cost?.kgco2e) ?? 0;
}

/** The sum of what machines draw in an hour; null where nothing is known. */
export function sumPerHour(machines) {
  const sum = (key) => {
    const parts = machines.map((one) => measure(one.per_hour?.[key])).filter((value) => value !== null);
    return parts.length ? parts.reduce((a, b) => a + b, 0) : null;
  };
  return { money: sum("money"), kgco2e: sum("kgco2e") };
}

/** "¥8.70/h  7.1 kgCO₂e/h"; nothing where neither is known. */
export function perHour(found, currency) {
  const parts = [];
  if (currency && measure(found?.money) !== null) {
    parts.push(h("span", { class: "figure strong", "data-testid": "money-per-hour" }, `${money(found.money, currency)}${say("unit.perhour")}`));
  }
  if (measure(found?.kgco2e) !== null) {
    parts.push(h("span", { class: "figure", "data-testid": "kgco2e-per-hour" },
      figures(found.kgco2e, 2), " ", h("span", { class: "unit" }, `${say("unit.co2e")}${say("unit.perhour")}`)));
  }
  return parts.length ? h("span", { class: "worth" }, parts) : null;
}

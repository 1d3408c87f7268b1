// Water and pollution beside carbon.

import { h } from "../dom/h.js";
import { amount, figures, unit } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";

/** Of a batch or an article; what no meter sees is said to be unmeasured, and is no zero. */
export function environment(told) {
  return h("section", { id: "environment", class: "card", "data-testid": "environment" }, h("h2", {}, say("environment.title")),
    h("table", { class: "small" }, h("tbody", {}, Object.entries(told).map(([what, one]) => h("tr", { key: what, "data-what": what },
      h("th", { scope: "row" }, say(`environment.${what}`)),
      one === null ? h("td", { class: "num soft", colspan: "2" }, say("environment.none"))
        : [h("td", { class: "num figure" }, `${amount(one.amount)} ${unit(one.unit)}`),
          h("td", { class: "num figure" }, one.per_kg === null ? "" : `${figures(one.per_kg, 3)} ${unit(one.unit)}/kg`, partly(one))])))));
}

function partly(one) {
  const [of, all] = "runs" in one ? [one.runs_measured, one.runs] : [one.batches_measured, one.batches];
  return of === all ? null : h("span", { class: "small-note soft" }, say("environment.partly", of, all));
}

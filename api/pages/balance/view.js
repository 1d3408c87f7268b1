// The balance: where everything that came in went, as a diagram, as a table, and meter by meter.

import { h } from "../dom/h.js";
import { span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { exportButtons } from "../shell/exporting.js";
import { periodChoice } from "../shell/period.js";
import { emptiness, refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { bandsIn, CARBON, measures, unitOf } from "./bands.js";
import { bandTable, behindCard } from "./behind.js";
import { diagram } from "./diagram.js";
import { registers } from "./registers.js";

export const CHOICES = ["1h", "8h", "24h", "7d", "30d"];
export const USUAL = "24h";

export function balanceView(route, told) {
  const query = Object.fromEntries(route.query);
  const go = (changed) => to("balance", "", { ...query, open: null, ...changed });
  const head = h("div", { class: "section-head" }, h("h1", { tabindex: "-1" }, say("nav.balance")), periodChoice(route.query, CHOICES, USUAL, go));
  if (!told) return [head, waiting()];
  if (told.refused) return [head, refusal(told.refused)];
  const { sheet } = told;
  if (sheet.meters.length === 0) return [head, emptiness("no-meters", say("balance.none"), say("balance.none.do"))];
  return [head, flowsCard(sheet, query, go), opened(sheet, query), asTable(sheet), registers(sheet), exporting(sheet)];
}

function flowsCard(sheet, query, go) {
  const offered = measures(sheet.flows);
  const chosen = offered.includes(query.of) ? query.of : CARBON;
  const bands = bandsIn(sheet.flows, chosen);
  const unitText = unitOf(sheet.flows, chosen);
  return h("section", { id: "flows", class: "card" },
    h("div", { class: "section-head" }, h("p", { class: "soft figure" }, span(sheet.from, sheet.to), ` · ${unitText}`),
      h("div", { class: "choices", role: "group", "aria-label": say("balance.measure") }, offered.map((id) =>
        h("a", { key: id, href: go({ of: id === CARBON ? null : id }), "data-testid": `of-${id}`, "aria-current": id === chosen ? "true" : null },
          id === CARBON ? say("unit.co2e") : word("carrier", id))))),
    bands.length ? diagram(bands, unitText, query, query.open) : h("p", { class: "soft empty" }, say("nothing")));
}

function opened(sheet, query) {
  return query.open ? behindCard(sheet.flows, query.open, query, sheet) : null;
}

function exporting({ from, to: until }) {
  return h("section", { class: "list-foot" }, exportButtons(say("export.ended"), { from, to: until }, "lines"));
}

function asTable(sheet) {
  return h("details", { class: "card astable" }, h("summary", {}, say("balance.astable")), bandTable(sheet.flows, sheet));
}
